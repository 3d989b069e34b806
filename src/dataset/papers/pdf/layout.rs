//! Letters on pages to lines, lines to paragraphs, by where they stand. All measures are in the size of the letters.
//!
//! ```text
//!  letters, in the order of the file ──► lines: the same height, going right; a gap is a blank
//!  lines ──► without heads, feet and numbers of pages
//!        ──► paragraphs: the same size and distance; a new one begins at an indent, after a wider gap or a
//!            short last line, at a mark of a list
//! ```
//!
//! A word that a hyphen parts at the end of a line is put together when the document has the whole word elsewhere, or not the one with the
//! hyphen. A paragraph goes on over the end of a page when it does not end like a sentence and what follows begins with a small letter.

use crate::dataset::papers::{Part, in_line};
use crate::value::hash::{DataMap, DataSet};

/// A letter: where it begins and ends on its base line, counted from the top left corner.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) x: f64,
    pub(super) end: f64,
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) text: String,
}

/// A page with its letters in the order of the file.
pub(super) struct Page {
    pub(super) height: f64,
    pub(super) letters: Vec<Letter>,
}

/// A line of text.
#[derive(Clone, Debug)]
struct Line {
    text: String,
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    page: u32,
}

/// The paragraphs of all pages.
pub(super) fn paragraphs(pages: &[Page]) -> Vec<Part> {
    let mut lines: Vec<Line> = Vec::new();
    for (number, page) in (1_u32..).zip(pages) {
        lines.extend(of_page(page, number));
    }
    without_frames(&mut lines, pages);
    let words = Words::of(&lines);
    let mut parts: Vec<Part> = Vec::new();
    let mut block: Vec<Line> = Vec::new();
    let leading = leading(&lines);
    for line in lines {
        if begins(&block, &line, leading) {
            end(&mut parts, &mut block, &words);
        }
        block.push(line);
    }
    end(&mut parts, &mut block, &words);
    parts
}

/// The lines of a page.
fn of_page(page: &Page, number: u32) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for letter in &page.letters {
        let joins = lines.last().is_some_and(|line| {
            let near = (letter.y - line.y).abs() < 0.5 * line.size.max(letter.size);
            near && letter.x > line.right - 0.7 * line.size.max(letter.size)
        });
        let blank = letter.text.trim().is_empty();
        match lines.last_mut().filter(|_| joins) {
            Some(line) => {
                if letter.x - line.right > 0.18 * line.size && !line.text.ends_with(' ') {
                    line.text.push(' ');
                }
                line.text.push_str(if blank { " " } else { &letter.text });
                if !blank {
                    line.right = letter.end.max(line.right);
                    line.size = line.size.max(letter.size);
                } else {
                    // a blank that is written leads as far as it is wide
                    line.right = line.right.max(letter.end);
                }
            }
            None if blank => {}
            None => lines.push(Line {
                text: letter.text.clone(),
                left: letter.x,
                right: letter.end,
                y: letter.y,
                size: letter.size,
                page: number,
            }),
        }
    }
    lines.retain_mut(|line| {
        line.text = in_line(&line.text);
        !line.text.is_empty()
    });
    lines
}

/// Takes out what frames the pages: lines that stand at one height on most pages with the same text but for its digits, and numbers of
/// pages.
fn without_frames(lines: &mut Vec<Line>, pages: &[Page]) {
    let mut seen: DataMap<(String, i64), DataSet<u32>> = DataMap::default();
    let height = |line: &Line| pages.get(line.page as usize - 1).map_or(0.0, |page| page.height);
    let is_edge = |line: &Line| line.y < 0.12 * height(line) || line.y > 0.88 * height(line);
    let key = |line: &Line| {
        let text =
            line.text.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect::<String>().replace("##", "#");
        #[allow(clippy::cast_possible_truncation)] // a height on a page
        (text, (line.y / 4.0).round() as i64)
    };
    for line in lines.iter().filter(|line| is_edge(line)) {
        seen.entry(key(line)).or_default().insert(line.page);
    }
    let most = (pages.len() / 2).max(2);
    lines.retain(|line| {
        let number = line.text.trim_matches(['-', '–', '—', ' ']);
        let own = number.parse() == Ok(line.page);
        !(is_edge(line) && (own || seen.get(&key(line)).is_some_and(|on| on.len() > most)))
    });
}

/// How far apart most lines are, in sizes of their letters.
fn leading(lines: &[Line]) -> f64 {
    let mut gaps: Vec<f64> = lines
        .windows(2)
        .filter(|pair| pair[0].page == pair[1].page && (pair[0].size - pair[1].size).abs() < 0.1 * pair[0].size)
        .map(|pair| (pair[1].y - pair[0].y) / pair[0].size)
        .filter(|gap| (0.8..3.0).contains(gap))
        .collect();
    gaps.sort_by(f64::total_cmp);
    // lines of one paragraph are the closest: a text of short paragraphs has as many gaps between them
    gaps.get(gaps.len() / 4).copied().unwrap_or(1.2)
}

/// Whether a line begins a new paragraph behind these.
fn begins(block: &[Line], line: &Line, leading: f64) -> bool {
    let Some(last) = block.last() else { return false };
    if (last.size - line.size).abs() > 0.08 * last.size || is_item(&line.text) {
        return true;
    }
    let whole =
        last.text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']).ends_with(['.', '!', '?', ':', ';', '…']);
    let small = line.text.chars().next().is_some_and(char::is_lowercase);
    let gap = (line.y - last.y) / last.size;
    if last.page != line.page || gap < 0.0 {
        // the next page or column
        return whole || !small;
    }
    if gap > 1.3 * leading {
        return true;
    }
    let left = block.iter().skip(1).map(|line| line.left).reduce(f64::min).unwrap_or(last.left);
    let right = block.iter().map(|line| line.right).fold(f64::MIN, f64::max);
    let indented = line.left > left + 0.8 * line.size && block.len() > 1;
    let hanging = block.len() == 1 && line.left < last.left - 0.8 * line.size;
    // the last line of a paragraph is shorter by more than the first word of what follows, which would have stood in it
    let word = line.text.split(' ').next().map_or(0, |word| word.chars().count() + 1);
    #[allow(clippy::cast_precision_loss)]
    let short = last.right + 0.6 * last.size * word as f64 + last.size < right.max(line.right);
    // a first line may be indented: then the second stands further left and belongs to it
    (indented && !hanging) || (short && whole)
}

/// Whether a line begins with the mark of a list.
fn is_item(text: &str) -> bool {
    let Some((mark, rest)) = text.split_once(' ') else { return false };
    let number = mark.trim_end_matches(['.', ')']);
    let counts = mark.len() > number.len()
        && !number.is_empty()
        && number.len() <= 3
        && number.bytes().all(|b| b.is_ascii_digit());
    !rest.is_empty() && (matches!(mark, "•" | "-" | "–" | "▪" | "◦" | "·" | "●" | "\u{f0b7}") || counts)
}

/// The words of a document, to tell how those that a line end parts are written.
struct Words(DataSet<String>);

impl Words {
    fn of(lines: &[Line]) -> Self {
        let words = lines.iter().flat_map(|line| line.text.split(|c: char| !(c.is_alphanumeric() || c == '-')));
        Self(words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect())
    }

    /// Two halves at the end of a line and at the beginning of the next, as one word.
    fn join(&self, text: &mut String, next: &str) {
        if let Some(soft) = text.strip_suffix('\u{ad}') {
            text.truncate(soft.len());
            text.push_str(next);
            return;
        }
        let before = text.strip_suffix(['-', '‐']).filter(|before| before.ends_with(char::is_alphabetic));
        let Some(before) = before.filter(|_| next.starts_with(char::is_lowercase)) else {
            text.push(' ');
            text.push_str(next);
            return;
        };
        let first = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or("").to_lowercase();
        let second = next.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or("").to_lowercase();
        let hyphened = self.0.contains(&format!("{first}-{second}")) && !self.0.contains(&format!("{first}{second}"));
        if !hyphened {
            text.truncate(before.len());
        }
        text.push_str(next);
    }
}

fn end(parts: &mut Vec<Part>, block: &mut Vec<Line>, words: &Words) {
    let Some(first) = block.first() else { return };
    let mut part = Part { text: String::new(), page: first.page };
    for line in block.drain(..) {
        match part.text.is_empty() {
            true => part.text = line.text,
            false => words.join(&mut part.text, &line.text),
        }
    }
    part.text = part.text.replace('\u{ad}', "");
    parts.push(part);
}
