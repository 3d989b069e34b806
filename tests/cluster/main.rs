//! The same queries on a cluster and here: the rows, their types and the errors must be equal, or the cluster refuses by name.
//!
//! `SHEJIRE_SPARK=sc://127.0.0.1:50051` says where a server of Spark Connect listens that sees the files of this machine;
//! without it the tests say so and are skipped. `bash .ci/cluster` starts one and runs them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs)]

#[path = "../it/tck/cell.rs"]
mod cell;
#[path = "../it/tck/feature.rs"]
mod feature;
mod generated;
mod own;
mod tck;

use std::path::{Path, PathBuf};

use shejire::cluster::{Cluster, write_tables};
use shejire::engine::Rows;
use shejire::error::{Code, Error};
use shejire::{Engine, Value};

use cell::Cell;

/// The cluster on no graph yet; nothing when none is named.
fn server() -> Option<String> {
    let named = std::env::var("SHEJIRE_SPARK").ok();
    if named.is_none() {
        println!("clusters: no SHEJIRE_SPARK, SKIPPED: nothing of this file was tested");
    }
    named
}

/// Files that other programs of the project share, where they are.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    beside.exists().then_some(beside)
}

/// A graph in tables, and the cluster that reads them.
struct Both {
    engine: Engine,
    cluster: Cluster,
    _folder: tempfile::TempDir,
}

impl Both {
    fn of(engine: Engine, url: &str) -> Self {
        let folder = tempfile::tempdir().expect("room for a folder");
        write_tables(&engine.snapshot().expect("readable"), folder.path()).expect("a graph that tables can hold");
        let graph = folder.path().join("graph.toml");
        let cluster = Cluster::connect(url, graph.to_str().expect("a name in UTF-8")).expect("a server that answers");
        Self { engine, cluster, _folder: folder }
    }

    fn local(&self, query: &str, params: &[(String, Value)]) -> Result<Rows, Error> {
        let statement = self.engine.query(query);
        params.iter().fold(statement, |s, (name, value)| s.param(name.as_str(), value.clone())).rows()
    }
}

/// What was seen of a query.
enum Seen {
    /// The same rows, or the same error.
    Same,
    /// The cluster does not run it: why.
    Refused(String),
    Different(String),
}

/// Compares the answers of a query. `sorted_lists`: the order in lists is nobody's.
fn compare(both: &Both, query: &str, params: &[(String, Value)], sorted_lists: bool) -> Seen {
    let here = both.local(query, params);
    let there = both.cluster.run(query, params);
    compare_answers(query, here, there, sorted_lists)
}

fn compare_answers(query: &str, here: Result<Rows, Error>, there: Result<Rows, Error>, sorted_lists: bool) -> Seen {
    match (here, there) {
        (_, Err(error)) if error.code() == Code::NotLowered => Seen::Refused(error.message().to_owned()),
        (Err(here), Err(there)) if here.class() == there.class() && here.code() == there.code() => Seen::Same,
        (Ok(here), Ok(there)) => {
            let names = |rows: &Rows| rows.columns().iter().map(ToString::to_string).collect::<Vec<_>>();
            if names(&here) != names(&there) {
                return Seen::Different(format!("columns {:?}, there {:?}", names(&here), names(&there)));
            }
            let (a, b) = (told(&here, sorted_lists), told(&there, sorted_lists));
            match same_rows(query, &a, &b) {
                true => Seen::Same,
                false => Seen::Different(format!("here: {}\nthere: {}", shown(&a), shown(&b))),
            }
        }
        (here, there) => {
            let say = |answer: Result<Rows, Error>| match answer {
                Ok(rows) => format!("{} rows{}", rows.len(), shown(&told(&rows, sorted_lists))),
                Err(error) => error.to_string(),
            };
            Seen::Different(format!("here: {}\nthere: {}", say(here), say(there)))
        }
    }
}

/// Rows as texts, a cell each.
fn told(rows: &Rows, sorted_lists: bool) -> Vec<Vec<String>> {
    let text = |v: &Value| Cell::of(v, rows.entities()).text(sorted_lists);
    rows.iter().map(|row| row.values().iter().map(text).collect()).collect()
}

fn shown(rows: &[Vec<String>]) -> String {
    const MOST: usize = 12;
    rows.iter().take(MOST).map(|row| format!("\n  {}", row.join(" | "))).collect()
}

/// The same rows; in order, where the query ends in one: rows that are equal by its keys may be in any.
fn same_rows(query: &str, a: &[Vec<String>], b: &[Vec<String>]) -> bool {
    let bag = |rows: &[Vec<String>]| {
        let mut rows = rows.to_vec();
        rows.sort();
        rows
    };
    bag(a) == bag(b) && (!query.contains("ORDER BY") || first_column_in_order(query, a, b))
}

/// Where a query sorts by its first column first, that column is in the same order in both.
fn first_column_in_order(query: &str, a: &[Vec<String>], b: &[Vec<String>]) -> bool {
    let Some((before, keys)) = query.rsplit_once("ORDER BY") else { return true };
    let key = keys.trim_start().split([' ', ',', '\n']).next().unwrap_or_default();
    let Some((_, returned)) = before.rsplit_once("RETURN") else { return true };
    let first = returned.trim_start().trim_start_matches("DISTINCT ").split([',']).next().unwrap_or_default().trim();
    if !first.ends_with(&format!(" AS {key}")) && first != key {
        return true;
    }
    let column = |rows: &[Vec<String>]| rows.iter().filter_map(|row| row.first().cloned()).collect::<Vec<_>>();
    column(a) == column(b)
}
