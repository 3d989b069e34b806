//! The tables of our own SQLite export, and what somebody made of them.
#![no_main]

mod reading;

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::io::read::into_graph::{IntoGraph, Known};
use shejire::io::read::subgraph;
use shejire::io::sqlite;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file");
    let graph = match sqlite::read(file.path()) {
        Ok(graph) => graph,
        Err(error) => return reading::said(&error),
    };
    let engine = Engine::in_memory();
    let taken = engine.change(|to| subgraph::read(&graph, "x", &mut IntoGraph::new(to, Known::default())));
    match taken {
        Ok(()) => reading::comes_back(&shejire::io::Subgraph::whole(&engine).expect("a graph in memory")),
        Err(error) => reading::said(&error),
    }
});
