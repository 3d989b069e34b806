//! Graphviz DOT: nodes styled by kind, with a legend. The same graph gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use super::{Subgraph, Written, text};
use crate::engine::NodeData;
use crate::notation::dot::{Dot, Of};

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
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let kinds: BTreeMap<&str, usize> =
        graph.nodes.iter().map(NodeData::kind).collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let mut dot = Dot::default();
    dot.all(&Of::Graph, &[("rankdir", "LR"), ("fontname", "sans-serif"), ("tooltip", "shejire")]);
    dot.all(&Of::Node, &[("fontname", "sans-serif"), ("fontsize", "11"), ("style", "filled")]);
    dot.all(&Of::Edge, &[("fontname", "sans-serif"), ("fontsize", "9")]);
    for node in &graph.nodes {
        let look = style(&kinds, node.kind());
        let (label, tooltip) = (shorten(&text::caption(node)), text::node(node));
        dot.node(&name(node.id), &[("label", &label), ("tooltip", &tooltip), look[0], look[1], look[2]]);
    }
    for rel in &graph.rels {
        dot.edge(&name(rel.start), &name(rel.end), &[("label", &shorten(&rel.ty))]);
    }
    if !kinds.is_empty() {
        dot.cluster("cluster_legend", legend(&kinds));
    }
    to.write_all(dot.text("shejire").as_bytes())?;
    Ok(())
}

fn style<'a>(kinds: &BTreeMap<&str, usize>, kind: &str) -> [(&'a str, &'a str); 3] {
    let (fill, line, shape) = STYLES[kinds.get(kind).copied().unwrap_or(0) % STYLES.len()];
    [("fillcolor", fill), ("color", line), ("shape", shape)]
}

/// One swatch for every kind, chained so that they stand in one column.
fn legend(kinds: &BTreeMap<&str, usize>) -> Dot {
    let mut dot = Dot::default();
    dot.own(&[("label", "Legend"), ("fontsize", "10"), ("color", "#999999")]);
    for (kind, at) in kinds {
        let shown = if kind.is_empty() { "(no label)" } else { kind };
        let look = style(kinds, kind);
        let label = shorten(shown);
        dot.node(&format!("legend{at}"), &[("label", &label), ("fontsize", "9"), look[0], look[1], look[2]]);
    }
    for at in 1..kinds.len() {
        dot.edge(&format!("legend{}", at - 1), &format!("legend{at}"), &[("style", "invis")]);
    }
    dot
}

fn name(node: u64) -> String {
    format!("n{node}")
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= CAPTION {
        text.to_owned()
    } else {
        text.chars().take(CAPTION - 1).chain(['…']).collect()
    }
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
