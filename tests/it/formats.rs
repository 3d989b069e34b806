//! What is written in other people's formats is read back without loss, and other people's programs read it.

use std::io::Cursor;
use std::process::Command;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shejire::Engine;
use shejire::io::read::{IntoGraph, Key, Known, NodeKey, Sink as _};
use shejire::io::{How, ReadAs, Subgraph, format};
use shejire::value::Value;

use crate::desk::{installed, shejire};

/// The files of the format `neo4j`.
const FILES: [&str; 2] = ["nodes.csv", "relationships.csv"];

/// Formats that lose nothing, and those of them that carry evidence.
const LOSSLESS: [&str; 10] =
    ["neo4j", "jsonl", "cypher", "graphml", "turtle", "trig", "jsonld", "ntriples", "nquads", "json"];
const WITH_EVIDENCE: [&str; 6] = ["jsonl", "turtle", "trig", "jsonld", "ntriples", "nquads"];

/// The graph as lines, for comparison.
pub(crate) fn lines(graph: &Subgraph) -> String {
    let Some(How::Stream(write)) = format("jsonl").unwrap().write else { panic!("a stream") };
    let mut out = Vec::new();
    write(graph, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Writes the graph in a format and reads it into a graph of its own.
fn through(name: &str, graph: &Subgraph) -> Subgraph {
    let format = format(name).unwrap();
    let engine = Engine::in_memory();
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    match format.write.unwrap() {
        How::Stream(write) => write(graph, &mut bytes).unwrap(),
        How::Folder(write) => write(graph, false, folder.path()).unwrap(),
        _ => panic!("{name} is not read back"),
    }
    if format.read == Some(ReadAs::Script) {
        engine.script(std::str::from_utf8(&bytes).unwrap()).unwrap();
        return Subgraph::whole(&engine).unwrap();
    }
    engine
        .change(|to| {
            to.bulk(true);
            let mut sink = IntoGraph::new(to, Known::default());
            match format.read.unwrap() {
                ReadAs::Tables => {
                    for file in FILES.map(|file| folder.path().join(file)) {
                        ReadAs::Tables.read_file(&file, None, &mut sink, &mut Err)?;
                    }
                }
                read => read.read(Box::new(Cursor::new(bytes.clone())), name, None, &mut sink, &mut Err)?,
            }
            to.bulk(false);
            Ok(())
        })
        .unwrap();
    Subgraph::whole(&engine).unwrap()
}

fn hostile() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "=1+1",
        "@SUM(A1)",
        "\"",
        "'",
        "\"\"",
        "`",
        "\\",
        "\\u0041",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\0",
        "\u{1b}[2J",
        " led",
        "led ",
        "a;b",
        ";",
        ",",
        "a:b",
        "x:long",
        "{x}",
        "[]",
        "null",
        "true",
        "1",
        "-0.0",
        "<b>&amp;]]>",
        "<!--",
        "%41",
        "%",
        "#",
        "@en",
        "құрылтай",
        "שלום\u{202e}",
        "👩‍⚖️",
        "\u{fffe}",
        "\u{ffff}",
        "\u{feff}",
        "\u{2028}",
        "id",
        "iri",
        "http://example.org/a",
        "urn:shejire:node:0",
        "key:x",
        "_import",
        "labels",
        "label",
        "|json",
        "$node",
        "$map",
        "name",
        "_:b0",
    ]);
    // an empty name once in a while only: it is the one thing that a script cannot hold
    prop_oneof![8 => odd.prop_map(str::to_owned), 1 => Just(String::new()), 3 => ".{1,6}", 2 => "[a-z]{1,8}", 1 => Just("long ".repeat(2000))]
}

fn scalar() -> impl Strategy<Value = Value> {
    let float = prop_oneof![
        any::<f64>(),
        prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 5e-324, 1.0])
    ];
    let time = prop::sample::select(vec![
        "date('2022-06-01')",
        "date('-0044-03-15')",
        "date('+12022-01-01')",
        "date('0000-01-01')",
        "localtime('12:31')",
        "localtime('12:31:14.645876123')",
        "time('12:31+01:00')",
        "time('23:59:59-17:59')",
        "time('12:31+01:00:30')",
        "localdatetime('1984-10-11T12:31')",
        "datetime('1984-10-11T12:31:14.645Z')",
        "datetime('-0001-10-11T00:00:00.000000001+14:00')",
        "datetime('1984-10-11T12:31:14+01:00[Europe/Stockholm]')",
        "duration('P1Y2M-3DT4H')",
        "duration('PT0S')",
        "duration('P1Y2M3DT4H5M6.7S')",
        "duration('PT-0.001S')",
    ]);
    prop_oneof![
        3 => hostile().prop_map(Value::from),
        1 => prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -3..3_i64].prop_map(Value::Int),
        1 => float.prop_map(Value::Float),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => time.prop_map(moment),
    ]
}

/// A temporal value.
fn moment(expression: &str) -> Value {
    Engine::in_memory().value_of(expression).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(scalar(), 0..4);
    let lists = prop::collection::vec(prop::collection::vec(scalar(), 0..3), 0..3);
    prop_oneof![
        4 => scalar(),
        1 => list.prop_map(|items| Value::list(items).unwrap()),
        1 => prop::collection::vec("[a-c;]{0,2}".prop_map(Value::from), 1..4).prop_map(|items| Value::list(items).unwrap()),
        1 => lists.prop_map(|lists| {
            Value::list(lists.into_iter().map(|items| Value::list(items).unwrap()).collect()).unwrap()
        }),
    ]
}

type Properties = Vec<(String, Value)>;
pub(crate) type Drawn = (Vec<(Vec<String>, Properties)>, Vec<(usize, usize, String, Properties)>);

pub(crate) fn drawn() -> impl Strategy<Value = Drawn> {
    let properties = || prop::collection::vec((hostile(), value()), 0..4);
    let nodes = prop::collection::vec((prop::collection::vec(hostile(), 0..3), properties()), 1..6);
    let rels = prop::collection::vec((any::<usize>(), any::<usize>(), hostile(), properties()), 0..6);
    (nodes, rels)
}

pub(crate) fn made((nodes, rels): &Drawn) -> Subgraph {
    let engine = Engine::in_memory();
    engine
        .change(|to| {
            let mut sink = IntoGraph::new(to, Known::default());
            let own = |all: &Properties| all.iter().map(|(key, value)| (Arc::from(&**key), value.clone())).collect();
            let key = |at: usize| NodeKey { space: "", key: Key::Int((at % nodes.len()) as i64) };
            for (at, (labels, properties)) in nodes.iter().enumerate() {
                let labels: Vec<Arc<str>> = labels.iter().map(|label| Arc::from(&**label)).collect();
                sink.node(Some(key(at)), &labels, own(properties))?;
            }
            for (start, end, ty, properties) in rels {
                sink.rel(None, &Arc::from(&**ty), key(*start), key(*end), own(properties))?;
            }
            Ok(())
        })
        .unwrap();
    Subgraph::whole(&engine).unwrap()
}

/// Whether some name is empty, which Cypher has no way to write.
fn nameless(graph: &Subgraph) -> bool {
    let keys = graph.nodes.iter().map(|n| &n.properties).chain(graph.rels.iter().map(|r| &r.properties));
    let labels = graph.nodes.iter().flat_map(|n| &n.labels);
    keys.flatten().any(|(key, _)| key.is_empty())
        || labels.chain(graph.rels.iter().map(|r| &r.ty)).any(|name| name.is_empty())
}

proptest! {
    #![proptest_config(crate::desk::drawn(150))]

    #[test]
    fn whatever_a_graph_holds_comes_back(drawn in drawn()) {
        let graph = made(&drawn);
        let wanted = lines(&graph);
        for format in LOSSLESS {
            if format == "cypher" && nameless(&graph) {
                // the one thing it cannot carry is refused, not lost
                let Some(How::Stream(write)) = shejire::io::format(format).unwrap().write else { panic!("a stream") };
                prop_assert!(write(&graph, &mut Vec::new()).is_err());
                continue;
            }
            prop_assert_eq!(&lines(&through(format, &graph)), &wanted, "{}", format);
        }
    }
}

/// Reads bytes of a format that is read as a stream into a graph of its own.
pub(crate) fn read_again(name: &str, bytes: &[u8]) -> Subgraph {
    let engine = Engine::in_memory();
    let read = format(name).unwrap().read.unwrap();
    engine
        .change(|to| {
            to.bulk(true);
            let mut sink = IntoGraph::new(to, Known::default());
            read.read(Box::new(Cursor::new(bytes.to_vec())), name, None, &mut sink, &mut Err)?;
            to.bulk(false);
            Ok(())
        })
        .unwrap();
    Subgraph::whole(&engine).unwrap()
}

pub(crate) fn written(name: &str, graph: &Subgraph) -> String {
    let Some(How::Stream(write)) = format(name).unwrap().write else { panic!("{name} is a stream") };
    let mut out = Vec::new();
    write(graph, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The lines of a graph without what another program may number anew: in order, without ids of relationships.
pub(crate) fn unnumbered(graph: &Subgraph) -> Vec<String> {
    let lines = lines(graph);
    let bare = |line: &str| match line.strip_prefix("{\"$rel\":{\"id\":") {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned(),
        None => line.to_owned(),
    };
    let mut all: Vec<String> = lines.lines().map(bare).collect();
    all.sort();
    all
}

#[test]
fn what_networkx_and_igraph_write_again_is_the_same_graph() {
    let folder = tempfile::tempdir().unwrap();
    let (file, again) = (folder.path().join("g.graphml"), folder.path().join("again.graphml"));
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let programs = [
        ("networkx", "import networkx as x; x.write_graphml(x.read_graphml(f), t)"),
        ("igraph", "import igraph; igraph.Graph.Read_GraphML(f).write_graphml(t)"),
    ];
    for (module, program) in programs {
        if !installed("python3", &["-c", &format!("import {module}")]) {
            continue;
        }
        for _ in 0..8 {
            let mut drawn = drawn().new_tree(&mut runner).unwrap().current();
            if module == "igraph" {
                // igraph has no integers, and no booleans that are not there
                let told = drawn.0.iter_mut().map(|node| &mut node.1).chain(drawn.1.iter_mut().map(|rel| &mut rel.3));
                // and writes names of keys with `&` as something else
                let plain = |key: &str| key.chars().all(char::is_alphanumeric);
                let lacks = |v: &Value| matches!(v, Value::Int(_) | Value::Float(_) | Value::Bool(_));
                told.for_each(|own| own.retain(|(key, v)| plain(key) && !lacks(v)));
            }
            let graph = made(&drawn);
            std::fs::write(&file, written("graphml", &graph)).unwrap();
            let program = format!("import sys; f = sys.argv[1]; t = {:?}\n{program}", again.to_str().unwrap());
            python(&program, file.to_str().unwrap());
            let got = read_again("graphml", &std::fs::read(&again).unwrap());
            assert_eq!(unnumbered(&got), unnumbered(&graph), "{module}");
        }
    }
}

#[test]
fn the_built_in_dataset_comes_back_with_its_evidence() {
    let graph = Subgraph::whole(&Engine::builtin().unwrap()).unwrap();
    let wanted = lines(&graph);
    assert!(
        wanted.contains("\"mentions\":[") && wanted.contains("{\"$conflict\":") && wanted.contains("{\"$relation\":")
    );
    for format in WITH_EVIDENCE {
        let again = lines(&through(format, &graph));
        for (n, (got, wanted)) in again.lines().zip(wanted.lines()).enumerate() {
            assert_eq!(got, wanted, "{format}, line {}", n + 1);
        }
        assert_eq!(again.len(), wanted.len(), "{format}");
    }
    // the others carry nodes and relationships
    let bare = Subgraph { told: Default::default(), ..graph };
    for format in LOSSLESS.iter().filter(|f| !WITH_EVIDENCE.contains(f)) {
        assert!(lines(&through(format, &bare)) == lines(&bare), "{format}");
    }
}

/// Events with one side stated body by body, names with places and dates, denials, mentions that fit several facts,
/// qualifiers with their declarations, sources with their reading, and how the whole is to be read.
pub(crate) fn rich() -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put(
        "dataset.toml",
        "id = \"rich\"\ntitle = \"Rich\"\nversion = \"1\"\nlanguage = \"en\"\nformat = 2\nend = \"exclusive\"\n\
         about = \"2y\"\nunknown = [\"1943-01-01\"]\n",
    );
    put(
        "sources.csv",
        "id,title,date,group,derives_from,during,complete\na,Gazette,1990,state,,,\nb,Digest,1991,,a,,\n\
         c,List,2001,,,2001,member-of\n",
    );
    put("kinds.csv", "kind,definition\nbody,A body\n");
    put(
        "relations.csv",
        "relation,definition,domain,range,lineage_role,gathers,predecessor,successor,repeats,forward,backward_ru\n\
         merged-into,Merges.,body,body,succession,successor,ends,new,no,merged into,вобрал\n\
         member-of,Is a member.,body,body,,,,,yes,,\n",
    );
    put(
        "qualifiers.csv",
        "key,relation,type,many,conflicts,definition\nshare,,quantity,no,yes,How much\nx-note,member-of,text,yes,no,A note\n",
    );
    put("entities.csv", "id,kind,name\nnorth,body,North\nsouth,body,South\nunion,body,Union\nleague,body,League\n");
    put(
        "aliases.csv",
        "entity,alias,language,script,status,used_in,from,to,locator\n\
         union,The Union,en,Latn,preferred,a:1; b:2,1990,2001,a:3\nunion,Союз,ru,Cyrl,editorial,,,,\n",
    );
    put(
        "mentions.csv",
        "id,subject,relation,object,object_type,qualifiers,source,locator,confidence,mode,by,as_named,identified,event,corrects\n\
         M1,north,merged-into,union,entity,date=1990; share=30 percent,a,a:1.1,E,,,,,,\n\
         M2,north,merged-into,union,entity,date=1991,b,b:1.1,A X,hedges,,Norths,possible,,\n\
         M3,north,merged-into,union,entity,,c,c:1.1,E,denies,,,,,\n\
         M4,south,merged-into,,,date=1990,a,a:1.2,E,,,,,fusion,\n\
         M5,,merged-into,union,entity,date=1990,a,a:1.2,E,,,,,fusion,\n\
         M6,south,member-of,league,entity,start=1990; end=1992; x-note=one; x-note=two,a,a:2.1,E,,,,,,\n\
         M7,south,member-of,league,entity,start=1995; end=1997,a,a:2.2,E,reports,north,,,,\n\
         M8,south,member-of,league,entity,,b,b:2.2,E,,,,,,\n\
         M9,union,exists,,,start=1990; end=..,a,a:3.1,E,,,,,,\n\
         M10,north,merged-into,union,entity,date=1990-02,a,a:1.3,E,,,,,,M1\n",
    );
    Engine::from_dataset(&shejire::dataset::read(folder.path()).unwrap()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn what_a_dataset_says_beside_its_facts_comes_back() {
    let graph = Subgraph::whole(&rich()).unwrap();
    let wanted = lines(&graph);
    for part in ["\"frame\"", "\"part\"", "\"either\"", "\"exists\"", "\"name\"", "\"qualifier\"", "@mode", "@corrects"]
    {
        assert!(wanted.contains(part), "{part} is not in\n{wanted}");
    }
    for format in WITH_EVIDENCE {
        let again = lines(&through(format, &graph));
        for (n, (got, wanted)) in again.lines().zip(wanted.lines()).enumerate() {
            assert_eq!(got, wanted, "{format}, line {}", n + 1);
        }
        assert_eq!(again.len(), wanted.len(), "{format}");
    }
}

#[test]
fn a_part_of_the_graph_is_written_in_every_format() {
    let engine = Engine::builtin().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for query in ["TRACE 'National Kurultai'", "MATCH (a:plan)-[r:followed-by]->(b) RETURN a, r, b"] {
        let rows = engine.run(query).unwrap();
        let graph = Subgraph::of_answer(&engine.snapshot().unwrap(), &rows).unwrap();
        assert!(!graph.rels.is_empty() && !graph.told.rels.is_empty(), "{query}");
        assert!(graph.rels.iter().all(|r| graph.nodes.iter().any(|n| n.id == r.start)), "{query}");
        let whole = Subgraph::whole(&engine).unwrap();
        assert!(graph.told.types.len() < whole.told.types.len() && graph.told.rels.len() == graph.rels.len());
        for format in shejire::io::FORMATS {
            let path = folder.path().join(format.name);
            match format.write {
                None => continue,
                Some(How::Stream(write)) => write(&graph, &mut Vec::new()).unwrap(),
                Some(How::Table(write)) => write(&graph, true, &mut Vec::new()).unwrap(),
                Some(How::Folder(write)) => write(&graph, true, folder.path()).unwrap(),
                // a dataset is a whole: what a part leaves out may be named in it
                Some(How::Dataset(_)) => {}
                Some(How::File(write)) => {
                    let _ = std::fs::remove_file(&path);
                    write(&graph, &path).unwrap();
                }
            }
        }
    }
}

/// Runs a Python program on a file; what it printed.
pub(crate) fn python(program: &str, file: &str) -> String {
    let output = Command::new("python3").args(["-c", program, file]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Exports the built-in dataset; the path of the file.
pub(crate) fn exported(folder: &tempfile::TempDir, format: &str) -> String {
    let file = folder.path().join(format!("x.{format}")).to_str().unwrap().to_owned();
    shejire(&["export", format, "-o", &file], b"").well();
    file
}

pub(crate) fn counts() -> (usize, usize, usize) {
    let graph = Subgraph::whole(&Engine::builtin().unwrap()).unwrap();
    (graph.nodes.len(), graph.rels.len(), graph.told.rels.values().map(Vec::len).sum())
}

#[test]
fn networkx_and_igraph_read_graphs() {
    let folder = tempfile::tempdir().unwrap();
    let (nodes, rels, _) = counts();
    for (module, format, read) in [
        (
            "networkx",
            "graphml",
            "import networkx as x; g = x.read_graphml(f); print(g.number_of_nodes(), g.number_of_edges())",
        ),
        (
            "networkx",
            "gexf",
            "import networkx as x; g = x.read_gexf(f); print(g.number_of_nodes(), g.number_of_edges())",
        ),
        ("igraph", "graphml", "import igraph; g = igraph.Graph.Read_GraphML(f); print(g.vcount(), g.ecount())"),
    ] {
        if installed("python3", &["-c", &format!("import {module}")]) {
            let file = exported(&folder, format);
            assert_eq!(
                python(&format!("import sys; f = sys.argv[1]\n{read}"), &file),
                format!("{nodes} {rels}"),
                "{module} {format}"
            );
        }
    }
}

#[test]
fn nothing_that_a_spreadsheet_would_run_leaves_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("g.shejire").to_str().unwrap().to_owned();
    shejire(&["query", "--db", &store, "CREATE (:A {k: '=1+1', n: -5})-[:`+T` {`@k`: '@x'}]->(:`=B`)"], b"").well();
    let cells =
        |text: &str| text.split(['\n', ',', '\r']).filter(|c| c.trim_matches('"').starts_with(['=', '+', '@'])).count();
    let csv = shejire(&["export", "csv", "--db", &store], b"").well();
    assert!(cells(&csv) > 0);
    assert_eq!(cells(&shejire(&["export", "csv", "--no-formulas", "--db", &store], b"").well()), 0);
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    shejire(&["export", "neo4j", "--no-formulas", "--db", &store, "-o", &out], b"").well();
    for file in FILES {
        let text = std::fs::read_to_string(folder.path().join("out").join(file)).unwrap();
        assert_eq!(cells(&text), 0, "{text}");
        assert!(file != "nodes.csv" || text.contains(",-5"), "numbers are no formulas: {text}");
    }
    assert_eq!(shejire(&["export", "jsonl", "--no-formulas"], b"").code, 2);
    assert_eq!(shejire(&["export", "neo4j"], b"").code, 2, "a folder needs a name");
}
