//! Searches beside a look at every text, over histories of writes, copies and images.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::field::words;
use super::*;
use crate::graph::tests::{Parts, Random, parts_of};
use crate::graph::{LabelId, RelTypeId, check, image};
use crate::value::{NodeRef, RelRef, Value};

const WORDS: [&str; 12] =
    ["court", "Court", "сот", "құрылтай", "Kurultai", "supreme", "law", "lawful", "people's", "東京", "of", "U.N."];

fn text(random: &mut Random) -> Value {
    let count = random.below(5);
    let some = (0..count).map(|_| WORDS[random.below(WORDS.len())]).collect::<Vec<_>>();
    match random.below(12) {
        0 => Value::Int(7),
        1 => Value::list(some.into_iter().map(Value::from).collect()).expect("flat"),
        _ => some.join([" ", ", ", "-"][random.below(3)]).into(),
    }
}

fn spelt(value: &Value) -> Vec<String> {
    match value {
        Value::Str(text) => words(text),
        Value::List(items) => items.iter().flat_map(spelt).collect(),
        _ => Vec::new(),
    }
}

/// Nodes with their labels, relationships with their type, and the two properties of each.
#[derive(Clone, Default)]
struct Model {
    nodes: BTreeMap<u64, (Vec<u32>, [Value; 2])>,
    rels: BTreeMap<u64, (u32, [Value; 2])>,
}

impl Model {
    /// The ids for which `fits` holds of the words of their texts, among what an index on the first two labels (or the
    /// first type) is about.
    fn ids(&self, nodes: bool, fits: &dyn Fn(&[Vec<String>; 2]) -> bool) -> Vec<u64> {
        let fits = |texts: &[Value; 2]| fits(&[spelt(&texts[0]), spelt(&texts[1])]);
        if nodes {
            let about = self.nodes.iter().filter(|(_, (labels, _))| labels.iter().any(|label| *label < 2));
            about.filter(|(_, (_, texts))| fits(texts)).map(|(id, _)| *id).collect()
        } else {
            let about = self.rels.iter().filter(|(_, (ty, _))| *ty == 0);
            about.filter(|(_, (_, texts))| fits(texts)).map(|(id, _)| *id).collect()
        }
    }
}

fn setup() -> Graph {
    let mut graph = Graph::new();
    (0..3).for_each(|n| drop(graph.ensure_label(&format!("L{n}"))));
    (0..2).for_each(|n| drop(graph.ensure_type(&format!("T{n}"))));
    ["p", "q"].iter().for_each(|key| drop(graph.ensure_key(key)));
    let keys = [KeyId(0), KeyId(1)];
    let labels = [Subject::Nodes(LabelId(0)), Subject::Nodes(LabelId(1))];
    graph.create_text_index(Some("nodes"), &labels, &keys).expect("new");
    graph.create_text_index(Some("rels"), &[Subject::Rels(RelTypeId(0))], &keys).expect("new");
    graph.commit();
    graph
}

fn write(graph: &mut Graph, model: &mut Model, random: &mut Random) {
    let keys = [KeyId(0), KeyId(1)];
    let some = |random: &mut Random, ids: Vec<u64>| (!ids.is_empty()).then(|| ids[random.below(ids.len())]);
    let node = some(random, model.nodes.keys().copied().collect());
    match (random.below(9), node) {
        (0 | 1, _) | (_, None) => {
            let labels: Vec<u32> = (0..3).filter(|_| random.below(2) == 0).collect();
            let texts = [text(random), text(random)];
            let own: Vec<LabelId> = labels.iter().map(|label| LabelId(*label)).collect();
            let node = graph.create_node(&own, keys.into_iter().zip(texts.clone())).expect("room");
            model.nodes.insert(graph.node_id(node).0, (labels, texts));
        }
        (2, Some(id)) => {
            let (ty, texts) = (random.below(2) as u32, [text(random), text(random)]);
            let node = graph.node_by_id(id).expect("lives");
            let rel = graph.create_rel(node, node, RelTypeId(ty), keys.into_iter().zip(texts.clone())).expect("room");
            model.rels.insert(graph.rel_id(rel).0, (ty, texts));
        }
        (3 | 4, Some(id)) => {
            let (at, new) = (random.below(2), [text(random), Value::Null][usize::from(random.below(4) == 0)].clone());
            graph.set_node_property(graph.node_by_id(id).expect("lives"), keys[at], new.clone()).expect("room");
            model.nodes.get_mut(&id).expect("there").1[at] = new;
        }
        (5, _) => {
            let Some(id) = some(random, model.rels.keys().copied().collect()) else { return };
            let (at, new) = (random.below(2), text(random));
            graph.set_rel_property(graph.rel_by_id(id).expect("lives"), keys[at], new.clone()).expect("room");
            model.rels.get_mut(&id).expect("there").1[at] = new;
        }
        (6, Some(id)) => {
            let (node, label) = (graph.node_by_id(id).expect("lives"), random.below(3) as u32);
            let labels = &mut model.nodes.get_mut(&id).expect("there").0;
            match labels.iter().position(|own| *own == label) {
                Some(at) => {
                    labels.remove(at);
                    graph.remove_label(node, LabelId(label)).expect("lives");
                }
                None => {
                    labels.push(label);
                    graph.add_label(node, LabelId(label)).expect("lives");
                }
            }
        }
        (7, _) => {
            let Some(id) = some(random, model.rels.keys().copied().collect()) else { return };
            graph.delete_rel(graph.rel_by_id(id).expect("lives"));
            model.rels.remove(&id);
        }
        (_, Some(id)) => {
            let node = graph.node_by_id(id).expect("lives");
            let mut loops = Vec::new();
            graph.for_each_neighbour(node, crate::graph::Dir::Out, &[], |rel, _| loops.push(graph.rel_id(rel).0));
            loops.iter().for_each(|rel| drop(model.rels.remove(rel)));
            graph.delete_node(node, true);
            model.nodes.remove(&id);
        }
    }
}

fn found(graph: &Graph, nodes: bool, search: &str) -> Vec<u64> {
    let name = if nodes { "nodes" } else { "rels" };
    let hits = graph.search_texts(name, nodes, search, &mut |_| Ok(())).expect("well formed");
    assert!(hits.is_sorted_by(|a, b| a.1 > b.1 || a.1 == b.1 && a.0 < b.0), "the best first: {hits:?}");
    let id = |(slot, _): &(u32, f64)| match nodes {
        true => graph.node_id(NodeRef::new(*slot)).0,
        false => graph.rel_id(RelRef::new(*slot)).0,
    };
    let mut ids: Vec<u64> = hits.iter().map(id).collect();
    ids.sort_unstable();
    ids
}

fn agree(graph: &Graph, model: &Model) {
    let has = |texts: &[Vec<String>; 2], word: &str| texts.iter().any(|text| text.contains(&words(word)[0]));
    let begins = |texts: &[Vec<String>; 2], start: &str| texts.iter().flatten().any(|word| word.starts_with(start));
    let follows = |text: &[String], phrase: &str| text.windows(words(phrase).len()).any(|part| *part == words(phrase));
    type Fits<'f> = Box<dyn Fn(&[Vec<String>; 2]) -> bool + 'f>;
    let cases: Vec<(&str, Fits<'_>)> = vec![
        ("court", Box::new(|t| has(t, "court"))),
        ("court law", Box::new(|t| has(t, "court") || has(t, "law"))),
        ("court AND law", Box::new(|t| has(t, "court") && has(t, "law"))),
        ("court AND NOT law", Box::new(|t| has(t, "court") && !has(t, "law"))),
        ("+supreme -(court law)", Box::new(|t| has(t, "supreme") && !has(t, "court") && !has(t, "law"))),
        ("p:court", Box::new(|t| t[0].contains(&"court".to_owned()) || t[0].contains(&words("COURT")[0]))),
        (
            "q:(law OR of)",
            Box::new(|t| {
                t[1].contains(&"law".into()) || t[1].contains(&words("law")[0]) || t[1].contains(&"of".into())
            }),
        ),
        ("\"supreme court\"", Box::new(|t| t.iter().any(|text| follows(text, "supreme court")))),
        ("東京", Box::new(|t| t.iter().any(|text| follows(text, "東京")))),
        ("la*", Box::new(|t| begins(t, "la"))),
        ("PEOPLES", Box::new(|t| has(t, "people's"))),
        ("sot", Box::new(|t| has(t, "сот"))),
        ("un", Box::new(|t| has(t, "U.N."))),
        ("cuort~1", Box::new(|t| has(t, "court"))),
        ("*:*", Box::new(|t| t.iter().any(|text| !text.is_empty()))),
        ("-court", Box::new(|_| false)),
    ];
    for nodes in [true, false] {
        for (search, fits) in &cases {
            assert_eq!(found(graph, nodes, search), model.ids(nodes, fits), "{search} nodes {nodes}");
        }
    }
}

#[test]
fn searches_find_what_a_look_at_every_text_finds() {
    for seed in 0..10 {
        let mut random = Random(seed * 7_919 + 3);
        let (mut graph, mut model) = (setup(), Model::default());
        let mut copies = Vec::new();
        for round in 0..40 {
            let before = (graph.clone(), model.clone());
            for _ in 0..random.below(12) {
                write(&mut graph, &mut model, &mut random);
                if random.below(5) == 0 {
                    agree(&graph, &model);
                }
            }
            match random.below(6) {
                0 => (graph, model) = before,
                1 => {
                    graph.validate().expect("nothing is left over");
                    graph.commit();
                    graph = image::open(Arc::new(Parts(parts_of(&graph).into()))).expect("whole");
                    assert_eq!(graph.text_definitions().count(), 2);
                }
                _ => {
                    graph.validate().expect("nothing is left over");
                    graph.commit();
                }
            }
            if round % 10 == 0 {
                copies.push((graph.clone(), model.clone()));
            }
            agree(&graph, &model);
            assert_eq!(check(&graph), Vec::<String>::new());
        }
        copies.iter().for_each(|(copy, model)| agree(copy, model));
    }
}

#[test]
fn spellings_of_one_word_meet_where_nothing_is_spelt_as_asked() {
    let mut graph = setup();
    let texts = ["Ұлттық құрылтай", "The National Kurultai", "National Council"];
    for text in texts {
        graph.create_node(&[LabelId(0)], [(KeyId(0), text.into())]).expect("room");
    }
    assert_eq!(found(&graph, true, "kuryltai"), [0], "as it is spelt");
    assert_eq!(found(&graph, true, "Qurultay"), [1]);
    assert_eq!(found(&graph, true, "kyryltay"), [0, 1], "loosely, where nobody spells it so");
    assert_eq!(found(&graph, true, "national^3 council"), [1, 2]);
}

#[test]
fn the_rarer_word_and_the_shorter_text_come_first() {
    let mut graph = setup();
    let texts = ["law court", "law", "court", "law law law of the land", "law and order", "a supreme court of law"];
    for text in texts {
        graph.create_node(&[LabelId(0)], [(KeyId(0), text.into())]).expect("room");
    }
    let hits = |search: &str| -> Vec<u32> {
        let hits = graph.search_texts("nodes", true, search, &mut |_| Ok(())).expect("well formed");
        hits.into_iter().map(|hit| hit.0).collect()
    };
    assert_eq!(hits("supreme law").first(), Some(&5), "one word that few have counts more than one that many have");
    assert_eq!(hits("court"), [2, 0, 5], "the shorter the text, the more a word says of it");
    assert!(hits("law").iter().position(|slot| *slot == 3) < hits("law").iter().position(|slot| *slot == 5));
}

#[test]
fn a_write_copies_the_shards_of_its_words() {
    let mut graph = setup();
    for n in 0..30_000u32 {
        let name = format!("body {} of {}", n % 977, n / 7);
        graph.create_node(&[LabelId(0)], [(KeyId(0), name.into())]).expect("room");
    }
    graph.commit();
    assert_eq!(found(&graph, true, "977").len(), 7, "the index is built");
    let mut copy = graph.clone();
    copy.set_node_property(NodeRef::new(20_000), KeyId(0), "another body".into()).expect("room");
    let index = |graph: &Graph| graph.indexes.texts().next().expect("declared").clone();
    let own = index(&copy).own(&index(&graph));
    assert!((1..=6).contains(&own), "{own} shards");
    assert_eq!(found(&graph, true, "another"), Vec::<u64>::new());
    assert_eq!(found(&copy, true, "another"), [20_000]);
}

#[test]
fn a_search_stops_when_it_is_told_to() {
    let mut graph = setup();
    for n in 0..100u32 {
        graph.create_node(&[LabelId(0)], [(KeyId(0), format!("body {n}").into())]).expect("room");
    }
    let mut left = 20;
    let mut step = |work: usize| {
        left -= work as i32;
        if left < 0 { Err(Error::limit(Code::Time, "enough")) } else { Ok(()) }
    };
    assert!(graph.search_texts("nodes", true, "b*", &mut step).is_err());
    let error = graph.search_texts("node", true, "b", &mut |_| Ok(())).expect_err("no such index");
    assert_eq!((error.code(), error.hint_text()), (Code::IndexNotFound, Some("did you mean `nodes`?")));
    assert!(graph.search_texts("nodes", false, "b", &mut |_| Ok(())).is_err(), "it is on nodes");
    assert!(graph.search_texts("nodes", true, "r:b", &mut |_| Ok(())).is_err(), "no such property");
}
