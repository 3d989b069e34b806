//! Every program in `examples/` runs, and prints what its head says it does.

use std::process::Command;

use crate::snapshot::repository;

/// The parts of the library that an example needs beside the engine and the store.
fn features(text: &str) -> &'static [&'static str] {
    match (text.contains("shejire::picture"), text.contains("shejire::io")) {
        (true, _) => &["picture"],
        (_, true) => &["io"],
        _ => &[],
    }
}

#[test]
fn every_example_prints_what_its_head_says() {
    let root = repository("");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "rs"));
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let entry = format!("[[example]]\nname = \"{name}\"\n");
        let needs = features(&text);
        let wanted = match needs {
            [] => entry.clone(),
            needs => format!("{entry}required-features = {needs:?}\n"),
        };
        assert!(manifest.contains(&wanted), "Cargo.toml has no\n{wanted}");
        let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
        let said: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        let said = said.join("\n");
        let Some((_, block)) = said.split_once("```text\n") else { panic!("{name} does not say what it prints") };
        let wanted = block.split("```").next().unwrap();
        // built with the tests already; the same profile, so that nothing is built anew
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(&root).args(["run", "--quiet", "--locked", "--offline", "--example", &name]);
        if !cfg!(debug_assertions) {
            command.arg("--release");
        }
        let output = command.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || printed != wanted {
            let errors = String::from_utf8_lossy(&output.stderr);
            wrong.push(format!("{name} says\n{wanted}and prints\n{printed}{errors}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
