//! Parquet files as tables: what CSV is in text, with the types that the file states.
//!
//! | column | read as |
//! |---|---|
//! | booleans, integers, decimals of 32 and 64 bits | `boolean`, `long`, `double` |
//! | decimals of other sizes, texts, enums, UUIDs, JSON | `string` |
//! | dates, times of day, timestamps | `date`, `localtime`, `localdatetime`, or `datetime` where they are moments |
//! | lists of these | lists |
//! | groups, maps, lists of them | their JSON text, and counted |
//! | bytes that are no text | a problem with row and column |
//!
//! What a column is for says its name, as in the header of CSV (`:ID`, `:LABEL`, `born:date`); a type in it counts. Rows are read one after
//! another, some of each column at a time.

use std::fs::File;
use std::path::Path;

use parquet::basic::{ConvertedType, LogicalType, TimeType, TimeUnit, TimestampType, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;
use serde_json::Value as Json;

use super::input::unreadable;
use super::neo4j_csv::{Places, Records};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::csv::Record;
use crate::value::temporal::{Date, LocalDateTime, LocalTime};
use crate::value::{Value, text};

/// The end of the names of Parquet files.
const END: &str = "parquet";
/// The column that pandas adds for the numbers of rows, and more so for indexes of several columns.
const PANDAS: &str = "__index_level_";

/// Whether the name is that of a Parquet file.
pub(crate) fn is_parquet(file: &Path) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case(END))
}

/// The records of a file; the first are the names of its columns.
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: RowIter<'static>,
    row: u64,
    record: Record,
    /// Groups that became JSON.
    groups: u64,
}

struct Column {
    name: String,
    /// The type in the words of a header; nothing for what is kept as JSON text.
    ty: Option<&'static str>,
    reading: Reading,
}

/// How the fields of a column are read, where they do not say it themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Plain,
    /// A moment, or a date and time without a zone, in units of so many nanoseconds.
    Timestamp {
        nanos: i64,
        utc: bool,
    },
    /// A time of day, in units of so many nanoseconds.
    Time {
        nanos: i64,
    },
}

/// Opens a file. Errors: there is none, or it is no Parquet.
pub(crate) fn open(file: &Path) -> Result<Table> {
    let opened = File::open(file).map_err(|e| unreadable(file, &e))?;
    let wrong = |error: ParquetError| Error::data(format!("{}: no Parquet: {}", file.display(), said(&error)));
    let reader = SerializedFileReader::new(opened).map_err(wrong)?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let columns = schema.get_fields().iter().map(|field| column(field)).collect();
    Ok(Table { columns, rows: reader.into_iter(), row: 0, record: Record::default(), groups: 0 })
}

/// What the library says, without where in it.
fn said(error: &ParquetError) -> String {
    match error {
        ParquetError::General(text) | ParquetError::NYI(text) | ParquetError::EOF(text) => text.clone(),
        other => other.to_string(),
    }
}

fn column(field: &Type) -> Column {
    let name = match field.name() {
        index if index.starts_with(PANDAS) => String::new(),
        name => name.to_owned(),
    };
    if !field.is_primitive() {
        let list = element(field).filter(|element| element.is_primitive());
        let reading = list.map_or(Reading::Plain, reading);
        return Column { name, ty: list.map(|_| "json"), reading };
    }
    let reading = reading(field);
    let ty = match (reading, field.get_physical_type(), field.get_basic_info().converted_type()) {
        (Reading::Timestamp { utc: true, .. }, ..) => "datetime",
        (Reading::Timestamp { utc: false, .. }, ..) => "localdatetime",
        (Reading::Time { .. }, ..) => "localtime",
        (_, _, ConvertedType::DATE) => "date",
        (_, _, ConvertedType::DECIMAL) => "string",
        (_, Physical::BOOLEAN, _) => "boolean",
        (_, Physical::INT32 | Physical::INT64, _) => "long",
        (_, Physical::FLOAT | Physical::DOUBLE, _) => "double",
        (_, Physical::INT96, _) => "localdatetime",
        (_, Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY, _) => {
            match field.get_basic_info().logical_type_ref() {
                Some(LogicalType::Float16) => "double",
                _ => "string",
            }
        }
    };
    Column { name, ty: Some(ty), reading }
}

/// What a list is a list of; nothing for what is no list.
fn element(field: &Type) -> Option<&Type> {
    let info = field.get_basic_info();
    if info.converted_type() != ConvertedType::LIST && !matches!(info.logical_type_ref(), Some(LogicalType::List)) {
        return None;
    }
    let repeated = field.get_fields().first()?;
    match repeated.is_primitive() {
        true => Some(repeated),
        false => repeated.get_fields().first().filter(|_| repeated.get_fields().len() == 1).map(|field| &**field),
    }
}

fn reading(field: &Type) -> Reading {
    let nanos = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000_000,
        TimeUnit::MICROS => 1_000,
        TimeUnit::NANOS => 1,
    };
    let info = field.get_basic_info();
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::Timestamp(TimestampType { is_adjusted_to_u_t_c: utc, unit })), _) => {
            Reading::Timestamp { nanos: nanos(unit), utc: *utc }
        }
        (Some(LogicalType::Time(TimeType { unit, .. })), _) => Reading::Time { nanos: nanos(unit) },
        (None, ConvertedType::TIMESTAMP_MILLIS) => Reading::Timestamp { nanos: 1_000_000, utc: true },
        (None, ConvertedType::TIMESTAMP_MICROS) => Reading::Timestamp { nanos: 1_000, utc: true },
        (None, ConvertedType::TIME_MILLIS) => Reading::Time { nanos: 1_000_000 },
        (None, ConvertedType::TIME_MICROS) => Reading::Time { nanos: 1_000 },
        // the moments of old Spark and Impala
        _ if field.is_primitive() && field.get_physical_type() == Physical::INT96 => {
            Reading::Timestamp { nanos: 1_000_000, utc: false }
        }
        _ => Reading::Plain,
    }
}

impl Records for Table {
    fn next(&mut self) -> Result<Option<&Record>> {
        self.record.clear();
        if self.row == 0 {
            self.row = 1;
            self.columns.iter().for_each(|column| self.record.push(Some(&column.name)));
            return Ok(Some(&self.record));
        }
        let broken = |e: &ParquetError| {
            let message = format!("row {}: cannot read: {}", self.row, said(e));
            Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
        };
        let Some(row) = self.rows.next() else { return Ok(None) };
        let row: Row = row.map_err(|e| broken(&e))?;
        self.row += 1;
        for ((_, field), column) in row.get_column_iter().zip(&self.columns) {
            let text = cell(field, column);
            let text = text.map_err(|e| e.prefixed(&format!("row {}, column {}: ", self.row - 1, column.name)))?;
            self.groups += u64::from(column.ty.is_none() && text.is_some());
            self.record.push(text.as_deref());
        }
        Ok(Some(&self.record))
    }

    fn line(&self) -> u64 {
        // the names of the columns are no row
        self.row.saturating_sub(1)
    }

    fn places(&self) -> Places {
        Places::Rows
    }

    fn type_of(&self, column: usize) -> Option<&'static str> {
        self.columns.get(column).map(|column| column.ty.unwrap_or("string"))
    }

    fn passed_over(&self) -> Vec<(String, u64)> {
        let what = "groups of Parquet, kept as their JSON text".to_owned();
        if self.groups > 0 { vec![(what, self.groups)] } else { Vec::new() }
    }
}

/// The text of a field, as its column's type is written; nothing where there is none.
fn cell(field: &Field, column: &Column) -> Result<Option<String>> {
    match field {
        Field::Null => Ok(None),
        Field::ListInternal(_) | Field::Group(_) | Field::MapInternal(_) => {
            json(field, column.reading, column.ty.is_some()).map(|json| Some(json.to_string()))
        }
        field => plain(field, column.reading).map(|value| Some(written(&value))),
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Float(x) => format!("{x:?}"),
        value => text::scalar(value).unwrap_or_default(),
    }
}

fn plain(field: &Field, reading: Reading) -> Result<Value> {
    if let (Some(count), true) = (units(field), reading != Reading::Plain) {
        return moment(count, reading);
    }
    Ok(match field {
        Field::Bool(yes) => Value::Bool(*yes),
        Field::Byte(n) => Value::Int((*n).into()),
        Field::Short(n) => Value::Int((*n).into()),
        Field::Int(n) => Value::Int((*n).into()),
        Field::Long(n) => Value::Int(*n),
        Field::UByte(n) => Value::Int((*n).into()),
        Field::UShort(n) => Value::Int((*n).into()),
        Field::UInt(n) => Value::Int((*n).into()),
        Field::ULong(n) => {
            Value::Int(i64::try_from(*n).map_err(|_| Error::data(format!("{n} is no integer of 64 bits with a sign")))?)
        }
        Field::Float16(x) => Value::Float(x.to_f64()),
        Field::Float(x) => Value::Float(f64::from(*x)),
        Field::Double(x) => Value::Float(*x),
        Field::Str(text) => Value::str(text.as_str()),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::str(text),
            Err(_) => return Err(Error::data("bytes that are no text")),
        },
        Field::Date(days) => Value::Date(Date::from_days((*days).into())?),
        // decimals of any size
        other => Value::from(other.to_string()),
    })
}

/// The number that a field of a time holds.
fn units(field: &Field) -> Option<i64> {
    Some(match field {
        Field::Int(n) | Field::TimeMillis(n) => i64::from(*n),
        Field::Long(n) | Field::TimeMicros(n) | Field::TimestampMillis(n) | Field::TimestampMicros(n) => *n,
        _ => return None,
    })
}

fn moment(count: i64, reading: Reading) -> Result<Value> {
    const SECOND: i64 = 1_000_000_000;
    Ok(match reading {
        Reading::Plain => Value::Int(count),
        Reading::Time { nanos } => {
            let all = count.checked_mul(nanos).ok_or_else(|| Error::data(format!("{count} is no time of day")))?;
            let (seconds, nano) = (all.div_euclid(SECOND), all.rem_euclid(SECOND));
            Value::LocalTime(LocalTime::new(seconds / 3600, seconds / 60 % 60, seconds % 60, nano)?)
        }
        Reading::Timestamp { nanos, utc } => {
            let each = SECOND / nanos;
            let (seconds, rest) = (count.div_euclid(each), count.rem_euclid(each));
            let nano = u32::try_from(rest * nanos).unwrap_or_default();
            let local = LocalDateTime::from_seconds(seconds, nano)?;
            match utc {
                false => Value::LocalDateTime(local),
                true => {
                    let text = text::scalar(&Value::LocalDateTime(local)).unwrap_or_default();
                    crate::io::json::read_temporal(&format!("{text}Z"))?
                }
            }
        }
    })
}

/// A list or a group as JSON; `ours`: values in our own encoding, so that they are read back as they are.
fn json(field: &Field, reading: Reading, ours: bool) -> Result<Json> {
    let all = |fields: &[Field]| fields.iter().map(|field| json(field, reading, ours)).collect::<Result<Vec<_>>>();
    Ok(match field {
        Field::Null => Json::Null,
        Field::ListInternal(list) => Json::Array(all(list.elements())?),
        Field::Group(row) => {
            let members = row.get_column_iter();
            let members = members.map(|(name, field)| Ok((name.clone(), json(field, reading, ours)?)));
            Json::Object(members.collect::<Result<_>>()?)
        }
        Field::MapInternal(map) => {
            let pair = |(key, value): &(Field, Field)| {
                let key = match json(key, Reading::Plain, false)? {
                    Json::String(text) => text,
                    other => other.to_string(),
                };
                Ok((key, json(value, reading, ours)?))
            };
            Json::Object(map.entries().iter().map(pair).collect::<Result<_>>()?)
        }
        field => match plain(field, reading)? {
            Value::Bool(yes) => yes.into(),
            Value::Int(n) => n.into(),
            Value::Str(text) => (&*text).into(),
            value if ours => {
                let mut out = String::new();
                crate::io::json::write_value(&mut out, &value, &crate::engine::Entities::default());
                crate::io::json::parse_text(&out)?
            }
            Value::Float(x) => x.into(),
            value => written(&value).into(),
        },
    })
}
