//! Tables of other libraries as values: whatever streams Arrow's record batches (pandas, Polars, pyarrow, DuckDB).

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTemporalType, Date32Type, Date64Type, DurationMicrosecondType, DurationMillisecondType,
    DurationNanosecondType, DurationSecondType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType, Time64NanosecondType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatchReader};
use arrow_schema::{DataType, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use shejire::Value;
use shejire::error::{Code, Error, Result};
use shejire::value::temporal::{Date, DateTime, Duration, Instant, LocalDateTime, LocalTime};

use crate::errors::raised;

/// The columns of a table, and the table row by row.
pub struct Table {
    pub columns: Vec<String>,
    /// A vector of values per row.
    pub rows: Vec<Vec<Value>>,
}

/// A table as a list of maps. `what`: what it was given as, for errors.
pub fn rows(ob: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<Value>> {
    let Table { columns, rows } = table(ob, what)?;
    let keys: Vec<Arc<str>> = columns.iter().map(|name| Arc::from(name.as_str())).collect();
    let map = |row: Vec<Value>| Value::map(keys.iter().cloned().zip(row));
    rows.into_iter().map(map).collect::<Result<_>>().map_err(|error| raised(ob.py(), &error, None))
}

/// Reads what has `__arrow_c_stream__`. Errors: `CypherTypeError` for a column of a type that no value has.
pub fn table(ob: &Bound<'_, PyAny>, what: &str) -> PyResult<Table> {
    let py = ob.py();
    let capsule = ob.call_method0("__arrow_c_stream__")?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: a capsule of this name holds such a stream (the Arrow PyCapsule interface); taking it leaves an empty one behind
    let taken = unsafe { RecordBatchStreamReader::from_raw(stream.as_ptr().cast::<FFI_ArrowArrayStream>()) };
    let failed = |error: arrow_schema::ArrowError| {
        let error = Error::type_error(Code::InvalidArgumentType, format!("{what}: the table cannot be read: {error}"));
        raised(py, &error, None)
    };
    let reader = taken.map_err(failed)?;
    let schema = reader.schema();
    let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for batch in reader {
        let batch = batch.map_err(failed)?;
        let before = rows.len();
        rows.resize_with(before + batch.num_rows(), || Vec::with_capacity(columns.len()));
        for (array, name) in batch.columns().iter().zip(&columns) {
            let values = values(array)
                .map_err(|error| raised(py, &error.prefixed(&format!("{what}, column `{name}`: ")), None))?;
            for (row, value) in rows[before..].iter_mut().zip(values) {
                row.push(value);
            }
        }
    }
    Ok(Table { columns, rows })
}

/// Every value of an array of numbers, by what makes it one.
fn numbers<T: ArrowPrimitiveType>(array: &dyn Array, make: impl Fn(T::Native) -> Result<Value>) -> Result<Vec<Value>> {
    array.as_primitive::<T>().iter().map(|item| item.map_or(Ok(Value::Null), &make)).collect()
}

fn integers<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &dyn Array) -> Result<Vec<Value>> {
    numbers::<T>(array, |n| Ok(Value::Int(n.into())))
}

fn temporal<T: ArrowTemporalType<Native: Into<i64>>>(
    array: &dyn Array,
    make: impl Fn(i64) -> Result<Value>,
) -> Result<Vec<Value>> {
    numbers::<T>(array, |n| make(n.into()))
}

fn texts<'a>(all: impl Iterator<Item = Option<&'a str>>) -> Result<Vec<Value>> {
    Ok(all.map(|text| text.map_or(Value::Null, Value::str)).collect())
}

/// A list per row, of those of its items.
fn lists(all: impl Iterator<Item = Option<Arc<dyn Array>>>) -> Result<Vec<Value>> {
    all.map(|items| items.map_or(Ok(Value::Null), |items| Value::list(values(&items)?))).collect()
}

const fn nanos_per(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1000,
        TimeUnit::Nanosecond => 1,
    }
}

/// Every value of an array.
fn values(array: &Arc<dyn Array>) -> Result<Vec<Value>> {
    let local = |unit: TimeUnit, n: i64| {
        let per = 1_000_000_000 / nanos_per(unit);
        LocalDateTime::from_seconds(n.div_euclid(per), (n.rem_euclid(per) * nanos_per(unit)) as u32)
    };
    match array.data_type() {
        DataType::Null => Ok(vec![Value::Null; array.len()]),
        DataType::Boolean => Ok(array.as_boolean().iter().map(|yes| yes.map_or(Value::Null, Value::Bool)).collect()),
        DataType::Int8 => integers::<Int8Type>(array),
        DataType::Int16 => integers::<Int16Type>(array),
        DataType::Int32 => integers::<Int32Type>(array),
        DataType::Int64 => integers::<Int64Type>(array),
        DataType::UInt8 => integers::<UInt8Type>(array),
        DataType::UInt16 => integers::<UInt16Type>(array),
        DataType::UInt32 => integers::<UInt32Type>(array),
        DataType::UInt64 => numbers::<UInt64Type>(array, |n| {
            let too_large =
                || Error::argument(Code::IntegerOverflow, format!("{n} does not fit into 64 bits with a sign"));
            i64::try_from(n).map(Value::Int).map_err(|_| too_large())
        }),
        DataType::Float16 => numbers::<Float16Type>(array, |x| Ok(Value::Float(x.to_f64()))),
        DataType::Float32 => numbers::<Float32Type>(array, |x| Ok(Value::Float(x.into()))),
        DataType::Float64 => numbers::<Float64Type>(array, |x| Ok(Value::Float(x))),
        DataType::Utf8 => texts(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => texts(array.as_string::<i64>().iter()),
        DataType::Utf8View => texts(array.as_string_view().iter()),
        DataType::Date32 => temporal::<Date32Type>(array, |days| Date::from_days(days).map(Value::Date)),
        DataType::Date64 => {
            temporal::<Date64Type>(array, |millis| Date::from_days(millis.div_euclid(86_400_000)).map(Value::Date))
        }
        DataType::Time32(unit) | DataType::Time64(unit) => {
            let time = |n: i64| Ok(Value::LocalTime(LocalTime { nanos: n * nanos_per(*unit) }));
            match unit {
                TimeUnit::Second => temporal::<Time32SecondType>(array, time),
                TimeUnit::Millisecond => temporal::<Time32MillisecondType>(array, time),
                TimeUnit::Microsecond => temporal::<Time64MicrosecondType>(array, time),
                TimeUnit::Nanosecond => temporal::<Time64NanosecondType>(array, time),
            }
        }
        DataType::Timestamp(unit, zone) => {
            let moment = |n: i64| {
                let local = local(*unit, n)?;
                let Some(zone) = zone else { return Ok(Value::LocalDateTime(local)) };
                if &**zone == "UTC" {
                    return Ok(Value::DateTime(Arc::new(DateTime { local, offset: 0, zone: None })));
                }
                let instant = Instant { seconds: local.seconds, nanos: local.nanos };
                DateTime::at(instant, zone).map(|moment| Value::DateTime(Arc::new(moment)))
            };
            match unit {
                TimeUnit::Second => temporal::<TimestampSecondType>(array, moment),
                TimeUnit::Millisecond => temporal::<TimestampMillisecondType>(array, moment),
                TimeUnit::Microsecond => temporal::<TimestampMicrosecondType>(array, moment),
                TimeUnit::Nanosecond => temporal::<TimestampNanosecondType>(array, moment),
            }
        }
        DataType::Duration(unit) => {
            let span = |n: i64| {
                let made = Duration::of(0, 0, i128::from(n) * i128::from(nanos_per(*unit)))?;
                Ok(Value::Duration(Arc::new(made)))
            };
            match unit {
                TimeUnit::Second => temporal::<DurationSecondType>(array, span),
                TimeUnit::Millisecond => temporal::<DurationMillisecondType>(array, span),
                TimeUnit::Microsecond => temporal::<DurationMicrosecondType>(array, span),
                TimeUnit::Nanosecond => temporal::<DurationNanosecondType>(array, span),
            }
        }
        DataType::List(_) => lists(array.as_list::<i32>().iter()),
        DataType::LargeList(_) => lists(array.as_list::<i64>().iter()),
        DataType::FixedSizeList(..) => lists(array.as_fixed_size_list().iter()),
        DataType::Struct(fields) => {
            let all = array.as_struct();
            let keys: Vec<Arc<str>> = fields.iter().map(|field| Arc::from(field.name().as_str())).collect();
            let mut columns =
                all.columns().iter().map(|column| Ok(values(column)?.into_iter())).collect::<Result<Vec<_>>>()?;
            (0..all.len())
                .map(|row| {
                    let entries: Vec<_> =
                        keys.iter().cloned().zip(columns.iter_mut().filter_map(Iterator::next)).collect();
                    if all.is_null(row) { Ok(Value::Null) } else { Value::map(entries) }
                })
                .collect()
        }
        DataType::Dictionary(..) => {
            let all = array.as_any_dictionary();
            let words = values(all.values())?;
            let keys = values(&all.keys().slice(0, all.len()))?;
            let word = |key| match key {
                Value::Int(at) => usize::try_from(at).ok().and_then(|at| words.get(at)).cloned().unwrap_or_default(),
                _ => Value::Null,
            };
            Ok(keys.into_iter().map(word).collect())
        }
        other => {
            let message = format!("no value of the language is of Arrow's type {other}");
            let error = Error::type_error(Code::InvalidArgumentType, message);
            Err(error.hint("cast the column: to a text, a number, a date or a list of these"))
        }
    }
}
