//! Dialects of XML for graphs: elements inside one another, each taken at its end, and some only at the end of the file.
//!
//! ```text
//! <node …>  begin ──► a frame on top of those that are open
//!   text    text  ──► to the frame on top
//! </node>   end   ──► the frame is taken off; what it held is handed over, or waits
//! (the end) late  ──► what waited
//! ```
//!
//! What cannot be taken is a problem with the place where its element begins, and the reading goes on behind it.

use std::io::BufRead;

use quick_xml::events::BytesStart;

use super::{At, Event};
use crate::error::Result;
use crate::io::read::OnProblem;

/// A dialect, with what is known of the file so far.
pub(in crate::io::read) trait Dialect {
    /// What an element that is open is to its content.
    type Frame;
    /// What can only be taken when all else is known.
    type Late;

    /// The name of the root element.
    const ROOT: &'static str;
    /// The frame of an element that is not taken, with all that is in it.
    const NOTHING: Self::Frame;

    /// An element begins inside those that are `open`, the innermost last. After an error nothing in it is taken.
    fn begin(&mut self, tag: &BytesStart<'_>, at: At, open: &mut [Self::Frame]) -> Result<Self::Frame>;

    /// Text stands in the innermost element.
    fn text(&mut self, text: &str, open: &mut [Self::Frame]) -> Result<()>;

    /// An element ends; `open` are those around it.
    fn end(&mut self, frame: Self::Frame, open: &mut [Self::Frame]) -> Result<()>;

    /// What waited for the end of the file, in the order in which it is to be taken, with the places where it begins.
    fn waiting(&mut self) -> Vec<(At, Self::Late)>;

    /// Takes what waited.
    fn late(&mut self, late: Self::Late) -> Result<()>;
}

/// Reads a file of the dialect to its end. `file` names it in messages.
pub(in crate::io::read) fn read<D: Dialect>(
    input: &mut dyn BufRead,
    file: &str,
    dialect: &mut D,
    problem: OnProblem<'_>,
) -> Result<()> {
    let (mut open, mut begun): (Vec<D::Frame>, Vec<At>) = (Vec::new(), Vec::new());
    super::read(input, file, D::ROOT, &mut |event, at| {
        let (at, taken) = match event {
            Event::Open(tag) => {
                let frame = dialect.begin(tag, at, &mut open);
                // whatever happens, there is a frame for what begins, so that its end ends it
                let (frame, taken) = frame.map_or_else(|error| (D::NOTHING, Err(error)), |frame| (frame, Ok(())));
                open.push(frame);
                begun.push(at);
                (at, taken)
            }
            Event::Text(text) => (at, dialect.text(text, &mut open)),
            Event::Close => match (open.pop(), begun.pop()) {
                (Some(frame), Some(at)) => (at, dialect.end(frame, &mut open)),
                _ => (at, Ok(())),
            },
        };
        taken.or_else(|error| problem(at.named(file, &error)))
    })?;
    for (at, late) in dialect.waiting() {
        dialect.late(late).or_else(|error| problem(at.named(file, &error)))?;
    }
    Ok(())
}
