//! Rows and serde: rows into structs, and rows as data of any format.

use std::fmt::Display;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeSeq as _, SerializeStruct as _};
use serde::{Deserialize, Serialize, Serializer, forward_to_deserialize_any};

use super::from_value::Cell;
use super::rows::{NodeData, Record, RelData, Row, Rows};
use crate::error::{Code, Error, Result};
use crate::value::serial::{WHOLE, pass};
use crate::value::{Value, text};

impl Rows {
    /// Every row as a struct; see [`Row::to`]. Errors: that of the first row that is none.
    ///
    /// ```
    /// use serde::Deserialize;
    /// use shejire::Engine;
    ///
    /// #[derive(Debug, Deserialize, PartialEq)]
    /// struct Note {
    ///     who: String,
    ///     year: Option<u16>,
    /// }
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let rows = Engine::in_memory().run("UNWIND [['Ada', 1843], ['Bea', null]] AS x RETURN x[0] AS who, x[1] AS year")?;
    /// let notes: Vec<Note> = rows.deserialize()?;
    /// assert_eq!(notes[0], Note { who: "Ada".into(), year: Some(1843) });
    /// assert_eq!(notes[1].year, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn deserialize<'a, T: Deserialize<'a>>(&'a self) -> Result<Vec<T>> {
        self.iter().map(|row| row.to()).collect()
    }
}

impl<'a> Row<'a> {
    pub(super) fn deserialized<T: Deserialize<'a>>(&self) -> Result<T> {
        T::deserialize(Whole(*self)).map_err(|wrong| match wrong {
            Wrong { missing: Some(field), .. } => self.no_column(field),
            Wrong { column: Some(column), message, .. } => self.in_column(&column, &mismatch(message)),
            Wrong { message, .. } => mismatch(message),
        })
    }
}

fn mismatch(message: String) -> Error {
    Error::type_error(Code::InvalidArgumentType, message)
}

/// What serde found wrong.
#[derive(Debug, Default)]
struct Wrong {
    message: String,
    /// A field without a column.
    missing: Option<&'static str>,
    column: Option<Arc<str>>,
}

impl Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: Display>(message: T) -> Self {
        Self { message: message.to_string(), ..Self::default() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { message: format!("missing field `{field}`"), missing: Some(field), column: None }
    }
}

/// A whole row: a map from the names of the columns, or a sequence.
struct Whole<'a>(Row<'a>);

impl<'de> Deserializer<'de> for Whole<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        visitor.visit_map(Columns { row: self.0, at: 0 })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        visitor.visit_seq(Columns { row: self.0, at: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> std::result::Result<V::Value, Wrong> {
        match self.0.columns().len() {
            columns if columns == len => self.deserialize_seq(visitor),
            columns => Err(de::Error::custom(format!("a row of {columns} columns is no tuple of {len}"))),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct map struct
        enum identifier ignored_any
    }
}

struct Columns<'a> {
    row: Row<'a>,
    at: usize,
}

impl<'a> Columns<'a> {
    fn next<T: DeserializeSeed<'a>>(&mut self, seed: T) -> std::result::Result<T::Value, Wrong> {
        let at = self.at;
        self.at += 1;
        let value = self.row.values().get(at).unwrap_or(&Value::Null);
        seed.deserialize(One(Cell::new(value, self.row.entities()))).map_err(|wrong| {
            // what is missing inside a column is no missing column
            Wrong { column: self.row.columns().get(at).cloned(), missing: None, ..wrong }
        })
    }
}

impl<'de> MapAccess<'de> for Columns<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> std::result::Result<Option<K::Value>, Wrong> {
        match self.row.columns().get(self.at) {
            Some(column) => seed.deserialize(de::value::BorrowedStrDeserializer::new(column)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> std::result::Result<T::Value, Wrong> {
        self.next(seed)
    }
}

impl<'de> SeqAccess<'de> for Columns<'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> std::result::Result<Option<T::Value>, Wrong> {
        if self.at < self.row.columns().len() { self.next(seed).map(Some) } else { Ok(None) }
    }
}

/// One value.
struct One<'a>(Cell<'a>);

impl<'de> IntoDeserializer<'de, Wrong> for One<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> One<'de> {
    /// The properties of a node or relationship, or the entries of a map.
    fn entries<V: Visitor<'de>>(
        self,
        entries: impl Iterator<Item = (&'de Arc<str>, &'de Value)>,
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        let entries = entries.map(|(key, value)| (&**key, One(self.0.of(value))));
        visitor.visit_map(de::value::MapDeserializer::new(entries))
    }
}

impl<'de> Deserializer<'de> for One<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        match self.0.value() {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Int(n) => visitor.visit_i64(*n),
            Value::Float(x) => visitor.visit_f64(*x),
            Value::Str(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => {
                let items = items.items().iter().map(|item| One(self.0.of(item)));
                visitor.visit_seq(de::value::SeqDeserializer::new(items))
            }
            Value::Map(map) => {
                let entries = map.entries().iter();
                self.entries(entries, visitor)
            }
            Value::Node(node) => {
                let properties = self.0.node(*node).map_or(&[][..], |data| &data.properties);
                self.entries(properties.iter().map(|(key, value)| (key, value)), visitor)
            }
            Value::Rel(rel) => {
                let properties = self.0.rel(*rel).map_or(&[][..], |data| &data.properties);
                self.entries(properties.iter().map(|(key, value)| (key, value)), visitor)
            }
            Value::Path(path) => {
                let nodes = path.nodes.iter().map(|node| Value::Node(*node)).collect();
                let rels = path.rels.iter().map(|rel| Value::Rel(*rel)).collect();
                visitor.visit_map(Path { cell: self.0, parts: vec![("nodes", nodes), ("relationships", rels)] })
            }
            other => visitor.visit_string(text::scalar(other).unwrap_or_default()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        match self.0.value() {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        if name == WHOLE { pass(self.0.value().clone(), visitor) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        match self.0.value() {
            Value::Str(text) => visitor.visit_enum(IntoDeserializer::<'_, Wrong>::into_deserializer(&**text)),
            Value::Map(map) if map.entries().len() == 1 => match map.entries().iter().next() {
                Some((key, value)) => visitor.visit_enum(Variant(key, One(self.0.of(value)))),
                None => Err(de::Error::custom("an empty map is no variant")),
            },
            other => Err(de::Error::custom(format!(
                "expected the name of a variant, or a map with one as its only key, found a {}",
                other.type_name()
            ))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// The nodes and relationships of a path, last part first to go.
struct Path<'a> {
    cell: Cell<'a>,
    parts: Vec<(&'static str, Vec<Value>)>,
}

impl<'de> MapAccess<'de> for Path<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> std::result::Result<Option<K::Value>, Wrong> {
        match self.parts.first() {
            Some((name, _)) => seed.deserialize(de::value::BorrowedStrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> std::result::Result<T::Value, Wrong> {
        let (_, values) = self.parts.remove(0);
        let properties = values.iter().map(|value| match value {
            Value::Node(node) => self.cell.node(*node).map_or(&[][..], |data| &data.properties),
            Value::Rel(rel) => self.cell.rel(*rel).map_or(&[][..], |data| &data.properties),
            _ => &[],
        });
        let items = properties.map(|properties| Properties { cell: self.cell, properties });
        seed.deserialize(de::value::SeqDeserializer::new(items))
    }
}

/// The properties of one node or relationship of a path.
struct Properties<'a> {
    cell: Cell<'a>,
    properties: &'a [(Arc<str>, Value)],
}

impl<'de> IntoDeserializer<'de, Wrong> for Properties<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Properties<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Wrong> {
        One(self.cell).entries(self.properties.iter().map(|(key, value)| (key, value)), visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A variant with its content.
struct Variant<'a>(&'a str, One<'a>);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Wrong;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> std::result::Result<(V::Value, Content<'de>), Wrong> {
        let name = seed.deserialize(de::value::BorrowedStrDeserializer::new(self.0))?;
        Ok((name, Content(self.1)))
    }
}

struct Content<'a>(One<'a>);

impl<'de> de::VariantAccess<'de> for Content<'de> {
    type Error = Wrong;

    fn unit_variant(self) -> std::result::Result<(), Wrong> {
        <()>::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> std::result::Result<T::Value, Wrong> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> std::result::Result<V::Value, Wrong> {
        self.0.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Wrong> {
        self.0.deserialize_any(visitor)
    }
}

/// With the content of nodes (`elementId`, `labels`, `properties`), relationships (`elementId`, `type`, `startNodeElementId`,
/// `endNodeElementId`, `properties`) and paths (`nodes`, `relationships`); temporal values as texts.
impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.value() {
            Value::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.items().iter().try_for_each(|item| seq.serialize_element(&self.of(item)))?;
                seq.end()
            }
            Value::Map(map) => {
                let mut all = serializer.serialize_map(Some(map.entries().len()))?;
                map.entries().iter().try_for_each(|(key, item)| all.serialize_entry(&**key, &self.of(item)))?;
                all.end()
            }
            Value::Node(node) => self.node(*node).unwrap_or(&NodeData::default()).serialize(serializer),
            Value::Rel(rel) => self.rel(*rel).unwrap_or(&RelData::default()).serialize(serializer),
            Value::Path(path) => {
                let mut all = serializer.serialize_struct("Path", 2)?;
                let nodes: Vec<Value> = path.nodes.iter().map(|node| Value::Node(*node)).collect();
                let rels: Vec<Value> = path.rels.iter().map(|rel| Value::Rel(*rel)).collect();
                all.serialize_field("nodes", &Vec::from_iter(nodes.iter().map(|node| self.within(node))))?;
                all.serialize_field("relationships", &Vec::from_iter(rels.iter().map(|rel| self.within(rel))))?;
                all.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

struct AsMap<'a>(&'a [(Arc<str>, Value)]);

impl Serialize for AsMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (&**key, value)))
    }
}

impl Serialize for NodeData {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut node = serializer.serialize_struct("Node", 3)?;
        node.serialize_field("elementId", &self.element_id())?;
        node.serialize_field("labels", &Vec::from_iter(self.labels.iter().map(|label| &**label)))?;
        node.serialize_field("properties", &AsMap(&self.properties))?;
        node.end()
    }
}

impl Serialize for RelData {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut rel = serializer.serialize_struct("Relationship", 5)?;
        rel.serialize_field("elementId", &self.element_id())?;
        rel.serialize_field("type", &*self.ty)?;
        rel.serialize_field("startNodeElementId", &self.start.to_string())?;
        rel.serialize_field("endNodeElementId", &self.end.to_string())?;
        rel.serialize_field("properties", &AsMap(&self.properties))?;
        rel.end()
    }
}

/// A map from the names of the columns.
impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let cells = self.values().iter().map(|value| Cell::new(value, self.entities()));
        serializer.collect_map(self.columns().iter().map(|column| &**column).zip(cells))
    }
}

/// As its row.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.row().serialize(serializer)
    }
}

/// A sequence of rows.
impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}
