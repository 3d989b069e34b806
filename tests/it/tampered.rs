//! Store files that somebody has changed with SQLite: what SQL they hold is not obeyed.
//!
//! A trigger took back a commit that was acknowledged, another removed the image, a third never ended.

use std::fs;
use std::path::Path;

use crate::desk::{Pipe, shejire};

fn store(folder: &Path) -> String {
    let store = folder.join("s.shejire").to_str().unwrap().to_owned();
    shejire(&["query", "--db", &store, "CREATE (:N {v: 1})"], b"").well();
    store
}

const TAMPERED: &[&str] = &[
    "CREATE TRIGGER t BEFORE INSERT ON log BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM part; END",
    "CREATE TRIGGER t AFTER INSERT ON log WHEN new.seq < 1000 BEGIN DELETE FROM log WHERE seq = new.seq; END",
    "CREATE TRIGGER t AFTER INSERT ON log BEGIN INSERT INTO log SELECT max(seq) + 1, 0, x'' FROM log WHERE seq < 9000000000; END",
    "CREATE TRIGGER t AFTER INSERT ON log BEGIN INSERT INTO part (name, chunk, crc, data)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'x', i, 0, x'' FROM n; END",
    "CREATE VIEW v AS SELECT * FROM log",
    "CREATE TABLE other (x)",
    "CREATE INDEX i ON log (chain)",
    "CREATE UNIQUE INDEX i ON part (crc)",
    "CREATE VIRTUAL TABLE f USING fts5 (x)",
    "ALTER TABLE log ADD COLUMN more",
    "ALTER TABLE log RENAME TO part2; CREATE VIEW log AS SELECT * FROM part2",
    "ALTER TABLE part RENAME TO part2; CREATE VIEW part AS SELECT * FROM part2",
    "ANALYZE",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE log (seq INTEGER PRIMARY KEY, chain INTEGER NOT NULL DEFAULT 1, data BLOB NOT NULL)' WHERE name = 'log'",
    "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'w', 'w', 0, 'CREATE VIEW w AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n')",
    "DROP TABLE part",
];

#[test]
fn a_store_with_more_than_our_tables_is_refused_and_left_as_it_is() {
    for sql in TAMPERED {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let conn = rusqlite::Connection::open(&store).unwrap();
        conn.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        drop(conn);
        let before = fs::read(&store).unwrap();
        let to = folder.path().join("to").to_str().unwrap().to_owned();
        for args in [
            &["query", "--db", &store, "MATCH (n) RETURN n"][..],
            &["query", "--db", &store, "CREATE (:N)"],
            &["query", "--read-only", "--db", &store, "MATCH (n) RETURN n"],
            &["info", &store],
            &["compact", &store],
            &["check", &store],
            &["backup", &store, &to],
            &["restore", &store, &to],
            &["repair", &store, "--to", &to],
        ] {
            let ran = shejire(args, b"");
            let told = format!("{}{}", ran.out, ran.err);
            assert!(ran.code == 1 && told.contains(&store), "{sql}: {args:?}: {told}");
            assert!(fs::read(&store).unwrap() == before, "{sql}: {args:?}");
            assert!(!Path::new(&to).exists(), "{sql}: {args:?}");
        }
    }
}

/// Under a program that has it open, too: what it acknowledges is kept.
#[test]
fn a_trigger_that_comes_later_is_not_obeyed() {
    for sql in TAMPERED.iter().filter(|sql| sql.starts_with("CREATE TRIGGER")) {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let mut pipe = Pipe::on(&store);
        pipe.run("CREATE (:N {v: $n})", 2);
        rusqlite::Connection::open(&store).and_then(|conn| conn.execute_batch(sql)).unwrap();
        pipe.run("CREATE (:N {v: $n})", 3);
        assert_eq!(pipe.run("MATCH (n) RETURN count(*)", 0), serde_json::json!([[3]]));
        pipe.end();
        let conn = rusqlite::Connection::open(&store).unwrap();
        conn.execute_batch("DROP TRIGGER t").unwrap();
        drop(conn);
        let count = ["query", "--db", &store, "--format", "csv", "MATCH (n) RETURN count(*) AS n"];
        assert_eq!(shejire(&count, b"").well(), "n\r\n3\r\n", "{sql}");
        assert_eq!(shejire(&["check", &store], b"").well(), "no problems found\n", "{sql}");
    }
}

/// The names of parts come from the file.
#[test]
fn a_name_in_the_file_cannot_act_on_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let conn = rusqlite::Connection::open(&store).unwrap();
    conn.execute("UPDATE part SET name = char(27) || '[2Jx' WHERE name = 'schema'", []).unwrap();
    drop(conn);
    for command in ["info", "check"] {
        let ran = shejire(&[command, &store], b"");
        assert!(!format!("{}{}", ran.out, ran.err).contains('\u{1b}'), "{command}");
    }
}

/// Reading leaves every byte, and nothing beside the file.
#[test]
fn reading_only_leaves_every_byte_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let elsewhere = tempfile::tempdir().unwrap();
    let to = elsewhere.path().join("to").to_str().unwrap().to_owned();
    let (bytes, times) = (fs::read(&store).unwrap(), fs::metadata(&store).unwrap().modified().unwrap());
    for args in [
        &["query", "--read-only", "--db", &store, "MATCH (n) RETURN n"][..],
        &["query", "--db", &store, "MATCH (n) RETURN n"],
        &["schema", "--read-only", "--db", &store],
        &["export", "jsonl", "--read-only", "--db", &store],
        &["shell", "--read-only", "--db", &store],
        &["pipe", "--read-only", "--db", &store],
        &["info", &store],
        &["check", &store],
        &["backup", &store, &to],
        &["repair", &store, "--to", &format!("{to}2")],
    ] {
        shejire(args, b"").well();
        assert_eq!(fs::read(&store).unwrap(), bytes, "{args:?}");
        assert_eq!(fs::metadata(&store).unwrap().modified().unwrap(), times, "{args:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{args:?}");
    }
    let denied = shejire(&["query", "--read-only", "--db", &store, "CREATE (:N)"], b"");
    assert!(denied.code == 1 && denied.err.contains("ReadOnlyGraph"), "{}", denied.err);
}

/// A folder in which nothing can be made: reads work without being told so, writes say why not.
#[cfg(unix)]
#[test]
fn a_store_where_nothing_can_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let mine = fs::write(folder.path().join("x"), "").is_ok();
    if mine {
        println!("whoever runs this may write everywhere: skipped");
        return;
    }
    let count = ["query", "--db", &store, "--format", "csv", "MATCH (n) RETURN count(*) AS n"];
    assert_eq!(shejire(&count, b"").well(), "n\r\n1\r\n");
    assert_eq!(shejire(&["check", &store], b"").well(), "no problems found\n");
    for args in [&["query", "--db", &store, "CREATE (:N)"][..], &["compact", &store]] {
        let denied = shejire(args, b"");
        let told = denied.err.contains("ReadOnlyGraph") && denied.err.contains("nothing can be put beside it");
        assert!(denied.code == 1 && told, "{}", denied.err);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

/// Parts are read when something of them is asked for: what cannot be read is told, and no answer is made of what is left.
#[test]
fn evidence_that_cannot_be_read_is_no_evidence_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.shejire").to_str().unwrap().to_owned();
    let dataset = crate::snapshot::repository("examples/communes-manche").to_str().unwrap().to_owned();
    shejire(&["import", "--db", &whole, &dataset], b"").well();
    // a small image is read whole when it is opened
    let padding =
        "UNWIND range(1, 17) AS i CREATE (:Padding {text: toString(i) + reduce(s = 'x', k IN range(1, 20) | s + s)})";
    shejire(&["query", "--db", &whole, padding], b"").well();
    shejire(&["compact", &whole], b"").well();
    let asked: Vec<Vec<&str>> = vec![
        vec!["trace", "50646_0"],
        vec!["trace", "50646_0", "--csv", "-"],
        vec!["trace", "50646_0", "--svg", "-"],
        vec!["evidence", "50646_0"],
        vec!["find", "50646_0"],
        vec!["conflicts"],
        vec!["conflicts", "--format", "csv"],
        vec!["query", "TRACE '50646_0'", "--svg", "-"],
        vec!["export", "svg", "TRACE '50646_0'"],
    ];
    let answers = |store: &str| -> Vec<_> {
        asked.iter().map(|args| shejire(&[&args[..], &["--db", store]].concat(), b"")).collect()
    };
    let right = answers(&whole);
    let mut told = 0;
    for part in ["mentions.0", "mentions.1", "said.0", "known.0", "events"] {
        let store = folder.path().join(format!("{part}.shejire")).to_str().unwrap().to_owned();
        fs::copy(&whole, &store).unwrap();
        let conn = rusqlite::Connection::open(&store).unwrap();
        let damaged = conn.execute("UPDATE part SET data = zeroblob(length(data)) WHERE name = ?1", [part]).unwrap();
        assert!(damaged > 0, "there is no part {part}");
        drop(conn);
        for ((args, right), got) in asked.iter().zip(&right).zip(answers(&store)) {
            assert_eq!(right.code, 0, "{args:?}: {}", right.err);
            match got.code {
                0 => assert_eq!(got.out, right.out, "{part}: {args:?}"),
                _ => {
                    assert!(got.err.contains("StoreDamaged"), "{part}: {args:?}: {}", got.err);
                    told += 1;
                }
            }
        }
    }
    assert!(told >= 20, "only {told} answers told of the damage");
}
