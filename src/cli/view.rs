//! `view`: draws a view that the explorer keeps, or lists them.

use super::args::ViewArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, limits, open, query};
use crate::io::answer;
use crate::server::pictures::{self, Picture};
use crate::server::saved::Saved;
use crate::value::Value;

/// Runs the command.
pub(super) fn run(args: ViewArgs, desk: &mut Desk) -> Outcome {
    let saved = Saved::new(Some(args.views.clone()));
    let Some(name) = &args.name else {
        let rows = saved.all()?.into_iter().map(|(name, view)| match view {
            Ok(view) => vec![name.into(), view.title.into(), view.path.into(), Value::Null],
            Err(why) => vec![name.into(), Value::Null, Value::Null, why.message().into()],
        });
        query::print(&answer::made(&["name", "title", "page", "error"], rows.collect()), &args.output, desk)?;
        return Ok(Done::Well);
    };
    if !draw::wanted(&args.picture) {
        return Err(Failure::Usage("which picture? --svg FILE, --png, --pdf, --html, --dot, --mermaid".to_owned()));
    }
    let view = saved.get(name)?;
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let allowed = limits::limits(&args.limits, None);
    let (picture, style) =
        desk.patiently("drawing", || snapshot.read(|snapshot| pictures::of_view(snapshot, &view, allowed.clone())))?;
    let style = draw::style_over(&args.picture.look, style)?;
    match &picture {
        Picture::Graph(graph) => draw::graph(&args.picture, graph, &style, desk)?,
        Picture::Lineage(timeline) => draw::lineage(&args.picture, &[], timeline, &style, desk)?,
    }
    Ok(Done::Well)
}
