//! SVG to PNG, with the embedded font and no other.

use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

use super::font;
use crate::error::{Class, Code, Error, Phase, Result};

static EMBEDDED: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| Arc::new(embedded()));

fn embedded() -> usvg::fontdb::Database {
    let mut fonts = usvg::fontdb::Database::new();
    for bytes in font::TTF {
        fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(bytes)));
    }
    fonts.set_sans_serif_family(font::FAMILY);
    fonts
}

/// Further fonts, for letters the embedded one lacks.
#[derive(Clone, Debug, Default)]
pub struct Fonts(Option<Arc<usvg::fontdb::Database>>);

impl Fonts {
    /// The embedded font and, behind it, those of these files (TrueType, OpenType, collections).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::picture::Fonts;
    ///
    /// assert!(Fonts::read(vec![b"no font".to_vec()]).is_err());
    /// assert!(!Fonts::read(Vec::new())?.further());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidArgumentValue` for a file that holds no font; it is named by its place in `files`, from 1.
    pub fn read(files: Vec<Vec<u8>>) -> Result<Self> {
        if files.is_empty() {
            return Ok(Self::default());
        }
        let mut fonts = embedded();
        for (number, file) in (1..).zip(files) {
            let known = fonts.len();
            fonts.load_font_data(file);
            if fonts.len() == known {
                return Err(broken(format!("font {number} is no TrueType or OpenType font")));
            }
        }
        Ok(Self(Some(Arc::new(fonts))))
    }

    /// Whether there are fonts besides the embedded one.
    ///
    /// ```
    /// assert!(!shejire::picture::Fonts::default().further());
    /// ```
    pub fn further(&self) -> bool {
        self.0.is_some()
    }
}

/// The letters of the texts of a picture that the embedded font has no glyph for, each once: PNG and PDF show a box in
/// their place unless another font serves them; in SVG the viewer's own does.
///
/// ```
/// use shejire::picture::{Body, Style, Timeline, lacking, timeline_svg};
///
/// let of = |name: &str| {
///     let body = Body { name: name.into(), ..Body::default() };
///     lacking(&timeline_svg(&Timeline { bodies: vec![body], ..Timeline::default() }, &Style::default()))
/// };
/// assert_eq!(of("Құрылтай"), "");
/// assert_eq!(of("国会"), "国会");
/// ```
pub fn lacking(svg: &str) -> String {
    let mut letters: Vec<char> = Vec::new();
    let texts = svg.split("<tspan").skip(1).filter_map(|t| t.split_once('>')?.1.split_once("</tspan>"));
    for ch in texts.flat_map(|(text, _)| text.chars()).filter(|c| !font::has(*c) && !c.is_control()) {
        if !letters.contains(&ch) {
            letters.push(ch);
        }
    }
    letters.into_iter().collect()
}

/// More pixels than this are not drawn (about 1 GiB of them would not help anybody).
const MOST_PIXELS: f64 = 268_435_456.0;

/// Reads an SVG text as a tree of shapes, text set in the embedded font and those given.
pub(super) fn tree(svg: &str, fonts: &Fonts) -> Result<usvg::Tree> {
    let options = usvg::Options {
        fontdb: fonts.0.clone().unwrap_or_else(|| EMBEDDED.clone()),
        font_family: font::FAMILY.into(),
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(svg, &options).map_err(|e| broken(format!("this SVG cannot be drawn: {e}")))
}

pub(super) fn broken(message: String) -> Error {
    Error::new(Class::ArgumentError, Phase::Runtime, Code::InvalidArgumentValue, message)
}

/// Draws an SVG as PNG, `scale` pixels for each of its units. Nothing outside the text is read; `fonts` serve the
/// letters that the embedded one lacks.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::picture::{Fonts, Style, Timeline, png, timeline_svg};
///
/// let svg = timeline_svg(&Timeline::default(), &Style::default());
/// assert!(png(&svg, 1.0, &Fonts::default())?.starts_with(b"\x89PNG"));
/// assert!(png(&svg, 1e9, &Fonts::default()).is_err(), "too many pixels");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `InvalidArgumentValue` for text that is no SVG and for a scale that makes an image of no or too many pixels.
pub fn png(svg: &str, scale: f64, fonts: &Fonts) -> Result<Vec<u8>> {
    let tree = tree(svg, fonts)?;
    let (width, height) = (f64::from(tree.size().width()) * scale, f64::from(tree.size().height()) * scale);
    let sound = scale.is_finite() && width >= 1.0 && height >= 1.0 && width * height <= MOST_PIXELS;
    let canvas = sound.then(|| tiny_skia::Pixmap::new(width.ceil() as u32, height.ceil() as u32)).flatten();
    let Some(mut canvas) = canvas else {
        return Err(broken(format!("an image of {width:.0} by {height:.0} pixels cannot be drawn"))
            .hint("choose another scale"));
    };
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale as f32, scale as f32), &mut canvas.as_mut());
    canvas.encode_png().map_err(|e| broken(format!("the image cannot be packed: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Style, samples::lineages, timeline_svg};

    #[test]
    fn letters_without_a_glyph_are_known() {
        let of = |name: &str| {
            let found = lineages().into_iter().find(|(n, _)| *n == name);
            found.map(|(_, timeline)| lacking(&timeline_svg(&timeline, &Style::default())))
        };
        assert_eq!(of("long-names").as_deref(), Some(""));
        assert!(of("strange").is_some_and(|letters| letters.contains('国') && !letters.contains('e')));
        assert!(Fonts::read(vec![b"no font".to_vec()]).is_err());
    }

    #[test]
    fn kazakh_letters_are_drawn_as_themselves() {
        let draw = |letter: char| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\">\
                 <text x=\"4\" y=\"30\" font-size=\"30\"><tspan>{letter}</tspan></text></svg>"
            );
            png(&svg, 1.0, &Fonts::default()).expect("a letter")
        };
        let lacks = draw('国');
        let letters: Vec<Vec<u8>> = "әғқңөұүһіӘҒҚҢӨҰҮҺІ".chars().map(draw).collect();
        for (at, letter) in letters.iter().enumerate() {
            assert!(*letter != lacks && *letter != draw(' '), "letter {at} is drawn as a box");
            // an alphabet of eighteen signs: no two look alike
            assert!(!letters[..at].contains(letter), "letter {at}");
        }
    }
}
