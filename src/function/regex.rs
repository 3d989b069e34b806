//! `=~`: the whole text must match, in time linear in the text. The only user of the `regex` crate.
//!
//! A pattern is compiled once a statement and kept; compiled size is limited, look-around and back
//! references do not exist (that is what makes the time linear).

use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::CallContext;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::Value;

/// The longest pattern that is compiled, in bytes.
const MAX_PATTERN: usize = 64 * 1024;
/// Memory one compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 4 << 20;
/// Patterns kept at a time; data that holds more different ones compiles again.
const MAX_KEPT: usize = 64;

/// The compiled patterns of a statement.
#[derive(Debug, Default)]
pub(super) struct Patterns(HashMap<Arc<str>, Regex>);

/// `text =~ pattern`: null when either is null or no string.
/// Errors: a pattern that cannot be compiled.
pub fn matches(context: &mut CallContext<'_>, text: &Value, pattern: &Value) -> Result<Value> {
    match (text, pattern) {
        (Value::Str(text), Value::Str(pattern)) => Ok(Value::Bool(context.state.patterns.get(pattern)?.is_match(text))),
        _ => Ok(Value::Null),
    }
}

/// Whether `pattern` can be compiled, for literals at compile time. Errors: as `SyntaxError`.
pub fn check(pattern: &str) -> Result<()> {
    compile(pattern).map(|_| ()).map_err(|error| {
        let hint = error.hint_text().unwrap_or_default().to_owned();
        Error::syntax(Code::InvalidRegularExpression, error.message()).hint(hint)
    })
}

impl Patterns {
    fn get(&mut self, pattern: &Arc<str>) -> Result<&Regex> {
        if !self.0.contains_key(pattern) {
            if self.0.len() >= MAX_KEPT {
                self.0.clear();
            }
            let compiled = compile(pattern)?;
            self.0.insert(pattern.clone(), compiled);
        }
        Ok(self.0.get(pattern).expect("it was there or has just been put there"))
    }
}

/// The pattern must hold by itself, so that a stray `)` cannot escape the group that anchors it.
fn compile(pattern: &str) -> Result<Regex> {
    if pattern.len() > MAX_PATTERN {
        let message = format!("a regular expression may have at most {MAX_PATTERN} bytes");
        return Err(Error::limit(Code::Size, message));
    }
    build(pattern)?;
    // under (?x) a comment at the end swallows the closing group: then a line break must end it first
    build(&format!(r"\A(?:{pattern})\z")).or_else(|_| build(&format!("\\A(?:{pattern}\n)\\z")))
}

fn build(pattern: &str) -> Result<Regex> {
    RegexBuilder::new(pattern).size_limit(MAX_COMPILED).nest_limit(100).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => {
            Error::limit(Code::Size, format!("the regular expression grows beyond {limit} bytes when compiled"))
        }
        error => {
            let text = error.to_string();
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
        assert_eq!(check("[").expect_err("wrong").class(), Class::SyntaxError);
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
