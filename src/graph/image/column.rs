//! A column as bytes.
//!
//! ```text
//! column   words ends of the strings, bytes of the strings, small count of pages, pages
//! page     00                                             absent
//!          kind                   presence 128 bytes, cells
//!          kind | 80              cells of all 1,024 slots
//! cells    1 i32  2 i64  3 f64  4 bool (a byte)  5 days i32  6 string code u32   packed, little-endian
//!          7 mixed: each a value, or 40 and a string code; also where all are datetimes
//! ```

use std::sync::Arc;

use super::bytes::{Damaged, Read, Reader, Writer};
use crate::graph::column::{Column, other_cell};
use crate::graph::page::{Cell, Cells, PAGE, Page};
use crate::graph::pool::Pool;
use crate::value::Value;
use crate::value::temporal::DateTime;

const FULL: u8 = 0x80;
const CODE: u8 = 0x40;

pub(super) fn write(column: &Column) -> Vec<u8> {
    let mut writer = Writer::default();
    let (texts, ends) = column.pool().parts();
    writer.words(&ends);
    writer.bytes(texts.as_bytes());
    writer.small(column.pages().len() as u64);
    for page in column.pages() {
        match page {
            None => writer.byte(0),
            Some(page) => write_page(page, &mut writer),
        }
    }
    writer.0
}

fn write_page(page: &Page, writer: &mut Writer) {
    let full = page.cells.len() == PAGE as usize;
    let kind = match &page.cells {
        Cells::Narrow(_) => 1,
        Cells::Int(_) => 2,
        Cells::Float(_) => 3,
        Cells::Bool(_) => 4,
        Cells::Date(_) => 5,
        Cells::Code(_) => 6,
        Cells::Moment(_) | Cells::Mixed(_) => 7,
    };
    writer.byte(if full { kind | FULL } else { kind });
    if !full {
        page.present.iter().for_each(|&word| writer.long(word));
    }
    let out = &mut writer.0;
    match &page.cells {
        Cells::Narrow(v) | Cells::Date(v) => v.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes())),
        Cells::Int(v) => v.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes())),
        Cells::Float(v) => v.iter().for_each(|x| out.extend_from_slice(&x.to_bits().to_le_bytes())),
        Cells::Bool(v) => out.extend(v.iter().map(|&b| u8::from(b))),
        Cells::Code(v) => v.iter().for_each(|c| out.extend_from_slice(&c.to_le_bytes())),
        Cells::Moment(v) => v.iter().for_each(|nanos| write_moment(*nanos, writer)),
        Cells::Mixed(v) => v.iter().for_each(|cell| match cell {
            Cell::Int(n) => writer.value(&Value::Int(*n)),
            Cell::Float(x) => writer.value(&Value::Float(*x)),
            Cell::Bool(b) => writer.value(&Value::Bool(*b)),
            Cell::Date(date) => writer.value(&Value::Date(*date)),
            Cell::Moment(nanos) => write_moment(*nanos, writer),
            Cell::Code(code) => {
                writer.byte(CODE);
                writer.small((*code).into());
            }
            Cell::Other(value) => writer.value(value),
        }),
    }
}

fn write_moment(nanos: i64, writer: &mut Writer) {
    writer.value(&Value::DateTime(Arc::new(DateTime::from_utc_nanos(nanos))));
}

pub(super) fn read(mut bytes: Vec<u8>) -> Read<Column> {
    let mut reader = Reader(&bytes);
    let ends = reader.words()?;
    let length = reader.count(1)?;
    let start = bytes.len() - reader.0.len();
    reader.take(length)?;
    let count = reader.count(1)?;
    let pages = (0..count).map(|_| read_page(&mut reader)).collect::<Read<Vec<_>>>()?;
    if !reader.is_empty() {
        return Err(Damaged);
    }
    // the texts, mostly the bulk of the part, stay in the memory they were read into
    bytes.truncate(start + length);
    bytes.drain(..start);
    bytes.shrink_to_fit();
    let texts = String::from_utf8(bytes).map_err(|_| Damaged)?;
    Column::from_parts(pages, Pool::from_parts(texts, ends).ok_or(Damaged)?).ok_or(Damaged)
}

fn read_page(reader: &mut Reader<'_>) -> Read<Option<Arc<Page>>> {
    let kind = reader.byte()?;
    if kind == 0 {
        return Ok(None);
    }
    let mut present = [u64::MAX; PAGE as usize / 64];
    if kind & FULL == 0 {
        for word in &mut present {
            *word = reader.long()?;
        }
    }
    let count = present.iter().map(|w| w.count_ones() as usize).sum::<usize>();
    let fours =
        |reader: &mut Reader<'_>| -> Read<Vec<[u8; 4]>> { Ok(reader.take(count * 4)?.as_chunks::<4>().0.to_vec()) };
    let eights =
        |reader: &mut Reader<'_>| -> Read<Vec<[u8; 8]>> { Ok(reader.take(count * 8)?.as_chunks::<8>().0.to_vec()) };
    let cells = match kind & !FULL {
        1 => Cells::Narrow(fours(reader)?.into_iter().map(i32::from_le_bytes).collect()),
        2 => Cells::Int(eights(reader)?.into_iter().map(i64::from_le_bytes).collect()),
        3 => Cells::Float(eights(reader)?.into_iter().map(|b| f64::from_bits(u64::from_le_bytes(b))).collect()),
        4 => Cells::Bool(reader.take(count)?.iter().map(|&b| b != 0).collect()),
        5 => Cells::Date(fours(reader)?.into_iter().map(i32::from_le_bytes).collect()),
        6 => Cells::Code(fours(reader)?.into_iter().map(u32::from_le_bytes).collect()),
        7 => mixed((0..count).map(|_| read_cell(reader)).collect::<Read<_>>()?),
        _ => return Err(Damaged),
    };
    Page::from_parts(present, cells).map(|page| Some(Arc::new(page))).ok_or(Damaged)
}

/// A page that holds moments alone holds them as such.
fn mixed(cells: Vec<Cell>) -> Cells {
    let moment = |cell: &Cell| if let Cell::Moment(nanos) = cell { Some(*nanos) } else { None };
    match cells.iter().map(moment).collect() {
        Some(moments) => Cells::Moment(moments),
        None => Cells::Mixed(cells),
    }
}

fn read_cell(reader: &mut Reader<'_>) -> Read<Cell> {
    if reader.0.first() == Some(&CODE) {
        reader.byte()?;
        return Ok(Cell::Code(reader.word()?));
    }
    Ok(match reader.value()? {
        Value::Int(n) => Cell::Int(n),
        Value::Float(x) => Cell::Float(x),
        Value::Bool(b) => Cell::Bool(b),
        Value::Date(date) => Cell::Date(date),
        Value::Null | Value::Str(_) => return Err(Damaged),
        other => other_cell(other),
    })
}
