//! Text that cannot command a terminal or turn its direction: control characters made visible.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character would act on a terminal instead of being shown: C0, DEL, C1, line and paragraph separators,
/// and the marks that turn the direction of text.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text with every such character written as an escape: `\n`, `\x1b`, `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_control(c) && u32::from(c) < 0x100 => super::wrote(write!(out, "\\x{:02x}", u32::from(c))),
            c if is_control(c) => super::wrote(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The same for text of several lines: line ends stay, everything else that acts is made visible.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && is_control(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(visible).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_is_left() {
        let hostile = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\r\n\u{202e}evil\u{2066}\u{7f}\u{200f}";
        let shown = visible(hostile);
        assert!(!shown.chars().any(is_control), "{shown:?}");
        assert!(shown.starts_with("\\x1b]0;pwned\\x07\\x1b[2J\\x9b31m\\r\\n\\u{202e}evil"));
        assert_eq!(visible_lines("a\u{1b}b\nc"), "a\\x1bb\nc");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(visible("Құрылтай 日本 👩‍⚖️"), Cow::Borrowed(_)));
    }
}
