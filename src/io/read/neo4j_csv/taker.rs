//! Records become rows of a batch: each cell what its column says.

use std::borrow::Cow;
use std::sync::Arc;

use super::header::{self, Header, IdType, Role};
use super::{Dialect, Group};
use crate::error::{Error, Result};
use crate::io::csv::Record;
use crate::io::exact;
use crate::io::read::Properties;
use crate::io::read::batch::{Batch, Cells, Column, Keys};
use crate::value::Value;
use crate::value::hash::DataMap;

/// Takes the records of a file into batches.
pub(super) struct Taker<'a> {
    header: &'a Header,
    group: &'a Group,
    dialect: &'a Dialect,
    pub batch: Box<Batch>,
    /// The place of each label list (or type) among the kinds of the batch, by what its cell says.
    kinds: DataMap<String, u32>,
    /// The place of what the group says, for cells that say nothing.
    unsaid: Option<u32>,
    /// How many cells of each column were not taken, by its place; the last counts those beyond the header.
    left: Vec<u64>,
    /// Rows with fewer cells than the header.
    short: u64,
}

impl<'a> Taker<'a> {
    pub(super) fn new(header: &'a Header, group: &'a Group, dialect: &'a Dialect) -> Self {
        let (batch, kinds) = (Box::default(), DataMap::default());
        let left = vec![0; header.columns.len() + 1];
        let short = 0;
        let mut taker = Self { header, group, dialect, batch, kinds, unsaid: None, left, short };
        taker.full();
        taker
    }

    /// What was not taken as it is, and how often. `lines`: the table is a text, in which a row that ends early may be one that
    /// was cut; in a sheet it ends where nothing follows.
    pub(super) fn passed_over(&self, lines: bool) -> Vec<(String, u64)> {
        let columns = self.header.columns.iter().enumerate();
        let mut all: Vec<(String, u64)> = columns
            .map(|(at, column)| match column.role {
                Role::Nameless => (format!("cells of the {}. column, which has no name", at + 1), self.left[at]),
                Role::Direction => ("edges without a direction, taken as they are written".to_owned(), self.left[at]),
                _ => (format!("points of {} kept as text", column.shown()), self.left[at]),
            })
            .collect();
        all.push(("cells beyond the header".to_owned(), self.left[self.header.columns.len()]));
        if lines {
            let message = "rows that end before the last column of the header; what they lack is taken as empty";
            all.push((message.to_owned(), self.short));
        }
        all.retain(|(_, count)| *count > 0);
        all
    }

    /// The batch as far as it is, and an empty one in its place.
    pub(super) fn full(&mut self) -> Box<Batch> {
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

    /// Appends a record to the batch, all but its line. After an error, part of it may be there. The error says in which
    /// column it is, where it is in one.
    pub(super) fn take(&mut self, record: &Record) -> Taken<()> {
        let plain = |e: Error| (None, e);
        let columns = self.header.columns.len();
        let extra = (columns..record.len()).filter(|at| record.get(*at).is_some()).count();
        if extra > 0 && !self.dialect.ignore_extra_columns {
            let message = format!("{} cells, but the header has {columns} columns", record.len());
            return Err(plain(Error::data(message).hint("--ignore-extra-columns leaves them out")));
        }
        self.left[columns] += extra as u64;
        self.short += u64::from(record.len() < columns);
        let (header, dialect) = (self.header, self.dialect);
        let (mut kind, mut at, mut extra) = (Kind::Unsaid, 0, Properties::new());
        let mut keyed = [None, None];
        for (cell, column) in header.columns.iter().enumerate() {
            let mut text = dialect.cell(record, cell);
            let named = |e: Error| (Some(cell), e);
            match &column.role {
                Role::Property => self.left[cell] += u64::from(text.is_some() && column.is_point()),
                Role::Nameless => self.left[cell] += u64::from(text.is_some()),
                Role::Ignore => {}
                Role::Labels if matches!(kind, Kind::Json(_)) => {}
                Role::Labels => kind = kind.and(text, column.is_json(), dialect.array_delimiter),
                Role::Type => kind = Kind::of(text, column.is_json()),
                Role::Direction => {
                    if let Some(directed) = text.and_then(direction) {
                        self.left[cell] += u64::from(!directed);
                        text = None;
                    } else if header.types_by_direction {
                        kind = Kind::of(text.take(), false);
                    }
                }
                Role::ExactLabels => kind = text.map_or(kind, |text| Kind::Json(text.into())),
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
        let [key, end] = keyed.map(Option::flatten);
        push_key(&mut self.batch.keys, key.as_deref()).map_err(plain)?;
        push_key(&mut self.batch.ends, end.as_deref()).map_err(plain)?;
        self.spread(extra);
        let kind = self.kind(&kind).map_err(plain)?;
        self.batch.kind_of.push(kind);
        let present = |keys: &Keys| keys.present.last().copied().unwrap_or_default();
        match header.relationships {
            true if !present(&self.batch.keys) => Err(plain(Error::data("no start"))),
            true if !present(&self.batch.ends) => Err(plain(Error::data("no end"))),
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
    fn kind(&mut self, cell: &Kind<'_>) -> Result<u32> {
        let (text, json) = match cell {
            Kind::Unsaid => ("", false),
            Kind::Plain(text) => (&**text, false),
            Kind::Json(text) => (&**text, true),
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
    pub(super) fn is_header(&self, record: &Record) -> bool {
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

/// What a record cannot be taken for, and the place of the column it is in.
pub(super) type Taken<T> = std::result::Result<T, (Option<usize>, Error)>;

/// What a record says of its labels, or its type.
enum Kind<'a> {
    Unsaid,
    Plain(Cow<'a, str>),
    Json(Cow<'a, str>),
}

impl<'a> Kind<'a> {
    fn of(text: Option<&'a str>, json: bool) -> Self {
        match (text, json) {
            (None, _) => Self::Unsaid,
            (Some(text), true) => Self::Json(text.into()),
            (Some(text), false) => Self::Plain(text.into()),
        }
    }

    /// With what another column of labels says.
    fn and(self, text: Option<&'a str>, json: bool, between: char) -> Self {
        match (self, text, json) {
            (known, None, _) => known,
            (Self::Plain(known), Some(text), false) => Self::Plain(format!("{known}{between}{text}").into()),
            (_, text, json) => Self::of(text, json),
        }
    }
}

/// What a cell of Gephi's column `Type` says: whether the edge has a direction.
fn direction(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "directed" => Some(true),
        "undirected" | "mutual" | "mixed" => Some(false),
        _ => None,
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
