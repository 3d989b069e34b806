//! What is said of an event, each thing with the places that say it.

use std::cell::RefCell;
use std::sync::Arc;

use smallvec::SmallVec;

use super::kinds::Kind;
use super::stated::{Known, Stated};
use crate::error::Result;
use crate::provenance::{
    Locator, Member, Mention, Place, Qualifier, Role, SourceId, ValueType, grouping, same_key, values,
};
use crate::value::{List, Map, NodeRef, RelRef, Value};

/// One value with the places that state it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The value as stated.
    pub text: Arc<str>,
    /// What it is a value of: the role of a date; else nothing.
    pub role: &'static str,
    /// The bodies of which it is said, by id.
    pub bodies: Vec<NodeRef>,
    /// The places, in order, each once.
    pub places: Vec<Place>,
}

/// What is said of one event, or of one move of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Detail {
    /// When, as one value for computing: the stated date, or the set of those that differ.
    pub when: Option<Arc<str>>,
    /// The dates, in order of time.
    pub dates: Vec<Said>,
    /// The acts it was done by.
    pub acts: Vec<Said>,
    /// The shares of those who took part.
    pub shares: Vec<Said>,
    /// Who took part by which place, in order, each pair once.
    took_part: Vec<(NodeRef, Place)>,
    /// All places that state what it is, in order, each once.
    pub places: Vec<Place>,
    /// Of a move that is stated as a receipt and as a withdrawal: how the withdrawal is called, and the places that
    /// state it. They state no receipt.
    pub withdrawal: Option<(Arc<str>, Vec<Place>)>,
    /// The documents.
    pub sources: SmallVec<[SourceId; 8]>,
    /// The places that name no actor, where the dataset supplies one.
    pub supplied: Vec<Place>,
    /// Whether documents differ in what cannot be true together, or some deny it.
    pub disputed: bool,
}

/// The keys beside the date that are shown of an event.
const ACT: &str = "through";
const SHARE: &str = "share";

/// What is said of an event of `kind` with these facts and parts.
pub(crate) fn detail(known: &Known<'_>, kind: &Kind, facts: &[RelRef], parts: &[Member]) -> Detail {
    let dates_of = |rel: RelRef| known.dates(rel);
    detail_dated(known, kind, facts, parts, &mut facts.iter().map(|rel| dates_of(*rel)))
}

/// The same where the dates of the facts are known: those of each, in their order.
pub(crate) fn detail_dated<D: AsRef<[Stated]>>(
    known: &Known<'_>,
    kind: &Kind,
    facts: &[RelRef],
    parts: &[Member],
    dates: &mut dyn Iterator<Item = D>,
) -> Detail {
    let mut detail = Detail::default();
    for (rel, dates) in facts.iter().zip(dates) {
        let ends = known.graph.rel(*rel);
        let (before, after) = kind.ends(ends.start, ends.end);
        let bodies: &[NodeRef] = match kind.role {
            Role::Succession => &[before, after],
            _ => &[after],
        };
        for date in dates.as_ref() {
            add(&mut detail.dates, &date.text, date.role, bodies, date.place);
        }
        let mentions: SmallVec<[&Mention; 4]> = known.mentions(*rel).collect();
        if mentions.is_empty() {
            for (key, list) in [(ACT, &mut detail.acts), (SHARE, &mut detail.shares)] {
                known.values(*rel, key).iter().for_each(|(text, place)| add(list, text, "", bodies, *place));
            }
        }
        let relation = graph_type(known, *rel);
        if kind.role == Role::FunctionTransfer && *relation != *kind.name {
            let of_it = || (known.graph.names().type_text(ends.ty), Vec::new());
            let (_, places) = detail.withdrawal.get_or_insert_with(of_it);
            places.extend(mentions.iter().map(|mention| mention.place));
        } else {
            detail.places.extend(mentions.iter().map(|mention| mention.place));
        }
        for mention in &mentions {
            detail.mention(known, relation, mention, bodies);
            detail.took_part.extend([before, after].map(|body| (body, mention.place)));
        }
        detail.disputed |= disputed_by(known, *rel, &mentions);
    }
    for part in parts {
        let Some(mention) = known.evidence.mention(part.mention) else { continue };
        let bodies = [part.node];
        for date in known.mention_dates(mention) {
            add(&mut detail.dates, &date.text, date.role, &bodies, date.place);
        }
        detail.places.push(mention.place);
        detail.mention(known, &kind.name, mention, &bodies);
        detail.took_part.push((part.node, mention.place));
    }
    detail.settle(known);
    detail
}

fn graph_type<'a>(known: &Known<'a>, rel: RelRef) -> &'a str {
    known.graph.type_name(known.graph.rel(rel).ty)
}

impl Detail {
    /// What one mention says beside the date.
    fn mention(&mut self, known: &Known<'_>, relation: &str, mention: &Mention, bodies: &[NodeRef]) {
        for (key, list) in [(ACT, &mut self.acts), (SHARE, &mut self.shares)] {
            if !mention.qualifiers.iter().any(|(own, _)| same_key(own, key)) {
                continue;
            }
            let reading = known.vocabulary.qualifier(key, relation);
            let stated = known.evidence.stated_by(mention, key, reading, known.vocabulary);
            stated.for_each(|text| add(list, text, "", bodies, Some(mention.place)));
        }
        if mention.confidence.has('A') {
            self.supplied.push(mention.place);
        }
    }

    /// The places that say of a body that it took part, in order.
    fn of_body(&self, body: NodeRef) -> impl Iterator<Item = Place> {
        let first = self.took_part.partition_point(|(other, _)| *other < body);
        self.took_part[first..].iter().take_while(move |(other, _)| *other == body).map(|(_, place)| *place)
    }

    /// The places that say of a body that it took part, in the order of their documents' ids, each once.
    pub(crate) fn places_of_body(&self, known: &Known<'_>, body: NodeRef) -> SmallVec<[Place; 4]> {
        let mut places: SmallVec<[Place; 4]> = self.of_body(body).collect();
        if places.len() > 1 {
            places.sort_by_key(|place| by_document(known, place));
        }
        places
    }

    fn settle(&mut self, known: &Known<'_>) {
        let texts: Vec<Arc<str>> = {
            let mut texts: Vec<Arc<str>> = self.dates.iter().map(|date| date.text.clone()).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let reading = Qualifier { ty: ValueType::Edtf, many: false, conflicts: true };
        if let Ok(pooled) = values::pool(reading, texts) {
            self.disputed |= pooled.disputed && self.dates.len() > 1;
            self.when = match pooled.value {
                Value::Str(text) => Some(text),
                // dates that cannot be read, and differ: the first, in the order of their letters
                _ => self.dates.iter().map(|date| &date.text).min().cloned(),
            };
        }
        let day = |said: &Said| {
            let days = known.read(&said.text, None).map(|date| date.days());
            let (first, last) = days.map_or((None, None), |days| (days.earliest(), days.latest()));
            (first, last, said.role, said.text.clone())
        };
        if self.dates.len() > 1 {
            self.dates.sort_by_cached_key(day);
        }
        for list in [&mut self.acts, &mut self.shares] {
            list.sort_by(|a, b| grouping::by_number(&a.text, &b.text));
        }
        for said in self.dates.iter_mut().chain(&mut self.acts).chain(&mut self.shares) {
            tidy(known, &mut said.places);
            if said.bodies.len() > 1 {
                said.bodies.sort_by(|a, b| known.by_id(*a, *b));
                said.bodies.dedup();
            }
        }
        self.took_part.sort_unstable();
        self.took_part.dedup();
        tidy(known, &mut self.places);
        tidy(known, &mut self.supplied);
        let mut of_withdrawal: &[Place] = &[];
        if let Some((_, places)) = &mut self.withdrawal {
            tidy(known, places);
            of_withdrawal = places;
        }
        self.sources = self.places.iter().chain(of_withdrawal).map(|place| place.source).collect();
        self.sources.sort_unstable();
        self.sources.dedup();
    }
}

fn add(list: &mut Vec<Said>, text: &Arc<str>, role: &'static str, bodies: &[NodeRef], place: Option<Place>) {
    let at = match list.iter().position(|said| said.text == *text && said.role == role) {
        Some(at) => at,
        None => {
            list.push(Said { text: text.clone(), role, ..Said::default() });
            list.len() - 1
        }
    };
    list[at].bodies.extend(bodies);
    list[at].places.extend(place);
}

/// The places behind facts and parts of an event, in the order of their documents' ids, each once.
pub(crate) fn places_of(known: &Known<'_>, facts: &[RelRef], parts: &[Member]) -> Vec<Place> {
    let mut places: Vec<Place> = facts.iter().flat_map(|rel| known.mentions(*rel)).map(|m| m.place).collect();
    places.extend(parts.iter().filter_map(|part| known.evidence.mention(part.mention)).map(|m| m.place));
    tidy(known, &mut places);
    places
}

/// Puts places in the order of their documents' ids, each once.
pub(crate) fn tidy(known: &Known<'_>, places: &mut Vec<Place>) {
    places.sort_unstable();
    places.dedup();
    if places.len() > 1 {
        places.sort_by_cached_key(|place| by_document(known, place));
    }
}

fn by_document(known: &Known<'_>, place: &Place) -> (Option<Arc<str>>, Locator) {
    (known.evidence.source(place.source).map(|source| source.id.clone()), place.at)
}

/// Whether `mentions`, which assert a fact, state values that cannot be true together, or others deny it.
fn disputed_by(known: &Known<'_>, rel: RelRef, mentions: &[&Mention]) -> bool {
    if known.evidence.denials_seen(rel, known.view).next().is_some() {
        return true;
    }
    if mentions.len() < 2 {
        return false;
    }
    let relation = graph_type(known, rel);
    values::keys(mentions.iter().copied()).iter().any(|key| {
        known.vocabulary.qualifier(key, relation).conflicts
            && known
                .evidence
                .pooled(mentions.iter().copied(), key, relation, known.vocabulary)
                .is_ok_and(|pooled| pooled.disputed)
    })
}

/// Places as they are cited.
pub(crate) fn cited(known: &Known<'_>, places: &[Place]) -> Result<Value> {
    Value::list(places.iter().map(|place| Value::from(known.evidence.cite(*place))).collect())
}

/// Makes values of what is said. Most events stand at one place, which is cited for all that is said of them: the
/// words of the maps, the places and the last list of them are made once.
pub(crate) struct Teller<'a> {
    known: Known<'a>,
    words: Words,
    nothing: Value,
    places: RefCell<Vec<(Place, Value)>>,
    list: RefCell<Option<(SmallVec<[Place; 4]>, Value)>>,
}

/// The keys of the maps.
struct Words {
    act: Arc<str>,
    bodies: Arc<str>,
    body: Arc<str>,
    citations: Arc<str>,
    date: Arc<str>,
    event: Arc<str>,
    kind: Arc<str>,
    role: Arc<str>,
    share: Arc<str>,
}

/// So many places are remembered.
const RECENT: usize = 16;

impl<'a> Teller<'a> {
    /// Of what is known.
    pub(crate) fn new(known: Known<'a>) -> Self {
        let words = Words {
            act: "act".into(),
            bodies: "bodies".into(),
            body: "body".into(),
            citations: "citations".into(),
            date: "date".into(),
            event: "event".into(),
            kind: "kind".into(),
            role: "role".into(),
            share: "share".into(),
        };
        let nothing = Value::List(List::default());
        Self { known, words, nothing, places: RefCell::default(), list: RefCell::default() }
    }

    /// Places as they are cited.
    pub(crate) fn cited(&self, places: &[Place]) -> Result<Value> {
        if places.is_empty() {
            return Ok(self.nothing.clone());
        }
        if let Some((_, list)) = self.list.borrow().as_ref().filter(|(known, _)| known[..] == *places) {
            return Ok(list.clone());
        }
        let mut recent = self.places.borrow_mut();
        let cited = places.iter().map(|place| match recent.iter().find(|(known, _)| known == place) {
            Some((_, cited)) => cited.clone(),
            None => {
                if recent.len() == RECENT {
                    recent.clear();
                }
                let cited = Value::from(self.known.evidence.cite(*place));
                recent.push((*place, cited.clone()));
                cited
            }
        });
        let list = Value::list(cited.collect())?;
        *self.list.borrow_mut() = Some((SmallVec::from_slice(places), list.clone()));
        Ok(list)
    }

    /// The dates, each with its role, its bodies and places.
    pub(crate) fn dates(&self, detail: &Detail) -> Result<Value> {
        self.told(&self.words.date, &detail.dates)
    }

    /// The acts, likewise.
    pub(crate) fn acts(&self, detail: &Detail) -> Result<Value> {
        self.told(&self.words.act, &detail.acts)
    }

    /// The shares, likewise.
    pub(crate) fn shares(&self, detail: &Detail) -> Result<Value> {
        self.told(&self.words.share, &detail.shares)
    }

    fn told(&self, key: &Arc<str>, list: &[Said]) -> Result<Value> {
        if list.is_empty() {
            return Ok(self.nothing.clone());
        }
        let each = list.iter().map(|said| {
            let bodies = Value::list(said.bodies.iter().copied().map(Value::Node).collect())?;
            let mut entries: SmallVec<[(Arc<str>, Value); 4]> = SmallVec::new();
            entries.push((key.clone(), Value::Str(said.text.clone())));
            if !said.role.is_empty() {
                entries.push((self.words.role.clone(), Value::str(said.role)));
            }
            entries.push((self.words.bodies.clone(), bodies));
            entries.push((self.words.citations.clone(), self.cited(&said.places)?));
            Value::map(entries)
        });
        Value::list(each.collect::<Result<_>>()?)
    }

    /// A list of bodies, each with the places that say that it took part.
    pub(crate) fn bodies(&self, detail: &Detail, list: &[NodeRef]) -> Result<Value> {
        if list.is_empty() {
            return Ok(self.nothing.clone());
        }
        let each = list.iter().map(|body| {
            let places = detail.places_of_body(&self.known, *body);
            let body = (self.words.body.clone(), Value::Node(*body));
            Value::map([body, (self.words.citations.clone(), self.cited(&places)?)])
        });
        Value::list(each.collect::<Result<_>>()?)
    }

    /// A withdrawal beside a receipt: how it is called, the body that gives, and its places.
    pub(crate) fn withdrawal(&self, detail: &Detail, giver: Option<NodeRef>) -> Result<Value> {
        let Some((kind, places)) = &detail.withdrawal else { return Ok(Value::Null) };
        Value::map([
            (self.words.kind.clone(), Value::Str(kind.clone())),
            (self.words.body.clone(), giver.map_or(Value::Null, Value::Node)),
            (self.words.citations.clone(), self.cited(places)?),
        ])
    }

    /// An event on a way, with the body it leads to and its places.
    pub(crate) fn passage(&self, event: &Arc<str>, body: NodeRef, places: &[Place]) -> Result<Value> {
        Value::map([
            (self.words.event.clone(), Value::Str(event.clone())),
            (self.words.body.clone(), Value::Node(body)),
            (self.words.citations.clone(), self.cited(places)?),
        ])
    }
}

/// `event(r)`: the event of a fact as a map; nothing when its type has no part in a lineage.
pub(crate) fn event_map(known: Known<'_>, rel: RelRef) -> Result<Option<Map>> {
    let kinds = super::kinds::Kinds::of(known.graph, known.vocabulary, &[]);
    let mut events = super::events::Events::new(known, &kinds);
    let Some(at) = events.of_fact(rel) else { return Ok(None) };
    let event = events.get(at);
    let sees = |rel: &RelRef| known.sees(*rel);
    let facts: Vec<RelRef> = event.facts.iter().copied().filter(sees).collect();
    let parts: Vec<Member> =
        event.parts.iter().copied().filter(|part| super::events::sees_part(&known, known.view, part.mention)).collect();
    let detail = detail(&known, &event.kind, &facts, &parts);
    let side = |first| {
        let seen = |member: &Member| parts.contains(member);
        event.side(&known, first, &|rel| known.sees(rel), &seen)
    };
    let teller = Teller::new(known);
    let mut entries = vec![
        (Arc::from("event"), Value::Str(event.id(&known))),
        (Arc::from("kind"), Value::Str(event.kind.name.clone())),
        (Arc::from("when"), detail.when.clone().map_or(Value::Null, Value::Str)),
        (Arc::from("dates"), teller.dates(&detail)?),
        (Arc::from("act"), teller.acts(&detail)?),
        (Arc::from("share"), teller.shares(&detail)?),
        (Arc::from("facts"), Value::list(facts.iter().copied().map(Value::Rel).collect())?),
        (Arc::from("support"), count(detail.sources.len())),
        (Arc::from("witnesses"), count(known.evidence.witnesses(&detail.sources))),
        (Arc::from("citations"), teller.cited(&detail.places)?),
        (Arc::from("disputed"), Value::Bool(detail.disputed)),
    ];
    let sides = match event.kind.role {
        Role::Succession => [("predecessors", true), ("successors", false)].as_slice(),
        Role::FunctionTransfer | Role::FunctionWithdrawal => &[("functions", true), ("bodies", false)],
        _ => &[("bodies", false)],
    };
    for (key, first) in sides {
        entries.push((Arc::from(*key), teller.bodies(&detail, &side(*first))?));
    }
    Map::new(entries.into_iter().collect()).map(Some)
}

/// A number of things as a value.
pub(crate) fn count(n: usize) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}
