//! Many bodies on one page: a thin bar for each with its name on it, rows shared by what does not meet in time, and the
//! acts as upright lines at their dates. What is said of the acts stands in a list below.
//!
//! ```text
//! Timeline ─► order ─► bars ─► forest ─► rows ─► uprights ─► labels ─► Scene
//! ```
//! The work grows with the number of bodies and acts and hardly more: no step looks at all pairs of anything.

mod acts;
mod draw;
mod forest;
mod labels;
mod rows;
mod uprights;

use super::bars::{self, Bar};
use super::order;
use super::scale::Scale;
use super::words::Voice;
use crate::picture::font::Line;
use crate::picture::model::Timeline;
use crate::picture::scene::Scene;
use crate::picture::signs::End;
use crate::picture::style::Style;
use forest::Arc;
use labels::Label;
use uprights::{Dated, Upright};

use draw::draw;

/// Sizes of a chart of so many bodies.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pitch {
    /// Size of the names.
    text: f64,
    /// Height of a bar.
    bar: f64,
    /// From one row to the next.
    row: f64,
    /// The dates stand beside the names.
    dates: bool,
}

impl Pitch {
    fn of(bodies: usize) -> Self {
        match bodies {
            ..=80 => Self { text: 12.0, bar: 6.0, row: 23.0, dates: true },
            81..=250 => Self { text: 10.0, bar: 4.4, row: 18.0, dates: true },
            _ => Self { text: 8.0, bar: 2.8, row: 13.0, dates: false },
        }
    }

    /// The height of a line of text; its bar stands under it.
    fn line(&self) -> f64 {
        self.text * 1.22
    }
}

/// A lane: its name and its rows.
#[derive(Clone, Debug)]
struct LaneRows {
    name: String,
    first: usize,
}

/// A dense timeline with every place settled; x counts from the first day, y from the axis.
struct Dense<'a> {
    voice: Voice<'a>,
    scale: Option<Scale>,
    width: f64,
    pitch: Pitch,
    bars: Vec<Bar>,
    row_of: Vec<usize>,
    rows: usize,
    lanes: Vec<LaneRows>,
    uprights: Vec<Upright>,
    labels: Vec<Label>,
}

/// Between bodies that share a row.
const BETWEEN: f64 = 7.0;
/// From the start of a bar to its name.
const INDENT: f64 = 4.0;
/// How far a torn bar goes beyond what is known.
const TORN: f64 = 20.0;
/// So far may names go beyond the axis.
const BEYOND: f64 = 90.0;
/// No axis is squeezed below this for names beside it.
const NARROWEST: f64 = 360.0;

/// Draws a dense timeline.
pub(super) fn scene(timeline: &Timeline, style: &Style) -> Scene {
    let wide = page_width(style, timeline.bodies.len()) - 2.0 * super::MARGIN;
    draw(&settled(timeline, style, wide))
}

/// The chart in a width of `wide`, where what it holds can be so narrow.
fn settled<'a>(timeline: &'a Timeline, style: &'a Style, wide: f64) -> Dense<'a> {
    let mut chart = lay_out(timeline, style, wide - BEYOND);
    // names beside the axis need room: a shorter axis makes it
    for _ in 0..2 {
        let (left, right) = chart.extent();
        let surplus = right - left - wide;
        if surplus <= 0.5 || chart.width <= NARROWEST {
            break;
        }
        let width = (chart.width - surplus).max(NARROWEST);
        chart = lay_out(timeline, style, width);
    }
    chart
}

/// The more bodies, the wider: up to twice the page, but paper does not grow.
fn page_width(style: &Style, bodies: usize) -> f64 {
    let more = if style.page.paper.is_some() { 1.0 } else { (bodies as f64 / 240.0).sqrt().clamp(1.0, 2.0) };
    style.page.width * more
}

fn lay_out<'a>(timeline: &'a Timeline, style: &'a Style, width: f64) -> Dense<'a> {
    let order = order::order(timeline);
    let scale = Scale::of(timeline, width);
    let voice = Voice { timeline, style, undated: scale.is_none() };
    let bars = bars::bars(timeline, &order, scale, width, TORN);
    let pitch = Pitch::of(timeline.bodies.len());
    let links = dated(timeline, scale, &bars);
    let arcs: Vec<Arc> = links.iter().map(|l| Arc { from: l.from, to: l.to, x: l.x }).collect();
    let names: Vec<Line> = (0..bars.len()).map(|body| labels::words(voice, body, pitch, width)).collect();
    let mut acts = bars.iter().map(|bar| (bar.x0, bar.x1 + tip(bar, pitch))).collect::<Vec<_>>();
    for link in &links {
        for body in [link.from, link.to] {
            acts[body] = (acts[body].0.min(link.x - 1.0), acts[body].1.max(link.x + 1.0));
        }
    }
    let (mut row_of, mut rows, mut lanes) = (vec![0; bars.len()], 0, Vec::new());
    let mut sides = vec![labels::Side::Right; bars.len()];
    for lane in &order.lanes {
        let mut members = lane.bodies.clone();
        members.sort_by(|a, b| bars[*a].x0.total_cmp(&bars[*b].x0).then(a.cmp(b)));
        let trees = forest::forest(bars.len(), &members, &arcs, timeline.focus);
        for hung in trees.iter().flatten() {
            let came_before = hung.before && order.depth[hung.body] == 0;
            sides[hung.body] = labels::side(&bars[hung.body], names[hung.body].width(), came_before, width + BEYOND);
        }
        let room = |body: usize| {
            let (a, b) = labels::room(&bars[body], names[body].width(), sides[body]);
            let (x0, x1) = acts[body];
            (a.min(x0) - BETWEEN / 2.0, b.max(x1) + BETWEEN / 2.0)
        };
        let own = rows::of_lane(&trees, room, &mut row_of);
        lane.bodies.iter().for_each(|body| row_of[*body] += rows);
        lanes.push(LaneRows { name: lane.name.clone(), first: rows });
        rows += own;
    }
    let uprights = uprights::uprights(&links, &row_of);
    let passing = uprights::Passing::new(&uprights, rows);
    let labels = labels::place(&bars, names, &sides, &acts, &row_of, passing);
    Dense { voice, scale, width, pitch, bars, row_of, rows, lanes, uprights, labels }
}

/// The links between two bodies with their places: that of the date, else the start of the successor.
fn dated(timeline: &Timeline, scale: Option<Scale>, bars: &[Bar]) -> Vec<Dated> {
    let links = timeline.links.iter().enumerate().filter(|(_, link)| link.from != link.to);
    let dated = links.map(|(at, link)| {
        let date = link.when.bounds().and_then(|(lo, hi)| scale.map(|s| s.x((lo + hi) / 2.0)));
        Dated { link: at, from: link.from, to: link.to, x: date.unwrap_or(bars[link.to].x0) }
    });
    dated.collect()
}

/// How far the end of a bar goes beyond it.
fn tip(bar: &Bar, pitch: Pitch) -> f64 {
    if bar.end == End::Arrow { pitch.bar } else { 0.0 }
}

impl Dense<'_> {
    /// Left and right end of everything.
    fn extent(&self) -> (f64, f64) {
        let (mut left, mut right) = (0.0_f64, self.width);
        let mut see = |a: f64, b: f64| (left, right) = (left.min(a), right.max(b));
        for (bar, label) in self.bars.iter().zip(&self.labels) {
            see(bar.x0 - 3.0, bar.x1 + tip(bar, self.pitch) + 3.0);
            see(label.x - 2.0, label.x + label.line.width() + 2.0);
        }
        for upright in &self.uprights {
            see(upright.x.min(upright.aside) - 4.0, upright.x.max(upright.aside) + 4.0);
        }
        (left, right)
    }

    /// The top of a row: lanes have a caption before their first one.
    fn row_top(&self, row: usize) -> f64 {
        let captions = self.lanes.iter().filter(|lane| lane.first <= row && !lane.name.is_empty()).count();
        row as f64 * self.pitch.row + captions as f64 * LANE_CAPTION + 4.0
    }

    fn height(&self) -> f64 {
        self.row_top(self.rows.max(1) - 1) + self.pitch.row + 4.0
    }
}

/// The height of the name of a lane.
const LANE_CAPTION: f64 = 24.0;

/// Counts a step of work, for the test that holds it down.
#[inline]
fn count() {
    #[cfg(test)]
    tests::STEPS.with(|steps| steps.set(steps.get() + 1));
}

#[cfg(test)]
mod tests;
