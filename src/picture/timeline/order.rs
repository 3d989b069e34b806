//! Which bar stands above which: lanes, and within a lane predecessors before successors.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use crate::picture::model::Timeline;

/// A lane and its bodies from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) bodies: Vec<usize>,
}

/// The order of everything: lanes with their bodies, and how many steps of succession lie before each body.
pub(crate) struct Order {
    pub(super) lanes: Vec<Lane>,
    /// Longest chain of successions that leads to each body.
    pub(crate) depth: Vec<usize>,
    /// Succession links that do not close a circle, as (from, to).
    pub(super) successions: Vec<(usize, usize)>,
}

impl Order {
    /// The bodies from top to bottom.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.lanes.iter().flat_map(|l| l.bodies.iter().copied())
    }
}

/// Orders the bodies of a timeline.
pub(crate) fn order(timeline: &Timeline) -> Order {
    let bodies = timeline.bodies.len();
    let pairs = |moves: bool| {
        let wanted = timeline.links.iter().filter(move |l| l.moves_function() == moves && l.from != l.to);
        wanted.map(|l| (l.from, l.to)).collect::<Vec<_>>()
    };
    let successions = without_circles(bodies, &pairs(false), by_start(timeline));
    let both: Vec<(usize, usize)> = successions.iter().copied().chain(pairs(true)).collect();
    let arcs = without_circles(bodies, &both, by_start(timeline));
    let depth = depths(bodies, &successions);
    let lanes = lanes(timeline, &depth)
        .into_iter()
        .map(|(name, members)| Lane { name, bodies: stack(timeline, &members, &arcs, &depth) })
        .collect();
    Order { lanes, depth, successions }
}

/// Bodies by the date they began (unknown last), then as given.
fn by_start(timeline: &Timeline) -> Vec<usize> {
    let mut all: Vec<usize> = (0..timeline.bodies.len()).collect();
    all.sort_by(|a, b| start(timeline, *a).total_cmp(&start(timeline, *b)).then(a.cmp(b)));
    all
}

fn start(timeline: &Timeline, body: usize) -> f64 {
    timeline.bodies[body].start.bounds().map_or(f64::INFINITY, |(lo, _)| lo)
}

/// The arcs that remain when those that close a circle are left out (depth first from `roots`, no recursion).
fn without_circles(bodies: usize, arcs: &[(usize, usize)], roots: Vec<usize>) -> Vec<(usize, usize)> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); bodies];
    for (from, to) in arcs {
        out[*from].push(*to);
    }
    let mut state = vec![0_u8; bodies]; // 0 new, 1 on the path, 2 done
    let mut kept = Vec::with_capacity(arcs.len());
    // bodies that nothing leads to come first: a circle is then cut where it closes
    let mut entered = vec![false; bodies];
    arcs.iter().for_each(|(_, to)| entered[*to] = true);
    let sources = roots.iter().copied().filter(|b| !entered[*b]);
    for root in sources.chain(roots.iter().copied()).collect::<Vec<_>>() {
        if state[root] != 0 {
            continue;
        }
        let mut path = vec![(root, 0)];
        state[root] = 1;
        while let Some((body, next)) = path.pop() {
            let Some(to) = out[body].get(next).copied() else {
                state[body] = 2;
                continue;
            };
            path.push((body, next + 1));
            if state[to] != 1 {
                kept.push((body, to));
            }
            if state[to] == 0 {
                state[to] = 1;
                path.push((to, 0));
            }
        }
    }
    kept
}

fn depths(bodies: usize, arcs: &[(usize, usize)]) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); bodies];
    let mut waiting = vec![0_usize; bodies];
    for (from, to) in arcs {
        out[*from].push(*to);
        waiting[*to] += 1;
    }
    let mut depth = vec![0; bodies];
    let mut ready: Vec<usize> = (0..bodies).filter(|b| waiting[*b] == 0).collect();
    while let Some(body) = ready.pop() {
        for &to in &out[body] {
            depth[to] = depth[to].max(depth[body] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    depth
}

/// Lanes by name, those that come earlier in the succession first.
fn lanes(timeline: &Timeline, depth: &[usize]) -> Vec<(String, Vec<usize>)> {
    let mut lanes: Vec<(String, Vec<usize>)> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (at, body) in timeline.bodies.iter().enumerate() {
        let name = if timeline.lanes_by.is_empty() { "" } else { body.lane.as_str() };
        let lane = *known.entry(name).or_insert(lanes.len());
        match lanes.get_mut(lane) {
            Some((_, members)) => members.push(at),
            None => lanes.push((name.to_string(), vec![at])),
        }
    }
    let mean = |members: &[usize]| members.iter().map(|b| depth[*b] as f64).sum::<f64>() / members.len() as f64;
    let first = |members: &[usize]| members.iter().map(|b| start(timeline, *b)).fold(f64::INFINITY, f64::min);
    lanes.sort_by(|(_, a), (_, b)| mean(a).total_cmp(&mean(b)).then(first(a).total_cmp(&first(b))));
    lanes
}

/// A body that could be placed next. The greatest is: closest to what is placed, then the earliest.
#[derive(Clone, Copy, PartialEq)]
struct Ready {
    closeness: usize,
    start: f64,
    depth: usize,
    body: usize,
}

impl Eq for Ready {}

impl Ord for Ready {
    fn cmp(&self, other: &Self) -> Ordering {
        let earlier = |a: &Self, b: &Self| b.start.total_cmp(&a.start).then(b.depth.cmp(&a.depth));
        self.closeness.cmp(&other.closeness).then(earlier(self, other)).then(other.body.cmp(&self.body))
    }
}

impl PartialOrd for Ready {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Rows of one lane: a body follows all its predecessors, as close to the last of them as can be; a body nothing leads
/// to stands near the others that lead to the same successor.
fn stack(timeline: &Timeline, members: &[usize], arcs: &[(usize, usize)], depth: &[usize]) -> Vec<usize> {
    let bodies = timeline.bodies.len();
    let mut inside = vec![false; bodies];
    members.iter().for_each(|b| inside[*b] = true);
    let (mut waiting, mut after) = (vec![0_usize; bodies], vec![Vec::new(); bodies]);
    let inner = || arcs.iter().filter(|(f, t)| inside[*f] && inside[*t]);
    for &(from, to) in inner() {
        waiting[to] += 1;
        after[from].push(to);
    }
    let ready =
        |body: usize, closeness: usize| Ready { closeness, start: start(timeline, body), depth: depth[body], body };
    // of those that nothing leads to and that lead to one body, the next is always the first that is left
    let mut beside: HashMap<usize, Vec<usize>> = HashMap::new();
    for &(from, to) in inner().filter(|(from, _)| waiting[*from] == 0) {
        beside.entry(to).or_default().push(from);
    }
    beside.values_mut().for_each(|list| list.sort_by_key(|body| ready(*body, 0)));
    let mut heap: BinaryHeap<Ready> =
        members.iter().filter(|b| waiting[**b] == 0).map(|body| ready(*body, 0)).collect();
    let mut placed_at = vec![false; bodies];
    let mut placed = Vec::with_capacity(members.len());
    while let Some(Ready { body, .. }) = heap.pop() {
        if std::mem::replace(&mut placed_at[body], true) {
            continue;
        }
        placed.push(body);
        for &to in &after[body] {
            waiting[to] -= 1;
            // every predecessor is placed, this one last: as close to it as can be
            if waiting[to] == 0 {
                heap.push(ready(to, placed.len()));
            }
            let Some(list) = beside.get_mut(&to) else { continue };
            while list.last().is_some_and(|b| placed_at[*b]) {
                list.pop();
            }
            if let Some(next) = list.last() {
                heap.push(ready(*next, placed.len()));
            }
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::model::{Body, Link};

    fn line(bodies: usize, links: &[(usize, usize)]) -> Timeline {
        Timeline {
            bodies: (0..bodies).map(|b| Body { id: b.to_string(), ..Body::default() }).collect(),
            links: links.iter().map(|(from, to)| Link { from: *from, to: *to, ..Link::default() }).collect(),
            ..Timeline::default()
        }
    }

    #[test]
    fn predecessors_stand_above() {
        let timeline = line(5, &[(4, 2), (2, 0), (3, 0), (0, 1)]);
        let order = order(&timeline);
        let rows: Vec<usize> = order.rows().collect();
        let at = |b| rows.iter().position(|r| *r == b).expect("every body has a row");
        for link in &timeline.links {
            assert!(at(link.from) < at(link.to), "{rows:?}");
        }
        assert_eq!(order.depth, [2, 3, 1, 0, 0]);
    }

    #[test]
    fn circles_are_cut() {
        let order = order(&line(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]));
        assert_eq!(order.rows().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(order.depth, [0, 1, 2]);
    }

    #[test]
    fn what_leads_to_one_body_stands_together() {
        // 0 and 4 lead to 5, 1 and 3 to 2: neither pair is torn apart
        let order = order(&line(6, &[(0, 5), (4, 5), (1, 2), (3, 2)]));
        assert_eq!(order.rows().collect::<Vec<_>>(), [0, 4, 5, 1, 3, 2]);
    }

    #[test]
    fn a_chain_of_many_thousands_does_not_exhaust_the_stack() {
        let links: Vec<(usize, usize)> = (0..3_999).map(|n| (n, n + 1)).collect();
        assert_eq!(order(&line(4_000, &links)).depth[3_999], 3_999);
    }
}
