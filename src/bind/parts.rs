//! The one place that matches every expression: its direct parts.

use super::bound::{AsOf, Expr, Through};

/// The direct parts of an expression, said once for readers and for those who change them.
macro_rules! each_part {
    ($expr:expr, $f:expr, $iter:ident $(, $mutability:tt)?) => {
        match $expr {
            Expr::Const(_) | Expr::Param(_) | Expr::Slot(_) | Expr::Local(_) | Expr::Subquery(_) => {}
            Expr::List(items) | Expr::And(items, _) | Expr::Or(items, _) | Expr::Xor(items, _) => {
                items.$iter().for_each($f)
            }
            Expr::Map(entries) => entries.$iter().for_each(|(_, e)| $f(e)),
            Expr::Property { base: e, .. } | Expr::Not(e, _) | Expr::Negate(e, _) | Expr::Once { expr: e, .. } => $f(e),
            Expr::IsNull { operand, .. } | Expr::IsType { operand, .. } | Expr::HasLabels { operand, .. } => {
                $f(operand)
            }
            Expr::Index { base, index, .. } => {
                $f(base);
                $f(index);
            }
            Expr::Slice { base, from, to, .. } => {
                $f(base);
                from.$iter().chain(to).for_each(|e| $f(e));
            }
            Expr::Arithmetic { first, rest, .. } => {
                $f(first);
                rest.$iter().for_each(|(_, e)| $f(e));
            }
            Expr::Compare { first, rest } => {
                $f(first);
                rest.$iter().for_each(|(_, e)| $f(e));
            }
            Expr::Binary { left, right, .. } => {
                $f(left);
                $f(right);
            }
            Expr::Call { arguments, .. } => arguments.$iter().for_each($f),
            Expr::Case { operand, branches, otherwise } => {
                operand.$iter().for_each(|e| $f(e));
                for (when, then) in branches {
                    when.$iter().for_each(&mut *$f);
                    $f(then);
                }
                otherwise.$iter().for_each(|e| $f(e));
            }
            Expr::ListComprehension { list, condition, map, .. } => {
                $f(list);
                condition.$iter().chain(map).for_each(|e| $f(e));
            }
            Expr::Quantifier { list, condition, .. } => {
                $f(list);
                condition.$iter().for_each(|e| $f(e));
            }
            Expr::Reduce { init, list, body, .. } => {
                $f(init);
                $f(list);
                $f(body);
            }
            Expr::MapProjection { base, entries, .. } => {
                $f(base);
                entries.$iter().for_each(|(_, e)| $f(e));
            }
            Expr::Through { base, through, .. } => {
                $f(base);
                let Through { according_to, known_by } = &$($mutability)? **through;
                according_to.$iter().for_each(&mut *$f);
                known_by.$iter().for_each(|AsOf { date, .. }| $f(date));
            }
        }
    };
}

/// Calls `f` on every direct part of an expression.
pub(crate) fn parts<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    each_part!(expr, f, iter);
}

/// Calls `f` on every direct part of an expression, to be changed, in the order of [`parts`].
pub(crate) fn parts_mut(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    each_part!(expr, f, iter_mut, mut);
}
