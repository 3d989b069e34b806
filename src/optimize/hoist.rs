//! What is the same for every row is computed once.
//!
//! ```text
//!   Filter m.creationDate < datetime($date) + duration({days: $days})
//!   Filter m.creationDate < once                      datetime($date) + duration({days: $days}), when first asked for
//! ```
//!
//! Applies to the largest parts of an expression that read no row, no local variable of what is around them and no
//! graph, and that say the same each time they are asked. They are computed when the first row asks, so that what fails
//! does so only where it would have been reached.

use smallvec::SmallVec;

use super::Stats;
use crate::bind::bound::Expr;
use crate::function::Body;
use crate::plan::node::{Node, Plan};
use crate::plan::walk::parts_mut;

pub(super) fn run(plan: &mut Plan, _: &dyn Stats) {
    if plan.writes {
        return;
    }
    let mut count = 0;
    super::each_node(plan, &mut |node: &mut Node| {
        node.op.row_expressions_mut(&mut |expr| {
            if matches!(visit(expr, &mut count), Free::Only(locals) if locals.is_empty()) {
                put(expr, &mut count);
            }
        });
    });
}

/// What an expression depends on beside parameters.
enum Free {
    /// On the row, the graph or chance.
    Row,
    /// On these local variables of what is around it.
    Only(SmallVec<[u32; 2]>),
}

/// Takes what can be taken out of an expression that itself depends on the row; says what it depends on.
fn visit(expr: &mut Expr, count: &mut u32) -> Free {
    let own = match expr {
        Expr::Slot(_) | Expr::Subquery(_) | Expr::HasLabels { .. } | Expr::MapProjection { .. } => Free::Row,
        Expr::Call { function, .. } => {
            let plain = function.deterministic && !function.needs_graph && matches!(function.body, Body::Scalar(_));
            if plain { Free::Only(SmallVec::new()) } else { Free::Row }
        }
        Expr::Local(number) => return Free::Only(SmallVec::from_slice(&[*number])),
        _ => Free::Only(SmallVec::new()),
    };
    let (mut whole, mut parts) = (own, SmallVec::<[bool; 4]>::new());
    parts_mut(expr, &mut |part| {
        let free = visit(part, count);
        parts.push(matches!(&free, Free::Only(locals) if locals.is_empty()));
        match (&mut whole, free) {
            (Free::Only(all), Free::Only(more)) => all.extend(more),
            (whole, Free::Row) => *whole = Free::Row,
            (Free::Row, _) => {}
        }
    });
    // a local variable is known within the expression that brings it
    let brought: &[u32] = match expr {
        Expr::ListComprehension { local, .. } | Expr::Quantifier { local, .. } => &[*local],
        Expr::Reduce { accumulator, local, .. } => &[*accumulator, *local],
        _ => &[],
    };
    if let Free::Only(locals) = &mut whole {
        locals.retain(|local| !brought.contains(local));
        if locals.is_empty() {
            return whole;
        }
    }
    let mut parts = parts.into_iter();
    parts_mut(expr, &mut |part| {
        if parts.next() == Some(true) {
            put(part, count);
        }
    });
    whole
}

fn put(expr: &mut Expr, count: &mut u32) {
    if matches!(expr, Expr::Const(_) | Expr::Param(_) | Expr::Once { .. }) {
        return;
    }
    let taken = std::mem::replace(expr, Expr::Const(crate::value::Value::Null));
    *expr = Expr::Once { number: *count, expr: Box::new(taken) };
    *count += 1;
}
