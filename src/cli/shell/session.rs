//! What a conversation remembers, and how one statement is run and shown.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::super::args::{OutputArgs, PictureArgs, ShellArgs};
use super::super::open::{self, Opened};
use super::super::terminal::Desk;
use super::super::{Failure, limits, query, report, trace};
use super::{commands, pager};
use crate::engine::{self, Engine, Limits, Rows};
use crate::error::Span;
use crate::io::answer::Form;
use crate::syntax;
use crate::value::Value;

/// Most rows of a table that are shown at a terminal; the other forms show all.
const SHOWN: usize = 10_000;

/// Whether the conversation goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Go,
    End,
}

/// The last answer, for `:svg` and its kin.
pub(super) struct Last {
    pub text: String,
    pub rows: Rows,
}

/// One conversation.
pub(super) struct Session {
    /// Of the graph; its transaction is what `:begin` opens.
    pub on: engine::Session,
    pub output: OutputArgs,
    pub picture: PictureArgs,
    pub params: Vec<(String, Value)>,
    pub timing: bool,
    pub paging: bool,
    pub last: Option<Last>,
    /// How many `:source` are inside one another.
    pub nested: usize,
    limits: Limits,
    cancel: Arc<AtomicBool>,
    /// Someone types.
    person: bool,
    /// The graph is kept in a file.
    kept: bool,
    /// The store that the first statement that may write makes, and then the engine on it.
    later: Option<PathBuf>,
    made: Option<Opened>,
    warned: bool,
}

impl Session {
    /// A session on a graph.
    pub(super) fn new(engine: &Engine, args: &ShellArgs, desk: &Desk) -> Self {
        let cancel = Arc::new(AtomicBool::new(false));
        Self {
            on: engine.session(),
            output: args.output.clone(),
            picture: PictureArgs { look: args.look.clone(), ..PictureArgs::default() },
            params: Vec::new(),
            timing: true,
            paging: desk.terminal,
            last: None,
            nested: 0,
            limits: Limits { cancel: Some(Arc::clone(&cancel)), ..limits::limits(&args.limits, None) },
            cancel,
            person: std::io::stdin().is_terminal(),
            kept: args.source.db.is_some(),
            later: None,
            made: None,
            warned: false,
        }
    }

    /// From the first statement that may write on, the graph is in this file, which that makes.
    pub(super) fn make_later(&mut self, file: &Path) {
        self.later = Some(file.to_owned());
    }

    /// Makes the store that was promised.
    pub(super) fn make_now(&mut self) -> Result<(), Failure> {
        if let Some(file) = self.later.take_if(|_| !self.on.engine().is_read_only()) {
            let made = open::store(&file)?;
            self.on = made.session();
            self.made = Some(made);
        }
        Ok(())
    }

    /// Whether someone types.
    pub(super) fn person(&self) -> bool {
        self.person
    }

    /// What Ctrl-C sets.
    pub(super) fn interrupted(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }

    /// From now on Ctrl-C stops the statement that runs, not the program.
    pub(super) fn listen_for_interrupts(&self) {
        let cancel = self.interrupted();
        // when it cannot be had, Ctrl-C ends the program as it does everywhere
        let _ = ctrlc::set_handler(move || cancel.store(true, Ordering::Relaxed));
    }

    /// What stands before the line: the star says that a transaction is open.
    pub(super) fn prompt(&self) -> &'static str {
        if self.on.in_transaction() { "shejire*> " } else { "shejire> " }
    }

    /// Does what was typed: one command, or statements separated by semicolons.
    pub(super) fn perform(&mut self, text: &str, desk: &mut Desk) -> Result<Next, Failure> {
        self.cancel.store(false, Ordering::Relaxed);
        if let Some(command) = text.trim_start().strip_prefix(':') {
            return commands::run(self, command.trim(), desk);
        }
        for place in statements(text) {
            self.statement(text, place, desk)?;
        }
        Ok(Next::Go)
    }

    fn statement(&mut self, whole: &str, place: Span, desk: &mut Desk) -> Result<(), Failure> {
        if open::begins_or_writes(place.of(whole)) {
            self.make_now()?;
        }
        let text = place.of(whole);
        let statement = self.on.query(text).limits(self.limits.clone());
        let statement = self.params.iter().fold(statement, |s, (name, value)| s.param(name.as_str(), value.clone()));
        let started = Instant::now();
        let rows = desk.patiently("running; Ctrl-C stops it", || statement.rows());
        let rows = rows.map_err(|error| Failure::Query {
            error: error.shifted(place.start),
            text: whole.to_owned(),
            origin: None,
        })?;
        let took = started.elapsed();
        report::warnings(&rows, text, desk);
        // columns that the statement chooses are shown as they are
        let told = if self.output.for_programs() || rows.plan().is_some() { None } else { rows.lineage() };
        match told.filter(|lineage| !lineage.yields()) {
            Some(lineage) => {
                let shown = lineage.seen().snapshot().read(|_| Ok(trace::readable(&lineage)))?;
                self.show(&shown, desk)?;
            }
            None => self.show(&rows, desk)?,
        }
        desk.flush()?;
        if !rows.columns().is_empty() && rows.plan().is_none() {
            let time = if self.timing { format!(" in {}", query::millis(took)) } else { String::new() };
            desk.remark(&format!("{}{time}", query::counted(rows.len(), "row")));
        }
        self.changed(&rows, desk);
        self.last = Some(Last { text: text.to_owned(), rows });
        Ok(())
    }

    fn changed(&mut self, rows: &Rows, desk: &Desk) {
        let changes = query::changed(rows.changes());
        if changes.is_empty() {
            return;
        }
        desk.remark(&changes);
        if !self.kept && !self.warned {
            self.warned = true;
            desk.note("note: this graph lives in memory and ends with the shell; `shejire shell --db FILE` keeps it");
        }
    }

    /// Shows an answer in the form of the session, through the pager when it is longer than the screen.
    pub(super) fn show(&mut self, rows: &Rows, desk: &mut Desk) -> Result<(), Failure> {
        let pages = self.paging && self.person && desk.terminal;
        let most = (pages && self.output.form() == Form::Table).then_some(SHOWN);
        let style = query::style(&self.output, desk, most);
        if pages {
            let mut text = Vec::new();
            query::render(rows, style, &mut text)?;
            pager::show(&text, desk)?;
        } else {
            query::render(rows, style, desk.out())?;
        }
        if let Some(most) = most.filter(|most| rows.len() > *most) {
            desk.note(&format!(
                "the first {most} of {} rows; `:format csv` shows all, LIMIT asks for fewer",
                rows.len()
            ));
        }
        Ok(())
    }

    /// Ends the conversation; what was not committed is taken back.
    pub(super) fn end(&mut self, desk: &Desk) {
        if self.on.in_transaction() {
            let _ = self.on.rollback();
            desk.note("the open transaction was rolled back: nothing of it is kept");
        }
    }
}

/// The statements of a text. A text that cannot be cut is one, so that its error is shown.
fn statements(text: &str) -> Vec<Span> {
    let (tokens, problem) = syntax::tokens(text);
    if problem.is_some() {
        return vec![Span::new(0, text.len())];
    }
    tokens
        .split(|token| token.span.of(text) == ";")
        .filter_map(|piece| Some(piece.first()?.span.to(piece.last()?.span)))
        .collect()
}

#[cfg(test)]
mod tests {
    fn statements(text: &str) -> Vec<&str> {
        super::statements(text).into_iter().map(|place| place.of(text)).collect()
    }

    #[test]
    fn semicolons_outside_quotes_part_statements() {
        assert_eq!(statements("RETURN ';' ;; RETURN 2 // ;\n"), ["RETURN ';'", "RETURN 2"]);
        assert_eq!(statements(" // nothing"), [""; 0]);
        assert_eq!(statements("RETURN 'open"), ["RETURN 'open"]);
    }
}
