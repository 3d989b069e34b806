//! What became of what, who contradicts whom, and which name means which body.

pub(crate) mod cells;
pub(crate) mod columns;
mod conflict;
pub(crate) mod crosswalk;
pub(crate) mod detail;
pub(crate) mod events;
pub(crate) mod kinds;
pub(crate) mod lives;
pub(crate) mod names;
mod overview;
pub(crate) mod question;
mod search;
pub(crate) mod stated;
mod trace;
mod transfers;
pub(crate) mod validity;
pub(crate) mod whose;

pub(crate) use conflict::{Disagreement, Ground, Standpoint, conflicts, node_name};
pub(crate) use names::NameIndex;
pub(crate) use overview::Overview;
pub use trace::Course;
pub(crate) use trace::{Lineage, Passage, Step};
