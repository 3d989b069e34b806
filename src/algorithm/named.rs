//! Named projections: a copy of a part of the graph that stays for later calls, under the names that GDS gives the calls.
//!
//! ```text
//!   gds.graph.project        ('roads', 'Stop', 'ROAD', {…})             nodes of labels, relationships of types
//!   gds.graph.project.cypher ('roads', 'MATCH … RETURN id(n) AS id',    nodes and relationships are what two queries say
//!                             'MATCH … RETURN id(a) AS source, id(b) AS target, … AS weight')
//! ```
//!
//! It is the graph as it was, and changes with nothing. It knows nodes and relationships by their ids, which are never given
//! to others: what has gone since is in it still, and is given as ids but not as a node or a path.
//!
//! It outlives the statement that makes it, whose memory limit it must not outlive uncounted: all projections beside a graph
//! hold together at most what the statement that adds one may hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::options::wrong;
use super::projection::{Link, NO_REL, Rows};
use super::{Called, Rows as Answer};
use crate::error::{Code, Error, Result, nearest};
use crate::function::Asked;
use crate::graph::{Dir, Graph, LabelId, RelTypeId};
use crate::value::{Map, NodeRef, RelRef, Value};

/// So many projections may stand beside a graph.
const MOST: usize = 64;

/// A projection that stays.
pub(super) struct Named {
    /// Ids of the nodes, in order; a place is an index.
    pub(super) nodes: Vec<u64>,
    /// Ids of the relationships by the numbers that steps have; none where a query says what is joined.
    pub(super) rels: Vec<u64>,
    pub(super) rel_count: usize,
    /// The neighbours, weighed by each property; without a name: each weighs 1.
    by_property: BTreeMap<Option<Arc<str>>, Weighed>,
    told: Vec<(&'static str, Value)>,
}

/// The neighbours of every node, and the least that a step weighs.
#[derive(Clone)]
pub(super) struct Weighed {
    pub(super) rows: Arc<Rows>,
    pub(super) least: f64,
}

/// A relationship on its way into a projection.
struct Joined {
    start: u32,
    end: u32,
    rel: u64,
    /// One for each property.
    weights: Vec<f64>,
}

impl Named {
    /// What it holds.
    fn bytes(&self) -> usize {
        let rows: usize = self.by_property.values().map(|weighed| weighed.rows.bytes()).sum();
        (self.nodes.capacity() + self.rels.capacity()) * size_of::<u64>() + rows
    }

    /// The place of a node, given as such or by its id.
    pub(super) fn place(&self, graph: &Graph, what: &str, node: &Value) -> Result<usize> {
        let id = match node {
            Value::Node(node) => graph.node_id(*node).0,
            Value::Int(id) => u64::try_from(*id).unwrap_or(u64::MAX),
            other => return Err(wrong(&format!("`{what}`"), "a node or its id", other)),
        };
        self.nodes.binary_search(&id).map_err(|_| {
            let message = format!("`{what}`: the node with the id {id} is not in the projection");
            Error::argument(Code::InvalidArgumentValue, message)
        })
    }

    /// The neighbours as a property weighs them.
    pub(super) fn weighed(&self, property: Option<&str>) -> Result<&Weighed> {
        self.by_property.get(&property.map(Arc::from)).ok_or_else(|| {
            let names = || self.by_property.keys().flatten().map(|name| &**name);
            let message = format!("the projection has no property `{}`", property.unwrap_or_default());
            let error = Error::argument(Code::InvalidArgumentValue, message);
            match (nearest(property.unwrap_or_default(), names()), names().collect::<Vec<_>>()) {
                (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
                (None, none) if none.is_empty() => {
                    error.hint("a projection has the properties that it was given: {relationshipProperties: 'km'}")
                }
                (None, names) => error.hint(format!("it has {}", names.join(", "))),
            }
        })
    }

    /// A relationship that a step stands for: the one it was made of, or the first that leads between the nodes, whatever its
    /// direction. Nothing when there is none.
    pub(super) fn rel(&self, graph: &Graph, (from, to): (NodeRef, NodeRef), number: RelRef) -> Option<RelRef> {
        if let Some(id) = self.rels.get(number.0 as usize) {
            return graph.rel_by_id(*id);
        }
        let mut first: Option<RelRef> = None;
        graph.for_each_neighbour(from, Dir::Both, &[], |rel, other| {
            if other == to && first.is_none_or(|first| graph.rel_id(rel) < graph.rel_id(first)) {
                first = Some(rel);
            }
        });
        first
    }
}

/// The name of a projection.
fn name(value: &Value) -> Result<&str> {
    match value {
        Value::Str(name) if !name.is_empty() => Ok(name),
        other => Err(wrong("the name of a projection", "a text that is not empty", other)),
    }
}

/// The projection of that name.
pub(super) fn of_name(call: &Called<'_>, name: &str) -> Result<Arc<Named>> {
    call.around.shelf().get(name).ok_or_else(|| unknown(call, name))
}

fn unknown(call: &Called<'_>, name: &str) -> Error {
    let names = call.around.shelf().names();
    let error = Error::argument(Code::InvalidArgumentValue, format!("there is no projection `{name}`"));
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("CALL gds.graph.project('name', 'Label', 'TYPE') makes one"),
    }
}

/// `gds.graph.project(name, labels, types, options)`.
pub(super) fn project(call: &Called<'_>) -> Result<Answer> {
    let name = free_name(call, call.argument(0))?;
    let (graph, budget) = (call.graph, call.budget);
    let mut slots = Vec::new();
    match labels(graph, call.argument(1))? {
        None => scan(budget, &mut slots, &|from, out| graph.scan_nodes(from, out, AT_ONCE))?,
        Some(labels) => {
            for label in labels {
                scan(budget, &mut slots, &|from, out| graph.scan_label(label, from, out, AT_ONCE))?;
            }
        }
    }
    let mut nodes: Vec<u64> = slots.iter().map(|slot| graph.node_id(NodeRef::new(*slot)).0).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let options = options(call.argument(3), &["relationshipProperties", "readConcurrency"])?;
    let common = properties(options.and_then(|options| options.get("relationshipProperties")))?;
    let kinds = kinds(graph, call.argument(2), &common)?;
    let mut keys: Vec<Arc<str>> =
        kinds.iter().flat_map(|kind| kind.properties.iter().map(|p| p.name.clone())).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut joined = Vec::new();
    for kind in &kinds {
        let mut slots = Vec::new();
        scan(budget, &mut slots, &|from, out| graph.scan_type(kind.ty, from, out, AT_ONCE))?;
        for slot in slots {
            budget.ask(joined.len() / 8 * size_of::<Joined>())?;
            let rel = RelRef::new(slot);
            let ends = graph.rel(rel);
            let place = |node: NodeRef| nodes.binary_search(&graph.node_id(node).0).ok().map(|place| place as u32);
            let (Some(start), Some(end)) = (place(ends.start), place(ends.end)) else { continue };
            let mut weights = Vec::with_capacity(keys.len());
            for key in &keys {
                let property = kind.properties.iter().find(|property| property.name == *key);
                weights.push(property.map_or(Ok(f64::NAN), |property| property.of(graph, rel))?);
            }
            let (start, end) = if kind.direction == Dir::In { (end, start) } else { (start, end) };
            let id = graph.rel_id(rel).0;
            if kind.direction == Dir::Both && start != end {
                joined.push(Joined { start: end, end: start, rel: id, weights: weights.clone() });
            }
            joined.push(Joined { start, end, rel: id, weights });
        }
    }
    let told = vec![("nodeProjection", call.argument(1).clone()), ("relationshipProjection", call.argument(2).clone())];
    keep(call, name, named(call, nodes, joined, &keys, told)?)
}

/// `gds.graph.project.cypher(name, nodeQuery, relationshipQuery, options)`.
pub(super) fn project_cypher(call: &Called<'_>) -> Result<Answer> {
    let name = free_name(call, call.argument(0))?;
    let options = options(call.argument(3), &["parameters", "validateRelationships", "readConcurrency"])?;
    let named = by_queries(call, call.argument(1), call.argument(2), options)?;
    keep(call, name, named)
}

/// What two queries say.
pub(super) fn by_queries(call: &Called<'_>, nodes: &Value, rels: &Value, options: Option<&Map>) -> Result<Named> {
    let (node_query, rel_query) = (query(nodes, "nodeQuery")?, query(rels, "relationshipQuery")?);
    let parameters = match options.and_then(|options| options.get("parameters")) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Map(map)) => map.entries().iter().map(|(key, value)| (key.to_string(), value.clone())).collect(),
        Some(other) => return Err(wrong("`parameters`", "a map", other)),
    };
    let strict = match options.and_then(|options| options.get("validateRelationships")) {
        None | Some(Value::Null) => true,
        Some(Value::Bool(strict)) => *strict,
        Some(other) => return Err(wrong("`validateRelationships`", "true or false", other)),
    };
    let found = call.around.ask(node_query, &parameters)?;
    let at = column(&found, "id", "nodeQuery")?;
    let mut ids = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        ids.push(id(&row[at], "`id` of the nodeQuery")?);
    }
    ids.sort_unstable();
    ids.dedup();
    let found = call.around.ask(rel_query, &parameters)?;
    let (source, target) =
        (column(&found, "source", "relationshipQuery")?, column(&found, "target", "relationshipQuery")?);
    let own = ["source", "target", "type"];
    let keys: Vec<(usize, Arc<str>)> =
        found.columns.iter().cloned().enumerate().filter(|(_, name)| !own.contains(&&**name)).collect();
    let mut joined = Vec::new();
    call.budget.ask(found.rows.len() * (size_of::<Joined>() + keys.len() * size_of::<f64>()))?;
    for row in &found.rows {
        call.budget.ask(0)?;
        let ends = [id(&row[source], "`source`")?, id(&row[target], "`target`")?];
        let places = ends.map(|id| ids.binary_search(&id));
        let [Ok(start), Ok(end)] = places else {
            if strict {
                let message = format!(
                    "the relationshipQuery joins {} and {}, which are not both in the nodeQuery",
                    ends[0], ends[1]
                );
                return Err(Error::argument(Code::InvalidArgumentValue, message)
                    .hint("leave such out: {validateRelationships: false}"));
            }
            continue;
        };
        let weight = |(at, name): &(usize, Arc<str>)| match &row[*at] {
            Value::Int(n) => Ok(*n as f64),
            Value::Float(x) => Ok(*x),
            Value::Null => Ok(f64::NAN),
            other => Err(wrong(&format!("`{name}` of a relationship"), "a number", other)),
        };
        let weights = keys.iter().map(weight).collect::<Result<_>>()?;
        joined.push(Joined { start: start as u32, end: end as u32, rel: u64::MAX, weights });
    }
    drop(found);
    let keys: Vec<Arc<str>> = keys.into_iter().map(|(_, name)| name).collect();
    let told = vec![("nodeQuery", nodes.clone()), ("relationshipQuery", rels.clone())];
    named(call, ids, joined, &keys, told)
}

fn query<'v>(value: &'v Value, what: &str) -> Result<&'v str> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(wrong(&format!("`{what}`"), "the text of a query", other)),
    }
}

fn column(found: &Asked, name: &str, query: &str) -> Result<usize> {
    found.column(name).ok_or_else(|| {
        let message = format!("the {query} has no column `{name}`");
        Error::argument(Code::InvalidArgumentValue, message).hint(match name {
            "id" => "MATCH (n:Stop) RETURN id(n) AS id",
            _ => "MATCH (a:Stop)-[r:ROAD]->(b:Stop) RETURN id(a) AS source, id(b) AS target, r.km AS km",
        })
    })
}

fn id(value: &Value, what: &str) -> Result<u64> {
    match value {
        Value::Int(n) if *n >= 0 => Ok(n.unsigned_abs()),
        other => Err(wrong(what, "the id of a node: id(n)", other)),
    }
}

/// Puts neighbours into rows, once for each property.
fn named(
    call: &Called<'_>,
    nodes: Vec<u64>,
    joined: Vec<Joined>,
    keys: &[Arc<str>],
    told: Vec<(&'static str, Value)>,
) -> Result<Named> {
    let known = joined.iter().any(|joined| joined.rel != u64::MAX);
    call.budget.ask(joined.len() * (size_of::<Link>() + size_of::<u64>()))?;
    let rels: Vec<u64> = if known { joined.iter().map(|joined| joined.rel).collect() } else { Vec::new() };
    let mut by_property = BTreeMap::new();
    for (at, key) in
        std::iter::once((None, None)).chain(keys.iter().enumerate().map(|(at, key)| (Some(at), Some(key.clone()))))
    {
        let link = |(number, joined): (u32, &Joined)| Link {
            start: joined.start,
            end: joined.end,
            rel: if known { number } else { NO_REL },
            weight: at.map_or(1.0, |at| joined.weights[at]),
        };
        let links: Vec<Link> = (0..).zip(&joined).map(link).collect();
        // NaN, which is no weight, is less than all
        let least = |least: f64, link: &Link| if least.is_nan() || link.weight >= least { least } else { link.weight };
        let least = links.iter().fold(f64::INFINITY, least);
        let rows = Arc::new(Rows::of(&links, nodes.len(), at.is_some(), call.budget, Dir::Out)?);
        by_property.insert(key, Weighed { rows, least });
    }
    Ok(Named { nodes, rels, rel_count: joined.len(), by_property, told })
}

/// A name that no projection has. Errors: one has it, there are too many, or they hold too much.
fn free_name<'v>(call: &Called<'_>, value: &'v Value) -> Result<&'v str> {
    let name = name(value)?;
    let names = call.around.shelf().names();
    if names.iter().any(|other| other == name) {
        let message = format!("there is a projection `{name}` already");
        return Err(Error::argument(Code::InvalidArgumentValue, message)
            .hint(format!("CALL gds.graph.drop('{name}') drops it")));
    }
    if names.len() >= MOST {
        return Err(too_many());
    }
    room_beside(call, &names)?;
    Ok(name)
}

/// Errors: what the projections hold and what this statement holds are more than the statement may hold.
fn room_beside(call: &Called<'_>, names: &[String]) -> Result<()> {
    let shelf = call.around.shelf();
    let held = names.iter().filter_map(|name| shelf.get::<Named>(name)).map(|named| named.bytes()).sum();
    call.budget.ask(held).map_err(|error| match error.code() {
        Code::Memory => error.hint(
            "the projections of a graph count together against the memory limit of the statement that adds one: \
             CALL gds.graph.drop drops one",
        ),
        _ => error,
    })
}

fn too_many() -> Error {
    let message = format!("there are {MOST} projections already, which is the most there may be");
    Error::limit(Code::Size, message).hint("CALL gds.graph.list() names them, gds.graph.drop drops one")
}

fn keep(call: &Called<'_>, name: &str, named: Named) -> Result<Answer> {
    let mut row: Vec<Value> = named.told.iter().map(|(_, value)| value.clone()).collect();
    row.extend(counts(name, &named));
    room_beside(call, &call.around.shelf().names())?;
    // another statement may have taken the name meanwhile
    if !call.around.shelf().put(name, Arc::new(named), MOST) {
        free_name(call, &Value::from(name))?;
        return Err(too_many());
    }
    Ok(vec![row])
}

fn counts(name: &str, named: &Named) -> [Value; 3] {
    let count = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
    [name.into(), count(named.nodes.len()), count(named.rel_count)]
}

/// `gds.graph.exists(name)`.
pub(super) fn exists(call: &Called<'_>) -> Result<Answer> {
    let name = name(call.argument(0))?;
    Ok(vec![vec![name.into(), Value::Bool(call.around.shelf().get::<Named>(name).is_some())]])
}

/// `gds.graph.list(name)`: all without a name.
pub(super) fn list(call: &Called<'_>) -> Result<Answer> {
    let shelf = call.around.shelf();
    let asked = if call.argument(0).is_null() { None } else { Some(name(call.argument(0))?) };
    let mut rows = Vec::new();
    for name in shelf.names().iter().filter(|name| asked.is_none_or(|asked| asked == *name)) {
        rows.extend(shelf.get::<Named>(name).map(|named| counts(name, &named).to_vec()));
    }
    Ok(rows)
}

/// `gds.graph.drop(name, failIfMissing)`.
pub(super) fn drop_named(call: &Called<'_>) -> Result<Answer> {
    let name = name(call.argument(0))?;
    let shelf = call.around.shelf();
    let Some(named) = shelf.get::<Named>(name) else {
        return match call.argument(1) {
            Value::Bool(false) => Ok(Vec::new()),
            Value::Null | Value::Bool(true) => Err(unknown(call, name)),
            other => Err(wrong("`failIfMissing`", "true or false", other)),
        };
    };
    shelf.take(name);
    Ok(vec![counts(name, &named).to_vec()])
}

const AT_ONCE: usize = 1 << 14;

fn scan(
    budget: &dyn crate::function::Budget,
    slots: &mut Vec<u32>,
    scan: &dyn Fn(u32, &mut Vec<u32>) -> Option<u32>,
) -> Result<()> {
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        budget.ask((slots.len() + AT_ONCE) * size_of::<u32>())?;
        cursor = scan(from, slots);
    }
    Ok(())
}

/// The labels of a node projection: a name, a list of names, or a map of them; nothing for all.
fn labels(graph: &Graph, given: &Value) -> Result<Option<Vec<LabelId>>> {
    let names = graph.names();
    let label = |name: &str| {
        names.label(name).ok_or_else(|| super::options::unknown("label", name, names.labels().map(|(_, name)| name)))
    };
    let one = |value: &Value| match value {
        Value::Str(name) => label(name),
        other => Err(wrong("a node projection", "a label, a list of labels, or '*'", other)),
    };
    match given {
        Value::Str(all) if &**all == "*" => Ok(None),
        Value::List(list) => list.iter().map(one).collect::<Result<_>>().map(Some),
        other => Ok(Some(vec![one(other)?])),
    }
}

/// A property of relationships, and what those without it weigh.
#[derive(Clone)]
struct Property {
    name: Arc<str>,
    key: Arc<str>,
    default: Option<f64>,
}

impl Property {
    fn of(&self, graph: &Graph, rel: RelRef) -> Result<f64> {
        let value = graph.key(&self.key).map_or(Value::Null, |key| graph.rel_property(rel, key));
        match (&value, self.default) {
            (Value::Int(n), _) => Ok(*n as f64),
            (Value::Float(x), _) => Ok(*x),
            (Value::Null, default) => Ok(default.unwrap_or(f64::NAN)),
            (other, _) => {
                let what = format!("`{}` of relationship {}", self.key, graph.rel_id(rel));
                Err(wrong(&what, "a number", other))
            }
        }
    }
}

/// Relationships of a type, as they are projected.
struct Kind {
    ty: RelTypeId,
    direction: Dir,
    properties: Vec<Property>,
}

/// A name, a list of names, or a map: name → {property, defaultValue}.
fn properties(given: Option<&Value>) -> Result<Vec<Property>> {
    let plain = |name: &Arc<str>| Property { name: name.clone(), key: name.clone(), default: None };
    let one = |value: &Value| match value {
        Value::Str(name) => Ok(plain(name)),
        other => Err(wrong("a relationship property", "a name", other)),
    };
    match given {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(list)) => list.iter().map(one).collect(),
        Some(Value::Map(map)) => {
            let mut all = Vec::new();
            for (name, value) in map.entries() {
                let mut property = plain(name);
                match value {
                    Value::Str(key) => property.key = key.clone(),
                    Value::Map(says) => {
                        for (what, value) in says.entries() {
                            match (&**what, value) {
                                ("property", Value::Str(key)) => property.key = key.clone(),
                                ("defaultValue", Value::Int(n)) => property.default = Some(*n as f64),
                                ("defaultValue", Value::Float(x)) => property.default = Some(*x),
                                _ => return Err(not_offered(what, "property, defaultValue")),
                            }
                        }
                    }
                    other => return Err(wrong("a relationship property", "a name or a map", other)),
                }
                all.push(property);
            }
            Ok(all)
        }
        Some(one_name) => Ok(vec![one(one_name)?]),
    }
}

/// A type, a list of types, or a map: name → {type, orientation, properties}; '*' for all.
fn kinds(graph: &Graph, given: &Value, common: &[Property]) -> Result<Vec<Kind>> {
    let names = graph.names();
    let ty = |name: &str| {
        names
            .rel_type(name)
            .ok_or_else(|| super::options::unknown("relationship type", name, names.types().map(|(_, name)| name)))
    };
    let plain = |ty: RelTypeId| Kind { ty, direction: Dir::Out, properties: common.to_vec() };
    let one = |value: &Value| match value {
        Value::Str(name) => ty(name).map(plain),
        other => Err(wrong("a relationship projection", "a type, a list of types, a map, or '*'", other)),
    };
    match given {
        Value::Str(all) if &**all == "*" => Ok(names.types().map(|(ty, _)| plain(ty)).collect()),
        Value::List(list) => list.iter().map(one).collect(),
        Value::Map(map) => {
            let mut all = Vec::new();
            for (name, value) in map.entries() {
                let Value::Map(says) = value else {
                    all.push(one(value)?);
                    continue;
                };
                let (mut of, mut direction, mut own) = (name.clone(), Dir::Out, common.to_vec());
                for (what, value) in says.entries() {
                    match (&**what, value) {
                        ("type", Value::Str(name)) => of = name.clone(),
                        ("orientation", Value::Str(way)) => {
                            direction = match way.to_ascii_uppercase().as_str() {
                                "NATURAL" => Dir::Out,
                                "REVERSE" => Dir::In,
                                "UNDIRECTED" => Dir::Both,
                                _ => return Err(not_offered(way, "NATURAL, REVERSE, UNDIRECTED")),
                            }
                        }
                        ("properties", value) => own.extend(properties(Some(value))?),
                        _ => return Err(not_offered(what, "type, orientation, properties")),
                    }
                }
                all.push(Kind { ty: ty(&of)?, direction, properties: own });
            }
            Ok(all)
        }
        other => Ok(vec![one(other)?]),
    }
}

/// The map behind a call, of which every entry is known.
pub(super) fn options<'v>(given: &'v Value, known: &[&str]) -> Result<Option<&'v Map>> {
    match given {
        Value::Null => Ok(None),
        Value::Map(map) => match map.entries().iter().find(|(name, _)| !known.contains(&&***name)) {
            Some((name, _)) => Err(not_offered(name, &known.join(", "))),
            None => Ok(Some(map)),
        },
        other => Err(wrong("the configuration", "a map", other)),
    }
}

fn not_offered(what: &str, known: &str) -> Error {
    Error::argument(Code::InvalidArgumentValue, format!("there is no `{what}` here")).hint(format!("there are {known}"))
}
