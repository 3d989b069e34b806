//! A SQLite file of tables, as Datasette shows them: entities, facts, mentions, sources, joined by foreign keys, and a
//! full-text index of the names. Not a store: `store` keeps the graph, this is for other programs.
//!
//! ```text
//! entities ◄── facts ◄── mentions ──► sources ──► entities
//!     └── labels, places ──► sources     entities_fts (names and texts of entities)
//! ```
//!
//! Every property is a column of `properties` as JSON; what people ask for most (`name`, `kind`, `date`) has its own.

use std::path::Path;

use rusqlite::{Connection, params};

use super::json::{write_string, write_value};
use super::{Subgraph, WriteError, Written, beside, text};
use crate::engine::{Entities, NodeData};
use crate::error::{Class, Code, Error, Phase};
use crate::value::{Value, text as value_text};

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
    object INTEGER NOT NULL REFERENCES entities (id), date TEXT, support INTEGER NOT NULL, properties TEXT NOT NULL
);
CREATE TABLE sources (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, date TEXT NOT NULL, voice TEXT NOT NULL,
    entity INTEGER REFERENCES entities (id)
);
CREATE TABLE mentions (
    id INTEGER PRIMARY KEY, fact INTEGER NOT NULL REFERENCES facts (id), source TEXT NOT NULL REFERENCES sources (id),
    locator TEXT NOT NULL, name TEXT NOT NULL, confidence TEXT NOT NULL, fingerprint TEXT NOT NULL,
    qualifiers TEXT NOT NULL
);
CREATE TABLE places (
    entity INTEGER NOT NULL REFERENCES entities (id), source TEXT NOT NULL REFERENCES sources (id), locator TEXT NOT NULL
);
CREATE TABLE relations (relation TEXT PRIMARY KEY, definition TEXT NOT NULL, inverse TEXT NOT NULL);
";

/// What is quicker to make when the rows are there.
const AFTER: &str = "
CREATE INDEX facts_subject ON facts (subject);
CREATE INDEX facts_object ON facts (object);
CREATE INDEX facts_relation ON facts (relation);
CREATE INDEX mentions_fact ON mentions (fact);
CREATE INDEX mentions_source ON mentions (source);
CREATE INDEX places_entity ON places (entity);
CREATE INDEX labels_label ON labels (label);
CREATE VIRTUAL TABLE entities_fts USING fts5 (name, text, tokenize = \"unicode61 remove_diacritics 2\");
CREATE VIEW statements AS
    SELECT f.id, s.name AS subject, f.relation, o.name AS object, f.date, f.support
    FROM facts f JOIN entities s ON s.id = f.subject JOIN entities o ON o.id = f.object;
";

/// Writes the file, which must not be there yet.
pub fn write(graph: &Subgraph, file: &Path) -> Written {
    let mut conn = Connection::open(file).map_err(failed)?;
    fill(graph, &mut conn)?;
    conn.close().map_err(|(_, error)| failed(error))
}

fn fill(graph: &Subgraph, conn: &mut Connection) -> Written {
    conn.execute_batch(SCHEMA).map_err(failed)?;
    entities(graph, conn)?;
    sources(graph, conn)?;
    facts(graph, conn)?;
    conn.execute_batch(AFTER).map_err(failed)?;
    full_text(graph, conn)?;
    conn.execute_batch("COMMIT; PRAGMA optimize;").map_err(failed)
}

fn entities(graph: &Subgraph, conn: &Connection) -> Written {
    let mut entity = conn.prepare("INSERT INTO entities VALUES (?, ?, ?, ?, ?)").map_err(failed)?;
    let mut label = conn.prepare("INSERT INTO labels VALUES (?, ?)").map_err(failed)?;
    for node in &graph.nodes {
        let (id, kind, labels) = (number(node.id), text::kind(node), node.labels.join(" "));
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
    let mut source = conn.prepare("INSERT INTO sources VALUES (?, ?, ?, ?, ?)").map_err(failed)?;
    for (_, of, node) in told.used_sources() {
        source.execute(params![&*of.id, &*of.title, &*of.date, &*of.group, node.map(number)]).map_err(failed)?;
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
    let mut fact = conn.prepare("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
    let mut row = conn.prepare("INSERT INTO mentions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)").map_err(failed)?;
    for rel in &graph.rels {
        let mentions = told.rels.get(&rel.id).map_or(&[][..], |m| m);
        let mut documents: Vec<u32> = mentions.iter().map(|m| m.place.source.0).collect();
        documents.sort_unstable();
        documents.dedup();
        let date = rel.properties.iter().find(|(k, _)| &**k == "date").and_then(|(_, v)| value_text::scalar(v));
        let (id, properties) = (number(rel.id), object(rel.properties.iter().map(|(k, v)| (&**k, v))));
        let (start, end, support) = (number(rel.start), number(rel.end), documents.len() as i64);
        fact.execute(params![id, start, &*rel.ty, end, date, support, properties]).map_err(failed)?;
        for mention in mentions {
            let (source, at) = (told.source(mention.place.source), beside::locator(mention.place.at));
            let (confidence, print) = (mention.confidence.to_string(), beside::fingerprint(mention.fingerprint));
            let mut qualifiers = String::new();
            write_value(&mut qualifiers, &beside::qualifiers(mention)?, &Entities::default());
            row.execute(params![id, source, at, &*mention.id, confidence, print, qualifiers]).map_err(failed)?;
        }
    }
    Ok(())
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
