//! The graph in memory: who touches whom, labels, properties, indexes, counts; undo and redo of every write.
mod ids;
mod names;
mod skeleton;

pub use ids::{Dir, IndexId, KeyId, LabelId, NodeId, RelId, RelTypeId};
pub use names::Names;
pub use skeleton::*;
