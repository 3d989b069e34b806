//! Values of an answer as Rust types.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, LazyLock};

use super::rows::{Entities, NodeData, PathData, RelData};
use crate::error::{Code, Error, Result};
use crate::value::temporal::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time};
use crate::value::{NodeRef, RelRef, Value};

/// A value with the answer it stands in, which knows the content of the nodes and relationships in it.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    value: &'a Value,
    entities: &'a Entities,
}

impl<'a> Cell<'a> {
    pub(super) fn new(value: &'a Value, entities: &'a Entities) -> Self {
        Self { value, entities }
    }

    /// A value in which there is no node and no relationship.
    pub(super) fn plain(value: &'a Value) -> Self {
        static NONE: LazyLock<Entities> = LazyLock::new(Entities::default);
        Self { value, entities: &NONE }
    }

    /// The value itself.
    ///
    /// ```
    /// use shejire::engine::{Cell, FromValue};
    /// use shejire::{Engine, Result};
    ///
    /// /// A year that must be one.
    /// struct Year(i64);
    ///
    /// impl<'a> FromValue<'a> for Year {
    ///     fn from_value(cell: Cell<'a>) -> Result<Self> {
    ///         match i64::from_value(cell)? {
    ///             year @ 1000..3000 => Ok(Self(year)),
    ///             _ => Err(cell.is_not("a year")),
    ///         }
    ///     }
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// let rows = Engine::in_memory().run("RETURN 1843 AS good, 7 AS bad")?;
    /// let row = rows.get(0).unwrap();
    /// assert_eq!(row.get::<Year>("good")?.0, 1843);
    /// assert_eq!(row.get::<Year>("bad").err().unwrap().message(), "column `bad` of row 1: expected a year, found the Integer 7");
    /// # Ok(())
    /// # }
    /// ```
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The same place, another value in it: an item of a list, an entry of a map.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::{Cell, FromValue};
    /// use shejire::{Result, Value};
    ///
    /// /// The first item of a list.
    /// struct First(i64);
    ///
    /// impl<'a> FromValue<'a> for First {
    ///     fn from_value(cell: Cell<'a>) -> Result<Self> {
    ///         match cell.value() {
    ///             Value::List(items) if !items.is_empty() => i64::from_value(cell.of(&items[0])).map(Self),
    ///             _ => Err(cell.is_not("a list of something")),
    ///         }
    ///     }
    /// }
    ///
    /// let rows = shejire::Engine::in_memory().run("RETURN [7, 8] AS list")?;
    /// assert_eq!(rows.get(0).unwrap().get::<First>("list")?.0, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(&self, value: &'a Value) -> Self {
        Self { value, ..*self }
    }

    /// The same for a value that does not live as long.
    pub(super) fn within<'v>(&self, value: &'v Value) -> Cell<'v>
    where
        'a: 'v,
    {
        Cell { value, entities: self.entities }
    }

    /// The content of a node of the answer; nothing when it is not in it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::{Cell, FromValue};
    /// use shejire::value::NodeRef;
    /// use shejire::Result;
    ///
    /// /// The labels of a node.
    /// struct Labels(String);
    ///
    /// impl<'a> FromValue<'a> for Labels {
    ///     fn from_value(cell: Cell<'a>) -> Result<Self> {
    ///         let node = cell.node(NodeRef::from_value(cell)?).ok_or_else(|| cell.is_not("a node"))?;
    ///         Ok(Self(node.labels.join(":")))
    ///     }
    /// }
    ///
    /// let rows = shejire::Engine::in_memory().run("CREATE (n:Law:Draft) RETURN n")?;
    /// assert_eq!(rows.get(0).unwrap().get::<Labels>("n")?.0, "Draft:Law");
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self, node: NodeRef) -> Option<&'a NodeData> {
        self.entities.node(node)
    }

    /// The content of a relationship of the answer; nothing when it is not in it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::{Cell, FromValue};
    /// use shejire::value::RelRef;
    /// use shejire::Result;
    ///
    /// /// The type of a relationship.
    /// struct Type(String);
    ///
    /// impl<'a> FromValue<'a> for Type {
    ///     fn from_value(cell: Cell<'a>) -> Result<Self> {
    ///         let rel = cell.rel(RelRef::from_value(cell)?).ok_or_else(|| cell.is_not("a relationship"))?;
    ///         Ok(Self(rel.ty.to_string()))
    ///     }
    /// }
    ///
    /// let rows = shejire::Engine::in_memory().run("CREATE ()-[r:AMENDS]->() RETURN r")?;
    /// assert_eq!(rows.get(0).unwrap().get::<Type>("r")?.0, "AMENDS");
    /// # Ok(())
    /// # }
    /// ```
    pub fn rel(&self, rel: RelRef) -> Option<&'a RelData> {
        self.entities.rel(rel)
    }

    /// That it is something else than was wanted.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("RETURN null AS n")?;
    /// let error = rows.get(0).unwrap().get::<bool>("n").unwrap_err();
    /// assert_eq!(error.message(), "column `n` of row 1: expected Boolean, found null");
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_not(&self, wanted: &str) -> Error {
        const MOST: usize = 40;
        let found = match self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                format!("the {} {}", self.value.type_name(), self.value)
            }
            Value::Str(text) => {
                let shown: String = text.chars().take(MOST).collect();
                let more = if shown.len() < text.len() { "…" } else { "" };
                format!("the String '{shown}{more}'")
            }
            other => format!("a {}", other.type_name()),
        };
        let error = Error::type_error(Code::InvalidArgumentType, format!("expected {wanted}, found {found}"));
        match self.value {
            Value::Null => error.hint("Option<…> takes null as None"),
            _ => error,
        }
    }
}

/// A Rust type that a value of an answer can become.
///
/// | Rust | of |
/// |---|---|
/// | `bool` | Boolean |
/// | `i8` … `i64`, `u8` … `u64`, `usize` | Integer that fits |
/// | `f64` | Float; Integer that is exact as one |
/// | `String`, `&str`, `Arc<str>` | String |
/// | `Vec<T>` | List |
/// | `BTreeMap<String, T>`, `HashMap<String, T>` (or with `Arc<str>`) | Map |
/// | `Option<T>` | null as `None`, or what `T` takes |
/// | [`NodeData`], [`RelData`], [`PathData`] (or `&NodeData`, `&RelData`) | Node, Relationship, Path with content |
/// | `Date`, `LocalTime`, `Time`, `LocalDateTime`, `DateTime`, `Duration` of [`crate::value::temporal`] | the same |
/// | `Value`, `&Value` | anything |
///
/// ```
/// use shejire::Engine;
/// use shejire::engine::NodeData;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// let rows = engine.run("CREATE (n:Note {year: 1843}) RETURN n, n.year AS year, n.title AS title, [1, 2] AS list")?;
/// let row = rows.get(0).unwrap();
/// let note: NodeData = row.get("n")?;
/// assert_eq!((&*note.labels[0], note.get::<i64>("year")?), ("Note", 1843));
/// assert_eq!((row.get::<u16>("year")?, row.get::<Option<&str>>("title")?), (1843, None));
/// assert_eq!(row.get::<Vec<u8>>("list")?, [1, 2]);
/// let wrong = row.get::<&str>("year").unwrap_err();
/// assert_eq!(wrong.message(), "column `year` of row 1: expected String, found the Integer 1843");
/// # Ok(())
/// # }
/// ```
pub trait FromValue<'a>: Sized {
    /// The value as this type. Errors: `TypeError` when it is none; [`Cell::is_not`] makes one.
    fn from_value(cell: Cell<'a>) -> Result<Self>;
}

impl<'a> FromValue<'a> for Value {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        Ok(cell.value.clone())
    }
}

impl<'a> FromValue<'a> for &'a Value {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        Ok(cell.value)
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        match cell.value {
            Value::Null => Ok(None),
            _ => T::from_value(cell).map(Some),
        }
    }
}

impl<'a> FromValue<'a> for f64 {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        match cell.value {
            Value::Float(x) => Ok(*x),
            // between these every integer is a float
            Value::Int(n) if n.unsigned_abs() <= 1 << f64::MANTISSA_DIGITS => Ok(*n as f64),
            _ => Err(cell.is_not("Float")),
        }
    }
}

impl<'a> FromValue<'a> for String {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        <&str>::from_value(cell).map(str::to_owned)
    }
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Vec<T> {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        let Value::List(items) = cell.value else { return Err(cell.is_not("List")) };
        let item = |(at, item)| T::from_value(cell.of(item)).map_err(|error| error.prefixed(&format!("item {at}: ")));
        items.items().iter().enumerate().map(item).collect()
    }
}

fn entries<'a, K: From<&'a str>, T: FromValue<'a>, M: FromIterator<(K, T)>>(cell: Cell<'a>) -> Result<M> {
    let Value::Map(map) = cell.value else { return Err(cell.is_not("Map")) };
    let entry = |(key, item): (&'a Arc<str>, &'a Value)| match T::from_value(cell.of(item)) {
        Ok(item) => Ok((K::from(key), item)),
        Err(error) => Err(error.prefixed(&format!("`{key}`: "))),
    };
    map.entries().iter().map(entry).collect()
}

impl<'a, K: From<&'a str> + Ord, T: FromValue<'a>> FromValue<'a> for BTreeMap<K, T> {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        entries(cell)
    }
}

impl<'a, K: From<&'a str> + Eq + Hash, T: FromValue<'a>, S: BuildHasher + Default> FromValue<'a> for HashMap<K, T, S> {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        entries(cell)
    }
}

impl<'a> FromValue<'a> for &'a NodeData {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        let Value::Node(node) = cell.value else { return Err(cell.is_not("Node")) };
        cell.node(*node).ok_or_else(|| cell.is_not("Node of the answer"))
    }
}

impl<'a> FromValue<'a> for &'a RelData {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        let Value::Rel(rel) = cell.value else { return Err(cell.is_not("Relationship")) };
        cell.rel(*rel).ok_or_else(|| cell.is_not("Relationship of the answer"))
    }
}

impl<'a> FromValue<'a> for PathData {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        let Value::Path(path) = cell.value else { return Err(cell.is_not("Path")) };
        let nodes = path.nodes.iter().map(|node| cell.node(*node).cloned().unwrap_or_default());
        let rels = path.rels.iter().map(|rel| cell.rel(*rel).cloned().unwrap_or_default());
        Ok(Self { nodes: nodes.collect(), rels: rels.collect() })
    }
}

macro_rules! from_value {
    ($($type:ty, $wanted:literal, $pattern:pat => $made:expr;)*) => {$(
        impl<'a> FromValue<'a> for $type {
            fn from_value(cell: Cell<'a>) -> Result<Self> {
                match cell.value {
                    $pattern => Ok($made),
                    _ => Err(cell.is_not($wanted)),
                }
            }
        }

        /// Errors: `TypeError` when it is something else.
        impl TryFrom<&'_ Value> for $type {
            type Error = Error;

            fn try_from(value: &'_ Value) -> Result<Self> {
                Self::from_value(Cell::plain(value))
            }
        }
    )*};
    (integers $($type:ident)*) => {$(
        impl<'a> FromValue<'a> for $type {
            fn from_value(cell: Cell<'a>) -> Result<Self> {
                let wanted = || cell.is_not(concat!("Integer (", stringify!($type), ")"));
                let Value::Int(n) = cell.value else { return Err(wanted()) };
                Self::try_from(*n).map_err(|_| wanted())
            }
        }

        /// Errors: `TypeError` when it is no integer, or one that does not fit.
        impl TryFrom<&Value> for $type {
            type Error = Error;

            fn try_from(value: &Value) -> Result<Self> {
                Self::from_value(Cell::plain(value))
            }
        }
    )*};
}

impl<'a> FromValue<'a> for &'a str {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        let Value::Str(text) = cell.value else { return Err(cell.is_not("String")) };
        Ok(text)
    }
}

impl<'a> FromValue<'a> for NodeData {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        <&NodeData>::from_value(cell).cloned()
    }
}

impl<'a> FromValue<'a> for RelData {
    fn from_value(cell: Cell<'a>) -> Result<Self> {
        <&RelData>::from_value(cell).cloned()
    }
}

from_value! {
    bool, "Boolean", Value::Bool(b) => *b;
    Arc<str>, "String", Value::Str(text) => Arc::clone(text);
    NodeRef, "Node", Value::Node(node) => *node;
    RelRef, "Relationship", Value::Rel(rel) => *rel;
    Date, "Date", Value::Date(date) => *date;
    LocalTime, "LocalTime", Value::LocalTime(time) => *time;
    Time, "Time", Value::Time(time) => *time;
    LocalDateTime, "LocalDateTime", Value::LocalDateTime(time) => *time;
    DateTime, "DateTime", Value::DateTime(time) => DateTime::clone(time);
    Duration, "Duration", Value::Duration(duration) => Duration::clone(duration);
}
from_value! { integers i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

/// Errors: `TypeError` when it is no number that is exact as one.
impl TryFrom<&Value> for f64 {
    type Error = Error;

    fn try_from(value: &Value) -> Result<Self> {
        Self::from_value(Cell::plain(value))
    }
}

/// Errors: `TypeError` when it is something else.
impl TryFrom<&Value> for String {
    type Error = Error;

    fn try_from(value: &Value) -> Result<Self> {
        Self::from_value(Cell::plain(value))
    }
}

/// A property by name. `of`: what has them, for the error.
fn property<'a, T: FromValue<'a>>(properties: &'a [(Arc<str>, Value)], key: &str) -> Result<T> {
    let found = properties.iter().find(|(own, _)| **own == *key).map_or(&Value::Null, |(_, value)| value);
    T::from_value(Cell::plain(found)).map_err(|error| error.prefixed(&format!("property `{key}`: ")))
}

impl NodeData {
    /// A property as a Rust type; one it has not is null. Errors: `TypeError` when it is something else.
    ///
    /// ```
    /// use shejire::{Engine, engine::NodeData};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let rows = Engine::in_memory().run("CREATE (n:Law {year: 1993}) RETURN n")?;
    /// let law: &NodeData = rows.get(0).unwrap().get("n")?;
    /// assert_eq!((law.get::<i64>("year")?, law.get::<Option<String>>("title")?), (1993, None));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<'a, T: FromValue<'a>>(&'a self, key: &str) -> Result<T> {
        property(&self.properties, key)
    }

    /// What `elementId()` gives: the id as a text.
    ///
    /// ```
    /// use shejire::{Engine, engine::NodeData};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let rows = Engine::in_memory().run("CREATE (n:Law) RETURN n, elementId(n) AS id")?;
    /// let row = rows.get(0).unwrap();
    /// assert_eq!(row.get::<NodeData>("n")?.element_id(), row.get::<&str>("id")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn element_id(&self) -> String {
        self.id.to_string()
    }
}

impl RelData {
    /// A property as a Rust type; one it has not is null. Errors: `TypeError` when it is something else.
    ///
    /// ```
    /// use shejire::{Engine, engine::RelData};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let rows = Engine::in_memory().run("CREATE (:Law)-[r:AMENDS {year: 1998}]->(:Law) RETURN r")?;
    /// let amends: &RelData = rows.get(0).unwrap().get("r")?;
    /// assert_eq!((&*amends.ty, amends.get::<i64>("year")?), ("AMENDS", 1998));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<'a, T: FromValue<'a>>(&'a self, key: &str) -> Result<T> {
        property(&self.properties, key)
    }

    /// What `elementId()` gives: the id as a text.
    ///
    /// ```
    /// use shejire::{Engine, engine::RelData};
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let rows = Engine::in_memory().run("CREATE (:Law)-[r:AMENDS]->(:Law) RETURN r, elementId(r) AS id")?;
    /// let row = rows.get(0).unwrap();
    /// assert_eq!(row.get::<RelData>("r")?.element_id(), row.get::<&str>("id")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn element_id(&self) -> String {
        self.id.to_string()
    }
}
