//! Text in the labels of Mermaid's diagrams.

use std::fmt::Write as _;

use super::{safe, wrote, xml};

/// Text between quotes that shows itself: everything that Mermaid, Markdown or HTML gives a meaning becomes an
/// entity in Mermaid's own notation (`#35;`), control characters the replacement character.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br/>"),
            '\r' => {}
            c if safe::is_control(c) || xml::forbidden(c) => out.push('\u{fffd}'),
            c if c.is_alphanumeric() || c == ' ' || !c.is_ascii() => out.push(c),
            '.' | ',' | ':' | '-' | '/' | '+' | '=' | '?' | '!' => out.push(c),
            c => wrote(write!(out, "#{};", u32::from(c))),
        }
    }
    // an empty text would end the string too early for Mermaid
    if out.is_empty() { " ".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out() {
        assert_eq!(quote("a\"]; b<br>\n%%{"), "a#34;#93;#59; b#60;br#62;<br/>#37;#37;#123;");
    }
}
