//! Trees made up at random are printed, and read back as the same trees.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::ast::*;
use super::{parse, print};
use crate::error::Span;

const NOWHERE: Span = Span { start: 0, end: 0 };

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: NOWHERE }
}

fn boxed(e: Expr) -> Box<Expr> {
    Box::new(e)
}

fn name() -> impl Strategy<Value = Name> {
    let text = prop_oneof![
        4 => "[a-zA-Zәқ_][a-z0-9_]{0,3}".prop_map(String::from),
        1 => proptest::sample::select(super::KEYWORDS).prop_map(str::to_lowercase),
        1 => "[-a`. ]{1,4}".prop_map(String::from),
    ];
    text.prop_map(|text| Name { text, span: NOWHERE })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        prop_oneof![any::<i64>(), -3_i64..3].prop_map(Literal::Integer),
        any::<f64>().prop_filter("literals are finite", |f| f.is_finite()).prop_map(Literal::Float),
        "[a'\"\\\\`\n😀]{0,5}".prop_map(Literal::String),
    ]
}

fn labels() -> impl Strategy<Value = LabelExpr> {
    let leaf = prop_oneof![3 => name().prop_map(LabelExpr::Name), 1 => Just(LabelExpr::Any)];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|l| LabelExpr::Not(Box::new(l))),
            vec(inner.clone(), 2..4).prop_map(LabelExpr::And),
            vec(inner, 2..4).prop_map(LabelExpr::Or),
        ]
    })
}

fn tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        3 => literal().prop_map(ExprKind::Literal),
        3 => name().prop_map(|n| ExprKind::Variable(n.text)),
        1 => name().prop_map(|n| ExprKind::Parameter(n.text)),
        1 => Just(ExprKind::CountStar),
    ];
    leaf.prop_map(expr).prop_recursive(4, 40, 4, |inner| {
        let inner = inner.boxed();
        prop_oneof![operators(inner.clone()), brackets(inner.clone()), patterns(inner)].prop_map(expr)
    })
}

fn operators(e: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Power, Subtract};
    use ComparisonOp::{Equal, Greater, Less, NotEqual};
    let arithmetic = |ops: Vec<ArithmeticOp>, e: &BoxedStrategy<Expr>| {
        (e.clone(), vec((proptest::sample::select(ops), e.clone()), 1..3))
            .prop_map(|(first, rest)| ExprKind::Arithmetic { first: boxed(first), rest })
    };
    let compared = proptest::sample::select(vec![Equal, NotEqual, Less, Greater]);
    let test = proptest::sample::select(vec![BinaryOp::In, BinaryOp::StartsWith, BinaryOp::Contains, BinaryOp::Regex]);
    let types = proptest::sample::select(vec!["INTEGER", "LIST<ANY NOT NULL>", "ZONED DATETIME NOT NULL"]);
    prop_oneof![
        vec(e.clone(), 2..4).prop_map(ExprKind::And),
        vec(e.clone(), 2..4).prop_map(ExprKind::Or),
        vec(e.clone(), 2..4).prop_map(ExprKind::Xor),
        e.clone().prop_map(|e| ExprKind::Not(boxed(e))),
        (any::<bool>(), e.clone()).prop_map(|(negative, e)| ExprKind::Sign { negative, operand: boxed(e) }),
        arithmetic(vec![Add, Subtract], &e),
        arithmetic(vec![Multiply, Divide, Modulo], &e),
        arithmetic(vec![Power], &e),
        (e.clone(), vec((compared, e.clone()), 1..3))
            .prop_map(|(first, rest)| ExprKind::Comparison { first: boxed(first), rest }),
        (test, e.clone(), e.clone()).prop_map(|(op, left, right)| ExprKind::Binary {
            op,
            left: boxed(left),
            right: boxed(right)
        }),
        (e.clone(), any::<bool>()).prop_map(|(e, negated)| ExprKind::IsNull { operand: boxed(e), negated }),
        (e.clone(), any::<bool>(), types).prop_map(|(e, negated, t)| ExprKind::IsType {
            operand: boxed(e),
            negated,
            type_name: t.to_owned()
        }),
        (e.clone(), labels()).prop_map(|(e, labels)| ExprKind::HasLabels { operand: boxed(e), labels }),
        (e.clone(), vec(step(e), 1..3)).prop_map(|(base, steps)| ExprKind::Access { base: boxed(base), steps }),
    ]
    .boxed()
}

fn step(e: BoxedStrategy<Expr>) -> impl Strategy<Value = AccessStep> {
    prop_oneof![
        name().prop_map(AccessStep::Property),
        e.clone().prop_map(AccessStep::Index),
        (option::of(e.clone()), option::of(e)).prop_map(|(from, to)| AccessStep::Slice { from, to }),
    ]
}

fn brackets(e: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let optional = option::of(e.clone().prop_map(boxed)).boxed();
    let item = prop_oneof![
        name().prop_map(MapProjectionItem::Property),
        Just(MapProjectionItem::AllProperties),
        (name(), e.clone()).prop_map(|(key, value)| MapProjectionItem::Entry { key, value }),
        name().prop_map(MapProjectionItem::Variable),
    ];
    let branch = (e.clone(), e.clone()).prop_map(|(when, then)| CaseBranch { when: vec![when], then });
    let quantifier = proptest::sample::select(vec![Quantifier::All, Quantifier::Any, Quantifier::None]);
    prop_oneof![
        vec(e.clone(), 0..3).prop_map(ExprKind::List),
        vec((name(), e.clone()), 0..3).prop_map(ExprKind::Map),
        (name(), any::<bool>(), vec(e.clone(), 1..3)).prop_map(|(name, distinct, arguments)| ExprKind::Call {
            name,
            distinct,
            arguments
        }),
        (name(), vec(item, 0..3)).prop_map(|(variable, items)| ExprKind::MapProjection { variable, items }),
        (optional.clone(), vec(branch, 1..3), optional.clone())
            .prop_map(|(operand, branches, otherwise)| ExprKind::Case { operand, branches, otherwise }),
        (name(), e.clone(), optional.clone(), optional.clone()).prop_map(|(variable, list, condition, map)| {
            ExprKind::ListComprehension { variable, list: boxed(list), condition, map }
        }),
        (quantifier, name(), e.clone(), optional).prop_map(|(kind, variable, list, condition)| {
            ExprKind::Quantifier { kind, variable, list: boxed(list), condition }
        }),
        (name(), e.clone(), name(), e.clone(), e).prop_map(|(accumulator, init, variable, list, body)| {
            ExprKind::Reduce { accumulator, init: boxed(init), variable, list: boxed(list), body: boxed(body) }
        }),
    ]
    .boxed()
}

fn patterns(e: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let optional = option::of(e.clone().prop_map(boxed)).boxed();
    let subquery = proptest::sample::select(vec![SubqueryKind::Exists, SubqueryKind::Count]);
    prop_oneof![
        path(e.clone()).prop_map(|p| ExprKind::PatternPredicate { path: Box::new(p), enclosed: true }),
        path(e.clone())
            .prop_map(|p| ExprKind::ShortestPath(Box::new(PathPattern { selector: Selector::AllShortestPaths, ..p }))),
        (option::of(name()), path(e.clone()), optional, e.clone()).prop_map(|(variable, path, condition, map)| {
            let path = Box::new(PathPattern { variable, ..path });
            ExprKind::PatternComprehension { path, condition, map: boxed(map) }
        }),
        (subquery, path(e.clone()), option::of(e)).prop_map(|(kind, path, condition)| ExprKind::Subquery {
            kind,
            body: Box::new(SubqueryBody::Pattern { pattern: Pattern { paths: vec![path] }, condition }),
        }),
    ]
    .boxed()
}

fn path(e: BoxedStrategy<Expr>) -> impl Strategy<Value = PathPattern> {
    let link = (relationship(e.clone()), node(e.clone()));
    (node(e), vec(link, 1..3)).prop_map(|(first, links)| {
        let links = links.into_iter().flat_map(|(r, n)| [PathElement::Relationship(r), PathElement::Node(n)]);
        let elements = std::iter::once(PathElement::Node(first)).chain(links).collect();
        PathPattern {
            variable: None,
            selector: Selector::All,
            mode: PathMode::Trail,
            elements,
            condition: None,
            span: NOWHERE,
        }
    })
}

fn properties(e: BoxedStrategy<Expr>) -> impl Strategy<Value = Expr> {
    prop_oneof![vec((name(), e), 0..3).prop_map(ExprKind::Map), name().prop_map(|n| ExprKind::Parameter(n.text)),]
        .prop_map(expr)
}

fn node(e: BoxedStrategy<Expr>) -> impl Strategy<Value = NodePattern> {
    let condition = option::of(e.clone().prop_map(boxed));
    (option::of(name()), option::of(labels()), option::of(properties(e)), condition).prop_map(
        |(variable, labels, properties, condition)| NodePattern {
            variable,
            labels,
            properties,
            condition,
            span: NOWHERE,
        },
    )
}

fn relationship(e: BoxedStrategy<Expr>) -> impl Strategy<Value = RelPattern> {
    let condition = option::of(e.clone().prop_map(boxed));
    let direction = proptest::sample::select(vec![Direction::Left, Direction::Right, Direction::Either]);
    let length = prop_oneof![
        2 => Just(Length::One),
        1 => (option::of(0_u64..5), option::of(0_u64..5)).prop_map(|(min, max)| Length::Var { min, max }),
    ];
    let cost = option::of(e.clone().prop_map(boxed));
    (option::of(name()), option::of(labels()), option::of(properties(e)), condition, cost, direction, length).prop_map(
        |(variable, types, properties, condition, cost, direction, length)| RelPattern {
            // without a name or a type, `COST {…}` would be a name and a property map
            cost: cost.filter(|_| variable.is_some() || types.is_some()),
            variable,
            types,
            properties,
            condition,
            direction,
            length,
            span: NOWHERE,
        },
    )
}

/// A tree without its places.
pub(super) fn shape(tree: &impl std::fmt::Debug) -> String {
    let text = format!("{tree:?}");
    let mut shape = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span { start") {
        shape.push_str(&rest[..at]);
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    shape + rest
}

fn read_back(e: &Expr) -> Result<(), TestCaseError> {
    let written = format!("RETURN {e}");
    let script = parse(&written).map_err(|error| TestCaseError::fail(error.render(&written, None, false)))?;
    let StatementBody::Query(query) = &script.statements[0].body else { panic!("no query") };
    let ClauseKind::Return(said) = &query.first.clauses[0].kind else { panic!("no RETURN") };
    prop_assert_eq!(shape(&said.items[0].expr), shape(e), "{}", written);
    prop_assert_eq!(print(&script), written);
    Ok(())
}

#[test]
fn any_expression_is_read_back() {
    let run = || {
        let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
        runner.run(&tree(), |e| read_back(&e)).unwrap_or_else(|e| panic!("{e}"));
    };
    // making such trees up takes more stack than reading them
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread can be started");
    thread.join().expect("every tree is read back");
}
