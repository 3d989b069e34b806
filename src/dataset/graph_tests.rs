//! The dataset as a graph: what the tables say must be what the graph holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::{self, Object};
use crate::graph::{Dir, Graph};
use crate::lineage;
use crate::provenance::{FactId, KnowledgeGraph, RelationType, Role};
use crate::value::{NodeRef, RelRef, Value};

fn loaded() -> KnowledgeGraph {
    dataset::load(&dataset::builtin()).unwrap()
}

fn node(graph: &Graph, key: &str, wanted: &str) -> NodeRef {
    let key = graph.key(key).unwrap();
    let mut slots = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_nodes(at, &mut slots, 1024);
    }
    let found = slots
        .into_iter()
        .map(NodeRef::new)
        .find(|node| matches!(graph.node_property(*node, key), Value::Str(text) if *text == *wanted));
    found.unwrap_or_else(|| panic!("no node with {wanted}"))
}

fn text(graph: &Graph, node: NodeRef, key: &str) -> String {
    match graph.node_property(node, graph.key(key).unwrap()) {
        Value::Str(text) => text.to_string(),
        other => panic!("{key} is {other:?}"),
    }
}

fn rel(graph: &Graph, start: &str, ty: &str, end: &str) -> RelRef {
    let (start, end) = (node(graph, "id", start), node(graph, "id", end));
    let mut found = None;
    graph.for_each_neighbour(start, Dir::Out, &[graph.rel_type(ty).unwrap()], |rel, other| {
        if other == end {
            assert_eq!(found.replace(rel), None, "one fact is one relationship");
        }
    });
    found.unwrap()
}

#[test]
fn counts_of_the_graph_are_counts_of_the_tables() {
    let KnowledgeGraph { graph, evidence, vocabulary } = loaded();
    let count = |label: &str| graph.label_count(graph.label(label).unwrap());
    assert_eq!(count("Entity"), 304);
    assert_eq!(graph.rel_count(), 591);
    assert_eq!(count("Source"), 5);
    assert_eq!(count("Entity") + count("Literal"), graph.node_count());
    assert_eq!(count("Quantity") + count("Date") + count("Text"), count("Literal"));
    assert_eq!(evidence.mention_count(), 705);
    assert_eq!(evidence.sources().len(), 5);
    assert_eq!(vocabulary.types().len(), 52);
    assert_eq!(vocabulary.conflicts.len(), 14);
    let support = evidence.rels().fold(BTreeMap::<usize, usize>::new(), |mut tally, (rel, _)| {
        *tally.entry(evidence.support(FactId::Rel(rel))).or_default() += 1;
        tally
    });
    assert_eq!(support, BTreeMap::from([(1, 513), (2, 56), (3, 16), (4, 4), (5, 2)]));
}

#[test]
fn support_of_relations_documents_and_entities_agrees_with_the_inventory() {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let dir = std::env::var_os("SHEJIRE_SHARED").map_or(beside, Into::into);
    if !dir.is_dir() {
        eprintln!("left out: {} is no folder (set SHEJIRE_SHARED)", dir.display());
        return;
    }
    let KnowledgeGraph { graph, evidence, .. } = loaded();
    let claims = std::fs::read_to_string(dir.join("facts/claims.tsv")).unwrap();
    let mut theirs: BTreeMap<(String, usize), usize> = BTreeMap::new();
    for row in claims.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        *theirs.entry((row[1].to_owned(), row[5].parse().unwrap())).or_default() += 1;
    }
    let mut ours: BTreeMap<(String, usize), usize> = BTreeMap::new();
    for (rel, _) in evidence.rels() {
        let ty = graph.type_name(graph.rel(rel).ty).to_owned();
        *ours.entry((ty, evidence.support(FactId::Rel(rel)))).or_default() += 1;
    }
    assert_eq!(ours, theirs);
    let entities = std::fs::read_to_string(dir.join("facts/entities.tsv")).unwrap();
    for row in entities.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>()) {
        let node = node(&graph, "id", row[0]);
        assert_eq!(evidence.support(FactId::Node(node)).to_string(), row[7], "{}", row[0]);
    }
}

#[test]
fn a_fact_keeps_its_mentions_and_what_they_say_differently() {
    let KnowledgeGraph { graph, evidence, .. } = loaded();
    let became = rel(&graph, "national-council-of-public-trust", "transformed-into", "national-kurultai");
    let cited: Vec<String> =
        evidence.places(FactId::Rel(became)).into_iter().map(|place| evidence.cite(place)).collect();
    assert_eq!(cited, ["000:11.1", "000:39.1", "001:22.1"]);
    assert_eq!(evidence.support(FactId::Rel(became)), 2);
    let property = |rel: RelRef, key: &str| graph.rel_property(rel, graph.key(key).unwrap());
    assert!(matches!(property(became, "wording"), Value::List(list) if list.len() == 3));
    assert!(matches!(property(became, "evaluative"), Value::Bool(false)));
    assert!(matches!(property(became, "fact"), Value::Str(id) if &*id == "F0030"));

    let moved = rel(&graph, "prisoner-medical-care-function", "transferred-to", "ministry-of-health");
    assert!(matches!(property(moved, "from"), Value::Str(id) if &*id == "ministry-of-internal-affairs"));
    let chair = rel(&graph, "president-of-kazakhstan", "appoints", "constitutional-court-chairman");
    let consent = property(chair, "with_consent_of");
    assert!(matches!(&consent, Value::List(ids) if matches!(ids.items(), [Value::Str(id)] if &**id == "senate")));
}

#[test]
fn literals_carry_value_unit_bound_and_dates_their_span() {
    let KnowledgeGraph { graph, .. } = loaded();
    let value = |node: NodeRef, key: &str| graph.node_property(node, graph.key(key).unwrap());
    let share = node(&graph, "name", "over 77 percent");
    assert!(matches!(value(share, "value"), Value::Int(77)));
    assert_eq!((text(&graph, share, "unit"), text(&graph, share, "bound")), ("percent".into(), "over".into()));
    let threshold = node(&graph, "name", "5000 members");
    assert!(matches!(value(threshold, "value"), Value::Int(5000)));
    let ages = node(&graph, "name", "18-28 years");
    assert!(matches!((value(ages, "value"), value(ages, "upper")), (Value::Int(18), Value::Int(28))));
    let month = node(&graph, "edtf", "2023-03");
    let day = |key: &str| match value(month, key) {
        Value::Date(date) => date.civil(),
        other => panic!("{other:?}"),
    };
    assert_eq!((day("earliest"), day("latest")), ((2023, 3, 1), (2023, 3, 31)));
    let printed = node(&graph, "value", "10-07-2025");
    assert_eq!(text(&graph, printed, "edtf"), "[2025-07-10,2025-10-07]");
}

#[test]
fn the_vocabulary_says_what_descends_from_what() {
    let KnowledgeGraph { graph, vocabulary, evidence } = loaded();
    let role = |t: &RelationType| t.descent.as_ref().map(|descent| descent.role);
    let all = vocabulary.types().iter().filter(|t| role(t) == Some(Role::Succession));
    let succession: Vec<&str> = all.map(|t| &*t.name).collect();
    assert_eq!(succession, ["transformed-into", "replaced-by", "followed-by"]);
    assert!(vocabulary.contradict("re-established", "established"));
    let health = vocabulary.conflicts.iter().find(|c| &*c.id == "C9").unwrap();
    assert_eq!(health.sides[0].rel, health.sides[1].rel);
    let documents = health.sides.iter().map(|side| evidence.source(side.sources[0]).unwrap().id.to_string());
    assert_eq!(documents.collect::<Vec<_>>(), ["000", "001"]);
    let terms: BTreeSet<&str> = vocabulary.get("transformed-into").unwrap().terms.iter().map(|t| &**t).collect();
    assert!(terms.contains("wikidata:P1366") && terms.contains("^prov:wasDerivedFrom"));
    assert!(vocabulary.types().iter().all(|t| graph.rel_type(&t.name).is_some()), "every relation is in use");
}

#[test]
fn conflicts_are_the_declared_ones_and_one_that_the_mentions_show() {
    let KnowledgeGraph { graph, vocabulary, evidence } = loaded();
    let lists = lineage::validity::Lists::of(&graph, &evidence, &vocabulary);
    let ground =
        lineage::Ground { graph: &graph, evidence: &evidence, vocabulary: &vocabulary, view: None, lists: &lists };
    let all = lineage::conflicts(&ground, None);
    let further: Vec<String> = all.iter().filter(|c| c.id.is_empty()).map(|c| format!("{:?}", c.sides)).collect();
    // one fact, of which two documents say how far it is
    assert!(matches!(further.as_slice(), [one] if one.contains("completed") && one.contains("ongoing")), "{further:?}");
    let ids: Vec<&str> = all.iter().map(|c| &*c.id).collect();
    assert_eq!(ids.join(" ").trim_end(), "C1 C2 C3 C4 C5 C6 C7a C8 C11 C12 C13 C18 C9 C10");
    let court = node(&graph, "id", "constitutional-court");
    let of_court = lineage::conflicts(&ground, Some(court));
    assert_eq!(of_court.iter().map(|c| &*c.id).collect::<Vec<_>>(), ["C1"]);
}

#[test]
fn the_example_loads_with_its_dates() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/city-councils");
    let data = dataset::open(&folder).unwrap();
    let KnowledgeGraph { graph, evidence, vocabulary } = dataset::load(&data).unwrap();
    let assembly = node(&graph, "id", "city-assembly");
    assert_eq!((text(&graph, assembly, "start"), text(&graph, assembly, "end")), ("2019".into(), "..".into()));
    let merged = rel(&graph, "harbour-board", "merged-into", "city-council");
    let date = graph.rel_property(merged, graph.key("date").unwrap());
    assert!(
        matches!(date, Value::Str(text) if &*text == "[2004-12-31,2005]"),
        "the two sources disagree about the date"
    );
    assert_eq!(evidence.support(FactId::Rel(merged)), 2);
    assert!(vocabulary.get("founded-in").unwrap().descent.is_some());
    let facts: BTreeSet<[&str; 3]> = data
        .mentions
        .iter()
        .filter(|m| matches!(m.object, Object::Entity(_)))
        .map(|m| [&*m.subject, &*m.relation, m.object.text()])
        .collect();
    assert_eq!(graph.rel_count(), facts.len() as u64 + 1);
}
