//! `import`: other people's data into a store. A store that does not exist yet is written whole at the end; one that
//! does gets everything in one transaction. Either way an import that ends early leaves nothing behind.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::ImportArgs;
use super::progress::Progress;
use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::dataset;
use crate::engine::{Engine, Holdings};
use crate::error::{Error, Result};
use crate::io::read::input::Watch;
use crate::io::read::into_graph::{IntoGraph, Known};
use crate::io::read::neo4j_csv::{self, Dialect, Group};
use crate::io::read::{graphml, input, jsonl, rdf, script, subgraph};
use crate::io::{self, ReadAs, Subgraph};

/// Runs the command.
pub(super) fn run(args: ImportArgs, desk: &mut Desk) -> Outcome {
    let inputs = inputs(&args)?;
    if inputs.is_empty() {
        return Err(Failure::Usage("nothing to import: name files, or give --nodes and --relationships".to_owned()));
    }
    let Some(store) = &args.db else {
        return Err(Failure::Usage("import where to? Name the store with --db FILE".to_owned()));
    };
    let watch = Arc::new(Watch::default());
    stop_on_interrupt(&watch);
    let problems = Problems::new(&args)?;
    let mut import =
        Import { args: &args, watch: &watch, problems, known: Known::default(), store, fresh: !store.exists() };
    let started = std::time::Instant::now();
    let progress = Progress::follow(&watch, inputs.iter().flat_map(Input::files).map(|f| size(f)).sum());
    let done = import.run(&inputs);
    drop(progress);
    import.problems.finish()?;
    done.map_err(|error| match watch.stop.load(Ordering::Relaxed) {
        true => Error::data("stopped: nothing was imported"),
        false => error,
    })?;
    let (nodes, rels, skipped) = (import.known.nodes, import.known.relationships, import.problems.skipped);
    let seconds = started.elapsed().as_secs_f64();
    desk.note(&format!("{nodes} nodes, {rels} relationships in {seconds:.1} s; {skipped} skipped"));
    Ok(Done::Well)
}

/// Ctrl-C ends the reading, and with it the import, in good order; a second one ends the program at once.
fn stop_on_interrupt(watch: &Arc<Watch>) {
    let watch = Arc::clone(watch);
    // without a handler, an interrupt kills the program: the store is as it was then, too
    let _ = ctrlc::set_handler(move || {
        if watch.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |m| m.len())
}

/// One thing to import.
enum Input {
    /// CSV files with one header.
    Group { files: Vec<PathBuf>, group: Group, relationships: bool },
    /// A file in a format of the table.
    File(PathBuf, ReadAs),
    /// A dataset folder.
    Dataset(PathBuf),
}

impl Input {
    fn files(&self) -> &[PathBuf] {
        match self {
            Self::Group { files, .. } => files,
            Self::File(file, _) => std::slice::from_ref(file),
            Self::Dataset(_) => &[],
        }
    }
}

/// What the command line names, nodes before relationships.
fn inputs(args: &ImportArgs) -> Result<Vec<Input>> {
    let nodes = args.nodes.iter().map(|text| (text, false));
    let rels = args.relationships.iter().map(|text| (text, true));
    let mut inputs: Vec<Input> = nodes.chain(rels).map(|(text, relationships)| group(text, relationships)).collect();
    for file in &args.files {
        if file.is_dir() {
            inputs.extend(folder(file)?);
            continue;
        }
        let named = args.format.as_deref().and_then(io::format).and_then(|f| f.read);
        let read = named.or_else(|| io::read_by_name(file)).ok_or_else(|| {
            Error::data(format!("{}: the end of the name says no format that is read", file.display()))
                .hint(format!("say --format; known by their ends: {}; each also .gz", io::readable_extensions()))
        })?;
        inputs.push(Input::File(file.clone(), read));
    }
    Ok(inputs)
}

/// `[Label:Label=]header.csv,part.csv`.
fn group(text: &str, relationships: bool) -> Input {
    let (names, files) = text.split_once('=').unwrap_or(("", text));
    let labels = |names: &str| names.split(':').filter(|l| !l.is_empty()).map(Arc::from).collect();
    let group = match relationships {
        true => Group { labels: vec![], ty: (!names.is_empty()).then(|| names.into()) },
        false => Group { labels: labels(names), ty: None },
    };
    Input::Group { files: files.split(',').map(PathBuf::from).collect(), group, relationships }
}

/// A folder that `export neo4j` wrote, or a dataset.
fn folder(folder: &Path) -> Result<Vec<Input>> {
    let [nodes, rels] = io::neo4j::FILES.map(|name| folder.join(name));
    if nodes.is_file() && rels.is_file() {
        let one = |file, relationships| Input::Group { files: vec![file], group: Group::default(), relationships };
        return Ok(vec![one(nodes, false), one(rels, true)]);
    }
    Ok(vec![Input::Dataset(folder.to_owned())])
}

struct Import<'a> {
    args: &'a ImportArgs,
    store: &'a Path,
    watch: &'a Arc<Watch>,
    problems: Problems,
    known: Known,
    /// The store is made by this import.
    fresh: bool,
}

impl Import<'_> {
    fn run(&mut self, inputs: &[Input]) -> Result<()> {
        let engine = match self.fresh {
            true => Engine::in_memory(),
            false => Engine::open(self.store)?,
        };
        if !self.fresh {
            engine.begin()?;
        }
        let mut rest = inputs;
        while let Some(first) = rest.first() {
            if let Input::File(file, ReadAs::Script) = first {
                self.script(&engine, file)?;
                rest = &rest[1..];
                continue;
            }
            let is_script = |input: &Input| matches!(input, Input::File(_, ReadAs::Script));
            let (now, then) = rest.split_at(rest.iter().position(is_script).unwrap_or(rest.len()));
            engine.change(|to| self.fill(to, now))?;
            rest = then;
        }
        if self.watch.stop.load(Ordering::Relaxed) {
            return Err(Error::data("stopped"));
        }
        if self.fresh { engine.save(self.store) } else { engine.commit() }
    }

    fn fill(&mut self, to: Holdings<'_>, inputs: &[Input]) -> Result<()> {
        let Holdings { graph, evidence, vocabulary } = to;
        graph.bulk(self.fresh);
        let holdings = Holdings { graph: &mut *graph, evidence, vocabulary };
        let mut sink = IntoGraph::new(holdings, std::mem::take(&mut self.known));
        let args = self.args;
        let mut dialect = Dialect {
            delimiter: args.delimiter,
            array_delimiter: args.array_delimiter,
            skip_headers: args.auto_skip_subsequent_headers,
            ..Dialect::default()
        };
        let problems = &mut self.problems;
        for input in inputs {
            match input {
                Input::Group { files, group, relationships } => {
                    read_group(files, group, *relationships, &mut dialect, self.watch, &mut sink, problems)?;
                }
                Input::File(file, read) => read_file(file, *read, self.watch, &mut sink, problems)?,
                Input::Dataset(folder) => {
                    let engine = Engine::from_dataset(&dataset::open(folder)?)?;
                    subgraph::read(&Subgraph::whole(&engine)?, &folder.display().to_string(), &mut sink)?;
                }
            }
        }
        self.known = sink.finish();
        graph.bulk(false);
        Ok(())
    }

    fn script(&mut self, engine: &Engine, file: &Path) -> Result<()> {
        let name = file.display().to_string();
        let mut from = input::open(file, self.watch)?;
        let (known, problems) = (&mut self.known, &mut self.problems);
        let mut run = |text: &str| {
            let changes = engine.run(text)?.changes();
            known.nodes += changes.nodes_created;
            known.relationships += changes.relationships_created;
            Ok(())
        };
        script::read(&mut from, &name, &mut run, &mut |error| {
            problems.take(error)?;
            engine.go_on();
            Ok(())
        })
    }
}

fn read_file(
    file: &Path,
    read: ReadAs,
    watch: &Arc<Watch>,
    sink: &mut IntoGraph<'_>,
    problems: &mut Problems,
) -> Result<()> {
    let name = file.display().to_string();
    let mut from = input::open(file, watch)?;
    let mut problem = |error| problems.take(error);
    match read {
        ReadAs::GraphMl => graphml::read(&mut from, &name, sink, &mut problem),
        ReadAs::JsonLines => jsonl::read(&mut from, &name, sink, &mut problem),
        ReadAs::Rdf(syntax) => rdf::read(from, &name, syntax, sink, &mut problem),
        // scripts are run, not read into the graph; tables are named with their headers
        ReadAs::Script | ReadAs::Tables => Ok(()),
    }
}

fn read_group(
    files: &[PathBuf],
    group: &Group,
    relationships: bool,
    dialect: &mut Dialect,
    watch: &Arc<Watch>,
    sink: &mut IntoGraph<'_>,
    problems: &mut Problems,
) -> Result<()> {
    let first = files.first().map_or(Path::new(""), PathBuf::as_path);
    let header = {
        // looked at twice: its bytes count once
        let mut from = input::open(first, &Arc::default())?;
        neo4j_csv::read_header(&mut from, &first.display().to_string(), dialect, relationships)?
    };
    for (at, file) in files.iter().enumerate() {
        let from = input::open(file, watch)?;
        let name = file.display().to_string();
        let file = neo4j_csv::File { name: &name, header: &header, first: at == 0 };
        neo4j_csv::read(from, file, group, dialect, sink, &mut |e| problems.take(e))?;
    }
    Ok(())
}

/// What is done with records that cannot be taken.
struct Problems {
    skip: bool,
    skipped: u64,
    report: Option<(PathBuf, BufWriter<File>)>,
}

impl Problems {
    fn new(args: &ImportArgs) -> Result<Self> {
        let report = match &args.report {
            Some(file) => Some((file.clone(), BufWriter::new(File::create(file).map_err(|e| cannot(file, &e))?))),
            None => None,
        };
        Ok(Self { skip: args.on_error == "skip", skipped: 0, report })
    }

    fn take(&mut self, error: Error) -> Result<()> {
        if let Some((file, report)) = &mut self.report {
            writeln!(report, "{}", crate::io::safe::visible(error.message())).map_err(|e| cannot(file, &e))?;
        }
        if !self.skip {
            return Err(match error.hint_text() {
                Some(_) => error,
                None => error.hint("--on-error skip leaves such records out, --report FILE lists them"),
            });
        }
        self.skipped += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        match &mut self.report {
            Some((file, report)) => report.flush().map_err(|e| cannot(file, &e)),
            None => Ok(()),
        }
    }
}

fn cannot(file: &Path, error: &std::io::Error) -> Error {
    Error::data(format!("cannot write {}: {error}", file.display()))
}
