//! One record of the log: what one transaction changed.
//!
//! ```text
//! record   01 (02 with additions), names: labels, types, keys (each: small count, texts), small count of changes, changes,
//!          00, or 01 and the evidence and vocabulary as they are after it, or 02 and what was added to the evidence
//! change   one byte of kind, then ids (small), names as places in the lists above, values
//! ```
//!
//! Names travel as text, so that processes need not agree on their numbers.

use rusqlite::Connection;
use rustc_hash::FxHashMap;

use super::file::{HEAD, damage_or, damaged};
use crate::error::Result;
use crate::graph::image::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::image::declared::{self, Named};
use crate::graph::{Change, Graph, IndexId, KeyId, LabelId, Names, NodeId, RelId, RelTypeId, Subject};
use crate::provenance::KnowledgeGraph;
use crate::value::Value;

const VERSION: u8 = 2;
/// Without additions to the evidence.
const FIRST: u8 = 1;
/// Records are read from the file until they have so many bytes together.
const RECORDS_AT_ONCE: usize = 4 << 20;

/// What a record says of evidence and vocabulary.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beside<B> {
    /// Nothing but what follows from deletions.
    Same,
    /// What they are after it.
    Whole(B),
    /// What was added to the evidence.
    Added(B),
}

impl Beside<&[u8]> {
    /// Does it again. Errors: it does not fit the graph.
    pub(super) fn replay(self, knowledge: &mut KnowledgeGraph) -> Read<()> {
        match self {
            Self::Same => Ok(()),
            Self::Whole(bytes) => super::beside::read(bytes, knowledge),
            Self::Added(bytes) => super::evidence_log::read(bytes, knowledge),
        }
    }
}

/// The record of these changes. Only one that adds to the evidence is of the later version: nothing else is new in it.
pub(super) fn encode<'c>(
    names: &Names,
    changes: impl Iterator<Item = &'c Change>,
    beside: &Beside<Vec<u8>>,
) -> Vec<u8> {
    let mut local = Local::default();
    let mut body = Writer::default();
    let mut count = 0;
    for change in changes {
        write(change, &mut local, &mut body);
        count += 1;
    }

    let mut record = Writer::default();
    record.byte(if matches!(beside, Beside::Added(_)) { VERSION } else { FIRST });
    let mut list = |ids: &[u32], text: &dyn Fn(u32) -> String| {
        record.small(ids.len() as u64);
        ids.iter().for_each(|&id| record.text(&text(id)));
    };
    list(&local.labels.ids, &|id| names.label_name(LabelId(id)).to_owned());
    list(&local.types.ids, &|id| names.type_name(RelTypeId(id)).to_owned());
    list(&local.keys.ids, &|id| names.key_name(KeyId(id)).to_owned());
    record.small(count);
    record.0.extend_from_slice(&body.0);
    match beside {
        Beside::Same => record.byte(0),
        Beside::Whole(bytes) => {
            record.byte(1);
            record.bytes(bytes);
        }
        Beside::Added(bytes) => {
            record.byte(2);
            record.bytes(bytes);
        }
    }
    record.0
}

/// Gives `each` the changes of a record with names as ids of the graph; returns the evidence after it, when it changed.
/// Errors: the record is not one, or `each` refuses a change; then those before it were given.
pub(super) fn visit<'a>(
    record: &'a [u8],
    graph: &mut Graph,
    mut each: impl FnMut(&mut Graph, Change) -> Result<()>,
) -> Read<Beside<&'a [u8]>> {
    let mut reader = Reader(record);
    let version = reader.byte()?;
    if !(FIRST..=VERSION).contains(&version) {
        return Err(Damaged);
    }
    let labels = (0..reader.count(1)?).map(|_| Ok(graph.ensure_label(reader.text()?)?)).collect::<Read<Vec<_>>>()?;
    let types = (0..reader.count(1)?).map(|_| Ok(graph.ensure_type(reader.text()?)?)).collect::<Read<Vec<_>>>()?;
    let keys = (0..reader.count(1)?).map(|_| Ok(graph.ensure_key(reader.text()?)?)).collect::<Read<Vec<_>>>()?;
    let names = Shared { labels, types, keys };
    for _ in 0..reader.count(1)? {
        let change = read(&mut reader, &names)?;
        each(graph, change)?;
    }
    let beside = match reader.byte()? {
        0 => Beside::Same,
        2 if version > FIRST => Beside::Added(reader.bytes()?),
        _ => Beside::Whole(reader.bytes()?),
    };
    if reader.is_empty() { Ok(beside) } else { Err(Damaged) }
}

/// The names a record uses, numbered in order of first use.
#[derive(Default)]
struct Local {
    labels: Numbering,
    types: Numbering,
    keys: Numbering,
}

impl Local {
    fn number(&mut self, name: std::result::Result<Subject, KeyId>) -> u64 {
        match name {
            Ok(Subject::Nodes(label)) => self.labels.of(label.0),
            Ok(Subject::Rels(ty)) => self.types.of(ty.0),
            Err(key) => self.keys.of(key.0),
        }
    }
}

#[derive(Default)]
struct Numbering {
    ids: Vec<u32>,
    at: FxHashMap<u32, u64>,
}

impl Numbering {
    fn of(&mut self, id: u32) -> u64 {
        *self.at.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len() as u64 - 1
        })
    }
}

/// The names of a record as ids of the graph it is applied to.
struct Shared {
    labels: Vec<LabelId>,
    types: Vec<RelTypeId>,
    keys: Vec<KeyId>,
}

fn write(change: &Change, local: &mut Local, out: &mut Writer) {
    let properties = |properties: &[(KeyId, Value)], local: &mut Local, out: &mut Writer| {
        out.small(properties.len() as u64);
        for (key, value) in properties {
            out.small(local.keys.of(key.0));
            out.value(value);
        }
    };
    match change {
        Change::NodeCreated { id, labels, properties: own } => {
            out.byte(1);
            out.small(id.0);
            out.small(labels.len() as u64);
            labels.iter().for_each(|label| out.small(local.labels.of(label.0)));
            properties(own, local, out);
        }
        Change::RelCreated { id, start, end, ty, properties: own } => {
            out.byte(2);
            [id.0, start.0, end.0, local.types.of(ty.0)].into_iter().for_each(|n| out.small(n));
            properties(own, local, out);
        }
        Change::NodeDeleted { id } => {
            out.byte(3);
            out.small(id.0);
        }
        Change::RelDeleted { id } => {
            out.byte(4);
            out.small(id.0);
        }
        Change::NodeProperty { id, key, value } => {
            out.byte(5);
            out.small(id.0);
            out.small(local.keys.of(key.0));
            out.value(value);
        }
        Change::RelProperty { id, key, value } => {
            out.byte(6);
            out.small(id.0);
            out.small(local.keys.of(key.0));
            out.value(value);
        }
        Change::LabelAdded { id, label } => {
            out.byte(7);
            out.small(id.0);
            out.small(local.labels.of(label.0));
        }
        Change::LabelRemoved { id, label } => {
            out.byte(8);
            out.small(id.0);
            out.small(local.labels.of(label.0));
        }
        Change::IndexCreated(definition) => {
            out.byte(9);
            declared::write_index(definition, out, &mut |name| local.number(name));
        }
        Change::IndexDropped { name } => {
            out.byte(10);
            out.text(name);
        }
        Change::TextIndexCreated(definition) => {
            out.byte(13);
            declared::write_text(definition, out, &mut |name| local.number(name));
        }
        Change::TextIndexDropped { name } => {
            out.byte(14);
            out.text(name);
        }
        Change::ConstraintCreated(definition) => {
            out.byte(11);
            declared::write(definition, out, &mut |name| local.number(name));
        }
        Change::ConstraintDropped { name } => {
            out.byte(12);
            out.text(name);
        }
    }
}

fn read(reader: &mut Reader<'_>, names: &Shared) -> Read<Change> {
    fn of<T: Copy>(reader: &mut Reader<'_>, list: &[T]) -> Read<T> {
        list.get(reader.word()? as usize).copied().ok_or(Damaged)
    }
    let properties = |reader: &mut Reader<'_>| {
        let count = reader.count(2)?;
        (0..count).map(|_| Ok((of(reader, &names.keys)?, reader.value()?))).collect::<Read<Vec<_>>>()
    };
    let named = Named {
        label: &|label| names.labels.get(label as usize).copied(),
        ty: &|ty| names.types.get(ty as usize).copied(),
        key: &|key| names.keys.get(key as usize).copied(),
    };
    Ok(match reader.byte()? {
        1 => {
            let id = NodeId(reader.small()?);
            let count = reader.count(1)?;
            let labels = (0..count).map(|_| of(reader, &names.labels)).collect::<Read<_>>()?;
            Change::NodeCreated { id, labels, properties: properties(reader)? }
        }
        2 => Change::RelCreated {
            id: RelId(reader.small()?),
            start: NodeId(reader.small()?),
            end: NodeId(reader.small()?),
            ty: of(reader, &names.types)?,
            properties: properties(reader)?,
        },
        3 => Change::NodeDeleted { id: NodeId(reader.small()?) },
        4 => Change::RelDeleted { id: RelId(reader.small()?) },
        5 => {
            Change::NodeProperty { id: NodeId(reader.small()?), key: of(reader, &names.keys)?, value: reader.value()? }
        }
        6 => Change::RelProperty { id: RelId(reader.small()?), key: of(reader, &names.keys)?, value: reader.value()? },
        7 => Change::LabelAdded { id: NodeId(reader.small()?), label: of(reader, &names.labels)? },
        8 => Change::LabelRemoved { id: NodeId(reader.small()?), label: of(reader, &names.labels)? },
        // the graph that it is told to gives it its id
        9 => Change::IndexCreated(declared::read_index(IndexId(0), reader, &named)?),
        10 => Change::IndexDropped { name: reader.text()?.into() },
        11 => Change::ConstraintCreated(declared::read(reader, &named)?),
        12 => Change::ConstraintDropped { name: reader.text()?.into() },
        13 => Change::TextIndexCreated(declared::read_text(reader, &named)?),
        14 => Change::TextIndexDropped { name: reader.text()?.into() },
        _ => return Err(Damaged),
    })
}

/// Applies and commits the record of commit `seq`; what was purged is taken from the evidence. Errors: `StoreDamaged`;
/// then `knowledge` holds half of it.
pub(super) fn replay(seq: u64, record: &[u8], knowledge: &mut KnowledgeGraph) -> Result<()> {
    let mut refused = None;
    let read = visit(record, &mut knowledge.graph, |graph, change| {
        graph.apply(&change).inspect_err(|error| refused = Some(error.message().to_owned()))
    });
    let damaged = |why: Option<&str>| {
        let why = why.unwrap_or("it is no record");
        damaged("log", &format!("commit {seq}: {why}")).hint(super::file::MEND)
    };
    let Ok(beside) = read else { return Err(damaged(refused.as_deref())) };
    knowledge.commit_replayed();
    beside
        .replay(knowledge)
        .map_err(|_| damaged(Some("its evidence speaks of nodes or relationships that do not exist")))
}

/// A record as it stands in the file.
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) chain: u32,
    pub(super) data: Vec<u8>,
}

/// The first records after commit `after`, so many that they have some megabytes together; none when there are none.
/// Errors: `StoreIo`, `StoreDamaged`.
pub(super) fn records(conn: &Connection, after: u64) -> Result<Vec<Record>> {
    let sql = "SELECT seq, chain, data FROM log WHERE seq > ? AND seq < ? ORDER BY seq";
    let mut statement = conn.prepare_cached(sql).map_err(damage_or)?;
    let mut rows = statement.query([after as i64, HEAD]).map_err(damage_or)?;
    let (mut records, mut bytes) = (Vec::new(), 0);
    while bytes < RECORDS_AT_ONCE
        && let Some(row) = rows.next().map_err(damage_or)?
    {
        let seq = row.get::<_, i64>(0).map_err(damage_or)? as u64;
        let chain: u32 = row.get(1).map_err(damage_or)?;
        let data = row.get_ref(2).and_then(|data| Ok(data.as_blob()?)).map_err(damage_or)?.to_vec();
        bytes += data.len();
        records.push(Record { seq, chain, data });
    }
    Ok(records)
}
