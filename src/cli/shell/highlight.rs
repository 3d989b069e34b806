//! Colours for a text that is being typed. The coloured text shows the same characters.

use std::borrow::Cow;

use super::input::is_command;
use crate::function;
use crate::syntax::{self, KEYWORDS, Token, TokenKind};

const KEYWORD: &str = "\x1b[1;34m";
const TEXT: &str = "\x1b[32m";
const NUMBER: &str = "\x1b[35m";
const FUNCTION: &str = "\x1b[36m";
const LABEL: &str = "\x1b[33m";
const PARAMETER: &str = "\x1b[35m";
const COMMENT: &str = "\x1b[2m";
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
    let (tokens, problem) = syntax::tokens(text);
    let mut out = String::with_capacity(text.len() + 16 * tokens.len());
    let mut at = 0;
    for (number, token) in tokens.iter().enumerate() {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        paint(&mut out, &text[at..start], COMMENT);
        paint(&mut out, &text[start..end], colour(text, &tokens, number));
        at = end;
    }
    // what is left is a comment, or a quote that is not closed yet
    let left = if problem.is_some() && !text[at..].trim_start().starts_with('/') { TEXT } else { COMMENT };
    paint(&mut out, &text[at..], left);
    Cow::Owned(out)
}

fn paint(out: &mut String, part: &str, colour: &str) {
    if part.trim().is_empty() || colour.is_empty() {
        out.push_str(part);
    } else {
        out.push_str(colour);
        out.push_str(part);
        out.push_str(PLAIN);
    }
}

fn colour(text: &str, tokens: &[Token], number: usize) -> &'static str {
    let said = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |t| t.span.of(text));
    let (before, word, after) = (said(number.checked_sub(1)), said(Some(number)), said(Some(number + 1)));
    match tokens[number].kind {
        TokenKind::Text => TEXT,
        TokenKind::Number => NUMBER,
        TokenKind::Word | TokenKind::Quoted if before == "$" => PARAMETER,
        TokenKind::Word | TokenKind::Quoted if matches!(before, ":" | "|" | "&" | "!") => LABEL,
        TokenKind::Word if before == "." => "",
        TokenKind::Word if after == "(" && function::lookup(word).is_some() => FUNCTION,
        TokenKind::Word if KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word)) => KEYWORD,
        TokenKind::Mark if word == "$" => PARAMETER,
        _ => "",
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
