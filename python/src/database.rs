//! Databases: a graph in memory or in a file, and the questions that are asked without a statement.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};
use shejire::io::{FORMATS, How, Subgraph};
use shejire::{Engine, Error};

use crate::answer::Answer;
use crate::connection::{Connection, Inner, Target};
use crate::errors::{closed, raised};
use crate::questions::{self, Trace, Wanted};

/// Databases are told apart by numbers.
static ORIGINS: AtomicU64 = AtomicU64::new(1);

/// What a database and all that comes of it share.
pub struct Shared {
    engine: Mutex<Option<Engine>>,
    connections: Mutex<Vec<Weak<Inner>>>,
    /// They go on until they are stopped, whoever keeps their addresses.
    servers: Mutex<Vec<Arc<Mutex<Option<shejire::server::Running>>>>>,
    /// What it is called where it is shown.
    pub name: String,
    file: Option<PathBuf>,
    pub origin: u64,
    /// The process that opened it: SQLite's files are not to be used by a copy of it.
    process: u32,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn new(engine: Engine, name: String, file: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            engine: Mutex::new(Some(engine)),
            connections: Mutex::default(),
            servers: Mutex::default(),
            name,
            file,
            origin: ORIGINS.fetch_add(1, Ordering::Relaxed),
            process: std::process::id(),
        })
    }

    /// Refuses what has come into this process by a fork.
    pub fn alive(&self, py: Python<'_>) -> PyResult<()> {
        if self.file.is_some() && self.process != std::process::id() {
            let message =
                format!("{} was opened before this process was forked off, and its file is not for two", self.name);
            let error = Error::new(
                shejire::error::Class::StoreError,
                shejire::error::Phase::Runtime,
                shejire::error::Code::StoreIo,
                message,
            );
            return Err(raised(py, &error.hint("open it again in the new process"), None));
        }
        Ok(())
    }

    /// A handle to the graph.
    pub fn engine(&self, py: Python<'_>) -> PyResult<Engine> {
        self.alive(py)?;
        locked(&self.engine).clone().ok_or_else(|| closed(py, "database"))
    }

    fn connection(self: &Arc<Self>, target: Target) -> Connection {
        let inner = Arc::new(Inner::new(target));
        let mut all = locked(&self.connections);
        // those that are gone leave their places, which are looked for when the list would grow
        if all.len() == all.capacity() {
            all.retain(|one| one.strong_count() > 0);
        }
        all.push(Arc::downgrade(&inner));
        Connection { inner, db: Arc::clone(self) }
    }

    fn close(&self) {
        let engine = locked(&self.engine).take();
        for server in std::mem::take(&mut *locked(&self.servers)) {
            if let Some(running) = locked(&server).take() {
                running.stop();
            }
        }
        for connection in std::mem::take(&mut *locked(&self.connections)).iter().filter_map(Weak::upgrade) {
            connection.close();
        }
        if let Some(engine) = engine {
            engine.close_file();
        }
    }
}

/// A graph in memory, or in a file.
#[pyclass(frozen, module = "shejire", weakref)]
pub struct Database {
    pub shared: Arc<Shared>,
}

impl Database {
    fn of(engine: Engine, name: impl Into<String>, file: Option<PathBuf>) -> Self {
        Self { shared: Shared::new(engine, name.into(), file) }
    }

    /// Asks the engine, without the interpreter's lock.
    pub fn ask<T: Send>(&self, py: Python<'_>, ask: impl FnOnce(&Engine) -> Result<T, Error> + Send) -> PyResult<T> {
        let engine = self.shared.engine(py)?;
        py.detach(|| ask(&engine)).map_err(|error| raised(py, &error, None))
    }
}

/// A graph in a file, which is made when there is none.
#[pyfunction]
#[pyo3(signature = (path, *, read_only=false, lock_timeout=5.0))]
pub fn open(py: Python<'_>, path: PathBuf, read_only: bool, lock_timeout: f64) -> PyResult<Database> {
    let wait = Duration::try_from_secs_f64(lock_timeout)
        .map_err(|_| PyValueError::new_err("lock_timeout is a number of seconds from 0"))?;
    let opened = py.detach(|| if read_only { Engine::open_read_only(&path) } else { Engine::open(&path) });
    let engine = opened.map_err(|error| raised(py, &error, None))?.lock_timeout(wait);
    Ok(Database::of(engine, path.display().to_string(), Some(path)))
}

/// An empty graph in memory.
#[pyfunction]
pub fn memory() -> Database {
    Database::of(Engine::in_memory(), "a graph in memory", None)
}

/// The built-in dataset, in memory.
#[pyfunction]
pub fn builtin(py: Python<'_>) -> PyResult<Database> {
    let engine = py.detach(Engine::builtin).map_err(|error| raised(py, &error, None))?;
    Ok(Database::of(engine, "the built-in dataset", None))
}

/// A dataset folder, in memory.
#[pyfunction]
pub fn dataset(py: Python<'_>, folder: PathBuf) -> PyResult<Database> {
    let engine = py.detach(|| Engine::from_folder(&folder)).map_err(|error| raised(py, &error, None))?;
    Ok(Database::of(engine, format!("the dataset {}", folder.display()), None))
}

/// A graph as a text in a format that is a stream or a table.
pub fn exported(py: Python<'_>, graph: Result<Subgraph, Error>, format: &str) -> PyResult<Vec<u8>> {
    let graph = graph.map_err(|error| raised(py, &error, None))?;
    let known = shejire::io::format(format).and_then(|known| known.write);
    let written = py.detach(|| {
        let mut out = Vec::new();
        match known {
            Some(How::Stream(write)) => write(&graph, &mut out).map(|()| Some(out)),
            Some(How::Table(write)) => write(&graph, false, &mut out).map(|()| Some(out)),
            _ => Ok(None),
        }
    });
    match written {
        Ok(Some(out)) => Ok(out),
        Ok(None) => {
            let streams = FORMATS.iter().filter(|known| matches!(known.write, Some(How::Stream(_) | How::Table(_))));
            let names: Vec<&str> = streams.map(|known| known.name).collect();
            Err(PyValueError::new_err(format!("{format:?} is no format of texts; these are: {}", names.join(", "))))
        }
        Err(error) => Err(raised(py, &error.into_error(), None)),
    }
}

#[pymethods]
impl Database {
    /// A connection of its own.
    fn connect(&self, py: Python<'_>) -> PyResult<Connection> {
        Ok(self.shared.connection(Target::Session(self.shared.engine(py)?.session())))
    }

    /// The last commit, to be read for as long as it is held.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Connection> {
        let snapshot = self.ask(py, Engine::snapshot)?;
        Ok(self.shared.connection(Target::Snapshot(snapshot)))
    }

    /// Runs a statement on a connection of its own.
    #[pyo3(signature = (query, parameters=None, /, *, timeout=None, memory=None, max_rows=None, cite=false, read_only=false, **params))]
    #[allow(clippy::too_many_arguments)] // each has a name where it is called
    fn execute(
        &self,
        py: Python<'_>,
        query: &str,
        parameters: Option<&Bound<'_, PyAny>>,
        timeout: Option<f64>,
        memory: Option<usize>,
        max_rows: Option<u64>,
        cite: bool,
        read_only: bool,
        params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Answer> {
        let connection = self.connect(py)?;
        connection.execute(py, query, parameters, timeout, memory, max_rows, cite, read_only, params)
    }

    /// Entities by any of their names, the best met first.
    #[pyo3(signature = (name, *, limit=10, prefix=false))]
    fn find<'py>(&self, py: Python<'py>, name: &str, limit: usize, prefix: bool) -> PyResult<Bound<'py, PyList>> {
        questions::find(py, self, name, limit, prefix)
    }

    /// An entity with all that documents say of it.
    #[pyo3(signature = (who, *, according_to=None, known_by=None))]
    fn entity<'py>(
        &self,
        py: Python<'py>,
        who: &Bound<'py, PyAny>,
        according_to: Option<&Bound<'py, PyAny>>,
        known_by: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        questions::entity(py, self, who, according_to, known_by)
    }

    /// Every place that speaks of a relationship, or of an entity.
    #[pyo3(signature = (of, *, according_to=None, known_by=None))]
    fn evidence<'py>(
        &self,
        py: Python<'py>,
        of: &Bound<'py, PyAny>,
        according_to: Option<&Bound<'py, PyAny>>,
        known_by: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        questions::evidence(py, self, of, according_to, known_by)
    }

    /// What contradicts what, in all or about one entity.
    #[pyo3(signature = (of=None, *, according_to=None, known_by=None))]
    fn conflicts<'py>(
        &self,
        py: Python<'py>,
        of: Option<&Bound<'py, PyAny>>,
        according_to: Option<&Bound<'py, PyAny>>,
        known_by: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        questions::conflicts(py, self, of, according_to, known_by)
    }

    /// What is wrong, or doubtful, in the text of a statement, which is not run.
    fn check<'py>(&self, py: Python<'py>, query: &str) -> PyResult<Bound<'py, PyList>> {
        questions::check(py, self, query)
    }

    /// What became of somebody, and what they came from.
    #[pyo3(signature = (who, *, to=None, direction="both", via=None, depth=None, as_of=None, certain=false, according_to=None, known_by=None))]
    #[allow(clippy::too_many_arguments)] // each has a name where it is called
    fn trace<'py>(
        &self,
        py: Python<'py>,
        who: &Bound<'py, PyAny>,
        to: Option<&Bound<'py, PyAny>>,
        direction: &str,
        via: Option<&Bound<'py, PyAny>>,
        depth: Option<u32>,
        as_of: Option<&Bound<'py, PyAny>>,
        certain: bool,
        according_to: Option<&Bound<'py, PyAny>>,
        known_by: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Trace> {
        let wanted = Wanted { who, to, direction, via, depth, as_of, certain, according_to, known_by };
        questions::trace(py, self, &wanted)
    }

    /// The picture of a lineage along time: that of `trace`, which takes the same.
    #[pyo3(signature = (who, **asked))]
    fn timeline<'py>(
        slf: &Bound<'py, Self>,
        who: &Bound<'py, PyAny>,
        asked: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.call_method("trace", (who,), asked)?.call_method0("picture")
    }

    /// What two graphs, two snapshots, or the facts of two days do not have in common.
    #[pyo3(signature = (before, after=None, *, key=None))]
    fn diff<'py>(
        slf: Bound<'py, Self>,
        before: Bound<'py, PyAny>,
        after: Option<Bound<'py, PyAny>>,
        key: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._graphs")?.call_method1("diff", (slf, before, after, key))
    }

    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.shared.file.clone()
    }

    #[getter]
    fn read_only(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.shared.engine(py)?.is_read_only())
    }

    #[getter]
    fn closed(&self) -> bool {
        locked(&self.shared.engine).is_none()
    }

    /// Labels and types with their counts and properties.
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        questions::schema(py, self)
    }

    /// Numbers of nodes and of relationships.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let [nodes, relationships, schema] = self.ask(py, |engine| Ok(engine.snapshot()?.counts()))?;
        let made = PyDict::new(py);
        made.set_item("nodes", nodes)?;
        made.set_item("relationships", relationships)?;
        made.set_item("indexes_and_constraints", schema)?;
        Ok(made)
    }

    /// Writes the whole graph, with its evidence, into a file that does not exist yet.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.ask(py, |engine| engine.save(&path))
    }

    /// Copies the file, as of the last commit.
    fn backup(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.ask(py, |engine| {
            engine
                .backup(&path)
                .unwrap_or_else(|| Err(Error::data("a graph in memory has no file to copy").hint("save() writes one")))
        })
    }

    /// Writes a new image of the file, and gives unused pages back.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |engine| engine.compact().unwrap_or(Ok(())))
    }

    /// What is damaged, a sentence each.
    fn verify(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.ask(py, Engine::check)
    }

    /// The whole graph in a format that `shejire export` writes as a stream.
    fn export<'py>(&self, py: Python<'py>, format: &str) -> PyResult<Bound<'py, PyBytes>> {
        let engine = self.shared.engine(py)?;
        let graph = py.detach(|| Subgraph::whole(&engine));
        Ok(PyBytes::new(py, &exported(py, graph, format)?))
    }

    /// Reads a graph in another format into this one, as one change.
    #[pyo3(signature = (source, *, format=None, join_on=None))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, PyAny>,
        format: Option<&str>,
        join_on: Option<&str>,
    ) -> PyResult<Bound<'py, PyDict>> {
        crate::reading::read(py, self, source, format, join_on)
    }

    /// Serves the graph to this machine until it is stopped.
    #[pyo3(signature = (*, port=0, bolt=None, write=false, token=None))]
    fn serve<'py>(
        &self,
        py: Python<'py>,
        port: u16,
        bolt: Option<u16>,
        write: bool,
        token: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let engine = self.shared.engine(py)?;
        let loopback = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let failed = |error: std::io::Error| PyOSError::new_err(error.to_string());
        let token = match (token, write) {
            (None, true) => Some(shejire::server::new_token().map_err(failed)?),
            (token, _) => token,
        };
        let name = self
            .shared
            .file
            .as_deref()
            .and_then(|file| file.file_stem())
            .map(|stem| stem.to_string_lossy().into_owned());
        let config = shejire::server::Config {
            http: Some(loopback(port)),
            bolt: bolt.map(loopback),
            write,
            token: token.clone(),
            name,
            ..shejire::server::Config::default()
        };
        let running = py.detach(|| shejire::server::serve(engine, config)).map_err(failed)?;
        let (http, bolt) = (running.http(), running.bolt());
        let running = Arc::new(Mutex::new(Some(running)));
        locked(&self.shared.servers).push(Arc::clone(&running));
        let serving = Py::new(py, Serving { running, http, bolt, token })?;
        py.import("shejire._server")?.getattr("Server")?.call1((serving,))
    }

    /// Rolls back what is open, stops what runs and is served, and closes the file.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.shared.close());
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_args))]
    fn __exit__(&self, py: Python<'_>, _args: &Bound<'_, PyAny>) -> bool {
        self.close(py);
        false
    }

    fn __repr__(&self) -> String {
        let closed = if self.closed() { ", closed" } else { "" };
        format!("<shejire.Database: {}{closed}>", self.shared.name)
    }
}

/// A server that runs in this process: what `shejire._server.Server` stands on.
#[pyclass(frozen, module = "shejire", name = "_Serving")]
struct Serving {
    running: Arc<Mutex<Option<shejire::server::Running>>>,
    http: Option<SocketAddr>,
    bolt: Option<SocketAddr>,
    token: Option<String>,
}

#[pymethods]
impl Serving {
    #[getter]
    fn url(&self) -> String {
        self.http.map_or_else(String::new, |address| format!("http://{address}/"))
    }

    #[getter]
    fn bolt(&self) -> Option<String> {
        self.bolt.map(|address| format!("bolt://{address}"))
    }

    #[getter]
    fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    #[getter]
    fn running(&self) -> bool {
        locked(&self.running).is_some()
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| {
            let running = locked(&self.running).take();
            if let Some(running) = running {
                running.stop();
            }
        });
    }
}
