//! How far a searched path still has to go: the least it costs to get from a node, at a place in the pattern, to the wanted
//! end, where each relationship costs 1 or what the pattern says. Found by Dijkstra's search against the pattern (which is
//! breadth first where all costs are 1), no further than anybody has asked.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::cost::Cost;
use super::search::{Asking, Step};
use crate::error::Result;
use crate::exec::context::Context;
use crate::plan::search::PathSearch;
use crate::value::NodeRef;

/// A place in the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) leg: u32,
    /// Whole repetitions of the leg so far.
    pub(super) count: u64,
    /// Hops of the present repetition so far; none: between repetitions.
    pub(super) hop: u32,
}

impl Place {
    pub(super) fn start() -> Self {
        Self { leg: 0, count: 0, hop: 0 }
    }

    /// The same place where repetitions beyond the fewest are not told apart.
    pub(super) fn capped(self, search: &PathSearch) -> Self {
        let fewest = search.legs.get(self.leg as usize).map_or(0, |leg| leg.min);
        Self { count: self.count.min(fewest), ..self }
    }
}

/// What is known of the distances to one end.
pub(super) struct Distances {
    known: FxHashMap<(u32, Place), Cost>,
    /// Places by their distance, as it was when they were met: what leads to them has not been looked at.
    frontier: BTreeMap<Cost, Vec<(u32, Place)>>,
    /// What any step costs at least.
    step: Cost,
    /// No path is longer.
    longest: Option<Cost>,
}

impl Distances {
    /// Nothing known but the end itself.
    pub(super) fn to(target: NodeRef, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<Self> {
        let legs = &asking.search.legs;
        let longest =
            legs.iter().try_fold(0_u64, |sum, leg| sum.checked_add(leg.max?.checked_mul(leg.hops.len() as u64)?));
        let longest = longest.filter(|_| !asking.by_cost()).and_then(|longest| i64::try_from(longest).ok());
        let step = if asking.by_cost() { Cost::ZERO } else { Cost::ONE };
        let (known, frontier) = (FxHashMap::default(), BTreeMap::new());
        let mut new = Self { known, frontier, step, longest: longest.map(Cost::Int) };
        let end = Place { leg: legs.len() as u32, count: 0, hop: 0 };
        new.meet((target.0, end), Cost::ZERO, asking, cx)?;
        Ok(new)
    }

    /// The least that a path can come to which has cost `so_far` and is at a place; no more precisely than to tell that it is
    /// above `least`. Nothing when it cannot arrive.
    pub(super) fn within(
        &mut self,
        (node, place): (u32, Place),
        (so_far, least): (Cost, Cost),
        asking: &mut Asking<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Option<Cost>> {
        let key = (node, place.capped(asking.search));
        loop {
            let horizon = self.frontier.first_key_value().map(|(horizon, _)| *horizon);
            // what is still to be met is at least a step further than the horizon
            let further = horizon.map(|horizon| horizon.plus(self.step));
            let known = self.known.get(&key).copied();
            if let Some(distance) = known.filter(|distance| further.is_none_or(|further| *distance <= further)) {
                return Ok(Some(so_far.plus(distance)));
            }
            let within_longest = |horizon: Cost| self.longest.is_none_or(|longest| horizon < longest);
            let Some(further) = further.filter(|_| horizon.is_some_and(within_longest)) else { return Ok(None) };
            let bound = so_far.plus(further);
            if bound > least {
                return Ok(Some(bound));
            }
            self.advance(asking, cx)?;
        }
    }

    /// Looks at what leads to the nearest places of the frontier.
    fn advance(&mut self, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<()> {
        let Some((distance, places)) = self.frontier.pop_first() else { return Ok(()) };
        let mut steps: Vec<Step> = Vec::new();
        for (node, place) in places {
            let nearer = self.known.get(&(node, place)).is_some_and(|known| *known < distance);
            let Some((leg, spec)) = asking.leg(place).filter(|_| !nearer) else { continue };
            let last = spec.hops.len() as u32 - 1;
            let (hop, counts) = if place.hop > 0 {
                (place.hop - 1, [Some(place.count), None])
            } else {
                // a repetition beyond the fewest leaves the count as it is
                (last, [place.count.checked_sub(1), (place.count == spec.min).then_some(spec.min)])
            };
            if !asking.node_fits(&spec.hops[hop as usize].to_conditions, spec.hops[hop as usize].to, node, cx)? {
                continue;
            }
            steps.clear();
            asking.steps((leg, hop), NodeRef::new(node), false, &mut steps, cx)?;
            for step in &steps {
                let distance = distance.plus(step.cost);
                for count in counts.into_iter().flatten() {
                    self.meet((step.to, Place { leg: leg as u32, count, hop }), distance, asking, cx)?;
                }
            }
        }
        cx.meter.fits(self.known.len() * 56)
    }

    /// Notes a place, about to take its hop (or at the end of all), and every place from which it is reached without one.
    fn meet(
        &mut self,
        (node, place): (u32, Place),
        distance: Cost,
        asking: &mut Asking<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let ends = place.leg as usize == asking.search.legs.len();
        if place.hop > 0 {
            if self.note(node, place, distance) {
                self.frontier.entry(distance).or_default().push((node, place));
            }
            return Ok(());
        }
        if !ends {
            let spec = &asking.search.legs[place.leg as usize];
            if !asking.node_fits(&spec.first_conditions, spec.first, node, cx)? {
                return Ok(());
            }
        }
        // between repetitions: whoever comes here may have come by the hop before, or out of the leg before
        let mut place = place;
        loop {
            if !self.note(node, place, distance) {
                return Ok(());
            }
            if (place.leg as usize) < asking.search.legs.len() {
                self.frontier.entry(distance).or_default().push((node, place));
            }
            if place.count > 0 || place.leg == 0 {
                return Ok(());
            }
            let leg = place.leg - 1;
            let spec = &asking.search.legs[leg as usize];
            if !asking.node_fits(&spec.end_conditions, Some(spec.end), node, cx)? {
                return Ok(());
            }
            place = Place { leg, count: spec.min, hop: 0 };
        }
    }

    /// Notes how far a place is; false when it is known to be as near.
    fn note(&mut self, node: u32, place: Place, distance: Cost) -> bool {
        match self.known.entry((node, place)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(distance);
                true
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                let nearer = distance < *entry.get();
                if nearer {
                    entry.insert(distance);
                }
                nearer
            }
        }
    }
}
