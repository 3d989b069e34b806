//! `shell`: a conversation with a graph, at a terminal with an editor, or through a pipe line by line.
//!
//! ```text
//!   input ──► a statement, or a :command ──► session ──► table, picture, remark
//!   (editor with completion and colours,      (engine, parameters, form of answers,
//!    or plain lines)                           the last answer)
//! ```
//!
//! An error ends what was typed, never the conversation; in a script it ends the script. Ctrl-C stops the query that
//! is running; Ctrl-D, or the end of the input, ends the shell.

mod commands;
mod complete;
mod editor;
mod highlight;
mod input;
mod pager;
mod session;

use super::args::ShellArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, open, report};
use editor::Editor;
use input::{Lines, Typed};
use session::{Next, Session};

/// Runs the command.
pub(super) fn run(args: ShellArgs, desk: &mut Desk) -> Outcome {
    // a store that is not there yet is made by the first statement that may write
    let made_later = args.source.db.as_deref().filter(|file| !file.exists());
    let engine = match made_later {
        Some(_) => open::nothing(args.source.read_only),
        None => desk.patiently("opening the graph", || open::to_the_end(&args.source))?,
    };
    let mut session = Session::new(&engine, &args, desk);
    if let Some(file) = made_later {
        session.make_later(file);
        desk.note(&format!("there is no store {}: the first statement that writes makes it", file.display()));
    }
    if session.person() {
        session.listen_for_interrupts();
        desk.note(&greeting(&args));
        desk.note("A statement ends with ; or when it is whole. :help lists the commands, Ctrl-D ends.");
    }
    let done = match Editor::open(&engine, desk) {
        Some(editor) => converse(editor, &mut session, desk),
        None if session.person() => converse(Lines::of_terminal(session.interrupted()), &mut session, desk),
        None => script(&mut Lines::of_pipe(), &mut session, desk).map(|_| Done::Well),
    };
    session.end(desk);
    done
}

/// Where lines come from when a person types them.
trait Keyboard {
    fn next(&mut self, session: &Session) -> Result<Typed, Failure>;
}

fn converse(mut keyboard: impl Keyboard, session: &mut Session, desk: &mut Desk) -> Outcome {
    loop {
        match keyboard.next(session)? {
            Typed::Text(text) => match session.perform(&text, desk).and_then(|next| Ok(desk.flush().map(|()| next)?)) {
                Ok(Next::Go) => {}
                Ok(Next::End) => return Ok(Done::Well),
                Err(failure) => report::tell(&failure, desk),
            },
            Typed::Nothing => {}
            Typed::End => return Ok(Done::Well),
        }
    }
}

/// Statements and commands one after the other; the first that fails ends it.
fn script(lines: &mut Lines, session: &mut Session, desk: &mut Desk) -> Result<Next, Failure> {
    loop {
        match lines.next_of_script()? {
            Typed::Text(text) => {
                if session.perform(&text, desk).map_err(|failure| lines.placed(failure))? == Next::End {
                    return Ok(Next::End);
                }
            }
            Typed::Nothing => {}
            Typed::End => return Ok(Next::Go),
        }
    }
}

fn greeting(args: &ShellArgs) -> String {
    let graph = match (&args.source.db, &args.source.data) {
        (Some(file), _) => format!("the store {}", file.display()),
        (None, Some(folder)) => format!("the dataset {}", folder.display()),
        (None, None) => "the built-in dataset; changes last as long as the shell".to_owned(),
    };
    format!("shejire {} on {graph}.", env!("CARGO_PKG_VERSION"))
}
