//! The types that values have in SQL. A column there has one, where a value of the language may be anything.

use std::sync::Arc;

use crate::io::layout::ColumnType;
use crate::value::{Value, order};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// Always null.
    Null,
    Bool,
    Int,
    Float,
    /// The sum of floats: 0, an integer, where there was none to add.
    FloatSum,
    Str,
    Date,
    List(Box<Ty>),
    /// A map whose keys are known.
    Map(Vec<(Arc<str>, Ty)>),
    /// By id.
    Node,
    Rel,
    /// Two lists of ids.
    Path,
    /// A moment or a duration as its text: it can be handed on, not computed with.
    Moment(ColumnType),
    /// One of these values, by its number: in their order, no two equivalent. For constants that no column can hold.
    Among(Arc<[Value]>),
}

impl Ty {
    /// As SQL says it.
    pub(super) fn sql(&self) -> String {
        match self {
            Self::Null | Self::Str | Self::Moment(_) => "STRING".to_owned(),
            Self::Bool => "BOOLEAN".to_owned(),
            Self::Int | Self::Node | Self::Rel => "BIGINT".to_owned(),
            Self::Float | Self::FloatSum => "DOUBLE".to_owned(),
            Self::Date => "DATE".to_owned(),
            Self::Among(_) => "INT".to_owned(),
            Self::List(element) => format!("ARRAY<{}>", element.sql()),
            Self::Map(fields) => {
                let fields = fields.iter().enumerate().map(|(n, (_, ty))| format!("f{n}: {}", ty.sql()));
                format!("STRUCT<{}>", fields.collect::<Vec<_>>().join(", "))
            }
            Self::Path => "STRUCT<ns: ARRAY<BIGINT>, rs: ARRAY<BIGINT>>".to_owned(),
        }
    }

    /// As people say it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool => "boolean".to_owned(),
            Self::Int => "integer".to_owned(),
            Self::Float | Self::FloatSum => "float".to_owned(),
            Self::Str => "string".to_owned(),
            Self::Date => "date".to_owned(),
            Self::List(element) => format!("list of {}", element.name()),
            Self::Map(_) => "map".to_owned(),
            Self::Node => "node".to_owned(),
            Self::Rel => "relationship".to_owned(),
            Self::Path => "path".to_owned(),
            Self::Moment(ty) => ty.name().to_owned(),
            Self::Among(values) => values.first().map_or("null", Value::type_name).to_lowercase(),
        }
    }

    /// The type of a column of a graph.
    pub(super) fn of_column(ty: ColumnType) -> Self {
        let list = |element| Self::List(Box::new(element));
        match ty {
            ColumnType::Boolean => Self::Bool,
            ColumnType::Integer => Self::Int,
            ColumnType::Float => Self::Float,
            ColumnType::String => Self::Str,
            ColumnType::Date => Self::Date,
            ColumnType::Booleans => list(Self::Bool),
            ColumnType::Integers => list(Self::Int),
            ColumnType::Floats => list(Self::Float),
            ColumnType::Strings => list(Self::Str),
            ColumnType::Nothing => list(Self::Null),
            other => Self::Moment(other),
        }
    }

    /// The type of a value; nothing where no column can hold it.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Str(_) => Self::Str,
            Value::Date(date) if i32::try_from(date.days).is_ok() => Self::Date,
            Value::List(items) => {
                let element = items.iter().try_fold(Self::Null, |ty, item| ty.with(&Self::of(item)?))?;
                Self::List(Box::new(element))
            }
            Value::Map(map) => Self::Map(
                map.entries()
                    .iter()
                    .map(|(key, value)| Some((Arc::clone(key), Self::of(value)?)))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }

    /// The type that holds values of both without changing any; nothing where there is none.
    pub(super) fn with(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Null, ty) | (ty, Self::Null) => Some(ty.clone()),
            (Self::List(a), Self::List(b)) => Some(Self::List(Box::new(a.with(b)?))),
            (Self::Map(a), Self::Map(b)) if a.len() == b.len() => {
                let both =
                    a.iter().zip(b).map(|((k, x), (l, y))| if k == l { Some((k.clone(), x.with(y)?)) } else { None });
                Some(Self::Map(both.collect::<Option<_>>()?))
            }
            (a, b) if a == b => Some(a.clone()),
            _ => None,
        }
    }

    /// Some values as numbers of one type, in their order: the type, and the number of each; nothing for null.
    pub(super) fn among(values: &[Value]) -> (Self, Vec<Option<usize>>) {
        let mut different: Vec<Value> = values.iter().filter(|value| !value.is_null()).cloned().collect();
        different.sort_by(order::order);
        different.dedup_by(|a, b| order::equivalent(a, b));
        let number = |value: &Value| different.iter().position(|own| order::equivalent(own, value));
        let numbers = values.iter().map(number).collect();
        (Self::Among(different.into()), numbers)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::FloatSum)
    }
}
