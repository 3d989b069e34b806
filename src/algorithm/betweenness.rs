//! Betweenness by Brandes' algorithm: one search from every node, then its shortest paths are counted backwards.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::distance::Cost;
use super::projection::{Projection, Weights};
use super::{Call, Rows};
use crate::error::Result;
use crate::graph::Dir;
use crate::value::Value;

/// `algo.betweenness`: options `direction`, `weight`, `default`, `normalized` (the score as a part of all pairs of other
/// nodes). Several relationships between two nodes are one way, the lightest.
pub(super) fn betweenness(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &["direction", "weight", "default", "normalized"])?;
    let normalized = options.flag("normalized")?;
    let projection = Projection::new(call, &options, Weights::AboveZero, false)?;
    let nodes = projection.len();
    call.budget.ask(nodes * 8 * size_of::<usize>())?;
    let mut scores = vec![0.0; nodes];
    let mut cost = vec![f64::INFINITY; nodes];
    let mut paths = vec![0.0f64; nodes];
    let mut credit = vec![0.0f64; nodes];
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    let mut order: Vec<usize> = Vec::new();
    let mut queue = BinaryHeap::new();
    for source in 0..nodes {
        for place in order.drain(..) {
            (cost[place], paths[place], credit[place]) = (f64::INFINITY, 0.0, 0.0);
            before[place].clear();
        }
        (cost[source], paths[source]) = (0.0, 1.0);
        queue.push(Reverse((Cost(0.0), source)));
        while let Some(Reverse((Cost(reached), place))) = queue.pop() {
            if reached > cost[place] {
                continue;
            }
            projection.work(place)?;
            order.push(place);
            for step in projection.single_steps(place) {
                let through = reached + step.weight;
                if through < cost[step.to] {
                    (cost[step.to], paths[step.to]) = (through, 0.0);
                    before[step.to].clear();
                    queue.push(Reverse((Cost(through), step.to)));
                }
                if through == cost[step.to] {
                    paths[step.to] += paths[place];
                    before[step.to].push(place as u32);
                }
            }
        }
        for place in order.iter().rev().copied() {
            for from in &before[place] {
                let from = *from as usize;
                credit[from] += paths[from] / paths[place] * (1.0 + credit[place]);
            }
            if place != source {
                scores[place] += credit[place];
            }
        }
    }
    let others = nodes.saturating_sub(1) as f64 * nodes.saturating_sub(2) as f64;
    let scale = match (normalized, options.direction) {
        (true, _) => {
            if others > 0.0 {
                others.recip()
            } else {
                1.0
            }
        }
        // a pair of nodes is searched from both sides
        (false, Dir::Both) => 0.5,
        (false, _) => 1.0,
    };
    call.each_node(&projection, |place| [Value::Float(scores[place] * scale)])
}
