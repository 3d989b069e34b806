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
    /// Ends that nobody has become nodes: the table is a list of edges.
    pub makes_ends: bool,
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
    /// The labels again, as JSON: what `:LABEL` cannot hold.
    ExactLabels,
    /// Properties again, as JSON: what their own columns cannot hold, or hold less exactly.
    ExactProperties,
    /// Nothing: the header says so.
    Ignore,
    /// Nothing: the header does not say what.
    Nameless,
}

/// Names of columns that neo4j is told to ignore, and that hold what its columns cannot.
pub(in crate::io) const EXACT_LABELS: &str = "labels.json";
/// The same for properties.
pub(in crate::io) const EXACT_PROPERTIES: &str = "properties.json";

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
    Point,
    Json,
}

impl Header {
    /// Reads a header; `ids` is what keys are that do not say. Errors: a type nobody knows, a file of relationships without
    /// ends, a name that stands twice, ids of two spaces.
    pub(super) fn parse(record: &Record, relationships: bool, ids: IdType) -> Result<Self> {
        let columns = record.iter().map(|text| Column::parse(text, ids)).collect::<Result<Vec<_>>>()?;
        let header = Self { columns, relationships, makes_ends: false };
        header.check()?;
        Ok(header)
    }

    /// Understands the names of a plain table, as Gephi and most lists of edges have them: `Id` and whatever is said of a
    /// node, or `Source` and `Target` and whatever is said of an edge. Nothing where it has neither.
    /// Errors: a name that stands twice.
    pub(super) fn plain(record: &Record) -> Result<Option<Self>> {
        let named = |wanted: &[&str]| {
            let is = |name: &str| wanted.iter().any(|w| name.trim().eq_ignore_ascii_case(w));
            record.iter().position(is)
        };
        let ends = [&["source", "src", "from", "start"][..], &["target", "dst", "to", "end"]].map(named);
        let id = named(&["id", "node", "nodeid", "node_id"]);
        let (relationships, roles): (bool, Vec<(usize, &str)>) = match (ends, id) {
            ([Some(start), Some(end)], _) => (true, vec![(start, ":START_ID"), (end, ":END_ID")]),
            (_, Some(id)) => (false, vec![(id, "id:ID")]),
            _ => return Ok(None),
        };
        let column = |(at, name): (usize, &str)| match roles.iter().find(|(place, _)| *place == at) {
            Some((_, role)) => Ok(Column { raw: name.to_owned(), ..Column::parse(role, IdType::Text)? }),
            // a colon means nothing here
            None if name.trim().is_empty() => Column::parse(name, IdType::Text),
            None => {
                let weight = relationships && name.trim().eq_ignore_ascii_case("weight");
                let spec = if weight { "weight:double" } else { "x:string" };
                let column = Column::parse(spec, IdType::Text)?;
                Ok(Column { raw: name.to_owned(), name: Some(name.trim().into()), ..column })
            }
        };
        let columns = record.iter().enumerate().map(column).collect::<Result<Vec<_>>>()?;
        let header = Self { columns, relationships, makes_ends: relationships };
        header.check()?;
        Ok(Some(header))
    }

    /// Whether it says itself what the columns are for.
    pub fn says_roles(record: &Record) -> bool {
        let role = |text: &str| matches!(Column::parse(text, IdType::Text), Ok(column) if !matches!(column.role, Role::Property | Role::Nameless));
        record.iter().any(role)
    }

    fn check(&self) -> Result<()> {
        let [ids, starts, ends] = [Part::Id, Part::Start, Part::End].map(|part| self.spaces(part));
        if self.relationships && (starts.len(), ends.len(), ids.len()) != (1, 1, 0) {
            let message = "line 1: a header of relationships has one :START_ID and one :END_ID and no :ID";
            let hint = "a header of its own can stand in a file before the data, KNOWS=header.csv,data.csv (the line of names in data.csv is left out with --auto-skip-subsequent-headers); a list of edges, Source,Target, is read when the file is named without --relationships";
            return Err(Error::data(message).hint(hint));
        }
        if !self.relationships && (starts.len() + ends.len() > 0 || ids.len() > 1) {
            let message = "line 1: a header of nodes has at most one :ID, and no :START_ID or :END_ID";
            return Err(Error::data(message).hint("several :ID columns of one space are one id: a:ID(P),b:ID(P)"));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let Some(name) = &column.name else { continue };
            if let Some(first) = self.columns[..at].iter().position(|c| c.name.as_ref() == Some(name)) {
                let (first, second) = (first + 1, at + 1);
                let message = format!("line 1: two columns are called {name:?}, the {first}. and the {second}.");
                return Err(Error::data(message).hint("rename one, or leave it out: NAME:IGNORE"));
            }
        }
        Ok(())
    }

    /// The different spaces of a part's columns.
    fn spaces(&self, part: Part) -> Vec<&str> {
        let of = |column: &'_ Column| {
            let parts = (&column.role, part);
            matches!(parts, (Role::Id(_), Part::Id) | (Role::Start(_), Part::Start) | (Role::End(_), Part::End))
        };
        let mut spaces: Vec<&str> = self.columns.iter().filter(|c| of(c)).map(|c| c.role.space()).collect();
        spaces.dedup();
        spaces
    }

    /// The space of the keys of these nodes, and what they are. A key of several columns is text.
    pub fn id_space(&self) -> Option<(&str, IdType)> {
        let mut ids = self.columns.iter().filter(|c| matches!(c.role, Role::Id(_)));
        let first = ids.next()?;
        let ints = first.ty == Type::Int && ids.next().is_none();
        Some((first.role.space(), if ints { IdType::Int } else { IdType::Text }))
    }
}

/// What a key names.
#[derive(Clone, Copy)]
enum Part {
    Id,
    Start,
    End,
}

impl Role {
    fn space(&self) -> &str {
        match self {
            Self::Id(space) | Self::Start(space) | Self::End(space) => space,
            _ => "",
        }
    }
}

impl Column {
    fn parse(raw: &str, ids: IdType) -> Result<Self> {
        let text = raw.trim();
        if text.is_empty() {
            // tables of pandas and spreadsheets begin or end with such columns
            return Ok(Self { raw: raw.to_owned(), name: None, role: Role::Nameless, ty: Type::Text, list: false });
        }
        let (text, options) = match text.split_once('{') {
            Some((text, options)) => (text.trim(), options.trim_end_matches('}')),
            None => (text, ""),
        };
        let (name, spec) = text.rsplit_once(':').unwrap_or((text, "string"));
        let (name, spec) = (name.trim(), spec.trim());
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
            "IGNORE" if name == EXACT_LABELS => Role::ExactLabels,
            "IGNORE" if name == EXACT_PROPERTIES => Role::ExactProperties,
            "IGNORE" => Role::Ignore,
            _ => Role::Property,
        };
        let (spec, list) = spec.strip_suffix("[]").map_or((spec, false), |s| (s, true));
        let ty = match &role {
            Role::Property => type_of(spec).ok_or_else(|| {
                Error::data(format!("line 1, column {raw}: there is no type {spec:?}"))
                    .hint("types: string, long, int, double, float, boolean, date, localtime, time, localdatetime, datetime, duration, point, json; with [] for lists")
            })?,
            Role::Id(_) => id_type(options, ids).ok_or_else(|| Error::data(format!("line 1, column {raw}: id-type is long, int or string")))?,
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

    /// Whether the cells are points, which are kept as text.
    pub(super) fn is_point(&self) -> bool {
        self.ty == Type::Point
    }

    /// Whether the cells hold JSON.
    pub(super) fn is_json(&self) -> bool {
        self.ty == Type::Json
    }

    /// What its values are kept in, none yet.
    pub(super) fn cells(&self) -> Cells {
        match self.ty {
            Type::Int if !self.list => Cells::Ints(Vec::new()),
            Type::Text | Type::Point if !self.list => Cells::Texts(String::new(), Vec::new()),
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
        "point" => Type::Point,
        "json" => Type::Json,
        _ => return None,
    })
}

fn id_type(options: &str, ids: IdType) -> Option<Type> {
    let stated = options.split(',').find_map(|o| o.trim().strip_prefix("id-type:"));
    match stated.map(str::trim) {
        None => Some(if ids == IdType::Int { Type::Int } else { Type::Text }),
        Some(ty)
            if ty.eq_ignore_ascii_case("long")
                || ty.eq_ignore_ascii_case("int")
                || ty.eq_ignore_ascii_case("integer") =>
        {
            Some(Type::Int)
        }
        Some(ty) if ty.eq_ignore_ascii_case("string") => Some(Type::Text),
        Some(_) => None,
    }
}

fn scalar(ty: Type, text: &str) -> Result<Value> {
    let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
    Ok(match ty {
        // there is no type of points: what is said of one is kept as text
        Type::Text | Type::Point => Value::str(text),
        Type::Int => Value::Int(integer(text).ok_or_else(|| wrong("an integer"))?),
        Type::Float => Value::Float(text.trim().parse().map_err(|_| wrong("a number"))?),
        // neo4j takes everything but "true" for false; a slip of the hand should not become a fact
        Type::Bool => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => return Err(wrong("true, false, 1 or 0")),
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
