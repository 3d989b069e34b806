//! What is written on the chart: names with their dates, acts with theirs, and the numbers of the citations.

use crate::picture::font::Run;
use crate::picture::model::{Dated, LifePart, Target, Timeline};
use crate::picture::style::{Style, words};
use crate::picture::when::When;

/// Sizes of text, in user units.
pub(crate) const NAME: f64 = 14.0;
pub(crate) const FOCUS: f64 = 16.0;
pub(crate) const SMALL: f64 = 12.0;

/// Stands at a year that the dataset states and no document.
pub(super) const OWN: &str = "°";

/// Writes for one timeline in one style.
#[derive(Clone, Copy)]
pub(super) struct Voice<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) style: &'a Style,
    pub(super) undated: bool,
}

impl Voice<'_> {
    /// Name, other names, dates and citations of a body; the name is cut so that it takes about two lines of `max`.
    pub(super) fn body(&self, at: usize, max: f64) -> Vec<Run> {
        let (body, page) = (&self.timeline.bodies[at], &self.style.page);
        let focus = self.timeline.focus == Some(at);
        let (name, others) = self.style.caption(&body.name, &body.names);
        let look = self.style.of_kind(&body.kind, |_| None);
        let icon = look.icon.map_or(String::new(), |i| format!("{i} "));
        let name = if name.trim().is_empty() { "(no name)" } else { name };
        let name = Run::new(format!("{icon}{name}"), if focus { FOCUS } else { NAME }, &page.ink).bold();
        let mut runs = vec![name.elided((max * 1.85).max(700.0))];
        for other in others {
            runs.push(Run::new(format!("· {other}"), SMALL, &page.muted).elided(max * 0.9).spaced());
        }
        if self.timeline.lanes_by != "kind" && !body.kind.is_empty() && self.several_kinds() {
            runs.push(
                Run::new(format!("· {}", words(&look.label.unwrap_or(body.kind.clone()))), SMALL, &page.muted).spaced(),
            );
        }
        // the places that name it stand behind the name: its dates have their own
        runs.extend(cites(&body.citations, SMALL - 1.0, &page.muted));
        let dates = self.dates(at);
        let written = |part: &LifePart, before: &str| {
            let mut runs = vec![Run::new(format!("{before}{}", part.text), SMALL, &page.muted).whole().spaced()];
            runs.extend(cites(&part.by, SMALL - 1.0, &page.muted));
            runs
        };
        let width: f64 = dates.iter().flat_map(|part| written(part, "")).map(|run| run.width()).sum();
        let dot = if width <= max { "· " } else { "" };
        for (number, part) in dates.iter().enumerate() {
            runs.extend(written(part, if number == 0 { dot } else { "" }));
        }
        self.marks(&mut runs, !body.evidence && body.citations.is_empty(), Target::Body(at), SMALL);
        runs
    }

    /// What stands at a thin bar: the name with its places, the years of its life with theirs where there is room for
    /// `dates`, and marks. A year that no document states is marked with [`OWN`].
    pub(super) fn label(&self, at: usize, size: f64, dates: bool, max: f64) -> Vec<Run> {
        let (body, page) = (&self.timeline.bodies[at], &self.style.page);
        let (name, others) = self.style.caption(&body.name, &body.names);
        let look = self.style.of_kind(&body.kind, |_| None);
        let icon = look.icon.map_or(String::new(), |i| format!("{i} "));
        let name = if name.trim().is_empty() { "(no name)" } else { name };
        let name = Run::new(format!("{icon}{name}"), size, &page.ink).elided(max);
        let mut runs = vec![if self.timeline.focus == Some(at) { name.bold() } else { name }];
        for other in others {
            runs.push(Run::new(format!("· {other}"), size, &page.muted).elided(max / 2.0).spaced());
        }
        let small = (size - 1.0).max(8.0);
        runs.extend(cites(&body.citations, small, &page.muted));
        if dates {
            self.years(at, &mut runs, small);
        }
        self.marks(&mut runs, !body.evidence && body.citations.is_empty(), Target::Body(at), small);
        for event in 0..body.events.len() {
            self.marks(&mut runs, false, Target::Event(at, event), small);
        }
        runs
    }

    /// The years of a life, each with its places: `1991 [3]–1999°`.
    fn years(&self, at: usize, runs: &mut Vec<Run>, size: f64) {
        let (body, page) = (&self.timeline.bodies[at], &self.style.page);
        let stated = |when: &When| !matches!(when, When::NotStated | When::Open);
        for (number, (start, end)) in body.stretches().into_iter().enumerate() {
            if !stated(&start) && !stated(&end) {
                continue;
            }
            let (begun, ended) = body.life.get(number).map_or((None, None), |(a, b)| (a.as_deref(), b.as_deref()));
            for (when, by, before) in [(&start, begun, " "), (&end, ended, "–")] {
                let known = stated(when);
                let own = if known && by.is_some_and(<[usize]>::is_empty) { OWN } else { "" };
                let year = if known { when.year_words() } else { String::new() };
                let text = format!("{before}{year}{own}");
                runs.push(Run { text, ..Run::new("", size, &page.muted) });
                runs.extend(cites(by.filter(|_| known).unwrap_or_default(), size, &page.muted));
            }
        }
    }

    /// The dates of a body in parts that stay whole; nothing where the whole picture says that none are stated.
    fn dates(&self, at: usize) -> Vec<LifePart> {
        let body = &self.timeline.bodies[at];
        let plain = |text: &str| LifePart { text: text.into(), by: Vec::new() };
        let quiet = |w: &When| matches!(w, When::NotStated | When::Open);
        if self.undated && quiet(&body.start) && quiet(&body.end) {
            return if body.end == When::Open { vec![plain("still exists")] } else { vec![] };
        }
        let life = body.life_parts();
        if life.is_empty() { vec![plain("dates not stated")] } else { life }
    }

    /// The act of a link: type, date, function, further words, citations. `far` adds where it comes from.
    pub(super) fn link(&self, at: usize, far: bool) -> Vec<Run> {
        let (link, page) = (&self.timeline.links[at], &self.style.page);
        let look = self.style.of_type(&link.kind, |_| None);
        let mut runs = vec![Run::new(type_words(look.label.as_ref().unwrap_or(&link.kind)), SMALL, &page.ink).bold()];
        if far {
            let body = &self.timeline.bodies[link.from];
            let (name, _) = self.style.caption(&body.name, &body.names);
            runs.push(Run::new(format!("· from {name}"), SMALL, &page.muted).elided(240.0).spaced());
        }
        if let Some(function) = &link.function {
            runs.push(Run::new(format!("· {function}"), SMALL, &page.ink).elided(520.0).spaced());
        }
        self.date(&mut runs, &link.when, &link.dates, &link.citations);
        if !link.detail.is_empty() {
            runs.push(Run::new(format!("· {}", link.detail), SMALL, &page.muted).elided(420.0).spaced());
        }
        if link.inferred {
            runs.push(Run::new("· inferred", SMALL, &page.muted).spaced());
        }
        if link.dates.is_empty() {
            runs.extend(cites(&link.citations, SMALL - 1.0, &page.muted));
        }
        self.marks(&mut runs, link.citations.is_empty(), Target::Link(at), SMALL);
        runs
    }

    /// An act upon one body.
    pub(super) fn event(&self, body: usize, at: usize) -> Vec<Run> {
        let (event, page) = (&self.timeline.bodies[body].events[at], &self.style.page);
        let mut runs = vec![Run::new(type_words(event.word()), SMALL, &page.ink).bold()];
        if !event.detail.is_empty() {
            runs.push(Run::new(&event.detail, SMALL, &page.muted).elided(420.0).spaced());
        }
        self.date(&mut runs, &event.when, &event.dates, &event.citations);
        if event.dates.is_empty() {
            runs.extend(cites(&event.citations, SMALL - 1.0, &page.muted));
        }
        self.marks(&mut runs, event.citations.is_empty(), Target::Event(body, at), SMALL);
        runs
    }

    /// The date of an act. Where its places state several, or some state none: the places of the act, then each date
    /// with its own.
    fn date(&self, runs: &mut Vec<Run>, when: &When, dates: &[Dated], citations: &[usize]) {
        let page = &self.style.page;
        if !dates.is_empty() {
            runs.extend(cites(citations, SMALL - 1.0, &page.muted));
        }
        for date in dates {
            runs.push(Run::new(format!("· {}", date.words()), SMALL, &page.ink).whole().spaced());
            runs.extend(cites(&date.citations, SMALL - 1.0, &page.muted));
        }
        match when {
            _ if !dates.is_empty() => {}
            When::NotStated if self.undated => {}
            When::NotStated => runs.push(Run::new("· date not stated", SMALL, &page.muted).whole().spaced()),
            when => runs.push(Run::new(format!("· {}", when.words()), SMALL, &page.ink).whole().spaced()),
        }
    }

    /// A link in a list of acts, beside the name of one of its ends: its own date where the list does not say it, its
    /// places and marks.
    pub(super) fn stated(&self, at: usize, dated: bool, size: f64) -> Vec<Run> {
        let (link, page) = (&self.timeline.links[at], &self.style.page);
        let mut runs = Vec::new();
        if dated {
            self.date(&mut runs, &link.when, &link.dates, &link.citations);
        }
        if !dated || link.dates.is_empty() {
            runs.extend(cites(&link.citations, size, &page.muted));
        }
        self.marks(&mut runs, link.citations.is_empty(), Target::Link(at), size);
        runs.iter_mut().for_each(|run| run.size = run.size.min(size));
        runs
    }

    /// The sign of what has no evidence, and the numbers of the conflicts it is part of.
    fn marks(&self, runs: &mut Vec<Run>, bare: bool, target: Target, size: f64) {
        let page = &self.style.page;
        if bare {
            runs.push(Run::new("no evidence", (size - 1.0).max(8.0), &page.alarm).bold().whole().spaced());
        }
        for number in self.timeline.conflicts_at(target) {
            runs.push(
                Run::new(format!("≠{number}"), size, &page.alarm).bold().spaced().to(format!("conflict-{number}")),
            );
        }
    }

    fn several_kinds(&self) -> bool {
        self.timeline.bodies.windows(2).any(|pair| pair[0].kind != pair[1].kind)
    }

    /// The whole of it in plain words, for the pointer and for screen readers.
    pub(super) fn title(&self, at: usize) -> String {
        let body = &self.timeline.bodies[at];
        let mut parts = vec![body.name.clone()];
        parts.extend(body.names.iter().map(|(tag, name)| format!("{name} ({tag})")));
        if !body.kind.is_empty() {
            parts.push(words(&body.kind));
        }
        parts.push(format!("start {}, end {}", body.start.side_words(), body.end.side_words()));
        parts.extend(body.events.iter().map(|e| format!("{} {}, {}", words(e.word()), e.detail, e.when.words())));
        if body.disputed {
            parts.push("disputed".into());
        }
        parts.join("; ")
    }

    /// The same for a link.
    pub(super) fn link_title(&self, at: usize) -> String {
        let link = &self.timeline.links[at];
        let name = |b: usize| self.timeline.bodies[b].name.as_str();
        let mut text = format!("{} → {}: {}, {}", name(link.from), name(link.to), words(&link.kind), link.when.words());
        for (holds, word) in
            [(link.disputed, "disputed"), (link.inferred, "inferred"), (link.citations.is_empty(), "no evidence")]
        {
            if holds {
                text.push_str(&format!("; {word}"));
            }
        }
        if let Some(function) = &link.function {
            text.push_str(&format!("; function: {function}"));
        }
        text
    }
}

impl Run {
    /// The same with a space before it.
    pub(super) fn spaced(mut self) -> Self {
        self.text.insert(0, ' ');
        self
    }
}

/// A type in words, when it has any.
pub(super) fn type_words(kind: &str) -> String {
    if kind.trim().is_empty() { "act".into() } else { words(kind) }
}

/// ` [1–3, 7]`, each number a link to its place in the list; long lists end in the count of the rest.
pub(crate) fn cites(citations: &[usize], size: f64, colour: &str) -> Vec<Run> {
    const SHOWN: usize = 7;
    let mut groups: Vec<(usize, usize)> = Vec::new();
    for &cite in citations {
        match groups.last_mut() {
            Some((_, last)) if *last + 1 == cite => *last = cite,
            _ => groups.push((cite, cite)),
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let plain = |text: &str| Run { text: text.into(), ..Run::new("", size, colour) };
    let mut runs = vec![plain(" [")];
    for (at, (first, last)) in groups.iter().take(SHOWN).enumerate() {
        if at > 0 {
            runs.push(plain(","));
        }
        let text = match last - first {
            0 => format!("{}", first + 1),
            1 => format!("{},{}", first + 1, last + 1),
            _ => format!("{}–{}", first + 1, last + 1),
        };
        runs.push(plain(&text).to(format!("cite-{}", first + 1)));
    }
    let rest: usize = groups.iter().skip(SHOWN).map(|(a, b)| b - a + 1).sum();
    runs.push(plain(&if rest > 0 { format!(" + {rest} more]") } else { "]".to_string() }));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_grouped() {
        let text = |list: &[usize]| cites(list, 10.0, "#000").iter().map(|r| r.text.as_str()).collect::<String>();
        assert_eq!(text(&[0]), " [1]");
        assert_eq!(text(&[0, 1, 2, 6, 8, 9]), " [1–3,7,9,10]");
        assert_eq!(text(&(0..40).step_by(2).collect::<Vec<_>>()), " [1,3,5,7,9,11,13 + 13 more]");
        assert_eq!(text(&[]), "");
    }
}
