//! What functions and printers ask about nodes and relationships, without knowing the graph.

use std::sync::Arc;

use super::{Map, NodeRef, RelRef, Value};
use crate::error::Result;

/// The content behind the handles. Errors: the handle is deleted (`EntityNotFound`).
pub trait Entities {
    /// The id that users see; never reused.
    fn node_id(&self, node: NodeRef) -> Result<i64>;

    /// The id that users see; never reused.
    fn rel_id(&self, rel: RelRef) -> Result<i64>;

    /// The labels of a node, in a stable order.
    fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>>;

    /// The type of a relationship; known even after it is deleted.
    fn rel_type(&self, rel: RelRef) -> Result<Arc<str>>;

    /// All properties of a node.
    fn node_properties(&self, node: NodeRef) -> Result<Map>;

    /// All properties of a relationship.
    fn rel_properties(&self, rel: RelRef) -> Result<Map>;

    /// Start and end of a relationship.
    fn ends(&self, rel: RelRef) -> Result<(NodeRef, NodeRef)>;

    /// The places in documents that assert a relationship or name a node: maps with `source`, `locator`,
    /// `confidence` and what each adds. None where there is no evidence.
    fn evidence(&self, _entity: &Value) -> Result<Vec<Value>> {
        Ok(Vec::new())
    }
}
