//! The placed graph as shapes and texts.

use super::boxes::{Boxes, LABEL, NodeBox, STEP};
use super::{NodeLink, Placed, labels};
use crate::picture::font::{Line, Run, flow};
use crate::picture::furniture::{Column, Entry, SIGN, counts_line};
use crate::picture::scene::{Paint, Rect, Role, Scene, num};
use crate::picture::signs::{self, Heads};
use crate::picture::style::{Page, Shape, Style, usual_shape, words};

const MARGIN: f64 = 30.0;
/// Narrower pages would squeeze title and legend.
const NARROWEST: f64 = 620.0;

/// Draws everything, furniture included.
pub(super) fn draw(graph: &NodeLink, style: &Style, boxes: &Boxes, placed: &Placed) -> Scene {
    let page = &style.page;
    let mut placed = placed.clone();
    for (link, route) in graph.links.iter().zip(&mut placed.routes).filter(|(l, _)| l.from == l.to) {
        route.points = own_loop(&placed.nodes[link.from]);
    }
    meet_shapes(graph, boxes, &mut placed);
    let lost = labels::settle(graph, boxes, &mut placed);
    let (left, top, right, bottom) = extent(boxes, &placed);
    let title = if graph.title.is_empty() { "Graph" } else { &graph.title };
    let mut scene = Scene {
        width: (right - left + 2.0 * MARGIN).max(NARROWEST).ceil(),
        title: title.into(),
        about: about(graph),
        ..Scene::default()
    };
    let column = Column { x: MARGIN, width: scene.width - 2.0 * MARGIN, page };
    let mut y = column.header(&mut scene, title, graph.query.as_deref(), &counts(graph, style), MARGIN - 6.0) + 10.0;
    if graph.nodes.is_empty() {
        let lines =
            flow(&[Run::new("Nothing to draw: the answer holds no nodes.", 14.0, &page.muted)], column.width, 1);
        y = scene.lines(MARGIN, y, 20.0, lines, Role::Furniture) + 16.0;
    } else {
        let origin = (MARGIN - left + ((column.width - (right - left)) / 2.0).max(0.0), y - top);
        let paper = Paper { graph, style, boxes, placed: &placed, origin };
        paper.clusters(&mut scene);
        paper.links(&mut scene);
        paper.nodes(&mut scene);
        paper.labels(&mut scene);
        y += bottom - top + 22.0;
    }
    let mut notes = graph.notes.clone();
    if lost > 0 {
        notes.push(format!("{lost} labels have no room between the lines; each shows under the pointer."));
    }
    y = column.notes(&mut scene, &notes, y);
    y = column.legend(&mut scene, &legend(graph, style), y);
    if style.citations {
        y = column.citations(&mut scene, &graph.citations, y);
    }
    scene.height = (y + MARGIN - 12.0).ceil();
    scene
}

fn counts(graph: &NodeLink, style: &Style) -> String {
    let word = |n: usize, one: &'static str, many: &'static str| (n, if n == 1 { one } else { many });
    let mut counts =
        vec![word(graph.nodes.len(), "node", "nodes"), word(graph.links.len(), "relationship", "relationships")];
    if style.citations && !graph.citations.is_empty() {
        counts.push(word(graph.citations.len(), "citation", "citations"));
    }
    counts_line(&counts)
}

fn about(graph: &NodeLink) -> String {
    let name = |at: usize| graph.nodes[at].caption.as_str();
    let links = graph.links.iter().take(60).map(|l| format!("{} {} {}.", name(l.from), words(&l.label), name(l.to)));
    links.collect::<Vec<_>>().join(" ")
}

fn extent(boxes: &Boxes, placed: &Placed) -> (f64, f64, f64, f64) {
    let mut all = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let mut see = |r: Rect| all = (all.0.min(r.x), all.1.min(r.y), all.2.max(r.right()), all.3.max(r.bottom()));
    placed.nodes.iter().for_each(|r| see(*r));
    placed.clusters.iter().for_each(|(_, r)| see(Rect::new(r.x, r.y - 18.0, r.w, r.h + 18.0)));
    for (route, label) in placed.routes.iter().zip(&boxes.labels) {
        route.points.iter().for_each(|(x, y)| see(Rect::new(x - 3.0, y - 3.0, 6.0, 6.0)));
        if let Some((x, y)) = route.label {
            see(Rect::new(x - label.width / 2.0 - 3.0, y - LABEL / 2.0 - 1.0, label.width + 6.0, LABEL + 2.0));
        }
    }
    all
}

/// A loop over the upper right corner.
fn own_loop(rect: &Rect) -> Vec<(f64, f64)> {
    let (x, y) = (rect.right(), rect.y);
    vec![(x - 26.0, y), (x - 26.0, y - 15.0), (x + 13.0, y - 15.0), (x + 13.0, y + 11.0), (x, y + 11.0)]
}

/// Lines end at the box around a shape; shapes that do not fill their box are met further in.
fn meet_shapes(graph: &NodeLink, boxes: &Boxes, placed: &mut Placed) {
    for (link, route) in graph.links.iter().zip(&mut placed.routes).filter(|(l, _)| l.from != l.to) {
        let last = route.points.len().saturating_sub(1);
        for (node, at) in [(link.from, 0), (link.to, last)] {
            if let Some(point) = route.points.get_mut(at) {
                *point = border(&placed.nodes[node], boxes.nodes[node].shape, *point);
            }
        }
    }
}

/// Where the line from `point` on the border of the box to its middle meets the shape.
fn border(rect: &Rect, shape: Shape, point: (f64, f64)) -> (f64, f64) {
    let (a, b) = (rect.w / 2.0, rect.h / 2.0);
    let (cx, cy) = (rect.x + a, rect.y + b);
    let (dx, dy) = (point.0 - cx, point.1 - cy);
    match shape {
        // level lines stay level: they are led in to the outline at their own height
        Shape::Ellipse if (dx.abs() - a).abs() < 0.5 => {
            (cx + dx.signum() * a * (1.0 - (dy / b) * (dy / b)).max(0.0).sqrt(), point.1)
        }
        Shape::Hexagon if (dx.abs() - a).abs() < 0.5 => {
            (point.0 - dx.signum() * 12.0_f64.min(rect.w / 4.0) * (dy / b).abs(), point.1)
        }
        Shape::Diamond if (dx.abs() - a).abs() < 0.5 => (cx + dx.signum() * a * (1.0 - (dy / b).abs()), point.1),
        Shape::Ellipse => {
            let part = 1.0 / ((dx / a) * (dx / a) + (dy / b) * (dy / b)).sqrt().max(0.01);
            (cx + dx * part.min(1.0), cy + dy * part.min(1.0))
        }
        Shape::Diamond => {
            let part = 1.0 / ((dx / a).abs() + (dy / b).abs()).max(0.01);
            (cx + dx * part.min(1.0), cy + dy * part.min(1.0))
        }
        _ => point,
    }
}

struct Paper<'a> {
    graph: &'a NodeLink,
    style: &'a Style,
    boxes: &'a Boxes,
    placed: &'a Placed,
    origin: (f64, f64),
}

impl Paper<'_> {
    fn on(&self, rect: &Rect) -> Rect {
        Rect { x: rect.x + self.origin.0, y: rect.y + self.origin.1, ..*rect }
    }

    fn clusters(&self, scene: &mut Scene) {
        let page = &self.style.page;
        for (kind, rect) in &self.placed.clusters {
            let rect = self.on(rect);
            scene.rect(
                rect,
                8.0,
                Paint::fill(page.mix(&page.faint, 0.72)).stroked(page.faint.as_str(), 1.0),
                Role::Furniture,
            );
            let label = self.style.of_kind(kind, |_| None).label.unwrap_or_else(|| words(kind));
            let name = Run::new(label, 11.0, &page.muted).bold().elided(rect.w);
            scene.text(rect.x + 2.0, rect.y - 5.0, Line(vec![name]), true, Role::Furniture);
        }
    }

    fn links(&self, scene: &mut Scene) {
        let page = &self.style.page;
        for (at, (link, route)) in self.graph.links.iter().zip(&self.placed.routes).enumerate() {
            let look = &self.boxes.labels[at].look;
            let colour = look.colour.clone().unwrap_or_else(|| page.mix(&page.ink, 0.42));
            let width = look.width.unwrap_or(1.3);
            let points: Vec<(f64, f64)> =
                route.points.iter().map(|(x, y)| (x + self.origin.0, y + self.origin.1)).collect();
            let [.., before, tip] = points[..] else { continue };
            let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
            let length = (dx * dx + dy * dy).sqrt().max(0.01);
            let way = (dx / length, dy / length);
            let mut line = points.clone();
            if let Some(last) = line.last_mut() {
                let back = 7.0_f64.min(length);
                *last = (tip.0 - way.0 * back, tip.1 - way.1 * back);
            }
            let name = |n: usize| self.graph.nodes[n].caption.as_str();
            scene.open(
                format!("link-{}", at + 1),
                "l",
                format!("{} {} {}", name(link.from), words(&link.label), name(link.to)),
            );
            let paint = Paint::line(colour.as_str(), width).dashed(look.dash.as_deref().unwrap_or(""));
            let round = if link.from == link.to { 7.0 } else { 18.0 };
            scene.path(crate::picture::scene::rounded(&line, round), points.clone(), paint, Role::Link(at));
            signs::head(scene, Heads::Full, tip, way, (&colour, width), &page.ground, 1.0, Role::Furniture);
            scene.close();
        }
    }

    fn nodes(&self, scene: &mut Scene) {
        for (at, (node, text)) in self.graph.nodes.iter().zip(&self.boxes.nodes).enumerate() {
            let rect = self.on(&self.placed.nodes[at]);
            let mut title = vec![node.caption.clone(), words(&node.kind), node.id.clone()];
            title.extend(node.properties.iter().take(24).map(|(k, v)| format!("{k}: {v}")));
            title.retain(|t| !t.is_empty());
            scene.open(format!("node-{}", at + 1), "b", title.join("; "));
            outline(scene, rect, text, &self.style.page, Role::Body(at));
            let high = text.lines.len() as f64 * STEP;
            let mut y = rect.y + (rect.h - high) / 2.0;
            for line in &text.lines {
                let x = rect.x + (rect.w - line.width()) / 2.0;
                scene.text(x, y + STEP * 0.76, line.clone(), false, Role::OfBody(at));
                y += STEP;
            }
            scene.close();
        }
    }

    fn labels(&self, scene: &mut Scene) {
        for (at, (route, label)) in self.placed.routes.iter().zip(&self.boxes.labels).enumerate() {
            if let Some((x, y)) = route.label {
                let (x, y) = (x + self.origin.0 - label.width / 2.0, y + self.origin.1 + 3.6);
                scene.text(x, y, label.line.clone(), true, Role::OfLink(at));
            }
        }
    }
}

/// The outline of a node.
fn outline(scene: &mut Scene, rect: Rect, node: &NodeBox, page: &Page, role: Role) {
    let ground = page.ground.as_str();
    let paint = Paint::fill(page.mix(&node.colour, 0.86)).stroked(node.colour.as_str(), node.outline);
    let Rect { x, y, w, h } = rect;
    scene.rect(
        rect,
        if node.shape == Shape::Round { 10.0 } else { 0.0 },
        Paint::fill(if matches!(node.shape, Shape::Box | Shape::Round) { ground } else { "" }),
        role,
    );
    match node.shape {
        Shape::Box => scene.rect(rect, 2.0, paint, Role::Furniture),
        Shape::Round => scene.rect(rect, 10.0_f64.min(h / 2.0), paint, Role::Furniture),
        Shape::Hexagon => {
            let cut = 12.0_f64.min(w / 4.0);
            let middle = y + h / 2.0;
            let points =
                [(x, middle), (x + cut, y), (x + w - cut, y), (x + w, middle), (x + w - cut, y + h), (x + cut, y + h)];
            scene.polygon(&points, paint, Role::Furniture);
        }
        Shape::Diamond => {
            let (cx, cy) = (x + w / 2.0, y + h / 2.0);
            scene.polygon(&[(x, cy), (cx, y), (x + w, cy), (cx, y + h)], paint, Role::Furniture);
        }
        Shape::Note => {
            let fold = 9.0_f64.min(w / 4.0);
            scene.polygon(
                &[(x, y), (x + w - fold, y), (x + w, y + fold), (x + w, y + h), (x, y + h)],
                paint,
                Role::Furniture,
            );
            let corner = Paint::line(node.colour.as_str(), node.outline);
            scene.polyline(
                &[(x + w - fold, y), (x + w - fold, y + fold), (x + w, y + fold)],
                0.0,
                corner,
                Role::Furniture,
            );
        }
        Shape::Ellipse => {
            let (rx, ry) = (num(w / 2.0), num(h / 2.0));
            let d =
                format!("M{} {}a{rx} {ry} 0 1 0 {} 0a{rx} {ry} 0 1 0 {} 0Z", num(x), num(y + h / 2.0), num(w), num(-w));
            scene.path(d, Vec::new(), paint, Role::Furniture);
        }
    }
}

/// Kinds with their shape and colour, and the types that a rule gives a look of their own.
fn legend<'a>(graph: &'a NodeLink, style: &'a Style) -> Vec<Entry<'a>> {
    let colours = style.colours(graph.nodes.iter().map(|n| n.kind.as_str()));
    let mut entries = Vec::new();
    for (kind, colour) in &colours {
        let count = graph.nodes.iter().filter(|n| n.kind == *kind).count();
        let label = if kind.is_empty() {
            "no label".into()
        } else {
            style.of_kind(kind, |_| None).label.unwrap_or_else(|| words(kind))
        };
        let sample = NodeBox {
            lines: vec![],
            width: SIGN.0,
            height: SIGN.1,
            shape: style.of_kind(kind, |_| None).shape.unwrap_or_else(|| usual_shape(kind)),
            colour: colour.clone(),
            outline: 1.4,
        };
        let page = &style.page;
        let sign = move |scene: &mut Scene, x: f64, y: f64| {
            outline(scene, Rect::new(x, y, SIGN.0, SIGN.1), &sample, page, Role::Furniture)
        };
        entries.push(Entry { label: format!("{label} ({count})"), sign: Box::new(sign) });
    }
    let types: std::collections::BTreeSet<&str> = graph.links.iter().map(|l| l.link_type.as_str()).collect();
    for link_type in types {
        let look = style.of_type(link_type, |_| None);
        if look.colour.is_none() && look.dash.is_none() && look.width.is_none() {
            continue;
        }
        let label = look.label.clone().unwrap_or_else(|| words(link_type));
        let ink = style.page.mix(&style.page.ink, 0.42);
        let sign = move |scene: &mut Scene, x: f64, y: f64| {
            let y = y + SIGN.1 / 2.0;
            let paint = Paint::line(look.colour.as_deref().unwrap_or(&ink), look.width.unwrap_or(1.3));
            scene.polyline(
                &[(x, y), (x + SIGN.0, y)],
                0.0,
                paint.dashed(look.dash.as_deref().unwrap_or("")),
                Role::Furniture,
            );
        };
        entries.push(Entry { label, sign: Box::new(sign) });
    }
    entries
}
