//! What the optimizer may ask the graph: counts, never contents.

use std::cell::RefCell;
use std::sync::Arc;

use crate::bind::bound::TypeTest;
use crate::graph::{Graph, KeyId, Subject};
use crate::plan::node::Towards;

/// Counts a plan is chosen by. All are estimates except where the name says `exactly`.
pub(crate) trait Stats {
    /// Nodes in all.
    fn nodes(&self) -> f64;
    /// Nodes with the label; 0 when no node has it.
    fn nodes_with(&self, label: &str) -> f64;
    /// Relationships of the types.
    fn rels(&self, types: &TypeTest) -> f64;
    /// The combinations of labels that nodes have, and how many nodes have each; nothing when there are very many.
    fn kinds(&self) -> Vec<(Vec<Arc<str>>, f64)>;
    /// How many relationships of the types lead from a node of one kind to a node of another, by the numbers of
    /// [`Self::kinds`]; nothing when that cannot be told without a look at every relationship.
    fn steps(&self, types: &TypeTest) -> Option<Vec<(u32, u32, f64)>>;
    /// Different texts that nodes have under the key (some may be in use no more).
    fn texts(&self, key: &str) -> f64;
    /// The index on the label and key, when there is one.
    fn index(&self, label: &str, key: &str) -> Option<IndexFacts>;
    /// The keys of the indexes on several properties of the nodes with a label, of all those on relationships of a type.
    fn indexes_on(&self, on: On<'_>) -> Vec<Vec<Arc<str>>>;
    /// Entries of the index that begins with these keys, for each combination of their values.
    fn entries_for(&self, on: On<'_>, keys: &[&str]) -> f64;
    /// Whether exactly every relationship of the types leaves (Out) or enters (In) a node with the label.
    fn ends_exactly_at(&self, types: &TypeTest, towards: Towards, label: &str) -> bool;
    /// Whether that can be told without a look at every relationship of the types.
    fn knows_ends(&self, types: &TypeTest) -> bool;
    /// Whether exactly every node with the label has the property.
    fn has_exactly(&self, label: &str, key: &str) -> bool;
    /// Whether exactly no two nodes with the label share a value of the key, and none is without.
    fn unique_exactly(&self, label: &str, key: &str) -> bool;
    /// Whether exactly no relationship of the types starts and ends at the same node.
    fn exactly_no_loops(&self, types: &TypeTest) -> bool;
}

/// What an index is on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On<'a> {
    /// The nodes with the label.
    Label(&'a str),
    /// The relationships of the type.
    Type(&'a str),
}

impl On<'_> {
    fn subject(self, graph: &Graph) -> Option<Subject> {
        match self {
            Self::Label(name) => graph.label(name).map(Subject::Nodes),
            Self::Type(name) => graph.rel_type(name).map(Subject::Rels),
        }
    }
}

/// What is known of an index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexFacts {
    /// Distinct values in it.
    pub(crate) distinct: f64,
    /// Entries in it.
    pub(crate) entries: f64,
}

/// With more combinations of labels than this, plans are made from the counts of single labels.
const MOST_KINDS: usize = 256;
/// The same for pairs of combinations that relationships of some types join.
const MOST_STEPS: usize = 1024;

impl Stats for Graph {
    fn nodes(&self) -> f64 {
        self.node_count() as f64
    }

    fn nodes_with(&self, label: &str) -> f64 {
        self.label(label).map_or(0.0, |label| self.label_count(label) as f64)
    }

    fn rels(&self, types: &TypeTest) -> f64 {
        match types {
            TypeTest::Any => self.rel_count() as f64,
            TypeTest::OneOf(names) => {
                names.iter().filter_map(|n| self.rel_type(n)).map(|ty| self.type_count(ty) as f64).sum()
            }
            TypeTest::Expr(_) => self.rel_count() as f64 / 2.0,
        }
    }

    fn kinds(&self) -> Vec<(Vec<Arc<str>>, f64)> {
        let sets = self.label_sets();
        if sets.len() > MOST_KINDS {
            return Vec::new();
        }
        let named = |labels: &[crate::graph::LabelId]| labels.iter().map(|l| self.names().label_text(*l)).collect();
        sets.map(|(labels, nodes)| (named(labels), nodes as f64)).collect()
    }

    fn steps(&self, types: &TypeTest) -> Option<Vec<(u32, u32, f64)>> {
        let ids: Vec<_> = match types {
            TypeTest::Any => self.names().types().map(|(ty, _)| ty).collect(),
            TypeTest::OneOf(names) => names.iter().filter_map(|n| self.rel_type(n)).collect(),
            TypeTest::Expr(_) => return None,
        };
        let mut out = Vec::new();
        for ty in ids {
            out.extend(self.known_patterns(ty)?.into_iter().map(|(start, end, n)| (start, end, n as f64)));
            if out.len() > MOST_STEPS {
                return None;
            }
        }
        Some(out)
    }

    fn texts(&self, key: &str) -> f64 {
        let column = self.key(key).and_then(|key| self.node_column(key));
        column.map_or(0.0, |column| column.pool().len() as f64)
    }

    fn index(&self, label: &str, key: &str) -> Option<IndexFacts> {
        let index = self.index_for(self.label(label)?, self.key(key)?)?;
        let entries = self.nodes_with(label);
        Some(IndexFacts { distinct: self.distinct_values(index) as f64, entries })
    }

    fn indexes_on(&self, on: On<'_>) -> Vec<Vec<Arc<str>>> {
        let Some(subject) = on.subject(self) else { return Vec::new() };
        let least = if matches!(on, On::Label(_)) { 2 } else { 1 };
        let named = |keys: &[KeyId]| keys.iter().map(|key| self.names().key_text(*key)).collect();
        self.indexed_keys(subject).filter(|keys| keys.len() >= least).map(named).collect()
    }

    fn entries_for(&self, on: On<'_>, keys: &[&str]) -> f64 {
        let entries = match on {
            On::Label(label) => self.nodes_with(label),
            On::Type(ty) => self.rel_type(ty).map_or(0.0, |ty| self.type_count(ty) as f64),
        };
        let ids: Option<Vec<KeyId>> = keys.iter().map(|key| self.key(key)).collect();
        let index = on.subject(self).zip(ids).and_then(|(subject, keys)| self.index_beginning(subject, &keys));
        entries / index.map_or(1, |index| self.distinct_of(index, keys.len())).max(1) as f64
    }

    fn ends_exactly_at(&self, types: &TypeTest, towards: Towards, label: &str) -> bool {
        let (TypeTest::OneOf(names), Some(label)) = (types, self.label(label)) else { return false };
        names.iter().filter_map(|n| self.rel_type(n)).all(|ty| {
            let count = match towards {
                Towards::Out => self.pattern_count(Some(label), ty, None),
                Towards::In => self.pattern_count(None, ty, Some(label)),
                Towards::Both => return false,
            };
            count == self.type_count(ty)
        })
    }

    fn knows_ends(&self, types: &TypeTest) -> bool {
        match types {
            TypeTest::OneOf(names) => names.iter().filter_map(|n| self.rel_type(n)).all(|ty| self.knows_patterns(ty)),
            _ => false,
        }
    }

    fn has_exactly(&self, label: &str, key: &str) -> bool {
        match (self.label(label), self.key(key)) {
            (Some(label), Some(key)) => self.complete(label, key),
            _ => false,
        }
    }

    fn unique_exactly(&self, label: &str, key: &str) -> bool {
        match (self.label(label), self.key(key)) {
            (Some(label), Some(key)) => self.is_unique(label, key),
            _ => false,
        }
    }

    fn exactly_no_loops(&self, types: &TypeTest) -> bool {
        match types {
            TypeTest::OneOf(names) => names.iter().filter_map(|n| self.rel_type(n)).all(|ty| self.loop_count(ty) == 0),
            _ => self.names().types().all(|(ty, _)| self.loop_count(ty) == 0),
        }
    }
}

/// What a plan relies on: it is good for as long as this is so.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    /// Every relationship of the types leaves or enters a node with the label.
    Ends(TypeTest, Towards, Arc<str>),
    /// Every node with the label has the property.
    Has(Arc<str>, Arc<str>),
    /// No two nodes with the label share a value of the property, and none is without.
    Unique(Arc<str>, Arc<str>),
    /// No relationship of the types starts and ends at the same node.
    NoLoops(TypeTest),
}

impl Fact {
    /// Whether it is so.
    pub(crate) fn holds(&self, stats: &dyn Stats) -> bool {
        match self {
            Self::Ends(types, towards, label) => stats.ends_exactly_at(types, *towards, label),
            Self::Has(label, key) => stats.has_exactly(label, key),
            Self::Unique(label, key) => stats.unique_exactly(label, key),
            Self::NoLoops(types) => stats.exactly_no_loops(types),
        }
    }
}

/// Keeps what was answered exactly, for a rewrite may rely on it; gives no such answer when nothing is exact for long.
pub(super) struct Recording<'a> {
    inner: &'a dyn Stats,
    exact: bool,
    facts: RefCell<Vec<Fact>>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(inner: &'a dyn Stats, exact: bool) -> Self {
        Self { inner, exact, facts: RefCell::default() }
    }

    /// What was found to be so.
    pub(super) fn facts(self) -> Vec<Fact> {
        self.facts.into_inner()
    }

    fn keep(&self, fact: impl FnOnce() -> Fact) -> bool {
        let fact = self.exact.then(fact).filter(|fact| fact.holds(self.inner));
        let holds = fact.is_some();
        self.facts.borrow_mut().extend(fact);
        holds
    }
}

impl Stats for Recording<'_> {
    fn nodes(&self) -> f64 {
        self.inner.nodes()
    }

    fn nodes_with(&self, label: &str) -> f64 {
        self.inner.nodes_with(label)
    }

    fn rels(&self, types: &TypeTest) -> f64 {
        self.inner.rels(types)
    }

    fn kinds(&self) -> Vec<(Vec<Arc<str>>, f64)> {
        self.inner.kinds()
    }

    fn steps(&self, types: &TypeTest) -> Option<Vec<(u32, u32, f64)>> {
        self.inner.steps(types)
    }

    fn texts(&self, key: &str) -> f64 {
        self.inner.texts(key)
    }

    fn index(&self, label: &str, key: &str) -> Option<IndexFacts> {
        self.inner.index(label, key)
    }

    fn indexes_on(&self, on: On<'_>) -> Vec<Vec<Arc<str>>> {
        self.inner.indexes_on(on)
    }

    fn entries_for(&self, on: On<'_>, keys: &[&str]) -> f64 {
        self.inner.entries_for(on, keys)
    }

    fn ends_exactly_at(&self, types: &TypeTest, towards: Towards, label: &str) -> bool {
        self.keep(|| Fact::Ends(types.clone(), towards, label.into()))
    }

    fn knows_ends(&self, types: &TypeTest) -> bool {
        self.inner.knows_ends(types)
    }

    fn has_exactly(&self, label: &str, key: &str) -> bool {
        self.keep(|| Fact::Has(label.into(), key.into()))
    }

    fn unique_exactly(&self, label: &str, key: &str) -> bool {
        self.keep(|| Fact::Unique(label.into(), key.into()))
    }

    fn exactly_no_loops(&self, types: &TypeTest) -> bool {
        // asked of many pairs of relationships, kept once: a plan looks at all it relies on before it runs
        let is_known = |fact: &Fact| matches!(fact, Fact::NoLoops(known) if known == types);
        self.facts.borrow().iter().any(is_known) || self.keep(|| Fact::NoLoops(types.clone()))
    }
}
