//! `gds.shortestPath.dijkstra.stream`: the cheapest path in a named projection.
//!
//! A statement asks it row by row, often from one node to many others: the search from a node is kept until the statement
//! ends, and goes on where it stopped.

use std::sync::{Arc, Mutex, PoisonError};

use super::distance::Search;
use super::named::{self, Named, by_queries, of_name};
use super::options::wrong;
use super::projection::Projection;
use super::{Called, Rows};
use crate::error::{Code, Error, Result};
use crate::value::{Map, Path, Value};

/// A search that has come so far.
struct Running {
    named: Arc<Named>,
    property: Option<String>,
    source: usize,
    search: Search,
}

/// What a call says, whichever of its forms it has.
struct Asked {
    named: Arc<Named>,
    source: usize,
    target: usize,
    property: Option<String>,
}

const OWN: [&str; 4] = ["sourceNode", "targetNode", "relationshipWeightProperty", "concurrency"];
const ANONYMOUS: [&str; 4] = ["nodeQuery", "relationshipQuery", "parameters", "validateRelationships"];

/// `gds.shortestPath.dijkstra.stream(graphName, {sourceNode, targetNode, relationshipWeightProperty})`, or with a map alone that
/// names the queries of a projection for this statement.
pub(super) fn dijkstra(call: &Called<'_>) -> Result<Rows> {
    let asked = asked(call)?;
    let weighed = asked.named.weighed(asked.property.as_deref())?;
    if weighed.least.is_nan() || weighed.least < 0.0 {
        let message =
            format!("a weight of the projection is {}, and the search needs weights of 0 or more", weighed.least);
        return Err(Error::argument(Code::NumberOutOfRange, message)
            .hint("NaN: a relationship has no weight; {defaultValue: 1}"));
    }
    let projection = Projection::of_rows(call.budget, Arc::clone(&weighed.rows));
    let running = running(call)?;
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    let same = running.as_ref().is_some_and(|running| {
        Arc::ptr_eq(&running.named, &asked.named)
            && (running.source, &running.property) == (asked.source, &asked.property)
    });
    if !same {
        let mut search = Search::new(call.budget, projection.len())?;
        search.begin(asked.source);
        let (named, property) = (Arc::clone(&asked.named), asked.property.clone());
        *running = Some(Running { named, property, source: asked.source, search });
    }
    let Some(Running { search, .. }) = &mut *running else { return Ok(Rows::new()) };
    search.advance(&projection, Some(asked.target), |_, _| true)?;
    if search.cost(asked.target).is_none() {
        return Ok(Rows::new());
    }
    row(call, &asked, search).map(|row| vec![row])
}

/// The search that the statement keeps.
fn running(call: &Called<'_>) -> Result<Arc<Mutex<Option<Running>>>> {
    let kept = call.around.own_shelf().kept("gds.shortestPath.dijkstra.stream", Mutex::default);
    kept.ok_or_else(|| Error::argument(Code::InvalidArgumentValue, "the search of this statement is gone"))
}

fn asked(call: &Called<'_>) -> Result<Asked> {
    let (named, config) = match call.argument(0) {
        Value::Str(name) => {
            let config = named::options(call.argument(1), &OWN)?;
            (of_name(call, name)?, config)
        }
        Value::Map(config) => {
            named::options(call.argument(0), &[OWN, ANONYMOUS].concat())?;
            (anonymous(call, config)?, Some(config))
        }
        other => return Err(wrong("the graph", "the name of a projection, or a map", other)),
    };
    let null = Value::Null;
    let said = |name: &str| config.and_then(|config| config.get(name)).unwrap_or(&null);
    let property = match said("relationshipWeightProperty") {
        Value::Null => None,
        Value::Str(name) => Some(name.to_string()),
        other => return Err(wrong("`relationshipWeightProperty`", "a name", other)),
    };
    let source = named.place(call.graph, "sourceNode", said("sourceNode"))?;
    let target = named.place(call.graph, "targetNode", said("targetNode"))?;
    Ok(Asked { named, source, target, property })
}

/// The projection of the queries in a map, made once a statement.
fn anonymous(call: &Called<'_>, config: &Map) -> Result<Arc<Named>> {
    let null = Value::Null;
    let said = |name: &str| config.get(name).unwrap_or(&null);
    let own = said("parameters").is_null();
    let key = format!("{:?}\n{:?}", said("nodeQuery"), said("relationshipQuery"));
    let shelf = call.around.own_shelf();
    if let Some(named) = shelf.get(&key).filter(|_| own) {
        return Ok(named);
    }
    let named = Arc::new(by_queries(call, said("nodeQuery"), said("relationshipQuery"), Some(config))?);
    if own {
        shelf.put(&key, Arc::clone(&named), usize::MAX);
    }
    Ok(named)
}

/// index, sourceNode, targetNode, totalCost, nodeIds, costs, path.
fn row(call: &Called<'_>, asked: &Asked, search: &Search) -> Result<Vec<Value>> {
    let Asked { named, source, target, .. } = asked;
    let steps = search.steps_to(*target);
    call.budget.ask((steps.len() + 1) * 4 * size_of::<Value>())?;
    let id = |place: usize| Value::Int(named.nodes[place].cast_signed());
    let (mut cost, mut ids, mut costs) = (0.0, vec![id(*source)], vec![Value::Float(0.0)]);
    for step in &steps {
        cost += step.weight;
        ids.push(id(step.to));
        costs.push(Value::Float(cost));
    }
    // as it is in the graph now; nothing where a part of it is not
    let node = |place: usize| call.graph.node_by_id(named.nodes[place]);
    let nodes: Option<Vec<_>> = std::iter::once(*source).chain(steps.iter().map(|step| step.to)).map(node).collect();
    let path = nodes.and_then(|nodes| {
        let between = nodes.windows(2).zip(&steps);
        let rels = between.map(|(ends, step)| named.rel(call.graph, (ends[0], ends[1]), step.rel));
        Some(Path { rels: rels.collect::<Option<_>>()?, nodes, cost: Some(Value::Float(cost)) })
    });
    let path = path.map_or(Value::Null, |path| Value::Path(Arc::new(path)));
    Ok(vec![Value::Int(0), id(*source), id(*target), Value::Float(cost), Value::list(ids)?, Value::list(costs)?, path])
}
