//! `SHOW …`: what there is, as rows.

use std::sync::Arc;

use super::database::Database;
use super::rows::Rows;
use crate::error::Result;
use crate::function;
use crate::graph::IndexKind;
use crate::syntax::ast::Show;
use crate::value::Value;

type Table = (&'static [&'static str], Vec<Vec<Value>>);

/// The rows of a `SHOW`.
pub(super) fn run(db: &Database, show: Show) -> Result<Rows> {
    let (columns, values) = match show {
        Show::Indexes => indexes(db, |kind| kind == IndexKind::Index),
        Show::Constraints => indexes(db, |kind| kind != IndexKind::Index),
        Show::Functions => functions(),
        Show::Procedures => procedures(db),
        Show::Labels => counted(db, "label"),
        Show::RelationshipTypes => counted(db, "relationshipType"),
        Show::PropertyKeys => (&["propertyKey"] as &[_], names(db.graph.names().keys().map(|(_, name)| name))),
        Show::Sources => sources(db),
    };
    Ok(Rows::of(columns.iter().map(|c| Arc::from(*c)).collect(), values))
}

fn indexes(db: &Database, wanted: impl Fn(IndexKind) -> bool) -> Table {
    let graph = &db.graph;
    let rows = graph.index_definitions().into_iter().filter(|d| wanted(d.kind)).map(|d| {
        let kind = match d.kind {
            IndexKind::Index => "INDEX",
            IndexKind::Unique => "UNIQUE",
            IndexKind::Exists => "NOT NULL",
        };
        vec![
            Value::Str(d.name.clone()),
            Value::from(kind),
            Value::from(graph.label_name(d.label)),
            Value::from(graph.key_name(d.key)),
        ]
    });
    (&["name", "type", "label", "property"], rows.collect())
}

fn functions() -> Table {
    let mut rows: Vec<Vec<Value>> = function::all()
        .map(|f| vec![Value::from(f.name), Value::from(f.signature.to_string()), Value::from(f.doc)])
        .collect();
    rows.sort_by(|a, b| crate::value::order::order(&a[0], &b[0]));
    (&["name", "signature", "description"], rows)
}

fn procedures(db: &Database) -> Table {
    let own = db.procedures.values().cloned();
    let mut all: Vec<_> = own.chain(super::procedures::all()).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let fields = |fields: &[function::Field]| {
        let words: Vec<String> = fields.iter().map(|f| format!("{} :: {}", f.name, f.ty)).collect();
        Value::from(words.join(", "))
    };
    let rows =
        all.iter().map(|p| vec![Value::Str(p.name.clone()), fields(&p.inputs), fields(&p.outputs), Value::from(p.doc)]);
    (&["name", "arguments", "columns", "description"], rows.collect())
}

fn counted(db: &Database, column: &str) -> Table {
    let graph = &db.graph;
    let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    if column == "label" {
        let rows = graph.names().labels().map(|(id, name)| vec![Value::from(name), count(graph.label_count(id))]);
        return (&["label", "nodes"], sorted(rows.collect()));
    }
    let rows = graph.names().types().map(|(id, name)| vec![Value::from(name), count(graph.type_count(id))]);
    (&["relationshipType", "relationships"], sorted(rows.collect()))
}

fn sources(db: &Database) -> Table {
    let text = |t: &Arc<str>| if t.is_empty() { Value::Null } else { Value::Str(t.clone()) };
    let rows = db.evidence.sources().iter().map(|s| vec![text(&s.id), text(&s.title), text(&s.group), text(&s.date)]);
    (&["source", "title", "group", "date"], rows.collect())
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Vec<Value>> {
    sorted(names.map(|name| vec![Value::from(name)]).collect())
}

fn sorted(mut rows: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    rows.sort_by(|a, b| crate::value::order::order(&a[0], &b[0]));
    rows
}
