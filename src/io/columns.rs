//! A graph as two tables, of nodes and of relationships, with the columns of `neo4j-admin database import`: what CSV, workbooks
//! and Parquet have in common.
//!
//! No two columns have the same name. A key whose values have several types has one column: of decimals where all are
//! numbers, else of text. What this says less exactly, and what no column can hold — a label with `;` in it, a key that cannot
//! stand in a header, a list of lists, text that the form has no way to write — stands as JSON in columns that neo4j-admin is
//! told to ignore and `import` reads (see `read::neo4j_csv`).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::exact::Plain;
use super::read::neo4j_csv::header::{EXACT_LABELS, EXACT_PROPERTIES};
use super::{Subgraph, Written, json};
use crate::engine::Entities;
use crate::error::{Error, Result};
use crate::value::{Value, text};

/// Between labels, and between the elements of a list.
const BETWEEN: char = ';';

type Properties = [(Arc<str>, Value)];

/// A cell to be written.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Nothing,
    /// Text that the program makes.
    Text(Cow<'a, str>),
    /// A value of the type of its column.
    Value(Cow<'a, Value>),
}

/// What a form can hold.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Whether it can hold a text as it is; nothing where it can hold any.
    pub text: Option<fn(&str) -> bool>,
    /// Whether it can hold a value that has a type of its own.
    pub value: fn(&Value) -> bool,
    /// What JSON becomes so that it can hold it.
    pub json: fn(String) -> String,
}

impl Form {
    /// Anything at all.
    pub(super) const ANY: Self = Self { text: None, value: |_| true, json: |json| json };

    fn holds(self, text: &str) -> bool {
        self.text.is_none_or(|holds| holds(text))
    }

    fn takes(self, value: &Value) -> bool {
        (self.value)(value) && self.text.is_none_or(|holds| holds(&cell(value)))
    }
}

/// Who takes a row of cells.
pub(super) type Take<'t> = &'t mut dyn FnMut(Vec<Cell<'_>>) -> Written;

/// The columns of the nodes of a graph, then its nodes.
pub(super) struct Nodes<'g> {
    graph: &'g Subgraph,
    form: Form,
    /// Every label stands in the column of labels.
    plain: bool,
    columns: Columns<'g>,
}

impl<'g> Nodes<'g> {
    pub(super) fn of(graph: &'g Subgraph, form: Form) -> Self {
        let columns = Columns::of(graph.nodes.iter().map(|n| n.properties.as_slice()), form);
        let plain = graph.labels().iter().all(|label| is_plain_label(label, form));
        Self { graph, form, plain, columns }
    }

    /// The titles of the columns.
    pub(super) fn titles(&self) -> Vec<String> {
        let own = [":ID{id-type:long}", ":LABEL"].map(str::to_owned).into_iter();
        let exact = (!self.plain).then(|| format!("{EXACT_LABELS}:IGNORE"));
        own.chain(exact).chain(self.columns.titles()).collect()
    }

    pub(super) fn rows(&self, take: Take<'_>) -> Written {
        let fits = |label: &Arc<str>| is_plain_label(label, self.form);
        for node in &self.graph.nodes {
            let labels: Vec<&str> = node.labels.iter().filter(|label| fits(label)).map(|label| &**label).collect();
            let mut cells = vec![Cell::Value(Cow::Owned(Value::Int(number(node.id))))];
            cells.push(if labels.is_empty() { Cell::Nothing } else { Cell::Text(labels.join(";").into()) });
            if !self.plain {
                cells.push(match node.labels.iter().all(fits) {
                    true => Cell::Nothing,
                    false => {
                        let mut out = String::new();
                        json::write_array(&mut out, node.labels.iter(), |out, label| json::write_string(out, label));
                        Cell::Text((self.form.json)(out).into())
                    }
                });
            }
            self.columns.cells(&node.properties, &mut cells)?;
            take(cells)?;
        }
        Ok(())
    }
}

/// The columns of the relationships of a graph, then its relationships.
pub(super) struct Rels<'g> {
    graph: &'g Subgraph,
    columns: Columns<'g>,
}

impl<'g> Rels<'g> {
    /// Errors: a type that the form cannot hold.
    pub(super) fn of(graph: &'g Subgraph, form: Form) -> Result<Self> {
        if let Some(ty) = graph.types().into_iter().find(|ty| !form.holds(ty)) {
            return Err(Error::data(format!("the type {ty:?} cannot be written in this form"))
                .hint("neo4j writes CSV, which can hold it"));
        }
        Ok(Self { graph, columns: Columns::of(graph.rels.iter().map(|r| r.properties.as_slice()), form) })
    }

    /// The titles of the columns.
    pub(super) fn titles(&self) -> Vec<String> {
        let own = [":START_ID", ":END_ID", ":TYPE"].map(str::to_owned).into_iter();
        own.chain(self.columns.titles()).collect()
    }

    pub(super) fn rows(&self, take: Take<'_>) -> Written {
        for rel in &self.graph.rels {
            let end = |id| Cell::Value(Cow::Owned(Value::Int(number(id))));
            let mut cells = vec![end(rel.start), end(rel.end), Cell::Text((&*rel.ty).into())];
            self.columns.cells(&rel.properties, &mut cells)?;
            take(cells)?;
        }
        Ok(())
    }
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX) // ids stay below i64::MAX
}

fn is_plain_label(label: &str, form: Form) -> bool {
    !label.is_empty() && !label.contains(BETWEEN) && form.holds(label)
}

/// Whether a header can name the key, and means nothing else by it.
fn is_plain_key(key: &str, form: Form) -> bool {
    let taken = [EXACT_LABELS, EXACT_PROPERTIES].contains(&key);
    let odd = key.contains(['{', '}', '(', ')', '\u{feff}']);
    !key.is_empty() && key.trim() == key && !odd && !taken && form.holds(key)
}

/// The columns of the properties of one table: key and type.
struct Columns<'g> {
    form: Form,
    plain: BTreeMap<&'g str, Column>,
    /// Some properties stand in the column of exact ones.
    rest: bool,
}

struct Column {
    ty: &'static str,
    /// The values are of several types.
    mixed: Option<Plain>,
}

impl<'g> Columns<'g> {
    fn of(all: impl Iterator<Item = &'g Properties>, form: Form) -> Self {
        let mut columns = Self { form, plain: BTreeMap::new(), rest: false };
        let mut odd = BTreeSet::new();
        for (key, value) in all.flatten() {
            if odd.contains(&**key) {
                continue;
            }
            let Some(ty) = type_of(value).filter(|_| is_plain_key(key, form)) else {
                columns.rest = true;
                if !is_plain_key(key, form) {
                    odd.insert(&**key);
                }
                continue;
            };
            columns.rest |= !form.takes(value);
            let column = columns.plain.entry(key).or_insert(Column { ty, mixed: None });
            if column.ty != ty {
                let numbers = |ty| matches!(ty, "long" | "double");
                let number = numbers(ty) && numbers(column.ty) && column.mixed != Some(Plain::Text);
                column.mixed = Some(if number { Plain::Number } else { Plain::Text });
                column.ty = if number { "double" } else { "string" };
                columns.rest = true;
            }
        }
        columns
    }

    fn titles(&self) -> impl Iterator<Item = String> + use<'_, 'g> {
        let plain = self.plain.iter().map(|(key, column)| format!("{key}:{}", column.ty));
        plain.chain(self.rest.then(|| format!("{EXACT_PROPERTIES}:IGNORE")))
    }

    fn cells<'a>(&self, properties: &'a Properties, cells: &mut Vec<Cell<'a>>) -> Result<()> {
        let mut exact: Vec<(Arc<str>, Value)> = Vec::new();
        for (key, column) in &self.plain {
            let Some((key, value)) = properties.iter().find(|(k, _)| &**k == *key) else {
                cells.push(Cell::Nothing);
                continue;
            };
            let ty = type_of(value);
            let plain = match column.mixed {
                _ if ty == Some(column.ty) => Some(Cow::Borrowed(value)),
                Some(mixed) if ty.is_some() => {
                    exact.push((Arc::clone(key), value.clone()));
                    Some(Cow::Owned(mixed.of(value)))
                }
                _ => {
                    exact.push((Arc::clone(key), value.clone()));
                    None
                }
            };
            cells.push(match plain {
                Some(plain) if self.form.takes(&plain) => Cell::Value(plain),
                Some(_) => {
                    if exact.last().is_none_or(|(known, _)| known != key) {
                        exact.push((Arc::clone(key), value.clone()));
                    }
                    Cell::Nothing
                }
                None => Cell::Nothing,
            });
        }
        if self.rest {
            let others = properties.iter().filter(|(key, _)| !self.plain.contains_key(&**key));
            exact.extend(others.cloned());
            cells.push(match exact.is_empty() {
                true => Cell::Nothing,
                false => {
                    let mut out = String::new();
                    json::write_value(&mut out, &Value::map(exact)?, &Entities::default());
                    Cell::Text((self.form.json)(out).into())
                }
            });
        }
        Ok(())
    }
}

/// The type of the column that holds the value; nothing where neo4j has none.
fn type_of(value: &Value) -> Option<&'static str> {
    let all = |items: &[Value], fits: fn(&Value) -> bool| !items.is_empty() && items.iter().all(fits);
    Some(match value {
        Value::Int(_) => "long",
        Value::Float(_) => "double",
        Value::Bool(_) => "boolean",
        Value::Str(_) => "string",
        Value::Date(_) => "date",
        Value::LocalTime(_) => "localtime",
        Value::Time(_) => "time",
        Value::LocalDateTime(_) => "localdatetime",
        Value::DateTime(_) => "datetime",
        Value::Duration(_) => "duration",
        Value::List(list) if all(list.items(), |v| matches!(v, Value::Int(_))) => "long[]",
        Value::List(list) if all(list.items(), |v| matches!(v, Value::Str(text) if !text.contains(BETWEEN))) => {
            "string[]"
        }
        _ => return None,
    })
}

/// A value as its column is read.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::List(items) => items.iter().map(|v| text::scalar(v).unwrap_or_default()).collect::<Vec<_>>().join(";"),
        Value::Float(x) => format!("{x:?}").replace("inf", "Infinity"),
        other => text::scalar(other).unwrap_or_default(),
    }
}
