//! Texts that differ in a literal only: the literals become parameters, so that such texts can share a plan.
//!
//! ```text
//!   MATCH (p:Person {id: 77}) WHERE p.name > 'M' RETURN p.age + 1
//!   MATCH (p:Person {id: $__i0}) WHERE p.name > $__s1 RETURN p.age + 1        77, 'M'
//! ```
//!
//! Of a TRACE the name behind it is taken. Of a MATCH, only integers and plain strings that stand alone behind a colon or a comparison, and before the first RETURN or
//! WITH: there a parameter means exactly what the literal means. (Names of columns are made of the source text, and
//! what is said of an expression before it runs may depend on a literal inside it.) What looks odd in any way is left
//! as it is.

use std::fmt::Write as _;

use crate::error::Span;

/// A literal taken out of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Int(i64),
    Str(String),
}

/// What a parameter stands for that took the place of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifted {
    Int,
    Str,
}

/// What the parameter called `name` stands for, when it took the place of a literal.
pub(crate) fn lifted(name: &str) -> Option<Lifted> {
    let rest = name.strip_prefix(PREFIX)?;
    let (kind, number) = rest.split_at_checked(1)?;
    let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    match kind {
        "i" if numbered => Some(Lifted::Int),
        "s" if numbered => Some(Lifted::Str),
        _ => None,
    }
}

/// A text without its literals.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WithoutLiterals {
    pub(crate) text: String,
    /// By the name of the parameter in its place.
    pub(crate) literals: Vec<(String, Literal)>,
    /// Where each parameter ends in `text`, and where its literal ended in the text it was taken from.
    pub(crate) ends: Ends,
}

/// Ends of parameters with the ends of the literals in whose place they stand, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends(Vec<(u32, u32)>);

impl Ends {
    /// A place in the text without literals as one in the text with them. A place within a parameter is the end of its
    /// literal.
    pub(crate) fn original(&self, span: Span) -> Span {
        let moved = |at: u32| match self.0.iter().rev().find(|(end, _)| *end <= at) {
            Some((end, literal)) => literal + (at - end),
            None => at,
        };
        Span { start: moved(span.start), end: moved(span.end) }
    }
}

/// What the names of the parameters begin with.
const PREFIX: &str = "__";

/// How a text would name such a parameter itself.
const PARAMETER: &str = "$__";

/// The text with its literals as parameters; nothing when there are none to take, or the text is not plain enough.
pub(crate) fn lift(text: &str) -> Option<WithoutLiterals> {
    let out = String::with_capacity(text.len() + 16);
    let mut scan = Scan { text, at: 0, out, copied: 0, literals: Vec::new(), ends: Ends::default() };
    let first = scan.word_here();
    if first.eq_ignore_ascii_case("TRACE") {
        scan.traced(first)?;
    } else if ["MATCH", "OPTIONAL"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        scan.run()?;
    } else {
        return None;
    }
    if scan.literals.is_empty() {
        return None;
    }
    scan.out.push_str(&text[scan.copied..]);
    Some(WithoutLiterals { text: scan.out, literals: scan.literals, ends: scan.ends })
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    out: String,
    /// Up to where `text` is in `out`.
    copied: usize,
    literals: Vec<(String, Literal)>,
    ends: Ends,
}

/// What may stand behind the name that is traced.
const BEHIND_A_NAME: [&str; 10] =
    ["", "BACKWARD", "FORWARD", "VIA", "AS", "ACCORDING", "KNOWN", "YIELD", "WHERE", "RETURN"];

impl<'t> Scan<'t> {
    /// Takes the name behind TRACE. Nothing: it is not a plain string that stands alone.
    fn traced(&mut self, first: &str) -> Option<()> {
        self.at += first.len();
        self.at += self.text[self.at..].len() - self.text[self.at..].trim_start().len();
        if self.text.contains(PARAMETER) || !matches!(self.byte(self.at), Some(b'\'' | b'"')) {
            return None;
        }
        let (end, name) = self.plain_string()?;
        let rest = self.text[end..].trim_start();
        let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        let alone = BEHIND_A_NAME.iter().any(|known| known.eq_ignore_ascii_case(word));
        if !alone || word.is_empty() && !rest.is_empty() {
            return None;
        }
        self.take(end, 's', Literal::Str(name));
        Some(())
    }

    /// Goes on until RETURN or WITH. Nothing: the text is not plain enough.
    fn run(&mut self) -> Option<()> {
        // the last byte that is no white space, and the last word
        let (mut before, mut last_word) = (0, "");
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.at += 1;
                    continue;
                }
                b'/' | b'\\' | b'`' | b';' => return None,
                b'$' if self.text[self.at + 1..].starts_with(PREFIX) => return None,
                b'\'' | b'"' => self.string(before)?,
                b'0'..=b'9' => self.number(before)?,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                    let word = self.word_here();
                    let in_predicate = ["STARTS", "ENDS"].iter().any(|w| last_word.eq_ignore_ascii_case(w));
                    if word.eq_ignore_ascii_case("RETURN") || (word.eq_ignore_ascii_case("WITH") && !in_predicate) {
                        return Some(());
                    }
                    self.at += word.len();
                    last_word = word;
                }
                byte if byte.is_ascii() => self.at += 1,
                _ => return None,
            }
            before = byte;
        }
        None
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn word_here(&self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    }

    /// The end of the string that begins here, and what it says. Nothing: it has an escape, or no end.
    fn plain_string(&self) -> Option<(usize, String)> {
        let quote = self.byte(self.at)?;
        let inside = self.at + 1;
        let length = self.text.as_bytes()[inside..].iter().position(|&b| b == quote || b == b'\\')?;
        let end = inside + length + 1;
        if self.byte(end - 1) != Some(quote) || self.byte(end) == Some(quote) {
            return None; // an escape of some kind
        }
        Some((end, self.text[inside..end - 1].to_owned()))
    }

    fn string(&mut self, before: u8) -> Option<()> {
        let (end, text) = self.plain_string()?;
        if self.stands_alone(before, end) {
            self.take(end, 's', Literal::Str(text));
        }
        self.at = end;
        Some(())
    }

    fn number(&mut self, before: u8) -> Option<()> {
        let digits = self.word_here();
        let end = self.at + digits.len();
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
        if plain && self.stands_alone(before, end) {
            let number = digits.parse().ok()?;
            self.take(end, 'i', Literal::Int(number));
        }
        self.at = end;
        Some(())
    }

    /// Whether a literal that ends at `end` is a whole operand: behind a colon or a comparison, before a delimiter.
    fn stands_alone(&self, before: u8, end: usize) -> bool {
        let rest = self.text[end..].trim_start();
        let word = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        let delimited = match rest.bytes().next() {
            Some(b',' | b'}' | b')') => true,
            _ => ["AND", "RETURN", "WITH"].iter().any(|w| word.eq_ignore_ascii_case(w)),
        };
        matches!(before, b':' | b'=' | b'<' | b'>') && delimited
    }

    /// Puts a parameter in the place of the literal that goes from here to `end`.
    fn take(&mut self, end: usize, kind: char, literal: Literal) {
        let name = format!("{PREFIX}{kind}{}", self.literals.len());
        self.out.push_str(&self.text[self.copied..self.at]);
        let _ = write!(self.out, "${name}");
        self.copied = end;
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.ends.0.push((at(self.out.len()), at(end)));
        self.literals.push((name, literal));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, lifted: &str, literals: &[Literal]) {
        let found = lift(text).unwrap_or_else(|| panic!("nothing lifted: {text}"));
        assert_eq!(found.text, lifted);
        assert_eq!(found.literals.into_iter().map(|(_, l)| l).collect::<Vec<_>>(), literals);
    }

    #[test]
    fn literals_in_maps_and_comparisons_become_parameters() {
        use Literal::{Int, Str};
        check(
            "MATCH (p:Person {id: 77, name: 'Ann'}) RETURN p.age + 1",
            "MATCH (p:Person {id: $__i0, name: $__s1}) RETURN p.age + 1",
            &[Int(77), Str("Ann".into())],
        );
        check(
            "match (a)-[:T*1..3]->(b) WHERE a.x >= 5 AND b.y STARTS WITH 'q' AND b.z = \"k\" RETURN 1 LIMIT 3",
            "match (a)-[:T*1..3]->(b) WHERE a.x >= $__i0 AND b.y STARTS WITH 'q' AND b.z = $__s1 RETURN 1 LIMIT 3",
            &[Int(5), Str("k".into())],
        );
    }

    #[test]
    fn places_are_found_again_in_the_text_with_its_literals() {
        let text = "MATCH (p {id: 77, name: 'Ann Other'}) WHERE p.age > 5 RETURN p.x";
        let lifted = lift(text).expect("literals");
        for word in ["MATCH", "name", "p.age", "RETURN", "p.x", "}) WHERE"] {
            let start = lifted.text.find(word).expect("a word");
            let place = lifted.ends.original(Span::new(start, start + word.len()));
            assert_eq!(place.of(text), word);
        }
        let whole = lifted.ends.original(Span::new(0, lifted.text.len()));
        assert_eq!(whole.of(text), text);
    }

    #[test]
    fn the_name_that_is_traced_becomes_a_parameter() {
        let name = |name: &str| [Literal::Str(name.into())];
        check("TRACE 'Ann'", "TRACE $__s0", &name("Ann"));
        check("trace \"құрылтай\" forward VIA a|b", "trace $__s0 forward VIA a|b", &name("құрылтай"));
        check(
            "TRACE 'x' ACCORDING TO '3' YIELD step AS s WHERE s > 1 RETURN s + 1",
            "TRACE $__s0 ACCORDING TO '3' YIELD step AS s WHERE s > 1 RETURN s + 1",
            &name("x"),
        );
    }

    #[test]
    fn what_may_mean_something_else_stays() {
        for text in [
            "TRACE $x",
            "TRACE 'a' + 'b'",
            "TRACE 'a'; RETURN 1",
            "TRACE 'it''s'",
            "TRACE 'a\\'b'",
            "TRACE ['a', 'b']",
            "TRACE 'a' TO 'b'",
            "TRACE 'a' AS OF $__s0",
            "TRACE 'a",
            "RETURN 1",
            "MATCH (n) RETURN n LIMIT 3",
            "MATCH (n {x: 1.5}) RETURN n",
            "MATCH (n {x: -1}) RETURN n",
            "MATCH (n {x: 0x1F}) RETURN n",
            "MATCH (n {x: 007}) RETURN n",
            "MATCH (n) WHERE n.x = 1 + 2 RETURN n",
            "MATCH (n) WHERE n.x IN [1, 2] RETURN n",
            "MATCH (n {x: 'a\\'b'}) RETURN n",
            "MATCH (n {x: 99999999999999999999}) RETURN n",
            "MATCH (n {x: $__i0, y: 1}) RETURN n",
            "MATCH (n /* {x: 1} */) RETURN n",
            "MATCH (n:`a {x: 1}`) RETURN n",
            "MATCH (n) WHERE n.x =~ 'a.*' RETURN n",
            "MATCH (n {x: 1}) SET n.y = 2",
            "MATCH (n)-[:T*2]->({x: [1]}) RETURN n",
        ] {
            assert_eq!(lift(text), None, "{text}");
        }
    }
}
