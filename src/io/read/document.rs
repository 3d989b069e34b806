//! A graph as one JSON document.
//!
//! | document | whose |
//! |---|---|
//! | `{"nodes":[…],"rels":[…]}` | `export json` |
//! | `{"nodes":[…],"links":[…]}`, `{"nodes":[…],"edges":[…]}` | node-link: networkx, d3, sigma, vis, graphology |
//! | `{"nodes":[…],"adjacency":[[…],…]}` | adjacency: networkx |
//! | `{"graph":{"nodes":…,"edges":…}}` | the JSON Graph Format |
//! | `{"elements":{"nodes":[{"data":…}],"edges":[…]}}`, `{"nodes":[{"data":…}],…}`, `[{"data":…}]` | Cytoscape |
//! | an array of records, one, or one a line | JSON lines (see `jsonl`) |
//!
//! Of node-link and Cytoscape: the id names a node and is kept as the property `id` (a Cytoscape id that only counts is
//! not); `labels` (a list) are labels; `type` and `label` of an edge give its type, `label` first; every other member is a
//! property. Members of the document itself are named at the end of the import.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use super::jsonl::{self, LONGEST_LINE, Records, foreign_properties};
use super::{Key, NO_TYPE, NodeKey, OnProblem, Sink, in_file};
use crate::error::{Error, Result};
use crate::io::json;

/// What Cytoscape says of every element whose look nobody changed.
const USUAL: [(&str, bool); 7] = [
    ("selected", false),
    ("selectable", true),
    ("locked", false),
    ("grabbable", true),
    ("grabbed", false),
    ("pannable", false),
    ("removed", false),
];

/// Reads `input` to its end. `file` names it in messages.
pub(crate) fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let mut text = String::new();
    let read = input.take(LONGEST_LINE + 1).read_to_string(&mut text);
    read.map_err(|e| in_file(file, &crate::io::unreadable("JSON", &e)))?;
    let named = |e: Error| in_file(file, &e);
    if text.len() as u64 > LONGEST_LINE {
        return Err(named(Error::data(format!("longer than {LONGEST_LINE} bytes: JSON lines may be of any length"))));
    }
    if text.trim().is_empty() {
        return Ok(());
    }
    let json = match json::parse_whole(&text) {
        // what apoc and FollowTheMoney call .json is one object a line
        Err(e) if e.message().contains("trailing characters") => {
            return jsonl::read(&mut text.as_bytes(), file, sink, problem);
        }
        json => json.map_err(named)?,
    };
    drop(text);
    let mut document = Document { file, sink, problem };
    match json {
        Json::Array(items) if items.iter().any(is_element) => document.elements(items),
        Json::Array(items) => document.records(items),
        Json::Object(object) => document.object(object),
        _ => Err(named(unknown())),
    }
}

fn unknown() -> Error {
    Error::data("no graph that is known here: neither nodes nor records")
        .hint("known: {\"nodes\":…,\"links\" or \"edges\" or \"rels\":…}, {\"elements\":…} of Cytoscape, arrays of the records of JSON lines")
}

struct Document<'a> {
    file: &'a str,
    sink: &'a mut dyn Sink,
    problem: OnProblem<'a>,
}

impl Document<'_> {
    fn object(&mut self, mut object: Object<String, Json>) -> Result<()> {
        // the JSON Graph Format has the graph in a member
        if let Some(Json::Object(inner)) = object.get("graph")
            && inner.contains_key("nodes")
            && let Some(Json::Object(inner)) = object.remove("graph")
        {
            self.pass_over(&object, &[]);
            return self.object(inner);
        }
        if let Some(elements) = object.remove("elements") {
            self.pass_over(&object, &[]);
            return match elements {
                Json::Array(all) => self.elements(all),
                Json::Object(mut groups) => {
                    let nodes = taken(&mut groups, "nodes")?;
                    let edges = taken(&mut groups, "edges")?;
                    self.pass_over(&groups, &[]);
                    self.elements(nodes.into_iter().chain(edges).collect())
                }
                _ => Err(in_file(self.file, &unknown())),
            };
        }
        let parts = |name: &str| object.get(name).and_then(Json::as_array).into_iter().flatten();
        if parts("nodes").next().is_some() && parts("nodes").chain(parts("edges")).all(is_element) {
            // the elements of Cytoscape, without the word
            let all = [taken(&mut object, "nodes")?, taken(&mut object, "edges")?].concat();
            self.pass_over(&object, &[]);
            return self.elements(all);
        }
        if !object.contains_key("nodes") {
            return self.records(vec![Json::Object(object)]);
        }
        if object.contains_key("rels") {
            return self.ours(object);
        }
        self.node_link(object)
    }

    fn ours(&mut self, mut object: Object<String, Json>) -> Result<()> {
        let record = |kind: &str, inner: Json| Json::Object([(kind.to_owned(), inner)].into_iter().collect());
        let nodes = taken(&mut object, "nodes")?.into_iter().map(|node| record("$node", node));
        let rels: Vec<Json> = taken(&mut object, "rels")?;
        let all: Vec<Json> = nodes.chain(rels.into_iter().map(|rel| record("$rel", rel))).collect();
        self.pass_over(&object, &[]);
        self.records(all)
    }

    fn records(&mut self, all: Vec<Json>) -> Result<()> {
        let mut records = Records::new(self.file);
        for (at, record) in (1..).zip(all) {
            let place = format!("item {at}");
            if let Err(error) = records.take(record, &place, self.sink) {
                (self.problem)(in_file(self.file, &error.prefixed(&format!("{place}: "))))?;
            }
        }
        records.finish(self.sink, self.problem)
    }

    fn node_link(&mut self, mut object: Object<String, Json>) -> Result<()> {
        let nodes = match object.remove("nodes") {
            // the JSON Graph Format names nodes by the members of an object
            Some(Json::Object(by_id)) => by_id.into_iter().map(|(id, node)| with_id(id, node)).collect(),
            Some(nodes) => array(nodes, "nodes")?,
            None => Vec::new(),
        };
        let undirected = object.get("directed").and_then(Json::as_bool) == Some(false);
        let mut edges = taken(&mut object, "links")?;
        edges.extend(taken(&mut object, "edges")?);
        edges.extend(adjacent(taken(&mut object, "adjacency")?, &nodes, undirected)?);
        if undirected && !edges.is_empty() {
            let what = format!("{}: edges without a direction, taken as they are written", self.file);
            self.sink.passed_over(&what, edges.len() as u64);
        }
        self.pass_over(&object, &["directed", "multigraph"]);
        // d3 names ends by the place of a node, and its nodes have names only
        let places = nodes.iter().all(|node| node.get("id").is_none() && node.get("key").is_none());
        for (at, node) in nodes.into_iter().enumerate() {
            let taken = member_of(node, "node").and_then(|node| self.node(node, places.then_some(at), false));
            self.placed(taken, "node", at)?;
        }
        for (at, edge) in edges.into_iter().enumerate() {
            let taken = member_of(edge, "edge").and_then(|edge| self.edge(edge, false));
            self.placed(taken, "edge", at)?;
        }
        Ok(())
    }

    /// Elements of Cytoscape: nodes, then edges, whatever their order.
    fn elements(&mut self, all: Vec<Json>) -> Result<()> {
        let is_edge = |element: &Json| {
            let data = element.get("data");
            element.get("group").and_then(Json::as_str) == Some("edges")
                || data.is_some_and(|d| d.get("source").is_some())
        };
        let (edges, nodes): (Vec<Json>, Vec<Json>) = all.into_iter().partition(is_edge);
        for (edge, all) in [(false, nodes), (true, edges)] {
            let what = if edge { "edge" } else { "node" };
            for (at, element) in all.into_iter().enumerate() {
                let taken = member_of(element, "element").and_then(|mut element| {
                    let data = element.remove("data").ok_or_else(|| Error::data("an element without data"))?;
                    let data = member_of(data, "data")?;
                    element.remove("group");
                    element.retain(|name, value| !USUAL.iter().any(|(n, v)| n == name && value.as_bool() == Some(*v)));
                    self.pass_over(&element, &[]);
                    if edge { self.edge(data, true) } else { self.node(data, None, true) }
                });
                self.placed(taken, what, at)?;
            }
        }
        Ok(())
    }

    fn placed(&mut self, taken: Result<()>, what: &str, at: usize) -> Result<()> {
        taken.or_else(|e| (self.problem)(in_file(self.file, &e.prefixed(&format!("{what} {}: ", at + 1)))))
    }

    fn node(&mut self, mut node: Object<String, Json>, place: Option<usize>, cytoscape: bool) -> Result<()> {
        let id = match place {
            Some(at) => Some(Id::Int(at as i64)),
            // Cytoscape gives a node without an id one of its own
            None if cytoscape && !node.contains_key("id") => None,
            None => Some(Id::of(&node, if node.contains_key("id") { "id" } else { "key" })?),
        };
        spread(&mut node);
        let labels = match node.get("labels") {
            Some(Json::Array(all)) if all.iter().all(Json::is_string) => {
                let labels = all.iter().filter_map(Json::as_str).map(Arc::from).collect();
                node.remove("labels");
                labels
            }
            _ => Vec::<Arc<str>>::new(),
        };
        if cytoscape && id.as_ref().is_some_and(|id| id.counts("n")) {
            node.remove("id");
        }
        let properties = foreign_properties(node.iter(), self.sink)?;
        self.sink.node(id.as_ref().map(|id| id.key(self.file)), &labels, properties)
    }

    fn edge(&mut self, mut edge: Object<String, Json>, cytoscape: bool) -> Result<()> {
        let names = [["source", "from"], ["target", "to"]];
        let [start, end] = names.map(|[name, other]| if edge.contains_key(name) { name } else { other });
        let ends = [Id::of(&edge, start)?, Id::of(&edge, end)?];
        edge.remove(start);
        edge.remove(end);
        if cytoscape && Id::of(&edge, "id").is_ok_and(|id| id.counts("e")) {
            edge.remove("id");
        }
        spread(&mut edge);
        let stated = ["label", "relation", "type", "interaction"].into_iter().find_map(|name| {
            let text = edge.get(name)?.as_str().filter(|text| !text.is_empty())?.to_owned();
            edge.remove(name);
            Some(text)
        });
        let ty: Arc<str> = stated.as_deref().unwrap_or(NO_TYPE).into();
        let properties = foreign_properties(edge.iter(), self.sink)?;
        self.sink.rel(None, &ty, ends[0].key(self.file), ends[1].key(self.file), properties)
    }

    /// Names what is left of an object; members that say nothing are not named.
    fn pass_over(&mut self, object: &Object<String, Json>, but: &[&str]) {
        let empty = |value: &Json| match value {
            Json::Null => true,
            Json::Object(inner) => inner.is_empty(),
            Json::Array(inner) => inner.is_empty(),
            _ => false,
        };
        for (name, _) in object.iter().filter(|(name, value)| !but.contains(&name.as_str()) && !empty(value)) {
            self.sink.passed_over(&format!("{}: members {name:?}", self.file), 1);
        }
    }
}

/// The id of a node in a document.
enum Id {
    Int(i64),
    Text(String),
}

impl Id {
    fn of(object: &Object<String, Json>, name: &str) -> Result<Self> {
        match object.get(name) {
            Some(Json::String(text)) => Ok(Self::Text(text.clone())),
            Some(Json::Number(n)) if n.is_i64() => Ok(Self::Int(n.as_i64().unwrap_or_default())),
            // d3 puts the nodes themselves in the place of their ids
            Some(Json::Object(node)) if node.contains_key("id") => Self::of(node, "id"),
            // networkx has nodes that are tuples
            Some(other @ (Json::Number(_) | Json::Array(_))) => Ok(Self::Text(other.to_string())),
            Some(_) => Err(Error::data(format!("{name} is neither text nor a number"))),
            None => Err(Error::data(format!("{name} is missing"))),
        }
    }

    fn key<'a>(&'a self, space: &'a str) -> NodeKey<'a> {
        let key = match self {
            Self::Int(n) => Key::Int(*n),
            Self::Text(text) => Key::Text(text),
        };
        NodeKey { space, key }
    }

    /// Whether it is a letter and a number.
    fn counts(&self, letter: &str) -> bool {
        let digits = if let Self::Text(text) = self { text.strip_prefix(letter).unwrap_or_default() } else { "" };
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }
}

/// The edges of an adjacency: for each node, what it is related to. One without a direction stands with both of its ends,
/// and is taken from the first.
fn adjacent(lists: Vec<Json>, nodes: &[Json], undirected: bool) -> Result<Vec<Json>> {
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    if lists.len() != nodes.len() {
        let (lists, nodes) = (lists.len(), nodes.len());
        return Err(Error::data(format!("adjacency has {lists} lists for {nodes} nodes: there is one for each")));
    }
    let id = |node: &Json| node.get("id").cloned().unwrap_or_default();
    let places: HashMap<String, usize> = nodes.iter().map(|node| id(node).to_string()).zip(0..).collect();
    let mut edges = Vec::new();
    for (at, list) in lists.into_iter().enumerate() {
        for edge in array(list, "adjacency")? {
            let mut edge = member_of(edge, "edge of the adjacency")?;
            let target = edge.remove("id").unwrap_or_default();
            if undirected && places.get(&target.to_string()).is_some_and(|place| *place < at) {
                continue;
            }
            edge.insert("source".to_owned(), id(&nodes[at]));
            edge.insert("target".to_owned(), target);
            edges.push(Json::Object(edge));
        }
    }
    Ok(edges)
}

/// Members of `attributes` or `metadata` (graphology, the JSON Graph Format) stand among the others, where there is room.
fn spread(object: &mut Object<String, Json>) {
    for name in ["attributes", "metadata"] {
        if let Some(Json::Object(inner)) = object.get(name)
            && inner.keys().all(|key| !object.contains_key(key))
            && let Some(Json::Object(inner)) = object.remove(name)
        {
            object.extend(inner);
        }
    }
}

fn with_id(id: String, node: Json) -> Json {
    match node {
        Json::Object(mut node) => {
            node.entry("id").or_insert(Json::String(id));
            Json::Object(node)
        }
        other => other,
    }
}

fn is_element(item: &Json) -> bool {
    item.get("data").is_some_and(Json::is_object)
}

fn member_of(json: Json, what: &str) -> Result<Object<String, Json>> {
    match json {
        Json::Object(object) => Ok(object),
        _ => Err(Error::data(format!("the {what} is no object"))),
    }
}

fn taken(object: &mut Object<String, Json>, name: &str) -> Result<Vec<Json>> {
    object.remove(name).map_or(Ok(Vec::new()), |json| array(json, name))
}

fn array(json: Json, name: &str) -> Result<Vec<Json>> {
    match json {
        Json::Array(all) => Ok(all),
        Json::Null => Ok(Vec::new()),
        _ => Err(Error::data(format!("{name} is no array"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    fn seen(text: &str) -> (Vec<String>, Vec<String>, Result<()>) {
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        let result = read(&mut text.as_bytes(), "x", &mut seen, &mut |e| {
            problems.push(e.message().to_owned());
            Ok(())
        });
        problems.extend(seen.passed_over.into_keys());
        (seen.lines, problems, result)
    }

    #[test]
    fn every_shape_of_document_gives_its_nodes_and_edges() {
        let pair = ["x/a : id='a' name='A'", "x/b : id='b'", "x/a -KNOWS-> x/b w=2"];
        for text in [
            r#"{"directed":true,"multigraph":false,"graph":{},"nodes":[{"id":"a","name":"A"},{"id":"b"}],"edges":[{"source":"a","target":"b","label":"KNOWS","w":2}]}"#,
            r#"{"nodes":[{"id":"a","name":"A"},{"id":"b"}],"links":[{"source":"a","target":{"id":"b"},"type":"KNOWS","w":2}]}"#,
            r#"{"nodes":[{"id":"a","name":"A"},{"id":"b"}],"edges":[{"from":"a","to":"b","label":"KNOWS","w":2}]}"#,
            r#"{"graph":{"directed":true,"nodes":{"a":{"metadata":{"name":"A"}},"b":{}},"edges":[{"source":"a","target":"b","relation":"KNOWS","metadata":{"w":2}}]}}"#,
            r#"{"elements":{"nodes":[{"data":{"id":"a","name":"A"}},{"data":{"id":"b"}}],"edges":[{"data":{"id":"e0","source":"a","target":"b","label":"KNOWS","w":2}}]}}"#,
            r#"{"nodes":[{"data":{"id":"a","name":"A"}},{"data":{"id":"b"}}],"edges":[{"data":{"source":"a","target":"b","label":"KNOWS","w":2}}]}"#,
            r#"[{"data":{"source":"a","target":"b","label":"KNOWS","w":2}},{"data":{"id":"a","name":"A"}},{"group":"nodes","data":{"id":"b"}}]"#,
        ] {
            let (lines, problems, result) = seen(text);
            result.expect(text);
            assert_eq!((lines.as_slice(), problems), (&pair.map(str::to_owned)[..], vec![]), "{text}");
        }
        let adjacency = r#"{"directed":false,"nodes":[{"id":"a","name":"A"},{"id":"b"}],"adjacency":[[{"id":"b","label":"KNOWS","w":2}],[{"id":"a","label":"KNOWS","w":2},{"id":"b"}]]}"#;
        let (lines, problems, _) = seen(adjacency);
        assert_eq!((&lines[..3], lines[3].as_str()), (&pair.map(str::to_owned)[..], "x/b -RELATED-> x/b "));
        assert!(problems[0].contains("without a direction"), "{problems:?}");
        let d3 = r#"{"nodes":[{"name":"A"},{"name":"B"}],"links":[{"source":1,"target":0}]}"#;
        assert_eq!(seen(d3).0, ["x#0 : name='A'", "x#1 : name='B'", "x#1 -RELATED-> x#0 "]);
        let array = r#"[{"$rel":{"type":"T","start":1,"end":1}},{"$node":{"id":1}}]"#;
        assert_eq!(seen(array).0, ["#1 : ", "#1 -T-> #1 "]);
        let lines = "{\"type\":\"node\",\"id\":\"0\"}\n{\"id\":\"p\",\"schema\":\"Person\",\"properties\":{}}\n";
        assert_eq!(seen(lines).0, ["/0 : ", "/p +:Person id='p'"]);
    }

    #[test]
    fn what_we_export_comes_back() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        json::write_graph(&graph, &mut out).expect("memory");
        let (lines, problems, result) = seen(std::str::from_utf8(&out).expect("text"));
        result.expect("well formed");
        assert_eq!((lines.len(), problems), (graph.nodes.len() + graph.rels.len(), vec![]));
    }

    #[test]
    fn what_is_no_graph_is_refused_and_what_is_left_over_is_named() {
        for text in ["3", "\"a\"", "{\"a\":1}", "[1]", "[{\"name\":\"Ada\"}]", "{\"nodes\":3}", "{\"a\":1}\n{}"] {
            let (lines, problems, result) = seen(text);
            assert!(lines.is_empty() && (result.is_err() || !problems.is_empty()), "{text}");
        }
        let (lines, problems, _) =
            seen(r#"{"elements":[{"data":{"id":"a"},"selected":false,"locked":true}],"zoomingEnabled":true}"#);
        assert_eq!((lines.len(), problems.len()), (1, 2), "{problems:?}");
        assert!(seen(r#"{"nodes":[{"id":1}],"adjacency":[[],[]]}"#).2.is_err());
        let text = r#"{"directed":false,"graph":{"title":"Board"},"nodes":[{"id":1,"x":{"y":1}},{"id":null}],"links":[{"source":1,"target":1}]}"#;
        let (lines, problems, _) = seen(text);
        assert_eq!(lines, ["x#1 : id=1 x='{\"y\":1}'", "x#1 -RELATED-> x#1 "]);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}
