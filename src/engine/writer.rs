//! The right to write: one holder at a time, handed on in the order it was asked for.
//!
//! Who has it holds the writer by value, so that a transaction may go from thread to thread with it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Who may be told to stop waiting looks so often whether that was done.
const LOOK: Duration = Duration::from_millis(20);

/// A thing that one has at a time.
#[derive(Debug)]
pub(super) struct Handed<T> {
    state: Mutex<Queue<T>>,
    freed: Condvar,
}

#[derive(Debug)]
struct Queue<T> {
    /// Nothing while somebody has it.
    there: Option<T>,
    /// The tickets of those who wait, the longest first.
    waiting: VecDeque<u64>,
    next: u64,
}

impl<T> Handed<T> {
    pub(super) fn new(thing: T) -> Self {
        Self {
            state: Mutex::new(Queue { there: Some(thing), waiting: VecDeque::new(), next: 0 }),
            freed: Condvar::new(),
        }
    }

    /// Takes it, waiting at most so long, or until `stop` is raised.
    pub(super) fn take(&self, timeout: Duration, stop: Option<&AtomicBool>) -> Option<T> {
        let mut state = self.lock();
        if state.waiting.is_empty()
            && let Some(thing) = state.there.take()
        {
            return Some(thing);
        }
        let deadline = Instant::now().checked_add(timeout);
        let ticket = state.next;
        state.next += 1;
        state.waiting.push_back(ticket);
        loop {
            if state.waiting.front() == Some(&ticket)
                && let Some(thing) = state.there.take()
            {
                state.waiting.pop_front();
                return Some(thing);
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) || stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
                state.waiting.retain(|other| *other != ticket);
                drop(state);
                self.freed.notify_all(); // the next in line may have been passed over for us
                return None;
            }
            let left = left.unwrap_or(Duration::from_secs(3600));
            let left = if stop.is_some() { left.min(LOOK) } else { left };
            state = self.freed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Gives it back.
    pub(super) fn give_back(&self, thing: T) {
        self.lock().there = Some(thing);
        self.freed.notify_all();
    }

    // nothing that is done under the lock can panic half way
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn one_has_it_at_a_time_and_it_goes_round() {
        let handed = Handed::new(0u64);
        let inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let count = handed.take(Duration::from_secs(60), None).expect("it goes round");
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        handed.give_back(count + 1);
                    }
                });
            }
        });
        assert_eq!(handed.take(Duration::ZERO, None), Some(4000));
    }

    #[test]
    fn who_waits_too_long_goes_without_and_leaves_no_gap_in_the_line() {
        let handed = Handed::new(());
        handed.take(Duration::ZERO, None).expect("free");
        assert_eq!(handed.take(Duration::from_millis(5), None), None);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| handed.take(Duration::from_secs(60), None));
            assert_eq!(handed.take(Duration::from_millis(20), None), None);
            handed.give_back(());
            assert_eq!(waits.join().expect("no panic"), Some(()));
        });
    }

    #[test]
    fn who_is_told_to_stop_waiting_does_and_leaves_no_gap_in_the_line() {
        let handed = Handed::new(());
        handed.take(Duration::ZERO, None).expect("free");
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let stopped = scope.spawn(|| handed.take(Duration::MAX, Some(&stop)));
            while handed.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            let waits = scope.spawn(|| handed.take(Duration::from_secs(60), None));
            stop.store(true, Ordering::Relaxed);
            assert_eq!(stopped.join().expect("no panic"), None);
            handed.give_back(());
            assert_eq!(waits.join().expect("no panic"), Some(()));
        });
    }

    /// A holder that asks again at once does not keep those out who wait.
    #[test]
    fn it_is_handed_on_in_the_order_it_was_asked_for() {
        let handed = Handed::new(());
        handed.take(Duration::ZERO, None).expect("free");
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| handed.take(Duration::from_secs(60), None).is_some());
            while handed.lock().waiting.is_empty() {
                std::thread::yield_now();
            }
            handed.give_back(());
            assert_eq!(handed.take(Duration::from_millis(1), None), None, "the other one has it");
            assert!(waits.join().expect("no panic"));
        });
    }
}
