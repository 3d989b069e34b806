//! LOAD CSV: records of a file in the one folder that was allowed. No URL is ever fetched.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Feed, Live, Operator, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::{Batch, Column, ROWS};
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::value::Value;

/// What LOAD CSV asks.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Wanted<'p> {
    pub(in crate::exec) url: &'p Expr,
    pub(in crate::exec) terminator: Option<&'p Expr>,
    pub(in crate::exec) with_headers: bool,
    pub(in crate::exec) slot: Slot,
    pub(in crate::exec) span: Span,
}

/// One row per record, a list or (with headers) a map.
pub(in crate::exec) struct LoadCsv<'p> {
    feed: Feed<'p>,
    wanted: Wanted<'p>,
    live: Live<'p>,
    open: Option<Opened>,
}

struct Opened {
    records: csv::StringRecordsIntoIter<File>,
    headers: Option<Vec<Arc<str>>>,
    name: String,
}

impl<'p> LoadCsv<'p> {
    pub(in crate::exec) fn new(input: Source<'p>, wanted: Wanted<'p>, live: Live<'p>) -> Self {
        Self { feed: Feed::new(input), wanted, live, open: None }
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<Option<Opened>> {
        let row = self.feed.batch.row(self.feed.row);
        let span = self.wanted.span;
        let url = match eval(self.wanted.url, row, cx)? {
            Value::Null => return Ok(None),
            Value::Str(url) => url,
            other => {
                let message = format!("LOAD CSV needs the name of a file, not a {}", other.type_name());
                return Err(Error::type_error(Code::InvalidArgumentType, message).at(span));
            }
        };
        let delimiter = match self.wanted.terminator.map(|expr| eval(expr, row, cx)).transpose()? {
            None => b',',
            Some(Value::Str(text)) if text.len() == 1 => text.as_bytes()[0],
            Some(_) => {
                let message = "FIELDTERMINATOR must be one character";
                return Err(Error::argument(Code::InvalidArgumentValue, message).at(span));
            }
        };
        let path = allowed(cx.meter.limits().csv_folder.as_deref(), &url).map_err(|e| e.at(span))?;
        let file = File::open(&path).map_err(|e| refused(format!("{url} cannot be read: {e}")).at(span))?;
        let reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(file);
        let mut opened = Opened { records: reader.into_records(), headers: None, name: url.to_string() };
        if self.wanted.with_headers {
            let Some(record) = opened.record()? else { return Ok(None) };
            opened.headers = Some(record.iter().map(Arc::from).collect());
        }
        Ok(Some(opened))
    }
}

impl Opened {
    fn record(&mut self) -> Result<Option<csv::StringRecord>> {
        self.records.next().transpose().map_err(|e| Error::data(format!("{}: {e}", self.name)))
    }

    /// The next record as a value; empty cells are null.
    fn value(&mut self, cx: &mut Context<'_>) -> Result<Option<Value>> {
        let Some(record) = self.record()? else { return Ok(None) };
        cx.allocated(record.as_slice().len() + 64 * record.len())?;
        let cell = |cell: &str| if cell.is_empty() { Value::Null } else { Value::str(cell) };
        match &self.headers {
            None => Value::list(record.iter().map(cell).collect()).map(Some),
            Some(headers) => {
                let mut map: BTreeMap<Arc<str>, Value> =
                    headers.iter().map(|header| (Arc::clone(header), Value::Null)).collect();
                for (header, text) in headers.iter().zip(&record) {
                    map.insert(Arc::clone(header), cell(text));
                }
                Value::map(map).map(Some)
            }
        }
    }
}

/// The file a URL means, inside the allowed folder. Errors: no folder is allowed, another protocol, a way out.
pub(super) fn allowed(folder: Option<&Path>, url: &str) -> Result<PathBuf> {
    let Some(folder) = folder else {
        return Err(refused("LOAD CSV and apoc.load.json are switched off")
            .hint("name the folder that they may read from: --csv-folder DIR, or Limits::csv_folder in a program"));
    };
    let name = url.strip_prefix("file://").unwrap_or(url);
    if name.contains("://") {
        return Err(refused("LOAD CSV reads files only, never an address on the network"));
    }
    let folder = folder.canonicalize().map_err(|e| refused(format!("the folder for LOAD CSV cannot be read: {e}")))?;
    let asked = Path::new(name);
    let inside = if asked.starts_with(&folder) { asked.to_owned() } else { folder.join(name.trim_start_matches('/')) };
    let path = inside.canonicalize().map_err(|e| refused(format!("{url} cannot be read: {e}")))?;
    if !path.starts_with(&folder) {
        return Err(refused(format!("{url} lies outside the folder LOAD CSV may read from")));
    }
    Ok(path)
}

pub(super) fn refused(message: impl Into<String>) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message)
}

impl Operator for LoadCsv<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        while self.feed.ready(cx)? {
            cx.scratch = 0;
            if self.open.is_none() {
                self.open = self.open(cx)?;
            }
            let mut values = Vec::new();
            let mut finished = true;
            if let Some(opened) = &mut self.open {
                while let Some(value) = opened.value(cx)? {
                    cx.meter.step(1)?;
                    values.push(value);
                    if values.len() >= ROWS {
                        finished = false;
                        break;
                    }
                }
            }
            let row = self.feed.row as u32;
            let mut batch = self.feed.batch.gather(&vec![row; values.len()], self.live);
            if finished {
                self.open = None;
                self.feed.row += 1;
            }
            if !values.is_empty() {
                batch.hold(cx.meter.reserve(cx.scratch)?);
                if self.live.is_none_or(|live| live.contains(&self.wanted.slot)) {
                    batch.set(self.wanted.slot, Column::Values(values));
                }
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    fn reset(&mut self) {
        self.feed.reset();
        self.open = None;
    }
}
