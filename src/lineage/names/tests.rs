//! Names lead to their nodes, whatever has changed since the index was made.

use super::*;

impl NameIndex {
    /// Lists a node under its main name. A node listed again keeps its first name.
    fn add_node(&mut self, node: NodeRef, kind: &str, name: &str, language: &str) {
        if self.part_of(node).is_none() {
            self.last_mut().add_node(node, kind, name, language);
        }
    }

    /// Gives the node that was listed last a further name (or its id). Any other node takes none.
    fn add_name(&mut self, node: NodeRef, text: &str, status: Status, language: &str, script: &str) {
        let last = self.last_mut();
        if last.names.last().is_some_and(|name| name.node == node) {
            last.push(node, text, status, language, script);
        }
    }

    fn last_mut(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Arc::default());
        }
        let last = self.parts.len() - 1;
        Arc::make_mut(&mut self.parts[last])
    }

    /// Number of nodes listed.
    fn len(&self) -> usize {
        let mains = |part: &Part| part.nodes.values().flatten().map(|(_, main)| *main).collect::<Vec<_>>();
        self.places(mains).len()
    }
}

fn index() -> NameIndex {
    let mut index = NameIndex::default();
    type Listed<'a> = (&'a str, &'a str, &'a [(&'a str, Status)]);
    let nodes: [Listed<'_>; 9] = [
        ("Kazakhstan", "state", &[("Republic of Kazakhstan", Status::Alternate), ("kazakhstan", Status::Id)]),
        ("Respublica", "party", &[("Republic", Status::Alternate)]),
        ("Baytaq", "party", &[("Baitak", Status::Alternate)]),
        (
            "National Kurultai",
            "institution",
            &[("Ұлттық құрылтай", Status::Editorial), ("Congress", Status::Alternate)],
        ),
        ("Commissioner for Human Rights", "office", &[("Ombudsman", Status::Alternate)]),
        ("Ombudsman for Child Rights", "office", &[]),
        ("Office of the UN High Commissioner for Human Rights", "intl-body", &[]),
        ("UN Human Rights Council", "intl-body", &[]),
        ("United Nations Human Rights Committee", "intl-body", &[("UNHRC", Status::Abbreviation)]),
    ];
    for (n, (name, kind, names)) in (0..).zip(nodes) {
        index.add_node(NodeRef::new(n), kind, name, "en");
        for (text, status) in names {
            index.add_name(NodeRef::new(n), text, *status, "", "");
        }
    }
    index
}

fn one(query: &str) -> String {
    match index().resolve(query) {
        Found::One(candidate) => candidate.name.to_string(),
        Found::Many(many) => format!("{} candidates", many.len()),
        Found::None(near) => format!("none, near {}", near.first().map_or("", |c| &*c.name)),
    }
}

#[test]
fn spellings_and_scripts_lead_to_one_node() {
    for query in ["Baytaq", "baitak", "БАЙТАҚ", "“Baitak”", "Baıtaq"] {
        assert_eq!(one(query), "Baytaq", "{query}");
    }
    for query in ["National Kurultai", "құрылтай", "Qurultay", "national quryltai", "Congress", "kurultai"] {
        assert_eq!(one(query), "National Kurultai", "{query}");
    }
}

#[test]
fn a_name_is_met_as_a_whole_before_its_words() {
    assert_eq!(one("Republic"), "Respublica");
    assert_eq!(one("republic of kazakhstan"), "Kazakhstan");
    assert_eq!(one("High Commissioner"), "Office of the UN High Commissioner for Human Rights");
    assert_eq!(one("Commissioner for Human Rights"), "Commissioner for Human Rights");
    assert_eq!(one("UNHRC"), "United Nations Human Rights Committee");
}

#[test]
fn look_alikes_are_listed_and_never_chosen() {
    let listed =
        |query: &str| index().search(query, 9).iter().map(|c| (c.rank, c.name.to_string())).collect::<Vec<_>>();
    let ombudsman = listed("Ombudsman");
    assert_eq!(ombudsman[0], (Rank::Alias, "Commissioner for Human Rights".into()));
    assert_eq!(ombudsman[1], (Rank::Words, "Ombudsman for Child Rights".into()));
    assert!(listed("UNHRC").contains(&(Rank::Initials, "UN Human Rights Council".into())));
    assert!(listed("Republic").contains(&(Rank::Words, "Kazakhstan".into())));
    assert_eq!(one("human rights"), "4 candidates");
    assert_eq!(one("Ombudzmen"), "none, near Commissioner for Human Rights");
    assert_eq!(one("xyzzy"), "none, near ");
    assert_eq!(one(""), "none, near ");
}

#[test]
fn homonyms_are_many_and_an_id_is_exact() {
    let mut index = index();
    index.add_node(NodeRef::new(20), "court", "CONGRESS", "en");
    index.add_name(NodeRef::new(20), "us-congress", Status::Id, "", "");
    assert!(matches!(index.resolve("congress"), Found::Many(many) if many.len() == 2));
    assert!(
        matches!(index.resolve("CONGRESS"), Found::One(c) if c.node == NodeRef::new(20) && &*c.id == "us-congress")
    );
    assert!(matches!(index.resolve("us-congress"), Found::One(c) if c.rank == Rank::Exact));
}

proptest::proptest! {
    /// Whatever a node is called, its name leads to it, and no query ends in a panic.
    #[test]
    fn any_name_finds_its_node(names in proptest::collection::vec(".{0,40}", 1..5), query in ".{0,40}") {
        let mut index = NameIndex::default();
        for (n, name) in (0..).zip(&names) {
            index.add_node(NodeRef::new(n), "thing", name, "");
        }
        for (n, name) in (0..).zip(&names) {
            let found = index.search(name, usize::MAX);
            proptest::prop_assert!(found.iter().any(|c| c.node == NodeRef::new(n)), "{name:?} in {found:?}");
        }
        index.resolve(&query);
    }
}

/// Words of two scripts, some alike.
const WORDS: [&str; 10] =
    ["Kurultai", "құрылтай", "Court", "Council", "of", "Human", "Rights", "Baitak", "БАЙТАҚ", "UN"];

#[test]
fn an_index_that_follows_its_graph_is_the_one_made_anew() {
    for seed in 1..6u64 {
        let mut state = seed;
        let mut next = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let mut graph = Graph::new();
        let labels = ["Body", "Literal"].map(|label| graph.ensure_label(label).expect("room"));
        let keys = ["name", "id", "aliases", "kind"].map(|key| graph.ensure_key(key).expect("room"));
        let mut index = NameIndex::of_graph(&graph);
        let mut nodes = Vec::new();
        for _ in 0..150 {
            for _ in 0..next(5) {
                let words = |next: &mut dyn FnMut(usize) -> usize| {
                    let words: Vec<&str> = (0..1 + next(3)).map(|_| WORDS[next(WORDS.len())]).collect();
                    words.join(" ")
                };
                match next(6) {
                    0 | 1 => {
                        let name = Value::from(words(&mut next));
                        let id = Value::from(format!("n{}", next(40)));
                        let aliases = Value::list(vec![words(&mut next).into()]).expect("flat");
                        let all = [(keys[0], name), (keys[1], id), (keys[2], aliases)];
                        nodes.push(graph.create_node(&labels[..1], all).expect("room"));
                    }
                    2 if !nodes.is_empty() => {
                        graph.delete_node(nodes.swap_remove(next(nodes.len())), true);
                    }
                    3 if !nodes.is_empty() => {
                        let value = if next(4) == 0 { Value::Null } else { words(&mut next).into() };
                        graph.set_node_property(nodes[next(nodes.len())], keys[0], value).expect("room");
                    }
                    4 if !nodes.is_empty() => {
                        let node = nodes[next(nodes.len())];
                        if !graph.add_label(node, labels[1]).expect("lives") {
                            graph.remove_label(node, labels[1]).expect("lives");
                        }
                    }
                    _ if !nodes.is_empty() => {
                        graph.set_node_property(nodes[next(nodes.len())], keys[3], "court".into()).expect("room");
                    }
                    _ => {}
                }
            }
            let touched = graph.touched_nodes(u64::MAX).expect("all of them");
            graph.commit();
            index = index.changed(&graph, touched);
            let anew = NameIndex::of_graph(&graph);
            assert_eq!(index.len(), anew.len());
            let told = |found: Vec<Candidate>| {
                let mut told: Vec<_> =
                    found.into_iter().map(|c| (c.rank, c.node, c.name, c.kind, c.id, c.met.text)).collect();
                told.sort();
                told
            };
            for query in ["Kurultai", "kurultay of", "БАЙТАҚ", "human rights", "n7", "Cuort", "uhr", "Court Council"]
            {
                assert_eq!(told(index.search(query, usize::MAX)), told(anew.search(query, usize::MAX)), "{query}");
                assert_eq!(index.by_id(query), anew.by_id(query));
            }
            for typed in ["k", "Құр", "cou", "human r", "rig", "x"] {
                let all = |index: &NameIndex| told(index.starting_with(typed, usize::MAX));
                assert_eq!(all(&index), all(&anew), "{typed}");
            }
            let halves = index.parts.windows(2).all(|two| two[0].nodes.len() >= 2 * two[1].nodes.len());
            assert!(halves, "few parts");
        }
    }
}

#[test]
fn what_is_typed_is_met_at_the_beginning_of_a_word_in_any_script() {
    let names =
        |typed: &str| index().starting_with(typed, 9).iter().map(|found| found.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names("kaz"), ["Kazakhstan"]);
    assert_eq!(names("Құр"), ["National Kurultai"]);
    assert_eq!(names("ombuds"), ["Commissioner for Human Rights", "Ombudsman for Child Rights"]);
    assert_eq!(names("human r").first().map(String::as_str), Some("UN Human Rights Council"));
    assert_eq!(names("an"), Vec::<String>::new(), "not in the middle of a word");
    assert_eq!(names(" "), Vec::<String>::new());
}
