//! Facts that contradict each other, side by side; never resolved.
//!
//! Two sources of conflicts: those the makers of the dataset declared (with topic and note), and those
//! that follow from the relation table: two types that exclude each other between the same nodes, and a
//! second end where a type allows one only.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::graph::{Dir, Graph};
use crate::provenance::{Claim, Conflict, Vocabulary};
use crate::value::{NodeRef, RelRef, Value};

/// Every conflict of the graph: declared ones first, in their order, then those that follow from the table.
/// With `of`, only those one of whose facts touches that node.
pub fn conflicts(graph: &Graph, vocabulary: &Vocabulary, of: Option<NodeRef>) -> Vec<Conflict> {
    let mut out: Vec<Conflict> = vocabulary
        .conflicts
        .iter()
        .filter(|c| c.sides.iter().all(|side| graph.rel_exists(side.rel)))
        .cloned()
        .collect();
    let known: FxHashSet<(RelRef, RelRef)> = out.iter().map(|c| pair(c.sides[0].rel, c.sides[1].rel)).collect();
    out.extend(found(graph, vocabulary).into_iter().filter(|c| !known.contains(&pair(c.sides[0].rel, c.sides[1].rel))));
    if let Some(node) = of {
        out.retain(|c| c.sides.iter().any(|side| touches(graph, side.rel, node)));
    }
    out
}

/// A fact in words: subject, relation, object by their names.
pub fn claim_text(graph: &Graph, rel: RelRef) -> String {
    let ends = graph.rel(rel);
    format!("{} {} {}", node_name(graph, ends.start), graph.type_name(ends.ty), node_name(graph, ends.end))
}

/// What a node is called: its `name`, else its `value`, else its `id`, else its number.
pub fn node_name(graph: &Graph, node: NodeRef) -> String {
    for key in ["name", "value", "id"] {
        match graph.key(key).map(|key| graph.node_property(node, key)) {
            None | Some(Value::Null) => {}
            Some(Value::Str(text)) => return text.to_string(),
            Some(other) => return crate::value::text::scalar(&other).unwrap_or_default(),
        }
    }
    format!("node {}", graph.node_id(node))
}

fn found(graph: &Graph, vocabulary: &Vocabulary) -> Vec<Conflict> {
    let mut out = Vec::new();
    for relation in vocabulary.types() {
        let Some(ty) = graph.rel_type(&relation.name) else { continue };
        if relation.contradicts.is_empty() && !relation.single_valued {
            continue;
        }
        let others: Vec<_> = relation.contradicts.iter().filter_map(|name| graph.rel_type(name)).collect();
        let mut rels = Vec::new();
        let mut cursor = Some(0);
        while let Some(at) = cursor {
            cursor = graph.scan_type(ty, at, &mut rels, 4096);
        }
        for rel in rels.into_iter().map(RelRef::new) {
            let ends = graph.rel(rel);
            // no types at all would mean any type
            if !others.is_empty() {
                graph.for_each_neighbour(ends.start, Dir::Out, &others, |other, end| {
                    if end == ends.end && (rel < other || !says_too(vocabulary, graph, other, &relation.name)) {
                        out.push(conflict("contradiction", rel, other));
                    }
                });
            }
            if relation.single_valued {
                graph.for_each_neighbour(ends.start, Dir::Out, &[ty], |other, end| {
                    if rel < other && end != ends.end {
                        out.push(conflict("contradiction", rel, other));
                    }
                });
            }
        }
    }
    out.sort_by_key(|c| (c.sides[0].rel, c.sides[1].rel));
    out.dedup_by_key(|c| pair(c.sides[0].rel, c.sides[1].rel));
    out
}

/// Whether the type of `other` declares the contradiction too, so that it is found from both sides.
fn says_too(vocabulary: &Vocabulary, graph: &Graph, other: RelRef, name: &Arc<str>) -> bool {
    let ty = graph.type_name(graph.rel(other).ty);
    vocabulary.get(ty).is_some_and(|t| t.contradicts.contains(name))
}

fn conflict(kind: &str, left: RelRef, right: RelRef) -> Conflict {
    let claim = |rel| Claim { rel, sources: Box::default() };
    Conflict {
        id: Arc::from(""),
        kind: kind.into(),
        topic: Arc::from(""),
        sides: [claim(left), claim(right)],
        note: Arc::from(""),
    }
}

fn pair(a: RelRef, b: RelRef) -> (RelRef, RelRef) {
    (a.min(b), a.max(b))
}

fn touches(graph: &Graph, rel: RelRef, node: NodeRef) -> bool {
    let ends = graph.rel(rel);
    ends.start == node || ends.end == node
}
