//! What somebody, or a program, proposes to write down: one mention, in the words of the tables.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One mention as it is proposed. In JSON every key but `subject`, `relation` and the place may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Proposal {
    /// The id of the row; the next one where it is empty.
    pub(crate) id: String,
    /// An id, or a name that one entity has.
    pub(crate) subject: String,
    pub(crate) relation: String,
    /// An id or a name; the literal where `object_type` says so; nothing for `exists`.
    pub(crate) object: String,
    /// `entity` (or nothing), `quantity`, `date`, `text`.
    pub(crate) object_type: String,
    pub(crate) qualifiers: BTreeMap<String, Values>,
    pub(crate) source: String,
    /// `report:3.2`, or `3.2` beside a source.
    pub(crate) locator: String,
    /// Words of the sentence.
    pub(crate) wording: String,
    /// Of the sentence, as `shejire number` gives it.
    pub(crate) fingerprint: String,
    pub(crate) confidence: String,
    pub(crate) mode: String,
    pub(crate) by: String,
    pub(crate) as_named: String,
    pub(crate) identified: String,
    pub(crate) event: String,
    pub(crate) corrects: String,
    pub(crate) note: String,
    /// Makes the subject, of this kind, where nothing has its name.
    pub(crate) subject_kind: String,
    pub(crate) object_kind: String,
    /// The program that proposes; nothing where a person does.
    pub(crate) made_by: String,
}

/// One value or several.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a text, a number, or a list of them")]
pub(crate) enum Values {
    One(Scalar),
    Many(Vec<Scalar>),
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a text or a number")]
pub(crate) enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

impl Values {
    pub(crate) fn one(text: impl Into<String>) -> Self {
        Self::One(Scalar::Text(text.into()))
    }

    pub(crate) fn several(texts: Vec<String>) -> Self {
        Self::Many(texts.into_iter().map(Scalar::Text).collect())
    }

    /// The values as cells have them.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |one: &Scalar| match one {
            Scalar::Text(text) => text.clone(),
            Scalar::Number(number) => number.to_string(),
        };
        match self {
            Self::One(one) => vec![text(one)],
            Self::Many(all) => all.iter().map(text).collect(),
        }
    }
}
