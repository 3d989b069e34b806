//! Standard input of the pipe: it stays awake for a moment before it sleeps.
//!
//! A client that asks again right away would otherwise find the process asleep: being woken costs more than a point
//! query, and what the query touches has left the processor's caches. So the reader looks for more input for a moment
//! first and only then lets the system put it to sleep. A client that is slower costs that moment once a request.

use std::io::BufRead;

/// Standard input, line by line.
pub(super) fn standard() -> Box<dyn BufRead> {
    #[cfg(unix)]
    if let Some(awake) = awake::standard() {
        return awake;
    }
    Box::new(std::io::stdin().lock())
}

#[cfg(unix)]
mod awake {
    use std::fs::File;
    use std::io::{BufRead, BufReader, Read, Result};
    use std::os::fd::AsFd;
    use std::time::{Duration, Instant};

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    /// How long to look for more input before sleeping: a client's turn from an answer to its next request.
    const MOMENT: Duration = Duration::from_micros(100);

    /// Turns of rest between two looks: looking asks the system, and a resting processor leaves its core to others.
    const REST: u32 = 16;

    /// Bytes read at once.
    const BUFFER: usize = 64 << 10;

    /// Input that is asked for more during a [`MOMENT`] before a read may block.
    struct Awake(File);

    /// Standard input, or nothing where looking would only keep the client from the one processor there is.
    pub(super) fn standard() -> Option<Box<dyn BufRead>> {
        if std::thread::available_parallelism().map_or(1, |n| n.get()) < 2 {
            return None;
        }
        let input = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
        Some(Box::new(BufReader::with_capacity(BUFFER, Awake(File::from(input)))))
    }

    impl Read for Awake {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
            let started = Instant::now();
            while nothing_to_read(&self.0) && started.elapsed() < MOMENT {
                (0..REST).for_each(|_| std::hint::spin_loop());
            }
            self.0.read(buf)
        }
    }

    /// Whether a read would have to wait; an input that cannot be asked is read at once, and says itself what is wrong.
    fn nothing_to_read(input: &File) -> bool {
        let mut asked = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut asked, PollTimeout::ZERO), Ok(0))
    }
}
