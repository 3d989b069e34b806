//! RDF: Turtle, TriG, N-Triples, N-Quads and JSON-LD. This file says how names and values look in it; `write` makes statements of a graph,
//! `io::read::rdf` a graph of statements.
//!
//! | in the graph | in RDF |
//! |---|---|
//! | node | its property `iri`, or `urn:shejire:node:ID`; of the class `term:Node` and one class `label:…` a label |
//! | property | `key:…`; several distinct plain values of a list are several values; other lists are JSON |
//! | the same, exactly | `exact:…`: a list in its order, a number of more than 7 digits, a moment finer than a microsecond, as JSON |
//! | name from RDF | also the statement it was, in the words of its own vocabulary |
//! | relationship | `start type:… end`, and a `term:Relationship` (an `rdf:Statement`) with id and properties |
//! | mention | a `term:Mention`, an `rdf:Statement` of its own: where it is said, how plainly |
//! | standard terms | W3C ORG and PROV as the relation table names them (see `terms`) |

pub(super) mod terms;
pub(super) mod value;
pub(crate) mod write;

/// Where names of ours begin.
pub(super) const NODE: &str = "urn:shejire:node:";
pub(super) const REL: &str = "urn:shejire:rel:";
pub(super) const MENTION: &str = "urn:shejire:mention:";
pub(super) const SOURCE: &str = "urn:shejire:source:";
pub(super) const CONFLICT: &str = "urn:shejire:conflict:";
pub(super) const EVIDENCE: &str = "urn:shejire:evidence:";
pub(super) const LABEL: &str = "urn:shejire:label:";
pub(super) const TYPE: &str = "urn:shejire:type:";
pub(super) const KEY: &str = "urn:shejire:key:";
/// The value of a property once more, exactly: where it is told in several statements, or other programs cut it.
pub(super) const EXACT: &str = "urn:shejire:exact:";
/// The same in files of before.
pub(super) const LIST: &str = "urn:shejire:list:";
pub(super) const TERM: &str = "urn:shejire:term:";
/// Everything of ours.
pub(super) const OURS: &str = "urn:shejire:";

/// The first line of Turtle and TriG as we write them: what stands below is in our order, so that a reader need not hold it.
pub(super) const IN_ORDER: &str = "# shejire: in order\n";

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
pub(super) const ORG: &str = "http://www.w3.org/ns/org#";
pub(super) const PROV: &str = "http://www.w3.org/ns/prov#";
pub(super) const DCTERMS: &str = "http://purl.org/dc/terms/";

/// Among the terms of a declared name, beside the IRI it is short for: it is the name of a class.
pub(super) const CLASS: &str = "rdfs:Class";

/// Among the terms of a declared name: it is the key of values in a language.
pub(super) fn tag_term(tag: &str) -> String {
    format!("@{tag}")
}

/// The prefixes a file begins with.
pub(super) const PREFIXES: [(&str, &str); 17] = [
    ("node", NODE),
    ("rel", REL),
    ("mention", MENTION),
    ("source", SOURCE),
    ("conflict", CONFLICT),
    ("evidence", EVIDENCE),
    ("label", LABEL),
    ("type", TYPE),
    ("key", KEY),
    ("exact", EXACT),
    ("term", TERM),
    ("rdf", RDF),
    ("rdfs", RDFS),
    ("xsd", XSD),
    ("org", ORG),
    ("prov", PROV),
    ("dcterms", DCTERMS),
];

/// What stands before the two digits of a byte that a name cannot show in an IRI. Not `%`: programs that write Turtle make
/// prefixes of the beginnings of IRIs (rdflib ends them before a letter), and one that ends in `%` is no IRI.
const ESCAPE: char = '~';
/// What stood there in files of before.
const ESCAPE_BEFORE: char = '%';

/// A name as the end of an IRI: letters (of any script), digits, `-` and `_` as they are, everything else as `~XX`.
pub(super) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_alphanumeric() || matches!(c, '-' | '_') {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes)
                .bytes()
                .for_each(|b| super::wrote(std::fmt::Write::write_fmt(&mut out, format_args!("{ESCAPE}{b:02X}"))));
        }
    }
    out
}

/// The name that [`encode`] was given; nothing when it did not make this.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        rest = more;
        if ![ESCAPE, ESCAPE_BEFORE].contains(&char::from(first)) {
            bytes.push(first);
            continue;
        }
        let (hex, more) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
        rest = more;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_is_the_end_of_an_iri_and_comes_back() {
        for name in
            ["", "a b", "<>\"{}|^`\\", "құрылтай", "👩‍⚖️", "a%41", "\u{0}\u{202e}\u{fffe}", "transferred-to", "a.b."]
        {
            let iri = format!("{LABEL}{}", encode(name));
            assert!(oxrdf::NamedNode::new(&iri).is_ok(), "{iri}");
            // wherever another program cuts it
            for (at, _) in iri.char_indices().filter(|(at, _)| *at >= LABEL.len()) {
                assert!(oxrdf::NamedNode::new(&iri[..at]).is_ok(), "{}", &iri[..at]);
            }
            assert_eq!(decode(&encode(name)).as_deref(), Some(name));
        }
        assert_eq!((decode("%4"), decode("~zz"), decode("%ff")), (None, None, None));
        assert_eq!(decode("a%5Bb~5D").as_deref(), Some("a[b]"), "as before, and as now");
    }
}
