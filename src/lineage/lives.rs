//! Lives of nodes: when they began and ended, as often as they did.
//!
//! A life is a list of intervals, made of boundaries:
//!
//! | it begins by | it ends by |
//! |---|---|
//! | `creation`, `restoration` | `ending` |
//! | a succession whose successor is `new` | a succession whose predecessor `ends` |
//! | a mention of its existence with a start | one with an end |
//!
//! They are put in the order of (earliest day, latest day, creation before end before restoration, id). Begins in a
//! row are one begin, ends in a row one end; a begin behind an end opens a new interval, and so does a restoration
//! behind a creation of certainly other days. What is not dated orders nothing and stands beside.
//!
//! A life that follows from acts is derived: what an act dated to a day ends has its last day on that day or the day
//! before, what it begins its first on that day or the day after. A life date in this range agrees and is the more
//! precise. The dates that the dataset gives without a source (the *frame*: the properties `start` and `end` of the
//! node) refine what agrees, lose against what is sourced, and fill no gap.

use std::sync::Arc;

use super::detail::{self, tidy};
use super::events::Ordered;
use super::kinds::{Kind, Kinds};
use super::stated::{Known, Stated, texts_of};
use super::validity::{Days, Holds};
use crate::error::Result;
use crate::graph::{Dir, Graph};
use crate::provenance::{Evidence, Fate, Mention, MentionId, Origin, Place, Role, Vocabulary};
use crate::value::edtf::{DaySet, Edtf, End, FactTime, Limit};
use crate::value::{NodeRef, RelRef, Value};

/// The life of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Life {
    /// From the first to the last.
    pub intervals: Vec<Interval>,
    /// Begins and ends without a date.
    pub undated: Vec<Boundary>,
}

/// A stretch of a life.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Interval {
    /// Its begin.
    pub begin: Bound,
    /// Its end.
    pub end: Bound,
}

/// A begin or an end, of all the boundaries that state it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bound {
    /// What states it; nothing when it is not stated.
    pub stated: Vec<Boundary>,
    /// One value for computing: the date that lies within all others, else the set of the smallest.
    pub text: Option<Arc<str>>,
    /// Its possible days; none when it is not stated, or open.
    pub days: DaySet,
    /// Whether it is stated that there is none (`..`).
    pub open: bool,
    /// Whether a certain answer may rest on it.
    pub firm: bool,
    /// Whether the dates exclude each other.
    pub disputed: bool,
}

/// One thing that begins or ends a life.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Boundary {
    /// Whether it begins it.
    pub begins: bool,
    /// Whether it begins it anew.
    pub restores: bool,
    /// The relationship type of the act; `exists` for a statement of the life itself.
    pub kind: Arc<str>,
    /// What says so.
    pub ground: Ground,
    /// The dates, with their places.
    pub dates: Vec<Stated>,
    /// What names it, to order it by.
    id: Arc<str>,
}

/// What a boundary rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// An act: the date of the life is derived.
    Act(RelRef),
    /// An act that is stated one body at a time.
    Part(MentionId),
    /// A place that states the life itself.
    Exists(MentionId),
    /// The dataset, without a source.
    Frame,
}

impl Ground {
    /// Whether it is an act, from which the date of the life follows.
    pub(crate) fn is_act(self) -> bool {
        matches!(self, Self::Act(_) | Self::Part(_))
    }
}

/// The life of a node, as far as it is seen; `kinds` are the types that carry a lineage, made once for many nodes.
pub(crate) fn of(known: &Known<'_>, kinds: &Kinds, node: NodeRef) -> Life {
    let boundaries = boundaries_of(known, kinds, node);
    of_boundaries(known, node, boundaries)
}

/// What documents state of the begins and ends of a node.
fn boundaries_of(known: &Known<'_>, kinds: &Kinds, node: NodeRef) -> Vec<Boundary> {
    let mut boundaries = Vec::new();
    acts(known, kinds, node, &mut boundaries);
    parts(known, kinds, node, &mut boundaries);
    exists(known, node, &mut boundaries);
    boundaries
}

fn of_boundaries(known: &Known<'_>, node: NodeRef, boundaries: Vec<Boundary>) -> Life {
    let mut life = Life::default();
    let (dated, undated): (Vec<_>, Vec<_>) = boundaries.into_iter().partition(Boundary::is_dated);
    life.undated = undated;
    life.undated.sort_by_cached_key(|boundary| (!boundary.begins, Ordered(boundary.id.clone())));
    life.order(known, dated);
    if known.view.is_none() {
        life.frame(known, node);
    }
    life
}

/// Boundaries by the facts of a node.
fn acts(known: &Known<'_>, kinds: &Kinds, node: NodeRef, to: &mut Vec<Boundary>) {
    if kinds.types().is_empty() {
        return;
    }
    let mut rels: Vec<RelRef> = Vec::new();
    known.graph.for_each_neighbour(node, Dir::Both, kinds.types(), |rel, _| rels.push(rel));
    rels.sort_unstable();
    rels.dedup();
    for rel in rels {
        let Some(kind) = kinds.of_fact(known.graph, rel) else { continue };
        let ends = known.graph.rel(rel);
        let (before, after) = kind.ends(ends.start, ends.end);
        for (body, first) in [(before, true), (after, false)] {
            if body != node {
                continue;
            }
            let Some((begins, dates)) = bounds_by(known, kind, rel, first) else { continue };
            let dates = if dates.is_empty() { of_event(known, kind, rel) } else { dates };
            let (restores, ground) = (kind.role == Role::Restoration, Ground::Act(rel));
            to.push(Boundary { begins, restores, kind: kind.name.clone(), ground, dates, id: known.fact_id(rel) });
        }
    }
}

/// Whether a fact begins or ends the body on one of its sides, with the dates of the mentions that say so.
fn bounds_by(known: &Known<'_>, kind: &Kind, rel: RelRef, first: bool) -> Option<(bool, Vec<Stated>)> {
    if !known.sees(rel) {
        return None;
    }
    if !known.is_documented(rel) {
        return side(kind, None, first).map(|begins| (begins, known.dates(rel)));
    }
    if kind.role != Role::Succession {
        return side(kind, None, first).map(|begins| (begins, known.dates(rel)));
    }
    // what one mention says of the fate of a body goes before what its relation declares
    let said: Vec<(bool, &Mention)> =
        known.mentions(rel).filter_map(|mention| Some((side(kind, Some(mention), first)?, mention))).collect();
    let (begins, _) = said.first()?;
    if said.len() == known.mentions(rel).count() {
        return Some((*begins, known.dates(rel)));
    }
    Some((*begins, said.iter().flat_map(|(_, mention)| known.mention_dates(mention)).collect()))
}

/// Whether an act begins (true) or ends the body on one of its sides; nothing when that is not known.
fn side(kind: &Kind, mention: Option<&Mention>, first: bool) -> Option<bool> {
    let own = |key: &'static str| mention.and_then(|mention| mention.stated(key).next());
    match (kind.role, first) {
        (Role::Creation | Role::Restoration, false) => Some(true),
        (Role::Ending, false) => Some(false),
        (Role::Succession, true) => {
            let fate = own("predecessor").and_then(Fate::parse).or(kind.predecessor);
            (fate == Some(Fate::Ends)).then_some(false)
        }
        (Role::Succession, false) => {
            let origin = own("successor").and_then(Origin::parse).or(kind.successor);
            (origin == Some(Origin::New)).then_some(true)
        }
        _ => None,
    }
}

/// The dates of the event that a fact names, when the fact itself states none.
fn of_event(known: &Known<'_>, kind: &Kind, rel: RelRef) -> Vec<Stated> {
    let Some(event) = known.mentions(rel).filter_map(Mention::event).min() else { return Vec::new() };
    dates_of_event(known, &event.into(), kind)
}

fn dates_of_event(known: &Known<'_>, event: &Arc<str>, kind: &Kind) -> Vec<Stated> {
    let same = |rel: &RelRef| known.graph.type_name(known.graph.rel(*rel).ty) == &*kind.name;
    let rels = known.evidence.rels_of_event(event).into_iter().filter(same);
    let mut dates: Vec<Stated> = rels.flat_map(|rel| known.dates(rel)).collect();
    let record = known.evidence.event_at(event, &kind.name).and_then(|at| known.evidence.events().get(at as usize));
    for member in record.into_iter().flat_map(|record| &record.members) {
        if let Some(mention) = seen(known, member.mention) {
            dates.extend(known.mention_dates(mention));
        }
    }
    dates
}

fn seen<'a>(known: &Known<'a>, mention: MentionId) -> Option<&'a Mention> {
    known.evidence.mention(mention).filter(|mention| known.evidence.is_seen(mention, known.view))
}

/// Boundaries by events of which the other side is not said body by body.
fn parts(known: &Known<'_>, kinds: &Kinds, node: NodeRef, to: &mut Vec<Boundary>) {
    for at in known.evidence.events_of(node) {
        let Some(record) = known.evidence.events().get(at as usize) else { continue };
        let Some(kind) = kinds.named(&record.relation) else { continue };
        for member in record.members.iter().filter(|member| member.node == node) {
            let Some(mention) = seen(known, member.mention) else { continue };
            let Some(begins) = side(kind, Some(mention), !kind.befalls(member.side)) else { continue };
            let mut dates = known.mention_dates(mention);
            if dates.is_empty() {
                dates = dates_of_event(known, &record.id, kind);
            }
            let (restores, ground) = (kind.role == Role::Restoration, Ground::Part(member.mention));
            to.push(Boundary { begins, restores, kind: kind.name.clone(), ground, dates, id: mention.id.clone() });
        }
    }
}

/// Boundaries by what states the life itself.
fn exists(known: &Known<'_>, node: NodeRef, to: &mut Vec<Boundary>) {
    for id in known.evidence.exists_of(node) {
        let Some(mention) = seen(known, *id) else { continue };
        let dates = |key| known.dates_by(mention, key).collect::<Vec<_>>();
        let ground = Ground::Exists(*id);
        sides(dates("start"), dates("end"), ground, &mention.id, to);
    }
}

/// A begin and an end; a begin written as an interval gives both when no end is stated.
fn sides(start: Vec<Stated>, end: Vec<Stated>, ground: Ground, id: &Arc<str>, to: &mut Vec<Boundary>) {
    let spans = |dates: &[Stated]| dates.iter().any(|date| date.read.as_ref().is_some_and(|read| read.is_interval()));
    let end = if end.is_empty() && spans(&start) { start.clone() } else { end };
    for (begins, dates) in [(true, start), (false, end)] {
        if !dates.is_empty() {
            let (kind, id) = (Arc::from("exists"), id.clone());
            to.push(Boundary { begins, restores: false, kind, ground, dates, id });
        }
    }
}

/// A date that is stated of a begin or an end.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) text: Arc<str>,
    /// The days on which the life may have begun, or ended, by this date.
    pub(super) days: DaySet,
    open: bool,
    restores: bool,
    pub(super) ground: Ground,
    pub(super) place: Option<Place>,
}

impl Claim {
    /// Whether both cannot be true. What is founded on one day may be restored on another.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self.restores == other.restores && (self.open != other.open || self.days.excludes(&other.days))
    }

    /// Whether it says the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.text == other.text && self.restores == other.restores && !self.excludes(other)
    }

    /// The fact of the act that it follows from.
    pub(super) fn act(&self) -> Option<RelRef> {
        if let Ground::Act(rel) = self.ground { Some(rel) } else { None }
    }
}

/// One date of a boundary, as it bounds a life.
struct Reading {
    text: Arc<str>,
    days: DaySet,
    open: bool,
    firm: bool,
}

impl Boundary {
    fn is_dated(&self) -> bool {
        self.dates.iter().any(|date| self.reading(date, false).is_some())
    }

    /// What a date says of the first or the last day: for an act, one of two days for each.
    fn reading(&self, date: &Stated, exclusive: bool) -> Option<Reading> {
        let (text, firm) = (date.text.clone(), date.firm);
        let reading = |days, open| Some(Reading { text: text.clone(), days, open, firm });
        if &*date.text == ".." {
            return reading(DaySet::all(), true);
        }
        let read = date.read.as_ref()?;
        if self.ground.is_act() {
            let days = date.days()?;
            let beside = days.moved(if self.begins { 1 } else { -1 });
            return reading(days.union(&beside), false);
        }
        let (side, days) = if self.begins { (read.from(), read.begin()) } else { (read.to(), read.end()) };
        match side {
            End::Open => reading(DaySet::all(), true),
            End::Unknown => None,
            End::At(_) if days.is_all() => None,
            End::At(_) if exclusive && !self.begins => reading(days.moved(-1), false),
            End::At(_) => reading(days, false),
        }
    }

    fn readings(&self, known: &Known<'_>) -> Vec<Reading> {
        self.dates.iter().filter_map(|date| self.reading(date, Self::excludes_last(date, known))).collect()
    }

    /// Whether an end so stated is the first day after the life.
    fn excludes_last(date: &Stated, known: &Known<'_>) -> bool {
        let source = date.place.and_then(|place| known.evidence.source(place.source));
        source.and_then(|source| source.reading.end_exclusive).unwrap_or(known.vocabulary.frame.end_exclusive)
    }

    /// The days that are stated, as they are written: an act of a day orders with a life date of that day.
    fn span(&self) -> (i64, i64) {
        let mut span: Option<(i64, i64)> = None;
        for date in &self.dates {
            let Some(reading) = self.reading(date, false) else { continue };
            let own = if reading.open {
                // what never ends ends last, what never began begins first
                if self.begins { (i64::MIN, i64::MIN) } else { (i64::MAX, i64::MAX) }
            } else {
                let days = if self.ground.is_act() { date.days().unwrap_or_default() } else { reading.days };
                let first = days.earliest().map_or(i64::MIN, |day| day.days);
                (first, days.latest().map_or(i64::MAX, |day| day.days))
            };
            span = Some(span.map_or(own, |span| (span.0.min(own.0), span.1.max(own.1))));
        }
        span.unwrap_or((i64::MIN, i64::MAX))
    }

    /// The places that state it.
    pub(crate) fn places(&self, known: &Known<'_>) -> Vec<Place> {
        let mut places: Vec<Place> = self.dates.iter().filter_map(|date| date.place).collect();
        if places.is_empty() {
            match self.ground {
                Ground::Act(rel) => places.extend(known.mentions(rel).map(|mention| mention.place)),
                Ground::Part(id) | Ground::Exists(id) => {
                    places.extend(known.evidence.mention(id).map(|mention| mention.place));
                }
                Ground::Frame => {}
            }
        }
        tidy(known, &mut places);
        places
    }
}

impl Life {
    /// Puts boundaries in order and makes intervals of them.
    fn order(&mut self, known: &Known<'_>, mut boundaries: Vec<Boundary>) {
        boundaries.sort_by_cached_key(|boundary| {
            let rank = match (boundary.begins, boundary.restores) {
                (true, false) => 0,
                (false, _) => 1,
                (true, true) => 2,
            };
            let (earliest, latest) = boundary.span();
            (earliest, latest, rank, Ordered(boundary.id.clone()))
        });
        let mut open: Option<(Vec<Boundary>, Vec<Boundary>)> = None;
        let mut close = |open: &mut Option<(Vec<Boundary>, Vec<Boundary>)>| {
            if let Some((begins, ends)) = open.take() {
                let interval = Interval { begin: Bound::of(known, begins), end: Bound::of(known, ends) };
                self.intervals.push(interval);
            }
        };
        for boundary in boundaries {
            if boundary.begins {
                let anew = open.as_ref().is_some_and(|(begins, ends)| {
                    let apart = |other: &Boundary| !other.restores && other.span().1 < boundary.span().0;
                    !ends.is_empty() || boundary.restores && !begins.is_empty() && begins.iter().all(apart)
                });
                if anew {
                    close(&mut open);
                }
                open.get_or_insert_default().0.push(boundary);
            } else {
                open.get_or_insert_default().1.push(boundary);
            }
        }
        close(&mut open);
    }

    /// Adds what the dataset says without a source.
    fn frame(&mut self, known: &Known<'_>, node: NodeRef) {
        let property = |key: &'static str| {
            let value = known.graph.key(key).map_or(Value::Null, |key| known.graph.node_property(node, key));
            let stated = texts_of(&value).into_iter().map(|text| {
                let read = known.read(&text, None);
                let firm = read.as_ref().is_some_and(|read| read.certain()) || &*text == "..";
                Stated { text, role: key, read, place: None, firm }
            });
            stated.filter(|date| !known.vocabulary.is_sentinel(&date.text, None)).collect::<Vec<_>>()
        };
        let mut frame = Vec::new();
        sides(property("start"), property("end"), Ground::Frame, &Arc::default(), &mut frame);
        frame.retain(Boundary::is_dated);
        if self.intervals.is_empty() && !frame.is_empty() {
            self.intervals.push(Interval::default());
        }
        for boundary in frame {
            let bound = match boundary.begins {
                true => self.intervals.first_mut().map(|interval| &mut interval.begin),
                false => self.intervals.last_mut().map(|interval| &mut interval.end),
            };
            let Some(bound) = bound else { continue };
            if !bound.stated.is_empty() {
                bound.refine(known, boundary);
                continue;
            }
            let interval = if boundary.begins { self.intervals.first() } else { self.intervals.last() };
            let own = Bound::of(known, vec![boundary]);
            let fits = interval.is_some_and(|interval| {
                let (begin, end) = if own.stated[0].begins { (&own, &interval.end) } else { (&interval.begin, &own) };
                begin.open
                    || end.open
                    || !matches!((begin.days.earliest(), end.days.latest()), (Some(a), Some(b)) if a > b)
            });
            let place = match own.stated[0].begins {
                true => self.intervals.first_mut().map(|interval| &mut interval.begin),
                false => self.intervals.last_mut().map(|interval| &mut interval.end),
            };
            if let (true, Some(place)) = (fits, place) {
                *place = own;
            }
        }
    }

    /// The property `start` or `end` that the life gives: its first begin, its last end.
    pub(crate) fn property(&self, key: &str) -> Value {
        self.bound(key).and_then(|bound| bound.text.clone()).map_or(Value::Null, Value::Str)
    }

    /// The first begin (`start`) or the last end (`end`).
    pub(crate) fn bound(&self, key: &str) -> Option<&Bound> {
        match key {
            "start" => self.intervals.first().map(|interval| &interval.begin),
            "end" => self.intervals.last().map(|interval| &interval.end),
            _ => None,
        }
    }

    /// The places that state the dates from which the property `start` or `end` follows; none when no source does.
    pub(crate) fn places(&self, key: &str) -> Vec<Place> {
        let boundaries = self.bound(key).into_iter().flat_map(|bound| &bound.stated);
        boundaries.flat_map(|boundary| boundary.dates.iter().filter_map(|date| date.place)).collect()
    }

    /// Whether it lived on some of these days. Between two intervals it did not.
    pub(crate) fn holds(&self, date: Days) -> Holds {
        let mut held = if self.intervals.is_empty() { Holds::NotStated } else { Holds::No };
        for interval in &self.intervals {
            match interval.holds(date) {
                Holds::Yes => return Holds::Yes,
                Holds::NotStated => held = Holds::NotStated,
                Holds::No => {}
            }
        }
        held
    }

    /// When it lived, stretch by stretch: one that says nothing where nothing dated is known.
    pub(crate) fn times(&self) -> Vec<FactTime> {
        if self.intervals.is_empty() {
            return vec![FactTime::default()];
        }
        self.intervals.iter().map(|interval| FactTime::between(interval.begin.limit(), interval.end.limit())).collect()
    }

    /// The life as a list of maps, as the language shows it.
    pub(crate) fn value(&self, known: &Known<'_>) -> Result<Value> {
        let mut list = Vec::new();
        for Interval { begin, end } in &self.intervals {
            list.push(Value::map([
                (Arc::from("start"), begin.text.clone().map_or(Value::Null, Value::Str)),
                (Arc::from("end"), end.text.clone().map_or(Value::Null, Value::Str)),
                (Arc::from("begins"), boundaries(known, &begin.stated)?),
                (Arc::from("ends"), boundaries(known, &end.stated)?),
                (Arc::from("disputed"), Value::Bool(begin.disputed || end.disputed)),
            ])?);
        }
        if !self.undated.is_empty() {
            let (begins, ends): (Vec<_>, Vec<_>) = self.undated.iter().cloned().partition(|boundary| boundary.begins);
            list.push(Value::map([
                (Arc::from("start"), Value::Null),
                (Arc::from("end"), Value::Null),
                (Arc::from("begins"), boundaries(known, &begins)?),
                (Arc::from("ends"), boundaries(known, &ends)?),
                (Arc::from("disputed"), Value::Bool(false)),
                (Arc::from("undated"), Value::Bool(true)),
            ])?);
        }
        Value::list(list)
    }
}

fn boundaries(known: &Known<'_>, list: &[Boundary]) -> Result<Value> {
    let each = list.iter().map(|boundary| {
        let mut texts: Vec<Arc<str>> = boundary.dates.iter().map(|date| date.text.clone()).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut entries = vec![
            (Arc::from("by"), Value::Str(boundary.kind.clone())),
            (Arc::from("dates"), Value::list(texts.into_iter().map(Value::Str).collect())?),
            (Arc::from("derived"), Value::Bool(boundary.ground.is_act())),
            (Arc::from("sourced"), Value::Bool(boundary.ground != Ground::Frame)),
            (Arc::from("citations"), detail::cited(known, &boundary.places(known))?),
        ];
        if let Ground::Act(rel) = boundary.ground {
            entries.push((Arc::from("fact"), Value::Rel(rel)));
        }
        Value::map(entries)
    });
    Value::list(each.collect::<Result<_>>()?)
}

impl Interval {
    /// Whether it lived on some of these days.
    fn holds(&self, date: Days) -> Holds {
        let before = |bound: &Bound| bound.days.earliest().is_some_and(|first| date.last < first);
        let after = |bound: &Bound| bound.days.latest().is_some_and(|last| date.first > last);
        if before(&self.begin) || after(&self.end) {
            return Holds::No;
        }
        // a day not before the latest possible begin and not after the earliest possible end
        let from = match (self.begin.open, self.begin.days.latest()) {
            (true, _) => Some(date.first),
            (false, latest) => latest.map(|latest| latest.max(date.first)),
        };
        let to = match (self.end.open, self.end.days.earliest()) {
            (true, _) => Some(date.last),
            (false, earliest) => earliest.map(|earliest| earliest.min(date.last)),
        };
        let firm = self.begin.firm && self.end.firm;
        match (from, to) {
            (Some(from), Some(to)) if firm && from <= to => Holds::Yes,
            _ => Holds::NotStated,
        }
    }
}

impl Bound {
    /// As a side of a time; nothing when it is not stated.
    fn limit(&self) -> Option<Limit<'_>> {
        let precision = self.text.as_ref().and_then(|text| Edtf::parse(text).ok()?.precision());
        let days = (!self.open).then_some(&self.days);
        (self.open || !self.days.is_empty()).then_some(Limit { days, grounded: self.firm, precision })
    }

    /// What documents state of it, date by date.
    pub(super) fn claims(&self, known: &Known<'_>) -> Vec<Claim> {
        let mut claims = Vec::new();
        for boundary in self.stated.iter().filter(|boundary| boundary.ground != Ground::Frame) {
            for date in &boundary.dates {
                if let Some(Reading { text, days, open, .. }) =
                    boundary.reading(date, Boundary::excludes_last(date, known))
                {
                    let Boundary { restores, ground, .. } = *boundary;
                    claims.push(Claim { text, days, open, restores, ground, place: date.place });
                }
            }
        }
        claims
    }

    fn of(known: &Known<'_>, stated: Vec<Boundary>) -> Self {
        let mut readings: Vec<Reading> = stated.iter().flat_map(|boundary| boundary.readings(known)).collect();
        readings.sort_by(|a, b| (!a.firm, &a.text).cmp(&(!b.firm, &b.text)));
        let mut bound = Self { stated, ..Self::default() };
        if readings.is_empty() {
            return bound;
        }
        let apart = |a: &Reading, b: &Reading| a.open != b.open || a.days.excludes(&b.days);
        bound.disputed = readings.iter().enumerate().any(|(at, a)| readings[at + 1..].iter().any(|b| apart(a, b)));
        bound.open = readings.iter().all(|reading| reading.open);
        let dated = || readings.iter().filter(|reading| bound.open || !reading.open);
        if let Some(inner) = dated().find(|inner| dated().all(|other| other.days.contains(&inner.days))) {
            bound.text = Some(inner.text.clone());
            bound.days = if bound.open { DaySet::empty() } else { inner.days.clone() };
            bound.firm = inner.firm && !bound.disputed;
            return bound;
        }
        let mut smallest: Vec<&Reading> = Vec::new();
        for date in dated() {
            let wider = dated().any(|other| date.days.contains(&other.days) && !other.days.contains(&date.days));
            let known = smallest.iter().any(|known| known.days == date.days);
            if !wider && !known {
                smallest.push(date);
            }
        }
        smallest.sort_by_key(|date| (date.days.earliest(), date.days.latest(), date.text.clone()));
        bound.days = DaySet::union_of(smallest.iter().map(|date| &date.days));
        bound.firm = smallest.iter().all(|date| date.firm) && !bound.disputed;
        let inner = |date: &&Reading| date.text.replace('/', "..").trim_matches(['[', ']']).to_owned();
        let texts: Vec<String> = smallest.iter().map(inner).collect();
        bound.text = Some(match texts.as_slice() {
            [one] => one.as_str().into(),
            _ => format!("[{}]", texts.join(",")).into(),
        });
        bound
    }

    /// Takes a date of the dataset that lies within what is stated; one that a place states already adds nothing.
    fn refine(&mut self, known: &Known<'_>, frame: Boundary) {
        let own = Self::of(known, vec![frame]);
        let repeated = |date: &Stated| Some(&date.text) == own.text.as_ref();
        if own.open || self.open || self.stated.iter().flat_map(|boundary| &boundary.dates).any(repeated) {
            return;
        }
        if self.days.contains(&own.days) && self.days != own.days {
            self.text = own.text;
            self.days = own.days;
            self.firm &= own.firm;
            self.stated.extend(own.stated);
        }
    }
}

/// Takes start and end from a node, as far as no document states them.
///
/// # Errors
/// What the graph refuses.
pub(crate) fn unsettle(graph: &mut Graph, evidence: &Evidence, vocabulary: &Vocabulary, node: NodeRef) -> Result<()> {
    let kinds = Kinds::of(graph, vocabulary, &[]);
    let known = Known { graph, evidence, vocabulary, view: None };
    let life = of_boundaries(&known, node, boundaries_of(&known, &kinds, node));
    let is_stated =
        |key: &&str| life.bound(key).is_some_and(|bound| bound.stated.iter().any(|b| b.ground != Ground::Frame));
    for key in ["start", "end"].into_iter().filter(|key| !is_stated(key)).collect::<Vec<_>>() {
        if let Some(key) = graph.key(key) {
            graph.set_node_property(node, key, Value::Null)?;
        }
    }
    Ok(())
}

/// Gives every node the start and the end of its life, where documents state any.
///
/// # Errors
/// What the graph refuses.
pub(crate) fn settle(graph: &mut Graph, evidence: &Evidence, vocabulary: &Vocabulary, nodes: &[NodeRef]) -> Result<()> {
    let kinds = Kinds::of(graph, vocabulary, &[]);
    for node in nodes {
        let known = Known { graph, evidence, vocabulary, view: None };
        let boundaries = boundaries_of(&known, &kinds, *node);
        if boundaries.is_empty() {
            continue;
        }
        let life = of_boundaries(&known, *node, boundaries);
        for key in ["start", "end"] {
            if life.bound(key).is_some_and(|bound| bound.stated.iter().any(|b| b.ground != Ground::Frame)) {
                let value = life.property(key);
                let key = graph.ensure_key(key)?;
                if !value.is_null() {
                    graph.set_node_property(*node, key, value)?;
                }
            }
        }
    }
    Ok(())
}
