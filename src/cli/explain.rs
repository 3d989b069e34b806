//! `explain`: the plan of a query, and with `--profile` what it did.

use super::args::ExplainArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, params, report};

/// Runs the command.
pub(super) fn run(args: ExplainArgs, desk: &mut Desk) -> Outcome {
    let query = open::query(&args.text)?;
    #[cfg(feature = "cluster")]
    if let Some(named) = args.cluster.named() {
        return super::elsewhere::explain(named, &query, &args, desk);
    }
    let engine = open::for_reading(&args.source)?;
    let params = params::read(&args.text.params)?;
    let statement = engine.query(&query.text).given(params);
    let plan = match args.profile {
        true => statement.profile().map(|profile| {
            report::warnings(&profile.rows, &query.text, desk);
            profile.plan
        }),
        false => statement.explain(),
    };
    let plan = plan.map_err(|e| query.failed(e))?.to_string();
    let plan = crate::io::safe::visible_lines(plan.trim_end()).into_owned();
    writeln!(desk.out(), "{plan}")?;
    Ok(Done::Well)
}
