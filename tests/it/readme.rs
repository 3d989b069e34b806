//! What the README shows is what the program prints. `UPDATE=1` rewrites it.

use std::process::Command;

use crate::snapshot::repository;

#[test]
fn the_readme_shows_what_the_program_prints() {
    let path = repository("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, block)) = rest.split_once("```console\n") {
        let (block, after) = block.split_once("```\n").unwrap();
        out.push_str(before);
        let command = block.lines().next().unwrap();
        out.push_str(&format!("```console\n{command}\n{}```\n", run(command)));
        rest = after;
    }
    out.push_str(rest);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, out).unwrap();
    } else {
        assert_eq!(out, text, "run the tests with UPDATE=1 to rewrite README.md");
    }
}

/// What the command prints; other programs than ours are not run.
fn run(command: &str) -> String {
    let command = command.strip_prefix("$ ").unwrap();
    let words = command.strip_prefix("cargo run --release --quiet -- ").or_else(|| command.strip_prefix("shejire "));
    let Some(words) = words else { return String::new() };
    // double quotes group words; inside them a back-tick is written as itself
    let args: Vec<String> = words
        .split('"')
        .enumerate()
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect();
    let output = Command::new(env!("CARGO_BIN_EXE_shejire")).args(&args).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
