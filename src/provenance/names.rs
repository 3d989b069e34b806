//! What a thing is called, where, since when.

use std::sync::Arc;

use super::Place;

/// One name of a node, as the dataset lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameUse {
    /// The name.
    pub name: Arc<str>,
    /// Its language (`kk`); empty when not stated.
    pub language: Arc<str>,
    /// Its script (`Latn`); empty when not stated.
    pub script: Arc<str>,
    /// `preferred`, `alternate`, `abbreviation`, `description` or `editorial`; empty when not stated.
    pub status: Arc<str>,
    /// Since when it is used, EDTF; empty when not stated.
    pub from: Arc<str>,
    /// Until when it was used, EDTF; empty when not stated.
    pub to: Arc<str>,
    /// The place that states [`Self::from`] and [`Self::to`]; without it they are the dataset's own.
    pub stated_at: Option<Place>,
    /// The places that use the name, sorted, each once.
    pub places: Box<[Place]>,
}
