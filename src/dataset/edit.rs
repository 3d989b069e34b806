//! Changing the tables of a folder: cells are set, rows added; the folder is read as it would be before a byte is written;
//! then every table takes its place, or none does. What is not changed keeps its bytes.
//!
//! ```text
//!  Edit::open ─► add, set ─► read (check, load) ─► write ─► .undo/000001/ what there was, and what came after
//! ```
//!
//! [`undo`] puts back what the last change replaced, where nobody has changed it since.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::columns::{Layout, Need, aliases, conflicts, entities, kinds, mentions, qualifiers, relations, sources};
use super::fill::{Change, no_access, replace_all};
use super::record::Dataset;
use super::sheet::Sheet;
use super::{documents, parse};
use crate::error::{Error, Result};

/// The tables, in the order in which they take their places: what others name comes before them, so that a folder that is read
/// in between holds too much and never too little.
const TABLES: [&Layout; 8] = [
    &kinds::LAYOUT,
    &relations::LAYOUT,
    &qualifiers::LAYOUT,
    &entities::LAYOUT,
    &sources::LAYOUT,
    &aliases::LAYOUT,
    &mentions::LAYOUT,
    &conflicts::LAYOUT,
];
/// Where what was replaced is kept, in the folder.
const UNDO: &str = ".undo";
/// So many changes can be taken back.
const MOST: usize = 50;

/// A change of a folder that is not made yet.
pub(crate) struct Edit {
    dir: PathBuf,
    tables: BTreeMap<usize, Open>,
}

/// A table that is changed.
struct Open {
    old: Option<Vec<u8>>,
    sheet: Sheet,
}

impl Edit {
    /// Of a folder; nothing is changed yet.
    pub(crate) fn open(dir: &Path) -> Self {
        Self { dir: dir.to_path_buf(), tables: BTreeMap::new() }
    }

    /// Adds a row; a column that the table lacks is added where a cell of it is not empty.
    /// Errors: the file cannot be read, or is no table.
    pub(crate) fn add(&mut self, file: &str, cells: &[(&str, &str)]) -> Result<()> {
        let sheet = &mut self.table(file)?.sheet;
        for (column, value) in cells {
            if !value.is_empty() && !sheet.head().iter().any(|name| name == column) {
                sheet.add_column(column, |_| String::new());
            }
        }
        sheet.add_row(cells);
        Ok(())
    }

    /// Gives a cell another text; a column that the table lacks is added.
    /// Errors: there is no such row, the file cannot be read, or is no table.
    pub(crate) fn set(&mut self, file: &str, row: u32, column: &str, value: &str) -> Result<()> {
        let sheet = &mut self.table(file)?.sheet;
        if !sheet.head().iter().any(|name| name == column) {
            sheet.add_column(column, |at| if at == row { value.to_owned() } else { String::new() });
            return Ok(());
        }
        match sheet.set(row, column, value) {
            true => Ok(()),
            false => Err(Error::data(format!("{file} has no cell in row {row}, column {column}"))),
        }
    }

    /// What a cell holds; nothing when there is none. Errors: as [`Self::set`].
    pub(crate) fn cell(&mut self, file: &str, row: u32, column: &str) -> Result<Option<String>> {
        Ok(self.table(file)?.sheet.cell(row, column))
    }

    /// A cell as it stands in the file. Errors: as [`Self::set`].
    pub(crate) fn raw(&mut self, file: &str, row: u32, column: &str) -> Result<Option<String>> {
        Ok(self.table(file)?.sheet.raw(row, column).map(str::to_owned))
    }

    /// The headings of a table, in small letters. Errors: as [`Self::set`].
    pub(crate) fn columns(&mut self, file: &str) -> Result<Vec<String>> {
        Ok(self.table(file)?.sheet.head().to_vec())
    }

    /// The numbers of the rows below the heading. Errors: as [`Self::set`].
    pub(crate) fn rows(&mut self, file: &str) -> Result<Vec<u32>> {
        Ok(self.table(file)?.sheet.rows().collect())
    }

    fn table(&mut self, file: &str) -> Result<&mut Open> {
        let place = TABLES.iter().position(|layout| layout.file == file);
        let Some(at) = place else { return Err(Error::data(format!("there is no table {file}"))) };
        if !self.tables.contains_key(&at) {
            let layout = TABLES[at];
            let old = read(&self.dir.join(file))?;
            let heading = || {
                let kept = layout.columns.iter().filter(|column| matches!(column.need, Need::Must | Need::Kept));
                format!("{}\n", kept.map(|column| column.name).collect::<Vec<_>>().join(",")).into_bytes()
            };
            let bytes = old.clone().unwrap_or_else(heading);
            let unreadable = || {
                let error = Error::data(format!("{} is no table", self.dir.join(file).display()));
                error.hint("`shejire check` says what is wrong with it")
            };
            let sheet = Sheet::read(layout, &bytes).ok_or_else(unreadable)?;
            self.tables.insert(at, Open { old, sheet });
        }
        self.tables.get_mut(&at).ok_or_else(|| Error::data(format!("there is no table {file}")))
    }

    /// The folder as it would be.
    pub(crate) fn read(&self) -> Dataset {
        let new: Vec<(&str, Vec<u8>)> =
            self.tables.iter().map(|(at, open)| (TABLES[*at].file, open.sheet.bytes())).collect();
        parse::parse(&mut |file, problems| match new.iter().find(|(name, _)| *name == file) {
            Some((_, bytes)) => Some(Some(bytes.clone().into())),
            None => Some(documents::read_file(&self.dir.join(file), file, problems)?.map(Into::into)),
        })
    }

    fn changes(&self) -> Vec<Change> {
        let change = |(at, open): (&usize, &Open)| {
            let new = Some(open.sheet.bytes());
            let path = self.dir.join(TABLES[*at].file);
            (new != open.old).then(|| Change { path, old: open.old.clone(), new })
        };
        self.tables.iter().filter_map(change).collect()
    }

    /// The lines that would be taken out and put in, file by file: `mentions.csv: + M3,…`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut out = Vec::new();
        for change in self.changes() {
            let text =
                |bytes: &Option<Vec<u8>>| String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
            let (old, new) = (text(&change.old), text(&change.new));
            let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
            let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let tail = old[same..].iter().rev().zip(new[same..].iter().rev()).take_while(|(a, b)| a == b).count();
            let name = change.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            out.extend(old[same..old.len() - tail].iter().map(|line| format!("{name}: - {line}")));
            out.extend(new[same..new.len() - tail].iter().map(|line| format!("{name}: + {line}")));
        }
        out
    }

    /// Writes the change, and keeps what it replaces under the words `what`; the names of the files that were written.
    ///
    /// Errors: `DataError` when a table was changed meanwhile or cannot be written; the folder is then as it was.
    pub(crate) fn write(&self, what: &str) -> Result<Vec<String>> {
        let changes = self.changes();
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let kept = keep(&self.dir, what, &changes)?;
        if let Err(error) = replace_all(&changes) {
            let _ = fs::remove_dir_all(kept);
            return Err(error);
        }
        let names = changes.iter().filter_map(|change| change.path.file_name());
        Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
    }
}

/// The bytes of a file; nothing when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(no_access(path, "read", &why)),
    }
}

fn digest(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "none".to_owned(), documents::sha256)
}

/// The changes that can be taken back, the last one last.
fn kept(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir.join(UNDO)).into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| number(path).is_some()).collect();
    all.sort_by_key(number);
    all
}

/// Puts what changes replace beside the tables. A folder that breaks off while it is made has no list, and is passed over.
fn keep(dir: &Path, what: &str, changes: &[Change]) -> Result<PathBuf> {
    let earlier = kept(dir);
    for old in earlier.iter().rev().skip(MOST - 1) {
        let _ = fs::remove_dir_all(old);
    }
    let last = earlier.last().and_then(|path| path.file_name()?.to_str()?.parse::<u32>().ok()).unwrap_or(0);
    let own = dir.join(UNDO).join(format!("{:06}", last.saturating_add(1)));
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |why: std::io::Error| no_access(&path, "write", &why)
    };
    fs::create_dir_all(&own).map_err(failed(&own))?;
    let mut list = vec![what.replace(['\n', '\r'], " ")];
    for change in changes {
        let name = change.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(old) = &change.old {
            fs::write(own.join(&name), old).map_err(failed(&own))?;
        }
        list.push(format!("{name} {} {}", digest(change.old.as_deref()), digest(change.new.as_deref())));
    }
    fs::write(own.join("list"), list.join("\n") + "\n").map_err(failed(&own))?;
    Ok(own)
}

/// Takes the last change back: what it was, and the files that are as they were before it.
///
/// Errors: `DataError` when there is none, or a table was changed since; nothing is written then.
pub(crate) fn undo(dir: &Path) -> Result<(String, Vec<String>)> {
    for own in kept(dir).into_iter().rev() {
        let Ok(list) = fs::read_to_string(own.join("list")) else { continue };
        let mut lines = list.lines();
        let what = lines.next().unwrap_or_default().to_owned();
        let (mut changes, mut undone, mut touched) = (Vec::new(), true, None);
        for line in lines {
            let mut parts = line.split(' ');
            let (Some(name), Some(before), Some(after)) = (parts.next(), parts.next(), parts.next()) else { continue };
            // what is kept names tables of the folder and nothing else
            if !TABLES.iter().any(|layout| layout.file == name) {
                continue;
            }
            let path = dir.join(name);
            let now = read(&path)?;
            let old = if before == "none" { None } else { read(&own.join(name))? };
            let held = digest(now.as_deref());
            undone &= held == before;
            // a change that broke off has not come to every table
            if held == before {
                continue;
            }
            if held != after || digest(old.as_deref()) != before {
                touched = Some(name.to_owned());
            }
            changes.push(Change { path, old: now, new: old });
        }
        if undone {
            // it was never made, or somebody has taken it back by hand
            let _ = fs::remove_dir_all(&own);
            continue;
        }
        if let Some(name) = touched {
            let message = format!("{name} was changed after `{what}`, which is the last change that is remembered");
            return Err(Error::data(message).hint("take that change back first, or correct the row by hand"));
        }
        changes.reverse();
        replace_all(&changes)?;
        let _ = fs::remove_dir_all(&own);
        let name = |change: &Change| change.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok((what, changes.iter().map(name).collect()));
    }
    Err(Error::data(format!("nothing is remembered that could be taken back in {}", dir.display()))
        .hint("`shejire add` remembers what it changes, in the folder .undo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/city-councils");
        for entry in fs::read_dir(from).expect("the example") {
            let path = entry.expect("a file").path();
            fs::copy(&path, dir.path().join(path.file_name().expect("a name"))).expect("copied");
        }
        dir
    }

    fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("a file").path());
        entries
            .filter(|path| path.is_file())
            .map(|path| (path.display().to_string(), fs::read(&path).expect("read")))
            .collect()
    }

    fn edited(dir: &Path) -> Edit {
        let mut edit = Edit::open(dir);
        edit.add("entities.csv", &[("id", "new-board"), ("kind", "board"), ("name", "New, \"Board\"")]).expect("added");
        let cells = [("id", "M99"), ("subject", "new-board"), ("relation", "has-quantity"), ("object", "3")];
        let more = [("object_type", "quantity"), ("source", "a"), ("locator", "a:2.1"), ("made_by", "a test")];
        edit.add("mentions.csv", &[&cells[..], &more[..]].concat()).expect("added");
        edit
    }

    #[test]
    fn a_change_is_read_before_it_is_written_and_taken_back_to_the_byte() {
        let dir = folder();
        let before = files(dir.path());
        let edit = edited(dir.path());
        assert_eq!(edit.read().mentions.last().map(|m| &*m.id), Some("M99"));
        assert_eq!(files(dir.path()), before, "nothing is written yet");
        let lines = edit.lines();
        assert!(lines.contains(&"entities.csv: + new-board,board,\"New, \"\"Board\"\"\",,,,".to_owned()), "{lines:?}");
        assert_eq!(edit.write("add a board").expect("written"), ["entities.csv", "mentions.csv"]);
        let after = files(dir.path());
        assert_ne!(after, before);
        let (what, back) = undo(dir.path()).expect("remembered");
        assert_eq!((what.as_str(), back.len()), ("add a board", 2));
        assert_eq!(files(dir.path()), before);
        assert!(undo(dir.path()).is_err(), "only once");
    }

    #[test]
    fn a_change_that_was_killed_between_two_tables_is_taken_back() {
        let dir = folder();
        let before = files(dir.path());
        edited(dir.path()).write("add a board").expect("written");
        let table = dir.path().join("mentions.csv");
        fs::write(&table, &before[&table.display().to_string()]).expect("as if it had not come to that");
        let (_, back) = undo(dir.path()).expect("remembered");
        assert_eq!(back, ["entities.csv"]);
        assert_eq!(files(dir.path()), before);
    }

    #[test]
    fn what_somebody_changed_meanwhile_is_neither_overwritten_nor_taken_back() {
        let dir = folder();
        let edit = edited(dir.path());
        let table = dir.path().join("mentions.csv");
        let other = [fs::read(&table).expect("read"), b"\n".to_vec()].concat();
        fs::write(&table, &other).expect("written");
        let before = files(dir.path());
        assert!(edit.write("add").is_err());
        assert_eq!(files(dir.path()), before);
        assert!(undo(dir.path()).is_err());
        edited(dir.path()).write("add").expect("written");
        fs::write(&table, b"id,subject,relation,object,source,locator\n").expect("written");
        let before = files(dir.path());
        let error = undo(dir.path()).expect_err("changed since");
        assert!(error.message().contains("mentions.csv was changed after `add`"), "{}", error.message());
        assert_eq!(files(dir.path()), before);
    }
}
