//! GML as networkx, igraph, Gephi, yEd and Cytoscape write it, a node or an edge at a time.
//!
//! | in the file | in the graph |
//! |---|---|
//! | `id` of a node, `label` | the properties `id` and `label` |
//! | `labels ":A:B"` | labels |
//! | `label` of an edge, else `type`, `interaction` | the type, else `RELATED` |
//! | other keys | properties; one that stands several times is a list |
//! | a list `[ … ]` as a value | its JSON text |
//! | `key` of an edge that is a number, drawings (`graphics`), keys of the graph and of the file | named at the end, where they say something |
//!
//! Text is what the file says, with the entities of HTML, by name or number, for what they stand for: GML is ASCII. What is none
//! stays as it is written.

use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map as Object, Value as Json};

use super::graphml::read_labels;
use super::{Key, NO_TYPE, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::value::Value;

/// Longest node or edge that is read, in bytes.
const LONGEST_RECORD: usize = 64 << 20;
/// How deep lists may stand in one another.
const DEEPEST: usize = 64;
/// Keys whose values may be words without quotation marks.
const IDS: [&str; 3] = ["id", "source", "target"];
/// Keys that say how something is drawn.
const DRAWN: [&str; 2] = ["graphics", "LabelGraphics"];
/// What networkx writes before the only item of a list.
const LIST_START: &str = "_networkx_list_start";

/// Longest name of an entity.
const LONGEST_NAME: usize = 32;

/// Reads `input` to its end. `file` names it in messages.
pub(crate) fn read(input: &mut dyn BufRead, file: &str, sink: &mut dyn Sink, problem: OnProblem<'_>) -> Result<()> {
    let scanner = Scanner { input, file, line: 1, column: 1, budget: LONGEST_RECORD };
    let mut reader = Reader { scanner, file, sink, problem, directed: false, graphs: 0, later: Vec::new() };
    reader.document()
}

enum Token {
    /// A key, or a word in the place of a number.
    Word(String),
    Number(String),
    Text(String),
    Open,
    Close,
    End,
}

/// A place in the file, for messages.
#[derive(Clone, Copy)]
struct At {
    line: u64,
    column: u64,
}

struct Scanner<'i> {
    input: &'i mut dyn BufRead,
    file: &'i str,
    line: u64,
    column: u64,
    /// Bytes that the record may still have.
    budget: usize,
}

impl Scanner<'_> {
    fn at(&self) -> At {
        At { line: self.line, column: self.column }
    }

    fn wrong(&self, at: At, what: &str) -> Error {
        in_file(self.file, &Error::data(format!("line {}, column {}: {what}", at.line, at.column)))
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        let read = self.input.fill_buf().map(|bytes| bytes.first().copied());
        read.map_err(|e| in_file(self.file, &crate::io::unreadable("GML", &e)))
    }

    fn take(&mut self) -> Result<Option<u8>> {
        let Some(byte) = self.peek()? else { return Ok(None) };
        self.input.consume(1);
        match byte {
            b'\n' => (self.line, self.column) = (self.line + 1, 1),
            // columns count characters
            byte if byte & 0xc0 != 0x80 => self.column += 1,
            _ => {}
        }
        let at = self.at();
        self.budget = self.budget.checked_sub(1).ok_or_else(|| {
            self.wrong(
                at,
                &format!("a node or an edge of more than {LONGEST_RECORD} bytes: is a quotation mark left open?"),
            )
        })?;
        Ok(Some(byte))
    }

    /// The next token and where it begins. Comments go from `#` to the end of the line.
    fn next(&mut self) -> Result<(Token, At)> {
        loop {
            let at = self.at();
            let token = match self.peek()? {
                None => Token::End,
                Some(b'#') => {
                    while !matches!(self.peek()?, None | Some(b'\n')) {
                        self.take()?;
                    }
                    continue;
                }
                Some(byte) if byte.is_ascii_whitespace() => {
                    self.take()?;
                    continue;
                }
                Some(b'[') => self.take().map(|_| Token::Open)?,
                Some(b']') => self.take().map(|_| Token::Close)?,
                Some(b'"') => Token::Text(self.quoted(at)?),
                Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => Token::Word(self.run()?),
                Some(byte) if byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.') => Token::Number(self.run()?),
                Some(b'<') => {
                    return Err(self
                        .wrong(at, "this is XML, not GML")
                        .hint("--format graphml, or gexf, says what it is"));
                }
                Some(_) => {
                    return Err(self.wrong(at, "this is no GML: a key, a number, text in \" or a bracket is wanted"));
                }
            };
            return Ok((token, at));
        }
    }

    /// Bytes up to white space, a bracket or a quotation mark; all are ASCII, or the token is none that is known.
    fn run(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek()?.filter(|b| !b.is_ascii_whitespace() && !matches!(b, b'[' | b']' | b'"')) {
            bytes.push(byte);
            self.take()?;
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn quoted(&mut self, at: At) -> Result<String> {
        self.take()?;
        let mut bytes = Vec::new();
        loop {
            match self.take()? {
                Some(b'"') => break,
                Some(byte) => bytes.push(byte),
                None => return Err(self.wrong(at, "the file ends inside the text that begins here")),
            }
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| self.wrong(at, "not UTF-8").hint("--encoding latin1 says what it is"))?;
        Ok(unescaped(&text))
    }
}

/// Text with what its entities stand for.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let name = after.split_once(';').map(|(name, _)| name).filter(|name| name.len() <= LONGEST_NAME);
        let meant = name.and_then(|name| match name.strip_prefix('#') {
            Some(number) => {
                let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
                hex.unwrap_or_else(|| number.parse()).ok().and_then(char::from_u32).map(String::from)
            }
            None => quick_xml::escape::resolve_html5_entity(name).map(str::to_owned),
        });
        match (name, meant) {
            (Some(name), Some(meant)) => {
                out.push_str(&meant);
                rest = &after[name.len() + 1..];
            }
            _ => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

/// What stands behind a key.
enum Item {
    Value(Value),
    List(Vec<(String, Item)>),
}

/// What stands between the brackets of a node or an edge.
type Record = Vec<(String, Item)>;

struct Reader<'a> {
    scanner: Scanner<'a>,
    file: &'a str,
    sink: &'a mut dyn Sink,
    problem: OnProblem<'a>,
    directed: bool,
    graphs: usize,
    /// Edges before their nodes.
    later: Vec<(At, Record, String)>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<()> {
        loop {
            self.scanner.budget = LONGEST_RECORD;
            match self.scanner.next()? {
                (Token::End, at) if self.graphs == 0 => {
                    return Err(self.scanner.wrong(at, "there is no `graph [` in it: this is no GML"));
                }
                (Token::End, _) => return self.finish(),
                (Token::Word(key), _) if key == "graph" => {
                    match self.scanner.next()? {
                        (Token::Open, _) => {}
                        (_, at) => return Err(self.scanner.wrong(at, "`[` is wanted behind `graph`")),
                    }
                    self.graphs += 1;
                    self.graph()?;
                }
                (Token::Word(key), _) => {
                    let value = self.value(0, &key)?;
                    self.pass_over("the document", &key, &value);
                }
                (_, at) => return Err(self.scanner.wrong(at, "this is no GML: a key is wanted, such as `graph`")),
            }
        }
    }

    /// Ids of nodes are those of their graph.
    fn space(&self) -> String {
        if self.graphs > 1 { format!("{} #{}", self.file, self.graphs) } else { self.file.to_owned() }
    }

    fn graph(&mut self) -> Result<()> {
        let space = self.space();
        loop {
            self.scanner.budget = LONGEST_RECORD;
            let (key, at) = match self.scanner.next()? {
                (Token::Close, _) => return Ok(()),
                (Token::End, at) => {
                    return Err(self.scanner.wrong(at, "the file ends inside the graph: a part of it is missing"));
                }
                (Token::Word(key), at) => (key, at),
                (_, at) => return Err(self.scanner.wrong(at, "a key is wanted, such as `node` or `edge`")),
            };
            let value = self.value(0, &key)?;
            match (key.as_str(), value) {
                ("node", Item::List(record)) => {
                    let taken = self.node(record, &space);
                    self.placed(taken, at)?;
                }
                ("edge", Item::List(record)) => {
                    let [start, end] = ["source", "target"].map(|name| key_of(&record, name));
                    let known = |key: &Result<Option<Id>>| match key {
                        Ok(Some(id)) => self.sink.knows(NodeKey { space: &space, key: id.key() }),
                        _ => false,
                    };
                    if known(&start) && known(&end) {
                        let taken = self.edge(record, &space);
                        self.placed(taken, at)?;
                    } else {
                        self.later.push((at, record, space.clone()));
                    }
                }
                ("directed", Item::Value(Value::Int(yes))) => self.directed = yes != 0,
                ("multigraph", Item::Value(_)) => {}
                (key, value) => self.pass_over("the graph", key, &value),
            }
        }
    }

    fn placed(&mut self, taken: Result<()>, at: At) -> Result<()> {
        taken.or_else(|error| {
            let place = format!("line {}, column {}: ", at.line, at.column);
            (self.problem)(in_file(self.file, &error.prefixed(&place)))
        })
    }

    fn finish(&mut self) -> Result<()> {
        for (at, record, space) in std::mem::take(&mut self.later) {
            let taken = self.edge(record, &space);
            self.placed(taken, at)?;
        }
        Ok(())
    }

    /// The value behind a key; `depth` lists are open around it.
    fn value(&mut self, depth: usize, key: &str) -> Result<Item> {
        let (token, at) = self.scanner.next()?;
        let wrong = |scanner: &Scanner<'_>, what: &str| Err(scanner.wrong(at, what));
        match token {
            Token::Text(text) => Ok(Item::Value(Value::from(text))),
            Token::Number(text) => match number(&text) {
                Some(value) => Ok(Item::Value(value)),
                None => wrong(&self.scanner, &format!("{text:?} is no number of 64 bits")),
            },
            Token::Word(word) => match number(&word) {
                Some(value) => Ok(Item::Value(value)),
                // Gephi takes words for ids
                None if IDS.contains(&key) => Ok(Item::Value(Value::from(word))),
                None => {
                    wrong(&self.scanner, &format!("a value is wanted, not {word:?}: text stands in quotation marks"))
                }
            },
            Token::Open if depth >= DEEPEST => wrong(&self.scanner, "lists too deep in one another"),
            Token::Open => {
                let mut items = Vec::new();
                loop {
                    match self.scanner.next()? {
                        (Token::Close, _) => return Ok(Item::List(items)),
                        (Token::Word(key), _) => {
                            let value = self.value(depth + 1, &key)?;
                            items.push((key, value));
                        }
                        (Token::End, _) => {
                            return wrong(
                                &self.scanner,
                                "the file ends inside the list that begins here: a part of it is missing",
                            );
                        }
                        (_, at) => return Err(self.scanner.wrong(at, "a key is wanted here")),
                    }
                }
            }
            Token::Close | Token::End => wrong(&self.scanner, "a value is wanted here"),
        }
    }

    fn node(&mut self, record: Record, space: &str) -> Result<()> {
        // one without an id is the end of no edge
        let id = key_of(&record, "id")?;
        let (mut labels, mut rest) = (Vec::new(), Record::new());
        for (key, item) in record {
            match item {
                Item::Value(Value::Str(text)) if key == "labels" && text.starts_with(':') => {
                    labels = read_labels(&text)
                }
                item => rest.push((key, item)),
            }
        }
        let properties = self.properties(rest)?;
        self.sink.node(id.as_ref().map(|id| NodeKey { space, key: id.key() }), &labels, properties)
    }

    fn edge(&mut self, mut record: Record, space: &str) -> Result<()> {
        let end = |name: &str| key_of(&record, name)?.ok_or_else(|| Error::data(format!("{name} is missing")));
        let (start, end) = (end("source")?, end("target")?);
        record.retain(|(key, item)| {
            let counts = key == "key" && matches!(item, Item::Value(Value::Int(_)));
            !counts && key != "source" && key != "target"
        });
        if !self.directed {
            self.sink.passed_over(&format!("{}: edges without a direction, taken as they are written", self.file), 1);
        }
        let mut ty: Option<Arc<str>> = None;
        for name in ["label", "type", "interaction"] {
            let text = |(key, item): &(String, Item)| match item {
                Item::Value(Value::Str(text)) if key == name && !text.is_empty() => Some(text.clone()),
                _ => None,
            };
            if let (None, Some((at, text))) =
                (&ty, record.iter().enumerate().find_map(|(at, pair)| Some((at, text(pair)?))))
            {
                ty = Some(text);
                record.remove(at);
            }
        }
        let properties = self.properties(record)?;
        let ty = ty.unwrap_or_else(|| NO_TYPE.into());
        let key = |id| NodeKey { space, key: id };
        self.sink.rel(None, &ty, key(start.key()), key(end.key()), properties)
    }

    /// The properties of a record; several values of one key are a list.
    fn properties(&mut self, record: Record) -> Result<Properties> {
        let mut all: Vec<(String, Vec<Value>, bool)> = Vec::new();
        for (key, item) in record {
            let value = match item {
                Item::List(_) if DRAWN.contains(&key.as_str()) => {
                    self.sink.passed_over(&format!("{}: drawings", self.file), 1);
                    continue;
                }
                Item::List(items) => Value::from(json(&items).to_string()),
                Item::Value(value) => value,
            };
            let start = matches!(&value, Value::Str(text) if **text == *LIST_START);
            match all.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, values, _)) => values.push(value),
                None if start => all.push((key, Vec::new(), true)),
                None => all.push((key, vec![value], false)),
            }
        }
        let property = |(key, mut values, list): (String, Vec<Value>, bool)| {
            let value = if values.len() == 1 && !list { values.remove(0) } else { Value::list(values)? };
            Ok((key.into(), value))
        };
        all.into_iter().map(property).collect()
    }

    fn pass_over(&mut self, of: &str, key: &str, item: &Item) {
        let what = match item {
            Item::Value(Value::Str(text)) => format!("{}: data of {of} {key} = {text:?}", self.file),
            Item::Value(value) => {
                let shown = crate::value::text::scalar(value).unwrap_or_default();
                format!("{}: data of {of} {key} = {shown}", self.file)
            }
            Item::List(_) => format!("{}: data of {of} {key}", self.file),
        };
        self.sink.passed_over(&what, 1);
    }
}

/// The id of a node: a number, in some files a text.
enum Id {
    Int(i64),
    Text(Arc<str>),
}

impl Id {
    fn key(&self) -> Key<'_> {
        match self {
            Self::Int(n) => Key::Int(*n),
            Self::Text(text) => Key::Text(text),
        }
    }
}

/// The id that a key gives; nothing where there is no such key.
fn key_of(record: &Record, name: &str) -> Result<Option<Id>> {
    match record.iter().find(|(key, _)| key == name) {
        Some((_, Item::Value(Value::Int(n)))) => Ok(Some(Id::Int(*n))),
        Some((_, Item::Value(Value::Str(text)))) => Ok(Some(Id::Text(text.clone()))),
        Some(_) => Err(Error::data(format!("{name} is neither a whole number nor text"))),
        None => Ok(None),
    }
}

/// A number; also what stands for those that are none.
fn number(text: &str) -> Option<Value> {
    match text.to_ascii_uppercase().as_str() {
        "NAN" => return Some(Value::Float(f64::NAN)),
        "INF" | "+INF" => return Some(Value::Float(f64::INFINITY)),
        "-INF" => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    if let Ok(n) = text.parse() {
        return Some(Value::Int(n));
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let whole = text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|x: &f64| plain && !whole && x.is_finite()).map(Value::Float)
}

/// A list as JSON; what stands several times in it is an array.
fn json(items: &[(String, Item)]) -> Json {
    let mut object = Object::new();
    for (key, item) in items {
        let value = match item {
            Item::List(items) => json(items),
            Item::Value(Value::Int(n)) => (*n).into(),
            Item::Value(Value::Float(x)) => (*x).into(),
            Item::Value(Value::Str(text)) => (**text).into(),
            Item::Value(_) => Json::Null,
        };
        match object.get_mut(key) {
            Some(Json::Array(all)) => all.push(value),
            Some(known) => *known = Json::Array(vec![known.take(), value]),
            None => drop(object.insert(key.clone(), value)),
        }
    }
    Json::Object(object)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::io::read::Seen;

    fn seen(text: &str) -> (Result<()>, Seen, Vec<String>) {
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        let result = read(&mut text.as_bytes(), "x", &mut seen, &mut |e| {
            problems.push(e.message().to_owned());
            Ok(())
        });
        (result, seen, problems)
    }

    const NETWORKX: &str = "Creator \"networkx\"\n# a comment [\ngraph [\n  directed 1\n  name \"g\"\n  edge [ source 1 target 0 label \"KNOWS\" weight 2.5 key 0 ]\n\
        node [\n    id 0\n    label \"Ad&#233;le &amp; co &eacute; &CounterClockwiseContourIntegral; &nothing; & so\"\n    tags \"a\"\n    tags \"b\"\n    one \"_networkx_list_start\"\n    one 7\n    graphics [ x 1.0 ]\n    deep [ a 1 a 2 ]\n  ]\n\
        node [ id 1 labels \":A:B\" big -9223372036854775808 x 1.0E+300 n NAN ]\n]\n";

    #[test]
    fn nodes_edges_and_values_of_every_kind() {
        let (result, seen, problems) = seen(NETWORKX);
        result.expect("GML");
        assert_eq!(problems, Vec::<String>::new());
        let wanted = [
            "x#0 : deep='{\"a\":[1,2]}' id=0 label='Adéle & co é ∳ &nothing; & so' one=[7] tags=['a', 'b']",
            "x#1 :A:B big=-9223372036854775808 id=1 n=NaN x=1.0E300",
            "x#1 -KNOWS-> x#0 weight=2.5",
        ];
        assert_eq!(seen.lines, wanted);
        assert_eq!(seen.passed_over.len(), 3, "{:?}", seen.passed_over);
    }

    #[test]
    fn what_cannot_be_read_is_placed() {
        for (text, says) in [
            ("", "line 1, column 1: there is no `graph [`"),
            ("<graphml>", "line 1, column 1: this is XML, not GML"),
            ("{}", "line 1, column 1: this is no GML"),
            ("graph [\n node [ id 1 label \"a ] ]", "line 2, column 20: the file ends inside the text"),
            ("graph [\n node [ id 1 ]", "the file ends inside the graph"),
            ("graph [ node [ id", "a value is wanted"),
            ("graph [ node [ id 1 name Ada ] ]", "line 1, column 26: a value is wanted, not \"Ada\""),
            ("graph [ node [ id 99999999999999999999 ] ]", "is no number of 64 bits"),
        ] {
            let (result, ..) = seen(text);
            let error = result.expect_err(text);
            assert!(error.message().contains(says), "{text}: {}", error.message());
        }
        let (_, read, _) = seen("graph [ directed 1 node [ id A ] edge [ source A target A label \"L\" ] ]");
        assert_eq!(read.lines, ["x/A : id='A'", "x/A -L-> x/A "]);
        let text = "graph [ node [ label \"a\" ]\nedge [ source 1 ] node [ id 1 ] node [ id 1.5 ] edge [ source 1 target 9 ] ]";
        let (_, seen, problems) = seen(text);
        assert_eq!(seen.lines, ["- : label='a'", "x#1 : id=1", "x#1 -RELATED-> x#9 "]);
        let wanted =
            ["x, line 2, column 33: id is neither a whole number nor text", "x, line 2, column 1: target is missing"];
        assert_eq!(problems, wanted);
    }

    #[test]
    fn what_we_export_is_read() {
        let graph = crate::io::subgraph::hostile();
        let mut out = Vec::new();
        crate::io::gml::write(&graph, &mut out).expect("memory");
        let (result, seen, problems) = seen(std::str::from_utf8(&out).expect("text"));
        result.expect("GML");
        assert_eq!((seen.lines.len(), problems), (graph.nodes.len() + graph.rels.len(), vec![]));
    }

    proptest! {
        #[test]
        fn a_file_that_is_cut_anywhere_is_refused(cut in 30..NETWORKX.len() - 3) {
            prop_assume!(NETWORKX.is_char_boundary(cut));
            prop_assert!(seen(&NETWORKX[..cut]).0.is_err());
        }

        #[test]
        fn whatever_is_read_ends(text in "[\\[\\]\"# a-c0-9&;.\n]{0,80}") {
            let (result, ..) = seen(&format!("graph [ {text}"));
            let (again, ..) = seen(&text);
            prop_assert!(result.is_ok() || result.is_err_and(|e| !e.message().is_empty()));
            prop_assert!(again.is_err_and(|e| !e.message().is_empty()));
        }
    }
}
