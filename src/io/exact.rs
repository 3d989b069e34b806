//! What a format's own types can only say less exactly: `4` in a column of decimals, `5` among texts.
//!
//! Such a value is written twice: plainly, so that every program has it, and exactly, as JSON. When it comes back, the exact
//! value counts while the plain one still says the same; where somebody changed the plain one elsewhere, the change
//! counts. Whoever writes plainly uses [`Plain`], whoever reads asks [`says_the_same`].

use crate::engine::Entities;
use crate::io::text;
use crate::value::Value;

/// The plain type of a key whose values are of several types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plain {
    /// All are numbers.
    Number,
    /// Anything else.
    Text,
}

impl Plain {
    /// The value as it stands plainly.
    pub(super) fn of(self, value: &Value) -> Value {
        match (self, value) {
            (Self::Number, Value::Int(n)) => Value::Float(*n as f64),
            (Self::Number, other) => other.clone(),
            (Self::Text, other) => Value::from(text::cell(other, &Entities::default())),
        }
    }
}

/// Whether a plain value is what an exact one looks like plainly.
pub(super) fn says_the_same(plain: &Value, exact: &Value) -> bool {
    let same = |as_plain: &Value| match (plain, as_plain) {
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        _ => false,
    };
    same(exact) || same(&Plain::Number.of(exact)) || same(&Plain::Text.of(exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_elsewhere_is_not_what_was_exported() {
        let list = Value::list(vec![Value::Int(1), Value::str("a")]).expect("short");
        for exact in [Value::Int(4), Value::Float(0.5), Value::Bool(true), Value::str("x"), list] {
            assert!(says_the_same(&Plain::Text.of(&exact), &exact));
            assert!(
                says_the_same(&Plain::Number.of(&exact), &exact) || !matches!(exact, Value::Int(_) | Value::Float(_))
            );
            assert!(!says_the_same(&Value::str("changed"), &exact));
            assert!(!says_the_same(&Value::Float(-1.0), &exact));
        }
    }
}
