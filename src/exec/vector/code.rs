//! Expressions that can be computed for many rows at once.
//!
//! ```text
//!   n.age - m.age > 3 OR n.name IN $names      Or [Compare [Arithmetic [n.age, m.age], 3], In n.name]
//! ```
//!
//! Every part is computed for the rows that ask for it only: the second side of an AND for those that the first leaves
//! open, a branch of a CASE for those that take it. So no row sees an error that it would not see by itself. When a
//! part fails in some row, nothing is said here at all: the rows are then evaluated one by one, and the first that
//! fails says why.

use std::cell::OnceCell;
use std::sync::Arc;

use super::cells::{Cells, NO, UNKNOWN, YES, narrowed, of_property, truth, truth_value};
use super::{arithmetic, compare, moments};
use crate::bind::bound::{ArithmeticOp, BinaryOp, ComparisonOp, Expr, LabelTest, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE, Texts};
use crate::exec::context::Context;
use crate::exec::eval::{eval, with_context};
use crate::exec::list_sets::{ListSet, ListSets};
use crate::exec::meter::reading;
use crate::exec::names::Labels;
use crate::function::{Body, Function};
use crate::value::{NodeRef, Value, order, temporal};

/// An expression, taken apart.
pub(crate) enum Code<'p> {
    Known(Value),
    Param(u32),
    /// The same for every row of the statement, computed when first asked for.
    Once(&'p Expr),
    Slot(Slot),
    Property(Slot, &'p Arc<str>),
    /// A component of a temporal value.
    Component(Box<Code<'p>>, &'p Arc<str>),
    Arithmetic(Box<Code<'p>>, Vec<(ArithmeticOp, Code<'p>)>),
    Negate(Box<Code<'p>>),
    Compare(Box<Code<'p>>, Vec<(ComparisonOp, Code<'p>)>),
    /// AND (a false decides) or OR (a true decides).
    Connective(Vec<Code<'p>>, u8),
    Not(Box<Code<'p>>),
    IsNull(Box<Code<'p>>, bool),
    Labels(Slot, &'p LabelTest),
    In(Box<Code<'p>>, Box<Code<'p>>, OnceCell<Arc<ListSet>>),
    /// The same where the list may differ from row to row.
    InOf(Box<Code<'p>>, Box<Code<'p>>),
    Text(BinaryOp, Box<Code<'p>>, Box<Code<'p>>),
    Case(Option<Box<Code<'p>>>, Vec<(Vec<Code<'p>>, Code<'p>)>, Option<Box<Code<'p>>>),
    Coalesce(Vec<Code<'p>>),
    Call(&'static Function, Vec<Code<'p>>),
}

/// The rows of a batch that are asked for, ascending.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'b> {
    pub(crate) batch: &'b Batch,
    pub(crate) rows: &'b [u32],
}

/// Nothing: some row fails, or holds what is not for loops; ask the rows one by one.
type Found<T> = Result<Option<T>>;

impl<'p> Code<'p> {
    /// Takes an expression apart; nothing when a part of it is not for loops.
    pub(crate) fn new(expr: &'p Expr) -> Option<Self> {
        let of = |expr: &'p Expr| Self::new(expr).map(Box::new);
        let all = |exprs: &'p [Expr]| exprs.iter().map(Self::new).collect::<Option<Vec<_>>>();
        Some(match expr {
            Expr::Const(value) => Self::Known(value.clone()),
            Expr::Param(index) => Self::Param(*index),
            Expr::Once { .. } => Self::Once(expr),
            Expr::Slot(slot) => Self::Slot(*slot),
            Expr::Property { base, key, .. } => match &**base {
                Expr::Slot(slot) => Self::Property(*slot, key),
                base => Self::Component(of(base)?, key),
            },
            Expr::Arithmetic { first, rest, .. } => {
                let rest = rest.iter().map(|(op, expr)| Some((*op, Self::new(expr)?)));
                Self::Arithmetic(of(first)?, rest.collect::<Option<_>>()?)
            }
            Expr::Negate(operand, _) => Self::Negate(of(operand)?),
            Expr::Compare { first, rest } => {
                let rest = rest.iter().map(|(op, expr)| Some((*op, Self::new(expr)?)));
                Self::Compare(of(first)?, rest.collect::<Option<_>>()?)
            }
            Expr::And(terms, _) => Self::Connective(all(terms)?, NO),
            Expr::Or(terms, _) => Self::Connective(all(terms)?, YES),
            Expr::Not(operand, _) => Self::Not(of(operand)?),
            Expr::IsNull { operand, negated } => Self::IsNull(of(operand)?, *negated),
            Expr::HasLabels { operand, test, .. } => match **operand {
                Expr::Slot(slot) => Self::Labels(slot, test),
                _ => return None,
            },
            Expr::Binary { op: BinaryOp::In, left, right, .. } => match &**right {
                Expr::Const(_) | Expr::Param(_) | Expr::Once { .. } => Self::In(of(left)?, of(right)?, OnceCell::new()),
                _ => Self::InOf(of(left)?, of(right)?),
            },
            Expr::Binary { op: BinaryOp::Regex, .. } => return None,
            Expr::Binary { op, left, right, .. } => Self::Text(*op, of(left)?, of(right)?),
            Expr::Case { operand, branches, otherwise } => {
                let operand = operand.as_deref().map(of).map_or(Some(None), |code| code.map(Some))?;
                let branch = |(when, then): &'p (Vec<Expr>, Expr)| Some((all(when)?, Self::new(then)?));
                let otherwise = otherwise.as_deref().map(of).map_or(Some(None), |code| code.map(Some))?;
                Self::Case(operand, branches.iter().map(branch).collect::<Option<_>>()?, otherwise)
            }
            Expr::Call { function, arguments, .. } if function.name.eq_ignore_ascii_case("coalesce") => {
                Self::Coalesce(all(arguments)?)
            }
            Expr::Call { function, arguments, .. } => {
                // the clock of a statement stands still
                let plain = function.deterministic && !function.needs_graph;
                if !plain || !matches!(function.body, Body::Scalar(_)) {
                    return None;
                }
                Self::Call(function, all(arguments)?)
            }
            _ => return None,
        })
    }

    /// The column of the expression over a whole batch. Errors: limits; those of the expression come from asking the
    /// rows one by one.
    pub(crate) fn column(&self, batch: &Batch, cx: &mut Context<'_>) -> Found<Column> {
        let rows: Vec<u32> = (0..batch.len as u32).collect();
        let cells = self.cells(Rows { batch, rows: &rows }, cx)?;
        Ok(cells.map(|cells| cells.into_column(batch.len, cx.graph())))
    }

    /// Keeps of `rows` those for which the expression is true; nothing was done when it says nothing.
    pub(crate) fn keep(&self, batch: &Batch, rows: &mut Vec<u32>, cx: &mut Context<'_>) -> Found<()> {
        let cells = self.run(Rows { batch, rows }, cx)?;
        let Some(truths) = cells.and_then(|cells| cells.into_truths(rows.len())) else { return Ok(None) };
        let mut at = 0;
        rows.retain(|_| {
            at += 1;
            truths[at - 1] == YES
        });
        Ok(Some(()))
    }

    /// The cells of an expression that something is made of; nothing where they are long to read: then the rows are
    /// asked one by one, and the limits between them.
    fn run(&self, on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        let len = on.rows.len();
        Ok(self.cells(on, cx)?.filter(|cells| cells.is_light(len)))
    }

    fn cells(&self, on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        let len = on.rows.len();
        cx.meter.step(len / 4)?;
        // nothing is asked, so that nothing fails
        if len == 0 {
            return Ok(Some(Cells::Values(Vec::new())));
        }
        Ok(match self {
            Self::Known(value) => Some(Cells::Same(value.clone())),
            Self::Param(index) => Some(Cells::Same(cx.params.get(*index as usize).cloned().unwrap_or_default())),
            Self::Once(expr) => eval(expr, on.batch.row(0), cx).ok().map(Cells::Same),
            Self::Slot(slot) => Some(Cells::of_column(on.batch.column(*slot), on.rows)),
            Self::Property(slot, key) => property(*slot, key, on, cx),
            Self::Component(base, key) => match base.cells(on, cx)? {
                Some(cells) => component(cells, key, len, cx),
                None => None,
            },
            Self::Arithmetic(first, rest) => {
                let mut left = first.run(on, cx)?;
                for (op, right) in rest {
                    let (Some(a), Some(b)) = (left, right.run(on, cx)?) else { return Ok(None) };
                    left = arithmetic::combine(*op, a, b, len, cx.graph());
                }
                left
            }
            Self::Negate(operand) => operand.run(on, cx)?.and_then(|cells| arithmetic::negate(cells, len, cx.graph())),
            Self::Compare(first, rest) => return Self::comparison(first, rest, on, cx),
            Self::Connective(terms, decides) => return Self::connective(terms, *decides, on, cx),
            Self::Not(operand) => operand.run(on, cx)?.and_then(|cells| {
                let mut truths = cells.into_truths(len)?;
                truths.iter_mut().for_each(|truth| *truth = [YES, NO, UNKNOWN][*truth as usize]);
                Some(Cells::Truths(truths))
            }),
            Self::IsNull(operand, negated) => operand
                .cells(on, cx)?
                .map(|cells| Cells::Truths((0..len).map(|at| u8::from(cells.is_null(at) != *negated)).collect())),
            Self::Labels(slot, test) => labels(*slot, test, on, cx),
            Self::In(item, list, set) => {
                let (Some(item), Some(Cells::Same(list))) = (item.run(on, cx)?, list.cells(on, cx)?) else {
                    return Ok(None);
                };
                return contains(&item, &list, set, len, cx);
            }
            Self::InOf(item, lists) => {
                let (Some(item), Some(lists)) = (item.run(on, cx)?, lists.cells(on, cx)?) else { return Ok(None) };
                return contains_each(&item, &lists, len, cx);
            }
            Self::Text(op, text, pattern) => {
                let (Some(text), Some(pattern)) = (text.run(on, cx)?, pattern.run(on, cx)?) else { return Ok(None) };
                match_texts(*op, &text, &pattern, len, cx)
            }
            Self::Case(operand, branches, otherwise) => {
                return Self::case(operand.as_deref(), branches, otherwise.as_deref(), on, cx);
            }
            Self::Coalesce(arguments) => return Self::coalesce(arguments, on, cx),
            Self::Call(function, arguments) => return Self::call(function, arguments, on, cx),
        })
    }

    fn comparison(first: &Self, rest: &[(ComparisonOp, Self)], on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        if let [(op, right)] = rest {
            let (Some(a), Some(b)) = (first.run(on, cx)?, right.run(on, cx)?) else { return Ok(None) };
            return Ok(Some(Cells::Truths(compare::compare(*op, a, b, on.rows.len(), cx.graph()))));
        }
        // a false pair decides: what stands behind it is not asked
        let mut out = vec![YES; on.rows.len()];
        let mut places: Vec<u32> = (0..on.rows.len() as u32).collect();
        let mut rows = on.rows.to_vec();
        let mut left = first;
        for (op, right) in rest {
            let here = Rows { batch: on.batch, rows: &rows };
            let (Some(a), Some(b)) = (left.run(here, cx)?, right.run(here, cx)?) else { return Ok(None) };
            let truths = compare::compare(*op, a, b, rows.len(), cx.graph());
            decide(&truths, NO, &mut out, &mut places, &mut rows);
            left = right;
        }
        Ok(Some(Cells::Truths(out)))
    }

    fn connective(terms: &[Self], decides: u8, on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        let mut out = vec![if decides == NO { YES } else { NO }; on.rows.len()];
        let mut places: Vec<u32> = (0..on.rows.len() as u32).collect();
        let mut rows = on.rows.to_vec();
        for term in terms {
            if rows.is_empty() {
                break;
            }
            let cells = term.run(Rows { batch: on.batch, rows: &rows }, cx)?;
            let Some(truths) = cells.and_then(|cells| cells.into_truths(rows.len())) else { return Ok(None) };
            decide(&truths, decides, &mut out, &mut places, &mut rows);
        }
        Ok(Some(Cells::Truths(out)))
    }

    fn case(
        operand: Option<&Self>,
        branches: &[(Vec<Self>, Self)],
        otherwise: Option<&Self>,
        on: Rows<'_>,
        cx: &mut Context<'_>,
    ) -> Found<Cells> {
        let operand = match operand.map(|operand| operand.run(on, cx)).transpose()? {
            Some(None) => return Ok(None),
            operand => operand.flatten(),
        };
        let mut parts = Parts::new(on);
        for (conditions, result) in branches {
            let mut taken = vec![false; parts.rows.len()];
            for condition in conditions {
                let open: Vec<u32> = (0..taken.len() as u32).filter(|at| !taken[*at as usize]).collect();
                let rows: Vec<u32> = open.iter().map(|at| parts.rows[*at as usize]).collect();
                let Some(cells) = condition.run(Rows { batch: on.batch, rows: &rows }, cx)? else { return Ok(None) };
                let graph = cx.graph();
                match &operand {
                    Some(operand) => open.iter().enumerate().for_each(|(number, at)| {
                        let place = parts.places[*at as usize] as usize;
                        let (a, b) = (operand.value(place, graph), cells.value(number, graph));
                        taken[*at as usize] = order::equal(&a, &b) == Some(true);
                    }),
                    None => {
                        let Some(truths) = cells.into_truths(rows.len()) else { return Ok(None) };
                        open.iter().zip(truths).for_each(|(at, truth)| taken[*at as usize] = truth == YES);
                    }
                }
            }
            if parts.take(&taken, result, on.batch, cx)?.is_none() {
                return Ok(None);
            }
        }
        let rest = vec![true; parts.rows.len()];
        let null = Self::Known(Value::Null);
        if parts.take(&rest, otherwise.unwrap_or(&null), on.batch, cx)?.is_none() {
            return Ok(None);
        }
        Ok(Some(parts.together()))
    }

    fn coalesce(arguments: &[Self], on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        let mut parts = Parts::new(on);
        for argument in arguments {
            let Some(cells) = argument.cells(Rows { batch: on.batch, rows: &parts.rows }, cx)? else { return Ok(None) };
            let there: Vec<bool> = (0..parts.rows.len()).map(|at| !cells.is_null(at)).collect();
            if parts.done.is_empty() && !there.contains(&false) {
                return Ok(Some(cells));
            }
            parts.put(&there, &cells, cx);
        }
        let rest = vec![true; parts.rows.len()];
        parts.put(&rest, &Cells::Same(Value::Null), cx);
        Ok(Some(parts.together()))
    }

    fn call(function: &Function, arguments: &[Self], on: Rows<'_>, cx: &mut Context<'_>) -> Found<Cells> {
        let len = on.rows.len();
        let mut cells = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let Some(argument) = argument.run(on, cx)? else { return Ok(None) };
            cells.push(argument);
        }
        if let ("date", [Cells::Moments(moments, nulls)]) = (function.name, cells.as_slice()) {
            return Ok(Some(moments::dates(moments, nulls.as_deref())));
        }
        let mut out = Vec::with_capacity(len);
        let mut given = vec![Value::Null; cells.len()];
        for at in 0..len {
            let graph = cx.graph();
            given.iter_mut().zip(&cells).for_each(|(value, cells)| *value = cells.value(at, graph));
            match with_context(cx, |context| function.call(context, &given)) {
                // what can grow is accounted for where rows are asked one by one
                Ok(Value::Str(_) | Value::List(_) | Value::Map(_)) | Err(_) => return Ok(None),
                Ok(value) => out.push(value),
            }
            cx.meter.step(1 + given.iter().map(reading).sum::<usize>())?;
        }
        Ok(Some(narrowed(out)))
    }
}

/// Notes what a term says of the rows that are still open, and keeps those that it leaves open.
fn decide(truths: &[u8], decides: u8, out: &mut [u8], places: &mut Vec<u32>, rows: &mut Vec<u32>) {
    let mut kept = 0;
    for (at, &truth) in truths.iter().enumerate() {
        let place = &mut out[places[at] as usize];
        if truth == decides {
            *place = decides;
            continue;
        }
        if truth == UNKNOWN {
            *place = UNKNOWN;
        }
        (places[kept], rows[kept]) = (places[at], rows[at]);
        kept += 1;
    }
    places.truncate(kept);
    rows.truncate(kept);
}

/// Values for rows that go different ways, put together again.
struct Parts {
    /// The rows that have none yet, and their places among all.
    rows: Vec<u32>,
    places: Vec<u32>,
    all: usize,
    done: Vec<(u32, Value)>,
}

impl Parts {
    fn new(on: Rows<'_>) -> Self {
        let all = on.rows.len();
        Self { rows: on.rows.to_vec(), places: (0..all as u32).collect(), all, done: Vec::new() }
    }

    /// The rows that are taken get what `code` says of them.
    fn take(&mut self, taken: &[bool], code: &Code<'_>, batch: &Batch, cx: &mut Context<'_>) -> Found<()> {
        let rows: Vec<u32> = self.rows.iter().zip(taken).filter(|(_, taken)| **taken).map(|(row, _)| *row).collect();
        let Some(cells) = code.cells(Rows { batch, rows: &rows }, cx)? else { return Ok(None) };
        let graph = cx.graph();
        let places = self.places.iter().zip(taken).filter(|(_, taken)| **taken).map(|(place, _)| *place);
        self.done.extend(places.enumerate().map(|(at, place)| (place, cells.value(at, graph))));
        self.leave(taken);
        Ok(Some(()))
    }

    /// The rows that are taken get the cells that stand at their numbers.
    fn put(&mut self, taken: &[bool], cells: &Cells, cx: &Context<'_>) {
        let graph = cx.graph();
        let places = self.places.iter().enumerate().filter(|(at, _)| taken[*at]);
        self.done.extend(places.map(|(at, place)| (*place, cells.value(at, graph))));
        self.leave(taken);
    }

    fn leave(&mut self, taken: &[bool]) {
        for list in [&mut self.rows, &mut self.places] {
            let mut at = 0;
            list.retain(|_| {
                at += 1;
                !taken[at - 1]
            });
        }
    }

    fn together(self) -> Cells {
        let mut values = vec![Value::Null; self.all];
        for (place, value) in self.done {
            values[place as usize] = value;
        }
        narrowed(values)
    }
}

/// The nodes or relationships in the rows of a slot, unless this statement has deleted something.
fn handles<'b>(slot: Slot, on: Rows<'b>, cx: &Context<'_>) -> Option<(Vec<u32>, bool)> {
    let pick = |handles: &[u32]| on.rows.iter().map(|row| handles[*row as usize]).collect();
    match on.batch.column(slot) {
        Some(Column::Nodes(nodes)) if !cx.has_deleted() => Some((pick(nodes), true)),
        Some(Column::Rels(rels)) if !cx.has_deleted() => Some((pick(rels), false)),
        _ => None,
    }
}

fn property(slot: Slot, key: &str, on: Rows<'_>, cx: &Context<'_>) -> Option<Cells> {
    match on.batch.column(slot) {
        None | Some(Column::Const(Value::Null)) => return Some(Cells::Same(Value::Null)),
        Some(Column::Values(_)) => {
            return component(Cells::of_column(on.batch.column(slot), on.rows), key, on.rows.len(), cx);
        }
        _ => {}
    }
    let (handles, nodes) = handles(slot, on, cx)?;
    let graph = cx.graph();
    let Some(key) = graph.key(key) else { return Some(Cells::Same(Value::Null)) };
    Some(if nodes {
        of_property(graph.node_column(key), &handles, cx.is_reading().then_some(key))
    } else {
        of_property(graph.rel_column(key), &handles, None)
    })
}

/// A component of temporal values, an entry of maps.
fn component(cells: Cells, key: &str, len: usize, cx: &Context<'_>) -> Option<Cells> {
    let of = |value: &Value| match value {
        Value::Null => Some(Value::Null),
        Value::Map(map) => Some(map.get(key).cloned().unwrap_or_default()),
        Value::Date(_)
        | Value::LocalTime(_)
        | Value::Time(_)
        | Value::LocalDateTime(_)
        | Value::DateTime(_)
        | Value::Duration(_) => temporal::access::component(value, key).ok(),
        _ => None,
    };
    match &cells {
        Cells::Same(value) => of(value).map(Cells::Same),
        Cells::Moments(moments, nulls) if moments::is_of_day(key) => moments::of_day(moments, nulls.as_deref(), &of),
        Cells::Values(values) => values.iter().map(of).collect::<Option<_>>().map(narrowed),
        cells => (0..len).map(|at| of(&cells.value(at, cx.graph()))).collect::<Option<_>>().map(narrowed),
    }
}

fn labels(slot: Slot, test: &LabelTest, on: Rows<'_>, cx: &Context<'_>) -> Option<Cells> {
    let (nodes, true) = handles(slot, on, cx)? else { return None };
    let graph = cx.graph();
    let labels = Labels::resolve(test, graph);
    let mut last = (NONE, NO);
    let truth = |&node: &u32| {
        if node == NONE {
            return UNKNOWN;
        }
        let set = graph.label_set(NodeRef::new(node));
        if set != last.0 {
            last = (set, u8::from(labels.fit(NodeRef::new(node), graph)));
        }
        last.1
    };
    Some(Cells::Truths(nodes.iter().map(truth).collect()))
}

fn contains(
    item: &Cells,
    list: &Value,
    set: &OnceCell<Arc<ListSet>>,
    len: usize,
    cx: &mut Context<'_>,
) -> Found<Cells> {
    let set = match (set.get(), list) {
        (Some(set), _) => set,
        (None, Value::List(list)) => {
            let made = ListSets::make(list, &mut cx.kept)?;
            set.get_or_init(|| made)
        }
        (None, Value::Null) => return Ok(Some(Cells::Same(Value::Null))),
        (None, _) => return Ok(None),
    };
    let graph = cx.graph();
    let one = |value: &Value| match set.contains(value) {
        Some(answer) => truth(answer),
        None => truth(set.compare_each(value)),
    };
    Ok(Some(match item {
        Cells::Same(value) => Cells::Same(truth_value(one(value))),
        Cells::Texts(texts) => {
            let mut known: rustc_hash::FxHashMap<u32, u8> = rustc_hash::FxHashMap::default();
            let truth = |at: usize| *known.entry(texts.codes[at]).or_insert_with(|| one(&item.value(at, graph)));
            Cells::Truths((0..len).map(truth).collect())
        }
        cells => Cells::Truths((0..len).map(|at| one(&cells.value(at, graph))).collect()),
    }))
}

/// Rows one after the other mostly ask for the same list.
fn contains_each(item: &Cells, lists: &Cells, len: usize, cx: &mut Context<'_>) -> Found<Cells> {
    let list_at = |at: usize| match lists {
        Cells::Values(values) => &values[at],
        Cells::Same(value) => value,
        _ => &Value::Bool(false),
    };
    let same = |a: &Value, b: &Value| match (a, b) {
        (Value::List(a), Value::List(b)) => a.as_ptr() == b.as_ptr() && a.len() == b.len(),
        _ => false,
    };
    let mut truths = Vec::with_capacity(len);
    while truths.len() < len {
        let from = truths.len();
        let list = match list_at(from) {
            Value::Null => {
                truths.push(UNKNOWN);
                continue;
            }
            Value::List(list) => list,
            // the row says what is wrong
            _ => return Ok(None),
        };
        let until = (from + 1..len).find(|at| !same(list_at(*at), list_at(from))).unwrap_or(len);
        let set = match until - from {
            1 => cx.sets.of(list, &mut cx.kept)?,
            _ => cx.sets.of_run(list, &mut cx.kept)?,
        };
        if set.is_none() {
            cx.meter.step((until - from) * list.len())?;
        }
        let graph = cx.graph();
        for at in from..until {
            let answer = match (&set, item) {
                (Some(set), Cells::Nodes(nodes)) if nodes[at] != NONE => set.contains_node(nodes[at]),
                (set, item) => {
                    let value = item.value(at, graph);
                    let known = set.as_ref().and_then(|set| set.contains(&value));
                    known.unwrap_or_else(|| order::contains(list, &value))
                }
            };
            truths.push(truth(answer));
        }
    }
    Ok(Some(Cells::Truths(truths)))
}

/// Bytes of text that are looked through at once; where there are more the rows are taken one by one, and the limits are asked.
const TEXT_AT_ONCE: usize = 4 << 20;

fn match_texts(op: BinaryOp, text: &Cells, pattern: &Cells, len: usize, cx: &Context<'_>) -> Option<Cells> {
    let graph = cx.graph();
    let mut seen = 0;
    let mut fits = |text: &str, pattern: &str| {
        seen += text.len();
        if seen > TEXT_AT_ONCE {
            return None;
        }
        Some(u8::from(match op {
            BinaryOp::StartsWith => text.starts_with(pattern),
            BinaryOp::EndsWith => text.ends_with(pattern),
            _ => text.contains(pattern),
        }))
    };
    if let (Cells::Texts(Texts { key, codes }), Cells::Same(Value::Str(pattern))) = (text, pattern)
        && let Some(column) = graph.node_column(*key)
    {
        let pool = column.pool();
        let one = |code: &u32| if *code == NONE { Some(UNKNOWN) } else { fits(pool.text(*code), pattern) };
        return codes.iter().map(one).collect::<Option<_>>().map(Cells::Truths);
    }
    let one = |at: usize| match (text.value(at, graph), pattern.value(at, graph)) {
        (Value::Str(text), Value::Str(pattern)) => fits(&text, &pattern),
        _ => Some(UNKNOWN),
    };
    (0..len).map(one).collect::<Option<_>>().map(Cells::Truths)
}
