//! A document with its sentences numbered as locators count them: for people at a terminal, as a page to read beside the tables, for
//! programs that propose facts.

use std::io::Write;

use serde_json::json;

use super::{Written, safe::visible_lines, xml};
use crate::dataset::Document;
use crate::provenance::Locator;

/// The forms a numbered document can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A sentence a line, its number before it.
    Text,
    /// A paragraph a paragraph, the numbers in it.
    Markdown,
    /// A page of its own, each sentence with an anchor.
    Html,
    /// One object a document, with its sentences.
    Json,
    /// One object a sentence.
    JsonLines,
}

/// A document, and the id by which locators name it.
pub(crate) struct Numbered<'a> {
    pub(crate) id: &'a str,
    pub(crate) document: &'a Document,
}

/// Writes the documents one after another.
pub(crate) fn write(all: &[Numbered<'_>], form: Form, to: &mut dyn Write) -> Written {
    match form {
        Form::Text => {
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    writeln!(to)?;
                }
                text(one, to)?;
            }
        }
        Form::Markdown => all.iter().try_for_each(|one| markdown(one, to))?,
        Form::Html => html(all, to)?,
        Form::Json => {
            let list: Vec<_> = all.iter().map(whole).collect();
            writeln!(to, "{}", serde_json::to_string_pretty(&list).unwrap_or_default())?;
        }
        Form::JsonLines => {
            for one in all {
                one.document.numbered().try_for_each(|sentence| writeln!(to, "{}", object(one.id, sentence)))?;
            }
        }
    }
    Ok(())
}

/// `4 paragraphs, 6 sentences`, and what the file says of itself.
fn about(one: &Numbered<'_>) -> Vec<String> {
    let told = one.document.told();
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let sentences = one.document.numbered().count();
    let mut lines = vec![format!(
        "{}: {}, {}",
        one.document.file(),
        count(one.document.paragraphs(), "paragraph"),
        count(sentences, "sentence")
    )];
    let said: Vec<String> = told.said().map(|(key, value)| format!("{key}: {value}")).collect();
    if !said.is_empty() {
        lines.push(format!("the file says of itself: {}", said.join("; ")));
    }
    lines
}

fn text(one: &Numbered<'_>, to: &mut dyn Write) -> Written {
    for line in about(one) {
        writeln!(to, "{}", visible_lines(&line))?;
    }
    let width = one.document.numbered().map(|(at, ..)| at.to_string().len()).max().unwrap_or(0);
    let (mut paragraph, mut page) = (0, 0);
    for (at, on, sentence, _) in one.document.numbered() {
        if at.paragraph != paragraph {
            writeln!(to)?;
        }
        if on != page {
            writeln!(to, "page {on}")?;
        }
        (paragraph, page) = (at.paragraph, on);
        writeln!(to, "{:>width$}  {}", at.to_string(), visible_lines(sentence))?;
    }
    Ok(())
}

fn markdown(one: &Numbered<'_>, to: &mut dyn Write) -> Written {
    let lines = about(one);
    writeln!(to, "# {}\n", escaped(&lines[0]))?;
    for line in &lines[1..] {
        writeln!(to, "{}\n", escaped(line))?;
    }
    let mut last: Option<(u32, u32)> = None;
    for (at, page, sentence, _) in one.document.numbered() {
        match last {
            Some((paragraph, _)) if paragraph == at.paragraph => write!(to, " ")?,
            Some(_) => write!(to, "\n\n")?,
            None => {}
        }
        if page > 0 && last.is_none_or(|(_, before)| before != page) {
            write!(to, "*page {page}*\n\n")?;
        }
        write!(to, "**{at}** {}", escaped(sentence))?;
        last = Some((at.paragraph, page));
    }
    writeln!(to, "\n")?;
    Ok(())
}

/// Text that is no mark of Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible_lines(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

const HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<style>body{max-width:44rem;margin:2rem auto;padding:0 1rem;\
font:1rem/1.6 serif}sup{font:.7rem sans-serif;color:#767676;padding:0 .3em 0 .1em}h2{font-size:.8rem;color:#767676}\
:target{background:#fff3b0}</style>\n";

fn html(all: &[Numbered<'_>], to: &mut dyn Write) -> Written {
    to.write_all(HEAD.as_bytes())?;
    let title = all.iter().map(|one| one.document.file()).collect::<Vec<_>>().join(", ");
    writeln!(to, "<title>{}</title>", xml::escape(&title))?;
    for one in all {
        let lines = about(one);
        writeln!(to, "<h1>{}</h1>", xml::escape(&lines[0]))?;
        for line in &lines[1..] {
            writeln!(to, "<p><small>{}</small></p>", xml::escape(line))?;
        }
        let (mut paragraph, mut page) = (0, 0);
        for (at, on, sentence, _) in one.document.numbered() {
            if at.paragraph != paragraph {
                writeln!(to, "{}", if paragraph > 0 { "</p>" } else { "" })?;
                if on != page {
                    writeln!(to, "<h2>page {on}</h2>")?;
                }
                write!(to, "<p>")?;
            } else {
                write!(to, " ")?;
            }
            (paragraph, page) = (at.paragraph, on);
            let place = xml::escape(&format!("{}:{at}", one.id));
            write!(to, "<span id=\"{place}\"><sup>{at}</sup>{}</span>", xml::escape(sentence))?;
        }
        if paragraph > 0 {
            writeln!(to, "</p>")?;
        }
    }
    Ok(())
}

fn object(id: &str, (at, page, sentence, print): (Locator, u32, &str, u64)) -> serde_json::Value {
    let mut out =
        json!({ "source": id, "locator": format!("{id}:{at}"), "paragraph": at.paragraph, "sentence": at.first });
    if page > 0 {
        out["page"] = page.into();
    }
    out["text"] = sentence.into();
    out["fingerprint"] = format!("{print:016x}").into();
    out
}

fn whole(one: &Numbered<'_>) -> serde_json::Value {
    let told = one.document.told();
    let mut out = json!({
        "source": one.id, "file": one.document.file(), "sha256": one.document.sha256(),
        "paragraphs": one.document.paragraphs(),
    });
    told.said().for_each(|(key, value)| out[key] = value.into());
    out["sentences"] = one.document.numbered().map(|sentence| object(one.id, sentence)).collect();
    out
}
