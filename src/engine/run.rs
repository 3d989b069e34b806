//! One statement from text to rows.

use std::sync::Arc;

use super::citing::Citing;
use super::database::Database;
use super::prepare::{self, KEPT_TEXT, Prepared, PreparedBody, Query};
use super::rows::{Entities, Rows, Warning};
use super::{Statement, schema, show};
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

/// Runs a statement.
pub(super) fn run(statement: Statement<'_>) -> Result<Rows> {
    if statement.text.len() > LONGEST_TEXT {
        let message = format!("the text is {} bytes long; at most {LONGEST_TEXT} are read", statement.text.len());
        return Err(
            Error::new(Class::LimitExceeded, Phase::Compile, Code::Size, message).hint("give data as parameters")
        );
    }
    if statement.text.len() <= KEPT_TEXT {
        return run_here(&statement);
    }
    std::thread::scope(|scope| {
        let tall = std::thread::Builder::new().stack_size(TALL_STACK).spawn_scoped(scope, || run_here(&statement));
        match tall {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => {
                let message = format!("no room for a text of this length: {error}");
                Err(Error::new(Class::LimitExceeded, Phase::Compile, Code::Memory, message))
            }
        }
    })
}

fn run_here(statement: &Statement<'_>) -> Result<Rows> {
    let outcome = try_run(statement);
    if outcome.is_err() && statement.engine.in_transaction() {
        statement.engine.write().fail_transaction();
    }
    outcome
}

fn try_run(statement: &Statement<'_>) -> Result<Rows> {
    let engine = statement.engine;
    let db = engine.read_fresh()?;
    let kept = if statement.optimize { engine.cache.kept(statement.text, &db) } else { None };
    let prepared = match kept {
        Some(kept) => kept,
        None => match try_shared(statement, &db)? {
            Some(rows) => return Ok(rows),
            None => ready(statement, &db)?,
        },
    };
    let Prepared { mode, body, .. } = &*prepared;
    match body {
        PreparedBody::Transaction(command) => {
            drop(db);
            match command {
                TransactionCommand::Begin => engine.begin()?,
                TransactionCommand::Commit => engine.commit()?,
                TransactionCommand::Rollback => engine.rollback()?,
            }
            Ok(Rows::default())
        }
        PreparedBody::Show(show) => show::run(&db, *show),
        PreparedBody::Schema(command) => {
            drop(db);
            let changes = engine.write().write(|db| schema::run(db, command))?;
            Ok(Rows { changes, ..Rows::default() })
        }
        PreparedBody::Query(query) if *mode == Mode::Explain => {
            Ok(Rows { plan: Some(query.plan.describe(None)), ..Rows::default() })
        }
        PreparedBody::Query(query) => {
            let profile = *mode == Mode::Profile;
            if query.plan.writes {
                drop(db);
                engine.write().write(|db| execute_write(db, &prepared, statement, profile))
            } else {
                db.usable()?;
                let params = parameters(&query.plan, [&statement.params, &[]], statement.text)?;
                let mut rows = execute_read(&db, query, &params, statement, profile)?;
                rows.warnings.splice(0..0, warnings(&db.graph, &db.evidence, &query.doubtful));
                Ok(rows)
            }
        }
    }
}

/// Runs a statement whose text has not been seen by the plan of texts that differ from it in their literals only.
/// Nothing: it is none of that kind, or fails in a way that its own text must explain.
fn try_shared(statement: &Statement<'_>, db: &Database) -> Result<Option<Rows>> {
    if !statement.optimize {
        return Ok(None);
    }
    let Some(shared) = statement.engine.cache.shared(statement.text, db) else { return Ok(None) };
    let PreparedBody::Query(query) = &shared.prepared.body else { return Ok(None) };
    if !shared.prepared.is_plain_read(db) {
        return Ok(None);
    }
    db.usable()?;
    let given = [&*statement.params, &*shared.literals];
    let Ok(params) = parameters(&query.plan, given, statement.text) else { return Ok(None) };
    match execute_read(db, query, &params, statement, false) {
        Err(error) if error.span().is_some() => Ok(None),
        // what points into the text must point into its own
        Ok(rows) if rows.warnings.iter().any(|warning| warning.span != Span::default()) => Ok(None),
        done => done.map(Some),
    }
}

/// The statement ready to run on the database as it is.
fn ready(statement: &Statement<'_>, db: &Database) -> Result<Arc<Prepared>> {
    if statement.optimize {
        statement.engine.cache.prepare(statement.text, db)
    } else {
        prepare::prepare(statement.text, db, false).map(Arc::new)
    }
}

fn execute_read(
    db: &Database,
    query: &Query,
    params: &[Value],
    statement: &Statement<'_>,
    profile: bool,
) -> Result<Rows> {
    let names = || Arc::clone(db.names());
    let knowledge = Knowledge { evidence: &db.evidence, vocabulary: &db.vocabulary, names: &names, lists: &db.lists };
    let access = GraphAccess::Read(&db.graph);
    let answer = exec::execute(access, knowledge, &query.plan, params, &statement.limits, profile)?;
    Ok(rows(answer, query, knowledge, &db.graph))
}

fn execute_write(
    db: &mut Database,
    prepared: &Arc<Prepared>,
    statement: &Statement<'_>,
    profile: bool,
) -> Result<Rows> {
    // Others may have written between planning and here; a plan that relied on what was is made anew.
    let prepared = if prepared.holds(db) { Arc::clone(prepared) } else { ready(statement, db)? };
    let PreparedBody::Query(query) = &prepared.body else { return Ok(Rows::default()) };
    let params = parameters(&query.plan, [&statement.params, &[]], statement.text)?;
    let index = if query.by_name { Arc::clone(db.names()) } else { Arc::default() };
    let names = || Arc::clone(&index);
    let knowledge = Knowledge { evidence: &db.evidence, vocabulary: &db.vocabulary, names: &names, lists: &db.lists };
    let access = GraphAccess::Write(&mut db.graph);
    let answer = exec::execute(access, knowledge, &query.plan, &params, &statement.limits, profile);
    db.graph.end_statement();
    Ok(rows(answer?, query, knowledge, &db.graph))
}

/// The answer with its nodes and relationships looked up and its citations spelt out.
fn rows(answer: Answer<'_>, query: &Query, knowledge: Knowledge<'_>, graph: &Graph) -> Rows {
    let Answer { table, citations, views, disputed, changes, profile, remarks } = answer;
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
    Rows { columns, values, len, entities, citations: cited, changes, warnings, plan }
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
fn warnings(graph: &Graph, evidence: &Evidence, mentions: &[Mention]) -> Vec<Warning> {
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
