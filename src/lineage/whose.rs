//! Whose word is taken: the views that `ACCORDING TO` and `KNOWN BY` look through.

use smallvec::SmallVec;

use super::question::unknown;
use super::validity::Days;
use crate::error::{Code, Error, Result};
use crate::provenance::{Evidence, Source, SourceId, View};
use crate::value::Value;
use crate::value::edtf::Edtf;

/// Adds the sources that a value names by their ids: one, or each of a list. `refuse`: what is to be said of an id that
/// no source has, which else asserts nothing.
///
/// # Errors
/// Neither an id nor a list of them; what `refuse` says.
pub(crate) fn add_sources(
    value: &Value,
    evidence: &Evidence,
    refuse: Option<&dyn Fn(&str) -> Error>,
    to: &mut SmallVec<[SourceId; 4]>,
) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Str(id) => match (evidence.source_id(id), refuse) {
            (None, Some(refuse)) => return Err(refuse(id)),
            (known, _) => to.extend(known),
        },
        Value::List(list) => {
            for item in list.iter() {
                add_sources(item, evidence, refuse, to)?;
            }
        }
        other => {
            let message = format!("ACCORDING TO takes ids of sources, not a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message).hint("as in ACCORDING TO '003'"));
        }
    }
    Ok(())
}

/// Refuses a source that nobody knows, with the nearest name.
pub(crate) fn no_such_source(id: &str, evidence: &Evidence) -> Error {
    let known = || evidence.sources().iter().map(|source| &*source.id);
    let error = unknown(Code::NameNotFound, format!("no source is called `{id}`"));
    match crate::error::nearest(id, known()) {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None if known().next().is_none() => error.hint("this graph has no sources"),
        None => error.hint(format!("its sources: {}", known().take(12).collect::<Vec<_>>().join(", "))),
    }
}

/// What was known at the end of these days: the sources dated by then; those that do not say when, unless only the
/// certain is asked for.
pub(crate) fn known_by(evidence: &Evidence, days: Days, certain: bool) -> View {
    let could_be_read = move |source: &Source| match Edtf::parse(&source.date).ok().map(|date| date.days()) {
        None => !certain,
        Some(date) if date.earliest().is_some_and(|first| first > days.last) => false,
        Some(date) if date.latest().is_some_and(|last| last <= days.last) => true,
        Some(_) => !certain,
    };
    let all = (0..).map(SourceId).zip(evidence.sources());
    View::of(all.filter(|(_, source)| could_be_read(source)).map(|(id, _)| id))
}
