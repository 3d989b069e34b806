//! A folder of plain tables as facts: read, checked, loaded into a graph.
//!
//! ```text
//!  dataset.toml sources.csv kinds.csv relations.csv entities.csv aliases.csv mentions.csv conflicts.csv
//!        │            (a folder, or the copy built into the program)
//!        ▼
//!     Dataset ──► check ──► problems with file, row, column, hint
//!        └──────► load  ──► graph + evidence + vocabulary
//! ```
//!
//! Every record keeps the row it came from, so that each message can name it. Reading never fails as a
//! whole: what cannot be read is left out and reported. `docs/dataset.md` describes the format.
//!
//! This module does not know queries, and holds no text of any document.

mod builtin;
mod check;
mod columns;
mod documents;
mod edit;
mod edition;
mod fill;
mod fix;
mod load;
pub(crate) mod papers;
mod parse;
mod problem;
mod record;
mod search;
mod sentences;
mod sheet;
mod table;
mod upgrade;
mod verify;
mod write;

use std::path::Path;

use crate::error::{Code, Error, Result};

pub use check::check;
pub(crate) use check::{fits, names_an_entity};
pub(crate) use columns::cells_of_mention;
pub(crate) use documents::{Document, Standing, as_id, id_of_document};
pub use documents::{Documents, split};
pub(crate) use edit::{Edit, undo};
pub(crate) use edition::{List, edition};
pub use fill::write_fingerprints;
pub(crate) use fix::{Fix, fix};
pub(crate) use load::load;
pub use problem::{Problem, grouped};
pub(crate) use record::EXISTS;
pub use record::{
    Alias, AliasStatus, ConflictRecord, Dataset, Entity, Kind, MentionRecord, Meta, Object, QualifierRecord, Relation,
    Side, SourceRecord,
};
pub(crate) use search::Words;
pub(crate) use sentences::Rule;
pub(crate) use upgrade::unsourced;
pub use upgrade::{Upgrade, upgrade};
pub(crate) use verify::{Moved, moves, says_in as says};
pub use verify::{Verification, check_sources};
pub use write::{Tables, tables};

/// The dataset compiled into the program: Kazakhstan's reforms.
///
/// ```
/// let data = shejire::dataset::builtin();
/// assert_eq!((data.entities.len(), data.mentions.len()), (304, 705));
/// ```
pub fn builtin() -> Dataset {
    parse::parse(&mut compiled_in)
}

type Bytes = std::borrow::Cow<'static, [u8]>;

/// A table of the dataset that is compiled in.
fn compiled_in(file: &'static str, _: &mut Vec<Problem>) -> Option<Option<Bytes>> {
    builtin::file(file).map(|text| Some(text.as_bytes().into()))
}

/// A table of a folder.
fn in_folder(dir: &Path) -> impl FnMut(&'static str, &mut Vec<Problem>) -> Option<Option<Bytes>> {
    move |file, problems| documents::read_file(&dir.join(file), file, problems).map(|read| read.map(Into::into))
}

/// What a dataset calls itself, of which nothing else is read: that of a folder, or the one that is compiled in. Empty where that
/// cannot be read.
#[cfg(feature = "server")]
pub(crate) fn title(dir: Option<&Path>) -> std::sync::Arc<str> {
    let problems = &mut Vec::new();
    match dir {
        Some(dir) => parse::meta(&mut in_folder(dir), problems).title,
        None => parse::meta(&mut compiled_in, problems).title,
    }
}

/// Reads the folder `dir`. What cannot be read is reported by [`check`].
///
/// Errors: `DataError` when there is no such folder, or it holds none of the tables.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// use shejire::dataset;
///
/// let data = dataset::read("examples/city-councils".as_ref())?;
/// assert!(dataset::check(&data).iter().all(|problem| !problem.blocking));
/// assert!(dataset::read("no such folder".as_ref()).is_err());
/// # Ok(())
/// # }
/// ```
pub fn read(dir: &Path) -> Result<Dataset> {
    let no_access = |why: std::io::Error| {
        let message = match why.kind() {
            std::io::ErrorKind::NotFound => format!("there is no folder {}", dir.display()),
            _ => format!("cannot read the folder {}: {why}", dir.display()),
        };
        Error::new(crate::error::Class::DataError, crate::error::Phase::Runtime, Code::FileAccess, message)
    };
    if !std::fs::metadata(dir).map_err(no_access)?.is_dir() {
        return Err(Error::data(format!("{} is a file, not a folder of tables", dir.display()))
            .hint("name the folder that holds mentions.csv"));
    }
    if !dir.join("mentions.csv").exists() && !dir.join("entities.csv").exists() {
        return Err(Error::data(format!(
            "{} holds no dataset: mentions.csv and entities.csv are missing",
            dir.display()
        ))
        .hint("docs/dataset.md describes the tables; examples/city-councils is one to copy"));
    }
    Ok(parse::parse(&mut in_folder(dir)))
}

/// Reads and checks the folder `dir`; a folder with blocking problems is refused.
///
/// Errors: as [`read`], and `DataError` with the first blocking problem and the number of the others.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// let data = shejire::dataset::open("examples/city-councils".as_ref())?;
/// assert!(data.entities.iter().any(|entity| &*entity.id == "harbour-board"));
/// # Ok(())
/// # }
/// ```
pub fn open(dir: &Path) -> Result<Dataset> {
    let dataset = read(dir)?;
    let problems = check(&dataset);
    let mut blocking = problems.iter().filter(|p| p.blocking);
    let Some(first) = blocking.next() else { return Ok(dataset) };
    Err(match blocking.count() {
        0 => Error::from(first),
        more => Error::data(format!("{first} (and {more} more)"))
            .hint(format!("`shejire check {}` lists them all", dir.display())),
    })
}

#[cfg(test)]
mod graph_tests;
#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 8] = [
        "dataset.toml",
        "sources.csv",
        "kinds.csv",
        "relations.csv",
        "entities.csv",
        "aliases.csv",
        "mentions.csv",
        "conflicts.csv",
    ];

    fn folder() -> Vec<(&'static str, Vec<u8>)> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/city-councils");
        FILES.map(|file| (file, std::fs::read(path.join(file)).expect("the example has every table"))).into()
    }

    fn parsed(files: &[(&'static str, Vec<u8>)]) -> Dataset {
        parse::parse(&mut |name, _| {
            let found = files.iter().find(|(file, _)| *file == name);
            Some(found.map(|(_, bytes)| bytes.clone().into()))
        })
    }

    /// Whatever is done to the bytes of a folder: reading, checking and loading end, and a folder that
    /// `check` lets pass loads.
    #[test]
    fn mutilated_folders_are_read_checked_and_loaded_without_a_panic() {
        let whole = folder();
        assert_eq!(check(&parsed(&whole)), []);
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below.max(1) as u64).unwrap_or(0)
        };
        let pieces: [&[u8]; 12] =
            [b",", b"\"", b"\n", b";", b"=", b"|", b":", b"\r", b"\xEF\xBB\xBF", b"\0", "қ".as_bytes(), b"99999999999"];
        for _ in 0..400 {
            let mut files = whole.clone();
            for _ in 0..=random(4) {
                let count = files.len();
                let bytes = &mut files[random(count)].1;
                let at = random(bytes.len() + 1).min(bytes.len());
                match random(4) {
                    0 => bytes.truncate(at),
                    1 if at < bytes.len() => {
                        bytes.remove(at);
                    }
                    2 if at < bytes.len() => bytes[at] ^= 1 << random(8),
                    _ => {
                        bytes.splice(at..at, pieces[random(pieces.len())].iter().copied());
                    }
                }
            }
            let dataset = parsed(&files);
            let problems = check(&dataset);
            let result = load(&dataset);
            let blocked = problems.iter().any(|p| p.blocking);
            assert!(blocked || result.is_ok(), "{result:?} after {problems:?}");
        }
    }

    #[test]
    fn nothing_at_all_is_a_list_of_missing_tables() {
        let problems = check(&parsed(&[]));
        let missing: Vec<&str> = problems.iter().map(|p| &*p.file).collect();
        assert_eq!(
            missing,
            ["dataset.toml", "sources.csv", "kinds.csv", "relations.csv", "entities.csv", "mentions.csv"]
        );
    }
}
