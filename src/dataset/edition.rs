//! Editions of a register: a list of all units of a kind on a day, and what follows from two of them.
//!
//! ```text
//!  list of 2019-01-01: c1 c2 c3      c4 is new:   began in 2019-01-01/2020-01-01  ┐ cited to both editions,
//!  list of 2020-01-01: c1 c3 c4  ──► c2 is gone:  ended in 2019-01-01/2020-01-01  ┘ as inferred (I)
//!                                    c3 has another name: an alias from 2019-01-01/2020-01-01 on
//! ```
//!
//! Units are known by their ids in the list. The same edition again changes nothing. Only rows of this program are looked at: what a
//! person wrote of a unit is neither read as an edition nor changed.

use std::path::Path;
use std::sync::Arc;

use super::documents::{as_id, sha256};
use super::edit::Edit;
use super::record::{Dataset, EXISTS, SourceRecord};
use crate::error::{Error, Result};
use crate::provenance::{Locator, reserved};
use crate::value::edtf::Edtf;
use crate::value::hash::{DataMap, DataSet};

/// What a list says of itself.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    /// The name of its file, and its bytes: a table with a heading.
    pub(crate) file: &'a str,
    pub(crate) bytes: &'a [u8],
    /// The day for which it lists all units of the kind.
    pub(crate) date: &'a str,
    pub(crate) kind: &'a str,
    /// The columns of ids and of names.
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// What an edition brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(crate) units: usize,
    pub(crate) new: Vec<String>,
    pub(crate) ended: Vec<String>,
    pub(crate) renamed: Vec<String>,
    /// The edition before, when there is one.
    pub(crate) before: Option<String>,
}

/// The program that writes such rows, in the column `made_by`.
const MADE_BY: &str = "import";

/// A unit of a list.
struct Unit {
    id: String,
    name: String,
    row: u32,
}

/// The change that takes an edition into the folder `dir`, which holds `dataset`; nothing when it is there already.
///
/// Errors: the list cannot be read, an id stands twice, the kind is not known, or a later edition is there.
pub(crate) fn edition(dir: &Path, dataset: &Dataset, list: &List<'_>) -> Result<(Edit, Brought)> {
    let day = Edtf::parse(list.date).ok().and_then(|date| date.days().single());
    if day.is_none() {
        return Err(Error::data(format!("`{}` is no day", list.date))
            .hint("the day for which the list is complete: 2020-01-01"));
    }
    if !dataset.kinds.iter().any(|kind| *kind.id == *list.kind) {
        let near = crate::error::nearest(list.kind, dataset.kinds.iter().map(|kind| &*kind.id));
        let hint = near.map_or_else(|| "add it to kinds.csv".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Error::data(format!("there is no kind `{}`", list.kind)).hint(hint));
    }
    let units = units(list)?;
    let source_of = |date: &str| format!("{}-{date}", as_id(list.kind));
    let own = source_of(list.date);
    let is_edition = |source: &&SourceRecord| {
        let date = source.id.strip_prefix(&format!("{}-", as_id(list.kind)));
        date.is_some_and(|date| *source.during == *date && !date.is_empty())
    };
    let mut editions: Vec<&SourceRecord> = dataset.sources.iter().filter(is_edition).collect();
    editions.sort_by(|a, b| a.during.cmp(&b.during));
    let sha256 = sha256(list.bytes);
    let mut brought = Brought { units: units.len(), ..Brought::default() };
    let mut edit = Edit::open(dir);
    if let Some(known) = editions.iter().find(|source| *source.id == *own) {
        if *known.sha256 == *sha256 {
            return Ok((edit, brought));
        }
        let message = format!("the edition of {} is there already, and it was another file", list.date);
        return Err(Error::data(message).hint(format!("take its rows out first: those of the source `{own}`")));
    }
    if let Some(later) = editions.iter().find(|source| &*source.during > list.date) {
        let message = format!("the edition of {} is there, which is later", later.during);
        return Err(Error::data(message).hint("editions are taken in the order of their days"));
    }
    let before = editions.last().copied();
    brought.before = before.map(|source| source.during.to_string());
    let title = format!("{}, {}", list.file, list.date);
    let rows = units.last().map_or(0, |unit| unit.row).to_string();
    let cells = [
        ("id", own.as_str()),
        ("title", &title),
        ("date", list.date),
        ("during", list.date),
        ("paragraphs", &rows),
        ("sha256", &sha256),
    ];
    edit.add("sources.csv", &cells)?;
    // the units that the edition before has, and what each is called now
    let mut there: DataMap<&str, bool> = DataMap::default();
    for mention in &dataset.mentions {
        let made = mention.qualifier(reserved::MADE_BY) == Some(MADE_BY) && &*mention.relation == EXISTS;
        if made && editions.iter().any(|source| source.id == mention.source) {
            there.insert(&mention.subject, mention.qualifier("end").is_none());
        }
    }
    let known: DataMap<&str, (&Arc<str>, &Arc<str>)> =
        dataset.entities.iter().map(|e| (&*e.id, (&e.name, &e.kind))).collect();
    let mut called: DataMap<&str, &str> = known.iter().map(|(id, (name, _))| (*id, &***name)).collect();
    for alias in dataset.aliases.iter().filter(|alias| !alias.from.is_empty()) {
        called.insert(&alias.entity, &alias.name);
    }
    let taken: DataSet<&str> = dataset.mentions.iter().map(|mention| &*mention.id).collect();
    let mut number = dataset.mentions.len();
    let mut next = || loop {
        number += 1;
        let id = format!("I{number}");
        if !taken.contains(id.as_str()) {
            return id;
        }
    };
    let between = before.map(|before| format!("{}/{}", before.during, list.date));
    let mut mention = |edit: &mut Edit, unit: &str, source: &str, at: Locator, says: &str, codes: &str| {
        let (id, locator) = (next(), format!("{source}:{at}"));
        let cells = [
            ("id", id.as_str()),
            ("subject", unit),
            ("relation", EXISTS),
            ("qualifiers", says),
            ("source", source),
            ("locator", &locator),
        ];
        edit.add("mentions.csv", &[&cells[..], &[("confidence", codes), ("made_by", MADE_BY)]].concat())
    };
    // what is not in a list stands at its heading: one place for what had not begun, one for what had ended, because a place says
    // one thing of a unit
    let (not_yet, no_more) = (Locator::sentence(1, 1), Locator::paragraph(1));
    for unit in &units {
        let at = Locator::paragraph(unit.row);
        match known.get(unit.id.as_str()) {
            None => edit.add("entities.csv", &[("id", &unit.id), ("kind", list.kind), ("name", &unit.name)])?,
            Some((_, kind)) if ***kind != *list.kind => {
                let message = format!("{}, row {}: `{}` is a {kind} in entities.csv", list.file, unit.row, unit.id);
                return Err(Error::data(message).hint(format!("is the list one of {}s?", list.kind)));
            }
            Some(_) => {}
        }
        let stands = there.get(unit.id.as_str()).copied().unwrap_or(false);
        match &between {
            Some(between) if !stands => {
                brought.new.push(unit.id.clone());
                mention(&mut edit, &unit.id, &own, at, &format!("start={between}"), "I")?;
                let earlier = before.map_or("", |before| &*before.id);
                mention(&mut edit, &unit.id, earlier, not_yet, &format!("start={between}"), "I")?;
            }
            _ => mention(&mut edit, &unit.id, &own, at, &format!("during={}", list.date), "E")?,
        }
        if let (Some(between), Some(name)) = (&between, called.get(unit.id.as_str()))
            && *name != unit.name
        {
            brought.renamed.push(unit.id.clone());
            let place = format!("{own}:{at}");
            let cells = [
                ("entity", unit.id.as_str()),
                ("alias", &unit.name),
                ("status", "preferred"),
                ("used_in", &place),
                ("from", between),
                ("locator", &place),
            ];
            edit.add("aliases.csv", &cells)?;
        }
    }
    let listed: DataSet<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
    let mut gone: Vec<&str> =
        there.iter().filter(|(id, stands)| **stands && !listed.contains(*id)).map(|(id, _)| *id).collect();
    gone.sort_unstable();
    if let (Some(before), Some(between)) = (before, &between) {
        for unit in gone {
            mention(&mut edit, unit, &before.id, no_more, &format!("end={between}"), "I")?;
            mention(&mut edit, unit, &own, no_more, &format!("end={between}"), "I")?;
            brought.ended.push(unit.to_owned());
        }
    }
    Ok((edit, brought))
}

/// The units of a list, each with the row at which a spreadsheet shows it. Errors: with file, row and column.
fn units(list: &List<'_>) -> Result<Vec<Unit>> {
    let wrong =
        |message: String, hint: &str| Err(Error::data(format!("{}: {message}", list.file)).hint(hint.to_owned()));
    let bytes = list.bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(list.bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return wrong("is not UTF-8".to_owned(), "save the file as \"CSV UTF-8\"");
    };
    let heading = text.lines().next().unwrap_or("");
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|mark| heading.bytes().filter(|byte| byte == mark).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_lowercase).collect(),
        Err(why) => return wrong(format!("cannot be read: {why}"), "a table in CSV with a heading"),
    };
    let place = |wanted: &str| match columns.iter().position(|column| *column == wanted.to_lowercase()) {
        Some(at) => Ok(at),
        None => {
            let near = crate::error::nearest(wanted, columns.iter().map(String::as_str));
            let hint =
                near.map_or_else(|| format!("it has {}", columns.join(", ")), |near| format!("did you mean `{near}`?"));
            Err(Error::data(format!("{}: has no column `{wanted}`", list.file)).hint(hint))
        }
    };
    let (id_at, name_at) = (place(list.id)?, place(list.name)?);
    let mut seen: DataMap<String, u32> = DataMap::default();
    let mut out = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(why) => return wrong(format!("cannot be read: {why}"), "every row has as many cells as the heading"),
        };
        let row = record.position().map_or(0, |position| u32::try_from(position.line()).unwrap_or(u32::MAX));
        let (id, name) = (record.get(id_at).unwrap_or("").to_owned(), record.get(name_at).unwrap_or("").to_owned());
        if id.is_empty() && name.is_empty() {
            continue;
        }
        if id.is_empty() || !id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return wrong(format!("row {row}, column {}: `{id}` is no id", list.id), "letters, digits, hyphens");
        }
        if name.is_empty() {
            return wrong(format!("row {row}, column {}: is empty", list.name), "the name of the unit");
        }
        if let Some(first) = seen.insert(id.clone(), row) {
            return wrong(
                format!("row {row}, column {}: `{id}` stands in row {first}, too", list.id),
                "a list has each unit once",
            );
        }
        out.push(Unit { id, name, row });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("dataset.toml", "title = \"Communes\"\nformat = 2\nsentences = 2\n"),
            ("sources.csv", "id,title\n"),
            ("kinds.csv", "kind,definition\ncommune,A commune\n"),
            ("relations.csv", "relation,definition,domain,range\n"),
            ("entities.csv", "id,kind,name\n"),
            ("mentions.csv", "id,subject,relation,object,source,locator\n"),
        ] {
            std::fs::write(dir.path().join(name), text).expect("written");
        }
        dir
    }

    fn take(dir: &Path, date: &str, rows: &str) -> Result<Brought> {
        let dataset = super::super::read(dir)?;
        let bytes = format!("code;nom\n{rows}");
        let list = List { file: "list.csv", bytes: bytes.as_bytes(), date, kind: "commune", id: "code", name: "nom" };
        let (edit, brought) = edition(dir, &dataset, &list)?;
        let blocking: Vec<String> =
            super::super::check(&edit.read()).iter().filter(|p| p.blocking).map(ToString::to_string).collect();
        assert_eq!(blocking, Vec::<String>::new());
        edit.write("edition")?;
        Ok(brought)
    }

    #[test]
    fn what_is_in_one_list_and_not_in_the_next_ended_between_them() {
        let dir = folder();
        let first = take(dir.path(), "2019-01-01", "01001;Alt\n01002;Brae\n01003;Cove\n").expect("taken");
        assert_eq!((first.units, first.new.len(), first.before), (3, 0, None));
        let tables = || std::fs::read(dir.path().join("mentions.csv")).expect("a table");
        let before = tables();
        take(dir.path(), "2019-01-01", "01001;Alt\n01002;Brae\n01003;Cove\n").expect("the same again");
        assert_eq!(tables(), before, "the same edition again changes nothing");
        let second = take(dir.path(), "2020-01-01", "01001;Alt\n01003;Covey\n01004;Dale\n").expect("taken");
        let told = (second.new, second.ended, second.renamed);
        assert_eq!(told, (vec!["01004".to_owned()], vec!["01002".to_owned()], vec!["01003".to_owned()]));
        let third = take(dir.path(), "2021-01-01", "01001;Alt\n01002;Brae\n01003;Covey\n01004;Dale\n").expect("taken");
        assert_eq!((third.new, third.ended.len(), third.renamed.len()), (vec!["01002".to_owned()], 0, 0));
        let seen = crate::dataset::load(&super::super::open(dir.path()).expect("sound")).expect("loaded");
        assert_eq!(seen.evidence.sources().len(), 3);
    }

    #[test]
    fn lists_that_do_not_go_together_are_refused_with_their_rows() {
        let dir = folder();
        take(dir.path(), "2020-01-01", "01001;Alt\n").expect("taken");
        let said = |date: &str, rows: &str| take(dir.path(), date, rows).expect_err("refused").message().to_owned();
        assert!(said("2019-01-01", "01001;Alt\n").contains("which is later"));
        assert!(said("2020-01-01", "01001;Old\n").contains("it was another file"));
        assert!(said("soon", "01001;Alt\n").contains("is no day"));
        assert!(
            said("2021-01-01", "01001;Alt\n01001;Brae\n").contains("row 3, column code: `01001` stands in row 2, too")
        );
        assert!(said("2021-01-01", ";Alt\n").contains("row 2, column code"));
    }
}
