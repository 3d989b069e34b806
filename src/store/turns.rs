//! Turns of writers of several processes. SQLite's write lock goes to whoever asks when it is free, and a process that writes
//! one long transaction after the other leaves it free for some microseconds: whoever else asks would wait for seconds.
//!
//! A handle that does so lets others go first every fourth time: it waits for twice as long as the others take between two
//! questions. What it loses is 2 ms in at least 100.

use std::time::{Duration, Instant};

/// A transaction that others have waited for.
const LONG: Duration = Duration::from_millis(25);
/// Who begins again so soon has left no time for others.
const SOON: Duration = Duration::from_millis(5);
/// How long it waits then.
const PAUSE: Duration = Duration::from_millis(2);

/// When one handle has held the lock.
#[derive(Debug, Default)]
pub(super) struct Turns {
    begun: Option<Instant>,
    /// When the last long transaction ended.
    ended: Option<Instant>,
    /// How many followed each other.
    in_a_row: u8,
}

impl Turns {
    /// To be called before the lock is asked for.
    pub(super) fn let_others(&mut self) {
        self.in_a_row = match self.ended.take() {
            Some(ended) if ended.elapsed() < SOON => self.in_a_row + 1,
            _ => 0,
        };
        if self.in_a_row == 4 {
            self.in_a_row = 0;
            std::thread::sleep(PAUSE);
        }
    }

    /// The lock is held.
    pub(super) fn begin(&mut self) {
        self.begun = Some(Instant::now());
    }

    /// The lock has been given back.
    pub(super) fn end(&mut self) {
        let long = self.begun.take().is_some_and(|begun| begun.elapsed() >= LONG);
        self.ended = long.then(Instant::now);
    }
}
