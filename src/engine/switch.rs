//! The one place that changes under readers: what the last version is.
//!
//! It holds a value that costs little to clone (pointers), and its lock only while that is cloned or exchanged.
//! `loom/` runs this file and `writer.rs` through every order of steps that threads can take.

use super::sync::{PoisonError, RwLock};

/// A value that many read and few exchange.
#[derive(Debug, Default)]
pub(super) struct Switch<T>(RwLock<T>);

impl<T: Clone> Switch<T> {
    pub(super) fn new(first: T) -> Self {
        Self(RwLock::new(first))
    }

    /// The value as it is now.
    pub(super) fn get(&self) -> T {
        // a panic leaves nothing half done: what is changed is a copy until it is exchanged
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The value as it is now, if it is one that is wanted.
    #[cfg(any(feature = "store", test))]
    pub(super) fn get_if(&self, wanted: impl FnOnce(&T) -> bool) -> Option<T> {
        let now = self.0.read().unwrap_or_else(PoisonError::into_inner);
        wanted(&now).then(|| now.clone())
    }

    /// Puts what `next` makes of the value in its place, if it makes anything; what was there goes when nobody waits.
    pub(super) fn exchange(&self, next: impl FnOnce(&T) -> Option<T>) {
        let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = next(&now).map(|next| std::mem::replace(&mut *now, next));
        drop(now);
        drop(before);
    }
}
