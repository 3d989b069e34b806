//! Constraints as bytes, in an image and in a record of the log.

use std::sync::Arc;

use super::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::{ConstraintDefinition, Demand, Graph, KeyId, LabelId, RelTypeId, Subject, is_type};
use crate::value::Value;

/// Writes a constraint; `label`, `ty` and `key` number the names.
pub(crate) fn write(
    definition: &ConstraintDefinition,
    out: &mut Writer,
    number: &mut dyn FnMut(Result<Subject, KeyId>) -> u64,
) {
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

/// Reads a constraint; the lists hold the names by their numbers.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    labels: &dyn Fn(u32) -> Option<LabelId>,
    types: &dyn Fn(u32) -> Option<RelTypeId>,
    keys: &dyn Fn(u32) -> Option<KeyId>,
) -> Read<ConstraintDefinition> {
    let name = reader.text()?.into();
    let demand = reader.byte()?;
    let subject = match reader.byte()? {
        0 => Subject::Nodes(labels(reader.word()?).ok_or(Damaged)?),
        1 => Subject::Rels(types(reader.word()?).ok_or(Damaged)?),
        _ => return Err(Damaged),
    };
    let count = reader.count(1)?;
    let keys: smallvec::SmallVec<[KeyId; 2]> =
        (0..count).map(|_| keys(reader.word()?).ok_or(Damaged)).collect::<Read<_>>()?;
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
        write(definition, &mut writer, &mut |name| match name {
            Ok(Subject::Nodes(label)) => label.0.into(),
            Ok(Subject::Rels(ty)) => ty.0.into(),
            Err(key) => key.0.into(),
        });
    }
    writer.0
}

/// Puts the constraints of an image into its graph.
pub(super) fn open(reader: &mut Reader<'_>, graph: &mut Graph) -> Read<()> {
    let names = graph.names();
    let (labels, types, keys) = (names.labels().len(), names.types().len(), names.keys().len());
    for _ in 0..reader.count(1)? {
        let definition = read(
            reader,
            &|label| Some(LabelId(label)).filter(|label| label.index() < labels),
            &|ty| Some(RelTypeId(ty)).filter(|ty| ty.index() < types),
            &|key| Some(KeyId(key)).filter(|key| key.index() < keys),
        )?;
        if let Subject::Nodes(label) = definition.subject {
            Arc::make_mut(&mut graph.labels).know(label);
        }
        graph.constraints.put(definition);
    }
    reader.is_empty().then_some(()).ok_or(Damaged)
}
