//! JSON lines: `{"$node":{"id":1,"labels":[…],"props":{…}}}` and `{"$rel":{"type":…,"start":…,"end":…,"props":{…}}}`,
//! as `export jsonl` writes them. Nodes stand before the relationships that name them, `{"$source":{…}}` before whoever
//! cites it, `{"$evidence":{…}}` and `{"$conflict":{…}}` after the nodes and relationships they are about.

use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use super::{Beside, Key, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::io::{beside, json};
use crate::value::Value;

/// Longest line that is read, in bytes.
const LONGEST_LINE: u64 = 256 << 20;

/// Reads `input` to its end. `file` names it in messages.
pub fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        number += 1;
        let named = |e: &Error| in_file(file, &Error::data(format!("line {number}: {}", e.message())));
        let read = std::io::Read::take(&mut *input, LONGEST_LINE + 1).read_until(b'\n', &mut line);
        match read {
            Err(e) => return Err(in_file(file, &crate::io::unreadable(&format!("line {number}"), &e))),
            Ok(0) => return Ok(()),
            Ok(_) if line.len() as u64 > LONGEST_LINE => {
                return Err(named(&Error::data(format!("longer than {LONGEST_LINE} bytes"))));
            }
            Ok(_) => {}
        }
        let taken = std::str::from_utf8(&line)
            .map_err(|e| Error::data(format!("not UTF-8 at byte {}", e.valid_up_to())))
            .and_then(|text| if text.trim().is_empty() { Ok(()) } else { take(text, sink) });
        if let Err(error) = taken {
            problem(named(&error))?;
        }
    }
}

fn take(text: &str, sink: &mut dyn Sink) -> Result<()> {
    let json = json::parse_text(text)?;
    match json.as_object().and_then(|o| o.iter().next()) {
        Some((kind, Json::Object(node))) if kind == "$node" => take_node(node, sink),
        Some((kind, Json::Object(rel))) if kind == "$rel" => take_rel(rel, sink),
        Some((kind, map)) if matches!(&**kind, "$relation" | "$source" | "$evidence" | "$conflict") => {
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
        _ => Err(Error::data("neither {\"$node\":{…}} nor {\"$rel\":{…}}")),
    }
}

fn take_node(node: &Object<String, Json>, sink: &mut dyn Sink) -> Result<()> {
    let key = NodeKey { space: "", key: key(node, "id")? };
    sink.node(Some(key), &labels(node)?, properties(node)?)?;
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

fn take_rel(rel: &Object<String, Json>, sink: &mut dyn Sink) -> Result<()> {
    let ty: Arc<str> = text_of(rel, "type")?.into();
    let mentions = list(rel, "mentions")?;
    let id = if rel.contains_key("id") { Some(key(rel, "id")?) } else { None };
    let end = |name| Ok::<_, Error>(NodeKey { space: "", key: key(rel, name)? });
    sink.rel(id, &ty, end("start")?, end("end")?, properties(rel)?)?;
    for mention in &mentions {
        let Value::Map(map) = mention else { return Err(Error::data("mentions are a list of objects")) };
        let (source, mention) = beside::read_mention(map)?;
        let rel = id.ok_or_else(|| Error::data("a relationship with mentions needs an id"))?;
        sink.beside(Beside::Mention { rel, source: &source, mention })?;
    }
    Ok(())
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

fn key<'a>(object: &'a Object<String, Json>, name: &str) -> Result<Key<'a>> {
    match object.get(name) {
        Some(Json::String(text)) => Ok(Key::Text(text)),
        Some(Json::Number(number)) => {
            number.as_i64().map(Key::Int).ok_or_else(|| Error::data(format!("{name} is no integer")))
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

fn properties(object: &Object<String, Json>) -> Result<Properties> {
    match object.get("props") {
        None => Ok(Vec::new()),
        Some(Json::Object(props)) => props.iter().map(|(k, v)| Ok((k.as_str().into(), json::read_value(v)?))).collect(),
        Some(_) => Err(Error::data("props is an object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    #[test]
    fn what_is_exported_is_read_back() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        json::write_graph_lines(&graph, &mut out).expect("memory");
        let mut seen = Seen::default();
        read(&mut &out[..], "x.jsonl", &mut seen, &mut |e| Err(e)).expect("well formed");
        assert_eq!(seen.lines.len(), graph.nodes.len() + graph.rels.len());
        assert_eq!(seen.lines[0], "#1 :plain name='plain' plain='plain'");
    }

    #[test]
    fn bad_lines_are_named_and_can_be_skipped() {
        let text =
            "{\"$node\":{\"id\":1}}\n\nnonsense\n{\"$rel\":{\"type\":\"T\",\"start\":1}}\n{\"$node\":{\"id\":\"x\"}}";
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        let result = read(&mut text.as_bytes(), "x.jsonl", &mut seen, &mut |e| {
            problems.push(e.message().to_owned());
            Ok(())
        });
        result.expect("problems are skipped");
        assert_eq!(seen.lines, ["#1 : ", "/x : "]);
        assert!(problems[0].starts_with("x.jsonl, line 3: not JSON"), "{problems:?}");
        assert_eq!(problems[1], "x.jsonl, line 4: end is missing");
        assert!(read(&mut text.as_bytes(), "x", &mut Seen::default(), &mut |e| Err(e)).is_err());
    }
}
