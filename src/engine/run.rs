//! One statement from text to rows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::aliases;
use super::citing::{Citing, Spelt};
use super::prepare::{self, Cache, KEPT_TEXT, Prepared, PreparedBody, Query};
use super::rows::{Rows, Warning};
use super::shared::Work;
use super::surroundings::Surroundings;
use super::version::{Procedures, State};
use super::{schema, show};
use crate::bind::bound::{Mention, MentionKind};
use crate::error::{Class, Code, Error, Phase, Result, Span, nearest};
use crate::exec::view::Seeing;
use crate::exec::{self, Allowance, Answer, GraphAccess, Knowledge, Remark, ResultTable};
use crate::function::Budget;
use crate::graph::Graph;
use crate::plan::node::Plan;
use crate::provenance::citation::Citations;
use crate::provenance::{Evidence, Views};
use crate::syntax::ast::{Mode, TransactionCommand};
use crate::value::Value;

/// Stack of a thread that a text runs on: its plan may be a tower as high as the text is long. What is not used of it takes
/// no memory, but where a process may have addresses for so much only (`ulimit -v`) it is missed elsewhere.
pub(super) fn stack_for(text: &str) -> usize {
    const LEAST: usize = 16 << 20;
    const MOST: usize = 256 << 20;
    const PER_BYTE: usize = 1 << 10;
    if is_long(text) { (LEAST + PER_BYTE * text.len()).min(MOST) } else { LEAST }
}

/// Most bytes of memory that a byte of text takes on its way to a plan; `.ci/limits` measures it.
const PER_BYTE: usize = 360;
/// Bytes of text that are read in a second, at least, until they are a plan.
const READ_A_SECOND: f64 = 1e6;
/// A text that is read whatever the limit: it takes no tenth of a second.
const READ_AT_ONCE: usize = 64 << 10;

/// Longest text, in bytes.
const LONGEST_TEXT: usize = 16 << 20;

/// A text with what it is asked with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) text: &'a str,
    pub(super) params: &'a [(String, Value)],
    pub(super) allowance: &'a Allowance,
    pub(super) how: How,
}

/// What is asked of a text that it does not say itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// The plan as the optimizer makes it.
    pub(super) optimize: bool,
    /// Every row with its citations.
    pub(super) cite: bool,
    /// In the place of the mode that the text asks for.
    pub(super) mode: Option<Mode>,
    /// What writes is refused.
    pub(super) read_only: bool,
    /// Rows are taken as they are made.
    pub(super) streamed: bool,
}

impl Default for How {
    fn default() -> Self {
        Self { optimize: true, cite: false, mode: None, read_only: false, streamed: false }
    }
}

impl Ask<'_> {
    fn mode(&self, prepared: &Prepared) -> Mode {
        self.how.mode.unwrap_or(prepared.mode)
    }
}

/// Whether the plan of a text may be a tower.
pub(super) fn is_long(text: &str) -> bool {
    text.len() > KEPT_TEXT
}

/// Does something that may panic; where it does, that is an error, and the program goes on. What was being changed must be
/// worth nothing after an error either.
pub(super) fn contained<T>(what: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(what)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
        let message = format!("this program has made a mistake: {}", said.unwrap_or("it does not say which"));
        Err(Error::new(Class::InternalError, Phase::Runtime, Code::Internal, message)
            .hint("the statement was taken back, everything else is as it was; please report it with the statement"))
    })
}

/// Calls `run` on a thread whose stack is high enough for the text. Errors: the text is too long.
pub(super) fn on_its_stack<T: Send>(text: &str, run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    if text.len() > LONGEST_TEXT {
        let message = format!("the text is {} bytes long; at most {LONGEST_TEXT} are read", text.len());
        return Err(
            Error::new(Class::LimitExceeded, Phase::Compile, Code::Size, message).hint("give data as parameters")
        );
    }
    if !is_long(text) {
        return run();
    }
    std::thread::scope(|scope| {
        let tall = std::thread::Builder::new().stack_size(stack_for(text)).spawn_scoped(scope, run);
        match tall {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => {
                let message = format!("no room for a text of this length: {error}");
                Err(Error::new(Class::LimitExceeded, Phase::Compile, Code::Memory, message))
            }
        }
    })
}

/// What is left to do of a statement.
pub(super) enum Outcome {
    /// Nothing: it only read.
    Read(Box<Rows>),
    /// To give its rows one after another.
    Stream(Streaming),
    /// To write, which it is allowed to.
    Write(Arc<Prepared>),
    /// To begin or end a transaction.
    Transaction(TransactionCommand),
    /// Nothing but to roll back: it asked for the end of the transaction it is in.
    Terminated(Box<Rows>),
}

/// A statement that reads, ready to give its rows one after another.
#[derive(Debug)]
pub(super) struct Streaming {
    pub(super) prepared: Arc<Prepared>,
    pub(super) params: Vec<Value>,
    pub(super) profile: bool,
}

impl Streaming {
    /// The names of its columns, and whether its rows carry citations.
    pub(super) fn shape(&self) -> (Arc<[Arc<str>]>, bool) {
        match &self.prepared.body {
            PreparedBody::Query(query) => (Arc::clone(&query.columns), query.plan.cite),
            _ => (Arc::default(), false),
        }
    }
}

/// Answers a statement that reads; says what one that does not wants. Errors: also what went wrong while parts of a stored
/// graph were loaded, whatever was made of what is missing.
pub(super) fn read(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Outcome> {
    let outcome = answered(ask, state, plans);
    state.version.knowledge.failure().map_or(outcome, Err)
}

fn answered(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Outcome> {
    let done = |rows: Box<Rows>| Ok(Outcome::Read(rows));
    let kept = if ask.how.optimize { plans.kept((ask.text, ask.how.cite), state) } else { None };
    let prepared = match kept {
        Some(kept) => kept,
        None => match try_shared(ask, state, plans)? {
            Some(rows) => return done(rows),
            None => ready(ask, state, plans)?,
        },
    };
    let mode = ask.mode(&prepared);
    if ask.how.mode.is_some() && !matches!(prepared.body, PreparedBody::Query(_)) {
        return Err(no_plan());
    }
    match &prepared.body {
        PreparedBody::Transaction(command) => Ok(Outcome::Transaction(*command)),
        PreparedBody::Show(show) => show::run(state, *show).map(Box::new).and_then(done),
        PreparedBody::Terminate(ids) => {
            let (rows, own) = show::terminated(state, ids);
            let rows = Box::new(rows);
            Ok(if own { Outcome::Terminated(rows) } else { Outcome::Read(rows) })
        }
        PreparedBody::Query(query) if mode == Mode::Explain => {
            done(Box::new(Rows { plan: Some(query.plan.tree(None)), ..Rows::default() }))
        }
        PreparedBody::Query(query) if !query.plan.writes => {
            let params = parameters(&query.plan, [ask.params, &[]], ask.text)?;
            let profile = mode == Mode::Profile;
            if ask.how.streamed {
                return Ok(Outcome::Stream(Streaming { prepared: Arc::clone(&prepared), params, profile }));
            }
            let mut rows = execute_read(state, query, &params, ask, profile)?;
            if !query.doubtful.is_empty() {
                rows.warnings.splice(0..0, warnings(state.graph, state.evidence, &query.doubtful));
            }
            done(rows)
        }
        PreparedBody::Schema(_) | PreparedBody::Query(_) if state.read_only => {
            let message = "this graph is open for reading only";
            Err(Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message))
        }
        PreparedBody::Schema(_) | PreparedBody::Query(_) => Ok(Outcome::Write(prepared)),
    }
}

/// Carries out a statement that writes, on a transaction's own version; when it fails that is worth nothing any more.
pub(super) fn write(
    ask: Ask<'_>,
    prepared: &Arc<Prepared>,
    work: &mut Work,
    procedures: &Procedures,
    plans: &Cache,
) -> Result<Box<Rows>> {
    work.part(|work| match &prepared.body {
        PreparedBody::Schema(command) => {
            let changes = schema::run(&mut work.version.knowledge.graph, command)?;
            Ok(Box::new(Rows { changes, ..Rows::default() }))
        }
        _ => execute_write(ask, prepared, work, procedures, plans),
    })
}

/// Runs a statement whose text has not been seen by the plan of texts that differ from it in their literals only.
/// Nothing: it is none of that kind, or fails in a way that its own text must explain.
fn try_shared(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Option<Box<Rows>>> {
    if !ask.how.optimize || ask.how.mode.is_some() || ask.how.streamed {
        return Ok(None);
    }
    let Some(shared) = plans.shared((ask.text, ask.how.cite), state) else { return Ok(None) };
    let PreparedBody::Query(query) = &shared.prepared.body else { return Ok(None) };
    if !shared.prepared.is_plain_read(state) {
        return Ok(None);
    }
    let given = [ask.params, &*shared.literals];
    let Ok(params) = parameters(&query.plan, given, ask.text) else { return Ok(None) };
    match execute_read(state, query, &params, ask, false) {
        Err(error) if error.span().is_some() => Ok(None),
        done => done.map(|mut rows| {
            // what points into the text must point into its own
            for warning in rows.warnings.iter_mut().filter(|warning| warning.span != Span::default()) {
                warning.span = shared.ends.original(warning.span);
            }
            Some(rows)
        }),
    }
}

/// What is asked for the plan that it has not.
pub(super) fn no_plan() -> Error {
    Error::syntax(Code::Unsupported, "only queries have plans")
        .hint("a statement about the schema or a transaction does what it says")
}

/// The statement ready to run on the version as it is.
fn ready(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Arc<Prepared>> {
    let text = (ask.text, ask.how.cite);
    let meter = ask.allowance.meter();
    if is_long(ask.text) {
        meter.ask(ask.text.len() * PER_BYTE).map_err(|error| too_long_for(error, ask.text))?;
        read_in_time(ask)?;
    }
    let prepared = match ask.how.optimize {
        true => plans.prepare(text, state)?,
        false => prepare::prepare(text, state, false).map(Arc::new)?,
    };
    meter.look()?;
    Ok(prepared)
}

/// The stages before the first row do not look at the clock: what they would not do in time is not begun.
fn read_in_time(ask: Ask<'_>) -> Result<()> {
    let bytes = ask.text.len();
    match ask.allowance.left() {
        Some(left) if bytes > READ_AT_ONCE && bytes as f64 > left.as_secs_f64() * READ_A_SECOND => {
            let message =
                format!("a text of {bytes} bytes is not read in the {left:.2?} that are left of the time limit");
            Err(Error::limit(Code::Time, message)
                .hint("give data as parameters, or raise the limit: a second for 1 MB of text"))
        }
        _ => Ok(()),
    }
}

fn too_long_for(error: Error, text: &str) -> Error {
    match error.code() {
        Code::Memory => {
            let message = format!(
                "a text of {} bytes may take {} bytes of memory to be read, which is more than the statement may hold",
                text.len(),
                text.len() * PER_BYTE
            );
            Error::new(Class::LimitExceeded, Phase::Compile, Code::Memory, message)
                .hint("give data as parameters, or raise the memory limit")
        }
        _ => error,
    }
}

fn execute_read(state: &State<'_>, query: &Query, params: &[Value], ask: Ask<'_>, profile: bool) -> Result<Box<Rows>> {
    let names = || Arc::clone(state.version.names());
    let around = Surroundings::of(state, ask.allowance);
    let knowledge = Knowledge { around: Some(&around), ..state.knowledge(&names) };
    let access = GraphAccess::Read(state.graph);
    let answer = exec::execute(access, knowledge, &query.plan, params, ask.allowance, profile)?;
    let mut rows = rows(answer, query, knowledge, state.graph);
    rows.warnings.extend(aliases::warnings(state, &query.plan, params, ask.text));
    Ok(rows)
}

fn execute_write(
    ask: Ask<'_>,
    prepared: &Arc<Prepared>,
    work: &mut Work,
    procedures: &Procedures,
    plans: &Cache,
) -> Result<Box<Rows>> {
    let version = &mut work.version;
    // Others may have written between planning and here; a plan that relied on what was is made anew.
    let state = State::of(version, procedures);
    let prepared = if prepared.holds(&state) { Arc::clone(prepared) } else { ready(ask, &state, plans)? };
    let PreparedBody::Query(query) = &prepared.body else { return Ok(Box::default()) };
    let params = parameters(&query.plan, [ask.params, &[]], ask.text)?;
    let index = if query.by_name { Arc::clone(version.names()) } else { Arc::default() };
    let names = || Arc::clone(&index);
    let (graph, knowledge) = version.split(&names);
    let profile = ask.mode(&prepared) == Mode::Profile;
    let access = GraphAccess::Write(graph);
    let mut answer = exec::execute(access, knowledge, &query.plan, &params, ask.allowance, profile)?;
    let tellings = std::mem::take(&mut answer.rest.tellings);
    if !tellings.is_empty() {
        work.tell(tellings, &mut answer.rest.changes)?;
    }
    let (graph, knowledge) = work.version.split(&names);
    Ok(rows(answer, query, knowledge, graph))
}

/// The answer with its nodes and relationships looked up and its citations spelt out.
fn rows(answer: Answer<'_>, query: &Query, knowledge: Knowledge<'_>, graph: &Graph) -> Box<Rows> {
    let Answer { table, citations, views, rest } = answer;
    let mut spelt = Spelt::default();
    let mut rows = looked_up(table, (&citations, &views), query, (graph, knowledge), &mut spelt);
    if !rest.remarks.is_empty() || !rest.disputed.is_empty() {
        rows.warnings = of_the_rest(rest.remarks, rest.disputed);
    }
    rows.warnings.extend(spelt.warnings(graph));
    rows.changes = rest.changes;
    rows.plan = rest.profile.map(|profile| query.plan.tree(Some(&profile.operators)));
    rows.traced = rest.lineage.map(|traced| Arc::new((*traced, None)));
    rows
}

/// Rows of an answer with their nodes and relationships looked up and their citations spelt out.
fn looked_up(
    table: ResultTable<'_>,
    (citations, views): (&Citations, &Views),
    query: &Query,
    (graph, knowledge): (&Graph, Knowledge<'_>),
    spelt: &mut Spelt,
) -> Box<Rows> {
    let mut rows = Box::<Rows>::default();
    let seeing = Seeing { graph, evidence: knowledge.evidence, vocabulary: knowledge.vocabulary, views };
    let differing = &mut rows.differing;
    rows.citations = table.cites.as_ref().map(|cites| {
        let mut citing = Citing { seeing, citations, reads: &query.plan.reads, spelt };
        let cited = cites.iter().enumerate().map(|(row, id)| {
            let (places, of_row) = citing.places(*id);
            differing.extend(of_row.map(|of_row| (row, of_row)));
            places
        });
        cited.collect()
    });
    rows.columns = Arc::clone(&query.columns);
    rows.len = table.len();
    rows.values = table.into_values(graph);
    let Rows { values, entities, .. } = &mut *rows;
    values.iter().for_each(|value| entities.gather(seeing, value));
    rows
}

fn of_the_rest(remarks: Vec<Remark>, disputed: BTreeMap<Arc<str>, Span>) -> Vec<Warning> {
    let remarks = remarks.into_iter().map(|Remark { message, hint, span }| Warning { message, hint, span });
    remarks.chain(disputed.into_iter().map(|(key, span)| in_dispute(&key, span))).collect()
}

/// Runs a statement that is [`Streaming`], handing its rows to `each` as they are made; at the end what is known of the
/// whole answer, as rows that are none. `stop`: whoever set it wants no more.
pub(super) fn stream(
    of: &Streaming,
    state: &State<'_>,
    text: &str,
    (allowance, stop): (&Allowance, Arc<AtomicBool>),
    mut each: impl FnMut(Rows) -> Result<()>,
) -> Result<Rows> {
    let PreparedBody::Query(query) = &of.prepared.body else { return Ok(Rows::default()) };
    let names = || Arc::clone(state.version.names());
    let around = Surroundings::of(state, allowance);
    let (graph, knowledge) = (state.graph, Knowledge { around: Some(&around), ..state.knowledge(&names) });
    let mut spelt = Spelt::default();
    let handed = |table: ResultTable<'_>, citations: &Citations, views: &Views| {
        spelt.stay_small();
        let rows = looked_up(table, (citations, views), query, (graph, knowledge), &mut spelt);
        // what could not be loaded is missing from them
        state.version.knowledge.failure().map_or(Ok(()), Err)?;
        each(*rows)
    };
    let allowance = (allowance, stop);
    let rest = exec::hand_over((graph, knowledge), &query.plan, &of.params, allowance, of.profile, handed)?;
    state.version.knowledge.failure().map_or(Ok(()), Err)?;
    let mut all = warnings(graph, state.evidence, &query.doubtful);
    all.extend(of_the_rest(rest.remarks, rest.disputed));
    all.extend(spelt.warnings(graph));
    all.extend(aliases::warnings(state, &query.plan, &of.params, text));
    let plan = rest.profile.map(|profile| query.plan.tree(Some(&profile.operators)));
    let citations = query.plan.cite.then(Vec::new);
    Ok(Rows { columns: Arc::clone(&query.columns), citations, warnings: all, plan, ..Rows::default() })
}

/// The values of the plan's parameters, in its order: of several by one name the last that was given. `text` is only
/// looked at for the place of one that is missing.
pub(super) fn parameters(plan: &Plan, given: [&[(String, Value)]; 2], text: &str) -> Result<Vec<Value>> {
    let value = |name: &Arc<str>| match given.iter().copied().flatten().rev().find(|(n, _)| **n == **name) {
        Some((_, value)) => Ok(value.clone()),
        None => {
            let message = format!("the query needs the parameter ${name}, which was not given");
            let mut error = Error::new(Class::ParameterMissing, Phase::Compile, Code::MissingParameter, message);
            if let Some(start) = text.find(&format!("${name}")) {
                error = error.at(Span::new(start, start + 1 + name.len()));
            }
            Err(match nearest(name, given.iter().copied().flatten().map(|(n, _)| n.as_str())) {
                Some(near) => error.hint(format!("${near} was given; is that the one?")),
                None => error.hint(format!("on the command line: --param {name}=VALUE")),
            })
        }
    };
    plan.params.iter().map(value).collect()
}

/// That a key was read under which documents exclude each other.
fn in_dispute(key: &str, span: Span) -> Warning {
    let message = format!("documents disagree on `{key}` of what was read here");
    let hint = format!("`stated(x, '{key}')` lists what each says, `CONFLICTS` sets it side by side");
    Warning { message, hint: Some(hint), span }
}

/// Labels, types, keys and sources in the text that the graph does not have.
pub(super) fn warnings(graph: &Graph, evidence: &Evidence, mentions: &[Mention]) -> Vec<Warning> {
    let unknown = mentions.iter().filter(|m| !prepare::is_known(graph, evidence, m));
    unknown
        .map(|m| {
            let (what, near) = match m.what {
                MentionKind::Label => ("label", nearest(&m.name, graph.names().labels().map(|(_, n)| n))),
                MentionKind::Type => ("relationship type", nearest(&m.name, graph.names().types().map(|(_, n)| n))),
                MentionKind::Key => ("property", nearest(&m.name, graph.names().keys().map(|(_, n)| n))),
                MentionKind::Source => ("source", nearest(&m.name, evidence.sources().iter().map(|s| &*s.id))),
            };
            Warning {
                message: format!("the graph has no {what} `{}`", m.name),
                hint: near.map(|n| format!("did you mean `{n}`?")),
                span: m.span,
            }
        })
        .collect()
}

/// The statements of a script, each as its place in the text.
pub(super) fn statement_spans(text: &str) -> Result<Vec<Span>> {
    Ok(crate::syntax::parse(text)?.statements.into_iter().map(|s| s.span).collect())
}

/// An error of one statement, placed in the whole script.
pub(super) fn shifted(outcome: Result<Rows>, by: Span) -> Result<Rows> {
    outcome.map_err(|error| error.shifted(by.start))
}
