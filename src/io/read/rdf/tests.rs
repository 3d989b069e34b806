//! What is read from other people's RDF, and what is refused.

use std::io::Cursor;

use super::*;
use crate::io::read::Seen;

fn seen(text: &str, syntax: Syntax) -> (Vec<String>, Vec<String>) {
    let (mut seen, mut problems) = (Seen::default(), Vec::new());
    let result = read(Box::new(Cursor::new(text.as_bytes().to_vec())), "x", syntax, None, &mut seen, &mut |e| {
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
    let (lines, problems) = seen(
        "<http://a.org/x> <http://a.org/p> <http://a.org/list> .\n_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> \"a\" .\n_:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .\n<http://a.org/x> <http://a.org/p> _:l .\n",
        Syntax::NTriples,
    );
    assert_eq!(problems, Vec::<String>::new());
    let all = lines.join("\n");
    assert!(all.contains("first='a'") && all.contains("x/l -rest-> x/l"), "a list that bites its tail: {all}");
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

#[test]
fn a_statement_said_twice_is_one_wherever_it_stands() {
    let text = "<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n<http://e.org/b> <http://e.org/n> \"x\" .\n\
        <http://e.org/a> <http://e.org/p> <http://e.org/b> .\n<http://e.org/b> <http://e.org/p> <http://e.org/a> .\n";
    let (lines, _) = seen(text, Syntax::NTriples);
    assert_eq!(lines.iter().filter(|l| l.contains("-p->")).count(), 2, "{lines:?}");
}

#[test]
fn a_list_of_more_than_values_loses_nothing() {
    let mixed = "@prefix e: <http://e.org/> . e:a e:p ( e:x \"text\" 2 _:b ) ; e:q ( 1 ( 2 3 ) ) ; e:r ( \"a\"@en ) .";
    let (lines, problems) = seen(mixed, Syntax::Turtle);
    let all = lines.join("\n");
    assert_eq!(problems, Vec::<String>::new());
    assert!(all.contains("p=['text', 2] p_position=[2, 3]"), "{all}");
    assert!(all.contains("-p-> /http://e.org/x position=1") && all.contains("position=4"), "{all}");
    assert!(all.contains("q=[1, [2, 3]]"), "{all}");
    assert!(all.contains("-r-> x/") && all.contains("first_en='a'"), "{all}");
    let spoken_of = "@prefix e: <http://e.org/> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n\
        e:a e:p _:l . _:l rdf:first 1 ; rdf:rest () ; e:note \"my list\" . _:o rdf:first 2 ; rdf:rest () .";
    let (lines, _) = seen(spoken_of, Syntax::Turtle);
    let all = lines.join("\n");
    assert!(all.contains("first=1 note='my list'") && all.contains("-p-> x/l") && all.contains("first=2"), "{all}");
}

#[test]
fn statements_about_statements_are_properties_or_nodes() {
    let prefix = "@prefix e: <http://e.org/> .\n";
    let of = |text: &str| seen(&format!("{prefix}{text}"), Syntax::Turtle).0.join("\n");
    let all = of("<< e:a e:p e:b >> e:said \"x\" .");
    assert!(all.contains("/http://e.org/a -p-> /http://e.org/b asserted=false said='x'"), "{all}");
    let all = of("e:a e:p e:b {| e:said \"x\" |} .");
    assert!(!all.contains("asserted"), "{all}");
    let all = of("e:a e:p e:b ~ e:r {| e:by e:c |} .");
    assert!(all.contains("/http://e.org/r -by-> /http://e.org/c"), "{all}");
    assert!(
        all.contains("predicate='http://e.org/p'") && all.contains("/http://e.org/r -subject-> /http://e.org/a"),
        "{all}"
    );
    // what stands in brackets parts what is said of one statement
    let all = of("e:a e:p e:b {| e:from [ e:by e:c ] ; e:from [ e:by e:d ] |} .");
    assert!(all.contains("predicate='http://e.org/p'") && all.matches(" -from-> ").count() == 2, "{all}");
    assert!(all.contains(" -subject-> /http://e.org/a") && all.contains(" -object-> /http://e.org/b"), "{all}");
}

#[test]
fn names_of_two_vocabularies_stay_apart_in_two_files() {
    let mut sink = Seen::default();
    for space in ["http://xmlns.com/foaf/0.1/", "http://schema.org/", "http://xmlns.com/foaf/0.1/"] {
        let text = format!("<http://e.org/{}> <{space}name> \"{}\" .\n", space.len(), space.len());
        let input = Box::new(Cursor::new(text.into_bytes()));
        read(input, "x", Syntax::NTriples, None, &mut sink, &mut |e| Err(e)).expect("well formed");
    }
    let all = sink.lines.join("\n");
    assert_eq!(all.matches(" name='26'").count(), 2, "{all}");
    assert!(all.contains("http://schema.org/name='18'"), "{all}");
}

#[test]
fn relative_iris_need_a_base_and_say_so() {
    let text = "<#a> <#knows> <#b> .";
    let (_, problems) = seen(text, Syntax::Turtle);
    assert!(problems[0].contains("a relative IRI needs a base"), "{problems:?}");
    let mut sink = Seen::default();
    let input = Box::new(Cursor::new(text.as_bytes().to_vec()));
    read(input, "x", Syntax::Turtle, Some("http://e.org/f"), &mut sink, &mut |e| Err(e)).expect("with a base");
    assert!(sink.lines.iter().any(|l| l.contains("/http://e.org/f#a -knows-> /http://e.org/f#b")), "{:?}", sink.lines);
}
