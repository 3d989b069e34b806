//! What a statement answers.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::from_value::{Cell, FromValue};
use super::lineage::{Lineage, Said};
use super::session::Snapshot;
use crate::error::{Code, Error, Result, Span, nearest};
use crate::exec::Traced;
use crate::exec::context::Changes;
use crate::plan::PlanTree;
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
    /// By the number of the row, the values in it that stand for several which documents state.
    pub(crate) differing: FxHashMap<usize, Arc<[Differing]>>,
    pub(crate) changes: Changes,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) plan: Option<PlanTree>,
    /// How many rows of the same answer came before these.
    pub(crate) before: usize,
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

impl NodeData {
    /// The labels without the one that every entity of a dataset has.
    pub(crate) fn telling_labels(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|label| &**label).filter(|label| *label != "Entity")
    }

    /// The label that says most: the first telling one, else the first.
    pub(crate) fn kind(&self) -> &str {
        self.telling_labels().next().or_else(|| self.labels.first().map(|label| &**label)).unwrap_or_default()
    }
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

/// A path's content: `nodes` has one more element than `rels`.
#[derive(Clone, Debug, Default)]
pub struct PathData {
    /// The nodes, in the order walked.
    pub nodes: Vec<NodeData>,
    /// The relationships between them.
    pub rels: Vec<RelData>,
}

/// One place in one document that a row rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Citation {
    /// The source's id.
    pub source: Arc<str>,
    /// `doc:paragraph.sentence`.
    pub locator: Arc<str>,
}

/// A value that was made of several, for computing: the set of the dates which documents state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differing {
    /// The value.
    pub(crate) shown: Arc<str>,
    /// What is stated.
    pub(crate) stated: Vec<Said>,
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
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(rows.columns().join(", "), "who, letters");
    /// # Ok(())
    /// # }
    /// ```
    pub fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// How many rows there are.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(rows.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// assert!(shejire::Engine::in_memory().run("MATCH (n) RETURN n")?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The row with this number, from 0.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(rows.get(1).unwrap().get::<&str>("who")?, "Bea");
    /// assert!(rows.get(2).is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, row: usize) -> Option<Row<'_>> {
        (row < self.len).then_some(Row { rows: self, at: row })
    }

    /// All rows, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let letters: Vec<i64> = rows.iter().map(|row| row.get("letters")).collect::<shejire::Result<_>>()?;
    /// assert_eq!(letters, [3, 3]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// The content of the nodes and relationships in the answer.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let rows = shejire::Engine::in_memory().run("CREATE (l:Law) RETURN [l] AS laws")?;
    /// let laws: Vec<NodeRef> = rows.get(0).unwrap().get("laws")?;
    /// assert_eq!(rows.entities().node(laws[0]).unwrap().labels[0].as_ref(), "Law");
    /// # Ok(())
    /// # }
    /// ```
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// What the statement changed.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("CREATE (:Law)-[:AMENDS]->(:Law)")?;
    /// assert_eq!((rows.changes().nodes_created, rows.changes().relationships_created), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self) -> Changes {
        self.changes
    }

    /// What the reader should know although the statement ran.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::builtin()?.run("MATCH (l:lwa) RETURN l")?;
    /// assert_eq!(rows.warnings()[0].hint.as_deref(), Some("did you mean `law`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The plan, after EXPLAIN and PROFILE.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::builtin()?.run("EXPLAIN MATCH (l:law) RETURN l")?;
    /// assert_eq!(rows.plan().unwrap().root().operator(), "ScanLabel");
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan(&self) -> Option<&PlanTree> {
        self.plan.as_ref()
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
    pub(super) fn held_by(mut self: Box<Self>, snapshot: impl FnOnce() -> Snapshot) -> Box<Self> {
        if let Some((_, held)) = self.traced.as_mut().and_then(Arc::get_mut) {
            *held = Some(snapshot());
        }
        self
    }

    /// Whether rows carry citations (the query began with CITE).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::builtin()?.run("CITE MATCH (a)-[:`transformed-into`]->(b) RETURN b.name AS name")?;
    /// assert!(rows.cited());
    /// # Ok(())
    /// # }
    /// ```
    pub fn cited(&self) -> bool {
        self.citations.is_some()
    }

    /// The rows from this one on.
    pub(super) fn starting_at(&self, at: usize) -> Self {
        let values = self.values.get(at * self.columns.len()..).unwrap_or_default().to_vec();
        let citations = self.citations.as_ref().map(|all| all.get(at..).unwrap_or_default().to_vec());
        let (len, before) = (self.len.saturating_sub(at), self.before + at);
        let differing = self.differing.iter().filter_map(|(row, each)| Some((row.checked_sub(at)?, Arc::clone(each))));
        Self { values, len, before, citations, differing: differing.collect(), ..self.clone() }
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Row<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        Iter { rows: self, at: 0..self.len }
    }
}

/// The rows of an answer, in order.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rows: &'a Rows,
    at: Range<usize>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        self.at.next().map(|at| Row { rows: self.rows, at })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.at.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.at.next_back().map(|at| Row { rows: self.rows, at })
    }
}

impl IntoIterator for Rows {
    type Item = Record;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter { at: 0..self.len, rows: Arc::new(self) }
    }
}

/// The rows of an answer, in order, each by itself.
#[derive(Clone, Debug)]
pub struct IntoIter {
    rows: Arc<Rows>,
    at: Range<usize>,
}

impl Iterator for IntoIter {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.at.next().map(|at| Record::new(&self.rows, at))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.at.size_hint()
    }
}

impl ExactSizeIterator for IntoIter {}

/// One row of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    rows: &'a Rows,
    at: usize,
}

impl<'a> Row<'a> {
    /// The values, in the order of the columns.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(rows.get(0).unwrap().values(), ["Ada".into(), 3.into()]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn values(&self) -> &'a [Value] {
        let width = self.rows.columns.len();
        &self.rows.values[self.at * width..(self.at + 1) * width]
    }

    /// The value of a column by name; nothing when there is no such column. [`Self::get`] gives it as the type wanted.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(rows.get(0).unwrap().value("letters"), Some(&3.into()));
    /// assert_eq!(rows.get(0).unwrap().value("age"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn value(&self, column: &str) -> Option<&'a Value> {
        let at = self.rows.columns.iter().position(|c| &**c == column)?;
        self.values().get(at)
    }

    /// The value of a column as a Rust type: see [`FromValue`] for which. Errors: `ArgumentError` when there is no such
    /// column (with the name that comes nearest), `TypeError` with column, row and both types when it holds something else.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let row = rows.get(0).unwrap();
    /// assert_eq!((row.get::<String>("who")?, row.get::<u8>("letters")?), ("Ada".to_owned(), 3));
    /// assert_eq!(row.get::<u8>("leters").unwrap_err().hint_text(), Some("did you mean `letters`?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<T: FromValue<'a>>(&self, column: &str) -> Result<T> {
        let Some(value) = self.value(column) else { return Err(self.no_column(column)) };
        T::from_value(Cell::new(value, &self.rows.entities)).map_err(|error| self.in_column(column, &error))
    }

    /// The row as a struct whose fields are called as the columns, a map, or a tuple in the order of the columns.
    /// Columns without a field are passed over. A node or relationship is a map of its properties, a path one of `nodes` and
    /// `relationships`, a date its text (or, in a field of the type [`Value`], itself). Errors: as [`Self::get`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let (who, letters): (&str, u8) = rows.get(0).unwrap().to()?;
    /// assert_eq!((who, letters), ("Ada", 3));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to<T: Deserialize<'a>>(&self) -> Result<T> {
        self.deserialized()
    }

    /// The places this row rests on, in order, without repetition; empty unless the query began with CITE.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::builtin()?.run("CITE MATCH (a)-[:`transformed-into`]->(b) RETURN b.name AS name")?;
    /// assert_eq!(&*rows.get(0).unwrap().citations()[0].locator, "000:11.1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn citations(&self) -> &'a [Citation] {
        self.rows.citations.as_ref().and_then(|c| c.get(self.at)).map_or(&[], |c| c)
    }

    /// What documents state in the place of a value of this row, each with its places, where they differ and the value is
    /// the set of them (`[2011,2012]`), made for computing: no place states the set. Empty for any other value, and
    /// unless the query began with CITE.
    ///
    /// ```
    /// use shejire::Engine;
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = Engine::in_memory();
    /// engine.run("CREATE (:court {id: 'a'})-[:`replaced-by`]->(:court {id: 'b'})")?;
    /// let told = "MATCH ()-[r:`replaced-by`]->() CALL evidence.add(r, {locator: $place, date: $date})";
    /// for (source, date) in [("m", "2011"), ("n", "2012")] {
    ///     engine.query("CALL source.put({id: $id})").param("id", source).rows()?;
    ///     engine.query(told).param("place", format!("{source}:1")).param("date", date).rows()?;
    /// }
    /// let rows = engine.run("CITE MATCH ()-[r]->() RETURN r.date AS date")?;
    /// let row = rows.get(0).unwrap();
    /// let stated = row.stated(row.value("date").unwrap());
    /// assert_eq!(row.get::<&str>("date")?, "[2011,2012]");
    /// assert_eq!((&*stated[1].text, &*stated[1].citations[0].locator), ("2012", "n:1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stated(&self, value: &Value) -> &'a [Said] {
        let Value::Str(text) = value else { return &[] };
        let differing = self.rows.differing.get(&self.at).map_or(&[][..], |all| all);
        differing.iter().find(|one| *one.shown == **text).map_or(&[], |one| &one.stated)
    }

    /// The names of the columns, in order.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// assert_eq!(&*rows.get(0).unwrap().columns()[0], "who");
    /// # Ok(())
    /// # }
    /// ```
    pub fn columns(&self) -> &'a [Arc<str>] {
        &self.rows.columns
    }

    pub(super) fn entities(&self) -> &'a Entities {
        &self.rows.entities
    }

    pub(super) fn no_column(&self, column: &str) -> Error {
        let columns = self.rows.columns.iter().map(|c| &**c);
        let message = format!("the answer has no column `{column}`");
        let hint = match nearest(column, columns.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has: {}", columns.collect::<Vec<_>>().join(", ")),
        };
        Error::argument(Code::InvalidArgumentValue, message).hint(hint)
    }

    /// The same error with its place in the answer.
    pub(super) fn in_column(&self, column: &str, error: &Error) -> Error {
        error.prefixed(&format!("column `{column}` of row {}: ", self.rows.before + self.at + 1))
    }
}

/// A row that is held by itself: what iterating over [`Rows`] by value and a [`Stream`](super::Stream) give. It keeps the rows it
/// was made with in memory, of a stream a thousand or so.
#[derive(Clone, Debug)]
pub struct Record {
    rows: Arc<Rows>,
    at: usize,
}

impl Record {
    pub(super) fn new(rows: &Arc<Rows>, at: usize) -> Self {
        Self { rows: Arc::clone(rows), at }
    }

    /// The row, for as long as the record is held.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let last = rows.into_iter().last().unwrap();
    /// assert_eq!(last.row().get::<&str>("who")?, "Bea");
    /// # Ok(())
    /// # }
    /// ```
    pub fn row(&self) -> Row<'_> {
        Row { rows: &self.rows, at: self.at }
    }

    /// The values, in the order of the columns.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let records: Vec<_> = rows.into_iter().collect();
    /// assert_eq!(records[1].values()[0], "Bea".into());
    /// # Ok(())
    /// # }
    /// ```
    pub fn values(&self) -> &[Value] {
        self.row().values()
    }

    /// The value of a column as a Rust type; see [`Row::get`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// for record in rows {
    ///     assert_eq!(record.get::<&str>("who")?.len(), 3);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<'a, T: FromValue<'a>>(&'a self, column: &str) -> Result<T> {
        self.row().get(column)
    }

    /// The row as a struct; see [`Row::to`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().run("UNWIND ['Ada', 'Bea'] AS who RETURN who, size(who) AS letters")?;
    /// let all: Vec<(String, u8)> = rows.into_iter().map(|record| record.to()).collect::<shejire::Result<_>>()?;
    /// assert_eq!(all[1], ("Bea".to_owned(), 3));
    /// # Ok(())
    /// # }
    /// ```
    pub fn to<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        self.row().to()
    }

    /// The places this row rests on; see [`Row::citations`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::builtin()?.run("CITE MATCH (a)-[:`transformed-into`]->(b) RETURN b.name AS name")?;
    /// let record = rows.into_iter().next().unwrap();
    /// assert_eq!(&*record.citations()[0].source, "000");
    /// # Ok(())
    /// # }
    /// ```
    pub fn citations(&self) -> &[Citation] {
        self.row().citations()
    }
}

impl Entities {
    /// The content of a node that occurs in the answer.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::NodeRef;
    ///
    /// let rows = shejire::Engine::in_memory().run("CREATE (l:Law) RETURN l")?;
    /// let law: NodeRef = rows.get(0).unwrap().get("l")?;
    /// assert_eq!(rows.entities().node(law).unwrap().labels[0].as_ref(), "Law");
    /// # Ok(())
    /// # }
    /// ```
    pub fn node(&self, node: NodeRef) -> Option<&NodeData> {
        self.nodes.get(&(node, node.view()))
    }

    /// The content of a relationship that occurs in the answer.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::value::RelRef;
    ///
    /// let rows = shejire::Engine::in_memory().run("CREATE (:Law)-[r:AMENDS]->(:Law) RETURN r")?;
    /// let amends: RelRef = rows.get(0).unwrap().get("r")?;
    /// assert_eq!(&*rows.entities().rel(amends).unwrap().ty, "AMENDS");
    /// # Ok(())
    /// # }
    /// ```
    pub fn rel(&self, rel: RelRef) -> Option<&RelData> {
        self.rels.get(&(rel, rel.view()))
    }
}
