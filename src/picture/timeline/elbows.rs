//! The lines between bars: down from the predecessor, in at the left end of the successor (or onto the bar, at the date,
//! when the successor was there already).
//!
//! Several lines into one bar join the first of them at its left, each beside its own words, the nearest predecessor
//! first; no two upright stretches lie on each other, and names move aside for lines that pass. Acts of one kind and
//! date that bring several bodies into one, or make several of one, are a comb with one stem. Every line leaves its bar
//! at the date of the act.

use std::collections::BTreeMap;

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
    /// Lines of one group share a stem.
    pub(super) group: Option<usize>,
}

/// A line without what of it lies on texts: it ends before them and goes on behind them.
pub(super) fn without_texts(points: &[(f64, f64)], rooms: &[Rect]) -> Vec<Vec<(f64, f64)>> {
    const CLEAR: f64 = 1.0;
    let mut pieces = vec![Vec::new()];
    let mut add = |point: (f64, f64), anew: bool| {
        if anew {
            pieces.push(Vec::new());
        }
        if let Some(piece) = pieces.last_mut().filter(|piece| piece.last() != Some(&point)) {
            piece.push(point);
        }
    };
    for pair in points.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let line = Rect::new(ax.min(bx), ay.min(by), (ax - bx).abs().max(0.1), (ay - by).abs().max(0.1));
        let length = (ax - bx).abs() + (ay - by).abs();
        let way = ((bx - ax).signum() * f64::from(ax != bx), (by - ay).signum() * f64::from(ay != by));
        // lines are upright or level: a room takes a stretch of the way
        let along = |room: &Rect| {
            let (from, to) =
                if ax == bx { (room.y - ay, room.bottom() - ay) } else { (room.x - ax, room.right() - ax) };
            let sign = way.0 + way.1;
            ((from * sign).min(to * sign) - CLEAR, (from * sign).max(to * sign) + CLEAR)
        };
        let mut hidden: Vec<(f64, f64)> = rooms.iter().filter(|room| room.meets(&line)).map(along).collect();
        hidden.sort_by(|a, b| a.0.total_cmp(&b.0));
        let place = |at: f64| (ax + way.0 * at, ay + way.1 * at);
        let mut at = 0.0;
        add((ax, ay), false);
        for (from, to) in hidden {
            if from > at {
                add(place(from), false);
            }
            if to >= length {
                at = length;
                break;
            }
            if to > at {
                add(place(to), true);
                at = to;
            }
        }
        if at < length {
            add((bx, by), false);
        } else {
            add((bx, by), true);
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
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
/// How far under a bar a line that has to stand aside runs level; further ones at multiples of it.
const LEVEL: f64 = 4.5;
/// How far before a bar a line that came down beside its date turns to it.
const LANDING: f64 = 12.0;
/// Space at a bar's corners that no line leaves from.
const CORNER: f64 = 4.0;

/// An upright stretch that is taken.
struct Taken {
    x: f64,
    top: f64,
    bottom: f64,
    group: Option<usize>,
}

/// Routes every link; `bands` are ordered by row, `at` gives the place of a link's date, when it has one.
pub(super) fn route(
    timeline: &Timeline,
    bars: &[Bar],
    bands: &[Band],
    at: impl Fn(usize) -> Option<f64>,
) -> Vec<Elbow> {
    let mut band_of = vec![0; bars.len()];
    bands.iter().enumerate().for_each(|(at, b)| band_of[b.body] = at);
    let mut router = Router {
        rooms: bands.iter().flat_map(rooms).collect(),
        taken: Vec::new(),
        groups: groups(timeline, bands, &band_of),
    };
    let mut elbows = Vec::with_capacity(timeline.links.len());
    let mut rows = Vec::with_capacity(timeline.links.len());
    for band in bands {
        let mut joined = 0;
        let mut comb: Option<(usize, usize, f64)> = None;
        for head in &band.heads {
            let group = router.groups[head.link];
            let from = &bands[band_of[timeline.links[head.link].from]];
            let act = Act { from, to: band, date: at(head.link), group };
            let points = match head.via {
                // the teeth of a comb share the way of its first
                Via::Start if comb.is_some_and(|(known, _, _)| Some(known) == group) => {
                    let (place, join) = comb.map_or((0, 0.0), |(_, place, join)| (place, join));
                    router.meet_start(&act, join, place)
                }
                Via::Start => {
                    let join = head.block.first();
                    comb = group.map(|g| (g, joined, join)).or(comb);
                    joined += 1;
                    router.meet_start(&act, join, joined - 1)
                }
                Via::Within(x) => router.onto(&act, x),
            };
            // aside under the bar: down a little, then level
            let jogs =
                matches!(points[..], [a, b, c, _, ..] if a.0 == b.0 && b.1 == c.1 && (b.1 - a.1 - LEVEL).abs() < 0.01);
            rows.push(jogs.then_some(from.row));
            elbows.push(Elbow { link: head.link, points, group });
        }
    }
    levels(&mut elbows, &rows);
    elbows
}

/// Acts that share one stem: several bodies into one, or one into several, by the same kind of act on the same date.
/// Only whole lines can: dashes laid over each other would not be dashes any more.
fn groups(timeline: &Timeline, bands: &[Band], band_of: &[usize]) -> Vec<Option<usize>> {
    let mut key_of: BTreeMap<(bool, usize, &str, String), Vec<usize>> = BTreeMap::new();
    for head in bands.iter().flat_map(|b| &b.heads) {
        let link = &timeline.links[head.link];
        let starts = head.via == Via::Start;
        let whole = !link.moves_function() && !link.disputed && !link.inferred && !link.citations.is_empty();
        if whole && band_of[link.from] < band_of[link.to] {
            let sides = [(false, link.to), (true, link.from)];
            for (forks, body) in sides.into_iter().filter(|(forks, _)| starts || !forks) {
                // one event; where nobody says which, one kind of act at one date
                let (kind, event) = (link.kind.as_str(), link.event.as_str());
                let at = if event.is_empty() || !starts { link.when.edtf() } else { event.to_owned() };
                key_of.entry((forks, body, kind, at)).or_default().push(head.link);
            }
        }
    }
    let mut groups = vec![None; timeline.links.len()];
    for (number, (_, links)) in key_of.into_iter().filter(|(_, links)| links.len() > 1).enumerate() {
        // a link belongs to one stem: where acts cross, the line would not say what became of what
        if links.iter().all(|l| groups[*l].is_none()) {
            links.iter().for_each(|l| groups[*l] = Some(number));
        }
    }
    groups
}

/// The rooms of a band's texts, each with the row it stands in.
fn rooms(band: &Band) -> Vec<(usize, Rect)> {
    let blocks = band.heads.iter().map(|h| &h.block).chain(&band.events).chain([&band.name]);
    blocks.map(|b| (band.row, b.room())).collect()
}

/// A link on its way.
struct Act<'a> {
    from: &'a Band,
    to: &'a Band,
    /// The place of its date.
    date: Option<f64>,
    group: Option<usize>,
}

impl Act<'_> {
    fn down(&self) -> bool {
        self.to.row > self.from.row
    }
}

/// What is taken so far.
struct Router {
    rooms: Vec<(usize, Rect)>,
    taken: Vec<Taken>,
    groups: Vec<Option<usize>>,
}

impl Router {
    fn is_free(&self, x: f64, top: f64, bottom: f64, group: Option<usize>) -> bool {
        let other = |t: &&Taken| t.group.is_none() || t.group != group;
        !self.taken.iter().filter(other).any(|t| (t.x - x).abs() < APART - 0.5 && t.top < bottom && top < t.bottom)
    }

    fn meet_start(&mut self, act: &Act<'_>, join: f64, joined: usize) -> Vec<(f64, f64)> {
        let (from, to) = (act.from, act.to);
        let bus = to.bar.x - BUS;
        let leave = if act.down() { from.bar.bottom() } else { from.bar.y };
        let (top, bottom) = (leave.min(join), leave.max(join));
        // the first line may come straight down the bus; the others join it from the left
        let first = if joined == 0 && act.down() { 0 } else { 1 };
        let cost = |step: usize| {
            let x = bus - step as f64 * APART - if step > 0 { 3.0 } else { 0.0 };
            let behind = |r: &Rect| x > r.x && x < r.right() && r.y < bottom && r.bottom() > top;
            let cut = self.rooms.iter().filter(|(row, r)| *row != to.row && behind(r)).count();
            let outside = x < from.bar.x + CORNER;
            let aside = if step > ASIDE + joined { step * 100 } else { 0 };
            let price = step * 5 + cut * 20 + usize::from(outside) * 8 + aside;
            (x, if self.is_free(x, top, bottom, act.group) { price } else { price + 10_000 })
        };
        let x = (first..first + 40).map(cost).min_by_key(|(_, price)| *price).map_or(bus, |(x, _)| x);
        let middle = to.bar.y + to.bar.h / 2.0;
        self.taken.push(Taken { x, top, bottom, group: act.group });
        self.taken.push(Taken { x: bus, top: join, bottom: middle, group: act.group });
        let mut points = self.leaving(act, x);
        points.extend([(x, join), (bus, join)]);
        if joined == 0 {
            points.extend([(bus, middle), (to.bar.x, middle)]);
        }
        straighten(points)
    }

    /// Onto the bar at the date of the act. Where another line stands there, it comes down beside it and lands at its
    /// date all the same.
    fn onto(&mut self, act: &Act<'_>, wished: f64) -> Vec<(f64, f64)> {
        let (from, to) = (act.from, act.to);
        let (leave, arrive) = if act.down() { (from.bar.bottom(), to.bar.y) } else { (from.bar.y, to.bar.bottom()) };
        let (top, bottom) = (leave.min(arrive), leave.max(arrive));
        let beside = |step: i32| wished + f64::from(if step % 2 == 0 { step / 2 } else { -(step + 1) / 2 }) * APART;
        let free = |x: &f64| self.is_free(*x, top, bottom, act.group);
        let x = (0..40).map(beside).find(free).unwrap_or(wished);
        self.taken.push(Taken { x, top, bottom, group: act.group });
        let mut points = self.leaving(act, x);
        let turn = if act.down() { arrive - LANDING } else { arrive + LANDING };
        points.extend([(x, turn), (wished, turn), (wished, arrive)]);
        straighten(points)
    }

    /// The first corners of a line that has to come to the upright at `x`. It leaves the bar at the date of the act,
    /// however far the upright has to stand aside.
    fn leaving(&self, act: &Act<'_>, x: f64) -> Vec<(f64, f64)> {
        let bar = &act.from.bar;
        let (right, under) = (bar.right(), bar.bottom());
        let dated = act.date.filter(|d| *d >= bar.x && *d <= right + 1.0);
        let dated = dated.map(|d| d.clamp(bar.x + 1.0, (right - 1.0).max(bar.x + 1.0)));
        let out = if act.down() { under } else { bar.y };
        match dated {
            Some(date) if (date - x).abs() < 1.5 => vec![(x, out)],
            // upwards the way under the bar would lead back through it
            Some(date) if act.down() && (x < right || date < right - 3.0) => {
                vec![(date, under), (date, under + LEVEL), (x, under + LEVEL)]
            }
            _ if x > right => vec![(right, bar.y + bar.h / 2.0), (x, bar.y + bar.h / 2.0)],
            _ if x >= bar.x + CORNER => vec![(x, out)],
            _ => vec![(bar.x + 8.0, under), (bar.x + 8.0, under + 5.0), (x, under + 5.0)],
        }
    }
}

/// Lines that run aside under one bar get levels of their own there, the one that goes farthest nearest to the bar, so
/// that none crosses another; those of a comb share theirs.
fn levels(elbows: &mut [Elbow], rows: &[Option<usize>]) {
    let aside = |e: &Elbow| e.points.get(2).map_or(0.0, |p| (p.0 - e.points[0].0).abs());
    let mut under: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(row) = row {
            under.entry(*row).or_default().push(at);
        }
    }
    for mut lines in under.into_values() {
        lines.sort_by(|a, b| aside(&elbows[*b]).total_cmp(&aside(&elbows[*a])).then(a.cmp(b)));
        let mut known: Vec<(Option<usize>, usize)> = Vec::new();
        for at in lines {
            let key = (elbows[at].group, if elbows[at].group.is_some() { 0 } else { at + 1 });
            let place = known.iter().position(|k| *k == key).unwrap_or_else(|| {
                known.push(key);
                known.len() - 1
            });
            let y = elbows[at].points[0].1 + LEVEL * (1 + place.min(2)) as f64;
            elbows[at].points[1].1 = y;
            elbows[at].points[2].1 = y;
        }
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
