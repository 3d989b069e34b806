//! A list that grows at its end, of which a copy costs a reference a piece.

use std::sync::Arc;

/// So many items stand in a piece that copies share.
const PIECE: usize = 128;

/// Items in the order they were added. A copy shares them; a write copies the last piece where somebody else has it too.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    /// All but the last are full, none is empty.
    pieces: Vec<Arc<Vec<T>>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T> Kept<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self.pieces.split_last() {
            Some((last, full)) => full.len() * PIECE + last.len(),
            None => 0,
        }
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }
}

impl<T> std::ops::Index<usize> for Kept<T> {
    type Output = T;

    fn index(&self, at: usize) -> &T {
        &self.pieces[at / PIECE][at % PIECE]
    }
}

impl<T: Clone> Kept<T> {
    /// Adds an item.
    pub(crate) fn push(&mut self, item: T) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => Arc::make_mut(last).push(item),
            _ => self.pieces.push(Arc::new(vec![item])),
        }
    }

    /// Takes the last item.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = Arc::make_mut(self.pieces.last_mut()?);
        let item = last.pop();
        if last.is_empty() {
            self.pieces.pop();
        }
        item
    }

    /// Leaves the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.len() > len {
            self.pop();
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
                2 if !model.is_empty() => {
                    let at = below(model.len());
                    assert_eq!(kept[at], model[at]);
                }
                3..10 => assert_eq!(kept.pop(), model.pop()),
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
