//! The procedures every graph has: what labels, types and keys there are, what its books count.
//!
//! Their rows are read off the graph when a statement is prepared, so a plan that calls one is good for that
//! version of the graph only.

use std::sync::Arc;

use super::version::State;
use super::{compat, fulltext, telling};
use crate::algorithm;
use crate::function::{self, Field, Procedure, ProcedureBody};
use crate::value::Value;

pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) inputs: &'static [(&'static str, &'static str)],
    pub(super) outputs: &'static [(&'static str, &'static str)],
    pub(super) doc: &'static str,
    /// None depends on what is given.
    pub(super) rows: fn(&State<'_>) -> Vec<Vec<Value>>,
}

const ALL: &[Builtin] = &[
    Builtin {
        name: "db.labels",
        inputs: &[],
        outputs: &[("label", "STRING")],
        doc: "The labels in use.",
        rows: labels,
    },
    Builtin {
        name: "db.relationshipTypes",
        inputs: &[],
        outputs: &[("relationshipType", "STRING")],
        doc: "The relationship types in use.",
        rows: types,
    },
    Builtin {
        name: "db.propertyKeys",
        inputs: &[],
        outputs: &[("propertyKey", "STRING")],
        doc: "The property keys in use.",
        rows: keys,
    },
    Builtin {
        name: "db.sources",
        inputs: &[],
        outputs: &[("source", "STRING"), ("title", "STRING")],
        doc: "The documents that assert facts.",
        rows: sources,
    },
    Builtin {
        name: "db.counts",
        inputs: &[],
        outputs: &[("nodes", "INTEGER"), ("relationships", "INTEGER"), ("sources", "INTEGER"), ("mentions", "INTEGER")],
        doc: "How much there is.",
        rows: counts,
    },
];

fn every() -> impl Iterator<Item = &'static Builtin> {
    ALL.iter().chain(compat::ALL)
}

/// `apoc.help(text)`: the functions and procedures whose names contain a text.
fn help() -> Procedure {
    let field = |name: &str| Field { name: Arc::from(name), ty: Arc::from("STRING") };
    Procedure {
        name: "apoc.help".into(),
        inputs: vec![field("text")],
        outputs: ["type", "name", "text", "signature"].map(field).to_vec(),
        doc: "The functions and procedures whose names contain a text, in any case.",
        body: ProcedureBody::over_graph(|_, _, arguments| {
            let Some(Value::Str(asked)) = arguments.first() else { return Ok(Vec::new()) };
            let asked = asked.to_lowercase();
            let functions = function::all()
                .map(|f| ["function".into(), f.name.into(), f.doc.into(), f.signature.to_string().into()].to_vec());
            let procedures = all().map(|p| {
                let fields = |fields: &[Field]| {
                    fields.iter().map(|f| format!("{} :: {}", f.name, f.ty)).collect::<Vec<_>>().join(", ")
                };
                let signature = format!("({}) :: ({})", fields(&p.inputs), fields(&p.outputs));
                ["procedure".into(), Value::Str(p.name.clone()), p.doc.into(), signature.into()].to_vec()
            });
            let meant = |row: &Vec<Value>| matches!(&row[1], Value::Str(name) if name.to_lowercase().contains(&asked));
            let mut rows: Vec<Vec<Value>> = functions.chain(procedures).filter(meant).collect();
            rows.sort_by(|a, b| crate::value::order::order(&a[1], &b[1]));
            Ok(rows)
        }),
    }
}

/// `apoc.load.json(url)`: what LOAD CSV is for tables.
fn load_json() -> Procedure {
    let field = |(name, ty): (&str, &str)| Field { name: Arc::from(name), ty: Arc::from(ty) };
    Procedure {
        name: "apoc.load.json".into(),
        inputs: [("url", "STRING"), ("path", "STRING?"), ("config", "MAP?")].map(field).to_vec(),
        outputs: [("value", "ANY?")].map(field).to_vec(),
        doc: "The values of a JSON file in the folder that LOAD CSV may read from; the elements, where it is a list.",
        body: ProcedureBody::over_file(function::load_json),
    }
}

/// The procedures whose rows are made when they are called.
fn called() -> impl Iterator<Item = Procedure> {
    algorithm::procedures().chain(fulltext::procedures()).chain(telling::procedures()).chain([help(), load_json()])
}

/// The procedure of that name (lower case) whose rows are made when it is called.
pub(super) fn lasting(name: &str) -> Option<Arc<Procedure>> {
    called().find(|procedure| procedure.name.to_lowercase() == name).map(Arc::new)
}

/// The procedure of that name (lower case), with its rows.
pub(super) fn builtin(name: &str, db: &State<'_>) -> Option<Arc<Procedure>> {
    every().find(|b| b.name.to_lowercase() == name).map(|b| Arc::new(procedure(b, (b.rows)(db))))
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = Arc<str>> {
    every().map(|b| Arc::from(b.name)).chain(called().map(|procedure| procedure.name))
}

/// All of them, without rows.
pub(super) fn all() -> impl Iterator<Item = Arc<Procedure>> {
    every().map(|b| procedure(b, Vec::new())).chain(called()).map(Arc::new)
}

fn procedure(builtin: &Builtin, rows: Vec<Vec<Value>>) -> Procedure {
    let fields = |fields: &[(&str, &str)]| -> Vec<Field> {
        fields.iter().map(|(name, ty)| Field { name: Arc::from(*name), ty: Arc::from(*ty) }).collect()
    };
    Procedure {
        name: builtin.name.into(),
        inputs: fields(builtin.inputs),
        outputs: fields(builtin.outputs),
        doc: builtin.doc,
        body: if builtin.inputs.is_empty() {
            ProcedureBody::Table(Arc::new(rows))
        } else {
            ProcedureBody::Rows(Arc::new(rows))
        },
    }
}

fn labels(db: &State<'_>) -> Vec<Vec<Value>> {
    let used = db.graph.names().labels().filter(|(id, _)| db.graph.label_count(*id) > 0);
    sorted(used.map(|(_, name)| name))
}

fn types(db: &State<'_>) -> Vec<Vec<Value>> {
    let used = db.graph.names().types().filter(|(id, _)| db.graph.type_count(*id) > 0);
    sorted(used.map(|(_, name)| name))
}

fn keys(db: &State<'_>) -> Vec<Vec<Value>> {
    sorted(db.graph.keys_in_use().into_iter().map(|key| db.graph.key_name(key)))
}

fn sources(db: &State<'_>) -> Vec<Vec<Value>> {
    db.evidence.sources().iter().map(|s| vec![Value::Str(s.id.clone()), Value::Str(s.title.clone())]).collect()
}

fn counts(db: &State<'_>) -> Vec<Vec<Value>> {
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
