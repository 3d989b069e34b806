//! JSON: one encoding of values, used by every command, by `pipe` and by the graph formats.
//!
//! | value | JSON |
//! |---|---|
//! | null, boolean, string | the same |
//! | integer | a number without `.` and `e`, exact |
//! | float | a number with `.` or `e`; `{"$float":"NaN"}`, `"Infinity"`, `"-Infinity"` |
//! | list | array |
//! | map | `{"$map":{…}}`; read also from a bare object without `$` keys |
//! | temporal | `{"$temporal":"2022-06-01"}`, the text of `toString()` |
//! | node | `{"$node":{"id":1,"labels":["A"],"props":{…}}}` |
//! | relationship | `{"$rel":{"id":1,"type":"T","start":1,"end":2,"props":{…}}}` |
//! | path | `{"$path":{"nodes":[…],"rels":[…]}}` |
//!
//! Characters that act on a terminal are always written as `\u` escapes, which changes nothing for a reader of JSON.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;

use super::text_sink::TextSink;
use super::{Subgraph, Written, beside, safe};
use crate::engine::{Entities, NodeData, RelData, Row};
use crate::error::{Code, Error, Result};
use crate::value::temporal::parse;
use crate::value::{Value, text};

/// Appends a value.
pub(crate) fn write_value<S: TextSink>(out: &mut S, value: &Value, entities: &Entities) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => super::wrote(write!(out, "{n}")),
        Value::Float(x) if x.is_nan() => out.push_str("{\"$float\":\"NaN\"}"),
        Value::Float(x) if x.is_infinite() => {
            let _ = write!(out, "{{\"$float\":\"{}Infinity\"}}", if *x < 0.0 { "-" } else { "" });
        }
        Value::Float(x) => super::wrote(write!(out, "{x:?}")),
        Value::Str(text) => write_string(out, text),
        Value::List(items) => write_array(out, items.iter(), |out, v| write_value(out, v, entities)),
        Value::Map(map) => {
            out.push_str("{\"$map\":");
            write_object(out, map.entries().iter(), entities);
            out.push('}');
        }
        Value::Node(node) => {
            out.push_str("{\"$node\":");
            write_node(out, entities.node(*node).unwrap_or(&NodeData::default()));
            out.push('}');
        }
        Value::Rel(rel) => {
            out.push_str("{\"$rel\":");
            write_rel(out, entities.rel(*rel).unwrap_or(&RelData::default()));
            out.push('}');
        }
        Value::Path(path) => {
            out.push_str("{\"$path\":{\"nodes\":");
            let (no_node, no_rel) = (NodeData::default(), RelData::default());
            write_array(out, path.nodes.iter(), |out, n| write_node(out, entities.node(*n).unwrap_or(&no_node)));
            out.push_str(",\"rels\":");
            write_array(out, path.rels.iter(), |out, r| write_rel(out, entities.rel(*r).unwrap_or(&no_rel)));
            out.push_str("}}");
        }
        temporal => {
            out.push_str("{\"$temporal\":");
            write_string(out, &text::scalar(temporal).unwrap_or_default());
            out.push('}');
        }
    }
}

/// Appends a node: id, labels, properties.
pub(crate) fn write_node<S: TextSink>(out: &mut S, node: &NodeData) {
    let _ = write!(out, "{{\"id\":{},\"labels\":", node.id);
    write_array(out, node.labels.iter(), |out, label| write_string(out, label));
    out.push_str(",\"props\":");
    write_properties(out, &node.properties);
    out.push('}');
}

/// Appends a relationship: id, type, ends, properties.
pub(crate) fn write_rel<S: TextSink>(out: &mut S, rel: &RelData) {
    let _ = write!(out, "{{\"id\":{},\"type\":", rel.id);
    write_string(out, &rel.ty);
    let _ = write!(out, ",\"start\":{},\"end\":{},\"props\":", rel.start, rel.end);
    write_properties(out, &rel.properties);
    out.push('}');
}

/// A value of a row: dates that differ, which no place states as a set, are a list of maps, each with its places.
pub(crate) fn write_cell<S: TextSink>(out: &mut S, row: Row<'_>, value: &Value, entities: &Entities) {
    let stated = row.stated(value);
    if stated.is_empty() {
        return write_value(out, value, entities);
    }
    write_array(out, stated.iter(), |out, said| {
        out.push_str("{\"$map\":{\"citations\":");
        write_array(out, said.citations.iter(), |out, c| write_string(out, &c.locator));
        out.push_str(",\"date\":");
        write_string(out, &said.text);
        out.push_str("}}");
    });
}

/// Appends an array.
pub(crate) fn write_array<S: TextSink, T>(
    out: &mut S,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut S, T),
) {
    out.push('[');
    for (at, item) in items.enumerate() {
        if out.is_closed() {
            return;
        }
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Appends a string in quotes.
pub(crate) fn write_string<S: TextSink>(out: &mut S, text: &str) {
    out.push('"');
    if stands_for_itself(text.as_bytes()) {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // all of these lie in the basic plane, so one escape is enough
            c if safe::is_control(c) => super::wrote(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether every byte is a printable one of ASCII that needs no escape. Most of an answer is such text: eight bytes are looked
/// at together.
fn stands_for_itself(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    // the top bit of a byte that is zero, and perhaps of such as stand above one
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let equals = |word: u64, byte: u8| zeros(word ^ (ONES * u64::from(byte)));
    let (words, rest) = text.as_chunks::<8>();
    let special = words.iter().fold(0, |found, word| {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        found | control | (word & TOPS) | equals(word, b'"') | equals(word, b'\\') | equals(word, 0x7f)
    });
    special == 0 && rest.iter().all(|b| matches!(b, b' '..=b'~') && *b != b'"' && *b != b'\\')
}

fn write_properties<S: TextSink>(out: &mut S, pairs: &[(Arc<str>, Value)]) {
    write_object(out, pairs.iter().map(|(k, v)| (k, v)), &Entities::default());
}

fn write_object<'a, S: TextSink>(
    out: &mut S,
    pairs: impl Iterator<Item = (&'a Arc<str>, &'a Value)>,
    entities: &Entities,
) {
    out.push('{');
    for (at, (key, value)) in pairs.enumerate() {
        if out.is_closed() {
            return;
        }
        if at > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value, entities);
    }
    out.push('}');
}

/// A graph as one object: `{"nodes":[…],"rels":[…]}`.
pub(crate) fn write_graph(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let mut line = String::new();
    for (head, count) in [("{\"nodes\":[", graph.nodes.len()), ("],\"rels\":[", graph.rels.len())] {
        to.write_all(head.as_bytes())?;
        for at in 0..count {
            line.clear();
            line.push_str(if at > 0 { ",\n" } else { "\n" });
            match head {
                "{\"nodes\":[" => write_node(&mut line, &graph.nodes[at]),
                _ => write_rel(&mut line, &graph.rels[at]),
            }
            to.write_all(line.as_bytes())?;
        }
    }
    to.write_all(b"]}\n")?;
    Ok(())
}

/// A graph as lines: a node, `{"$node":{…}}`, or a relationship, `{"$rel":{…}}`, each. What stands beside the graph is
/// on lines of its own (`$relation`, `$source`, `$conflict`) and on the nodes and relationships it is about.
pub(crate) fn write_graph_lines(graph: &Subgraph, to: &mut dyn Write) -> Written {
    let told = &graph.told;
    let mut line = String::new();
    for ty in &told.types {
        write_line("$relation", &beside::relation_type(ty)?, to)?;
    }
    for (_, source, _) in told.used_sources() {
        write_line("$source", &beside::source(source)?, to)?;
    }
    for node in &graph.nodes {
        line.clear();
        line.push_str("{\"$node\":");
        write_node(&mut line, node);
        let stands_for =
            told.sources.iter().filter(|(_, of)| *of == Some(node.id)).map(|(s, _)| Value::Str(s.id.clone()));
        let places = told.nodes.get(&node.id).into_iter().flatten().map(|place| beside::place(place, told));
        add_list(&mut line, "stands_for", stands_for.collect());
        add_list(&mut line, "places", places.collect::<Result<_>>()?);
        line.push_str("}\n");
        to.write_all(line.as_bytes())?;
    }
    for rel in &graph.rels {
        line.clear();
        line.push_str("{\"$rel\":");
        write_rel(&mut line, rel);
        let mentions = told.rels.get(&rel.id).into_iter().flatten().map(|mention| beside::mention(mention, told));
        add_list(&mut line, "mentions", mentions.collect::<Result<_>>()?);
        line.push_str("}\n");
        to.write_all(line.as_bytes())?;
    }
    for further in &told.further {
        write_line("$evidence", &beside::further(further, told)?, to)?;
    }
    for conflict in &told.conflicts {
        write_line("$conflict", &beside::conflict(conflict, told)?, to)?;
    }
    Ok(())
}

/// A line with one member, whose value is a map.
fn write_line(kind: &str, map: &Value, to: &mut dyn Write) -> Written {
    let mut line = format!("{{\"{kind}\":");
    if let Value::Map(map) = map {
        write_object(&mut line, map.entries().iter(), &Entities::default());
    }
    line.push_str("}\n");
    to.write_all(line.as_bytes())?;
    Ok(())
}

/// Adds a member to the object that ends the line, unless the list is empty.
fn add_list(line: &mut String, key: &str, items: Vec<Value>) {
    if items.is_empty() {
        return;
    }
    line.pop();
    let _ = write!(line, ",\"{key}\":");
    write_array(line, items.iter(), |out, item| write_value(out, item, &Entities::default()));
    line.push('}');
}

/// Reads JSON text. Errors: text that is no JSON, nests too deep, or holds an integer outside 64 bits (which a
/// reader of JSON would otherwise round silently).
pub(crate) fn parse_text(text: &str) -> Result<Json> {
    let json = serde_json::from_str(text).map_err(|e| wrong(format!("not JSON: {e}")))?;
    check_integers(text)?;
    Ok(json)
}

/// The same, of a text that somebody asks us with: `look` is called for each few items and may stop it, for what they take in
/// memory is many times their text.
pub(crate) fn parse_within(text: &str, look: &dyn Fn() -> Result<()>) -> Result<Json> {
    let reading = Reading { once: false, look: Some(look), stopped: &RefCell::default() };
    let mut from = serde_json::Deserializer::from_str(text);
    let json = reading.deserialize(&mut from).and_then(|json| from.end().map(|()| json));
    let json = match (json, reading.stopped.take()) {
        (_, Some(stopped)) => return Err(stopped),
        (json, None) => json.map_err(|e| wrong(format!("not JSON: {e}")))?,
    };
    check_integers(text)?;
    Ok(json)
}

/// The same, and an object in which a key stands twice is refused too: only one of the values could be kept.
pub(crate) fn parse_whole(text: &str) -> Result<Json> {
    let mut from = serde_json::Deserializer::from_str(text);
    let reading = Reading { once: true, look: None, stopped: &RefCell::default() };
    let json = reading.deserialize(&mut from).and_then(|json| from.end().map(|()| json));
    let json = json.map_err(|e| wrong(format!("not JSON: {e}")))?;
    check_integers(text)?;
    Ok(json)
}

/// Items that are read between two looks.
const ITEMS_PER_LOOK: usize = 256;

/// How a document is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    /// Every key of an object stands in it once.
    once: bool,
    /// Asked for each few items.
    look: Option<&'a dyn Fn() -> Result<()>>,
    /// What it said.
    stopped: &'a RefCell<Option<Error>>,
}

impl Reading<'_> {
    /// Of a list or an object with `len` items so far.
    fn look<E: serde::de::Error>(self, len: usize) -> std::result::Result<(), E> {
        match self.look {
            Some(look) if len.is_multiple_of(ITEMS_PER_LOOK) => look().map_err(|error| {
                *self.stopped.borrow_mut() = Some(error);
                E::custom("stopped")
            }),
            _ => Ok(()),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Json;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            all.push(item);
            self.look(all.len())?;
        }
        Ok(Json::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Json, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            if self.once && all.contains_key(&key) {
                return Err(serde::de::Error::custom(format!("the key {key:?} stands twice in one object")));
            }
            all.insert(key, value);
            self.look(all.len())?;
        }
        Ok(Json::Object(all))
    }
}

/// A value from its JSON form. Entities cannot be read: a query finds them, nobody hands them in.
pub(crate) fn read_value(json: &Json) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(n), _) => Value::Int(n),
            (None, Some(x)) if !number.is_u64() => Value::Float(x),
            _ => return Err(wrong(format!("the integer {number} does not fit 64 bits"))),
        },
        Json::String(text) => Value::str(text.as_str()),
        Json::Array(items) => Value::list(items.iter().map(read_value).collect::<Result<_>>()?)?,
        Json::Object(entries) => match entries.iter().next() {
            Some((key, inner)) if entries.len() == 1 && key.starts_with('$') => read_special(key, inner)?,
            _ if entries.keys().any(|k| k.starts_with('$')) => {
                return Err(wrong("a bare object may not have keys that begin with $").hint("write {\"$map\":{…}}"));
            }
            _ => read_map(entries)?,
        },
    })
}

/// The same of what is not used otherwise, which goes as its value is made; `look` is called for every item.
pub(crate) fn read_value_within(json: Json, look: &dyn Fn() -> Result<()>) -> Result<Value> {
    look()?;
    match json {
        Json::Array(items) => {
            let values = items.into_iter().map(|item| read_value_within(item, look));
            Value::list(values.collect::<Result<_>>()?)
        }
        Json::Object(entries) if !entries.keys().any(|key| key.starts_with('$')) => {
            let pair = |(key, json): (String, Json)| Ok((Arc::from(key), read_value_within(json, look)?));
            Value::map(entries.into_iter().map(pair).collect::<Result<Vec<_>>>()?)
        }
        other => read_value(&other),
    }
}

fn read_map(entries: &serde_json::Map<String, Json>) -> Result<Value> {
    let pairs: Result<Vec<(Arc<str>, Value)>> =
        entries.iter().map(|(k, v)| Ok((k.as_str().into(), read_value(v)?))).collect();
    Value::map(pairs?)
}

fn read_special(key: &str, inner: &Json) -> Result<Value> {
    match (key, inner) {
        ("$map", Json::Object(entries)) => read_map(entries),
        ("$float", Json::String(text)) => match text.as_str() {
            "NaN" => Ok(Value::Float(f64::NAN)),
            "Infinity" => Ok(Value::Float(f64::INFINITY)),
            "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
            _ => Err(wrong("$float is \"NaN\", \"Infinity\" or \"-Infinity\"")),
        },
        ("$float", Json::Number(number)) => number.as_f64().map(Value::Float).ok_or_else(|| wrong("not a float")),
        ("$temporal", Json::String(text)) => read_temporal(text),
        ("$node" | "$rel" | "$path", _) => {
            Err(wrong("a node, relationship or path cannot be handed in").hint("match it by a property"))
        }
        _ => Err(wrong(format!("{key} is not a form of value known here"))
            .hint("known: $map, $float, $temporal; a map with keys that begin with $ is {\"$map\":{…}}")),
    }
}

/// A temporal value from the text of `toString()`; the text itself says which of the six types it is.
pub(crate) fn read_temporal(text: &str) -> Result<Value> {
    let clock = text.split_once('T').map_or(text, |(_, clock)| clock);
    let zoned = clock.contains(['+', 'Z', '[']) || clock.contains('-');
    Ok(match (text.trim_start_matches('-').starts_with('P'), text.contains('T'), text.contains(':')) {
        (true, ..) => Value::Duration(Arc::new(parse::duration(text)?)),
        (_, true, _) if zoned => Value::DateTime(Arc::new(parse::date_time(text)?)),
        (_, true, _) => Value::LocalDateTime(parse::local_date_time(text)?),
        (_, _, true) if zoned => Value::Time(parse::time(text)?),
        (_, _, true) => Value::LocalTime(parse::local_time(text)?),
        _ => Value::Date(parse::date(text)?),
    })
}

/// Every number without `.` and `e` must fit 64 bits. The text is JSON that parses.
fn check_integers(text: &str) -> Result<()> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let start = at;
                while at < bytes.len() && matches!(bytes[at], b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') {
                    at += 1;
                }
                let number = text.get(start..at).unwrap_or_default();
                if at - start > 18 && !number.contains(['.', 'e', 'E']) && number.parse::<i64>().is_err() {
                    return Err(wrong(format!("the integer {number:.40} does not fit 64 bits")));
                }
            }
            _ => at += 1,
        }
    }
    Ok(())
}

fn wrong(message: impl Into<String>) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(value: &Value) -> String {
        let mut out = String::new();
        write_value(&mut out, value, &Entities::default());
        out
    }

    #[test]
    fn values_come_back_as_they_went() {
        for text in [
            "null",
            "true",
            "-9223372036854775808",
            "1.0",
            "1e300",
            "-0.0",
            "{\"$float\":\"NaN\"}",
            "{\"$float\":\"-Infinity\"}",
            "[1,[\"a\",{\"$map\":{\"$node\":1,\"k\":[]}}]]",
            "{\"$temporal\":\"1984-10-11\"}",
            "{\"$temporal\":\"12:31:14.645876123\"}",
            "{\"$temporal\":\"12:31:14.645876123+01:00\"}",
            "{\"$temporal\":\"1984-10-11T12:31:14.645876123\"}",
            "{\"$temporal\":\"1984-10-11T12:31:14.645876123+01:00[Europe/Stockholm]\"}",
            "{\"$temporal\":\"P1Y2M-3DT4H\"}",
        ] {
            let value = read_value(&parse_text(text).expect(text)).expect(text);
            assert_eq!(text_of(&value), text);
        }
        assert_eq!(text_of(&read_value(&parse_text("{\"a\":1}").expect("json")).expect("map")), "{\"$map\":{\"a\":1}}");
    }

    #[test]
    fn what_would_be_rounded_or_guessed_is_refused() {
        for text in [
            "9223372036854775808",
            "[99999999999999999999999]",
            "{\"$what\":1}",
            "{\"a\":1,\"$b\":2}",
            "{\"$node\":{}}",
        ] {
            assert!(parse_text(text).and_then(|j| read_value(&j)).is_err(), "{text}");
        }
        assert!(parse_text(&"[".repeat(100_000)).is_err() && parse_whole(&"[".repeat(100_000)).is_err());
        assert!(parse_whole("{\"a\":1,\"b\":{\"a\":2}}").is_ok() && parse_whole("[1] 2").is_err());
        let error = parse_whole("{\"a\":{\"b\":1,\"b\":1}}").expect_err("twice");
        assert!(error.message().contains("the key \"b\" stands twice"), "{}", error.message());
        assert!(parse_text("\"99999999999999999999999\"").is_ok());
        assert!(parse_text("99999999999999999999.5").is_ok());
    }

    #[test]
    fn eight_bytes_at_once_are_as_each_by_itself() {
        let plain = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
        for byte in 0..=255u8 {
            for len in 1..20 {
                for at in 0..len {
                    for filler in [b' ', b'!', b'#', b'[', b']', b'~', b'a'] {
                        let mut text = vec![filler; len];
                        text[at] = byte;
                        assert_eq!(stands_for_itself(&text), plain(byte), "{byte} at {at} of {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_hostile_string_stays_one_string_and_cannot_reach_a_terminal() {
        let hostile = "\u{1b}[2J\"\\\u{202e}\u{2028}</script>\u{9b}\n\u{0}👩‍⚖️";
        let mut out = String::new();
        write_string(&mut out, hostile);
        assert!(!out.chars().any(safe::is_control));
        assert_eq!(serde_json::from_str::<String>(&out).expect("json"), hostile);
    }
}
