//! The query after binding: variables are slots, functions are table entries, aggregates are split
//! from what surrounds them. It cannot hold a name that still needs resolving; labels, types and
//! property keys stay text, because a graph may learn them between planning and running.
//!
//! **Slots.** One statement has one numbering of slots; subqueries share it. A slot is written by
//! exactly one clause. Variables that live inside one expression (`x` in `[x IN list | …]`) are
//! *locals*, numbered by how deep they nest.
//!
//! **Subqueries in expressions** (`EXISTS {}`, pattern comprehensions …) are lifted into
//! [`Query::subqueries`]; the expression holds the number only, so that the same [`Expr`] serves the
//! planner and the executor.

use std::sync::Arc;

use crate::error::Span;
use crate::function::{Function, Procedure};
use crate::value::Value;

pub(crate) use crate::syntax::ast::{
    ArithmeticOp, BinaryOp, ComparisonOp, Detach, Direction, OnError, PathMode, Quantifier, Selector, SubqueryKind,
    TraceDirection,
};

/// A column of the rows that flow: an index into [`Query::slots`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Slot(pub(crate) u32);

/// What a slot is known to hold before any row flows (null is always possible).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotKind {
    Node,
    Rel,
    /// A list of relationships: the variable of a variable-length relationship.
    RelList,
    Path,
    /// Anything.
    Value,
}

impl Slot {
    /// One more slot of a statement; `name` is empty for anonymous ones.
    pub(crate) fn fresh(slots: &mut Vec<SlotInfo>, name: impl Into<Arc<str>>, kind: SlotKind) -> Self {
        let slot = Self(u32::try_from(slots.len()).expect("a text has fewer variables than bytes"));
        slots.push(SlotInfo { name: name.into(), kind });
        slot
    }
}

/// A slot's name (empty for anonymous ones) and kind.
#[derive(Clone, Debug)]
pub(crate) struct SlotInfo {
    pub(crate) name: Arc<str>,
    pub(crate) kind: SlotKind,
}

/// A bound statement.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) slots: Vec<SlotInfo>,
    /// Names of the parameters; `Expr::Param` is an index into it.
    pub(crate) params: Vec<Arc<str>>,
    pub(crate) body: Body,
    /// Subqueries lifted out of expressions; `Expr::Subquery` is an index into it.
    pub(crate) subqueries: Vec<Subquery>,
    /// `CITE`: rows carry citations.
    pub(crate) cite: bool,
    /// Whether any clause, at any depth, writes.
    pub(crate) writes: bool,
    /// The statement is a TRACE and nothing else.
    pub(crate) traced: Option<Alone>,
    /// Labels, types and property keys the text names, each where it first does, for warnings about those the graph does
    /// not have.
    pub(crate) mentions: Vec<Mention>,
}

/// A TRACE that is all of its statement: whoever asks has its lineage, not only rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alone {
    /// Holds the place of a row's step in the lineage.
    pub(crate) slot: Slot,
    /// Whether `YIELD` chooses columns.
    pub(crate) yields: bool,
}

/// A schema name in the text.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) what: MentionKind,
    pub(crate) name: Arc<str>,
    pub(crate) span: Span,
}

/// What kind of schema name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MentionKind {
    Label,
    Type,
    Key,
    /// A document behind ACCORDING TO.
    Source,
}

/// One or more parts joined by `UNION`; the top of a statement, of a `CALL` subquery, of a lifted subquery.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) parts: Vec<Part>,
    /// `UNION` without ALL: duplicates go.
    pub(crate) distinct: bool,
    /// What comes out. With one part these are the part's own slots; with several, slots of their own
    /// that every part's `result` is copied into. Empty when nothing is returned.
    pub(crate) columns: Vec<Column>,
}

/// A named output.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: Arc<str>,
    pub(crate) slot: Slot,
}

/// Clauses in order, and the slots that hold the columns at their end (aligned with `Body::columns`).
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) result: Vec<Slot>,
}

/// A subquery lifted out of an expression. It runs once per row with `imports` evaluated in the outer row.
#[derive(Clone, Debug)]
pub(crate) struct Subquery {
    pub(crate) kind: SubqueryKind,
    /// Inner slot ← outer expression (a slot that is visible inside under the same number is imported as itself).
    pub(crate) imports: Vec<(Slot, Expr)>,
    pub(crate) body: Body,
    /// For `Collect`: the slot whose values are gathered.
    pub(crate) output: Option<Slot>,
}

/// The clauses.
#[derive(Clone, Debug)]
pub(crate) enum Clause {
    Match(Match),
    Unwind {
        list: Expr,
        slot: Slot,
    },
    /// `WITH` and `RETURN`.
    Project(Projection),
    Create(Vec<CreateStep>),
    Merge(Merge),
    Set(Vec<SetItem>),
    Remove(Vec<RemoveItem>),
    Delete {
        detach: Detach,
        targets: Vec<(Expr, Span)>,
    },
    Foreach {
        list: Expr,
        slot: Slot,
        updates: Vec<Clause>,
    },
    CallProcedure {
        procedure: Arc<Procedure>,
        arguments: Vec<Expr>,
        /// Output column of the procedure → slot.
        yields: Vec<(usize, Slot)>,
        /// A row for which there is none stays.
        optional: bool,
        span: Span,
    },
    /// `CALL { … }`. Imported variables keep their slots. `unit`: nothing is returned, rows pass unchanged. `optional`: a
    /// row for which nothing comes out stays.
    CallSubquery {
        body: Body,
        unit: bool,
        optional: bool,
        batches: Option<Batches>,
    },
    LoadCsv {
        with_headers: bool,
        url: Expr,
        slot: Slot,
        terminator: Option<Expr>,
        span: Span,
    },
    Trace(Trace),
    Conflicts {
        of: Option<Expr>,
        through: Through,
        /// Column number of [`crate::lineage`]'s conflict table → slot.
        yields: Vec<(usize, Slot)>,
        span: Span,
    },
}

/// `IN TRANSACTIONS`: rows go through a subquery in batches.
#[derive(Clone, Debug)]
pub(crate) struct Batches {
    pub(crate) rows: Option<Expr>,
    pub(crate) on_error: OnError,
    /// Receives how the batch of a row went.
    pub(crate) status: Option<Slot>,
    pub(crate) span: Span,
}

/// `TRACE`.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub(crate) start: Expr,
    pub(crate) to: Option<Expr>,
    pub(crate) direction: Option<TraceDirection>,
    pub(crate) via: Vec<Arc<str>>,
    pub(crate) as_of: Option<AsOf>,
    pub(crate) through: Through,
    /// Column number of [`crate::lineage`]'s trace table → slot.
    pub(crate) yields: Vec<(usize, Slot)>,
    pub(crate) span: Span,
}

/// `AS OF [CERTAIN] date`.
#[derive(Clone, Debug)]
pub(crate) struct AsOf {
    pub(crate) certain: bool,
    pub(crate) date: Expr,
    pub(crate) span: Span,
}

/// `ACCORDING TO`, `KNOWN BY`: whose word is taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Through {
    pub(crate) according_to: Vec<Expr>,
    pub(crate) known_by: Option<AsOf>,
}

impl Through {
    /// Whether everybody's is.
    pub(crate) fn is_empty(&self) -> bool {
        self.according_to.is_empty() && self.known_by.is_none()
    }

    /// Every expression in it.
    pub(crate) fn expressions<'e>(&'e self, f: &mut dyn FnMut(&'e Expr)) {
        self.known_by.iter().for_each(|known| f(&known.date));
        self.according_to.iter().for_each(f);
    }
}

/// `[OPTIONAL] MATCH`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Match {
    pub(crate) optional: bool,
    pub(crate) pattern: Pattern,
    /// `AS OF`, `ACCORDING TO`: they filter every node and relationship of the pattern.
    pub(crate) as_of: Option<AsOf>,
    pub(crate) through: Through,
    /// Conjuncts of `WHERE`. (Labels and property maps of the pattern are in `pattern.predicates`.)
    pub(crate) conditions: Vec<Expr>,
}

/// A query graph: the comma-separated path patterns of one clause, taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    /// Every distinct node, in order of first appearance.
    pub(crate) nodes: Vec<PatternNode>,
    /// Every relationship, variable-length relationship or quantified group, in order of appearance.
    pub(crate) rels: Vec<PatternRel>,
    /// Named paths and shortest-path searches.
    pub(crate) paths: Vec<PatternPath>,
    /// Labels, inline property maps (`n.k = v`), inline `WHERE`s: conjuncts over the slots of the pattern.
    /// Those of a variable-length relationship are in its `step` instead.
    pub(crate) predicates: Vec<Expr>,
}

/// A node of a query graph.
#[derive(Clone, Debug)]
pub(crate) struct PatternNode {
    pub(crate) slot: Slot,
    /// Bound by an earlier clause: its slot is filled when the pattern starts.
    pub(crate) bound: bool,
}

/// A relationship of a query graph. `from` and `to` index [`Pattern::nodes`] in the order written.
#[derive(Clone, Debug)]
pub(crate) struct PatternRel {
    pub(crate) slot: Slot,
    pub(crate) bound: bool,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) direction: Direction,
    pub(crate) types: TypeTest,
    pub(crate) length: RelLength,
    /// What it may repeat; `Trail` unless a GQL path mode says otherwise. All `Trail` relationships of one
    /// clause are pairwise distinct.
    pub(crate) mode: PathMode,
    /// What one relationship costs, over the slot that holds it (`step` of a variable-length one).
    pub(crate) cost: Option<Expr>,
}

/// How many relationships a [`PatternRel`] stands for.
#[derive(Clone, Debug)]
pub(crate) enum RelLength {
    One,
    Var {
        min: u64,
        max: Option<u64>,
        /// Slot that holds one relationship while `conditions` are tested on it, and the conditions
        /// (property map, inline WHERE of every single relationship).
        step: Slot,
        conditions: Vec<Expr>,
    },
    /// A quantified path pattern.
    Group(Box<Group>),
}

/// `((a)-[r]->(b) WHERE …){min,max}`.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) pattern: Pattern,
    /// Index in `pattern.nodes` of the first and last node of one repetition.
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) conditions: Vec<Expr>,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    /// Inner slot (one repetition) → outer slot (list over the repetitions).
    pub(crate) lists: Vec<(Slot, Slot)>,
}

/// Which relationship types fit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TypeTest {
    Any,
    /// One of these.
    OneOf(Vec<Arc<str>>),
    /// Anything else an expression may say (`!A`, …).
    Expr(LabelTest),
}

/// A label (or type) expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LabelTest {
    Name(Arc<str>),
    Any,
    Not(Box<LabelTest>),
    And(Vec<LabelTest>),
    Or(Vec<LabelTest>),
}

/// A named path or a selected one.
#[derive(Clone, Debug)]
pub(crate) struct PatternPath {
    /// The path variable's slot, when it has one.
    pub(crate) slot: Option<Slot>,
    pub(crate) selector: Selector,
    /// Receives what the path costs: of a named path that is chosen by cost.
    pub(crate) cost: Option<Slot>,
    pub(crate) mode: PathMode,
    /// What must hold of a path before the selector may choose it: over its parts, and the path itself.
    pub(crate) tests: Vec<Expr>,
    /// Nodes and relationships in order; a single node is a path of length 0.
    pub(crate) elements: Vec<PathPart>,
}

/// An element of a path: an index into the pattern it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathPart {
    Node(usize),
    Rel(usize),
}

/// `WITH` and `RETURN`, aggregates taken out of what surrounds them. In order:
/// 1. when `aggregation` is there: group by its keys, compute its aggregates;
/// 2. compute `items` (over the slots of 1, or of the incoming row);
/// 3. `DISTINCT` over the slots of `items`;
/// 4. sort (keys may use incoming slots when neither 1 nor 3 happened), skip, limit;
/// 5. only the slots of `items` go on; then `conditions` (the `WHERE` of `WITH`) filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    pub(crate) aggregation: Option<Aggregation>,
    /// An item that only passes a variable on is `(slot, Expr::Slot(slot))` with the same slot.
    pub(crate) items: Vec<(Slot, Expr)>,
    pub(crate) distinct: bool,
    pub(crate) order_by: Vec<SortKey>,
    pub(crate) skip: Option<Expr>,
    pub(crate) limit: Option<Expr>,
    pub(crate) conditions: Vec<Expr>,
}

/// Grouping.
#[derive(Clone, Debug)]
pub(crate) struct Aggregation {
    pub(crate) keys: Vec<(Slot, Expr)>,
    pub(crate) aggregates: Vec<Aggregate>,
}

/// One aggregate call.
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) slot: Slot,
    pub(crate) call: AggregateCall,
}

/// What is aggregated.
#[derive(Clone, Debug)]
pub(crate) enum AggregateCall {
    /// `count(*)`.
    CountRows,
    /// Any other: arguments as written (the percentile of `percentileCont` is the second).
    Function { function: &'static Function, distinct: bool, arguments: Vec<Expr>, span: Span },
}

/// One key of `ORDER BY`.
#[derive(Clone, Debug)]
pub(crate) struct SortKey {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
}

/// What `CREATE` (and the creating half of `MERGE`) does, in order.
#[derive(Clone, Debug)]
pub(crate) enum CreateStep {
    Node {
        slot: Slot,
        labels: Vec<Arc<str>>,
        properties: Option<Expr>,
    },
    Rel {
        slot: Slot,
        ty: Arc<str>,
        /// Names the type instead, where there is one.
        dynamic: Option<Expr>,
        start: Slot,
        end: Slot,
        properties: Option<Expr>,
        span: Span,
    },
    /// A named path over what was created or bound.
    Path {
        slot: Slot,
        elements: Vec<Slot>,
    },
}

/// `MERGE`.
#[derive(Clone, Debug)]
pub(crate) struct Merge {
    pub(crate) pattern: Pattern,
    pub(crate) create: Vec<CreateStep>,
    pub(crate) on_create: Vec<SetItem>,
    pub(crate) on_match: Vec<SetItem>,
    pub(crate) span: Span,
}

/// `SET` items.
#[derive(Clone, Debug)]
pub(crate) enum SetItem {
    Property {
        target: Expr,
        /// A string; constant where the key is written after a dot.
        key: Expr,
        value: Expr,
        span: Span,
    },
    /// `a = map` (`merge` false) and `a += map`.
    Map { target: Expr, value: Expr, merge: bool, span: Span },
    Labels {
        target: Expr,
        labels: Vec<Arc<str>>,
        /// Expressions that name more: a text or a list of texts each.
        dynamic: Vec<Expr>,
        span: Span,
    },
}

/// `REMOVE` items.
#[derive(Clone, Debug)]
pub(crate) enum RemoveItem {
    Property { target: Expr, key: Expr, span: Span },
    Labels { target: Expr, labels: Vec<Arc<str>>, dynamic: Vec<Expr>, span: Span },
}

/// An expression over slots, locals, parameters and constants. Spans stand where a runtime error may arise.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Const(Value),
    /// Index into [`Query::params`].
    Param(u32),
    Slot(Slot),
    /// A variable inside this expression; the number is its nesting depth from the outside.
    Local(u32),
    List(Vec<Expr>),
    Map(Vec<(Arc<str>, Expr)>),
    Property {
        base: Box<Expr>,
        key: Arc<str>,
        span: Span,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
        span: Span,
    },
    Slice {
        base: Box<Expr>,
        from: Option<Box<Expr>>,
        to: Option<Box<Expr>>,
        span: Span,
    },
    /// Left to right.
    Arithmetic {
        first: Box<Expr>,
        rest: Vec<(ArithmeticOp, Expr)>,
        span: Span,
    },
    /// Each neighbouring pair is compared; the results are joined by AND.
    Compare {
        first: Box<Expr>,
        rest: Vec<(ComparisonOp, Expr)>,
    },
    And(Vec<Expr>, Span),
    Or(Vec<Expr>, Span),
    Xor(Vec<Expr>, Span),
    Not(Box<Expr>, Span),
    Negate(Box<Expr>, Span),
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
        span: Span,
    },
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    IsType {
        operand: Box<Expr>,
        negated: bool,
        type_name: Arc<str>,
        span: Span,
    },
    /// On a node: its labels; on a relationship: its type.
    HasLabels {
        operand: Box<Expr>,
        test: LabelTest,
        span: Span,
    },
    Call {
        function: &'static Function,
        arguments: Vec<Expr>,
        span: Span,
    },
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<(Vec<Expr>, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    ListComprehension {
        local: u32,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
        map: Option<Box<Expr>>,
        span: Span,
    },
    Quantifier {
        kind: Quantifier,
        local: u32,
        list: Box<Expr>,
        condition: Option<Box<Expr>>,
        span: Span,
    },
    Reduce {
        accumulator: u32,
        init: Box<Expr>,
        local: u32,
        list: Box<Expr>,
        body: Box<Expr>,
        span: Span,
    },
    /// `base {.*, k: v}`; entries later in the list win.
    MapProjection {
        base: Box<Expr>,
        all: bool,
        entries: Vec<(Arc<str>, Expr)>,
        span: Span,
    },
    /// The same for every row of a statement: computed when it is first asked for. The optimizer puts it there.
    Once {
        number: u32,
        expr: Box<Expr>,
    },
    /// A node or relationship as some sources have it; `asks`: whether they say anything of it. The planner puts it where
    /// a pattern decides before there is a row to be seen through them.
    Through {
        base: Box<Expr>,
        through: Box<Through>,
        asks: bool,
    },
    /// Index into [`Query::subqueries`]. `Exists` gives a boolean, `Count` an integer, `Collect` a list.
    Subquery(u32),
}
