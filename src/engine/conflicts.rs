//! Conflicts as types: what `CONFLICTS` answers.

use std::sync::Arc;

use super::Engine;
use super::rows::{Citation, Rows};
use super::session::Snapshot;
use super::source_view::SourceView;
use crate::error::Result;
use crate::lineage::columns::CONFLICTS;
use crate::lineage::{self, Disagreement, Ground, Standpoint, cells};
use crate::provenance::{FactId, MentionId, SourceId};
use crate::value::NodeRef;

/// What documents say against each other, side by side: those that the makers of the dataset declare first, in their
/// order, then those that are found.
#[derive(Clone, Debug)]
pub struct Conflicts {
    seen: SourceView,
    found: Vec<Disagreement>,
}

/// Two claims that do not go together.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Id in the dataset; empty for one that was found.
    pub id: Arc<str>,
    /// `contradiction`, `value`, `denial`, `absence`; of a declared one whatever its makers wrote.
    pub kind: Arc<str>,
    /// What it is about, when its makers say so; else empty.
    pub topic: Arc<str>,
    /// What a reader should know; may be empty.
    pub note: Arc<str>,
    /// The two claims.
    pub sides: [ConflictSide; 2],
    /// Whether they cannot both be true, whatever is not stated turns out to be; nothing for one that was declared.
    pub certain: Option<bool>,
}

/// One claim of a conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictSide {
    /// The relationship or node it is about.
    pub about: FactId,
    /// The claim in words. Two bodies may have one name: what it is about says [`Self::about`].
    pub claim: String,
    /// What it states otherwise than the other side: values by key.
    pub states: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// The mentions that state it.
    pub mentions: Vec<MentionId>,
    /// Where they stand.
    pub citations: Vec<Citation>,
    /// The documents, by id.
    pub documents: Vec<Arc<str>>,
    /// Number of independent voices among these.
    pub witnesses: usize,
}

impl Conflicts {
    pub(super) fn of(seen: SourceView, of: Option<NodeRef>) -> Self {
        let knowledge = &seen.snapshot().version.knowledge;
        let overview = seen.snapshot().version.overview();
        let lists = overview.lists(&knowledge.graph, &knowledge.evidence, &knowledge.vocabulary);
        let found = lineage::conflicts(&Ground::of(seen.known(), lists), of);
        Self { seen, found }
    }

    /// How many there are.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("CONFLICTS")?;
    /// assert_eq!(engine.conflicts(None)?.len(), rows.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// assert!(shejire::Engine::in_memory().conflicts(None)?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The snapshot they were found in, as the sources that were asked have it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let conflicts = engine.conflicts(None)?;
    /// let claim = &conflicts.iter().next().unwrap().sides[0];
    /// assert!(conflicts.seen().evidence(claim.about).len() >= claim.citations.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn seen(&self) -> &SourceView {
        &self.seen
    }

    /// Each of them.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let court = engine.entity("Constitutional Court")?.node();
    /// let claims: Vec<String> =
    ///     engine.conflicts(Some(court))?.iter().flat_map(|conflict| conflict.sides.map(|side| side.claim)).collect();
    /// assert_eq!(claims, ["Kazakhstan established Constitutional Court", "Kazakhstan re-established Constitutional Court"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Conflict> {
        self.found.iter().map(|one| {
            let Disagreement { id, kind, topic, note, sides, certain } = one;
            Conflict {
                id: id.clone(),
                kind: kind.clone(),
                topic: topic.clone(),
                note: note.clone(),
                sides: [self.side(&sides[0]), self.side(&sides[1])],
                certain: *certain,
            }
        })
    }

    fn side(&self, side: &Standpoint) -> ConflictSide {
        let known = self.seen.known();
        let places = side.places(&known);
        let mut sources: Vec<SourceId> = places.iter().map(|place| place.source).collect();
        sources.dedup();
        let documents = sources.iter().filter_map(|id| known.evidence.source(*id)).map(|source| source.id.clone());
        ConflictSide {
            about: side.about,
            claim: side.claim(&known),
            states: side.states.clone(),
            mentions: side.mentions.clone(),
            citations: self.seen.citations(places),
            documents: documents.collect(),
            witnesses: known.evidence.witnesses(&sources),
        }
    }

    /// The same as rows: those of `CONFLICTS`, a row a conflict.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.conflicts(None)?.rows()?;
    /// assert_eq!(rows.get(0).unwrap().get::<&str>("topic")?, "Constitutional Court created vs restored");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A list or map that is too large; a part of a stored graph that cannot be read.
    pub fn rows(&self) -> Result<Rows> {
        self.seen.snapshot().read(|_| {
            let known = self.seen.known();
            let cells = self.found.iter().map(|one| cells::of_conflict(one, &known));
            self.seen.rows(CONFLICTS.iter(), cells.collect::<Result<_>>()?)
        })
    }
}

impl Engine {
    /// What contradicts what as of the last commit; of one node only what is about a fact of it.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = Engine::builtin()?;
    /// let first = engine.conflicts(None)?.iter().next().unwrap();
    /// assert!(first.sides.iter().all(|side| !side.citations.is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the store.
    pub fn conflicts(&self, of: Option<NodeRef>) -> Result<Conflicts> {
        self.snapshot()?.read(|snapshot| Ok(snapshot.conflicts(of)))
    }
}

impl Snapshot {
    /// What contradicts what; of one node only what is about a fact of it. As some sources have it:
    /// [`SourceView::conflicts`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let health = snapshot.entity("Ministry of Health")?.node();
    /// assert!(snapshot.conflicts(Some(health)).iter().all(|conflict| conflict.sides[0].witnesses > 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn conflicts(&self, of: Option<NodeRef>) -> Conflicts {
        Conflicts::of(self.seen(), of)
    }
}
