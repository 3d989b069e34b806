//! Text to AST; the only user of pest.
pub mod ast;
