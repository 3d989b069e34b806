//! Searching full-text indexes, as procedures under the names that Neo4j gives them.

use std::cell::Cell;

use crate::error::{Code, Error, Result};
use crate::function::{Budget, Field, Procedure, ProcedureBody};
use crate::graph::Graph;
use crate::value::{NodeRef, RelRef, Value};

/// So much work is done before the limits are asked.
const BETWEEN: usize = 4096;

/// The procedures.
pub(super) fn procedures() -> impl Iterator<Item = Procedure> {
    let field = |(name, ty): (&str, &str)| Field { name: name.into(), ty: ty.into() };
    let search = move |name: &str, column: (&str, &str), doc, body| Procedure {
        name: name.into(),
        inputs: [("indexName", "STRING"), ("queryString", "STRING"), ("options", "MAP?")].map(field).into(),
        outputs: [column, ("score", "FLOAT")].map(field).into(),
        doc,
        body: ProcedureBody::over_graph(body),
    };
    let refresh = Procedure {
        name: "db.index.fulltext.awaitEventuallyConsistentIndexRefresh".into(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        doc: "Waits for full-text indexes: they follow every write at once.",
        body: ProcedureBody::over_graph(|_, _, _| Ok(Vec::new())),
    };
    let analyzers = Procedure {
        name: "db.index.fulltext.listAvailableAnalyzers".into(),
        inputs: Vec::new(),
        outputs: [("analyzer", "STRING"), ("description", "STRING"), ("stopwords", "LIST")].map(field).into(),
        doc: "How texts are taken apart into words: there is one way.",
        body: ProcedureBody::over_graph(|_, _, _| {
            let what = "words across case, marks and scripts, as names are compared; no word is left out";
            Ok(vec![vec!["folded".into(), what.into(), Value::list(Vec::new()).unwrap_or_default()]])
        }),
    };
    [
        search(
            "db.index.fulltext.queryNodes",
            ("node", "NODE"),
            "The nodes whose texts fit a search in a full-text index, the best first.",
            |graph, budget, arguments| query(graph, budget, arguments, true),
        ),
        search(
            "db.index.fulltext.queryRelationships",
            ("relationship", "RELATIONSHIP"),
            "The relationships whose texts fit a search in a full-text index, the best first.",
            |graph, budget, arguments| query(graph, budget, arguments, false),
        ),
        refresh,
        analyzers,
    ]
    .into_iter()
}

fn query(graph: &Graph, budget: &dyn Budget, arguments: &[Value], on_nodes: bool) -> Result<Vec<Vec<Value>>> {
    let text = |at: usize| match arguments.get(at) {
        Some(Value::Str(text)) => text,
        _ => "",
    };
    let (skip, limit) = options(arguments.get(2).unwrap_or(&Value::Null))?;
    let done = Cell::new(0);
    let mut step = |work: usize| {
        done.set(done.get() + work);
        match done.get() < BETWEEN {
            true => Ok(()),
            false => budget.ask(16 * done.replace(0)),
        }
    };
    let hits = graph.search_texts(text(0), on_nodes, text(1), &mut step)?;
    let row = |(slot, score): (u32, f64)| match on_nodes {
        true => vec![Value::Node(NodeRef::new(slot)), Value::Float(score)],
        false => vec![Value::Rel(RelRef::new(slot)), Value::Float(score)],
    };
    Ok(hits.into_iter().skip(skip).take(limit).map(row).collect())
}

/// `{skip: 10, limit: 5}`; `analyzer` changes nothing, there is one. Errors: another option, a number below 0.
fn options(options: &Value) -> Result<(usize, usize)> {
    let (mut skip, mut limit) = (0, usize::MAX);
    let Value::Map(options) = options else { return Ok((skip, limit)) };
    for (key, value) in options.entries() {
        let number = match value {
            Value::Int(number) => usize::try_from(*number).ok(),
            _ => None,
        };
        match (&**key, number) {
            ("skip", Some(number)) => skip = number,
            ("limit", Some(number)) => limit = number,
            ("analyzer", _) => {}
            _ => {
                let message = format!("the option `{key}` of a full-text search is not one that can be given so");
                return Err(Error::argument(Code::InvalidArgumentValue, message)
                    .hint("options are skip and limit, integers of 0 and more: {limit: 10}"));
            }
        }
    }
    Ok((skip, limit))
}
