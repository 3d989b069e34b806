//! Questions of a policy analyst to the built-in dataset: `examples/questions/*.cypher`, the question as the first
//! comment, the answer in the `.txt` file beside it.

use shejire::Engine;

use crate::snapshot::{differs, repository, settle, shown};

/// How many questions there are at least.
const LEAST: usize = 36;

#[test]
fn every_question_has_its_answer() {
    answered(&Engine::builtin().unwrap(), "examples/questions", LEAST);
}

/// Those to a register: versions of communes, from two editions.
#[test]
fn every_question_to_the_communes_has_its_answer() {
    let engine = Engine::from_folder(&repository("examples/communes-manche")).unwrap();
    answered(&engine, "examples/communes-manche/questions", 10);
}

fn answered(engine: &Engine, folder: &str, least: usize) {
    let mut files: Vec<_> = std::fs::read_dir(repository(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "cypher"))
        .collect();
    files.sort();
    assert!(files.len() >= least, "{} questions; at least {least} were promised", files.len());
    let mut problems = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let question = text.lines().next().unwrap_or_default();
        assert!(question.starts_with("// ") && question.ends_with('?'), "{name} does not begin with its question");
        match engine.run(&text) {
            Err(error) => problems.push(format!("{name}\n{}", error.render(&text, Some(&name), false))),
            Ok(rows) => {
                // that documents disagree is part of what they say
                let wrong = rows.warnings().iter().filter(|w| !w.message.starts_with("documents disagree"));
                problems.extend(wrong.map(|w| format!("{name}: {}", w.message)));
                let count = if rows.len() == 1 { "1 row".to_owned() } else { format!("{} rows", rows.len()) };
                problems.extend(differs(&file.with_extension("txt"), &format!("{}{count}\n", shown(&rows))));
                // the optimizer may choose another way, never another answer
                let plain = engine.query(&text).unoptimized().rows().unwrap();
                if sorted(&shown(&rows)) != sorted(&shown(&plain)) {
                    problems.push(format!("{name}: unoptimized, the answer is another\n{}", shown(&plain)));
                }
            }
        }
    }
    settle(&problems);
}

fn sorted(table: &str) -> Vec<String> {
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}
