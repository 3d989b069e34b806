//! How far a searched path still has to go: the fewest relationships from a node, at a place in the pattern, to the
//! wanted end. Found by breadth-first search against the pattern, no further than anybody has asked.

use rustc_hash::FxHashMap;

use super::search::Asking;
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

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    Is(u64),
    /// Further than has been looked.
    AtLeast(u64),
    Never,
}

/// What is known of the distances to one end.
pub(super) struct Distances {
    known: FxHashMap<(u32, Place), u32>,
    frontier: Vec<(u32, Place)>,
    /// Every place nearer than this, or as near, is known.
    level: u32,
    /// No path is longer.
    longest: Option<u64>,
}

impl Distances {
    /// Nothing known but the end itself.
    pub(super) fn to(target: NodeRef, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<Self> {
        let legs = &asking.search.legs;
        let longest =
            legs.iter().try_fold(0_u64, |sum, leg| sum.checked_add(leg.max?.checked_mul(leg.hops.len() as u64)?));
        let mut new = Self { known: FxHashMap::default(), frontier: Vec::new(), level: 0, longest };
        let end = Place { leg: legs.len() as u32, count: 0, hop: 0 };
        new.meet((target.0, end), 0, asking, cx)?;
        Ok(new)
    }

    /// The distance of a place, looked for up to `most`.
    pub(super) fn within(
        &mut self,
        (node, place): (u32, Place),
        most: u64,
        asking: &mut Asking<'_>,
        cx: &mut Context<'_>,
    ) -> Result<Distance> {
        let key = (node, place.capped(asking.search));
        loop {
            if let Some(distance) = self.known.get(&key) {
                return Ok(Distance::Is(u64::from(*distance)));
            }
            let over = self.frontier.is_empty() || self.longest.is_some_and(|longest| u64::from(self.level) >= longest);
            if over {
                return Ok(Distance::Never);
            }
            if u64::from(self.level) >= most {
                return Ok(Distance::AtLeast(u64::from(self.level) + 1));
            }
            self.advance(asking, cx)?;
        }
    }

    fn advance(&mut self, asking: &mut Asking<'_>, cx: &mut Context<'_>) -> Result<()> {
        self.level += 1;
        let mut steps = Vec::new();
        for (node, place) in std::mem::take(&mut self.frontier) {
            let Some((leg, spec)) = asking.leg(place) else { continue };
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
            for (_, from) in &steps {
                for count in counts.into_iter().flatten() {
                    self.meet((*from, Place { leg: leg as u32, count, hop }), self.level, asking, cx)?;
                }
            }
        }
        cx.meter.fits(self.known.len() * 40)
    }

    /// Notes a place, about to take its hop (or at the end of all), and every place from which it is reached without one.
    fn meet(
        &mut self,
        (node, place): (u32, Place),
        distance: u32,
        asking: &mut Asking<'_>,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        let ends = place.leg as usize == asking.search.legs.len();
        if place.hop > 0 {
            if self.note(node, place, distance) {
                self.frontier.push((node, place));
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
                self.frontier.push((node, place));
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

    fn note(&mut self, node: u32, place: Place, distance: u32) -> bool {
        match self.known.entry((node, place)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(distance);
                true
            }
            std::collections::hash_map::Entry::Occupied(_) => false,
        }
    }
}
