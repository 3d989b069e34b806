//! `import`: other people's data into a store. A store that does not exist yet is written whole at the end; one that
//! does gets everything in one transaction. Either way an import that ends early leaves nothing behind. What of the files is
//! not taken into the graph is counted and named at the end; a file that is not empty and gives nothing is an error.

mod inputs;
mod problems;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::ImportArgs;
use super::progress::Progress;
use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::dataset;
use crate::engine::{Engine, KnowledgeGraph, Limits, Transaction};
use crate::error::{Error, Result};
use crate::io::read::input::Watch;
use crate::io::read::into_graph::{IntoGraph, Known};
use crate::io::read::neo4j_csv::{self, Dialect, Group};
use crate::io::read::{NO_TYPE, Sink, document, gexf, gml, graphml, input, jsonl, rdf, script, subgraph};
use crate::io::safe::visible;
use crate::io::{ReadAs, Subgraph, sqlite};
use crate::store;
use crate::value::Value;
use inputs::{Input, inputs};
use problems::Problems;

/// The property that tells the nodes of RDF apart.
const IRI: &str = "iri";
/// The property that tells the entities of a dataset apart.
const ID: &str = "id";

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
    import.tell(started.elapsed().as_secs_f64(), desk);
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
            true => {
                store::vacant(self.store)?; // said before the files are read
                Engine::in_memory()
            }
            false => Engine::open(self.store)?,
        };
        // a store that is there takes all or nothing; one that is made is saved whole, so that a file may end for itself
        let mut all = if self.fresh { None } else { Some(self.begin(&engine)?) };
        let mut params = Vec::new();
        let mut rest = inputs;
        while let Some(first) = rest.first() {
            if let Input::File(file, ReadAs::Script) = first {
                match &mut all {
                    Some(all) => self.script(all, file, &mut params)?,
                    None => {
                        let mut own = self.begin(&engine)?;
                        self.script(&mut own, file, &mut params)?;
                        own.commit()?;
                    }
                }
                rest = &rest[1..];
                continue;
            }
            let is_script = |input: &Input| matches!(input, Input::File(_, ReadAs::Script));
            let (now, then) = rest.split_at(rest.iter().position(is_script).unwrap_or(rest.len()));
            match &mut all {
                Some(all) => all.change(|to| self.fill(to, now))?,
                None => engine.change(|to| self.fill(to, now))?,
            }
            rest = then;
        }
        if self.watch.stop.load(Ordering::Relaxed) {
            return Err(Error::data("stopped"));
        }
        all.map_or_else(|| engine.save(self.store), Transaction::commit)
    }

    fn begin(&self, engine: &Engine) -> Result<Transaction> {
        let begun = engine.begin()?;
        Ok(if self.problems.may_skip() { begun.lenient() } else { begun })
    }

    fn fill(&mut self, to: &mut KnowledgeGraph, inputs: &[Input]) -> Result<()> {
        to.graph.bulk(self.fresh);
        let mut sink = IntoGraph::new(to, std::mem::take(&mut self.known));
        let mut reader = Reading {
            args: self.args,
            watch: self.watch,
            dialect: dialect(self.args),
            sink: &mut sink,
            problems: &mut self.problems,
        };
        // nodes before relationships, also where only their headers tell them apart
        let (now, later) = reader.tables(inputs)?;
        for input in now.iter().chain(&later) {
            reader.read(input)?;
        }
        self.known = sink.finish();
        to.graph.bulk(false);
        Ok(())
    }

    fn script(&mut self, transaction: &mut Transaction, file: &Path, params: &mut Vec<(String, Value)>) -> Result<()> {
        let name = file.display().to_string();
        let bytes = self.watch.bytes.load(Ordering::Relaxed);
        let mut from = input::open(file, self.args.encoding, self.watch)?;
        let limits = Limits { csv_folder: self.args.load_csv.clone(), ..Limits::default() };
        let mut running = Running { transaction, known: &mut self.known, limits, params, statements: 0 };
        let problems = &mut self.problems;
        script::read(&mut from, &name, &mut running, &mut |error| problems.take(error))?;
        match running.statements {
            0 if self.watch.bytes.load(Ordering::Relaxed) > bytes => self.problems.take(nothing_in(&name)),
            _ => Ok(()),
        }
    }

    /// Says what came of it.
    fn tell(&self, seconds: f64, desk: &Desk) {
        let Known { nodes, relationships: rels, found, passed_over, notes, .. } = &self.known;
        for note in notes {
            desk.note(&visible(note));
        }
        for (what, count) in passed_over {
            desk.note(&format!("not taken: {count} × {}", visible(what)));
        }
        if *found != Default::default() {
            let (nodes, rels, changed) = (found.nodes, found.relationships, found.changed);
            desk.note(&format!("there already: {nodes} nodes, {rels} relationships; {changed} values of them changed"));
        }
        desk.note(&format!("{nodes} nodes, {rels} relationships in {seconds:.1} s; {} skipped", self.problems.skipped));
    }
}

fn nothing_in(name: &str) -> Error {
    Error::data(format!("{name}: it is not empty, and nothing in it is a node or a relationship"))
        .hint("--format says what a file is, whatever its name says")
}

/// The dialect of tables that the command line states.
fn dialect(args: &ImportArgs) -> Dialect {
    Dialect {
        delimiter: args.delimiter.unwrap_or(b','),
        array_delimiter: args.array_delimiter,
        skip_headers: args.auto_skip_subsequent_headers,
        quote: args.quote,
        ids: args.id_type(),
        null: args.null.clone(),
        ignore_empty_strings: args.ignore_empty_strings,
        ignore_extra_columns: args.ignore_extra_columns,
        ..Dialect::default()
    }
}

/// Runs the statements of a script.
struct Running<'a> {
    transaction: &'a mut Transaction,
    known: &'a mut Known,
    limits: Limits,
    params: &'a mut Vec<(String, Value)>,
    statements: u64,
}

impl script::Runs for Running<'_> {
    fn run(&mut self, text: &str) -> Result<()> {
        self.statements += 1;
        let mut statement = self.transaction.query(text).limits(self.limits.clone());
        for (name, value) in self.params.iter() {
            statement = statement.param(name.clone(), value.clone());
        }
        let changes = statement.rows().map_err(switched_on)?.changes();
        self.known.nodes += changes.nodes_created;
        self.known.relationships += changes.relationships_created;
        Ok(())
    }

    fn param(&mut self, name: &str, expression: &str) -> Result<()> {
        self.statements += 1;
        let value = self.transaction.value_of(expression)?;
        self.params.retain(|(known, _)| known != name);
        self.params.push((name.to_owned(), value));
        Ok(())
    }

    fn passed_over(&mut self, what: &str) {
        self.statements += 1;
        *self.known.passed_over.entry(what.to_owned()).or_default() += 1;
    }
}

/// The advice of an error in the words of the command line.
fn switched_on(error: Error) -> Error {
    match error.message().contains("LOAD CSV is switched off") {
        true => error.hint("--load-csv FOLDER names the folder it may read from"),
        false => error,
    }
}

/// Reads one input after another.
struct Reading<'r, 'g> {
    args: &'r ImportArgs,
    watch: &'r Arc<Watch>,
    dialect: Dialect,
    sink: &'r mut IntoGraph<'g>,
    problems: &'r mut Problems,
}

impl Reading<'_, '_> {
    /// The inputs, tables without a header of relationships first, then the others.
    fn tables<'i>(&mut self, inputs: &'i [Input]) -> Result<(Vec<&'i Input>, Vec<&'i Input>)> {
        let mut later = Vec::new();
        let mut now = Vec::new();
        for input in inputs {
            let relates = match input {
                Input::File(file, ReadAs::Tables) => self.any_header(file)?.0.relationships,
                _ => false,
            };
            if relates { later.push(input) } else { now.push(input) }
        }
        Ok((now, later))
    }

    /// The header of a table that is named without --nodes and --relationships, and the dialect it is written in.
    fn any_header(&mut self, file: &Path) -> Result<(neo4j_csv::Header, Dialect)> {
        if file.as_os_str() == input::STANDARD_INPUT {
            return Err(Error::data("a table on standard input needs --nodes LABEL=- or --relationships TYPE=-"));
        }
        let mut from = input::open(file, self.args.encoding, &Arc::default())?;
        let mut dialect = self.dialect.clone();
        let guess = self.args.delimiter.is_none();
        let header = neo4j_csv::read_any_header(&mut from, &file.display().to_string(), &mut dialect, guess)?;
        self.dialect.spaces.clone_from(&dialect.spaces);
        Ok((header, dialect))
    }

    fn read(&mut self, input: &Input) -> Result<()> {
        let before = self.taken();
        let (bytes, skipped) = (self.watch.bytes.load(Ordering::Relaxed), self.problems.skipped);
        match input {
            Input::Group { files, group, relationships } => {
                self.sink.join_on(self.args.match_key.as_deref());
                self.group(files, group, *relationships)?;
            }
            Input::File(file, read) => self.file(file, *read)?,
            Input::Unread(file) => {
                self.sink.passed_over(&format!("{}, whose name says no format", file.display()), 1);
            }
            Input::Dataset(folder) => {
                self.sink.join_on(Some(self.args.match_key.as_deref().unwrap_or(ID)));
                let engine = Engine::from_dataset(&dataset::open(folder)?)?;
                subgraph::read(&Subgraph::whole(&engine)?, &folder.display().to_string(), self.sink)?;
            }
        }
        let read = self.watch.bytes.load(Ordering::Relaxed) > bytes;
        if read && self.taken() == before && self.problems.skipped == skipped {
            let name = input.files().first().map(|file| file.display().to_string()).unwrap_or_default();
            return match input {
                // a header alone is a table that says that there is nothing
                Input::Group { .. } | Input::File(_, ReadAs::Tables) => {
                    self.sink.note(&format!("{name}: a header, and no record behind it"));
                    Ok(())
                }
                _ => self.problems.take(nothing_in(&name)),
            };
        }
        Ok(())
    }

    /// How much was taken so far.
    fn taken(&self) -> u64 {
        let known = self.sink.known();
        known.nodes + known.relationships + known.told + known.found.nodes + known.found.relationships
    }

    fn file(&mut self, file: &Path, read: ReadAs) -> Result<()> {
        let name = file.display().to_string();
        let own = if matches!(read, ReadAs::Rdf(_)) { Some(IRI) } else { None };
        self.sink.join_on(self.args.match_key.as_deref().or(own));
        if read == ReadAs::Tables {
            let (header, dialect) = self.any_header(file)?;
            // a list of edges says what is related, not how
            let ty = header.makes_ends.then(|| NO_TYPE.into());
            return self.records(file, &Group { labels: vec![], ty }, &header, &dialect, true);
        }
        if read == ReadAs::Sqlite {
            let graph = sqlite::read(file).map_err(|error| error.prefixed(&format!("{name}, ")))?;
            self.watch.bytes.fetch_add(size(file), Ordering::Relaxed);
            return subgraph::read(&graph, &name, self.sink);
        }
        let mut from = input::open(file, self.args.encoding, self.watch)?;
        let (sink, problems) = (&mut *self.sink, &mut *self.problems);
        let mut problem = |error| problems.take(error);
        match read {
            ReadAs::GraphMl => graphml::read(&mut from, &name, sink, &mut problem),
            ReadAs::Gexf => gexf::read(&mut from, &name, sink, &mut problem),
            ReadAs::Gml => gml::read(&mut from, &name, sink, &mut problem),
            ReadAs::JsonLines => jsonl::read(&mut from, &name, sink, &mut problem),
            ReadAs::Json => document::read(&mut from, &name, sink, &mut problem),
            ReadAs::Rdf(syntax) => rdf::read(from, &name, syntax, self.args.base.as_deref(), sink, &mut problem),
            // scripts are run, not read into the graph; tables are read above
            ReadAs::Script | ReadAs::Tables | ReadAs::Sqlite => Ok(()),
        }
    }

    fn group(&mut self, files: &[PathBuf], group: &Group, relationships: bool) -> Result<()> {
        let first = files.first().map_or(Path::new(""), PathBuf::as_path);
        let piped = files.iter().any(|file| file.as_os_str() == input::STANDARD_INPUT);
        if piped && first.as_os_str() == input::STANDARD_INPUT {
            return Err(Error::data("standard input is read once: give its header in a file of its own, header.csv,-"));
        }
        let mut dialect = self.dialect.clone();
        let header = {
            // looked at twice: its bytes count once
            let mut from = input::open(first, self.args.encoding, &Arc::default())?;
            neo4j_csv::read_header(&mut from, &first.display().to_string(), &mut dialect, relationships)?
        };
        self.dialect.spaces.clone_from(&dialect.spaces);
        for (at, file) in files.iter().enumerate() {
            self.records(file, group, &header, &dialect, at == 0)?;
        }
        Ok(())
    }

    fn records(
        &mut self,
        file: &Path,
        group: &Group,
        header: &neo4j_csv::Header,
        dialect: &Dialect,
        first: bool,
    ) -> Result<()> {
        let from = input::open(file, self.args.encoding, self.watch)?;
        let name = file.display().to_string();
        let (sink, problems) = (&mut *self.sink, &mut *self.problems);
        let file = neo4j_csv::File { name: &name, header, first };
        neo4j_csv::read(from, file, group, dialect, sink, &mut |e| problems.take(e))
    }
}
