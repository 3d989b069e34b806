//! SVG to PNG, with the embedded font and no other.

use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

use super::font;
use crate::error::{Class, Code, Error, Phase, Result};

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    for bytes in font::TTF {
        fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(bytes)));
    }
    fonts.set_sans_serif_family(font::FAMILY);
    Arc::new(fonts)
});

/// More pixels than this are not drawn (about 1 GiB of them would not help anybody).
const MOST_PIXELS: f64 = 268_435_456.0;

/// Reads an SVG text as a tree of shapes, text set in the embedded font.
pub(super) fn tree(svg: &str) -> Result<usvg::Tree> {
    let options = usvg::Options {
        fontdb: FONTS.clone(),
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

/// Draws an SVG as PNG, `scale` pixels for each of its units. Nothing outside the text is read.
///
/// # Errors
/// `InvalidArgumentValue` for text that is no SVG and for a scale that makes an image of no or too many pixels.
pub fn png(svg: &str, scale: f64) -> Result<Vec<u8>> {
    let tree = tree(svg)?;
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
