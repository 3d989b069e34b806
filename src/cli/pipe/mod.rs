//! `pipe`: JSON requests on standard input, one a line; JSON answers on standard output, one a line, in order.
//!
//! A line that is no request gets an error answer and the process goes on; after an error inside a transaction only
//! `rollback` is accepted, so that a script cannot commit half of what it meant. Ends with 0 at the end of input.

mod input;
mod session;

use std::io::{BufRead, Write};
use std::time::Duration;

use super::args::PipeArgs;
use super::terminal::Desk;
use super::{Done, Outcome, limits, open};
use crate::engine::{Engine, Limits};
use crate::error::{Code, Error};
use session::Conversation;

/// Longest request, in bytes; a longer one is refused and skipped without being held.
const LONGEST_LINE: usize = 256 << 20;

/// Longest running time of a statement unless `--timeout` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(9);

/// `shejire pipe`.
pub(super) fn run(args: PipeArgs, desk: &mut Desk) -> Outcome {
    let engine = match (&args.source.db, &args.source.data, args.source.builtin) {
        (None, None, false) => Engine::in_memory(),
        _ => open::engine(&args.source)?,
    };
    let limits = limits::limits(&args.limits, Some(TIMEOUT));
    serve(engine, limits, &mut input::standard(), desk.out())?;
    Ok(Done::Well)
}

/// Serves until the input ends.
pub(super) fn serve(
    engine: Engine,
    limits: Limits,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut conversation = Conversation::new(engine, limits);
    let mut line = Vec::new();
    while let Some(whole) = read_line(input, &mut line)? {
        let answer = match (whole, std::str::from_utf8(&line)) {
            (false, _) => conversation
                .refuse(&Error::limit(Code::Size, format!("a request may have at most {LONGEST_LINE} bytes"))),
            (_, Ok(text)) if text.trim().is_empty() => continue,
            (_, Ok(text)) => conversation.answer(text),
            (_, Err(e)) => conversation.refuse(&Error::argument(
                Code::InvalidArgumentValue,
                format!("the request is not UTF-8 at byte {}", e.valid_up_to()),
            )),
        };
        for page in &answer {
            out.write_all(page.as_bytes())?;
        }
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

/// Reads a line without its end; false when it was too long and is lost, nothing at the end of input.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    line.clear();
    let mut seen = false;
    let mut whole = true;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if chunk.is_empty() {
            return Ok(seen.then_some(whole));
        }
        seen = true;
        let end = chunk.iter().position(|b| *b == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        if line.len() + part.len() > LONGEST_LINE {
            whole = false;
            *line = Vec::new();
        } else if whole {
            line.extend_from_slice(part);
        }
        let used = end.map_or(chunk.len(), |e| e + 1);
        input.consume(used);
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_and_without_an_end() {
        let mut input = &b"one\r\n\ntwo"[..];
        let mut line = Vec::new();
        let mut lines = Vec::new();
        while let Some(whole) = read_line(&mut input, &mut line).expect("memory") {
            assert!(whole);
            lines.push(String::from_utf8(line.clone()).expect("text"));
        }
        assert_eq!(lines, ["one", "", "two"]);
    }
}
