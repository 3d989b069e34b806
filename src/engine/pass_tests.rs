//! Every rewrite of the optimizer has a file `tests/plans/<rewrite>.txt` with what it makes of a plan: statements that make
//! a graph, a query, the plan before the rewrite and after it. `SHEJIRE_WRITE_PLANS=1` writes the plans as they are now; what
//! changed is then read in the difference.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::Engine;
use crate::optimize::PASSES;

/// How the title of a case ends whose plan the rewrite must not change.
const LEFT: &str = "left as it is";

/// One case of a file.
#[derive(Debug, Default)]
struct Case {
    title: String,
    graph: Vec<String>,
    query: String,
    before: String,
    after: String,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

/// What stands behind `case:`, `graph:` and `query:` on their lines, and indented below `before:` and `after:`.
fn parse(text: &str) -> Vec<Case> {
    let (mut cases, mut in_after) = (Vec::<Case>::new(), false);
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some(title) = line.strip_prefix("case: ") {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with `case: `");
        if let Some(plan) = line.strip_prefix("  ") {
            let _ = writeln!(if in_after { &mut case.after } else { &mut case.before }, "{plan}");
        } else if let Some(statement) = line.strip_prefix("graph: ") {
            case.graph.push(statement.to_owned());
        } else if let Some(query) = line.strip_prefix("query: ") {
            query.clone_into(&mut case.query);
        } else {
            assert!(matches!(line, "before:" | "after:"), "{line}: no line of a case");
            in_after = line == "after:";
        }
    }
    cases
}

fn print(what: &str, cases: &[Case]) -> String {
    let mut text = format!("# {what}\n");
    for case in cases {
        let _ = writeln!(text, "\ncase: {}", case.title);
        for statement in &case.graph {
            let _ = writeln!(text, "graph: {statement}");
        }
        let _ = writeln!(text, "query: {}", case.query);
        for (name, plan) in [("before", &case.before), ("after", &case.after)] {
            let _ = writeln!(text, "{name}:");
            for line in plan.lines() {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    text
}

#[test]
fn every_rewrite_shows_what_it_makes_of_a_plan() {
    let write = std::env::var_os("SHEJIRE_WRITE_PLANS").is_some();
    for pass in PASSES {
        let file = folder().join(format!("{}.txt", pass.name));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut cases = parse(&text);
        assert!(!cases.is_empty(), "{}: no case", file.display());
        for case in &mut cases {
            let (name, engine) = (format!("{}, {}", pass.name, case.title), Engine::in_memory());
            for statement in &case.graph {
                engine.run(statement).unwrap_or_else(|error| panic!("{name}: {statement}: {error}"));
            }
            let (before, after) = engine.snapshot().unwrap().around_pass(&case.query, pass.name).unwrap();
            assert_eq!(
                before == after,
                case.title.ends_with(LEFT),
                "{name}: what changes\nbefore:\n{before}after:\n{after}"
            );
            if write {
                (case.before, case.after) = (before, after);
            } else {
                assert_eq!((&before, &after), (&case.before, &case.after), "{name}\nbefore:\n{before}after:\n{after}");
            }
        }
        if write {
            std::fs::write(&file, print(&format!("{}: {}", pass.name, pass.what), &cases)).unwrap();
        }
    }
}

#[test]
fn every_file_of_cases_is_of_a_rewrite() {
    let files: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let wanted: BTreeSet<String> = PASSES.iter().map(|pass| format!("{}.txt", pass.name)).collect();
    assert_eq!(files, wanted);
}
