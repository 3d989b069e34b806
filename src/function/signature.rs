//! What a function takes and gives, known before any row flows.
//!
//! A parameter's type here is what the *binder* may insist on: an argument that can never have it is an
//! `InvalidArgumentType` at compile time. Where openCypher wants the error at runtime (`toInteger([])`
//! inside a list comprehension, `range(0, 'x')`), the parameter is [`Type::ANY`] and the function checks.

use std::fmt::{Debug, Display, Formatter};
use std::ops::BitOr;

use crate::error::{Code, Error, Result};

/// A set of openCypher types. Null belongs to every set.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Type(u16);

/// Single types with their names, in the order messages list them.
const NAMES: &[(Type, &str)] = &[
    (Type::BOOLEAN, "Boolean"),
    (Type::INTEGER, "Integer"),
    (Type::FLOAT, "Float"),
    (Type::STRING, "String"),
    (Type::LIST, "List"),
    (Type::MAP, "Map"),
    (Type::NODE, "Node"),
    (Type::RELATIONSHIP, "Relationship"),
    (Type::PATH, "Path"),
    (Type::DATE, "Date"),
    (Type::LOCAL_TIME, "LocalTime"),
    (Type::TIME, "Time"),
    (Type::LOCAL_DATE_TIME, "LocalDateTime"),
    (Type::DATE_TIME, "DateTime"),
    (Type::DURATION, "Duration"),
];

#[allow(missing_docs)] // openCypher's own types
impl Type {
    pub(crate) const BOOLEAN: Self = Self(1);
    pub(crate) const INTEGER: Self = Self(1 << 1);
    pub(crate) const FLOAT: Self = Self(1 << 2);
    pub(crate) const STRING: Self = Self(1 << 3);
    pub(crate) const LIST: Self = Self(1 << 4);
    pub(crate) const MAP: Self = Self(1 << 5);
    pub(crate) const NODE: Self = Self(1 << 6);
    pub(crate) const RELATIONSHIP: Self = Self(1 << 7);
    pub(crate) const PATH: Self = Self(1 << 8);
    pub(crate) const DATE: Self = Self(1 << 9);
    pub(crate) const LOCAL_TIME: Self = Self(1 << 10);
    pub(crate) const TIME: Self = Self(1 << 11);
    pub(crate) const LOCAL_DATE_TIME: Self = Self(1 << 12);
    pub(crate) const DATE_TIME: Self = Self(1 << 13);
    pub(crate) const DURATION: Self = Self(1 << 14);
    /// Only null.
    pub(crate) const NULL: Self = Self(0);
    pub(crate) const ANY: Self = Self((1 << 15) - 1);
    pub(crate) const NUMBER: Self = Self::INTEGER.or(Self::FLOAT);
    /// Nodes and relationships.
    pub(crate) const ENTITY: Self = Self::NODE.or(Self::RELATIONSHIP);
    /// Dates and times; durations are not instants.
    pub(crate) const INSTANT: Self =
        Self::DATE.or(Self::LOCAL_TIME).or(Self::TIME).or(Self::LOCAL_DATE_TIME).or(Self::DATE_TIME);
}

impl Type {
    /// Both sets together.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both sets have.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a value of this type can be one of `wanted`; null can be anything.
    pub(crate) const fn may_be(self, wanted: Self) -> bool {
        self.0 == 0 || self.0 & wanted.0 != 0
    }

    /// Whether every value of this type is one of `wanted`.
    pub(crate) const fn is_always(self, wanted: Self) -> bool {
        self.0 & !wanted.0 == 0
    }
}

impl BitOr for Type {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Display for Type {
    /// `Any`, `Null`, `Number`, or the names joined by `or`.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::ANY => return f.write_str("Any"),
            Self::NULL => return f.write_str("Null"),
            _ => {}
        }
        let number = if self.and(Self::NUMBER) == Self::NUMBER { Self::NUMBER } else { Self::NULL };
        let names = NAMES.iter().filter(|(ty, _)| ty.is_always(*self) && !ty.is_always(number)).map(|(_, name)| *name);
        let names: Vec<&str> = (number != Self::NULL).then_some("Number").into_iter().chain(names).collect();
        f.write_str(&names.join(" or "))
    }
}

impl Debug for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

/// A named parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// Its name, for documentation and messages.
    pub name: &'static str,
    /// What the binder may insist on.
    pub ty: Type,
}

/// What a function takes and gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    /// The parameters in order.
    pub parameters: &'static [Parameter],
    /// How many of them must be given.
    pub required: usize,
    /// Whether the last one may be given any number of times more.
    pub repeats: bool,
    /// What comes out (null is always possible).
    pub returns: Type,
}

impl Signature {
    /// Whether `count` arguments are few and many enough.
    /// Errors: `SyntaxError / InvalidNumberOfArguments` at compile time.
    pub(crate) fn check_count(&self, function: &str, count: usize) -> Result<()> {
        let most = if self.repeats { usize::MAX } else { self.parameters.len() };
        if (self.required..=most).contains(&count) {
            return Ok(());
        }
        let takes = match (self.required, self.parameters.len()) {
            (0, 0) => "no arguments".to_owned(),
            (least, _) if self.repeats => format!("{least} or more arguments"),
            (1, 1) => "1 argument".to_owned(),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        let message = format!("`{function}` takes {takes}, not {count}");
        Err(Error::syntax(Code::InvalidNumberOfArguments, message).hint(format!("{function}{self}")))
    }

    /// Whether argument `index` can be of type `given`.
    /// Errors: `SyntaxError / InvalidArgumentType` at compile time.
    pub(crate) fn check_type(&self, function: &str, index: usize, given: Type) -> Result<()> {
        let Some(parameter) = self.parameters.get(index).or(self.parameters.last()) else {
            return Ok(());
        };
        if given.may_be(parameter.ty) {
            return Ok(());
        }
        let message = format!("`{function}` takes {} as {}, not {given}", parameter.ty, parameter.name);
        let hint = if function.eq_ignore_ascii_case("length") && given.is_always(Self::COUNTED) {
            "size(x) counts letters and elements".into()
        } else if function.eq_ignore_ascii_case("size") && given.is_always(Type::MAP) {
            "size(keys(x)) counts the keys of a map".into()
        } else {
            format!("{function}{self}")
        };
        Err(Error::syntax(Code::InvalidArgumentType, message).hint(hint))
    }

    /// What people ask the `length` of, though it is the size they want.
    const COUNTED: Type = Type::STRING.or(Type::LIST);
}

impl Display for Signature {
    /// `(text :: String, start :: Integer [, length :: Integer]) :: String`.
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("(")?;
        for (i, Parameter { name, ty }) in self.parameters.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match i < self.required {
                true => write!(f, "{comma}{name} :: {ty}")?,
                false => write!(f, "[{comma}{name} :: {ty}]")?,
            }
        }
        write!(f, "{}) :: {}", if self.repeats { ", …" } else { "" }, self.returns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: Signature = Signature {
        parameters: &[
            Parameter { name: "text", ty: Type::STRING },
            Parameter { name: "start", ty: Type::NUMBER.or(Type::LIST) },
        ],
        required: 1,
        repeats: false,
        returns: Type::STRING,
    };

    #[test]
    fn signatures_and_types_read_well() {
        assert_eq!(SIGNATURE.to_string(), "(text :: String[, start :: Number or List]) :: String");
        assert_eq!(Type::ANY.to_string(), "Any");
        assert_eq!((Type::INTEGER | Type::NODE).to_string(), "Integer or Node");
    }

    #[test]
    fn counts_and_types_are_checked_at_compile_time() {
        assert!(SIGNATURE.check_count("f", 1).is_ok() && SIGNATURE.check_count("f", 2).is_ok());
        for count in [0, 3] {
            assert_eq!(SIGNATURE.check_count("f", count).expect_err("wrong").code(), Code::InvalidNumberOfArguments);
        }
        assert!(SIGNATURE.check_type("f", 0, Type::ANY).is_ok() && SIGNATURE.check_type("f", 0, Type::NULL).is_ok());
        let error = SIGNATURE.check_type("f", 1, Type::PATH).expect_err("wrong");
        assert_eq!(
            (error.code(), error.message()),
            (Code::InvalidArgumentType, "`f` takes Number or List as start, not Path")
        );
    }
}
