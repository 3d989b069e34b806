//! Messages in chunks: two bytes of length before each part, and a part of length 0 at the end.

/// Longest part.
const LONGEST: usize = 65_535;

/// Gathers the messages of a stream of bytes; holds what was received of one, and never more than `longest` of it.
#[derive(Debug)]
pub(crate) struct Gathering {
    /// Bytes as they came, from `read` on not yet looked at.
    raw: Vec<u8>,
    read: usize,
    /// The message so far.
    message: Vec<u8>,
    longest: usize,
}

/// A message is longer than it may be: nothing after it can be understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Gathering {
    pub(crate) fn new(longest: usize) -> Self {
        Self { raw: Vec::new(), read: 0, message: Vec::new(), longest }
    }

    /// Sets the longest message from here on.
    pub(crate) fn allow(&mut self, longest: usize) {
        self.longest = longest;
    }

    /// Adds bytes as they come.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if self.read == self.raw.len() {
            self.raw.clear();
            self.read = 0;
        } else if self.read > LONGEST {
            self.raw.drain(..self.read);
            self.read = 0;
        }
        self.raw.extend_from_slice(bytes);
    }

    /// The next message that is whole; nothing while one is not. Parts of length 0 between messages keep a connection
    /// awake and mean nothing.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        loop {
            let left = &self.raw[self.read..];
            let [high, low, rest @ ..] = left else { return Ok(None) };
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            if len == 0 {
                self.read += 2;
                match self.message.is_empty() {
                    true => continue,
                    false => return Ok(Some(std::mem::take(&mut self.message))),
                }
            }
            if self.message.len() + len > self.longest {
                return Err(TooLong);
            }
            if rest.len() < len {
                return Ok(None);
            }
            self.message.extend_from_slice(&rest[..len]);
            self.read += 2 + len;
        }
    }
}

/// Ends a message that was written to `out` from `start` on, where two bytes were left for its length.
pub(crate) fn finish(out: &mut Vec<u8>, start: usize) {
    let len = out.len() - start - 2;
    if let Ok(short) = u16::try_from(len) {
        out[start..start + 2].copy_from_slice(&short.to_be_bytes());
    } else {
        let message = out.split_off(start + 2);
        out.truncate(start);
        for part in message.chunks(LONGEST) {
            out.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
    }
    out.extend([0, 0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(len: usize) -> Vec<u8> {
        let mut out = vec![9, 0, 0];
        out.extend((0..len).map(|n| n as u8));
        finish(&mut out, 1);
        out.split_off(1)
    }

    #[test]
    fn messages_of_every_length_come_through_in_any_pieces() {
        for len in [1, 2, 255, 65_535, 65_536, 200_000] {
            for piece in [1, 7, 65_536] {
                let mut gathering = Gathering::new(1 << 20);
                let mut all = Vec::new();
                for bytes in [sent(len), sent(3)].concat().chunks(piece) {
                    gathering.add(bytes);
                    while let Some(message) = gathering.next().expect("short enough") {
                        all.push(message);
                    }
                }
                assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [len, 3]);
                assert!(all[0].iter().enumerate().all(|(at, byte)| *byte == at as u8));
            }
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_when_its_parts_are_announced() {
        let mut gathering = Gathering::new(100);
        gathering.add(&[0, 101]);
        assert_eq!(gathering.next(), Err(TooLong));
    }

    #[test]
    fn parts_without_content_are_passed_over() {
        let mut gathering = Gathering::new(100);
        gathering.add(&[0; 1000]);
        gathering.add(&[0, 1, 7, 0, 0]);
        assert_eq!(gathering.next(), Ok(Some(vec![7])));
        assert_eq!(gathering.next(), Ok(None));
    }
}
