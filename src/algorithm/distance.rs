//! Distances from one node: breadth first where all relationships weigh the same, Dijkstra's algorithm otherwise.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::projection::{Projection, Step, Weights};
use super::{Call, Rows};
use crate::error::Result;
use crate::function::Budget;
use crate::value::Value;

/// A cost in the order of numbers; none is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cost(pub(super) f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// A search, whose memory serves for the next one.
pub(super) struct Search {
    /// What each node costs; infinity where none came.
    cost: Vec<f64>,
    /// The step that led there, and from where.
    before: Vec<Option<(usize, Step)>>,
    touched: Vec<usize>,
    queue: BinaryHeap<Reverse<(Cost, usize)>>,
}

impl Search {
    pub(super) fn new(budget: &dyn Budget, nodes: usize) -> Result<Self> {
        budget.ask(nodes * (size_of::<f64>() + size_of::<Option<(usize, Step)>>() + 2 * size_of::<usize>()))?;
        Ok(Self {
            cost: vec![f64::INFINITY; nodes],
            before: vec![None; nodes],
            touched: Vec::new(),
            queue: BinaryHeap::new(),
        })
    }

    /// Finds what it costs to reach `target`, or every node, over the steps that `may` allows.
    pub(super) fn run(
        &mut self,
        projection: &Projection<'_>,
        source: usize,
        target: Option<usize>,
        may: impl Fn(usize, &Step) -> bool,
    ) -> Result<()> {
        self.begin(source);
        self.advance(projection, target, may)
    }

    /// Forgets what was searched, and begins at another node.
    pub(super) fn begin(&mut self, source: usize) {
        for place in self.touched.drain(..) {
            (self.cost[place], self.before[place]) = (f64::INFINITY, None);
        }
        self.queue.clear();
        self.reach(source, 0.0, None);
    }

    /// Goes on until it is known what it costs to reach `target`, or every node.
    pub(super) fn advance(
        &mut self,
        projection: &Projection<'_>,
        target: Option<usize>,
        may: impl Fn(usize, &Step) -> bool,
    ) -> Result<()> {
        while let Some(Reverse((Cost(cost), place))) = self.queue.peek().copied() {
            // what is still to be reached costs no less
            if target.is_some_and(|target| self.cost[target] <= cost) {
                break;
            }
            self.queue.pop();
            if cost > self.cost[place] {
                continue;
            }
            if let Err(error) = projection.work(place) {
                // so that it can go on another time
                self.queue.push(Reverse((Cost(cost), place)));
                return Err(error);
            }
            for step in projection.single_steps(place).filter(|step| may(place, step)) {
                let through = cost + step.weight;
                if through < self.cost[step.to] {
                    self.reach(step.to, through, Some((place, step)));
                }
            }
        }
        Ok(())
    }

    fn reach(&mut self, place: usize, cost: f64, before: Option<(usize, Step)>) {
        if self.cost[place].is_infinite() {
            self.touched.push(place);
        }
        (self.cost[place], self.before[place]) = (cost, before);
        self.queue.push(Reverse((Cost(cost), place)));
    }

    /// What a node costs; nothing when it was not reached.
    pub(super) fn cost(&self, place: usize) -> Option<f64> {
        Some(self.cost[place]).filter(|cost| cost.is_finite())
    }

    /// The steps that lead to a node, the first first.
    pub(super) fn steps_to(&self, mut place: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some((from, step)) = self.before[place] {
            steps.push(step);
            place = from;
        }
        steps.reverse();
        steps
    }

    /// The nodes that were reached, in no order, the source among them.
    pub(super) fn reached(&self) -> &[usize] {
        &self.touched
    }
}

/// `algo.closeness`: options `direction`, `weight`, `default`. Wasserman and Faust's form: of r nodes reached among the n - 1
/// others, r / (sum of distances) × r / (n - 1); 0 for a node that reaches none.
pub(super) fn closeness(call: &Call<'_>) -> Result<Rows> {
    let options = call.options(0, &["direction", "weight", "default"])?;
    let projection = Projection::new(call, &options, Weights::FromZero, false)?;
    let nodes = projection.len();
    let mut scores = Vec::with_capacity(nodes);
    let mut search = Search::new(call.budget, nodes)?;
    let (mut hops, mut queue) = (vec![u32::MAX; nodes], VecDeque::new());
    for source in 0..nodes {
        let (reached, sum) = if projection.is_weighed() {
            search.run(&projection, source, None, |_, _| true)?;
            let sum: f64 = search.reached().iter().map(|place| search.cost[*place]).sum();
            (search.reached().len() - 1, sum)
        } else {
            hops.fill(u32::MAX);
            hops[source] = 0;
            queue.push_back(source);
            let (mut reached, mut sum) = (0, 0.0);
            while let Some(place) = queue.pop_front() {
                projection.work(place)?;
                for step in projection.steps(place) {
                    if hops[step.to] == u32::MAX {
                        hops[step.to] = hops[place] + 1;
                        reached += 1;
                        sum += f64::from(hops[step.to]);
                        queue.push_back(step.to);
                    }
                }
            }
            (reached, sum)
        };
        let part = reached as f64 / (nodes - 1).max(1) as f64;
        scores.push(if sum > 0.0 { reached as f64 / sum * part } else { 0.0 });
    }
    call.each_node(&projection, |place| [Value::Float(scores[place])])
}
