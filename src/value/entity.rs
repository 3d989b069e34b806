//! What functions and printers ask about nodes and relationships, without knowing the graph.

use std::sync::Arc;

use super::edtf::{Days, FactTime, Holds};
use super::text::Content;
use super::{NodeRef, RelRef, Value};
use crate::error::Result;

/// What functions ask of the handles, beside their [`Content`]. Errors: the handle is deleted (`EntityNotFound`).
pub(crate) trait Entities: Content {
    /// The id that users see; never reused.
    fn node_id(&self, node: NodeRef) -> Result<i64>;

    /// The id that users see; never reused.
    fn rel_id(&self, rel: RelRef) -> Result<i64>;

    /// The stretches of time in which a node or relationship held, in order; without evidence, what its properties
    /// `start`, `end`, `during`, and `effective`, `date` or `adopted` say.
    fn times(&self, entity: &Value) -> Result<Vec<FactTime>> {
        let properties = match entity {
            Value::Node(node) => self.node_properties(*node)?,
            Value::Rel(rel) => self.rel_properties(*rel)?,
            _ => return Ok(Vec::new()),
        };
        Ok(vec![FactTime::of_properties(|key| properties.get(key).cloned().unwrap_or_default())])
    }

    /// Whether a node or relationship held on some of these days.
    fn holds(&self, entity: &Value, days: Days) -> Result<Holds> {
        let answers: Vec<Holds> = self.times(entity)?.iter().map(|time| time.holds(days)).collect();
        Ok(match answers.as_slice() {
            all if all.contains(&Holds::Yes) => Holds::Yes,
            [] => Holds::NotStated,
            all if all.iter().all(|answer| *answer == Holds::No) => Holds::No,
            _ => Holds::NotStated,
        })
    }

    /// The life of a node: its intervals with what states them; none where nothing is known.
    fn life(&self, _node: NodeRef) -> Result<Value> {
        Value::list(Vec::new())
    }

    /// The event that a relationship is part of; null when its type has no part in a lineage.
    fn event(&self, _rel: RelRef) -> Result<Value> {
        Ok(Value::Null)
    }

    /// The places in documents that speak of a relationship or name a node: maps with `source`, `title`, `locator`,
    /// `confidence` and what each adds. None where there is no evidence; so for all that follow.
    fn evidence(&self, _entity: &Value) -> Result<Vec<Value>> {
        Ok(Vec::new())
    }

    /// The ids of the documents that assert a relationship or name a node, sorted, each once.
    fn sources(&self, _entity: &Value) -> Result<Vec<Arc<str>>> {
        Ok(Vec::new())
    }

    /// How many independent voices these documents are.
    fn witnesses(&self, _entity: &Value) -> Result<usize> {
        Ok(0)
    }

    /// The distinct values stated under a key, each as a map with the documents and places that state it.
    fn stated(&self, _entity: &Value, _key: &str) -> Result<Vec<Value>> {
        Ok(Vec::new())
    }

    /// The keys under which what is stated excludes each other, sorted.
    fn disputed(&self, _entity: &Value) -> Result<Vec<Arc<str>>> {
        Ok(Vec::new())
    }

    /// The nodes whose ids stand under a key, each once.
    fn behind(&self, _entity: &Value, _key: &str) -> Result<Vec<NodeRef>> {
        Ok(Vec::new())
    }

    /// What a node is called, each name as a map with the documents and places that use it.
    fn names(&self, _node: NodeRef) -> Result<Vec<Value>> {
        Ok(Vec::new())
    }
}
