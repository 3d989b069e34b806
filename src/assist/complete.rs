//! Completion: the words that may stand at the cursor, from the language and from a graph.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::{Wanted, context};
use crate::engine::Snapshot;
use crate::function;
use crate::syntax::{self, KEYWORDS, TokenKind, quote_label, quote_name};

/// Most entities that are offered.
const MOST: usize = 200;

/// Words that begin a statement.
const STARTS: &[&str] = &[
    "MATCH",
    "OPTIONAL MATCH",
    "RETURN",
    "WITH",
    "UNWIND",
    "CREATE",
    "MERGE",
    "CALL",
    "TRACE",
    "CONFLICTS",
    "CITE",
    "EXPLAIN",
    "PROFILE",
    "SHOW",
    "LOAD CSV",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "DROP",
    "FOREACH",
];

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where in the text that begins which is to be replaced.
    pub start: usize,
    /// What may stand there.
    pub offers: Vec<Offer>,
}

/// One thing that may stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is shown.
    pub shown: String,
    /// What is put into the text: quoted where it must be, with what follows it.
    pub text: String,
}

/// What may stand at byte `at` of a text: words of the language, names that the graph has, variables that the text has
/// used, and `params`.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// let snapshot = shejire::Engine::builtin()?.snapshot()?;
/// let text = "TRACE 'National Ku";
/// let completion = shejire::assist::complete(&snapshot, &[], text, text.len());
/// assert_eq!((completion.start, &*completion.offers[0].text), (7, "National Kurultai'"));
/// # Ok(())
/// # }
/// ```
pub fn complete(snapshot: &Snapshot, params: &[String], text: &str, at: usize) -> Completion {
    let at = text.floor_char_boundary(at);
    let before = &text[..at];
    let (start, wanted) = context(before);
    let typed = &before[start..];
    let offers = match wanted {
        Wanted::Entity { quote } => entities(snapshot, typed, quote, text[at..].starts_with(quote)),
        Wanted::Label => known(typed, &snapshot.labels(), quote_label),
        Wanted::Type => known(typed, &snapshot.relationship_types(), quote_label),
        Wanted::MapKey => known(typed, &snapshot.property_keys(), |key| format!("{}: ", quote_name(key))),
        Wanted::Key => members(snapshot, before, start, typed),
        Wanted::Parameter => beginning(typed, params.iter().map(String::as_str), str::to_owned),
        Wanted::Procedure => known(typed, &snapshot.procedures(), |name| format!("{name}()")),
        Wanted::Start => beginning(typed, STARTS.iter().copied(), |word| format!("{word} ")),
        Wanted::Word => words(before, typed),
    };
    Completion { start, offers }
}

/// The names that begin with what was typed, without regard to case; `insert` makes what is put into the text.
fn beginning<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>, insert: impl Fn(&str) -> String) -> Vec<Offer> {
    let typed = typed.trim_start_matches('`').to_lowercase();
    let fits = |name: &&str| name.to_lowercase().starts_with(&typed);
    names.into_iter().filter(fits).map(|name| Offer { shown: name.to_owned(), text: insert(name) }).collect()
}

fn known(typed: &str, names: &[Arc<str>], insert: impl Fn(&str) -> String) -> Vec<Offer> {
    beginning(typed, names.iter().map(|name| &**name), insert)
}

/// What may follow a dot: a property, or the rest of a dotted name of a function or procedure.
fn members(snapshot: &Snapshot, before: &str, start: usize, typed: &str) -> Vec<Offer> {
    let head = before[..start - 1].rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).next();
    let head = format!("{}.", head.unwrap_or_default().to_lowercase());
    let rest =
        |name: &str| name.to_lowercase().strip_prefix(&head).map(|rest| name[name.len() - rest.len()..].to_owned());
    let mut dotted: Vec<String> = function::all().filter_map(|f| Some(format!("{}(", rest(f.name)?))).collect();
    dotted.extend(snapshot.procedures().iter().filter_map(|name| Some(format!("{}()", rest(name)?))));
    if !dotted.is_empty() {
        return beginning(typed, dotted.iter().map(String::as_str), str::to_owned);
    }
    known(typed, &snapshot.property_keys(), quote_name)
}

/// Keywords, functions, and the names that the text itself has used so far.
fn words(before: &str, typed: &str) -> Vec<Offer> {
    let (tokens, _) = syntax::tokens(before);
    let is_keyword = |word: &str| KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word));
    let used: BTreeSet<&str> = tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Word && token.span.end as usize != before.len())
        .map(|token| token.span.of(before))
        .filter(|word| !is_keyword(word) && function::lookup(word).is_none())
        .collect();
    let mut found = beginning(typed, used, str::to_owned);
    if !typed.is_empty() {
        found.extend(beginning(typed, function::all().map(|f| f.name), |name| format!("{name}(")));
        found.extend(beginning(typed, KEYWORDS.iter().copied(), |word| format!("{word} ")));
    }
    found
}

/// Entities of whose names a word begins with what was typed; when none does, those that answer to it in another spelling.
/// Those whose own name begins so come first.
fn entities(snapshot: &Snapshot, typed: &str, quote: char, closed: bool) -> Vec<Offer> {
    let mut found = snapshot.starting_with(typed, MOST);
    if found.is_empty() && typed.chars().count() > 2 {
        found = snapshot.search(typed, 8);
    }
    let mut names: Vec<Arc<str>> = Vec::with_capacity(found.len());
    for name in found.into_iter().map(|candidate| candidate.name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let lower = typed.to_lowercase();
    names.sort_by_cached_key(|name| !name.to_lowercase().starts_with(&lower));
    let insert = |name: &str| {
        let escaped = name.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
        if closed { escaped } else { format!("{escaped}{quote}") }
    };
    names.iter().map(|name| Offer { shown: name.to_string(), text: insert(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    fn offered(text: &str) -> Vec<String> {
        let snapshot = Engine::builtin().expect("the built-in dataset").snapshot().expect("in memory");
        let params = ["name".to_owned()];
        let Completion { start, offers } = complete(&snapshot, &params, text, text.len());
        offers.into_iter().map(|offer| format!("{}{}", &text[..start], offer.text)).collect()
    }

    #[test]
    fn words_of_the_language_and_of_the_graph_are_offered() {
        for (typed, whole) in [
            ("tra", "TRACE "),
            ("TRACE 'National Ku", "TRACE 'National Kurultai'"),
            ("TRACE 'құрылтай", "TRACE 'National Kurultai'"),
            ("MATCH (n:institu", "MATCH (n:institution"),
            ("MATCH ()-[:transferred-", "MATCH ()-[:transferred-to"),
            ("MATCH (body) RETURN bo", "MATCH (body) RETURN body"),
            ("RETURN toUp", "RETURN toUpper("),
            ("RETURN duration.betw", "RETURN duration.between("),
            ("CALL db.lab", "CALL db.labels()"),
            ("MATCH (n {na", "MATCH (n {name: "),
            ("MATCH (n) RETURN n.na", "MATCH (n) RETURN n.name"),
            ("RETURN $n", "RETURN $name"),
        ] {
            let offered = offered(typed);
            assert!(offered.iter().any(|o| o == whole), "{typed}: {offered:?}");
        }
        assert!(offered("MATCH (n:qqq").is_empty());
    }

    #[test]
    fn any_place_in_any_text_may_be_asked() {
        let snapshot = Engine::builtin().expect("the built-in dataset").snapshot().expect("in memory");
        for text in ["MATCH (n:`қ` {k: 'құ\\'", "TRACE \"ә", "RETURN n.", ".", "$", "`", "/* ә", "CALL {", "🙂.a"]
        {
            for at in 0..=text.len() + 1 {
                let completion = complete(&snapshot, &[], text, at);
                assert!(completion.start <= text.len() && text.is_char_boundary(completion.start), "{text} at {at}");
            }
        }
    }
}
