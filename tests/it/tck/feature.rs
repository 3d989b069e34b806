//! Feature files to scenarios: outlines expanded, `@ignore` left out.

use std::path::{Path, PathBuf};

use gherkin::{Feature, GherkinEnv, Step};

/// One scenario, ready to run.
pub(super) struct Scenario {
    /// `clauses/match/Match4 [6]`, with ` #2` for the second row of an outline's examples.
    pub id: String,
    pub steps: Vec<Step>,
}

/// The scenarios under `root/features` that are to run, and whether they are only some of them: those whose id holds the text
/// of `TCK_FILTER`.
pub(super) fn chosen(root: &Path) -> (Vec<Scenario>, bool) {
    let mut scenarios = load(root);
    assert!(!scenarios.is_empty(), "no scenarios under {}", root.display());
    let filter = std::env::var("TCK_FILTER").ok();
    if let Some(wanted) = &filter {
        scenarios.retain(|s| s.id.contains(wanted.as_str()));
    }
    (scenarios, filter.is_some())
}

/// All scenarios under `root/features`, in order of path.
fn load(root: &Path) -> Vec<Scenario> {
    let base = root.join("features");
    let mut files = Vec::new();
    collect(&base, &mut files);
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        let name = file.strip_prefix(&base).unwrap().with_extension("");
        let name = name.to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        let feature = Feature::parse(keep_backslashes(&text), GherkinEnv::default())
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        expand(&name, &feature, &mut scenarios);
    }
    scenarios
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "feature") {
            files.push(path);
        }
    }
}

/// In a table cell `\n`, `\|` and `\\` are escapes and any other backslash is itself; the parser used here
/// refuses the latter, so they are doubled beforehand.
fn keep_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("\"\"\"") {
            quoted = !quoted;
        }
        if quoted || !trimmed.starts_with('|') {
            out.push_str(line);
        } else {
            let mut chars = line.chars().peekable();
            while let Some(c) = chars.next() {
                out.push(c);
                if c == '\\' {
                    match chars.peek() {
                        Some('n' | '|' | '\\') => out.extend(chars.next()),
                        _ => out.push('\\'),
                    }
                }
            }
        }
        out.push('\n');
    }
    out
}

fn expand(file: &str, feature: &Feature, out: &mut Vec<Scenario>) {
    let background: Vec<Step> = feature.background.iter().flat_map(|b| b.steps.clone()).collect();
    for scenario in &feature.scenarios {
        if scenario.tags.iter().any(|t| t == "ignore") {
            continue;
        }
        let number = scenario.name.split_once(']').map_or_else(
            || format!("line {}", scenario.position.line),
            |(number, _)| format!("{}]", number.trim_start()),
        );
        let id = format!("{file} {number}");
        let steps: Vec<Step> = background.iter().chain(&scenario.steps).cloned().collect();
        if scenario.examples.is_empty() {
            out.push(Scenario { id, steps });
            continue;
        }
        let mut row_number = 0;
        for table in scenario.examples.iter().filter_map(|e| e.table.as_ref()) {
            let Some((names, rows)) = table.rows.split_first() else { continue };
            for row in rows {
                row_number += 1;
                let steps = steps.iter().map(|s| fill(s, names, row)).collect();
                out.push(Scenario { id: format!("{id} #{row_number}"), steps });
            }
        }
    }
}

/// The step with every `<name>` replaced by the cell of that name.
fn fill(step: &Step, names: &[String], row: &[String]) -> Step {
    let filled = |text: &str| names.iter().zip(row).fold(text.to_owned(), |t, (n, c)| t.replace(&format!("<{n}>"), c));
    let mut step = step.clone();
    step.value = filled(&step.value);
    step.docstring = step.docstring.map(|t| filled(&t));
    if let Some(table) = &mut step.table {
        for cell in table.rows.iter_mut().flatten() {
            *cell = filled(cell);
        }
    }
    step
}

#[test]
fn a_backslash_in_a_cell_stays_unless_gherkin_gives_it_a_meaning() {
    assert_eq!(keep_backslashes("  | '\\'' | a\\nb | c\\\\d |"), "  | '\\\\'' | a\\nb | c\\\\d |\n");
    assert_eq!(keep_backslashes("\"\"\"\n| '\\''\n\"\"\""), "\"\"\"\n| '\\''\n\"\"\"\n");
}
