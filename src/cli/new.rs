//! `new`: a dataset folder to begin with. It is made whole, or not at all.

use super::args::{NewArgs, TemplateArg};
use super::terminal::Desk;
use super::{Done, Outcome, files, number, open, query};
use crate::authoring::{self, Template};
use crate::dataset::Rule;
use crate::error::Error;
use crate::io::safe::visible;

/// Runs the command. Errors: the folder holds something, or a document cannot be read.
pub(super) fn run(args: NewArgs, desk: &mut Desk) -> Outcome {
    let dir = &args.dir;
    if dir.is_file() || dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        let message = format!("{} is not empty", dir.display());
        return Err(Error::data(message).hint("name a folder that is not there yet").into());
    }
    let template = match args.template {
        TemplateArg::Institutions => Template::Institutions,
        TemplateArg::Laws => Template::Laws,
        TemplateArg::Blank => Template::Blank,
    };
    let mut documents = Vec::new();
    for file in &args.from {
        let bytes = open::small_bytes(file, number::LARGEST)?;
        documents.push((number::document(file, Rule::Two)?, bytes));
    }
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let title = args.title.unwrap_or_else(|| if name.is_empty() { "A new dataset".to_owned() } else { name });
    let begun = authoring::begin(template, &title, &args.language, &documents);
    files::folder(dir, |new| {
        std::fs::create_dir(new.join("texts"))?;
        for (file, bytes) in &begun.files {
            std::fs::write(new.join(file), bytes)?;
        }
        Ok(())
    })?;
    let shown = visible(&dir.display().to_string()).into_owned();
    let count = query::counted(begun.sources.len(), "document");
    writeln!(desk.out(), "{shown}: a dataset folder with {count}; README.md in it says what to do next")?;
    desk.flush()?;
    for (id, (document, _)) in begun.sources.iter().zip(&documents) {
        let told = document.told();
        let said: Vec<&str> =
            [&told.title, &told.author, &told.date].into_iter().map(String::as_str).filter(|s| !s.is_empty()).collect();
        let said = if said.is_empty() {
            "says nothing of itself".to_owned()
        } else {
            format!("says of itself: {}", said.join("; "))
        };
        desk.note(&format!("{id}: {}, {said}", query::counted(document.paragraphs(), "paragraph")));
    }
    Ok(Done::Well)
}
