//! The commands that make datasets of documents, and what they can be given.

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};

#[derive(Debug, Group)]
#[command(after_help = "\
Reads plain text, Markdown, HTML, .docx and PDF with a layer of text. The numbers are those of locators: `report:3.2` is
paragraph 3, sentence 2 of the document that the folder calls `report`. Page numbers stand beside where the file has pages.

Examples:
  shejire number report.txt
  shejire number report.pdf --format html > report.html
  shejire number texts/003.txt --data my-folder --format jsonl")]
pub(in crate::cli) struct NumberArgs {
    /// The documents.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Number as this dataset folder does, and call documents as it calls them.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The rule by which sentences are counted; that of the folder, else 2.
    #[arg(long, value_name = "1|2", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub sentences: Option<u8>,
    /// The form of the answer.
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", help_heading = "Output")]
    pub format: NumberForm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum NumberForm {
    /// A sentence a line, its number before it.
    Text,
    /// Paragraphs with the numbers in them.
    Markdown,
    /// A page of its own, each sentence with an anchor.
    Html,
    /// One object a document, with its sentences and their fingerprints.
    Json,
    /// One object a sentence.
    Jsonl,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire new my-town
  shejire new my-town --from report.pdf news.docx --title \"Offices of a harbour\"
  shejire new statutes --template laws")]
pub(in crate::cli) struct NewArgs {
    /// The folder; it is made, and must not hold a dataset yet.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The vocabulary to begin with.
    #[arg(long, value_enum, value_name = "TEMPLATE", default_value = "institutions")]
    pub template: TemplateArg,
    /// Documents to begin with: each is copied into DIR/texts and gets a row in sources.csv.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// The title of the dataset.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The language of names and definitions.
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub language: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TemplateArg {
    /// Bodies and what becomes of them: mergers, splits, transfers, names, with two example facts.
    Institutions,
    /// Laws and other acts: adopted, amended, repealed, with two example facts.
    Laws,
    /// The tables with their headings, one kind and one relation.
    Blank,
}

#[derive(Debug, Group)]
#[command(after_help = "\
SUBJECT and OBJECT are ids, or names that one entity has. The place is the sentence that says it. Before a row is written it is
shown as it will be cited, with what `check` and `conflicts` will say of it. What the sentence does not say is not taken: what
this program cannot see in the words, a person who has read them confirms with --confirm.

Examples:
  shejire add my-town \"Pilot Office\" merged-into \"Harbour Office\" --at report:3.2 --date 1998-07-01 --wording \"was merged into\"
  shejire add my-town \"Port Authority\" exists --at report:4.1 --start 2010 --subject-kind institution
  shejire add my-town \"Harbour Office\" has-quantity \"12 ships\" --quantity --at report:5.1 --with measure=ships --dry-run
  shejire add my-town --undo")]
pub(in crate::cli) struct AddArgs {
    /// The dataset folder.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Of what something is said; asked for when it is missing and somebody is there.
    #[arg(value_name = "SUBJECT", conflicts_with = "undo")]
    pub subject: Option<String>,
    /// What is said: a relation of relations.csv, or `exists`.
    #[arg(value_name = "RELATION")]
    pub relation: Option<String>,
    /// To what it leads: an entity, or with --quantity, --on-date and --text a value.
    #[arg(value_name = "OBJECT")]
    pub object: Option<String>,
    /// The sentence that says it: document:paragraph.sentence.
    #[arg(long, value_name = "PLACE")]
    pub at: Option<String>,
    /// The documents; DIR/texts where it is not said.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    #[command(flatten)]
    pub what: WhatArgs,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// I have read the sentence, and it says so, though this program cannot see it.
    #[arg(long)]
    pub confirm: bool,
    /// Ask nothing; refuse what is not clear.
    #[arg(long)]
    pub no_input: bool,
    /// Take the last change back.
    #[arg(long, conflicts_with_all = ["at", "dry_run"])]
    pub undo: bool,
    /// `json` gives the answer to programs.
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", help_heading = "Output")]
    pub format: AddForm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum AddForm {
    /// Lines for people.
    Text,
    /// One object.
    Json,
}

/// What a mention says beside its subject, relation and object.
#[derive(Clone, Debug, Default, Group)]
#[command(next_help_heading = "What it says")]
pub(in crate::cli) struct WhatArgs {
    /// When it happened (EDTF: 1998-07-01, 1998-07, 1998).
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub date: Option<String>,
    /// From when it holds, or a body exists.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub start: Option<String>,
    /// Until when; the last day.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub end: Option<String>,
    /// On which days it held.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub during: Option<String>,
    /// The act by which: an entity.
    #[arg(long, value_name = "ACT")]
    pub through: Option<String>,
    /// The words of the sentence, `...` for what is left out.
    #[arg(long, value_name = "WORDS")]
    pub wording: Option<String>,
    /// Any other qualifier; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub with: Vec<String>,
    /// Codes of confidence: E explicit, R a reference is resolved, A the actor is supplied, X, I, V, M (docs/dataset.md).
    #[arg(long, value_name = "CODES", default_value = "E")]
    pub confidence: String,
    /// The object is a quantity: `30 percent`.
    #[arg(long, conflicts_with_all = ["on_date", "text"])]
    pub quantity: bool,
    /// The object is a date.
    #[arg(long, conflicts_with = "text")]
    pub on_date: bool,
    /// The object is a few words.
    #[arg(long)]
    pub text: bool,
    /// The sentence denies it.
    #[arg(long, conflicts_with_all = ["hedges", "reports"])]
    pub denies: bool,
    /// The sentence says that it may be so.
    #[arg(long, conflicts_with = "reports")]
    pub hedges: bool,
    /// The sentence gives another's word: whose.
    #[arg(long, value_name = "WHO")]
    pub reports: Option<String>,
    /// The name by which the sentence calls it, where that is none of its names.
    #[arg(long, value_name = "NAME")]
    pub as_named: Option<String>,
    /// How surely it is this entity.
    #[arg(long, value_name = "sure|probable|possible", value_parser = ["sure", "probable", "possible"])]
    pub identified: Option<String>,
    /// The event it is a part of, by an id of your choice.
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
    /// The mention that this one corrects, by its id.
    #[arg(long, value_name = "ID")]
    pub corrects: Option<String>,
    /// Make the subject, of this kind, where nothing has its name.
    #[arg(long, value_name = "KIND")]
    pub subject_kind: Option<String>,
    /// Make the object, of this kind, where nothing has its name.
    #[arg(long, value_name = "KIND")]
    pub object_kind: Option<String>,
    /// For the makers of the dataset; never cited.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// The id of the row; the next one where it is not said.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Without --jsonl: what each sentence offers to be written down, by the names and words of the tables. With it, proposals of any program
are put before two gates: (a) the words stand at the place, (b) the claim stands in the words. What falls at (a) is refused, what
falls at (b) waits for a person; --write writes the rest.

Examples:
  shejire suggest my-town report:3.2
  shejire suggest my-town report --unlinked
  shejire suggest my-town --jsonl proposals.jsonl --by my-model --write --waiting for-me.jsonl

A proposal is a line of JSON:
  {\"subject\":\"pilot-office\",\"relation\":\"merged-into\",\"object\":\"harbour-office\",\"locator\":\"report:3.2\",
   \"wording\":\"was merged into\",\"fingerprint\":\"(of shejire number)\",\"qualifiers\":{\"date\":\"1998-07-01\"}}")]
pub(in crate::cli) struct SuggestArgs {
    /// The dataset folder.
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Sentences (report:3.2), paragraphs (report:3) or documents (report); every document where none is named.
    #[arg(value_name = "PLACE", conflicts_with = "jsonl")]
    pub places: Vec<String>,
    /// The documents; DIR/texts where it is not said.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// The names in the documents that nothing in the tables has.
    #[arg(long, conflicts_with = "jsonl")]
    pub unlinked: bool,
    /// Proposals, one a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub jsonl: Option<PathBuf>,
    /// Who proposes: what the column made_by says of the rows.
    #[arg(long, value_name = "NAME", requires = "jsonl")]
    pub by: Option<String>,
    /// Write the proposals that both gates let through.
    #[arg(long, requires = "jsonl")]
    pub write: bool,
    /// Write the proposals that wait for a person into this file, as they came.
    #[arg(long, value_name = "FILE", requires = "jsonl")]
    pub waiting: Option<PathBuf>,
    #[command(flatten)]
    pub output: super::OutputArgs,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire show \"Constitutional Court\"
  shejire show Ombudsman --sources path/to/documents
  shejire show \"National Kurultai\" --format markdown")]
pub(in crate::cli) struct ShowArgs {
    /// The entity, by any of its names.
    pub name: String,
    /// Show the sentences, from the documents in this folder.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    #[command(flatten)]
    pub output: super::OutputArgs,
    #[command(flatten)]
    pub source: super::Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire sources
  shejire sources --data my-town --format json")]
pub(in crate::cli) struct SourcesArgs {
    #[command(flatten)]
    pub output: super::OutputArgs,
    #[command(flatten)]
    pub source: super::Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Examples:
  shejire search \"pilot office\" --data my-town
  shejire search 'merge* \"Harbour Office\"' --data my-town --sources texts --limit 50")]
pub(in crate::cli) struct SearchArgs {
    /// The words: all of them in one sentence, in any order and spelling; `word*` has any ending, \"words in a row\" stand so.
    #[arg(value_name = "WORDS")]
    pub words: String,
    /// The documents; DATA/texts where it is not said.
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// Most sentences to show.
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub limit: usize,
    #[command(flatten)]
    pub output: super::OutputArgs,
    #[command(flatten)]
    pub source: super::Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
Bodies are the same when they have the same id; facts when type, ends, measure and subject are.

Examples:
  shejire diff edition-2019 edition-2020
  shejire diff old.shejire new.shejire --format json
  shejire diff --as-of 2015 --as-of 2020 --data my-town")]
pub(in crate::cli) struct DiffArgs {
    /// A dataset folder or a store.
    #[arg(value_name = "OLD", requires = "new")]
    pub old: Option<PathBuf>,
    /// Another.
    #[arg(value_name = "NEW")]
    pub new: Option<PathBuf>,
    /// Compare two days of one graph: given twice, the earlier first.
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub as_of: Vec<String>,
    /// Exit with 3 when there is a difference.
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub output: super::OutputArgs,
    #[command(flatten)]
    pub source: super::Source,
}

#[derive(Debug, Group)]
#[command(after_help = "\
A row for each body of the first day and each body of the second that came of it, through any number of events: same, goes on as (one
became one), renamed (one became one of another name), merged (several went into one), part of (it was divided, or a part of it
left); ended where no document says what became of it.

Examples:
  shejire crosswalk 1970 2020 --data register --kind commune
  shejire crosswalk 2000 --data register --shares --format csv")]
pub(in crate::cli) struct CrosswalkArgs {
    /// The day, month or year whose bodies are looked up.
    #[arg(value_name = "FROM", allow_hyphen_values = true)]
    pub from: String,
    /// The day for which they are looked up; today where it is not said.
    #[arg(value_name = "TO", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Only bodies of this kind; else those of all kinds that become one another.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// How much of each: the shares that the events state, multiplied; nothing where one of them does not state it.
    #[arg(long)]
    pub shares: bool,
    /// Leave out what is the same on both days.
    #[arg(long)]
    pub changed: bool,
    #[command(flatten)]
    pub output: super::OutputArgs,
    #[command(flatten)]
    pub source: super::Source,
}
