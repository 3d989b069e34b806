//! Cypher scripts: statements with `;` between them, read one at a time.
//!
//! The whole import is one transaction, so `BEGIN` and `COMMIT` (and cypher-shell's `:begin`, `:commit`) are passed over
//! and `ROLLBACK` is refused. A `;` in quotes, back-ticks or comments separates nothing. Of cypher-shell's commands,
//! `:param` gives a parameter to the statements behind it; those that only say where and how to run (`:use`, `:auto`) are
//! passed over. So is what makes a database of Neo4j wait or find faster and is not part of the data: waiting for
//! indexes, kinds of indexes and constraints that are not kept here. What is passed over is named.

use std::borrow::Cow;
use std::io::BufRead;

use super::{OnProblem, in_file};
use crate::error::{Error, Result};

/// Longest statement that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// Who runs the statements of a script.
pub trait Runs {
    /// Runs a statement.
    fn run(&mut self, text: &str) -> Result<()>;

    /// Gives a parameter the value of an expression, for the statements that come.
    fn param(&mut self, name: &str, expression: &str) -> Result<()>;

    /// Learns what was passed over.
    fn passed_over(&mut self, what: &str);
}

/// Reads `input` to its end and gives each statement to `to`. `file` names it in messages.
pub fn read(input: &mut dyn BufRead, file: &str, to: &mut dyn Runs, problem: OnProblem<'_>) -> Result<()> {
    let mut statements = Statements { input, line: 1, state: State::Plain };
    loop {
        let start = statements.line;
        let bytes = match statements.next() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(error) => return Err(in_file(file, &error)),
        };
        let taken = std::str::from_utf8(&bytes)
            .map_err(|e| Error::data(format!("not UTF-8 at byte {} of the statement", e.valid_up_to())))
            .and_then(|text| take(text, to));
        if let Err(error) = taken {
            problem(placed(&error, &bytes, start, file))?;
        }
    }
}

fn take(whole: &str, to: &mut dyn Runs) -> Result<()> {
    let mut text = whole;
    loop {
        let bare = without_comments(text);
        let line = bare.split_once('\n').map_or(bare, |(line, _)| line).trim_end();
        let rest = &bare[line.len()..];
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let argument = line.get(word.len()..).unwrap_or_default().trim();
        match word.as_str() {
            ":begin" | ":commit" => {}
            // apoc's scripts for the shells of other versions have these words on lines of their own, without a `;`
            "begin" | "commit" if argument.is_empty() && !rest.trim().is_empty() => {}
            // how a statement behind it is run: that statement is run
            ":auto" => {
                text = bare.get(word.len()..).unwrap_or_default();
                continue;
            }
            ":use" => to.passed_over(line),
            "schema" if argument.eq_ignore_ascii_case("await") => to.passed_over(line),
            ":param" | ":params" => param(argument, to)?,
            command if command.starts_with(':') => {
                return Err(Error::data(format!("cypher-shell's command {command} is not known here")));
            }
            _ => break,
        }
        text = rest;
    }
    let bare = without_comments(text).trim_end();
    match bare.to_ascii_uppercase().as_str() {
        "" | "BEGIN" | "COMMIT" => return Ok(()),
        "ROLLBACK" => return Err(Error::data("a script that is imported is one transaction: ROLLBACK is not taken")),
        _ => {}
    }
    match schema(bare) {
        Some(Schema::PassOver(what)) => {
            to.passed_over(what);
            Ok(())
        }
        Some(Schema::Instead(plain)) => to.run(&plain),
        None => to.run(&names_called_end(text)).map_err(|error| error.shifted((whole.len() - text.len()) as u32)),
    }
}

/// The statement with back-ticks around every `end` that names something, as apoc exports call the end of a
/// relationship: one that closes no `CASE`.
fn names_called_end(text: &str) -> Cow<'_, str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut out, mut from, mut cases, mut state) = (String::new(), 0, 0_usize, State::Plain);
    let mut word = None;
    for (at, byte) in text.bytes().enumerate().chain([(text.len(), b' ')]) {
        let c = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
        match word {
            // inside a character
            _ if !text.is_char_boundary(at) => continue,
            None if matches!(state, State::Plain | State::Slash) && is_word(c) => word = Some(at),
            Some(start) if !is_word(c) => {
                word = None;
                let after_dot = text[..start].trim_end().ends_with(['.', ':', '$']);
                match &text[start..at] {
                    found if found.eq_ignore_ascii_case("case") && !after_dot => cases += 1,
                    found if found.eq_ignore_ascii_case("end") && cases > 0 => cases -= 1,
                    found if found.eq_ignore_ascii_case("end") && !after_dot => {
                        out.push_str(&text[from..start]);
                        out.push_str(&format!("`{found}`"));
                        from = at;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        state = state.after(byte);
    }
    if from == 0 {
        return text.into();
    }
    out.push_str(&text[from..]);
    out.into()
}

/// `x => 1`, `x: 1` or `x 1`: a parameter of a script.
fn param(text: &str, to: &mut dyn Runs) -> Result<()> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '`'))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let expression = rest.strip_prefix("=>").or_else(|| rest.strip_prefix(':')).unwrap_or(rest).trim();
    if name.is_empty() || expression.is_empty() {
        return Err(Error::data("a parameter is given as :param NAME => EXPRESSION"));
    }
    to.param(name.trim_matches('`'), expression.trim_end_matches(';'))
}

/// What a statement about the schema of a database of Neo4j is here.
enum Schema {
    /// Nothing.
    PassOver(&'static str),
    /// Another statement.
    Instead(String),
}

/// Recognises statements that say how data are kept or checked, and that are not known here.
fn schema(text: &str) -> Option<Schema> {
    // most statements are something else, and may be long
    let first: Vec<String> = text.split_whitespace().take(3).map(str::to_ascii_uppercase).collect();
    match first.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // the whole import is one transaction; blanks keep the places of what follows
        ["USING", "PERIODIC", "COMMIT"] => {
            let at = text.to_ascii_uppercase().find("COMMIT")? + "COMMIT".len();
            let rest = text[at..].trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
            Some(Schema::Instead(format!("{}{rest}", " ".repeat(text.len() - rest.len()))))
        }
        ["CALL", called, ..] if called.starts_with("DB.AWAITINDEX") || called.starts_with("DB.RESAMPLE") => {
            Some(Schema::PassOver("statements that wait for indexes"))
        }
        ["CREATE", "POINT" | "VECTOR", "INDEX", ..] => {
            Some(Schema::PassOver("indexes of kinds that are not kept here (point, vector)"))
        }
        ["CREATE", "BTREE", "INDEX", ..] => {
            let at = text.find(|c: char| !c.is_ascii_alphabetic())?;
            let at = at + text[at..].find(|c: char| c.is_ascii_alphabetic())?;
            Some(Schema::Instead(format!("{}{}", &text[..at], text[at + "BTREE".len()..].trim_start())))
        }
        ["CREATE", "CONSTRAINT", ..] => {
            let words = text.to_ascii_uppercase();
            let exists = words.split_once("ASSERT").is_some_and(|(_, said)| said.trim_start().starts_with("EXISTS"));
            exists.then_some(Schema::PassOver("constraints that say ASSERT exists(…), an old form of IS NOT NULL"))
        }
        _ => None,
    }
}

/// The error with file, line and column before its message; `start` is the line the statement begins in.
fn placed(error: &Error, statement: &[u8], start: u64, file: &str) -> Error {
    let before = match error.span() {
        Some(span) => statement.get(..span.start as usize).unwrap_or(statement),
        None => {
            let blank = statement.iter().take_while(|b| b.is_ascii_whitespace()).count();
            &statement[..blank]
        }
    };
    let line = start + before.iter().filter(|b| **b == b'\n').count() as u64;
    let column = String::from_utf8_lossy(before.rsplit(|b| *b == b'\n').next().unwrap_or_default()).chars().count() + 1;
    let bare = Error::new(
        error.class(),
        error.phase(),
        error.code(),
        format!("line {line}, column {column}: {}", error.message()),
    );
    let bare = match error.hint_text() {
        Some(hint) => bare.hint(hint),
        None => bare,
    };
    in_file(file, &bare)
}

/// The text without white space and comments before it.
fn without_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            return rest;
        }
        .trim_start();
    }
}

struct Statements<'i> {
    input: &'i mut dyn BufRead,
    line: u64,
    state: State,
}

/// What a `;` stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// A `/` that may begin a comment.
    Slash,
    Line,
    Block,
    /// A `*` that may end a comment.
    Star,
    Quoted(u8),
    /// A back-slash in quotes.
    Escaped(u8),
}

impl State {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Plain | Self::Slash, b'\'' | b'"' | b'`') => Self::Quoted(byte),
            (Self::Slash, b'/') => Self::Line,
            (Self::Slash, b'*') => Self::Block,
            (Self::Plain, b'/') => Self::Slash,
            (Self::Plain | Self::Slash, _) | (Self::Line, b'\n') | (Self::Star, b'/') => Self::Plain,
            (Self::Block | Self::Star, b'*') => Self::Star,
            (Self::Block | Self::Star, _) => Self::Block,
            (Self::Quoted(quote), b'\\') if quote != b'`' => Self::Escaped(quote),
            // a back-tick doubled ends and begins: nothing lies between
            (Self::Quoted(quote), _) if quote == byte => Self::Plain,
            (Self::Escaped(quote), _) => Self::Quoted(quote),
            (same, _) => same,
        }
    }
}

impl Statements<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut statement = Vec::new();
        self.state = State::Plain;
        loop {
            let seen = statement.len();
            let room = (LONGEST + 1).saturating_sub(seen) as u64;
            let read = std::io::Read::take(&mut *self.input, room).read_until(b';', &mut statement);
            let read = read.map_err(|e| crate::io::unreadable(&format!("line {}", self.line), &e))?;
            if statement.len() > LONGEST {
                return Err(Error::data(format!("line {}: a statement longer than {LONGEST} bytes", self.line)));
            }
            let ends = statement[seen..].iter().fold(false, |_, &byte| {
                let ends = byte == b';' && matches!(self.state, State::Plain | State::Slash);
                self.line += u64::from(byte == b'\n');
                self.state = self.state.after(byte);
                ends
            });
            if ends {
                statement.pop();
                return Ok(Some(statement));
            }
            if read == 0 {
                return match self.state {
                    State::Quoted(_) | State::Escaped(_) => {
                        Err(Error::data(format!("line {}: a quote is opened and never closed", self.line)))
                    }
                    _ => Ok((!statement.is_empty()).then_some(statement)),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Run {
        seen: Vec<String>,
        over: Vec<String>,
    }

    impl Runs for Run {
        fn run(&mut self, text: &str) -> Result<()> {
            self.seen.push(text.trim().to_owned());
            if text.contains("BAD") { Err(Error::data("bad").at(crate::error::Span::new(3, 6))) } else { Ok(()) }
        }

        fn param(&mut self, name: &str, expression: &str) -> Result<()> {
            self.seen.push(format!("${name} = {expression}"));
            Ok(())
        }

        fn passed_over(&mut self, what: &str) {
            self.over.push(what.to_owned());
        }
    }

    fn statements(text: &str) -> (Vec<String>, Result<()>) {
        let mut run = Run::default();
        let result = read(&mut text.as_bytes(), "x.cypher", &mut run, &mut |e| Err(e));
        (run.seen, result)
    }

    #[test]
    fn a_semicolon_separates_only_where_it_stands_alone() {
        let text = "CREATE (:A {n: 'a;\\';b'}); // c;\nCREATE (:`x``;y`) /* ; */;\n\nRETURN \";\" / 2;;\nRETURN 1";
        let (seen, result) = statements(text);
        result.expect("well formed");
        let expected =
            ["CREATE (:A {n: 'a;\\';b'})", "// c;\nCREATE (:`x``;y`) /* ; */", "RETURN \";\" / 2", "RETURN 1"];
        assert_eq!(seen, expected);
    }

    #[test]
    fn transactions_are_passed_over_and_errors_are_placed() {
        let (seen, result) = statements(":begin\nCREATE ();\n:commit\nBEGIN;\nCOMMIT;\n\n  BAD;");
        assert_eq!(result.expect_err("bad").message(), "x.cypher, line 7, column 2: bad");
        assert_eq!(seen, ["CREATE ()", "BAD"]);
        assert!(statements("ROLLBACK;").1.is_err());
        assert!(statements(":source x\n").1.is_err() && statements(":param x\n").1.is_err());
        let error = statements("RETURN 1;\nRETURN '1;").1.expect_err("open");
        assert_eq!(error.message(), "x.cypher, line 2: a quote is opened and never closed");
    }

    #[test]
    fn what_only_a_database_of_neo4j_needs_is_passed_over_and_named() {
        let text = ":use neo4j\n:param x => 1\n:params y: 'a'\n:auto CREATE (:A);\nschema await\nCALL db.awaitIndexes(300);\n\
            CREATE RANGE INDEX r FOR (p:P) ON (p.n);CREATE FULLTEXT INDEX f FOR (p:P) ON EACH [p.b];CREATE POINT INDEX q FOR (p:P) ON (p.c);\
            CREATE CONSTRAINT k FOR (p:P) REQUIRE (p.a, p.b) IS NODE KEY;CREATE CONSTRAINT u FOR (p:P) REQUIRE (p.a, p.b) IS UNIQUE;\
            CREATE CONSTRAINT n FOR (p:P) REQUIRE p.a IS NOT NULL;CREATE CONSTRAINT o FOR (p:P) REQUIRE p.a IS UNIQUE;";
        let mut run = Run::default();
        read(&mut text.as_bytes(), "x", &mut run, &mut |e| Err(e)).expect("well formed");
        let wanted = [
            "$x = 1",
            "$y = 'a'",
            "CREATE (:A)",
            "CREATE RANGE INDEX r FOR (p:P) ON (p.n)",
            "CREATE FULLTEXT INDEX f FOR (p:P) ON EACH [p.b]",
            "CREATE CONSTRAINT k FOR (p:P) REQUIRE (p.a, p.b) IS NODE KEY",
            "CREATE CONSTRAINT u FOR (p:P) REQUIRE (p.a, p.b) IS UNIQUE",
            "CREATE CONSTRAINT n FOR (p:P) REQUIRE p.a IS NOT NULL",
            "CREATE CONSTRAINT o FOR (p:P) REQUIRE p.a IS UNIQUE",
        ];
        assert_eq!(run.seen, wanted);
        assert_eq!(run.over.len(), 4, "{:?}", run.over);
    }

    #[test]
    fn an_end_that_closes_no_case_is_a_name() {
        for (text, wanted) in [
            ("MATCH (end:B) SET end.x = row.end", "MATCH (`end`:B) SET `end`.x = row.end"),
            ("CREATE (start)-[:R]->(END) // end", "CREATE (start)-[:R]->(`END`) // end"),
            ("RETURN CASE WHEN 1 THEN CASE 2 WHEN 2 THEN 3 END END AS x, 'end' AS `end`, friend, ending, {end: 1}", ""),
            ("CREATE (:end {t: 'ж'}), (жend)", ""),
        ] {
            let got = names_called_end(text);
            match wanted {
                "" if text.contains("{end: 1}") => assert!(got.ends_with("{`end`: 1}")),
                "" => assert!(got == text),
                wanted => assert_eq!(got, wanted),
            }
        }
    }
}
