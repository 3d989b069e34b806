//! The openCypher TCK, scored exactly: values, column names and order, side effects, and for an expected error
//! its class, phase and detail, with the graph unchanged after it.
//!
//! The feature files are read from `../shared/tck` or from `SHEJIRE_TCK` (a folder that holds `features` and
//! `graphs`); where neither exists the suite says so and is skipped. `TCK_FILTER=substring` runs the scenarios whose
//! id contains the substring (and then judges no exceptions). `tests/tck-exceptions.txt` lists what may fail, with the
//! reason; a listed scenario that passes fails the run. Failures go to `target/tck-failures.txt` in full.

mod cell;
mod feature;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use feature::Scenario;
use run::Plan;
use shejire::Engine;

use crate::snapshot::repository;

const THREADS: usize = 2;

/// A scenario that did not do what the TCK says: its id and what was seen.
struct Failure {
    id: String,
    report: String,
}

#[test]
fn tck() {
    let Some(root) = folder() else {
        println!("openCypher TCK: no ../shared/tck and no SHEJIRE_TCK, skipped");
        return;
    };
    let (scenarios, some) = feature::chosen(&root);
    let started = Instant::now();
    let failures = run_all(&root, &scenarios, Plan::Optimized);
    let passed = scenarios.len() - failures.len();
    let seconds = started.elapsed().as_secs_f64();
    println!("openCypher TCK: {passed} of {} scenarios exact in {seconds:.1} s", scenarios.len());
    write_report(&failures);
    let verdict = if some { all_must_pass(&failures) } else { judge(&scenarios, &failures) };
    if let Err(message) = verdict {
        panic!("{message}");
    }
}

/// Said twice: the plan without any rewrite gives every scenario exactly, too.
#[test]
fn tck_without_the_optimizer() {
    let Some(root) = folder() else { return };
    let (mut scenarios, _) = feature::chosen(&root);
    let exceptions = Exceptions::read();
    scenarios.retain(|s| !exceptions.listed.contains(&s.id));
    if let Err(message) = all_must_pass(&run_all(&root, &scenarios, Plan::Plain)) {
        panic!("{message}");
    }
}

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("SHEJIRE_TCK").map(repository);
    let beside = repository("../shared/tck");
    named.into_iter().chain([beside]).find(|p| p.join("features").is_dir())
}

/// Runs the scenarios on [`THREADS`] threads, each with an engine of its own; failures in order of scenario.
fn run_all(root: &Path, scenarios: &[Scenario], plan: Plan) -> Vec<Failure> {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut engine = Engine::in_memory();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(at) else { break };
                    let outcome = catch_unwind(AssertUnwindSafe(|| run::run(&engine, root, scenario, plan)));
                    let report = match outcome {
                        Ok(Ok(())) => continue,
                        Ok(Err(report)) => report,
                        Err(panic) => {
                            engine = Engine::in_memory();
                            format!("panicked: {}", panic_text(&*panic))
                        }
                    };
                    failures.lock().unwrap().insert(at, Failure { id: scenario.id.clone(), report });
                }
            });
        }
    });
    failures.into_inner().unwrap().into_values().collect()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no text)")
}

fn write_report(failures: &[Failure]) {
    let mut text = String::new();
    for Failure { id, report } in failures {
        let _ = writeln!(text, "{id}\n    {}\n", report.trim_end().replace('\n', "\n    "));
    }
    let folder = repository("target");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tck-failures.txt"), text).unwrap();
}

fn all_must_pass(failures: &[Failure]) -> Result<(), String> {
    if failures.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for Failure { id, report } in failures.iter().take(30) {
        let _ = writeln!(text, "{id}\n    {}", report.trim_end().replace('\n', "\n    "));
    }
    Err(format!("{} scenarios fail\n{text}", failures.len()))
}

/// Compares what failed with what may fail.
fn judge(scenarios: &[Scenario], failures: &[Failure]) -> Result<(), String> {
    let exceptions = Exceptions::read();
    let failed: BTreeSet<&str> = failures.iter().map(|f| f.id.as_str()).collect();
    let known: BTreeSet<&str> = scenarios.iter().map(|s| s.id.as_str()).collect();
    let mut text = String::new();
    for id in &exceptions.listed {
        if !known.contains(id.as_str()) {
            let _ = writeln!(text, "listed as an exception, but there is no such scenario: {id}");
        } else if !failed.contains(id.as_str()) {
            let _ = writeln!(text, "listed as an exception, but it passes: {id}");
        }
    }
    let unlisted: Vec<&Failure> = failures.iter().filter(|f| !exceptions.listed.contains(&f.id)).collect();
    print!("{}", by_folder(&unlisted));
    if !exceptions.whole_suite {
        for Failure { id, report } in unlisted.iter().take(40) {
            let _ = writeln!(text, "{id}\n    {}", report.trim_end().replace('\n', "\n    "));
        }
        if !unlisted.is_empty() {
            let _ = writeln!(text, "{} scenarios fail; all of them in target/tck-failures.txt", unlisted.len());
        }
    }
    if text.is_empty() { Ok(()) } else { Err(text) }
}

fn by_folder(failures: &[&Failure]) -> String {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for failure in failures {
        let folder = failure.id.rsplit_once('/').map_or("", |(folder, _)| folder);
        *folders.entry(folder).or_default() += 1;
    }
    folders.iter().fold(String::new(), |mut text, (folder, n)| {
        let _ = writeln!(text, "  {folder}: {n} fail");
        text
    })
}

/// What may fail: `scenario id: reason` a line. The line `*: reason` stands for the whole suite.
struct Exceptions {
    listed: BTreeSet<String>,
    whole_suite: bool,
}

impl Exceptions {
    fn read() -> Self {
        let mut exceptions = Self { listed: BTreeSet::new(), whole_suite: false };
        for line in include_str!("../tck-exceptions.txt").lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason given: {line}"));
            assert!(!reason.trim().is_empty(), "no reason given: {line}");
            match id {
                "*" => exceptions.whole_suite = true,
                _ => assert!(exceptions.listed.insert(id.to_owned()), "listed twice: {id}"),
            }
        }
        exceptions
    }
}
