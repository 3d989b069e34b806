//! Pictures to files: what `trace` and `query` share.

use std::path::Path;

use super::args::PictureArgs;
use super::export::emit;
use super::terminal::Desk;
use super::{Failure, open};
use crate::error::Error;
use crate::picture::{self, NodeLink, Style, Timeline};

/// The style of `--style FILE`, else the default; `--citations` on top.
pub(super) fn style(args: &PictureArgs) -> Result<Style, Failure> {
    let mut style = match &args.style {
        None => Style::default(),
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|e| open::unreadable(file, &e))?;
            Style::read(&text)?
        }
    };
    if !args.languages.is_empty() {
        style.languages.clone_from(&args.languages);
    }
    style.citations |= args.citations;
    Ok(style)
}

/// Whether a picture is asked for.
pub(super) fn wanted(args: &PictureArgs) -> bool {
    files(args).iter().any(|(_, file)| file.is_some())
}

fn files(args: &PictureArgs) -> [(&'static str, Option<&Path>); 6] {
    [
        ("svg", args.svg.as_deref()),
        ("png", args.png.as_deref()),
        ("pdf", args.pdf.as_deref()),
        ("html", args.html.as_deref()),
        ("dot", args.dot.as_deref()),
        ("mermaid", args.mermaid.as_deref()),
    ]
}

/// Writes every picture of a lineage that was asked for.
pub(super) fn lineage(args: &PictureArgs, timeline: &Timeline, style: &Style, desk: &mut Desk) -> Result<(), Failure> {
    write_all(args, desk, |form| match form {
        "html" => Ok(picture::timeline_html(timeline, style).into()),
        "dot" => Ok(picture::timeline_dot(timeline, style).into()),
        "mermaid" => Ok(picture::timeline_mermaid(timeline, style).into()),
        form => from_svg(form, picture::timeline_svg(timeline, style), args.scale),
    })
}

/// Writes every picture of a graph that was asked for.
pub(super) fn graph(args: &PictureArgs, graph: &NodeLink, style: &Style, desk: &mut Desk) -> Result<(), Failure> {
    write_all(args, desk, |form| match form {
        "html" => Ok(picture::node_link_html(graph, style).into()),
        "dot" => Ok(picture::node_link_dot(graph, style).into()),
        "mermaid" => Ok(picture::node_link_mermaid(graph).into()),
        form => from_svg(form, picture::node_link_svg(graph, style), args.scale),
    })
}

fn from_svg(form: &str, svg: String, scale: f64) -> Result<Vec<u8>, Error> {
    match form {
        "png" => picture::png(&svg, scale),
        "pdf" => picture::pdf(&svg),
        _ => Ok(svg.into()),
    }
}

fn write_all(
    args: &PictureArgs,
    desk: &mut Desk,
    draw: impl Fn(&str) -> Result<Vec<u8>, Error>,
) -> Result<(), Failure> {
    for (form, file) in files(args) {
        let Some(file) = file else { continue };
        let bytes = draw(form)?;
        let target = Some(file).filter(|f| *f != Path::new("-"));
        emit(target, desk, |to| Ok(to.write_all(&bytes)?))?;
        if let Some(file) = target {
            desk.remark(&format!("wrote {}", file.display()));
        }
    }
    Ok(())
}
