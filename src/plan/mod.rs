//! Clauses become a tree of operators.

pub(crate) mod node;
