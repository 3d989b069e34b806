//! Graphviz DOT: one node or edge a line, styled by kind, with a legend. The same graph gives the same bytes.
//!
//! `graphviz-rust` builds the document but does not escape, so `quote` is the only way text gets into it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use graphviz_rust::dot_structures::{
    Attribute, Edge, EdgeTy, Graph, GraphAttributes, Id, Node, NodeId, Stmt, Subgraph as Cluster, Vertex,
};
use graphviz_rust::printer::{DotPrinter, PrinterContext};

use super::{Subgraph, Written, text};

/// Fill, line and shape of a kind. The fills keep black text readable and differ in lightness when printed grey.
const STYLES: &[(&str, &str, &str)] = &[
    ("#cfe3f5", "#1f5a8a", "box"),
    ("#f7dcc4", "#8a4a12", "ellipse"),
    ("#d6ecd0", "#2c6b25", "hexagon"),
    ("#f0d3e4", "#8a2560", "octagon"),
    ("#fbf1bf", "#7a6606", "note"),
    ("#dcd6f2", "#4b3a94", "parallelogram"),
    ("#cdeceb", "#146766", "house"),
    ("#e4e4e4", "#4a4a4a", "component"),
    ("#f6cfcf", "#8f2323", "invhouse"),
    ("#e3edc4", "#59661a", "tab"),
];

/// Longest caption that stands in a node, in characters; the tooltip has all of it.
const CAPTION: usize = 60;

/// Writes a directed graph.
pub fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let kinds: BTreeMap<&str, usize> =
        graph.nodes.iter().map(text::kind).collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let mut stmts = vec![
        Stmt::GAttribute(GraphAttributes::Graph(attributes(&[
            ("rankdir", "LR"),
            ("fontname", "sans-serif"),
            ("tooltip", "shejire"),
        ]))),
        Stmt::GAttribute(GraphAttributes::Node(attributes(&[
            ("fontname", "sans-serif"),
            ("fontsize", "11"),
            ("style", "filled"),
        ]))),
        Stmt::GAttribute(GraphAttributes::Edge(attributes(&[("fontname", "sans-serif"), ("fontsize", "9")]))),
    ];
    for node in &graph.nodes {
        let caption = text::caption(node);
        let look = style(&kinds, text::kind(node));
        let tooltip = text::node(node);
        let pairs = [("label", &*shorten(&caption)), ("tooltip", &*tooltip), look[0], look[1], look[2]];
        stmts.push(Stmt::Node(Node::new(id(&format!("n{}", node.id)), attributes(&pairs))));
    }
    for rel in &graph.rels {
        let ends = EdgeTy::Pair(vertex(rel.start), vertex(rel.end));
        stmts.push(Stmt::Edge(Edge { ty: ends, attributes: attributes(&[("label", &*shorten(&rel.ty))]) }));
    }
    if !kinds.is_empty() {
        stmts.push(Stmt::Subgraph(legend(&kinds)));
    }
    let document = Graph::DiGraph { id: Id::Plain("shejire".to_owned()), strict: false, stmts };
    let mut context = PrinterContext::new(true, 2, "\n".to_owned(), 90);
    to.write_all(document.print(&mut context).as_bytes())?;
    to.write_all(b"\n")?;
    Ok(())
}

fn style<'a>(kinds: &BTreeMap<&str, usize>, kind: &str) -> [(&'a str, &'a str); 3] {
    let (fill, line, shape) = STYLES[kinds.get(kind).copied().unwrap_or(0) % STYLES.len()];
    [("fillcolor", fill), ("color", line), ("shape", shape)]
}

/// One swatch for every kind, chained so that they stand in one column.
fn legend(kinds: &BTreeMap<&str, usize>) -> Cluster {
    let mut stmts: Vec<Stmt> = [("label", "Legend"), ("fontsize", "10"), ("color", "#999999")]
        .iter()
        .map(|(k, v)| Stmt::Attribute(attribute(k, v)))
        .collect();
    for (kind, at) in kinds {
        let shown = if kind.is_empty() { "(no label)" } else { kind };
        let look = style(kinds, kind);
        let pairs = [("label", &*shorten(shown)), ("fontsize", "9"), look[0], look[1], look[2]];
        stmts.push(Stmt::Node(Node::new(id(&format!("legend{at}")), attributes(&pairs))));
    }
    for at in 1..kinds.len() {
        let vertex = |n: usize| Vertex::N(id(&format!("legend{n}")));
        let ty = EdgeTy::Pair(vertex(at - 1), vertex(at));
        stmts.push(Stmt::Edge(Edge { ty, attributes: attributes(&[("style", "invis")]) }));
    }
    Cluster { id: Id::Plain("cluster_legend".to_owned()), stmts }
}

fn id(name: &str) -> NodeId {
    NodeId(Id::Plain(name.to_owned()), None)
}

fn vertex(node: u64) -> Vertex {
    Vertex::N(id(&format!("n{node}")))
}

fn attributes(pairs: &[(&str, &str)]) -> Vec<Attribute> {
    pairs.iter().map(|(key, value)| attribute(key, value)).collect()
}

fn attribute(key: &str, value: &str) -> Attribute {
    Attribute(Id::Plain(key.to_owned()), Id::Escaped(quote(value)))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= CAPTION {
        text.to_owned()
    } else {
        text.chars().take(CAPTION - 1).chain(['…']).collect()
    }
}

/// A DOT string that shows exactly `text`: backslashes would be escapes of labels (`\N`, `\l`), `&` would begin an
/// entity, and control characters make renderers produce broken XML.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            '\t' => out.push(' '),
            c if super::xml::forbidden(c) || super::safe::is_control(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::NodeData;
    use crate::io::subgraph::hostile;

    fn written(graph: &Subgraph) -> String {
        let mut out = Vec::new();
        write(graph, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn no_text_leaves_its_quotes() {
        let dot = written(&hostile());
        // with every quoted string removed, nothing of the data is left
        let mut bare = String::new();
        let mut quoted = false;
        let mut chars = dot.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if quoted => drop(chars.next()),
                '"' => quoted = !quoted,
                c if !quoted => bare.push(c),
                _ => {}
            }
        }
        assert!(!quoted && !bare.contains("evil") && !bare.contains('\\') && bare.is_ascii(), "{bare}");
        assert_eq!(bare.matches("->").count(), hostile().rels.len() + hostile().labels().len() - 1);
    }

    #[test]
    fn the_same_graph_gives_the_same_bytes() {
        assert_eq!(written(&hostile()), written(&hostile()));
    }

    #[test]
    fn the_parser_of_the_builder_reads_it() {
        graphviz_rust::parse(&written(&Subgraph { nodes: vec![NodeData::default()], ..Subgraph::default() }))
            .expect("DOT");
    }
}
