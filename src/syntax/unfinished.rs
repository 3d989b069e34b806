//! Whether a text that is still being typed wants to go on: what a shell asks when someone presses Enter.

use super::ast::{ClauseKind, SingleQuery, StatementBody};
use super::scan::tokens;

/// Whether `text` is the beginning of a statement rather than a whole one: a quote, comment or bracket is open, a
/// clause wants more, or the last clause is none that a query can end with. A text that ends with a semicolon is
/// never unfinished, nor is one that is wrong before its end.
pub(crate) fn is_unfinished(text: &str) -> bool {
    let (tokens, problem) = tokens(text);
    if let Some(place) = problem.and_then(|error| error.span()) {
        let rest = &text[place.start as usize..];
        return rest.starts_with(['\'', '"', '`']) || rest.starts_with("/*");
    }
    let Some(last) = tokens.last().filter(|last| last.span.of(text) != ";") else { return false };
    match super::parse(text) {
        Err(error) => error.span().is_some_and(|place| place.start >= last.span.end),
        Ok(script) => script.statements.last().is_some_and(|statement| match &statement.body {
            StatementBody::Query(query) => wants_more(query.unions.last().map_or(&query.first, |union| &union.part)),
            _ => false,
        }),
    }
}

fn wants_more(part: &SingleQuery) -> bool {
    part.clauses.last().is_some_and(|clause| match clause.kind {
        ClauseKind::Match(_) | ClauseKind::Unwind { .. } | ClauseKind::With(_) | ClauseKind::LoadCsv { .. } => true,
        ClauseKind::Trace(_) | ClauseKind::Conflicts { .. } => part.clauses.len() > 1,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::is_unfinished;

    #[test]
    fn what_wants_to_go_on() {
        for text in [
            "MATCH (n)",
            "MATCH (n",
            "MATCH (n:law)-[",
            "MATCH (n) WHERE",
            "MATCH (n) WITH n",
            "UNWIND [1, 2] AS x",
            "RETURN 'two\nlines",
            "RETURN 1 /* why",
            "RETURN `a",
            "RETURN 1 +",
            "RETURN 1; MATCH (n)",
            "TRACE",
            "RETURN 1 AS x UNION",
        ] {
            assert!(is_unfinished(text), "{text}");
        }
        for text in [
            "",
            "  // nothing",
            "RETURN 1",
            "MATCH (n) RETURN n",
            "MATCH (n);",
            "RETRUN 1",
            "MATCH (n) RETRUN n",
            "RETURN 01",
            "CREATE (n)",
            "TRACE 'x'",
            "CONFLICTS",
            "BEGIN",
            "RETURN 1; RETURN 2",
        ] {
            assert!(!is_unfinished(text), "{text}");
        }
    }
}
