//! How text gets into what other programs read: one writer and one escaper a notation, for graphs and for pictures.
//!
//! Nothing that came from data reaches an output in another way.

pub mod csv;
pub mod dot;
pub mod mermaid;
pub mod safe;
pub mod xml;

/// Writing to a string cannot fail.
fn wrote(_: std::fmt::Result) {}
