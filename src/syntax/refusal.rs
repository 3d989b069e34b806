//! What pest refused, in words: what stands there, and what could stand there, as a person would type it.
//!
//! pest names the rules it tried at the furthest place; a rule's name never reaches a reader.

use pest::error::{ErrorVariant, InputLocation};

use super::grammar::{Refusal, Rule};
use super::hint;
use super::lexical;
use super::scan::{TokenKind, draws_arrow};
use super::tree::Source;
use super::{depth, scan::Token};
use crate::error::{Code, Error, Span};

/// The error of a statement that does not follow the grammar.
pub(super) fn explain(source: Source<'_>, refusal: &Refusal) -> Error {
    let at = match refusal.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => source.base + at,
    };
    let scene = Scene::new(source, at, refusal);
    if let ErrorVariant::CustomError { .. } = refusal.variant {
        return depth::too_deep().at(scene.place());
    }
    let refused = hint::not_offered(&scene).map(|(what, _)| format!("{what} not offered"));
    let expected = || match (scene.token(0), scene.wanted()) {
        ("", None) => "the query ends too early".to_owned(),
        ("", Some(wanted)) => format!("the query ends too early: expected {wanted}"),
        (token, None) => format!("{} cannot stand here", shown(token)),
        (token, Some(wanted)) => format!("unexpected {}: expected {wanted}", shown(token)),
    };
    let message = refused.unwrap_or_else(expected);
    let error = Error::syntax(code(&scene), message).at(scene.place());
    match hint::hint(&scene) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// A token of the query, cut when it is long.
fn shown(token: &str) -> String {
    let line: String =
        token.lines().next().unwrap_or("").chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    match line.char_indices().nth(30) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}

fn code(scene: &Scene<'_>) -> Code {
    let token = scene.token(0);
    if hint::not_offered(scene).is_some() {
        Code::Unsupported
    } else if token.starts_with(draws_arrow) {
        Code::InvalidUnicodeCharacter
    } else if scene.in_relationship() && (matches!(token, ".." | "-" | "+") || scene.kind() == Some(TokenKind::Number))
    {
        Code::InvalidRelationshipPattern
    } else {
        Code::UnexpectedSyntax
    }
}

/// The place of the refusal: the tokens around it, and the rules that would have gone on.
pub(super) struct Scene<'t> {
    pub source: Source<'t>,
    /// Index of the token that was refused; one past the last when the text ended.
    pub index: usize,
    pub expected: Vec<Rule>,
}

impl<'t> Scene<'t> {
    fn new(source: Source<'t>, at: usize, refusal: &Refusal) -> Self {
        let index = source.tokens.partition_point(|t| (t.span.end as usize) <= at);
        let expected = match &refusal.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.clone(),
            ErrorVariant::CustomError { .. } => Vec::new(),
        };
        Self { source, index, expected }
    }

    fn at(&self, offset: isize) -> Option<&Token> {
        self.index.checked_add_signed(offset).and_then(|i| self.source.tokens.get(i))
    }

    /// The text of the token `offset` places from the refused one; empty where there is none.
    pub(super) fn token(&self, offset: isize) -> &'t str {
        self.at(offset).map_or("", |t| t.span.of(self.source.text))
    }

    /// Whether that token is `word`, in any case.
    pub(super) fn is(&self, offset: isize, word: &str) -> bool {
        self.token(offset).eq_ignore_ascii_case(word)
    }

    /// The kind of the refused token.
    pub(super) fn kind(&self) -> Option<TokenKind> {
        self.at(0).map(|t| t.kind)
    }

    /// Whether that token follows the one before it without a blank.
    pub(super) fn glued(&self, offset: isize) -> bool {
        match (self.at(offset - 1), self.at(offset)) {
            (Some(before), Some(it)) => before.span.end == it.span.start,
            _ => false,
        }
    }

    /// Where the caret goes.
    pub(super) fn place(&self) -> Span {
        let end = self.source.tokens.last().map_or(0, |t| t.span.end);
        self.at(0).map_or(Span { start: end, end }, |t| t.span)
    }

    /// The innermost bracket still open before the refused token.
    pub(super) fn open_bracket(&self) -> Option<(usize, &'t str)> {
        let mut open = Vec::new();
        for (i, token) in self.source.tokens.iter().enumerate().take(self.index) {
            match token.span.of(self.source.text) {
                bracket @ ("(" | "[" | "{") if token.kind == TokenKind::Mark => open.push((i, bracket)),
                ")" | "]" | "}" if token.kind == TokenKind::Mark => drop(open.pop()),
                _ => {}
            }
        }
        open.pop()
    }

    /// Whether the innermost open bracket is that of a relationship.
    pub(super) fn in_relationship(&self) -> bool {
        let Some((index, "[")) = self.open_bracket() else { return false };
        let before = index.checked_sub(1).and_then(|i| self.source.tokens.get(i));
        before.is_some_and(|t| t.span.of(self.source.text).starts_with(|c| c == '-' || draws_arrow(c)))
    }

    /// Whether a clause could stand here: where UNION can, a clause can, though pest may not have tried it.
    pub(super) fn wants_clause(&self) -> bool {
        self.expected.iter().any(|r| matches!(r, Rule::UNION | Rule::union) || words(*r) == Some(Words::Clause))
    }

    /// Whether an expression could stand here.
    pub(super) fn wants_expression(&self) -> bool {
        self.expected.iter().any(|r| words(*r) == Some(Words::Said("an expression")))
    }

    /// What could stand here, in words, if that is short enough to say.
    fn wanted(&self) -> Option<String> {
        let mut said: Vec<String> = Vec::new();
        let clause = self.wants_clause();
        for rule in &self.expected {
            let word = match words(*rule) {
                // a call or a projection, where the name before could also have been one
                Some(Words::Said("`(`" | "`{`" | "UNION")) if clause => continue,
                Some(Words::Said(text)) => text.to_owned(),
                Some(Words::Clause) => continue,
                None => match lexical::keyword(*rule) {
                    // the long form of `::`, which few write
                    Some("TYPED") => continue,
                    // half of an operator would only lengthen the list
                    Some(_) if is_operator(*rule) && self.expected.len() > 1 => continue,
                    Some(keyword) if clause && hint::is_clause_word(keyword) => continue,
                    Some(keyword) => keyword.to_owned(),
                    None => continue,
                },
            };
            if !said.contains(&word) {
                said.push(word);
            }
        }
        if self.wants_expression() {
            said.retain(|w| w == "an expression" || w.starts_with('`'));
        }
        said.sort_by_key(|w| (rank(w), w.clone()));
        if clause {
            said.push("a clause such as MATCH or RETURN".to_owned());
        }
        said.truncate(6);
        let last = said.pop()?;
        if said.is_empty() { Some(last) } else { Some(format!("{} or {last}", said.join(", "))) }
    }
}

/// Descriptions first, then marks, then keywords.
fn rank(word: &str) -> u8 {
    match word.chars().next() {
        Some('`') => 1,
        Some(c) if c.is_lowercase() => 0,
        _ => 2,
    }
}

fn is_operator(rule: Rule) -> bool {
    use Rule::*;
    matches!(rule, AND | OR | XOR | IN | IS | STARTS | ENDS | CONTAINS | NOT)
}

#[derive(PartialEq)]
enum Words {
    Said(&'static str),
    Clause,
}

/// How a rule is called before people. Keywords speak for themselves; what may always follow (operators,
/// accesses) is not worth saying.
fn words(rule: Rule) -> Option<Words> {
    use Rule::*;
    Some(Words::Said(match rule {
        match_clause | return_clause | with_clause | create_clause | merge_clause | set_clause | delete_clause
        | remove_clause | unwind_clause | call_subquery | call_procedure | foreach_clause | load_csv | trace
        | conflicts | single_query | query | statement | finish_clause | filter_clause | let_clause | for_clause
        | standing | insert_clause | nodetach | next_part | when_query | use_graph | options => {
            return Some(Words::Clause);
        }
        expression | filtered | number | string | paren | list | map | parameter | null_literal | true_literal
        | false_literal | case | shortest_path | subquery | count_star | reduce | list_predicate | call | target
        | projection_item | sort_item | sign | set_item | remove_item => "an expression",
        name | plain_word | parameter_name | procedure_name | index_name | projected | projected_entry | entry => {
            "a name"
        }
        variable => "a variable",
        label_name | label_or | label_and | label_not | any_label | narrow_or => "a label",
        node_labels => "`:Label`",
        type_or | type_and | type_not => "a relationship type",
        types => "`:TYPE`",
        path | pattern | path_steps | node | group => "a node such as (n)",
        relationship | chain | left_head => "a relationship such as -->",
        dash => "`-`",
        right_head => "`>`",
        properties => "`{key: value}`",
        where_clause | where_filtered => "WHERE",
        order_by => "ORDER BY",
        skip_rows => "SKIP",
        limit_rows => "LIMIT",
        as_of => "AS OF",
        according_to => "ACCORDING TO",
        known_by => "KNOWN BY",
        when_branch => "WHEN",
        else_branch => "ELSE",
        union => "UNION",
        yield_items | yield_star => "YIELD",
        type_name | type_word | type_open => "a type such as INTEGER",
        show_kind => {
            "INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES, LABELS, RELATIONSHIP TYPES, PROPERTY KEYS or SOURCES"
        }
        count_literal => "a number",
        comma => "`,`",
        colon => "`:`",
        bar => "`|`",
        equals | plus_equals => "`=`",
        star => "`*`",
        l_paren => "`(`",
        r_paren => "`)`",
        l_brace => "`{`",
        r_brace => "`}`",
        r_bracket => "`]`",
        projection_body => "`{`",
        quantifier_range => "`{1,3}`",
        EOI => "the end",
        _ => return None,
    }))
}
