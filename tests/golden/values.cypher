// Every kind of value that a property holds, at its edges; on nodes and, the same, on relationships.
CREATE CONSTRAINT `кілт` FOR (n:Value) REQUIRE n.id IS UNIQUE;
CREATE INDEX by_v FOR (n:Value) ON (n.v);
CREATE INDEX `by kind` FOR (n:Value) ON (n.kind);
UNWIND [true, false] AS v
CREATE (n:Value {id: 'boolean ' + toString(v), kind: 'BOOLEAN', v: v})-[:HOLDS {v: v}]->(n);
UNWIND [0, 1, -1, 127, 128, -129, 2147483647, 2147483648, -2147483648, -2147483649, 9007199254740993,
        9223372036854775807, -9223372036854775807 - 1] AS v
CREATE (n:Value {id: 'integer ' + toString(v), kind: 'INTEGER', v: v})-[:HOLDS {v: v}]->(n);
UNWIND [[0, 0.0], [1, -0.0], [2, 0.1], [3, 1.0], [4, 1.7976931348623157e308], [5, 5e-324], [6, -2.5e-10], [7, INF],
        [8, -INF], [9, NaN]] AS v
CREATE (n:Value {id: 'float ' + toString(v[0]), kind: 'FLOAT', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, ''], [1, 'a'], [2, 'Қазақстан Республикасының заңы'], [3, 'e\u0301 and \u00e9'], [4, 'שלום'], [5, '日本語'],
        [6, '𝔘𝔫𝔦 👩‍👩‍👧'], [7, 'line\nbreak\ttab\r'], [8, 'it\'s "quoted" \\ `so`'], [9, ' \u00a0 '], [10, '\u0000 zero'],
        [11, '\u202eright to left']] AS v
CREATE (n:Value {id: 'string ' + toString(v[0]), kind: 'STRING', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
CREATE (n:Value {id: 'string long', kind: 'STRING', v: reduce(t = '', i IN range(1, 300) | t + 'ұзақ ' + toString(i) + ' ')})
CREATE (n)-[:HOLDS {v: n.v}]->(n);
UNWIND [[0, date('1995-08-30')], [1, date('1970-01-01')], [2, date('0000-02-29')], [3, date('-0044-03-15')],
        [4, date('9999-12-31')], [5, date({year: 2004, week: 53, dayOfWeek: 6})]] AS v
CREATE (n:Value {id: 'date ' + toString(v[0]), kind: 'DATE', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, localtime('00:00')], [1, localtime('23:59:59.999999999')], [2, localtime('12:31:14.645876123')]] AS v
CREATE (n:Value {id: 'local time ' + toString(v[0]), kind: 'LOCAL TIME', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, time('00:00Z')], [1, time('12:31:14.645876123+06:00')], [2, time('23:59:59.999999999-18:00')],
        [3, time('01:02:03+05:30')]] AS v
CREATE (n:Value {id: 'time ' + toString(v[0]), kind: 'ZONED TIME', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, localdatetime('1970-01-01T00:00')], [1, localdatetime('1969-12-31T23:59:59.999999999')],
        [2, localdatetime('2022-06-05T08:00:00.5')], [3, localdatetime('-0100-01-01T00:00:01')]] AS v
CREATE (n:Value {id: 'local datetime ' + toString(v[0]), kind: 'LOCAL DATETIME', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, datetime('1984-10-11T12:31:14.645876123Z')], [1, datetime('2024-02-29T23:59:59-09:30')],
        [2, datetime('2022-06-05T08:00:00+06:00[Asia/Almaty]')], [3, datetime('2017-10-29T02:30:00+01:00[Europe/Stockholm]')],
        [4, datetime({year: 1700, month: 1, day: 1, timezone: 'UTC'})]] AS v
CREATE (n:Value {id: 'datetime ' + toString(v[0]), kind: 'ZONED DATETIME', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, duration('PT0S')], [1, duration('P14M3DT4H5M6.789S')], [2, duration({months: -7, days: 40, seconds: -1, nanoseconds: 1})],
        [3, duration({seconds: -90, nanoseconds: -999999999})]] AS v
CREATE (n:Value {id: 'duration ' + toString(v[0]), kind: 'DURATION', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
UNWIND [[0, []], [1, [1, 2, 3]], [2, ['а', '']], [3, [[], [[1.5, null]], null]], [4, [true, 1, 1.0, 'one', date('2001-01-01')]],
        [5, [datetime('2022-06-05T08:00:00+06:00[Asia/Almaty]'), duration('P1M'), time('10:00+01:00')]], [6, [NaN, -0.0]]] AS v
CREATE (n:Value {id: 'list ' + toString(v[0]), kind: 'LIST', v: v[1]})-[:HOLDS {v: v[1]}]->(n);
CREATE CONSTRAINT has_kind FOR (n:Value) REQUIRE n.kind IS NOT NULL;
// names and labels at their edges; nodes without labels, without properties, with many
CREATE (), ({`a key`: 1, ``: 2}), (:`Заң`:Value2:`with ``tick```:A:B:C {`кілт`: 'x', `\u00e9`: 1, `e\u0301`: 2});
MATCH (a:`Заң`), (b) WHERE b.`a key` = 1 CREATE (a)-[:`АУЫСТЫ`]->(b)-[:`with space` {since: date('2001-02-03')}]->(a);
// what was deleted leaves holes in the ids
UNWIND range(1, 5) AS i CREATE (:Gone {i: i})-[:GONE {i: i}]->(:Gone);
MATCH (n:Gone) WHERE n.i <> 3 OR n.i IS NULL DETACH DELETE n;
MATCH (g:Gone), (v:Value {id: 'list 0'}) CREATE (g)-[:LEFT]->(v);
