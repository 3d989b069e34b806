//! Evidence that is told of what is there already: mentions by the ids that users see, to be added or taken back.

use std::sync::Arc;

use super::{Confidence, FactId, Identified, Locator, Mention, Mode, Place, Source, SourceId, reserved};
use crate::error::{Code, Error, Result};

/// A mention to be added to a relationship or to the life of a node: a place in a document, and what it says there.
///
/// ```
/// use shejire::Engine;
/// use shejire::provenance::{FactId, Mode, NewMention, Source};
/// use shejire::value::RelRef;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::in_memory();
/// let mut transaction = engine.begin()?;
/// let rows = transaction.run("CREATE (:Court)-[r:`transferred-to`]->(:Council) RETURN r")?;
/// let fact = FactId::Rel(rows.get(0).unwrap().get::<RelRef>("r")?);
/// transaction.change(|knowledge| {
///     knowledge.put_source(Source { id: "m1".into(), title: "Minutes".into(), ..Source::default() })?;
///     knowledge.add_mention(fact, &NewMention::at("m1:3.1")?.mode(Mode::Hedges).qualifier("date", "1995-06"))
/// })?;
/// transaction.commit()?;
/// let rows = engine.query("MATCH ()-[r]->() RETURN r.date AS date").cite().rows()?;
/// let row = rows.get(0).unwrap();
/// assert_eq!((row.get::<&str>("date")?, &*row.citations()[0].locator), ("1995-06", "m1:3.1"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMention {
    source: Arc<str>,
    at: Locator,
    id: Arc<str>,
    confidence: Confidence,
    fingerprint: u64,
    qualifiers: Vec<(Arc<str>, Arc<str>)>,
}

impl NewMention {
    /// Of a place, `document:paragraph.sentence` (`003:11.8`, `003:11.8-9`, `003:11`). Errors: `InvalidArgumentValue` when
    /// it is none.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// assert!(NewMention::at("003:11.8-9").is_ok());
    /// assert!(NewMention::at("11.8").is_err(), "in which document?");
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(place: &str) -> Result<Self> {
        let (source, at) = place_of(place)?;
        let (id, confidence, qualifiers) = (Arc::default(), Confidence::default(), Vec::new());
        Ok(Self { source, at, id, confidence, fingerprint: 0, qualifiers })
    }

    /// The id of the mention in its dataset (`F0030`).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("003:11.8")?.id("F0030");
    /// assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = id.into();
        self
    }

    /// How plainly it is said: codes as in `mentions.csv` (`E A`). Errors: a letter that is no code.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// assert!(NewMention::at("003:11.8")?.confidence("E A").is_ok());
    /// assert!(NewMention::at("003:11.8")?.confidence("Q").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn confidence(mut self, codes: &str) -> Result<Self> {
        self.confidence = Confidence::parse(codes).map_err(|letter| {
            let known: Vec<String> = Confidence::CODES.iter().map(|(c, meaning)| format!("{c} {meaning}")).collect();
            invalid(format!("`{}` is no code of confidence", letter.escape_debug())).hint(known.join("; "))
        })?;
        Ok(self)
    }

    /// The leading 64 bits of the SHA-256 of the sentence, as `docs/dataset.md` says.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("003:11.8")?.fingerprint(0x0123_4567_89ab_cdef);
    /// # assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fingerprint(mut self, fingerprint: u64) -> Self {
        self.fingerprint = fingerprint;
        self
    }

    /// In which way the place speaks of it. One that denies supports nothing.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{Mode, NewMention};
    ///
    /// let denial = NewMention::at("003:11.8")?.mode(Mode::Denies);
    /// # assert_ne!(denial, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        if mode == Mode::States { self } else { self.own(reserved::MODE, mode.name()) }
    }

    /// Whose word it gives, when it reports.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{Mode, NewMention};
    ///
    /// let report = NewMention::at("003:11.8")?.mode(Mode::Reports).by("the mayor");
    /// # assert_ne!(report, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn by(self, who: &str) -> Self {
        self.own(reserved::BY, who)
    }

    /// The name as the place writes it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("003:11.8")?.as_named("the Board");
    /// # assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn as_named(self, name: &str) -> Self {
        self.own(reserved::AS_NAMED, name)
    }

    /// How surely what it speaks of is what the place means.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{Identified, NewMention};
    ///
    /// let mention = NewMention::at("003:11.8")?.identified(Identified::Probable);
    /// # assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn identified(self, how: Identified) -> Self {
        if how == Identified::Sure { self } else { self.own(reserved::IDENTIFIED, how.name()) }
    }

    /// The event that it belongs to.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("003:11.8")?.event("merger-1995");
    /// # assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn event(self, id: &str) -> Self {
        self.own(reserved::EVENT, id)
    }

    /// The id of the mention that it corrects.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("004:1.1")?.id("F9").corrects("F0030").qualifier("date", "1996");
    /// # assert_ne!(mention, NewMention::at("004:1.1")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn corrects(self, id: &str) -> Self {
        self.own(reserved::CORRECTS, id)
    }

    /// What it states under a key (`date`, `wording`, …); a key may repeat. Read and compared as in `mentions.csv`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::NewMention;
    ///
    /// let mention = NewMention::at("003:11.8")?.qualifier("date", "1995-06").qualifier("wording", "was merged");
    /// # assert_ne!(mention, NewMention::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn qualifier(self, key: &str, value: &str) -> Self {
        // `@` is of the program's own keys
        self.own(key.trim_start_matches('@'), value)
    }

    fn own(mut self, key: &str, value: &str) -> Self {
        self.qualifiers.push((key.into(), value.into()));
        self
    }

    /// The id of its document.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// As evidence keeps it.
    pub(crate) fn of(&self, source: SourceId) -> Mention {
        let Self { at, id, confidence, fingerprint, qualifiers, .. } = self;
        let place = Place { source, at: *at };
        let (id, qualifiers) = (id.clone(), qualifiers.clone().into_boxed_slice());
        Mention { id, place, confidence: *confidence, fingerprint: *fingerprint, qualifiers }
    }
}

/// Which mentions are taken back: those that agree with all that is said here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhichMentions {
    source: Option<Arc<str>>,
    at: Option<Locator>,
    id: Option<Arc<str>>,
}

impl WhichMentions {
    /// Those of a document.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::WhichMentions;
    ///
    /// let all_of_it = WhichMentions::of_source("003");
    /// # assert_ne!(all_of_it, WhichMentions::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_source(source: impl Into<Arc<str>>) -> Self {
        Self { source: Some(source.into()), ..Self::default() }
    }

    /// Those at a place, `document:paragraph.sentence`. Errors: as [`NewMention::at`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::WhichMentions;
    ///
    /// assert!(WhichMentions::at("003:11.8").is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(place: &str) -> Result<Self> {
        let (source, at) = place_of(place)?;
        Ok(Self { source: Some(source), at: Some(at), id: None })
    }

    /// The one of an id (`F0030`).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::WhichMentions;
    ///
    /// let one = WhichMentions::of_id("F0030");
    /// # assert_ne!(one, WhichMentions::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn of_id(id: impl Into<Arc<str>>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// Of those, the one of an id.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::WhichMentions;
    ///
    /// let one = WhichMentions::at("003:11.8")?.and_id("F0030");
    /// # assert_ne!(one, WhichMentions::at("003:11.8")?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn and_id(self, id: impl Into<Arc<str>>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// The document that is meant, when one is.
    pub(crate) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Whether a place that names a node is meant. `source`: what the document's id stands for.
    pub(crate) fn means_place(&self, place: Place, source: Option<SourceId>) -> bool {
        self.id.is_none() && source == Some(place.source) && self.at.is_none_or(|at| place.at == at)
    }

    /// Whether a mention is meant. `source`: what the document's id stands for.
    pub(crate) fn means(&self, mention: &Mention, source: Option<SourceId>) -> bool {
        source.is_none_or(|source| mention.place.source == source)
            && self.at.is_none_or(|at| mention.place.at == at)
            && self.id.as_ref().is_none_or(|id| mention.id == *id)
    }
}

/// What a statement tells: done when it ends.
#[derive(Clone, Debug)]
pub(crate) enum Telling {
    /// A source, or new particulars of one.
    Source(Source),
    /// One more mention.
    Add(FactId, NewMention),
    /// Some mentions less.
    Remove(FactId, WhichMentions),
}

/// `003:11.8` as a document and a place in it.
fn place_of(text: &str) -> Result<(Arc<str>, Locator)> {
    let parts = text.rsplit_once(':').filter(|(source, _)| !source.is_empty());
    match parts.and_then(|(source, at)| Some((source.into(), Locator::parse(at)?))) {
        Some(place) => Ok(place),
        None => Err(invalid(format!("{text:?} is no place in a document"))
            .hint("document:paragraph.sentence, such as 003:11.8, 003:11.8-9 or 003:11")),
    }
}

fn invalid(message: String) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}
