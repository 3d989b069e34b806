//! Pictures to files: what `trace`, `query` and the shell share.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::args::{GraphArgs, LayoutArg, LookArgs, PaperArg, PictureArgs};
use super::export::emit;
use super::terminal::Desk;
use super::{Failure, open};
use crate::engine::{LineageRequest, Rows, Snapshot};
use crate::error::Error;
use crate::io::Subgraph;
use crate::picture::{self, Asked, Fonts, Layout, NodeLink, Page, Paper, Style, Timeline};
use crate::value::{NodeRef, Value};

/// Most bytes of files for pictures.
const LARGEST_STYLE: u64 = 1 << 20;
const LARGEST_FONT: u64 = 64 << 20;

/// The style of `--style FILE`, else the default; `--citations` on top.
pub(super) fn style(args: &LookArgs) -> Result<Style, Failure> {
    style_over(args, Style::default())
}

/// The style of `--style FILE`, else the one that is given; the other options on top.
pub(super) fn style_over(args: &LookArgs, given: Style) -> Result<Style, Failure> {
    let mut style = match &args.style {
        None => given,
        Some(file) => {
            let text = open::small(file, LARGEST_STYLE)?;
            Style::read(&text).map_err(|error| of_file(file, &error))?
        }
    };
    if !args.languages.is_empty() {
        style.languages.clone_from(&args.languages);
    }
    style.citations |= args.citations;
    if let Some(page) = args.page {
        style.page.paper = Some(match page {
            PaperArg::A4 => Paper::A4,
            PaperArg::A3 => Paper::A3,
            PaperArg::Letter => Paper::Letter,
        });
    }
    if args.dark {
        let Page { width, embed_font, paper, .. } = style.page;
        style.page = Page { width, embed_font, paper, ..Page::dark() };
    }
    Ok(style)
}

/// Settings of graphs, on top of the style.
pub(super) fn shape(args: &GraphArgs, style: &mut Style) {
    style.clusters |= args.clusters;
    if let Some(layout) = args.layout {
        style.layout = match layout {
            LayoutArg::Auto => Layout::Auto,
            #[cfg(feature = "parquet")]
            LayoutArg::Graph => Layout::Auto,
            LayoutArg::Layered => Layout::Layered,
            LayoutArg::LayeredDown => Layout::LayeredDown,
            LayoutArg::Force => Layout::Force,
        };
    }
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

fn of_file(file: &Path, error: &Error) -> Error {
    let named =
        Error::new(error.class(), error.phase(), error.code(), format!("{}: {}", file.display(), error.message()));
    match error.hint_text() {
        Some(hint) => named.hint(hint),
        None => named,
    }
}

/// The place of one file among those that can be asked for.
pub(super) fn file_of<'a>(args: &'a mut PictureArgs, form: &str) -> &'a mut Option<PathBuf> {
    match form {
        "png" => &mut args.png,
        "pdf" => &mut args.pdf,
        "html" => &mut args.html,
        "dot" => &mut args.dot,
        "mermaid" => &mut args.mermaid,
        _ => &mut args.svg,
    }
}

/// Draws the answer to a query (its text, and a title for graphs): as a lineage when the statement is a TRACE and nothing
/// else, else as a graph.
pub(super) fn answer(
    args: &PictureArgs,
    snapshot: &Snapshot,
    rows: &Rows,
    (query, title): (&str, Option<&str>),
    style: &Style,
    desk: &mut Desk,
) -> Result<(), Failure> {
    if let Some(found) = rows.lineage() {
        let asked = Asked { query: query.trim().to_owned(), ..Asked::default() };
        let timeline = found.seen().snapshot().read(|_| Ok(picture::lineage(&found, &asked)))?;
        return lineage(args, &[], &timeline, style, desk);
    }
    let found = Subgraph::of_answer(snapshot, rows)?;
    if found.is_empty() {
        let error = Error::data("the answer holds no node and no relationship to draw");
        return Err(error.hint("return nodes, relationships or paths, such as RETURN a, r, b").into());
    }
    let title = title.unwrap_or("Answer");
    let drawn = snapshot.read(|_| Ok(picture::graph(snapshot, &found.nodes, &found.rels, title, query, style)))?;
    graph(args, &drawn, style, desk)
}

/// Draws the nodes of an answer on one time axis, with the acts that join them and nothing else.
pub(super) fn set(
    args: &PictureArgs,
    snapshot: &Snapshot,
    rows: &Rows,
    (query, title): (&str, Option<&str>),
    lanes_by: Option<&str>,
    style: &Style,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let mut nodes = Vec::new();
    rows.iter().flat_map(|row| row.values()).for_each(|value| nodes_in(value, &mut nodes));
    let mut seen = HashSet::new();
    nodes.retain(|node| seen.insert(*node));
    if nodes.is_empty() {
        let error = Error::data("the answer holds no node to draw on a time axis");
        return Err(error.hint("return nodes, such as MATCH (n:court) RETURN n").into());
    }
    let of_each = |request: LineageRequest, node: NodeRef| request.and_of(Value::Node(node));
    let found = snapshot.lineage(&nodes.into_iter().fold(LineageRequest::default(), of_each).depth(1))?;
    let asked = Asked {
        query: query.trim().to_owned(),
        lanes_by: lanes_by.map(str::to_owned),
        title: Some(title.unwrap_or("Answer").to_owned()),
        only: true,
    };
    let timeline = snapshot.read(|_| Ok(picture::lineage(&found, &asked)))?;
    lineage(args, &[], &timeline, style, desk)
}

/// The nodes that a value holds.
fn nodes_in(value: &Value, to: &mut Vec<NodeRef>) {
    match value {
        Value::Node(node) => to.push(*node),
        Value::List(items) => items.iter().for_each(|item| nodes_in(item, to)),
        Value::Path(path) => to.extend(path.nodes.iter().copied()),
        _ => {}
    }
}

/// Writes every picture of a lineage that was asked for; `more` are forms that only lineages have.
pub(super) fn lineage(
    args: &PictureArgs,
    more: &[(&'static str, Option<&Path>)],
    timeline: &Timeline,
    style: &Style,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let svg = OnceCell::new();
    let svg = || svg.get_or_init(|| picture::timeline_svg(timeline, style)).as_str();
    for (form, file) in files(args).into_iter().chain(more.iter().copied()) {
        let Some(file) = file else { continue };
        let bytes = match form {
            "html" => picture::timeline_html(timeline, style).into(),
            "dot" => picture::timeline_dot(timeline, style).into(),
            "mermaid" => picture::timeline_mermaid(timeline, style).into(),
            "csv" => picture::timeline_csv(timeline).into(),
            "json" => format!("{:#}\n", picture::timeline_json(timeline)).into(),
            "pdf" => {
                let fonts = fonts(form, svg(), &args.look, desk)?;
                picture::timeline_pdf(timeline, style, &fonts)?
            }
            form => from_svg(form, svg(), &args.look, desk)?,
        };
        write(&bytes, file, desk)?;
    }
    Ok(())
}

/// Writes every picture of a graph that was asked for.
pub(super) fn graph(args: &PictureArgs, graph: &NodeLink, style: &Style, desk: &mut Desk) -> Result<(), Failure> {
    let svg = OnceCell::new();
    let svg = || svg.get_or_init(|| picture::node_link_svg(graph, style)).as_str();
    for (form, file) in files(args) {
        let Some(file) = file else { continue };
        let bytes = match form {
            "html" => picture::node_link_html(graph, style).into(),
            "dot" => picture::node_link_dot(graph, style).into(),
            "mermaid" => picture::node_link_mermaid(graph).into(),
            form => from_svg(form, svg(), &args.look, desk)?,
        };
        write(&bytes, file, desk)?;
    }
    Ok(())
}

fn from_svg(form: &str, svg: &str, args: &LookArgs, desk: &Desk) -> Result<Vec<u8>, Failure> {
    if form == "svg" {
        return Ok(svg.into());
    }
    let fonts = fonts(form, svg, args, desk)?;
    let bytes = if form == "png" { picture::png(svg, args.scale, &fonts) } else { picture::pdf(svg, &fonts) };
    Ok(bytes?)
}

/// The fonts of the options; says what letters of a picture they lack.
fn fonts(form: &str, svg: &str, args: &LookArgs, desk: &Desk) -> Result<Fonts, Failure> {
    let read = |file: &PathBuf| open::small_bytes(file, LARGEST_FONT);
    let fonts = Fonts::read(args.fonts.iter().map(read).collect::<Result<_, _>>()?)?;
    let lacking = picture::lacking(svg);
    if !lacking.is_empty() && !fonts.further() {
        let some: String = lacking.chars().take(12).collect();
        desk.note(&format!(
            "note: the font in the pictures has no glyphs for {} of their letters ({}), so a {form} shows boxes; \
             name a font that has them with --font FILE, or use an svg, which its viewer completes",
            lacking.chars().count(),
            crate::io::safe::visible(&some)
        ));
    }
    Ok(fonts)
}

/// One picture of a graph, as bytes.
pub(super) fn one(
    form: &str,
    args: &LookArgs,
    graph: &NodeLink,
    style: &Style,
    desk: &Desk,
) -> Result<Vec<u8>, Failure> {
    match form {
        "html" => Ok(picture::node_link_html(graph, style).into()),
        form => from_svg(form, &picture::node_link_svg(graph, style), args, desk),
    }
}

fn write(bytes: &[u8], file: &Path, desk: &mut Desk) -> Result<(), Failure> {
    let target = Some(file).filter(|f| *f != Path::new("-"));
    emit(target, desk, |to| Ok(to.write_all(bytes)?))?;
    if let Some(file) = target {
        desk.remark(&format!("wrote {}", crate::io::safe::visible(&file.display().to_string())));
    }
    Ok(())
}
