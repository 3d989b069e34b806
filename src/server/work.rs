//! Statements at work: on threads of their own, so many at once and no more, each with a share of the memory.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::Limits;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::server::config::Config;
use crate::server::status::Refusal;

/// The least memory a statement is given; with less left it is refused.
const LEAST_MEMORY: usize = 8 << 20;

/// What the statements of one server share.
#[derive(Debug)]
pub(crate) struct Work {
    /// One for each statement that may run.
    turns: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// Memory that no statement has.
    memory: Mutex<usize>,
    memory_each: usize,
    time: Duration,
    rows: u64,
    csv_folder: Option<std::path::PathBuf>,
    threads: usize,
    running: AtomicUsize,
    /// How many were refused, ran, failed; and how long each took.
    pub(crate) counts: Counts,
}

/// Figures since the start.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) done: AtomicUsize,
    pub(crate) failed: AtomicUsize,
    pub(crate) refused: AtomicUsize,
    /// Statements by time: below 100 µs, 1 ms, 10 ms, 100 ms, 1 s, 10 s, and above.
    pub(crate) took: [AtomicUsize; 7],
}

/// The bounds of [`Counts::took`], in seconds.
pub(crate) const BOUNDS: [f64; 6] = [0.000_1, 0.001, 0.01, 0.1, 1.0, 10.0];

/// A statement at work: its turn and its share of the memory. Both are given back when it has ended, which may be later than
/// anybody waits for it: a request that is given up leaves its statement to notice.
#[derive(Debug)]
struct AtWork {
    work: Arc<Work>,
    bytes: usize,
    started: Instant,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let Work { memory, running, counts, turns, .. } = &*self.work;
        let took = self.started.elapsed().as_secs_f64();
        let slot = BOUNDS.iter().position(|bound| took < *bound).unwrap_or(BOUNDS.len());
        counts.took[slot].fetch_add(1, Ordering::Relaxed);
        counts.done.fetch_add(1, Ordering::Relaxed);
        *memory.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        running.fetch_sub(1, Ordering::Relaxed);
        turns.add_permits(1);
    }
}

/// One that waits for a turn, as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Work {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            turns: Semaphore::new(config.statements),
            waiting: AtomicUsize::new(0),
            most_waiting: config.waiting,
            memory: Mutex::new(config.memory_of_all),
            memory_each: config.memory,
            time: config.time,
            rows: config.rows,
            csv_folder: config.csv_folder.clone(),
            threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
            running: AtomicUsize::new(0),
            counts: Counts::default(),
        }
    }

    /// How many statements run now.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Runs something that asks the engine, with the limits it is to run under, on a thread that may wait. `time` is a limit
    /// of the client's own; the smaller one holds.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        time: Option<Duration>,
        cancel: &Arc<AtomicBool>,
        job: impl FnOnce(Limits) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turn().await?;
        let bytes = self.share()?;
        turn.forget(); // it is given back with the rest
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        let own = AtWork { work: Arc::clone(self), bytes, started: Instant::now() };
        let limits = Limits {
            time: Some(time.map_or(self.time, |own| own.min(self.time))),
            memory: Some(bytes),
            rows: Some(self.rows),
            cancel: Some(Arc::clone(cancel)),
            csv_folder: self.csv_folder.clone(),
            threads: std::num::NonZeroUsize::new((self.threads / running).max(1)),
        };
        let done = tokio::task::spawn_blocking(move || {
            let _own = own; // until it has ended
            job(limits)
        })
        .await;
        done.map_err(|_| {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
            Refusal::new("Neo.DatabaseError.General.UnknownError", "the statement failed inside; nothing of it remains")
        })
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        if let Ok(turn) = self.turns.try_acquire() {
            return Ok(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.most_waiting {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::busy());
        }
        self.turns.acquire().await.map_err(|_| Refusal::busy())
    }

    /// Half of what is left, and what a statement may have at most: so that the sum stays below what all may have.
    fn share(&self) -> Result<usize, Refusal> {
        let mut left = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.memory_each.min(*left / 2);
        if bytes < LEAST_MEMORY.min(self.memory_each) {
            self.counts.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::busy());
        }
        *left -= bytes;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(statements: usize, waiting: usize) -> Arc<Work> {
        Arc::new(Work::new(&Config { statements, waiting, ..Config::default() }))
    }

    fn flag() -> Arc<AtomicBool> {
        Arc::default()
    }

    /// A statement that nobody waits for any more took its turn, its memory and a share of the threads with it for ever.
    #[tokio::test]
    async fn what_a_statement_was_given_comes_back_when_it_ends_and_no_sooner() {
        let work = work(1, 1);
        let memory = *work.memory.lock().expect("memory");
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let (tell, told) = tokio::sync::oneshot::channel();
        let (own, cancel) = (Arc::clone(&work), flag());
        let asked = tokio::spawn(async move {
            let job = move |_| {
                let _ = tell.send(());
                let _ = ended.recv();
            };
            own.run(None, &cancel, job).await.map_err(|refusal| refusal.message)
        });
        told.await.expect("it runs");
        asked.abort();
        assert!(asked.await.expect_err("given up").is_cancelled());
        assert_eq!((work.running(), work.turns.available_permits()), (1, 0), "it still runs");
        // one that waits, and is given up, takes no place from the next
        for _ in 0..5 {
            let cancel = flag();
            let waits = work.run(None, &cancel, |_| ());
            assert!(tokio::time::timeout(Duration::from_millis(5), waits).await.is_err(), "waits for its turn");
            assert_eq!(work.waiting.load(Ordering::Relaxed), 0);
        }
        drop(end);
        let given = work.run(None, &flag(), |limits| limits.threads).await.expect("its turn comes");
        assert_eq!(given.map(std::num::NonZeroUsize::get), Some(work.threads));
        assert_eq!((work.running(), work.turns.available_permits()), (0, 1));
        assert_eq!(*work.memory.lock().expect("memory"), memory);
    }
}
