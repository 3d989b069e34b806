//! Workbooks and Parquet, where the program is built with them: what is written comes back, sheets are tables, and what is wrong is
//! named by its cell.
#![cfg(any(feature = "spreadsheets", feature = "parquet"))]

use std::path::Path;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use shejire::Engine;
use shejire::io::{How, Subgraph, format};

use crate::desk::{Ran, installed, shejire};
use crate::formats::{drawn, lines, made, python};

fn import(store: &Path, args: &[&str]) -> Ran {
    shejire(&[&["import", "--db", store.to_str().unwrap()][..], args].concat(), b"")
}

/// Random graphs of hostile names, texts and values.
fn graphs(count: usize) -> Vec<Subgraph> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| made(&drawn().new_tree(&mut runner).unwrap().current())).collect()
}

fn comes_back(name: &str, file: &str, count: usize) {
    let mut written = 0;
    for graph in graphs(count) {
        let folder = tempfile::tempdir().unwrap();
        let (out, store) = (folder.path().join(file), folder.path().join("x.shejire"));
        let done = match format(name).unwrap().write.unwrap() {
            How::File(write) => write(&graph, &out),
            How::Folder(write) => {
                std::fs::create_dir(&out).map_err(Into::into).and_then(|()| write(&graph, false, &out))
            }
            _ => panic!("{name} is a file or a folder"),
        };
        if done.is_err() {
            // a type that a sheet cannot hold
            assert!(
                graph
                    .types()
                    .iter()
                    .any(|ty| ty.is_empty() || ty.contains(char::is_control) || ty.contains(['\u{fffe}', '\u{ffff}']))
            );
            continue;
        }
        written += 1;
        let ran = import(&store, &[out.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let again = Subgraph::whole(&Engine::open(&store).unwrap()).unwrap();
        assert_eq!(lines(&again), lines(&graph), "{name}: {}", ran.err);
    }
    assert!(written > count / 4, "{written} of {count}");
}

#[cfg(feature = "spreadsheets")]
#[test]
fn a_workbook_that_is_written_is_the_graph_it_was() {
    comes_back("xlsx", "g.xlsx", 40);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_that_is_written_is_the_graph_it_was() {
    comes_back("parquet", "g", 40);
}

#[cfg(feature = "spreadsheets")]
#[test]
fn sheets_are_tables_and_errors_name_their_cells() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.xlsx");
    let mut book = Workbook::new();
    let people = book.add_worksheet().set_name("People").unwrap();
    // the table begins at B2
    for (at, title) in ["id:ID", "name", "born:date", "age:long", "share:double"].into_iter().enumerate() {
        people.write_string(1, at as u16 + 1, title).unwrap();
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    for (row, (id, name, age)) in [("a", "Ada", "36"), ("b", "Bob", "x")].into_iter().enumerate() {
        let row = row as u32 + 3; // row 3 is empty
        people.write_string(row, 1, id).unwrap();
        people.write_string(row, 2, name).unwrap();
        people
            .write_datetime_with_format(
                row,
                3,
                ExcelDateTime::from_ymd(1815, 12, 10).or(ExcelDateTime::from_ymd(1915, 12, 10)).unwrap(),
                &day,
            )
            .unwrap();
        match age.parse::<f64>() {
            Ok(age) => people.write_number(row, 4, age).unwrap(),
            Err(_) => people.write_string(row, 4, age).unwrap(),
        };
        people.write_number(row, 5, 0.5).unwrap();
    }
    let knows = book.add_worksheet().set_name("Knows").unwrap();
    for (row, cells) in [["Source", "Target", "Label"], ["a", "a", "LIKES"], ["a", "a", ""]].into_iter().enumerate() {
        for (column, text) in cells.into_iter().enumerate() {
            knows.write_string(row as u32, column as u16, text).unwrap();
        }
    }
    book.add_worksheet().set_name("Notes").unwrap().write_string(0, 0, "nothing to see").unwrap();
    book.save(&file).unwrap();
    let (store, file) = (folder.path().join("x.shejire"), file.to_str().unwrap());
    let ran = import(&store, &[file]);
    assert!(ran.code == 1 && ran.err.contains("b.xlsx/People, People!E5: \"x\" is not an integer"), "{}", ran.err);
    let ran = import(&store, &[file, "--on-error", "skip"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("Notes") && ran.err.contains("say neither nodes nor edges"), "{}", ran.err);
    let asked = "MATCH (n)-[r]->(n) RETURN n.name, n.born, n.age, n.share, type(r) AS t ORDER BY t";
    let said = shejire(&["query", "--db", store.to_str().unwrap(), "--format", "csv", asked], b"").well();
    assert_eq!(
        said.lines().skip(1).collect::<Vec<_>>(),
        ["Ada,1915-12-10,36,0.5,LIKES", "Ada,1915-12-10,36,0.5,RELATED"]
    );
    // a sheet alone, and a workbook of which none is named
    let other = folder.path().join("y.shejire");
    assert_eq!(import(&other, &["--nodes", &format!("P={file}/People"), "--bad-tolerance", "1"]).code, 0);
    for (args, says) in [
        (format!("P={file}"), "has 3 sheets: which one is meant?"),
        (format!("P={file}/Nobody"), "has no sheet \"Nobody\""),
    ] {
        let ran = import(&other, &["--nodes", &args]);
        assert!(ran.code == 1 && ran.err.contains(says), "{}", ran.err);
    }
    std::fs::write(folder.path().join("no.xlsx"), "no workbook").unwrap();
    assert!(import(&other, &[folder.path().join("no.xlsx").to_str().unwrap()]).code == 1);
}

#[cfg(feature = "parquet")]
#[test]
fn tables_of_pandas_have_their_own_types() {
    if !installed("python3", &["-c", "import pandas, pyarrow"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("n.parquet");
    let program = "import sys, pandas as p, datetime as d, decimal as c
p.DataFrame({':ID': ['a', 'b'], 'n': [1, 2], 'x': [0.5, None], 'yes': [True, False], 'day': [d.date(1815, 12, 10), None],
  'at': p.to_datetime(['2020-01-01T10:00:00.000000001', '1969-12-31T23:59:59']), 'utc': p.to_datetime(['2020-01-01T10:00Z'] * 2),
  'l': [['a;b', 'c'], []], 'm': [{'k': 1}, None], 'dec': [c.Decimal('1.10'), None]}, index=[5, 6]).to_parquet(sys.argv[1])";
    python(program, file.to_str().unwrap());
    let store = folder.path().join("x.shejire");
    let ran = import(&store, &["--nodes", &format!("P={}", file.display())]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("groups of Parquet") && ran.err.contains("which has no name"), "{}", ran.err);
    let graph = Subgraph::whole(&Engine::open(&store).unwrap()).unwrap();
    let lines = lines(&graph);
    for wanted in [
        "\"n\":1",
        "\"x\":0.5",
        "\"yes\":true",
        "{\"$temporal\":\"1815-12-10\"}",
        "2020-01-01T10:00:00.000000001\"",
        "1969-12-31T23:59:59\"",
        "2020-01-01T10:00Z",
        "\"l\":[\"a;b\",\"c\"]",
        "\"m\":\"{\\\"k\\\":1}\"",
        "\"dec\":\"1.10\"",
    ] {
        assert!(lines.contains(wanted), "{wanted}: {lines}");
    }
}
