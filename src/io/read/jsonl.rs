//! JSON lines, one object each.
//!
//! | object | what it is |
//! |---|---|
//! | `{"$node":{…}}`, `{"$rel":{…}}`, `{"$source":{…}}`, `{"$relation":{…}}`, `{"$evidence":{…}}`, `{"$conflict":{…}}` | what `export jsonl` writes |
//! | `{"type":"node","id":…,"labels":[…],"properties":{…}}`, `{"type":"relationship",…}` | what Neo4j and apoc write |
//! | `{"id":…,"schema":…,"properties":{…}}` | an entity of FollowTheMoney (see `ftm`) |
//! | `{"entity_id":…,"prop":…,"value":…}` | a statement of FollowTheMoney |
//!
//! `{"$source":{…}}` stands before whoever cites it, `{"$conflict":{…}}` behind the relationships it is about;
//! relationships may stand before their nodes. A line may hold an array of such objects. A member that is not known is an
//! error, and so is a key that stands twice in one object.

use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use super::ftm::Ftm;
use super::{Beside, Key, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::io::{beside, json};
use crate::value::Value;

/// Longest line that is read, in bytes.
pub(super) const LONGEST_LINE: u64 = 256 << 20;

/// Reads `input` to its end. `file` names it in messages.
pub(crate) fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut records = Records::new(file);
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        number += 1;
        let named = |e: &Error| in_file(file, &e.prefixed(&format!("line {number}: ")));
        let read = std::io::Read::take(&mut *input, LONGEST_LINE + 1).read_until(b'\n', &mut line);
        match read {
            Err(e) => return Err(in_file(file, &crate::io::unreadable(&format!("line {number}"), &e))),
            Ok(0) => return records.finish(sink, problem),
            Ok(_) if line.len() as u64 > LONGEST_LINE => {
                return Err(named(&Error::data(format!("longer than {LONGEST_LINE} bytes"))));
            }
            Ok(_) => {}
        }
        let taken = std::str::from_utf8(&line)
            .map_err(|e| Error::data(format!("not UTF-8 at byte {}", e.valid_up_to())))
            .and_then(|text| if text.trim().is_empty() { Ok(None) } else { parse(text).map(Some) });
        match taken {
            Ok(None) => {}
            Ok(Some(Json::Array(all))) => {
                for (at, record) in (1..).zip(all) {
                    let taken = records.take(record, &format!("line {number}"), sink);
                    taken.or_else(|e| problem(named(&e.prefixed(&format!("item {at}: ")))))?;
                }
            }
            Ok(Some(record)) => {
                records.take(record, &format!("line {number}"), sink).or_else(|e| problem(named(&e)))?;
            }
            Err(error) => problem(named(&error))?,
        }
    }
}

fn parse(text: &str) -> Result<Json> {
    json::parse_whole(text).map_err(|error| match text.trim() {
        "{" | "[" => error.hint("one object a line; a file that is one JSON document: --format json"),
        _ => error,
    })
}

/// Takes records, wherever they stand.
pub(super) struct Records<'f> {
    file: &'f str,
    /// Relationships that stand before their nodes, with the place of each.
    later: Vec<(Box<str>, Json)>,
    ftm: Ftm,
}

impl<'f> Records<'f> {
    /// Nothing read yet.
    pub(super) fn new(file: &'f str) -> Self {
        Self { file, later: Vec::new(), ftm: Ftm::default() }
    }

    /// Takes a record; `place` names it in messages when it must wait.
    pub(super) fn take(&mut self, record: Json, place: &str, sink: &mut dyn Sink) -> Result<()> {
        let Json::Object(object) = &record else { return Err(unknown()) };
        if Ftm::is(object) {
            return self.ftm.take(object, place, sink);
        }
        let rel = rel_of(object)?;
        if let Some(rel) = &rel
            && !(sink.knows(rel.start) && sink.knows(rel.end))
        {
            self.later.push((place.into(), record));
            return Ok(());
        }
        match rel {
            Some(rel) => rel.hand_over(sink),
            None => take(object, sink),
        }
    }

    /// Takes what waited.
    pub(super) fn finish(self, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
        for (place, record) in self.later {
            let Json::Object(object) = &record else { continue };
            let taken = rel_of(object).and_then(|rel| rel.map_or(Ok(()), |rel| rel.hand_over(sink)));
            taken.or_else(|error| problem(in_file(self.file, &error.prefixed(&format!("{place}: ")))))?;
        }
        self.ftm.finish(self.file, sink, problem)
    }
}

fn unknown() -> Error {
    Error::data("no record that is known here")
        .hint("{\"$node\":{…}} and {\"$rel\":{…}} are ours, {\"type\":\"node\",…} Neo4j's, {\"schema\":…,\"properties\":{…}} FollowTheMoney's")
}

/// Takes a record that is no relationship.
fn take(object: &Object<String, Json>, sink: &mut dyn Sink) -> Result<()> {
    if object.get("type").and_then(Json::as_str) == Some("node") {
        return take_neo4j_node(object, sink);
    }
    match object.iter().next() {
        Some((kind, Json::Object(node))) if kind == "$node" => {
            only(object, "the record", &["$node"])?;
            take_node(node, sink)
        }
        Some((kind, map)) if matches!(&**kind, "$relation" | "$source" | "$evidence" | "$conflict") => {
            only(object, "the record", &[kind])?;
            let Value::Map(map) = json::read_value(map)? else {
                return Err(Error::data(format!("{kind} is an object")));
            };
            match &**kind {
                "$relation" => sink.beside(Beside::Type(beside::read_relation_type(&map)?)),
                "$source" => sink.beside(Beside::Source(beside::read_source(&map)?)),
                "$evidence" => {
                    let read = beside::read_further(&map)?;
                    let nodes = read.nodes.iter().map(|id| NodeKey { space: "", key: Key::Int(*id) }).collect();
                    let rels = read.rels.iter().map(|id| Key::Int(*id)).collect();
                    sink.beside(Beside::Further { what: read.what, sources: &read.sources, nodes, rels })
                }
                _ => {
                    let (conflict, sides) = beside::read_conflict(&map)?;
                    let sides = sides.map(|(rel, sources)| (Key::Int(rel), sources));
                    sink.beside(Beside::Conflict { conflict: &conflict, sides })
                }
            }
        }
        _ => Err(unknown()),
    }
}

/// Refuses members that are not among those known.
pub(super) fn only(object: &Object<String, Json>, what: &str, known: &[&str]) -> Result<()> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let error = Error::data(format!("{what} has the member {key:?}, which is not known"));
            Err(error.hint(format!("known: {}", known.join(", "))))
        }
    }
}

fn take_node(node: &Object<String, Json>, sink: &mut dyn Sink) -> Result<()> {
    only(node, "$node", &["id", "labels", "props", "stands_for", "places"])?;
    let key = NodeKey { space: "", key: key(node, "id")? };
    sink.node(Some(key), &labels(node)?, properties(node, "props")?)?;
    for source in list(node, "stands_for")? {
        let Value::Str(source) = source else { return Err(Error::data("stands_for is a list of sources")) };
        sink.beside(Beside::StandsFor { source: &source, node: key })?;
    }
    for place in list(node, "places")? {
        let (source, at) = beside::read_place(&place)?;
        sink.beside(Beside::Place { node: key, source: &source, at })?;
    }
    Ok(())
}

fn take_neo4j_node(node: &Object<String, Json>, sink: &mut dyn Sink) -> Result<()> {
    only(node, "the node", &["type", "id", "labels", "properties"])?;
    let key = NodeKey { space: "", key: key(node, "id")? };
    let properties = neo4j_properties(node, sink)?;
    sink.node(Some(key), &labels(node)?, properties)
}

/// A relationship as it stands in a record.
struct Rel<'a> {
    id: Option<Key<'a>>,
    ty: &'a str,
    start: NodeKey<'a>,
    end: NodeKey<'a>,
    rel: &'a Object<String, Json>,
    ours: bool,
}

/// The relationship a record is, if it is one.
fn rel_of(object: &Object<String, Json>) -> Result<Option<Rel<'_>>> {
    let id = |rel| if Object::contains_key(rel, "id") { key(rel, "id").map(Some) } else { Ok(None) };
    if let Some(Json::Object(rel)) = object.get("$rel") {
        only(object, "the record", &["$rel"])?;
        only(rel, "$rel", &["id", "type", "start", "end", "props", "mentions"])?;
        let end = |name| Ok::<_, Error>(NodeKey { space: "", key: key(rel, name)? });
        let (start, end) = (end("start")?, end("end")?);
        return Ok(Some(Rel { id: id(rel)?, ty: text_of(rel, "type")?, start, end, rel, ours: true }));
    }
    if object.get("type").and_then(Json::as_str) != Some("relationship") {
        return Ok(None);
    }
    only(object, "the relationship", &["type", "id", "label", "start", "end", "properties"])?;
    let end = |name: &str| {
        let Some(Json::Object(end)) = object.get(name) else {
            return Err(Error::data(format!("{name} is missing or no object")));
        };
        only(end, name, &["id", "labels", "properties"])?;
        Ok(NodeKey { space: "", key: key(end, "id")? })
    };
    let (start, end) = (end("start")?, end("end")?);
    Ok(Some(Rel { id: id(object)?, ty: text_of(object, "label")?, start, end, rel: object, ours: false }))
}

impl Rel<'_> {
    fn hand_over(self, sink: &mut dyn Sink) -> Result<()> {
        let ty: Arc<str> = self.ty.into();
        if !self.ours {
            let properties = neo4j_properties(self.rel, sink)?;
            return sink.rel(None, &ty, self.start, self.end, properties);
        }
        let mentions = list(self.rel, "mentions")?;
        sink.rel(self.id, &ty, self.start, self.end, properties(self.rel, "props")?)?;
        for mention in &mentions {
            let Value::Map(map) = mention else { return Err(Error::data("mentions are a list of objects")) };
            let (source, mention) = beside::read_mention(map)?;
            let rel = self.id.ok_or_else(|| Error::data("a relationship with mentions needs an id"))?;
            sink.beside(Beside::Mention { rel, source: &source, mention })?;
        }
        Ok(())
    }
}

fn list(object: &Object<String, Json>, name: &str) -> Result<Vec<Value>> {
    match object.get(name) {
        None => Ok(Vec::new()),
        Some(list @ Json::Array(_)) => match json::read_value(list)? {
            Value::List(items) => Ok(items.into_items()),
            _ => Ok(Vec::new()),
        },
        Some(_) => Err(Error::data(format!("{name} is a list"))),
    }
}

pub(super) fn key<'a>(object: &'a Object<String, Json>, name: &str) -> Result<Key<'a>> {
    match object.get(name) {
        Some(Json::String(text)) => Ok(Key::Text(text)),
        Some(Json::Number(number)) => {
            number.as_i64().map(Key::Int).ok_or_else(|| Error::data(format!("{name} is no integer of 64 bits")))
        }
        _ => Err(Error::data(format!("{name} is missing"))),
    }
}

fn text_of<'a>(object: &'a Object<String, Json>, name: &str) -> Result<&'a str> {
    object.get(name).and_then(Json::as_str).ok_or_else(|| Error::data(format!("{name} is missing or no text")))
}

fn labels(node: &Object<String, Json>) -> Result<Vec<Arc<str>>> {
    let wrong = || Error::data("labels is a list of texts");
    match node.get("labels") {
        None => Ok(Vec::new()),
        Some(Json::Array(labels)) => labels.iter().map(|l| l.as_str().map(Arc::from).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

fn properties(object: &Object<String, Json>, name: &str) -> Result<Properties> {
    match object.get(name) {
        None => Ok(Vec::new()),
        Some(Json::Object(props)) => {
            let property = |(k, v): (&String, &Json)| {
                let value = json::read_value(v).map_err(|e| e.prefixed(&format!("the property {k:?}: ")))?;
                Ok((k.as_str().into(), value))
            };
            props.iter().map(property).collect()
        }
        Some(_) => Err(Error::data(format!("{name} is an object"))),
    }
}

fn neo4j_properties(object: &Object<String, Json>, sink: &mut dyn Sink) -> Result<Properties> {
    match object.get("properties") {
        None => Ok(Vec::new()),
        Some(Json::Object(props)) => foreign_properties(props.iter(), sink),
        Some(_) => Err(Error::data("properties is an object")),
    }
}

/// Properties of other people's JSON: what cannot be the value of a property, an object (a point of Neo4j), stands as its
/// JSON text.
pub(super) fn foreign_properties<'a>(
    members: impl Iterator<Item = (&'a String, &'a Json)>,
    sink: &mut dyn Sink,
) -> Result<Properties> {
    let mut all = Properties::new();
    for (key, value) in members.filter(|(_, value)| !value.is_null()) {
        let flat = |value: &Json| match value {
            Json::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_null() && !item.is_array()),
            other => !other.is_object(),
        };
        let value = if flat(value) {
            json::read_value(value).map_err(|e| e.prefixed(&format!("the property {key:?}: ")))?
        } else {
            sink.passed_over("objects and nested lists in JSON, kept as their JSON text", 1);
            Value::from(value.to_string())
        };
        all.push((key.as_str().into(), value));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    fn seen(text: &str) -> (Vec<String>, Vec<String>) {
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        let result = read(&mut text.as_bytes(), "x.jsonl", &mut seen, &mut |e| {
            problems.push(e.message().to_owned());
            Ok(())
        });
        result.expect("problems are skipped");
        (seen.lines, problems)
    }

    #[test]
    fn what_is_exported_is_read_back() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        json::write_graph_lines(&graph, &mut out).expect("memory");
        let (lines, problems) = seen(std::str::from_utf8(&out).expect("text"));
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(lines.len(), graph.nodes.len() + graph.rels.len());
        assert_eq!(lines[0], "#1 :plain name='plain' plain='plain'");
    }

    #[test]
    fn bad_lines_are_named_and_can_be_skipped() {
        let text =
            "{\"$node\":{\"id\":1}}\n\nnonsense\n{\"$rel\":{\"type\":\"T\",\"start\":1}}\n{\"$node\":{\"id\":\"x\"}}";
        let (lines, problems) = seen(text);
        assert_eq!(lines, ["#1 : ", "/x : "]);
        assert!(problems[0].starts_with("x.jsonl, line 3: not JSON"), "{problems:?}");
        assert_eq!(problems[1], "x.jsonl, line 4: end is missing");
        assert!(read(&mut text.as_bytes(), "x", &mut Seen::default(), &mut |e| Err(e)).is_err());
    }

    #[test]
    fn nothing_that_is_not_understood_passes_in_silence() {
        for (line, says) in [
            ("{\"$node\":{\"id\":1,\"properties\":{\"a\":1}}}", "$node has the member \"properties\""),
            ("{\"$node\":{\"id\":1},\"more\":1}", "the record has the member \"more\""),
            ("{\"$rel\":{\"type\":\"T\",\"start\":1,\"end\":1,\"weight\":2}}", "$rel has the member \"weight\""),
            ("{\"type\":\"node\",\"id\":\"1\",\"props\":{}}", "the node has the member \"props\""),
            ("{\"name\":\"Ada\"}", "no record that is known"),
            ("[{\"name\":\"Ada\"}]", "no record that is known"),
            ("{\"$node\":{\"id\":1,\"props\":{\"x\":1,\"x\":2}}}", "the key \"x\" stands twice"),
            ("{\"$node\":{\"id\":1.0}}", "id is no integer"),
        ] {
            let (lines, problems) = seen(line);
            assert!(lines.is_empty() && problems[0].contains(says), "{line}: {problems:?}");
        }
    }

    #[test]
    fn neo4j_s_lines_are_read_and_relationships_may_come_first() {
        let text = "{\"id\":\"0\",\"type\":\"relationship\",\"label\":\"KNOWS\",\"properties\":{\"since\":1993},\"start\":{\"id\":\"0\",\"labels\":[\"User\"]},\"end\":{\"id\":\"1\"}}\n\
            {\"type\":\"node\",\"id\":\"0\",\"labels\":[\"User\"],\"properties\":{\"place\":{\"crs\":\"wgs-84\",\"latitude\":1.5},\"n\":null}}\n\
            [{\"type\":\"node\",\"id\":\"1\"}]\n{\"$rel\":{\"type\":\"T\",\"start\":\"1\",\"end\":\"9\"}}\n";
        let (lines, problems) = seen(text);
        assert_eq!(
            lines,
            [
                "/0 :User place='{\"crs\":\"wgs-84\",\"latitude\":1.5}'",
                "/1 : ",
                "/0 -KNOWS-> /1 since=1993",
                "/1 -T-> /9 "
            ]
        );
        assert!(problems.is_empty());
    }
}
