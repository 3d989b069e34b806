//! Text to tokens, in one pass: what is a comment, a quoted text, a word, a number.
//!
//! The grammar could find all of this itself; reading it here first lets unclosed quotes, wrong numbers and
//! foreign characters be named for what they are, cuts a script into statements, bounds nesting before
//! anything recurses ([`super::depth`]), and tells where the text under a rule really ends.
//! Knows nothing of rules; agrees with `grammar/lexical.pest` on what a token is.

use pest::unicode::{CONNECTOR_PUNCTUATION, CURRENCY_SYMBOL, ID_CONTINUE, ID_START};

use crate::error::{Code, Error, Result, Span};

/// A token and its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// What a token is, as far as scanning can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A keyword or a name without quotes; a label with its hyphens.
    Word,
    /// A name in back-ticks.
    Quoted,
    /// A text in quotes.
    Text,
    /// A number.
    Number,
    /// One other character (`..` is one mark).
    Mark,
}

/// Every token of `text`. Errors: a quote or comment that does not end, a number written wrongly, a character
/// that stands for nothing.
pub(super) fn scan(text: &str) -> Result<Vec<Token>> {
    match tokens(text) {
        (tokens, None) => Ok(tokens),
        (_, Some(error)) => Err(error),
    }
}

/// The tokens of `text` as far as it can be read, and what stopped the reading: for whoever shows or completes a text
/// that is still being typed.
pub(crate) fn tokens(text: &str) -> (Vec<Token>, Option<Error>) {
    let mut scanner = Scanner { text, at: 0, tokens: Vec::with_capacity(text.len() / 4), braces: Vec::new() };
    if text.starts_with('\u{FEFF}') {
        scanner.at = '\u{FEFF}'.len_utf8();
    }
    while let Some(c) = scanner.peek() {
        if let Err(error) = scanner.token(c) {
            return (scanner.tokens, Some(error));
        }
    }
    (scanner.tokens, None)
}

/// Can `c` begin a word?
pub(super) fn starts_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && (ID_START(c) || CONNECTOR_PUNCTUATION(c)))
}

/// Can `c` stand in a word?
pub(super) fn continues_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || (!c.is_ascii() && (ID_CONTINUE(c) || CURRENCY_SYMBOL(c)))
}

/// The dashes and arrow heads that openCypher lets a pattern be drawn with, besides `-`, `<` and `>`.
pub(super) fn draws_arrow(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
        || matches!(
            c,
            '\u{27E8}' | '\u{3008}' | '\u{FE64}' | '\u{FF1C}' | '\u{27E9}' | '\u{3009}' | '\u{FE65}' | '\u{FF1E}'
        )
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1C}'..=' ' | '\u{A0}' | '\u{1680}' | '\u{180E}' | '\u{2000}'..='\u{200A}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    /// For each open bracket, whether it is a brace: a map key that begins with a digit is no wrong number.
    braces: Vec<bool>,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    /// Reads what begins with `c`.
    fn token(&mut self, c: char) -> Result<()> {
        let start = self.at;
        match c {
            _ if is_blank(c) => self.at += c.len_utf8(),
            '/' if self.rest().starts_with("//") => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            '/' if self.rest().starts_with("/*") => self.block_comment()?,
            '\'' | '"' => self.string(c)?,
            '`' => self.quoted_name()?,
            '0'..='9' => self.number()?,
            '.' if self.rest().starts_with("..") => self.mark(2),
            '.' if self.begins_fraction() => self.number()?,
            _ if starts_word(c) => {
                self.word();
                self.push(TokenKind::Word, start);
            }
            '(' | '[' | '{' => {
                self.braces.push(c == '{');
                self.mark(1);
            }
            ')' | ']' | '}' => {
                self.braces.pop();
                self.mark(1);
            }
            '$' | ',' | ':' | ';' | '.' | '|' | '&' | '!' | '=' | '+' | '-' | '*' | '/' | '%' | '^' | '<' | '>'
            | '~' => {
                self.mark(1);
            }
            _ if draws_arrow(c) => self.mark(c.len_utf8()),
            _ => return Err(foreign_character(c, start)),
        }
        Ok(())
    }

    fn mark(&mut self, bytes: usize) {
        let start = self.at;
        self.at += bytes;
        self.push(TokenKind::Mark, start);
    }

    fn block_comment(&mut self) -> Result<()> {
        match self.rest()[2..].find("*/") {
            Some(end) => {
                self.at += 2 + end + 2;
                Ok(())
            }
            None => Err(Error::syntax(Code::UnexpectedSyntax, "this comment never ends")
                .at(Span::new(self.at, self.at + 2))
                .hint("close it with */")),
        }
    }

    fn string(&mut self, quote: char) -> Result<()> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&b) = bytes.get(self.at) {
            self.at += 1;
            match b {
                b'\\' => self.at += self.peek().map_or(0, char::len_utf8),
                _ if char::from(b) == quote && self.peek() == Some(quote) => self.at += 1,
                _ if char::from(b) == quote => {
                    self.push(TokenKind::Text, start);
                    return Ok(());
                }
                _ => {}
            }
        }
        let hint = format!("close it with {quote}; a {quote} inside a text is written \\{quote}");
        Err(Error::syntax(Code::UnexpectedSyntax, "this text is opened and never closed")
            .at(Span::new(start, start + 1))
            .hint(hint))
    }

    fn quoted_name(&mut self) -> Result<()> {
        let start = self.at;
        self.at += 1;
        while let Some(length) = self.rest().find('`') {
            self.at += length + 1;
            if !self.rest().starts_with('`') {
                self.push(TokenKind::Quoted, start);
                return Ok(());
            }
            self.at += 1;
        }
        Err(Error::syntax(Code::UnexpectedSyntax, "this name is opened with a back-tick and never closed")
            .at(Span::new(start, start + 1))
            .hint("close it with `; a back-tick inside a name is written ``"))
    }

    /// A word; in the place of a label also with the hyphens inside it.
    fn word(&mut self) {
        let label = self.tokens.last().is_some_and(|t| {
            let before = t.span.of(self.text);
            matches!(before, ":" | "|" | "&" | "!") || before.eq_ignore_ascii_case("via")
        });
        self.word_parts();
        while label && self.rest().strip_prefix('-').is_some_and(|rest| rest.starts_with(continues_word)) {
            self.at += 1;
            self.word_parts();
        }
    }

    fn word_parts(&mut self) {
        self.at += self.rest().find(|c| !continues_word(c)).unwrap_or(self.rest().len());
    }

    /// `.5`, but not the access of `a.5` or `f(x).5`.
    fn begins_fraction(&self) -> bool {
        let digit = self.rest()[1..].starts_with(|c: char| c.is_ascii_digit());
        let glued = self.tokens.last().is_some_and(|t| {
            t.span.end as usize == self.at
                && (t.kind != TokenKind::Mark || matches!(t.span.of(self.text), ")" | "]" | "}" | "."))
        });
        digit && !glued
    }

    /// Digits; single `_` between them.
    fn digits(&mut self) {
        loop {
            self.at += self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
            match self.rest().as_bytes() {
                [b'_', b'0'..=b'9', ..] => self.at += 1,
                _ => return,
            }
        }
    }

    fn number(&mut self) -> Result<()> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        if let [b'0', b'x' | b'X' | b'o' | b'O', ..] = bytes[start..] {
            return self.radix_number();
        }
        self.digits();
        let integer = self.at;
        if bytes.get(self.at) == Some(&b'.') && bytes.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.digits();
        }
        if let [b'e' | b'E', rest @ ..] = &bytes[self.at..]
            && let [b'0'..=b'9', ..] | [b'+' | b'-', b'0'..=b'9', ..] = rest
        {
            self.at += 2;
            self.digits();
        }
        if self.rest().starts_with(continues_word) {
            return Err(self.wrong_number(
                start,
                "a number cannot go on with a letter",
                "put a blank between them, or quote the name with `",
            ));
        }
        if self.at == integer && integer - start > 1 && bytes[start] == b'0' {
            return Err(self.wrong_number(start, "a number cannot begin with 0", "octal numbers are written 0o17"));
        }
        self.push(TokenKind::Number, start);
        Ok(())
    }

    fn radix_number(&mut self) -> Result<()> {
        let start = self.at;
        let octal = self.text.as_bytes()[start + 1].eq_ignore_ascii_case(&b'o');
        self.at += 2;
        let digits = self.at;
        self.word_parts();
        let radix = if octal { 8 } else { 16 };
        let mut digits = self.text[digits..self.at].strip_prefix('_').unwrap_or(&self.text[digits..self.at]).split('_');
        if !digits.all(|part| !part.is_empty() && part.chars().all(|c| c.is_digit(radix))) {
            let hint = if octal { "after 0o stand digits 0 to 7" } else { "after 0x stand digits 0 to 9 and a to f" };
            return Err(self.wrong_number(start, "this number is not written as its base asks", hint));
        }
        self.push(TokenKind::Number, start);
        Ok(())
    }

    /// The word in question runs to its end; as the key of a map it is no number at all.
    fn wrong_number(&mut self, start: usize, message: &str, hint: &str) -> Error {
        self.word_parts();
        let before = self.tokens.last().map_or("", |t| t.span.of(self.text));
        let span = Span::new(start, self.at);
        if self.braces.last() == Some(&true) && matches!(before, "{" | ",") {
            return Error::syntax(Code::UnexpectedSyntax, "a key cannot begin with a digit")
                .at(span)
                .hint(format!("quote it: `{}`", span.of(self.text)));
        }
        Error::syntax(Code::InvalidNumberLiteral, message).at(span).hint(hint)
    }
}

fn foreign_character(c: char, at: usize) -> Error {
    let span = Span::new(at, at + c.len_utf8());
    let shown = if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") };
    let code = if c.is_ascii() { Code::UnexpectedSyntax } else { Code::InvalidUnicodeCharacter };
    let error = Error::syntax(code, format!("{shown} cannot stand here")).at(span);
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{AB}' | '\u{BB}' => {
            error.hint("texts stand between straight quotes: 'text' or \"text\"")
        }
        '#' => error.hint("a comment begins with //"),
        '\\' => error.hint("a backslash has a meaning only inside quotes"),
        '?' => error.hint("parameters are written $name; a part of a path that may be missing, (…){0,1}"),
        '@' => error.hint("quote names with special characters: `name`"),
        _ if !c.is_ascii() && !c.is_control() => error.hint("inside quotes any character may stand"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        scan(text).unwrap_or_else(|e| panic!("{text}: {e}")).iter().map(|t| t.span.of(text)).collect()
    }

    #[test]
    fn comments_and_quotes_hide_each_other() {
        assert_eq!(tokens("RETURN /* ' */ 1 //'\n+ '/*' + \"//\""), ["RETURN", "1", "+", "'/*'", "+", "\"//\""]);
        assert_eq!(tokens(r"'a\'b' `c``d`"), [r"'a\'b'", "`c``d`"]);
    }

    #[test]
    fn hyphens_continue_labels_only() {
        assert_eq!(
            tokens("-[:a-b|c-d*1..3]->"),
            ["-", "[", ":", "a-b", "|", "c-d", "*", "1", "..", "3", "]", "-", ">"]
        );
        assert_eq!(
            tokens("(x)-[:T]-(y) a-b"),
            ["(", "x", ")", "-", "[", ":", "T", "]", "-", "(", "y", ")", "a", "-", "b"]
        );
        assert_eq!(tokens(":covid-19b"), [":", "covid-19b"]);
    }

    #[test]
    fn numbers_end_where_ranges_begin() {
        assert_eq!(
            tokens("[1..3] .5 a.b 1.5e-3 0x1F"),
            ["[", "1", "..", "3", "]", ".5", "a", ".", "b", "1.5e-3", "0x1F"]
        );
        for (wrong, code) in [
            ("0x", Code::InvalidNumberLiteral),
            ("0o8", Code::InvalidNumberLiteral),
            ("92h3", Code::InvalidNumberLiteral),
            ("1e", Code::InvalidNumberLiteral),
            ("007", Code::InvalidNumberLiteral),
            ("{1B2c: 1}", Code::UnexpectedSyntax),
            ("92#3", Code::UnexpectedSyntax),
        ] {
            assert_eq!(scan(wrong).map_err(|e| e.code()), Err(code), "{wrong}");
        }
    }

    #[test]
    fn what_does_not_end_is_named() {
        for text in ["'abc", "\"abc\\\"", "`x", "/* x", "'abc\\"] {
            assert_eq!(scan(text).map_err(|e| e.code()), Err(Code::UnexpectedSyntax), "{text}");
        }
        assert_eq!(scan("1 ＋ 2").map_err(|e| e.code()), Err(Code::InvalidUnicodeCharacter));
    }
}
