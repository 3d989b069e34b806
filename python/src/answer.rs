//! What a statement answered: rows, read as Python objects, or whole as Arrow, frames and pictures.

use std::sync::{Arc, OnceLock};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PySlice, PyString, PyTuple};
use shejire::engine::{Changes, Rows};
use shejire::value::Value;

use crate::arrow_out::{Batches, Shape};
use crate::database::Shared;
use crate::errors::raised;
use crate::picture::Picture;
use crate::values::to_python;

/// The answer to a statement.
#[pyclass(frozen, module = "shejire", name = "Result")]
pub struct Answer {
    pub rows: Arc<Rows>,
    pub text: Arc<str>,
    pub db: Arc<Shared>,
    shape: OnceLock<Arc<Shape>>,
}

/// A row: a tuple of values, and a dictionary by column.
#[pyclass(frozen, module = "shejire")]
pub struct Row {
    rows: Arc<Rows>,
    at: usize,
    origin: u64,
}

#[pyclass(module = "shejire")]
struct RowIterator {
    rows: Arc<Rows>,
    at: usize,
    origin: u64,
}

#[pymethods]
impl RowIterator {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&mut self) -> Option<Row> {
        let at = self.at;
        (at < self.rows.len()).then(|| {
            self.at += 1;
            Row { rows: Arc::clone(&self.rows), at, origin: self.origin }
        })
    }

    fn __length_hint__(&self) -> usize {
        self.rows.len() - self.at
    }
}

/// The counts of what a statement changed that are not zero.
pub fn changes<'py>(py: Python<'py>, changes: Changes) -> PyResult<Bound<'py, PyDict>> {
    let made = PyDict::new(py);
    for (name, count) in changes.counts().into_iter().filter(|(_, count)| *count > 0) {
        made.set_item(name, count)?;
    }
    Ok(made)
}

/// A position from the start, or from the end when it is negative.
fn position(at: isize, len: usize) -> Option<usize> {
    let at = if at < 0 { at.checked_add(isize::try_from(len).ok()?)? } else { at };
    usize::try_from(at).ok().filter(|at| *at < len)
}

impl Answer {
    pub fn new(rows: Rows, text: Arc<str>, db: Arc<Shared>) -> Self {
        Self { rows: Arc::new(rows), text, db, shape: OnceLock::new() }
    }

    fn row(&self, at: usize) -> Row {
        Row { rows: Arc::clone(&self.rows), at, origin: self.db.origin }
    }

    fn shape(&self) -> Arc<Shape> {
        Arc::clone(self.shape.get_or_init(|| Arc::new(Shape::of(&self.rows))))
    }

    fn column_at(&self, column: &str) -> PyResult<usize> {
        let all = self.rows.columns();
        all.iter().position(|own| **own == *column).ok_or_else(|| no_column(&self.rows, column))
    }
}

fn no_column(rows: &Rows, column: &str) -> PyErr {
    let names: Vec<&str> = rows.columns().iter().map(|name| &**name).collect();
    let near = shejire::error::nearest(column, names.iter().copied());
    let hint = near.map_or_else(|| format!("it has: {}", names.join(", ")), |near| format!("did you mean {near:?}?"));
    PyKeyError::new_err(format!("the answer has no column {column:?}; {hint}"))
}

#[pymethods]
impl Answer {
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.rows.columns().iter().map(|name| &**name))
    }

    /// What the language calls the types that stand in each column, with ` | ` between.
    #[getter]
    fn types(&self) -> Vec<String> {
        let mut types: Vec<Vec<&'static str>> = vec![Vec::new(); self.rows.columns().len()];
        for row in &*self.rows {
            for (seen, value) in types.iter_mut().zip(row.values()).filter(|(_, value)| !value.is_null()) {
                let name = value.type_name();
                if !seen.contains(&name) {
                    seen.push(name);
                }
            }
        }
        types
            .into_iter()
            .map(|seen| if seen.is_empty() { "NULL".to_owned() } else { seen.join(" | ").to_uppercase() })
            .collect()
    }

    /// The statement.
    #[getter]
    fn query(&self) -> &str {
        &self.text
    }

    #[getter]
    fn changes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        changes(py, self.rows.changes())
    }

    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let class = py.import("shejire._types")?.getattr("Warning")?;
        let made = PyList::empty(py);
        for warning in self.rows.warnings() {
            let (line, column) = warning.span.line_column(&self.text);
            made.append(class.call1((&*warning.message, warning.hint.as_deref(), line, column))?)?;
        }
        Ok(made)
    }

    /// The plan, of `EXPLAIN` and `PROFILE`.
    #[getter]
    fn plan(&self) -> Option<String> {
        self.rows.plan().map(ToString::to_string)
    }

    /// Whether rows have citations.
    #[getter]
    fn cited(&self) -> bool {
        self.rows.cited()
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }

    // `if result:` is not a question about its rows: an answer is there
    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__(&self) -> RowIterator {
        RowIterator { rows: Arc::clone(&self.rows), at: 0, origin: self.db.origin }
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = at.cast::<PySlice>() {
            let len = self.rows.len();
            let found = slice.indices(isize::try_from(len).unwrap_or(isize::MAX))?;
            let made = PyList::empty(py);
            let mut at = found.start;
            for _ in 0..found.slicelength {
                made.append(Py::new(py, self.row(usize::try_from(at).unwrap_or_default()))?)?;
                at += found.step;
            }
            return Ok(made.into_any());
        }
        let Ok(index) = at.extract::<isize>() else {
            return Err(PyTypeError::new_err(
                "rows are asked for by number: result[0]; a column is result.column(\"name\")",
            ));
        };
        match position(index, self.rows.len()) {
            Some(at) => Ok(Bound::new(py, self.row(at))?.into_any()),
            None => Err(PyIndexError::new_err(format!("the answer has {} rows", self.rows.len()))),
        }
    }

    /// The values of one column.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        let at = self.column_at(name)?;
        let values = self.rows.iter().map(|row| to_python(py, &row.values()[at], self.rows.entities(), self.db.origin));
        PyList::new(py, values.collect::<PyResult<Vec<_>>>()?)
    }

    /// The only row.
    fn one(&self) -> PyResult<Row> {
        match self.rows.len() {
            1 => Ok(self.row(0)),
            n => Err(PyValueError::new_err(format!("one row is wanted, and the answer has {n}"))),
        }
    }

    /// The only value of the only row.
    fn scalar(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match (self.one()?, self.rows.columns().len()) {
            (row, 1) => row.value(py, 0),
            (_, n) => Err(PyValueError::new_err(format!("one column is wanted, and the answer has {n}"))),
        }
    }

    fn dicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let keys: Vec<Bound<'py, PyString>> =
            self.rows.columns().iter().map(|name| PyString::intern(py, name)).collect();
        let made = self.rows.iter().map(|row| {
            let dict = PyDict::new(py);
            for (key, value) in keys.iter().zip(row.values()) {
                dict.set_item(key, to_python(py, value, self.rows.entities(), self.db.origin)?)?;
            }
            Ok(dict)
        });
        PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }

    fn tuples<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let made = self.rows.iter().map(|row| {
            let values = row.values().iter().map(|value| to_python(py, value, self.rows.entities(), self.db.origin));
            PyTuple::new(py, values.collect::<PyResult<Vec<_>>>()?)
        });
        PyList::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }

    /// Arrow's record batches, for whatever reads them: made when they are taken, and not copied.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema; // whoever asks for other types casts
        let batches = py.detach(|| Batches::new(Arc::clone(&self.rows), self.shape()));
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    fn arrow<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._frames")?.call_method1("to_arrow", (slf,))
    }

    fn df<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._frames")?.call_method1("to_pandas", (slf,))
    }

    fn pl<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._frames")?.call_method1("to_polars", (slf,))
    }

    fn networkx<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._graphs")?.call_method1("to_networkx", (slf,))
    }

    fn igraph<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._graphs")?.call_method1("to_igraph", (slf,))
    }

    fn rdflib<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._graphs")?.call_method1("to_rdflib", (slf,))
    }

    /// The nodes and relationships that occur in the answer, ends of relationships included.
    fn _graph<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyList>, Bound<'py, PyList>)> {
        let engine = self.db.engine(py)?;
        let found = py
            .detach(|| engine.snapshot().and_then(|snapshot| shejire::io::Subgraph::of_answer(&snapshot, &self.rows)));
        let found = found.map_err(|error| raised(py, &error, None))?;
        let origin = self.db.origin;
        let nodes = found.nodes.into_iter().map(|data| Py::new(py, crate::entities::Node { data, origin }));
        let rels = found.rels.into_iter().map(|data| Py::new(py, crate::entities::Relationship { data, origin }));
        Ok((
            PyList::new(py, nodes.collect::<PyResult<Vec<_>>>()?)?,
            PyList::new(py, rels.collect::<PyResult<Vec<_>>>()?)?,
        ))
    }

    /// The graph in the answer in a format that `shejire export` writes.
    fn _export(&self, py: Python<'_>, format: &str) -> PyResult<Vec<u8>> {
        let engine = self.db.engine(py)?;
        let found = py
            .detach(|| engine.snapshot().and_then(|snapshot| shejire::io::Subgraph::of_answer(&snapshot, &self.rows)));
        crate::database::exported(py, found, format)
    }

    /// The cells of the first rows as texts.
    fn _cells(&self, most: usize) -> Vec<Vec<String>> {
        let cell = |value: &Value| shejire::io::text::cell(value, self.rows.entities());
        self.rows.iter().take(most).map(|row| row.values().iter().map(cell).collect()).collect()
    }

    /// A picture: of a lineage when the statement is a TRACE and nothing else, else of the graph in the answer.
    #[pyo3(signature = (title=None))]
    fn picture(&self, py: Python<'_>, title: Option<&str>) -> PyResult<Picture> {
        Picture::of_answer(py, self, title)
    }

    #[pyo3(signature = (file=None, *, title=None))]
    fn svg(&self, py: Python<'_>, file: Option<std::path::PathBuf>, title: Option<&str>) -> PyResult<String> {
        self.picture(py, title)?.svg(py, file)
    }

    /// A picture of an answer that is a graph: of nodes, relationships and paths alone, and not too many.
    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<Option<String>> {
        const MOST: usize = 150;
        let mut drawn = false;
        for value in self.rows.iter().flat_map(|row| row.values()) {
            match value {
                Value::Rel(_) | Value::Path(_) => drawn = true,
                Value::Node(_) | Value::Null => {}
                _ => return Ok(None),
            }
        }
        if !drawn || self.rows.len() > MOST || self.db.engine(py).is_err() {
            return Ok(None);
        }
        self.svg(py, None, None).map(Some)
    }

    fn _repr_html_<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._display")?.call_method1("result_html", (slf,))
    }

    fn __str__<'py>(slf: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._display")?.call_method1("result_text", (slf,))
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.rows.columns().iter().map(|name| &**name).collect();
        format!(
            "<shejire.Result {} rows of {}>",
            self.rows.len(),
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        )
    }
}

impl Row {
    fn value(&self, py: Python<'_>, at: usize) -> PyResult<Py<PyAny>> {
        let row = self.rows.get(self.at).ok_or_else(|| PyIndexError::new_err("no such row"))?;
        let value = row.values().get(at).ok_or_else(|| PyIndexError::new_err("no such column"))?;
        to_python(py, value, self.rows.entities(), self.origin)
    }

    fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let all = (0..self.rows.columns().len()).map(|at| self.value(py, at));
        PyTuple::new(py, all.collect::<PyResult<Vec<_>>>()?)
    }
}

#[pymethods]
impl Row {
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.cast::<PyString>() {
            let name = name.to_cow()?;
            let at = self.rows.columns().iter().position(|own| **own == *name);
            let at = at.ok_or_else(|| no_column(&self.rows, &name))?;
            return Ok(self.value(py, at)?.into_bound(py));
        }
        let Ok(index) = key.extract::<isize>() else {
            // slices, as a tuple has them
            return self.all(py)?.into_any().get_item(key);
        };
        let width = self.rows.columns().len();
        match position(index, width) {
            Some(at) => Ok(self.value(py, at)?.into_bound(py)),
            None => Err(PyIndexError::new_err(format!("the row has {width} columns"))),
        }
    }

    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.rows.columns().iter().position(|own| **own == *key) {
            Some(at) => Ok(Some(self.value(py, at)?.into_bound(py))),
            None => Ok(default),
        }
    }

    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.rows.columns().iter().map(|name| &**name))
    }

    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all(py)
    }

    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let all = self.rows.columns().iter().zip(0..).map(|(name, at)| Ok((&**name, self.value(py, at)?)));
        PyList::new(py, all.collect::<PyResult<Vec<_>>>()?)
    }

    fn dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let made = PyDict::new(py);
        for (name, at) in self.rows.columns().iter().zip(0..) {
            made.set_item(&**name, self.value(py, at)?)?;
        }
        Ok(made)
    }

    /// The places that the row rests on; of statements that cite.
    #[getter]
    fn citations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let class = py.import("shejire._types")?.getattr("Citation")?;
        let row = self.rows.get(self.at);
        let all = row.iter().flat_map(|row| row.citations());
        let made = all.map(|citation| class.call1((&*citation.source, &*citation.locator)));
        PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
    }

    fn __len__(&self) -> usize {
        self.rows.columns().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.all(py)?.try_iter()?.into_any())
    }

    /// Of a tuple: whether a value is in it.
    fn __contains__(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.all(py)?.contains(value)
    }

    fn __eq__<'py>(&self, py: Python<'py>, other: &Bound<'py, PyAny>) -> PyResult<bool> {
        if let Ok(row) = other.cast::<Self>() {
            let row = row.get();
            return Ok(self.rows.columns() == row.rows.columns() && self.all(py)?.eq(row.all(py)?)?);
        }
        if let Ok(dict) = other.cast::<PyDict>() {
            return self.dict(py)?.eq(dict);
        }
        self.all(py)?.eq(other)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.all(py)?.hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mut out = String::from("<Row");
        for (name, at) in self.rows.columns().iter().zip(0..) {
            out.push_str(&format!(" {name}={}", self.value(py, at)?.bind(py).repr()?));
        }
        out.push('>');
        Ok(out)
    }
}
