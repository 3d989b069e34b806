//! What a query gives, as a table that anyone can extend: `tests/behaviour/*.txt`.
//!
//! ```text
//! graph CREATE (:A {n: 1})          the graph of the questions below, until the next `graph`
//! ? MATCH (a:A) RETURN a.n          a question; several statements with `;` between: the last one answers
//!   a.n                             its columns
//!   1                               its rows; sorted, unless the question orders them
//! ? RETURN b
//!   ! SyntaxError / UndefinedVariable / compile time
//! ```
//!
//! Every question is asked twice, of the optimized plan and of the plain one. `UPDATE=1` writes down what comes out:
//! read it before you believe it.

use std::fmt::Write as _;
use std::sync::Arc;

use shejire::engine::{Engine, Entities, Rows};
use shejire::value::{Value, text};

use crate::snapshot::{differs, repository, settle};

/// How many questions there are at least.
const LEAST: usize = 250;

#[test]
fn every_question_has_its_answer() {
    let mut problems = Vec::new();
    let mut questions = 0;
    let mut files: Vec<_> =
        std::fs::read_dir(repository("tests/behaviour")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let content = std::fs::read_to_string(&file).unwrap();
        let (mut out, mut setup) = (String::new(), "");
        for line in content.lines().filter(|line| !line.starts_with("  ")) {
            writeln!(out, "{line}").unwrap();
            if let Some(graph) = line.strip_prefix("graph") {
                setup = graph.trim();
            } else if let Some(question) = line.strip_prefix("? ") {
                let [optimized, plain] = [true, false].map(|optimize| ask(setup, question, optimize));
                if optimized != plain {
                    problems.push(format!("{question}\n--- optimized\n{optimized}\n--- plain\n{plain}"));
                }
                out.push_str(&optimized);
                questions += 1;
            }
        }
        problems.extend(differs(&file, &out));
    }
    assert!(questions >= LEAST, "{questions} questions; at least {LEAST} were promised");
    settle(&problems);
}

/// The answer on a fresh graph, each line indented.
fn ask(setup: &str, question: &str, optimize: bool) -> String {
    let engine = Engine::in_memory();
    if !setup.is_empty() {
        engine.run(setup).unwrap_or_else(|e| panic!("{setup}: {e}"));
    }
    let (before, last) = question.rsplit_once("; ").unwrap_or(("", question));
    if !before.is_empty() {
        engine.script(before).unwrap_or_else(|e| panic!("{before}: {e}"));
    }
    let statement = engine.query(last);
    match if optimize { statement.rows() } else { statement.unoptimized().rows() } {
        Ok(rows) => table(&rows, last.contains("ORDER BY")),
        Err(error) => {
            format!("  ! {} / {} / {}\n", error.class().name(), error.code().name(), error.phase().name())
        }
    }
}

fn table(rows: &Rows, ordered: bool) -> String {
    let cell = |value| shown(value, rows.entities());
    let mut lines: Vec<String> =
        rows.iter().map(|row| row.values().iter().map(cell).collect::<Vec<_>>().join(" | ")).collect();
    if !ordered {
        lines.sort();
    }
    if !rows.columns().is_empty() {
        lines.insert(0, rows.columns().join(" | "));
    }
    lines.iter().fold(String::new(), |text, line| text + "  " + line + "\n")
}

/// A value as it is written; nodes and relationships by what they have, because their numbers mean nothing.
fn shown(value: &Value, entities: &Entities) -> String {
    let properties = |all: &[(Arc<str>, Value)]| match all {
        [] => String::new(),
        all => {
            let entries: Vec<_> = all.iter().map(|(key, value)| format!("{key}: {}", shown(value, entities))).collect();
            format!(" {{{}}}", entries.join(", "))
        }
    };
    match value {
        Value::Node(node) => entities.node(*node).map_or("()".to_owned(), |n| {
            let labels: String = n.labels.iter().map(|l| format!(":{l}")).collect();
            format!("({labels}{})", properties(&n.properties))
        }),
        Value::Rel(rel) => {
            entities.rel(*rel).map_or("[]".to_owned(), |r| format!("[:{}{}]", r.ty, properties(&r.properties)))
        }
        Value::Path(path) => {
            let nodes: Vec<_> = path.nodes.iter().map(|n| shown(&Value::Node(*n), entities)).collect();
            let rels: Vec<_> = path.rels.iter().map(|r| shown(&Value::Rel(*r), entities)).collect();
            format!("<{} {}>", nodes.join(" "), rels.join(" ")).replace(" >", ">")
        }
        Value::List(list) => format!("[{}]", list.iter().map(|v| shown(v, entities)).collect::<Vec<_>>().join(", ")),
        other => text::literal(other, None).unwrap(),
    }
}
