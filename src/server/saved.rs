//! Views that somebody keeps: an address of the explorer with a title, each a file of its own, so that they lie well in git.
//!
//! ```text
//!  --views DIR/merged-towns.view.toml    title, path, and what the address says, keys in order
//! ```
//! A file gets its name when it is whole, and only files whose names are of the pattern are read or written; links are not
//! followed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Class, Code, Error, Phase, Result};

const ENDING: &str = ".view.toml";
const LONGEST_NAME: usize = 64;
/// Longest file that is read or written, in bytes.
const LONGEST: u64 = 256 << 10;
/// Views that are listed at most.
const MOST: usize = 2_000;

/// A folder of views; nothing keeps none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saved(Option<PathBuf>);

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    /// What it is called.
    #[serde(default)]
    pub(crate) title: String,
    /// The page.
    pub(crate) path: String,
    /// What its address says besides.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

fn refused(message: String) -> Error {
    Error::new(Class::ArgumentError, Phase::Runtime, Code::InvalidArgumentValue, message)
}

fn no_file(file: &Path, why: &io::Error) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("{}: {why}", file.display()))
}

impl Saved {
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Whether views are kept at all.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// The file of a name. Errors: no views are kept, or it is no name.
    fn file(&self, name: &str) -> Result<PathBuf> {
        let folder = self.0.as_ref().ok_or_else(|| {
            refused("no views are kept here".into()).hint("start the server with --views and a folder for them")
        })?;
        let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
            return Err(refused(format!("{name:?} is no name of a view"))
                .hint(format!("a name has at most {LONGEST_NAME} small letters a-z, digits and hyphens")));
        }
        Ok(folder.join(format!("{name}{ENDING}")))
    }

    /// The names there are, in order, with what each keeps; what cannot be read is told in its place.
    pub(crate) fn all(&self) -> Result<Vec<(String, Result<View>)>> {
        let Some(folder) = &self.0 else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|why| no_file(folder, &why))? {
            let name = entry.map_err(|why| no_file(folder, &why))?.file_name();
            names.extend(name.to_str().and_then(|name| name.strip_suffix(ENDING)).map(str::to_owned));
        }
        names.sort();
        names.truncate(MOST);
        Ok(names.into_iter().map(|name| (name.clone(), self.get(&name))).collect())
    }

    /// What a view keeps. Errors: there is none; its file cannot be read, or says something else.
    pub(crate) fn get(&self, name: &str) -> Result<View> {
        let file = self.file(name)?;
        let about = match std::fs::symlink_metadata(&file) {
            Ok(about) => about,
            Err(why) if why.kind() == io::ErrorKind::NotFound => {
                return Err(refused(format!("there is no view called {name:?}")).hint("/api/v1/views lists them"));
            }
            Err(why) => return Err(no_file(&file, &why)),
        };
        if !about.is_file() || about.len() > LONGEST {
            return Err(refused(format!("{} is no plain file of at most {LONGEST} bytes", file.display())));
        }
        let text = std::fs::read_to_string(&file).map_err(|why| no_file(&file, &why))?;
        let view: View = toml::from_str(&text).map_err(|why| refused(format!("{}: {why}", file.display())))?;
        sound(view)
    }

    /// Keeps a view, in the place of the one that has the name. Errors: as [`Self::get`]; it is no page, or too long.
    pub(crate) fn put(&self, name: &str, view: View) -> Result<()> {
        let file = self.file(name)?;
        let text = toml::to_string(&sound(view)?).map_err(|why| refused(why.to_string()))?;
        if text.len() as u64 > LONGEST {
            return Err(refused(format!("a view has at most {LONGEST} bytes")));
        }
        let mut beside = tempfile::Builder::new();
        #[cfg(unix)]
        beside.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less what the user's mask takes away
        let written =
            file.parent().map_or_else(|| beside.tempfile(), |folder| beside.tempfile_in(folder)).and_then(|mut to| {
                to.write_all(text.as_bytes())?;
                to.as_file().sync_all()?;
                Ok(to.persist(&file)?)
            });
        written.map(drop).map_err(|why| no_file(&file, &why))
    }

    /// Forgets a view. Errors: as [`Self::get`].
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        self.get(name)?;
        let file = self.file(name)?;
        std::fs::remove_file(&file).map_err(|why| no_file(&file, &why))
    }
}

/// The view, when it is a page of the explorer.
fn sound(view: View) -> Result<View> {
    let plain = |text: &str| !text.contains(['\\', '?', '#']) && !text.chars().any(char::is_control);
    if !view.path.starts_with('/') || view.path.starts_with("//") || !plain(&view.path) {
        return Err(refused(format!("{:?} is no page of the explorer", view.path)).hint("a path such as /query"));
    }
    Ok(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(path: &str) -> View {
        let parameters = BTreeMap::from([("q".into(), "MATCH (n)\nRETURN n".into()), ("asof".into(), "2010".into())]);
        View { title: "Қалалар".into(), path: path.into(), parameters }
    }

    #[test]
    fn what_is_kept_is_read_again_and_its_file_has_its_keys_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = Saved::new(Some(folder.path().to_owned()));
        saved.put("towns", view("/query")).expect("kept");
        saved.put("towns", view("/query")).expect("kept again");
        assert_eq!(saved.get("towns").expect("read"), view("/query"));
        let text = std::fs::read_to_string(folder.path().join("towns.view.toml")).expect("a file");
        assert!(text.find("asof").expect("a key") < text.find("q =").expect("a key"), "{text}");
        let files = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!((files, saved.all().expect("a list").len()), (1, 1), "nothing lies beside it");
        saved.remove("towns").expect("removed");
        assert!(saved.get("towns").is_err() && saved.remove("towns").is_err());
    }

    #[test]
    fn nothing_is_read_or_written_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let saved = Saved::new(Some(folder.path().join("views")));
        std::fs::create_dir(folder.path().join("views")).expect("a folder");
        for name in ["", "..", "../x", "A", "a/b", "a.b", "қ", &"a".repeat(65)] {
            assert!(saved.put(name, view("/query")).is_err() && saved.get(name).is_err(), "{name:?}");
        }
        for path in ["query", "//evil.example", "/query?x", "/a\\b", "/a\nb", "https://evil.example"] {
            assert!(saved.put("x", view(path)).is_err(), "{path:?}");
        }
        assert!(Saved::default().put("x", view("/query")).is_err());
        #[cfg(unix)]
        {
            let secret = folder.path().join("secret");
            std::fs::write(&secret, "path = \"/query\"\n").expect("a file");
            std::os::unix::fs::symlink(&secret, folder.path().join("views/link.view.toml")).expect("a link");
            assert!(saved.get("link").is_err(), "a link is followed");
        }
        std::fs::write(folder.path().join("views/bad.view.toml"), "path = 5").expect("a file");
        assert!(saved.get("bad").expect_err("no view").message().contains("bad.view.toml"));
    }
}
