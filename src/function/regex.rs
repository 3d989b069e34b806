//! `=~`: the whole text must match, in time linear in the text.
//!
//! A pattern is compiled once a statement and kept; compiled size is limited, look-around and back
//! references do not exist (that is what makes the time linear). Linear is long enough where both are large: such a match
//! goes through a lazy automaton byte by byte, and the limits are asked on the way.

use std::collections::HashMap;
use std::sync::Arc;

use regex_automata::Anchored;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::nfa::thompson;
use regex_automata::util::{start, syntax};

use super::{Budget, CallContext};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::Value;

/// The longest pattern that is compiled, in bytes.
const MAX_PATTERN: usize = 64 * 1024;
/// Memory one compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 4 << 20;
/// Groups within groups.
const NESTED: u32 = 100;
/// Patterns kept at a time; data that holds more different ones compiles again.
const MAX_KEPT: usize = 64;

/// A text that is shorter is matched at once, whatever the pattern.
const SHORT: usize = 1 << 10;
/// So many states of a pattern times bytes of a text are gone through at once: some ten milliseconds, if every byte leads to a
/// state that has not been met.
const AT_ONCE: usize = 1 << 20;

/// The compiled patterns of a statement.
#[derive(Debug, Default)]
pub(super) struct Patterns(HashMap<Arc<str>, Pattern>);

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    /// Anchored at both ends.
    whole: String,
    regex: Regex,
    /// The same as an automaton that can be stopped; made when a text is long.
    stepwise: Option<Option<Stepwise>>,
}

/// `text =~ pattern`: null when either is null or no string.
/// Errors: a pattern that cannot be compiled.
pub(crate) fn matches(context: &mut CallContext<'_>, text: &Value, pattern: &Value) -> Result<Value> {
    match (text, pattern) {
        (Value::Str(text), Value::Str(pattern)) => {
            context.state.patterns.get(pattern)?.is_match(text, context.budget).map(Value::Bool)
        }
        _ => Ok(Value::Null),
    }
}

impl Patterns {
    fn get(&mut self, pattern: &Arc<str>) -> Result<&mut Pattern> {
        if !self.0.contains_key(pattern) {
            if self.0.len() >= MAX_KEPT {
                self.0.clear();
            }
            self.0.insert(pattern.clone(), compile(pattern)?);
        }
        Ok(self.0.get_mut(pattern).expect("it was there or has just been put there"))
    }
}

impl Pattern {
    /// Errors: `LimitExceeded`, `Cancelled`.
    fn is_match(&mut self, text: &str, budget: &dyn Budget) -> Result<bool> {
        if text.len() > SHORT {
            let stepwise = self.stepwise.get_or_insert_with(|| Stepwise::of(&self.whole));
            if let Some(stepwise) = stepwise.as_mut().filter(|stepwise| stepwise.is_long(text))
                && let Some(answer) = stepwise.is_match(text, budget)?
            {
                return Ok(answer);
            }
        }
        Ok(self.regex.is_match(text))
    }
}

/// A pattern as an automaton whose states are made when they are met.
#[derive(Debug)]
struct Stepwise {
    automaton: DFA,
    met: Cache,
}

impl Stepwise {
    /// Of a pattern that compiles; nothing when it cannot be one.
    fn of(pattern: &str) -> Option<Self> {
        let automaton = DFA::builder()
            .configure(DFA::config().skip_cache_capacity_check(true).unicode_word_boundary(true))
            .thompson(thompson::Config::new().nfa_size_limit(Some(MAX_COMPILED)))
            .syntax(syntax::Config::new().nest_limit(NESTED))
            .build(pattern)
            .ok()?;
        let met = automaton.create_cache();
        Some(Self { automaton, met })
    }

    fn states(&self) -> usize {
        self.automaton.get_nfa().states().len()
    }

    /// Whether to match the text at once could take long.
    fn is_long(&self, text: &str) -> bool {
        self.states().saturating_mul(text.len()) > 8 * AT_ONCE
    }

    /// Whether a whole text matches a pattern that is anchored at both ends; nothing when it holds what this kind of automaton
    /// cannot tell (a word boundary beside letters that are not ASCII).
    fn is_match(&mut self, text: &str, budget: &dyn Budget) -> Result<Option<bool>> {
        let Self { automaton, met } = self;
        let at_once = (AT_ONCE / automaton.get_nfa().states().len().max(1)).clamp(16, 64 << 10);
        let start = start::Config::new().anchored(Anchored::Yes);
        let Ok(mut state) = automaton.start_state(met, &start) else { return Ok(None) };
        for part in text.as_bytes().chunks(at_once) {
            budget.look()?;
            for byte in part {
                let Ok(next) = automaton.next_state(met, state, *byte) else { return Ok(None) };
                state = next;
                if state.is_tagged() {
                    if state.is_dead() {
                        return Ok(Some(false));
                    }
                    if state.is_quit() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(automaton.next_eoi_state(met, state).ok().map(|end| end.is_match()))
    }
}

/// The pattern must hold by itself, so that a stray `)` cannot escape the group that anchors it.
fn compile(pattern: &str) -> Result<Pattern> {
    if pattern.len() > MAX_PATTERN {
        let message = format!("a regular expression may have at most {MAX_PATTERN} bytes");
        return Err(Error::limit(Code::Size, message));
    }
    build(pattern)?;
    // under (?x) a comment at the end swallows the closing group: then a line break must end it first
    let anchored = |whole: String| build(&whole).map(|regex| Pattern { whole, regex, stepwise: None });
    anchored(format!(r"\A(?:{pattern})\z")).or_else(|_| anchored(format!("\\A(?:{pattern}\n)\\z")))
}

fn build(pattern: &str) -> Result<Regex> {
    let built = Regex::builder()
        .configure(Config::new().nfa_size_limit(Some(MAX_COMPILED)))
        .syntax(syntax::Config::new().nest_limit(NESTED))
        .build(pattern);
    built.map_err(|error: BuildError| match error.size_limit() {
        Some(limit) => {
            Error::limit(Code::Size, format!("the regular expression grows beyond {limit} bytes when compiled"))
        }
        None => {
            let text = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let message = format!("the regular expression is written wrongly: {reason}");
            Error::new(Class::ArgumentError, Phase::Runtime, Code::InvalidRegularExpression, message)
                .hint("look-around and back references are not available; the whole text must match")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::with_context;
    use super::*;

    fn matched(text: &str, pattern: &str) -> Result<Value> {
        with_context(|context| matches(context, &text.into(), &pattern.into()))
    }

    #[test]
    fn the_whole_text_must_match() {
        for (text, pattern, wanted) in [
            ("x", "", false),
            ("", "", true),
            ("ab", "a", false),
            ("ab", "a.*", true),
            ("ab", "b|ab", true),
            ("ab", "a|ab", true),
            ("a\nb", "a.b", false),
            ("a\nb", "(?s)a.b", true),
            ("AB", "(?i)ab", true),
            ("a#b", "a#b", true),
            ("a", "(?x) a # comment", true),
            ("été", "\\w+", true),
        ] {
            let got = matched(text, pattern).expect(pattern);
            assert!(matches!(got, Value::Bool(b) if b == wanted), "{text} {pattern}");
        }
    }

    /// The automaton that can be stopped says what the engine says that cannot.
    #[test]
    fn stepwise_is_as_at_once() {
        let texts = ["", "a", "ab", "aab b", "été à", "a\nb", "AbAb", "0x1f", "ab ba ab", "日本 a"];
        let patterns = [
            "",
            "a*",
            "(a|b)*",
            "(?i)[ab]*",
            "\\w+",
            ".*b",
            "(?s).*b",
            "a|ab|aab b",
            "(?x) a # comment",
            "^a$",
            "\\bab\\b.*",
            "[^a]*",
            "\\p{L}+ .",
            "(a{1,3}b?){1,4}",
            "a\\z|ab",
            "(?m)^a$.*",
        ];
        let mut told = 0;
        for pattern in patterns {
            let Pattern { whole, regex, .. } = compile(pattern).expect(pattern);
            let mut stepwise = Stepwise::of(&whole).expect(pattern);
            for text in texts {
                if let Some(answer) = stepwise.is_match(text, &super::super::Unlimited).expect("no limit") {
                    assert_eq!(answer, regex.is_match(text), "{text:?} =~ {pattern}");
                    told += 1;
                }
            }
        }
        assert!(told > texts.len() * patterns.len() * 9 / 10, "{told}");
    }

    /// Counts how often the limits are asked, and says no at the end.
    struct Counted(std::cell::Cell<usize>, usize);

    impl Budget for Counted {
        fn ask(&self, _: usize) -> Result<()> {
            self.0.set(self.0.get() + 1);
            if self.0.get() > self.1 { Err(Error::limit(Code::Time, "enough")) } else { Ok(()) }
        }
    }

    #[test]
    fn a_long_match_asks_the_limits_on_its_way() {
        let patterns =
            [("(a|b)*c", 2_000_000), ("[ab]*a[ab]{300}c?[ab]*b[ab]{290}", 10_000), ("(?i).*a.{250}b.{250}a", 10_000)];
        for (pattern, times) in patterns {
            let text = "ab".repeat(times);
            let mut pattern = compile(pattern).expect(pattern);
            let budget = Counted(Default::default(), usize::MAX);
            let whole = pattern.is_match(&text, &budget).expect("no limit");
            assert_eq!(whole, pattern.regex.is_match(&text));
            assert!(budget.0.get() >= 7, "{} looks at {:?}", budget.0.get(), pattern.regex);
            let stops = Counted(Default::default(), 3);
            assert_eq!(pattern.is_match(&text, &stops).expect_err("no more").code(), Code::Time);
            assert_eq!(stops.0.get(), 4);
        }
    }

    #[test]
    fn wrong_and_huge_patterns_are_clean_errors() {
        for pattern in ["[", "(", "a)|(b", "*", "(?=a)", "\\1"] {
            let error = matched("x", pattern).expect_err(pattern);
            assert_eq!(error.code(), Code::InvalidRegularExpression, "{pattern}");
            assert!(!error.message().contains('\n'));
        }
        for pattern in ["((a{100}){100}){100}", &"a".repeat(MAX_PATTERN + 1)] {
            assert_eq!(matched("x", pattern).expect_err("too big").code(), Code::Size);
        }
    }

    #[test]
    fn nulls_and_other_types_give_null() {
        with_context(|context| {
            for (text, pattern) in [(Value::Null, "a".into()), ("a".into(), Value::Null), (1.into(), "1".into())] {
                assert!(matches(context, &text, &pattern).expect("null").is_null());
            }
            for i in 0..200 {
                let text = format!("{i}");
                assert!(matches(context, &text.as_str().into(), &text.into()).is_ok());
            }
        });
    }
}
