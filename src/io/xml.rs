//! The escaper of all XML formats.

/// Text that means itself between tags and in attributes. Characters that XML 1.0 forbids become U+FFFD; line ends in
/// attributes and carriage returns anywhere are written as references, so that a reader gives them back.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            c if forbidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Whether XML 1.0 has no way to write the character.
pub(super) fn forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_forbidden_characters_are_replaced() {
        assert_eq!(escape("<a b='c'>&\"\n\u{1b}]]>"), "&lt;a b=&apos;c&apos;&gt;&amp;&quot;&#10;\u{fffd}]]&gt;");
    }
}
