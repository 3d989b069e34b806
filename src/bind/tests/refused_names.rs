//! Names: undefined, bound twice, of two kinds; columns and aliases.

use super::check_refused;
use crate::error::Code::*;

#[test]
fn undefined_names() {
    check_refused(&[
        ("MATCH () RETURN foo", UndefinedVariable, "foo"),
        ("RETURN {k1: k2}", UndefinedVariable, "k2"),
        ("MATCH (n) WHERE m.x = 1 RETURN n", UndefinedVariable, "m"),
        ("MATCH (s) WHERE s.name = undefinedVariable AND s.age = 10 RETURN s", UndefinedVariable, "undefinedVariable"),
        ("MATCH (a), (b) WITH a RETURN b", UndefinedVariable, "b"),
        ("MATCH (a) WITH a.x AS x RETURN a", UndefinedVariable, "a"),
        ("MATCH (a) WITH a, 1 AS one WITH one RETURN a.x", UndefinedVariable, "a"),
        ("WITH 1 AS a, 2 AS b WITH a ORDER BY c RETURN a", UndefinedVariable, "c"),
        ("MATCH (a) RETURN DISTINCT a.name ORDER BY a.age", UndefinedVariable, "a"),
        ("MATCH (n) WITH DISTINCT n.x AS x WHERE n.y > 1 RETURN x", UndefinedVariable, "n"),
        ("MATCH (n) WITH n.x AS x, count(*) AS c WHERE n.y > 1 RETURN x", UndefinedVariable, "n"),
        ("MATCH (a) WITH a.k % 3 AS mod, min(a.s) AS min ORDER BY sum(a.s) RETURN mod, min", UndefinedVariable, "a"),
        ("MATCH (me)--(you) RETURN count(you.age) AS agg ORDER BY me.age + count(you.age)", UndefinedVariable, "me"),
        ("MATCH (n) WHERE (a)-->(n) RETURN n", UndefinedVariable, "a"),
        ("MATCH (n) WHERE (n)-[r]->() RETURN n", UndefinedVariable, "r"),
        ("MATCH (n) WHERE (n)-[r:REL*0..2]->(a {num: 5}) RETURN n", UndefinedVariable, "r"),
        ("MATCH (n) WHERE NOT (n)-->(m) RETURN n", UndefinedVariable, "m"),
        ("MATCH (n) WHERE exists((n)-->(m)) RETURN n", UndefinedVariable, "m"),
        ("MATCH (n) RETURN [x IN n.xs | y]", UndefinedVariable, "y"),
        ("RETURN [x IN [1] | x], x", UndefinedVariable, "x"),
        ("RETURN all(x IN [1] WHERE y = 1)", UndefinedVariable, "y"),
        ("RETURN reduce(s = 0, x IN [1] | s + y)", UndefinedVariable, "y"),
        ("RETURN reduce(s = x, x IN [1] | s)", UndefinedVariable, "x"),
        ("MATCH (n) RETURN [(n)-->(m) | m.x], m", UndefinedVariable, "m"),
        ("MATCH (n) WHERE EXISTS { (n)-->(m) } RETURN m", UndefinedVariable, "m"),
        ("MATCH (n) CALL { RETURN n.x AS x } RETURN x", UndefinedVariable, "n"),
        ("MATCH (n), (m) CALL { WITH n RETURN m.x AS x } RETURN x", UndefinedVariable, "m"),
        ("MATCH (n), (m) CALL (n) { RETURN m.x AS x } RETURN x", UndefinedVariable, "m"),
        ("CALL (x) { RETURN 1 AS y } RETURN y", UndefinedVariable, "x"),
        ("CALL { MATCH (n) RETURN n.x AS x } RETURN n", UndefinedVariable, "n"),
        ("CREATE (b {name: missing})", UndefinedVariable, "missing"),
        ("CREATE (a {x: a.y})", UndefinedVariable, "a"),
        ("CREATE (a {x: b.y}), (b)", UndefinedVariable, "b"),
        ("MATCH (a) CREATE (a)-[:KNOWS]->(b {name: missing})", UndefinedVariable, "missing"),
        ("MERGE (a {x: a.y})", UndefinedVariable, "a"),
        ("MERGE (n) ON CREATE SET x.num = 1", UndefinedVariable, "x"),
        ("MERGE (n) ON MATCH SET x.num = 1", UndefinedVariable, "x"),
        ("MATCH (a) SET a.name = missing", UndefinedVariable, "missing"),
        ("MATCH (a) SET b.name = 1", UndefinedVariable, "b"),
        ("MATCH (a) SET b:Label", UndefinedVariable, "b"),
        ("MATCH (a) SET b = {x: 1}", UndefinedVariable, "b"),
        ("MATCH (a) REMOVE b.x", UndefinedVariable, "b"),
        ("MATCH (a) REMOVE b:Label", UndefinedVariable, "b"),
        ("MATCH (a) DELETE x", UndefinedVariable, "x"),
        ("FOREACH (x IN [1] | CREATE (n {x: x})) WITH 1 AS one RETURN n", UndefinedVariable, "n"),
        ("UNWIND xs AS x RETURN x", UndefinedVariable, "xs"),
        ("UNWIND [1] AS x RETURN x UNION RETURN x", UndefinedVariable, "x"),
        ("CALL test.labels() RETURN label", UndefinedVariable, "label"),
        ("CALL test.labels() YIELD lable RETURN 1", UndefinedVariable, "lable"),
        ("MATCH (n) RETURN n {.x, y}", UndefinedVariable, "y"),
        ("RETURN n {.x}", UndefinedVariable, "n"),
        ("MATCH (n) AS OF n.since RETURN n", UndefinedVariable, "n"),
        ("TRACE 'x' YIELD stpe RETURN 1", UndefinedVariable, "stpe"),
    ]);
}

#[test]
fn names_bound_twice() {
    check_refused(&[
        ("MATCH (a) CREATE (a)", VariableAlreadyBound, "a"),
        ("MATCH (a) CREATE (a {name: 'foo'}) RETURN a", VariableAlreadyBound, "a"),
        ("CREATE (a), (a)", VariableAlreadyBound, "a"),
        ("CREATE (n:Foo)-[:T1]->(), (n:Bar)-[:T2]->()", VariableAlreadyBound, "n"),
        ("CREATE ()<-[:T2]-(n:Foo), (n:Bar)<-[:T1]-()", VariableAlreadyBound, "n"),
        ("CREATE (n {}) CREATE (n:Bar)-[:OWNS]->(:Dog)", VariableAlreadyBound, "n"),
        ("CREATE (n:Foo) CREATE (n {})-[:OWNS]->(:Dog)", VariableAlreadyBound, "n"),
        ("MATCH ()-[r]->() CREATE ()-[r]->()", VariableAlreadyBound, "r"),
        ("CREATE (a)-[r:X]->(b)-[r:Y]->(c)", VariableAlreadyBound, "r"),
        ("MATCH (a) MERGE (a)", VariableAlreadyBound, "a"),
        ("CREATE (a:Foo) MERGE (a)-[r:KNOWS]->(a:Bar)", VariableAlreadyBound, "a"),
        ("MATCH (a)-[r]->(b) MERGE (a)-[r]->(b)", VariableAlreadyBound, "r"),
        ("MATCH (p) MATCH p = ()--() RETURN p", VariableAlreadyBound, "p"),
        ("MATCH p = ()-[p]-() RETURN p", VariableAlreadyBound, "p"),
        ("MATCH ()-[p*]-(), p = ()--() RETURN p", VariableAlreadyBound, "p"),
        ("MATCH p = (p)--() RETURN p", VariableAlreadyBound, "p"),
        ("WITH 1 AS p MATCH p = ()--() RETURN p", VariableAlreadyBound, "p"),
        ("WITH 1 AS x UNWIND [1] AS x RETURN x", VariableAlreadyBound, "x"),
        ("MATCH (x) FOREACH (x IN [1] | CREATE ())", VariableAlreadyBound, "x"),
        ("WITH 'Hi' AS label CALL test.labels() YIELD label RETURN *", VariableAlreadyBound, "label"),
        ("CALL test.city(null, 1) YIELD city, code AS city RETURN city", VariableAlreadyBound, "city"),
        ("CALL test.city(null, 1) YIELD city AS c, code AS c RETURN c", VariableAlreadyBound, "c"),
        ("MATCH (n) CALL { RETURN 1 AS n } RETURN n", VariableAlreadyBound, "n"),
        ("MATCH (n) CALL { WITH n RETURN n } RETURN n", VariableAlreadyBound, "n"),
        ("WITH 1 AS a MATCH ((a)-[:T]->(b)){1,2} RETURN a", VariableTypeConflict, "a"),
        ("MATCH (a) MATCH ((a)-[:T]->(b)){1,2} RETURN a", VariableAlreadyBound, "a"),
        ("WITH 1 AS step TRACE 'x' RETURN *", VariableAlreadyBound, "TRACE 'x'"),
    ]);
}

#[test]
fn names_of_two_kinds() {
    check_refused(&[
        ("MATCH ()-[r]-() MATCH (r) RETURN r", VariableTypeConflict, "r"),
        ("MATCH r = ()--(), (r) RETURN r", VariableTypeConflict, "r"),
        ("MATCH (r)-[r]-() RETURN r", VariableTypeConflict, "r"),
        ("MATCH (r)--()-[r*]-() RETURN r", VariableTypeConflict, "r"),
        ("MATCH r = ()--(), ()-[r*]-() RETURN r", VariableTypeConflict, "r"),
        ("MATCH ()-[r]-() MATCH ()-[r*]-() RETURN r", VariableTypeConflict, "r"),
        ("MATCH ()-[r*]-() MATCH ()-[r]-() RETURN r", VariableTypeConflict, "r"),
        ("WITH 123 AS n MATCH (n) RETURN n", VariableTypeConflict, "n"),
        ("WITH {x: 1} AS n MATCH (n) RETURN n", VariableTypeConflict, "n"),
        ("WITH [] AS r MATCH ()-[r]-() RETURN r", VariableTypeConflict, "r"),
        ("WITH 'foo' AS r MATCH ()-[r]-() RETURN r", VariableTypeConflict, "r"),
        ("WITH [1] AS rs MATCH ()-[rs*]-() RETURN rs", VariableTypeConflict, "rs"),
        ("MATCH (n) WITH [n] AS users MATCH (users)-->(m) RETURN m", VariableTypeConflict, "users"),
        ("MATCH (n) WITH collect(n) AS users MATCH (users)-->(m) RETURN m", VariableTypeConflict, "users"),
        ("MATCH ()-[r]->() WHERE (r)-->() RETURN r", VariableTypeConflict, "r"),
        ("MATCH ()-[r]->() RETURN [(r)-->(x) | x]", VariableTypeConflict, "r"),
        ("WITH 1 AS a CREATE (a)-[:T]->()", VariableTypeConflict, "a"),
        ("MATCH ()-[r]->() MERGE (r)-[:T]->()", VariableTypeConflict, "r"),
        ("MATCH p = ()-->() WITH p AS q MATCH (q) RETURN q", VariableTypeConflict, "q"),
        ("MATCH (a)-[r]->()-[r]->(a) RETURN r", RelationshipUniquenessViolation, "r"),
        ("MATCH (a)-[r]->(b), (c)-[r]->(d) RETURN r", RelationshipUniquenessViolation, "r"),
        ("MATCH ()-[r]->() MATCH (a)-[r]->()-[r]->() RETURN r", RelationshipUniquenessViolation, "r"),
    ]);
}

#[test]
fn columns_and_aliases() {
    check_refused(&[
        ("RETURN 1 AS a, 2 AS a", ColumnNameConflict, "a"),
        ("WITH 1 AS a, 2 AS a RETURN a", ColumnNameConflict, "a"),
        ("MATCH (n) RETURN n.x, n.x", ColumnNameConflict, "n.x"),
        ("MATCH (n) RETURN *, 1 AS n", ColumnNameConflict, "n"),
        ("MATCH () RETURN *", NoVariablesInScope, "RETURN *"),
        ("MATCH (a) WITH a, count(*) RETURN a", NoExpressionAlias, "count(*)"),
        ("MATCH (a) WITH a.x RETURN 1", NoExpressionAlias, "a.x"),
        ("CALL { RETURN 1 + 1 } RETURN 2", NoExpressionAlias, "1 + 1"),
        ("RETURN 1 AS a UNION RETURN 2 AS b", DifferentColumnsInUnion, "b"),
        ("RETURN 1 AS a UNION ALL RETURN 2 AS b", DifferentColumnsInUnion, "b"),
        ("RETURN 1 AS a, 2 AS b UNION RETURN 2 AS a", DifferentColumnsInUnion, "a"),
        ("MATCH (n) RETURN n.x UNION MATCH (m) RETURN m.x", DifferentColumnsInUnion, "m.x"),
        ("CALL { RETURN 1 AS a UNION RETURN 2 AS b } RETURN 1", DifferentColumnsInUnion, "b"),
    ]);
}
