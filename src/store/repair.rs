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
use super::{Contents, Store, beside, log, purge};
use crate::error::{Code, Result};
use crate::graph::{Graph, rewrite};
use crate::provenance::{Evidence, Vocabulary};

/// What a store holds as far as it can be read, and what is wrong with it.
#[derive(Debug)]
pub struct Salvage {
    graph: Graph,
    evidence: Evidence,
    vocabulary: Vocabulary,
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
    pub fn read(path: &Path) -> Result<Self> {
        if !file::recognise(path)? {
            return Err(store_error(Code::StoreIo, format!("there is no store at {}", path.display())));
        }
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let registered = Arc::new(file::register(&path)?);
        let (mut head, parts, graph) = Store::snapshot(&path, &registered)?;
        graph.load_everything()?;
        let (evidence, vocabulary) = (Evidence::default(), Vocabulary::default());
        let mut salvage =
            Self { graph, evidence, vocabulary, findings: Vec::new(), commit: head.seq, commits: head.seq };
        let mut contents = Contents {
            graph: &mut salvage.graph,
            evidence: &mut salvage.evidence,
            vocabulary: &mut salvage.vocabulary,
        };
        Store::read_beside(&parts, &mut contents)?;

        let conn = file::connect_to_read(&path)?;
        conn.execute_batch("BEGIN").map_err(damage_or)?;
        let last = Head::read(&conn)?;
        if last.image() != head.image() {
            return Err(damaged("the store", "it was written to while it was read; try again"));
        }
        salvage.commits = last.seq;
        let sql = "SELECT seq, chain, data FROM log WHERE seq > ? AND seq < ? ORDER BY seq";
        let mut statement = conn.prepare(sql).map_err(damage_or)?;
        let mut rows = statement.query([head.seq as i64, file::HEAD]).map_err(damage_or)?;
        while let Some(row) = rows.next().map_err(damage_or)? {
            let (seq, chain) =
                (row.get::<_, i64>(0).map_err(damage_or)? as u64, row.get::<_, u32>(1).map_err(damage_or)?);
            let data = row.get_ref(2).and_then(|data| Ok(data.as_blob()?)).map_err(damage_or)?;
            if seq != head.seq + 1 || chain != last.link(head.chain, seq, data) {
                break;
            }
            if !salvage.record(seq, data) {
                break;
            }
            (head.seq, head.chain, salvage.commit) = (seq, chain, seq);
        }
        if salvage.commit < salvage.commits {
            salvage.findings.push(format!(
                "commits {} to {}: record {} of the log does not fit its checksum, or is not there; nothing after it can be read",
                salvage.commit + 1,
                salvage.commits,
                salvage.commit + 1
            ));
        }
        salvage.leave_out_what_has_no_ends();
        Ok(salvage)
    }

    /// Does again what a record says, as far as it fits; false when it is no record.
    fn record(&mut self, seq: u64, data: &[u8]) -> bool {
        let (before, findings) = (self.graph.clone(), &mut self.findings);
        let read = log::visit(data, &mut self.graph, |graph, change| {
            if let Err(error) = graph.apply_whole(&change) {
                findings.push(format!("commit {seq}: cannot {}: {}", graph.change_in_words(&change), error.message()));
            }
            Ok(())
        });
        let Ok(beside) = read else {
            self.graph = before;
            return false;
        };
        let mut contents =
            Contents { graph: &mut self.graph, evidence: &mut self.evidence, vocabulary: &mut self.vocabulary };
        purge(&mut contents, true);
        if let Some(bytes) = beside
            && beside::read(bytes, &mut contents).is_err()
        {
            self.findings.push(format!(
                "commit {seq}: its evidence and vocabulary speak of nodes or relationships that are gone; those of the commit before are kept"
            ));
        }
        true
    }

    fn leave_out_what_has_no_ends(&mut self) {
        for rel in rewrite::without_ends(&self.graph) {
            let mentions: Vec<&str> = self.evidence.mentions_of(rel).map(|mention| &*mention.id).collect();
            let evidence = match mentions.is_empty() {
                true => String::new(),
                false => format!("; its evidence goes with it: {}", mentions.join(", ")),
            };
            let conflicts = &self.vocabulary.conflicts;
            let sides = conflicts.iter().filter(|conflict| conflict.sides.iter().any(|side| side.rel == rel));
            let conflicts: Vec<&str> = sides.map(|conflict| &*conflict.id).collect();
            let conflicts = match conflicts.is_empty() {
                true => String::new(),
                false => format!("; so do the conflicts that name it: {}", conflicts.join(", ")),
            };
            self.findings.push(format!("{}{evidence}{conflicts}", rewrite::described(&self.graph, rel)));
            self.graph.delete_rel(rel);
        }
        let mut contents =
            Contents { graph: &mut self.graph, evidence: &mut self.evidence, vocabulary: &mut self.vocabulary };
        purge(&mut contents, true);
    }

    /// Writes what was read, without what the findings name, into a store where no file is yet; what cannot be taken
    /// along even so is added to the findings. Returns how many nodes, relationships, indexes and constraints it has.
    /// Errors: `StoreIo` (also when a file is there), `StoreDamaged`.
    pub fn write(&mut self, to: &Path) -> Result<[u64; 3]> {
        if to.symlink_metadata().is_ok() {
            return Err(store_error(Code::StoreIo, format!("{} exists already", to.display())));
        }
        let (mut graph, refused) = rewrite::rewritten(&self.graph)?;
        self.findings.extend(refused);
        let beside = beside::write(&self.graph, &self.evidence, &self.vocabulary);
        let (mut evidence, mut vocabulary) = (Evidence::default(), Vocabulary::default());
        let mut contents = Contents { graph: &mut graph, evidence: &mut evidence, vocabulary: &mut vocabulary };
        beside::read(&beside, &mut contents).map_err(|_| damaged("evidence", "it does not fit the graph"))?;
        Store::create(to, &graph, &evidence, &vocabulary)?;
        Ok([graph.node_count(), graph.rel_count(), graph.index_definitions().len() as u64])
    }
}
