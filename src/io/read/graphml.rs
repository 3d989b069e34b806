//! GraphML as networkx, igraph, yEd, Gephi, TinkerPop, Neo4j and we ourselves write it.
//!
//! | in the file | in the graph |
//! |---|---|
//! | `data` | a property named by the `attr.name` of its key; a `default` holds for elements without the datum |
//! | data `labels` (`:A:B`), `labelV` of a node | labels; the attribute `labels`, as Neo4j writes it, too |
//! | data `label`, `labelE` of an edge | the type; an edge without any is `RELATED` |
//! | `NodeLabel`, `EdgeLabel` in a drawing of yEd | the property `label`; the type |
//! | id of a node or an edge | the property `id`, unless it only counts: `n12`, `e12`, `n0::n3`, `12` for an edge |
//! | graph in a node | its nodes have the id of that node as the property `parent` |
//! | a second graph and further ones | their nodes have the id of their graph as the property `graph` |
//! | `desc`, ports of an edge, `directed` where the graph says otherwise | properties of that name |
//! | data and description of a graph, ports of nodes, drawings | named at the end of the import |
//!
//! Keys may come last, edges before their nodes: what cannot be understood yet waits for the end of the file.

mod element;
mod key;

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use quick_xml::events::BytesStart;

use super::xml::frames::{self, Dialect};
use super::xml::{At, attribute, attributes};
use super::{Key, NO_TYPE, NodeKey, OnProblem, Properties, Sink};
use crate::error::{Error, Result};
use crate::value::Value;
use element::Element;
pub(super) use element::read_labels;
use key::Keys;

/// Longest text of one data element, in bytes.
const LONGEST_TEXT: usize = 64 << 20;

/// Reads `input` to its end. `file` names it in messages.
pub(crate) fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut state = State {
        file,
        sink,
        keys: Keys::default(),
        graphs: Vec::new(),
        later: Vec::new(),
        types: HashMap::new(),
        without_direction: 0,
    };
    frames::read(input, file, &mut state, problem)?;
    if state.without_direction > 0 {
        let what = format!("{file}: edges without a direction, taken as they are written");
        state.sink.passed_over(&what, state.without_direction);
    }
    Ok(())
}

/// An element that is open.
enum Frame {
    /// A graph, by its place among all.
    Graph(usize),
    /// A node or an edge.
    Element(Box<Element>),
    /// A datum.
    Data(Datum),
    /// A label in a drawing.
    Label(String),
    /// The declaration of a key, by its place.
    Key(usize),
    /// The default of a key, by its place.
    Default(usize, String),
    /// A description.
    Description(String),
    /// Something that is not taken, with all that is in it.
    Nothing,
    /// Something that is looked into.
    Other,
}

/// What a `data` element holds.
#[derive(Default)]
struct Datum {
    key: String,
    text: String,
    /// The labels in a drawing.
    labels: Vec<String>,
    /// There are elements in it.
    drawn: bool,
}

/// A graph of the file.
struct Graph {
    /// Keeps the ids of its nodes apart from others; graphs inside one another share it.
    space: String,
    id: Option<String>,
    undirected: bool,
    /// The id of the node it stands in.
    parent: Option<String>,
    /// It is not the first graph of the file.
    further: bool,
}

struct State<'a> {
    file: &'a str,
    sink: &'a mut dyn Sink,
    keys: Keys,
    /// Every graph so far, open or not.
    graphs: Vec<Graph>,
    /// What waits for keys or nodes that come later.
    later: Vec<Element>,
    types: HashMap<String, Arc<str>>,
    /// Edges of graphs without directions.
    without_direction: u64,
}

/// The innermost datum that is open.
fn datum_in(open: &mut [Frame]) -> Option<&mut Datum> {
    open.iter_mut().rev().find_map(|frame| if let Frame::Data(data) = frame { Some(data) } else { None })
}

impl Dialect for State<'_> {
    type Frame = Frame;
    type Late = Element;

    const ROOT: &'static str = "graphml";
    const NOTHING: Frame = Frame::Nothing;

    fn begin(&mut self, tag: &BytesStart<'_>, at: At, open: &mut [Frame]) -> Result<Frame> {
        let name = tag.local_name();
        let name = name.as_ref();
        if let Some(data) = datum_in(open) {
            data.drawn = true;
            return Ok(if matches!(name, "NodeLabel" | "EdgeLabel") {
                Frame::Label(String::new())
            } else {
                Frame::Other
            });
        }
        Ok(match (name, open.last()) {
            (_, Some(Frame::Nothing)) => Frame::Nothing,
            ("graphml", None) => Frame::Other,
            ("key", _) => Frame::Key(self.keys.declare(tag)?),
            ("default", Some(Frame::Key(key))) => Frame::Default(*key, String::new()),
            ("desc", _) => Frame::Description(String::new()),
            ("graph", _) => Frame::Graph(self.graph(tag, open)?),
            ("node" | "edge", Some(Frame::Graph(graph))) => Frame::Element(Box::new(Element::new(tag, at, *graph)?)),
            ("data", _) => {
                let key = attribute(tag, "key")?.ok_or_else(|| Error::data("data that names no key"))?;
                Frame::Data(Datum { key, ..Datum::default() })
            }
            ("hyperedge", _) => return Err(Error::data("hyperedges are not read: a relationship has two ends")),
            ("port", Some(Frame::Element(_))) => {
                self.sink.passed_over(&format!("{}: ports of nodes", self.file), 1);
                Frame::Nothing
            }
            (other, _) => {
                self.sink.passed_over(&format!("{}: elements <{other}>", self.file), 1);
                Frame::Nothing
            }
        })
    }

    fn text(&mut self, text: &str, open: &mut [Frame]) -> Result<()> {
        let held = match open.last_mut() {
            Some(Frame::Data(Datum { text, .. })) => text,
            Some(Frame::Label(held) | Frame::Default(_, held) | Frame::Description(held)) => held,
            _ => return Ok(()),
        };
        if held.len() + text.len() > LONGEST_TEXT {
            held.clear();
            return Err(Error::data(format!("data longer than {LONGEST_TEXT} bytes")));
        }
        held.push_str(text);
        Ok(())
    }

    fn end(&mut self, frame: Frame, open: &mut [Frame]) -> Result<()> {
        match frame {
            Frame::Element(element) => self.take(*element),
            Frame::Data(data) => self.datum(data, open),
            Frame::Default(key, text) => {
                if !self.graphs.is_empty() {
                    let what = format!("{}: defaults declared behind the elements they are for", self.file);
                    self.sink.passed_over(&what, 1);
                }
                self.keys.set_default(key, text);
                Ok(())
            }
            Frame::Label(label) => {
                if let Some(data) = datum_in(open)
                    && !label.trim().is_empty()
                {
                    data.labels.push(label.trim().to_owned());
                }
                Ok(())
            }
            Frame::Description(text) => {
                match open.last_mut() {
                    Some(Frame::Element(element)) => element.property("desc".into(), Value::from(text)),
                    Some(Frame::Nothing) => {}
                    _ => self.sink.passed_over(&format!("{}: description {:?}", self.file, text.trim()), 1),
                }
                Ok(())
            }
            Frame::Graph(_) | Frame::Key(_) | Frame::Nothing | Frame::Other => Ok(()),
        }
    }

    /// Nodes, then edges.
    fn waiting(&mut self) -> Vec<(At, Element)> {
        let later = std::mem::take(&mut self.later);
        let (edges, nodes): (Vec<Element>, Vec<Element>) = later.into_iter().partition(|element| element.edge);
        nodes.into_iter().chain(edges).map(|element| (element.at, element)).collect()
    }

    fn late(&mut self, mut element: Element) -> Result<()> {
        for data in std::mem::take(&mut element.undeclared) {
            let key = self.keys.find(&data.key, element.edge);
            let key = key.ok_or_else(|| Error::data(format!("the data key {:?} is not declared", data.key)))?;
            element.datum(key, data)?;
        }
        self.hand_over(element)
    }
}

impl State<'_> {
    /// Takes the beginning of a graph; its place among all.
    fn graph(&mut self, tag: &BytesStart<'_>, open: &mut [Frame]) -> Result<usize> {
        let undirected = attribute(tag, "edgedefault")?.as_deref() == Some("undirected");
        let id = attribute(tag, "id")?;
        let outer = open.iter().rev().find_map(|f| if let Frame::Graph(at) = f { Some(*at) } else { None });
        let parent = match open.last_mut() {
            // a node with a graph in it is taken now: it comes before what is in it
            Some(Frame::Element(element)) => {
                let node = element.as_group();
                let id = node.id.clone();
                self.take(node)?;
                id
            }
            _ => None,
        };
        let further = outer.is_none() && !self.graphs.is_empty();
        let space = match outer.and_then(|at| self.graphs.get(at)) {
            Some(outer) => outer.space.clone(),
            None if further => format!("{} #{}", self.file, self.graphs.len() + 1),
            None => self.file.to_owned(),
        };
        self.graphs.push(Graph { space, id, undirected, parent, further });
        Ok(self.graphs.len() - 1)
    }

    fn datum(&mut self, data: Datum, open: &mut [Frame]) -> Result<()> {
        match open.last_mut() {
            Some(Frame::Element(element)) => match self.keys.find(&data.key, element.edge) {
                Some(key) => {
                    if let Some(what) = element.datum(key, data)? {
                        self.sink.passed_over(&format!("{}: {what}", self.file), 1);
                    }
                    Ok(())
                }
                // it may be declared yet
                None => {
                    element.undeclared.push(data);
                    Ok(())
                }
            },
            Some(Frame::Graph(_) | Frame::Other) => {
                let name = self.keys.find(&data.key, false).map_or(data.key.clone(), |key| key.name.to_string());
                let (text, of) = (data.text.trim(), if self.graphs.is_empty() { "document" } else { "graph" });
                let what = match (data.drawn, text) {
                    (true, _) | (_, "") => format!("{}: data of the {of} {name}", self.file),
                    (false, text) => format!("{}: data of the {of} {name} = {text:?}", self.file),
                };
                self.sink.passed_over(&what, 1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes an element, or puts it aside when it cannot be understood yet.
    fn take(&mut self, element: Element) -> Result<()> {
        let known = |id: &str| space_of(self.sink, &self.graphs, element.graph, id).is_some();
        if !element.undeclared.is_empty() || (element.edge && !(known(&element.ends.0) && known(&element.ends.1))) {
            self.later.push(element);
            return Ok(());
        }
        self.hand_over(element)
    }

    fn hand_over(&mut self, mut element: Element) -> Result<()> {
        let counted = self.keys.counted_ids();
        element.finish(&self.keys, counted)?;
        let Some(graph) = self.graphs.get(element.graph) else { return Ok(()) };
        if element.edge {
            return self.edge(element);
        }
        if let Some(parent) = &graph.parent {
            element.property("parent".into(), Value::str(parent.as_str()));
        }
        if let (true, Some(id)) = (graph.further, &graph.id) {
            element.property("graph".into(), Value::str(id.as_str()));
        }
        let key = element.id.as_deref().map(|id| NodeKey { space: &graph.space, key: Key::Text(id) });
        match (key, element.told) {
            // what stands behind the graph in a node
            (Some(key), true) => self.sink.more(key, &element.labels, element.properties),
            (None, true) if element.labels.is_empty() && element.properties.is_empty() => Ok(()),
            (None, true) => Err(Error::data("a node without an id cannot go on behind the graph in it")),
            _ => self.sink.node(key, &element.labels, element.properties),
        }
    }

    fn edge(&mut self, mut element: Element) -> Result<()> {
        let undirected = self.graphs.get(element.graph).is_some_and(|graph| graph.undirected);
        match element.directed {
            Some(directed) if directed == undirected => element.property("directed".into(), Value::Bool(directed)),
            _ => self.without_direction += u64::from(undirected),
        }
        let name = element.ty.as_deref().unwrap_or(NO_TYPE);
        let ty = match self.types.get(name) {
            Some(ty) => Arc::clone(ty),
            None => Arc::clone(self.types.entry(name.to_owned()).or_insert_with(|| name.into())),
        };
        let own = self.graphs.get(element.graph).map(|graph| graph.space.as_str()).unwrap_or_default();
        let (sink, (start, end)) = (&mut *self.sink, &element.ends);
        let key =
            |id| NodeKey { space: space_of(sink, &self.graphs, element.graph, id).unwrap_or(own), key: Key::Text(id) };
        let (start, end) = (key(start.as_str()), key(end.as_str()));
        sink.rel(None, &ty, start, end, element.properties)
    }
}

/// The space that knows the id of a node: that of the graph, or of another one of the file.
fn space_of<'g>(sink: &dyn Sink, graphs: &'g [Graph], graph: usize, id: &str) -> Option<&'g str> {
    let mut spaces = graphs.get(graph).into_iter().chain(graphs).map(|graph| graph.space.as_str());
    spaces.find(|space| sink.knows(NodeKey { space, key: Key::Text(id) }))
}

#[cfg(test)]
mod tests;
