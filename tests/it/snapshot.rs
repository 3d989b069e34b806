//! Text files that say what must come out: compared exactly, rewritten under `UPDATE=1`. And the one way in which
//! the tests of the pages show an answer.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use shejire::engine::{Changes, Engine, Rows};
use shejire::io::answer::{self, Form, Style};

/// A path in the repository, which is the folder above the program's package. What a variable names goes through here, too: tests
/// run in the package's folder, and whoever sets it stands in the repository.
pub(crate) fn repository(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(path)
}

/// Whether files are to be rewritten instead of compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|v| v == "1")
}

/// Compares `actual` with the file, or writes it; the difference in words, if there is one.
pub(crate) fn differs(file: &Path, actual: &str) -> Option<String> {
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    if expected == actual {
        return None;
    }
    if updating() {
        std::fs::write(file, actual).unwrap();
        return None;
    }
    let shown = file.strip_prefix(repository("")).unwrap_or(file).display();
    Some(format!("{shown} differs (UPDATE=1 rewrites it)\n--- expected\n{expected}\n--- actual\n{actual}"))
}

/// Fails with all of the differences, if there are any.
pub(crate) fn settle(problems: &[String]) {
    assert!(problems.is_empty(), "{} differences\n\n{}", problems.len(), problems.join("\n\n"));
}

/// The table of an answer as the command line prints it, with no trailing blanks; the plan of EXPLAIN; else what
/// was changed.
pub(crate) fn shown(rows: &Rows) -> String {
    let mut out = Vec::new();
    if let Some(plan) = rows.plan() {
        out.extend_from_slice(plan.to_string().trim_end().as_bytes());
        out.push(b'\n');
    }
    let style = Style { form: Form::Table, width: None, csv_safe: false, terminal: false, most: None };
    answer::write(rows, style, &mut out).unwrap();
    let mut text = String::from_utf8(out).unwrap();
    if rows.columns().is_empty() && rows.plan().is_none() {
        text.push_str(&changed(rows.changes()));
    }
    text
}

/// What went wrong or what the reader is warned about, as on a terminal.
pub(crate) fn complaint(engine: &Engine, text: &str) -> String {
    match engine.run(text) {
        Err(error) => format!("{}\n", error.render(text, None, false).trim_end()),
        Ok(rows) => {
            let mut out = String::new();
            for warning in rows.warnings() {
                let (line, column) = warning.span.line_column(text);
                let hint = warning.hint.as_ref().map_or(String::new(), |h| format!(" ({h})"));
                writeln!(out, "warning: {} at {line}:{column}{hint}", warning.message).unwrap();
            }
            if out.is_empty() { "no complaint\n".to_owned() } else { out }
        }
    }
}

fn changed(changes: Changes) -> String {
    let counts = [
        (changes.nodes_created, "nodes created"),
        (changes.nodes_deleted, "nodes deleted"),
        (changes.relationships_created, "relationships created"),
        (changes.relationships_deleted, "relationships deleted"),
        (changes.properties_set, "properties set"),
        (changes.labels_added, "labels added"),
        (changes.labels_removed, "labels removed"),
        (changes.indexes_added, "indexes added"),
        (changes.indexes_removed, "indexes removed"),
        (changes.constraints_added, "constraints added"),
        (changes.constraints_removed, "constraints removed"),
    ];
    let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}")).collect();
    if said.is_empty() { "nothing changed\n".to_owned() } else { format!("{}\n", said.join(", ")) }
}
