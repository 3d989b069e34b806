//! The axis of a lineage: years and months over the grid, the day the picture holds for, lanes; or, where nothing is dated,
//! that order stands for time.

use super::MARGIN;
use super::scale::Scale;
use super::words::Voice;
use crate::picture::font::{Line, Run, flow};
use crate::picture::scene::{Paint, Rect, Role, Scene};
use crate::picture::signs::{self, Heads, Pattern};

/// Room for the axis above the chart: the name of the "as of" line, then the ticks.
pub(super) const AXIS: f64 = 44.0;
/// Room for the years under a chart.
pub(super) const AGAIN: f64 = 18.0;
/// Charts that are taller have their years below as well.
pub(super) const TALL: f64 = 900.0;

/// The axis on the page.
pub(super) struct Axis<'a> {
    pub(super) voice: Voice<'a>,
    pub(super) scale: Option<Scale>,
    /// The place of the first day.
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    /// Lanes with a name and the height of their rule.
    pub(super) lanes: Vec<(&'a str, f64)>,
    pub(super) kinds: &'a [Pattern],
}

/// The room of the name of a lane whose rows begin under `top`.
pub(super) fn caption(name: &str, top: f64) -> Rect {
    Rect::new(MARGIN, top + 5.0, Run::new(name, 12.0, "").bold().width(), 16.0)
}

impl Axis<'_> {
    /// Lanes, grid, axis and the "as of" line.
    pub(super) fn draw(&self, scene: &mut Scene) {
        let (timeline, page) = (self.voice.timeline, &self.voice.style.page);
        let bottom = self.bottom;
        for (pattern, kind) in self.kinds.iter().zip(1_usize..) {
            scene.defs.push_str(&pattern.definition(kind, &page.ground));
        }
        match self.scale {
            Some(scale) => {
                self.as_of(scene, bottom);
                for tick in scale.ticks(11.0) {
                    let x = self.x + tick.x;
                    let again = bottom - self.y > TALL;
                    scene.rect(
                        Rect::new(x - 0.5, self.y - 8.0, 1.0, bottom - self.y + 8.0),
                        0.0,
                        Paint::fill(page.faint.as_str()),
                        Role::Furniture,
                    );
                    let label = Run::new(&tick.label, 11.0, &page.muted);
                    if x + 4.0 + label.width() <= self.right {
                        if again {
                            let line = Line(vec![label.clone()]);
                            scene.text(x + 3.0, bottom + 11.0, line, true, Role::Furniture);
                        }
                        scene.text(x + 3.0, self.y - 12.0, Line(vec![label]), true, Role::Furniture);
                    }
                }
            }
            None => self.banner(scene, timeline.bodies.len() > 1),
        }
        for &(name, top) in &self.lanes {
            scene.rect(
                Rect::new(MARGIN, top, self.right - MARGIN, 1.0),
                0.0,
                Paint::fill(page.mix(&page.muted, 0.4)),
                Role::Furniture,
            );
            let name = Run::new(name, 12.0, &page.muted).bold();
            if let Some(line) = flow(&[name], self.right - MARGIN, 1).pop() {
                scene.text(MARGIN, top + 17.0, line, true, Role::Furniture);
            }
        }
    }

    fn as_of(&self, scene: &mut Scene, bottom: f64) {
        let timeline = self.voice.timeline;
        let page = &self.voice.style.page;
        let Some((as_of, scale)) = timeline.as_of.as_ref().zip(self.scale) else { return };
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
        let page = &self.voice.style.page;
        let y = self.y - 22.0;
        let mut words = vec![Run::new("Dates not stated.", 13.0, &page.ink).bold()];
        if several {
            let order = "Order stands for time: what came before is above and to the left.";
            words.push(Run::new(order, 13.0, &page.muted).spaced());
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
                (&page.muted, 1.2),
                &page.ground,
                1.0,
                Role::Furniture,
            );
        }
    }
}
