//! What a lineage picture shows, free of the engine: bodies, the acts that join them, and who says so.
//!
//! Whoever asks the engine fills this; every output (SVG, PNG, PDF, HTML, text, DOT, Mermaid, CSV, JSON) reads it.
//! Bodies, links and citations are named by their place in their list; [`Timeline::mended`] drops what points nowhere,
//! so that no writer has to.

use super::style::words;
use super::when::When;

/// A lineage, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Stands on top.
    pub title: String,
    /// The query that made it, shown under the title.
    pub query: Option<String>,
    /// The date the picture holds for; bars that still exist end in an arrow here.
    pub as_of: Option<AsOf>,
    /// What the question was about: drawn strong.
    pub focus: Option<usize>,
    /// What the lanes stand for ("kind"); empty for a picture without lanes.
    pub lanes_by: String,
    /// The institutions.
    pub bodies: Vec<Body>,
    /// What became of what.
    pub links: Vec<Link>,
    /// Claims that contradict each other.
    pub conflicts: Vec<Conflict>,
    /// The places in documents, numbered from 1 in this order.
    pub citations: Vec<Cite>,
    /// Sentences for the reader under the chart ("2 steps were left out: depth 5").
    pub notes: Vec<String>,
}

/// The day a picture holds for.
#[derive(Clone, Debug, PartialEq)]
pub struct AsOf {
    /// The day; other precisions are drawn at their end.
    pub when: When,
    /// What to call it: `today` or `as of`.
    pub word: String,
}

/// An institution (or office, law, function …): one bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// The stable id.
    pub id: String,
    /// The preferred name.
    pub name: String,
    /// Further names, language tag first (`kk`, `ru`).
    pub names: Vec<(String, String)>,
    /// Its kind (label).
    pub kind: String,
    /// The lane it stands in; empty for the lane without a name.
    pub lane: String,
    /// When it came to be.
    pub start: When,
    /// When it ceased; [`When::Open`] when it is stated or known to exist still.
    pub end: When,
    /// What happened to it without another body taking part: established, strengthened, abolished.
    pub events: Vec<Event>,
    /// Where it is named, by place in [`Timeline::citations`].
    pub citations: Vec<usize>,
    /// Who states the start and the end of each of its [`stretches`](Self::stretches); empty where that is not told.
    pub life: Vec<(By, By)>,
    /// When it was not, between two stretches of its life: from the end of one to the start of the next.
    pub gaps: Vec<(When, When)>,
    /// Sources disagree about it.
    pub disputed: bool,
    /// At least one place in a document stands behind it.
    pub evidence: bool,
}

/// Who states a date, by place in [`Timeline::citations`]: none when it is the dataset's own; nothing where that is
/// not told.
pub(super) type By = Option<Vec<usize>>;

/// One date of an act that is stated otherwise elsewhere, or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dated {
    /// The date.
    pub when: When,
    /// Which date of the act it is (`effective`); empty for the plain one.
    pub role: String,
    /// Who states it, by place in [`Timeline::citations`].
    pub citations: Vec<usize>,
}

impl Dated {
    /// The date in words, with its role.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::picture::Timeline;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let found = engine.lineage(&shejire::engine::LineageRequest::of("Constitutional Court"))?;
    /// let timeline: Timeline = shejire::picture::lineage(&found, &Default::default());
    /// for dated in timeline.links.iter().flat_map(|link| &link.dates) {
    ///     assert!(!dated.words().is_empty());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn words(&self) -> String {
        match self.role.as_str() {
            "" => self.when.words(),
            role => format!("{} ({role})", self.when.words()),
        }
    }
}

/// A part of a life in words that stays whole, and who states it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LifePart {
    pub(super) text: String,
    pub(super) by: Vec<usize>,
}

impl Body {
    /// Its life in words: each date with who states it; nothing when no date is known.
    pub(super) fn life_parts(&self) -> Vec<LifePart> {
        let stretches = self.stretches();
        let several = stretches.len() > 1;
        let mut parts = Vec::new();
        for (at, (start, end)) in stretches.iter().enumerate() {
            let of = self.life.get(at);
            let (begun, ended) = (of.and_then(|(by, _)| by.as_deref()), of.and_then(|(_, by)| by.as_deref()));
            let mut own = stretch_parts((start, begun), (end, ended), several);
            if let Some(part) = own.first_mut().filter(|_| at > 0) {
                part.text.insert_str(0, "· ");
            }
            parts.extend(own);
        }
        parts
    }

    /// The stretches of its life, each with its start and its end.
    ///
    /// ```
    /// use shejire::picture::{Body, When};
    ///
    /// let [begun, closed, again, over] = ["1841", "1850", "1862", "1903"].map(When::parse);
    /// let school = Body { start: begun.clone(), end: over.clone(), gaps: vec![(closed.clone(), again.clone())], ..Body::default() };
    /// assert_eq!(school.stretches(), [(begun, closed), (again, over)]);
    /// ```
    pub fn stretches(&self) -> Vec<(When, When)> {
        let mut stretches = Vec::with_capacity(self.gaps.len() + 1);
        let mut start = self.start.clone();
        for (end, next) in &self.gaps {
            stretches.push((std::mem::replace(&mut start, next.clone()), end.clone()));
        }
        stretches.push((start, self.end.clone()));
        stretches
    }
}

/// An act upon one body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// The type: `established`, `re-established`.
    pub kind: String,
    /// What happened, where the type does not say it as this body sees it ("received"); empty where it does.
    pub said: String,
    /// Further words: by whom, through what.
    pub detail: String,
    /// When.
    pub when: When,
    /// The dates, each with its places, where not all of the citations state [`when`](Self::when); else empty.
    pub dates: Vec<Dated>,
    /// Citations, by place in [`Timeline::citations`].
    pub citations: Vec<usize>,
    /// Another source contradicts it.
    pub disputed: bool,
}

/// A stretch of a life in words. Of one of `several`, what is not stated is left out.
fn stretch_parts(start: (&When, Option<&[usize]>), end: (&When, Option<&[usize]>), several: bool) -> Vec<LifePart> {
    let part = |text: String, by: Option<&[usize]>| match by {
        Some([]) => LifePart { text: format!("{text} (not sourced)"), by: Vec::new() },
        by => LifePart { text, by: by.unwrap_or_default().to_vec() },
    };
    let plain = |text: &str| part(text.to_owned(), None);
    let ((start, begun), (end, ended)) = (start, end);
    match (start, end) {
        (When::NotStated, When::NotStated) => Vec::new(),
        (When::NotStated, When::Open) => vec![plain("start not stated,"), part("still exists".to_owned(), ended)],
        (When::NotStated, end) => vec![part(format!("until {}", end.side_words()), ended)],
        (start, When::Open) => vec![part(format!("since {}", start.side_words()), begun)],
        (start, When::NotStated) if several => vec![part(format!("from {}", start.side_words()), begun)],
        (start, When::NotStated) => {
            vec![part(format!("from {}", start.side_words()), begun), plain("· end not stated")]
        }
        (start, end) if begun == ended => {
            vec![part(format!("{} – {}", start.side_words(), end.side_words()), begun)]
        }
        (start, end) => vec![part(start.side_words(), begun), part(format!("– {}", end.side_words()), ended)],
    }
}

impl Event {
    /// What happened, as a word of a type.
    pub(crate) fn word(&self) -> &str {
        if self.said.is_empty() { &self.kind } else { &self.said }
    }
}

/// An act that joins two bodies: one elbow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The predecessor, or the body a function left.
    pub from: usize,
    /// The successor, or the body that received the function.
    pub to: usize,
    /// The type: `transformed-into`, `replaced-by`, `transferred-to`, `merged-into`, `split-into` …
    pub kind: String,
    /// What kind of lineage the type is declared to be (`merged`, `split`); the type itself where nobody says.
    pub class: String,
    /// The event it is part of; empty where nobody says.
    pub event: String,
    /// The function that moved, when the act moved a function and not the body.
    pub function: Option<String>,
    /// Further words: the act, the wording.
    pub detail: String,
    /// The date of the act.
    pub when: When,
    /// The dates, each with its places, where not all of the citations state [`when`](Self::when); else empty.
    pub dates: Vec<Dated>,
    /// Citations, by place in [`Timeline::citations`].
    pub citations: Vec<usize>,
    /// Another source contradicts it.
    pub disputed: bool,
    /// No source states it; it follows from other statements.
    pub inferred: bool,
    /// The predecessor is not said to end by it.
    pub continues: bool,
    /// The successor is not said to begin by it.
    pub existing: bool,
}

impl Link {
    /// True when a function moves and both bodies live on, so that the link is no succession.
    pub(crate) fn moves_function(&self) -> bool {
        self.function.is_some() || matches!(self.class(), "transferred-to" | "transferred-from" | "transferred")
    }

    /// What kind of lineage it is: how it is drawn depends on this, and never on what a dataset calls it.
    pub(crate) fn class(&self) -> &str {
        if self.class.is_empty() { &self.kind } else { &self.class }
    }
}

/// Claims that contradict each other, side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conflict {
    /// What they disagree about.
    pub topic: String,
    /// The claims.
    pub sides: Vec<Side>,
}

/// One claim of a conflict.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// The claim in words.
    pub claim: String,
    /// Where it is drawn.
    pub at: Target,
    /// Number of documents that make it.
    pub support: usize,
    /// Citations, by place in [`Timeline::citations`].
    pub citations: Vec<usize>,
}

/// What on the chart a claim is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Nothing that is drawn.
    #[default]
    None,
    /// A body.
    Body(usize),
    /// The event of a body.
    Event(usize, usize),
    /// A link.
    Link(usize),
}

/// A place in a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cite {
    /// The document: id or short title.
    pub source: String,
    /// The place in it: `11.2`.
    pub locator: String,
    /// What the document is called, for the list under the chart.
    pub title: String,
    /// The facts stated there: one sentence may state several, and not all need be repeated elsewhere.
    pub facts: Vec<Stated>,
    /// The sentence, when the sources are at hand.
    pub sentence: Option<String>,
}

/// A fact as one place states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stated {
    /// Its type: `transformed-into`; `named` for the name of a body.
    pub kind: String,
    /// The fact in words.
    pub fact: String,
    /// Number of documents that state this fact.
    pub support: usize,
    /// How sure the reading is ("explicit", "reference resolved"); empty when nobody says.
    pub reading: String,
}

impl Cite {
    /// Document and place: `001:22`.
    ///
    /// ```
    /// use shejire::picture::Cite;
    ///
    /// assert_eq!(Cite { source: "001".into(), locator: "22.1".into(), ..Cite::default() }.place(), "001:22.1");
    /// ```
    pub fn place(&self) -> String {
        match (self.source.is_empty(), self.locator.is_empty()) {
            (false, false) => format!("{}:{}", self.source, self.locator),
            (false, true) => self.source.clone(),
            _ => self.locator.clone(),
        }
    }

    /// How many documents stand behind what is stated here and how sure the reading is: `2 documents · explicit`, or
    /// fact by fact where they differ.
    pub(crate) fn stated_words(&self) -> String {
        let with = |f: &Stated, between: &str| match f.reading.as_str() {
            "" => documents(f.support),
            reading => format!("{}{between}{reading}", documents(f.support)),
        };
        self.fact_by_fact(|f| with(f, " · "), |f| with(f, ", "))
    }

    /// How many documents stand behind what is stated here: `2 documents`, or fact by fact where they differ.
    pub(crate) fn support_words(&self) -> String {
        self.fact_by_fact(|f| documents(f.support), |f| documents(f.support))
    }

    fn fact_by_fact(&self, alone: impl Fn(&Stated) -> String, one: impl Fn(&Stated) -> String) -> String {
        let Some(first) = self.facts.first() else { return String::new() };
        if self.facts.iter().all(|f| alone(f) == alone(first)) {
            return alone(first);
        }
        // the type is enough of a name, unless two facts of one type differ
        let alike = |f: &Stated| self.facts.iter().any(|o| o.kind == f.kind && one(o) != one(f));
        let mut parts: Vec<String> = Vec::new();
        for fact in &self.facts {
            let part = match fact.kind.as_str() {
                // a paragraph may name very many: from the least to the most documents that name one of them
                "named" => self.names(),
                _ if alike(fact) => format!("{}: {}", fact.fact, one(fact)),
                kind => format!("{}: {}", words(kind), one(fact)),
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join("; ")
    }

    fn names(&self) -> String {
        let named = || self.facts.iter().filter(|f| f.kind == "named").map(|f| f.support);
        match (named().min().unwrap_or(0), named().max().unwrap_or(0)) {
            (least, most) if least == most => format!("named: {}", documents(most)),
            (least, most) => format!("named: {least} to {most} documents"),
        }
    }

    /// How sure the readings are, each once.
    pub(crate) fn readings(&self) -> String {
        let mut all: Vec<&str> = Vec::new();
        for fact in self.facts.iter().filter(|f| !f.reading.is_empty()) {
            if !all.contains(&fact.reading.as_str()) {
                all.push(&fact.reading);
            }
        }
        all.join(", ")
    }
}

fn documents(n: usize) -> String {
    if n == 1 { "1 document".to_string() } else { format!("{n} documents") }
}

impl Timeline {
    /// The same lineage without links, citations, conflicts' places or a focus that point outside their lists.
    pub(crate) fn mended(&self) -> Self {
        let mut sound = self.clone();
        let (bodies, cites) = (sound.bodies.len(), sound.citations.len());
        let keep = |list: &mut Vec<usize>| {
            list.retain(|c| *c < cites);
            list.sort_unstable();
            list.dedup();
        };
        let mut place = vec![None; sound.links.len()];
        let mut kept = Vec::new();
        for (old, mut link) in std::mem::take(&mut sound.links).into_iter().enumerate() {
            if link.from < bodies && link.to < bodies {
                keep(&mut link.citations);
                link.dates.iter_mut().for_each(|date| keep(&mut date.citations));
                place[old] = Some(kept.len());
                kept.push(link);
            }
        }
        sound.links = kept;
        for body in &mut sound.bodies {
            keep(&mut body.citations);
            body.life.iter_mut().flat_map(|(start, end)| [start, end]).flatten().for_each(&keep);
            for event in &mut body.events {
                keep(&mut event.citations);
                event.dates.iter_mut().for_each(|date| keep(&mut date.citations));
            }
        }
        sound.focus = sound.focus.filter(|f| *f < bodies);
        let events: Vec<usize> = sound.bodies.iter().map(|b| b.events.len()).collect();
        for side in sound.conflicts.iter_mut().flat_map(|c| &mut c.sides) {
            keep(&mut side.citations);
            side.at = match side.at {
                Target::Body(b) if b < bodies => Target::Body(b),
                Target::Event(b, e) if events.get(b).is_some_and(|n| e < *n) => Target::Event(b, e),
                Target::Link(l) => place.get(l).copied().flatten().map_or(Target::None, Target::Link),
                _ => Target::None,
            };
        }
        sound
    }

    /// True when nothing has a place on a time axis, so that order takes its place.
    ///
    /// ```
    /// use shejire::picture::{Body, Timeline, When};
    ///
    /// let mut timeline = Timeline { bodies: vec![Body::default()], ..Timeline::default() };
    /// assert!(timeline.is_undated());
    /// timeline.bodies[0].start = When::parse("1642");
    /// assert!(!timeline.is_undated());
    /// ```
    pub fn is_undated(&self) -> bool {
        let body = |b: &Body| b.start.bounds().is_some() || b.end.bounds().is_some();
        !self.bodies.iter().any(body)
            && !self.links.iter().any(|l| l.when.bounds().is_some())
            && !self.bodies.iter().flat_map(|b| &b.events).any(|e| e.when.bounds().is_some())
    }

    /// Numbers (from 1) of the conflicts that concern `target`.
    pub(crate) fn conflicts_at(&self, target: Target) -> Vec<usize> {
        let concerns = |c: &&Conflict| c.sides.iter().any(|s| s.at == target);
        let mut numbers: Vec<usize> =
            self.conflicts.iter().zip(1..).filter(|(c, _)| concerns(c)).map(|(_, n)| n).collect();
        numbers.dedup();
        numbers
    }

    /// The facts drawn without a place in a document behind them, in words; a strict caller makes them an error.
    ///
    /// ```
    /// use shejire::picture::{Body, Timeline};
    ///
    /// let told = Body { name: "Old mill".into(), evidence: true, ..Body::default() };
    /// let untold = Body { name: "Steam mill".into(), ..Body::default() };
    /// assert_eq!(Timeline { bodies: vec![told, untold], ..Timeline::default() }.without_evidence(), ["Steam mill"]);
    /// ```
    pub fn without_evidence(&self) -> Vec<String> {
        let name = |at: usize| self.bodies.get(at).map_or("?", |b| b.name.as_str());
        let bodies = self.bodies.iter().filter(|b| !b.evidence && b.citations.is_empty()).map(|b| b.name.clone());
        let events = self.bodies.iter().flat_map(|b| {
            b.events.iter().filter(|e| e.citations.is_empty()).map(move |e| format!("{}: {}", b.name, e.kind))
        });
        let links = self.links.iter().filter(|l| l.citations.is_empty());
        let links = links.map(|l| format!("{} {} {}", name(l.from), l.kind, name(l.to)));
        bodies.chain(events).chain(links).collect()
    }

    /// What the picture counts: bodies, acts, citations, documents, conflicts; each with its number.
    ///
    /// ```
    /// use shejire::picture::{Body, Timeline};
    ///
    /// let two = Timeline { bodies: vec![Body::default(), Body::default()], ..Timeline::default() };
    /// assert_eq!(two.counts(), [(2, "bodies")]);
    /// ```
    pub fn counts(&self) -> Vec<(usize, &'static str)> {
        let mut documents: Vec<&str> = self.citations.iter().map(|c| c.source.as_str()).collect();
        documents.sort_unstable();
        documents.dedup();
        let moves = self.links.iter().filter(|l| l.moves_function()).count();
        let all = [
            (self.bodies.len(), "body", "bodies"),
            (self.links.len() - moves, "succession", "successions"),
            (moves, "function moved", "functions moved"),
            (self.citations.len(), "citation", "citations"),
            (documents.len(), "document", "documents"),
            (self.conflicts.len(), "conflict", "conflicts"),
        ];
        let shown = all.into_iter().enumerate().filter(|(at, (n, _, _))| *at == 0 || *n > 0);
        shown.map(|(_, (n, one, many))| (n, if n == 1 { one } else { many })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(kind: &str, fact: &str, support: usize) -> Stated {
        Stated { kind: kind.into(), fact: fact.into(), support, reading: "explicit".into() }
    }

    #[test]
    fn a_life_is_said_in_words_each_date_with_who_states_it() {
        let life = |start: &str, end: &str, by: Option<(By, By)>| {
            let (start, end) = (When::parse(start), When::parse(end));
            let body = Body { start, end, life: by.into_iter().collect(), ..Body::default() };
            let parts = body.life_parts().into_iter().map(|part| format!("{}{:?}", part.text, part.by));
            parts.collect::<Vec<_>>().join(" ").replace("[]", "")
        };
        let said = |start: &str, end: &str| life(start, end, None);
        assert_eq!(said("../1943", ".."), "since 1943 or earlier");
        assert_eq!(said("[..1943]", "1950"), "1943 or earlier – 1950");
        assert_eq!(said("18XX", ""), "from between 1800 and 1899 · end not stated");
        assert_eq!(said("", "195X"), "until the 1950s");
        assert_eq!(said("-0508", "-0026"), "509 BC – 27 BC");
        assert_eq!(said("", ""), "");
        let by = |start: &[usize], end: &[usize]| Some((Some(start.to_vec()), Some(end.to_vec())));
        assert_eq!(life("1991", "1999", by(&[3], &[4])), "1991[3] – 1999[4]");
        assert_eq!(life("1991", "1999", by(&[3], &[3])), "1991 – 1999[3]");
        assert_eq!(life("1991", "1999", by(&[3], &[])), "1991[3] – 1999 (not sourced)");
        assert_eq!(life("1991", "1999", by(&[], &[])), "1991 – 1999 (not sourced)");
        assert_eq!(life("1991", "..", by(&[0], &[])), "since 1991[0]");
    }

    #[test]
    fn support_belongs_to_the_fact_and_not_to_the_place() {
        let cite = |facts: &[Stated]| Cite { facts: facts.to_vec(), ..Cite::default() }.support_words();
        let all =
            [stated("named", "A named", 4), stated("named", "B named", 1), stated("established", "A established", 2)];
        assert_eq!(cite(&all), "named: 1 to 4 documents; established: 2 documents");
        let place = Cite { facts: vec![stated("established", "A established", 1)], ..Cite::default() };
        assert_eq!(place.stated_words(), "1 document · explicit");
        let (one, two) = (stated("established", "A established", 1), stated("transformed-into", "A became B", 2));
        assert_eq!(cite(&[one.clone(), two.clone()]), "established: 1 document; transformed into: 2 documents");
        assert_eq!(cite(&[two.clone(), two]), "2 documents");
        assert_eq!(
            cite(&[one, stated("established", "C established", 3)]),
            "A established: 1 document; C established: 3 documents"
        );
        assert_eq!(cite(&[]), "");
    }
}
