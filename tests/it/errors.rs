//! Bad queries that a person really types, each with what is said about it: `tests/errors/*.txt`.
//!
//! A case is `=== what was meant`, the text as it was typed, `---`, and what must be said. Errors and warnings alike.

use shejire::Engine;

use crate::snapshot::{complaint, differs, repository, settle};

/// How many cases there are at least.
const LEAST: usize = 60;

#[test]
fn every_mistake_is_explained() {
    let engine = Engine::builtin().unwrap();
    let mut problems = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(repository("tests/errors")).unwrap() {
        let file = entry.unwrap().path();
        let content = std::fs::read_to_string(&file).unwrap();
        let mut out = String::new();
        for case in content.split("=== ").skip(1) {
            let (title, rest) = case.split_once('\n').unwrap();
            let text = rest.split_once("\n---").map_or(rest, |(text, _)| text).trim_end();
            let said = complaint(&engine, text);
            if said == "no complaint\n" {
                problems.push(format!("`{title}`: nothing is wrong with it"));
            } else if !said.starts_with("warning") && !said.contains('^') {
                problems.push(format!("`{title}`: no caret\n{said}"));
            }
            out.push_str(&format!("=== {title}\n{text}\n---\n{said}\n"));
            cases += 1;
        }
        problems.extend(differs(&file, &format!("{}\n", out.trim_end())));
    }
    assert!(cases >= LEAST, "{cases} cases; at least {LEAST} were promised");
    settle(&problems);
}
