//! Where values are written to: a text, or a long one in pages, whose writing a limit of time or memory can end.

use crate::error::{Error, Result};

/// What values are written to.
pub(crate) trait TextSink: std::fmt::Write {
    /// Appends a text.
    fn push_str(&mut self, text: &str);

    /// Appends a character.
    fn push(&mut self, c: char);

    /// Whether what is appended goes nowhere any more.
    fn is_closed(&self) -> bool {
        false
    }
}

impl TextSink for String {
    #[inline]
    fn push_str(&mut self, text: &str) {
        String::push_str(self, text);
    }

    #[inline]
    fn push(&mut self, c: char) {
        String::push(self, c);
    }
}

/// Bytes of a page.
const PAGE: usize = 256 << 10;

/// A long text in pages, so that it is never copied because it grows; `look` is called before each, and may close it.
pub(crate) struct Pages<'a> {
    full: Vec<String>,
    page: String,
    look: &'a dyn Fn(usize) -> Result<()>,
    closed: Option<Error>,
}

impl<'a> Pages<'a> {
    /// An empty one; `look` is told how many bytes are wanted. Errors of it are those of [`Self::finish`].
    pub(crate) fn new(look: &'a dyn Fn(usize) -> Result<()>) -> Self {
        Self { full: Vec::new(), page: String::with_capacity(512), look, closed: None }
    }

    /// The pages, in order. Errors: what closed it.
    pub(crate) fn finish(mut self) -> Result<Vec<String>> {
        self.full.push(self.page);
        self.closed.map_or(Ok(self.full), Err)
    }

    /// Adds a text that ends on another page.
    #[cold]
    fn push_over(&mut self, mut text: &str) {
        while self.closed.is_none() {
            if self.page.len() + text.len() <= PAGE {
                self.page.push_str(text);
                return;
            }
            let (now, then) = text.split_at(text.floor_char_boundary(PAGE.saturating_sub(self.page.len())));
            self.page.push_str(now);
            text = then;
            self.turn();
        }
        self.page.clear();
    }

    fn turn(&mut self) {
        match (self.look)(PAGE) {
            Ok(()) => self.full.push(std::mem::replace(&mut self.page, String::with_capacity(PAGE))),
            Err(error) => {
                self.closed = Some(error);
                (self.full, self.page) = (Vec::new(), String::new());
            }
        }
    }
}

impl std::fmt::Write for Pages<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        TextSink::push_str(self, text);
        Ok(())
    }
}

impl TextSink for Pages<'_> {
    #[inline]
    fn push_str(&mut self, text: &str) {
        // (of one that is closed nobody reads the page)
        if self.page.len() + text.len() <= PAGE {
            self.page.push_str(text);
        } else {
            self.push_over(text);
        }
    }

    #[inline]
    fn push(&mut self, c: char) {
        self.push_str(c.encode_utf8(&mut [0; 4]));
    }

    fn is_closed(&self) -> bool {
        self.closed.is_some()
    }
}
