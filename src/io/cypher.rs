//! A Cypher script that makes the graph again, exactly: one statement a line, for an empty graph. The one thing that Cypher
//! has no way to write is an empty name.
//!
//! Nodes carry a helper label and key while the script runs, so that relationships find their ends by an index;
//! the last statements take both away. The names are chosen so that the graph itself does not use them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use super::{Subgraph, WriteError, Written};
use crate::error::Error;
use crate::value::{Value, text};

/// Writes the script. Errors: an empty label, type or key.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    no_empty_name(graph)?;
    let labels = graph.labels();
    let keys: BTreeSet<&str> = graph.nodes.iter().flat_map(|n| &n.properties).map(|(k, _)| &**k).collect();
    let helper = name(&free("_import", |n| labels.contains(n)));
    let key = name(&free("_import_id", |n| keys.contains(n)));
    if !graph.rels.is_empty() {
        writeln!(to, "CREATE INDEX {helper} FOR (n:{helper}) ON (n.{key});")?;
    }
    let mut line = String::new();
    for node in &graph.nodes {
        line.clear();
        line.push_str("CREATE (");
        for label in &node.labels {
            let _ = write!(line, ":{}", name(label));
        }
        if graph.rels.is_empty() {
            write_properties(&mut line, &node.properties, None);
        } else {
            let _ = write!(line, ":{helper}");
            write_properties(&mut line, &node.properties, Some((&key, node.id)));
        }
        line.push_str(");\n");
        to.write_all(line.as_bytes())?;
    }
    for rel in &graph.rels {
        line.clear();
        let _ = write!(line, "MATCH (a:{helper} {{{key}: {}}}), (b:{helper} {{{key}: {}}})", rel.start, rel.end);
        let _ = write!(line, " CREATE (a)-[:{}", name(&rel.ty));
        write_properties(&mut line, &rel.properties, None);
        line.push_str("]->(b);\n");
        to.write_all(line.as_bytes())?;
    }
    if !graph.rels.is_empty() {
        writeln!(to, "DROP INDEX {helper};")?;
        writeln!(to, "MATCH (n:{helper}) REMOVE n.{key}, n:{helper};")?;
    }
    Ok(())
}

fn no_empty_name(graph: &Subgraph) -> Written {
    let empty = |pairs: &[(Arc<str>, Value)]| pairs.iter().any(|(key, _)| key.is_empty());
    for node in &graph.nodes {
        if node.labels.iter().any(|label| label.is_empty()) || empty(&node.properties) {
            return Err(nameless("node", node.id));
        }
    }
    for rel in &graph.rels {
        if rel.ty.is_empty() || empty(&rel.properties) {
            return Err(nameless("relationship", rel.id));
        }
    }
    Ok(())
}

fn nameless(what: &str, id: u64) -> WriteError {
    let error =
        Error::data(format!("the {what} {id} has an empty name (label, type or property key): Cypher cannot write it"));
    error.hint("jsonl, neo4j, graphml and turtle can").into()
}

/// A name that can stand as label, type, key or variable whatever it holds: in back-ticks, those inside doubled.
pub(crate) fn name(text: &str) -> String {
    let plain = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { text.to_owned() } else { format!("`{}`", text.replace('`', "``")) }
}

/// A value as an expression that gives exactly this value. Properties hold no entities.
pub(crate) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => text::scalar(value).unwrap_or_default(),
        // the least integer has no literal of its own in openCypher: its digits alone do not fit
        Value::Int(i64::MIN) => format!("({} - 1)", i64::MIN + 1),
        Value::Int(n) => n.to_string(),
        Value::Float(x) if x.is_nan() => "(0.0 / 0.0)".to_owned(),
        Value::Float(x) if x.is_infinite() => format!("({}1.0 / 0.0)", if *x < 0.0 { "-" } else { "" }),
        Value::Float(x) => format!("{x:?}"),
        Value::Str(text) => quote(text),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let pairs: Vec<String> =
                map.entries().iter().map(|(k, v)| format!("{}: {}", name(k), literal(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Node(_) | Value::Rel(_) | Value::Path(_) => "null".to_owned(),
        temporal => {
            let function = temporal.type_name().to_lowercase();
            format!("{function}({})", quote(&text::scalar(temporal).unwrap_or_default()))
        }
    }
}

fn write_properties(out: &mut String, pairs: &[(Arc<str>, Value)], helper: Option<(&str, u64)>) {
    if pairs.is_empty() && helper.is_none() {
        return;
    }
    out.push_str(" {");
    let mut first = true;
    for (key, value) in pairs {
        let _ = write!(out, "{}{}: {}", if first { "" } else { ", " }, name(key), literal(value));
        first = false;
    }
    if let Some((key, id)) = helper {
        let _ = write!(out, "{}{key}: {id}", if first { "" } else { ", " });
    }
    out.push('}');
}

/// A string literal: no character of it can end the literal, a comment or a line.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if super::safe::is_control(c) => super::wrote(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// The first of `base`, `base_`, `base__` … that is not taken.
fn free(base: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = base.to_owned();
    while taken(&name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn every_statement_is_one_line_and_no_text_breaks_out_of_it() {
        let mut graph = hostile();
        let mut out = Vec::new();
        assert!(write(&graph, &mut out).is_err(), "a name is empty");
        for node in &mut graph.nodes {
            node.labels.retain(|label| !label.is_empty());
            node.properties.retain(|(key, _)| !key.is_empty());
        }
        graph.rels.retain(|rel| !rel.ty.is_empty());
        write(&graph, &mut out).expect("memory");
        let script = String::from_utf8(out).expect("text");
        // without what stands in quotes and back-ticks, nothing of the data is left
        let mut bare = String::new();
        let mut inside = None;
        let mut chars = script.chars();
        while let Some(c) = chars.next() {
            match (inside, c) {
                (Some('\''), '\\') => drop(chars.next()),
                (Some(q), c) if c == q => inside = None,
                (Some(_), _) => {}
                (None, '\'' | '`') => inside = Some(c),
                (None, c) => bare.push(c),
            }
        }
        assert!(inside.is_none() && !bare.contains("DETACH") && !bare.contains("//") && !bare.contains('$'), "{bare}");
        assert_eq!(bare.lines().count(), graph.nodes.len() + graph.rels.len() + 3);
        assert!(bare.lines().all(|l| l.ends_with(';')));
    }

    #[test]
    fn helper_names_step_aside() {
        assert_eq!(free("_import", |n| n == "_import" || n == "_import_"), "_import__");
        assert_eq!(name("a`b"), "`a``b`");
        assert_eq!(name("transferred-to"), "`transferred-to`");
        assert_eq!(name(""), "``");
    }
}
