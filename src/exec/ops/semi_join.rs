//! Rows that have a partner (or have none) in an inner plan.

use super::group_key::Groups;
use super::{Live, Operator, Seat, Source};
use crate::bind::bound::Slot;
use crate::error::Result;
use crate::exec::batch::{Batch, Column};
use crate::exec::context::Context;
use crate::plan::node::{Node, Op};
use crate::plan::walk::varies;
use crate::value::Value;

/// An inner plan that treats every row by itself, and is asked about a batch of them at a time.
pub(super) struct Inner<'p> {
    pub(super) plan: Source<'p>,
    seat: Seat,
    /// The slots that it reads of a row.
    read: Live<'p>,
}

impl<'p> Inner<'p> {
    pub(super) fn new((plan, seat): (Source<'p>, Seat), node: &'p Node) -> Self {
        Self { plan, seat, read: argument_slots(node) }
    }

    /// Starts it on the rows of a batch: what it finds says of which row it is (`origin`).
    pub(super) fn start(&mut self, batch: &Batch) {
        let mut argument = match self.read {
            Some(slots) => batch.only(slots),
            None => batch.clone(),
        };
        argument.origin = Some((0..batch.len as u32).collect());
        self.plan.reset();
        self.seat.put(argument);
    }
}

/// Keeps the rows of `input` for which `inner`, which treats every row by itself, gives a row; `negated`: gives none. Rows that
/// agree in what `inner` reads of them are asked about once, where many do.
pub(in crate::exec) struct SemiJoin<'p> {
    input: Source<'p>,
    inner: Inner<'p>,
    negated: bool,
    live: Live<'p>,
    met: Vec<bool>,
    remembers: bool,
    known: Option<Known>,
}

/// What is known of rows that came before, which agree in all that is no number of a kind: 1 and 1.0 are equal, but a plan can
/// tell them apart.
struct Known {
    /// What is no column of handles, integers or texts, with the value it has in every row.
    fixed: Fixed,
    groups: Groups,
    /// Whether the rows of a group have a partner.
    met: Vec<bool>,
    rows: usize,
}

/// Rows after which it is seen whether they agree often enough.
const TRIED: usize = 2048;

impl<'p> SemiJoin<'p> {
    pub(in crate::exec) fn new(
        (input, inner, seat): (Source<'p>, Source<'p>, Seat),
        plan: &'p Node,
        negated: bool,
        live: Live<'p>,
        cx: &Context<'_>,
    ) -> Self {
        let inner = Inner::new((inner, seat), plan);
        let same = cx.is_reading() && cx.plan.viewed.is_empty() && !cx.plan.cite && !varies_within(plan);
        let remembers = same && inner.read.is_some_and(|read| !read.is_empty());
        Self { input, inner, negated, live, met: Vec::new(), remembers, known: None }
    }

    /// The rows of a batch that stay.
    fn kept(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<Vec<u32>> {
        let all = 0..batch.len as u32;
        let pays = |known: &Known| known.rows < TRIED || known.groups.len() * 2 < known.rows;
        self.remembers = self.remembers && self.known.as_ref().is_none_or(pays);
        let keys = self.inner.read.filter(|_| self.remembers).and_then(|slots| keys(batch, slots));
        let Some((columns, fixed)) = keys else {
            self.known = None;
            self.ask(batch, cx)?;
            return Ok(all.filter(|row| self.met[*row as usize] != self.negated).collect());
        };
        let mut known = match self.known.take().filter(|known| agree(&known.fixed, &fixed)) {
            Some(known) => known,
            None => {
                Known { fixed, groups: Groups::new(columns.len(), cx.meter.reservation()), met: Vec::new(), rows: 0 }
            }
        };
        let (mut groups, mut fresh) = (Vec::with_capacity(batch.len), Vec::new());
        known.groups.of_rows(&columns, batch.len, cx, |group, first| {
            if first {
                fresh.push(groups.len() as u32);
            }
            groups.push(group);
        })?;
        known.rows += batch.len;
        match fresh.len() {
            0 => self.met.clear(),
            all if all == batch.len => self.ask(batch, cx)?,
            _ => self.ask(&batch.gather(&fresh, None), cx)?,
        }
        // groups are numbered as they are met
        known.met.extend_from_slice(&self.met);
        let stays = |row: &u32| known.met[groups[*row as usize] as usize] != self.negated;
        let kept = all.filter(stays).collect();
        self.known = Some(known);
        Ok(kept)
    }

    /// Finds out which rows have a partner.
    fn ask(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<()> {
        self.met.clear();
        self.met.resize(batch.len, false);
        self.inner.start(batch);
        let mut left = batch.len;
        while left > 0
            && let Some(found) = self.inner.plan.next(cx)?
        {
            cx.meter.step(found.len)?;
            for row in found.origin.iter().flatten() {
                let met = &mut self.met[*row as usize];
                left -= usize::from(!*met);
                *met = true;
            }
        }
        Ok(())
    }
}

/// What is the same in every row.
type Fixed = Vec<(Slot, Value)>;

/// The columns by which rows are told apart, and what is the same in all rows; nothing when some other column is not.
fn keys(batch: &Batch, slots: &[Slot]) -> Option<(Vec<Column>, Fixed)> {
    let (mut columns, mut fixed) = (Vec::new(), Vec::new());
    for &slot in slots {
        match batch.column(slot)? {
            Column::Const(value) => fixed.push((slot, value.clone())),
            Column::Values(values) => {
                let first = values.first()?;
                if !values.iter().all(|value| is_same(value, first)) {
                    return None;
                }
                fixed.push((slot, first.clone()));
            }
            Column::Floats(_) => return None,
            typed => columns.push(typed.clone()),
        }
    }
    (!columns.is_empty()).then_some((columns, fixed))
}

fn agree(a: &[(Slot, Value)], b: &[(Slot, Value)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && is_same(&a.1, &b.1))
}

/// Whether two values are one, where that is seen at once.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Node(a), Value::Node(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.as_ptr() == b.as_ptr() && a.len() == b.len(),
        _ => false,
    }
}

/// Whether a plan may find something else for the next row that agrees in all it reads.
fn varies_within(plan: &Node) -> bool {
    plan.op.evaluates(&varies) || plan.op.inputs().into_iter().any(varies_within)
}

/// The slots that somebody reads of the argument at the bottom of a chain.
pub(super) fn argument_slots(node: &Node) -> Live<'_> {
    match &node.op {
        Op::Argument => node.live.as_deref(),
        op => op.inputs().first().and_then(|input| argument_slots(input)),
    }
}

impl Operator for SemiJoin<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while let Some(batch) = self.input.next(cx)? {
            cx.meter.step(batch.len)?;
            let rows = self.kept(&batch, cx)?;
            if let Some(kept) = batch.kept(&rows, self.live) {
                return Ok(Some(kept));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.input.reset();
    }
}
