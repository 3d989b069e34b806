//! Clauses in the wrong order, aggregates in the wrong place, rules of patterns that are created, calls.

use super::check_refused;
use crate::error::Code::*;

#[test]
fn clauses_in_the_wrong_order() {
    check_refused(&[
        ("MATCH (n)", InvalidClauseComposition, "MATCH"),
        ("OPTIONAL MATCH (n)", InvalidClauseComposition, "OPTIONAL"),
        ("MATCH (n) WITH n", InvalidClauseComposition, "WITH"),
        ("UNWIND [1] AS x", InvalidClauseComposition, "UNWIND"),
        ("MATCH (n) CALL test.labels() YIELD label", InvalidClauseComposition, "CALL"),
        ("MATCH (n) CALL { RETURN 1 AS x }", InvalidClauseComposition, "CALL"),
        ("CREATE (n) MATCH (m) RETURN m", InvalidClauseComposition, "MATCH"),
        ("CREATE (n) UNWIND [1] AS x RETURN x", InvalidClauseComposition, "UNWIND"),
        ("MATCH (n) SET n.x = 1 CALL test.labels() YIELD label RETURN label", InvalidClauseComposition, "CALL"),
        ("MATCH (n) DELETE n OPTIONAL MATCH (m) RETURN m", InvalidClauseComposition, "OPTIONAL"),
        ("RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a", InvalidClauseComposition, "UNION ALL"),
        ("RETURN 1 AS a UNION ALL RETURN 2 AS a UNION RETURN 3 AS a", InvalidClauseComposition, "UNION"),
        ("MATCH (n) WHERE EXISTS { MATCH (n)-->(m) SET m.x = 1 } RETURN n", InvalidClauseComposition, "SET"),
        ("MATCH (n) RETURN COUNT { MATCH (n)-->(m) DELETE m } AS c", InvalidClauseComposition, "DELETE"),
        ("RETURN COLLECT { CREATE (n) RETURN n } AS c", InvalidClauseComposition, "CREATE"),
        ("RETURN EXISTS { CALL { CREATE (n) } RETURN 1 AS x } AS c", InvalidClauseComposition, "CREATE"),
        ("MATCH (n) RETURN COLLECT { MATCH (n)-->(m) } AS c", InvalidClauseComposition, "MATCH"),
        (
            "RETURN COLLECT { RETURN 1 AS a, 2 AS b } AS c",
            InvalidClauseComposition,
            "COLLECT { RETURN 1 AS a, 2 AS b }",
        ),
        ("MATCH (n) CALL { WITH n AS m RETURN m.x AS x } RETURN x", InvalidClauseComposition, "m"),
        ("MATCH (n) CALL { WITH n, 1 AS one RETURN n.x AS x } RETURN x", InvalidClauseComposition, "1"),
        ("MATCH (n) CALL { WITH n WHERE n.x > 1 RETURN n.x AS x } RETURN x", InvalidClauseComposition, "n.x > 1"),
        ("MATCH (n) CALL { WITH n LIMIT 1 RETURN n.x AS x } RETURN x", InvalidClauseComposition, "1"),
        ("CALL { MATCH (n) } RETURN 1", InvalidClauseComposition, "MATCH"),
    ]);
}

#[test]
fn aggregates_in_the_wrong_place() {
    check_refused(&[
        ("MATCH (a) WHERE count(a) > 10 RETURN a", InvalidAggregation, "count(a)"),
        ("MATCH (a {x: count(*)}) RETURN a", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN [x IN [1, 2] | count(*)]", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN [x IN [1, 2] WHERE count(*) > 1 | x]", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN all(x IN [1] WHERE x = count(*))", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN reduce(s = 0, x IN [1] | s + count(*))", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN [(n)-->(m) | count(m)]", InvalidAggregation, "count(m)"),
        ("MATCH (n) RETURN n.num1 ORDER BY max(n.num2)", InvalidAggregation, "max(n.num2)"),
        ("MATCH (n) WITH n.num1 AS foo ORDER BY n.name, max(n.num2) RETURN foo", InvalidAggregation, "max(n.num2)"),
        ("MATCH (n) WITH n.x AS x, count(*) AS c WHERE count(*) > 1 RETURN x", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN n SKIP count(*)", InvalidAggregation, "count(*)"),
        ("MATCH (n) RETURN n LIMIT 1 + count(*)", InvalidAggregation, "count(*)"),
        ("MATCH (n) SET n.x = count(*)", InvalidAggregation, "count(*)"),
        ("MATCH (n) CREATE ({x: count(n)})", InvalidAggregation, "count(n)"),
        ("MATCH (n) MERGE ({x: count(n)})", InvalidAggregation, "count(n)"),
        ("MATCH (n) DELETE collect(n)", InvalidAggregation, "collect(n)"),
        ("MATCH (n) UNWIND collect(n) AS m RETURN m", InvalidAggregation, "collect(n)"),
        ("MATCH (n) FOREACH (x IN collect(n) | SET x.y = 1)", InvalidAggregation, "collect(n)"),
        ("MATCH (n) CALL test.city(collect(n), 1) YIELD city RETURN city", InvalidAggregation, "collect(n)"),
        ("RETURN count(count(*))", NestedAggregation, "count(*)"),
        ("MATCH (n) RETURN sum(n.x + max(n.y))", NestedAggregation, "max(n.y)"),
        ("RETURN count(rand())", NonConstantExpression, "rand()"),
        ("MATCH (n) RETURN sum(n.x * rand())", NonConstantExpression, "rand()"),
        ("MATCH (me)--(you) RETURN me.age + count(you.age)", AmbiguousAggregationExpression, "me"),
        (
            "MATCH (me)--(you) RETURN me.age + you.age, me.age + you.age + count(*)",
            AmbiguousAggregationExpression,
            "me",
        ),
        (
            "MATCH (me)--(you) WITH me.age + you.age AS g, me.age + you.age + count(*) AS a RETURN *",
            AmbiguousAggregationExpression,
            "me",
        ),
        (
            "MATCH (me)--(you) RETURN me.age + you.age, count(*) AS c ORDER BY me.age + you.age + count(*)",
            AmbiguousAggregationExpression,
            "me",
        ),
        (
            "MATCH (me)--(you) WITH me.age + you.age, count(*) AS c ORDER BY me.age + you.age + count(*) RETURN *",
            AmbiguousAggregationExpression,
            "me",
        ),
        ("MATCH (n)-->(m) RETURN n.x, count(m) + n.y", AmbiguousAggregationExpression, "n"),
        ("MATCH (n) RETURN count(*) + COUNT { (n)-->() }", AmbiguousAggregationExpression, "n"),
        ("MATCH (n) RETURN count(*) + size([(n)-->(m) | m])", AmbiguousAggregationExpression, "n"),
        ("MATCH (n) RETURN DISTINCT n.x AS x ORDER BY COUNT { (n)-->() }", UndefinedVariable, "n"),
        ("MATCH (n) WITH DISTINCT n.x AS x WHERE EXISTS { (n)-->() } RETURN x", UndefinedVariable, "n"),
        ("MATCH (n) RETURN [x IN n.xs | count(x)]", InvalidAggregation, "count(x)"),
    ]);
}

#[test]
fn skip_and_limit() {
    check_refused(&[
        ("MATCH (n) RETURN n SKIP n.count", NonConstantExpression, "n"),
        ("MATCH (n) RETURN n LIMIT n.count", NonConstantExpression, "n"),
        ("MATCH (n) WITH n LIMIT n.count RETURN n", NonConstantExpression, "n"),
        ("MATCH (n) RETURN n LIMIT COUNT { (n) }", NonConstantExpression, "COUNT { (n) }"),
        ("MATCH (n) RETURN n LIMIT size([()-->() | 1])", NonConstantExpression, "()-->()"),
        ("RETURN 1 SKIP -1", NegativeIntegerArgument, "-1"),
        ("RETURN 1 LIMIT -1", NegativeIntegerArgument, "-1"),
        ("RETURN 1 LIMIT 1.5", InvalidArgumentType, "1.5"),
        ("RETURN 1 SKIP 1.0", InvalidArgumentType, "1.0"),
        ("RETURN 1 LIMIT 'x'", InvalidArgumentType, "'x'"),
        ("RETURN 1 LIMIT true", InvalidArgumentType, "true"),
        ("RETURN 1 LIMIT [1]", InvalidArgumentType, "[1]"),
    ]);
}

#[test]
fn parts_of_a_pattern_that_wait_for_each_other() {
    check_refused(&[
        ("MATCH p = (a)-[r:R WHERE r.w < length(p)]->+(b) RETURN p", InvalidRelationshipPattern, "r.w < length(p)"),
        ("MATCH p = (a)-[r:R* {w: length(p)}]->(b) RETURN p", InvalidRelationshipPattern, "-[r:R* {w: length(p)}]->"),
        (
            "MATCH p = ANY SHORTEST (a)-[r:R WHERE r.w < length(p)]->+(b) RETURN p",
            InvalidRelationshipPattern,
            "r.w < length(p)",
        ),
        (
            "MATCH p = (a) ((x)-[r]->(y) WHERE x.w < length(p))+ (b) RETURN p",
            InvalidRelationshipPattern,
            "x.w < length(p)",
        ),
        (
            "MATCH p = (a)-[q]->(m)-[r WHERE EXISTS { (x) WHERE x.w = length(p) }]->+(b) RETURN p",
            InvalidRelationshipPattern,
            "EXISTS { (x) WHERE x.w = length(p) }",
        ),
        (
            "MATCH (a)-[r WHERE r.w < size(q)]->+(b)-[q WHERE q.w < size(r)]->+(c) RETURN a",
            InvalidRelationshipPattern,
            "r.w < size(q)",
        ),
        (
            "MATCH p = ANY SHORTEST (a)-[r WHERE r.w < size(q)]->+(b), (c)-[q WHERE q.w < length(p)]->+(d) RETURN p",
            InvalidRelationshipPattern,
            "r.w < size(q)",
        ),
        (
            "MATCH ANY (a)-[r WHERE r.w < q.w]->(b), ANY (c)-[q WHERE q.w < r.w]->(d) RETURN a",
            InvalidRelationshipPattern,
            "r.w < q.w",
        ),
        (
            "MATCH ANY ((a)-[r]->(b) WHERE r.w < size(q)), (c)-[q WHERE q.w < s.w]->+(d), ANY (e)-[s WHERE s.w < r.w]->(f) \
             RETURN a",
            InvalidRelationshipPattern,
            "q.w < s.w",
        ),
    ]);
}

#[test]
fn patterns_that_cannot_be_created() {
    check_refused(&[
        ("CREATE ()-->()", NoSingleRelationshipType, "-->"),
        ("CREATE ()-[:A|B]->()", NoSingleRelationshipType, "A"),
        ("CREATE ()-[:A|:B]->()", NoSingleRelationshipType, "A"),
        ("CREATE (a)-[:FOO]-(b)", RequiresDirectedRelationship, "-[:FOO]-"),
        ("CREATE (a)<-[:FOO]->(b)", RequiresDirectedRelationship, "<-[:FOO]->"),
        ("CREATE ()-[:FOO*2]->()", CreatingVarLength, "-[:FOO*2]->"),
        ("MERGE (a)-->(b)", NoSingleRelationshipType, "-->"),
        ("MATCH (a), (b) MERGE (a)-[NO_COLON]->(b)", NoSingleRelationshipType, "-[NO_COLON]->"),
        ("MERGE (a)-[:A|B]->(b)", NoSingleRelationshipType, "A"),
        ("MERGE (a)-[:FOO*2]->(b)", CreatingVarLength, "-[:FOO*2]->"),
        ("CREATE (:A|B)", UnexpectedSyntax, "A"),
        ("CREATE (:!A)", UnexpectedSyntax, "A"),
        ("CREATE (n WHERE n.x = 1)", UnexpectedSyntax, "n.x = 1"),
        ("MATCH (n $param) RETURN n", InvalidParameterUse, "$param"),
        ("MATCH ()-[r $param]->() RETURN r", InvalidParameterUse, "$param"),
        ("MERGE (n $param) RETURN n", InvalidParameterUse, "$param"),
        ("MERGE ()-[r:FOO $param]->() RETURN r", InvalidParameterUse, "$param"),
        (
            "MATCH p = shortestPath((a)-[*]->(b)-->(c)) RETURN p",
            InvalidRelationshipPattern,
            "p = shortestPath((a)-[*]->(b)-->(c))",
        ),
        ("MATCH p = shortestPath((a)-[*2..3]->(b)) RETURN p", InvalidRelationshipPattern, "-[*2..3]->"),
    ]);
}

#[test]
fn procedures() {
    check_refused(&[
        ("CALL test.lables", ProcedureNotFound, "test.lables"),
        ("MATCH (n) CALL no.such() YIELD x RETURN x", ProcedureNotFound, "no.such"),
        ("CALL test.city('Dobby')", InvalidNumberOfArguments, "test.city"),
        ("CALL test.city('Dobby') YIELD city RETURN city", InvalidNumberOfArguments, "test.city"),
        ("CALL test.half(1, 2, 3)", InvalidNumberOfArguments, "2, 3"),
        ("CALL test.city(true, 1)", InvalidArgumentType, "true"),
        ("CALL test.city('a', 1.5) YIELD city RETURN city", InvalidArgumentType, "1.5"),
        ("CALL test.half('x')", InvalidArgumentType, "'x'"),
        ("CALL test.city YIELD city RETURN city", InvalidArgumentPassingMode, "test.city"),
        ("MATCH (n) CALL test.city YIELD city RETURN city", InvalidArgumentPassingMode, "test.city"),
        ("CALL test.city('a', 1) YIELD * RETURN city", UnexpectedSyntax, "CALL test.city('a', 1) YIELD *"),
    ]);
}
