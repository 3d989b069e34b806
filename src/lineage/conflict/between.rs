//! Two facts that exclude each other by the relation table: types that contradict each other between the same two
//! nodes, and a second value where a type allows one. Not those that are certainly of different times.
//!
//! The facts that may exclude each other are put in order of time and swept once: among those whose days reach into
//! the days of the next, only the ones with another value are looked at.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Disagreement, Ground, Standpoint};
use crate::graph::{Graph, RelTypeId};
use crate::provenance::{FactId, MentionId, grouping};
use crate::value::edtf::DaySet;
use crate::value::hash::DataMap;
use crate::value::{NodeRef, RelRef, Value};

/// A fact with what decides whether another excludes it.
struct Item {
    rel: RelRef,
    mentions: Vec<MentionId>,
    days: DaySet,
    surely: Option<(i64, i64)>,
    /// Values of different classes do not exclude each other.
    class: u32,
    /// The least and the greatest its value can be.
    value: (i64, i64),
    /// Of a date with gaps: all its days.
    dates: Option<DaySet>,
}

impl Item {
    fn first(&self) -> i64 {
        self.days.earliest().map_or(i64::MIN, |day| day.days)
    }

    fn last(&self) -> i64 {
        self.days.latest().map_or(i64::MAX, |day| day.days)
    }

    /// Whether both values can be true.
    fn agrees(&self, other: &Self) -> bool {
        match (&self.dates, &other.dates) {
            (Some(a), Some(b)) => !a.excludes(b),
            _ => self.value.0 <= other.value.1 && other.value.0 <= self.value.1,
        }
    }
}

/// Every two facts that exclude each other.
pub(super) fn find(ground: &Ground<'_>) -> Vec<Disagreement> {
    let mut out = Vec::new();
    single_valued(ground, &mut out);
    contradictory(ground, &mut out);
    out
}

fn single_valued(ground: &Ground<'_>, out: &mut Vec<Disagreement>) {
    let graph = ground.graph;
    for relation in ground.vocabulary.types().iter().filter(|relation| relation.single_valued) {
        let Some(ty) = graph.rel_type(&relation.name) else { continue };
        let mut classes = Classes::default();
        let mut groups: DataMap<(NodeRef, [Arc<str>; 2]), Vec<Item>> = DataMap::default();
        for rel in all_of(graph, ty) {
            let ends = graph.rel(rel);
            let told = ["measure", "what"].map(|key| text(graph, rel, key));
            let Some(item) = item(ground, rel) else { continue };
            groups.entry((ends.start, told)).or_default().push(classes.valued(graph, ends.end, item));
        }
        groups.into_values().for_each(|items| sweep(ground, items, |_, _| true, out));
    }
}

fn contradictory(ground: &Ground<'_>, out: &mut Vec<Disagreement>) {
    let (graph, vocabulary) = (ground.graph, ground.vocabulary);
    let mut types: Vec<RelTypeId> = Vec::new();
    for relation in vocabulary.types().iter().filter(|relation| !relation.contradicts.is_empty()) {
        let named = std::iter::once(&relation.name).chain(relation.contradicts.iter());
        types.extend(named.filter_map(|name| graph.rel_type(name)));
    }
    types.sort_unstable();
    types.dedup();
    let mut groups: FxHashMap<(NodeRef, NodeRef), Vec<(RelTypeId, RelRef)>> = FxHashMap::default();
    for ty in &types {
        for rel in all_of(graph, *ty) {
            let ends = graph.rel(rel);
            groups.entry((ends.start, ends.end)).or_default().push((*ty, rel));
        }
    }
    let type_of = |item: &Item| graph.type_name(graph.rel(item.rel).ty);
    let exclude = |a: &Item, b: &Item| vocabulary.contradict(type_of(a), type_of(b));
    for rels in groups.into_values() {
        if rels.iter().all(|(ty, _)| *ty == rels[0].0) {
            continue;
        }
        let items = rels.into_iter().filter_map(|(ty, rel)| {
            let number = i64::try_from(types.iter().position(|known| *known == ty)?).ok()?;
            Some(Item { value: (number, number), ..item(ground, rel)? })
        });
        sweep(ground, items.collect(), exclude, out);
    }
}

/// A fact with its time; nothing when none of its mentions is seen.
fn item(ground: &Ground<'_>, rel: RelRef) -> Option<Item> {
    let mentions: Vec<MentionId> = ground.ids(rel).collect();
    if mentions.is_empty() && (ground.view.is_some() || !ground.evidence.ids_of(rel).is_empty()) {
        return None;
    }
    let time = ground.time(rel, &mentions);
    Some(Item { rel, mentions, days: time.days, surely: time.surely, class: 0, value: (0, 0), dates: None })
}

/// What the values of one relation are: things, dates, or quantities of one unit.
#[derive(Default)]
struct Classes {
    units: DataMap<String, u32>,
}

const THINGS: u32 = 0;
const DATES: u32 = 1;

impl Classes {
    fn valued(&mut self, graph: &Graph, end: NodeRef, item: Item) -> Item {
        let property = |key: &str| graph.key(key).map_or(Value::Null, |key| graph.node_property(end, key));
        let is = |name: &str| graph.label(name).is_some_and(|label| graph.has_label(end, label));
        if is("Literal") && is("Date") {
            let read = match property("edtf") {
                Value::Str(text) => crate::value::edtf::Edtf::parse(&text).ok(),
                _ => None,
            };
            if let Some(date) = read {
                let days = date.days();
                let bounds = (days.earliest().map_or(i64::MIN, |d| d.days), days.latest().map_or(i64::MAX, |d| d.days));
                return Item { class: DATES, value: bounds, dates: Some(days), ..item };
            }
        }
        if is("Literal")
            && is("Quantity")
            && let Some(low) = number(&property("value"))
        {
            let high = number(&property("upper")).unwrap_or(low);
            let word = |value: Value| if let Value::Str(text) = value { text } else { Arc::default() };
            let value = match &*word(property("bound")) {
                "over" => (low.saturating_add(1), i64::MAX),
                "at-least" => (low, i64::MAX),
                "under" => (i64::MIN, high.saturating_sub(1)),
                "at-most" => (i64::MIN, high),
                "" | "exact" => (low, high),
                // `about` and whatever else a dataset says excludes nothing
                _ => (i64::MIN, i64::MAX),
            };
            let next = DATES + 1 + u32::try_from(self.units.len()).unwrap_or(u32::MAX / 2);
            let class = *self.units.entry(word(property("unit")).to_string()).or_insert(next);
            return Item { class, value, ..item };
        }
        let thing = i64::from(end.0);
        Item { class: THINGS, value: (thing, thing), ..item }
    }
}

/// A figure so that it is ordered as an integer.
fn number(value: &Value) -> Option<i64> {
    #[allow(clippy::cast_precision_loss)] // figures that documents state
    let figure = match value {
        Value::Int(n) => *n as f64,
        Value::Float(n) => *n,
        _ => return None,
    };
    // adding zero makes one zero of both
    let bits = (figure + 0.0).to_bits().cast_signed();
    Some(if bits < 0 { !(bits & i64::MAX) } else { bits })
}

/// Every two of `items` that can be true of one day, differ in value and exclude each other.
fn sweep(
    ground: &Ground<'_>,
    mut items: Vec<Item>,
    exclude: impl Fn(&Item, &Item) -> bool,
    out: &mut Vec<Disagreement>,
) {
    if items.len() < 2 {
        return;
    }
    items.sort_by_key(|item| (item.first(), item.last(), item.rel));
    let gaps = items.iter().any(|item| item.dates.as_ref().is_some_and(|days| days.stretches().len() > 1));
    let mut ending: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::new();
    let mut by_low: BTreeSet<(u32, i64, usize)> = BTreeSet::new();
    let mut by_high: BTreeSet<(u32, i64, usize)> = BTreeSet::new();
    for (at, item) in items.iter().enumerate() {
        while let Some(Reverse((last, over))) = ending.peek().copied() {
            if last >= item.first() {
                break;
            }
            ending.pop();
            let past = &items[over];
            by_low.remove(&(past.class, past.value.0, over));
            by_high.remove(&(past.class, past.value.1, over));
        }
        let (class, (low, high)) = (item.class, item.value);
        let others: Vec<usize> = if gaps && class == DATES {
            by_low.range((class, i64::MIN, 0)..=(class, i64::MAX, usize::MAX)).map(|other| other.2).collect()
        } else {
            let below = by_high.range((class, i64::MIN, 0)..(class, low, 0));
            let above = by_low.range((class, high, usize::MAX)..=(class, i64::MAX, usize::MAX));
            below.chain(above).map(|other| other.2).collect()
        };
        for other in others.into_iter().map(|other| &items[other]) {
            if !item.agrees(other) && !item.days.excludes(&other.days) && exclude(item, other) {
                out.push(disagreement(ground, item, other));
            }
        }
        ending.push(Reverse((item.last(), at)));
        by_low.insert((class, low, at));
        by_high.insert((class, high, at));
    }
}

fn disagreement(ground: &Ground<'_>, a: &Item, b: &Item) -> Disagreement {
    let id = |item: &Item| ground.fact_id(item.rel);
    let first = match (id(a), id(b)) {
        (Some(x), Some(y)) => grouping::by_number(&x, &y),
        (x, y) => y.is_some().cmp(&x.is_some()),
    };
    let ordered = first.then_with(|| ground.graph.rel_id(a.rel).cmp(&ground.graph.rel_id(b.rel)));
    let (a, b) = if ordered.is_gt() { (b, a) } else { (a, b) };
    let at_once = a.surely.zip(b.surely).is_some_and(|(a, b)| a.0.max(b.0) <= a.1.min(b.1));
    let side = |item: &Item| Standpoint {
        about: FactId::Rel(item.rel),
        states: Vec::new(),
        mentions: item.mentions.clone(),
        lists: Vec::new(),
    };
    Disagreement {
        id: Arc::default(),
        kind: "contradiction".into(),
        topic: Arc::default(),
        note: Arc::default(),
        sides: [side(a), side(b)],
        certain: Some(at_once && ground.is_plain(&a.mentions) && ground.is_plain(&b.mentions)),
    }
}

fn all_of(graph: &Graph, ty: RelTypeId) -> impl Iterator<Item = RelRef> {
    let mut rels = Vec::new();
    let mut cursor = Some(0);
    while let Some(at) = cursor {
        cursor = graph.scan_type(ty, at, &mut rels, 4096);
    }
    rels.into_iter().map(RelRef::new)
}

/// A property as text; empty when it is not there.
fn text(graph: &Graph, rel: RelRef, key: &str) -> Arc<str> {
    match graph.key(key).map(|key| graph.rel_property(rel, key)) {
        Some(Value::Str(text)) => text,
        None | Some(Value::Null) => Arc::default(),
        Some(other) => crate::value::text::literal(&other, None).unwrap_or_default().into(),
    }
}
