//! GEXF as Gephi, networkx and we ourselves write it.
//!
//! | in the file | in the graph |
//! |---|---|
//! | id, label of a node | the properties `id` and `label` |
//! | attribute values | properties named by the `title` of their attribute; a `default` holds for what has none |
//! | label, else kind, of an edge | the type, else `RELATED` |
//! | weight, `start`, `end`, id of an edge (unless it only counts) | properties |
//! | nodes in a node, `pid` | the property `parent`: the id of the node around it |
//! | colours, sizes, positions; values that hold for a time only; spells; `meta` | named at the end of the import |

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::xml::frames::{self, Dialect};
use super::xml::{At, attribute};
use super::{Key, NO_TYPE, NodeKey, OnProblem, Properties, Sink, float};
use crate::error::{Error, Result};
use crate::value::Value;

/// Reads `input` to its end. `file` names it in messages.
pub(crate) fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut state = State { file, sink, attributes: HashMap::new(), undirected: false, later: Vec::new() };
    frames::read(input, file, &mut state, problem)
}

/// An attribute that is declared: of nodes or of edges, by its id.
struct Declared {
    title: Arc<str>,
    ty: String,
    default: Option<String>,
}

/// A node or an edge while it is read.
#[derive(Default)]
struct Element {
    edge: bool,
    at: At,
    id: Option<String>,
    ends: (String, String),
    ty: Option<String>,
    properties: Properties,
    seen: Vec<Arc<str>>,
    undirected: Option<bool>,
    /// It was handed over before the nodes in it.
    told: bool,
}

enum Frame {
    Element(Box<Element>),
    /// Declarations for edges, or for nodes.
    Attributes(bool),
    /// A declaration: whether it is for edges, and its id.
    Attribute(bool, String),
    Default(bool, String, String),
    /// Looked into.
    Other,
    /// Not taken, with all that is in it.
    Nothing,
}

struct State<'a> {
    file: &'a str,
    sink: &'a mut dyn Sink,
    attributes: HashMap<(bool, String), Declared>,
    undirected: bool,
    /// Edges that stand before their nodes.
    later: Vec<Element>,
}

impl Dialect for State<'_> {
    type Frame = Frame;
    type Late = Element;

    const ROOT: &'static str = "gexf";
    const NOTHING: Frame = Frame::Nothing;

    fn begin(&mut self, tag: &BytesStart<'_>, at: At, open: &mut [Frame]) -> Result<Frame> {
        let name = tag.local_name();
        Ok(match (name.as_ref(), open.last()) {
            (_, Some(Frame::Nothing)) => Frame::Nothing,
            ("gexf" | "edges" | "attvalues", _) => Frame::Other,
            ("graph", _) => {
                self.undirected = attribute(tag, "defaultedgetype")?.as_deref() != Some("directed");
                Frame::Other
            }
            ("nodes", _) => {
                // a node with nodes in it comes before them
                if let Some(Frame::Element(element)) = open.last_mut() {
                    let id = element.id.clone();
                    let told = std::mem::take(&mut **element);
                    **element = Element { id, at, told: true, ..Element::default() };
                    self.hand_over(told)?;
                }
                Frame::Other
            }
            ("attributes", _) => Frame::Attributes(attribute(tag, "class")?.as_deref() == Some("edge")),
            ("attribute", Some(Frame::Attributes(edges))) => {
                let edges = *edges;
                let id = attribute(tag, "id")?.ok_or_else(|| Error::data("an attribute without an id"))?;
                let title = attribute(tag, "title")?.unwrap_or_else(|| id.clone()).into();
                let ty = attribute(tag, "type")?.unwrap_or_default();
                self.attributes.insert((edges, id.clone()), Declared { title, ty, default: None });
                Frame::Attribute(edges, id)
            }
            ("default", Some(Frame::Attribute(edges, id))) => Frame::Default(*edges, id.clone(), String::new()),
            ("node" | "edge", _) => Frame::Element(Box::new(element(tag, at, open)?)),
            ("attvalue", _) => {
                self.value(tag, open)?;
                Frame::Other
            }
            (other, _) => {
                self.sink.passed_over(&format!("{}: elements <{other}>", self.file), 1);
                Frame::Nothing
            }
        })
    }

    fn text(&mut self, text: &str, open: &mut [Frame]) -> Result<()> {
        if let Some(Frame::Default(_, _, held)) = open.last_mut() {
            held.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self, frame: Frame, _: &mut [Frame]) -> Result<()> {
        match frame {
            Frame::Element(element)
                if element.edge && !(self.knows(&element.ends.0) && self.knows(&element.ends.1)) =>
            {
                self.later.push(*element);
            }
            Frame::Element(element) => self.hand_over(*element)?,
            Frame::Default(edges, id, text) => {
                if let Some(declared) = self.attributes.get_mut(&(edges, id)) {
                    declared.default = Some(text);
                }
            }
            Frame::Attributes(_) | Frame::Attribute(..) | Frame::Other | Frame::Nothing => {}
        }
        Ok(())
    }

    fn waiting(&mut self) -> Vec<(At, Element)> {
        std::mem::take(&mut self.later).into_iter().map(|element| (element.at, element)).collect()
    }

    fn late(&mut self, element: Element) -> Result<()> {
        self.hand_over(element)
    }
}

/// The node or edge that a tag begins.
fn element(tag: &BytesStart<'_>, at: At, open: &[Frame]) -> Result<Element> {
    let edge = tag.local_name().as_ref() == "edge";
    let mut element = Element { edge, at, id: attribute(tag, "id")?, ..Element::default() };
    let around = open.iter().rev().find_map(|f| if let Frame::Element(e) = f { e.id.clone() } else { None });
    let mut told = vec![("start", attribute(tag, "start")?), ("end", attribute(tag, "end")?)];
    if edge {
        let end = |name| attribute(tag, name)?.ok_or_else(|| Error::data(format!("an edge without a {name}")));
        element.ends = (end("source")?, end("target")?);
        element.ty = attribute(tag, "label")?.filter(|label| !label.is_empty()).or(attribute(tag, "kind")?);
        element.undirected = attribute(tag, "type")?.map(|ty| ty != "directed");
        if let Some(weight) = attribute(tag, "weight")? {
            element.properties.push(("weight".into(), Value::Float(float(&weight)?)));
        }
        let counted = |id: &str| id.trim_start_matches('e').bytes().all(|b| b.is_ascii_digit());
        told.push(("id", element.id.clone().filter(|id| !counted(id))));
    } else {
        let parent = attribute(tag, "pid")?.or(around);
        told.extend([("id", element.id.clone()), ("label", attribute(tag, "label")?), ("parent", parent)]);
    }
    let told = told.into_iter().filter_map(|(name, text)| Some((name.into(), Value::from(text?))));
    element.properties.extend(told);
    Ok(element)
}

impl State<'_> {
    fn value(&mut self, tag: &BytesStart<'_>, open: &mut [Frame]) -> Result<()> {
        let around = open.iter_mut().rev().find_map(|f| if let Frame::Element(e) = f { Some(e) } else { None });
        let Some(element) = around else { return Ok(()) };
        // before GEXF 1.1 the attribute was named by `id`
        let of =
            attribute(tag, "for")?.or(attribute(tag, "id")?).ok_or_else(|| Error::data("a value of no attribute"))?;
        let text = attribute(tag, "value")?.unwrap_or_default();
        let declared = self.attributes.get(&(element.edge, of.clone()));
        let declared = declared.ok_or_else(|| Error::data(format!("the attribute {of:?} is not declared")))?;
        if attribute(tag, "start")?.is_some() || attribute(tag, "end")?.is_some() {
            let what = format!("{}: values of {} that hold for a time only", self.file, declared.title);
            self.sink.passed_over(&what, 1);
            return Ok(());
        }
        element.seen.push(Arc::clone(&declared.title));
        element.add(declared, &text)
    }

    fn key<'k>(&'k self, id: &'k str) -> NodeKey<'k> {
        NodeKey { space: self.file, key: Key::Text(id) }
    }

    fn knows(&self, id: &str) -> bool {
        self.sink.knows(self.key(id))
    }

    fn hand_over(&mut self, mut element: Element) -> Result<()> {
        if !element.told {
            for ((edges, _), declared) in &self.attributes {
                if let (Some(default), true) =
                    (&declared.default, *edges == element.edge && !element.seen.contains(&declared.title))
                {
                    element.add(declared, default)?;
                }
            }
        }
        let file = self.file;
        let key = |id| NodeKey { space: file, key: Key::Text(id) };
        if element.edge {
            if element.undirected.unwrap_or(self.undirected) {
                let what = format!("{file}: edges without a direction, taken as they are written");
                self.sink.passed_over(&what, 1);
            }
            let ty: Arc<str> = element.ty.as_deref().unwrap_or(NO_TYPE).into();
            return self.sink.rel(None, &ty, key(&element.ends.0), key(&element.ends.1), element.properties);
        }
        match (&element.id, element.told) {
            (Some(id), true) => self.sink.more(key(id), &[], element.properties),
            (id, _) => self.sink.node(id.as_deref().map(key), &[], element.properties),
        }
    }
}

impl Element {
    fn add(&mut self, declared: &Declared, text: &str) -> Result<()> {
        let Some(value) = declared.value(text)? else { return Ok(()) };
        // a value that says again what stands on the element is one
        match self.properties.iter().find(|(name, _)| *name == declared.title) {
            Some((_, known)) if super::into_graph::same(known, &value) => {}
            Some(_) => self.properties.push((format!("{}_", declared.title).into(), value)),
            None => self.properties.push((Arc::clone(&declared.title), value)),
        }
        Ok(())
    }
}

impl Declared {
    fn value(&self, text: &str) -> Result<Option<Value>> {
        let wrong = |what: &str| Error::data(format!("{}: {text:?} is not {what}", self.title));
        let trimmed = text.trim();
        Ok(match self.ty.as_str() {
            "integer" | "long" | "int" | "short" | "byte" if trimmed.is_empty() => None,
            "integer" | "long" | "int" | "short" | "byte" => {
                Some(Value::Int(trimmed.parse().map_err(|_| wrong("an integer of 64 bits"))?))
            }
            "double" | "float" if trimmed.is_empty() => None,
            "double" | "float" => {
                Some(Value::Float(float(text).map_err(|e| e.prefixed(&format!("{}: ", self.title)))?))
            }
            "boolean" => match trimmed.to_ascii_lowercase().as_str() {
                "" => None,
                "true" | "1" => Some(Value::Bool(true)),
                "false" | "0" => Some(Value::Bool(false)),
                _ => return Err(wrong("true or false")),
            },
            // what else there is (lists, dates) is written in several ways: it stays what it is
            _ => Some(Value::str(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    fn seen(text: &str) -> (Seen, Vec<String>) {
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        let result = read(&mut text.as_bytes(), "x", &mut seen, &mut |e| {
            problems.push(e.message().to_owned());
            Ok(())
        });
        result.expect("problems are skipped");
        (seen, problems)
    }

    #[test]
    fn gephi_s_files_give_nodes_edges_and_typed_values() {
        let text = "<gexf version='1.3'><meta><creator>G</creator></meta><graph defaultedgetype='undirected'>\
            <attributes class='node'><attribute id='0' title='born' type='integer'/><attribute id='1' title='fine' type='boolean'><default>true</default></attribute></attributes>\
            <attributes class='edge'><attribute id='0' title='note' type='string'/></attributes>\
            <edges><edge id='7' source='a' target='b' label='KNOWS' weight='2.5' type='directed'><attvalues><attvalue for='0' value='n'/></attvalues></edge><edge source='b' target='a'/></edges>\
            <nodes><node id='a' label='Ada'><attvalues><attvalue for='0' value='1815'/></attvalues><viz:color r='1'/></node>\
            <node id='b' label='B'><attvalues><attvalue for='1' value='false'/></attvalues><nodes><node id='c'/></nodes></node></nodes></graph></gexf>";
        let (seen, problems) = seen(text);
        assert_eq!(problems, Vec::<String>::new());
        let wanted = [
            "x/a : born=1815 fine=true id='a' label='Ada'",
            "x/b : fine=false id='b' label='B'",
            "x/c : fine=true id='c' parent='b'",
            "x/b +: ",
            "x/a -KNOWS-> x/b note='n' weight=2.5",
            "x/b -RELATED-> x/a ",
        ];
        assert_eq!(seen.lines, wanted);
        assert_eq!(seen.passed_over.len(), 3, "{:?}", seen.passed_over);
    }

    #[test]
    fn what_cannot_be_taken_is_placed() {
        let text = "<gexf><graph>\n<attributes class='node'><attribute id='0' title='n' type='integer'/></attributes>\
            <nodes><node id='a'><attvalues>\n<attvalue for='0' value='x'/><attvalue for='9' value='1'/></attvalues></node></nodes><edges><edge source='a'/></edges></graph></gexf>";
        let (seen, problems) = seen(text);
        assert_eq!(seen.lines, ["x/a : id='a'"]);
        assert!(problems[0].starts_with("x, line 3, column 1: n: \"x\" is not an integer"), "{problems:?}");
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn what_we_export_is_read() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        crate::io::gexf::write(&graph, &mut out).expect("memory");
        let (seen, problems) = seen(std::str::from_utf8(&out).expect("text"));
        assert_eq!((seen.lines.len(), problems), (graph.nodes.len() + graph.rels.len(), vec![]));
    }
}
