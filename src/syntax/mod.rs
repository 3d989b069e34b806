//! Text to tree; the only user of pest.
//!
//! ```text
//! text ─► scan ─► depth ─► (a statement at a time) grammar ─► statement, query, pattern, expression ─► ast
//!         tokens  budget                           pest       builders, one per rule
//! ```
//! Time and memory are linear in the text, recursion is bounded by [`MAX_QUERY_DEPTH`], and nothing in a text
//! can make it panic. Knows names but resolves none; knows neither values nor graph.

pub(crate) mod ast;
mod bracket;
mod called;
mod depth;
mod expression;
mod grammar;
mod hint;
mod iterate;
mod lexical;
mod lift;
mod pattern;
mod print;
mod print_expression;
mod print_pattern;
mod query;
mod quote;
mod refusal;
mod scan;
mod schema;
mod statement;
mod sugar;
mod tree;
mod unfinished;

#[cfg(test)]
pub(crate) use depth::MAX_QUERY_DEPTH;
pub(crate) use lexical::KEYWORDS;
#[cfg(test)]
use lexical::RESERVED;
pub(crate) use lift::{Ends, Lifted, Literal, lift, lifted};
pub(crate) use print::print;
pub(crate) use quote::{quote_label, quote_name};
pub(crate) use scan::{Token, TokenKind, tokens};
pub(crate) use unfinished::is_unfinished;

use std::borrow::Cow;

use crate::error::{Class, Code, Error, Phase, Result, Span};

/// The longest script that is read, in bytes (64 MiB).
pub(crate) const MAX_SCRIPT_BYTES: usize = 1 << 26;
/// The longest single statement, in bytes (16 MiB). Reading takes about 200 bytes of memory for each; data that
/// is longer belongs into parameters or files.
pub(crate) const MAX_STATEMENT_BYTES: usize = 1 << 24;

/// Reads a script: statements separated by semicolons; empty ones are dropped.
///
/// Errors: `SyntaxError` with a place in `text`; `LimitExceeded / Depth` or `Size` at compile time.
pub(crate) fn parse(text: &str) -> Result<ast::Script> {
    let tokens = read(text)?;
    let statements = pieces(text, &tokens).map(|piece| one(text, piece)).collect::<Result<_>>()?;
    Ok(ast::Script { statements })
}

/// Reads exactly one statement; a semicolon may follow it.
///
/// Errors: as [`parse`], and `SyntaxError` when there is no statement or more than one.
pub(crate) fn parse_statement(text: &str) -> Result<ast::Statement> {
    let tokens = read(text)?;
    let mut pieces = pieces(text, &tokens);
    let Some(first) = pieces.next() else {
        return Err(Error::syntax(Code::UnexpectedSyntax, "there is nothing to run")
            .at(Span::new(0, 0))
            .hint("a query is, for example, MATCH (n) RETURN n"));
    };
    let statement = one(text, first)?;
    match pieces.next().and_then(|p| p.first()) {
        None => Ok(statement),
        Some(token) => Err(Error::syntax(Code::UnexpectedSyntax, "only one statement may stand here")
            .at(token.span)
            .hint("run the statements one by one, or as a script")),
    }
}

fn read(text: &str) -> Result<Vec<Token>> {
    if text.len() > MAX_SCRIPT_BYTES {
        return Err(too_long("script", MAX_SCRIPT_BYTES));
    }
    let tokens = scan::scan(text)?;
    depth::check(text, &tokens)?;
    Ok(tokens)
}

fn too_long(what: &str, most: usize) -> Error {
    let message = format!("this {what} is longer than {most} bytes");
    Error::new(Class::LimitExceeded, Phase::Compile, Code::Size, message)
        .hint("pass data as parameters, or load it from a file")
}

/// The tokens of each statement that is not empty.
fn pieces<'t>(text: &'t str, tokens: &'t [Token]) -> impl Iterator<Item = &'t [Token]> {
    tokens.split(move |t| t.span.of(text) == ";").filter(|piece| !piece.is_empty())
}

fn one(text: &str, tokens: &[Token]) -> Result<ast::Statement> {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return Err(Error::syntax(Code::UnexpectedSyntax, "there is nothing to run"));
    };
    let source = tree::Source { text, tokens, base: first.span.start as usize };
    let piece = first.span.to(last.span).of(text);
    if piece.len() > MAX_STATEMENT_BYTES {
        return Err(too_long("statement", MAX_STATEMENT_BYTES).at(first.span));
    }
    let plain = plain_blanks(piece, source);
    let mut nodes = grammar::run(&plain).map_err(|refusal| refusal::explain(source, &refusal))?;
    let node = tree::next(&mut nodes, "a statement")?;
    statement::statement(source, node)
}

/// The piece as the grammar wants it, no byte moved: what stands between two tokens is blanks of the one kind.
fn plain_blanks<'t>(piece: &'t str, source: tree::Source<'_>) -> Cow<'t, str> {
    let place = |t: &Token| t.span.start as usize - source.base..t.span.end as usize - source.base;
    let mut end = 0;
    let plain = source.tokens.iter().map(place).all(|token| {
        let gap = &piece.as_bytes()[end..token.start];
        end = token.end;
        gap.iter().all(|b| *b == b' ')
    });
    if plain {
        return Cow::Borrowed(piece);
    }
    let mut text = String::with_capacity(piece.len());
    for token in source.tokens.iter().map(place) {
        text.extend(std::iter::repeat_n(' ', token.start - text.len()));
        text.push_str(&piece[token]);
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod print_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tck_tests;
#[cfg(test)]
mod tests;
