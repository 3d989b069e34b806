// Every kind of change, in the log after the image.
CREATE (n:Law:Code {no: 7, title: 'Салық кодексі', tags: ['a', 'b'], at: datetime('2022-06-05T08:00:00+06:00[Asia/Almaty]')})
CREATE (n)-[:AMENDS {on: date('2001-06-12'), share: 0.25}]->(:Law {no: 8});
MATCH (l:Law {no: 1}) SET l.title = 'changed', l.gone = null, l.d = duration('P1Y2M3DT4.5S');
MATCH (l:Law {no: 2}) SET l:Old:Repealed REMOVE l.title;
MATCH (l:Law {no: 3}) REMOVE l:Law SET l:Decree;
MATCH (:Law {no: 1})-[r:AMENDS]->() SET r.on = date('1999-12-31'), r.note = 'ескерту';
MATCH (:Law)-[r:AMENDS]->(:Law {no: 5}) DELETE r;
MATCH (l:Law {no: 6}) DETACH DELETE l;
CREATE INDEX law_title FOR (l:Law) ON (l.title);
CREATE CONSTRAINT law_no FOR (l:Law) REQUIRE l.no IS UNIQUE;
CREATE CONSTRAINT decree_no FOR (d:Decree) REQUIRE d.no IS NOT NULL;
DROP INDEX law_day;
CREATE (:Law {no: 9, v: [NaN, 9223372036854775807]});
