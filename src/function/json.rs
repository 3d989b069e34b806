//! JSON as text: `toJson` and `fromJson`.

use serde_json::{Number, Value as Json};

use super::argument::{text, wrong_type};
use super::signature::Type;
use super::{Body, Budget, CallContext, Function, parameters};
use crate::error::{Code, Error, Result};
use crate::value::{Value, text as written};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "toJson",
        parameters![value: Type::ANY],
        Type::STRING,
        "The value as JSON: dates and the like as texts, nodes and relationships as objects of id, labels or type, and properties.",
        ("RETURN toJson({a: [1, 2.5, null], on: date('2024-02-29')}) AS v", "'{\"a\":[1,2.5,null],\"on\":\"2024-02-29\"}'"),
        Body::Scalar(to_json),
    )
    .takes_null()
    .asks_graph(),
    Function::new(
        "fromJson",
        parameters![text: Type::STRING],
        Type::ANY,
        "The value that a JSON text holds; whole numbers are integers.",
        ("RETURN fromJson('{\"a\": [1, 2.5, null]}') AS v", "{a: [1, 2.5, null]}"),
        Body::Scalar(from_json),
    ),
];

fn to_json(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let mut out = String::new();
    write(context, &arguments[0], &mut out)?;
    Ok(out.into())
}

/// Appends a value. What nests goes through here, and through frames as small as this one.
fn write(context: &mut CallContext<'_>, value: &Value, out: &mut String) -> Result<()> {
    context.charge(out.len())?;
    match value {
        Value::List(list) => {
            out.push('[');
            for (number, item) in list.items().iter().enumerate() {
                out.push_str(if number > 0 { "," } else { "" });
                write(context, item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (number, (key, item)) in map.entries().iter().enumerate() {
                out.push_str(if number > 0 { "," } else { "" });
                string(key, out);
                out.push(':');
                write(context, item, out)?;
            }
            out.push('}');
        }
        Value::Node(_) | Value::Rel(_) | Value::Path(_) => entity(context, value, out)?,
        other => plain(other, out)?,
    }
    Ok(())
}

fn string(text: &str, out: &mut String) {
    out.push_str(&Json::from(text).to_string());
}

/// What holds nothing else. Errors: a number that JSON has not.
fn plain(value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => out.push_str(&n.to_string()),
        Value::Float(x) => match Number::from_f64(*x) {
            Some(number) => out.push_str(&number.to_string()),
            None => {
                return Err(Error::argument(Code::InvalidArgumentValue, format!("JSON has no number {x}"))
                    .hint("write CASE WHEN isNaN(x) THEN null ELSE x END"));
            }
        },
        Value::Str(text) => string(text, out),
        temporal => string(&written::scalar(temporal).unwrap_or_default(), out),
    }
    Ok(())
}

/// A node, a relationship, or both by turns as they were walked.
fn entity(context: &mut CallContext<'_>, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Node(node) => {
            let (id, labels) = (context.entities.node_id(*node)?, context.entities.labels(*node)?);
            let properties = context.entities.node_properties(*node)?;
            let labels: Vec<&str> = labels.iter().map(|label| &**label).collect();
            out.push_str(&format!("{{\"id\":\"{id}\",\"type\":\"node\",\"labels\":{}", Json::from(labels)));
            out.push_str(",\"properties\":");
            write(context, &Value::Map(properties), out)?;
            out.push('}');
        }
        Value::Rel(rel) => {
            let (id, ty) = (context.entities.rel_id(*rel)?, context.entities.rel_type(*rel)?);
            let (start, end) = context.entities.ends(*rel)?;
            let (start, end) = (context.entities.node_id(start)?, context.entities.node_id(end)?);
            let properties = context.entities.rel_properties(*rel)?;
            out.push_str(&format!("{{\"id\":\"{id}\",\"type\":\"relationship\",\"label\":{}", Json::from(&*ty)));
            out.push_str(&format!(",\"start\":\"{start}\",\"end\":\"{end}\",\"properties\":"));
            write(context, &Value::Map(properties), out)?;
            out.push('}');
        }
        Value::Path(path) => {
            out.push('[');
            for (number, node) in path.nodes.iter().enumerate() {
                out.push_str(if number > 0 { "," } else { "" });
                entity(context, &Value::Node(*node), out)?;
                if let Some(rel) = path.rels.get(number) {
                    out.push(',');
                    entity(context, &Value::Rel(*rel), out)?;
                }
            }
            out.push(']');
        }
        _ => {}
    }
    Ok(())
}

fn from_json(context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
    let text = text("fromJson", &arguments[0])?;
    context.charge(text.len() * 8)?;
    let json: Json = serde_json::from_str(text).map_err(|error| {
        Error::argument(Code::InvalidArgumentValue, format!("fromJson(): this is no JSON: {error}"))
    })?;
    value(json)
}

/// `apoc.load.json(url)`: a row for each value of a file, for each element where it is a list. Errors: it is no JSON; a path
/// into it, which is not offered.
pub(crate) fn load(bytes: &[u8], budget: &dyn Budget, arguments: &[Value]) -> Result<Vec<Vec<Value>>> {
    if matches!(arguments.get(1), Some(Value::Str(path)) if !matches!(&**path, "" | "$")) {
        let message = "apoc.load.json(): a path into the file is not offered";
        return Err(Error::argument(Code::InvalidArgumentValue, message)
            .hint("take what you want: YIELD value RETURN value.key"));
    }
    budget.ask(bytes.len() * 8)?;
    let mut rows = Vec::new();
    for json in serde_json::Deserializer::from_slice(bytes).into_iter() {
        let json: Json = json.map_err(|error| Error::data(format!("apoc.load.json(): this is no JSON: {error}")))?;
        match json {
            Json::Array(items) => {
                for item in items {
                    rows.push(vec![value(item)?]);
                }
            }
            json => rows.push(vec![value(json)?]),
        }
    }
    Ok(rows)
}

/// The reader of JSON takes no more than 128 levels.
fn value(json: Json) -> Result<Value> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => b.into(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(n), _) => n.into(),
            (None, Some(x)) => x.into(),
            (None, None) => return Err(wrong_type("fromJson", "a number of 64 bits", &Value::Null)),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::list(items.into_iter().map(value).collect::<Result<_>>()?)?,
        Json::Object(entries) => {
            let entries = entries.into_iter().map(|(key, item)| Ok((key.into(), value(item)?)));
            Value::map(entries.collect::<Result<Vec<_>>>()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, list, shown};
    use super::*;

    #[test]
    fn json_is_read_back_as_it_was_written() {
        for text in
            ["null", "[]", "{}", "[1,-2.5,\"é\\n\",true,{\"a\":{\"b\":[null]}}]", "9223372036854775807", "1e300"]
        {
            let read = call("fromJson", &[text.into()]).expect("well formed");
            let again = call("toJson", std::slice::from_ref(&read)).and_then(|json| call("fromJson", &[json]));
            assert!(crate::value::order::equivalent(&read, &again.expect("written")), "{text}");
        }
        assert_eq!(shown("toJson", &[list(&[1.0.into(), 1.into()])]), "'[1.0,1]'");
        let node = Value::Node(crate::value::NodeRef::new(1));
        assert_eq!(
            shown("toJson", &[node]),
            "'{\"id\":\"1\",\"type\":\"node\",\"labels\":[\"L\"],\"properties\":{\"n\":1}}'"
        );
        assert_eq!(shown("toJson", &[f64::NAN.into()]), "InvalidArgumentValue");
        assert_eq!(shown("fromJson", &["{a: 1}".into()]), "InvalidArgumentValue");
        assert_eq!(shown("fromJson", &["[".repeat(100_000).into()]), "InvalidArgumentValue");
    }
}
