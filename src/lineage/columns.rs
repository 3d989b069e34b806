//! The tables that `TRACE` and `CONFLICTS` give: their columns in order. The binder turns names into the
//! numbers of these columns, the executor fills them.

/// A column: its name, and its type as openCypher writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
}

const fn column(name: &'static str, ty: &'static str) -> Column {
    Column { name, ty }
}

/// The columns of `TRACE`.
pub(crate) const TRACE: &[Column] = &[
    column("step", "INTEGER?"),
    column("direction", "STRING?"),
    column("kind", "STRING?"),
    column("from", "ANY?"),
    column("to", "ANY?"),
    column("what", "ANY?"),
    column("when", "ANY?"),
    column("support", "INTEGER?"),
    column("citations", "LIST OF ANY?"),
    column("event", "STRING?"),
    column("predecessors", "LIST OF ANY?"),
    column("successors", "LIST OF ANY?"),
    column("body", "ANY?"),
    column("dates", "LIST OF ANY?"),
    column("act", "LIST OF ANY?"),
    column("share", "LIST OF ANY?"),
    column("witnesses", "INTEGER?"),
    column("supplied", "LIST OF ANY?"),
    column("certain", "BOOLEAN?"),
    column("disputed", "BOOLEAN?"),
    column("after", "STRING?"),
    column(ROUTE, "LIST OF ANY?"),
];

/// The columns that are known without what is said of an event.
pub(crate) const OF_THE_STEP: [&str; 11] =
    ["step", "direction", "kind", "from", "to", "what", "event", "body", "certain", "after", ROUTE];

/// The column that `TRACE` only fills when YIELD names it: in a long chain the routes are long, too.
pub(crate) const ROUTE: &str = "route";

/// The columns of `CONFLICTS`.
pub(crate) const CONFLICTS: &[Column] = &[
    column("topic", "ANY?"),
    column("type", "STRING?"),
    column("left", "ANY?"),
    column("leftSupport", "INTEGER?"),
    column("leftSources", "LIST OF ANY?"),
    column("right", "ANY?"),
    column("rightSupport", "INTEGER?"),
    column("rightSources", "LIST OF ANY?"),
    column("certain", "BOOLEAN?"),
    column("leftStates", "MAP?"),
    column("leftWitnesses", "INTEGER?"),
    column("leftPlaces", "LIST OF ANY?"),
    column("leftFact", "ANY?"),
    column("rightStates", "MAP?"),
    column("rightWitnesses", "INTEGER?"),
    column("rightPlaces", "LIST OF ANY?"),
    column("rightFact", "ANY?"),
];
