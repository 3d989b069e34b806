//! A lineage for a terminal: a graph of lines with years beside it, as version control draws history.
//!
//! ```text
//! 2019 ─ 2022   ●   National Council of Public Trust [1]
//!               ╰─╮ transformed into, 14 June 2022 [2,3]
//! 2022 ─        │ ●  National Kurultai
//! ```
//! Rows are the chart's rows. Each row owns a column while something below still descends from it.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::font::clean;
use super::model::{Body, Dated, Target, Timeline};
use super::style::{Style, words};
use super::timeline::order::order;
use super::timeline::words::cites;
use super::when::When;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Draws for a terminal `width` columns wide (at least 40 are used).
pub(super) fn draw(timeline: &Timeline, style: &Style, width: usize, colour: bool) -> String {
    let timeline = &timeline.mended();
    let mut page = Page { out: String::new(), width: width.max(40), colour };
    page.line("", &timeline.title, BOLD);
    if let Some(query) = &timeline.query {
        page.line("", query, DIM);
    }
    let counts: Vec<String> = timeline.counts().iter().map(|(n, what)| format!("{n} {what}")).collect();
    page.line("", &counts.join(" · "), DIM);
    if timeline.bodies.is_empty() {
        page.line("", "Nothing to draw: no institution takes part.", "");
        return page.out;
    }
    if timeline.is_undated() {
        page.line("", "Dates not stated: order stands for time, earlier above.", DIM);
    } else if let Some(as_of) = &timeline.as_of {
        page.line("", &format!("{} {}", as_of.word, as_of.when.words()), DIM);
    }
    page.out.push('\n');
    tree(&mut page, timeline, style);
    conflicts(&mut page, timeline);
    citations(&mut page, timeline);
    for note in &timeline.notes {
        page.line("", note, DIM);
    }
    page.out
}

struct Page {
    out: String,
    width: usize,
    colour: bool,
}

impl Page {
    /// Writes `text` after `lead`; what does not fit goes on under itself.
    fn line(&mut self, lead: &str, text: &str, paint: &str) {
        self.hang(lead, &" ".repeat(lead.width()), text, paint);
    }

    /// The same with a lead of its own for the lines that follow.
    fn hang(&mut self, lead: &str, next: &str, text: &str, paint: &str) {
        let text = clean(text);
        let room = self.width.saturating_sub(lead.width()).max(16);
        for (at, part) in wrap(&text, room).into_iter().enumerate() {
            self.out.push_str(if at == 0 { lead } else { next });
            if self.colour && !paint.is_empty() {
                self.out.push_str(&format!("{paint}{part}{PLAIN}"));
            } else {
                self.out.push_str(part);
            }
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\n');
        }
    }
}

/// Lines of at most `room` columns.
fn wrap(text: &str, room: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while rest.width() > room {
        let mut used = 0;
        let mut cut = rest.len();
        for (at, ch) in rest.char_indices() {
            used += ch.width().unwrap_or(0);
            if used > room {
                cut = at;
                break;
            }
        }
        let at = rest[..cut].rfind(' ').filter(|s| *s > 0).unwrap_or(cut);
        let at = if at == 0 { rest.chars().next().map_or(rest.len(), char::len_utf8) } else { at };
        lines.push(rest[..at].trim_end());
        rest = rest[at..].trim_start();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest);
    }
    lines
}

/// The years beside a row, for everyone of the same width.
fn years(timeline: &Timeline) -> Vec<String> {
    if timeline.is_undated() {
        return vec![String::new(); timeline.bodies.len()];
    }
    let of = |start: &When, end: &When| match (start, end) {
        (When::NotStated, When::NotStated) => "?".to_string(),
        (start, When::Open) => format!("{} →", start.year_words()),
        (start, end) => format!("{}–{}", start.year_words(), end.year_words()),
    };
    let life = |body: &Body| {
        let stretches: Vec<String> = body.stretches().iter().map(|(start, end)| of(start, end)).collect();
        stretches.join(", ")
    };
    let plain: Vec<String> = timeline.bodies.iter().map(life).collect();
    let wide = plain.iter().map(|y| y.width()).max().unwrap_or(0);
    plain.into_iter().map(|y| format!("{y}{}  ", " ".repeat(wide - y.width()))).collect()
}

/// One open column: the row whose descendants are still to come.
type Columns = Vec<Option<usize>>;

/// More columns than this would leave no room for words; further lines are named in words only.
const MOST_COLUMNS: usize = 12;

fn tree(page: &mut Page, timeline: &Timeline, style: &Style) {
    let rows: Vec<usize> = order(timeline).rows().collect();
    let mut row_of = vec![0; rows.len()];
    rows.iter().enumerate().for_each(|(row, body)| row_of[*body] = row);
    let years = years(timeline);
    let blank = " ".repeat(years.iter().map(|y| y.width()).max().unwrap_or(0));
    let mut columns: Columns = Vec::new();
    let mut lane = None;
    for (row, &body) in rows.iter().enumerate() {
        let name = timeline.bodies[body].lane.as_str();
        if !timeline.lanes_by.is_empty() && lane != Some(name) {
            lane = Some(name);
            let rule = "─".repeat(4);
            page.line("", &format!("{rule} {name} {rule}"), DIM);
        }
        let links: Vec<usize> = (0..timeline.links.len())
            .filter(|l| timeline.links[*l].to == body && timeline.links[*l].from != body)
            .collect();
        for &link in &links {
            let lead = format!("{blank}{}", reach(&columns, timeline.links[link].from));
            let text = act(timeline, style, link);
            let paint = if timeline.links[link].citations.is_empty() { RED } else { "" };
            page.hang(&lead, &format!("{blank}{}", bars(&columns, None)), &text, paint);
        }
        // columns whose last descendant is this row are free again
        for column in &mut columns {
            *column = column.filter(|from| timeline.links.iter().any(|l| l.from == *from && row_of[l.to] > row));
        }
        while columns.last().is_some_and(Option::is_none) {
            columns.pop();
        }
        let mine = columns.iter().position(Option::is_none).unwrap_or(columns.len()).min(MOST_COLUMNS);
        if mine == columns.len() {
            columns.push(None);
        }
        let lead = format!("{}{}", years[body], bars(&columns, Some((mine, sign(timeline, body)))));
        let next = format!("{blank}{}", bars(&columns, None));
        let paint = if timeline.focus == Some(body) { BOLD } else { "" };
        page.hang(&lead, &next, &own(timeline, style, body), paint);
        let stays = timeline.links.iter().any(|l| l.from == body && row_of[l.to] > row);
        columns[mine] = stays.then_some(body);
        for event in 0..timeline.bodies[body].events.len() {
            page.hang(
                &format!("{blank}{}· ", bars(&columns, None)),
                &format!("{blank}{}", bars(&columns, None)),
                &happened(timeline, body, event),
                DIM,
            );
        }
    }
    page.out.push('\n');
}

fn sign(timeline: &Timeline, body: usize) -> char {
    let stated = &timeline.bodies[body];
    match () {
        () if !stated.evidence && stated.citations.is_empty() => '✗',
        () if stated.disputed => '◌',
        () if timeline.focus == Some(body) => '◆',
        () => '●',
    }
}

/// The open columns as uprights, with `sign` in its column.
fn bars(columns: &Columns, sign: Option<(usize, char)>) -> String {
    let cell = |(at, column): (usize, &Option<usize>)| match sign {
        Some((mine, sign)) if mine == at => format!("{sign} "),
        _ => if column.is_some() { "│ " } else { "  " }.to_string(),
    };
    columns.iter().enumerate().map(cell).collect()
}

/// The open columns, the one of `from` branching to the right.
fn reach(columns: &Columns, from: usize) -> String {
    let Some(at) = columns.iter().position(|c| *c == Some(from)) else {
        return format!("{}╶─ ", bars(columns, None));
    };
    let mut out = String::new();
    for (column, open) in columns.iter().enumerate() {
        out.push_str(match (column.cmp(&at), open.is_some()) {
            (std::cmp::Ordering::Less, true) => "│ ",
            (std::cmp::Ordering::Less, false) => "  ",
            (std::cmp::Ordering::Equal, _) => "├─",
            (std::cmp::Ordering::Greater, true) => "┼─",
            (std::cmp::Ordering::Greater, false) => "──",
        });
    }
    out.push_str("╴ ");
    out
}

fn numbered(citations: &[usize]) -> String {
    cites(citations, 1.0, "").iter().map(|r| r.text.as_str()).collect()
}

/// The date of an act with its places: of several, each with its own.
fn dated(when: &When, dates: &[Dated], citations: &[usize]) -> String {
    if dates.is_empty() {
        let date = if *when == When::NotStated { String::new() } else { format!(", {}", when.words()) };
        return date + &numbered(citations);
    }
    let each = dates.iter().map(|date| format!(", {}{}", date.words(), numbered(&date.citations)));
    numbered(citations) + &each.collect::<String>()
}

fn marks(timeline: &Timeline, bare: bool, target: Target) -> String {
    let mut text = String::new();
    if bare {
        text.push_str(" (no evidence)");
    }
    for number in timeline.conflicts_at(target) {
        text.push_str(&format!(" ≠{number}"));
    }
    text
}

fn own(timeline: &Timeline, style: &Style, at: usize) -> String {
    let body = &timeline.bodies[at];
    let (name, others) = style.caption(&body.name, &body.names);
    let mut text = name.to_string();
    others.iter().for_each(|o| text.push_str(&format!(" · {o}")));
    text.push_str(&numbered(&body.citations));
    for (number, part) in body.life_parts().iter().enumerate() {
        let before = if number == 0 { " · " } else { " " };
        text.push_str(&format!("{before}{}{}", part.text, numbered(&part.by)));
    }
    text.push_str(&marks(timeline, !body.evidence && body.citations.is_empty(), Target::Body(at)));
    if body.disputed {
        text.push_str(" (disputed)");
    }
    text
}

fn act(timeline: &Timeline, style: &Style, at: usize) -> String {
    let link = &timeline.links[at];
    let from = &timeline.bodies[link.from];
    let mut text = format!("{} from {}", words(&link.kind), style.caption(&from.name, &from.names).0);
    if let Some(function) = &link.function {
        text.push_str(&format!(": {function}"));
    }
    text.push_str(&dated(&link.when, &link.dates, &link.citations));
    for (holds, word) in [(link.inferred, " (inferred)"), (link.disputed, " (disputed)")] {
        text.push_str(if holds { word } else { "" });
    }
    text + &marks(timeline, link.citations.is_empty(), Target::Link(at))
}

fn happened(timeline: &Timeline, body: usize, at: usize) -> String {
    let event = &timeline.bodies[body].events[at];
    let mut text = format!("{} {}", words(event.word()), event.detail);
    text.push_str(&dated(&event.when, &event.dates, &event.citations));
    text + &marks(timeline, event.citations.is_empty(), Target::Event(body, at))
}

fn conflicts(page: &mut Page, timeline: &Timeline) {
    for (number, conflict) in timeline.conflicts.iter().enumerate() {
        page.line(&format!("≠{} ", number + 1), &conflict.topic, BOLD);
        for side in &conflict.sides {
            let documents = if side.support == 1 { "document" } else { "documents" };
            let places = numbered(&side.citations);
            page.line("   - ", &format!("{} ({} {documents}){places}", side.claim, side.support), "");
        }
    }
}

fn citations(page: &mut Page, timeline: &Timeline) {
    let cells: Vec<String> = timeline
        .citations
        .iter()
        .zip(1..)
        .map(|(c, n)| format!("[{n}] {} · {}", clean(&c.place()), c.stated_words()))
        .collect();
    let wide = cells.iter().map(|c| c.width()).max().unwrap_or(0) + 3;
    let per_line = (page.width / wide.max(1)).max(1);
    for row in cells.chunks(per_line) {
        let line: String = row.iter().map(|c| format!("{c}{}", " ".repeat(wide - c.width()))).collect();
        page.line("", &line, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::samples::{lineages, random};

    #[test]
    fn lines_keep_to_the_terminal() {
        for width in [40, 80, 133] {
            for seed in 0..30 {
                let text = draw(&random(seed, 30), &Style::default(), width, false);
                for line in text.lines().filter(|l| l.width() > width) {
                    // only the columns themselves may push further, and they are limited
                    assert!(line.width() <= width.max(MOST_COLUMNS * 2 + 50), "{width}: {line}");
                }
                assert!(!text.contains('\x1b'));
            }
        }
    }

    #[test]
    fn the_kurultai_on_a_terminal() {
        let text = draw(&lineages()[0].1, &Style::default(), 80, false);
        assert!(text.contains("◆ National Council of Public Trust"), "{text}");
        assert!(text.contains("├─╴ transformed into from National Council of Public Trust"), "{text}");
    }

    #[test]
    fn nothing_raw_reaches_the_terminal() {
        for (name, timeline) in lineages() {
            let text = draw(&timeline, &Style::default(), 80, false);
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name}");
        }
    }
}
