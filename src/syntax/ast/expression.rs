//! Expressions as they were written.

use super::{LabelExpr, Name, PathPattern, Pattern, Query};
use crate::error::Span;

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// From its first byte to its last, parentheses around it included.
    pub span: Span,
}

/// The expressions of the language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    /// `null`, `true`, `1`, `1.5`, `'text'`.
    Literal(Literal),
    /// `$name`.
    Parameter(String),
    /// A variable.
    Variable(String),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{k: v}`.
    Map(Vec<(Name, Expr)>),
    /// `first op operand op operand …` of one precedence level: `+ -`, `* / %`, `^` (left to right).
    Arithmetic { first: Box<Expr>, rest: Vec<(ArithmeticOp, Expr)> },
    /// `a = b < c …`: each pair compared, all must hold.
    Comparison { first: Box<Expr>, rest: Vec<(ComparisonOp, Expr)> },
    /// `a AND b AND …` (two or more).
    And(Vec<Expr>),
    /// `a OR b OR …` (two or more).
    Or(Vec<Expr>),
    /// `a XOR b XOR …` (two or more).
    Xor(Vec<Expr>),
    /// `NOT a`.
    Not(Box<Expr>),
    /// `-a` (literals are folded by the parser) or `+a`.
    Sign { negative: bool, operand: Box<Expr> },
    /// `a STARTS WITH b`, `a ENDS WITH b`, `a CONTAINS b`, `a =~ b`, `a IN b`.
    Binary { op: BinaryOp, left: Box<Expr>, right: Box<Expr> },
    /// `a IS [NOT] NULL`.
    IsNull { operand: Box<Expr>, negated: bool },
    /// `a IS [NOT] :: TYPE` / `IS TYPED`.
    IsType { operand: Box<Expr>, negated: bool, type_name: String },
    /// `base.key[0]..`: accesses from left to right (one or more).
    Access { base: Box<Expr>, steps: Vec<AccessStep> },
    /// `a:Label` (also `a:A|B`).
    HasLabels { operand: Box<Expr>, labels: LabelExpr },
    /// `name([DISTINCT] args)`.
    Call { name: Name, distinct: bool, arguments: Vec<Expr> },
    /// `count(*)`.
    CountStar,
    /// `CASE [operand] WHEN … THEN … [ELSE …] END`.
    Case { operand: Option<Box<Expr>>, branches: Vec<CaseBranch>, otherwise: Option<Box<Expr>> },
    /// `[x IN list WHERE … | …]`.
    ListComprehension { variable: Name, list: Box<Expr>, condition: Option<Box<Expr>>, map: Option<Box<Expr>> },
    /// `[p = (a)-->(b) WHERE … | …]`.
    PatternComprehension { path: Box<PathPattern>, condition: Option<Box<Expr>>, map: Box<Expr> },
    /// `all(x IN list WHERE …)` and its sisters.
    Quantifier { kind: Quantifier, variable: Name, list: Box<Expr>, condition: Option<Box<Expr>> },
    /// `reduce(acc = init, x IN list | expr)`.
    Reduce { accumulator: Name, init: Box<Expr>, variable: Name, list: Box<Expr>, body: Box<Expr> },
    /// `(a)-->(b)` as a predicate, or in `exists((a)-->(b))`; `enclosed` in parentheses of its own it may also stand
    /// where a value is wanted.
    PatternPredicate { path: Box<PathPattern>, enclosed: bool },
    /// `shortestPath((a)-[*]-(b))` as an expression.
    ShortestPath(Box<PathPattern>),
    /// `EXISTS { … }`, `COUNT { … }`, `COLLECT { … }`.
    Subquery { kind: SubqueryKind, body: Box<SubqueryBody> },
    /// `n {.name, k: v, .*, x}`.
    MapProjection { variable: Name, items: Vec<MapProjectionItem> },
}

/// Literals as values of the text. Integers are already in range; a float may be infinite only by error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    String(String),
}

/// `+ - * / % ^`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArithmeticOp {
    Add,
    Subtract,
    /// `||`: texts and lists, nothing else.
    Concat,
    Multiply,
    Divide,
    Modulo,
    Power,
}

/// `= <> < <= > >=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparisonOp {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// Binary operators that do not chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    StartsWith,
    EndsWith,
    Contains,
    Regex,
    In,
}

impl ArithmeticOp {
    /// How it is written.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Concat => "||",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
        }
    }
}

impl ComparisonOp {
    /// How it is written.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

impl BinaryOp {
    /// How it is written.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::StartsWith => "STARTS WITH",
            Self::EndsWith => "ENDS WITH",
            Self::Contains => "CONTAINS",
            Self::Regex => "=~",
            Self::In => "IN",
        }
    }
}

/// One access behind a base.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AccessStep {
    /// `.key`.
    Property(Name),
    /// `[index]`.
    Index(Expr),
    /// `[from..to]`.
    Slice { from: Option<Expr>, to: Option<Expr> },
}

/// `WHEN …, … THEN …`: one condition, or the values of which the operand may be any.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CaseBranch {
    pub when: Vec<Expr>,
    pub then: Expr,
}

/// The list predicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    All,
    Any,
    None,
    Single,
}

/// The subquery expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubqueryKind {
    Exists,
    Count,
    Collect,
}

/// What stands between the braces of a subquery expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SubqueryBody {
    /// A whole query (`RETURN` may be missing in `EXISTS` and `COUNT`).
    Query(Query),
    /// `pattern [WHERE …]`.
    Pattern { pattern: Pattern, condition: Option<Expr> },
}

/// One item of a map projection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MapProjectionItem {
    /// `.key`.
    Property(Name),
    /// `.*`.
    AllProperties,
    /// `key: expression`.
    Entry { key: Name, value: Expr },
    /// `variable`.
    Variable(Name),
}
