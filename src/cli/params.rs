//! `--param NAME=VALUE`: JSON, or an openCypher literal, or plain text.

use super::Failure;
use crate::engine::Engine;
use crate::io::json;
use crate::value::Value;

/// Functions that make a value out of a literal.
const MAKERS: &[&str] = &["date(", "time(", "localtime(", "datetime(", "localdatetime(", "duration("];

/// The parameters in the order typed.
pub(super) fn read(params: &[String]) -> Result<Vec<(String, Value)>, Failure> {
    params.iter().map(|param| read_one(param)).collect()
}

/// One parameter, `NAME=VALUE`.
pub(super) fn read_one(param: &str) -> Result<(String, Value), Failure> {
    let (name, text) = param
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| Failure::Usage(format!("--param {param}: write NAME=VALUE")))?;
    Ok((name.trim_start_matches('$').to_owned(), value(text)?))
}

/// Text that begins like a literal must be one; any other text is a string.
fn value(text: &str) -> Result<Value, Failure> {
    if let Ok(value) = json::parse_text(text).and_then(|j| json::read_value(&j)) {
        return Ok(value);
    }
    let lower = text.trim_start().to_ascii_lowercase();
    if !lower.starts_with(['\'', '"', '[', '{']) && !MAKERS.iter().any(|m| lower.starts_with(m)) {
        return Ok(Value::str(text));
    }
    Engine::in_memory().value_of(text).map_err(|error| Failure::Query {
        error,
        text: text.to_owned(),
        origin: Some("--param".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let params = read(&[text.to_owned()]).expect("a parameter");
        format!("{}:{:?}", params[0].0, params[0].1)
    }

    #[test]
    fn numbers_truth_and_text_are_told_apart() {
        assert_eq!(shown("x=1"), "x:Int(1)");
        assert_eq!(shown("x=1.0"), "x:Float(1.0)");
        assert_eq!(shown("$x=true"), "x:Bool(true)");
        assert_eq!(shown("x=\"1\""), "x:Str(\"1\")");
        assert_eq!(shown("x=2022-06-01"), "x:Str(\"2022-06-01\")");
        assert_eq!(shown("x=National Kurultai"), "x:Str(\"National Kurultai\")");
        assert_eq!(shown("x="), "x:Str(\"\")");
        assert!(matches!(read(&["=1".to_owned()]), Err(Failure::Usage(_))));
    }
}
