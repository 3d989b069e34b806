//! Moving a folder on to format 2: its qualifiers are declared as they are used, and dataset.toml says `format = 2`.
//!
//! Tables of format 1 mean in format 2 what they meant, but for qualifiers: there a key has one type, whatever its values
//! are. So each key that is used otherwise than by default gets a row in qualifiers.csv. Nothing else is changed. What
//! only a person can say (which place states a life, what a succession does to both sides) is listed.
//!
//! Everything is made and read again in memory first. dataset.toml is written last: a folder whose upgrade was
//! interrupted is still of format 1, and the next upgrade finishes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::columns::qualifiers;
use super::fill::{Change, no_access, replace_all};
use super::problem::{Problem, grouped, shown};
use super::record::Dataset;
use super::sheet::Sheet;
use super::{check, documents, parse};
use crate::error::{Error, Result};
use crate::provenance::{Qualifier, Role, ValueType, is_silent, same_key};
use crate::value::edtf::Edtf;
use crate::value::hash::{DataMap, DataSet};
use crate::value::quantity::Quantity;

const META: &str = "dataset.toml";
const FILE: &str = "qualifiers.csv";

/// What moving a folder on would change.
#[derive(Debug)]
pub struct Upgrade {
    /// What is written, in this order.
    changes: Vec<Change>,
    /// The qualifiers that are declared: key, relation (empty for all), and how they are read.
    pub declared: Vec<(String, String, Qualifier)>,
    /// What only a person can carry over, with file and row.
    pub left: Vec<Problem>,
}

/// What moves the folder `dir` on to format 2; nothing is written.
///
/// Errors: `DataError` when the folder cannot be read, or has problems that must be mended first.
///
/// ```
/// # fn main() -> shejire::Result<()> {
/// let upgrade = shejire::dataset::upgrade("examples/communes-manche".as_ref())?;
/// assert!(upgrade.files().is_empty(), "it is of format 2 already");
/// # Ok(())
/// # }
/// ```
pub fn upgrade(dir: &Path) -> Result<Upgrade> {
    let dataset = super::open(dir)?;
    if dataset.meta.format >= 2 {
        return Ok(Upgrade { changes: Vec::new(), declared: Vec::new(), left: Vec::new() });
    }
    let declared = declarations(&dataset);
    let mut changes = Vec::new();
    if !declared.is_empty() {
        changes.push(table(&dir.join(FILE), &declared)?);
    }
    changes.push(meta(&dir.join(META))?);
    let made = Upgrade { changes, left: grouped(left(&dataset)), declared };
    made.reread(dir, &dataset)?;
    Ok(made)
}

impl Upgrade {
    /// The names of the files that are written; none when the folder is of format 2 already.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::dataset;
    ///
    /// let upgrade = dataset::upgrade("examples/city-councils".as_ref())?;
    /// assert!(upgrade.files().contains(&"dataset.toml".to_owned()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn files(&self) -> Vec<String> {
        let name = |change: &Change| change.path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.changes.iter().filter_map(name).collect()
    }

    /// Writes it, each file whole or not at all.
    ///
    /// Errors: `DataError` when a file cannot be written, or was changed meanwhile; the folder is then still of format 1.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::dataset;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// for file in std::fs::read_dir("examples/city-councils").unwrap().map(|file| file.unwrap().path()) {
    ///     if file.is_file() {
    ///         std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    ///     }
    /// }
    /// dataset::upgrade(folder.path())?.write()?;
    /// assert_eq!(dataset::open(folder.path())?.meta.format, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn write(&self) -> Result<()> {
        replace_all(&self.changes)
    }

    /// Reads the folder as it would be: it must be of format 2, with the same rows and no new problem.
    fn reread(&self, dir: &Path, before: &Dataset) -> Result<()> {
        let after = parse::parse(&mut |file, problems| {
            let path = dir.join(file);
            match self.changes.iter().find(|change| change.path == path) {
                Some(change) => Some(change.new.clone().map(Into::into)),
                None => Some(documents::read_file(&path, file, problems)?.map(Into::into)),
            }
        });
        let same = after.mentions == before.mentions && after.entities == before.entities && after.meta.format == 2;
        let wrong = check(&after).into_iter().find(|problem| problem.blocking);
        match wrong {
            Some(problem) => Err(Error::from(&problem)),
            None if !same => Err(Error::data("the folder would not be read as before, and was left as it is")),
            None => Ok(()),
        }
    }
}

/// The keys that the folder uses otherwise than they are read by default, with how it uses them.
fn declarations(dataset: &Dataset) -> Vec<(String, String, Qualifier)> {
    let lineage: DataMap<&str, bool> =
        dataset.relations.iter().map(|r| (&*r.id, Role::parse(&r.role).is_some() || &*r.id == "changed-to")).collect();
    let entities: DataSet<&str> = dataset.entities.iter().map(|e| &*e.id).collect();
    // `from` and `to` are read by the relation, every other key alike in all
    let mut used: BTreeMap<(&str, &str), Use<'_>> = BTreeMap::new();
    for mention in &dataset.mentions {
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in mention.qualifiers.iter().filter(|(key, _)| !key.starts_with('@')) {
            let relation = if matches!(&**key, "from" | "to") { &*mention.relation } else { "" };
            let of = used.entry((key, relation)).or_default();
            of.many |= seen.contains(&&**key);
            seen.push(key);
            if !is_silent(value) {
                of.values.push(value);
            }
        }
    }
    let mut out = Vec::new();
    for ((key, relation), of) in used {
        let known = dataset
            .qualifiers
            .iter()
            .any(|q| same_key(&q.key, key) && (*q.relation == *relation || q.relation.is_empty()));
        let default = Qualifier::by_default(key, lineage.get(relation).copied().unwrap_or(false));
        let all = |test: &dyn Fn(&str) -> bool| of.values.iter().all(|value| test(value));
        let fits = |ty| match ty {
            ValueType::Edtf => all(&|value| Edtf::parse(value).is_ok()),
            ValueType::Number => {
                all(&|value| Quantity::parse(value).is_some_and(|q| q.unit.is_empty() && q.upper.is_none()))
            }
            ValueType::Quantity => all(&|value| Quantity::parse(value).is_some()),
            ValueType::Entity => all(&|value| entities.contains(value)),
            ValueType::Text => true,
        };
        let plain = Qualifier::default();
        let many = default.many || of.many;
        let reading = if fits(default.ty) && default != plain {
            Qualifier { many, conflicts: default.conflicts && !many, ..default }
        } else if default == plain && !key.starts_with("x-") && !of.values.is_empty() {
            let ty = [ValueType::Number, ValueType::Entity].into_iter().find(|ty| fits(*ty)).unwrap_or_default();
            Qualifier { ty, many, conflicts: false }
        } else {
            Qualifier { ty: ValueType::Text, many, conflicts: default.conflicts && !many }
        };
        if !known && reading != default {
            out.push((key.to_owned(), relation.to_owned(), reading));
        }
    }
    out
}

/// How a key is used.
#[derive(Default)]
struct Use<'a> {
    values: Vec<&'a str>,
    /// Whether one mention has several.
    many: bool,
}

/// qualifiers.csv with these rows at its end.
fn table(path: &Path, declared: &[(String, String, Qualifier)]) -> Result<Change> {
    let old = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => None,
        Err(why) => return Err(no_access(path, "read", &why)),
    };
    let empty = format!("{}\n", qualifiers::LAYOUT.names().collect::<Vec<_>>().join(","));
    let unreadable = || Error::data(format!("{} is no table", path.display()));
    let mut sheet =
        Sheet::read(&qualifiers::LAYOUT, old.as_deref().unwrap_or(empty.as_bytes())).ok_or_else(unreadable)?;
    for column in ["relation", "type", "many", "conflicts"] {
        if !sheet.head().iter().any(|name| name == column) {
            sheet.add_column(column, |_| String::new());
        }
    }
    let yes = |is| if is { "yes" } else { "no" };
    for (key, relation, reading) in declared {
        sheet.add_row(&[
            ("key", key),
            ("relation", relation),
            ("type", reading.ty.name()),
            ("many", yes(reading.many)),
            ("conflicts", yes(reading.conflicts)),
        ]);
    }
    Ok(Change { path: path.to_path_buf(), old, new: Some(sheet.bytes()) })
}

/// dataset.toml with `format = 2` behind its version or title.
fn meta(path: &Path) -> Result<Change> {
    let old = fs::read(path).map_err(|why| no_access(path, "read", &why))?;
    let text = String::from_utf8_lossy(&old);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let key = |line: &str| line.split('=').next().unwrap_or("").trim().to_owned();
    let mut new = String::with_capacity(text.len() + 16);
    let place =
        ["format", "version", "title"].iter().find_map(|wanted| text.lines().position(|line| key(line) == *wanted));
    // a text over several lines ends somewhere below: then the line goes to the front
    let spread = |at: usize| text.lines().nth(at).is_some_and(|line| line.contains("\"\"\"") || line.contains("'''"));
    let place = place.filter(|at| !spread(*at));
    if place.is_none() {
        new.push_str("format = 2");
        new.push_str(line_end);
    }
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let is_format = place == Some(at) && key(line) == "format";
        if !is_format {
            new.push_str(line);
        }
        if place == Some(at) {
            if !new.ends_with('\n') && !new.is_empty() {
                new.push_str(line_end);
            }
            new.push_str("format = 2");
            new.push_str(line_end);
        }
    }
    Ok(Change { path: path.to_path_buf(), old: Some(old), new: Some(new.into_bytes()) })
}

/// What the tables do not say and format 2 can.
fn left(dataset: &Dataset) -> Vec<Problem> {
    let mut out = Vec::new();
    for relation in &dataset.relations {
        let succession = Role::parse(&relation.role) == Some(Role::Succession);
        if succession && (relation.predecessor.is_empty() || relation.successor.is_empty()) {
            let message = format!("what `{}` does to both sides is not said", shown(&relation.id));
            let hint =
                "predecessor: ends or continues; successor: new or existing. Without it no life begins or ends by it";
            out.push(
                Problem::finding("relations.csv", relation.row, "predecessor", message)
                    .hint(hint)
                    .sort("a succession of which is not said what it does to both sides"),
            );
        }
    }
    out.append(&mut lives(dataset));
    out
}

/// Lives whose dates no place states.
fn lives(dataset: &Dataset) -> Vec<Problem> {
    let mut out = Vec::new();
    for entity in dataset.entities.iter().filter(|e| e.stated_at.is_none() && !(e.start.is_empty() && e.end.is_empty()))
    {
        let message = format!("no place states when `{}` began and ended", shown(&entity.id));
        out.push(
            Problem::finding("entities.csv", entity.row, "start", message)
                .hint("name the place in the columns source and locator; without it the dates are the dataset's own")
                .sort("a life without the place that states it"),
        );
    }
    out
}

/// What no place states: lives, and names that no document is said to use.
pub(crate) fn unsourced(dataset: &Dataset) -> Vec<Problem> {
    let mut out = lives(dataset);
    for alias in dataset
        .aliases
        .iter()
        .filter(|alias| !(alias.from.is_empty() && alias.to.is_empty()) && alias.stated_at.is_none())
    {
        let message =
            format!("no place states since when `{}` is called `{}`", shown(&alias.entity), shown(&alias.name));
        out.push(
            Problem::finding("aliases.csv", alias.row, "from", message)
                .hint("name the place in the column locator")
                .sort("a name of which no place states since when it is used"),
        );
    }
    let mentioned: DataSet<&str> = dataset.mentions.iter().flat_map(|m| [&*m.subject, m.object.text()]).collect();
    let named: DataSet<&str> = dataset.aliases.iter().filter(|a| !a.used_in.is_empty()).map(|a| &*a.entity).collect();
    for entity in dataset
        .entities
        .iter()
        .filter(|e| mentioned.contains(&*e.id) && !named.contains(&*e.id) && e.by_reference.is_empty())
    {
        let message = format!("no document is said to call anything `{}`", shown(&entity.name));
        out.push(
            Problem::finding("entities.csv", entity.row, "name", message)
                .hint("add a row to aliases.csv with the places that use the name, or call it editorial")
                .sort("a name that no document is said to use"),
        );
    }
    out
}
