//! What hangs together, and what comes before what.

use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::unionfind::UnionFind;

use super::projection::{Projection, Weights};
use super::{Call, Rows};
use crate::error::{Code, Error, Result};
use crate::value::Value;

/// `algo.wcc`: components are numbered from 0, in the order of the lowest id of their nodes.
pub(super) fn weak(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &[])?;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    call.budget.ask(projection.len() * 3 * size_of::<usize>())?;
    let mut sets = UnionFind::<usize>::new(projection.len());
    for place in 0..projection.len() {
        projection.work(place)?;
        projection.steps(place).for_each(|step| {
            sets.union(place, step.to);
        });
    }
    numbered(call, &projection, &sets.into_labeling())
}

/// `algo.scc`: numbered in the same way.
pub(super) fn strong(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &[])?;
    let projection = Projection::new(call, &options, Weights::FromZero, true)?;
    call.budget.ask(projection.len() * 6 * size_of::<usize>())?;
    let found = projection.finish(kosaraju_scc(&projection))?;
    let mut of = vec![0; projection.len()];
    for (number, component) in found.into_iter().enumerate() {
        component.into_iter().for_each(|place| of[place as usize] = number);
    }
    numbered(call, &projection, &of)
}

/// The rows of components, whose numbers are given anew in the order in which they appear.
fn numbered(call: &Call<'_>, projection: &Projection<'_>, of: &[usize]) -> Result<Rows> {
    let mut next = 0;
    let mut numbers: Vec<Option<i64>> = vec![None; of.len()];
    call.each_node(projection, |place| {
        let number = *numbers[of[place]].get_or_insert_with(|| {
            next += 1;
            next - 1
        });
        [Value::Int(number)]
    })
}

/// `algo.topological`: the option `direction`; rows in the order found. Errors: there is a cycle.
pub(super) fn topological(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &["direction"])?;
    if options.direction == crate::graph::Dir::Both {
        let message = "where relationships are followed both ways there is no order: `direction` is 'out' or 'in'";
        return Err(Error::argument(Code::InvalidArgumentValue, message));
    }
    let projection = Projection::new(call, &options, Weights::FromZero, true)?;
    call.budget.ask(projection.len() * 4 * size_of::<usize>())?;
    let order = projection.finish(toposort(&projection, None))?.map_err(|cycle| {
        let node = call.graph.node_id(projection.node(cycle.node_id() as usize));
        let message = format!("there is no order: node {node} lies on a cycle, or behind one");
        Error::argument(Code::InvalidArgumentValue, message)
            .hint("algo.scc finds the cycles: components of more than one node")
    })?;
    call.budget.ask(order.len() * 4 * size_of::<Value>())?;
    let row = |(position, place): (i64, u32)| vec![Value::Node(projection.node(place as usize)), position.into()];
    Ok((0..).zip(order).map(row).collect())
}
