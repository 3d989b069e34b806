//! Values and serde: what any Rust data is as a value, and values as the data of any format.
//!
//! | Rust, by serde | value |
//! |---|---|
//! | `()`, `None`, a unit struct | null |
//! | `bool`, numbers, `char`, `&str` | the same; integers outside 64 bits are refused |
//! | `Some(x)`, a newtype struct | x |
//! | sequences, tuples, bytes | list |
//! | maps, structs | map; keys are texts, or numbers and booleans as texts |
//! | an enum | the name of the variant; with content a map of one entry |
//! | the temporal types of [`super::temporal`] | themselves |
//!
//! The other way a value is what serde takes for the same, and a temporal value its text. Handles of nodes and relationships
//! mean nothing outside their graph and are refused: a row is written with their content.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{self, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::temporal::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time, parse};
use super::{MAX_DEPTH, Value};
use crate::error::{Code, Error, Result};

/// What any data that serde can write is as a value. Errors: `ArgumentError` for what no value can be, such as an integer
/// outside 64 bits; `LimitExceeded` for what nests too deep.
///
/// ```
/// use shejire::Value;
/// use shejire::value::to_value;
///
/// # fn main() -> shejire::Result<()> {
/// let value = to_value(&(1, "two", vec![3.0], None::<u8>))?;
/// assert_eq!(value.to_string(), "[1, 'two', [3.0], null]");
/// assert!(to_value(&u64::MAX).is_err());
/// # Ok(())
/// # }
/// ```
pub fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<Value> {
    data.serialize(ToValue { depth: 0 }).map_err(|Wrong(error)| error)
}

/// The name under which a value asks to be taken as it is.
pub(crate) const WHOLE: &str = "$shejire::Value";

thread_local! {
    /// A value on its way through serde as it is: between the deserializer that has it and the visitor that wants it, which
    /// takes it at once.
    static PASSED: Cell<Option<Value>> = const { Cell::new(None) };
}

/// Hands a value to a visitor that asked for [`WHOLE`].
pub(crate) fn pass<'de, V: Visitor<'de>, E: de::Error>(value: Value, visitor: V) -> std::result::Result<V::Value, E> {
    PASSED.set(Some(value));
    let passed = visitor.visit_map(de::value::MapDeserializer::new(std::iter::once((WHOLE, ()))));
    PASSED.take();
    passed
}

macro_rules! temporal {
    ($($type:ident $name:literal $parse:ident)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct($name, &self.to_string())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                parse::$parse(&text).map_err(|error| de::Error::custom(error.message()))
            }
        }
    )*

        /// A text that was written under the name of a temporal type.
        fn temporal(name: &str, text: &str) -> Option<Result<Value>> {
            match name {
                $($name => Some(parse::$parse(text).map(Value::from)),)*
                _ => None,
            }
        }
    };
}

temporal! {
    Date "$shejire::Date" date
    LocalTime "$shejire::LocalTime" local_time
    Time "$shejire::Time" time
    LocalDateTime "$shejire::LocalDateTime" local_date_time
    DateTime "$shejire::DateTime" date_time
    Duration "$shejire::Duration" duration
}

/// As data of any format. Errors: a node, relationship or path, whose content is not in it.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Float(x) => serializer.serialize_f64(*x),
            Self::Str(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.entries().len()))?;
                entries.entries().iter().try_for_each(|(key, item)| map.serialize_entry(&**key, item))?;
                map.end()
            }
            Self::Node(_) | Self::Rel(_) | Self::Path(_) => Err(ser::Error::custom(format!(
                "a {} by itself is a handle in its graph: write the row, which has its content",
                self.type_name().to_lowercase()
            ))),
            Self::Date(date) => date.serialize(serializer),
            Self::LocalTime(time) => time.serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
            Self::LocalDateTime(time) => time.serialize(serializer),
            Self::DateTime(time) => time.serialize(serializer),
            Self::Duration(duration) => duration.serialize(serializer),
        }
    }
}

/// From data of any format that says what it holds. What was a temporal value there is its text; of a row it is itself.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(WHOLE, Whole)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_unit<E: de::Error>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, b: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> std::result::Result<Value, E> {
        Ok(Value::Int(n))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> std::result::Result<Value, E> {
        i64::try_from(n).map(Value::Int).map_err(|_| E::custom(format!("{n} does not fit into 64 bits with a sign")))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> std::result::Result<Value, E> {
        Ok(Value::Float(x))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> std::result::Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Value::list(items).map_err(|error| de::Error::custom(error.message()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> std::result::Result<Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = from.next_key::<String>()? {
            if key == WHOLE
                && let Some(whole) = PASSED.take()
            {
                return Ok(whole);
            }
            entries.insert(Arc::from(key), from.next_value()?);
        }
        Value::map(entries).map_err(|error| de::Error::custom(error.message()))
    }
}

/// Our error on its way through serde.
#[derive(Debug)]
struct Wrong(Error);

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.message())
    }
}

impl std::error::Error for Wrong {}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl ser::Error for Wrong {
    fn custom<T: Display>(message: T) -> Self {
        Self(Error::argument(Code::InvalidArgumentValue, message.to_string()))
    }
}

type Written = std::result::Result<Value, Wrong>;

/// Makes a value of what serde writes.
#[derive(Clone, Copy)]
struct ToValue {
    /// How deep it stands: data that holds itself must not be followed to the end of the stack.
    depth: u16,
}

impl ToValue {
    fn inside(self) -> std::result::Result<Self, Wrong> {
        match self.depth < MAX_DEPTH {
            true => Ok(Self { depth: self.depth + 1 }),
            false => Err(Error::limit(Code::Depth, format!("lists and maps may nest at most {MAX_DEPTH} deep")).into()),
        }
    }
}

/// A list or map that is being written; for an enum under the name of its variant.
struct Filling {
    to: ToValue,
    items: Vec<Value>,
    entries: BTreeMap<Arc<str>, Value>,
    key: Option<Arc<str>>,
    variant: Option<&'static str>,
}

impl Filling {
    fn new(of: ToValue, variant: Option<&'static str>) -> std::result::Result<Self, Wrong> {
        let to = of.inside()?;
        Ok(Self { to, items: Vec::new(), entries: BTreeMap::new(), key: None, variant })
    }

    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> std::result::Result<(), Wrong> {
        self.items.push(item.serialize(self.to)?);
        Ok(())
    }

    fn entry<T: Serialize + ?Sized>(&mut self, key: Arc<str>, item: &T) -> std::result::Result<(), Wrong> {
        self.entries.insert(key, item.serialize(self.to)?);
        Ok(())
    }

    fn list(self) -> Written {
        named(self.variant, Value::list(self.items)?)
    }

    fn map(self) -> Written {
        named(self.variant, Value::map(self.entries)?)
    }
}

fn named(variant: Option<&'static str>, value: Value) -> Written {
    match variant {
        None => Ok(value),
        Some(name) => Ok(Value::map([(Arc::from(name), value)])?),
    }
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Wrong;
    type SerializeSeq = Filling;
    type SerializeTuple = Filling;
    type SerializeTupleStruct = Filling;
    type SerializeTupleVariant = Filling;
    type SerializeMap = Filling;
    type SerializeStruct = Filling;
    type SerializeStructVariant = Filling;

    fn serialize_bool(self, b: bool) -> Written {
        Ok(Value::Bool(b))
    }

    fn serialize_i8(self, n: i8) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_i16(self, n: i16) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_i32(self, n: i32) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_i64(self, n: i64) -> Written {
        Ok(Value::Int(n))
    }

    fn serialize_i128(self, n: i128) -> Written {
        i64::try_from(n).map(Value::Int).map_err(|_| ser::Error::custom(format!("{n} does not fit into 64 bits")))
    }

    fn serialize_u8(self, n: u8) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_u16(self, n: u16) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_u32(self, n: u32) -> Written {
        self.serialize_i64(n.into())
    }

    fn serialize_u64(self, n: u64) -> Written {
        self.serialize_i128(n.into())
    }

    fn serialize_u128(self, n: u128) -> Written {
        i64::try_from(n).map(Value::Int).map_err(|_| ser::Error::custom(format!("{n} does not fit into 64 bits")))
    }

    fn serialize_f32(self, x: f32) -> Written {
        self.serialize_f64(x.into())
    }

    fn serialize_f64(self, x: f64) -> Written {
        Ok(Value::Float(x))
    }

    fn serialize_char(self, c: char) -> Written {
        Ok(Value::from(c.to_string()))
    }

    fn serialize_str(self, text: &str) -> Written {
        Ok(Value::from(text))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Written {
        Ok(Value::list(bytes.iter().map(|byte| Value::Int((*byte).into())).collect())?)
    }

    fn serialize_none(self) -> Written {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        let inner = value.serialize(self)?;
        match &inner {
            Value::Str(text) => Ok(temporal(name, text).transpose()?.unwrap_or(inner)),
            _ => Ok(inner),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        named(Some(variant), value.serialize(self.inside()?)?)
    }

    fn serialize_seq(self, _: Option<usize>) -> std::result::Result<Filling, Wrong> {
        Filling::new(self, None)
    }

    fn serialize_tuple(self, _: usize) -> std::result::Result<Filling, Wrong> {
        Filling::new(self, None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> std::result::Result<Filling, Wrong> {
        Filling::new(self, None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Filling, Wrong> {
        Filling::new(self.inside()?, Some(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> std::result::Result<Filling, Wrong> {
        Filling::new(self, None)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> std::result::Result<Filling, Wrong> {
        Filling::new(self, None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Filling, Wrong> {
        Filling::new(self.inside()?, Some(variant))
    }
}

macro_rules! fill {
    ($($of:ident $add:ident)*) => {$(
        impl ser::$of for Filling {
            type Ok = Value;
            type Error = Wrong;

            fn $add<T: Serialize + ?Sized>(&mut self, item: &T) -> std::result::Result<(), Wrong> {
                self.push(item)
            }

            fn end(self) -> Written {
                self.list()
            }
        }
    )*};
    (fields $($of:ident)*) => {$(
        impl ser::$of for Filling {
            type Ok = Value;
            type Error = Wrong;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                item: &T,
            ) -> std::result::Result<(), Wrong> {
                self.entry(key.into(), item)
            }

            fn end(self) -> Written {
                self.map()
            }
        }
    )*};
}

fill! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}
fill! { fields SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for Filling {
    type Ok = Value;
    type Error = Wrong;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> std::result::Result<(), Wrong> {
        self.key = Some(match key.serialize(self.to)? {
            Value::Str(text) => text,
            key @ (Value::Int(_) | Value::Bool(_)) => super::text::scalar(&key).unwrap_or_default().into(),
            other => return Err(ser::Error::custom(format!("the keys of a map are texts, not {}", other.type_name()))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> std::result::Result<(), Wrong> {
        let key = self.key.take().unwrap_or_default();
        self.entry(key, value)
    }

    fn end(self) -> Written {
        self.map()
    }
}
