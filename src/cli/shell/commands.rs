//! What begins with a colon: one table of commands, read by the shell, by `:help`, by completion and by the tests.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::super::args::FormArg;
use super::super::terminal::Desk;
use super::super::{Failure, draw, open, params, schema};
use super::input::Lines;
use super::session::{Next, Session};
use crate::error::{Code, Error, nearest};
use crate::function;
use crate::io::{answer, text};
use crate::value::Value;

/// Deepest nesting of `:source`.
const DEEPEST: usize = 16;

/// A command of the shell.
pub(super) struct Command {
    /// What is typed after the colon.
    pub name: &'static str,
    /// What may follow.
    pub takes: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// What completes its argument.
    pub completes: Completes,
    run: fn(&mut Session, &str, &mut Desk) -> Result<Next, Failure>,
}

/// What the argument of a command may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completes {
    Nothing,
    File,
    Form,
    Topic,
    Switch,
}

const fn command(
    name: &'static str,
    takes: &'static str,
    doc: &'static str,
    completes: Completes,
    run: fn(&mut Session, &str, &mut Desk) -> Result<Next, Failure>,
) -> Command {
    Command { name, takes, doc, completes, run }
}

/// Every command, in the order `:help` lists them.
pub(super) const COMMANDS: &[Command] = &[
    command("help", "[COMMAND or FUNCTION]", "this list, or what a command or function does", Completes::Topic, help),
    command(
        "schema",
        "",
        "labels, relationship types and their properties, with counts",
        Completes::Nothing,
        show_schema,
    ),
    command("param", "[NAME = VALUE]", "give $NAME a value; alone, list the parameters", Completes::Nothing, param),
    command("format", "[table|json|jsonl|csv|markdown]", "the form of answers", Completes::Form, format),
    command("timing", "[on|off]", "say how long a statement took", Completes::Switch, timing),
    command("pager", "[on|off]", "show what is longer than the screen in a pager", Completes::Switch, paging),
    command("source", "FILE", "run the statements of a file; the first error ends it", Completes::File, source),
    command("begin", "", "begin a transaction: what follows is kept or taken back as one", Completes::Nothing, begin),
    command("commit", "", "keep what was done since :begin", Completes::Nothing, commit),
    command("rollback", "", "take back what was done since :begin", Completes::Nothing, rollback),
    command("svg", "FILE", "draw the last answer (a lineage after TRACE) as SVG", Completes::File, |s, file, desk| {
        picture(s, "svg", file, desk)
    }),
    command("png", "FILE", "the same as PNG", Completes::File, |s, file, desk| picture(s, "png", file, desk)),
    command("pdf", "FILE", "the same as PDF", Completes::File, |s, file, desk| picture(s, "pdf", file, desk)),
    command("html", "FILE", "the same as a page with the data in tables below", Completes::File, |s, file, desk| {
        picture(s, "html", file, desk)
    }),
    command("quit", "", "end the shell, as Ctrl-D does", Completes::Nothing, |_, _, _| Ok(Next::End)),
];

/// Runs a command, given without its colon.
pub(super) fn run(session: &mut Session, typed: &str, desk: &mut Desk) -> Result<Next, Failure> {
    let (name, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let name = name.trim_end_matches(';').to_lowercase();
    let rest = rest.trim().trim_end_matches(';').trim_end();
    let name = match name.as_str() {
        "exit" | "q" => "quit",
        "params" => "param",
        "h" | "?" => "help",
        name => name,
    };
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(session, rest, desk),
        None => Err(unknown(name).into()),
    }
}

fn unknown(name: &str) -> Error {
    let error = wrong(format!("there is no command `:{name}`"));
    match nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => error.hint(format!("did you mean `:{near}`? `:help` lists all")),
        None => error.hint("`:help` lists all"),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}

fn help(_: &mut Session, topic: &str, desk: &mut Desk) -> Result<Next, Failure> {
    let topic = topic.trim_start_matches(':').trim_end_matches("()");
    if topic.is_empty() {
        let left = |c: &Command| format!(":{} {}", c.name, c.takes);
        let width = COMMANDS.iter().map(|c| left(c).len()).max().unwrap_or(0);
        for command in COMMANDS {
            writeln!(desk.out(), "{:width$}  {}", left(command), command.doc)?;
        }
        let more = "\nAnything else is openCypher, for example\n  MATCH (n:law) RETURN n.name LIMIT 5;\n  \
                    TRACE 'National Kurultai';\nTab completes, Alt-Enter begins a new line, Ctrl-R searches what was \
                    typed, Ctrl-C stops a query.\nThe language: docs/language.md, SHOW FUNCTIONS, `:help FUNCTION`.";
        writeln!(desk.out(), "{more}")?;
    } else if let Some(command) = COMMANDS.iter().find(|c| c.name.eq_ignore_ascii_case(topic)) {
        writeln!(desk.out(), ":{} {}\n  {}", command.name, command.takes, command.doc)?;
    } else {
        let function = function::lookup(topic).ok_or_else(|| {
            let known = COMMANDS.iter().map(|c| c.name).chain(function::all().map(|f| f.name));
            let near = nearest(topic, known).map_or(String::new(), |near| format!("did you mean `{near}`? "));
            let hint = format!("{near}`:help` lists the commands, SHOW FUNCTIONS the functions");
            wrong(format!("`{topic}` is neither a command nor a function")).hint(hint)
        })?;
        let (example, gives) = function.example;
        writeln!(desk.out(), "{}{}\n  {}\n  {example}", function.name, function.signature, function.doc)?;
        if !gives.is_empty() {
            writeln!(desk.out(), "  {gives}")?;
        }
    }
    Ok(Next::Go)
}

fn show_schema(session: &mut Session, _: &str, desk: &mut Desk) -> Result<Next, Failure> {
    let rows = schema::overview(&session.on.snapshot()?.schema()?, false)?;
    session.show(&rows, desk)?;
    Ok(Next::Go)
}

fn param(session: &mut Session, typed: &str, desk: &mut Desk) -> Result<Next, Failure> {
    if typed.is_empty() {
        let rows = session.params.iter().map(|(name, value)| vec![Value::from(name.as_str()), value.clone()]);
        session.show(&answer::made(&["parameter", "value"], rows.collect()), desk)?;
        return Ok(Next::Go);
    }
    let (name, value) = typed
        .split_once("=>")
        .or_else(|| typed.split_once('='))
        .ok_or_else(|| wrong(format!("`:param {typed}` gives no value")).hint("write :param name = 'value'"))?;
    let (name, value) = (name.trim(), value.trim());
    let (name, value) = params::read_one(&format!("{name}={value}"))?;
    let shown = text::inline(&value, answer::made(&[], Vec::new()).entities());
    session.params.retain(|(known, _)| *known != name);
    desk.remark(&format!("${name} is {}", crate::io::safe::visible(&shown)));
    session.params.push((name, value));
    Ok(Next::Go)
}

fn format(session: &mut Session, name: &str, desk: &mut Desk) -> Result<Next, Failure> {
    if name.is_empty() {
        let form = session.output.format.unwrap_or(FormArg::Table);
        let name = form.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
        writeln!(desk.out(), "{name}")?;
        return Ok(Next::Go);
    }
    let form = FormArg::from_str(name, true)
        .map_err(|_| wrong(format!("there is no form `{name}`")).hint("forms: table, json, jsonl, csv, markdown"))?;
    session.output.format = Some(form);
    Ok(Next::Go)
}

fn timing(session: &mut Session, typed: &str, desk: &mut Desk) -> Result<Next, Failure> {
    session.timing = switch(typed, session.timing)?;
    desk.remark(&format!("timing is {}", if session.timing { "on" } else { "off" }));
    Ok(Next::Go)
}

fn paging(session: &mut Session, typed: &str, desk: &mut Desk) -> Result<Next, Failure> {
    session.paging = switch(typed, session.paging)?;
    desk.remark(&format!("the pager is {}", if session.paging { "on" } else { "off" }));
    Ok(Next::Go)
}

fn switch(typed: &str, now: bool) -> Result<bool, Failure> {
    match typed {
        "" => Ok(!now),
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(wrong(format!("`{typed}` is neither on nor off")).into()),
    }
}

fn source(session: &mut Session, file: &str, desk: &mut Desk) -> Result<Next, Failure> {
    let file = named(file, ":source FILE")?;
    if session.nested == DEEPEST {
        return Err(wrong(format!("{}: files run one another more than {DEEPEST} deep", file.display())).into());
    }
    let opened = std::fs::File::open(&file).map_err(|e| open::unreadable(&file, &e))?;
    session.nested += 1;
    let done = super::script(&mut Lines::of_file(opened), session, desk);
    session.nested -= 1;
    done.map_err(|failure| match failure {
        Failure::Query { error, text, origin: None } => {
            Failure::Query { error, text, origin: Some(file.display().to_string()) }
        }
        other => other,
    })
}

fn begin(session: &mut Session, _: &str, _: &mut Desk) -> Result<Next, Failure> {
    session.make_now()?;
    session.on.begin()?;
    Ok(Next::Go)
}

fn commit(session: &mut Session, _: &str, desk: &mut Desk) -> Result<Next, Failure> {
    session.on.commit()?;
    desk.remark("committed");
    Ok(Next::Go)
}

fn rollback(session: &mut Session, _: &str, desk: &mut Desk) -> Result<Next, Failure> {
    session.on.rollback()?;
    desk.remark("rolled back");
    Ok(Next::Go)
}

fn picture(session: &mut Session, form: &str, file: &str, desk: &mut Desk) -> Result<Next, Failure> {
    let file = named(file, &format!(":{form} FILE"))?;
    let Some(last) = &session.last else {
        return Err(wrong("there is no answer to draw yet").hint("run a query first").into());
    };
    // a script may be another's, and say any name
    if !session.person() && file.is_file() {
        let message = format!("{} is there, and a script replaces no file", file.display());
        return Err(Error::data(message).hint("remove it first, or draw with `shejire query --svg FILE`").into());
    }
    let mut wanted = session.picture.clone();
    *draw::file_of(&mut wanted, form) = Some(file);
    let style = draw::style(&wanted.look)?;
    draw::answer(&wanted, &session.on.snapshot()?, &last.rows, (&last.text, None), &style, desk)?;
    Ok(Next::Go)
}

/// A file name as typed, quotes around it removed.
fn named(typed: &str, usage: &str) -> Result<PathBuf, Failure> {
    let name = typed.trim_matches(['\'', '"']);
    if name.is_empty() {
        return Err(wrong("the name of the file is missing").hint(format!("write {usage}")).into());
    }
    let home = name.strip_prefix("~/").and_then(|rest| Some(Path::new(&std::env::var_os("HOME")?).join(rest)));
    Ok(home.unwrap_or_else(|| PathBuf::from(name)))
}

#[cfg(test)]
mod tests {
    use super::COMMANDS;

    #[test]
    fn names_are_unique_and_documented() {
        for (at, command) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[..at].iter().all(|c| c.name != command.name), "{} stands twice", command.name);
            assert!(!command.doc.is_empty());
        }
    }
}
