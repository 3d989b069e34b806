//! The distinct strings of a column: one arena, a code each.
//!
//! Codes stay true until [`Pool`] is rebuilt at a commit. The table from text to code is built when it is first asked
//! for, so that opening a stored graph does not hash every string.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};
use std::sync::{LazyLock, OnceLock};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::error::{Code, Error, Result};

/// Different in every process, so that nobody can prepare strings that collide.
static SEED: LazyLock<usize> = LazyLock::new(|| std::hash::RandomState::new().hash_one(0u8) as usize);

/// A hasher that cannot be attacked from outside; its results do not outlive the process.
pub(super) fn hasher() -> FxHasher {
    FxHasher::with_seed(*SEED)
}

pub(super) fn text_hash(text: &str) -> u64 {
    let mut hasher = hasher();
    hasher.write(text.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

/// The distinct strings of a column, by code.
#[derive(Debug)]
pub struct Pool {
    texts: String,
    /// `ends[code]..ends[code + 1]` in `texts`.
    ends: Vec<u32>,
    codes: OnceLock<HashTable<u32>>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { texts: String::new(), ends: vec![0], codes: OnceLock::new() }
    }
}

impl Pool {
    /// The code of a string, if the column has ever held it.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.table().find(text_hash(text), |&code| self.text(code) == text).copied()
    }

    /// The string of a code; empty for a code of another pool.
    #[inline]
    pub fn text(&self, code: u32) -> &str {
        match self.ends.get(code as usize..).and_then(|ends| ends.first_chunk::<2>()) {
            Some(&[start, end]) => self.texts.get(start as usize..end as usize).unwrap_or(""),
            None => "",
        }
    }

    /// The order of two codes' strings.
    pub fn compare(&self, a: u32, b: u32) -> Ordering {
        if a == b { Ordering::Equal } else { self.text(a).cmp(self.text(b)) }
    }

    /// How many strings.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn intern(&mut self, text: &str) -> Result<u32> {
        let hash = text_hash(text);
        self.table();
        let Some(table) = self.codes.get_mut() else { return Ok(0) };
        let (texts, ends) = (&mut self.texts, &mut self.ends);
        let at = |ends: &[u32], code: u32| ends[code as usize] as usize..ends[code as usize + 1] as usize;
        if let Some(&code) = table.find(hash, |&code| &texts[at(ends, code)] == text) {
            return Ok(code);
        }
        let code = u32::try_from(ends.len() - 1).ok();
        let end = u32::try_from(texts.len() + text.len()).ok();
        let (Some(code), Some(end)) = (code, end) else {
            return Err(Error::limit(Code::Size, "the distinct strings of one property key may take at most 4 GiB"));
        };
        texts.push_str(text);
        ends.push(end);
        table.insert_unique(hash, code, |&code| text_hash(&texts[at(ends, code)]));
        Ok(code)
    }

    /// From a stored image. Nothing when the ends do not cut the text at characters, ascending.
    pub(super) fn from_parts(texts: String, ends: Vec<u32>) -> Option<Self> {
        let fits = ends.first() == Some(&0)
            && ends.last().is_some_and(|&end| end as usize == texts.len())
            && ends.windows(2).all(|w| w[0] <= w[1])
            && (texts.is_ascii() || ends.iter().all(|&end| texts.is_char_boundary(end as usize)));
        fits.then(|| Self { texts, ends, codes: OnceLock::new() })
    }

    pub(super) fn parts(&self) -> (&str, &[u32]) {
        (&self.texts, &self.ends)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.texts.capacity() + 4 * self.ends.capacity() + self.codes.get().map_or(0, |t| t.capacity() * 5)
    }

    fn table(&self) -> &HashTable<u32> {
        self.codes.get_or_init(|| {
            let mut table = HashTable::with_capacity(self.len());
            for code in 0..self.len() as u32 {
                table.insert_unique(text_hash(self.text(code)), code, |&code| text_hash(self.text(code)));
            }
            table
        })
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
        let mut again = Pool::from_parts(texts.to_owned(), ends.to_vec()).expect("whole");
        assert_eq!((again.find("құрылтай"), again.intern("new").expect("room")), (Some(0), 3));
        assert!(Pool::from_parts("құ".into(), vec![0, 1, 4]).is_none(), "a cut inside a character");
    }
}
