//! What stands around a chart: title, query and counts above; conflicts, citations, legend and notes below.

use super::font::{Line, Run, flow};
use super::model::{Cite, Conflict};
use super::scene::{Paint, Rect, Role, Scene};
use super::style::Page;
use super::timeline::words::cites;

/// Draws a sign in a box of [`SIGN`] whose upper left corner is given.
pub(super) type Sign<'a> = Box<dyn Fn(&mut Scene, f64, f64) + 'a>;

/// A sign with its meaning.
pub(super) struct Entry<'a> {
    pub(super) label: String,
    pub(super) sign: Sign<'a>,
}

/// Width and height of a sign in the legend.
pub(super) const SIGN: (f64, f64) = (36.0, 14.0);

const SMALL: f64 = 12.0;
const TINY: f64 = 11.0;

/// A part of the page: where it may draw.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) page: &'a Page,
}

impl Column<'_> {
    /// Title, query and the line of counts; gives the y under them.
    pub(super) fn header(&self, scene: &mut Scene, title: &str, query: Option<&str>, counts: &str, y: f64) -> f64 {
        let page = self.page;
        let mut y = scene.lines(
            self.x,
            y,
            29.0,
            flow(&[Run::new(title, 23.0, &page.ink).bold()], self.width, 3),
            Role::Furniture,
        );
        if let Some(query) = query.filter(|q| !q.trim().is_empty()) {
            let lines = flow(&[Run::new(query, SMALL, &page.muted)], self.width - 20.0, 4);
            let height = lines.len() as f64 * 16.0 + 8.0;
            let wide = lines.iter().map(|l| l.width()).fold(0.0, f64::max) + 20.0;
            let ground = Rect::new(self.x, y + 3.0, wide, height);
            scene.rect(ground, 4.0, Paint::fill(page.mix(&page.faint, 0.62)), Role::Furniture);
            scene.lines(self.x + 10.0, y + 7.0, 16.0, lines, Role::Furniture);
            y += height + 7.0;
        }
        y = scene.lines(
            self.x,
            y + 2.0,
            17.0,
            flow(&[Run::new(counts, SMALL, &page.muted)], self.width, 3),
            Role::Furniture,
        );
        y + 8.0
    }

    /// A heading of a part, with a rule over it.
    fn heading(&self, scene: &mut Scene, text: &str, y: f64) -> f64 {
        let rule = Rect::new(self.x, y, self.width, 1.0);
        scene.rect(rule, 0.0, Paint::fill(self.page.faint.as_str()), Role::Furniture);
        let title = flow(&[Run::new(text, 13.0, &self.page.ink).bold()], self.width, 1);
        scene.lines(self.x, y + 9.0, 20.0, title, Role::Furniture) + 3.0
    }

    /// The legend, in as many columns as fit.
    pub(super) fn legend(&self, scene: &mut Scene, entries: &[Entry<'_>], y: f64) -> f64 {
        if entries.is_empty() {
            return y;
        }
        let mut y = self.heading(scene, "Legend", y);
        let label = |e: &Entry<'_>| Run::new(&e.label, SMALL, &self.page.ink);
        let widest = entries.iter().map(|e| label(e).width()).fold(60.0, f64::max).min(self.width - SIGN.0 - 30.0);
        let cell = widest + SIGN.0 + 34.0;
        let columns = ((self.width / cell) as usize).clamp(1, 6);
        let rows = entries.len().div_ceil(columns);
        for (at, entry) in entries.iter().enumerate() {
            let x = self.x + (at / rows) as f64 * cell;
            let top = y + (at % rows) as f64 * 21.0;
            (entry.sign)(scene, x, top + 2.0);
            let room = cell - SIGN.0 - 20.0;
            scene.lines(x + SIGN.0 + 10.0, top, 18.0, flow(&[label(entry)], room, 1), Role::Furniture);
        }
        y += rows as f64 * 21.0;
        y + 12.0
    }

    /// Conflicts, their claims side by side with their support.
    pub(super) fn conflicts(&self, scene: &mut Scene, conflicts: &[Conflict], y: f64) -> f64 {
        if conflicts.is_empty() {
            return y;
        }
        let mut y = self.heading(scene, "Conflicts: the sources disagree, both claims are kept", y);
        for (number, conflict) in conflicts.iter().enumerate() {
            scene.open(format!("conflict-{}", number + 1), "conflict", "");
            y = self.conflict(scene, number, conflict, y) + 10.0;
            scene.close();
        }
        y + 4.0
    }

    fn conflict(&self, scene: &mut Scene, number: usize, conflict: &Conflict, y: f64) -> f64 {
        let page = self.page;
        let title = [
            Run::new(format!("≠{}", number + 1), SMALL + 1.0, &page.alarm).bold(),
            Run::new(&conflict.topic, SMALL + 1.0, &page.ink).bold().spaced_by(1),
        ];
        let mut y = scene.lines(self.x, y, 18.0, flow(&title, self.width, 2), Role::Furniture) + 3.0;
        let per_row = conflict.sides.len().clamp(1, 3);
        let gap = 26.0;
        let wide = ((self.width - gap * (per_row as f64 - 1.0)) / per_row as f64).min(440.0);
        let most = conflict.sides.iter().map(|s| s.support).max().unwrap_or(0).max(1) as f64;
        for row in conflict.sides.chunks(per_row) {
            let mut bottom = y;
            let mut ground = Vec::new();
            for (at, side) in row.iter().enumerate() {
                let x = self.x + at as f64 * (wide + gap);
                let support = match side.support {
                    1 => "1 document".to_string(),
                    n => format!("{n} documents"),
                };
                let mut runs = vec![Run::new(&side.claim, SMALL, &page.ink)];
                runs.push(Run::new(format!("· {support}"), SMALL, &page.muted).bold().whole().spaced_by(1));
                runs.extend(cites(&side.citations, TINY, &page.muted));
                let end = scene.lines(x + 12.0, y + 7.0, 16.0, flow(&runs, wide - 24.0, 5), Role::Furniture) + 6.0;
                let bar = Rect::new(x + 12.0, end - 2.0, (wide - 24.0) * side.support as f64 / most, 4.0);
                scene.rect(bar, 2.0, Paint::fill(page.muted.as_str()), Role::Furniture);
                ground.push(x);
                bottom = bottom.max(end + 9.0);
            }
            for (at, x) in ground.into_iter().enumerate() {
                let frame = Rect::new(x, y, wide, bottom - y);
                scene.rect(frame, 4.0, Paint::line(page.alarm.as_str(), 1.0).dashed("6 4"), Role::Furniture);
                if at > 0 {
                    let sign = flow(&[Run::new("≠", 17.0, &page.alarm).bold()], 30.0, 1);
                    let half = sign.first().map_or(0.0, |l| l.width()) / 2.0;
                    scene.lines(x - gap / 2.0 - half, (y + bottom) / 2.0 - 11.0, 22.0, sign, Role::Furniture);
                }
            }
            y = bottom + 8.0;
        }
        y
    }

    /// A list in columns of at least `narrowest`, read downwards.
    pub(super) fn list(&self, scene: &mut Scene, heading: &str, entries: &[Vec<Run>], narrowest: f64, y: f64) -> f64 {
        if entries.is_empty() {
            return y;
        }
        let top = self.heading(scene, heading, y);
        let columns = ((self.width / narrowest) as usize).clamp(1, 6);
        let cell = self.width / columns as f64;
        let lines: Vec<Vec<Line>> = entries.iter().map(|runs| flow(runs, cell - 24.0, 12)).collect();
        let all: usize = lines.iter().map(Vec::len).sum();
        let (mut column, mut y, mut bottom, mut used) = (0, top, top, 0);
        for entry in lines {
            // columns of equal height: the next begins where its share does
            if used >= all.div_ceil(columns) * (column + 1) && column + 1 < columns {
                (column, y) = (column + 1, top);
            }
            used += entry.len();
            y = scene.lines(self.x + column as f64 * cell, y, 15.5, entry, Role::Furniture);
            bottom = bottom.max(y);
        }
        bottom + 12.0
    }

    /// The numbered citations, then what the documents are called.
    pub(super) fn citations(&self, scene: &mut Scene, citations: &[Cite], y: f64) -> f64 {
        if citations.is_empty() {
            return y;
        }
        let page = self.page;
        let mut y = self.heading(scene, "Citations (document:paragraph.sentence)", y);
        let entries: Vec<Vec<Run>> = citations.iter().enumerate().map(|(at, cite)| self.citation(at, cite)).collect();
        // a long one takes further lines rather than room from all others
        let widest = entries.iter().map(|e| e.iter().map(Run::width).sum::<f64>()).fold(120.0, f64::max).min(250.0);
        let columns = ((self.width / (widest + 28.0)) as usize).clamp(1, 6);
        let cell = self.width / columns as f64;
        let rows = entries.len().div_ceil(columns);
        let mut bottom = y;
        for (column, chunk) in entries.chunks(rows.max(1)).enumerate() {
            let mut top = y;
            for (row, runs) in chunk.iter().enumerate() {
                let at = column * rows + row;
                scene.open(format!("cite-{}", at + 1), "cite", citations[at].sentence.clone().unwrap_or_default());
                top =
                    scene.lines(self.x + column as f64 * cell, top, 16.0, flow(runs, cell - 24.0, 4), Role::Furniture);
                scene.close();
            }
            bottom = bottom.max(top);
        }
        y = bottom + 6.0;
        let mut seen = Vec::new();
        let mut names: Vec<Run> = Vec::new();
        for cite in citations.iter().filter(|c| !c.title.is_empty() && c.title != c.source) {
            if !seen.contains(&cite.source.as_str()) {
                seen.push(&cite.source);
                names.push(Run::new(&cite.source, TINY, &page.ink).bold());
                names.push(Run {
                    text: format!(" {}   ", Run::new(&cite.title, TINY, "").text),
                    ..Run::new("", TINY, &page.muted)
                });
            }
        }
        y = scene.lines(self.x, y, 15.5, flow(&names, self.width, 40), Role::Furniture);
        y + 12.0
    }

    fn citation(&self, at: usize, cite: &Cite) -> Vec<Run> {
        let page = self.page;
        let mut runs = vec![
            Run::new(format!("[{}]", at + 1), TINY, &page.muted).bold(),
            Run::new(cite.place(), TINY, &page.ink).spaced_by(1),
        ];
        let words = cite.stated_words();
        if !words.is_empty() {
            runs.push(Run::new(format!("· {words}"), TINY, &page.muted).spaced_by(1));
        }
        runs
    }

    /// Sentences for the reader.
    pub(super) fn notes(&self, scene: &mut Scene, notes: &[String], y: f64) -> f64 {
        let mut y = y;
        for note in notes {
            let lines = flow(&[Run::new(note, SMALL, &self.page.muted)], self.width, 4);
            y = scene.lines(self.x, y, 16.5, lines, Role::Furniture);
        }
        if notes.is_empty() { y } else { y + 8.0 }
    }
}

impl Run {
    fn spaced_by(mut self, spaces: usize) -> Self {
        self.text.insert_str(0, &" ".repeat(spaces));
        self
    }
}

/// `3 bodies · 2 successions`.
pub(super) fn counts_line(counts: &[(usize, &str)]) -> String {
    counts.iter().map(|(n, what)| format!("{n} {what}")).collect::<Vec<_>>().join("  ·  ")
}
