//! A graph as tables for engines that read Parquet from many machines: `export parquet --layout graph`.
//!
//! ```text
//! DIR/graph.toml                      what there is: tables, labels, types, columns, counts
//! DIR/nodes/0-Person/                 one folder a combination of labels: a node stands in one table
//! DIR/relationships/0-KNOWS-0-0/      one folder a type, table of the start, table of the end; sorted by start
//! DIR/sources.parquet, DIR/mentions.parquet   who says so, where there is evidence
//! ```
//!
//! Columns of nodes are `_id` and one a property; of relationships `_id`, `_src`, `_dst` and one a property. A column has
//! one type: a key whose values have several in one table has a column of each, and whoever reads it is told so by
//! `graph.toml`. Nothing is ever written less exactly than it is: what no column can hold is refused by name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::columnar::{Held, Kind, Table};
use super::{WriteError, Written};
use crate::engine::{NodeData, RelData, Snapshot};
use crate::error::{Error, Result};
use crate::value::{NodeRef, RelRef, Value, text};

/// The version of `graph.toml` and of the tables it describes.
pub(crate) const VERSION: u32 = 1;
/// The file that says what there is.
pub(crate) const FILE: &str = "graph.toml";
/// The file in the folder of a table.
const PART: &str = "part-0.parquet";

/// What `graph.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layout {
    pub(crate) version: u32,
    /// The program that wrote it.
    pub(crate) made_by: String,
    /// The keys that the dataset declares as dates: texts that are compared by days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) dates: Vec<String>,
    /// Some relationships stand on corrected mentions alone: answers leave them out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) corrected: bool,
    /// How many nodes, relationships, sources and mentions there are.
    pub(crate) counts: Counts,
    #[serde(default)]
    pub(crate) nodes: Vec<NodeTable>,
    #[serde(default)]
    pub(crate) relationships: Vec<RelTable>,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) nodes: u64,
    pub(crate) relationships: u64,
    pub(crate) sources: u64,
    pub(crate) mentions: u64,
}

/// The nodes that have exactly these labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeTable {
    pub(crate) folder: String,
    pub(crate) labels: Vec<String>,
    pub(crate) count: u64,
    #[serde(default)]
    pub(crate) columns: Vec<Column>,
}

/// The relationships of one type between the nodes of two tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RelTable {
    pub(crate) folder: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    /// Positions among the tables of nodes.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) count: u64,
    #[serde(default)]
    pub(crate) columns: Vec<Column>,
}

/// A property: of a key whose values have several types there are several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Column {
    pub(crate) key: String,
    pub(crate) column: String,
    #[serde(rename = "type")]
    pub(crate) ty: ColumnType,
    /// The least and the greatest of integers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) greatest: Option<i64>,
    /// Some floats are not a number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) nan: bool,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColumnType {
    Boolean,
    Integer,
    Float,
    String,
    Date,
    /// The other moments, and durations: as texts.
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
    Duration,
    #[serde(rename = "list of booleans")]
    Booleans,
    #[serde(rename = "list of integers")]
    Integers,
    #[serde(rename = "list of floats")]
    Floats,
    #[serde(rename = "list of strings")]
    Strings,
    /// Of lists that are all empty.
    #[serde(rename = "list of nothing")]
    Nothing,
}

impl ColumnType {
    /// As `graph.toml` and messages call it.
    #[cfg(feature = "cluster")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::String => "string",
            Self::Date => "date",
            Self::LocalTime => "localtime",
            Self::Time => "time",
            Self::LocalDateTime => "localdatetime",
            Self::DateTime => "datetime",
            Self::Duration => "duration",
            Self::Booleans => "list of booleans",
            Self::Integers => "list of integers",
            Self::Floats => "list of floats",
            Self::Strings => "list of strings",
            Self::Nothing => "list of nothing",
        }
    }

    /// The type of the column that holds a value; `None` of an empty list, which goes into any column of lists.
    /// Errors: there is no such column.
    fn of(value: &Value) -> Result<Option<Self>, &'static str> {
        Ok(Some(match value {
            Value::Bool(_) => Self::Boolean,
            Value::Int(_) => Self::Integer,
            Value::Float(_) => Self::Float,
            Value::Str(_) => Self::String,
            Value::Date(date) if i32::try_from(date.days).is_ok() => Self::Date,
            Value::Date(_) => return Err("a date that no column of days can hold"),
            Value::LocalTime(_) => Self::LocalTime,
            Value::Time(_) => Self::Time,
            Value::LocalDateTime(_) => Self::LocalDateTime,
            Value::DateTime(_) => Self::DateTime,
            Value::Duration(_) => Self::Duration,
            Value::List(items) => {
                let mut ty = None;
                for item in items.iter() {
                    let own = match item {
                        Value::Bool(_) => Self::Booleans,
                        Value::Int(_) => Self::Integers,
                        Value::Float(_) => Self::Floats,
                        Value::Str(_) => Self::Strings,
                        _ => return Err("a list of what no column can hold"),
                    };
                    if *ty.get_or_insert(own) != own {
                        return Err("a list whose elements have several types");
                    }
                }
                return Ok(ty);
            }
            _ => return Err("a value that no column can hold"),
        }))
    }

    fn kind(self) -> Kind {
        match self {
            Self::Boolean => Kind::Bool,
            Self::Integer => Kind::Int,
            Self::Float => Kind::Double,
            Self::Date => Kind::Date,
            Self::Booleans => Kind::Bools,
            Self::Integers => Kind::Ints,
            Self::Floats => Kind::Doubles,
            Self::Strings | Self::Nothing => Kind::Texts,
            Self::String | Self::LocalTime | Self::Time | Self::LocalDateTime | Self::DateTime | Self::Duration => {
                Kind::Text
            }
        }
    }

    fn is_list(self) -> bool {
        matches!(self, Self::Booleans | Self::Integers | Self::Floats | Self::Strings | Self::Nothing)
    }

    /// A value as the column holds it.
    fn held(self, value: &Value) -> Option<Held> {
        fn all<T>(value: &Value, of: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
            if let Value::List(items) = value { Some(items.iter().filter_map(of).collect()) } else { None }
        }
        Some(match (self, value) {
            (Self::Boolean, Value::Bool(yes)) => Held::Bool(*yes),
            (Self::Integer, Value::Int(n)) => Held::Int(*n),
            (Self::Float, Value::Float(x)) => Held::Double(*x),
            (Self::Date, Value::Date(date)) => Held::Days(i32::try_from(date.days).ok()?),
            (Self::String, Value::Str(text)) => Held::Text(text.to_string()),
            (Self::Booleans, _) => Held::Bools(all(value, |v| if let Value::Bool(b) = v { Some(*b) } else { None })?),
            (Self::Integers, _) => Held::Ints(all(value, |v| if let Value::Int(n) = v { Some(*n) } else { None })?),
            (Self::Floats, _) => Held::Doubles(all(value, |v| if let Value::Float(x) = v { Some(*x) } else { None })?),
            (Self::Strings | Self::Nothing, _) => {
                Held::Texts(all(value, |v| if let Value::Str(t) = v { Some(t.to_string()) } else { None })?)
            }
            _ => Held::Text(text::scalar(value)?),
        })
    }
}

/// Reads `graph.toml`. Errors: it is no such file, or of another version.
#[cfg(feature = "cluster")]
pub(crate) fn read(name: &str, text: &str) -> Result<Layout> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let wrong = |e: toml::de::Error| Error::data(format!("{name} does not describe a graph: {}", e.message()));
    let Version { version } = toml::from_str(text).map_err(wrong)?;
    if version != VERSION {
        let message = format!("{name} has version {version}; this program reads version {VERSION}");
        return Err(Error::data(message).hint("write it again: shejire export parquet --layout graph DIR"));
    }
    let layout: Layout = toml::from_str(text).map_err(wrong)?;
    let tables = layout.nodes.len();
    if let Some(lost) = layout.relationships.iter().find(|table| table.start >= tables || table.end >= tables) {
        return Err(Error::data(format!("{name}: {} joins tables of nodes that are not there", lost.folder)));
    }
    Ok(layout)
}

/// Writes the tables and what describes them; the folder is there. The graph is gone through twice; of nodes and relationships
/// only numbers are held meanwhile. Errors: a value that no column can hold, by the name of its key.
pub(crate) fn write(snapshot: &Snapshot, folder: &Path) -> Written {
    let (nodes, rels) = snapshot.handles();
    let mut books = Books::default();
    let (table_of, tables) = nodes_in_tables(snapshot, &nodes, &mut books)?;
    write_nodes(snapshot, &nodes, &table_of, &tables, folder, &mut books)?;
    let at: FxHashMap<u64, u32> =
        nodes.iter().zip(&table_of).filter_map(|(node, table)| Some((snapshot.node_id(*node)?, *table))).collect();
    write_rels(snapshot, &rels, &at, folder, &mut books)?;
    let told = snapshot.told()?;
    let mut layout = books.layout;
    if !told.sources.is_empty() {
        layout.counts.sources = told.sources.len() as u64;
        layout.counts.mentions = write_evidence(&told, folder)?;
    }
    layout.version = VERSION;
    layout.made_by = concat!("shejire ", env!("CARGO_PKG_VERSION")).to_owned();
    layout.dates = snapshot.declared_dates();
    layout.corrected = snapshot.has_corrected();
    let text = toml::to_string(&layout).map_err(|e| Error::data(format!("{FILE} cannot be written: {e}")))?;
    Ok(std::fs::write(folder.join(FILE), text)?)
}

/// What was found out so far.
#[derive(Default)]
struct Books {
    layout: Layout,
}

/// The columns of a table while its rows are gone through.
#[derive(Default)]
struct Drafts {
    columns: BTreeMap<(Arc<str>, ColumnType), Column>,
    /// Keys that hold an empty list.
    empty: Vec<Arc<str>>,
    rows: u64,
}

impl Drafts {
    fn row(&mut self, what: &dyn Fn() -> String, properties: &[(Arc<str>, Value)]) -> Result<()> {
        self.rows += 1;
        for (key, value) in properties {
            let ty = ColumnType::of(value).map_err(|problem| {
                Error::data(format!("`{key}` of {} is {problem}", what()))
                    .hint("leave it out, or keep it as a text, before the graph is exported")
            })?;
            let Some(ty) = ty else {
                if !self.empty.contains(key) {
                    self.empty.push(Arc::clone(key));
                }
                continue;
            };
            let column = self.columns.entry((Arc::clone(key), ty)).or_insert_with(|| Column {
                key: key.to_string(),
                column: String::new(),
                ty,
                least: None,
                greatest: None,
                nan: false,
            });
            match value {
                Value::Int(n) => {
                    column.least = Some(column.least.map_or(*n, |least| least.min(*n)));
                    column.greatest = Some(column.greatest.map_or(*n, |greatest| greatest.max(*n)));
                }
                Value::Float(x) => column.nan |= x.is_nan(),
                Value::List(items) => column.nan |= items.iter().any(|v| matches!(v, Value::Float(x) if x.is_nan())),
                _ => {}
            }
        }
        Ok(())
    }

    /// The columns with their names, which are different whatever their case.
    fn finish(mut self) -> Vec<Column> {
        for key in std::mem::take(&mut self.empty) {
            if !self.columns.keys().any(|(own, ty)| *own == key && ty.is_list()) {
                let ty = ColumnType::Nothing;
                let column =
                    Column { key: key.to_string(), column: String::new(), ty, least: None, greatest: None, nan: false };
                self.columns.insert((key, ty), column);
            }
        }
        let mut taken: Vec<String> = Vec::new();
        let mut columns: Vec<Column> = self.columns.into_values().collect();
        for (number, column) in columns.iter_mut().enumerate() {
            let plain = column.key.starts_with(|c: char| c.is_ascii_alphabetic())
                && column.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let lower = column.key.to_ascii_lowercase();
            column.column = match plain && !taken.contains(&lower) {
                true => column.key.clone(),
                false => format!("_p{number}"),
            };
            taken.push(column.column.to_ascii_lowercase());
        }
        columns
    }
}

/// In which table each node stands, by its place among them, and the labels of each table.
fn nodes_in_tables(snapshot: &Snapshot, nodes: &[NodeRef], books: &mut Books) -> Result<(Vec<u32>, Vec<Vec<Column>>)> {
    let mut numbers: BTreeMap<Vec<Arc<str>>, u32> = BTreeMap::new();
    let mut drafts: Vec<Drafts> = Vec::new();
    let mut table_of = Vec::with_capacity(nodes.len());
    for node in nodes {
        let NodeData { id, labels, properties } = snapshot.node(*node).unwrap_or_default();
        let next = drafts.len() as u32;
        let table = *numbers.entry(labels).or_insert(next);
        if table == next {
            drafts.push(Drafts::default());
        }
        table_of.push(table);
        drafts[table as usize].row(&|| format!("node {id}"), &properties)?;
    }
    let order = snapshot.label_order();
    let mut tables: Vec<NodeTable> = vec![NodeTable::default(); drafts.len()];
    for (labels, number) in numbers {
        let mut labels: Vec<String> = labels.iter().map(|label| label.to_string()).collect();
        labels.sort_by_key(|label| order.iter().position(|own| **own == **label));
        let folder = format!("nodes/{number}-{}", file_name(&labels.join("-")));
        tables[number as usize] = NodeTable { folder, labels, ..NodeTable::default() };
    }
    books.layout.counts.nodes = nodes.len() as u64;
    let mut columns = Vec::with_capacity(drafts.len());
    for (table, draft) in tables.iter_mut().zip(drafts) {
        table.count = draft.rows;
        table.columns = draft.finish();
        columns.push(table.columns.clone());
    }
    books.layout.nodes = tables;
    Ok((table_of, columns))
}

fn write_nodes(
    snapshot: &Snapshot,
    nodes: &[NodeRef],
    table_of: &[u32],
    columns: &[Vec<Column>],
    folder: &Path,
    books: &mut Books,
) -> Written {
    // one table after the other, so that there is one open file; in order of id
    let mut of_tables: Vec<Vec<(u64, NodeRef)>> = vec![Vec::new(); columns.len()];
    for (node, table) in nodes.iter().zip(table_of) {
        of_tables[*table as usize].push((snapshot.node_id(*node).unwrap_or_default(), *node));
    }
    for ((table, columns), mut rows) in books.layout.nodes.iter().zip(columns).zip(of_tables) {
        rows.sort_unstable();
        let folder = folder.join(&table.folder);
        std::fs::create_dir_all(&folder)?;
        let mut to = Table::with(&folder.join(PART), titles(&["_id"], columns))?;
        for (id, node) in rows {
            let data = snapshot.node(node).unwrap_or_default();
            let mut cells = vec![Some(Held::Int(number(id)))];
            held(columns, &data.properties, &mut cells);
            to.put(cells)?;
        }
        to.finish()?;
    }
    Ok(())
}

fn write_rels(
    snapshot: &Snapshot,
    rels: &[RelRef],
    at: &FxHashMap<u64, u32>,
    folder: &Path,
    books: &mut Books,
) -> Written {
    type Rows = Vec<(u64, u64, RelRef)>;
    let mut groups: BTreeMap<(Arc<str>, u32, u32), (Drafts, Rows)> = BTreeMap::new();
    for rel in rels {
        let Some(data) = snapshot.rel(*rel) else { continue };
        let RelData { id, ty, start, end, properties } = data;
        let end_of = |node: u64| at.get(&node).copied().unwrap_or_default();
        let (drafts, rows) = groups.entry((ty, end_of(start), end_of(end))).or_default();
        drafts.row(&|| format!("relationship {id}"), &properties)?;
        rows.push((start, id, *rel));
    }
    books.layout.counts.relationships = rels.len() as u64;
    for (at, ((ty, start, end), (drafts, mut rows))) in groups.into_iter().enumerate() {
        let count = drafts.rows;
        let columns = drafts.finish();
        let name = format!("relationships/{at}-{}-{start}-{end}", file_name(&ty));
        let inside = folder.join(&name);
        std::fs::create_dir_all(&inside)?;
        rows.sort_unstable();
        let mut to = Table::with(&inside.join(PART), titles(&["_id", "_src", "_dst"], &columns))?;
        for (_, _, rel) in rows {
            let data = snapshot.rel(rel).unwrap_or_default();
            let mut cells: Vec<Option<Held>> =
                [data.id, data.start, data.end].into_iter().map(|id| Some(Held::Int(number(id)))).collect();
            held(&columns, &data.properties, &mut cells);
            to.put(cells)?;
        }
        to.finish()?;
        let (start, end) = (start as usize, end as usize);
        books.layout.relationships.push(RelTable { folder: name, ty: ty.to_string(), start, end, count, columns });
    }
    Ok(())
}

/// Sources and mentions; how many mentions there are.
fn write_evidence(told: &crate::engine::Told, folder: &Path) -> std::result::Result<u64, WriteError> {
    let title = |kind: Kind, name: &str| (kind, name.to_owned());
    let text = |text: &str| Some(Held::Text(text.to_owned()));
    let titles = ["source", "title", "group", "date"].map(|name| title(Kind::Text, name)).to_vec();
    let mut sources = Table::with(&folder.join("sources.parquet"), titles)?;
    for (source, _) in &told.sources {
        sources.put(vec![text(&source.id), text(&source.title), text(&source.group), text(&source.date)])?;
    }
    sources.finish()?;
    let mut titles = vec![title(Kind::Int, "relationship"), title(Kind::Int, "at")];
    titles.extend(["mention", "source", "locator", "confidence"].map(|name| title(Kind::Text, name)));
    titles.extend(["keys", "values"].map(|name| title(Kind::Texts, name)));
    let mut mentions = Table::with(&folder.join("mentions.parquet"), titles)?;
    let mut count = 0;
    for (rel, all) in &told.rels {
        for (at, mention) in all.iter().enumerate() {
            let (keys, values): (Vec<String>, Vec<String>) =
                mention.qualifiers.iter().map(|(key, value)| (key.to_string(), value.to_string())).unzip();
            mentions.put(vec![
                Some(Held::Int(number(*rel))),
                Some(Held::Int(at as i64)),
                text(&mention.id),
                text(told.source(mention.place.source)),
                text(&mention.place.at.to_string()),
                text(&mention.confidence.to_string()),
                Some(Held::Texts(keys)),
                Some(Held::Texts(values)),
            ])?;
            count += 1;
        }
    }
    mentions.finish()?;
    Ok(count)
}

fn titles(own: &[&str], columns: &[Column]) -> Vec<(Kind, String)> {
    let own = own.iter().map(|name| (Kind::Int, (*name).to_owned()));
    own.chain(columns.iter().map(|column| (column.ty.kind(), column.column.clone()))).collect()
}

/// The cells of the properties of one row.
fn held(columns: &[Column], properties: &[(Arc<str>, Value)], cells: &mut Vec<Option<Held>>) {
    let mut empty: Option<&str> = None;
    for column in columns {
        let value = properties.iter().find(|(key, _)| **key == *column.key).map(|(_, value)| value);
        cells.push(value.and_then(|value| match ColumnType::of(value) {
            Ok(Some(ty)) => (ty == column.ty).then(|| column.ty.held(value)).flatten(),
            // an empty list stands in the first of the columns of lists that its key has
            Ok(None) if column.ty.is_list() && empty != Some(&*column.key) => {
                empty = Some(&column.key);
                column.ty.held(value)
            }
            _ => None,
        }));
    }
}

/// What may stand in the name of a folder; the number before it tells it apart from others.
fn file_name(text: &str) -> String {
    const LONGEST: usize = 60;
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(LONGEST).collect()
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX) // ids stay below i64::MAX
}
