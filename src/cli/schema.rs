//! `schema`: labels, relationship types and properties, with counts; with a word, what is known of those it names: what
//! a relation says, which way it is read, between which kinds, what its properties mean and look like.

use std::collections::{BTreeMap, BTreeSet};

use super::args::SchemaArgs;
use super::terminal::Desk;
use super::{Done, Outcome, open, query};
use crate::engine::{Engine, Further, NodeData, Rows};
use crate::error::{Class, Code, Error, Phase, Result, nearest};
use crate::io::{Subgraph, answer, text};
use crate::provenance::{Algebra, Fate, Origin, Qualifier, QualifierType, RelationType, same_key};
use crate::value::Value;

/// Most pairs of kinds, and most properties, that a line for a person lists.
const LISTED: usize = 4;
/// Most values shown of a property.
const SAMPLES: usize = 3;
/// Longest sample, in characters.
const LONGEST: usize = 40;

/// What is known about a label or a type.
#[derive(Default)]
struct Entry<'g> {
    count: i64,
    between: BTreeMap<String, i64>,
    /// By property: how many have it, and some of its values.
    keys: BTreeMap<&'g str, Property>,
}

/// A property as it occurs.
#[derive(Default)]
struct Property {
    count: i64,
    samples: BTreeSet<String>,
}

impl<'g> Entry<'g> {
    fn add(&mut self, properties: &'g [(std::sync::Arc<str>, Value)]) {
        self.count += 1;
        for (key, value) in properties {
            let property = self.keys.entry(key).or_default();
            property.count += 1;
            let sample = text::cell(value, &crate::engine::Entities::default());
            if !sample.is_empty() && sample.chars().count() <= LONGEST {
                property.samples.insert(sample);
                // the smallest ones stay, so that they do not depend on the order of anything
                while property.samples.len() > SAMPLES {
                    property.samples.pop_last();
                }
            }
        }
    }
}

/// Labels and types of a graph.
struct Schema<'g> {
    labels: BTreeMap<&'g str, Entry<'g>>,
    types: BTreeMap<&'g str, Entry<'g>>,
    relations: BTreeMap<&'g str, &'g RelationType>,
    qualifiers: Vec<&'g QualifierType>,
}

/// Runs the command.
pub(super) fn run(args: SchemaArgs, desk: &mut Desk) -> Outcome {
    let engine = open::for_reading(&args.source)?;
    let graph = Subgraph::whole(&engine)?;
    let schema = Schema::of(&graph);
    let rows = match &args.name {
        Some(name) => schema.named(name)?,
        None => schema.overview(args.output.for_programs())?,
    };
    query::print(&rows, &args.output, desk)?;
    if args.name.is_none() {
        desk.remark(&format!("{} nodes, {} relationships", graph.nodes.len(), graph.rels.len()));
    }
    Ok(Done::Well)
}

/// The schema of a graph as rows.
pub(super) fn of(engine: &Engine) -> Result<Rows> {
    Schema::of(&Subgraph::whole(engine)?).overview(false)
}

impl<'g> Schema<'g> {
    fn of(graph: &'g Subgraph) -> Self {
        let mut labels: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
        let mut kinds: BTreeMap<u64, &str> = BTreeMap::new();
        for node in &graph.nodes {
            kinds.insert(node.id, kind(node));
            node.labels.iter().for_each(|label| labels.entry(label).or_default().add(&node.properties));
        }
        let mut types: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
        for rel in &graph.rels {
            let entry = types.entry(&rel.ty).or_default();
            entry.add(&rel.properties);
            let kind = |id| kinds.get(id).copied().unwrap_or_default();
            *entry.between.entry(format!("{} → {}", kind(&rel.start), kind(&rel.end))).or_default() += 1;
        }
        let relations: BTreeMap<&str, &RelationType> = graph.told.types.iter().map(|ty| (&*ty.name, ty)).collect();
        for name in relations.keys() {
            types.entry(name).or_default();
        }
        let qualifier = |further: &'g Further| if let Further::Qualifier(q) = further { Some(q) } else { None };
        let qualifiers = graph.told.further.iter().filter_map(qualifier).collect();
        Self { labels, types, relations, qualifiers }
    }

    /// One row for every label, then one for every type; the ends of a type as pairs of kinds. What relations say
    /// stands beside them where a table of relations says it. A person sees the first of long lists.
    fn overview(&self, for_programs: bool) -> Result<Rows> {
        let told = for_programs || self.relations.values().any(|ty| !ty.definition.is_empty());
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
        for (what, entries) in [("label", &self.labels), ("type", &self.types)] {
            for (name, entry) in entries {
                let mut between: Vec<(&String, &i64)> = entry.between.iter().collect();
                between.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
                let keys = list(entry.keys.keys().copied().collect())?;
                let between = list(between.into_iter().map(|(pair, _)| pair.as_str()).collect())?;
                let mut row = vec![what.into(), (*name).into(), Value::Int(entry.count), keys, between];
                if told {
                    let relation = self.relations.get(name).filter(|_| what == "type");
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
    fn named(&self, word: &str) -> Result<Rows> {
        let folded = |text: &str| text.to_lowercase().replace('_', "-");
        let wanted = folded(word);
        let all = || self.labels.keys().chain(self.types.keys()).copied();
        let declared = |q: &&&QualifierType| q.relation.is_empty();
        let keys: BTreeSet<&str> = self.qualifiers.iter().filter(declared).map(|q| &*q.key).collect();
        let exact = all().chain(keys.iter().copied()).any(|name| folded(name) == wanted);
        let fits = |name: &str| if exact { folded(name) == wanted } else { folded(name).contains(&wanted) };
        let mut lines = Lines::default();
        for (name, entry) in self.labels.iter().filter(|(name, _)| fits(name)) {
            lines.start("label", name, entry.count);
            self.properties(entry, None, &mut lines);
        }
        for (name, entry) in self.types.iter().filter(|(name, _)| fits(name)) {
            lines.start("type", name, entry.count);
            if let Some(relation) = self.relations.get(name) {
                of_relation(relation, &mut lines);
            }
            let mut between: Vec<(&String, &i64)> = entry.between.iter().collect();
            between.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            between.into_iter().for_each(|(pair, count)| lines.add("between", format!("{pair} ({count})")));
            self.properties(entry, Some(name), &mut lines);
        }
        for key in keys.into_iter().filter(|key| fits(key)) {
            lines.start("qualifier", key, 0);
            for qualifier in self.qualifiers.iter().filter(|q| *q.key == *key) {
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
    fn properties(&self, entry: &Entry<'_>, relation: Option<&str>, lines: &mut Lines) {
        for (key, property) in &entry.keys {
            let mut said = match property.count {
                count if count == entry.count => "all have it".to_owned(),
                count => format!("{count} have it"),
            };
            if let Some(relation) = relation {
                let of_type = |q: &&&QualifierType| same_key(&q.key, key) && *q.relation == *relation;
                let of_all = |q: &&&QualifierType| same_key(&q.key, key) && q.relation.is_empty();
                let declared = self.qualifiers.iter().find(of_type).or_else(|| self.qualifiers.iter().find(of_all));
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
}

/// The label that says most of a node.
fn kind(node: &NodeData) -> &str {
    text::kind(node)
}

/// Lines about one thing after another.
#[derive(Default)]
struct Lines {
    rows: Vec<Vec<Value>>,
    what: &'static str,
    name: String,
}

impl Lines {
    fn start(&mut self, what: &'static str, name: &str, count: i64) {
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
    use crate::engine::{RelData, Told};

    fn graph() -> Subgraph {
        let node = |id, label: &str, key: &str| NodeData {
            id,
            labels: vec![label.into()],
            properties: vec![(key.into(), Value::Int(1))],
        };
        let rel = RelData { id: 1, ty: "T".into(), start: 1, end: 2, properties: Vec::new() };
        Subgraph {
            nodes: vec![node(1, "A", "x"), node(2, "B", "y"), node(3, "A", "z")],
            rels: vec![rel],
            ..Subgraph::default()
        }
    }

    fn shown(rows: &Rows) -> Vec<String> {
        let cell = |row: crate::engine::Row<'_>| {
            let cells = Value::list(row.values().to_vec()).expect("short");
            text::inline(&cells, rows.entities())
        };
        rows.iter().map(cell).collect()
    }

    #[test]
    fn labels_and_types_are_counted_with_their_properties_and_ends() {
        let graph = graph();
        let rows = Schema::of(&graph).overview(false).expect("short lists");
        assert_eq!(
            shown(&rows),
            ["['label', 'A', 2, 'x, z', '']", "['label', 'B', 1, 'y', '']", "['type', 'T', 1, '', 'A → B']"]
        );
    }

    #[test]
    fn a_word_gives_all_that_is_known_of_what_it_names() {
        let mut graph = graph();
        let relation = RelationType {
            name: "T".into(),
            definition: "Says so.".into(),
            inverse: "U".into(),
            ..RelationType::default()
        };
        graph.told = Told { types: vec![relation], ..Told::default() };
        let schema = Schema::of(&graph);
        let rows = shown(&schema.named("t").expect("a type"));
        assert_eq!(
            rows,
            [
                "['type', 'T', 'count', '1']",
                "['type', 'T', 'definition', 'Says so.']",
                "['type', 'T', 'read from the other end', 'U']",
                "['type', 'T', 'between', 'A → B (1)']",
            ]
        );
        assert_eq!(shown(&schema.named("a").expect("a label"))[1], "['label', 'A', 'property x', '1 have it; e.g. 1']");
        assert_eq!(schema.named("nothing of the kind").expect_err("none").code(), Code::NameNotFound);
    }
}
