//! The lines between bars: down from the predecessor, in at the left end of the successor (or onto the bar, at the date,
//! when the successor was there already).
//!
//! Several lines into one bar join the first of them at its left, each beside its own words, the nearest predecessor
//! first; no two upright stretches lie on each other, and names move aside for lines that pass.

use super::bands::{Band, Via};
use super::bars::Bar;
use crate::picture::model::Timeline;
use crate::picture::scene::Rect;

/// A routed link.
#[derive(Clone, Debug)]
pub(super) struct Elbow {
    pub(super) link: usize,
    /// From the predecessor's bar to the successor's.
    pub(super) points: Vec<(f64, f64)>,
}

impl Elbow {
    /// True when an upright or level stretch runs through `room`.
    pub(super) fn crosses(&self, room: &Rect) -> bool {
        self.points.windows(2).any(|pair| {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let line = Rect::new(ax.min(bx), ay.min(by), (ax - bx).abs().max(0.5), (ay - by).abs().max(0.5));
            line.meets(room)
        })
    }
}

/// How far left of a bar the line comes down.
pub(super) const BUS: f64 = 13.0;
/// Distance between upright lines.
const APART: f64 = 7.0;
/// A line steps aside for names by at most this many places: it is to stay near its date.
const ASIDE: usize = 7;
/// Names step aside for lines by at most this much: they are to stay with their bars.
const SHIFT: f64 = 70.0;
/// Space at a bar's corners that no line leaves from.
const CORNER: f64 = 4.0;

/// An upright stretch that is taken.
struct Taken {
    x: f64,
    top: f64,
    bottom: f64,
}

/// Routes every link; `bands` are ordered by row.
pub(super) fn route(timeline: &Timeline, bars: &[Bar], bands: &[Band]) -> Vec<Elbow> {
    let mut band_of = vec![0; bars.len()];
    bands.iter().enumerate().for_each(|(at, b)| band_of[b.body] = at);
    let rooms: Vec<(usize, Rect)> = bands.iter().flat_map(rooms).collect();
    let mut taken: Vec<Taken> = Vec::new();
    let mut elbows = Vec::with_capacity(timeline.links.len());
    for band in bands {
        let mut joined = 0;
        for head in &band.heads {
            let from = &bands[band_of[timeline.links[head.link].from]];
            let points = match head.via {
                Via::Start => {
                    let points = to_start(from, band, head.block.first(), joined, &mut taken, &rooms);
                    joined += 1;
                    points
                }
                Via::Within(x) => onto(from, band, x, &mut taken),
            };
            elbows.push(Elbow { link: head.link, points });
        }
    }
    elbows
}

/// The rooms of a band's texts, each with the row it stands in.
fn rooms(band: &Band) -> Vec<(usize, Rect)> {
    let blocks = band.heads.iter().map(|h| &h.block).chain(&band.events).chain([&band.name]);
    blocks.map(|b| (band.row, b.room())).collect()
}

fn is_free(taken: &[Taken], x: f64, top: f64, bottom: f64) -> bool {
    !taken.iter().any(|t| (t.x - x).abs() < APART - 0.5 && t.top < bottom && top < t.bottom)
}

fn to_start(
    from: &Band,
    to: &Band,
    join: f64,
    joined: usize,
    taken: &mut Vec<Taken>,
    rooms: &[(usize, Rect)],
) -> Vec<(f64, f64)> {
    let bus = to.bar.x - BUS;
    let down = to.row > from.row;
    let leave = if down { from.bar.bottom() } else { from.bar.y };
    let (top, bottom) = (leave.min(join), leave.max(join));
    // the first line may come straight down the bus; the others join it from the left
    let first = if joined == 0 && down { 0 } else { 1 };
    let cost = |step: usize| {
        let x = bus - step as f64 * APART - if step > 0 { 3.0 } else { 0.0 };
        let cut = rooms
            .iter()
            .filter(|(row, r)| *row != to.row && x > r.x && x < r.right() && r.y < bottom && r.bottom() > top);
        let outside = x < from.bar.x + CORNER;
        let price =
            step * 5 + cut.count() * 20 + usize::from(outside) * 8 + if step > ASIDE + joined { step * 100 } else { 0 };
        (x, if is_free(taken, x, top, bottom) { price } else { price + 10_000 })
    };
    let last = first + 40;
    let x = (first..last).map(cost).min_by_key(|(_, price)| *price).map_or(bus, |(x, _)| x);
    taken.push(Taken { x, top, bottom });
    taken.push(Taken { x: bus, top: join, bottom: to.bar.y + to.bar.h / 2.0 });
    let mut points = leaving(from, x, down);
    points.extend([(x, join), (bus, join)]);
    if joined == 0 {
        let middle = to.bar.y + to.bar.h / 2.0;
        points.extend([(bus, middle), (to.bar.x, middle)]);
    }
    straighten(points)
}

fn onto(from: &Band, to: &Band, wished: f64, taken: &mut Vec<Taken>) -> Vec<(f64, f64)> {
    let down = to.row > from.row;
    let (leave, arrive) = if down { (from.bar.bottom(), to.bar.y) } else { (from.bar.y, to.bar.bottom()) };
    let (top, bottom) = (leave.min(arrive), leave.max(arrive));
    let beside = |step: i32| wished + f64::from(if step % 2 == 0 { step / 2 } else { -(step + 1) / 2 }) * APART;
    let inside = |x: &f64| *x >= to.bar.x + 2.0 && *x <= to.bar.right() - 2.0;
    let x = (0..16).map(beside).filter(inside).find(|x| is_free(taken, *x, top, bottom)).unwrap_or(wished);
    taken.push(Taken { x, top, bottom });
    let mut points = leaving(from, x, down);
    points.push((x, arrive));
    straighten(points)
}

/// The first corners of a line that has to come to the upright at `x`.
fn leaving(from: &Band, x: f64, down: bool) -> Vec<(f64, f64)> {
    let bar = &from.bar;
    let middle = bar.y + bar.h / 2.0;
    if x > bar.right() {
        vec![(bar.right(), middle), (x, middle)]
    } else if x >= bar.x + CORNER {
        vec![(x, if down { bar.bottom() } else { bar.y })]
    } else {
        let under = bar.bottom() + 5.0;
        vec![(bar.x + 8.0, bar.bottom()), (bar.x + 8.0, under), (x, under)]
    }
}

/// Without corners that are none.
fn straighten(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for point in points {
        let same = |a: f64, b: f64| (a - b).abs() < 0.01;
        if out.last().is_some_and(|l| same(l.0, point.0) && same(l.1, point.1)) {
            continue;
        }
        if let [.., before, last] = out[..] {
            let upright = same(before.0, last.0) && same(last.0, point.0);
            let level = same(before.1, last.1) && same(last.1, point.1);
            if upright || level {
                out.pop();
            }
        }
        out.push(point);
    }
    out
}

/// Moves names and events aside, to the right, where a line would run through them.
pub(super) fn make_way(bands: &mut [Band], elbows: &[Elbow]) {
    for band in bands {
        let blocks = band.events.iter_mut().chain([&mut band.name]);
        for block in blocks {
            let here = block.x;
            let crossing = |x: f64| {
                let room = Rect { x: x - 3.0, w: block.width() + 6.0, ..block.room() };
                elbows.iter().filter(|e| e.crosses(&room)).count()
            };
            if crossing(here) == 0 {
                continue;
            }
            let uprights = elbows.iter().flat_map(|e| e.points.windows(2)).filter(|p| {
                let (lo, hi) = (p[0].1.min(p[1].1), p[0].1.max(p[1].1));
                p[0].0 == p[1].0 && lo < block.top + block.height() && hi > block.top
            });
            let mut places: Vec<f64> =
                uprights.map(|p| p[0].0 + 7.0).filter(|x| *x > here && *x < here + SHIFT).collect();
            places.sort_by(f64::total_cmp);
            if let Some(x) = places.into_iter().find(|x| crossing(*x) == 0) {
                block.x = x;
            }
        }
    }
}
