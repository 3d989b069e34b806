//! Imports point down, and every foreign crate has one home: what `ARCHITECTURE.md` draws, enforced.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::snapshot::repository;

/// Each module with the modules it may use. Reading order is bottom up: a module uses only what stands above its line.
const FLOORS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("memory", &[]),
    ("value", &["error"]),
    ("graph", &["error", "memory", "value"]),
    ("provenance", &["error", "memory", "value", "graph"]),
    ("lineage", &["error", "memory", "value", "graph", "provenance"]),
    ("function", &["error", "value", "graph", "provenance", "lineage"]),
    ("algorithm", &["error", "value", "graph", "function"]),
    ("syntax", &["error"]),
    ("bind", &["error", "value", "graph", "lineage", "function", "syntax"]),
    ("plan", &["error", "value", "graph", "function", "syntax", "bind"]),
    ("optimize", &["error", "value", "graph", "function", "bind", "plan"]),
    ("exec", &["error", "memory", "value", "graph", "provenance", "lineage", "function", "bind", "plan"]),
    ("dataset", &["error", "value", "graph", "provenance", "lineage"]),
    ("store", &["error", "value", "graph", "provenance", "lineage"]),
    (
        "engine",
        &[
            "error",
            "memory",
            "value",
            "graph",
            "provenance",
            "lineage",
            "function",
            "algorithm",
            "syntax",
            "bind",
            "plan",
            "optimize",
            "exec",
            "dataset",
            "store",
        ],
    ),
    ("authoring", &["error", "value", "provenance", "lineage", "dataset", "engine"]),
    ("notation", &["error", "value"]),
    ("assist", &["error", "function", "syntax", "engine"]),
    ("picture", &["error", "value", "graph", "provenance", "lineage", "notation", "engine"]),
    ("io", &["error", "value", "graph", "provenance", "lineage", "dataset", "notation", "engine"]),
    ("cluster", &["error", "value", "function", "bind", "plan", "engine", "io"]),
    ("server", &["error", "value", "provenance", "dataset", "engine", "authoring", "assist", "io", "picture"]),
    (
        "cli",
        &[
            "error",
            "value",
            "graph",
            "provenance",
            "lineage",
            "function",
            "syntax",
            "dataset",
            "store",
            "engine",
            "authoring",
            "assist",
            "picture",
            "io",
            "cluster",
            "server",
        ],
    ),
];

/// Names that `lib.rs` re-exports, with the module they live in.
const REEXPORTS: &[(&str, &str)] = &[("Engine", "engine"), ("Error", "error"), ("Result", "error"), ("Value", "value")];

/// Each foreign crate with the only files or folders of `src` that may name it.
const HOMES: &[(&str, &[&str])] = &[
    // the client of Spark Connect, and the columns that it hands out
    ("spark_connect", &["cluster/client.rs"]),
    ("arrow", &["cluster/client.rs"]),
    ("annotate_snippets", &["error/render.rs"]),
    ("axum", &["server"]),
    ("base64", &["server"]),
    ("futures_util", &["server"]),
    ("getrandom", &["server"]),
    ("hyper", &["server"]),
    ("hyper_util", &["server"]),
    ("rmcp", &["server"]),
    ("subtle", &["server"]),
    ("tokio", &["server"]),
    ("tokio_rustls", &["server/wire.rs"]),
    ("tokio_tungstenite", &["server"]),
    ("tower", &["server"]),
    ("terminal_size", &["cli"]),
    ("calamine", &["io/read/sheets.rs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_complete_nushell", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comfy_table", &["io/table.rs"]),
    ("crc32fast", &["store"]),
    // four readers of tables: dataset folders, LOAD CSV, and the import and export of CSV
    ("csv", &["dataset", "exec", "io"]),
    ("csv_core", &["dataset/table.rs", "dataset/sheet.rs"]),
    ("ctrlc", &["cli"]),
    ("nix", &["cli/pipe", "cli/terminal.rs", "cli/settings.rs"]),
    ("dagre", &["picture"]),
    ("encoding_rs", &["io", "dataset/papers"]),
    ("flate2", &["io", "dataset/papers"]),
    ("foldhash", &["value/hash.rs"]),
    // what documents say, a file for each of their formats
    ("hayro_interpret", &["dataset/papers/pdf"]),
    ("html5gum", &["dataset/papers/html.rs"]),
    ("pulldown_cmark", &["dataset/papers/markdown.rs"]),
    ("graphviz_rust", &["notation/dot.rs"]),
    ("indicatif", &["cli"]),
    ("jiff", &["value/temporal"]),
    ("krilla", &["picture"]),
    ("krilla_svg", &["picture"]),
    ("oxjsonld", &["io"]),
    ("oxrdf", &["io"]),
    ("oxttl", &["io"]),
    ("parquet", &["io/columnar.rs", "io/read/columnar.rs"]),
    ("pest", &["syntax"]),
    ("pest_derive", &["syntax"]),
    ("petgraph", &["graph", "algorithm"]),
    ("png", &["picture"]),
    // written by notation/, read by io/read and, in Word documents, by the readers of documents
    ("quick_xml", &["notation/xml.rs", "io/read", "dataset/papers/docx.rs"]),
    ("regex_automata", &["function/regex.rs"]),
    ("resvg", &["picture"]),
    ("rust_xlsxwriter", &["io/xlsx.rs"]),
    // the store's file, and tables for other programs: nothing in common but the library
    ("rusqlite", &["store", "io/sqlite"]),
    ("rustyline", &["cli"]),
    ("ruzstd", &["io/read/input"]),
    ("tikv_jemalloc_ctl", &["memory/jemalloc.rs"]),
    // files that get their names when they are whole
    ("tempfile", &["store", "cli/files.rs", "server/saved.rs"]),
    ("strsim", &["error/mod.rs", "lineage", "function/string.rs"]),
    // files that a person writes: a dataset's description, the settings, the looks of pictures, saved views
    ("toml", &["dataset", "authoring/new.rs", "cli", "io/layout.rs", "picture/style.rs", "server/saved.rs"]),
    // names are compared without accents; `normalize()` is a function of the language
    ("unicode_normalization", &["value/fold.rs", "function/string.rs"]),
    ("zip", &["io/read/input", "dataset/papers"]),
];

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(own) = module_of(&file) else { continue };
        let floor = FLOORS.iter().find(|(name, _)| *name == own);
        let Some((_, allowed)) = floor else {
            wrong.push(format!("src/{own} has no floor: add it to FLOORS"));
            continue;
        };
        for used in crate_paths(&code(&file)) {
            let used = REEXPORTS.iter().find(|(name, _)| *name == used).map_or(used.as_str(), |(_, module)| module);
            if used != own && FLOORS.iter().any(|(name, _)| *name == used) && !allowed.contains(&used) {
                wrong.push(format!("{} uses crate::{used}, which is not below {own}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_foreign_crate_has_one_home() {
    let root = source_root();
    let mut wrong = Vec::new();
    for file in sources() {
        let path = file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let text = code(&file);
        for (name, homes) in HOMES {
            let at_home = homes.iter().any(|h| path == *h || path.starts_with(&format!("{h}/")));
            if !at_home && names_crate(&text, name) {
                wrong.push(format!("src/{path} names {name}, whose home is {}", homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who knows a hash without a key prepares keys that collide: see `src/value/hash.rs`.
#[test]
fn maps_from_what_users_choose_are_hashed_with_a_key() {
    let chosen = ["str>", "str,", "& str", "&str", "a str", "String", "i64", "f64", "Value"];
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in sources() {
        let text = code(&file);
        for kind in ["FxHashMap<", "FxHashSet<"] {
            for (at, _) in text.match_indices(kind) {
                let key = first_argument(&text[at + kind.len()..]);
                seen += 1;
                if chosen.iter().any(|chosen| format!("{key},").contains(chosen)) {
                    wrong.push(format!("{}: {kind}{key}…: use DataMap or DataSet", file.display()));
                }
            }
        }
    }
    assert!(seen > 50, "{seen} maps");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Of the arguments of a type, without the bracket that opens them.
fn first_argument(text: &str) -> &str {
    let mut depth = 0;
    let ends = |c: char| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        depth < 0 || (depth == 0 && c == ',')
    };
    text.find(ends).map_or(text, |end| &text[..end])
}

#[test]
fn every_file_says_what_it_is_for() {
    let bare: Vec<String> = sources()
        .into_iter()
        .filter(|f| !std::fs::read_to_string(f).unwrap().starts_with("//!"))
        .map(|f| f.display().to_string())
        .collect();
    assert!(bare.is_empty(), "no module documentation in\n{}", bare.join("\n"));
}

/// Commands ask the engine by its types: what they know of the language is in their help.
#[test]
fn commands_hold_no_query() {
    let begins =
        ["MATCH", "OPTIONAL", "RETURN", "WITH", "UNWIND", "CALL", "TRACE", "CONFLICTS", "CITE", "SHOW", "CREATE"];
    let mut wrong = Vec::new();
    for file in sources().into_iter().filter(|file| module_of(file).as_deref() == Some("cli")) {
        let text = code(&file).replace("\\\n", "").replace("\\\"", "'").replace("'\"'", "");
        let is_query = |literal: &&str| {
            let first = literal.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            begins.contains(&first) && literal.trim_start().len() > first.len()
        };
        let literals = text.split('"').skip(1).step_by(2);
        let named = file.file_name().unwrap().to_str().unwrap();
        wrong.extend(literals.filter(is_query).map(|literal| format!("{}: {literal:?}", file.display())));
        let asks = ["query(\"", "run(\"", "query(&format!", "run(&format!"];
        wrong.extend(asks.iter().filter(|ask| text.contains(*ask)).map(|ask| format!("{named}: {ask}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn source_root() -> PathBuf {
    repository("src")
}

fn sources() -> Vec<PathBuf> {
    let mut folders = vec![source_root()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The module a file belongs to; nothing for `lib.rs`.
fn module_of(file: &Path) -> Option<String> {
    let path = file.strip_prefix(source_root()).unwrap();
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    let stem = first.trim_end_matches(".rs");
    (stem != "lib").then(|| stem.to_owned())
}

/// The code of a file: without comments, and without its unit tests (which may look down from above).
fn code(file: &Path) -> String {
    if file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_tests")) {
        return String::new();
    }
    let text = std::fs::read_to_string(file).unwrap();
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("#[cfg(test)]") || line.starts_with("#[cfg(all(test") {
            // unit tests stand last; a file of them may be named, and what only they use, first
            match lines.next_if(|next| !next.ends_with('{')) {
                Some(_) => continue,
                None => break,
            }
        }
        let line = line.trim_start();
        if !line.starts_with("//") {
            out.push_str(line.split(" // ").next().unwrap_or(line));
            out.push('\n');
        }
    }
    out
}

/// The first names of all `crate::…` paths, those of `crate::{a::…, b}` included.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => found.extend(head(rest)),
        }
    }
    found
}

fn head(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

fn group_heads(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut heads = Vec::new();
    let mut start = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if start && !c.is_whitespace() => {
                heads.extend(head(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

fn names_crate(text: &str, name: &str) -> bool {
    text.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    }) || text.contains(&format!("use {name};"))
}

#[test]
fn paths_are_found_in_groups() {
    let text = "use crate::{value::{Value, List}, error::Result, Engine};\nlet x = crate::graph::Graph::new();";
    let found: Vec<String> = crate_paths(text).into_iter().collect();
    assert_eq!(found, ["Engine", "error", "graph", "value"]);
}
