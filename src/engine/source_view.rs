//! A version as some of its sources have it: what the typed answers are read from.

use std::sync::Arc;

use smallvec::SmallVec;

use super::conflicts::Conflicts;
use super::entities;
use super::rows::{Citation, Entities, NodeData, RelData, Rows};
use super::session::Snapshot;
use crate::error::Result;
use crate::exec::view::{Seeing, in_view};
use crate::lineage::columns::Column;
use crate::lineage::stated::Known;
use crate::lineage::validity::days_of;
use crate::lineage::{lives, whose};
use crate::provenance::{Place, RelationType, SourceId, ValueType, View, Views};
use crate::value::{NodeRef, RelRef, Value};

/// Whose word is taken: everybody's, that of some sources, or that of those known by a day. What `ACCORDING TO` and
/// `KNOWN BY` say in the language.
///
/// ```
/// use shejire::engine::Whose;
///
/// let whose = Whose::default().according_to(["003", "007"]).known_by("2020");
/// assert_eq!(whose.to_string(), " ACCORDING TO '003', '007' KNOWN BY '2020'");
/// assert_eq!(Whose::default().to_string(), "");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Whose {
    according_to: Vec<Arc<str>>,
    known_by: Option<(Value, bool)>,
}

impl Whose {
    /// Also that of these sources, by their ids.
    ///
    /// ```
    /// use shejire::engine::Whose;
    ///
    /// let two = Whose::default().according_to(["register"]).according_to(["chronicle"]);
    /// assert_eq!(two.to_string(), " ACCORDING TO 'register', 'chronicle'");
    /// ```
    #[must_use]
    pub fn according_to<S: Into<Arc<str>>>(mut self, sources: impl IntoIterator<Item = S>) -> Self {
        self.according_to.extend(sources.into_iter().map(Into::into));
        self
    }

    /// Only that of sources that may have been read by the end of that day.
    ///
    /// ```
    /// use shejire::engine::Whose;
    ///
    /// assert_eq!(Whose::default().known_by("1995").to_string(), " KNOWN BY '1995'");
    /// ```
    #[must_use]
    pub fn known_by(self, date: impl Into<Value>) -> Self {
        Self { known_by: Some((date.into(), false)), ..self }
    }

    /// Only that of sources that were certainly there by the end of that day.
    ///
    /// ```
    /// use shejire::engine::Whose;
    ///
    /// assert_eq!(Whose::default().certainly_known_by("1995").to_string(), " KNOWN BY CERTAIN '1995'");
    /// ```
    #[must_use]
    pub fn certainly_known_by(self, date: impl Into<Value>) -> Self {
        Self { known_by: Some((date.into(), true)), ..self }
    }

    /// Whether everybody's is taken.
    ///
    /// ```
    /// use shejire::engine::Whose;
    ///
    /// assert!(Whose::default().is_everybody());
    /// assert!(!Whose::default().known_by("2020").is_everybody());
    /// ```
    pub fn is_everybody(&self) -> bool {
        self.according_to.is_empty() && self.known_by.is_none()
    }

    /// The words of its clauses.
    pub(super) fn clauses(&self) -> Vec<&'static str> {
        let mut clauses = Vec::new();
        clauses.extend((!self.according_to.is_empty()).then_some("ACCORDING TO"));
        clauses.extend(self.known_by.is_some().then_some("KNOWN BY"));
        clauses
    }
}

/// The clauses as a query has them, with a blank before.
impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (source, number) in self.according_to.iter().zip(0..) {
            f.write_str(if number == 0 { " ACCORDING TO " } else { ", " })?;
            f.write_str(&crate::value::text::quoted(source))?;
        }
        match &self.known_by {
            None => Ok(()),
            Some((date, certain)) => {
                write!(
                    f,
                    " KNOWN BY {}{}",
                    if *certain { "CERTAIN " } else { "" },
                    super::lineage::literal(date, "known")
                )
            }
        }
    }
}

/// A snapshot as some of its sources have it: properties, names, lives and evidence are those that these sources state.
/// Handles that it gives stay valid with it and with every snapshot of the same commit.
///
/// ```
/// use shejire::Engine;
/// use shejire::engine::Whose;
///
/// # fn main() -> shejire::Result<()> {
/// let snapshot = Engine::builtin()?.snapshot()?;
/// let seen = snapshot.as_told_by(&Whose::default().according_to(["003"]))?;
/// assert!(seen.conflicts(None).len() < snapshot.conflicts(None).len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SourceView {
    snapshot: Snapshot,
    views: Arc<Views>,
    /// The number of the view; 0 sees everything.
    number: u32,
}

impl SourceView {
    /// A snapshot as everybody, or a view, has it.
    pub(super) fn of(snapshot: Snapshot, view: Option<View>) -> Self {
        let mut views = Views::default();
        let number = view.map_or(0, |view| views.number(view));
        Self { snapshot, views: Arc::new(views), number }
    }

    /// The snapshot behind it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let seen = shejire::Engine::builtin()?.snapshot()?.seen();
    /// assert_eq!(seen.snapshot().sources().len(), 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(super) fn seeing(&self) -> Seeing<'_> {
        let knowledge = &self.snapshot.version.knowledge;
        let (graph, evidence, vocabulary) = (&knowledge.graph, &knowledge.evidence, &knowledge.vocabulary);
        Seeing { graph, evidence, vocabulary, views: &self.views }
    }

    pub(super) fn known(&self) -> Known<'_> {
        self.seeing().known(self.number)
    }

    /// A node's content; nothing when there is no such node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (b:Bridge {span: 120}) RETURN b")?;
    /// let bridge = rows.get(0).unwrap().get::<NodeRef>("b")?;
    /// assert_eq!(engine.snapshot()?.seen().node(bridge).unwrap().get::<i64>("span")?, 120);
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self, node: NodeRef) -> Option<NodeData> {
        let seeing = self.seeing();
        seeing.graph.node_exists(node).then(|| entities::node_seen(seeing, node.in_view(self.number)))
    }

    /// A relationship's content; nothing when there is no such relationship.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Town)-[r:PAYS {pence: 12}]->(:Abbey) RETURN r")?;
    /// let dues = rows.get(0).unwrap().get::<RelRef>("r")?;
    /// let seen = engine.snapshot()?.seen();
    /// assert_eq!(&*seen.rel(dues).unwrap().ty, "PAYS");
    /// # Ok(())
    /// # }
    /// ```
    pub fn rel(&self, rel: RelRef) -> Option<RelData> {
        let seeing = self.seeing();
        seeing.graph.rel_exists(rel).then(|| entities::rel_seen(seeing, rel.in_view(self.number)))
    }

    /// Start and end of a relationship; nothing when there is no such relationship.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (:Town {name: 'Wells'})-[r:PAYS]->(:Abbey {name: 'Glastonbury'}) RETURN r")?;
    /// let seen = engine.snapshot()?.seen();
    /// let (payer, _) = seen.ends(rows.get(0).unwrap().get::<RelRef>("r")?).unwrap();
    /// assert_eq!(seen.name(payer), "Wells");
    /// # Ok(())
    /// # }
    /// ```
    pub fn ends(&self, rel: RelRef) -> Option<(NodeRef, NodeRef)> {
        let graph = self.seeing().graph;
        let ends = graph.rel_exists(rel).then(|| graph.rel(rel))?;
        Some((ends.start, ends.end))
    }

    /// What a node is called: its `name`, else its `value`, else its `id`, else its number.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.run("CREATE (f:Ferry {id: 'ferry-3'}) RETURN f")?;
    /// let ferry = rows.get(0).unwrap().get::<NodeRef>("f")?;
    /// assert_eq!(engine.snapshot()?.seen().name(ferry), "ferry-3");
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self, node: NodeRef) -> String {
        crate::lineage::node_name(self.seeing().graph, node)
    }

    /// What the dataset declares about a relationship type.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let seen = shejire::Engine::builtin()?.snapshot()?.seen();
    /// assert!(seen.relation_type("transformed-into").is_some_and(|declared| declared.descent.is_some()));
    /// assert!(seen.relation_type("NEVER_DECLARED").is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn relation_type(&self, name: &str) -> Option<&RelationType> {
        self.snapshot.relation_type(name)
    }

    /// What the values are that mentions of a relationship type state under a key.
    ///
    /// ```
    /// use shejire::Engine;
    /// use shejire::provenance::ValueType;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let seen = Engine::builtin()?.snapshot()?.seen();
    /// assert_eq!(seen.value_type("transformed-into", "date"), ValueType::Edtf);
    /// # Ok(())
    /// # }
    /// ```
    pub fn value_type(&self, relation: &str, key: &str) -> ValueType {
        self.seeing().vocabulary.qualifier(key, relation).ty
    }

    /// The stretches of time in which a node existed.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::from_folder("examples/city-councils".as_ref())?;
    /// let assembly = engine.entity("city-assembly")?;
    /// let life = assembly.seen().life(assembly.node());
    /// assert_eq!(life.intervals[0].start.text.as_deref(), Some("2019"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn life(&self, node: NodeRef) -> Life {
        let knowledge = &self.snapshot.version.knowledge;
        let kinds = self.snapshot.version.overview().kinds(&knowledge.graph, &knowledge.vocabulary);
        let life = lives::of(&self.known(), kinds, node);
        let side = |bound: lives::Bound| LifeBound {
            text: bound.text.clone(),
            disputed: bound.disputed,
            citations: {
                let known = self.known();
                self.citations(bound.stated.iter().flat_map(|boundary| boundary.places(&known)))
            },
        };
        let intervals = life.intervals.into_iter();
        Life { intervals: intervals.map(|i| LifeInterval { start: side(i.begin), end: side(i.end) }).collect() }
    }

    /// What contradicts what, of everything or of one node; see [`Snapshot::conflicts`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Whose;
    ///
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let press = snapshot.as_told_by(&Whose::default().according_to(["001"]))?;
    /// assert!(press.conflicts(None).iter().all(|conflict| conflict.sides[0].documents == ["001".into()]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn conflicts(&self, of: Option<NodeRef>) -> Conflicts {
        Conflicts::of(self.clone(), of)
    }

    /// A place as it is cited.
    pub(super) fn citation(&self, place: Place) -> Citation {
        let evidence = self.seeing().evidence;
        Citation {
            source: evidence.source(place.source).map_or_else(|| "?".into(), |source| source.id.clone()),
            locator: evidence.cite(place).into(),
        }
    }

    /// Places as they are cited, in the order they come, each once.
    pub(super) fn citations(&self, places: impl IntoIterator<Item = Place>) -> Vec<Citation> {
        let mut all: Vec<Place> = Vec::new();
        for place in places {
            if !all.contains(&place) {
                all.push(place);
            }
        }
        all.into_iter().map(|place| self.citation(place)).collect()
    }

    /// How many independent voices speak in documents.
    pub(super) fn witnesses(&self, sources: &[SourceId]) -> usize {
        self.seeing().evidence.witnesses(sources)
    }

    /// Rows made of cells, as the language answers them.
    pub(super) fn rows(&self, columns: impl Iterator<Item = &'static Column>, cells: Vec<Vec<Value>>) -> Result<Rows> {
        let see = |cell: Value| if self.number == 0 { Ok(cell) } else { in_view(cell, self.number) };
        let cells = cells.into_iter().map(|row| row.into_iter().map(see).collect::<Result<_>>());
        let mut rows = Rows::of(columns.map(|column| column.name.into()).collect(), cells.collect::<Result<_>>()?);
        let mut entities = Entities::default();
        rows.values.iter().for_each(|value| entities.gather(self.seeing(), value));
        rows.entities = entities;
        Ok(rows)
    }
}

/// When a node existed, as often as it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// From the first to the last stretch; none where nothing dated is known.
    pub intervals: Vec<LifeInterval>,
}

/// A stretch of a life.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifeInterval {
    /// When it began.
    pub start: LifeBound,
    /// When it ended.
    pub end: LifeBound,
}

/// A begin or an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifeBound {
    /// The date (EDTF), a set where documents differ, `..` where it is stated that there is none; nothing when it is not
    /// stated.
    pub text: Option<Arc<str>>,
    /// Whether documents state what cannot be true together.
    pub disputed: bool,
    /// Where it is stated.
    pub citations: Vec<Citation>,
}

impl Snapshot {
    /// The snapshot as everybody has it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let senate = snapshot.seen().entity("Senate")?;
    /// assert_eq!(senate.name(), "Senate");
    /// # Ok(())
    /// # }
    /// ```
    pub fn seen(&self) -> SourceView {
        SourceView::of(self.clone(), None)
    }

    /// The snapshot as some of its sources have it. Errors: `NameNotFound` (no such source), `InvalidTemporal` (no date).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::Whose;
    ///
    /// let snapshot = shejire::Engine::builtin()?.snapshot()?;
    /// let two = snapshot.as_told_by(&Whose::default().according_to(["000", "001"]))?;
    /// let kurultai = two.entity("National Kurultai")?;
    /// assert!(kurultai.support() <= 2);
    /// assert!(snapshot.as_told_by(&Whose::default().according_to(["no such source"])).is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_told_by(&self, whose: &Whose) -> Result<SourceView> {
        let evidence = &self.version.knowledge.evidence;
        let mut view: Option<View> = None;
        if !whose.according_to.is_empty() {
            let mut sources: SmallVec<[SourceId; 4]> = SmallVec::new();
            for id in &whose.according_to {
                let refuse = |id: &str| whose::no_such_source(id, evidence);
                whose::add_sources(&Value::Str(id.clone()), evidence, Some(&refuse), &mut sources)?;
            }
            view = Some(View::of(sources));
        }
        if let Some((date, certain)) = &whose.known_by {
            let known = whose::known_by(evidence, days_of(date)?, *certain);
            view = Some(view.map_or(known.clone(), |view| view.intersection(&known)));
        }
        Ok(SourceView::of(self.clone(), view))
    }
}
