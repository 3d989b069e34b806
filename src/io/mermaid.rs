//! Mermaid flowchart: what a Markdown page of a code host draws.

use std::fmt::Write as _;
use std::io::Write;

use super::{Subgraph, Written, text};
use crate::notation::mermaid::quote;

/// Writes a flowchart from left to right.
pub(crate) fn write(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut out = String::from("flowchart LR\n");
    for node in &graph.nodes {
        let kind = node.kind();
        let caption = quote(&text::caption(node));
        let small = if kind.is_empty() { String::new() } else { format!("<br/><small>{}</small>", quote(kind)) };
        let _ = writeln!(out, "    n{}[\"{caption}{small}\"]", node.id);
    }
    for rel in &graph.rels {
        let _ = writeln!(out, "    n{} -->|\"{}\"| n{}", rel.start, quote(&rel.ty), rel.end);
    }
    to.write_all(out.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn no_text_can_add_a_node_a_link_or_a_directive() {
        let mut out = Vec::new();
        write(&hostile(), &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        let graph = hostile();
        assert_eq!(text.lines().count(), 1 + graph.nodes.len() + graph.rels.len());
        for line in text.lines().skip(1) {
            let quotes = line.matches('"').count();
            assert_eq!(quotes, 2, "{line}");
            let inner = line.split('"').nth(1).expect("between quotes");
            let inner = inner.replace("<br/>", "").replace("<small>", "").replace("</small>", "");
            assert!(!inner.contains(['<', '>', '[', ']', '`', '%', '&']), "{line}");
        }
    }
}
