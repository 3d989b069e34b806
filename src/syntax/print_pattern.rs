//! Patterns to text.

use std::fmt::{self, Display, Formatter};

use super::ast::{
    Direction, Expr, GroupPattern, LabelExpr, Length, Name, NodePattern, PathElement, PathMode, PathPattern, Pattern,
    RelPattern, Selector,
};
use super::print::{Joined, Label, comma, optional};

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        comma(&self.paths).fmt(f)
    }
}

impl Display for PathPattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(variable) = &self.variable {
            write!(f, "{variable} = ")?;
        }
        let mode = match self.mode {
            PathMode::Trail => "",
            PathMode::Walk => "WALK ",
            PathMode::Acyclic => "ACYCLIC ",
            PathMode::Simple => "SIMPLE ",
        };
        let mut steps = Joined(&self.elements, "").to_string();
        if let Some(condition) = &self.condition {
            steps = format!("({steps} WHERE {condition})");
        }
        match self.selector {
            Selector::All => write!(f, "{mode}{steps}"),
            Selector::ShortestPath => write!(f, "shortestPath({steps})"),
            Selector::AllShortestPaths => write!(f, "allShortestPaths({steps})"),
            Selector::Any(k) => write!(f, "ANY {k} {mode}{steps}"),
            Selector::Shortest(k) => write!(f, "SHORTEST {k} {mode}{steps}"),
            Selector::AllShortest => write!(f, "ALL SHORTEST {mode}{steps}"),
            Selector::ShortestGroups(k) => write!(f, "SHORTEST {k} {mode}GROUPS {steps}"),
            Selector::Cheapest(k) => write!(f, "CHEAPEST {k} {mode}{steps}"),
            Selector::AllCheapest => write!(f, "ALL CHEAPEST {mode}{steps}"),
            Selector::CheapestGroups(k) => write!(f, "CHEAPEST {k} {mode}GROUPS {steps}"),
        }
    }
}

impl Display for PathElement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Relationship(relationship) => relationship.fmt(f),
            Self::Group(group) => group.fmt(f),
        }
    }
}

/// What a node and a relationship have in common, with blanks where they are needed.
fn inside(
    variable: Option<&Name>,
    labels: Option<&LabelExpr>,
    length: &str,
    properties: Option<&Expr>,
    condition: Option<&Expr>,
) -> Result<String, fmt::Error> {
    use std::fmt::Write;
    let mut text = variable.map(Name::to_string).unwrap_or_default();
    if let Some(labels) = labels {
        write!(text, ":{labels}")?;
    }
    text.push_str(length);
    if let Some(properties) = properties {
        write!(text, "{}{properties}", if text.is_empty() { "" } else { " " })?;
    }
    if let Some(condition) = condition {
        write!(text, "{}WHERE {condition}", if text.is_empty() { "" } else { " " })?;
    }
    Ok(text)
}

impl Display for NodePattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (variable, labels) = (self.variable.as_ref(), self.labels.as_ref());
        write!(f, "({})", inside(variable, labels, "", self.properties.as_ref(), self.condition.as_deref())?)
    }
}

impl Display for RelPattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (variable, types) = (self.variable.as_ref(), self.types.as_ref());
        let length = length(self.length);
        let mut inside = inside(variable, types, &length, self.properties.as_ref(), self.condition.as_deref())?;
        if let Some(cost) = &self.cost {
            inside = format!("{inside}{}COST {cost}", if inside.is_empty() { "" } else { " " });
        }
        let (left, right) = match self.direction {
            Direction::Left => ("<-", "-"),
            Direction::Right => ("-", "->"),
            Direction::Either => ("-", "-"),
        };
        if inside.is_empty() { write!(f, "{left}{right}") } else { write!(f, "{left}[{inside}]{right}") }
    }
}

fn length(length: Length) -> String {
    match length {
        Length::One => String::new(),
        Length::Var { min: None, max: None } => "*".to_owned(),
        Length::Var { min: Some(min), max: Some(max) } if min == max => format!("*{min}"),
        Length::Var { min, max } => {
            let text = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
            format!("*{}..{}", text(min), text(max))
        }
    }
}

impl Display for GroupPattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "({}", self.path)?;
        optional(f, "WHERE", self.condition.as_deref())?;
        let max = self.max.map(|n| n.to_string()).unwrap_or_default();
        write!(f, "){{{},{max}}}", self.min)
    }
}

impl Display for LabelExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => Label(name).fmt(f),
            Self::Any => f.write_str("%"),
            Self::Dynamic { names, any } => write!(f, "${}({names})", if *any { "any" } else { "" }),
            Self::Not(label) => write!(f, "!{}", Tight(label, 3)),
            Self::And(labels) => Joined(&tight(labels, 3), "&").fmt(f),
            Self::Or(labels) => Joined(&tight(labels, 2), "|").fmt(f),
        }
    }
}

/// A label expression where only what binds at least so tightly stands without parentheses.
struct Tight<'a>(&'a LabelExpr, u8);

fn tight(labels: &[LabelExpr], level: u8) -> Vec<Tight<'_>> {
    labels.iter().map(|l| Tight(l, level)).collect()
}

impl Display for Tight<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let level = match self.0 {
            LabelExpr::Or(_) => 1,
            LabelExpr::And(_) => 2,
            _ => 3,
        };
        if level < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

/// As a condition in an expression, where a bare `|` may belong to what is around it.
pub(super) struct Condition<'a>(pub &'a LabelExpr);

impl Display for Condition<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, ":{}", Tight(self.0, 2))
    }
}

/// `:A:B:$(names)` of SET and REMOVE.
pub(super) fn labels_of(labels: &[Name], dynamic: &[Expr]) -> String {
    let written = labels.iter().map(|label| format!(":{}", Label(label)));
    written.chain(dynamic.iter().map(|names| format!(":$({names})"))).collect()
}
