//! Procedures: named tables behind `CALL`.

use std::sync::Arc;

use super::{Around, Budget};
use crate::error::Result;
use crate::graph::Graph;
use crate::provenance::Telling;
use crate::value::Value;

/// A procedure: what goes in, what comes out, and what makes the rows.
#[derive(Clone, Debug)]
pub struct Procedure {
    /// The dotted name, as written at registration; looked up without regard to case.
    pub name: Arc<str>,
    /// Its arguments.
    pub inputs: Vec<Field>,
    /// Its columns; none means it only acts.
    pub outputs: Vec<Field>,
    /// One line for people.
    pub doc: &'static str,
    /// What makes the rows.
    pub body: ProcedureBody,
}

/// A named, typed argument or column.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its type as openCypher writes it: `STRING?`, `INTEGER`, `NUMBER?`, `ANY?` …
    pub ty: Arc<str>,
}

/// What makes the rows of a procedure.
#[derive(Clone)]
pub enum ProcedureBody {
    /// A look-up table: a call returns the output columns of the rows whose first `inputs.len()` cells equal the arguments.
    Table(Arc<Vec<Vec<Value>>>),
    /// These rows, whatever is given.
    Rows(Arc<Vec<Vec<Value>>>),
    /// Code: arguments in, rows out.
    Native(NativeProcedure),
    /// One of the language's own.
    #[doc(hidden)]
    Own(OwnProcedure),
}

/// What only the language's own procedures do.
#[derive(Clone, Copy)]
pub struct OwnProcedure(pub(crate) Own);

#[derive(Clone, Copy)]
pub(crate) enum Own {
    /// What the arguments tell of the evidence; done when the statement ends.
    Tells(TellingProcedure),
    /// Code over the whole graph as it is when the call runs; inputs that may be null may be left out at the end.
    OverGraph(GraphProcedure),
    /// Code over the file that the first argument names, in the folder that a statement may read from; inputs as above.
    OverFile(FileProcedure),
    /// Code over the graph that asks it queries, or keeps something for later calls; inputs as above.
    Around(AroundProcedure),
}

/// Code over the whole graph: arguments in, rows out, within the statement's limits.
pub(crate) type GraphProcedure = fn(&Graph, &dyn Budget, &[Value]) -> Result<Vec<Vec<Value>>>;

/// Code over the bytes of a file: arguments in, rows out, within the statement's limits.
pub(crate) type FileProcedure = fn(&[u8], &dyn Budget, &[Value]) -> Result<Vec<Vec<Value>>>;
/// Code over the graph and what is around the call.
pub(crate) type AroundProcedure = fn(&Graph, &dyn Budget, &dyn Around, &[Value]) -> Result<Vec<Vec<Value>>>;
/// Arguments in, out what they tell.
pub(crate) type TellingProcedure = fn(&[Value]) -> Result<Telling>;

/// Arguments in, rows out. It may be called from several threads, and says what is wrong by its error.
pub type NativeProcedure = Arc<dyn Fn(&[Value]) -> Result<Vec<Vec<Value>>> + Send + Sync>;

impl Procedure {
    /// Whether a call of it changes what is known.
    pub(crate) fn writes(&self) -> bool {
        matches!(self.body, ProcedureBody::Own(OwnProcedure(Own::Tells(_))))
    }
}

impl ProcedureBody {
    pub(crate) const fn tells(tells: TellingProcedure) -> Self {
        Self::Own(OwnProcedure(Own::Tells(tells)))
    }

    pub(crate) const fn over_graph(over: GraphProcedure) -> Self {
        Self::Own(OwnProcedure(Own::OverGraph(over)))
    }

    pub(crate) const fn over_file(over: FileProcedure) -> Self {
        Self::Own(OwnProcedure(Own::OverFile(over)))
    }

    pub(crate) const fn around(around: AroundProcedure) -> Self {
        Self::Own(OwnProcedure(Own::Around(around)))
    }
}

impl std::fmt::Debug for OwnProcedure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Own::Tells(_) => "Tells",
            Own::OverGraph(_) => "OverGraph",
            Own::OverFile(_) => "OverFile",
            Own::Around(_) => "Around",
        })
    }
}

impl std::fmt::Debug for ProcedureBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(rows) => write!(f, "Table({} rows)", rows.len()),
            Self::Rows(rows) => write!(f, "Rows({} rows)", rows.len()),
            Self::Native(_) => f.write_str("Native"),
            Self::Own(own) => own.fmt(f),
        }
    }
}
