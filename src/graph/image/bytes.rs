//! Numbers, texts and values as bytes, and back: little-endian, lengths first, small numbers short.
//!
//! ```text
//! small   1–10 bytes, seven bits each, the top bit says that more follow (LEB128)
//! text    small length, UTF-8
//! words   small count, four bytes each
//! value   one byte of kind, then its content; lists: small count, values
//! ```
//!
//! Reading never trusts a length: what does not fit the bytes there is [`Damaged`].

use std::sync::Arc;

use crate::error::Error;
use crate::value::temporal::{Date, DateTime, Duration, LocalDateTime, LocalTime, Time};
use crate::value::{MAX_DEPTH, Value};

/// The bytes are not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

impl From<Error> for Damaged {
    fn from(_: Error) -> Self {
        Self
    }
}

pub(crate) type Read<T> = Result<T, Damaged>;

/// Bytes being written.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn small(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    /// A signed number, small when it is near zero.
    pub(crate) fn signed(&mut self, n: i64) {
        self.small(((n << 1) ^ (n >> 63)) as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.small(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn words(&mut self, words: &[u32]) {
        self.small(words.len() as u64);
        self.0.reserve(words.len() * 4);
        words.iter().for_each(|w| self.0.extend_from_slice(&w.to_le_bytes()));
    }

    pub(crate) fn long(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    /// A storable value. Maps, nodes, relationships and paths are never stored; they would be null.
    pub(crate) fn value(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Map(_) | Value::Node(_) | Value::Rel(_) | Value::Path(_) => self.byte(0),
            Value::Bool(false) => self.byte(1),
            Value::Bool(true) => self.byte(2),
            Value::Int(n) => {
                self.byte(3);
                self.signed(*n);
            }
            Value::Float(x) => {
                self.byte(4);
                self.long(x.to_bits());
            }
            Value::Str(text) => {
                self.byte(5);
                self.text(text);
            }
            Value::List(items) => {
                self.byte(6);
                self.small(items.len() as u64);
                items.iter().for_each(|item| self.value(item));
            }
            Value::Date(date) => {
                self.byte(7);
                self.signed(date.days);
            }
            Value::LocalTime(time) => {
                self.byte(8);
                self.signed(time.nanos);
            }
            Value::Time(time) => {
                self.byte(9);
                self.signed(time.nanos);
                self.signed(time.offset.into());
            }
            Value::LocalDateTime(time) => {
                self.byte(10);
                self.local(*time);
            }
            Value::DateTime(time) => {
                self.byte(11);
                self.local(time.local);
                self.signed(time.offset.into());
                self.byte(time.zone.is_some().into());
                self.text(time.zone.as_deref().unwrap_or(""));
            }
            Value::Duration(d) => {
                self.byte(12);
                self.signed(d.months);
                self.signed(d.days);
                self.signed(d.seconds);
                self.signed(d.nanos.into());
            }
        }
    }

    fn local(&mut self, time: LocalDateTime) {
        self.signed(time.seconds);
        self.small(time.nanos.into());
    }
}

/// Bytes being read.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn small(&mut self) -> Read<u64> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Damaged);
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(Damaged)
    }

    pub(crate) fn signed(&mut self) -> Read<i64> {
        let n = self.small()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// A number that must fit 32 bits.
    pub(crate) fn word(&mut self) -> Read<u32> {
        u32::try_from(self.small()?).map_err(|_| Damaged)
    }

    /// A count of things that take at least `least` bytes each.
    pub(crate) fn count(&mut self, least: usize) -> Read<usize> {
        let count = usize::try_from(self.small()?).map_err(|_| Damaged)?;
        match count.checked_mul(least) {
            Some(bytes) if bytes <= self.0.len() => Ok(count),
            _ => Err(Damaged),
        }
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.count(1)?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    pub(crate) fn words(&mut self) -> Read<Vec<u32>> {
        let count = self.count(4)?;
        let bytes = self.take(count * 4)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }

    pub(crate) fn long(&mut self) -> Read<u64> {
        self.take(8)?.first_chunk::<8>().map(|b| u64::from_le_bytes(*b)).ok_or(Damaged)
    }

    pub(crate) fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn value(&mut self) -> Read<Value> {
        self.value_within(MAX_DEPTH)
    }

    fn value_within(&mut self, depth: u16) -> Read<Value> {
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(self.signed()?),
            4 => Value::Float(f64::from_bits(self.long()?)),
            5 => Value::str(self.text()?),
            6 => {
                let depth = depth.checked_sub(1).ok_or(Damaged)?;
                let count = self.count(1)?;
                let items = (0..count).map(|_| self.value_within(depth)).collect::<Read<Vec<_>>>()?;
                Value::list(items)?
            }
            7 => Value::Date(Date { days: self.signed()? }),
            8 => Value::LocalTime(LocalTime { nanos: self.signed()? }),
            9 => Value::Time(Time { nanos: self.signed()?, offset: self.offset()? }),
            10 => Value::LocalDateTime(self.local()?),
            11 => {
                let (local, offset) = (self.local()?, self.offset()?);
                let (zoned, zone) = (self.byte()? != 0, self.text()?);
                Value::DateTime(Arc::new(DateTime { local, offset, zone: zoned.then(|| zone.into()) }))
            }
            12 => {
                let (months, days, seconds) = (self.signed()?, self.signed()?, self.signed()?);
                let nanos = self.offset()?;
                Value::Duration(Arc::new(Duration { months, days, seconds, nanos }))
            }
            _ => return Err(Damaged),
        })
    }

    fn offset(&mut self) -> Read<i32> {
        i32::try_from(self.signed()?).map_err(|_| Damaged)
    }

    fn local(&mut self) -> Read<LocalDateTime> {
        Ok(LocalDateTime { seconds: self.signed()?, nanos: self.word()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::order::equivalent;

    fn values() -> Vec<Value> {
        let local = LocalDateTime { seconds: -5, nanos: 7 };
        let nested = Value::list(vec![Value::Int(1), Value::Null, Value::str("қ")]).expect("flat");
        vec![
            Value::Int(i64::MIN),
            Value::Int(-1),
            Value::Float(f64::NAN),
            Value::Float(-0.0),
            Value::str(""),
            nested.clone(),
            Value::list(vec![nested]).expect("shallow"),
            Value::Date(Date { days: -719_162 }),
            Value::Time(Time { nanos: 1, offset: -3600 }),
            Value::LocalDateTime(local),
            Value::DateTime(Arc::new(DateTime { local, offset: 18_000, zone: Some("Asia/Almaty".into()) })),
            Value::Duration(Arc::new(Duration { months: 1, days: -2, seconds: 3, nanos: 4 })),
        ]
    }

    #[test]
    fn values_come_back_and_no_cut_of_their_bytes_does_harm() {
        let mut writer = Writer::default();
        values().iter().for_each(|v| writer.value(v));
        let mut reader = Reader(&writer.0);
        for value in values() {
            assert!(equivalent(&reader.value().expect("whole"), &value));
        }
        assert!(reader.is_empty());
        for cut in 0..writer.0.len() {
            let mut reader = Reader(&writer.0[..cut]);
            while reader.value().is_ok() {}
        }
        let mut deep = [6, 1].repeat(100_000);
        deep.push(0);
        assert!(Reader(&deep).value().is_err(), "nesting is limited");
        assert!(Reader(&[0xff; 12]).small().is_err() && Reader(&[5, 0xff, 0xff, 3]).value().is_err());
    }
}
