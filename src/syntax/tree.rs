//! What every builder needs: the text, where things really end, and the children of a node without the marks.

use super::ast::Name;
use super::grammar::{Node, Rule};
use super::lexical;
use super::scan::Token;
use crate::error::{Code, Error, Result, Span};

/// The text being read and its tokens; `base` is where the statement being built begins in it.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub text: &'t str,
    pub tokens: &'t [Token],
    pub base: usize,
}

impl Source<'_> {
    /// Where a node stands, without the blanks behind its last token.
    pub(super) fn span(&self, node: &Node<'_>) -> Span {
        let start = self.base + node.as_span().start();
        Span::new(start, start + text(node).len())
    }

    /// The first token at or behind `offset`.
    pub(super) fn token_from(&self, offset: u32) -> Option<&Token> {
        self.tokens.get(self.tokens.partition_point(|t| t.span.start < offset))
    }

    /// A name of any kind, back-ticks removed. Errors: an empty name, unless it is a property key.
    pub(super) fn name(&self, node: &Node<'_>) -> Result<Name> {
        let span = self.span(node);
        let text = lexical::plain_name(text(node));
        if text.is_empty() && node.as_rule() != Rule::name {
            return Err(Error::syntax(Code::UnexpectedSyntax, "a name cannot be empty").at(span));
        }
        Ok(Name { text, span })
    }
}

/// What a node was written as: a token takes in the blanks behind it, which belong to nothing.
pub(super) fn text<'t>(node: &Node<'t>) -> &'t str {
    node.as_str().trim_end_matches(' ')
}

/// The children of a node that carry meaning: no punctuation, no keyword.
pub(super) fn children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    node.into_inner().filter(|n| !is_mark(n.as_rule()) && !is_keyword(n.as_rule()))
}

/// Whether a node holds `rule` directly.
pub(super) fn holds(node: &Node<'_>, rule: Rule) -> bool {
    node.clone().into_inner().any(|n| n.as_rule() == rule)
}

/// The next child, or the error of a grammar that has left its builders behind.
pub(super) fn next<'t>(nodes: &mut impl Iterator<Item = Node<'t>>, wanted: &str) -> Result<Node<'t>> {
    nodes.next().ok_or_else(|| Error::syntax(Code::UnexpectedSyntax, format!("{wanted} is missing")))
}

/// A node that its builder does not know: the grammar and the builders disagree.
pub(super) fn drift(source: Source<'_>, node: &Node<'_>) -> Error {
    Error::syntax(Code::UnexpectedSyntax, format!("`{}` cannot stand here", text(node))).at(source.span(node))
}

/// Punctuation.
fn is_mark(rule: Rule) -> bool {
    use Rule::*;
    matches!(
        rule,
        comma
            | colon
            | double_colon
            | dollar
            | dot
            | bar
            | ampersand
            | equals
            | plus_equals
            | asterisk
            | l_paren
            | r_paren
            | l_bracket
            | r_bracket
            | l_brace
            | r_brace
            | EOI
    )
}

/// Keyword rules are written in capitals.
fn is_keyword(rule: Rule) -> bool {
    lexical::keyword(rule).is_some()
}
