//! A name that means nothing here: why, and what could have been meant.

use super::Binder;
use super::scope::Outside;
use crate::error::{Code, Error, Span, nearest};

impl Binder<'_> {
    /// The error for a name that was looked up and not found: `UndefinedVariable`, or what the place makes of it
    /// (`NonConstantExpression` in `SKIP` and `LIMIT`, `AmbiguousAggregationExpression` beside an aggregate).
    pub(super) fn undefined(&self, name: &str, span: Span) -> Error {
        if let Some(clause) = self.rules.constant {
            return Error::syntax(Code::NonConstantExpression, format!("{clause} cannot depend on a row"))
                .at(span)
                .hint(format!("{clause} takes a number, a parameter, or an expression without variables"));
        }
        if self.rules.ungrouped.iter().any(|n| &**n == name) {
            let message = format!("`{name}` stands beside an aggregate but is no grouping key");
            return Error::syntax(Code::AmbiguousAggregationExpression, message).at(span).hint(format!(
                "return what you need of `{name}` as a column of its own too, or WITH it AS a name before you aggregate"
            ));
        }
        let message = format!("the variable `{name}` is not defined here");
        Error::syntax(Code::UndefinedVariable, message).at(span).hint(self.advice(name))
    }

    fn advice(&self, name: &str) -> String {
        if self.rules.left_behind.iter().any(|n| &**n == name) {
            return format!("behind DISTINCT or an aggregate only what is projected can be used: project `{name}` too");
        }
        if self.scopes.last().is_some_and(|scope| scope.dropped.contains(name)) {
            return format!("a WITH before this did not pass it on: write WITH …, {name}");
        }
        if self.is_outside(name) {
            return format!("it is defined outside of this CALL; bring it in: CALL ({name}) {{ … }}");
        }
        let visible = self.visible_names();
        let visible: Vec<&str> = visible.iter().map(|n| &**n).filter(|n| is_plain(n)).collect();
        let near = nearest(name, visible.iter().copied());
        // Between names of one or two letters everything is near.
        if let Some(near) = near.filter(|near| name.len() > 2 || near.eq_ignore_ascii_case(name)) {
            return format!("did you mean `{near}`?");
        }
        match visible.as_slice() {
            [] => format!("nothing is in scope; for text write '{name}' in quotes, for a parameter ${name}"),
            names if names.len() <= 8 => format!("in scope: {}", names.join(", ")),
            _ => format!("bind it in a clause before this one, or pass it on with WITH …, {name}"),
        }
    }

    /// Whether the name is known around the `CALL { … }` being bound, which does not see it.
    fn is_outside(&self, name: &str) -> bool {
        let wall = self.scopes.iter().rposition(|scope| !matches!(scope.outside, Outside::Everything));
        self.scopes[..wall.unwrap_or(0)].iter().any(|scope| scope.frame.get(name).is_some())
    }
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
