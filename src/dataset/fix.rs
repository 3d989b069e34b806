//! Mending what has one right answer: ids of sources whose zeros a spreadsheet dropped, days written as `12.03.1999`, blanks around
//! cells. Whatever could be meant in two ways is left to a person.

use std::path::Path;

use super::columns::{aliases, conflicts, entities, mentions, sources};
use super::edit::Edit;
use super::record::Dataset;
use crate::error::Result;
use crate::provenance::{Qualifier, ValueType};
use crate::value::edtf::Edtf;

/// A cell that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    pub(crate) file: &'static str,
    pub(crate) row: u32,
    pub(crate) column: String,
    pub(crate) old: String,
    pub(crate) new: String,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Source,
    /// Places: `000:16; 001:15,16`.
    Places,
    Sources,
    Date,
    Qualifiers,
    Other,
}

/// The columns in which more than blanks can be mended.
fn holds(file: &str, column: &str) -> Holds {
    match (file, column) {
        ("mentions.csv" | "entities.csv", "source") => Holds::Source,
        ("mentions.csv" | "entities.csv" | "aliases.csv", "locator" | "used_in" | "by_reference") => Holds::Places,
        ("sources.csv", "derives_from") | ("conflicts.csv", "sources_a" | "sources_b") => Holds::Sources,
        ("sources.csv", "date" | "during") | ("entities.csv", "start" | "end") | ("aliases.csv", "from" | "to") => {
            Holds::Date
        }
        ("mentions.csv", "qualifiers") => Holds::Qualifiers,
        _ => Holds::Other,
    }
}

/// The change that mends the tables of the folder `dir`, which holds `dataset`, and what it mends.
/// Errors: a table cannot be read.
pub(crate) fn fix(dir: &Path, dataset: &Dataset) -> Result<(Edit, Vec<Fix>)> {
    let mut edit = Edit::open(dir);
    let mut fixes = Vec::new();
    let ids: Vec<&str> = dataset.sources.iter().map(|source| &*source.id).collect();
    for file in [
        sources::LAYOUT.file,
        entities::LAYOUT.file,
        aliases::LAYOUT.file,
        mentions::LAYOUT.file,
        conflicts::LAYOUT.file,
    ] {
        if !dir.join(file).exists() {
            continue;
        }
        let columns = edit.columns(file)?;
        for row in edit.rows(file)? {
            for column in &columns {
                let (Some(raw), Some(cell)) = (edit.raw(file, row, column)?, edit.cell(file, row, column)?) else {
                    continue;
                };
                let new = match holds(file, column) {
                    Holds::Source => source(&cell, &ids),
                    Holds::Places => places(&cell, &ids),
                    Holds::Sources => {
                        let all: Vec<String> = cell
                            .split([' ', ',', ';'])
                            .filter(|id| !id.is_empty())
                            .map(|id| source(id, &ids))
                            .collect();
                        if all.iter().map(String::as_str).eq(cell.split([' ', ',', ';']).filter(|id| !id.is_empty())) {
                            cell.clone()
                        } else {
                            all.join(" ")
                        }
                    }
                    Holds::Date => date(&cell),
                    Holds::Qualifiers => qualifiers(&cell, dataset),
                    Holds::Other => cell.clone(),
                };
                let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(&raw);
                if new != cell || inner.trim() != inner {
                    edit.set(file, row, column, &new)?;
                    fixes.push(Fix { file, row, column: column.clone(), old: inner.to_owned(), new });
                }
            }
        }
    }
    Ok((edit, fixes))
}

/// The id that was meant: of a number whose zeros are gone, where only one source has it.
fn source(id: &str, ids: &[&str]) -> String {
    let bare = |id: &str| id.trim_start_matches('0').to_owned();
    if ids.contains(&id) || id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return id.to_owned();
    }
    let mut fits = ids.iter().filter(|known| known.bytes().all(|b| b.is_ascii_digit()) && bare(known) == bare(id));
    match (fits.next(), fits.next()) {
        (Some(one), None) => (*one).to_owned(),
        _ => id.to_owned(),
    }
}

fn places(cell: &str, ids: &[&str]) -> String {
    let part = |part: &str| match part.split_once(':') {
        Some((id, list)) => {
            let own = id.trim();
            part.replacen(own, &source(own, ids), usize::from(!own.is_empty() && !list.is_empty()))
        }
        None => part.to_owned(),
    };
    cell.split(';').map(part).collect::<Vec<_>>().join(";")
}

/// A day in EDTF: of `12.03.1999` and `1999-3-12`; anything else as it stands. A slash says in no way what is the month.
fn date(cell: &str) -> String {
    let parts = |mark: char| -> Option<[u32; 3]> {
        let all: Vec<u32> =
            cell.split(mark).map(|part| part.parse().ok().filter(|_| part.len() <= 4)).collect::<Option<_>>()?;
        all.try_into().ok()
    };
    let day = match (parts('.'), parts('-')) {
        (Some([day, month, year]), _) if year > 999 => format!("{year:04}-{month:02}-{day:02}"),
        (_, Some([year, month, day])) if year > 999 => format!("{year:04}-{month:02}-{day:02}"),
        _ => return cell.to_owned(),
    };
    if Edtf::parse(cell).is_err() && Edtf::parse(&day).is_ok() { day } else { cell.to_owned() }
}

/// The dates among qualifiers.
fn qualifiers(cell: &str, dataset: &Dataset) -> String {
    let is_date = |key: &str| {
        let declared = dataset.qualifiers.iter().find(|q| *q.key == *key).map(|q| q.reading.ty);
        key == "edtf" || declared.unwrap_or_else(|| Qualifier::by_default(key, true).ty) == ValueType::Edtf
    };
    let part = |part: &str| match part.split_once('=') {
        Some((key, value)) if is_date(key.trim()) => {
            let own = value.trim();
            if own.is_empty() { part.to_owned() } else { format!("{key}={}", value.replacen(own, &date(own), 1)) }
        }
        _ => part.to_owned(),
    };
    // what stands in quotation marks may hold semicolons, and is left as it is
    if cell.contains('"') { cell.to_owned() } else { cell.split(';').map(part).collect::<Vec<_>>().join(";") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_one_right_answer_is_mended() {
        for (cell, mended) in [
            ("12.03.1999", "1999-03-12"),
            ("1.2.2003", "2003-02-01"),
            ("1999-3-2", "1999-03-02"),
            ("31.02.1999", "31.02.1999"),
            ("03/12/1999", "03/12/1999"),
            ("1999", "1999"),
            ("1999/2001", "1999/2001"),
            ("12.03.99", "12.03.99"),
        ] {
            assert_eq!(date(cell), mended, "{cell}");
        }
        let ids = ["000", "003", "12", "0012", "report"];
        for (id, mended) in [("3", "003"), ("0", "000"), ("12", "12"), ("012", "012"), ("7", "7"), ("report", "report")]
        {
            assert_eq!(source(id, &ids), mended, "{id}");
        }
        assert_eq!(places("3:11.8; 0:1,2; report:4", &ids), "003:11.8; 000:1,2; report:4");
        let none = Dataset::default();
        assert_eq!(
            qualifiers("date=12.03.1999; wording=on 12.03.1999", &none),
            "date=1999-03-12; wording=on 12.03.1999"
        );
    }
}
