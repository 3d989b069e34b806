//! The line editor: history in a file, completion, colours, and Enter that knows whether a statement is whole.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::PathBuf;

use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, ColorMode, CompletionType, Config, Context, EventHandler, Helper, KeyCode, KeyEvent, Modifiers};

use super::super::Failure;
use super::super::terminal::Desk;
use super::input::{Typed, is_command};
use super::session::Session;
use super::{Keyboard, complete, highlight};
use crate::engine::Engine;
use crate::syntax;

/// Most lines the history keeps.
const REMEMBERED: usize = 2000;

/// An editor on a terminal.
pub(super) struct Editor<'e> {
    editor: rustyline::Editor<Reader<'e>, FileHistory>,
    history: Option<PathBuf>,
}

impl<'e> Editor<'e> {
    /// An editor, when standard input and output are a terminal that can be edited on.
    pub(super) fn open(engine: &'e Engine, desk: &Desk) -> Option<Self> {
        let dumb = std::env::var("TERM").is_ok_and(|term| matches!(term.as_str(), "dumb" | "emacs" | "cons25"));
        if dumb || !desk.terminal || !std::io::stdin().is_terminal() {
            return None;
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .color_mode(if desk.colour { ColorMode::Forced } else { ColorMode::Disabled })
            .history_ignore_space(true)
            .max_history_size(REMEMBERED)
            .ok()?
            .auto_add_history(true)
            .build();
        let mut editor = rustyline::Editor::with_config(config).ok()?;
        editor.set_helper(Some(Reader { engine, params: Vec::new(), colour: desk.colour }));
        editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), EventHandler::Simple(Cmd::Newline));
        let history = history_file();
        if let Some(file) = &history {
            // a first run has none
            let _ = editor.load_history(file);
        }
        Some(Self { editor, history })
    }

    /// Keeps what was typed, so that a killed shell has forgotten nothing.
    fn remember(&mut self) {
        let Some(file) = &self.history else { return };
        if let Some(folder) = file.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        // a history that cannot be written is no reason to stop working
        let _ = self.editor.append_history(file);
    }
}

impl Keyboard for Editor<'_> {
    fn next(&mut self, session: &Session) -> Result<Typed, Failure> {
        if let Some(reader) = self.editor.helper_mut() {
            reader.params = session.params.iter().map(|(name, _)| name.clone()).collect();
        }
        match self.editor.readline(session.prompt()) {
            Ok(line) if line.trim().is_empty() => Ok(Typed::Nothing),
            Ok(line) => {
                self.remember();
                Ok(Typed::Text(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Nothing),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(ReadlineError::Io(error)) => Err(Failure::Output(error)),
            Err(error) => Err(Failure::Output(std::io::Error::other(error))),
        }
    }
}

/// `$SHEJIRE_HISTORY` (empty: none), else a file where the system keeps such things.
fn history_file() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("SHEJIRE_HISTORY") {
        return (!told.is_empty()).then(|| PathBuf::from(told));
    }
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let state = folder("XDG_STATE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| Some(folder("HOME")?.join(".local").join("state")))?;
    Some(state.join("shejire").join("history"))
}

/// What the editor asks while someone types.
struct Reader<'e> {
    engine: &'e Engine,
    params: Vec<String>,
    colour: bool,
}

impl Helper for Reader<'_> {}

impl Hinter for Reader<'_> {
    type Hint = String;
}

impl Completer for Reader<'_> {
    type Candidate = Pair;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        Ok(complete::candidates(self.engine, &self.params, line, at))
    }
}

impl Highlighter for Reader<'_> {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.colour { highlight::coloured(line) } else { Cow::Borrowed(line) }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.colour { Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.colour && kind != CmdKind::MoveCursor
    }
}

impl Validator for Reader<'_> {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = typed.input();
        // an empty line ends whatever was begun, so that nobody is ever stuck
        let whole = is_command(text) || text.ends_with('\n') || !syntax::is_unfinished(text);
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}
