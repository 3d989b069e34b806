//! Colours for a text that is being typed. The coloured text shows the same characters.

use std::borrow::Cow;

use super::input::is_command;
use crate::assist::{Part, parts};

const COMMAND: &str = "\x1b[1;36m";
const PLAIN: &str = "\x1b[0m";

/// The text with colours.
pub(super) fn coloured(text: &str) -> Cow<'_, str> {
    if is_command(text) {
        let end = text
            .trim_start()
            .find(char::is_whitespace)
            .map_or(text.len(), |n| n + text.len() - text.trim_start().len());
        return Cow::Owned(format!("{COMMAND}{}{PLAIN}{}", &text[..end], &text[end..]));
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (span, part) in parts(text) {
        out.push_str(&text[at..span.start as usize]);
        out.push_str(colour(part));
        out.push_str(span.of(text));
        out.push_str(PLAIN);
        at = span.end as usize;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

fn colour(part: Part) -> &'static str {
    match part {
        Part::Keyword => "\x1b[1;34m",
        Part::Text => "\x1b[32m",
        Part::Number | Part::Parameter => "\x1b[35m",
        Part::Function => "\x1b[36m",
        Part::Label => "\x1b[33m",
        Part::Comment => "\x1b[2m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> String {
        let mut out = String::new();
        let mut parts = text.split('\x1b');
        out.push_str(parts.next().unwrap_or_default());
        parts.for_each(|part| out.push_str(part.split_once('m').map_or("", |(_, rest)| rest)));
        out
    }

    #[test]
    fn colours_change_no_character() {
        for text in [
            "MATCH (n:law)-[r:`a b`|led-to]->(m {k: 'x'}) WHERE n.match > 1.5 RETURN count(*) // why",
            "RETURN 'қ open",
            "RETURN /* open",
            " :svg file.svg",
            "RETURN $p, \"d\" \u{1F600} 01x",
            "",
        ] {
            assert_eq!(stripped(&coloured(text)), text);
        }
    }

    #[test]
    fn words_are_coloured_by_what_they_mean() {
        let shown = coloured("MATCH (n:match) RETURN n.match, toUpper($match)");
        assert!(shown.starts_with("\x1b[1;34mMATCH\x1b[0m (n:\x1b[33mmatch\x1b[0m)"), "{shown:?}");
        assert!(shown.contains("n.match, \x1b[36mtoUpper\x1b[0m(\x1b[35m$\x1b[0m\x1b[35mmatch\x1b[0m)"), "{shown:?}");
    }
}
