//! Tables that are no text: the sheets of workbooks, Parquet, where the program is built to read them.

use std::path::{Path, PathBuf};

use super::neo4j_csv::Records;
use crate::error::Result;

/// The records of a table that is no text; nothing where the name says that it is text, or a form that the program is not
/// built to read.
///
/// Errors: there is no such file or sheet, or it cannot be read.
pub(crate) fn open(file: &Path) -> Result<Option<Box<dyn Records>>> {
    #[cfg(feature = "spreadsheets")]
    if let Some((book, sheet)) = super::sheets::in_workbook(file) {
        return Ok(Some(Box::new(super::sheets::open(&book, sheet.as_deref())?)));
    }
    #[cfg(feature = "parquet")]
    if super::columnar::is_parquet(file) {
        return Ok(Some(Box::new(super::columnar::open(file)?)));
    }
    let _ = file;
    Ok(None)
}

/// The sheets of a workbook, each named as [`open`] takes it; nothing for other files. Errors: as [`open`].
pub(crate) fn sheets_in(file: &Path) -> Result<Option<Vec<PathBuf>>> {
    #[cfg(feature = "spreadsheets")]
    if let Some((book, None)) = super::sheets::in_workbook(file) {
        let names = super::sheets::names(&book)?;
        return Ok(Some(names.iter().map(|name| book.join(name)).collect()));
    }
    let _ = file;
    Ok(None)
}
