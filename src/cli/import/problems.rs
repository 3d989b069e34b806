//! What is done with records that cannot be taken, and with what was passed over.

use crate::cli::args::ImportArgs;
use crate::cli::files::Growing;
use crate::error::{Error, Result};
use crate::io::safe::visible;

/// Records that cannot be taken.
pub(super) struct Problems {
    skip: bool,
    /// Most that are left out.
    tolerance: Option<u64>,
    pub skipped: u64,
    report: Option<Growing>,
}

impl Problems {
    pub(super) fn new(args: &ImportArgs) -> Result<Self> {
        let report = args.report.as_deref().map(Growing::new).transpose()?;
        let skip = args.on_error == "skip" || args.bad_tolerance.is_some();
        Ok(Self { skip, tolerance: args.bad_tolerance, skipped: 0, report })
    }

    /// Whether records may be left out.
    pub(super) fn may_skip(&self) -> bool {
        self.skip
    }

    /// Leaves a record out, or ends the import.
    pub(super) fn take(&mut self, error: Error) -> Result<()> {
        if let Some(report) = &mut self.report {
            report.line(&visible(error.message()))?;
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

    pub(super) fn finish(&mut self) -> Result<()> {
        self.report.take().map_or(Ok(()), Growing::finish)
    }
}
