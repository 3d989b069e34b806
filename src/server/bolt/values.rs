//! Values on their way out: from an answer to bytes, without a tree between.

use crate::Value;
use crate::engine::{Entities, NodeData, RelData};
use crate::value::Path;

use super::packstream::{Dialect, Writer};

/// Writes one value.
pub(crate) fn write(to: &mut Writer, value: &Value, entities: &Entities, dialect: Dialect) {
    match value {
        Value::Null => to.null(),
        Value::Bool(b) => to.bool(*b),
        Value::Int(n) => to.int(*n),
        Value::Float(x) => to.float(*x),
        Value::Str(text) => to.text(text),
        Value::List(items) => {
            to.list(items.len());
            items.iter().for_each(|item| write(to, item, entities, dialect));
        }
        Value::Map(map) => {
            to.map(map.entries().len());
            for (key, item) in map.entries() {
                to.text(key);
                write(to, item, entities, dialect);
            }
        }
        Value::Node(node) => write_node(to, entities.node(*node).unwrap_or(&NodeData::default()), dialect),
        Value::Rel(rel) => write_rel(to, entities.rel(*rel).unwrap_or(&RelData::default()), dialect),
        Value::Path(path) => write_path(to, path, entities, dialect),
        Value::Date(date) => {
            to.structure(0x44, 1);
            to.int(date.days);
        }
        Value::LocalTime(time) => {
            to.structure(0x74, 1);
            to.int(time.nanos);
        }
        Value::Time(time) => {
            to.structure(0x54, 2);
            to.int(time.nanos);
            to.int(time.offset.into());
        }
        Value::LocalDateTime(moment) => {
            to.structure(0x64, 2);
            to.int(moment.seconds);
            to.int(moment.nanos.into());
        }
        Value::DateTime(moment) => {
            let tag = match (dialect.utc, &moment.zone) {
                (true, None) => 0x49,
                (true, Some(_)) => 0x69,
                (false, None) => 0x46,
                (false, Some(_)) => 0x66,
            };
            to.structure(tag, 3);
            to.int(if dialect.utc { moment.instant().seconds } else { moment.local.seconds });
            to.int(moment.local.nanos.into());
            match &moment.zone {
                Some(zone) => to.text(zone),
                None => to.int(moment.offset.into()),
            }
        }
        Value::Duration(duration) => {
            to.structure(0x45, 4);
            to.int(duration.months);
            to.int(duration.days);
            to.int(duration.seconds);
            to.int(duration.nanos.into());
        }
        // a kind of value that is new to the engine and not yet to Bolt
        #[allow(unreachable_patterns)]
        other => to.text(&crate::value::text::scalar(other).unwrap_or_default()),
    }
}

fn id(to: &mut Writer, id: u64) {
    to.int(i64::try_from(id).unwrap_or(i64::MAX));
}

fn write_properties(to: &mut Writer, properties: &[(std::sync::Arc<str>, Value)], dialect: Dialect) {
    to.map(properties.len());
    let none = Entities::default();
    for (key, value) in properties {
        to.text(key);
        write(to, value, &none, dialect);
    }
}

fn write_node(to: &mut Writer, node: &NodeData, dialect: Dialect) {
    to.structure(0x4E, if dialect.element_ids { 4 } else { 3 });
    id(to, node.id);
    to.list(node.labels.len());
    node.labels.iter().for_each(|label| to.text(label));
    write_properties(to, &node.properties, dialect);
    if dialect.element_ids {
        to.text(&node.id.to_string());
    }
}

fn write_rel(to: &mut Writer, rel: &RelData, dialect: Dialect) {
    to.structure(0x52, if dialect.element_ids { 8 } else { 5 });
    id(to, rel.id);
    id(to, rel.start);
    id(to, rel.end);
    to.text(&rel.ty);
    write_properties(to, &rel.properties, dialect);
    if dialect.element_ids {
        to.text(&rel.id.to_string());
        to.text(&rel.start.to_string());
        to.text(&rel.end.to_string());
    }
}

fn write_unbound(to: &mut Writer, rel: &RelData, dialect: Dialect) {
    to.structure(0x72, if dialect.element_ids { 4 } else { 3 });
    id(to, rel.id);
    to.text(&rel.ty);
    write_properties(to, &rel.properties, dialect);
    if dialect.element_ids {
        to.text(&rel.id.to_string());
    }
}

/// The nodes and relationships of a path once each, and the walk as their numbers: a relationship's is counted from 1 and
/// negative where it is walked against its direction.
fn write_path(to: &mut Writer, path: &Path, entities: &Entities, dialect: Dialect) {
    let (mut nodes, mut rels) = (Vec::new(), Vec::new());
    let mut walk = Vec::with_capacity(path.rels.len() * 2);
    let mut place = |node| match nodes.iter().position(|known| *known == node) {
        Some(at) => at,
        None => {
            nodes.push(node);
            nodes.len() - 1
        }
    };
    if let Some(first) = path.nodes.first() {
        place(*first);
    }
    let ends = path.nodes.iter().zip(path.nodes.iter().skip(1));
    for (rel, (from, next)) in path.rels.iter().zip(ends) {
        let at = match rels.iter().position(|known| known == rel) {
            Some(at) => at,
            None => {
                rels.push(*rel);
                rels.len() - 1
            }
        };
        let number = i64::try_from(at + 1).unwrap_or(i64::MAX);
        let start = entities.rel(*rel).map(|r| r.start);
        let forward = entities.node(*from).map(|n| n.id) == start;
        walk.push(if forward { number } else { -number });
        walk.push(i64::try_from(place(*next)).unwrap_or(i64::MAX));
    }
    let (no_node, no_rel) = (NodeData::default(), RelData::default());
    to.structure(0x50, 3);
    to.list(nodes.len());
    nodes.iter().for_each(|node| write_node(to, entities.node(*node).unwrap_or(&no_node), dialect));
    to.list(rels.len());
    rels.iter().for_each(|rel| write_unbound(to, entities.rel(*rel).unwrap_or(&no_rel), dialect));
    to.list(walk.len());
    walk.iter().for_each(|step| to.int(*step));
}
