//! Indexes that a statement makes for itself, where nobody has declared one: value to nodes, for `=` alone.
//!
//! ```text
//!   made        a scan of the label: hash of the value ─► slots
//!   written to  the statement notes which nodes it writes; they are entered when somebody next asks
//! ```
//!
//! An entry may be out of date (the node has another value now, or is gone): whoever is asked for verifies what it finds.
//! No node that has the value is missing. The graph knows nothing of it.

use std::hash::Hasher;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::context::Reservation;
use crate::error::Result;
use crate::graph::{Graph, KeyId, LabelId};
use crate::value::hash::hasher;
use crate::value::order::{equal, hash_equivalent};
use crate::value::{NodeRef, Value};

/// Nodes are read off the label this many at a time.
const AT_ONCE: usize = 4096;

/// The indexes of one statement.
#[derive(Debug, Default)]
pub(crate) struct Transient {
    made: Vec<Made>,
    /// Nodes that the statement has written since one was made.
    written: Vec<u32>,
}

#[derive(Debug)]
struct Made {
    label: LabelId,
    key: KeyId,
    /// By hash of the value, ascending.
    slots: FxHashMap<u64, SmallVec<[u32; 2]>>,
    /// How many of the written nodes are in it.
    entered: usize,
}

/// Bytes of an entry, about.
const ENTRY: usize = 32;

fn hash(value: &Value) -> u64 {
    let mut hasher = hasher();
    hash_equivalent(value, &mut hasher);
    hasher.finish()
}

impl Transient {
    /// Notes that the statement has made a node, or given it a label.
    #[inline]
    pub(super) fn note(&mut self, node: NodeRef) {
        if !self.made.is_empty() {
            self.written.push(node.0);
        }
    }

    /// Notes that it has set a property of a node.
    #[inline]
    pub(super) fn note_property(&mut self, node: NodeRef, key: KeyId) {
        if self.made.iter().any(|made| made.key == key) {
            self.written.push(node.0);
        }
    }

    /// Appends the nodes of the label whose property equals `value` (openCypher's `=`), ascending. The index is made when
    /// it is first asked. Errors: `LimitExceeded / Memory`.
    pub(super) fn seek(
        &mut self,
        graph: &Graph,
        (label, key): (LabelId, KeyId),
        value: &Value,
        memory: &mut Reservation,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        let at = match self.made.iter().position(|made| (made.label, made.key) == (label, key)) {
            Some(at) => at,
            None => {
                self.made.push(Made::of(graph, label, key, self.written.len(), memory)?);
                self.made.len() - 1
            }
        };
        let Self { made, written } = self;
        for &slot in &written[made[at].entered..] {
            made[at].enter(graph, slot, memory)?;
        }
        made[at].entered = written.len();
        if made.iter().all(|made| made.entered == written.len()) {
            written.clear();
            made.iter_mut().for_each(|made| made.entered = 0);
        }
        let candidates = made[at].slots.get(&hash(value)).into_iter().flatten().copied();
        out.extend(candidates.filter(|&slot| {
            let node = NodeRef::new(slot);
            graph.node_exists(node)
                && graph.has_label(node, label)
                && equal(&graph.node_property(node, key), value) == Some(true)
        }));
        Ok(())
    }
}

impl Made {
    fn of(graph: &Graph, label: LabelId, key: KeyId, entered: usize, memory: &mut Reservation) -> Result<Self> {
        let mut made = Self { label, key, slots: FxHashMap::default(), entered };
        let (mut slots, mut cursor) = (Vec::new(), Some(0));
        while let Some(at) = cursor {
            slots.clear();
            cursor = graph.scan_label(label, at, &mut slots, AT_ONCE);
            slots.iter().try_for_each(|&slot| made.enter(graph, slot, memory))?;
        }
        Ok(made)
    }

    fn enter(&mut self, graph: &Graph, slot: u32, memory: &mut Reservation) -> Result<()> {
        let node = NodeRef::new(slot);
        if !graph.node_exists(node) || !graph.has_label(node, self.label) {
            return Ok(());
        }
        let value = graph.node_property(node, self.key);
        if value.is_null() {
            return Ok(());
        }
        let slots = self.slots.entry(hash(&value)).or_default();
        if let Err(at) = slots.binary_search(&slot) {
            memory.grow(ENTRY)?;
            slots.insert(at, slot);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a scan: nodes that come, change, lose their label and go.
    #[test]
    fn it_finds_what_a_scan_finds_whatever_is_written() {
        let mut state = 7u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let mut graph = Graph::new();
        let (label, other) = (graph.ensure_label("M").expect("room"), graph.ensure_label("N").expect("room"));
        let key = graph.ensure_key("i").expect("room");
        let values = [Value::Int(1), Value::Float(1.0), "1".into(), Value::Float(f64::NAN), Value::Int(2), Value::Null];
        let (mut transient, mut memory) = (Transient::default(), Reservation::unlimited());
        for _ in 0..3000 {
            let value = values[below(6) as usize].clone();
            let count = graph.node_bound();
            let node = NodeRef::new(below(u64::from(count.max(1))) as u32);
            let lives = count > 0 && graph.node_exists(node);
            match below(5) {
                0 | 1 => {
                    let node = graph.create_node(&[[label, other][below(2) as usize]], [(key, value)]).expect("room");
                    transient.note(node);
                }
                2 if lives => {
                    graph.set_node_property(node, key, value).expect("lives");
                    transient.note_property(node, key);
                }
                3 if lives => {
                    graph.add_label(node, label).expect("lives");
                    transient.note(node);
                }
                4 if lives => drop(graph.delete_node(node, true)),
                _ => {}
            }
            if below(3) == 0 {
                let wanted = &values[below(5) as usize];
                let (mut found, mut all) = (Vec::new(), Vec::new());
                transient.seek(&graph, (label, key), wanted, &mut memory, &mut found).expect("room");
                graph.scan_label(label, 0, &mut all, usize::MAX);
                all.retain(|&slot| equal(&graph.node_property(NodeRef::new(slot), key), wanted) == Some(true));
                all.sort_unstable();
                assert_eq!(found, all, "{wanted:?}");
            }
        }
    }
}
