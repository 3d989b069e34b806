//! Lives of nodes: when they began and ended.

use crate::graph::Graph;
use crate::provenance::{Evidence, MentionId, View, Vocabulary};
use crate::value::{NodeRef, Value};

/// The life of a node.
#[derive(Clone, Debug, Default)]
pub struct Life {
    start: Value,
    end: Value,
    begun: Vec<MentionId>,
    ended: Vec<MentionId>,
}

impl Life {
    /// The property `start` or `end` that the life gives.
    pub fn property(&self, key: &str) -> Value {
        if key == "start" { self.start.clone() } else { self.end.clone() }
    }

    /// The mentions from which the property `start` or `end` follows; none when no source states it.
    pub fn grounds(&self, key: &str) -> &[MentionId] {
        if key == "start" { &self.begun } else { &self.ended }
    }
}

/// The life of a node as `view` has it.
pub fn of_node(
    graph: &Graph,
    evidence: &Evidence,
    vocabulary: &Vocabulary,
    node: NodeRef,
    view: Option<&View>,
) -> Life {
    let _ = graph;
    let side = |key: &str| {
        let pooled = evidence.pooled(evidence.exists_seen(node, view), key, "", vocabulary);
        let says = |id: &&MentionId| {
            evidence.mention(**id).is_some_and(|m| evidence.is_seen(m, view) && m.stated(key).next().is_some())
        };
        let grounds = evidence.exists_of(node).iter().filter(says).copied().collect();
        (pooled.map_or(Value::Null, |pooled| pooled.value), grounds)
    };
    let ((start, begun), (end, ended)) = (side("start"), side("end"));
    Life { start, end, begun, ended }
}
