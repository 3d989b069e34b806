//! The lineage picture: time from left to right, true to scale, a bar for every institution, an elbow for every act.
//!
//! ```text
//! Timeline ─► order ─► scale, bars ─► bands ─► elbows ─► Scene ─► SVG
//!             rows     x of bars      y, text   lines
//! ```
//! Predecessors stand above, successors below. Where nothing is dated, order takes the place of time and the picture
//! says so. Whatever comes in, no two texts share a place: see `bands`.

mod axis;
mod bands;
mod bars;
mod dense;
mod draw;
mod elbows;
mod legend;
pub(crate) mod order;
mod scale;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::faults;
pub(crate) mod words;

use super::model::Timeline;
use super::scene::Scene;
use super::signs::End;
use super::style::Style;
use bands::{Band, Block, LaneBand};
use bars::Bar;
use elbows::Elbow;
use scale::Scale;
use words::Voice;

/// Space around everything.
pub(super) const MARGIN: f64 = 30.0;

/// A timeline with every place settled; x counts from the first day, y from the axis.
struct Chart<'a> {
    voice: Voice<'a>,
    scale: Option<Scale>,
    bars: Vec<Bar>,
    bands: Vec<Band>,
    lanes: Vec<LaneBand>,
    elbows: Vec<Elbow>,
}

/// Draws a timeline.
pub(crate) fn scene(timeline: &Timeline, style: &Style) -> Scene {
    let timeline = &timeline.mended();
    if is_dense(timeline) {
        return dense::scene(timeline, style);
    }
    let wide = style.page.width - 2.0 * MARGIN;
    // texts at the right end may need more room than the axis leaves them: a shorter axis then makes place
    let mut chart = lay_out(timeline, style, wide - 70.0);
    for _ in 0..2 {
        let (left, right) = chart.extent();
        let surplus = right - left - wide;
        let now = chart.axis_width();
        if surplus > 0.5 && now > 520.0 {
            chart = lay_out(timeline, style, (now - surplus).max(520.0));
        }
    }
    draw::draw(&chart)
}

/// Whether there is no room for words at every act.
fn is_dense(timeline: &Timeline) -> bool {
    timeline.bodies.len() > ROOMY
}

/// As many bodies have a band of their own, with words at every act.
const ROOMY: usize = 36;

fn lay_out<'a>(timeline: &'a Timeline, style: &'a Style, width: f64) -> Chart<'a> {
    let order = order::order(timeline);
    let scale = Scale::of(timeline, width);
    let voice = Voice { timeline, style, undated: scale.is_none() };
    let bars = bars::bars(timeline, &order, scale, width, bars::TORN);
    let at = |link: usize| {
        let (lo, hi) = timeline.links[link].when.bounds()?;
        scale.map(|s| s.x((lo + hi) / 2.0))
    };
    let right = if scale.is_some() { width + 60.0 } else { f64::INFINITY };
    let (mut bands, lanes) = bands::stack(voice, &order, &bars, right, at);
    let elbows = elbows::route(timeline, &bars, &bands, at);
    elbows::make_way(&mut bands, &elbows);
    Chart { voice, scale, bars, bands, lanes, elbows }
}

impl Chart<'_> {
    /// Left and right end of everything in the chart.
    fn extent(&self) -> (f64, f64) {
        let (mut left, mut right) = (0.0_f64, self.axis_width());
        let mut see = |a: f64, b: f64| {
            left = left.min(a);
            right = right.max(b);
        };
        for bar in &self.bars {
            see(bar.x0 - 4.0, bar.x1 + if bar.end == End::Arrow { 14.0 } else { 4.0 });
        }
        for block in self.bands.iter().flat_map(blocks) {
            see(block.x, block.x + block.width() + 2.0);
        }
        for (x, _) in self.elbows.iter().flat_map(|e| &e.points) {
            see(x - 4.0, x + 4.0);
        }
        (left, right)
    }

    fn axis_width(&self) -> f64 {
        self.scale.map_or_else(|| self.bars.iter().map(|b| b.x1).fold(0.0, f64::max), |s| s.width)
    }

    fn height(&self) -> f64 {
        self.lanes.last().map_or(0.0, |l| l.bottom)
    }
}

fn blocks(band: &Band) -> impl Iterator<Item = &Block> {
    band.heads.iter().map(|h| &h.block).chain(&band.events).chain([&band.name])
}
