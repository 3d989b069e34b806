//! Expressions: operands from the grammar, precedences climbed here.
//!
//! The grammar gives each expression as one flat list. Its operands are built first (the only recursion,
//! one round per bracket), then the operators between them are folded, loosest first:
//! `OR` < `XOR` < `AND` < `NOT` < comparisons < `IN`, `IS NULL`, `STARTS WITH` … < `+ -` < `* / %` < `^`.

use std::iter::Peekable;

use super::ast::{AccessStep, ArithmeticOp, BinaryOp, ComparisonOp, Expr, ExprKind, LabelExpr, Literal, Name};
use super::bracket;
use super::grammar::{Node, Rule};
use super::lexical;
use super::pattern;
use super::tree::{Source, children, drift, holds, next, text};
use crate::error::{Code, Error, Result, Span};

/// `expression` and `filtered`.
pub(super) fn expression(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    let span = source.span(&node);
    climb(items(source, node.into_inner())?, span)
}

/// `target`: an operand without operators.
pub(super) fn target(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    expression(source, node)
}

/// A piece of a flat expression.
pub(super) enum Item {
    Operand(Expr),
    Operator(Operator, Span),
    Not(Span),
    IsNull { negated: bool, end: Span },
    IsType { negated: bool, type_name: String, end: Span },
    IsNormalized { negated: bool, form: Option<Expr>, end: Span },
    IsLabeled { negated: bool, labels: LabelExpr, end: Span },
}

/// What stands between two operands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Or,
    Xor,
    And,
    Comparison(ComparisonOp),
    Test(BinaryOp),
    Additive(ArithmeticOp),
    Multiplicative(ArithmeticOp),
    Power,
}

/// Builds the operands of a flat list of nodes.
pub(super) fn items<'t>(source: Source<'t>, nodes: impl Iterator<Item = Node<'t>>) -> Result<Vec<Item>> {
    let mut nodes = nodes.peekable();
    let mut items = Vec::new();
    while let Some(node) = nodes.peek() {
        let span = source.span(node);
        let item = match node.as_rule() {
            Rule::not => Item::Not(span),
            Rule::is_test | Rule::narrow_is_test => is_test(source, node, span)?,
            rule => match operator(rule, text(node)) {
                Some(operator) => Item::Operator(operator, span),
                None => {
                    items.push(Item::Operand(operand(source, &mut nodes)?));
                    continue;
                }
            },
        };
        nodes.next();
        items.push(item);
    }
    Ok(items)
}

fn operator(rule: Rule, text: &str) -> Option<Operator> {
    Some(match rule {
        Rule::or => Operator::Or,
        Rule::xor => Operator::Xor,
        Rule::and => Operator::And,
        Rule::comparison => Operator::Comparison(match text {
            "=" => ComparisonOp::Equal,
            "<>" => ComparisonOp::NotEqual,
            "<" => ComparisonOp::Less,
            "<=" => ComparisonOp::LessEqual,
            ">" => ComparisonOp::Greater,
            _ => ComparisonOp::GreaterEqual,
        }),
        Rule::regex => Operator::Test(BinaryOp::Regex),
        Rule::in_list => Operator::Test(BinaryOp::In),
        Rule::starts_with => Operator::Test(BinaryOp::StartsWith),
        Rule::ends_with => Operator::Test(BinaryOp::EndsWith),
        Rule::contains => Operator::Test(BinaryOp::Contains),
        Rule::additive if text == "+" => Operator::Additive(ArithmeticOp::Add),
        Rule::additive => Operator::Additive(ArithmeticOp::Subtract),
        Rule::concat => Operator::Additive(ArithmeticOp::Concat),
        Rule::multiplicative => Operator::Multiplicative(match text {
            "*" => ArithmeticOp::Multiply,
            "/" => ArithmeticOp::Divide,
            _ => ArithmeticOp::Modulo,
        }),
        Rule::power => Operator::Power,
        _ => return None,
    })
}

fn is_test(source: Source<'_>, node: &Node<'_>, end: Span) -> Result<Item> {
    let negated = holds(node, Rule::not);
    let mut form = None;
    for part in children(node.clone()) {
        match part.as_rule() {
            Rule::type_name | Rule::narrow_type => {
                return Ok(Item::IsType { negated, type_name: type_name(source, part)?, end });
            }
            Rule::label_and => {
                return Ok(Item::IsLabeled { negated, labels: pattern::label_expr(source, part)?, end });
            }
            Rule::normal_form => {
                let kind = ExprKind::Literal(Literal::String(text(&part).to_ascii_uppercase()));
                form = Some(Expr { kind, span: source.span(&part) });
            }
            Rule::normalized => return Ok(Item::IsNormalized { negated, form, end }),
            _ => {}
        }
    }
    Ok(Item::IsNull { negated, end })
}

/// A test with what stands before it.
pub(super) fn tested(operand: Expr, item: Item) -> Expr {
    let before = operand.span;
    let not = |negated: bool, kind: ExprKind, span: Span| {
        let expr = Expr { kind, span };
        if negated { Expr { kind: ExprKind::Not(Box::new(expr)), span } } else { expr }
    };
    match item {
        Item::IsType { negated, type_name, end } => {
            let kind = ExprKind::IsType { operand: Box::new(operand), negated, type_name };
            Expr { kind, span: before.to(end) }
        }
        Item::IsNull { negated, end } => {
            Expr { kind: ExprKind::IsNull { operand: Box::new(operand), negated }, span: before.to(end) }
        }
        Item::IsNormalized { negated, form, end } => {
            let name = Name { text: "isNormalized".to_owned(), span: end };
            let arguments = std::iter::once(operand).chain(form).collect();
            not(negated, ExprKind::Call { name, distinct: false, arguments }, before.to(end))
        }
        Item::IsLabeled { negated, labels, end } => {
            not(negated, ExprKind::HasLabels { operand: Box::new(operand), labels }, before.to(end))
        }
        Item::Operand(_) | Item::Operator(..) | Item::Not(_) => operand,
    }
}

/// The type as written, in capitals, with single blanks: `LIST<INTEGER NOT NULL>`.
pub(super) fn type_name(source: Source<'_>, node: Node<'_>) -> Result<String> {
    let span = source.span(&node);
    let (mut text, mut open) = (String::new(), 0_usize);
    for part in node.into_inner() {
        match part.as_rule() {
            Rule::type_open => {
                open += 1;
                text.push_str("LIST<");
            }
            Rule::type_close => {
                open = open.checked_sub(1).ok_or_else(|| unbalanced_type(span))?;
                text.push('>');
            }
            Rule::type_not_null => text.push_str(" NOT NULL"),
            Rule::type_bar => text.push_str(" | "),
            _ => {
                let words: Vec<_> = part.as_str().split_whitespace().map(str::to_uppercase).collect();
                text.push_str(&words.join(" "));
            }
        }
    }
    if open > 0 { Err(unbalanced_type(span)) } else { Ok(text) }
}

fn unbalanced_type(span: Span) -> Error {
    Error::syntax(Code::UnexpectedSyntax, "the < and > of this type do not match").at(span)
}

/// Signs, an atom, accesses, labels.
fn operand<'t>(source: Source<'t>, nodes: &mut Peekable<impl Iterator<Item = Node<'t>>>) -> Result<Expr> {
    let mut signs = Vec::new();
    while let Some(sign) = nodes.next_if(|n| n.as_rule() == Rule::sign) {
        signs.push((text(&sign) == "-", source.span(&sign)));
    }
    let node = next(nodes, "an operand")?;
    let body = nodes.next_if(|n| matches!(n.as_rule(), Rule::projection_body | Rule::call));
    let plain = !nodes
        .peek()
        .is_some_and(|n| matches!(n.as_rule(), Rule::property | Rule::index | Rule::node_labels | Rule::narrow_labels));
    let mut expr = match (node.as_rule(), body) {
        (Rule::number, None) if plain && signs.last().is_some_and(|(negative, _)| *negative) => {
            let span = signs.pop().map_or(source.span(&node), |(_, sign)| sign.to(source.span(&node)));
            number(&node, true, span)?
        }
        (_, Some(body)) if body.as_rule() == Rule::call => bracket::call(source, &node, body)?,
        (_, Some(body)) => bracket::projection(source, &node, body)?,
        _ => atom(source, node)?,
    };
    if !plain {
        expr = accessed(source, expr, nodes)?;
    }
    for (negative, span) in signs.into_iter().rev() {
        let span = span.to(expr.span);
        expr = Expr { kind: ExprKind::Sign { negative, operand: Box::new(expr) }, span };
    }
    Ok(expr)
}

/// `base.key[0]:Label`.
fn accessed<'t>(source: Source<'t>, base: Expr, nodes: &mut Peekable<impl Iterator<Item = Node<'t>>>) -> Result<Expr> {
    let mut span = base.span;
    let mut steps = Vec::new();
    while let Some(node) = nodes.next_if(|n| matches!(n.as_rule(), Rule::property | Rule::index)) {
        span = span.to(source.span(&node));
        steps.push(step(source, node)?);
    }
    let mut expr = base;
    if !steps.is_empty() {
        expr = Expr { kind: ExprKind::Access { base: Box::new(expr), steps }, span };
    }
    if let Some(node) = nodes.next_if(|n| matches!(n.as_rule(), Rule::node_labels | Rule::narrow_labels)) {
        let span = expr.span.to(source.span(&node));
        let labels = pattern::labels(source, node)?;
        expr = Expr { kind: ExprKind::HasLabels { operand: Box::new(expr), labels }, span };
    }
    Ok(expr)
}

fn step(source: Source<'_>, node: Node<'_>) -> Result<AccessStep> {
    if node.as_rule() == Rule::property {
        return Ok(AccessStep::Property(source.name(&next(&mut children(node), "a key")?)?));
    }
    let (mut from, mut to, mut slice) = (None, None, false);
    for part in children(node) {
        match part.as_rule() {
            Rule::dots => slice = true,
            _ if slice => to = Some(expression(source, part)?),
            _ => from = Some(expression(source, part)?),
        }
    }
    match (slice, from) {
        (true, from) => Ok(AccessStep::Slice { from, to }),
        (false, Some(index)) => Ok(AccessStep::Index(index)),
        (false, None) => Err(Error::syntax(Code::UnexpectedSyntax, "an index is missing")),
    }
}

fn number(node: &Node<'_>, negative: bool, span: Span) -> Result<Expr> {
    let literal = lexical::number(text(node), negative).map_err(|e| e.at(span))?;
    Ok(Expr { kind: ExprKind::Literal(literal), span })
}

/// An operand without signs and accesses.
pub(super) fn atom(source: Source<'_>, node: Node<'_>) -> Result<Expr> {
    let span = source.span(&node);
    let kind = match node.as_rule() {
        Rule::number => return number(&node, false, span),
        Rule::string => ExprKind::Literal(Literal::String(lexical::string(text(&node)).map_err(|e| e.at(span))?)),
        Rule::null_literal => ExprKind::Literal(Literal::Null),
        Rule::true_literal => ExprKind::Literal(Literal::Bool(true)),
        Rule::false_literal => ExprKind::Literal(Literal::Bool(false)),
        Rule::variable => ExprKind::Variable(source.name(&node)?.text),
        Rule::parameter => ExprKind::Parameter(source.name(&next(&mut children(node), "a name")?)?.text),
        Rule::count_star => ExprKind::CountStar,
        Rule::shortest_path => ExprKind::ShortestPath(Box::new(pattern::shortest_path(source, node)?)),
        Rule::paren => return bracket::paren(source, node),
        Rule::list => bracket::list(source, node)?,
        Rule::map => bracket::map(source, node)?,
        Rule::case => bracket::case(source, node)?,
        Rule::subquery => bracket::subquery(source, node)?,
        Rule::reduce => bracket::reduce(source, node)?,
        Rule::list_predicate => bracket::list_predicate(source, node)?,
        _ => return Err(drift(source, &node)),
    };
    Ok(Expr { kind, span })
}

/// Folds a flat list into one expression. `place` is where the list stands, for a list that is wrong.
pub(super) fn climb(mut items: Vec<Item>, place: Span) -> Result<Expr> {
    // most lists are one operand, and nine floors of nothing lie above it
    if let [Item::Operand(_)] = items.as_slice()
        && let Some(Item::Operand(expr)) = items.pop()
    {
        return Ok(expr);
    }
    let mut climber = Climber { items: items.into_iter().peekable(), place };
    let expr = climber.or()?;
    match climber.items.next() {
        None => Ok(expr),
        Some(_) => Err(Error::syntax(Code::UnexpectedSyntax, "this expression goes on where it cannot").at(place)),
    }
}

/// Loosest first; every loop is flat, so the stack is nine frames whatever the length.
struct Climber {
    items: Peekable<std::vec::IntoIter<Item>>,
    place: Span,
}

impl Climber {
    fn next_if<T>(&mut self, wanted: impl Fn(Operator) -> Option<T>) -> Option<T> {
        let found = match self.items.peek() {
            Some(Item::Operator(operator, _)) => wanted(*operator),
            _ => None,
        };
        if found.is_some() {
            self.items.next();
        }
        found
    }

    /// `a op b op c`: one flat node when there is more than one operand.
    fn logic(
        &mut self,
        operator: Operator,
        operand: fn(&mut Self) -> Result<Expr>,
        join: fn(Vec<Expr>) -> ExprKind,
    ) -> Result<Expr> {
        let first = operand(self)?;
        let mut all = vec![first];
        while self.next_if(|o| (o == operator).then_some(())).is_some() {
            all.push(operand(self)?);
        }
        if all.len() == 1 {
            return Ok(all.remove(0));
        }
        let span = all[0].span.to(all[all.len() - 1].span);
        Ok(Expr { kind: join(all), span })
    }

    fn or(&mut self) -> Result<Expr> {
        self.logic(Operator::Or, Self::xor, ExprKind::Or)
    }

    fn xor(&mut self) -> Result<Expr> {
        self.logic(Operator::Xor, Self::and, ExprKind::Xor)
    }

    fn and(&mut self) -> Result<Expr> {
        self.logic(Operator::And, Self::not, ExprKind::And)
    }

    fn not(&mut self) -> Result<Expr> {
        let mut nots = Vec::new();
        while let Some(Item::Not(span)) = self.items.next_if(|i| matches!(i, Item::Not(_))) {
            nots.push(span);
        }
        let mut expr = self.comparison()?;
        for span in nots.into_iter().rev() {
            let span = span.to(expr.span);
            expr = Expr { kind: ExprKind::Not(Box::new(expr)), span };
        }
        Ok(expr)
    }

    /// `first op operand op operand …` of one level, or just the operand.
    fn flat<T>(
        &mut self,
        wanted: fn(Operator) -> Option<T>,
        operand: fn(&mut Self) -> Result<Expr>,
        join: fn(Box<Expr>, Vec<(T, Expr)>) -> ExprKind,
    ) -> Result<Expr> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.next_if(wanted) {
            rest.push((operator, operand(self)?));
        }
        let Some((_, last)) = rest.last() else { return Ok(first) };
        let span = first.span.to(last.span);
        Ok(Expr { kind: join(Box::new(first), rest), span })
    }

    fn comparison(&mut self) -> Result<Expr> {
        let wanted = |o| if let Operator::Comparison(op) = o { Some(op) } else { None };
        self.flat(wanted, Self::test, |first, rest| ExprKind::Comparison { first, rest })
    }

    /// `a IN b`, `a IS NULL`, …: each a test of all that stands before it. Their number is within the depth budget.
    fn test(&mut self) -> Result<Expr> {
        let mut expr = self.sum()?;
        loop {
            if let Some(op) = self.next_if(|o| if let Operator::Test(op) = o { Some(op) } else { None }) {
                let right = self.sum()?;
                let span = expr.span.to(right.span);
                expr = Expr { kind: ExprKind::Binary { op, left: Box::new(expr), right: Box::new(right) }, span };
                continue;
            }
            let is_test = |i: &Item| !matches!(i, Item::Operand(_) | Item::Operator(..) | Item::Not(_));
            let Some(item) = self.items.next_if(is_test) else { return Ok(expr) };
            expr = tested(expr, item);
        }
    }

    fn sum(&mut self) -> Result<Expr> {
        let wanted = |o| if let Operator::Additive(op) = o { Some(op) } else { None };
        self.flat(wanted, Self::product, |first, rest| ExprKind::Arithmetic { first, rest })
    }

    fn product(&mut self) -> Result<Expr> {
        let wanted = |o| if let Operator::Multiplicative(op) = o { Some(op) } else { None };
        self.flat(wanted, Self::power, |first, rest| ExprKind::Arithmetic { first, rest })
    }

    fn power(&mut self) -> Result<Expr> {
        let wanted = |o| (o == Operator::Power).then_some(ArithmeticOp::Power);
        self.flat(wanted, Self::operand, |first, rest| ExprKind::Arithmetic { first, rest })
    }

    fn operand(&mut self) -> Result<Expr> {
        match self.items.next() {
            Some(Item::Operand(expr)) => Ok(expr),
            Some(Item::Not(span)) => Err(Error::syntax(Code::UnexpectedSyntax, "NOT needs parentheses here")
                .at(span)
                .hint("NOT binds loosely: write a = (NOT b)")),
            Some(Item::Operator(_, span)) => {
                Err(Error::syntax(Code::UnexpectedSyntax, "an operator without its operand").at(span))
            }
            _ => Err(Error::syntax(Code::UnexpectedSyntax, "an operand is missing").at(self.place)),
        }
    }
}

/// A variable that stands alone, without parentheses around it.
pub(super) fn bare_variable(source: Source<'_>, expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Variable(text) if !in_parentheses(source, expr) => Some(Name { text: text.clone(), span: expr.span }),
        _ => None,
    }
}

/// Whether the expression was written in parentheses of its own.
pub(super) fn in_parentheses(source: Source<'_>, expr: &Expr) -> bool {
    expr.span.of(source.text).starts_with('(')
}

/// What a node pattern takes from `n`, `n:A`, `n {k: 1}`, `{k: 1}` or `$p`.
pub(super) struct NodeParts {
    pub variable: Option<Name>,
    pub labels: Option<LabelExpr>,
    pub properties: Option<Expr>,
}
