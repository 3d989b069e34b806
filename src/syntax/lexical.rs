//! Names, numbers, texts: from what was typed to what is meant. Keywords and the way to quote.

use super::ast::Literal;
use super::grammar::Rule;
use crate::error::{Code, Error, Result};

macro_rules! keywords {
    ($($rule:ident $text:literal)*) => {
        /// Every keyword of the language, in capitals and in order.
        pub(crate) const KEYWORDS: &[&str] = &[$($text),*];

        /// The keyword a rule stands for.
        pub(super) fn keyword(rule: Rule) -> Option<&'static str> {
            match rule { $(Rule::$rule => Some($text),)* _ => None }
        }
    };
}

keywords! {
    ACCORDING "ACCORDING" ACYCLIC "ACYCLIC" ALL "ALL" ALLSHORTESTPATHS "ALLSHORTESTPATHS" AND "AND" ANY_KW "ANY"
    ARRAY "ARRAY" AS "AS" ASC "ASC" ASCENDING "ASCENDING" ASSERT "ASSERT" BACKWARD "BACKWARD" BEGIN "BEGIN"
    BINDINGS "BINDINGS" BOTH "BOTH" BREAK "BREAK" BUILT "BUILT" BY "BY" CALL "CALL" CASE "CASE" CERTAIN "CERTAIN"
    CHEAPEST "CHEAPEST" CITE "CITE" COLLECT "COLLECT" COMMIT "COMMIT" CONCURRENT "CONCURRENT" CONFLICTS "CONFLICTS"
    CONSTRAINT "CONSTRAINT" CONSTRAINTS "CONSTRAINTS" CONTAINS "CONTAINS" CONTINUE "CONTINUE" COST "COST" COUNT "COUNT"
    CREATE "CREATE" CSV "CSV" CURRENT "CURRENT" CYPHER "CYPHER" DATABASE "DATABASE" DATABASES "DATABASES"
    DATETIME "DATETIME" DEFAULT "DEFAULT" DEFINED "DEFINED" DELETE "DELETE" DESC "DESC" DESCENDING "DESCENDING"
    DETACH "DETACH" DIFFERENT "DIFFERENT" DISTINCT "DISTINCT" DROP_KW "DROP" EACH "EACH" EDGE "EDGE" EDGES "EDGES"
    ELEMENT "ELEMENT" ELEMENTS "ELEMENTS" ELSE "ELSE" END "END" ENDS "ENDS" ERROR "ERROR" EXECUTABLE "EXECUTABLE"
    EXIST "EXIST" EXISTENCE "EXISTENCE" EXISTS "EXISTS" EXPLAIN "EXPLAIN" FAIL "FAIL" FALSE "FALSE"
    FIELDTERMINATOR "FIELDTERMINATOR" FILTER "FILTER" FINISH "FINISH" FOR "FOR" FOREACH "FOREACH" FORWARD "FORWARD"
    FROM "FROM" FULLTEXT "FULLTEXT" FUNCTION "FUNCTION" FUNCTIONS "FUNCTIONS" GROUP "GROUP" GROUPS "GROUPS"
    HEADERS "HEADERS" HOME "HOME" IF "IF" IN "IN" INDEX "INDEX" INDEXES "INDEXES" INSERT "INSERT" INTEGER "INTEGER"
    IS "IS" JOIN "JOIN" KEY "KEY" KEYS "KEYS" KNOWN "KNOWN" LABELED "LABELED" LABELS "LABELS" LEADING "LEADING"
    LET "LET" LIMIT "LIMIT" LIST "LIST" LOAD "LOAD" LOCAL "LOCAL" LOOKUP "LOOKUP" MATCH "MATCH" MERGE "MERGE"
    NEXT "NEXT" NODE "NODE" NODETACH "NODETACH" NONE "NONE" NORMALIZED "NORMALIZED" NOT "NOT" NULL "NULL" OF "OF"
    OFFSET "OFFSET" ON "ON" OPTIONAL "OPTIONAL" OPTIONS "OPTIONS" OR "OR" ORDER "ORDER" PATH "PATH" PATHS "PATHS"
    POINT "POINT" PROCEDURE "PROCEDURE" PROCEDURES "PROCEDURES" PROFILE "PROFILE" PROPERTY "PROPERTY" RANGE "RANGE"
    REDUCE "REDUCE" REL "REL" RELATIONSHIP "RELATIONSHIP" RELATIONSHIPS "RELATIONSHIPS" REMOVE "REMOVE"
    REPEATABLE "REPEATABLE" REPORT "REPORT" REQUIRE "REQUIRE" RETRY "RETRY" RETURN "RETURN" ROLLBACK "ROLLBACK"
    ROW "ROW" ROWS "ROWS" SCAN "SCAN" SEEK "SEEK" SET "SET" SETTING "SETTING"
    SETTINGS "SETTINGS" SHORTEST "SHORTEST" SHORTESTPATH "SHORTESTPATH" SHOW "SHOW" SIGNED "SIGNED" SIMPLE "SIMPLE"
    SINGLE "SINGLE" SKIP "SKIP" SOURCES "SOURCES" STARTS "STARTS" STATUS "STATUS" TERMINATE "TERMINATE" TEXT "TEXT"
    THEN "THEN" TIME "TIME" TO "TO" TRACE "TRACE" TRAIL "TRAIL" TRAILING "TRAILING" TRANSACTION "TRANSACTION"
    TRANSACTIONS "TRANSACTIONS" TRUE "TRUE" TX "TX" TYPED "TYPED" TYPES "TYPES" UNION "UNION"
    UNIQUE "UNIQUE" UNIQUENESS "UNIQUENESS" UNWIND "UNWIND" USE "USE" USER "USER" USING "USING" VALUE "VALUE"
    VECTOR "VECTOR" VIA "VIA" WALK "WALK" WHEN "WHEN" WHERE "WHERE" WITH "WITH" XOR "XOR" YIELD "YIELD" ZONED "ZONED"
}

/// Words that cannot name a variable without back-ticks, because they begin or join what may follow one.
pub(crate) const RESERVED: &[&str] = &[
    "AND", "AS", "CASE", "CREATE", "DELETE", "DISTINCT", "ELSE", "END", "FALSE", "IN", "IS", "MATCH", "MERGE", "NOT",
    "NULL", "OR", "REMOVE", "RETURN", "SET", "THEN", "TRUE", "UNION", "UNWIND", "WHEN", "WHERE", "WITH", "XOR",
];

/// A name as it stands in the tree: `` `a``b` `` is ``a`b``, and a name of dotted parts keeps its dots.
pub(super) fn plain_name(written: &str) -> String {
    if !written.contains('`') {
        return written.to_owned();
    }
    let mut name = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        if c != '`' {
            name.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        rest = quoted_part(&rest[1..], &mut name);
    }
    name
}

/// Reads to the closing back-tick; what stands behind it.
fn quoted_part<'t>(mut rest: &'t str, name: &mut String) -> &'t str {
    while let Some(end) = rest.find('`') {
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with('`') {
            break;
        }
        name.push('`');
        rest = &rest[1..];
    }
    rest
}

/// The number that was written, with the minus sign that stood before it. Errors: outside 64 bits, or a float
/// too large to represent.
pub(super) fn number(written: &str, negative: bool) -> Result<Literal> {
    let lower = written.to_ascii_lowercase().replace('_', "");
    if let Some(digits) = lower.strip_prefix("0x") {
        return integer(digits, 16, negative);
    }
    if let Some(digits) = lower.strip_prefix("0o") {
        return integer(digits, 8, negative);
    }
    if lower.bytes().all(|b| b.is_ascii_digit()) {
        return integer(&lower, 10, negative);
    }
    let wrong = || Error::syntax(Code::InvalidNumberLiteral, "this is no number");
    let value: f64 = lower.parse().map_err(|_| wrong())?;
    if value.is_infinite() {
        let message = "this number is too large: floats end near 1.8e308";
        return Err(Error::syntax(Code::FloatingPointOverflow, message));
    }
    Ok(Literal::Float(if negative { -value } else { value }))
}

fn integer(digits: &str, radix: u32, negative: bool) -> Result<Literal> {
    let signed = format!("{}{digits}", if negative { "-" } else { "" });
    i64::from_str_radix(&signed, radix).map(Literal::Integer).map_err(|_| {
        let message = "this number is too large: integers go from -9223372036854775808 to 9223372036854775807";
        Error::syntax(Code::IntegerOverflow, message).hint("write it as a float (1e19) or as a text")
    })
}

/// A count in a pattern (`*1..3`, `{2}`, `SHORTEST 3`). Errors: too large.
pub(super) fn count(written: &str) -> Result<u64> {
    written
        .replace('_', "")
        .parse::<i64>()
        .ok()
        .and_then(|n| u64::try_from(n).ok())
        .ok_or_else(|| Error::syntax(Code::IntegerOverflow, "this count is too large"))
}

/// The text between quotes, escapes and doubled quotes resolved. Errors: an escape that means nothing.
pub(super) fn string(written: &str) -> Result<String> {
    let quote = if written.starts_with('"') { '"' } else { '\'' };
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find(['\\', quote]) {
        text.push_str(&rest[..at]);
        let (c, used) = if rest[at..].starts_with(quote) { (quote, 1) } else { escape(&rest[at + 1..])? };
        text.push(c);
        rest = rest.get(at + 1 + used..).unwrap_or("");
    }
    text.push_str(rest);
    Ok(text)
}

/// The character an escape stands for, and how many bytes it takes behind its backslash.
fn escape(rest: &str) -> Result<(char, usize)> {
    let c = match rest.chars().next() {
        Some(c @ ('\\' | '\'' | '"' | '`')) => c,
        Some('b') => '\u{8}',
        Some('f') => '\u{C}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return short_escape(rest),
        Some('U') => return long_escape(rest),
        other => {
            let shown = other.map_or(String::new(), String::from);
            return Err(Error::syntax(Code::UnexpectedSyntax, format!("\\{shown} means nothing in a text"))
                .hint("a backslash itself is written \\\\; others are \\n \\t \\r \\b \\f \\' \\\" \\u0041"));
        }
    };
    Ok((c, 1))
}

/// `uXXXX`, or two of them for one character beyond the first plane.
fn short_escape(rest: &str) -> Result<(char, usize)> {
    let first = hex(rest, 1, 4)?;
    if (0xD800..0xDC00).contains(&first)
        && let Some(behind) = rest.get(5..).filter(|r| r.starts_with("\\u"))
        && let Ok(second) = hex(behind, 2, 4)
        && (0xDC00..0xE000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return Ok((character(code)?, 11));
    }
    Ok((character(first)?, 5))
}

fn long_escape(rest: &str) -> Result<(char, usize)> {
    Ok((character(hex(rest, 1, 8)?)?, 9))
}

fn hex(text: &str, from: usize, digits: usize) -> Result<u32> {
    text.get(from..from + digits)
        .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|d| u32::from_str_radix(d, 16).ok())
        .ok_or_else(|| {
            Error::syntax(Code::InvalidUnicodeLiteral, "this \\u escape is not complete")
                .hint("\\u takes four hexadecimal digits, \\U eight; a backslash itself is written \\\\")
        })
}

fn character(code: u32) -> Result<char> {
    char::from_u32(code)
        .ok_or_else(|| Error::syntax(Code::InvalidUnicodeLiteral, format!("U+{code:04X} is no character")))
}
