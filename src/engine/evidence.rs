//! Entities and the evidence for them as types: who a name means, what documents say of it, place by place.

use std::sync::Arc;

use super::Engine;
use super::rows::{Citation, NodeData};
use super::session::Snapshot;
use super::source_view::SourceView;
use crate::error::{Code, Result};
use crate::graph::Dir;
use crate::lineage::names::{UsedName, used};
use crate::lineage::question::{meant, unknown};
use crate::provenance::{Confidence, FactId, Identified, Mention, Mode, Saying, SourceId};
use crate::value::{NodeRef, RelRef, Value};

/// One place that speaks of a relationship or of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Where.
    pub citation: Citation,
    /// What the document is called; may be empty.
    pub title: Arc<str>,
    /// What is said there of a fact or a life; nothing where the place only names the node.
    pub mention: Option<Mentioned>,
    /// Whether the mention fits each of several facts.
    pub either: bool,
    /// The names that a place which names the node uses.
    pub names: Vec<Arc<str>>,
}

/// What one place says, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Mentioned {
    /// Id in the dataset; may be empty.
    pub id: Arc<str>,
    /// How plainly.
    pub confidence: Confidence,
    /// In which way.
    pub mode: Mode,
    /// Whose word a place that reports gives.
    pub by: Option<Arc<str>>,
    /// The name as the place writes it.
    pub as_named: Option<Arc<str>>,
    /// How surely the entities are those that the place means.
    pub identified: Identified,
    /// The occurrence or event it belongs to.
    pub event: Option<Arc<str>>,
    /// The id of the mention that it corrects.
    pub corrects: Option<Arc<str>>,
    /// What it states: values by key, as properties spell it, in order of key.
    pub states: Vec<(Arc<str>, Vec<Arc<str>>)>,
}

/// A relationship with the places that speak of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FactEvidence {
    /// The relationship.
    pub rel: RelRef,
    /// Its type.
    pub kind: Arc<str>,
    /// Its start.
    pub start: NodeRef,
    /// Its end.
    pub end: NodeRef,
    /// Number of documents that assert it.
    pub support: usize,
    /// Number of independent voices among these.
    pub witnesses: usize,
    /// Every place that speaks of it; those that deny it have the mode of that name.
    pub evidence: Vec<Evidence>,
}

/// A name of an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityName {
    /// The name.
    pub name: Arc<str>,
    /// Its language (`kk`); empty when not stated.
    pub language: Arc<str>,
    /// Its script (`Latn`); empty when not stated.
    pub script: Arc<str>,
    /// `preferred`, `alternate`, `abbreviation`, `description` or `editorial`; `label` for the dataset's own word.
    pub status: Arc<str>,
    /// The places that use it.
    pub citations: Vec<Citation>,
}

impl EntityName {
    /// The documents that use it, by id, each once.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let court = engine.entity("Constitutional Court")?;
    /// let documents = court.names()[0].documents();
    /// assert!(documents.contains(&"000".into()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn documents(&self) -> Vec<Arc<str>> {
        let mut documents: Vec<Arc<str>> = self.citations.iter().map(|citation| citation.source.clone()).collect();
        documents.dedup();
        documents
    }
}

/// A node with what documents know of it. In a large store that is read when it is asked for: whether all of it could be
/// says [`Snapshot::read`].
#[derive(Clone, Debug)]
pub struct Entity {
    seen: SourceView,
    node: NodeRef,
}

impl Entity {
    /// Its handle.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let senate = engine.entity("Senate")?;
    /// assert_eq!(engine.node(senate.node()).unwrap().get::<&str>("name")?, "Senate");
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self) -> NodeRef {
        self.node
    }

    /// What it is called.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// assert_eq!(engine.entity("Конституциялық Сот")?.name(), "Constitutional Court");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> String {
        self.seen.name(self.node)
    }

    /// Its content.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Lighthouse {name: 'North light', height: 31})")?;
    /// assert_eq!(engine.entity("north light")?.content().get::<i64>("height")?, 31);
    /// # Ok(())
    /// # }
    /// ```
    pub fn content(&self) -> NodeData {
        self.seen.node(self.node).unwrap_or_default()
    }

    /// Number of documents that name it or state its life.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// assert_eq!(engine.run("MATCH (n {name: 'Senate'}) RETURN support(n) AS n")?.get(0).unwrap().get::<usize>("n")?,
    ///            engine.entity("Senate")?.support());
    /// # Ok(())
    /// # }
    /// ```
    pub fn support(&self) -> usize {
        self.documents().len()
    }

    /// Number of independent voices among these.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let court = engine.entity("Constitutional Court")?;
    /// assert!(court.support() > 1);
    /// assert_eq!(court.witnesses(), 1, "all five documents come from one government");
    /// # Ok(())
    /// # }
    /// ```
    pub fn witnesses(&self) -> usize {
        self.seen.witnesses(&self.documents())
    }

    fn documents(&self) -> smallvec::SmallVec<[SourceId; 8]> {
        let known = self.seen.known();
        known.evidence.documents_seen(self.node.into(), known.view)
    }

    /// Its names, its own first, each with the places that use it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let names = engine.entity("National Kurultai")?.names();
    /// assert_eq!(&*names[0].name, "National Kurultai");
    /// assert!(names.iter().any(|name| &*name.script == "Cyrl"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn names(&self) -> Vec<EntityName> {
        self.seen.names(self.node)
    }

    /// The places that name it, then those that state its life.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let places = engine.entity("National Kurultai")?.evidence();
    /// assert!(places.iter().any(|place| place.citation.to_string() == "000:11"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn evidence(&self) -> Vec<Evidence> {
        self.seen.evidence(self.node)
    }

    /// The relationships it is an end of, the best supported first, then by type and age.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let facts = engine.entity("National Kurultai")?.facts();
    /// let origin = facts.iter().find(|fact| &*fact.kind == "transformed-into").unwrap();
    /// assert_eq!((origin.support, origin.evidence.len()), (2, 3));
    /// # Ok(())
    /// # }
    /// ```
    pub fn facts(&self) -> Vec<FactEvidence> {
        self.seen.facts(self.node)
    }

    /// The snapshot it is read from.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let senate = engine.entity("Senate")?;
    /// assert_eq!(senate.seen().name(senate.node()), senate.name());
    /// # Ok(())
    /// # }
    /// ```
    pub fn seen(&self) -> &SourceView {
        &self.seen
    }
}

impl SourceView {
    /// Every place that speaks of a relationship or a node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN r")?;
    /// let fact = rows.get(0).unwrap().get::<RelRef>("r")?;
    /// assert_eq!(engine.snapshot()?.seen().evidence(fact).len(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn evidence(&self, of: impl Into<FactId>) -> Vec<Evidence> {
        let known = self.known();
        known.evidence.sayings(of.into(), known.view).into_iter().map(|saying| self.saying(saying)).collect()
    }

    fn saying(&self, saying: Saying<'_>) -> Evidence {
        let Saying { place, mention, either, names } = saying;
        let title = self.known().evidence.source(place.source).map_or_else(Arc::default, |source| source.title.clone());
        Evidence { citation: self.citation(place), title, mention: mention.map(said), either, names }
    }

    /// A relationship with its evidence; nothing when there is no such relationship.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN r")?;
    /// let fact = engine.snapshot()?.seen().fact(rows.get(0).unwrap().get::<RelRef>("r")?).unwrap();
    /// assert_eq!(fact.support, 2);
    /// assert_eq!(fact.evidence[0].citation.to_string(), "000:11.1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn fact(&self, rel: RelRef) -> Option<FactEvidence> {
        let known = self.known();
        let ends = known.graph.rel_exists(rel).then(|| known.graph.rel(rel))?;
        let documents = known.evidence.documents_seen(rel.into(), known.view);
        Some(FactEvidence {
            rel: rel.in_view(0),
            kind: known.graph.names().type_text(ends.ty),
            start: ends.start,
            end: ends.end,
            support: documents.len(),
            witnesses: known.evidence.witnesses(&documents),
            evidence: self.evidence(rel),
        })
    }

    /// The relationships that a node is an end of, each once.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let seen = Engine::builtin()?.snapshot()?.seen();
    /// let court = seen.entity("Constitutional Court")?;
    /// assert_eq!(seen.relationships(court.node()).len(), court.facts().len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn relationships(&self, node: NodeRef) -> Vec<RelRef> {
        let known = self.known();
        let mut rels = Vec::new();
        known.graph.for_each_neighbour(node, Dir::Both, &[], |rel, _| rels.push(rel));
        rels.sort_unstable();
        rels.dedup();
        rels.retain(|rel| known.sees(*rel));
        rels
    }

    /// The relationships that a node is an end of, the best supported first, then by type and age.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let kurultai = snapshot.entity("National Kurultai")?.node();
    /// let facts = snapshot.seen().facts(kurultai);
    /// assert!(facts.windows(2).all(|pair| pair[0].support >= pair[1].support));
    /// # Ok(())
    /// # }
    /// ```
    pub fn facts(&self, node: NodeRef) -> Vec<FactEvidence> {
        let graph = self.known().graph;
        let mut facts: Vec<FactEvidence> =
            self.relationships(node).into_iter().filter_map(|rel| self.fact(rel)).collect();
        facts.sort_by_cached_key(|fact| (std::cmp::Reverse(fact.support), fact.kind.clone(), graph.rel_id(fact.rel).0));
        facts
    }

    /// What a node is called, its own name first.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let baytaq = snapshot.entity("Baitak")?.node();
    /// assert_eq!(&*snapshot.seen().names(baytaq)[0].name, "Baytaq");
    /// # Ok(())
    /// # }
    /// ```
    pub fn names(&self, node: NodeRef) -> Vec<EntityName> {
        let name = |used: UsedName<'_>| {
            let of = |text: fn(&crate::provenance::NameUse) -> &Arc<str>| used.listed.map(text).cloned();
            EntityName {
                language: of(|listed| &listed.language).unwrap_or_default(),
                script: of(|listed| &listed.script).unwrap_or_default(),
                status: of(|listed| &listed.status).unwrap_or_else(|| "label".into()),
                citations: self.citations(used.places.iter().copied()),
                name: used.name,
            }
        };
        used(&self.known(), node).into_iter().map(name).collect()
    }

    /// An entity by any of its names, its id or its handle; see [`Snapshot::entity`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::error::Code;
    ///
    /// let seen = shejire::Engine::builtin()?.snapshot()?.seen();
    /// assert_eq!(seen.entity("ohchr")?.support(), seen.entity("OHCHR")?.support());
    /// assert_eq!(seen.entity("Atlantis").unwrap_err().code(), Code::NameNotFound);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NameNotFound`, `NameAmbiguous`.
    pub fn entity(&self, who: impl Into<Value>) -> Result<Entity> {
        let names = || Arc::clone(self.snapshot().version.names());
        match meant(&who.into(), &names)? {
            Some(node) if self.known().graph.node_exists(node) => {
                Ok(Entity { seen: self.clone(), node: node.in_view(0) })
            }
            _ => Err(unknown(Code::NameNotFound, "there is no such node".to_owned())),
        }
    }
}

fn said(mention: &Mention) -> Mentioned {
    Mentioned {
        id: mention.id.clone(),
        confidence: mention.confidence,
        mode: mention.mode(),
        by: mention.by().map(Arc::from),
        as_named: mention.as_named().map(Arc::from),
        identified: mention.identified(),
        event: mention.event().map(Arc::from),
        corrects: mention.corrects().map(Arc::from),
        states: mention.states(),
    }
}

impl Engine {
    /// An entity by any of its names, its id or its handle, as of the last commit: nothing is guessed.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let court = Engine::builtin()?.entity("Constitutional Court")?;
    /// assert!(court.support() > 1);
    /// let fact = &court.facts()[0];
    /// assert_eq!(fact.support, 5);
    /// assert!(fact.evidence.iter().all(|place| place.mention.is_some()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NameNotFound`, `NameAmbiguous`; those of the store.
    pub fn entity(&self, who: impl Into<Value>) -> Result<Entity> {
        self.snapshot()?.read(|snapshot| snapshot.entity(who))
    }

    /// Every place that speaks of a relationship or a node, as of the last commit.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Mill)-[r:PAYS_TITHE_TO]->(:Abbey) RETURN r")?;
    /// let dues = rows.get(0).unwrap().get::<RelRef>("r")?;
    /// engine.change(|known| {
    ///     known.put_source(shejire::provenance::Source { id: "rent-roll".into(), ..Default::default() })?;
    ///     known.add_mention(dues.into(), &NewMention::at("rent-roll:4.1")?)
    /// })?;
    /// assert_eq!(engine.evidence(dues)?[0].citation.to_string(), "rent-roll:4.1");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the store.
    pub fn evidence(&self, of: impl Into<FactId>) -> Result<Vec<Evidence>> {
        self.snapshot()?.read(|snapshot| Ok(snapshot.evidence(of)))
    }
}

impl Snapshot {
    /// An entity by any of its names, its id or its handle: nothing is guessed.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::error::Code;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Inn {name: 'Swan'}), (:Lake {name: 'Swan'}), (:Inn {name: 'Bell'})")?;
    /// let snapshot = engine.snapshot()?;
    /// assert_eq!(snapshot.entity("bell")?.name(), "Bell");
    /// assert_eq!(snapshot.entity("Swan").unwrap_err().code(), Code::NameAmbiguous);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NameNotFound`: nothing is called so; the nearest are named. `NameAmbiguous`: several are; they are listed.
    pub fn entity(&self, who: impl Into<Value>) -> Result<Entity> {
        self.seen().entity(who)
    }

    /// Every place that speaks of a relationship or a node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let senate = snapshot.entity("Senate")?;
    /// assert_eq!(snapshot.evidence(senate.node()), senate.evidence());
    /// # Ok(())
    /// # }
    /// ```
    pub fn evidence(&self, of: impl Into<FactId>) -> Vec<Evidence> {
        self.seen().evidence(of)
    }
}
