//! One statement from text to rows.

use std::sync::Arc;

use super::aliases;
use super::citing::Citing;
use super::prepare::{self, Cache, KEPT_TEXT, Prepared, PreparedBody, Query};
use super::rows::{Entities, Rows, Warning};
use super::shared::Work;
use super::version::{Procedures, State, Version};
use super::{Limits, schema, show};
use crate::bind::bound::{Mention, MentionKind};
use crate::error::{Class, Code, Error, Phase, Result, Span, nearest};
use crate::exec::view::Seeing;
use crate::exec::{self, Answer, GraphAccess, Knowledge, Remark};
use crate::graph::Graph;
use crate::plan::node::Plan;
use crate::provenance::Evidence;
use crate::syntax::ast::{Mode, TransactionCommand};
use crate::value::Value;

/// Stack of the thread a long text runs on: its plan may be a tower as high as the text is long.
const TALL_STACK: usize = 256 << 20;

/// Longest text, in bytes.
const LONGEST_TEXT: usize = 16 << 20;

/// A text with what it is asked with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'a> {
    pub(super) text: &'a str,
    pub(super) params: &'a [(String, Value)],
    pub(super) limits: &'a Limits,
    /// The plan as the optimizer makes it.
    pub(super) optimize: bool,
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
    if text.len() <= KEPT_TEXT {
        return run();
    }
    std::thread::scope(|scope| {
        let tall = std::thread::Builder::new().stack_size(TALL_STACK).spawn_scoped(scope, run);
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
    /// To write, which it is allowed to.
    Write(Arc<Prepared>),
    /// To begin or end a transaction.
    Transaction(TransactionCommand),
    /// Nothing but to roll back: it asked for the end of the transaction it is in.
    Terminated(Box<Rows>),
}

/// Answers a statement that reads; says what one that does not wants. Errors: also what went wrong while parts of a stored
/// graph were loaded, whatever was made of what is missing.
pub(super) fn read(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Outcome> {
    let outcome = answered(ask, state, plans);
    state.version.knowledge.failure().map_or(outcome, Err)
}

fn answered(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Outcome> {
    let done = |rows: Rows| Ok(Outcome::Read(Box::new(rows)));
    let kept = if ask.optimize { plans.kept(ask.text, state) } else { None };
    let prepared = match kept {
        Some(kept) => kept,
        None => match try_shared(ask, state, plans)? {
            Some(rows) => return done(rows),
            None => ready(ask, state, plans)?,
        },
    };
    let Prepared { mode, body, .. } = &*prepared;
    match body {
        PreparedBody::Transaction(command) => Ok(Outcome::Transaction(*command)),
        PreparedBody::Show(show) => show::run(state, *show).and_then(done),
        PreparedBody::Terminate(ids) => {
            let (rows, own) = show::terminated(state, ids);
            let rows = Box::new(rows);
            Ok(if own { Outcome::Terminated(rows) } else { Outcome::Read(rows) })
        }
        PreparedBody::Query(query) if *mode == Mode::Explain => {
            done(Rows { plan: Some(query.plan.describe(None)), ..Rows::default() })
        }
        PreparedBody::Query(query) if !query.plan.writes => {
            let params = parameters(&query.plan, [ask.params, &[]], ask.text)?;
            let mut rows = execute_read(state, query, &params, ask, *mode == Mode::Profile)?;
            rows.warnings.splice(0..0, warnings(state.graph, state.evidence, &query.doubtful));
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
) -> Result<Rows> {
    work.part(|work| match &prepared.body {
        PreparedBody::Schema(command) => {
            let changes = schema::run(&mut work.version.knowledge.graph, command)?;
            Ok(Rows { changes, ..Rows::default() })
        }
        _ => execute_write(ask, prepared, &mut work.version, procedures, plans),
    })
}

/// Runs a statement whose text has not been seen by the plan of texts that differ from it in their literals only.
/// Nothing: it is none of that kind, or fails in a way that its own text must explain.
fn try_shared(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Option<Rows>> {
    if !ask.optimize {
        return Ok(None);
    }
    let Some(shared) = plans.shared(ask.text, state) else { return Ok(None) };
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

/// The statement ready to run on the version as it is.
fn ready(ask: Ask<'_>, state: &State<'_>, plans: &Cache) -> Result<Arc<Prepared>> {
    match ask.optimize {
        true => plans.prepare(ask.text, state),
        false => prepare::prepare(ask.text, state, false).map(Arc::new),
    }
}

fn execute_read(state: &State<'_>, query: &Query, params: &[Value], ask: Ask<'_>, profile: bool) -> Result<Rows> {
    let names = || Arc::clone(state.version.names());
    let knowledge = state.knowledge(&names);
    let access = GraphAccess::Read(state.graph);
    let answer = exec::execute(access, knowledge, &query.plan, params, ask.limits, profile)?;
    let mut rows = rows(answer, query, knowledge, state.graph);
    rows.warnings.extend(aliases::warnings(state, &query.plan, params, ask.text));
    Ok(rows)
}

fn execute_write(
    ask: Ask<'_>,
    prepared: &Arc<Prepared>,
    version: &mut Version,
    procedures: &Procedures,
    plans: &Cache,
) -> Result<Rows> {
    // Others may have written between planning and here; a plan that relied on what was is made anew.
    let state = State::of(version, procedures);
    let prepared = if prepared.holds(&state) { Arc::clone(prepared) } else { ready(ask, &state, plans)? };
    let PreparedBody::Query(query) = &prepared.body else { return Ok(Rows::default()) };
    let params = parameters(&query.plan, [ask.params, &[]], ask.text)?;
    let index = if query.by_name { Arc::clone(version.names()) } else { Arc::default() };
    let names = || Arc::clone(&index);
    let (graph, knowledge) = version.split(&names);
    let profile = prepared.mode == Mode::Profile;
    let answer = exec::execute(GraphAccess::Write(graph), knowledge, &query.plan, &params, ask.limits, profile);
    Ok(rows(answer?, query, knowledge, graph))
}

/// The answer with its nodes and relationships looked up and its citations spelt out.
fn rows(answer: Answer<'_>, query: &Query, knowledge: Knowledge<'_>, graph: &Graph) -> Rows {
    let Answer { table, citations, views, disputed, changes, profile, remarks, lineage } = answer;
    let (evidence, vocabulary) = (knowledge.evidence, knowledge.vocabulary);
    let seeing = Seeing { graph, evidence, vocabulary, views: &views };
    let mut warnings: Vec<Warning> =
        remarks.into_iter().map(|Remark { message, hint, span }| Warning { message, hint, span }).collect();
    warnings.extend(disputed.into_iter().map(|(key, span)| in_dispute(&key, span)));
    let cited = table.cites.as_ref().map(|cites| {
        let mut citing = Citing::new(seeing, &citations, &query.plan.reads);
        let cited = cites.iter().map(|id| citing.places(*id)).collect();
        warnings.extend(citing.warnings());
        cited
    });
    let columns = Arc::clone(&query.columns);
    let len = table.len();
    let values = table.into_values(graph);
    let mut entities = Entities::default();
    values.iter().for_each(|value| entities.gather(seeing, value));
    let plan = profile.map(|profile| query.plan.describe(Some(&profile.operators)));
    let traced = lineage.map(|traced| Arc::new((traced, None)));
    Rows { columns, values, len, entities, citations: cited, changes, warnings, plan, traced }
}

/// The values of the plan's parameters, in its order: of several by one name the last that was given. `text` is only
/// looked at for the place of one that is missing.
fn parameters(plan: &Plan, given: [&[(String, Value)]; 2], text: &str) -> Result<Vec<Value>> {
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
