//! Constraints that no index answers for: uniqueness and keys over several properties, keys of nodes and relationships,
//! existence on relationships, types of values.
//!
//! ```text
//! a write ─► journal: slots that are not judged ─► validate: judged, and entered among the values
//!                                               └► commit of what a log says: entered, not judged again
//! ```
//!
//! For uniqueness each keeps a hash of the values of every node or relationship it is about, made when first needed. It
//! lies in pages and shards that clones of the graph share, and changes no answer.

use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::change::Change;
use super::is_type;
use super::paged::Paged;
use super::schema::{shown, violation};
use super::shards::Shards;
use super::slot_set::SlotSet;
use super::{Graph, IndexKind, KeyId, LabelId, RelTypeId, next_version};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::value::hash::hasher;
use crate::value::order::{equal, hash_equivalent};
use crate::value::{NodeRef, RelRef, Value};

/// What a constraint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
    /// The nodes with a label.
    Nodes(LabelId),
    /// The relationships of a type.
    Rels(RelTypeId),
}

/// What a constraint demands of the properties it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// No two have the same values; who lacks one of them is not compared.
    Unique,
    /// Each has them all.
    Exists,
    /// Both.
    Key,
    /// Values are of this type, as [`is_type`] reads it; who has none is not asked.
    Type(Arc<str>),
}

/// A constraint as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConstraintDefinition {
    /// Its name, unique among indexes and constraints.
    pub name: Arc<str>,
    /// What it is about.
    pub subject: Subject,
    /// The properties it names, in the order written; never empty.
    pub keys: SmallVec<[KeyId; 2]>,
    /// What it demands of them.
    pub demand: Demand,
}

impl ConstraintDefinition {
    fn is_unique(&self) -> bool {
        matches!(self.demand, Demand::Unique | Demand::Key)
    }
}

/// All constraints, and what is known of the values they compare. Cloning costs a reference count for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints {
    list: Arc<Vec<ConstraintDefinition>>,
    /// In the order of the list; only of those about uniqueness that have been asked.
    values: Vec<Option<Arc<Values>>>,
}

/// The hash of the values of each slot that has them all, and the way back.
#[derive(Clone, Debug, Default)]
struct Values {
    /// 0: it is not among them.
    of_slot: Paged<u64, 256>,
    slots: Shards<FxHashMap<u64, SmallVec<[u32; 1]>>>,
}

impl Values {
    fn has(&self, slot: u32) -> bool {
        self.of_slot.get(slot) != 0
    }

    /// The slots that have the hash.
    fn of(&self, hash: u64) -> &[u32] {
        self.slots.of(hash).get(&hash).map_or(&[], |slots| slots)
    }

    fn put(&mut self, slot: u32, hash: u64) {
        self.of_slot.set(slot, hash);
        self.slots.of_mut(hash).entry(hash).or_default().push(slot);
        if self.slots.gain(1) {
            self.slots.grow(|old, leaves| old.extract_if(|hash, _| leaves(*hash)).collect());
        }
    }

    fn take(&mut self, slot: u32) {
        let hash = self.of_slot.get(slot);
        if hash == 0 {
            return;
        }
        self.of_slot.set(slot, 0);
        self.slots.lose(1);
        let shard = self.slots.of_mut(hash);
        if let Some(slots) = shard.get_mut(&hash) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                shard.remove(&hash);
            }
        }
    }
}

impl Constraints {
    pub(super) fn all(&self) -> &[ConstraintDefinition] {
        &self.list
    }

    /// Adds one of which nobody has asked yet.
    pub(super) fn put(&mut self, definition: ConstraintDefinition) {
        Arc::make_mut(&mut self.list).push(definition);
        self.values.push(None);
    }

    fn take(&mut self, name: &str) -> Option<ConstraintDefinition> {
        let at = self.list.iter().position(|definition| *definition.name == *name)?;
        self.values.remove(at);
        Some(Arc::make_mut(&mut self.list).remove(at))
    }
}

/// Why a graph looks at what was written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Because {
    /// It may break a constraint.
    Asked,
    /// It was judged where it was done first.
    Replayed,
}

impl Graph {
    /// Declares a constraint; without a name it gets one from what it says. Errors: `ConstraintAlreadyExists`;
    /// `ConstraintViolation` when the graph breaks it. Then nothing was declared.
    pub(crate) fn create_constraint(
        &mut self,
        name: Option<&str>,
        subject: Subject,
        keys: &[KeyId],
        demand: Demand,
    ) -> Result<()> {
        let definition = ConstraintDefinition {
            name: name.map_or_else(|| self.constraint_name(subject, keys, &demand).into(), Arc::from),
            subject,
            keys: keys.into(),
            demand,
        };
        self.check_new(&definition)?;
        let values = self.judge_all(&definition)?;
        self.declare(definition);
        if let Some(last) = self.constraints.values.last_mut() {
            *last = values.map(Arc::new);
        }
        Ok(())
    }

    /// The same without asking whether the graph keeps it.
    pub(super) fn declare_constraint(&mut self, definition: ConstraintDefinition) -> Result<()> {
        self.check_new(&definition)?;
        self.declare(definition);
        Ok(())
    }

    /// Whether there is room for it beside the others. Errors: `ConstraintAlreadyExists`.
    fn check_new(&self, definition: &ConstraintDefinition) -> Result<()> {
        let alike = |other: &&ConstraintDefinition| {
            other.name == definition.name
                || (other.subject, &other.keys) == (definition.subject, &definition.keys)
                    && std::mem::discriminant(&other.demand) == std::mem::discriminant(&definition.demand)
        };
        if let Some(there) = self.constraints.all().iter().find(alike) {
            let message = format!("the constraint {} ({}) exists already", there.name, self.constraint_in_words(there));
            return Err(exists_already(message));
        }
        if self.has_named(&definition.name) {
            return Err(exists_already(format!("something else is called {} already", definition.name)));
        }
        Ok(())
    }

    fn declare(&mut self, definition: ConstraintDefinition) {
        if let Subject::Nodes(label) = definition.subject {
            Arc::make_mut(&mut self.labels).know(label);
        }
        self.schema_version = next_version();
        self.journal.record(|| Change::ConstraintCreated(definition.clone()));
        self.constraints.put(definition);
    }

    /// Drops a constraint; false when there is none of that name.
    pub(crate) fn drop_constraint(&mut self, name: &str) -> bool {
        let Some(definition) = self.constraints.take(name) else { return false };
        if self.constraints.all().is_empty() {
            self.all_judged();
        }
        self.schema_version = next_version();
        self.journal.record(|| Change::ConstraintDropped { name: definition.name });
        true
    }

    /// The constraints that no index answers for, in the order they were declared.
    pub(crate) fn constraint_definitions(&self) -> &[ConstraintDefinition] {
        self.constraints.all()
    }

    /// A constraint as a statement says it, without `CREATE CONSTRAINT` and its name.
    pub(crate) fn constraint_in_words(&self, definition: &ConstraintDefinition) -> String {
        let on = match definition.subject {
            Subject::Nodes(label) => format!("(n:{})", self.label_name(label)),
            Subject::Rels(ty) => format!("()-[n:{}]-()", self.type_name(ty)),
        };
        let keys: Vec<String> = definition.keys.iter().map(|key| format!("n.{}", self.key_name(*key))).collect();
        let keys = if keys.len() == 1 { keys.concat() } else { format!("({})", keys.join(", ")) };
        let demand = match &definition.demand {
            Demand::Unique => "IS UNIQUE".to_owned(),
            Demand::Exists => "IS NOT NULL".to_owned(),
            Demand::Key => "IS KEY".to_owned(),
            Demand::Type(ty) => format!("IS :: {ty}"),
        };
        format!("FOR {on} REQUIRE {keys} {demand}")
    }

    /// How many indexes and constraints there are.
    pub(crate) fn index_and_constraint_count(&self) -> u64 {
        (self.index_definitions().len() + self.text_definitions().count() + self.constraints.all().len()) as u64
    }

    /// Judges what was written since the last time. Errors: `ConstraintViolation`, naming the node or relationship;
    /// then the graph is to be dropped.
    pub(crate) fn check_constraints(&mut self) -> Result<()> {
        for index in self.indexes.all().filter(|i| i.definition.kind == IndexKind::Exists) {
            self.check_exists(&index.definition)?;
        }
        self.judge_written(Because::Asked)
    }

    /// Notes the values that were written and not judged, so that later ones are compared with them.
    pub(super) fn follow_constraints(&mut self) {
        // what was judged where it was done first is not refused
        let _ = self.judge_written(Because::Replayed);
    }

    fn judge_written(&mut self, because: Because) -> Result<()> {
        if self.journal.unjudged_nodes.is_empty() && self.journal.unjudged_rels.is_empty() {
            return Ok(());
        }
        let mut values = std::mem::take(&mut self.constraints.values);
        let mut each = self.constraints.all().iter().zip(&mut values);
        let done = each.try_for_each(|(definition, values)| self.judge(definition, values, because));
        self.constraints.values = values;
        done?; // what is not judged stays noted
        self.all_judged();
        Ok(())
    }

    fn all_judged(&mut self) {
        self.journal.unjudged_nodes = SlotSet::default();
        self.journal.unjudged_rels = SlotSet::default();
    }

    /// Every constraint that does not hold, and every one that remembers other values than there are, in words.
    pub(super) fn broken_constraints(&self) -> Vec<String> {
        let each = self.constraints.all().iter().zip(&self.constraints.values);
        let broken = each.filter_map(|(definition, known)| match self.judge_all(definition) {
            Err(error) => Some(format!("constraint {}: {}", definition.name, error.message())),
            Ok(found) => {
                let (found, known) = (found?, known.as_ref()?);
                let slots = self.slots_of(definition.subject);
                let same = found.slots.weight() == known.slots.weight()
                    && slots.iter().all(|slot| found.of_slot.get(*slot) == known.of_slot.get(*slot));
                let is_judged = self.journal.unjudged_nodes.is_empty() && self.journal.unjudged_rels.is_empty();
                (is_judged && !same)
                    .then(|| format!("constraint {} remembers other values than there are", definition.name))
            }
        });
        broken.collect()
    }

    /// Whether everything keeps a constraint; the values of one about uniqueness.
    fn judge_all(&self, definition: &ConstraintDefinition) -> Result<Option<Values>> {
        let slots = self.slots_of(definition.subject);
        slots.iter().try_for_each(|slot| self.judge_alone(definition, *slot))?;
        definition.is_unique().then(|| self.values(definition, &slots, Because::Asked)).transpose()
    }

    fn values(&self, definition: &ConstraintDefinition, slots: &[u32], because: Because) -> Result<Values> {
        let mut values = Values::default();
        self.enter(definition, slots, &mut values, because).map(|()| values)
    }

    /// Whether what was written keeps a constraint.
    fn judge(
        &self,
        definition: &ConstraintDefinition,
        values: &mut Option<Arc<Values>>,
        because: Because,
    ) -> Result<()> {
        let written = match definition.subject {
            Subject::Nodes(_) => &self.journal.unjudged_nodes,
            Subject::Rels(_) => &self.journal.unjudged_rels,
        };
        let is_about = |slot: &u32| self.is_about(definition, *slot);
        if because == Because::Asked {
            written.iter().filter(is_about).try_for_each(|slot| self.judge_alone(definition, slot))?;
        }
        match values {
            _ if !definition.is_unique() => {}
            Some(values) => {
                let slots: Vec<u32> = written.iter().filter(|slot| is_about(slot) || values.has(*slot)).collect();
                if !slots.is_empty() {
                    self.enter(definition, &slots, Arc::make_mut(values), because)?;
                }
            }
            // the first time everything is looked at
            None if because == Because::Asked && written.iter().any(|slot| is_about(&slot)) => {
                let all = self.slots_of(definition.subject);
                *values = Some(Arc::new(self.values(definition, &all, because)?));
            }
            None => {}
        }
        Ok(())
    }

    /// Puts these slots among the values with what they have now. Errors: `ConstraintViolation`; after it the same slots
    /// may be entered again.
    fn enter(
        &self,
        definition: &ConstraintDefinition,
        slots: &[u32],
        values: &mut Values,
        because: Because,
    ) -> Result<()> {
        // what is no more what it was must not stand in the way of what is
        slots.iter().for_each(|slot| values.take(*slot));
        for slot in slots.iter().copied().filter(|slot| self.is_about(definition, *slot)) {
            let Some(own) = self.values_of(definition, slot) else { continue };
            let mut hasher = hasher();
            own.iter().for_each(|value| hash_equivalent(value, &mut hasher));
            let hash = hasher.finish().max(1);
            if because == Because::Asked {
                let same = |other: &&u32| {
                    let theirs = self.values_of(definition, **other).unwrap_or_default();
                    own.len() == theirs.len() && own.iter().zip(&theirs).all(|(a, b)| equal(a, b) == Some(true))
                };
                if let Some(other) = values.of(hash).iter().find(same) {
                    return Err(self.twice(definition, (*other, slot), &own));
                }
            }
            values.put(slot, hash);
        }
        Ok(())
    }

    /// What a constraint demands of one thing, whatever others there are.
    fn judge_alone(&self, definition: &ConstraintDefinition, slot: u32) -> Result<()> {
        for key in &definition.keys {
            let value = self.value_of(definition, slot, *key);
            let named = || self.named(definition, slot);
            match &definition.demand {
                Demand::Exists | Demand::Key if value.is_null() => {
                    let message = format!(
                        "{} must have the property {}, and has not: {}",
                        named(),
                        self.key_name(*key),
                        self.because(definition)
                    );
                    return Err(violation(message));
                }
                Demand::Type(ty) if is_type(&value, ty) != Some(true) => {
                    let message = format!(
                        "{} of {} must be {ty}, and is {} {}: {}",
                        self.key_name(*key),
                        named(),
                        value.type_name(),
                        shown(&value),
                        self.because(definition)
                    );
                    return Err(violation(message));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn twice(&self, definition: &ConstraintDefinition, (one, other): (u32, u32), values: &[Value]) -> Error {
        let pair = |(key, value): (&KeyId, &Value)| format!("{} = {}", self.key_name(*key), shown(value));
        let pairs: Vec<String> = definition.keys.iter().zip(values).map(pair).collect();
        violation(format!(
            "{} and {} both have {}: {}",
            self.named(definition, one),
            self.named(definition, other),
            pairs.join(", "),
            self.because(definition)
        ))
    }

    fn because(&self, definition: &ConstraintDefinition) -> String {
        format!("constraint {} {}", definition.name, self.constraint_in_words(definition))
    }

    fn named(&self, definition: &ConstraintDefinition, slot: u32) -> String {
        match definition.subject {
            Subject::Nodes(_) => super::write::node_text(self.node_id(NodeRef::new(slot))),
            Subject::Rels(_) => super::write::rel_text(self.rel_id(RelRef::new(slot))),
        }
    }

    fn is_about(&self, definition: &ConstraintDefinition, slot: u32) -> bool {
        match definition.subject {
            Subject::Nodes(label) => {
                let node = NodeRef::new(slot);
                self.node_exists(node) && self.has_label(node, label)
            }
            Subject::Rels(ty) => {
                let rel = RelRef::new(slot);
                self.rel_exists(rel) && self.rel(rel).ty == ty
            }
        }
    }

    fn slots_of(&self, subject: Subject) -> Vec<u32> {
        let mut slots = Vec::new();
        match subject {
            Subject::Nodes(label) => self.scan_label(label, 0, &mut slots, usize::MAX),
            Subject::Rels(ty) => self.scan_type(ty, 0, &mut slots, usize::MAX),
        };
        slots
    }

    fn value_of(&self, definition: &ConstraintDefinition, slot: u32, key: KeyId) -> Value {
        match definition.subject {
            Subject::Nodes(_) => self.node_property(NodeRef::new(slot), key),
            Subject::Rels(_) => self.rel_property(RelRef::new(slot), key),
        }
    }

    /// The values of the keys; nothing when one is missing.
    fn values_of(&self, definition: &ConstraintDefinition, slot: u32) -> Option<SmallVec<[Value; 2]>> {
        let value = |key: &KeyId| Some(self.value_of(definition, slot, *key)).filter(|value| !value.is_null());
        definition.keys.iter().map(value).collect()
    }

    fn constraint_name(&self, subject: Subject, keys: &[KeyId], demand: &Demand) -> String {
        let kind = match demand {
            Demand::Unique => "unique",
            Demand::Exists => "exists",
            Demand::Key => "key",
            Demand::Type(_) => "type",
        };
        let on = match subject {
            Subject::Nodes(label) => self.label_name(label),
            Subject::Rels(ty) => self.type_name(ty),
        };
        let keys: Vec<&str> = keys.iter().map(|key| self.key_name(*key)).collect();
        format!("{kind}_{on}_{}", keys.join("_"))
    }
}

fn exists_already(message: String) -> Error {
    Error::new(Class::SemanticError, Phase::Runtime, Code::ConstraintAlreadyExists, message)
        .hint("IF NOT EXISTS makes this a no-op")
}
