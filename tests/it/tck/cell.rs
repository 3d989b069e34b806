//! The values that stand in the TCK's tables, and what an engine answered, in one form that can be compared.
//!
//! Integers and floats are never equal; NaN equals NaN; temporal values are compared by their text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shejire::Value;
use shejire::engine::{Entities, NodeData, RelData};

/// Formatting into a `String` cannot fail.
fn wrote(_: std::fmt::Result) {}

/// A value as the tables write it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    List(Vec<Cell>),
    Map(BTreeMap<String, Cell>),
    Node(Node),
    Rel(Rel),
    /// The first node, then each step: the relationship, whether it is walked forward, the node it leads to.
    Path(Node, Vec<(Rel, bool, Node)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    labels: Vec<String>,
    properties: BTreeMap<String, Cell>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rel {
    ty: String,
    properties: BTreeMap<String, Cell>,
}

impl Cell {
    /// Reads a cell of a table.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let cell = reader.value()?;
        reader.space();
        if reader.at < text.len() { Err(reader.wrong("end of cell")) } else { Ok(cell) }
    }

    /// What an engine answered; `entities` says what its nodes and relationships hold.
    pub(super) fn of(value: &Value, entities: &Entities) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Int(n) => Self::Int(*n),
            Value::Float(x) => Self::Float(*x),
            Value::Str(text) => Self::Str(text.to_string()),
            Value::List(list) => Self::List(list.iter().map(|v| Self::of(v, entities)).collect()),
            Value::Map(map) => {
                Self::Map(map.entries().iter().map(|(k, v)| (k.to_string(), Self::of(v, entities))).collect())
            }
            Value::Node(node) => Self::Node(Node::of(entities.node(*node).expect("content of a node in the answer"))),
            Value::Rel(rel) => Self::Rel(Rel::of(entities.rel(*rel).expect("content of a relationship in the answer"))),
            Value::Path(path) => {
                let nodes: Vec<&NodeData> = path.nodes.iter().map(|n| entities.node(*n).unwrap()).collect();
                let steps = path.rels.iter().enumerate().map(|(at, rel)| {
                    let rel = entities.rel(*rel).unwrap();
                    (Rel::of(rel), rel.start == nodes[at].id, Node::of(nodes[at + 1]))
                });
                Self::Path(Node::of(nodes[0]), steps.collect())
            }
            Value::Date(t) => Self::Str(t.to_string()),
            Value::LocalTime(t) => Self::Str(t.to_string()),
            Value::Time(t) => Self::Str(t.to_string()),
            Value::LocalDateTime(t) => Self::Str(t.to_string()),
            Value::DateTime(t) => Self::Str(t.to_string()),
            Value::Duration(t) => Self::Str(t.to_string()),
        }
    }

    /// The cell as a parameter for a query. Entities cannot be parameters.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(*b),
            Self::Int(n) => Value::Int(*n),
            Self::Float(x) => Value::Float(*x),
            Self::Str(text) => Value::str(text.as_str()),
            Self::List(items) => Value::list(items.iter().map(Self::to_value).collect()).unwrap(),
            Self::Map(entries) => Value::map(entries.iter().map(|(k, v)| (k.as_str().into(), v.to_value()))).unwrap(),
            Self::Node(_) | Self::Rel(_) | Self::Path(..) => panic!("an entity cannot be a parameter"),
        }
    }

    /// One text for all equal cells. `sorted` ignores the order of the elements of lists.
    pub(super) fn text(&self, sorted: bool) -> String {
        let mut out = String::new();
        self.write(&mut out, sorted);
        out
    }

    fn write(&self, out: &mut String, sorted: bool) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Int(n) => wrote(write!(out, "{n}")),
            Self::Float(x) if x.is_nan() => out.push_str("NaN"),
            Self::Float(x) => wrote(write!(out, "{:?}", if *x == 0.0 { 0.0 } else { *x })),
            Self::Str(text) => wrote(write!(out, "{text:?}")),
            Self::List(items) => {
                let mut texts: Vec<String> = items.iter().map(|i| i.text(sorted)).collect();
                if sorted {
                    texts.sort();
                }
                let _ = write!(out, "[{}]", texts.join(", "));
            }
            Self::Map(entries) => write_map(entries, out, sorted),
            Self::Node(node) => node.write(out, sorted),
            Self::Rel(rel) => rel.write(out, sorted),
            Self::Path(first, steps) => {
                out.push('<');
                first.write(out, sorted);
                for (rel, forward, node) in steps {
                    out.push_str(if *forward { "-" } else { "<-" });
                    rel.write(out, sorted);
                    out.push_str(if *forward { "->" } else { "-" });
                    node.write(out, sorted);
                }
                out.push('>');
            }
        }
    }
}

impl Node {
    fn of(data: &NodeData) -> Self {
        let mut labels: Vec<String> = data.labels.iter().map(|l| l.to_string()).collect();
        labels.sort();
        Self { labels, properties: properties(&data.properties) }
    }

    fn write(&self, out: &mut String, sorted: bool) {
        out.push('(');
        for label in &self.labels {
            let _ = write!(out, ":{label}");
        }
        if !self.properties.is_empty() {
            out.push(' ');
            write_map(&self.properties, out, sorted);
        }
        out.push(')');
    }
}

impl Rel {
    fn of(data: &RelData) -> Self {
        Self { ty: data.ty.to_string(), properties: properties(&data.properties) }
    }

    fn write(&self, out: &mut String, sorted: bool) {
        let _ = write!(out, "[:{}", self.ty);
        if !self.properties.is_empty() {
            out.push(' ');
            write_map(&self.properties, out, sorted);
        }
        out.push(']');
    }
}

/// Properties hold no entities, so none are needed to read them.
pub(super) fn properties(pairs: &[(std::sync::Arc<str>, Value)]) -> BTreeMap<String, Cell> {
    let none = Entities::default();
    pairs.iter().map(|(k, v)| (k.to_string(), Cell::of(v, &none))).collect()
}

fn write_map(entries: &BTreeMap<String, Cell>, out: &mut String, sorted: bool) {
    out.push('{');
    for (at, (key, value)) in entries.iter().enumerate() {
        let _ = write!(out, "{}{key}: ", if at > 0 { ", " } else { "" });
        value.write(out, sorted);
    }
    out.push('}');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("{wanted} wanted at {:?} of {:?}", self.rest(), self.text)
    }

    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn want(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(token)) }
    }

    fn value(&mut self) -> Result<Cell, String> {
        self.space();
        let rest = self.rest();
        match rest.chars().next() {
            Some('\'') => self.string().map(Cell::Str),
            Some('{') => self.map().map(Cell::Map),
            Some('(') => self.node().map(Cell::Node),
            Some('<') => self.path(),
            Some('[') if rest[1..].trim_start().starts_with(':') => self.rel().map(Cell::Rel),
            Some('[') => self.list(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Cell, String> {
        let rest = self.rest();
        let end = rest.find([',', ']', '}', ')', ' ']).unwrap_or(rest.len());
        let word = &rest[..end];
        let cell = match word {
            "null" => Cell::Null,
            "true" => Cell::Bool(true),
            "false" => Cell::Bool(false),
            "NaN" => Cell::Float(f64::NAN),
            "Inf" => Cell::Float(f64::INFINITY),
            "-Inf" => Cell::Float(f64::NEG_INFINITY),
            _ => match (word.parse::<i64>(), word.parse::<f64>()) {
                (Ok(n), _) => Cell::Int(n),
                (_, Ok(x)) => Cell::Float(x),
                _ => return Err(self.wrong("a value")),
            },
        };
        self.at += end;
        Ok(cell)
    }

    fn string(&mut self) -> Result<String, String> {
        self.want("'")?;
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\'' => {
                    self.at += at + 1;
                    return Ok(out);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, c)) => out.push(c),
                    None => break,
                },
                c => out.push(c),
            }
        }
        Err(self.wrong("end of string"))
    }

    fn name(&mut self) -> Result<String, String> {
        self.space();
        if self.take("`") {
            let end = self.rest().find('`').ok_or_else(|| self.wrong("`"))?;
            let name = self.rest()[..end].to_owned();
            self.at += end + 1;
            return Ok(name);
        }
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.wrong("a name"));
        }
        let name = rest[..end].to_owned();
        self.at += end;
        Ok(name)
    }

    fn list(&mut self) -> Result<Cell, String> {
        self.want("[")?;
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Cell::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.take("]") {
                return Ok(Cell::List(items));
            }
            self.want(",")?;
        }
    }

    fn map(&mut self) -> Result<BTreeMap<String, Cell>, String> {
        self.want("{")?;
        let mut entries = BTreeMap::new();
        if self.take("}") {
            return Ok(entries);
        }
        loop {
            let key = self.name()?;
            self.want(":")?;
            entries.insert(key, self.value()?);
            if self.take("}") {
                return Ok(entries);
            }
            self.want(",")?;
        }
    }

    fn optional_map(&mut self) -> Result<BTreeMap<String, Cell>, String> {
        self.space();
        if self.rest().starts_with('{') { self.map() } else { Ok(BTreeMap::new()) }
    }

    fn node(&mut self) -> Result<Node, String> {
        self.want("(")?;
        let mut labels = Vec::new();
        while self.take(":") {
            labels.push(self.name()?);
        }
        labels.sort();
        let properties = self.optional_map()?;
        self.want(")")?;
        Ok(Node { labels, properties })
    }

    fn rel(&mut self) -> Result<Rel, String> {
        self.want("[")?;
        self.want(":")?;
        let ty = self.name()?;
        let properties = self.optional_map()?;
        self.want("]")?;
        Ok(Rel { ty, properties })
    }

    fn path(&mut self) -> Result<Cell, String> {
        self.want("<")?;
        let first = self.node()?;
        let mut steps = Vec::new();
        while !self.take(">") {
            let backward = self.take("<-");
            if !backward {
                self.want("-")?;
            }
            let rel = self.rel()?;
            self.want(if backward { "-" } else { "->" })?;
            steps.push((rel, !backward, self.node()?));
        }
        Ok(Cell::Path(first, steps))
    }
}

#[test]
fn cells_are_read_as_the_tables_write_them() {
    for (text, canonical) in [
        ("(:B:A {k: 'x', a: [1]})", "(:A:B {a: [1], k: \"x\"})"),
        ("<(:A)-[:T {n: 1}]->()<-[:T]-(:B)>", "<(:A)-[:T {n: 1}]->()<-[:T]-(:B)>"),
        ("[[:T], [:U {a: 1e2}]]", "[[:T], [:U {a: 100.0}]]"),
        ("'it''", ""),
        ("'\\''", "\"'\""),
    ] {
        match Cell::parse(text) {
            Ok(cell) => assert_eq!(cell.text(false), canonical, "{text}"),
            Err(_) => assert!(canonical.is_empty(), "{text}"),
        }
    }
    assert_ne!(Cell::parse("1").unwrap().text(false), Cell::parse("1.0").unwrap().text(false));
    assert_eq!(Cell::parse("[2, 1]").unwrap().text(true), Cell::parse("[1, 2]").unwrap().text(true));
}
