//! `shejire.toml`: what one would otherwise type again and again.
//!
//! ```toml
//! data = "my-town"            # or: db = "library.shejire"
//! format = "markdown"
//! language = ["en", "kk"]     # of names in pictures
//! style = "style.toml"        # of pictures
//! ```
//!
//! `$SHEJIRE_CONFIG` names the file (empty: none); else it is looked for in the working directory, in those above it,
//! and where the user keeps settings. The first one found counts, alone. Paths in it begin where it lies. The command
//! line is stronger than the file; `pipe` does not read it, because programs talk to that.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use toml::Spanned;

use super::args::{Command, FormArg, LookArgs, OutputArgs, Source};
use super::{Failure, open};
use crate::error::{Error, Span};

const NAME: &str = "shejire.toml";

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    data: Option<PathBuf>,
    db: Option<Spanned<PathBuf>>,
    format: Option<Spanned<String>>,
    language: Option<Languages>,
    style: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a language such as \"en\", or a list of them")]
enum Languages {
    One(String),
    Many(Vec<String>),
}

/// Fills in what the command line left open.
pub(super) fn apply(command: &mut Command) -> Result<(), Failure> {
    let parts = command.parts();
    if parts.is_empty() {
        return Ok(());
    }
    let Some(file) = find() else { return Ok(()) };
    let text = std::fs::read_to_string(&file).map_err(|e| open::unreadable(&file, &e))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let wrong = |error| Failure::Query { error, text: text.clone(), origin: Some(shown(&file)) };
    let (settings, form) = read(&text).map_err(wrong)?;
    if let Some(source) = parts.source {
        source_from(&settings, folder, source);
    }
    if let (Some(db), Some(told)) = (parts.db, &settings.db) {
        db.get_or_insert_with(|| folder.join(told.get_ref()));
    }
    if let Some(OutputArgs { format, .. }) = parts.output {
        *format = format.or(form);
    }
    if let Some(look) = parts.look {
        look_from(settings, folder, look);
    }
    Ok(())
}

/// The file that counts.
fn find() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("SHEJIRE_CONFIG") {
        return (!told.is_empty()).then(|| PathBuf::from(told));
    }
    let here = std::env::current_dir().ok()?;
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".config")))
        .map(|settings| settings.join("shejire"));
    here.ancestors().map(Path::to_path_buf).chain(home).map(|folder| folder.join(NAME)).find(|file| file.is_file())
}

/// The file as one would name it here.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(here).unwrap_or(file).display().to_string()
}

fn read(text: &str) -> Result<(Settings, Option<FormArg>), Error> {
    let settings: Settings = toml::from_str(text).map_err(|error| {
        let place = error.span().unwrap_or_default();
        Error::data(error.message().to_owned()).at(Span::new(place.start, place.end))
    })?;
    if let (Some(_), Some(db)) = (&settings.data, &settings.db) {
        let message = "data and db are both set: a command works on one graph";
        return Err(Error::data(message).at(Span::new(db.span().start, db.span().end)));
    }
    let form = match &settings.format {
        None => None,
        Some(name) => Some(FormArg::from_str(name.get_ref(), true).map_err(|_| {
            Error::data(format!("there is no form `{}`", name.get_ref()))
                .at(Span::new(name.span().start, name.span().end))
                .hint("forms: table, json, jsonl, csv, markdown")
        })?),
    };
    Ok((settings, form))
}

fn source_from(settings: &Settings, folder: &Path, source: &mut Source) {
    if source.db.is_none() && source.data.is_none() && !source.builtin {
        source.db = settings.db.as_ref().map(|db| folder.join(db.get_ref()));
        source.data = settings.data.as_ref().map(|data| folder.join(data));
    }
}

fn look_from(settings: Settings, folder: &Path, look: &mut LookArgs) {
    if look.languages.is_empty() {
        look.languages = match settings.language {
            None => Vec::new(),
            Some(Languages::One(language)) => vec![language],
            Some(Languages::Many(languages)) => languages,
        };
    }
    if look.style.is_none() {
        look.style = settings.style.map(|style| folder.join(style));
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, place, message) in [
            ("data = \"a\"\nfromat = \"csv\"\n", "2:1", "unknown field `fromat`"),
            ("\n\nformat = \"xml\"\n", "3:10", "there is no form `xml`"),
            ("data = \"a\"\ndb = \"b\"\n", "2:6", "data and db are both set"),
            ("language = 3\n", "1:12", "a language such as"),
        ] {
            let error = read(text).expect_err(text);
            let (line, column) = error.span().expect("a place").line_column(text);
            assert_eq!(format!("{line}:{column}"), place, "{text}: {error}");
            assert!(error.message().contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn everything_can_be_left_out() {
        let (settings, form) = read("").expect("nothing");
        assert!(settings.data.is_none() && form.is_none());
        assert!(read("language = \"kk\"\nformat = \"JSON\"").is_ok_and(|(_, form)| form.is_some()));
    }
}
