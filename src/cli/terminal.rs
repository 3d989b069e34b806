//! Standard output and standard error: what they are, how wide, whether in colour.

use std::io::{BufWriter, IsTerminal, Stdout, Write};
use std::time::Duration;

use crate::io::safe::{Guarded, visible_lines};

/// Where answers and notes go.
#[derive(Debug)]
pub(super) struct Desk {
    out: Out,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Messages on standard error are in colour.
    pub colour: bool,
    quiet: bool,
    verbose: bool,
    errors_seen: bool,
    /// The terminal can go back on a line.
    moving: bool,
}

/// Standard output; what goes to a terminal cannot act on it, whoever writes it.
#[derive(Debug)]
enum Out {
    Terminal(Guarded<BufWriter<Stdout>>),
    Other(BufWriter<Stdout>),
}

impl Out {
    fn to(&mut self) -> &mut dyn Write {
        match self {
            Self::Terminal(out) => out,
            Self::Other(out) => out,
        }
    }
}

impl Desk {
    /// Looks at the terminal and the environment once.
    pub(super) fn new(quiet: bool, verbose: bool) -> Self {
        let errors_seen = std::io::stderr().is_terminal();
        let out = BufWriter::with_capacity(64 << 10, std::io::stdout());
        let terminal = std::io::stdout().is_terminal();
        Self {
            out: if terminal { Out::Terminal(Guarded::new(out)) } else { Out::Other(out) },
            terminal,
            colour: colour(errors_seen, |name| std::env::var(name).ok()),
            quiet,
            verbose,
            errors_seen,
            moving: std::env::var("TERM").is_ok_and(|term| term != "dumb"),
        }
    }

    /// Where answers are written.
    pub(super) fn out(&mut self) -> &mut dyn Write {
        self.out.to()
    }

    /// Hands everything written to the operating system.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        self.out.to().flush()
    }

    /// Columns of the terminal answers go to; nothing when they go elsewhere.
    pub(super) fn width(&self) -> Option<u16> {
        if !self.terminal {
            return None;
        }
        let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        told.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0)).filter(|w| *w >= 20)
    }

    /// Lines of the terminal answers go to; nothing when they go elsewhere.
    pub(super) fn height(&self) -> Option<u16> {
        self.terminal.then(terminal_size::terminal_size).flatten().map(|(_, height)| height.0)
    }

    /// Does some work; when it takes longer than a second and someone watches, a line says what is going on.
    pub(super) fn patiently<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        if self.quiet || !self.errors_seen || !self.moving {
            return work();
        }
        std::thread::scope(|scope| {
            let (working, finished) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || watch(what, &finished));
            // goes when the work ends, also when it ends in a panic
            let _working = working;
            work()
        })
    }

    /// Something the reader should know: a line on standard error, unless she asked for silence.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(text);
        }
    }

    /// A note that must not be passed over: in red where there are colours.
    pub(super) fn alarm(&self, text: &str) {
        match (self.quiet, self.colour) {
            (true, _) => {}
            (false, true) => self.say_drawn(&format!("\x1b[1;31m{}\x1b[0m", visible_lines(text))),
            (false, false) => self.say(text),
        }
    }

    /// Something nice to know: shown to a person at a terminal, or on request.
    pub(super) fn remark(&self, text: &str) {
        if !self.quiet && (self.verbose || (self.terminal && self.errors_seen)) {
            self.say(text);
        }
    }

    /// A line on standard error; nothing in it can act on a terminal.
    pub(super) fn say(&self, text: &str) {
        self.say_drawn(&visible_lines(text));
    }

    /// Lines that somebody has made safe, and coloured. That they cannot be written is nothing one could report.
    pub(super) fn say_drawn(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// Shows a line that moves, from the first second until the other end of the channel goes.
fn watch(what: &str, finished: &std::sync::mpsc::Receiver<()>) {
    use std::sync::mpsc::RecvTimeoutError::Timeout;
    if finished.recv_timeout(Duration::from_secs(1)) != Err(Timeout) {
        return;
    }
    let line = indicatif::ProgressBar::new_spinner().with_message(what.to_owned()).with_elapsed(Duration::from_secs(1));
    if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
        line.set_style(style);
    }
    while finished.recv_timeout(Duration::from_millis(100)) == Err(Timeout) {
        line.tick();
    }
    line.finish_and_clear();
}

/// `NO_COLOR` forbids, `CLICOLOR_FORCE` demands, else a terminal that is not dumb decides.
fn colour(terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).is_some_and(|v| !v.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some_and(|v| !v.is_empty() && v != "0") {
        return true;
    }
    terminal && variable("TERM").is_none_or(|t| t != "dumb") && variable("CLICOLOR").is_none_or(|v| v != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_about_colour() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned())
        };
        assert!(colour(true, with(&[])));
        assert!(!colour(false, with(&[])));
        assert!(!colour(true, with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")])));
        assert!(colour(false, with(&[("CLICOLOR_FORCE", "1")])));
        assert!(!colour(true, with(&[("TERM", "dumb")])));
        assert!(colour(true, with(&[("NO_COLOR", "")])));
    }
}
