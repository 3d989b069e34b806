//! `docs/language.md`: every example runs and prints what the page says; the tables of functions and of error codes
//! are those of the code.
//!
//! A fenced `cypher` block is run, the fenced `text` block after it is what comes out. Blocks marked `cypher` run on
//! the built-in dataset; `cypher fresh` on an empty graph, as a script whose last answer is shown; `cypher wrong`
//! must be refused.

use std::fmt::Write as _;

use shejire::Engine;
use shejire::error::Code;
use shejire::inside::{self, Function};
use shejire::value::text;

use crate::snapshot::{differs, repository, settle, shown};

#[test]
fn the_language_reference_is_true() {
    let file = repository("docs/language.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let page = generated(&page, "functions", &functions());
    let page = generated(&page, "codes", &codes());
    settle(&differs(&file, &answered(&page)).into_iter().collect::<Vec<_>>());
}

#[test]
fn the_example_of_every_function_gives_what_it_says() {
    let mut problems = Vec::new();
    for function in inside::functions().flat_map(|(_, functions)| functions) {
        let (query, wanted) = function.example;
        let engine = Engine::in_memory();
        match engine.run(query) {
            Err(error) => problems.push(format!("{}\n{}", function.signature, error.render(query, None, false))),
            Ok(rows) => {
                assert_eq!((rows.len(), rows.columns().len()), (1, 1), "{}: {query}", function.signature);
                let got = text::literal(&rows.get(0).unwrap().values()[0], None).unwrap();
                if !wanted.is_empty() && got != wanted {
                    problems.push(format!("{}: {query}\n  says  {wanted}\n  gives {got}", function.signature));
                }
            }
        }
    }
    settle(&problems);
}

/// The page with every output replaced by what comes out.
fn answered(page: &str) -> String {
    let built_in = Engine::builtin().unwrap();
    let mut out = String::new();
    let mut lines = page.lines().peekable();
    let mut answer: Option<String> = None;
    let mut examples = 0;
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        let Some(kind) = line.strip_prefix("```") else { continue };
        let mut body = String::new();
        for inner in lines.by_ref().take_while(|l| *l != "```") {
            writeln!(body, "{inner}").unwrap();
        }
        match (kind, answer.take()) {
            ("text", Some(got)) => writeln!(out, "{got}```").unwrap(),
            _ => writeln!(out, "{body}```").unwrap(),
        }
        if kind.starts_with("cypher") {
            answer = Some(run(&built_in, kind, body.trim_end()));
            examples += 1;
        }
    }
    assert!(examples >= 55, "only {examples} examples");
    out
}

fn run(built_in: &Engine, kind: &str, text: &str) -> String {
    let outcome = if kind == "cypher fresh" {
        Engine::in_memory().script(text).map(|answers| answers.into_iter().next_back().unwrap_or_default())
    } else {
        built_in.run(text)
    };
    match (outcome, kind) {
        (Ok(rows), "cypher" | "cypher fresh") => {
            assert!(rows.warnings().is_empty(), "{text}\n{:?}", rows.warnings());
            shown(&rows)
        }
        (Err(error), "cypher wrong") => format!("{}\n", error.render(text, None, false).trim_end()),
        (Ok(_), _) => panic!("should be refused:\n{text}"),
        (Err(error), _) => panic!("{}", error.render(text, None, false)),
    }
}

/// The page with what stands between the two marks of `name` replaced.
fn generated(page: &str, name: &str, content: &str) -> String {
    let (open, close) = (format!("<!-- {name}: generated -->\n"), format!("<!-- {name}: end -->"));
    let start = page.find(&open).unwrap_or_else(|| panic!("no {open}")) + open.len();
    let end = page.find(&close).unwrap_or_else(|| panic!("no {close}"));
    format!("{}{content}{}", &page[..start], &page[end..])
}

fn functions() -> String {
    let mut out = String::new();
    for (family, functions) in inside::functions() {
        write!(out, "\n### {family}\n\n| function | | example | gives |\n|---|---|---|---|\n").unwrap();
        for function in functions {
            writeln!(out, "{}", row(&function)).unwrap();
        }
    }
    out.push('\n');
    out
}

fn row(function: &Function) -> String {
    let (query, gives) = function.example;
    let gives = if gives.is_empty() { "(changes)".to_owned() } else { code(gives) };
    let signature = code(&function.signature);
    format!("| {signature} | {} | {} | {gives} |", cell(function.doc), code(query))
}

fn code(text: &str) -> String {
    let ticks = if text.contains('`') { "``" } else { "`" };
    format!("{ticks}{}{ticks}", cell(text))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn codes() -> String {
    let mut out = String::from("\n| code | |\n|---|---|\n");
    for code in Code::ALL {
        writeln!(out, "| `{}` | {} |", code.name(), cell(code.meaning())).unwrap();
    }
    out.push('\n');
    out
}
