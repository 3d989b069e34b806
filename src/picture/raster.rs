//! SVG to PNG, with the embedded font and no other.

use std::io::Write;
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
/// letters that the embedded one lacks. It is drawn and packed band by band, so that a large picture takes little more
/// memory than a small one.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::picture::{Fonts, Style, Timeline, png, timeline_svg};
///
/// let svg = timeline_svg(&Timeline::default(), &Style::default());
/// assert!(png(&svg, 1.0, &Fonts::default())?.starts_with(b"\x89PNG"));
/// assert!(png(&svg, 1e9, &Fonts::default()).is_err(), "no screen and no paper is so large");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `InvalidArgumentValue` for text that is no SVG and for a scale that makes an image of no pixels, or with a side of
/// more than 262,144.
pub fn png(svg: &str, scale: f64, fonts: &Fonts) -> Result<Vec<u8>> {
    png_in_bands(svg, scale, fonts, BAND)
}

/// Most pixels that are drawn at a time.
const BAND: usize = 4 << 20;
/// Beyond, the arithmetic of the drawing is too coarse for a pixel.
const LONGEST_SIDE: f64 = 262_144.0;

fn png_in_bands(svg: &str, scale: f64, fonts: &Fonts, band: usize) -> Result<Vec<u8>> {
    let tree = tree(svg, fonts)?;
    let (width, height) = (f64::from(tree.size().width()) * scale, f64::from(tree.size().height()) * scale);
    let sound = |side: f64| (1.0..=LONGEST_SIDE).contains(&side);
    if !scale.is_finite() || !sound(width) || !sound(height) {
        return Err(broken(format!("an image of {width:.0} by {height:.0} pixels cannot be drawn"))
            .hint("choose another scale"));
    }
    let (width, height) = (width.ceil() as u32, height.ceil() as u32);
    let failed = |e: &dyn std::fmt::Display| broken(format!("the image cannot be packed: {e}"));
    let mut packed = Vec::new();
    let mut encoder = png::Encoder::new(&mut packed, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    // most rows of a drawing are like the row above
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header().map_err(|e| failed(&e))?;
    let mut stream = writer.stream_writer().map_err(|e| failed(&e))?;
    let step = u32::try_from(band / width as usize).unwrap_or(height).clamp(1, height);
    let draw = |top: u32| {
        let rows = step.min(height - top);
        let Some(mut canvas) = tiny_skia::Pixmap::new(width, rows) else {
            return Err(broken(format!("{width} by {rows} pixels cannot be drawn")));
        };
        let place = tiny_skia::Transform::from_scale(scale as f32, scale as f32).post_translate(0.0, -(top as f32));
        resvg::render(&tree, place, &mut canvas.as_mut());
        Ok(canvas.take_demultiplied())
    };
    let bands = || (0..height).step_by(step as usize);
    let mut pack = |pixels: Vec<u8>| stream.write_all(&pixels).map_err(|e| failed(&e));
    // the next band is drawn while one is packed, where there is a next one and a thread for it
    std::thread::scope(|scope| {
        let (drawn, bands_drawn) = std::sync::mpsc::sync_channel(0);
        let ahead = move || bands().try_for_each(|top| drawn.send(draw(top)).ok());
        if step < height && std::thread::Builder::new().spawn_scoped(scope, ahead).is_ok() {
            return bands_drawn.into_iter().try_for_each(|pixels| pack(pixels?));
        }
        bands().try_for_each(|top| pack(draw(top)?))
    })?;
    stream.finish().map_err(|e| failed(&e))?;
    drop(writer);
    Ok(packed)
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
    fn bands_leave_no_seam() {
        let (_, ministries) = lineages().into_iter().find(|(n, _)| *n == "ministries").expect("a sample");
        let svg = timeline_svg(&ministries, &Style::default());
        let pixels = |band: usize| {
            let bytes = png_in_bands(&svg, 0.5, &Fonts::default(), band).expect("a picture");
            tiny_skia::Pixmap::decode_png(&bytes).expect("a PNG")
        };
        let (whole, banded) = (pixels(1 << 26), pixels(600 * 37));
        assert_eq!((whole.width(), whole.height()), (banded.width(), banded.height()));
        // the edge of a band may be reckoned with other roundings, by a hair
        let far = whole.data().iter().zip(banded.data()).filter(|(a, b)| a.abs_diff(**b) > 24).count();
        assert!(far * 2000 < whole.data().len(), "{far} of {}", whole.data().len());
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
