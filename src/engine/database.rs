//! What one engine holds: graph, evidence, vocabulary; and how a statement's writes become final or vanish.

use std::sync::{Arc, OnceLock};
#[cfg(feature = "store")]
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::told::Holdings;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::Procedure;
use crate::graph::Graph;
use crate::lineage::NameIndex;
use crate::lineage::validity::Lists;
use crate::provenance::{Evidence, Vocabulary};
#[cfg(feature = "store")]
use crate::store::{Contents, Store};
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
    /// Lists that say by silence what did not hold; made when first asked for, gone after a write.
    pub(super) lists: OnceLock<Lists>,
    pub(super) read_only: bool,
    /// Evidence or vocabulary were changed otherwise than by what is gone from the graph.
    pub(super) beside_changed: bool,
    /// The file behind all this, when there is one.
    #[cfg(feature = "store")]
    pub(super) store: Option<Mutex<Store>>,
}

/// An explicit transaction.
#[derive(Debug)]
pub(super) struct Transaction {
    /// The graph as it was.
    before: Box<Graph>,
    /// A statement inside it failed: only ROLLBACK is accepted.
    failed: bool,
    /// Evidence and vocabulary as they were, when the transaction changed them directly.
    beside: Option<Box<(Evidence, Vocabulary)>>,
}

impl Database {
    /// Starts an explicit transaction.
    pub(super) fn begin(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            return Err(state("a transaction is already open").hint("COMMIT or ROLLBACK it first"));
        }
        self.lock_store()?;
        self.transaction = Some(Transaction { before: Box::new(self.graph.clone()), failed: false, beside: None });
        Ok(())
    }

    /// Makes the transaction final; when it returns, what it did is durable. When it fails nothing of it remains.
    pub(super) fn commit(&mut self) -> Result<()> {
        match self.transaction.take() {
            None => Err(state("no transaction is open").hint("BEGIN one first")),
            Some(failed @ Transaction { failed: true, .. }) => {
                self.transaction = Some(failed);
                Err(state("a statement of this transaction failed; only ROLLBACK is accepted"))
            }
            Some(open) => self.finish().inspect_err(|_| self.take_back(open)),
        }
    }

    /// Takes everything back that the transaction did.
    pub(super) fn rollback(&mut self) -> Result<()> {
        let open = self.transaction.take().ok_or_else(|| state("no transaction is open").hint("BEGIN one first"))?;
        self.take_back(open);
        self.unlock_store();
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
        if self.transaction.is_none() {
            self.lock_store()?;
        }
        let before = self.graph.clone();
        self.version += 1;
        let single = self.transaction.is_none();
        let done = work(self).and_then(|done| self.graph.validate().map(|()| done));
        self.forget(); // what the statement itself asked for is of before it
        let done = if single { done.and_then(|done| self.finish().map(|()| done)) } else { done };
        done.inspect_err(|_| {
            self.undo(before);
            if single {
                self.unlock_store();
            }
            self.fail_transaction();
        })
    }

    /// Lends everything to `work`, as one write; when it fails nothing of it remains.
    pub(super) fn change<T>(&mut self, work: impl FnOnce(Holdings<'_>) -> Result<T>) -> Result<T> {
        let (mut before, changed_before) = (None, self.beside_changed);
        let done = self.write(|db| {
            before = Some(Box::new((db.evidence.clone(), db.vocabulary.clone())));
            db.beside_changed = true;
            work(Holdings { graph: &mut db.graph, evidence: &mut db.evidence, vocabulary: &mut db.vocabulary })
        });
        match (&done, before, &mut self.transaction) {
            (Ok(_), before, Some(open)) if open.beside.is_none() => open.beside = before,
            (Err(_), Some(before), _) => {
                (self.evidence, self.vocabulary) = *before;
                self.beside_changed = changed_before;
            }
            _ => {}
        }
        done
    }

    /// Goes on with a transaction although a statement of it failed.
    pub(super) fn go_on(&mut self) {
        if let Some(open) = &mut self.transaction {
            open.failed = false;
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
        if self.transaction.is_some() {
            self.rollback()?;
        }
        self.procedures.clear();
        let (evidence, vocabulary) = (std::mem::take(&mut self.evidence), std::mem::take(&mut self.vocabulary));
        self.beside_changed = true;
        self.write(|db| db.graph.clear()).inspect_err(|_| {
            (self.evidence, self.vocabulary) = (evidence, vocabulary);
        })
    }

    /// Forgets what was derived from a state of the graph that is gone.
    fn forget(&mut self) {
        self.names = OnceLock::new();
        self.lists = OnceLock::new();
    }

    /// Whether the property `key` is declared to be a date, as a text. A graph without a dataset declares nothing.
    pub(super) fn is_date(&self, key: &str) -> bool {
        !self.evidence.is_empty() && self.vocabulary.is_date(key)
    }

    /// The names of the nodes.
    pub(super) fn names(&self) -> &Arc<NameIndex> {
        self.names.get_or_init(|| Arc::new(NameIndex::of_graph(&self.graph)))
    }

    /// Makes what was written final: durable when there is a store.
    fn finish(&mut self) -> Result<()> {
        #[cfg(feature = "store")]
        if let Some(store) = &mut self.store {
            let store = store.get_mut().unwrap_or_else(PoisonError::into_inner);
            let mut contents =
                Contents { graph: &mut self.graph, evidence: &mut self.evidence, vocabulary: &mut self.vocabulary };
            return store.commit(&mut contents, std::mem::take(&mut self.beside_changed));
        }
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

    /// Takes the store's write lock and brings everything up to its last commit; what was found out before does not count.
    fn lock_store(&mut self) -> Result<()> {
        self.version += 1;
        self.forget();
        #[cfg(feature = "store")]
        if let Some(store) = &mut self.store {
            let store = store.get_mut().unwrap_or_else(PoisonError::into_inner);
            let mut contents =
                Contents { graph: &mut self.graph, evidence: &mut self.evidence, vocabulary: &mut self.vocabulary };
            store.begin(&mut contents)?;
        }
        Ok(())
    }

    fn unlock_store(&mut self) {
        #[cfg(feature = "store")]
        if let Some(store) = &mut self.store {
            store.get_mut().unwrap_or_else(PoisonError::into_inner).rollback();
        }
    }

    /// Brings everything up to what other processes have committed.
    #[cfg(feature = "store")]
    pub(super) fn refresh(&mut self) -> Result<()> {
        if self.transaction.is_some() {
            return Ok(());
        }
        let Some(store) = &mut self.store else { return Ok(()) };
        let store = store.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut contents =
            Contents { graph: &mut self.graph, evidence: &mut self.evidence, vocabulary: &mut self.vocabulary };
        if store.refresh(&mut contents)? {
            self.version += 1;
            self.forget();
        }
        Ok(())
    }

    fn take_back(&mut self, open: Transaction) {
        self.undo(*open.before);
        if let Some(beside) = open.beside {
            (self.evidence, self.vocabulary) = *beside;
            self.beside_changed = false;
        }
    }

    fn undo(&mut self, before: Graph) {
        self.graph = before;
        self.version += 1;
        self.forget();
    }
}

fn state(message: &str) -> Error {
    Error::new(Class::TransactionError, Phase::Runtime, Code::TransactionState, message)
}
