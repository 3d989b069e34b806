//! What is read from other people's RDF, and what is refused.

use std::io::Cursor;

use super::*;
use crate::io::read::Seen;

fn seen(text: &str, syntax: Syntax) -> (Vec<String>, Vec<String>) {
    let (mut seen, mut problems) = (Seen::default(), Vec::new());
    let result = read(Box::new(Cursor::new(text.as_bytes().to_vec())), "x", syntax, &mut seen, &mut |e| {
        problems.push(e.message().to_owned());
        Ok(())
    });
    result.expect("problems are skipped");
    (seen.lines, problems)
}

const DATA: &str = r#"
@prefix ex: <http://example.org/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:kurultai a foaf:Organization, ex:Body ;
    foaf:name "Kurultai"@en, "Құрылтай"@kk ;
    ex:founded "2022-06-14"^^xsd:date ;
    ex:seats 117, 98 ;
    ex:area "12"^^ex:hectare ;
    ex:partOf ex:state .
"#;

#[test]
fn statements_become_nodes_and_relationships() {
    let (seen, problems) = seen(DATA, Syntax::Turtle);
    assert_eq!(problems, Vec::<String>::new());
    let iri = "http://example.org/kurultai";
    assert!(seen[0].starts_with(&format!("/{iri} +:Organization:Body area='12' area_datatype=")), "{}", seen[0]);
    assert!(seen[0].contains("founded=2022-06-14 iri='http://example.org/kurultai'"), "{}", seen[0]);
    assert!(seen[0].contains("name_en='Kurultai' name_kk='Құрылтай' seats=[117, 98]"), "{}", seen[0]);
    assert_eq!(
        seen.last().expect("a relationship"),
        "/http://example.org/kurultai -partOf-> /http://example.org/state "
    );
}

#[test]
fn lists_and_blank_nodes_are_found_whatever_their_order() {
    let text = r#"@prefix ex: <http://example.org/> .
        ex:a ex:values ("x" 1 true), () ; ex:members (ex:b _:c) ; ex:knows [ ex:name "somebody" ] ."#;
    let (seen, problems) = seen(text, Syntax::Turtle);
    assert_eq!(problems, Vec::<String>::new());
    let all = seen.join("\n");
    assert!(all.contains("values=['x', 1, true]") && all.contains("values=[]"), "{all}");
    assert!(all.contains("-members-> /http://example.org/b position=1"), "{all}");
    assert!(all.contains("-members-> x/c position=2"), "{all}");
    assert!(all.contains("/http://example.org/a -knows-> x/") && all.contains("name='somebody'"), "{all}");
}

#[test]
fn two_iris_with_the_same_end_stay_apart_and_graphs_are_named() {
    let text = r#"@prefix a: <http://a.org/> . @prefix b: <http://b.org/> .
        a:g { a:x a:name "1" ; b:name "2" ; a:p a:y . }"#;
    let all = seen(text, Syntax::TriG).0.join("\n");
    assert!(all.contains("http://b.org/name='2'") && all.contains(" name='1'"), "{all}");
    assert!(all.contains("-p-> /http://a.org/y graph='http://a.org/g'"), "{all}");
}

#[test]
fn mistakes_are_placed_and_the_rest_is_read() {
    let (lines, problems) = seen(
        "<http://a.org/x> <http://a.org/p> \"1\" .\nnonsense here .\n<http://a.org/y> <http://a.org/p> 2 .\n",
        Syntax::Turtle,
    );
    assert!(problems[0].starts_with("x, line 2, column "), "{problems:?}");
    assert!(lines.join("\n").contains("p=2"), "{lines:?}");
    let (_, problems) = seen(
        "<http://a.org/x> <http://a.org/p> <http://a.org/list> .\n_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> \"a\" .\n_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .\n<http://a.org/x> <http://a.org/p> _:l .\n",
        Syntax::NTriples,
    );
    assert!(problems.iter().any(|p| p.contains("is broken")), "a list that bites its tail: {problems:?}");
}

#[test]
fn a_context_that_is_elsewhere_is_not_fetched() {
    let text = r#"{"@context": "https://schema.org/", "@type": "Person", "name": "Ada"}"#;
    let (_, problems) = seen(text, Syntax::JsonLd);
    assert!(problems[0].contains("https://schema.org/ is elsewhere, and nothing is fetched"), "{problems:?}");
    let text = r#"{"@context": {"ex": "http://example.org/"}, "@id": "ex:a", "@type": "ex:Person", "ex:name": "Ada"}"#;
    let (lines, problems) = seen(text, Syntax::JsonLd);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(lines[0], "/http://example.org/a +:Person iri='http://example.org/a' name='Ada'");
}
