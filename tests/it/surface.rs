//! What programs may rely on: every public method and function of the documented modules, kept in `surface.txt`. A line that
//! comes, goes or changes is a decision (`UPDATE=1` writes it down). What is new needs an example that runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::snapshot::repository;

/// The modules that are documented; `lib.rs` hides the others.
const DOCUMENTED: [&str; 8] = ["engine", "plan/tree.rs", "value", "error", "provenance", "dataset", "io", "picture"];

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

/// The public functions and inherent methods of a file.
fn items(module: &str, path: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut all, mut shown, mut owner, mut depth) = (Vec::new(), false, None::<String>, 0_i32);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        // unit tests stand last; a file of them may be named first
        if line.starts_with("#[cfg(test)]") && lines.peek().is_some_and(|next| next.ends_with('{')) {
            break;
        }
        let code = line.trim();
        if code.starts_with("//") {
            shown |= code.starts_with("/// ```");
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
                (0, _) => Some(format!("{module} {name}")),
                (1, Some(owner)) => Some(format!("{module} {owner}::{name}")),
                _ => None,
            };
            all.extend(name.map(|name| Item { name, shown }));
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
fn the_public_surface_is_as_it_was_decided_and_what_is_new_has_an_example() {
    let mut all: Vec<Item> = Vec::new();
    for module in DOCUMENTED {
        for file in files(repository("src").join(module)) {
            all.extend(items(module.split('/').next().unwrap(), &file));
        }
    }
    all.sort_by(|a, b| (&a.name, a.shown).cmp(&(&b.name, b.shown)));
    let names: BTreeSet<&str> = all.iter().map(|item| &*item.name).collect();
    for known in KNOWN {
        assert!(names.contains(known), "{known} is not found");
    }
    assert!(names.len() > 400 && all.iter().filter(|item| item.shown).count() > 100, "{} names", names.len());
    let lines = all.iter().map(|item| format!("{}{}\n", item.name, if item.shown { "" } else { "  (no example)" }));
    let found: String = lines.collect();
    let file = repository("tests/it/surface.txt");
    let decided = std::fs::read_to_string(&file).unwrap_or_default();
    let bare = |text: &str| text.lines().filter(|line| line.ends_with(')')).map(str::to_owned).collect::<BTreeSet<_>>();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &found).unwrap();
    } else {
        let new: Vec<String> = bare(&found).difference(&bare(&decided)).cloned().collect();
        assert!(new.is_empty(), "these need an example in their documentation:\n{}", new.join("\n"));
        assert!(found == decided, "the public surface has changed; UPDATE=1 writes it down:\n{}", {
            let (now, then): (BTreeSet<_>, BTreeSet<_>) = (found.lines().collect(), decided.lines().collect());
            let (come, gone) = (now.difference(&then), then.difference(&now));
            let lines = come.map(|line| format!("+ {line}")).chain(gone.map(|line| format!("- {line}")));
            lines.collect::<Vec<_>>().join("\n")
        });
    }
}
