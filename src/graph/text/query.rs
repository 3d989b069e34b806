//! The words that a full-text search is written in, as a tree: those of Lucene's query parser.
//!
//! ```text
//! a b          either; more is better          "a b"       one after the other        "a b"~3   with up to 3 words between
//! a AND b      a OR b    NOT a    +a  -a       begin*  w?ld                           near~ near~1   one or two letters off
//! field:a      field:(a b)    (a b)            a^2         counts double              *:*       everything
//! ```

use crate::error::{Code, Error, Result};

/// A part of a search.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A word, or several written as one, as they stand there.
    Words(String),
    /// Words that follow one another with at most so many others between.
    Phrase(String, u32),
    /// A word with `*` (any letters) and `?` (one letter) in it.
    Pattern(String),
    /// Words at most so many letters off.
    Near(String, u32),
    /// Every text.
    All,
    /// In this property only.
    In(String, Box<Part>),
    /// Counts so many times as much.
    Boost(Box<Part>, f64),
    /// Several.
    Several(Vec<Clause>),
}

/// A part and whether it must be there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clause {
    pub(super) occur: Occur,
    pub(super) part: Part,
}

/// Whether a part must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occur {
    Should,
    Must,
    MustNot,
}

/// How deep brackets may stand in one another.
const DEEPEST: usize = 50;
/// Letters that may be off, as Lucene has it.
const FARTHEST: u32 = 2;

/// Reads a search. Errors: `InvalidArgumentValue`, with the place in the text.
pub(super) fn parse(text: &str) -> Result<Part> {
    let mut parser = Parser { letters: text.chars().collect(), at: 0, depth: 0 };
    let part = parser.clauses()?;
    match parser.peek() {
        Some(')') => Err(parser.wrong(")", "there is no ( before it; write \\) for the sign itself")),
        _ => Ok(part),
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Whether the word stands here by itself; then it is passed over.
    fn takes_word(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let is_it = self.letters.get(self.at..end).is_some_and(|letters| letters.iter().copied().eq(word.chars()));
        let ends = self.letters.get(end).is_none_or(|c| c.is_whitespace() || *c == '(' || *c == '"');
        if is_it && ends {
            self.at = end;
        }
        is_it && ends
    }

    fn takes(&mut self, sign: &str) -> bool {
        let end = self.at + sign.len();
        let is_it = self.letters.get(self.at..end).is_some_and(|letters| letters.iter().copied().eq(sign.chars()));
        if is_it {
            self.at = end;
        }
        is_it
    }

    /// Clauses up to a closing bracket or the end.
    fn clauses(&mut self) -> Result<Part> {
        let mut clauses: Vec<Clause> = Vec::new();
        loop {
            self.skip_blanks();
            if matches!(self.peek(), None | Some(')')) {
                break;
            }
            let and = self.takes_word("AND") || self.takes("&&");
            let or = !and && (self.takes_word("OR") || self.takes("||"));
            if and || or {
                if clauses.is_empty() {
                    return Err(self.wrong(if and { "AND" } else { "OR" }, "nothing stands before it"));
                }
                self.skip_blanks();
            }
            let not = self.takes_word("NOT") || self.takes("!") || self.takes("-");
            let must = !not && self.takes("+");
            self.skip_blanks();
            if matches!(self.peek(), None | Some(')')) {
                return Err(self.wrong("the end", "something to look for must stand there"));
            }
            if and && let Some(last) = clauses.last_mut().filter(|last| last.occur == Occur::Should) {
                last.occur = Occur::Must;
            }
            let occur = match (not, must || and) {
                (true, _) => Occur::MustNot,
                (false, true) => Occur::Must,
                (false, false) => Occur::Should,
            };
            clauses.push(Clause { occur, part: self.boosted()? });
        }
        Ok(match &clauses[..] {
            [only] if only.occur != Occur::MustNot => clauses.remove(0).part,
            _ => Part::Several(clauses),
        })
    }

    fn boosted(&mut self) -> Result<Part> {
        let part = self.part()?;
        if !self.takes("^") {
            return Ok(part);
        }
        let number = self.number();
        match number.parse::<f64>() {
            Ok(boost) if boost.is_finite() => Ok(Part::Boost(Box::new(part), boost)),
            _ => Err(self.wrong("^", "a number stands behind it: word^2")),
        }
    }

    fn number(&mut self) -> String {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
            self.at += 1;
        }
        self.letters[from..self.at].iter().collect()
    }

    fn part(&mut self) -> Result<Part> {
        match self.peek() {
            Some('(') => self.group(),
            Some('"') => self.phrase(),
            Some(sign @ ('[' | '{')) => {
                Err(self.wrong(&sign.to_string(), "ranges are not offered: compare properties in WHERE"))
            }
            Some('/') => Err(self.wrong("/", "regular expressions are not offered: write n.key =~ '…' in WHERE")),
            _ if self.takes("*:*") => Ok(Part::All),
            _ => self.word(),
        }
    }

    fn group(&mut self) -> Result<Part> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("(", "too many brackets stand in one another"));
        }
        let open = self.at;
        self.at += 1;
        let part = self.clauses()?;
        self.depth -= 1;
        if self.takes(")") {
            return Ok(part);
        }
        self.at = open;
        Err(self.wrong("(", "it is not closed; write \\( for the sign itself"))
    }

    fn phrase(&mut self) -> Result<Part> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                None => {
                    self.at = open;
                    return Err(self.wrong("\"", "it is not closed; write \\\" for the sign itself"));
                }
                Some('"') => break,
                Some('\\') => {
                    self.at += 1;
                    text.extend(self.peek());
                }
                Some(c) => text.push(c),
            }
            self.at += 1;
        }
        self.at += 1;
        let slop = if self.takes("~") { self.number().parse::<f64>().unwrap_or(0.0) as u32 } else { 0 };
        Ok(Part::Phrase(text, slop))
    }

    /// A word up to a blank or a sign that means something; `name:` before it names a property.
    fn word(&mut self) -> Result<Part> {
        let (mut text, mut pattern, mut is_pattern) = (String::new(), String::new(), false);
        let from = self.at;
        loop {
            match self.peek() {
                Some('\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(c) => {
                            text.push(c);
                            pattern.push(if matches!(c, '*' | '?') { ' ' } else { c });
                        }
                        None => return Err(self.wrong("\\", "a sign stands behind it; write \\\\ for the sign itself")),
                    }
                }
                Some(':') if self.at > from => {
                    self.at += 1;
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(self.wrong(":", "too many properties stand in one another"));
                    }
                    let part = self.part()?;
                    self.depth -= 1;
                    return Ok(Part::In(text, Box::new(part)));
                }
                Some(c @ ('*' | '?')) => {
                    is_pattern = true;
                    text.push(c);
                    pattern.push(c);
                }
                Some('~') if self.at > from => {
                    self.at += 1;
                    let number = self.number();
                    // a share of the letters, as it was written once, or how many
                    let off = match number.parse::<f64>() {
                        Err(_) => FARTHEST,
                        Ok(share) if share > 0.0 && share < 1.0 => FARTHEST,
                        Ok(off) => off as u32,
                    };
                    return Ok(Part::Near(text, off.min(FARTHEST)));
                }
                Some(c) if !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '^' | '[' | ']' | '{' | '}' | ':') => {
                    text.push(c);
                    pattern.push(c);
                }
                _ => break,
            }
            self.at += 1;
        }
        match (self.at == from, self.peek()) {
            (true, Some(sign)) => Err(self.wrong(&sign.to_string(), &format!("write \\{sign} for the sign itself"))),
            (true, None) => Err(self.wrong("the end", "something to look for must stand there")),
            _ if is_pattern => Ok(Part::Pattern(pattern)),
            _ => Ok(Part::Words(text)),
        }
    }

    fn wrong(&self, what: &str, advice: &str) -> Error {
        let whole: String = self.letters.iter().take(60).collect();
        let message = format!("the search '{whole}' cannot be read at letter {}: {what}", self.at + 1);
        Error::argument(Code::InvalidArgumentValue, message).hint(advice.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(part: &Part) -> String {
        match part {
            Part::Words(text) => text.clone(),
            Part::Phrase(text, slop) => format!("<{text}>{slop}"),
            Part::Pattern(text) => format!("/{text}/"),
            Part::Near(text, off) => format!("{text}~{off}"),
            Part::All => "all".to_owned(),
            Part::In(name, part) => format!("{name}:{}", shown(part)),
            Part::Boost(part, boost) => format!("{}^{boost}", shown(part)),
            Part::Several(clauses) => {
                let one = |clause: &Clause| match clause.occur {
                    Occur::Should => shown(&clause.part),
                    Occur::Must => format!("+{}", shown(&clause.part)),
                    Occur::MustNot => format!("-{}", shown(&clause.part)),
                };
                format!("({})", clauses.iter().map(one).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn what_people_write_is_read() {
        for (text, wanted) in [
            ("court", "court"),
            ("  supreme court ", "(supreme court)"),
            ("a OR b", "(a b)"),
            ("a AND b", "(+a +b)"),
            ("a && b || c", "(+a +b c)"),
            ("a AND NOT b", "(+a -b)"),
            ("+a -b !c", "(+a -b -c)"),
            ("NOT b", "(-b)"),
            ("\"supreme court\"", "<supreme court>0"),
            ("\"a b\"~3 x", "(<a b>3 x)"),
            ("consti*", "/consti*/"),
            ("c?urt~", "c?urt~2"),
            ("court~1 cort~0.8", "(court~1 cort~2)"),
            ("name:court", "name:court"),
            ("name:(a b)^2", "name:(a b)^2"),
            ("(a OR b) AND c", "(+(a b) +c)"),
            ("a\\:b \\+c", "(a:b +c)"),
            ("U.N.", "U.N."),
            ("state-owned", "state-owned"),
            ("ANDREW ORDER NOTES", "(ANDREW ORDER NOTES)"),
            ("*:*", "all"),
            ("", "()"),
        ] {
            assert_eq!(
                parse(text).map(|part| shown(&part)).map_err(|e| e.message().to_owned()),
                Ok(wanted.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (text, place) in [
            ("a AND", "letter 6"),
            ("AND b", "letter 4"),
            ("(a b", "letter 1"),
            ("a)", "letter 2"),
            ("\"a b", "letter 1"),
            ("a^", "letter 3"),
            ("[a TO b]", "letter 1"),
            ("name:/a/", "letter 6"),
            ("a\\", "letter 3"),
            (":a", "letter 1"),
            ("a -", "letter 4"),
        ] {
            let error = parse(text).map(|part| shown(&part)).expect_err(text);
            assert!(error.message().contains(place), "{text}: {}", error.message());
        }
        assert!(parse(&"(".repeat(100_000)).is_err() && parse(&"a:".repeat(100_000)).is_err());
    }
}
