//! Lineages and conflicts as rows of values: what the language shows of them, in the order of [`columns`].

use std::sync::Arc;

use super::columns::{self, OfTrace};
use super::conflict::{Disagreement, Standpoint, claim_text, node_name};
use super::detail::{self, Detail, Teller, count};
use super::stated::Known;
use super::trace::{Course, Lineage, Passage, Step};
use crate::error::Result;
use crate::provenance::{FactId, Locator, Place, SourceId};
use crate::value::{NodeRef, Value};

impl Course {
    /// `backward`, `here` or `forward`.
    ///
    /// ```
    /// use shejire::engine::Course;
    ///
    /// assert_eq!(Course::Forward.name(), "forward");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Backward => "backward",
            Self::Here => "here",
            Self::Forward => "forward",
        }
    }
}

impl Lineage {
    /// The events from the start to where a step happened, the first one first.
    pub(crate) fn route(&self, step: &Step) -> Vec<&Passage> {
        let mut passed: Vec<&Passage> = Vec::new();
        let mut next = step.by;
        while let Some(way) = next.and_then(|at| self.ways.get(at)) {
            passed.push(way);
            next = way.before;
        }
        passed.reverse();
        passed
    }

    /// The last event on the way to where a step happened; nothing at the start.
    pub(crate) fn after(&self, step: &Step) -> Option<&Passage> {
        self.ways.get(step.by?)
    }
}

/// The cells of a step, in the order of the columns of `TRACE`; those that are not `wanted` are null.
pub(crate) fn of_step(
    step: &Step,
    lineage: &Lineage,
    wanted: &[bool],
    told: &Detail,
    teller: &Teller<'_>,
    known: &Known<'_>,
) -> Result<Vec<Value>> {
    let node = |node: Option<NodeRef>| node.map_or(Value::Null, Value::Node);
    let mut cells = Vec::with_capacity(columns::TRACE.len() + 1);
    for (column, wanted) in columns::OF_TRACE.iter().zip(wanted) {
        if !wanted {
            cells.push(Value::Null);
            continue;
        }
        cells.push(match column {
            OfTrace::Step => Value::Int(step.number),
            OfTrace::Direction => Value::str(step.course.name()),
            OfTrace::Kind => Value::Str(step.kind.name.clone()),
            OfTrace::From => node(step.from),
            OfTrace::To => node(step.to),
            OfTrace::What => node(step.what),
            OfTrace::When => told.when.clone().map_or(Value::Null, Value::Str),
            OfTrace::Support => count(told.sources.len()),
            OfTrace::Citations => teller.cited(&told.places)?,
            OfTrace::Event => Value::Str(step.event.clone()),
            OfTrace::Predecessors => teller.bodies(told, &step.predecessors)?,
            OfTrace::Successors => teller.bodies(told, &step.successors)?,
            OfTrace::Body => node(step.body),
            OfTrace::Dates => teller.dates(told)?,
            OfTrace::Act => teller.acts(told)?,
            OfTrace::Share => teller.shares(told)?,
            OfTrace::Witnesses => count(known.evidence.witnesses(&told.sources)),
            OfTrace::Supplied => teller.cited(&told.supplied)?,
            OfTrace::Withdrawal => teller.withdrawal(told, step.from)?,
            OfTrace::Certain => Value::Bool(step.certain),
            OfTrace::Disputed => Value::Bool(told.disputed),
            OfTrace::After => lineage.after(step).map_or(Value::Null, |way| Value::Str(way.event.clone())),
            OfTrace::Route => {
                let each = lineage
                    .route(step)
                    .into_iter()
                    .map(|way| teller.passage(&way.event, way.body, &detail::places_of(known, &way.facts, &way.parts)));
                Value::list(each.collect::<Result<_>>()?)?
            }
        });
    }
    Ok(cells)
}

/// The cells of a conflict, in the order of the columns of `CONFLICTS`.
pub(crate) fn of_conflict(conflict: &Disagreement, known: &Known<'_>) -> Result<Vec<Value>> {
    let topic = if conflict.topic.is_empty() { Value::Null } else { Value::Str(conflict.topic.clone()) };
    let mut cells = vec![topic, Value::Str(conflict.kind.clone())];
    let [(left, left_more), (right, right_more)] =
        [of_side(&conflict.sides[0], known)?, of_side(&conflict.sides[1], known)?];
    cells.extend(left);
    cells.extend(right);
    cells.push(conflict.certain.map_or(Value::Null, Value::Bool));
    cells.extend(left_more);
    cells.extend(right_more);
    Ok(cells)
}

/// One side of a conflict as cells: the claim in words, how many documents say so, which; then what it states otherwise
/// than the other, how many independent voices say so, where, and the fact itself.
fn of_side(side: &Standpoint, known: &Known<'_>) -> Result<([Value; 3], [Value; 4])> {
    let evidence = known.evidence;
    let fact = match side.about {
        FactId::Rel(rel) => Value::Rel(rel),
        FactId::Node(node) => Value::Node(node),
        FactId::Mention(_) => Value::Null,
    };
    let states = match side.states.is_empty() {
        true => Value::Null,
        false => {
            let mut entries = Vec::with_capacity(side.states.len());
            for (key, values) in &side.states {
                entries.push((Arc::clone(key), Value::list(values.iter().cloned().map(Value::Str).collect())?));
            }
            Value::map(entries)?
        }
    };
    let places = side.places(known);
    let mut sources: Vec<SourceId> = places.iter().map(|place| place.source).collect();
    sources.dedup();
    let (support, witnesses) = (count(sources.len()), count(evidence.witnesses(&sources)));
    let ids = sources.iter().filter_map(|id| evidence.source(*id)).map(|source| Value::Str(Arc::clone(&source.id)));
    let places = places.into_iter().map(|place| Value::from(evidence.cite(place)));
    let (sources, places) = (Value::list(ids.collect())?, Value::list(places.collect())?);
    Ok(([Value::from(side.claim(known)), support, sources], [states, witnesses, places, fact]))
}

impl Standpoint {
    /// What it claims, in words.
    pub(crate) fn claim(&self, known: &Known<'_>) -> String {
        match self.about {
            FactId::Rel(rel) => claim_text(known.graph, rel),
            FactId::Node(node) => node_name(known.graph, node),
            FactId::Mention(_) => String::new(),
        }
    }

    /// The places that state it, in order, each once.
    pub(crate) fn places(&self, known: &Known<'_>) -> Vec<Place> {
        let mentions = self.mentions.iter().filter_map(|id| known.evidence.mention(*id));
        let mut places: Vec<_> = mentions.map(|mention| mention.place).collect();
        // of a list it is what it does not have: the document as a whole says it
        places.extend(self.lists.iter().map(|source| Place { source: *source, at: Locator::default() }));
        places.sort_unstable();
        places.dedup();
        places
    }
}
