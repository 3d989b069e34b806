//! PackStream: the bytes that values are on a Bolt connection.
//!
//! Reading goes straight into [`Value`]s, and nothing is allocated ahead of what a message really holds: a declared size
//! larger than the rest of the message is an error before a byte of it is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::temporal::{Date, DateTime, Duration, Instant, LocalDateTime, LocalTime, Time};
use crate::value::{List, Map};
use crate::{Error, Value};

/// How deep lists, maps and structures may nest in a message.
const MAX_DEPTH: usize = 128;

/// Why bytes are no message.
#[derive(Debug)]
pub(crate) enum Malformed {
    /// They do not follow PackStream, or not the form of the message.
    Format(String),
    /// They do, but hold a value that the language has not.
    Value(Error),
}

impl From<Error> for Malformed {
    fn from(error: Error) -> Self {
        Self::Value(error)
    }
}

type Read<T> = Result<T, Malformed>;

fn format(message: impl Into<String>) -> Malformed {
    Malformed::Format(message.into())
}

/// How the versions of Bolt differ in what values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Nodes and relationships carry element ids (5.0 and later).
    pub(crate) element_ids: bool,
    /// Datetimes count from UTC (5.0 and later, earlier when both sides say so).
    pub(crate) utc: bool,
}

/// A message that is being read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    left: &'a [u8],
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(message: &'a [u8], dialect: Dialect) -> Self {
        Self { left: message, dialect }
    }

    /// The tag of the message and how many fields it has.
    pub(crate) fn head(&mut self) -> Read<(u8, usize)> {
        match self.byte()? {
            marker @ 0xB0..=0xBF => Ok((self.byte()?, usize::from(marker & 15))),
            marker => Err(format(format!("a message begins with a structure, not with the marker {marker:#04x}"))),
        }
    }

    /// A field that is a map.
    pub(crate) fn map(&mut self) -> Read<BTreeMap<Arc<str>, Value>> {
        match self.value(0)? {
            Value::Map(map) => Ok(map.into_entries()),
            Value::Null => Ok(BTreeMap::new()),
            _ => Err(format("a map is expected here")),
        }
    }

    /// The parameters of a statement: an error names the one it is about.
    pub(crate) fn parameters(&mut self) -> Read<Vec<(String, Value)>> {
        let marker = self.byte()?;
        let len = match marker {
            0xA0..=0xAF => usize::from(marker & 15),
            0xD8..=0xDA => self.size(marker & 3)?,
            0xC0 => 0,
            _ => return Err(format("the parameters of a statement are a map")),
        };
        self.holds(len)?;
        let mut all: Vec<(String, Value)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..len {
            let name = self.text()?;
            let value = self.value(1).map_err(|error| match error {
                Malformed::Value(error) => Malformed::Value(error.prefixed(&format!("the parameter ${name}: "))),
                other => other,
            })?;
            if !seen.insert(Arc::clone(&name)) {
                return Err(format(format!("the parameter {name:?} stands twice")));
            }
            all.push((name.to_string(), value));
        }
        Ok(all)
    }

    /// A field that is text.
    pub(crate) fn text(&mut self) -> Read<Arc<str>> {
        match self.value(0)? {
            Value::Str(text) => Ok(text),
            _ => Err(format("text is expected here")),
        }
    }

    /// Errors: bytes are left over.
    pub(crate) fn end(&self) -> Read<()> {
        match self.left.len() {
            0 => Ok(()),
            left => Err(format(format!("{left} bytes stand after the end of the message"))),
        }
    }

    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        if len > self.left.len() {
            return Err(format(format!("the message ends {} bytes too early", len - self.left.len())));
        }
        let (taken, left) = self.left.split_at(len);
        self.left = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    /// A size of 1, 2 or 4 bytes.
    fn size(&mut self, power: u8) -> Read<usize> {
        let bytes = self.take(1 << power)?;
        Ok(bytes.iter().fold(0, |size, byte| size << 8 | usize::from(*byte)))
    }

    /// Errors: so many elements cannot be in what is left, where each has at least one byte.
    fn holds(&self, elements: usize) -> Read<()> {
        match elements <= self.left.len() {
            true => Ok(()),
            false => Err(format(format!("{elements} elements are announced, and {} bytes are left", self.left.len()))),
        }
    }

    fn integer(&mut self, bytes: usize) -> Read<i64> {
        let taken = self.take(bytes)?;
        let negative = taken[0] & 0x80 != 0;
        let start = if negative { -1_i64 } else { 0 };
        Ok(taken.iter().fold(start, |n, byte| n << 8 | i64::from(*byte)))
    }

    /// The next value.
    pub(crate) fn value(&mut self, depth: usize) -> Read<Value> {
        if depth > MAX_DEPTH {
            return Err(format(format!("values may nest at most {MAX_DEPTH} deep in a message")));
        }
        let marker = self.byte()?;
        Ok(match marker {
            0x00..=0x7F => Value::Int(i64::from(marker)),
            0xF0..=0xFF => Value::Int(i64::from(marker) - 256),
            0x80..=0x8F => self.string(usize::from(marker & 15))?,
            0x90..=0x9F => self.list(usize::from(marker & 15), depth)?,
            0xA0..=0xAF => self.entries(usize::from(marker & 15), depth)?,
            0xB0..=0xBF => self.structure(usize::from(marker & 15), depth)?,
            0xC0 => Value::Null,
            0xC1 => {
                let bytes: [u8; 8] = self.take(8)?.try_into().map_err(|_| format("a float has 8 bytes"))?;
                Value::Float(f64::from_be_bytes(bytes))
            }
            0xC2 => Value::Bool(false),
            0xC3 => Value::Bool(true),
            0xC8..=0xCB => Value::Int(self.integer(1 << (marker - 0xC8))?),
            0xCC..=0xCE => {
                let len = self.size(marker & 3)?;
                self.take(len)?;
                return Err(no_type("bytes", "text in base64 or a list of integers holds them").into());
            }
            0xD0..=0xD2 => {
                let len = self.size(marker & 3)?;
                self.string(len)?
            }
            0xD4..=0xD6 => {
                let len = self.size(marker & 3)?;
                self.list(len, depth)?
            }
            0xD8..=0xDA => {
                let len = self.size(marker & 3)?;
                self.entries(len, depth)?
            }
            _ => return Err(format(format!("there is no marker {marker:#04x}"))),
        })
    }

    fn string(&mut self, len: usize) -> Read<Value> {
        let bytes = self.take(len)?;
        let text =
            std::str::from_utf8(bytes).map_err(|e| format(format!("text is not UTF-8 at byte {}", e.valid_up_to())))?;
        Ok(Value::str(text))
    }

    fn list(&mut self, len: usize, depth: usize) -> Read<Value> {
        self.holds(len)?;
        let mut items = Vec::with_capacity(len.min(1024));
        for _ in 0..len {
            items.push(self.value(depth + 1)?);
        }
        Ok(Value::List(List::new(items)?))
    }

    fn entries(&mut self, len: usize, depth: usize) -> Read<Value> {
        self.holds(len)?;
        let mut entries = BTreeMap::new();
        for _ in 0..len {
            let key = match self.value(depth + 1)? {
                Value::Str(key) => key,
                _ => return Err(format("the keys of a map are text")),
            };
            let value = self.value(depth + 1)?;
            if entries.insert(Arc::clone(&key), value).is_some() {
                return Err(format(format!("the key {key:?} stands twice in a map")));
            }
        }
        Ok(Value::Map(Map::new(entries)?))
    }

    /// A structure: temporal values are the ones that may be handed in.
    fn structure(&mut self, len: usize, depth: usize) -> Read<Value> {
        let tag = self.byte()?;
        let mut fields = Vec::with_capacity(len);
        for _ in 0..len {
            fields.push(self.value(depth + 1)?);
        }
        let int = |at: usize| match fields.get(at) {
            Some(Value::Int(n)) => Ok(*n),
            _ => Err(format(format!("field {at} of the structure {tag:#04x} is an integer"))),
        };
        let small = |at: usize, what: &str| {
            let n = int(at)?;
            i32::try_from(n).map_err(|_| format(format!("{n} is no {what}")))
        };
        let nanos = |at: usize| match int(at)? {
            n @ 0..=999_999_999 => Ok(n as u32),
            n => Err(format(format!("{n} is no number of nanoseconds within a second"))),
        };
        let clock = |at: usize| match int(at)? {
            n if (0..86_400_000_000_000).contains(&n) => Ok(n),
            n => Err(format(format!("{n} is no number of nanoseconds within a day"))),
        };
        let offset = |at: usize| match small(at, "offset from UTC")? {
            n if n.abs() <= 18 * 3600 => Ok(n),
            n => Err(format(format!("{n} seconds are more than 18 hours from UTC"))),
        };
        let zone = |at: usize| match fields.get(at) {
            Some(Value::Str(zone)) => Ok(Arc::clone(zone)),
            _ => Err(format("a zone is named by text")),
        };
        let wide = |seconds: i64, by: i64| seconds.checked_add(by).ok_or_else(|| format("a datetime out of range"));
        Ok(match (tag, len) {
            (0x44, 1) => Value::Date(Date::from_days(int(0)?)?),
            (0x54, 2) => Value::Time(Time { nanos: clock(0)?, offset: offset(1)? }),
            (0x74, 1) => Value::LocalTime(LocalTime { nanos: clock(0)? }),
            (0x64, 2) => Value::LocalDateTime(LocalDateTime::from_seconds(int(0)?, nanos(1)?)?),
            (0x49, 3) if self.dialect.utc => {
                let offset = offset(2)?;
                let local = LocalDateTime::from_seconds(wide(int(0)?, offset.into())?, nanos(1)?)?;
                Value::DateTime(Arc::new(DateTime { local, offset, zone: None }))
            }
            (0x46, 3) if !self.dialect.utc => {
                let local = LocalDateTime::from_seconds(int(0)?, nanos(1)?)?;
                Value::DateTime(Arc::new(DateTime { local, offset: offset(2)?, zone: None }))
            }
            (0x69, 3) if self.dialect.utc => {
                let instant = Instant { seconds: int(0)?, nanos: nanos(1)? };
                Value::DateTime(Arc::new(DateTime::at(instant, &zone(2)?)?))
            }
            (0x66, 3) if !self.dialect.utc => {
                let local = LocalDateTime::from_seconds(int(0)?, nanos(1)?)?;
                Value::DateTime(Arc::new(DateTime::in_zone_of(local, &zone(2)?)?))
            }
            (0x45, 4) => {
                let clock = i128::from(int(2)?) * 1_000_000_000 + i128::from(int(3)?);
                Value::Duration(Arc::new(Duration::of(int(0)?, int(1)?, clock)?))
            }
            (0x58, 3) | (0x59, 4) => return Err(no_type("points", "hand in a map of coordinates").into()),
            (0x4E | 0x52 | 0x72 | 0x50, _) => {
                return Err(no_type("nodes, relationships and paths", "match them by a property").into());
            }
            _ => return Err(format(format!("there is no structure {tag:#04x} of {len} fields that may be handed in"))),
        })
    }
}

fn no_type(what: &str, advice: &str) -> Error {
    let message = format!("{what} cannot be handed in");
    Error::type_error(crate::error::Code::InvalidArgumentType, message).hint(advice)
}

/// Appends what PackStream has no marker for in `Value`: headers and texts of messages.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) out: Vec<u8>,
}

impl Writer {
    pub(crate) fn null(&mut self) {
        self.out.push(0xC0);
    }

    pub(crate) fn bool(&mut self, b: bool) {
        self.out.push(if b { 0xC3 } else { 0xC2 });
    }

    pub(crate) fn int(&mut self, n: i64) {
        match n {
            -16..=127 => self.out.push(n as i8 as u8),
            -128..=-17 => self.out.extend([0xC8, n as i8 as u8]),
            -32_768..=32_767 => self.marked(0xC9, &(n as i16).to_be_bytes()),
            -2_147_483_648..=2_147_483_647 => self.marked(0xCA, &(n as i32).to_be_bytes()),
            _ => self.marked(0xCB, &n.to_be_bytes()),
        }
    }

    fn marked(&mut self, marker: u8, bytes: &[u8]) {
        self.out.push(marker);
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn float(&mut self, x: f64) {
        self.marked(0xC1, &x.to_be_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.sized(text.len(), 0x80, 0xD0);
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn list(&mut self, len: usize) {
        self.sized(len, 0x90, 0xD4);
    }

    pub(crate) fn map(&mut self, len: usize) {
        self.sized(len, 0xA0, 0xD8);
    }

    pub(crate) fn structure(&mut self, tag: u8, fields: u8) {
        self.out.extend([0xB0 + fields, tag]);
    }

    /// A marker with a size: in the marker itself when it is small, else in 1, 2 or 4 bytes after `wide`.
    fn sized(&mut self, len: usize, tiny: u8, wide: u8) {
        match len {
            0..=15 => self.out.push(tiny + len as u8),
            16..=255 => self.out.extend([wide, len as u8]),
            256..=65_535 => self.marked(wide + 1, &(len as u16).to_be_bytes()),
            _ => self.marked(wide + 2, &u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTC: Dialect = Dialect { element_ids: true, utc: true };

    fn read(bytes: &[u8]) -> Result<Value, Malformed> {
        let mut reader = Reader::new(bytes, UTC);
        let value = reader.value(0)?;
        reader.end()?;
        Ok(value)
    }

    #[test]
    fn integers_come_back_at_every_width() {
        for n in [0, 1, -1, -16, -17, 127, 128, -128, -129, 32_767, -32_769, 1 << 31, i64::MIN, i64::MAX] {
            let mut writer = Writer::default();
            writer.int(n);
            assert!(matches!(read(&writer.out), Ok(Value::Int(m)) if m == n), "{n}");
        }
    }

    #[test]
    fn texts_and_lists_come_back_at_every_width() {
        for len in [0, 1, 15, 16, 255, 256, 65_535, 65_536] {
            let mut writer = Writer::default();
            writer.text(&"x".repeat(len));
            assert!(matches!(read(&writer.out), Ok(Value::Str(text)) if text.len() == len), "{len}");
            let mut writer = Writer::default();
            writer.list(len);
            (0..len).for_each(|_| writer.null());
            assert!(matches!(read(&writer.out), Ok(Value::List(list)) if list.len() == len), "{len}");
        }
    }

    #[test]
    fn what_is_announced_and_not_there_is_refused_before_it_is_allocated() {
        for bytes in [
            &b"\xD2\x7F\xFF\xFF\xFF"[..],
            b"\xD6\xFF\xFF\xFF\xFF",
            b"\xDA\xFF\xFF\xFF\xFF",
            b"\x85ab",
            b"\x92\x01",
            b"\xA1\x81a",
            b"\xC1\0",
            b"\xCB\0",
            b"",
        ] {
            assert!(matches!(read(bytes), Err(Malformed::Format(_))), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let deep: Vec<u8> = std::iter::repeat_n(0x91, 200).chain([1]).collect();
        for bytes in [
            &deep[..],
            b"\x83\xFF\xFE\xFD",
            b"\xA2\x81a\x01\x81a\x02",
            b"\xA1\x01\x01",
            b"\xC4",
            b"\xB1\x99\x01",
            b"\x01\x01",
        ] {
            assert!(matches!(read(bytes), Err(Malformed::Format(_))), "{bytes:?}");
        }
        for bytes in [&b"\xCC\x01x"[..], b"\xB3\x58\x01\xC1\0\0\0\0\0\0\0\0\xC1\0\0\0\0\0\0\0\0"] {
            assert!(matches!(read(bytes), Err(Malformed::Value(_))), "{bytes:?}");
        }
    }
}
