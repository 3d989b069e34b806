//! What the optimizer may ask the graph: counts, never contents.

use std::sync::Arc;

use crate::bind::bound::TypeTest;
use crate::plan::node::Towards;

/// Counts a plan is chosen by. All are estimates except where the name says `exactly`.
pub(crate) trait Stats {
    /// Nodes in all.
    fn nodes(&self) -> f64;
    /// Nodes with the label; 0 when no node has it.
    fn nodes_with(&self, label: &str) -> f64;
    /// Relationships of the types.
    fn rels(&self, types: &TypeTest) -> f64;
    /// The index on the label and key, when there is one.
    fn index(&self, label: &str, key: &str) -> Option<IndexFacts>;
    /// Whether exactly every relationship of the types leaves (Out) or enters (In) a node with the label.
    /// A plan that relies on it is valid for this version of the graph only.
    fn ends_exactly_at(&self, types: &TypeTest, towards: Towards, label: &str) -> bool;
    /// Whether exactly every node with the label has the property.
    fn has_exactly(&self, label: &str, key: &str) -> bool;
    /// Whether exactly no relationship of the types starts and ends at the same node.
    fn exactly_no_loops(&self, types: &TypeTest) -> bool;
}

/// What is known of an index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexFacts {
    /// Distinct values in it.
    pub(crate) distinct: f64,
    /// Entries in it.
    pub(crate) entries: f64,
}

/// What an exact answer of [`Stats`] was used for makes a plan valid for one version of the graph only;
/// rewrites that use one say so here.
pub(crate) fn label_of(test: &crate::bind::bound::LabelTest) -> Option<&Arc<str>> {
    match test {
        crate::bind::bound::LabelTest::Name(name) => Some(name),
        _ => None,
    }
}
