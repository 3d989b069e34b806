//! What the parts of a text are, for whoever colours it.

use crate::error::Span;
use crate::function;
use crate::syntax::{self, KEYWORDS, Token, TokenKind};

/// What a part of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// A word of the language.
    Keyword,
    /// A text in quotes, also one that is not closed yet.
    Text,
    /// A number.
    Number,
    /// The name of a function that is called.
    Function,
    /// A label or a relationship type.
    Label,
    /// A parameter, its `$` included.
    Parameter,
    /// A comment.
    Comment,
}

/// The parts of a text that are something, in order; what lies between them is plain.
///
/// ```
/// use shejire::assist::{Part, parts};
///
/// let text = "MATCH (n:law) RETURN count(n) // all";
/// let found: Vec<(Part, &str)> = parts(text).into_iter().map(|(span, part)| (part, span.of(text))).collect();
/// assert_eq!(found[..2], [(Part::Keyword, "MATCH"), (Part::Label, "law")]);
/// assert_eq!(found[2..], [(Part::Keyword, "RETURN"), (Part::Function, "count"), (Part::Comment, "// all")]);
/// ```
pub fn parts(text: &str) -> Vec<(Span, Part)> {
    let (tokens, problem) = syntax::tokens(text);
    let mut out = Vec::with_capacity(tokens.len());
    let mut add = |start: usize, end: usize, part: Part| {
        let trimmed = text[start..end].trim();
        if !trimmed.is_empty() {
            let start = start + text[start..end].len() - text[start..end].trim_start().len();
            out.push((Span::new(start, start + trimmed.len()), part));
        }
    };
    let mut at = 0;
    for (number, token) in tokens.iter().enumerate() {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        add(at, start, Part::Comment);
        if let Some(part) = part_of(text, &tokens, number) {
            add(start, end, part);
        }
        at = end;
    }
    // what is left is a comment, or a quote that is not closed yet
    let open = problem.is_some() && !text[at..].trim_start().starts_with('/');
    add(at, text.len(), if open { Part::Text } else { Part::Comment });
    out
}

fn part_of(text: &str, tokens: &[Token], number: usize) -> Option<Part> {
    let said = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |t| t.span.of(text));
    let (before, word, after) = (said(number.checked_sub(1)), said(Some(number)), said(Some(number + 1)));
    match tokens[number].kind {
        TokenKind::Text => Some(Part::Text),
        TokenKind::Number => Some(Part::Number),
        TokenKind::Word | TokenKind::Quoted if before == "$" => Some(Part::Parameter),
        TokenKind::Word | TokenKind::Quoted if matches!(before, ":" | "|" | "&" | "!") => Some(Part::Label),
        TokenKind::Word if before == "." => None,
        TokenKind::Word if after == "(" && function::lookup(word).is_some() => Some(Part::Function),
        TokenKind::Word if KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word)) => Some(Part::Keyword),
        TokenKind::Mark if word == "$" => Some(Part::Parameter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_in_the_text_one_after_the_other() {
        for text in [
            "MATCH (n:law)-[r:`a b`|led-to]->(m {k: 'x'}) WHERE n.match > 1.5 RETURN count(*) // why",
            "RETURN 'қ open",
            "RETURN /* open",
            "RETURN $p, \"d\" \u{1F600} 01x",
            "",
        ] {
            let parts = parts(text);
            assert!(parts.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{text}");
            assert!(parts.iter().all(|(span, _)| !span.of(text).trim().is_empty()), "{text}");
        }
    }

    #[test]
    fn words_are_what_they_mean() {
        let text = "MATCH (n:match) RETURN n.match, toUpper($match)";
        let found: Vec<(&str, Part)> = parts(text).into_iter().map(|(span, part)| (span.of(text), part)).collect();
        assert_eq!(
            found,
            [
                ("MATCH", Part::Keyword),
                ("match", Part::Label),
                ("RETURN", Part::Keyword),
                ("toUpper", Part::Function),
                ("$", Part::Parameter),
                ("match", Part::Parameter),
            ]
        );
    }
}
