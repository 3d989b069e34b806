//! Some of the paths of a pattern of any shape between two nodes, in order of length or of what they cost.
//!
//! ```text
//!   SHORTEST 2 (a) ((x)-[:R]->(y) WHERE x.k < y.k)+ (m)-[:S]->(b)
//!
//!   partial paths, each with its place in the pattern, the one first that can come to the least cost (or length);
//!   how much that is at least, the search against the pattern from b says (search_distance)
//! ```
//!
//! Conditions on one node or relationship hold a step back; those on a repetition when it is whole; those on the path
//! when it has arrived. So only paths that satisfy everything inside the selector are chosen among.
//!
//! Floats added from the end come to a little more or less than added from the beginning: where groups of equal cost are
//! asked for, paths within that of the last group are looked at too, and told apart by the sums in order.

use std::collections::{BTreeMap, BTreeSet};

use super::cost::{Cost, Prices};
use super::found::cited;
use super::search_distance::{Distances, Place};
use super::walking::rel_list;
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Expr, PathMode, Selector, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::exec::eval::{build_path, is_true};
use crate::exec::names::{Types, dir};
use crate::exec::vector::narrowed;
use crate::plan::search::{Leg, LegFills, LegHop, PathSearch};
use crate::value::{NodeRef, RelRef, Value};

/// What the search asks of the graph and of the row it starts from.
pub(super) struct Asking<'p> {
    pub(super) search: &'p PathSearch,
    types: Vec<Vec<Types<'p>>>,
    /// What the relationships of each hop cost.
    prices: Vec<Vec<Option<Prices<'p>>>>,
    /// The row, in which slots hold what is being tested.
    row: Batch,
    taken: Vec<RelRef>,
}

impl<'p> Asking<'p> {
    fn new(search: &'p PathSearch) -> Self {
        let types = search.legs.iter().map(|leg| leg.hops.iter().map(|hop| Types::new(&hop.types)).collect());
        let price = |hop: &'p LegHop| hop.cost.as_ref().map(|cost| Prices::new(cost, hop.rel));
        let prices = search.legs.iter().map(|leg| leg.hops.iter().map(price).collect()).collect();
        Self { search, types: types.collect(), prices, row: Batch::default(), taken: Vec::new() }
    }

    fn begin(&mut self, batch: &Batch, at: usize, cx: &Context<'_>) {
        let graph = cx.graph();
        self.types.iter_mut().flatten().for_each(|types| types.resolve(graph));
        self.prices.iter_mut().flatten().flatten().for_each(Prices::forget);
        self.row = batch.single(at, graph);
        self.taken.clear();
        for slot in &self.search.differs {
            collect(&self.row.row(0).value(*slot, graph), &mut self.taken);
        }
    }

    /// Whether paths are told apart by what they cost.
    pub(super) fn by_cost(&self) -> bool {
        self.search.selector.is_by_cost()
    }

    /// The leg of a place and its number; none at the end of all.
    pub(super) fn leg(&self, place: Place) -> Option<(usize, &'p Leg)> {
        let at = place.leg as usize;
        self.search.legs.get(at).map(|leg| (at, leg))
    }

    fn holds(&self, conditions: &[Expr], cx: &mut Context<'_>) -> Result<bool> {
        for condition in conditions {
            cx.meter.step(1)?;
            if !is_true(condition, self.row.row(0), cx)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What a relationship costs at a hop; nothing when it cannot be walked over.
    fn price(&mut self, (leg, hop): (usize, u32), rel: u32, cx: &mut Context<'_>) -> Result<Option<Cost>> {
        match &mut self.prices[leg][hop as usize] {
            Some(prices) => prices.of(rel, &mut self.row, cx),
            None => Ok(Some(Cost::ZERO)),
        }
    }

    fn put(&mut self, slot: Slot, value: Value) {
        self.row.set(slot, Column::Const(value));
    }

    /// Whether a node satisfies conditions that read it from `slot`.
    pub(super) fn node_fits(
        &mut self,
        conditions: &[Expr],
        slot: Option<Slot>,
        node: u32,
        cx: &mut Context<'_>,
    ) -> Result<bool> {
        if conditions.is_empty() {
            return Ok(true);
        }
        if let Some(slot) = slot {
            self.put(slot, Value::Node(NodeRef::new(node)));
        }
        self.holds(conditions, cx)
    }

    /// Appends the relationships of a hop that lead on from `node` (or, against the pattern, to it).
    pub(super) fn steps(
        &mut self,
        (leg, hop): (usize, u32),
        node: NodeRef,
        forward: bool,
        out: &mut Vec<Step>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let (search, types) = (self.search, &self.types[leg][hop as usize]);
        let spec = &search.legs[leg].hops[hop as usize];
        let from = out.len();
        if !types.is_none() {
            let dir = dir(spec.towards);
            let dir = if forward { dir } else { dir.reversed() };
            cx.graph().for_each_neighbour(node, dir, types.ids(), |rel, node| {
                if !self.taken.contains(&rel) {
                    out.push(Step { rel: rel.0, to: node.0, cost: Cost::ONE });
                }
            });
        }
        cx.meter.step(1 + out.len() - from)?;
        let by_cost = self.by_cost();
        if spec.conditions.is_empty() && !by_cost {
            return Ok(());
        }
        let mut kept = from;
        for at in from..out.len() {
            let rel = out[at].rel;
            self.put(spec.rel, Value::Rel(RelRef::new(rel)));
            if !self.holds(&spec.conditions, cx)? {
                continue;
            }
            if by_cost {
                let Some(cost) = self.price((leg, hop), rel, cx)? else { continue };
                out[at].cost = cost;
            }
            out[kept] = out[at];
            kept += 1;
        }
        out.truncate(kept);
        Ok(())
    }
}

/// A relationship that can be taken, where it leads to, and what it costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) rel: u32,
    pub(super) to: u32,
    pub(super) cost: Cost,
}

fn collect(value: &Value, rels: &mut Vec<RelRef>) {
    match value {
        Value::Rel(rel) => rels.push(*rel),
        Value::List(list) => list.iter().for_each(|item| collect(item, rels)),
        _ => {}
    }
}

/// A relationship on a path, the node behind it, and the leg it belongs to.
#[derive(Clone, Copy, Debug)]
struct Taken {
    rel: u32,
    node: u32,
    leg: u32,
}

/// A path that has come so far.
struct Partial {
    taken: Taken,
    parent: u32,
    /// What it has cost.
    cost: Cost,
    place: Place,
}

const NOWHERE: u32 = u32::MAX;

/// How many paths are wanted of a pair of ends.
#[derive(Clone, Copy)]
enum Wanted {
    Paths(u64),
    /// All of the so many smallest lengths (or costs).
    Lengths(u64),
}

fn wanted(selector: Selector) -> Wanted {
    match selector {
        Selector::All => Wanted::Paths(u64::MAX),
        Selector::ShortestPath => Wanted::Paths(1),
        Selector::Any(k) | Selector::Shortest(k) | Selector::Cheapest(k) => Wanted::Paths(k),
        Selector::AllShortestPaths | Selector::AllShortest | Selector::AllCheapest => Wanted::Lengths(1),
        Selector::ShortestGroups(k) | Selector::CheapestGroups(k) => Wanted::Lengths(k),
    }
}

/// The chosen paths per input row.
pub(in crate::exec) struct SearchPaths<'p> {
    feed: Feed<'p>,
    asking: Asking<'p>,
    live: Live<'p>,
    /// Found for the current row, to be handed on from the back.
    found: Vec<(Vec<Taken>, Cost)>,
}

impl<'p> SearchPaths<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, search: &'p PathSearch, live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), asking: Asking::new(search), live, found: Vec::new() }
    }

    /// Finds the paths of the current row.
    fn search(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let search = self.asking.search;
        let row = self.feed.batch.row(self.feed.row);
        let (Some(start), Some(target)) = (row.node(search.from), row.node(search.to)) else { return Ok(()) };
        self.asking.begin(&self.feed.batch, self.feed.row, cx);
        let distances = Distances::to(target, &mut self.asking, cx)?;
        let mut run = Run { start, target, distances, partials: Vec::new(), queue: BTreeMap::new() };
        self.found = run.paths(&mut self.asking, cx)?;
        self.found.reverse();
        Ok(())
    }

    /// The rows of the current input row.
    fn emit(&mut self, cx: &mut Context<'_>) -> Result<Batch> {
        let search = self.asking.search;
        let len = self.found.len().min(ROWS);
        let mut paths = self.found.split_off(self.found.len() - len);
        paths.reverse();
        let mut batch = self.feed.batch.gather(&vec![self.feed.row as u32; len], self.live);
        let start = self.feed.batch.row(self.feed.row).node(search.from).map_or(NOWHERE, |node| node.0);
        let mut memory = cx.meter.reservation();
        let mut columns: Vec<Vec<Value>> = Vec::new();
        for (path, cost) in &paths {
            memory.grow(64 + path.len() * 2 * size_of::<Value>())?;
            cx.meter.step(1 + path.len())?;
            let values = filled(search, start, (path, *cost))?;
            columns.resize_with(values.len(), Vec::new);
            values.into_iter().zip(&mut columns).for_each(|(value, column)| column.push(value));
        }
        for (slot, column) in search.defines().into_iter().zip(columns) {
            if self.live.is_none_or(|live| live.contains(&slot)) {
                batch.set(slot, narrowed(column));
            }
        }
        batch.hold(memory);
        if let Some(cites) = &mut batch.cites {
            // seen through a view, the whole path is: it is cited when the view has let it through
            let slot = search.parts.iter().find(|part| cx.plan.viewed.contains(part)).copied();
            for (cite, (path, _)) in cites.iter_mut().zip(&paths) {
                *cite =
                    path.iter().fold(*cite, |cite, taken| cited(cite, Some((RelRef::new(taken.rel), slot)), None, cx));
            }
        }
        Ok(batch)
    }
}

/// The values of the slots a path fills, as [`PathSearch::defines`] lists them.
fn filled(search: &PathSearch, start: u32, (path, cost): (&[Taken], Cost)) -> Result<Vec<Value>> {
    let mut out = Vec::new();
    let (mut node, mut at) = (start, 0);
    for (number, leg) in search.legs.iter().enumerate() {
        let until = path[at..].iter().position(|taken| taken.leg as usize != number).map_or(path.len(), |n| at + n);
        let own = &path[at..until];
        match &leg.fills {
            LegFills::One(_) => out.push(own.first().map_or(Value::Null, |taken| Value::Rel(RelRef::new(taken.rel)))),
            LegFills::List(_) => out.push(rel_list(own.iter().map(|taken| taken.rel))?),
            LegFills::Group { lists, .. } => {
                for (inner, _) in lists {
                    out.push(Value::list(inner_values(leg, *inner, node, own))?);
                }
                let mut walk = Vec::with_capacity(own.len() * 2 + 1);
                if !own.is_empty() {
                    walk.push(Value::Node(NodeRef::new(node)));
                }
                for taken in own {
                    walk.extend([Value::Rel(RelRef::new(taken.rel)), Value::Node(NodeRef::new(taken.node))]);
                }
                out.push(Value::list(walk)?);
            }
        }
        node = own.last().map_or(node, |taken| taken.node);
        if number + 1 < search.legs.len() {
            out.push(Value::Node(NodeRef::new(node)));
        }
        at = until;
    }
    if search.selector.is_by_cost() {
        let total = cost.total()?;
        out.extend(search.total.map(|_| total));
    }
    Ok(out)
}

/// The value of an inner slot in each repetition.
fn inner_values(leg: &Leg, inner: Slot, start: u32, own: &[Taken]) -> Vec<Value> {
    let node = |node: u32| Value::Node(NodeRef::new(node));
    let mut out = Vec::new();
    for (number, repetition) in own.chunks(leg.hops.len()).enumerate() {
        let first = match number {
            0 => start,
            _ => own[number * leg.hops.len() - 1].node,
        };
        if leg.first == Some(inner) {
            out.push(node(first));
            continue;
        }
        for (taken, hop) in repetition.iter().zip(&leg.hops) {
            if hop.rel == inner {
                out.push(Value::Rel(RelRef::new(taken.rel)));
            } else if hop.to == Some(inner) {
                out.push(node(taken.node));
            }
        }
    }
    out
}

/// One search.
struct Run {
    start: NodeRef,
    target: NodeRef,
    distances: Distances,
    partials: Vec<Partial>,
    /// Partial paths by the least they can come to.
    queue: BTreeMap<Cost, Vec<u32>>,
}

impl Run {
    fn paths(&mut self, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<Vec<(Vec<Taken>, Cost)>> {
        let mut found: Vec<(Vec<Taken>, Cost)> = Vec::new();
        let wanted = wanted(asking.search.selector);
        if matches!(wanted, Wanted::Paths(0) | Wanted::Lengths(0)) {
            return Ok(found);
        }
        let taken = Taken { rel: NOWHERE, node: self.start.0, leg: NOWHERE };
        self.partials.push(Partial { taken, parent: NOWHERE, cost: Cost::ZERO, place: Place::start() });
        self.queue.insert(Cost::ZERO, vec![0]);
        // the smallest costs of what was found, as many as are wanted
        let (mut costs, mut kept) = (BTreeSet::new(), 0);
        while let Some(mut entry) = self.queue.first_entry() {
            let least = *entry.key();
            let Some(at) = entry.get_mut().pop() else {
                entry.remove();
                continue;
            };
            cx.meter.step(1)?;
            let Partial { cost, place, taken, .. } = self.partials[at as usize];
            let Some(bound) = self.distances.within((taken.node, place), (cost, least), asking, cx)? else { continue };
            if bound > least {
                self.queue.entry(bound).or_default().push(at);
                continue;
            }
            if let Wanted::Lengths(k) = wanted
                && costs.len() as u64 >= k
                && costs.last().is_some_and(|last| least.lowered() > *last)
            {
                break;
            }
            let arrived = self.go_on(at, asking, cx)?;
            if arrived && self.passes(at, asking, cx)? {
                let path = self.path_of(at);
                kept += 64 + size_of::<Taken>() * path.len();
                found.push((path, cost));
                match wanted {
                    Wanted::Paths(k) if found.len() as u64 >= k => break,
                    Wanted::Paths(_) => {}
                    Wanted::Lengths(k) => {
                        costs.insert(cost);
                        while costs.len() as u64 > k {
                            costs.pop_last();
                        }
                    }
                }
            }
            cx.meter.fits(kept + self.partials.len() * size_of::<Partial>())?;
        }
        if let Wanted::Lengths(_) = wanted {
            found.retain(|(_, cost)| costs.last().is_some_and(|last| cost <= last));
        }
        found.sort_by_key(|(_, cost)| *cost);
        Ok(found)
    }

    /// Takes every step that is possible at `at`; true when the path may also end here.
    fn go_on(&mut self, at: u32, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<bool> {
        let search = asking.search;
        let Partial { parent, mut place, taken, .. } = self.partials[at as usize];
        // a circle of a simple path is not walked on
        let closed = search.mode == PathMode::Simple && parent != NOWHERE && taken.node == self.start.0;
        if place.hop > 0 {
            if !closed {
                self.step(at, place, asking, cx)?;
            }
            return Ok(false);
        }
        while let Some((_, leg)) = asking.leg(place) {
            if !closed
                && leg.max.is_none_or(|max| place.count < max)
                && asking.node_fits(&leg.first_conditions, leg.first, taken.node, cx)?
            {
                self.step(at, place, asking, cx)?;
            }
            if place.count < leg.min || !asking.node_fits(&leg.end_conditions, Some(leg.end), taken.node, cx)? {
                return Ok(false);
            }
            place = Place { leg: place.leg + 1, count: 0, hop: 0 };
        }
        Ok(taken.node == self.target.0)
    }

    /// Takes the hop that comes next at `place`.
    fn step(&mut self, at: u32, place: Place, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<()> {
        let search = asking.search;
        let Some((number, leg)) = asking.leg(place) else { return Ok(()) };
        let hop = &leg.hops[place.hop as usize];
        let whole = place.hop as usize + 1 == leg.hops.len();
        let next = match whole {
            true => Place { count: place.count + 1, hop: 0, ..place },
            false => Place { hop: place.hop + 1, ..place },
        };
        let (node, so_far) = (self.partials[at as usize].taken.node, self.partials[at as usize].cost);
        let mut steps = Vec::new();
        asking.steps((number, place.hop), NodeRef::new(node), true, &mut steps, cx)?;
        for Step { rel, to, cost } in steps {
            if self.repeats(at, rel, to, search.mode) || !asking.node_fits(&hop.to_conditions, hop.to, to, cx)? {
                continue;
            }
            let taken = Taken { rel, node: to, leg: place.leg };
            let partial = Partial { taken, parent: at, cost: so_far.plus(cost), place: next };
            if search.mode == PathMode::Walk && self.goes_round(&partial, search) {
                continue;
            }
            if whole && !leg.conditions.is_empty() && !self.repetition_holds(&partial, leg, asking, cx)? {
                continue;
            }
            // no need to look further than is known: that is done when its turn comes
            let asked = (partial.cost, partial.cost);
            let Some(bound) = self.distances.within((to, next), asked, asking, cx)? else { continue };
            cx.meter.step(1)?;
            self.queue.entry(bound).or_default().push(self.partials.len() as u32);
            self.partials.push(partial);
        }
        Ok(())
    }

    /// Whether a walk comes back to where it was at no cost: it could do so for ever, and would be as cheap.
    fn goes_round(&self, walk: &Partial, search: &PathSearch) -> bool {
        let place = walk.place.capped(search);
        let mut before = self.partials.get(walk.parent as usize);
        while let Some(partial) = before.filter(|partial| partial.cost == walk.cost) {
            if partial.taken.node == walk.taken.node && partial.place.capped(search) == place {
                return true;
            }
            before = self.partials.get(partial.parent as usize);
        }
        false
    }

    /// Whether the step repeats what the mode forbids to repeat.
    fn repeats(&self, at: u32, rel: u32, node: u32, mode: PathMode) -> bool {
        let mut on = at;
        while on != NOWHERE {
            let Partial { taken, parent, .. } = &self.partials[on as usize];
            let repeated = match mode {
                PathMode::Walk => return false,
                PathMode::Trail => taken.rel == rel,
                PathMode::Acyclic => taken.node == node,
                PathMode::Simple => taken.rel == rel || (taken.node == node && node != self.start.0),
            };
            if repeated {
                return true;
            }
            on = *parent;
        }
        false
    }

    /// Whether the repetition that `last` makes whole satisfies its conditions.
    fn repetition_holds(
        &self,
        last: &Partial,
        leg: &Leg,
        asking: &mut Asking<'_>,
        cx: &mut Context<'_>,
    ) -> Result<bool> {
        let (mut taken, mut parent) = (last.taken, last.parent);
        for hop in leg.hops.iter().rev() {
            asking.put(hop.rel, Value::Rel(RelRef::new(taken.rel)));
            if let Some(slot) = hop.to {
                asking.put(slot, Value::Node(NodeRef::new(taken.node)));
            }
            let Some(before) = self.partials.get(parent as usize) else { break };
            (taken, parent) = (before.taken, before.parent);
        }
        if let Some(slot) = leg.first {
            asking.put(slot, Value::Node(NodeRef::new(taken.node)));
        }
        asking.holds(&leg.conditions, cx)
    }

    /// Whether the whole path satisfies what is asked of it.
    fn passes(&self, at: u32, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<bool> {
        let search = asking.search;
        if search.tests.is_empty() {
            return Ok(true);
        }
        let values = filled(search, self.start.0, (&self.path_of(at), self.partials[at as usize].cost))?;
        for (slot, value) in search.defines().into_iter().zip(values) {
            asking.put(slot, value);
        }
        if let Some(slot) = search.path {
            let before = cx.scratch;
            let path = build_path(&search.parts, search.total, asking.row.row(0), cx)?;
            cx.scratch = before;
            asking.put(slot, path);
        }
        asking.holds(&search.tests, cx)
    }

    fn path_of(&self, mut at: u32) -> Vec<Taken> {
        let mut path = Vec::new();
        while let Some(partial) = self.partials.get(at as usize).filter(|partial| partial.parent != NOWHERE) {
            path.push(partial.taken);
            at = partial.parent;
        }
        path.reverse();
        path
    }
}

impl Operator for SearchPaths<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if !self.found.is_empty() {
                let batch = self.emit(cx)?;
                if self.found.is_empty() {
                    self.feed.row += 1;
                }
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            cx.meter.step(1)?;
            self.search(cx)?;
            if self.found.is_empty() {
                self.feed.row += 1;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
    }
}
