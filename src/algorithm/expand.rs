//! Walks from a node, steered by texts about types and labels, under the names that APOC gives them.
//!
//! ```text
//! relationshipFilter   'KNOWS>|<LIKES|OWNS|>'    that way round, the other, either way; > alone: any type
//! labelFilter          '+A|-B|/C|>D:E'           only through A; never B; up to C; only ending at what is D and E
//! ```

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Call, Rows};
use crate::error::{Code, Error, Result, nearest};
use crate::graph::{Dir, Graph, LabelId, RelTypeId};
use crate::value::{Map, NodeRef, Path, RelRef, Value};

/// `apoc.path.expand`.
pub(super) fn expand(call: &Call<'_>) -> Result<Rows> {
    let mut config = Config { unique: Unique::RelPath, ..Config::default() };
    config.steps = steps(call.graph, optional_text(call.argument(1), "relationshipFilter")?)?;
    config.labels = Labels::read(call.graph, optional_text(call.argument(2), "labelFilter")?);
    config.least = level(call.argument(3), "minLevel")?.unwrap_or(0);
    config.most = level(call.argument(4), "maxLevel")?;
    walked(call, &config)
}

/// `apoc.path.expandConfig`.
pub(super) fn expand_config(call: &Call<'_>) -> Result<Rows> {
    walked(call, &Config::read(call, Unique::RelPath)?)
}

/// `apoc.path.spanningTree`: to every node the path by which it was reached first.
pub(super) fn spanning_tree(call: &Call<'_>) -> Result<Rows> {
    walked(call, &Config::read(call, Unique::Node)?)
}

/// `apoc.path.subgraphNodes`.
pub(super) fn subgraph_nodes(call: &Call<'_>) -> Result<Rows> {
    let walks = walks(call, &Config::read(call, Unique::Node)?)?;
    Ok(walks.found.iter().map(|at| vec![Value::Node(walks.all[*at].node)]).collect())
}

/// `apoc.path.subgraphAll`: the nodes, and every relationship between two of them.
pub(super) fn subgraph_all(call: &Call<'_>) -> Result<Rows> {
    let walks = walks(call, &Config::read(call, Unique::Node)?)?;
    let nodes: Vec<NodeRef> = walks.found.iter().map(|at| walks.all[*at].node).collect();
    let within: FxHashSet<NodeRef> = nodes.iter().copied().collect();
    let mut rels = Vec::new();
    for node in &nodes {
        call.graph.for_each_neighbour(*node, Dir::Out, &[], |rel, other| {
            if within.contains(&other) {
                rels.push(Value::Rel(rel));
            }
        });
        call.budget.ask(rels.len() * size_of::<Value>())?;
    }
    Ok(vec![vec![Value::list(nodes.into_iter().map(Value::Node).collect())?, Value::list(rels)?]])
}

/// What must not come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Unique {
    /// No relationship on one path.
    #[default]
    RelPath,
    /// No node on one path.
    NodePath,
    /// No node on all paths.
    Node,
    /// No relationship on all paths.
    Rel,
    /// Anything may.
    None,
}

const UNIQUE: [(&str, Unique); 5] = [
    ("RELATIONSHIP_PATH", Unique::RelPath),
    ("NODE_PATH", Unique::NodePath),
    ("NODE_GLOBAL", Unique::Node),
    ("RELATIONSHIP_GLOBAL", Unique::Rel),
    ("NONE", Unique::None),
];

/// Which way a step may go, and by which type; any without one.
type Step = (Dir, Option<RelTypeId>);

#[derive(Debug, Default)]
struct Config {
    steps: Vec<Step>,
    labels: Labels,
    least: u64,
    most: Option<u64>,
    unique: Unique,
    limit: Option<u64>,
    depth_first: bool,
    filter_start: bool,
    /// Walks end at these.
    terminators: Vec<NodeRef>,
    /// Only what ends at these is found.
    ends: Vec<NodeRef>,
    allowed: Vec<NodeRef>,
    forbidden: Vec<NodeRef>,
}

const OPTIONS: [&str; 12] = [
    "relationshipFilter",
    "labelFilter",
    "minLevel",
    "maxLevel",
    "uniqueness",
    "limit",
    "bfs",
    "filterStartNode",
    "terminatorNodes",
    "endNodes",
    "whitelistNodes",
    "blacklistNodes",
];

impl Config {
    /// The map behind the start. Errors: an option that there is not, or a value of another kind.
    fn read(call: &Call<'_>, unique: Unique) -> Result<Self> {
        let mut config = Self { unique, ..Self::default() };
        let empty = Map::default();
        let given = match call.argument(1) {
            Value::Null => &empty,
            Value::Map(map) => map,
            other => return Err(wrong("the configuration", "a map such as {maxLevel: 3}", other)),
        };
        config.steps = steps(call.graph, "")?;
        for (name, value) in given.entries().iter().filter(|(_, value)| !value.is_null()) {
            match &**name {
                "relationshipFilter" => config.steps = steps(call.graph, optional_text(value, name)?)?,
                "labelFilter" => config.labels = Labels::read(call.graph, optional_text(value, name)?),
                "minLevel" => config.least = level(value, name)?.unwrap_or(0),
                "maxLevel" => config.most = level(value, name)?,
                "limit" => config.limit = level(value, name)?,
                "bfs" => config.depth_first = !flag(value, name)?,
                "filterStartNode" => config.filter_start = flag(value, name)?,
                "terminatorNodes" => config.terminators = nodes(value, name)?,
                "endNodes" => config.ends = nodes(value, name)?,
                "whitelistNodes" => config.allowed = nodes(value, name)?,
                "blacklistNodes" => config.forbidden = nodes(value, name)?,
                "uniqueness" => {
                    let asked = optional_text(value, name)?;
                    let known = UNIQUE.iter().find(|(name, _)| *name == asked);
                    let all = || UNIQUE.map(|(name, _)| name).join(", ");
                    let message = format!("there is no uniqueness `{asked}`");
                    let error = || Error::argument(Code::InvalidArgumentValue, message).hint(all());
                    config.unique = known.ok_or_else(error)?.1;
                }
                _ => {
                    let error =
                        Error::argument(Code::InvalidArgumentValue, format!("there is no option `{name}` here"));
                    let near = nearest(name, OPTIONS).map(|near| format!("did you mean `{near}`?"));
                    return Err(error.hint(near.unwrap_or_else(|| format!("the options are {}", OPTIONS.join(", ")))));
                }
            }
        }
        Ok(config)
    }

    /// Whether a walk that ends here is found, and whether it goes on.
    fn judge(&self, graph: &Graph, node: NodeRef, depth: u64) -> (bool, bool) {
        if self.forbidden.contains(&node) || !self.allowed.is_empty() && !self.allowed.contains(&node) {
            return (false, false);
        }
        let (mut found, mut goes_on) = match depth == 0 && !self.filter_start {
            true => (!self.labels.ends_only(), true),
            false => self.labels.judge(graph, node),
        };
        if !self.terminators.is_empty() || !self.ends.is_empty() {
            let terminates = self.terminators.contains(&node) && depth >= self.least;
            found &= terminates || self.ends.contains(&node);
            goes_on &= !terminates;
        }
        (found && depth >= self.least, goes_on && self.most.is_none_or(|most| depth < most))
    }
}

/// What a filter of labels says. Each entry is a combination of labels that a node must have; nothing: one that no node has.
#[derive(Debug, Default)]
struct Labels {
    through: Vec<Option<Vec<LabelId>>>,
    never: Vec<Option<Vec<LabelId>>>,
    up_to: Vec<Option<Vec<LabelId>>>,
    ends: Vec<Option<Vec<LabelId>>>,
}

impl Labels {
    fn read(graph: &Graph, text: &str) -> Self {
        let mut labels = Self::default();
        for word in text.split('|').map(str::trim).filter(|word| !word.is_empty()) {
            let (list, names) = match word.split_at_checked(1) {
                Some(("-", names)) => (&mut labels.never, names),
                Some(("/", names)) => (&mut labels.up_to, names),
                Some((">", names)) => (&mut labels.ends, names),
                Some(("+", names)) => (&mut labels.through, names),
                _ => (&mut labels.through, word),
            };
            let names = names.split(':').map(str::trim).filter(|name| !name.is_empty() && *name != "*");
            list.push(names.map(|name| graph.label(name)).collect());
        }
        labels
    }

    fn ends_only(&self) -> bool {
        !self.up_to.is_empty() || !self.ends.is_empty()
    }

    fn judge(&self, graph: &Graph, node: NodeRef) -> (bool, bool) {
        let fits = |labels: &Option<Vec<LabelId>>| {
            labels.as_ref().is_some_and(|labels| labels.iter().all(|label| graph.has_label(node, *label)))
        };
        let any = |list: &[Option<Vec<LabelId>>]| list.iter().any(fits);
        if any(&self.never) {
            (false, false)
        } else if any(&self.up_to) {
            (true, false)
        } else if any(&self.ends) {
            (true, true)
        } else if !self.through.is_empty() && !any(&self.through) {
            (false, false)
        } else {
            (!self.ends_only(), true)
        }
    }
}

/// One more step of a walk; the first has none before it.
struct Reached {
    before: Option<(usize, RelRef)>,
    node: NodeRef,
    depth: u64,
}

/// Walks as a tree, and which of them were found.
struct Walks {
    all: Vec<Reached>,
    found: Vec<usize>,
}

impl Walks {
    /// The places on the way to one, the last first.
    fn back(&self, at: usize) -> impl Iterator<Item = &Reached> {
        std::iter::successors(Some(&self.all[at]), |reached| reached.before.map(|(before, _)| &self.all[before]))
    }

    fn path(&self, at: usize) -> Path {
        let mut nodes: Vec<NodeRef> = self.back(at).map(|reached| reached.node).collect();
        let mut rels: Vec<RelRef> = self.back(at).filter_map(|reached| reached.before).map(|(_, rel)| rel).collect();
        nodes.reverse();
        rels.reverse();
        Path { nodes, rels, cost: None }
    }
}

fn walked(call: &Call<'_>, config: &Config) -> Result<Rows> {
    let walks = walks(call, config)?;
    let mut rows = Rows::new();
    let mut bytes = 0;
    for &at in &walks.found {
        bytes += 64 + 16 * walks.all[at].depth as usize;
        call.budget.ask(bytes)?;
        rows.push(vec![Value::Path(Arc::new(walks.path(at)))]);
    }
    Ok(rows)
}

/// Every walk that the configuration allows, in the order found.
fn walks(call: &Call<'_>, config: &Config) -> Result<Walks> {
    let mut walks = Walks { all: Vec::new(), found: Vec::new() };
    let (mut seen_nodes, mut seen_rels) = (FxHashSet::default(), FxHashSet::default());
    let mut waiting: VecDeque<usize> = VecDeque::new();
    for node in nodes(call.argument(0), "the start")? {
        if config.unique != Unique::Node || seen_nodes.insert(node) {
            waiting.push_back(walks.all.len());
            walks.all.push(Reached { before: None, node, depth: 0 });
        }
    }
    let limit = config.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    while walks.found.len() < limit
        && let Some(at) = if config.depth_first { waiting.pop_back() } else { waiting.pop_front() }
    {
        call.budget.ask(walks.all.len() * size_of::<Reached>())?;
        let (node, depth) = (walks.all[at].node, walks.all[at].depth);
        let (found, goes_on) = config.judge(call.graph, node, depth);
        if found {
            walks.found.push(at);
        }
        if !goes_on {
            continue;
        }
        let first = walks.all.len();
        let mut on_path: FxHashSet<u32> = FxHashSet::default();
        match config.unique {
            Unique::RelPath => {
                on_path.extend(walks.back(at).filter_map(|reached| reached.before).map(|(_, rel)| rel.0))
            }
            Unique::NodePath => on_path.extend(walks.back(at).map(|reached| reached.node.0)),
            _ => {}
        }
        let mut here: FxHashSet<RelRef> = FxHashSet::default();
        for (dir, ty) in &config.steps {
            let types: &[RelTypeId] = ty.as_ref().map_or(&[], std::slice::from_ref);
            let _ = call.graph.try_for_each_neighbour(node, *dir, types, |rel, other| {
                let is_new = match config.unique {
                    Unique::RelPath => !on_path.contains(&rel.0),
                    Unique::NodePath => !on_path.contains(&other.0),
                    Unique::Node => !seen_nodes.contains(&other),
                    Unique::Rel => !seen_rels.contains(&rel),
                    Unique::None => true,
                };
                // two filters may let the same relationship through
                if is_new && here.insert(rel) {
                    seen_nodes.insert(other);
                    seen_rels.insert(rel);
                    walks.all.push(Reached { before: Some((at, rel)), node: other, depth: depth + 1 });
                }
                ControlFlow::Continue(())
            });
        }
        // the first neighbour is walked on from first, whichever end of the queue is next
        if config.depth_first {
            waiting.extend((first..walks.all.len()).rev());
        } else {
            waiting.extend(first..walks.all.len());
        }
    }
    Ok(walks)
}

/// The steps that a text allows. Errors: a sequence, which is not offered.
fn steps(graph: &Graph, text: &str) -> Result<Vec<Step>> {
    if text.contains(',') {
        let message = "a sequence of steps (with commas) is not offered";
        return Err(Error::argument(Code::InvalidArgumentValue, message)
            .hint("write the pattern: MATCH (a)-[:A]->()-[:B]->(b)"));
    }
    let mut steps = Vec::new();
    for word in text.split('|').map(str::trim).filter(|word| !word.is_empty()) {
        let (dir, name) = match (word.strip_prefix('<'), word.strip_suffix('>')) {
            (Some(name), None) => (Dir::In, name),
            (None, Some(name)) => (Dir::Out, name),
            _ => (Dir::Both, word.trim_matches(['<', '>'])),
        };
        match (name, graph.rel_type(name)) {
            ("", _) => steps.push((dir, None)),
            (_, Some(ty)) => steps.push((dir, Some(ty))),
            (_, None) => {} // no relationship has it
        }
    }
    if text.trim().is_empty() {
        steps.push((Dir::Both, None));
    }
    Ok(steps)
}

fn optional_text<'a>(value: &'a Value, what: &str) -> Result<&'a str> {
    match value {
        Value::Null => Ok(""),
        Value::Str(text) => Ok(text),
        other => Err(wrong(&format!("`{what}`"), "a text", other)),
    }
}

/// A number of steps; below zero is without bound.
fn level(value: &Value, what: &str) -> Result<Option<u64>> {
    match value {
        Value::Null => Ok(None),
        Value::Int(n) => Ok(u64::try_from(*n).ok()),
        other => Err(wrong(&format!("`{what}`"), "an integer", other)),
    }
}

fn flag(value: &Value, what: &str) -> Result<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        other => Err(wrong(&format!("`{what}`"), "true or false", other)),
    }
}

/// A node or a list of nodes; none for null.
fn nodes(value: &Value, what: &str) -> Result<Vec<NodeRef>> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Node(node) => Ok(vec![*node]),
        Value::List(list) => {
            let node = |value: &Value| match value {
                Value::Node(node) => Ok(*node),
                other => Err(wrong(what, "a node or a list of nodes", other)),
            };
            list.iter().filter(|value| !value.is_null()).map(node).collect()
        }
        other => Err(wrong(what, "a node or a list of nodes", other)),
    }
}

fn wrong(what: &str, wanted: &str, given: &Value) -> Error {
    Error::type_error(Code::InvalidArgumentType, format!("{what} must be {wanted}, not a {}", given.type_name()))
}
