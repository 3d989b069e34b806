//! What several mentions state together under one key: one value, several, or values that exclude each other.
//!
//! | key | the fact has |
//! |---|---|
//! | `many` | every stated value, sorted |
//! | one value | the stated value that lies within every other one (`2011-05-03` within `2011`) |
//! | dates that exclude each other | the set of the smallest ones: `[2011,2012]` |
//! | other values that exclude each other | null: it is in dispute |
//!
//! The value is for computing. Wherever values are shown, each stands with the places that state it.

use std::sync::Arc;

use super::{Confidence, Evidence, Mention, Qualifier, Source, ValueType, Vocabulary, same_key};
use crate::error::Result;
use crate::value::Value;
use crate::value::edtf::{DaySet, Edtf};
use crate::value::quantity::{Number, Quantity};

/// One key of a fact: what its mentions state under it.
#[derive(Clone, Debug)]
pub(crate) struct Pooled {
    /// The property. Its type depends on the key alone.
    pub value: Value,
    /// Whether values that are stated exclude each other.
    pub disputed: bool,
}

impl Pooled {
    fn undisputed(value: Value) -> Self {
        Self { value, disputed: false }
    }
}

impl Vocabulary {
    /// Whether `text` stands for "not known" where `source` states a date.
    pub(crate) fn is_sentinel(&self, text: &str, source: Option<&Source>) -> bool {
        let named = |list: &[Arc<str>]| list.iter().any(|known| **known == *text);
        named(&self.frame.unknown) || source.is_some_and(|source| named(&source.reading.unknown))
    }
}

impl Evidence {
    /// What a mention states under `key`, silence and sentinels left out. Keys are compared as [`same_key`] does.
    pub(crate) fn stated_by<'a>(
        &'a self,
        mention: &'a Mention,
        key: &'a str,
        reading: Qualifier,
        vocabulary: &'a Vocabulary,
    ) -> impl Iterator<Item = &'a Arc<str>> {
        let source = self.source(mention.place.source);
        let known = move |text: &str| reading.ty != ValueType::Edtf || !vocabulary.is_sentinel(text, source);
        let of_key = mention.stated_qualifiers().filter(move |(k, _)| same_key(k, key));
        of_key.map(|(_, value)| value).filter(move |value| known(value))
    }

    /// What `mentions` state together under `key` of a relationship of type `relation`.
    pub(crate) fn pooled<'a>(
        &'a self,
        mentions: impl Iterator<Item = &'a Mention>,
        key: &'a str,
        relation: &str,
        vocabulary: &'a Vocabulary,
    ) -> Result<Pooled> {
        let reading = vocabulary.qualifier(key, relation);
        let mut values: Vec<Arc<str>> = Vec::new();
        for mention in mentions {
            for value in self.stated_by(mention, key, reading, vocabulary) {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        pool(reading, values)
    }
}

/// The keys that `mentions` state something under, as properties write them, sorted, each once.
pub(crate) fn keys<'a>(mentions: impl Iterator<Item = &'a Mention>) -> Vec<Arc<str>> {
    let mut keys: Vec<Arc<str>> = Vec::new();
    for (key, _) in mentions.flat_map(Mention::stated_qualifiers) {
        if !keys.iter().any(|known| same_key(known, key)) {
            keys.push(property_key(key));
        }
    }
    keys.sort_unstable();
    keys
}

/// Qualifiers that describe the object rather than the fact; they stand on its node.
pub(crate) const OF_OBJECT: [&str; 3] = ["bound", "unit", "edtf"];

/// The properties of a relationship of type `relation`, from what its mentions state together and how they do: `fact`,
/// their qualifiers, `confidence`, `evaluative`. Errors: `LimitExceeded`.
pub(crate) fn of_fact(
    evidence: &Evidence,
    vocabulary: &Vocabulary,
    relation: &str,
    mentions: &[&Mention],
) -> Result<Vec<(Arc<str>, Value)>> {
    let all = || mentions.iter().copied();
    let mut properties = Vec::new();
    if mentions.is_empty() {
        return Ok(properties);
    }
    if let Some(id) = super::grouping::smallest_id(all()) {
        properties.push(("fact".into(), Value::Str(id)));
    }
    for key in keys(all()).into_iter().filter(|key| !OF_OBJECT.contains(&&**key)) {
        let pooled = evidence.pooled(all(), &key, relation, vocabulary)?;
        if !pooled.value.is_null() {
            properties.push((key, pooled.value));
        }
    }
    let codes = all().fold(Confidence::default(), |union, m| union.union(m.confidence));
    let letters = codes.codes().map(|code| Value::str(String::from(code))).collect();
    properties.push(("confidence".into(), Value::list(letters)?));
    let evaluative = all().all(|m| m.confidence.is_evaluative());
    properties.push(("evaluative".into(), Value::Bool(evaluative)));
    Ok(properties)
}

/// A key as properties write it: `r.with-consent-of` would be a subtraction.
pub(crate) fn property_key(key: &Arc<str>) -> Arc<str> {
    if key.contains('-') { key.replace('-', "_").into() } else { key.clone() }
}

/// The property that `values` (each once) make together.
pub(crate) fn pool(reading: Qualifier, mut values: Vec<Arc<str>>) -> Result<Pooled> {
    values.sort_unstable();
    if reading.many {
        if values.is_empty() {
            return Ok(Pooled::undisputed(Value::Null));
        }
        let list = values.iter().map(|text| single(reading.ty, text)).collect();
        return Ok(Pooled::undisputed(Value::list(list)?));
    }
    let [first, rest @ ..] = values.as_slice() else { return Ok(Pooled::undisputed(Value::Null)) };
    if rest.is_empty() {
        return Ok(Pooled::undisputed(single(reading.ty, first)));
    }
    Ok(match reading.ty {
        ValueType::Edtf => dates(&values),
        ValueType::Number | ValueType::Quantity => {
            let agree = rest.iter().all(|other| within(reading.ty, first, other) && within(reading.ty, other, first));
            let inner = values.iter().find(|v| values.iter().all(|other| within(reading.ty, v, other)));
            match inner {
                Some(inner) if !agree => Pooled::undisputed(single(reading.ty, inner)),
                Some(_) => Pooled::undisputed(single(reading.ty, first)),
                None => Pooled { value: Value::Null, disputed: true },
            }
        }
        ValueType::Entity | ValueType::Text => Pooled { value: Value::Null, disputed: true },
    })
}

/// One value as a property.
pub(crate) fn single(ty: ValueType, text: &Arc<str>) -> Value {
    match ty {
        ValueType::Number => match Number::parse(text) {
            Some(Number::Int(n)) => Value::Int(n),
            Some(Number::Float(n)) => Value::Float(n),
            // what is no number is no property; `stated` and the evidence show it
            None => Value::Null,
        },
        _ => Value::Str(text.clone()),
    }
}

/// Whether two stated values cannot both be true.
pub(crate) fn exclude(ty: ValueType, a: &str, b: &str) -> bool {
    match ty {
        ValueType::Edtf => match (Edtf::parse(a), Edtf::parse(b)) {
            (Ok(a), Ok(b)) => a.days().excludes(&b.days()),
            _ => false,
        },
        ValueType::Number => match (Number::parse(a), Number::parse(b)) {
            (Some(a), Some(b)) => float(a) != float(b),
            _ => a != b,
        },
        ValueType::Quantity => match (Quantity::parse(a), Quantity::parse(b)) {
            (Some(a), Some(b)) => {
                let (a_low, a_high) = bounds(&a);
                let (b_low, b_high) = bounds(&b);
                a.unit == b.unit && (a_high < b_low || b_high < a_low)
            }
            _ => a != b,
        },
        ValueType::Entity | ValueType::Text => a != b,
    }
}

/// Whether `a` says at least as precisely what `b` says.
fn within(ty: ValueType, a: &str, b: &str) -> bool {
    match ty {
        ValueType::Edtf => match (Edtf::parse(a), Edtf::parse(b)) {
            (Ok(a), Ok(b)) => b.days().contains(&a.days()),
            _ => a == b,
        },
        ValueType::Number => !exclude(ty, a, b),
        ValueType::Quantity => match (Quantity::parse(a), Quantity::parse(b)) {
            (Some(a), Some(b)) => {
                let (a_low, a_high) = bounds(&a);
                let (b_low, b_high) = bounds(&b);
                a.unit == b.unit && b_low <= a_low && a_high <= b_high
            }
            _ => a == b,
        },
        ValueType::Entity | ValueType::Text => a == b,
    }
}

fn bounds(quantity: &Quantity<'_>) -> (f64, f64) {
    let low = float(quantity.value);
    (low, quantity.upper.map_or(low, float))
}

#[allow(clippy::cast_precision_loss)] // to compare figures that documents state
fn float(number: Number) -> f64 {
    match number {
        Number::Int(n) => n as f64,
        Number::Float(n) => n,
    }
}

/// Dates: the one within all others, else the set of the smallest.
fn dates(values: &[Arc<str>]) -> Pooled {
    let read: Vec<(&Arc<str>, DaySet)> =
        values.iter().filter_map(|text| Some((text, Edtf::parse(text).ok()?.days()))).collect();
    if read.is_empty() {
        return Pooled { value: Value::Null, disputed: true };
    }
    if let Some((inner, _)) = read.iter().find(|(_, days)| read.iter().all(|(_, other)| other.contains(days))) {
        return Pooled { value: Value::Str(Arc::clone(inner)), disputed: false };
    }
    let mut smallest: Vec<&(&Arc<str>, DaySet)> = Vec::new();
    for date in &read {
        let holds_other = read.iter().any(|other| date.1.contains(&other.1) && !other.1.contains(&date.1));
        let same = smallest.iter().any(|known| known.1.contains(&date.1) && date.1.contains(&known.1));
        if !holds_other && !same {
            smallest.push(date);
        }
    }
    smallest.sort_by_key(|date| (date.1.earliest(), date.1.latest(), date.0.clone()));
    let texts: Vec<String> = smallest.iter().map(|date| date.0.replace('/', "..")).collect();
    let inner = |text: &String| text.trim_matches(['[', ']']).to_owned();
    let set = format!("[{}]", texts.iter().map(inner).collect::<Vec<_>>().join(","));
    let disputed = read.iter().enumerate().any(|(at, a)| read[at + 1..].iter().any(|b| a.1.excludes(&b.1)));
    Pooled { value: Value::from(set), disputed }
}
