//! What became of what, who contradicts whom, and which name means which body.

pub(crate) mod columns;
mod conflict;
mod index;
pub mod names;
mod trace;
pub mod validity;

pub use conflict::{claim_text, conflicts, node_name};
pub use index::{ENTITY, kind_of, name_index};
pub use names::NameIndex;
pub use trace::{Course, Request, Step, can_trace, trace};
