//! Standard terms: which W3C ORG and PROV statements follow from a relationship, by the terms its type declares.
//!
//! A term is written when it says exactly what the relationship says: `^` before it turns it round, `~` after it makes it
//! loose, and loose ones are left out. So are alternatives (`part-of` is `org:subOrganizationOf`, `org:unitOf` or
//! `org:postIn`, nobody can tell which), and classes: but a relationship whose type is an `org:ChangeEvent` is one, and its
//! ends stand on it as what it was made of and what resulted.

use super::{ORG, PROV};
use crate::provenance::RelationType;

/// The class whose instances are relationships themselves.
const EVENT: &str = "org:ChangeEvent";
/// Properties of such an event, not of the ends.
const OF_EVENTS: [&str; 5] =
    ["org:originalOrganization", "org:resultingOrganization", "org:resultedFrom", "org:changedBy", "org:memberDuring"];
/// Takes a date, where we have a node.
const OF_DATES: &str = "prov:atTime";

/// What follows from a relationship of a type.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Standard {
    /// IRIs of properties from start to end.
    pub forward: Vec<String>,
    /// IRIs of properties from end to start.
    pub backward: Vec<String>,
    /// The relationship is an `org:ChangeEvent`.
    pub event: bool,
    /// IRIs of properties from the event to the start.
    pub event_start: Vec<String>,
    /// IRIs of properties from the event to the end.
    pub event_end: Vec<String>,
}

/// What follows from a relationship of this type.
pub(super) fn standard(ty: &RelationType) -> Standard {
    let exact = || ty.terms.iter().map(|t| &**t).filter(|t| !t.ends_with('~'));
    let mut standard = Standard { event: exact().any(|t| t == EVENT), ..Standard::default() };
    if standard.event {
        let of_event = |inverse: bool| {
            let direct = exact().filter(move |t| t.starts_with('^') == inverse).map(|t| t.trim_start_matches('^'));
            direct.filter(|t| OF_EVENTS.contains(t)).filter_map(iri).collect()
        };
        (standard.event_start, standard.event_end) = (of_event(true), of_event(false));
    }
    for prefix in ["org:", "prov:"] {
        for inverse in [false, true] {
            let direct = exact().filter(|t| t.starts_with('^') == inverse).map(|t| t.trim_start_matches('^'));
            let mut direct = direct.filter(|t| t.strip_prefix(prefix).is_some_and(is_property));
            if let (Some(only), None) = (direct.next(), direct.next()) {
                let to = if inverse { &mut standard.backward } else { &mut standard.forward };
                to.extend(iri(only).filter(|_| !OF_EVENTS.contains(&only) && only != OF_DATES));
            }
        }
    }
    standard
}

/// Properties begin with a small letter, classes with a large one; those of events do not count as alternatives.
fn is_property(local: &str) -> bool {
    let of_event = OF_EVENTS.iter().any(|t| t.strip_prefix("org:") == Some(local));
    local.starts_with(|c: char| c.is_ascii_lowercase()) && !of_event
}

fn iri(term: &str) -> Option<String> {
    let (prefix, local) = term.split_once(':')?;
    let space = match prefix {
        "org" => ORG,
        "prov" => PROV,
        _ => return None,
    };
    local.chars().all(|c| c.is_ascii_alphanumeric()).then(|| format!("{space}{local}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(terms: &str) -> Standard {
        standard(&RelationType { terms: terms.split(' ').map(Into::into).collect(), ..RelationType::default() })
    }

    #[test]
    fn only_what_a_relationship_says_exactly_is_stated() {
        let into = of("^org:originalOrganization org:ChangeEvent org:resultingOrganization ^prov:wasDerivedFrom P1366");
        assert!(into.event && into.forward.is_empty());
        assert_eq!(into.event_start, [format!("{ORG}originalOrganization")]);
        assert_eq!(into.event_end, [format!("{ORG}resultingOrganization")]);
        assert_eq!(into.backward, [format!("{PROV}wasDerivedFrom")]);
        let member = of("org:memberOf org:Membership org:memberDuring schema:memberOf");
        assert_eq!(member.forward, [format!("{ORG}memberOf")]);
        let holds = of("org:holds ^org:heldBy");
        assert_eq!((holds.forward, holds.backward), (vec![format!("{ORG}holds")], vec![format!("{ORG}heldBy")]));
        for none in [
            "org:subOrganizationOf org:unitOf org:postIn",
            "org:ChangeEvent~ org:resultedFrom~",
            "prov:atTime",
            "org:a>b",
        ] {
            assert_eq!(of(none), Standard::default(), "{none}");
        }
    }
}
