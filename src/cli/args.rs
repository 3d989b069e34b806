//! What can be typed. Turned into meaning here, before any work: ranges, units and contradictions are refused by the
//! parser, so that a command never sees a half-understood line.

mod authoring;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args as Group, Parser, Subcommand, ValueEnum};

pub(super) use authoring::*;

use super::limits::{read_bytes, read_duration, read_rows};
use crate::io::answer::Form;
use crate::io::read::input::Charset;
use crate::io::read::neo4j_csv::IdType;
use crate::io::{FORMATS, Format};

const EXAMPLES: &str = "\
Examples:
  shejire trace \"National Kurultai\"
  shejire find Baitak
  shejire evidence \"Constitutional Court\"
  shejire query \"MATCH (n:institution) RETURN n.name ORDER BY n.name LIMIT 5\"
  shejire query --cite \"MATCH (a)-[r:`transferred-to`]->(b) RETURN a.name, b.name\"
  shejire query --db library.shejire -f questions.cypher --format jsonl
  shejire shell
  shejire schema
  shejire export dot \"MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b\" --render svg -o lineage.svg

Without --db and --data, commands work on the built-in dataset of Kazakhstan's reforms. A file shejire.toml in the
working directory or above it, or in ~/.config/shejire, can set data, db, format, language and style.
Exit codes: 0 done, 1 query or data error, 2 wrong usage, 3 findings under --strict.";

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// A knowledge graph that keeps the descent of institutions: openCypher, with evidence, time and lineage.
#[derive(Debug, Parser)]
#[command(name = "shejire", version, styles = STYLES, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Args {
    /// Print answers and errors only: no warnings, counts or notes.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print row counts and timings even when standard error is not a terminal.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run an openCypher query and print its rows.
    Query(QueryArgs),
    /// Show what became of an institution, and out of what it came: the lineage, step by step.
    Trace(TraceArgs),
    /// List every fact about an entity with the documents and places that state it.
    Evidence(EvidenceArgs),
    /// List facts that contradict each other, side by side with their support.
    Conflicts(ConflictsArgs),
    /// Find an entity by any of its names, in any script or spelling.
    Find(FindArgs),
    /// Show all that is known of one entity on one card: names, life, facts, events, conflicts.
    Show(ShowArgs),
    /// List the documents, and how much rests on each.
    Sources(SourcesArgs),
    /// Find words in the sentences of the documents, with the facts that rest on them.
    Search(SearchArgs),
    /// Show the plan of a query without running it: what EXPLAIN prints is what runs.
    Explain(ExplainArgs),
    /// List labels, relationship types and their properties, with counts.
    Schema(SchemaArgs),
    /// Write a graph, or what a query touches of it, in another tool's format.
    Export(ExportArgs),
    /// Read other people's data into a store: CSV, JSON lines, Cypher, GraphML, RDF, dataset folders.
    Import(ImportArgs),
    /// Number the paragraphs and sentences of documents, as locators count them.
    Number(NumberArgs),
    /// Make a dataset folder to begin with: vocabulary, example facts, documents.
    New(NewArgs),
    /// Write one fact into a dataset folder, with the sentence that says it.
    Add(AddArgs),
    /// Say what sentences offer to be written down; put proposals of programs before the two gates.
    Suggest(SuggestArgs),
    /// Compare two dataset folders or stores, or two days of one graph.
    Diff(DiffArgs),
    /// Say what the bodies of one day are on another, through all that happened between.
    Crosswalk(CrosswalkArgs),
    /// Check a dataset folder or a store, and name everything that is wrong.
    Check(CheckArgs),
    /// Move a dataset folder on to the newest format of its tables.
    Upgrade(UpgradeArgs),
    /// Tell the sizes, versions and counts of a store.
    Info(StoreArgs),
    /// Copy a store as of its last commit; others may write meanwhile.
    Backup(BackupArgs),
    /// Put a backup in the place of a store; what was there keeps its content under another name.
    Restore(RestoreArgs),
    /// Write a sound copy of a damaged store, and name everything it leaves out.
    Repair(RepairArgs),
    /// Give the unused pages of a store back to the disk; nobody else may be using it.
    Compact(StoreArgs),
    /// Talk with a graph: statements and commands, with completion, history and colours.
    Shell(ShellArgs),
    /// Serve JSON requests, one a line, from standard input (see docs/pipe.md).
    Pipe(PipeArgs),
    /// Draw a view that the explorer keeps, with the bytes that it saves; without a name, list them.
    #[cfg(feature = "server")]
    View(ViewArgs),
    /// Serve the graph to drivers, scripts, language models and browsers (see docs/server.md).
    #[cfg(feature = "server")]
    Serve(ServeArgs),
    /// Serve the graph to the language model's program that starts this, over standard input and output.
    #[cfg(feature = "server")]
    Mcp(McpArgs),
    /// Print a completion script for a shell.
    Completions(CompletionArgs),
    /// Print the manual page, or write all pages into a folder.
    Man(ManArgs),
}

/// The parts of a command line that `shejire.toml` can fill in.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub source: Option<&'a mut Source>,
    pub db: Option<&'a mut Option<PathBuf>>,
    pub output: Option<&'a mut OutputArgs>,
    pub look: Option<&'a mut LookArgs>,
}

impl Parts<'_> {
    /// Whether there is nothing to fill in.
    pub(super) fn is_empty(&self) -> bool {
        self.source.is_none() && self.db.is_none()
    }
}

impl Command {
    /// What `shejire.toml` can fill in.
    pub(super) fn parts(&mut self) -> Parts<'_> {
        let of = |source, output, look| Parts { source: Some(source), output, look, db: None };
        match self {
            Self::Query(a) => of(&mut a.source, Some(&mut a.output), Some(&mut a.picture.look)),
            Self::Trace(a) => of(&mut a.source, Some(&mut a.output), Some(&mut a.picture.look)),
            Self::Evidence(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Conflicts(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Find(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Show(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Sources(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Search(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Diff(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Crosswalk(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Explain(a) => of(&mut a.source, None, None),
            Self::Schema(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Export(a) => of(&mut a.source, None, None),
            Self::Check(a) => of(&mut a.source, Some(&mut a.output), None),
            Self::Shell(a) => of(&mut a.source, Some(&mut a.output), Some(&mut a.look)),
            Self::Import(a) => Parts { db: Some(&mut a.db), ..Parts::default() },
            Self::Number(_)
            | Self::New(_)
            | Self::Add(_)
            | Self::Suggest(_)
            | Self::Info(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Repair(_)
            | Self::Upgrade(_)
            | Self::Compact(_)
            | Self::Pipe(_)
            | Self::Completions(_)
            | Self::Man(_) => Parts::default(),
            #[cfg(feature = "server")]
            Self::View(a) => of(&mut a.source, Some(&mut a.output), Some(&mut a.picture.look)),
            #[cfg(feature = "server")]
            Self::Serve(_) | Self::Mcp(_) => Parts::default(),
        }
    }
}

/// Which graph.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Graph")]
pub(super) struct Source {
    /// A store file; made when it does not exist and something is to be written.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub db: Option<PathBuf>,
    /// A dataset folder.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The built-in dataset, whatever shejire.toml says.
    #[arg(long, conflicts_with_all = ["db", "data"])]
    pub builtin: bool,
    /// Refuse every statement that writes.
    #[arg(long)]
    pub read_only: bool,
}

/// Whose word is taken.
#[derive(Clone, Debug, Default, Group)]
pub(super) struct ThroughArgs {
    /// Only what this source says; may be repeated.
    #[arg(long, value_name = "SOURCE")]
    pub according_to: Vec<String>,
    /// Only what sources dated by that day say; those without a date are kept.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub known_by: Option<String>,
}

/// How far a statement may go.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// Longest running time of a statement: 500ms, 10s, 2m; 0 for none.
    #[arg(long, value_name = "TIME", value_parser = read_duration)]
    pub timeout: Option<Duration>,
    /// Most memory a statement may hold: 256MiB, 2GiB; 0 for no limit.
    #[arg(long, value_name = "SIZE", value_parser = read_bytes)]
    pub memory: Option<usize>,
    /// Most rows a statement may answer; 0 for no limit.
    #[arg(long, value_name = "N", value_parser = read_rows)]
    pub max_rows: Option<u64>,
    /// The folder that LOAD CSV may read; without one it is refused.
    #[arg(long, value_name = "DIR")]
    pub csv_folder: Option<PathBuf>,
}

/// The form of an answer.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// The form of the answer. The default is a table; when piped, one that is never wrapped.
    #[arg(long, value_enum, value_name = "FORM")]
    pub format: Option<FormArg>,
    /// In CSV, put a ' before text that a spreadsheet would run as a formula.
    #[arg(long)]
    pub csv_safe: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FormArg {
    /// Aligned text with rules.
    Table,
    /// An array of objects, one a row.
    Json,
    /// One object a line.
    Jsonl,
    /// RFC 4180 with a header.
    Csv,
    /// A Markdown table.
    Markdown,
}

impl OutputArgs {
    /// The form that was asked for.
    pub(super) fn form(&self) -> Form {
        self.format.map_or(Form::Table, Form::from)
    }

    /// Whether a program will read the answer: then it gets values as they are, not as people write them.
    pub(super) fn for_programs(&self) -> bool {
        matches!(self.form(), Form::Json | Form::JsonLines)
    }
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Table => Self::Table,
            FormArg::Json => Self::Json,
            FormArg::Jsonl => Self::JsonLines,
            FormArg::Csv => Self::Csv,
            FormArg::Markdown => Self::Markdown,
        }
    }
}

/// Pictures in place of rows.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Pictures")]
pub(super) struct PictureArgs {
    /// Draw an SVG into a file (`-`: standard output) in place of printing rows; so do the following.
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// A PNG.
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
    /// A PDF of one page.
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
    /// A page of its own: offline, without scripts, the data as tables below the picture.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// DOT, for Graphviz.
    #[arg(long, value_name = "FILE")]
    pub dot: Option<PathBuf>,
    /// Mermaid, for Markdown.
    #[arg(long, value_name = "FILE")]
    pub mermaid: Option<PathBuf>,
    #[command(flatten)]
    pub look: LookArgs,
}

/// How pictures look.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Pictures")]
pub(super) struct LookArgs {
    /// A style file: rules by kind, type or property.
    #[arg(long, value_name = "FILE")]
    pub style: Option<PathBuf>,
    /// Languages of names in pictures, best first: kk,en.
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    pub languages: Vec<String>,
    /// In graphs: number the places in documents and list them (lineages always do).
    #[arg(long)]
    pub citations: bool,
    /// Light text on a dark ground.
    #[arg(long)]
    pub dark: bool,
    /// In PNG and PDF: a font for letters that the built-in one lacks (Arabic, Chinese …); may be repeated.
    #[arg(long = "font", value_name = "FILE")]
    pub fonts: Vec<PathBuf>,
    /// In the PDF of a lineage: sheets of this paper, with the axis and the legend on each, in place of one large page.
    #[arg(long, value_enum, value_name = "PAPER")]
    pub page: Option<PaperArg>,
    /// Pixels of a PNG for each unit of the SVG.
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    pub scale: f64,
}

/// Sheets of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PaperArg {
    A4,
    A3,
    Letter,
}

/// How a graph is laid out.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Pictures")]
pub(super) struct GraphArgs {
    /// In pictures: what stands on top.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// In pictures: how the graph is laid out; layers where it is lean enough for them, forces otherwise.
    #[arg(long, value_enum, value_name = "LAYOUT")]
    pub layout: Option<LayoutArg>,
    /// In pictures: nodes of a kind together, in a frame.
    #[arg(long)]
    pub clusters: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LayoutArg {
    /// Layers where the graph is lean enough for them, forces otherwise.
    Auto,
    /// Layers from left to right.
    Layered,
    /// Layers from top to bottom.
    LayeredDown,
    /// Springs and repulsion.
    Force,
    /// Of `export parquet`: tables for clusters, one folder a kind of node and of relationship (docs/cluster.md).
    #[cfg(feature = "parquet")]
    Graph,
}

/// The text of a query.
#[derive(Clone, Debug, Group)]
pub(super) struct Text {
    /// The query; `-` or nothing reads standard input.
    #[arg(value_name = "QUERY")]
    pub query: Option<String>,
    /// Read the query from a file.
    #[arg(long, short, value_name = "FILE", conflicts_with = "query")]
    pub file: Option<PathBuf>,
    /// Give $NAME a value: a number, true, 'text', [1, 2], {a: 1}, date('2022-06-01'); anything else is text.
    #[arg(long = "param", short, value_name = "NAME=VALUE")]
    pub params: Vec<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire query \"MATCH (n:law) RETURN n.name\"
  shejire query --param name='National Kurultai' 'MATCH (n {name: $name}) RETURN n'
  echo \"RETURN 1 AS one\" | shejire query --format json
  shejire query \"MATCH (a:law)-[r:protects]->(b) RETURN a, r, b\" --svg protects.svg --citations")]
pub(super) struct QueryArgs {
    #[command(flatten)]
    pub text: Text,
    /// Add to every row the places in the documents it rests on.
    #[arg(long)]
    pub cite: bool,
    /// Exit with 3 when the query is warned about (an unknown label, type or property).
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub graph: GraphArgs,
    /// In pictures: the nodes of the answer as bars on one time axis, with the acts that join them.
    #[arg(long, help_heading = "Pictures")]
    pub timeline: bool,
    /// With --timeline: what lanes stand for, `kind` or any property.
    #[arg(long, value_name = "PROPERTY", requires = "timeline", help_heading = "Pictures")]
    pub lane_by: Option<String>,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub cluster: ClusterArgs,
    #[command(flatten)]
    pub source: Source,
}

/// Where a query runs, when not here.
#[cfg(feature = "cluster")]
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArgs {
    /// Run it on a cluster that speaks Spark Connect: sc://HOST:PORT[;token=TOKEN][;use_ssl=true] (docs/cluster.md).
    #[arg(long, value_name = "URL", requires = "tables", conflicts_with_all = ["db", "data", "builtin"])]
    pub on: Option<String>,
    /// The graph there: graph.toml as `export parquet --layout graph` wrote it, by its path here or its address there.
    #[arg(long = "graph", id = "tables", value_name = "FILE", requires = "on")]
    pub tables: Option<String>,
    /// Refuse a query that reads tables with more nodes and relationships than these, all told.
    #[arg(long, value_name = "N", value_parser = read_rows, requires = "on")]
    pub max_scan: Option<u64>,
}

#[cfg(feature = "cluster")]
impl ClusterArgs {
    /// The cluster and the graph on it.
    pub(super) fn named(&self) -> Option<(&str, &str)> {
        self.on.as_deref().zip(self.tables.as_deref())
    }
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire trace \"National Council of Public Trust\"
  shejire trace құрылтай --backward
  shejire trace \"Constitutional Court\" --as-of 2022-06-01 --format json
  shejire trace \"Constitutional Court\" --according-to 003
  shejire trace \"Ministry of Health\" \"Ministry of Internal Affairs\"
  shejire trace \"National Kurultai\" --svg kurultai.svg --languages en,kk
  shejire trace \"National Kurultai\" --text")]
pub(super) struct TraceArgs {
    /// The institution, by any of its names; several are traced together.
    #[arg(required_unless_present = "from_query", value_name = "NAME")]
    pub names: Vec<String>,
    /// Trace what this query finds: nodes, or names.
    #[arg(long, value_name = "QUERY")]
    pub from_query: Option<String>,
    /// Only what joins it with this institution.
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// Only what came before.
    #[arg(long, conflicts_with = "forward")]
    pub backward: bool,
    /// Only what came after.
    #[arg(long)]
    pub forward: bool,
    /// Follow only relationships of this type; may be repeated.
    #[arg(long, value_name = "TYPE")]
    pub via: Vec<String>,
    /// Only what holds on a date; what states no date holds always.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// With --as-of: only what is stated to hold.
    #[arg(long, requires = "as_of")]
    pub certain: bool,
    #[command(flatten)]
    pub through: ThroughArgs,
    /// Exit with 3 when something in the lineage has no evidence.
    #[arg(long)]
    pub strict: bool,
    /// Print the lineage as lines with years beside them, as version control draws history, in place of rows.
    #[arg(long)]
    pub text: bool,
    /// Write the acts as a table in CSV, one row each.
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub csv: Option<PathBuf>,
    /// Write everything in the picture as JSON: bodies, links, conflicts, citations.
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub json: Option<PathBuf>,
    /// In pictures: what lanes stand for, `kind` or any property.
    #[arg(long, value_name = "PROPERTY", help_heading = "Pictures")]
    pub lane_by: Option<String>,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire evidence \"Constitutional Court\"
  shejire evidence Ombudsman --relation strengthened --sources path/to/documents")]
pub(super) struct EvidenceArgs {
    /// The entity, by any of its names.
    pub name: String,
    /// Only facts of this relation.
    #[arg(long, value_name = "TYPE")]
    pub relation: Option<String>,
    /// Show the sentences themselves, from the documents in this folder, and whether each is the one that was read.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// Exit with 3 when a sentence has changed or is missing.
    #[arg(long, requires = "sources")]
    pub strict: bool,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire conflicts
  shejire conflicts \"Constitutional Court\"
  shejire conflicts --data my-town --strict")]
pub(super) struct ConflictsArgs {
    /// Only those that touch this entity, by any of its names.
    pub name: Option<String>,
    #[command(flatten)]
    pub through: ThroughArgs,
    /// Exit with 3 when there is a conflict.
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire find Baitak
  shejire find құрылтай
  shejire find Ombudsman --limit 20")]
pub(super) struct FindArgs {
    /// The name, or a part of it, in any script or spelling.
    pub name: String,
    /// Most candidates to list.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub limit: usize,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire explain \"MATCH (n:law) RETURN n.name\"
  shejire explain --profile \"MATCH (a)-[:protects]->(b) RETURN b.name, count(*)\"")]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    pub text: Text,
    /// Run the query and show how many rows each operator made.
    #[arg(long)]
    pub profile: bool,
    #[cfg(feature = "cluster")]
    #[command(flatten)]
    pub cluster: ClusterArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire schema
  shejire schema transferred-to
  shejire schema --data my-town --format markdown")]
pub(super) struct SchemaArgs {
    /// Only labels, relationship types and qualifiers of this name (or with this in their names), with all that is
    /// known of them: definition, inverse, kinds, properties with sample values.
    pub name: Option<String>,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire export graphml -o reforms.graphml
  shejire export mermaid \"MATCH (a)-[r:`transferred-to`]->(b) RETURN a, r, b\"
  shejire export turtle \"TRACE 'National Kurultai'\" -o kurultai.ttl
  shejire export sqlite -o reforms.db
  shejire export dot --render svg -o reforms.svg
  shejire export svg \"MATCH (a:law)-[r]->(b) RETURN a, r, b\" --clusters -o laws.svg
  shejire export cypher --db library.shejire -o backup.cypher")]
pub(super) struct ExportArgs {
    /// The format; docs/formats.md says what each holds.
    #[arg(value_name = "FORMAT", value_parser = written_names())]
    pub format: String,
    #[command(flatten)]
    pub text: Text,
    /// Write to a file (neo4j, dataset: a folder) instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// In CSV, put a ' before text that a spreadsheet would run as a formula; it does not come back as it was.
    #[arg(long)]
    pub no_formulas: bool,
    /// Begin the CSV with a byte order mark, by which Excel knows that it is UTF-8.
    #[arg(long)]
    pub bom: bool,
    /// With `dot`: let Graphviz draw the graph.
    #[arg(long, value_name = "svg|png", value_parser = ["svg", "png"])]
    pub render: Option<String>,
    #[command(flatten)]
    pub graph: GraphArgs,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub source: Source,
}

/// Pictures, beside the formats of graphs.
pub(super) const PICTURES: [(&str, &str); 4] = [
    ("svg", "a picture: boxes and lines, laid out by ourselves"),
    ("png", "the same as PNG"),
    ("pdf", "the same as a PDF of one page"),
    ("html", "the same as a page of its own, with its data as tables"),
];

fn written_names() -> clap::builder::PossibleValuesParser {
    possible(named(|f| f.write.is_some()).chain(PICTURES))
}

fn read_names() -> clap::builder::PossibleValuesParser {
    possible(named(|f| f.read.is_some()))
}

fn named(wanted: fn(&Format) -> bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    FORMATS.iter().filter(move |f| wanted(f)).map(|f| (f.name, f.doc))
}

fn possible(named: impl Iterator<Item = (&'static str, &'static str)>) -> clap::builder::PossibleValuesParser {
    let values = named.map(|(name, doc)| clap::builder::PossibleValue::new(name).help(doc));
    clap::builder::PossibleValuesParser::new(values.collect::<Vec<_>>())
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire import --db library.shejire --nodes Person=people.csv --relationships KNOWS=knows.csv
  shejire import --db library.shejire export.jsonl.gz
  shejire import --db library.shejire data/kazakhstan
  shejire import --db library.shejire --match id --relationships WROTE=wrote.csv
  shejire import --db library.shejire nodes.csv edges.csv
  shejire import --db library.shejire --encoding windows-1251 --nodes 'Person=header.csv,people-*.csv'
  shejire import --db library.shejire wikidata.ttl --on-error skip --report bad.txt
  shejire import --data register --snapshot 2020-01-01 --complete commune --match code --named name list-2020.csv")]
pub(super) struct ImportArgs {
    /// The store; made when it does not exist.
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// With --snapshot: the dataset folder that takes the edition.
    #[arg(long, value_name = "DIR", conflicts_with = "db", requires = "snapshot", help_heading = "Editions")]
    pub data: Option<PathBuf>,
    /// FILE is a list of all units on this day: what the edition before has and this one lacks ended in between, what it has and the one
    /// before lacks began.
    #[arg(long, value_name = "DATE", requires = "complete", requires = "data", help_heading = "Editions")]
    pub snapshot: Option<String>,
    /// The kind of the units that the list is complete for.
    #[arg(long, value_name = "KIND", requires = "snapshot", help_heading = "Editions")]
    pub complete: Option<String>,
    /// The column of the list that names a unit; --match names that of its id.
    #[arg(long, value_name = "COLUMN", default_value = "name", help_heading = "Editions")]
    pub named: String,
    /// With --snapshot: say what the edition brings, and write nothing.
    #[arg(long, requires = "snapshot", help_heading = "Editions")]
    pub dry_run: bool,
    /// Nodes: labels, then the files; the first begins with the header.
    #[arg(long, value_name = "[LABEL[:LABEL]=]FILE[,FILE]")]
    pub nodes: Vec<String>,
    /// Relationships: the type, then the files; the first begins with the header.
    #[arg(long, value_name = "[TYPE=]FILE[,FILE]")]
    pub relationships: Vec<String>,
    /// Files, known by the ends of their names (.gz may follow; `*` and `?` stand for text; `-` is standard input);
    /// dataset folders, and folders of `export neo4j`.
    #[arg(value_name = "FILE|FOLDER")]
    pub files: Vec<PathBuf>,
    /// What the files are, whatever their names say.
    #[arg(long, value_name = "FORMAT", value_parser = read_names())]
    pub format: Option<String>,
    /// The property that tells nodes apart: one that is there with the same value is that node, and relationships may name
    /// it. RDF is told apart by `iri`, a dataset by `id`, without being asked.
    #[arg(long = "match", value_name = "KEY")]
    pub match_key: Option<String>,
    /// How text is encoded, where the files do not say it themselves: latin1, windows-1251, utf-16, gbk …
    #[arg(long, value_name = "NAME", value_parser = read_charset)]
    pub encoding: Option<Charset>,
    /// In RDF, what relative IRIs are relative to.
    #[arg(long, value_name = "IRI")]
    pub base: Option<String>,
    /// Let LOAD CSV in scripts read files of this folder.
    #[arg(long, value_name = "FOLDER")]
    pub load_csv: Option<PathBuf>,
    /// Leave out a header that a further file of a group repeats.
    #[arg(long, help_heading = "Tables")]
    pub auto_skip_subsequent_headers: bool,
    /// Between cells: one ASCII character, or TAB; a comma, and what the header has most of where neither --nodes nor
    /// --relationships names the file.
    #[arg(long, value_parser = read_delimiter, value_name = "CHAR", help_heading = "Tables")]
    pub delimiter: Option<u8>,
    /// Between the elements of a list.
    #[arg(long, default_value_t = ';', value_name = "CHAR", help_heading = "Tables")]
    pub array_delimiter: char,
    /// Around cells that hold a delimiter or a line end: one ASCII character.
    #[arg(long, default_value = "\"", value_parser = read_quote, value_name = "CHAR", help_heading = "Tables")]
    pub quote: u8,
    /// What keys are whose header does not say.
    #[arg(long, default_value = "string", value_parser = ["string", "integer"], value_name = "string|integer", help_heading = "Tables")]
    pub id_type: String,
    /// Text that means nothing at all, as the empty cell does: NULL, \N, NA …
    #[arg(long, value_name = "TEXT", help_heading = "Tables")]
    pub null: Option<String>,
    /// Take an empty text in quotes for nothing.
    #[arg(long, help_heading = "Tables")]
    pub ignore_empty_strings: bool,
    /// Leave out cells beyond the header.
    #[arg(long, help_heading = "Tables")]
    pub ignore_extra_columns: bool,
    /// Leave out this many records that cannot be taken, and end with more.
    #[arg(long, value_name = "N")]
    pub bad_tolerance: Option<u64>,
    /// What to do with a record that cannot be taken.
    #[arg(long, default_value = "abort", value_parser = ["abort", "skip"], value_name = "abort|skip")]
    pub on_error: String,
    /// List the records that could not be taken in this file.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

impl ImportArgs {
    /// What keys are whose header does not say.
    pub(super) fn id_type(&self) -> IdType {
        if self.id_type == "integer" { IdType::Int } else { IdType::Text }
    }
}

fn read_charset(text: &str) -> Result<Charset, String> {
    Charset::named(text).ok_or_else(|| "no encoding has this name; known are those of the web: utf-8, utf-16, latin1, windows-1251, koi8-r, gbk, shift_jis …".to_owned())
}

fn read_quote(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() => Ok(*byte),
        _ => Err("a quote is one ASCII character that is no letter and no digit".to_owned()),
    }
}

fn read_delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && *byte != b'"' => Ok(*byte),
        b"TAB" | b"\\t" => Ok(b'\t'),
        _ => Err("a delimiter is one ASCII character, or TAB".to_owned()),
    }
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire check data/kazakhstan --sources path/to/documents
  shejire check my-folder --sources texts --write
  shejire check my-folder --fix
  shejire check my-folder --sources texts --moves
  shejire check library.shejire")]
pub(super) struct CheckArgs {
    /// A dataset folder or a store file; without one, the built-in dataset.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Re-read the documents in this folder and verify every place, wording, name and fingerprint.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// Write the fingerprints that mentions.csv lacks; nothing else is changed.
    #[arg(long, requires = "sources")]
    pub write: bool,
    /// Mend what has one right answer: dropped zeros of source ids, days written as 12.03.1999, blanks around cells; with --sources
    /// also the fingerprints that are missing. `shejire add DIR --undo` takes it back.
    #[arg(long)]
    pub fix: bool,
    /// Write the new places of sentences that stand, word for word, at one other place and nowhere else.
    #[arg(long, requires = "sources")]
    pub moves: bool,
    /// List lives and names that no place states, too.
    #[arg(long)]
    pub unsourced: bool,
    /// Exit with 3 when there is something to look at, even if nothing must be mended.
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire upgrade my-folder --dry-run
  shejire upgrade my-folder
  shejire upgrade old.shejire --to new.shejire")]
pub(super) struct UpgradeArgs {
    /// The dataset folder, or a store file.
    #[arg(value_name = "DIR|FILE")]
    pub path: PathBuf,
    /// Where the store goes in the newest format; no file may be there. A folder is moved on where it is.
    #[arg(long, value_name = "NEW")]
    pub to: Option<PathBuf>,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire info library.shejire
  shejire compact library.shejire")]
pub(super) struct StoreArgs {
    /// The store file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire backup library.shejire library-2024-06-01.shejire")]
pub(super) struct BackupArgs {
    /// The store file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the copy goes; nothing that is there is overwritten.
    #[arg(value_name = "COPY")]
    pub copy: PathBuf,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire restore library-2024-06-01.shejire library.shejire
  shejire restore library.shejire library.shejire    # as it is, without the log of another store that lies beside it")]
pub(super) struct RestoreArgs {
    /// The backup; it stays as it is.
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    /// The store, which nobody may have open. What it held is FILE.before then.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire check library.shejire
  shejire repair library.shejire --to library-repaired.shejire")]
pub(super) struct RepairArgs {
    /// The store file; it is only read.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the copy goes; nothing that is there is overwritten.
    #[arg(long, value_name = "NEW")]
    pub to: PathBuf,
    /// Exit with 3 when anything was left out.
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire shell
  shejire shell --db library.shejire
  shejire shell --data my-town --format markdown < questions.cypher

At a terminal a statement ends with ; or when it is whole; in a script with ; only, and the first error ends it.
`:help` lists the commands. What is typed is remembered in $SHEJIRE_HISTORY, else below ~/.local/state; long answers
go through $SHEJIRE_PAGER, $PAGER or less.")]
pub(super) struct ShellArgs {
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub look: LookArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Without --db, --data and --builtin the graph is empty and lives in memory.
Examples:
  shejire pipe --builtin
  echo '{\"op\":\"run\",\"query\":\"RETURN $x + 1 AS y\",\"params\":{\"x\":41}}' | shejire pipe")]
pub(super) struct PipeArgs {
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub source: Source,
}

#[cfg(feature = "server")]
#[derive(Debug, Group)]
#[command(after_help = "\
Pages of lineages, graphs and queries have pictures; a view keeps the page, its day, its sources and its style.
Examples:
  shejire view --views views
  shejire view mergers-of-2016 --views views --data register --svg mergers.svg")]
pub(super) struct ViewArgs {
    /// The view, as its file is called without `.view.toml`; without one the views are listed.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// The folder of views, that of `serve --views`.
    #[arg(long, value_name = "DIR")]
    pub views: PathBuf,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub picture: PictureArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub source: Source,
}

#[cfg(feature = "server")]
#[derive(Debug, Group)]
#[command(after_help = "\
Without --write nothing that is said here changes the graph. The first line of standard output says as JSON where it listens.
Who may write, and who comes from another machine, must show a token: the password of Bolt, the bearer of HTTP.
Examples:
  shejire serve --builtin
  shejire serve --db library.shejire --write --token-file ~/.shejire-token
  shejire serve --db library.shejire --http 8080 --bolt off")]
pub(super) struct ServeArgs {
    /// Where HTTP is listened to: an address, a port of this machine, or off.
    #[arg(long, alias = "port", value_name = "ADDR", default_value = "7474", value_parser = super::serve::read_address)]
    pub http: super::serve::Listen,
    /// Where Bolt is listened to: an address, a port of this machine, or off.
    #[arg(long, value_name = "ADDR", default_value = "7687", value_parser = super::serve::read_address)]
    pub bolt: super::serve::Listen,
    /// Let statements write.
    #[arg(long)]
    pub write: bool,
    /// The documents themselves (txt, md, html, docx, pdf), so that the explorer shows the sentence behind a fact.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// Keep views of the explorer in this folder, a file each.
    #[arg(long, value_name = "DIR")]
    pub views: Option<PathBuf>,
    /// Open the explorer in the browser.
    #[arg(long)]
    pub open: bool,
    /// A file, readable by its owner only, with the token that clients must show; SHEJIRE_TOKEN holds it otherwise.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// A name by which clients call this machine; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// An origin (scheme, host and port) whose pages may ask; may be given several times.
    #[arg(long, value_name = "ORIGIN")]
    pub cors: Vec<String>,
    /// Say that this is Neo4j, for drivers that talk to nothing else.
    #[arg(long)]
    pub neo4j_compat: bool,
    /// The address that routing drivers are sent to, when they name none.
    #[arg(long, value_name = "HOST:PORT")]
    pub advertise: Option<String>,
    /// Speak TLS: the file with the certificate and those that vouch for it (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The file with the private key of the certificate (PEM), readable by its owner only.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen beyond this machine without TLS.
    #[arg(long)]
    pub insecure: bool,
    /// Most connections of each protocol.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub max_connections: usize,
    /// How long a transaction may go without a message before it is rolled back.
    #[arg(long, value_name = "TIME", value_parser = read_duration)]
    pub tx_idle: Option<Duration>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub source: Source,
}

#[cfg(feature = "server")]
#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire mcp --db library.shejire
  shejire mcp --builtin")]
pub(super) struct McpArgs {
    #[command(flatten)]
    pub source: Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire completions bash > ~/.local/share/bash-completion/completions/shejire
  shejire completions zsh > ~/.zfunc/_shejire        # with fpath+=~/.zfunc before compinit
  shejire completions fish > ~/.config/fish/completions/shejire.fish
  shejire completions powershell >> $PROFILE
  shejire completions nushell > shejire.nu            # then: use shejire.nu *")]
pub(super) struct CompletionArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(clippy::enum_variant_names)] // PowerShell is called that
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
    Nushell,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire man | man -l -
  shejire man --output ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write one page for every command into this folder.
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_declaration_is_sound() {
        super::Args::command().debug_assert();
    }
}
