//! The tree a text is read into: spans everywhere, names still names, nothing resolved.
//!
//! Long chains (`1 + 1 + 1 …`, `a AND b AND c …`, `a.b.c[0]`, `UNION` parts, the elements of a path) are flat
//! vectors, so that no depth of this tree grows with the length of a text; nesting is bounded by the
//! parser's depth budget. Knows neither values nor graph.

// The one-line variants name their fields in the comment above them.
#![allow(missing_docs)]

mod expression;

pub(crate) use expression::{
    AccessStep, ArithmeticOp, BinaryOp, CaseBranch, ComparisonOp, Expr, ExprKind, Literal, MapProjectionItem,
    Quantifier, SubqueryBody, SubqueryKind,
};

pub(crate) use super::schema::{ConstraintKind, EntityKind, SchemaCommand, SchemaTarget, Target};
use crate::error::Span;

/// A text: statements separated by semicolons.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    /// In the order written; empty statements are dropped.
    pub statements: Vec<Statement>,
}

/// One statement with the prefixes before it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// `EXPLAIN` or `PROFILE` before it.
    pub mode: Mode,
    /// `USE name`: the graph it is meant for.
    pub graph: Option<Name>,
    /// What is to be done.
    pub body: StatementBody,
    /// The whole statement, without the semicolon.
    pub span: Span,
}

/// Whether a statement runs, is shown, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Run it.
    Run,
    /// `EXPLAIN`: show the plan, run nothing.
    Explain,
    /// `PROFILE`: run it and show the plan with counts.
    Profile,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatementBody {
    /// A reading or writing query.
    Query(Query),
    /// `CREATE INDEX`, `DROP CONSTRAINT`, …
    Schema(SchemaCommand),
    /// `SHOW INDEXES`, `SHOW FUNCTIONS`, …
    Show(Show),
    /// `BEGIN`, `COMMIT`, `ROLLBACK`.
    Transaction(TransactionCommand),
    /// `TERMINATE TRANSACTION 'id', …`.
    Terminate(Vec<String>),
}

/// `BEGIN`, `COMMIT`, `ROLLBACK` (also with `TRANSACTION`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransactionCommand {
    Begin,
    Commit,
    Rollback,
}

/// What `SHOW` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    Indexes,
    Constraints,
    Functions,
    Procedures,
    Labels,
    RelationshipTypes,
    PropertyKeys,
    Sources,
    Databases,
    CurrentUser,
    Transactions,
    Settings,
    RangeIndexes,
    FulltextIndexes,
    /// Indexes of kinds that there are not: text, point, vector, lookup.
    OtherIndexes,
}

impl Show {
    /// Every kind, with the name under which `CALL` knows its rows.
    pub(crate) const PROCEDURES: &[(Self, &str)] = &[
        (Self::Indexes, "show.indexes"),
        (Self::Constraints, "show.constraints"),
        (Self::Functions, "show.functions"),
        (Self::Procedures, "show.procedures"),
        (Self::Labels, "show.labels"),
        (Self::RelationshipTypes, "show.relationshipTypes"),
        (Self::PropertyKeys, "show.propertyKeys"),
        (Self::Sources, "show.sources"),
        (Self::Databases, "show.databases"),
        (Self::CurrentUser, "show.currentUser"),
        (Self::Transactions, "show.transactions"),
        (Self::Settings, "show.settings"),
        (Self::RangeIndexes, "show.rangeIndexes"),
        (Self::FulltextIndexes, "show.fulltextIndexes"),
        (Self::OtherIndexes, "show.otherIndexes"),
    ];
}

/// An identifier as written, back-ticks removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands (with back-ticks).
    pub span: Span,
}

/// `[CITE] part UNION [ALL] part …`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    /// `CITE` before it: every row carries citations.
    pub cite: bool,
    /// The first part.
    pub first: SingleQuery,
    /// The parts after it with their `UNION`s. Mixing UNION and UNION ALL is found by the binder.
    pub unions: Vec<Union>,
    /// The whole query.
    pub span: Span,
}

/// One `UNION [ALL]` and the part behind it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Union {
    /// `UNION ALL`: duplicates are kept.
    pub all: bool,
    /// The part.
    pub part: SingleQuery,
    /// The `UNION [ALL]` itself.
    pub span: Span,
}

/// Clauses in the order written. Whether that order has a meaning is the binder's question.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SingleQuery {
    /// At least one.
    pub clauses: Vec<Clause>,
    /// From the first clause to the last.
    pub span: Span,
}

/// A clause and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clause {
    /// What it says.
    pub kind: ClauseKind,
    /// From its keyword to its end.
    pub span: Span,
}

/// What DELETE does with the relationships of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detach {
    /// `DETACH`: it deletes them, too.
    Yes,
    /// Nothing is said: there must be none.
    Unsaid,
    /// `NODETACH`: the same, on purpose.
    No,
}

/// The clauses of the language.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ClauseKind {
    /// `[OPTIONAL] MATCH pattern [AS OF …] [ACCORDING TO …] [KNOWN BY …] [WHERE …]`.
    Match(Match),
    /// `UNWIND list AS x`.
    Unwind { list: Expr, variable: Name },
    /// `WITH …`.
    With(Projection),
    /// `RETURN …`.
    Return(Projection),
    /// `CREATE pattern`.
    Create(Pattern),
    /// `MERGE path [ON CREATE SET …] [ON MATCH SET …]`.
    Merge { path: PathPattern, on_create: Vec<SetItem>, on_match: Vec<SetItem> },
    /// `SET …`.
    Set(Vec<SetItem>),
    /// `REMOVE …`.
    Remove(Vec<RemoveItem>),
    /// `[DETACH | NODETACH] DELETE …`.
    Delete { detach: Detach, targets: Vec<Expr> },
    /// `FOREACH (x IN list | updates)`.
    Foreach { variable: Name, list: Expr, updates: Vec<Clause> },
    /// `CALL name(args) [YIELD …]`.
    CallProcedure(CallProcedure),
    /// `CALL { … }` or `CALL (x, y) { … }`.
    CallSubquery(CallSubquery),
    /// `LOAD CSV [WITH HEADERS] FROM url AS row [FIELDTERMINATOR …]`.
    LoadCsv { with_headers: bool, url: Expr, variable: Name, terminator: Option<Expr> },
    /// `TRACE name [TO name] [BACKWARD|FORWARD] [VIA type|…] [AS OF …] [ACCORDING TO …] [KNOWN BY …] [YIELD …] [WHERE …]`.
    Trace(Box<Trace>),
    /// `FINISH`: the query ends and returns nothing.
    Finish,
    /// `CONFLICTS [OF x] [ACCORDING TO …] [KNOWN BY …] [YIELD …] [WHERE …]`.
    Conflicts { of: Option<Expr>, through: Through, yields: Option<Vec<YieldItem>>, condition: Option<Expr> },
}

/// `[OPTIONAL] MATCH`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Match {
    /// `OPTIONAL`.
    pub optional: bool,
    /// Comma-separated path patterns; relationships are distinct across all of them.
    pub pattern: Pattern,
    /// `AS OF [CERTAIN] date`.
    pub as_of: Option<AsOf>,
    /// `ACCORDING TO`, `KNOWN BY`.
    pub through: Through,
    /// `WHERE`.
    pub condition: Option<Expr>,
}

/// Whose word is taken: everybody's where nothing is said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Through {
    /// `ACCORDING TO source, …`: one or several sources (each a string or a list of strings).
    pub according_to: Vec<Expr>,
    /// `KNOWN BY [CERTAIN] date`: only what sources dated by that day say.
    pub known_by: Option<AsOf>,
}

/// `AS OF [CERTAIN] date`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AsOf {
    /// `CERTAIN`: only what is stated to hold; an undated end is not enough.
    pub certain: bool,
    /// A date or an EDTF-like string.
    pub date: Expr,
}

/// Path patterns separated by commas.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern {
    /// At least one.
    pub paths: Vec<PathPattern>,
}

/// `p = (a)-[r]->(b)…`, possibly inside `shortestPath(…)` or behind `ANY`, `SHORTEST k`, a path mode.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PathPattern {
    /// The path variable.
    pub variable: Option<Name>,
    /// Which of the matching paths are kept.
    pub selector: Selector,
    /// What a path may repeat.
    pub mode: PathMode,
    /// Node, relationship, node, … or quantified groups between nodes. Starts with a node or a group.
    pub elements: Vec<PathElement>,
    /// `WHERE` inside the parentheses around the whole path: asked of every path before the selector chooses.
    pub condition: Option<Box<Expr>>,
    /// The whole path pattern.
    pub span: Span,
}

/// Which of the matching paths between two nodes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// All of them.
    All,
    /// `shortestPath((a)-[*]-(b))`: one shortest.
    ShortestPath,
    /// `allShortestPaths((a)-[*]-(b))`.
    AllShortestPaths,
    /// `ANY [k]`.
    Any(u64),
    /// `[ANY] SHORTEST k`.
    Shortest(u64),
    /// `ALL SHORTEST`.
    AllShortest,
    /// `SHORTEST k GROUPS`.
    ShortestGroups(u64),
    /// `[ANY] CHEAPEST k`.
    Cheapest(u64),
    /// `ALL CHEAPEST`.
    AllCheapest,
    /// `CHEAPEST k GROUPS`.
    CheapestGroups(u64),
}

impl Selector {
    /// Whether paths are compared by what they cost, not by how long they are.
    pub(crate) fn is_by_cost(self) -> bool {
        matches!(self, Self::Cheapest(_) | Self::AllCheapest | Self::CheapestGroups(_))
    }
}

/// What a path may repeat (GQL).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathMode {
    /// No relationship twice: openCypher's way.
    Trail,
    /// Anything.
    Walk,
    /// No node twice.
    Acyclic,
    /// No node twice, but the last may be the first.
    Simple,
}

/// An element of a path pattern.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PathElement {
    /// `(…)`.
    Node(NodePattern),
    /// `-[…]->`.
    Relationship(RelPattern),
    /// `((a)-[r]->(b) WHERE …){1,3}`.
    Group(GroupPattern),
}

/// `(variable:Labels {properties} WHERE …)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NodePattern {
    /// Its variable.
    pub variable: Option<Name>,
    /// Its label expression. In CREATE and MERGE only a conjunction has a meaning.
    pub labels: Option<LabelExpr>,
    /// A map literal or a parameter.
    pub properties: Option<Expr>,
    /// The inline `WHERE`.
    pub condition: Option<Box<Expr>>,
    /// The whole, with parentheses.
    pub span: Span,
}

/// `-[variable:TYPE|OTHER *1..3 {properties} WHERE … COST …]->`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RelPattern {
    /// Its variable: a list of relationships when `length` is `VarLength`.
    pub variable: Option<Name>,
    /// Its type expression.
    pub types: Option<LabelExpr>,
    /// A map literal or a parameter.
    pub properties: Option<Expr>,
    /// The inline `WHERE`.
    pub condition: Option<Box<Expr>>,
    /// What one relationship costs, for a path behind `CHEAPEST`.
    pub cost: Option<Box<Expr>>,
    /// Which way the arrow points.
    pub direction: Direction,
    /// How many relationships it stands for.
    pub length: Length,
    /// The whole, with dashes and arrow heads.
    pub span: Span,
}

/// Which way an arrow points, read from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    /// `-->`
    Right,
    /// `<--`
    Left,
    /// `--` and `<-->`
    Either,
}

/// How many relationships a relationship pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// Exactly one; the variable is a relationship.
    One,
    /// `*`, `*2`, `*1..3` (and GQL's `->+`, `->{1,3}`); the variable is a list. Missing lower bound is 1.
    Var { min: Option<u64>, max: Option<u64> },
}

/// A quantified path pattern: `((a)-[r]->(b) WHERE …){min,max}`. Its variables are lists outside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GroupPattern {
    /// The path inside (no selector; may have a variable).
    pub path: Box<PathPattern>,
    /// The `WHERE` inside.
    pub condition: Option<Box<Expr>>,
    /// Fewest repetitions.
    pub min: u64,
    /// Most repetitions.
    pub max: Option<u64>,
    /// The whole.
    pub span: Span,
}

/// `A`, `A|B`, `A&B`, `!A`, `%`, `(…)`; `:A:B` is `A&B`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LabelExpr {
    /// One label or type.
    Name(Name),
    /// `%`: any.
    Any,
    /// `$(expression)`, `$any(expression)`: the labels (all of them, or one) that an expression names.
    Dynamic { names: Box<Expr>, any: bool },
    /// `!a`.
    Not(Box<LabelExpr>),
    /// `a & b & …` (two or more).
    And(Vec<LabelExpr>),
    /// `a | b | …` (two or more).
    Or(Vec<LabelExpr>),
}

/// The body of `WITH` and `RETURN`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projection {
    /// `DISTINCT`.
    pub distinct: bool,
    /// `*`.
    pub star: bool,
    /// The items (after `*`, if any).
    pub items: Vec<ProjectionItem>,
    /// `ORDER BY`.
    pub order_by: Vec<SortItem>,
    /// `SKIP` / `OFFSET`.
    pub skip: Option<Expr>,
    /// `LIMIT`.
    pub limit: Option<Expr>,
    /// `WHERE` (only after `WITH`).
    pub condition: Option<Expr>,
}

/// `expression [AS name]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ProjectionItem {
    /// The expression. The name of an unaliased column is the text under `expr.span`, to the letter.
    pub expr: Expr,
    /// The alias.
    pub alias: Option<Name>,
}

/// `expression [ASC|DESC]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SortItem {
    /// What to sort by.
    pub expr: Expr,
    /// `DESC`.
    pub descending: bool,
}

/// `SET` items.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SetItem {
    /// `a.k = value`, `a['k'] = value` (`target` is a property access).
    Property { target: Expr, value: Expr },
    /// `a = map` (all properties replaced).
    Replace { variable: Name, value: Expr },
    /// `a += map`.
    Merge { variable: Name, value: Expr },
    /// `a:L:M:$(names)`.
    Labels { variable: Name, labels: Vec<Name>, dynamic: Vec<Expr> },
}

/// `REMOVE` items.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RemoveItem {
    /// `a.k`, `a['k']`.
    Property(Expr),
    /// `a:L:M:$(names)`.
    Labels { variable: Name, labels: Vec<Name>, dynamic: Vec<Expr> },
}

/// `[OPTIONAL] CALL name(args) YIELD …`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallProcedure {
    /// `OPTIONAL`: a row for which nothing comes out stays, with nulls.
    pub optional: bool,
    /// The dotted name.
    pub name: Name,
    /// The arguments; none at all (`CALL name`) means they are taken from parameters.
    pub arguments: Option<Vec<Expr>>,
    /// `YIELD`.
    pub yields: Yield,
    /// `WHERE` behind `YIELD`.
    pub condition: Option<Expr>,
}

/// What a procedure call keeps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Yield {
    /// No `YIELD`: in a standalone call everything, inside a query nothing.
    None,
    /// `YIELD *`.
    Star,
    /// `YIELD a, b AS c`.
    Items(Vec<YieldItem>),
}

/// `column [AS name]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct YieldItem {
    /// The column.
    pub column: Name,
    /// Its name from here on.
    pub alias: Option<Name>,
}

/// `[OPTIONAL] CALL { … }`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallSubquery {
    /// `OPTIONAL`: a row for which nothing comes out stays, with nulls.
    pub optional: bool,
    /// `CALL (a, b) { … }`; `CALL (*) {…}` is `Imports::All`; `CALL { WITH a … }` is `Imports::Leading`.
    pub imports: Imports,
    /// The query inside.
    pub query: Box<Query>,
    /// `IN TRANSACTIONS …`.
    pub batches: Option<Batches>,
}

/// `IN TRANSACTIONS [OF n ROWS] [ON ERROR …] [REPORT STATUS AS s]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batches {
    /// How many rows go together; 1,000 when nothing is said.
    pub rows: Option<Expr>,
    /// What an error in one batch means for the others.
    pub on_error: OnError,
    /// The variable that says how the batch of a row went.
    pub status: Option<Name>,
}

/// What an error in a batch means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    /// The statement fails.
    Fail,
    /// The batch is undone, the next one runs.
    Continue,
    /// The batch is undone, no other runs.
    Break,
}

/// How outer variables enter a `CALL` subquery.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Imports {
    /// By an importing `WITH` as its first clause, or not at all.
    Leading,
    /// `CALL (*)`.
    All,
    /// `CALL (a, b)`.
    Names(Vec<Name>),
}

/// `TRACE …`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trace {
    /// A name, a node, or a parameter.
    pub start: Expr,
    /// `TO`: only what joins the two.
    pub to: Option<Expr>,
    /// `BACKWARD`, `FORWARD`, or both.
    pub direction: Option<TraceDirection>,
    /// `VIA type|type`.
    pub via: Vec<Name>,
    /// `AS OF`.
    pub as_of: Option<AsOf>,
    /// `ACCORDING TO`, `KNOWN BY`.
    pub through: Through,
    /// `YIELD`; without it all columns but the route come under their own names.
    pub yields: Option<Vec<YieldItem>>,
    /// `WHERE` over those columns.
    pub condition: Option<Expr>,
}

/// Which way a lineage is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TraceDirection {
    /// To the predecessors.
    Backward,
    /// To the successors.
    Forward,
}
