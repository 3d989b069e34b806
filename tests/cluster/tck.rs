//! The openCypher TCK, as far as it reads: each scenario's graph is exported, and its query answered on the cluster as here
//! (what is answered here is scored against the TCK itself by `tests/it/tck.rs`).
//!
//! `not-lowered.txt` lists the scenarios that a cluster refuses, with the reason; one that is listed and runs fails the run, and
//! so does one that is refused and not listed. `UPDATE=1` writes the list. `TCK_FILTER=substring` runs some scenarios only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gherkin::Step;
use shejire::cluster::{Cluster, write_tables};
use shejire::engine::Limits;
use shejire::{Engine, Value};

use crate::cell::Cell;
use crate::feature::{self, Scenario};
use crate::{Seen, compare_answers, server, shared};

const THREADS: usize = 2;

/// How a scenario went.
enum Went {
    Same,
    Refused(String),
    /// It writes, or is about procedures of its own: nothing for a cluster.
    Left,
    Different(String),
}

#[test]
fn scenarios_that_read() {
    let Some(url) = server() else { return };
    let Some(root) = std::env::var_os("SHEJIRE_TCK").map(PathBuf::from).or_else(|| shared("tck")) else {
        println!("openCypher TCK on a cluster: no ../shared/tck and no SHEJIRE_TCK, SKIPPED");
        return;
    };
    let (scenarios, some) = feature::chosen(&root);
    let started = Instant::now();
    let went = run_all(&url, &root, &scenarios);
    let count = |fits: fn(&Went) -> bool| went.iter().filter(|(_, went)| fits(went)).count();
    let same = count(|w| matches!(w, Went::Same));
    let refused = count(|w| matches!(w, Went::Refused(_)));
    let left = count(|w| matches!(w, Went::Left));
    let different: Vec<&(String, Went)> = went.iter().filter(|(_, w)| matches!(w, Went::Different(_))).collect();
    println!(
        "openCypher TCK on a cluster: {same} the same, {refused} refused by name, {} different, {left} left (they write); {:.0} s",
        different.len(),
        started.elapsed().as_secs_f64()
    );
    let mut text = String::new();
    for (id, went) in &different {
        if let Went::Different(what) = went {
            let _ = writeln!(text, "{id}\n    {}", what.replace('\n', "\n    "));
        }
    }
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("tck-different.txt"), &text).expect("room");
    let now: BTreeMap<&str, &str> = went
        .iter()
        .filter_map(|(id, w)| if let Went::Refused(why) = w { Some((id.as_str(), why.as_str())) } else { None })
        .collect();
    if !some {
        text.push_str(&judge(&now));
    }
    assert!(text.is_empty(), "{text}");
}

/// Compares what is refused with the list.
fn judge(now: &BTreeMap<&str, &str>) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/not-lowered.txt");
    let line =
        |(id, why): (&&str, &&str)| format!("{id}: {}\n", why.trim_start_matches("this cannot be run on a cluster: "));
    let wanted: String = now.iter().map(line).collect();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, wanted).expect("room");
        return String::new();
    }
    let listed = std::fs::read_to_string(&file).expect("the list of what is not lowered");
    let mut text = String::new();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<String>>();
    let (listed, wanted) = (lines(&listed), lines(&wanted));
    for line in listed.difference(&wanted) {
        let _ = writeln!(text, "listed as not lowered, and it runs (or is refused for another reason): {line}");
    }
    for line in wanted.difference(&listed) {
        let _ = writeln!(text, "refused, and not listed: {line}");
    }
    text
}

fn run_all(url: &str, root: &Path, scenarios: &[Scenario]) -> Vec<(String, Went)> {
    let next = AtomicUsize::new(0);
    let went = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let engine = Engine::in_memory();
                let mut cluster = None;
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(at) else { break };
                    let how = run(&engine, &mut cluster, (url, root), scenario).unwrap_or_else(Went::Different);
                    went.lock().unwrap().insert(at, (scenario.id.clone(), how));
                }
            });
        }
    });
    went.into_inner().unwrap().into_values().collect()
}

/// One scenario: its graph, its query, both answers.
fn run(
    engine: &Engine,
    cluster: &mut Option<Cluster>,
    (url, root): (&str, &Path),
    scenario: &Scenario,
) -> Result<Went, String> {
    engine.reset().map_err(|e| format!("reset: {e}"))?;
    let mut params: Vec<(String, Value)> = Vec::new();
    let sorted = scenario.steps.iter().any(|step| step.value.contains("ignoring element order"));
    for step in &scenario.steps {
        let text = step.value.trim_end_matches(':');
        match text {
            "having executed" => {
                engine.run(docstring(step)?).map_err(|e| format!("setup: {e}"))?;
            }
            "parameters are" => {
                for row in &step.table.as_ref().ok_or("no table")?.rows {
                    let [name, value] = row.as_slice() else {
                        return Err("a parameter row needs two cells".to_owned());
                    };
                    params.push((name.clone(), Cell::parse(value)?.to_value()));
                }
            }
            "executing query" => {
                let query = docstring(step)?;
                return asked(engine, cluster, url, query, &params, sorted);
            }
            _ if text.starts_with("there exists a procedure ") => return Ok(Went::Left),
            _ => {
                let named = text.strip_prefix("the ").and_then(|t| t.strip_suffix(" graph"));
                if let Some(name) = named {
                    let file = root.join("graphs").join(name).join(format!("{name}.cypher"));
                    let script = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
                    engine.script(&script).map_err(|e| format!("setting up the graph: {e}"))?;
                }
            }
        }
    }
    Ok(Went::Left)
}

fn asked(
    engine: &Engine,
    cluster: &mut Option<Cluster>,
    url: &str,
    query: &str,
    params: &[(String, Value)],
    sorted: bool,
) -> Result<Went, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    if let Err(error) = write_tables(&engine.snapshot().map_err(|e| e.to_string())?, folder.path()) {
        return Ok(Went::Refused(format!("at the export: {}", error.message())));
    }
    let graph = folder.path().join("graph.toml");
    let graph = graph.to_str().ok_or("a name in UTF-8")?;
    match cluster {
        None => *cluster = Some(Cluster::connect(url, graph).map_err(|e| e.to_string())?),
        Some(cluster) => cluster.change_to(graph).map_err(|e| e.to_string())?,
    }
    let Some(cluster) = cluster else { return Ok(Went::Left) };
    let limits = Limits { time: Some(Duration::from_secs(20)), ..Limits::default() };
    // whatever writes is refused here, so that both answer the same graph
    let reader = engine.clone().read_only();
    let statement = reader.query(query).limits(limits);
    let here = params.iter().fold(statement, |s, (name, value)| s.param(name.as_str(), value.clone())).rows();
    if here.as_ref().is_err_and(|error| error.class() == shejire::error::Class::ReadOnly) {
        return Ok(Went::Left);
    }
    let there = cluster.run(query, params);
    let sorted = sorted || query.contains("collect(") || query.contains("[(");
    Ok(match compare_answers(query, here, there, sorted) {
        Seen::Same => Went::Same,
        Seen::Refused(why) => Went::Refused(why),
        Seen::Different(what) => Went::Different(format!("{what}\nquery: {query}")),
    })
}

fn docstring(step: &Step) -> Result<&str, String> {
    step.docstring.as_deref().map(|t| t.strip_prefix('\n').unwrap_or(t).trim_end()).ok_or("no query text".to_owned())
}
