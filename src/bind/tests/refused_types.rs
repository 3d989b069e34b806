//! Values of types that can never fit.

use super::{bind, check_refused};
use crate::error::Class;
use crate::error::Code::*;

#[test]
fn conditions_that_are_no_booleans() {
    check_refused(&[
        ("RETURN NOT 1", InvalidArgumentType, "1"),
        ("RETURN NOT 'true'", InvalidArgumentType, "'true'"),
        ("RETURN NOT [true]", InvalidArgumentType, "[true]"),
        ("RETURN NOT {a: 1}", InvalidArgumentType, "{a: 1}"),
        ("RETURN 123 OR true", InvalidArgumentType, "123"),
        ("RETURN false OR 123.4", InvalidArgumentType, "123.4"),
        ("RETURN null AND 'foo'", InvalidArgumentType, "'foo'"),
        ("RETURN true XOR []", InvalidArgumentType, "[]"),
        ("RETURN true AND false AND {}", InvalidArgumentType, "{}"),
        ("WITH 1 AS one RETURN one OR true", InvalidArgumentType, "one"),
        ("MATCH (n) WHERE (n) RETURN n", InvalidArgumentType, "(n)"),
        ("MATCH (n) WHERE n RETURN n", InvalidArgumentType, "n"),
        ("MATCH (n) WHERE 'x' RETURN n", InvalidArgumentType, "'x'"),
        ("MATCH (n) WITH n WHERE n.x + 1 AND 1 RETURN n", InvalidArgumentType, "1"),
        ("RETURN CASE WHEN 1 THEN 2 END", InvalidArgumentType, "1"),
        ("RETURN [x IN [1, 2] WHERE x]", InvalidArgumentType, "x"),
        ("RETURN all(x IN ['a'] WHERE x)", InvalidArgumentType, "x"),
    ]);
}

#[test]
fn operands_that_never_fit() {
    check_refused(&[
        ("RETURN 'a' - 1", InvalidArgumentType, "'a'"),
        ("RETURN 1 * true", InvalidArgumentType, "true"),
        ("RETURN 1 + 2 + true", InvalidArgumentType, "true"),
        ("RETURN {a: 1} + 1", InvalidArgumentType, "{a: 1}"),
        ("RETURN -'x'", InvalidArgumentType, "'x'"),
        ("RETURN none(x IN ['Clara'] WHERE x % 2 = 0)", InvalidArgumentType, "x"),
        ("RETURN single(x IN [false, true] WHERE x % 2 = 0)", InvalidArgumentType, "x"),
        ("UNWIND ['a', 'b'] AS x RETURN x / 2", InvalidArgumentType, "x"),
        ("RETURN 1 IN 2", InvalidArgumentType, "2"),
        ("RETURN 1 IN 'foo'", InvalidArgumentType, "'foo'"),
        ("RETURN 1 IN {x: []}", InvalidArgumentType, "{x: []}"),
        ("RETURN [x IN 1 | x]", InvalidArgumentType, "1"),
        ("RETURN any(x IN 'abc' WHERE true)", InvalidArgumentType, "'abc'"),
        ("RETURN reduce(s = 0, x IN 5 | s)", InvalidArgumentType, "5"),
        ("FOREACH (x IN 1 | CREATE ())", InvalidArgumentType, "1"),
        ("RETURN 1:Label", InvalidArgumentType, "1"),
        ("MATCH p = ()-->() WHERE p:Label RETURN p", InvalidArgumentType, "p"),
        ("MATCH p = ()-->() RETURN p {.x}", InvalidArgumentType, "p"),
        ("MATCH p = ()-[*]->() WHERE p.name = 'apa' RETURN p", InvalidArgumentType, "name"),
        ("MATCH (n) AS OF 5 RETURN n", InvalidArgumentType, "5"),
        ("MATCH (n) ACCORDING TO 5 RETURN n", InvalidArgumentType, "5"),
        ("TRACE 5", InvalidArgumentType, "5"),
    ]);
}

#[test]
fn functions() {
    check_refused(&[
        ("MATCH (a) RETURN foo(a)", UnknownFunction, "foo"),
        ("RETURN toUper('x')", UnknownFunction, "toUper"),
        ("RETURN toUpper()", InvalidNumberOfArguments, "toUpper"),
        ("RETURN toUpper('a', 'b')", InvalidNumberOfArguments, "toUpper"),
        ("RETURN count()", InvalidNumberOfArguments, "count"),
        ("RETURN toUpper(DISTINCT 'a')", UnexpectedSyntax, "toUpper"),
        ("MATCH p = (a) RETURN labels(p) AS l", InvalidArgumentType, "p"),
        ("MATCH (r) RETURN type(r)", InvalidArgumentType, "r"),
        ("MATCH p = (a)-[*]->(b) RETURN size(p)", InvalidArgumentType, "p"),
        ("MATCH (n) RETURN length(n)", InvalidArgumentType, "n"),
        ("MATCH ()-[r]->() RETURN length(r)", InvalidArgumentType, "r"),
        ("RETURN properties(1)", InvalidArgumentType, "1"),
        ("RETURN properties('Cypher')", InvalidArgumentType, "'Cypher'"),
        ("RETURN properties([true, false])", InvalidArgumentType, "[true, false]"),
        ("MATCH (a), (b) RETURN size((a)-->(b))", UnexpectedSyntax, "(a)-->(b)"),
        ("MATCH (n) RETURN exists(n)", InvalidArgumentType, "exists(n"),
    ]);
}

#[test]
fn patterns_where_values_stand() {
    check_refused(&[
        ("MATCH (n) RETURN (n)-[]->()", UnexpectedSyntax, "(n)-[]->()"),
        ("MATCH (n) WITH (n)-[]->() AS x RETURN x", UnexpectedSyntax, "(n)-[]->()"),
        ("MATCH (n) SET n.prop = head(nodes(head((n)-[:REL]->()))).foo", UnexpectedSyntax, "(n)-[:REL]->()"),
        ("MATCH (n) RETURN [(n)-->()]", UnexpectedSyntax, "(n)-->()"),
        ("MATCH (n) WHERE (n)-->() = true RETURN n", UnexpectedSyntax, "(n)-->()"),
    ]);
}

#[test]
fn what_cannot_be_set_or_deleted() {
    check_refused(&[
        ("MATCH (n) DELETE n:Person", InvalidDelete, "n:Person"),
        ("MATCH ()-[r:T]-() DELETE r:T", InvalidDelete, "r:T"),
        ("MATCH () DELETE 1 + 1", InvalidArgumentType, "1 + 1"),
        ("MATCH (n) DELETE [n]", InvalidArgumentType, "[n]"),
        ("MATCH (n) DELETE 'n'", InvalidArgumentType, "'n'"),
        ("MATCH p = ()-->() SET p.x = 1", InvalidArgumentType, "p"),
        ("WITH 1 AS x SET x.y = 1", InvalidArgumentType, "x"),
        ("WITH {a: 1} AS m SET m.a = 2", InvalidArgumentType, "m"),
        ("MATCH ()-[r]->() SET r:Label", InvalidArgumentType, "r"),
        ("MATCH (n) SET n = 1", InvalidArgumentType, "1"),
        ("MATCH (n) SET n += [1]", InvalidArgumentType, "[1]"),
        ("MATCH p = ()-->() REMOVE p.x", InvalidArgumentType, "p"),
        ("MATCH ()-[r]->() REMOVE r:Label", InvalidArgumentType, "r"),
    ]);
}

/// openCypher makes these type errors, though they are found before any row flows.
#[test]
fn properties_of_what_has_none() {
    for value in ["123", "42.45", "true", "'string'", "[123, true]"] {
        let text = format!("WITH {value} AS x RETURN x.num");
        let error = bind(&text).expect_err("no properties");
        assert_eq!((error.class(), error.code()), (Class::TypeError, InvalidArgumentType), "{text}");
        assert_eq!(error.span().map(|span| span.of(&text)), Some("num"));
    }
}
