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

/// One row a column: what it holds, its name, its type.
macro_rules! columns_of_trace {
    ($($of:ident = $name:expr, $ty:literal;)*) => {
        /// A column of `TRACE`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum OfTrace {
            $($of,)*
        }

        /// The columns of `TRACE`.
        pub(crate) const TRACE: &[Column] = &[$(column($name, $ty)),*];

        /// What they hold, in the same order.
        pub(crate) const OF_TRACE: &[OfTrace] = &[$(OfTrace::$of),*];
    };
}

columns_of_trace! {
    Step = "step", "INTEGER?";
    Direction = "direction", "STRING?";
    Kind = "kind", "STRING?";
    From = "from", "ANY?";
    To = "to", "ANY?";
    What = "what", "ANY?";
    When = "when", "ANY?";
    Support = "support", "INTEGER?";
    Citations = "citations", "LIST OF ANY?";
    Event = "event", "STRING?";
    Predecessors = "predecessors", "LIST OF ANY?";
    Successors = "successors", "LIST OF ANY?";
    Body = "body", "ANY?";
    Dates = "dates", "LIST OF ANY?";
    Act = "act", "LIST OF ANY?";
    Share = "share", "LIST OF ANY?";
    Witnesses = "witnesses", "INTEGER?";
    Supplied = "supplied", "LIST OF ANY?";
    Certain = "certain", "BOOLEAN?";
    Disputed = "disputed", "BOOLEAN?";
    After = "after", "STRING?";
    Withdrawal = "withdrawal", "MAP?";
    Route = ROUTE, "LIST OF ANY?";
}

/// The columns that are known without what is said of an event.
const OF_THE_STEP: [&str; 11] =
    ["step", "direction", "kind", "from", "to", "what", "event", "body", "certain", "after", ROUTE];

/// Whether one of the `wanted` columns of `TRACE` is of what is said of an event.
pub(crate) fn want_detail(wanted: &[bool]) -> bool {
    let all = TRACE.iter().zip(wanted);
    all.filter(|(_, wanted)| **wanted).any(|(column, _)| !OF_THE_STEP.contains(&column.name))
}

/// The column that `TRACE` only fills when YIELD names it: in a long chain the routes are long, too.
pub(crate) const ROUTE: &str = "route";

/// The number of the column behind those of `TRACE`: the place of the step in the lineage. No text names it; it says
/// which steps a statement has left.
pub(crate) const PLACE: usize = TRACE.len();

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_in_one_order() {
        let names: Vec<String> = OF_TRACE.iter().map(|column| format!("{column:?}").to_lowercase()).collect();
        assert_eq!(names, TRACE.iter().map(|column| column.name).collect::<Vec<_>>());
    }
}
