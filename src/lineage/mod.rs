//! What became of what, who contradicts whom, and which name means which body.

pub(crate) mod cells;
pub(crate) mod columns;
mod conflict;
pub mod detail;
pub mod events;
pub mod kinds;
pub mod lives;
pub mod names;
mod overview;
pub mod question;
mod search;
pub mod stated;
mod trace;
mod transfers;
pub mod validity;
pub mod whose;

pub use conflict::{Disagreement, Ground, Standpoint, claim_text, conflicts, node_name};
pub use names::NameIndex;
pub use overview::Overview;
pub use trace::{Course, Lineage, Passage, Request, Said, Step, can_trace, trace, trace_by};
