//! What is counted or dated as if it were something else: documents that repeat another and are counted apart, words
//! of a register for "not stated" that stand as dates, bodies that may be one.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::{Cell, Context};
use crate::dataset::problem::shown;
use crate::dataset::record::SourceRecord;
use crate::value::hash::{DataMap, DataSet};

pub(super) fn check(context: &mut Context<'_>) {
    copies(context);
    sentinels(context);
    namesakes(context);
}

/// Which sources are one voice: those of one group, and those that derive from one another. Each with the row that
/// stands for its voice.
fn voices<'a>(context: &Context<'a>) -> DataMap<&'a str, usize> {
    let sources = &context.data.sources;
    let mut parent: Vec<usize> = (0..sources.len()).collect();
    let at: DataMap<&str, usize> = sources.iter().enumerate().map(|(at, source)| (&*source.id, at)).collect();
    let mut groups: DataMap<&str, usize> = DataMap::default();
    for (own, source) in sources.iter().enumerate() {
        let group = (!source.group.is_empty()).then(|| *groups.entry(&source.group).or_insert(own));
        let derived = source.derives_from.iter().filter_map(|id| at.get(&**id).copied());
        for other in group.into_iter().chain(derived) {
            let (a, b) = (root(&mut parent, own), root(&mut parent, other));
            parent[a.max(b)] = a.min(b);
        }
    }
    sources.iter().enumerate().map(|(own, source)| (&*source.id, root(&mut parent, own))).collect()
}

fn root(parent: &mut [usize], mut at: usize) -> usize {
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// Sources with one text: the same file, or mostly the same sentences; and those that say that they derive from
/// another, and name another group.
fn copies(context: &mut Context<'_>) {
    let data = context.data;
    let voices = voices(context);
    let one_voice = |a: &SourceRecord, b: &SourceRecord| voices.get(&*a.id) == voices.get(&*b.id);
    for source in data.sources.iter().filter(|source| !source.group.is_empty()) {
        let other = |id: &&Arc<str>| {
            context.sources.get(&***id).is_some_and(|of| !of.group.is_empty() && of.group != source.group)
        };
        if let Some(of) = source.derives_from.iter().find(other) {
            let at = Cell { file: "sources.csv", row: source.row, column: "group" };
            let message = format!("`{}` derives from `{}`, and has another group", shown(&source.id), shown(of));
            let hint = "what derives from a source is one voice with it: give it the same group, or none";
            context.note(at, "a derived source that is counted apart", message, hint);
        }
    }
    let mut files: DataMap<&str, &SourceRecord> = DataMap::default();
    let mut told: DataSet<&str> = DataSet::default();
    for source in data.sources.iter().filter(|source| !source.sha256.is_empty()) {
        let first = *files.entry(&source.sha256).or_insert(source);
        if first.id != source.id && !one_voice(first, source) {
            told.insert(&source.id);
            counted_apart(context, source, first, "is the same file as");
        }
    }
    let mut prints: DataMap<&str, DataSet<u64>> = DataMap::default();
    // who has a sentence first; and all that have it, where that is more than one
    let mut first: DataMap<u64, &str> = DataMap::default();
    let mut holders: DataMap<u64, Vec<&str>> = DataMap::default();
    for mention in data.mentions.iter().filter(|mention| mention.fingerprint != 0) {
        if prints.entry(&mention.source).or_default().insert(mention.fingerprint) {
            match first.entry(mention.fingerprint) {
                Entry::Vacant(entry) => _ = entry.insert(&mention.source),
                Entry::Occupied(entry) => {
                    holders.entry(mention.fingerprint).or_insert_with(|| vec![*entry.get()]).push(&mention.source);
                }
            }
        }
    }
    for source in data.sources.iter().filter(|source| !told.contains(&*source.id)) {
        let Some(own) = prints.get(&*source.id).filter(|own| own.len() >= SENTENCES) else { continue };
        let mut shared: DataMap<&str, usize> = DataMap::default();
        for holder in own.iter().filter_map(|print| holders.get(print)).filter(|all| all.len() <= HOLDERS).flatten() {
            *shared.entry(holder).or_default() += 1;
        }
        // what repeats most of its sentences from a document at least as long
        let longer = |other: &SourceRecord| {
            let count = prints.get(&*other.id).map_or(0, DataSet::len);
            (count, std::cmp::Reverse(other.row)) > (own.len(), std::cmp::Reverse(source.row))
        };
        let of = data.sources.iter().find(|other| {
            other.id != source.id
                && shared.get(&*other.id).is_some_and(|count| count * 2 > own.len())
                && longer(other)
                && !one_voice(other, source)
        });
        if let Some(of) = of {
            counted_apart(context, source, of, "repeats most of its sentences from");
        }
    }
}

/// Fewer sentences in common than these show nothing.
const SENTENCES: usize = 3;
/// A sentence in more documents than these is a formula.
const HOLDERS: usize = 20;

fn counted_apart(context: &mut Context<'_>, source: &SourceRecord, of: &SourceRecord, what: &str) {
    let at = Cell { file: "sources.csv", row: source.row, column: "group" };
    let message = format!("`{}` {what} `{}`, and they are counted as two voices", shown(&source.id), shown(&of.id));
    context.note(at, "a derived source that is counted apart", message, "say `derives_from`, or give both one `group`");
}

/// Dates that registers write for "not stated".
const SENTINELS: [&str; 10] = [
    "9999-12-31",
    "9999-12",
    "9999",
    "9999-01-01",
    "0001-01-01",
    "0000-01-01",
    "0000",
    "2999-12-31",
    "1899-12-30",
    "1899-12-31",
];
/// One that can be a date as well, unless it stands often.
const DOUBTFUL: &str = "1900-01-01";
const OFTEN: usize = 3;

fn sentinel(date: &str) -> Option<&str> {
    date.split('/').find(|part| SENTINELS.contains(part))
}

/// Whether a date is a register's word for "not stated", whatever stands beside it.
pub(super) fn is_sentinel(date: &str) -> bool {
    sentinel(date).is_some()
}

fn sentinels(context: &mut Context<'_>) {
    let data = context.data;
    let unknown = |list: &[Arc<str>], date: &str| list.iter().any(|word| **word == *date);
    // what some source writes for "not known", and others may not
    let elsewhere: DataSet<&str> =
        data.sources.iter().flat_map(|source| &*source.unknown).map(|word| &**word).collect();
    let doubted = |date: &str| date == DOUBTFUL || elsewhere.contains(date) || is_sentinel(date);
    let mut found: Vec<(Cell, &str)> = Vec::new();
    for entity in &data.entities {
        let at = |column| Cell { file: "entities.csv", row: entity.row, column };
        let dates = [(at("start"), &*entity.start), (at("end"), &*entity.end)];
        found.extend(dates.into_iter().filter(|(_, date)| doubted(date)));
    }
    for mention in &data.mentions {
        let at = Cell { file: "mentions.csv", row: mention.row, column: "qualifiers" };
        let of_source: &[Arc<str>] = context.sources.get(&*mention.source).map_or(&[], |source| &source.unknown);
        let dates = mention.qualifiers.iter().filter(|(key, _)| DATES.contains(&&**key)).map(|(_, date)| &**date);
        found.extend(dates.filter(|date| doubted(date) && !unknown(of_source, date)).map(|date| (at, date)));
    }
    found.retain(|(_, date)| !unknown(&data.meta.unknown, date));
    let often = found.iter().filter(|(_, date)| *date == DOUBTFUL).count() >= OFTEN;
    for (at, date) in found {
        let doubtful = elsewhere.contains(date) || often && date == DOUBTFUL;
        if let Some(word) = sentinel(date).or(doubtful.then_some(date)) {
            let message = format!("`{}` looks like a register's word for not stated", shown(word));
            let hint = "leave it out; or declare it in dataset.toml or sources.csv: unknown = [\"9999-12-31\"]";
            context.note(at, "a word for not stated used as a date", message, hint);
        }
    }
}

/// Qualifiers that hold dates.
const DATES: [&str; 7] = ["date", "start", "end", "during", "adopted", "published", "effective"];

/// Bodies of one kind with one name.
fn namesakes(context: &mut Context<'_>) {
    let mut first: DataMap<(&str, String), &str> = DataMap::default();
    for entity in &context.data.entities {
        let name = (&*entity.kind, entity.name.to_lowercase());
        if entity.name.is_empty() || entity.kind.is_empty() {
            continue;
        }
        match first.get(&name).copied() {
            Some(other) if *other != *entity.id => {
                let at = Cell { file: "entities.csv", row: entity.row, column: "name" };
                let (id, name) = (shown(&entity.id), shown(&entity.name));
                let message = format!("`{id}` has the kind and the name of `{}`: {name}", shown(other));
                context.note(at, "two bodies with one name and kind", message, "merge them if they are one");
            }
            Some(_) => {}
            None => {
                first.insert(name, &entity.id);
            }
        }
    }
}
