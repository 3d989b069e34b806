//! The tables of `export sqlite`, read as the graph they were made of. The file is opened for reading only; what it holds is held in
//! memory at once.
//!
//! A property that somebody changed in `properties` counts as changed, also where `exact` says it more exactly.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value as Json;

use crate::engine::{Further, NodeData, RelData, Told, ToldConflict};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::{Subgraph, beside, json};
use crate::provenance::{Mention, NameUse, Place, RelationType, Side, Source, SourceId};
use crate::value::{Map, Value};

/// The tables that make a file one of ours.
const OURS: [&str; 6] = ["entities", "labels", "facts", "sources", "mentions", "places"];

type Properties = Vec<(Arc<str>, Value)>;

/// Reads the tables in `file`.
///
/// Errors: `DataError` when it is no SQLite file, has not our tables, or a row of them cannot be understood.
pub(crate) fn read(file: &Path) -> Result<Subgraph> {
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unreadable)?;
    let reader = Reader { tables: tables(&conn)?, conn: &conn };
    if let Some(missing) = OURS.iter().find(|table| !reader.has(table)) {
        return Err(Error::data(format!("it has no table `{missing}`, so it is not what `export sqlite` writes"))
            .hint("a store is named with --db; export the tables of another database as CSV"));
    }
    reader.graph()
}

fn unreadable(error: rusqlite::Error) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("SQLite cannot read it: {error}"))
}

fn tables(conn: &Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").map_err(unreadable)?;
    let names = statement.query_map([], |row| row.get(0)).map_err(unreadable)?;
    names.collect::<rusqlite::Result<_>>().map_err(unreadable)
}

struct Reader<'c> {
    conn: &'c Connection,
    tables: Vec<String>,
}

/// A cell of text.
fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<Arc<str>> {
    row.get::<_, String>(at).map(Arc::from)
}

/// A cell that holds an id of ours.
fn id(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(at)?.and_then(|id| u64::try_from(id).ok()))
}

fn in_table(table: &str, row: impl std::fmt::Display, error: &Error) -> Error {
    error.prefixed(&format!("table {table}, row {row}: "))
}

impl Reader<'_> {
    fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|known| known == table)
    }

    /// Every row of a table; none where there is no such table.
    fn rows<T>(&self, table: &str, sql: &str, take: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        if !self.has(table) {
            return Ok(Vec::new());
        }
        let mut statement = self.conn.prepare(sql).map_err(unreadable)?;
        let rows = statement.query_map([], take).map_err(unreadable)?;
        rows.collect::<rusqlite::Result<Vec<T>>>().map_err(|e| unreadable(e).prefixed(&format!("table {table}: ")))
    }

    fn graph(&self) -> Result<Subgraph> {
        let (of_nodes, of_rels) = self.exact()?;
        let mut labels: HashMap<u64, Vec<Arc<str>>> = HashMap::new();
        let all = self.rows("labels", "SELECT entity, label FROM labels", |row| Ok((id(row, 0)?, text(row, 1)?)))?;
        for (node, label) in all {
            labels.entry(node.unwrap_or_default()).or_default().push(label);
        }
        let sql = "SELECT id, properties FROM entities ORDER BY id";
        let mut nodes = Vec::new();
        for (node, told) in self.rows("entities", sql, |row| Ok((id(row, 0)?, row.get::<_, String>(1)?)))? {
            let node = node.unwrap_or_default();
            let properties = properties(&told, of_nodes.get(&node)).map_err(|e| in_table("entities", node, &e))?;
            nodes.push(NodeData { id: node, labels: labels.remove(&node).unwrap_or_default(), properties });
        }
        let sql = "SELECT id, subject, relation, object, properties FROM facts ORDER BY id";
        let mut rels = Vec::new();
        let all = self.rows("facts", sql, |row| {
            Ok((id(row, 0)?, id(row, 1)?, text(row, 2)?, id(row, 3)?, row.get::<_, String>(4)?))
        })?;
        for (rel, start, ty, end, told) in all {
            let (Some(rel), Some(start), Some(end)) = (rel, start, end) else {
                return Err(Error::data("table facts: an id is no number of ours"));
            };
            let properties = properties(&told, of_rels.get(&rel)).map_err(|e| in_table("facts", rel, &e))?;
            rels.push(RelData { id: rel, ty, start, end, properties });
        }
        Ok(Subgraph { nodes, rels, told: self.told()? })
    }

    /// Properties in our encoding, by nodes and by relationships.
    fn exact(&self) -> Result<(HashMap<u64, String>, HashMap<u64, String>)> {
        let (mut nodes, mut rels) = (HashMap::new(), HashMap::new());
        let sql = "SELECT entity, fact, properties FROM exact";
        for (node, rel, told) in self.rows("exact", sql, |row| Ok((id(row, 0)?, id(row, 1)?, row.get(2)?)))? {
            match (node, rel) {
                (Some(node), _) => drop(nodes.insert(node, told)),
                (None, Some(rel)) => drop(rels.insert(rel, told)),
                (None, None) => {}
            }
        }
        Ok((nodes, rels))
    }

    fn told(&self) -> Result<Told> {
        let mut told = Told { types: self.types()?, sources: self.sources()?, ..Told::default() };
        let by_id: HashMap<Arc<str>, SourceId> =
            (0..).zip(&told.sources).map(|(at, (source, _))| (source.id.clone(), SourceId(at))).collect();
        let place = |source: &str, at: &str| -> Result<Place> {
            let source = by_id.get(source).copied();
            let source = source.ok_or_else(|| Error::data(format!("there is no source {source:?}")))?;
            Ok(Place { source, at: beside::read_locator(at)? })
        };
        let sql = "SELECT entity, source, locator FROM places ORDER BY rowid";
        for (node, source, at) in self.rows("places", sql, |row| Ok((id(row, 0)?, text(row, 1)?, text(row, 2)?)))? {
            let place = place(&source, &at).map_err(|e| e.prefixed("table places: "))?;
            told.nodes.entry(node.unwrap_or_default()).or_default().push(place);
        }
        for declared in self.declared("evidence")? {
            told.further.push(beside::read_further(map(&declared.1)?)?.what);
        }
        self.names(&place, &mut told)?;
        self.mentions(&place, &mut told)?;
        let sql = "SELECT id, type, topic, note, fact_a, sources_a, fact_b, sources_b FROM conflicts ORDER BY rowid";
        let all = self.rows("conflicts", sql, |row| {
            let sides = [(id(row, 4)?, text(row, 5)?), (id(row, 6)?, text(row, 7)?)];
            Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?, sides))
        })?;
        for (id, kind, topic, note, sides) in all {
            let sides = sides.map(|(fact, sources)| {
                let sources = sources.split_whitespace().filter_map(|source| by_id.get(source).copied()).collect();
                (fact.unwrap_or_default(), sources)
            });
            told.conflicts.push(ToldConflict { id, kind, topic, note, sides });
        }
        Ok(told)
    }

    /// Declarations of a kind, with what they are about.
    fn declared(&self, kind: &str) -> Result<Vec<(Arc<str>, Value)>> {
        let sql = "SELECT kind, about, declaration FROM declarations ORDER BY rowid";
        let all = self.rows("declarations", sql, |row| Ok((text(row, 0)?, text(row, 1)?, row.get::<_, String>(2)?)))?;
        let own = all.into_iter().filter(|(of, ..)| **of == *kind);
        own.map(|(_, about, told)| {
            let value = json::parse_text(&told).and_then(|json| json::read_value(&json));
            Ok((about.clone(), value.map_err(|e| in_table("declarations", &about, &e))?))
        })
        .collect()
    }

    fn types(&self) -> Result<Vec<RelationType>> {
        let declared = self.declared("relation")?;
        if !declared.is_empty() {
            return declared.iter().map(|(_, value)| beside::read_relation_type(map(value)?)).collect();
        }
        self.rows("relations", "SELECT relation, definition, inverse FROM relations ORDER BY rowid", |row| {
            let (name, definition, inverse) = (text(row, 0)?, text(row, 1)?, text(row, 2)?);
            Ok(RelationType { name, definition, inverse, ..RelationType::default() })
        })
    }

    fn sources(&self) -> Result<Vec<(Source, Option<u64>)>> {
        let readings: HashMap<Arc<str>, Value> = self.declared("source")?.into_iter().collect();
        let sql = "SELECT id, title, date, voice, entity FROM sources ORDER BY rowid";
        let all = self.rows("sources", sql, |row| {
            let (id, title, date, group) = (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
            Ok((Source { id, title, date, group, ..Source::default() }, self::id(row, 4)?))
        })?;
        let read = |(mut source, node): (Source, Option<u64>)| {
            if let Some(reading) = readings.get(&source.id) {
                beside::read_reading(map(reading)?, &mut source)?;
            }
            Ok((source, node))
        };
        all.into_iter().map(read).collect()
    }

    fn names(&self, place: &dyn Fn(&str, &str) -> Result<Place>, told: &mut Told) -> Result<()> {
        let mut used: BTreeMap<u64, (Vec<Place>, Option<Place>)> = BTreeMap::new();
        let sql = "SELECT name, source, locator, says FROM name_places ORDER BY rowid";
        let all =
            self.rows("name_places", sql, |row| Ok((id(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?)))?;
        for (name, source, at, says) in all {
            let of = used.entry(name.unwrap_or_default()).or_default();
            let place = place(&source, &at).map_err(|e| e.prefixed("table name_places: "))?;
            if *says == *"dates" { of.1 = Some(place) } else { of.0.push(place) }
        }
        let sql = "SELECT id, entity, name, language, script, status, since, until FROM names ORDER BY id";
        let all = self.rows("names", sql, |row| {
            let (language, script, status) = (text(row, 3)?, text(row, 4)?, text(row, 5)?);
            let (name, from, to) = (text(row, 2)?, text(row, 6)?, text(row, 7)?);
            let (places, stated_at) = used.remove(&id(row, 0)?.unwrap_or_default()).unwrap_or_default();
            let name = NameUse { name, language, script, status, from, to, stated_at, places: places.into() };
            Ok((id(row, 1)?.unwrap_or_default(), name))
        })?;
        told.further.extend(all.into_iter().map(|(node, name)| Further::Name { node, name }));
        Ok(())
    }

    fn mentions(&self, place: &dyn Fn(&str, &str) -> Result<Place>, told: &mut Told) -> Result<()> {
        let sql = "SELECT mention, event, relation, side FROM parts";
        let mut parts: HashMap<u64, (Arc<str>, Arc<str>, Side)> = HashMap::new();
        for (mention, event, relation, side) in
            self.rows("parts", sql, |row| Ok((id(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?)))?
        {
            let side = if *side == *"subject" { Side::Start } else { Side::End };
            parts.insert(mention.unwrap_or_default(), (event, relation, side));
        }
        let mut either: HashMap<u64, Vec<u64>> = HashMap::new();
        let sql = "SELECT mention, fact FROM either ORDER BY rowid";
        for (mention, fact) in self.rows("either", sql, |row| Ok((id(row, 0)?, id(row, 1)?)))? {
            either.entry(mention.unwrap_or_default()).or_default().extend(fact);
        }
        let sql = "SELECT id, fact, entity, source, locator, name, confidence, fingerprint, qualifiers FROM mentions ORDER BY id";
        let all = self.rows("mentions", sql, |row| {
            let cells = (text(row, 3)?, text(row, 4)?, text(row, 6)?, text(row, 7)?, text(row, 8)?);
            Ok((id(row, 0)?.unwrap_or_default(), id(row, 1)?, id(row, 2)?, text(row, 5)?, cells))
        })?;
        for (number, fact, entity, name, (source, at, confidence, print, qualifiers)) in all {
            let mention = || -> Result<Mention> {
                let qualifiers = json::read_value(&json::parse_text(&qualifiers)?)?;
                Ok(Mention {
                    id: name,
                    place: place(&source, &at)?,
                    confidence: beside::read_confidence(&confidence)?,
                    fingerprint: beside::read_fingerprint(&print)?,
                    qualifiers: beside::read_qualifiers(Some(&qualifiers))?,
                })
            };
            let mention = mention().map_err(|e| in_table("mentions", number, &e))?;
            match (fact, entity, parts.remove(&number)) {
                (Some(fact), ..) => told.rels.entry(fact).or_default().push(mention),
                (None, Some(node), Some((event, relation, side))) => {
                    told.further.push(Further::Part { node, event, relation, side, mention });
                }
                (None, Some(node), None) => told.further.push(Further::Exists { node, mention }),
                (None, None, _) => {
                    let rels = either.remove(&number).unwrap_or_default();
                    told.further.push(Further::Either { rels, mention });
                }
            }
        }
        Ok(())
    }
}

fn map(value: &Value) -> Result<&Map> {
    if let Value::Map(map) = value { Ok(map) } else { Err(Error::data("the declaration is no map")) }
}

/// The properties of a row, with those said more exactly elsewhere where they still say the same.
fn properties(told: &str, exact: Option<&String>) -> Result<Properties> {
    let Json::Object(object) = json::parse_text(told)? else {
        return Err(Error::data("properties are no JSON object"));
    };
    let exact = match exact.map(|text| json::parse_text(text).and_then(|json| json::read_value(&json))).transpose()? {
        Some(Value::Map(map)) => map.entries().iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        _ => Vec::new(),
    };
    let mut all = Properties::new();
    for (key, plain) in &object {
        let finer = exact.iter().find(|(known, _)| **known == **key).map(|(_, value)| value);
        let same = |value: &&Value| {
            let mut text = String::new();
            super::json(&mut text, value);
            json::parse_text(&text).is_ok_and(|json| json == *plain)
        };
        let value = match finer.filter(same) {
            Some(value) => value.clone(),
            None => json::read_value(plain)?,
        };
        all.push((key.as_str().into(), value));
    }
    Ok(all)
}
