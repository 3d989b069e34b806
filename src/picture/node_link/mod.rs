//! Node-link pictures of any result: boxes, lines with their types, clusters by kind.
//!
//! ```text
//! NodeLink ─► boxes ─► layered (dagre) or force ─► Scene ─► SVG
//!             measured  places, routes, labels
//! ```
//! Layers suit what has a direction and few crossings; forces suit the rest. Either way no two texts share a place; a
//! label for which there is no room is left to the pointer, and the picture says how many are.

mod boxes;
mod draw;
mod force;
mod labels;
mod layered;
mod model;
mod parts;
#[cfg(test)]
mod tests;

pub use model::{Node, NodeLink, Relation};

use super::scene::{Rect, Scene};
use super::style::{Layout, Style};
use boxes::Boxes;

/// A line from node to node with the middle of its label.
#[derive(Clone, Debug, Default, PartialEq)]
struct Route {
    points: Vec<(f64, f64)>,
    /// Where the label's middle is; `None` when there is no room or no label.
    label: Option<(f64, f64)>,
}

/// Where everything is; the left and upper end is 0, 0.
#[derive(Clone, Debug, Default, PartialEq)]
struct Placed {
    nodes: Vec<Rect>,
    routes: Vec<Route>,
    /// Boxes around the nodes of a kind, where the layout keeps them together.
    clusters: Vec<(String, Rect)>,
}

/// Beyond this many nodes a picture is no longer one; the rest is counted in a note.
const MOST_NODES: usize = 1_500;
/// What the layered layout is asked to do at most when it is asked for; its time grows with crossings.
const LAYERED: (usize, usize) = (320, 480);
/// Beyond this many nodes a part is laid out by forces unless something else is asked for.
const LEGIBLE: usize = 120;
/// The most lines at one side of a node that still read as separate lines.
const FAN: usize = 40;

/// Draws a graph.
pub(crate) fn scene(graph: &NodeLink, style: &Style) -> Scene {
    let (graph, boxes, placed) = laid_out(graph, style);
    draw::draw(&graph, style, &boxes, &placed)
}

/// A graph as it is drawn, for programs that draw it themselves; the left and upper end is 0, 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// What is drawn: without what points nowhere, and without the nodes for which a picture has no room.
    pub graph: NodeLink,
    /// The box of each node: left, top, width, height.
    pub nodes: Vec<[f64; 4]>,
    /// The lines of text in each node.
    pub texts: Vec<Vec<String>>,
    /// The colour of each node.
    pub colours: Vec<String>,
    /// The points of each relationship's line, from its start to its end.
    pub lines: Vec<Vec<(f64, f64)>>,
    /// The middle of each relationship's label, where there is room for one.
    pub labels: Vec<Option<(f64, f64)>>,
}

/// Where everything of a graph stands in its picture.
///
/// ```
/// use shejire::picture::{Node, NodeLink, Style, node_link_drawn};
///
/// let node = |name: &str| Node { caption: name.into(), ..Node::default() };
/// let graph = NodeLink { nodes: vec![node("A"), node("B")], ..NodeLink::default() };
/// let drawn = node_link_drawn(&graph, &Style::default());
/// assert_eq!((drawn.nodes.len(), &drawn.texts[1][..]), (2, &["B".to_owned()][..]));
/// ```
pub fn drawn(graph: &NodeLink, style: &Style) -> Drawn {
    let (graph, boxes, placed) = laid_out(graph, style);
    let text = |of: &boxes::NodeBox| of.lines.iter().map(crate::picture::font::Line::text).collect();
    Drawn {
        nodes: placed.nodes.iter().map(|at| [at.x, at.y, at.w, at.h]).collect(),
        texts: boxes.nodes.iter().map(text).collect(),
        colours: boxes.nodes.iter().map(|of| of.colour.clone()).collect(),
        lines: placed.routes.iter().map(|route| route.points.clone()).collect(),
        labels: placed.routes.iter().map(|route| route.label).collect(),
        graph,
    }
}

fn laid_out(graph: &NodeLink, style: &Style) -> (NodeLink, Boxes, Placed) {
    let mut graph = graph.mended().limited(MOST_NODES);
    graph.clusters |= style.clusters;
    let boxes = Boxes::measure(&graph, style);
    let placed = match style.layout {
        _ if graph.nodes.is_empty() => Placed::default(),
        Layout::Force => force::place(&graph, &boxes),
        _ if graph.clusters => force::place(&graph, &boxes),
        wanted => parts::each(&graph, &boxes, |part, boxes| Some(of_part(part, boxes, wanted))).unwrap_or_default(),
    };
    (graph, boxes, placed)
}

/// Lays out a connected part.
fn of_part(part: &NodeLink, boxes: &Boxes, wanted: Layout) -> Placed {
    let by_force = || force::whole(part, boxes);
    let layered = |down: bool| layered::place(part, boxes, down);
    if part.nodes.len() > LAYERED.0 || part.links.len() > LAYERED.1 {
        return by_force();
    }
    match wanted {
        Layout::Layered => layered(false).unwrap_or_else(by_force),
        Layout::LayeredDown => layered(true).unwrap_or_else(by_force),
        _ if !is_legible(part) => by_force(),
        _ => match (layered(false), layered(true)) {
            (Some(right), Some(down)) => {
                if cost(&down) * 1.6 < cost(&right) {
                    down
                } else {
                    right
                }
            }
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => by_force(),
        },
    }
}

/// Few enough lines that layers stay legible.
fn is_legible(graph: &NodeLink) -> bool {
    let nodes = graph.nodes.len();
    let mut fans = vec![(0_usize, 0_usize); nodes];
    for link in &graph.links {
        fans[link.from].0 += 1;
        fans[link.to].1 += 1;
    }
    nodes <= LEGIBLE && graph.links.len() <= nodes + nodes / 2 + 4 && fans.iter().all(|f| f.0.max(f.1) <= FAN)
}

/// What a page loses by the shape of a drawing: the longer side, the width of a page being about one and a half times
/// its height.
fn cost(placed: &Placed) -> f64 {
    let right = placed.nodes.iter().map(Rect::right).fold(0.0, f64::max);
    let bottom = placed.nodes.iter().map(Rect::bottom).fold(0.0, f64::max);
    (right / 1.5).max(bottom)
}
