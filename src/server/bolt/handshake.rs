//! Which version of Bolt is spoken.

use super::packstream::Dialect;

/// The first four bytes of every connection.
pub(crate) const MAGIC: [u8; 4] = [0x60, 0x60, 0xB0, 0x17];

/// What is spoken, the best first: major and minor.
const SPOKEN: [Version; 9] = [
    Version::of(5, 4),
    Version::of(5, 3),
    Version::of(5, 2),
    Version::of(5, 1),
    Version::of(5, 0),
    Version::of(4, 4),
    Version::of(4, 3),
    Version::of(4, 2),
    Version::of(4, 1),
];

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u8,
    pub(crate) minor: u8,
}

impl Version {
    pub(crate) const fn of(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// The answer to a handshake.
    pub(crate) fn bytes(self) -> [u8; 4] {
        [0, 0, self.minor, self.major]
    }

    /// Credentials come in LOGON, not in HELLO.
    pub(crate) fn logs_on(self) -> bool {
        self >= Self::of(5, 1)
    }

    /// What values look like before anything else is agreed.
    pub(crate) fn dialect(self) -> Dialect {
        Dialect { element_ids: self.major >= 5, utc: self.major >= 5 }
    }
}

/// The best version inside the four proposals, each `[0, range, minor, major]`: `minor` and the `range` below it.
pub(crate) fn choose(proposals: &[u8; 16]) -> Option<Version> {
    let offered = |version: &Version| {
        proposals.chunks_exact(4).any(|p| {
            let (range, minor, major) = (p[1], p[2], p[3]);
            // a manifest is proposed as 00 00 01 FF: no version has that major
            p[0] == 0
                && major == version.major
                && version.minor <= minor
                && version.minor >= minor.saturating_sub(range)
        })
    };
    SPOKEN.into_iter().find(offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_both_speak_is_chosen() {
        let asked = |text: &str| {
            let bytes: Vec<u8> =
                (0..16).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("hex")).collect();
            choose(&bytes.try_into().expect("16 bytes")).map(|v| (v.major, v.minor))
        };
        assert_eq!(asked("000001FF000804050002040400000003"), Some((5, 4)), "a driver of 2026");
        assert_eq!(asked("00080805000204040000010400000003"), Some((5, 4)), "ranges that reach below what is asked");
        assert_eq!(asked("00000404000003040000010400000000"), Some((4, 4)), "mgclient");
        assert_eq!(asked("00000304000002040000010400000004"), Some((4, 3)), "py2neo");
        assert_eq!(asked("00000003000000020000000100000000"), None, "older than what is spoken");
        assert_eq!(asked("00000006000000000000000000000000"), None, "newer than what is spoken");
    }
}
