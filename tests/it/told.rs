//! Evidence that is told of a graph that is there: by the language and by method, undone with its transaction, the same after
//! the store is opened again; and what it makes of properties, citations and answers is what a dataset makes of the same.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use shejire::Engine;
use shejire::engine::{Rows, Told};
use shejire::error::{Class, Code};

fn shown(rows: &Rows) -> Vec<String> {
    let cited = |row: shejire::engine::Row<'_>| {
        let places: Vec<&str> = row.citations().iter().map(|c| &*c.locator).collect();
        if rows.cited() { format!(" [{}]", places.join(" ")) } else { String::new() }
    };
    rows.iter()
        .map(|row| row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ") + &cited(row))
        .collect()
}

fn asked(engine: &Engine, text: &str) -> Vec<String> {
    shown(&engine.run(text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// Everything that is known, in an order of its own.
fn all(engine: &Engine) -> String {
    let (nodes, rels) = engine.everything().unwrap();
    let Told { sources, rels: by_rel, nodes: by_node, further, .. } = engine.snapshot().unwrap().told().unwrap();
    let sorted = |map: BTreeMap<u64, Vec<String>>| {
        map.into_iter()
            .map(|(id, mut all)| {
                all.sort();
                format!("{id}: {all:?}")
            })
            .collect::<Vec<_>>()
    };
    let by_rel = sorted(by_rel.into_iter().map(|(id, m)| (id, m.iter().map(|m| format!("{m:?}")).collect())).collect());
    let by_node =
        sorted(by_node.into_iter().map(|(id, p)| (id, p.iter().map(|p| format!("{p:?}")).collect())).collect());
    let mut further: Vec<String> = further.iter().map(|f| format!("{f:?}")).collect();
    further.sort();
    format!("{nodes:?}\n{rels:?}\n{sources:?}\n{by_rel:?}\n{by_node:?}\n{further:?}")
}

#[test]
fn what_is_told_is_cited_counted_and_computed_with_at_once() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:Court {name: 'c'})-[:T]->(:Council {name: 'd'})").unwrap();
    engine.run("CALL source.put({id: 'm', title: 'Minutes', group: 'town', date: '1995'})").unwrap();
    engine.run("CALL source.put({id: 'n', title: 'News', derives_from: ['m']})").unwrap();
    // a statement's own citations show what it tells
    let told = engine.run("CITE MATCH ()-[r:T]->() CALL evidence.add(r, {locator: 'm:3.1', date: '1995-06', mention: 'F2', confidence: 'E A'}) RETURN type(r) AS t").unwrap();
    assert_eq!(shown(&told), ["T [m:3.1]"]);
    assert_eq!(told.changes().mentions_added, 1);
    let fact = "MATCH ()-[r:T]->() RETURN r.date, r.fact, r.confidence, r.evaluative, support(r), witnesses(r)";
    assert_eq!(asked(&engine, fact), ["1995-06 | F2 | ['E', 'A'] | false | 1 | 1"]);
    // told twice it is told once
    let again = engine.run("MATCH ()-[r:T]->() CALL evidence.add(r, {locator: 'm:3.1', date: '1995-06', mention: 'F2', confidence: 'E A'})").unwrap();
    assert_eq!(again.changes().mentions_added, 0);
    // as `evidence()` answers it, it may be given
    engine.run("MATCH ()-[r:T]->() CALL evidence.add(r, {source: 'n', locator: '2.4', date: date('1995-06-14'), through: ['x', 'y'], mode: 'hedges', by: 'z', as_named: 'the court', identified: 'probable'})").unwrap();
    assert_eq!(asked(&engine, fact), ["1995-06-14 | F2 | ['E', 'A'] | false | 2 | 1"]);
    assert_eq!(asked(&engine, "CITE MATCH ()-[r:T]->() RETURN r.date"), ["1995-06-14 [n:2.4]"]);
    assert_eq!(asked(&engine, "MATCH ()-[r:T]->() ACCORDING TO 'm' RETURN r.date"), ["1995-06"]);
    let copy = "MATCH ()-[r:T]->() UNWIND evidence(r) AS e CALL evidence.add(r, e) RETURN count(*)";
    assert_eq!(engine.run(copy).unwrap().changes().mentions_added, 0, "the same mention, however it is given");
    // nodes: places that name them, and their lives
    assert_eq!(asked(&engine, "MATCH (c:Court) RETURN support(c)"), ["2"], "the places of the fact name its ends");
    engine.run("MATCH (c:Court) CALL evidence.add(c, {locator: 'm:9'}) ").unwrap();
    engine.run("MATCH (c:Court) CALL evidence.add(c, {locator: 'm:7.2', start: '1890', end: '1995-06'})").unwrap();
    assert_eq!(asked(&engine, "CITE MATCH (c:Court) RETURN c.start, c.end"), ["1890 | 1995-06 [m:7.2]"]);
    engine.run("MATCH (c:Court) CALL evidence.remove(c, {locator: 'm:7.2'})").unwrap();
    assert_eq!(asked(&engine, "MATCH (c:Court) RETURN c.start, c.end"), ["null | null"]);
    // what denies supports nothing
    engine.run("MATCH ()-[r:T]->() CALL evidence.add(r, {locator: 'm:8.1', mode: 'denies'})").unwrap();
    assert_eq!(asked(&engine, "MATCH ()-[r:T]->() RETURN support(r), size(evidence(r))"), ["2 | 3"]);
    // what is corrected counts no more, and again when the correction is taken back
    engine
        .run("MATCH ()-[r:T]->() CALL evidence.add(r, {locator: 'n:5.1', date: '1996', corrects: 'F2', mention: 'F9'})")
        .unwrap();
    let dates = asked(&engine, "MATCH ()-[r:T]->() RETURN disputed(r), size(evidence(r))");
    assert_eq!(dates, ["['date'] | 3"], "1996 and 1995-06-14 exclude each other; F2 is seen no more");
    engine.run("MATCH ()-[r:T]->() CALL evidence.remove(r, {mention: 'F9'})").unwrap();
    assert_eq!(asked(&engine, fact), ["1995-06-14 | F2 | ['E', 'A'] | false | 2 | 1"]);
    // all of a source
    let gone = engine.run("MATCH ()-[r:T]->() CALL evidence.remove(r, {source: 'm'})").unwrap();
    assert_eq!(gone.changes().mentions_removed, 2);
    assert_eq!(asked(&engine, fact), ["1995-06-14 | null | [] | false | 1 | 1"]);
    engine.run("MATCH ()-[r:T]->() CALL evidence.remove(r, {source: 'n'})").unwrap();
    assert_eq!(asked(&engine, fact), ["null | null | null | null | 0 | 0"]);
    assert_eq!(engine.check().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_told_wrongly_says_what_is_wrong_and_leaves_nothing() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:A)-[:T {own: 1}]->(:B)").unwrap();
    engine.run("CALL source.put({id: 'm'})").unwrap();
    let before = all(&engine);
    for (call, class, words) in [
        ("evidence.add(r, {locator: 'x:1.1'})", Class::EntityNotFound, "no source is called `x`"),
        ("evidence.add(r, {locator: 'm:0'})", Class::ArgumentError, "no place in a document"),
        ("evidence.add(r, {locator: '1.1'})", Class::ArgumentError, "does not say in which document"),
        ("evidence.add(r, {source: 'n', locator: 'm:1.1'})", Class::ArgumentError, "the locator is in `m`"),
        ("evidence.add(r, {date: '1990'})", Class::ArgumentError, "a mention stands at a place"),
        ("evidence.add(r, {locator: 'm:1.1', date: 'last year'})", Class::ArgumentError, "`date` is no date"),
        ("evidence.add(r, {locator: 'm:1.1', confidence: 'Q'})", Class::ArgumentError, "no code of confidence"),
        ("evidence.add(r, {locator: 'm:1.1', mode: 'shouts'})", Class::ArgumentError, "`shouts` is no mode"),
        ("evidence.add(r, {locator: 'm:1.1', fingerprint: 'zz'})", Class::ArgumentError, "no fingerprint"),
        ("evidence.add(r, {locator: 'm:1.1', through: a})", Class::TypeError, "`through` must be a text, not a Node"),
        ("evidence.add(7, {locator: 'm:1.1'})", Class::TypeError, "a relationship or a node, not a Integer"),
        ("evidence.add(a, {locator: 'm:1.1', event: 'e'})", Class::ArgumentError, "an event is told of a relationship"),
        ("evidence.remove(r, {})", Class::ArgumentError, "nothing says which"),
        ("evidence.remove(r, {scource: 'm'})", Class::ArgumentError, "knows no key `scource`"),
        ("source.put({title: 't'})", Class::ArgumentError, "a source needs an id"),
        ("source.put({id: 's', date: 'once'})", Class::ArgumentError, "`date` is no date"),
        ("source.put({id: 's', tilte: 't'})", Class::ArgumentError, "knows no key `tilte`"),
    ] {
        let text = format!("MATCH (a:A)-[r:T]->() SET r.own = 2 WITH a, r CALL {call}");
        let error = engine.run(&text).unwrap_err();
        assert!(error.message().contains(words) && error.class() == class, "{call}: {error}");
        assert!(error.span().is_some(), "{call}: at a place in the text");
        assert_eq!(all(&engine), before, "{call}");
    }
    let error =
        engine.run("MATCH (a:A)-[r:T]->() DELETE r WITH r CALL evidence.add(r, {locator: 'm:1.1'})").unwrap_err();
    assert_eq!(error.code(), Code::DeletedEntityAccess);
    for text in [
        "MATCH ()-[r]->() WHERE EXISTS { CALL evidence.add(r, {locator: 'm:1.1'}) RETURN 1 } RETURN r",
        "CALL source.put({id: 'z'})",
    ] {
        let error = engine.query(text).read_only().rows().unwrap_err();
        assert!(matches!(error.code(), Code::InvalidClauseComposition | Code::ReadOnlyGraph), "{text}: {error}");
    }
    assert_eq!(all(&engine), before);
}

/// What may be told of a relationship or node.
#[derive(Clone, Debug)]
enum Say {
    Put(u8, u8),
    Add { rel: u8, source: u8, paragraph: u8, what: u8 },
    Name { node: u8, source: u8, paragraph: u8 },
    Live { node: u8, source: u8, year: u8 },
    Remove { rel: u8, source: u8 },
    Unname { node: u8, source: u8 },
    Delete { rel: u8 },
}

impl Say {
    fn text(&self) -> String {
        match self {
            Self::Put(source, title) => {
                format!("CALL source.put({{id: 's{source}', title: 't{title}', group: 'g{title}'}})")
            }
            Self::Add { rel, source, paragraph, what } => {
                let what = [
                    "",
                    ", date: '1990'",
                    ", date: '1990-05', mode: 'hedges'",
                    ", mode: 'denies'",
                    ", scope: 'a'",
                    ", scope: 'b', confidence: 'V'",
                    ", mention: 'F1', date: '1991'",
                    ", corrects: 'F1', date: '1992'",
                ][*what as usize % 8];
                format!(
                    "MATCH ()-[r {{i: {rel}}}]->() CALL evidence.add(r, {{source: 's{source}', locator: '{}.1'{what}}})",
                    paragraph + 1
                )
            }
            Self::Name { node, source, paragraph } => {
                format!(
                    "MATCH (n {{i: {node}}}) CALL evidence.add(n, {{source: 's{source}', locator: '{}'}})",
                    paragraph + 1
                )
            }
            Self::Live { node, source, year } => {
                format!(
                    "MATCH (n {{i: {node}}}) CALL evidence.add(n, {{source: 's{source}', locator: '1.1', start: '19{year:02}'}})"
                )
            }
            Self::Remove { rel, source } => {
                format!("MATCH ()-[r {{i: {rel}}}]->() CALL evidence.remove(r, {{source: 's{source}'}})")
            }
            Self::Unname { node, source } => {
                format!("MATCH (n {{i: {node}}}) CALL evidence.remove(n, {{source: 's{source}'}})")
            }
            Self::Delete { rel } => format!("MATCH ()-[r {{i: {rel}}}]->() DELETE r"),
        }
    }
}

fn says() -> impl Strategy<Value = Say> {
    let (rel, source, node) = (0..4u8, 0..3u8, 0..3u8);
    prop_oneof![
        (source.clone(), 0..3u8).prop_map(|(s, t)| Say::Put(s, t)),
        (rel.clone(), source.clone(), 0..3u8, 0..8u8).prop_map(|(rel, source, paragraph, what)| Say::Add {
            rel,
            source,
            paragraph,
            what
        }),
        (rel.clone(), source.clone(), 0..3u8, 0..8u8).prop_map(|(rel, source, paragraph, what)| Say::Add {
            rel,
            source,
            paragraph,
            what
        }),
        (node.clone(), source.clone(), 0..3u8).prop_map(|(node, source, paragraph)| Say::Name {
            node,
            source,
            paragraph
        }),
        (node.clone(), source.clone(), 0..99u8).prop_map(|(node, source, year)| Say::Live { node, source, year }),
        (rel.clone(), source.clone()).prop_map(|(rel, source)| Say::Remove { rel, source }),
        (node, source).prop_map(|(node, source)| Say::Unname { node, source }),
        rel.prop_map(|rel| Say::Delete { rel }),
    ]
}

const BEGIN: &str =
    "CREATE (a:A {i: 0})-[:T {i: 0}]->(b:A {i: 1})-[:T {i: 1}]->(c:A {i: 2})-[:T {i: 2}]->(a), (a)-[:U {i: 3}]->(c)";

fn begun(engine: Engine) -> Engine {
    engine.run(BEGIN).unwrap();
    (0..3).for_each(|s| drop(engine.run(&format!("CALL source.put({{id: 's{s}'}})")).unwrap()));
    engine
}

fn stored(folder: &Path) -> Engine {
    Engine::open(&folder.join("g.shejire")).unwrap()
}

proptest! {
    #![proptest_config(crate::desk::drawn(24))]

    /// In memory, in a store, in the store opened again, and in transactions that are rolled back between: the same is known.
    #[test]
    fn what_is_told_is_kept_and_what_is_rolled_back_is_not(steps in prop::collection::vec((says(), any::<bool>()), 1..24)) {
        let folder = tempfile::tempdir().unwrap();
        let (memory, mut store) = (begun(Engine::in_memory()), begun(stored(folder.path())));
        let mut written = std::fs::metadata(folder.path().join("g.shejire")).unwrap().len();
        for (at, (say, kept)) in steps.iter().enumerate() {
            let text = say.text();
            if *kept {
                memory.run(&text).unwrap();
                store.run(&text).unwrap();
            } else {
                let before = all(&store);
                let mut transaction = store.begin().unwrap();
                transaction.run(&text).unwrap();
                transaction.run("MATCH (n) SET n.x = 1").unwrap();
                transaction.rollback();
                prop_assert_eq!(all(&store), before, "{}", text);
            }
            prop_assert_eq!(all(&store), all(&memory), "{}", text);
            if at % 5 == 4 {
                drop(store);
                store = stored(folder.path());
                prop_assert_eq!(all(&store), all(&memory), "opened again after {}", text);
            }
        }
        prop_assert_eq!(store.check().unwrap(), Vec::<String>::new());
        written = std::fs::metadata(folder.path().join("g.shejire")).unwrap().len().max(written);
        prop_assert!(written > 0);
        drop(store);
        prop_assert_eq!(all(&stored(folder.path())), all(&memory));
    }

    /// What was added and taken back in the end leaves the properties of relationships as they were.
    #[test]
    fn what_is_taken_back_leaves_the_facts_as_they_were(adds in prop::collection::vec((0..4u8, 0..3u8, 0..3u8, 0..8u8), 1..12)) {
        let engine = begun(Engine::in_memory());
        let facts = |engine: &Engine| asked(engine, "MATCH ()-[r]->() RETURN r.i, properties(r), support(r), size(evidence(r)) ORDER BY r.i");
        let before = facts(&engine);
        for (rel, source, paragraph, what) in &adds {
            engine.run(&Say::Add { rel: *rel, source: *source, paragraph: *paragraph, what: *what }.text()).unwrap();
        }
        // what is corrected is not matched before its correction is gone
        for source in (0..3).chain(0..3) {
            engine.run(&format!("MATCH ()-[r]->() CALL evidence.remove(r, {{source: 's{source}'}})")).unwrap();
        }
        prop_assert_eq!(facts(&engine), before);
    }
}

#[test]
fn one_more_mention_costs_one_more_mention() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("g.shejire");
    let engine = Engine::open(&file).unwrap();
    engine.run("UNWIND range(0, 4999) AS i CREATE (:A {i: i})-[:T {i: i}]->(:A)").unwrap();
    engine.run("CALL source.put({id: 's'})").unwrap();
    engine
        .run("MATCH ()-[r:T]->() CALL evidence.add(r, {source: 's', locator: '1.1', scope: 'of ' + toString(r.i)})")
        .unwrap();
    let log = || engine.store_info().unwrap().unwrap().log_bytes;
    let before = log();
    engine.run("MATCH ()-[r:T {i: 7}]->() CALL evidence.add(r, {source: 's', locator: '2.1', date: '1990'})").unwrap();
    engine.run("MATCH ()-[r:T {i: 8}]->() CALL evidence.remove(r, {source: 's'})").unwrap();
    let grown = log() - before;
    assert!(grown < 2000, "{grown} bytes for two mentions beside 5,000");
}
