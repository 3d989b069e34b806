//! Label expressions on nodes, type expressions on relationships.

use super::access::{check_node, check_rel};
use crate::bind::bound::{LabelTest, TypeTest};
use crate::error::{Code, Error, Result, Span};
use crate::exec::context::Context;
use crate::graph::Graph;
use crate::value::{NodeRef, Value};

pub(super) fn of_value(value: &Value, test: &LabelTest, span: Span, cx: &Context<'_>) -> Result<Value> {
    let graph = cx.graph();
    match value {
        Value::Null => Ok(Value::Null),
        Value::Node(node) => {
            check_node(*node, cx).map_err(|e| e.at(span))?;
            Ok(Value::Bool(has_labels(*node, test, graph)))
        }
        Value::Rel(rel) => {
            check_rel(*rel, cx).map_err(|e| e.at(span))?;
            Ok(Value::Bool(name_fits(graph.type_name(graph.rel(*rel).ty), test)))
        }
        other => Err(Error::type_error(
            Code::InvalidArgumentType,
            format!("only nodes and relationships have labels, and this is a {}", other.type_name()),
        )
        .at(span)),
    }
}

/// Whether the labels of `node` satisfy `test`.
fn has_labels(node: NodeRef, test: &LabelTest, graph: &Graph) -> bool {
    match test {
        LabelTest::Name(name) => graph.label(name).is_some_and(|label| graph.has_label(node, label)),
        LabelTest::Any => !graph.labels_of(node).is_empty(),
        LabelTest::Not(inner) => !has_labels(node, inner, graph),
        LabelTest::And(tests) => tests.iter().all(|test| has_labels(node, test, graph)),
        LabelTest::Or(tests) => tests.iter().any(|test| has_labels(node, test, graph)),
    }
}

/// Whether a relationship type of this name satisfies `test`.
pub(crate) fn type_fits(name: &str, test: &TypeTest) -> bool {
    match test {
        TypeTest::Any => true,
        TypeTest::OneOf(names) => names.iter().any(|n| **n == *name),
        TypeTest::Expr(test) => name_fits(name, test),
    }
}

fn name_fits(name: &str, test: &LabelTest) -> bool {
    match test {
        LabelTest::Name(wanted) => **wanted == *name,
        LabelTest::Any => true,
        LabelTest::Not(inner) => !name_fits(name, inner),
        LabelTest::And(tests) => tests.iter().all(|test| name_fits(name, test)),
        LabelTest::Or(tests) => tests.iter().any(|test| name_fits(name, test)),
    }
}
