//! SVG to PDF: one page of the picture's size, text kept as text.

use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};

use super::raster::{Fonts, broken, tree};
use crate::error::Result;
use crate::notation::xml::unescape;

/// Draws an SVG as a PDF of one page, a point for each of its units. Nothing outside the text is read; `fonts` serve
/// the letters that the embedded one lacks.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::picture::{Fonts, Style, Timeline, pdf, timeline_svg};
///
/// let svg = timeline_svg(&Timeline::default(), &Style::default());
/// assert!(pdf(&svg, &Fonts::default())?.starts_with(b"%PDF"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `InvalidArgumentValue` for text that is no SVG or that cannot be put on a page.
pub fn pdf(svg: &str, fonts: &Fonts) -> Result<Vec<u8>> {
    of_pages(&[svg.to_owned()], fonts, |width, height| (width, height))
}

/// Draws SVGs as the pages of a PDF; `size` gives the points of a page for the units of its picture.
pub(super) fn of_pages(svgs: &[String], fonts: &Fonts, size: impl Fn(f32, f32) -> (f32, f32)) -> Result<Vec<u8>> {
    let mut document = krilla::Document::new();
    let name = svgs.first().map_or_else(String::new, |svg| title(svg));
    document.set_metadata(Metadata::new().title(name).creator("shejire".into()));
    for svg in svgs {
        let tree = tree(svg, fonts)?;
        let (width, height) = size(tree.size().width(), tree.size().height());
        let size =
            Size::from_wh(width, height).ok_or_else(|| broken("a picture without extent makes no page".into()))?;
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
        surface.finish();
        page.finish();
        drawn.ok_or_else(|| broken("this picture cannot be put on a page".into()))?;
    }
    document.finish().map_err(|e| broken(format!("the page cannot be written: {e:?}")))
}

/// The title of an SVG that we wrote.
fn title(svg: &str) -> String {
    let text = svg
        .split_once("<title")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once("</title>"));
    unescape(text.map_or("", |(title, _)| title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Style, samples::lineages, timeline_svg};

    #[test]
    fn pages_are_written_and_are_the_same_twice() {
        let (_, kurultai) = &lineages()[0];
        let svg = timeline_svg(kurultai, &Style::default());
        let page = pdf(&svg, &Fonts::default()).expect("a page");
        assert!(page.starts_with(b"%PDF-"));
        assert_eq!(page, pdf(&svg, &Fonts::default()).expect("a page"));
        assert_eq!(title("<svg><title id=\"a\">a &amp; b &lt;c&gt; &apos;d&apos;</title>"), "a & b <c> 'd'");
        assert!(pdf("<svg", &Fonts::default()).is_err());
    }
}
