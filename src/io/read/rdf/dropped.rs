//! What a reader of JSON-LD passes over in silence, as its rules want: members and types that no context explains, and relative
//! IRIs without a base. They are counted, so that whoever imports learns of them.
//!
//! The document is read a second time with a vocabulary for every name that has none, and a base for every IRI that needs
//! one: what comes out with either would have been dropped.

use std::collections::BTreeMap;

use oxrdf::{NamedOrBlankNode, Term};

/// The vocabulary of names that have none.
const NO_VOCABULARY: &str = "urn:shejire:unexplained:";
/// The base of IRIs that need one.
const NO_BASE: &str = "http://base.invalid/";

/// What is dropped of a document, and how often. A document that cannot be read has nothing: who reads it says so.
pub(super) fn dropped(text: &[u8], based: bool) -> BTreeMap<String, u64> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let head = format!("{{\"@context\":{{\"@vocab\":\"{NO_VOCABULARY}\"}},\"@graph\":");
    let whole = [head.as_bytes(), text, b"}"].concat();
    let mut counts = BTreeMap::new();
    let parser = oxjsonld::JsonLdParser::new();
    let parser = match based {
        true => Ok(parser),
        false => parser.with_base_iri(NO_BASE),
    };
    let Ok(parser) = parser else { return counts };
    for quad in parser.for_slice(&whole).map_while(Result::ok) {
        let iri = |term: &Term| if let Term::NamedNode(node) = term { node.as_str().to_owned() } else { String::new() };
        let subject = match &quad.subject {
            NamedOrBlankNode::NamedNode(node) => node.as_str(),
            NamedOrBlankNode::BlankNode(_) => "",
        };
        let (predicate, object) = (quad.predicate.as_str(), iri(&quad.object));
        let what = if let Some(name) = predicate.strip_prefix(NO_VOCABULARY) {
            format!("members {name:?}, which no context explains")
        } else if let Some(name) = object.strip_prefix(NO_VOCABULARY) {
            format!("names {name:?} as values, which no context explains")
        } else if [subject, predicate, &object].iter().any(|iri| iri.starts_with(NO_BASE)) {
            "statements with a relative IRI, which needs a base (--base)".to_owned()
        } else {
            continue;
        };
        *counts.entry(what).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_meaning_and_iris_without_a_base_are_counted() {
        let said = |text: &str, based| {
            dropped(text.as_bytes(), based)
                .into_iter()
                .map(|(what, n)| format!("{n} {what}"))
                .collect::<Vec<_>>()
                .join("; ")
        };
        let whole =
            r#"[{"@context":{"name":"http://e.org/name"},"@id":"http://e.org/a","name":"A","@type":"http://e.org/T"}]"#;
        assert_eq!(said(whole, false), "");
        let odd =
            r#"{"@context":{"name":"http://e.org/name"},"@id":"http://e.org/a","name":"A","age":3,"@type":"Person"}"#;
        assert_eq!(
            said(odd, false),
            r#"1 members "age", which no context explains; 1 names "Person" as values, which no context explains"#
        );
        let relative = r#"{"@id":"a","http://e.org/p":"x"}"#;
        assert!(said(relative, false).starts_with("1 statements with a relative IRI"));
        assert_eq!((said("no JSON", false), said("{\"@context\":\"https://schema.org/\"}", false)), Default::default());
        // a context of the document takes the place of ours
        assert_eq!(said(r#"{"@context":{"@vocab":"http://e.org/"},"@id":"http://e.org/a","x":1}"#, false), "");
    }
}
