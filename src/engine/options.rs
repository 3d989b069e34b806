//! What a caller may ask of an engine or of one statement.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Bounds on one statement. The default has none; the command line and the pipe set their own.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Longest running time.
    pub time: Option<Duration>,
    /// Most bytes a statement may hold at once.
    pub memory: Option<usize>,
    /// Most rows it may answer.
    pub rows: Option<u64>,
    /// Set to true by another thread to stop the statement.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Folder LOAD CSV may read from; nothing means LOAD CSV is refused.
    pub csv_folder: Option<PathBuf>,
}
