//! What is wanted where the cursor stands: read off the tokens before it.

use crate::syntax::{self, Token, TokenKind};

/// What may stand at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A text in quotes: the name of an entity.
    Entity {
        quote: char,
    },
    Label,
    Type,
    /// A property after a dot; `of` is the word before it.
    Key,
    /// A property in a map.
    MapKey,
    Parameter,
    Procedure,
    /// The first word of a statement.
    Start,
    /// A keyword, function or variable.
    Word,
}

/// Where what is being typed begins, and what is wanted there.
pub(super) fn context(before: &str) -> (usize, Wanted) {
    let (tokens, problem) = syntax::tokens(before);
    if let Some(place) = problem.and_then(|error| error.span()) {
        let open = place.start as usize;
        match before[open..].chars().next() {
            Some(quote @ ('\'' | '"')) => return (open + 1, Wanted::Entity { quote }),
            Some('`') => return (open, named(before, &tokens).unwrap_or(Wanted::Word)),
            _ => return (before.len(), Wanted::Word),
        }
    }
    // a label may have hyphens, other words not; which it is says the token before
    let start = word_start(before, true);
    let earlier = before_place(&tokens, start);
    if let Some(wanted) = named(before, earlier) {
        return (start, wanted);
    }
    let start = word_start(before, false);
    (start, unnamed(before, before_place(&tokens, start), start))
}

fn word_start(before: &str, hyphens: bool) -> usize {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || (hyphens && c == '-');
    before.char_indices().rev().take_while(|(_, c)| of_word(*c)).last().map_or(before.len(), |(at, _)| at)
}

fn before_place(tokens: &[Token], place: usize) -> &[Token] {
    let count = tokens.partition_point(|token| token.span.end as usize <= place);
    &tokens[..count]
}

/// A label or a type, when the token before asks for one.
fn named(text: &str, earlier: &[Token]) -> Option<Wanted> {
    let last = earlier.last()?.span.of(text);
    if last.eq_ignore_ascii_case("via") {
        return Some(Wanted::Type);
    }
    if !matches!(last, ":" | "|" | "&" | "!") {
        return None;
    }
    let via =
        earlier.iter().rev().map(|t| t.span.of(text)).take_while(|t| *t != ";").any(|t| t.eq_ignore_ascii_case("via"));
    match innermost(text, earlier) {
        Some("[") => Some(Wanted::Type),
        Some("{") => None,
        None if via && last == "|" => Some(Wanted::Type),
        _ => (last != "|" || innermost(text, earlier) == Some("(")).then_some(Wanted::Label),
    }
}

fn unnamed(text: &str, earlier: &[Token], start: usize) -> Wanted {
    let Some(last) = earlier.last() else { return Wanted::Start };
    let glued = last.span.end as usize == start;
    match last.span.of(text) {
        "$" if glued => Wanted::Parameter,
        "." if glued => Wanted::Key,
        ";" => Wanted::Start,
        "{" | "," if innermost(text, earlier) == Some("{") && !is_subquery(text, earlier) => Wanted::MapKey,
        word if last.kind == TokenKind::Word && word.eq_ignore_ascii_case("call") => Wanted::Procedure,
        _ => Wanted::Word,
    }
}

/// The bracket that is still open.
fn innermost<'t>(text: &'t str, tokens: &[Token]) -> Option<&'t str> {
    open_bracket(text, tokens).map(|at| tokens[at].span.of(text))
}

fn open_bracket(text: &str, tokens: &[Token]) -> Option<usize> {
    let mut closed = 0usize;
    for (at, token) in tokens.iter().enumerate().rev().filter(|(_, t)| t.kind == TokenKind::Mark) {
        match token.span.of(text) {
            ")" | "]" | "}" => closed += 1,
            "(" | "[" | "{" if closed == 0 => return Some(at),
            "(" | "[" | "{" => closed -= 1,
            _ => {}
        }
    }
    None
}

/// Whether the open brace is that of `CALL {`, `EXISTS {` and the like.
fn is_subquery(text: &str, tokens: &[Token]) -> bool {
    let before = open_bracket(text, tokens).and_then(|at| tokens.get(at.checked_sub(1)?));
    before.is_some_and(|token| {
        let word = token.span.of(text).to_ascii_uppercase();
        matches!(word.as_str(), "CALL" | "EXISTS" | "COUNT" | "COLLECT" | ")")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_says_what_is_wanted() {
        for (text, wanted, typed) in [
            ("MA", Wanted::Start, "MA"),
            ("RETURN 1; MA", Wanted::Start, "MA"),
            ("MATCH (n:l", Wanted::Label, "l"),
            ("MATCH (n:law|", Wanted::Label, ""),
            ("MATCH (n)-[r:re-est", Wanted::Type, "re-est"),
            ("MATCH (n)-[:re-", Wanted::Type, "re-"),
            ("MATCH (n)-[:a|b", Wanted::Type, "b"),
            ("TRACE 'x' VIA tr", Wanted::Type, "tr"),
            ("MATCH (n) WHERE n:l", Wanted::Label, "l"),
            ("MATCH (n) RETURN n.na", Wanted::Key, "na"),
            ("MATCH (n {na", Wanted::MapKey, "na"),
            ("MATCH (n {name: to", Wanted::Word, "to"),
            ("MATCH (n) WHERE n.name = 'National K", Wanted::Entity { quote: '\'' }, "National K"),
            ("TRACE \"Құр", Wanted::Entity { quote: '"' }, "Құр"),
            ("RETURN $na", Wanted::Parameter, "na"),
            ("CALL db.", Wanted::Key, ""),
            ("CALL d", Wanted::Procedure, "d"),
            ("CALL { MA", Wanted::Word, "MA"),
            ("MATCH (n) RETURN to", Wanted::Word, "to"),
            ("RETURN 3-tw", Wanted::Word, "tw"),
        ] {
            let (start, found) = context(text);
            assert_eq!((found, &text[start..]), (wanted, typed), "{text}");
        }
    }
}
