//! Procedures that clients of other engines call when they connect or draw a schema. Answers come from the graph's own
//! books, never from a sample.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::procedures::Builtin;
use super::show;
use super::version::State;
use crate::graph::Dir;
use crate::syntax::ast::Show;
use crate::value::{NodeRef, RelRef, Value};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "dbms.components",
        inputs: &[],
        outputs: &[("name", "STRING"), ("versions", "LIST"), ("edition", "STRING")],
        doc: "The program and its version (asked by drivers and browsers).",
        rows: |_| vec![vec!["shejire".into(), list(vec![env!("CARGO_PKG_VERSION").into()]), "community".into()]],
    },
    Builtin {
        name: "db.ping",
        inputs: &[],
        outputs: &[("success", "BOOLEAN")],
        doc: "Whether the graph answers (asked by drivers).",
        rows: |_| vec![vec![true.into()]],
    },
    Builtin {
        name: "db.info",
        inputs: &[],
        outputs: &[("id", "STRING"), ("name", "STRING"), ("creationDate", "STRING?")],
        doc: "The name of the graph (asked by browsers).",
        rows: |_| vec![vec![super::GRAPH_NAME.into(), super::GRAPH_NAME.into(), Value::Null]],
    },
    Builtin {
        name: "dbms.showCurrentUser",
        inputs: &[],
        outputs: &[("username", "STRING?"), ("roles", "LIST"), ("flags", "LIST")],
        doc: "There are no users (asked by browsers).",
        rows: |_| vec![vec![Value::Null, list(Vec::new()), list(Vec::new())]],
    },
    Builtin {
        name: "dbms.listConfig",
        inputs: &[("searchString", "STRING?")],
        outputs: &[("name", "STRING"), ("description", "STRING"), ("value", "STRING"), ("dynamic", "BOOLEAN")],
        doc: "There are no server settings (asked by browsers).",
        rows: |_| Vec::new(),
    },
    Builtin {
        name: "dbms.clientConfig",
        inputs: &[],
        outputs: &[("name", "STRING"), ("description", "STRING"), ("value", "STRING"), ("dynamic", "BOOLEAN")],
        doc: "There are no server settings (asked by browsers).",
        rows: |_| Vec::new(),
    },
    Builtin {
        name: "tx.getMetaData",
        inputs: &[],
        outputs: &[("metadata", "MAP")],
        doc: "What a client has attached to its transaction: nothing.",
        rows: |_| vec![vec![map([])]],
    },
    Builtin {
        name: "db.awaitIndexes",
        inputs: &[("timeoutSeconds", "INTEGER?")],
        outputs: &[],
        doc: "Waits for indexes: they are there as soon as they are made.",
        rows: |_| Vec::new(),
    },
    Builtin {
        name: "db.awaitIndex",
        inputs: &[("indexName", "STRING"), ("timeoutSeconds", "INTEGER?")],
        outputs: &[],
        doc: "Waits for an index: it is there as soon as it is made.",
        rows: |_| Vec::new(),
    },
    Builtin {
        name: "db.indexes",
        inputs: &[],
        outputs: &[
            ("name", "STRING"),
            ("state", "STRING"),
            ("type", "STRING"),
            ("entityType", "STRING"),
            ("labelsOrTypes", "LIST"),
            ("properties", "LIST"),
            ("owningConstraint", "STRING?"),
        ],
        doc: "What SHOW INDEXES lists, as older clients ask for it.",
        rows: |db| show::rows(db, Show::Indexes),
    },
    Builtin {
        name: "db.constraints",
        inputs: &[],
        outputs: &[
            ("name", "STRING"),
            ("type", "STRING"),
            ("entityType", "STRING"),
            ("labelsOrTypes", "LIST"),
            ("properties", "LIST"),
            ("ownedIndex", "STRING?"),
            ("propertyType", "STRING?"),
        ],
        doc: "What SHOW CONSTRAINTS lists, as older clients ask for it.",
        rows: |db| show::rows(db, Show::Constraints),
    },
    Builtin {
        name: "db.schema.nodeTypeProperties",
        inputs: &[],
        outputs: &[
            ("nodeType", "STRING"),
            ("nodeLabels", "LIST"),
            ("propertyName", "STRING?"),
            ("propertyTypes", "LIST?"),
            ("mandatory", "BOOLEAN"),
        ],
        doc: "The properties of each combination of labels, with the types of their values.",
        rows: node_type_properties,
    },
    Builtin {
        name: "db.schema.relTypeProperties",
        inputs: &[],
        outputs: &[
            ("relType", "STRING"),
            ("propertyName", "STRING?"),
            ("propertyTypes", "LIST?"),
            ("mandatory", "BOOLEAN"),
        ],
        doc: "The properties of each relationship type, with the types of their values.",
        rows: rel_type_properties,
    },
    Builtin {
        name: "db.schema.visualization",
        inputs: &[],
        outputs: &[("nodes", "LIST"), ("relationships", "LIST")],
        doc: "Labels and the relationship types between them, as maps.",
        rows: visualization,
    },
    Builtin {
        name: "apoc.meta.data",
        inputs: &[("config", "MAP?")],
        outputs: &[
            ("label", "STRING"),
            ("property", "STRING"),
            ("type", "STRING"),
            ("elementType", "STRING"),
            ("other", "LIST"),
        ],
        doc: "Labels and types with their properties and neighbours (asked by LangChain and neo4j-graphrag).",
        rows: meta_data,
    },
    Builtin {
        name: "apoc.meta.schema",
        inputs: &[("config", "MAP?")],
        outputs: &[("value", "MAP")],
        doc: "The same as one map (asked by mcp-neo4j-cypher).",
        rows: |db| vec![vec![meta_schema(db)]],
    },
];

fn list(items: Vec<Value>) -> Value {
    Value::list(items).unwrap_or_default()
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.map(|(key, value)| (Arc::from(key), value))).unwrap_or_default()
}

/// The types of a property, and how many have it.
#[derive(Default)]
struct Seen {
    types: BTreeSet<&'static str>,
    count: u64,
}

/// What is known of nodes with the same labels, or of relationships of a type.
#[derive(Default)]
struct Kind {
    count: u64,
    properties: BTreeMap<Arc<str>, Seen>,
}

impl Kind {
    fn add(&mut self, properties: impl Iterator<Item = (Arc<str>, Value)>) {
        self.count += 1;
        for (key, value) in properties {
            let seen = self.properties.entry(key).or_default();
            seen.types.insert(value.type_name());
            seen.count += 1;
        }
    }
}

fn nodes(db: &State<'_>) -> impl Iterator<Item = NodeRef> {
    let mut all = Vec::new();
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        cursor = db.graph.scan_nodes(from, &mut all, 1 << 16);
    }
    all.into_iter().map(NodeRef::new)
}

fn by_labels(db: &State<'_>) -> BTreeMap<Vec<Arc<str>>, Kind> {
    let graph = db.graph;
    let mut kinds: BTreeMap<Vec<Arc<str>>, Kind> = BTreeMap::new();
    for node in nodes(db) {
        let mut labels: Vec<Arc<str>> =
            graph.labels_of(node).iter().map(|label| Arc::from(graph.label_name(*label))).collect();
        labels.sort_unstable();
        let properties = graph.node_properties(node).into_iter().map(|(key, v)| (Arc::from(graph.key_name(key)), v));
        kinds.entry(labels).or_default().add(properties);
    }
    kinds
}

fn by_type(db: &State<'_>) -> BTreeMap<Arc<str>, Kind> {
    let graph = db.graph;
    let mut kinds: BTreeMap<Arc<str>, Kind> = BTreeMap::new();
    let mut all = Vec::new();
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        cursor = graph.scan_rels(from, &mut all, 1 << 16);
    }
    for rel in all.into_iter().map(RelRef::new) {
        let ty: Arc<str> = Arc::from(graph.type_name(graph.rel(rel).ty));
        let properties = graph.rel_properties(rel).into_iter().map(|(key, v)| (Arc::from(graph.key_name(key)), v));
        kinds.entry(ty).or_default().add(properties);
    }
    kinds
}

/// Rows of a kind: what stands first, then each property (one row with nulls when there is none).
fn property_rows(first: &[Value], kind: &Kind, out: &mut Vec<Vec<Value>>) {
    let row = |rest: [Value; 3]| first.iter().cloned().chain(rest).collect::<Vec<_>>();
    if kind.properties.is_empty() {
        out.push(row([Value::Null, Value::Null, false.into()]));
    }
    for (key, seen) in &kind.properties {
        let types = list(seen.types.iter().map(|ty| Value::from(*ty)).collect());
        out.push(row([Value::Str(key.clone()), types, (seen.count == kind.count).into()]));
    }
}

fn node_type_properties(db: &State<'_>) -> Vec<Vec<Value>> {
    let mut out = Vec::new();
    for (labels, kind) in by_labels(db) {
        let name: String = labels.iter().map(|label| format!(":`{label}`")).collect();
        property_rows(&[name.into(), list(labels.into_iter().map(Value::Str).collect())], &kind, &mut out);
    }
    out
}

fn rel_type_properties(db: &State<'_>) -> Vec<Vec<Value>> {
    let mut out = Vec::new();
    for (ty, kind) in by_type(db) {
        property_rows(&[format!(":`{ty}`").into()], &kind, &mut out);
    }
    out
}

/// Which labels each type leads from and to.
fn ends(db: &State<'_>) -> BTreeSet<(Arc<str>, Arc<str>, Arc<str>)> {
    let graph = db.graph;
    let mut out = BTreeSet::new();
    for (ty, name) in graph.names().types() {
        for (start, from) in graph.names().labels() {
            for (end, to) in graph.names().labels() {
                if graph.pattern_count(Some(start), ty, Some(end)) > 0 {
                    out.insert((Arc::from(from), Arc::from(name), Arc::from(to)));
                }
            }
        }
    }
    out
}

fn visualization(db: &State<'_>) -> Vec<Vec<Value>> {
    let used = db.graph.names().labels().filter(|(id, _)| db.graph.label_count(*id) > 0);
    let mut labels: Vec<&str> = used.map(|(_, name)| name).collect();
    labels.sort_unstable();
    let nodes = labels.into_iter().map(|label| {
        map([
            ("name", label.into()),
            ("labels", list(vec![label.into()])),
            ("properties", map([("name", label.into())])),
        ])
    });
    let relationships = ends(db)
        .into_iter()
        .map(|(from, ty, to)| map([("type", Value::Str(ty)), ("from", Value::Str(from)), ("to", Value::Str(to))]));
    vec![vec![list(nodes.collect()), list(relationships.collect())]]
}

/// The properties of a label, whatever other labels its nodes have.
fn by_label(db: &State<'_>) -> BTreeMap<Arc<str>, Kind> {
    let mut out: BTreeMap<Arc<str>, Kind> = BTreeMap::new();
    for (labels, kind) in by_labels(db) {
        for label in labels {
            let all = out.entry(label).or_default();
            all.count += kind.count;
            for (key, seen) in &kind.properties {
                let own = all.properties.entry(key.clone()).or_default();
                own.types.extend(seen.types.iter().copied());
                own.count += seen.count;
            }
        }
    }
    out
}

fn one_type(seen: &Seen) -> &'static str {
    let mut types = seen.types.iter();
    match (types.next(), types.next()) {
        (Some(only), None) => only,
        _ => "ANY",
    }
}

fn meta_data(db: &State<'_>) -> Vec<Vec<Value>> {
    let ends = ends(db);
    let mut out = Vec::new();
    let none = || list(Vec::new());
    let mut push = |label: &Arc<str>, property: &str, ty: &str, element: &str, other: Value| {
        out.push(vec![Value::Str(label.clone()), property.into(), ty.to_uppercase().into(), element.into(), other]);
    };
    for (label, kind) in by_label(db) {
        for (key, seen) in &kind.properties {
            push(&label, key, one_type(seen), "node", none());
        }
        let types: BTreeSet<&Arc<str>> =
            ends.iter().filter(|(from, _, _)| *from == label).map(|(_, ty, _)| ty).collect();
        for ty in types {
            let to = ends.iter().filter(|(from, own, _)| *from == label && own == ty);
            let to = list(to.map(|(_, _, to)| Value::Str(to.clone())).collect());
            push(&label, ty, "RELATIONSHIP", "node", to);
        }
    }
    for (ty, kind) in by_type(db) {
        for (key, seen) in &kind.properties {
            push(&ty, key, one_type(seen), "relationship", none());
        }
    }
    out
}

fn meta_schema(db: &State<'_>) -> Value {
    let ends = ends(db);
    let properties = |kind: &Kind| {
        let entries = kind.properties.iter().map(|(key, seen)| {
            (
                key.clone(),
                map([("type", one_type(seen).to_uppercase().into()), ("existence", (seen.count == kind.count).into())]),
            )
        });
        Value::map(entries).unwrap_or_default()
    };
    let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let mut all: Vec<(Arc<str>, Value)> = Vec::new();
    for (label, kind) in by_label(db) {
        let mut relationships: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        for dir in [Dir::Out, Dir::In] {
            let mut labels: BTreeMap<&Arc<str>, Vec<Value>> = BTreeMap::new();
            for (from, ty, to) in &ends {
                let (own, other) = if dir == Dir::Out { (from, to) } else { (to, from) };
                if *own == label {
                    labels.entry(ty).or_default().push(Value::Str(other.clone()));
                }
            }
            for (ty, others) in labels {
                let direction = if dir == Dir::Out { "out" } else { "in" };
                relationships
                    .entry(ty.clone())
                    .or_insert_with(|| map([("direction", direction.into()), ("labels", list(others))]));
            }
        }
        let value = map([
            ("type", "node".into()),
            ("count", count(kind.count)),
            ("properties", properties(&kind)),
            ("relationships", Value::map(relationships).unwrap_or_default()),
        ]);
        all.push((label, value));
    }
    for (ty, kind) in by_type(db) {
        let value =
            map([("type", "relationship".into()), ("count", count(kind.count)), ("properties", properties(&kind))]);
        all.push((ty, value));
    }
    Value::map(all).unwrap_or_default()
}
