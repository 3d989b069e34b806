//! What is read from other programs' GraphML, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::io::read::Seen;

fn seen(text: &str) -> (Seen, Result<()>) {
    let mut seen = Seen::default();
    let result = read(&mut text.as_bytes(), "x", &mut seen, &mut |e| Err(e));
    (seen, result)
}

fn lines(text: &str) -> Vec<String> {
    let (seen, result) = seen(text);
    result.expect(text);
    seen.lines
}

fn error(text: &str) -> String {
    seen(text).1.expect_err(text).message().to_owned()
}

#[test]
fn what_is_exported_is_read_back_in_full() {
    let graph = crate::io::subgraph::hostile();
    let mut out = Vec::new();
    crate::io::graphml::write(&graph, &mut out).expect("memory");
    let got = lines(std::str::from_utf8(&out).expect("text"));
    let mut written = Vec::new();
    crate::io::json::write_graph_lines(&graph, &mut written).expect("memory");
    let mut expected = Seen::default();
    crate::io::read::jsonl::read(&mut &written[..], "x", &mut expected, &mut |e| Err(e)).expect("well formed");
    // keys are text in a space here and numbers there
    let keys = |line: &String| line.replace("x/n", "#");
    assert_eq!(got.iter().map(keys).collect::<Vec<_>>(), expected.lines);
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><graphml><graph><node id=\"1\"><data key=\"k\">&a;</data></node></graph></graphml>";
    assert!(error(bomb).contains("document types are not read"));
    assert!(error("<graphml><graph><node id='1'>&unknown;</node></graph></graphml>").contains("entities are not read"));
}

#[test]
fn every_program_s_way_to_name_labels_types_and_values_is_understood() {
    let node_and_edge = |keys: &str, node: &str, edge: &str| {
        lines(&format!(
            "<graphml>{keys}<graph edgedefault='directed'><node id='n0'>{node}</node><edge source='n0' target='n0'>{edge}</edge></graph></graphml>"
        ))
    };
    let key = |id: &str, side: &str, name: &str, ty: &str| {
        format!("<key id='{id}' for='{side}' attr.name='{name}' attr.type='{ty}'/>")
    };
    // networkx and igraph rename the ids of keys
    for (labels, ty) in [("d0", "d1"), ("v_labels", "e_label"), ("labels", "label")] {
        let keys = key(labels, "node", "labels", "string") + &key(ty, "edge", "label", "string");
        let node = format!("<data key='{labels}'>:A:`b c`</data>");
        let edge = format!("<data key='{ty}'>T</data>");
        assert_eq!(node_and_edge(&keys, &node, &edge), ["x/n0 :A:b c ", "x/n0 -T-> x/n0 "]);
    }
    let tinkerpop = key("labelV", "node", "labelV", "string") + &key("labelE", "edge", "labelE", "string");
    assert_eq!(
        node_and_edge(&tinkerpop, "<data key='labelV'>person</data>", "<data key='labelE'>created</data>"),
        ["x/n0 :person ", "x/n0 -created-> x/n0 "]
    );
    let yed =
        "<key id='d5' for='node' yfiles.type='nodegraphics'/><key id='d9' for='edge' yfiles.type='edgegraphics'/>";
    let drawn = "<data key='d5'><y:ShapeNode><y:Fill color='#FFCC00'/><y:NodeLabel a='c'>Harbour\nOffice<y:M><y:S/></y:M></y:NodeLabel></y:ShapeNode></data>";
    let line = "<data key='d9'><y:PolyLineEdge><y:EdgeLabel>became</y:EdgeLabel></y:PolyLineEdge></data>";
    assert_eq!(node_and_edge(yed, drawn, line), ["x/n0 : label='Harbour\\nOffice'", "x/n0 -became-> x/n0 "]);
    // a node's label, and a `labels` that is no list of labels, are properties
    let plain = key("a", "node", "label", "string") + &key("b", "node", "labels", "string");
    let node = "<data key='a'>L</data><data key='b'>A and B</data>";
    assert_eq!(node_and_edge(&plain, node, "")[0], "x/n0 : label='L' labels='A and B'");
    let lists = "<key id='l' for='node' attr.name='l' attr.type='string' attr.list='string'/>";
    assert_eq!(node_and_edge(lists, "<data key='l'>[\"a\",\"b\"]</data>", "")[0], "x/n0 : l=['a', 'b']");
    // an id that two keys share means what it says where it stands
    let shared = key("x", "node", "name", "string") + &key("x", "edge", "weight", "double");
    assert_eq!(
        node_and_edge(&shared, "<data key='x'>Ada</data>", "<data key='x'>1.5</data>"),
        ["x/n0 : name='Ada'", "x/n0 -RELATED-> x/n0 weight=1.5"]
    );
}

#[test]
fn values_are_of_the_type_their_key_says() {
    let value = |ty: &str, text: &str| {
        let keys = format!("<key id='k' for='node' attr.name='k' attr.type='{ty}'/>");
        let text = format!("<graphml>{keys}<graph><node id='n0'><data key='k'>{text}</data></node></graph></graphml>");
        let (seen, result) = seen(&text);
        result.map(|()| seen.lines[0].trim_start_matches("x/n0 : ").to_owned()).map_err(|e| e.message().to_owned())
    };
    for (ty, text, wanted) in [
        ("integer", "1", "k=1"),
        ("Long", " 2 ", "k=2"),
        ("short", "+3", "k=3"),
        ("bool", "TRUE", "k=true"),
        ("boolean", "0", "k=false"),
        ("Double", "1", "k=1.0"),
        ("float", "-INF", "k=-Infinity"),
        ("long", "", ""),
        ("double", " ", ""),
        ("boolean", "", ""),
        ("string", "", "k=''"),
        ("string", " a ", "k=' a '"),
        ("", "1", "k='1'"),
    ] {
        assert_eq!(value(ty, text).expect(text), wanted, "{ty} {text:?}");
    }
    for (ty, text) in [("long", "99999999999999999999"), ("int", "1.5"), ("boolean", "yes"), ("double", "1e999")] {
        assert!(value(ty, text).expect_err(text).starts_with("x, line 1, column "), "{ty} {text}");
    }
}

#[test]
fn ids_that_name_something_are_kept() {
    let text = "<graphml><graph edgedefault='directed'><node id='Ada'/><node id='n1'/><node id='7'/>\
        <edge id='letter-17' source='Ada' target='n1'/><edge id='e1' source='n1' target='7'/></graph></graphml>";
    assert_eq!(
        lines(text),
        ["x/Ada : id='Ada'", "x/n1 : ", "x/7 : id='7'", "x/Ada -RELATED-> x/n1 id='letter-17'", "x/n1 -RELATED-> x/7 ",]
    );
    // igraph writes ids as data; a property of that name that says something else stays beside
    let own = "<graphml><key id='v_id' for='node' attr.name='id' attr.type='string'/><graph>\
        <node id='n0'><data key='v_id'>n0</data></node><node id='Ada'><data key='v_id'>A1</data></node></graph></graphml>";
    assert_eq!(lines(own), ["x/n0 : ", "x/Ada : id='A1' id_='Ada'"]);
}

#[test]
fn groups_several_graphs_and_descriptions_lose_nothing() {
    let group = "<graphml><key id='n' for='node' attr.name='name'/><graph id='G'><node id='n0'><data key='n'>Ministry</data>\
        <graph id='n0:'><node id='n0::n0'><desc>small</desc></node></graph></node><edge source='n0::n0' target='n0'/></graph></graphml>";
    assert_eq!(
        lines(group),
        [
            "x/n0 : id='n0' name='Ministry'",
            "x/n0::n0 : desc='small' parent='n0'",
            "x/n0 +: ",
            "x/n0::n0 -RELATED-> x/n0 "
        ]
    );
    let two = "<graphml><graph id='A'><node id='n0'/><edge source='n0' target='n0'/></graph>\
        <graph id='B' edgedefault='directed'><node id='n0'/><edge source='n0' target='n0'/></graph></graphml>";
    assert_eq!(lines(two), ["x/n0 : ", "x/n0 -RELATED-> x/n0 ", "x #2/n0 : graph='B'", "x #2/n0 -RELATED-> x #2/n0 "]);
    let mixed = "<graphml><key id='t' for='graph' attr.name='title'/><graph edgedefault='undirected'><data key='t'>Board</data>\
        <node id='n0'><port name='N'><data key='t'>x</data></port></node><edge source='n0' target='n0' sourceport='N'/>\
        <edge source='n0' target='n0' directed='true'/></graph></graphml>";
    let (seen, result) = seen(mixed);
    result.expect("well formed");
    assert_eq!(seen.lines, ["x/n0 : ", "x/n0 -RELATED-> x/n0 sourceport='N'", "x/n0 -RELATED-> x/n0 directed=true"]);
    let said: Vec<&str> = seen.passed_over.keys().map(String::as_str).collect();
    let wanted = [
        "x: data of the graph title = \"Board\"",
        "x: edges without a direction, taken as they are written",
        "x: ports of nodes",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn what_cannot_be_taken_is_placed_and_leaves_the_rest_whole() {
    let text = "<graphml><graph>\n<node id='a'/><node id='a'/>\n<hyperedge><endpoint node='a'/></hyperedge><node id='b'><data key='k'>1</data></node>\n\
        <edge source='a'/><edge source='a' target='z'/><edge source='a' target='a'/></graph></graphml>";
    let (mut seen, mut problems) = (Seen::default(), Vec::new());
    let mut problem = |e: Error| {
        problems.push(e.message().to_owned());
        Ok(())
    };
    read(&mut text.as_bytes(), "x", &mut seen, &mut problem).expect("skipped");
    assert_eq!(seen.lines[0], "x/a : id='a'");
    assert_eq!(seen.lines.last().map(String::as_str), Some("x/a -RELATED-> x/z "));
    let wanted = [
        "x, line 3, column 1: hyperedges",
        "x, line 4, column 1: an edge without a target",
        "x, line 3, column 44: the data key \"k\"",
    ];
    for (problem, wanted) in problems.iter().zip(wanted) {
        assert!(problem.starts_with(wanted), "{problems:?}");
    }
}

proptest! {
    /// Keys may come last and edges first: the order of a file changes nothing but the order of what is read.
    #[test]
    fn the_order_of_a_file_means_nothing(
        nodes in prop::collection::vec(0..5_u8, 1..5),
        edges in prop::collection::vec((0..9_usize, 0..9_usize), 0..5),
        order in any::<prop::sample::Index>(),
        keys_last in any::<bool>(),
    ) {
        let keys = "<key id='d7' for='node' attr.name='name' attr.type='string'><default>nobody</default></key>\
            <key id='d8' for='edge' attr.name='label' attr.type='string'/>";
        let mut parts: Vec<String> = nodes.iter().enumerate().map(|(at, name)| match name {
            0 => format!("<node id='v{at}'/>"),
            name => format!("<node id='v{at}'><data key='d7'>p{name}</data></node>"),
        }).collect();
        parts.extend(edges.iter().map(|(a, b)| {
            format!("<edge source='v{}' target='v{}'><data key='d8'>T{a}</data></edge>", a % nodes.len(), b % nodes.len())
        }));
        let graph = |parts: &[String], last: bool| {
            let body = format!("<graph edgedefault='directed'>{}</graph>", parts.concat());
            let mut lines = lines(&match last {
                false => format!("<graphml>{keys}{body}</graphml>"),
                true => format!("<graphml>{body}{keys}</graphml>"),
            });
            lines.sort();
            lines
        };
        let wanted = graph(&parts, false);
        let at = order.index(parts.len());
        parts.rotate_left(at);
        // a default is known only where it is declared before: it is part of the declaration
        prop_assert_eq!(graph(&parts, keys_last && !nodes.contains(&0)), wanted);
    }
}
