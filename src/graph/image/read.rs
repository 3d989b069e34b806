//! The parts of an image as a graph. What a part says is believed only as far as the others bear it out.

use std::sync::Arc;

use super::bytes::{Damaged, Read, Reader};
use super::declared::{read_index, with_own_names};
use super::{Loader, PartSource, part};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::graph::columns::Part;
use crate::graph::csr::{Csr, Offsets, RelSlots};
use crate::graph::id_map::IdMap;
use crate::graph::index::Index;
use crate::graph::labels::{KeyCounts, LabelList, LabelSet};
use crate::graph::stats::Patterns;
use crate::graph::topology::{MAX_SLOTS, TypeOf};
use crate::graph::{Graph, IndexId, KeyId, LabelId, RelTypeId};

/// The error for a part that is missing or does not say what it should.
pub(crate) fn damaged(part: &str) -> Error {
    Error::new(
        Class::StoreError,
        Phase::Runtime,
        Code::StoreDamaged,
        format!("the part {part} of the store does not hold what it should"),
    )
    .hint("restore the file from a backup; `shejire check` lists what is damaged")
}

/// The graph whose parts these are; columns and adjacency are loaded when they are asked for. Errors: `StoreDamaged`.
pub(crate) fn open(source: Arc<dyn PartSource>) -> Result<Graph> {
    let mut graph = Graph::new();
    let part = |name: &str| source.part(name)?.ok_or_else(|| damaged(name));
    let bytes = part(part::NAMES)?;
    names(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::NAMES))?;

    let bytes = part(part::NODES)?;
    let (bound, ids) = nodes(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::NODES))?;
    let bytes = part(part::RELS)?;
    let rels = rels(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::RELS))?;

    let loader = Arc::new(Loader::new(Arc::clone(&source), (bound, rels.bound)));
    graph.topology.open((bound, ids), (rels.bound, rels.ids), rels.types, Arc::clone(&loader));
    let bytes = part(part::SCHEMA)?;
    schema(&mut Reader(&bytes), &mut graph, &loader).map_err(|_| damaged(part::SCHEMA))?;
    if let Some(bytes) = source.part(part::CONSTRAINTS)? {
        super::declared::open(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::CONSTRAINTS))?;
    }
    if let Some(bytes) = source.part(part::TEXTS)? {
        super::declared::open_texts(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::TEXTS))?;
    }
    if let Some(bytes) = source.part(part::FACTS)? {
        facts(&mut Reader(&bytes), &mut graph).map_err(|_| damaged(part::FACTS))?;
    }
    Ok(graph)
}

fn names(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<()> {
    for _ in 0..reader.count(1)? {
        graph.ensure_label(reader.text()?)?;
    }
    for _ in 0..reader.count(1)? {
        graph.ensure_type(reader.text()?)?;
    }
    for _ in 0..reader.count(1)? {
        graph.ensure_key(reader.text()?)?;
    }
    reader.is_empty().then_some(()).ok_or(Damaged)
}

fn nodes(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<(u32, IdMap)> {
    let (bound, ids) = ids(reader)?;
    let mut sets = Vec::new();
    for _ in 0..reader.count(2)? {
        let labels = (0..reader.count(1)?).map(|_| Ok(LabelId(reader.word()?))).collect::<Read<LabelList>>()?;
        let known = graph.names().labels().len();
        if labels.iter().any(|label| label.index() >= known) {
            return Err(Damaged);
        }
        sets.push(LabelSet { labels, nodes: 0, keys: keys(reader, graph)? });
    }
    let runs = runs(reader, bound)?;
    if (bound > 0 && runs.is_empty()) || runs.iter().any(|run| run.1 >= sets.len() as u64) || !reader.is_empty() {
        return Err(Damaged);
    }
    let runs: Vec<(u32, u32)> = runs.into_iter().map(|(slot, set)| (slot, set as u32)).collect();
    Arc::make_mut(&mut graph.labels).open(sets, &runs, bound).then_some((bound, ids)).ok_or(Damaged)
}

struct Rels {
    bound: u32,
    ids: IdMap,
    types: TypeOf,
}

fn rels(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<Rels> {
    let (bound, ids) = ids(reader)?;
    let known = graph.names().types().len();
    let types = match reader.byte()? {
        0 => {
            let runs = runs(reader, bound)?;
            if runs.iter().any(|run| run.1 >= known as u64) || (bound > 0 && runs.is_empty()) {
                return Err(Damaged);
            }
            TypeOf::Runs(runs.into_iter().map(|(slot, ty)| (slot, RelTypeId(ty as u32))).collect())
        }
        1 => {
            let types = reader.words()?;
            if types.len() != bound as usize || types.iter().any(|&ty| ty as usize >= known) {
                return Err(Damaged);
            }
            TypeOf::Each(types)
        }
        _ => return Err(Damaged),
    };
    for _ in 0..reader.count(1)? {
        let keys = keys(reader, graph)?;
        Arc::make_mut(&mut graph.rel_keys).push(keys);
    }
    reader.is_empty().then_some(Rels { bound, ids, types }).ok_or(Damaged)
}

fn schema(reader: &mut Reader<'_>, graph: &mut Graph, loader: &Arc<Loader>) -> Read<()> {
    let known = graph.names().keys().len();
    let definitions = with_own_names(graph, |named| {
        let count = reader.count(4)?;
        let each = (0..count).map(|at| read_index(IndexId(at as u32), reader, named));
        each.collect::<Read<Vec<_>>>()
    })?;
    let (node_keys, rel_keys) = (reader.words()?, reader.words()?);
    if !reader.is_empty() || node_keys.iter().chain(&rel_keys).any(|&key| key as usize >= known) {
        return Err(Damaged);
    }
    graph.node_columns.open(node_keys.into_iter().map(KeyId), Arc::clone(loader), Part::Nodes);
    graph.rel_columns.open(rel_keys.into_iter().map(KeyId), Arc::clone(loader), Part::Rels);
    for definition in definitions {
        graph.put_index(Index::stored(definition, Arc::clone(loader)));
    }
    Ok(())
}

/// What counting would tell; images of earlier versions do not have it.
fn facts(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<()> {
    let (types, sets) = (graph.names().types().len(), graph.labels.sets().len() as u64);
    for ty in (0u32..).map(RelTypeId).take(reader.count(1)?) {
        if reader.byte()? == 0 {
            continue;
        }
        let loops = reader.small()?;
        let mut patterns = Patterns::default();
        for _ in 0..reader.count(3)? {
            let (start, end, count) = (reader.word()?, reader.word()?, reader.small()?);
            if u64::from(start.max(end)) >= sets || count == 0 || patterns.insert((start, end), count).is_some() {
                return Err(Damaged);
            }
        }
        let counted = patterns.values().try_fold(0u64, |sum, n| sum.checked_add(*n)).ok_or(Damaged)?;
        if ty.index() >= types || counted != graph.type_count(ty) || loops > counted {
            return Err(Damaged);
        }
        if let Some(adjacency) = graph.topology.types.get_mut(ty.index()) {
            Arc::make_mut(adjacency).know_loops(loops);
        }
        graph.patterns.open(ty, patterns);
    }
    let indexes = reader.count(1)?;
    let mut known = graph.indexes.all_mut();
    for _ in 0..indexes {
        let index = known.next().ok_or(Damaged)?;
        if let Some(distinct) = reader.small()?.checked_sub(1) {
            index.note_in_image(Some(distinct));
        }
    }
    reader.is_empty().then_some(()).ok_or(Damaged)
}

fn ids(reader: &mut Reader<'_>) -> Read<(u32, IdMap)> {
    let bound = reader.word()?;
    let next = reader.small()?;
    let runs = runs(reader, bound)?;
    let ascending = runs.windows(2).all(|w| w[0].1 + u64::from(w[1].0 - w[0].0) <= w[1].1);
    let last = runs.last().map_or(0, |run| run.1.saturating_add(u64::from(bound - run.0)));
    if bound > MAX_SLOTS || !ascending || last > next || next > i64::MAX as u64 || (bound > 0 && runs.is_empty()) {
        return Err(Damaged);
    }
    Ok((bound, IdMap::from_runs(runs, bound, next)))
}

/// `(slot, value)`, the first at slot 0, slots ascending below `bound`.
fn runs(reader: &mut Reader<'_>, bound: u32) -> Read<Vec<(u32, u64)>> {
    let count = reader.count(2)?;
    let runs = (0..count).map(|_| Ok((reader.word()?, reader.small()?))).collect::<Read<Vec<_>>>()?;
    let fits = runs.first().is_none_or(|run| run.0 == 0)
        && runs.windows(2).all(|w| w[0].0 < w[1].0)
        && runs.last().is_none_or(|run| run.0 < bound)
        && runs.iter().all(|run| run.1 <= i64::MAX as u64);
    fits.then_some(runs).ok_or(Damaged)
}

fn keys(reader: &mut Reader<'_>, graph: &Graph) -> Read<KeyCounts> {
    let count = reader.count(2)?;
    let entries = (0..count).map(|_| Ok((KeyId(reader.word()?), reader.small()?))).collect::<Read<Vec<_>>>()?;
    let known = graph.names().keys().len();
    match entries.iter().all(|entry| entry.0.index() < known) {
        true => Ok(KeyCounts::from_entries(entries)),
        false => Err(Damaged),
    }
}

pub(super) fn adjacency(bytes: &[u8], (nodes, rels): (u32, u32)) -> Read<Csr> {
    let mut reader = Reader(bytes);
    let offsets = match reader.byte()? {
        0 => Offsets::Dense { first: reader.word()?, at: reader.words()? },
        1 => Offsets::Sparse { nodes: reader.words()?, at: reader.words()? },
        _ => return Err(Damaged),
    };
    let targets = reader.words()?;
    let within = |slots: &[u32], bound: u32| slots.iter().fold(true, |all, &slot| all & (slot < bound));
    let slots = match reader.byte()? {
        0 => {
            let base = reader.word()?;
            if u64::from(base) + targets.len() as u64 > u64::from(rels) {
                return Err(Damaged);
            }
            RelSlots::From(base)
        }
        1 => RelSlots::Each(reader.words()?),
        _ => return Err(Damaged),
    };
    if matches!(&slots, RelSlots::Each(each) if !within(each, rels)) {
        return Err(Damaged);
    }
    let csr = Csr::from_parts(offsets, targets, slots);
    let fits = csr.verify() && csr.nodes().end <= nodes && within(csr.all_targets(), nodes) && reader.is_empty();
    fits.then_some(csr).ok_or(Damaged)
}
