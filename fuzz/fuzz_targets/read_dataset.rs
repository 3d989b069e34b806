//! Dataset folders: files with a line `== NAME` before each. What is read is checked; what passes is loaded and written again as the
//! same tables.
#![no_main]

mod reading;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::dataset;
use shejire::io::Subgraph;

const FILES: [&str; 9] = [
    "dataset.toml",
    "sources.csv",
    "kinds.csv",
    "relations.csv",
    "qualifiers.csv",
    "entities.csv",
    "aliases.csv",
    "mentions.csv",
    "conflicts.csv",
];

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = String::from_utf8_lossy(bytes);
    for part in text.split("== ") {
        let Some((name, content)) = part.split_once('\n') else { continue };
        if let Some(name) = FILES.iter().find(|known| **known == name.trim()) {
            std::fs::write(folder.path().join(name), content).expect("a temporary file");
        }
    }
    let dataset = match dataset::read(folder.path()) {
        Ok(dataset) => dataset,
        Err(error) => return reading::said(&error),
    };
    let problems = dataset::check(&dataset);
    for problem in &problems {
        assert!(!problem.to_string().is_empty());
    }
    if problems.iter().any(|problem| problem.blocking) {
        return;
    }
    match Engine::from_dataset(&dataset) {
        Ok(engine) => reading::comes_back(&Subgraph::whole(&engine).expect("a graph in memory")),
        Err(error) => panic!("a dataset that passes cannot be loaded: {error}"),
    }
    if let Ok(tables) = dataset::tables(&dataset) {
        assert!(!dataset::check(&tables.read).iter().any(|problem| problem.blocking), "what is written passes too");
    }
});
