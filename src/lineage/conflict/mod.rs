//! What documents say against each other, side by side; never resolved.
//!
//! | | two sides |
//! |---|---|
//! | declared | as the makers of the dataset wrote them in conflicts.csv, with topic and note |
//! | contradiction | two facts that exclude each other by the relation table, unless certainly at different times ([`between`]) |
//! | value, denial | what the mentions of one fact say: values that exclude each other; yes and no ([`within`]) |
//! | absence | a fact that held for certain on a day of which a complete list lacks it ([`within`]) |
//! | value | when a body began or ended ([`lives`]) |
//!
//! A side is known by the handle of its fact, not by its sentence: two bodies may have one name. It shows what it
//! states otherwise than the other side, and the mentions that state it. A mention that another corrects is a side
//! like any other here. Time: O(n log n + rows).

mod between;
mod lives;
mod time;
mod within;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::stated::Known;
use super::validity::Lists;
use crate::graph::Graph;
use crate::provenance::{
    Claim, Evidence, FactId, Mention, MentionId, Mode, SourceId, View, Vocabulary, grouping, view,
};
use crate::value::hash::DataSet;
use crate::value::{NodeRef, RelRef, Value};

/// Two statements that do not go together.
#[derive(Clone, Debug)]
pub(crate) struct Disagreement {
    /// Id in the dataset (`C1`); empty for one that was found.
    pub id: Arc<str>,
    /// `contradiction`, `value`, `denial`, `absence`; of a declared one whatever its makers wrote.
    pub kind: Arc<str>,
    /// What it is about, in a few words, when its makers say so.
    pub topic: Arc<str>,
    /// What a reader should know.
    pub note: Arc<str>,
    /// The two sides.
    pub sides: [Standpoint; 2],
    /// Whether they cannot both be true, whatever is not stated turns out to be; nothing for one that was declared.
    pub certain: Option<bool>,
}

/// One side of a disagreement.
#[derive(Clone, Debug)]
pub(crate) struct Standpoint {
    /// The fact it is about.
    pub about: FactId,
    /// What it states otherwise than the other side: values by key, as properties spell it.
    pub states: Vec<(Arc<str>, Vec<Arc<str>>)>,
    /// The mentions that state it; none in a graph without evidence.
    pub mentions: Vec<MentionId>,
    /// The documents that say it by what they list, as a whole.
    pub lists: Vec<SourceId>,
}

/// What is looked through for disagreements.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// The facts.
    pub graph: &'a Graph,
    /// What is said of them.
    pub evidence: &'a Evidence,
    /// What excludes what.
    pub vocabulary: &'a Vocabulary,
    /// What is seen of the evidence; all of it without.
    pub view: Option<&'a View>,
    /// The lists that say by silence what did not hold.
    pub lists: &'a Lists,
}

/// The key under which the sides of a denial differ.
pub(super) const MODE: &str = "mode";
/// The key under which a list says of which days it has all there were.
pub(super) const COMPLETE: &str = "complete";

/// Every disagreement: declared ones first, in their order, then those that are found, by the ids of their facts.
/// With `of`, only those that are about a fact of that node.
pub(crate) fn conflicts(ground: &Ground<'_>, of: Option<NodeRef>) -> Vec<Disagreement> {
    let mut out: Vec<Disagreement> = ground.declared();
    let known: FxHashSet<[FactId; 2]> = out.iter().map(pair).collect();
    let shown: DataSet<(FactId, Arc<str>)> = out
        .iter()
        .filter(|one| one.sides[0].about == one.sides[1].about)
        .flat_map(|one| one.sides.iter().flat_map(|side| side.states.iter().map(|(key, _)| (side.about, key.clone()))))
        .collect();
    let mut found: Vec<Disagreement> = between::find(ground);
    found.retain(|one| !known.contains(&pair(one)));
    found.extend(within::find(ground).into_iter().filter(|one| {
        let side = &one.sides[0];
        !side.states.iter().any(|(key, _)| shown.contains(&(side.about, key.clone())))
    }));
    found.extend(lives::find(ground, of));
    if let Some(node) = of {
        let touches = |one: &Disagreement| one.sides.iter().any(|side| ground.touches(side.about, node));
        out.retain(touches);
        found.retain(touches);
    }
    let mut found: Vec<(Rank, Disagreement)> = found.into_iter().map(|one| (ground.rank(&one), one)).collect();
    found.sort_by(|a, b| compare(&a.0, &b.0));
    out.extend(found.into_iter().map(|(_, one)| one));
    out
}

/// What decides the order of what is found: nothing in it depends on the order of rows.
struct Rank {
    kind: usize,
    ids: [Option<Arc<str>>; 2],
    handles: [u64; 2],
    key: Option<Arc<str>>,
}

fn compare(a: &Rank, b: &Rank) -> std::cmp::Ordering {
    let ids = |a: &Option<Arc<str>>, b: &Option<Arc<str>>| match (a, b) {
        (Some(a), Some(b)) => grouping::by_number(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    (a.kind.cmp(&b.kind))
        .then_with(|| ids(&a.ids[0], &b.ids[0]))
        .then_with(|| ids(&a.ids[1], &b.ids[1]))
        .then_with(|| a.handles.cmp(&b.handles))
        .then_with(|| a.key.cmp(&b.key))
}

fn pair(one: &Disagreement) -> [FactId; 2] {
    let [a, b] = [one.sides[0].about, one.sides[1].about];
    if a <= b { [a, b] } else { [b, a] }
}

impl<'a> Ground<'a> {
    /// What is known, with the lists that say by silence what did not hold.
    pub(crate) fn of(Known { graph, evidence, vocabulary, view }: Known<'a>, lists: &'a Lists) -> Self {
        Self { graph, evidence, vocabulary, view, lists }
    }

    fn known(&self) -> Known<'a> {
        Known { graph: self.graph, evidence: self.evidence, vocabulary: self.vocabulary, view: self.view }
    }

    /// Those that the makers of the dataset wrote down, as far as both sides are seen.
    fn declared(&self) -> Vec<Disagreement> {
        let all = self.vocabulary.conflicts.iter().filter_map(|declared| {
            let [left, right] = [self.claimed(&declared.sides[0])?, self.claimed(&declared.sides[1])?];
            let mut sides = [left, right];
            if sides[0].about == sides[1].about {
                within::tell_apart(self, &mut sides);
            }
            let (id, kind) = (declared.id.clone(), declared.kind.clone());
            let (topic, note) = (declared.topic.clone(), declared.note.clone());
            Some(Disagreement { id, kind, topic, note, sides, certain: None })
        });
        all.collect()
    }

    /// A side as declared; nothing when its fact is gone or not seen.
    fn claimed(&self, claim: &Claim) -> Option<Standpoint> {
        if !self.graph.rel_exists(claim.rel) {
            return None;
        }
        let meant = |id: &MentionId| {
            let source = self.evidence.mention(*id).map(|mention| mention.place.source);
            claim.sources.is_empty() || source.is_some_and(|source| claim.sources.contains(&source))
        };
        let mentions: Vec<MentionId> = self.ids(claim.rel).filter(meant).collect();
        let is_seen = self.view.is_none() || !mentions.is_empty();
        is_seen.then(|| Standpoint { about: FactId::Rel(claim.rel), states: Vec::new(), mentions, lists: Vec::new() })
    }

    /// The mentions of a relationship that are seen, also those that others correct.
    fn ids(&self, rel: RelRef) -> impl Iterator<Item = MentionId> {
        self.seen(self.evidence.ids_of(rel))
    }

    fn seen<'b>(&'b self, ids: &'b [MentionId]) -> impl Iterator<Item = MentionId> + 'b {
        let source = |id: &MentionId| self.evidence.mention(*id).map(|mention| mention.place.source);
        ids.iter().copied().filter(move |id| source(id).is_some_and(|source| view::sees(self.view, source)))
    }

    fn mentions<'b>(&'b self, ids: &'b [MentionId]) -> impl Iterator<Item = &'b Mention> + Clone + 'b {
        ids.iter().filter_map(|id| self.evidence.mention(*id))
    }

    /// Whether something stands on these mentions for certain: one of them states it plainly of what it surely means.
    fn is_plain(&self, ids: &[MentionId]) -> bool {
        use crate::provenance::Identified;
        ids.is_empty() || self.mentions(ids).any(|m| m.mode() != Mode::Hedges && m.identified() != Identified::Possible)
    }

    /// The distinct documents behind mentions, sorted.
    fn documents(&self, ids: &[MentionId]) -> Vec<SourceId> {
        let mut sources: Vec<SourceId> = self.mentions(ids).map(|mention| mention.place.source).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    fn touches(&self, fact: FactId, node: NodeRef) -> bool {
        match fact {
            FactId::Node(one) => one == node,
            FactId::Rel(rel) => {
                let ends = self.graph.rel(rel);
                ends.start == node || ends.end == node
            }
            FactId::Mention(_) => false,
        }
    }

    fn rank(&self, one: &Disagreement) -> Rank {
        let id = |side: &Standpoint| match side.about {
            FactId::Rel(rel) => self.fact_id(rel),
            FactId::Node(_) | FactId::Mention(_) => grouping::smallest_id(self.mentions(&side.mentions)),
        };
        let handle = |side: &Standpoint| match side.about {
            FactId::Rel(rel) => self.graph.rel_id(rel).0,
            FactId::Node(node) => self.graph.node_id(node).0,
            FactId::Mention(MentionId(id)) => u64::from(id),
        };
        let [left, right] = &one.sides;
        let kind = ["contradiction", "value", "denial", "absence"].iter().position(|kind| **kind == *one.kind);
        Rank {
            kind: kind.unwrap_or(usize::MAX),
            ids: [id(left), id(right)],
            handles: [handle(left), handle(right)],
            key: left.states.first().map(|(key, _)| key.clone()),
        }
    }

    /// The smallest id among the mentions of a fact: by it facts are put in order.
    fn fact_id(&self, rel: RelRef) -> Option<Arc<str>> {
        grouping::smallest_id(self.mentions(self.evidence.ids_of(rel)))
    }
}

/// A fact in words: subject, relation, object by their names.
pub(crate) fn claim_text(graph: &Graph, rel: RelRef) -> String {
    let ends = graph.rel(rel);
    format!("{} {} {}", node_name(graph, ends.start), graph.type_name(ends.ty), node_name(graph, ends.end))
}

/// What a node is called: its `name`, else its `value`, else its `id`, else its number.
pub(crate) fn node_name(graph: &Graph, node: NodeRef) -> String {
    for key in ["name", "value", "id"] {
        match graph.key(key).map(|key| graph.node_property(node, key)) {
            None | Some(Value::Null) => {}
            Some(Value::Str(text)) => return text.to_string(),
            Some(other) => return crate::value::text::scalar(&other).unwrap_or_default(),
        }
    }
    format!("node {}", graph.node_id(node))
}
