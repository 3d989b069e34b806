//! A filter on the property `name` that no node can meet, because the text is another name of a node: `{name: 'CC'}` where
//! the court is called 'Constitutional Court'.

use super::rows::Warning;
use super::version::State;
use crate::bind::bound::{ComparisonOp, Expr};
use crate::error::Span;
use crate::lineage::names::{Candidate, Found, Rank, Status};
use crate::plan::node::{Node, Op, Plan, Seek};
use crate::plan::walk;
use crate::value::Value;

/// A warning for each such text. Asked only where a dataset has given things several names.
pub(super) fn warnings(db: &State<'_>, plan: &Plan, params: &[Value], text: &str) -> Vec<Warning> {
    if db.evidence.is_empty() {
        return Vec::new();
    }
    let mut asked = Vec::new();
    let mut all = vec![&plan.root];
    all.extend(plan.subplans.iter().map(|sub| &sub.root));
    all.into_iter().for_each(|root| names_in(root, params, &mut asked));
    asked.sort_unstable();
    asked.dedup();
    // a text that some node has for its name asks nothing of the index of names, which may be yet to be made
    let names = db.graph.key("name").and_then(|key| db.graph.node_column(key));
    asked.retain(|text| names.is_none_or(|names| names.pool().find(text).is_none()));
    let only_another = |name: &&str| match db.version.names().resolve(name) {
        Found::One(found) if is_another_name(&found) && *found.name != **name => Some(found),
        _ => None,
    };
    asked.iter().filter_map(|name| only_another(name).map(|found| warning(name, &found, text))).collect()
}

fn is_another_name(found: &Candidate) -> bool {
    found.rank == Rank::Alias || found.rank == Rank::Exact && found.met.status == Status::Id
}

fn warning(name: &str, found: &Candidate, text: &str) -> Warning {
    let what = if found.met.status == Status::Id { "the id" } else { "another name" };
    let of = if found.id.is_empty() { String::new() } else { format!(", id {}", found.id) };
    let place = text.find(name).and_then(|at| Some((u32::try_from(at).ok()?, u32::try_from(at + name.len()).ok()?)));
    Warning {
        message: format!("nothing has the `name` '{name}': it is {what} of '{}' ({}{of})", found.name, found.kind),
        hint: Some(format!("ask for {{name: '{}'}}; TRACE takes every name of a thing", found.name)),
        span: place.map_or_else(Span::default, |(start, end)| Span { start, end }),
    }
}

/// The texts that the property `name` is compared with.
fn names_in<'p>(node: &'p Node, params: &'p [Value], out: &mut Vec<&'p str>) {
    if let Op::SeekIndex { key, seek: Seek::Equal(sought), .. } = &node.op
        && **key == *"name"
    {
        out.extend(text_of(sought, params));
    }
    node.op.expressions(&mut |expr| compared(expr, params, out));
    node.op.inputs().iter().for_each(|input| names_in(input, params, out));
}

fn compared<'p>(expr: &'p Expr, params: &'p [Value], out: &mut Vec<&'p str>) {
    if let Expr::Compare { first, rest } = expr
        && let [(ComparisonOp::Equal, second)] = &rest[..]
    {
        let is_name = |side: &Expr| matches!(side, Expr::Property { key, .. } if **key == *"name");
        let other = match (is_name(first), is_name(second)) {
            (true, false) => Some(second),
            (false, true) => Some(&**first),
            _ => None,
        };
        out.extend(other.and_then(|other| text_of(other, params)));
    }
    walk::parts(expr, &mut |part| compared(part, params, out));
}

fn text_of<'p>(expr: &'p Expr, params: &'p [Value]) -> Option<&'p str> {
    match expr {
        Expr::Const(Value::Str(text)) => Some(text),
        Expr::Param(number) => match params.get(*number as usize)? {
            Value::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
