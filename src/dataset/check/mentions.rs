//! Mentions and conflicts, and the entities that nothing mentions.

use std::sync::Arc;

use super::tables::LITERALS;
use super::{Cell, Context};
use crate::dataset::problem::shown;
use crate::dataset::record::{ConflictRecord, EXISTS, GroupKey, MentionRecord, Object, QualifierRecord};
use crate::provenance::{Locator, Qualifier, ValueType, reserved, same_key};
use crate::value::edtf::Edtf;
use crate::value::hash::{DataMap, DataSet};
use crate::value::quantity::Quantity;

/// Whether the value of a qualifier that nobody declares is the id of an entity, or may be one.
pub(crate) fn names_an_entity(key: &str) -> bool {
    let holds = KEYS.iter().find(|(known, _)| *known == key).map(|(_, holds)| holds);
    matches!(holds, Some(Holds::Entity | Holds::Implicit | Holds::Mixed)) || key == reserved::BY
}

/// Qualifiers that are known, and what their values are.
const KEYS: [(&str, Holds); 40] = {
    use Holds::{Any, Bound, Date, Entity, Fate, Implicit, Mixed, Origin};
    [
        ("wording", Any),
        ("agent", Implicit),
        ("attribute", Any),
        ("measure", Any),
        ("bound", Bound),
        ("through", Entity),
        ("date", Date),
        ("start", Date),
        ("end", Date),
        ("during", Date),
        ("adopted", Date),
        ("published", Date),
        ("effective", Date),
        ("predecessor", Fate),
        ("successor", Origin),
        ("what", Any),
        ("at", Entity),
        ("to", Mixed),
        ("from", Mixed),
        ("scope", Any),
        ("status", Any),
        ("role", Any),
        ("share", Any),
        ("purpose", Any),
        ("mode", Any),
        ("of", Any),
        ("count", Any),
        ("direction", Any),
        ("condition", Any),
        ("target", Entity),
        ("unit", Any),
        ("factor", Any),
        ("right", Entity),
        ("age", Any),
        ("with-consent-of", Entity),
        ("attributed-to", Entity),
        ("note", Any),
        ("printed", Any),
        ("edtf", Date),
        ("rank", Any),
    ]
};

/// Qualifiers that several values would contradict.
const SINGLE: [&str; 16] = [
    "agent",
    "attribute",
    "measure",
    "bound",
    "date",
    "start",
    "end",
    "unit",
    "share",
    "edtf",
    "count",
    "adopted",
    "published",
    "effective",
    "predecessor",
    "successor",
];
const BOUNDS: [&str; 6] = ["exact", "about", "over", "under", "at-least", "at-most"];

#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Any,
    Entity,
    /// An entity or words.
    Mixed,
    Date,
    Bound,
    Implicit,
    Fate,
    Origin,
}

pub(super) fn check<'a>(context: &mut Context<'a>) {
    let data = context.data;
    let copies = copies(context);
    context.by_id("conflicts.csv", "id", &data.conflicts, |c| (&*c.id, c.row));
    let by_id = Arc::clone(&context.mentions);
    let mut places: DataMap<(GroupKey<'_>, &str, &str, Locator), u32> = DataMap::default();
    places.reserve(data.mentions.len());
    let mut facts = Asserted::default();
    for mention in data.mentions.iter().filter(|m| !copies.contains(&m.row)) {
        let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
        let first = by_id.get(&*mention.id).map(|first| first.row).filter(|row| *row != mention.row);
        context.id(at("id"), &mention.id, first);
        self::mention(context, mention);
        if let Some(first) = places.insert((mention.key(), event(mention), &mention.source, mention.at), mention.row) {
            let message = format!("{}:{} already asserts this fact in row {first}", mention.source, mention.at);
            let hint = "one row for each place; remove one, or correct the sentence";
            context.report_sort(at("locator"), "a place that asserts a fact twice", message, hint);
        }
        if !data.conflicts.is_empty() {
            facts.add(context, mention);
        }
    }
    fingerprints(context);
    for conflict in &data.conflicts {
        self::conflict(context, conflict, &facts);
    }
    unmentioned(context);
}

/// The rows that say cell by cell what an earlier row says; reported.
fn copies(context: &mut Context<'_>) -> DataSet<u32> {
    let by_id = Arc::clone(&context.mentions);
    let mut rows = DataSet::default();
    for mention in context.data.mentions.iter().filter(|mention| !mention.id.is_empty()) {
        let Some(first) = by_id.get(&*mention.id) else { continue };
        if first.row != mention.row && **first == (MentionRecord { row: first.row, ..mention.clone() }) {
            rows.insert(mention.row);
            let at = Cell { file: "mentions.csv", row: mention.row, column: "" };
            let message = format!("is the same as row {}", first.row);
            context.report_sort(at, "a row that stands twice", message, "remove one of them");
        }
    }
    rows
}

/// Rows that give one place different fingerprints: those that differ from most.
fn fingerprints(context: &mut Context<'_>) {
    let printed = || context.data.mentions.iter().filter(|mention| mention.fingerprint != 0);
    // where rows differ is rare: what all rows of a place say is gathered for those places alone
    let mut prints: DataMap<(&str, Locator), u64> = DataMap::default();
    prints.reserve(printed().count());
    let mut differing: DataMap<(&str, Locator), Vec<(u64, u32)>> = DataMap::default();
    for mention in printed() {
        let place = (&*mention.source, mention.at);
        if *prints.entry(place).or_insert(mention.fingerprint) != mention.fingerprint {
            differing.entry(place).or_default();
        }
    }
    if differing.is_empty() {
        return;
    }
    for mention in printed() {
        if let Some(rows) = differing.get_mut(&(&*mention.source, mention.at)) {
            rows.push((mention.fingerprint, mention.row));
        }
    }
    let mut wrong: Vec<(u32, u32)> = Vec::new();
    for rows in differing.into_values() {
        let mut counts: DataMap<u64, (usize, std::cmp::Reverse<u32>)> = DataMap::default();
        for (print, row) in &rows {
            counts.entry(*print).or_insert((0, std::cmp::Reverse(*row))).0 += 1;
        }
        let Some((most, (_, first))) = counts.into_iter().max_by_key(|(_, count)| *count) else { continue };
        wrong.extend(rows.iter().filter(|(print, _)| *print != most).map(|(_, row)| (*row, first.0)));
    }
    wrong.sort_unstable();
    for (row, first) in wrong {
        let at = Cell { file: "mentions.csv", row, column: "fingerprint" };
        let message = format!("row {first} has another fingerprint for the same sentence");
        let hint = "`shejire check --sources DIR` says which is right";
        context.report_sort(at, "a fingerprint that differs from another of the same sentence", message, hint);
    }
}

/// Which documents assert a fact, for conflicts that name them; facts with a name that nothing declares under what is declared of them.
#[derive(Default)]
struct Asserted<'a> {
    facts: DataMap<(&'a str, &'a str, &'a str), DataSet<&'a str>>,
    /// Facts with a misspelt part, which is left out: a conflict that names it is wrong for the same cell.
    broken: DataSet<(&'a str, &'a str, &'a str)>,
}

impl<'a> Asserted<'a> {
    fn add(&mut self, context: &Context<'_>, mention: &'a MentionRecord) {
        let (subject, relation, object) = (&*mention.subject, &*mention.relation, mention.object.text());
        self.facts.entry((subject, relation, object)).or_default().insert(&mention.source);
        let entity = matches!(mention.object, Object::Entity(_));
        if !subject.is_empty() && !context.entities.contains_key(subject) {
            self.broken.insert(("", relation, object));
        }
        if !context.relations.contains_key(relation) {
            self.broken.insert((subject, "", object));
        }
        if entity && !context.entities.contains_key(object) {
            self.broken.insert((subject, relation, ""));
        }
    }

    fn is_broken(&self, (subject, relation, object): (&str, &str, &str)) -> bool {
        let parts = [("", relation, object), (subject, "", object), (subject, relation, "")];
        parts.iter().any(|parts| self.broken.contains(parts))
    }
}

fn mention<'a>(context: &mut Context<'a>, mention: &'a MentionRecord) {
    let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
    let part_of_event = !event(mention).is_empty();
    // one side of an event may be left out
    let subject = match &*mention.subject {
        "" if part_of_event && mention.object != Object::Nothing => None,
        id => context.entity(at("subject"), id),
    };
    let object = match &mention.object {
        Object::Entity(id) => context.entity(at("object"), id).map(|e| &*e.kind),
        Object::Nothing => None,
        literal => Some(literal.type_name()),
    };
    context.place(at("locator"), &mention.source, mention.at);
    match context.relations.get(&*mention.relation).copied() {
        // that a body exists needs no declaration
        None if mention.object == Object::Nothing && &*mention.relation == EXISTS => {}
        None => {
            let known = |context: &Context<'a>| context.relations.keys().copied().collect();
            let otherwise = "add it to relations.csv, or correct it";
            context.unknown(at("relation"), "relation", &mention.relation, known, otherwise);
        }
        Some(relation) => {
            let subject = subject.map(|e| &*e.kind);
            for (column, cell, kind) in [("subject", &relation.domain, subject), ("object", &relation.range, object)] {
                let Some(kind) = kind else { continue };
                let declared = |word: &str| LITERALS.contains(&word) || context.kinds.contains_key(word);
                // a kind that nothing declares is reported where it stands
                if !fits(cell, kind) && declared(kind) && cell.split_whitespace().all(declared) {
                    let message =
                        format!("a {} cannot stand here: `{}` takes {}", shown(kind), relation.id, shown(cell));
                    let hint = format!("another relation, or add {} to relations.csv", shown(kind));
                    context.report_sort(
                        at(column),
                        "an entity outside the domain or range of its relation",
                        message,
                        &hint,
                    );
                }
            }
        }
    }
    literal(context, mention);
    // what stands under a reserved key was read from a column of its own
    for (key, value) in mention.qualifiers.iter().filter(|(key, _)| !key.starts_with('@')) {
        qualifier(context, mention, key, value);
    }
    contradictions(context, mention);
}

/// Whether the words of a domain or range take a kind; `any` takes every kind of entity.
pub(crate) fn fits(cell: &str, kind: &str) -> bool {
    let literal = ["quantity", "date", "text"].contains(&kind);
    cell.is_empty() || cell.split_whitespace().any(|word| word == kind || word == "any" && !literal)
}

fn literal(context: &mut Context<'_>, mention: &MentionRecord) {
    let at = Cell { file: "mentions.csv", row: mention.row, column: "object" };
    match &mention.object {
        Object::Quantity(text) if Quantity::parse(text).is_none() => {
            let message = format!("`{}` is no quantity", shown(text));
            context.report(at, message, "a number and what is counted: 30 percent, 1500 demonstrations, 18-28 years");
        }
        Object::Date(text) if Edtf::parse(text).is_err() && mention.qualifier("edtf").is_none() => {
            let message = format!("`{}` is not an EDTF date", shown(text));
            let hint = "write it as 2022, 2022-03 or 2022-03-15; or keep it as printed and add the qualifier edtf=…";
            context.report(at, message, hint);
        }
        Object::Text(text) if text.split_whitespace().count() > 20 => {
            let hint = "a few words in place of the sentence; the locator leads to the rest";
            context.finding(at, "is long for words of an object", hint);
        }
        _ => {}
    }
}

fn qualifier<'a>(context: &mut Context<'a>, mention: &'a MentionRecord, key: &'a str, value: &'a str) {
    let at = Cell { file: "mentions.csv", row: mention.row, column: "qualifiers" };
    if key == reserved::CORRECTS && !context.mentions.contains_key(value) {
        let message = format!("there is no mention `{}`", shown(value));
        context.report(Cell { column: "corrects", ..at }, message, "the id of the mention that this one corrects");
    }
    // the other columns of the mention are read where they stand
    if key.starts_with('@') {
        return;
    }
    if let Some(declared) = declared(context, key, &mention.relation) {
        return typed(context, at, key, value, declared.ty);
    }
    let Some((_, holds)) = KEYS.iter().find(|(known, _)| *known == key) else {
        if !key.starts_with("x-") {
            let known = |context: &Context<'a>| {
                KEYS.iter().map(|(known, _)| *known).chain(context.data.qualifiers.iter().map(|q| &*q.key)).collect()
            };
            context.unknown(at, "qualifier", key, known, "begin a qualifier of your own with x-");
        }
        return;
    };
    if value.is_empty() {
        return context.report(at, format!("`{key}` has no value"), "write key=value, or remove it");
    }
    match holds {
        Holds::Entity => {
            context.entity(at, value);
        }
        Holds::Mixed if looks_like_id(value) && !context.entities.contains_key(value) => {
            let message = format!("`{key}` looks like the id of an entity, and there is no `{}`", shown(value));
            context.finding(at, message, "add it to entities.csv, or write it in words");
        }
        Holds::Date => {
            context.date(at, value);
        }
        Holds::Fate => context.choice(at, value, &["ends", "continues"]),
        Holds::Origin => context.choice(at, value, &["new", "existing"]),
        Holds::Bound if !BOUNDS.contains(&value) => {
            context.report(at, format!("`{}` is no bound", shown(value)), BOUNDS.join(", "));
        }
        Holds::Implicit if value != "implicit" => {
            let hint = "agent=implicit says that the sentence names no actor; name an actor as the subject";
            context.report(at, format!("`agent` cannot be `{}`", shown(value)), hint);
        }
        _ => {}
    }
}

/// What qualifiers.csv says of a key, for a relation or for all.
fn declared(context: &Context<'_>, key: &str, relation: &str) -> Option<Qualifier> {
    let of = |relation: &str| {
        let same = |q: &&QualifierRecord| same_key(&q.key, key) && *q.relation == *relation;
        context.data.qualifiers.iter().find(same).map(|q| q.reading)
    };
    of(relation).or_else(|| of(""))
}

/// A value of a key that qualifiers.csv declares.
fn typed<'a>(context: &mut Context<'a>, at: Cell, key: &str, value: &'a str, ty: ValueType) {
    if value.is_empty() {
        return context.report(at, format!("`{key}` has no value"), "write key=value, or remove it");
    }
    if value == "not stated" {
        return;
    }
    let wrong = match ty {
        ValueType::Edtf => {
            context.date(at, value);
            return;
        }
        ValueType::Entity => {
            context.entity(at, value);
            return;
        }
        ValueType::Number => Quantity::parse(value).is_none_or(|q| !q.unit.is_empty()),
        ValueType::Quantity => {
            let bound = BOUNDS.iter().find_map(|bound| value.strip_prefix(&bound.replace('-', " ")));
            Quantity::parse(bound.unwrap_or(value)).is_none()
        }
        ValueType::Text => false,
    };
    if wrong {
        let message = format!("`{}` is no {}", shown(value), ty.name());
        context.report(at, message, format!("qualifiers.csv says that `{key}` holds one"));
    }
}

/// The occurrence that the row names; empty where it names none.
pub(super) fn event(mention: &MentionRecord) -> &str {
    mention.qualifier(reserved::EVENT).unwrap_or("")
}

fn looks_like_id(value: &str) -> bool {
    value.contains('-') && value.starts_with(|c: char| c.is_alphabetic()) && !value.contains(char::is_whitespace)
}

fn contradictions(context: &mut Context<'_>, mention: &MentionRecord) {
    let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
    let data = context.data;
    let single =
        data.qualifiers.iter().filter(|q| !q.reading.many && (q.relation.is_empty() || q.relation == mention.relation));
    let mut single: Vec<&str> =
        SINGLE.into_iter().chain(single.map(|q| &*q.key).filter(|key| !SINGLE.contains(key))).collect();
    single.retain(|key| {
        mention.qualifiers.len() > 1 && declared(context, key, &mention.relation).is_none_or(|q| !q.many)
    });
    for key in single {
        let mut values = mention.qualifiers.iter().filter(|(k, _)| **k == *key).map(|(_, value)| value);
        if let (Some(first), Some(second)) = (values.next(), values.next()) {
            let message = format!("`{key}` is both `{}` and `{}`", shown(first), shown(second));
            context.report(at("qualifiers"), message, "keep one; two statements are two rows");
        }
    }
    let date = |key| mention.qualifier(key).unwrap_or("");
    if let (Ok(from), Ok(to)) = (Edtf::parse(date("start")), Edtf::parse(date("end")))
        && let (Some(from), Some(to)) = (from.earliest(), to.latest())
        && from > to
    {
        context.report(at("qualifiers"), "it ends before it starts", "one of start= and end= is wrong");
    }
    if mention.qualifier("bound").is_some() && !matches!(mention.object, Object::Quantity(_)) {
        context.report(at("qualifiers"), "`bound` stands beside an object that is no quantity", "remove it");
    }
    if mention.qualifier("edtf").is_some() && !matches!(mention.object, Object::Date(_)) {
        context.report(at("qualifiers"), "`edtf` stands beside an object that is no date", "remove it");
    }
    if mention.confidence.has('E') && mention.confidence.has('I') {
        context.report(at("confidence"), "is both explicit (E) and inferred (I)", "keep one of the two letters");
    }
    if mention.qualifier("agent").is_some() && !mention.confidence.has('A') {
        let hint = "add A to the confidence, or remove agent=implicit";
        context.report(at("confidence"), "lacks A, and the qualifiers say agent=implicit", hint);
    }
    if mention.confidence.is_empty() {
        context.finding(at("confidence"), "is empty", "E explicit, A, R, X, I, V, M: see docs/dataset.md");
    }
}

fn conflict(context: &mut Context<'_>, conflict: &ConflictRecord, facts: &Asserted<'_>) {
    const COLUMNS: [(&str, &str); 2] = [("claim_a", "sources_a"), ("claim_b", "sources_b")];
    let at = |column| Cell { file: "conflicts.csv", row: conflict.row, column };
    for (side, (claim, only)) in conflict.sides.iter().zip(COLUMNS) {
        let fact = (&*side.subject, &*side.relation, &*side.object);
        let Some(asserting) = facts.facts.get(&fact) else {
            if facts.is_broken(fact) {
                continue;
            }
            let message = format!(
                "nobody asserts `{} | {} | {}`",
                shown(&side.subject),
                shown(&side.relation),
                shown(&side.object)
            );
            let hint = "subject, relation and object must stand in mentions.csv exactly so";
            context.report(at(claim), message, hint);
            continue;
        };
        for source in &side.sources {
            if !asserting.contains(&**source) {
                let message = format!("`{}` does not assert this fact", shown(source));
                context.report(at(only), message, "name documents that do, or leave the cell empty for all");
            }
        }
    }
    if conflict.sides[0] == conflict.sides[1] {
        context.report(at("claim_b"), "is the same as claim_a", "name the other side, or the documents of each");
    }
}

fn unmentioned(context: &mut Context<'_>) {
    let data = context.data;
    let mut named: DataSet<&str> = DataSet::default();
    for mention in &data.mentions {
        named.insert(&mention.subject);
        if let Object::Entity(id) = &mention.object {
            named.insert(id);
        }
        named.extend(mention.qualifiers.iter().map(|(_, value)| &**value));
    }
    named.extend(data.aliases.iter().filter(|a| !a.used_in.is_empty()).map(|a| &*a.entity));
    named.extend(data.sources.iter().map(|s| &*s.entity));
    for entity in &data.entities {
        if !named.contains(&*entity.id) && entity.by_reference.is_empty() {
            // a misspelt id that is reported where it stands was to be this one
            if context.meant.contains(&*entity.id) {
                continue;
            }
            let at = Cell { file: "entities.csv", row: entity.row, column: "id" };
            let message = format!("nobody mentions `{}`", shown(&entity.id));
            context.note(at, "an entity that nobody mentions", message, "add a row to mentions.csv, or remove it");
        }
    }
}
