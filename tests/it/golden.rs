//! `upgrade` on stores that a build of long ago made (`tests/golden/make.sh`): a new file, the same content. What such a store holds,
//! to the last bit, and that it goes on when it is opened, is tested beside the engine.

use std::path::{Path, PathBuf};

use shejire::Engine;
use shejire::io::Subgraph;

use crate::formats::lines;
use crate::snapshot::repository;

const STORES: [&str; 5] = ["values", "columns", "evidence", "log", "killed"];

/// A copy of a store with what lies beside it, so that nothing here is written to.
fn copied(name: &str, folder: &Path) -> PathBuf {
    let to = folder.join(format!("{name}.shejire"));
    for ending in ["", "-wal"] {
        let from = repository(format!("tests/golden/{name}.shejire{ending}"));
        if ending.is_empty() || from.exists() {
            std::fs::copy(from, format!("{}{ending}", to.display())).unwrap();
        }
    }
    to
}

/// What a store holds, evidence and all, as lines; and the format of the file.
fn held(store: &Path) -> (String, i64) {
    let engine = Engine::open_read_only(store).unwrap();
    assert_eq!(engine.check().unwrap(), Vec::<String>::new(), "{}", store.display());
    (lines(&Subgraph::whole(&engine).unwrap()), engine.store_info().unwrap().unwrap().format.into())
}

#[test]
fn upgrade_writes_a_store_anew_and_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    for name in STORES {
        let old = copied(name, folder.path());
        let new = folder.path().join(format!("{name}-new.shejire"));
        let (from, to) = (old.to_str().unwrap(), new.to_str().unwrap());
        let (before, format) = held(&old);
        assert_eq!(format, 1);
        let ran = crate::desk::shejire(&["upgrade", from], b"");
        assert!(ran.code == 1 && ran.err.contains("is of format 1") && ran.err.contains("--to NEW"), "{}", ran.err);
        crate::desk::shejire(&["upgrade", from, "--to", to, "--dry-run"], b"").well();
        assert!(!new.exists());
        crate::desk::shejire(&["upgrade", from, "--to", to], b"").well();
        assert!(held(&new) == (before.clone(), 2), "{name}");
        assert!(held(&old) == (before, 1), "{name}: the old one stays");
        let again = crate::desk::shejire(&["upgrade", to], b"").well();
        assert!(again.starts_with("nothing to do"), "{again}");
    }
    let examples = repository("examples/city-councils");
    let ran = crate::desk::shejire(&["upgrade", examples.to_str().unwrap(), "--to", "x"], b"");
    assert_eq!(ran.code, 2, "{}", ran.err);
}
