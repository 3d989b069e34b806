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

/// A column of `TRACE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfTrace {
    Step,
    Direction,
    Kind,
    From,
    To,
    What,
    When,
    Support,
    Citations,
    Event,
    Predecessors,
    Successors,
    Body,
    Dates,
    Act,
    Share,
    Witnesses,
    Supplied,
    Certain,
    Disputed,
    After,
    Route,
}

/// The columns of `TRACE`, in the order of [`TRACE`].
pub(crate) const OF_TRACE: [OfTrace; 22] = {
    use OfTrace::*;
    [
        Step,
        Direction,
        Kind,
        From,
        To,
        What,
        When,
        Support,
        Citations,
        Event,
        Predecessors,
        Successors,
        Body,
        Dates,
        Act,
        Share,
        Witnesses,
        Supplied,
        Certain,
        Disputed,
        After,
        Route,
    ]
};

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
