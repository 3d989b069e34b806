//! A folder to begin with: the vocabulary of a template, two example facts or the documents that are given, and what to do next.

use super::gates::unused;
use crate::dataset::{Document, as_id};

/// What a folder begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Template {
    Institutions,
    Laws,
    Blank,
}

/// The files of a template: its tables, and the text that its example facts are taken from.
macro_rules! files {
    ($folder:literal, $($name:literal),*) => {
        &[$(($name, include_str!(concat!("templates/", $folder, "/", $name)))),*]
    };
    ($folder:literal with examples) => {
        files!($folder, "kinds.csv", "relations.csv", "entities.csv", "aliases.csv", "mentions.csv", "example.txt")
    };
}

impl Template {
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Institutions => files!("institutions" with examples),
            Self::Laws => files!("laws" with examples),
            Self::Blank => files!("blank", "kinds.csv", "relations.csv"),
        }
    }
}

/// A folder that is to be made: files by their paths in it.
#[derive(Debug, Default)]
pub(crate) struct Begun {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What the documents are called, in the order given.
    pub(crate) sources: Vec<String>,
}

/// The text of the examples, among the documents.
const EXAMPLE: &str = "example.txt";
const SOURCES: &str = "id,title,genre,author,publisher,date,group,language,url,paragraphs,sha256,derives_from,note";
const ENTITIES: &str = "id,kind,name,start,end,by_reference,note";
const ALIASES: &str = "entity,alias,language,script,status,used_in";
const MENTIONS: &str = "id,subject,relation,object,object_type,qualifiers,source,locator,confidence,mode,by,as_named,event,fingerprint,made_by,note";

/// The files of a new folder with this title. With documents (each with its bytes) it has no examples but a row in sources.csv for
/// each of them.
pub(crate) fn begin(template: Template, title: &str, language: &str, documents: &[(Document, Vec<u8>)]) -> Begun {
    let mut begun = Begun::default();
    let with_examples = documents.is_empty();
    let of_template = |wanted: &str| template.files().iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text);
    let example = of_template(EXAMPLE).filter(|_| with_examples).and_then(|text| {
        let document = Document::read(EXAMPLE, text.as_bytes(), crate::dataset::Rule::Two).ok()?;
        Some((document, text.as_bytes().to_vec()))
    });
    let mut sources = vec![SOURCES.to_owned()];
    for (document, bytes) in documents.iter().chain(&example) {
        let id = unused(&as_id(stem(document.file())), |id| begun.sources.iter().any(|taken| taken == id));
        sources.push(source(&id, document, language));
        begun.files.push((format!("texts/{id}{}", end_of(document.file())), bytes.clone()));
        begun.sources.push(id);
    }
    let mut table = |name: &str, heading: &str| {
        let text = of_template(name).filter(|_| example.is_some() || heading.is_empty());
        let text = text.map_or_else(
            || format!("{heading}\n"),
            |text| with_fingerprints(name, text, example.as_ref().map(|(d, _)| d)),
        );
        begun.files.push((name.to_owned(), text.into_bytes()));
    };
    table("kinds.csv", "");
    table("relations.csv", "");
    table("entities.csv", ENTITIES);
    table("aliases.csv", ALIASES);
    table("mentions.csv", MENTIONS);
    begun.files.push(("sources.csv".to_owned(), (sources.join("\n") + "\n").into_bytes()));
    let meta = [("id", as_id(title)), ("title", title.to_owned())]
        .map(|(key, value)| format!("{key} = {}\n", toml_text(&value)))
        .concat();
    let meta = format!("{meta}version = \"0.1\"\nformat = 2\nsentences = 2\nlanguage = {}\n", toml_text(language));
    begun.files.push(("dataset.toml".to_owned(), meta.into_bytes()));
    begun.files.push((
        ".gitignore".to_owned(),
        b"# the documents stay with their authors; what `shejire add --undo` needs\ntexts/\n.undo/\n".to_vec(),
    ));
    begun.files.push((
        "README.md".to_owned(),
        read_me(title, &begun.sources, with_examples && example.is_some()).into_bytes(),
    ));
    begun
}

/// A table of examples, each mention with the fingerprint of its sentence.
fn with_fingerprints(name: &str, text: &str, document: Option<&Document>) -> String {
    let Some(document) = document.filter(|_| name == "mentions.csv") else { return text.to_owned() };
    let prints: Vec<(String, String)> = document
        .numbered()
        .map(|(at, _, _, print)| (format!(",example:{at},E,,,,,"), format!("{print:016x}")))
        .collect();
    let fill = |line: &str| {
        let found = prints.iter().find(|(place, _)| line.contains(place.as_str()));
        found.map_or_else(
            || line.to_owned(),
            |(place, print)| line.replacen(place.as_str(), &format!("{place}{print}"), 1),
        )
    };
    text.lines().map(|line| fill(line) + "\n").collect()
}

/// The row of a document in sources.csv, in the order of [`SOURCES`].
fn source(id: &str, document: &Document, language: &str) -> String {
    let told = document.told();
    let title = if told.title.is_empty() { heading(document).unwrap_or(stem(document.file())) } else { &told.title };
    let language = if told.language.is_empty() { language } else { &told.language };
    let paragraphs = document.paragraphs().to_string();
    let cells =
        [id, title, "", &told.author, "", &told.date, "", language, &told.url, &paragraphs, document.sha256(), "", ""];
    cells.map(quoted).join(",")
}

/// The first paragraph, when it looks like a heading: short, one sentence, without a full stop.
fn heading(document: &Document) -> Option<&str> {
    let mut sentences = document.numbered();
    let (at, _, first, _) = sentences.next()?;
    let alone = sentences.next().is_none_or(|(next, ..)| next.paragraph != at.paragraph);
    (alone && first.chars().count() <= 120 && !first.ends_with(['.', '!', '?', ':', ';', ','])).then_some(first)
}

fn quoted(cell: &str) -> String {
    let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

fn toml_text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The end of a name with its full stop, in small letters.
fn end_of(name: &str) -> String {
    name.rsplit_once('.').map_or_else(|| ".txt".to_owned(), |(_, end)| format!(".{}", end.to_lowercase()))
}

fn read_me(title: &str, sources: &[String], with_examples: bool) -> String {
    let first = sources.first().map_or("report", String::as_str);
    let beginning = match with_examples {
        true => "The two facts in mentions.csv are examples, taken from texts/example.txt. Look at them:\n\n    shejire query --cite \"MATCH (a)-[r]->(b) RETURN a.name, type(r), b.name\" --data .\n\nThen delete their rows, and those of entities.csv, aliases.csv and sources.csv that they name.\n".to_owned(),
        false => format!("texts/ holds the documents; sources.csv has a row for each: look whether titles, authors and dates are right.\n\n    shejire number texts/{first}.* --data .\n\nshows a document with the numbers of its paragraphs and sentences.\n"),
    };
    format!(
        "# {title}\n\nA dataset for shejire: plain tables in which every fact names the sentence it comes from.\n\n{beginning}\n\
         ## What to do next\n\n\
         1. Put documents into texts/ (txt, md, html, docx, pdf), named by the ids of sources.csv: `{first}.txt`.\n\
         2. `shejire number texts/{first}.* --data .` numbers the sentences.\n\
         3. `shejire suggest . {first}:2.1` says what a sentence offers: names, dates, relations.\n\
         4. `shejire add . SUBJECT RELATION OBJECT --at {first}:2.1` writes a fact down; `--dry-run` shows it first, \
         `shejire add . --undo` takes it back.\n\
         5. `shejire check . --sources texts` re-reads every place.\n\
         6. `shejire trace NAME --data .`, `--svg FILE`: what became of it.\n\n\
         kinds.csv and relations.csv say what can be said here: change them as you need. The texts are not part of the dataset: \
         leave them out when you give it away.\n"
    )
}
