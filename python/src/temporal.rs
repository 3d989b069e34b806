//! Durations, and the dates and times that Python's own classes cannot hold.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::{PyDate, PyDateTime, PyDelta, PyTime, PyTzInfo};
use shejire::Value;
use shejire::value::order::{Comparison, compare, equivalent, hash_equivalent};
use shejire::value::temporal::{self, Date, Instant, LocalDateTime, LocalTime};

use crate::errors::raised;

/// Seconds of the largest offset from UTC that a zone has.
const LARGEST_OFFSET: i64 = 18 * 3600;

/// Months, days, seconds and nanoseconds, each kept apart: a month has no length of its own.
#[pyclass(frozen, module = "shejire", from_py_object)]
#[derive(Clone, Copy)]
pub struct Duration(pub temporal::Duration);

#[pymethods]
impl Duration {
    #[new]
    #[pyo3(signature = (months=0, days=0, seconds=0, nanoseconds=0))]
    fn new(py: Python<'_>, months: i64, days: i64, seconds: i64, nanoseconds: i64) -> PyResult<Self> {
        let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        temporal::Duration::of(months, days, nanos).map(Self).map_err(|error| raised(py, &error, None))
    }

    #[getter]
    fn months(&self) -> i64 {
        self.0.months
    }

    #[getter]
    fn days(&self) -> i64 {
        self.0.days
    }

    #[getter]
    fn seconds(&self) -> i64 {
        self.0.seconds
    }

    #[getter]
    fn nanoseconds(&self) -> i32 {
        self.0.nanos
    }

    fn timedelta<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDelta>> {
        let temporal::Duration { months, days, seconds, nanos } = self.0;
        let whole = i128::from(days) * 86_400 + i128::from(seconds);
        let (day, second) = (whole.div_euclid(86_400), whole.rem_euclid(86_400) as i32);
        match i32::try_from(day) {
            Ok(day) if months == 0 && nanos % 1000 == 0 => PyDelta::new(py, day, second, nanos / 1000, true),
            _ => {
                let message = format!("{} is no timedelta: those have neither months nor nanoseconds", self.text());
                Err(pyo3::exceptions::PyValueError::new_err(message))
            }
        }
    }

    fn __richcmp__(&self, other: &Self, op: CompareOp) -> PyResult<bool> {
        match op {
            CompareOp::Eq => Ok(self.0 == other.0),
            CompareOp::Ne => Ok(self.0 != other.0),
            _ => {
                Err(pyo3::exceptions::PyTypeError::new_err("durations have no order: a month has no length of its own"))
            }
        }
    }

    fn __hash__(&self) -> u64 {
        let mut state = DefaultHasher::new();
        self.0.hash(&mut state);
        state.finish()
    }

    fn __str__(&self) -> String {
        self.text()
    }

    fn __repr__(&self) -> String {
        let temporal::Duration { months, days, seconds, nanos } = self.0;
        format!("Duration(months={months}, days={days}, seconds={seconds}, nanoseconds={nanos})")
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (i64, i64, i64, i32)) {
        let temporal::Duration { months, days, seconds, nanos } = self.0;
        (py.get_type::<Self>().into_any(), (months, days, seconds, nanos))
    }
}

impl Duration {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

/// A date or a time that Python's `datetime` cannot hold: nanoseconds, years before 1 or after 9999, a zone it does not know.
#[pyclass(frozen, module = "shejire", from_py_object)]
#[derive(Clone)]
pub struct DateTime(pub Value);

#[pymethods]
impl DateTime {
    /// What the language calls its type.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.type_name()
    }

    #[getter]
    fn year(&self) -> Option<i64> {
        self.date().map(|date| date.civil().0)
    }

    #[getter]
    fn month(&self) -> Option<i64> {
        self.date().map(|date| date.civil().1)
    }

    #[getter]
    fn day(&self) -> Option<i64> {
        self.date().map(|date| date.civil().2)
    }

    #[getter]
    fn hour(&self) -> Option<i64> {
        self.time().map(|time| time.parts().0)
    }

    #[getter]
    fn minute(&self) -> Option<i64> {
        self.time().map(|time| time.parts().1)
    }

    #[getter]
    fn second(&self) -> Option<i64> {
        self.time().map(|time| time.parts().2)
    }

    #[getter]
    fn nanosecond(&self) -> Option<i64> {
        self.time().map(|time| time.parts().3)
    }

    /// Seconds east of UTC.
    #[getter]
    fn offset(&self) -> Option<i32> {
        match &self.0 {
            Value::Time(time) => Some(time.offset),
            Value::DateTime(moment) => Some(moment.offset),
            _ => None,
        }
    }

    #[getter]
    fn zone(&self) -> Option<String> {
        match &self.0 {
            Value::DateTime(moment) => moment.zone.as_deref().map(str::to_owned),
            _ => None,
        }
    }

    fn isoformat(&self) -> String {
        self.0.to_string()
    }

    fn __str__(&self) -> String {
        self.isoformat()
    }

    fn __repr__(&self) -> String {
        format!("<shejire.DateTime {}>", self.isoformat())
    }

    fn __richcmp__(&self, py: Python<'_>, other: &Self, op: CompareOp) -> PyResult<Py<PyAny>> {
        let same = equivalent(&self.0, &other.0);
        let holds = match (op, compare(&self.0, &other.0)) {
            (CompareOp::Eq, _) => Some(same),
            (CompareOp::Ne, _) => Some(!same),
            (_, Comparison::Is(order)) => Some(op.matches(order)),
            _ => None,
        };
        match holds {
            Some(holds) => Ok(holds.into_pyobject(py)?.to_owned().into_any().unbind()),
            None => Ok(py.NotImplemented()),
        }
    }

    fn __hash__(&self) -> u64 {
        let mut state = DefaultHasher::new();
        hash_equivalent(&self.0, &mut state);
        state.finish()
    }
}

impl DateTime {
    fn date(&self) -> Option<Date> {
        match &self.0 {
            Value::Date(date) => Some(*date),
            Value::LocalDateTime(local) => Some(local.date()),
            Value::DateTime(moment) => Some(moment.local.date()),
            _ => None,
        }
    }

    fn time(&self) -> Option<LocalTime> {
        match &self.0 {
            Value::LocalTime(time) => Some(*time),
            Value::Time(time) => Some(LocalTime { nanos: time.nanos }),
            Value::LocalDateTime(local) => Some(local.time()),
            Value::DateTime(moment) => Some(moment.local.time()),
            _ => None,
        }
    }
}

/// The parts of a date that Python can hold.
fn civil(date: Date) -> Option<(i32, u8, u8)> {
    let (year, month, day) = date.civil();
    (1..=9999).contains(&year).then_some((year as i32, month as u8, day as u8))
}

/// The parts of a time that Python can hold.
fn clock(time: LocalTime) -> Option<(u8, u8, u8, u32)> {
    let (hour, minute, second, nano) = time.parts();
    (nano % 1000 == 0).then_some((hour as u8, minute as u8, second as u8, (nano / 1000) as u32))
}

fn fixed<'py>(py: Python<'py>, offset: i32) -> PyResult<Bound<'py, PyTzInfo>> {
    PyTzInfo::fixed_offset(py, PyDelta::new(py, 0, offset, 0, true)?)
}

/// A temporal value as Python's own class has it; as one of ours where that cannot.
pub fn to_python(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
    Ok(match native(py, value)? {
        Some(native) => native,
        None => DateTime(value.clone()).into_pyobject(py)?.into_any().unbind(),
    })
}

fn native(py: Python<'_>, value: &Value) -> PyResult<Option<Py<PyAny>>> {
    Ok(match value {
        Value::Date(date) => match civil(*date) {
            Some((year, month, day)) => Some(PyDate::new(py, year, month, day)?.into_any().unbind()),
            None => None,
        },
        Value::LocalTime(time) => match clock(*time) {
            Some((hour, minute, second, micro)) => {
                Some(PyTime::new(py, hour, minute, second, micro, None)?.into_any().unbind())
            }
            None => None,
        },
        Value::Time(time) => match clock(LocalTime { nanos: time.nanos }) {
            Some((hour, minute, second, micro)) => {
                let zone = fixed(py, time.offset)?;
                Some(PyTime::new(py, hour, minute, second, micro, Some(&zone))?.into_any().unbind())
            }
            None => None,
        },
        Value::LocalDateTime(local) => datetime(py, *local, None)?.map(|made| made.into_any().unbind()),
        Value::DateTime(moment) => moment_of(py, moment)?,
        _ => None,
    })
}

fn datetime<'py>(
    py: Python<'py>,
    local: LocalDateTime,
    zone: Option<&Bound<'py, PyTzInfo>>,
) -> PyResult<Option<Bound<'py, PyDateTime>>> {
    let (Some((year, month, day)), Some((hour, minute, second, micro))) = (civil(local.date()), clock(local.time()))
    else {
        return Ok(None);
    };
    PyDateTime::new(py, year, month, day, hour, minute, second, micro, zone).map(Some)
}

/// A moment; with the zone that it names, when Python knows it and clocks there show the same.
fn moment_of(py: Python<'_>, moment: &temporal::DateTime) -> PyResult<Option<Py<PyAny>>> {
    let Some(name) = &moment.zone else {
        let zone = fixed(py, moment.offset)?;
        return Ok(datetime(py, moment.local, Some(&zone))?.map(|made| made.into_any().unbind()));
    };
    let zone = py.import("zoneinfo")?.getattr("ZoneInfo")?.call1((&**name,));
    // not installed, or of a later year
    let Ok(zone) = zone else { return Ok(None) };
    let Some(made) = datetime(py, moment.local, Some(zone.cast()?))? else { return Ok(None) };
    let shows = |made: &Bound<'_, PyAny>| -> PyResult<bool> {
        let offset = made.call_method0("utcoffset")?.call_method0("total_seconds")?.extract::<f64>()?;
        Ok(offset == f64::from(moment.offset))
    };
    if shows(&made)? {
        return Ok(Some(made.into_any().unbind()));
    }
    let told = pyo3::types::PyDict::new(py);
    told.set_item("fold", 1)?; // the later of two moments that clocks show alike
    let later = made.call_method("replace", (), Some(&told))?;
    Ok(shows(&later)?.then(|| later.unbind()))
}

/// A value of one of Python's temporal classes; nothing when it is none. Errors: a text that says what does not fit.
pub fn from_python(ob: &Bound<'_, PyAny>) -> PyResult<Result<Option<Value>, String>> {
    if let Ok(duration) = ob.cast::<Duration>() {
        return Ok(Ok(Some(Value::Duration(Arc::new(duration.get().0)))));
    }
    if let Ok(moment) = ob.cast::<DateTime>() {
        return Ok(Ok(Some(moment.get().0.clone())));
    }
    let part = |name: &str| ob.getattr(name)?.extract::<i64>();
    if ob.cast::<PyDelta>().is_ok() {
        let (days, seconds, micros) = (part("days")?, part("seconds")?, part("microseconds")?);
        let nanos = i128::from(micros) * 1000 + i128::from(nanoseconds(ob)?);
        let made = temporal::Duration::of(0, days, i128::from(seconds) * 1_000_000_000 + nanos);
        return Ok(made.map(|made| Some(Value::Duration(Arc::new(made)))).map_err(|error| error.message().to_owned()));
    }
    let date = || -> PyResult<_> { Ok(Date::new(part("year")?, part("month")?, part("day")?)) };
    let time = || -> PyResult<_> {
        let nano = part("microsecond")? * 1000 + nanoseconds(ob)?;
        Ok(LocalTime::new(part("hour")?, part("minute")?, part("second")?, nano))
    };
    let text = |error: shejire::Error| error.message().to_owned();
    if ob.cast::<PyDateTime>().is_ok() {
        let (date, time) = match (date()?, time()?) {
            (Ok(date), Ok(time)) => (date, time),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(text(error))),
        };
        let local = LocalDateTime::new(date, time);
        let Some(offset) = offset_of(ob)? else { return Ok(Ok(Some(Value::LocalDateTime(local)))) };
        let offset = match offset {
            Ok(offset) => offset,
            Err(why) => return Ok(Err(why)),
        };
        let named = ob.getattr("tzinfo")?.getattr("key").ok().and_then(|key| key.extract::<String>().ok());
        let moment = match named {
            Some(zone) if zone != "UTC" => {
                let instant = Instant { seconds: local.seconds - i64::from(offset), nanos: local.nanos };
                match temporal::DateTime::at(instant, &zone) {
                    Ok(moment) => moment,
                    Err(error) => return Ok(Err(text(error))),
                }
            }
            _ => temporal::DateTime { local, offset, zone: None },
        };
        return Ok(Ok(Some(Value::DateTime(Arc::new(moment)))));
    }
    if ob.cast::<PyDate>().is_ok() {
        return Ok(date()?.map(|date| Some(Value::Date(date))).map_err(text));
    }
    if ob.cast::<PyTime>().is_ok() {
        let time = match time()? {
            Ok(time) => time,
            Err(error) => return Ok(Err(text(error))),
        };
        return Ok(match offset_of(ob)? {
            None => Ok(Some(Value::LocalTime(time))),
            Some(Ok(offset)) => Ok(Some(Value::Time(temporal::Time { nanos: time.nanos, offset }))),
            Some(Err(why)) => Err(why),
        });
    }
    Ok(Ok(None))
}

/// Nanoseconds beyond the microseconds, which classes of pandas have.
fn nanoseconds(ob: &Bound<'_, PyAny>) -> PyResult<i64> {
    for name in ["nanosecond", "nanoseconds"] {
        if let Some(nanos) = ob.getattr_opt(name)? {
            return nanos.extract();
        }
    }
    Ok(0)
}

/// The offset from UTC in seconds; nothing for what has none.
fn offset_of(ob: &Bound<'_, PyAny>) -> PyResult<Option<Result<i32, String>>> {
    let offset = ob.call_method0("utcoffset")?;
    if offset.is_none() {
        return Ok(None);
    }
    let seconds: f64 = offset.call_method0("total_seconds")?.extract()?;
    if seconds.fract() != 0.0 || seconds.abs() > LARGEST_OFFSET as f64 {
        return Ok(Some(Err(format!("an offset of {seconds} s from UTC is none that a zone has"))));
    }
    Ok(Some(Ok(seconds as i32)))
}
