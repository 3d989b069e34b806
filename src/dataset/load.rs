//! Tables to graph: entities, literals and sources become nodes, facts become relationships, mentions
//! become evidence, the relation table becomes the vocabulary.
//!
//! ```text
//!  (:Entity:institution {id, name, kind, aliases, …})      (:Literal:Quantity {value, unit, bound, name})
//!        │                                                        ▲
//!        └──[:has-quantity {fact, measure, evaluative, confidence, wording, …}]──┘   ◄── mentions
//! ```
//!
//! A fact is what has the same subject, relation, object and measure; the qualifiers of its mentions
//! become its properties: one value when they agree, the list of the distinct values when they do not.
//! `docs/dataset.md` gives the whole mapping.

use std::sync::Arc;

use super::record::{
    Alias, AliasStatus, Dataset, Entity, GroupKey, MentionRecord, Meta, Object, Relation, SourceRecord,
};
use crate::error::{Error, Result};
use crate::graph::{KeyId, LabelId};
use crate::lineage::lives;
use crate::provenance::{
    Algebra, Claim, Confidence, Conflict, Descent, Fate, Frame, Gathers, KnowledgeGraph, Locator, Mention, NameUse,
    Origin, Place, QualifierType, Reading, RelationType, Role, Side, Source, SourceId, grouping, reserved, values,
};
use crate::value::edtf::Edtf;
use crate::value::hash::{DataMap, DataSet};
use crate::value::quantity::{Number, Quantity, in_words};
use crate::value::{NodeRef, RelRef, Value};

/// Loads a dataset into a graph of its own.
///
/// Errors: `DataError` for a fact that names something no table declares (which [`super::check`] finds
/// first), and what the graph itself refuses.
pub(crate) fn load(dataset: &Dataset) -> Result<KnowledgeGraph> {
    let mut loaded = KnowledgeGraph::default();
    load_into(dataset, &mut loaded)?;
    loaded.graph.commit();
    Ok(loaded)
}

/// Loads a dataset into a graph that may hold something already; the nodes are new ones. Nothing is
/// committed; after an error the caller rolls the graph back and drops evidence and vocabulary.
///
/// Errors: as [`load`].
pub(crate) fn load_into(dataset: &Dataset, into: &mut KnowledgeGraph) -> Result<()> {
    let vocabulary = into.vocabulary_mut();
    for relation in &dataset.relations {
        vocabulary.declare(relation_type(relation));
    }
    for qualifier in &dataset.qualifiers {
        let (key, relation) = (qualifier.key.clone(), qualifier.relation.clone());
        let (definition, reading) = (qualifier.definition.clone(), qualifier.reading);
        vocabulary.declare_qualifier(QualifierType { key, relation, definition, reading });
    }
    vocabulary.frame = frame(&dataset.meta);
    let mut loader = Loader::new(dataset, into)?;
    for entity in &dataset.entities {
        loader.entity(entity)?;
    }
    for source in &dataset.sources {
        loader.source(source)?;
    }
    loader.places()?;
    for entity in &dataset.entities {
        loader.life(entity)?;
    }
    loader.facts()?;
    loader.conflicts()?;
    let nodes: Vec<NodeRef> = dataset.entities.iter().filter_map(|e| loader.entities.get(&*e.id).copied()).collect();
    let (graph, evidence, vocabulary) = into.parts_mut();
    lives::settle(graph, evidence, vocabulary, &nodes)
}

const ALIASES: &str = "aliases.csv";
const ENTITIES: &str = "entities.csv";
const MENTIONS: &str = "mentions.csv";

type Properties = Vec<(KeyId, Value)>;

struct Loader<'a> {
    data: &'a Dataset,
    into: &'a mut KnowledgeGraph,
    keys: DataMap<&'a str, KeyId>,
    labels: DataMap<&'a str, LabelId>,
    entities: DataMap<&'a str, NodeRef>,
    sources: DataMap<&'a str, SourceId>,
    literals: DataMap<String, NodeRef>,
    /// The first fact with a subject, relation and object, whatever is measured.
    rels: DataMap<(&'a str, &'a str, &'a str), RelRef>,
    names: DataMap<&'a str, Vec<&'a super::Alias>>,
    by_entity: DataMap<&'a str, &'a SourceRecord>,
    /// The mentions that others correct: plain answers are without them.
    corrected: DataSet<&'a str>,
}

impl<'a> Loader<'a> {
    fn new(data: &'a Dataset, into: &'a mut KnowledgeGraph) -> Result<Self> {
        let mut names: DataMap<&str, Vec<&super::Alias>> = DataMap::default();
        for alias in &data.aliases {
            names.entry(&alias.entity).or_default().push(alias);
        }
        let corrections = data.mentions.iter().flat_map(|mention| &mention.qualifiers);
        let corrections = corrections.filter(|(key, _)| &**key == reserved::CORRECTS);
        Ok(Self {
            data,
            into,
            keys: DataMap::default(),
            labels: DataMap::default(),
            entities: DataMap::default(),
            sources: DataMap::default(),
            literals: DataMap::default(),
            rels: DataMap::default(),
            names,
            by_entity: data.sources.iter().filter(|s| !s.entity.is_empty()).map(|s| (&*s.entity, s)).collect(),
            corrected: corrections.map(|(_, id)| &**id).collect(),
        })
    }

    fn key(&mut self, name: &'a str) -> Result<KeyId> {
        if let Some(key) = self.keys.get(name) {
            return Ok(*key);
        }
        // r.with-consent-of would be a subtraction
        let key = self.into.graph.ensure_key(&name.replace('-', "_"))?;
        self.keys.insert(name, key);
        Ok(key)
    }

    fn label(&mut self, name: &'a str) -> Result<LabelId> {
        if let Some(label) = self.labels.get(name) {
            return Ok(*label);
        }
        let label = self.into.graph.ensure_label(name)?;
        self.labels.insert(name, label);
        Ok(label)
    }

    /// Adds a text property; an empty cell is none.
    fn put(&mut self, to: &mut Properties, key: &'a str, text: &Arc<str>) -> Result<()> {
        if !text.is_empty() {
            to.push((self.key(key)?, Value::Str(text.clone())));
        }
        Ok(())
    }

    fn entity(&mut self, entity: &'a Entity) -> Result<()> {
        let mut labels = vec![self.label("Entity")?, self.label(&entity.kind)?];
        let mut properties = Properties::new();
        for (key, text) in [
            ("id", &entity.id),
            ("name", &entity.name),
            ("kind", &entity.kind),
            ("start", &entity.start),
            ("end", &entity.end),
            ("note", &entity.note),
        ] {
            self.put(&mut properties, key, text)?;
        }
        self.aliases(entity, &mut properties)?;
        if let Some(source) = self.by_entity.get(&*entity.id).copied() {
            labels.push(self.label("Source")?);
            self.document(source, &mut properties)?;
        }
        let node = self.into.graph.create_node(&labels, properties)?;
        self.entities.insert(&entity.id, node);
        Ok(())
    }

    /// `aliases`: every other name. `name_kk`, `name_ru`, …: the first name in a language that is not the
    /// dataset's; a second script of it as `name_kk_latn`.
    fn aliases(&mut self, entity: &'a Entity, properties: &mut Properties) -> Result<()> {
        let Some(aliases) = self.names.remove(&*entity.id) else { return Ok(()) };
        let mut all: Vec<Value> = Vec::with_capacity(aliases.len());
        let mut languages: Vec<(&str, &str)> = Vec::new();
        for alias in aliases {
            if alias.name == entity.name {
                continue;
            }
            let name = Value::Str(alias.name.clone());
            all.push(name.clone());
            let (language, script) = (&*alias.language, &*alias.script);
            let foreign = !language.is_empty() && *language != *self.data.meta.language;
            if !foreign || languages.contains(&(language, script)) || alias.status == AliasStatus::Description {
                continue;
            }
            let first = !languages.iter().any(|(known, _)| *known == language);
            let key =
                if first { format!("name_{language}") } else { format!("name_{language}_{}", script.to_lowercase()) };
            properties.push((self.into.graph.ensure_key(&key)?, name));
            languages.push((language, script));
        }
        if !all.is_empty() {
            properties.push((self.key("aliases")?, Value::list(all)?));
        }
        Ok(())
    }

    fn document(&mut self, source: &'a SourceRecord, properties: &mut Properties) -> Result<()> {
        for (key, text) in [
            ("source", &source.id),
            ("title", &source.title),
            ("genre", &source.genre),
            ("author", &source.author),
            ("publisher", &source.publisher),
            ("date", &source.date),
            ("group", &source.group),
            ("language", &source.language),
            ("url", &source.url),
        ] {
            self.put(properties, key, text)?;
        }
        if source.paragraphs > 0 {
            properties.push((self.key("paragraphs")?, Value::Int(i64::from(source.paragraphs))));
        }
        Ok(())
    }

    fn source(&mut self, source: &'a SourceRecord) -> Result<()> {
        let node = match self.entities.get(&*source.entity) {
            Some(node) => *node,
            None => {
                let mut properties = Properties::new();
                self.put(&mut properties, "name", &source.title)?;
                self.document(source, &mut properties)?;
                let label = self.label("Source")?;
                self.into.graph.create_node(&[label], properties)?
            }
        };
        let source_of = Source {
            id: source.id.clone(),
            node: Some(node),
            title: source.title.clone(),
            group: source.group.clone(),
            date: source.date.clone(),
            derives_from: source.derives_from.clone(),
            reading: Reading {
                during: source.during.clone(),
                complete: source.complete.clone(),
                end_exclusive: match &*source.end {
                    "exclusive" => Some(true),
                    "inclusive" => Some(false),
                    _ => None,
                },
                about: source.about.clone(),
                unknown: source.unknown.clone(),
            },
        };
        let known = self.into.evidence_mut().add_source(source_of);
        self.sources.insert(&source.id, known.ok_or_else(full)?);
        Ok(())
    }

    /// Where each entity is named or meant, and what it is called there.
    fn places(&mut self) -> Result<()> {
        let data = self.data;
        for alias in &data.aliases {
            self.name(alias)?;
        }
        let named = data.aliases.iter().map(|alias| (&alias.entity, &alias.used_in, "aliases.csv", alias.row));
        let meant = data.entities.iter().map(|e| (&e.id, &e.by_reference, "entities.csv", e.row));
        for (entity, places, file, row) in named.chain(meant) {
            let node = self.node(entity, file, row)?;
            for (source, at) in places {
                let place = Place { source: self.source_id(source, file, row)?, at: *at };
                self.into.evidence_mut().add_place(node, place).ok_or_else(full)?;
            }
        }
        Ok(())
    }

    fn name(&mut self, alias: &'a Alias) -> Result<()> {
        let node = self.node(&alias.entity, ALIASES, alias.row)?;
        let mut places = Vec::with_capacity(alias.used_in.len());
        for (source, at) in &alias.used_in {
            places.push(Place { source: self.source_id(source, ALIASES, alias.row)?, at: *at });
        }
        let stated_at = match &alias.stated_at {
            Some((source, at)) => Some(Place { source: self.source_id(source, ALIASES, alias.row)?, at: *at }),
            None => None,
        };
        let (name, language, script) = (alias.name.clone(), alias.language.clone(), alias.script.clone());
        let (status, from, to) = (alias.status_word.clone(), alias.from.clone(), alias.to.clone());
        let name = NameUse { name, language, script, status, from, to, stated_at, places: places.into() };
        self.into.evidence_mut().add_name(node, name).ok_or_else(full)
    }

    /// The life that a row of entities.csv states, with the place that states it.
    fn life(&mut self, entity: &'a Entity) -> Result<()> {
        let Some((source, at)) = &entity.stated_at else { return Ok(()) };
        let node = self.node(&entity.id, ENTITIES, entity.row)?;
        let place = Place { source: self.source_id(source, ENTITIES, entity.row)?, at: *at };
        let sides = [("start", &entity.start), ("end", &entity.end)].into_iter().filter(|(_, text)| !text.is_empty());
        let qualifiers = sides.map(|(key, text)| (Arc::from(key), text.clone())).collect();
        let (confidence, fingerprint) = (Confidence::default(), 0);
        let mention = Mention { id: Arc::default(), place, confidence, fingerprint, qualifiers };
        self.into.evidence_mut().add_exists(node, mention).ok_or_else(full)?;
        self.into.evidence_mut().add_place(node, place).ok_or_else(full)
    }

    fn facts(&mut self) -> Result<()> {
        let mut facts: Vec<Vec<&'a MentionRecord>> = Vec::new();
        let mut known: DataMap<GroupKey<'a>, usize> = DataMap::default();
        for mention in &self.data.mentions {
            if self.lone(mention)? {
                continue;
            }
            let at = *known.entry(mention.key()).or_insert_with(|| {
                facts.push(Vec::new());
                facts.len() - 1
            });
            facts[at].push(mention);
        }
        for mentions in facts {
            self.group(&mentions)?;
        }
        Ok(())
    }

    /// Takes a mention that is of no relationship: of the life of its subject, or of one side of an event.
    fn lone(&mut self, record: &'a MentionRecord) -> Result<bool> {
        let (subject, object) = (&record.subject, &record.object);
        let side = match object {
            Object::Nothing => Side::Start,
            Object::Entity(_) if subject.is_empty() => Side::End,
            _ => return Ok(false),
        };
        let mention = self.mention(record)?;
        let name = if side == Side::Start { subject } else { record.object.shared() };
        let node = self.node(name, MENTIONS, record.row)?;
        let paragraph = Place { at: Locator::paragraph(record.at.paragraph), ..mention.place };
        let evidence = self.into.evidence_mut();
        evidence.add_place(node, paragraph).ok_or_else(full)?;
        let event = mention.event().map(Arc::<str>::from);
        let added = match event {
            Some(event) => evidence.add_part(&event, &record.relation, side, node, mention),
            None => evidence.add_exists(node, mention),
        };
        added.map(|_| true).ok_or_else(full)
    }

    fn mention(&self, record: &'a MentionRecord) -> Result<Mention> {
        Ok(Mention {
            id: record.id.clone(),
            place: Place { source: self.source_id(&record.source, MENTIONS, record.row)?, at: record.at },
            confidence: record.confidence,
            fingerprint: record.fingerprint,
            qualifiers: record.qualifiers.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        })
    }

    /// The relationships of a group: one for each of its facts.
    fn group(&mut self, records: &[&'a MentionRecord]) -> Result<()> {
        let Some(first) = records.first() else { return Ok(()) };
        let mentions = records.iter().map(|record| self.mention(record)).collect::<Result<Vec<Mention>>>()?;
        let all: Vec<&Mention> = mentions.iter().collect();
        let facts = grouping::facts(&all, &first.relation, &self.into.vocabulary, self.into.evidence.sources());
        let start = self.node(&first.subject, MENTIONS, first.row)?;
        let mut rels = Vec::with_capacity(facts.own.len());
        for own in &facts.own {
            let of_fact: Vec<&'a MentionRecord> = own.iter().map(|at| records[*at]).collect();
            rels.push(self.fact(start, &of_fact, &own.iter().map(|at| all[*at]).collect::<Vec<_>>())?);
        }
        let mut mentions: Vec<Option<Mention>> = mentions.into_iter().map(Some).collect();
        for (own, rel) in facts.own.iter().zip(&rels) {
            for mention in own.iter().filter_map(|at| mentions[*at].take()) {
                self.into.evidence_mut().add_mention(*rel, mention).ok_or_else(full)?;
            }
        }
        for (at, fits) in facts.either {
            let rels: Vec<RelRef> = fits.into_iter().map(|fact| rels[fact]).collect();
            if let Some(mention) = mentions[at].take() {
                self.into.evidence_mut().add_either(&rels, mention).ok_or_else(full)?;
            }
        }
        let Some((first, others)) = rels.split_first() else { return Ok(()) };
        for mention in facts.denials.into_iter().filter_map(|at| mentions[at].take()) {
            let denial = self.into.evidence_mut().add_mention(*first, mention).ok_or_else(full)?;
            others.iter().for_each(|rel| self.into.evidence_mut().add_denial(*rel, denial));
        }
        Ok(())
    }

    fn fact(&mut self, start: NodeRef, records: &[&'a MentionRecord], mentions: &[&Mention]) -> Result<RelRef> {
        let Some(first) = records.first() else { return Err(Error::data("a fact without mentions")) };
        let end = match &first.object {
            Object::Entity(id) => self.node(id, MENTIONS, first.row)?,
            literal => self.literal(literal, records)?,
        };
        let ty = self.into.graph.ensure_type(&first.relation)?;
        // a fact of which every mention is corrected keeps what they say: it is seen as of before the correction
        let standing: Vec<&Mention> =
            mentions.iter().copied().filter(|mention| !self.corrected.contains(&*mention.id)).collect();
        let properties = self.properties(&first.relation, if standing.is_empty() { mentions } else { &standing })?;
        let rel = self.into.graph.create_rel(start, end, ty, properties)?;
        self.rels.entry((&first.subject, &first.relation, first.object.text())).or_insert(rel);
        for record in records {
            let source = self.source_id(&record.source, MENTIONS, record.row)?;
            let paragraph = Place { source, at: Locator::paragraph(record.at.paragraph) };
            let evidence = self.into.evidence_mut();
            evidence.add_place(start, paragraph).ok_or_else(full)?;
            if matches!(record.object, Object::Entity(_)) {
                evidence.add_place(end, paragraph).ok_or_else(full)?;
            }
        }
        Ok(rel)
    }

    /// The properties of a fact, from the qualifiers of its mentions.
    fn properties(&mut self, relation: &str, mentions: &[&Mention]) -> Result<Properties> {
        let KnowledgeGraph { graph, evidence, vocabulary } = &mut *self.into;
        let stated = values::of_fact(evidence, vocabulary, relation, mentions)?;
        stated.into_iter().map(|(key, value)| Ok((graph.ensure_key(&key)?, value))).collect()
    }

    /// The node of a literal: one for each distinct value with its unit, bound and reading.
    fn literal(&mut self, object: &'a Object, mentions: &[&'a MentionRecord]) -> Result<NodeRef> {
        let nothing = Arc::default();
        let stated = |key: &'static str| {
            let mut values = mentions.iter().flat_map(|m| &m.qualifiers).filter(|(k, _)| &**k == key);
            values.find(|(_, value)| &**value != "not stated").map_or(&nothing, |(_, value)| value)
        };
        let (bound, unit, edtf) = (stated("bound"), stated("unit"), stated("edtf"));
        let known = format!("{}\0{}\0{bound}\0{unit}\0{edtf}", object.type_name(), object.text());
        if let Some(node) = self.literals.get(&known) {
            return Ok(*node);
        }
        let mut properties = Properties::new();
        let label = match object {
            Object::Quantity(text) => {
                self.quantity(text, bound, unit, &mut properties)?;
                "Quantity"
            }
            Object::Date(text) => {
                self.date(text, if edtf.is_empty() { text } else { edtf }, &mut properties)?;
                "Date"
            }
            Object::Nothing => return Err(Error::data("a fact needs an object")),
            Object::Text(text) | Object::Entity(text) => {
                self.put(&mut properties, "value", text)?;
                self.put(&mut properties, "name", text)?;
                "Text"
            }
        };
        let labels = [self.label("Literal")?, self.label(label)?];
        let node = self.into.graph.create_node(&labels, properties)?;
        self.literals.insert(known, node);
        Ok(node)
    }

    fn quantity(&mut self, text: &Arc<str>, bound: &Arc<str>, unit: &Arc<str>, to: &mut Properties) -> Result<()> {
        let Some(quantity) = Quantity::parse(text) else {
            self.put(to, "value", text)?;
            return self.put(to, "name", text);
        };
        to.push((self.key("value")?, number_value(quantity.value)));
        if let Some(upper) = quantity.upper {
            to.push((self.key("upper")?, number_value(upper)));
        }
        let unit = if quantity.unit.is_empty() { unit.clone() } else { quantity.unit.into() };
        self.put(to, "unit", &unit)?;
        self.put(to, "bound", bound)?;
        to.push((self.key("name")?, Value::from(in_words(text, bound, &unit))));
        Ok(())
    }

    /// `value` as the table has it, `edtf` its reading, `earliest` and `latest` the days it can be.
    fn date(&mut self, text: &Arc<str>, edtf: &Arc<str>, to: &mut Properties) -> Result<()> {
        self.put(to, "value", text)?;
        self.put(to, "name", text)?;
        self.put(to, "edtf", edtf)?;
        let Ok(date) = Edtf::parse(edtf) else { return Ok(()) };
        for (key, day) in [("earliest", date.earliest()), ("latest", date.latest())] {
            if let Some(day) = day {
                to.push((self.key(key)?, Value::Date(day)));
            }
        }
        Ok(())
    }

    fn conflicts(&mut self) -> Result<()> {
        for conflict in &self.data.conflicts {
            let mut sides = Vec::with_capacity(2);
            for side in &conflict.sides {
                let key = (&*side.subject, &*side.relation, &*side.object);
                let Some(rel) = self.rels.get(&key).copied() else {
                    let message = format!("nobody asserts `{} | {} | {}`", key.0, key.1, key.2);
                    return Err(undeclared("conflicts.csv", conflict.row, &message));
                };
                let sources: Result<Box<[SourceId]>> =
                    side.sources.iter().map(|id| self.source_id(id, "conflicts.csv", conflict.row)).collect();
                sides.push(Claim { rel, sources: sources? });
            }
            let Ok(sides) = <[Claim; 2]>::try_from(sides) else { continue };
            self.into.vocabulary_mut().conflicts.push(Conflict {
                id: (&*conflict.id).into(),
                kind: (&*conflict.kind).into(),
                topic: (&*conflict.topic).into(),
                sides,
                note: (&*conflict.note).into(),
            });
        }
        Ok(())
    }

    fn node(&self, entity: &str, file: &str, row: u32) -> Result<NodeRef> {
        let node = self.entities.get(entity).copied();
        node.ok_or_else(|| undeclared(file, row, &format!("there is no entity `{entity}`")))
    }

    fn source_id(&self, source: &str, file: &str, row: u32) -> Result<SourceId> {
        let id = self.sources.get(source).copied();
        id.ok_or_else(|| undeclared(file, row, &format!("there is no source `{source}`")))
    }
}

fn undeclared(file: &str, row: u32, message: &str) -> Error {
    Error::data(format!("{file}, row {row}: {message}")).hint("`shejire check FOLDER` lists every problem")
}

fn full() -> Error {
    Error::data("there are more sources or mentions than the graph can number")
}

fn number_value(number: Number) -> Value {
    match number {
        Number::Int(n) => Value::Int(n),
        Number::Float(n) => Value::Float(n),
    }
}

fn frame(meta: &Meta) -> Frame {
    Frame {
        format: meta.format,
        end_exclusive: meta.end_exclusive,
        about: meta.about.clone(),
        unknown: meta.unknown.clone(),
        implicit_agent: meta.implicit_agent.clone(),
    }
}

/// The side on which the relationships of one event meet: as declared; where nothing is, as mergers and splits do.
fn gathers(relation: &Relation) -> Option<Gathers> {
    match (&*relation.gathers, &*relation.lineage) {
        ("successor", _) | ("", "merged") => Some(Gathers::Successor),
        ("predecessor", _) | ("", "split") => Some(Gathers::Predecessor),
        _ => None,
    }
}

fn relation_type(relation: &Relation) -> RelationType {
    let words = |cell: &str| cell.split_whitespace().filter(|w| *w != "any").map(Arc::from).collect();
    let any = |cell: &str| cell.split_whitespace().any(|word| word == "any");
    let kinds = |cell: &str| if any(cell) { Box::default() } else { words(cell) };
    let descent = Role::parse(&relation.role).map(|role| Descent {
        role,
        side: if &*relation.side == "subject" { Side::Start } else { Side::End },
        kind: (!relation.lineage.is_empty()).then(|| Arc::from(&*relation.lineage)),
        gathers: gathers(relation),
        predecessor: Fate::parse(&relation.predecessor),
        successor: Origin::parse(&relation.successor),
        wording: relation.wording.clone(),
    });
    RelationType {
        name: (&*relation.id).into(),
        definition: (&*relation.definition).into(),
        inverse: (&*relation.inverse).into(),
        domain: kinds(&relation.domain),
        range: kinds(&relation.range),
        algebra: match &*relation.algebra {
            "transitive" => Algebra::Transitive,
            "symmetric" => Algebra::Symmetric,
            _ => Algebra::Plain,
        },
        descent,
        contradicts: words(&relation.contradicts),
        single_valued: &*relation.single_valued == "yes",
        repeats: match &*relation.repeats {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        terms: words(&relation.terms),
    }
}
