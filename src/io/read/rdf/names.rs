//! Short names of IRIs: no two IRIs have the same, in one file or in several, in one import or in two.

use std::sync::Arc;

use super::super::{Beside, Sink};
use crate::error::Result;
use crate::io::rdf::{CLASS, tag_term};
use crate::provenance::RelationType;
use crate::value::hash::{DataMap, DataSet};

/// What an IRI is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of<'a> {
    /// A property or a relationship.
    Predicate,
    /// A property whose values are of a language: the end of its key, `en` or `ar_rtl`.
    Tagged(&'a str),
    /// A class.
    Class,
}

impl Of<'_> {
    /// The term that says so, beside the IRI.
    fn term(self) -> Option<Arc<str>> {
        match self {
            Self::Predicate => None,
            Self::Tagged(tag) => Some(tag_term(tag).into()),
            Self::Class => Some(CLASS.into()),
        }
    }
}

/// The names given so far.
#[derive(Default)]
pub(super) struct Names {
    short: DataMap<String, Arc<str>>,
    taken: DataSet<Arc<str>>,
}

impl Names {
    /// The names that the graph has already.
    pub(super) fn new(sink: &dyn Sink) -> Self {
        let mut names = Self::default();
        for (name, terms) in sink.declared() {
            if let [iri, rest @ ..] = &*terms
                && iri.contains("://") | iri.starts_with("urn:")
            {
                names.short.insert(known_as(iri, rest.first().map(|term| &**term)), Arc::clone(&name));
            }
            names.taken.insert(name);
        }
        names
    }

    /// The name of an IRI: its last part, or all of it when something else has that part already.
    pub(super) fn of(&mut self, iri: &str, of: Of<'_>, sink: &mut dyn Sink) -> Result<Arc<str>> {
        let known = match of {
            Of::Predicate => self.short.get(iri),
            of => self.short.get(&known_as(iri, of.term().as_deref())),
        };
        if let Some(known) = known {
            return Ok(Arc::clone(known));
        }
        let last = iri.rsplit(['#', '/', ':']).next().filter(|last| !last.is_empty()).unwrap_or(iri);
        let full = |stem: &str| if let Of::Tagged(tag) = of { format!("{stem}_{tag}") } else { stem.to_owned() };
        let mut name: Arc<str> = full(last).into();
        if self.taken.contains(&name) {
            name = full(iri).into();
        }
        while self.taken.contains(&name) {
            name = format!("{name}_").into();
        }
        let terms = std::iter::once(Arc::from(iri)).chain(of.term()).collect();
        sink.beside(Beside::Type(RelationType { name: Arc::clone(&name), terms, ..RelationType::default() }))?;
        self.taken.insert(Arc::clone(&name));
        self.short.insert(known_as(iri, of.term().as_deref()), Arc::clone(&name));
        Ok(name)
    }
}

/// What a name is found by: the IRI, and the term that says what it is the name of.
fn known_as(iri: &str, term: Option<&str>) -> String {
    term.map_or_else(|| iri.to_owned(), |term| format!("{iri} {term}"))
}
