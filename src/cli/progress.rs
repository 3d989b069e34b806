//! How far a long work is: a bar on standard error, when that is a terminal and the work takes longer than a second.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::io::read::input::Watch;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A bar that follows a [`Watch`] until it is dropped.
pub(super) struct Progress {
    done: Arc<AtomicBool>,
    shows: Option<JoinHandle<()>>,
}

impl Progress {
    /// Follows `watch` up to `total` bytes.
    pub(super) fn follow(watch: &Arc<Watch>, total: u64) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let shows = std::io::stderr().is_terminal().then(|| {
            let (watch, done) = (Arc::clone(watch), Arc::clone(&done));
            std::thread::spawn(move || show(&watch, &done, total))
        });
        Self { done, shows }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(shows) = self.shows.take() {
            shows.thread().unpark();
            let _ = shows.join();
        }
    }
}

fn show(watch: &Watch, done: &AtomicBool, total: u64) {
    let wait = |time| {
        std::thread::park_timeout(time);
        !done.load(Ordering::Relaxed)
    };
    if !wait(PATIENCE) {
        return;
    }
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    loop {
        let bytes = watch.bytes.load(Ordering::Relaxed).min(total);
        bar.set_position(bytes);
        if bytes == total {
            bar.set_message("building and saving");
        }
        if !wait(TICK) {
            break;
        }
    }
    bar.finish_and_clear();
}
