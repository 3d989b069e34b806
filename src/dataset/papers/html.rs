//! HTML: a paragraph is what stands between two marks that begin or end a block. One `<br>` is a blank, two in a row part paragraphs;
//! the lines of `<pre>` are paragraphs each. Scripts, styles, forms' choices and the head are no text.

use encoding_rs::{Encoding, UTF_8};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::{Deadline, MAX_TEXT, Paper, Part, Refused, Told, day_of, in_line};

/// Elements whose content nobody reads.
const SILENT: [&str; 12] = [
    "script", "style", "template", "noscript", "iframe", "object", "svg", "math", "select", "textarea", "canvas",
    "datalist",
];

/// Elements within a line.
const INLINE: [&str; 36] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u",
];
const ALSO_INLINE: [&str; 5] = ["var", "wbr", "picture", "source", "button"];

pub(super) fn read(bytes: &[u8], deadline: Deadline) -> Result<Paper, Refused> {
    let text = decoded(bytes)?;
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader::default();
    for (count, token) in Tokenizer::new_with_emitter(&*text, emitter).enumerate() {
        if count % 4096 == 0 {
            deadline.look()?;
        }
        let Ok(token) = token;
        reader.token(token);
    }
    reader.end();
    Ok(Paper { parts: reader.parts, told: reader.told })
}

/// The text: in the encoding that a mark or the page itself names, else in UTF-8. Errors: it is not.
fn decoded(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, Refused> {
    let stated = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(|| declared(bytes));
    let encoding = stated.unwrap_or(UTF_8);
    let text = encoding.decode_with_bom_removal(bytes);
    match text {
        (text, false) if text.len() as u64 <= MAX_TEXT => Ok(text),
        (_, false) => {
            Err(Refused::new(format!("holds more than {MAX_TEXT} bytes of text"), "part it into several documents"))
        }
        (_, true) => {
            let message = format!("is not text in {}", encoding.name());
            Err(Refused::new(
                message,
                "save the page as UTF-8, or correct the encoding that it names in <meta charset>",
            ))
        }
    }
}

/// The encoding that stands in the first bytes behind `charset=`.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase();
    let after = &head[head.find("charset")? + "charset".len()..];
    let value = after.trim_start().strip_prefix('=')?.trim_start_matches(['"', '\'', ' ']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | ':')).unwrap_or(value.len());
    Encoding::for_label(&value.as_bytes()[..end])
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    line: String,
    told: Told,
    /// The elements that are open and silence what is in them.
    silent: Vec<String>,
    title: bool,
    preformatted: u32,
    /// The last thing in the line was a `<br>`.
    broken: bool,
}

impl Reader {
    fn token(&mut self, token: Token) {
        match token {
            Token::StartTag(tag) => self.open(&tag),
            Token::EndTag(tag) => self.close(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => self.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }

    fn open(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        let attribute = |key: &str| {
            tag.attributes
                .get(key.as_bytes())
                .map(|value| String::from_utf8_lossy(value).trim().to_owned())
                .unwrap_or_default()
        };
        match name.as_str() {
            "html" => self.told.language = attribute("lang").split(['-', '_']).next().unwrap_or("").to_lowercase(),
            "meta" => self.meta(&(attribute("name") + &attribute("property")).to_lowercase(), attribute("content")),
            "link" if attribute("rel") == "canonical" => self.told.url = attribute("href"),
            "title" if self.silent.is_empty() => self.title = true,
            "pre" => self.preformatted += 1,
            _ => {}
        }
        if SILENT.contains(&name.as_str()) {
            if !tag.self_closing {
                self.silent.push(name);
            }
            return;
        }
        if self.silent.is_empty() {
            self.mark(&name);
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.silent.iter().rposition(|open| open == name) {
            self.silent.truncate(at);
            return;
        }
        match name {
            "title" => self.title = false,
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            _ => {}
        }
        if name != "br" && self.silent.is_empty() {
            self.mark(name);
        }
    }

    /// What a mark does to the line.
    fn mark(&mut self, name: &str) {
        match name {
            "br" if self.broken || self.preformatted > 0 => self.end(),
            "br" => {
                self.line.push(' ');
                self.broken = true;
            }
            _ if INLINE.contains(&name) || ALSO_INLINE.contains(&name) => {}
            _ => self.end(),
        }
    }

    fn text(&mut self, text: &str) {
        if self.title {
            self.told.title.push_str(text);
            self.told.title = in_line(&self.told.title);
        } else if !self.silent.is_empty() {
        } else if self.preformatted > 0 {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    self.end();
                }
                self.line.push_str(line);
            }
        } else {
            self.broken &= text.trim().is_empty();
            self.line.push_str(text);
        }
    }

    fn end(&mut self) {
        self.broken = false;
        let text = in_line(&std::mem::take(&mut self.line));
        if !text.is_empty() {
            self.parts.push(Part { text, page: 0 });
        }
    }

    fn meta(&mut self, name: &str, content: String) {
        let to = match name {
            "author" | "dc.creator" | "dcterms.creator" => &mut self.told.author,
            "og:url" => &mut self.told.url,
            "date" | "dc.date" | "dcterms.date" | "dcterms.created" | "article:published_time" | "pubdate" => {
                if self.told.date.is_empty() {
                    self.told.date = day_of(&content);
                }
                return;
            }
            _ => return,
        };
        if to.is_empty() {
            *to = content;
        }
    }
}
