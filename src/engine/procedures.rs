//! The procedures every graph has: what labels, types and keys there are, what its books count.
//!
//! Their rows are read off the graph when a statement is prepared, so a plan that calls one is good for that
//! version of the graph only.

use std::sync::Arc;

use super::database::Database;
use crate::function::{Field, Procedure, ProcedureBody};
use crate::value::Value;

struct Builtin {
    name: &'static str,
    outputs: &'static [(&'static str, &'static str)],
    doc: &'static str,
    rows: fn(&Database) -> Vec<Vec<Value>>,
}

const ALL: &[Builtin] = &[
    Builtin { name: "db.labels", outputs: &[("label", "STRING")], doc: "The labels in use.", rows: labels },
    Builtin {
        name: "db.relationshipTypes",
        outputs: &[("relationshipType", "STRING")],
        doc: "The relationship types in use.",
        rows: types,
    },
    Builtin {
        name: "db.propertyKeys",
        outputs: &[("propertyKey", "STRING")],
        doc: "The property keys in use.",
        rows: keys,
    },
    Builtin {
        name: "db.sources",
        outputs: &[("source", "STRING"), ("title", "STRING")],
        doc: "The documents that assert facts.",
        rows: sources,
    },
    Builtin {
        name: "db.counts",
        outputs: &[("nodes", "INTEGER"), ("relationships", "INTEGER"), ("sources", "INTEGER"), ("mentions", "INTEGER")],
        doc: "How much there is.",
        rows: counts,
    },
];

/// The procedure of that name (lower case), with its rows.
pub(super) fn builtin(name: &str, db: &Database) -> Option<Arc<Procedure>> {
    ALL.iter().find(|b| b.name.to_lowercase() == name).map(|b| Arc::new(procedure(b, (b.rows)(db))))
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = Arc<str>> {
    ALL.iter().map(|b| Arc::from(b.name))
}

/// All of them, without rows.
pub(super) fn all() -> impl Iterator<Item = Arc<Procedure>> {
    ALL.iter().map(|b| Arc::new(procedure(b, Vec::new())))
}

fn procedure(builtin: &Builtin, rows: Vec<Vec<Value>>) -> Procedure {
    let outputs =
        builtin.outputs.iter().map(|(name, ty)| Field { name: Arc::from(*name), ty: Arc::from(*ty) }).collect();
    Procedure {
        name: builtin.name.into(),
        inputs: Vec::new(),
        outputs,
        doc: builtin.doc,
        body: ProcedureBody::Table(Arc::new(rows)),
    }
}

fn labels(db: &Database) -> Vec<Vec<Value>> {
    let used = db.graph.names().labels().filter(|(id, _)| db.graph.label_count(*id) > 0);
    sorted(used.map(|(_, name)| name))
}

fn types(db: &Database) -> Vec<Vec<Value>> {
    let used = db.graph.names().types().filter(|(id, _)| db.graph.type_count(*id) > 0);
    sorted(used.map(|(_, name)| name))
}

fn keys(db: &Database) -> Vec<Vec<Value>> {
    sorted(db.graph.keys_in_use().into_iter().map(|key| db.graph.key_name(key)))
}

fn sources(db: &Database) -> Vec<Vec<Value>> {
    db.evidence.sources().iter().map(|s| vec![Value::Str(s.id.clone()), Value::Str(s.title.clone())]).collect()
}

fn counts(db: &Database) -> Vec<Vec<Value>> {
    let number = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    vec![vec![
        number(db.graph.node_count()),
        number(db.graph.rel_count()),
        number(db.evidence.sources().len() as u64),
        number(db.evidence.mention_count() as u64),
    ]]
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Vec<Value>> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.into_iter().map(|name| vec![Value::from(name)]).collect()
}
