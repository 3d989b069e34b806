//! CALL: the rows of a procedure beside each input row.

use super::load_csv::{allowed, refused};
use super::rows_of::{Answered, RowsOf, Table};
use super::{Live, Source};
use crate::bind::bound::{Expr, Slot};
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::Context;
use crate::exec::eval::eval;
use crate::function::{Own, Procedure, ProcedureBody};
use crate::value::{Value, order};

/// A procedure with its arguments.
pub(in crate::exec) struct Call<'p> {
    procedure: &'p Procedure,
    arguments: &'p [Expr],
    span: Span,
}

/// CALL of a procedure.
pub(in crate::exec) type CallProcedure<'p> = RowsOf<'p, Call<'p>>;

/// The operator of a call.
pub(in crate::exec) fn call_procedure<'p>(
    input: Source<'p>,
    (procedure, arguments, span): (&'p Procedure, &'p [Expr], Span),
    yields: &'p [(usize, Slot)],
    live: Live<'p>,
) -> CallProcedure<'p> {
    RowsOf::of(input, Call { procedure, arguments, span }, yields, live)
}

impl Table for Call<'_> {
    fn rows(&mut self, row: Row<'_>, cx: &mut Context<'_>) -> Result<Answered> {
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for (expr, input) in self.arguments.iter().zip(&self.procedure.inputs) {
            let value = eval(expr, row, cx)?;
            if !fits(&value, &input.ty) {
                let message = format!(
                    "`{}` takes {} as {}, not a {}",
                    self.procedure.name,
                    input.ty,
                    input.name,
                    value.type_name()
                );
                return Err(Error::type_error(Code::InvalidArgumentType, message).at(self.span));
            }
            arguments.push(value);
        }
        let rows = match &self.procedure.body {
            ProcedureBody::Table(table) => look_up(table, &arguments, cx)?,
            ProcedureBody::Rows(rows) => {
                cx.meter.step(rows.len())?;
                rows.to_vec()
            }
            ProcedureBody::Native(native) => native(&arguments).map_err(|e| e.at(self.span))?,
            ProcedureBody::Own(own) => match own.0 {
                Own::Tells(tells) => {
                    let telling = tells(&arguments).map_err(|e| e.at(self.span))?;
                    cx.tellings.push((telling, self.span));
                    Vec::new()
                }
                Own::OverGraph(over) => over(cx.graph(), &cx.meter, &arguments).map_err(|e| e.at(self.span))?,
                Own::Around(over) => {
                    let around = cx.knowledge.around.ok_or_else(|| no_surroundings(self.procedure).at(self.span))?;
                    over(cx.graph(), &cx.meter, around, &arguments).map_err(|e| e.at(self.span))?
                }
                Own::OverFile(over) => {
                    let bytes = read(&arguments, cx).map_err(|e| e.at(self.span))?;
                    over(&bytes, &cx.meter, &arguments).map_err(|e| e.at(self.span))?
                }
            },
        };
        // a procedure without columns only acts: the row goes on once
        let rows = if self.procedure.outputs.is_empty() { vec![Vec::new()] } else { rows };
        Ok(Answered { rows, cites: Vec::new() })
    }
}

fn no_surroundings(procedure: &Procedure) -> Error {
    let message = format!(
        "`{}` cannot be called here: not in a statement that writes, nor in a query given to a procedure",
        procedure.name
    );
    Error::new(Class::ProcedureError, Phase::Runtime, Code::ProcedureError, message)
        .hint("call it in a statement of its own, before or after")
}

/// The file that the first argument names. Errors: it may not be read, or cannot be.
fn read(arguments: &[Value], cx: &Context<'_>) -> Result<Vec<u8>> {
    let Some(Value::Str(url)) = arguments.first() else { return Ok(Vec::new()) };
    let path = allowed(cx.meter.limits().csv_folder.as_deref(), url)?;
    let unreadable = |error: std::io::Error| refused(format!("{url} cannot be read: {error}"));
    let length = std::fs::metadata(&path).map_err(unreadable)?.len();
    cx.meter.fits(usize::try_from(length).unwrap_or(usize::MAX))?;
    std::fs::read(&path).map_err(unreadable)
}

/// The output columns of the rows whose first cells equal the arguments.
fn look_up(table: &[Vec<Value>], arguments: &[Value], cx: &Context<'_>) -> Result<Vec<Vec<Value>>> {
    let mut found = Vec::new();
    for row in table {
        cx.meter.step(1)?;
        let (inputs, outputs) = row.split_at(arguments.len().min(row.len()));
        if inputs.len() == arguments.len()
            && inputs.iter().zip(arguments).all(|(cell, argument)| order::equivalent(cell, argument))
        {
            found.push(outputs.to_vec());
        }
    }
    Ok(found)
}

/// Whether a value can be given as an argument of a type such as `STRING?` or `NUMBER`.
fn fits(value: &Value, ty: &str) -> bool {
    let optional = ty.ends_with('?');
    match (value, ty.trim_end_matches('?').trim()) {
        (Value::Null, _) => optional,
        (Value::Str(_), "STRING") | (Value::Bool(_), "BOOLEAN") | (Value::Int(_), "INTEGER") => true,
        // whole numbers are taken where a fraction may stand
        (Value::Int(_) | Value::Float(_), "FLOAT" | "NUMBER") => true,
        (_, "STRING" | "BOOLEAN" | "INTEGER" | "FLOAT" | "NUMBER") => false,
        (value, "MAP") => matches!(value, Value::Map(_) | Value::Node(_) | Value::Rel(_)),
        (value, "NODE") => matches!(value, Value::Node(_)),
        (value, "RELATIONSHIP") => matches!(value, Value::Rel(_)),
        (value, "PATH") => matches!(value, Value::Path(_)),
        (value, list) if list.starts_with("LIST") => matches!(value, Value::List(_)),
        _ => true,
    }
}
