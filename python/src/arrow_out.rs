//! An answer as Arrow's record batches, made when they are asked for.
//!
//! The type of a column is the narrowest that holds what stands in it without loss:
//!
//! | values | Arrow |
//! |---|---|
//! | nothing but null | null |
//! | BOOLEAN, INTEGER, FLOAT, STRING | bool, int64, double, utf8; integers beside floats are doubles when each is exact as one |
//! | DATE, LOCAL TIME, LOCAL DATETIME | date32, time64, timestamp; in microseconds, in nanoseconds when there are some |
//! | ZONED DATETIME | timestamp with the zone that all have, else the same instants in UTC |
//! | LIST, MAP | list, struct of all keys |
//! | NODE | struct of `id`, `labels`, `properties` |
//! | RELATIONSHIP | struct of `id`, `type`, `start`, `end`, `properties` |
//! | PATH | struct of `nodes`, `relationships` |
//! | ZONED TIME, DURATION; whatever has no type in common | utf8, as the language writes it |

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int64Type, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampNanosecondType,
};
use arrow_array::{ArrayRef, ListArray, NullArray, RecordBatch, RecordBatchOptions, RecordBatchReader, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use shejire::Value;
use shejire::engine::{Entities, NodeData, RelData, Rows};
use shejire::value::text;

/// Rows of a batch.
const BATCH: usize = 1 << 16;
/// Maps with more keys in all than this are texts.
const MOST_KEYS: usize = 256;
/// Integers up to here are exact as floats.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// What stands in a column, and in the parts of its values.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Null,
    Bool,
    /// Whether each is exact as a float.
    Int(bool),
    Float,
    Text,
    Date,
    /// Whether microseconds hold each.
    LocalTime(bool),
    LocalDateTime(Reach),
    /// With the zone that all have.
    DateTime(Reach, Option<Arc<str>>),
    List(Box<Kind>),
    Map(BTreeMap<Arc<str>, Kind>),
    /// By the kinds of their properties.
    Node(BTreeMap<Arc<str>, Kind>),
    Rel(BTreeMap<Arc<str>, Kind>),
    Path(BTreeMap<Arc<str>, Kind>, BTreeMap<Arc<str>, Kind>),
    /// As the language writes them.
    Written,
}

/// What holds moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    /// Whether microseconds hold each.
    micros: bool,
    /// Whether nanoseconds hold each: they reach from 1677 to 2262.
    nanos: bool,
}

impl Reach {
    /// Of one moment; nothing when neither holds it.
    fn of(seconds: i64, nanos: u32) -> Option<Self> {
        let micros = nanos.is_multiple_of(1000)
            && seconds.checked_mul(1_000_000).is_some_and(|n| n.checked_add(1_000_000).is_some());
        let reach = Self { micros, nanos: self::nanos(seconds, nanos).is_some() };
        (reach.micros || reach.nanos).then_some(reach)
    }

    /// Of several; nothing when neither holds each.
    fn and(self, other: Self) -> Option<Self> {
        let reach = Self { micros: self.micros && other.micros, nanos: self.nanos && other.nanos };
        (reach.micros || reach.nanos).then_some(reach)
    }

    fn unit(self) -> TimeUnit {
        if self.micros { TimeUnit::Microsecond } else { TimeUnit::Nanosecond }
    }
}

/// One cell on its way: a value, or what a node or a relationship is made of.
#[derive(Clone, Copy)]
enum Cell<'a> {
    Nothing,
    Value(&'a Value),
    Node(&'a NodeData),
    Rel(&'a RelData),
}

impl Kind {
    fn of(value: &Value, entities: &Entities) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(n) => Self::Int(n.unsigned_abs() <= EXACT),
            Value::Float(_) => Self::Float,
            Value::Str(_) => Self::Text,
            Value::Date(date) if i32::try_from(date.days).is_ok() => Self::Date,
            Value::LocalTime(time) => Self::LocalTime(time.nanos % 1000 == 0),
            Value::LocalDateTime(local) => {
                Reach::of(local.seconds, local.nanos).map_or(Self::Written, Self::LocalDateTime)
            }
            Value::DateTime(moment) => {
                let instant = moment.instant();
                let zone = moment.zone.clone().or_else(|| offset(moment.offset));
                Reach::of(instant.seconds, instant.nanos).map_or(Self::Written, |reach| Self::DateTime(reach, zone))
            }
            Value::List(items) => {
                let of = |kind: Self, item| kind.joined(Self::of(item, entities));
                Self::List(Box::new(items.items().iter().fold(Self::Null, of)))
            }
            Value::Map(map) => {
                let keys = map.entries().iter().map(|(key, item)| (key.clone(), Self::of(item, entities)));
                Self::keyed(Self::Map, keys.collect())
            }
            Value::Node(node) => {
                Self::keyed(Self::Node, properties(entities.node(*node).map(|data| &data.properties[..]), entities))
            }
            Value::Rel(rel) => {
                Self::keyed(Self::Rel, properties(entities.rel(*rel).map(|data| &data.properties[..]), entities))
            }
            Value::Path(path) => {
                let nodes = path
                    .nodes
                    .iter()
                    .map(|node| properties(entities.node(*node).map(|data| &data.properties[..]), entities));
                let rels = path
                    .rels
                    .iter()
                    .map(|rel| properties(entities.rel(*rel).map(|data| &data.properties[..]), entities));
                let (nodes, rels) = (nodes.fold(BTreeMap::new(), joined), rels.fold(BTreeMap::new(), joined));
                match nodes.len().max(rels.len()) > MOST_KEYS {
                    true => Self::Written,
                    false => Self::Path(nodes, rels),
                }
            }
            Value::Date(_) | Value::Time(_) | Value::Duration(_) => Self::Written,
        }
    }

    /// A kind with keys, unless there are too many. A map without any is written: few readers have structs without fields.
    fn keyed(kind: fn(BTreeMap<Arc<str>, Self>) -> Self, keys: BTreeMap<Arc<str>, Self>) -> Self {
        if keys.len() > MOST_KEYS { Self::Written } else { kind(keys) }
    }

    /// The narrowest kind that holds what either holds.
    fn joined(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (Self::Int(a), Self::Int(b)) => Self::Int(a && b),
            (Self::Int(true), Self::Float) | (Self::Float, Self::Int(true)) => Self::Float,
            (Self::LocalTime(a), Self::LocalTime(b)) => Self::LocalTime(a && b),
            (Self::LocalDateTime(a), Self::LocalDateTime(b)) => a.and(b).map_or(Self::Written, Self::LocalDateTime),
            (Self::DateTime(a, one), Self::DateTime(b, other)) => {
                let zone = one.filter(|one| Some(one) == other.as_ref());
                a.and(b).map_or(Self::Written, |reach| Self::DateTime(reach, zone))
            }
            (Self::List(a), Self::List(b)) => Self::List(Box::new(a.joined(*b))),
            (Self::Map(a), Self::Map(b)) => Self::keyed(Self::Map, joined(a, b)),
            (Self::Node(a), Self::Node(b)) => Self::keyed(Self::Node, joined(a, b)),
            (Self::Rel(a), Self::Rel(b)) => Self::keyed(Self::Rel, joined(a, b)),
            (Self::Path(a, c), Self::Path(b, d)) => {
                let (nodes, rels) = (joined(a, b), joined(c, d));
                if nodes.len().max(rels.len()) > MOST_KEYS { Self::Written } else { Self::Path(nodes, rels) }
            }
            (a, b) if a == b => a,
            _ => Self::Written,
        }
    }

    /// Whether another value can change it no more.
    fn is_final(&self) -> bool {
        matches!(self, Self::Written)
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Null => DataType::Null,
            Self::Bool => DataType::Boolean,
            Self::Int(_) => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Text | Self::Written => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::LocalTime(micros) => {
                DataType::Time64(if *micros { TimeUnit::Microsecond } else { TimeUnit::Nanosecond })
            }
            Self::LocalDateTime(reach) => DataType::Timestamp(reach.unit(), None),
            Self::DateTime(reach, zone) => {
                DataType::Timestamp(reach.unit(), Some(zone.clone().unwrap_or_else(|| "UTC".into())))
            }
            Self::List(items) => DataType::List(Arc::new(items.field("item"))),
            Self::Map(keys) if keys.is_empty() => DataType::Utf8,
            Self::Map(keys) => DataType::Struct(keys.iter().map(|(key, kind)| kind.field(key)).collect()),
            Self::Node(keys) => DataType::Struct(node_fields(keys)),
            Self::Rel(keys) => DataType::Struct(rel_fields(keys)),
            Self::Path(nodes, rels) => {
                let list = |name: &str, fields: Fields| {
                    let item = Field::new("item", DataType::Struct(fields), true);
                    Field::new(name, DataType::List(Arc::new(item)), true)
                };
                DataType::Struct(
                    [list("nodes", node_fields(nodes)), list("relationships", rel_fields(rels))].into_iter().collect(),
                )
            }
        }
    }

    fn field(&self, name: &str) -> Field {
        Field::new(name, self.data_type(), true)
    }
}

fn node_fields(keys: &BTreeMap<Arc<str>, Kind>) -> Fields {
    let labels = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
    let own = [Field::new("id", DataType::Int64, true), Field::new("labels", labels, true)];
    own.into_iter().chain([Kind::Map(keys.clone()).field("properties")]).collect()
}

fn rel_fields(keys: &BTreeMap<Arc<str>, Kind>) -> Fields {
    let own = [("id", DataType::Int64), ("type", DataType::Utf8), ("start", DataType::Int64), ("end", DataType::Int64)];
    let own = own.into_iter().map(|(name, ty)| Field::new(name, ty, true));
    own.chain([Kind::Map(keys.clone()).field("properties")]).collect()
}

fn properties(all: Option<&[(Arc<str>, Value)]>, entities: &Entities) -> BTreeMap<Arc<str>, Kind> {
    all.into_iter().flatten().map(|(key, value)| (key.clone(), Kind::of(value, entities))).collect()
}

fn joined(mut one: BTreeMap<Arc<str>, Kind>, other: BTreeMap<Arc<str>, Kind>) -> BTreeMap<Arc<str>, Kind> {
    for (key, kind) in other {
        match one.get_mut(&key) {
            Some(own) => *own = std::mem::replace(own, Kind::Null).joined(kind),
            None => {
                one.insert(key, kind);
            }
        }
    }
    one
}

/// An offset from UTC in seconds as Arrow has it: in minutes.
fn offset(seconds: i32) -> Option<Arc<str>> {
    if seconds == 0 {
        return Some("UTC".into());
    }
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    (all % 60 == 0).then(|| format!("{sign}{:02}:{:02}", all / 3600, all / 60 % 60).into())
}

/// The columns of an answer with their kinds.
#[derive(Debug)]
pub struct Shape {
    kinds: Vec<Kind>,
    schema: SchemaRef,
}

impl Shape {
    pub fn of(rows: &Rows) -> Self {
        let mut kinds = vec![Kind::Null; rows.columns().len()];
        for row in rows {
            for (kind, value) in kinds.iter_mut().zip(row.values()) {
                // of most columns one look is enough
                match (&*kind, value) {
                    (Kind::Text, Value::Str(_))
                    | (Kind::Int(false), Value::Int(_))
                    | (Kind::Float, Value::Float(_)) => {}
                    (_, Value::Null) => {}
                    (Kind::Int(true), Value::Int(n)) if n.unsigned_abs() <= EXACT => {}
                    (kind, _) if kind.is_final() => {}
                    _ => *kind = std::mem::replace(kind, Kind::Null).joined(Kind::of(value, rows.entities())),
                }
            }
        }
        let fields: Fields = rows.columns().iter().zip(&kinds).map(|(name, kind)| kind.field(name)).collect();
        Self { kinds, schema: Arc::new(Schema::new(fields)) }
    }
}

fn nanos(seconds: i64, nanos: u32) -> Option<i64> {
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos.into())
}

/// Batches of an answer, one after another.
pub struct Batches {
    rows: Arc<Rows>,
    shape: Arc<Shape>,
    at: usize,
}

impl Batches {
    pub fn new(rows: Arc<Rows>, shape: Arc<Shape>) -> Self {
        Self { rows, shape, at: 0 }
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.shape.schema)
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = (self.at + BATCH).min(self.rows.len());
        if self.at >= end {
            return None;
        }
        let range = self.at..end;
        self.at = end;
        let count = range.len();
        let arrays: Result<Vec<ArrayRef>, ArrowError> = self
            .shape
            .kinds
            .iter()
            .enumerate()
            .map(|(column, kind)| {
                let rows = range.clone().filter_map(|at| self.rows.get(at));
                let cells: Vec<Cell<'_>> = rows.map(|row| Cell::Value(&row.values()[column])).collect();
                array(kind, &cells, self.rows.entities())
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Some(
            arrays
                .and_then(|arrays| RecordBatch::try_new_with_options(Arc::clone(&self.shape.schema), arrays, &options)),
        )
    }
}

fn numbers<'a, T: ArrowPrimitiveType>(
    cells: &[Cell<'a>],
    number: impl Fn(&'a Value) -> Option<T::Native>,
) -> PrimitiveBuilder<T> {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(cells.len());
    for cell in cells {
        builder.append_option(if let Cell::Value(value) = cell { number(value) } else { None });
    }
    builder
}

/// Texts; more than 2 GiB of them do not go into one array.
fn texts<'a>(cells: impl Iterator<Item = Option<Cow<'a, str>>> + Clone, count: usize) -> Result<ArrayRef, ArrowError> {
    let bytes: usize = cells.clone().flatten().map(|text| text.len()).sum();
    if i32::try_from(bytes).is_err() {
        let message = format!("{bytes} bytes of text in {count} rows: a batch holds 2 GiB; ask for fewer rows");
        return Err(ArrowError::ComputeError(message));
    }
    let mut builder = StringBuilder::with_capacity(count, bytes);
    cells.for_each(|text| builder.append_option(text));
    Ok(Arc::new(builder.finish()))
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Str(text) => Some((&**text).into()),
        value => {
            Some(text::scalar(value).map_or_else(|| text::literal(value, None).unwrap_or_default().into(), Into::into))
        }
    }
}

/// The array of a kind with these cells in it.
fn array(kind: &Kind, cells: &[Cell<'_>], entities: &Entities) -> Result<ArrayRef, ArrowError> {
    Ok(match kind {
        Kind::Null => Arc::new(NullArray::new(cells.len())),
        Kind::Bool => {
            let mut builder = BooleanBuilder::with_capacity(cells.len());
            for cell in cells {
                builder.append_option(if let Cell::Value(Value::Bool(yes)) = cell { Some(*yes) } else { None });
            }
            Arc::new(builder.finish())
        }
        Kind::Int(_) => Arc::new(
            numbers::<Int64Type>(cells, |value| if let Value::Int(n) = value { Some(*n) } else { None }).finish(),
        ),
        Kind::Float => Arc::new(
            numbers::<Float64Type>(cells, |value| match value {
                Value::Float(x) => Some(*x),
                Value::Int(n) => Some(*n as f64),
                _ => None,
            })
            .finish(),
        ),
        Kind::Text => return texts(cells.iter().map(str_in), cells.len()),
        Kind::Written => return written(cells, entities),
        Kind::Date => Arc::new(
            numbers::<Date32Type>(cells, |value| match value {
                Value::Date(date) => i32::try_from(date.days).ok(),
                _ => None,
            })
            .finish(),
        ),
        Kind::LocalTime(micros) => {
            let time = |value: &Value| if let Value::LocalTime(time) = value { Some(time.nanos) } else { None };
            match micros {
                true => Arc::new(numbers::<Time64MicrosecondType>(cells, |value| Some(time(value)? / 1000)).finish()),
                false => Arc::new(numbers::<Time64NanosecondType>(cells, time).finish()),
            }
        }
        Kind::LocalDateTime(reach) => {
            let parts = |value: &Value| match value {
                Value::LocalDateTime(local) => Some((local.seconds, local.nanos)),
                _ => None,
            };
            moments(cells, *reach, None, parts)
        }
        Kind::DateTime(reach, zone) => {
            let parts = |value: &Value| match value {
                Value::DateTime(moment) => Some((moment.instant().seconds, moment.instant().nanos)),
                _ => None,
            };
            moments(cells, *reach, Some(zone.clone().unwrap_or_else(|| "UTC".into())), parts)
        }
        Kind::List(items) => {
            let lists: Vec<Option<Vec<Cell<'_>>>> = cells.iter().map(items_in).collect();
            list(items.field("item"), &lists, |cells| array(items, cells, entities))?
        }
        Kind::Map(keys) if keys.is_empty() => return written(cells, entities),
        Kind::Map(keys) => {
            let there = |cell: &Cell<'_>| matches!(cell, Cell::Value(Value::Map(_)) | Cell::Node(_) | Cell::Rel(_));
            let columns = keys.iter().map(|(key, kind)| {
                let parts: Vec<Cell<'_>> = cells.iter().map(|cell| part(*cell, key)).collect();
                array(kind, &parts, entities)
            });
            structs(
                keys.iter().map(|(key, kind)| kind.field(key)).collect(),
                columns.collect::<Result<_, _>>()?,
                cells,
                there,
            )?
        }
        Kind::Node(keys) => {
            nodes(keys, &cells.iter().map(|cell| node_in(*cell, entities)).collect::<Vec<_>>(), entities)?
        }
        Kind::Rel(keys) => rels(keys, &cells.iter().map(|cell| rel_in(*cell, entities)).collect::<Vec<_>>(), entities)?,
        Kind::Path(of_nodes, of_rels) => {
            let path = |cell: &Cell<'_>| {
                if let Cell::Value(Value::Path(path)) = *cell { Some(Arc::clone(path)) } else { None }
            };
            let paths: Vec<_> = cells.iter().map(path).collect();
            let node = |node| entities.node(node).map_or(Cell::Nothing, Cell::Node);
            let rel = |rel| entities.rel(rel).map_or(Cell::Nothing, Cell::Rel);
            let all_nodes: Vec<Option<Vec<Cell<'_>>>> =
                paths.iter().map(|path| Some(path.as_ref()?.nodes.iter().copied().map(node).collect())).collect();
            let all_rels: Vec<Option<Vec<Cell<'_>>>> =
                paths.iter().map(|path| Some(path.as_ref()?.rels.iter().copied().map(rel).collect())).collect();
            let DataType::Struct(fields) = kind.data_type() else { return Ok(Arc::new(NullArray::new(cells.len()))) };
            let item = |fields: Fields| Field::new("item", DataType::Struct(fields), true);
            let columns = vec![
                list(item(node_fields(of_nodes)), &all_nodes, |cells| nodes(of_nodes, cells, entities))?,
                list(item(rel_fields(of_rels)), &all_rels, |cells| rels(of_rels, cells, entities))?,
            ];
            structs(fields, columns, cells, |cell| matches!(cell, Cell::Value(Value::Path(_))))?
        }
    })
}

fn str_in<'a>(cell: &Cell<'a>) -> Option<Cow<'a, str>> {
    if let Cell::Value(Value::Str(text)) = *cell { Some((&**text).into()) } else { None }
}

fn type_in<'a>(cell: &Cell<'a>) -> Option<Cow<'a, str>> {
    if let Cell::Rel(rel) = *cell { Some((&*rel.ty).into()) } else { None }
}

fn items_in<'a>(cell: &Cell<'a>) -> Option<Vec<Cell<'a>>> {
    match *cell {
        Cell::Value(Value::List(items)) => Some(items.items().iter().map(Cell::Value).collect()),
        _ => None,
    }
}

fn node_in<'a>(cell: Cell<'a>, entities: &'a Entities) -> Cell<'a> {
    match cell {
        Cell::Value(Value::Node(node)) => entities.node(*node).map_or(Cell::Nothing, Cell::Node),
        _ => Cell::Nothing,
    }
}

fn rel_in<'a>(cell: Cell<'a>, entities: &'a Entities) -> Cell<'a> {
    match cell {
        Cell::Value(Value::Rel(rel)) => entities.rel(*rel).map_or(Cell::Nothing, Cell::Rel),
        _ => Cell::Nothing,
    }
}

/// What stands under a key.
fn part<'a>(cell: Cell<'a>, key: &str) -> Cell<'a> {
    let of = |all: &'a [(Arc<str>, Value)]| {
        all.iter().find(|(own, _)| **own == *key).map_or(Cell::Nothing, |(_, value)| Cell::Value(value))
    };
    match cell {
        Cell::Value(Value::Map(map)) => map.get(key).map_or(Cell::Nothing, Cell::Value),
        Cell::Node(node) => of(&node.properties),
        Cell::Rel(rel) => of(&rel.properties),
        _ => Cell::Nothing,
    }
}

fn written(cells: &[Cell<'_>], entities: &Entities) -> Result<ArrayRef, ArrowError> {
    fn text<'a>(cell: &Cell<'a>, entities: &Entities) -> Option<Cow<'a, str>> {
        match *cell {
            Cell::Value(value @ (Value::Node(_) | Value::Rel(_) | Value::Path(_) | Value::List(_) | Value::Map(_))) => {
                Some(shejire::io::text::inline(value, entities).into())
            }
            Cell::Value(value) => text_of(value),
            _ => None,
        }
    }
    texts(cells.iter().map(|cell| text(cell, entities)), cells.len())
}

fn moments(
    cells: &[Cell<'_>],
    reach: Reach,
    zone: Option<Arc<str>>,
    parts: impl Fn(&Value) -> Option<(i64, u32)>,
) -> ArrayRef {
    match reach.micros {
        true => {
            let moment = |value: &Value| {
                let (seconds, nanos) = parts(value)?;
                seconds.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1000))
            };
            Arc::new(numbers::<TimestampMicrosecondType>(cells, moment).finish().with_timezone_opt(zone))
        }
        false => {
            let moment = |value: &Value| parts(value).and_then(|(seconds, sub)| nanos(seconds, sub));
            Arc::new(numbers::<TimestampNanosecondType>(cells, moment).finish().with_timezone_opt(zone))
        }
    }
}

fn list(
    item: Field,
    lists: &[Option<Vec<Cell<'_>>>],
    items: impl Fn(&[Cell<'_>]) -> Result<ArrayRef, ArrowError>,
) -> Result<ArrayRef, ArrowError> {
    let all: Vec<Cell<'_>> = lists.iter().flatten().flatten().copied().collect();
    if i32::try_from(all.len()).is_err() {
        return Err(ArrowError::ComputeError("more items of lists than a batch holds: ask for fewer rows".to_owned()));
    }
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.as_ref().map_or(0, Vec::len)));
    let nulls = NullBuffer::from_iter(lists.iter().map(Option::is_some));
    Ok(Arc::new(ListArray::try_new(Arc::new(item), offsets, items(&all)?, Some(nulls))?))
}

fn structs(
    fields: Fields,
    columns: Vec<ArrayRef>,
    cells: &[Cell<'_>],
    there: impl Fn(&Cell<'_>) -> bool,
) -> Result<ArrayRef, ArrowError> {
    let nulls = NullBuffer::from_iter(cells.iter().map(there));
    Ok(Arc::new(StructArray::try_new(fields, columns, Some(nulls))?))
}

fn ids<'a>(cells: &[Cell<'a>], id: impl Fn(&Cell<'a>) -> Option<u64>) -> ArrayRef {
    let mut builder = PrimitiveBuilder::<Int64Type>::with_capacity(cells.len());
    cells.iter().for_each(|cell| builder.append_option(id(cell).and_then(|id| i64::try_from(id).ok())));
    Arc::new(builder.finish())
}

fn nodes(keys: &BTreeMap<Arc<str>, Kind>, cells: &[Cell<'_>], entities: &Entities) -> Result<ArrayRef, ArrowError> {
    let labels: Vec<Value> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Node(node) => Value::list(node.labels.iter().cloned().map(Value::Str).collect()).unwrap_or_default(),
            _ => Value::Null,
        })
        .collect();
    let labels: Vec<Cell<'_>> = labels.iter().map(Cell::Value).collect();
    let columns = vec![
        ids(cells, |cell| if let Cell::Node(node) = cell { Some(node.id) } else { None }),
        array(&Kind::List(Box::new(Kind::Text)), &labels, entities)?,
        array(&Kind::Map(keys.clone()), cells, entities)?,
    ];
    structs(node_fields(keys), columns, cells, |cell| matches!(cell, Cell::Node(_)))
}

fn rels(keys: &BTreeMap<Arc<str>, Kind>, cells: &[Cell<'_>], entities: &Entities) -> Result<ArrayRef, ArrowError> {
    let id =
        |of: fn(&RelData) -> u64| ids(cells, move |cell| if let Cell::Rel(rel) = cell { Some(of(rel)) } else { None });
    let columns = vec![
        id(|rel| rel.id),
        texts(cells.iter().map(type_in), cells.len())?,
        id(|rel| rel.start),
        id(|rel| rel.end),
        array(&Kind::Map(keys.clone()), cells, entities)?,
    ];
    structs(rel_fields(keys), columns, cells, |cell| matches!(cell, Cell::Rel(_)))
}
