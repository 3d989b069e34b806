//! Models of how versions follow each other: two threads that write, a reader, and a file that another process writes.
//!
//! The switch and the right to write are the engine's own files. A version is a number of the commit with what it holds; the
//! file is a number of commits, which stands for its counters as well.
#![cfg(test)]
#![allow(dead_code, missing_docs)] // of the engine's files the models use a part

#[path = "../../src/engine/switch.rs"]
mod switch;
#[path = "../../src/engine/writer.rs"]
mod writer;

mod sync {
    pub(super) use std::sync::PoisonError;

    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard, RwLock};
}

use std::time::Duration;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use switch::Switch;
use writer::Handed;

/// The last version with the counters for which it is known to be the last.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Current {
    commit: u64,
    /// What the version holds: as many things as there were commits.
    holds: u64,
    seen: u64,
}

struct Shared {
    current: Switch<Current>,
    writer: Handed<()>,
    /// Who replays.
    follower: Mutex<()>,
    /// Commits in the file.
    file: AtomicU64,
    /// SQLite's lock on it.
    lock: Mutex<()>,
}

impl Shared {
    fn new() -> Arc<Self> {
        let current = Switch::new(Current { commit: 0, holds: 0, seen: 0 });
        let (writer, follower, lock) = (Handed::new(()), Mutex::new(()), Mutex::new(()));
        Arc::new(Self { current, writer, follower, file: AtomicU64::new(0), lock })
    }

    fn publish(&self, commit: u64, holds: u64, seen: u64) {
        self.current.exchange(|now| (commit >= now.commit).then_some(Current { commit, holds, seen }));
    }

    /// `Shared::follow` of the engine.
    fn latest(&self) -> Current {
        let seen = self.file.load(Ordering::SeqCst);
        if let Some(current) = self.current.get_if(|current| current.seen == seen) {
            return current;
        }
        let following = self.follower.lock().unwrap();
        let (seen, current) = (self.file.load(Ordering::SeqCst), self.current.get());
        if current.seen != seen {
            let commit = self.file.load(Ordering::SeqCst);
            self.publish(commit, current.holds + (commit - current.commit), seen);
        }
        drop(following);
        self.current.get()
    }

    /// `Work::begin` to `Work::commit` of the engine.
    fn write(&self) -> u64 {
        self.writer.take(Duration::MAX, None).expect("waits as long as it takes");
        let locked = self.lock.lock().unwrap();
        let own = {
            let _following = self.follower.lock().unwrap();
            let (commit, current) = (self.file.load(Ordering::SeqCst), self.current.get());
            self.publish(commit, current.holds + (commit - current.commit), commit);
            self.current.get()
        };
        let committed = own.commit + 1;
        {
            let _following = self.follower.lock().unwrap();
            self.file.store(committed, Ordering::SeqCst);
            drop(locked);
            self.publish(committed, own.holds + 1, committed);
        }
        self.writer.give_back(());
        committed
    }

    /// Another process commits.
    fn other_process(&self) -> u64 {
        let _locked = self.lock.lock().unwrap();
        self.file.fetch_add(1, Ordering::SeqCst) + 1
    }
}

#[test]
fn one_has_the_right_to_write_at_a_time() {
    loom::model(|| {
        let handed = Arc::new(Handed::new(0));
        let other = Arc::clone(&handed);
        let takes = thread::spawn(move || {
            let n: u64 = other.take(Duration::MAX, None).expect("waits");
            other.give_back(n + 1);
        });
        let n = handed.take(Duration::MAX, None).expect("waits");
        handed.give_back(n + 1);
        takes.join().unwrap();
        assert_eq!(handed.take(Duration::ZERO, None), Some(2));
    });
}

#[test]
fn a_reader_sees_whole_versions_and_none_older_than_what_was_acknowledged() {
    loom::model(|| {
        let shared = Shared::new();
        let writes = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.write())
        };
        let acknowledged = shared.file.load(Ordering::SeqCst);
        let first = shared.latest();
        assert_eq!(first.commit, first.holds, "half a version");
        assert!(first.commit >= acknowledged);
        let second = shared.latest();
        assert!(second.commit >= first.commit && second.commit == second.holds);
        let committed = writes.join().unwrap();
        let last = shared.latest();
        assert_eq!((last.commit, last.holds), (committed, committed));
    });
}

#[test]
fn no_commit_is_lost_between_writers_of_this_process_and_of_another() {
    loom::model(|| {
        let shared = Shared::new();
        let (one, other) = (Arc::clone(&shared), Arc::clone(&shared));
        let writes = thread::spawn(move || one.write());
        let elsewhere = thread::spawn(move || other.other_process());
        let seen = shared.latest();
        assert_eq!(seen.commit, seen.holds);
        writes.join().unwrap();
        elsewhere.join().unwrap();
        let last = shared.latest();
        assert_eq!((last.commit, last.holds), (2, 2));
    });
}
