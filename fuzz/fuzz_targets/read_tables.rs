//! CSV with headers of its own, lists of edges, tables of nodes.
#![no_main]

mod reading;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reading::check("neo4j", bytes));
