//! What one engine holds: graph, evidence, vocabulary; and how a statement's writes become final or vanish.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::Procedure;
use crate::graph::{Graph, Mark};
use crate::lineage::{self, NameIndex};
use crate::provenance::{Evidence, Vocabulary};
use crate::value::RelRef;

/// Everything behind the lock.
#[derive(Debug, Default)]
pub(super) struct Database {
    pub(super) graph: Graph,
    pub(super) evidence: Evidence,
    pub(super) vocabulary: Vocabulary,
    pub(super) procedures: FxHashMap<String, Arc<Procedure>>,
    /// The open explicit transaction.
    pub(super) transaction: Option<Transaction>,
    /// Counts writes, so that a plan that relies on exact counts knows when it is out of date.
    pub(super) version: u64,
    /// Names of nodes, for `find` and `TRACE`; made when first asked for, gone after a write.
    pub(super) names: OnceLock<Arc<NameIndex>>,
    pub(super) read_only: bool,
}

/// An explicit transaction.
#[derive(Debug)]
pub(super) struct Transaction {
    mark: Mark,
    /// A statement inside it failed: only ROLLBACK is accepted.
    failed: bool,
}

impl Database {
    /// Starts an explicit transaction.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            return Err(state("a transaction is already open").hint("COMMIT or ROLLBACK it first"));
        }
        self.transaction = Some(Transaction { mark: self.graph.mark(), failed: false });
        Ok(())
    }

    /// Makes the transaction final.
    pub(super) fn commit(&mut self) -> Result<()> {
        match self.transaction.take() {
            None => Err(state("no transaction is open").hint("BEGIN one first")),
            Some(failed @ Transaction { failed: true, .. }) => {
                self.transaction = Some(failed);
                Err(state("a statement of this transaction failed; only ROLLBACK is accepted"))
            }
            Some(open) => self.finish(open.mark),
        }
    }

    /// Takes everything back that the transaction did.
    pub(super) fn rollback(&mut self) -> Result<()> {
        let open = self.transaction.take().ok_or_else(|| state("no transaction is open").hint("BEGIN one first"))?;
        self.undo(open.mark);
        Ok(())
    }

    /// Refuses statements in a transaction that has already failed.
    pub(super) fn usable(&self) -> Result<()> {
        match &self.transaction {
            Some(Transaction { failed: true, .. }) => {
                Err(state("a statement of this transaction failed; only ROLLBACK is accepted"))
            }
            _ => Ok(()),
        }
    }

    /// Runs a write; when it fails nothing of it remains. Outside a transaction it is final when this returns.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.usable()?;
        if self.read_only {
            let message = "this graph is open for reading only";
            return Err(Error::new(Class::ReadOnly, Phase::Runtime, Code::ReadOnlyGraph, message));
        }
        let mark = self.graph.mark();
        self.version += 1;
        self.names = OnceLock::new();
        match work(self).and_then(|done| self.graph.validate().map(|()| done)) {
            Ok(done) => {
                if self.transaction.is_none() {
                    self.finish(mark)?;
                }
                Ok(done)
            }
            Err(error) => {
                self.undo(mark);
                self.fail_transaction();
                Err(error)
            }
        }
    }

    /// Notes that a statement failed, so that its transaction can only be rolled back.
    pub(super) fn fail_transaction(&mut self) {
        if let Some(open) = &mut self.transaction {
            open.failed = true;
        }
    }

    /// Everything away: graph, evidence, procedures.
    pub(super) fn reset(&mut self) -> Result<()> {
        self.transaction = None;
        self.procedures.clear();
        self.write(|db| {
            db.graph.clear()?;
            Ok(())
        })?;
        self.evidence = Evidence::default();
        self.vocabulary = Vocabulary::default();
        Ok(())
    }

    /// The names of the nodes.
    pub(super) fn names(&self) -> &Arc<NameIndex> {
        self.names.get_or_init(|| Arc::new(lineage::name_index(&self.graph)))
    }

    fn finish(&mut self, mark: Mark) -> Result<()> {
        let _ = mark;
        let done = self.graph.commit();
        if !done.purged_rels.is_empty() && !self.vocabulary.conflicts.is_empty() {
            // Handles of what is gone may be given out again: nothing kept beside the graph may still mean them.
            let gone = |rel: &RelRef| done.purged_rels.contains(rel);
            self.vocabulary.conflicts.retain(|conflict| !conflict.sides.iter().any(|side| gone(&side.rel)));
        }
        done.purged_rels.into_iter().for_each(|rel| {
            self.evidence.take_rel(rel);
        });
        done.purged_nodes.into_iter().for_each(|node| {
            self.evidence.take_node(node);
        });
        Ok(())
    }

    fn undo(&mut self, mark: Mark) {
        self.graph.rollback_to(mark);
        self.version += 1;
        self.names = OnceLock::new();
    }
}

fn state(message: &str) -> Error {
    Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message)
}
