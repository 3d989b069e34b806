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

/// The file of somebody else, in any folder above, was obeyed in silence.
#[cfg(unix)]
#[test]
fn a_file_that_others_may_write_is_refused_with_advice() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shejire.toml");
    std::fs::write(&file, "format = \"csv\"\n").unwrap();
    let query = ["query", "RETURN 1 AS x"];
    let refused = |why: &str| {
        let ran = inside(folder.path(), &query);
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(1), "{err}");
        assert!(err.contains(why) && err.contains("SHEJIRE_CONFIG"), "{err}");
        // named, it is meant
        let mut named = command(&query);
        named.current_dir(folder.path()).env("SHEJIRE_CONFIG", &file);
        assert_eq!(out(&named.output().unwrap()), "x\r\n1\r\n");
    };
    mode(&file, 0o666);
    refused("everybody may write it");
    mode(&file, 0o644);
    mode(folder.path(), 0o777);
    refused("everybody may write into its folder");
    mode(folder.path(), 0o1777);
    assert_eq!(out(&inside(folder.path(), &query)), "x\r\n1\r\n");
    mode(folder.path(), 0o755);
    // root may give files away
    if std::os::unix::fs::chown(&file, Some(12345), None).is_ok() {
        refused("it belongs to the user 12345");
        let link = folder.path().join("other");
        std::fs::rename(&file, &link).unwrap();
        symlink(&link, &file).unwrap();
        refused("it belongs to the user 12345");
    }
}

#[test]
fn what_a_file_names_is_said_and_reading_makes_no_store() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::write(folder.path().join("shejire.toml"), "db = \"none.shejire\"\n").unwrap();
    let store = folder.path().join("none.shejire");
    for args in [
        &["query", "MATCH (n) RETURN n"][..],
        &["find", "x"],
        &["trace", "x"],
        &["schema"],
        &["evidence", "x"],
        &["conflicts"],
        &["explain", "MATCH (n) RETURN n"],
        &["export", "csv"],
    ] {
        let ran = inside(&folder.path().join("below"), args);
        let err = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(1) && err.contains("there is no store"), "{args:?}: {err}");
        assert!(err.contains("graph: ../none.shejire (of ../shejire.toml)"), "{args:?}: {err}");
        assert!(!store.exists(), "{args:?}");
    }
    let ran = inside(folder.path(), &["shell"]);
    assert!(ran.status.success() && !store.exists(), "{ran:?}");
    let mut shell = command(&["shell", "--format", "csv", "--db", store.to_str().unwrap()]);
    let mut shell = shell.spawn().unwrap();
    let script = "MATCH (n) RETURN count(*) AS n;\nCREATE (:A);\nBEGIN;\nCREATE (:A);\nCOMMIT;\nMATCH (n) RETURN count(*) AS n;\n";
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), script.as_bytes()).unwrap();
    let ran = shell.wait_with_output().unwrap();
    assert_eq!(out(&ran), "n\r\n0\r\nn\r\n2\r\n");
    let mut count =
        command(&["query", "--db", store.to_str().unwrap(), "--format", "csv", "MATCH (n) RETURN count(*) AS n"]);
    assert_eq!(out(&count.output().unwrap()), "n\r\n2\r\n");
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_of_a_sensible_size_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(300 << 20).unwrap();
    let svg = folder.path().join("x.png");
    let files = ["/dev/zero", pipe.to_str().unwrap(), large.to_str().unwrap()];
    for file in files {
        let mut by_name = command(&["query", "RETURN 1"]);
        by_name.env("SHEJIRE_CONFIG", file);
        let picture =
            ["query", "--builtin", "MATCH (a)-[r]->(b) RETURN a, r, b LIMIT 2", "--png", svg.to_str().unwrap()];
        let with = |more: [&str; 2]| command(&picture.iter().copied().chain(more).collect::<Vec<_>>());
        for mut run in [by_name, with(["--style", file]), with(["--font", file])] {
            let ran = run.output().unwrap();
            let err = String::from_utf8_lossy(&ran.stderr).into_owned();
            let told = err.contains("is not a plain file") || err.contains("is larger than");
            assert!(ran.status.code() == Some(1) && told, "{file}: {err}");
            assert!(!svg.exists());
        }
    }
}
