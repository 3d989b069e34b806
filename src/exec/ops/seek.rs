//! Nodes out of an index, nodes by id.

use std::ops::{Bound, Range};
use std::sync::Arc;

use super::found::{Columns, Found};
use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{ComparisonOp, Expr, Slot};
use crate::error::{Code, Error, Result};
use crate::exec::batch::{Batch, ROWS, Row};
use crate::exec::context::Context;
use crate::exec::eval::{compare_values, eval};
use crate::graph::{Graph, IndexId, KeyId, LabelId, Part};
use crate::plan::node::Seek;
use crate::value::{NodeRef, Value, order};

/// How many nodes an ordered seek takes at first; each time it goes on it takes more.
const FIRST: usize = 16;

/// A range that takes in more than this part of its label is not worth an index.
const WIDE: u64 = 4;

/// Nodes of a label whose property is sought, per input row.
pub(in crate::exec) struct SeekIndex<'p> {
    feed: Feed<'p>,
    label: &'p Arc<str>,
    key: &'p Arc<str>,
    seek: &'p Seek,
    /// In the order of the key; true: descending.
    order: Option<bool>,
    to: Columns<'p>,
    found: Found,
    /// A row whose seek is taken a few nodes at a time: how many were taken.
    taken: usize,
    /// A row whose range takes in so much of the label that the label is scanned: where the scan goes on.
    scan: Option<u32>,
    /// Of a seek that several threads share: all it finds, in the order of the graph.
    whole: Option<Vec<u32>>,
    /// An index is made for this statement, once `asked` says that it pays.
    made: bool,
    asked: bool,
}

/// A seek with its values.
pub(super) enum Sought {
    Nothing,
    All,
    Equal(Value),
    /// In the order of values, none twice, none null.
    In(Vec<Value>),
    Range {
        lower: Option<(Value, bool)>,
        upper: Option<(Value, bool)>,
    },
    Prefix(Arc<str>),
}

impl<'p> SeekIndex<'p> {
    pub(in crate::exec) fn new(
        input: Source<'p>,
        node: Slot,
        (label, key): (&'p Arc<str>, &'p Arc<str>),
        (seek, order): (&'p Seek, Option<bool>),
        live: Live<'p>,
    ) -> Self {
        let to = Columns { rel: None, node: Some(node), live };
        let (feed, found, taken, scan) = (Feed::new(input), Found::default(), 0, None);
        Self { feed, label, key, seek, order, to, found, taken, scan, whole: None, made: false, asked: false }
    }

    /// Whether an index is to be made for this statement when there is none.
    pub(in crate::exec) fn made(mut self, made: bool) -> Self {
        self.made = made;
        self
    }

    /// Whether an index made for this statement is to answer. The second question shows that there will be more.
    fn wants_own(&mut self) -> bool {
        self.made && std::mem::replace(&mut self.asked, true)
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let own = self.wants_own();
        let sought = sought(self.seek, self.feed.batch.row(self.feed.row), cx)?;
        let graph = cx.graph();
        let mut done = true;
        if let (Some(label), Some(key)) = (graph.label(self.label), graph.key(self.key)) {
            let index = graph.index_for(label, key);
            if let (Sought::Equal(value), true, None) = (&sought, own, index) {
                cx.seek_transient((label, key), value, &mut self.found.nodes)?;
                self.next_row();
                return Ok(());
            }
            let few = index.and_then(|index| self.few(graph, index, &sought));
            match few {
                Some(finished) => done = finished,
                None if self.whole.is_none()
                    && index.is_some_and(|index| self.is_wide(graph, label, index, &sought)) =>
                {
                    let share = cx.share.as_ref().map_or(0..u32::MAX, Range::clone);
                    let nodes = &mut self.found.nodes;
                    let before = nodes.len();
                    let next = graph.scan_label(label, self.scan.unwrap_or(share.start), nodes, ROWS);
                    let within = nodes[before..].partition_point(|node| *node < share.end);
                    nodes.truncate(before + within);
                    self.scan = next.filter(|next| *next < share.end);
                    done = self.scan.is_none();
                }
                None => match cx.share.clone() {
                    None => self.everything(graph, (label, key, index), &sought, cx)?,
                    Some(share) => self.share(graph, (label, key, index), &sought, share, cx)?,
                },
            }
        }
        if done {
            self.next_row();
        } else {
            self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
        }
        Ok(())
    }

    /// Goes on to the next row: all that was found is of this one.
    fn next_row(&mut self) {
        self.found.rows.resize(self.found.nodes.len(), self.feed.row as u32);
        self.taken = 0;
        self.feed.row += 1;
    }

    /// The next few nodes of an ordered seek, and whether they were the last; nothing when it cannot be cut up.
    fn few(&mut self, graph: &Graph, index: IndexId, sought: &Sought) -> Option<bool> {
        let part = Part { descending: self.order?, skip: self.taken, max: FIRST.max(self.taken) };
        let nodes = &mut self.found.nodes;
        let before = nodes.len();
        let has_order = matches!(sought, Sought::All | Sought::Prefix(_) | Sought::Range { .. });
        if !has_order || !ask(graph, index, sought, part, nodes) {
            return None;
        }
        let got = nodes.len() - before;
        self.taken += got;
        Some(got < part.max)
    }

    /// Whether a range takes in so much of the label that reading it in the order of the graph, and letting the
    /// predicate above (it always stands there) decide, is quicker than following the order of the index.
    fn is_wide(&self, graph: &Graph, label: LabelId, index: IndexId, sought: &Sought) -> bool {
        if self.scan.is_some() {
            return true;
        }
        let Sought::Range { lower, upper } = sought else { return false };
        let all = graph.label_count(label);
        self.order.is_none()
            && all > ROWS as u64
            && graph.count_range(index, bound(lower), bound(upper)).is_some_and(|within| within > all / WIDE)
    }

    /// The nodes of the only row's seek that are this thread's share.
    fn share(
        &mut self,
        graph: &Graph,
        of: (LabelId, KeyId, Option<IndexId>),
        sought: &Sought,
        share: Range<u32>,
        cx: &Context<'_>,
    ) -> Result<()> {
        if self.whole.is_none() {
            self.everything(graph, of, sought, cx)?;
            let mut nodes = std::mem::take(&mut self.found.nodes);
            put_in_order(&mut nodes, graph.node_bound());
            self.whole = Some(nodes);
        }
        let whole = self.whole.as_deref().unwrap_or_default();
        let place = |slot: u32| whole.partition_point(|node| *node < slot);
        self.found.nodes.extend_from_slice(&whole[place(share.start)..place(share.end)]);
        Ok(())
    }

    /// All nodes of the current row's seek.
    fn everything(
        &mut self,
        graph: &Graph,
        (label, key, index): (LabelId, KeyId, Option<IndexId>),
        sought: &Sought,
        cx: &Context<'_>,
    ) -> Result<()> {
        let nodes = &mut self.found.nodes;
        let from = nodes.len();
        if index.is_some_and(|index| ask(graph, index, sought, Part::ALL, nodes)) {
            // in the order of the graph what comes next lies near what came before
            if self.order.is_none() && nodes.len() - from > ROWS {
                put_in_order(&mut nodes[from..], graph.node_bound());
            }
            return Ok(());
        }
        nodes.truncate(from);
        let mut cursor = Some(0);
        while let Some(at) = cursor {
            cursor = graph.scan_label(label, at, nodes, ROWS);
        }
        let mut kept = from;
        for at in from..nodes.len() {
            cx.meter.step(1)?;
            let node = nodes[at];
            if sought.fits(&graph.node_property(NodeRef::new(node), key)) {
                nodes[kept] = node;
                kept += 1;
            }
        }
        nodes.truncate(kept);
        if let Some(descending) = self.order {
            let value = |node: &u32| graph.node_property(NodeRef::new(*node), key);
            nodes[from..].sort_by(|a, b| match descending {
                true => order::order(&value(b), &value(a)),
                false => order::order(&value(a), &value(b)),
            });
        }
        Ok(())
    }
}

/// Sorts slots below `bound`. Many of them are marks in a list of all, which is read from its start.
fn put_in_order(slots: &mut [u32], bound: u32) {
    const MANY: usize = 64;
    let words = bound as usize / 64 + 1;
    if slots.len() < words || slots.len() < MANY || slots.is_sorted() {
        return slots.sort_unstable();
    }
    let mut marks = vec![0u64; words];
    slots.iter().for_each(|slot| marks[*slot as usize / 64] |= 1 << (slot % 64));
    // one that is there twice has one mark
    if marks.iter().map(|word| word.count_ones() as usize).sum::<usize>() != slots.len() {
        return slots.sort_unstable();
    }
    let mut at = 0;
    for (word, mut marks) in (0u32..).zip(marks) {
        while marks != 0 {
            slots[at] = word * 64 + marks.trailing_zeros();
            marks &= marks - 1;
            at += 1;
        }
    }
}

/// Drops repetitions in the sorted `nodes[from..]`; the new length.
fn unique_from(nodes: &mut [u32], from: usize) -> usize {
    let mut kept = from;
    for at in from..nodes.len() {
        if kept == from || nodes[kept - 1] != nodes[at] {
            nodes[kept] = nodes[at];
            kept += 1;
        }
    }
    kept
}

/// The values that a seek asks for in a row.
pub(super) fn sought(seek: &Seek, row: Row<'_>, cx: &mut Context<'_>) -> Result<Sought> {
    Ok(match seek {
        Seek::All => Sought::All,
        Seek::Equal(value) => match eval(value, row, cx)? {
            Value::Null => Sought::Nothing,
            value => Sought::Equal(value),
        },
        Seek::In(list) => match eval(list, row, cx)? {
            Value::List(list) => {
                let mut values: Vec<Value> = list.iter().filter(|value| !value.is_null()).cloned().collect();
                values.sort_by(order::order);
                values.dedup_by(|a, b| order::equivalent(a, b));
                Sought::In(values)
            }
            Value::Null => Sought::Nothing,
            other => {
                let message = format!("IN looks into a list, and this is a {}", other.type_name());
                return Err(Error::type_error(Code::InvalidArgumentType, message));
            }
        },
        Seek::Prefix(prefix) => match eval(prefix, row, cx)? {
            Value::Str(prefix) => Sought::Prefix(prefix),
            _ => Sought::Nothing,
        },
        Seek::Range { lower, upper } => {
            let mut bound = |bound: &Option<(Expr, bool)>| -> Result<Option<(Value, bool)>> {
                let Some((value, included)) = bound else { return Ok(None) };
                Ok(Some((eval(value, row, cx)?, *included)))
            };
            let (lower, upper) = (bound(lower)?, bound(upper)?);
            if [&lower, &upper].into_iter().flatten().any(|(value, _)| value.is_null()) {
                Sought::Nothing
            } else {
                Sought::Range { lower, upper }
            }
        }
    })
}

/// Asks the index; only what has an order has parts. False: it cannot answer.
pub(super) fn ask(graph: &Graph, index: IndexId, sought: &Sought, part: Part, nodes: &mut Vec<u32>) -> bool {
    match sought {
        Sought::Nothing => true,
        Sought::All => {
            graph.seek_ordered(index, part, nodes);
            true
        }
        Sought::Equal(value) => graph.seek_equal(index, value, nodes),
        Sought::In(values) => values.iter().all(|value| graph.seek_equal(index, value, nodes)),
        Sought::Range { lower, upper } => graph.seek_range(index, (bound(lower), bound(upper)), part, nodes),
        Sought::Prefix(prefix) => {
            graph.seek_prefix(index, prefix, part, nodes);
            true
        }
    }
}

pub(super) fn bound(bound: &Option<(Value, bool)>) -> Bound<&Value> {
    match bound {
        None => Bound::Unbounded,
        Some((value, true)) => Bound::Included(value),
        Some((value, false)) => Bound::Excluded(value),
    }
}

impl Sought {
    /// The value it must be equal to, where there is one only.
    pub(super) fn equal(self) -> Option<Value> {
        match self {
            Self::Equal(value) => Some(value),
            _ => None,
        }
    }

    /// The same question asked of a single value, for when there is no index.
    fn fits(&self, value: &Value) -> bool {
        let holds = |op, bound: &Value| compare_values(op, value, bound) == Some(true);
        match self {
            Self::Nothing => false,
            Self::All => !value.is_null(),
            Self::Equal(wanted) => holds(ComparisonOp::Equal, wanted),
            Self::In(values) => values.iter().any(|wanted| holds(ComparisonOp::Equal, wanted)),
            Self::Prefix(prefix) => matches!(value, Value::Str(text) if text.starts_with(&**prefix)),
            Self::Range { lower, upper } => {
                let above = lower.as_ref().is_none_or(|(bound, included)| {
                    holds(if *included { ComparisonOp::GreaterEqual } else { ComparisonOp::Greater }, bound)
                });
                above
                    && upper.as_ref().is_none_or(|(bound, included)| {
                        holds(if *included { ComparisonOp::LessEqual } else { ComparisonOp::Less }, bound)
                    })
            }
        }
    }
}

impl Operator for SeekIndex<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            while self.feed.row < self.feed.batch.len && !self.found.is_full() {
                cx.meter.step(1)?;
                self.fill(cx)?;
                if self.taken > 0 {
                    break;
                }
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
        (self.taken, self.scan) = (0, None);
    }
}

/// Nodes by the ids that users see, per input row.
pub(in crate::exec) struct SeekId<'p> {
    feed: Feed<'p>,
    id: &'p Expr,
    to: Columns<'p>,
    found: Found,
}

impl<'p> SeekId<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, node: Slot, id: &'p Expr, live: Live<'p>) -> Self {
        let to = Columns { rel: None, node: Some(node), live };
        Self { feed: Feed::new(input), id, to, found: Found::default() }
    }

    fn fill(&mut self, cx: &mut Context<'_>) -> Result<()> {
        let id = eval(self.id, self.feed.batch.row(self.feed.row), cx)?;
        let ids = match &id {
            Value::List(list) => list.items(),
            single => std::slice::from_ref(single),
        };
        let graph = cx.graph();
        let from = self.found.nodes.len();
        for id in ids {
            let id = match id {
                Value::Int(id) => u64::try_from(*id).ok(),
                // 1.0 is equal to 1
                Value::Float(id) if id.fract() == 0.0 && (0.0..9.0e15).contains(id) => Some(*id as u64),
                _ => None,
            };
            self.found.nodes.extend(id.and_then(|id| graph.node_by_id(id)).map(|node| node.0));
        }
        self.found.nodes[from..].sort_unstable();
        let unique = unique_from(&mut self.found.nodes, from);
        self.found.nodes.truncate(unique);
        self.found.rows.resize(unique, self.feed.row as u32);
        self.feed.row += 1;
        Ok(())
    }
}

impl Operator for SeekId<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.found.emit(&self.feed.batch, self.to, cx)? {
                return Ok(Some(batch));
            }
            if !self.feed.ready(cx)? {
                return Ok(None);
            }
            while self.feed.row < self.feed.batch.len && !self.found.is_full() {
                cx.meter.step(1)?;
                self.fill(cx)?;
            }
        }
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.found.clear();
    }
}
