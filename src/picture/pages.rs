//! A picture cut into pages of paper: between its texts, with the axis on top and the legend at the foot of each page of
//! the chart.

use super::font::{Line, Run};
use super::scene::{Item, Role, Scene};
use super::style::Page;

/// A part of a picture on a page: what stands between two heights, and how far it is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    top: f64,
    bottom: f64,
    at: f64,
}

/// Space at the head and the foot of a page; the number stands in that of the foot.
const EDGE: f64 = 26.0;

/// Cuts `scene` into pages that are `width` by `height` units or, where it is wider, into such as have their shape.
pub(super) fn pages(scene: &Scene, page: &Page, width: f64, height: f64) -> Vec<Scene> {
    let high = height * (scene.width / width).max(1.0);
    let texts = texts(scene);
    let mut cuts: Vec<Vec<Part>> = Vec::new();
    let mut y = 0.0;
    while y < scene.height - EDGE || cuts.is_empty() {
        let chart = scene.chart.filter(|(top, bottom)| *top < y && y < bottom - 1.0);
        let mut parts = Vec::new();
        let mut at = if y > 0.0 { EDGE } else { 0.0 };
        if let (Some(_), Some((top, bottom))) = (chart, scene.axis) {
            parts.push(Part { top, bottom, at });
            at += bottom - top;
        }
        let rest = high - at - EDGE;
        // the legend stands once at its own place, and at the foot of each page of the chart before it
        let whole = y + rest >= scene.height;
        let legend = scene
            .legend
            .filter(|(top, bottom)| !whole && chart_ends_after(scene, y) && bottom - top < rest * 0.5 && *top > y);
        let room = rest - legend.map_or(0.0, |(top, bottom)| bottom - top);
        let end = match whole {
            true => scene.height,
            false => between(&texts, y, y + room),
        };
        parts.push(Part { top: y, bottom: end, at });
        if let Some((top, bottom)) = legend.filter(|(top, _)| *top >= end) {
            parts.push(Part { top, bottom, at: high - EDGE - (bottom - top) });
        }
        cuts.push(parts);
        y = end;
    }
    let all = cuts.len();
    cuts.into_iter().zip(1..).map(|(parts, number)| one(scene, page, high, &parts, (number, all))).collect()
}

fn chart_ends_after(scene: &Scene, y: f64) -> bool {
    scene.chart.is_some_and(|(_, bottom)| y < bottom)
}

/// The heights that texts take, from top to bottom.
fn texts(scene: &Scene) -> Vec<(f64, f64)> {
    let room = |item: &Item| match item {
        Item::Text(text) => Some((text.y - text.line.size(), text.y + text.line.size() * 0.3)),
        _ => None,
    };
    let mut rooms: Vec<(f64, f64)> = scene.items.iter().filter_map(room).collect();
    rooms.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (top, bottom) in rooms {
        match joined.last_mut() {
            Some((_, end)) if top < *end => *end = end.max(bottom),
            _ => joined.push((top, bottom)),
        }
    }
    joined
}

/// The last height until `end` that cuts no text; `end` where there is none in the lower two thirds.
fn between(texts: &[(f64, f64)], start: f64, end: f64) -> f64 {
    let cut = texts.iter().rev().find(|(top, bottom)| *top < end && end < *bottom);
    let place = cut.map_or(end, |(top, _)| *top);
    if place < start + (end - start) * 0.33 { end } else { place }
}

/// One page.
fn one(scene: &Scene, page: &Page, height: f64, parts: &[Part], (number, all): (usize, usize)) -> Scene {
    let mut out = Scene {
        width: scene.width,
        height,
        title: scene.title.clone(),
        about: String::new(),
        defs: scene.defs.clone(),
        ..Scene::default()
    };
    for part in parts {
        out.items.push(Item::Part { top: part.top, bottom: part.bottom, dy: part.at - part.top });
        let shown = |item: &&Item| reach(item).is_some_and(|(top, bottom)| top < part.bottom && bottom > part.top);
        out.items.extend(scene.items.iter().filter(shown).cloned());
        out.items.push(Item::Close);
    }
    if all > 1 {
        let label = Run::new(format!("{number} / {all}"), 10.0, &page.muted);
        let x = scene.width - super::timeline::MARGIN - label.width();
        out.text(x, height - 9.0, Line(vec![label]), false, Role::Furniture);
    }
    out
}

/// The heights that a shape reaches.
fn reach(item: &Item) -> Option<(f64, f64)> {
    match item {
        Item::Box { rect, .. } => Some((rect.y, rect.bottom())),
        Item::Text(text) => Some((text.y - text.line.size(), text.y + text.line.size() * 0.3)),
        // without corners it is small or lies under a line: it may be shown everywhere, the edge of the part cuts it
        Item::Path { points, .. } if points.is_empty() => Some((f64::NEG_INFINITY, f64::INFINITY)),
        Item::Path { points, .. } => {
            let ys = points.iter().map(|point| point.1);
            Some((ys.clone().fold(f64::INFINITY, f64::min) - 8.0, ys.fold(f64::NEG_INFINITY, f64::max) + 8.0))
        }
        Item::Open { .. } | Item::Close | Item::Part { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::samples::{forest_of, lineages};
    use crate::picture::style::Style;

    #[test]
    fn every_text_stands_whole_on_a_page() {
        let mut all: Vec<_> = lineages().into_iter().map(|(_, timeline)| timeline).collect();
        all.push(forest_of(2, 200));
        for timeline in all {
            let style = Style::default();
            let scene = crate::picture::timeline::scene(&timeline, &style);
            let pages = pages(&scene, &style.page, 1122.0, 793.0);
            let words = |scene: &Scene| {
                let texts = scene.items.iter().filter_map(|i| if let Item::Text(t) = i { Some(t) } else { None });
                texts.map(|t| t.line.text()).collect::<Vec<_>>()
            };
            for text in words(&scene) {
                assert!(pages.iter().any(|page| words(page).contains(&text)), "{text}");
            }
            for page in &pages {
                let mut part = None;
                for item in &page.items {
                    match item {
                        Item::Part { top, bottom, .. } => part = Some((*top, *bottom)),
                        Item::Close => part = None,
                        Item::Text(text) => {
                            let Some((top, bottom)) = part else { continue };
                            let whole = text.y - text.line.size() >= top - 0.01 && text.y <= bottom + 0.01;
                            let none = text.y <= top + 4.0 || text.y - text.line.size() >= bottom - 0.01;
                            assert!(whole || none, "`{}` is cut", text.line.text());
                        }
                        _ => {}
                    }
                }
            }
            if scene.axis.is_some() && pages.len() > 2 {
                let axis = scene.axis;
                let again = pages[1]
                    .items
                    .iter()
                    .any(|i| matches!(i, Item::Part { top, .. } if Some(*top) == axis.map(|a| a.0)));
                assert!(again || scene.chart.is_some_and(|(_, bottom)| bottom < 793.0), "the axis stands on each page");
            }
        }
    }
}
