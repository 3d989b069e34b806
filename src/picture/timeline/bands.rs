//! A band for every body, from top to bottom: the acts that led to it, what happened to it, its name, its bar.
//!
//! Bands never share a height, and the texts of a band stand under each other: so no text can meet another, nor a bar
//! that is not its own, whatever the names are. Only lines can come in the way, and those are routed afterwards.

use super::bars::Bar;
use super::order::Order;
use super::words::{FOCUS, NAME, Voice};
use crate::picture::font::{Line, flow};
use crate::picture::scene::Rect;

/// Lines of text with a common left end.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) x: f64,
    pub(super) top: f64,
    pub(super) step: f64,
    pub(super) lines: Vec<Line>,
}

impl Block {
    pub(super) fn height(&self) -> f64 {
        self.step * self.lines.len() as f64
    }

    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(Line::width).fold(0.0, f64::max)
    }

    pub(super) fn room(&self) -> Rect {
        Rect::new(self.x, self.top, self.width(), self.height())
    }

    /// The height of the middle of the first line.
    pub(super) fn first(&self) -> f64 {
        self.top + self.step / 2.0
    }
}

/// Where a link reaches a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Via {
    /// At its start, from the left.
    Start,
    /// During its life, at this place.
    Within(f64),
}

/// A link that comes in, with its words.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) link: usize,
    pub(super) via: Via,
    pub(super) block: Block,
}

/// The band of a body.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) body: usize,
    pub(super) row: usize,
    pub(super) bottom: f64,
    pub(super) bar: Rect,
    pub(super) heads: Vec<Head>,
    pub(super) events: Vec<Block>,
    pub(super) name: Block,
}

/// A lane: its name, the height of its caption and its end.
#[derive(Clone, Debug)]
pub(super) struct LaneBand {
    pub(super) name: String,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Texts wrap at this width.
const TEXT: f64 = 430.0;
/// Texts of bars that begin near the right end are not squeezed below this.
const TIGHT: f64 = 270.0;
/// Texts left of a line that comes in within a bar's life are not squeezed below this.
const NARROW: f64 = 190.0;
pub(super) const LANE_CAPTION: f64 = 26.0;

/// Stacks the bands from 0 downwards; texts keep left of `right` where that leaves them room. `at` gives the place of a link's date, when it has one.
pub(super) fn stack(
    voice: Voice<'_>,
    order: &Order,
    bars: &[Bar],
    right: f64,
    at: impl Fn(usize) -> Option<f64>,
) -> (Vec<Band>, Vec<LaneBand>) {
    let mut row_of = vec![0; bars.len()];
    order.rows().enumerate().for_each(|(row, body)| row_of[body] = row);
    let mut incoming: Vec<Vec<(usize, Via)>> = vec![Vec::new(); bars.len()];
    for (number, link) in voice.timeline.links.iter().enumerate().filter(|(_, l)| l.from != l.to) {
        incoming[link.to].push((number, via(voice, number, &bars[link.to], at(number))));
    }
    let (mut bands, mut lanes, mut y) = (Vec::with_capacity(bars.len()), Vec::new(), 0.0);
    for lane in &order.lanes {
        let lane_top = y;
        y += if lane.name.is_empty() { 4.0 } else { LANE_CAPTION };
        for &body in &lane.bodies {
            let mut links = std::mem::take(&mut incoming[body]);
            sort_heads(&mut links, voice, &row_of, row_of[body]);
            let bar = &bars[body];
            let band = band(voice, body, &row_of, bar, &links, y, (right - bar.x0).clamp(TIGHT, TEXT));
            y = band.bottom;
            bands.push(band);
        }
        y += 10.0;
        lanes.push(LaneBand { name: lane.name.clone(), top: lane_top, bottom: y });
    }
    (bands, lanes)
}

/// A dated act lands at its date; what is dated no more precisely than the start of the receiving body leads there.
fn via(voice: Voice<'_>, link: usize, bar: &Bar, at: Option<f64>) -> Via {
    let link = &voice.timeline.links[link];
    // where no start is stated, the first act that led to the body stands for it, as it does for the bar
    let acts = voice.timeline.links.iter().filter(|l| l.to == link.to && !l.moves_function());
    let first = || acts.filter_map(|l| l.when.bounds()).min_by(|a, b| a.0.total_cmp(&b.0));
    let start = voice.timeline.bodies[link.to].start.bounds().or_else(first);
    let as_vague = start.zip(link.when.bounds()).is_some_and(|(s, a)| a.0 <= s.0 && s.0 < a.1 && a.1 >= s.1);
    match at {
        _ if as_vague && !link.moves_function() => Via::Start,
        Some(x) if x > bar.x0 + 1.0 => Via::Within(x.min(bar.x1 - 0.4)),
        _ => Via::Start,
    }
}

/// Acts within the life first (latest first), then those that lead to the start, nearest predecessor first.
fn sort_heads(links: &mut [(usize, Via)], voice: Voice<'_>, row_of: &[usize], row: usize) {
    let key = |(link, via): &(usize, Via)| {
        let from = row_of[voice.timeline.links[*link].from];
        match via {
            Via::Within(x) => (0, -x, 0, *link),
            Via::Start => (1, 0.0, if from < row { row - from } else { usize::MAX - from }, *link),
        }
    };
    links.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)).then(a.3.cmp(&b.3))
    });
}

fn band(
    voice: Voice<'_>,
    body: usize,
    row_of: &[usize],
    bar: &Bar,
    links: &[(usize, Via)],
    top: f64,
    room: f64,
) -> Band {
    let focus = voice.timeline.focus == Some(body);
    let within: Vec<f64> =
        links.iter().filter_map(|(_, v)| if let Via::Within(x) = v { Some(*x) } else { None }).collect();
    // lines that come in during the life would cut the texts at the start: these stay left of them if there is room
    let first = within.iter().copied().fold(f64::INFINITY, f64::min) - 10.0 - bar.x0;
    let (max, shift) = if first.is_infinite() {
        (room, 0.0)
    } else if first >= NARROW {
        (room.min(first), 0.0)
    } else {
        (room, within.iter().copied().fold(0.0, f64::max) + 8.0 - bar.x0)
    };
    let mut y = top + 9.0;
    let mut put = |x: f64, step: f64, lines: Vec<Line>| {
        let block = Block { x, top: y, step, lines };
        y += block.height();
        block
    };
    let mut heads = Vec::with_capacity(links.len());
    for &(link, via) in links {
        let from = row_of[voice.timeline.links[link].from];
        let far = row_of[body].abs_diff(from) > 3 || links.len() > 1;
        let (x, max) = if let Via::Within(x) = via { (x + 8.0, room) } else { (bar.x0, max.max(NARROW)) };
        heads.push(Head { link, via, block: put(x, 15.5, flow(&voice.link(link, far), max, 3)) });
    }
    let mut events = Vec::new();
    for event in 0..voice.timeline.bodies[body].events.len() {
        events.push(put(bar.x0 + shift, 15.5, flow(&voice.event(body, event), max - 14.0, 3)));
    }
    let size = if focus { FOCUS } else { NAME };
    let name = put(bar.x0 + shift, size * 1.28, flow(&voice.body(body, max), max, 5));
    let height = if focus { 18.0 } else { 12.0 };
    let rect = Rect::new(bar.x0, y + 3.0, bar.x1 - bar.x0, height);
    Band { body, row: row_of[body], bottom: rect.bottom() + 11.0, bar: rect, heads, events, name }
}
