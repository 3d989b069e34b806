//! Stores that a build of long ago made (`tests/golden/make.sh`) hold what they held: every kind of value, page and
//! adjacency, indexes, constraints and evidence, commits in the log and in SQLite's own. The text beside each says all of it;
//! it must be so when it is read, and again after it was written to, compacted, repaired.
#![cfg(feature = "store")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Engine;
use crate::graph::{Dir, Graph, KeyId, Part, check};
use crate::provenance::{Place, Role, Side};
use crate::store::{Mode, Opened, Salvage, Store};
use crate::value::temporal::Date;
use crate::value::{NodeRef, RelRef, Value, text};

const STORES: [&str; 5] = ["values", "columns", "evidence", "log", "killed"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A copy of a store with what lies beside it, so that nothing here is written to.
fn copied(name: &str, folder: &Path) -> PathBuf {
    let to = folder.join(format!("{name}.shejire"));
    for ending in ["", "-wal"] {
        let from = repository(&format!("tests/golden/{name}.shejire{ending}"));
        if ending.is_empty() || from.exists() {
            std::fs::copy(from, format!("{}{ending}", to.display())).unwrap();
        }
    }
    to
}

fn open(path: &Path, mode: Mode) -> Opened {
    let opened = Store::open(path, mode).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(opened.store.follower().check(&opened.knowledge), Vec::<String>::new(), "{}", path.display());
    opened
}

/// A value as text, from which it could be told from any other: floats by their bits, temporal values with their type.
fn exact(value: &Value) -> String {
    match value {
        Value::Float(x) => format!("{x:?} ({:016x})", x.to_bits()),
        Value::Str(text) => format!("{text:?}"),
        Value::List(items) => format!("[{}]", items.iter().map(exact).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Int(_) => text::literal(value, None).unwrap(),
        other => format!("{} {}", other.type_name(), text::literal(other, None).unwrap()),
    }
}

/// Everything a store holds, a line for each: by ids and names.
fn dump(opened: &Opened) -> String {
    let (graph, mut out) = (&opened.knowledge.graph, String::new());
    let properties = |all: Vec<(KeyId, Value)>| {
        let mut all: Vec<String> =
            all.iter().map(|(key, value)| format!("{:?}: {}", graph.key_name(*key), exact(value))).collect();
        all.sort();
        all.join(", ")
    };
    let (mut nodes, mut rels) = (Vec::new(), Vec::new());
    graph.scan_nodes(0, &mut nodes, usize::MAX);
    graph.scan_rels(0, &mut rels, usize::MAX);
    nodes.sort_by_key(|&slot| graph.node_id(NodeRef::new(slot)));
    rels.sort_by_key(|&slot| graph.rel_id(RelRef::new(slot)));
    let place = |at: Place| {
        let source = opened.knowledge.evidence.source(at.source).map_or("?", |source| &*source.id);
        format!("{source}:{}.{}-{}", at.at.paragraph, at.at.first, at.at.last)
    };
    for node in nodes.into_iter().map(NodeRef::new) {
        let labels: Vec<&str> = graph.labels_of(node).into_iter().map(|label| graph.label_name(label)).collect();
        writeln!(out, "({}) {labels:?} {}", graph.node_id(node), properties(graph.node_properties(node))).unwrap();
        for &at in opened.knowledge.evidence.places_of(node) {
            writeln!(out, "    at {}", place(at)).unwrap();
        }
    }
    for rel in rels.into_iter().map(RelRef::new) {
        let ends = graph.rel(rel);
        let (start, end) = (graph.node_id(ends.start), graph.node_id(ends.end));
        let properties = properties(graph.rel_properties(rel));
        writeln!(out, "[{}] {start} {:?} {end} {properties}", graph.rel_id(rel), graph.type_name(ends.ty)).unwrap();
        for mention in opened.knowledge.evidence.mentions_of(rel) {
            let (id, bits, print) = (&mention.id, mention.confidence.bits(), mention.fingerprint);
            writeln!(out, "    {id} at {} {bits} {print:016x} {:?}", place(mention.place), mention.qualifiers).unwrap();
        }
    }
    for d in graph.index_definitions() {
        let keys: Vec<&str> = d.keys.iter().map(|key| graph.key_name(*key)).collect();
        writeln!(out, "{:?} {:?} :{}({:?})", d.kind, d.name, graph.subject_name(d.subject), keys.join(", ")).unwrap();
    }
    for source in opened.knowledge.evidence.sources() {
        let node = source.node.map(|node| graph.node_id(node).0);
        writeln!(out, "source {:?} {:?} {:?} {:?} {node:?}", source.id, source.title, source.group, source.date)
            .unwrap();
    }
    for ty in opened.knowledge.vocabulary.types() {
        writeln!(out, "type {:?} {:?} {:?} {:?} {:?}", ty.name, ty.definition, ty.inverse, ty.domain, ty.range)
            .unwrap();
        // what format 1 knew of a type; what came later says nothing here
        #[derive(Debug)]
        #[allow(dead_code)] // printed
        struct Descent<'a> {
            role: Role,
            side: Side,
            kind: &'a Option<std::sync::Arc<str>>,
        }
        let descent = ty.descent.as_ref().map(|d| Descent { role: d.role, side: d.side, kind: &d.kind });
        let later = ty.descent.as_ref().is_none_or(|d| d.gathers.is_none() && d.predecessor.is_none());
        assert!(later && ty.repeats.is_none(), "{}", ty.name);
        let said = (ty.algebra, descent, &ty.contradicts, ty.single_valued, &ty.terms);
        writeln!(out, "    {said:?}").unwrap();
    }
    for conflict in &opened.knowledge.vocabulary.conflicts {
        writeln!(out, "conflict {:?} {:?} {:?} {:?}", conflict.id, conflict.kind, conflict.topic, conflict.note)
            .unwrap();
        for side in &conflict.sides {
            let sources =
                side.sources.iter().map(|&id| opened.knowledge.evidence.source(id).map_or("?", |source| &*source.id));
            writeln!(out, "    [{}] {:?}", graph.rel_id(side.rel), sources.collect::<Vec<_>>()).unwrap();
        }
    }
    out
}

#[test]
fn a_store_of_long_ago_holds_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    for name in STORES.into_iter().filter(|name| *name != "columns") {
        let path = copied(name, folder.path());
        // never rewritten: what an old store holds does not change
        let expected = std::fs::read_to_string(repository(&format!("tests/golden/{name}.txt"))).unwrap();
        for mode in [Mode::ReadOnly, Mode::ReadWrite] {
            assert_eq!(dump(&open(&path, mode)), expected, "{name}");
        }
    }
}

/// The store of many rows, by the rules that `columns.cypher` fills it by.
#[test]
fn columns_adjacency_and_orders_of_long_ago_are_read_right() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(&copied("columns", folder.path()), Mode::ReadOnly);
    let graph = &opened.knowledge.graph;
    assert_eq!((graph.node_count(), graph.rel_count()), (10_500, 600 + 250 + 500 + 4));
    let key = |name: &str| graph.key(name).unwrap();
    let mut by_n = vec![u32::MAX; 10_500];
    for slot in 0..10_500 {
        let Value::Int(n) = graph.node_property(NodeRef::new(slot), key("n")) else { panic!("{slot} has no n") };
        assert_eq!(n, i64::from(slot) * 11 % 10_500);
        by_n[n as usize] = slot;
        let when = |holds: bool, value: Value| if holds { value } else { Value::Null };
        let some = n < 1500 && n % 3 > 0;
        let mixed = match n % 5 {
            0 => Value::Int(n),
            1 => "x".into(),
            2 => Value::Float(1.5),
            3 => Value::list(vec![Value::Int(1)]).unwrap(),
            _ => Value::Bool(true),
        };
        let day = Date { days: 7305 + n }; // 1990-01-01
        for (name, wanted) in [
            ("narrow", when(n < 2100, Value::Int(n - 1050))),
            ("wide", when(n < 2100, Value::Int(n * 10_000_000_000))),
            ("float", when(some, Value::Float(n as f64 / 8.0))),
            ("bool", when(some, Value::Bool(n % 2 == 0))),
            ("day", when(n % 97 == 0, Value::Date(day))),
            ("text", when(n % 53 == 0, format!("мәтін {}", n % 40).into())),
            ("mixed", when(n % 101 == 0, mixed)),
        ] {
            assert_eq!(exact(&graph.node_property(NodeRef::new(slot), key(name))), exact(&wanted), "{name} of {n}");
        }
    }
    let mut ordered = Vec::new();
    graph.seek_ordered(graph.index_named("row_n").unwrap(), Part::ALL, &mut ordered);
    assert_eq!(ordered, by_n);
    let around = |n: usize, ty: &str| {
        let mut found = Vec::new();
        let types = [graph.rel_type(ty).unwrap()];
        graph.for_each_neighbour(NodeRef::new(by_n[n]), Dir::Out, &types, |rel, to| {
            let at = by_n.iter().position(|&slot| slot == to.0).unwrap();
            found.push((at, exact(&graph.rel_property(rel, key(if ty == "NEXT" { "w" } else { "x" })))));
        });
        found.sort();
        found
    };
    for n in 0..600 {
        assert_eq!(around(n, "NEXT"), [(n + 1, n.to_string())]);
        let (even, odd) = (n < 500 && n % 2 == 0, n < 500 && n % 2 == 1);
        assert_eq!(around(n, "EVEN"), if even { vec![(n, "null".to_owned())] } else { vec![] });
        assert_eq!(around(n, "ODD"), if odd { vec![(n, "1".to_owned()), (n, "2".to_owned())] } else { vec![] });
    }
    for n in [3, 9000] {
        assert_eq!(around(n, "FAR"), [(4, "null".to_owned()), (10_000, "null".to_owned())]);
    }
}

#[test]
fn a_store_of_long_ago_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for name in STORES {
        let path = copied(name, folder.path());
        let opened = open(&path, Mode::ReadWrite);
        let before = dump(&opened);
        let (nodes, rels) = (opened.knowledge.graph.node_count(), opened.knowledge.graph.rel_count());
        drop(opened);
        let engine = Engine::open(&path).unwrap();
        let format = || engine.store_info().unwrap().unwrap().format;
        assert_eq!(format(), 1, "{name}: reading changes nothing");
        engine
            .change(|to| {
                write(&mut to.graph);
                Ok(())
            })
            .unwrap();
        assert_eq!(format(), 2, "{name}: the first write moves it on");
        engine.compact().unwrap().unwrap();
        drop(engine);
        // as it was, it stays beside it
        let left = path.with_file_name(format!("{}.format1", path.file_name().unwrap().display()));
        let old = open(&left, Mode::ReadOnly);
        assert_eq!(old.store.follower().info().unwrap().format, 1, "{name}");
        assert_eq!(dump(&old), before, "{name}");
        let engine = Engine::open(&path).unwrap();
        assert_eq!(engine.snapshot().unwrap().counts()[..2], [nodes + 2, rels + 1], "{name}");
        engine
            .change(|to| {
                take_away(&mut to.graph);
                Ok(())
            })
            .unwrap();
        drop(engine);
        assert_eq!(dump(&open(&path, Mode::ReadOnly)), before, "{name}");
    }
}

fn write(graph: &mut Graph) {
    let (label, ty) = (graph.ensure_label("Golden").unwrap(), graph.ensure_type("GOLDEN").unwrap());
    let nodes = [(); 2].map(|()| graph.create_node(&[label], []).unwrap());
    graph.create_rel(nodes[0], nodes[1], ty, []).unwrap();
    assert_eq!(check(graph), Vec::<String>::new());
}

fn take_away(graph: &mut Graph) {
    let mut slots = Vec::new();
    graph.scan_label(graph.label("Golden").unwrap(), 0, &mut slots, usize::MAX);
    assert!(slots.into_iter().all(|slot| graph.delete_node(NodeRef::new(slot), true).0));
}

#[test]
fn a_store_of_long_ago_is_copied_whole_by_repair() {
    let folder = tempfile::tempdir().unwrap();
    for name in STORES {
        let path = copied(name, folder.path());
        let copy = folder.path().join(format!("{name}-copy.shejire"));
        let mut salvage = Salvage::read(&path).unwrap();
        salvage.write(&copy).unwrap();
        assert_eq!(salvage.findings, Vec::<String>::new());
        assert_eq!(dump(&open(&copy, Mode::ReadOnly)), dump(&open(&path, Mode::ReadOnly)), "{name}");
    }
}

#[test]
fn a_store_of_long_ago_is_saved_whole_in_the_newest_format() {
    let folder = tempfile::tempdir().unwrap();
    for name in STORES {
        let old = copied(name, folder.path());
        let new = folder.path().join(format!("{name}-new.shejire"));
        let held = dump(&open(&old, Mode::ReadOnly));
        Engine::open_read_only(&old).unwrap().save(&new).unwrap();
        let opened = open(&new, Mode::ReadOnly);
        assert_eq!(dump(&opened), held, "{name}");
        assert_eq!(opened.store.follower().info().unwrap().format, crate::store::FORMAT);
        assert_eq!(open(&old, Mode::ReadOnly).store.follower().info().unwrap().format, 1, "{name}: the old one stays");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_conversion_left_that_was_killed_goes_with_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let store = copied("values", folder.path());
    let left = |ending: &str, age: u64| {
        let path = PathBuf::from(format!("{}{ending}", store.display()));
        let file = std::fs::File::create(&path).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age)).unwrap();
        path
    };
    // no process has such a number
    let gone = ["", "-journal"].map(|more| left(&format!(".format1.new-999999999{more}"), 120));
    let own = std::process::id();
    let kept = [
        left(".format1.new-999999998", 5),
        left(&format!(".format1.new-{own}"), 120),
        left(".format1.newer-999999999", 120),
        left(".format.new", 120),
    ];
    drop(open(&store, Mode::ReadOnly));
    assert!(gone.iter().all(|path| path.exists()), "who reads removes nothing");
    drop(open(&store, Mode::ReadWrite));
    for path in &gone {
        assert!(!path.exists(), "{}", path.display());
    }
    for path in &kept {
        assert!(path.exists(), "{}", path.display());
    }
}
