//! How to write a name or a text so that it is read back as exactly that, whatever it holds.

use super::lexical::{KEYWORDS, RESERVED};
use super::scan::{continues_word, starts_word};

/// `name` as a variable, key, function or column: in back-ticks unless it is a plain word that no
/// keyword shares. An empty name becomes two back-ticks, which only a key may be.
pub(crate) fn quote_name(name: &str) -> String {
    let keyword = |list: &[&str]| list.iter().any(|w| w.eq_ignore_ascii_case(name));
    if is_word(name) && !keyword(RESERVED) && !keyword(KEYWORDS) { name.to_owned() } else { in_ticks(name) }
}

/// `name` as a label or relationship type: hyphens inside it need no back-ticks.
pub(crate) fn quote_label(name: &str) -> String {
    let mut parts = name.split('-');
    let plain = parts.next().is_some_and(is_word) && parts.all(|p| !p.is_empty() && p.chars().all(continues_word));
    if plain { name.to_owned() } else { in_ticks(name) }
}

/// `text` as a literal between single quotes.
pub(crate) fn quote_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_invisible(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// `name` as a property key.
pub(super) fn quote_key(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { in_ticks(name) }
}

/// Marks that turn the direction of what is shown, or hide in it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// A dotted name of a function or procedure, each part quoted where it must be.
pub(super) fn quote_dotted(name: &str) -> String {
    if name.split('.').any(str::is_empty) {
        return in_ticks(name);
    }
    let mut parts = name.split('.');
    let first = parts.next().map(|p| if is_reserved(p) || is_special(p) { in_ticks(p) } else { quote_key(p) });
    let rest = parts.map(quote_key);
    first.into_iter().chain(rest).collect::<Vec<_>>().join(".")
}

/// A parameter, with its dollar sign.
pub(super) fn quote_parameter(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(continues_word);
    format!("${}", if plain { name.to_owned() } else { in_ticks(name) })
}

fn in_ticks(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn is_word(name: &str) -> bool {
    name.starts_with(starts_word) && name.chars().all(continues_word)
}

/// What begins a call of its own shape.
fn is_special(name: &str) -> bool {
    let special = ["ALL", "ANY", "NONE", "SINGLE", "REDUCE", "SHORTESTPATH", "ALLSHORTESTPATHS"];
    special.iter().any(|w| w.eq_ignore_ascii_case(name))
}

fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|w| w.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ast::{Clause, ClauseKind, ExprKind, LabelExpr, Literal, PathElement, StatementBody};
    use super::super::parse_statement;
    use super::*;

    fn only_clause(query: &str) -> ClauseKind {
        let statement = parse_statement(query).unwrap_or_else(|e| panic!("{query}: {e}"));
        let StatementBody::Query(mut query) = statement.body else { panic!("{query}: no query") };
        let Some(Clause { kind, .. }) = query.first.clauses.pop() else { panic!("no clause") };
        assert!(query.first.clauses.is_empty(), "more than one clause");
        kind
    }

    fn text_of(query: &str) -> String {
        let ClauseKind::Return(mut said) = only_clause(query) else { panic!("{query}: no RETURN") };
        match said.items.pop().map(|i| i.expr.kind) {
            Some(ExprKind::Literal(Literal::String(text))) => text,
            other => panic!("{query}: {other:?}"),
        }
    }

    fn names_of(query: &str) -> (String, String) {
        let ClauseKind::Create(mut pattern) = only_clause(query) else { panic!("{query}: no CREATE") };
        match pattern.paths.pop().and_then(|mut p| p.elements.pop()) {
            Some(PathElement::Node(node)) => match (node.variable, node.labels) {
                (Some(variable), Some(LabelExpr::Name(label))) => (variable.text, label.text),
                other => panic!("{query}: {other:?}"),
            },
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn what_would_break_out_stays_inside() {
        for text in ["') DETACH DELETE n //", "\\u0027) //", "a\\", "\0", "\n//", "`", "'\\'", "\u{2028}"] {
            assert_eq!(text_of(&format!("RETURN {}", quote_string(text))), text);
            let (variable, label) = names_of(&format!("CREATE ({}:{})", quote_name(text), quote_label(text)));
            assert_eq!((&*variable, &*label), (text, text));
        }
        assert_eq!(quote_label("transferred-to"), "transferred-to");
        assert_eq!(quote_label("a--b"), "`a--b`");
        assert_eq!(quote_name("count"), "`count`");
        assert_eq!(quote_name("құрылтай"), "құрылтай");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn quoted_and_read_is_the_same(text in "\\PC*|[\\x00-\\x7F]{0,12}|[-`'\"\\\\/*.$a-c\\n]{1,12}") {
            prop_assert_eq!(text_of(&format!("RETURN {} // '", quote_string(&text))), text.clone());
            if !text.is_empty() {
                let (variable, label) = names_of(&format!("CREATE ({}:{})", quote_name(&text), quote_label(&text)));
                prop_assert_eq!((&variable, &label), (&text, &text));
            }
        }
    }
}
