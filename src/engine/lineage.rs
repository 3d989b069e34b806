//! Lineages as types: what `TRACE` asks and answers.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::rows::{Citation, Differing, Rows, Warning};
use super::session::Snapshot;
use super::source_view::{SourceView, Whose};
use super::{Engine, Limits};
use crate::error::{Result, Span};
use crate::exec::{Allowance, Traced};
use crate::lineage::columns::{self, TRACE};
use crate::lineage::detail::{self, Detail, Teller, detail_dated};
use crate::lineage::kinds::Kinds;
use crate::lineage::question::{Means, Question, all_meant, check_types};
use crate::lineage::stated::texts_of;
use crate::lineage::validity::days_of;
use crate::lineage::{self, cells};
use crate::provenance::{Place, Role};
use crate::value::{List, NodeRef, RelRef, Value};

pub use crate::lineage::Course;

/// A question about a lineage: whatever `TRACE` takes. Its text, as `TRACE` asks it, is its `Display`.
///
/// ```
/// use shejire::engine::LineageRequest;
///
/// let asked = LineageRequest::of("City Council").backward().via("merged-into").as_of("2010-01-01").certain();
/// assert_eq!(asked.to_string(), "TRACE 'City Council' BACKWARD VIA `merged-into` AS OF CERTAIN '2010-01-01'");
/// ```
#[derive(Clone, Debug, Default)]
pub struct LineageRequest {
    of: Vec<Value>,
    to: Vec<Value>,
    course: Option<Course>,
    via: Vec<Arc<str>>,
    depth: Option<u32>,
    as_of: Option<Value>,
    certain: bool,
    whose: Whose,
    limits: Limits,
}

impl LineageRequest {
    /// What became of a thing, and what it came from: by any of its names, its id, or its handle.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Guild {name: 'Weavers'})-[:BECAME {date: '1790'}]->(:Guild {name: 'Clothworkers'})")?;
    /// let lineage = engine.lineage(&LineageRequest::of("Clothworkers").via("BECAME"))?;
    /// assert_eq!(lineage.steps()[0].when.as_deref(), Some("1790"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(start: impl Into<Value>) -> Self {
        Self::default().and_of(start)
    }

    /// Also of another.
    ///
    /// ```
    /// use shejire::engine::LineageRequest;
    ///
    /// let both = LineageRequest::of("Harbour board").and_of("Canal board");
    /// assert_eq!(both.to_string(), "TRACE ['Harbour board', 'Canal board']");
    /// ```
    #[must_use]
    pub fn and_of(mut self, start: impl Into<Value>) -> Self {
        self.of.push(start.into());
        self
    }

    /// Only what joins the starts with this.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (a:Mill {name: 'Old mill'})-[:BECAME]->(:Mill {name: 'Steam mill'}), (a)-[:BECAME]->(:Inn {name: 'Mill inn'})")?;
    /// let way = engine.lineage(&LineageRequest::of("Old mill").to("Mill inn").via("BECAME"))?;
    /// assert_eq!(way.steps().len(), 1, "nothing of the steam mill");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to(mut self, end: impl Into<Value>) -> Self {
        self.to.push(end.into());
        self
    }

    /// Only what it came from.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let before = engine.lineage(&LineageRequest::of("National Kurultai").backward())?;
    /// assert!(before.steps().iter().all(|step| step.number < 0));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn backward(self) -> Self {
        Self { course: Some(Course::Backward), ..self }
    }

    /// Only what became of it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let after = engine.lineage(&LineageRequest::of("National Council of Public Trust").forward())?;
    /// assert!(after.steps().iter().all(|step| step.number >= 0));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn forward(self) -> Self {
        Self { course: Some(Course::Forward), ..self }
    }

    /// Only by this relationship type, or by those named so far.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (a:Post {name: 'Reeve'})-[:BECAME]->(:Post {name: 'Sheriff'}), (a)-[:LED_TO]->(:Post {name: 'Bailiff'})")?;
    /// let asked = LineageRequest::of("Reeve").via("BECAME");
    /// assert_eq!(engine.lineage(&asked)?.steps().len(), 1);
    /// assert_eq!(engine.lineage(&asked.via("LED_TO"))?.steps().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn via(mut self, ty: impl Into<Arc<str>>) -> Self {
        self.via.push(ty.into());
        self
    }

    /// Only what happened at most so many events away.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Act {name: 'Act I'})-[:BECAME]->(:Act {name: 'Act II'})-[:BECAME]->(:Act {name: 'Act III'})")?;
    /// let near = engine.lineage(&LineageRequest::of("Act I").via("BECAME").depth(1))?;
    /// assert_eq!(near.steps().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn depth(self, most: u32) -> Self {
        Self { depth: Some(most), ..self }
    }

    /// Within these limits of time and memory, and until it is cancelled; there are none without.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use std::time::Duration;
    ///
    /// use shejire::engine::{LineageRequest, Limits};
    ///
    /// let limits = Limits { time: Some(Duration::from_secs(5)), ..Limits::default() };
    /// let lineage = shejire::Engine::builtin()?.lineage(&LineageRequest::of("National Kurultai").limits(limits))?;
    /// assert_eq!(lineage.steps().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Only what may have held on that day: a date, or a text that EDTF reads (`2010`, `2010-06`, `-0043`).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Parish {name: 'Ash'})-[:BECAME {date: '1850'}]->(:Parish {name: 'Ashford'})")?;
    /// let then = LineageRequest::of("Ash").via("BECAME").as_of("1800");
    /// assert!(engine.lineage(&then)?.steps().is_empty(), "it had not happened yet");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn as_of(self, date: impl Into<Value>) -> Self {
        Self { as_of: Some(date.into()), ..self }
    }

    /// Of what held on that day only what certainly did.
    ///
    /// ```
    /// use shejire::engine::LineageRequest;
    ///
    /// let asked = LineageRequest::of("Ash").as_of("1850").certain();
    /// assert_eq!(asked.to_string(), "TRACE 'Ash' AS OF CERTAIN '1850'");
    /// ```
    #[must_use]
    pub fn certain(self) -> Self {
        Self { certain: true, ..self }
    }

    /// Only as these sources have it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let asked = LineageRequest::of("National Kurultai").according_to(["001"]);
    /// assert!(engine.lineage(&asked)?.steps().iter().all(|step| step.support == 1));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn according_to<S: Into<Arc<str>>>(self, sources: impl IntoIterator<Item = S>) -> Self {
        Self { whose: self.whose.according_to(sources), ..self }
    }

    /// Only as sources have it that may have been read by the end of that day.
    ///
    /// ```
    /// use shejire::engine::LineageRequest;
    ///
    /// let asked = LineageRequest::of("City Council").known_by("2010-06");
    /// assert_eq!(asked.to_string(), "TRACE 'City Council' KNOWN BY '2010-06'");
    /// ```
    #[must_use]
    pub fn known_by(self, date: impl Into<Value>) -> Self {
        Self { whose: self.whose.known_by(date), ..self }
    }

    /// Only as that word has it.
    ///
    /// ```
    /// use shejire::engine::{LineageRequest, Whose};
    ///
    /// let registrar = Whose::default().according_to(["register"]);
    /// let [one, other] = ["Mill", "Inn"].map(|name| LineageRequest::of(name).told_by(registrar.clone()).to_string());
    /// assert_eq!(one, "TRACE 'Mill' ACCORDING TO 'register'");
    /// assert_eq!(other, "TRACE 'Inn' ACCORDING TO 'register'");
    /// ```
    #[must_use]
    pub fn told_by(self, whose: Whose) -> Self {
        Self { whose, ..self }
    }
}

/// A value as a query has it; a handle, which no text can name, as a parameter.
pub(super) fn literal(value: &Value, parameter: &str) -> String {
    match value {
        Value::Node(_) => format!("${parameter}"),
        other => crate::value::text::literal(other, None).unwrap_or_default(),
    }
}

/// The query that asks the same.
impl fmt::Display for LineageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things = |list: &[Value], parameter: &str| match list {
            [one] => literal(one, parameter),
            several => {
                let all: Vec<String> = several.iter().map(|one| literal(one, parameter)).collect();
                format!("[{}]", all.join(", "))
            }
        };
        write!(f, "TRACE {}", things(&self.of, "start"))?;
        if !self.to.is_empty() {
            write!(f, " TO {}", things(&self.to, "end"))?;
        }
        match self.course {
            Some(Course::Backward) => f.write_str(" BACKWARD")?,
            Some(Course::Forward) => f.write_str(" FORWARD")?,
            Some(Course::Here) | None => {}
        }
        for (ty, number) in self.via.iter().zip(0..) {
            f.write_str(if number == 0 { " VIA " } else { "|" })?;
            f.write_str(&crate::value::text::name(ty))?;
        }
        if let Some(date) = &self.as_of {
            write!(f, " AS OF {}{}", if self.certain { "CERTAIN " } else { "" }, literal(date, "date"))?;
        }
        self.whose.fmt(f)?;
        match self.depth {
            Some(depth) => write!(f, " WHERE abs(step) <= {depth}"),
            None => Ok(()),
        }
    }
}

/// What became of some bodies, and what they came from. It holds the snapshot it was found in: its handles mean there
/// what they mean here.
#[derive(Clone, Debug)]
pub struct Lineage {
    seen: SourceView,
    starts: Vec<NodeRef>,
    as_of: Option<Value>,
    found: Arc<lineage::Lineage>,
    /// The steps that are left, by their places in what was found.
    kept: Vec<usize>,
    steps: OnceLock<Vec<Step>>,
    silence: Option<String>,
    yields: bool,
}

/// One thing that happened in a lineage.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The fewest events from the start: negative before it, 0 at it, positive after it.
    pub number: i64,
    /// Which way that is.
    pub course: Course,
    /// The relationship type.
    pub kind: Arc<str>,
    /// Its part in a lineage.
    pub role: Role,
    /// What names the event: its id in the dataset, else its smallest mention.
    pub event: Arc<str>,
    /// The end from which the facts are stated, when it is one; of a function that moves, the giver.
    pub from: Option<NodeRef>,
    /// The end at which the facts are stated, when it is one; of a function that moves, the receiver.
    pub to: Option<NodeRef>,
    /// The function that moved.
    pub what: Option<NodeRef>,
    /// The body to which it happened, when it is no succession and no move of a function.
    pub body: Option<NodeRef>,
    /// The predecessors of a succession.
    pub predecessors: Vec<TookPart>,
    /// The successors of a succession.
    pub successors: Vec<TookPart>,
    /// The facts behind it.
    pub facts: Vec<Fact>,
    /// When it was, as one value for computing: the stated date, or the set of those that differ.
    pub when: Option<Arc<str>>,
    /// The dates as stated, in order of time.
    pub dates: Vec<Said>,
    /// The acts it was done by.
    pub acts: Vec<Said>,
    /// The shares of those who took part.
    pub shares: Vec<Said>,
    /// Number of documents that say so.
    pub support: usize,
    /// Number of independent voices among these.
    pub witnesses: usize,
    /// Where it is said.
    pub citations: Vec<Citation>,
    /// That the giver gave a function up, where documents state this beside the receipt.
    pub withdrawal: Option<Withdrawal>,
    /// Where it is said without naming the actor, which the dataset supplies.
    pub supplied: Vec<Citation>,
    /// Whether it and the events on its way are in order for every reading of their dates.
    pub certain: bool,
    /// Whether documents differ in what cannot be true together, or some deny it.
    pub disputed: bool,
    /// Its place among the steps that were found.
    at: usize,
}

/// A body that took part in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TookPart {
    /// The body.
    pub body: NodeRef,
    /// Where it is said that it took part.
    pub citations: Vec<Citation>,
}

/// The other half of a move of a function. [`Step::kind`] and [`Step::citations`] are of the receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The relationship type.
    pub kind: Arc<str>,
    /// Where it is said.
    pub citations: Vec<Citation>,
}

/// A relationship behind a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The relationship.
    pub rel: RelRef,
    /// Its type.
    pub kind: Arc<str>,
    /// Its start.
    pub start: NodeRef,
    /// Its end.
    pub end: NodeRef,
}

/// One value that is stated of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The value as stated.
    pub text: Arc<str>,
    /// Of a date its role (`date`, `effective`, `adopted`, `start`); else empty.
    pub role: &'static str,
    /// The bodies of which it is said.
    pub bodies: Vec<NodeRef>,
    /// Where.
    pub citations: Vec<Citation>,
}

/// An event on the way from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// What names it.
    pub event: Arc<str>,
    /// The body it leads to.
    pub body: NodeRef,
    /// Where it is said.
    pub citations: Vec<Citation>,
}

impl Step {
    /// The places behind it as a whole: [`citations`](Self::citations), then those that state only the
    /// [`withdrawal`](Self::withdrawal).
    ///
    /// ```
    /// use shejire::Engine;
    /// use shejire::engine::LineageRequest;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let lineage = Engine::builtin()?.lineage(&LineageRequest::of("National Kurultai"))?;
    /// assert!(lineage.steps().iter().all(|step| step.places() == step.citations));
    /// # Ok(())
    /// # }
    /// ```
    pub fn places(&self) -> Vec<Citation> {
        let mut all = self.citations.clone();
        let more = self.withdrawal.iter().flat_map(|withdrawal| &withdrawal.citations);
        all.extend(more.filter(|place| !self.citations.contains(place)).cloned());
        all
    }
}

impl Lineage {
    /// What a statement has traced.
    pub(super) fn of_traced(snapshot: Snapshot, traced: &Traced) -> Self {
        let Traced { starts, as_of, view, lineage, kept, yields } = traced;
        Self {
            seen: SourceView::of(snapshot, view.clone()),
            starts: once(starts),
            as_of: as_of.clone(),
            found: Arc::clone(lineage),
            kept: kept.clone(),
            steps: OnceLock::new(),
            silence: None,
            yields: *yields,
        }
    }

    /// The snapshot it was found in, as the sources that were asked have it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let lineage = engine.lineage(&LineageRequest::of("құрылтай"))?;
    /// assert_eq!(lineage.seen().name(lineage.starts()[0]), "National Kurultai");
    /// # Ok(())
    /// # }
    /// ```
    pub fn seen(&self) -> &SourceView {
        &self.seen
    }

    /// Of whom it is, in the order they were named, each once.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Ford {name: 'Upper ford'})-[:BECAME]->(:Bridge {name: 'Upper bridge'}), (:Ford {name: 'Lower ford'})")?;
    /// let asked = LineageRequest::of("Lower ford").and_of("Upper ford").and_of("Lower ford").via("BECAME");
    /// assert_eq!(engine.lineage(&asked)?.starts().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn starts(&self) -> &[NodeRef] {
        &self.starts
    }

    /// The day it holds for, as EDTF; nothing where none was asked for.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let lineage = engine.lineage(&LineageRequest::of("Constitutional Court").as_of("2023-01"))?;
    /// assert_eq!(lineage.as_of().as_deref(), Some("2023-01"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn as_of(&self) -> Option<Arc<str>> {
        texts_of(self.as_of.as_ref()?).into_iter().next()
    }

    /// What happened, from the farthest predecessor to the farthest successor. What is told of a step is read now: whether
    /// all of it could be says [`Snapshot::read`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let lineage = engine.lineage(&LineageRequest::of("National Kurultai"))?;
    /// let shown: Vec<String> = lineage.steps().iter().map(|step| format!("{} {}", step.number, step.kind)).collect();
    /// assert_eq!(shown, ["-1 established", "-1 transformed-into"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn steps(&self) -> &[Step] {
        self.steps.get_or_init(|| {
            let details = self.details();
            details.zip(&self.kept).map(|((step, told), at)| self.step(*at, step, &told)).collect()
        })
    }

    /// The events from the start to where one of its [`steps`](Self::steps) happened, the first one first. In a long chain
    /// the routes of all steps together are far longer than the lineage: they are made one at a time.
    ///
    /// ```
    /// use shejire::Engine;
    /// use shejire::engine::LineageRequest;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let lineage = Engine::builtin()?.lineage(&LineageRequest::of("National Kurultai").backward())?;
    /// let first = &lineage.steps()[0];
    /// assert_eq!((&*first.kind, lineage.route(first).len()), ("established", 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn route(&self, step: &Step) -> Vec<Passage> {
        let known = self.seen.known();
        let Some(step) = self.found.steps.get(step.at) else { return Vec::new() };
        let passage = |way: &lineage::Passage| Passage {
            event: way.event.clone(),
            body: way.body,
            citations: self.seen.citations(detail::places_of(&known, &way.facts, &way.parts)),
        };
        self.found.route(step).into_iter().map(passage).collect()
    }

    /// Why nothing happened, as far as documents say; nothing where something did.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let nothing = engine.lineage(&LineageRequest::of("Senate").forward().as_of("1000"))?;
    /// assert!(nothing.steps().is_empty() && nothing.silence().is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn silence(&self) -> Option<&str> {
        self.silence.as_deref()
    }

    /// Whether the statement it answers chooses columns (`YIELD`).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("TRACE 'National Kurultai' YIELD kind, support")?;
    /// assert!(rows.lineage().is_some_and(|lineage| lineage.yields()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn yields(&self) -> bool {
        self.yields
    }

    /// What contradicts what, as the sources that were asked have it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let all = engine.lineage(&LineageRequest::of("Constitutional Court"))?;
    /// let one = engine.lineage(&LineageRequest::of("Constitutional Court").according_to(["000"]))?;
    /// assert!(one.conflicts().len() < all.conflicts().len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn conflicts(&self) -> super::Conflicts {
        self.seen.conflicts(None)
    }

    /// The same as rows: those of `TRACE`, a row a step.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::engine::LineageRequest;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.lineage(&LineageRequest::of("National Kurultai"))?.rows()?;
    /// assert_eq!(rows.get(1).unwrap().get::<&str>("kind")?, "transformed-into");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A list or map that is too large; a part of a stored graph that cannot be read.
    pub fn rows(&self) -> Result<Rows> {
        self.seen.snapshot().read(|_| self.as_rows())
    }

    fn as_rows(&self) -> Result<Rows> {
        let known = self.seen.known();
        let shown = |column: &columns::Column| column.name != columns::ROUTE;
        let wanted: Vec<bool> = TRACE.iter().map(shown).collect();
        let teller = Teller::new(known);
        let mut rows = Vec::with_capacity(self.kept.len());
        let mut differing = FxHashMap::default();
        for (row, (step, told)) in self.details().enumerate() {
            // a place that states the act and not its date is not cited for it
            let silent = |place: &Place| !told.dates.iter().any(|date| date.places.contains(place));
            let differ = told.dates.len() > 1 || told.places.iter().any(silent);
            if let Some(when) = told.when.as_ref().filter(|_| differ && !told.dates.is_empty()) {
                let stated = self.said(&told.dates);
                differing.insert(row, [Differing { shown: when.clone(), stated }].into());
            }
            let cells = cells::of_step(step, &self.found, &wanted, &told, &teller, &known)?.into_iter();
            rows.push(cells.zip(&wanted).filter(|(_, wanted)| **wanted).map(|(cell, _)| cell).collect());
        }
        let mut rows = self.seen.rows(TRACE.iter().filter(|column| shown(column)), rows)?;
        rows.differing = differing;
        let warning = |message: &String| Warning { message: message.clone(), hint: None, span: Span::default() };
        rows.warnings.extend(self.silence.iter().map(warning));
        Ok(rows)
    }

    /// The steps that are left, with what is said of each.
    fn details(&self) -> impl Iterator<Item = (&lineage::Step, Detail)> {
        let known = self.seen.known();
        let steps = self.kept.iter().filter_map(|at| self.found.steps.get(*at));
        steps
            .map(move |step| (step, detail_dated(&known, &step.kind, &step.facts, &step.parts, &mut step.dates.iter())))
    }

    fn said(&self, list: &[detail::Said]) -> Vec<Said> {
        let one = |said: &detail::Said| Said {
            text: said.text.clone(),
            role: said.role,
            bodies: said.bodies.clone(),
            citations: self.seen.citations(said.places.iter().copied()),
        };
        list.iter().map(one).collect()
    }

    fn step(&self, at: usize, step: &lineage::Step, told: &Detail) -> Step {
        let known = self.seen.known();
        let cite = |places: &[Place]| self.seen.citations(places.iter().copied());
        let side = |bodies: &[NodeRef]| {
            let one = |body: &NodeRef| TookPart { body: *body, citations: cite(&told.places_of_body(&known, *body)) };
            bodies.iter().map(one).collect()
        };
        let facts = step.facts.iter().map(|rel| {
            let ends = known.graph.rel(*rel);
            Fact { rel: *rel, kind: known.graph.names().type_text(ends.ty), start: ends.start, end: ends.end }
        });
        Step {
            number: step.number,
            course: step.course,
            kind: step.kind.name.clone(),
            role: step.kind.role,
            event: step.event.clone(),
            from: step.from,
            to: step.to,
            what: step.what,
            body: step.body,
            predecessors: side(&step.predecessors),
            successors: side(&step.successors),
            facts: facts.collect(),
            when: told.when.clone(),
            dates: self.said(&told.dates),
            acts: self.said(&told.acts),
            shares: self.said(&told.shares),
            support: told.sources.len(),
            witnesses: self.seen.witnesses(&told.sources),
            citations: cite(&told.places),
            withdrawal: told
                .withdrawal
                .as_ref()
                .map(|(kind, places)| Withdrawal { kind: kind.clone(), citations: cite(places) }),
            supplied: cite(&told.supplied),
            certain: step.certain,
            disputed: told.disputed,
            at,
        }
    }
}

/// The same, each once.
fn once(nodes: &[NodeRef]) -> Vec<NodeRef> {
    let mut seen = rustc_hash::FxHashSet::default();
    nodes.iter().map(|node| node.in_view(0)).filter(|node| seen.insert(*node)).collect()
}

impl Engine {
    /// What became of a thing and what it came from, as of the last commit.
    ///
    /// ```
    /// use shejire::Engine;
    /// use shejire::engine::LineageRequest;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = Engine::builtin()?;
    /// let lineage = engine.lineage(&LineageRequest::of("National Council of Public Trust").forward())?;
    /// let last = lineage.steps().last().unwrap();
    /// assert_eq!(&*last.kind, "transformed-into");
    /// assert_eq!(lineage.seen().name(last.successors[0].body), "National Kurultai");
    /// assert_eq!(last.citations[0].to_string(), "000:11.1");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`Snapshot::lineage`] and of the store.
    pub fn lineage(&self, request: &LineageRequest) -> Result<Lineage> {
        self.snapshot()?.read(|snapshot| snapshot.lineage(request))
    }
}

impl Snapshot {
    /// What became of a thing and what it came from.
    ///
    /// ```
    /// use shejire::engine::LineageRequest;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Parish {name: 'Ash'})-[:BECAME {date: '1850'}]->(:Parish {name: 'Ashford'})")?;
    /// let snapshot = engine.snapshot()?;
    /// engine.run("MATCH (:Parish)-[r:BECAME]->() DELETE r")?;
    /// let lineage = snapshot.lineage(&LineageRequest::of("Ash").via("BECAME"))?;
    /// assert_eq!(lineage.steps().len(), 1, "as it was when the snapshot was taken");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NameNotFound`, `NameAmbiguous`: a name that nothing has, or several things; a type or a source that nobody knows.
    /// `InvalidTemporal`: no date. `InvalidArgumentType`: neither a name nor a node. `LimitExceeded`, `Cancelled`: as it was asked
    /// to.
    pub fn lineage(&self, request: &LineageRequest) -> Result<Lineage> {
        let meter = Allowance::of(&request.limits).meter();
        let knowledge = &self.version.knowledge;
        let (graph, evidence, vocabulary) = (&knowledge.graph, &knowledge.evidence, &knowledge.vocabulary);
        check_types(graph, vocabulary, &request.via)?;
        let names = || Arc::clone(self.version.names());
        let meant = |list: &[Value]| -> Result<Vec<NodeRef>> {
            let list = Value::List(List::new(list.to_vec())?);
            Ok(all_meant(&list, &names)?.unwrap_or_default())
        };
        let (starts, to) = (meant(&request.of)?, meant(&request.to)?);
        let date = match &request.as_of {
            Some(date) => Some((days_of(date)?, request.certain)),
            None => None,
        };
        let seen = self.as_told_by(&request.whose)?;
        let overview = self.version.overview();
        let own;
        let kinds = match request.via.is_empty() {
            true => overview.kinds(graph, vocabulary),
            false => {
                own = Kinds::of(graph, vocabulary, &request.via);
                &own
            }
        };
        let (lists, entity) = (|| overview.lists(graph, evidence, vocabulary), |id: &str| names().by_id(id));
        let question = Question { starts: &starts, to: &to, course: request.course, via: &request.via, date };
        let answer = |interrupted: &dyn Fn() -> bool| {
            let means = Means { kinds, lists: &lists, entity: &entity, interrupted };
            let found = question.answer(seen.known(), means);
            let silence = found.steps.is_empty();
            let silence = silence.then(|| question.silence(&found, seen.known(), means, &request.whose.clauses()));
            (found, silence)
        };
        let (found, silence) = meter.interruptible(answer)?;
        let near =
            |step: &lineage::Step| request.depth.is_none_or(|most| step.number.unsigned_abs() <= u64::from(most));
        let kept = (0..found.steps.len()).filter(|at| near(&found.steps[*at])).collect();
        let (starts, as_of) = (once(&starts), request.as_of.clone());
        let (found, steps) = (Arc::new(found), OnceLock::new());
        Ok(Lineage { seen, starts, as_of, found, kept, steps, silence, yields: false })
    }
}
