//! Standard input of the pipe: it stays awake for a moment before it sleeps.
//!
//! A client that asks again right away would otherwise find the process asleep: being woken costs more than a point
//! query, and what the query touches has left the processor's caches. So the reader looks for more input for a moment
//! first, twice as long as the client took last time, and only then lets the system put it to sleep. A client that takes
//! longer than a millisecond is not waited for: it costs twenty microseconds a request.

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

    /// The longest turn of a client, from an answer to its next request, that is waited for awake.
    const LONGEST: Duration = Duration::from_millis(1);
    /// How long to look for more input where turns were longer.
    const LEAST: Duration = Duration::from_micros(20);

    /// Turns of rest between two looks: looking asks the system, and a resting processor leaves its core to others.
    const REST: u32 = 16;

    /// Bytes read at once.
    const BUFFER: usize = 64 << 10;

    /// Input that is asked for more for a moment before a read may block.
    struct Awake {
        input: File,
        moment: Duration,
    }

    /// Standard input, or nothing where looking would only keep the client from the one processor there is.
    pub(super) fn standard() -> Option<Box<dyn BufRead>> {
        if std::thread::available_parallelism().map_or(1, |n| n.get()) < 2 {
            return None;
        }
        let input = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
        Some(Box::new(BufReader::with_capacity(BUFFER, Awake { input: File::from(input), moment: LONGEST })))
    }

    impl Read for Awake {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
            let started = Instant::now();
            while nothing_to_read(&self.input) && started.elapsed() < self.moment {
                (0..REST).for_each(|_| std::hint::spin_loop());
            }
            let read = self.input.read(buf);
            self.moment = next_moment(started.elapsed());
            read
        }
    }

    /// How long to wait for the next request of a client whose last turn took so long.
    fn next_moment(turn: Duration) -> Duration {
        if turn > LONGEST { LEAST } else { (turn * 2).clamp(LEAST, LONGEST) }
    }

    /// Whether a read would have to wait; an input that cannot be asked is read at once, and says itself what is wrong.
    fn nothing_to_read(input: &File) -> bool {
        let mut asked = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut asked, PollTimeout::ZERO), Ok(0))
    }

    #[cfg(test)]
    mod tests {
        use std::io::Write as _;

        use super::*;

        #[test]
        fn a_slow_client_is_not_waited_for_and_a_quick_one_twice_its_turn() {
            assert_eq!(next_moment(Duration::from_micros(90)), Duration::from_micros(180));
            assert_eq!(next_moment(Duration::from_micros(800)), LONGEST);
            assert_eq!(next_moment(Duration::from_micros(1)), LEAST);
            assert_eq!(next_moment(Duration::from_millis(30)), LEAST);
        }

        #[test]
        fn what_comes_late_is_read_and_the_end_is_seen() {
            let (ours, theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
            let mut input = Awake { input: File::from(std::os::fd::OwnedFd::from(ours)), moment: LONGEST };
            let client = std::thread::spawn(move || {
                let mut theirs = theirs;
                for pause in [0, 5, 0] {
                    std::thread::sleep(Duration::from_millis(pause));
                    theirs.write_all(b"x").expect("written");
                }
            });
            let mut all = Vec::new();
            input.read_to_end(&mut all).expect("read");
            client.join().expect("joined");
            assert_eq!(all, b"xxx");
        }
    }
}
