//! petgraph's visit traits over a graph, so that petgraph's algorithms run on it: holes, parallel relationships, loops
//! and all; optionally restricted to some relationship types.

use petgraph::Direction;
use petgraph::visit as pg;

use super::slot_set::SlotSet;
use super::{Dir, Graph, RelTypeId};
use crate::value::{NodeRef, RelRef};

/// A graph as petgraph's algorithms see it: the living nodes, and the relationships of some types (all when empty).
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    graph: &'a Graph,
    types: &'a [RelTypeId],
}

/// A relationship as petgraph's algorithms see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewEdge {
    rel: RelRef,
    start: NodeRef,
    end: NodeRef,
    ty: RelTypeId,
}

/// The nodes an algorithm has seen.
#[derive(Clone, Debug, Default)]
pub struct Visited(SlotSet);

impl Graph {
    /// This graph through petgraph's visit traits; only the given relationship types unless there are none given.
    pub fn view<'a>(&'a self, types: &'a [RelTypeId]) -> View<'a> {
        View { graph: self, types }
    }
}

impl View<'_> {
    fn edges_of(&self, node: NodeRef, dir: Dir) -> std::vec::IntoIter<ViewEdge> {
        let mut edges = Vec::new();
        self.graph.for_each_neighbour(node, dir, self.types, |rel, other| {
            let ty = self.graph.rel(rel).ty;
            let (start, end) = if dir == Dir::In { (other, node) } else { (node, other) };
            edges.push(ViewEdge { rel, start, end, ty });
        });
        edges.into_iter()
    }

    fn neighbours_of(&self, node: NodeRef, dir: Dir) -> std::vec::IntoIter<NodeRef> {
        let mut nodes = Vec::new();
        self.graph.for_each_neighbour(node, dir, self.types, |_, other| nodes.push(other));
        nodes.into_iter()
    }
}

fn dir(direction: Direction) -> Dir {
    match direction {
        Direction::Outgoing => Dir::Out,
        Direction::Incoming => Dir::In,
    }
}

impl pg::EdgeRef for ViewEdge {
    type NodeId = NodeRef;
    type EdgeId = RelRef;
    type Weight = RelTypeId;

    fn source(&self) -> NodeRef {
        self.start
    }

    fn target(&self) -> NodeRef {
        self.end
    }

    fn weight(&self) -> &RelTypeId {
        &self.ty
    }

    fn id(&self) -> RelRef {
        self.rel
    }
}

impl pg::VisitMap<NodeRef> for Visited {
    fn visit(&mut self, node: NodeRef) -> bool {
        self.0.insert(node.0)
    }

    fn is_visited(&self, node: &NodeRef) -> bool {
        self.0.contains(node.0)
    }

    fn unvisit(&mut self, node: NodeRef) -> bool {
        self.0.remove(node.0)
    }
}

impl pg::GraphRef for View<'_> {}

impl pg::GraphBase for View<'_> {
    type NodeId = NodeRef;
    type EdgeId = RelRef;
}

impl pg::Data for View<'_> {
    type NodeWeight = ();
    type EdgeWeight = RelTypeId;
}

impl pg::GraphProp for View<'_> {
    type EdgeType = petgraph::Directed;
}

impl pg::Visitable for View<'_> {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited::default()
    }

    fn reset_map(&self, map: &mut Visited) {
        *map = Visited::default();
    }
}

impl pg::NodeCount for View<'_> {
    fn node_count(&self) -> usize {
        self.graph.node_count() as usize
    }
}

impl pg::NodeIndexable for View<'_> {
    fn node_bound(&self) -> usize {
        self.graph.node_bound() as usize
    }

    fn to_index(&self, node: NodeRef) -> usize {
        node.0 as usize
    }

    fn from_index(&self, index: usize) -> NodeRef {
        NodeRef::new(index as u32)
    }
}

impl pg::EdgeIndexable for View<'_> {
    fn edge_bound(&self) -> usize {
        self.graph.rel_bound() as usize
    }

    fn to_index(&self, rel: RelRef) -> usize {
        rel.0 as usize
    }

    fn from_index(&self, index: usize) -> RelRef {
        RelRef::new(index as u32)
    }
}

impl pg::IntoNodeIdentifiers for View<'_> {
    type NodeIdentifiers = std::vec::IntoIter<NodeRef>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        let mut slots = Vec::new();
        self.graph.scan_nodes(0, &mut slots, usize::MAX);
        slots.into_iter().map(NodeRef::new).collect::<Vec<_>>().into_iter()
    }
}

impl pg::IntoNeighbors for View<'_> {
    type Neighbors = std::vec::IntoIter<NodeRef>;

    fn neighbors(self, node: NodeRef) -> Self::Neighbors {
        self.neighbours_of(node, Dir::Out)
    }
}

impl pg::IntoNeighborsDirected for View<'_> {
    type NeighborsDirected = std::vec::IntoIter<NodeRef>;

    fn neighbors_directed(self, node: NodeRef, direction: Direction) -> Self::NeighborsDirected {
        self.neighbours_of(node, dir(direction))
    }
}

impl pg::IntoEdgeReferences for View<'_> {
    type EdgeRef = ViewEdge;
    type EdgeReferences = std::vec::IntoIter<ViewEdge>;

    fn edge_references(self) -> Self::EdgeReferences {
        let nodes = pg::IntoNodeIdentifiers::node_identifiers(self);
        nodes.flat_map(|node| self.edges_of(node, Dir::Out)).collect::<Vec<_>>().into_iter()
    }
}

impl pg::IntoEdges for View<'_> {
    type Edges = std::vec::IntoIter<ViewEdge>;

    fn edges(self, node: NodeRef) -> Self::Edges {
        self.edges_of(node, Dir::Out)
    }
}

impl pg::IntoEdgesDirected for View<'_> {
    type EdgesDirected = std::vec::IntoIter<ViewEdge>;

    fn edges_directed(self, node: NodeRef, direction: Direction) -> Self::EdgesDirected {
        self.edges_of(node, dir(direction))
    }
}
