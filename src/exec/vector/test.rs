//! Predicates on a batch: each narrows a list of row numbers.
//!
//! Comparisons of a property with a constant are done on the property's column, without making values;
//! what needs only one text property (`toLower(p.name) = 'x'`, `p.name =~ '…'`) is computed once per
//! distinct text and remembered. What else can be computed for all rows at once is (see [`super::code`]); the rest is
//! evaluated row by row.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::code::Code;
use super::compare::{holds, turned};
use crate::bind::bound::{BinaryOp, ComparisonOp, Expr, LabelTest, Slot};
use crate::error::Result;
use crate::exec::batch::{Batch, Column, NONE};
use crate::exec::context::Context;
use crate::exec::eval::{compare_values, eval, is_true};
use crate::exec::list_sets::{ListSet, ListSets};
use crate::exec::names::Labels;
use crate::graph::Column as PropertyColumn;
use crate::value::{NodeRef, Value};

/// Of so many combinations of labels it is remembered in a batch what a test says of them.
const FIRST_SETS: usize = 64;

/// The conjuncts of a filter.
pub(crate) struct Tests<'p> {
    tests: Vec<Test<'p>>,
    selection: Vec<u32>,
}

struct Test<'p> {
    expr: &'p Expr,
    kind: Kind<'p>,
}

enum Kind<'p> {
    /// `slot.key op value`.
    Compare {
        slot: Slot,
        key: &'p Arc<str>,
        op: ComparisonOp,
        value: Operand<'p>,
    },
    /// `slot.key IN list`.
    In {
        slot: Slot,
        key: &'p Arc<str>,
        list: Operand<'p>,
        set: Option<InSet>,
    },
    /// `slot.key STARTS WITH text` and its kin.
    Text {
        slot: Slot,
        key: &'p Arc<str>,
        op: BinaryOp,
        text: Arc<str>,
    },
    Labels {
        slot: Slot,
        test: &'p LabelTest,
    },
    /// `slot.key IS [NOT] NULL`.
    Null {
        slot: Slot,
        key: &'p Arc<str>,
        negated: bool,
    },
    Same(Slot, Slot),
    /// Depends on one property only; what it says per text code (0: not asked yet, 1: no, 2: yes).
    OneText {
        slot: Slot,
        key: &'p Arc<str>,
        verdicts: Vec<u8>,
        asked: usize,
    },
    /// Computed for all rows at once; `General` from the first batch on for which that says nothing.
    Code(Code<'p>),
    General,
}

/// What a property is compared with: known from the start, or computed when the first row asks.
enum Operand<'p> {
    Known(Value),
    Once(&'p Expr),
}

impl Operand<'_> {
    fn value(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<&Value> {
        if let Self::Once(expr) = self {
            *self = Self::Known(eval(expr, batch.row(0), cx)?);
        }
        match self {
            Self::Known(value) => Ok(value),
            Self::Once(_) => Ok(&Value::Null),
        }
    }
}

/// A list that properties are looked up in.
struct InSet {
    set: Arc<ListSet>,
    /// Codes of its texts in the pool of the column, while nothing is written.
    codes: Option<FxHashSet<u32>>,
}

impl<'p> Tests<'p> {
    /// Sorts the predicates into those that have a loop of their own and the others. Parameters are constants here.
    pub(crate) fn new(predicates: &'p [Expr], params: &[Value]) -> Self {
        let mut tests = Vec::with_capacity(predicates.len());
        for expr in predicates {
            compile(expr, params, &mut tests);
        }
        Self { tests, selection: Vec::new() }
    }

    /// The rows of `batch` for which every predicate is true.
    pub(crate) fn select(&mut self, batch: &Batch, cx: &mut Context<'_>) -> Result<&[u32]> {
        self.selection.clear();
        self.selection.extend(0..batch.len as u32);
        for test in &mut self.tests {
            if self.selection.is_empty() {
                break;
            }
            test.narrow(batch, &mut self.selection, cx)?;
        }
        Ok(&self.selection)
    }
}

fn compile<'p>(expr: &'p Expr, params: &[Value], tests: &mut Vec<Test<'p>>) {
    match expr {
        Expr::And(terms, _) if terms.iter().all(is_boolean) => {
            terms.iter().for_each(|term| compile(term, params, tests));
        }
        // a <= n.x <= b, when n.x stands in the middle
        Expr::Compare { first, rest } => {
            let mut left: &Expr = first;
            let kinds: Option<Vec<Kind<'p>>> = rest
                .iter()
                .map(|(op, right)| {
                    let kind = comparison(left, *op, right, params);
                    left = right;
                    kind
                })
                .collect();
            match kinds {
                Some(kinds) if rest.len() == 1 || kinds.iter().all(|k| matches!(k, Kind::Compare { .. })) => {
                    // a part of a chain that falls back to its expression tests the whole chain: the same answer
                    tests.extend(kinds.into_iter().map(|kind| Test { expr, kind }));
                }
                _ => tests.push(Test { expr, kind: one_text(expr).unwrap_or_else(|| code(expr)) }),
            }
        }
        _ => {
            let kind = simple(expr, params).or_else(|| one_text(expr)).unwrap_or_else(|| code(expr));
            tests.push(Test { expr, kind });
        }
    }
}

fn code(expr: &Expr) -> Kind<'_> {
    Code::new(expr).map_or(Kind::General, Kind::Code)
}

/// Whether an expression can only be a boolean or null, so that splitting an AND hides no type error.
fn is_boolean(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Compare { .. }
            | Expr::HasLabels { .. }
            | Expr::IsNull { .. }
            | Expr::Binary { .. }
            | Expr::Not(..)
            | Expr::Or(..)
            | Expr::And(..)
            | Expr::Xor(..)
    )
}

fn simple<'p>(expr: &'p Expr, params: &[Value]) -> Option<Kind<'p>> {
    match expr {
        Expr::HasLabels { operand, test, .. } => match **operand {
            Expr::Slot(slot) => Some(Kind::Labels { slot, test }),
            _ => None,
        },
        Expr::IsNull { operand, negated } => {
            slot_property(operand).map(|(slot, key)| Kind::Null { slot, key, negated: *negated })
        }
        Expr::Binary { op, left, right, .. } => {
            let (slot, key) = slot_property(left)?;
            if *op == BinaryOp::In {
                return operand(right, params).map(|list| Kind::In { slot, key, list, set: None });
            }
            match (op, constant(right, params)?) {
                (BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains, Value::Str(text)) => {
                    Some(Kind::Text { slot, key, op: *op, text })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn comparison<'p>(left: &'p Expr, op: ComparisonOp, right: &'p Expr, params: &[Value]) -> Option<Kind<'p>> {
    if let (Expr::Slot(a), Expr::Slot(b), ComparisonOp::Equal) = (left, right, op) {
        return Some(Kind::Same(*a, *b));
    }
    if let (Some((slot, key)), Some(value)) = (slot_property(left), operand(right, params)) {
        return Some(Kind::Compare { slot, key, op, value });
    }
    let (value, (slot, key)) = (operand(left, params)?, slot_property(right)?);
    Some(Kind::Compare { slot, key, op: turned(op), value })
}

fn slot_property(expr: &Expr) -> Option<(Slot, &Arc<str>)> {
    match expr {
        Expr::Property { base, key, .. } => match **base {
            Expr::Slot(slot) => Some((slot, key)),
            _ => None,
        },
        _ => None,
    }
}

fn constant(expr: &Expr, params: &[Value]) -> Option<Value> {
    match expr {
        Expr::Const(value) => Some(value.clone()),
        Expr::Param(index) => params.get(*index as usize).cloned(),
        _ => None,
    }
}

fn operand<'p>(expr: &'p Expr, params: &[Value]) -> Option<Operand<'p>> {
    match expr {
        Expr::Once { .. } => Some(Operand::Once(expr)),
        expr => constant(expr, params).map(Operand::Known),
    }
}

/// The one property a pure expression depends on.
fn one_text(expr: &Expr) -> Option<Kind<'_>> {
    let mut property = None;
    depends_only(expr, &mut property).then_some(())?;
    let (slot, key) = property?;
    Some(Kind::OneText { slot, key, verdicts: Vec::new(), asked: 0 })
}

/// Functions whose result depends on their arguments alone.
const PURE: &[&str] = &[
    "toLower",
    "toUpper",
    "lower",
    "upper",
    "trim",
    "lTrim",
    "rTrim",
    "btrim",
    "left",
    "right",
    "substring",
    "replace",
    "reverse",
    "split",
    "size",
    "toString",
    "toInteger",
    "toFloat",
    "char_length",
    "character_length",
];

fn depends_only<'p>(expr: &'p Expr, property: &mut Option<(Slot, &'p Arc<str>)>) -> bool {
    let mut all = |exprs: &'p [Expr]| exprs.iter().all(|expr| depends_only(expr, property));
    match expr {
        Expr::Const(_) | Expr::Param(_) | Expr::Once { .. } => true,
        Expr::Property { .. } => match (slot_property(expr), &property) {
            (Some(found), Some(known)) => found == *known,
            (Some(found), None) => {
                *property = Some(found);
                true
            }
            _ => false,
        },
        Expr::List(items) | Expr::And(items, _) | Expr::Or(items, _) => all(items),
        Expr::Call { function, arguments, .. } => {
            PURE.iter().any(|name| name.eq_ignore_ascii_case(function.name)) && all(arguments)
        }
        Expr::Compare { first, rest } => {
            depends_only(first, property) && rest.iter().all(|(_, right)| depends_only(right, property))
        }
        Expr::Binary { left, right, .. } => depends_only(left, property) && depends_only(right, property),
        Expr::Not(operand, _) => depends_only(operand, property),
        Expr::IsNull { operand, .. } => depends_only(operand, property),
        _ => false,
    }
}

impl Test<'_> {
    fn narrow(&mut self, batch: &Batch, rows: &mut Vec<u32>, cx: &mut Context<'_>) -> Result<()> {
        let done = match &mut self.kind {
            Kind::General => false,
            Kind::Code(code) => match code.keep(batch, rows, cx)? {
                Some(()) => true,
                None => {
                    self.kind = Kind::General;
                    false
                }
            },
            Kind::Same(a, b) => same(*a, *b, batch, rows),
            Kind::Labels { slot, test } => nodes_of(*slot, batch, cx).is_some_and(|nodes| {
                let graph = cx.graph();
                let labels = Labels::resolve(test, graph);
                // what it says of the first combinations of labels, once a node has it
                let mut verdicts = [None; FIRST_SETS];
                keep(rows, |row| match nodes[row as usize] {
                    NONE => false,
                    node => {
                        let fit = || labels.fit(NodeRef::new(node), graph);
                        let known = verdicts.get_mut(graph.label_set(NodeRef::new(node)) as usize);
                        known.map_or_else(fit, |known| *known.get_or_insert_with(fit))
                    }
                });
                true
            }),
            Kind::Compare { slot, key, op, value } => {
                let value = value.value(batch, cx)?;
                on_column(*slot, key, batch, rows, cx, |column, handles, rows| {
                    compare(column, *op, value, handles, rows);
                })
            }
            Kind::In { slot, key, list, set } => {
                if let (None, Value::List(list)) = (&set, list.value(batch, cx)?) {
                    let list = list.clone();
                    let made = ListSets::make(&list, &mut cx.kept)?;
                    let graph = cx.graph();
                    let column = graph.key(key).and_then(|key| graph.node_column(key));
                    let coded = cx.is_reading() && matches!(batch.column(*slot), Some(Column::Nodes(_)));
                    *set = Some(InSet::new(made, column.filter(|_| coded)));
                }
                set.as_ref().is_some_and(|set| {
                    on_column(*slot, key, batch, rows, cx, |column, handles, rows| set.narrow(column, handles, rows))
                })
            }
            Kind::Null { slot, key, negated } => {
                let wanted = *negated;
                // of a null node every property is null
                on_presence(*slot, key, batch, rows, cx, wanted)
            }
            Kind::Text { slot, key, op, text } => on_column(*slot, key, batch, rows, cx, |column, nodes, rows| {
                rows.retain(|&row| text_of(column, nodes[row as usize]).is_some_and(|t| text_fits(*op, t, text)));
            }),
            Kind::OneText { slot, key, verdicts, asked } => {
                return one_text_rows(self.expr, (*slot, key), (verdicts, asked), batch, rows, cx);
            }
        };
        if done { Ok(()) } else { by_row(self.expr, batch, rows, cx) }
    }
}

impl InSet {
    fn new(set: Arc<ListSet>, column: Option<&PropertyColumn>) -> Self {
        let codes = column.map(|column| set.texts().filter_map(|text| column.pool().find(text)).collect());
        Self { set, codes }
    }

    /// Keeps the rows whose property is in the list.
    fn narrow(&self, column: &PropertyColumn, handles: &[u32], rows: &mut Vec<u32>) {
        let slow = |handle: u32| {
            if let (Some(codes), Some(code)) = (&self.codes, column.str_code(handle)) {
                return codes.contains(&code);
            }
            let value = column.get(handle);
            match self.set.contains(&value) {
                Some(answer) => answer == Some(true),
                None => self.set.compare_each(&value) == Some(true),
            }
        };
        let other = |handle: u32| handle != NONE && slow(handle);
        column.retain_ints(handles, rows, |n| self.set.contains_int(n), other);
    }
}

/// The nodes of a slot that keeps them as handles, unless this statement has deleted something.
fn nodes_of<'b>(slot: Slot, batch: &'b Batch, cx: &Context<'_>) -> Option<&'b [u32]> {
    match batch.column(slot) {
        Some(Column::Nodes(nodes)) if !cx.has_deleted() => Some(nodes),
        _ => None,
    }
}

/// The nodes or relationships of a slot and the column of one of their properties (nothing: nobody has it).
type Stored<'b, 'g> = (&'b [u32], Option<&'g PropertyColumn>);

fn stored<'b, 'g>(slot: Slot, key: &str, batch: &'b Batch, cx: &'g Context<'_>) -> Option<Stored<'b, 'g>> {
    if cx.has_deleted() {
        return None;
    }
    let graph = cx.graph();
    let key = graph.key(key);
    match batch.column(slot)? {
        Column::Nodes(nodes) => Some((nodes, key.and_then(|key| graph.node_column(key)))),
        // where documents may disagree, each value is looked at
        Column::Rels(rels) if cx.evidence.is_empty() => Some((rels, key.and_then(|key| graph.rel_column(key)))),
        _ => None,
    }
}

/// Runs `narrow` on the property column of what stands in `slot`; without such a column nothing can be true.
/// False: the slot keeps no handles.
fn on_column(
    slot: Slot,
    key: &str,
    batch: &Batch,
    rows: &mut Vec<u32>,
    cx: &Context<'_>,
    narrow: impl FnOnce(&PropertyColumn, &[u32], &mut Vec<u32>),
) -> bool {
    let Some((handles, column)) = stored(slot, key, batch, cx) else { return false };
    match column {
        Some(column) => narrow(column, handles, rows),
        None => rows.clear(),
    }
    true
}

/// Keeps the rows that pass. Which they are cannot be foreseen: each is put down, and the next one over it when it does not.
fn keep(rows: &mut Vec<u32>, mut passes: impl FnMut(u32) -> bool) {
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        rows[kept] = row;
        kept += usize::from(passes(row));
    }
    rows.truncate(kept);
}

fn on_presence(slot: Slot, key: &str, batch: &Batch, rows: &mut Vec<u32>, cx: &Context<'_>, wanted: bool) -> bool {
    let Some((handles, column)) = stored(slot, key, batch, cx) else { return false };
    keep(rows, |row| {
        let handle = handles[row as usize];
        let present = handle != NONE && column.is_some_and(|column| column.is_present(handle));
        present == wanted
    });
    true
}

fn same(a: Slot, b: Slot, batch: &Batch, rows: &mut Vec<u32>) -> bool {
    match (batch.column(a), batch.column(b)) {
        (Some(Column::Nodes(a)), Some(Column::Nodes(b))) | (Some(Column::Rels(a)), Some(Column::Rels(b))) => {
            keep(rows, |row| a[row as usize] != NONE && a[row as usize] == b[row as usize]);
            true
        }
        _ => false,
    }
}

fn text_of(column: &PropertyColumn, node: u32) -> Option<&str> {
    if node == NONE { None } else { column.str(node) }
}

fn text_fits(op: BinaryOp, text: &str, pattern: &str) -> bool {
    match op {
        BinaryOp::StartsWith => text.starts_with(pattern),
        BinaryOp::EndsWith => text.ends_with(pattern),
        _ => text.contains(pattern),
    }
}

fn compare(column: &PropertyColumn, op: ComparisonOp, value: &Value, nodes: &[u32], rows: &mut Vec<u32>) {
    let slow = |node: u32| {
        let stored = column.get(node);
        compare_values(op, &stored, value) == Some(true)
    };
    match value {
        Value::Null => rows.clear(),
        Value::Int(wanted) => {
            let wanted = *wanted;
            let otherwise = |node: u32| node != NONE && slow(node);
            // one loop an operator: nothing is decided per row
            match op {
                ComparisonOp::Equal => column.retain_ints(nodes, rows, |n| n == wanted, otherwise),
                ComparisonOp::NotEqual => column.retain_ints(nodes, rows, |n| n != wanted, otherwise),
                ComparisonOp::Less => column.retain_ints(nodes, rows, |n| n < wanted, otherwise),
                ComparisonOp::LessEqual => column.retain_ints(nodes, rows, |n| n <= wanted, otherwise),
                ComparisonOp::Greater => column.retain_ints(nodes, rows, |n| n > wanted, otherwise),
                ComparisonOp::GreaterEqual => column.retain_ints(nodes, rows, |n| n >= wanted, otherwise),
            }
        }
        Value::DateTime(time) if time.utc_nanos().is_some() => {
            let wanted = time.utc_nanos().unwrap_or_default();
            let otherwise = |node: u32| node != NONE && slow(node);
            match op {
                ComparisonOp::Equal => column.retain_moments(nodes, rows, |n| n == wanted, otherwise),
                ComparisonOp::NotEqual => column.retain_moments(nodes, rows, |n| n != wanted, otherwise),
                ComparisonOp::Less => column.retain_moments(nodes, rows, |n| n < wanted, otherwise),
                ComparisonOp::LessEqual => column.retain_moments(nodes, rows, |n| n <= wanted, otherwise),
                ComparisonOp::Greater => column.retain_moments(nodes, rows, |n| n > wanted, otherwise),
                ComparisonOp::GreaterEqual => column.retain_moments(nodes, rows, |n| n >= wanted, otherwise),
            }
        }
        Value::Str(wanted) if op == ComparisonOp::Equal => match column.pool().find(wanted) {
            None => rows.clear(),
            Some(code) => keep(rows, |row| {
                let node = nodes[row as usize];
                node != NONE && column.str_code(node) == Some(code)
            }),
        },
        Value::Str(wanted) => rows.retain(|&row| match nodes[row as usize] {
            NONE => false,
            node => match column.str(node) {
                Some(text) => holds(op, text.as_bytes().cmp(wanted.as_bytes())),
                None => slow(node),
            },
        }),
        _ => rows.retain(|&row| match nodes[row as usize] {
            NONE => false,
            node => slow(node),
        }),
    }
}

fn by_row(expr: &Expr, batch: &Batch, rows: &mut Vec<u32>, cx: &mut Context<'_>) -> Result<()> {
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        cx.scratch = 0;
        cx.meter.step(1)?;
        if is_true(expr, batch.row(row as usize), cx)? {
            rows[kept] = row;
            kept += 1;
        }
    }
    rows.truncate(kept);
    Ok(())
}

/// Evaluates row by row, but not twice for the same text.
fn one_text_rows(
    expr: &Expr,
    (slot, key): (Slot, &str),
    (verdicts, asked): (&mut Vec<u8>, &mut usize),
    batch: &Batch,
    rows: &mut Vec<u32>,
    cx: &mut Context<'_>,
) -> Result<()> {
    let Some(nodes) = nodes_of(slot, batch, cx).filter(|_| cx.is_reading()) else {
        return by_row(expr, batch, rows, cx);
    };
    let graph = cx.graph();
    let texts = graph.key(key).and_then(|key| graph.node_column(key)).map_or(0, |column| column.pool().len());
    *asked = asked.saturating_add(rows.len());
    // a table as long as the pool pays only when enough rows ask
    if texts == 0 || *asked < texts / 16 {
        return by_row(expr, batch, rows, cx);
    }
    verdicts.resize(texts, 0);
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        let node = nodes[row as usize];
        let graph = cx.graph();
        let column = graph.key(key).and_then(|key| graph.node_column(key));
        let code = column.filter(|_| node != NONE).and_then(|column| column.str_code(node));
        let passes = match code.and_then(|code| verdicts.get(code as usize).copied().map(|v| (code, v))) {
            Some((_, verdict)) if verdict > 0 => verdict == 2,
            known => {
                cx.scratch = 0;
                cx.meter.step(1)?;
                let passes = is_true(expr, batch.row(row as usize), cx)?;
                if let Some((code, _)) = known {
                    verdicts[code as usize] = 1 + u8::from(passes);
                }
                passes
            }
        };
        if passes {
            rows[kept] = row;
            kept += 1;
        }
    }
    rows.truncate(kept);
    Ok(())
}
