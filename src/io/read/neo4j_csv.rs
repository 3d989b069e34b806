//! CSV with the headers of `neo4j-admin database import`: `id:ID(Person){id-type:long}`, `age:long`, `:LABEL`,
//! `:START_ID(Person)`, `:TYPE` …
//!
//! What neo4j has no column for, `export neo4j` writes into columns that it ignores and that are read here: a JSON array
//! of labels in `labels.json:IGNORE`, in place of those of `:LABEL`; a JSON object of properties in
//! `properties.json:IGNORE`. A property that has a column of its own as well is taken from the object while that column
//! says the same less exactly (`4.0` for `4`), and from its column when somebody changed it there. Older exports have
//! the column type `json`, `:LABEL{json}` and `:PROPERTIES{json}`.
//!
//! ```text
//! thread    bytes ─► records ─► batches of typed columns ─┐ (a few may wait)
//! caller    keys resolved ─► nodes, relationships  ◄──────┘
//! ```

pub(in crate::io) mod header;
mod plain;
mod records;
mod taker;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

pub(crate) use header::{Header, IdType};
pub(crate) use records::{Places, Records};

use super::batch::Batch;
use super::{Key, NO_TYPE, OnProblem, Sink, in_file};
use crate::error::{Code, Error, Result};
use crate::io::csv::{Reader, Record};
use crate::value::Value;
use taker::Taker;

/// How the files are written, and what the key spaces of the nodes hold.
#[derive(Clone, Debug)]
pub(crate) struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Somebody has said so.
    pub delimiter_stated: bool,
    /// Between the elements of a list in one cell.
    pub array_delimiter: char,
    /// Leave out the first line of a further file when it is a header again.
    pub skip_headers: bool,
    /// Around cells that hold a delimiter or a line end.
    pub quote: u8,
    /// What keys are whose header does not say.
    pub ids: IdType,
    /// Text that means nothing at all, beside the empty cell.
    pub null: Option<String>,
    /// Empty texts are nothing.
    pub ignore_empty_strings: bool,
    /// Cells beyond the header are left out, and counted.
    pub ignore_extra_columns: bool,
    /// Whether the keys of a space are numbers; filled by the headers of node files.
    pub spaces: BTreeMap<String, IdType>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            delimiter_stated: false,
            array_delimiter: ';',
            skip_headers: false,
            quote: b'"',
            ids: IdType::Text,
            null: None,
            ignore_empty_strings: false,
            ignore_extra_columns: false,
            spaces: BTreeMap::new(),
        }
    }
}

impl Dialect {
    /// The records of a text. A first line `sep=;` is no record: it says what stands between cells, for spreadsheets.
    ///
    /// Errors: the input breaks off.
    pub(crate) fn records<R: BufRead>(&self, mut input: R) -> Result<Reader<R>> {
        let head = input.fill_buf().map_err(|e| crate::io::unreadable("line 1", &e))?;
        let stated = stated_delimiter(head);
        let mut reader = Reader::new(input, self.delimiter).quoted_by(self.quote);
        if let Some(delimiter) = stated {
            reader.set_delimiter(0);
            reader.record()?;
            reader.set_delimiter(delimiter);
        }
        Ok(reader)
    }

    /// The text of a cell, unless it means nothing.
    fn cell<'a>(&self, record: &'a Record, at: usize) -> Option<&'a str> {
        let text = record.get(at)?;
        let nothing = (self.ignore_empty_strings && text.is_empty()) || self.null.as_deref() == Some(text);
        (!nothing).then_some(text)
    }

    /// Learns what the keys of a table of nodes are.
    fn learn(&mut self, header: &Header) {
        if let Some((space, ty)) = header.id_space() {
            self.spaces.insert(space.to_owned(), ty);
        }
    }
}

/// What a first line `sep=;` says, with or without quotes.
fn stated_delimiter(head: &[u8]) -> Option<u8> {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let (head, quoted) = head.strip_prefix(b"\"").map_or((head, false), |head| (head, true));
    match (head.strip_prefix(b"sep=")?, quoted) {
        ([delimiter, b'\n' | b'\r', ..], false) | ([delimiter, b'"', b'\n' | b'\r', ..], true) => Some(*delimiter),
        _ => None,
    }
}

/// What stands between the cells of a text that does not say it: of comma, semicolon, tab and bar, what the first line has
/// most of. Nothing is taken.
///
/// Errors: the input cannot be read.
pub(crate) fn guess_delimiter(input: &mut dyn BufRead) -> Result<u8> {
    let head = input.fill_buf().map_err(|e| crate::io::unreadable("line 1", &e))?;
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|b| **b == delimiter).count();
    // the last of those that occur most
    Ok([b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b','))
}

/// Reads the header: the first record of the first file of a group.
///
/// Errors: there is none, or it cannot be understood (see [`Header`]).
pub(crate) fn read_header(
    records: &mut dyn Records,
    file: &str,
    dialect: &mut Dialect,
    relationships: bool,
) -> Result<Header> {
    let guessed = records.places() == Places::Lines && !dialect.delimiter_stated;
    let header = header_by(records, file, |head| {
        if guessed {
            check_delimiter(head, dialect.delimiter)?;
        }
        Header::parse(head, relationships, dialect.ids)
    })?;
    dialect.learn(&header);
    Ok(header)
}

/// Errors: a header of one column that holds what stands between the cells of other files.
fn check_delimiter(head: &Head<'_>, delimiter: u8) -> Result<()> {
    let only = head.record.get(0).filter(|_| head.record.len() == 1);
    let other = only.and_then(|name| name.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|')));
    match (only, other) {
        (Some(name), Some(other)) => {
            let (own, shown) =
                (char::from(delimiter), if other == '\t' { "TAB".to_owned() } else { format!("'{other}'") });
            let message =
                format!("{}: the header is one column, {name:?}, with {own:?} between cells", (head.place)(None));
            Err(Error::data(message)
                .hint(format!("say --delimiter {shown}; or --delimiter '{own}', if that is its name")))
        }
        _ => Ok(()),
    }
}

/// Reads the header of a table that may say itself what it holds, or that is plain: a list of edges, or of nodes with ids.
///
/// Errors: as [`read_header`], and a header that says neither.
pub(crate) fn read_any_header(records: &mut dyn Records, file: &str, dialect: &mut Dialect) -> Result<Header> {
    let header = header_by(records, file, |head| {
        if Header::says_roles(head.record) {
            let relationships = head.record.iter().any(|text| text.to_ascii_uppercase().contains(":START_ID"));
            return Header::parse(head, relationships, dialect.ids);
        }
        plain::header(head)?.ok_or_else(|| {
            let columns: Vec<&str> = head.record.iter().collect();
            let columns = columns.join(", ");
            let error = Error::data(format!("{}: the columns {columns} say neither nodes nor edges", (head.place)(None)));
            error.hint("a list of edges has Source and Target, nodes have Id; any table can be given with a header of its own: --nodes LABEL=header.csv,FILE")
        })
    })?;
    dialect.learn(&header);
    Ok(header)
}

/// Says where something stands: in a cell, by its place and text, or somewhere in the header.
type PlaceOf<'a> = &'a dyn Fn(Option<(usize, &str)>) -> String;

/// The first record of a table, and what is known of it beside its text.
struct Head<'a> {
    record: &'a Record,
    /// The types that the table states of its columns.
    types: &'a dyn Fn(usize) -> Option<&'static str>,
    /// Says where something stands.
    place: PlaceOf<'a>,
}

fn header_by(records: &mut dyn Records, file: &str, read: impl FnOnce(&Head<'_>) -> Result<Header>) -> Result<Header> {
    let record = records.next().map_err(|e| in_file(file, &e))?.cloned();
    let record = record.ok_or_else(|| Error::data(format!("{file} is empty: a header is needed")))?;
    let (places, line) = (records.places(), records.line());
    let (types, place) = (|at| records.type_of(at), |cell: Option<(usize, &str)>| places.place(line, cell));
    read(&Head { record: &record, types: &types, place: &place }).map_err(|e| in_file(file, &e))
}

/// What the command line said about a group of files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// Labels of every node, beside those of a `:LABEL` column.
    pub labels: Vec<Arc<str>>,
    /// Type of every relationship, unless a `:TYPE` column says another.
    pub ty: Option<Arc<str>>,
}

/// One file of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'a> {
    /// Names it in messages.
    pub name: &'a str,
    /// The header of the group.
    pub header: &'a Header,
    /// What its first record is.
    pub begins: Begins,
}

/// What the first record of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begins {
    /// A record behind the header, which was read from the same input.
    BehindHeader,
    /// A record, or a header once more (see [`Dialect::skip_headers`]).
    Further,
}

/// Records that are read before they are built.
const BATCH: usize = 4096;
/// Batches that may wait.
const WAITING: usize = 4;

/// Reads a table that stands for itself: its header says what it holds.
///
/// Errors: as [`read_any_header`], and what `problem` makes of a record that cannot be taken.
pub(crate) fn read_table(
    mut records: Box<dyn Records>,
    mut dialect: Dialect,
    name: &str,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    let header = read_any_header(&mut *records, name, &mut dialect)?;
    for space in header.ends() {
        if sink.numbers(space) {
            dialect.spaces.insert(space.to_owned(), IdType::Int);
        }
    }
    // a list of edges says what is related, not how
    let group = Group { labels: Vec::new(), ty: header.makes_ends.then(|| NO_TYPE.into()) };
    let file = File { name, header: &header, begins: Begins::BehindHeader };
    read(records, file, &group, &dialect, sink, problem)
}

/// Reads the records of one file, on a thread of its own, and hands them to `sink` on this one.
pub(crate) fn read(
    records: Box<dyn Records>,
    file: File<'_>,
    group: &Group,
    dialect: &Dialect,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    let places = records.places();
    for what in &file.header.unread {
        sink.passed_over(&format!("{}: {what}", file.name), 1);
    }
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(WAITING);
        let dialect = dialect.clone();
        scope.spawn(move || parse(records, file, group, &dialect, &send));
        for message in receive {
            let batch = match message {
                Message::Batch(batch) => batch,
                Message::Problem(error) => {
                    problem(error)?;
                    continue;
                }
                Message::PassedOver(what, count) => {
                    sink.passed_over(&what, count);
                    continue;
                }
                Message::Broken(error) => return Err(error),
            };
            if file.header.makes_ends {
                make_ends(&batch, sink)?;
            }
            let mut from = 0;
            while let Err((row, error)) = sink.batch(&batch, from) {
                let line = batch.lines.get(row).copied().unwrap_or_default();
                problem(in_file(file.name, &error.prefixed(&format!("{}: ", places.place(line, None)))))?;
                from = row + 1;
            }
        }
        Ok(())
    })
}

/// Makes nodes of the ends that nobody has; what they are called is their id.
fn make_ends(batch: &Batch, sink: &mut dyn Sink) -> Result<()> {
    for row in 0..batch.len() {
        for key in [batch.keys.get(row), batch.ends.get(row)].into_iter().flatten() {
            if !sink.knows(key) {
                let id = match key.key {
                    Key::Int(n) => Value::Int(n),
                    Key::Text(text) => Value::str(text),
                };
                sink.node(Some(key), &[], vec![("id".into(), id)])?;
            }
        }
    }
    Ok(())
}

enum Message {
    Batch(Box<Batch>),
    /// A record that cannot be read.
    Problem(Error),
    /// What was not taken into the graph, and how often.
    PassedOver(String, u64),
    /// Nothing more comes.
    Broken(Error),
}

/// Reads to the end, or until nobody listens.
fn parse(mut records: Box<dyn Records>, file: File<'_>, group: &Group, dialect: &Dialect, to: &SyncSender<Message>) {
    let places = records.places();
    let mut taker = Taker::new(file.header, group, dialect);
    let mut begins = file.begins;
    loop {
        let problem = match records.next() {
            Ok(None) => {
                let _ = to.send(Message::Batch(taker.full()));
                for (what, count) in taker.passed_over(places == Places::Lines).into_iter().chain(records.passed_over())
                {
                    let _ = to.send(Message::PassedOver(format!("{}: {what}", file.name), count));
                }
                return;
            }
            Ok(Some(record)) => {
                let passed_over = match std::mem::replace(&mut begins, Begins::BehindHeader) {
                    Begins::Further => dialect.skip_headers && taker.is_header(record),
                    Begins::BehindHeader => false,
                };
                if passed_over {
                    continue;
                }
                let taken = taker.take(record);
                let line = records.line();
                match taken {
                    Ok(()) => {
                        taker.batch.lines.push(line);
                        None
                    }
                    Err((column, error)) => {
                        taker.batch.truncate(taker.batch.len());
                        let cell = column.and_then(|at| Some((at, file.header.columns.get(at)?.shown())));
                        Some(in_file(file.name, &error.prefixed(&format!("{}: ", places.place(line, cell)))))
                    }
                }
            }
            Err(error) if error.code() == Code::FileAccess => {
                let _ = to.send(Message::Broken(in_file(file.name, &error)));
                return;
            }
            Err(error) => Some(in_file(file.name, &error)),
        };
        if (problem.is_some() || taker.batch.len() == BATCH) && to.send(Message::Batch(taker.full())).is_err() {
            return;
        }
        if let Some(problem) = problem
            && to.send(Message::Problem(problem)).is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::read::Seen;

    fn read_all(files: &[(&str, bool, &[&str])]) -> (Vec<String>, Vec<String>) {
        let mut dialect = Dialect { skip_headers: true, ..Dialect::default() };
        let (mut seen, mut problems) = (Seen::default(), Vec::new());
        for (name, relationships, parts) in files {
            let group = Group {
                labels: if *relationships { vec![] } else { vec![(*name).into()] },
                ty: relationships.then(|| (*name).into()),
            };
            let mut first = dialect.records(parts[0].as_bytes()).expect("memory");
            let header = read_header(&mut first, "a.csv", &mut dialect, *relationships).expect("a header");
            for (at, part) in parts.iter().enumerate() {
                let file = format!("{name}{at}.csv");
                let mut input = dialect.records(std::io::Cursor::new(part.as_bytes().to_vec())).expect("memory");
                let begins = if at == 0 { Begins::BehindHeader } else { Begins::Further };
                if at == 0 {
                    input.record().expect("memory");
                }
                let (input, file) = (Box::new(input), File { name: &file, header: &header, begins });
                read(input, file, &group, &dialect, &mut seen, &mut |e| {
                    problems.push(e.message().to_owned());
                    Ok(())
                })
                .expect("problems are skipped");
            }
        }
        (seen.lines, problems)
    }

    /// A file with semicolons was read as one column, in silence.
    #[test]
    fn a_header_of_one_column_that_looks_like_several_is_refused_unless_the_delimiter_is_stated() {
        let header = |text: &str, delimiter: u8, delimiter_stated: bool| {
            let mut dialect = Dialect { delimiter, delimiter_stated, ..Dialect::default() };
            let mut records = dialect.records(text.as_bytes()).expect("memory");
            let header = read_header(&mut records, "a.csv", &mut dialect, false);
            header.map(|header| header.columns.len()).map_err(|e| format!("{e} {:?}", e.hint_text()))
        };
        for (text, delimiter, other) in [
            ("id;a;b\n1;2;3\n", b',', "';'"),
            ("id\ta\n", b',', "TAB"),
            ("id|a\n", b',', "'|'"),
            ("id,a\n", b'\t', "','"),
        ] {
            let refused = header(text, delimiter, false).expect_err("one column");
            assert!(refused.contains(&format!("say --delimiter {other};")), "{refused}");
            assert_eq!(header(text, delimiter, true), Ok(1), "{text}");
        }
        assert_eq!(header("id\n1;2\n", b',', false), Ok(1));
        assert_eq!(header("sep=;\nid;a\n", b',', false), Ok(2));
        assert_eq!(header("id,tags;of\n", b',', false), Ok(2));
    }

    #[test]
    fn header_and_parts_make_nodes_and_relationships() {
        let (seen, problems) = read_all(&[
            (
                "Person",
                false,
                &[
                    "id:ID(Person){id-type:long},name:string,age:long,tags:string[],:LABEL\n",
                    "id,name,age,tags,x\n007,Ada,36,a;b,Author;Other\n8,,,,\n",
                ],
            ),
            ("FOLLOWS", true, &[":START_ID(Person),:END_ID(Person),since:date\n", "src,dst,since\n7,8,2020-01-02\n"]),
        ]);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            seen,
            [
                "Person#7 :Person:Author:Other age=36 id=7 name='Ada' tags=['a', 'b']",
                "Person#8 :Person id=8",
                "Person#7 -FOLLOWS-> Person#8 since=2020-01-02",
            ]
        );
    }

    #[test]
    fn a_bad_row_is_named_by_file_line_and_column() {
        let (seen, problems) = read_all(&[("P", false, &["id:ID,age:int\n1,x\n2,3,4\n\"5\"6,1\n3,9\n"])]);
        assert_eq!(seen, ["/3 :P age=9 id='3'"]);
        assert_eq!(
            problems,
            [
                "P0.csv, line 2, column age:int: \"x\" is not an integer",
                "P0.csv, line 3: 3 cells, but the header has 2 columns",
                "P0.csv, line 4, column 1: text after a closing quote",
            ]
        );
    }
}
