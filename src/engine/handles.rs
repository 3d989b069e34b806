//! What is asked of a snapshot by whoever writes all of it out, one node after the other.

use std::sync::Arc;

use super::Snapshot;
use super::version::State;
use crate::graph::Graph;
use crate::value::{NodeRef, RelRef};

impl Snapshot {
    /// The handles of all nodes and relationships.
    pub(crate) fn handles(&self) -> (Vec<NodeRef>, Vec<RelRef>) {
        let graph = &self.version.knowledge.graph;
        let nodes = all(|at, out| graph.scan_nodes(at, out, 4096)).into_iter().map(NodeRef::new).collect();
        let rels = all(|at, out| graph.scan_rels(at, out, 4096)).into_iter().map(RelRef::new).collect();
        (nodes, rels)
    }

    /// The id that users see.
    pub(crate) fn node_id(&self, node: NodeRef) -> Option<u64> {
        let graph: &Graph = &self.version.knowledge.graph;
        graph.node_exists(node).then(|| graph.node_id(node).0)
    }

    /// All labels, in the order in which a node has them.
    pub(crate) fn label_order(&self) -> Vec<Arc<str>> {
        self.version.knowledge.graph.names().labels().map(|(_, label)| Arc::from(label)).collect()
    }

    /// The keys of the graph that its dataset declares as dates.
    pub(crate) fn declared_dates(&self) -> Vec<String> {
        let state = State::of(&self.version, &self.procedures);
        let keys = state.graph.names().keys().map(|(_, key)| key.to_string());
        keys.filter(|key| state.is_date(key)).collect()
    }

    /// Whether some relationships stand on corrected mentions alone, so that answers leave them out.
    pub(crate) fn has_corrected(&self) -> bool {
        State::of(&self.version, &self.procedures).has_withdrawn()
    }
}

fn all(scan: impl Fn(u32, &mut Vec<u32>) -> Option<u32>) -> Vec<u32> {
    let mut found = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = scan(at, &mut found);
    }
    found
}
