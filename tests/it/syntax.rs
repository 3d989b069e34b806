//! Every query of the openCypher TCK is read, printed, and read again.

use std::path::{Path, PathBuf};

use shejire::error::Code;
use shejire::syntax;

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

fn read_feature(path: &Path, cases: &mut Vec<Case>) {
    let feature = gherkin::Feature::parse_path(path, gherkin::GherkinEnv::default()).expect("the TCK is well-formed");
    let background = feature.background.iter().flat_map(|b| &b.steps);
    let background: Vec<_> = background.collect();
    for scenario in &feature.scenarios {
        let origin = format!("{}: {}", path.file_stem().unwrap_or_default().to_string_lossy(), scenario.name);
        for row in rows(scenario) {
            let fill = |text: &str| row.iter().fold(text.to_owned(), |t, (k, v)| t.replace(&format!("<{k}>"), v));
            let steps: Vec<_> = background.iter().copied().chain(&scenario.steps).collect();
            for (i, step) in steps.iter().enumerate() {
                let Some(query) = &step.docstring else { continue };
                let error = steps[i + 1..].iter().find(|s| s.value.contains("should be raised at"));
                let error = error.filter(|_| step.value == "executing query:").map(|s| fill(&s.value));
                cases.push(Case { origin: origin.clone(), query: fill(query), error });
            }
        }
    }
}

/// The rows of the examples of an outline; one empty row for a plain scenario.
fn rows(scenario: &gherkin::Scenario) -> Vec<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for table in scenario.examples.iter().filter_map(|e| e.table.as_ref()) {
        let Some((head, body)) = table.rows.split_first() else { continue };
        rows.extend(body.iter().map(|row| head.iter().cloned().zip(row.iter().cloned()).collect()));
    }
    if rows.is_empty() { vec![Vec::new()] } else { rows }
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
