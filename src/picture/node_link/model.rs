//! What a node-link picture shows, free of the engine.

use crate::picture::model::Cite;

/// A graph, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeLink {
    /// Stands on top.
    pub title: String,
    /// The query that made it.
    pub query: Option<String>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The relationships, by place of their nodes.
    pub links: Vec<Relation>,
    /// The places in documents, numbered from 1 in this order; drawn when the style asks for citations.
    pub citations: Vec<Cite>,
    /// Keep nodes of a kind together and draw a frame around them.
    pub clusters: bool,
    /// Sentences for the reader under the graph.
    pub notes: Vec<String>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The stable id.
    pub id: String,
    /// What it is called.
    pub caption: String,
    /// Its kind (first label).
    pub kind: String,
    /// Further lines under the caption.
    pub lines: Vec<String>,
    /// Properties as text, for the rules of the style.
    pub properties: Vec<(String, String)>,
    /// Citations, by place in [`NodeLink::citations`].
    pub citations: Vec<usize>,
}

/// A relationship.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relation {
    /// The node it starts at.
    pub from: usize,
    /// The node it ends at.
    pub to: usize,
    /// Its type.
    pub link_type: String,
    /// What stands beside the line; usually the type.
    pub label: String,
    /// Properties as text, for the rules of the style.
    pub properties: Vec<(String, String)>,
    /// Citations, by place in [`NodeLink::citations`].
    pub citations: Vec<usize>,
}

impl NodeLink {
    /// The same graph without what points outside its lists.
    pub(crate) fn mended(&self) -> Self {
        let mut sound = self.clone();
        let (nodes, cites) = (sound.nodes.len(), sound.citations.len());
        sound.links.retain(|l| l.from < nodes && l.to < nodes);
        let lists = sound.nodes.iter_mut().map(|n| &mut n.citations);
        for list in lists.chain(sound.links.iter_mut().map(|l| &mut l.citations)) {
            list.retain(|c| *c < cites);
            list.sort_unstable();
            list.dedup();
        }
        sound
    }

    /// The `most` best connected nodes, in their order, with a note on the rest.
    pub(super) fn limited(self, most: usize) -> Self {
        if self.nodes.len() <= most {
            return self;
        }
        let mut degree = vec![0_usize; self.nodes.len()];
        for link in &self.links {
            degree[link.from] += 1;
            degree[link.to] += 1;
        }
        let mut best: Vec<usize> = (0..self.nodes.len()).collect();
        best.sort_by_key(|n| (std::cmp::Reverse(degree[*n]), *n));
        best.truncate(most);
        best.sort_unstable();
        let mut place = vec![None; self.nodes.len()];
        best.iter().enumerate().for_each(|(new, old)| place[*old] = Some(new));
        let left_out = self.nodes.len() - most;
        let mut out = Self { links: Vec::new(), ..self };
        let links = self.links;
        out.links
            .extend(links.into_iter().filter_map(|l| Some(Relation { from: place[l.from]?, to: place[l.to]?, ..l })));
        out.nodes = best.into_iter().map(|n| out.nodes[n].clone()).collect();
        out.notes.push(format!("{left_out} nodes with fewer relationships are left out: a picture holds {most}."));
        out
    }
}
