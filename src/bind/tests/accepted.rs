//! Queries that must be accepted: what scoping, grouping and typing allow.

use super::bind;

fn check_accepted(queries: &[&str]) {
    let wrong: Vec<String> =
        queries.iter().filter_map(|text| bind(text).err().map(|error| format!("{text}\n  {error}"))).collect();
    assert!(wrong.is_empty(), "refused:\n{}", wrong.join("\n"));
}

#[test]
fn parts_of_a_pattern_that_read_each_other() {
    check_accepted(&[
        "MATCH p = ANY SHORTEST (a)-[:R]->+(b), (c)-[r:R WHERE r.w < length(p)]->+(d) RETURN p",
        "MATCH (c)-[r:R WHERE r.w < length(p)]->+(d), p = ANY SHORTEST (a)-[:R]->+(b) RETURN p",
        "MATCH (a)-[r WHERE r.w < size(q)]->+(b)-[q]->+(c) RETURN a",
        "MATCH p = ANY SHORTEST ((a)-[r]->+(b) WHERE length(p) < 3 AND size(r) > 1) RETURN p",
        "MATCH p = (a)-[q]->(m)-[r]->+(b WHERE b.k < length(p)) RETURN p",
        "MATCH ANY SHORTEST (a)-[r WHERE r.w < m.w]->+(m)-[q WHERE q.w < size(r)]->+(b) RETURN a",
        "MATCH ANY (a)-[r WHERE r.w < q.w]->(b), ANY (c)-[q]->(d) RETURN a",
        "MATCH ANY SHORTEST (a)-[x WHERE x.w < size(w)]->+(m)-->+(b), (m)-[w WHERE w.k < m.k]->+(c) RETURN a",
    ]);
}

#[test]
fn scopes() {
    check_accepted(&[
        "MATCH (n) RETURN *",
        "MATCH () CREATE () WITH * MATCH () CREATE ()",
        "MATCH (a) WITH a.name AS name WHERE name = 'B' OR a.name2 = 'C' RETURN *",
        "MATCH (a:A), (other:B) OPTIONAL MATCH (a)-[r]->(other) WITH other WHERE r IS NULL RETURN other",
        "MATCH (a) WITH DISTINCT a.name2 AS name WHERE a.name2 = 'B' RETURN *",
        "MATCH (a) WITH a, a.num + a.num2 AS sum WITH a, a.num2 % 3 AS mod ORDER BY sum LIMIT 3 RETURN a, mod",
        "MATCH (n) RETURN n.num AS n ORDER BY n + 2",
        "MATCH (n) RETURN DISTINCT n.name ORDER BY n.name",
        "MATCH (n) RETURN DISTINCT n ORDER BY n.name",
        "MATCH (a {x: b.y}), (b) RETURN a",
        "MATCH (n) RETURN [n IN [1, 2] | n + 1] AS xs, n",
        "RETURN [x IN [1, 2] | [x IN [3] | x]] AS xs",
        "MATCH (n) RETURN [(n)-->(m) WHERE m.x > n.x | [y IN m.ys | y + n.x]] AS xs",
        "MATCH (n) RETURN [x IN [1, 2] | [(n)-->(m {k: x}) | m.k + x]] AS xs",
        "MATCH (n) WHERE EXISTS { MATCH (n)-->(m) WITH n, count(*) AS c WHERE c = 3 RETURN true } RETURN n",
        "MATCH (n) WHERE EXISTS { MATCH (m) WHERE EXISTS { (l)<-[:R]-(n)-[:R]->(m) } } RETURN n",
        "MATCH (n) WHERE COUNT { (n)-->(m) WHERE m.x = n.x } > 2 RETURN n",
        "MATCH (n) RETURN COLLECT { MATCH (n)-->(m) RETURN m.x ORDER BY m.x } AS xs",
        "MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN count(m) AS c } RETURN n, c",
        "MATCH (n) CALL { WITH n RETURN 1 AS x UNION WITH n RETURN n.x AS x } RETURN n, x",
        "MATCH (n) CALL (n) { MATCH (n)-->(m) WITH m RETURN m.x + n.x AS s } RETURN s",
        "MATCH (n) CALL (*) { RETURN n.x AS x } RETURN x",
        "CALL { WITH 1 AS x RETURN x } RETURN x",
        "MATCH (n) CALL { WITH n CREATE (m {x: n.x}) } RETURN n",
        "CALL { RETURN 1 AS x UNION ALL RETURN 2 AS x } RETURN x",
        "UNWIND [1, 2] AS x FOREACH (y IN [1] | CREATE (n {x: x, y: y}) SET n.z = 1) RETURN x",
        "FOREACH (x IN [1] | FOREACH (y IN [x] | MERGE (:A {y: y})))",
        "RETURN reduce(acc = 0, x IN [1, 2] | acc + x) AS s",
        "MATCH (n), (m) WITH n AS m, m AS n RETURN n, m",
        "RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4 AS a",
    ]);
}

#[test]
fn patterns() {
    check_accepted(&[
        "MATCH (a)-[:T]->(a) RETURN a",
        "MATCH (a)-[r]->(b) MATCH (a)-[r]->(c) RETURN c",
        "MATCH ()-[r1]->()-[r2]->() WITH [r1, r2] AS rs MATCH ()-[rs*]->() RETURN 1 AS x",
        "WITH null AS n MATCH (n) RETURN n",
        "WITH $n AS n MATCH (n)-->(m) RETURN m",
        "MATCH p = (a)-[rs*0..3 {x: 1}]->(b) RETURN nodes(p), rs",
        "MATCH p = shortestPath((a)-[*]-(b)) RETURN p",
        "MATCH (a), (b) RETURN shortestPath((a)-[*]-(b)) AS p, allShortestPaths((a)-[:T*..5]->(b)) AS ps",
        "MATCH (x)((a)-[r]->(b) WHERE a.x < b.x){1,3}(y) RETURN x, a, r, b, y",
        "MATCH (n:A|B&!C) WHERE n:A OR n:B RETURN n",
        "MATCH (a)-[r:T|U]->(b) WHERE r:T RETURN r",
        "MATCH (n) WHERE (n)-->() AND NOT (n)<--(:B {x: 1}) RETURN n",
        "MATCH (n) RETURN exists((n)-->()) AS e, exists(n.x) AS x",
        "MATCH (n) RETURN CASE WHEN (n)-->() THEN 1 ELSE 2 END AS x",
        "CREATE (a {x: 1})-[:T]->(b {y: a.x})",
        "CREATE (a)-[:T]->(b), (b)-[:T]->(a)",
        "CREATE (n $props)",
        "MATCH (a), (b) CREATE p = (a)-[:T]->(b) RETURN p",
        "MERGE (a)-[:T]-(b)",
        "MATCH (a) MERGE (a)-[r:T {k: a.x}]->(b:B) ON CREATE SET r.new = true ON MATCH SET b += {seen: 1} RETURN r",
        "MATCH (n) AS OF date('2022-06-01') ACCORDING TO '003', ['004'] RETURN n",
    ]);
}

#[test]
fn grouping() {
    check_accepted(&[
        "MATCH (n) RETURN n.x, count(*)",
        "MATCH (n) RETURN n, n.x + count(*) AS s",
        "MATCH (n) RETURN n.x, n.x + count(*) AS s",
        "MATCH (n) WITH n.age AS age, n RETURN age, age + count(n.age) AS s",
        "MATCH (n) RETURN count(*) * 10 AS c, count(*) + 1 AS d",
        "MATCH (a)<--(b) RETURN a.name, {foo: a.name = 'x', kids: collect(b.name)} AS m",
        "MATCH (n) RETURN size(collect(n)) AS s, [x IN collect(n) | x.name] AS names",
        "MATCH (n) RETURN $age + avg(n.age) - 1000 AS a ORDER BY $age + avg(n.age) - 1000",
        "MATCH (me)--(you) RETURN me.age AS age, count(you.age) AS cnt ORDER BY age, age + count(you.age)",
        "MATCH (me)--(you) RETURN me.age AS age, count(you.age) AS cnt ORDER BY me.age + count(you.age)",
        "MATCH (n) RETURN n.x + n.y AS s, count(*) AS c ORDER BY n.x + n.y, (n.x + n.y) * 2",
        "MATCH (n) RETURN n.x AS x, count(*) * 2 AS c ORDER BY count(*)",
        "MATCH (n) RETURN n.x AS x, sum(n.y) AS s ORDER BY count(*) DESC",
        "MATCH (n) WITH n, count(*) AS c ORDER BY max(n.x) RETURN n",
        "MATCH (n) WITH n.x AS x, count(*) AS c WHERE c > 1 RETURN x",
        "MATCH (n) RETURN n, count(*) + COUNT { (n)-->() } AS c",
        "RETURN toInteger(rand() * 10) AS r, count(*) AS c",
        "MATCH (n) RETURN n SKIP toInteger(1.7) LIMIT $limit",
        "RETURN 1 AS x LIMIT size([x IN [1, 2] WHERE x > 1])",
        "RETURN percentileCont(0.5, 0.5) AS p",
    ]);
}

#[test]
fn types_that_are_open() {
    check_accepted(&[
        "RETURN null OR true, NOT null, null + 1 AS n",
        "WITH $x AS x RETURN x OR true, x.y, x[0], NOT x",
        "MATCH (n) WHERE n.flag RETURN n",
        "WITH [1, 'a', {b: 1}] AS list RETURN list[2].b",
        "RETURN 'a' + 1 + true AS s, [1] + 'a' AS l, 1 + [2] AS m",
        "RETURN 1 IN [1, 2], 1 IN null, 1 IN $list AS x",
        "RETURN 'a' < 1, 'a' STARTS WITH 1 AS x",
        "RETURN range(true, 1, 'x') AS r",
        "WITH [1, 2] AS list, 'x' AS idx RETURN list[idx]",
        "WITH date() AS d RETURN d.year, d + duration('P1D') AS e",
        "MATCH (n) WITH [n, 1] AS list RETURN labels(list[0]) AS l",
        "MATCH (n) WITH {key: n} AS m DELETE m.key",
        "MATCH (n) WITH collect(n) AS ns DELETE ns[0]",
        "UNWIND [1] AS x RETURN x + 0.5 AS y",
        "MATCH p = ()-[*]->() UNWIND nodes(p) AS n MATCH (n)-->(m) RETURN m",
        "MATCH (n) WITH head(collect(n)) AS n MATCH (n)-->(m) RETURN m",
    ]);
}

#[test]
fn whole_statements() {
    check_accepted(&[
        "CREATE (n)",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n) DELETE n RETURN count(*) AS c",
        "CALL test.doNothing",
        "CALL test.doNothing()",
        "CALL test.labels",
        "CALL test.city",
        "CALL test.city('a', null) YIELD city",
        "CALL test.city('a', 1) YIELD *",
        "MATCH (n) CALL test.doNothing() RETURN n.name",
        "CALL test.labels() YIELD label WHERE label <> 'A' RETURN label",
        "CALL test.half(1) YIELD half AS h RETURN h",
        "CREATE (a) CREATE (b) MERGE (a)-[:T]->(b) SET a.x = 1 REMOVE b.y",
        "OPTIONAL MATCH (a) MATCH (b) RETURN a, b",
        "TRACE 'National Kurultai'",
        "TRACE 'x' BACKWARD VIA transferred-to YIELD step, from AS source RETURN source ORDER BY step",
        "TRACE $name RETURN *",
        "CONFLICTS",
        "CITE MATCH (n) RETURN n UNION MATCH (n) RETURN n",
    ]);
}
