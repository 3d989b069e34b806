//! The pages that are read at a terminal: every fenced `console` block of them is run by a shell, in one folder a page
//! that begins with a copy of `examples/`, and must print what the page says.
//!
//! `$ ` begins a command, `> ` continues it; everything else is what the command prints, on standard output and on
//! standard error together.
#![cfg(unix)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::desk::installed;
use crate::snapshot::{differs, repository, settle};

#[test]
fn the_tutorial_works() {
    page("docs/tutorial.md", 10);
}

#[test]
fn the_recipes_work() {
    page("docs/recipes.md", 5);
}

#[test]
fn the_page_on_pictures_works() {
    page("docs/pictures.md", 4);
    let (page, style) = ("docs/pictures.md", "examples/pictures/style.toml");
    let [page, style] = [page, style].map(|f| std::fs::read_to_string(repository(f)).unwrap());
    assert!(page.contains(&style), "docs/pictures.md does not show {style}");
}

#[test]
fn the_page_of_formats_works() {
    page("docs/formats.md", 12);
}

/// Every format of the table has its heading on the page.
#[test]
fn the_page_of_formats_names_every_format() {
    let page = std::fs::read_to_string(repository("docs/formats.md")).unwrap();
    for format in shejire::io::FORMATS {
        assert!(page.contains(&format!("`{}`", format.name)), "{} is not on the page", format.name);
    }
}

#[test]
fn the_command_line_page_works() {
    page("docs/command-line.md", 8);
}

#[test]
fn the_page_on_the_store_works() {
    page("docs/store.md", 2);
}

#[test]
fn the_guide_to_an_own_dataset_works() {
    page("docs/own-dataset.md", 18);
}

#[test]
fn the_walk_from_a_document_to_a_graph_works() {
    page("docs/authoring.md", 45);
}

#[test]
fn the_gallery_shows_what_is_drawn() {
    let folder = page("docs/gallery.md", 5);
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("pictures")).unwrap() {
        let path = entry.unwrap().path();
        let shown = repository("docs/pictures").join(path.file_name().unwrap());
        let drawn = std::fs::read_to_string(&path).unwrap();
        if differs(&shown, &drawn).is_some() {
            problems.push(format!("{} is drawn otherwise now (UPDATE=1 draws it anew)", shown.display()));
        }
    }
    settle(&problems);
    let page = std::fs::read_to_string(repository("docs/gallery.md")).unwrap();
    for entry in std::fs::read_dir(repository("docs/pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&format!("(pictures/{name})")), "docs/pictures/{name} stands on no page");
        assert!(folder.path().join("pictures").join(&name).exists(), "nothing draws docs/pictures/{name}");
    }
}

/// The first Python block of the recipes speaks to `shejire pipe`.
#[test]
fn the_notebook_recipe_works() {
    if !installed("python3", &["--version"]) {
        return;
    }
    let page = std::fs::read_to_string(repository("docs/recipes.md")).unwrap();
    let block = page.split("```python\n").find(|block| block.starts_with("import json")).unwrap();
    let program = block.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notebook.py"), format!("{program}\nprint(table[0])\n")).unwrap();
    let said = run("python3 notebook.py", folder.path());
    assert_eq!(said, "{'name': 'Ak Zhol', 'documents': 1}\n");
}

/// Runs the commands of a page in a folder, and gives the folder.
fn page(path: &str, least: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pictures")).unwrap();
    copy(&repository("examples"), &folder.path().join("examples"));
    let file = repository(path);
    let page = std::fs::read_to_string(&file).unwrap();
    let mut out = String::new();
    let mut lines = page.lines();
    let mut commands = 0;
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        if line == "```console" {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            for command in split(&block) {
                let (typed, text) = command;
                write!(out, "{typed}{}", run(&text, folder.path())).unwrap();
                commands += 1;
            }
            out.push_str("```\n");
        }
    }
    assert!(commands >= least, "{path}: only {commands} commands");
    settle(&differs(&file, &out).into_iter().collect::<Vec<_>>());
    folder
}

/// The commands of a block: as they stand on the page, and as a shell wants them.
fn split(block: &[&str]) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block {
        let rest = line.strip_prefix("$ ").map(|r| (true, r)).or_else(|| line.strip_prefix("> ").map(|r| (false, r)));
        match (rest, commands.last_mut()) {
            (Some((true, text)), _) => commands.push((format!("{line}\n"), format!("{text}\n"))),
            (Some((false, text)), Some((typed, whole))) => {
                typed.push_str(&format!("{line}\n"));
                whole.push_str(&format!("{text}\n"));
            }
            _ => {}
        }
    }
    commands
}

/// What a command prints, both streams in the order they were written.
fn run(text: &str, folder: &Path) -> String {
    let binary = assert_cmd::cargo::cargo_bin("shejire");
    let mut path = binary.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{text}")])
        .current_dir(folder)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env_remove("SHEJIRE_CONFIG")
        .env("XDG_CONFIG_HOME", folder.join("settings"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let mut said = String::from_utf8(output.stdout).unwrap();
    if !said.is_empty() && !said.ends_with('\n') {
        said.push('\n');
    }
    said
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
