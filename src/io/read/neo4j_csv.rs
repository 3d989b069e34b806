//! CSV with the headers of `neo4j-admin database import`: `id:ID(Person){id-type:long}`, `age:long`, `:LABEL`,
//! `:START_ID(Person)`, `:TYPE` …
//!
//! A column type that neo4j does not have, `json`, holds any value in our JSON encoding; `export csv` uses it for
//! what no other type can hold.

mod header;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

pub use header::{Column, Header, IdType, Role};

use super::{Key, NodeKey, OnProblem, Properties, Sink, in_file};
use crate::error::{Error, Result};
use crate::io::csv::{Reader, Record};

/// How the files are written, and what the key spaces of the nodes hold.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Between the elements of a list in one cell.
    pub array_delimiter: char,
    /// Leave out the first line of a further file when it is a header again.
    pub skip_headers: bool,
    /// Whether the keys of a space are numbers; filled by the headers of node files.
    pub spaces: BTreeMap<String, IdType>,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: b',', array_delimiter: ';', skip_headers: false, spaces: BTreeMap::new() }
    }
}

/// Reads the header: the first record of the first file of a group.
pub fn read_header(input: &mut dyn BufRead, file: &str, dialect: &mut Dialect, relationships: bool) -> Result<Header> {
    let mut reader = Reader::new(input, dialect.delimiter);
    let record = reader.record().map_err(|e| in_file(file, &e))?;
    let record = record.ok_or_else(|| Error::data(format!("{file} is empty: a header is needed")))?;
    let header = Header::parse(record, relationships).map_err(|e| in_file(file, &e))?;
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

/// Reads the records of one file. `first` says that this is the file the header stands in.
pub fn read(
    input: &mut dyn BufRead,
    file: &str,
    (header, first): (&Header, bool),
    group: &Group,
    dialect: &Dialect,
    sink: &mut dyn Sink,
    problem: OnProblem<'_>,
) -> Result<()> {
    let mut reader = Reader::new(input, dialect.delimiter);
    let mut taker = Taker { header, group, dialect, sink, types: BTreeMap::new() };
    let mut begun = false;
    loop {
        let record = match reader.record() {
            Ok(None) => return Ok(()),
            Ok(Some(record)) => record,
            Err(error) => {
                problem(in_file(file, &error))?;
                continue;
            }
        };
        let is_first = !std::mem::replace(&mut begun, true);
        if is_first && (first || (dialect.skip_headers && taker.is_header(record))) {
            continue;
        }
        if let Err(error) = taker.take(record) {
            let line = reader.line();
            problem(in_file(file, &Error::data(format!("line {line}{}", error.message()))))?;
        }
    }
}

struct Taker<'a> {
    header: &'a Header,
    group: &'a Group,
    dialect: &'a Dialect,
    sink: &'a mut dyn Sink,
    /// Types seen in a `:TYPE` column, each kept once.
    types: BTreeMap<String, Arc<str>>,
}

impl Taker<'_> {
    /// Messages begin with the column where there is one: `, column age: …`.
    fn take(&mut self, record: &Record) -> Result<()> {
        if record.len() > self.header.columns.len() {
            return Err(Error::data(format!(
                ": {} cells, but the header has {} columns",
                record.len(),
                self.header.columns.len()
            )));
        }
        let mut properties = Properties::new();
        let mut labels = Vec::new();
        let (mut id, mut start, mut end, mut ty) = (None, None, None, None);
        for (at, column) in self.header.columns.iter().enumerate() {
            let Some(text) = record.get(at) else { continue };
            let named = |e: Error| Error::data(format!(", column {}: {}", column.shown(), e.message()));
            match &column.role {
                Role::Ignore => {}
                Role::Labels => labels.extend(text.split(self.dialect.array_delimiter).filter(|l| !l.is_empty())),
                Role::Type => ty = Some(text),
                Role::Id(space) => id = Some(self.key(space, text).map_err(named)?),
                Role::Start(space) => start = Some(self.key(space, text).map_err(named)?),
                Role::End(space) => end = Some(self.key(space, text).map_err(named)?),
                Role::Property => {}
            }
            if let Some(key) = &column.name {
                let value = column.value(text, self.dialect.array_delimiter).map_err(named)?;
                if !value.is_null() {
                    properties.push((Arc::clone(key), value));
                }
            }
        }
        let plain = |e: Error| Error::data(format!(": {}", e.message()));
        if !self.header.relationships {
            return if labels.is_empty() {
                self.sink.node(id, &self.group.labels, properties).map_err(plain)
            } else {
                let all: Vec<Arc<str>> =
                    self.group.labels.iter().cloned().chain(labels.into_iter().map(Arc::from)).collect();
                self.sink.node(id, &all, properties).map_err(plain)
            };
        }
        let missing = |what: &str| Error::data(format!(": no {what}"));
        let ty = match (ty, &self.group.ty) {
            (Some(ty), _) => match self.types.get(ty) {
                Some(known) => Arc::clone(known),
                None => Arc::clone(self.types.entry(ty.to_owned()).or_insert_with(|| ty.into())),
            },
            (None, Some(ty)) => Arc::clone(ty),
            (None, None) => return Err(missing("type")),
        };
        let start = start.ok_or_else(|| missing("start"))?;
        let end = end.ok_or_else(|| missing("end"))?;
        self.sink.rel(&ty, start, end, properties).map_err(plain)
    }

    fn key<'t>(&self, space: &'t str, text: &'t str) -> Result<NodeKey<'t>> {
        let key = match self.dialect.spaces.get(space) {
            Some(IdType::Int) => {
                Key::Int(text.trim().parse().map_err(|_| Error::data(format!("the id {text:?} is not an integer")))?)
            }
            _ => Key::Text(text),
        };
        Ok(NodeKey { space, key })
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
            Role::Id(space) | Role::Start(space) | Role::End(space) => {
                self.key(space, text).is_err() || customary(text)
            }
            _ => false,
        })
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
            let header =
                read_header(&mut parts[0].as_bytes(), "a.csv", &mut dialect, *relationships).expect("a header");
            for (at, part) in parts.iter().enumerate() {
                let file = format!("{name}{at}.csv");
                read(&mut part.as_bytes(), &file, (&header, at == 0), &group, &dialect, &mut seen, &mut |e| {
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
