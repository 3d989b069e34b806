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

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use rustc_hash::FxHashMap;

pub use header::{Header, IdType, Role};

use super::batch::{Batch, Cells, Column, Keys};
use super::{Key, OnProblem, Properties, Sink, in_file};
use crate::error::{Code, Error, Result};
use crate::io::csv::{Reader, Record};
use crate::io::exact;
use crate::value::Value;

/// How the files are written, and what the key spaces of the nodes hold.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
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
    /// A reader of records. A first line `sep=;` is no record: it says what stands between cells, for spreadsheets.
    fn reader<R: BufRead>(&self, mut input: R) -> Result<Reader<R>> {
        const LINE: &[u8] = b"sep=";
        let head = input.fill_buf().map_err(|e| crate::io::unreadable("line 1", &e))?;
        let stated = head.strip_prefix(LINE).and_then(|rest| match rest {
            [delimiter, b'\n' | b'\r', ..] => Some(*delimiter),
            _ => None,
        });
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
}

/// Reads the header: the first record of the first file of a group.
pub fn read_header(input: &mut dyn BufRead, file: &str, dialect: &mut Dialect, relationships: bool) -> Result<Header> {
    let mut reader = dialect.reader(input).map_err(|e| in_file(file, &e))?;
    let record = reader.record().map_err(|e| in_file(file, &e))?;
    let record = record.ok_or_else(|| Error::data(format!("{file} is empty: a header is needed")))?;
    let header = Header::parse(record, relationships, dialect.ids).map_err(|e| in_file(file, &e))?;
    if let Some((space, ty)) = header.id_space() {
        dialect.spaces.insert(space.to_owned(), ty);
    }
    Ok(header)
}

/// Reads the header of a table that may say itself what it holds, or that is plain: a list of edges, or of nodes with ids.
/// What stands between cells is what the header has most of, where the dialect leaves it open (`guess`).
///
/// Errors: as [`read_header`], and a header that says neither.
pub fn read_any_header(input: &mut dyn BufRead, file: &str, dialect: &mut Dialect, guess: bool) -> Result<Header> {
    if guess {
        let head = input.fill_buf().map_err(|e| in_file(file, &crate::io::unreadable("line 1", &e)))?;
        let line = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        let count = |delimiter: u8| line.iter().filter(|b| **b == delimiter).count();
        // the first of those that occur most
        let best = [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',');
        dialect.delimiter = best;
    }
    let mut reader = dialect.reader(input).map_err(|e| in_file(file, &e))?;
    let record = reader.record().map_err(|e| in_file(file, &e))?;
    let record = record.ok_or_else(|| Error::data(format!("{file} is empty: a header is needed")))?;
    let header = if Header::says_roles(record) {
        let relationships = record.iter().any(|text| text.to_ascii_uppercase().contains(":START_ID"));
        Header::parse(record, relationships, dialect.ids).map(Some)
    } else {
        Header::plain(record)
    };
    let header = header.map_err(|e| in_file(file, &e))?.ok_or_else(|| {
        let columns: Vec<&str> = record.iter().collect();
        let error = Error::data(format!("line 1: the columns {} say neither nodes nor edges", columns.join(", ")));
        in_file(file, &error.hint("a list of edges has Source and Target, nodes have Id; any table can be given with a header of its own: --nodes LABEL=FILE"))
    })?;
    if let Some((space, ty)) = header.id_space() {
        dialect.spaces.insert(space.to_owned(), ty);
    }
    Ok(header)
}

/// What the command line said about a group of files.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Labels of every node, beside those of a `:LABEL` column.
    pub labels: Vec<Arc<str>>,
    /// Type of every relationship, unless a `:TYPE` column says another.
    pub ty: Option<Arc<str>>,
}

/// One file of a group.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Names it in messages.
    pub name: &'a str,
    /// The header of the group.
    pub header: &'a Header,
    /// This is the file the header stands in.
    pub first: bool,
}

/// Records that are read before they are built.
const BATCH: usize = 4096;
/// Batches that may wait.
const WAITING: usize = 4;

/// Reads the records of one file, on a thread of its own, and hands them to `sink` on this one.
pub fn read(
    input: Box<dyn BufRead + Send>,
    file: File<'_>,
    group: &Group,
    dialect: &Dialect,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(WAITING);
        let dialect = dialect.clone();
        scope.spawn(move || parse(input, file, group, &dialect, &send));
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
                problem(in_file(file.name, &Error::data(format!("line {line}: {}", error.message()))))?;
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
fn parse(input: Box<dyn BufRead + Send>, file: File<'_>, group: &Group, dialect: &Dialect, to: &SyncSender<Message>) {
    let mut reader = match dialect.reader(input) {
        Ok(reader) => reader,
        Err(error) => {
            let _ = to.send(Message::Broken(in_file(file.name, &error)));
            return;
        }
    };
    let mut taker = Taker::new(file.header, group, dialect);
    let mut begun = false;
    loop {
        let problem = match reader.record() {
            Ok(None) => {
                let _ = to.send(Message::Batch(taker.full()));
                for (what, count) in taker.passed_over() {
                    let _ = to.send(Message::PassedOver(format!("{}: {what}", file.name), count));
                }
                return;
            }
            Ok(Some(record)) => {
                let is_first = !std::mem::replace(&mut begun, true);
                if is_first && (file.first || (dialect.skip_headers && taker.is_header(record))) {
                    continue;
                }
                let taken = taker.take(record);
                let line = reader.line();
                match taken {
                    Ok(()) => {
                        taker.batch.lines.push(line);
                        None
                    }
                    Err(error) => {
                        taker.batch.truncate(taker.batch.len());
                        Some(in_file(file.name, &Error::data(format!("line {line}{}", error.message()))))
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

struct Taker<'a> {
    header: &'a Header,
    group: &'a Group,
    dialect: &'a Dialect,
    batch: Box<Batch>,
    /// The place of each label list (or type) among the kinds of the batch, by what its cell says.
    kinds: FxHashMap<String, u32>,
    /// The place of what the group says, for cells that say nothing.
    unsaid: Option<u32>,
    /// How many cells of each column were not taken, by its place; the last counts those beyond the header.
    left: Vec<u64>,
}

impl<'a> Taker<'a> {
    fn new(header: &'a Header, group: &'a Group, dialect: &'a Dialect) -> Self {
        let (batch, kinds) = (Box::default(), FxHashMap::default());
        let left = vec![0; header.columns.len() + 1];
        let mut taker = Self { header, group, dialect, batch, kinds, unsaid: None, left };
        taker.full();
        taker
    }

    /// What was not taken, and how often.
    fn passed_over(&self) -> Vec<(String, u64)> {
        let columns = self.header.columns.iter().enumerate();
        let mut all: Vec<(String, u64)> = columns
            .map(|(at, column)| match column.role {
                Role::Nameless => (format!("cells of the {}. column, which has no name", at + 1), self.left[at]),
                _ => (format!("points of {} kept as text", column.shown()), self.left[at]),
            })
            .collect();
        all.push(("cells beyond the header".to_owned(), self.left[self.header.columns.len()]));
        all.retain(|(_, count)| *count > 0);
        all
    }

    /// The batch as far as it is, and an empty one in its place.
    fn full(&mut self) -> Box<Batch> {
        self.kinds.clear();
        self.unsaid = None;
        let mut batch = Box::new(Batch { relationships: self.header.relationships, ..Batch::default() });
        for column in &self.header.columns {
            match &column.role {
                Role::Id(space) | Role::Start(space) => batch.keys = self.keys(space),
                Role::End(space) => batch.ends = self.keys(space),
                _ => {}
            }
            if let Some(name) = &column.name {
                batch.columns.push(Column { name: Arc::clone(name), present: Vec::new(), cells: column.cells() });
            }
        }
        std::mem::replace(&mut self.batch, batch)
    }

    fn keys(&self, space: &str) -> Keys {
        let cells = match self.dialect.spaces.get(space) {
            Some(IdType::Int) => Cells::Ints(Vec::new()),
            _ => Cells::Texts(String::new(), Vec::new()),
        };
        Keys { space: space.into(), present: Vec::new(), cells }
    }

    /// Appends a record to the batch, all but its line. After an error, part of it may be there.
    /// Messages begin with the column where there is one: `, column age: …`.
    fn take(&mut self, record: &Record) -> Result<()> {
        let columns = self.header.columns.len();
        if record.len() > columns && !self.dialect.ignore_extra_columns {
            let message = format!(": {} cells, but the header has {columns} columns", record.len());
            return Err(Error::data(message).hint("--ignore-extra-columns leaves them out"));
        }
        self.left[columns] += record.len().saturating_sub(columns) as u64;
        let (header, dialect) = (self.header, self.dialect);
        let (mut kind, mut at, mut extra) = (Kind::Unsaid, 0, Properties::new());
        let mut keyed = [None, None];
        for (cell, column) in header.columns.iter().enumerate() {
            let text = dialect.cell(record, cell);
            let named = |e: Error| Error::data(format!(", column {}: {}", column.shown(), e.message()));
            match &column.role {
                Role::Property => self.left[cell] += u64::from(text.is_some() && column.is_point()),
                Role::Nameless => self.left[cell] += u64::from(text.is_some()),
                Role::Ignore => {}
                Role::Labels if matches!(kind, Kind::Json(_)) => {}
                Role::Labels | Role::Type => kind = Kind::of(text, column.is_json()),
                Role::ExactLabels => kind = text.map_or(kind, Kind::Json),
                Role::Properties | Role::ExactProperties => {
                    extra = text.map_or(Ok(Properties::new()), header::properties).map_err(named)?;
                }
                Role::Id(_) | Role::Start(_) => keyed[0] = Some(join(keyed[0].take(), text)),
                Role::End(_) => keyed[1] = Some(join(keyed[1].take(), text)),
            }
            if column.name.is_some() {
                let to = &mut self.batch.columns[at];
                column.push(text, dialect.array_delimiter, to).map_err(named)?;
                at += 1;
            }
        }
        let plain = |e: Error| Error::data(format!(": {}", e.message()));
        let [key, end] = keyed.map(Option::flatten);
        push_key(&mut self.batch.keys, key.as_deref()).map_err(plain)?;
        push_key(&mut self.batch.ends, end.as_deref()).map_err(plain)?;
        self.spread(extra);
        let kind = self.kind(kind).map_err(plain)?;
        self.batch.kind_of.push(kind);
        let present = |keys: &Keys| keys.present.last().copied().unwrap_or_default();
        match header.relationships {
            true if !present(&self.batch.keys) => Err(Error::data(": no start")),
            true if !present(&self.batch.ends) => Err(Error::data(": no end")),
            _ => Ok(()),
        }
    }

    /// Properties without a column of their own get one.
    fn spread(&mut self, extra: Properties) {
        let rows = self.batch.len();
        let fixed = self.header.columns.iter().filter(|c| c.name.is_some()).count();
        for (name, value) in extra {
            if let Some(own) = self.batch.columns[..fixed].iter_mut().find(|column| column.name == name) {
                let stated = own.present.last().copied().unwrap_or_default();
                if stated && !exact::says_the_same(&own.cells.value(rows), &value) {
                    continue; // changed since it was exported
                }
                own.cells.replace(rows, value);
                if let Some(present) = own.present.last_mut() {
                    *present = true;
                }
                continue;
            }
            let known = self.batch.columns[fixed..].iter_mut().find(|column| column.name == name);
            let column = match known {
                Some(column) => column,
                None => {
                    self.batch.columns.push(Column { name, present: Vec::new(), cells: Cells::default() });
                    let Some(column) = self.batch.columns.last_mut() else { continue };
                    column
                }
            };
            column.present.resize(rows, false);
            if let Cells::Values(values) = &mut column.cells {
                values.resize(rows, Value::Null);
                values.push(value);
                column.present.push(true);
            }
        }
        for column in &mut self.batch.columns[fixed..] {
            if column.present.len() <= rows {
                column.present.resize(rows + 1, false);
                if let Cells::Values(values) = &mut column.cells {
                    values.resize(rows + 1, Value::Null);
                }
            }
        }
    }

    /// The number of the labels of a record, or of its type: what the cell says (as JSON or plain), and the group.
    fn kind(&mut self, cell: Kind<'_>) -> Result<u32> {
        let (text, json) = match cell {
            Kind::Unsaid => ("", false),
            Kind::Plain(text) => (text, false),
            Kind::Json(text) => (text, true),
        };
        let said = !matches!(cell, Kind::Unsaid);
        let known = if said { self.kinds.get(text).copied() } else { self.unsaid };
        if let Some(known) = known {
            return Ok(known);
        }
        let kind: Vec<Arc<str>> = match (self.header.relationships, said, &self.group.ty) {
            (true, true, _) => vec![text.into()],
            (true, false, Some(ty)) => vec![Arc::clone(ty)],
            (true, false, None) => {
                return Err(Error::data("no type").hint("a column :TYPE, or --relationships TYPE=FILE, says it"));
            }
            (false, ..) => {
                let own: Vec<Arc<str>> = match json {
                    true => header::labels(text)?,
                    false => {
                        text.split(self.dialect.array_delimiter).filter(|l| !l.is_empty()).map(Arc::from).collect()
                    }
                };
                self.group.labels.iter().cloned().chain(own).collect()
            }
        };
        let at = self.batch.kinds.len() as u32; // at most one a record
        self.batch.kinds.push(kind.into());
        match said {
            true => drop(self.kinds.insert(text.to_owned(), at)),
            false => self.unsaid = Some(at),
        }
        Ok(at)
    }

    fn key_fits(&self, space: &str, text: &str) -> bool {
        self.dialect.spaces.get(space) != Some(&IdType::Int) || header::integer(text).is_some()
    }

    /// Whether the first line of a further file repeats the header, or is one that names the columns differently:
    /// then some cell cannot be what its column holds.
    fn is_header(&self, record: &Record) -> bool {
        const CUSTOMARY: &[&str] = &["id", "src", "dst", "source", "target", "start", "end", "from", "to"];
        let columns = &self.header.columns;
        let same = columns.len() == record.len()
            && columns.iter().zip(record.iter()).all(|(c, text)| c.raw == text || c.name.as_deref() == Some(text));
        let customary = |text: &str| CUSTOMARY.iter().any(|c| text.eq_ignore_ascii_case(c)) || text.starts_with(':');
        same || columns.iter().zip(record.iter()).any(|(column, text)| match &column.role {
            Role::Id(space) | Role::Start(space) | Role::End(space) => !self.key_fits(space, text) || customary(text),
            _ => false,
        })
    }
}

/// What a record says of its labels, or its type.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Unsaid,
    Plain(&'a str),
    Json(&'a str),
}

impl<'a> Kind<'a> {
    fn of(text: Option<&'a str>, json: bool) -> Self {
        match (text, json) {
            (None, _) => Self::Unsaid,
            (Some(text), true) => Self::Json(text),
            (Some(text), false) => Self::Plain(text),
        }
    }
}

/// Joins the parts of a key of several columns; a part that is not there leaves no key.
fn join<'a>(before: Option<Option<Cow<'a, str>>>, part: Option<&'a str>) -> Option<Cow<'a, str>> {
    const BETWEEN: &str = "\u{1f}";
    match (before, part) {
        (None, part) => part.map(Cow::Borrowed),
        (Some(Some(before)), Some(part)) => Some(Cow::Owned(format!("{before}{BETWEEN}{part}"))),
        (Some(_), _) => None,
    }
}

/// Appends a key, or nothing where the cell is empty.
fn push_key(keys: &mut Keys, text: Option<&str>) -> Result<()> {
    let Some(text) = text else {
        keys.present.push(false);
        keys.cells.push_nothing();
        return Ok(());
    };
    match &mut keys.cells {
        Cells::Ints(ints) => {
            let key = header::integer(text);
            ints.push(key.ok_or_else(|| Error::data(format!("the id {text:?} is not an integer")))?);
        }
        Cells::Texts(all, ends) => {
            all.push_str(text);
            ends.push(all.len());
        }
        Cells::Values(_) => {}
    }
    keys.present.push(true);
    Ok(())
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
            let header =
                read_header(&mut parts[0].as_bytes(), "a.csv", &mut dialect, *relationships).expect("a header");
            for (at, part) in parts.iter().enumerate() {
                let file = format!("{name}{at}.csv");
                let input = Box::new(std::io::Cursor::new(part.as_bytes().to_vec()));
                let file = File { name: &file, header: &header, first: at == 0 };
                read(input, file, &group, &dialect, &mut seen, &mut |e| {
                    problems.push(e.message().to_owned());
                    Ok(())
                })
                .expect("problems are skipped");
            }
        }
        (seen.lines, problems)
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
