//! A scene as SVG text: deterministic bytes, no outside references, everything escaped.

use super::font;
use super::scene::{Item, Paint, Scene, Text, num};

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
    let mut out = String::with_capacity(scene.items.len() * 160 + 70_000);
    let (w, h) = (num(scene.width), num(scene.height));
    out.push_str(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"pic-title pic-about\" font-family=\"'{}','PT Sans','Noto Sans',sans-serif\">\n",
        font::FAMILY
    ));
    out.push_str(&format!("<title id=\"pic-title\">{}</title>\n", escape(&scene.title)));
    out.push_str(&format!("<desc id=\"pic-about\">{}</desc>\n", escape(&scene.about)));
    out.push_str("<style>");
    if sheet.embed_font {
        for (bytes, weight) in font::WOFF2.iter().zip(["400", "700"]) {
            out.push_str(&format!(
                "@font-face{{font-family:'{}';font-weight:{weight};src:url(data:font/woff2;base64,{}) format('woff2')}}",
                font::FAMILY,
                base64(bytes)
            ));
        }
    }
    // the scheme is stated so that no viewer in the dark inverts the picture; it brings its own ground
    // names in scripts that run to the left keep to their own run: the dates beside them stay where they are measured
    out.push_str(if sheet.dark { "svg{color-scheme:dark}" } else { "svg{color-scheme:light}" });
    out.push_str(
        "tspan{unicode-bidi:isolate}a:hover{text-decoration:underline}g.b:hover path,g.l:hover path{opacity:.75}",
    );
    out.push_str("</style>\n<defs>");
    out.push_str(&scene.defs);
    out.push_str("</defs>\n");
    out.push_str(&format!("<rect width=\"{w}\" height=\"{h}\" rx=\"6\" fill=\"{}\"/>\n", escape(sheet.ground)));
    for item in &scene.items {
        write_item(&mut out, item, sheet);
    }
    out.push_str("</svg>\n");
    out
}

fn write_item(out: &mut String, item: &Item, sheet: Sheet<'_>) {
    match item {
        Item::Open { id, class, title } => {
            out.push_str("<g");
            for (name, value) in [("id", id.as_str()), ("class", *class)] {
                if !value.is_empty() {
                    out.push_str(&format!(" {name}=\"{}\"", escape(value)));
                }
            }
            out.push('>');
            if !title.is_empty() {
                out.push_str(&format!("<title>{}</title>", escape(title)));
            }
            out.push('\n');
        }
        Item::Close => out.push_str("</g>\n"),
        Item::Box { rect, round, paint, .. } => {
            out.push_str(&format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                num(rect.x),
                num(rect.y),
                num(rect.w.max(0.0)),
                num(rect.h.max(0.0))
            ));
            if *round > 0.0 {
                out.push_str(&format!(" rx=\"{}\"", num(*round)));
            }
            write_paint(out, paint);
            out.push_str("/>\n");
        }
        Item::Path { d, paint, .. } => {
            out.push_str(&format!("<path d=\"{d}\""));
            write_paint(out, paint);
            out.push_str("/>\n");
        }
        Item::Text(text) => write_text(out, text, sheet),
    }
}

fn write_paint(out: &mut String, paint: &Paint) {
    let fill = if paint.fill.is_empty() { "none" } else { &paint.fill };
    out.push_str(&format!(" fill=\"{}\"", escape(fill)));
    if !paint.stroke.is_empty() {
        out.push_str(&format!(" stroke=\"{}\" stroke-width=\"{}\"", escape(&paint.stroke), num(paint.width)));
        if !paint.dash.is_empty() {
            out.push_str(&format!(" stroke-dasharray=\"{}\"", escape(&paint.dash)));
        }
        out.push_str(" stroke-linejoin=\"round\"");
    }
    if paint.opacity < 1.0 {
        out.push_str(&format!(" opacity=\"{}\"", num(paint.opacity)));
    }
}

fn write_text(out: &mut String, text: &Text, sheet: Sheet<'_>) {
    out.push_str(&format!("<text x=\"{}\" y=\"{}\" xml:space=\"preserve\"", num(text.x), num(text.y)));
    if text.halo {
        out.push_str(&format!(
            " paint-order=\"stroke\" stroke=\"{}\" stroke-width=\"4\" stroke-linejoin=\"round\"",
            escape(sheet.ground)
        ));
    }
    out.push('>');
    for run in &text.line.0 {
        if let Some(href) = &run.href {
            out.push_str(&format!("<a href=\"#{}\">", escape(href)));
        }
        out.push_str(&format!("<tspan font-size=\"{}\" fill=\"{}\"", num(run.size), escape(&run.colour)));
        if run.bold {
            out.push_str(" font-weight=\"700\"");
        }
        out.push_str(&format!(">{}</tspan>", escape(&run.text)));
        if run.href.is_some() {
            out.push_str("</a>");
        }
    }
    out.push_str("</text>\n");
}

/// Text for XML and HTML, in elements and attributes; characters that XML forbids become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(ch),
        }
    }
    out
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

    #[test]
    fn escapes_everything() {
        assert_eq!(escape("<a b=\"c\">&'\u{0}\u{ffff}"), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;\u{fffd}\u{fffd}");
    }
}
