//! RDF that another program has written again is still our graph: in any order, with prefixes of its own, cut as it cuts.

use std::collections::{BTreeMap, HashSet};

use oxrdf::{Literal, NamedOrBlankNode, Term, Triple};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shejire::Engine;
use shejire::io::Subgraph;

use crate::desk::{installed, shejire};
use crate::formats::{counts, drawn, exported, lines, made, python, read_again, unnumbered, written};

/// Numbers below a bound, the same for the same seed.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    }
}

fn shuffle<T>(all: &mut [T], next: &mut impl FnMut(usize) -> usize) {
    (1..all.len()).rev().for_each(|at| all.swap(at, next(at + 1)));
}

/// Nodes that are called by IRIs of their own have no number to be ordered by: then only the size is looked at.
fn same(got: &Subgraph, wanted: &Subgraph) -> Result<(), TestCaseError> {
    if lines(wanted).contains("\"iri\":") {
        prop_assert_eq!(lines(got).lines().count(), lines(wanted).lines().count());
    } else {
        prop_assert_eq!(unnumbered(got), unnumbered(wanted));
    }
    Ok(())
}

/// What a program that keeps numbers and moments as Python does leaves of a literal: rdflib writes a double in Turtle with
/// `%e`, and has no nanoseconds.
fn cut(literal: &Literal) -> Literal {
    let text = literal.value();
    let text = match literal.datatype().as_str().rsplit('#').next() {
        Some("double") => text.parse::<f64>().map_or_else(|_| text.to_owned(), |x| format!("{x:.6e}")),
        Some("dateTime" | "time" | "duration") => match text.split_once('.') {
            Some((whole, fraction)) => {
                let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
                format!("{whole}.{}{}", &fraction[..digits.min(6)], &fraction[digits..])
            }
            None => text.to_owned(),
        },
        _ => return literal.clone(),
    };
    Literal::new_typed_literal(text, literal.datatype().into_owned())
}

/// A model of such a program: each statement once, subjects in any order, prefixes that end where it likes.
fn another_program(graph: &Subgraph, seed: u64) -> Vec<u8> {
    let mut next = numbers(seed);
    let text = written("ntriples", graph);
    let mut by_subject: BTreeMap<String, (NamedOrBlankNode, HashSet<Triple>)> = BTreeMap::new();
    for triple in oxttl::NTriplesParser::new().for_slice(text.as_bytes()) {
        let mut triple = triple.unwrap();
        if let Term::Literal(literal) = &triple.object {
            triple.object = cut(literal).into();
        }
        let block =
            by_subject.entry(triple.subject.to_string()).or_insert_with(|| (triple.subject.clone(), HashSet::new()));
        block.1.insert(triple);
    }
    let mut blocks: Vec<Vec<Triple>> = by_subject.into_values().map(|(_, all)| all.into_iter().collect()).collect();
    blocks.iter_mut().for_each(|block| block.sort_by_key(ToString::to_string));
    shuffle(&mut blocks, &mut next);
    let mut serializer = oxttl::TurtleSerializer::new();
    for (at, triple) in blocks.iter().flatten().enumerate() {
        let iri = triple.predicate.as_str();
        let local = iri.rfind([':', '#', '/']).map_or(0, |at| at + 1);
        let ends: Vec<usize> = (local..=iri.len()).filter(|at| iri.is_char_boundary(*at)).collect();
        let prefix = &iri[..ends[next(ends.len())]];
        serializer = serializer.with_prefix(format!("ns{at}"), prefix).unwrap_or_else(|e| panic!("{prefix}: {e}"));
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in blocks.iter_mut().flat_map(|block| {
        shuffle(block, &mut next);
        block.iter()
    }) {
        writer.serialize_triple(triple).unwrap();
    }
    writer.finish().unwrap()
}

proptest! {
    #![proptest_config(crate::desk::drawn(60))]

    #[test]
    fn turtle_of_another_program_is_the_graph_it_was(drawn in drawn(), seed in any::<u64>()) {
        let graph = made(&drawn);
        same(&read_again("turtle", &another_program(&graph, seed)), &graph)?;
    }

    /// Somebody sorts our N-Triples, or rdflib writes them again: the statements are the same.
    #[test]
    fn lines_of_rdf_may_stand_in_any_order(drawn in drawn(), seed in any::<u64>()) {
        let graph = made(&drawn);
        for format in ["ntriples", "nquads"] {
            let text = written(format, &graph);
            let mut shuffled: Vec<&str> = text.lines().collect();
            shuffle(&mut shuffled, &mut numbers(seed));
            same(&read_again(format, (shuffled.join("\n") + "\n").as_bytes()), &graph)?;
        }
    }
}

#[test]
fn numbers_and_moments_that_others_cut_come_back_unless_somebody_changed_them() {
    let engine = Engine::in_memory();
    engine
        .run(
            "CREATE ({x: 51.507351234567, few: 4.5, t: localtime('12:31:14.645876123'), d: duration('PT0.000000001S'),
                      l: [0.1234567891, 0.1234567892, 'z', 'a'], i: 1.0 / 0.0})",
        )
        .unwrap();
    let graph = Subgraph::whole(&engine).unwrap();
    assert_eq!(unnumbered(&read_again("turtle", &another_program(&graph, 1))), unnumbered(&graph));
    // a value changed elsewhere counts
    let text = written("ntriples", &graph).replace("\"51.507351234567\"^^<http", "\"52.0\"^^<http");
    assert!(lines(&read_again("ntriples", text.as_bytes())).contains("\"x\":52.0"));
}

#[test]
fn what_rdflib_and_pyoxigraph_write_again_is_the_same_graph() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let rdflib =
        "import rdflib; g = rdflib.Graph(); g.parse(f, format=FROM); g.serialize(t, format=TO, encoding='utf-8')";
    let pyoxigraph = "import pyoxigraph as o; s = o.Store(); s.load(path=f, format=o.RdfFormat.TURTLE); s.dump(t, format=o.RdfFormat.TO, from_graph=o.DefaultGraph())";
    // JSON-LD is not among them: rdflib makes numbers of the language of doubles, and 1.0 is an integer there
    for (module, program, from, to, format) in [
        ("rdflib", rdflib, "'turtle'", "'turtle'", ("turtle", "turtle")),
        ("rdflib", rdflib, "'turtle'", "'nt'", ("turtle", "ntriples")),
        ("rdflib", rdflib, "'nt'", "'turtle'", ("ntriples", "turtle")),
        ("pyoxigraph", pyoxigraph, "", "TURTLE", ("turtle", "turtle")),
        ("pyoxigraph", pyoxigraph, "", "N_TRIPLES", ("turtle", "ntriples")),
    ] {
        if !installed("python3", &["-c", &format!("import {module}")]) {
            continue;
        }
        for case in 0..8 {
            let graph = made(&drawn().new_tree(&mut runner).unwrap().current());
            let (file, again) = (folder.path().join("g"), folder.path().join(format!("again{case}")));
            std::fs::write(&file, written(format.0, &graph)).unwrap();
            let program = program.replace("FROM", from).replace("TO", to);
            let program = format!("import sys; f = sys.argv[1]; t = {:?}\n{program}", again.to_str().unwrap());
            python(&program, file.to_str().unwrap());
            let got = read_again(format.1, &std::fs::read(&again).unwrap());
            same(&got, &graph).unwrap_or_else(|error| panic!("{module} {format:?}: {error}"));
        }
    }
}

#[test]
fn rdflib_reads_every_mention() {
    if !installed("python3", &["-c", "import rdflib"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (nodes, rels, mentions) = counts();
    let program = "import sys, rdflib
g = rdflib.Dataset(default_union=True); g.parse(sys.argv[1], format=FORMAT)
T = rdflib.Namespace('urn:shejire:term:'); PROV = rdflib.PROV
count = lambda c: len(set(g.subjects(rdflib.RDF.type, c)))
print(count(T.Node), count(T.Relationship), count(T.Mention))
print(len(set(g.subjects(PROV.hadPrimarySource, None))), len(set(g.subject_objects(PROV.wasDerivedFrom))) > 0)";
    for (format, name) in [("turtle", "turtle"), ("trig", "trig"), ("jsonld", "json-ld")] {
        let file = exported(&folder, format);
        let said = python(&program.replace("FORMAT", &format!("'{name}'")), &file);
        assert_eq!(said, format!("{nodes} {rels} {mentions}\n{mentions} True"), "{format}");
    }
}

#[test]
fn what_rdflib_writes_again_is_still_our_graph() {
    if !installed("python3", &["-c", "import rdflib"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, store) = (exported(&folder, "turtle"), folder.path().join("g.shejire").to_str().unwrap().to_owned());
    let again = folder.path().join("again.ttl").to_str().unwrap().to_owned();
    let program =
        format!("import sys, rdflib; rdflib.Graph().parse(sys.argv[1]).serialize({again:?}, format='turtle')");
    python(&program, &file);
    shejire(&["import", "--db", &store, &again], b"").well();
    let count =
        "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS n, count(r) AS r, sum(support(r)) AS s";
    let of = |source: &[&str]| shejire(&[&["query", count, "--format", "csv"][..], source].concat(), b"").well();
    assert_eq!(of(&["--db", &store]), of(&[]));
}
