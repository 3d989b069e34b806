//! Events, lives and TRACE on small datasets: what may be said from what is stated, in any order of rows.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use shejire::Engine;
use shejire::engine::{Limits, LineageRequest};
use shejire::error::Code;
use shejire::value::{NodeRef, Value};

use crate::snapshot::repository;

const KINDS: &str = "kind,definition\nbody,A body.\nact,An act.\nfunction,A function.\n";
pub(crate) const RELATIONS: &str = "\
relation,definition,domain,range,lineage,lineage_role,lineage_side,gathers,predecessor,successor,repeats
absorbed,goes into,body,body,merged,succession,object,successor,ends,existing,
joined,makes together,body,body,merged,succession,object,successor,ends,new,
divided,is divided,body,body,split,succession,object,predecessor,ends,new,
left,leaves behind,body,body,split,succession,object,predecessor,continues,new,
became,becomes,body,body,transformed-into,succession,object,,,,
descends,comes of,body,body,transformed-into,succession,subject,,,,
founded,founds,any,body,,creation,object,,,,
refounded,founds again,any,body,,restoration,object,,,,
closed,ends,any,body,,ending,object,,,,
gained,passes to,function,body,,function-transfer,object,,,,
lost,leaves,function,body,,function-withdrawal,object,,,,
exists,is,body,,,,,,,,
";

/// An engine over a dataset of bodies `a` to `z` (an act `law`, a function `f`) with these rows of mentions.csv:
/// `subject,relation,object,qualifiers,source,locator` and, where more is needed, `,confidence,event`.
pub(crate) fn engine(entities: &str, mentions: &[&str]) -> Engine {
    engine_of(entities, mentions, RELATIONS)
}

pub(crate) fn engine_of(entities: &str, mentions: &[&str], relations: &str) -> Engine {
    let rows = mentions.iter().map(|row| {
        // the id belongs to the row, so that shuffled rows say the same
        let id = row.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let cells = row.matches(',').count();
        let more = match cells {
            5 => ",E,",
            6 => ",",
            _ => "",
        };
        format!("M{},{row}{more}", id % 1_000_000_007)
    });
    let header = "id,subject,relation,object,qualifiers,source,locator,confidence,event";
    engine_with(entities, header, &rows.collect::<Vec<_>>(), relations)
}

/// The same with whole rows of mentions.csv under `header`.
pub(crate) fn engine_with(entities: &str, header: &str, mentions: &[String], relations: &str) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("dataset.toml", "id = \"t\"\ntitle = \"Test\"\nlanguage = \"en\"\nformat = 2\n");
    write("kinds.csv", KINDS);
    write("relations.csv", relations);
    write("sources.csv", "id,title,date\ns,First,2005\nt,Second,2010-06\nu,Third,\n");
    let mut all = String::from("id,kind,name,start,end\n");
    for body in 'a'..='z' {
        let id = body.to_string();
        let row = entities.lines().find(|row| row.split(',').next() == Some(&id));
        let (start, end) = row.and_then(|row| row.split_once(',')?.1.split_once(',')).unwrap_or_default();
        let kind = if body == 'f' { "function" } else { "body" };
        writeln!(all, "{id},{kind},{},{start},{end}", id.to_uppercase()).unwrap();
    }
    all.push_str("law,act,Law,,\n");
    write("entities.csv", &all);
    write("mentions.csv", &format!("{header}\n{}\n", mentions.join("\n")));
    Engine::from_dataset(&shejire::dataset::read(folder.path()).unwrap()).unwrap()
}

pub(crate) fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".into(),
        Some(Value::Str(text)) => text.to_string(),
        Some(Value::Int(n)) => n.to_string(),
        Some(Value::Bool(b)) => b.to_string(),
        Some(other) => format!("{other:?}"),
    }
}

/// Each row of a TRACE in short: step, kind, predecessors > successors (or giver > receiver, or body), when, places.
pub(crate) fn traced(engine: &Engine, query: &str) -> Vec<String> {
    let rows = engine.run(query).unwrap();
    let id = |node: &NodeRef| match rows
        .entities()
        .node(*node)
        .and_then(|n| n.properties.iter().find(|(k, _)| &**k == "id"))
    {
        Some((_, Value::Str(id))) => id.to_string(),
        _ => "?".into(),
    };
    let side = |value: Option<&Value>| match value {
        Some(Value::List(items)) => {
            let bodies = items.iter().map(|item| match item {
                Value::Map(map) => match map.get("body") {
                    Some(Value::Node(node)) => id(node),
                    _ => "?".into(),
                },
                _ => "?".into(),
            });
            bodies.collect::<Vec<_>>().join("+")
        }
        Some(Value::Node(node)) => id(node),
        _ => "-".into(),
    };
    let places = |value: Option<&Value>| match value {
        Some(Value::List(items)) => items.iter().map(|item| text(Some(item))).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    rows.iter()
        .map(|row| {
            let moved = !row.value("what").is_none_or(Value::is_null);
            let body = row.value("body").filter(|body| !body.is_null());
            let ends = match (moved, body) {
                (true, _) => format!("{} > {}", side(row.value("from")), side(row.value("to"))),
                (_, Some(body)) => side(Some(body)),
                _ => format!("{} > {}", side(row.value("predecessors")), side(row.value("successors"))),
            };
            let possible = if matches!(row.value("certain"), Some(Value::Bool(false))) { " possible" } else { "" };
            let disputed = if matches!(row.value("disputed"), Some(Value::Bool(true))) { " disputed" } else { "" };
            format!(
                "{} {} {ends} {} [{}]{possible}{disputed}",
                text(row.value("step")),
                text(row.value("kind")),
                text(row.value("when")),
                places(row.value("citations"))
            )
        })
        .collect()
}

/// The answer to a query with one column, a line for each row.
pub(crate) fn answer(engine: &Engine, query: &str) -> Vec<String> {
    let rows = engine.run(query).unwrap();
    rows.iter().map(|row| text(row.values().first())).collect()
}

/// The same answer whatever the order of rows: as given, turned round, and from the middle on.
fn in_every_order(entities: &str, mentions: &[&str], query: &str, expected: &[&str]) {
    let mut orders = vec![mentions.to_vec()];
    orders.push(mentions.iter().rev().copied().collect());
    orders.push(mentions[mentions.len() / 2..].iter().chain(&mentions[..mentions.len() / 2]).copied().collect());
    for order in orders {
        assert_eq!(traced(&engine(entities, &order), query), expected, "{order:?}");
    }
}

#[test]
fn a_function_goes_from_whom_to_whom_is_stated() {
    let rows = [
        "f,lost,b,date=2010; to=c,s,2.1",
        "f,gained,c,date=2010; from=b,s,2.1",
        "f,lost,a,date=2000; to=b,s,1.1",
        "f,gained,b,date=2000; from=a,s,1.1",
    ];
    in_every_order("", &rows, "TRACE 'a'", &["0 gained a > b 2000 [s:1.1]", "1 gained b > c 2010 [s:2.1]"]);
    in_every_order("", &rows, "TRACE 'b'", &["0 gained a > b 2000 [s:1.1]", "0 gained b > c 2010 [s:2.1]"]);
    in_every_order("", &rows, "TRACE 'c'", &["-1 gained a > b 2000 [s:1.1]", "0 gained b > c 2010 [s:2.1]"]);
    in_every_order("", &rows, "TRACE 'f'", &["0 gained a > b 2000 [s:1.1]", "0 gained b > c 2010 [s:2.1]"]);
}

#[test]
fn a_function_of_which_two_may_be_the_giver_has_none() {
    let rows = ["f,lost,a,,s,1.1", "f,lost,b,,s,1.1", "f,gained,c,,s,1.1"];
    in_every_order("", &rows, "TRACE 'c'", &["0 gained - > c - [s:1.1]"]);
    // a giver that only the receipt names is shown, though no place says that it gave anything up
    in_every_order("", &["f,gained,c,from=a,s,1.1"], "TRACE 'c'", &["0 gained a > c - [s:1.1]"]);
    in_every_order("", &["f,lost,a,,s,1.1"], "TRACE 'a'", &["0 lost a > - - [s:1.1]"]);
}

#[test]
fn dates_that_differ_are_all_shown_with_their_places() {
    let rows = ["a,became,b,date=2011,s,4.2", "a,became,b,date=2012,t,3.2", "a,became,b,,u,1.1"];
    in_every_order("", &rows, "TRACE 'a'", &["1 became a > b [2011,2012] [s:4.2 t:3.2 u:1.1] disputed"]);
    let engine = engine("", &rows);
    let dates = "TRACE 'a' YIELD dates UNWIND dates AS d RETURN d.date + ' ' + d.role + ' ' + d.citations[0] + ' ' + toString(size(d.citations))";
    assert_eq!(answer(&engine, dates), ["2011 date s:4.2 1", "2012 date t:3.2 1"]);
}

#[test]
fn what_counts_is_when_it_took_effect() {
    let rows = ["a,became,b,adopted=2023-12-20; effective=2024-03-01; published=2023-12-22,s,1.1"];
    in_every_order("", &rows, "TRACE 'a'", &["1 became a > b 2024-03-01 [s:1.1]"]);
    assert_eq!(answer(&engine("", &rows), "TRACE 'a' YIELD dates RETURN dates[0].role"), ["effective"]);
    // never a publication for an effect that nobody states
    in_every_order("", &["a,became,b,published=2023,s,1.1"], "TRACE 'a'", &["1 became a > b - [s:1.1]"]);
}

#[test]
fn a_split_and_a_merger_are_whole_both_ways() {
    let split = ["a,divided,b,date=2011,s,1.1", "a,divided,c,date=2011,s,1.1"];
    for (query, expected) in [
        ("TRACE 'a'", "1 divided a > b+c 2011 [s:1.1]"),
        ("TRACE 'b'", "-1 divided a > b+c 2011 [s:1.1]"),
        ("TRACE 'c'", "-1 divided a > b+c 2011 [s:1.1]"),
    ] {
        in_every_order("", &split, query, &[expected]);
    }
    // a year gathers nothing: two sentences, two mergers; a day does, and so does an act of the same date
    let year = ["a,absorbed,c,date=2011,s,1.1", "b,absorbed,c,date=2011,s,2.1"];
    in_every_order("", &year, "TRACE 'a'", &["1 absorbed a > c 2011 [s:1.1]"]);
    let day = ["a,absorbed,c,date=2011-01-01,s,1.1", "b,absorbed,c,date=2011-01-01,s,2.1"];
    in_every_order("", &day, "TRACE 'a'", &["1 absorbed a+b > c 2011-01-01 [s:1.1 s:2.1]"]);
    let act = ["a,absorbed,c,date=2011; through=law,s,1.1", "b,absorbed,c,date=2011; through=law,s,2.1"];
    in_every_order("", &act, "TRACE 'a'", &["1 absorbed a+b > c 2011 [s:1.1 s:2.1]"]);
    // joined transitively: the first two by the day, the second and the third by the place
    let chain = [
        "a,absorbed,d,date=2011-01-01,s,1.1",
        "b,absorbed,d,date=2011-01-01,t,1.1",
        "b,absorbed,d,date=2011,u,1.1",
        "c,absorbed,d,date=2011,u,1.1",
    ];
    in_every_order("", &chain, "TRACE 'c'", &["1 absorbed a+b+c > d 2011-01-01 [s:1.1 t:1.1 u:1.1]"]);
}

#[test]
fn an_event_of_which_no_pair_is_stated() {
    let rows = [
        "a,became,,date=2020,s,1.1,E,e1",
        "b,became,,date=2020,s,1.1,E,e1",
        ",became,c,date=2020,s,1.1,E,e1",
        ",became,d,date=2020,s,1.1,E,e1",
        ",became,e,date=2020,s,1.2,E,e1",
    ];
    let event = "became a+b > c+d+e 2020 [s:1.1 s:1.2]";
    in_every_order("", &rows, "TRACE 'a'", &[&format!("1 {event}")]);
    in_every_order("", &rows, "TRACE 'e'", &[&format!("-1 {event}")]);
    let engine = engine("", &rows);
    assert_eq!(answer(&engine, "MATCH (a)-[r:became]->(b) RETURN count(r)"), ["0"]);
    let sides = "TRACE 'a' YIELD successors UNWIND successors AS s RETURN s.body.id + ' ' + s.citations[0]";
    assert_eq!(answer(&engine, sides), ["c s:1.1", "d s:1.1", "e s:1.2"]);
}

#[test]
fn what_was_certainly_earlier_does_not_count() {
    // a merger, and behind it a split of the successor long before
    let rows = ["a,absorbed,b,date=2016,s,1.1", "b,left,c,date=1950,s,1.2"];
    in_every_order("", &rows, "TRACE 'a' FORWARD", &["1 absorbed a > b 2016 [s:1.1]"]);
    in_every_order("", &rows, "TRACE 'c' BACKWARD", &["-1 left b > c 1950 [s:1.2]"]);
    // compared with the whole way, and not with the last event only
    let undated = ["a,became,b,date=2010,s,1.1", "b,became,c,,s,1.2", "c,became,d,date=1990,s,1.3"];
    let expected = ["1 became a > b 2010 [s:1.1]", "2 became b > c - [s:1.2] possible"];
    in_every_order("", &undated, "TRACE 'a' FORWARD", &expected);
    // it may have been in order
    let wide = ["a,became,b,date=[2016..2018],s,1.1", "b,became,c,date=2017,s,1.2"];
    let expected = ["1 became a > b [2016..2018] [s:1.1]", "2 became b > c 2017 [s:1.2] possible"];
    in_every_order("", &wide, "TRACE 'a' FORWARD", &expected);
    let expected = ["-2 became a > b [2016..2018] [s:1.1] possible", "-1 became b > c 2017 [s:1.2]"];
    in_every_order("", &wide, "TRACE 'c' BACKWARD", &expected);
}

#[test]
fn circles_keep_every_event() {
    let rows = ["a,absorbed,b,date=1973,s,1.1", "b,left,a,date=1983,s,1.2", "a,absorbed,b,date=2019,s,1.3"];
    in_every_order(
        "",
        &rows,
        "TRACE 'a'",
        &[
            "-2 absorbed a > b 1973 [s:1.1]",
            "-1 left b > a 1983 [s:1.2]",
            "1 absorbed a > b 1973 [s:1.1]",
            "1 absorbed a > b 2019 [s:1.3]",
            "2 left b > a 1983 [s:1.2]",
        ],
    );
}

#[test]
fn graphs_without_a_dataset_are_traced_by_types() {
    let engine = Engine::default();
    engine
        .run("CREATE (p:c {id:'p',name:'P'}),(b:c {id:'b',name:'B'}),(m:c {id:'m',name:'M'}),(b)-[:merged {date:'1973'}]->(p),(p)-[:split {date:'1989'}]->(b),(m)-[:merged {date:'2016'}]->(p)")
        .unwrap();
    assert_eq!(traced(&engine, "TRACE 'M' FORWARD VIA merged|split"), ["1 merged m > p 2016 []"]);
    let both = traced(&engine, "TRACE 'P' VIA merged|split");
    assert_eq!(both, ["-1 merged b > p 1973 []", "-1 merged m > p 2016 []", "1 split p > b 1989 []"]);
}

#[test]
fn an_empty_answer_says_why() {
    let engine = engine("", &["a,became,b,date=2010,s,1.1"]);
    let said = |query: &str| {
        let rows = engine.run(query).unwrap();
        assert!(rows.is_empty(), "{query}");
        rows.warnings().iter().map(|w| w.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(said("TRACE 'a' AS OF '1995'"), "AS OF hides 1 fact that would answer this");
    assert_eq!(said("TRACE 'z'"), "no document says what became of it, or what it came from");
    assert_eq!(said("TRACE 'a' BACKWARD"), "no document says what it came from");
    assert!(said("TRACE 'a' TO 'z'").starts_with("not related in these documents"));
    let error = engine.run("TRACE 'a' VIA becam").unwrap_err();
    assert!(error.to_string().contains("no relationship type is called `becam`"), "{error}");
    assert!(format!("{error:?}").contains("did you mean VIA became?"), "{error:?}");
}

#[test]
fn the_name_of_a_type_decides_nothing() {
    let drawn = |ty: &str| {
        let relations = RELATIONS.replace("divided,", &format!("{ty},"));
        let rows = [format!("a,{ty},b,date=2011,s,1.1"), format!("a,{ty},c,date=2011,s,1.1")];
        let engine = engine_of("", &rows.iter().map(String::as_str).collect::<Vec<_>>(), &relations);
        let traced = engine.lineage(&LineageRequest::of("a").as_of("2020")).unwrap();
        let mut timeline = shejire::picture::lineage(&traced, &shejire::picture::Asked::default());
        // what it is called is written; nothing else may differ
        timeline.links.iter_mut().for_each(|link| (link.kind, link.event) = ("X".into(), String::new()));
        for fact in timeline.citations.iter_mut().flat_map(|cite| &mut cite.facts) {
            fact.kind = "X".into();
            fact.fact = String::new();
        }
        shejire::picture::timeline_svg(&timeline, &shejire::picture::Style::default())
    };
    assert_eq!(drawn("split-into"), drawn("ausgegliedert"));
}

#[test]
fn lives_have_gaps_and_acts_begin_and_end_them() {
    let rows =
        ["law,founded,a,date=1994,s,1.1", "law,closed,a,date=2007,s,1.2", "law,refounded,a,date=2014-01-01,s,1.2"];
    let frame = "a,1994,..\n";
    let engine = engine(frame, &rows);
    let life = "MATCH (n {id:'a'}) UNWIND life(n) AS i RETURN i.start + ' ' + i.end";
    assert_eq!(answer(&engine, life), ["1994 2007", "2014-01-01 .."]);
    for (day, certain, expected) in [
        ("2000-01-01", true, 1),
        ("2010-01-01", true, 0),
        ("2010-01-01", false, 0),
        ("2020-01-01", true, 1),
        ("1990-01-01", false, 0),
    ] {
        let certain = if certain { "CERTAIN " } else { "" };
        let query = format!("MATCH (n:body {{id:'a'}}) AS OF {certain}date('{day}') RETURN n.id");
        assert_eq!(answer(&engine, &query).len(), expected, "{query}");
    }
    let cited =
        "MATCH (n {id:'a'}) RETURN life(n)[0].begins[0].citations[0] + ' ' + toString(life(n)[0].begins[0].derived)";
    assert_eq!(answer(&engine, cited), ["s:1.1 true"]);
}

#[test]
fn what_is_not_declared_ends_nothing() {
    let undeclared = engine("", &["a,became,b,date=2010,s,1.1"]);
    assert_eq!(answer(&undeclared, "MATCH (n) WHERE n.id IN ['a','b'] RETURN size(life(n))"), ["0", "0"]);
    let declared = engine("", &["a,joined,b,date=2010,s,1.1"]);
    assert_eq!(answer(&declared, "MATCH (n {id:'a'}) RETURN n.end"), ["2010"]);
    assert_eq!(answer(&declared, "MATCH (n {id:'b'}) RETURN n.start"), ["2010"]);
    let overridden = engine("", &["a,joined,b,date=2010; predecessor=continues,s,1.1"]);
    assert_eq!(answer(&overridden, "MATCH (n {id:'a'}) RETURN size(life(n))"), ["0"]);
}

#[test]
fn a_life_date_beside_an_act_is_the_more_precise() {
    let engine = engine(
        "a,,1947-04-30\nb,,1950\n",
        &["a,absorbed,c,date=1947-05-01,s,1.1", "b,absorbed,c,date=1947-05-01,s,1.1"],
    );
    let end = |id: &str| answer(&engine, &format!("MATCH (n {{id:'{id}'}}) RETURN n.end"));
    assert_eq!(end("a"), ["1947-04-30"]);
    // a date that no place states loses against what one does
    assert_eq!(end("b"), ["1947-05-01"]);
    let ends = "MATCH (n {id:'a'}) UNWIND life(n)[0].ends AS e RETURN e.by + ' ' + toString(e.sourced) + ' ' + toString(e.derived)";
    assert_eq!(answer(&engine, ends), ["absorbed true true", "exists false false"]);
}

#[test]
fn begins_in_a_row_are_one_begin() {
    let rows = [
        "law,founded,a,date=1990,s,1.1",
        "a,exists,,start=1990-05-03,t,1.1",
        "law,founded,b,date=1990,s,1.2",
        "b,exists,,start=1992,t,1.2",
    ];
    let engine = engine("", &rows);
    assert_eq!(answer(&engine, "MATCH (n {id:'a'}) RETURN n.start"), ["1990-05-03"]);
    assert_eq!(answer(&engine, "MATCH (n {id:'b'}) RETURN n.start"), ["[1990,1992]"]);
    assert_eq!(answer(&engine, "MATCH (n {id:'b'}) RETURN life(n)[0].disputed"), ["true"]);
}

#[test]
fn the_ends_are_as_stated_when_the_object_is_the_predecessor() {
    let rows = ["b,descends,a,date=2001,s,1.1"];
    in_every_order("", &rows, "TRACE 'a'", &["1 descends a > b 2001 [s:1.1]"]);
    let engine = engine("", &rows);
    assert_eq!(answer(&engine, "TRACE 'a' YIELD `from`, `to` RETURN from.id + ' ' + to.id"), ["b a"]);
}

#[test]
fn from_one_to_another() {
    let rows = [
        "a,became,b,date=2000,s,1.1",
        "b,became,c,date=2005,s,1.2",
        "b,became,d,date=1990,s,1.3",
        "b,became,e,date=2006,s,1.4",
    ];
    let line = ["1 became a > b 2000 [s:1.1]", "2 became b > c 2005 [s:1.2]"];
    in_every_order("", &rows, "TRACE 'a' TO 'c'", &line);
    let back = ["-2 became a > b 2000 [s:1.1]", "-1 became b > c 2005 [s:1.2]"];
    in_every_order("", &rows, "TRACE 'c' TO 'a'", &back);
    let common = ["-1 became b > c 2005 [s:1.2]", "1 became b > e 2006 [s:1.4]"];
    in_every_order("", &rows, "TRACE 'c' TO 'e'", &common);
    in_every_order("", &rows, "TRACE 'a' TO 'd'", &[]);
}

#[test]
fn an_actor_that_the_dataset_supplies_is_marked() {
    let engine = engine("", &["law,founded,a,date=2000,s,1.1,A", "law,founded,b,date=2000,s,1.2,E"]);
    for (id, supplied) in [("a", "true"), ("b", "false")] {
        assert_eq!(answer(&engine, &format!("TRACE '{id}' YIELD supplied RETURN size(supplied) > 0")), [supplied]);
    }
}

/// A number from a seed, and the next seed.
pub(crate) fn random(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

/// An event of the plain model: who, who, and the half-years it may have been in.
pub(crate) struct Act {
    before: Vec<char>,
    after: Vec<char>,
    span: Option<(i64, i64)>,
    kind: &'static str,
}

pub(crate) fn shuffled(rows: &[String], state: &mut u64) -> Vec<String> {
    let mut rows = rows.to_vec();
    for at in (1..rows.len()).rev() {
        rows.swap(at, random(state, at as u64 + 1) as usize);
    }
    rows
}

/// A dataset by chance, as rows and as the plain model of it.
pub(crate) fn by_chance(state: &mut u64) -> (Vec<String>, Vec<Act>) {
    let (mut rows, mut acts) = (Vec::new(), Vec::new());
    let bodies = ['a', 'b', 'c', 'd', 'e'];
    let mut pairs: Vec<(char, char)> =
        bodies.iter().flat_map(|a| bodies.iter().filter(move |b| *b != a).map(move |b| (*a, *b))).collect();
    for number in 0..2 + random(state, 5) {
        let (kind, sides): (&str, Vec<(char, char)>) = match random(state, 3) {
            0 => ("became", vec![pairs.swap_remove(random(state, pairs.len() as u64) as usize)]),
            // one body for two, or two for one, held together by the column `event`
            turn => {
                let hub = bodies[random(state, 5) as usize];
                let own = |pair: &(char, char)| if turn == 1 { pair.1 == hub } else { pair.0 == hub };
                let two: Vec<(char, char)> = pairs.iter().copied().filter(own).take(2).collect();
                pairs.retain(|pair| !two.contains(pair));
                (if turn == 1 { "absorbed" } else { "divided" }, two)
            }
        };
        let mut span: Option<(i64, i64)> = None;
        for (at, (a, b)) in sides.iter().enumerate() {
            for source in ["s", "t", "u"].into_iter().take(1 + random(state, 3) as usize) {
                let year = 2000 + random(state, 8) as i64;
                let until = year + random(state, 4) as i64;
                let (date, own) = match random(state, 4) {
                    0 => (String::new(), None),
                    1 => (format!("date=[{year}..{until}]"), Some((year * 2, until * 2 + 1))),
                    _ => (format!("date={year}"), Some((year * 2, year * 2 + 1))),
                };
                if let Some(own) = own {
                    span = Some(span.map_or(own, |span| (span.0.min(own.0), span.1.max(own.1))));
                }
                rows.push(format!("{a},{kind},{b},{date},{source},{}.{},E,e{number}", number + 1, at + 1));
            }
        }
        let side = |first: bool| {
            let mut all: Vec<char> = sides.iter().map(|(a, b)| if first { *a } else { *b }).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        if !sides.is_empty() {
            acts.push(Act { before: side(true), after: side(false), span, kind });
        }
    }
    (rows, acts)
}

/// Every way from `body`, event by event, each event once: the fewest events, and whether some way is certain.
fn ways(acts: &[Act], body: char, backward: bool, way: &mut Vec<usize>, found: &mut [Option<(i64, bool)>]) {
    let span = |at: usize| {
        let (first, last) = acts[at].span.unwrap_or((i64::MIN / 4, i64::MAX / 4));
        if backward { (-last, -first) } else { (first, last) }
    };
    for at in 0..acts.len() {
        let (from, to) = match backward {
            false => (&acts[at].before, &acts[at].after),
            true => (&acts[at].after, &acts[at].before),
        };
        let bound = way.iter().map(|at| span(*at).0).max().unwrap_or(i64::MIN);
        if way.contains(&at) || !from.contains(&body) || span(at).1 < bound {
            continue;
        }
        way.push(at);
        let dated = way.len() == 1 || way.iter().all(|at| acts[*at].span.is_some());
        let in_order = dated && (0..way.len()).all(|j| (0..j).all(|i| span(way[i]).1 <= span(way[j]).0));
        let steps = way.len() as i64;
        let known = found[at].get_or_insert((steps, false));
        *known = (known.0.min(steps), known.1 || in_order);
        for next in to {
            ways(acts, *next, backward, way, found);
        }
        way.pop();
    }
}

#[test]
fn trace_agrees_with_a_plain_model_and_does_not_depend_on_the_order_of_rows() {
    let mut state = 20_261_129;
    let mut rows_seen = 0;
    for round in 0..150 {
        let (rows, acts) = by_chance(&mut state);
        let mut expected: Vec<String> = Vec::new();
        for backward in [true, false] {
            let mut found = vec![None; acts.len()];
            ways(&acts, 'a', backward, &mut Vec::new(), &mut found);
            for (act, found) in acts.iter().zip(found) {
                let Some((steps, certain)) = found else { continue };
                let side = |side: &[char]| side.iter().map(char::to_string).collect::<Vec<_>>().join("+");
                let possible = if certain { "" } else { " possible" };
                let steps = if backward { -steps } else { steps };
                expected.push(format!("{steps} {} {} > {}{possible}", act.kind, side(&act.before), side(&act.after)));
            }
        }
        expected.sort();
        rows_seen += expected.len();
        let mut whole: Option<Vec<String>> = None;
        for rows in [rows.clone(), shuffled(&rows, &mut state)] {
            let engine = engine("", &rows.iter().map(String::as_str).collect::<Vec<_>>());
            let all = traced(&engine, "TRACE 'a'");
            let mut short: Vec<String> = all
                .iter()
                .map(|row| {
                    let ends = row.split(' ').take(5).collect::<Vec<_>>().join(" ");
                    format!("{ends}{}", if row.contains("] possible") { " possible" } else { "" })
                })
                .collect();
            short.sort();
            assert_eq!(short, expected, "round {round}: {rows:#?}");
            assert_eq!(*whole.get_or_insert_with(|| all.clone()), all, "round {round}: the order of rows");
        }
    }
    assert!(rows_seen > 300, "{rows_seen}");
}

#[test]
fn lives_agree_with_a_plain_model_and_do_not_depend_on_the_order_of_rows() {
    let mut state = 7;
    for round in 0..60 {
        let mut years: Vec<u64> = (1900..1920).collect();
        let mut stated: Vec<(u64, &str)> = (0..1 + random(&mut state, 5))
            .map(|_| {
                let year = years.swap_remove(random(&mut state, years.len() as u64) as usize);
                (year, ["founded", "closed", "refounded"][random(&mut state, 3) as usize])
            })
            .collect();
        let rows: Vec<String> = stated
            .iter()
            .enumerate()
            .map(|(at, (year, kind))| format!("{},{kind},a,date={year},s,1.{}", ['b', 'c', 'd', 'e', 'g'][at], at + 1))
            .collect();
        stated.sort_unstable();
        // begins and ends of the intervals, each as the years that state it
        let mut model: Vec<(Vec<u64>, Vec<u64>, bool)> = Vec::new();
        for (year, kind) in &stated {
            let begins = *kind != "closed";
            let anew = match model.last() {
                None => true,
                Some((begun, ended, only_founded)) => {
                    begins && (!ended.is_empty() || *kind == "refounded" && !begun.is_empty() && *only_founded)
                }
            };
            if anew {
                model.push((Vec::new(), Vec::new(), true));
            }
            if let Some((begun, ended, only_founded)) = model.last_mut() {
                if begins {
                    begun.push(*year);
                    *only_founded &= *kind == "founded";
                } else {
                    ended.push(*year);
                }
            }
        }
        let text = |years: &[u64]| match years {
            [] => "-".to_owned(),
            [one] => one.to_string(),
            // acts of years that follow each other may be one day: no dispute, and still both are named
            many => format!("[{}]", many.iter().map(u64::to_string).collect::<Vec<_>>().join(",")),
        };
        let expected: Vec<String> =
            model.iter().map(|(begun, ended, _)| format!("{} {}", text(begun), text(ended))).collect();
        for rows in [rows.clone(), shuffled(&rows, &mut state)] {
            let engine = engine("", &rows.iter().map(String::as_str).collect::<Vec<_>>());
            let life =
                "MATCH (n {id:'a'}) UNWIND life(n) AS i RETURN coalesce(i.start, '-') + ' ' + coalesce(i.end, '-')";
            assert_eq!(answer(&engine, life), expected, "round {round}: {rows:#?}");
        }
    }
}

#[test]
fn a_register_of_communes_says_what_it_states() {
    let file = repository("../shared/cases/lineage/communes-by-code.tar.gz");
    if !file.exists() {
        println!("skipped: {} is not there", file.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unpacked = std::process::Command::new("tar").arg("xzf").arg(&file).arg("-C").arg(folder.path()).status();
    if !unpacked.is_ok_and(|status| status.success()) {
        println!("skipped: {} cannot be unpacked", file.display());
        return;
    }
    let folder = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let engine = Engine::from_folder(&folder).unwrap();
    assert_eq!(answer(&engine, "MATCH ()-[r]->() RETURN count(r)"), ["46746"]);
    let successions = |name: &str| {
        let mut rows = traced(&engine, name);
        rows.retain(|row| !row.contains("renamed"));
        rows.iter().map(|row| row.split(" [").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(successions("TRACE 'Anetz' FORWARD"), ["1 merged-into 44004 > 44163 2016-01-01"]);
    assert_eq!(
        successions("TRACE '79054'"),
        [
            "-2 merged-into 79036+79054+79194 > 79196 1973-01-01",
            "-1 split-into 79196 > 79054 1983-02-14",
            "1 merged-into 79036+79054+79194 > 79196 1973-01-01",
            "1 merged-into 79054+79260+79321 > 79196 2019-01-01",
            "2 split-into 79196 > 79054 1983-02-14",
        ]
    );
}

#[test]
fn a_lineage_ends_within_its_limits_and_is_whole_without_them() {
    const LENGTH: usize = 5000;
    let engine = Engine::in_memory();
    let chain = format!("UNWIND range(1, {LENGTH}) AS i CREATE (:Body {{id: 'b' + i, name: 'Body ' + i}})");
    engine.run(&chain).unwrap();
    engine
        .run("MATCH (a:Body) WITH a, 'b' + (toInteger(substring(a.id, 1)) + 1) AS next MATCH (b:Body {id: next}) CREATE (a)-[:became]->(b)")
        .unwrap();
    let ask = |limits| engine.lineage(&LineageRequest::of("Body 1").via("became").limits(limits));
    let hour = Limits { time: Some(Duration::from_secs(3600)), ..Limits::default() };
    assert_eq!(ask(hour).unwrap().steps().len(), LENGTH - 1);
    let none = Limits { time: Some(Duration::ZERO), ..Limits::default() };
    assert_eq!(ask(none.clone()).expect_err("there is no time").code(), Code::Time);
    let stopped = Limits { cancel: Some(Arc::new(AtomicBool::new(true))), ..Limits::default() };
    assert_eq!(ask(stopped).expect_err("nobody wants it").code(), Code::Cancelled);
    let error = engine.query("TRACE 'Body 1' VIA became").limits(none).rows().expect_err("there is no time");
    assert_eq!(error.code(), Code::Time);
}
