//! Layers through the `dagre` crate: crossings kept low, lines bent around boxes, room made for every label.
//!
//! The crate is a port with many invariants of its own. It is given plain graphs only (sizes finite, every end known,
//! no more nodes than the caller allows), and should it break one of its invariants all the same, the caller draws the
//! graph by forces instead.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker};

use super::boxes::{Boxes, LABEL};
use super::{NodeLink, Placed, Route};
use crate::picture::scene::Rect;

/// Places a graph in layers; `None` when the layout cannot.
pub(super) fn place(graph: &NodeLink, boxes: &Boxes, down: bool) -> Option<Placed> {
    std::panic::catch_unwind(|| run(graph, boxes, down)).ok().flatten().filter(|p| is_sound(p))
}

fn is_sound(placed: &Placed) -> bool {
    let finite = |r: &Rect| r.x.is_finite() && r.y.is_finite();
    let apart = placed.nodes.iter().enumerate().all(|(at, a)| !placed.nodes[at + 1..].iter().any(|b| a.meets(b)));
    placed.nodes.iter().all(finite)
        && apart
        && placed.routes.iter().flat_map(|r| &r.points).all(|p| p.0.is_finite() && p.1.is_finite())
}

fn run(graph: &NodeLink, boxes: &Boxes, down: bool) -> Option<Placed> {
    let mut g: Graph<NodeLabel, EdgeLabel> =
        Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
    for (at, node) in boxes.nodes.iter().enumerate() {
        g.set_node(at.to_string(), Some(NodeLabel { width: node.width, height: node.height, ..NodeLabel::default() }));
    }
    for (at, link) in graph.links.iter().enumerate().filter(|(_, l)| l.from != l.to) {
        let label = EdgeLabel {
            width: boxes.labels[at].width + 8.0,
            height: LABEL + 3.0,
            labelpos: LabelPos::Center,
            ..EdgeLabel::default()
        };
        g.set_edge(link.from.to_string(), link.to.to_string(), Some(label), Some(at.to_string().as_str()));
    }
    let options = LayoutOptions {
        rankdir: if down { RankDir::TB } else { RankDir::LR },
        nodesep: 22.0,
        edgesep: 12.0,
        ranksep: 34.0,
        ranker: if graph.nodes.len() > 150 { Ranker::LongestPath } else { Ranker::NetworkSimplex },
        ..LayoutOptions::default()
    };
    dagre::layout(&mut g, Some(options));
    let mut placed = Placed::default();
    for (at, node) in boxes.nodes.iter().enumerate() {
        let found = g.node(&at.to_string())?;
        placed.nodes.push(Rect::new(
            found.x? - node.width / 2.0,
            found.y? - node.height / 2.0,
            node.width,
            node.height,
        ));
    }
    for (at, link) in graph.links.iter().enumerate() {
        if link.from == link.to {
            placed.routes.push(Route::default());
            continue;
        }
        let found = g.edge(&link.from.to_string(), &link.to.to_string(), Some(at.to_string().as_str()))?;
        let points = found.points.iter().map(|p| (p.x, p.y)).collect();
        placed.routes.push(Route { points, label: found.x.zip(found.y) });
    }
    Some(placed)
}
