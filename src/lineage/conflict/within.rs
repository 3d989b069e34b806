//! What the mentions of one fact say against each other: values that exclude each other, and yes against no.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{COMPLETE, Disagreement, Ground, MODE, Standpoint};
use crate::lineage::validity;
use crate::provenance::{FactId, MentionId, Mode, SourceId, ValueType, values};
use crate::value::RelRef;
use crate::value::edtf::Edtf;

/// A value with the mentions that state it.
type Valued<'a> = (&'a Arc<str>, &'a Vec<MentionId>);

/// Every fact of which mentions exclude each other.
pub(super) fn find(ground: &Ground<'_>) -> Vec<Disagreement> {
    let mut out = Vec::new();
    for (rel, ids) in ground.evidence.rels().filter(|(rel, _)| ground.graph.rel_exists(*rel)) {
        let own: Vec<MentionId> = ground.seen(ids).collect();
        if own.is_empty() {
            continue;
        }
        if own.len() > 1 {
            disputed(ground, rel, &own, &mut out);
        }
        let denials: Vec<MentionId> = ground.seen(ground.evidence.denials_of(rel)).collect();
        out.extend(absent(ground, rel, &own));
        if !denials.is_empty() {
            out.push(denied(ground, rel, own, denials));
        }
    }
    out
}

/// The values of one fact that exclude each other, key by key.
fn disputed(ground: &Ground<'_>, rel: RelRef, ids: &[MentionId], out: &mut Vec<Disagreement>) {
    let relation = ground.graph.type_name(ground.graph.rel(rel).ty);
    for key in values::keys(ground.mentions(ids)) {
        let reading = ground.vocabulary.qualifier(&key, relation);
        if reading.many || !reading.conflicts {
            continue;
        }
        let stated = by_value(ground, ids, &key, relation);
        if let Some(sides) = best(ground, reading.ty, &stated) {
            out.push(dispute(ground, FactId::Rel(rel), &key, reading.ty, sides));
        }
    }
}

/// Two values of one key as the sides of a disagreement.
fn dispute(ground: &Ground<'_>, about: FactId, key: &Arc<str>, ty: ValueType, sides: [Valued<'_>; 2]) -> Disagreement {
    let doubted = |value: &Arc<str>| ty == ValueType::Edtf && Edtf::parse(value).is_ok_and(|date| !date.certain());
    let certain = sides.iter().all(|(value, ids)| !doubted(value) && ground.is_plain(ids));
    let side = |(value, ids): Valued<'_>| Standpoint {
        about,
        states: vec![(key.clone(), vec![value.clone()])],
        mentions: ids.clone(),
        lists: Vec::new(),
    };
    let [left, right] = sides;
    Disagreement {
        id: Arc::default(),
        kind: "value".into(),
        topic: Arc::default(),
        note: Arc::default(),
        sides: [side(left), side(right)],
        certain: Some(certain),
    }
}

/// The distinct values under a key, each with the mentions that state it.
fn by_value(ground: &Ground<'_>, ids: &[MentionId], key: &str, relation: &str) -> BTreeMap<Arc<str>, Vec<MentionId>> {
    let reading = ground.vocabulary.qualifier(key, relation);
    let mut stated: BTreeMap<Arc<str>, Vec<MentionId>> = BTreeMap::new();
    for id in ids {
        let Some(mention) = ground.evidence.mention(*id) else { continue };
        for value in ground.evidence.stated_by(mention, key, reading, ground.vocabulary) {
            let places = stated.entry(value.clone()).or_default();
            if places.last() != Some(id) {
                places.push(*id);
            }
        }
    }
    stated
}

/// The best supported value that another excludes, and the best supported of those that exclude it: by documents,
/// then by independent voices, then as the texts are ordered.
fn best<'a>(
    ground: &Ground<'_>,
    ty: ValueType,
    stated: &'a BTreeMap<Arc<str>, Vec<MentionId>>,
) -> Option<[Valued<'a>; 2]> {
    if stated.len() < 2 || ty == ValueType::Edtf && overlap(stated.keys()) {
        return None;
    }
    let mut ranked: Vec<((usize, usize), Valued<'a>)> = stated
        .iter()
        .map(|valued| {
            let documents = ground.documents(valued.1);
            ((documents.len(), ground.evidence.witnesses(&documents)), valued)
        })
        .collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.0.cmp(b.1.0)));
    ranked.iter().find_map(|(_, valued)| {
        let against = ranked.iter().find(|(_, other)| values::exclude(ty, valued.0, other.0))?;
        Some([*valued, against.1])
    })
}

/// Whether there is a day that all dates may mean: then none excludes another, and no two need be compared.
fn overlap<'a>(dates: impl Iterator<Item = &'a Arc<str>>) -> bool {
    let mut common = crate::value::edtf::DaySet::all();
    for date in dates.filter_map(|text| Edtf::parse(text).ok()) {
        common = common.intersect(&date.days());
    }
    !common.is_empty()
}

/// A fact of which it is stated that it held on a day, and the complete lists of that day that do not have it. A mention that
/// another corrects states nothing here: the fact is asked as it is told.
fn absent(ground: &Ground<'_>, rel: RelRef, own: &[MentionId]) -> Option<Disagreement> {
    let known = ground.known();
    let lacking = ground.lists.lacking(rel, &known);
    if lacking.is_empty() {
        return None;
    }
    let held = validity::time_of(known.evidence, known.vocabulary, known.mentions(rel)).certain();
    let mut against: Vec<SourceId> =
        lacking.iter().filter(|(_, days)| !held.excludes(days)).map(|list| list.0).collect();
    against.sort_unstable();
    if against.is_empty() {
        return None;
    }
    let listed = against.iter().filter_map(|id| known.evidence.source(*id)).map(|source| source.reading.during.clone());
    let mut listed: Vec<Arc<str>> = listed.collect();
    listed.sort_unstable();
    listed.dedup();
    let about = FactId::Rel(rel);
    let affirms = vec![(MODE.into(), vec![Mode::States.name().into()])];
    let left = Standpoint { about, states: affirms, mentions: own.to_vec(), lists: Vec::new() };
    let right = Standpoint { about, states: vec![(COMPLETE.into(), listed)], mentions: Vec::new(), lists: against };
    Some(Disagreement {
        id: Arc::default(),
        kind: "absence".into(),
        topic: Arc::default(),
        note: Arc::default(),
        sides: [left, right],
        certain: Some(ground.is_plain(own)),
    })
}

fn denied(ground: &Ground<'_>, rel: RelRef, own: Vec<MentionId>, denials: Vec<MentionId>) -> Disagreement {
    let certain = ground.is_plain(&own) && ground.is_plain(&denials);
    let side = |mentions: Vec<MentionId>| {
        let mut modes: Vec<Arc<str>> = ground.mentions(&mentions).map(|m| Arc::from(m.mode().name())).collect();
        modes.sort_unstable();
        modes.dedup();
        Standpoint { about: FactId::Rel(rel), states: vec![(MODE.into(), modes)], mentions, lists: Vec::new() }
    };
    Disagreement {
        id: Arc::default(),
        kind: "denial".into(),
        topic: Arc::default(),
        note: Arc::default(),
        sides: [side(own), side(denials)],
        certain: Some(certain),
    }
}

/// Says what two sides of one fact state differently: under keys that count for conflicts, else under any, and the
/// wording (which differs nearly always) only when nothing else does; what one side alone states only as a last resort.
pub(super) fn tell_apart(ground: &Ground<'_>, sides: &mut [Standpoint; 2]) {
    let FactId::Rel(rel) = sides[0].about else { return };
    let relation = ground.graph.type_name(ground.graph.rel(rel).ty);
    let keys = values::keys(sides.iter().flat_map(|side| ground.mentions(&side.mentions)));
    let stated = |side: &Standpoint, key: &str| {
        by_value(ground, &side.mentions, key, relation).into_keys().collect::<Vec<Arc<str>>>()
    };
    /// A key with the values of either side.
    type Differing = (Arc<str>, [Vec<Arc<str>>; 2]);
    let mut differing: Vec<Differing> = keys
        .into_iter()
        .map(|key| {
            let both = [stated(&sides[0], &key), stated(&sides[1], &key)];
            (key, both)
        })
        .filter(|(_, [a, b])| a != b)
        .collect();
    // who is silent does not differ: what both sides state comes first
    let counts = |key: &str| ground.vocabulary.qualifier(key, relation).conflicts;
    let rank = |(key, [a, b]): &(Arc<str>, [Vec<Arc<str>>; 2])| match (a.is_empty() || b.is_empty(), &**key) {
        (false, key) if counts(key) => 0,
        (false, "wording") => 2,
        (false, _) => 1,
        (true, key) if counts(key) => 3,
        (true, _) => 4,
    };
    let best = differing.iter().map(rank).min();
    differing.retain(|one| Some(rank(one)) == best);
    for (key, both) in differing {
        for (side, values) in sides.iter_mut().zip(both) {
            if !values.is_empty() {
                side.states.push((key.clone(), values));
            }
        }
    }
}
