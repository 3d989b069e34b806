//! Literals as the objects of mentions: the text from which `dataset::load` makes the node again.

use std::collections::{BTreeSet, HashMap};

use super::stated;
use crate::dataset::Object;
use crate::engine::{NodeData, RelData};
use crate::io::text;
use crate::provenance::{Mention, Mode};
use crate::value::Value;
use crate::value::quantity::{Number, Quantity, in_words, words_of};

/// What is not stated counts as no value.
const NOT_STATED: &str = "not stated";

/// The literals met so far, each with its text.
#[derive(Default)]
pub(super) struct Literals<'g> {
    texts: HashMap<u64, Object>,
    /// Which node a text with its bound, unit and reading means.
    nodes: HashMap<Known, u64>,
    /// The literals of a subject and relation by the text they have, or can only have: two of one text would be one fact.
    of_subject: HashMap<Said<'g>, u64>,
    /// The types of literals by the relationship type that ends in them.
    types: HashMap<&'g str, BTreeSet<&'static str>>,
}

/// Subject, relation, type, text.
type Said<'g> = (u64, &'g str, &'static str, String);

/// What tells literals apart: type, text, bound, unit, reading.
type Known = (&'static str, String, String, String, String);

/// Whether a node is a literal of a dataset.
pub(super) fn is_literal(node: &NodeData) -> bool {
    super::has(node, "Literal") && ["Quantity", "Date", "Text"].iter().any(|label| super::has(node, label))
}

impl<'g> Literals<'g> {
    /// The object that a literal is to the mentions of a relationship.
    pub(super) fn object(&mut self, node: &NodeData, rel: &'g RelData, mentions: &[Mention]) -> Object {
        let object = match self.texts.get(&node.id) {
            Some(known) => known.clone(),
            None => {
                let object = self.new_object(node, rel, mentions);
                self.texts.insert(node.id, object.clone());
                object
            }
        };
        self.types.entry(&rel.ty).or_default().insert(object.type_name());
        object
    }

    /// The types of literals that relationships of a type end in.
    pub(super) fn types_of(&self, ty: &str) -> impl Iterator<Item = &'static str> + use<'_, 'g> {
        self.types.get(ty).into_iter().flatten().copied()
    }

    /// Keeps for a literal the text that is the only one it can have: whoever has the choice takes another.
    pub(super) fn reserve(&mut self, node: &NodeData, rel: &'g RelData, mentions: &[Mention]) {
        if let [text, others @ ..] = &texts(node, mentions)[..]
            && others.iter().all(|other| other == text)
        {
            let place = (rel.start, &*rel.ty, made(node, "").type_name(), text.clone());
            self.of_subject.entry(place).or_insert(node.id);
        }
    }

    fn new_object(&mut self, node: &NodeData, rel: &'g RelData, mentions: &[Mention]) -> Object {
        let ty = made(node, "").type_name();
        let [bound, unit, edtf] = ["bound", "unit", "edtf"].map(|key| told(mentions, key).to_owned());
        let key = |text: &str| (ty, text.to_owned(), bound.clone(), unit.clone(), edtf.clone());
        let place = |text: &str| (rel.start, &*rel.ty, ty, text.to_owned());
        let candidates = texts(node, mentions);
        let is_own = |text: &&String| self.of_subject.get(&place(text)).is_none_or(|id| *id == node.id);
        let is_free = |text: &&String| !self.nodes.contains_key(&key(text));
        let free = candidates.iter().filter(is_own).find(is_free).or_else(|| candidates.iter().find(is_free));
        let text = free.or(candidates.first()).cloned().unwrap_or_default();
        self.nodes.entry(key(&text)).or_insert(node.id);
        self.of_subject.entry(place(&text)).or_insert(node.id);
        made(node, &text)
    }
}

/// What mentions tell of a literal under a key; what denies a fact says nothing of its literal.
fn told<'m>(mentions: &'m [Mention], key: &str) -> &'m str {
    let affirm = mentions.iter().filter(|mention| mention.mode() != Mode::Denies);
    let mut values = affirm.flat_map(|mention| &mention.qualifiers).filter(|(known, _)| **known == *key);
    values.find(|(_, value)| &**value != NOT_STATED).map_or("", |(_, value)| value)
}

/// The texts that a literal may have had, the likeliest first.
fn texts(node: &NodeData, mentions: &[Mention]) -> Vec<String> {
    match super::has(node, "Quantity") {
        true => quantities(node, told(mentions, "bound"), told(mentions, "unit")),
        false => vec![stated(node, "value").map_or_else(|| text::caption(node), str::to_owned)],
    }
}

/// The object of this text that makes a literal.
fn made(node: &NodeData, text: &str) -> Object {
    match super::has(node, "Quantity") {
        true => Object::Quantity(text.into()),
        false if super::has(node, "Date") => Object::Date(text.into()),
        false => Object::Text(text.into()),
    }
}

/// The texts that a quantity may have had, the likeliest first: all make the node as it is, unless none does.
fn quantities(node: &NodeData, bound: &str, unit: &str) -> Vec<String> {
    let whole = text::caption(node);
    let property = |key: &str| node.properties.iter().find(|(known, _)| **known == *key).map(|(_, value)| value);
    let words = |unit| words_of(&whole, bound, unit).to_owned();
    let mut candidates = vec![words(unit), words(""), words(stated(node, "unit").unwrap_or_default())];
    candidates.dedup();
    let makes_it = |text: &String| {
        let same = |number: Option<Number>, key| match (number, property(key)) {
            (Some(Number::Int(n)), Some(Value::Int(known))) => n == *known,
            (Some(Number::Float(n)), Some(Value::Float(known))) => n == *known,
            (None, None) => true,
            _ => false,
        };
        match Quantity::parse(text) {
            Some(read) => {
                let unit = if read.unit.is_empty() { unit } else { read.unit };
                same(Some(read.value), "value") && same(read.upper, "upper") && in_words(text, bound, unit) == whole
            }
            None => matches!(property("value"), Some(Value::Str(known)) if **known == **text),
        }
    };
    let likely = candidates.clone();
    candidates.retain(makes_it);
    if candidates.is_empty() { likely } else { candidates }
}
