//! Types of values by their names, as `IS :: TYPE` and constraints write them.

use crate::value::Value;

/// Lists in type names nest no deeper.
const MAX_NESTING: u32 = 100;

/// Whether `value` is of the type of that name, written in any case. Null is of every type unless it says NOT NULL. Nothing
/// when there is no such type.
pub(crate) fn is_type(value: &Value, name: &str) -> Option<bool> {
    fits(value, name.to_uppercase().trim(), 0)
}

fn fits(value: &Value, name: &str, nesting: u32) -> Option<bool> {
    if nesting > MAX_NESTING {
        return None;
    }
    let alternatives = split_alternatives(name);
    if alternatives.len() > 1 {
        return alternatives.iter().try_fold(false, |any, name| Some(fits(value, name.trim(), nesting + 1)? || any));
    }
    if let Some(inner) = name.strip_suffix("NOT NULL") {
        let fitting = fits(value, inner.trim(), nesting + 1)?;
        return Some(fitting && !value.is_null());
    }
    if let Some(inner) = name.strip_prefix("LIST").map(str::trim) {
        let inner = inner.strip_prefix('<').and_then(|i| i.strip_suffix('>')).map(str::trim);
        return list_fits(value, inner, nesting);
    }
    plain_fits(value, name)
}

fn list_fits(value: &Value, inner: Option<&str>, nesting: u32) -> Option<bool> {
    let Some(inner) = inner else { return Some(matches!(value, Value::Null | Value::List(_))) };
    fits(&Value::Null, inner, nesting + 1)?;
    match value {
        Value::Null => Some(true),
        Value::List(list) => list.iter().try_fold(true, |all, item| Some(fits(item, inner, nesting + 1)? && all)),
        _ => Some(false),
    }
}

fn split_alternatives(name: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    name.split(|c| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        c == '|' && depth == 0
    })
    .collect()
}

fn plain_fits(value: &Value, name: &str) -> Option<bool> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    let fitting = match name.as_str() {
        "ANY" | "ANY VALUE" => true,
        "NOTHING" => return Some(false),
        "NULL" => return Some(value.is_null()),
        "BOOLEAN" | "BOOL" => matches!(value, Value::Bool(_)),
        "INTEGER" | "INT" | "SIGNED INTEGER" => matches!(value, Value::Int(_)),
        "FLOAT" => matches!(value, Value::Float(_)),
        "NUMBER" | "INTEGER OR FLOAT" => matches!(value, Value::Int(_) | Value::Float(_)),
        "STRING" | "VARCHAR" => matches!(value, Value::Str(_)),
        "MAP" => matches!(value, Value::Map(_)),
        "NODE" | "VERTEX" | "ANY NODE" | "ANY VERTEX" => matches!(value, Value::Node(_)),
        "RELATIONSHIP" | "EDGE" | "ANY RELATIONSHIP" | "ANY EDGE" => matches!(value, Value::Rel(_)),
        "PATH" => matches!(value, Value::Path(_)),
        "PROPERTY VALUE" | "ANY PROPERTY VALUE" => super::storable(value).is_ok(),
        "DATE" => matches!(value, Value::Date(_)),
        "LOCAL TIME" | "TIME WITHOUT TIMEZONE" | "TIME WITHOUT TIME ZONE" => matches!(value, Value::LocalTime(_)),
        "ZONED TIME" | "TIME" | "TIME WITH TIMEZONE" | "TIME WITH TIME ZONE" => matches!(value, Value::Time(_)),
        "LOCAL DATETIME" | "TIMESTAMP WITHOUT TIMEZONE" | "TIMESTAMP WITHOUT TIME ZONE" => {
            matches!(value, Value::LocalDateTime(_))
        }
        "ZONED DATETIME" | "DATETIME" | "TIMESTAMP WITH TIMEZONE" | "TIMESTAMP WITH TIME ZONE" => {
            matches!(value, Value::DateTime(_))
        }
        "DURATION" => matches!(value, Value::Duration(_)),
        _ => return None,
    };
    Some(fitting || value.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_known_by_its_name() {
        assert_eq!(is_type(&1.into(), "integer | STRING NOT NULL"), Some(true));
        assert_eq!(is_type(&Value::Null, "STRING NOT NULL"), Some(false));
        assert_eq!(is_type(&1.into(), "WORD"), None);
    }
}
