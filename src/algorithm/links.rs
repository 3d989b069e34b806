//! What follows from the neighbours of a node: degree, PageRank, triangles.

use super::projection::{Projection, Weights};
use super::{Call, Rows};
use crate::error::{Code, Error, Result};
use crate::graph::Dir;
use crate::value::Value;

/// `algo.degree`: options `direction`, `weight`, `default`. Both ends of a loop count where both directions do.
pub(super) fn degree(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &["direction", "weight", "default"])?;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let both = options.direction == Dir::Both;
    let ends = |place: usize, to: usize| if both && place == to { 2 } else { 1 };
    call.each_node(&projection, |place| {
        let steps = projection.steps(place);
        [if projection.is_weighed() || options.weight.is_some() {
            Value::Float(steps.map(|step| step.weight * f64::from(ends(place, step.to))).sum())
        } else {
            Value::Int(steps.map(|step| i64::from(ends(place, step.to))).sum())
        }]
    })
}

/// `algo.pagerank`: options `direction`, `weight`, `default`, `damping` (0.85), `iterations` (100), `tolerance` (1e-6: it
/// ends when the scores change by less than that a node, all taken together). A node from which nothing leads hands its
/// score to all alike.
pub(super) fn pagerank(call: &Call<'_>) -> Result<Rows> {
    let own = ["direction", "weight", "default", "damping", "iterations", "tolerance"];
    let options = call.options(0, &own)?;
    let damping = options.number_within("damping", 0.85, 0.0, 1.0)?;
    let tolerance = options.number_within("tolerance", 1e-6, 0.0, f64::MAX)?;
    let iterations = options.count("iterations", 100)?;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let nodes = projection.len();
    let share = 1.0 / nodes as f64;
    call.budget.ask(nodes * 3 * size_of::<f64>())?;
    let mut scores = vec![share; nodes];
    let totals: Vec<f64> = (0..nodes).map(|place| projection.steps(place).map(|step| step.weight).sum()).collect();
    if let Some(place) = totals.iter().position(|total| total.is_infinite()) {
        let message =
            format!("the weights from node {} add up to infinity", call.graph.node_id(projection.node(place)));
        return Err(Error::argument(Code::NumberOutOfRange, message));
    }
    for _ in 0..iterations {
        let idle: f64 = scores.iter().zip(&totals).filter(|(_, total)| **total == 0.0).map(|(score, _)| score).sum();
        let mut next = vec![(1.0 - damping + damping * idle) * share; nodes];
        for (place, total) in totals.iter().enumerate() {
            projection.work(place)?;
            if *total > 0.0 {
                let handed = damping * scores[place] / total;
                projection.steps(place).for_each(|step| next[step.to] += handed * step.weight);
            }
        }
        let change: f64 = scores.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
        scores = next;
        if change < tolerance * nodes as f64 {
            break;
        }
    }
    call.each_node(&projection, |place| [Value::Float(scores[place])])
}

/// `algo.triangles`: directions, repeated relationships and loops do not matter.
pub(super) fn triangles(call: &Call<'_>) -> Result<Rows> {
    let mut options = call.options(0, &[])?;
    options.direction = Dir::Both;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let nodes = projection.len();
    let mut neighbours: Vec<Vec<u32>> = Vec::new();
    let mut bytes = nodes * (size_of::<Vec<u32>>() + size_of::<u64>());
    for place in 0..nodes {
        projection.work(place)?;
        bytes += projection.degree(place) * size_of::<u32>();
        call.budget.ask(bytes)?;
        neighbours.push(projection.single_steps(place).map(|step| step.to as u32).collect());
    }
    // each triangle is found once: at its corner with the fewest neighbours, by the edge between the two others
    let rank = |place: u32| (neighbours[place as usize].len(), place);
    let mut corners = vec![0u64; nodes];
    for place in 0..nodes as u32 {
        let above: Vec<u32> =
            neighbours[place as usize].iter().copied().filter(|other| rank(*other) > rank(place)).collect();
        for (number, second) in above.iter().enumerate() {
            projection.work(*second as usize)?;
            for third in &above[number + 1..] {
                call.budget.ask(0)?;
                if neighbours[*second as usize].binary_search(third).is_ok() {
                    [place, *second, *third].into_iter().for_each(|corner| corners[corner as usize] += 1);
                }
            }
        }
    }
    call.each_node(&projection, |place| {
        let (found, others) = (corners[place], neighbours[place].len() as f64);
        let pairs = others * (others - 1.0) / 2.0;
        let coefficient = if pairs > 0.0 { found as f64 / pairs } else { 0.0 };
        [Value::Int(i64::try_from(found).unwrap_or(i64::MAX)), Value::Float(coefficient)]
    })
}
