//! What hangs on what: bodies that acts join, each on one neighbour, so that lines cross little.
//!
//! From its root a tree grows upwards with what came before and downwards with what came after; further out, everything
//! goes on the way it goes. Of the successors of one body the latest stands nearest, of its predecessors the earliest: the
//! line to a farther one then passes beside the bars of the nearer ones and not through them.

use std::collections::VecDeque;

use super::count;

/// An act between two bodies, and where on the axis it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) x: f64,
}

/// A body with what it hangs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hung {
    pub(super) body: usize,
    /// Nothing for a root.
    pub(super) on: Option<usize>,
    /// It stands above what it hangs on.
    pub(super) above: bool,
    /// It came before what it hangs on.
    pub(super) before: bool,
    /// Where on the axis the act stands.
    pub(super) x: f64,
    /// Nothing hangs on it.
    pub(super) leaf: bool,
}

/// The trees of `members`, each in the order in which its bodies find their rows. `first` is the root of its tree; other
/// roots are the bodies with the most acts.
pub(super) fn forest(bodies: usize, members: &[usize], arcs: &[Arc], first: Option<usize>) -> Vec<Vec<Hung>> {
    let mut inside = vec![false; bodies];
    members.iter().for_each(|body| inside[*body] = true);
    // the neighbours of each: who, where on the axis, and whether it came before
    let mut near: Vec<Vec<(usize, f64, bool)>> = vec![Vec::new(); bodies];
    for arc in arcs.iter().filter(|a| a.from != a.to && inside[a.from] && inside[a.to]) {
        near[arc.from].push((arc.to, arc.x, false));
        near[arc.to].push((arc.from, arc.x, true));
    }
    let mut roots: Vec<usize> = members.to_vec();
    roots.sort_by_key(|body| (first != Some(*body), std::cmp::Reverse(near[*body].len()), *body));
    let mut seen = vec![false; bodies];
    let mut trees = Vec::new();
    for root in roots {
        if seen[root] {
            continue;
        }
        seen[root] = true;
        let mut reached = vec![root];
        let mut below: Vec<(usize, Vec<Branch>)> = Vec::new();
        let mut queue = VecDeque::from([root]);
        while let Some(body) = queue.pop_front() {
            let mut own = Vec::new();
            for &(other, x, before) in &near[body] {
                count();
                if !std::mem::replace(&mut seen[other], true) {
                    own.push((other, x, before));
                    queue.push_back(other);
                    reached.push(other);
                }
            }
            // nearest first
            own.sort_by(|a, b| {
                let place = |(_, x, before): &(usize, f64, bool)| if *before { *x } else { -*x };
                b.2.cmp(&a.2).then(place(a).total_cmp(&place(b))).then(a.0.cmp(&b.0))
            });
            below.push((body, own));
        }
        trees.push(walked(root, &reached, below));
    }
    trees
}

/// A body that hangs on another: which, where on the axis, whether it came before.
type Branch = (usize, f64, bool);

/// A tree from its root: each branch whole before the next one.
fn walked(root: usize, reached: &[usize], below: Vec<(usize, Vec<Branch>)>) -> Vec<Hung> {
    let mut branches: std::collections::HashMap<usize, Vec<Branch>> = below.into_iter().collect();
    let mut tree = Vec::with_capacity(reached.len());
    let mut open = vec![Hung { body: root, on: None, above: false, before: false, x: 0.0, leaf: false }];
    while let Some(hung) = open.pop() {
        let own = branches.remove(&hung.body).unwrap_or_default();
        tree.push(Hung { leaf: own.is_empty(), ..hung });
        open.extend(own.into_iter().rev().map(|(body, x, before)| {
            let above = if hung.on.is_none() { before } else { hung.above };
            Hung { body, on: Some(hung.body), above, before, x, leaf: false }
        }));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_successor_and_the_earliest_predecessor_stand_nearest() {
        let arc = |from, to, x| Arc { from, to, x };
        let arcs = [arc(0, 1, 10.0), (arc(0, 2, 30.0)), arc(3, 0, 5.0), arc(4, 0, 2.0), arc(2, 5, 40.0)];
        let trees = forest(7, &[0, 1, 2, 3, 4, 5, 6], &arcs, None);
        let order: Vec<Vec<usize>> = trees.iter().map(|tree| tree.iter().map(|h| h.body).collect()).collect();
        assert_eq!(order, [vec![0, 4, 3, 2, 5, 1], vec![6]]);
        let above: Vec<usize> = trees[0].iter().filter(|h| h.above).map(|h| h.body).collect();
        assert_eq!(above, [4, 3]);
    }
}
