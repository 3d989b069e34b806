//! Files that commands write: whole or not at all, with the mode they had, and never over a store, a device, or what a
//! planted link leads to.
//!
//! `export -o` onto the store destroyed it, `export sqlite -o` replaced a device by a file, a backup of a store that only its
//! owner may read could be read by all, and names that could be foretold were followed where they led.
#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::shejire;

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let place = Self { _folder: folder, path };
        shejire(&["query", "--db", &place.at("s.shejire"), "CREATE (:N {name: 'a'})-[:R]->(:N {name: 'b'})"], b"")
            .well();
        place
    }

    fn at(&self, name: &str) -> String {
        self.path.join(name).to_str().unwrap().to_owned()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Every way in which a command is told to write a file.
    fn writers(&self, target: &str) -> Vec<Vec<String>> {
        let store = self.at("s.shejire");
        let csv = self.at("n.csv");
        fs::write(&csv, "name\nc\n").unwrap();
        let all: &[&[&str]] = &[
            &["export", "jsonl", "--db", &store, "-o", target],
            &["export", "graphml", "--db", &store, "-o", target],
            &["export", "sqlite", "--db", &store, "-o", target],
            &["export", "svg", "--db", &store, "-o", target],
            &["query", "--db", &store, "MATCH (a)-[r]->(b) RETURN a, r, b", "--svg", target],
            &["query", "--db", &store, "MATCH (a)-[r]->(b) RETURN a, r, b", "--dot", target],
            &["import", "--db", &store, "--nodes", &format!("M={csv}"), "--report", target],
        ];
        all.iter().map(|args| args.iter().map(|arg| (*arg).to_owned()).collect()).collect()
    }
}

fn run(args: &[String]) -> crate::desk::Ran {
    shejire(&args.iter().map(String::as_str).collect::<Vec<_>>(), b"")
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_file_keeps_its_mode_and_a_new_one_has_that_of_any_new_file() {
    let place = Place::new();
    fs::write(place.at("any"), "").unwrap();
    let usual = mode(place.at("any"));
    for args in place.writers(&place.at("out")) {
        run(&args).well();
        assert_eq!(mode(place.at("out")), usual, "{args:?}");
        for own in [0o600, 0o640, 0o444] {
            fs::set_permissions(place.at("out"), fs::Permissions::from_mode(own)).unwrap();
            run(&args).well();
            assert_eq!(mode(place.at("out")), own, "{args:?}");
        }
        fs::remove_file(place.at("out")).unwrap();
        assert_eq!(place.names(), ["any", "n.csv", "s.shejire"], "{args:?}");
    }
}

#[test]
fn a_store_and_what_lies_beside_it_are_no_targets() {
    let place = Place::new();
    shejire(&["backup", &place.at("s.shejire"), &place.at("other.shejire")], b"").well();
    symlink(place.at("other.shejire"), place.at("link")).unwrap();
    for name in ["s.shejire", "other.shejire", "link", "s.shejire-wal", "s.shejire-shm", "s.shejire-journal"] {
        let before = fs::read(place.at("s.shejire")).unwrap();
        for args in place.writers(&place.at(name)) {
            let ran = run(&args);
            assert!(ran.code == 1 && ran.err.contains("it is a store, or belongs to one"), "{args:?}: {}", ran.err);
            let csv = fs::remove_file(place.at("n.csv"));
            assert_eq!(place.names(), ["link", "other.shejire", "s.shejire"], "{args:?}");
            csv.unwrap();
            fs::write(place.at("n.csv"), "name\nc\n").unwrap();
        }
        assert_eq!(fs::read(place.at("s.shejire")).unwrap(), before);
    }
    for file in ["s.shejire", "other.shejire"] {
        assert_eq!(shejire(&["check", &place.at(file)], b"").well(), "no problems found\n");
    }
}

#[test]
fn a_link_is_replaced_and_what_it_leads_to_stays() {
    let place = Place::new();
    for args in place.writers(&place.at("out")) {
        fs::write(place.at("victim"), "mine").unwrap();
        symlink(place.at("victim"), place.at("out")).unwrap();
        run(&args).well();
        assert_eq!(fs::read_to_string(place.at("victim")).unwrap(), "mine", "{args:?}");
        assert!(fs::symlink_metadata(place.at("out")).unwrap().is_file(), "{args:?}");
        fs::remove_file(place.at("out")).unwrap();
    }
    // pages of the manual
    fs::create_dir(place.at("man")).unwrap();
    symlink(place.at("victim"), place.at("man/shejire.1")).unwrap();
    shejire(&["man", "--output", &place.at("man")], b"").well();
    assert_eq!(fs::read_to_string(place.at("victim")).unwrap(), "mine");
    assert!(fs::read_to_string(place.at("man/shejire.1")).unwrap().contains("shejire"));
    // files of a folder
    fs::create_dir(place.at("folder")).unwrap();
    symlink(place.at("victim"), place.at("folder/nodes.csv")).unwrap();
    shejire(&["export", "neo4j", "--db", &place.at("s.shejire"), "-o", &place.at("folder")], b"").well();
    assert_eq!(fs::read_to_string(place.at("victim")).unwrap(), "mine");
}

#[test]
fn a_pipe_is_written_to_and_never_replaced() {
    let place = Place::new();
    let pipe = place.at("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink(&pipe, place.at("link")).unwrap();
    // Both ends are held here: what is written fits into the pipe, and nobody waits for the other side. A reader that opens
    // the pipe anew for each run can meet the end that a fork of another test inherited, read nothing and leave; the
    // program then waits for a reader for ever.
    let mut ends = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    const END: &[u8] = b"the end of what was written";
    for name in ["pipe", "link"] {
        for args in place.writers(&place.at(name)) {
            let ran = run(&args);
            ends.write_all(END).unwrap();
            let mut read = Vec::new();
            while !read.ends_with(END) {
                let mut some = [0; 4096];
                let length = ends.read(&mut some).unwrap();
                read.extend_from_slice(&some[..length]);
            }
            let written = read.len() > END.len();
            if args.contains(&"sqlite".to_owned()) {
                assert!(ran.code == 1 && ran.err.contains("cannot be written to a device"), "{}", ran.err);
                assert!(!written);
            } else {
                ran.well();
                assert!(written || args.contains(&"--report".to_owned()), "{args:?}");
            }
            assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(), "{args:?}");
        }
    }
}

#[test]
fn a_store_that_is_copied_keeps_its_mode() {
    let place = Place::new();
    let store = place.at("s.shejire");
    fs::set_permissions(&store, fs::Permissions::from_mode(0o600)).unwrap();
    shejire(&["backup", &store, &place.at("b.shejire")], b"").well();
    assert_eq!(mode(place.at("b.shejire")), 0o600);
    fs::set_permissions(place.at("b.shejire"), fs::Permissions::from_mode(0o644)).unwrap();
    shejire(&["restore", &place.at("b.shejire"), &store], b"").well();
    assert_eq!([mode(&store), mode(place.at("s.shejire.before"))], [0o600, 0o600]);
    shejire(&["restore", &store, &place.at("new.shejire")], b"").well();
    assert_eq!(mode(place.at("new.shejire")), 0o600);
}

#[test]
fn a_script_of_the_shell_replaces_no_file() {
    let place = Place::new();
    fs::write(place.at("mine.svg"), "mine").unwrap();
    let script =
        format!("MATCH (a)-[r]->(b) RETURN a, r, b;\n:svg {}\n:svg {}\n", place.at("new.svg"), place.at("mine.svg"));
    let ran = shejire(&["shell", "--db", &place.at("s.shejire")], script.as_bytes());
    assert!(ran.code == 1 && ran.err.contains("a script replaces no file"), "{}", ran.err);
    assert_eq!(fs::read_to_string(place.at("mine.svg")).unwrap(), "mine");
    assert!(fs::read_to_string(place.at("new.svg")).unwrap().starts_with("<svg"));
}
