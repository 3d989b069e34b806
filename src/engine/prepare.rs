//! From text to something that can run: the five stages in a row, and the cache of their results.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smallvec::{SmallVec, smallvec};

use super::version::State;
use crate::bind;
use crate::bind::bound::{Mention, MentionKind};
use crate::error::{Code, Error, Result};
use crate::function::Procedure;
use crate::graph::Graph;
use crate::optimize::{self, Fact};
use crate::plan;
use crate::plan::node::{Node, Op, Plan};
use crate::syntax::{self, Literal, ast};
use crate::value::Value;
use crate::value::hash::DataMap;

/// Longest text whose plan is kept, in bytes. Longer ones are programs that run once.
pub(super) const KEPT_TEXT: usize = 2048;

/// How many texts are known.
const KEPT_PLANS: usize = 512;

/// How many plans of one text are kept: a snapshot that is held beside later versions need not have its own made again.
const KEPT_OF_A_TEXT: usize = 3;

/// A statement that is ready to run.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) mode: ast::Mode,
    pub(super) body: PreparedBody,
    validity: Validity,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum PreparedBody {
    Query(Box<Query>),
    Schema(ast::SchemaCommand),
    Show(ast::Show),
    Transaction(ast::TransactionCommand),
    Terminate(Vec<String>),
}

/// A query with its plan.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) plan: Plan,
    /// The names of the answer's columns.
    pub(super) columns: Arc<[Arc<str>]>,
    /// The names in the text that the graph does not have, and those of sources, which it may yet lose.
    pub(super) doubtful: Vec<Mention>,
    /// Names may have to be resolved while it runs.
    pub(super) by_name: bool,
}

/// For which state of the graph a plan was made.
#[derive(Debug)]
struct Validity {
    /// Of no two graphs with different names, indexes or constraints the same.
    schema: u64,
    /// The procedures that were registered.
    procedures: u64,
    /// The order of magnitude of the graph: costs are about orders of magnitude.
    magnitude: u32,
    /// What the plan relies on.
    facts: Vec<Fact>,
    /// Whether what is corrected had to be left out.
    withdrawn: bool,
    /// Rows were read off the graph: good for this version only.
    read: bool,
    /// Property keys, and whether each is declared to be a date.
    dates: Vec<(Arc<str>, bool)>,
    /// The version for which the facts were last found to hold.
    version: AtomicU64,
}

/// A text without its literals is ready to run: with these parameters it says what the text says.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) prepared: Arc<Prepared>,
    pub(super) literals: Vec<(String, Value)>,
    /// Where its places are in the text with its literals.
    pub(super) ends: syntax::Ends,
}

/// Plans by text, and by text without its literals for the texts that came last: of those asked as they stand, and of
/// those asked for citations that they do not ask for themselves.
#[derive(Debug, Default)]
pub(super) struct Cache {
    plain: Plans,
    cited: Plans,
}

#[derive(Debug, Default)]
struct Plans {
    plans: Mutex<Kept<Prepared>>,
    shared: Mutex<Kept<Shared>>,
}

/// A text, and whether its rows are to carry citations whatever it says.
pub(super) type Asked<'t> = (&'t str, bool);

/// What is known by text; the oldest goes first.
#[derive(Debug)]
struct Kept<T> {
    by_text: DataMap<Arc<str>, SmallVec<[Arc<T>; 1]>>,
    /// Texts in the order they came.
    order: VecDeque<Arc<str>>,
}

impl Cache {
    fn of(&self, cite: bool) -> &Plans {
        if cite { &self.cited } else { &self.plain }
    }

    /// The statement as it was kept from last time.
    pub(super) fn kept(&self, (text, cite): Asked<'_>, state: &State<'_>) -> Option<Arc<Prepared>> {
        lock(&self.of(cite).plans).get(text, |kept| kept.validity.holds(state))
    }

    /// The statement ready to run: kept from last time, or made now.
    pub(super) fn prepare(&self, asked: Asked<'_>, state: &State<'_>) -> Result<Arc<Prepared>> {
        if let Some(kept) = self.kept(asked, state) {
            return Ok(kept);
        }
        let prepared = Arc::new(prepare(asked, state, true)?);
        let (text, cite) = asked;
        if text.len() <= KEPT_TEXT {
            lock(&self.of(cite).plans).keep(text, &prepared);
        }
        Ok(prepared)
    }

    /// The statement ready to run by the plan of texts that differ from it in their literals only; nothing when it is
    /// none of that kind.
    pub(super) fn shared(&self, (text, cite): Asked<'_>, state: &State<'_>) -> Option<Arc<Shared>> {
        if text.len() > KEPT_TEXT {
            return None;
        }
        if let Some(kept) = lock(&self.of(cite).shared).get(text, |kept| kept.prepared.validity.holds(state)) {
            return Some(kept);
        }
        let lifted = syntax::lift(text)?;
        let literals = lifted.literals.into_iter().map(|(name, literal)| match literal {
            Literal::Int(n) => (name, Value::Int(n)),
            Literal::Str(text) => (name, Value::from(text)),
        });
        let prepared = self.prepare((&lifted.text, cite), state).ok()?;
        let shared = Arc::new(Shared { prepared, literals: literals.collect(), ends: lifted.ends });
        lock(&self.of(cite).shared).keep(text, &shared);
        Some(shared)
    }

    /// Forgets every plan (a procedure was registered, the graph was reset).
    pub(super) fn clear(&self) {
        for own in [&self.plain, &self.cited] {
            *lock(&own.plans) = Kept::default();
            *lock(&own.shared) = Kept::default();
        }
    }
}

fn lock<T>(kept: &Mutex<Kept<T>>) -> MutexGuard<'_, Kept<T>> {
    // A plan is put in whole or not at all, so a panic elsewhere cannot leave half of one.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Kept<T> {
    fn get(&self, text: &str, fits: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        self.by_text.get(text)?.iter().find(|kept| fits(kept)).cloned()
    }

    fn keep(&mut self, text: &str, what: &Arc<T>) {
        if let Some(known) = self.by_text.get_mut(text) {
            known.truncate(KEPT_OF_A_TEXT - 1);
            known.insert(0, Arc::clone(what));
            return;
        }
        let text: Arc<str> = Arc::from(text);
        self.by_text.insert(Arc::clone(&text), smallvec![Arc::clone(what)]);
        self.order.push_back(text);
        if self.order.len() > KEPT_PLANS
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_text.remove(&oldest);
        }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { by_text: DataMap::default(), order: VecDeque::new() }
    }
}

/// Text ─► syntax ─► bind ─► plan ─► optimize.
pub(super) fn prepare((text, cite): Asked<'_>, state: &State<'_>, optimized: bool) -> Result<Prepared> {
    let statement = syntax::parse_statement(text)?;
    if let Some(graph) = statement.graph.as_ref().filter(|graph| !graph.text.eq_ignore_ascii_case(super::GRAPH_NAME)) {
        let message = format!("there is no graph called `{}` here", graph.text);
        return Err(Error::syntax(Code::Unsupported, message).at(graph.span).hint(format!(
            "an engine holds one graph, and USE {} names it; to change it open another file",
            super::GRAPH_NAME
        )));
    }
    let (mut facts, mut read, mut dates) = (Vec::new(), false, Vec::new());
    let body = match statement.body {
        ast::StatementBody::Query(mut query) => {
            query.cite |= cite;
            let catalog = Catalog { state, read: Cell::new(false), dates: RefCell::new(Vec::new()) };
            let mut bound = bind::bind(text, &query, &catalog)?;
            read = catalog.read.get();
            dates = catalog.dates.into_inner();
            let mut doubtful = std::mem::take(&mut bound.mentions);
            // what the graph has a name for it keeps for as long as the plan is good
            doubtful.retain(|m| m.what == MentionKind::Source || !is_known(state.graph, state.evidence, m));
            if state.has_withdrawn() {
                plan::through::leave_out_corrected(&mut bound);
            }
            let planned = plan::plan(bound);
            let mut plan = if optimized {
                let (plan, relied) = optimize::optimize(planned, state.graph);
                facts = relied;
                plan
            } else {
                optimize::lower_only(planned)
            };
            plan.annotate();
            let columns = plan.columns.iter().map(|column| Arc::clone(&column.name)).collect();
            let by_name = uses_names(&plan.root);
            PreparedBody::Query(Box::new(Query { plan, columns, doubtful, by_name }))
        }
        ast::StatementBody::Schema(command) => PreparedBody::Schema(command),
        ast::StatementBody::Show(show) => PreparedBody::Show(show),
        ast::StatementBody::Transaction(command) => PreparedBody::Transaction(command),
        ast::StatementBody::Terminate(ids) => PreparedBody::Terminate(ids),
    };
    Ok(Prepared { mode: statement.mode, body, validity: Validity::now(state, facts, read, dates) })
}

/// The plan of a query just before and just after one rewrite, as EXPLAIN prints them.
#[cfg(test)]
pub(super) fn around_pass(text: &str, state: &State<'_>, pass: &str) -> Result<(String, String)> {
    let ast::StatementBody::Query(query) = syntax::parse_statement(text)?.body else { panic!("{text}: not a query") };
    let catalog = Catalog { state, read: Cell::new(false), dates: RefCell::new(Vec::new()) };
    let bound = bind::bind(text, &query, &catalog)?;
    let (before, after) = optimize::around(plan::plan(bound), state.graph, pass);
    Ok((before.tree(None).to_string(), after.tree(None).to_string()))
}

/// Whether a name may have to be resolved while the plan runs.
fn uses_names(node: &Node) -> bool {
    matches!(node.op, Op::Trace { .. } | Op::Conflicts { .. }) || node.op.inputs().iter().any(|input| uses_names(input))
}

impl Prepared {
    /// Whether it only reads, and nothing in its text is unknown to the graph: then the text it was made from need not
    /// be the text that was typed.
    pub(super) fn is_plain_read(&self, state: &State<'_>) -> bool {
        match &self.body {
            PreparedBody::Query(query) => {
                !query.plan.writes && query.doubtful.iter().all(|name| is_known(state.graph, state.evidence, name))
            }
            _ => false,
        }
    }

    /// The names in its text that the graph may not have.
    pub(super) fn doubtful(&self) -> &[Mention] {
        if let PreparedBody::Query(query) = &self.body { &query.doubtful } else { &[] }
    }

    /// Whether the plan still fits the graph.
    pub(super) fn holds(&self, state: &State<'_>) -> bool {
        self.validity.holds(state)
    }
}

impl Validity {
    fn now(state: &State<'_>, facts: Vec<Fact>, read: bool, dates: Vec<(Arc<str>, bool)>) -> Self {
        Self {
            schema: state.graph.schema_version(),
            procedures: state.procedures.stamp,
            magnitude: magnitude(state.graph),
            facts,
            withdrawn: state.has_withdrawn(),
            read,
            dates,
            version: AtomicU64::new(state.version.stamp),
        }
    }

    fn holds(&self, state: &State<'_>) -> bool {
        if self.schema != state.graph.schema_version() || self.procedures != state.procedures.stamp {
            return false;
        }
        if self.version.load(Ordering::Relaxed) == state.version.stamp {
            return true;
        }
        let as_declared = |(key, date): &(Arc<str>, bool)| state.is_date(key) == *date;
        let holds = !self.read
            && self.withdrawn == state.has_withdrawn()
            && self.magnitude == magnitude(state.graph)
            && self.dates.iter().all(as_declared)
            && self.facts.iter().all(|fact| fact.holds(state.graph));
        if holds {
            self.version.store(state.version.stamp, Ordering::Relaxed);
        }
        holds
    }
}

fn magnitude(graph: &Graph) -> u32 {
    let size = graph.node_count() + graph.rel_count();
    (u64::BITS - size.leading_zeros()) / 2
}

/// What the binder may ask.
struct Catalog<'a> {
    state: &'a State<'a>,
    /// Rows were read off the graph.
    read: Cell<bool>,
    /// The properties that were asked about, and whether each is declared to be a date.
    dates: RefCell<Vec<(Arc<str>, bool)>>,
}

impl bind::Catalog for Catalog<'_> {
    fn procedure(&self, name: &str) -> Option<Arc<Procedure>> {
        let lower = name.to_lowercase();
        let lasting = self.state.procedures.by_name.get(&lower).cloned().or_else(|| super::procedures::lasting(&lower));
        lasting.or_else(|| {
            self.read.set(true);
            super::procedures::builtin(&lower, self.state).or_else(|| super::show::procedure(&lower, self.state))
        })
    }

    fn writes(&self, procedure: &str) -> bool {
        super::telling::writes(procedure)
    }

    fn is_date(&self, key: &str) -> bool {
        let mut asked = self.dates.borrow_mut();
        if let Some((_, date)) = asked.iter().find(|(known, _)| **known == *key) {
            return *date;
        }
        let date = self.state.is_date(key);
        asked.push((key.into(), date));
        date
    }

    fn procedure_names(&self) -> Vec<Arc<str>> {
        self.state.procedures.by_name.values().map(|p| p.name.clone()).chain(super::procedures::names()).collect()
    }
}

/// Names in the text that the graph does not have, for warnings.
pub(super) fn is_known(graph: &Graph, evidence: &crate::provenance::Evidence, mention: &Mention) -> bool {
    match mention.what {
        MentionKind::Label => graph.label(&mention.name).is_some(),
        MentionKind::Type => graph.rel_type(&mention.name).is_some(),
        MentionKind::Key => graph.key(&mention.name).is_some(),
        MentionKind::Source => evidence.source_id(&mention.name).is_some(),
    }
}
