//! The tables of our SQLite export: what other programs find in them, and that they are read as the graph they were made of.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use shejire::Engine;
use shejire::io::read::{IntoGraph, Known};
use shejire::io::{How, ReadAs, Subgraph, format};

use crate::desk::installed;
use crate::formats::{counts, drawn, exported, lines, made, rich};

fn write(graph: &Subgraph, file: &Path) -> shejire::Result<()> {
    let Some(How::File(write)) = format("sqlite").unwrap().write else { panic!("a file") };
    write(graph, file).map_err(|error| error.into_error())
}

fn read(file: &Path) -> shejire::Result<Subgraph> {
    let engine = Engine::in_memory();
    engine.change(|to| ReadAs::Sqlite.read_file(file, None, &mut IntoGraph::new(to, Known::default()), &mut Err))?;
    Subgraph::whole(&engine)
}

/// Writes the tables, changes them, and reads them into a graph of its own.
fn through(graph: &Subgraph, change: &str) -> shejire::Result<Subgraph> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("g.sqlite");
    write(graph, &file)?;
    rusqlite::Connection::open(&file).unwrap().execute_batch(change).unwrap();
    read(&file)
}

fn sorted(graph: &Subgraph) -> Vec<String> {
    let mut all: Vec<String> = lines(graph).lines().map(str::to_owned).collect();
    all.sort();
    all
}

#[test]
fn evidence_comes_back_from_the_tables() {
    for engine in [Engine::builtin().unwrap(), rich()] {
        let graph = Subgraph::whole(&engine).unwrap();
        let (got, wanted) = (sorted(&through(&graph, "").unwrap()), sorted(&graph));
        for (got, wanted) in got.iter().zip(&wanted) {
            assert_eq!(got, wanted);
        }
        assert_eq!(got.len(), wanted.len());
    }
}

#[test]
fn what_was_changed_in_the_tables_counts_and_what_is_missing_is_said() {
    let engine = Engine::in_memory();
    engine.run("CREATE (:A {d: date('2020-02-29'), x: 1.0 / 0.0, l: [date('2020-01-01')]})").unwrap();
    let graph = Subgraph::whole(&engine).unwrap();
    let changed = "UPDATE entities SET properties = json_set(properties, '$.d', 'later')";
    let got = lines(&through(&graph, changed).unwrap());
    assert!(got.contains("\"d\":\"later\"") && got.contains("\"$float\":\"Infinity\""), "{got}");
    let error = through(&graph, "DROP TABLE places").expect_err("a table is missing");
    assert!(error.message().contains("no table `places`"), "{error}");
    let error = through(&graph, "UPDATE entities SET properties = '{'").expect_err("no JSON");
    assert!(error.message().contains("g.sqlite, table entities, row 0: "), "{error}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.sqlite"), "no database").unwrap();
    assert!(read(&folder.path().join("x.sqlite")).is_err());
}

proptest! {
    #![proptest_config(crate::desk::drawn(60))]

    #[test]
    fn whatever_a_graph_holds_comes_back_from_the_tables(drawn in drawn()) {
        let graph = made(&drawn);
        prop_assert_eq!(sorted(&through(&graph, "").unwrap()), sorted(&graph));
    }
}

#[test]
fn sqlite_has_names_with_their_places_and_a_row_for_every_value_stated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rich.db");
    write(&Subgraph::whole(&rich()).unwrap(), &file).unwrap();
    let conn = rusqlite::Connection::open(&file).unwrap();
    let ask = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    assert!(ask("SELECT \"table\" FROM pragma_foreign_key_check").is_empty());
    let named = "SELECT n.name || ' ' || p.source || ':' || p.locator || ' ' || p.says FROM names n \
                 JOIN name_places p ON p.name = n.id ORDER BY 1";
    assert_eq!(ask(named), ["The Union a:1 name", "The Union a:3 dates", "The Union b:2 name"]);
    let stated = "SELECT q.key || '=' || q.value FROM qualifiers q JOIN mentions m ON m.id = q.mention \
                  WHERE m.name = 'M6' ORDER BY 1";
    assert_eq!(ask(stated), ["end=1992", "start=1990", "x-note=one", "x-note=two"]);
    // a denial supports nothing, and two documents of one voice are one witness
    let support = "SELECT relation || ' ' || support || ' ' || witnesses FROM facts WHERE relation = 'merged-into'";
    assert_eq!(ask(support), ["merged-into 2 1"]);
    assert_eq!(ask("SELECT m.name FROM either e JOIN mentions m ON m.id = e.mention"), ["M8", "M8"]);
    assert_eq!(ask("SELECT m.name FROM mentions m WHERE m.entity IS NOT NULL ORDER BY 1"), ["M4", "M5", "M9"]);
    assert_eq!(ask("SELECT name FROM mentions WHERE mode = 'denies'"), ["M3"]);
}

#[test]
fn sqlite_reads_the_tables() {
    if !installed("sqlite3", &["--version"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = exported(&folder, "sqlite");
    let (nodes, rels, mentions) = counts();
    let ask = |sql: &str| {
        let output = Command::new("sqlite3").args([&file, sql]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(
        ask("SELECT (SELECT count(*) FROM entities), (SELECT count(*) FROM facts), (SELECT count(*) FROM mentions)"),
        format!("{nodes}|{rels}|{mentions}")
    );
    assert_eq!((ask("PRAGMA foreign_key_check"), ask("PRAGMA integrity_check")), (String::new(), "ok".to_owned()));
    assert_ne!(ask("SELECT name FROM entities_fts WHERE entities_fts MATCH 'kurultai' LIMIT 1"), "");
    assert_ne!(
        ask("SELECT s.title FROM mentions m JOIN sources s ON s.id = m.source JOIN facts f ON f.id = m.fact LIMIT 1"),
        ""
    );
    assert_ne!(ask("SELECT properties ->> 'id' FROM entities LIMIT 1"), "");
}
