//! What is done with records that cannot be taken, and with what was passed over.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::args::ImportArgs;
use crate::error::{Error, Result};
use crate::io::safe::visible;

/// Records that cannot be taken.
pub(super) struct Problems {
    skip: bool,
    /// Most that are left out.
    tolerance: Option<u64>,
    pub skipped: u64,
    report: Option<(PathBuf, BufWriter<File>)>,
}

impl Problems {
    pub fn new(args: &ImportArgs) -> Result<Self> {
        let report = match &args.report {
            Some(file) => Some((file.clone(), BufWriter::new(File::create(file).map_err(|e| cannot(file, &e))?))),
            None => None,
        };
        let skip = args.on_error == "skip" || args.bad_tolerance.is_some();
        Ok(Self { skip, tolerance: args.bad_tolerance, skipped: 0, report })
    }

    /// Whether records may be left out.
    pub fn may_skip(&self) -> bool {
        self.skip
    }

    /// Leaves a record out, or ends the import.
    pub fn take(&mut self, error: Error) -> Result<()> {
        if let Some((file, report)) = &mut self.report {
            writeln!(report, "{}", visible(error.message())).map_err(|e| cannot(file, &e))?;
        }
        if !self.skip {
            return Err(match error.hint_text() {
                Some(_) => error,
                None => error.hint("--on-error skip leaves such records out, --report FILE lists them"),
            });
        }
        self.skipped += 1;
        match self.tolerance {
            Some(most) if self.skipped > most => {
                let message = format!("more than {most} records cannot be taken; the last: {}", error.message());
                Err(Error::data(message).hint("--report FILE lists them, a larger --bad-tolerance leaves them out"))
            }
            _ => Ok(()),
        }
    }

    pub fn finish(&mut self) -> Result<()> {
        match &mut self.report {
            Some((file, report)) => report.flush().map_err(|e| cannot(file, &e)),
            None => Ok(()),
        }
    }
}

fn cannot(file: &Path, error: &std::io::Error) -> Error {
    Error::data(format!("cannot write {}: {error}", file.display()))
}
