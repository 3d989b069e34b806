//! What is longer than the screen goes through a pager: `$SHEJIRE_PAGER`, `$PAGER`, or `less`.

use std::io::Write;
use std::process::{Command, Stdio};

use super::super::Failure;
use super::super::terminal::Desk;
use crate::io::safe::Guarded;

/// Shows a text: at once when it fits on the screen or there is no pager.
pub(super) fn show(text: &[u8], desk: &mut Desk) -> Result<(), Failure> {
    let lines = text.iter().filter(|byte| **byte == b'\n').count();
    let fits = desk.height().is_none_or(|height| lines + 2 <= usize::from(height));
    if fits || !through_pager(text, desk)? {
        desk.out().write_all(text)?;
    }
    Ok(())
}

/// Whether a pager showed it.
fn through_pager(text: &[u8], desk: &mut Desk) -> Result<bool, Failure> {
    let told = ["SHEJIRE_PAGER", "PAGER"].into_iter().find_map(|name| std::env::var(name).ok());
    let told = told.unwrap_or_else(|| "less".to_owned());
    let mut words = told.split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else { return Ok(false) };
    desk.flush()?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // end when all fits, keep what was shown, cut long lines instead of folding them
        command.env("LESS", "FRSX");
    }
    let Ok(mut child) = command.spawn() else { return Ok(false) };
    if let Some(mut input) = child.stdin.take() {
        // whoever leaves the pager early has seen enough
        let mut input = Guarded::new(&mut input);
        let _ = input.write_all(text).and_then(|()| input.flush());
    }
    let _ = child.wait();
    Ok(true)
}
