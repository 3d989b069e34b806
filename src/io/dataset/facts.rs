//! Mentions as rows: those of relationships fact by fact, then those that fit several facts, of lives and of events.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Maker, in_paragraph, is_of_entity, literals};
use crate::dataset::{MentionRecord, Object};
use crate::engine::{Further, RelData};
use crate::provenance::{Locator, Mention, Mode, Place, Side};

/// The relation of mentions that state a life.
const EXISTS: &str = "exists";

/// The rows of `mentions.csv`. The relationships they make come in the order they have.
pub(super) fn mentions(maker: &mut Maker<'_>) -> Vec<MentionRecord> {
    let graph = maker.graph;
    let mut rows: Vec<MentionRecord> = Vec::new();
    // a denial is listed at every fact of its group and stands in one row
    let mut denials: Vec<(Arc<str>, &Mention)> = Vec::new();
    for rel in &graph.rels {
        let node = maker.nodes.get(&rel.end).copied().filter(|node| literals::is_literal(node));
        if let (Some(node), Some(told)) = (node, graph.told.rels.get(&rel.id)) {
            maker.literals.reserve(node, rel, told);
        }
    }
    for rel in &graph.rels {
        let told = graph.told.rels.get(&rel.id).map_or(&[][..], Vec::as_slice);
        if told.is_empty() {
            maker.leave("relationships that no mention states");
            continue;
        }
        let Some((subject, object)) = ends(maker, rel, told) else {
            maker.leave("relationships between what are no entities");
            continue;
        };
        let group: Arc<str> = format!("{subject}\0{}\0{}", rel.ty, object.text()).into();
        let mut stated = false;
        for mention in told {
            let denies = mention.mode() == Mode::Denies;
            if denies && denials.iter().any(|(known, other)| *known == group && *other == mention) {
                continue;
            }
            if let Some(row) = row(maker, mention, [subject.clone(), rel.ty.clone()], object.clone()) {
                denials.extend(denies.then(|| (group.clone(), mention)));
                stated |= !denies;
                rows.push(row);
                if !denies {
                    follow(maker, rel, mention);
                }
            }
        }
        if stated {
            maker.objects.insert(rel.id, object);
        }
    }
    further(maker, &mut rows);
    rows
}

/// Subject and object of a relationship; nothing when one of them has no place in the tables.
fn ends<'g>(maker: &mut Maker<'g>, rel: &'g RelData, told: &[Mention]) -> Option<(Arc<str>, Object)> {
    let subject = maker.ids.get(&rel.start)?.clone();
    if let Some(id) = maker.ids.get(&rel.end) {
        return Some((subject, Object::Entity(id.clone())));
    }
    let node = maker.nodes.get(&rel.end).copied().filter(|node| literals::is_literal(node))?;
    Some((subject, maker.literals.object(node, rel, told)))
}

/// The paragraph of a mention names both its bodies.
fn follow(maker: &mut Maker<'_>, rel: &RelData, mention: &Mention) {
    let place = paragraph(mention);
    maker.follows.insert((rel.start, place));
    maker.follows.insert((rel.end, place));
}

fn paragraph(mention: &Mention) -> Place {
    Place { at: Locator::paragraph(mention.place.at.paragraph), ..mention.place }
}

/// A row; nothing when the mention has no place that a table can say.
fn row(
    maker: &mut Maker<'_>,
    mention: &Mention,
    [subject, relation]: [Arc<str>; 2],
    object: Object,
) -> Option<MentionRecord> {
    let Some(at) = in_paragraph(mention.place.at) else {
        maker.leave("mentions that name a document and no paragraph of it");
        return None;
    };
    Some(MentionRecord {
        row: 0,
        id: id(maker, &mention.id),
        subject,
        relation,
        object,
        qualifiers: mention.qualifiers.to_vec(),
        source: maker.source(&mention.place),
        at,
        confidence: mention.confidence,
        fingerprint: mention.fingerprint,
        note: Arc::default(),
    })
}

/// The id of a mention; one that has none, or one that is taken, gets its own.
fn id(maker: &mut Maker<'_>, own: &Arc<str>) -> Arc<str> {
    let mut id = own.clone();
    let mut number = maker.mentions.len();
    while id.is_empty() || maker.mentions.contains(&id) {
        number += 1;
        id = format!("m{number}").into();
    }
    maker.mentions.insert(id.clone());
    id
}

/// The mentions that are of no relationship, or of several.
fn further(maker: &mut Maker<'_>, rows: &mut Vec<MentionRecord>) {
    let graph = maker.graph;
    let rels: HashMap<u64, &RelData> = graph.rels.iter().map(|rel| (rel.id, rel)).collect();
    for further in &graph.told.further {
        let (mention, key, object) = match further {
            Further::Exists { node, mention } if !is_of_entity(mention) => {
                let Some(entity) = entity(maker, *node, mention) else { continue };
                (mention, [entity, EXISTS.into()], Object::Nothing)
            }
            Further::Part { node, relation, side, mention, .. } => {
                let Some(entity) = entity(maker, *node, mention) else { continue };
                match side {
                    Side::Start => (mention, [entity, relation.clone()], Object::Nothing),
                    Side::End => (mention, [Arc::default(), relation.clone()], Object::Entity(entity)),
                }
            }
            Further::Either { rels: of, mention } => {
                let rel = of.first().and_then(|id| rels.get(id));
                let place = rel.and_then(|rel| Some((rel, maker.ids.get(&rel.start)?, maker.objects.get(&rel.id)?)));
                let Some((rel, subject, object)) = place else {
                    maker.leave("mentions of relationships that are left out");
                    continue;
                };
                (mention, [subject.clone(), rel.ty.clone()], object.clone())
            }
            _ => continue,
        };
        rows.extend(row(maker, mention, key, object));
    }
}

/// The id of the body that a mention of its life or of its part in an event is about.
fn entity(maker: &mut Maker<'_>, node: u64, mention: &Mention) -> Option<Arc<str>> {
    match maker.ids.get(&node).cloned() {
        Some(id) => {
            maker.follows.insert((node, paragraph(mention)));
            Some(id)
        }
        None => {
            maker.leave("mentions of what are no entities");
            None
        }
    }
}
