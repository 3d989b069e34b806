//! The connection to the cluster: SQL with its arguments goes out, rows of cells come back.
//!
//! The only file that knows the client of Spark Connect and Arrow. Everything sent is a query; `collect` makes it run, because
//! the client sends nothing before an answer is asked for.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType as ArrowType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt32Type,
    UInt64Type,
};
use spark_connect::expression::{Expression, LiteralExpression};
use spark_connect::types::DataType;
use spark_connect::{SparkError, SparkSession};

use super::types::Ty;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::Value;

/// What an answer is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Arc<str>),
    /// Days since 1970.
    Days(i64),
    List(Vec<Cell>),
    Struct(Vec<Cell>),
}

/// An argument of a query: its name in the text, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) value: Value,
}

/// How an error of ours is marked in the messages of the server.
pub(super) const MARK: &str = "SHEJIRE:";

/// A session on the cluster.
pub(super) struct Client {
    session: SparkSession,
    tag: String,
}

impl Client {
    /// Connects to `sc://HOST:PORT[;token=…][;use_ssl=true]`. Errors: nobody answers there.
    pub(super) fn connect(url: &str) -> Result<Self> {
        let session = SparkSession::builder().remote(url).get_or_create().map_err(|e| unreachable_server(&e))?;
        let tag = format!("shejire-{}", std::process::id());
        session.add_tag(&tag).map_err(|e| unreachable_server(&e))?;
        Ok(Self { session, tag })
    }

    /// The rows of a query. Errors: what the server says; its arithmetic errors are ours.
    pub(super) fn rows(&self, sql: &str, arguments: &[Argument]) -> Result<Vec<Vec<Cell>>> {
        let named: HashMap<String, Expression> =
            arguments.iter().map(|a| (a.name.clone(), Expression::Literal(literal(&a.ty, &a.value)))).collect();
        let frame = self.session.sql_with_args(sql, Vec::new(), named).map_err(|e| failed(&e))?;
        let batches = frame.collect_record_batches().map_err(|e| failed(&e))?;
        let mut rows = Vec::new();
        for batch in batches {
            let columns: Vec<&ArrayRef> = batch.columns().iter().collect();
            for at in 0..batch.num_rows() {
                rows.push(columns.iter().map(|column| cell(column, at)).collect::<Result<Vec<Cell>>>()?);
            }
        }
        Ok(rows)
    }

    /// Ends what is running of this session.
    pub(super) fn cancel(&self) -> Result<()> {
        self.session.interrupt_tag(&self.tag).map(drop).map_err(|e| failed(&e))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // a server that has gone has no session to end
        let _ = self.session.stop();
    }
}

fn server_error(message: String) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::ClusterFailed, message)
}

fn unreachable_server(error: &SparkError) -> Error {
    server_error(format!("the cluster does not answer: {}", first_lines(&error.to_string())))
        .hint("is a Spark Connect server running there? sc://HOST:15002 is what Spark listens on")
}

/// An error of the server: arithmetic is told as the local engine tells it.
fn failed(error: &SparkError) -> Error {
    let message = error.to_string();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["SHEJIRE:DivisionByZero"]) {
        return Error::arithmetic(Code::DivisionByZero, "an integer cannot be divided by zero");
    }
    if says(&["SHEJIRE:IntegerOverflow", "is out of range Int64", "ARITHMETIC_OVERFLOW", "CAST_OVERFLOW"]) {
        return Error::arithmetic(Code::IntegerOverflow, "a result lies outside 64-bit integers")
            .hint("write one of the numbers as a float, such as 1.0, if an approximate result will do");
    }
    server_error(format!("the cluster says: {}", first_lines(&message)))
}

/// The beginning of what a server says: the rest is a stack of its own calls.
fn first_lines(message: &str) -> String {
    const LONGEST: usize = 600;
    let short: String = message.lines().take(3).collect::<Vec<_>>().join(" ");
    short.chars().take(LONGEST).collect()
}

/// An argument as the protocol has it.
fn literal(ty: &Ty, value: &Value) -> LiteralExpression {
    match (ty, value) {
        (_, Value::Bool(yes)) => LiteralExpression::Boolean(*yes),
        (Ty::Float, Value::Int(n)) => LiteralExpression::Double(*n as f64),
        (_, Value::Int(n)) => LiteralExpression::Long(*n),
        (_, Value::Float(x)) => LiteralExpression::Double(*x),
        (_, Value::Str(text)) => LiteralExpression::String(text.to_string()),
        (_, Value::Date(date)) => LiteralExpression::Date(i32::try_from(date.days).unwrap_or_default()),
        (Ty::List(element), Value::List(items)) => LiteralExpression::Array {
            element_type: Box::new(data_type(element)),
            elements: items.iter().map(|item| literal(element, item)).collect(),
        },
        (ty, _) => LiteralExpression::Null(data_type(ty)),
    }
}

fn data_type(ty: &Ty) -> DataType {
    match ty {
        Ty::Bool => DataType::Boolean,
        Ty::Int | Ty::Node | Ty::Rel => DataType::Long,
        Ty::Float | Ty::FloatSum => DataType::Double,
        Ty::Date => DataType::Date,
        Ty::List(element) => DataType::Array { element_type: Box::new(data_type(element)), contains_null: true },
        _ => DataType::String { collation: "UTF8_BINARY".to_owned() },
    }
}

/// A cell of a column. Errors: a type that no query of ours asks for.
fn cell(column: &ArrayRef, at: usize) -> Result<Cell> {
    if column.is_null(at) {
        return Ok(Cell::Null);
    }
    let list = |items: ArrayRef| (0..items.len()).map(|i| cell(&items, i)).collect::<Result<Vec<Cell>>>();
    Ok(match column.data_type() {
        ArrowType::Null => Cell::Null,
        ArrowType::Boolean => Cell::Bool(column.as_boolean().value(at)),
        ArrowType::Int8 => Cell::Int(column.as_primitive::<Int8Type>().value(at).into()),
        ArrowType::Int16 => Cell::Int(column.as_primitive::<Int16Type>().value(at).into()),
        ArrowType::Int32 => Cell::Int(column.as_primitive::<Int32Type>().value(at).into()),
        ArrowType::Int64 => Cell::Int(column.as_primitive::<Int64Type>().value(at)),
        ArrowType::UInt32 => Cell::Int(column.as_primitive::<UInt32Type>().value(at).into()),
        ArrowType::UInt64 => {
            let value = column.as_primitive::<UInt64Type>().value(at);
            Cell::Int(i64::try_from(value).map_err(|_| strange("a count beyond 64 bits"))?)
        }
        ArrowType::Float32 => Cell::Float(column.as_primitive::<Float32Type>().value(at).into()),
        ArrowType::Float64 => Cell::Float(column.as_primitive::<Float64Type>().value(at)),
        ArrowType::Date32 => Cell::Days(column.as_primitive::<Date32Type>().value(at).into()),
        ArrowType::Utf8 => Cell::Str(column.as_string::<i32>().value(at).into()),
        ArrowType::LargeUtf8 => Cell::Str(column.as_string::<i64>().value(at).into()),
        ArrowType::Utf8View => Cell::Str(column.as_string_view().value(at).into()),
        ArrowType::List(_) => Cell::List(list(column.as_list::<i32>().value(at))?),
        ArrowType::LargeList(_) => Cell::List(list(column.as_list::<i64>().value(at))?),
        ArrowType::Struct(_) => {
            Cell::Struct(column.as_struct().columns().iter().map(|c| cell(c, at)).collect::<Result<_>>()?)
        }
        other => return Err(strange(&format!("values of type {other}"))),
    })
}

fn strange(what: &str) -> Error {
    server_error(format!("the cluster answers with {what}, which was not asked for"))
}
