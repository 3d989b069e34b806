//! Springs along relationships, repulsion between nodes, a pull towards the others of the same kind; then boxes that
//! still overlap are pushed apart until none does. No chance is involved: the start is a grid, kind by kind.

use super::boxes::Boxes;
use super::{NodeLink, Placed, Route};
use crate::picture::scene::Rect;

/// Space kept between boxes.
const GAP: f64 = 26.0;

/// Places a graph by forces, part by part: what is not connected stands beside it.
pub(super) fn place(graph: &NodeLink, boxes: &Boxes) -> Placed {
    let parts = if graph.clusters { vec![(0..graph.nodes.len()).collect()] } else { parts(graph) };
    let mut nodes = vec![Rect::new(0.0, 0.0, 0.0, 0.0); graph.nodes.len()];
    let mut blocks = Vec::with_capacity(parts.len());
    for members in &parts {
        let (own, sizes) = part_of(graph, boxes, members);
        let mut at = start(&own, &sizes);
        settle(&own, &sizes, &mut at);
        blocks.push(part(&sizes, at));
    }
    shelve(&mut blocks);
    for (members, block) in parts.iter().zip(blocks) {
        members.iter().zip(block).for_each(|(node, rect)| nodes[*node] = rect);
    }
    let mut placed = Placed { nodes, ..Placed::default() };
    if graph.clusters {
        placed.clusters = clusters(graph, &placed.nodes);
    }
    placed.routes = graph
        .links
        .iter()
        .map(|l| Route { points: line(&placed.nodes[l.from], &placed.nodes[l.to]), label: None })
        .collect();
    bend_parallels(graph, &mut placed.routes);
    placed
}

/// The connected parts, the largest first.
fn parts(graph: &NodeLink) -> Vec<Vec<usize>> {
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
        while let Some(node) = members.get(next).copied() {
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

/// A part as a graph of its own.
fn part_of(graph: &NodeLink, boxes: &Boxes, members: &[usize]) -> (NodeLink, Boxes) {
    let mut place = vec![None; graph.nodes.len()];
    members.iter().enumerate().for_each(|(new, old)| place[*old] = Some(new));
    let inside = |l: &super::Relation| Some(super::Relation { from: place[l.from]?, to: place[l.to]?, ..l.clone() });
    let own = NodeLink {
        nodes: members.iter().map(|n| graph.nodes[*n].clone()).collect(),
        links: graph.links.iter().filter_map(inside).collect(),
        clusters: graph.clusters,
        ..NodeLink::default()
    };
    (own, Boxes { nodes: members.iter().map(|n| boxes.nodes[*n].clone()).collect(), labels: Vec::new() })
}

/// Puts the parts into rows of about the shape of a page.
fn shelve(blocks: &mut [Vec<Rect>]) {
    let size = |block: &[Rect]| {
        (block.iter().map(Rect::right).fold(0.0, f64::max), block.iter().map(Rect::bottom).fold(0.0, f64::max))
    };
    let area: f64 = blocks.iter().map(|b| size(b)).map(|(w, h)| (w + GAP) * (h + GAP)).sum();
    let widest = blocks.iter().map(|b| size(b).0).fold(0.0, f64::max);
    let width = (area * 1.5).sqrt().max(widest).max(700.0);
    let (mut x, mut y, mut high) = (0.0, 0.0, 0.0_f64);
    for block in blocks {
        let (w, h) = size(block);
        if x > 0.0 && x + w > width {
            (x, y, high) = (0.0, y + high + GAP * 1.5, 0.0);
        }
        block.iter_mut().for_each(|r| {
            r.x += x;
            r.y += y;
        });
        x += w + GAP * 1.5;
        high = high.max(h);
    }
}

/// A grid, nodes of a kind beside each other.
fn start(graph: &NodeLink, boxes: &Boxes) -> Vec<(f64, f64)> {
    let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
    order.sort_by(|a, b| graph.nodes[*a].kind.cmp(&graph.nodes[*b].kind).then(a.cmp(b)));
    let columns = (1..).find(|c| c * c >= order.len()).unwrap_or(1);
    let cell = boxes.nodes.iter().map(|b| b.width).fold(80.0, f64::max);
    let mut at = vec![(0.0, 0.0); order.len()];
    for (place, node) in order.into_iter().enumerate() {
        // every other row runs back, so that kinds stay in one piece; the small shift breaks symmetries
        let (row, column) = (place / columns, place % columns);
        let column = if row % 2 == 0 { column } else { columns - 1 - column };
        at[node] = (column as f64 * cell + (row % 3) as f64 * 7.0, row as f64 * cell * 0.6 + (column % 5) as f64 * 5.0);
    }
    at
}

fn settle(graph: &NodeLink, boxes: &Boxes, at: &mut [(f64, f64)]) {
    let n = at.len();
    let size = boxes.nodes.iter().map(|b| (b.width + b.height) / 2.0).sum::<f64>() / n.max(1) as f64;
    let wish = size + 70.0;
    let rounds = if n > 600 { 90 } else { 260 };
    let mut degree = vec![1.0_f64; n];
    for link in graph.links.iter().filter(|l| l.from != l.to) {
        degree[link.from] += 1.0;
        degree[link.to] += 1.0;
    }
    for round in 0..rounds {
        let heat = wish * 0.9 * (1.0 - f64::from(round) / f64::from(rounds));
        let mut force = vec![(0.0_f64, 0.0_f64); n];
        for a in 0..n {
            for b in a + 1..n {
                let (dx, dy) = (at[a].0 - at[b].0, (at[a].1 - at[b].1) * 1.35);
                let square = (dx * dx + dy * dy).max(25.0);
                let push = wish * wish / square;
                force[a] = (force[a].0 + dx * push, force[a].1 + dy * push);
                force[b] = (force[b].0 - dx * push, force[b].1 - dy * push);
            }
        }
        for link in graph.links.iter().filter(|l| l.from != l.to) {
            let (a, b) = (link.from, link.to);
            let (dx, dy) = (at[a].0 - at[b].0, at[a].1 - at[b].1);
            let length = (dx * dx + dy * dy).sqrt();
            let pull = length / wish / degree[a].min(degree[b]).sqrt();
            force[a] = (force[a].0 - dx * pull, force[a].1 - dy * pull);
            force[b] = (force[b].0 + dx * pull, force[b].1 + dy * pull);
        }
        gather(graph, at, &mut force);
        for (place, (fx, fy)) in at.iter_mut().zip(force) {
            let length = (fx * fx + fy * fy).sqrt().max(0.01);
            let step = length.min(heat);
            *place = (place.0 + fx / length * step, place.1 + fy / length * step);
        }
    }
}

/// A weak pull to the middle of all, a stronger one to the middle of the kind where kinds are to stay together.
fn gather(graph: &NodeLink, at: &[(f64, f64)], force: &mut [(f64, f64)]) {
    let middle = |members: &[usize]| {
        let n = members.len().max(1) as f64;
        (members.iter().map(|m| at[*m].0).sum::<f64>() / n, members.iter().map(|m| at[*m].1).sum::<f64>() / n)
    };
    let all: Vec<usize> = (0..at.len()).collect();
    let (x, y) = middle(&all);
    for (place, force) in at.iter().zip(force.iter_mut()) {
        force.0 += (x - place.0) * 0.12;
        force.1 += (y - place.1) * 0.12;
    }
    if !graph.clusters {
        return;
    }
    for members in by_kind(graph).values() {
        let (x, y) = middle(members);
        for &m in members {
            force[m].0 += (x - at[m].0) * 1.6;
            force[m].1 += (y - at[m].1) * 1.6;
        }
    }
}

fn by_kind(graph: &NodeLink) -> std::collections::BTreeMap<&str, Vec<usize>> {
    let mut kinds: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        kinds.entry(&node.kind).or_default().push(at);
    }
    kinds
}

/// Boxes around the middles, pushed apart until none overlaps.
fn part(boxes: &Boxes, at: Vec<(f64, f64)>) -> Vec<Rect> {
    let mut rects: Vec<Rect> = at
        .iter()
        .zip(&boxes.nodes)
        .map(|((x, y), b)| Rect::new(x - b.width / 2.0, y - b.height / 2.0, b.width, b.height))
        .collect();
    for round in 0.. {
        let mut moved = false;
        for a in 0..rects.len() {
            for b in a + 1..rects.len() {
                moved |= push_apart(&mut rects, a, b);
            }
        }
        if !moved {
            break;
        }
        // a crowd that cannot find room by small steps is given more of it as a whole
        if round % 40 == 39 {
            for rect in &mut rects {
                let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h / 2.0);
                rect.x = x * 1.15 - rect.w / 2.0;
                rect.y = y * 1.15 - rect.h / 2.0;
            }
        }
        if round > 4_000 {
            return in_rows(rects);
        }
    }
    let left = rects.iter().map(|r| r.x).fold(f64::INFINITY, f64::min);
    let top = rects.iter().map(|r| r.y).fold(f64::INFINITY, f64::min);
    rects.iter_mut().for_each(|r| {
        r.x -= left;
        r.y -= top;
    });
    rects
}

/// The way out that is left when pushing does not end: rows, which cannot overlap.
fn in_rows(mut rects: Vec<Rect>) -> Vec<Rect> {
    let (mut x, mut y, mut high) = (0.0, 0.0, 0.0_f64);
    for rect in &mut rects {
        if x > 2_400.0 {
            (x, y, high) = (0.0, y + high + GAP, 0.0);
        }
        (rect.x, rect.y) = (x, y);
        x += rect.w + GAP;
        high = high.max(rect.h);
    }
    rects
}

fn push_apart(rects: &mut [Rect], a: usize, b: usize) -> bool {
    let (one, two) = (rects[a], rects[b]);
    let dx = (one.x + one.w / 2.0) - (two.x + two.w / 2.0);
    let dy = (one.y + one.h / 2.0) - (two.y + two.h / 2.0);
    let (over_x, over_y) = ((one.w + two.w) / 2.0 + GAP - dx.abs(), (one.h + two.h) / 2.0 + GAP * 0.6 - dy.abs());
    if over_x <= 0.01 || over_y <= 0.01 {
        return false;
    }
    if over_x < over_y {
        let step = (over_x / 2.0 + 0.05) * if dx < 0.0 { -1.0 } else { 1.0 };
        rects[a].x += step;
        rects[b].x -= step;
    } else {
        let step = (over_y / 2.0 + 0.05) * if dy < 0.0 { -1.0 } else { 1.0 };
        rects[a].y += step;
        rects[b].y -= step;
    }
    true
}

/// Frames around kinds, but only where a frame holds nothing of another kind and meets no other frame.
fn clusters(graph: &NodeLink, nodes: &[Rect]) -> Vec<(String, Rect)> {
    let frame = |members: &[usize]| {
        let left = members.iter().map(|m| nodes[*m].x).fold(f64::INFINITY, f64::min) - 12.0;
        let top = members.iter().map(|m| nodes[*m].y).fold(f64::INFINITY, f64::min) - 10.0;
        let right = members.iter().map(|m| nodes[*m].right()).fold(f64::NEG_INFINITY, f64::max) + 12.0;
        let bottom = members.iter().map(|m| nodes[*m].bottom()).fold(f64::NEG_INFINITY, f64::max) + 10.0;
        Rect::new(left, top, right - left, bottom - top)
    };
    let kinds = by_kind(graph);
    let frames: Vec<(&str, Rect)> = kinds.iter().filter(|(_, m)| m.len() > 1).map(|(k, m)| (*k, frame(m))).collect();
    let pure = |kind: &str, rect: &Rect| {
        let strangers = nodes.iter().zip(&graph.nodes).any(|(r, n)| n.kind != kind && r.meets(rect));
        !strangers && !frames.iter().any(|(k, other)| *k != kind && other.meets(rect))
    };
    // all kinds or none: a frame around some would say something about the others
    if !frames.iter().all(|(kind, rect)| pure(kind, rect)) {
        return Vec::new();
    }
    frames.iter().map(|(kind, rect)| ((*kind).to_string(), *rect)).collect()
}

/// The straight line between two boxes, from border to border.
fn line(from: &Rect, to: &Rect) -> Vec<(f64, f64)> {
    let middle = |r: &Rect| (r.x + r.w / 2.0, r.y + r.h / 2.0);
    let (a, b) = (middle(from), middle(to));
    vec![border(from, b), border(to, a)]
}

/// Where the line from the middle of `rect` to `toward` leaves it.
pub(super) fn border(rect: &Rect, toward: (f64, f64)) -> (f64, f64) {
    let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h / 2.0);
    let (dx, dy) = (toward.0 - x, toward.1 - y);
    let reach = |half: f64, d: f64| if d.abs() < 1e-9 { f64::INFINITY } else { half / d.abs() };
    let part = reach(rect.w / 2.0, dx).min(reach(rect.h / 2.0, dy)).min(1.0);
    (x + dx * part, y + dy * part)
}

/// Lines between the same two nodes would lie on each other: all but one bend aside.
fn bend_parallels(graph: &NodeLink, routes: &mut [Route]) {
    let mut seen: std::collections::BTreeMap<(usize, usize), usize> = std::collections::BTreeMap::new();
    for (link, route) in graph.links.iter().zip(routes) {
        let pair = (link.from.min(link.to), link.from.max(link.to));
        let count = seen.entry(pair).or_default();
        *count += 1;
        let [(ax, ay), (bx, by)] = route.points[..] else { continue };
        if *count == 1 || link.from == link.to {
            continue;
        }
        let side = (*count / 2) as f64 * if count.is_multiple_of(2) { 1.0 } else { -1.0 };
        let side = if link.from < link.to { side } else { -side };
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (nx, ny) = (-dy / length * side * 24.0, dx / length * side * 24.0);
        route.points = vec![(ax, ay), ((ax + bx) / 2.0 + nx, (ay + by) / 2.0 + ny), (bx, by)];
    }
}
