//! What programs may rely on: every public method and function, kept in `surface.txt`. A line that comes, goes or changes is a
//! decision (`UPDATE=1` writes it down), and each has an example that runs. What is `pub` in the sources can be reached from
//! outside: the compiler says so (`unreachable_pub`), so the sources are the list.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::snapshot::repository;

/// What `lib.rs` keeps out of the documentation: our own program, tests, benches and fuzz targets alone call it.
const HIDDEN: [&str; 4] = ["lib.rs", "cli", "io/read/script.rs", "memory/jemalloc.rs"];

/// Some of what must be found wherever it stands, or the walk has gone blind.
const KNOWN: [&str; 9] = [
    "engine Engine::begin",
    "engine Statement::stream",
    "engine Row::get",
    "engine Snapshot::lineage",
    "plan PlanTree::root",
    "value Map::get",
    "error Error::hint",
    "dataset open",
    "picture timeline_svg",
];

/// A method or function, and whether its documentation runs an example.
struct Item {
    name: String,
    shown: bool,
}

/// The public functions and inherent methods of a text.
fn items(module: &str, text: &str) -> Vec<Item> {
    let (mut all, mut shown, mut fenced, mut owner, mut depth) = (Vec::new(), false, false, None::<String>, 0_i32);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        // unit tests stand last; a file of them may be named first
        if line.starts_with("#[cfg(test)]") && lines.peek().is_some_and(|next| next.ends_with('{')) {
            break;
        }
        let code = line.trim();
        if code.starts_with("//") {
            if let Some(kind) = code.strip_prefix("/// ```") {
                // a drawing is no example; one that would wait for a person is compiled only
                shown |= !fenced && ["", "no_run"].contains(&kind);
                fenced = !fenced;
            }
            continue;
        }
        if depth == 0 && code.starts_with("impl") {
            let head = code.trim_end_matches('{').trim();
            // without its own parameters; a trait's methods are the trait's
            let head = head.strip_prefix("impl").unwrap().trim_start();
            let head = if head.starts_with('<') { head.split_once("> ").map_or("", |(_, rest)| rest) } else { head };
            let name = head.split(['<', ' ']).next().unwrap_or_default();
            owner = (!head.contains(" for ")).then(|| name.to_owned());
        }
        let public = ["pub fn ", "pub const fn "].iter().find_map(|start| code.strip_prefix(start));
        if let Some(rest) = public {
            let name = rest.split(['(', '<']).next().unwrap();
            let name = match (depth, &owner) {
                (0, _) => format!("{module} {name}"),
                (1, Some(owner)) => format!("{module} {owner}::{name}"),
                // what a macro makes
                _ => format!("{module} …::{name}"),
            };
            all.push(Item { name, shown });
        }
        if !code.starts_with("#[") {
            shown = false;
        }
        depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
    }
    all
}

fn files(path: PathBuf) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path];
    }
    let inside = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = inside.flat_map(files).collect();
    all.retain(|file| file.extension().is_some_and(|e| e == "rs"));
    all.sort();
    all
}

#[test]
fn every_public_method_and_function_is_decided_on_and_has_an_example_that_runs() {
    let root = repository("src");
    let mut all: Vec<Item> = Vec::new();
    for file in files(root.clone()) {
        let path = file.strip_prefix(&root).unwrap();
        if HIDDEN.iter().any(|hidden| path.starts_with(hidden)) {
            continue;
        }
        let module = path.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        all.extend(items(module, &std::fs::read_to_string(&file).unwrap()));
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let names: BTreeSet<&str> = all.iter().map(|item| &*item.name).collect();
    for known in KNOWN {
        assert!(names.contains(known), "{known} is not found");
    }
    let bare: Vec<&str> = all.iter().filter(|item| !item.shown).map(|item| &*item.name).collect();
    assert!(bare.is_empty(), "these need an example in their documentation:\n{}", bare.join("\n"));
    let found: String = all.iter().map(|item| format!("{}\n", item.name)).collect();
    let file = repository("tests/it/surface.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &found).unwrap();
        return;
    }
    let decided = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == decided, "the public surface has changed; UPDATE=1 writes it down:\n{}", {
        let (now, then): (BTreeSet<_>, BTreeSet<_>) = (found.lines().collect(), decided.lines().collect());
        let (come, gone) = (now.difference(&then), then.difference(&now));
        let lines = come.map(|line| format!("+ {line}")).chain(gone.map(|line| format!("- {line}")));
        lines.collect::<Vec<_>>().join("\n")
    });
}

#[test]
fn what_has_no_example_is_seen() {
    let text = "/// One.\n///\n/// ```\n/// assert!(true);\n/// ```\npub fn shown() {}\n/// Two.\n/// ```text\n/// a drawing\n/// ```\npub fn bare() {}\n\
                impl<T> Box<T> {\n    /// Three.\n    #[must_use]\n    pub fn method(&self) {}\n    pub(crate) fn own() {}\n}\n\
                impl Clone for Box {\n    fn clone(&self) {}\n}\n#[cfg(test)]\nmod tests {\n    pub fn none() {}\n}\n";
    let found: Vec<(String, bool)> = items("m", text).into_iter().map(|item| (item.name, item.shown)).collect();
    let wanted = [("m shown", true), ("m bare", false), ("m Box::method", false)];
    assert_eq!(found, wanted.map(|(name, shown)| (name.to_owned(), shown)));
}
