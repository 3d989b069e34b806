//! `shejire.toml`: where it is looked for, what it fills in, what is stronger, and how it says what is wrong.

use std::path::Path;
use std::process::Output;

use crate::desk::command;

fn inside(folder: &Path, args: &[&str]) -> Output {
    let mut command = command(args);
    command.current_dir(folder).env_remove("SHEJIRE_CONFIG").env("XDG_CONFIG_HOME", folder.join("none"));
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_file_fills_in_and_the_command_line_wins() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(folder.path().join("shejire.toml"), "db = \"g.shejire\"\nformat = \"csv\"\n").unwrap();
    // the path begins where the file lies, not where the command runs
    out(&inside(&below, &["query", "CREATE (:Body {name: 'x'})"]));
    assert!(folder.path().join("g.shejire").exists());
    let count = "MATCH (n) RETURN count(*) AS n";
    assert_eq!(out(&inside(&below, &["query", count])), "n\r\n1\r\n");
    assert_eq!(out(&inside(&below, &["query", "--format", "jsonl", count])), "{\"n\":1}\n");
    let builtin = out(&inside(&below, &["query", "--builtin", "MATCH (n:fund) RETURN count(*) AS n"]));
    assert_eq!(builtin, "n\r\n2\r\n");
    let user = tempfile::tempdir().unwrap();
    std::fs::create_dir(user.path().join("shejire")).unwrap();
    std::fs::write(user.path().join("shejire/shejire.toml"), "format = \"markdown\"\n").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut run = command(&["query", "RETURN 1 AS x"]);
    run.current_dir(elsewhere.path()).env_remove("SHEJIRE_CONFIG").env("XDG_CONFIG_HOME", user.path());
    assert_eq!(out(&run.output().unwrap()), "| x |\n| --- |\n| 1 |\n");
    run.env("SHEJIRE_CONFIG", folder.path().join("shejire.toml"));
    assert_eq!(out(&run.output().unwrap()), "x\r\n1\r\n");
}

#[test]
fn a_mistake_is_shown_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shejire.toml"), "# mine\nfromat = \"csv\"\n").unwrap();
    let ran = inside(folder.path(), &["query", "RETURN 1"]);
    let err = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(1));
    assert!(err.contains("shejire.toml:2:1") && err.contains("2 | fromat = \"csv\""), "{err}");
    // what works on no graph does not read it
    assert!(inside(folder.path(), &["completions", "bash"]).status.success());
}
