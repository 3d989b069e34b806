//! GML, as networkx, igraph, Gephi and yEd read it.
//!
//! ```text
//! graph [
//!   directed 1
//!   multigraph 1
//!   node [
//!     id 0
//!     label "Ada"
//!     labels ":Person"
//!     born 1815
//!   ]
//!   edge [
//!     source 0
//!     target 1
//!     label "KNOWS"
//!   ]
//! ]
//! ```
//!
//! Names of keys are letters, digits and `_` in GML: anything else becomes `_`, and a key that would be another's, or one of
//! GML's own, gets `property_` in front. No two nodes have the same label, because networkx finds them by it. Values that GML
//! has no type for are text.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use super::{Subgraph, Written, cypher, text, wrote};
use crate::engine::Entities;
use crate::value::Value;

/// Keys that mean something in GML, or to a program that reads it.
const TAKEN: [&str; 10] =
    ["id", "label", "labels", "source", "target", "key", "graphics", "LabelGraphics", "directed", "multigraph"];

/// Writes a directed graph.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let node_keys = names(graph.nodes.iter().flat_map(|node| &node.properties));
    let rel_keys = names(graph.rels.iter().flat_map(|rel| &rel.properties));
    let mut labels: HashSet<String> = HashSet::new();
    to.write_all(b"graph [\n  directed 1\n  multigraph 1\n")?;
    for node in &graph.nodes {
        let mut label = text::caption(node);
        if !labels.insert(label.clone()) {
            label = format!("{label} ({})", node.id);
            labels.insert(label.clone());
        }
        let mut out = format!("  node [\n    id {}\n", node.id);
        line(&mut out, "label", &Value::from(label));
        if !node.labels.is_empty() {
            let all: String = node.labels.iter().map(|label| format!(":{}", cypher::name(label))).collect();
            line(&mut out, "labels", &Value::from(all));
        }
        properties(&mut out, &node_keys, &node.properties);
        out.push_str("  ]\n");
        to.write_all(out.as_bytes())?;
    }
    for rel in &graph.rels {
        let mut out = format!("  edge [\n    source {}\n    target {}\n    key {}\n", rel.start, rel.end, rel.id);
        line(&mut out, "label", &Value::Str(rel.ty.clone()));
        properties(&mut out, &rel_keys, &rel.properties);
        out.push_str("  ]\n");
        to.write_all(out.as_bytes())?;
    }
    Ok(to.write_all(b"]\n")?)
}

/// The name of each key in the file; those that can stay as they are do.
fn names<'g>(all: impl Iterator<Item = &'g (Arc<str>, Value)>) -> BTreeMap<&'g str, String> {
    let keys: BTreeSet<&str> = all.map(|(key, _)| &**key).collect();
    let fit = |key: &str| {
        let letter = key.starts_with(|c: char| c.is_ascii_alphabetic());
        letter && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !TAKEN.contains(&key)
    };
    let (plain, odd): (Vec<&str>, Vec<&str>) = keys.into_iter().partition(|key| fit(key));
    let mut names: BTreeMap<&str, String> = plain.iter().map(|key| (*key, (*key).to_owned())).collect();
    let mut taken: HashSet<String> = names.values().cloned().collect();
    for key in odd {
        let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let mut name: String = key.chars().map(safe).collect();
        while !fit(&name) || taken.contains(&name) {
            name.insert_str(0, "property_");
        }
        taken.insert(name.clone());
        names.insert(key, name);
    }
    names
}

fn properties(out: &mut String, names: &BTreeMap<&str, String>, pairs: &[(Arc<str>, Value)]) {
    for (key, value) in pairs {
        if let Some(name) = names.get(&**key) {
            line(out, name, value);
        }
    }
}

fn line(out: &mut String, name: &str, value: &Value) {
    let _ = match value {
        Value::Null => return,
        Value::Bool(yes) => writeln!(out, "    {name} {}", u8::from(*yes)),
        // integers of GML have 32 bits
        Value::Int(n) if i32::try_from(*n).is_ok() => writeln!(out, "    {name} {n}"),
        Value::Float(x) => writeln!(out, "    {name} {}", real(*x)),
        other => writeln!(out, "    {name} \"{}\"", escaped(&text::cell(other, &Entities::default()))),
    };
}

/// A number with a point in it, by which it is none of the integers.
fn real(x: f64) -> String {
    if x.is_nan() {
        return "NAN".to_owned();
    }
    if x.is_infinite() {
        return if x < 0.0 { "-INF" } else { "+INF" }.to_owned();
    }
    let text = format!("{x:?}");
    match text.split_once('e') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0E{power}"),
        Some((digits, power)) => format!("{digits}E{power}"),
        None => text,
    }
}

/// Text in ASCII: everything else stands as the number of its character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            ' '..='~' => out.push(c),
            _ => wrote(write!(out, "&#{};", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn it_is_ascii_without_a_stray_quotation_mark_and_no_name_stands_twice() {
        let mut out = Vec::new();
        write(&hostile(), &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.bytes().all(|b| b == b'\n' || (b' '..=b'~').contains(&b)));
        for line in text.lines() {
            let quotes = line.matches('"').count();
            assert!(quotes == 0 || quotes == 2 && line.ends_with('"'), "{line}");
        }
        let properties: Vec<(Arc<str>, Value)> =
            ["id", "a b", "a_b", "a-b", "ж", "", "7"].map(|key| (key.into(), Value::Null)).into();
        let names = names(properties.iter());
        let different: HashSet<&String> = names.values().collect();
        assert_eq!(different.len(), 7, "{names:?}");
        assert_eq!((names["a_b"].as_str(), names["id"].as_str()), ("a_b", "property_id"));
    }

    #[test]
    fn numbers_are_those_of_the_format() {
        assert_eq!([1.0, 1e300, -1.5e-9, f64::NAN].map(real), ["1.0", "1.0E300", "-1.5E-9", "NAN"]);
    }
}
