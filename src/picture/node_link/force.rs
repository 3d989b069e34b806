//! Springs along relationships, repulsion between nodes, a pull towards the others of the same kind; then boxes that
//! still overlap are pushed apart until none does. No chance is involved: the start is a grid, kind by kind.

use super::boxes::Boxes;
use super::{NodeLink, Placed, Route, parts};
use crate::picture::scene::Rect;

/// Space kept between boxes.
const GAP: f64 = 26.0;

/// Places a graph by forces, part by part: what is not connected stands beside it.
pub(super) fn place(graph: &NodeLink, boxes: &Boxes) -> Placed {
    if graph.clusters {
        in_frames(graph, boxes)
    } else {
        parts::each(graph, boxes, |g, b| Some(whole(g, b))).unwrap_or_default()
    }
}

/// Places one connected part.
pub(super) fn whole(graph: &NodeLink, boxes: &Boxes) -> Placed {
    let mut at = start(graph, boxes);
    settle(graph, boxes, &mut at);
    let nodes = spread(&sizes(boxes), at);
    Placed { routes: lines(graph, &nodes), nodes, clusters: Vec::new() }
}

fn sizes(boxes: &Boxes) -> Vec<(f64, f64)> {
    boxes.nodes.iter().map(|b| (b.width, b.height)).collect()
}

/// Straight lines for all links.
fn lines(graph: &NodeLink, nodes: &[Rect]) -> Vec<Route> {
    let route = |l: &super::Relation| Route { points: around(l.from, l.to, nodes), label: None };
    let mut routes: Vec<Route> = graph.links.iter().map(route).collect();
    bend_parallels(graph, &mut routes);
    routes
}

/// Nodes of a kind together in a frame; the frames are then spread like boxes, so that none meets another.
fn in_frames(graph: &NodeLink, boxes: &Boxes) -> Placed {
    let mut at = start(graph, boxes);
    settle(graph, boxes, &mut at);
    // frames are filled closely; the room is between them
    at.iter_mut().for_each(|p| *p = (p.0 * 0.7, p.1 * 0.7));
    let kinds: Vec<(&str, Vec<usize>)> = by_kind(graph).into_iter().collect();
    let all = sizes(boxes);
    let blocks: Vec<Vec<Rect>> = kinds
        .iter()
        .map(|(_, members)| {
            let own: Vec<(f64, f64)> = members.iter().map(|m| all[*m]).collect();
            spread(&own, members.iter().map(|m| at[*m]).collect())
        })
        .collect();
    let outer = |block: &Vec<Rect>| {
        let right = block.iter().map(Rect::right).fold(0.0, f64::max);
        let bottom = block.iter().map(Rect::bottom).fold(0.0, f64::max);
        (right.max(70.0) + 2.0 * FRAME.0, bottom + 2.0 * FRAME.1 + CAPTION)
    };
    let middle = |members: &[usize]| {
        let n = members.len() as f64;
        (members.iter().map(|m| at[*m].0).sum::<f64>() / n, members.iter().map(|m| at[*m].1).sum::<f64>() / n)
    };
    let wide = |block: &Vec<Rect>| {
        let (w, h) = outer(block);
        (w + APART.0, h + APART.1)
    };
    let frames = spread(&blocks.iter().map(wide).collect::<Vec<_>>(), kinds.iter().map(|(_, m)| middle(m)).collect());
    let mut nodes = vec![Rect::new(0.0, 0.0, 0.0, 0.0); graph.nodes.len()];
    let mut clusters = Vec::with_capacity(kinds.len());
    for (((kind, members), block), frame) in kinds.iter().zip(blocks).zip(frames) {
        let (w, h) = (frame.w - APART.0, frame.h - APART.1 - CAPTION);
        let frame = Rect::new(frame.x, frame.y + CAPTION, w, h);
        let inner = block.iter().map(Rect::right).fold(0.0, f64::max);
        let indent = (frame.w - inner) / 2.0;
        for (member, rect) in members.iter().zip(block) {
            nodes[*member] = Rect { x: rect.x + frame.x + indent, y: rect.y + frame.y + FRAME.1, ..rect };
        }
        clusters.push(((*kind).to_string(), frame));
    }
    Placed { routes: lines(graph, &nodes), nodes, clusters }
}

/// Space between a frame and its nodes.
const FRAME: (f64, f64) = (14.0, 12.0);
/// Space between frames, beyond that between boxes.
const APART: (f64, f64) = (44.0, 30.0);
/// Height of a frame's name above it.
const CAPTION: f64 = 18.0;

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
    // crowds are drawn closer, or their pictures would be mostly ground
    let wish = (size + 70.0) * (1.0 - (n as f64 - 20.0) / 200.0).clamp(0.5, 1.0);
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
fn spread(sizes: &[(f64, f64)], at: Vec<(f64, f64)>) -> Vec<Rect> {
    let mut rects: Vec<Rect> =
        at.iter().zip(sizes).map(|((x, y), (w, h))| Rect::new(x - w / 2.0, y - h / 2.0, *w, *h)).collect();
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
        if round % 60 == 59 {
            for rect in &mut rects {
                let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h / 2.0);
                rect.x = x * 1.06 - rect.w / 2.0;
                rect.y = y * 1.06 - rect.h / 2.0;
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

/// The straight line between two boxes, from border to border.
fn line(from: &Rect, to: &Rect) -> Vec<(f64, f64)> {
    let middle = |r: &Rect| (r.x + r.w / 2.0, r.y + r.h / 2.0);
    let (a, b) = (middle(from), middle(to));
    vec![border(from, b), border(to, a)]
}

/// Above so many nodes lines are not led around boxes: nobody follows a single line there.
const LED: usize = 500;

/// The line between two boxes, bent aside where it would run behind a third.
fn around(from: usize, to: usize, nodes: &[Rect]) -> Vec<(f64, f64)> {
    let straight = line(&nodes[from], &nodes[to]);
    let behind = |points: &[(f64, f64)]| {
        let others = nodes.iter().enumerate().filter(|(n, _)| *n != from && *n != to);
        others.filter(|(_, r)| points.windows(2).any(|p| cuts(r, p[0], p[1]))).count()
    };
    let [a, b] = straight[..] else { return straight };
    if from == to || nodes.len() > LED || behind(&straight) == 0 {
        return straight;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = (dx * dx + dy * dy).sqrt().max(1.0);
    let bent = |part: f64, aside: f64| {
        let corner = (a.0 + dx * part - dy / length * aside, a.1 + dy * part + dx / length * aside);
        vec![border(&nodes[from], corner), corner, border(&nodes[to], corner)]
    };
    // the least bend that is free; where none is, the line that runs behind fewest
    let mut best = (behind(&straight), straight);
    for step in 1..=9 {
        for aside in [26.0 * f64::from(step), -26.0 * f64::from(step)] {
            for part in [0.5, 0.33, 0.67, 0.2, 0.8] {
                let points = bent(part, aside);
                let count = behind(&points);
                if count == 0 {
                    return points;
                }
                if count < best.0 {
                    best = (count, points);
                }
            }
        }
    }
    best.1
}

/// Whether a stretch runs through a box or close by it.
pub(super) fn cuts(rect: &Rect, a: (f64, f64), b: (f64, f64)) -> bool {
    const NEAR: f64 = 4.0;
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (from, way, low, high) in
        [(a.0, b.0 - a.0, rect.x - NEAR, rect.right() + NEAR), (a.1, b.1 - a.1, rect.y - NEAR, rect.bottom() + NEAR)]
    {
        if way.abs() < 1e-9 {
            if from < low || from > high {
                return false;
            }
            continue;
        }
        let (one, two) = ((low - from) / way, (high - from) / way);
        (enter, leave) = (enter.max(one.min(two)), leave.min(one.max(two)));
    }
    enter < leave
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
        let (Some(&(ax, ay)), Some(&(bx, by))) = (route.points.first(), route.points.last()) else { continue };
        if *count == 1 || link.from == link.to {
            continue;
        }
        let (mx, my) = if let [_, corner, _] = route.points[..] { corner } else { ((ax + bx) / 2.0, (ay + by) / 2.0) };
        let side = (*count / 2) as f64 * if count.is_multiple_of(2) { 1.0 } else { -1.0 };
        let side = if link.from < link.to { side } else { -side };
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (nx, ny) = (-dy / length * side * 24.0, dx / length * side * 24.0);
        route.points = vec![(ax, ay), (mx + nx, my + ny), (bx, by)];
    }
}
