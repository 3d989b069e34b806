//! `number`: documents with their paragraphs and sentences numbered as locators count them.

use std::path::Path;

use super::args::{NumberArgs, NumberForm};
use super::terminal::Desk;
use super::{Done, Outcome, open};
use crate::dataset::{self, Document, Rule};
use crate::error::Error;
use crate::io::numbered::{self, Form, Numbered};

/// Largest document that is read, in bytes.
pub(super) const LARGEST: u64 = 256 << 20;

/// Runs the command. Nothing is printed when one of several documents cannot be read.
pub(super) fn run(args: NumberArgs, desk: &mut Desk) -> Outcome {
    let dataset = args.data.as_deref().map(dataset::read).transpose()?;
    let number = match (args.sentences, &dataset) {
        (Some(number), _) => number,
        (None, Some(dataset)) => dataset.meta.sentences,
        (None, None) => 2,
    };
    let rule = Rule::numbered(number).unwrap_or(Rule::Two);
    let mut documents = Vec::new();
    for file in &args.files {
        let document = document(file, rule)?;
        let known = dataset.iter().flat_map(|dataset| &dataset.sources).map(|source| &*source.id);
        documents.push((dataset::id_of_document(document.file(), known), document));
    }
    let all: Vec<Numbered<'_>> = documents.iter().map(|(id, document)| Numbered { id, document }).collect();
    let form = match args.format {
        NumberForm::Text => Form::Text,
        NumberForm::Markdown => Form::Markdown,
        NumberForm::Html => Form::Html,
        NumberForm::Json => Form::Json,
        NumberForm::Jsonl => Form::JsonLines,
    };
    numbered::write(&all, form, desk.out())?;
    Ok(Done::Well)
}

/// Reads a document. Errors: it is not there, too large, or of a form that is not read.
pub(super) fn document(file: &Path, rule: Rule) -> Result<Document, Error> {
    let bytes = open::small_bytes(file, LARGEST)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Document::read(&name, &bytes, rule)
        .map_err(|why| Error::data(format!("{} {}", file.display(), why.message)).hint(why.hint))
}
