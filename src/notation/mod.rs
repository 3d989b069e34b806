//! How text gets into what other programs read: one writer and one escaper a notation, for graphs and for pictures.
//!
//! Nothing that came from data reaches an output in another way.

pub(crate) mod csv;
pub(crate) mod dot;
pub(crate) mod mermaid;
pub(crate) mod safe;
pub(crate) mod xml;

/// Writing to a string cannot fail.
fn wrote(_: std::fmt::Result) {}
