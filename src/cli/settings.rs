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
//!
//! A file that is found says which graph is read and written, so it must be the user's own: one that somebody else owns, or
//! may write, is refused, as git refuses a repository. Which graph a file has named is said on standard error.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Deserialize;
use toml::Spanned;

use super::args::{Command, FormArg, LookArgs, OutputArgs};
use super::terminal::Desk;
use super::{Failure, open};
use crate::error::{Class, Code, Error, Phase, Span};
use crate::io::safe::visible;

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

/// Most bytes of the file.
const LARGEST: u64 = 1 << 20;

/// Fills in what the command line left open.
pub(super) fn apply(command: &mut Command, desk: &Desk) -> Result<(), Failure> {
    let parts = command.parts();
    if parts.is_empty() {
        return Ok(());
    }
    let Some(file) = find()? else { return Ok(()) };
    let text = open::small(&file, LARGEST)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let wrong = |error| Failure::Query { error, text: text.clone(), origin: Some(shown(&file)) };
    let (settings, form) = read(&text).map_err(wrong)?;
    let mut named = None;
    if let Some(source) = parts.source
        && source.db.is_none()
        && source.data.is_none()
        && !source.builtin
    {
        source.db = settings.db.as_ref().map(|db| folder.join(db.get_ref()));
        source.data = settings.data.as_ref().map(|data| folder.join(data));
        named = source.db.clone().or_else(|| source.data.clone());
    }
    if let (Some(db @ None), Some(told)) = (parts.db, &settings.db) {
        named = Some(folder.join(told.get_ref()));
        db.clone_from(&named);
    }
    if let Some(graph) = named {
        desk.note(&visible(&format!("graph: {} (of {})", shown(&graph), shown(&file))));
    }
    if let Some(OutputArgs { format, .. }) = parts.output {
        *format = format.or(form);
    }
    if let Some(look) = parts.look {
        look_from(settings, folder, look);
    }
    Ok(())
}

/// The file that counts. Errors: it is not the user's own; one that `$SHEJIRE_CONFIG` names is.
fn find() -> Result<Option<PathBuf>, Error> {
    if let Some(told) = std::env::var_os("SHEJIRE_CONFIG") {
        return Ok((!told.is_empty()).then(|| PathBuf::from(told)));
    }
    let found = looked_for();
    found.as_deref().map_or(Ok(()), own)?;
    Ok(found)
}

/// Refuses a file that is another's, or that others may write, or a link to one, or one in a folder where others may put
/// it in the place of the user's.
#[cfg(unix)]
fn own(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let me = nix::unistd::geteuid().as_raw();
    let folder = file.parent().unwrap_or(Path::new("/"));
    let refused = |why: String| {
        let message = format!("{} is not read: {why}", file.display());
        Err(Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message).hint(
            "it would say which graph is read and written; if it is meant, name it: SHEJIRE_CONFIG=FILE; SHEJIRE_CONFIG= \
             (empty) goes without",
        ))
    };
    let looked = [std::fs::symlink_metadata(file), std::fs::metadata(file)];
    for found in looked {
        let found = found.map_err(|error| open::unreadable(file, &error))?;
        if found.uid() != me && found.uid() != 0 {
            return refused(format!("it belongs to the user {}", found.uid()));
        }
        if !found.is_symlink() && found.mode() & 0o002 != 0 {
            return refused("everybody may write it".to_owned());
        }
    }
    match std::fs::metadata(folder) {
        // where only owners may rename (as in /tmp) nobody can put another file in its place
        Ok(found) if found.mode() & 0o1002 == 0o002 => refused("everybody may write into its folder".to_owned()),
        _ => Ok(()),
    }
}

/// There is no telling.
#[cfg(not(unix))]
fn own(_: &Path) -> Result<(), Error> {
    Ok(())
}

fn looked_for() -> Option<PathBuf> {
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
    let above = here.ancestors().enumerate().filter(|(_, folder)| folder.parent().is_some());
    let named = above.into_iter().find_map(|(up, folder)| Some((up, file.strip_prefix(folder).ok()?)));
    match named {
        Some((up, rest)) => format!("{}{}", "../".repeat(up), rest.display()),
        None => file.display().to_string(),
    }
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
