//! Cells become values, and ids the nodes and relationships that they are of: those are looked up in their tables once the
//! rows are there, so that a row carries a number where the answer shows a whole node.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Cluster;
use super::client::Cell;
use super::expression::all_of;
use super::lower::Lowered;
use super::types::Ty;
use crate::engine::{Entities, NodeData, RelData, Rows};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::layout::{Column, ColumnType};
use crate::value::hash::DataMap;
use crate::value::temporal::Date;
use crate::value::{NodeRef, Path, RelRef, Value, order};

/// Ids that are looked up in one query.
const AT_ONCE: usize = 5_000;

/// The rows of an answer.
pub(super) fn rows(cluster: &Cluster, lowered: &Lowered, mut cells: Vec<Vec<Cell>>) -> Result<Rows> {
    // what a server sorts in parts it may hand over part by part (Sail 0.7 has done so)
    let keys = lowered.columns.len() + lowered.located.len();
    cells.sort_by(|a, b| ordered(&lowered.order, a.get(keys..).unwrap_or_default(), b.get(keys..).unwrap_or_default()));
    let mut found = Found::default();
    let width = lowered.columns.len();
    for row in &cells {
        for ((_, ty), cell) in lowered.columns.iter().zip(row) {
            found.note(ty, cell);
        }
        for (column, table) in lowered.located.iter().zip(row.iter().skip(width)) {
            if let (Some(Cell::Int(id)), Cell::Int(table)) = (row.get(*column), table) {
                let of = if lowered.columns[*column].1 == Ty::Node { &mut found.nodes } else { &mut found.rels };
                of.insert(*id, usize::try_from(*table).ok());
            }
        }
    }
    let mut entities = Entities::default();
    let nodes = found.look_up_nodes(cluster, &mut entities)?;
    let rels = found.look_up_rels(cluster, &mut entities)?;
    let known = Known { nodes, rels };
    let mut out = Vec::with_capacity(cells.len());
    for row in cells {
        let values = lowered.columns.iter().zip(row).map(|((_, ty), cell)| known.value(ty, cell));
        out.push(values.collect::<Result<Vec<Value>>>()?);
    }
    let columns: Arc<[Arc<str>]> = lowered.columns.iter().map(|(name, _)| Arc::clone(name)).collect();
    Ok(Rows { entities, ..Rows::of(columns, out) })
}

/// The order of two rows by their keys: null is the last, and first where the order is descending.
fn ordered(order: &[bool], a: &[Cell], b: &[Cell]) -> Ordering {
    let each = order.iter().zip(a.iter().zip(b)).map(|(descending, (a, b))| {
        let ordering = match (a, b) {
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) => Ordering::Greater,
            (_, Cell::Null) => Ordering::Less,
            (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
            (Cell::Int(a), Cell::Int(b)) | (Cell::Days(a), Cell::Days(b)) => a.cmp(b),
            (Cell::Str(a), Cell::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Cell::Float(a), Cell::Float(b)) => order::order(&Value::Float(*a), &Value::Float(*b)),
            _ => Ordering::Equal,
        };
        if *descending { ordering.reverse() } else { ordering }
    });
    each.fold(Ordering::Equal, Ordering::then)
}

/// The ids in an answer, with the tables that are known of them.
#[derive(Default)]
struct Found {
    nodes: BTreeMap<i64, Option<usize>>,
    rels: BTreeMap<i64, Option<usize>>,
}

impl Found {
    fn note(&mut self, ty: &Ty, cell: &Cell) {
        match (ty, cell) {
            (Ty::Node, Cell::Int(id)) => {
                self.nodes.entry(*id).or_default();
            }
            (Ty::Rel, Cell::Int(id)) => {
                self.rels.entry(*id).or_default();
            }
            (Ty::Path, Cell::Struct(parts)) => {
                for (part, ty) in parts.iter().zip([Ty::Node, Ty::Rel]) {
                    self.note(&Ty::List(Box::new(ty)), part);
                }
            }
            (Ty::List(element), Cell::List(items)) => items.iter().for_each(|item| self.note(element, item)),
            (Ty::Map(fields), Cell::Struct(items)) => {
                fields.iter().zip(items).for_each(|((_, ty), item)| self.note(ty, item));
            }
            _ => {}
        }
    }

    fn look_up_nodes(&self, cluster: &Cluster, entities: &mut Entities) -> Result<DataMap<i64, NodeRef>> {
        let folders: Vec<&str> = cluster.layout.nodes.iter().map(|table| table.folder.as_str()).collect();
        let tables = located(cluster, &self.nodes, &folders, "node")?;
        let mut handles = DataMap::default();
        for (number, ids) in tables {
            let table = &cluster.layout.nodes[number];
            let mut labels: Vec<Arc<str>> = table.labels.iter().map(|label| Arc::from(label.as_str())).collect();
            labels.sort_unstable();
            for row in content(cluster, &table.folder, "_id", &table.columns, &ids)? {
                let mut row = row.into_iter();
                let id = id(row.next())?;
                let properties = properties(&table.columns, row)?;
                let handle = NodeRef::new(number_of(handles.len())?);
                handles.insert(id, handle);
                let data = NodeData { id: id.unsigned_abs(), labels: labels.clone(), properties };
                entities.nodes.insert((handle, 0), data);
            }
        }
        Ok(handles)
    }

    fn look_up_rels(&self, cluster: &Cluster, entities: &mut Entities) -> Result<DataMap<i64, RelRef>> {
        let folders: Vec<&str> = cluster.layout.relationships.iter().map(|table| table.folder.as_str()).collect();
        let tables = located(cluster, &self.rels, &folders, "relationship")?;
        let mut handles = DataMap::default();
        for (number, ids) in tables {
            let table = &cluster.layout.relationships[number];
            let ty: Arc<str> = Arc::from(table.ty.as_str());
            for row in content(cluster, &table.folder, "_id, _src, _dst", &table.columns, &ids)? {
                let mut row = row.into_iter();
                let (id, start, end) = (id(row.next())?, id(row.next())?, id(row.next())?);
                let properties = properties(&table.columns, row)?;
                let handle = RelRef::new(number_of(handles.len())?);
                handles.insert(id, handle);
                let [id, start, end] = [id, start, end].map(i64::unsigned_abs);
                entities.rels.insert((handle, 0), RelData { id, ty: Arc::clone(&ty), start, end, properties });
            }
        }
        Ok(handles)
    }
}

fn number_of(count: usize) -> Result<u32> {
    u32::try_from(count).map_err(|_| Error::limit(Code::Rows, "an answer with more nodes than there are handles"))
}

fn id(cell: Option<Cell>) -> Result<i64> {
    match cell {
        Some(Cell::Int(id)) => Ok(id),
        _ => Err(lost("a row of a table without an id".to_owned())),
    }
}

fn lost(what: String) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::ClusterFailed, what)
        .hint("are the tables those that graph.toml describes?")
}

/// The ids by table: those of which it is not known are sought in all of them.
fn located(
    cluster: &Cluster,
    ids: &BTreeMap<i64, Option<usize>>,
    folders: &[&str],
    what: &str,
) -> Result<BTreeMap<usize, Vec<i64>>> {
    let mut tables: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    let mut open = BTreeSet::new();
    for (id, table) in ids {
        match table.filter(|table| *table < folders.len()) {
            Some(table) => tables.entry(table).or_default().push(*id),
            None => {
                open.insert(*id);
            }
        }
    }
    if let [_] = folders {
        tables.entry(0).or_default().extend(std::mem::take(&mut open));
    }
    let open: Vec<i64> = open.into_iter().collect();
    for some in open.chunks(AT_ONCE) {
        let list = listed(some);
        let parts = folders.iter().enumerate().map(|(number, folder)| {
            format!("SELECT _id, {number} AS t FROM parquet.`{}/{folder}` WHERE _id IN ({list})", cluster.folder)
        });
        let sql = all_of(&parts.collect::<Vec<_>>());
        if sql.is_empty() {
            return Err(lost(format!("there are no tables to look a {what} up in")));
        }
        let mut seen = 0;
        for row in cluster.client.rows(&sql, &[])? {
            if let [Cell::Int(id), Cell::Int(table)] = row.as_slice() {
                tables.entry(usize::try_from(*table).unwrap_or_default()).or_default().push(*id);
                seen += 1;
            }
        }
        if seen != some.len() {
            return Err(lost(format!("of {} ids of a {what} {seen} are in the tables", some.len())));
        }
    }
    Ok(tables)
}

fn listed(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Rows of a table by id.
fn content(cluster: &Cluster, folder: &str, own: &str, columns: &[Column], ids: &[i64]) -> Result<Vec<Vec<Cell>>> {
    let mut select = own.to_owned();
    columns.iter().for_each(|column| select.push_str(&format!(", `{}`", column.column)));
    let mut rows = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        let list = listed(some);
        let sql = format!("SELECT {select} FROM parquet.`{}/{folder}` WHERE _id IN ({list})", cluster.folder);
        let found = cluster.client.rows(&sql, &[])?;
        if found.len() != some.len() {
            return Err(lost(format!("of {} ids {} are in {folder}", some.len(), found.len())));
        }
        rows.extend(found);
    }
    Ok(rows)
}

/// The properties of a row, in order of key.
fn properties(columns: &[Column], cells: impl Iterator<Item = Cell>) -> Result<Vec<(Arc<str>, Value)>> {
    let known = Known::default();
    let mut properties: Vec<(Arc<str>, Value)> = Vec::new();
    for (column, cell) in columns.iter().zip(cells) {
        let value = known.value(&Ty::of_column(column.ty), cell)?;
        if !value.is_null() {
            properties.push((Arc::from(column.key.as_str()), value));
        }
    }
    properties.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(properties)
}

/// The handles of what was looked up.
#[derive(Default)]
struct Known {
    nodes: DataMap<i64, NodeRef>,
    rels: DataMap<i64, RelRef>,
}

impl Known {
    /// A cell as the value that its type says.
    fn value(&self, ty: &Ty, cell: Cell) -> Result<Value> {
        Ok(match (ty, cell) {
            (Ty::FloatSum, Cell::Null) => Value::Int(0),
            (_, Cell::Null) => Value::Null,
            (Ty::Bool, Cell::Bool(yes)) => Value::Bool(yes),
            (Ty::Int, Cell::Int(n)) => Value::Int(n),
            (Ty::Float | Ty::FloatSum, Cell::Float(x)) => Value::Float(x),
            (Ty::Str, Cell::Str(text)) => Value::Str(text),
            (Ty::Date, Cell::Days(days)) => Value::Date(Date { days }),
            (Ty::Moment(ty), Cell::Str(text)) => moment(*ty, &text)?,
            (Ty::Among(values), Cell::Int(number)) => {
                let value = usize::try_from(number).ok().and_then(|number| values.get(number));
                value.cloned().ok_or_else(|| lost(format!("a value by the number {number}")))?
            }
            (Ty::Node, Cell::Int(id)) => Value::Node(self.node(id)?),
            (Ty::Rel, Cell::Int(id)) => Value::Rel(self.rel(id)?),
            (Ty::List(element), Cell::List(items)) => {
                Value::list(items.into_iter().map(|item| self.value(element, item)).collect::<Result<_>>()?)?
            }
            (Ty::Map(fields), Cell::Struct(items)) => {
                let entries =
                    fields.iter().zip(items).map(|((key, ty), item)| Ok((Arc::clone(key), self.value(ty, item)?)));
                Value::map(entries.collect::<Result<Vec<_>>>()?)?
            }
            (Ty::Path, Cell::Struct(parts)) => {
                let [Cell::List(nodes), Cell::List(rels)] = parts.as_slice() else {
                    return Err(lost("a path that is none".to_owned()));
                };
                let nodes = nodes.iter().map(|cell| self.node(id(Some(cell.clone()))?)).collect::<Result<_>>()?;
                let rels = rels.iter().map(|cell| self.rel(id(Some(cell.clone()))?)).collect::<Result<_>>()?;
                Value::Path(Arc::new(Path { nodes, rels, cost: None }))
            }
            (ty, cell) => return Err(lost(format!("a {} was asked for, {cell:?} came", ty.name()))),
        })
    }

    fn node(&self, id: i64) -> Result<NodeRef> {
        self.nodes.get(&id).copied().ok_or_else(|| lost(format!("node {id} is in no table")))
    }

    fn rel(&self, id: i64) -> Result<RelRef> {
        self.rels.get(&id).copied().ok_or_else(|| lost(format!("relationship {id} is in no table")))
    }
}

/// A moment or a duration out of its text.
fn moment(ty: ColumnType, text: &str) -> Result<Value> {
    let wrong = || lost(format!("{text:?} is no {}", ty.name()));
    let function = crate::function::lookup(ty.name()).ok_or_else(wrong)?;
    crate::engine::constant_call(function, text).map_err(|_| wrong())
}
