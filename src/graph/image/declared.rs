//! Indexes and constraints as bytes, in an image and in a record of the log.

use std::sync::Arc;

use smallvec::SmallVec;

use super::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::{
    ConstraintDefinition, Demand, Graph, IndexDefinition, IndexId, IndexKind, KeyId, LabelId, RelTypeId, Subject,
    TextDefinition, is_type,
};
use crate::value::Value;

/// Numbers the name of a label or type, or of a key.
pub(crate) type Number<'n> = dyn FnMut(Result<Subject, KeyId>) -> u64 + 'n;

/// The names by their numbers.
pub(crate) struct Named<'n> {
    pub(crate) label: &'n dyn Fn(u32) -> Option<LabelId>,
    pub(crate) ty: &'n dyn Fn(u32) -> Option<RelTypeId>,
    pub(crate) key: &'n dyn Fn(u32) -> Option<KeyId>,
}

impl Named<'_> {
    fn subject(&self, rels: bool, number: u32) -> Read<Subject> {
        match rels {
            false => (self.label)(number).map(Subject::Nodes),
            true => (self.ty)(number).map(Subject::Rels),
        }
        .ok_or(Damaged)
    }

    fn keys(&self, reader: &mut Reader<'_>) -> Read<SmallVec<[KeyId; 2]>> {
        let count = reader.count(1)?;
        (0..count).map(|_| (self.key)(reader.word()?).ok_or(Damaged)).collect()
    }
}

/// An index on nodes by one key is written as it always was, any other one with what it is on and how many keys.
const WIDE: u8 = 3;

/// Writes an index.
pub(crate) fn write_index(definition: &IndexDefinition, out: &mut Writer, number: &mut Number<'_>) {
    out.text(&definition.name);
    let kind = match definition.kind {
        IndexKind::Index => 0,
        IndexKind::Unique => 1,
        IndexKind::Exists => 2,
    };
    if let (Subject::Nodes(_), Some(key)) = (definition.subject, definition.single_key()) {
        out.byte(kind);
        out.small(number(Ok(definition.subject)));
        out.small(number(Err(key)));
        return;
    }
    out.byte(WIDE);
    out.byte(matches!(definition.subject, Subject::Rels(_)).into());
    out.small(number(Ok(definition.subject)));
    out.small(definition.keys.len() as u64);
    definition.keys.iter().for_each(|key| out.small(number(Err(*key))));
}

/// Reads an index; it gets this id.
pub(crate) fn read_index(id: IndexId, reader: &mut Reader<'_>, named: &Named<'_>) -> Read<IndexDefinition> {
    let name = reader.text()?.into();
    let kind = match reader.byte()? {
        0 => IndexKind::Index,
        1 => IndexKind::Unique,
        2 => IndexKind::Exists,
        WIDE => {
            let rels = match reader.byte()? {
                0 => false,
                1 => true,
                _ => return Err(Damaged),
            };
            let (subject, keys) = (named.subject(rels, reader.word()?)?, named.keys(reader)?);
            if keys.is_empty() || (1..keys.len()).any(|at| keys[..at].contains(&keys[at])) {
                return Err(Damaged);
            }
            return Ok(IndexDefinition { id, name, kind: IndexKind::Index, subject, keys });
        }
        _ => return Err(Damaged),
    };
    let subject = named.subject(false, reader.word()?)?;
    let key = (named.key)(reader.word()?).ok_or(Damaged)?;
    Ok(IndexDefinition { id, name, kind, subject, keys: SmallVec::from_slice(&[key]) })
}

/// Writes a full-text index.
pub(crate) fn write_text(definition: &TextDefinition, out: &mut Writer, number: &mut Number<'_>) {
    out.text(&definition.name);
    out.byte((!definition.is_on_nodes()).into());
    out.small(definition.subjects.len() as u64);
    definition.subjects.iter().for_each(|subject| out.small(number(Ok(*subject))));
    out.small(definition.keys.len() as u64);
    definition.keys.iter().for_each(|key| out.small(number(Err(*key))));
}

/// Reads a full-text index.
pub(crate) fn read_text(reader: &mut Reader<'_>, named: &Named<'_>) -> Read<TextDefinition> {
    let name = reader.text()?.into();
    let rels = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return Err(Damaged),
    };
    let count = reader.count(1)?;
    let subjects = (0..count).map(|_| named.subject(rels, reader.word()?)).collect::<Read<SmallVec<_>>>()?;
    let keys = named.keys(reader)?;
    let is_one = !subjects.is_empty() && !keys.is_empty();
    is_one.then_some(TextDefinition { name, subjects, keys }).ok_or(Damaged)
}

/// The part of an image: a count, and each full-text index.
pub(super) fn all_texts<'d>(definitions: impl Iterator<Item = &'d TextDefinition> + Clone) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.small(definitions.clone().count() as u64);
    definitions.for_each(|definition| write_text(definition, &mut writer, &mut own_number));
    writer.0
}

/// Puts the full-text indexes of an image into its graph.
pub(super) fn open_texts(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<()> {
    for _ in 0..reader.count(1)? {
        let definition = with_own_names(graph, |named| read_text(reader, named))?;
        graph.put_text_index(definition);
    }
    reader.is_empty().then_some(()).ok_or(Damaged)
}

/// Writes a constraint.
pub(crate) fn write(definition: &ConstraintDefinition, out: &mut Writer, number: &mut Number<'_>) {
    out.text(&definition.name);
    out.byte(match &definition.demand {
        Demand::Unique => 0,
        Demand::Exists => 1,
        Demand::Key => 2,
        Demand::Type(_) => 3,
    });
    out.byte(matches!(definition.subject, Subject::Rels(_)).into());
    out.small(number(Ok(definition.subject)));
    out.small(definition.keys.len() as u64);
    definition.keys.iter().for_each(|key| out.small(number(Err(*key))));
    if let Demand::Type(ty) = &definition.demand {
        out.text(ty);
    }
}

/// Reads a constraint.
pub(crate) fn read(reader: &mut Reader<'_>, named: &Named<'_>) -> Read<ConstraintDefinition> {
    let name = reader.text()?.into();
    let demand = reader.byte()?;
    let rels = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return Err(Damaged),
    };
    let (subject, keys) = (named.subject(rels, reader.word()?)?, named.keys(reader)?);
    let demand = match demand {
        0 => Demand::Unique,
        1 => Demand::Exists,
        2 => Demand::Key,
        3 => Demand::Type(reader.text()?.into()),
        _ => return Err(Damaged),
    };
    let known = |ty: &str| is_type(&Value::Null, ty).is_some();
    if keys.is_empty() || matches!(&demand, Demand::Type(ty) if !known(ty)) {
        return Err(Damaged);
    }
    Ok(ConstraintDefinition { name, subject, keys, demand })
}

/// The part of an image: a count, and each.
pub(super) fn all(definitions: &[ConstraintDefinition]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.small(definitions.len() as u64);
    for definition in definitions {
        write(definition, &mut writer, &mut own_number);
    }
    writer.0
}

/// The number that a name has in the graph: an image keeps the names in that order.
pub(super) fn own_number(name: Result<Subject, KeyId>) -> u64 {
    match name {
        Ok(Subject::Nodes(label)) => label.0.into(),
        Ok(Subject::Rels(ty)) => ty.0.into(),
        Err(key) => key.0.into(),
    }
}

/// Reads with the names of a graph by the numbers they have in it.
pub(super) fn with_own_names<T>(graph: &Graph, read: impl FnOnce(&Named<'_>) -> Read<T>) -> Read<T> {
    let names = graph.names();
    let (labels, types, keys) = (names.labels().len(), names.types().len(), names.keys().len());
    read(&Named {
        label: &|label| Some(LabelId(label)).filter(|label| label.index() < labels),
        ty: &|ty| Some(RelTypeId(ty)).filter(|ty| ty.index() < types),
        key: &|key| Some(KeyId(key)).filter(|key| key.index() < keys),
    })
}

/// Puts the constraints of an image into its graph.
pub(super) fn open(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<()> {
    for _ in 0..reader.count(1)? {
        let definition = with_own_names(graph, |named| read(reader, named))?;
        if let Subject::Nodes(label) = definition.subject {
            Arc::make_mut(&mut graph.labels).know(label);
        }
        graph.constraints.put(definition);
    }
    reader.is_empty().then_some(()).ok_or(Damaged)
}
