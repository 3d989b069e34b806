//! Values of the language as Python objects, and back.
//!
//! | language | Python |
//! |---|---|
//! | null, BOOLEAN, INTEGER, FLOAT, STRING | `None`, `bool`, `int`, `float`, `str` |
//! | LIST, MAP | `list`, `dict` |
//! | DATE, LOCAL TIME, ZONED TIME, LOCAL DATETIME, ZONED DATETIME | classes of `datetime`, else `shejire.DateTime` |
//! | DURATION | `shejire.Duration` |
//! | NODE, RELATIONSHIP, PATH | `shejire.Node`, `.Relationship`, `.Path` |

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PySet, PyString, PyTuple,
};
use shejire::Value;
use shejire::engine::Entities;
use shejire::error::Error;
use shejire::value::MAX_DEPTH;

use crate::entities::{Node, Path, Relationship};
use crate::errors::{raised, wrong_type};
use crate::{arrow_in, temporal};

/// A value as Python has it. `entities`: the content of nodes and relationships; `origin`: the number of the database.
pub fn to_python(py: Python<'_>, value: &Value, entities: &Entities, origin: u64) -> PyResult<Py<PyAny>> {
    Ok(match value {
        Value::Null => py.None(),
        Value::Bool(yes) => PyBool::new(py, *yes).to_owned().into_any().unbind(),
        Value::Int(n) => n.into_pyobject(py)?.into_any().unbind(),
        Value::Float(x) => PyFloat::new(py, *x).into_any().unbind(),
        Value::Str(text) => PyString::new(py, text).into_any().unbind(),
        Value::List(items) => {
            let made = items.items().iter().map(|item| to_python(py, item, entities, origin));
            PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)?.into_any().unbind()
        }
        Value::Map(map) => {
            let made = PyDict::new(py);
            for (key, item) in map.entries() {
                made.set_item(&**key, to_python(py, item, entities, origin)?)?;
            }
            made.into_any().unbind()
        }
        Value::Node(node) => {
            let data = entities.node(*node).cloned().unwrap_or_default();
            Node { data, origin }.into_pyobject(py)?.into_any().unbind()
        }
        Value::Rel(rel) => {
            let data = entities.rel(*rel).cloned().unwrap_or_default();
            Relationship { data, origin }.into_pyobject(py)?.into_any().unbind()
        }
        Value::Path(path) => {
            let node = |node| Py::new(py, Node { data: entities.node(node).cloned().unwrap_or_default(), origin });
            let rel = |rel| Py::new(py, Relationship { data: entities.rel(rel).cloned().unwrap_or_default(), origin });
            let nodes = path.nodes.iter().copied().map(node).collect::<PyResult<_>>()?;
            let rels = path.rels.iter().copied().map(rel).collect::<PyResult<_>>()?;
            Path { nodes, rels }.into_pyobject(py)?.into_any().unbind()
        }
        Value::Duration(duration) => temporal::Duration(**duration).into_pyobject(py)?.into_any().unbind(),
        Value::Date(_) | Value::LocalTime(_) | Value::Time(_) | Value::LocalDateTime(_) | Value::DateTime(_) => {
            temporal::to_python(py, value)?
        }
    })
}

/// Parameters as they were given: by a mapping, by name, or by both; of a name given twice the latter holds.
pub fn parameters(
    mapping: Option<&Bound<'_, PyAny>>,
    named: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<(String, Value)>> {
    let mut all: Vec<(String, Value)> = Vec::new();
    if let Some(mapping) = mapping {
        entries(mapping, "parameters", &mut |name, value| {
            all.push((name.to_owned(), from_python(&value, &format!("parameter `{name}`"))?));
            Ok(())
        })?;
    }
    if let Some(named) = named {
        for (name, value) in named {
            let name: String = name.extract()?;
            let value = from_python(&value, &format!("parameter `{name}`"))?;
            all.retain(|(given, _)| *given != name);
            all.push((name, value));
        }
    }
    Ok(all)
}

/// Hands over each entry of a mapping, whose keys are texts. `what`: what it is, for errors.
pub fn entries<'py>(
    mapping: &Bound<'py, PyAny>,
    what: &str,
    take: &mut dyn FnMut(&str, Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    let py = mapping.py();
    let mut one = |key: Bound<'py, PyAny>, value| {
        let Ok(text) = key.cast::<PyString>() else {
            let message = format!("the key {} is a {}", key.repr()?, type_name(&key));
            return Err(wrong_type(py, what, &message, "keys are texts"));
        };
        take(&text.to_cow()?, value)
    };
    if let Ok(dict) = mapping.cast::<PyDict>() {
        for (key, value) in dict {
            one(key, value)?;
        }
        return Ok(());
    }
    let Ok(mapping) = mapping.cast::<PyMapping>() else {
        let message = format!("expected a dict, found a {}", type_name(mapping));
        return Err(wrong_type(py, what, &message, "give them by name: con.execute(query, name=value)"));
    };
    for pair in mapping.items()?.iter() {
        let (key, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = pair.extract()?;
        one(key, value)?;
    }
    Ok(())
}

pub fn type_name(ob: &Bound<'_, PyAny>) -> String {
    ob.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
}

/// A Python object as a value. `what`: what it was given as, for errors. Errors: `CypherTypeError`, `ArgumentError`.
pub fn from_python(ob: &Bound<'_, PyAny>, what: &str) -> PyResult<Value> {
    value_of(ob, what, 0)
}

fn value_of(ob: &Bound<'_, PyAny>, what: &str, depth: usize) -> PyResult<Value> {
    let py = ob.py();
    if ob.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(yes) = ob.cast::<PyBool>() {
        return Ok(Value::Bool(yes.is_true()));
    }
    if ob.cast::<PyInt>().is_ok() {
        return match ob.extract::<i64>() {
            Ok(n) => Ok(Value::Int(n)),
            Err(_) => {
                let message = format!("{what}: an integer of 64 bits is wanted, and this one is larger");
                let error = Error::argument(shejire::error::Code::IntegerOverflow, message);
                Err(raised(py, &error.hint("give it as a text or as a float"), None))
            }
        };
    }
    if let Ok(x) = ob.cast::<PyFloat>() {
        return Ok(Value::Float(x.value()));
    }
    if let Ok(text) = ob.cast::<PyString>() {
        return match text.to_cow() {
            Ok(text) => Ok(Value::str(&*text)),
            Err(_) => Err(wrong_type(py, what, "the text holds half of a pair of surrogates", "texts are Unicode")),
        };
    }
    if depth > usize::from(MAX_DEPTH) {
        let message = format!("nested deeper than {MAX_DEPTH}");
        return Err(wrong_type(py, what, &message, "a value must not hold itself"));
    }
    let items = |all: &mut dyn Iterator<Item = PyResult<Bound<'_, PyAny>>>| -> PyResult<Value> {
        let made = all.enumerate().map(|(at, item)| value_of(&item?, &format!("{what}, item {at}"), depth + 1));
        Value::list(made.collect::<PyResult<Vec<_>>>()?).map_err(|error| raised(py, &error, None))
    };
    if ob.cast::<PyList>().is_ok()
        || ob.cast::<PyTuple>().is_ok()
        || ob.cast::<PySet>().is_ok()
        || ob.cast::<PyFrozenSet>().is_ok()
    {
        return items(&mut ob.try_iter()?);
    }
    if ob.cast::<PyDict>().is_ok() {
        return map_of(ob, what, depth);
    }
    // pandas' value for no moment is of the class of moments
    if is_missing(ob) {
        return Ok(Value::Null);
    }
    match temporal::from_python(ob)? {
        Ok(Some(value)) => return Ok(value),
        Ok(None) => {}
        Err(why) => return Err(wrong_type(py, what, &why, "give it as a text")),
    }
    if ob.cast::<PyBytes>().is_ok() || ob.cast::<PyByteArray>().is_ok() {
        return Err(wrong_type(py, what, "bytes are no value of the language", "decode them, or give them in base64"));
    }
    if ob.cast::<Node>().is_ok() || ob.cast::<Relationship>().is_ok() || ob.cast::<Path>().is_ok() {
        let message = format!("a {} is no parameter", type_name(ob));
        return Err(wrong_type(py, what, &message, "give its id, and say WHERE id(n) = $id"));
    }
    if ob.hasattr("__arrow_c_stream__")? {
        let rows = arrow_in::rows(ob, what)?;
        return Value::list(rows).map_err(|error| raised(py, &error, None));
    }
    // scalars and arrays of numpy
    if ob.hasattr("dtype")? && ob.hasattr("tolist")? {
        let plain = ob.call_method0("tolist")?;
        if !plain.get_type().is(ob.get_type()) {
            return value_of(&plain, what, depth + 1);
        }
    }
    if ob.cast::<PyMapping>().is_ok() {
        return map_of(ob, what, depth);
    }
    let message = format!("a {} is no value of the language", type_name(ob));
    Err(wrong_type(py, what, &message, "give a number, a text, a list, a dict, a date or a time"))
}

fn map_of(ob: &Bound<'_, PyAny>, what: &str, depth: usize) -> PyResult<Value> {
    let mut made = Vec::new();
    entries(ob, what, &mut |key, value| {
        made.push((Arc::from(key), value_of(&value, &format!("{what}, key `{key}`"), depth + 1)?));
        Ok(())
    })?;
    Value::map(made).map_err(|error| raised(ob.py(), &error, None))
}

/// Whether it is what pandas writes for a value that is not there.
fn is_missing(ob: &Bound<'_, PyAny>) -> bool {
    matches!(type_name(ob).as_str(), "NaTType" | "NAType")
}
