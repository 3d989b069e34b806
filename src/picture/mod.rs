//! Pictures of lineages and graphs, drawn by ourselves: SVG, and from it PNG, PDF and HTML; the same as text.
//!
//! ```text
//! engine's answers ─► Timeline / NodeLink ─► Scene ─► SVG ─► PNG, PDF, HTML
//!                     model                  layout          raster, pdf, html
//! ```
//! The models know nothing of the engine, the layouts nothing of SVG, and every picture carries its font, its ground,
//! the query it was made from and the places in documents behind it. The same model gives the same bytes.

mod font;
mod from_engine;
mod furniture;
mod html;
mod model;
mod node_link;
mod notation;
mod pages;
mod pdf;
mod raster;
#[cfg(test)]
mod samples;
mod scene;
mod signs;
mod style;
mod svg;
mod text;
mod timeline;
mod when;

pub use from_engine::{Asked, graph, lineage};
pub use model::{AsOf, Body, Cite, Conflict, Dated, Event, Link, Side, Stated, Target, Timeline};
pub use node_link::{Drawn, Node, NodeLink, Relation, drawn as node_link_drawn};
pub use notation::{
    node_link_dot, node_link_json, node_link_mermaid, timeline_csv, timeline_dot, timeline_json, timeline_mermaid,
};
pub use pdf::pdf;
pub use raster::{Fonts, lacking, png};
pub use style::{Layout, Page, Paper, Rule, Shape, Style};
pub use when::{StatedDate, When};

use crate::error::Result;

/// A lineage as SVG.
///
/// ```
/// use shejire::picture::{Body, Style, Timeline, When, timeline_svg};
///
/// let mill = Body { name: "Old mill".into(), start: When::parse("1642"), ..Body::default() };
/// let svg = timeline_svg(&Timeline { bodies: vec![mill], ..Timeline::default() }, &Style::default());
/// assert!(svg.starts_with("<svg") && svg.contains("Old mill"));
/// ```
pub fn timeline_svg(timeline: &Timeline, style: &Style) -> String {
    svg::write(&timeline::scene(timeline, style), sheet(style))
}

/// A lineage as PDF: one page as large as the picture or, where the style names a paper, sheets of it with the axis and the
/// legend on each.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::picture::{Fonts, Page, Paper, Style, Timeline, timeline_pdf};
///
/// let style = Style { page: Page { paper: Some(Paper::A4), ..Page::default() }, ..Style::default() };
/// assert!(timeline_pdf(&Timeline::default(), &style, &Fonts::default())?.starts_with(b"%PDF"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`pdf`].
pub fn timeline_pdf(timeline: &Timeline, style: &Style, fonts: &Fonts) -> Result<Vec<u8>> {
    let Some(paper) = style.page.paper else { return pdf(&timeline_svg(timeline, style), fonts) };
    let (width, height) = paper.units();
    let fitted = Style { page: Page { width: width.floor(), ..style.page.clone() }, ..style.clone() };
    let scene = timeline::scene(timeline, &fitted);
    let written = |scene: &scene::Scene| svg::write(scene, svg::Sheet { embed_font: false, ..sheet(style) });
    let pages: Vec<String> = pages::pages(&scene, &style.page, width, height).iter().map(written).collect();
    pdf::of_pages(&pages, fonts, |_, _| paper.points())
}

/// A lineage as a page of its own: offline, without scripts, with its data as tables.
///
/// ```
/// use shejire::picture::{Body, Style, Timeline, timeline_html};
///
/// let inn = Body { name: "The Swan".into(), ..Body::default() };
/// let page = timeline_html(&Timeline { title: "Inns".into(), bodies: vec![inn], ..Timeline::default() }, &Style::default());
/// assert!(page.contains("<title>Inns</title>") && !page.contains("<script"));
/// ```
pub fn timeline_html(timeline: &Timeline, style: &Style) -> String {
    html::page(&timeline.title, &timeline_svg(timeline, style), &html::tables(&timeline.mended(), style))
}

/// The bodies of a lineage from top to bottom, as it is drawn: predecessors before successors.
///
/// ```
/// use shejire::engine::LineageRequest;
/// use shejire::picture::{Asked, lineage, timeline_order};
///
/// # fn main() -> shejire::Result<()> {
/// let found = shejire::Engine::builtin()?.lineage(&LineageRequest::of("National Kurultai").backward())?;
/// let timeline = lineage(&found, &Asked::default());
/// let names: Vec<&str> = timeline_order(&timeline).into_iter().map(|at| &*timeline.bodies[at].name).collect();
/// assert_eq!(names, ["National Council of Public Trust", "National Kurultai"]);
/// # Ok(())
/// # }
/// ```
pub fn timeline_order(timeline: &Timeline) -> Vec<usize> {
    timeline::order::order(&timeline.mended()).rows().collect()
}

/// A lineage for a terminal `width` columns wide.
///
/// ```
/// use shejire::picture::{Body, Style, Timeline, When, timeline_text};
///
/// let ferry = Body { name: "Ferry".into(), start: When::parse("1801"), end: When::parse("1894"), ..Body::default() };
/// let text = timeline_text(&Timeline { bodies: vec![ferry], ..Timeline::default() }, &Style::default(), 80, false);
/// assert!(text.contains("1801 – 1894"), "{text}");
/// ```
pub fn timeline_text(timeline: &Timeline, style: &Style, width: usize, colour: bool) -> String {
    text::draw(timeline, style, width, colour)
}

/// A graph as SVG.
///
/// ```
/// use shejire::picture::{Node, NodeLink, Style, node_link_svg};
///
/// let ship = Node { caption: "Argo".into(), kind: "Ship".into(), ..Node::default() };
/// assert!(node_link_svg(&NodeLink { nodes: vec![ship], ..NodeLink::default() }, &Style::default()).contains("Argo"));
/// ```
pub fn node_link_svg(graph: &NodeLink, style: &Style) -> String {
    svg::write(&node_link::scene(graph, style), sheet(style))
}

/// A graph as a page of its own.
///
/// ```
/// use shejire::picture::{Node, NodeLink, Style, node_link_html};
///
/// let port = Node { caption: "Iolcus".into(), ..Node::default() };
/// let page = node_link_html(&NodeLink { nodes: vec![port], ..NodeLink::default() }, &Style::default());
/// assert!(page.contains("The same as tables") && page.contains("<td>Iolcus</td>"));
/// ```
pub fn node_link_html(graph: &NodeLink, style: &Style) -> String {
    let name = |at: usize| graph.nodes.get(at).map_or("?", |n| n.caption.as_str()).to_string();
    let nodes = graph.nodes.iter().map(|n| vec![n.caption.clone(), n.kind.clone(), n.lines.join("; ")]);
    let links = graph.links.iter().map(|l| vec![name(l.from), style::words(&l.label), name(l.to)]);
    let tables = format!(
        "<details>\n<summary>The same as tables</summary>\n{}{}{}</details>\n",
        html::table("Nodes", &["Name", "Kind", "Further"], nodes),
        html::table("Relationships", &["From", "Type", "To"], links),
        html::citation_table(&graph.citations)
    );
    html::page(&graph.title, &node_link_svg(graph, style), &tables)
}

fn sheet(style: &Style) -> svg::Sheet<'_> {
    svg::Sheet { ground: &style.page.ground, embed_font: style.page.embed_font, dark: style.page.is_dark() }
}
