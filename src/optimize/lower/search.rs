//! Paths that a selector chooses among become searches.
//!
//! ```text
//!   ANY SHORTEST (a)-[r:R*1..3 {w: 1}]->(b)        one variable-length relationship: ShortestPath
//!   SHORTEST 2 (a)((x)-[:R]->(y) WHERE …)+(m)-->(b) a sequence of legs: SearchPaths
//!   ANY CHEAPEST (a)-[r:R COST r.w]->+(b)            by cost: the same, but for one walk to each end a ShortestPath only
//!   ANY (a)((x)-[s*]->(y))+(b), (a)-[known]->(b)    what is neither: all paths of the row, then a choice
//! ```
//!
//! A path is taken out of the query graph whole: inside stand its inner nodes, its relationships, and everything asked
//! within the selector (labels, property maps, inline `WHERE`s, the `WHERE` in its parentheses). What the `WHERE` of
//! the clause asks comes after the choice, but for `shortestPath` and `allShortestPaths`, whose search takes in what
//! is asked of the nodes and relationships of the path.

use std::collections::BTreeSet;

use super::graph::{split, towards, walk_reads};
use crate::bind::bound::{BinaryOp, ComparisonOp};
use crate::bind::bound::{
    Expr, PathMode, PathPart, Pattern, PatternNode, PatternPath, PatternRel, Quantifier, RelLength, Selector, Slot,
    SlotInfo, SlotKind, TypeTest,
};
use crate::error::Span;
use crate::function;
use crate::plan::rewrite::local_replaced;
use crate::plan::search::{Costs, Leg, LegFills, LegHop, PathSearch};
use crate::plan::walk::{Imports, any, slots_of};

/// How a relationship (or the whole path it stands for) is searched.
#[derive(Debug)]
pub(super) enum Searched {
    /// One variable-length relationship, and what receives the cost of the walk.
    Repeated(Selector, Option<Slot>),
    Path(Box<PathSearch>),
    Rows(Box<Rows>),
}

/// All paths of a row, among which the selector chooses.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) pattern: Pattern,
    pub(super) selector: Selector,
    pub(super) ends: (Slot, Slot),
    pub(super) parts: Vec<Slot>,
    pub(super) costs: Costs,
    defines: Vec<Slot>,
}

/// A path taken out of its pattern. `rel.from` and `rel.to` number the nodes of that pattern.
pub(super) struct Taken {
    pub(super) rel: PatternRel,
    pub(super) searched: Searched,
    /// The relationships of the pattern that it holds, and those of its nodes that nobody else needs.
    pub(super) rels: Vec<usize>,
    pub(super) inner: Vec<usize>,
}

impl Searched {
    /// The slots it fills, that of the relationship itself aside.
    pub(super) fn defines(&self) -> Vec<Slot> {
        match self {
            Self::Repeated(_, total) => total.iter().copied().collect(),
            Self::Path(search) => search.defines(),
            Self::Rows(rows) => rows.defines.clone(),
        }
    }

    /// Adds the slots that its conditions and costs read; those of the repetition it is are that one's.
    pub(super) fn reads(&self, imports: &Imports, out: &mut Vec<Slot>) {
        match self {
            Self::Repeated(..) => {}
            Self::Path(search) => search.expressions(&mut |expr| slots_of(expr, imports, out)),
            Self::Rows(rows) => {
                rows.pattern.predicates.iter().for_each(|expr| slots_of(expr, imports, out));
                rows.pattern.rels.iter().for_each(|rel| walk_reads(rel, imports, out));
            }
        }
    }

    /// The slots of its relationships and lists of them, for telling them apart from others.
    pub(super) fn rels(&self) -> Vec<Slot> {
        match self {
            Self::Repeated(..) => Vec::new(),
            Self::Path(search) => search
                .legs
                .iter()
                .map(|leg| match &leg.fills {
                    LegFills::One(slot) | LegFills::List(slot) | LegFills::Group { walk: slot, .. } => *slot,
                })
                .collect(),
            Self::Rows(rows) => rows.pattern.rels.iter().map(|rel| rel.slot).collect(),
        }
    }
}

/// What taking paths out needs besides the pattern.
pub(super) struct Scope<'a> {
    pub(super) imports: &'a Imports,
    pub(super) slots: &'a mut Vec<SlotInfo>,
}

impl Scope<'_> {
    fn new_slot(&mut self, kind: SlotKind) -> Slot {
        Slot::fresh(self.slots, "", kind)
    }

    fn reads(&self, expr: &Expr) -> Vec<Slot> {
        let mut out = Vec::new();
        slots_of(expr, self.imports, &mut out);
        out
    }
}

/// `all(x IN r WHERE …)` and `none(x IN relationships(p) WHERE …)`: what is asked of each, as a condition on `slot`.
struct OfEach<'e> {
    over: Over,
    local: u32,
    condition: &'e Expr,
    negated: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    List(Slot),
    Rels(Slot),
    Nodes(Slot),
}

impl OfEach<'_> {
    fn of(expr: &Expr) -> Option<OfEach<'_>> {
        let Expr::Quantifier { kind, local, list, condition: Some(condition), .. } = expr else { return None };
        let negated = match kind {
            Quantifier::All => false,
            Quantifier::None => true,
            _ => return None,
        };
        if any(condition, &|e| matches!(e, Expr::Subquery(_))) {
            return None;
        }
        let over = match &**list {
            Expr::Slot(slot) => Over::List(*slot),
            Expr::Call { function, arguments, .. } => match (function.name, arguments.as_slice()) {
                ("relationships", [Expr::Slot(path)]) => Over::Rels(*path),
                ("nodes", [Expr::Slot(path)]) => Over::Nodes(*path),
                _ => return None,
            },
            _ => return None,
        };
        Some(OfEach { over, local: *local, condition, negated })
    }

    fn at(&self, slot: Slot) -> Expr {
        let condition = local_replaced(self.condition.clone(), self.local, slot);
        if self.negated { Expr::Not(Box::new(condition), Span::default()) } else { condition }
    }
}

/// What is asked of every relationship of a walk is asked of each as it is taken, in paths without a selector. Gives
/// back what is still to be asked when `expr` is answered so.
pub(super) fn push_down(expr: &Expr, pattern: &mut Pattern, own: &[Slot], scope: &Scope<'_>) -> Option<Vec<Expr>> {
    let each = OfEach::of(expr)?;
    let chosen: Vec<usize> =
        pattern.paths.iter().filter(|path| path.selector != Selector::All).flat_map(rel_numbers).collect();
    let numbers = match each.over {
        Over::List(slot) => {
            vec![pattern.rels.iter().position(|rel| rel.slot == slot && !matches!(rel.length, RelLength::One))?]
        }
        Over::Rels(slot) => rel_numbers(pattern.paths.iter().find(|path| path.slot == Some(slot))?),
        Over::Nodes(_) => return None,
    };
    let plain = |number: &usize| {
        let rel = &pattern.rels[*number];
        !rel.bound && !chosen.contains(number) && !matches!(rel.length, RelLength::Group(_))
    };
    if !numbers.iter().all(plain) || scope.reads(each.condition).iter().any(|slot| own.contains(slot)) {
        return None;
    }
    let mut others = Vec::new();
    for number in numbers {
        let rel = &mut pattern.rels[number];
        match &mut rel.length {
            RelLength::Var { step, conditions, .. } => conditions.push(each.at(*step)),
            _ => others.push(each.at(rel.slot)),
        }
    }
    Some(others)
}

pub(super) fn rel_numbers(path: &PatternPath) -> Vec<usize> {
    path.elements
        .iter()
        .filter_map(|part| match part {
            PathPart::Rel(number) => Some(*number),
            PathPart::Node(_) => None,
        })
        .collect()
}

pub(super) fn node_numbers(path: &PatternPath) -> Vec<usize> {
    path.elements
        .iter()
        .filter_map(|part| match part {
            PathPart::Node(number) => Some(*number),
            PathPart::Rel(_) => None,
        })
        .collect()
}

/// Takes the path number `at`, whose inner nodes are its own, out of its pattern; nothing when there is nothing to search.
pub(super) fn take(
    pattern: &mut Pattern,
    at: usize,
    conditions: &mut Vec<Expr>,
    scope: &mut Scope<'_>,
) -> Option<Taken> {
    let selector = std::mem::replace(&mut pattern.paths[at].selector, Selector::All);
    let mut asked = std::mem::take(&mut pattern.paths[at].tests);
    let path = pattern.paths[at].clone();
    let rels = rel_numbers(&path);
    let nodes = node_numbers(&path);
    let (Some(&from), Some(&to), false) = (nodes.first(), nodes.last(), rels.is_empty()) else {
        conditions.extend(asked);
        return None;
    };
    let own_nodes: Vec<Slot> = nodes.iter().map(|node| pattern.nodes[*node].slot).collect();
    let inner = nodes[1..nodes.len() - 1].to_vec();
    let mut own: Vec<Slot> = own_nodes[1..own_nodes.len() - 1].to_vec();
    for &number in &rels {
        own.push(pattern.rels[number].slot);
        if let RelLength::Group(group) = &pattern.rels[number].length {
            own.extend(group.lists.iter().map(|(_, outer)| *outer));
        }
    }
    own.extend(path.slot);
    let ends = (own_nodes[0], own_nodes[own_nodes.len() - 1]);
    // What the pattern itself asks of its inner parts is asked within the selector, if nothing else is read.
    let others: Vec<Slot> = foreign(pattern, &own, &ends);
    let inside = |expr: &Expr| {
        let reads = scope.reads(expr);
        reads.iter().any(|slot| own.contains(slot)) && !reads.iter().any(|slot| others.contains(slot))
    };
    move_some(&mut pattern.predicates, &mut asked, inside);
    if matches!(selector, Selector::ShortestPath | Selector::AllShortestPaths) {
        move_some(conditions, &mut asked, |expr| inside(expr) && !asks_length_only(expr, &own));
    }
    let mut conjuncts = Vec::new();
    asked.into_iter().for_each(|expr| split(expr, &mut conjuncts));
    let rel = PatternRel {
        slot: pattern.rels[rels[0]].slot,
        bound: false,
        from,
        to,
        direction: pattern.rels[rels[0]].direction,
        types: if rels.len() == 1 { pattern.rels[rels[0]].types.clone() } else { TypeTest::Any },
        length: RelLength::One,
        mode: if path.mode == PathMode::Walk { PathMode::Walk } else { PathMode::Trail },
        cost: None,
    };
    let drafted = Draft { pattern, path: &path, rels: &rels, nodes: &own_nodes, own: &own };
    let searched = match drafted.legs(&conjuncts, scope) {
        Some((mut legs, tests)) => {
            // of the cheapest, one to each end is found without trying others
            let repeated = |length: &RelLength| match length {
                RelLength::Var { min, .. } => !selector.is_by_cost() || selector == Selector::Cheapest(1) && *min <= 1,
                _ => false,
            };
            if let ([leg], [], [number]) = (legs.as_mut_slice(), tests.as_slice(), rels.as_slice())
                && repeated(&pattern.rels[*number].length)
                && leg.first_conditions.is_empty()
                && leg.hops[0].to_conditions.is_empty()
            {
                let mut rel = pattern.rels[*number].clone();
                if let RelLength::Var { conditions, .. } = &mut rel.length {
                    *conditions = std::mem::take(&mut leg.hops[0].conditions);
                }
                return Some(Taken { rel, searched: Searched::Repeated(selector, path.cost), rels, inner });
            }
            let reads_path = |expr: &Expr| path.slot.is_some_and(|slot| scope.reads(expr).contains(&slot));
            let path_slot = path.slot.filter(|_| tests.iter().any(reads_path));
            Searched::Path(Box::new(PathSearch {
                from: ends.0,
                to: ends.1,
                selector,
                mode: path.mode,
                legs,
                tests,
                path: path_slot,
                parts: parts(pattern, &path, &own_nodes),
                total: path.cost,
                differs: Vec::new(),
            }))
        }
        None => Searched::Rows(Box::new(rows(pattern, (&path, &own_nodes), selector, conjuncts, scope))),
    };
    Some(Taken { rel, searched, rels, inner })
}

/// Whether a condition asks nothing of a path but its length: that filters what has been found.
fn asks_length_only(expr: &Expr, own: &[Slot]) -> bool {
    let own_slot = |e: &Expr| matches!(e, Expr::Slot(slot) if own.contains(slot));
    let measured = |e: &Expr| match e {
        Expr::Call { function, arguments, .. } => {
            matches!(function.name, "length" | "size") && arguments.first().is_some_and(own_slot)
        }
        _ => false,
    };
    fn all_measured(expr: &Expr, own_slot: &dyn Fn(&Expr) -> bool, measured: &dyn Fn(&Expr) -> bool) -> bool {
        if measured(expr) {
            return true;
        }
        let mut fine = !own_slot(expr) && !matches!(expr, Expr::Subquery(_));
        crate::plan::walk::parts(expr, &mut |part| fine = fine && all_measured(part, own_slot, measured));
        fine
    }
    all_measured(expr, &own_slot, &measured)
}

/// The inner nodes of the paths behind a selector.
pub(super) fn passed(pattern: &Pattern) -> Vec<Slot> {
    let mut out = Vec::new();
    for path in pattern.paths.iter().filter(|path| path.selector != Selector::All) {
        let nodes = node_numbers(path);
        let inner = nodes.get(1..nodes.len().saturating_sub(1)).unwrap_or_default();
        out.extend(inner.iter().map(|node| pattern.nodes[*node].slot));
    }
    out
}

/// Calls `f` on everything that is asked while a relationship of variable length or a group is walked.
pub(super) fn walk_conditions_mut(rel: &mut PatternRel, f: &mut dyn FnMut(&mut Expr)) {
    match &mut rel.length {
        RelLength::One => {}
        RelLength::Var { conditions, .. } => conditions.iter_mut().for_each(f),
        RelLength::Group(group) => {
            group.conditions.iter_mut().chain(&mut group.pattern.predicates).for_each(&mut *f);
            group.pattern.rels.iter_mut().for_each(|inner| walk_conditions_mut(inner, f));
        }
    }
}

/// The slots a pattern fills.
pub(super) fn own_slots(pattern: &Pattern) -> Vec<Slot> {
    let nodes = pattern.nodes.iter().filter(|n| !n.bound).map(|n| n.slot);
    let rels = pattern.rels.iter().filter(|r| !r.bound).flat_map(|r| match &r.length {
        RelLength::Group(group) => group.lists.iter().map(|(_, outer)| *outer).chain([r.slot]).collect(),
        _ => vec![r.slot],
    });
    nodes.chain(rels).chain(pattern.paths.iter().filter_map(|p| p.slot)).collect()
}

/// The slots the pattern fills outside the path.
fn foreign(pattern: &Pattern, own: &[Slot], ends: &(Slot, Slot)) -> Vec<Slot> {
    own_slots(pattern).into_iter().filter(|slot| !own.contains(slot) && *slot != ends.0 && *slot != ends.1).collect()
}

fn move_some(from: &mut Vec<Expr>, to: &mut Vec<Expr>, wanted: impl Fn(&Expr) -> bool) {
    let mut conjuncts = Vec::new();
    std::mem::take(from).into_iter().for_each(|expr| split(expr, &mut conjuncts));
    for expr in conjuncts {
        if wanted(&expr) { to.push(expr) } else { from.push(expr) }
    }
}

fn parts(pattern: &Pattern, path: &PatternPath, nodes: &[Slot]) -> Vec<Slot> {
    let mut nodes = nodes.iter();
    let part = |part: &PathPart| match part {
        PathPart::Node(_) => nodes.next().copied(),
        PathPart::Rel(number) => Some(pattern.rels[*number].slot),
    };
    path.elements.iter().filter_map(part).collect()
}

/// A path on its way to be legs.
struct Draft<'a> {
    pattern: &'a Pattern,
    path: &'a PatternPath,
    rels: &'a [usize],
    nodes: &'a [Slot],
    own: &'a [Slot],
}

impl Draft<'_> {
    /// The legs, and what can only be asked of whole paths. Nothing when the path is not a sequence of legs.
    fn legs(&self, asked: &[Expr], scope: &mut Scope<'_>) -> Option<(Vec<Leg>, Vec<Expr>)> {
        let mut legs = Vec::with_capacity(self.rels.len());
        for (number, end) in self.rels.iter().zip(&self.nodes[1..]) {
            legs.push(self.leg(&self.pattern.rels[*number], *end, scope)?);
        }
        let mut tests = Vec::new();
        for expr in asked {
            self.ask(expr, &mut legs, &mut tests, scope);
        }
        Some((legs, tests))
    }

    fn leg(&self, rel: &PatternRel, end: Slot, scope: &mut Scope<'_>) -> Option<Leg> {
        if rel.bound {
            return None;
        }
        let hop = |rel: &PatternRel, slot: Slot, conditions: Vec<Expr>| LegHop {
            types: rel.types.clone(),
            towards: towards(rel.direction, true),
            rel: slot,
            conditions,
            cost: rel.cost.clone(),
            to: None,
            to_conditions: Vec::new(),
        };
        let leg = |min, max, hops, fills| Leg {
            min,
            max,
            hops,
            first: None,
            first_conditions: Vec::new(),
            conditions: Vec::new(),
            fills,
            end,
            end_conditions: Vec::new(),
        };
        match &rel.length {
            RelLength::One => Some(leg(1, Some(1), vec![hop(rel, rel.slot, Vec::new())], LegFills::One(rel.slot))),
            RelLength::Var { min, max, step, conditions } => {
                // what reads another part of the path is not known while the path is being found
                if conditions.iter().any(|e| scope.reads(e).iter().any(|slot| self.own.contains(slot))) {
                    return None;
                }
                let hops = vec![hop(rel, *step, conditions.clone())];
                Some(leg(*min, *max, hops, LegFills::List(rel.slot)))
            }
            RelLength::Group(group) => {
                let fills = LegFills::Group { lists: group.lists.clone(), walk: rel.slot };
                let mut made = leg(group.min, group.max, Vec::new(), fills);
                let mut seen = BTreeSet::from([group.first]);
                made.first = Some(group.pattern.nodes[group.first].slot);
                let mut last = group.first;
                for inner in &group.pattern.rels {
                    let plain = matches!(inner.length, RelLength::One) && !inner.bound;
                    if !plain || inner.from != last || !seen.insert(inner.to) {
                        return None;
                    }
                    last = inner.to;
                    let mut hop = hop(inner, inner.slot, Vec::new());
                    hop.to = Some(group.pattern.nodes[inner.to].slot);
                    made.hops.push(hop);
                }
                if last != group.last || group.pattern.paths.iter().any(|path| path.slot.is_some()) {
                    return None;
                }
                let mut conjuncts = Vec::new();
                let asked = group.pattern.predicates.iter().chain(&group.conditions).cloned();
                asked.for_each(|expr| split(expr, &mut conjuncts));
                conjuncts.into_iter().all(|expr| self.ask_repetition(expr, &mut made, scope)).then_some(made)
            }
        }
    }

    /// Places a condition of a group where its slots are known; false when it reads another part of the path.
    fn ask_repetition(&self, expr: Expr, leg: &mut Leg, scope: &Scope<'_>) -> bool {
        let reads = scope.reads(&expr);
        if reads.iter().any(|slot| self.own.contains(slot)) {
            return false;
        }
        let inner: Vec<Slot> =
            leg.hops.iter().flat_map(|hop| hop.to.into_iter().chain([hop.rel])).chain(leg.first).collect();
        let mut own: Vec<Slot> = reads.into_iter().filter(|slot| inner.contains(slot)).collect();
        own.sort_unstable();
        own.dedup();
        match own[..] {
            [slot] if leg.first == Some(slot) => leg.first_conditions.push(expr),
            [slot] => {
                for hop in &mut leg.hops {
                    if hop.rel == slot {
                        hop.conditions.push(expr);
                        return true;
                    }
                    if hop.to == Some(slot) {
                        hop.to_conditions.push(expr);
                        return true;
                    }
                }
                return false;
            }
            _ => leg.conditions.push(expr),
        }
        true
    }

    /// Places a condition of the path where its slots are known.
    fn ask(&self, expr: &Expr, legs: &mut [Leg], tests: &mut Vec<Expr>, scope: &mut Scope<'_>) {
        let mut own: Vec<Slot> = scope.reads(expr).into_iter().filter(|slot| self.own.contains(slot)).collect();
        own.sort_unstable();
        own.dedup();
        if let [slot] = own[..] {
            let inner_ends = legs.len() - 1;
            if let Some(leg) = legs[..inner_ends].iter_mut().find(|leg| leg.end == slot) {
                leg.end_conditions.push(expr.clone());
                return;
            }
            if let Some(leg) = legs.iter_mut().find(|leg| matches!(leg.fills, LegFills::One(rel) if rel == slot)) {
                leg.hops[0].conditions.push(expr.clone());
                return;
            }
            if let Some(each) = OfEach::of(expr)
                && !scope.reads(each.condition).iter().any(|slot| self.own.contains(slot))
                && self.ask_each(&each, legs, tests, scope)
            {
                return;
            }
        }
        tests.push(expr.clone());
    }

    /// What is asked of every relationship or node of the path, or of a list of relationships.
    fn ask_each(&self, each: &OfEach<'_>, legs: &mut [Leg], tests: &mut Vec<Expr>, scope: &mut Scope<'_>) -> bool {
        match each.over {
            Over::List(slot) => {
                let of_list = |number: &usize| self.pattern.rels[*number].slot == slot;
                let Some(at) = self.rels.iter().position(of_list) else { return false };
                let LegFills::List(_) = legs[at].fills else { return false };
                let rel = legs[at].hops[0].rel;
                legs[at].hops[0].conditions.push(each.at(rel));
                true
            }
            Over::Rels(path) if self.path.slot == Some(path) => {
                for hop in legs.iter_mut().flat_map(|leg| &mut leg.hops) {
                    hop.conditions.push(each.at(hop.rel));
                }
                true
            }
            Over::Nodes(path) if self.path.slot == Some(path) => {
                let count = legs.len();
                for (number, leg) in legs.iter_mut().enumerate() {
                    let many = leg.max != Some(1) || leg.hops.len() > 1;
                    for hop in leg.hops.iter_mut().filter(|_| many) {
                        let slot = *hop.to.get_or_insert_with(|| scope.new_slot(SlotKind::Node));
                        hop.to_conditions.push(each.at(slot));
                    }
                    if number + 1 < count {
                        leg.end_conditions.push(each.at(leg.end));
                    }
                }
                let (first, last) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
                tests.extend([each.at(first), each.at(last)]);
                true
            }
            _ => false,
        }
    }
}

/// The fallback: a pattern of its own between ends that are there.
fn rows(
    pattern: &Pattern,
    (path, nodes): (&PatternPath, &[Slot]),
    selector: Selector,
    mut asked: Vec<Expr>,
    scope: &mut Scope<'_>,
) -> Rows {
    let mut own = Pattern::default();
    let mut numbers = Vec::with_capacity(nodes.len());
    for (place, slot) in nodes.iter().enumerate() {
        let known = own.nodes.iter().position(|node| node.slot == *slot);
        numbers.push(known.unwrap_or_else(|| {
            let bound = place == 0 || place + 1 == nodes.len();
            own.nodes.push(PatternNode { slot: *slot, bound });
            own.nodes.len() - 1
        }));
    }
    let mut elements = vec![PathPart::Node(numbers[0])];
    for (place, number) in rel_numbers(path).into_iter().enumerate() {
        let rel = PatternRel { from: numbers[place], to: numbers[place + 1], ..pattern.rels[number].clone() };
        own.rels.push(rel);
        elements.extend([PathPart::Rel(place), PathPart::Node(numbers[place + 1])]);
    }
    let function = match path.mode {
        PathMode::Acyclic => function::lookup("isAcyclic"),
        PathMode::Simple => function::lookup("isSimple"),
        PathMode::Trail | PathMode::Walk => None,
    };
    let mut slot = path.slot;
    if let Some(function) = function {
        let path = *slot.get_or_insert_with(|| scope.new_slot(SlotKind::Path));
        asked.push(Expr::Call { function, arguments: vec![Expr::Slot(path)], span: Span::default() });
    }
    own.predicates = asked;
    let mut defines: Vec<Slot> = nodes[1..nodes.len() - 1].iter().copied().chain(path.cost).collect();
    let costs = if selector.is_by_cost() { costs(&own, path.cost) } else { Costs::default() };
    for rel in &own.rels {
        defines.push(rel.slot);
        if let RelLength::Group(group) = &rel.length {
            defines.extend(group.lists.iter().map(|(_, outer)| *outer));
        }
    }
    let parts = parts(pattern, path, nodes);
    let tests = Vec::new();
    own.paths.push(PatternPath { slot, selector: Selector::All, cost: None, mode: path.mode, tests, elements });
    Rows { pattern: own, selector, ends: (nodes[0], nodes[nodes.len() - 1]), parts, costs, defines }
}

/// What the relationships of a pattern cost when its rows are there.
fn costs(pattern: &Pattern, total: Option<Slot>) -> Costs {
    let round = |rel: &PatternRel| match &rel.length {
        RelLength::One => (rel.slot, vec![(rel.slot, rel.cost.clone())]),
        RelLength::Var { step, .. } => (rel.slot, vec![(*step, rel.cost.clone())]),
        RelLength::Group(group) => {
            (rel.slot, group.pattern.rels.iter().map(|inner| (inner.slot, inner.cost.clone())).collect())
        }
    };
    Costs { rounds: pattern.rels.iter().map(round).collect(), total }
}

pub(super) fn equal(left: Expr, right: Expr) -> Expr {
    Expr::Compare { first: Box::new(left), rest: vec![(ComparisonOp::Equal, right)] }
}

/// That two slots share no relationship; each holds one, or a list in which some stand.
pub(in crate::optimize) fn apart((a, one_a): (Slot, bool), (b, one_b): (Slot, bool)) -> Expr {
    let nowhere = Span::default();
    let is_in = |left: Expr, (slot, one): (Slot, bool)| match one {
        true => equal(left, Expr::Slot(slot)),
        false => {
            Expr::Binary { op: BinaryOp::In, left: Box::new(left), right: Box::new(Expr::Slot(slot)), span: nowhere }
        }
    };
    if one_a {
        return Expr::Not(Box::new(is_in(Expr::Slot(a), (b, one_b))), nowhere);
    }
    Expr::Quantifier {
        kind: Quantifier::None,
        local: 0,
        list: Box::new(Expr::Slot(a)),
        condition: Some(Box::new(is_in(Expr::Local(0), (b, one_b)))),
        span: nowhere,
    }
}
