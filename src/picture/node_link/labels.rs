//! Places for the labels of lines: on the line where there is room, near it otherwise, nowhere rather than on others.

use super::boxes::{Boxes, LABEL};
use super::{NodeLink, Placed};
use crate::picture::scene::Rect;

/// Gives every label a place that meets no node and no other label, beginning with those the layout placed; gives the
/// number of labels that found none.
pub(super) fn settle(graph: &NodeLink, boxes: &Boxes, placed: &mut Placed) -> usize {
    let mut taken: Vec<Rect> = placed.nodes.clone();
    taken.extend(placed.clusters.iter().map(|(_, r)| Rect::new(r.x, r.y - 17.0, r.w, 17.0)));
    let mut lost = 0;
    for (link, relation) in graph.links.iter().enumerate() {
        let wide = boxes.labels[link].width;
        if wide <= 0.0 {
            placed.routes[link].label = None;
            continue;
        }
        let room = |(x, y): (f64, f64)| Rect::new(x - wide / 2.0 - 2.0, y - LABEL / 2.0, wide + 4.0, LABEL);
        let wished = placed.routes[link].label;
        let found =
            wished.into_iter().chain(candidates(&placed.routes[link].points, wide, relation.from == relation.to));
        let place = found.into_iter().find(|p| !taken.iter().any(|t| t.meets(&room(*p))));
        placed.routes[link].label = place;
        match place {
            Some(place) => taken.push(room(place)),
            None => lost += 1,
        }
    }
    lost
}

/// Places along the line from its middle outwards, then the same beside it.
fn candidates(points: &[(f64, f64)], wide: f64, own: bool) -> Vec<(f64, f64)> {
    let parts = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];
    let along: Vec<(f64, f64)> = parts.iter().filter_map(|p| at(points, *p)).collect();
    let mut out = along.clone();
    let sides: &[f64] = if own { &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0] } else { &[1.0, -1.0, 2.0, -2.0, 3.0, -3.0] };
    for side in sides {
        out.extend(along.iter().map(|(x, y)| (*x, y - side * LABEL)));
        out.extend(along.iter().map(|(x, y)| (x + side * wide / 3.0, *y)));
    }
    out
}

/// The point at a part of the length of a line.
fn at(points: &[(f64, f64)], part: f64) -> Option<(f64, f64)> {
    let length =
        |p: &[(f64, f64)]| ((p[0].0 - p[1].0) * (p[0].0 - p[1].0) + (p[0].1 - p[1].1) * (p[0].1 - p[1].1)).sqrt();
    let mut left = points.windows(2).map(length).sum::<f64>() * part;
    for pair in points.windows(2) {
        let own = length(pair);
        if left <= own && own > 0.0 {
            let share = left / own;
            return Some((pair[0].0 + (pair[1].0 - pair[0].0) * share, pair[0].1 + (pair[1].1 - pair[0].1) * share));
        }
        left -= own;
    }
    points.last().copied()
}
