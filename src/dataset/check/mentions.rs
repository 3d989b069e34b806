//! Mentions and conflicts, and the entities that nothing mentions.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Cell, Context};
use crate::dataset::problem::shown;
use crate::dataset::record::{ConflictRecord, GroupKey, MentionRecord, Object};
use crate::provenance::Locator;
use crate::value::edtf::Edtf;
use crate::value::quantity::Quantity;

/// Qualifiers that are known, and what their values are.
const KEYS: [(&str, Holds); 34] = {
    use Holds::{Any, Bound, Date, Entity, Implicit, Mixed};
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
const SINGLE: [&str; 11] =
    ["agent", "attribute", "measure", "bound", "date", "start", "end", "unit", "share", "edtf", "count"];
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
}

pub(super) fn check(context: &mut Context<'_>) {
    let data = context.data;
    context.by_id("mentions.csv", "id", &data.mentions, |m| (&*m.id, m.row));
    context.by_id("conflicts.csv", "id", &data.conflicts, |c| (&*c.id, c.row));
    let mut places: FxHashMap<(GroupKey<'_>, &str, Locator), u32> = FxHashMap::default();
    let mut prints: FxHashMap<(&str, Locator), (u64, u32)> = FxHashMap::default();
    let mut facts: FxHashMap<(&str, &str, &str), FxHashSet<&str>> = FxHashMap::default();
    for mention in &data.mentions {
        self::mention(context, mention);
        let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
        if let Some(first) = places.insert((mention.key(), &mention.source, mention.at), mention.row) {
            let message = format!("{}:{} already asserts this fact in row {first}", mention.source, mention.at);
            context.report(at("locator"), message, "one row for each place; remove one, or correct the sentence");
        }
        let (print, first) = *prints.entry((&mention.source, mention.at)).or_insert((mention.fingerprint, mention.row));
        if print != mention.fingerprint {
            let message = format!("row {first} has another fingerprint for the same sentence");
            context.report(at("fingerprint"), message, "`shejire check --sources DIR` says which is right");
        }
        let fact = (&*mention.subject, &*mention.relation, mention.object.text());
        facts.entry(fact).or_default().insert(&mention.source);
    }
    for conflict in &data.conflicts {
        self::conflict(context, conflict, &facts);
    }
    unmentioned(context);
}

fn mention(context: &mut Context<'_>, mention: &MentionRecord) {
    let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
    let subject = context.entity(at("subject"), &mention.subject);
    let object = match &mention.object {
        Object::Entity(id) => context.entity(at("object"), id).map(|e| &*e.kind),
        literal => Some(literal.type_name()),
    };
    context.place(at("locator"), &mention.source, mention.at);
    match context.relations.get(&*mention.relation).copied() {
        None => {
            let known = context.relations.keys().copied().collect();
            let otherwise = "add it to relations.csv, or correct it";
            context.unknown(at("relation"), "relation", &mention.relation, known, otherwise);
        }
        Some(relation) => {
            let subject = subject.map(|e| &*e.kind);
            for (column, cell, kind) in [("subject", &relation.domain, subject), ("object", &relation.range, object)] {
                let Some(kind) = kind else { continue };
                if !fits(cell, kind) {
                    let message =
                        format!("a {} cannot stand here: `{}` takes {}", shown(kind), relation.id, shown(cell));
                    context.report(
                        at(column),
                        message,
                        format!("another relation, or add {} to relations.csv", shown(kind)),
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
fn fits(cell: &str, kind: &str) -> bool {
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

fn qualifier(context: &mut Context<'_>, mention: &MentionRecord, key: &str, value: &str) {
    let at = Cell { file: "mentions.csv", row: mention.row, column: "qualifiers" };
    let Some((_, holds)) = KEYS.iter().find(|(known, _)| *known == key) else {
        if !key.starts_with("x-") {
            let known = KEYS.iter().map(|(known, _)| *known).collect();
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

fn looks_like_id(value: &str) -> bool {
    value.contains('-') && value.starts_with(|c: char| c.is_alphabetic()) && !value.contains(char::is_whitespace)
}

fn contradictions(context: &mut Context<'_>, mention: &MentionRecord) {
    let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
    for key in SINGLE {
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

fn conflict(
    context: &mut Context<'_>,
    conflict: &ConflictRecord,
    facts: &FxHashMap<(&str, &str, &str), FxHashSet<&str>>,
) {
    const COLUMNS: [(&str, &str); 2] = [("claim_a", "sources_a"), ("claim_b", "sources_b")];
    let at = |column| Cell { file: "conflicts.csv", row: conflict.row, column };
    for (side, (claim, only)) in conflict.sides.iter().zip(COLUMNS) {
        let Some(asserting) = facts.get(&(&*side.subject, &*side.relation, &*side.object)) else {
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
    let mut named: FxHashSet<&str> = FxHashSet::default();
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
            let at = Cell { file: "entities.csv", row: entity.row, column: "id" };
            let message = format!("nobody mentions `{}`", shown(&entity.id));
            context.finding(at, message, "add a row to mentions.csv, or remove it");
        }
    }
}
