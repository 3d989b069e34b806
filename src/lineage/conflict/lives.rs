//! Begins and ends of lives on which documents differ: the best supported date against the best supported of those
//! that exclude it. What the mentions of one act say against each other is a disagreement about that act, and is told
//! there.

use std::sync::Arc;

use super::{Disagreement, Ground, Standpoint};
use crate::lineage::kinds::Kinds;
use crate::lineage::lives::{self, Bound, Claim};
use crate::lineage::stated::{Known, ROLES};
use crate::provenance::{FactId, MentionId, same_key};
use crate::value::edtf::Edtf;
use crate::value::{NodeRef, RelRef};

/// Every begin and end in dispute; with `of`, those of that node.
pub(super) fn find(ground: &Ground<'_>, of: Option<NodeRef>) -> Vec<Disagreement> {
    let Ground { graph, evidence, vocabulary, .. } = *ground;
    let (known, kinds) = (ground.known(), Kinds::of(graph, vocabulary, &[]));
    let mut out = Vec::new();
    for node in evidence.nodes().filter(|node| of.is_none_or(|of| of == *node) && graph.node_exists(*node)) {
        let life = lives::of(&known, &kinds, node);
        for interval in &life.intervals {
            for (key, bound) in [("start", &interval.begin), ("end", &interval.end)] {
                if bound.disputed {
                    out.extend(dispute(ground, &known, node, key, bound));
                }
            }
        }
    }
    out
}

/// A date of a life with the mentions that state it.
struct Side {
    claim: Claim,
    /// The acts that it follows from; nothing for what is stated of the life itself.
    acts: Vec<Option<RelRef>>,
    mentions: Vec<MentionId>,
    rank: (usize, usize),
}

fn dispute(ground: &Ground<'_>, known: &Known<'_>, node: NodeRef, key: &str, bound: &Bound) -> Option<Disagreement> {
    let mut sides: Vec<Side> = Vec::new();
    for claim in bound.claims(known) {
        let mentions = mentions(known, &claim);
        // one date of several acts, or of an act and of the life itself, is one side
        match sides.iter_mut().find(|side| side.claim.is_as(&claim)) {
            Some(side) => {
                side.mentions.extend(mentions);
                side.acts.push(claim.act());
                side.claim.days = side.claim.days.intersect(&claim.days);
            }
            None => sides.push(Side { acts: vec![claim.act()], claim, mentions, rank: (0, 0) }),
        }
    }
    for side in &mut sides {
        side.mentions.sort_unstable();
        side.mentions.dedup();
        let documents = ground.documents(&side.mentions);
        side.rank = (documents.len(), ground.evidence.witnesses(&documents));
    }
    sides.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.claim.text.cmp(&b.claim.text)));
    let [left, right] = sides.iter().find_map(|side| {
        let one_act = |other: &Side| {
            let mut acts = side.acts.iter().chain(&other.acts);
            side.acts[0].is_some() && acts.all(|act| *act == side.acts[0])
        };
        let against = |other: &&Side| other.claim.excludes(&side.claim) && !one_act(other);
        sides.iter().find(against).map(|other| [side, other])
    })?;
    let plain =
        |side: &Side| Edtf::parse(&side.claim.text).is_ok_and(|date| date.certain()) && ground.is_plain(&side.mentions);
    let standpoint = |side: &Side| Standpoint {
        about: FactId::Node(node),
        states: vec![(key.into(), vec![side.claim.text.clone()])],
        mentions: side.mentions.clone(),
        lists: Vec::new(),
    };
    Some(Disagreement {
        id: Arc::default(),
        kind: "value".into(),
        topic: Arc::default(),
        note: Arc::default(),
        sides: [standpoint(left), standpoint(right)],
        certain: Some(plain(left) && plain(right)),
    })
}

/// The mentions that state a date of a life.
fn mentions(known: &Known<'_>, claim: &Claim) -> Vec<MentionId> {
    let rel = match claim.ground {
        lives::Ground::Act(rel) => rel,
        lives::Ground::Part(id) | lives::Ground::Exists(id) => return vec![id],
        lives::Ground::Frame => return Vec::new(),
    };
    let states = |id: &MentionId| {
        let Some(mention) = known.evidence.mention(*id) else { return false };
        let dated =
            |(key, text): (&Arc<str>, &Arc<str>)| ROLES.iter().any(|role| same_key(role, key)) && *text == claim.text;
        Some(mention.place) == claim.place && mention.stated_qualifiers().any(dated)
    };
    known.evidence.ids_of(rel).iter().copied().filter(states).collect()
}
