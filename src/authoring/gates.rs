//! The two gates before a fact: (a) the words stand at the place, (b) the claim stands in the words.
//!
//! ```text
//!  (a) the place is a sentence that was read; wording, name and fingerprint are its own; subject, object and relation
//!      are known and fit; values can be read; the place does not say it already            ─► refused
//!  (b) subject, object and the bodies of qualifiers are named in it, each by a name that nobody else has; every date
//!      and number stands in it; its words speak of the relation, and tell which end is which; it is denied or
//!      hedged where the claim is, and only there                                           ─► waits for a person
//! ```
//!
//! Gate (b) is a machine's and knows few words: it lets through what it can see to be said, and nothing that it cannot. A person who
//! has read the sentence may say so; nobody can say so for gate (a).

use std::sync::Arc;

use super::dates::{dates, numbers};
use super::folder::Folder;
use super::names::Named;
use super::proposal::Proposal;
use super::words::{Phrase, Word, first_of, lexicon, words};
use crate::dataset::{self, EXISTS, Entity, MentionRecord, Object, as_id};
use crate::provenance::{Confidence, Locator, Mode, Qualifier, Role, ValueType, is_silent, reserved, same_key};
use crate::value::quantity::Quantity;

/// What keeps a proposal from being taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fallen {
    pub(crate) gate: Gate,
    pub(crate) what: String,
    pub(crate) hint: String,
}

/// The gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gate {
    /// The words stand at the place.
    Place,
    /// The claim stands in the words.
    Claim,
}

impl Gate {
    /// `a` or `b`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Place => "a",
            Self::Claim => "b",
        }
    }
}

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Stands,
    /// Gate (b) does not let it through: a person decides.
    Waits,
    /// Gate (a) does not let it through.
    Refused,
}

impl Verdict {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stands => "accepted",
            Self::Waits => "waits",
            Self::Refused => "refused",
        }
    }
}

/// A proposal that was looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub(crate) fallen: Vec<Fallen>,
    /// What it says, when gate (a) let it through.
    pub(crate) claim: Option<Claim>,
    /// The sentence at its place, when there is one.
    pub(crate) sentence: String,
}

impl Judged {
    /// Does not let it through after all.
    pub(crate) fn refuse(&mut self, what: &str) {
        self.fallen.push(Fallen { gate: Gate::Place, what: what.to_owned(), hint: String::new() });
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self.fallen.iter().map(|fallen| fallen.gate).min() {
            Some(Gate::Place) => Verdict::Refused,
            Some(Gate::Claim) => Verdict::Waits,
            None => Verdict::Stands,
        }
    }
}

/// A proposal in the terms of the tables.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The row; its number is 0.
    pub(crate) mention: MentionRecord,
    /// The entities that it makes.
    pub(crate) new: Vec<Entity>,
}

/// Collects what falls.
#[derive(Default)]
struct Fall(Vec<Fallen>);

impl Fall {
    fn at(&mut self, gate: Gate, what: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Fallen { gate, what: what.into(), hint: hint.into() });
    }
}

/// Puts a proposal before both gates. `by_program`: who proposes is no person, and must name words and fingerprint of the sentence.
pub(crate) fn judge(folder: &Folder, proposal: &Proposal, by_program: bool) -> Judged {
    let mut fall = Fall::default();
    let place = match folder.place(&proposal.source, &proposal.locator) {
        Ok(place) => place,
        Err(error) => {
            fall.at(Gate::Place, error.message(), error.hint_text().unwrap_or_default());
            return Judged { fallen: fall.0, ..Judged::default() };
        }
    };
    let sentence = folder.documents.text(&place.0, place.1).unwrap_or_default();
    stands(folder, proposal, &place, sentence, by_program, &mut fall);
    let claim = claim(folder, proposal, &place, &mut fall);
    if let Some(claim) = &claim {
        fits(folder, claim, &mut fall);
        if fall.0.is_empty() {
            said(folder, claim, sentence, &mut fall);
        }
    }
    let refused = fall.0.iter().any(|fallen| fallen.gate == Gate::Place);
    Judged { claim: claim.filter(|_| !refused), fallen: fall.0, sentence: sentence.to_owned() }
}

/// Whether the words of a proposal are those of its place.
fn stands(
    folder: &Folder,
    proposal: &Proposal,
    place: &(Arc<str>, Locator),
    sentence: &str,
    by_program: bool,
    fall: &mut Fall,
) {
    let (source, at) = place;
    for (what, said) in [("wording", &proposal.wording), ("as_named", &proposal.as_named)] {
        let empty = !said.contains(char::is_alphanumeric);
        if said.is_empty() || what == "as_named" && empty {
            continue;
        }
        if empty || !dataset::says(sentence, said) || !whole_words(sentence, said) {
            let hint = format!("the sentence is: {sentence}");
            fall.at(Gate::Place, format!("{source}:{at} does not say `{said}` ({what})"), hint);
        }
    }
    let own = folder.documents.fingerprint(source, *at).unwrap_or_default();
    let told = u64::from_str_radix(&proposal.fingerprint, 16).ok().filter(|_| proposal.fingerprint.len() == 16);
    if !proposal.fingerprint.is_empty() && told != Some(own) {
        let hint = format!("its fingerprint is {own:016x}: was the document changed, or another sentence meant?");
        fall.at(Gate::Place, format!("the fingerprint is not that of {source}:{at}"), hint);
    }
    if by_program && proposal.wording.is_empty() {
        fall.at(Gate::Place, "names no wording", "give the words of the sentence that say it, as they stand there");
    }
    if by_program && proposal.fingerprint.is_empty() {
        fall.at(
            Gate::Place,
            "names no fingerprint",
            "`shejire number FILE --format jsonl` gives that of each sentence",
        );
    }
}

/// Whether what is quoted consists of whole words of a sentence, in its order: half a word is no word of it.
fn whole_words(sentence: &str, said: &str) -> bool {
    let all = words(sentence);
    let mut rest = &all[..];
    said.replace('…', "...").split("...").all(|part| {
        let part: Vec<String> = words(part).into_iter().map(|word| word.folded).collect();
        let found = (0..(rest.len() + 1).saturating_sub(part.len()))
            .find(|at| rest[*at..].iter().zip(&part).all(|(word, own)| word.folded == *own));
        found.inspect(|at| rest = &rest[at + part.len()..]).is_some()
    })
}

/// The row that a proposal is, when its names and values can be read.
fn claim(folder: &Folder, proposal: &Proposal, (source, at): &(Arc<str>, Locator), fall: &mut Fall) -> Option<Claim> {
    let mut new: Vec<Entity> = Vec::new();
    let before = fall.0.len();
    let mut end = |what: &str, name: &str, kind: &str, fall: &mut Fall| -> Option<Arc<str>> {
        match (folder.who(name), kind) {
            ([one], _) => Some(one.clone()),
            ([], "") => {
                let near = folder.near(name).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                let message =
                    if name.is_empty() { format!("names no {what}") } else { format!("nothing is called `{name}`") };
                fall.at(
                    Gate::Place,
                    message,
                    format!("{near}--{what}-kind KIND makes a new one; `{what}_kind` in a proposal"),
                );
                None
            }
            ([], kind) => {
                if let Some(made) = new.iter().find(|made: &&Entity| *made.name == *name) {
                    return Some(made.id.clone());
                }
                let taken = |id: &str| folder.entity(id).is_some() || new.iter().any(|made| *made.id == *id);
                let id = unused(&as_id(name), taken);
                let name = Arc::from(name.split_whitespace().collect::<Vec<_>>().join(" "));
                new.push(Entity { id: id.as_str().into(), kind: kind.into(), name, ..Entity::default() });
                Some(id.into())
            }
            (several, _) => {
                let all: Vec<String> = several.iter().map(|id| format!("`{id}`")).collect();
                fall.at(Gate::Place, format!("`{name}` is the name of {}", all.join(" and ")), "say which by its id");
                None
            }
        }
    };
    let subject = match proposal.subject.is_empty() && !proposal.event.is_empty() {
        true => Some(Arc::default()),
        false => end("subject", &proposal.subject, &proposal.subject_kind, fall),
    };
    let object = match proposal.object_type.as_str() {
        "" | "entity" if proposal.object.is_empty() && (proposal.relation == EXISTS || !proposal.event.is_empty()) => {
            Some(Object::Nothing)
        }
        "" | "entity" => end("object", &proposal.object, &proposal.object_kind, fall).map(Object::Entity),
        "quantity" => Some(Object::Quantity(proposal.object.trim().into())),
        "date" => Some(Object::Date(proposal.object.trim().into())),
        "text" => Some(Object::Text(proposal.object.trim().into())),
        other => {
            fall.at(Gate::Place, format!("`{other}` is no type of object"), "entity, quantity, date or text");
            None
        }
    };
    let mut qualifiers: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    let entity_valued =
        |key: &str| reading(folder, key, &proposal.relation) == ValueType::Entity || dataset::names_an_entity(key);
    for (key, values) in &proposal.qualifiers {
        let key = key.trim().trim_start_matches('@');
        for value in values.texts() {
            let value = value.trim();
            // a body may be said by its name
            let value = match (entity_valued(key), folder.who(value)) {
                (true, [one]) => one.to_string(),
                _ => value.to_owned(),
            };
            if key.is_empty()
                || key.contains([';', '=', '"'])
                || value.contains('"') && value.contains(';')
                || value.contains(['\n', '\r'])
            {
                fall.at(
                    Gate::Place,
                    format!("`{key}={value}` cannot be written"),
                    "a key has no ; and no =, a value no ; beside a quotation mark",
                );
            } else {
                qualifiers.push((key.into(), value.into()));
            }
        }
    }
    let wording = proposal.wording.trim();
    if !wording.is_empty() {
        qualifiers.push(("wording".into(), wording.into()));
    }
    for (key, value, known) in [
        (reserved::MODE, &proposal.mode, "states, hedges, reports or denies"),
        (reserved::BY, &proposal.by, ""),
        (reserved::AS_NAMED, &proposal.as_named, ""),
        (reserved::IDENTIFIED, &proposal.identified, "sure, probable or possible"),
        (reserved::EVENT, &proposal.event, ""),
        (reserved::CORRECTS, &proposal.corrects, ""),
        (reserved::MADE_BY, &proposal.made_by, ""),
    ] {
        let value = value.trim();
        let wrong = match key {
            reserved::MODE => Mode::parse(value).is_none(),
            reserved::IDENTIFIED => crate::provenance::Identified::parse(value).is_none(),
            _ => false,
        };
        if value.is_empty() || value == "states" && key == reserved::MODE {
            continue;
        }
        if wrong {
            fall.at(Gate::Place, format!("`{value}` cannot stand here"), known);
        }
        qualifiers.push((key.into(), value.into()));
    }
    let codes = if proposal.confidence.trim().is_empty() { "E" } else { &proposal.confidence };
    let confidence = Confidence::parse(codes).unwrap_or_else(|letter| {
        let all: Vec<String> = Confidence::CODES.iter().map(|(code, meaning)| format!("{code} {meaning}")).collect();
        fall.at(Gate::Place, format!("`{letter}` is no code of confidence"), all.join("; "));
        Confidence::default()
    });
    if fall.0.len() > before {
        return None;
    }
    let mention = MentionRecord {
        row: 0,
        id: proposal.id.trim().into(),
        subject: subject?,
        relation: proposal.relation.trim().into(),
        object: object?,
        qualifiers,
        source: source.clone(),
        at: *at,
        confidence,
        fingerprint: folder.documents.fingerprint(source, *at).unwrap_or_default(),
        note: proposal.note.split_whitespace().collect::<Vec<_>>().join(" ").into(),
    };
    Some(Claim { mention, new })
}

/// An id that is not taken.
pub(super) fn unused(id: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut out = id.to_owned();
    for n in 2.. {
        if !taken(&out) {
            break;
        }
        out = format!("{id}-{n}");
    }
    out
}

/// How the values of a qualifier are read.
fn reading(folder: &Folder, key: &str, relation: &str) -> ValueType {
    let of = |wanted: &str| {
        let declared = folder.dataset.qualifiers.iter().find(|q| same_key(&q.key, key) && *q.relation == *wanted);
        declared.map(|q| q.reading.ty)
    };
    let lineage = folder.relation(relation).is_some_and(|relation| Role::parse(&relation.role).is_some());
    of(relation).or_else(|| of("")).unwrap_or_else(|| Qualifier::by_default(key, lineage).ty)
}

/// Whether a row goes with the tables: what `check` says of it alone, and whether its place says it already.
fn fits(folder: &Folder, claim: &Claim, fall: &mut Fall) {
    let data = &folder.dataset;
    let mut alone = dataset::Dataset {
        meta: data.meta.clone(),
        sources: data.sources.clone(),
        kinds: data.kinds.clone(),
        relations: data.relations.clone(),
        qualifiers: data.qualifiers.clone(),
        entities: data.entities.clone(),
        ..dataset::Dataset::default()
    };
    alone.entities.extend(claim.new.iter().map(|entity| Entity { row: u32::MAX, ..entity.clone() }));
    let id = if claim.mention.id.is_empty() { "new".into() } else { claim.mention.id.clone() };
    let corrects = claim.mention.qualifier(reserved::CORRECTS).map(str::to_owned);
    // the row that is corrected must be there
    let kept = data.mentions.iter().filter(|mention| corrects.as_deref() == Some(&*mention.id));
    alone.mentions = kept.cloned().collect();
    alone.mentions.push(MentionRecord { row: u32::MAX, id, ..claim.mention.clone() });
    for problem in dataset::check(&alone).into_iter().filter(|problem| problem.row == u32::MAX && problem.blocking) {
        fall.at(Gate::Place, format!("{}: {}", problem.column, problem.message), problem.hint);
    }
    let own = &claim.mention;
    if !own.id.is_empty()
        && let Some(known) = data.mentions.iter().find(|mention| mention.id == own.id)
    {
        fall.at(
            Gate::Place,
            format!("`{}` is the id of row {}", own.id, known.row),
            "leave the id out: the next one is taken",
        );
    }
    let event = own.qualifier(reserved::EVENT);
    let mut same = data.mentions.iter().filter(|mention| mention.source == own.source && mention.at == own.at);
    if let Some(known) = same.find(|mention| mention.is_of_group(own) && mention.qualifier(reserved::EVENT) == event) {
        let message =
            format!("{}:{} already says so in row {} of mentions.csv ({})", own.source, own.at, known.row, known.id);
        fall.at(Gate::Place, message, "one row for each place that says it");
    }
}

/// A sentence as the second gate looks at it.
struct Said<'a> {
    folder: &'a Folder,
    claim: &'a Claim,
    text: &'a str,
    words: Vec<Word>,
    named: Vec<Named>,
}

/// Whether a claim stands in the words of its sentence.
fn said(folder: &Folder, claim: &Claim, text: &str, fall: &mut Fall) {
    let mut named = folder.names.named(text);
    for entity in &claim.new {
        // what is made new is named as the proposal names it, and nothing else is called so
        let mut own = super::names::Names::default();
        own.add(&entity.name, &entity.id, false);
        let found = own.named(text);
        named.retain(|one| !found.iter().any(|new| new.at.start < one.at.end && one.at.start < new.at.end));
        named.extend(found);
    }
    // who is named within a longer name is not meant by it
    named.retain(|one| !one.within);
    named.sort_by_key(|one| one.at.start);
    let said = Said { folder, claim, text, words: words(text), named };
    let mention = &claim.mention;
    for (code, words) in [('A', "supplies the actor"), ('X', "assumes that two are one"), ('I', "infers")] {
        if mention.confidence.has(code) {
            fall.at(Gate::Claim, format!("the code {code} {words}: that stands in no sentence"), "a person decides");
        }
    }
    let subject = if mention.subject.is_empty() { None } else { Some(said.end(&mention.subject, fall)) };
    let object = match &mention.object {
        Object::Entity(id) => Some(said.end(id, fall)),
        literal => {
            said.literal(literal, fall);
            None
        }
    };
    said.relation(subject.flatten(), object.flatten(), fall);
    said.qualifiers(fall);
    said.mode(fall);
}

impl Said<'_> {
    /// Where an entity is named; nothing where it is not, or only meant.
    fn end(&self, id: &str, fall: &mut Fall) -> Option<usize> {
        let called = || match self.claim.new.iter().find(|entity| *entity.id == *id) {
            Some(new) => new.name.to_string(),
            None => self.folder.shown(id),
        };
        let mut shared = None;
        for one in &self.named {
            match &one.who[..] {
                [who] if **who == *id => return Some(one.at.start),
                several if several.iter().any(|who| **who == *id) => shared = Some(one),
                _ => {}
            }
        }
        if let Some(shared) = shared {
            let all: Vec<&str> = shared.who.iter().map(|who| &**who).collect();
            let message = format!("`{}` may be {}", &self.text[shared.at.clone()], all.join(" or "));
            fall.at(Gate::Claim, message, "who is meant, a person decides");
            return None;
        }
        if self.claim.mention.confidence.has('R') {
            self.referred(id, &called(), fall);
        } else {
            let message = format!("the sentence does not name {}", called());
            let hint = "by no name that aliases.csv has; add the name there, or mark the reference with the code R";
            fall.at(Gate::Claim, message, hint);
        }
        None
    }

    /// Whether a word of the sentence can only mean this entity: it refers, and of what its paragraph names before nothing else fits.
    fn referred(&self, id: &str, called: &str, fall: &mut Fall) {
        let mention = &self.claim.mention;
        let language = self.folder.language(&mention.source);
        let refers = lexicon(language).and_then(|lexicon| first_of(lexicon.refers, self.text, &self.words));
        let describes = self.named.iter().any(|one| one.describes);
        if refers.is_none() && !describes {
            return fall.at(
                Gate::Claim,
                format!("no word of the sentence refers to {called}"),
                "the code R marks a reference that is resolved",
            );
        }
        let fits = |who: &str| {
            let Some(entity) = self.folder.entity(who) else { return false };
            let Some(relation) = self.folder.relation(&mention.relation) else { return true };
            let cell = if *mention.subject == *id { &relation.domain } else { &relation.range };
            dataset::fits(cell, &entity.kind)
        };
        let other_end = |who: &str| *mention.subject == *who || *mention.object.text() == *who;
        let mut candidates: Vec<Arc<str>> = Vec::new();
        let mut take = |named: &[Named]| {
            for who in named.iter().flat_map(|one| &one.who) {
                if fits(who) && (**who == *id || !other_end(who)) && !candidates.contains(who) {
                    candidates.push(who.clone());
                }
            }
        };
        for sentence in 1..mention.at.first {
            let before = self.folder.documents.text(&mention.source, Locator::sentence(mention.at.paragraph, sentence));
            let mut named = self.folder.names.named(before.unwrap_or_default());
            named.retain(|one| !one.within);
            take(&named);
        }
        take(&self.named);
        match &candidates[..] {
            [one] if **one == *id => {}
            [] => fall.at(
                Gate::Claim,
                format!("{called} is not named before in this paragraph"),
                "a person decides who is meant",
            ),
            several => {
                let all: Vec<&str> = several.iter().map(|who| &**who).collect();
                let message = format!("the reference may mean {}", all.join(" or "));
                fall.at(Gate::Claim, message, "a person decides who is meant");
            }
        }
    }

    fn literal(&self, object: &Object, fall: &mut Fall) {
        match object {
            Object::Quantity(text) => {
                self.numbers("object", text, fall);
                if let Some(quantity) = Quantity::parse(text) {
                    self.unit(quantity.unit, fall);
                }
            }
            Object::Date(text) => self.date("object", self.claim.mention.qualifier("edtf").unwrap_or(text), fall),
            Object::Text(text) if !dataset::says(self.text, text) => {
                fall.at(Gate::Claim, format!("the sentence does not say `{text}`"), "the object is a few of its words");
            }
            Object::Text(_) | Object::Nothing | Object::Entity(_) => {}
        }
    }

    /// Whether what is counted is what the sentence counts.
    fn unit(&self, unit: &str, fall: &mut Fall) {
        let is_percent = |text: &str| matches!(text, "percent" | "%" | "per cent" | "процент" | "процентов" | "пайыз");
        let stands = words(unit)
            .iter()
            .all(|own| self.words.iter().any(|word| super::words::same(own, word) || super::words::same(word, own)));
        if !unit.is_empty()
            && !stands
            && !(is_percent(unit) && (self.text.contains('%') || self.text.contains("per cent")))
        {
            fall.at(Gate::Claim, format!("the sentence does not count `{unit}`"), "write the unit as it stands there");
        }
    }

    /// Whether every number of a value stands in the sentence.
    fn numbers(&self, key: &str, value: &str, fall: &mut Fall) {
        let stated = numbers(self.text);
        for wanted in numbers(value) {
            if !stated
                .iter()
                .any(|one| (one.number - wanted.number).abs() < f64::EPSILON * wanted.number.abs().max(1.0))
            {
                let message = format!("the sentence does not state the number {} ({key})", &value[wanted.at.clone()]);
                fall.at(Gate::Claim, message, "give numbers as they stand there");
            }
        }
    }

    /// Whether every day, month or year of a date stands in the sentence so.
    fn date(&self, key: &str, value: &str, fall: &mut Fall) {
        let stated = dates(self.text);
        let near = || {
            let language = self.folder.language(&self.claim.mention.source);
            lexicon(language).is_some_and(|lexicon| first_of(lexicon.near, self.text, &self.words).is_some())
        };
        for part in value.split(['/', '[', ']', ',']).flat_map(|part| part.split("..")).map(str::trim) {
            let exact = part.trim_end_matches(['?', '~', '%']);
            if exact.is_empty() || exact == "XXXX" {
                continue;
            }
            if !stated.iter().any(|date| date.edtf == exact) {
                let message = format!("the sentence does not state the date {exact} ({key})");
                let all: Vec<&str> = stated.iter().map(|date| date.edtf.as_str()).collect();
                let hint = if all.is_empty() {
                    "no date stands in it".to_owned()
                } else {
                    format!("it states {}", all.join(", "))
                };
                fall.at(Gate::Claim, message, hint);
            } else if exact.len() < part.len() && !near() {
                fall.at(
                    Gate::Claim,
                    format!("no word of the sentence says that {exact} is not exact"),
                    "`~` and `?` stand for such words",
                );
            }
        }
    }

    /// Whether the words speak of the relation, and which end is which.
    fn relation(&self, subject: Option<usize>, object: Option<usize>, fall: &mut Fall) {
        let relation = &self.claim.mention.relation;
        let Some(spoken) = self.folder.spoken(relation) else { return };
        let literal = matches!(self.claim.mention.object, Object::Quantity(_) | Object::Date(_) | Object::Text(_));
        if literal && self.folder.relation(relation).is_some_and(|relation| relation.words.is_empty()) {
            // a value stands in the sentence itself, and what is said of it is a matter of its measure
            return;
        }
        if spoken.find(&self.words).is_none() {
            let message = format!("no word of the sentence speaks of `{relation}`");
            return fall.at(Gate::Claim, message, "the columns words, forward and backward of relations.csv have them");
        }
        let record = self.folder.relation(relation);
        let Some((record, Object::Entity(to))) = record.map(|record| (record, &self.claim.mention.object)) else {
            return;
        };
        if &*record.algebra == "symmetric" {
            return;
        }
        // where only one of the two can stand at each end, the order says nothing
        let kind = |id: &str| {
            let new = self.claim.new.iter().find(|entity| *entity.id == *id);
            new.or_else(|| self.folder.entity(id)).map_or("", |entity| &*entity.kind)
        };
        let (from, to) = (kind(&self.claim.mention.subject), kind(to));
        if !(dataset::fits(&record.domain, to) && dataset::fits(&record.range, from)) {
            return;
        }
        let place = |phrases: &[Phrase]| {
            let found = phrases.iter().find_map(|phrase| phrase.find(&self.words))?;
            Some(self.words[found.start].at.start)
        };
        let order = |first: Option<usize>, at: usize, second: Option<usize>| {
            first.is_none_or(|first| first < at)
                && second.is_none_or(|second| at < second)
                && (first.is_some() || second.is_some())
        };
        let forward = place(&spoken.forward).is_some_and(|at| order(subject, at, object));
        let backward = place(&spoken.backward).is_some_and(|at| order(object, at, subject));
        if !forward && !backward {
            let message = format!("which end of `{relation}` is which, the words that are known do not tell");
            let hint = "columns forward (subject … object) and backward (object … subject) of relations.csv";
            fall.at(Gate::Claim, message, hint);
        }
    }

    fn qualifiers(&self, fall: &mut Fall) {
        /// What the sentence need not say: words of it, or of whoever reads it.
        const FREE: [&str; 8] =
            ["wording", "agent", "note", "attribute", "measure", "printed", "predecessor", "successor"];
        let mention = &self.claim.mention;
        for (key, value) in mention.qualifiers.iter().filter(|(_, value)| !is_silent(value)) {
            if key.starts_with('@') || key.starts_with("x-") || FREE.contains(&&**key) {
                if &**key == reserved::BY && !dataset::says(self.text, value) && !self.names(value) {
                    fall.at(Gate::Claim, format!("the sentence does not name `{value}`"), "`by` says whose word it is");
                }
                continue;
            }
            match reading(self.folder, key, &mention.relation) {
                ValueType::Edtf => self.date(key, value, fall),
                _ if &**key == "edtf" => self.date(key, value, fall),
                ValueType::Entity => self.named_there(key, value, fall),
                _ if dataset::names_an_entity(key) && self.folder.entity(value).is_some() => {
                    self.named_there(key, value, fall)
                }
                _ if &**key == "bound" => self.bound(value, fall),
                _ => self.numbers(key, value, fall),
            }
        }
    }

    fn names(&self, id: &str) -> bool {
        self.named.iter().any(|one| one.who.len() == 1 && *one.who[0] == *id)
    }

    fn named_there(&self, key: &str, id: &str, fall: &mut Fall) {
        if !self.names(id) {
            let message = format!("the sentence does not name {} ({key})", self.folder.shown(id));
            fall.at(Gate::Claim, message, "by no name that aliases.csv has");
        }
    }

    fn bound(&self, bound: &str, fall: &mut Fall) {
        let words: &[&str] = match bound {
            "exact" => return,
            "about" => {
                &["about", "around", "approximately", "nearly", "almost", "roughly", "около", "примерно", "шамамен"]
            }
            "over" => &["over", "more than", "above", "exceed*", "upwards", "более", "свыше", "астам"],
            "under" => &["under", "less than", "fewer than", "below", "менее", "кем"],
            "at-least" => &["at least", "no less than", "not less than", "minimum", "не менее", "кемінде"],
            _ => &["at most", "no more than", "not more than", "up to", "maximum", "не более", "до"],
        };
        if first_of(words, self.text, &self.words).is_none() {
            fall.at(Gate::Claim, format!("no word of the sentence says `{bound}`"), "`bound` stands for such words");
        }
    }

    /// Whether the sentence denies, hedges and reports where the claim does.
    fn mode(&self, fall: &mut Fall) {
        let mention = &self.claim.mention;
        let mode = mention.qualifier(reserved::MODE).and_then(Mode::parse).unwrap_or_default();
        let language = self.folder.language(&mention.source);
        let Some(lexicon) = lexicon(language) else {
            let message = format!("by which words `{language}` denies is not known here");
            return fall.at(Gate::Claim, message, "a person reads the sentence");
        };
        // May is no word of doubt in a date
        let dated = dates(self.text);
        let in_date = |word: &Word| dated.iter().any(|date| date.at.start < word.at.end && word.at.start < date.at.end);
        let words: Vec<Word> = self.words.iter().filter(|word| !in_date(word)).cloned().collect();
        let first = |list: &[&str]| first_of(list, self.text, &words).map(str::to_owned);
        let (denies, hedges, reports) = (first(lexicon.denies), first(lexicon.hedges), first(lexicon.reports));
        let mut differ = |found: &Option<String>, wanted: bool, word: &str| match found {
            Some(found) if !wanted => {
                fall.at(
                    Gate::Claim,
                    format!("the sentence says `{found}`, and the claim has not the mode `{word}`"),
                    "read it: is it stated, denied, hedged or reported?",
                );
            }
            None if wanted => {
                fall.at(Gate::Claim, format!("no word of the sentence {word}"), "a person reads the sentence")
            }
            _ => {}
        };
        differ(&denies, mode == Mode::Denies, "denies");
        // who reports may hedge, and who hedges may report
        if mode != Mode::Reports {
            differ(&hedges, mode == Mode::Hedges, "hedges");
        }
        if mode != Mode::Hedges {
            differ(&reports, mode == Mode::Reports, "reports");
        }
    }
}
