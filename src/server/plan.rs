//! Plans as clients of Neo4j know them.

use std::sync::Arc;

use crate::Value;
use crate::engine::{PlanNode, Rows};

/// The plan of an answer, under the name that it has in a summary: `plan` after EXPLAIN, `profile` after PROFILE.
pub(crate) fn as_value(rows: &Rows) -> Option<(&'static str, Value)> {
    let root = rows.plan()?.root();
    let key = if root.rows().is_some() { "profile" } else { "plan" };
    Some((key, of(root, 0)))
}

/// How many operators below one another are told: values nest no deeper than twice as many.
const DEEPEST: usize = 100;

fn of(node: PlanNode<'_>, depth: usize) -> Value {
    let mut arguments = vec![(Arc::from("Details"), Value::from(node.detail()))];
    if let Some(rows) = node.estimated_rows() {
        arguments.push((Arc::from("EstimatedRows"), Value::Float(rows)));
    }
    let mut all = vec![
        (Arc::from("operatorType"), Value::from(node.operator())),
        (Arc::from("identifiers"), Value::list(Vec::new()).unwrap_or_default()),
    ];
    if let Some(rows) = node.rows() {
        let rows = Value::Int(i64::try_from(rows).unwrap_or(i64::MAX));
        arguments.push((Arc::from("Rows"), rows.clone()));
        all.push((Arc::from("rows"), rows));
        all.push((Arc::from("dbHits"), Value::Int(0))); // not counted here, and asked for by drivers
    }
    let children = match depth < DEEPEST {
        true => node.inputs().map(|input| of(input, depth + 1)).collect(),
        false => Vec::new(),
    };
    all.push((Arc::from("args"), Value::map(arguments).unwrap_or_default()));
    all.push((Arc::from("children"), Value::list(children).unwrap_or_default()));
    Value::map(all).unwrap_or_default()
}
