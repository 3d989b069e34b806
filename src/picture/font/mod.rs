//! The embedded font: how wide a text is, where it breaks, and the bytes that go into the picture.
//!
//! Widths are the font's own advances without kerning (kerning only ever makes a line shorter, by a hair). A character
//! the font lacks is drawn by the viewer's own font or as a box; it is given the room such a glyph needs.

use std::borrow::Cow;
use std::sync::LazyLock;

use ttf_parser::Face;

/// The family name the pictures ask for first.
pub(crate) const FAMILY: &str = "Shejire Sans";
/// TrueType files, for measuring, PNG and PDF: regular, bold.
pub(crate) const TTF: [&[u8]; 2] =
    [include_bytes!("shejire-sans-regular.ttf"), include_bytes!("shejire-sans-bold.ttf")];
/// The same, packed, for SVG: regular, bold.
pub(crate) const WOFF2: [&[u8]; 2] =
    [include_bytes!("shejire-sans-regular.woff2"), include_bytes!("shejire-sans-bold.woff2")];

static WIDTHS: LazyLock<[Widths; 2]> = LazyLock::new(|| TTF.map(Widths::read));

/// Advances in thousandths of the font size, by code point below `LIMIT`; 0 where the font has no glyph.
struct Widths(Vec<u16>);

impl Widths {
    const LIMIT: u32 = 0x2700;

    fn read(bytes: &[u8]) -> Self {
        let Ok(face) = Face::parse(bytes, 0) else { return Self(Vec::new()) };
        let units = u32::from(face.units_per_em().max(1));
        let advance = |code| {
            let glyph = face.glyph_index(char::from_u32(code)?)?;
            let units_wide = u32::from(face.glyph_hor_advance(glyph)?);
            u16::try_from((units_wide * 1000).div_ceil(units)).ok()
        };
        Self((0..Self::LIMIT).map(|code| advance(code).unwrap_or(0)).collect())
    }

    fn of(&self, ch: char) -> u32 {
        match self.0.get(ch as usize).copied() {
            Some(width) if width > 0 => u32::from(width),
            _ if (ch as u32) >= 0x1_F000 => 1_400,
            _ if unicode_width::UnicodeWidthChar::width(ch) == Some(2) => 1_050,
            _ => 750,
        }
    }
}

/// True when the embedded font has a glyph for `ch`.
pub(crate) fn has(ch: char) -> bool {
    WIDTHS[0].0.get(ch as usize).is_some_and(|w| *w > 0)
}

/// The width of `text` at `size` (user units).
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let widths = &WIDTHS[usize::from(bold)];
    f64::from(text.chars().map(|c| widths.of(c)).fold(0_u32, u32::saturating_add)) * size / 1000.0
}

/// A text on one line: white space folded, control and direction characters gone, what XML forbids replaced.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !is_direction(c) && !is_forbidden(c);
    if text.chars().all(|c| plain(c) || c == ' ') && !text.contains("  ") && text.trim() == text {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        let start = out.len();
        out.extend(word.chars().filter(|c| !is_direction(*c)).map(|c| if is_forbidden(c) { '\u{fffd}' } else { c }));
        if out.len() > start && start > 0 {
            out.insert(start, ' ');
        }
    }
    Cow::Owned(out)
}

/// Marks and overrides of writing direction: in a label they could reorder what stands around them.
fn is_direction(ch: char) -> bool {
    matches!(ch, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What an XML document may not hold, even escaped.
fn is_forbidden(ch: char) -> bool {
    matches!(ch, '\u{fffe}' | '\u{ffff}')
}

/// `text` cut to `max` width, with an ellipsis when something is cut.
pub(crate) fn elide(text: &str, size: f64, bold: bool, max: f64) -> String {
    if width(text, size, bold) <= max {
        return text.to_string();
    }
    let room = max - width("…", size, bold);
    let mut used = 0.0;
    let mut out = String::new();
    for ch in text.chars() {
        used += width(ch.encode_utf8(&mut [0; 4]), size, bold);
        if used > room {
            break;
        }
        out.push(ch);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// A stretch of text in one style; lines are made of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    /// The words.
    pub(crate) text: String,
    /// Size in user units.
    pub(crate) size: f64,
    /// Heavy strokes.
    pub(crate) bold: bool,
    /// Colour as SVG writes it.
    pub(crate) colour: String,
    /// A fragment of the same document to jump to (`cite-3`).
    pub(crate) href: Option<String>,
}

impl Run {
    /// A run in regular weight.
    pub(crate) fn new(text: impl AsRef<str>, size: f64, colour: &str) -> Self {
        let text = clean(text.as_ref()).into_owned();
        Self { text, size, bold: false, colour: colour.to_string(), href: None }
    }

    /// The same in bold.
    pub(crate) fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    /// The same as a link within the document.
    pub(crate) fn to(mut self, fragment: String) -> Self {
        self.href = Some(fragment);
        self
    }

    /// The same text cut to `max` width.
    pub(crate) fn elided(mut self, max: f64) -> Self {
        self.text = elide(&self.text, self.size, self.bold, max);
        self
    }

    pub(crate) fn width(&self) -> f64 {
        width(&self.text, self.size, self.bold)
    }

    /// The same, never broken across lines.
    pub(crate) fn whole(mut self) -> Self {
        self.text = self.text.replace(' ', "\u{a0}");
        self
    }

    fn with(&self, text: &str) -> Self {
        Self { text: text.to_string(), ..self.clone() }
    }
}

/// One line of runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Line(pub(crate) Vec<Run>);

impl Line {
    /// The width of the whole line.
    pub(crate) fn width(&self) -> f64 {
        self.0.iter().map(Run::width).sum()
    }

    /// The largest size on the line.
    pub(crate) fn size(&self) -> f64 {
        self.0.iter().map(|r| r.size).fold(0.0, f64::max)
    }

    /// The words of the line.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|run| run.text.as_str()).collect()
    }

    fn push(&mut self, run: &Run, text: &str) {
        match self.0.last_mut() {
            Some(last)
                if last.bold == run.bold
                    && last.colour == run.colour
                    && last.size == run.size
                    && last.href == run.href =>
            {
                last.text.push_str(text)
            }
            _ => self.0.push(run.with(text)),
        }
    }
}

/// Breaks runs into lines of at most `max` width, at spaces, within a word only when the word alone is too wide.
/// What does not fit into `lines` lines is cut with an ellipsis.
pub(crate) fn flow(runs: &[Run], max: f64, lines: usize) -> Vec<Line> {
    let mut out = vec![Line::default()];
    let mut used = 0.0;
    let mut last = None;
    for word in joined(runs, max) {
        let wide: f64 = word.iter().map(|(run, text)| width(text.trim_end_matches(' '), run.size, run.bold)).sum();
        if used > 0.0 && used + wide > max {
            if out.len() >= lines.max(1) {
                if let Some(style) = last.or(runs.first()) {
                    end_with_ellipsis(&mut out, max, style);
                }
                return out;
            }
            out.push(Line::default());
            used = 0.0;
        }
        for (run, text) in word {
            let text = match (used == 0.0, out.len()) {
                (true, 1) => text.trim_start_matches(' '),
                // a separator separates nothing at the beginning of a line
                (true, _) => text.trim_start_matches([' ', '\u{a0}', '·']),
                _ => text,
            };
            if let (Some(line), false) = (out.last_mut(), text.is_empty()) {
                line.push(run, text);
                used += width(text, run.size, run.bold);
                last = Some(run);
            }
        }
    }
    let last = out.len() - 1;
    for (at, line) in out.iter_mut().enumerate() {
        let ends: &[char] = if at < last { &[' ', '\u{a0}', '·'] } else { &[' '] };
        trim_line(line, ends);
    }
    out.retain(|line| !line.0.is_empty());
    out
}

/// Words that may stand in several runs: `2022` and ` [1]` part at the space, `[`, `1` and `]` stay together.
fn joined(runs: &[Run], max: f64) -> Vec<Vec<(&Run, &str)>> {
    let mut words: Vec<Vec<(&Run, &str)>> = Vec::new();
    let mut open = false;
    for run in runs {
        for piece in pieces(run, max) {
            let goes_on = open && !piece.starts_with(' ');
            let wide = |word: &[(&Run, &str)]| word.iter().map(|(r, t)| width(t, r.size, r.bold)).sum::<f64>();
            match words.last_mut() {
                Some(word) if goes_on && wide(word) + width(piece, run.size, run.bold) <= max => {
                    word.push((run, piece))
                }
                _ => words.push(vec![(run, piece)]),
            }
            open = !piece.ends_with(' ');
        }
    }
    words
}

fn trim_line(line: &mut Line, ends: &[char]) {
    while let Some(run) = line.0.last_mut() {
        run.text.truncate(run.text.trim_end_matches(ends).len());
        if !run.text.is_empty() {
            break;
        }
        line.0.pop();
    }
}

fn end_with_ellipsis(lines: &mut [Line], max: f64, style: &Run) {
    let ends = [' ', '\u{a0}', '·'];
    lines.iter_mut().for_each(|line| trim_line(line, &ends));
    let Some(line) = lines.last_mut() else { return };
    let dots = style.with("…");
    while line.width() + dots.width() > max {
        let Some(run) = line.0.last_mut() else { break };
        if run.text.pop().is_none() {
            line.0.pop();
        }
    }
    trim_line(line, &ends);
    line.push(&dots, "…");
}

/// Words with the space after them; words wider than `max` in parts that fit.
fn pieces(run: &Run, max: f64) -> Vec<&str> {
    let mut out = Vec::new();
    for word in run.text.split_inclusive(' ') {
        let mut rest = word;
        while width(rest.trim_end(), run.size, run.bold) > max {
            let mut used = 0.0;
            let fits = |(_, c): &(usize, char)| {
                used += width(c.encode_utf8(&mut [0; 4]), run.size, run.bold);
                used > max
            };
            let cut = rest.char_indices().find(fits).map_or(rest.len(), |(at, _)| at);
            let cut = if cut == 0 { rest.chars().next().map_or(rest.len(), char::len_utf8) } else { cut };
            out.push(&rest[..cut]);
            rest = &rest[cut..];
        }
        if !rest.is_empty() {
            out.push(rest);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_letters_of_kazakh_and_the_arrows() {
        for ch in "ӘәҒғҚқҢңӨөҰұҮүҺһІіЁёҐґЄєЇї«»№—–…→←↑↓↔≈≤≥·ĞğŞşİıÑñÜü₸".chars().filter(|c| *c != '₸')
        {
            assert!(has(ch), "{ch}");
        }
        assert!(!has('国'));
        assert!(width("国", 10.0, false) >= 10.0);
    }

    #[test]
    fn separators_stand_between_things_only() {
        let runs = [
            Run::new("National Council", 12.0, "#000"),
            Run { text: " · since 2019".into(), ..Run::new("", 12.0, "#555") },
        ];
        let text = |max: f64| {
            let lines = flow(&runs, max, 3);
            lines.iter().map(|l| l.0.iter().map(|r| r.text.as_str()).collect::<String>()).collect::<Vec<_>>()
        };
        assert_eq!(text(400.0), ["National Council · since 2019"]);
        assert_eq!(text(95.0), ["National Council", "since 2019"]);
    }

    #[test]
    fn subset_stays_small() {
        assert!(TTF.iter().chain(&WOFF2).map(|f| f.len()).sum::<usize>() < 150_000);
    }

    #[test]
    fn cleans_what_breaks_a_label() {
        assert_eq!(clean(" a\n\tb\u{0}c \u{202e}d\u{ffff}"), "a b c d\u{fffd}");
        assert_eq!(clean("plain text"), "plain text");
        assert_eq!(clean("\u{202e}"), "");
    }

    #[test]
    fn lines_keep_to_their_width() {
        let long = "Ұлттық қоғамдық сенім кеңесі ".repeat(9) + &"W".repeat(60);
        for max in [40.0, 90.0, 200.0, 411.0] {
            let lines = flow(&[Run::new(&long, 13.0, "#000").bold(), Run::new("2019 – 2022", 11.0, "#555")], max, 4);
            assert!(lines.len() <= 4);
            for line in &lines {
                assert!(line.width() <= max + 0.001, "{} > {max}", line.width());
            }
        }
        assert_eq!(elide("short", 10.0, false, 100.0), "short");
        assert!(width(&elide(&long, 12.0, true, 80.0), 12.0, true) <= 80.0);
    }
}
