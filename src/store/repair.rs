//! What can be read of a damaged store, and a sound copy of it.
//!
//! ```text
//! image ─► log, change by change ─► relationships without ends ─► a graph written anew ─► NEW
//!              │ does not fit: told,     │ told with all they hold,
//!              ▼ the rest goes on        ▼ left out
//! ```
//!
//! What is left out is told, one line each. The image must be whole: a part that does not fit its checksum is an error,
//! since nobody knows what it held. The file is only read.

use std::path::Path;
use std::sync::Arc;

use super::file::{self, Head, damage_or, damaged, store_error};
use super::log::{self, Record};
use super::{Store, beside, companions, connect, follow};
use crate::error::{Code, Result};
use crate::graph::rewrite;
use crate::provenance::KnowledgeGraph;

/// What a store holds as far as it can be read, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Salvage {
    knowledge: KnowledgeGraph,
    /// What a copy leaves out, and why; one line each.
    pub findings: Vec<String>,
    /// The last commit that could be read.
    pub commit: u64,
    /// The last commit there is.
    pub commits: u64,
}

impl Salvage {
    /// Reads a store as far as it goes. Errors: `StoreIo`, `StoreVersion`, and `StoreDamaged` when a part of the image
    /// cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        if !file::recognise_to_salvage(path)? {
            return Err(store_error(Code::StoreIo, format!("there is no store at {}", path.display())));
        }
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let registered = Arc::new(file::register(&path)?);
        let _looking = connect::Looking::at(&path, &registered)?; // the last to be closed
        let follow::Image { mut head, knowledge, .. } = follow::image(&path, &registered)?;
        knowledge.load_everything()?;
        (head.seq, head.chain) = (head.image_seq, head.image_chain);
        let mut salvage = Self { knowledge, findings: Vec::new(), commit: head.seq, commits: head.seq };

        let conn = connect::to_read(&path)?;
        conn.execute_batch("BEGIN").map_err(damage_or)?;
        let last = Head::read(&conn)?;
        if last.image() != head.image() {
            return Err(damaged("the store", "it was written to while it was read; try again"));
        }
        salvage.commits = last.seq;
        'log: loop {
            let records = log::records(&conn, head.seq)?;
            if records.is_empty() {
                break;
            }
            for Record { seq, chain, data } in records {
                if seq != head.seq + 1 || chain != last.link(head.chain, seq, &data) || !salvage.record(seq, &data) {
                    break 'log;
                }
                (head.seq, head.chain, salvage.commit) = (seq, chain, seq);
            }
        }
        if salvage.commit < salvage.commits {
            salvage.findings.push(format!(
                "commits {} to {}: record {} of the log does not fit its checksum, or is not there; nothing after it can be read",
                salvage.commit + 1,
                salvage.commits,
                salvage.commit + 1
            ));
        }
        if let Some(lost) = registered.bare.as_ref().map(|file| companions::lost(&path, file)).transpose()?.flatten() {
            salvage.findings.push(format!("SQLite's log beside the store: {lost}"));
        }
        salvage.leave_out_what_has_no_ends();
        Ok(salvage)
    }

    /// Does again what a record says, as far as it fits; false when it is no record.
    fn record(&mut self, seq: u64, data: &[u8]) -> bool {
        let (before, findings) = (self.knowledge.clone(), &mut self.findings);
        let read = log::visit(data, &mut self.knowledge.graph, |graph, change| {
            if let Err(error) = graph.apply_whole(&change) {
                findings.push(format!("commit {seq}: cannot {}: {}", graph.change_in_words(&change), error.message()));
            }
            Ok(())
        });
        let Ok(beside) = read else {
            self.knowledge = before;
            return false;
        };
        self.knowledge.commit_replayed();
        let before = self.knowledge.clone();
        if beside.replay(&mut self.knowledge).is_err() {
            self.knowledge = before;
            self.findings.push(format!(
                "commit {seq}: its evidence and vocabulary speak of nodes or relationships that are gone; those of the commit before are kept"
            ));
        }
        true
    }

    fn leave_out_what_has_no_ends(&mut self) {
        let KnowledgeGraph { graph, evidence, vocabulary } = &mut self.knowledge;
        for rel in rewrite::without_ends(graph) {
            let mentions: Vec<&str> = evidence.mentions_of(rel).map(|mention| &*mention.id).collect();
            let evidence = match mentions.is_empty() {
                true => String::new(),
                false => format!("; its evidence goes with it: {}", mentions.join(", ")),
            };
            let conflicts = &vocabulary.conflicts;
            let sides = conflicts.iter().filter(|conflict| conflict.sides.iter().any(|side| side.rel == rel));
            let conflicts: Vec<&str> = sides.map(|conflict| &*conflict.id).collect();
            let conflicts = match conflicts.is_empty() {
                true => String::new(),
                false => format!("; so do the conflicts that name it: {}", conflicts.join(", ")),
            };
            self.findings.push(format!("{}{evidence}{conflicts}", rewrite::described(graph, rel)));
            graph.delete_rel(rel);
        }
        self.knowledge.commit_replayed();
    }

    /// Writes what was read, without what the findings name, into a store where no file is yet; what cannot be taken
    /// along even so is added to the findings. Returns how many nodes, relationships, indexes and constraints it has.
    /// Errors: `StoreIo` (also when a file is there), `StoreDamaged`.
    pub(crate) fn write(&mut self, to: &Path) -> Result<[u64; 3]> {
        if to.symlink_metadata().is_ok() {
            return Err(store_error(Code::StoreIo, format!("{} exists already", to.display())));
        }
        let (graph, refused) = rewrite::rewritten(&self.knowledge.graph)?;
        self.findings.extend(refused);
        let beside = beside::write(&self.knowledge);
        let mut copy = KnowledgeGraph { graph, ..KnowledgeGraph::default() };
        beside::read(&beside, &mut copy).map_err(|_| damaged("evidence", "it does not fit the graph"))?;
        Store::create(to, &copy)?;
        let graph = &copy.graph;
        Ok([graph.node_count(), graph.rel_count(), graph.index_and_constraint_count()])
    }
}
