//! What all handles of an engine share: the last version, the right to write, the file, the plans.
//!
//! ```text
//!   read     current ── Arc clone ─► a version, for as long as it is held       (nobody is waited for)
//!   write    right to write ─► the file's lock ─► a clone of the last version ─► … ─► durable ─► current = the clone
//! ```
//!
//! The lock around the current version is held only while one `Arc` is cloned or put in its place.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::prepare::Cache;
use super::switch::Switch;
use super::version::{Beside, Procedures, Version};
use super::writer::Handed;
use super::{Changes, telling};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::provenance::Telling;
#[cfg(feature = "store")]
use crate::store::{Follower, Opened, Seen, Store};

/// The inside of an engine.
#[derive(Debug)]
pub(super) struct Shared {
    /// Before the writer, whose connection moves SQLite's log into the file when it is the last.
    current: Switch<Current>,
    #[cfg(feature = "store")]
    pub(super) follower: Option<Follower>,
    writer: Handed<Writer>,
    pub(super) cache: Cache,
}

/// What a statement begins with.
#[derive(Clone, Debug, Default)]
pub(super) struct Current {
    pub(super) version: Arc<Version>,
    pub(super) procedures: Arc<Procedures>,
    /// The counters of the file for which the version is known to be the last commit.
    #[cfg(feature = "store")]
    seen: Option<Seen>,
}

/// What it takes to write.
#[derive(Debug, Default)]
pub(super) struct Writer {
    #[cfg(feature = "store")]
    pub(super) store: Option<Store>,
}

impl Default for Shared {
    fn default() -> Self {
        Self::new(Version::default())
    }
}

impl Shared {
    /// On a graph in memory.
    pub(super) fn new(version: Version) -> Self {
        Self {
            current: Switch::new(Current { version: Arc::new(version), ..Current::default() }),
            #[cfg(feature = "store")]
            follower: None,
            writer: Handed::new(Writer::default()),
            cache: Cache::default(),
        }
    }

    /// On a file.
    #[cfg(feature = "store")]
    pub(super) fn stored(opened: Opened) -> Self {
        let Opened { knowledge, position, store } = opened;
        Self {
            follower: Some(store.follower()),
            writer: Handed::new(Writer { store: Some(store) }),
            ..Self::new(Version::stored(knowledge, position))
        }
    }

    /// The last version this process knows of.
    pub(super) fn current(&self) -> Current {
        self.current.get()
    }

    /// The last version there is: every commit of any process that was acknowledged before the call is in it.
    /// `now`: about now.
    #[cfg_attr(not(feature = "store"), allow(unused_variables))]
    pub(super) fn latest(&self, now: Instant) -> Result<Current> {
        #[cfg(feature = "store")]
        if let Some(follower) = &self.follower {
            return self.follow(follower, now);
        }
        Ok(self.current())
    }

    #[cfg(feature = "store")]
    fn follow(&self, follower: &Follower, now: Instant) -> Result<Current> {
        follower.in_place(now)?;
        let is_last = |seen: Option<Seen>, current: &Current| seen.is_some() && seen == current.seen;
        let seen = follower.seen(); // before the version is looked at: it must not be older than they are
        if let Some(current) = self.current.get_if(|current| is_last(seen, current)) {
            return Ok(current);
        }
        let mut following = follower.lock();
        let (seen, current) = (follower.seen(), self.current());
        if is_last(seen, &current) {
            return Ok(current); // whoever was waited for has brought it
        }
        let Some(at) = &current.version.at else { return Ok(current) };
        match following.catch_up((&current.version.knowledge, at))? {
            // who wrote an image of the same commit meanwhile has the better one
            Some(newer) if newer.1.commit() == self.current().version.commit => {
                self.note_seen(&self.current().version, seen)
            }
            Some(newer) => self.publish(current.version.followed_by(newer), seen),
            None => self.note_seen(&current.version, seen),
        }
        Ok(self.current())
    }

    /// Puts a version in the place of the last one, unless that is a later commit already.
    fn publish(&self, version: Version, #[cfg(feature = "store")] seen: Option<Seen>) {
        let version = Arc::new(version);
        self.current.exchange(|current| {
            (version.commit >= current.version.commit).then(|| Current {
                version,
                procedures: Arc::clone(&current.procedures),
                #[cfg(feature = "store")]
                seen,
            })
        });
    }

    /// Notes for which counters a version is the last commit.
    #[cfg(feature = "store")]
    fn note_seen(&self, version: &Version, seen: Option<Seen>) {
        self.current.exchange(|current| {
            (current.version.commit == version.commit).then(|| Current { seen, ..current.clone() })
        });
    }

    /// Changes the set of procedures.
    pub(super) fn change_procedures(&self, change: impl FnOnce(&mut Procedures)) {
        self.current.exchange(|current| {
            let Procedures { by_name, shelf, .. } = &*current.procedures;
            let (by_name, shelf) = (by_name.clone(), Arc::clone(shelf));
            let mut procedures = Procedures { by_name, shelf, ..Procedures::default() };
            change(&mut procedures);
            Some(Current { procedures: Arc::new(procedures), ..current.clone() })
        });
        self.cache.clear();
    }
}

/// The right to write; goes back when this is dropped, and what was begun in the file is taken back.
#[derive(Debug)]
pub(super) struct Held {
    shared: Arc<Shared>,
    writer: Option<Writer>,
}

impl Held {
    /// Waits for it at most so long, or until `stop` is raised. Errors: `StoreBusy`.
    fn take(shared: &Arc<Shared>, timeout: Duration, stop: Option<&AtomicBool>) -> Result<Self> {
        match shared.writer.take(timeout, stop) {
            Some(writer) => Ok(Self { shared: Arc::clone(shared), writer: Some(writer) }),
            None => Err(Error::new(
                Class::StoreError,
                Phase::Runtime,
                Code::StoreBusy,
                match timeout.is_zero() {
                    true => "another transaction of this program is writing to this graph".to_owned(),
                    false => {
                        format!("another transaction of this program is writing to this graph; waited {timeout:?}")
                    }
                },
            )
            .hint("try again when it has ended; whoever opened the graph can have it wait longer (lock_timeout)")),
        }
    }

    #[cfg(feature = "store")]
    pub(super) fn store(&mut self) -> Option<&mut Store> {
        self.writer.as_mut()?.store.as_mut()
    }

    /// Takes the file away for good.
    #[cfg(feature = "store")]
    pub(super) fn take_store(&mut self) -> Option<Store> {
        self.writer.as_mut()?.store.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        #[cfg(feature = "store")]
        if let Some(store) = self.store() {
            store.rollback();
        }
        if let Some(writer) = self.writer.take() {
            self.shared.writer.give_back(writer);
        }
    }
}

/// A write under way: a version of its own, which becomes the last one by [`Work::commit`], or goes.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) version: Version,
    /// Whether evidence or vocabulary were changed otherwise than by what is gone from the graph.
    pub(super) beside: Beside,
    held: Held,
}

impl Work {
    /// Takes the right to write, brings the last version up to the last commit, and begins on a clone of it. `timeout`:
    /// how long other writers are waited for, unless `stop` is raised. Errors: `StoreBusy`; what an earlier failure of the store was.
    pub(super) fn begin(shared: &Arc<Shared>, timeout: Duration, stop: Option<&AtomicBool>) -> Result<Self> {
        #[cfg(feature = "store")]
        let started = Instant::now();
        #[cfg_attr(not(feature = "store"), allow(unused_mut))]
        let mut held = Held::take(shared, timeout, stop)?;
        #[cfg(feature = "store")]
        if let (Some(store), Some(follower)) = (held.store(), &shared.follower) {
            store.begin(timeout.saturating_sub(started.elapsed()), stop)?;
            let following = follower.lock();
            let Current { version, .. } = shared.current();
            if let Some(at) = &version.at {
                let newer = store.catch_up((&version.knowledge, at))?;
                let seen = follower.seen(); // nobody else can commit now
                match newer {
                    Some(newer) => shared.publish(version.followed_by(newer), seen),
                    None => shared.note_seen(&version, seen),
                }
            }
            drop(following);
        }
        let mut version = Version::clone(&shared.current().version);
        version.knowledge.graph.record_changes(version.is_stored());
        Ok(Self { version, beside: Beside::Same, held })
    }

    /// Does a part of the write, and judges what can only be judged at its end. When it fails the version is worth
    /// nothing any more.
    pub(super) fn part<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let done = part(self);
        if let Some(error) = self.version.knowledge.failure() {
            return Err(error);
        }
        let done = done?;
        self.version.knowledge.graph.validate()?;
        self.version.written();
        Ok(done)
    }

    /// Before evidence is changed: what is done to it is kept for the log.
    pub(super) fn record_evidence(&mut self) {
        let is_stored = self.version.is_stored();
        self.version.knowledge.evidence_mut().record_changes(is_stored);
    }

    /// Does what a statement tells of the evidence, and counts it.
    pub(super) fn tell(&mut self, tellings: Vec<(Telling, Span)>, changes: &mut Changes) -> Result<()> {
        self.record_evidence();
        telling::tell(&mut self.version.knowledge, tellings, changes)?;
        self.beside = self.beside.max(Beside::Added);
        Ok(())
    }

    /// Makes it final, durable where there is a file, and the last version. Errors: `StoreIo`; then nothing of it remains.
    pub(super) fn commit(self) -> Result<()> {
        if !self.version.knowledge.graph.is_changed() && self.beside == Beside::Same {
            return Ok(());
        }
        #[cfg(feature = "store")]
        if self.version.at.is_some() {
            return self.commit_to_file();
        }
        let Self { mut version, held, .. } = self;
        version.keep_names();
        version.knowledge.commit();
        version.commit += 1;
        #[cfg(feature = "store")]
        held.shared.publish(version, None);
        #[cfg(not(feature = "store"))]
        held.shared.publish(version);
        Ok(())
    }

    #[cfg(feature = "store")]
    fn commit_to_file(self) -> Result<()> {
        let Self { mut version, beside, mut held } = self;
        let shared = Arc::clone(&held.shared);
        version.keep_names();
        let (Some(store), Some(follower), Some(at)) = (held.store(), &shared.follower, &mut version.at) else {
            return Err(Error::new(Class::StoreError, Phase::Runtime, Code::StoreIo, "the file has been closed"));
        };
        let indexed = Store::has_indexed(&version.knowledge);
        // a reader that finds the commit in the file waits for the version rather than replay it
        let following = follower.lock();
        store.commit(&mut version.knowledge, at, beside)?;
        let seen = store.seen();
        version.commit = at.commit();
        shared.publish(version, seen);
        drop(following);
        shared.look_after(store, indexed);
        Ok(())
    }
}

impl Version {
    pub(super) fn is_stored(&self) -> bool {
        #[cfg(feature = "store")]
        return self.at.is_some();
        #[cfg(not(feature = "store"))]
        false
    }
}

#[cfg(feature = "store")]
impl Shared {
    /// What is due in the file after a commit. Readers go on.
    fn look_after(&self, store: &mut Store, indexed: bool) {
        let Current { version, .. } = self.current();
        let Some(at) = &version.at else { return };
        match store.maintain((&version.knowledge, at), indexed) {
            Some(written) => {
                let newer = version.in_image(written);
                drop(version);
                self.settle(store, newer);
            }
            None => store.settle_when_due(at),
        }
    }

    /// Publishes what stands in a new image, and has the file made small.
    fn settle(&self, store: &mut Store, newer: Version) {
        let at = newer.at.clone();
        self.publish(newer, None);
        if let Some(at) = at {
            let _ = store.settle(&at, true); // best effort
        }
    }

    /// Writes a new image and gives unused pages of the file back to the disk.
    pub(super) fn compact(self: &Arc<Self>, timeout: Duration) -> Result<()> {
        let mut held = Held::take(self, timeout, None)?;
        let Current { version, .. } = self.current();
        let (Some(store), Some(at)) = (held.store(), &version.at) else { return Ok(()) };
        let written = store.checkpoint((&version.knowledge, at))?;
        let newer = version.in_image(written);
        drop(version);
        self.settle(store, newer);
        store.vacuum()
    }

    /// Closes the file, and leaves what was opened with it to whoever holds it.
    pub(super) fn close(self: &Arc<Self>, timeout: Duration) {
        let version = self.current().version;
        if let (Ok(mut held), Some(at)) = (Held::take(self, timeout, None), &version.at)
            && let Some(store) = held.take_store()
        {
            if let Some(follower) = &self.follower {
                follower.close();
            }
            store.close(at);
        }
    }
}
