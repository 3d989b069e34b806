//! Graphs in other people's formats, read into a database as one change.

use std::io::{BufRead, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use shejire::error::{Class, Code, Error, Phase};
use shejire::io::read::{IntoGraph, Known, Watch, open};
use shejire::io::{self, FORMATS, ReadAs};

use crate::database::Database;
use crate::errors::raised;
use crate::stop::Running;
use crate::values::type_name;

/// The property that tells the nodes of RDF apart.
const IRI: &str = "iri";

/// Where the bytes come from.
enum From {
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// What is read until somebody wants it to stop.
struct Stoppable<R> {
    inner: R,
    stop: Arc<AtomicBool>,
}

impl<R: BufRead> Read for Stoppable<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        self.inner.read(to)
    }
}

impl<R: BufRead> BufRead for Stoppable<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("stopped"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
    }
}

/// Whether a format is one that is read here: the others are scripts, which run, and tables, which `shejire import` reads.
fn is_read(read: ReadAs) -> bool {
    !matches!(read, ReadAs::Script | ReadAs::Tables | ReadAs::Sqlite)
}

/// Reads a file, bytes, or a graph of rdflib; numbers of what was taken.
pub fn read<'py>(
    py: Python<'py>,
    db: &Database,
    source: &Bound<'py, PyAny>,
    format: Option<&str>,
    join_on: Option<&str>,
) -> PyResult<Bound<'py, PyDict>> {
    let (from, name, own) = if let Ok(bytes) = source.cast::<PyBytes>() {
        (From::Bytes(bytes.as_bytes().to_vec()), "the bytes".to_owned(), None)
    } else if source.hasattr("serialize")? {
        let told = PyDict::new(py);
        let quads = source.hasattr("quads")?;
        told.set_item("format", if quads { "nquads" } else { "nt" })?;
        told.set_item("encoding", "utf-8")?;
        let bytes: Vec<u8> = source.call_method("serialize", (), Some(&told))?.extract()?;
        (From::Bytes(bytes), "the graph".to_owned(), Some(if quads { "nquads" } else { "ntriples" }))
    } else if let Ok(path) = source.extract::<PathBuf>() {
        let name = path.display().to_string();
        (From::File(path), name, None)
    } else {
        let message = format!("expected a path, bytes or a graph of rdflib, found a {}", type_name(source));
        return Err(PyTypeError::new_err(message));
    };
    let read = match (format.or(own), &from) {
        (Some(name), _) => io::format(name).and_then(|format| format.read),
        (None, From::File(path)) => io::read_by_name(path),
        (None, From::Bytes(_)) => None,
    };
    let Some(read) = read.filter(|read| is_read(*read)) else {
        let names = FORMATS.iter().filter(|known| known.read.is_some_and(is_read)).map(|known| known.name);
        let names: Vec<&str> = names.collect();
        let message = format!("say by format= what {name} is written in; these are read: {}", names.join(", "));
        return Err(PyValueError::new_err(message));
    };
    let engine = db.shared.engine(py)?;
    let join = join_on.or(if matches!(read, ReadAs::Rdf(_)) { Some(IRI) } else { None });
    let running = Running::default();
    let done = running.run(py, |stop| {
        let input: Box<dyn BufRead + Send> = match from {
            From::File(path) => open(&path, None, &Arc::new(Watch::default()))?,
            From::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        };
        let input: Box<dyn BufRead + Send> = Box::new(Stoppable { inner: input, stop: Arc::clone(stop) });
        let done = engine.change(|to| {
            let mut sink = IntoGraph::new(to, Known::default());
            sink.join_on(join);
            read.read(input, &name, None, &mut sink, &mut Err)?;
            Ok(sink.finish())
        });
        match stop.load(Ordering::Relaxed) {
            true => done
                .map_err(|_| Error::new(Class::Cancelled, Phase::Runtime, Code::Cancelled, "the reading was stopped")),
            false => done,
        }
    })?;
    // whatever the reader calls it, it is the file's mistake
    let known = done.map_err(|error| match error.class() {
        Class::ArgumentError | Class::TypeError => {
            let told = Error::data(error.message());
            raised(py, &error.hint_text().map_or(told.clone(), |hint| told.hint(hint)), None)
        }
        _ => raised(py, &error, None),
    })?;
    let told = PyDict::new(py);
    told.set_item("nodes", known.nodes)?;
    told.set_item("relationships", known.relationships)?;
    told.set_item("told", known.told)?;
    told.set_item("passed_over", known.passed_over.into_iter().collect::<std::collections::HashMap<_, _>>())?;
    Ok(told)
}
