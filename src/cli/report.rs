//! Errors and warnings for a person: on standard error, with the line and a caret, and the exit code.

use std::io::ErrorKind;

use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::engine::{Rows, Warning};
use crate::error::{Error, Span};
use crate::io::safe::{is_control, visible, visible_lines};

/// Says what went wrong, if anything did, and gives the exit code.
pub(super) fn finish(outcome: Outcome, desk: &Desk) -> u8 {
    match outcome {
        Ok(Done::Well) => 0,
        Ok(Done::Findings) => 3,
        // the reader has seen enough
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => 0,
        Err(failure) => {
            tell(&failure, desk);
            if matches!(failure, Failure::Usage(_)) { 2 } else { 1 }
        }
    }
}

/// Says what went wrong.
pub(super) fn tell(failure: &Failure, desk: &Desk) {
    match failure {
        Failure::Problems => {}
        Failure::Output(error) => desk.say(&format!("error: cannot write: {error}")),
        Failure::Usage(message) => desk.say(&format!("error: {message}")),
        Failure::Query { error, text, origin } => desk.say_drawn(&render(error, text, origin.as_deref(), desk.colour)),
    }
}

/// The error as the engine draws it; nothing that came from the query or from data acts on the terminal.
pub(super) fn render(error: &Error, text: &str, origin: Option<&str>, colour: bool) -> String {
    let mut shown = Error::new(error.class(), error.phase(), error.code(), visible_lines(error.message()));
    if let Some(span) = error.span() {
        shown = shown.at(span);
    }
    if let Some(hint) = error.hint_text() {
        shown = shown.hint(visible_lines(hint));
    }
    let origin = origin.map(visible);
    let drawn = shown.render(&same_length(text), origin.as_deref(), colour);
    // in colour, the escapes of the renderer itself are all that may be left
    if colour { drawn } else { visible_lines(&drawn).into_owned() }
}

/// The text with what would act on a terminal replaced by characters of the same length, so that the caret stays
/// where it belongs. The renderer itself shows the ASCII ones as pictures.
fn same_length(text: &str) -> String {
    let stand_in = |c: char| match c.len_utf8() {
        2 => '¿',
        3 => '\u{fffd}',
        _ => c,
    };
    text.chars().map(|c| if is_control(c) { stand_in(c) } else { c }).collect()
}

/// The warnings of an answer, one line each with the place in the text.
pub(super) fn warnings(rows: &Rows, text: &str, desk: &Desk) {
    warned(rows.warnings(), text, desk);
}

/// The same of an answer that was not kept.
pub(super) fn warned(warnings: &[Warning], text: &str, desk: &Desk) {
    for warning in warnings {
        // what is said of a parameter has no place in the text
        let place = if warning.span == Span::default() {
            String::new()
        } else {
            let (line, column) = warning.span.line_column(text);
            format!(" at {line}:{column}")
        };
        let hint = warning.hint.as_ref().map_or(String::new(), |h| format!(" ({h})"));
        desk.note(&format!("warning: {}{place}{}", visible(&warning.message), visible(&hint)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Span};

    #[test]
    fn a_query_cannot_command_the_terminal_through_its_error() {
        let text = "RETURN '\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}31m\u{202e}' +";
        let at = u32::try_from(text.len() - 1).expect("short");
        let error = Error::syntax(Code::UnexpectedSyntax, format!("near {text}")).at(Span { start: at, end: at + 1 });
        let shown = render(&error, text, Some("\u{1b}[1mfile"), false);
        assert!(!shown.chars().any(|c| c != '\n' && is_control(c)), "{shown:?}");
    }

    #[test]
    fn neither_in_colour() {
        let text = "RETURN '\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}' +";
        let at = u32::try_from(text.len() - 1).expect("short");
        let error = Error::syntax(Code::UnexpectedSyntax, "x").at(Span { start: at, end: at + 1 });
        let shown = render(&error, text, None, true);
        assert!(!shown.contains("\u{1b}]") && !shown.contains(['\u{9b}', '\u{202e}', '\u{7}']), "{shown:?}");
    }
}
