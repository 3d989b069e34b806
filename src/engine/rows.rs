//! What a statement answers.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::lineage::Lineage;
use super::session::Snapshot;
use crate::error::Span;
use crate::exec::Traced;
use crate::exec::context::Changes;
use crate::value::{NodeRef, RelRef, Value};

/// The answer to one statement: named columns, rows of values, what the nodes and relationships in them
/// look like, what was changed, and what the reader should be warned about.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub(crate) columns: Arc<[Arc<str>]>,
    /// Row after row, each as wide as `columns`.
    pub(crate) values: Vec<Value>,
    pub(crate) len: usize,
    pub(crate) entities: Entities,
    pub(crate) citations: Option<Vec<Arc<[Citation]>>>,
    pub(crate) changes: Changes,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) plan: Option<String>,
    /// What a statement that is a TRACE and nothing else has traced, and where.
    pub(crate) traced: Option<Arc<(Traced, Option<Snapshot>)>>,
}

/// Content of the nodes and relationships that occur in an answer, as it was when the statement ended.
#[derive(Clone, Debug, Default)]
pub struct Entities {
    /// By handle and the view it carries.
    pub(crate) nodes: FxHashMap<(NodeRef, u32), NodeData>,
    pub(crate) rels: FxHashMap<(RelRef, u32), RelData>,
}

/// A node's content.
#[derive(Clone, Debug, Default)]
pub struct NodeData {
    /// The id that users see; never reused.
    pub id: u64,
    /// In order of name.
    pub labels: Vec<Arc<str>>,
    /// In order of key.
    pub properties: Vec<(Arc<str>, Value)>,
}

/// A relationship's content.
#[derive(Clone, Debug, Default)]
pub struct RelData {
    /// The id that users see; never reused.
    pub id: u64,
    /// Its type.
    pub ty: Arc<str>,
    /// User id of the start node.
    pub start: u64,
    /// User id of the end node.
    pub end: u64,
    /// In order of key.
    pub properties: Vec<(Arc<str>, Value)>,
}

/// One place in one document that a row rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// The source's id.
    pub source: Arc<str>,
    /// `doc:paragraph.sentence`.
    pub locator: Arc<str>,
}

/// Something the reader should know although the statement ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// One sentence.
    pub message: String,
    /// What to type instead, when we know.
    pub hint: Option<String>,
    /// Where in the text.
    pub span: Span,
}

impl std::fmt::Display for Citation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.locator)
    }
}

impl Rows {
    /// An answer made by hand: every row as wide as `columns`.
    pub(crate) fn of(columns: Arc<[Arc<str>]>, rows: Vec<Vec<Value>>) -> Self {
        debug_assert!(rows.iter().all(|row| row.len() == columns.len()), "a row is as wide as the columns");
        Self { columns, len: rows.len(), values: rows.concat(), ..Self::default() }
    }

    /// The column names, in order.
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row with this number, from 0.
    pub fn get(&self, row: usize) -> Option<Row<'_>> {
        (row < self.len).then_some(Row { rows: self, at: row })
    }

    /// All rows, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.len).map(|at| Row { rows: self, at })
    }

    /// The content of the nodes and relationships in the answer.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// What the statement changed.
    pub fn changes(&self) -> Changes {
        self.changes
    }

    /// What the reader should know although the statement ran.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The plan as text, after EXPLAIN and PROFILE.
    pub fn plan(&self) -> Option<&str> {
        self.plan.as_deref()
    }

    /// The lineage that the rows tell, when the statement was a `TRACE` and nothing else; `WHERE` may have left steps
    /// out. It holds the version it was found in.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = Engine::builtin()?;
    /// let rows = engine.query("TRACE $name AS OF date({year: 2024})").param("name", "National Kurultai").rows()?;
    /// let lineage = rows.lineage().unwrap();
    /// assert_eq!((lineage.steps().len(), lineage.as_of().as_deref()), (rows.len(), Some("2024-01-01")));
    /// assert!(engine.run("TRACE 'National Kurultai' RETURN kind")?.lineage().is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn lineage(&self) -> Option<Lineage> {
        let (traced, snapshot) = &**self.traced.as_ref()?;
        Some(Lineage::of_traced(snapshot.clone()?, traced))
    }

    /// Notes where a TRACE was answered.
    pub(super) fn held_by(mut self, snapshot: impl FnOnce() -> Snapshot) -> Self {
        if let Some((_, held)) = self.traced.as_mut().and_then(Arc::get_mut) {
            *held = Some(snapshot());
        }
        self
    }

    /// Whether rows carry citations (the query began with CITE).
    pub fn cited(&self) -> bool {
        self.citations.is_some()
    }
}

/// One row of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    rows: &'a Rows,
    at: usize,
}

impl<'a> Row<'a> {
    /// The values, in the order of the columns.
    pub fn values(&self) -> &'a [Value] {
        let width = self.rows.columns.len();
        &self.rows.values[self.at * width..(self.at + 1) * width]
    }

    /// The value of a column by name.
    pub fn get(&self, column: &str) -> Option<&'a Value> {
        let at = self.rows.columns.iter().position(|c| &**c == column)?;
        self.values().get(at)
    }

    /// The places this row rests on, in order, without repetition; empty unless the query began with CITE.
    pub fn citations(&self) -> &'a [Citation] {
        self.rows.citations.as_ref().and_then(|c| c.get(self.at)).map_or(&[], |c| c)
    }
}

impl Entities {
    /// The content of a node that occurs in the answer.
    pub fn node(&self, node: NodeRef) -> Option<&NodeData> {
        self.nodes.get(&(node, node.view()))
    }

    /// The content of a relationship that occurs in the answer.
    pub fn rel(&self, rel: RelRef) -> Option<&RelData> {
        self.rels.get(&(rel, rel.view()))
    }
}
