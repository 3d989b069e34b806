//! Questions that need no statement: who is meant, what became of whom, who says so. Answers are records of `shejire/_types.py`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use shejire::Value;
use shejire::assist::{self, Problem};
use shejire::engine::{
    Citation, ConflictSide, Conflicts, Course, Evidence, FactEvidence, Found, Kind, Lineage, LineageRequest, Said,
    Snapshot, SourceView, Step, Whose,
};
use shejire::error::Error;
use shejire::value::NodeRef;

use crate::answer::Answer;
use crate::database::{Database, Shared};
use crate::entities::{Node, Relationship};
use crate::errors::{raised, wrong_type};
use crate::picture::Picture;
use crate::values::{from_python, type_name};

/// Makes records of one database.
struct Told<'py, 'a> {
    py: Python<'py>,
    types: Bound<'py, PyModule>,
    seen: &'a SourceView,
    origin: u64,
}

type Made<'py> = PyResult<Bound<'py, PyAny>>;

impl<'py, 'a> Told<'py, 'a> {
    fn new(py: Python<'py>, seen: &'a SourceView, origin: u64) -> PyResult<Self> {
        Ok(Self { py, types: py.import("shejire._types")?, seen, origin })
    }

    fn record(&self, class: &str, fields: &Bound<'py, PyDict>) -> Made<'py> {
        self.types.getattr(class)?.call((), Some(fields))
    }

    fn all<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        make: impl Fn(T) -> Made<'py>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(self.py, items.into_iter().map(make).collect::<PyResult<Vec<_>>>()?)
    }

    fn node(&self, node: NodeRef) -> Made<'py> {
        let data = self.seen.node(node).unwrap_or_default();
        Ok(Bound::new(self.py, Node { data, origin: self.origin })?.into_any())
    }

    fn maybe(&self, node: Option<NodeRef>) -> Made<'py> {
        node.map_or_else(|| Ok(self.py.None().into_bound(self.py)), |node| self.node(node))
    }

    fn citations(&self, all: &[Citation]) -> PyResult<Bound<'py, PyTuple>> {
        let class = self.types.getattr("Citation")?;
        self.all(all, |citation| class.call1((&*citation.source, &*citation.locator)))
    }

    fn states(&self, all: &[(Arc<str>, Vec<Arc<str>>)]) -> PyResult<Bound<'py, PyDict>> {
        let made = PyDict::new(self.py);
        for (key, values) in all {
            made.set_item(&**key, values.iter().map(|value| &**value).collect::<Vec<_>>())?;
        }
        Ok(made)
    }

    fn evidence(&self, of: &Evidence) -> Made<'py> {
        let fields = PyDict::new(self.py);
        let said = of.mention.as_ref();
        fields.set_item("citation", self.citations(std::slice::from_ref(&of.citation))?.get_item(0)?)?;
        fields.set_item("title", &*of.title)?;
        fields.set_item("mode", said.map(|said| said.mode.name()))?;
        fields.set_item("confidence", said.map(|said| said.confidence.to_string()))?;
        fields.set_item("by", said.and_then(|said| said.by.as_deref()))?;
        fields.set_item("as_named", said.and_then(|said| said.as_named.as_deref()))?;
        fields.set_item("event", said.and_then(|said| said.event.as_deref()))?;
        fields.set_item("states", self.states(said.map_or(&[], |said| &said.states))?)?;
        fields.set_item("either", of.either)?;
        fields.set_item("names", PyTuple::new(self.py, of.names.iter().map(|name| &**name))?)?;
        self.record("Evidence", &fields)
    }

    fn fact(&self, fact: &FactEvidence) -> Made<'py> {
        let fields = PyDict::new(self.py);
        let data = self.seen.rel(fact.rel).unwrap_or_default();
        fields.set_item("kind", &*fact.kind)?;
        fields.set_item("start", self.node(fact.start)?)?;
        fields.set_item("end", self.node(fact.end)?)?;
        fields.set_item("relationship", Py::new(self.py, Relationship { data, origin: self.origin })?)?;
        fields.set_item("support", fact.support)?;
        fields.set_item("witnesses", fact.witnesses)?;
        fields.set_item("evidence", self.all(&fact.evidence, |one| self.evidence(one))?)?;
        self.record("Fact", &fields)
    }

    fn said(&self, all: &[Said]) -> PyResult<Bound<'py, PyTuple>> {
        self.all(all, |said| {
            let fields = PyDict::new(self.py);
            fields.set_item("text", &*said.text)?;
            fields.set_item("role", said.role)?;
            fields.set_item("citations", self.citations(&said.citations)?)?;
            self.record("Said", &fields)
        })
    }

    fn step(&self, step: &Step) -> Made<'py> {
        let fields = PyDict::new(self.py);
        let course = match step.course {
            Course::Backward => "backward",
            Course::Here => "here",
            Course::Forward => "forward",
        };
        fields.set_item("number", step.number)?;
        fields.set_item("course", course)?;
        fields.set_item("kind", &*step.kind)?;
        fields.set_item("event", &*step.event)?;
        fields.set_item("source", self.maybe(step.from)?)?;
        fields.set_item("target", self.maybe(step.to)?)?;
        fields.set_item("what", self.maybe(step.what)?)?;
        fields.set_item("body", self.maybe(step.body)?)?;
        fields.set_item("predecessors", self.all(&step.predecessors, |part| self.node(part.body))?)?;
        fields.set_item("successors", self.all(&step.successors, |part| self.node(part.body))?)?;
        fields.set_item("date", step.when.as_deref())?;
        fields.set_item("dates", self.said(&step.dates)?)?;
        fields.set_item("acts", self.said(&step.acts)?)?;
        fields.set_item("shares", self.said(&step.shares)?)?;
        fields.set_item("support", step.support)?;
        fields.set_item("witnesses", step.witnesses)?;
        fields.set_item("citations", self.citations(&step.places())?)?;
        fields.set_item("certain", step.certain)?;
        fields.set_item("disputed", step.disputed)?;
        self.record("Step", &fields)
    }

    fn claim(&self, side: &ConflictSide) -> Made<'py> {
        let fields = PyDict::new(self.py);
        fields.set_item("claim", &side.claim)?;
        fields.set_item("states", self.states(&side.states)?)?;
        fields.set_item("citations", self.citations(&side.citations)?)?;
        fields.set_item("documents", PyTuple::new(self.py, side.documents.iter().map(|id| &**id))?)?;
        fields.set_item("witnesses", side.witnesses)?;
        self.record("Claim", &fields)
    }

    fn conflicts(&self, all: &Conflicts) -> PyResult<Bound<'py, PyList>> {
        let made = PyList::empty(self.py);
        for one in all.iter() {
            let fields = PyDict::new(self.py);
            fields.set_item("id", &*one.id)?;
            fields.set_item("kind", &*one.kind)?;
            fields.set_item("topic", &*one.topic)?;
            fields.set_item("note", &*one.note)?;
            fields.set_item("sides", self.all(&one.sides, |side| self.claim(side))?)?;
            fields.set_item("certain", one.certain)?;
            made.append(self.record("Conflict", &fields)?)?;
        }
        Ok(made)
    }
}

/// Whose word is taken.
fn whose(according_to: Option<Vec<String>>, known_by: Option<&Bound<'_, PyAny>>) -> PyResult<Whose> {
    let mut whose = Whose::default();
    if let Some(sources) = according_to {
        whose = whose.according_to(sources);
    }
    Ok(match known_by {
        Some(date) => whose.known_by(from_python(date, "known_by")?),
        None => whose,
    })
}

/// One text, or several.
fn texts(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Vec<String>>> {
    given.map(|given| given.extract::<String>().map(|one| vec![one]).or_else(|_| given.extract())).transpose()
}

/// Somebody or something, as it is asked about: a name, an id, or a node of this database.
fn asked(snapshot: &Snapshot, origin: u64, who: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = who.py();
    if let Ok(node) = who.cast::<Node>() {
        let node = node.get();
        let found = (node.origin == origin).then(|| snapshot.node_with_id(node.data.id)).flatten();
        return match found {
            Some(node) => Ok(Value::Node(node)),
            None => Err(wrong_type(py, "who", "the node is not in this graph", "find it by name, or by its id")),
        };
    }
    match from_python(who, "who")? {
        name @ Value::Str(_) => Ok(name),
        _ => Err(wrong_type(py, "who", &format!("a {} names nobody", type_name(who)), "give a name, an id or a node")),
    }
}

fn snapshot_of(py: Python<'_>, db: &Database) -> PyResult<Snapshot> {
    db.ask(py, shejire::Engine::snapshot)
}

pub fn find<'py>(
    py: Python<'py>,
    db: &Database,
    name: &str,
    limit: usize,
    prefix: bool,
) -> PyResult<Bound<'py, PyList>> {
    let snapshot = snapshot_of(py, db)?;
    let found = py.detach(|| {
        snapshot.read(|snapshot| {
            let all = if prefix { snapshot.starting_with(name, limit) } else { snapshot.search(name, limit) };
            let certain = match snapshot.find(name) {
                Found::One(one) if !prefix => Some(one.node),
                _ => None,
            };
            Ok((all, certain))
        })
    });
    let (all, certain) = found.map_err(|error| raised(py, &error, None))?;
    let seen = snapshot.seen();
    let told = Told::new(py, &seen, db.shared.origin)?;
    let made = PyList::empty(py);
    for candidate in all {
        let fields = PyDict::new(py);
        fields.set_item("name", &*candidate.name)?;
        fields.set_item("kind", &*candidate.kind)?;
        fields.set_item("id", &*candidate.id)?;
        fields.set_item("met", &*candidate.met.text)?;
        fields.set_item("by", candidate.rank.words())?;
        fields.set_item("certain", certain == Some(candidate.node))?;
        fields.set_item("node", told.node(candidate.node)?)?;
        made.append(told.record("Candidate", &fields)?)?;
    }
    Ok(made)
}

pub fn entity<'py>(
    py: Python<'py>,
    db: &Database,
    who: &Bound<'py, PyAny>,
    according_to: Option<&Bound<'_, PyAny>>,
    known_by: Option<&Bound<'_, PyAny>>,
) -> Made<'py> {
    let (snapshot, whose) = (snapshot_of(py, db)?, whose(texts(according_to)?, known_by)?);
    let who = asked(&snapshot, db.shared.origin, who)?;
    let gathered = py.detach(|| {
        snapshot.read(|snapshot| {
            let entity = snapshot.as_told_by(&whose)?.entity(who)?;
            let all = (entity.names(), entity.seen().life(entity.node()), entity.facts(), entity.evidence());
            Ok((entity.name(), entity.support(), entity.witnesses(), all, entity))
        })
    });
    let (name, support, witnesses, (names, life, facts, evidence), entity) =
        gathered.map_err(|error| raised(py, &error, None))?;
    let told = Told::new(py, entity.seen(), db.shared.origin)?;
    let fields = PyDict::new(py);
    fields.set_item("name", name)?;
    fields.set_item("node", told.node(entity.node())?)?;
    let names = told.all(&names, |name| {
        let fields = PyDict::new(py);
        fields.set_item("name", &*name.name)?;
        fields.set_item("language", &*name.language)?;
        fields.set_item("script", &*name.script)?;
        fields.set_item("status", &*name.status)?;
        fields.set_item("citations", told.citations(&name.citations)?)?;
        told.record("Name", &fields)
    });
    fields.set_item("names", names?)?;
    let life = told.all(&life.intervals, |interval| {
        let fields = PyDict::new(py);
        fields.set_item("start", interval.start.text.as_deref())?;
        fields.set_item("end", interval.end.text.as_deref())?;
        fields.set_item("start_citations", told.citations(&interval.start.citations)?)?;
        fields.set_item("end_citations", told.citations(&interval.end.citations)?)?;
        fields.set_item("disputed", interval.start.disputed || interval.end.disputed)?;
        told.record("Interval", &fields)
    });
    fields.set_item("life", life?)?;
    fields.set_item("facts", told.all(&facts, |fact| told.fact(fact))?)?;
    fields.set_item("evidence", told.all(&evidence, |one| told.evidence(one))?)?;
    fields.set_item("support", support)?;
    fields.set_item("witnesses", witnesses)?;
    told.record("Entity", &fields)
}

pub fn evidence<'py>(
    py: Python<'py>,
    db: &Database,
    of: &Bound<'py, PyAny>,
    according_to: Option<&Bound<'_, PyAny>>,
    known_by: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (snapshot, whose) = (snapshot_of(py, db)?, whose(texts(according_to)?, known_by)?);
    let seen = snapshot.as_told_by(&whose).map_err(|error| raised(py, &error, None))?;
    let fact: shejire::provenance::FactId = if let Ok(rel) = of.cast::<Relationship>() {
        let rel = rel.get();
        let found = (rel.origin == db.shared.origin).then(|| snapshot.rel_with_id(rel.data.id)).flatten();
        let found =
            found.ok_or_else(|| wrong_type(py, "of", "the relationship is not in this graph", "ask for it again"))?;
        found.into()
    } else {
        let who = asked(&snapshot, db.shared.origin, of)?;
        let node = py.detach(|| snapshot.read(|_| Ok(seen.entity(who)?.node())));
        node.map_err(|error| raised(py, &error, None))?.into()
    };
    let found = py.detach(|| snapshot.read(|_| Ok(seen.evidence(fact)))).map_err(|error| raised(py, &error, None))?;
    let told = Told::new(py, &seen, db.shared.origin)?;
    told.all(&found, |one| told.evidence(one))
}

pub fn conflicts<'py>(
    py: Python<'py>,
    db: &Database,
    of: Option<&Bound<'py, PyAny>>,
    according_to: Option<&Bound<'_, PyAny>>,
    known_by: Option<&Bound<'_, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let (snapshot, whose) = (snapshot_of(py, db)?, whose(texts(according_to)?, known_by)?);
    let seen = snapshot.as_told_by(&whose).map_err(|error| raised(py, &error, None))?;
    let of = of.map(|of| asked(&snapshot, db.shared.origin, of)).transpose()?;
    let found = py.detach(|| {
        snapshot.read(|_| {
            let node = of.map(|of| seen.entity(of)).transpose()?.map(|entity| entity.node());
            Ok(seen.conflicts(node))
        })
    });
    let found = found.map_err(|error| raised(py, &error, None))?;
    Told::new(py, &seen, db.shared.origin)?.conflicts(&found)
}

/// What is wrong or doubtful in a text.
pub fn check<'py>(py: Python<'py>, db: &Database, query: &str) -> PyResult<Bound<'py, PyList>> {
    let snapshot = snapshot_of(py, db)?;
    let problems = py.detach(|| assist::problems(&snapshot, query));
    let class = py.import("shejire._types")?.getattr("Problem")?;
    let made = PyList::empty(py);
    for problem in problems {
        let fields = PyDict::new(py);
        let span = match &problem {
            Problem::Error(error) => {
                fields.set_item("severity", "error")?;
                fields.set_item("message", error.message())?;
                fields.set_item("hint", error.hint_text())?;
                fields.set_item("code", error.code().name())?;
                error.span()
            }
            Problem::Warning(warning) => {
                fields.set_item("severity", "warning")?;
                fields.set_item("message", &warning.message)?;
                fields.set_item("hint", warning.hint.as_deref())?;
                fields.set_item("code", py.None())?;
                Some(warning.span)
            }
        };
        let place = span.map(|span| span.line_column(query));
        fields.set_item("line", place.map(|(line, _)| line))?;
        fields.set_item("column", place.map(|(_, column)| column))?;
        made.append(class.call((), Some(&fields))?)?;
    }
    Ok(made)
}

/// What the graph holds: labels and types with their counts and properties, and what is declared of types.
pub fn schema<'py>(py: Python<'py>, db: &Database) -> PyResult<Bound<'py, PyDict>> {
    let schema = db.ask(py, shejire::Engine::schema)?;
    let kinds = |all: &BTreeMap<Arc<str>, Kind>, types: bool| -> PyResult<Bound<'py, PyDict>> {
        let made = PyDict::new(py);
        for (name, kind) in all {
            let one = PyDict::new(py);
            one.set_item("count", kind.count)?;
            let properties = PyDict::new(py);
            for (key, property) in &kind.properties {
                properties.set_item(&**key, property.count)?;
            }
            one.set_item("properties", properties)?;
            if types {
                let between = kind.between.iter().map(|((from, to), count)| (&**from, &**to, *count));
                one.set_item("between", between.collect::<Vec<_>>())?;
                let declared = schema.relations.get(name);
                one.set_item("definition", declared.map(|relation| &*relation.definition))?;
            }
            made.set_item(&**name, one)?;
        }
        Ok(made)
    };
    let made = PyDict::new(py);
    made.set_item("nodes", schema.nodes)?;
    made.set_item("relationships", schema.relationships)?;
    made.set_item("labels", kinds(&schema.labels, false)?)?;
    made.set_item("types", kinds(&schema.types, true)?)?;
    Ok(made)
}

/// What a lineage is asked with.
pub struct Wanted<'a, 'py> {
    pub who: &'a Bound<'py, PyAny>,
    pub to: Option<&'a Bound<'py, PyAny>>,
    pub direction: &'a str,
    pub via: Option<&'a Bound<'py, PyAny>>,
    pub depth: Option<u32>,
    pub as_of: Option<&'a Bound<'py, PyAny>>,
    pub certain: bool,
    pub according_to: Option<&'a Bound<'py, PyAny>>,
    pub known_by: Option<&'a Bound<'py, PyAny>>,
}

pub fn trace(py: Python<'_>, db: &Database, wanted: &Wanted<'_, '_>) -> PyResult<Trace> {
    let snapshot = snapshot_of(py, db)?;
    let several = |given: &Bound<'_, PyAny>| -> PyResult<Vec<Value>> {
        if given.cast::<PyList>().is_err() && given.cast::<PyTuple>().is_err() {
            return Ok(vec![asked(&snapshot, db.shared.origin, given)?]);
        }
        given.try_iter()?.map(|one| asked(&snapshot, db.shared.origin, &one?)).collect()
    };
    let mut request = several(wanted.who)?.into_iter().fold(LineageRequest::default(), LineageRequest::and_of);
    if let Some(to) = wanted.to {
        request = several(to)?.into_iter().fold(request, LineageRequest::to);
    }
    request = match wanted.direction {
        "both" => request,
        "backward" => request.backward(),
        "forward" => request.forward(),
        other => {
            let message = format!("direction is \"backward\", \"forward\" or \"both\", not {other:?}");
            return Err(PyValueError::new_err(message));
        }
    };
    for via in texts(wanted.via)?.unwrap_or_default() {
        request = request.via(via);
    }
    if let Some(depth) = wanted.depth {
        request = request.depth(depth);
    }
    if let Some(date) = wanted.as_of {
        request = request.as_of(from_python(date, "as_of")?);
    }
    if wanted.certain {
        request = request.certain();
    }
    request = request.told_by(whose(texts(wanted.according_to)?, wanted.known_by)?);
    let found = py.detach(|| snapshot.read(|snapshot| snapshot.lineage(&request)));
    let lineage = found.map_err(|error| raised(py, &error, None))?;
    Ok(Trace { lineage, query: request.to_string().into(), db: Arc::clone(&db.shared) })
}

/// What became of some bodies, and what they came from.
#[pyclass(frozen, module = "shejire")]
pub struct Trace {
    lineage: Lineage,
    query: Arc<str>,
    db: Arc<Shared>,
}

impl Trace {
    /// What is told of steps is read when it is asked for: whether all of it could be is asked, too.
    fn read<T: Send>(&self, py: Python<'_>, read: impl FnOnce(&Lineage) -> Result<T, Error> + Send) -> PyResult<T> {
        self.db.engine(py)?; // closed
        let done = py.detach(|| self.lineage.seen().snapshot().read(|_| read(&self.lineage)));
        done.map_err(|error| raised(py, &error, None))
    }

    fn told<'py>(&self, py: Python<'py>) -> PyResult<Told<'py, '_>> {
        Told::new(py, self.lineage.seen(), self.db.origin)
    }
}

#[pymethods]
impl Trace {
    /// The statement that asks the same.
    #[getter]
    fn query(&self) -> &str {
        &self.query
    }

    /// What happened, from the farthest predecessor to the farthest successor.
    #[getter]
    fn steps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.read(py, |lineage| {
            lineage.steps();
            Ok(())
        })?;
        let told = self.told(py)?;
        let made = PyList::empty(py);
        for step in self.lineage.steps() {
            made.append(told.step(step)?)?;
        }
        Ok(made)
    }

    /// Of whom it is.
    #[getter]
    fn starts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let told = self.told(py)?;
        told.all(self.lineage.starts(), |node| told.node(*node))
    }

    /// The day it holds for.
    #[getter]
    fn as_of(&self) -> Option<String> {
        self.lineage.as_of().map(|day| day.to_string())
    }

    /// Why nothing happened, as far as documents say.
    #[getter]
    fn silence(&self) -> Option<&str> {
        self.lineage.silence()
    }

    /// The same as rows: those of `TRACE`.
    fn result(&self, py: Python<'_>) -> PyResult<Answer> {
        let rows = self.read(py, Lineage::rows)?;
        Ok(Answer::new(rows, Arc::clone(&self.query), Arc::clone(&self.db)))
    }

    fn conflicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let found = self.read(py, |lineage| Ok(lineage.conflicts()))?;
        self.told(py)?.conflicts(&found)
    }

    #[pyo3(signature = (*, lanes_by=None))]
    fn picture(&self, py: Python<'_>, lanes_by: Option<String>) -> PyResult<Picture> {
        self.db.engine(py)?;
        Picture::of_lineage(py, &self.lineage, &self.query, lanes_by)
    }

    #[pyo3(signature = (file=None))]
    fn svg(&self, py: Python<'_>, file: Option<PathBuf>) -> PyResult<String> {
        self.picture(py, None)?.svg(py, file)
    }

    fn df<'py>(&self, py: Python<'py>) -> Made<'py> {
        Bound::new(py, self.result(py)?)?.call_method0("df")
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |lineage| Ok(lineage.steps().len()))
    }

    // a lineage in which nothing happened is an answer
    fn __bool__(&self) -> bool {
        true
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> Made<'py> {
        Ok(self.steps(py)?.try_iter()?.into_any())
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: &Bound<'py, PyAny>) -> Made<'py> {
        self.steps(py)?.into_any().get_item(at)
    }

    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<String> {
        self.svg(py, None)
    }

    #[pyo3(signature = (**_asked))]
    fn _repr_mimebundle_<'py>(
        &self,
        py: Python<'py>,
        _asked: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let offered = PyDict::new(py);
        offered.set_item("image/svg+xml", self.svg(py, None)?)?;
        offered.set_item("text/plain", self.__repr__())?;
        Ok(offered)
    }

    fn __repr__(&self) -> String {
        format!("<shejire.Trace {}>", self.query)
    }
}
