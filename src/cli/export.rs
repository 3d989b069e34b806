//! `export`: a graph, or what a query touches of it, in another tool's format.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::{self, ExportArgs};
use super::terminal::Desk;
use super::{Done, Failure, Outcome, draw, files, open, params, report};
use crate::engine::{Engine, Snapshot};
use crate::error::{Class, Code, Error, Phase};
use crate::io::safe::visible;
use crate::io::{self, Evidence, FORMATS, How, Subgraph};

/// Runs the command.
pub(super) fn run(mut args: ExportArgs, desk: &mut Desk) -> Outcome {
    if args::PICTURES.iter().any(|(name, _)| *name == args.format) {
        return picture(&args, desk);
    }
    let format = io::format(&args.format);
    let Some((format, how)) = format.and_then(|f| Some((f, f.write?))) else {
        return Err(Failure::Usage(format!("{} is not a format that is written", args.format)));
    };
    #[cfg(feature = "parquet")]
    if matches!(args.graph.layout, Some(args::LayoutArg::Graph)) {
        return for_clusters(args, desk);
    }
    if args.render.is_some() && args.format != "dot" {
        return Err(Failure::Usage("--render draws with Graphviz and goes with the format dot".to_owned()));
    }
    if args.bom && !matches!(how, How::Table(_)) {
        return Err(Failure::Usage("--bom goes with the table csv".to_owned()));
    }
    if args.no_formulas && !matches!(how, How::Table(_) | How::Folder(_)) {
        return Err(Failure::Usage("--no-formulas goes with tables: csv, neo4j".to_owned()));
    }
    match how {
        How::Folder(_) | How::Dataset(_) => name_output(&mut args, "folder")?,
        How::File(_) => name_output(&mut args, "file")?,
        How::Stream(_) | How::Table(_) => {}
    }
    let engine = open::for_reading(&args.source)?;
    let graph = graph(&args, &engine, desk, matches!(how, How::Dataset(_)))?;
    if format.evidence == Evidence::Left {
        say_what_is_left(&graph, &args.format, desk);
    }
    let (file, safe) = (args.output.as_deref(), args.no_formulas);
    let target = file.unwrap_or(Path::new(""));
    match how {
        How::Stream(write) => match &args.render {
            Some(form) => {
                let picture = render(&graph, write, form)?;
                emit(file, desk, |to| Ok(to.write_all(&picture)?))
            }
            None => emit(file, desk, |to| Ok(write(&graph, to)?)),
        },
        How::Table(write) => emit(file, desk, |to| {
            to.write_all(if args.bom { "\u{feff}".as_bytes() } else { b"" })?;
            Ok(write(&graph, safe, to)?)
        }),
        How::Folder(write) => {
            files::folder(target, |folder| Ok(write(&graph, safe, folder)?))?;
            Ok(Done::Well)
        }
        How::Dataset(write) => {
            let mut left = Vec::new();
            files::folder(target, |folder| {
                left = write(&graph, folder)?;
                Ok(())
            })?;
            left.iter().for_each(|what| desk.note(&format!("not written: {}", visible(what))));
            Ok(Done::Well)
        }
        How::File(write) => {
            files::by_path(target, |file| Ok(write(&graph, file)?))?;
            Ok(Done::Well)
        }
    }
}

/// Writes the whole graph as the tables that clusters read.
#[cfg(feature = "parquet")]
fn for_clusters(mut args: ExportArgs, desk: &mut Desk) -> Outcome {
    if args.format != "parquet" {
        return Err(Failure::Usage("--layout graph goes with parquet".to_owned()));
    }
    name_output(&mut args, "folder")?;
    if args.text.query.is_some() || args.text.file.is_some() {
        return Err(Failure::Usage("--layout graph writes the whole graph: give a folder and no query".to_owned()));
    }
    let engine = open::for_reading(&args.source)?;
    let snapshot = engine.snapshot()?;
    let target = args.output.as_deref().unwrap_or(Path::new(""));
    if target.is_dir() {
        let message = format!("{} is there: tables of two graphs must not be mixed", target.display());
        let error = Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message);
        return Err(error.hint("name a folder that is not there").into());
    }
    desk.patiently("writing the tables", || files::folder(target, |folder| Ok(io::layout::write(&snapshot, folder)?)))?;
    Ok(Done::Well)
}

/// What is no stream needs a name: that of `-o`, or a single word in the place of the query, which is none.
fn name_output(args: &mut ExportArgs, what: &str) -> Result<(), Failure> {
    if args.output.is_none() {
        let word = args.text.query.take_if(|text| !text.is_empty() && !text.contains(char::is_whitespace));
        args.output = word.map(PathBuf::from);
    }
    match args.output {
        Some(_) => Ok(()),
        None => Err(Failure::Usage(format!("this format is no stream: name a {what} with -o"))),
    }
}

/// Says how much evidence the format has no place for.
fn say_what_is_left(graph: &Subgraph, format: &str, desk: &Desk) {
    let told = &graph.told;
    let mentions: usize = told.rels.values().map(Vec::len).sum();
    let places: usize = told.nodes.values().map(Vec::len).sum();
    let conflicts = told.conflicts.len();
    let counts = [(mentions, "mentions"), (places, "places that name nodes"), (conflicts, "conflicts")];
    let left: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !left.is_empty() {
        let carrying = FORMATS.iter().filter(|f| f.evidence == Evidence::Carried).map(|f| f.name);
        let carrying: Vec<&str> = carrying.collect();
        let (left, carrying) = (left.join(", "), carrying.join(", "));
        desk.note(&format!("{format} has no place for evidence: {left} are left out; these carry it: {carrying}"));
    }
}

/// Draws the graph ourselves.
fn picture(args: &ExportArgs, desk: &mut Desk) -> Outcome {
    if args.render.is_some() {
        return Err(Failure::Usage("--render draws with Graphviz and goes with the format dot".to_owned()));
    }
    let engine = open::for_reading(&args.source)?;
    let found = graph(args, &engine, desk, false)?;
    let mut style = draw::style(&args.look)?;
    draw::shape(&args.graph, &mut style);
    let query = args.text.query.as_deref().unwrap_or_default();
    let whole = args.text.query.is_none() && args.text.file.is_none();
    let title = args.graph.title.as_deref().unwrap_or(if whole { "The whole graph" } else { "Answer" });
    let draw =
        |snapshot: &Snapshot| Ok(crate::picture::graph(snapshot, &found.nodes, &found.rels, title, query, &style));
    let drawn = engine.snapshot()?.read(draw)?;
    let bytes = draw::one(&args.format, &args.look, &drawn, &style, desk)?;
    emit(args.output.as_deref(), desk, |to| Ok(to.write_all(&bytes)?))
}

/// What is exported; `alone`: it must say itself whatever its evidence names.
fn graph(args: &ExportArgs, engine: &Engine, desk: &Desk, alone: bool) -> Result<Subgraph, Failure> {
    if args.text.query.is_none() && args.text.file.is_none() {
        return Ok(Subgraph::whole(engine)?);
    }
    let query = open::query(&args.text)?;
    let params = params::read(&args.text.params)?;
    let statement = engine.query(&query.text).given(params);
    let rows = statement.rows().map_err(|e| query.failed(e))?;
    report::warnings(&rows, &query.text, desk);
    let snapshot = engine.snapshot()?;
    let graph = match alone {
        true => Subgraph::of_answer_with_all_it_names(&snapshot, &rows)?,
        false => Subgraph::of_answer(&snapshot, &rows)?,
    };
    if graph.is_empty() && !rows.is_empty() {
        let error = Error::new(
            Class::DataError,
            Phase::Runtime,
            Code::InvalidData,
            "the answer holds no node and no relationship to export",
        );
        let hint = "return nodes, relationships or paths; for a table of values use `shejire query --format csv`";
        return Err(query.failed(error.hint(hint)));
    }
    Ok(graph)
}

/// Writes to standard output, or to a file that appears only when it is complete.
pub(super) fn emit(
    file: Option<&Path>,
    desk: &mut Desk,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Outcome {
    match file {
        Some(file) => files::stream(file, write)?,
        None => write(desk.out())?,
    }
    Ok(Done::Well)
}

/// Lets Graphviz draw; its input goes through a thread, so that neither pipe can block the other.
fn render(
    graph: &Subgraph,
    write: fn(&Subgraph, &mut dyn Write) -> io::Written,
    form: &str,
) -> Result<Vec<u8>, Failure> {
    let mut source = Vec::new();
    write(graph, &mut source)?;
    let failed =
        |message: String| Failure::from(Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message));
    let child = Command::new("dot")
        .arg(format!("-T{form}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let message = "Graphviz is not installed: there is no program `dot` to draw with";
            let error = Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message);
            let hint = "install Graphviz (Debian: apt install graphviz), or leave out --render and draw the DOT text elsewhere";
            return Err(error.hint(hint).into());
        }
        Err(error) => return Err(failed(format!("cannot run dot: {error}"))),
    };
    let input = child.stdin.take();
    let feeder = std::thread::spawn(move || input.map(|mut i| i.write_all(&source)));
    let output = child.wait_with_output().map_err(|e| failed(format!("cannot run dot: {e}")))?;
    let _ = feeder.join();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(format!("dot did not draw the graph: {said}")));
    }
    Ok(output.stdout)
}
