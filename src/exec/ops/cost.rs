//! What walks cost: numbers that are no less than 0, added up in the order of the walk.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use crate::bind::bound::{Expr, Slot};
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::value::order::order;
use crate::value::{RelRef, Value};

/// A sum of costs: an integer as long as every part is one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cost {
    Int(i64),
    Float(f64),
}

impl Cost {
    pub(super) const ZERO: Self = Self::Int(0);
    /// What a relationship costs where paths are told apart by length.
    pub(super) const ONE: Self = Self::Int(1);

    /// The cost that an expression gave for a relationship; nothing for null. Errors: no number, or less than 0.
    fn of(value: &Value, rel: RelRef, cx: &Context<'_>) -> Result<Option<Self>> {
        let named = || {
            let graph = cx.graph();
            format!("relationship {} of type `{}`", graph.rel_id(rel), graph.type_name(graph.rel(rel).ty))
        };
        match value {
            Value::Null => Ok(None),
            Value::Int(n) if *n >= 0 => Ok(Some(Self::Int(*n))),
            Value::Float(x) if *x >= 0.0 => Ok(Some(Self::Float(*x))),
            Value::Int(_) | Value::Float(_) => {
                let message = format!("{} costs {value}, and a cost must not be less than 0", named());
                Err(Error::argument(Code::NumberOutOfRange, message)
                    .hint("leave it out of the search: WHERE, or a cost of null"))
            }
            other => {
                let message = format!("the cost of {} is a {}, and a cost is a number", named(), other.type_name());
                Err(Error::type_error(Code::InvalidArgumentType, message)
                    .hint("toInteger(…) and toFloat(…) read numbers out of texts; null: not to be walked over"))
            }
        }
    }

    /// The sum; what no integer holds stays at the largest, see [`Cost::total`].
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Self::Int(a.saturating_add(b)),
            (a, b) => Self::Float(a.float() + b.float()),
        }
    }

    /// What a whole walk costs, as a value. Errors: more than an integer holds.
    pub(super) fn total(self) -> Result<Value> {
        if matches!(self, Self::Int(i64::MAX)) {
            let message = "what a path costs is more than an integer holds";
            return Err(Error::arithmetic(Code::NumberOutOfRange, message).hint("make the costs floats: toFloat(…)"));
        }
        Ok(self.value())
    }

    /// A little less than a float, by more than adding in another order changes it.
    pub(super) fn lowered(self) -> Self {
        match self {
            Self::Float(x) if x.is_finite() => Self::Float(x * (1.0 - f64::powi(2.0, -30))),
            other => other,
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Int(n) => Value::Int(n),
            Self::Float(x) => Value::Float(x),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Float(x) => x,
        }
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (a, b) => order(&a.value(), &b.value()),
        }
    }
}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cost {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cost {}

/// What relationships cost by an expression, each computed once where that is more than looking it up.
pub(super) struct Prices<'p> {
    expr: &'p Expr,
    /// Holds the relationship.
    slot: Slot,
    known: Option<FxHashMap<u32, Option<Cost>>>,
}

impl<'p> Prices<'p> {
    pub(super) fn new(expr: &'p Expr, slot: Slot) -> Self {
        let plain = match expr {
            Expr::Const(_) | Expr::Param(_) => true,
            Expr::Property { base, .. } => matches!(**base, Expr::Slot(_)),
            _ => false,
        };
        Self { expr, slot, known: (!plain).then(FxHashMap::default) }
    }

    /// Forgets what depends on the row.
    pub(super) fn forget(&mut self) {
        self.known.iter_mut().for_each(FxHashMap::clear);
    }

    /// What a relationship costs in a row; nothing when it cannot be walked over.
    pub(super) fn of(&mut self, rel: u32, row: &mut Batch, cx: &mut Context<'_>) -> Result<Option<Cost>> {
        if let Some(cost) = self.known.as_ref().and_then(|known| known.get(&rel)) {
            return Ok(*cost);
        }
        cx.meter.step(1)?;
        row.set(self.slot, Column::Const(Value::Rel(RelRef::new(rel))));
        let value = eval(self.expr, row.row(0), cx)?;
        let cost = Cost::of(&value, RelRef::new(rel), cx)?;
        if let Some(known) = &mut self.known {
            known.insert(rel, cost);
            cx.meter.fits(known.capacity() * 32)?;
        }
        Ok(cost)
    }
}
