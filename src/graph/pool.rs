//! The distinct strings of a column: one arena, a code each.
//!
//! Codes stay true until [`Pool`] is rebuilt at a commit. The table from text to code is built when it is first asked
//! for, so that opening a stored graph does not hash every string.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::Hasher;
use std::sync::{Arc, OnceLock};

use hashbrown::HashTable;

use crate::error::{Code, Error, Result};
use crate::memory;
use crate::value::hash::hasher;

pub(super) fn text_hash(text: &str) -> u64 {
    let mut hasher = hasher();
    hasher.write(text.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

/// The distinct strings of a column, by code.
///
/// The bulk is frozen and shared between copies; strings that came since the last copy stand in a small tail, which a
/// copy copies. A tail that has outgrown its part of the bulk is moved into it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    bulk: Arc<Texts>,
    tail: Texts,
}

/// A tail of this many strings, or an eighth of the bulk if that is more, goes into the bulk.
const TAIL: usize = 256;

/// Strings one behind another, and where each ends.
#[derive(Clone, Debug)]
struct Texts {
    texts: String,
    /// `ends[code]..ends[code + 1]` in `texts`.
    ends: Vec<u32>,
    codes: OnceLock<HashTable<u32>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { texts: String::new(), ends: vec![0], codes: OnceLock::new() }
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    #[inline]
    fn text(&self, code: u32) -> &str {
        match self.ends.get(code as usize..).and_then(|ends| ends.first_chunk::<2>()) {
            Some(&[start, end]) => self.texts.get(start as usize..end as usize).unwrap_or(""),
            None => "",
        }
    }

    fn find(&self, hash: u64, text: &str) -> Option<u32> {
        match self.ends.len() {
            1 => None,
            _ => self.table().find(hash, |&code| self.text(code) == text).copied(),
        }
    }

    /// Puts a string behind the others; there is room, and it is none of them.
    fn push(&mut self, hash: u64, text: &str, end: u32) {
        self.table();
        let code = self.len() as u32;
        self.texts.push_str(text);
        self.ends.push(end);
        let (texts, ends) = (&self.texts, &self.ends);
        if let Some(table) = self.codes.get_mut() {
            table.insert_unique(hash, code, |&code| {
                text_hash(&texts[ends[code as usize] as usize..ends[code as usize + 1] as usize])
            });
        }
    }

    fn table(&self) -> &HashTable<u32> {
        memory::kept(&self.codes, || {
            let mut table = HashTable::with_capacity(self.len());
            for code in 0..self.len() as u32 {
                table.insert_unique(text_hash(self.text(code)), code, |&code| text_hash(self.text(code)));
            }
            table
        })
    }

    #[cfg(test)]
    fn heap_bytes(&self) -> usize {
        self.texts.capacity() + 4 * self.ends.capacity() + self.codes.get().map_or(0, |t| t.capacity() * 5)
    }
}

impl Pool {
    /// The code of a string, if the column has ever held it.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let hash = text_hash(text);
        self.bulk.find(hash, text).or_else(|| Some(self.bulk.len() as u32 + self.tail.find(hash, text)?))
    }

    /// The string of a code; empty for a code of another pool.
    #[inline]
    pub(crate) fn text(&self, code: u32) -> &str {
        match code.checked_sub(self.bulk.len() as u32) {
            None => self.bulk.text(code),
            Some(code) => self.tail.text(code),
        }
    }

    /// The order of two codes' strings.
    pub(crate) fn compare(&self, a: u32, b: u32) -> Ordering {
        if a == b { Ordering::Equal } else { self.text(a).cmp(self.text(b)) }
    }

    /// How many strings.
    pub(crate) fn len(&self) -> usize {
        self.bulk.len() + self.tail.len()
    }

    pub(super) fn intern(&mut self, text: &str) -> Result<u32> {
        let hash = text_hash(text);
        if let Some(code) = self.bulk.find(hash, text) {
            return Ok(code);
        }
        if let Some(code) = self.tail.find(hash, text) {
            return Ok(self.bulk.len() as u32 + code);
        }
        let end = self.bulk.texts.len() + self.tail.texts.len() + text.len();
        let (Ok(end), Ok(code)) = (u32::try_from(end), u32::try_from(self.len())) else {
            return Err(Error::limit(Code::Size, "the distinct strings of one property key may take at most 4 GiB"));
        };
        match Arc::get_mut(&mut self.bulk) {
            Some(bulk) if self.tail.len() == 0 => bulk.push(hash, text, end),
            _ => {
                self.tail.push(hash, text, end - self.bulk.texts.len() as u32);
                if self.tail.len() >= TAIL.max(self.bulk.len() / 8) {
                    self.merge();
                }
            }
        }
        Ok(code)
    }

    /// Moves the tail into the bulk, which is copied when others have it too.
    fn merge(&mut self) {
        let (tail, bulk) = (std::mem::take(&mut self.tail), Arc::make_mut(&mut self.bulk));
        for code in 0..tail.len() as u32 {
            let text = tail.text(code);
            let end = bulk.texts.len() + text.len();
            bulk.push(text_hash(text), text, end as u32); // fits: it was counted when it came
        }
    }

    /// From a stored image. Nothing when the ends do not cut the text at characters, ascending.
    pub(super) fn from_parts(texts: String, ends: Vec<u32>) -> Option<Self> {
        let fits = ends.first() == Some(&0)
            && ends.last().is_some_and(|&end| end as usize == texts.len())
            && ends.windows(2).all(|w| w[0] <= w[1])
            && (texts.is_ascii() || ends.iter().all(|&end| texts.is_char_boundary(end as usize)));
        let bulk = Texts { texts, ends, codes: OnceLock::new() };
        fits.then(|| Self { bulk: Arc::new(bulk), tail: Texts::default() })
    }

    /// All strings one behind another, and where each ends.
    pub(super) fn parts(&self) -> (Cow<'_, str>, Cow<'_, [u32]>) {
        if self.tail.len() == 0 {
            return (Cow::Borrowed(&self.bulk.texts), Cow::Borrowed(&self.bulk.ends));
        }
        let start = self.bulk.texts.len() as u32;
        let ends = self.bulk.ends.iter().copied().chain(self.tail.ends[1..].iter().map(|end| start + end)).collect();
        (Cow::Owned([self.bulk.texts.as_str(), &self.tail.texts].concat()), Cow::Owned(ends))
    }

    #[cfg(test)]
    pub(super) fn heap_bytes(&self) -> usize {
        self.bulk.heap_bytes() + self.tail.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_kept_once() {
        let mut pool = Pool::default();
        let codes: Vec<_> =
            ["құрылтай", "", "Baytaq", "құрылтай"].iter().map(|t| pool.intern(t).expect("room")).collect();
        assert_eq!(codes, [0, 1, 2, 0]);
        assert_eq!(
            (pool.find("Baytaq"), pool.find("baytaq"), pool.text(0), pool.len()),
            (Some(2), None, "құрылтай", 3)
        );
        let (texts, ends) = pool.parts();
        let mut again = Pool::from_parts(texts.into_owned(), ends.into_owned()).expect("whole");
        assert_eq!((again.find("құрылтай"), again.intern("new").expect("room")), (Some(0), 3));
        assert!(Pool::from_parts("құ".into(), vec![0, 1, 4]).is_none(), "a cut inside a character");
    }

    #[test]
    fn copies_share_the_bulk_and_know_their_own_strings() {
        let mut pool = Pool::default();
        let mut copies = Vec::new();
        for n in 0..5_000u32 {
            assert_eq!(pool.intern(&format!("text {n}")).expect("room"), n);
            if n % 701 == 0 {
                copies.push((n + 1, pool.clone()));
            }
        }
        copies.push((5_000, pool));
        for (len, mut pool) in copies {
            assert_eq!(pool.len(), len as usize);
            for n in 0..len {
                assert_eq!((pool.text(n), pool.find(&format!("text {n}"))), (format!("text {n}").as_str(), Some(n)));
            }
            assert_eq!(pool.find(&format!("text {len}")), None);
            assert_eq!(pool.intern("another").expect("room"), len);
            let (texts, ends) = pool.parts();
            let again = Pool::from_parts(texts.into_owned(), ends.into_owned()).expect("whole");
            assert!((0..=len).all(|code| again.text(code) == pool.text(code)));
        }
    }
}
