//! What the header of a file says about its columns.

use std::borrow::Cow;
use std::sync::Arc;

use super::Head;
use crate::error::{Error, Result};
use crate::graph::storable;
use crate::io::csv::Record;
use crate::io::json;
use crate::io::read::batch::{self, Cells};
use crate::io::read::{Properties, float};
use crate::value::Value;
use crate::value::temporal::parse;

/// The columns of a group of files.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// In the order of the cells.
    pub columns: Vec<Column>,
    /// The files hold relationships.
    pub relationships: bool,
    /// Ends that nobody has become nodes: the table is a list of edges.
    pub makes_ends: bool,
    /// What the column of directions says else is the type: no column says the type.
    pub(super) types_by_direction: bool,
    /// What of the header is not understood, for people.
    pub(super) unread: Vec<String>,
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// As it stands in the header.
    pub raw: String,
    /// The property it fills, if any.
    pub name: Option<Arc<str>>,
    /// What it is for.
    pub role: Role,
    ty: Type,
    list: bool,
    /// The zone of times that state none.
    zone: Option<String>,
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
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
    /// Whether an edge has a direction; other text is a property, or the type.
    Direction,
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
pub(crate) enum IdType {
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
    /// Reads a header; `ids` is what keys are that do not say. Errors: a type nobody knows, a file of relationships without ends, a name that stands twice, ids of two spaces.
    pub(super) fn parse(head: &Head<'_>, relationships: bool, ids: IdType) -> Result<Self> {
        let mut unread = Vec::new();
        let mut columns = Vec::with_capacity(head.record.len());
        for (at, text) in head.record.iter().enumerate() {
            let column = Column::parse(text, ids, (head.types)(at), &mut unread);
            columns.push(column.map_err(|e| e.prefixed(&format!("{}: ", (head.place)(Some((at, text))))))?);
        }
        let header = Self { columns, relationships, makes_ends: false, types_by_direction: false, unread };
        header.check(head)?;
        Ok(header)
    }

    /// Whether it says itself what the columns are for.
    pub(crate) fn says_roles(record: &Record) -> bool {
        let role = |text: &str| matches!(Column::parse(text, IdType::Text, None, &mut Vec::new()), Ok(column) if !matches!(column.role, Role::Property | Role::Nameless));
        record.iter().any(role)
    }

    /// Errors: see [`Header::parse`].
    pub(super) fn check(&self, head: &Head<'_>) -> Result<()> {
        let wrong = |cell, message: &str| Error::data(format!("{}: {message}", (head.place)(cell)));
        let [ids, starts, ends] = [Part::Id, Part::Start, Part::End].map(|part| self.spaces(part));
        if self.relationships && (starts.len(), ends.len(), ids.len()) != (1, 1, 0) {
            let message = "a header of relationships has one :START_ID and one :END_ID and no :ID";
            let hint = "a header of its own can stand in a file before the data, KNOWS=header.csv,data.csv (the line of names in data.csv is left out with --auto-skip-subsequent-headers); a list of edges, Source,Target, is read when the file is named without --relationships";
            return Err(wrong(None, message).hint(hint));
        }
        if !self.relationships && (starts.len() + ends.len() > 0 || ids.len() > 1) {
            let message = "a header of nodes has at most one :ID, and no :START_ID or :END_ID";
            return Err(wrong(None, message).hint("several :ID columns of one space are one id: a:ID(P),b:ID(P)"));
        }
        let mut types = self.columns.iter().enumerate().filter(|(_, column)| column.role == Role::Type);
        if let (Some(_), Some((at, column))) = (types.next(), types.next()) {
            return Err(wrong(Some((at, &column.raw)), "a second column says the type: a relationship has one"));
        }
        for (at, column) in self.columns.iter().enumerate() {
            let Some(name) = &column.name else { continue };
            if let Some(first) = self.columns[..at].iter().position(|c| c.name.as_ref() == Some(name)) {
                let (first, second) = (first + 1, at + 1);
                let message = format!("two columns are called {name:?}, the {first}. and the {second}.");
                return Err(wrong(None, &message).hint("rename one, or leave it out: NAME:IGNORE"));
            }
        }
        Ok(())
    }

    /// The spaces in which relationships name their ends.
    pub(super) fn ends(&self) -> impl Iterator<Item = &str> {
        let end = |c: &Column| matches!(c.role, Role::Start(_) | Role::End(_));
        self.columns.iter().filter(move |c| end(c)).map(|c| c.role.space())
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
    pub(crate) fn id_space(&self) -> Option<(&str, IdType)> {
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
    /// A column of this role and name, whose cells are of a type of this name, or text.
    pub(super) fn named(raw: &str, name: Option<Arc<str>>, role: Role, ty: Option<&str>) -> Self {
        let ty = ty.and_then(type_of).unwrap_or(Type::Text);
        Self { raw: raw.to_owned(), name, role, ty, list: false, zone: None }
    }

    /// Reads the header of a column, whose values the table itself may say to be of a type; what it says and is not
    /// understood joins `unread`.
    fn parse(raw: &str, ids: IdType, own: Option<&str>, unread: &mut Vec<String>) -> Result<Self> {
        let text = raw.trim();
        if text.is_empty() {
            // tables of pandas and spreadsheets begin or end with such columns
            return Ok(Self::named(raw, None, Role::Nameless, None));
        }
        let (text, options) = match text.split_once('{') {
            Some((text, options)) => (text.trim(), options.trim_end_matches('}')),
            None => (text, ""),
        };
        let (name, spec) = text.rsplit_once(':').unwrap_or((text, own.unwrap_or("string")));
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
        // lists of a table that has lists are JSON, whatever their column is called
        let json = own == Some("json");
        let list = list && !json;
        let ty = match &role {
            Role::Property | Role::Labels if json => Type::Json,
            Role::Id(_) if own == Some("long") && !options.contains("id-type") => Type::Int,
            Role::Property => type_of(spec).ok_or_else(|| {
                Error::data(format!("there is no type {spec:?}"))
                    .hint("types: string, long, int, double, float, boolean, date, localtime, time, localdatetime, datetime, duration, point, json; with [] for lists")
            })?,
            Role::Id(_) => id_type(options, ids).ok_or_else(|| Error::data("id-type is long, int or string"))?,
            Role::Labels | Role::Properties if options.trim() == "json" => Type::Json,
            _ => Type::Text,
        };
        let named = !name.is_empty() && matches!(role, Role::Property | Role::Id(_));
        if role == Role::Property && !named {
            return Err(Error::data(format!("the column {raw:?} has no name")));
        }
        let zone = zone_of(options).filter(|_| matches!(ty, Type::Time | Type::DateTime)).map(str::to_owned);
        let known = |option: &&str| {
            let key = option.split(':').next().unwrap_or_default().trim();
            let of_role = match role {
                Role::Id(_) => key == "id-type",
                Role::Labels | Role::Properties => key == "json",
                _ => key == "timezone" && zone.is_some() || key == "crs" && ty == Type::Point,
            };
            key.is_empty() || of_role
        };
        let others = options.split(',').filter(|option| !known(option));
        unread.extend(others.map(|option| format!("option {{{}}} of the column {raw}", option.trim())));
        Ok(Self { raw: raw.to_owned(), name: named.then(|| name.into()), role, ty, list, zone })
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
        let scalar = |text: &str| match &self.zone {
            Some(zone) => scalar(self.ty, &in_zone(text, zone)),
            None => scalar(self.ty, text),
        };
        if !self.list {
            return scalar(text);
        }
        Value::list(text.split(array_delimiter).map(scalar).collect::<Result<_>>()?)
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

/// The zone that the options of a column state for times that state none.
fn zone_of(options: &str) -> Option<&str> {
    let stated = options.split(',').find_map(|option| option.trim().strip_prefix("timezone:"));
    stated.map(str::trim).filter(|zone| !zone.is_empty())
}

/// A time with this zone, an offset or a name, where it states none itself.
fn in_zone<'a>(text: &'a str, zone: &str) -> Cow<'a, str> {
    let clock = text.trim().split_once('T').map_or(text.trim(), |(_, clock)| clock);
    let stated = clock.ends_with(['Z', 'z', ']']) || clock.contains(['+', '-']);
    let offset = zone.starts_with(['+', '-']) || zone.eq_ignore_ascii_case("z");
    match (stated, offset) {
        (true, _) => text.into(),
        (false, true) => format!("{}{zone}", text.trim()).into(),
        (false, false) => format!("{}[{zone}]", text.trim()).into(),
    }
}

fn scalar(ty: Type, text: &str) -> Result<Value> {
    let wrong = |what: &str| Error::data(format!("{text:?} is not {what}"));
    Ok(match ty {
        // there is no type of points: what is said of one is kept as text
        Type::Text | Type::Point => Value::str(text),
        Type::Int => Value::Int(integer(text).ok_or_else(|| wrong("an integer"))?),
        Type::Float => Value::Float(float(text)?),
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
