//! What people really type wrongly, and what they are told: the line, the caret, and a hint that helps.

use insta::assert_snapshot;

use super::parse;

/// The error of a text as a person sees it.
fn refused(text: &str) -> String {
    parse(text).err().map_or("accepted".to_owned(), |e| e.render(text, None, false))
}

#[test]
fn brackets_operators_and_sql() {
    assert_snapshot!(refused(r"MATCH (n RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETURN`: expected `)` or `=`
      |
    1 | MATCH (n RETURN n
      |          ^^^^^^
      |
      = help: the ( at line 1, column 7 is still open: close it with )
    ");
    assert_snapshot!(refused(r"RETRUN 1"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETRUN`: expected a clause such as MATCH or RETURN
      |
    1 | RETRUN 1
      | ^^^^^^
      |
      = help: did you mean RETURN?
    ");
    assert_snapshot!(refused(r"MATCH (n) RETRUN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETRUN`: expected the end, `,` or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) RETRUN n
      |           ^^^^^^
      |
      = help: did you mean RETURN?
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.age == 3 RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `=`: expected an expression
      |
    1 | MATCH (n) WHERE n.age == 3 RETURN n
      |                        ^
      |
      = help: equality is written with one =
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.age != 3 RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `!`: expected the end or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) WHERE n.age != 3 RETURN n
      |                       ^
      |
      = help: inequality is written <>
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.a && n.b RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `&`: expected the end or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) WHERE n.a && n.b RETURN n
      |                     ^
      |
      = help: write AND
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.a || n.b RETURN n"), @"accepted");
    assert_snapshot!(refused(r"SELECT name FROM person"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `SELECT`: expected a clause such as MATCH or RETURN
      |
    1 | SELECT name FROM person
      | ^^^^^^
      |
      = help: there is no SELECT: describe the pattern, then say what to return: MATCH (n:Label) RETURN n.key
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n.x, count(*) GROUP BY n.x"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `GROUP`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) RETURN n.x, count(*) GROUP BY n.x
      |                                ^^^^^
      |
      = help: there is no GROUP BY: what is returned beside an aggregate is the group
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.name LIKE 'a%' RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `LIKE`: expected the end or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) WHERE n.name LIKE 'a%' RETURN n
      |                        ^^^^
      |
      = help: write CONTAINS, STARTS WITH or ENDS WITH, or =~ with a regular expression
    ");
    assert_snapshot!(refused(r"WHERE n.x = 1 MATCH (n) RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `WHERE`: expected a clause such as MATCH or RETURN
      |
    1 | WHERE n.x = 1 MATCH (n) RETURN n
      | ^^^^^
      |
      = help: WHERE follows a MATCH or a WITH: MATCH (n) WHERE n.key = 1 RETURN n
    ");
    assert_snapshot!(refused(r"MATCH (a)->(b) RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `>`: expected `-`
      |
    1 | MATCH (a)->(b) RETURN a
      |           ^
      |
      = help: a relationship is drawn --> or -[r:TYPE]->
    ");
}

#[test]
fn arrows_quotes_and_commas() {
    assert_snapshot!(refused(r"MATCH (a)-[r](b) RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `(`: expected `-`
      |
    1 | MATCH (a)-[r](b) RETURN a
      |              ^
      |
      = help: a relationship goes on behind its bracket: (a)-[r]->(b)
    ");
    assert_snapshot!(refused(r"MATCH (a)-[r]>(b) RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `>`: expected `-`
      |
    1 | MATCH (a)-[r]>(b) RETURN a
      |              ^
      |
      = help: a relationship to the right ends in ]->
    ");
    assert_snapshot!(refused(r"MATCH (a)-(b) RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `(`: expected `-`
      |
    1 | MATCH (a)-(b) RETURN a
      |           ^
      |
      = help: a relationship is drawn with two dashes: (a)--(b), (a)-->(b), (a)-[r]-(b)
    ");
    assert_snapshot!(refused(r"RETURN ‘smart’"), @r#"
    error[SyntaxError / InvalidUnicodeCharacter]: `‘` cannot stand here
      |
    1 | RETURN ‘smart’
      |        ^
      |
      = help: texts stand between straight quotes: 'text' or "text"
    "#);
    assert_snapshot!(refused(r"RETURN 'abc"), @r"
    error[SyntaxError / UnexpectedSyntax]: this text is opened and never closed
      |
    1 | RETURN 'abc
      |        ^
      |
      = help: close it with '; a ' inside a text is written \'
    ");
    assert_snapshot!(refused(r"RETURN [1, 2, ]"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `]`: expected an expression
      |
    1 | RETURN [1, 2, ]
      |               ^
      |
      = help: a comma too many before it, or something missing behind the comma
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n,"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected an expression
      |
    1 | MATCH (n) RETURN n,
      |                    ^
      |
      = help: a comma too many before it, or something missing behind the comma
    ");
    assert_snapshot!(refused(r"RETURN (1 + 2"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected `)`
      |
    1 | RETURN (1 + 2
      |              ^
      |
      = help: the ( at line 1, column 8 is still open: close it with )
    ");
    assert_snapshot!(refused(r"RETURN 1 + 2)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `)`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | RETURN 1 + 2)
      |             ^
      |
      = help: no bracket is open that ) could close
    ");
    assert_snapshot!(refused(r"RETURN [1, 2)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `)`: expected `,` or `]`
      |
    1 | RETURN [1, 2)
      |             ^
      |
      = help: the [ at line 1, column 8 is still open: close it with ]
    ");
    assert_snapshot!(refused(r"MATCH n RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETURN`: expected `=`
      |
    1 | MATCH n RETURN n
      |         ^^^^^^
      |
      = help: a node stands in parentheses: (n)
    ");
    assert_snapshot!(refused(r"MATCH (a)-[:R]->b RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `b`: expected `(`
      |
    1 | MATCH (a)-[:R]->b RETURN a
      |                 ^
      |
      = help: a node stands in parentheses: (b)
    ");
}

#[test]
fn names_order_and_what_is_not_offered() {
    assert_snapshot!(refused(r"CREATE (n {name = 'x'})"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `=`: expected `:`
      |
    1 | CREATE (n {name = 'x'})
      |                 ^
      |
      = help: a map is written {key: value}
    ");
    assert_snapshot!(refused(r"CREATE (n {'name': 'x'})"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `'name'`: expected a name or `}`
      |
    1 | CREATE (n {'name': 'x'})
      |            ^^^^^^
      |
      = help: keys stand without quotes: name
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n ODER BY n.x"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `ODER`: expected the end, `,`, AS, SKIP or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) RETURN n ODER BY n.x
      |                    ^^^^
      |
      = help: did you mean ORDER?
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n ORDER n.x"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `n`: expected BY
      |
    1 | MATCH (n) RETURN n ORDER n.x
      |                          ^
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n LIMIT 5 SKIP 3"), @r"
    error[SyntaxError / UnexpectedSyntax]: this cannot stand behind SKIP or LIMIT
      |
    1 | MATCH (n) RETURN n LIMIT 5 SKIP 3
      |                            ^^^^^^
      |
      = help: ORDER BY stands before SKIP, and SKIP before LIMIT
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n WHERE n.x = 1"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `WHERE`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) RETURN n WHERE n.x = 1
      |                    ^^^^^
      |
      = help: filter before returning: MATCH … WHERE … RETURN, or WITH … WHERE … RETURN
    ");
    assert_snapshot!(refused(r"RETURN"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected an expression or `*`
      |
    1 | RETURN
      |       ^
      |
      = help: say what to return, for example RETURN n or RETURN *
    ");
    assert_snapshot!(refused(r"MATCH (n:My Label) RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `Label`: expected `)`, `:` or `|`
      |
    1 | MATCH (n:My Label) RETURN n
      |             ^^^^^
      |
      = help: a name with a blank stands in back-ticks: `My Label`
    ");
    assert_snapshot!(refused(r"RETURN CASE WHEN true THEN 1"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected ELSE, END or WHEN
      |
    1 | RETURN CASE WHEN true THEN 1
      |                             ^
      |
      = help: CASE is closed with END
    ");
    assert_snapshot!(refused(r"RETURN 1 AS end"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `end`: expected a variable
      |
    1 | RETURN 1 AS end
      |             ^^^
      |
      = help: END is a keyword; as a name write `end`
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.x NOT IN [1] RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `NOT`: expected the end or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) WHERE n.x NOT IN [1] RETURN n
      |                     ^^^
      |
      = help: write NOT x IN list
    ");
    assert_snapshot!(refused(r"USE neo4j MATCH (n) RETURN n"), @"accepted");
}

#[test]
fn clauses_that_lack_something() {
    assert_snapshot!(refused(r"SHOW DATABASES"), @"accepted");
    assert_snapshot!(refused(r"FROBNICATE"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `FROBNICATE`: expected a clause such as MATCH or RETURN
      |
    1 | FROBNICATE
      | ^^^^^^^^^^
    ");
    assert_snapshot!(refused(r"RETURN $"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected a name
      |
    1 | RETURN $
      |         ^
    ");
    assert_snapshot!(refused(r"MATCH (a)-[:T*1...3]->(b) RETURN a"), @r"
    error[SyntaxError / InvalidRelationshipPattern]: unexpected `.3`: expected a number or `]`
      |
    1 | MATCH (a)-[:T*1...3]->(b) RETURN a
      |                  ^^
      |
      = help: a length is written *1..3, *..3 or *2, with whole numbers from 0
    ");
    assert_snapshot!(refused(r"MATCH (a)-[:T*-2]->(b) RETURN a"), @r"
    error[SyntaxError / InvalidRelationshipPattern]: unexpected `-`: expected a number or `]`
      |
    1 | MATCH (a)-[:T*-2]->(b) RETURN a
      |               ^
      |
      = help: a length is written *1..3, *..3 or *2, with whole numbers from 0
    ");
    assert_snapshot!(refused(r"MATCH (a) (b) RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: two nodes side by side
      |
    1 | MATCH (a) (b) RETURN a
      |           ^^^
      |
      = help: join them with a relationship, (a)-->(b), or separate them with a comma
    ");
    assert_snapshot!(refused(r"RETURN 1 2"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `2`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | RETURN 1 2
      |          ^
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE n.name CONTANS 'x' RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `CONTANS`: expected the end or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) WHERE n.name CONTANS 'x' RETURN n
      |                        ^^^^^^^
      |
      = help: did you mean CONTAINS?
    ");
    assert_snapshot!(refused(r"UNWIND [1,2] x RETURN x"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `x`: expected AS
      |
    1 | UNWIND [1,2] x RETURN x
      |              ^
    ");
    assert_snapshot!(refused(r"RETURN {a 1}"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `1`: expected `:`
      |
    1 | RETURN {a 1}
      |           ^
    ");
    assert_snapshot!(refused(r"RETURN 1 +"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected an expression
      |
    1 | RETURN 1 +
      |           ^
    ");
    assert_snapshot!(refused(r"RETURN NOT"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected an expression
      |
    1 | RETURN NOT
      |           ^
    ");
}

#[test]
fn numbers_maps_and_misspellings() {
    assert_snapshot!(refused(r"MATCH (n) SET n.x"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected `(`, `:Label` or `=`
      |
    1 | MATCH (n) SET n.x
      |                  ^
    ");
    assert_snapshot!(refused(r"MATCH (n) DELETE"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected an expression
      |
    1 | MATCH (n) DELETE
      |                 ^
    ");
    assert_snapshot!(refused(r"CALL { MATCH (n) RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected `,`, `}`, AS or a clause such as MATCH or RETURN
      |
    1 | CALL { MATCH (n) RETURN n
      |                          ^
      |
      = help: the { at line 1, column 6 is still open: close it with }
    ");
    assert_snapshot!(refused(r"RETURN 42 — 41"), @r"
    error[SyntaxError / InvalidUnicodeCharacter]: unexpected `—`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | RETURN 42 — 41
      |           ^
      |
      = help: write a plain -, < or >
    ");
    assert_snapshot!(refused(r"RETURN 1 /* x"), @r"
    error[SyntaxError / UnexpectedSyntax]: this comment never ends
      |
    1 | RETURN 1 /* x
      |          ^^
      |
      = help: close it with */
    ");
    assert_snapshot!(refused(r"RETURN `x"), @r"
    error[SyntaxError / UnexpectedSyntax]: this name is opened with a back-tick and never closed
      |
    1 | RETURN `x
      |        ^
      |
      = help: close it with `; a back-tick inside a name is written ``
    ");
    assert_snapshot!(refused(r"MERGE (n) ON CRATE SET n.x = 1"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `CRATE`: expected CREATE or MATCH
      |
    1 | MERGE (n) ON CRATE SET n.x = 1
      |              ^^^^^
      |
      = help: did you mean CREATE?
    ");
    assert_snapshot!(refused(r"MATCH (n) WITH n WHERE RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETURN`: expected an expression
      |
    1 | MATCH (n) WITH n WHERE RETURN n
      |                        ^^^^^^
    ");
    assert_snapshot!(refused(r"RETURN all(x WHERE x > 1)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `WHERE`: expected IN
      |
    1 | RETURN all(x WHERE x > 1)
      |              ^^^^^
      |
      = help: write x IN list before WHERE
    ");
    assert_snapshot!(refused(r"RETURN reduce(x = 1 | x)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `|`: expected `,`
      |
    1 | RETURN reduce(x = 1 | x)
      |                     ^
    ");
    assert_snapshot!(refused(r"RETURN '\u12'"), @r"
    error[SyntaxError / InvalidUnicodeLiteral]: this \u escape is not complete
      |
    1 | RETURN '\u12'
      |        ^^^^^^
      |
      = help: \u takes four hexadecimal digits, \U eight; a backslash itself is written \\
    ");
    assert_snapshot!(refused(r"RETURN 0x"), @r"
    error[SyntaxError / InvalidNumberLiteral]: this number is not written as its base asks
      |
    1 | RETURN 0x
      |        ^^
      |
      = help: after 0x stand digits 0 to 9 and a to f
    ");
}

#[test]
fn what_else_goes_wrong() {
    assert_snapshot!(refused(r"TRACE 'x' BAKWARD"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `BAKWARD`: expected the end, AS, BACKWARD, FORWARD, TO or VIA
      |
    1 | TRACE 'x' BAKWARD
      |           ^^^^^^^
      |
      = help: did you mean BACKWARD?
    ");
    assert_snapshot!(refused(r"MATCH (n) AS OFF date('2020') RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `OFF`: expected OF
      |
    1 | MATCH (n) AS OFF date('2020') RETURN n
      |              ^^^
      |
      = help: did you mean OF?
    ");
    assert_snapshot!(refused(r"CREATE INDEX FOR (n:A) (n.k)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `(`: expected ON
      |
    1 | CREATE INDEX FOR (n:A) (n.k)
      |                        ^
    ");
    assert_snapshot!(refused(r"MATCH (n) WHERE (n)-->( RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETURN`: expected a variable or `)`
      |
    1 | MATCH (n) WHERE (n)-->( RETURN n
      |                         ^^^^^^
      |
      = help: the ( at line 1, column 23 is still open: close it with )
    ");
    assert_snapshot!(refused(r"MATCH (n {a: 1) RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `)`: expected `,` or `}`
      |
    1 | MATCH (n {a: 1) RETURN n
      |               ^
      |
      = help: the { at line 1, column 10 is still open: close it with }
    ");
    assert_snapshot!(refused(r"RETURN a.b."), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected a name
      |
    1 | RETURN a.b.
      |            ^
    ");
    assert_snapshot!(refused(r"MATCH (n) RETURN n.first name"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `name`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | MATCH (n) RETURN n.first name
      |                          ^^^^
    ");
    assert_snapshot!(refused(r"RETURN 'it's'"), @r"
    error[SyntaxError / UnexpectedSyntax]: this text is opened and never closed
      |
    1 | RETURN 'it's'
      |             ^
      |
      = help: close it with '; a ' inside a text is written \'
    ");
    assert_snapshot!(refused(r"MATCH (n)-[r:A|]->(m) RETURN n"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `]`: expected a relationship type or `:`
      |
    1 | MATCH (n)-[r:A|]->(m) RETURN n
      |                ^
    ");
    assert_snapshot!(refused(r"FOREACH (x IN [1] CREATE ())"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `CREATE`: expected `|`
      |
    1 | FOREACH (x IN [1] CREATE ())
      |                   ^^^^^^
    ");
    assert_snapshot!(refused(r"RETURN ＲＥＴＵＲＮ 1"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `1`: expected the end, `,`, AS or a clause such as MATCH or RETURN
      |
    1 | RETURN ＲＥＴＵＲＮ 1
      |                     ^
    ");
    assert_snapshot!(refused(r"INSERT INTO x"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `x`: expected `=`
      |
    1 | INSERT INTO x
      |             ^
    ");
}

#[test]
fn the_rest() {
    assert_snapshot!(refused(r"MATCH (p:Person) p.name = 'x' RETURN p"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `p`: expected the end, `,` or a clause such as MATCH or RETURN
      |
    1 | MATCH (p:Person) p.name = 'x' RETURN p
      |                  ^
      |
      = help: a condition begins with WHERE
    ");
    assert_snapshot!(refused(r"RETURN COUNT(DISTINCT)"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `)`: expected an expression
      |
    1 | RETURN COUNT(DISTINCT)
      |                      ^
    ");
    assert_snapshot!(refused(r"RETURN count(*"), @r"
    error[SyntaxError / UnexpectedSyntax]: the query ends too early: expected `)`
      |
    1 | RETURN count(*
      |               ^
      |
      = help: the ( at line 1, column 13 is still open: close it with )
    ");
    assert_snapshot!(refused(r"MATCH (a:A RETURN a"), @r"
    error[SyntaxError / UnexpectedSyntax]: unexpected `RETURN`: expected `)`, `:` or `|`
      |
    1 | MATCH (a:A RETURN a
      |            ^^^^^^
      |
      = help: the ( at line 1, column 7 is still open: close it with )
    ");
    assert_snapshot!(refused(r"MATCH (a)-[:A->(b) RETURN a"), @r"
    error[SyntaxError / InvalidRelationshipPattern]: unexpected `-`: expected `]` or `|`
      |
    1 | MATCH (a)-[:A->(b) RETURN a
      |              ^
      |
      = help: the [ at line 1, column 11 is still open: close it with ]
    ");
}
