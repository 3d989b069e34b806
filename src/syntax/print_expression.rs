//! Expressions to text, with parentheses where the tree asks for them and nowhere else.

use std::fmt::{self, Display, Formatter};

use super::ast::{
    AccessStep, ArithmeticOp, CaseBranch, Expr, ExprKind, Literal, MapProjectionItem, Name, Quantifier, SubqueryBody,
    SubqueryKind,
};
use super::print::{Joined, Key, comma, optional};
use super::print_pattern::Condition;
use super::quote::{quote_dotted, quote_name, quote_parameter, quote_string};

// How tightly an expression holds together, loosest first; one step per level of the grammar.
const OR: u8 = 1;
const XOR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const COMPARISON: u8 = 5;
const TEST: u8 = 6;
const SUM: u8 = 7;
const PRODUCT: u8 = 8;
const POWER: u8 = 9;
const SIGN: u8 = 10;
const ACCESS: u8 = 11;
const ATOM: u8 = 12;

fn level(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Or(_) => OR,
        ExprKind::Xor(_) => XOR,
        ExprKind::And(_) => AND,
        // a type may end in `>` or `NULL`: nothing but AND and its like stands safely behind it
        ExprKind::Not(_) | ExprKind::IsType { .. } => NOT,
        ExprKind::Comparison { .. } => COMPARISON,
        ExprKind::Binary { .. } | ExprKind::IsNull { .. } => TEST,
        ExprKind::Arithmetic { rest, .. } => match rest.first().map(|(op, _)| op) {
            Some(ArithmeticOp::Add | ArithmeticOp::Subtract | ArithmeticOp::Concat) => SUM,
            Some(ArithmeticOp::Power) => POWER,
            _ => PRODUCT,
        },
        ExprKind::Sign { .. } | ExprKind::PatternPredicate { enclosed: false, .. } => SIGN,
        ExprKind::Literal(literal) if is_number(literal) => SIGN,
        ExprKind::Access { .. } | ExprKind::HasLabels { .. } => ACCESS,
        _ => ATOM,
    }
}

fn is_number(literal: &Literal) -> bool {
    matches!(literal, Literal::Integer(_) | Literal::Float(_))
}

/// An expression where only what binds at least so tightly stands without parentheses.
struct Tight<'a>(&'a Expr, u8);

impl Display for Tight<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if level(self.0) < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

/// The right side of an operator: a sign or a list behind a minus would be read as an arrow.
struct Right<'a>(&'a Expr, u8, bool);

impl Display for Right<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(expr, least, minus) = *self;
        let arrow = match expr.kind {
            ExprKind::Sign { .. } => true,
            ExprKind::Access { .. } | ExprKind::HasLabels { .. } => minus,
            _ => minus && level(expr) == ATOM,
        };
        if arrow { Tight(expr, ATOM + 1).fmt(f) } else { Tight(expr, least).fmt(f) }
    }
}

/// `Display` of an expression.
pub(super) fn expression(f: &mut Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Literal(literal) => self::literal(f, literal),
        ExprKind::Parameter(name) => f.write_str(&quote_parameter(name)),
        ExprKind::Variable(name) => f.write_str(&quote_name(name)),
        ExprKind::List(items) => list(f, items),
        ExprKind::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| Entry(key, value)).collect();
            write!(f, "{{{}}}", comma(&entries))
        }
        ExprKind::Or(_)
        | ExprKind::Xor(_)
        | ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::Comparison { .. }
        | ExprKind::Binary { .. }
        | ExprKind::IsNull { .. }
        | ExprKind::IsType { .. }
        | ExprKind::Arithmetic { .. }
        | ExprKind::Sign { .. } => operators(f, expr),
        ExprKind::Access { base, steps } => {
            // a nested access was in parentheses
            write!(f, "{}{}", Tight(base, ATOM), Joined(steps, ""))
        }
        ExprKind::HasLabels { operand, labels } => {
            let nested = matches!(operand.kind, ExprKind::HasLabels { .. });
            write!(f, "{}{}", Tight(operand, if nested { ATOM } else { ACCESS }), Condition(labels))
        }
        _ => bracket(f, expr),
    }
}

fn literal(f: &mut Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Null => f.write_str("null"),
        Literal::Bool(value) => value.fmt(f),
        Literal::Integer(value) => value.fmt(f),
        Literal::Float(value) => write!(f, "{value:?}"),
        Literal::String(text) => f.write_str(&quote_string(text)),
    }
}

/// `[x IN xs]` would be a comprehension: a test that is the only item takes parentheses.
fn list(f: &mut Formatter<'_>, items: &[Expr]) -> fmt::Result {
    match items {
        [one] => write!(f, "[{}]", Tight(one, SUM)),
        _ => write!(f, "[{}]", comma(items)),
    }
}

struct Entry<'a>(&'a Name, &'a Expr);

impl Display for Entry<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Key(self.0), self.1)
    }
}

fn operators(f: &mut Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Or(all) => joined(f, all, " OR ", XOR),
        ExprKind::Xor(all) => joined(f, all, " XOR ", AND),
        ExprKind::And(all) => joined(f, all, " AND ", NOT),
        ExprKind::Not(operand) => write!(f, "NOT {}", Tight(operand, NOT)),
        ExprKind::Comparison { first, rest } => {
            Tight(first, TEST).fmt(f)?;
            rest.iter().try_for_each(|(op, right)| write!(f, " {} {}", op.sign(), Right(right, TEST, false)))
        }
        ExprKind::Binary { op, left, right } => {
            write!(f, "{} {} {}", Tight(left, TEST), op.words(), Right(right, SUM, false))
        }
        ExprKind::IsNull { operand, negated } => {
            write!(f, "{} IS {}NULL", Tight(operand, TEST), if *negated { "NOT " } else { "" })
        }
        ExprKind::IsType { operand, negated, type_name } => {
            write!(f, "{} IS {}:: {type_name}", Tight(operand, TEST), if *negated { "NOT " } else { "" })
        }
        ExprKind::Arithmetic { first, rest } => {
            let least = level(expr) + 1;
            Tight(first, least).fmt(f)?;
            rest.iter().try_for_each(|(op, right)| {
                let minus = *op == ArithmeticOp::Subtract;
                write!(f, " {} {}", op.sign(), Right(right, least, minus))
            })
        }
        ExprKind::Sign { negative, operand } => {
            let sign = if *negative { '-' } else { '+' };
            match &operand.kind {
                // without parentheses the sign would become part of the number
                ExprKind::Literal(Literal::Integer(0..)) => write!(f, "{sign}({operand})"),
                ExprKind::Literal(Literal::Float(value)) if value.is_sign_positive() => write!(f, "{sign}({operand})"),
                _ => write!(f, "{sign}{}", Tight(operand, SIGN)),
            }
        }
        _ => Ok(()),
    }
}

fn joined(f: &mut Formatter<'_>, all: &[Expr], word: &str, least: u8) -> fmt::Result {
    let all: Vec<_> = all.iter().map(|e| Tight(e, least)).collect();
    Joined(&all, word).fmt(f)
}

impl Display for AccessStep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(name) => write!(f, ".{}", Key(name)),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Slice { from, to } => {
                f.write_str("[")?;
                from.iter().try_for_each(|e| e.fmt(f))?;
                f.write_str("..")?;
                to.iter().try_for_each(|e| e.fmt(f))?;
                f.write_str("]")
            }
        }
    }
}

/// Everything with brackets of its own.
fn bracket(f: &mut Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Call { name, distinct, arguments } => {
            let distinct = if *distinct { "DISTINCT " } else { "" };
            write!(f, "{}({distinct}{})", quote_dotted(&name.text), comma(arguments))
        }
        ExprKind::CountStar => f.write_str("count(*)"),
        ExprKind::Case { operand, branches, otherwise } => case(f, operand.as_deref(), branches, otherwise.as_deref()),
        ExprKind::ListComprehension { variable, list, condition, map } => {
            write!(f, "[{variable} IN {}", Tight(list, COMPARISON))?;
            optional(f, "WHERE", condition.as_deref())?;
            optional(f, "|", map.as_deref())?;
            f.write_str("]")
        }
        ExprKind::PatternComprehension { path, condition, map } => {
            write!(f, "[{path}")?;
            optional(f, "WHERE", condition.as_deref())?;
            write!(f, " | {map}]")
        }
        ExprKind::Quantifier { kind, variable, list, condition } => {
            write!(f, "{}({variable} IN {list}", quantifier(*kind))?;
            optional(f, "WHERE", condition.as_deref())?;
            f.write_str(")")
        }
        ExprKind::Reduce { accumulator, init, variable, list, body } => {
            write!(f, "reduce({accumulator} = {init}, {variable} IN {list} | {body})")
        }
        ExprKind::PatternPredicate { path, enclosed: true } => write!(f, "({path})"),
        ExprKind::PatternPredicate { path, .. } | ExprKind::ShortestPath(path) => path.fmt(f),
        ExprKind::Subquery { kind, body } => subquery(f, *kind, body),
        ExprKind::MapProjection { variable, items } => write!(f, "{variable} {{{}}}", comma(items)),
        _ => Ok(()),
    }
}

fn quantifier(kind: Quantifier) -> &'static str {
    match kind {
        Quantifier::All => "all",
        Quantifier::Any => "any",
        Quantifier::None => "none",
        Quantifier::Single => "single",
    }
}

fn case(
    f: &mut Formatter<'_>,
    operand: Option<&Expr>,
    branches: &[CaseBranch],
    otherwise: Option<&Expr>,
) -> fmt::Result {
    f.write_str("CASE")?;
    if let Some(operand) = operand {
        write!(f, " {operand}")?;
    }
    for CaseBranch { when, then } in branches {
        write!(f, " WHEN {} THEN {then}", comma(when))?;
    }
    optional(f, "ELSE", otherwise)?;
    f.write_str(" END")
}

fn subquery(f: &mut Formatter<'_>, kind: SubqueryKind, body: &SubqueryBody) -> fmt::Result {
    f.write_str(match kind {
        SubqueryKind::Exists => "EXISTS { ",
        SubqueryKind::Count => "COUNT { ",
        SubqueryKind::Collect => "COLLECT { ",
    })?;
    match body {
        SubqueryBody::Query(query) => query.fmt(f)?,
        SubqueryBody::Pattern { pattern, condition } => {
            pattern.fmt(f)?;
            optional(f, "WHERE", condition.as_ref())?;
        }
    }
    f.write_str(" }")
}

impl Display for MapProjectionItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(key) => write!(f, ".{}", Key(key)),
            Self::AllProperties => f.write_str(".*"),
            Self::Entry { key, value } => Entry(key, value).fmt(f),
            Self::Variable(name) => name.fmt(f),
        }
    }
}
