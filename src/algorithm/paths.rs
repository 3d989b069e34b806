//! Cheapest paths: one by Dijkstra's algorithm, several by Yen's.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::distance::{Cost, Search};
use super::projection::{Projection, Step, Weights};
use super::{Call, Rows};
use crate::error::{Code, Error, Result};
use crate::value::{Path, Value};

const OWN: [&str; 3] = ["direction", "weight", "default"];

/// `algo.dijkstra`: without a target a row for every node that can be reached, the nearest first.
pub(super) fn dijkstra(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(2, &OWN)?;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let source = projection.place("source", call.argument(0))?;
    let target = match call.argument(1) {
        Value::Null => None,
        node => Some(projection.place("target", node)?),
    };
    let mut search = Search::new(call.budget, projection.len())?;
    search.run(&projection, source, target, |_, _| true)?;
    let mut found: Vec<(Cost, usize)> = match target {
        Some(target) => search.cost(target).map(|cost| (Cost(cost), target)).into_iter().collect(),
        None => search.reached().iter().map(|place| (Cost(search.cost(*place).unwrap_or_default()), *place)).collect(),
    };
    found.sort_unstable();
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for (Cost(cost), place) in found {
        let steps = search.steps_to(place);
        bytes += size_of_steps(steps.len());
        call.budget.ask(bytes)?;
        rows.push(vec![
            Value::Node(projection.node(place)),
            Value::Float(cost),
            path(&projection, source, cost, &steps),
        ]);
    }
    Ok(rows)
}

/// Paths that may be the next, by cost and nodes.
type Candidates = BTreeMap<(Cost, Vec<usize>), Vec<Step>>;

/// `algo.k_shortest`: Yen's algorithm. Between two neighbours only the lightest relationship is taken, so that the paths
/// differ in their nodes.
pub(super) fn k_shortest(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(3, &OWN)?;
    let wanted = match call.argument(2) {
        Value::Int(k) if *k > 0 => usize::try_from(*k).unwrap_or(usize::MAX),
        other => {
            let given = if let Value::Int(k) = other { k.to_string() } else { format!("a {}", other.type_name()) };
            let message = format!("`k` is a whole number above zero, not {given}");
            return Err(Error::argument(Code::InvalidArgumentValue, message));
        }
    };
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let source = projection.place("source", call.argument(0))?;
    let target = projection.place("target", call.argument(1))?;
    let mut search = Search::new(call.budget, projection.len())?;
    search.run(&projection, source, Some(target), |_, _| true)?;
    let mut found: Vec<(f64, Vec<Step>)> = Vec::new();
    // by cost and nodes, so that of equal costs the lower nodes come first
    let mut candidates = Candidates::new();
    let mut bytes = 0;
    let mut offer = |candidates: &mut Candidates, cost: f64, steps: Vec<Step>| -> Result<()> {
        bytes += 2 * size_of_steps(steps.len());
        call.budget.ask(bytes)?;
        candidates.insert((Cost(cost), steps.iter().map(|step| step.to).collect()), steps);
        Ok(())
    };
    if let Some(cost) = search.cost(target) {
        offer(&mut candidates, cost, search.steps_to(target))?;
    }
    while found.len() < wanted
        && let Some(((Cost(cost), _), steps)) = candidates.pop_first()
    {
        for branch in 0..steps.len() {
            let (root, from) = (&steps[..branch], branch.checked_sub(1).map_or(source, |last| steps[last].to));
            let on_root: FxHashSet<usize> = std::iter::once(source).chain(root.iter().map(|step| step.to)).collect();
            // the ways on from here that a path found before has taken
            let same_root =
                |other: &&Vec<Step>| other.len() > branch && other.iter().zip(root).all(|(a, b)| a.to == b.to);
            let taken: FxHashSet<usize> = found
                .iter()
                .map(|(_, other)| other)
                .chain([&steps])
                .filter(same_root)
                .map(|other| other[branch].to)
                .collect();
            let may =
                |place: usize, step: &Step| !(on_root.contains(&step.to) || place == from && taken.contains(&step.to));
            search.run(&projection, from, Some(target), may)?;
            if search.cost(target).is_some() {
                let whole: Vec<Step> = root.iter().copied().chain(search.steps_to(target)).collect();
                // added up from the front, as Dijkstra's algorithm does, so that equal paths cost the same
                let cost = whole.iter().fold(0.0, |sum, step| sum + step.weight);
                offer(&mut candidates, cost, whole)?;
            }
        }
        found.push((cost, steps));
    }
    let row = |(index, (cost, steps)): (i64, (f64, Vec<Step>))| {
        vec![Value::Int(index), Value::Float(cost), path(&projection, source, cost, &steps)]
    };
    Ok((1..).zip(found).map(row).collect())
}

fn path(projection: &Projection<'_>, source: usize, cost: f64, steps: &[Step]) -> Value {
    let nodes = std::iter::once(source).chain(steps.iter().map(|step| step.to));
    Value::Path(Arc::new(Path {
        nodes: nodes.map(|place| projection.node(place)).collect(),
        rels: steps.iter().map(|step| step.rel).collect(),
        cost: Some(Value::Float(cost)),
    }))
}

fn size_of_steps(steps: usize) -> usize {
    4 * size_of::<Value>() + size_of::<Path>() + steps * (size_of::<Step>() + size_of::<usize>())
}
