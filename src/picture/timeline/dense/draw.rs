//! The settled dense chart as shapes and texts.

use super::uprights::Upright;
use super::{Dense, LANE_CAPTION};
use crate::picture::furniture::{Column, counts_line};
use crate::picture::scene::{Paint, Rect, Role, Scene};
use crate::picture::signs::{self, BarSign, Pattern};
use crate::picture::timeline::MARGIN;
use crate::picture::timeline::axis::{AGAIN, AXIS, Axis, TALL, caption};
use crate::picture::timeline::draw::{about, notes};
use crate::picture::timeline::legend::Legend;

/// Draws everything, furniture included.
pub(super) fn draw(chart: &Dense<'_>) -> Scene {
    let (timeline, style) = (chart.voice.timeline, chart.voice.style);
    let (left, right) = chart.extent();
    let mut scene = Scene {
        width: (right - left + 2.0 * MARGIN).max(style.page.width).ceil(),
        title: if timeline.title.is_empty() { "Lineage".into() } else { timeline.title.clone() },
        about: about(chart.voice),
        ..Scene::default()
    };
    let column = Column { x: MARGIN, width: scene.width - 2.0 * MARGIN, page: &style.page };
    let counts = counts_line(&timeline.counts());
    let top = column.header(&mut scene, &timeline.title, timeline.query.as_deref(), &counts, MARGIN - 6.0);
    let kinds = signs::patterns(style, timeline.bodies.iter().map(|body| body.kind.as_str()));
    let paper = Paper { chart, x: MARGIN - left, y: top + AXIS, kinds: &kinds };
    let bottom = paper.y + chart.height();
    let lanes = chart.lanes.iter().filter(|lane| !lane.name.is_empty());
    let axis = Axis {
        voice: chart.voice,
        scale: chart.scale,
        x: paper.x,
        y: paper.y,
        right: scene.width - MARGIN,
        bottom,
        lanes: lanes.map(|l| (l.name.as_str(), paper.y + chart.row_top(l.first) - LANE_CAPTION)).collect(),
        kinds: &kinds,
    };
    axis.draw(&mut scene);
    let signs = paper.lines(&mut scene);
    for body in 0..timeline.bodies.len() {
        paper.bar(&mut scene, body);
    }
    signs.iter().for_each(|sign| sign.marks(&mut scene, style));
    for (body, label) in chart.labels.iter().enumerate() {
        let baseline = paper.y + chart.row_top(chart.row_of[body]) + chart.pitch.text * 0.95;
        scene.text(paper.x + label.x, baseline, label.line.clone(), false, Role::OfBody(body));
    }
    let mut y = bottom + if bottom - paper.y > TALL { AGAIN } else { 0.0 } + 6.0;
    y = column.notes(&mut scene, &notes(timeline), y);
    y = column.conflicts(&mut scene, &timeline.conflicts, y);
    let neutral = Pattern::neutral(&style.page);
    let thin = Some(chart.pitch.bar.max(4.0));
    let legend = Legend { voice: chart.voice, bars: &chart.bars, kinds: &kinds, neutral: &neutral, thin };
    let legend_top = y;
    y = column.legend(&mut scene, &legend.entries(), y);
    scene.axis = chart.scale.map(|_| (paper.y - AXIS, paper.y));
    scene.chart = Some((paper.y, bottom));
    scene.legend = Some((legend_top, y));
    y = column.list(&mut scene, "Acts, by date", &super::acts::entries(chart), 380.0, y);
    y = column.citations(&mut scene, &timeline.citations, y);
    scene.height = (y + MARGIN - 12.0).ceil();
    scene
}

/// The chart on the page: where its zero is.
struct Paper<'c, 'a> {
    chart: &'c Dense<'a>,
    x: f64,
    y: f64,
    kinds: &'c [Pattern],
}

impl Paper<'_, '_> {
    /// The top of the bar of a body.
    fn bar_top(&self, body: usize) -> f64 {
        self.y + self.chart.row_top(self.chart.row_of[body]) + self.chart.pitch.line()
    }

    fn bar(&self, scene: &mut Scene, at: usize) {
        let (timeline, page) = (self.chart.voice.timeline, &self.chart.voice.style.page);
        let (body, bar, pitch) = (&timeline.bodies[at], &self.chart.bars[at], self.chart.pitch);
        let kind = self.kinds.iter().position(|k| k.kind == body.kind).unwrap_or(0);
        let strong = timeline.focus == Some(at);
        let height = if strong { pitch.bar + 1.6 } else { pitch.bar }.min(pitch.row - pitch.line() - 0.2);
        let sign = BarSign {
            rect: Rect::new(self.x + bar.x0, self.bar_top(at), bar.x1 - bar.x0, height),
            start: bar.start,
            end: bar.end,
            pattern: (kind + 1, &self.kinds[kind]),
            strong,
            disputed: body.disputed,
            bare: !body.evidence && body.citations.is_empty(),
            hollow: bar.by_order,
        };
        let place = |day: f64| self.chart.scale.map(|scale| self.x + scale.x(day));
        let gaps: Vec<(f64, f64)> = body
            .gaps
            .iter()
            .filter_map(|(end, start)| {
                let (from, to) = (place(end.bounds()?.1)?, place(start.bounds()?.0)?);
                Some((from, to.max(from + 1.5)))
            })
            .collect();
        scene.open(format!("body-{}", at + 1), "b", self.chart.voice.title(at));
        sign.draw_thin(scene, page, &format!("fade-{}", at + 1), &gaps, Role::Body(at));
        for (lo, hi) in body.events.iter().filter_map(|event| event.when.bounds()) {
            let Some(x) = place((lo + hi) / 2.0) else { continue };
            let (x, y, r) = (x.clamp(sign.rect.x, sign.rect.right()), sign.rect.y + height / 2.0, pitch.bar * 0.75);
            let diamond = [(x - r, y), (x, y - r), (x + r, y), (x, y + r)];
            let paint = Paint::fill(page.ground.as_str()).stroked(page.ink.as_str(), 0.9);
            scene.polygon(&diamond, paint, Role::Furniture);
        }
        scene.close();
    }

    /// The lines of the uprights, with gaps where a name could not step aside; their marks are drawn over the bars.
    fn lines(&self, scene: &mut Scene) -> Vec<signs::Upright<'_>> {
        let chart = self.chart;
        let cut = |(body, label): (usize, &super::labels::Label)| {
            let top = self.y + chart.row_top(chart.row_of[body]);
            let room = Rect::new(self.x + label.x, top, label.line.width(), chart.pitch.line());
            label.cuts.then_some((chart.row_of[body], room))
        };
        let mut cuts: Vec<(usize, Rect)> = chart.labels.iter().enumerate().filter_map(cut).collect();
        cuts.extend(self.captions());
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.y.total_cmp(&b.1.y)).then(a.1.x.total_cmp(&b.1.x)));
        let mut signs = Vec::with_capacity(chart.uprights.len());
        for upright in &chart.uprights {
            let from = cuts.partition_point(|(row, _)| *row <= upright.top);
            let to = cuts.partition_point(|(row, _)| *row <= upright.bottom);
            let sign = self.sign(upright, cuts.get(from..to).unwrap_or_default());
            let titles: Vec<String> = upright.links.iter().take(12).map(|l| chart.voice.link_title(*l)).collect();
            let Some(&first) = upright.links.first() else { continue };
            scene.open(format!("link-{}", first + 1), "l", titles.join("\n"));
            sign.lines(scene, chart.voice.style, Role::Link(first));
            scene.close();
            signs.push(sign);
        }
        signs
    }

    /// The rooms of the names of lanes, each before its first row.
    fn captions(&self) -> impl Iterator<Item = (usize, Rect)> {
        let lanes = self.chart.lanes.iter().filter(|lane| !lane.name.is_empty());
        lanes.map(|lane| {
            let top = self.y + self.chart.row_top(lane.first) - LANE_CAPTION;
            (lane.first, caption(&lane.name, top))
        })
    }

    /// One upright: down the rows at its place, with a branch to each bar that leaves or arrives.
    fn sign(&self, upright: &Upright, cuts: &[(usize, Rect)]) -> signs::Upright<'_> {
        let (chart, links) = (self.chart, &self.chart.voice.timeline.links);
        let size = chart.pitch.text / 14.0;
        let (x, aside) = (self.x + upright.x, self.x + upright.aside);
        let beside = (x - aside).abs() > 0.01;
        let row = |body: &usize| chart.row_of[*body];
        let mut sign = signs::Upright {
            link: upright.links.first().map_or(&links[0], |first| {
                let whole = |l: &&usize| !links[**l].disputed && !links[**l].inferred;
                upright.links.iter().find(whole).map_or(&links[*first], |l| &links[*l])
            }),
            uncertain: upright.links.iter().all(|l| links[*l].disputed || links[*l].inferred),
            bare: upright.links.iter().all(|l| links[*l].citations.is_empty()),
            lines: Vec::new(),
            dots: Vec::new(),
            heads: Vec::new(),
            size,
        };
        let (mut top, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
        let others = |bodies: &[usize], own: usize| {
            let above = bodies.iter().any(|b| row(b) < own);
            (above, bodies.iter().any(|b| row(b) > own))
        };
        for body in &upright.leaves {
            let (bar, middle) = (&chart.bars[*body], self.bar_top(*body) + chart.pitch.bar / 2.0);
            let start = (self.x + upright.x.clamp(bar.x0, bar.x1), middle);
            sign.dots.push(start);
            // along the bar to its date, and on to where the line runs: nowhere else is room for that
            self.branch(&mut sign, vec![start, (x, middle), (aside, middle)]);
            (top, bottom) = (top.min(middle), bottom.max(middle));
        }
        for body in &upright.arrives {
            let (bar, y) = (&chart.bars[*body], self.bar_top(*body));
            let (above, below) = others(&upright.leaves, row(body));
            let lands = upright.x.clamp(bar.x0, bar.x1);
            let middle = y + chart.pitch.bar / 2.0;
            if (lands - upright.x).abs() > 0.5 {
                // the date lies beside the bar: in at its end
                let way = if lands > upright.x { 1.0 } else { -1.0 };
                let tip = (self.x + lands, middle);
                self.branch(&mut sign, vec![(aside, middle), (x, middle), (tip.0 - way * 5.0 * size, middle)]);
                sign.heads.push((tip, (way, 0.0)));
                (top, bottom) = (top.min(middle), bottom.max(middle));
                continue;
            }
            if beside {
                self.branch(&mut sign, vec![(aside, middle), (x, middle)]);
            }
            for (_, way) in [(above, 1.0), (below, -1.0)].into_iter().filter(|(comes, _)| *comes) {
                let edge = if way > 0.0 { y } else { y + chart.pitch.bar };
                sign.heads.push(((x, edge), (0.0, way)));
                (top, bottom) = (top.min(middle), bottom.max(middle));
            }
        }
        let mut y = top;
        for (_, room) in cuts.iter().filter(|(_, room)| room.x - 1.0 < aside && aside < room.right() + 1.0) {
            if room.y > y {
                sign.lines.push(vec![(aside, y), (aside, room.y.min(bottom))]);
            }
            y = y.max(room.bottom());
        }
        if bottom > y {
            sign.lines.push(vec![(aside, y), (aside, bottom)]);
        }
        sign
    }

    /// Adds a branch without what has no length.
    fn branch(&self, sign: &mut signs::Upright<'_>, mut points: Vec<(f64, f64)>) {
        points.dedup_by(|a, b| (a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01);
        if points.len() > 1 {
            sign.lines.push(points);
        }
    }
}
