//! Meaning: names become slots, calls become table entries, mistakes that need no row are found.

pub(crate) mod bound;
