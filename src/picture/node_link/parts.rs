//! Connected parts, each laid out by itself and then put beside the others as on shelves; what is connected with
//! nothing stands in rows at the end.

use super::boxes::{Boxes, LABEL};
use super::{NodeLink, Placed, Relation, Route};
use crate::picture::scene::Rect;

/// Space between parts.
const GAP: f64 = 39.0;
/// Space between nodes that are connected with nothing.
const ALONE: f64 = 22.0;
/// Rows of parts are at least this wide.
const SHELF: f64 = 760.0;

/// Lays out every connected part by `lay`; nothing when it can not for one of them.
pub(super) fn each(
    graph: &NodeLink,
    boxes: &Boxes,
    lay: impl Fn(&NodeLink, &Boxes) -> Option<Placed>,
) -> Option<Placed> {
    let mut blocks = Vec::new();
    let mut alone = Vec::new();
    for members in split(graph) {
        let part = part_of(graph, boxes, members);
        if let ([one], true) = (&part.members[..], part.links.is_empty()) {
            alone.push(*one);
            continue;
        }
        let mut placed = lay(&part.graph, &part.boxes)?;
        let size = to_corner(&mut placed, &part.boxes);
        blocks.push((part.members, part.links, placed, size));
    }
    let lonely = Size { w: boxes_width(boxes, &alone), h: 0.0 };
    let width = shelf(blocks.iter().map(|b| &b.3), lonely.w);
    let mut out = Placed {
        nodes: vec![Rect::new(0.0, 0.0, 0.0, 0.0); graph.nodes.len()],
        routes: vec![Route::default(); graph.links.len()],
        clusters: Vec::new(),
    };
    let (mut x, mut y, mut high) = (0.0, 0.0, 0.0_f64);
    for (members, links, placed, size) in blocks {
        if x > 0.0 && x + size.w > width {
            (x, y, high) = (0.0, y + high + GAP, 0.0);
        }
        let move_to = |r: Rect| Rect { x: r.x + x, y: r.y + y, ..r };
        members.iter().zip(placed.nodes).for_each(|(n, rect)| out.nodes[*n] = move_to(rect));
        for (link, mut route) in links.iter().zip(placed.routes) {
            route.points.iter_mut().chain(&mut route.label).for_each(|p| *p = (p.0 + x, p.1 + y));
            out.routes[*link] = route;
        }
        x += size.w + GAP;
        high = high.max(size.h);
    }
    (x, y, high) = (0.0, if high > 0.0 { y + high + GAP } else { 0.0 }, 0.0);
    for node in alone {
        let (w, h) = (boxes.nodes[node].width, boxes.nodes[node].height);
        if x > 0.0 && x + w > width {
            (x, y, high) = (0.0, y + high + ALONE, 0.0);
        }
        out.nodes[node] = Rect::new(x, y, w, h);
        x += w + ALONE;
        high = high.max(h);
    }
    Some(out)
}

#[derive(Clone, Copy)]
struct Size {
    w: f64,
    h: f64,
}

/// The width of the shelves: about the shape of a page, and no part wider.
fn shelf<'a>(sizes: impl Iterator<Item = &'a Size> + Clone, lonely: f64) -> f64 {
    let area: f64 = sizes.clone().map(|s| (s.w + GAP) * (s.h + GAP)).sum();
    let widest = sizes.map(|s| s.w).fold(0.0, f64::max);
    // nodes alone are about 60 high: a square of them, but wider than high
    let rows = (lonely * 60.0 * 2.2).sqrt();
    (area * 1.5).sqrt().max(widest).max(rows).max(SHELF.min(lonely.max(widest))).max(SHELF * 0.6)
}

fn boxes_width(boxes: &Boxes, nodes: &[usize]) -> f64 {
    nodes.iter().map(|n| boxes.nodes[*n].width + ALONE).sum()
}

/// Moves a part so that its left and upper end are 0, and gives its size.
fn to_corner(placed: &mut Placed, boxes: &Boxes) -> Size {
    let (mut left, mut top, mut right, mut bottom) =
        (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut see = |r: Rect| {
        (left, top) = (left.min(r.x), top.min(r.y));
        (right, bottom) = (right.max(r.right()), bottom.max(r.bottom()));
    };
    placed.nodes.iter().for_each(|r| see(*r));
    for (route, label) in placed.routes.iter().zip(&boxes.labels) {
        route.points.iter().for_each(|p| see(Rect::new(p.0, p.1, 0.0, 0.0)));
        if let Some((x, y)) = route.label {
            see(Rect::new(x - label.width / 2.0, y - LABEL / 2.0, label.width, LABEL));
        }
    }
    placed.nodes.iter_mut().for_each(|r| (r.x, r.y) = (r.x - left, r.y - top));
    let points = placed.routes.iter_mut().flat_map(|r| r.points.iter_mut().chain(&mut r.label));
    points.for_each(|p| *p = (p.0 - left, p.1 - top));
    Size { w: right - left, h: bottom - top }
}

/// A part as a graph of its own, with the places of its nodes and links in the whole.
struct Part {
    members: Vec<usize>,
    links: Vec<usize>,
    graph: NodeLink,
    boxes: Boxes,
}

fn part_of(graph: &NodeLink, boxes: &Boxes, members: Vec<usize>) -> Part {
    let mut place = vec![None; graph.nodes.len()];
    members.iter().enumerate().for_each(|(new, old)| place[*old] = Some(new));
    let mut links = Vec::new();
    let mut own = NodeLink { clusters: graph.clusters, ..NodeLink::default() };
    own.nodes = members.iter().map(|n| graph.nodes[*n].clone()).collect();
    for (at, link) in graph.links.iter().enumerate() {
        if let (Some(from), Some(to)) = (place[link.from], place[link.to]) {
            links.push(at);
            own.links.push(Relation { from, to, ..link.clone() });
        }
    }
    let boxes = Boxes {
        nodes: members.iter().map(|n| boxes.nodes[*n].clone()).collect(),
        labels: links.iter().map(|l| boxes.labels[*l].clone()).collect(),
    };
    Part { members, links, graph: own, boxes }
}

/// The connected parts, the largest first.
fn split(graph: &NodeLink) -> Vec<Vec<usize>> {
    let mut near = vec![Vec::new(); graph.nodes.len()];
    for link in &graph.links {
        near[link.from].push(link.to);
        near[link.to].push(link.from);
    }
    let mut seen = vec![false; graph.nodes.len()];
    let mut parts = Vec::new();
    for first in 0..graph.nodes.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut members = vec![first];
        let mut next = 0;
        while let Some(&node) = members.get(next) {
            next += 1;
            for &other in &near[node] {
                if !std::mem::replace(&mut seen[other], true) {
                    members.push(other);
                }
            }
        }
        members.sort_unstable();
        parts.push(members);
    }
    parts.sort_by_key(|p| std::cmp::Reverse(p.len()));
    parts
}
