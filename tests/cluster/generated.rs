//! Queries that a generator makes (`../shared/attacks/qgen.py`), on graphs of its own: the rows of a cluster are those of the
//! local engine, or the query is refused.
//!
//! `CLUSTER_GRAPHS` says how many graphs, `CLUSTER_SEED` which.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value as Json;
use shejire::Engine;

use crate::{Both, Seen, compare, server, shared, shown, told};

#[test]
fn queries_of_a_generator() {
    let Some(url) = server() else { return };
    let Some(generator) = shared("attacks/qgen.py") else {
        println!("generated queries on a cluster: no ../shared/attacks/qgen.py, SKIPPED");
        return;
    };
    let number = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let made = Command::new("python3")
        .arg(generator)
        .args(["--seed", &number("CLUSTER_SEED", "25"), "--graphs", &number("CLUSTER_GRAPHS", "12")])
        .args(["--queries", "20", "--profile", "full"])
        .output()
        .expect("python3 runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (mut same, mut refused, mut different) = (0, BTreeMap::<String, usize>::new(), Vec::new());
    for line in String::from_utf8(made.stdout).expect("UTF-8").lines() {
        let case: Json = serde_json::from_str(line).expect("a line of JSON");
        let engine = Engine::in_memory();
        for statement in case["setup"].as_array().into_iter().flatten() {
            engine.run(statement.as_str().expect("a text")).expect("a graph");
        }
        let both = Both::of(engine, &url);
        for query in case["queries"].as_array().into_iter().flatten() {
            let query = query["q"].as_str().expect("a text");
            let sorted = query.contains("collect(") || query.contains("[(");
            match compare(&both, query, &[], sorted) {
                Seen::Same => same += 1,
                Seen::Refused(why) => *refused.entry(why).or_default() += 1,
                Seen::Different(_) if cut_otherwise(&both, query, sorted) => same += 1,
                Seen::Different(what) => different.push(format!("graph {}: {query}\n{what}", case["gid"])),
            }
        }
    }
    let all: usize = refused.values().sum();
    println!("generated queries on a cluster: {same} the same, {all} refused by name, {} different", different.len());
    let mut reasons: Vec<(&String, &usize)> = refused.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    reasons.iter().take(25).for_each(|(why, count)| println!("  {count} {why}"));
    assert!(different.is_empty(), "{}", different.join("\n\n"));
    assert!(same > 0, "nothing was compared");
}

/// Which rows LIMIT keeps of equal ones is nobody's: as many come, and all of them are in the whole answer.
fn cut_otherwise(both: &Both, query: &str, sorted: bool) -> bool {
    let cut = ["SKIP ", "LIMIT "].iter().filter_map(|word| query.rfind(word)).min();
    let (Some(cut), false) = (cut, query.matches("LIMIT ").count() + query.matches("SKIP ").count() > 2) else {
        return false;
    };
    let (Ok(here), Ok(there)) = (both.local(query, &[]), both.cluster.run(query, &[])) else { return false };
    let Ok(whole) = both.local(&query[..cut], &[]) else { return false };
    let (mut whole, there) = (told(&whole, sorted), told(&there, sorted));
    let found = there.iter().all(|row| match whole.iter().position(|own| own == row) {
        Some(at) => {
            whole.swap_remove(at);
            true
        }
        None => {
            println!("{query}: not in the whole answer:{}", shown(std::slice::from_ref(row)));
            false
        }
    });
    found && here.len() == there.len()
}
