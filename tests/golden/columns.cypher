// Pages of every kind, full and with gaps; adjacency of every form; orders of an index.
UNWIND range(0, 10499) AS i CREATE (:Row {n: i * 11 % 10500});
CREATE INDEX row_n FOR (r:Row) ON (r.n);
MATCH (r:Row) WHERE r.n < 2100 SET r.narrow = r.n - 1050, r.wide = r.n * 10000000000;
MATCH (r:Row) WHERE r.n < 1500 AND r.n % 3 > 0 SET r.float = r.n / 8.0, r.bool = r.n % 2 = 0;
MATCH (r:Row) WHERE r.n % 97 = 0 SET r.day = date('1990-01-01') + duration({days: r.n});
MATCH (r:Row) WHERE r.n % 53 = 0 SET r.text = 'мәтін ' + toString(r.n % 40);
MATCH (r:Row) WHERE r.n % 101 = 0 SET r.mixed = CASE r.n % 5 WHEN 0 THEN r.n WHEN 1 THEN 'x' WHEN 2 THEN 1.5 WHEN 3 THEN [1] ELSE true END;
// dense, and from one slot on
MATCH (a:Row), (b:Row) WHERE a.n < 600 AND b.n = a.n + 1 WITH a, b ORDER BY id(a) CREATE (a)-[:NEXT {w: a.n}]->(b);
// types in turns, loops, and more than one between two
MATCH (a:Row) WHERE a.n < 500 WITH a ORDER BY a.n
FOREACH (x IN CASE WHEN a.n % 2 = 0 THEN [1] ELSE [] END | CREATE (a)-[:EVEN]->(a))
FOREACH (x IN CASE WHEN a.n % 2 = 1 THEN [1, 2] ELSE [] END | CREATE (a)-[:ODD {x: x}]->(a));
// few, far apart
MATCH (a:Row), (b:Row) WHERE a.n IN [3, 9000] AND b.n IN [4, 10000] CREATE (a)-[:FAR]->(b);
