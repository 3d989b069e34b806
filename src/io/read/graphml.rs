//! GraphML as networkx, yEd, Neo4j and we ourselves write it: a stream of nodes and edges with typed data.
//!
//! Labels come from the data `labels` (`:A:B`), types from the data `label` (as Neo4j has it) or the attribute
//! `label`; an edge without either is of type `RELATED`. Document types and entities are refused, nested graphs and
//! hyperedges too. Edges of an undirected graph keep the direction they are written in.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Key, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::io::graphml::{JSON_MARK, LABEL, LABELS, PROPERTIES};
use crate::io::json;
use crate::value::Value;

/// The type of an edge that states none.
const NO_TYPE: &str = "RELATED";
/// Longest text of one data element, in bytes.
const LONGEST_TEXT: usize = 64 << 20;

/// Reads `input` to its end. `file` names it in messages.
pub fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut reader = Reader::from_reader(input);
    reader.config_mut().expand_empty_elements = true;
    let mut state = State { keys: HashMap::new(), element: None, data: None, graphs: 0, types: HashMap::new() };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let at = reader.buffer_position();
        let broken = |what: String| in_file(file, &Error::data(format!("byte {at}: {what}")));
        let event = reader.read_event_into(&mut buffer).map_err(|e| broken(e.to_string()))?;
        let taken = match event {
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(broken("document types are not read".to_owned())),
            Event::Start(tag) => state.open(&tag),
            Event::End(tag) => state.close(tag.name().as_ref(), sink),
            Event::Text(text) => state.text(&text.xml10_content()),
            Event::CData(text) => state.text(&text.xml10_content()),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(c)) => state.text(c.encode_utf8(&mut [0; 4])),
                Ok(None) => match quick_xml::escape::resolve_predefined_entity(&name) {
                    Some(text) => state.text(text),
                    None => return Err(broken("entities are not read".to_owned())),
                },
                Err(e) => Err(Error::data(e.to_string())),
            },
            _ => Ok(()),
        };
        if let Err(error) = taken {
            problem(in_file(file, &Error::data(format!("byte {at}: {}", error.message()))))?;
        }
    }
}

/// A declared data key.
struct Declared {
    name: Arc<str>,
    ty: String,
}

/// The node or edge being read.
#[derive(Default)]
struct Element {
    edge: bool,
    id: Option<String>,
    ends: (String, String),
    label: Option<String>,
    labels: Vec<Arc<str>>,
    properties: Properties,
}

struct State {
    keys: HashMap<String, Declared>,
    element: Option<Element>,
    data: Option<(String, String)>,
    graphs: usize,
    types: HashMap<String, Arc<str>>,
}

impl State {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        let name = tag.local_name();
        match name.as_ref() {
            "key" => {
                let id = attribute(tag, "id")?.unwrap_or_default();
                let name = attribute(tag, "attr.name")?.unwrap_or_else(|| id.clone());
                let ty = attribute(tag, "attr.type")?.unwrap_or_else(|| "string".to_owned());
                self.keys.insert(id, Declared { name: name.into(), ty });
            }
            "graph" => {
                self.graphs += 1;
                if self.element.is_some() || self.graphs > 1 {
                    return Err(Error::data("a graph inside a graph, or a second graph, is not read"));
                }
            }
            "hyperedge" => return Err(Error::data("hyperedges are not read")),
            "node" => {
                let id = attribute(tag, "id")?;
                // Neo4j writes the labels a second time as an attribute
                let labels = attribute(tag, "labels")?.map(|l| read_labels(&l)).unwrap_or_default();
                self.element = Some(Element { id, labels, ..Element::default() });
            }
            "edge" => {
                let end = |name: &str| attribute(tag, name).map(Option::unwrap_or_default);
                let ends = (end("source")?, end("target")?);
                let label = attribute(tag, "label")?;
                self.element = Some(Element { edge: true, ends, label, ..Element::default() });
            }
            "data" if self.element.is_some() => {
                self.data = Some((attribute(tag, "key")?.unwrap_or_default(), String::new()));
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        match &mut self.data {
            Some((_, held)) if held.len() + text.len() > LONGEST_TEXT => {
                self.data = None;
                Err(Error::data(format!("data longer than {LONGEST_TEXT} bytes")))
            }
            Some((_, held)) => {
                held.push_str(text);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn close(&mut self, name: &str, sink: &mut dyn Sink) -> Result<()> {
        match name.rsplit(':').next().unwrap_or(name) {
            "data" => self.data.take().map_or(Ok(()), |(key, text)| self.datum(&key, text)),
            "node" => match self.element.take() {
                Some(Element { edge: false, id, labels, properties, .. }) => {
                    let key = id.as_deref().map(|id| NodeKey { space: "", key: Key::Text(id) });
                    sink.node(key, &labels, properties)
                }
                _ => Ok(()),
            },
            "edge" => match self.element.take() {
                Some(Element { edge: true, ends: (start, end), label, properties, .. }) => {
                    let name = label.as_deref().unwrap_or(NO_TYPE);
                    let ty = self.types.entry(name.to_owned()).or_insert_with(|| name.into());
                    let key = |text| NodeKey { space: "", key: Key::Text(text) };
                    sink.rel(None, ty, key(&start), key(&end), properties)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn datum(&mut self, key: &str, text: String) -> Result<()> {
        let Some(element) = &mut self.element else { return Ok(()) };
        let declared =
            self.keys.get(key).ok_or_else(|| Error::data(format!("the data key {key:?} is not declared")))?;
        match (element.edge, key) {
            (false, "labels") => element.labels = read_labels(&text),
            (true, "label") => element.label = Some(text),
            (false, LABELS) => match json::read_value(&json::parse_text(&text)?)? {
                Value::List(items) => {
                    let text = |item| if let Value::Str(label) = item { Some(label) } else { None };
                    element.labels = items.into_items().into_iter().filter_map(text).collect();
                }
                _ => return Err(Error::data("labels are a JSON array")),
            },
            (true, LABEL) => match json::read_value(&json::parse_text(&text)?)? {
                Value::Str(label) => element.label = Some(label.to_string()),
                _ => return Err(Error::data("a label is a JSON string")),
            },
            (_, key) if PROPERTIES.contains(&key) => match json::read_value(&json::parse_text(&text)?)? {
                Value::Map(map) => element.properties.extend(map.into_entries()),
                _ => return Err(Error::data("properties are a JSON object")),
            },
            _ => {
                let (name, value) = match declared.name.strip_suffix(JSON_MARK) {
                    Some(name) => (name.into(), json::read_value(&json::parse_text(&text)?)?),
                    None => (Arc::clone(&declared.name), typed(&declared.ty, text)?),
                };
                element.properties.push((name, value));
            }
        }
        Ok(())
    }
}

fn typed(ty: &str, text: String) -> Result<Value> {
    let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
    Ok(match ty {
        "boolean" => match text.trim() {
            "true" | "1" | "True" => Value::Bool(true),
            "false" | "0" | "False" => Value::Bool(false),
            _ => return Err(wrong("true or false")),
        },
        "int" | "long" => Value::Int(text.trim().parse().map_err(|_| wrong("an integer"))?),
        "float" | "double" => Value::Float(text.trim().parse().map_err(|_| wrong("a number"))?),
        _ => Value::from(text),
    })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| Error::data(e.to_string()))?;
        if attribute.key.as_ref() == name {
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|e| Error::data(e.to_string()))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// `:A:B`, with back-ticks around names that need them.
fn read_labels(text: &str) -> Vec<Arc<str>> {
    let mut labels = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix(':') {
        if let Some(quoted) = after.strip_prefix('`') {
            let mut label = String::new();
            let mut inner = quoted;
            loop {
                let Some((part, more)) = inner.split_once('`') else {
                    label.push_str(inner);
                    inner = "";
                    break;
                };
                label.push_str(part);
                inner = more;
                match inner.strip_prefix('`') {
                    Some(more) => {
                        label.push('`');
                        inner = more;
                    }
                    None => break,
                }
            }
            labels.push(label.into());
            rest = inner;
        } else {
            let end = after.find(':').unwrap_or(after.len());
            labels.push(after[..end].trim().into());
            rest = &after[end..];
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    fn read_text(text: &[u8]) -> (Vec<String>, Result<()>) {
        let mut seen = Seen::default();
        let result = read(&mut &*text, "x.graphml", &mut seen, &mut |e| Err(e));
        (seen.lines, result)
    }

    #[test]
    fn what_is_exported_is_read_back_in_full() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        crate::io::graphml::write(&graph, &mut out).expect("memory");
        let (seen, result) = read_text(&out);
        result.expect("well formed");
        let mut lines = Vec::new();
        crate::io::json::write_graph_lines(&graph, &mut lines).expect("memory");
        let mut expected = Seen::default();
        crate::io::read::jsonl::read(&mut &lines[..], "x", &mut expected, &mut |e| Err(e)).expect("well formed");
        // keys are text here and numbers there
        let keys = |line: &String| line.replace("/n", "#");
        for (got, wanted) in seen.iter().map(keys).zip(&expected.lines) {
            assert_eq!(&got, wanted);
        }
        assert_eq!(seen.len(), expected.lines.len());
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = b"<!DOCTYPE x [<!ENTITY a \"aaaa\">]><graphml><graph><node id=\"1\"><data key=\"k\">&a;</data></node></graph></graphml>";
        assert!(read_text(bomb).1.is_err());
        assert!(read_text(b"<graphml><graph><node id='1'>&unknown;</node></graph></graphml>").1.is_err());
    }

    #[test]
    fn labels_may_hold_anything() {
        let labels = |text| read_labels(text).join("|");
        assert_eq!(labels(":A:`b:c``d`:E"), "A|b:c`d|E");
        assert_eq!(labels(""), "");
    }
}
