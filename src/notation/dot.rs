//! Graphviz DOT: one node or edge a line. The same calls give the same bytes.
//!
//! `graphviz-rust` builds the document but does not escape, so `quote` is the only way text gets into it.

use graphviz_rust::dot_structures::{
    Attribute, Edge, EdgeTy, Graph, GraphAttributes, Id, Node, NodeId, Stmt, Subgraph, Vertex,
};
use graphviz_rust::printer::{DotPrinter, PrinterContext};

use super::{safe, xml};

/// What all nodes, edges or graphs that follow have.
pub(crate) enum Of {
    /// The graph itself.
    Graph,
    /// Every node.
    Node,
    /// Every edge.
    Edge,
}

/// Keys with their values; values are any text.
pub(crate) type Pairs<'a> = [(&'a str, &'a str)];

/// A directed graph, or a cluster in one. Names are our own, never of data.
#[derive(Default)]
pub(crate) struct Dot {
    stmts: Vec<Stmt>,
}

impl Dot {
    /// What all of a kind have.
    pub(crate) fn all(&mut self, of: &Of, pairs: &Pairs<'_>) {
        let pairs = attributes(pairs);
        self.stmts.push(Stmt::GAttribute(match of {
            Of::Graph => GraphAttributes::Graph(pairs),
            Of::Node => GraphAttributes::Node(pairs),
            Of::Edge => GraphAttributes::Edge(pairs),
        }));
    }

    /// What it has itself.
    pub(crate) fn own(&mut self, pairs: &Pairs<'_>) {
        self.stmts.extend(attributes(pairs).into_iter().map(Stmt::Attribute));
    }

    /// A node.
    pub(crate) fn node(&mut self, name: &str, pairs: &Pairs<'_>) {
        self.stmts.push(Stmt::Node(Node::new(id(name), attributes(pairs))));
    }

    /// An edge from one node to another.
    pub(crate) fn edge(&mut self, from: &str, to: &str, pairs: &Pairs<'_>) {
        let ty = EdgeTy::Pair(Vertex::N(id(from)), Vertex::N(id(to)));
        self.stmts.push(Stmt::Edge(Edge { ty, attributes: attributes(pairs) }));
    }

    /// A graph inside it.
    pub(crate) fn cluster(&mut self, name: &str, inside: Self) {
        self.stmts.push(Stmt::Subgraph(Subgraph { id: Id::Plain(name.to_owned()), stmts: inside.stmts }));
    }

    /// The text of the whole.
    pub(crate) fn text(self, name: &str) -> String {
        let document = Graph::DiGraph { id: Id::Plain(name.to_owned()), strict: false, stmts: self.stmts };
        let mut context = PrinterContext::new(true, 2, "\n".to_owned(), 90);
        let mut text = document.print(&mut context);
        text.push('\n');
        text
    }
}

fn id(name: &str) -> NodeId {
    NodeId(Id::Plain(name.to_owned()), None)
}

fn attributes(pairs: &Pairs<'_>) -> Vec<Attribute> {
    pairs.iter().map(|(key, value)| Attribute(Id::Plain((*key).to_owned()), Id::Escaped(quote(value)))).collect()
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
            c if xml::forbidden(c) || safe::is_control(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out() {
        assert_eq!(quote("a\\\"b&\n"), "\"a\\\\\\\"b&amp;\\n\"");
    }
}
