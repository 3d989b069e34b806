//! A scene as SVG text: deterministic bytes, no outside references, everything escaped.

use super::font;
use super::scene::{Item, Paint, Scene, Text, num};
use crate::notation::xml::{Elements, Written, one_line};

/// Settings that concern the file and not the drawing.
#[derive(Clone, Copy)]
pub(crate) struct Sheet<'a> {
    /// The colour of the ground.
    pub(crate) ground: &'a str,
    /// Carry the font in the file.
    pub(crate) embed_font: bool,
    /// The ground is dark.
    pub(crate) dark: bool,
}

/// Writes the scene.
pub(crate) fn write(scene: &Scene, sheet: Sheet<'_>) -> String {
    let mut out = Vec::with_capacity(scene.items.len() * 160 + 70_000);
    // writing to memory cannot fail
    let written = document(scene, sheet, &mut Elements::within(&mut out));
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(out).unwrap_or_default()
}

fn document(scene: &Scene, sheet: Sheet<'_>, out: &mut Elements<'_>) -> Written {
    let (w, h) = (num(scene.width), num(scene.height));
    let fonts = format!("'{}','PT Sans','Noto Sans',sans-serif", font::FAMILY);
    out.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("width", &w),
            ("height", &h),
            ("viewBox", &format!("0 0 {w} {h}")),
            ("role", "img"),
            ("aria-labelledby", "pic-title pic-about"),
            ("font-family", &fonts),
        ],
    )?;
    out.line_end()?;
    out.text("title", &[("id", "pic-title")], &one_line(&scene.title))?;
    out.line_end()?;
    out.text("desc", &[("id", "pic-about")], &one_line(&scene.about))?;
    out.line_end()?;
    out.open("style", &[])?;
    if sheet.embed_font {
        for (bytes, weight) in font::WOFF2.iter().zip(["400", "700"]) {
            out.as_it_stands(&format!(
                "@font-face{{font-family:'{}';font-weight:{weight};src:url(data:font/woff2;base64,{}) format('woff2')}}",
                font::FAMILY,
                base64(bytes)
            ))?;
        }
    }
    // the scheme is stated so that no viewer in the dark inverts the picture; it brings its own ground
    // names in scripts that run to the left keep to their own run: the dates beside them stay where they are measured
    out.as_it_stands(if sheet.dark { "svg{color-scheme:dark}" } else { "svg{color-scheme:light}" })?;
    out.as_it_stands(
        "tspan{unicode-bidi:isolate}a:hover{text-decoration:underline}g.b:hover path,g.l:hover path{opacity:.75}",
    )?;
    out.close("style")?;
    out.line_end()?;
    out.open("defs", &[])?;
    out.as_it_stands(&scene.defs)?;
    out.close("defs")?;
    out.line_end()?;
    out.empty("rect", &[("width", &w), ("height", &h), ("rx", "6"), ("fill", &one_line(sheet.ground))])?;
    out.line_end()?;
    for item in &scene.items {
        write_item(out, item, sheet)?;
    }
    out.close("svg")?;
    out.line_end()
}

fn write_item(out: &mut Elements<'_>, item: &Item, sheet: Sheet<'_>) -> Written {
    match item {
        Item::Open { id, class, title } => {
            let id = one_line(id);
            let named = [("id", &*id), ("class", *class)].into_iter().filter(|(_, value)| !value.is_empty());
            out.open("g", &named.collect::<Vec<_>>())?;
            if !title.is_empty() {
                out.text("title", &[], &one_line(title))?;
            }
        }
        Item::Close => out.close("g")?,
        Item::Part { top, bottom, dy } => {
            let id = format!("part-{}-{}", num(*top), num(*dy));
            out.open("clipPath", &[("id", &id)])?;
            let (y, height) = (num(*top), num(bottom - top));
            out.empty("rect", &[("x", "0"), ("y", &y), ("width", "100%"), ("height", &height)])?;
            out.close("clipPath")?;
            let (moved, cut) = (format!("translate(0 {})", num(*dy)), format!("url(#{id})"));
            out.open("g", &[("transform", &moved), ("clip-path", &cut)])?;
        }
        Item::Box { rect, round, paint, .. } => {
            let place = [num(rect.x), num(rect.y), num(rect.w.max(0.0)), num(rect.h.max(0.0)), num(*round)];
            let names = ["x", "y", "width", "height", "rx"];
            let place = names.into_iter().zip(place).filter(|(name, _)| *name != "rx" || *round > 0.0);
            empty(out, "rect", place.chain(painted(paint)))?;
        }
        Item::Path { d, paint, .. } => empty(out, "path", [("d", d.clone())].into_iter().chain(painted(paint)))?,
        Item::Text(text) => write_text(out, text, sheet)?,
    }
    out.line_end()
}

fn empty(out: &mut Elements<'_>, name: &str, attributes: impl Iterator<Item = (&'static str, String)>) -> Written {
    let attributes: Vec<(&str, String)> = attributes.collect();
    out.empty(name, &attributes.iter().map(|(key, value)| (*key, value.as_str())).collect::<Vec<_>>())
}

/// The attributes of a paint.
fn painted(paint: &Paint) -> impl Iterator<Item = (&'static str, String)> {
    let text = |text: &str| one_line(text).into_owned();
    let mut all = vec![("fill", if paint.fill.is_empty() { "none".to_owned() } else { text(&paint.fill) })];
    if !paint.stroke.is_empty() {
        all.extend([("stroke", text(&paint.stroke)), ("stroke-width", num(paint.width))]);
        if !paint.dash.is_empty() {
            all.push(("stroke-dasharray", text(&paint.dash)));
        }
        all.push(("stroke-linejoin", "round".to_owned()));
    }
    if paint.opacity < 1.0 {
        all.push(("opacity", num(paint.opacity)));
    }
    all.into_iter()
}

fn write_text(out: &mut Elements<'_>, text: &Text, sheet: Sheet<'_>) -> Written {
    let (x, y, ground) = (num(text.x), num(text.y), one_line(sheet.ground));
    let mut own = vec![("x", x.as_str()), ("y", y.as_str()), ("xml:space", "preserve")];
    if text.halo {
        own.extend([
            ("paint-order", "stroke"),
            ("stroke", &ground),
            ("stroke-width", "4"),
            ("stroke-linejoin", "round"),
        ]);
    }
    out.open("text", &own)?;
    for run in &text.line.0 {
        if let Some(href) = &run.href {
            out.open("a", &[("href", &format!("#{}", one_line(href)))])?;
        }
        let (size, colour) = (num(run.size), one_line(&run.colour));
        let mut own = vec![("font-size", size.as_str()), ("fill", &colour)];
        own.extend(run.bold.then_some(("font-weight", "700")));
        out.text("tspan", &own, &one_line(&run.text))?;
        if run.href.is_some() {
            out.close("a")?;
        }
    }
    out.close("text")
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sign = SIGNS[((word >> (18 - 6 * place)) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_the_rfc_has_it() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
