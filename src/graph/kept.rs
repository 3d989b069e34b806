//! A list that grows at its end, of which a copy costs little: what was done since the last commit, kept aside whenever a
//! part of a transaction may have to be taken back.

use std::sync::Arc;

/// So many items stand in a piece that copies share.
const PIECE: usize = 256;

/// Items in the order they were added. A copy shares all but the last few.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    /// Each of [`PIECE`] items.
    pieces: Vec<Arc<Vec<T>>>,
    last: Vec<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), last: Vec::new() }
    }
}

impl<T: Clone> Kept<T> {
    /// Adds an item.
    pub(crate) fn push(&mut self, item: T) {
        if self.last.len() == PIECE {
            self.pieces.push(Arc::new(std::mem::take(&mut self.last)));
        }
        self.last.push(item);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.pieces.len() * PIECE + self.last.len()
    }

    /// All from this place on, in order.
    pub(crate) fn from(&self, at: usize) -> impl Iterator<Item = &T> {
        let whole = (at / PIECE).min(self.pieces.len());
        let rest = self.pieces[whole..].iter().flat_map(|piece| piece.iter()).chain(&self.last);
        rest.skip(at - whole * PIECE)
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.from(0)
    }

    /// Leaves the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.len() > len {
            if self.last.pop().is_none() {
                break;
            }
            if self.last.is_empty()
                && let Some(piece) = self.pieces.pop()
            {
                self.last = Arc::unwrap_or_clone(piece);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_vector_and_copies_are_their_own() {
        let mut state = 5u64;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let (mut kept, mut model) = (Kept::default(), Vec::new());
        let mut copies = Vec::new();
        for n in 0..5000 {
            match below(40) {
                0 => copies.push((kept.clone(), model.clone())),
                1 => {
                    let len = model.len() - below(400).min(model.len());
                    kept.truncate(len);
                    model.truncate(len);
                }
                2 => {
                    let at = below(model.len() + 1);
                    assert!(kept.from(at).eq(&model[at..]));
                }
                _ => {
                    kept.push(n);
                    model.push(n);
                }
            }
            assert_eq!(kept.len(), model.len());
        }
        for (kept, model) in copies {
            assert!(kept.iter().eq(&model));
        }
    }
}
