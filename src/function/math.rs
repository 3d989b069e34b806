//! Functions on numbers. Floats follow IEEE 754: the root of -1 is NaN, the logarithm of 0 is -Infinity.

use std::f64::consts;

use super::argument::{integer, number, out_of_range, text, wrong_type};
use super::rounding::{Mode, round_to};
use super::signature::Type;
use super::{Body, Call, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::{Value, arith};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "abs",
        parameters![number: Type::NUMBER],
        Type::NUMBER,
        "The number without its sign; an integer stays one.",
        ("RETURN abs(-1) AS v", "1"),
        Body::Scalar(abs),
    ),
    Function::new(
        "sign",
        parameters![number: Type::NUMBER],
        Type::INTEGER,
        "-1, 0 or 1: on which side of zero the number lies; null for NaN.",
        ("RETURN sign(-2.5) AS v", "-1"),
        Body::Scalar(sign),
    ),
    Function::new(
        "round",
        parameters![number: Type::NUMBER, places: Type::INTEGER, mode: Type::STRING],
        Type::FLOAT,
        "The nearest number with that many decimal places (0). Ties go up; with places away from zero, or as mode \
         says: UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN, HALF_EVEN.",
        ("RETURN round(3.14159, 2) AS v", "3.14"),
        Body::Scalar(round),
    )
    .optional(2),
    Function::new(
        "isNaN",
        parameters![number: Type::NUMBER],
        Type::BOOLEAN,
        "Whether the number is not a number.",
        ("RETURN isNaN(0.0 / 0.0) AS v", "true"),
        Body::Scalar(is_nan),
    ),
    Function::new(
        "e",
        parameters![],
        Type::FLOAT,
        "The base of natural logarithms.",
        ("RETURN e() AS v", "2.718281828459045"),
        Body::Scalar(|_, _| Ok(Value::Float(consts::E))),
    ),
    Function::new(
        "pi",
        parameters![],
        Type::FLOAT,
        "The ratio of a circle to its diameter.",
        ("RETURN pi() AS v", "3.141592653589793"),
        Body::Scalar(|_, _| Ok(Value::Float(consts::PI))),
    ),
    Function::new(
        "rand",
        parameters![],
        Type::FLOAT,
        "A random number from 0.0 to below 1.0.",
        ("RETURN 0 <= rand() < 1 AS v", "true"),
        Body::Scalar(rand),
    )
    .changes(),
    Function::new(
        "atan2",
        parameters![y: Type::NUMBER, x: Type::NUMBER],
        Type::FLOAT,
        "The angle in radians of the point (x, y).",
        ("RETURN atan2(0, 1) AS v", "0.0"),
        Body::Scalar(|_, arguments| Ok(number("atan2", &arguments[0])?.atan2(number("atan2", &arguments[1])?).into())),
    ),
    Function::new(
        "power",
        parameters![base: Type::NUMBER, exponent: Type::NUMBER],
        Type::FLOAT,
        "The base to the power of the exponent; what `base ^ exponent` gives.",
        ("RETURN power(2, 3) AS v", "8.0"),
        Body::Scalar(|_, arguments| {
            number("power", &arguments[0])?;
            number("power", &arguments[1])?;
            arith::power(&arguments[0], &arguments[1])
        }),
    ),
    Function::new(
        "mod",
        parameters![dividend: Type::NUMBER, divisor: Type::NUMBER],
        Type::NUMBER,
        "The remainder of a division, with the sign of the dividend; what `dividend % divisor` gives.",
        ("RETURN mod(5, 3) AS v", "2"),
        Body::Scalar(|_, arguments| {
            number("mod", &arguments[0])?;
            number("mod", &arguments[1])?;
            arith::modulo(&arguments[0], &arguments[1])
        }),
    ),
    real("ceil", "The smallest whole number that is not less.", ("RETURN ceil(0.1) AS v", "1.0"), |_, arguments| {
        map("ceil", &arguments[0], f64::ceil)
    }),
    real(
        "floor",
        "The largest whole number that is not greater.",
        ("RETURN floor(0.9) AS v", "0.0"),
        |_, arguments| map("floor", &arguments[0], f64::floor),
    ),
    real("sqrt", "The square root.", ("RETURN sqrt(256) AS v", "16.0"), |_, arguments| {
        map("sqrt", &arguments[0], f64::sqrt)
    }),
    real("exp", "e to the power of the number.", ("RETURN exp(0) AS v", "1.0"), |_, arguments| {
        map("exp", &arguments[0], f64::exp)
    }),
    real("log", "The natural logarithm.", ("RETURN log(1) AS v", "0.0"), |_, arguments| {
        map("log", &arguments[0], f64::ln)
    }),
    real("log10", "The logarithm to base 10.", ("RETURN log10(100) AS v", "2.0"), |_, arguments| {
        map("log10", &arguments[0], f64::log10)
    }),
    real("sin", "The sine of an angle in radians.", ("RETURN sin(0) AS v", "0.0"), |_, arguments| {
        map("sin", &arguments[0], f64::sin)
    }),
    real("cos", "The cosine of an angle in radians.", ("RETURN cos(0) AS v", "1.0"), |_, arguments| {
        map("cos", &arguments[0], f64::cos)
    }),
    real("tan", "The tangent of an angle in radians.", ("RETURN tan(0) AS v", "0.0"), |_, arguments| {
        map("tan", &arguments[0], f64::tan)
    }),
    real("cot", "The cotangent of an angle in radians.", ("RETURN cot(0) AS v", "Infinity"), |_, arguments| {
        map("cot", &arguments[0], |x| 1.0 / x.tan())
    }),
    real("asin", "The angle in radians with that sine.", ("RETURN asin(0) AS v", "0.0"), |_, arguments| {
        map("asin", &arguments[0], f64::asin)
    }),
    real("acos", "The angle in radians with that cosine.", ("RETURN acos(1) AS v", "0.0"), |_, arguments| {
        map("acos", &arguments[0], f64::acos)
    }),
    real("atan", "The angle in radians with that tangent.", ("RETURN atan(0) AS v", "0.0"), |_, arguments| {
        map("atan", &arguments[0], f64::atan)
    }),
    real("sinh", "The hyperbolic sine.", ("RETURN sinh(0) AS v", "0.0"), |_, arguments| {
        map("sinh", &arguments[0], f64::sinh)
    }),
    real("cosh", "The hyperbolic cosine.", ("RETURN cosh(0) AS v", "1.0"), |_, arguments| {
        map("cosh", &arguments[0], f64::cosh)
    }),
    real("tanh", "The hyperbolic tangent.", ("RETURN tanh(0) AS v", "0.0"), |_, arguments| {
        map("tanh", &arguments[0], f64::tanh)
    }),
    real("coth", "The hyperbolic cotangent.", ("RETURN coth(0) AS v", "Infinity"), |_, arguments| {
        map("coth", &arguments[0], |x| 1.0 / x.tanh())
    }),
    real("degrees", "An angle in radians, in degrees.", ("RETURN degrees(pi()) AS v", "180.0"), |_, arguments| {
        map("degrees", &arguments[0], f64::to_degrees)
    }),
    real("radians", "An angle in degrees, in radians.", ("RETURN radians(0) AS v", "0.0"), |_, arguments| {
        map("radians", &arguments[0], f64::to_radians)
    }),
    real(
        "haversin",
        "Half the versed sine of an angle in radians.",
        ("RETURN haversin(0) AS v", "0.0"),
        |_, arguments| map("haversin", &arguments[0], |x| (1.0 - x.cos()) / 2.0),
    ),
];

/// A function from one number to a float.
const fn real(name: &'static str, doc: &'static str, example: (&'static str, &'static str), call: Call) -> Function {
    Function::new(name, parameters![number: Type::NUMBER], Type::FLOAT, doc, example, Body::Scalar(call))
}

fn map(function: &str, value: &Value, f: fn(f64) -> f64) -> Result<Value> {
    number(function, value).map(|x| Value::Float(f(x)))
}

fn abs(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    match &arguments[0] {
        Value::Int(n) => n
            .checked_abs()
            .map(Value::Int)
            .ok_or_else(|| Error::arithmetic(Code::IntegerOverflow, format!("abs({n}) lies outside 64-bit integers"))),
        Value::Float(x) => Ok(Value::Float(x.abs())),
        other => Err(wrong_type("abs", "a number", other)),
    }
}

fn sign(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(match &arguments[0] {
        Value::Int(n) => Value::Int(n.signum()),
        Value::Float(x) if x.is_nan() => Value::Null,
        Value::Float(x) => Value::Int(i64::from(*x > 0.0) - i64::from(*x < 0.0)),
        other => return Err(wrong_type("sign", "a number", other)),
    })
}

fn round(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    const MOST_PLACES: i64 = 400;
    let x = number("round", &arguments[0])?;
    let Some(places) = arguments.get(1) else {
        let below = x.floor();
        return Ok(Value::Float(if x - below >= 0.5 { x.ceil() } else { below }));
    };
    let places = integer("round", places)?;
    if !(0..=MOST_PLACES).contains(&places) {
        return Err(out_of_range(format!("round() takes 0 to {MOST_PLACES} decimal places, not {places}")));
    }
    let mode = match arguments.get(2) {
        None => Mode::HalfUp,
        Some(name) => {
            let name = text("round", name)?;
            Mode::named(name).ok_or_else(|| {
                let message = "the mode of round() is UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN or HALF_EVEN";
                Error::argument(Code::InvalidArgumentValue, message)
            })?
        }
    };
    Ok(Value::Float(round_to(x, places as i32, mode)))
}

fn is_nan(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    number("isNaN", &arguments[0]).map(|x| Value::Bool(x.is_nan()))
}

fn rand(context: &mut CallContext<'_>, _: &[Value]) -> Result<Value> {
    // 53 bits: as many as a float below 1.0 can tell apart
    Ok(Value::Float((context.random_bits() >> 11) as f64 / (1_u64 << 53) as f64))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{shown, with_context};
    use super::*;

    #[test]
    fn integers_stay_exact_and_overflow_is_an_error() {
        for (name, value, wanted) in [
            ("abs", (-7).into(), "7"),
            ("abs", (-7.5).into(), "7.5"),
            ("abs", i64::MIN.into(), "IntegerOverflow"),
            ("sign", i64::MIN.into(), "-1"),
            ("sign", (-0.0).into(), "0"),
            ("sign", f64::NAN.into(), "null"),
            ("sqrt", (-1).into(), "NaN"),
            ("log", 0.into(), "-Infinity"),
            ("ceil", 1.into(), "1.0"),
            ("sin", "a".into(), "InvalidArgumentType"),
            ("isNaN", 1.into(), "false"),
            ("exp", Value::Null, "null"),
        ] {
            assert_eq!(shown(name, &[value]), wanted, "{name}");
        }
    }

    #[test]
    fn rounding_goes_up_at_ties_and_as_told() {
        for (x, wanted) in
            [(2.5, "3.0"), (-1.5, "-1.0"), (-2.5, "-2.0"), (0.499_999_999_999_999_94, "0.0"), (1e300, "1.0E300")]
        {
            assert_eq!(shown("round", &[x.into()]), wanted);
        }
        assert_eq!(shown("round", &[3.into()]), "3.0");
        assert_eq!(shown("round", &[1.005.into(), 2.into()]), "1.01");
        assert_eq!(shown("round", &[(-1.55).into(), 1.into()]), "-1.6");
        assert_eq!(shown("round", &[1.25.into(), 1.into(), "half_even".into()]), "1.2");
        assert_eq!(shown("round", &[1.25.into(), 1.into(), "SIDEWAYS".into()]), "InvalidArgumentValue");
        assert_eq!(shown("round", &[1.25.into(), (-1).into()]), "NumberOutOfRange");
    }

    #[test]
    fn random_numbers_stay_below_one_and_differ() {
        with_context(|context| {
            let draws: Vec<f64> = (0..1000)
                .map(|_| match rand(context, &[]) {
                    Ok(Value::Float(x)) => x,
                    other => unreachable!("a float, not {other:?}"),
                })
                .collect();
            assert!(draws.iter().all(|x| (0.0..1.0).contains(x)));
            assert!(draws.iter().any(|x| *x < 0.1) && draws.iter().any(|x| *x > 0.9));
        });
    }
}
