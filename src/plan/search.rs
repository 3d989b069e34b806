//! A searched path of any shape: what the optimizer makes of a pattern behind `ANY`, `SHORTEST`, `shortestPath`, and
//! the operator [`super::node::Op::SearchPaths`] follows.

use super::node::Towards;
use crate::bind::bound::{Expr, PathMode, Selector, Slot, TypeTest};

/// The search for some of the paths of a pattern between two ends that are there: the pattern as legs, one behind the
/// other, each a sequence of hops that is gone through some number of times.
#[derive(Clone, Debug)]
pub(crate) struct PathSearch {
    pub(crate) from: Slot,
    pub(crate) to: Slot,
    pub(crate) selector: Selector,
    pub(crate) mode: PathMode,
    /// At least one.
    pub(crate) legs: Vec<Leg>,
    /// Asked of whole paths, over every slot of the path; only paths that pass are chosen among.
    pub(crate) tests: Vec<Expr>,
    /// The slot of the path itself, where a test reads it.
    pub(crate) path: Option<Slot>,
    /// Nodes and relationships of the path in order.
    pub(crate) parts: Vec<Slot>,
    /// Receives what the path costs.
    pub(crate) total: Option<Slot>,
    /// Relationships of other parts of the clause, which must not be taken.
    pub(crate) differs: Vec<Slot>,
}

/// A part of a searched path.
#[derive(Clone, Debug)]
pub(crate) struct Leg {
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    /// At least one.
    pub(crate) hops: Vec<LegHop>,
    /// Holds the node each repetition begins with; asked of it.
    pub(crate) first: Option<Slot>,
    pub(crate) first_conditions: Vec<Expr>,
    /// Asked of each repetition, over the slots of its nodes and relationships.
    pub(crate) conditions: Vec<Expr>,
    pub(crate) fills: LegFills,
    /// The node the leg ends in; asked of it.
    pub(crate) end: Slot,
    pub(crate) end_conditions: Vec<Expr>,
}

/// One relationship of a leg and the node behind it.
#[derive(Clone, Debug)]
pub(crate) struct LegHop {
    pub(crate) types: TypeTest,
    pub(crate) towards: Towards,
    /// Holds the relationship while it is tested.
    pub(crate) rel: Slot,
    pub(crate) conditions: Vec<Expr>,
    /// What it costs, where paths are chosen by that; nothing when it says nothing.
    pub(crate) cost: Option<Expr>,
    /// Holds the node behind it, where anything asks.
    pub(crate) to: Option<Slot>,
    pub(crate) to_conditions: Vec<Expr>,
}

/// What a leg leaves in the row.
#[derive(Clone, Debug)]
pub(crate) enum LegFills {
    /// Its one relationship.
    One(Slot),
    /// The list of its relationships.
    List(Slot),
    /// Inner slot → list over the repetitions, and the flat list of nodes and relationships.
    Group { lists: Vec<(Slot, Slot)>, walk: Slot },
}

/// The relationships of one round of a repetition: the slot of each, and what it costs.
pub(crate) type Round = Vec<(Slot, Option<Expr>)>;

/// What the relationships of paths cost that are there as rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs {
    /// Of each part of the path that holds relationships, those of one round: where each stands while its cost is computed.
    pub(crate) rounds: Vec<(Slot, Round)>,
    /// Receives what the path costs.
    pub(crate) total: Option<Slot>,
}

impl Costs {
    /// Every cost, with the slot it is asked over.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (Slot, &Expr)> {
        self.rounds.iter().flat_map(|(_, round)| round.iter().filter_map(|(step, cost)| Some((*step, cost.as_ref()?))))
    }
}

impl PathSearch {
    /// The slots a found path fills.
    pub(crate) fn defines(&self) -> Vec<Slot> {
        let mut out = Vec::new();
        for (number, leg) in self.legs.iter().enumerate() {
            match &leg.fills {
                LegFills::One(slot) | LegFills::List(slot) => out.push(*slot),
                LegFills::Group { lists, walk } => out.extend(lists.iter().map(|(_, outer)| *outer).chain([*walk])),
            }
            out.extend((number + 1 < self.legs.len()).then_some(leg.end));
        }
        out.extend(self.total);
        out
    }

    /// The slots that hold a value only while something is asked.
    pub(crate) fn inner(&self) -> Vec<Slot> {
        let of = |leg: &Leg| -> Vec<Slot> {
            leg.hops.iter().flat_map(|hop| hop.to.into_iter().chain([hop.rel])).chain(leg.first).collect()
        };
        self.legs.iter().flat_map(of).chain(self.path).collect()
    }

    /// Calls `f` on every condition.
    pub(crate) fn expressions<'n>(&'n self, f: &mut dyn FnMut(&'n Expr)) {
        for leg in &self.legs {
            leg.first_conditions.iter().for_each(&mut *f);
            leg.conditions.iter().for_each(&mut *f);
            leg.end_conditions.iter().for_each(&mut *f);
            for hop in &leg.hops {
                hop.conditions.iter().chain(&hop.cost).chain(&hop.to_conditions).for_each(&mut *f);
            }
        }
        self.tests.iter().for_each(f);
    }
}
