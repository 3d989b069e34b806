//! Similarity of vectors, which are lists of numbers.

use super::argument::{list, number};
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "vector.similarity.cosine",
        parameters![a: Type::LIST, b: Type::LIST],
        Type::FLOAT,
        "How alike the directions of two lists of numbers are: 1.0 the same, 0.5 at right angles, 0.0 opposite.",
        ("RETURN vector.similarity.cosine([1, 0], [0, 1]) AS v", "0.5"),
        Body::Scalar(cosine),
    ),
    Function::new(
        "vector.similarity.euclidean",
        parameters![a: Type::LIST, b: Type::LIST],
        Type::FLOAT,
        "How near two lists of numbers are: 1 / (1 + the square of their distance).",
        ("RETURN vector.similarity.euclidean([1, 0], [1, 1]) AS v", "0.5"),
        Body::Scalar(euclidean),
    ),
];

/// Both as numbers. Errors: of different lengths, empty, or with something that is no finite number.
fn pair(function: &str, arguments: &[Value]) -> Result<(Vec<f64>, Vec<f64>)> {
    let read = |value: &Value| {
        list(function, value)?.items().iter().map(|item| number(function, item)).collect::<Result<Vec<f64>>>()
    };
    let (a, b) = (read(&arguments[0])?, read(&arguments[1])?);
    let refused = |message: String| Err(Error::argument(Code::InvalidArgumentValue, message));
    if a.len() != b.len() || a.is_empty() {
        return refused(format!(
            "{function}() compares lists of the same length, at least 1, not of {} and {} numbers",
            a.len(),
            b.len()
        ));
    }
    if let Some(odd) = a.iter().chain(&b).find(|x| !x.is_finite()) {
        return refused(format!("{function}() takes finite numbers, not {odd}"));
    }
    Ok((a, b))
}

fn cosine(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let (a, b) = pair("vector.similarity.cosine", arguments)?;
    let largest = |x: &[f64]| x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let (scale_a, scale_b) = (largest(&a), largest(&b));
    if scale_a == 0.0 || scale_b == 0.0 {
        return Err(Error::argument(Code::InvalidArgumentValue, "a list of zeros has no direction"));
    }
    // scaled first, so that squares neither overflow nor vanish
    let dot = |x: &[f64], y: &[f64], by: f64, to: f64| x.iter().zip(y).map(|(x, y)| (x / by) * (y / to)).sum::<f64>();
    let (aa, bb) = (dot(&a, &a, scale_a, scale_a), dot(&b, &b, scale_b, scale_b));
    let cosine = dot(&a, &b, scale_a, scale_b) / (aa.sqrt() * bb.sqrt());
    Ok(((1.0 + cosine.clamp(-1.0, 1.0)) / 2.0).into())
}

fn euclidean(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let (a, b) = pair("vector.similarity.euclidean", arguments)?;
    let square: f64 = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum();
    Ok((1.0 / (1.0 + square)).into())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{list, shown};

    #[test]
    fn similarity_is_of_directions_and_distances() {
        let v = |x: &[f64]| list(&x.iter().map(|x| (*x).into()).collect::<Vec<_>>());
        for (a, b, cosine, euclidean) in [
            (&[3.0, 4.0][..], &[3.0, 4.0][..], "1.0", "1.0"),
            (&[1.0, 0.0], &[-2.0, 0.0], "0.0", "0.1"),
            (&[1e300, 0.0], &[1e300, 0.0], "1.0", "1.0"),
            (&[1e-300, 0.0], &[0.0, 1e-300], "0.5", "1.0"),
            (&[1.0], &[1.0, 2.0], "InvalidArgumentValue", "InvalidArgumentValue"),
            (&[], &[], "InvalidArgumentValue", "InvalidArgumentValue"),
            (&[0.0], &[1.0], "InvalidArgumentValue", "0.5"),
            (&[f64::NAN], &[1.0], "InvalidArgumentValue", "InvalidArgumentValue"),
        ] {
            assert_eq!(shown("vector.similarity.cosine", &[v(a), v(b)]), cosine, "{a:?} {b:?}");
            assert_eq!(shown("vector.similarity.euclidean", &[v(a), v(b)]), euclidean, "{a:?} {b:?}");
        }
    }
}
