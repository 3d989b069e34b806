//! How large every node and label is, and what is written in it.

use super::model::NodeLink;
use crate::picture::font::{Line, Run, flow};
use crate::picture::style::{Look, Shape, Style, usual_shape, words};
use crate::picture::timeline::words::cites;

/// The text of a node and the box that holds it.
#[derive(Clone, Debug)]
pub(super) struct NodeBox {
    pub(super) lines: Vec<Line>,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) shape: Shape,
    pub(super) colour: String,
    /// Width of the outline.
    pub(super) outline: f64,
}

/// The text of a label and its size.
#[derive(Clone, Debug)]
pub(super) struct LabelBox {
    pub(super) line: Line,
    pub(super) width: f64,
    pub(super) look: Look,
}

/// Height of a label's room.
pub(super) const LABEL: f64 = 15.0;
pub(super) const STEP: f64 = 16.0;
const CAPTION: f64 = 13.0;
const SMALL: f64 = 11.0;
/// Captions wrap at this width.
const TEXT: f64 = 180.0;

/// All boxes of a graph.
#[derive(Clone, Debug)]
pub(super) struct Boxes {
    pub(super) nodes: Vec<NodeBox>,
    pub(super) labels: Vec<LabelBox>,
}

impl Boxes {
    /// Measures everything.
    pub(super) fn measure(graph: &NodeLink, style: &Style) -> Self {
        let colours = style.colours(graph.nodes.iter().map(|n| n.kind.as_str()));
        let page = &style.page;
        let nodes = graph.nodes.iter().map(|node| {
            let property = |key: &str| node.properties.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
            let look = style.of_kind(&node.kind, property);
            let caption = match &look.icon {
                Some(icon) => format!("{icon} {}", node.caption),
                None => node.caption.clone(),
            };
            let mut runs =
                vec![Run::new(if caption.trim().is_empty() { "–" } else { &caption }, CAPTION, &page.ink).bold()];
            if style.citations {
                runs.extend(cites(&node.citations, SMALL - 1.0, &page.muted));
            }
            let mut lines = flow(&runs, TEXT, 4);
            for line in node.lines.iter().take(6) {
                lines.extend(flow(&[Run::new(line, SMALL, &page.muted)], TEXT, 2));
            }
            let wide = lines.iter().map(Line::width).fold(24.0, f64::max);
            let high = lines.len() as f64 * STEP;
            let shape = look.shape.unwrap_or_else(|| usual_shape(&node.kind));
            let (width, height) = around(shape, wide, high);
            let colour = look.colour.or_else(|| colours.get(&node.kind).cloned()).unwrap_or_default();
            NodeBox { lines, width, height, shape, colour, outline: look.width.unwrap_or(1.4) }
        });
        let labels = graph.links.iter().map(|link| {
            let property = |key: &str| link.properties.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone());
            let look = style.of_type(&link.link_type, property);
            let text = look.label.clone().unwrap_or_else(|| words(&link.label));
            let mut runs = vec![Run::new(&text, SMALL, &page.ink).elided(170.0)];
            if style.citations {
                runs.extend(cites(&link.citations, SMALL - 1.0, &page.muted));
            }
            runs.retain(|r| !r.text.is_empty());
            let line = Line(runs);
            LabelBox { width: line.width(), line, look }
        });
        Self { nodes: nodes.collect(), labels: labels.collect() }
    }
}

/// The outer size of a shape that has room for a text of the given size.
fn around(shape: Shape, wide: f64, high: f64) -> (f64, f64) {
    match shape {
        Shape::Box | Shape::Round => (wide + 22.0, high + 14.0),
        Shape::Note => (wide + 30.0, high + 14.0),
        Shape::Hexagon => (wide + 40.0, high + 14.0),
        Shape::Ellipse => ((wide * 1.24) + 26.0, high * 1.3 + 16.0),
        // the text's corners lie on the edges: w/W + h/H = 1
        Shape::Diamond => (wide * 1.6 + 20.0, high * 2.7 + 12.0),
    }
}
