//! A SQLite file of tables, as Datasette shows them: entities, facts, mentions, sources, joined by foreign keys, and a
//! full-text index of the names. Not a store: `store` keeps the graph, this is for other programs.
//!
//! ```text
//! entities ◄── facts ◄── mentions ──► sources ──► entities
//!     ├── labels, places ──► sources     entities_fts (names and texts of entities)
//!     └── names ◄── name_places ──► sources
//!  mentions ◄── qualifiers (one row a stated value), either ──► facts
//! ```
//!
//! A mention is of a fact, or of an entity (of its life, of its part in an event); one that fits several facts is of
//! none and listed in `either`. A mention of the mode `denies` says that its fact is not so: it counts in no support.
//!
//! What no column says is there for [`read()`], which makes the graph again: `exact`, properties whose values JSON has no type
//! for; `declarations`, how relations, qualifiers and sources are to be read; `parts`, on which side of which event a mention
//! puts its entity.
//!
//! Every property is a column of `properties` as JSON; what people ask for most (`name`, `kind`, `date`) has its own.

mod read;

use std::path::Path;

use rusqlite::{Connection, Statement, params};

use super::json::{write_string, write_value};
use super::{Subgraph, WriteError, Written, beside, text};
use crate::engine::{Entities, Further, NodeData, Told};
use crate::error::{Class, Code, Error, Phase};
use crate::provenance::{Evidence, Mention, Mode, NameUse, Side, SourceId};
use crate::value::{Value, text as value_text};
pub(crate) use read::read;

const SCHEMA: &str = "
PRAGMA foreign_keys = ON;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE entities (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, properties TEXT NOT NULL
);
CREATE TABLE labels (entity INTEGER NOT NULL REFERENCES entities (id), label TEXT NOT NULL, PRIMARY KEY (entity, label))
    WITHOUT ROWID;
CREATE TABLE facts (
    id INTEGER PRIMARY KEY, subject INTEGER NOT NULL REFERENCES entities (id), relation TEXT NOT NULL,
    object INTEGER NOT NULL REFERENCES entities (id), date TEXT, support INTEGER NOT NULL, witnesses INTEGER NOT NULL,
    properties TEXT NOT NULL
);
CREATE TABLE sources (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT NOT NULL, voice TEXT NOT NULL, derives_from TEXT NOT NULL,
    entity INTEGER REFERENCES entities (id)
);
CREATE TABLE mentions (
    id INTEGER PRIMARY KEY, fact INTEGER REFERENCES facts (id), entity INTEGER REFERENCES entities (id),
    source TEXT NOT NULL REFERENCES sources (id), locator TEXT NOT NULL, name TEXT NOT NULL, mode TEXT NOT NULL,
    confidence TEXT NOT NULL, fingerprint TEXT NOT NULL, qualifiers TEXT NOT NULL
);
CREATE TABLE qualifiers (
    mention INTEGER NOT NULL REFERENCES mentions (id), key TEXT NOT NULL, value TEXT NOT NULL
);
CREATE TABLE either (mention INTEGER NOT NULL REFERENCES mentions (id), fact INTEGER NOT NULL REFERENCES facts (id));
CREATE TABLE names (
    id INTEGER PRIMARY KEY, entity INTEGER NOT NULL REFERENCES entities (id), name TEXT NOT NULL,
    language TEXT NOT NULL, script TEXT NOT NULL, status TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL
);
CREATE TABLE name_places (
    name INTEGER NOT NULL REFERENCES names (id), source TEXT NOT NULL REFERENCES sources (id), locator TEXT NOT NULL,
    says TEXT NOT NULL CHECK (says IN ('name', 'dates'))
);
CREATE TABLE places (
    entity INTEGER NOT NULL REFERENCES entities (id), source TEXT NOT NULL REFERENCES sources (id), locator TEXT NOT NULL
);
CREATE TABLE conflicts (
    id TEXT NOT NULL, type TEXT NOT NULL, topic TEXT NOT NULL, note TEXT NOT NULL,
    fact_a INTEGER NOT NULL REFERENCES facts (id), sources_a TEXT NOT NULL,
    fact_b INTEGER NOT NULL REFERENCES facts (id), sources_b TEXT NOT NULL
);
CREATE TABLE parts (
    mention INTEGER NOT NULL REFERENCES mentions (id), event TEXT NOT NULL, relation TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('subject', 'object'))
);
CREATE TABLE exact (
    entity INTEGER REFERENCES entities (id), fact INTEGER REFERENCES facts (id), properties TEXT NOT NULL
);
CREATE TABLE declarations (kind TEXT NOT NULL, about TEXT NOT NULL, declaration TEXT NOT NULL);
CREATE TABLE relations (relation TEXT PRIMARY KEY, definition TEXT NOT NULL, inverse TEXT NOT NULL);
";

/// What is quicker to make when the rows are there.
const AFTER: &str = "
CREATE INDEX facts_subject ON facts (subject);
CREATE INDEX facts_object ON facts (object);
CREATE INDEX facts_relation ON facts (relation);
CREATE INDEX mentions_fact ON mentions (fact);
CREATE INDEX mentions_entity ON mentions (entity);
CREATE INDEX mentions_source ON mentions (source);
CREATE INDEX qualifiers_mention ON qualifiers (mention);
CREATE INDEX qualifiers_key ON qualifiers (key, value);
CREATE INDEX names_entity ON names (entity);
CREATE INDEX name_places_name ON name_places (name);
CREATE INDEX places_entity ON places (entity);
CREATE INDEX labels_label ON labels (label);
CREATE VIRTUAL TABLE entities_fts USING fts5 (name, text, tokenize = \"unicode61 remove_diacritics 2\");
CREATE VIEW statements AS
    SELECT f.id, s.name AS subject, f.relation, o.name AS object, f.date, f.support, f.witnesses
    FROM facts f JOIN entities s ON s.id = f.subject JOIN entities o ON o.id = f.object;
";

/// Writes the file, which must not be there yet.
pub(crate) fn write(graph: &Subgraph, file: &Path) -> Written {
    let mut conn = Connection::open(file).map_err(failed)?;
    fill(graph, &mut conn)?;
    conn.close().map_err(|(_, error)| failed(error))
}

fn fill(graph: &Subgraph, conn: &mut Connection) -> Written {
    conn.execute_batch(SCHEMA).map_err(failed)?;
    entities(graph, conn)?;
    sources(graph, conn)?;
    facts(graph, conn)?;
    further(graph, conn)?;
    conflicts(graph, conn)?;
    exact(graph, conn)?;
    declarations(graph, conn)?;
    conn.execute_batch(AFTER).map_err(failed)?;
    full_text(graph, conn)?;
    conn.execute_batch("COMMIT; PRAGMA optimize;").map_err(failed)
}

fn entities(graph: &Subgraph, conn: &Connection) -> Written {
    let mut entity = conn.prepare("INSERT INTO entities VALUES (?, ?, ?, ?, ?)").map_err(failed)?;
    let mut label = conn.prepare("INSERT INTO labels VALUES (?, ?)").map_err(failed)?;
    for node in &graph.nodes {
        let (id, kind, labels) = (number(node.id), node.kind(), node.labels.join(" "));
        let row =
            params![id, kind, text::caption(node), labels, object(node.properties.iter().map(|(k, v)| (&**k, v)))];
        entity.execute(row).map_err(failed)?;
        for name in &node.labels {
            label.execute(params![id, &**name]).map_err(failed)?;
        }
    }
    Ok(())
}

fn sources(graph: &Subgraph, conn: &Connection) -> Written {
    let told = &graph.told;
    let mut source = conn.prepare("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?)").map_err(failed)?;
    for (_, of, node) in told.used_sources() {
        let row = params![&*of.id, &*of.title, &*of.date, &*of.group, of.derives_from.join(" "), node.map(number)];
        source.execute(row).map_err(failed)?;
    }
    let mut row = conn.prepare("INSERT INTO places VALUES (?, ?, ?)").map_err(failed)?;
    for (node, places) in &told.nodes {
        for place in places {
            let at = beside::locator(place.at);
            row.execute(params![number(*node), told.source(place.source), at]).map_err(failed)?;
        }
    }
    let mut row = conn.prepare("INSERT INTO relations VALUES (?, ?, ?)").map_err(failed)?;
    for ty in &told.types {
        row.execute(params![&*ty.name, &*ty.definition, &*ty.inverse]).map_err(failed)?;
    }
    Ok(())
}

fn facts(graph: &Subgraph, conn: &Connection) -> Written {
    let told = &graph.told;
    let mut voices = Evidence::default();
    for (source, _) in &told.sources {
        voices.add_source(source.clone());
    }
    let mut fact = conn.prepare("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
    let mut mentions = Mentions::new(conn)?;
    for rel in &graph.rels {
        let said = told.rels.get(&rel.id).map_or(&[][..], |m| m);
        let affirms = said.iter().filter(|m| m.mode() != Mode::Denies);
        let mut documents: Vec<SourceId> = affirms.map(|m| m.place.source).collect();
        documents.sort_unstable();
        documents.dedup();
        let date = rel.properties.iter().find(|(k, _)| &**k == "date").and_then(|(_, v)| value_text::scalar(v));
        let (id, properties) = (number(rel.id), object(rel.properties.iter().map(|(k, v)| (&**k, v))));
        let (start, end, support) = (number(rel.start), number(rel.end), documents.len() as i64);
        let witnesses = voices.witnesses(&documents) as i64;
        fact.execute(params![id, start, &*rel.ty, end, date, support, witnesses, properties]).map_err(failed)?;
        for mention in said {
            mentions.add(mention, told, Some(id), None)?;
        }
    }
    Ok(())
}

/// Names, and mentions that are of no single fact.
fn further(graph: &Subgraph, conn: &Connection) -> Written {
    let told = &graph.told;
    let mut mentions = Mentions::new(conn)?;
    let mut part = conn.prepare("INSERT INTO parts VALUES (?, ?, ?, ?)").map_err(failed)?;
    let mut either = conn.prepare("INSERT INTO either VALUES (?, ?)").map_err(failed)?;
    let mut named = conn.prepare("INSERT INTO names VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
    let mut used = conn.prepare("INSERT INTO name_places VALUES (?, ?, ?, ?)").map_err(failed)?;
    for further in &told.further {
        match further {
            Further::Exists { node, mention } => {
                mentions.add(mention, told, None, Some(number(*node)))?;
            }
            Further::Part { node, mention, event, relation, side } => {
                let id = mentions.add(mention, told, None, Some(number(*node)))?;
                part.execute(params![id, &**event, &**relation, side_name(*side)]).map_err(failed)?;
            }
            Further::Either { rels, mention } => {
                let id = mentions.add(mention, told, None, None)?;
                for rel in rels {
                    either.execute(params![id, number(*rel)]).map_err(failed)?;
                }
            }
            Further::Name { node, name } => {
                let NameUse { name, language, script, status, from, to, stated_at, places } = name;
                let row = params![number(*node), &**name, &**language, &**script, &**status, &**from, &**to];
                named.execute(row).map_err(failed)?;
                let id = conn.last_insert_rowid();
                let dated = stated_at.iter().map(|place| (place, "dates"));
                for (place, says) in places.iter().map(|place| (place, "name")).chain(dated) {
                    let (source, at) = (told.source(place.source), beside::locator(place.at));
                    used.execute(params![id, source, at, says]).map_err(failed)?;
                }
            }
            // these are declarations
            Further::Qualifier(_) | Further::Frame(_) => {}
        }
    }
    Ok(())
}

fn side_name(side: Side) -> &'static str {
    if side == Side::Start { "subject" } else { "object" }
}

fn conflicts(graph: &Subgraph, conn: &Connection) -> Written {
    let told = &graph.told;
    let mut row = conn.prepare("INSERT INTO conflicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
    for conflict in &told.conflicts {
        let [a, b] = conflict.sides.each_ref().map(|(fact, sources)| {
            let sources: Vec<&str> = sources.iter().map(|source| told.source(*source)).collect();
            (number(*fact), sources.join(" "))
        });
        let (id, kind, topic, note) = (&*conflict.id, &*conflict.kind, &*conflict.topic, &*conflict.note);
        row.execute(params![id, kind, topic, note, a.0, a.1, b.0, b.1]).map_err(failed)?;
    }
    Ok(())
}

/// The properties whose values JSON has no type for, in our encoding.
fn exact(graph: &Subgraph, conn: &Connection) -> Written {
    let mut row = conn.prepare("INSERT INTO exact VALUES (?, ?, ?)").map_err(failed)?;
    let nodes = graph.nodes.iter().map(|node| (Some(number(node.id)), None, &node.properties));
    let rels = graph.rels.iter().map(|rel| (None, Some(number(rel.id)), &rel.properties));
    for (entity, fact, properties) in nodes.chain(rels) {
        let odd: Vec<_> = properties.iter().filter(|(_, value)| !is_json(value)).cloned().collect();
        if !odd.is_empty() {
            let mut text = String::new();
            write_value(&mut text, &Value::map(odd)?, &Entities::default());
            row.execute(params![entity, fact, text]).map_err(failed)?;
        }
    }
    Ok(())
}

fn is_json(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(is_json),
        Value::Float(x) => x.is_finite(),
        other => matches!(other, Value::Null | Value::Bool(_) | Value::Int(_) | Value::Str(_)),
    }
}

/// How relations, qualifiers, sources and the whole are to be read.
fn declarations(graph: &Subgraph, conn: &Connection) -> Written {
    let told = &graph.told;
    let mut row = conn.prepare("INSERT INTO declarations VALUES (?, ?, ?)").map_err(failed)?;
    let mut add = |kind: &str, about: &str, declared: &Value| {
        let mut text = String::new();
        write_value(&mut text, declared, &Entities::default());
        row.execute(params![kind, about, text]).map(|_| ()).map_err(failed)
    };
    for ty in &told.types {
        add("relation", &ty.name, &beside::relation_type(ty)?)?;
    }
    for (_, source, _) in told.used_sources() {
        if let Some(reading) = beside::reading(source)? {
            add("source", &source.id, &reading)?;
        }
    }
    for further in &told.further {
        if matches!(further, Further::Qualifier(_) | Further::Frame(_)) {
            add("evidence", "", &beside::further(further, told)?)?;
        }
    }
    Ok(())
}

/// Writes mentions with what they state.
struct Mentions<'c> {
    conn: &'c Connection,
    row: Statement<'c>,
    qualifier: Statement<'c>,
}

impl<'c> Mentions<'c> {
    fn new(conn: &'c Connection) -> Result<Self, WriteError> {
        let row = conn.prepare("INSERT INTO mentions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
        let qualifier = conn.prepare("INSERT INTO qualifiers VALUES (?, ?, ?)").map_err(failed)?;
        Ok(Self { conn, row, qualifier })
    }

    /// Writes one; gives its id.
    fn add(
        &mut self,
        mention: &Mention,
        told: &Told,
        fact: Option<i64>,
        entity: Option<i64>,
    ) -> Result<i64, WriteError> {
        let (source, at) = (told.source(mention.place.source), beside::locator(mention.place.at));
        let (confidence, print) = (mention.confidence.to_string(), beside::fingerprint(mention.fingerprint));
        let mut qualifiers = String::new();
        write_value(&mut qualifiers, &beside::qualifiers(mention)?, &Entities::default());
        let mode = mention.mode().name();
        let row = params![fact, entity, source, at, &*mention.id, mode, confidence, print, qualifiers];
        self.row.execute(row).map_err(failed)?;
        let id = self.conn.last_insert_rowid();
        for (key, value) in mention.stated_qualifiers() {
            self.qualifier.execute(params![id, &**key, &**value]).map_err(failed)?;
        }
        Ok(id)
    }
}

/// The names of entities, and every other text they have.
fn full_text(graph: &Subgraph, conn: &Connection) -> Written {
    let mut row = conn.prepare("INSERT INTO entities_fts (rowid, name, text) VALUES (?, ?, ?)").map_err(failed)?;
    for node in &graph.nodes {
        row.execute(params![number(node.id), text::caption(node), texts(node)]).map_err(failed)?;
    }
    Ok(())
}

fn texts(node: &NodeData) -> String {
    let mut all = Vec::new();
    for (_, value) in &node.properties {
        match value {
            Value::Str(text) => all.push(&**text),
            Value::List(items) => {
                all.extend(items.iter().filter_map(|v| if let Value::Str(t) = v { Some(&**t) } else { None }))
            }
            _ => {}
        }
    }
    all.join("\n")
}

/// Properties as a JSON object, so that SQLite's JSON functions reach them; values without a JSON type are text.
fn object<'a>(pairs: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let mut out = String::from("{");
    for (at, (key, value)) in pairs.enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        write_string(&mut out, key);
        out.push(':');
        json(&mut out, value);
    }
    out.push('}');
    out
}

fn json(out: &mut String, value: &Value) {
    match value {
        Value::List(items) => super::json::write_array(out, items.iter(), json),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Str(_) => write_value(out, value, &Entities::default()),
        Value::Float(x) if x.is_finite() => write_value(out, value, &Entities::default()),
        other => write_string(out, &text::cell(other, &Entities::default())),
    }
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX) // ids stay below i64::MAX
}

fn failed(error: rusqlite::Error) -> WriteError {
    let message = format!("SQLite could not write the tables: {error}");
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::subgraph::hostile;

    #[test]
    fn hostile_text_is_a_value_and_every_row_is_there() {
        let mut conn = Connection::open_in_memory().expect("memory");
        fill(&hostile(), &mut conn).expect("written");
        let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql);
        assert_eq!(count("SELECT count(*) FROM entities"), hostile().nodes.len() as i64);
        assert_eq!(count("SELECT count(*) FROM facts"), hostile().rels.len() as i64);
        assert_eq!(count("SELECT count(*) FROM entities WHERE json_valid(properties)"), hostile().nodes.len() as i64);
        assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(count("SELECT count(*) FROM entities_fts WHERE entities_fts MATCH 'құрылтай'"), 1);
    }
}
