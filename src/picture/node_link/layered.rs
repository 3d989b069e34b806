//! Layers through the `dagre` crate: crossings kept low, lines bent around boxes, room made for every label.
//!
//! The crate is a port with many invariants of its own. It is given plain graphs only (sizes finite, every end known,
//! no more nodes than the caller allows); of its answer we take the places, and lead the lines ourselves: level through a
//! layer, slanted only between layers, so that none runs behind a box. Should it break one of its
//! invariants all the same, the caller draws the graph by forces instead.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker};

use super::boxes::{Boxes, LABEL};
use super::{NodeLink, Placed, Route};
use crate::picture::scene::Rect;

/// Places a graph in layers; `None` when the layout cannot.
pub(super) fn place(graph: &NodeLink, boxes: &Boxes, down: bool) -> Option<Placed> {
    std::panic::catch_unwind(|| run(graph, boxes, down)).ok().flatten().filter(is_sound)
}

fn is_sound(placed: &Placed) -> bool {
    let finite = |r: &Rect| r.x.is_finite() && r.y.is_finite();
    let apart = placed.nodes.iter().enumerate().all(|(at, a)| !placed.nodes[at + 1..].iter().any(|b| a.meets(b)));
    placed.nodes.iter().all(finite)
        && apart
        && placed.routes.iter().flat_map(|r| &r.points).all(|p| p.0.is_finite() && p.1.is_finite())
}

/// The sizes of the nodes, with room for all lines at the side they start from or end at.
fn with_room(graph: &NodeLink, boxes: &Boxes, down: bool) -> Vec<(f64, f64)> {
    let mut lines = vec![(0_usize, 0_usize); graph.nodes.len()];
    for link in graph.links.iter().filter(|l| l.from != l.to) {
        lines[link.from].0 += 1;
        lines[link.to].1 += 1;
    }
    let size = |(node, (out, into)): (&super::boxes::NodeBox, &(usize, usize))| {
        let side = (*out).max(*into).saturating_sub(1) as f64 * PORT + 16.0;
        if down {
            (node.width.max(side.min(MOST_ROOM)), node.height)
        } else {
            (node.width, node.height.max(side.min(MOST_ROOM)))
        }
    };
    boxes.nodes.iter().zip(&lines).map(size).collect()
}

fn run(graph: &NodeLink, boxes: &Boxes, down: bool) -> Option<Placed> {
    let sizes = with_room(graph, boxes, down);
    let mut g: Graph<NodeLabel, EdgeLabel> =
        Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
    for (at, (width, height)) in sizes.iter().enumerate() {
        g.set_node(at.to_string(), Some(NodeLabel { width: *width, height: *height, ..NodeLabel::default() }));
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
        ranksep: 76.0,
        ranker: if graph.nodes.len() > 150 { Ranker::LongestPath } else { Ranker::NetworkSimplex },
        ..LayoutOptions::default()
    };
    dagre::layout(&mut g, Some(options));
    let mut placed = Placed::default();
    for (at, (width, height)) in sizes.into_iter().enumerate() {
        let found = g.node(&at.to_string())?;
        placed.nodes.push(Rect::new(found.x? - width / 2.0, found.y? - height / 2.0, width, height));
    }
    let mut inner = Vec::with_capacity(graph.links.len());
    for (at, link) in graph.links.iter().enumerate() {
        if link.from == link.to {
            inner.push(None);
            continue;
        }
        let found = g.edge(&link.from.to_string(), &link.to.to_string(), Some(at.to_string().as_str()))?;
        let points: Vec<(f64, f64)> = found.points.iter().map(|p| (p.x, p.y)).collect();
        let corners = points.get(1..points.len().saturating_sub(1)).unwrap_or(&[]).to_vec();
        inner.push(Some((corners, found.x.zip(found.y))));
    }
    placed.routes = routes(graph, &placed.nodes, &inner, boxes, down);
    Some(placed)
}

/// The corners dagre gives a line between its ends, and the middle of its label.
type Inner = Option<(Vec<(f64, f64)>, Option<(f64, f64)>)>;

/// A layer: its middle and half its thickness, along the direction of the layers.
#[derive(Clone, Copy)]
struct Layer {
    middle: f64,
    half: f64,
}

/// How far a line runs straight before its end.
const STUB: f64 = 12.0;
/// Distance between lines that end at the same side of a box.
const PORT: f64 = 9.0;
/// Boxes grow by their lines to this at most.
const MOST_ROOM: f64 = 380.0;

/// Lines that run level through every layer. `down` turns everything: layers are then rows.
fn routes(graph: &NodeLink, nodes: &[Rect], inner: &[Inner], boxes: &Boxes, down: bool) -> Vec<Route> {
    let turn = |(x, y): (f64, f64)| if down { (y, x) } else { (x, y) };
    let flat: Vec<Rect> = nodes.iter().map(|r| if down { Rect::new(r.y, r.x, r.h, r.w) } else { *r }).collect();
    let mut layers: Vec<Layer> = Vec::new();
    let mut thicken = |middle: f64, half: f64| match layers.iter_mut().find(|l| (l.middle - middle).abs() < 0.5) {
        Some(layer) => layer.half = layer.half.max(half),
        None => layers.push(Layer { middle, half }),
    };
    flat.iter().for_each(|r| thicken(r.x + r.w / 2.0, r.w / 2.0));
    for (at, corners) in inner.iter().enumerate() {
        if let Some((_, Some(label))) = corners {
            let half = if down { LABEL / 2.0 + 2.0 } else { boxes.labels[at].width / 2.0 + 4.0 };
            thicken(turn(*label).0, half);
        }
    }
    let ports = ports(graph, &flat, inner, &turn);
    // a box narrower than its layer is left and entered level as far as the layer reaches
    let rim = |node: usize, side: f64| {
        let middle = flat[node].x + flat[node].w / 2.0;
        let half = layers.iter().find(|l| (l.middle - middle).abs() < 0.5).map_or(flat[node].w / 2.0, |l| l.half);
        middle + side * (half + STUB)
    };
    let lead = |at: usize| {
        let Some((corners, label)) = &inner[at] else { return Route::default() };
        let ((start, out), (end, into)) = ports[at];
        let mut points = vec![start, (rim(graph.links[at].from, out), start.1)];
        let mut here = start.0;
        for &corner in corners {
            let (x, y) = turn(corner);
            let half = layers.iter().find(|l| (l.middle - x).abs() < 0.5).map_or(0.0, |l| l.half);
            let way = if x >= here { 1.0 } else { -1.0 };
            points.extend([(x - way * half, y), (x + way * half, y)]);
            here = x;
        }
        points.extend([(rim(graph.links[at].to, into), end.1), end]);
        Route { points: points.into_iter().map(turn).collect(), label: *label }
    };
    (0..inner.len()).map(lead).collect()
}

/// A place on the border of a box and the direction (-1 or 1) in which lines leave there.
type Port = ((f64, f64), f64);

/// The lines at each side of each box (right: true): where they come from, which they are, whether they start here.
type Sides = std::collections::BTreeMap<(usize, bool), Vec<(f64, usize, bool)>>;

/// Where each line starts and ends, lines at the same side spread in the order of where they come from.
fn ports(
    graph: &NodeLink,
    flat: &[Rect],
    inner: &[Inner],
    turn: &impl Fn((f64, f64)) -> (f64, f64),
) -> Vec<(Port, Port)> {
    let mut sides = Sides::new();
    let middle = |node: usize| (flat[node].x + flat[node].w / 2.0, flat[node].y + flat[node].h / 2.0);
    for (at, link) in graph.links.iter().enumerate() {
        let Some((corners, _)) = &inner[at] else { continue };
        let ends = [
            (link.from, corners.first().map_or(middle(link.to), |c| turn(*c)), true),
            (link.to, corners.last().map_or(middle(link.from), |c| turn(*c)), false),
        ];
        for (node, (x, y), starts) in ends {
            sides.entry((node, x >= middle(node).0)).or_default().push((y, at, starts));
        }
    }
    let mut ports = vec![(((0.0, 0.0), 1.0), ((0.0, 0.0), 1.0)); graph.links.len()];
    for ((node, right), mut lines) in sides {
        lines.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let rect = flat[node];
        let step = if lines.len() > 1 { PORT.min((rect.h - 12.0).max(0.0) / (lines.len() - 1) as f64) } else { 0.0 };
        let first = rect.y + rect.h / 2.0 - step * (lines.len() - 1) as f64 / 2.0;
        for (place, (_, at, starts)) in lines.into_iter().enumerate() {
            let x = if right { rect.right() } else { rect.x };
            let port = ((x, first + step * place as f64), if right { 1.0 } else { -1.0 });
            if starts {
                ports[at].0 = port;
            } else {
                ports[at].1 = port;
            }
        }
    }
    ports
}
