//! A question about a lineage with every name resolved: what is followed, what of it counts, and why there may be no
//! answer. `TRACE` and the engine's requests ask the same one.

use std::sync::Arc;

use super::kinds::Kinds;
use super::names::{Found, NameIndex};
use super::stated::{Known, Stated};
use super::trace::{self, Course, Lineage, Request, Said};
use super::validity::{Days, Holds, Lists};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::graph::Graph;
use crate::provenance::Vocabulary;
use crate::value::{NodeRef, RelRef, Value};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The bodies, norms or functions, in the order they were named.
    pub starts: &'a [NodeRef],
    /// Only what joins the starts with these; everything when there are none.
    pub to: &'a [NodeRef],
    /// Only this way; both when nothing.
    pub course: Option<Course>,
    /// Only these relationship types.
    pub via: &'a [Arc<str>],
    /// Only what held on these days, which need not be certain unless that is asked for.
    pub date: Option<(Days, bool)>,
}

/// What is found once of all that is known, to answer by.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a, 'l> {
    /// The types that carry a lineage.
    pub kinds: &'a Kinds,
    /// The lists that say by silence what did not hold; asked for where the question has a date.
    pub lists: &'a dyn Fn() -> &'l Lists,
    /// The entity of an id, to find a giver or a receiver that is only named.
    pub entity: &'a dyn Fn(&str) -> Option<NodeRef>,
    /// Whether the search is to end without an answer; asked at each body.
    pub interrupted: &'a dyn Fn() -> bool,
}

impl Question<'_> {
    /// What became of the starts and what they came from.
    pub(crate) fn answer(&self, known: Known<'_>, means: Means<'_, '_>) -> Lineage {
        let lists = self.date.map(|_| (means.lists)());
        let holds = |said: Said<'_>| {
            let (Some((date, certain)), Some(lists)) = (self.date, lists) else { return true };
            let held = match said {
                Said::Fact(rel) => known.rel_holds(rel, lists, date),
                Said::Part(mention) => done(&known.mention_dates(mention), date),
            };
            match held {
                Holds::Yes => true,
                Holds::No => false,
                Holds::NotStated => !certain,
            }
        };
        self.by(means, known, &holds)
    }

    fn by(&self, means: Means<'_, '_>, known: Known<'_>, holds: &dyn Fn(Said<'_>) -> bool) -> Lineage {
        let Self { starts, to, course, .. } = *self;
        let Means { kinds, entity, interrupted, .. } = means;
        trace::trace_by(known, kinds, &Request { starts, to, course, holds, entity, interrupted })
    }

    /// Why there is no answer: what hides facts that would be one, or that no document says anything. `through`: the
    /// words of the clauses by which only some sources are asked.
    pub(crate) fn silence(
        &self,
        lineage: &Lineage,
        known: Known<'_>,
        means: Means<'_, '_>,
        through: &[&'static str],
    ) -> String {
        let mut hidden_by: Vec<&str> = Vec::new();
        hidden_by.extend(self.date.map(|_| "AS OF"));
        hidden_by.extend((!self.via.is_empty()).then_some("VIA"));
        hidden_by.extend(through);
        if !hidden_by.is_empty() {
            let kinds = Kinds::of(known.graph, known.vocabulary, &[]);
            let all = Known { view: None, ..known };
            let unlimited = Self { date: None, via: &[], ..*self };
            let hidden = facts(&unlimited.by(Means { kinds: &kinds, ..means }, all, &|_| true));
            if hidden > 0 {
                let facts = if hidden == 1 { "1 fact" } else { &format!("{hidden} facts") };
                let hide = if hidden_by.len() == 1 { "hides" } else { "hide" };
                return format!("{} {hide} {facts} that would answer this", hidden_by.join(" and "));
            }
        }
        if !self.to.is_empty() {
            let looked = lineage.looked;
            return format!("not related in these documents: {looked} bodies were looked at, before and after both");
        }
        let said = match self.course {
            Some(Course::Forward) => "no document says what became of it",
            Some(Course::Backward) => "no document says what it came from",
            _ => "no document says what became of it, or what it came from",
        };
        said.to_owned()
    }
}

/// How many facts and parts stand behind a lineage.
fn facts(lineage: &Lineage) -> usize {
    let mut facts: Vec<RelRef> = lineage.steps.iter().flat_map(|step| step.facts.iter().copied()).collect();
    facts.sort_unstable();
    facts.dedup();
    facts.len() + lineage.steps.iter().map(|step| step.parts.len()).sum::<usize>()
}

/// Whether an act with these dates is done at `date`: from the last day that it may have been, certainly; not before
/// the first.
fn done(dates: &[Stated], date: Days) -> Holds {
    let mut held = Holds::NotStated;
    for days in dates.iter().filter_map(Stated::days) {
        if days.earliest().is_some_and(|first| date.last < first) {
            return Holds::No;
        }
        if days.latest().is_some_and(|last| last <= date.last) {
            held = Holds::Yes;
        }
    }
    held
}

/// Errors: a type of `via` that neither the graph nor the dataset knows; the nearest is named.
pub(crate) fn check_types(graph: &Graph, vocabulary: &Vocabulary, via: &[Arc<str>]) -> Result<()> {
    for name in via {
        if graph.rel_type(name).is_some() || vocabulary.get(name).is_some() {
            continue;
        }
        let all = || {
            let used = graph.names().types().map(|(_, name)| name);
            used.chain(vocabulary.types().iter().map(|ty| &*ty.name))
        };
        let near = crate::error::nearest(name, all()).or_else(|| {
            let mut alike: Vec<&str> = all().filter(|other| other.contains(&**name) || name.contains(other)).collect();
            alike.sort_by_key(|other| (other.len(), *other));
            alike.first().copied()
        });
        let error = unknown(Code::NameNotFound, format!("no relationship type is called `{name}`"));
        return Err(match near {
            Some(near) => error.hint(format!("did you mean VIA {near}?")),
            None => error.hint(match vocabulary.types().iter().filter(|ty| ty.descent.is_some()).map(|ty| &*ty.name) {
                types if types.clone().next().is_none() => "`shejire schema` lists the types".to_owned(),
                types => format!("these carry a lineage: {}", types.take(12).collect::<Vec<_>>().join(", ")),
            }),
        });
    }
    Ok(())
}

/// The entities that a value means: one, or each of a list in its order; nothing for null.
/// Errors: as [`meant`].
pub(crate) fn all_meant(value: &Value, names: &dyn Fn() -> Arc<NameIndex>) -> Result<Option<Vec<NodeRef>>> {
    let Value::List(list) = value else { return Ok(meant(value, names)?.map(|node| vec![node])) };
    let mut nodes = Vec::new();
    for item in list.iter() {
        nodes.extend(meant(item, names)?);
    }
    Ok(Some(nodes).filter(|nodes| !nodes.is_empty()))
}

/// The node a value means: itself, or the one of that name; nothing for null.
/// Errors: no such name, several of them, neither node nor text.
pub(crate) fn meant(value: &Value, names: &dyn Fn() -> Arc<NameIndex>) -> Result<Option<NodeRef>> {
    let name = match value {
        Value::Null => return Ok(None),
        Value::Node(node) => return Ok(Some(*node)),
        Value::Str(name) => name,
        other => {
            let message = format!("expected a name or a node, and this is a {}", other.type_name());
            return Err(Error::type_error(Code::InvalidArgumentType, message));
        }
    };
    match names().resolve(name) {
        Found::One(candidate) => Ok(Some(candidate.node)),
        Found::Many(candidates) => {
            let listed: Vec<String> =
                candidates.iter().take(8).map(|c| format!("{} ({}, {})", c.name, c.kind, c.id)).collect();
            Err(unknown(Code::NameAmbiguous, format!("`{name}` may mean {} things", candidates.len()))
                .hint(format!("say which by its id: {}", listed.join("; "))))
        }
        Found::None(near) => {
            let error = unknown(Code::NameNotFound, format!("nothing is named `{name}`"));
            let listed: Vec<&str> = near.iter().take(3).map(|c| &*c.name).collect();
            Err(error.hint(match listed.is_empty() {
                true => "`shejire find` with a word of the name looks through every name and its spellings".to_owned(),
                false => format!("near it: {}", listed.join("; ")),
            }))
        }
    }
}

pub(crate) fn unknown(code: Code, message: String) -> Error {
    Error::new(Class::EntityNotFound, Phase::Runtime, code, message)
}
