//! The grammar itself, and the one call into pest.
//!
//! pest's call limit is one number for the whole process, read when a parse begins. It is only ever
//! raised here, so a parse never runs under a smaller limit than its own text needs; whatever limit stands,
//! it is in proportion to the longest text the process has taken.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::iterators::{Pair, Pairs};

#[derive(pest_derive::Parser)]
#[grammar = "grammar/query.pest"]
#[grammar = "grammar/pattern.pest"]
#[grammar = "grammar/expression.pest"]
#[grammar = "grammar/lexical.pest"]
struct Cypher;

/// A piece of text that follows one rule.
pub(super) type Node<'t> = Pair<'t, Rule>;

/// What pest says when a text does not follow the grammar.
pub(super) type Refusal = pest::error::Error<Rule>;

/// Calls pest may make per byte. Measured over dense texts of every construct: 20 to 75, and 131 for `a+a+a+…`.
const CALLS_PER_BYTE: usize = 600;
/// So that short texts, and the other users of pest in the process, are never in doubt.
const LEAST_CALLS: usize = 5_000_000;

/// Reads one statement; nothing but blanks and comments may stand around it.
pub(super) fn run(statement: &str) -> Result<Pairs<'_, Rule>, Box<Refusal>> {
    allow_calls(statement.len());
    Cypher::parse(Rule::only_statement, statement).map_err(Box::new)
}

fn allow_calls(bytes: usize) {
    static HIGHEST: Mutex<usize> = Mutex::new(0);
    let wanted = bytes.saturating_mul(CALLS_PER_BYTE).max(LEAST_CALLS);
    let mut highest = HIGHEST.lock().unwrap_or_else(PoisonError::into_inner);
    if wanted > *highest {
        *highest = wanted;
        pest::set_call_limit(NonZeroUsize::new(wanted));
    }
}
