//! What the map behind an algorithm says: which part of the graph, which way, and the algorithm's own settings.

use super::Call;
use crate::error::{Code, Error, Result, nearest};
use crate::graph::{Dir, KeyId, LabelId, RelTypeId};
use crate::value::{Map, Value};

/// Which nodes and relationships are projected. An empty list of labels or types means all.
#[derive(Debug)]
pub(super) struct Options<'a> {
    given: Option<&'a Map>,
    pub(super) labels: Option<Vec<LabelId>>,
    pub(super) types: Option<Vec<RelTypeId>>,
    pub(super) direction: Dir,
    pub(super) weight: Option<Weight>,
}

/// The property that weighs relationships, and what those without it weigh.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    pub(super) key: Option<KeyId>,
    pub(super) default: Option<f64>,
}

const COMMON: [&str; 2] = ["labels", "types"];

impl<'a> Call<'a> {
    /// The options, in the argument at `place`; `own` are those that the algorithm takes beside labels and types.
    /// Errors: an option, label, type or property that there is not, or a value of another kind.
    pub(super) fn options(&self, place: usize, own: &[&str]) -> Result<Options<'a>> {
        let given = match self.argument(place) {
            Value::Null => None,
            Value::Map(map) => Some(map),
            other => return Err(wrong("the options", "a map such as {types: ['KNOWS']}", other)),
        };
        let mut options = Options { given, labels: None, types: None, direction: Dir::Out, weight: None };
        let known = || COMMON.iter().chain(own).copied();
        for (name, _) in given.into_iter().flat_map(|map| map.entries()) {
            if !known().any(|own| *own == **name) {
                let error = Error::argument(Code::InvalidArgumentValue, format!("there is no option `{name}` here"));
                let near = nearest(name, known()).map(|near| format!("did you mean `{near}`?"));
                let all = || format!("the options are {}", known().collect::<Vec<_>>().join(", "));
                return Err(error.hint(near.unwrap_or_else(all)));
            }
        }
        let names = self.graph.names();
        options.labels = options.names("labels", |name| {
            names.label(name).ok_or_else(|| unknown("label", name, names.labels().map(|(_, name)| name)))
        })?;
        options.types = options.names("types", |name| {
            let types = names.types().map(|(_, name)| name);
            names.rel_type(name).ok_or_else(|| unknown("relationship type", name, types))
        })?;
        options.direction = match options.text("direction")? {
            None | Some("out") => Dir::Out,
            Some("in") => Dir::In,
            Some("both") => Dir::Both,
            Some(other) => {
                let message = format!("`direction` is 'out', 'in' or 'both', not '{other}'");
                return Err(Error::argument(Code::InvalidArgumentValue, message));
            }
        };
        let default = options.number("default")?;
        if let Some(name) = options.text("weight")? {
            let key = names.key(name);
            if key.is_none() && default.is_none() {
                return Err(unknown("property", name, names.keys().map(|(_, name)| name)));
            }
            options.weight = Some(Weight { key, default });
        } else if default.is_some() {
            return Err(Error::argument(
                Code::InvalidArgumentValue,
                "`default` says what a relationship without weight \
                weighs, and no `weight` is named",
            )
            .hint("name the property that holds it: {weight: 'km', default: 1}"));
        }
        Ok(options)
    }
}

impl<'a> Options<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.given.and_then(|map| map.get(name)).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(&format!("`{name}`"), "a text", other)),
        }
    }

    /// A number that is no NaN.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Int(n)) => Ok(Some(*n as f64)),
            Some(Value::Float(x)) if !x.is_nan() => Ok(Some(*x)),
            Some(other) => Err(wrong(&format!("`{name}`"), "a number", other)),
        }
    }

    /// A number between two others, both included.
    pub(super) fn number_within(&self, name: &str, default: f64, least: f64, most: f64) -> Result<f64> {
        let number = self.number(name)?.unwrap_or(default);
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        let message = format!("`{name}` lies between {least} and {most}, and is {number}");
        Err(Error::argument(Code::NumberOutOfRange, message))
    }

    /// A whole number above zero.
    pub(super) fn count(&self, name: &str, default: u64) -> Result<u64> {
        match self.get(name) {
            None => Ok(default),
            Some(Value::Int(n)) if *n > 0 => Ok(n.unsigned_abs()),
            Some(other) => Err(wrong(&format!("`{name}`"), "a whole number above zero", other)),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(wrong(&format!("`{name}`"), "true or false", other)),
        }
    }

    /// A name or a list of names; nothing when the list is empty.
    fn names<T>(&self, option: &str, of: impl Fn(&str) -> Result<T>) -> Result<Option<Vec<T>>> {
        let name = |value: &Value| match value {
            Value::Str(name) => of(name),
            other => Err(wrong(&format!("`{option}`"), "a name or a list of names", other)),
        };
        let all = match self.get(option) {
            None => Vec::new(),
            Some(Value::List(list)) => list.iter().map(name).collect::<Result<_>>()?,
            Some(one) => vec![name(one)?],
        };
        Ok(Some(all).filter(|all| !all.is_empty()))
    }
}

pub(super) fn wrong(what: &str, wanted: &str, given: &Value) -> Error {
    let given = match given {
        Value::Int(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        other => format!("a {}", other.type_name()),
    };
    Error::type_error(Code::InvalidArgumentType, format!("{what} must be {wanted}, not {given}"))
}

pub(super) fn unknown<'n>(what: &str, name: &str, there: impl Iterator<Item = &'n str>) -> Error {
    let error = Error::argument(Code::InvalidArgumentValue, format!("the graph has no {what} `{name}`"));
    match nearest(name, there) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
