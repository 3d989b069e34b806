//! What is known of a value before any row flows, and which mistakes follow from it.
//!
//! A static type is a promise: the value has this type or is null. Where nothing certain can be said
//! the type is [`Type::Any`] and the question is left to the runtime, so that no query is refused
//! that could run. Knows neither scopes nor clauses.

use crate::error::{Class, Code, Error, Phase, Span};

/// How deep list types are told apart; beyond it an element is `Any`. Keeps types small however often
/// a text wraps a list into a list.
const LIST_DEPTH: usize = 6;

/// The static type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Any,
    /// Certainly null.
    Null,
    Bool,
    Int,
    Float,
    /// Integer or float.
    Number,
    Str,
    List(Box<Type>),
    Map,
    Node,
    Rel,
    Path,
    /// A date, time, point in time or duration.
    Temporal,
    /// A property that the dataset declares as a date: most often a text, but it may be anything.
    Dated,
}

impl Type {
    /// A list of `element`.
    pub(super) fn list(element: Type) -> Self {
        let element = if element.list_depth() >= LIST_DEPTH { Self::Any } else { element };
        Self::List(Box::new(element))
    }

    /// A list of anything.
    pub(super) fn any_list() -> Self {
        Self::list(Self::Any)
    }

    fn list_depth(&self) -> usize {
        let mut depth = 0;
        let mut at = self;
        while let Self::List(inner) = at {
            depth += 1;
            at = inner;
        }
        depth
    }

    /// The name as messages say it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Any | Self::Dated => "Any".into(),
            Self::Null => "Null".into(),
            Self::Bool => "Boolean".into(),
            Self::Int => "Integer".into(),
            Self::Float => "Float".into(),
            Self::Number => "Number".into(),
            Self::Str => "String".into(),
            Self::List(element) if **element == Self::Any => "List".into(),
            Self::List(element) => format!("List of {}", element.name()),
            Self::Map => "Map".into(),
            Self::Node => "Node".into(),
            Self::Rel => "Relationship".into(),
            Self::Path => "Path".into(),
            Self::Temporal => "temporal value".into(),
        }
    }

    /// The name with its article: `a String`, `an Integer`.
    pub(super) fn with_article(&self) -> String {
        let name = self.name();
        let article = if name.starts_with(['A', 'I']) { "an" } else { "a" };
        format!("{article} {name}")
    }

    /// The type of a value that is one of the two.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, b) => b,
            (a, Self::Null) => a,
            // where no date is stated a text stands in
            (Self::Dated, Self::Str | Self::Temporal) | (Self::Str | Self::Temporal, Self::Dated) => Self::Dated,
            (Self::List(a), Self::List(b)) => Self::list(a.join(*b)),
            (a, b) if a.is_number() && b.is_number() => Self::Number,
            _ => Self::Any,
        }
    }

    /// What an element of a value of this type is.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::List(element) => (**element).clone(),
            _ => Self::Any,
        }
    }

    /// Certainly an integer or a float.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Float | Self::Number)
    }

    /// Nothing certain is known, or only that it is null.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Any | Self::Null | Self::Dated)
    }

    /// Whether a value of this type may stand where `wanted` is asked for.
    pub(super) fn fits(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Self::Any | Self::Null | Self::Dated, _) | (_, Self::Any | Self::Null | Self::Dated) => true,
            (Self::List(a), Self::List(b)) => a.fits(b),
            (a, b) if a == b => true,
            (Self::Int | Self::Float | Self::Number, Self::Number | Self::Float) => true,
            (Self::Number, Self::Int) => true,
            _ => false,
        }
    }

    /// The type openCypher writes as `STRING?`, `LIST OF ANY`, `NUMBER` …; what is not known is `Any`.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().trim_end_matches('?').trim().to_ascii_uppercase();
        let text = text.trim_end_matches(" NOT NULL");
        match text {
            "BOOLEAN" | "BOOL" => Self::Bool,
            "INTEGER" | "INT" => Self::Int,
            "FLOAT" => Self::Float,
            "NUMBER" => Self::Number,
            "STRING" => Self::Str,
            "MAP" => Self::Map,
            "NODE" => Self::Node,
            "RELATIONSHIP" | "EDGE" => Self::Rel,
            "PATH" => Self::Path,
            "DATE" | "TIME" | "LOCALTIME" | "DATETIME" | "LOCALDATETIME" | "DURATION" => Self::Temporal,
            _ if text.starts_with("LIST") => {
                let inner = text.trim_start_matches("LIST").trim();
                let inner = inner.strip_prefix("OF ").or_else(|| inner.strip_prefix('<')).unwrap_or("ANY");
                Self::list(Self::parse(inner.trim_end_matches('>')))
            }
            _ => Self::Any,
        }
    }
}

/// `SyntaxError / InvalidArgumentType` at compile time: something of type `found` where `wanted` must stand.
pub(super) fn mismatch(wanted: &str, found: &Type, span: Span) -> Error {
    Error::syntax(Code::InvalidArgumentType, format!("expected {wanted}, but this is {}", found.with_article()))
        .at(span)
}

/// `TypeError / InvalidArgumentType` at compile time: a property of something that has none.
pub(super) fn no_properties(found: &Type, key: &str, span: Span) -> Error {
    let message = format!("{} has no properties, so `.{key}` means nothing here", found.with_article());
    let error = match found {
        Type::Path => Error::syntax(Code::InvalidArgumentType, message)
            .hint("take a node or relationship out of it first: `nodes(p)[0]`, `relationships(p)[0]`"),
        Type::List(_) => Error::new(Class::TypeError, Phase::Compile, Code::InvalidArgumentType, message)
            .hint(format!("of every element: `[x IN … | x.{key}]`; of one: `…[0].{key}`")),
        _ => Error::new(Class::TypeError, Phase::Compile, Code::InvalidArgumentType, message)
            .hint("only nodes, relationships, maps and temporal values have properties"),
    };
    error.at(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_keep_only_what_is_certain() {
        assert_eq!(Type::Int.join(Type::Float), Type::Number);
        assert_eq!(Type::Int.join(Type::Str), Type::Any);
        assert_eq!(Type::Null.join(Type::Node), Type::Node);
        assert_eq!(Type::list(Type::Int).join(Type::list(Type::Null)), Type::list(Type::Int));
    }

    #[test]
    fn list_types_stay_shallow() {
        let mut ty = Type::Int;
        for _ in 0..1000 {
            ty = Type::list(ty);
        }
        assert!(ty.list_depth() <= LIST_DEPTH + 1);
    }

    #[test]
    fn written_types_are_read() {
        assert_eq!(Type::parse("STRING?"), Type::Str);
        assert_eq!(Type::parse("LIST? OF ANY?"), Type::any_list());
        assert_eq!(Type::parse("LIST OF INTEGER"), Type::list(Type::Int));
        assert_eq!(Type::parse("LIST<NODE>"), Type::list(Type::Node));
        assert_eq!(Type::parse("ANY?"), Type::Any);
    }

    #[test]
    fn an_integer_passes_for_a_float_but_not_back() {
        assert!(Type::Int.fits(&Type::Float));
        assert!(!Type::Float.fits(&Type::Int));
        assert!(!Type::Bool.fits(&Type::Int));
    }
}
