//! What the header of a file says about its columns.

use std::sync::Arc;

use super::super::Properties;
use super::super::batch::{self, Cells};
use crate::error::{Error, Result};
use crate::graph::storable;
use crate::io::csv::Record;
use crate::io::json;
use crate::value::Value;
use crate::value::temporal::parse;

/// The columns of a group of files.
#[derive(Clone, Debug)]
pub struct Header {
    /// In the order of the cells.
    pub columns: Vec<Column>,
    /// The files hold relationships.
    pub relationships: bool,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// As it stands in the header.
    pub raw: String,
    /// The property it fills, if any.
    pub name: Option<Arc<str>>,
    /// What it is for.
    pub role: Role,
    ty: Type,
    list: bool,
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A property.
    Property,
    /// The key of a node, in a space.
    Id(String),
    /// The key of the start node.
    Start(String),
    /// The key of the end node.
    End(String),
    /// Labels, separated like a list, or as JSON.
    Labels,
    /// Properties, as JSON.
    Properties,
    /// The relationship type.
    Type,
    /// Nothing.
    Ignore,
}

/// Whether keys are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdType {
    /// Text.
    Text,
    /// 64-bit integers.
    Int,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Int,
    Float,
    Bool,
    Text,
    Date,
    LocalTime,
    Time,
    LocalDateTime,
    DateTime,
    Duration,
    Json,
}

impl Header {
    /// Reads a header. Errors: a type nobody knows, a file of relationships without ends, two ids.
    pub(super) fn parse(record: &Record, relationships: bool) -> Result<Self> {
        let columns = record.iter().map(Column::parse).collect::<Result<Vec<_>>>()?;
        let count = |wanted: fn(&Role) -> bool| columns.iter().filter(|c| wanted(&c.role)).count();
        let ids = count(|r| matches!(r, Role::Id(_)));
        let (starts, ends) = (count(|r| matches!(r, Role::Start(_))), count(|r| matches!(r, Role::End(_))));
        if relationships && (starts, ends, ids) != (1, 1, 0) {
            return Err(Error::data("line 1: a header of relationships has one :START_ID and one :END_ID and no :ID"));
        }
        if !relationships && (starts + ends > 0 || ids > 1) {
            return Err(Error::data("line 1: a header of nodes has at most one :ID, and no :START_ID or :END_ID"));
        }
        Ok(Self { columns, relationships })
    }

    /// The space of the keys of these nodes, and what they are.
    pub fn id_space(&self) -> Option<(&str, IdType)> {
        self.columns.iter().find_map(|c| match &c.role {
            Role::Id(space) => Some((space.as_str(), if c.ty == Type::Int { IdType::Int } else { IdType::Text })),
            _ => None,
        })
    }
}

impl Column {
    fn parse(raw: &str) -> Result<Self> {
        let text = raw.trim();
        let (text, options) = match text.split_once('{') {
            Some((text, options)) => (text.trim(), options.trim_end_matches('}')),
            None => (text, ""),
        };
        let (name, spec) = text.rsplit_once(':').unwrap_or((text, "string"));
        let (spec, space) = match spec.split_once('(') {
            Some((spec, space)) => (spec, space.trim_end_matches(')')),
            None => (spec, ""),
        };
        let role = match spec.to_ascii_uppercase().as_str() {
            "ID" => Role::Id(space.to_owned()),
            "START_ID" => Role::Start(space.to_owned()),
            "END_ID" => Role::End(space.to_owned()),
            "LABEL" => Role::Labels,
            "PROPERTIES" if options.trim() == "json" => Role::Properties,
            "TYPE" => Role::Type,
            "IGNORE" => Role::Ignore,
            _ => Role::Property,
        };
        let (spec, list) = spec.strip_suffix("[]").map_or((spec, false), |s| (s, true));
        let ty = match &role {
            Role::Property => type_of(spec).ok_or_else(|| {
                Error::data(format!("line 1, column {raw}: there is no type {spec:?}"))
                    .hint("types: string, long, int, double, float, boolean, date, localtime, time, localdatetime, datetime, duration, json; with [] for lists")
            })?,
            Role::Id(_) => id_type(options).ok_or_else(|| Error::data(format!("line 1, column {raw}: id-type is long, int or string")))?,
            Role::Labels | Role::Properties if options.trim() == "json" => Type::Json,
            _ => Type::Text,
        };
        let named = !name.is_empty() && matches!(role, Role::Property | Role::Id(_));
        if role == Role::Property && !named {
            return Err(Error::data(format!("line 1: the column {raw:?} has no name")));
        }
        Ok(Self { raw: raw.to_owned(), name: named.then(|| name.into()), role, ty, list })
    }

    /// The column as messages name it.
    pub(super) fn shown(&self) -> &str {
        &self.raw
    }

    /// Whether the cells hold JSON.
    pub(super) fn is_json(&self) -> bool {
        self.ty == Type::Json
    }

    /// What its values are kept in, none yet.
    pub(super) fn cells(&self) -> Cells {
        match self.ty {
            Type::Int if !self.list => Cells::Ints(Vec::new()),
            Type::Text if !self.list => Cells::Texts(String::new(), Vec::new()),
            _ => Cells::Values(Vec::new()),
        }
    }

    /// Appends the value of a cell. Errors: text that is not of the type.
    pub(super) fn push(&self, text: Option<&str>, array_delimiter: char, to: &mut batch::Column) -> Result<()> {
        let Some(text) = text else {
            to.present.push(false);
            to.cells.push_nothing();
            return Ok(());
        };
        let mut present = true;
        match &mut to.cells {
            Cells::Ints(ints) => {
                ints.push(integer(text).ok_or_else(|| Error::data(format!("{text:?} is not an integer")))?);
            }
            Cells::Texts(all, ends) => {
                all.push_str(text);
                ends.push(all.len());
            }
            Cells::Values(values) => {
                let value = self.value(text, array_delimiter)?;
                storable(&value)?;
                present = !value.is_null();
                values.push(value);
            }
        }
        to.present.push(present);
        Ok(())
    }

    fn value(&self, text: &str, array_delimiter: char) -> Result<Value> {
        if !self.list {
            return scalar(self.ty, text);
        }
        Value::list(text.split(array_delimiter).map(|t| scalar(self.ty, t)).collect::<Result<_>>()?)
    }
}

/// An integer, spaces around it allowed.
#[inline]
pub(super) fn integer(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if (1..=18).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
        return Some(bytes.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
    }
    text.trim().parse().ok()
}

/// The labels of a cell of `:LABEL{json}`.
pub(super) fn labels(text: &str) -> Result<Vec<Arc<str>>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let wrong = || Error::data(format!("{text:?} is not a JSON array of labels"));
    let items = match json::read_value(&json::parse_text(text)?)? {
        Value::List(items) => items.into_items(),
        _ => return Err(wrong()),
    };
    items.into_iter().map(|item| if let Value::Str(label) = item { Ok(label) } else { Err(wrong()) }).collect()
}

/// The properties of a cell of `:PROPERTIES{json}`.
pub(super) fn properties(text: &str) -> Result<Properties> {
    match json::read_value(&json::parse_text(text)?)? {
        Value::Map(map) => {
            let entries: Properties = map.into_entries().into_iter().filter(|(_, value)| !value.is_null()).collect();
            entries.iter().try_for_each(|(_, value)| storable(value))?;
            Ok(entries)
        }
        _ => Err(Error::data(format!("{text:?} is not a JSON object of properties"))),
    }
}

fn type_of(spec: &str) -> Option<Type> {
    Some(match spec.to_ascii_lowercase().as_str() {
        "long" | "int" | "short" | "byte" => Type::Int,
        "double" | "float" => Type::Float,
        "boolean" => Type::Bool,
        "string" | "char" => Type::Text,
        "date" => Type::Date,
        "localtime" => Type::LocalTime,
        "time" => Type::Time,
        "localdatetime" => Type::LocalDateTime,
        "datetime" => Type::DateTime,
        "duration" => Type::Duration,
        "json" => Type::Json,
        _ => return None,
    })
}

fn id_type(options: &str) -> Option<Type> {
    let stated = options.split(',').find_map(|o| o.trim().strip_prefix("id-type:"));
    match stated.map(str::trim) {
        None => Some(Type::Text),
        Some(ty) if ty.eq_ignore_ascii_case("long") || ty.eq_ignore_ascii_case("int") => Some(Type::Int),
        Some(ty) if ty.eq_ignore_ascii_case("string") => Some(Type::Text),
        Some(_) => None,
    }
}

fn scalar(ty: Type, text: &str) -> Result<Value> {
    let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
    Ok(match ty {
        Type::Text => Value::str(text),
        Type::Int => Value::Int(integer(text).ok_or_else(|| wrong("an integer"))?),
        Type::Float => Value::Float(text.trim().parse().map_err(|_| wrong("a number"))?),
        // neo4j takes everything but "true" for false; a slip of the hand should not become a fact
        Type::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(wrong("true or false")),
        },
        Type::Date => Value::Date(parse::date(text)?),
        Type::LocalTime => Value::LocalTime(parse::local_time(text)?),
        Type::Time => Value::Time(parse::time(text)?),
        Type::LocalDateTime => Value::LocalDateTime(parse::local_date_time(text)?),
        Type::DateTime => Value::DateTime(Arc::new(parse::date_time(text)?)),
        Type::Duration => Value::Duration(Arc::new(parse::duration(text)?)),
        Type::Json => json::read_value(&json::parse_text(text)?)?,
    })
}
