//! Parquet for pandas, DuckDB, Spark and the like: a folder of `nodes.parquet` and `relationships.parquet`, with the columns of
//! `neo4j-admin import` (see `columns`) and types of their own.
//!
//! | column of | is |
//! |---|---|
//! | integers, decimals, booleans, texts | 64 bits, 64 bits, boolean, UTF-8 |
//! | dates | dates |
//! | lists of integers, lists of texts, `:LABEL` | lists |
//! | other moments and durations | UTF-8 as we write them; the type stands in the name: `born:localdatetime` |
//!
//! Every other name is that of the key, unless it holds a colon. Dates beyond 5 million years stand in the column of exact values only.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::columns::{Cell, Form, Nodes, Rels, cell};
use super::{Subgraph, WriteError, Written};
use crate::error::Error;
use crate::value::Value;

/// The files, nodes first.
pub(crate) const FILES: [&str; 2] = ["nodes.parquet", "relationships.parquet"];
/// Dates have days of 32 bits.
const FORM: Form =
    Form { value: |value| !matches!(value, Value::Date(date) if i32::try_from(date.days).is_err()), ..Form::ANY };
/// Rows that are written together.
const GROUP: usize = 1 << 16;

/// Writes both files; the folder is there. Text in Parquet is no formula, whatever it holds.
pub(crate) fn write(graph: &Subgraph, _: bool, folder: &Path) -> Written {
    let nodes = Nodes::of(graph, FORM);
    let mut table = Table::create(&folder.join(FILES[0]), &nodes.titles())?;
    nodes.rows(&mut |cells| table.row(cells))?;
    table.finish()?;
    let rels = Rels::of(graph, FORM)?;
    let mut table = Table::create(&folder.join(FILES[1]), &rels.titles())?;
    rels.rows(&mut |cells| table.row(cells))?;
    table.finish()
}

/// A file while it is written.
pub(super) struct Table {
    writer: SerializedFileWriter<File>,
    columns: Vec<Column>,
    rows: usize,
}

/// The cells of a column that wait to be written.
struct Column {
    kind: Kind,
    cells: Vec<Option<Held>>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Double,
    Bool,
    Date,
    Text,
    Ints,
    Texts,
    Doubles,
    Bools,
}

/// A cell that waits.
pub(super) enum Held {
    Int(i64),
    Double(f64),
    Bool(bool),
    Days(i32),
    Text(String),
    Ints(Vec<i64>),
    Texts(Vec<String>),
    Doubles(Vec<f64>),
    Bools(Vec<bool>),
}

/// The kind of a column and its name, of its title.
fn kind_of(title: &str) -> (Kind, &str) {
    let (name, ty) = title.rsplit_once(':').unwrap_or((title, ""));
    let named = |kind| (kind, if name.is_empty() || name.contains(':') { title } else { name });
    match ty {
        "ID{id-type" | "START_ID" | "END_ID" => (Kind::Int, title),
        "LABEL" => (Kind::Texts, title),
        "long" => named(Kind::Int),
        "double" => named(Kind::Double),
        "boolean" => named(Kind::Bool),
        "date" => named(Kind::Date),
        "string" => named(Kind::Text),
        "long[]" => named(Kind::Ints),
        "string[]" => named(Kind::Texts),
        _ => (Kind::Text, title),
    }
}

impl Table {
    fn create(file: &Path, titles: &[String]) -> Result<Self, WriteError> {
        // the id of a node has a colon in its options, too
        let of = |title: &String| match title.strip_suffix("{id-type:long}") {
            Some(id) => (Kind::Int, id.to_owned()),
            None => {
                let (kind, name) = kind_of(title);
                (kind, name.to_owned())
            }
        };
        Self::with(file, titles.iter().map(of).collect())
    }

    /// A file with these columns.
    pub(super) fn with(file: &Path, columns: Vec<(Kind, String)>) -> Result<Self, WriteError> {
        let fields = columns.iter().map(|(kind, name)| kind.field(name).map(Arc::new));
        let fields = fields.collect::<Result<Vec<TypePtr>, _>>().map_err(|e| failed(&e))?;
        let schema = Type::group_type_builder("table").with_fields(fields).build().map_err(|e| failed(&e))?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(File::create(file)?, Arc::new(schema), Arc::new(properties));
        let columns = columns.into_iter().map(|(kind, _)| Column { kind, cells: Vec::new() }).collect();
        Ok(Self { writer: writer.map_err(|e| failed(&e))?, columns, rows: 0 })
    }

    fn row(&mut self, cells: Vec<Cell<'_>>) -> Written {
        let held = cells.into_iter().zip(&self.columns).map(|(cell, column)| column.kind.held(cell)).collect();
        self.put(held)
    }

    /// A row of cells of the kinds of the columns.
    pub(super) fn put(&mut self, cells: Vec<Option<Held>>) -> Written {
        for (cell, column) in cells.into_iter().zip(&mut self.columns) {
            column.cells.push(cell);
        }
        self.rows += 1;
        if self.rows == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Written {
        let mut group = self.writer.next_row_group().map_err(|e| failed(&e))?;
        for column in &mut self.columns {
            column.write(&mut group).map_err(|e| failed(&e))?;
        }
        group.close().map_err(|e| failed(&e))?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Written {
        if self.rows > 0 {
            self.flush()?;
        }
        self.writer.close().map(drop).map_err(|e| failed(&e))
    }
}

impl Kind {
    fn field(self, name: &str) -> Result<Type, ParquetError> {
        let of = |physical, logical, name: &str| {
            Type::primitive_type_builder(name, physical)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(logical)
                .build()
        };
        let list = |element: Type| {
            let repeated = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(repeated)])
                .build()
        };
        match self {
            Self::Int => of(Physical::INT64, None, name),
            Self::Double => of(Physical::DOUBLE, None, name),
            Self::Bool => of(Physical::BOOLEAN, None, name),
            Self::Date => of(Physical::INT32, Some(LogicalType::Date), name),
            Self::Text => of(Physical::BYTE_ARRAY, Some(LogicalType::String), name),
            Self::Ints => list(of(Physical::INT64, None, "element")?),
            Self::Texts => list(of(Physical::BYTE_ARRAY, Some(LogicalType::String), "element")?),
            Self::Doubles => list(of(Physical::DOUBLE, None, "element")?),
            Self::Bools => list(of(Physical::BOOLEAN, None, "element")?),
        }
    }

    /// A cell as it waits; nothing for one that holds nothing.
    fn held(self, told: Cell<'_>) -> Option<Held> {
        let value = match told {
            Cell::Nothing => return None,
            Cell::Text(text) if self == Self::Texts => {
                return Some(Held::Texts(text.split(';').map(str::to_owned).collect()));
            }
            Cell::Text(text) => return Some(Held::Text(text.into_owned())),
            Cell::Value(value) => value,
        };
        Some(match (self, &*value) {
            (Self::Int, Value::Int(n)) => Held::Int(*n),
            (Self::Double, Value::Float(x)) => Held::Double(*x),
            (Self::Bool, Value::Bool(yes)) => Held::Bool(*yes),
            (Self::Date, Value::Date(date)) => Held::Days(i32::try_from(date.days).ok()?),
            (Self::Ints, Value::List(items)) => Held::Ints(
                items.items().iter().filter_map(|v| if let Value::Int(n) = v { Some(*n) } else { None }).collect(),
            ),
            (Self::Texts, Value::List(items)) => Held::Texts(items.items().iter().map(cell).collect()),
            (_, value) => Held::Text(cell(value)),
        })
    }
}

impl Column {
    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, File>) -> Result<(), ParquetError> {
        let cells = std::mem::take(&mut self.cells);
        match self.kind {
            Kind::Int => flat::<Int64Type>(group, &cells, |held| if let Held::Int(n) = held { Some(*n) } else { None }),
            Kind::Double => {
                flat::<DoubleType>(group, &cells, |held| if let Held::Double(x) = held { Some(*x) } else { None })
            }
            Kind::Bool => {
                flat::<BoolType>(group, &cells, |held| if let Held::Bool(yes) = held { Some(*yes) } else { None })
            }
            Kind::Date => {
                flat::<Int32Type>(group, &cells, |held| if let Held::Days(n) = held { Some(*n) } else { None })
            }
            Kind::Text => flat::<ByteArrayType>(group, &cells, |held| {
                if let Held::Text(text) = held { Some(text.as_str().into()) } else { None }
            }),
            Kind::Ints => {
                nested::<Int64Type>(
                    group,
                    &cells,
                    |held| if let Held::Ints(all) = held { all.clone() } else { Vec::new() },
                )
            }
            Kind::Texts => nested::<ByteArrayType>(group, &cells, |held| match held {
                Held::Texts(all) => all.iter().map(|text| ByteArray::from(text.as_str())).collect(),
                _ => Vec::new(),
            }),
            Kind::Doubles => nested::<DoubleType>(group, &cells, |held| {
                if let Held::Doubles(all) = held { all.clone() } else { Vec::new() }
            }),
            Kind::Bools => {
                nested::<BoolType>(
                    group,
                    &cells,
                    |held| {
                        if let Held::Bools(all) = held { all.clone() } else { Vec::new() }
                    },
                )
            }
        }
    }
}

/// Writes a column of values: where there is none, its level says so.
fn flat<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    cells: &[Option<Held>],
    value: impl Fn(&Held) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let all: Vec<Option<T::T>> = cells.iter().map(|cell| cell.as_ref().and_then(&value)).collect();
    let levels: Vec<i16> = all.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = all.into_iter().flatten().collect();
    put::<T>(group, &values, &levels, None)
}

/// Writes a column of lists: levels say whether there is a list, an element, and where a list begins.
fn nested<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    cells: &[Option<Held>],
    items: impl Fn(&Held) -> Vec<T::T>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels, mut begins) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        let all = cell.as_ref().map(&items);
        match all {
            None => {
                levels.push(0);
                begins.push(0);
            }
            Some(all) if all.is_empty() => {
                levels.push(1);
                begins.push(0);
            }
            Some(all) => {
                levels.extend(all.iter().map(|_| 3));
                begins.extend((0..all.len()).map(|at| i16::from(at > 0)));
                values.extend(all);
            }
        }
    }
    put::<T>(group, &values, &levels, Some(&begins))
}

fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
    levels: &[i16],
    begins: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("a column too many".to_owned()));
    };
    column.typed::<T>().write_batch(values, Some(levels), begins)?;
    column.close()
}

fn failed(error: &ParquetError) -> WriteError {
    Error::data(format!("the Parquet file cannot be written: {error}")).into()
}
