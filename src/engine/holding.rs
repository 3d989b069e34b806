//! When facts and lives held, as types: what `holds()`, `earliest()` and `latest()` answer.

use std::sync::Arc;

use super::source_view::SourceView;
use crate::error::Result;
use crate::lineage::lives;
use crate::lineage::validity::{Holds, days_of};
use crate::provenance::FactId;
use crate::value::Value;

/// The days between which something may have held: a day each, as EDTF; nothing on a side that is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first day on which it may have held.
    pub earliest: Option<Arc<str>>,
    /// The last one.
    pub latest: Option<Arc<str>>,
}

impl SourceView {
    /// Whether a relationship held, or a node existed, on a day (of a month or a year: on some day of it): nothing where the
    /// documents neither say so nor exclude it. What is not there, and a mention by itself, is not stated.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let seen = Engine::from_folder("examples/city-councils".as_ref())?.snapshot()?.seen();
    /// let assembly = seen.entity("city-assembly")?.node();
    /// assert_eq!(seen.holds(assembly, "2010")?, Some(false));
    /// assert_eq!(seen.holds(assembly, "2024-01-01")?, Some(true));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidTemporal`: that is no date.
    pub fn holds(&self, of: impl Into<FactId>, date: impl Into<Value>) -> Result<Option<bool>> {
        let days = days_of(&date.into())?;
        let knowledge = &self.snapshot().version.knowledge;
        let overview = self.snapshot().version.overview();
        let holds = match of.into() {
            FactId::Rel(rel) if knowledge.graph.rel_exists(rel) => {
                let lists = overview.lists(&knowledge.graph, &knowledge.evidence, &knowledge.vocabulary);
                self.known().rel_holds(rel, lists, days)
            }
            FactId::Node(node) if knowledge.graph.node_exists(node) => {
                let kinds = overview.kinds(&knowledge.graph, &knowledge.vocabulary);
                lives::of(&self.known(), kinds, node).holds(days)
            }
            FactId::Rel(_) | FactId::Node(_) | FactId::Mention(_) => Holds::NotStated,
        };
        Ok(match holds {
            Holds::Yes => Some(true),
            Holds::No => Some(false),
            Holds::NotStated => None,
        })
    }

    /// The days between which a relationship may have held, as far as its mentions say.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let seen = Engine::from_folder("examples/city-councils".as_ref())?.snapshot()?.seen();
    /// let facts = seen.entity("harbour-board")?.facts();
    /// let merged = facts.iter().find(|fact| &*fact.kind == "merged-into").unwrap();
    /// let span = seen.span(merged.rel); // the documents differ
    /// assert_eq!((span.earliest.as_deref(), span.latest.as_deref()), (Some("2004-12-31"), Some("2005-12-31")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn span(&self, rel: crate::value::RelRef) -> Span {
        let knowledge = &self.snapshot().version.knowledge;
        if !knowledge.graph.rel_exists(rel) {
            return Span::default();
        }
        let overview = self.snapshot().version.overview();
        let lists = overview.lists(&knowledge.graph, &knowledge.evidence, &knowledge.vocabulary);
        let time = self.known().rel_time(rel, lists);
        let text = |day: crate::value::edtf::Day| -> Arc<str> { day.to_string().into() };
        Span { earliest: time.earliest().map(text), latest: time.latest().map(text) }
    }
}
