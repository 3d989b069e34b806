//! Completion at the prompt: commands of the shell here, queries by [`crate::assist`].

use clap::ValueEnum;
use rustyline::completion::{FilenameCompleter, Pair};

use super::super::args::FormArg;
use super::commands::{COMMANDS, Completes};
use super::input::is_command;
use crate::assist::{self, Offer};
use crate::engine::Engine;
use crate::function;
use crate::io::safe::is_control;

/// Where the word at the cursor begins, and what may stand there.
pub(super) fn candidates(engine: &Engine, params: &[String], line: &str, at: usize) -> (usize, Vec<Pair>) {
    let before = &line[..at];
    if is_command(before) || before.trim() == ":" {
        return command(line, at);
    }
    let Ok(snapshot) = engine.snapshot() else { return (at, Vec::new()) };
    let assist::Completion { start, offers } = assist::complete(&snapshot, params, line, at);
    let shown = offers.into_iter().filter(|offer| !offer.shown.chars().any(is_control));
    (start, shown.map(|Offer { shown, text }| Pair { display: shown, replacement: text }).collect())
}

fn command(line: &str, at: usize) -> (usize, Vec<Pair>) {
    let before = &line[..at];
    let colon = before.len() - before.trim_start().len();
    let typed = &before[colon + 1..];
    let Some((name, rest)) = typed.split_once(char::is_whitespace) else {
        return (colon + 1, beginning(typed, COMMANDS.iter().map(|c| c.name), |name| format!("{name} ")));
    };
    let completes = COMMANDS.iter().find(|c| c.name == name).map_or(Completes::Nothing, |c| c.completes);
    match completes {
        Completes::File => FilenameCompleter::new().complete_path(line, at).unwrap_or((at, Vec::new())),
        completes => (before.len() - rest.trim_start().len(), arguments(completes, rest.trim_start())),
    }
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

fn beginning<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>, insert: impl Fn(&str) -> String) -> Vec<Pair> {
    let fits = |name: &&str| name.to_lowercase().starts_with(&typed.to_lowercase());
    names.into_iter().filter(fits).map(|name| Pair { display: name.to_owned(), replacement: insert(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_queries_are_offered() {
        let engine = Engine::builtin().expect("the built-in dataset");
        for (typed, whole) in [
            (":form", ":format "),
            (":", ":schema "),
            (":format jsonl", ":format jsonl"),
            (":format j", ":format json"),
            (":help tr", ":help trim"),
            (":timing o", ":timing off"),
            ("TRACE 'National Ku", "TRACE 'National Kurultai'"),
        ] {
            let (start, pairs) = candidates(&engine, &[], typed, typed.len());
            let offered: Vec<String> =
                pairs.into_iter().map(|pair| format!("{}{}", &typed[..start], pair.replacement)).collect();
            assert!(offered.iter().any(|o| o == whole), "{typed}: {offered:?}");
        }
    }
}
