//! One scenario: its steps in order, each compared with what the engine does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gherkin::{Step, Table};
use shejire::engine::{Field, Procedure, ProcedureBody};
use shejire::engine::{Limits, Rows};
use shejire::{Engine, Value};

use super::cell::{Cell, properties};
use super::feature::Scenario;

/// Which plan answers.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Plan {
    Optimized,
    Plain,
}

/// Runs a scenario on a clean engine; the error says what was wanted and what was seen.
pub(super) fn run(engine: &Engine, root: &Path, scenario: &Scenario, plan: Plan) -> Result<(), String> {
    engine.reset().map_err(|e| format!("reset: {e}"))?;
    let mut state = State { engine, root, plan, params: Vec::new(), query: String::new(), outcome: None, before: None };
    for step in &scenario.steps {
        state.step(step).map_err(|e| format!("{step}\n{e}\nquery: {}", state.query.trim()))?;
    }
    match state.outcome {
        Some(Err(error)) => Err(format!("failed, though nothing expects it: {error}\nquery: {}", state.query.trim())),
        _ => Ok(()),
    }
}

struct State<'a> {
    engine: &'a Engine,
    root: &'a Path,
    plan: Plan,
    params: Vec<(String, Value)>,
    query: String,
    /// What the last query did; an error is taken out by the step that expects it.
    outcome: Option<shejire::Result<Rows>>,
    before: Option<Snapshot>,
}

impl State<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        let text = step.value.trim_end_matches(':');
        match text {
            "any graph" | "an empty graph" => Ok(()),
            "having executed" => self.setup(docstring(step)?),
            "parameters are" => self.parameters(table(step)?),
            "executing query" => {
                self.before = Some(Snapshot::take(self.engine)?);
                self.execute(docstring(step)?);
                Ok(())
            }
            "executing control query" => {
                self.execute(docstring(step)?);
                Ok(())
            }
            "the result should be empty" => match self.answer()? {
                rows if rows.is_empty() => Ok(()),
                rows => Err(format!("{} rows came: {}", rows.len(), show(&answered(rows, false)))),
            },
            "the result should be, in any order" => self.result(table(step)?, false, false),
            "the result should be, in order" => self.result(table(step)?, true, false),
            "the result should be (ignoring element order for lists)" => self.result(table(step)?, false, true),
            "the result should be, in order (ignoring element order for lists)" => {
                self.result(table(step)?, true, true)
            }
            "no side effects" => self.effects(&BTreeMap::new()),
            "the side effects should be" => self.effects(&expected_effects(table(step)?)?),
            _ => self.other(step, text),
        }
    }

    fn other(&mut self, step: &Step, text: &str) -> Result<(), String> {
        if let Some(name) = text.strip_prefix("the ").and_then(|t| t.strip_suffix(" graph")) {
            let file = self.root.join("graphs").join(name).join(format!("{name}.cypher"));
            let script = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            return self.engine.script(&script).map(drop).map_err(|e| format!("setting up the graph: {e}"));
        }
        if let Some(signature) = text.strip_prefix("there exists a procedure ") {
            let procedure = procedure(signature, step.table.as_ref())?;
            return self.engine.register(procedure).map_err(|e| e.to_string());
        }
        if let Some((class, rest)) = text.split_once(" should be raised at ") {
            let class = class.trim_start_matches("an ").trim_start_matches("a ");
            let (phase, detail) = rest.split_once(": ").ok_or("an error step without a detail")?;
            return self.error(class, phase, detail);
        }
        Err("a step this runner does not know".to_owned())
    }

    fn setup(&mut self, query: &str) -> Result<(), String> {
        self.engine.run(query).map(drop).map_err(|e| format!("setup failed: {e}\nsetup: {query}"))
    }

    fn parameters(&mut self, table: &Table) -> Result<(), String> {
        for row in &table.rows {
            let [name, value] = row.as_slice() else { return Err("a parameter row needs two cells".to_owned()) };
            self.params.push((name.clone(), Cell::parse(value)?.to_value()));
        }
        Ok(())
    }

    fn execute(&mut self, query: &str) {
        query.clone_into(&mut self.query);
        let limits = Limits { time: Some(Duration::from_secs(20)), ..Limits::default() };
        let statement = self.engine.query(query).limits(limits);
        let statement = self.params.iter().fold(statement, |s, (name, value)| s.param(name, value.clone()));
        let statement = if self.plan == Plan::Plain { statement.unoptimized() } else { statement };
        self.outcome = Some(statement.rows());
    }

    fn answer(&self) -> Result<&Rows, String> {
        match &self.outcome {
            Some(Ok(rows)) => Ok(rows),
            Some(Err(error)) => Err(format!("failed: {error}")),
            None => Err("no query was run".to_owned()),
        }
    }

    fn result(&self, table: &Table, ordered: bool, sorted_lists: bool) -> Result<(), String> {
        let rows = self.answer()?;
        let (columns, expected) = table.rows.split_first().ok_or("an empty table")?;
        let got: Vec<&str> = rows.columns().iter().map(|c| &**c).collect();
        if got != columns.iter().map(String::as_str).collect::<Vec<_>>() {
            return Err(format!("columns wanted: {columns:?}\ncolumns got:    {got:?}"));
        }
        let mut wanted = Vec::new();
        for row in expected {
            let cells: Result<Vec<String>, String> =
                row.iter().map(|c| Ok(Cell::parse(c)?.text(sorted_lists))).collect();
            wanted.push(cells?.join(" | "));
        }
        let mut got = answered(rows, sorted_lists);
        if !ordered {
            wanted.sort();
            got.sort();
        }
        if wanted == got { Ok(()) } else { Err(format!("wanted: {}\ngot:    {}", show(&wanted), show(&got))) }
    }

    fn error(&mut self, class: &str, phase: &str, detail: &str) -> Result<(), String> {
        let error = match self.outcome.take() {
            Some(Err(error)) => error,
            Some(Ok(rows)) => return Err(format!("no error; answered {}", show(&answered(&rows, false)))),
            None => return Err("no query was run".to_owned()),
        };
        let right = error.class().name() == class
            && (phase == "any time" || error.phase().name() == phase)
            && (detail == "*" || error.code().name() == detail);
        if !right {
            return Err(format!("got: {error}"));
        }
        self.effects(&BTreeMap::new()).map_err(|e| format!("the graph changed although the query failed\n{e}"))
    }

    fn effects(&self, wanted: &BTreeMap<String, usize>) -> Result<(), String> {
        let before = self.before.as_ref().ok_or("no query was run")?;
        if let Some(Err(error)) = &self.outcome {
            return Err(format!("failed: {error}"));
        }
        let got = before.difference(&Snapshot::take(self.engine)?);
        if got == *wanted { Ok(()) } else { Err(format!("effects wanted: {wanted:?}\neffects got:    {got:?}")) }
    }
}

fn docstring(step: &Step) -> Result<&str, String> {
    step.docstring.as_deref().map(|t| t.strip_prefix('\n').unwrap_or(t).trim_end()).ok_or("no query text".to_owned())
}

fn table(step: &Step) -> Result<&Table, String> {
    step.table.as_ref().ok_or("no table".to_owned())
}

fn answered(rows: &Rows, sorted_lists: bool) -> Vec<String> {
    let text = |v: &Value| Cell::of(v, rows.entities()).text(sorted_lists);
    rows.iter().map(|row| row.values().iter().map(text).collect::<Vec<_>>().join(" | ")).collect()
}

fn show(rows: &[String]) -> String {
    rows.iter().map(|r| format!("\n  {r}")).collect()
}

/// `name(a :: T?, b :: T?) :: (c :: T?)` with its table of rows.
fn procedure(signature: &str, table: Option<&Table>) -> Result<Procedure, String> {
    let broken = || format!("a procedure signature this runner cannot read: {signature}");
    let (name, rest) = signature.split_once('(').ok_or_else(broken)?;
    let (inputs, outputs) = rest.split_once(')').ok_or_else(broken)?;
    let outputs = outputs.trim().strip_prefix("::").ok_or_else(broken)?.trim();
    let outputs = outputs.strip_prefix('(').and_then(|o| o.strip_suffix(')')).ok_or_else(broken)?;
    let fields = |text: &str| -> Result<Vec<Field>, String> {
        let split = text.split(',').map(str::trim).filter(|f| !f.is_empty());
        split
            .map(|f| {
                let (name, ty) = f.split_once("::").ok_or_else(broken)?;
                Ok(Field { name: name.trim().into(), ty: ty.trim().into() })
            })
            .collect()
    };
    let (inputs, outputs) = (fields(inputs)?, fields(outputs)?);
    let mut rows = Vec::new();
    if let Some((header, body)) = table.and_then(|t| t.rows.split_first())
        && !header.is_empty()
    {
        let wanted: Vec<&str> = inputs.iter().chain(&outputs).map(|f| &*f.name).collect();
        if wanted != header.iter().map(String::as_str).collect::<Vec<_>>() {
            return Err(format!("the table's columns are not the procedure's: {header:?}"));
        }
        for row in body {
            rows.push(row.iter().map(|c| Ok(Cell::parse(c)?.to_value())).collect::<Result<Vec<_>, String>>()?);
        }
    }
    let body = ProcedureBody::Table(Arc::new(rows));
    Ok(Procedure { name: name.trim().into(), inputs, outputs, doc: "a procedure of the TCK", body })
}

fn expected_effects(table: &Table) -> Result<BTreeMap<String, usize>, String> {
    let mut effects = BTreeMap::new();
    for row in &table.rows {
        let [name, count] = row.as_slice() else { return Err("an effect row needs two cells".to_owned()) };
        let count: usize = count.parse().map_err(|_| format!("not a count: {count}"))?;
        if count > 0 {
            effects.insert(name.clone(), count);
        }
    }
    Ok(effects)
}

/// The graph as the TCK counts it.
struct Snapshot {
    nodes: BTreeSet<u64>,
    rels: BTreeSet<u64>,
    labels: BTreeSet<String>,
    /// Entity, key, value.
    properties: BTreeSet<(String, String, String)>,
}

impl Snapshot {
    fn take(engine: &Engine) -> Result<Self, String> {
        let (nodes, rels) = engine.everything().map_err(|e| format!("snapshot: {e}"))?;
        let mut all = BTreeSet::new();
        for (entity, pairs) in nodes
            .iter()
            .map(|n| (format!("n{}", n.id), &n.properties))
            .chain(rels.iter().map(|r| (format!("r{}", r.id), &r.properties)))
        {
            all.extend(properties(pairs).into_iter().map(|(k, v)| (entity.clone(), k, v.text(false))));
        }
        Ok(Self {
            nodes: nodes.iter().map(|n| n.id).collect(),
            rels: rels.iter().map(|r| r.id).collect(),
            labels: nodes.iter().flat_map(|n| n.labels.iter().map(|l| l.to_string())).collect(),
            properties: all,
        })
    }

    fn difference(&self, after: &Self) -> BTreeMap<String, usize> {
        let counts = [
            ("+nodes", after.nodes.difference(&self.nodes).count()),
            ("-nodes", self.nodes.difference(&after.nodes).count()),
            ("+relationships", after.rels.difference(&self.rels).count()),
            ("-relationships", self.rels.difference(&after.rels).count()),
            ("+labels", after.labels.difference(&self.labels).count()),
            ("-labels", self.labels.difference(&after.labels).count()),
            ("+properties", after.properties.difference(&self.properties).count()),
            ("-properties", self.properties.difference(&after.properties).count()),
        ];
        counts.into_iter().filter(|(_, n)| *n > 0).map(|(name, n)| (name.to_owned(), n)).collect()
    }
}
