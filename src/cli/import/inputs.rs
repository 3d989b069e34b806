//! What the command line names, in the order in which it is read: nodes before relationships.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::ImportArgs;
use crate::error::{Error, Result};
use crate::io::read::input::{STANDARD_INPUT, files_in};
use crate::io::read::neo4j_csv::Group;
use crate::io::read::tables;
use crate::io::{self, ReadAs};

/// One thing to import.
pub(super) enum Input {
    /// CSV files with one header.
    Group { files: Vec<PathBuf>, group: Group, relationships: bool },
    /// A file in a format of the table.
    File(PathBuf, ReadAs),
    /// A sheet of a workbook that is named as a whole.
    Sheet(PathBuf),
    /// A dataset folder.
    Dataset(PathBuf),
    /// A file in an archive, of no format that is read.
    Unread(PathBuf),
}

impl Input {
    /// The files it is made of; those of a dataset are not followed.
    pub(super) fn files(&self) -> &[PathBuf] {
        match self {
            Self::Group { files, .. } => files,
            Self::File(file, _) | Self::Sheet(file) => std::slice::from_ref(file),
            Self::Dataset(_) | Self::Unread(_) => &[],
        }
    }
}

/// What the command line names.
pub(super) fn inputs(args: &ImportArgs) -> Result<Vec<Input>> {
    let nodes = args.nodes.iter().map(|text| (text, false));
    let rels = args.relationships.iter().map(|text| (text, true));
    let mut inputs = nodes.chain(rels).map(|(text, rels)| group(text, rels)).collect::<Result<Vec<Input>>>()?;
    for file in &args.files {
        for file in matching(file)? {
            if file.is_dir() {
                inputs.extend(folder(&file)?);
                continue;
            }
            if is_archive(&file) {
                inputs.extend(in_archive(&file, args)?);
                continue;
            }
            if let Some(sheets) = tables::sheets_in(&file)? {
                inputs.extend(sheets.into_iter().map(Input::Sheet));
                continue;
            }
            let named = args.format.as_deref().and_then(io::format).and_then(|f| f.read);
            let read = named.or_else(|| io::read_by_name(&file)).ok_or_else(|| unknown(&file))?;
            inputs.push(Input::File(file, read));
        }
    }
    Ok(inputs)
}

fn is_archive(file: &Path) -> bool {
    file.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip")) && file.is_file()
}

/// The files in an archive; those whose names say no format are passed over. Errors: there is no other.
fn in_archive(archive: &Path, args: &ImportArgs) -> Result<Vec<Input>> {
    let named = args.format.as_deref().and_then(io::format).and_then(|f| f.read);
    let files = files_in(archive).map_err(|e| crate::cli::open::unreadable(archive, &e))?;
    // what macOS puts beside every file is none
    let beside = |file: &Path| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("._") || file.components().any(|part| part.as_os_str() == "__MACOSX")
    };
    let input = |file: PathBuf| match named.or_else(|| io::read_by_name(&file)).filter(|_| !beside(&file)) {
        Some(read) => Input::File(file, read),
        None => Input::Unread(file),
    };
    let inputs: Vec<Input> = files.into_iter().map(input).collect();
    match inputs.iter().any(|input| matches!(input, Input::File(..))) {
        true => Ok(inputs),
        false => {
            let message = format!("{}: no file in it has a name that says a format that is read", archive.display());
            Err(Error::data(message).hint("unpack it, and name the files; a dataset is read as a folder"))
        }
    }
}

fn unknown(file: &Path) -> Error {
    if file.as_os_str() == STANDARD_INPUT {
        return Error::data("standard input has no name that says its format").hint("say --format");
    }
    if let Some((what, hint)) = io::not_read(file) {
        return Error::data(format!("{}: {what}", file.display())).hint(hint);
    }
    let ends = io::readable_extensions();
    Error::data(format!("{}: the end of the name says no format that is read", file.display()))
        .hint(format!("say --format; known by their ends: {ends}; each also .gz, .zst and in a .zip"))
}

/// `[Label:Label=]header.csv,part*.csv`.
fn group(text: &str, relationships: bool) -> Result<Input> {
    let (names, files) = text.split_once('=').unwrap_or(("", text));
    let labels = |names: &str| names.split(':').filter(|l| !l.is_empty()).map(Arc::from).collect();
    let group = match relationships {
        true => Group { labels: vec![], ty: (!names.is_empty()).then(|| names.into()) },
        false => Group { labels: labels(names), ty: None },
    };
    let mut all = Vec::new();
    for file in files.split(',') {
        all.extend(matching(Path::new(file))?);
    }
    Ok(Input::Group { files: all, group, relationships })
}

/// The files a name with `*` and `?` in its last part stands for, in the order of the alphabet, numbers by their size; a
/// file of exactly that name is itself. Errors: there is none.
fn matching(file: &Path) -> Result<Vec<PathBuf>> {
    let pattern = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !pattern.contains(['*', '?']) || file.exists() {
        return Ok(vec![file.to_owned()]);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |e| crate::cli::open::unreadable(folder, &e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name();
        if fits(&pattern, &name.to_string_lossy()) {
            found.push(file.with_file_name(name));
        }
    }
    if found.is_empty() {
        return Err(Error::data(format!("no file has a name like {}", file.display())));
    }
    found.sort_by_cached_key(|file| natural(&file.to_string_lossy()));
    Ok(found)
}

/// Whether a name fits a pattern: `*` is any text, `?` any character.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (p, n) = (p + 1, n + 1),
            // the last star takes one more character
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Text in pieces, so that `part10` comes behind `part9`.
fn natural(text: &str) -> Vec<(u64, String)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..digits].parse().unwrap_or_default();
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        pieces.push((number, rest[..letters].to_owned()));
        rest = &rest[letters..];
    }
    pieces
}

/// A folder that `export neo4j` or `export gephi` wrote, or a dataset.
fn folder(folder: &Path) -> Result<Vec<Input>> {
    let both = |names: [&str; 2]| {
        let files = names.map(|name| folder.join(name));
        files.iter().all(|file| file.is_file()).then_some(files)
    };
    #[cfg(feature = "parquet")]
    if let Some([nodes, rels]) = both(io::columnar::FILES) {
        let one = |file, relationships| Input::Group { files: vec![file], group: Group::default(), relationships };
        return Ok(vec![one(nodes, false), one(rels, true)]);
    }
    if let Some([nodes, rels]) = both(io::neo4j::FILES) {
        let one = |file, relationships| Input::Group { files: vec![file], group: Group::default(), relationships };
        return Ok(vec![one(nodes, false), one(rels, true)]);
    }
    if let Some(tables) = both(io::gephi::FILES) {
        return Ok(tables.into_iter().map(|file| Input::File(file, ReadAs::Tables)).collect());
    }
    Ok(vec![Input::Dataset(folder.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_text() {
        for (pattern, name, wanted) in [
            ("*.csv", "a.csv", true),
            ("*.csv", ".csv", true),
            ("part-*-of-?.csv", "part-12-of-3.csv", true),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyybzz", false),
            ("?.csv", "ж.csv", true),
            ("?.csv", "ab.csv", false),
            ("a", "ab", false),
        ] {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
        let mut names = ["part10.csv", "part9.csv", "header.csv", "part1.csv"];
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["header.csv", "part1.csv", "part9.csv", "part10.csv"]);
    }
}
