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
/// What the layered layout is asked to do at most; its time grows with crossings.
const LAYERED: (usize, usize) = (320, 480);

/// Draws a graph.
pub(crate) fn scene(graph: &NodeLink, style: &Style) -> Scene {
    let graph = &graph.mended().limited(MOST_NODES);
    let boxes = Boxes::measure(graph, style);
    let placed = match style.layout {
        _ if graph.nodes.is_empty() => Placed::default(),
        Layout::Force => force::place(graph, &boxes),
        Layout::Auto if !is_lean(graph) => force::place(graph, &boxes),
        _ if graph.nodes.len() > LAYERED.0 || graph.links.len() > LAYERED.1 => force::place(graph, &boxes),
        wanted => {
            layered::place(graph, &boxes, wanted == Layout::LayeredDown).unwrap_or_else(|| force::place(graph, &boxes))
        }
    };
    draw::draw(graph, style, &boxes, &placed)
}

/// Few enough lines that layers stay legible.
fn is_lean(graph: &NodeLink) -> bool {
    graph.links.len() <= graph.nodes.len() + graph.nodes.len() / 2 + 4
}
