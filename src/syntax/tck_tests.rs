//! Every query of the openCypher TCK is read, printed, and read again.

use std::path::{Path, PathBuf};

use super::print_tests::shape;
use crate::error::Code;
use crate::syntax;

/// A query of the TCK, placeholders filled in.
struct Case {
    origin: String,
    query: String,
    /// The error the scenario expects of its last query.
    error: Option<String>,
}

fn features() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let given = std::env::var_os("SHEJIRE_TCK").map(PathBuf::from);
    let places = given.into_iter().chain([root.join("../shared/tck"), root.join("../../shared/tck")]);
    places.map(|p| p.join("features")).find(|p| p.is_dir())
}

fn cases() -> Vec<Case> {
    let Some(root) = features() else {
        eprintln!("skipped: no TCK at SHEJIRE_TCK or ../shared/tck");
        return Vec::new();
    };
    let (mut folders, mut cases) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "feature") {
                read_feature(&path, &mut cases);
            }
        }
    }
    cases
}

/// What is read of a scenario: its queries with their place among the steps, and the rows of its examples.
#[derive(Default)]
struct Scenario {
    name: String,
    queries: Vec<(bool, String)>,
    error: Option<String>,
    tables: Vec<Vec<Vec<String>>>,
}

fn read_feature(path: &Path, cases: &mut Vec<Case>) {
    let text = std::fs::read_to_string(path).expect("the TCK is text");
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let (mut scenario, mut quoted, mut executing, mut in_examples) = (Scenario::default(), None, false, false);
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed == "\"\"\"" {
            match quoted.take() {
                Some(query) => scenario.queries.push((executing, query)),
                None => quoted = Some(String::new()),
            }
        } else if let Some(query) = &mut quoted {
            query.push_str(line);
            query.push('\n');
        } else if trimmed.starts_with("Scenario") {
            let done = Scenario { name: format!("{stem}: {trimmed}"), ..Scenario::default() };
            cases.extend(filled(std::mem::replace(&mut scenario, done)));
            in_examples = false;
        } else if trimmed.starts_with("Examples:") {
            scenario.tables.push(Vec::new());
            in_examples = true;
        } else if let (true, Some(table), true) = (in_examples, scenario.tables.last_mut(), trimmed.starts_with('|')) {
            table.push(cells(trimmed));
        } else if trimmed.contains("should be raised at") {
            scenario.error = Some(trimmed.to_owned());
        } else if trimmed.contains("executing ") || trimmed.contains("executed:") {
            executing = trimmed.ends_with("executing query:");
        }
    }
    cases.extend(filled(scenario));
}

fn cells(row: &str) -> Vec<String> {
    let (mut cells, mut cell, mut escaped) = (Vec::new(), String::new(), false);
    for c in row.trim_start_matches('|').chars() {
        match (escaped, c) {
            (true, '|' | '\\') => cell.push(c),
            (true, 'n') => cell.push('\n'),
            (true, _) => cell.extend(['\\', c]),
            (false, '|') => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            (false, '\\') => {}
            (false, _) => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    cells
}

/// One case per query and row of the examples.
fn filled(scenario: Scenario) -> Vec<Case> {
    let mut rows: Vec<Vec<(&String, &String)>> = Vec::new();
    for table in &scenario.tables {
        let Some((head, body)) = table.split_first() else { continue };
        rows.extend(body.iter().map(|row| head.iter().zip(row).collect()));
    }
    if rows.is_empty() {
        rows.push(Vec::new());
    }
    let mut cases = Vec::new();
    for row in &rows {
        let fill = |text: &str| row.iter().fold(text.to_owned(), |t, (k, v)| t.replace(&format!("<{k}>"), v));
        for (executing, query) in &scenario.queries {
            let error = scenario.error.as_deref().filter(|_| *executing).map(&fill);
            cases.push(Case { origin: scenario.name.clone(), query: fill(query), error });
        }
    }
    cases
}

/// Details of errors that the text alone shows.
const OF_THE_TEXT: &[Code] = &[
    Code::InvalidUnicodeCharacter,
    Code::InvalidUnicodeLiteral,
    Code::InvalidNumberLiteral,
    Code::IntegerOverflow,
    Code::FloatingPointOverflow,
    Code::InvalidRelationshipPattern,
];

#[test]
fn the_tck_is_read_as_it_expects() {
    let mut wrong = Vec::new();
    let cases = cases();
    for case in &cases {
        let wanted = case.error.as_deref().map_or("", |e| e.rsplit(' ').next().unwrap_or(""));
        let read = syntax::parse(&case.query);
        let fine = match &read {
            Ok(_) => !OF_THE_TEXT.iter().any(|c| c.name() == wanted),
            Err(e) => e.code().name() == wanted,
        };
        if !fine {
            let got = read.err().map_or("no error".to_owned(), |e| e.render(&case.query, None, false));
            wrong.push(format!("{} ({wanted})\n{}\n{got}", case.origin, case.query));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
    eprintln!("{} queries read", cases.len());
}

#[test]
fn what_is_printed_is_read_back_the_same() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Ok(read) = syntax::parse(&case.query) else { continue };
        let printed = syntax::print(&read);
        match syntax::parse(&printed) {
            Ok(again) if shape(&again) == shape(&read) && syntax::print(&again) == printed => {}
            Ok(again) => wrong.push(format!("{}\n{printed}\n{}", case.query, syntax::print(&again))),
            Err(e) => wrong.push(format!("{}\n{}", case.query, e.render(&printed, None, false))),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}
