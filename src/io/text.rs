//! Values as people read them: entities by their name, everything else as openCypher writes it.
//!
//! A node is shown as `(:institution National Kurultai)`: its labels, then its `name` (or `title`, or its `value`
//! with `unit`); one that has none of these with its properties, `(:A {k: 1})`. A relationship is
//! `[:transferred-to {date: '2022'}]`, a path both in turn.

use std::sync::Arc;

use super::text_sink::TextSink;
use crate::engine::{Entities, NodeData, RelData};
use crate::value::{Value, text};

/// Properties that say what a node is called, best first.
const NAMES: &[&str] = &["name", "title", "label"];

/// A value as a cell of a table: a string stands without quotes.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::io::text::cell;
///
/// let engine = shejire::Engine::in_memory();
/// let rows = engine.run("CREATE (s:Ship {name: 'Argo'}) RETURN s, 'text' AS t, null AS n")?;
/// let shown: Vec<String> = rows.get(0).unwrap().values().iter().map(|value| cell(value, rows.entities())).collect();
/// assert_eq!(shown, ["(:Ship Argo)", "text", ""]);
/// # Ok(())
/// # }
/// ```
pub fn cell(value: &Value, entities: &Entities) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        Value::Null => String::new(),
        other => inline(other, entities),
    }
}

/// A value inside other text: strings are quoted, null is `null`.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::io::text::inline;
///
/// let rows = shejire::Engine::in_memory().run("RETURN ['Argo', null, 90] AS list")?;
/// assert_eq!(inline(&rows.get(0).unwrap().values()[0], rows.entities()), "['Argo', null, 90]");
/// # Ok(())
/// # }
/// ```
pub fn inline(value: &Value, entities: &Entities) -> String {
    let mut out = String::new();
    write_value(&mut out, value, entities);
    out
}

/// What a node is called, when one of its properties says so.
pub(crate) fn name_of(node: &NodeData) -> Option<String> {
    let property = |key: &str| node.properties.iter().find(|(k, _)| &**k == key).map(|(_, v)| v);
    let named = NAMES.iter().find_map(|key| match property(key) {
        Some(Value::Str(text)) if !text.is_empty() => Some(text.to_string()),
        _ => None,
    });
    named.or_else(|| {
        let value = text::scalar(property("value")?)?;
        let unit = property("unit").and_then(text::scalar);
        Some(unit.map_or(value.clone(), |unit| format!("{value} {unit}")))
    })
}

/// A node on its own.
pub(crate) fn node(data: &NodeData) -> String {
    let mut out = String::new();
    write_node(&mut out, Some(data));
    out
}

/// A caption for pictures: the name, else the kind and the property `id`, else the kind and the number.
pub(crate) fn caption(data: &NodeData) -> String {
    name_of(data).unwrap_or_else(|| {
        let own = data.properties.iter().find(|(key, _)| &**key == "id").and_then(|(_, id)| text::scalar(id));
        let id = own.filter(|id| !id.trim().is_empty()).unwrap_or_else(|| data.id.to_string());
        format!("{} {id}", data.kind()).trim_start().to_owned()
    })
}

/// Appends a value as [`inline`] gives it.
pub(super) fn write_value<S: TextSink>(out: &mut S, value: &Value, entities: &Entities) {
    match value {
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if out.is_closed() {
                    return;
                }
                out.push_str(if at > 0 { ", " } else { "" });
                write_value(out, item, entities);
            }
            out.push(']');
        }
        Value::Map(map) => write_map(out, map.entries().iter(), entities),
        Value::Node(node) => write_node(out, entities.node(*node)),
        Value::Rel(rel) => write_rel(out, entities.rel(*rel)),
        Value::Path(path) => {
            write_node(out, path.nodes.first().and_then(|n| entities.node(*n)));
            for (rel, ends) in path.rels.iter().zip(path.nodes.windows(2)) {
                let rel = entities.rel(*rel);
                let from = entities.node(ends[0]);
                let forward = rel.zip(from).is_none_or(|(rel, from)| rel.start == from.id);
                out.push_str(if forward { "-" } else { "<-" });
                write_rel(out, rel);
                out.push_str(if forward { "->" } else { "-" });
                write_node(out, entities.node(ends[1]));
            }
        }
        Value::Str(_) => out.push_str(&text::literal(value, None).unwrap_or_default()),
        other => out.push_str(&text::scalar(other).unwrap_or_else(|| "null".to_owned())),
    }
}

fn write_map<'a, S: TextSink>(
    out: &mut S,
    pairs: impl Iterator<Item = (&'a Arc<str>, &'a Value)>,
    entities: &Entities,
) {
    out.push('{');
    for (at, (key, value)) in pairs.enumerate() {
        if out.is_closed() {
            return;
        }
        let _ = write!(out, "{}{key}: ", if at > 0 { ", " } else { "" });
        write_value(out, value, entities);
    }
    out.push('}');
}

fn write_node<S: TextSink>(out: &mut S, node: Option<&NodeData>) {
    let Some(node) = node else {
        out.push_str("(deleted)");
        return;
    };
    out.push('(');
    match node.telling_labels().count() {
        0 => node.labels.iter().for_each(|label| super::wrote(write!(out, ":{label}"))),
        _ => node.telling_labels().for_each(|label| super::wrote(write!(out, ":{label}"))),
    }
    let gap = if node.labels.is_empty() { "" } else { " " };
    if let Some(name) = name_of(node) {
        out.push_str(gap);
        write_name(out, &name);
    } else if !node.properties.is_empty() {
        out.push_str(gap);
        write_map(out, node.properties.iter().map(|(k, v)| (k, v)), &Entities::default());
    }
    out.push(')');
}

/// A name as it is; in quotes where it could be taken for something else than a name: another node of a path, a cell of a
/// table, nothing.
fn write_name<S: TextSink>(out: &mut S, name: &str) {
    let acts = |c: char| matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\u{2500}'..='\u{257f}');
    let edge = name.trim() != name;
    // parentheses that are closed again are of the name: Law (1998)
    let balanced = name.chars().try_fold(0i32, |depth, c| match c {
        '(' => Some(depth + 1),
        ')' => (depth > 0).then_some(depth - 1),
        c if acts(c) => None,
        _ => Some(depth),
    });
    match balanced == Some(0) && !edge && !name.contains("->") && !name.contains("<-") {
        true => out.push_str(name),
        false => out.push_str(&text::literal(&name.into(), None).unwrap_or_default()),
    }
}

fn write_rel<S: TextSink>(out: &mut S, rel: Option<&RelData>) {
    let Some(rel) = rel else {
        out.push_str("[deleted]");
        return;
    };
    let _ = write!(out, "[:{}", rel.ty);
    if !rel.properties.is_empty() {
        out.push(' ');
        write_map(out, rel.properties.iter().map(|(k, v)| (k, v)), &Entities::default());
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(labels: &[&str], properties: &[(&str, Value)]) -> NodeData {
        NodeData {
            id: 7,
            labels: labels.iter().map(|l| (*l).into()).collect(),
            properties: properties.iter().map(|(k, v)| ((*k).into(), v.clone())).collect(),
        }
    }

    #[test]
    fn a_node_is_shown_by_its_name_where_it_has_one() {
        let kurultai = data(&["institution"], &[("id", "k".into()), ("name", "National Kurultai".into())]);
        assert_eq!(node(&kurultai), "(:institution National Kurultai)");
        assert_eq!(
            node(&data(&["quantity"], &[("unit", "percent".into()), ("value", Value::Int(30))])),
            "(:quantity 30 percent)"
        );
        assert_eq!(node(&data(&["A", "B"], &[("k", Value::Int(1))])), "(:A:B {k: 1})");
        assert_eq!(node(&data(&["Entity", "law"], &[("name", "Code".into())])), "(:law Code)");
        assert_eq!(node(&data(&["Entity"], &[])), "(:Entity)");
        assert_eq!(node(&data(&[], &[])), "()");
        assert_eq!(caption(&data(&["A"], &[])), "A 7");
        assert_eq!(caption(&data(&["Person"], &[("id", Value::Int(933))])), "Person 933");
        assert_eq!(caption(&data(&[], &[("id", "a".into())])), "a");
    }

    #[test]
    fn a_name_that_looks_like_something_else_is_in_quotes() {
        for (name, shown) in [
            ("Tax Code (1998)", "(:law Tax Code (1998))"),
            ("Tax Code)-[:x]->(:law New", "(:law 'Tax Code)-[:x]->(:law New')"),
            ("a │", "(:law 'a │')"),
            ("a -> b", "(:law 'a -> b')"),
            (" a", "(:law ' a')"),
            ("a {k: 1}", "(:law 'a {k: 1}')"),
            ("Nur-Sultan: a city", "(:law Nur-Sultan: a city)"),
        ] {
            assert_eq!(node(&data(&["law"], &[("name", name.into())])), shown);
        }
    }

    #[test]
    fn a_string_has_quotes_only_inside_other_values() {
        let none = Entities::default();
        assert_eq!(cell(&"a'b".into(), &none), "a'b");
        let list = Value::list(vec!["a".into(), Value::Null, Value::Float(1.0)]).expect("short");
        assert_eq!(cell(&list, &none), "['a', null, 1.0]");
    }
}
