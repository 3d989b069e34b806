//! `query --on` and `explain --on`: the same on a cluster.

use std::sync::Arc;
use std::time::Instant;

use super::args::{ExplainArgs, QueryArgs};
use super::open::Query;
use super::query::{counted, millis, render, style};
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, params};
use crate::cluster::Cluster;
use crate::error::{Code, Error};
use crate::value::Value;

/// Runs a query there.
pub(super) fn query(
    (url, graph): (&str, &str),
    query: &Query,
    params: &[(String, Value)],
    args: &QueryArgs,
    desk: &mut Desk,
) -> Outcome {
    if draw::wanted(&args.picture) {
        return Err(Failure::Usage("pictures are drawn of the graph here: leave out --on".to_owned()));
    }
    if args.cite {
        return Err(Failure::Usage("--cite asks for evidence, which is here: leave out --on".to_owned()));
    }
    let limits = &args.limits;
    if limits.timeout.is_some() || limits.memory.is_some() || limits.csv_folder.is_some() {
        let message = "--timeout, --memory and --csv-folder are about work that is done here: leave them out with --on";
        return Err(Failure::Usage(message.to_owned()));
    }
    let started = Instant::now();
    let cluster = Arc::new(Cluster::connect(url, graph)?);
    let running = Arc::clone(&cluster);
    // what runs there would go on without us
    let _ = ctrlc::set_handler(move || {
        let _ = running.cancel();
        std::process::exit(130);
    });
    if let Some(most) = args.cluster.max_scan.filter(|most| *most > 0) {
        let scanned = cluster.scanned(&query.text, params).map_err(|e| query.failed(e))?;
        if scanned > most {
            let message =
                format!("the query reads tables with {scanned} nodes and relationships, and {most} are allowed");
            let error = Error::limit(Code::Size, message);
            return Err(query.failed(error.hint("explain --on shows the tables; --max-scan allows more")));
        }
    }
    let answer =
        desk.patiently("running the query on the cluster", || match limits.max_rows.filter(|most| *most > 0) {
            Some(most) => cluster.run_at_most(&query.text, params, most),
            None => cluster.run(&query.text, params),
        });
    let rows = answer.map_err(|e| query.failed(e))?;
    render(&rows, style(&args.output, desk, None), desk.out())?;
    let took = started.elapsed();
    desk.flush()?;
    desk.remark(&format!("{} in {}", counted(rows.len(), "row"), millis(took)));
    Ok(Done::Well)
}

/// Shows what would be sent there.
pub(super) fn explain((url, graph): (&str, &str), query: &Query, args: &ExplainArgs, desk: &mut Desk) -> Outcome {
    if args.profile {
        return Err(Failure::Usage("--profile counts what operators do here: leave out --on".to_owned()));
    }
    let params = params::read(&args.text.params)?;
    let answer = Cluster::connect(url, graph).and_then(|cluster| cluster.explain(&query.text, &params));
    let plan = answer.map_err(|e| query.failed(e))?;
    writeln!(desk.out(), "{}", crate::io::safe::visible_lines(plan.trim_end()))?;
    Ok(Done::Well)
}
