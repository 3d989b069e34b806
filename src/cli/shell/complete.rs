//! Completion: the words that may stand at the cursor, from the language and from the open graph.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::ValueEnum;
use rustyline::completion::{FilenameCompleter, Pair};

use super::super::args::FormArg;
use super::commands::{COMMANDS, Completes};
use super::context::{Wanted, context};
use crate::engine::{Engine, Limits};
use crate::function;
use crate::io::safe::is_control;
use crate::syntax::{self, KEYWORDS, TokenKind, quote_label, quote_name};
use crate::value::Value;

/// Longest time a look into the graph may take while someone waits for the list.
const PATIENCE: Duration = Duration::from_secs(1);

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

/// Where the word at the cursor begins, and what may stand there.
pub(super) fn candidates(engine: &Engine, params: &[String], line: &str, at: usize) -> (usize, Vec<Pair>) {
    let before = &line[..at];
    let (start, wanted) = context(before);
    let typed = &before[start..];
    let found = match wanted {
        Wanted::Command => beginning(typed, COMMANDS.iter().map(|c| c.name), |name| format!("{name} ")),
        Wanted::Argument(Completes::File) => {
            return FilenameCompleter::new().complete_path(line, at).unwrap_or((at, Vec::new()));
        }
        Wanted::Argument(argument) => arguments(argument, typed),
        Wanted::Entity { quote } => entities(engine, typed, quote, line[at..].starts_with(quote)),
        Wanted::Label => column(engine, "CALL db.labels()", typed, quote_label),
        Wanted::Type => column(engine, "CALL db.relationshipTypes()", typed, quote_label),
        Wanted::MapKey => column(engine, "CALL db.propertyKeys()", typed, |key| format!("{}: ", quote_name(key))),
        Wanted::Key => members(engine, before, start, typed),
        Wanted::Parameter => beginning(typed, params.iter().map(String::as_str), str::to_owned),
        Wanted::Procedure => procedures(engine, typed),
        Wanted::Start => beginning(typed, STARTS.iter().copied(), |word| format!("{word} ")),
        Wanted::Word => words(before, typed),
    };
    (start, found)
}

/// The names that begin with what was typed, without regard to case; `insert` makes what is put into the line.
fn beginning<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>, insert: impl Fn(&str) -> String) -> Vec<Pair> {
    let typed = typed.trim_start_matches('`').to_lowercase();
    let fits = |name: &&str| name.to_lowercase().starts_with(&typed) && !name.chars().any(is_control);
    names.into_iter().filter(fits).map(|name| Pair { display: name.to_owned(), replacement: insert(name) }).collect()
}

fn arguments(argument: Completes, typed: &str) -> Vec<Pair> {
    let plain = |name: &str| name.to_owned();
    match argument {
        Completes::Form => {
            let forms: Vec<_> = FormArg::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
            beginning(typed, forms.iter().map(|form| form.get_name()), plain)
        }
        Completes::Switch => beginning(typed, ["on", "off"], plain),
        Completes::Topic => {
            let topics = COMMANDS.iter().map(|c| c.name).chain(function::all().map(|f| f.name));
            beginning(typed, topics, plain)
        }
        Completes::Nothing | Completes::File => Vec::new(),
    }
}

fn procedures(engine: &Engine, typed: &str) -> Vec<Pair> {
    column(engine, "SHOW PROCEDURES", typed, |name| format!("{name}()"))
}

/// What may follow a dot: a property, or the rest of a dotted name of a function or procedure.
fn members(engine: &Engine, before: &str, start: usize, typed: &str) -> Vec<Pair> {
    let head = before[..start - 1].rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).next();
    let head = format!("{}.", head.unwrap_or_default().to_lowercase());
    let rest =
        |name: &str| name.to_lowercase().strip_prefix(&head).map(|rest| name[name.len() - rest.len()..].to_owned());
    let mut dotted: Vec<String> = function::all().filter_map(|f| Some(format!("{}(", rest(f.name)?))).collect();
    dotted.extend(names(engine, "SHOW PROCEDURES").iter().filter_map(|name| Some(format!("{}()", rest(name)?))));
    if !dotted.is_empty() {
        return beginning(typed, dotted.iter().map(String::as_str), str::to_owned);
    }
    column(engine, "CALL db.propertyKeys()", typed, quote_name)
}

/// Keywords, functions, and the names that the text itself has used so far.
fn words(before: &str, typed: &str) -> Vec<Pair> {
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

/// Entities whose name begins with what was typed; when none does, those that answer to it in another spelling.
fn entities(engine: &Engine, typed: &str, quote: char, closed: bool) -> Vec<Pair> {
    let query = "MATCH (n) WHERE toLower(toString(n.name)) STARTS WITH $typed \
                 RETURN DISTINCT toString(n.name) AS name ORDER BY name LIMIT 200";
    let limits = Limits { time: Some(PATIENCE), ..Limits::default() };
    let rows = engine.query(query).param("typed", typed.to_lowercase()).limits(limits).rows();
    let mut names: Vec<String> = rows.map(|rows| texts(&rows)).unwrap_or_default();
    if names.is_empty() && typed.chars().count() > 2 {
        names = engine.search(typed, 8).into_iter().map(|candidate| candidate.name.to_string()).collect();
    }
    let insert = |name: &String| {
        let escaped = name.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
        if closed { escaped } else { format!("{escaped}{quote}") }
    };
    let shown = names.iter().filter(|name| !name.chars().any(is_control));
    shown.map(|name| Pair { display: name.clone(), replacement: insert(name) }).collect()
}

fn column(engine: &Engine, query: &str, typed: &str, insert: impl Fn(&str) -> String) -> Vec<Pair> {
    let names = names(engine, query);
    beginning(typed, names.iter().map(String::as_str), insert)
}

fn names(engine: &Engine, query: &str) -> Vec<String> {
    engine.run(query).map(|rows| texts(&rows)).unwrap_or_default()
}

/// The first column of an answer.
fn texts(rows: &crate::engine::Rows) -> Vec<String> {
    let text = |value: &Value| if let Value::Str(text) = value { Some(text.to_string()) } else { None };
    rows.iter().filter_map(|row| row.values().first().and_then(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(text: &str) -> Vec<String> {
        let engine = Engine::builtin().expect("the built-in dataset");
        let params = ["name".to_owned()];
        let (start, pairs) = candidates(&engine, &params, text, text.len());
        pairs.into_iter().map(|pair| format!("{}{}", &text[..start], pair.replacement)).collect()
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
            (":form", ":format "),
            (":format jsonl", ":format jsonl"),
        ] {
            let offered = offered(typed);
            assert!(offered.iter().any(|o| o == whole), "{typed}: {offered:?}");
        }
        assert!(offered("MATCH (n:qqq").is_empty());
    }
}
