//! From text to something that can run: the five stages in a row, and the cache of their results.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::database::Database;
use crate::bind;
use crate::bind::bound::{Mention, MentionKind};
use crate::error::Result;
use crate::function::Procedure;
use crate::graph::Graph;
use crate::plan::node::{Node, Op, Plan};
use crate::syntax::{self, ast};
use crate::{optimize, plan};

/// Longest text whose plan is kept, in bytes. Longer ones are programs that run once.
pub(super) const KEPT_TEXT: usize = 2048;

/// How many plans are kept.
const KEPT_PLANS: usize = 512;

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
    /// `doubtful`: the names in the text that the graph does not have, and those of sources, which it may yet lose.
    Query {
        plan: Box<Plan>,
        doubtful: Vec<Mention>,
        /// Names may have to be resolved while it runs.
        by_name: bool,
    },
    Schema(ast::SchemaCommand),
    Show(ast::Show),
    Transaction(ast::TransactionCommand),
}

/// For which state of the graph a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Validity {
    schema: u64,
    /// The order of magnitude of the graph: costs are about orders of magnitude.
    magnitude: u32,
    /// The exact version, when the plan relies on exact counts.
    version: Option<u64>,
}

/// Plans by text.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    plans: FxHashMap<Arc<str>, Arc<Prepared>>,
    /// Texts in the order they came; the oldest goes first.
    order: VecDeque<Arc<str>>,
}

impl Cache {
    /// The statement as it was kept from last time.
    pub(super) fn kept(&self, text: &str, db: &Database) -> Option<Arc<Prepared>> {
        let kept = self.lock().plans.get(text).cloned();
        kept.filter(|kept| kept.validity.holds(db))
    }

    /// The statement ready to run: kept from last time, or made now.
    pub(super) fn prepare(&self, text: &str, db: &Database) -> Result<Arc<Prepared>> {
        if let Some(kept) = self.kept(text, db) {
            return Ok(kept);
        }
        let prepared = Arc::new(prepare(text, db, true)?);
        if text.len() <= KEPT_TEXT {
            self.lock().keep(text, &prepared);
        }
        Ok(prepared)
    }

    /// Forgets every plan (a procedure was registered, the graph was reset).
    pub(super) fn clear(&self) {
        *self.lock() = Kept::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A plan is put in whole or not at all, so a panic elsewhere cannot leave half of one.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, text: &str, prepared: &Arc<Prepared>) {
        let text: Arc<str> = Arc::from(text);
        if self.plans.insert(Arc::clone(&text), Arc::clone(prepared)).is_none() {
            self.order.push_back(text);
        }
        if self.order.len() > KEPT_PLANS
            && let Some(oldest) = self.order.pop_front()
        {
            self.plans.remove(&oldest);
        }
    }
}

/// Text ─► syntax ─► bind ─► plan ─► optimize.
pub(super) fn prepare(text: &str, db: &Database, optimized: bool) -> Result<Prepared> {
    let statement = syntax::parse_statement(text)?;
    let mut exact = false;
    let body = match statement.body {
        ast::StatementBody::Query(query) => {
            let catalog = Catalog { db, read: Cell::new(false) };
            let mut bound = bind::bind(text, &query, &catalog)?;
            exact = catalog.read.get();
            let mut doubtful = std::mem::take(&mut bound.mentions);
            // what the graph has a name for it keeps for as long as the plan is good
            doubtful.retain(|m| m.what == MentionKind::Source || !is_known(&db.graph, &db.evidence, m));
            let planned = plan::plan(bound);
            let plan = if optimized {
                let (plan, relies) = optimize::optimize(planned, &db.graph);
                exact |= relies;
                plan
            } else {
                optimize::lower_only(planned)
            };
            let by_name = uses_names(&plan.root);
            PreparedBody::Query { plan: Box::new(plan), doubtful, by_name }
        }
        ast::StatementBody::Schema(command) => PreparedBody::Schema(command),
        ast::StatementBody::Show(show) => PreparedBody::Show(show),
        ast::StatementBody::Transaction(command) => PreparedBody::Transaction(command),
    };
    Ok(Prepared { mode: statement.mode, body, validity: Validity::now(db, exact) })
}

/// Whether a name may have to be resolved while the plan runs.
fn uses_names(node: &Node) -> bool {
    matches!(node.op, Op::Trace { .. } | Op::Conflicts { .. }) || node.op.inputs().iter().any(|input| uses_names(input))
}

impl Prepared {
    /// Whether it only reads, and nothing in its text is unknown to the graph: then the text it was made from need not
    /// be the text that was typed.
    pub(super) fn is_plain_read(&self, db: &Database) -> bool {
        match &self.body {
            PreparedBody::Query { plan, doubtful, .. } => {
                !plan.writes && doubtful.iter().all(|mention| is_known(&db.graph, &db.evidence, mention))
            }
            _ => false,
        }
    }

    /// Whether the plan still fits the graph.
    pub(super) fn holds(&self, db: &Database) -> bool {
        self.validity.holds(db)
    }
}

impl Validity {
    fn now(db: &Database, exact: bool) -> Self {
        let size = db.graph.node_count() + db.graph.rel_count();
        Self {
            schema: db.graph.schema_version(),
            magnitude: (u64::BITS - size.leading_zeros()) / 2,
            version: exact.then_some(db.version),
        }
    }

    fn holds(&self, db: &Database) -> bool {
        *self == Self::now(db, self.version.is_some())
    }
}

/// What the binder may ask.
struct Catalog<'a> {
    db: &'a Database,
    /// Rows were read off the graph.
    read: Cell<bool>,
}

impl bind::Catalog for Catalog<'_> {
    fn procedure(&self, name: &str) -> Option<Arc<Procedure>> {
        let lower = name.to_lowercase();
        self.db.procedures.get(&lower).cloned().or_else(|| {
            self.read.set(true);
            super::procedures::builtin(&lower, self.db)
        })
    }

    fn procedure_names(&self) -> Vec<Arc<str>> {
        self.db.procedures.values().map(|p| p.name.clone()).chain(super::procedures::names()).collect()
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
