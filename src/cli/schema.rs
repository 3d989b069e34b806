//! `schema`: labels, relationship types and properties, with counts; with a word, what is known of those it names: what
//! a relation says, which way it is read, between which kinds, what its properties mean and look like.

use std::collections::BTreeSet;

use super::args::SchemaArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Kind, Rows, Schema};
use crate::error::{Class, Code, Error, Phase, Result, nearest};
use crate::io::answer;
use crate::provenance::{Algebra, Fate, Origin, Qualifier, QualifierType, RelationType, same_key};
use crate::value::Value;

/// Most pairs of kinds, and most properties, that a line for a person lists.
const LISTED: usize = 4;

/// Runs the command.
pub(super) fn run(args: SchemaArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let schema = engine.schema()?;
    let rows = match &args.name {
        Some(name) => named(&schema, name)?,
        None => overview(&schema, args.output.for_programs())?,
    };
    query::print(&rows, &args.output, desk)?;
    if args.name.is_none() {
        desk.remark(&format!("{} nodes, {} relationships", schema.nodes, schema.relationships));
    }
    Ok(Done::Well)
}

/// One row for every label, then one for every type; the ends of a type as pairs of kinds. What relations say
/// stands beside them where a table of relations says it. A person sees the first of long lists.
pub(super) fn overview(schema: &Schema, for_programs: bool) -> Result<Rows> {
    let told = for_programs || schema.relations.values().any(|ty| !ty.definition.is_empty());
    let list = |all: Vec<&str>| -> Result<Value> {
        if for_programs {
            return Value::list(all.into_iter().map(Value::from).collect());
        }
        let rest = all.len().saturating_sub(LISTED);
        let mut shown = all[..all.len() - rest].join(", ");
        if rest > 0 {
            shown.push_str(&format!(" and {rest} more"));
        }
        Ok(Value::from(shown))
    };
    let mut rows = Vec::new();
    for (what, entries) in [("label", &schema.labels), ("type", &schema.types)] {
        for (name, entry) in entries {
            let between = entry.frequent();
            let keys = list(entry.properties.keys().map(|key| &**key).collect())?;
            let between = list(between.iter().map(|(pair, _)| pair.as_str()).collect())?;
            let count = Value::Int(i64::try_from(entry.count).unwrap_or(i64::MAX));
            let mut row = vec![what.into(), Value::Str(name.clone()), count, keys, between];
            if told {
                let relation = schema.relations.get(name).filter(|_| what == "type");
                let cell = |text: Option<&str>| Value::from(text.filter(|text| !text.is_empty()));
                row.push(cell(relation.map(|ty| &*ty.inverse)));
                row.push(cell(relation.map(|ty| &*ty.definition)));
            }
            rows.push(row);
        }
    }
    let columns = ["what", "name", "count", "properties", "between", "inverse", "definition"];
    Ok(answer::made(if told { &columns } else { &columns[..5] }, rows))
}

/// What is known of the labels, types and qualifiers whose names hold `word`, one thing a line.
/// Errors: there is none; the nearest is named.
fn named(schema: &Schema, word: &str) -> Result<Rows> {
    let folded = |text: &str| text.to_lowercase().replace('_', "-");
    let wanted = folded(word);
    let all = || schema.labels.keys().chain(schema.types.keys()).map(|name| &**name);
    let declared = |q: &&QualifierType| q.relation.is_empty();
    let keys: BTreeSet<&str> = schema.qualifiers.iter().filter(declared).map(|q| &*q.key).collect();
    let exact = all().chain(keys.iter().copied()).any(|name| folded(name) == wanted);
    let fits = |name: &str| if exact { folded(name) == wanted } else { folded(name).contains(&wanted) };
    let mut lines = Lines::default();
    for (name, entry) in schema.labels.iter().filter(|(name, _)| fits(name)) {
        lines.start("label", name, entry.count);
        properties(schema, entry, None, &mut lines);
    }
    for (name, entry) in schema.types.iter().filter(|(name, _)| fits(name)) {
        lines.start("type", name, entry.count);
        if let Some(relation) = schema.relations.get(name) {
            of_relation(relation, &mut lines);
        }
        entry.frequent().into_iter().for_each(|(pair, count)| lines.add("between", format!("{pair} ({count})")));
        properties(schema, entry, Some(name), &mut lines);
    }
    for key in keys.into_iter().filter(|key| fits(key)) {
        lines.start("qualifier", key, 0);
        for qualifier in schema.qualifiers.iter().filter(|q| *q.key == *key) {
            lines.add("reads as", reading(qualifier.reading));
            lines.add("definition", qualifier.definition.to_string());
        }
    }
    if lines.rows.is_empty() {
        let message = format!("there is no label, relationship type or qualifier {word:?}");
        let error = Error::new(Class::EntityNotFound, Phase::Runtime, Code::NameNotFound, message);
        return Err(error.hint(match nearest(word, all()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "`shejire schema` lists them all".to_owned(),
        }));
    }
    Ok(answer::made(&["what", "name", "about", "value"], lines.rows))
}

/// The properties of a label or a type: how many have each, what it means, a few values.
fn properties(schema: &Schema, entry: &Kind, relation: Option<&str>, lines: &mut Lines) {
    for (key, property) in &entry.properties {
        let mut said = match property.count {
            count if count == entry.count => "all have it".to_owned(),
            count => format!("{count} have it"),
        };
        if let Some(relation) = relation {
            let of_type = |q: &&QualifierType| same_key(&q.key, key) && *q.relation == *relation;
            let of_all = |q: &&QualifierType| same_key(&q.key, key) && q.relation.is_empty();
            let declared = schema.qualifiers.iter().find(of_type).or_else(|| schema.qualifiers.iter().find(of_all));
            if let Some(declared) = declared {
                said = format!("{}; {said}", reading(declared.reading));
                if !declared.definition.is_empty() {
                    said = format!("{} ({said})", declared.definition);
                }
            }
        }
        if !property.samples.is_empty() {
            let samples: Vec<&str> = property.samples.iter().map(String::as_str).collect();
            said.push_str(&format!("; e.g. {}", samples.join(" | ")));
        }
        lines.add(&format!("property {key}"), said);
    }
}

/// Lines about one thing after another.
#[derive(Default)]
struct Lines {
    rows: Vec<Vec<Value>>,
    what: &'static str,
    name: String,
}

impl Lines {
    fn start(&mut self, what: &'static str, name: &str, count: u64) {
        (self.what, self.name) = (what, name.to_owned());
        if what != "qualifier" {
            self.add("count", count.to_string());
        }
    }

    /// A line; none where there is nothing to say.
    fn add(&mut self, about: &str, value: String) {
        if !value.is_empty() {
            self.rows.push(vec![self.what.into(), self.name.as_str().into(), about.into(), value.into()]);
        }
    }
}

/// What the relation table says of a type.
fn of_relation(relation: &RelationType, lines: &mut Lines) {
    lines.add("definition", relation.definition.to_string());
    lines.add("read from the other end", relation.inverse.to_string());
    lines.add("from kinds", relation.domain.join(", "));
    lines.add("to kinds", relation.range.join(", "));
    match relation.algebra {
        Algebra::Plain => {}
        Algebra::Transitive => lines.add("transitive", "a → b and b → c give a → c".to_owned()),
        Algebra::Symmetric => lines.add("symmetric", "a → b gives b → a".to_owned()),
    }
    if let Some(descent) = &relation.descent {
        let mut said = vec![descent.role.name().to_owned()];
        said.extend(descent.kind.as_ref().map(|kind| format!("of the kind {kind}")));
        said.extend(descent.predecessor.map(|fate| match fate {
            Fate::Ends => "the predecessor ends".to_owned(),
            Fate::Continues => "the predecessor continues".to_owned(),
        }));
        said.extend(descent.successor.map(|origin| match origin {
            Origin::New => "the successor is new".to_owned(),
            Origin::Existing => "the successor was there before".to_owned(),
        }));
        lines.add("lineage", said.join("; "));
        let wording: Vec<String> = descent.wording.iter().map(|(column, words)| format!("{column}: {words}")).collect();
        lines.add("in words", wording.join("; "));
    }
    lines.add("contradicts", relation.contradicts.join(", "));
    if relation.single_valued {
        lines.add("single-valued", "two different ends for one start are a conflict".to_owned());
    }
    match relation.repeats {
        Some(true) => lines.add("repeats", "the same may happen, or hold, several times".to_owned()),
        Some(false) => lines.add("repeats", "it happens, or holds, once".to_owned()),
        None => {}
    }
    lines.add("terms", relation.terms.join(", "));
}

/// How the values of a qualifier are read, in words.
fn reading(reading: Qualifier) -> String {
    let mut said = reading.ty.name().to_owned();
    if reading.many {
        said.push_str(", several at once");
    }
    if reading.conflicts {
        said.push_str(", values that exclude each other are a conflict");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Engine, Row};
    use crate::io::text;

    fn schema() -> Schema {
        let engine = Engine::in_memory();
        engine.run("CREATE (:A {x: 1})-[:T]->(:B {y: 1}), (:A {z: 1})").expect("a graph");
        engine.schema().expect("in memory")
    }

    fn shown(rows: &Rows) -> Vec<String> {
        let cell = |row: Row<'_>| {
            let cells = Value::list(row.values().to_vec()).expect("short");
            text::inline(&cells, rows.entities())
        };
        rows.iter().map(cell).collect()
    }

    #[test]
    fn labels_and_types_are_counted_with_their_properties_and_ends() {
        let rows = overview(&schema(), false).expect("short lists");
        assert_eq!(
            shown(&rows),
            ["['label', 'A', 2, 'x, z', '']", "['label', 'B', 1, 'y', '']", "['type', 'T', 1, '', 'A → B']"]
        );
    }

    #[test]
    fn a_word_gives_all_that_is_known_of_what_it_names() {
        let mut schema = schema();
        let relation = RelationType {
            name: "T".into(),
            definition: "Says so.".into(),
            inverse: "U".into(),
            ..RelationType::default()
        };
        schema.relations.insert("T".into(), relation);
        let rows = shown(&named(&schema, "t").expect("a type"));
        assert_eq!(
            rows,
            [
                "['type', 'T', 'count', '1']",
                "['type', 'T', 'definition', 'Says so.']",
                "['type', 'T', 'read from the other end', 'U']",
                "['type', 'T', 'between', 'A → B (1)']",
            ]
        );
        assert_eq!(
            shown(&named(&schema, "a").expect("a label"))[1],
            "['label', 'A', 'property x', '1 have it; e.g. 1']"
        );
        assert_eq!(named(&schema, "nothing of the kind").expect_err("none").code(), Code::NameNotFound);
    }
}
