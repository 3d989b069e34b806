//! Making a dataset of documents: what stands in a new folder, what a sentence offers, what may be said of it, and how it is written
//! down.
//!
//! ```text
//!  a sentence ──► suggest: names, dates, numbers, relations that stand in it        (choices; nothing is taken)
//!  a proposal ──► gates: (a) the words stand at the place  ──► refused
//!                        (b) the claim stands in the words ──► waits for a person
//!             ──► add: rows of the tables ──► read again and checked ──► written whole, or not at all
//! ```
//!
//! One rule each, for the command line, servers and language models: who proposes is told the same as who types. Nothing here
//! invents: what is not in the tables, the sentence or the proposal is in no row.

mod add;
mod dates;
mod folder;
mod gates;
mod names;
mod new;
mod proposal;
mod suggest;
mod words;

pub(crate) use add::{Adding, Before};
pub(crate) use folder::Folder;
pub(crate) use gates::{Claim, Fallen, Gate, Judged, Verdict, judge};
pub(crate) use new::{Template, begin};
pub(crate) use proposal::{Proposal, Values};
pub(crate) use suggest::{Offer, offer, unlinked};

#[cfg(test)]
mod gate_tests;
