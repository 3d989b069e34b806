//! Stores that are killed, copied, moved, removed and restored, by people and by scripts that know nothing of SQLite's log:
//! what is read then is the state of the file that was put there, or a refusal that names the command; what was acknowledged
//! is where it was said to be.
//!
//! A log that a killed process left was read into a backup that was copied over its store (the edits that were to be undone
//! came back, and `check` found nothing), destroyed a new store of the same name, and a program whose file had been renamed
//! over acknowledged writes into nothing and damaged the new file when it ended.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::desk::{Pipe, Ran, shejire};

struct Place {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("құжат s.shejire");
        Self { _folder: folder, path }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    fn store(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

fn suffixed(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One commit.
fn write(store: &str, value: i64) {
    shejire(&["query", "--db", store, "--quiet", &format!("CREATE (:N {{v: {value}}})")], b"").well();
}

const ALL: &str = "MATCH (n:N) RETURN n.v AS v ORDER BY v";

fn read(store: &str) -> Ran {
    shejire(&["query", "--db", store, "--quiet", "--format", "csv", ALL], b"")
}

fn shown(values: &[i64]) -> String {
    let lines: String = values.iter().map(|v| format!("{v}\r\n")).collect();
    format!("v\r\n{lines}")
}

/// What the file holds, and that it is sound; nothing when it is refused by name, with advice.
fn state(store: &str) -> Option<String> {
    let ran = read(store);
    if ran.code == 0 {
        assert_eq!(shejire(&["check", store], b"").well(), "no problems found\n");
        return Some(ran.out);
    }
    let told = ran.err.contains("StoreReplaced") && (ran.err.contains("shejire restore") || ran.err.contains("rm '"));
    assert!(told, "{}", ran.err);
    assert_ne!(
        shejire(&["query", "--db", store, "CREATE (:N {v: 9})"], b"").code,
        0,
        "what is refused takes no writes"
    );
    None
}

/// Takes the bytes of one file and writes them over another, as `cp` does: the file there stays the same one.
fn cp(from: &Path, to: &Path) {
    fs::write(to, fs::read(from).unwrap()).unwrap();
}

/// `cp -p`: with the times of what is copied.
fn cp_p(from: &Path, to: &Path) {
    cp(from, to);
    let times = fs::metadata(from).unwrap();
    let file = fs::File::options().write(true).open(to).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
}

/// As a program of before wrote it: its head says nothing of copies.
fn as_written_before(store: &Path) {
    let conn = rusqlite::Connection::open(store).unwrap();
    let last = i64::MAX;
    let head: Vec<u8> = conn.query_row("SELECT data FROM log WHERE seq = ?", [last], |row| row.get(0)).unwrap();
    let head = &head[..68];
    let sum = crc32fast::hash(head);
    conn.execute("UPDATE log SET data = ?, chain = ? WHERE seq = ?", rusqlite::params![head, sum, last]).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

type Put = fn(&Path, &Path);

/// How a file comes to lie where the store was.
const PUTS: [(&str, Put); 5] = [
    ("cp", cp),
    ("cp -p", cp_p),
    ("mv", |from, to| fs::rename(from, to).unwrap()),
    ("rm, cp", |from, to| {
        fs::remove_file(to).unwrap();
        cp(from, to);
    }),
    ("cp to another name, mv", |from, to| {
        let other = suffixed(to, "~");
        cp_p(from, &other);
        fs::rename(other, to).unwrap();
    }),
];

/// Makes a backup of a store with the values 1 and 2 and goes on; returns what the backup holds.
type Make = fn(&Place, &Path) -> Vec<i64>;

const BACKUPS: [(&str, Make); 6] = [
    ("backup", |place, backup| {
        shejire(&["backup", place.store(), text(backup)], b"").well();
        vec![1, 2]
    }),
    ("cp of the closed file", |place, backup| {
        cp_p(&place.path, backup);
        vec![1, 2]
    }),
    ("cp of the closed file, and a session in between", |place, backup| {
        cp_p(&place.path, backup);
        write(place.store(), 3);
        vec![1, 2]
    }),
    ("backup beside a session", |place, backup| {
        let mut pipe = Pipe::on(place.store());
        pipe.run("CREATE (:N {v: $n})", 3);
        shejire(&["backup", place.store(), text(backup)], b"").well();
        pipe.run("CREATE (:N {v: $n})", 4);
        pipe.end();
        vec![1, 2, 3]
    }),
    ("another store", |_, backup| {
        for value in [71, 72, 73] {
            write(text(backup), value);
        }
        vec![71, 72, 73]
    }),
    ("a store of a program of before", |place, backup| {
        cp_p(&place.path, backup);
        as_written_before(backup);
        vec![1, 2]
    }),
];

#[test]
fn a_file_that_is_put_in_the_place_of_a_store_is_what_is_read_or_it_is_refused() {
    let mut refused = 0;
    for (made, make) in BACKUPS {
        for (putting, put) in PUTS {
            for killed in [false, true] {
                let why = format!("{made}, {putting}, killed: {killed}");
                let place = Place::new();
                write(place.store(), 1);
                write(place.store(), 2);
                let backup = place.beside("backup");
                let held = make(&place, &backup);
                let whole = fs::read(&backup).unwrap();
                let mut last = Pipe::on(place.store());
                for value in [11, 12] {
                    last.run("CREATE (:N {v: $n})", value);
                }
                if killed {
                    last.kill()
                } else {
                    last.end()
                }
                put(&backup, &place.path);
                match state(place.store()) {
                    Some(found) => assert_eq!(found, shown(&held), "{why}"),
                    None => {
                        refused += 1;
                        assert!(killed, "{why}: there is no log");
                        assert_eq!(fs::read(&place.path).unwrap(), whole, "{why}: what is refused is not touched");
                        // the command that the refusal names
                        shejire(&["restore", place.store(), place.store()], b"").well();
                        assert_eq!(state(place.store()), Some(shown(&held)), "{why}");
                    }
                }
                write(place.store(), 99);
                let wanted: Vec<i64> = held.iter().copied().chain([99]).collect();
                assert_eq!(state(place.store()), Some(shown(&wanted)), "{why}: a store like any other");
            }
        }
    }
    assert!(refused >= 25, "{refused}: the log of a killed process is seen");
}

#[test]
fn restore_puts_a_backup_in_place_and_keeps_what_was_there() {
    for (made, make) in BACKUPS {
        for killed in [false, true] {
            let why = format!("{made}, killed: {killed}");
            let place = Place::new();
            write(place.store(), 1);
            write(place.store(), 2);
            let backup = place.beside("backup");
            let held = make(&place, &backup);
            let mut last = Pipe::on(place.store());
            last.run("CREATE (:N {v: $n})", 11);
            let busy = shejire(&["restore", text(&backup), place.store()], b"");
            assert!(busy.code == 1 && busy.err.contains("is open in another program"), "{why}: {}", busy.err);
            last.run("CREATE (:N {v: $n})", 12);
            let now: Vec<i64> = serde_json::from_value(json!(
                last.run(ALL, 0).as_array().unwrap().iter().map(|row| row[0].clone()).collect::<Vec<_>>()
            ))
            .unwrap();
            if killed {
                last.kill()
            } else {
                last.end()
            }
            let told = shejire(&["restore", text(&backup), place.store()], b"");
            assert_eq!(told.code, 0, "{why}: {}", told.err);
            let before = suffixed(&place.path, ".before");
            assert!(told.err.contains(text(&before)), "{}", told.err);
            assert_eq!(state(place.store()), Some(shown(&held)), "{why}");
            assert_eq!(state(text(&before)), Some(shown(&now)), "{why}: nothing acknowledged is lost");
            assert_eq!(state(text(&backup)), Some(shown(&held)), "{why}: the backup stays");
            // once more: the first name is taken
            shejire(&["restore", text(&backup), place.store()], b"").well();
            assert_eq!(state(text(&suffixed(&place.path, ".before2"))), Some(shown(&held)), "{why}");
        }
    }
}

#[test]
fn a_backup_that_is_damaged_is_not_restored() {
    let place = Place::new();
    write(place.store(), 1);
    let backup = place.beside("backup");
    shejire(&["backup", place.store(), text(&backup)], b"").well();
    let before = fs::read(&place.path).unwrap();
    let whole = fs::read(&backup).unwrap();
    for at in (4096..whole.len()).step_by(700) {
        let mut bytes = whole.clone();
        bytes[at..].iter_mut().take(40).for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(17));
        fs::write(&backup, bytes).unwrap();
        if shejire(&["restore", text(&backup), place.store()], b"").code == 0 {
            assert_eq!(state(place.store()), Some(shown(&[1])), "a page that is not used");
        } else {
            assert_eq!(fs::read(&place.path).unwrap(), before);
        }
        let left = fs::read_dir(place.path.parent().unwrap()).unwrap().flatten();
        let left: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().contains(".new-")).collect();
        assert!(left.is_empty(), "{left:?}");
        if suffixed(&place.path, ".before").exists() {
            fs::rename(suffixed(&place.path, ".before"), &place.path).unwrap();
        }
    }
}

#[test]
fn a_new_store_is_not_made_beside_the_log_of_an_old_one() {
    for way in ["import", "query", "backup", "repair"] {
        let place = Place::new();
        write(place.store(), 1);
        let other = place.beside("other");
        write(text(&other), 5);
        let mut pipe = Pipe::on(place.store());
        for value in [2, 3] {
            pipe.run("CREATE (:N {v: $n})", value); // the first of a session is in the file before it is acknowledged
        }
        pipe.kill();
        let aside = place.beside("aside");
        fs::rename(&place.path, &aside).unwrap();
        let table = place.beside("n.csv");
        fs::write(&table, "v:int\n7\n").unwrap();
        let nodes = format!("N={}", text(&table));
        let make = || match way {
            "import" => shejire(&["import", "--db", place.store(), "--nodes", &nodes], b""),
            "query" => shejire(&["query", "--db", place.store(), "CREATE (:N {v: 7})"], b""),
            "backup" => shejire(&["backup", text(&other), place.store()], b""),
            _ => shejire(&["repair", text(&other), "--to", place.store()], b""),
        };
        let log = suffixed(&place.path, "-wal");
        let refused = make();
        assert!(refused.code == 1 && refused.err.contains("is left of a store"), "{way}: {}", refused.err);
        assert!(refused.err.contains(&format!("rm '{}'", text(&log))), "{way}: {}", refused.err);
        assert!(!place.path.exists());
        // nothing is lost: put back, everything acknowledged is there
        fs::rename(&aside, &place.path).unwrap();
        assert_eq!(state(place.store()), Some(shown(&[1, 2, 3])), "{way}");
        // a log without commits is in nobody's way
        fs::remove_file(&place.path).unwrap();
        fs::write(&log, b"").unwrap();
        fs::write(suffixed(&place.path, "-shm"), vec![7; 32768]).unwrap();
        assert_eq!(make().code, 0, "{way}");
        assert!(state(place.store()).is_some(), "{way}");
    }
}

/// Several programs make the same store at the same moment: one of them does, and all write to that.
#[test]
fn a_store_is_made_once_by_many_that_come_at_once() {
    for _ in 0..6 {
        let place = Place::new();
        let store = place.store();
        std::thread::scope(|scope| {
            for value in 0..4 {
                scope.spawn(move || {
                    let mut pipe = Pipe::on(store);
                    for _ in 0..3 {
                        pipe.run("CREATE (:N {v: $n})", value);
                    }
                    pipe.end();
                });
            }
        });
        let all: Vec<i64> = (0..12).map(|n| n / 3).collect();
        assert_eq!(state(store), Some(shown(&all)));
    }
}

#[test]
fn whoever_has_a_store_open_that_is_replaced_or_removed_writes_nothing_and_harms_nothing() {
    type Happen = fn(&Place, &Path);
    let ways: [(&str, Happen); 6] = [
        ("mv other store", |place, other| fs::rename(other, &place.path).unwrap()),
        ("cp other store", |place, other| cp(other, &place.path)),
        ("cp -p other store", |place, other| cp_p(other, &place.path)),
        ("rm store", |place, _| fs::remove_file(&place.path).unwrap()),
        ("mv store elsewhere", |place, _| fs::rename(&place.path, place.beside("elsewhere")).unwrap()),
        ("rm store-wal store-shm", |place, _| {
            for ending in ["-wal", "-shm"] {
                fs::remove_file(suffixed(&place.path, ending)).unwrap();
            }
        }),
    ];
    for (way, happen) in ways {
        for (writes_before, same_store) in [(0, false), (1, false), (5, false), (0, true), (5, true)] {
            let why = format!("{way}, {writes_before} writes before, a copy of it: {same_store}");
            let place = Place::new();
            write(place.store(), 1);
            let other = place.beside("other");
            if same_store {
                shejire(&["backup", place.store(), text(&other)], b"").well();
                write(place.store(), 2);
            } else {
                write(text(&other), 51);
            }
            let held = if same_store { vec![1] } else { vec![51] };
            let mut open = Pipe::on(place.store());
            open.run(ALL, 0);
            for value in 0..writes_before {
                open.run("CREATE (:N {v: $n})", 100 + value);
            }
            let there = fs::read(&other).unwrap();
            happen(&place, &other);
            let answer = open.ask(&json!({"op": "run", "query": "CREATE (:N {v: 1000})"}));
            assert_eq!(answer["ok"], false, "{why}: acknowledged into nothing");
            let code = answer["error"]["detail"].as_str().unwrap();
            let named = code == "StoreReplaced" || code == "StoreDamaged";
            assert!(named, "{why}: {answer}");
            let again = open.ask(&json!({"op": "run", "query": "CREATE (:N {v: 1001})"}));
            assert_eq!(again["ok"], false, "{why}");
            open.end();
            if way.contains("other") {
                assert_eq!(fs::read(&place.path).unwrap(), there, "{why}: the other's file is not touched");
                let found = state(place.store());
                assert!(found.is_none() || found == Some(shown(&held)), "{why}: {found:?}");
                if found.is_none() {
                    shejire(&["restore", place.store(), place.store()], b"").well();
                    assert_eq!(state(place.store()), Some(shown(&held)), "{why}");
                }
            } else if way.contains("elsewhere") {
                let elsewhere = place.beside("elsewhere");
                let log = suffixed(&place.path, "-wal");
                if log.exists() {
                    fs::rename(log, suffixed(&elsewhere, "-wal")).unwrap();
                }
                let first = if same_store { vec![1, 2] } else { vec![1] };
                let all: Vec<i64> = first.into_iter().chain((0..writes_before).map(|v| 100 + v)).collect();
                assert_eq!(state(text(&elsewhere)), Some(shown(&all)), "{why}: what was acknowledged is there");
            }
        }
    }
}

#[test]
fn a_reader_hears_that_another_store_has_taken_the_place() {
    let place = Place::new();
    write(place.store(), 1);
    let other = place.beside("other");
    write(text(&other), 51);
    let mut reader = Pipe::on(place.store());
    reader.run(ALL, 0);
    fs::rename(&other, &place.path).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    let answer = reader.ask(&json!({"op": "run", "query": ALL}));
    assert_eq!(answer["error"]["detail"], "StoreReplaced", "{answer}");
    reader.end();
    assert_eq!(state(place.store()), Some(shown(&[51])));
}

#[test]
fn a_store_that_was_killed_is_whole_wherever_its_files_are_taken_together() {
    for (writes, first) in [(1, 0), (2, 0), (40, 0), (3, 1)] {
        let place = Place::new();
        for value in 0..first {
            write(place.store(), value);
        }
        let mut pipe = Pipe::on(place.store());
        for value in first..writes {
            pipe.run("CREATE (:N {v: $n})", value);
        }
        pipe.kill();
        let copy = place.beside("copy");
        for ending in ["-wal", "-shm", ""] {
            cp(&suffixed(&place.path, ending), &suffixed(&copy, ending));
        }
        let wanted = shown(&(0..writes).collect::<Vec<_>>());
        assert_eq!(state(text(&copy)), Some(wanted.clone()));
        for ending in ["-wal", "-shm", ""] {
            fs::rename(suffixed(&place.path, ending), suffixed(&place.beside("moved"), ending)).unwrap();
        }
        assert_eq!(state(text(&place.beside("moved"))), Some(wanted));
    }
}

#[test]
fn a_store_that_another_program_moves_on_to_a_later_format_is_written_to_no_more() {
    let place = Place::new();
    write(place.store(), 1);
    let mut pipe = Pipe::on(place.store());
    pipe.run("CREATE (:N {v: $n})", 2);
    let later = rusqlite::Connection::open(&place.path).unwrap();
    later.execute_batch("PRAGMA user_version = 7").unwrap();
    let answer = pipe.ask(&json!({"op": "run", "query": "CREATE (:N {v: 3})"}));
    assert_eq!(answer["error"]["detail"], "StoreVersion", "{answer}");
    later.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(later);
    pipe.end();
    assert_eq!(state(place.store()), Some(shown(&[1, 2])));
}
