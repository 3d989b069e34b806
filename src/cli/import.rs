//! `import`: other people's data into a store. A store that does not exist yet is written whole at the end; one that
//! does gets everything in one transaction. Either way an import that ends early leaves nothing behind. What of the files is
//! not taken into the graph is counted and named at the end; a file that is not empty and gives nothing is an error.

mod inputs;
mod problems;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::ImportArgs;
use super::progress::Progress;
use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::dataset;
use crate::engine::{Engine, KnowledgeGraph, Limits, Transaction};
use crate::error::{Code, Error, Result};
use crate::io::read::input::Watch;
use crate::io::read::into_graph::{IntoGraph, Known};
use crate::io::read::neo4j_csv::{self, Begins, Dialect, Group, Header, Places, Records};
use crate::io::read::{NO_TYPE, Sink, input, script, subgraph, tables};
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
    if args.snapshot.is_some() {
        return super::edition::run(&args, desk);
    }
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
        to.bulk(self.fresh);
        let mut sink = IntoGraph::new(to, std::mem::take(&mut self.known));
        let mut reader = Reading {
            args: self.args,
            watch: self.watch,
            dialect: dialect(self.args),
            sink: &mut sink,
            problems: &mut self.problems,
            begun: HashMap::new(),
        };
        // nodes before relationships, also where only their headers tell them apart
        let (now, later) = reader.tables(inputs)?;
        for input in now.iter().chain(&later) {
            reader.read(input)?;
        }
        if let (Some(key), without @ 1..) = (&self.args.match_key, sink.without()) {
            sink.note(&format!(
                "{without} nodes have no property {key:?}, by which --match tells nodes apart: they are new ones"
            ));
        }
        self.known = sink.finish();
        to.bulk(false);
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
            0 if self.watch.bytes.load(Ordering::Relaxed) > bytes => Err(nothing_in(&name)),
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
        delimiter_stated: args.delimiter.is_some(),
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
    match error.message().contains("LOAD CSV and apoc.load.json are switched off") {
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
    /// Tables that are opened once, behind their headers: standard input, and what is no text.
    begun: HashMap<PathBuf, Table>,
}

/// A table whose header was read.
struct Table {
    header: Header,
    dialect: Dialect,
    /// What comes behind the header.
    records: Box<dyn Records>,
}

impl Reading<'_, '_> {
    /// The inputs, tables without a header of relationships first, then the others.
    fn tables<'i>(&mut self, inputs: &'i [Input]) -> Result<(Vec<&'i Input>, Vec<&'i Input>)> {
        let mut later = Vec::new();
        let mut now = Vec::new();
        for input in inputs {
            let file = match input {
                Input::File(file, ReadAs::Tables) | Input::Sheet(file) => file,
                _ => {
                    now.push(input);
                    continue;
                }
            };
            let table = match (self.any_table(file, &Arc::default()), input) {
                (Ok(table), _) => table,
                // a workbook has sheets of other sorts, too
                (Err(error), Input::Sheet(_)) if error.code() != Code::FileAccess => {
                    self.sink.passed_over(&format!("sheet of no table: {}", error.message()), 1);
                    continue;
                }
                (Err(error), _) => return Err(error),
            };
            if table.header.relationships {
                later.push(input)
            } else {
                now.push(input)
            }
            if is_piped(file) || table.records.places() != Places::Lines {
                self.begun.insert(file.clone(), table);
            }
        }
        Ok((now, later))
    }

    /// A table that is named without --nodes and --relationships.
    fn any_table(&mut self, file: &Path, watch: &Arc<Watch>) -> Result<Table> {
        if let Some(table) = self.begun.remove(file) {
            return Ok(table);
        }
        let watch = if is_piped(file) { self.watch } else { watch };
        let (mut records, mut dialect) = self.records_of(file, watch, true)?;
        let header = neo4j_csv::read_any_header(&mut *records, &file.display().to_string(), &mut dialect)?;
        self.dialect.spaces.clone_from(&dialect.spaces);
        Ok(Table { header, dialect, records })
    }

    /// The records of a table, and the dialect it is written in, where `guess` tells what stands between cells.
    fn records_of(&self, file: &Path, watch: &Arc<Watch>, guess: bool) -> Result<(Box<dyn Records>, Dialect)> {
        let mut dialect = self.dialect.clone();
        if let Some(records) = tables::open(file)? {
            return Ok((records, dialect));
        }
        let named = |e: Error| e.prefixed(&format!("{}, ", file.display()));
        let mut from = input::open(file, self.args.encoding, watch)?;
        match self.args.delimiter {
            Some(_) => {}
            None if guess => dialect.delimiter = neo4j_csv::guess_delimiter(&mut *from).map_err(named)?,
            None if is_tsv(file) => dialect.delimiter = b'\t',
            None => {}
        }
        let records = dialect.records(from).map_err(named)?;
        Ok((Box::new(records), dialect))
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
            Input::Sheet(file) => self.file(file, ReadAs::Tables)?,
            Input::Unread(file) => {
                self.sink.passed_over(&format!("{}, whose name says no format that is read", file.display()), 1);
            }
            Input::Dataset(folder) => {
                self.sink.join_dataset(self.args.match_key.as_deref().unwrap_or(ID));
                let engine = Engine::from_dataset(&dataset::open(folder)?)?;
                subgraph::read(&Subgraph::whole(&engine)?, &folder.display().to_string(), self.sink)?;
            }
        }
        let read = self.watch.bytes.load(Ordering::Relaxed) > bytes;
        if read && self.taken() == before {
            let name = input.files().first().map(|file| file.display().to_string()).unwrap_or_default();
            let skipped = self.problems.skipped - skipped;
            return match input {
                _ if skipped > 0 => Err(Error::data(format!("{name}: none of its {skipped} records can be taken"))
                    .hint("--report FILE lists them")),
                // a header alone is a table that says that there is nothing
                Input::Group { .. } | Input::File(_, ReadAs::Tables) | Input::Sheet(_) => {
                    self.sink.note(&format!("{name}: a header, and no record behind it"));
                    Ok(())
                }
                _ => Err(nothing_in(&name)),
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
            let watch = Arc::clone(self.watch);
            let table = self.any_table(file, &watch)?;
            // a list of edges says what is related, not how
            let ty = table.header.makes_ends.then(|| NO_TYPE.into());
            let group = Group { labels: vec![], ty };
            return self.records(&name, table.records, &table.header, &table.dialect, &group, Begins::BehindHeader);
        }
        if read == ReadAs::Sqlite {
            let graph = sqlite::read(file).map_err(|error| error.prefixed(&format!("{name}, ")))?;
            self.watch.bytes.fetch_add(size(file), Ordering::Relaxed);
            return subgraph::read(&graph, &name, self.sink);
        }
        let from = input::open(file, self.args.encoding, self.watch)?;
        let (sink, problems) = (&mut *self.sink, &mut *self.problems);
        let mut problem = |error| problems.take(error);
        read.read(from, &name, self.args.base.as_deref(), sink, &mut problem)
    }

    fn group(&mut self, files: &[PathBuf], group: &Group, relationships: bool) -> Result<()> {
        let Some((first, further)) = files.split_first() else { return Ok(()) };
        let (mut records, mut dialect) = self.records_of(first, self.watch, false)?;
        let name = first.display().to_string();
        let header = neo4j_csv::read_header(&mut *records, &name, &mut dialect, relationships)?;
        self.dialect.spaces.clone_from(&dialect.spaces);
        self.records(&name, records, &header, &dialect, group, Begins::BehindHeader)?;
        for file in further {
            let name = file.display().to_string();
            let records: Box<dyn Records> = match tables::open(file)? {
                Some(records) => records,
                None => {
                    // what stands between the cells of the first stands between those of the others
                    let from = input::open(file, self.args.encoding, self.watch)?;
                    Box::new(dialect.records(from).map_err(|e| e.prefixed(&format!("{name}, ")))?)
                }
            };
            self.records(&name, records, &header, &dialect, group, Begins::Further)?;
        }
        Ok(())
    }

    fn records(
        &mut self,
        name: &str,
        records: Box<dyn Records>,
        header: &Header,
        dialect: &Dialect,
        group: &Group,
        begins: Begins,
    ) -> Result<()> {
        if records.places() != Places::Lines {
            self.watch.bytes.fetch_add(1, Ordering::Relaxed); // read, and not followed
        }
        let (sink, problems) = (&mut *self.sink, &mut *self.problems);
        let file = neo4j_csv::File { name, header, begins };
        neo4j_csv::read(records, file, group, dialect, sink, &mut |e| problems.take(e))
    }
}

fn is_piped(file: &Path) -> bool {
    file.as_os_str() == input::STANDARD_INPUT
}

/// Whether the name says that tabs stand between the cells.
fn is_tsv(file: &Path) -> bool {
    let name = file.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    [".tsv", ".tab"].iter().any(|end| name.ends_with(end))
}
