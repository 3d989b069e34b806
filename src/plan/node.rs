//! The plan: a tree of operators, slots in and slots out. Clauses are gone; EXPLAIN prints exactly this.
//!
//! Logical and physical operators share one type. The planner emits [`Op::Pattern`] for every `MATCH`;
//! the optimizer lowers it into scans, seeks, expands and joins, so that after it no `Pattern` is left
//! and every choice is written in the tree.

use std::sync::Arc;

use super::onward::Onward;
use super::reads::Reads;
use super::search::{Costs, PathSearch};
use crate::bind::bound::{
    Aggregate, Alone, AsOf, Batches, Column, CreateStep, Detach, Expr, Merge, PathMode, Pattern, RemoveItem, Selector,
    SetItem, Slot, SlotInfo, SortKey, SubqueryKind, Through, TraceDirection, TypeTest,
};
use crate::error::Span;
use crate::function::Procedure;

/// A planned statement.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) root: Node,
    /// Indexed by `Expr::Subquery`.
    pub(crate) subplans: Vec<SubPlan>,
    pub(crate) slots: Vec<SlotInfo>,
    pub(crate) params: Vec<Arc<str>>,
    pub(crate) columns: Vec<Column>,
    pub(crate) cite: bool,
    pub(crate) writes: bool,
    /// The statement is a TRACE and nothing else.
    pub(crate) traced: Option<Alone>,
    /// What is read of each slot, when the statement cites.
    pub(crate) reads: Vec<Reads>,
    /// The slots whose content is seen through a view.
    pub(crate) viewed: Vec<Slot>,
}

/// What a view lies before: the slots of a pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Viewed {
    pub(crate) nodes: Vec<Slot>,
    pub(crate) rels: Vec<Slot>,
    /// What the pattern newly binds, paths and lists of groups too: it carries the view on.
    pub(crate) fresh: Vec<Slot>,
}

impl Viewed {
    /// The newly bound slots to be cited, and whether each is of relationships.
    pub(crate) fn cited(&self) -> impl Iterator<Item = (Slot, bool)> {
        let of = |slots: &[Slot], rels| slots.iter().map(|slot| (*slot, rels)).collect::<Vec<_>>();
        let all = of(&self.rels, true).into_iter().chain(of(&self.nodes, false));
        all.filter(|(slot, _)| self.fresh.contains(slot))
    }
}

/// The plan of a subquery inside an expression. It runs once per row: `imports` are evaluated in the outer
/// row (locals included) and come out of the [`Op::Argument`] inside.
#[derive(Clone, Debug)]
pub(crate) struct SubPlan {
    pub(crate) kind: SubqueryKind,
    pub(crate) imports: Vec<(Slot, Expr)>,
    pub(crate) root: Node,
    /// For `Collect`.
    pub(crate) output: Option<Slot>,
    /// It has become a join; nothing asks for it any more.
    pub(crate) moved: bool,
}

/// An operator with what the optimizer knows about it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    /// Estimated rows out; `None` before estimation.
    pub(crate) rows: Option<f64>,
    /// Slots that somebody above still reads; others are dropped on the way out. `None`: all are kept.
    pub(crate) live: Option<Arc<[Slot]>>,
}

/// Which side of a node an expansion leaves by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Towards {
    Out,
    In,
    Both,
}

/// How an index is asked.
#[derive(Clone, Debug)]
pub(crate) enum Seek {
    /// Every entry of the index (nodes without the property have none).
    All,
    Equal(Expr),
    /// Any element of a list.
    In(Expr),
    /// Bounds: expression and whether it is included.
    Range {
        lower: Option<(Expr, bool)>,
        upper: Option<(Expr, bool)>,
    },
    Prefix(Expr),
}

/// What is asked of the first keys of an index, in their order: of all but the last that they are equal to something.
pub(crate) type Keys = Vec<(Arc<str>, Seek)>;

impl Seek {
    /// Calls `f` on the expressions of the sought values.
    pub(crate) fn expressions<'n>(&'n self, f: &mut dyn FnMut(&'n Expr)) {
        match self {
            Self::All => {}
            Self::Equal(e) | Self::In(e) | Self::Prefix(e) => f(e),
            Self::Range { lower, upper } => lower.iter().chain(upper).for_each(|(e, _)| f(e)),
        }
    }

    /// The same to change them.
    pub(crate) fn expressions_mut(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::All => {}
            Self::Equal(e) | Self::In(e) | Self::Prefix(e) => f(e),
            Self::Range { lower, upper } => lower.iter_mut().chain(upper).for_each(|(e, _)| f(e)),
        }
    }
}

/// One step of a relationship: from which slot to which, by which types.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) from: Slot,
    /// `None` when nobody reads the relationship (nor must it be told apart from another).
    pub(crate) rel: Option<Slot>,
    pub(crate) to: Slot,
    pub(crate) towards: Towards,
    pub(crate) types: TypeTest,
    /// Slots of relationships (or relationship lists) of the same clause this one must differ from.
    pub(crate) differs: Vec<Slot>,
}

/// Neighbours that are not counted, by what else the row holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Except {
    /// The nodes in these slots; where one is null nothing counts.
    pub(crate) nodes: Vec<Slot>,
    /// Those that this step leads to from a node of the row.
    pub(crate) related: Option<Box<Hop>>,
}

/// How many rows a row stands for: a running product in `slot`, begun where it is `fresh`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    pub(crate) slot: Slot,
    pub(crate) fresh: bool,
}

/// The bounds and manner of a variable-length step.
#[derive(Clone, Debug)]
pub(crate) struct VarHop {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) mode: PathMode,
    /// Slot that holds one relationship while `conditions` are tested on it.
    pub(crate) step: Slot,
    pub(crate) conditions: Vec<Expr>,
    /// What the relationship in `step` costs, where the cheapest walks are sought.
    pub(crate) cost: Option<Expr>,
    /// Receives what the walk costs.
    pub(crate) total: Option<Slot>,
    /// The walk was written against the direction it is now followed in: its list is turned round.
    pub(crate) reversed: bool,
    /// `Hop::rel` receives the number of relationships instead of their list.
    pub(crate) counted: bool,
}

/// A join's pair of equal expressions.
pub(crate) type JoinKey = (Expr, Expr);

/// The operators.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    // ---- leaves
    /// One row without columns.
    Unit,
    /// The row handed in by an enclosing Apply, Optional, Foreach, Merge or subquery.
    Argument,

    // ---- starts: for each row of `input` (often just one), the row with every node found
    /// Every node.
    ScanNodes {
        input: Box<Node>,
        node: Slot,
    },
    /// Every node with the label.
    ScanLabel {
        input: Box<Node>,
        node: Slot,
        label: Arc<str>,
    },
    /// Every relationship of the types, with its ends. `Both` gives each twice, once each way (loops once).
    ScanRels {
        input: Box<Node>,
        hop: Hop,
    },
    /// Nodes out of an index; the sought value may depend on the row.
    SeekIndex {
        input: Box<Node>,
        node: Slot,
        label: Arc<str>,
        key: Arc<str>,
        seek: Seek,
        /// Per row, they come in the order of the key (true: descending), a few at a time.
        order: Option<bool>,
        /// There is no index: one is made for this statement when the second row asks.
        made: bool,
    },
    /// Nodes out of an index on several properties. What is asked stands above as a filter.
    SeekComposite {
        input: Box<Node>,
        node: Slot,
        label: Arc<str>,
        keys: Keys,
    },
    /// Relationships out of an index on properties of theirs, with their ends; `hop.types` is one type. What is asked stands
    /// above as a filter. `Both` gives each twice, once each way (loops once).
    SeekRels {
        input: Box<Node>,
        hop: Hop,
        keys: Keys,
    },
    /// Nodes by id (an integer or a list of integers); the id may depend on the row.
    SeekId {
        input: Box<Node>,
        node: Slot,
        id: Expr,
    },

    // ---- patterns
    /// A whole query graph, not yet lowered. Only the planner and the optimizer see it.
    Pattern {
        input: Box<Node>,
        pattern: Box<Pattern>,
        conditions: Vec<Expr>,
    },
    /// Neighbours of `hop.from` into `hop.to`.
    Expand {
        input: Box<Node>,
        hop: Hop,
    },
    /// Relationships between two nodes that are both there.
    ExpandInto {
        input: Box<Node>,
        hop: Hop,
    },
    /// Counts neighbours (those for which every condition on `hop.to` holds) instead of making rows of them, each as
    /// often as it has ways `onward`; rows without any go or, where it is `optional`, count once.
    ExpandCount {
        input: Box<Node>,
        hop: Hop,
        conditions: Vec<Expr>,
        except: Except,
        onward: Vec<Onward>,
        count: Weight,
        optional: bool,
    },
    /// Common neighbours of two nodes into `expand.to`: those of `expand.from` that `into` relates to its other end.
    /// With `count` they are counted instead.
    Intersect {
        input: Box<Node>,
        expand: Hop,
        into: Hop,
        count: Option<Weight>,
    },
    /// Walks of several relationships; `hop.rel` receives the list (or, where `var.counted`, its length). With `into`, `hop.to` is already there.
    ExpandVar {
        input: Box<Node>,
        hop: Hop,
        var: VarHop,
        into: bool,
    },
    /// Distinct ends of such walks only, by breadth-first search: no list, no path; `hop.rel` receives the least length.
    Reach {
        input: Box<Node>,
        hop: Hop,
        var: VarHop,
        into: bool,
    },
    /// Shortest walks between two nodes that are both there (or from one to all when `into` is false); the cheapest
    /// where a step has a cost.
    ShortestPath {
        input: Box<Node>,
        hop: Hop,
        var: VarHop,
        selector: Selector,
        into: bool,
    },
    /// Some of the paths of a pattern of any shape between two nodes that are both there.
    SearchPaths {
        input: Box<Node>,
        search: Box<PathSearch>,
    },
    /// A quantified group: `inner` starts from an Argument with `first` filled and ends with `last`.
    ExpandGroup {
        input: Box<Node>,
        inner: Box<Node>,
        group: GroupHop,
    },
    /// A named path out of the slots of its parts.
    BindPath {
        input: Box<Node>,
        path: Slot,
        parts: Vec<Slot>,
        /// Holds what the path costs, where it was chosen by that.
        cost: Option<Slot>,
    },
    /// Keeps the first (or the shortest) `selector` paths per pair of ends.
    SelectPaths {
        input: Box<Node>,
        selector: Selector,
        ends: (Slot, Slot),
        parts: Vec<Slot>,
        costs: Costs,
    },
    /// Keeps rows that the sources assert, seen through these.
    ThroughView {
        input: Box<Node>,
        viewed: Viewed,
        through: Through,
    },
    /// Keeps rows whose nodes and relationships hold at a date.
    Valid {
        input: Box<Node>,
        nodes: Vec<Slot>,
        rels: Vec<Slot>,
        as_of: Option<AsOf>,
    },

    // ---- rows
    /// Rows for which every predicate is true.
    Filter {
        input: Box<Node>,
        predicates: Vec<Expr>,
    },
    /// The same rows in the same order, found by several threads where there are any to spare: each takes shares of the
    /// scan at the bottom of `input`, a chain of operators that look at one row at a time. `grouped`: the aggregation above
    /// groups the rows of each share on the thread that finds them, as far as that says the same.
    Parallel {
        input: Box<Node>,
        grouped: bool,
    },
    /// The rows of `inner`, a chain of operators that look at one row at a time and start from the rows of `input`; in their
    /// order, found by several threads where that takes long: each takes some of the rows. `grouped` as above.
    Distribute {
        input: Box<Node>,
        inner: Box<Node>,
        grouped: bool,
    },
    /// Computes slots. Slots not named stay.
    Project {
        input: Box<Node>,
        items: Vec<(Slot, Expr)>,
    },
    /// Groups. Only keys and aggregates go on. `weight`: how many rows a row stands for.
    Aggregate {
        input: Box<Node>,
        keys: Vec<(Slot, Expr)>,
        aggregates: Vec<Aggregate>,
        weight: Option<Slot>,
    },
    /// One row of each combination of the slots.
    Distinct {
        input: Box<Node>,
        slots: Vec<Slot>,
    },
    /// All rows in order.
    Sort {
        input: Box<Node>,
        keys: Vec<SortKey>,
    },
    /// The first `skip + limit` rows in order, without sorting all.
    TopK {
        input: Box<Node>,
        keys: Vec<SortKey>,
        limit: Expr,
        skip: Option<Expr>,
        /// The input already comes in the order of the first key, so that reading can stop at the first row
        /// whose first key is beyond the last kept.
        sorted: bool,
    },
    /// Drops the first rows.
    Skip {
        input: Box<Node>,
        count: Expr,
    },
    /// Stops after so many rows; `exhaust`: still runs its input to the end, because it writes.
    Limit {
        input: Box<Node>,
        count: Expr,
        exhaust: bool,
    },
    /// One row per element.
    Unwind {
        input: Box<Node>,
        list: Expr,
        slot: Slot,
    },
    /// Reads all of its input before it hands on the first row: separates reading from writing.
    Eager {
        input: Box<Node>,
    },

    // ---- several inputs
    /// For each row of `input`, the rows of `inner`; `optional`: one row with nulls in `nulls` when there is none.
    Apply {
        input: Box<Node>,
        inner: Box<Node>,
        optional: bool,
        nulls: Vec<Slot>,
    },
    /// Rows of `input` for which `inner` (a chain over an Argument that treats every row by itself) has a row; with
    /// `negated`, those for which it has none.
    SemiJoin {
        input: Box<Node>,
        inner: Box<Node>,
        negated: bool,
    },
    /// Rows of `input` with what the rows of `inner` (a chain over an Argument that treats every row by itself) make
    /// together for each: how many there are, whether there is one, or the list of what `output` holds.
    GroupJoin {
        input: Box<Node>,
        inner: Box<Node>,
        kind: SubqueryKind,
        output: Option<Slot>,
        slot: Slot,
    },
    /// For each row of `input`, runs `inner` for its effect, once per element of `list`.
    Foreach {
        input: Box<Node>,
        inner: Box<Node>,
        list: Expr,
        slot: Slot,
    },
    /// For each row of `input`, runs `inner` for its effect (a unit subquery).
    ApplyUnit {
        input: Box<Node>,
        inner: Box<Node>,
    },
    /// The same in batches of rows, each of which is undone by itself when it fails.
    Batches {
        input: Box<Node>,
        inner: Box<Node>,
        unit: bool,
        optional: bool,
        batches: Box<Batches>,
    },
    /// Every left row with every right row; sides share no slot.
    Cross {
        left: Box<Node>,
        right: Box<Node>,
    },
    /// Below an operator with an inner plan: the rows of `input`, found once for outer rows that agree in `on`. With
    /// `equal`, only those in whose first slot is the node that the outer row has in the second.
    Memoize {
        input: Box<Node>,
        on: Vec<Slot>,
        equal: Option<(Slot, Slot)>,
    },
    /// Left and right rows whose keys are equal (`=`; nulls never).
    HashJoin {
        left: Box<Node>,
        right: Box<Node>,
        keys: Vec<JoinKey>,
    },
    /// Rows of one part after the other; each part's slots are copied into `slots`.
    Union {
        parts: Vec<UnionPart>,
        slots: Vec<Slot>,
    },

    // ---- writes
    Create {
        input: Box<Node>,
        steps: Vec<CreateStep>,
    },
    /// `matching` starts from an Argument; when it has no row, the steps create one.
    Merge {
        input: Box<Node>,
        matching: Box<Node>,
        merge: Box<Merge>,
    },
    Set {
        input: Box<Node>,
        items: Vec<SetItem>,
    },
    Remove {
        input: Box<Node>,
        items: Vec<RemoveItem>,
    },
    Delete {
        input: Box<Node>,
        detach: Detach,
        targets: Vec<(Expr, Span)>,
    },

    // ---- tables from elsewhere
    CallProcedure {
        input: Box<Node>,
        procedure: Arc<Procedure>,
        arguments: Vec<Expr>,
        yields: Vec<(usize, Slot)>,
        span: Span,
    },
    LoadCsv {
        input: Box<Node>,
        with_headers: bool,
        url: Expr,
        slot: Slot,
        terminator: Option<Expr>,
        span: Span,
    },
    Trace {
        input: Box<Node>,
        start: Expr,
        to: Option<Expr>,
        direction: Option<TraceDirection>,
        via: Vec<Arc<str>>,
        as_of: Option<AsOf>,
        through: Through,
        yields: Vec<(usize, Slot)>,
        span: Span,
    },
    Conflicts {
        input: Box<Node>,
        of: Option<Expr>,
        through: Through,
        yields: Vec<(usize, Slot)>,
        span: Span,
    },

    // ---- answers out of the books, without visiting a row
    /// A count the graph already knows (nodes of a label, relationships of a type between labels).
    CountFromStats {
        slot: Slot,
        what: CountOf,
    },
    /// One row per relationship type that has any relationship between the labels: its name and how many.
    CountByType {
        ty: Slot,
        count: Slot,
        types: TypeTest,
        start: Option<Arc<str>>,
        end: Option<Arc<str>>,
    },
}

/// One part of a union.
#[derive(Clone, Debug)]
pub(crate) struct UnionPart {
    pub(crate) node: Node,
    /// The part's slots, aligned with the union's.
    pub(crate) slots: Vec<Slot>,
}

/// A quantified group, lowered.
#[derive(Clone, Debug)]
pub(crate) struct GroupHop {
    /// Outer end slots.
    pub(crate) from: Slot,
    pub(crate) to: Slot,
    /// `to` is already there.
    pub(crate) into: bool,
    /// Inner end slots.
    pub(crate) first: Slot,
    pub(crate) last: Slot,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    pub(crate) mode: PathMode,
    /// Slots of relationships inside one repetition, for telling walks apart.
    pub(crate) rels: Vec<Slot>,
    /// All parts of one repetition in order, for path values.
    pub(crate) parts: Vec<Slot>,
    /// Receives the flat list of parts walked (nodes and relationships), for `BindPath`.
    pub(crate) walk: Slot,
    /// Inner slot → outer list slot.
    pub(crate) lists: Vec<(Slot, Slot)>,
    /// Must differ from these.
    pub(crate) differs: Vec<Slot>,
}

/// What the graph counts by itself.
#[derive(Clone, Debug)]
pub(crate) enum CountOf {
    Nodes { label: Option<Arc<str>> },
    Rels { types: TypeTest, start: Option<Arc<str>>, end: Option<Arc<str>> },
}

impl Node {
    /// An operator about which nothing is known yet.
    pub(crate) fn new(op: Op) -> Self {
        Self { op, rows: None, live: None }
    }

    /// One row without columns.
    pub(crate) fn unit() -> Self {
        Self::new(Op::Unit)
    }

    /// The operator in a box, as inputs are held.
    pub(crate) fn boxed(self) -> Box<Self> {
        Box::new(self)
    }
}
