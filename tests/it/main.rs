//! The one integration-test binary; `guard` fails when a file beside this one is not listed here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, missing_docs)]

mod algorithms;
mod anomalies;
mod authoring;
mod behaviour;
mod book;
mod built_in;
mod cited;
mod cli;
mod constraints;
mod dataset;
mod dates;
mod descent;
mod desk;
mod disputes;
mod drawn;
mod errors;
mod examples;
mod exec;
mod explorer;
mod faults;
mod folders;
mod foreign;
mod formats;
mod golden;
mod import;
mod indexes;
mod layers;
mod limits;
mod lineage;
mod paths;
mod pipe;
mod places;
mod projections;
mod python;
mod questions;
mod rdf_again;
mod reach;
mod readme;
mod reference;
mod renamed;
mod replaced;
mod same;
mod server;
mod sessions;
mod settings;
mod shared_rows;
mod shell;
mod shortest;
mod shown;
mod snapshot;
mod statements;
mod store;
mod surface;
mod tables;
mod tampered;
mod tck;
mod told;
mod truth;
mod undo;
mod upgrade;
mod views;
mod w3c;
mod work;
mod workbooks;
mod written;

/// Every test file is listed above, and nothing listed is missing.
#[test]
fn guard() {
    let listed = include_str!("main.rs");
    for entry in std::fs::read_dir(snapshot::repository("tests/it")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let is_module = path.is_dir() || path.extension().is_some_and(|e| e == "rs");
        assert!(
            stem == "main" || !is_module || listed.contains(&format!("mod {stem};")),
            "tests/it/{stem} is not listed in tests/it/main.rs"
        );
    }
}
