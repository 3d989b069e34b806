//! TRACE and CONFLICTS through the eyes of some sources: what they answer is what they would answer if nobody else had
//! said anything.

use shejire::Engine;
use shejire::engine::Row;
use shejire::error::Class;

use super::desk::shejire;
use super::lineage::{answer, by_chance, engine, text, traced};

use crate::snapshot::repository;

/// The rows of `source` alone.
fn only<'r>(rows: &'r [String], sources: &[&str]) -> Vec<&'r str> {
    let of = |row: &&str| row.split(',').nth(4).is_some_and(|source| sources.contains(&source));
    rows.iter().map(String::as_str).filter(of).collect()
}

/// What CONFLICTS finds, in short.
fn conflicts(engine: &Engine, query: &str) -> Vec<String> {
    let rows = engine.run(query).unwrap();
    let one = |row: Row<'_>| row.values().iter().map(|value| text(Some(value))).collect::<Vec<_>>().join(" | ");
    // in the order of the facts, which come from all mentions
    let mut all: Vec<String> = rows.iter().map(one).collect();
    all.sort_unstable();
    all
}

#[test]
fn a_lineage_according_to_some_is_that_of_a_dataset_of_their_rows() {
    let mut state = 4_711;
    let (mut seen, mut disputed) = (0, 0);
    for round in 0..12 {
        let (rows, _) = by_chance(&mut state);
        let all = engine("", &rows.iter().map(String::as_str).collect::<Vec<_>>());
        for (words, sources) in [
            ("ACCORDING TO 's'", &["s"][..]),
            ("ACCORDING TO ['t', 'u']", &["t", "u"]),
            ("KNOWN BY CERTAIN '2007'", &["s"]),
            ("KNOWN BY date('2010-06-30')", &["s", "t", "u"]),
            ("KNOWN BY '2006-01'", &["s", "u"]),
            ("ACCORDING TO 's', 't' KNOWN BY '2009'", &["s"]),
            ("ACCORDING TO 't' KNOWN BY '2009'", &[]),
        ] {
            let own = engine("", &only(&rows, sources));
            for asked in ["TRACE 'a'", "TRACE 'a' FORWARD VIA became|divided", "TRACE 'a' TO 'c'", "TRACE ['b', 'd']"] {
                for dated in ["", " AS OF '2004'", " AS OF CERTAIN '2006-06'"] {
                    let expected = traced(&own, &format!("{asked}{dated}"));
                    let found = traced(&all, &format!("{asked}{dated} {words}"));
                    assert_eq!(found, expected, "round {round}: {asked}{dated} {words} {rows:#?}");
                    seen += found.len();
                }
            }
            let columns = "YIELD left, leftStates, leftPlaces, leftSupport, rightStates, rightPlaces, certain";
            let expected = conflicts(&own, &format!("CONFLICTS {columns}"));
            assert_eq!(conflicts(&all, &format!("CONFLICTS {words} {columns}")), expected, "round {round}: {rows:#?}");
            disputed += expected.len();
        }
    }
    assert!(seen > 100 && disputed > 0, "{seen} {disputed}");
}

#[test]
fn what_a_row_names_is_seen_as_the_row_was() {
    let engine =
        engine("", &["a,became,b,date=2004,s,1.1", "a,became,b,date=2005,t,1.1", "b,became,c,date=2010,t,2.1"]);
    let of = |source: &str, ask: &str| answer(&engine, &format!("TRACE 'a' ACCORDING TO '{source}' {ask}"));
    let sources = "UNWIND successors AS s WITH s.body AS b MATCH (x)-[r]->(b) WHERE x.id = 'a' RETURN event(r).`when`";
    assert_eq!(of("s", "YIELD `when` AS w RETURN w"), ["2004"]);
    assert_eq!(of("t", "YIELD `when` AS w RETURN w"), ["2005", "2010"]);
    // the clause behind looks for itself
    assert_eq!(of("s", &format!("YIELD successors {sources}")), ["[2004,2005]"]);
    let cited = |query: &str| {
        let rows = engine.run(query).unwrap();
        rows.iter()
            .map(|row| row.citations().iter().map(|c| c.locator.to_string()).collect())
            .collect::<Vec<Vec<String>>>()
    };
    assert_eq!(
        cited("CITE TRACE 'a' ACCORDING TO 't' YIELD `when` AS w RETURN w"),
        [vec!["t:1.1"], vec!["t:1.1", "t:2.1"]]
    );
    assert_eq!(cited("CITE TRACE 'a' FORWARD ACCORDING TO 's' YIELD `when` AS w RETURN w"), [["s:1.1"]]);
}

#[test]
fn an_empty_answer_says_what_hid_it_and_unknown_sources_are_refused() {
    let engine = engine("", &["a,became,b,date=2004,s,1.1", "b,became,c,date=2010,t,2.1"]);
    let warned = |query: &str| {
        let rows = engine.run(query).unwrap();
        assert!(rows.is_empty(), "{query}");
        rows.warnings().iter().map(|w| w.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(warned("TRACE 'a' ACCORDING TO 'u'"), ["ACCORDING TO hides 2 facts that would answer this"]);
    assert_eq!(
        warned("TRACE 'a' FORWARD AS OF '1990' ACCORDING TO 's' KNOWN BY '2020'"),
        ["AS OF and ACCORDING TO and KNOWN BY hide 2 facts that would answer this"]
    );
    assert_eq!(engine.run("TRACE 'a' KNOWN BY null").unwrap().len(), 0);
    for query in ["TRACE 'a' ACCORDING TO 'x'", "CONFLICTS ACCORDING TO ['s', 'x']"] {
        let error = engine.run(query).expect_err("no such source");
        assert_eq!(error.class(), Class::EntityNotFound, "{query}");
        assert_eq!(error.message(), "no source is called `x`", "{query}");
    }
    let plan = engine.run("EXPLAIN TRACE 'a' AS OF '2000' ACCORDING TO 's' KNOWN BY CERTAIN '2010'").unwrap();
    let shown = plan.plan().unwrap().to_string();
    assert!(shown.contains("as of '2000', according to 's', known by certain '2010'"), "{shown}");
    assert_eq!(answer(&engine, "TRACE 'a' ACCORDING TO 's' YIELD support RETURN support"), ["1"]);
}

#[test]
fn a_picture_shows_what_was_asked_however_it_was_said() {
    let drawn = |args: &[&str]| {
        let data = repository("examples/city-councils");
        let data = data.to_str().unwrap();
        let mut all = args.to_vec();
        all.extend(["--data", data, "--dot", "-"]);
        // the query stands under the title
        let text = shejire(&all, b"").well();
        text.lines().filter(|line| !line.contains("TRACE")).collect::<Vec<_>>().join("\n")
    };
    let asked = |query: &str| drawn(&["query", query]);
    let plain = asked("TRACE 'City Council' AS OF date('2010-01-01')");
    assert!(plain.contains("City Council"), "{plain}");
    for same in [
        drawn(&["trace", "City Council", "--as-of", "2010-01-01"]),
        asked("TRACE 'City Council' AS OF date({year: 2010, month: 1, day: 1})"),
        asked("TRACE 'City' + ' Council' AS OF '2010-01-01'"),
        drawn(&["query", "TRACE $n AS OF $d", "--param", "n=City Council", "--param", "d=2010-01-01"]),
    ] {
        assert_eq!(same, plain);
    }
    // two sources: each sees its own dates, and no dispute
    let through = drawn(&["query", "TRACE 'City Council' ACCORDING TO $s", "--param", "s=a"]);
    assert_eq!(through, drawn(&["trace", "City Council", "--according-to", "a"]));
    assert_ne!(through, drawn(&["trace", "City Council"]));
}

#[test]
fn the_command_traces_several_and_what_a_query_finds() {
    let data = repository("examples/city-councils");
    let data = data.to_str().unwrap();
    let rows = |args: &[&str]| {
        let mut all = vec!["trace"];
        all.extend(args);
        all.extend(["--data", data, "--format", "jsonl"]);
        shejire(&all, b"").well()
    };
    let both = rows(&["Old Town Council", "Upper Town Council"]);
    assert_eq!(both, rows(&["--from-query", "MATCH (n) WHERE n.name ENDS WITH 'Town Council' RETURN n"]));
    assert_eq!(both, rows(&["Old Town Council", "--from-query", "RETURN ['Upper Town Council'] AS names"]));
    let one = rows(&["Old Town Council"]);
    assert!(!one.is_empty() && both.lines().count() >= one.lines().count(), "{one}{both}");
    let joined = rows(&["Old Town Council", "--to", "City Council"]);
    assert!(joined.lines().count() == 1 && joined.contains("\"direction\":\"forward\""), "{joined}");
    for (args, why) in [
        (&["trace"][..], "required"),
        (&["trace", "--from-query", "MATCH (n:nothing) RETURN n", "--data", data], "finds no node"),
        (&["trace", "--from-query", "RETURN 1 AS x", "--data", data], "gives a value of the type INTEGER"),
        (&["trace", "City Council", "--according-to", "nobody", "--data", data], "no source is called `nobody`"),
    ] {
        let ran = shejire(args, b"");
        assert!(ran.code != 0 && ran.err.contains(why), "{args:?}: {}", ran.err);
    }
    let found = |args: &[&str]| {
        let mut all = vec!["conflicts", "--data", data, "--format", "jsonl"];
        all.extend(args);
        shejire(&all, b"").well()
    };
    assert!(found(&[]).contains("\"value\""), "{}", found(&[]));
    assert_eq!(found(&["--according-to", "a"]), "");
}

/// What a query answers, a line for each row, sorted.
fn lines(engine: &Engine, query: &str) -> Vec<String> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let one = |row: Row<'_>| row.values().iter().map(|value| text(Some(value))).collect::<Vec<_>>().join(" | ");
    let mut all: Vec<String> = rows.iter().map(one).collect();
    all.sort_unstable();
    all
}

/// Questions that decide inside a pattern which relationships count, with `{}` where the view stands.
const PATHS: [&str; 9] = [
    "MATCH (a)-[r]->(b){} RETURN a.id, type(r), b.id, r.date",
    "MATCH (a)-[r* WHERE r.date > '2003']->(b){} RETURN a.id, [x IN r | x.date], b.id",
    "MATCH (a)-[r* {date: '2004'}]->(b){} RETURN a.id, [x IN r | x.date], b.id",
    "MATCH p = shortestPath((a)-[*]->(b)){} WHERE a.id = 'a' AND b.id <> 'a' RETURN b.id, length(p)",
    "MATCH p = ANY SHORTEST (a)-[r:became|divided|absorbed WHERE r.date >= '2002']->*(b){} WHERE a.id = 'a' RETURN b.id, length(p)",
    "MATCH p = ALL SHORTEST (a)-[]->+(b){} WHERE a.id = 'b' RETURN b.id, length(p)",
    "MATCH (a) ((x)-[r]->(y) WHERE r.date < '2006'){1,3} (b){} RETURN a.id, [i IN r | i.date], b.id",
    "MATCH (a)-[r*1..2]-(b){} WHERE all(x IN r WHERE x.date IS NOT NULL) RETURN a.id, b.id, size(r)",
    "MATCH (a)-[*1..3]->(b){} RETURN count(*)",
];

#[test]
fn paths_are_found_among_what_the_sources_of_a_view_say() {
    let mut state = 99;
    let mut seen = 0;
    for round in 0..30 {
        let (rows, _) = by_chance(&mut state);
        let all = engine("", &rows.iter().map(String::as_str).collect::<Vec<_>>());
        for (words, sources) in [(" ACCORDING TO 's'", &["s"][..]), (" KNOWN BY date('2010-06-30')", &["s", "t", "u"])]
        {
            let own = engine("", &only(&rows, sources));
            for query in PATHS {
                let expected = lines(&own, &query.replace("{}", ""));
                seen += expected.len();
                let asked = query.replace("{}", words);
                assert_eq!(lines(&all, &asked), expected, "round {round}: {asked}\n{rows:#?}");
            }
        }
    }
    assert!(seen > 1000, "{seen}");
}

#[test]
fn what_is_corrected_is_left_out_of_plain_answers_and_stays_in_earlier_ones() {
    let mut state = 31;
    let mut corrected = 0;
    for round in 0..30 {
        let (rows, _) = by_chance(&mut state);
        let with_ids = |rows: &[String], corrections: &[(String, Option<usize>)]| {
            let mut all: Vec<String> = rows.iter().enumerate().map(|(at, row)| format!("R{at},{row},")).collect();
            for (at, (row, of)) in corrections.iter().enumerate() {
                all.push(format!("K{at},{row},{}", of.map_or(String::new(), |of| format!("R{of}"))));
            }
            all
        };
        // every third row is corrected by one that another source states of other bodies
        let bad: Vec<usize> = (0..rows.len()).filter(|at| at % 3 == round % 3).collect();
        let pairs = ["v,became,w", "w,became,x", "x,divided,y", "y,absorbed,z", "a,became,v"];
        let better = |at: usize| format!("{},date=2007,u,9.{},E,k{at}", pairs[at % pairs.len()], at + 1);
        let corrections: Vec<(String, Option<usize>)> = bad.iter().map(|of| (better(*of), Some(*of))).collect();
        corrected += bad.len();
        let full = engine_of_rows(&with_ids(&rows, &corrections));
        let gone: Vec<String> =
            with_ids(&rows, &corrections.iter().map(|(row, _)| (row.clone(), None)).collect::<Vec<_>>())
                .into_iter()
                .filter(|row| !bad.iter().any(|at| row.starts_with(&format!("R{at},"))))
                .collect();
        let without = engine_of_rows(&gone);
        for query in PATHS {
            let query = query.replace("{}", "");
            assert_eq!(lines(&full, &query), lines(&without, &query), "round {round}: {query}");
            let dated = query.replace(" RETURN", " AS OF '2005' RETURN");
            if !dated.contains("WHERE a") && !dated.contains("WHERE all") {
                assert_eq!(lines(&full, &dated), lines(&without, &dated), "round {round}: {dated}");
            }
        }
        for query in ["TRACE 'a'", "TRACE 'a' TO 'z'", "TRACE 'v' BACKWARD AS OF '2008'"] {
            assert_eq!(traced(&full, query), traced(&without, query), "round {round}: {query}");
        }
        let exists = "MATCH (n) WHERE EXISTS { (n)-[]->() } RETURN n.id, COUNT { (n)-[]-() }, [(n)-[r]->(m) | m.id]";
        assert_eq!(lines(&full, exists).len(), lines(&without, exists).len(), "round {round}");
        // before the correction it could be read
        let before = "MATCH (a)-[r]->(b) KNOWN BY CERTAIN '2009' RETURN a.id, type(r), b.id, r.date";
        let all = engine_of_rows(&with_ids(&rows, &[]));
        assert_eq!(lines(&full, before), lines(&all, before), "round {round}");
    }
    assert!(corrected > 60, "{corrected}");
}

/// The dataset of [`engine`] with these rows of mentions.csv, their ids and what they correct.
fn engine_of_rows(rows: &[String]) -> Engine {
    let header = "id,subject,relation,object,qualifiers,source,locator,confidence,event,corrects";
    super::lineage::engine_with("", header, rows, super::lineage::RELATIONS)
}
