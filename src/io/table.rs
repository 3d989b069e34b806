//! Answers as aligned text and as Markdown.

use std::io::Write;

use comfy_table::{ContentArrangement, Table, presets};

use super::{Written, answer, safe};
use crate::engine::Rows;
use crate::error::Result;

/// Most citations a row of a table shows; the other forms hold all of them.
const CITED: usize = 12;

/// Bytes that a cell takes, beside its text, when the table is laid out.
const CELL: usize = 160;

/// How a table is drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Columns of the terminal; nothing means that lines may be as long as they like.
    pub width: Option<u16>,
    /// Most rows; nothing means all.
    pub most: Option<usize>,
}

/// A table with rules and a line that counts the rows.
pub(crate) fn write(rows: &Rows, how: Look, look: answer::Look<'_>, to: &mut dyn Write) -> Written {
    if !rows.columns().is_empty() {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_content_arrangement(ContentArrangement::Disabled);
        if let Some(width) = how.width {
            table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
        }
        table.set_header(header(rows));
        let mut bytes = 0;
        for row in rows.iter().take(how.most.unwrap_or(usize::MAX)) {
            let cells = cells(rows, row, look)?;
            bytes += cells.iter().map(|cell| CELL + 2 * cell.len()).sum::<usize>();
            look(bytes)?;
            table.add_row(cells);
        }
        for line in table.lines() {
            to.write_all(line.trim_end().as_bytes())?;
            to.write_all(b"\n")?;
        }
    }
    Ok(())
}

/// A Markdown table.
pub(crate) fn write_markdown(rows: &Rows, look: answer::Look<'_>, to: &mut dyn Write) -> Written {
    if rows.columns().is_empty() {
        return Ok(());
    }
    let names = header(rows);
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    to.write_all(line(names.iter().map(|n| escape_markdown(n)).collect()).as_bytes())?;
    to.write_all(line(vec!["---".to_owned(); names.len()]).as_bytes())?;
    for row in rows.iter() {
        look(0)?;
        to.write_all(line(cells(rows, row, look)?.iter().map(|c| escape_markdown(c)).collect()).as_bytes())?;
    }
    Ok(())
}

fn header(rows: &Rows) -> Vec<String> {
    let mut names: Vec<String> = rows.columns().iter().map(|c| safe::visible(c).into_owned()).collect();
    if rows.cited() {
        names.push(safe::visible(&super::answer::cited_as(rows.columns())).into_owned());
    }
    names
}

fn cells(rows: &Rows, row: crate::engine::Row<'_>, look: answer::Look<'_>) -> Result<Vec<String>> {
    let show = |value| {
        let long = answer::long_cell(rows, row, value, look)?;
        let text = long.map_or_else(|| answer::cell(rows, row, value), |pages| pages.concat());
        look(text.len())?;
        Ok(safe::visible(&text).into_owned())
    };
    let mut cells = row.values().iter().map(show).collect::<Result<Vec<String>>>()?;
    if rows.cited() {
        let places = row.citations();
        let mut shown: Vec<&str> = places.iter().take(CITED).map(|c| &*c.locator).collect();
        let more = format!("… {} in all", places.len());
        if places.len() > CITED {
            shown.push(&more);
        }
        cells.push(safe::visible(&shown.join(", ")).into_owned());
    }
    Ok(cells)
}

/// Text that means itself inside a cell of a Markdown table: no markup, no link, no HTML, no second cell.
fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn rows(columns: &[&str], values: Vec<Vec<Value>>) -> Rows {
        crate::io::answer::made(columns, values)
    }

    fn drawn(rows: &Rows, width: Option<u16>) -> String {
        let mut out = Vec::new();
        write(rows, Look { width, most: None }, &|_| Ok(()), &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn columns_line_up_for_wide_letters() {
        let shown = drawn(
            &rows(&["name", "n"], vec![vec!["құрылтай".into(), 1.into()], vec!["日本語".into(), 22.into()]]),
            None,
        );
        let widths: Vec<usize> = shown.lines().map(unicode_width::UnicodeWidthStr::width).collect();
        assert!(widths.windows(2).all(|w| w[0] == w[1]), "{shown}");
    }

    #[test]
    fn a_narrow_terminal_wraps_and_never_overflows() {
        let long = "word ".repeat(50);
        let shown = drawn(&rows(&["a", "b"], vec![vec![long.as_str().into(), 1.into()]]), Some(40));
        assert!(shown.lines().all(|l| unicode_width::UnicodeWidthStr::width(l) <= 40), "{shown}");
    }

    #[test]
    fn data_can_neither_command_a_terminal_nor_break_a_markdown_table() {
        let hostile = "\u{1b}[2J\n| x | [a](javascript:1) <b> \u{202e}";
        let rows = rows(&["c\u{9b}"], vec![vec![hostile.into()]]);
        let shown = drawn(&rows, None);
        assert!(!shown.chars().any(|c| c != '\n' && safe::is_control(c)), "{shown:?}");
        let mut out = Vec::new();
        write_markdown(&rows, &|_| Ok(()), &mut out).expect("memory");
        let markdown = String::from_utf8(out).expect("text");
        assert_eq!(markdown.lines().count(), 3);
        assert!(markdown.contains("\\| x \\| \\[a\\](javascript:1) &lt;b&gt;"), "{markdown}");
    }
}
