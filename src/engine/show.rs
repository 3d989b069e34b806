//! `SHOW …`: what there is, as rows.

use std::sync::Arc;

use super::rows::Rows;
use super::version::State;
use crate::error::Result;
use crate::function::{self, Procedure, ProcedureBody};
use crate::graph::{Demand, Graph, IndexKind, KeyId, Subject};
use crate::syntax::ast::Show;
use crate::value::Value;

type Table = (&'static [&'static str], Vec<Vec<Value>>);

/// The rows of a `SHOW`.
pub(super) fn run(db: &State<'_>, show: Show) -> Result<Rows> {
    let (columns, values) = table(db, show);
    Ok(Rows::of(columns.iter().map(|c| Arc::from(*c)).collect(), values))
}

/// What `SHOW` lists as a procedure, for `SHOW … YIELD …`.
pub(super) fn procedure(name: &str, db: &State<'_>) -> Option<Arc<Procedure>> {
    let (show, name) = Show::PROCEDURES.iter().find(|(_, own)| own.eq_ignore_ascii_case(name))?;
    let (columns, rows) = table(db, *show);
    let field = |name: &&str| function::Field { name: Arc::from(*name), ty: Arc::from("ANY?") };
    Some(Arc::new(Procedure {
        name: Arc::from(*name),
        inputs: Vec::new(),
        outputs: columns.iter().map(field).collect(),
        doc: "What SHOW lists.",
        body: ProcedureBody::Table(Arc::new(rows)),
    }))
}

/// The rows without their columns.
pub(super) fn rows(db: &State<'_>, show: Show) -> Vec<Vec<Value>> {
    table(db, show).1
}

fn table(db: &State<'_>, show: Show) -> Table {
    match show {
        Show::Indexes => {
            let (columns, mut rows) = range_indexes(db);
            rows.extend(fulltext_indexes(db).1);
            (columns, rows)
        }
        Show::RangeIndexes => range_indexes(db),
        Show::FulltextIndexes => fulltext_indexes(db),
        Show::OtherIndexes => (INDEX_COLUMNS, Vec::new()),
        Show::Constraints => constraints(db),
        Show::Functions => functions(),
        Show::Procedures => procedures(db),
        Show::Labels => counted(db, "label"),
        Show::RelationshipTypes => counted(db, "relationshipType"),
        Show::PropertyKeys => (&["propertyKey"], names(db.graph.names().keys().map(|(_, name)| name))),
        Show::Sources => sources(db),
        Show::Databases => databases(db),
        // there are no users: whoever runs the program may do what its files allow
        Show::CurrentUser => {
            let row = vec![Value::Null, no_roles(), false.into(), false.into()];
            (&["user", "roles", "passwordChangeRequired", "suspended"], vec![row])
        }
        Show::Transactions => transactions(db),
        Show::Settings => (&["name", "value", "isDynamic", "defaultValue", "description"], Vec::new()),
    }
}

fn no_roles() -> Value {
    Value::list(Vec::new()).unwrap_or_default()
}

/// The one graph of an engine, under the name that other engines' clients expect.
fn databases(db: &State<'_>) -> Table {
    let access = if db.read_only { "read-only" } else { "read-write" };
    let status = Value::from("online");
    let row = vec![
        Value::from(super::GRAPH_NAME),
        Value::from("standard"),
        Value::from(access),
        Value::from("primary"),
        status.clone(),
        status,
        true.into(),
        true.into(),
    ];
    (&["name", "type", "access", "role", "requestedStatus", "currentStatus", "default", "home"], vec![row])
}

/// `TERMINATE TRANSACTIONS`: a row for each id, and whether one of them is the transaction that asks. Who asks knows no
/// other: a session's transaction is nobody else's to end.
pub(super) fn terminated(db: &State<'_>, ids: &[String]) -> (Rows, bool) {
    let is_own = |id: &String| db.in_transaction && *id == transaction_id();
    let rows = ids.iter().map(|id| {
        let message = if is_own(id) { "Transaction terminated." } else { "Transaction not found." };
        vec![Value::from(id.as_str()), Value::Null, Value::from(message)]
    });
    let rows = Rows::of(["transactionId", "username", "message"].map(Arc::from).into(), rows.collect());
    (rows, ids.iter().any(is_own))
}

/// The name of a session's transaction.
fn transaction_id() -> String {
    format!("{}-transaction-1", super::GRAPH_NAME)
}

/// The open explicit transaction; a statement outside one is over before anybody could list it.
fn transactions(db: &State<'_>) -> Table {
    let open = db
        .in_transaction
        .then(|| vec![Value::from(super::GRAPH_NAME), Value::from(transaction_id()), Value::from("open")]);
    (&["database", "transactionId", "status"], Vec::from_iter(open))
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Value::list(texts.map(Value::from).collect()).unwrap_or_default()
}

fn entity(subject: Subject) -> &'static str {
    match subject {
        Subject::Nodes(_) => "NODE",
        Subject::Rels(_) => "RELATIONSHIP",
    }
}

/// Nodes or relationships, the label or type, and the keys, as `SHOW` says them.
fn on(graph: &Graph, subject: Subject, keys: &[KeyId]) -> [Value; 3] {
    let keys = texts(keys.iter().map(|key| graph.key_name(*key)));
    [entity(subject).into(), texts([graph.subject_name(subject)].into_iter()), keys]
}

fn fulltext_indexes(db: &State<'_>) -> Table {
    let graph = db.graph;
    let rows = graph.text_definitions().map(|d| {
        let names = texts(d.subjects.iter().map(|subject| graph.subject_name(*subject)));
        let keys = texts(d.keys.iter().map(|key| graph.key_name(*key)));
        let entity = entity(d.subjects[0]).into();
        vec![Value::Str(d.name.clone()), "ONLINE".into(), "FULLTEXT".into(), entity, names, keys, Value::Null]
    });
    (INDEX_COLUMNS, rows.collect())
}

fn range_indexes(db: &State<'_>) -> Table {
    let graph = db.graph;
    let rows = graph.index_definitions().into_iter().filter(|d| d.kind != IndexKind::Exists).map(|d| {
        let owner = if d.kind == IndexKind::Unique { Value::Str(d.name.clone()) } else { Value::Null };
        let [entity, labels, keys] = on(graph, d.subject, &d.keys);
        vec![Value::Str(d.name), "ONLINE".into(), "RANGE".into(), entity, labels, keys, owner]
    });
    (INDEX_COLUMNS, rows.collect())
}

const INDEX_COLUMNS: &[&str] =
    &["name", "state", "type", "entityType", "labelsOrTypes", "properties", "owningConstraint"];

fn constraints(db: &State<'_>) -> Table {
    let graph = db.graph;
    let by_index = graph.index_definitions().into_iter().filter_map(|d| {
        let (kind, owned) = match d.kind {
            IndexKind::Index => return None,
            IndexKind::Unique => ("UNIQUENESS", Value::Str(d.name.clone())),
            IndexKind::Exists => ("NODE_PROPERTY_EXISTENCE", Value::Null),
        };
        let [entity, labels, keys] = on(graph, d.subject, &d.keys);
        Some(vec![Value::Str(d.name), kind.into(), entity, labels, keys, owned, Value::Null])
    });
    let judged = graph.constraint_definitions().iter().map(|d| {
        let entity = entity(d.subject);
        let (kind, ty) = match &d.demand {
            Demand::Unique if entity == "NODE" => ("UNIQUENESS".to_owned(), Value::Null),
            Demand::Unique => (format!("{entity}_UNIQUENESS"), Value::Null),
            Demand::Exists => (format!("{entity}_PROPERTY_EXISTENCE"), Value::Null),
            Demand::Key => (format!("{entity}_KEY"), Value::Null),
            Demand::Type(ty) => (format!("{entity}_PROPERTY_TYPE"), Value::Str(ty.clone())),
        };
        let [entity, on, keys] = on(graph, d.subject, &d.keys);
        vec![Value::Str(d.name.clone()), kind.into(), entity, on, keys, Value::Null, ty]
    });
    let columns = &["name", "type", "entityType", "labelsOrTypes", "properties", "ownedIndex", "propertyType"];
    (columns, by_index.chain(judged).collect())
}

fn functions() -> Table {
    let mut rows: Vec<Vec<Value>> = function::all()
        .map(|f| vec![Value::from(f.name), Value::from(f.signature.to_string()), Value::from(f.doc)])
        .collect();
    rows.sort_by(|a, b| crate::value::order::order(&a[0], &b[0]));
    (&["name", "signature", "description"], rows)
}

fn procedures(db: &State<'_>) -> Table {
    let own = db.procedures.by_name.values().cloned();
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

fn counted(db: &State<'_>, column: &str) -> Table {
    let graph = db.graph;
    let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    if column == "label" {
        let rows = graph.names().labels().map(|(id, name)| vec![Value::from(name), count(graph.label_count(id))]);
        return (&["label", "nodes"], sorted(rows.collect()));
    }
    let rows = graph.names().types().map(|(id, name)| vec![Value::from(name), count(graph.type_count(id))]);
    (&["relationshipType", "relationships"], sorted(rows.collect()))
}

fn sources(db: &State<'_>) -> Table {
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
