//! Where in the query text something stands.

/// A half-open byte range `start..end` in the text of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`; both saturate at 4 GiB, beyond the longest text the parser takes.
    ///
    /// ```
    /// use shejire::error::Span;
    ///
    /// assert_eq!(Span::new(7, 11).of("RETURN toll"), "toll");
    /// ```
    pub fn new(start: usize, end: usize) -> Self {
        let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clip(start), end: clip(end) }
    }

    /// The smallest span that holds both.
    ///
    /// ```
    /// use shejire::error::Span;
    ///
    /// assert_eq!(Span::new(2, 4).to(Span::new(8, 9)), Span::new(2, 9));
    /// ```
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text under the span; empty when the span does not fit `text`.
    ///
    /// ```
    /// use shejire::error::Span;
    ///
    /// assert_eq!(Span::new(0, 5).of("MATCH (n)"), "MATCH");
    /// assert_eq!(Span::new(0, 50).of("MATCH (n)"), "", "it is of another text");
    /// ```
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// 1-based line and column (in characters) of the start of the span.
    ///
    /// ```
    /// use shejire::error::Span;
    ///
    /// assert_eq!(Span::new(10, 11).line_column("MATCH (é)\nRETURN 1"), (1, 10));
    /// assert_eq!(Span::new(18, 19).line_column("MATCH (é)\nRETURN 1"), (2, 8));
    /// ```
    pub fn line_column(self, text: &str) -> (usize, usize) {
        let mut at = (self.start as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }
}
