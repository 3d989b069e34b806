//! The promises of the whole stage: bounded, linear, and no keyword forgotten.

use std::time::{Duration, Instant};

use super::*;
use crate::error::Code;

fn code(text: &str) -> Option<Code> {
    parse(text).err().map(|e| e.code())
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("RETURN {}{inner}{} AS v", open.repeat(depth), close.repeat(depth))
}

/// Everything that can contain itself: what opens it, what it holds at the heart, what closes it, and how much
/// of the budget a round costs.
const NESTS: &[(&str, &str, &str, usize)] = &[
    ("(", "1", ")", 1),
    ("[", "1", "]", 1),
    ("{a: ", "1", "}", 1),
    ("abs(", "1", ")", 1),
    ("a[", "1", "]", 1),
    ("NOT ", "true", "", 1),
    ("- ", "a", "", 1),
    ("-(", "1", ")", 2),
    ("NOT (", "true", ")", 2),
    ("[x IN ", "[1]", " | x]", 2),
    ("[x IN xs WHERE ", "true", " | x]", 2),
    ("({a: ", "1", "})", 2),
    ("(n {a: ", "1", "})-->()", 2),
    ("(a)-[{k: ", "1", "}]-(b)", 3),
    ("CASE WHEN true THEN ", "1", " END", 1),
    ("CASE ", "1", " WHEN 1 THEN 2 END", 1),
    ("EXISTS { MATCH (n) WHERE ", "true", " }", 4),
    ("COUNT { (n {a: ", "1", "}) }", 6),
    ("reduce(a = ", "0", ", x IN [1] | a)", 1),
    ("all(x IN ", "[1]", " WHERE true)", 2),
    ("shortestPath((a {k: ", "1", "})-[*]-(b))", 3),
    ("n {a: ", "1", "}", 1),
    ("COLLECT { CALL { RETURN ", "1", " AS x } RETURN x }", 8),
];

/// The same for what stands outside expressions.
const STATEMENT_NESTS: &[(&str, &str, &str, usize)] = &[
    ("FOREACH (x IN xs | ", "CREATE ()", ")", 3),
    ("CALL { ", "RETURN 1 AS x", " } RETURN x", 4),
    ("CALL (x) { ", "RETURN 1 AS x", " } RETURN x", 4),
];

#[test]
fn nesting_fits_a_small_stack_up_to_the_limit_and_is_refused_beyond() {
    let run = || {
        for (open, inner, close, cost) in STATEMENT_NESTS {
            let times = (MAX_QUERY_DEPTH as usize - 3) / cost;
            let text = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
            let tree = parse(&text).unwrap_or_else(|e| panic!("{}", e.render(&text, None, false)));
            assert!(parse(&print(&tree)).is_ok(), "{open}");
            assert_eq!(code(&format!("{}{inner}{}", open.repeat(200), close.repeat(200))), Some(Code::Depth), "{open}");
        }
        for (before, open, inner, close, after) in
            [("MATCH ", "(", "(a)-->(b)", ")", " RETURN 1"), ("MATCH (n:", "(", "A", ")", ") RETURN 1")]
        {
            let text = |n: usize| format!("{before}{}{inner}{}{after}", open.repeat(n), close.repeat(n));
            assert_eq!(code(&text(MAX_QUERY_DEPTH as usize - 2)), None, "{before}");
            assert_eq!(code(&text(MAX_QUERY_DEPTH as usize + 2)), Some(Code::Depth), "{before}");
        }
        for (open, inner, close, cost) in NESTS {
            let deepest = (MAX_QUERY_DEPTH as usize - 3) / cost;
            let text = nested(open, inner, close, deepest);
            let tree = parse(&text).unwrap_or_else(|e| panic!("{}", e.render(&text, None, false)));
            let printed = print(&tree);
            let again = parse(&printed).unwrap_or_else(|e| panic!("{}", e.render(&printed, None, false)));
            assert_eq!(print(&again), printed);
            for depth in [MAX_QUERY_DEPTH as usize + 2, 20_000] {
                assert_eq!(code(&nested(open, inner, close, depth)), Some(Code::Depth), "{open} {depth} times");
                assert_eq!(
                    code(&format!("RETURN {}", open.repeat(depth))),
                    Some(Code::Depth),
                    "{open} {depth} times, open"
                );
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread can be started");
    thread.join().expect("nothing panics, nothing overflows");
}

#[test]
fn tests_of_tests_count_as_depth() {
    for repeated in [" IS NULL", " IN a", " STARTS WITH a", " =~ a", " IS :: INTEGER", " :: INTEGER"] {
        assert_eq!(code(&format!("RETURN 1{}", repeated.repeat(100))), None, "{repeated}");
        assert_eq!(code(&format!("RETURN 1{}", repeated.repeat(1000))), Some(Code::Depth), "{repeated}");
    }
    // the tests of each level add up with what they stand behind
    let level = |inner: String| format!("({inner}{})", " IS NULL".repeat(20));
    let deep = (0..20).fold("1".to_owned(), |inner, _| level(inner));
    assert_eq!(code(&format!("RETURN {deep}")), Some(Code::Depth));
    assert_eq!(code(&format!("MATCH (n:{}A) RETURN n", "!".repeat(1000))), Some(Code::Depth));
    // labels and keys called case and end nest nothing
    let labels = vec!["n:Case AND n.case = n.end"; 300].join(" OR ");
    assert_eq!(code(&format!("MATCH (n:End {{case: 1, end: 2}}) WHERE {labels} RETURN n")), None);
}

/// A wrong text that is deep must not be tried once per level and alternative.
#[test]
fn failing_late_is_cheap() {
    let wrong = [
        ("(n {a: ", "1", ", 5})"),
        ("(a)-[{k: ", "1", "}x]"),
        ("(a)--(b)-[{k: ", "1", "}x]"),
        ("(a)--({k: ", "1", "} + 1)"),
        ("[x IN ", "[1]", ", 2 |]"),
        ("[p = (a {k: ", "1", "})-->() | "),
        ("reduce(a = ", "1", ", x)"),
        ("any(x IN ({a: ", "1", "}), 1)"),
        ("shortestPath(({k: ", "1", "}) + 1)"),
        ("exists { match (n {a: ", "1", "}) nope }"),
        ("case (", "1", ") 1 END"),
        ("a[", "1", " 2]"),
        ("({a:", "1", "} 2)"),
        ("f(", "1", " 2)"),
    ];
    for (open, inner, close) in wrong {
        for text in [nested(open, inner, close, 30), format!("RETURN {}", open.repeat(30))] {
            let start = Instant::now();
            assert!(parse(&text).is_err(), "{text}");
            assert!(start.elapsed() < Duration::from_secs(2), "{text}");
        }
    }
}

#[test]
fn long_texts_are_read_and_dropped_without_depth() {
    let long = [
        format!("RETURN 1{}", " + 1".repeat(5_000)),
        format!("RETURN {}1", "a+".repeat(20_000)),
        format!("RETURN {}1", "(((((1))))),".repeat(5_000)),
        format!("RETURN {}true", "true AND ".repeat(5_000)),
        format!("RETURN 1 AS v{}", " UNION ALL RETURN 1 AS v".repeat(1_000)),
        format!("RETURN a{}", ".b[0]".repeat(3_000)),
        format!("MATCH {}() RETURN 1", "()-[]->".repeat(1_500)),
        (0..1_000).map(|i| format!("CREATE (:T {{i: {i}}}) ")).collect(),
        "RETURN 1;".repeat(1_000),
    ];
    for text in long {
        let tree = parse(&text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(parse(&print(&tree)).map(|t| t.statements.len()), Ok(tree.statements.len()));
    }
}

#[test]
fn blanks_of_every_kind_and_comments_are_one_blank() {
    let written = "MATCH (a :A {k : 'x  y'} ) - [r : T|U * 1 .. 3] -> ( b ) WHERE a . k IN [1, - 2 , `a b` ] AND NOT b : B \
                   RETURN CASE WHEN a . n < 1 THEN count ( * ) ELSE $p END AS `c  d` , - [ - 1 ] [ 0 .. ] AS e \
                   ORDER BY e DESC SKIP 1 LIMIT 0x1F";
    let tree = print(&parse(written).expect("a query"));
    for blank in
        ["\t", "\r\n", "\u{1C}", "\u{A0}", "\u{2003}\u{3000}", "\u{2028}", "/**/", "/* ' \" ` */", " // )\n", "   "]
    {
        let mut text = blank.to_owned();
        let (tokens, _) = tokens(written);
        let mut end = 0;
        for token in tokens {
            text.push_str(if token.span.start > end && end > 0 { blank } else { "" });
            text.push_str(token.span.of(written));
            end = token.span.end;
        }
        text.push_str(blank);
        assert_eq!(parse(&text).map(|t| print(&t)), Ok(tree.clone()), "{text}");
        // a place in the text is a place in what was typed
        let wrong = format!("{blank}RETURN{blank}1{blank}AS{blank})");
        let span = parse(&wrong).expect_err("no name").span();
        assert_eq!(span.map(|s| s.start as usize), Some(wrong.len() - 1), "{wrong}");
    }
}

#[test]
fn keywords_and_grammar_are_equal() {
    let grammar = include_str!("../../grammar/lexical.pest");
    let words = |text: &str| -> Vec<String> { text.split('"').skip(1).step_by(2).map(str::to_uppercase).collect() };
    let is_keyword = |l: &&str| l.contains("= @{ ^\"");
    let mut written: Vec<_> = grammar.lines().filter(is_keyword).flat_map(|l| words(l).into_iter().take(1)).collect();
    written.sort();
    assert_eq!(written, KEYWORDS);
    let reserved = grammar.lines().find(|l| l.starts_with("reserved")).expect("the grammar reserves words");
    let mut reserved = words(reserved);
    reserved.sort();
    assert_eq!(reserved, RESERVED);
    assert!(RESERVED.iter().all(|w| KEYWORDS.contains(w)));
    // and no other file spells a keyword out
    for file in [
        include_str!("../../grammar/query.pest"),
        include_str!("../../grammar/pattern.pest"),
        include_str!("../../grammar/expression.pest"),
    ] {
        let code = file.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<String>();
        let spelt: Vec<_> =
            words(&code).into_iter().filter(|w| w.len() > 1 && w.chars().all(char::is_alphabetic)).collect();
        assert_eq!(spelt, Vec::<String>::new());
    }
}

#[test]
fn columns_are_named_by_the_text_to_the_letter() {
    let text = "RETURN  n.a+ 1 /* x */ , ( b )  ,c // end\n , [ 1 ]  AS d";
    let statement = parse_statement(text).expect("the query is right");
    let ast::StatementBody::Query(query) = statement.body else { panic!("no query") };
    let ast::ClauseKind::Return(said) = &query.first.clauses[0].kind else { panic!("no RETURN") };
    let names: Vec<_> = said.items.iter().map(|i| i.expr.span.of(text)).collect();
    assert_eq!(names, ["n.a+ 1", "( b )", "c", "[ 1 ]"]);
    assert_eq!(statement.span.of(text), text);
}

/// Each pair is two spellings of one tree.
#[test]
fn precedences_are_those_of_cypher() {
    for (bare, explicit) in [
        ("1 + 2 * 3 ^ 4", "1 + (2 * (3 ^ 4))"),
        ("-2 ^ 2", "(-2) ^ 2"),
        ("-a.b", "-(a.b)"),
        ("NOT a = b", "NOT (a = b)"),
        ("a OR b XOR c AND NOT d", "a OR (b XOR (c AND (NOT d)))"),
        ("a = b IN c", "a = (b IN c)"),
        ("a + b IN c + d", "(a + b) IN (c + d)"),
        ("a IS NULL = b IS NOT NULL", "(a IS NULL) = (b IS NOT NULL)"),
        ("n.x STARTS WITH 'a' + 'b'", "n.x STARTS WITH ('a' + 'b')"),
        ("a.b:L AND c", "(a.b:L) AND c"),
        ("- - 1", "-(-1)"),
    ] {
        let text = |expr: &str| print(&parse(&format!("RETURN {expr}")).unwrap_or_else(|e| panic!("{expr}: {e}")));
        assert_eq!(text(bare), text(explicit), "{bare}");
    }
}

#[test]
fn hyphens_patterns_and_extensions_are_read() {
    for (written, canonical) in [
        ("match (a)-[:a-b|c-d*1..3]->(b) return b", "MATCH (a)-[:a-b|c-d*1..3]->(b) RETURN b"),
        ("MATCH (a:A)-[:T]-(b)-[:A]->(c) RETURN a", "MATCH (a:A)-[:T]-(b)-[:A]->(c) RETURN a"),
        ("MATCH (n:A|B&!C:D {k: 1} WHERE n.x) RETURN n", "MATCH (n:A|B&!C&D {k: 1} WHERE n.x) RETURN n"),
        ("MATCH ((a)-[r]->(b) WHERE a.x){1,3} RETURN a", "MATCH ((a)-[r]->(b) WHERE a.x){1,3} RETURN a"),
        ("MATCH (a)-[r]->{,3}(b)-->+(c)--*(d) RETURN a", "MATCH (a)-[r*0..3]->(b)-[*1..]->(c)-[*0..]-(d) RETURN a"),
        ("MATCH p = ANY SHORTEST WALK (a)-->(b) RETURN p", "MATCH p = SHORTEST 1 WALK (a)-->(b) RETURN p"),
        ("MATCH SHORTEST 2 PATH GROUPS (a)-->(b) RETURN 1", "MATCH SHORTEST 2 GROUPS (a)-->(b) RETURN 1"),
        (
            "CITE MATCH (a) AS OF CERTAIN date('2022') ACCORDING TO '003', '004' WHERE a.x RETURN a",
            "CITE MATCH (a) AS OF CERTAIN date('2022') ACCORDING TO '003', '004' WHERE a.x RETURN a",
        ),
        (
            "TRACE 'x' BACKWARD VIA transferred-to|:replaced-by AS OF '2020' YIELD step, what AS t WHERE step > 1 RETURN t",
            "TRACE 'x' BACKWARD VIA transferred-to|replaced-by AS OF '2020' YIELD step, what AS t WHERE step > 1 RETURN t",
        ),
        (
            "TRACE 'x' AS OF '2020' according to 'a', 'b' known by certain '2010' YIELD step RETURN step",
            "TRACE 'x' AS OF '2020' ACCORDING TO 'a', 'b' KNOWN BY CERTAIN '2010' YIELD step RETURN step",
        ),
        ("CONFLICTS OF x YIELD a RETURN a", "CONFLICTS OF x YIELD a RETURN a"),
        ("CONFLICTS OF x KNOWN BY '2010'", "CONFLICTS OF x KNOWN BY '2010'"),
        (
            "RETURN [x IN xs WHERE x:A|B | x.b], [x IN xs WHERE x:A | x]",
            "RETURN [x IN xs WHERE x:(A|B) | x.b], [x IN xs WHERE x:A | x]",
        ),
        ("RETURN [x IN xs], [(x IN xs)], [x IN xs, 1]", "RETURN [x IN xs], [(x IN xs)], [x IN xs, 1]"),
        ("RETURN [p = (a {k: 1})-->(:B $q) WHERE p | p]", "RETURN [p = (a {k: 1})-->(:B $q) WHERE p | p]"),
        ("RETURN x IS :: LIST<INTEGER not null>", "RETURN x IS :: LIST<INTEGER NOT NULL>"),
        ("RETURN 0x1F, 0o17, .5, 1e3, -9223372036854775808", "RETURN 31, 15, 0.5, 1000.0, -9223372036854775808"),
        ("RETURN '\\u0041\\'', \"a\\tb\", `a``b`.`c d`", "RETURN 'A\\'', 'a\\tb', `a``b`.`c d`"),
        (
            "MATCH (order:Order {end: 1}) RETURN order.return AS skip",
            "MATCH (`order`:Order {end: 1}) RETURN `order`.return AS `skip`",
        ),
        ("CALL (a, b) { RETURN a } RETURN 1", "CALL (a, b) { RETURN a } RETURN 1"),
        ("CREATE CONSTRAINT ON (n:L) ASSERT n.k IS UNIQUE", "CREATE CONSTRAINT FOR (x:L) REQUIRE x.k IS UNIQUE"),
        ("CREATE INDEX ON :L(k); DROP INDEX i IF EXISTS", "CREATE INDEX FOR (x:L) ON (x.k);\nDROP INDEX i IF EXISTS"),
        (";; BEGIN; ;COMMIT TRANSACTION;", "BEGIN;\nCOMMIT"),
        ("MATCH (a)\u{2014}[:R]\u{2014}\u{27E9}(b) RETURN 1", "MATCH (a)-[:R]->(b) RETURN 1"),
    ] {
        let tree = parse(written).unwrap_or_else(|e| panic!("{}", e.render(written, None, false)));
        assert_eq!(print(&tree), canonical);
        let again = parse(canonical).unwrap_or_else(|e| panic!("{}", e.render(canonical, None, false)));
        assert_eq!(print(&again), canonical);
    }
}

#[test]
fn too_long_is_said_before_anything_is_read() {
    assert_eq!(code(&" ".repeat(MAX_SCRIPT_BYTES + 1)), Some(Code::Size));
    assert_eq!(code(&format!("RETURN '{}'", "a".repeat(MAX_STATEMENT_BYTES))), Some(Code::Size));
}

#[test]
fn one_statement_means_one() {
    assert!(parse_statement("RETURN 1; // done").is_ok());
    for text in ["", " // only a comment", ";", "RETURN 1; RETURN 2"] {
        assert_eq!(parse_statement(text).map_err(|e| e.code()).err(), Some(Code::UnexpectedSyntax), "{text}");
    }
    assert_eq!(parse("; ;\u{A0}").map(|s| s.statements.len()), Ok(0));
    assert_eq!(parse("\u{FEFF}RETURN 1").map(|s| s.statements.len()), Ok(1));
}
