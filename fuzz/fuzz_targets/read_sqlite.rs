//! The tables of our own SQLite export, and what somebody made of them.
#![no_main]

mod reading;

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::io::ReadAs;
use shejire::io::read::{IntoGraph, Known};

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("a temporary file");
    let engine = Engine::in_memory();
    let taken = engine.change(|to| {
        ReadAs::Sqlite.read_file(file.path(), None, &mut IntoGraph::new(to, Known::default()), &mut Err)
    });
    match taken {
        Ok(()) => reading::comes_back(&shejire::io::Subgraph::whole(&engine).expect("a graph in memory")),
        Err(error) => reading::said(&error),
    }
});
