//! Cells to records: what a cell says by itself. Whether it fits the other tables is [`super::check`]'s.

use std::borrow::Cow;
use std::sync::Arc;

use super::columns::{Layout, aliases, conflicts, entities, kinds, mentions, qualifiers, relations, sources};
use super::problem::{Problem, shown};
use super::record::{
    Alias, ConflictRecord, Dataset, EXISTS, Entity, Kind, MentionRecord, Meta, Object, QualifierRecord, Relation,
    STATUSES, Side, SourceRecord,
};
use super::table::{self, Reading, Row};
use crate::provenance::{Confidence, Identified, Locator, Mode, Qualifier, ValueType, reserved};

/// Gives the bytes of a file; reports what keeps it from doing so. `None` within: there is no such file.
pub(super) type Open<'a> = dyn FnMut(&'static str, &mut Vec<Problem>) -> Option<Option<Cow<'static, [u8]>>> + 'a;

/// Reads every table through `open`.
pub(super) fn parse(open: &mut Open<'_>) -> Dataset {
    let (mut problems, mut reading) = (Vec::new(), Reading::default());
    let reading = &mut reading;
    let mut dataset = Dataset { meta: meta(open, &mut problems), ..Dataset::default() };
    dataset.sources = records(&sources::LAYOUT, true, open, reading, &mut problems, source);
    dataset.kinds = records(&kinds::LAYOUT, true, open, reading, &mut problems, |row, _| {
        Some(Kind {
            row: row.number,
            id: cell(row, kinds::KIND),
            definition: cell(row, kinds::DEFINITION),
            classes: cell(row, kinds::CLASSES),
            note: cell(row, kinds::NOTE),
        })
    });
    dataset.relations = records(&relations::LAYOUT, true, open, reading, &mut problems, |row, _| Some(relation(row)));
    dataset.qualifiers = records(&qualifiers::LAYOUT, false, open, reading, &mut problems, qualifier_type);
    dataset.entities = records(&entities::LAYOUT, true, open, reading, &mut problems, entity);
    dataset.aliases = records(&aliases::LAYOUT, false, open, reading, &mut problems, alias);
    dataset.mentions = records(&mentions::LAYOUT, true, open, reading, &mut problems, mention);
    dataset.conflicts = records(&conflicts::LAYOUT, false, open, reading, &mut problems, conflict);
    dataset.unread = problems;
    dataset
}

/// The mentions in the bytes of a table.
pub(super) fn mentions(bytes: &[u8], problems: &mut Vec<Problem>) -> Vec<MentionRecord> {
    let mut out = Vec::new();
    let mut reading = Reading::default();
    table::read(&mentions::LAYOUT, bytes, &mut reading, problems, |row, problems| out.extend(mention(row, problems)));
    out
}

fn records<T>(
    layout: &Layout,
    needed: bool,
    open: &mut Open<'_>,
    reading: &mut Reading,
    problems: &mut Vec<Problem>,
    mut record: impl FnMut(Row<'_>, &mut Vec<Problem>) -> Option<T>,
) -> Vec<T> {
    let before = problems.len();
    let Some(Some(bytes)) = open(layout.file, problems) else {
        if needed && problems.len() == before {
            problems.push(
                Problem::new(layout.file, 0, "", "is missing from the folder")
                    .hint(format!("begin it with the row {}", layout.heading())),
            );
        }
        return Vec::new();
    };
    let mut out = Vec::new();
    table::read(layout, &bytes, reading, problems, |row, problems| out.extend(record(row, problems)));
    out
}

fn cell(row: Row<'_>, column: usize) -> Arc<str> {
    row.keep(row.cell(column))
}

fn source(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<SourceRecord> {
    let paragraphs = row.cell(sources::PARAGRAPHS);
    let count = paragraphs.parse().unwrap_or(0);
    if !paragraphs.is_empty() && count == 0 {
        let message = format!("`{}` is not a number of paragraphs", shown(paragraphs));
        problems.push(Problem::new(row.file, row.number, "paragraphs", message));
    }
    Some(SourceRecord {
        row: row.number,
        id: cell(row, sources::ID),
        title: cell(row, sources::TITLE),
        entity: cell(row, sources::ENTITY),
        genre: cell(row, sources::GENRE),
        author: cell(row, sources::AUTHOR),
        publisher: cell(row, sources::PUBLISHER),
        date: cell(row, sources::DATE),
        group: cell(row, sources::GROUP),
        language: cell(row, sources::LANGUAGE),
        paragraphs: count,
        sha256: cell(row, sources::SHA256),
        note: cell(row, sources::NOTE),
        url: cell(row, sources::URL),
        derives_from: words(row, sources::DERIVES_FROM),
        during: cell(row, sources::DURING),
        complete: words(row, sources::COMPLETE),
        end: cell(row, sources::END),
        about: cell(row, sources::ABOUT),
        unknown: words(row, sources::UNKNOWN),
    })
}

/// The columns of terms.
const TERMS: [usize; 7] = {
    use relations::{ELI, ORG, OTHER_TERMS, PROV, RICO, SCHEMA, WIKIDATA};
    [ORG, PROV, ELI, SCHEMA, WIKIDATA, RICO, OTHER_TERMS]
};

fn relation(row: Row<'_>) -> Relation {
    let mut terms = String::new();
    for column in TERMS {
        for term in row.cell(column).split_whitespace() {
            if !terms.is_empty() {
                terms.push(' ');
            }
            // Wikidata's properties are written without a prefix: P1366, ^P1366
            if column == relations::WIKIDATA && !term.contains(':') {
                let (inverse, id) = term.strip_prefix('^').map_or(("", term), |id| ("^", id));
                terms.extend([inverse, "wikidata:", id]);
            } else {
                terms.push_str(term);
            }
        }
    }
    Relation {
        row: row.number,
        id: cell(row, relations::RELATION),
        definition: cell(row, relations::DEFINITION),
        domain: cell(row, relations::DOMAIN),
        range: cell(row, relations::RANGE),
        group: cell(row, relations::GROUP),
        tier: cell(row, relations::TIER),
        inverse: cell(row, relations::INVERSE),
        algebra: cell(row, relations::ALGEBRA),
        lineage: cell(row, relations::LINEAGE),
        role: cell(row, relations::LINEAGE_ROLE),
        side: cell(row, relations::LINEAGE_SIDE),
        contradicts: cell(row, relations::CONTRADICTS),
        single_valued: cell(row, relations::SINGLE_VALUED),
        note: cell(row, relations::NOTE),
        terms: row.keep(&terms),
        gathers: cell(row, relations::GATHERS),
        predecessor: cell(row, relations::PREDECESSOR),
        successor: cell(row, relations::SUCCESSOR),
        repeats: cell(row, relations::REPEATS),
        words: cell(row, relations::WORDS),
        wording: row.family().map(|(name, text)| (name.clone(), row.keep(text))).collect(),
    }
}

/// A word of a fixed list; empty where the cell is. A word that is not in it is reported.
fn one_of<T: Copy>(
    row: Row<'_>,
    at: usize,
    column: &'static str,
    all: &[(&'static str, T)],
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let word = row.cell(at);
    let found = all.iter().find(|(name, _)| *name == word).map(|(_, one)| *one);
    if found.is_none() && !word.is_empty() {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let message = format!("`{}` is none of {}", shown(word), names.join(", "));
        let problem = Problem::new(row.file, row.number, column, message);
        problems.push(problem.nearest(word, names.iter().copied(), format!("write {}", names.join(" or "))));
    }
    found
}

const YES_NO: [(&str, bool); 2] = [("yes", true), ("no", false)];

fn qualifier_type(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<QualifierRecord> {
    let ty = one_of(row, qualifiers::TYPE, "type", &ValueType::ALL, problems);
    let default = Qualifier::by_default(row.cell(qualifiers::KEY), !row.cell(qualifiers::RELATION).is_empty());
    let many = one_of(row, qualifiers::MANY, "many", &YES_NO, problems);
    let conflicts = one_of(row, qualifiers::CONFLICTS, "conflicts", &YES_NO, problems);
    let many = many.unwrap_or(default.many);
    let reading =
        Qualifier { ty: ty.unwrap_or(default.ty), many, conflicts: conflicts.unwrap_or(default.conflicts && !many) };
    Some(QualifierRecord {
        row: row.number,
        key: cell(row, qualifiers::KEY),
        relation: cell(row, qualifiers::RELATION),
        definition: cell(row, qualifiers::DEFINITION),
        reading,
    })
}

/// Words separated by spaces, commas or semicolons.
fn words(row: Row<'_>, column: usize) -> Box<[Arc<str>]> {
    row.cell(column).split([' ', ',', ';']).filter(|w| !w.is_empty()).map(|w| row.keep(w)).collect()
}

fn entity(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<Entity> {
    Some(Entity {
        row: row.number,
        id: cell(row, entities::ID),
        kind: cell(row, entities::KIND),
        name: cell(row, entities::NAME),
        start: cell(row, entities::START),
        end: cell(row, entities::END),
        by_reference: places(row, entities::BY_REFERENCE, "by_reference", problems),
        note: cell(row, entities::NOTE),
        stated_at: stated_at(row, [entities::SOURCE, entities::LOCATOR], problems),
    })
}

// the notes on names are for people: nothing keeps them
const _: usize = aliases::NOTE;

fn alias(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<Alias> {
    let status = row.cell(aliases::STATUS);
    let found = STATUSES.iter().find(|(name, _)| *name == status).map(|(_, status)| *status);
    if found.is_none() && !status.is_empty() {
        problems.push(
            Problem::new(row.file, row.number, "status", format!("`{}` is no status of a name", shown(status)))
                .nearest(
                    status,
                    STATUSES.map(|(name, _)| name),
                    "preferred, alternate, abbreviation, description or editorial",
                ),
        );
    }
    Some(Alias {
        row: row.number,
        entity: cell(row, aliases::ENTITY),
        name: cell(row, aliases::ALIAS),
        language: cell(row, aliases::LANGUAGE),
        script: cell(row, aliases::SCRIPT),
        status: found.unwrap_or_default(),
        status_word: if found.is_some() { cell(row, aliases::STATUS) } else { Arc::default() },
        used_in: places(row, aliases::USED_IN, "used_in", problems),
        from: cell(row, aliases::FROM),
        to: cell(row, aliases::TO),
        stated_at: stated_at(row, [usize::MAX, aliases::LOCATOR], problems),
    })
}

/// The place that states the dates of a row: a locator alone (`003:11.8`), or beside the column of its source; nothing
/// when neither is given.
fn stated_at(row: Row<'_>, [source, locator]: [usize; 2], problems: &mut Vec<Problem>) -> Option<(Arc<str>, Locator)> {
    let (source, text) = (row.cell(source), row.cell(locator));
    if source.is_empty() && text.is_empty() {
        return None;
    }
    place_of(row, source, text, problems)
}

fn mention(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<MentionRecord> {
    let event = row.cell(mentions::EVENT);
    let object = match row.cell(mentions::OBJECT) {
        "" if row.cell(mentions::RELATION) == EXISTS || !event.is_empty() => Object::Nothing,
        _ => object(row, problems)?,
    };
    let (source, at) = locator(row, problems)?;
    let confidence = confidence(row, problems);
    let fingerprint = fingerprint(row, problems);
    Some(MentionRecord {
        row: row.number,
        id: cell(row, mentions::ID),
        subject: cell(row, mentions::SUBJECT),
        relation: cell(row, mentions::RELATION),
        object,
        source,
        at,
        qualifiers: all_qualifiers(row, problems),
        confidence,
        fingerprint,
        note: cell(row, mentions::NOTE),
    })
}

/// The qualifiers of a mention, and the columns that speak of the mention itself under their reserved keys.
fn all_qualifiers(row: Row<'_>, problems: &mut Vec<Problem>) -> Vec<(Arc<str>, Arc<str>)> {
    let mut all = qualifiers(row, problems);
    one_of(row, mentions::MODE, "mode", &Mode::ALL, problems);
    one_of(row, mentions::IDENTIFIED, "identified", &Identified::ALL, problems);
    for (at, key) in [
        (mentions::MODE, reserved::MODE),
        (mentions::BY, reserved::BY),
        (mentions::AS_NAMED, reserved::AS_NAMED),
        (mentions::IDENTIFIED, reserved::IDENTIFIED),
        (mentions::EVENT, reserved::EVENT),
        (mentions::CORRECTS, reserved::CORRECTS),
        (mentions::MADE_BY, reserved::MADE_BY),
    ] {
        let text = row.cell(at);
        if !text.is_empty() {
            all.push((row.keep(key), row.keep(text)));
        }
    }
    all
}

fn object(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<Object> {
    let text = cell(row, mentions::OBJECT);
    if text.is_empty() {
        let problem = Problem::new(row.file, row.number, "object", "is empty");
        problems
            .push(problem.hint("a mention says something of its subject: name the entity, quantity, date or words"));
        return None;
    }
    match row.cell(mentions::OBJECT_TYPE) {
        "" | "entity" => Some(Object::Entity(text)),
        "quantity" => Some(Object::Quantity(text)),
        "date" => Some(Object::Date(text)),
        "text" => Some(Object::Text(text)),
        other => {
            let message = format!("`{}` is no type of object", shown(other));
            let known = ["entity", "quantity", "date", "text"];
            let problem = Problem::new(row.file, row.number, "object_type", message);
            problems.push(problem.nearest(other, known, "entity, quantity, date or text"));
            None
        }
    }
}

/// `003:11.8`, or `11.8` beside a source; the two must agree.
fn locator(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<(Arc<str>, Locator)> {
    place_of(row, row.cell(mentions::SOURCE), row.cell(mentions::LOCATOR), problems)
}

/// A place in the column `locator`, beside a source that may be empty where the locator names it.
fn place_of(row: Row<'_>, source: &str, text: &str, problems: &mut Vec<Problem>) -> Option<(Arc<str>, Locator)> {
    let (named, place) = text.rsplit_once(':').map_or((source, text), |(named, place)| (named.trim(), place.trim()));
    let Some(at) = Locator::parse(place) else {
        let message = format!("`{}` is no place in a document", shown(text));
        let problem = Problem::new(row.file, row.number, "locator", message);
        problems.push(problem.hint("write document, paragraph and sentence, as in 003:11.8"));
        return None;
    };
    if named != source && !source.is_empty() {
        let message = format!("the locator is in `{}`, the source is `{}`", shown(named), shown(source));
        problems.push(Problem::new(row.file, row.number, "locator", message).hint("one of the two cells is wrong"));
    }
    Some((row.keep(named), at))
}

fn confidence(row: Row<'_>, problems: &mut Vec<Problem>) -> Confidence {
    let (text, evaluative) = (row.cell(mentions::CONFIDENCE), row.cell(mentions::EVALUATIVE));
    let confidence = Confidence::parse(text).unwrap_or_else(|letter| {
        let codes: Vec<String> = Confidence::CODES.iter().map(|(c, meaning)| format!("{c} {meaning}")).collect();
        let message = format!("`{}` is no code of confidence", letter.escape_debug());
        problems.push(Problem::new(row.file, row.number, "confidence", message).hint(codes.join("; ")));
        Confidence::default()
    });
    match evaluative {
        "" | "no" | "yes" => {
            // contradictory cells: the same thing is said twice, differently
            if !evaluative.is_empty() && (evaluative == "yes") != confidence.is_evaluative() {
                let message = format!("says `{evaluative}`, and the confidence is `{confidence}`");
                let problem = Problem::new(row.file, row.number, "evaluative", message);
                problems.push(problem.hint("an evaluative statement carries V among its codes, any other does not"));
            }
        }
        other => {
            let message = format!("`{}` is neither yes nor no", shown(other));
            problems.push(Problem::new(row.file, row.number, "evaluative", message));
        }
    }
    confidence
}

fn fingerprint(row: Row<'_>, problems: &mut Vec<Problem>) -> u64 {
    let text = row.cell(mentions::FINGERPRINT);
    let hex = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    match u64::from_str_radix(text, 16) {
        Ok(number) if hex => number,
        _ if text.is_empty() => 0,
        _ => {
            let message = format!("`{}` is no fingerprint", shown(text));
            let problem = Problem::new(row.file, row.number, "fingerprint", message);
            problems.push(problem.hint("sixteen digits 0-9 a-f; a spreadsheet may have turned them into a number"));
            0
        }
    }
}

/// `key=value; key=value`. A value in double quotes may hold semicolons.
fn qualifiers(row: Row<'_>, problems: &mut Vec<Problem>) -> Vec<(Arc<str>, Arc<str>)> {
    let mut rest = row.cell(mentions::QUALIFIERS);
    let mut out = Vec::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start_matches([';', ' ']);
        let Some((key, after)) = rest.split_once('=').filter(|(key, _)| !key.contains(';')) else {
            let part = rest.split(';').next().unwrap_or(rest);
            if !part.trim().is_empty() {
                let message = format!("`{}` is not of the form key=value", shown(part.trim()));
                let problem = Problem::new(row.file, row.number, "qualifiers", message);
                problems.push(problem.hint("put a value that holds a semicolon in double quotes"));
            }
            rest = rest.get(part.len()..).unwrap_or("");
            continue;
        };
        let after = after.trim_start();
        let quoted = after.strip_prefix('"').and_then(|inner| {
            let (value, tail) = inner.split_once('"')?;
            tail.trim_start()
                .is_empty()
                .then_some((value, ""))
                .or_else(|| Some((value, tail.trim_start().strip_prefix(';')?)))
        });
        let (value, tail) = quoted.unwrap_or_else(|| after.split_once(';').unwrap_or((after, "")));
        // `@` is of the program's own keys
        let key = key.trim().trim_start_matches('@');
        out.push((row.keep(key), row.keep(value.trim())));
        rest = tail;
    }
    out
}

/// `000:16; 001:15,16`: documents with their paragraphs.
fn places(row: Row<'_>, at: usize, column: &'static str, problems: &mut Vec<Problem>) -> Vec<(Arc<str>, Locator)> {
    let mut out = Vec::new();
    for part in row.cell(at).split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((source, list)) = part.split_once(':') else {
            let message = format!("`{}` is not of the form document:paragraphs", shown(part));
            problems.push(Problem::new(row.file, row.number, column, message).hint("as in 000:16; 001:15,16"));
            continue;
        };
        for place in list.split(',').map(str::trim) {
            match Locator::parse(place) {
                Some(locator) => out.push((row.keep(source.trim()), locator)),
                None => {
                    let message = format!("`{}` is no paragraph", shown(place));
                    problems.push(Problem::new(row.file, row.number, column, message).hint("as in 000:16; 001:15,16"));
                }
            }
        }
    }
    out
}

fn conflict(row: Row<'_>, problems: &mut Vec<Problem>) -> Option<ConflictRecord> {
    let a = side(row, conflicts::CLAIM_A, conflicts::SOURCES_A, "claim_a", problems)?;
    let b = side(row, conflicts::CLAIM_B, conflicts::SOURCES_B, "claim_b", problems)?;
    Some(ConflictRecord {
        row: row.number,
        id: cell(row, conflicts::ID),
        kind: cell(row, conflicts::TYPE),
        topic: cell(row, conflicts::TOPIC),
        sides: [a, b],
        note: cell(row, conflicts::NOTE),
    })
}

/// `subject | relation | object`
fn side(row: Row<'_>, at: usize, only: usize, column: &'static str, problems: &mut Vec<Problem>) -> Option<Side> {
    let mut parts = row.cell(at).split('|').map(|part| row.keep(part.trim()));
    let found = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(subject), Some(relation), Some(object), None) = found else {
        let message = format!("`{}` is no fact", shown(row.cell(at)));
        let problem = Problem::new(row.file, row.number, column, message);
        problems.push(problem.hint("write subject | relation | object, as they stand in mentions.csv"));
        return None;
    };
    let sources = row.cell(only).split([' ', ',', ';']).filter(|s| !s.is_empty()).map(|s| row.keep(s)).collect();
    Some(Side { subject, relation, object, sources })
}

/// What dataset.toml says.
pub(super) fn meta(open: &mut Open<'_>, problems: &mut Vec<Problem>) -> Meta {
    const FILE: &str = "dataset.toml";
    const KEYS: [&str; 8] = ["id", "title", "description", "version", "language", "licence", "terms", "implicit_agent"];
    /// Keys of format 2 that are not texts, or texts with a meaning of their own.
    const MORE: [&str; 5] = ["format", "end", "about", "unknown", "sentences"];
    let before = problems.len();
    let Some(Some(bytes)) = open(FILE, problems) else {
        if problems.len() == before {
            problems
                .push(Problem::new(FILE, 0, "", "is missing from the folder").hint("it says at least: title = \"…\""));
        }
        return Meta::default();
    };
    let text = String::from_utf8_lossy(&bytes);
    let table = match text.trim_start_matches('\u{feff}').parse::<toml::Table>() {
        Ok(table) => table,
        Err(why) => {
            let row = why
                .span()
                .map_or(0, |span| text.as_bytes()[..span.start.min(text.len())].split(|b| *b == b'\n').count());
            let row = u32::try_from(row).unwrap_or(0);
            problems.push(Problem::new(FILE, row, "", format!("is not TOML: {}", shown(why.message()))));
            return Meta::default();
        }
    };
    for (key, value) in &table {
        if MORE.contains(&key.as_str()) {
            continue;
        }
        if !KEYS.contains(&key.as_str()) {
            let problem = Problem::finding(FILE, 0, "", format!("`{}` is not read", shown(key)));
            let known = KEYS.into_iter().chain(MORE);
            problems.push(problem.nearest(
                key,
                known,
                format!("the keys are {}, {}", KEYS.join(", "), MORE.join(", ")),
            ));
        } else if !value.is_str() {
            let problem = Problem::new(FILE, 0, "", format!("`{key}` is not a text"));
            problems.push(problem.hint("put it in double quotes"));
        }
    }
    let format = whole(&table, "format", 1..=2, problems);
    let sentences = whole(&table, "sentences", 1..=2, problems);
    let end_exclusive = match table.get("end").map(toml::Value::as_str) {
        None | Some(Some("inclusive")) => false,
        Some(Some("exclusive")) => true,
        Some(_) => {
            let problem = Problem::new(FILE, 0, "", "`end` is neither \"inclusive\" nor \"exclusive\"");
            problems.push(
                problem.hint("end = \"exclusive\" says that an end is the first day on which a thing held no more"),
            );
            false
        }
    };
    let unknown = match table.get("unknown") {
        None => Box::default(),
        Some(toml::Value::Array(list)) if list.iter().all(toml::Value::is_str) => {
            list.iter().filter_map(toml::Value::as_str).map(Arc::from).collect()
        }
        Some(_) => {
            let problem = Problem::new(FILE, 0, "", "`unknown` is not a list of texts");
            problems.push(problem.hint("unknown = [\"1943-01-01\"] names the dates that stand for \"not known\""));
            Box::default()
        }
    };
    let text = |key: &str| -> Arc<str> { table.get(key).and_then(toml::Value::as_str).unwrap_or("").into() };
    let [id, title, description, version, language, licence, terms, implicit_agent] = KEYS.map(text);
    if title.is_empty() {
        problems.push(Problem::new(FILE, 0, "", "has no `title`").hint("title = \"…\""));
    }
    let about = text("about");
    Meta {
        id,
        title,
        description,
        version,
        language,
        licence,
        terms,
        implicit_agent,
        format,
        sentences,
        end_exclusive,
        about,
        unknown,
    }
}

/// A whole number of `dataset.toml`; the first of `range` when it is not there.
fn whole(table: &toml::Table, key: &str, range: std::ops::RangeInclusive<u8>, problems: &mut Vec<Problem>) -> u8 {
    let Some(value) = table.get(key) else { return *range.start() };
    let number = value.as_integer().and_then(|n| u8::try_from(n).ok()).filter(|n| range.contains(n));
    number.unwrap_or_else(|| {
        let (first, last) = (range.start(), range.end());
        let problem = Problem::new("dataset.toml", 0, "", format!("`{key}` is not a number from {first} to {last}"));
        problems.push(problem.hint("a newer program may know a newer format"));
        *first
    })
}
