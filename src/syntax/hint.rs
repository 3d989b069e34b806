//! What was probably meant: the slips of people who come from SQL, from other languages, or from a long day.

use super::grammar::Rule;
use super::lexical::{self, RESERVED};
use super::refusal::Scene;
use super::scan::{TokenKind, draws_arrow};
use crate::error::nearest;

/// Advice for a refused token, the most telling first.
pub(super) fn hint(scene: &Scene<'_>) -> Option<String> {
    let tries: [fn(&Scene<'_>) -> Option<String>; 12] = [
        |s| not_offered(s).map(|(_, instead)| instead.to_owned()),
        foreign_operator,
        foreign_word,
        comma_too_many,
        arrow,
        map_entry,
        missing_parentheses,
        out_of_order,
        reserved,
        misspelt,
        two_words,
        bracket,
    ];
    tries.iter().find_map(|attempt| attempt(scene))
}

/// Beginnings of statements that other engines have: how they are called, and what there is instead.
const BEGINNINGS: &[(&[&str], &str, &str)] = &[
    (&["ALTER"], "ALTER is", NOTHING_TO_ADMINISTER),
    (&["GRANT"], "GRANT is", NOTHING_TO_ADMINISTER),
    (&["DENY"], "DENY is", NOTHING_TO_ADMINISTER),
    (&["REVOKE"], "REVOKE is", NOTHING_TO_ADMINISTER),
    (&["CREATE", "USER"], "CREATE USER is", NOTHING_TO_ADMINISTER),
    (&["CREATE", "ROLE"], "CREATE ROLE is", NOTHING_TO_ADMINISTER),
    (&["CREATE", "DATABASE"], "CREATE DATABASE is", ONE_GRAPH),
    (&["CREATE", "COMPOSITE"], "CREATE COMPOSITE DATABASE is", ONE_GRAPH),
    (&["CREATE", "GRAPH"], "CREATE GRAPH is", ONE_GRAPH),
    (&["DROP", "DATABASE"], "DROP DATABASE is", ONE_GRAPH),
    (&["DROP", "GRAPH"], "DROP GRAPH is", ONE_GRAPH),
    (&["START", "DATABASE"], "START DATABASE is", ONE_GRAPH),
    (&["STOP", "DATABASE"], "STOP DATABASE is", ONE_GRAPH),
    (
        &["CREATE", "VECTOR"],
        "a vector index is",
        "vectors are lists of numbers: ORDER BY vector.similarity.cosine(n.key, $vector) DESC LIMIT 10 finds the nearest",
    ),
    (&["CREATE", "POINT"], "a point index is", "keep latitude and longitude as numbers, and make an index for each"),
    (&["CREATE", "UNIQUE"], "CREATE UNIQUE is", "MERGE makes what is not there yet"),
    (&["CREATE", "OR"], "OR REPLACE is", "drop it first: DROP … IF EXISTS"),
    (
        &["START"],
        "START is",
        "MATCH (n) RETURN n finds every node, MATCH (n) WHERE elementId(n) = '7' RETURN n one of them",
    ),
    (
        &[":"],
        "a command with a colon is",
        "parameters are given beside the text: --param x=1; the shell has commands of its own",
    ),
    (&["USE"], "USE of more than a name is", "an engine holds one graph, and USE neo4j names it"),
];

const NOTHING_TO_ADMINISTER: &str = "there are no users and no databases to administer";
const ONE_GRAPH: &str = "an engine holds one graph; another one is another file: --db FILE";

/// What other engines have and this one says no to by name: how it is called, and what there is instead.
pub(super) fn not_offered(scene: &Scene<'_>) -> Option<(String, &'static str)> {
    let word = |at: usize| scene.source.tokens.get(at).map_or("", |t| t.span.of(scene.source.text));
    if word(0).eq_ignore_ascii_case("SHOW") && scene.index == 1 && scene.kind() == Some(TokenKind::Word) {
        let what = scene.token(0).to_uppercase();
        if matches!(&*what, "USERS" | "ROLE" | "ROLES" | "PRIVILEGES" | "SERVERS" | "ALIASES" | "SUPPORTED") {
            return Some((format!("SHOW {what} is"), NOTHING_TO_ADMINISTER));
        }
        return Some((
            format!("{what} is"),
            "there are SHOW INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES, LABELS, RELATIONSHIP TYPES, PROPERTY KEYS, SOURCES, \
             DATABASES, CURRENT USER, TRANSACTIONS, SETTINGS",
        ));
    }
    if scene.is(0, "USING") && scene.wants_clause() {
        return Some(("USING is".into(), "planner hints are not needed: leave USING out; EXPLAIN shows the plan"));
    }
    // refused within the words themselves, or at the one behind them
    let begins = |words: &[&str]| {
        scene.index <= words.len() && words.iter().enumerate().all(|(at, said)| word(at).eq_ignore_ascii_case(said))
    };
    let (_, what, instead) = BEGINNINGS.iter().find(|(words, ..)| begins(words))?;
    Some(((*what).to_owned(), instead))
}

fn foreign_operator(scene: &Scene<'_>) -> Option<String> {
    let pair = |a: &str, b: &str| {
        (scene.token(0) == a && scene.token(1) == b && scene.glued(1))
            || (scene.token(-1) == a && scene.token(0) == b && scene.glued(0))
    };
    let advice = if pair("=", "=") {
        "equality is written with one ="
    } else if pair("!", "=") {
        "inequality is written <>"
    } else if pair("&", "&") {
        "write AND"
    } else if pair("|", "|") {
        "write OR; || joins texts and lists"
    } else if pair("=", "<") || pair("=", ">") {
        "write <= or >="
    } else if pair(":", "=") {
        "write ="
    } else if pair("*", "*") {
        "powers are written a ^ b"
    } else if pair("/", "/") {
        "a comment begins with // and runs to the end of the line"
    } else if scene.token(0) == "!" && scene.wants_expression() {
        "write NOT"
    } else if scene.token(0).starts_with(draws_arrow) {
        "write a plain -, < or >"
    } else if scene.token(0).starts_with(['\'', '"']) && scene.token(-1).ends_with(['\'', '"']) && scene.glued(0) {
        "a quote inside a text is written \\' or \\\""
    } else if scene.token(0) == "~" && matches!(scene.token(-1), ")" | "]") {
        "a relationship without direction is written (a)-[r]-(b)"
    } else if scene.token(0) == "~" {
        "regular expressions are matched with =~"
    } else {
        return None;
    };
    Some(advice.to_owned())
}

fn foreign_word(scene: &Scene<'_>) -> Option<String> {
    let advice = match scene.token(0).to_ascii_uppercase().as_str() {
        "SELECT" => "there is no SELECT: describe the pattern, then say what to return: MATCH (n:Label) RETURN n.key",
        "FROM" => "there is no FROM: the pattern behind MATCH says where to look",
        "UPDATE" => "write MATCH (n) SET n.key = value",
        "JOIN" | "INNER" | "OUTER" => "joins are relationships in the pattern: MATCH (a)-[:TYPE]->(b)",
        "LEFT" if scene.is(1, "JOIN") => "write OPTIONAL MATCH",
        "GROUP" if scene.is(1, "BY") => "there is no GROUP BY: what is returned beside an aggregate is the group",
        "HAVING" => "write WITH key, count(*) AS n WHERE n > 1",
        "LIKE" | "ILIKE" => "write CONTAINS, STARTS WITH or ENDS WITH, or =~ with a regular expression",
        "BETWEEN" => "write low <= x <= high",
        "NOT" if scene.is(1, "IN") => "write NOT x IN list",
        "NOT" if scene.is(1, "NULL") => "write IS NOT NULL",
        "NOT" if matches!(scene.token(1).to_ascii_uppercase().as_str(), "CONTAINS" | "STARTS" | "ENDS" | "LIKE") => {
            "put NOT before the whole test: NOT a CONTAINS b"
        }
        "NOT" if scene.wants_expression() => "NOT binds loosely: write a = (NOT b)",
        _ if scene.is(-2, "WITH") && (scene.is(-1, "ORDINALITY") || scene.is(-1, "OFFSET")) => {
            "write FOR i IN range(0, size(list) - 1), and list[i] for what stands there"
        }
        "NULLS" => "null sorts last in ascending order and first in descending order",
        "TOP" => "write LIMIT behind RETURN",
        "IF" => "write CASE WHEN … THEN … ELSE … END",
        _ => return None,
    };
    Some(advice.to_owned())
}

fn comma_too_many(scene: &Scene<'_>) -> Option<String> {
    let closes = matches!(scene.token(0), "" | ")" | "]" | "}" | ",") || is_clause_word(scene.token(0));
    (scene.token(-1) == "," && closes)
        .then(|| "a comma too many before it, or something missing behind the comma".to_owned())
}

fn arrow(scene: &Scene<'_>) -> Option<String> {
    let expects_dash = scene.expected.contains(&Rule::dash);
    let advice = match scene.token(0) {
        ">" if scene.token(-1) == "-" && expects_dash => "a relationship is drawn --> or -[r:TYPE]->",
        ">" if scene.token(-1) == "]" => "a relationship to the right ends in ]->",
        "(" if scene.token(-1) == "-" && expects_dash => {
            "a relationship is drawn with two dashes: (a)--(b), (a)-->(b), (a)-[r]-(b)"
        }
        "(" if scene.token(-1) == "]" && expects_dash => "a relationship goes on behind its bracket: (a)-[r]->(b)",
        ">" if scene.token(-1) == "=" => "write >= or, in a pattern, -->",
        "-" if scene.in_relationship() && scene.token(1) == ">" => return bracket(scene),
        ".." | "-" if scene.in_relationship() => "a length is written *1..3, *..3 or *2, with whole numbers from 0",
        _ if scene.in_relationship() && scene.kind() == Some(TokenKind::Number) => {
            "a length is written *1..3, *..3 or *2, with whole numbers from 0"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

fn map_entry(scene: &Scene<'_>) -> Option<String> {
    let Some((_, "{")) = scene.open_bracket() else { return None };
    let advice = match (scene.token(0), scene.kind()) {
        ("=", _) => "a map is written {key: value}".to_owned(),
        ("}", _) if scene.token(-2) == "{" && scene.expected.contains(&Rule::colon) => {
            format!("a parameter is written ${}", scene.token(-1))
        }
        (key, Some(TokenKind::Text)) if matches!(scene.token(-1), "{" | ",") => {
            format!("keys stand without quotes: {}", super::quote_name(key.trim_matches(['\'', '"'])))
        }
        _ => return None,
    };
    Some(advice)
}

fn missing_parentheses(scene: &Scene<'_>) -> Option<String> {
    let (before, token) = (scene.token(-1), scene.token(0));
    let name = scene.kind() == Some(TokenKind::Word) && !is_clause_word(token) && before != "(";
    let wants = |rules: &[Rule]| scene.expected.iter().any(|r| rules.contains(r));
    let node = [Rule::node, Rule::group, Rule::path, Rule::pattern, Rule::path_steps];
    if name && !scene.wants_clause() && (wants(&node) || (matches!(before, ">" | "-") && wants(&[Rule::l_paren]))) {
        return Some(format!("a node stands in parentheses: ({token})"));
    }
    let begins_pattern = ["MATCH", "CREATE", "MERGE", ","].iter().any(|w| scene.is(-2, w));
    if begins_pattern && scene.expected == [Rule::equals] {
        return Some(format!("a node stands in parentheses: ({before})"));
    }
    let compared = matches!(scene.token(1), "." | "=" | "<" | ">");
    (name && before == ")" && compared && scene.wants_clause()).then(|| "a condition begins with WHERE".to_owned())
}

fn out_of_order(scene: &Scene<'_>) -> Option<String> {
    let before = |word: &str| {
        let tokens = scene.source.tokens.get(..scene.index).unwrap_or_default();
        tokens.iter().rev().any(|t| t.span.of(scene.source.text).eq_ignore_ascii_case(word))
    };
    let advice = match scene.token(0).to_ascii_uppercase().as_str() {
        "WHERE" if scene.index == 0 => "WHERE follows a MATCH or a WITH: MATCH (n) WHERE n.key = 1 RETURN n",
        "WHERE" if scene.expected == [Rule::IN] => "write x IN list before WHERE",
        "WHERE" if before("RETURN") => "filter before returning: MATCH … WHERE … RETURN, or WITH … WHERE … RETURN",
        "WHERE" => "WHERE belongs to MATCH, WITH or YIELD",
        "SKIP" | "OFFSET" if before("LIMIT") => "SKIP stands before LIMIT",
        "ORDER" if before("LIMIT") || before("SKIP") => "ORDER BY stands before SKIP and LIMIT",
        "AS" if scene.is(1, "OF") => "AS OF stands between the pattern and WHERE",
        "AS" => "only a whole column can be named with AS",
        "" if scene.is(-1, "RETURN") => "say what to return, for example RETURN n or RETURN *",
        "" if scene.expected.contains(&Rule::END) => "CASE is closed with END",
        _ if scene.expected.contains(&Rule::END) && is_clause_word(scene.token(0)) => "CASE is closed with END",
        _ => return None,
    };
    Some(advice.to_owned())
}

fn reserved(scene: &Scene<'_>) -> Option<String> {
    let token = scene.token(0);
    let named = scene.expected.contains(&Rule::variable) || matches!(scene.token(-1), "(" | "[") || scene.is(-1, "AS");
    let is_reserved = RESERVED.iter().any(|w| w.eq_ignore_ascii_case(token));
    // `(match)` and `(match:Label)` mean a name; `( RETURN n` means a bracket that is still open.
    let opens = matches!(scene.token(-1), "(" | "[") && matches!(scene.token(1), ")" | "]" | ":" | "{");
    let column = ["RETURN", "WITH", "BY", ","].iter().any(|w| scene.is(-1, w)) && scene.wants_expression();
    ((named || column) && is_reserved && (opens || !is_clause_word(token)))
        .then(|| format!("{} is a keyword; as a name write `{token}`", token.to_uppercase()))
}

fn bracket(scene: &Scene<'_>) -> Option<String> {
    let token = scene.token(0);
    let closes = matches!(token, ")" | "]" | "}");
    let Some((index, open)) = scene.open_bracket() else {
        return closes.then(|| format!("no bracket is open that {token} could close"));
    };
    let close = match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let wanted = [Rule::r_paren, Rule::r_bracket, Rule::r_brace].iter().any(|r| scene.expected.contains(r));
    if token.is_empty() || (closes && token != close) || (wanted && !closes && !scene.wants_clause()) {
        let place = scene.source.tokens.get(index)?.span;
        let (line, column) = place.line_column(scene.source.text);
        return Some(format!("the {open} at line {line}, column {column} is still open: close it with {close}"));
    }
    None
}

fn misspelt(scene: &Scene<'_>) -> Option<String> {
    let token = scene.token(0);
    if scene.kind() != Some(TokenKind::Word) || token.chars().count() < 3 {
        return None;
    }
    let expected = scene.expected.iter().filter_map(|r| lexical::keyword(*r));
    let clauses = CLAUSE_WORDS.iter().copied().filter(|_| scene.wants_clause());
    let tests =
        ["CONTAINS", "STARTS", "ENDS", "ORDER", "LIMIT", "SKIP", "WHERE", "AND", "OR", "IN", "IS", "AS", "UNION"];
    let tests = tests.into_iter().filter(|_| !scene.wants_expression());
    let found = nearest(token, expected.chain(clauses).chain(tests)).filter(|w| !w.eq_ignore_ascii_case(token))?;
    Some(format!("did you mean {found}?"))
}

fn two_words(scene: &Scene<'_>) -> Option<String> {
    let (before, token) = (scene.token(-1), scene.token(0));
    let word = scene.kind() == Some(TokenKind::Word) && !is_clause_word(token);
    if word && scene.token(-2) == "(" && scene.expected.contains(&Rule::equals) {
        return Some(format!("a label stands behind a colon: ({before}:{token})"));
    }
    if before == "$" && scene.expected.contains(&Rule::l_paren) {
        return Some(format!("a label or type out of a parameter stands in brackets: $(${token})"));
    }
    let both_words = scene.kind() == Some(TokenKind::Word) && scene.token(-1).chars().all(char::is_alphanumeric);
    let label = scene.token(-2) == ":" && scene.open_bracket().is_some() && !is_clause_word(scene.token(0));
    (both_words && label)
        .then(|| format!("a name with a blank stands in back-ticks: `{} {}`", scene.token(-1), scene.token(0)))
}

/// Words that begin a clause.
const CLAUSE_WORDS: &[&str] = &[
    "MATCH",
    "OPTIONAL",
    "RETURN",
    "WITH",
    "WHERE",
    "CREATE",
    "MERGE",
    "SET",
    "REMOVE",
    "DELETE",
    "DETACH",
    "UNWIND",
    "UNION",
    "CALL",
    "FOREACH",
    "LOAD",
    "TRACE",
    "CONFLICTS",
    "CITE",
    "EXPLAIN",
    "PROFILE",
    "SHOW",
    "ORDER",
    "SKIP",
    "LIMIT",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "DROP",
    "FINISH",
    "LET",
    "FILTER",
    "FOR",
    "INSERT",
    "NEXT",
    "NODETACH",
    "USE",
    "CYPHER",
];

/// Whether `token` begins a clause.
pub(super) fn is_clause_word(token: &str) -> bool {
    CLAUSE_WORDS.iter().any(|w| w.eq_ignore_ascii_case(token))
}
