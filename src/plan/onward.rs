//! Ways that are only counted beyond a neighbour that is only counted.

use super::node::Hop;
use crate::bind::bound::{Expr, Slot};

/// Ways on from a neighbour that is only counted: how many there are depends on that node alone.
#[derive(Clone, Debug)]
pub(crate) struct Onward {
    pub(crate) hop: Hop,
    /// What the far ends must fulfil.
    pub(crate) conditions: Vec<Expr>,
    /// Ways on from those.
    pub(crate) onward: Vec<Onward>,
}

impl Onward {
    /// Calls `f` on the conditions, those further on too.
    pub(crate) fn expressions<'n>(&'n self, f: &mut dyn FnMut(&'n Expr)) {
        self.conditions.iter().for_each(&mut *f);
        self.onward.iter().for_each(|onward| onward.expressions(f));
    }

    /// The same to change them.
    pub(crate) fn expressions_mut(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        self.conditions.iter_mut().for_each(&mut *f);
        self.onward.iter_mut().for_each(|onward| onward.expressions_mut(f));
    }

    /// Adds the slots of all far ends.
    pub(crate) fn ends(&self, out: &mut Vec<Slot>) {
        out.push(self.hop.to);
        self.onward.iter().for_each(|onward| onward.ends(out));
    }

    /// How many steps the longest way has.
    pub(crate) fn depth(&self) -> usize {
        1 + self.onward.iter().map(Self::depth).max().unwrap_or(0)
    }
}
