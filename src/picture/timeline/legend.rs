//! What the signs of this chart mean: those it shows, and no others.

use super::bars::Bar;
use super::words::{OWN, Voice, type_words};
use crate::picture::font::{Line, Run};
use crate::picture::furniture::{Entry, SIGN};
use crate::picture::model::{Body, Link};
use crate::picture::scene::{Paint, Rect, Role, Scene, num};
use crate::picture::signs::{BarSign, End, Pattern, link};

/// What a legend is made from.
pub(super) struct Legend<'a> {
    pub(super) voice: Voice<'a>,
    pub(super) bars: &'a [Bar],
    pub(super) kinds: &'a [Pattern],
    /// The look of samples that stand for every kind.
    pub(super) neutral: &'a Pattern,
    /// The height of the bars, where they are thin.
    pub(super) thin: Option<f64>,
}

impl Legend<'_> {
    /// The legend of what this chart shows, and of nothing else.
    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        if self.kinds.is_empty() {
            return entries;
        }
        self.legend_of_kinds(&mut entries);
        self.legend_of_ends(&mut entries);
        self.legend_of_links(&mut entries);
        entries
    }

    fn legend_of_kinds<'s>(&'s self, entries: &mut Vec<Entry<'s>>) {
        if self.kinds.len() < 2 && self.kinds.first().is_none_or(|k| k.kind.is_empty()) {
            return;
        }
        for (number, pattern) in self.kinds.iter().enumerate() {
            let label = if pattern.kind.is_empty() { "kind not stated".to_string() } else { pattern.label.clone() };
            let sign = move |scene: &mut Scene, x: f64, y: f64| {
                self.sample(scene, x, y, BarSign { pattern: (number + 1, pattern), ..self.plain() });
            };
            entries.push(Entry { label, sign: Box::new(sign) });
        }
    }

    fn plain(&self) -> BarSign<'_> {
        BarSign {
            rect: Rect::new(0.0, 0.0, SIGN.0, SIGN.1 - 3.0),
            start: End::Sharp,
            end: End::Sharp,
            pattern: (0, self.neutral),
            strong: false,
            disputed: false,
            bare: false,
            hollow: false,
        }
    }

    fn sample(&self, scene: &mut Scene, x: f64, y: f64, sign: BarSign<'_>) {
        let page = &self.voice.style.page;
        if let Some(height) = self.thin {
            let rect = Rect { x, y: y + (SIGN.1 - height) / 2.0, h: height, ..sign.rect };
            let id = format!("legend-{}-{}", num(x), num(y));
            return BarSign { rect, ..sign }.draw_thin(scene, page, &id, &[], Role::Furniture);
        }
        let sign = BarSign { rect: Rect { x, y: y + 1.0, ..sign.rect }, ..sign };
        let gradient = sign.gradient(&format!("legend-{}-{}", num(x), num(y)), page);
        sign.draw(scene, page, gradient, Role::Furniture);
    }

    fn legend_of_ends<'s>(&'s self, entries: &mut Vec<Entry<'s>>) {
        let timeline = self.voice.timeline;
        let bars = self.bars;
        let any = |end: fn(&End) -> bool| bars.iter().filter(|b| !b.by_order).any(|b| end(&b.start) || end(&b.end));
        let short = Rect::new(0.0, 0.0, SIGN.0 - 8.0, SIGN.1 - 3.0);
        let bare = |b: &Body| !b.evidence && b.citations.is_empty();
        let plain = self.plain();
        let all = [
            (timeline.focus.is_some(), "what was asked for", BarSign { strong: true, ..plain }),
            (any(|e| *e == End::Arrow), "still exists", BarSign { end: End::Arrow, rect: short, ..plain }),
            (
                any(|e| *e == End::Torn),
                "start or end not stated",
                BarSign { start: End::Torn, end: End::Torn, ..plain },
            ),
            (
                any(|e| matches!(e, End::Soft(_))),
                "date known to the year or month only",
                BarSign { start: End::Soft(14.0), end: End::Soft(14.0), ..plain },
            ),
            (
                bars.iter().any(|b| b.by_order),
                "no date stated: placed by order",
                BarSign { start: End::Torn, end: End::Torn, hollow: true, ..plain },
            ),
            (timeline.bodies.iter().any(|b| b.disputed), "disputed", BarSign { disputed: true, ..plain }),
            (timeline.bodies.iter().any(bare), "no evidence", BarSign { bare: true, ..plain }),
        ];
        let own = |b: &Body| b.life.iter().any(|(a, b)| [a, b].into_iter().flatten().any(Vec::is_empty));
        if self.thin.is_some() && timeline.bodies.iter().any(own) {
            let sign = move |scene: &mut Scene, x: f64, y: f64| {
                let year = Run::new(format!("1999{OWN}"), 10.0, &self.voice.style.page.muted);
                scene.text(x, y + 10.0, Line(vec![year]), false, Role::Furniture);
            };
            let label = "a year of the dataset: no document states it".to_string();
            entries.push(Entry { label, sign: Box::new(sign) });
        }
        for (_, label, sign) in all.into_iter().filter(|(shown, _, _)| *shown) {
            let sign = move |scene: &mut Scene, x: f64, y: f64| self.sample(scene, x, y, sign);
            entries.push(Entry { label: label.to_string(), sign: Box::new(sign) });
        }
    }

    fn legend_of_links<'s>(&'s self, entries: &mut Vec<Entry<'s>>) {
        let (timeline, style) = (self.voice.timeline, self.voice.style);
        let cited = |kind: &str, function: Option<String>| Link {
            kind: kind.into(),
            function,
            citations: vec![0],
            ..Link::default()
        };
        let mut shown: Vec<(String, Link)> = Vec::new();
        for link in timeline.links.iter().filter(|l| l.from != l.to) {
            let label = style.of_type(&link.kind, |_| None).label.unwrap_or_else(|| type_words(&link.kind));
            let label = if link.moves_function() { format!("{label} (a function moves)") } else { label };
            if !shown.iter().any(|(l, _)| *l == label) {
                shown.push((label, cited(&link.kind, link.function.clone())));
            }
        }
        shown.sort_by(|a, b| a.0.cmp(&b.0));
        if timeline.links.iter().any(|l| l.disputed || l.inferred) {
            shown.push(("disputed or inferred".into(), Link { inferred: true, ..cited("", None) }));
        }
        if timeline.links.iter().any(|l| l.citations.is_empty()) {
            shown.push(("act without evidence".into(), Link { citations: vec![], ..cited("", None) }));
        }
        for (label, sample) in shown {
            let sign = move |scene: &mut Scene, x: f64, y: f64| {
                let y = y + SIGN.1 / 2.0;
                link(scene, &[vec![(x + 2.0, y), (x + SIGN.0, y)]], &sample, style, Role::Furniture);
            };
            entries.push(Entry { label, sign: Box::new(sign) });
        }
        if timeline.bodies.iter().any(|b| b.events.iter().any(|e| e.when.bounds().is_some())) {
            let page = &style.page;
            let sign = move |scene: &mut Scene, x: f64, y: f64| {
                let (x, y, r) = (x + SIGN.0 / 2.0, y + SIGN.1 / 2.0, 5.0);
                let diamond = [(x - r, y), (x, y - r), (x + r, y), (x, y + r)];
                scene.polygon(
                    &diamond,
                    Paint::fill(page.ground.as_str()).stroked(page.ink.as_str(), 1.4),
                    Role::Furniture,
                );
            };
            entries.push(Entry { label: "dated event".into(), sign: Box::new(sign) });
        }
    }
}
