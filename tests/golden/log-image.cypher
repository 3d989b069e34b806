// What the image holds before the log.
CREATE INDEX law_day FOR (l:Law) ON (l.day);
UNWIND range(1, 6) AS i CREATE (:Law {no: i, title: 'заң ' + toString(i), gone: true});
MATCH (a:Law), (b:Law) WHERE b.no = a.no + 1 WITH a, b ORDER BY a.no CREATE (a)-[:AMENDS {on: date('1995-08-30')}]->(b);
