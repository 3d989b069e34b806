//! The depth budget: how deep a text may nest, checked before anything recurses over it.
//!
//! One number bounds the depth of the parse, of the tree, and so of everything that walks the tree. Counted
//! are brackets, `CASE`, each `NOT`, sign or `!` before an operand, and each `IS`, `IN`, `STARTS WITH`, … behind
//! it (`a IS NULL IS NULL` is a test of a test). Chains of operators are flat and cost nothing.

use super::scan::{Token, TokenKind};
use crate::error::{Class, Code, Error, Phase, Result};

/// How deep a query may nest. Brackets, `CASE`, prefixes (`NOT`, `-`) and tests (`IS NULL`, `IN`) count one each,
/// the braces of a subquery four, the parenthesis of `FOREACH` two: so much more stack do they cost.
pub(crate) const MAX_QUERY_DEPTH: u32 = 128;

/// Refuses a text that nests deeper than [`MAX_QUERY_DEPTH`]. Linear in the tokens.
pub(super) fn check(text: &str, tokens: &[Token]) -> Result<()> {
    let mut frames = Frames::default();
    for (i, token) in tokens.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| tokens.get(i));
        let after = tokens.get(i + 1);
        let event = read(text, before, token, after);
        if frames.take(event) > MAX_QUERY_DEPTH {
            return Err(too_deep().at(token.span));
        }
    }
    Ok(())
}

/// The error of a text that nests too deep.
pub(super) fn too_deep() -> Error {
    let message = format!("this nests deeper than {MAX_QUERY_DEPTH} levels");
    Error::new(Class::LimitExceeded, Phase::Compile, Code::Depth, message).hint(
        "brackets, CASE, NOT, signs, IS/IN tests and subqueries count; split the query with WITH, or pass data as a parameter",
    )
}

/// What a token means for depth.
enum Event {
    Open { case: bool, extra: u32 },
    Close { case: bool },
    Prefix,
    Test,
    Separator,
    Other,
}

fn read(text: &str, before: Option<&Token>, token: &Token, after: Option<&Token>) -> Event {
    let of = |t: Option<&Token>| t.map_or("", |t| t.span.of(text));
    let (before, after) = (of(before), of(after));
    let it = token.span.of(text);
    match token.kind {
        TokenKind::Mark => match it {
            "{" if holds_query(before) => Event::Open { case: false, extra: 3 },
            "(" if before.eq_ignore_ascii_case("FOREACH") => Event::Open { case: false, extra: 1 },
            "(" | "[" | "{" => Event::Open { case: false, extra: 0 },
            ")" | "]" | "}" => Event::Close { case: false },
            "-" | "+" | "!" => Event::Prefix,
            "," | ";" => Event::Separator,
            "=" if after == "~" => Event::Test,
            // `x :: TYPE`; behind IS it is the word that counts
            ":" if after == ":" && !["IS", "NOT"].iter().any(|w| before.eq_ignore_ascii_case(w)) => Event::Test,
            "=" => Event::Separator,
            // an arrow head separates nothing
            "<" if after != "-" => Event::Separator,
            ">" if before != "-" => Event::Separator,
            _ => Event::Other,
        },
        TokenKind::Word if it.len() <= 8 => word(before, it, after),
        _ => Event::Other,
    }
}

fn word(before: &str, it: &str, after: &str) -> Event {
    // a key, a label, a parameter
    let named = matches!(before, "." | "$");
    let maybe_label = matches!(before, ":" | "|" | "&" | "!" | "-");
    let upper = it.to_ascii_uppercase();
    match upper.as_str() {
        _ if named => Event::Other,
        "CASE" if begins_case(after) => Event::Open { case: true, extra: 0 },
        "END" if before != ":" => Event::Close { case: true },
        "NOT" => Event::Prefix,
        "WITH" if ["STARTS", "ENDS"].iter().any(|w| before.eq_ignore_ascii_case(w)) => Event::Other,
        "IS" | "IN" | "STARTS" | "ENDS" | "CONTAINS" => Event::Test,
        "AND" | "OR" | "XOR" | "WHERE" | "WITH" | "RETURN" | "MATCH" | "CREATE" | "MERGE" | "SET" | "UNWIND"
        | "WHEN" | "THEN" | "ELSE" | "UNION"
            if !maybe_label =>
        {
            Event::Separator
        }
        _ => Event::Other,
    }
}

/// `EXISTS {`, `CALL {`, `CALL (a) {`.
fn holds_query(before: &str) -> bool {
    before == ")" || ["EXISTS", "COUNT", "COLLECT", "CALL"].iter().any(|w| before.eq_ignore_ascii_case(w))
}

/// A label or variable called `case` is followed by something that begins no operand.
fn begins_case(after: &str) -> bool {
    let marks = ["", ")", "]", "}", ",", ".", ":", "|", "&", "=", "<", ">", "*", "/", "%", ";"];
    let words = ["AND", "OR", "XOR", "RETURN", "WHERE", "WITH", "AS", "IS", "IN", "THEN"];
    !marks.contains(&after) && !words.iter().any(|w| after.eq_ignore_ascii_case(w))
}

/// One open bracket (or the whole text).
#[derive(Default)]
struct Frame {
    case: bool,
    /// Prefixes right before the bracket, and what the bracket costs beyond one.
    prefix: u32,
    /// The deepest operand finished so far.
    deepest: u32,
    /// The depth inside the current operand, and the tests behind it.
    inner: u32,
    tests: u32,
}

impl Frame {
    fn finish_operand(&mut self) {
        self.deepest = self.deepest.max(self.inner.saturating_add(self.tests));
        self.inner = 0;
        self.tests = 0;
    }
}

#[derive(Default)]
struct Frames {
    outer: Frame,
    open: Vec<Frame>,
    /// Depth at this point, looking down from the top: open brackets and their prefixes.
    down: u32,
    /// Prefixes in a row.
    run: u32,
}

impl Frames {
    /// Takes one token in; the depth that is certain by now.
    fn take(&mut self, event: Event) -> u32 {
        if let Event::Prefix = event {
            self.run = self.run.saturating_add(1);
            let run = self.run;
            let top = self.top();
            top.inner = top.inner.max(run);
            return self.depth();
        }
        let run = std::mem::take(&mut self.run);
        match event {
            Event::Open { case, extra } => {
                let prefix = run.saturating_add(extra);
                self.down = self.down.saturating_add(prefix + 1);
                self.open.push(Frame { case, prefix, ..Frame::default() });
            }
            Event::Close { case } => self.close(case),
            Event::Test => self.top().tests += 1,
            Event::Separator => self.top().finish_operand(),
            Event::Prefix | Event::Other => {}
        }
        self.depth()
    }

    fn top(&mut self) -> &mut Frame {
        self.open.last_mut().unwrap_or(&mut self.outer)
    }

    fn depth(&mut self) -> u32 {
        let down = self.down;
        let top = self.top();
        down.saturating_add(top.deepest.max(top.inner.saturating_add(top.tests)))
    }

    /// A bracket also closes the `CASE`s left open in it; `END` closes only a `CASE`.
    fn close(&mut self, case: bool) {
        if case {
            if self.open.last().is_some_and(|f| f.case) {
                self.pop();
            }
            return;
        }
        while self.open.last().is_some_and(|f| f.case) {
            self.pop();
        }
        self.pop();
    }

    fn pop(&mut self) {
        if let Some(mut frame) = self.open.pop() {
            frame.finish_operand();
            self.down = self.down.saturating_sub(frame.prefix + 1);
            let depth = frame.deepest.saturating_add(frame.prefix + 1);
            let top = self.top();
            top.inner = top.inner.max(depth);
        }
    }
}
