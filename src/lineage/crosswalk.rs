//! From the bodies of one day to those of another: what each became, through any number of events.
//!
//! ```text
//!  bodies that may have been on FROM ──► events between the two days, in the order of time ──► bodies that may have been on TO
//!                                         each with the way: same, goes on as, renamed, merged, part of
//! ```
//!
//! An event counts when it may have happened between the two days, and, as everywhere in lineages, when its latest day is not before the
//! latest of the earliest days of the way to it. All ways are walked, not one: two ways to one body are one row, and their shares add up.
//! The share of a way is the product of what its events state; a body that ends and has one successor goes into it whole,
//! unless the relation is declared to split. Where one event says nothing of shares, nothing is said of the way; what is left of a body that gave a part away is stated nowhere.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::events::Events;
use super::kinds::{Kind, Kinds};
use super::lives;
use super::stated::{Known, Span};
use super::validity::{Days, Holds};
use crate::provenance::{Fate, Gathers, Origin, Place, Role};
use crate::value::quantity::{Number, Quantity};
use crate::value::temporal::Date;
use crate::value::{NodeRef, RelRef};

/// How a body of the one day has come to one of the other. The later says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Same,
    /// One body became one body.
    GoesOn,
    /// One body became one body of another name.
    Renamed,
    /// Several went into one, or its relation is declared to merge, whether or not the others are known.
    Merged,
    /// One went into several, a part of it left, or its relation is declared to split.
    Part,
}

impl Sort {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::GoesOn => "goes on as",
            Self::Renamed => "renamed",
            Self::Merged => "merged",
            Self::Part => "part of",
        }
    }
}

/// What one body of the one day is to one of the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crossing {
    pub(crate) from: NodeRef,
    /// Nothing where it ended and no document says what became of it.
    pub(crate) to: Option<NodeRef>,
    pub(crate) sort: Sort,
    /// How much of it, from 0 to 1; nothing where it is not stated.
    pub(crate) share: Option<f64>,
    /// The fewest events of a way.
    pub(crate) events: usize,
    /// Whether every event on some way happened between the two days for every reading of its dates.
    pub(crate) certain: bool,
    /// What states the events.
    pub(crate) places: Vec<Place>,
}

/// Most ways that are walked from one body.
pub(crate) const MOST_WAYS: usize = 10_000;

/// What a crosswalk found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crosswalk {
    pub(crate) rows: Vec<Crossing>,
    /// The bodies from which more ways lead than are walked: their rows may lack some, and have no shares.
    pub(crate) cut: Vec<NodeRef>,
}

/// An event as it leads on from a body.
struct Edge {
    /// A place in [`Events`].
    event: u32,
    to: NodeRef,
    span: Span,
    sort: Sort,
    share: Option<f64>,
    /// A part left, and the body went on.
    goes_on: bool,
    facts: SmallVec<[RelRef; 2]>,
}

/// A way so far.
#[derive(Clone, Copy)]
struct Way {
    at: NodeRef,
    bound: i64,
    sort: Sort,
    share: Option<f64>,
    certain: bool,
    /// The events, the last one first, as places in a list that ways share.
    step: Option<usize>,
    events: usize,
}

/// A step of a way: the one before it, the body it leads to, the facts by which it does.
type Passed = (Option<usize>, NodeRef, SmallVec<[RelRef; 2]>);

/// From the bodies among `units` that may have been on `from` to those that may have been on `to`.
pub(crate) fn crosswalk(known: &Known<'_>, kinds: &Kinds, units: &[NodeRef], from: Days, to: Days) -> Crosswalk {
    let mut walker = Walker {
        known: *known,
        kinds,
        events: Events::new(*known, kinds),
        edges: FxHashMap::default(),
        alive: FxHashMap::default(),
        from,
        to,
    };
    let mut found = Crosswalk::default();
    for unit in units {
        if lives::of(known, kinds, *unit).holds(from) != Holds::No {
            walker.walk(*unit, &mut found);
        }
    }
    found
}

struct Walker<'a> {
    known: Known<'a>,
    kinds: &'a Kinds,
    events: Events<'a>,
    edges: FxHashMap<NodeRef, Arc<[Edge]>>,
    /// Whether a body may have been on the later day.
    alive: FxHashMap<NodeRef, bool>,
    from: Days,
    to: Days,
}

impl Walker<'_> {
    fn walk(&mut self, unit: NodeRef, found: &mut Crosswalk) {
        let first = found.rows.len();
        let mut steps: Vec<Passed> = Vec::new();
        let mut ways = vec![Way {
            at: unit,
            bound: i64::MIN,
            sort: Sort::Same,
            share: Some(1.0),
            certain: true,
            step: None,
            events: 0,
        }];
        let mut walked = 0;
        while let Some(way) = ways.pop() {
            walked += 1;
            if walked > MOST_WAYS {
                found.cut.push(unit);
                found.rows[first..].iter_mut().for_each(|row| row.share = None);
                break;
            }
            let edges = self.edges(way.at);
            // whether a part may have left by then in another event, after the way came here; what an event that ends the body
            // gives away is missing from where the others take it
            let lost = |until: i64, but: Option<&Edge>| {
                let other = |edge: &&Edge| but.is_none_or(|but| edge.event != but.event);
                let gives = |edge: &Edge| edge.goes_on || but.is_some() && edge.sort == Sort::Part;
                edges
                    .iter()
                    .filter(other)
                    .any(|edge| gives(edge) && edge.span.latest >= way.bound && edge.span.earliest <= until)
            };
            if self.is_alive(way.at) {
                let mut way = way;
                if lost(i64::MAX, None) {
                    (way.sort, way.share) = (Sort::Part, None);
                }
                self.arrive(unit, &way, &steps, first, &mut found.rows);
            }
            for edge in edges.iter().filter(|edge| edge.span.latest >= way.bound) {
                // no way comes to one body twice
                let mut before = way.step;
                let mut again = edge.to == unit;
                while let Some(step) = before.filter(|_| !again) {
                    again = steps[step].1 == edge.to;
                    before = steps[step].0;
                }
                if again {
                    continue;
                }
                let within = edge.span.earliest > self.from.last.days && edge.span.latest <= self.to.last.days;
                let in_order = edge.span.earliest >= way.bound;
                let lost = lost(edge.span.latest, Some(edge));
                steps.push((way.step, edge.to, edge.facts.clone()));
                ways.push(Way {
                    at: edge.to,
                    bound: way.bound.max(edge.span.earliest),
                    sort: way.sort.max(edge.sort).max(if lost { Sort::Part } else { Sort::Same }),
                    share: way.share.zip(edge.share).map(|(a, b)| a * b).filter(|_| !lost),
                    certain: way.certain && within && in_order && edge.span.firm,
                    step: Some(steps.len() - 1),
                    events: way.events + 1,
                });
            }
        }
        if found.rows.len() == first {
            let (share, places) = (None, Vec::new());
            found.rows.push(Crossing {
                from: unit,
                to: None,
                sort: Sort::Same,
                share,
                events: 0,
                certain: false,
                places,
            });
        }
    }

    /// A way ends at a body: one more for a row that is there, or a new one.
    fn arrive(&self, unit: NodeRef, way: &Way, steps: &[Passed], first: usize, rows: &mut Vec<Crossing>) {
        let mut facts: Vec<RelRef> = Vec::new();
        let mut at = way.step;
        while let Some(step) = at {
            facts.extend(&steps[step].2);
            at = steps[step].0;
        }
        facts.reverse();
        let mut places: Vec<Place> = Vec::new();
        for place in facts.iter().flat_map(|rel| self.known.mentions(*rel)).map(|mention| mention.place) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if let Some(row) = rows[first..].iter_mut().find(|row| row.to == Some(way.at)) {
            row.sort = row.sort.max(way.sort);
            row.share = row.share.zip(way.share).map(|(a, b)| a + b);
            row.events = row.events.min(way.events);
            row.certain |= way.certain;
            places.retain(|place| !row.places.contains(place));
            row.places.append(&mut places);
            return;
        }
        // whatever became what by one event each is called another only where it is
        let name = |body: NodeRef| {
            let name = self.known.graph.key("name").map(|key| self.known.graph.node_property(body, key));
            name.filter(|name| !name.is_null())
        };
        let renamed = || matches!((name(unit), name(way.at)), (Some(before), Some(after)) if before != after);
        rows.push(Crossing {
            from: unit,
            to: Some(way.at),
            sort: if way.sort == Sort::GoesOn && renamed() { Sort::Renamed } else { way.sort },
            share: way.share,
            events: way.events,
            certain: way.certain,
            places,
        });
    }

    fn is_alive(&mut self, body: NodeRef) -> bool {
        if let Some(alive) = self.alive.get(&body) {
            return *alive;
        }
        let holds = lives::of(&self.known, self.kinds, body).holds(self.to);
        // a life that nothing ends goes on, unless an event that ends it is over
        let mut ended =
            || self.edges(body).iter().any(|edge| edge.sort != Sort::Part && edge.span.latest < self.to.first.days);
        let alive = match holds {
            Holds::No => false,
            Holds::Yes => true,
            Holds::NotStated => !ended(),
        };
        self.alive.insert(body, alive);
        alive
    }

    /// The events that lead on from a body between the two days.
    fn edges(&mut self, body: NodeRef) -> Arc<[Edge]> {
        if let Some(edges) = self.edges.get(&body) {
            return edges.clone();
        }
        let known = self.known;
        let sees = |rel: RelRef| known.sees(rel);
        let part_seen =
            |member: &crate::provenance::Member| super::events::sees_part(&known, known.view, member.mention);
        let mut edges: Vec<Edge> = Vec::new();
        for part in self.events.at(body).into_iter().filter(|part| part.first) {
            let event = self.events.get(part.event).clone();
            if event.kind.role != Role::Succession {
                continue;
            }
            let before = event.side(&known, true, &sees, &part_seen);
            let after = event.side(&known, false, &sees, &part_seen);
            let to: SmallVec<[(NodeRef, Option<RelRef>); 2]> = match part.fact {
                Some((rel, _)) if !known.sees(rel) => continue,
                Some((rel, other)) => [(other, Some(rel))].into_iter().collect(),
                None => after.iter().map(|body| (*body, None)).collect(),
            };
            let facts: SmallVec<[RelRef; 2]> = event.facts.iter().copied().filter(|rel| known.sees(*rel)).collect();
            let dates: Vec<_> = facts.iter().map(|rel| known.dates(*rel)).collect();
            let span = Span::of(dates.iter().flatten());
            if span.latest < self.from.first.days || span.earliest > self.to.last.days {
                continue;
            }
            // how many bodies this one goes into, as far as pairs are stated
            let own = |rel: &RelRef| {
                let ends = known.graph.rel(*rel);
                event.kind.ends(ends.start, ends.end).0 == body
            };
            let parted = if part.fact.is_some() { facts.iter().filter(|rel| own(rel)).count() } else { after.len() };
            for (to, rel) in to {
                let goes_on = fate(&known, &event.kind, rel) == Some(Fate::Continues);
                // what a register leaves out of an event does not make it another kind of event
                let sort = match (parted, before.len()) {
                    _ if goes_on => Sort::Part,
                    (2.., _) => Sort::Part,
                    _ if event.kind.gathers == Some(Gathers::Predecessor) => Sort::Part,
                    (_, 2..) => Sort::Merged,
                    _ if event.kind.gathers == Some(Gathers::Successor) => Sort::Merged,
                    _ if self.was_there(&event.kind, rel, to, span) => Sort::Merged,
                    _ => Sort::GoesOn,
                };
                let stated = rel.and_then(|rel| share(&known, rel));
                let share = stated.or((sort != Sort::Part).then_some(1.0));
                let facts = rel.map_or_else(|| facts.clone(), |rel| [rel].into_iter().collect());
                if !edges.iter().any(|edge| edge.to == to && edge.facts == facts) {
                    edges.push(Edge { event: part.event, to, span, sort, share, goes_on, facts });
                }
            }
        }
        edges.sort_by(|a, b| {
            (a.span.earliest, a.span.latest)
                .cmp(&(b.span.earliest, b.span.latest))
                .then_with(|| known.by_id(a.to, b.to))
        });
        let edges: Arc<[Edge]> = edges.into();
        self.edges.insert(body, edges.clone());
        edges
    }
}

impl Walker<'_> {
    /// Whether the successor of an event was there before it: as its mentions or the relation say, else as its life does.
    fn was_there(&self, kind: &Kind, rel: Option<RelRef>, to: NodeRef, span: Span) -> bool {
        let stated = rel
            .into_iter()
            .flat_map(|rel| self.known.values(rel, "successor"))
            .find_map(|(text, _)| Origin::parse(&text));
        if let Some(origin) = stated.or(kind.successor) {
            return origin == Origin::Existing;
        }
        let before = span
            .earliest
            .checked_sub(2)
            .and_then(|day| Date::from_days(day).ok())
            .map(|day| Days { first: day, last: day });
        before.is_some_and(|day| lives::of(&self.known, self.kinds, to).holds(day) == Holds::Yes)
    }
}

/// What the event does to the predecessor: as its mentions say, else as the relation is declared.
fn fate(known: &Known<'_>, kind: &Kind, rel: Option<RelRef>) -> Option<Fate> {
    let stated =
        rel.into_iter().flat_map(|rel| known.values(rel, "predecessor")).find_map(|(text, _)| Fate::parse(&text));
    stated.or(kind.predecessor)
}

/// The share that a fact states, when it states one and not several.
fn share(known: &Known<'_>, rel: RelRef) -> Option<f64> {
    let mut stated = known.values(rel, "share").into_iter().filter_map(|(text, _)| read_share(&text));
    let first = stated.next()?;
    stated.all(|other| (other - first).abs() < 1e-9).then_some(first)
}

/// A share as documents write it: `30 percent`, `30%`, `0.3`, `3/10`.
pub(crate) fn read_share(text: &str) -> Option<f64> {
    let number = |number: Number| match number {
        #[allow(clippy::cast_precision_loss)] // a share
        Number::Int(n) => n as f64,
        Number::Float(n) => n,
    };
    if let Some((a, b)) = text.split_once('/') {
        let (a, b): (f64, f64) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
        return Some(a / b).filter(|share| (0.0..=1.0).contains(share));
    }
    let quantity = Quantity::parse(text)?;
    if quantity.upper.is_some() {
        return None;
    }
    let share = match quantity.unit {
        "percent" | "per cent" | "%" => number(quantity.value) / 100.0,
        "" => number(quantity.value),
        _ => return None,
    };
    Some(share).filter(|share| (0.0..=1.0).contains(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_they_are_written() {
        for (text, share) in [
            ("30 percent", Some(0.3)),
            ("30%", Some(0.3)),
            ("0.3", Some(0.3)),
            ("3/10", Some(0.3)),
            ("1", Some(1.0)),
            ("all", None),
            ("30", None),
            ("20-30%", None),
        ] {
            assert_eq!(read_share(text), share, "{text}");
        }
    }
}
