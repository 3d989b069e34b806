//! Values as text: the literal form a query could be written with, and the plain form of `toString()`.
//!
//! ```text
//! literal   'it\'s'   1.0   [1, 'a']   {k: null}   (:Person {name: 'Ada'})   <(:A)-[:T]->()>
//! scalar    it's      1.0   -          -           -                         -
//! ```
//!
//! Nodes, relationships and paths are shown with their [`Content`]; without it they are shown as handles.

use std::fmt::Write;
use std::sync::Arc;

use super::{Map, NodeRef, Path, RelRef, Value};
use crate::error::Result;

/// The content behind the handles. Errors: the handle is deleted (`EntityNotFound`).
pub trait Content {
    /// The labels of a node, in a stable order.
    fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>>;

    /// The type of a relationship; known even after it is deleted.
    fn rel_type(&self, rel: RelRef) -> Result<Arc<str>>;

    /// All properties of a node.
    fn node_properties(&self, node: NodeRef) -> Result<Map>;

    /// All properties of a relationship.
    fn rel_properties(&self, rel: RelRef) -> Result<Map>;

    /// Start and end of a relationship.
    fn ends(&self, rel: RelRef) -> Result<(NodeRef, NodeRef)>;
}

/// The literal form. Without `entities`, nodes and relationships show as handles.
/// Errors: a node or relationship that is deleted.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::Value;
/// use shejire::value::text::literal;
///
/// let tolls = Value::list(vec![6.into(), "sixpence".into(), Value::Null])?;
/// assert_eq!(literal(&tolls, None)?, "[6, 'sixpence', null]");
/// # Ok(())
/// # }
/// ```
pub fn literal(value: &Value, entities: Option<&dyn Content>) -> Result<String> {
    let mut out = String::new();
    write_literal(&mut out, value, entities)?;
    Ok(out)
}

/// Appends the literal form to `out`. Errors: a node or relationship that is deleted.
pub(crate) fn write_literal(out: &mut String, value: &Value, entities: Option<&dyn Content>) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Str(text) => write_quoted(out, text),
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                write_literal(out, item, entities)?;
            }
            out.push(']');
        }
        Value::Map(map) => write_map(out, map, entities)?,
        Value::Node(node) => write_node(out, *node, entities)?,
        Value::Rel(rel) => write_rel(out, *rel, entities)?,
        Value::Path(path) => write_path(out, path, entities)?,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => out.push_str(&scalar(value).unwrap_or_default()),
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => write_quoted(out, &scalar(value).unwrap_or_default()),
    }
    Ok(())
}

/// The plain form of booleans, numbers, strings and temporal values: what `toString()` gives and `+`
/// joins to a string. Nothing for the other types.
///
/// ```
/// use shejire::Value;
/// use shejire::value::text::scalar;
///
/// assert_eq!(scalar(&2.0.into()).as_deref(), Some("2.0"));
/// assert_eq!(scalar(&"bell".into()).as_deref(), Some("bell"));
/// assert_eq!(scalar(&Value::Null), None);
/// ```
pub fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => float(*x),
        Value::Str(text) => text.to_string(),
        Value::Date(t) => t.to_string(),
        Value::LocalTime(t) => t.to_string(),
        Value::Time(t) => t.to_string(),
        Value::LocalDateTime(t) => t.to_string(),
        Value::DateTime(t) => t.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Null | Value::List(_) | Value::Map(_) | Value::Node(_) | Value::Rel(_) | Value::Path(_) => return None,
    })
}

/// The shortest digits that read back as `x`, always with a point: `1.0`, `0.001`, `1.0E10`, `NaN`.
pub(crate) fn float(x: f64) -> String {
    if x.is_nan() {
        return "NaN".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    if x == 0.0 || (1e-3..1e7).contains(&x.abs()) {
        return format!("{x:?}");
    }
    let text = format!("{x:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}E{exponent}")
}

/// `text` in single quotes, with what a quoted string cannot hold escaped.
///
/// ```
/// assert_eq!(shejire::value::text::quoted("St John's"), r"'St John\'s'");
/// ```
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(&mut out, text);
    out
}

/// `name` as it stands in a query: in back-ticks unless it is a plain identifier.
///
/// ```
/// use shejire::value::text::name;
///
/// assert_eq!(name("merged"), "merged");
/// assert_eq!(name("merged-into"), "`merged-into`");
/// ```
pub fn name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    write_name(&mut out, name);
    out
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c)); // writing to a String cannot fail
            }
            c => out.push(c),
        }
    }
    out.push('\'');
}

fn write_name(out: &mut String, name: &str) {
    let mut chars = name.chars();
    let plain =
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_');
    if plain {
        out.push_str(name);
        return;
    }
    out.push('`');
    out.push_str(&name.replace('`', "``"));
    out.push('`');
}

fn write_map(out: &mut String, map: &Map, entities: Option<&dyn Content>) -> Result<()> {
    out.push('{');
    for (i, (key, item)) in map.entries().iter().enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        write_name(out, key);
        out.push_str(": ");
        write_literal(out, item, entities)?;
    }
    out.push('}');
    Ok(())
}

fn write_node(out: &mut String, node: NodeRef, entities: Option<&dyn Content>) -> Result<()> {
    let Some(entities) = entities else {
        let _ = write!(out, "(#{})", node.0); // writing to a String cannot fail
        return Ok(());
    };
    out.push('(');
    for label in entities.labels(node)? {
        out.push(':');
        write_name(out, &label);
    }
    let properties = entities.node_properties(node)?;
    if !properties.entries().is_empty() {
        out.push_str(if out.ends_with('(') { "" } else { " " });
        write_map(out, &properties, Some(entities))?;
    }
    out.push(')');
    Ok(())
}

fn write_rel(out: &mut String, rel: RelRef, entities: Option<&dyn Content>) -> Result<()> {
    let Some(entities) = entities else {
        let _ = write!(out, "[#{}]", rel.0); // writing to a String cannot fail
        return Ok(());
    };
    out.push_str("[:");
    write_name(out, &entities.rel_type(rel)?);
    let properties = entities.rel_properties(rel)?;
    if !properties.entries().is_empty() {
        out.push(' ');
        write_map(out, &properties, Some(entities))?;
    }
    out.push(']');
    Ok(())
}

fn write_path(out: &mut String, path: &Path, entities: Option<&dyn Content>) -> Result<()> {
    out.push('<');
    let Some(first) = path.nodes.first() else {
        out.push('>');
        return Ok(());
    };
    write_node(out, *first, entities)?;
    for ((from, to), rel) in path.nodes.iter().zip(path.nodes.iter().skip(1)).zip(&path.rels) {
        let backward = match entities {
            Some(entities) => entities.ends(*rel)? != (*from, *to),
            None => false,
        };
        out.push_str(if backward { "<-" } else { "-" });
        write_rel(out, *rel, entities)?;
        out.push_str(if backward { "-" } else { "->" });
        write_node(out, *to, entities)?;
    }
    out.push('>');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Class, Code, Error, Phase};
    use crate::value::temporal::parse;

    /// Two nodes: 0 is `:A {k: 'x'}`, 1 is bare; relationship 0 runs from 0 to 1; everything else is deleted.
    struct Two;

    impl Content for Two {
        fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>> {
            match node.0 {
                0 => Ok(vec!["A".into(), "odd label".into()]),
                1 => Ok(vec![]),
                _ => Err(Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, "gone")),
            }
        }
        fn rel_type(&self, _: RelRef) -> Result<Arc<str>> {
            Ok("T".into())
        }
        fn node_properties(&self, node: NodeRef) -> Result<Map> {
            let entries = (node.0 == 0).then(|| (Arc::from("k"), Value::from("x")));
            Map::new(entries.into_iter().collect())
        }
        fn rel_properties(&self, _: RelRef) -> Result<Map> {
            Ok(Map::default())
        }
        fn ends(&self, _: RelRef) -> Result<(NodeRef, NodeRef)> {
            Ok((NodeRef::new(0), NodeRef::new(1)))
        }
    }

    fn show(value: impl Into<Value>) -> String {
        literal(&value.into(), Some(&Two)).expect("printable")
    }

    #[test]
    fn floats_read_back_and_keep_their_point() {
        for (x, wanted) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (1e7, "1.0E7"),
            (9_999_999.5, "9999999.5"),
            (1.5e300, "1.5E300"),
            (f64::MAX, "1.7976931348623157E308"),
            (5e-324, "5.0E-324"),
            (0.1 + 0.2, "0.30000000000000004"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(float(x), wanted);
            assert!(x.is_nan() || wanted.replace("Infinity", "inf").parse::<f64>() == Ok(x));
        }
    }

    #[test]
    fn strings_are_escaped_and_names_quoted_only_when_needed() {
        assert_eq!(quoted("it's \\ \n\t\u{1}é"), "'it\\'s \\\\ \\n\\t\\u0001é'");
        assert_eq!(
            (name("ok_1"), name("1st"), name("a`b"), name(""), name("été")),
            ("ok_1".into(), "`1st`".into(), "`a``b`".into(), "``".into(), "été".into())
        );
    }

    #[test]
    fn collections_and_temporal_values_look_like_literals() {
        let date = Value::Date(parse::date("2024-02-29").expect("a date"));
        let list = Value::list(vec![1.into(), "a".into(), Value::Null, date.clone(), 1.0.into(), true.into()])
            .expect("shallow");
        assert_eq!(show(list), "[1, 'a', null, '2024-02-29', 1.0, true]");
        let map = Value::map([("b".into(), Value::Null), ("a b".into(), 1.into())]).expect("shallow");
        assert_eq!(show(map), "{`a b`: 1, b: null}");
        assert_eq!(scalar(&date).as_deref(), Some("2024-02-29"));
        assert_eq!(scalar(&Value::Null), None);
    }

    #[test]
    fn graph_values_show_their_content_and_direction() {
        assert_eq!(show(Value::Node(NodeRef::new(0))), "(:A:`odd label` {k: 'x'})");
        assert_eq!(show(Value::Node(NodeRef::new(1))), "()");
        assert_eq!(show(Value::Rel(RelRef::new(0))), "[:T]");
        let back = Path { nodes: vec![NodeRef::new(1), NodeRef::new(0)], rels: vec![RelRef::new(0)], cost: None };
        assert_eq!(show(Value::Path(Arc::new(back.clone()))), "<()<-[:T]-(:A:`odd label` {k: 'x'})>");
        assert_eq!(literal(&Value::Path(Arc::new(back)), None).expect("handles"), "<(#1)-[#0]->(#0)>");
        assert!(literal(&Value::Node(NodeRef::new(9)), Some(&Two)).is_err());
    }
}
