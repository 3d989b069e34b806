//! `import`: other people's data into a store. A store that does not exist yet is written whole at the end; one that
//! does gets everything in one transaction. Either way an import that ends early leaves nothing behind.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ImportArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::io::read::into_graph::IntoGraph;
use crate::io::read::neo4j_csv::{self, Dialect, Group};
use crate::io::read::{graphml, input, jsonl};

/// Runs the command.
pub(super) fn run(args: ImportArgs, desk: &mut Desk) -> Outcome {
    if args.nodes.is_empty() && args.relationships.is_empty() && args.files.is_empty() {
        return Err(Failure::Usage("nothing to import: name files, or give --nodes and --relationships".to_owned()));
    }
    let Some(store) = &args.db else {
        return Err(Failure::Usage("import where to? Name the store with --db FILE".to_owned()));
    };
    let mut problems = Problems::new(&args)?;
    let started = std::time::Instant::now();
    let (nodes, rels) = desk.patiently("importing", || into(store, &args, &mut problems))?;
    problems.finish()?;
    let seconds = started.elapsed().as_secs_f64();
    desk.note(&format!("{nodes} nodes, {rels} relationships in {seconds:.1} s; {} skipped", problems.skipped));
    Ok(Done::Well)
}

fn into(store: &Path, args: &ImportArgs, problems: &mut Problems) -> Result<(u64, u64)> {
    if store.exists() {
        return Engine::open(store)?.change(|graph| read_all(args, graph, problems));
    }
    let mut graph = Graph::new();
    graph.bulk(true);
    let counts = read_all(args, &mut graph, problems)?;
    graph.bulk(false);
    Engine::from_graph(graph).save(store)?;
    Ok(counts)
}

fn read_all(args: &ImportArgs, graph: &mut Graph, problems: &mut Problems) -> Result<(u64, u64)> {
    let mut sink = IntoGraph::new(graph);
    let mut dialect = Dialect {
        delimiter: args.delimiter,
        array_delimiter: args.array_delimiter,
        skip_headers: args.auto_skip_subsequent_headers,
        ..Dialect::default()
    };
    for (groups, relationships) in [(&args.nodes, false), (&args.relationships, true)] {
        for group in groups {
            read_group(group, relationships, &mut dialect, &mut sink, problems)?;
        }
    }
    let seen = Arc::default();
    for file in &args.files {
        let name = file.display().to_string();
        let mut from = input::open(file, &seen)?;
        let plain = name.trim_end_matches(".gz").to_lowercase();
        if plain.ends_with(".graphml") || plain.ends_with(".xml") {
            graphml::read(&mut from, &name, &mut sink, &mut |e| problems.take(e))?;
        } else if plain.ends_with(".jsonl") || plain.ends_with(".ndjson") {
            jsonl::read(&mut from, &name, &mut sink, &mut |e| problems.take(e))?;
        } else {
            let error = Error::data(format!("{name}: the end of the name says no format that is read"));
            return Err(error.hint(
                "formats: .jsonl, .graphml, each also .gz; CSV files are named with --nodes and --relationships",
            ));
        }
    }
    Ok((sink.nodes, sink.rels))
}

/// `[Label:Label=]header.csv,part.csv`.
fn read_group(
    text: &str,
    relationships: bool,
    dialect: &mut Dialect,
    sink: &mut IntoGraph<'_>,
    problems: &mut Problems,
) -> Result<()> {
    let (names, files) = text.split_once('=').unwrap_or(("", text));
    let group = Group {
        labels: if relationships {
            vec![]
        } else {
            names.split(':').filter(|l| !l.is_empty()).map(Arc::from).collect()
        },
        ty: (relationships && !names.is_empty()).then(|| names.into()),
    };
    let seen = Arc::default();
    let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
    let first = files.first().map_or(Path::new(""), PathBuf::as_path);
    let header = {
        let mut from = input::open(first, &seen)?;
        neo4j_csv::read_header(&mut from, &first.display().to_string(), dialect, relationships)?
    };
    for (at, file) in files.iter().enumerate() {
        let mut from = input::open(file, &seen)?;
        let name = file.display().to_string();
        let place = (&header, at == 0);
        neo4j_csv::read(&mut from, &name, place, &group, dialect, sink, &mut |e| problems.take(e))?;
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
            return Err(error.hint("--on-error skip leaves such records out, --report FILE lists them"));
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
