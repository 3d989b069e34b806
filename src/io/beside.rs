//! What stands beside a graph — sources, mentions, relationship types, conflicts — as maps of plain values: what JSON
//! lines and RDF hold of it. Reading takes what writing gives.

use std::sync::Arc;

use crate::engine::{Further, Told, ToldConflict};
use crate::error::{Error, Result};
use crate::provenance::{
    Algebra, Confidence, Descent, Fate, Frame, Gathers, Locator, Mention, NameUse, Origin, Place, Qualifier,
    QualifierType, Reading, RelationType, Role, Side, Source, SourceId, ValueType,
};
use crate::value::{Map, Value};

const ALGEBRAS: [(&str, Algebra); 3] =
    [("", Algebra::Plain), ("transitive", Algebra::Transitive), ("symmetric", Algebra::Symmetric)];
const SIDES: [(&str, Side); 2] = [("subject", Side::Start), ("object", Side::End)];

/// A source; the node that stands for it is told elsewhere.
pub(super) fn source(source: &Source) -> Result<Value> {
    let mut entries: Vec<(Arc<str>, Value)> = vec![
        ("id".into(), text(&source.id)),
        ("title".into(), text(&source.title)),
        ("group".into(), text(&source.group)),
        ("date".into(), text(&source.date)),
    ];
    entries.extend(reading_of(source)?);
    Value::map(entries)
}

/// How a source is to be read, as far as it says so: none for most.
fn reading_of(source: &Source) -> Result<Vec<(Arc<str>, Value)>> {
    let Reading { during, complete, end_exclusive, about, unknown } = &source.reading;
    let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
    for (key, list) in [("derives_from", &source.derives_from), ("complete", complete), ("unknown", unknown)] {
        if !list.is_empty() {
            entries.push((key.into(), texts(list)?));
        }
    }
    for (key, cell) in [("during", during), ("about", about)] {
        if !cell.is_empty() {
            entries.push((key.into(), text(cell)));
        }
    }
    if let Some(exclusive) = end_exclusive {
        entries.push(("end_exclusive".into(), Value::Bool(*exclusive)));
    }
    Ok(entries)
}

/// How a source is to be read as one value; nothing where it says nothing of it.
pub(super) fn reading(source: &Source) -> Result<Option<Value>> {
    let entries = reading_of(source)?;
    if entries.is_empty() { Ok(None) } else { Value::map(entries).map(Some) }
}

/// Reads [`reading`] into a source.
pub(super) fn read_reading(map: &Map, source: &mut Source) -> Result<()> {
    source.derives_from = texts_of(map, "derives_from")?;
    source.reading = Reading {
        during: text_of(map, "during")?,
        complete: texts_of(map, "complete")?,
        end_exclusive: if let Some(Value::Bool(exclusive)) = map.get("end_exclusive") {
            Some(*exclusive)
        } else {
            None
        },
        about: text_of(map, "about")?,
        unknown: texts_of(map, "unknown")?,
    };
    Ok(())
}

/// Reads [`source`].
pub(super) fn read_source(map: &Map) -> Result<Source> {
    let get = |key| text_of(map, key);
    let (id, title, group, date) = (get("id")?, get("title")?, get("group")?, get("date")?);
    let mut source = Source { id, title, group, date, ..Source::default() };
    read_reading(map, &mut source)?;
    Ok(source)
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
    pairs(&mention.qualifiers)
}

fn pairs(pairs: &[(Arc<str>, Arc<str>)]) -> Result<Value> {
    let pair = |(key, value): &(Arc<str>, Arc<str>)| Value::list(vec![text(key), text(value)]);
    Value::list(pairs.iter().map(pair).collect::<Result<_>>()?)
}

/// A word of a fixed list; null for none.
fn word<T: PartialEq>(all: &[(&'static str, T)], one: Option<T>) -> Value {
    let found = one.and_then(|one| all.iter().find(|(_, other)| *other == one));
    found.map_or(Value::Null, |(name, _)| Value::str(*name))
}

/// Reads [`word`].
fn read_word<T: Copy>(all: &[(&'static str, T)], map: &Map, key: &str) -> Result<Option<T>> {
    let name = text_of(map, key)?;
    if name.is_empty() {
        return Ok(None);
    }
    let found = all.iter().find(|(known, _)| *known == &*name).map(|(_, one)| Some(*one));
    found.ok_or_else(|| Error::data(format!("{name:?} is no word for {key}")))
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
            ("gathers", word(&Gathers::ALL, descent.gathers)),
            ("predecessor", word(&Fate::ALL, descent.predecessor)),
            ("successor", word(&Origin::ALL, descent.successor)),
            ("wording", pairs(&descent.wording)?),
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
        ("repeats", ty.repeats.map_or(Value::Null, Value::Bool)),
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
                gathers: read_word(&Gathers::ALL, descent, "gathers")?,
                predecessor: read_word(&Fate::ALL, descent, "predecessor")?,
                successor: read_word(&Origin::ALL, descent, "successor")?,
                wording: read_qualifiers(descent.get("wording"))?,
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
        repeats: if let Some(Value::Bool(repeats)) = map.get("repeats") { Some(*repeats) } else { None },
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

/// The kind of a [`Further`], as files name it.
const KINDS: [&str; 6] = ["name", "exists", "part", "either", "qualifier", "frame"];

/// What is known beside places and mentions of single relationships. The ids of nodes and relationships are numbers in
/// `nodes` and `rels`.
pub(super) fn further(further: &Further, told: &Told) -> Result<Value> {
    let ids = |ids: &[u64]| {
        let id = |id: &u64| Value::Int(i64::try_from(*id).unwrap_or(i64::MAX)); // ids stay below
        Value::list(ids.iter().map(id).collect())
    };
    let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
    let mut put = |key: &str, value: Value| entries.push((key.into(), value));
    let said = |m: &Mention| mention(m, told);
    match further {
        Further::Name { name, .. } => {
            put("kind", Value::str(KINDS[0]));
            for (key, cell) in [
                ("name", &name.name),
                ("language", &name.language),
                ("script", &name.script),
                ("status", &name.status),
                ("from", &name.from),
                ("to", &name.to),
            ] {
                put(key, text(cell));
            }
            let places = |places: &[Place]| Value::list(places.iter().map(|p| place(p, told)).collect::<Result<_>>()?);
            put("places", places(&name.places)?);
            put("stated_at", places(name.stated_at.as_slice())?);
        }
        Further::Exists { mention, .. } => {
            put("kind", Value::str(KINDS[1]));
            put("mention", said(mention)?);
        }
        Further::Part { event, relation, side, mention, .. } => {
            put("kind", Value::str(KINDS[2]));
            put("event", text(event));
            put("relation", text(relation));
            put("side", word(&SIDES, Some(*side)));
            put("mention", said(mention)?);
        }
        Further::Either { mention, .. } => {
            put("kind", Value::str(KINDS[3]));
            put("mention", said(mention)?);
        }
        Further::Qualifier(qualifier) => {
            put("kind", Value::str(KINDS[4]));
            put("key", text(&qualifier.key));
            put("relation", text(&qualifier.relation));
            put("definition", text(&qualifier.definition));
            put("type", Value::str(qualifier.reading.ty.name()));
            put("many", Value::Bool(qualifier.reading.many));
            put("conflicts", Value::Bool(qualifier.reading.conflicts));
        }
        Further::Frame(frame) => {
            put("kind", Value::str(KINDS[5]));
            put("format", Value::Int(frame.format.into()));
            put("end_exclusive", Value::Bool(frame.end_exclusive));
            put("about", text(&frame.about));
            put("unknown", texts(&frame.unknown)?);
            put("implicit_agent", text(&frame.implicit_agent));
        }
    }
    if !further.nodes().is_empty() {
        put("nodes", ids(further.nodes())?);
    }
    if !further.rels().is_empty() {
        put("rels", ids(further.rels())?);
    }
    Value::map(entries)
}

/// What [`further`] wrote, with the ids of its sources. Nodes, relationships and sources inside mean nothing.
#[derive(Clone, Debug)]
pub(super) struct ReadFurther {
    /// What it says.
    pub(super) what: Further,
    /// The sources of its places, in the order of [`Further::sources`].
    pub(super) sources: Vec<Arc<str>>,
    /// The nodes, as the file numbers them.
    pub(super) nodes: Vec<i64>,
    /// The relationships, as the file numbers them.
    pub(super) rels: Vec<i64>,
}

/// Reads [`further`].
pub(super) fn read_further(map: &Map) -> Result<ReadFurther> {
    let ids = |key: &str| match map.get(key) {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => {
            let id =
                |v: &Value| if let Value::Int(n) = v { Ok(*n) } else { Err(Error::data(format!("{key} are numbers"))) };
            items.items().iter().map(id).collect()
        }
        Some(_) => Err(Error::data(format!("{key} is no list"))),
    };
    let get = |key| text_of(map, key);
    let mut sources = Vec::new();
    let said = |sources: &mut Vec<Arc<str>>| match map.get("mention") {
        Some(Value::Map(said)) => {
            let (source, mention) = read_mention(said)?;
            sources.push(source);
            Ok(mention)
        }
        _ => Err(Error::data("there is no mention")),
    };
    let kind = get("kind")?;
    let what = match &*kind {
        "name" => {
            let mut places = |key: &str| {
                let items = if let Some(Value::List(items)) = map.get(key) { items.items() } else { &[] };
                let place = |value: &Value| {
                    let (source, at) = read_place(value)?;
                    sources.push(source);
                    Ok(Place { source: SourceId(0), at })
                };
                items.iter().map(place).collect::<Result<Box<[Place]>>>()
            };
            let (places, stated_at) = (places("places")?, places("stated_at")?.first().copied());
            let (name, language, script) = (get("name")?, get("language")?, get("script")?);
            let (status, from, to) = (get("status")?, get("from")?, get("to")?);
            Further::Name { node: 0, name: NameUse { name, language, script, status, from, to, stated_at, places } }
        }
        "exists" => Further::Exists { node: 0, mention: said(&mut sources)? },
        "part" => Further::Part {
            node: 0,
            event: get("event")?,
            relation: get("relation")?,
            side: read_word(&SIDES, map, "side")?.ok_or_else(|| Error::data("the part has no side"))?,
            mention: said(&mut sources)?,
        },
        "either" => Further::Either { rels: Vec::new(), mention: said(&mut sources)? },
        "qualifier" => {
            let ty = get("type")?;
            let ty = ValueType::parse(&ty).ok_or_else(|| Error::data(format!("{ty:?} is no type of a qualifier")))?;
            let yes = |key| matches!(map.get(key), Some(Value::Bool(true)));
            let reading = Qualifier { ty, many: yes("many"), conflicts: yes("conflicts") };
            let (key, relation, definition) = (get("key")?, get("relation")?, get("definition")?);
            Further::Qualifier(QualifierType { key, relation, definition, reading })
        }
        "frame" => Further::Frame(Frame {
            format: if let Some(Value::Int(n)) = map.get("format") { u8::try_from(*n).unwrap_or(0) } else { 0 },
            end_exclusive: matches!(map.get("end_exclusive"), Some(Value::Bool(true))),
            about: get("about")?,
            unknown: texts_of(map, "unknown")?,
            implicit_agent: get("implicit_agent")?,
        }),
        other => return Err(Error::data(format!("{other:?} is no kind of evidence: a newer program wrote it"))),
    };
    Ok(ReadFurther { what, sources, nodes: ids("nodes")?, rels: ids("rels")? })
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
