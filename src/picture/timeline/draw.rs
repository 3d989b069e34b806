//! The settled chart as shapes and texts.

use super::axis::{AGAIN, AXIS, Axis, TALL, caption};
use super::bands::{Band, Block};
use super::elbows::{Elbow, without_texts};
use super::legend::Legend;
use super::words::Voice;
use super::{Chart, MARGIN, blocks};
use crate::picture::font::{Run, flow};
use crate::picture::furniture::{Column, counts_line};
use crate::picture::model::Timeline;
use crate::picture::scene::{Paint, Rect, Role, Scene};
use crate::picture::signs::{self, BarSign, Pattern};

/// Draws everything, furniture included.
pub(super) fn draw(chart: &Chart<'_>) -> Scene {
    let (timeline, style) = (chart.voice.timeline, chart.voice.style);
    let page = &style.page;
    let (left, right) = chart.extent();
    let mut scene = Scene {
        width: (right - left + 2.0 * MARGIN).max(least_width(chart)).ceil(),
        title: if timeline.title.is_empty() { "Lineage".into() } else { timeline.title.clone() },
        about: about(chart.voice),
        ..Scene::default()
    };
    let column = Column { x: MARGIN, width: scene.width - 2.0 * MARGIN, page };
    let counts = counts_line(&timeline.counts());
    let top = column.header(&mut scene, &timeline.title, timeline.query.as_deref(), &counts, MARGIN - 6.0);
    let paper = Paper {
        chart,
        x: MARGIN - left,
        y: top + if chart.scale.is_some() || timeline.bodies.len() > 1 { AXIS } else { AXIS - 6.0 },
        right: scene.width - MARGIN,
        kinds: signs::patterns(style, kinds(chart)),
        neutral: Pattern::neutral(page),
    };
    let bottom = if timeline.bodies.is_empty() {
        let lines =
            flow(&[Run::new("Nothing to draw: no institution takes part.", 14.0, &page.muted)], column.width, 1);
        scene.lines(MARGIN, top + 10.0, 20.0, lines, Role::Furniture) + 20.0
    } else {
        paper.axis().draw(&mut scene);
        for band in &chart.bands {
            paper.bar(&mut scene, band);
        }
        paper.elbows(&mut scene);
        for band in &chart.bands {
            paper.texts(&mut scene, band);
        }
        paper.y + chart.height() + 6.0
    };
    let mut y = bottom + if chart.height() > TALL && chart.scale.is_some() { AGAIN } else { 0.0 };
    y = column.notes(&mut scene, &notes(timeline), y);
    y = column.conflicts(&mut scene, &timeline.conflicts, y);
    let legend =
        Legend { voice: chart.voice, bars: &chart.bars, kinds: &paper.kinds, neutral: &paper.neutral, thin: None };
    let legend_top = y;
    y = column.legend(&mut scene, &legend.entries(), y);
    scene.axis = chart.scale.map(|_| (paper.y - AXIS, paper.y));
    scene.chart = Some((paper.y, bottom));
    scene.legend = Some((legend_top, y));
    y = column.citations(&mut scene, &timeline.citations, y);
    scene.height = (y + MARGIN - 12.0).ceil();
    scene
}

/// A time axis fills the page; order alone does not need to.
fn least_width(chart: &Chart<'_>) -> f64 {
    let page = chart.voice.style.page.width;
    if chart.scale.is_some() { page } else { page.min(860.0) }
}

fn kinds<'a>(chart: &'a Chart<'_>) -> impl Iterator<Item = &'a str> {
    chart.voice.timeline.bodies.iter().map(|b| b.kind.as_str())
}

/// The whole in words.
pub(super) fn about(voice: Voice<'_>) -> String {
    let timeline = voice.timeline;
    let mut text = format!("{}. ", counts_line(&timeline.counts()));
    if voice.undated {
        text.push_str("Dates are not stated; order stands for time. ");
    }
    for (at, _) in timeline.links.iter().enumerate().take(60) {
        text.push_str(&voice.link_title(at));
        text.push_str(". ");
    }
    text.trim_end().to_string()
}

/// What the reader has to know of this lineage.
pub(super) fn notes(timeline: &Timeline) -> Vec<String> {
    let mut notes = timeline.notes.clone();
    for body in &timeline.bodies {
        if let (Some((start, _)), Some((_, end))) = (body.start.bounds(), body.end.bounds())
            && end < start
        {
            notes.push(format!(
                "{}: the end stated ({}) lies before its start ({}).",
                body.name,
                body.end.side_words(),
                body.start.side_words()
            ));
        }
    }
    notes
}

/// The chart on the page: where its zero is.
struct Paper<'c, 'a> {
    chart: &'c Chart<'a>,
    x: f64,
    y: f64,
    right: f64,
    kinds: Vec<Pattern>,
    /// The look of samples that stand for every kind.
    neutral: Pattern,
}

impl Paper<'_, '_> {
    fn axis(&self) -> Axis<'_> {
        let lanes = self.chart.lanes.iter().filter(|l| !l.name.is_empty());
        Axis {
            voice: self.chart.voice,
            scale: self.chart.scale,
            x: self.x,
            y: self.y,
            right: self.right,
            bottom: self.y + self.chart.height(),
            lanes: lanes.map(|l| (l.name.as_str(), self.y + l.top)).collect(),
            kinds: &self.kinds,
        }
    }

    fn bar(&self, scene: &mut Scene, band: &Band) {
        let timeline = self.chart.voice.timeline;
        let (body, bar) = (&timeline.bodies[band.body], &self.chart.bars[band.body]);
        let page = &self.chart.voice.style.page;
        let kind = self.kinds.iter().position(|k| k.kind == body.kind).unwrap_or(0);
        let sign = BarSign {
            rect: Rect { x: band.bar.x + self.x, y: band.bar.y + self.y, ..band.bar },
            start: bar.start,
            end: bar.end,
            pattern: (kind + 1, &self.kinds[kind]),
            strong: timeline.focus == Some(band.body),
            disputed: body.disputed,
            bare: !body.evidence && body.citations.is_empty(),
            hollow: bar.by_order,
        };
        scene.open(format!("body-{}", band.body + 1), "b", self.chart.voice.title(band.body));
        let gradient = sign.gradient(&format!("fade-{}", band.body + 1), page);
        sign.draw(scene, page, gradient, Role::Body(band.body));
        if let Some(scale) = self.chart.scale {
            for (end, start) in &body.gaps {
                let (Some((_, from)), Some((to, _))) = (end.bounds(), start.bounds()) else { continue };
                let (x0, x1) = (self.x + scale.x(from), self.x + scale.x(to));
                let (x0, x1) = (x0.max(sign.rect.x), x1.min(sign.rect.right()).max(x0 + 2.0));
                let (y0, y1) = (sign.rect.y - 2.0, sign.rect.y + sign.rect.h + 2.0);
                let break_in_it = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
                scene.polygon(&break_in_it, Paint::fill(page.ground.as_str()), Role::Furniture);
            }
            let dated = body.events.iter().filter_map(|e| e.when.bounds());
            for (lo, hi) in dated {
                let x = (self.x + scale.x((lo + hi) / 2.0)).clamp(sign.rect.x, sign.rect.right());
                let (y, r) = (sign.rect.y + sign.rect.h / 2.0, 5.0);
                let diamond = [(x - r, y), (x, y - r), (x + r, y), (x, y + r)];
                scene.polygon(
                    &diamond,
                    Paint::fill(page.ground.as_str()).stroked(page.ink.as_str(), 1.4),
                    Role::Furniture,
                );
            }
        }
        scene.close();
    }

    /// Lines in order, the rims of a comb all before its first line, so that no tooth cuts the stem. No line runs
    /// through a text: where it cannot pass beside, it has a gap.
    fn elbows(&self, scene: &mut Scene) {
        let (timeline, style) = (self.chart.voice.timeline, self.chart.voice.style);
        let place = |e: &Elbow| e.points.iter().map(|(x, y)| (x + self.x, y + self.y)).collect::<Vec<_>>();
        let mut rooms: Vec<Rect> = self.chart.bands.iter().flat_map(blocks).flat_map(|b| self.rooms(b)).collect();
        let lanes = self.chart.lanes.iter().filter(|lane| !lane.name.is_empty());
        rooms.extend(lanes.map(|lane| caption(&lane.name, self.y + lane.top)));
        let mut rimmed = Vec::new();
        for elbow in &self.chart.elbows {
            let mates = self.chart.elbows.iter().filter(|e| e.group.is_some() && e.group == elbow.group);
            if elbow.group.is_none_or(|g| !rimmed.contains(&g)) {
                for mate in std::iter::once(elbow).chain(mates) {
                    signs::rim(scene, &place(mate), &timeline.links[mate.link], style);
                }
                rimmed.extend(elbow.group);
            }
            let pieces = without_texts(&place(elbow), &rooms);
            scene.open(format!("link-{}", elbow.link + 1), "l", self.chart.voice.link_title(elbow.link));
            signs::link(scene, &pieces, &timeline.links[elbow.link], style, Role::Link(elbow.link));
            scene.close();
        }
    }

    /// The room of each line of a block, on the page.
    fn rooms(&self, block: &Block) -> impl Iterator<Item = Rect> {
        let (x, y, step) = (self.x + block.x, self.y + block.top, block.step);
        let sizes = block.lines.iter().map(|line| (line.width(), line.size())).collect::<Vec<_>>();
        sizes.into_iter().enumerate().map(move |(row, (width, size))| {
            let baseline = y + (row as f64 + 0.76) * step;
            Rect::new(x, baseline - size * 0.94, width, size * 1.2)
        })
    }

    fn texts(&self, scene: &mut Scene, band: &Band) {
        let heads = band.heads.iter().map(|h| (&h.block, Role::OfLink(h.link)));
        let own = band.events.iter().chain([&band.name]).map(|b| (b, Role::OfBody(band.body)));
        for (block, role) in heads.chain(own) {
            for (line, row) in block.lines.iter().zip(0..) {
                let baseline = block.top + f64::from(row) * block.step + block.step * 0.76;
                scene.text(self.x + block.x, self.y + baseline, line.clone(), true, role);
            }
        }
    }
}
