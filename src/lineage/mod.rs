//! What became of what, who contradicts whom, and which name means which body.

pub(crate) mod columns;
mod conflict;
pub mod lives;
pub mod names;
mod trace;
pub mod validity;

pub use conflict::{claim_text, conflicts, node_name};
pub use names::NameIndex;
pub use trace::{Course, Lineage, Request, Step, Way, can_trace, trace};
