//! Functions on strings. Positions and lengths count characters (Unicode scalar values), never bytes.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::argument::{count, text, wrong_type};
use super::signature::Type;
use super::{Body, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::Value;

/// Comparisons after which a long search asks whether it may go on.
const BETWEEN_POLLS: usize = 1 << 20;

pub(super) const FUNCTIONS: &[Function] = &[
    one("toUpper", "The text in upper case.", ("RETURN toUpper('straße') AS v", "'STRASSE'"), to_upper),
    one("upper", "The text in upper case; another name of toUpper.", ("RETURN upper('a') AS v", "'A'"), to_upper),
    one("toLower", "The text in lower case.", ("RETURN toLower('ABC') AS v", "'abc'"), to_lower),
    one("lower", "The text in lower case; another name of toLower.", ("RETURN lower('A') AS v", "'a'"), to_lower),
    cut(
        "trim",
        "The text without white space, or the given characters, at both ends.",
        ("RETURN trim('  a ') AS v", "'a'"),
        btrim,
    ),
    cut(
        "btrim",
        "The text without white space, or the given characters, at both ends.",
        ("RETURN btrim('xxaxx', 'x') AS v", "'a'"),
        btrim,
    ),
    cut(
        "ltrim",
        "The text without white space, or the given characters, at its start.",
        ("RETURN ltrim('  a ') AS v", "'a '"),
        ltrim,
    ),
    cut(
        "rtrim",
        "The text without white space, or the given characters, at its end.",
        ("RETURN rtrim('  a ') AS v", "'  a'"),
        rtrim,
    ),
    Function::new(
        "substring",
        parameters![text: Type::STRING, start: Type::INTEGER, length: Type::INTEGER],
        Type::STRING,
        "The characters from start (the first is 0), all of them or as many as length says.",
        ("RETURN substring('hello', 1, 3) AS v", "'ell'"),
        Body::Scalar(substring),
    )
    .optional(1),
    Function::new(
        "levenshtein",
        parameters![a: Type::STRING, b: Type::STRING],
        Type::INTEGER,
        "How many characters must be put in, taken out or exchanged to make one text of the other.",
        ("RETURN levenshtein('kitten', 'sitting') AS v", "3"),
        Body::Scalar(levenshtein),
    ),
    Function::new(
        "point",
        parameters![coordinates: Type::MAP],
        Type::STRING,
        "A point, as text: points are kept as they are written, and nothing is computed with them.",
        ("RETURN point({latitude: 55.6, longitude: 13.0}) AS v", "'point({latitude: 55.6, longitude: 13.0})'"),
        Body::Scalar(point),
    ),
    Function::new(
        "left",
        parameters![text: Type::STRING, length: Type::INTEGER],
        Type::STRING,
        "The first characters.",
        ("RETURN left('hello', 3) AS v", "'hel'"),
        Body::Scalar(left),
    ),
    Function::new(
        "right",
        parameters![text: Type::STRING, length: Type::INTEGER],
        Type::STRING,
        "The last characters.",
        ("RETURN right('hello', 3) AS v", "'llo'"),
        Body::Scalar(right),
    ),
    Function::new(
        "replace",
        parameters![text: Type::STRING, search: Type::STRING, replacement: Type::STRING],
        Type::STRING,
        "The text with every occurrence of search replaced; an empty search stands between all characters.",
        ("RETURN replace('hello', 'l', 'L') AS v", "'heLLo'"),
        Body::Scalar(replace),
    ),
    Function::new(
        "split",
        parameters![text: Type::STRING, delimiters: Type::STRING.or(Type::LIST)],
        Type::LIST,
        "The parts between the delimiters (one or a list of them); an empty delimiter cuts into characters.",
        ("RETURN split('a,b,c', ',') AS v", "['a', 'b', 'c']"),
        Body::Scalar(split),
    ),
    Function::new(
        "normalize",
        parameters![text: Type::STRING, form: Type::STRING],
        Type::STRING,
        "The text in a Unicode normal form: NFC (unless another is named), NFD, NFKC or NFKD.",
        ("RETURN size(normalize('é')) AS v", "1"),
        Body::Scalar(normalize),
    )
    .optional(1),
    Function::new(
        "isNormalized",
        parameters![text: Type::STRING, form: Type::STRING],
        Type::BOOLEAN,
        "Whether the text is in a Unicode normal form: NFC (unless another is named), NFD, NFKC or NFKD; what \
         `text IS NORMALIZED` asks.",
        ("RETURN isNormalized('é') AS v", "true"),
        Body::Scalar(is_normalized),
    )
    .optional(1),
    Function::new(
        "char_length",
        parameters![text: Type::STRING],
        Type::INTEGER,
        "How many characters a string has.",
        ("RETURN char_length('日本語') AS v", "3"),
        Body::Scalar(char_length),
    ),
    Function::new(
        "character_length",
        parameters![text: Type::STRING],
        Type::INTEGER,
        "How many characters a string has; another name of char_length.",
        ("RETURN character_length('日本語') AS v", "3"),
        Body::Scalar(char_length),
    ),
];

const fn one(
    name: &'static str,
    doc: &'static str,
    example: (&'static str, &'static str),
    call: super::Call,
) -> Function {
    Function::new(name, parameters![text: Type::STRING], Type::STRING, doc, example, Body::Scalar(call))
}

const fn cut(
    name: &'static str,
    doc: &'static str,
    example: (&'static str, &'static str),
    call: super::Call,
) -> Function {
    let parameters = parameters![text: Type::STRING, characters: Type::STRING];
    Function::new(name, parameters, Type::STRING, doc, example, Body::Scalar(call)).optional(1)
}

fn to_upper(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let text = text("toUpper", &arguments[0])?;
    context.charge(text.len().saturating_mul(2))?;
    Ok(text.to_uppercase().into())
}

fn to_lower(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let text = text("toLower", &arguments[0])?;
    context.charge(text.len().saturating_mul(2))?;
    Ok(text.to_lowercase().into())
}

fn btrim(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    trimmed("btrim", context, arguments, true, true)
}

fn ltrim(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    trimmed("ltrim", context, arguments, true, false)
}

fn rtrim(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    trimmed("rtrim", context, arguments, false, true)
}

fn trimmed(
    function: &str,
    context: &mut CallContext<'_>,
    arguments: &[Value],
    start: bool,
    end: bool,
) -> Result<Value> {
    let whole = text(function, &arguments[0])?;
    let unwanted: Option<HashSet<char>> = match arguments.get(1) {
        Some(value) => Some(text(function, value)?.chars().collect()),
        None => None,
    };
    let is_unwanted = |c: char| unwanted.as_ref().map_or(c.is_whitespace(), |set| set.contains(&c));
    let mut rest: &str = whole;
    if start {
        rest = rest.trim_start_matches(is_unwanted);
    }
    if end {
        rest = rest.trim_end_matches(is_unwanted);
    }
    part(context, &arguments[0], rest)
}

fn substring(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("substring", &arguments[0])?;
    let start = count("substring", "start", &arguments[1])?;
    let length = arguments.get(2).map_or(Ok(usize::MAX), |value| count("substring", "length", value))?;
    let rest = &whole[byte_of(whole, start)..];
    part(context, &arguments[0], &rest[..byte_of(rest, length)])
}

/// Longest texts that are compared: the work grows with the product of their lengths.
const LONGEST_COMPARED: usize = 10_000;

fn levenshtein(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let (a, b) = (text("levenshtein", &arguments[0])?, text("levenshtein", &arguments[1])?);
    if let Some(long) = [a, b].into_iter().find(|text| text.len() > LONGEST_COMPARED) {
        let message =
            format!("levenshtein() compares texts of at most {LONGEST_COMPARED} bytes, not of {}", long.len());
        return Err(Error::argument(Code::InvalidArgumentValue, message));
    }
    // asks for time as well as memory
    context.charge(a.len() * b.len() / 16 + 8 * b.len())?;
    Ok(i64::try_from(strsim::levenshtein(a, b)).unwrap_or(i64::MAX).into())
}

fn point(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let text = format!("point({})", crate::value::text::literal(&arguments[0], None)?);
    context.charge(text.len())?;
    Ok(text.into())
}

fn left(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("left", &arguments[0])?;
    let length = count("left", "length", &arguments[1])?;
    part(context, &arguments[0], &whole[..byte_of(whole, length)])
}

fn right(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("right", &arguments[0])?;
    let length = count("right", "length", &arguments[1])?;
    let start = match length.checked_sub(1) {
        None => whole.len(),
        Some(before) => whole.char_indices().rev().nth(before).map_or(0, |(at, _)| at),
    };
    part(context, &arguments[0], &whole[start..])
}

fn replace(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("replace", &arguments[0])?;
    let (search, replacement) = (text("replace", &arguments[1])?, text("replace", &arguments[2])?);
    let found = whole.matches(&**search).count();
    if found == 0 {
        return Ok(arguments[0].clone());
    }
    // found * replacement may be beyond any memory: asked before anything is allocated
    context.charge(whole.len().saturating_add(found.saturating_mul(replacement.len())))?;
    Ok(whole.replace(&**search, replacement).into())
}

fn split(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("split", &arguments[0])?;
    let delimiters = match &arguments[1] {
        Value::Str(delimiter) => vec![&**delimiter],
        Value::List(list) => {
            if list.iter().any(Value::is_null) {
                return Ok(Value::Null);
            }
            list.iter().map(|item| text("split", item).map(|text| &**text)).collect::<Result<_>>()?
        }
        other => return Err(wrong_type("split", "a string or a list of strings", other)),
    };
    let parts = cut_at(context, whole, &delimiters)?;
    Value::list(parts.into_iter().map(Value::from).collect())
}

/// At every place the first delimiter of the list that stands there cuts.
fn cut_at<'a>(context: &mut CallContext<'_>, whole: &'a str, delimiters: &[&str]) -> Result<Vec<&'a str>> {
    const PART: usize = size_of::<Value>() + size_of::<&str>() + 32;
    if delimiters.iter().any(|delimiter| delimiter.is_empty()) {
        context.charge(whole.len().saturating_mul(PART))?;
        return Ok(whole.char_indices().map(|(at, c)| &whole[at..at + c.len_utf8()]).collect());
    }
    match delimiters {
        [] => return Ok(vec![whole]),
        [only] => {
            let found = whole.matches(only).count() + 1;
            context.charge(found.saturating_mul(PART).saturating_add(whole.len()))?;
            return Ok(whole.split(only).collect());
        }
        _ => {}
    }
    let mut parts = Vec::new();
    let (mut from, mut at, mut compared) = (0, 0, 0_usize);
    while at < whole.len() {
        compared += delimiters.len();
        if compared > BETWEEN_POLLS {
            compared = 0;
            context.budget.ask(0)?;
        }
        let rest = &whole[at..];
        let Some(delimiter) = delimiters.iter().find(|delimiter| rest.starts_with(**delimiter)) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if parts.len().is_power_of_two() {
            context.charge(parts.len().saturating_mul(2 * PART).saturating_add(whole.len()))?;
        }
        parts.push(&whole[from..at]);
        at += delimiter.len();
        from = at;
    }
    parts.push(&whole[from..]);
    Ok(parts)
}

fn normalize(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let whole = text("normalize", &arguments[0])?;
    let form = arguments.get(1).map_or(Ok("NFC"), |value| text("normalize", value).map(|text| &**text))?;
    context.charge(whole.len().saturating_mul(4))?;
    let normal: String = match form.to_ascii_uppercase().as_str() {
        "NFC" => whole.nfc().collect(),
        "NFD" => whole.nfd().collect(),
        "NFKC" => whole.nfkc().collect(),
        "NFKD" => whole.nfkd().collect(),
        _ => {
            return Err(Error::argument(
                Code::InvalidArgumentValue,
                "the form of normalize() is NFC, NFD, NFKC or NFKD",
            ));
        }
    };
    Ok(normal.into())
}

fn is_normalized(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let normal = normalize(context, arguments)?;
    Ok(Value::Bool(crate::value::order::equivalent(&normal, &arguments[0])))
}

fn char_length(_: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    Ok(Value::Int(text("char_length", &arguments[0])?.chars().count() as i64))
}

/// Where character `index` begins; the end of the text when it has fewer.
fn byte_of(text: &str, index: usize) -> usize {
    text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
}

/// A part of a string; the whole is shared, not copied.
fn part(context: &mut CallContext<'_>, whole: &Value, part: &str) -> Result<Value> {
    match whole {
        Value::Str(text) if text.len() == part.len() => Ok(whole.clone()),
        _ => {
            context.charge(part.len())?;
            Ok(part.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{list, shown};
    use super::*;

    #[test]
    fn positions_count_characters() {
        for (name, arguments, wanted) in [
            ("left", vec!["é日本".into(), 1.into()], "'é'"),
            ("left", vec!["ab".into(), i64::MAX.into()], "'ab'"),
            ("left", vec!["ab".into(), 0.into()], "''"),
            ("right", vec!["é日本".into(), 2.into()], "'日本'"),
            ("right", vec!["ab".into(), 0.into()], "''"),
            ("right", vec!["ab".into(), 5.into()], "'ab'"),
            ("substring", vec!["日本語".into(), 1.into(), 1.into()], "'本'"),
            ("substring", vec!["abc".into(), 1.into()], "'bc'"),
            ("substring", vec!["abc".into(), i64::MAX.into(), 5.into()], "''"),
            ("substring", vec!["abc".into(), 0.into(), i64::MAX.into()], "'abc'"),
            ("substring", vec!["abc".into(), (-1).into()], "NumberOutOfRange"),
            ("left", vec!["abc".into(), (-1).into()], "NumberOutOfRange"),
            ("left", vec![Value::Null, 1.into()], "null"),
            ("char_length", vec!["日本語".into()], "3"),
        ] {
            assert_eq!(shown(name, &arguments), wanted, "{name} {arguments:?}");
        }
    }

    #[test]
    fn texts_change_case_and_lose_their_ends() {
        for (name, arguments, wanted) in [
            ("toUpper", vec!["ß".into()], "'SS'"),
            ("toLower", vec!["İ".into()], "'i\u{307}'"),
            ("trim", vec!["\u{a0} x\t".into()], "'x'"),
            ("btrim", vec!["abcab".into(), "ab".into()], "'c'"),
            ("ltrim", vec!["  a ".into()], "'a '"),
            ("rtrim", vec!["  a ".into()], "'  a'"),
            ("toUpper", vec![1.into()], "InvalidArgumentType"),
            ("normalize", vec!["e\u{301}".into()], "'é'"),
            ("normalize", vec!["ﬁ".into(), "nfkc".into()], "'fi'"),
            ("normalize", vec!["a".into(), "x".into()], "InvalidArgumentValue"),
        ] {
            assert_eq!(shown(name, &arguments), wanted, "{name} {arguments:?}");
        }
    }

    #[test]
    fn split_and_replace_have_a_meaning_for_the_empty_text() {
        for (name, arguments, wanted) in [
            ("split", vec!["one1two".into(), "1".into()], "['one', 'two']"),
            ("split", vec!["a,é".into(), "".into()], "['a', ',', 'é']"),
            ("split", vec!["".into(), ",".into()], "['']"),
            ("split", vec![",".into(), ",".into()], "['', '']"),
            ("split", vec!["a,b;c".into(), list(&[",".into(), ";".into()])], "['a', 'b', 'c']"),
            ("split", vec!["é;".into(), list(&[",".into(), ";".into()])], "['é', '']"),
            ("split", vec!["a".into(), list(&[])], "['a']"),
            ("split", vec!["a".into(), Value::Null], "null"),
            ("split", vec!["a".into(), list(&[1.into()])], "InvalidArgumentValue"),
            ("replace", vec!["aaa".into(), "".into(), "b".into()], "'bababab'"),
            ("replace", vec!["hello".into(), "l".into(), "".into()], "'heo'"),
            ("replace", vec!["hello".into(), "x".into(), "y".into()], "'hello'"),
        ] {
            assert_eq!(shown(name, &arguments), wanted, "{name} {arguments:?}");
        }
    }

    #[test]
    fn growth_is_asked_for_before_it_happens() {
        let long: Value = "a".repeat(1 << 18).into();
        assert_eq!(shown("replace", &[long.clone(), "a".into(), long.clone()]), "Memory");
        assert_eq!(shown("split", &[long.clone(), "".into()]), "Memory");
        assert_eq!(shown("split", &[long, list(&["a".into(), "b".into()])]), "Memory");
    }
}
