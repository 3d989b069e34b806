//! Connections: where statements run, one transaction at a time.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyImportError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyTuple};
use shejire::assist::Part;
use shejire::engine::{Changes, Limits, Rows, Session, Snapshot, Statement};
use shejire::error::{Class, Code, Phase};
use shejire::{Error, Value};

use crate::answer::{Answer, changes};
use crate::database::Shared;
use crate::errors::{closed, raised, wrong_type};
use crate::stop::{Running, lock};
use crate::values::{entries, from_python, type_name};
use crate::{arrow_in, values};

/// Where the statements of a connection run.
pub enum Target {
    Session(Session),
    Snapshot(Snapshot),
}

/// What a connection and its database share: the latter closes it.
pub struct Inner {
    target: Mutex<Option<Target>>,
    running: Running,
}

impl Inner {
    pub fn new(target: Target) -> Self {
        Self { target: Mutex::new(Some(target)), running: Running::default() }
    }

    /// Stops what runs, rolls back what is open, and lets go of the graph.
    pub fn close(&self) {
        // again and again: another thread may begin the next statement before this has its turn
        loop {
            self.running.interrupt();
            match self.target.try_lock() {
                Ok(mut target) => return drop(target.take()),
                Err(TryLockError::Poisoned(poisoned)) => return drop(poisoned.into_inner().take()),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
            }
        }
    }
}

/// Why there is no answer.
enum Refused {
    Closed,
    Error(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Statements, with one transaction at a time. Threads may share it: their statements take turns.
#[pyclass(frozen, module = "shejire", weakref)]
pub struct Connection {
    pub inner: Arc<Inner>,
    pub db: Arc<Shared>,
}

/// The limits of a statement, as they are given.
#[derive(Clone, Copy, Default)]
struct Asked {
    timeout: Option<f64>,
    memory: Option<usize>,
    max_rows: Option<u64>,
    cite: bool,
    read_only: bool,
}

impl Asked {
    fn limits(self) -> PyResult<Limits> {
        let time = |seconds: f64| {
            Duration::try_from_secs_f64(seconds)
                .map_err(|_| PyValueError::new_err("timeout is a number of seconds from 0"))
        };
        let time = self.timeout.map(time).transpose()?;
        Ok(Limits { time, memory: self.memory, rows: self.max_rows, ..Limits::default() })
    }
}

/// A statement with all that it is to run with.
fn prepared<'s>(
    target: &'s mut Target,
    text: &'s str,
    params: Vec<(String, Value)>,
    asked: Asked,
    limits: Limits,
) -> Statement<'s> {
    let mut statement = match target {
        Target::Session(session) => session.query(text),
        Target::Snapshot(snapshot) => snapshot.query(text),
    };
    for (name, value) in params {
        statement = statement.param(name, value);
    }
    statement = statement.limits(limits);
    if asked.cite {
        statement = statement.cite();
    }
    if asked.read_only {
        statement = statement.read_only();
    }
    statement
}

impl Connection {
    fn failed(py: Python<'_>, refused: Refused, text: Option<&str>) -> PyErr {
        match refused {
            Refused::Closed => closed(py, "connection"),
            Refused::Error(error) => raised(py, &error, text),
        }
    }

    /// Works with what is behind the connection, without the interpreter's lock.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        text: Option<&str>,
        work: impl FnOnce(&mut Target, &Arc<AtomicBool>) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        self.db.alive(py)?;
        let done = self.inner.running.run(py, |flag| -> Result<T, Refused> {
            let mut target = lock(&self.inner.target, flag)?;
            Ok(work(target.as_mut().ok_or(Refused::Closed)?, flag)?)
        })?;
        done.map_err(|refused| Self::failed(py, refused, text))
    }

    /// Works with its session.
    fn in_session<T: Send>(
        &self,
        py: Python<'_>,
        text: Option<&str>,
        work: impl FnOnce(&mut Session) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        self.with(py, text, |target, _| match target {
            Target::Session(session) => work(session),
            Target::Snapshot(_) => {
                let message = "a snapshot runs one statement at a time, and has no transactions";
                let error = Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message);
                Err(error.hint("db.connect() gives a connection that has"))
            }
        })
    }

    fn run(&self, py: Python<'_>, text: &str, params: Vec<(String, Value)>, asked: Asked) -> PyResult<Rows> {
        let limits = asked.limits()?;
        self.with(py, Some(text), move |target, flag| {
            let limits = Limits { cancel: Some(Arc::clone(flag)), ..limits };
            prepared(target, text, params, asked, limits).rows()
        })
    }
}

#[pymethods]
impl Connection {
    #[pyo3(signature = (query, parameters=None, /, *, timeout=None, memory=None, max_rows=None, cite=false, read_only=false, **params))]
    #[allow(clippy::too_many_arguments)] // each has a name where it is called
    pub fn execute(
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
        let params = values::parameters(parameters, params)?;
        let rows = self.run(py, query, params, Asked { timeout, memory, max_rows, cite, read_only })?;
        Ok(Answer::new(rows, query.into(), Arc::clone(&self.db)))
    }

    /// The plan that would run.
    #[pyo3(signature = (query, parameters=None, /, **params))]
    fn explain(
        &self,
        py: Python<'_>,
        query: &str,
        parameters: Option<&Bound<'_, PyAny>>,
        params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<String> {
        let params = values::parameters(parameters, params)?;
        let plan = self.with(py, Some(query), move |target, flag| {
            let limits = Limits { cancel: Some(Arc::clone(flag)), ..Limits::default() };
            prepared(target, query, params, Asked::default(), limits).explain()
        })?;
        Ok(plan.to_string())
    }

    /// Runs a script: statements separated by semicolons.
    fn script(&self, py: Python<'_>, text: &str) -> PyResult<Vec<Answer>> {
        let answers = self.in_session(py, Some(text), |session| session.script(text))?;
        Ok(answers.into_iter().map(|rows| Answer::new(rows, text.into(), Arc::clone(&self.db))).collect())
    }

    /// Runs a statement once for each row, whose columns are its parameters, in one transaction; one that has the parameter
    /// `rows` takes the rows as that, some thousand at a time.
    #[pyo3(signature = (query, rows, /, *, timeout=None, memory=None))]
    fn execute_many<'py>(
        &self,
        py: Python<'py>,
        query: &str,
        rows: &Bound<'py, PyAny>,
        timeout: Option<f64>,
        memory: Option<usize>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let asked = Asked { timeout, memory, ..Asked::default() };
        let limits = asked.limits()?;
        let given = Rowwise::read(rows)?.taken_by(query).map_err(|error| raised(py, &error, None))?;
        let until = limits.time.and_then(|time| Instant::now().checked_add(time));
        let all = self.with(py, Some(query), move |target, flag| {
            let own = match target {
                Target::Session(session) if !session.in_transaction() => {
                    session.begin()?;
                    true
                }
                _ => false,
            };
            let mut sum = Vec::new();
            let run = || -> Result<(), Error> {
                for (number, params) in given.params() {
                    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
                    let limits = Limits { time: left, cancel: Some(Arc::clone(flag)), ..limits.clone() };
                    let rows = prepared(target, query, params, asked, limits).rows();
                    sum.push(
                        rows.map_err(|error| number.map_or(error.clone(), |number| in_row(&error, number)))?.changes(),
                    );
                }
                Ok(())
            };
            let done = run();
            if let Target::Session(session) = target
                && own
            {
                match &done {
                    Ok(()) => session.commit()?,
                    Err(_) => session.rollback()?,
                }
            }
            done.map(|()| sum.into_iter().sum::<Changes>())
        })?;
        changes(py, all)
    }

    /// `execute` on another thread, for asyncio; a task that is cancelled stops its statement.
    #[pyo3(signature = (*args, **named))]
    fn execute_async<'py>(
        slf: Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        named: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let work = slf.py().import("shejire._async")?.getattr("execute")?;
        work.call1((slf, args, named))
    }

    /// Writes a graph of networkx or igraph in one transaction.
    #[pyo3(signature = (graph, /, *, label=None, r#type=None))]
    fn load<'py>(
        slf: Bound<'py, Self>,
        graph: Bound<'py, PyAny>,
        label: Option<&str>,
        r#type: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("shejire._graphs")?.call_method1("load", (slf, graph, label, r#type))
    }

    /// Begins a transaction.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        self.in_session(py, None, Session::begin)
    }

    fn commit(&self, py: Python<'_>) -> PyResult<()> {
        self.in_session(py, None, Session::commit)
    }

    fn rollback(&self, py: Python<'_>) -> PyResult<()> {
        self.in_session(py, None, Session::rollback)
    }

    #[getter]
    fn in_transaction(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, None, |target, _| match target {
            Target::Session(session) => Ok(session.in_transaction()),
            Target::Snapshot(_) => Ok(false),
        })
    }

    /// Commits when its block ends, rolls back when that raises.
    fn transaction(slf: Py<Self>) -> Transaction {
        Transaction { connection: slf }
    }

    /// Stops the statement that runs on this connection, from another thread; how many there were.
    fn interrupt(&self) -> usize {
        self.inner.running.interrupt()
    }

    /// Rolls back what is open, and lets go of the graph.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.inner.close());
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
        format!("<shejire.Connection to {}>", self.db.name)
    }
}

/// The block of a transaction.
#[pyclass(frozen, module = "shejire")]
pub struct Transaction {
    connection: Py<Connection>,
}

#[pymethods]
impl Transaction {
    fn __enter__(&self, py: Python<'_>) -> PyResult<Py<Connection>> {
        self.connection.get().begin(py)?;
        Ok(self.connection.clone_ref(py))
    }

    #[pyo3(signature = (kind, _value, _traceback))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        _value: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) -> PyResult<bool> {
        let connection = self.connection.get();
        // ended within the block, by method or by a statement
        if !connection.in_transaction(py)? {
            return Ok(false);
        }
        if kind.is_none() {
            connection.commit(py)?
        } else {
            connection.rollback(py)?
        }
        Ok(false)
    }
}

/// The same error with the row it came of; its place in the text is kept.
fn in_row(error: &Error, number: u64) -> Error {
    let mut told = error.prefixed(&format!("row {number}: "));
    if let Some(span) = error.span() {
        told = told.at(span);
    }
    told
}

/// Rows that are parameters.
enum Rowwise {
    Table(arrow_in::Table),
    Each(Vec<Vec<(String, Value)>>),
    /// Lists of maps, each the parameter `rows`.
    Batches(Vec<Value>),
}

/// Rows that are one parameter together.
const BATCH: usize = 10_000;
/// The name of that parameter.
const ROWS: &str = "rows";

/// Whether a statement has the parameter.
fn has_parameter(text: &str, name: &str) -> bool {
    let parts = shejire::assist::parts(text);
    parts.iter().any(|(span, part)| {
        *part == Part::Parameter && span.of(text).trim_start_matches('$').trim_matches(['`', ' ']) == name
    })
}

impl Rowwise {
    fn read(rows: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = rows.py();
        if rows.hasattr("__arrow_c_stream__")? {
            match arrow_in::table(rows, "rows") {
                Ok(table) => return Ok(Self::Table(table)),
                // pandas needs pyarrow for it
                Err(error) if error.is_instance_of::<PyImportError>(py) && rows.hasattr("to_dict")? => {
                    return Self::read(&rows.call_method1("to_dict", ("records",))?);
                }
                Err(error) => return Err(error),
            }
        }
        let mut all = Vec::new();
        for (row, number) in rows.try_iter()?.zip(1u64..) {
            let row = row?;
            if row.cast::<PyMapping>().is_err() && !row.hasattr("items")? {
                let message = format!("row {number} is a {}", type_name(&row));
                return Err(wrong_type(
                    py,
                    "rows",
                    &message,
                    "give dicts, whose keys are the parameters' names, or a table",
                ));
            }
            let mut params = Vec::new();
            let mapping = if row.cast::<PyMapping>().is_ok() { row } else { row.call_method0("dict")? };
            entries(&mapping, &format!("row {number}"), &mut |name, value| {
                params.push((name.to_owned(), from_python(&value, &format!("row {number}, parameter `{name}`"))?));
                Ok(())
            })?;
            all.push(params);
        }
        Ok(Self::Each(all))
    }

    /// The same as a statement takes it: it may want all rows as one parameter, unless a column is called like that.
    fn taken_by(self, query: &str) -> Result<Self, Error> {
        let has_column = match &self {
            Self::Table(table) => table.columns.iter().any(|name| name == ROWS),
            Self::Each(all) => all.iter().flatten().any(|(name, _)| name == ROWS),
            Self::Batches(_) => true,
        };
        if has_column || !has_parameter(query, ROWS) {
            return Ok(self);
        }
        let mut batches = Vec::new();
        let mut batch = Vec::new();
        for (_, row) in self.params() {
            batch.push(Value::map(row.into_iter().map(|(name, value)| (name.into(), value)))?);
            if batch.len() == BATCH {
                batches.push(Value::list(std::mem::take(&mut batch))?);
            }
        }
        if !batch.is_empty() {
            batches.push(Value::list(batch)?);
        }
        Ok(Self::Batches(batches))
    }

    /// The parameters of each run, with the number of the row where it is one.
    #[allow(clippy::type_complexity)] // a name would say less
    fn params(self) -> Box<dyn Iterator<Item = (Option<u64>, Vec<(String, Value)>)>> {
        match self {
            Self::Table(arrow_in::Table { columns, rows }) => {
                let row = move |row: Vec<Value>| columns.iter().cloned().zip(row).collect();
                Box::new((1..).map(Some).zip(rows.into_iter().map(row)))
            }
            Self::Each(all) => Box::new((1..).map(Some).zip(all)),
            Self::Batches(all) => Box::new(all.into_iter().map(|batch| (None, vec![(ROWS.to_owned(), batch)]))),
        }
    }
}
