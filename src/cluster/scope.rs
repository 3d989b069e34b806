//! What a step of the query has: its columns, and what each slot is in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::types::Ty;
use crate::bind::bound::Slot;
use crate::value::Value;

/// A step's rows: the name it can be selected from, and what is in it. Names of columns are different in the whole query,
/// so that they need not say where they come from.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) vars: BTreeMap<Slot, Var>,
    /// Columns that the rows are in the order of, the first first; true: descending.
    pub(super) order: Vec<(String, bool)>,
    /// One row without columns.
    pub(super) unit: bool,
}

/// What a slot is.
#[derive(Clone, Debug)]
pub(super) struct Var {
    pub(super) ty: Ty,
    pub(super) column: String,
    /// Of a node or relationship: what comes with it.
    pub(super) of: Option<Content>,
    /// Whether it may be null.
    pub(super) nullable: bool,
    /// Least and greatest integer.
    pub(super) range: Option<Range>,
    /// Of floats: never NaN.
    pub(super) finite: bool,
    /// The same in every row, where it is known.
    pub(super) constant: Option<Value>,
    /// Of a variable-length relationship in a named path: the list of the nodes behind the first.
    pub(super) nodes: Option<String>,
}

/// Least and greatest value that an integer can have.
pub(super) type Range = (i128, i128);

/// What comes with a node or relationship.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    /// The column with the number of its table.
    pub(super) table: String,
    /// The tables it may stand in.
    pub(super) tables: Vec<usize>,
    pub(super) properties: BTreeMap<Arc<str>, Property>,
    /// The columns with the ids of its ends, of a relationship that is asked for them.
    pub(super) ends: Option<(String, String)>,
}

/// A property that comes along.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// Nothing when it is never there.
    pub(super) column: Option<String>,
    pub(super) ty: Ty,
    pub(super) range: Option<Range>,
    pub(super) finite: bool,
    /// Why it cannot be read: it has several types.
    pub(super) mixed: Option<String>,
}

impl Var {
    /// A value.
    pub(super) fn value(ty: Ty, column: String) -> Self {
        Self { ty, column, of: None, nullable: true, range: None, finite: false, constant: None, nodes: None }
    }

    /// All its columns.
    pub(super) fn columns(&self) -> Vec<&str> {
        let mut columns = vec![self.column.as_str()];
        if let Some(of) = &self.of {
            columns.push(&of.table);
            columns.extend(of.ends.iter().flat_map(|(start, end)| [start.as_str(), end.as_str()]));
            columns.extend(of.properties.values().filter_map(|p| p.column.as_deref()));
        }
        columns.extend(self.nodes.as_deref());
        columns
    }
}

impl Table {
    /// All columns, in the order of slots; those it is ordered by last.
    pub(super) fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.vars.values().flat_map(Var::columns).collect();
        columns.extend(self.order.iter().map(|(column, _)| column.as_str()));
        let mut seen = std::collections::BTreeSet::new();
        columns.retain(|column| seen.insert(*column));
        columns
    }

    /// The columns as a list to select; something where there is none.
    pub(super) fn list(&self) -> String {
        let columns = self.columns();
        if columns.is_empty() { "1 AS one".to_owned() } else { columns.join(", ") }
    }

    /// `ORDER BY …`, or nothing.
    pub(super) fn order_by(&self) -> String {
        let keys = self.order.iter().map(|(column, descending)| match descending {
            false => format!("{column} ASC NULLS LAST"),
            true => format!("{column} DESC NULLS FIRST"),
        });
        let keys = keys.collect::<Vec<_>>().join(", ");
        if keys.is_empty() { keys } else { format!(" ORDER BY {keys}") }
    }
}
