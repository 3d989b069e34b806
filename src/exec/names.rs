//! Relationship types and labels of the plan, resolved against the graph.
//!
//! Plans outlive graphs' vocabularies: a type that the graph does not know when a statement starts may be
//! there after its first CREATE. Whatever is not resolved is therefore asked for again, once a batch.

use smallvec::SmallVec;

use super::eval::type_fits;
use crate::bind::bound::{LabelTest, TypeTest};
use crate::graph::{Dir, Graph, LabelId, RelTypeId};
use crate::plan::node::Towards;

/// The types a hop may take.
pub(crate) struct Types<'p> {
    test: &'p TypeTest,
    ids: SmallVec<[RelTypeId; 4]>,
    /// How many types the graph had when `ids` were looked up.
    known: Option<usize>,
}

impl<'p> Types<'p> {
    pub(crate) fn new(test: &'p TypeTest) -> Self {
        Self { test, ids: SmallVec::new(), known: None }
    }

    /// Looks the types up, if the graph knows more than last time.
    pub(crate) fn resolve(&mut self, graph: &Graph) {
        let known = graph.names().types().len();
        if self.known == Some(known) {
            return;
        }
        self.known = Some(known);
        self.ids.clear();
        match self.test {
            TypeTest::Any => {}
            TypeTest::OneOf(names) => {
                for id in names.iter().filter_map(|name| graph.rel_type(name)) {
                    if !self.ids.contains(&id) {
                        self.ids.push(id);
                    }
                }
            }
            test @ TypeTest::Expr(_) => {
                let fitting = graph.names().types().filter(|(_, name)| type_fits(name, test));
                self.ids.extend(fitting.map(|(id, _)| id));
            }
        }
    }

    /// The types; empty also when every type fits (ask [`Self::is_any`]).
    pub(crate) fn ids(&self) -> &[RelTypeId] {
        &self.ids
    }

    /// Whether every type fits.
    pub(crate) fn is_any(&self) -> bool {
        matches!(self.test, TypeTest::Any)
    }

    /// Whether no relationship of this graph can fit.
    pub(crate) fn is_none(&self) -> bool {
        self.ids.is_empty() && !self.is_any()
    }

    /// The only type there is to look at.
    pub(crate) fn single(&self) -> Option<RelTypeId> {
        match self.ids[..] {
            [ty] => Some(ty),
            _ => None,
        }
    }

    /// Whether a relationship of type `ty` fits.
    pub(crate) fn fits(&self, ty: RelTypeId) -> bool {
        self.is_any() || self.ids.contains(&ty)
    }
}

/// The direction as the graph says it.
pub(crate) fn dir(towards: Towards) -> Dir {
    match towards {
        Towards::Out => Dir::Out,
        Towards::In => Dir::In,
        Towards::Both => Dir::Both,
    }
}

/// A label expression over ids; unknown labels are on no node.
#[derive(Clone, Debug)]
pub(crate) enum Labels {
    Never,
    Id(LabelId),
    Any,
    Not(Box<Labels>),
    And(Vec<Labels>),
    Or(Vec<Labels>),
}

impl Labels {
    pub(crate) fn resolve(test: &LabelTest, graph: &Graph) -> Self {
        let all = |tests: &[LabelTest]| tests.iter().map(|test| Self::resolve(test, graph)).collect();
        match test {
            LabelTest::Name(name) => graph.label(name).map_or(Self::Never, Self::Id),
            LabelTest::Any => Self::Any,
            LabelTest::Not(test) => Self::Not(Box::new(Self::resolve(test, graph))),
            LabelTest::And(tests) => Self::And(all(tests)),
            LabelTest::Or(tests) => Self::Or(all(tests)),
        }
    }

    /// Whether the node's labels satisfy it.
    pub(crate) fn fit(&self, node: crate::value::NodeRef, graph: &Graph) -> bool {
        match self {
            Self::Never => false,
            Self::Id(label) => graph.has_label(node, *label),
            Self::Any => !graph.labels_of(node).is_empty(),
            Self::Not(inner) => !inner.fit(node, graph),
            Self::And(tests) => tests.iter().all(|test| test.fit(node, graph)),
            Self::Or(tests) => tests.iter().any(|test| test.fit(node, graph)),
        }
    }
}
