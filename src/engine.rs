//! The façade (being laid).

/// A graph and everything that answers queries on it.
#[derive(Debug)]
pub struct Engine;
