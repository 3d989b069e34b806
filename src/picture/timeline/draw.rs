//! The settled chart as shapes and texts.

use super::bands::Band;
use super::elbows::Elbow;
use super::{Chart, MARGIN};
use crate::picture::font::{Line, Run, flow};
use crate::picture::furniture::{Column, counts_line};
use crate::picture::scene::{Paint, Rect, Role, Scene};
use crate::picture::signs::{self, BarSign, Heads, Pattern};

/// Room for the axis above the bands: the name of the "as of" line, then the ticks.
const AXIS: f64 = 44.0;

/// Draws everything, furniture included.
pub(super) fn draw(chart: &Chart<'_>) -> Scene {
    let (timeline, style) = (chart.voice.timeline, chart.voice.style);
    let page = &style.page;
    let (left, right) = chart.extent();
    let mut scene = Scene {
        width: (right - left + 2.0 * MARGIN).max(least_width(chart)).ceil(),
        title: if timeline.title.is_empty() { "Lineage".into() } else { timeline.title.clone() },
        about: about(chart),
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
        paper.ground(&mut scene);
        for band in &chart.bands {
            paper.bar(&mut scene, band);
        }
        paper.elbows(&mut scene);
        for band in &chart.bands {
            paper.texts(&mut scene, band);
        }
        paper.y + chart.height() + 6.0
    };
    let mut y = bottom;
    y = column.notes(&mut scene, &notes(chart), y);
    y = column.conflicts(&mut scene, &timeline.conflicts, y);
    y = column.legend(&mut scene, &paper.legend(), y);
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

fn about(chart: &Chart<'_>) -> String {
    let timeline = chart.voice.timeline;
    let mut text = format!("{}. ", counts_line(&timeline.counts()));
    if chart.scale.is_none() {
        text.push_str("Dates are not stated; order stands for time. ");
    }
    for (at, _) in timeline.links.iter().enumerate().take(60) {
        text.push_str(&chart.voice.link_title(at));
        text.push_str(". ");
    }
    text.trim_end().to_string()
}

fn notes(chart: &Chart<'_>) -> Vec<String> {
    let timeline = chart.voice.timeline;
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
pub(super) struct Paper<'c, 'a> {
    pub(super) chart: &'c Chart<'a>,
    x: f64,
    y: f64,
    right: f64,
    pub(super) kinds: Vec<Pattern>,
    /// The look of samples that stand for every kind.
    pub(super) neutral: Pattern,
}

impl Paper<'_, '_> {
    /// Lanes, grid, axis and the "as of" line.
    fn ground(&self, scene: &mut Scene) {
        let (timeline, page) = (self.chart.voice.timeline, &self.chart.voice.style.page);
        let bottom = self.y + self.chart.height();
        for (pattern, kind) in self.kinds.iter().zip(1..) {
            scene.defs.push_str(&pattern.definition(kind, &page.ground));
        }
        match self.chart.scale {
            Some(scale) => {
                self.as_of(scene, bottom);
                for tick in scale.ticks(11.0) {
                    let x = self.x + tick.x;
                    scene.rect(
                        Rect::new(x - 0.5, self.y - 8.0, 1.0, bottom - self.y + 8.0),
                        0.0,
                        Paint::fill(page.faint.as_str()),
                        Role::Furniture,
                    );
                    let label = Run::new(&tick.label, 11.0, &page.muted);
                    if x + 4.0 + label.width() <= self.right {
                        scene.text(x + 3.0, self.y - 12.0, Line(vec![label]), true, Role::Furniture);
                    }
                }
            }
            None => self.banner(scene, timeline.bodies.len() > 1),
        }
        for lane in self.chart.lanes.iter().filter(|l| !l.name.is_empty()) {
            let top = self.y + lane.top;
            scene.rect(
                Rect::new(MARGIN, top, self.right - MARGIN, 1.0),
                0.0,
                Paint::fill(page.mix(&page.muted, 0.4)),
                Role::Furniture,
            );
            let name = Run::new(&lane.name, 12.0, &page.muted).bold();
            if let Some(line) = flow(&[name], self.right - MARGIN, 1).pop() {
                scene.text(MARGIN, top + 17.0, line, true, Role::Furniture);
            }
        }
    }

    fn as_of(&self, scene: &mut Scene, bottom: f64) {
        let timeline = self.chart.voice.timeline;
        let page = &self.chart.voice.style.page;
        let Some((as_of, scale)) = timeline.as_of.as_ref().zip(self.chart.scale) else { return };
        let Some((_, day)) = as_of.when.bounds() else { return };
        let x = self.x + scale.x(day);
        scene.polyline(
            &[(x, self.y - 28.0), (x, bottom)],
            0.0,
            Paint::line(page.ink.as_str(), 1.0).dashed("1.5 3"),
            Role::Furniture,
        );
        let label = Run::new(format!("{} · {}", as_of.word, as_of.when.words()), 11.0, &page.ink).bold();
        let label = label.elided(self.right - MARGIN);
        let at = (x - label.width() / 2.0).clamp(MARGIN, (self.right - label.width()).max(MARGIN));
        scene.text(at, self.y - 31.0, Line(vec![label]), true, Role::Furniture);
    }

    /// In place of an axis: that there are no dates, and which way order runs.
    fn banner(&self, scene: &mut Scene, several: bool) {
        let page = &self.chart.voice.style.page;
        let y = self.y - 22.0;
        let mut words = vec![Run::new("Dates not stated.", 13.0, &page.ink).bold()];
        if several {
            let order = "Order stands for time: what came before is above and to the left.";
            words.push(Run::new(order, 13.0, &page.muted).with_space());
        }
        let Some(text) = flow(&words, self.right - MARGIN, 1).pop() else { return };
        let end = MARGIN + text.width() + 16.0;
        scene.text(MARGIN, y, text, true, Role::Furniture);
        if several && end + 60.0 < self.right {
            let tip = (end + 180.0).min(self.right);
            scene.polyline(
                &[(end, y - 4.0), (tip, y - 4.0)],
                0.0,
                Paint::line(page.muted.as_str(), 1.2),
                Role::Furniture,
            );
            signs::head(
                scene,
                Heads::Chevron,
                (tip, y - 4.0),
                (1.0, 0.0),
                &page.muted,
                1.2,
                &page.ground,
                Role::Furniture,
            );
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

    /// Lines in order, the rims of a comb all before its first line, so that no tooth cuts the stem.
    fn elbows(&self, scene: &mut Scene) {
        let (timeline, style) = (self.chart.voice.timeline, self.chart.voice.style);
        let place = |e: &Elbow| e.points.iter().map(|(x, y)| (x + self.x, y + self.y)).collect::<Vec<_>>();
        let mut rimmed = Vec::new();
        for elbow in &self.chart.elbows {
            let mates = self.chart.elbows.iter().filter(|e| e.group.is_some() && e.group == elbow.group);
            if elbow.group.is_none_or(|g| !rimmed.contains(&g)) {
                for mate in std::iter::once(elbow).chain(mates) {
                    signs::rim(scene, &place(mate), &timeline.links[mate.link], style);
                }
                rimmed.extend(elbow.group);
            }
            scene.open(format!("link-{}", elbow.link + 1), "l", self.chart.voice.link_title(elbow.link));
            signs::link(scene, &place(elbow), &timeline.links[elbow.link], style, Role::Link(elbow.link));
            scene.close();
        }
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

impl Run {
    fn with_space(mut self) -> Self {
        self.text.insert(0, ' ');
        self
    }
}
