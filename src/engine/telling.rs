//! Evidence that is told of a graph that is there: by the procedures `source.put`, `evidence.add` and `evidence.remove`, and by
//! the methods of [`KnowledgeGraph`] behind them.
//!
//! The properties of a relationship are what its mentions state together, so they follow every mention that comes or goes;
//! so do the start and the end of a node's life. What a statement tells is done when it ends: its citations show it, its
//! own expressions do not.

use std::sync::Arc;

use crate::error::{Class, Code, Error, Phase, Result, Span, nearest};
use crate::exec::context::Changes;
use crate::function::{Field, Procedure, ProcedureBody};
use crate::lineage::lives;
use crate::provenance::{
    FactId, Identified, KnowledgeGraph, Locator, Mention, MentionId, Mode, NewMention, Place, Reading, Source,
    SourceId, Telling, ValueType, WhichMentions, values,
};
use crate::value::edtf::Edtf;
use crate::value::{Map, NodeRef, RelRef, Value, text};

/// Name, arguments, what it is for, and what it tells.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str, fn(&[Value]) -> Result<Telling>);

const ALL: [Row; 3] = [
    (
        "source.put",
        &[("source", "MAP")],
        "Adds a source, or gives one of this id new particulars: id, title, group, date, derives_from, …",
        put,
    ),
    (
        "evidence.add",
        &[("of", "ANY"), ("mention", "MAP")],
        "Adds a mention to a relationship, or to the life of a node: locator, confidence, mode, qualifiers, …",
        add,
    ),
    (
        "evidence.remove",
        &[("of", "ANY"), ("which", "MAP")],
        "Takes mentions from a relationship or node: those of a source, a locator, the one of an id.",
        remove,
    ),
];

/// The procedures.
pub(super) fn procedures() -> impl Iterator<Item = Procedure> {
    ALL.into_iter().map(|(name, inputs, doc, tells)| Procedure {
        name: name.into(),
        inputs: inputs.iter().map(|(name, ty)| Field { name: (*name).into(), ty: (*ty).into() }).collect(),
        outputs: Vec::new(),
        doc,
        body: ProcedureBody::tells(tells),
    })
}

/// Whether a procedure of this name changes what is known.
pub(super) fn writes(name: &str) -> bool {
    ALL.iter().any(|(own, ..)| own.eq_ignore_ascii_case(name))
}

fn put(arguments: &[Value]) -> Result<Telling> {
    let map = map(arguments, 0)?;
    const KEYS: [&str; 12] = [
        "id",
        "title",
        "group",
        "date",
        "derives_from",
        "node",
        "during",
        "complete",
        "end",
        "about",
        "unknown",
        "source",
    ];
    known_keys("source.put", map, &KEYS)?;
    let text = |key: &str| Ok::<Arc<str>, Error>(one_text(map, key)?.unwrap_or_default());
    let texts = |key: &str| Ok::<Box<[Arc<str>]>, Error>(all_texts(map, key)?.into());
    let end_exclusive = match &*text("end")? {
        "" => None,
        "exclusive" => Some(true),
        "inclusive" => Some(false),
        other => return Err(invalid(format!("`end` is exclusive or inclusive, not {other:?}"))),
    };
    let reading = Reading {
        during: text("during")?,
        complete: texts("complete")?,
        end_exclusive,
        about: text("about")?,
        unknown: texts("unknown")?,
    };
    let node = match map.get("node") {
        None | Some(Value::Null) => None,
        Some(Value::Node(node)) => Some(*node),
        Some(other) => return Err(wrong_type("node", "a node", other)),
    };
    // `db.sources` and `evidence()` call it `source`
    let id = match text("id")? {
        id if id.is_empty() => text("source")?,
        id => id,
    };
    let (title, group, date, derives_from) = (text("title")?, text("group")?, text("date")?, texts("derives_from")?);
    Ok(Telling::Source(Source { id, node, title, group, date, derives_from, reading }))
}

fn add(arguments: &[Value]) -> Result<Telling> {
    let map = map(arguments, 1)?;
    let mut mention = NewMention::at(&place(map)?.ok_or_else(|| {
        invalid("a mention stands at a place".to_owned())
            .hint("{locator: '003:11.8', …}, or {source: '003', locator: '11.8', …}")
    })?)?;
    for (key, value) in map.entries() {
        let given = || one_text(map, key).map(Option::unwrap_or_default);
        mention = match &**key {
            // as `evidence()` answers them
            "source" | "locator" | "place" | "either" | "names" => mention,
            _ if value.is_null() => mention,
            "mention" => mention.id(given()?),
            "confidence" => mention.confidence(&all_texts(map, key)?.join(" "))?,
            "fingerprint" => mention.fingerprint(fingerprint(&given()?)?),
            "mode" => mention.mode(word(key, &given()?, Mode::parse, Mode::ALL.map(|(name, _)| name).as_slice())?),
            "identified" => {
                let words = Identified::ALL.map(|(name, _)| name);
                mention.identified(word(key, &given()?, Identified::parse, words.as_slice())?)
            }
            "by" => mention.by(&given()?),
            "as_named" => mention.as_named(&given()?),
            "event" => mention.event(&given()?),
            "corrects" => mention.corrects(&given()?),
            qualifier => {
                let name = qualifier.strip_prefix("qualifier_").unwrap_or(qualifier);
                all_texts(map, key)?.iter().fold(mention, |mention, text| mention.qualifier(name, text))
            }
        };
    }
    Ok(Telling::Add(of(arguments)?, mention))
}

fn remove(arguments: &[Value]) -> Result<Telling> {
    let map = map(arguments, 1)?;
    known_keys("evidence.remove", map, &["source", "locator", "mention"])?;
    let id = one_text(map, "mention")?;
    let which = match (one_text(map, "locator")?, one_text(map, "source")?, id) {
        (Some(_), _, id) => {
            let which = WhichMentions::at(&place(map)?.unwrap_or_default())?;
            if let Some(id) = id { which.and_id(id) } else { which }
        }
        (None, Some(source), Some(id)) => WhichMentions::of_source(source).and_id(id),
        (None, Some(source), None) => WhichMentions::of_source(source),
        (None, None, Some(id)) => WhichMentions::of_id(id),
        (None, None, None) => {
            let error = invalid("nothing says which mentions are meant".to_owned());
            return Err(error.hint("{source: '003'}, {locator: '003:11.8'} or {mention: 'F0030'}"));
        }
    };
    Ok(Telling::Remove(of(arguments)?, which))
}

/// The relationship or node that is spoken of.
fn of(arguments: &[Value]) -> Result<FactId> {
    match arguments.first() {
        Some(Value::Rel(rel)) => Ok(FactId::Rel(*rel)),
        Some(Value::Node(node)) => Ok(FactId::Node(*node)),
        Some(other) => Err(wrong_type("of", "a relationship or a node", other)),
        None => Err(invalid("nothing is said of nothing".to_owned())),
    }
}

fn map(arguments: &[Value], at: usize) -> Result<&Map> {
    match arguments.get(at) {
        Some(Value::Map(map)) => Ok(map),
        Some(other) => Err(wrong_type("the last argument", "a map", other)),
        None => Err(invalid("a map is missing".to_owned())),
    }
}

fn known_keys(procedure: &str, map: &Map, known: &[&str]) -> Result<()> {
    let Some(unknown) = map.entries().keys().find(|key| !known.contains(&&***key)) else { return Ok(()) };
    let error = invalid(format!("`{procedure}` knows no key `{unknown}`"));
    Err(match nearest(unknown, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("it takes {}", known.join(", "))),
    })
}

/// `document:paragraph.sentence` out of `locator`, which may leave the document to `source`.
fn place(map: &Map) -> Result<Option<String>> {
    let Some(locator) = one_text(map, "locator")? else { return Ok(None) };
    Ok(Some(match (locator.rsplit_once(':'), one_text(map, "source")?) {
        (Some((named, _)), Some(source)) if *named != *source => {
            return Err(
                invalid(format!("the locator is in `{named}`, the source is `{source}`")).hint("one of them is wrong")
            );
        }
        (Some(_), _) => locator.to_string(),
        (None, Some(source)) => format!("{source}:{locator}"),
        (None, None) => {
            return Err(
                invalid(format!("{locator:?} does not say in which document")).hint("add `source`, or write 003:11.8")
            );
        }
    }))
}

/// The text under a key; nothing when there is none.
fn one_text(map: &Map, key: &str) -> Result<Option<Arc<str>>> {
    let mut all = all_texts(map, key)?;
    match all.len() {
        0 => Ok(None),
        1 => Ok(all.pop()),
        _ => Err(invalid(format!("`{key}` is one value, not several"))),
    }
}

/// The text under a key, or the texts in a list.
fn all_texts(map: &Map, key: &str) -> Result<Vec<Arc<str>>> {
    let one = |value: &Value| match value {
        Value::Str(text) => Ok(text.clone()),
        other => text::scalar(other).map(Arc::from).ok_or_else(|| wrong_type(key, "a text", other)),
    };
    match map.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => items.items().iter().map(one).collect(),
        Some(value) => Ok(vec![one(value)?]),
    }
}

fn word<T>(key: &str, text: &str, parse: fn(&str) -> Option<T>, known: &[&str]) -> Result<T> {
    parse(text).ok_or_else(|| invalid(format!("`{text}` is no {key}")).hint(format!("one of {}", known.join(", "))))
}

fn fingerprint(text: &str) -> Result<u64> {
    let hex = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
    u64::from_str_radix(text, 16)
        .ok()
        .filter(|_| hex)
        .ok_or_else(|| invalid(format!("`{text}` is no fingerprint")).hint("sixteen digits 0-9 a-f"))
}

fn wrong_type(what: &str, wanted: &str, found: &Value) -> Error {
    let message = format!("`{what}` must be {wanted}, not a {}", found.type_name());
    Error::type_error(Code::InvalidArgumentType, message)
}

fn invalid(message: String) -> Error {
    Error::argument(Code::InvalidArgumentValue, message)
}

fn gone(what: &str) -> Error {
    let message = format!("the {what} that evidence is told of is deleted");
    Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, message)
}

fn full() -> Error {
    Error::limit(Code::Size, "there is no room for another mention")
}

/// Does what a statement tells, in its order, each at its place in the text.
pub(super) fn tell(
    knowledge: &mut KnowledgeGraph,
    tellings: Vec<(Telling, Span)>,
    changes: &mut Changes,
) -> Result<()> {
    for (telling, span) in tellings {
        match telling {
            Telling::Source(source) => {
                knowledge.put_source(source).map_err(|error| error.at(span))?;
                changes.sources_put += 1;
            }
            Telling::Add(of, mention) => {
                changes.mentions_added +=
                    u64::from(knowledge.add_mention(of, &mention).map_err(|error| error.at(span))?);
            }
            Telling::Remove(of, which) => {
                changes.mentions_removed += knowledge.remove_mentions(of, &which).map_err(|error| error.at(span))?;
            }
        }
    }
    Ok(())
}

impl KnowledgeGraph {
    /// Adds a source, or gives the one of this id new particulars; the node that stands for it stays unless another is
    /// named. Errors: no id; a date that is none.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::Source;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// engine.change(|knowledge| knowledge.put_source(Source { id: "003".into(), title: "Minutes".into(), ..Source::default() }))?;
    /// engine.change(|knowledge| knowledge.put_source(Source { id: "003".into(), title: "Minutes of 1995".into(), ..Source::default() }))?;
    /// assert_eq!(&*engine.sources()[0].title, "Minutes of 1995");
    /// # Ok(())
    /// # }
    /// ```
    pub fn put_source(&mut self, source: Source) -> Result<SourceId> {
        if source.id.trim().is_empty() {
            return Err(invalid("a source needs an id".to_owned()).hint("short, as locators use it: {id: '003', …}"));
        }
        for (key, date) in [("date", &source.date), ("during", &source.reading.during)] {
            check_date(key, date)?;
        }
        let known = self.evidence.source_id(&source.id).and_then(|id| self.evidence.source(id));
        let node = source.node.or_else(|| known?.node);
        if node.is_some_and(|node| !self.graph.node_exists(node)) {
            return Err(gone("node"));
        }
        self.evidence_mut().add_source(Source { node, ..source }).ok_or_else(full)
    }

    /// Adds a mention to a relationship, whose properties follow what its mentions state, or to a node: to its life when it
    /// states anything, else as a place that names it. Nothing is added twice; whether it was added. Errors: a source that
    /// is not there, a date that is none, a relationship or node that is deleted.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{FactId, NewMention};
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN r")?;
    /// let fact = FactId::Rel(rows.get(0).unwrap().get::<RelRef>("r")?);
    /// let mention = NewMention::at("003:2.1")?.qualifier("wording", "became");
    /// assert!(engine.change(|knowledge| knowledge.add_mention(fact, &mention))?);
    /// assert!(!engine.change(|knowledge| knowledge.add_mention(fact, &mention))?, "told twice it is told once");
    /// let rows = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN support(r) AS n")?;
    /// assert_eq!(rows.get(0).unwrap().get::<i64>("n")?, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_mention(&mut self, of: FactId, mention: &NewMention) -> Result<bool> {
        let source = self.source_called(mention.source())?;
        let added = mention.of(source);
        match of {
            FactId::Rel(rel) => self.add_to_rel(rel, added),
            FactId::Node(node) => self.add_to_node(node, added),
            FactId::Mention(_) => Err(invalid("a mention has no mentions of its own".to_owned())),
        }
    }

    /// Takes the mentions that are meant from a relationship or node, and says how many. Errors: as [`Self::add_mention`].
    ///
    /// That a place names the ends of a relationship is told by more than one mention perhaps, and stays: it is taken back
    /// from the node.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::provenance::{FactId, WhichMentions};
    /// use shejire::value::RelRef;
    ///
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.run("MATCH ()-[r:`transformed-into`]->() RETURN r")?;
    /// let fact = FactId::Rel(rows.get(0).unwrap().get::<RelRef>("r")?);
    /// let which = WhichMentions::of_source("000");
    /// assert_eq!(engine.change(|knowledge| knowledge.remove_mentions(fact, &which))?, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove_mentions(&mut self, of: FactId, which: &WhichMentions) -> Result<u64> {
        let source = which.source().map(|id| self.source_called(id)).transpose()?;
        let is_meant = |mention: &Mention| which.means(mention, source);
        match of {
            FactId::Rel(rel) => self.remove_from_rel(rel, is_meant),
            FactId::Node(node) => self.remove_from_node(node, is_meant, |place| which.means_place(*place, source)),
            FactId::Mention(_) => Err(invalid("a mention has no mentions of its own".to_owned())),
        }
    }

    fn source_called(&self, id: &str) -> Result<SourceId> {
        self.evidence.source_id(id).ok_or_else(|| {
            let message = format!("no source is called `{id}`");
            let error = Error::new(Class::EntityNotFound, Phase::Runtime, Code::InvalidArgumentValue, message);
            match nearest(id, self.evidence.sources().iter().map(|source| &*source.id)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("CALL source.put({{id: '{id}', title: …}}) adds it")),
            }
        })
    }

    fn add_to_rel(&mut self, rel: RelRef, mention: Mention) -> Result<bool> {
        if !self.graph.rel_exists(rel) {
            return Err(gone("relationship"));
        }
        if self.evidence.has_mention(rel, &mention) {
            return Ok(false);
        }
        let ends = self.graph.rel(rel);
        let relation = self.graph.names().type_text(ends.ty);
        for (key, value) in mention.stated_qualifiers() {
            let known = !self.vocabulary.is_sentinel(value, self.evidence.source(mention.place.source));
            if known && self.vocabulary.qualifier(key, &relation).ty == ValueType::Edtf {
                check_date(key, value)?;
            }
        }
        let paragraph = Place { at: Locator::paragraph(mention.place.at.paragraph), ..mention.place };
        let corrected = mention.corrects().map(Arc::<str>::from);
        self.evidence_mut().add_mention(rel, mention).ok_or_else(full)?;
        for end in [ends.start, ends.end] {
            let literal = self.graph.labels_of(end).iter().any(|label| self.graph.label_name(*label) == "Literal");
            if !literal {
                self.evidence_mut().add_place(end, paragraph).ok_or_else(full)?;
            }
        }
        self.restate(rel, &[])?;
        if let Some(corrected) = corrected {
            self.restate_corrected(&corrected, rel)?;
        }
        Ok(true)
    }

    fn add_to_node(&mut self, node: NodeRef, mention: Mention) -> Result<bool> {
        if !self.graph.node_exists(node) {
            return Err(gone("node"));
        }
        if mention.event().is_some() {
            let error = invalid("an event is told of a relationship, not of a node".to_owned());
            return Err(error.hint("give the mention to the relationship that is part of the event"));
        }
        for (key, value) in mention.stated_qualifiers().filter(|(key, _)| matches!(&***key, "start" | "end")) {
            check_date(key, value)?;
        }
        let place = mention.place;
        if mention.stated_qualifiers().next().is_none() {
            let known = self.evidence.places_of(node).contains(&place);
            self.evidence_mut().add_place(node, place).ok_or_else(full)?;
            return Ok(!known);
        }
        let known = self.evidence.exists_of(node).iter().any(|id| self.evidence.mention(*id) == Some(&mention));
        if known {
            return Ok(false);
        }
        let paragraph = Place { at: Locator::paragraph(place.at.paragraph), ..place };
        self.evidence_mut().add_place(node, paragraph).ok_or_else(full)?;
        self.evidence_mut().add_exists(node, mention).ok_or_else(full)?;
        self.settle(node)?;
        Ok(true)
    }

    fn remove_from_rel(&mut self, rel: RelRef, is_meant: impl Fn(&Mention) -> bool) -> Result<u64> {
        if !self.graph.rel_exists(rel) {
            return Err(gone("relationship"));
        }
        let evidence = &self.evidence;
        let all = [evidence.ids_of(rel), evidence.denials_of(rel), evidence.either_of(rel)].concat();
        let meant = |id: &MentionId| evidence.mention(*id).filter(|mention| is_meant(mention)).cloned();
        let meant: Vec<(MentionId, Mention)> = all.iter().filter_map(|id| Some((*id, meant(id)?))).collect();
        if meant.is_empty() {
            return Ok(0);
        }
        for (id, _) in &meant {
            self.evidence_mut().take_mention(rel, *id);
        }
        let taken: Vec<&Mention> = meant.iter().map(|(_, mention)| mention).collect();
        self.restate(rel, &taken)?;
        for corrected in taken.iter().filter_map(|mention| mention.corrects()) {
            self.restate_corrected(corrected, rel)?;
        }
        Ok(meant.len() as u64)
    }

    fn remove_from_node(
        &mut self,
        node: NodeRef,
        is_meant: impl Fn(&Mention) -> bool,
        is_place: impl Fn(&Place) -> bool,
    ) -> Result<u64> {
        if !self.graph.node_exists(node) {
            return Err(gone("node"));
        }
        let evidence = &self.evidence;
        let meant = |id: &&MentionId| evidence.mention(**id).is_some_and(&is_meant);
        let mentions: Vec<MentionId> = evidence.exists_of(node).iter().filter(meant).copied().collect();
        let places: Vec<Place> = evidence.places_of(node).iter().filter(|at| is_place(at)).copied().collect();
        for id in &mentions {
            self.evidence_mut().take_exists(node, *id);
        }
        for place in &places {
            self.evidence_mut().take_place(node, *place);
        }
        if !mentions.is_empty() {
            lives::unsettle(&mut self.graph, &self.evidence, &self.vocabulary, node)?;
            self.settle(node)?;
        }
        Ok((mentions.len() + places.len()) as u64)
    }

    fn settle(&mut self, node: NodeRef) -> Result<()> {
        lives::settle(&mut self.graph, &self.evidence, &self.vocabulary, &[node])
    }

    /// Gives a relationship the properties that its mentions state together, and takes those that only `taken` stated.
    fn restate(&mut self, rel: RelRef, taken: &[&Mention]) -> Result<()> {
        let relation = self.graph.names().type_text(self.graph.rel(rel).ty);
        let properties = {
            // a fact of which every mention is corrected keeps what they say: it is seen as of before the correction
            let standing: Vec<&Mention> = self.evidence.seen(rel, None).collect();
            let all = if standing.is_empty() { self.evidence.mentions_of(rel).collect() } else { standing };
            values::of_fact(&self.evidence, &self.vocabulary, &relation, &all)?
        };
        let own = self.evidence.mentions_of(rel);
        let keys = values::keys(taken.iter().copied().chain(own));
        let gone = keys.into_iter().chain(["fact", "confidence", "evaluative"].map(Arc::from));
        let gone: Vec<Arc<str>> = gone
            .filter(|key| !properties.iter().any(|(own, _)| own == key) && !values::OF_OBJECT.contains(&&**key))
            .collect();
        for (key, value) in properties.into_iter().chain(gone.into_iter().map(|key| (key, Value::Null))) {
            if value.is_null() && self.graph.key(&key).is_none() {
                continue;
            }
            let key = self.graph.ensure_key(&key)?;
            self.graph.set_rel_property(rel, key, value)?;
        }
        Ok(())
    }

    /// The same for the relationships whose mention of this id is corrected, or no longer.
    fn restate_corrected(&mut self, id: &str, done: RelRef) -> Result<()> {
        let evidence = &self.evidence;
        let others = evidence.rels().map(|(rel, _)| rel).filter(|rel| *rel != done && self.graph.rel_exists(*rel));
        let meant: Vec<RelRef> = others.filter(|rel| evidence.mentions_of(*rel).any(|m| *m.id == *id)).collect();
        meant.into_iter().try_for_each(|rel| self.restate(rel, &[]))
    }
}

/// Errors: a date that is none.
fn check_date(key: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    match Edtf::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(format!("`{key}` is no date: {text:?}: {error}"))),
    }
}
