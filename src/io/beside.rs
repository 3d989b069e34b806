//! What stands beside a graph — sources, mentions, relationship types, conflicts — as maps of plain values: what JSON
//! lines and RDF hold of it. Reading takes what writing gives.

use std::sync::Arc;

use crate::engine::{Told, ToldConflict};
use crate::error::{Error, Result};
use crate::provenance::{
    Algebra, Confidence, Descent, Locator, Mention, Place, RelationType, Role, Side, Source, SourceId,
};
use crate::value::{Map, Value};

const ALGEBRAS: [(&str, Algebra); 3] =
    [("", Algebra::Plain), ("transitive", Algebra::Transitive), ("symmetric", Algebra::Symmetric)];
const SIDES: [(&str, Side); 2] = [("subject", Side::Start), ("object", Side::End)];

/// A source; the node that stands for it is told elsewhere.
pub(super) fn source(source: &Source) -> Result<Value> {
    map([
        ("id", text(&source.id)),
        ("title", text(&source.title)),
        ("group", text(&source.group)),
        ("date", text(&source.date)),
    ])
}

/// Reads [`source`].
pub(super) fn read_source(map: &Map) -> Result<Source> {
    let get = |key| text_of(map, key);
    Ok(Source { id: get("id")?, node: None, title: get("title")?, group: get("group")?, date: get("date")? })
}

/// A place in a source: `11.8`; nothing for the source as a whole.
pub(super) fn locator(at: Locator) -> String {
    if at.paragraph == 0 { String::new() } else { at.to_string() }
}

/// Reads [`locator`].
pub(super) fn read_locator(text: &str) -> Result<Locator> {
    match text {
        "" => Ok(Locator::default()),
        text => Locator::parse(text).ok_or_else(|| Error::data(format!("{text:?} is no place in a document"))),
    }
}

/// A place that names a node: source and locator.
pub(super) fn place(place: &Place, told: &Told) -> Result<Value> {
    Value::list(vec![Value::str(told.source(place.source)), Value::str(locator(place.at))])
}

/// Reads [`place`].
pub(super) fn read_place(value: &Value) -> Result<(Arc<str>, Locator)> {
    let items = if let Value::List(items) = value { items.items() } else { &[] };
    match items {
        [Value::Str(source), Value::Str(at)] => Ok((source.clone(), read_locator(at)?)),
        _ => Err(Error::data("a place is a list of a source and a locator")),
    }
}

/// A mention with the id of its source.
pub(super) fn mention(mention: &Mention, told: &Told) -> Result<Value> {
    map([
        ("id", text(&mention.id)),
        ("source", Value::str(told.source(mention.place.source))),
        ("at", Value::str(locator(mention.place.at))),
        ("confidence", Value::str(mention.confidence.to_string())),
        ("fingerprint", Value::str(fingerprint(mention.fingerprint))),
        ("qualifiers", qualifiers(mention)?),
    ])
}

/// Reads [`mention`]; the source inside means nothing.
pub(super) fn read_mention(map: &Map) -> Result<(Arc<str>, Mention)> {
    let mention = Mention {
        id: text_of(map, "id")?,
        place: Place { source: SourceId(0), at: read_locator(&text_of(map, "at")?)? },
        confidence: read_confidence(&text_of(map, "confidence")?)?,
        fingerprint: read_fingerprint(&text_of(map, "fingerprint")?)?,
        qualifiers: read_qualifiers(map.get("qualifiers"))?,
    };
    Ok((text_of(map, "source")?, mention))
}

/// The fingerprint as the tables of a dataset write it; nothing when there is none.
pub(super) fn fingerprint(fingerprint: u64) -> String {
    if fingerprint == 0 { String::new() } else { format!("{fingerprint:016x}") }
}

/// Reads [`fingerprint`].
pub(super) fn read_fingerprint(text: &str) -> Result<u64> {
    match text {
        "" => Ok(0),
        text => u64::from_str_radix(text, 16).map_err(|_| Error::data(format!("{text:?} is no fingerprint"))),
    }
}

/// Reads the codes of a confidence.
pub(super) fn read_confidence(text: &str) -> Result<Confidence> {
    Confidence::parse(text).map_err(|c| Error::data(format!("{c:?} is no code of confidence")))
}

/// The qualifiers of a mention as a list of pairs: keys may repeat.
pub(super) fn qualifiers(mention: &Mention) -> Result<Value> {
    let pair = |(key, value): &(Arc<str>, Arc<str>)| Value::list(vec![text(key), text(value)]);
    Value::list(mention.qualifiers.iter().map(pair).collect::<Result<_>>()?)
}

/// The qualifiers of a mention as it keeps them.
type Qualifiers = Box<[(Arc<str>, Arc<str>)]>;

/// Reads [`qualifiers`].
pub(super) fn read_qualifiers(value: Option<&Value>) -> Result<Qualifiers> {
    let wrong = || Error::data("qualifiers are a list of pairs of texts");
    let pairs = match value {
        None => return Ok(Box::default()),
        Some(Value::List(pairs)) => pairs.items(),
        Some(_) => return Err(wrong()),
    };
    let pair = |pair: &Value| match pair {
        Value::List(pair) => match pair.items() {
            [Value::Str(key), Value::Str(value)] => Ok((key.clone(), value.clone())),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    };
    pairs.iter().map(pair).collect()
}

/// The declaration of a relationship type.
pub(super) fn relation_type(ty: &RelationType) -> Result<Value> {
    let named = |all: &[(&str, Algebra)]| all.iter().find(|a| a.1 == ty.algebra).map_or("", |a| a.0).to_owned();
    let descent = match &ty.descent {
        None => Value::Null,
        Some(descent) => map([
            ("role", Value::str(descent.role.name())),
            ("side", Value::str(SIDES.iter().find(|s| s.1 == descent.side).map_or("", |s| s.0))),
            ("kind", descent.kind.as_ref().map_or(Value::Null, text)),
        ])?,
    };
    map([
        ("name", text(&ty.name)),
        ("definition", text(&ty.definition)),
        ("inverse", text(&ty.inverse)),
        ("domain", texts(&ty.domain)?),
        ("range", texts(&ty.range)?),
        ("algebra", Value::str(named(&ALGEBRAS))),
        ("descent", descent),
        ("contradicts", texts(&ty.contradicts)?),
        ("single_valued", Value::Bool(ty.single_valued)),
        ("terms", texts(&ty.terms)?),
    ])
}

/// Reads [`relation_type`].
pub(super) fn read_relation_type(map: &Map) -> Result<RelationType> {
    let named = text_of(map, "algebra")?;
    let algebra = ALGEBRAS.iter().find(|a| *a.0 == *named).map(|a| a.1);
    let descent = match map.get("descent") {
        Some(Value::Map(descent)) => {
            let (role, side) = (text_of(descent, "role")?, text_of(descent, "side")?);
            Some(Descent {
                role: Role::parse(&role).ok_or_else(|| Error::data(format!("{role:?} is no part in a lineage")))?,
                side: SIDES.iter().find(|s| *s.0 == *side).map_or(Side::End, |s| s.1),
                kind: if let Some(Value::Str(kind)) = descent.get("kind") { Some(kind.clone()) } else { None },
            })
        }
        _ => None,
    };
    Ok(RelationType {
        name: text_of(map, "name")?,
        definition: text_of(map, "definition")?,
        inverse: text_of(map, "inverse")?,
        domain: texts_of(map, "domain")?,
        range: texts_of(map, "range")?,
        algebra: algebra.ok_or_else(|| Error::data(format!("{named:?} is no algebra")))?,
        descent,
        contradicts: texts_of(map, "contradicts")?,
        single_valued: matches!(map.get("single_valued"), Some(Value::Bool(true))),
        terms: texts_of(map, "terms")?,
    })
}

/// A conflict, its sides as the ids of the relationships with the sources meant.
pub(super) fn conflict(conflict: &ToldConflict, told: &Told) -> Result<Value> {
    let sides = conflict.sides.iter().map(|(rel, sources)| {
        let rel = Value::Int(i64::try_from(*rel).unwrap_or(i64::MAX)); // ids stay below
        let sources = sources.iter().map(|s| Value::str(told.source(*s))).collect();
        map([("rel", rel), ("sources", Value::list(sources)?)])
    });
    map([
        ("id", text(&conflict.id)),
        ("type", text(&conflict.kind)),
        ("topic", text(&conflict.topic)),
        ("note", text(&conflict.note)),
        ("sides", Value::list(sides.collect::<Result<_>>()?)?),
    ])
}

/// One side of a conflict as it stands in a file: the id of the relationship, the ids of the sources.
pub(super) type ReadSide = (i64, Vec<Arc<str>>);

/// Reads [`conflict`]; the sides inside mean nothing.
pub(super) fn read_conflict(map: &Map) -> Result<(ToldConflict, [ReadSide; 2])> {
    let wrong = || Error::data("a conflict has two sides, each with the id of a relationship");
    let side = |side: &Value| match side {
        Value::Map(side) => match side.get("rel") {
            Some(Value::Int(rel)) => Ok((*rel, texts_of(side, "sources")?.into_vec())),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    };
    let sides = if let Some(Value::List(sides)) = map.get("sides") { sides.items() } else { &[] };
    let [a, b] = sides else { return Err(wrong()) };
    let conflict = ToldConflict {
        id: text_of(map, "id")?,
        kind: text_of(map, "type")?,
        topic: text_of(map, "topic")?,
        note: text_of(map, "note")?,
        ..ToldConflict::default()
    };
    Ok((conflict, [side(a)?, side(b)?]))
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Result<Value> {
    Value::map(entries.map(|(key, value)| (key.into(), value)))
}

fn text(text: &Arc<str>) -> Value {
    Value::Str(text.clone())
}

fn texts(texts: &[Arc<str>]) -> Result<Value> {
    Value::list(texts.iter().map(text).collect())
}

/// A text; one that is not there is empty.
pub(super) fn text_of(map: &Map, key: &str) -> Result<Arc<str>> {
    match map.get(key) {
        None | Some(Value::Null) => Ok("".into()),
        Some(Value::Str(text)) => Ok(text.clone()),
        Some(_) => Err(Error::data(format!("{key} is no text"))),
    }
}

fn texts_of(map: &Map, key: &str) -> Result<Box<[Arc<str>]>> {
    let wrong = || Error::data(format!("{key} is no list of texts"));
    match map.get(key) {
        None => Ok(Box::default()),
        Some(Value::List(items)) => {
            let text = |item: &Value| if let Value::Str(text) = item { Ok(text.clone()) } else { Err(wrong()) };
            items.items().iter().map(text).collect()
        }
        Some(_) => Err(wrong()),
    }
}
