//! What a query computes with.
//!
//! A [`Value`] is small (24 bytes, a test says so) and cheap to clone: everything large is behind an `Arc`.
//! Lists, maps and paths know how deep they nest, so that no value can be built whose comparison,
//! printing or dropping would overflow the stack ([`MAX_DEPTH`]).
//!
//! Three ways of comparing live in [`order`] and are never mixed: equality (three-valued, `=`),
//! equivalence (`DISTINCT`, grouping: null is null, NaN is NaN) and orderability (`ORDER BY`).
//!
//! This module knows no graph: nodes and relationships are handles whose content is asked of the graph.

pub(crate) mod arith;
pub(crate) mod edtf;
pub(crate) mod entity;
pub(crate) mod fold;
pub(crate) mod hash;
pub mod order;
pub(crate) mod quantity;
pub(crate) mod serial;
pub mod temporal;
pub mod text;

pub use serial::to_value;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use temporal::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time};

/// How deep lists and maps may nest. Queries have a smaller budget of their own.
pub const MAX_DEPTH: u16 = 500;

/// How many bytes a list or map may amount to with everything in it written out, however much of it is shared.
const MAX_BYTES: usize = 16 << 30;

/// Handle of a node in its graph: an index, valid until the transaction that holds it ends. It may carry the number
/// of a view of the evidence (`provenance/view.rs`); two handles of one node are equal whatever they see.
#[derive(Clone, Copy, Debug)]
pub struct NodeRef(pub u32, u32);

/// Handle of a relationship in its graph: an index, valid until the transaction that holds it ends. It may carry the
/// number of a view of the evidence, as [`NodeRef`].
#[derive(Clone, Copy, Debug)]
pub struct RelRef(pub u32, u32);

macro_rules! handle {
    ($name:ident) => {
        impl $name {
            /// The handle of an index, seeing all of the evidence.
            pub(crate) const fn new(index: u32) -> Self {
                Self(index, 0)
            }

            /// The same thing, seen in another view.
            #[must_use]
            pub(crate) const fn in_view(self, view: u32) -> Self {
                Self(self.0, view)
            }

            /// The number of its view; 0 sees everything.
            pub(crate) const fn view(self) -> u32 {
                self.1
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl Eq for $name {}

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                state.write_u32(self.0);
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }
    };
}

handle!(NodeRef);
handle!(RelRef);

/// One openCypher value.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)] // openCypher's own types
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<str>),
    List(List),
    Map(Map),
    Node(NodeRef),
    Rel(RelRef),
    Path(Arc<Path>),
    Date(Date),
    LocalTime(LocalTime),
    Time(Time),
    LocalDateTime(LocalDateTime),
    DateTime(Arc<DateTime>),
    Duration(Arc<Duration>),
}

/// An immutable list of values.
#[derive(Clone, Debug, Default)]
pub struct List(Arc<ListParts>);

#[derive(Clone, Debug, Default)]
struct ListParts {
    size: Size,
    items: Vec<Value>,
}

/// An immutable map from text to values, in the order of the keys.
#[derive(Clone, Debug, Default)]
pub struct Map(Arc<MapParts>);

#[derive(Clone, Debug, Default)]
struct MapParts {
    size: Size,
    entries: BTreeMap<Arc<str>, Value>,
}

/// What a list or map amounts to when written out, kept as it is built: a value that holds another twice
/// is small in memory and yet twice as long to compare, hash or print, and so counts twice.
#[derive(Clone, Copy, Debug)]
struct Size {
    depth: u16,
    bytes: usize,
    /// Whether there are nodes, relationships or paths in it.
    entities: bool,
}

/// A walk through the graph: `nodes` has one more element than `rels`. A relationship may be walked
/// against its direction; its ends are asked of the graph.
#[derive(Clone, Debug)]
pub struct Path {
    /// The nodes, in the order walked; never empty.
    pub nodes: Vec<NodeRef>,
    /// The relationships between them.
    pub rels: Vec<RelRef>,
    /// What it costs, where it was chosen by that; does not tell it apart from others.
    pub cost: Option<Value>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        (&self.nodes, &self.rels) == (&other.nodes, &other.rels)
    }
}

impl Eq for Path {}

impl std::hash::Hash for Path {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.nodes, &self.rels).hash(state);
    }
}

impl List {
    /// A list of `items`. Errors: `LimitExceeded / Depth` when it would nest deeper than [`MAX_DEPTH`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::List;
    ///
    /// assert_eq!(List::new(vec![1.into(), "a".into()])?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(items: Vec<Value>) -> Result<Self> {
        let size = items.iter().try_fold(Size::EMPTY, |size, item| size.with(0, item))?;
        Ok(Self(Arc::new(ListParts { size, items })))
    }

    /// The elements.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::List;
    ///
    /// assert_eq!(List::new(vec![7.into()])?.items(), [7.into()]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// The same list with `item` at its end, in place when nobody else holds the list.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::List;
    ///
    /// assert_eq!(List::default().push(7.into())?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn push(mut self, item: Value) -> Result<Self> {
        let size = self.0.size.with(0, &item)?;
        let parts = Arc::make_mut(&mut self.0);
        parts.size = size;
        parts.items.push(item);
        Ok(self)
    }

    /// The same list with the items of `other` at its end, in place when nobody else holds the list.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::List;
    ///
    /// let list = List::new(vec![7.into()])?;
    /// assert_eq!(list.clone().extend(&list)?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn extend(mut self, other: &List) -> Result<Self> {
        let size = self.0.size.and(other.0.size)?;
        let parts = Arc::make_mut(&mut self.0);
        parts.size = size;
        parts.items.extend_from_slice(&other.0.items);
        Ok(self)
    }

    /// The elements, moved out when nobody else holds the list.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::List;
    ///
    /// assert_eq!(List::new(vec![7.into()])?.into_items(), [7.into()]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_items(self) -> Vec<Value> {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.items.clone(), |own| own.items)
    }
}

impl std::ops::Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.items()
    }
}

impl Map {
    /// A map of `entries`. Errors: `LimitExceeded / Depth` when it would nest deeper than [`MAX_DEPTH`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::Map;
    ///
    /// let map = Map::new([("a".into(), 1.into())].into())?;
    /// assert_eq!(map.get("a"), Some(&1.into()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(entries: BTreeMap<Arc<str>, Value>) -> Result<Self> {
        let size = entries.iter().try_fold(Size::EMPTY, |size, (key, item)| size.with(32 + key.len(), item))?;
        Ok(Self(Arc::new(MapParts { size, entries })))
    }

    /// The entries in the order of their keys.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::Map;
    ///
    /// assert!(Map::default().entries().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn entries(&self) -> &BTreeMap<Arc<str>, Value> {
        &self.0.entries
    }

    /// The value under `key`, or nothing.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::Map;
    ///
    /// assert_eq!(Map::default().get("a"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.entries.get(key)
    }

    /// The entries, moved out when nobody else holds the map.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::Map;
    ///
    /// let map = Map::new([("a".into(), 1.into())].into())?;
    /// assert_eq!(map.into_entries().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_entries(self) -> BTreeMap<Arc<str>, Value> {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.entries.clone(), |own| own.entries)
    }
}

impl Value {
    /// A string.
    ///
    /// ```
    /// use shejire::Value;
    ///
    /// assert_eq!(Value::str("a"), Value::from("a"));
    /// ```
    pub fn str(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// A list. Errors: `LimitExceeded / Depth`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::Value;
    ///
    /// assert_eq!(Value::list(vec![1.into(), Value::Null])?.to_string(), "[1, null]");
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(items: Vec<Value>) -> Result<Self> {
        List::new(items).map(Self::List)
    }

    /// A map. Errors: `LimitExceeded / Depth`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::Value;
    ///
    /// assert_eq!(Value::map([("a".into(), 1.into())])?.to_string(), "{a: 1}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn map(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Result<Self> {
        Map::new(entries.into_iter().collect()).map(Self::Map)
    }

    /// Whether this is null.
    ///
    /// ```
    /// assert!(shejire::Value::default().is_null());
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of the type, as messages say it.
    ///
    /// ```
    /// assert_eq!(shejire::Value::from(1).type_name(), "Integer");
    /// ```
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Bool(_) => "Boolean",
            Self::Int(_) => "Integer",
            Self::Float(_) => "Float",
            Self::Str(_) => "String",
            Self::List(_) => "List",
            Self::Map(_) => "Map",
            Self::Node(_) => "Node",
            Self::Rel(_) => "Relationship",
            Self::Path(_) => "Path",
            Self::Date(_) => "Date",
            Self::LocalTime(_) => "LocalTime",
            Self::Time(_) => "Time",
            Self::LocalDateTime(_) => "LocalDateTime",
            Self::DateTime(_) => "DateTime",
            Self::Duration(_) => "Duration",
        }
    }

    /// Bytes this value keeps on the heap, shared parts counted in full; what memory limits add up.
    /// Takes the same time for every value.
    ///
    /// ```
    /// assert_eq!(shejire::Value::from(1).heap_bytes(), 0);
    /// ```
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Str(text) => text.len() + 16,
            Self::List(list) => list.0.size.bytes,
            Self::Map(map) => map.0.size.bytes,
            Self::Path(path) => 64 + 4 * (path.nodes.len() + path.rels.len()),
            Self::DateTime(_) | Self::Duration(_) => 64,
            _ => 0,
        }
    }

    /// Whether it is or holds a node, a relationship or a path. Takes the same time for every value.
    pub(crate) fn has_entities(&self) -> bool {
        match self {
            Self::Node(_) | Self::Rel(_) | Self::Path(_) => true,
            Self::List(list) => list.0.size.entities,
            Self::Map(map) => map.0.size.entities,
            _ => false,
        }
    }

    fn depth(&self) -> u16 {
        match self {
            Self::List(list) => list.0.size.depth,
            Self::Map(map) => map.0.size.depth,
            _ => 0,
        }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Size {
    /// Of a list or map with nothing in it.
    const EMPTY: Self = Self { depth: 1, bytes: 40, entities: false };

    /// With one more item and `more` bytes for its key.
    fn with(self, more: usize, item: &Value) -> Result<Self> {
        let bytes = size_of::<Value>() + more;
        Self {
            depth: self.depth.max(item.depth() + 1),
            bytes: self.bytes.saturating_add(bytes + item.heap_bytes()),
            entities: self.entities || item.has_entities(),
        }
        .checked()
    }

    /// Of two lists joined.
    fn and(self, other: Self) -> Result<Self> {
        Self {
            depth: self.depth.max(other.depth),
            bytes: self.bytes.saturating_add(other.bytes),
            entities: self.entities || other.entities,
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        if self.depth > MAX_DEPTH {
            return Err(Error::limit(Code::Depth, format!("lists and maps may nest at most {MAX_DEPTH} deep")));
        }
        if self.bytes > MAX_BYTES {
            return Err(Error::limit(Code::Memory, "a list or map would be larger than 16 GiB when written out"));
        }
        Ok(self)
    }
}

/// [`order::equivalent`]: what DISTINCT and grouping take for one. Null is null, NaN is NaN, 1 is 1.0; two handles are equal
/// when they are of one node. The `=` of the language, to which null is unknown, is [`order::equal`].
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        order::equivalent(self, other)
    }
}

impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, mut state: &mut H) {
        order::hash_equivalent(self, &mut state);
    }
}

/// As `toString()` gives it; lists and maps as they are written in a query. Nodes and relationships show as handles: an
/// answer has their content.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Str(text) => f.pad(text),
            other => match text::scalar(other) {
                Some(text) => f.pad(&text),
                None => f.pad(&text::literal(other, None).unwrap_or_default()),
            },
        }
    }
}

macro_rules! from {
    ($($type:ty, $value:ident => $made:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )*};
}

from! {
    bool, b => Self::Bool(b);
    i8, n => Self::Int(n.into());
    i16, n => Self::Int(n.into());
    i32, n => Self::Int(n.into());
    i64, n => Self::Int(n);
    u8, n => Self::Int(n.into());
    u16, n => Self::Int(n.into());
    u32, n => Self::Int(n.into());
    f32, x => Self::Float(x.into());
    f64, x => Self::Float(x);
    &str, text => Self::Str(text.into());
    String, text => Self::Str(text.into());
    &String, text => Self::Str(text.as_str().into());
    Arc<str>, text => Self::Str(text);
    List, list => Self::List(list);
    Map, map => Self::Map(map);
    NodeRef, node => Self::Node(node);
    RelRef, rel => Self::Rel(rel);
    Date, date => Self::Date(date);
    LocalTime, time => Self::LocalTime(time);
    Time, time => Self::Time(time);
    LocalDateTime, time => Self::LocalDateTime(time);
    DateTime, time => Self::DateTime(Arc::new(time));
    Duration, duration => Self::Duration(Arc::new(duration));
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_24_bytes() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn nesting_stops_at_the_limit_and_drops_without_overflow() {
        let mut value = Value::Null;
        for _ in 0..MAX_DEPTH {
            value = Value::list(vec![value]).expect("within the limit");
        }
        assert_eq!(Value::list(vec![value]).expect_err("one too deep").code(), Code::Depth);
    }

    #[test]
    fn a_value_that_holds_itself_twice_over_and_over_stops_growing() {
        let mut value = Value::from(1);
        let error = (0..MAX_DEPTH).find_map(|_| match Value::list(vec![value.clone(), value.clone()]) {
            Ok(twice) => {
                value = twice;
                None
            }
            Err(error) => Some(error),
        });
        assert_eq!(error.expect("a limit").code(), Code::Memory);
    }

    #[test]
    fn bytes_are_the_same_however_a_list_was_built() {
        let items = [Value::from("abc"), Value::Null, Value::list(vec![1.into()]).expect("shallow")];
        let whole = List::new(items.to_vec()).expect("shallow");
        let pushed = items.iter().try_fold(List::new(vec![]).expect("empty"), |list, item| list.push(item.clone()));
        assert_eq!(Value::List(pushed.expect("shallow")).heap_bytes(), Value::List(whole.clone()).heap_bytes());
        assert_eq!(Value::List(whole).heap_bytes(), 40 + 3 * 24 + 19 + (40 + 24));
        assert_eq!(List::default().extend(&List::default()).expect("empty").len(), 0);
    }
}
