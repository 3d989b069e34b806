//! Markdown: a paragraph is a block (a heading, a list item, a cell of a table), however many lines it stands on. Marks are
//! no text, and neither are comments and pictures.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Paper, Part, Told, in_line};

pub(super) fn read(text: &str) -> Paper {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, options) {
        reader.event(event);
    }
    reader.end();
    Paper { parts: reader.parts, told: reader.told }
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    line: String,
    told: Told,
    /// Inside what is no text: a picture, the head.
    silent: u32,
    head: bool,
    /// Lines of code are paragraphs each, as they are in plain text.
    code: bool,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Image { .. }) => self.silent += 1,
            Event::End(TagEnd::Image) => self.silent = self.silent.saturating_sub(1),
            Event::Start(Tag::MetadataBlock(_)) => self.head = true,
            Event::End(TagEnd::MetadataBlock(_)) => self.head = false,
            Event::Text(text) if self.head => self.of_head(&text),
            Event::Text(text) if self.code => {
                for line in text.lines() {
                    self.line.push_str(line);
                    self.end();
                }
            }
            Event::Text(text) | Event::Code(text) if self.silent == 0 => self.line.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.line.push(' '),
            Event::Start(Tag::CodeBlock(_)) => {
                self.end();
                self.code = true;
            }
            Event::End(TagEnd::CodeBlock) => self.code = false,
            Event::Start(tag) if is_block(&tag.to_end()) => self.end(),
            Event::End(tag) if is_block(&tag) => self.end(),
            Event::Rule => self.end(),
            _ => {}
        }
    }

    fn end(&mut self) {
        let text = in_line(&std::mem::take(&mut self.line));
        if !text.is_empty() {
            self.parts.push(Part { text, page: 0 });
        }
    }

    /// `title: …` and its kin, in the head between lines of hyphens.
    fn of_head(&mut self, text: &str) {
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            match key.trim() {
                "title" => self.told.title = value,
                "author" => self.told.author = value,
                "date" => self.told.date = super::day_of(&value),
                "lang" | "language" => self.told.language = value,
                "url" => self.told.url = value,
                _ => {}
            }
        }
    }
}

fn is_block(tag: &TagEnd) -> bool {
    !matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}
