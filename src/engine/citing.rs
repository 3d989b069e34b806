//! The places that an answer's rows rest on: of each fact those that state what the row reads of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::lineage::Said;
use super::rows::{Citation, Differing, Warning};
use crate::error::Span;
use crate::exec::view::Seeing;
use crate::graph::Graph;
use crate::lineage::kinds::Kinds;
use crate::lineage::lives;
use crate::lineage::stated::Known;
use crate::plan::reads::Reads;
use crate::provenance::citation::{Citations, Leaf};
use crate::provenance::values::Pooled;
use crate::provenance::{FactId, Place, View, values};
use crate::value::{NodeRef, RelRef, Value, order};

/// Properties that are about how the mentions were read: they rest on all of them.
const BOOKKEEPING: [&str; 3] = ["fact", "confidence", "evaluative"];
/// Properties that say which thing it is: the dataset's own.
const OF_THE_DATASET: [&str; 4] = ["id", "kind", "note", "value"];
/// Properties of a literal that belong to the mentions of the relationship that ends in it.
const OF_LITERALS: [&str; 3] = ["unit", "bound", "edtf"];

/// Spells out citations.
pub(super) struct Citing<'a> {
    pub(super) seeing: Seeing<'a>,
    pub(super) citations: &'a Citations,
    pub(super) reads: &'a [Reads],
    pub(super) spelt: &'a mut Spelt,
}

/// The places behind a row, and what they state where the row shows a value made of several.
type Cited = (Arc<[Citation]>, Option<Arc<[Differing]>>);

/// A set of dates, and which place states which of them.
type Dispute = (Arc<str>, Vec<(Arc<str>, Place)>);

/// What the places of a row are found in.
#[derive(Default)]
struct Found {
    places: Vec<Place>,
    disputes: Vec<Dispute>,
}

/// What was spelt out of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Spelt {
    known: FxHashMap<u32, Cited>,
    /// The types that begin and end lives, when they are first asked for.
    kinds: Option<Kinds>,
    /// Nodes whose life dates were read and no source states.
    unsourced: BTreeSet<NodeRef>,
}

impl Spelt {
    /// Forgets what has grown large; whatever is asked again is spelt again.
    pub(super) fn stay_small(&mut self) {
        const MOST: usize = 1 << 16;
        if self.known.len() > MOST {
            self.known.clear();
        }
    }

    /// What the reader should know of the citations: values shown that no source states.
    pub(super) fn warnings(&self, graph: &Graph) -> Vec<Warning> {
        let Some(first) = self.unsourced.first() else { return Vec::new() };
        let name = crate::lineage::node_name(graph, *first);
        let others = match self.unsourced.len() {
            1 => String::new(),
            n => format!(" and of {} more", n - 1),
        };
        let message = format!("no source states when {name}{others} began or ended: these dates are the dataset's own");
        let hint =
            Some("nothing is cited for them; `source` and `locator` in entities.csv say where they stand".into());
        vec![Warning { message, hint, span: Span::default() }]
    }
}

impl<'a> Citing<'a> {
    /// The places behind a row, in order, each once, and the values in it that no place states. Where a row rests on relationships, the places that merely name
    /// its nodes would bury those that assert something; they are given for rows of nodes alone.
    pub(super) fn places(&mut self, id: u32) -> Cited {
        if let Some(known) = self.spelt.known.get(&id) {
            return known.clone();
        }
        let leaves = self.citations.facts(id);
        let asserted = leaves.iter().any(|leaf| !matches!(leaf.fact, FactId::Node(_)));
        let mut found = Found::default();
        for leaf in &leaves {
            match leaf.fact {
                FactId::Rel(rel) => self.of_rel(rel, leaf, &leaves, &mut found),
                FactId::Node(node) => self.of_node(node, leaf, asserted, &mut found),
                FactId::Mention(id) => {
                    found.places.extend(self.seeing.evidence.mention(id).map(|mention| mention.place))
                }
            }
        }
        let Found { mut places, disputes } = found;
        places.sort_unstable();
        places.dedup();
        let spelt: Arc<[Citation]> = places.into_iter().map(|place| self.citation(place)).collect();
        let differing = disputes.into_iter().map(|dispute| self.differing(dispute)).collect::<Vec<_>>();
        let cited: Cited = (spelt, (!differing.is_empty()).then(|| differing.into()));
        self.spelt.known.insert(id, cited.clone());
        cited
    }

    fn citation(&self, place: Place) -> Citation {
        let evidence = self.seeing.evidence;
        Citation {
            source: evidence.source(place.source).map_or_else(|| "?".into(), |s| s.id.clone()),
            locator: evidence.cite(place).into(),
        }
    }

    fn differing(&self, (shown, mut stated): Dispute) -> Differing {
        stated.sort();
        stated.dedup();
        let mut each: Vec<Said> = Vec::new();
        for (text, place) in stated {
            let citation = self.citation(place);
            match each.last_mut().filter(|said| said.text == text) {
                Some(said) => said.citations.push(citation),
                None => each.push(Said { text, role: "", bodies: Vec::new(), citations: vec![citation] }),
            }
        }
        Differing { shown, stated: each }
    }

    fn reads(&self, leaf: &Leaf) -> Option<&'a Reads> {
        self.reads.get((leaf.reads as usize).checked_sub(1)?)
    }

    fn view(&self, number: u32) -> Option<&'a View> {
        self.seeing.views.get(number)
    }

    /// The mentions that state what is read of a relationship; all of them where nothing in particular is.
    fn of_rel(&self, rel: RelRef, leaf: &Leaf, leaves: &[Leaf], out: &mut Found) {
        let evidence = self.seeing.evidence;
        let view = self.view(leaf.view);
        let reads = self.reads(leaf);
        let mut keys: Vec<&str> = reads.iter().flat_map(|reads| &reads.keys).map(|key| &**key).collect();
        let whole = reads.is_some_and(|reads| reads.whole) || keys.iter().any(|key| BOOKKEEPING.contains(key));
        keys.extend(self.of_its_literal(rel, leaves));
        if !whole && !keys.is_empty() {
            let before = out.places.len();
            for key in keys {
                self.of_key(rel, key, view, out);
            }
            if out.places.len() > before {
                return;
            }
        }
        out.places.extend(evidence.seen(rel, view).map(|mention| mention.place));
    }

    /// The mentions that state the value which the key has: that very value; every value where there are several at
    /// once, or where they are in dispute.
    fn of_key(&self, rel: RelRef, key: &str, view: Option<&View>, out: &mut Found) {
        let Seeing { graph, evidence, vocabulary, .. } = self.seeing;
        let ty = graph.type_name(graph.rel(rel).ty);
        let reading = vocabulary.qualifier(key, ty);
        let pooled = evidence.pooled(evidence.seen(rel, view), key, ty, vocabulary).ok();
        let shown = pooled.filter(|_| !reading.many);
        let (shown, set) = match shown {
            Some(pooled) if !pooled.disputed => (Some(pooled.value), None),
            Some(Pooled { value: Value::Str(set), .. }) => (None, Some(set)),
            _ => (None, None),
        };
        let mut each: Vec<(Arc<str>, Place)> = Vec::new();
        for mention in evidence.seen(rel, view) {
            let mut stated = evidence.stated_by(mention, key, reading, vocabulary);
            let states = match (&shown, &set) {
                (Some(shown), _) => stated.any(|text| order::equivalent(&values::single(reading.ty, text), shown)),
                (None, None) => stated.next().is_some(),
                (None, Some(_)) => {
                    let before = each.len();
                    each.extend(stated.map(|text| (Arc::clone(text), mention.place)));
                    each.len() > before
                }
            };
            if states {
                out.places.push(mention.place);
            }
        }
        out.disputes.extend(set.map(|set| (set, each)));
    }

    /// Unit, bound and reading of the literal that a relationship ends in, as far as the row reads them.
    fn of_its_literal(&self, rel: RelRef, leaves: &[Leaf]) -> Vec<&'a str> {
        let end = self.seeing.graph.rel(rel).end;
        let of_end = leaves.iter().filter(|leaf| leaf.fact == FactId::Node(end));
        let keys = of_end.filter_map(|leaf| self.reads(leaf)).flat_map(|reads| &reads.keys);
        keys.map(|key| &**key).filter(|key| OF_LITERALS.contains(key)).collect()
    }

    /// What states the properties read of a node; where none in particular is read, the places that name it.
    fn of_node(&mut self, node: NodeRef, leaf: &Leaf, asserted: bool, out: &mut Found) {
        let evidence = self.seeing.evidence;
        let view = self.view(leaf.view);
        let Some(reads) = self.reads(leaf).filter(|reads| !reads.whole) else {
            if !asserted {
                out.places.extend(evidence.places_seen(node, view));
            }
            return;
        };
        let mut life: Vec<&str> = Vec::new();
        for key in &reads.keys {
            match &**key {
                key @ ("start" | "end") => life.push(key),
                key if OF_THE_DATASET.contains(&key) || OF_LITERALS.contains(&key) => {}
                // names beside a fact say which thing it is
                key if !asserted => self.of_name(node, key, view, out),
                _ => {}
            }
        }
        if !life.is_empty() {
            self.of_life(node, &life, view, out);
        }
    }

    fn of_name(&self, node: NodeRef, key: &str, view: Option<&View>, out: &mut Found) {
        let value = self.seeing.node_property(node.in_view(0), key).unwrap_or_default();
        let is_value = |name: &str| match &value {
            Value::Str(text) => **text == *name,
            Value::List(items) => items.iter().any(|item| matches!(item, Value::Str(text) if **text == *name)),
            _ => false,
        };
        for (name, places) in self.seeing.evidence.names_seen(node, view) {
            if is_value(&name.name) {
                out.places.extend(places);
            }
        }
    }

    fn of_life(&mut self, node: NodeRef, keys: &[&str], view: Option<&View>, out: &mut Found) {
        let known = Known { view, ..self.seeing.known(0) };
        let life = lives::of(
            &known,
            self.spelt.kinds.get_or_insert_with(|| Kinds::of(known.graph, known.vocabulary, &[])),
            node,
        );
        for key in keys {
            let places = life.places(key);
            let stated = self.seeing.node_property(node.in_view(0), key).unwrap_or_default();
            if places.is_empty() && !stated.is_null() {
                self.spelt.unsourced.insert(node);
            }
            out.places.extend(places);
            let Some((bound, set)) =
                life.bound(key).filter(|bound| bound.disputed).and_then(|b| Some((b, b.text.clone()?)))
            else {
                continue;
            };
            let dates = bound.stated.iter().flat_map(|boundary| &boundary.dates);
            out.disputes.push((set, dates.filter_map(|date| Some((date.text.clone(), date.place?))).collect()));
        }
    }
}
