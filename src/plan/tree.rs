//! The plan as data: what EXPLAIN and PROFILE print, operator by operator.
//!
//! Flat, in the order of printing, so that a plan that is a tower is shown and dropped like any other.

use std::time::Duration;

use super::display::Text;
use super::node::{Node, Plan};
use crate::bind::bound::SubqueryKind;

/// What an operator did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Rows handed on.
    pub(crate) rows: u64,
    /// Batches asked for.
    pub(crate) calls: u64,
    /// How long it and what is below it took, over all threads.
    pub(crate) time: Duration,
}

/// The plan of a statement as the engine runs it: a tree of operators, and one for each subquery inside an expression.
/// [`Display`](std::fmt::Display) prints it as EXPLAIN and PROFILE do.
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let plan = Engine::builtin()?.query("MATCH (l:law) RETURN l.name ORDER BY l.name LIMIT 3").explain()?;
/// let operators: Vec<&str> = plan.operators().map(|o| o.operator()).collect();
/// assert_eq!(operators, ["Project", "TopK", "ScanLabel", "Unit"]);
/// assert_eq!(plan.root().inputs().count(), 1);
/// assert_eq!(plan.to_string().lines().count(), 4);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanTree {
    operators: Vec<Operator>,
    /// The first operator of each tree, and the line above it.
    roots: Vec<(String, u32)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Operator {
    name: &'static str,
    detail: String,
    estimated: Option<f64>,
    measured: Option<Measured>,
    inputs: Vec<u32>,
}

/// One operator of a [`PlanTree`].
#[derive(Clone, Copy, Debug)]
pub struct PlanNode<'a> {
    tree: &'a PlanTree,
    at: u32,
}

impl Plan {
    /// The plan as data. `measured`: what each operator did, in the order of their numbers.
    pub(crate) fn tree(&self, measured: Option<&[Measured]>) -> PlanTree {
        let mut made = Making { plan: self, measured, tree: PlanTree::default(), number: 0 };
        made.root(String::new(), &self.root);
        for (number, sub) in self.subplans.iter().enumerate() {
            if sub.moved {
                made.number += 1;
                continue;
            }
            let kind = match sub.kind {
                SubqueryKind::Exists => "EXISTS",
                SubqueryKind::Count => "COUNT",
                SubqueryKind::Collect => "COLLECT",
            };
            made.root(format!("{kind} subquery {number}"), &sub.root);
        }
        made.tree
    }
}

struct Making<'p> {
    plan: &'p Plan,
    measured: Option<&'p [Measured]>,
    tree: PlanTree,
    /// Of the next operator.
    number: usize,
}

impl Making<'_> {
    fn root(&mut self, title: String, node: &Node) {
        let at = self.add(node);
        self.tree.roots.push((title, at));
    }

    fn add(&mut self, node: &Node) -> u32 {
        let text = Text { slots: &self.plan.slots, params: &self.plan.params };
        let (name, detail) = text.operator(&node.op);
        let at = self.tree.operators.len();
        let measured = self.measured.and_then(|all| all.get(self.number)).copied();
        self.number += 1;
        self.tree.operators.push(Operator { name, detail, estimated: node.rows, measured, inputs: Vec::new() });
        let inputs = node.op.inputs().into_iter().map(|input| self.add(input)).collect();
        self.tree.operators[at].inputs = inputs;
        at as u32
    }
}

impl PlanTree {
    /// The operator that gives the answer; what feeds it are its inputs.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) WHERE EXISTS { (l)-->() } RETURN l.name LIMIT 3").explain()?;
    /// assert!(plan.root().inputs().count() > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn root(&self) -> PlanNode<'_> {
        PlanNode { tree: self, at: 0 }
    }

    /// The trees of the subqueries inside expressions, each with what EXPLAIN writes above it (`EXISTS subquery 0`).
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) WHERE EXISTS { (l)-->() } RETURN l.name LIMIT 3").explain()?;
    /// assert!(plan.subqueries().all(|(title, _)| title.contains("subquery")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn subqueries(&self) -> impl Iterator<Item = (&str, PlanNode<'_>)> {
        self.roots.iter().skip(1).map(|(title, at)| (&**title, PlanNode { tree: self, at: *at }))
    }

    /// Every operator, in the order of printing: an operator before its inputs, subqueries at the end.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) WHERE EXISTS { (l)-->() } RETURN l.name LIMIT 3").explain()?;
    /// assert!(plan.operators().any(|operator| operator.operator() == "ScanLabel"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn operators(&self) -> impl Iterator<Item = PlanNode<'_>> {
        (0..self.operators.len() as u32).map(|at| PlanNode { tree: self, at })
    }
}

impl<'a> PlanNode<'a> {
    fn operator_of(&self) -> Option<&'a Operator> {
        self.tree.operators.get(self.at as usize)
    }

    /// What it is: `ScanLabel`, `Expand`, `TopK` …
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert_eq!(plan.root().operator(), "Project");
    /// # Ok(())
    /// # }
    /// ```
    pub fn operator(&self) -> &'static str {
        self.operator_of().map_or("", |operator| operator.name)
    }

    /// What it works on, as EXPLAIN writes it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert_eq!(plan.root().inputs().next().unwrap().detail(), "l:law");
    /// # Ok(())
    /// # }
    /// ```
    pub fn detail(&self) -> &'a str {
        self.operator_of().map_or("", |operator| &operator.detail)
    }

    /// How many rows the optimizer expects of it, where it has an opinion.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert!(plan.root().estimated_rows().unwrap() > 1.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn estimated_rows(&self) -> Option<f64> {
        self.operator_of()?.estimated
    }

    /// How many rows it handed on. Nothing unless the statement was profiled.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert!(plan.root().rows().unwrap() > 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows(&self) -> Option<u64> {
        Some(self.operator_of()?.measured?.rows)
    }

    /// How often it was asked for a batch of rows. Nothing unless the statement was profiled.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert!(plan.root().calls().unwrap() > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn calls(&self) -> Option<u64> {
        Some(self.operator_of()?.measured?.calls)
    }

    /// How long it and its inputs took together; what several threads did is added up. Nothing unless the statement was
    /// profiled.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert!(plan.root().time() >= plan.root().inputs().next().unwrap().time());
    /// # Ok(())
    /// # }
    /// ```
    pub fn time(&self) -> Option<Duration> {
        Some(self.operator_of()?.measured?.time)
    }

    /// The operators that feed it.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let plan = shejire::Engine::builtin()?.query("MATCH (l:law) RETURN l.name").profile()?.plan;
    /// assert_eq!(plan.root().inputs().next().unwrap().operator(), "ScanLabel");
    /// # Ok(())
    /// # }
    /// ```
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = PlanNode<'a>> + use<'a> {
        let tree = self.tree;
        self.operator_of().map_or(&[][..], |operator| &operator.inputs).iter().map(move |at| PlanNode { tree, at: *at })
    }
}

impl std::fmt::Display for PlanTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (title, root) in &self.roots {
            let lead = if title.is_empty() { "" } else { "  " };
            if !title.is_empty() {
                writeln!(f, "{title}")?;
            }
            // what is to be printed: an operator, what stands before it, and what before its inputs
            let mut open = vec![(*root, lead.to_owned(), lead.to_owned())];
            while let Some((at, first, rest)) = open.pop() {
                let Some(operator) = self.operators.get(at as usize) else { continue };
                writeln!(f, "{first}{operator}")?;
                match &operator.inputs[..] {
                    [] => {}
                    [only] => open.push((*only, rest.clone(), rest)),
                    [others @ .., last] => {
                        open.push((*last, format!("{rest}└ "), format!("{rest}  ")));
                        open.extend(others.iter().rev().map(|at| (*at, format!("{rest}├ "), format!("{rest}│ "))));
                    }
                }
            }
        }
        Ok(())
    }
}

/// One line of a plan: the operator, the estimate, and what it did.
impl std::fmt::Display for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)?;
        if !self.detail.is_empty() {
            write!(f, " {}", self.detail)?;
        }
        if let Some(rows) = self.estimated {
            write!(f, "  ~{}", rounded(rows))?;
        }
        if let Some(measured) = self.measured {
            write!(f, "  rows={} calls={}", measured.rows, measured.calls)?;
        }
        Ok(())
    }
}

fn rounded(rows: f64) -> String {
    if rows >= 10.0 || rows == rows.trunc() { format!("{rows:.0}") } else { format!("{rows:.1}") }
}
