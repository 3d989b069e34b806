//! Functions that pass from body to body: who gave to whom, paired only by what is stated.
//!
//! A receipt and a withdrawal of the same function belong together when they name the same event, or one names the
//! other side (`from`, `to`), or one place states both; the first of these that finds any decides. Dates that are
//! stated on both sides must not exclude each other, nor may either name somebody else. Exactly one withdrawal, or
//! the giver is not stated.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::kinds::Kinds;
use super::stated::{Known, Stated};
use crate::graph::Dir;
use crate::provenance::{Mention, Place, Role};
use crate::value::{NodeRef, RelRef};

/// The moves of one function.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Facts by which a body receives it, with that body; in the order of their smallest mentions.
    pub receipts: Vec<(RelRef, NodeRef)>,
    /// Facts by which a body gives it up, with that body.
    pub withdrawals: Vec<(RelRef, NodeRef)>,
    /// The withdrawal that belongs to a receipt.
    pub given: FxHashMap<RelRef, (RelRef, NodeRef)>,
    /// The receipts that belong to a withdrawal.
    pub taken: FxHashMap<RelRef, Vec<(RelRef, NodeRef)>>,
}

/// What the two sides of a transfer can be paired by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Tie {
    Event(Arc<str>),
    /// The giver is this body.
    Giver(Arc<str>),
    /// The receiver is this body.
    Receiver(Arc<str>),
    Place(Place),
}

impl Moves {
    /// The moves of `function`, of the facts for which `visible` holds.
    pub(super) fn of(known: &Known<'_>, kinds: &Kinds, function: NodeRef, visible: &dyn Fn(RelRef) -> bool) -> Self {
        let mut moves = Self::default();
        known.graph.for_each_neighbour(function, Dir::Both, kinds.types(), |rel, _| {
            let Some(kind) = kinds.of_fact(known.graph, rel) else { return };
            let ends = known.graph.rel(rel);
            let (moved, body) = kind.ends(ends.start, ends.end);
            if moved != function || !visible(rel) {
                return;
            }
            match kind.role {
                Role::FunctionTransfer => moves.receipts.push((rel, body)),
                Role::FunctionWithdrawal => moves.withdrawals.push((rel, body)),
                _ => {}
            }
        });
        for list in [&mut moves.receipts, &mut moves.withdrawals] {
            list.sort_by_cached_key(|(rel, _)| (super::events::Ordered(known.fact_id(*rel)), *rel));
            list.dedup();
        }
        moves.pair(known);
        moves
    }

    fn pair(&mut self, known: &Known<'_>) {
        let mut by_tie: FxHashMap<Tie, Vec<usize>> = FxHashMap::default();
        for (at, (rel, body)) in self.withdrawals.iter().enumerate() {
            let to = known.values(*rel, "to").into_iter().map(|(id, _)| Tie::Receiver(id));
            let own = known.id(*body).map(Tie::Giver);
            for tie in shared(known, *rel).into_iter().chain(to).chain(own) {
                let listed = by_tie.entry(tie).or_default();
                if listed.last() != Some(&at) {
                    listed.push(at);
                }
            }
        }
        let dates: Vec<Vec<Stated>> = self.withdrawals.iter().map(|(rel, _)| known.dates(*rel)).collect();
        for (rel, body) in &self.receipts {
            let from = known.values(*rel, "from");
            let own = known.id(*body);
            let received = known.dates(*rel);
            let fits = |at: &usize| {
                let (given, giver) = self.withdrawals[*at];
                let to = known.values(given, "to");
                let named = |list: &[(Arc<str>, Option<Place>)], id: &Option<Arc<str>>| {
                    list.is_empty() || list.iter().any(|(text, _)| Some(text) == id.as_ref())
                };
                named(&from, &known.id(giver)) && named(&to, &own) && agree(&received, &dates[*at])
            };
            let (mut events, mut places) = (Vec::new(), Vec::new());
            for tie in shared(known, *rel) {
                if matches!(tie, Tie::Event(_)) { events.push(tie) } else { places.push(tie) }
            }
            let mut named: Vec<Tie> = from.iter().map(|(id, _)| Tie::Giver(id.clone())).collect();
            named.extend(own.clone().map(Tie::Receiver));
            for ties in [events, named, places] {
                let mut found: Vec<usize> =
                    ties.iter().filter_map(|tie| by_tie.get(tie)).flatten().copied().filter(fits).collect();
                found.sort_unstable();
                found.dedup();
                match found.as_slice() {
                    [] => {}
                    [one] => {
                        let (given, giver) = self.withdrawals[*one];
                        self.given.insert(*rel, (given, giver));
                        self.taken.entry(given).or_default().push((*rel, *body));
                        break;
                    }
                    _ => break,
                }
            }
        }
    }
}

/// The events a fact names, and the places where it stands.
fn shared(known: &Known<'_>, rel: RelRef) -> Vec<Tie> {
    let events = known.mentions(rel).filter_map(Mention::event).map(|event| Tie::Event(event.into()));
    events.chain(known.mentions(rel).map(|mention| Tie::Place(mention.place))).collect()
}

/// Whether some date stated of the one does not exclude some date of the other; silence excludes nothing.
fn agree(a: &[Stated], b: &[Stated]) -> bool {
    let days = |list: &[Stated]| list.iter().filter_map(Stated::days).collect::<Vec<_>>();
    let (a, b) = (days(a), days(b));
    a.is_empty() || b.is_empty() || a.iter().any(|x| b.iter().any(|y| !x.excludes(y)))
}
