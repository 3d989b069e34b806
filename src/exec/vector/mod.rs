//! Expressions over a whole batch at once: predicates on typed columns, projections of properties.
//!
//! What is not worth a loop of its own is evaluated row by row; the answers are the same.

mod arithmetic;
mod cells;
mod code;
mod compare;
mod item;
mod moments;
mod test;

pub(crate) use item::{Item, narrowed};
pub(crate) use test::Tests;
