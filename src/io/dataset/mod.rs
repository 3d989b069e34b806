//! A graph with its evidence as a dataset folder, which loads to the same graph (`docs/dataset.md` has the format).
//!
//! ```text
//!  Subgraph ──► records ──► tables ──► check ──► load ──► Subgraph     (what differs is told)
//!                              └──► files
//! ```
//!
//! | in the graph | in the folder |
//! |---|---|
//! | a node that stands for a document | a row of `sources.csv` |
//! | a literal (`:Literal:Quantity`, `:Date`, `:Text`) | the object of its mentions |
//! | every other node | a row of `entities.csv`; its kind is its property `kind`, else its first label |
//! | names with their places | rows of `aliases.csv` |
//! | mentions of relationships, of lives, of parts of events | rows of `mentions.csv` |
//!
//! A dataset holds what somebody states: relationships without a mention, and properties that no column and no qualifier
//! says, are left out and counted. Whatever is written has been read again, checked and loaded before the folder appears.

mod compare;
mod facts;
mod literals;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::{Subgraph, WriteError, text};
use crate::dataset::{
    self, Alias, AliasStatus, ConflictRecord, Dataset, Entity, Kind, Meta, QualifierRecord, Relation,
};
use crate::dataset::{Side as ClaimSide, SourceRecord};
use crate::engine::{Engine, Further, NodeData};
use crate::error::Error;
use crate::provenance::{Algebra, Fate, Frame, Gathers, Locator, Mention, Origin, Place, RelationType, Side, reserved};
use crate::value::{Value, text as value_text};
use literals::Literals;

/// What the title says where the graph does not: it holds no title of a dataset.
const TITLE: &str = "Exported graph";
/// The labels that are no kinds.
const NO_KINDS: [&str; 2] = ["Entity", "Source"];
/// The kind of a node without a label.
const THING: &str = "thing";

/// Writes the tables; the folder is there. The answer says what of the graph has no place in them.
///
/// Errors: `DataError` when the folder would be none that `check` lets pass, with file and row, and when nothing of the
/// graph has a place in a dataset.
pub(crate) fn write(graph: &Subgraph, folder: &Path) -> Result<Vec<String>, WriteError> {
    let (texts, left) = tables(graph)?;
    for (file, text) in texts {
        std::fs::write(folder.join(file), text)?;
    }
    Ok(left)
}

/// Files by their names, and what of the graph has no place in them.
type Written = (Vec<(&'static str, String)>, Vec<String>);

fn tables(graph: &Subgraph) -> crate::Result<Written> {
    let mut maker = Maker::new(graph);
    let records = maker.dataset();
    if records.entities.is_empty() && records.sources.is_empty() {
        return Err(Error::data("nothing of this graph has a place in a dataset")
            .hint("a dataset holds what documents state: entities, and relationships with mentions"));
    }
    let dataset::Tables { files, read } = dataset::tables(&records)?;
    if let Some(problem) = dataset::check(&read).iter().find(|problem| problem.blocking) {
        let message = format!("a dataset cannot hold this graph: {problem}");
        return Err(Error::data(message).hint("`export jsonl` carries evidence of every shape"));
    }
    let again = Subgraph::whole(&Engine::from_dataset(&read)?)?;
    let mut left = maker.left();
    left.extend(compare::differences(graph, &again, &maker.ids));
    Ok((files, left))
}

/// Makes records of a graph.
struct Maker<'g> {
    graph: &'g Subgraph,
    nodes: HashMap<u64, &'g NodeData>,
    /// The ids of entities.
    ids: HashMap<u64, Arc<str>>,
    literals: Literals<'g>,
    /// The objects of relationships as they stand in the tables; nothing for one that has no place there.
    objects: HashMap<u64, dataset::Object>,
    /// What has no place, by what it is.
    left: BTreeMap<&'static str, u64>,
    /// Ids of mentions that were given.
    mentions: HashSet<Arc<str>>,
    /// Paragraphs that the mentions name their bodies at: they follow, and need no column.
    follows: HashSet<(u64, Place)>,
}

impl<'g> Maker<'g> {
    fn new(graph: &'g Subgraph) -> Self {
        let nodes: HashMap<u64, &NodeData> = graph.nodes.iter().map(|node| (node.id, node)).collect();
        let touched: HashSet<u64> = graph.rels.iter().flat_map(|rel| [rel.start, rel.end]).collect();
        let documents: HashSet<u64> = graph.told.sources.iter().filter_map(|(_, node)| *node).collect();
        let entity = |node: &&NodeData| {
            let document = documents.contains(&node.id) && !touched.contains(&node.id);
            has(node, "Entity") || !literals::is_literal(node) && !document
        };
        let entities: Vec<&NodeData> = graph.nodes.iter().filter(entity).collect();
        Self {
            graph,
            nodes,
            ids: ids(&entities),
            literals: Literals::default(),
            objects: HashMap::new(),
            left: BTreeMap::new(),
            mentions: HashSet::new(),
            follows: HashSet::new(),
        }
    }

    fn dataset(&mut self) -> Dataset {
        // in this order: each names what the next ones are about
        let mut dataset = Dataset {
            meta: self.meta(),
            sources: self.sources(),
            mentions: facts::mentions(self),
            entities: self.entities(),
            aliases: self.aliases(),
            relations: self.relations(),
            qualifiers: self.qualifiers(),
            ..Dataset::default()
        };
        self.forget_what_is_elsewhere(&mut dataset);
        dataset.conflicts = self.conflicts();
        dataset.kinds = kinds(&dataset);
        dataset
    }

    /// Leaves out what refers to something that is not in the graph, of which this may be a part: it means nothing here.
    fn forget_what_is_elsewhere(&mut self, dataset: &mut Dataset) {
        let mut left = 0;
        let relations: HashSet<Arc<str>> = dataset.relations.iter().map(|relation| relation.id.clone()).collect();
        let entities: HashSet<Arc<str>> = self.ids.values().cloned().collect();
        let mentions: HashSet<Arc<str>> = dataset.mentions.iter().map(|mention| mention.id.clone()).collect();
        if !dataset.meta.implicit_agent.is_empty() && !entities.contains(&dataset.meta.implicit_agent) {
            dataset.meta.implicit_agent = Arc::default();
            left += 1;
        }
        let mut known = |name: &str, of: &HashSet<Arc<str>>| {
            let known = of.contains(name);
            left += u64::from(!known);
            known
        };
        for relation in &mut dataset.relations {
            let words = relation.contradicts.split_whitespace().filter(|name| known(name, &relations));
            relation.contradicts = words.collect::<Vec<_>>().join(" ").into();
        }
        dataset.qualifiers.retain(|q| q.relation.is_empty() || known(&q.relation, &relations));
        for source in &mut dataset.sources {
            let complete = source.complete.iter().filter(|name| known(name, &relations)).cloned();
            source.complete = complete.collect();
        }
        for mention in &mut dataset.mentions {
            mention.qualifiers.retain(|(key, value)| &**key != reserved::CORRECTS || known(value, &mentions));
        }
        if left > 0 {
            self.left.insert("references to what is not in the graph", left);
        }
    }

    fn leave(&mut self, what: &'static str) {
        *self.left.entry(what).or_default() += 1;
    }

    /// What has no place, for people.
    fn left(&self) -> Vec<String> {
        self.left.iter().map(|(what, count)| format!("{count} × {what}")).collect()
    }

    fn meta(&self) -> Meta {
        let frame = self.graph.told.further.iter().find_map(|f| if let Further::Frame(f) = f { Some(f) } else { None });
        let Frame { format, end_exclusive, about, unknown, implicit_agent } = frame.cloned().unwrap_or_default();
        Meta {
            title: TITLE.into(),
            language: self.language(),
            implicit_agent,
            format: format.max(1),
            sentences: 1,
            end_exclusive,
            about,
            unknown,
            ..Meta::default()
        }
    }

    /// The language of the dataset: that of names for which no `name_xx` was made. Where nothing tells, English.
    fn language(&self) -> Arc<str> {
        let mut foreign = BTreeSet::new();
        let mut languages = BTreeSet::new();
        for (node, name) in self.names() {
            let key = format!("name_{}", name.language);
            let made = self.nodes.get(&node).is_some_and(|node| node.properties.iter().any(|(k, _)| **k == *key));
            let counts =
                !name.language.is_empty() && *name.status != *"description" && Some(&*name.name) != self.name(node);
            if made {
                foreign.insert(name.language.clone());
            } else if counts {
                languages.insert(name.language.clone());
            }
        }
        let own = languages.into_iter().find(|language| !foreign.contains(language));
        own.unwrap_or_else(|| if foreign.contains("en") { Arc::default() } else { "en".into() })
    }

    fn name(&self, node: u64) -> Option<&str> {
        self.nodes.get(&node).and_then(|node| stated(node, "name"))
    }

    fn names(&self) -> impl Iterator<Item = (u64, &'g crate::provenance::NameUse)> + use<'g> {
        let further = self.graph.told.further.iter();
        further.filter_map(|f| if let Further::Name { node, name } = f { Some((*node, name)) } else { None })
    }

    fn source(&self, place: &Place) -> Arc<str> {
        self.graph.told.source(place.source).into()
    }

    fn sources(&self) -> Vec<SourceRecord> {
        let records = self.graph.told.sources.iter().map(|(source, node)| {
            let data = node.and_then(|node| self.nodes.get(&node).copied());
            let cell = |key: &str| -> Arc<str> { data.and_then(|node| stated(node, key)).unwrap_or_default().into() };
            let paragraphs = data.and_then(|node| node.properties.iter().find(|(key, _)| &**key == "paragraphs"));
            let end = source.reading.end_exclusive.map_or("", |yes| if yes { "exclusive" } else { "inclusive" });
            SourceRecord {
                id: source.id.clone(),
                entity: node.and_then(|node| self.ids.get(&node).cloned()).unwrap_or_default(),
                title: if source.title.is_empty() { source.id.clone() } else { source.title.clone() },
                genre: cell("genre"),
                author: cell("author"),
                publisher: cell("publisher"),
                date: source.date.clone(),
                group: source.group.clone(),
                language: cell("language"),
                url: cell("url"),
                paragraphs: match paragraphs {
                    Some((_, Value::Int(count))) => u32::try_from(*count).unwrap_or_default(),
                    _ => 0,
                },
                derives_from: source.derives_from.clone(),
                during: source.reading.during.clone(),
                complete: source.reading.complete.clone(),
                end: end.into(),
                about: source.reading.about.clone(),
                unknown: source.reading.unknown.clone(),
                ..SourceRecord::default()
            }
        });
        records.collect()
    }

    fn entities(&mut self) -> Vec<Entity> {
        let mut named: HashSet<(u64, Place)> = std::mem::take(&mut self.follows);
        named.extend(self.names().flat_map(|(node, name)| name.places.iter().map(move |place| (node, *place))));
        let mut records = Vec::new();
        for node in &self.graph.nodes {
            let Some(id) = self.ids.get(&node.id) else { continue };
            let cell = |key: &str| -> Arc<str> { stated(node, key).unwrap_or_default().into() };
            let mut record = Entity {
                id: id.clone(),
                kind: kind(node).into(),
                name: text::caption(node).into(),
                start: cell("start"),
                end: cell("end"),
                note: cell("note"),
                ..Entity::default()
            };
            if let Some(mention) = self.life(node.id) {
                // the dates as the place states them; acts may say them more exactly
                let said = |key: &'static str| mention.qualifiers.iter().find(|(known, _)| &**known == key);
                let of = |key| said(key).map(|(_, date)| date.clone()).unwrap_or_default();
                (record.start, record.end) = (of("start"), of("end"));
                record.stated_at = Some((self.source(&mention.place), mention.place.at));
                named.insert((node.id, mention.place));
            }
            let places = self.graph.told.nodes.get(&node.id).into_iter().flatten();
            let reference = places.filter(|place| !named.contains(&(node.id, **place)));
            record.by_reference = reference.map(|place| (self.source(place), place.at)).collect();
            records.push(record);
        }
        records
    }

    /// The mention that a row of `entities.csv` makes: without an id, and it states the life alone.
    fn life(&self, of: u64) -> Option<&'g Mention> {
        let mut lives = self.graph.told.further.iter().filter_map(|further| match further {
            Further::Exists { node, mention } if *node == of => Some(mention),
            _ => None,
        });
        lives.find(|mention| is_of_entity(mention))
    }

    fn aliases(&mut self) -> Vec<Alias> {
        let mut records = Vec::new();
        for (node, name) in self.names() {
            let Some(entity) = self.ids.get(&node).cloned() else {
                self.leave("names of what is no entity");
                continue;
            };
            let place = |place: &Place| (self.source(place), place.at);
            records.push(Alias {
                row: 0,
                entity,
                name: name.name.clone(),
                language: name.language.clone(),
                script: name.script.clone(),
                status: AliasStatus::default(),
                status_word: name.status.clone(),
                used_in: name.places.iter().map(place).collect(),
                from: name.from.clone(),
                to: name.to.clone(),
                stated_at: name.stated_at.as_ref().map(place),
            });
        }
        records
    }

    fn relations(&self) -> Vec<Relation> {
        let told = &self.graph.told;
        let mut records: Vec<Relation> = told.types.iter().map(|ty| self.relation(ty)).collect();
        let declared: HashSet<&str> = told.types.iter().map(|ty| &*ty.name).collect();
        for name in self.graph.types().into_iter().filter(|name| !declared.contains(name)) {
            records.push(self.relation(&RelationType { name: name.into(), ..RelationType::default() }));
        }
        records
    }

    fn relation(&self, ty: &RelationType) -> Relation {
        let words = |list: &[Arc<str>]| -> Arc<str> { list.join(" ").into() };
        let any = |list: &[Arc<str>]| -> Arc<str> { if list.is_empty() { "any".into() } else { words(list) } };
        let mut range = any(&ty.range);
        if ty.range.is_empty() {
            // `any` is every kind, and no literal
            let used = self.literals.types_of(&ty.name);
            range = std::iter::once("any").chain(used).collect::<Vec<_>>().join(" ").into();
        }
        let yes = |yes: bool| -> Arc<str> { if yes { "yes".into() } else { Arc::default() } };
        let mut record = Relation {
            id: ty.name.clone(),
            definition: ty.definition.clone(),
            domain: any(&ty.domain),
            range,
            inverse: ty.inverse.clone(),
            algebra: match ty.algebra {
                Algebra::Plain => Arc::default(),
                Algebra::Transitive => "transitive".into(),
                Algebra::Symmetric => "symmetric".into(),
            },
            contradicts: words(&ty.contradicts),
            single_valued: yes(ty.single_valued),
            repeats: ty.repeats.map_or_else(Arc::default, |repeats| if repeats { "yes" } else { "no" }.into()),
            terms: words(&ty.terms),
            ..Relation::default()
        };
        if let Some(descent) = &ty.descent {
            record.role = descent.role.name().into();
            record.side = if descent.side == Side::Start { "subject" } else { "object" }.into();
            record.lineage = descent.kind.clone().unwrap_or_default();
            record.gathers = word(&Gathers::ALL, descent.gathers);
            record.predecessor = word(&Fate::ALL, descent.predecessor);
            record.successor = word(&Origin::ALL, descent.successor);
            record.wording = descent.wording.clone();
        }
        record
    }

    fn qualifiers(&self) -> Vec<QualifierRecord> {
        let declared = self.graph.told.further.iter();
        let declared = declared.filter_map(|f| if let Further::Qualifier(q) = f { Some(q) } else { None });
        declared
            .map(|q| QualifierRecord {
                row: 0,
                key: q.key.clone(),
                relation: q.relation.clone(),
                definition: q.definition.clone(),
                reading: q.reading,
            })
            .collect()
    }

    fn conflicts(&mut self) -> Vec<ConflictRecord> {
        let mut records = Vec::new();
        let rels: HashMap<u64, _> = self.graph.rels.iter().map(|rel| (rel.id, rel)).collect();
        for conflict in &self.graph.told.conflicts {
            let side = |(rel, sources): &(u64, Vec<_>)| {
                let (rel, object) = (rels.get(rel)?, self.objects.get(rel)?);
                Some(ClaimSide {
                    subject: self.ids.get(&rel.start)?.clone(),
                    relation: rel.ty.clone(),
                    object: object.text().into(),
                    sources: sources.iter().map(|source| self.graph.told.source(*source).into()).collect(),
                })
            };
            let [a, b] = conflict.sides.each_ref().map(side);
            let (Some(a), Some(b)) = (a, b) else {
                self.leave("conflicts of what is left out");
                continue;
            };
            records.push(ConflictRecord {
                row: 0,
                id: conflict.id.clone(),
                kind: conflict.kind.clone(),
                topic: conflict.topic.clone(),
                sides: [a, b],
                note: conflict.note.clone(),
            });
        }
        records
    }
}

/// Whether a mention of a life is the one that stands in the row of its entity.
fn is_of_entity(mention: &Mention) -> bool {
    mention.id.is_empty() && mention.qualifiers.iter().all(|(key, _)| matches!(&**key, "start" | "end"))
}

fn has(node: &NodeData, label: &str) -> bool {
    node.labels.iter().any(|known| **known == *label)
}

/// A property that is text.
fn stated<'n>(node: &'n NodeData, key: &str) -> Option<&'n str> {
    match node.properties.iter().find(|(known, _)| **known == *key) {
        Some((_, Value::Str(text))) => Some(text),
        _ => None,
    }
}

fn kind(node: &NodeData) -> &str {
    let declared = stated(node, "kind").filter(|kind| has(node, kind));
    let label = || node.labels.iter().map(|label| &**label).find(|label| !NO_KINDS.contains(label));
    declared.or_else(label).unwrap_or(THING)
}

/// A word of a fixed list; empty for none.
fn word<T: PartialEq>(all: &[(&'static str, T)], one: Option<T>) -> Arc<str> {
    let found = one.and_then(|one| all.iter().find(|(_, other)| *other == one));
    found.map_or_else(Arc::default, |(name, _)| (*name).into())
}

/// The ids of entities: their property `id` where it can be one and nobody else has it, else one of their own.
fn ids(entities: &[&NodeData]) -> HashMap<u64, Arc<str>> {
    let fit = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let own = |node: &NodeData| {
        let (_, value) = node.properties.iter().find(|(key, _)| &**key == "id")?;
        let text = match value {
            Value::Str(text) => text.to_string(),
            other => value_text::scalar(other)?,
        };
        fit(&text).then_some(text)
    };
    let mut count: HashMap<String, usize> = HashMap::new();
    entities.iter().filter_map(|node| own(node)).for_each(|id| *count.entry(id).or_default() += 1);
    let free = |number: u64| {
        let mut id = format!("n{number}");
        while count.contains_key(&id) {
            id.push('_');
        }
        id
    };
    let id = |node: &&NodeData| match own(node).filter(|id| count.get(id) == Some(&1)) {
        Some(id) => (node.id, id.into()),
        None => (node.id, free(node.id).into()),
    };
    entities.iter().map(id).collect()
}

/// Every kind that an entity has, or a relation takes.
fn kinds(dataset: &Dataset) -> Vec<Kind> {
    let mut records: Vec<Kind> = Vec::new();
    let taken = dataset.relations.iter().flat_map(|r| [&r.domain, &r.range]).flat_map(|cell| cell.split_whitespace());
    let taken = taken.filter(|word| !["any", "quantity", "date", "text"].contains(word));
    let mut known = HashSet::new();
    for kind in dataset.entities.iter().map(|entity| &*entity.kind).chain(taken) {
        if known.insert(kind) {
            records.push(Kind { id: kind.into(), ..Kind::default() });
        }
    }
    records
}

/// The place of a mention as a table can say it; nothing for a document as a whole.
fn in_paragraph(at: Locator) -> Option<Locator> {
    (at.paragraph > 0).then_some(at)
}

#[cfg(test)]
mod tests;
