//! Which bar stands above which: lanes, and within a lane predecessors before successors.

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
    for (at, body) in timeline.bodies.iter().enumerate() {
        let name = if timeline.lanes_by.is_empty() { "" } else { body.lane.as_str() };
        match lanes.iter_mut().find(|(n, _)| n == name) {
            Some((_, members)) => members.push(at),
            None => lanes.push((name.to_string(), vec![at])),
        }
    }
    let mean = |members: &[usize]| members.iter().map(|b| depth[*b] as f64).sum::<f64>() / members.len() as f64;
    let first = |members: &[usize]| members.iter().map(|b| start(timeline, *b)).fold(f64::INFINITY, f64::min);
    lanes.sort_by(|(_, a), (_, b)| mean(a).total_cmp(&mean(b)).then(first(a).total_cmp(&first(b))));
    lanes
}

/// Rows of one lane: a body follows all its predecessors, as close to the last of them as can be.
fn stack(timeline: &Timeline, members: &[usize], arcs: &[(usize, usize)], depth: &[usize]) -> Vec<usize> {
    let bodies = timeline.bodies.len();
    let mut inside = vec![false; bodies];
    members.iter().for_each(|b| inside[*b] = true);
    let (mut before, mut after) = (vec![Vec::new(); bodies], vec![Vec::new(); bodies]);
    for &(from, to) in arcs.iter().filter(|(f, t)| inside[*f] && inside[*t]) {
        before[to].push(from);
        after[from].push(to);
    }
    let mut row = vec![None; bodies];
    let mut placed = Vec::with_capacity(members.len());
    let mut left: Vec<usize> = members.to_vec();
    while !left.is_empty() {
        let last = |list: &[usize]| list.iter().filter_map(|p| row[*p]).max();
        let closeness = |body: usize| {
            let own = last(&before[body]);
            // a body nothing leads to is drawn near the others that lead to the same successor
            let shared = after[body].iter().filter_map(|s| last(&before[*s])).max();
            own.or(shared).map_or(0, |r: usize| r + 1)
        };
        let ready = left.iter().copied().filter(|b| before[*b].iter().all(|p| row[*p].is_some()));
        let best = ready.max_by(|a, b| {
            closeness(*a)
                .cmp(&closeness(*b))
                .then(start(timeline, *b).total_cmp(&start(timeline, *a)))
                .then(depth[*b].cmp(&depth[*a]))
                .then(b.cmp(a))
        });
        // arcs have no circles, so something is always ready; were it not, the first left would do
        let Some(next) = best.or(left.first().copied()) else { break };
        row[next] = Some(placed.len());
        placed.push(next);
        left.retain(|b| *b != next);
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
    fn a_chain_of_many_thousands_does_not_exhaust_the_stack() {
        let links: Vec<(usize, usize)> = (0..3_999).map(|n| (n, n + 1)).collect();
        assert_eq!(order(&line(4_000, &links)).depth[3_999], 3_999);
    }
}
