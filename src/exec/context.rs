//! What a running statement may use: the graph, its parameters, what its limits leave it ([`Meter`]).

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::eval::Subqueries;
use super::list_sets::ListSets;
pub(crate) use super::meter::{Allowance, Meter, Reservation};
use super::profile::Profile;
use super::table::Traced;
use super::transient::Transient;
use super::view::Seeing;
use crate::bind::bound::Detach;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::function::{Around, CallState, Clock};
use crate::graph::{Graph, KeyId, LabelId};
use crate::lineage::Overview;
use crate::lineage::kinds::Kinds;
use crate::lineage::names::NameIndex;
use crate::lineage::validity::{Days, Holds, Lists};
use crate::plan::node::Plan;
use crate::provenance::citation::{Citations, NOTHING};
use crate::provenance::{Evidence, Telling, Views, Vocabulary};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef, Value};

/// The graph, to be read or to be written.
#[derive(Debug)]
pub(crate) enum GraphAccess<'a> {
    Read(&'a Graph),
    Write(&'a mut Graph),
}

/// What is known beside the graph.
#[derive(Clone, Copy)]
pub(crate) struct Knowledge<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) vocabulary: &'a Vocabulary,
    /// The index of names, made when a statement first asks for a thing by its name.
    pub(crate) names: &'a dyn Fn() -> Arc<NameIndex>,
    /// What is found once of all that is known, when a statement first asks for it.
    pub(crate) overview: &'a Overview,
    /// What procedures may use beside the graph; nothing in a statement that writes, nor on other threads.
    pub(crate) around: Option<&'a dyn Around>,
}

impl<'a> Knowledge<'a> {
    /// The lists that say by silence what did not hold.
    pub(crate) fn lists(&self, graph: &Graph) -> &'a Lists {
        self.overview.lists(graph, self.evidence, self.vocabulary)
    }

    /// The types that carry a lineage. A statement that writes may make one: then they are found anew.
    pub(crate) fn kinds(&self, graph: &Graph, is_reading: bool) -> Cow<'a, Kinds> {
        match is_reading {
            true => Cow::Borrowed(self.overview.kinds(graph, self.vocabulary)),
            false => Cow::Owned(Kinds::of(graph, self.vocabulary, &[])),
        }
    }
}

/// Something the reader should know although the statement ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) span: Span,
}

/// Bounds on one statement. The default has none; the command line and the pipe set their own.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Longest running time.
    pub time: Option<Duration>,
    /// Most bytes a statement may hold at once.
    pub memory: Option<usize>,
    /// Most rows it may answer.
    pub rows: Option<u64>,
    /// Set to true by another thread to stop the statement.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Folder LOAD CSV may read from; nothing means LOAD CSV is refused.
    pub csv_folder: Option<PathBuf>,
    /// Most threads it may work with; as many as there are processors without it. Answers do not depend on it.
    pub threads: Option<NonZeroUsize>,
}

/// What a statement changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // counts by name
pub struct Changes {
    pub nodes_created: u64,
    pub nodes_deleted: u64,
    pub relationships_created: u64,
    pub relationships_deleted: u64,
    pub properties_set: u64,
    pub labels_added: u64,
    pub labels_removed: u64,
    pub indexes_added: u64,
    pub indexes_removed: u64,
    pub constraints_added: u64,
    pub constraints_removed: u64,
    pub sources_put: u64,
    pub mentions_added: u64,
    pub mentions_removed: u64,
}

impl Changes {
    /// Every count with its name, in the order of the fields: what is written, removed, indexed, told.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("CREATE (:Ship {name: 'Argo'})")?;
    /// let told: Vec<_> = rows.changes().counts().into_iter().filter(|(_, count)| *count > 0).collect();
    /// assert_eq!(told, [("nodes_created", 1), ("properties_set", 1), ("labels_added", 1)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn counts(&self) -> [(&'static str, u64); 14] {
        [
            ("nodes_created", self.nodes_created),
            ("nodes_deleted", self.nodes_deleted),
            ("relationships_created", self.relationships_created),
            ("relationships_deleted", self.relationships_deleted),
            ("properties_set", self.properties_set),
            ("labels_added", self.labels_added),
            ("labels_removed", self.labels_removed),
            ("indexes_added", self.indexes_added),
            ("indexes_removed", self.indexes_removed),
            ("constraints_added", self.constraints_added),
            ("constraints_removed", self.constraints_removed),
            ("sources_put", self.sources_put),
            ("mentions_added", self.mentions_added),
            ("mentions_removed", self.mentions_removed),
        ]
    }
}

impl std::iter::Sum for Changes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            nodes_created: a.nodes_created + b.nodes_created,
            nodes_deleted: a.nodes_deleted + b.nodes_deleted,
            relationships_created: a.relationships_created + b.relationships_created,
            relationships_deleted: a.relationships_deleted + b.relationships_deleted,
            properties_set: a.properties_set + b.properties_set,
            labels_added: a.labels_added + b.labels_added,
            labels_removed: a.labels_removed + b.labels_removed,
            indexes_added: a.indexes_added + b.indexes_added,
            indexes_removed: a.indexes_removed + b.indexes_removed,
            constraints_added: a.constraints_added + b.constraints_added,
            constraints_removed: a.constraints_removed + b.constraints_removed,
            sources_put: a.sources_put + b.sources_put,
            mentions_added: a.mentions_added + b.mentions_added,
            mentions_removed: a.mentions_removed + b.mentions_removed,
        })
    }
}

/// Keys, each with the place of one read.
pub(crate) type Disputed = BTreeMap<Arc<str>, Span>;

/// A running statement.
pub(crate) struct Context<'a> {
    graph: GraphAccess<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) evidence: &'a Evidence,
    pub(crate) knowledge: Knowledge<'a>,
    /// Aligned with `plan.params`.
    pub(crate) params: &'a [Value],
    pub(crate) meter: Meter,
    pub(crate) changes: Changes,
    /// The citations of rows, when the statement cites.
    pub(crate) citations: Citations,
    /// The views of the evidence that rows are seen through.
    pub(crate) views: RefCell<Views>,
    /// What the subqueries of the row under way rest on, when the statement cites.
    pub(crate) told: u32,
    /// Rows and calls per operator, when asked for.
    pub(crate) profile: Option<Profile>,
    /// Values of the variables inside expressions, by nesting depth.
    pub(crate) locals: Vec<Value>,
    /// Bytes allocated by the expressions of the current row; see [`super::eval`].
    pub(crate) scratch: usize,
    pub(crate) subqueries: Subqueries<'a>,
    /// Values of the expressions that are the same for every row, as far as they have been asked for.
    pub(crate) once: Vec<Option<Value>>,
    /// The lists that `IN` looks into, as sets.
    pub(crate) sets: ListSets,
    /// The memory of both.
    pub(crate) kept: Reservation,
    /// What function calls leave for the next one.
    pub(crate) calls: CallState,
    /// The keys read of facts that are in dispute under them, each with the place of one read; shared with forks.
    pub(crate) disputed: OnceCell<Arc<Mutex<Disputed>>>,
    /// Indexes made for this statement alone.
    transient: Transient,
    /// The nodes by their property `id`, when a statement that only reads has asked for one.
    pub(crate) by_id: OnceCell<DataMap<Arc<str>, NodeRef>>,
    /// The moments `datetime()` and its kin give throughout; set when the caller or a function first asks.
    pub(crate) clock: Option<Clock>,
    rows_left: Option<u64>,
    /// Most threads to work with.
    pub(crate) threads: Option<NonZeroUsize>,
    /// The slots a shared scan is to give now; all without it.
    pub(crate) share: Option<Range<u32>>,
    /// Nodes deleted while they still had relationships, with the place that deleted them.
    pub(crate) left_connected: Vec<(NodeRef, Detach, Span)>,
    /// What it tells of the evidence, with the places that say so; done when it ends.
    pub(crate) tellings: Vec<(Telling, Span)>,
    /// What the reader should know of the answer.
    pub(crate) remarks: Vec<Remark>,
    /// The TRACEs that were asked, by their place in the text.
    pub(crate) traced: Vec<Span>,
    /// The lineage of a statement that is a TRACE and nothing else.
    pub(crate) lineage: Option<Box<Traced>>,
}

impl<'a> Context<'a> {
    /// A statement about to run `plan` with `params` (aligned with `plan.params`) within what is left of its allowance.
    pub(crate) fn new(
        graph: GraphAccess<'a>,
        knowledge: Knowledge<'a>,
        plan: &'a Plan,
        params: &'a [Value],
        allowance: &Allowance,
    ) -> Self {
        let (meter, limits) = (allowance.meter(), allowance.limits());
        Self {
            graph,
            plan,
            evidence: knowledge.evidence,
            knowledge,
            params,
            once: Vec::new(),
            sets: ListSets::default(),
            kept: meter.reservation(),
            meter,
            changes: Changes::default(),
            citations: Citations::default(),
            views: RefCell::default(),
            told: NOTHING,
            profile: None,
            locals: Vec::new(),
            scratch: 0,
            subqueries: Subqueries::default(),
            calls: CallState::default(),
            disputed: OnceCell::new(),
            transient: Transient::default(),
            by_id: OnceCell::new(),
            clock: None,
            rows_left: allowance.rows,
            threads: limits.threads,
            share: None,
            left_connected: Vec::new(),
            tellings: Vec::new(),
            remarks: Vec::new(),
            traced: Vec::new(),
            lineage: None,
        }
    }

    /// What another thread needs to take part in this statement; nothing when the graph may be written.
    pub(crate) fn fork(&self) -> Option<Fork<'a>> {
        let GraphAccess::Read(graph) = self.graph else { return None };
        Some(Fork {
            graph,
            plan: self.plan,
            evidence: self.evidence,
            vocabulary: self.knowledge.vocabulary,
            overview: self.knowledge.overview,
            params: self.params,
            allowance: self.meter.allowance(),
            profile: self.profile.is_some(),
            disputed: Arc::clone(self.disputed.get_or_init(Arc::default)),
        })
    }

    /// The graph as it is now, this statement's own writes included.
    #[inline]
    pub(crate) fn graph(&self) -> &Graph {
        match &self.graph {
            GraphAccess::Read(graph) => graph,
            GraphAccess::Write(graph) => graph,
        }
    }

    /// The graph, to be written. What was written before is the statement's, too. Errors: `ReadOnly`; `LimitExceeded / Memory`.
    pub(crate) fn graph_mut(&mut self) -> Result<&mut Graph> {
        self.meter.weigh(0)?;
        match &mut self.graph {
            GraphAccess::Write(graph) => Ok(graph),
            GraphAccess::Read(_) => Err(Error::new(
                Class::ReadOnly,
                Phase::Runtime,
                Code::ReadOnlyGraph,
                "this statement writes, but the graph is open for reading only",
            )),
        }
    }

    /// Appends the nodes of a label whose property equals `value`, ascending, by an index that is made for this statement.
    /// Errors: `LimitExceeded / Memory`.
    pub(crate) fn seek_transient(&mut self, of: (LabelId, KeyId), value: &Value, out: &mut Vec<u32>) -> Result<()> {
        let Self { graph, transient, kept, .. } = self;
        let graph: &Graph = match graph {
            GraphAccess::Read(graph) => graph,
            GraphAccess::Write(graph) => graph,
        };
        transient.seek(graph, of, value, kept, out)
    }

    /// Notes that this statement has made a node, or given it a label: its indexes must know.
    #[inline]
    pub(crate) fn note_node(&mut self, node: NodeRef) {
        self.transient.note(node);
    }

    /// Notes that it has set a property of a node.
    #[inline]
    pub(crate) fn note_property(&mut self, node: NodeRef, key: KeyId) {
        self.transient.note_property(node, key);
    }

    /// Calls `f` with what is known, to be read through views.
    pub(crate) fn seeing<T>(&self, f: impl FnOnce(Seeing<'_>) -> T) -> T {
        let views = self.views.borrow();
        let (evidence, vocabulary) = (self.evidence, self.knowledge.vocabulary);
        f(Seeing { graph: self.graph(), evidence, vocabulary, views: &views })
    }

    /// Notes that a key was read of a fact that is in dispute under it; of several places in the text the first counts.
    pub(crate) fn note_disputed(&self, key: &str, span: Span) {
        let mut noted = self.disputed.get_or_init(Arc::default).lock().unwrap_or_else(PoisonError::into_inner);
        let known = noted.entry(key.into()).or_insert(span);
        if span.start < known.start {
            *known = span;
        }
    }

    /// Whether a relationship, as its view has it, held on some of these days.
    pub(crate) fn rel_holds(&self, rel: RelRef, asked: Days) -> Holds {
        let lists = self.knowledge.lists(self.graph());
        self.seeing(|seeing| seeing.known(rel.view()).rel_holds(rel, lists, asked))
    }

    /// Whether nothing can change while the statement runs, so that what was looked up stays true.
    #[inline]
    pub(crate) fn is_reading(&self) -> bool {
        matches!(self.graph, GraphAccess::Read(_)) || !self.plan.writes
    }

    /// Whether this statement has deleted anything: only then need accesses ask.
    #[inline]
    pub(crate) fn has_deleted(&self) -> bool {
        self.changes.nodes_deleted | self.changes.relationships_deleted != 0
    }

    /// Counts rows of the answer. Errors: `LimitExceeded / Rows`.
    pub(crate) fn count_rows(&mut self, rows: usize) -> Result<()> {
        let Some(left) = &mut self.rows_left else { return Ok(()) };
        *left = left.checked_sub(rows as u64).ok_or_else(|| {
            Error::limit(Code::Rows, "the answer has more rows than the limit allows")
                .hint("add LIMIT to the query, or raise the row limit")
        })?;
        Ok(())
    }

    /// Notes that an expression has allocated `bytes`. Errors: `LimitExceeded / Memory`.
    #[inline]
    pub(crate) fn allocated(&mut self, bytes: usize) -> Result<()> {
        self.scratch = self.scratch.saturating_add(bytes);
        self.meter.fits(self.scratch)?;
        self.meter.step(bytes / 1024)
    }
}

/// A statement on its way to another thread that takes part in it: what looks at rows one at a time, and shares its
/// limits.
pub(crate) struct Fork<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    evidence: &'a Evidence,
    vocabulary: &'a Vocabulary,
    overview: &'a Overview,
    params: &'a [Value],
    allowance: (Allowance, Option<Arc<AtomicBool>>),
    profile: bool,
    disputed: Arc<Mutex<Disputed>>,
}

impl<'a> Fork<'a> {
    /// The statement as that thread sees it.
    pub(crate) fn context(self) -> Context<'a> {
        // what can be shared asks for nothing by its name
        let Self { evidence, vocabulary, overview, allowance: (allowance, unwanted), .. } = self;
        let knowledge = Knowledge { evidence, vocabulary, names: &|| Arc::default(), overview, around: None };
        let access = GraphAccess::Read(self.graph);
        let mut cx = Context::new(access, knowledge, self.plan, self.params, &allowance);
        (cx.rows_left, cx.threads) = (None, None);
        unwanted.into_iter().for_each(|unwanted| cx.meter.stopped_by(unwanted));
        cx.disputed = OnceCell::from(self.disputed);
        cx.profile = self.profile.then(Profile::default);
        cx
    }
}
