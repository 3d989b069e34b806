//! Who descends from whom: over whole registers, every pair that TRACE finds is one that a search in order of time, written
//! here from the tables alone, finds too, and the other way round.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::path::{Path, PathBuf};

use shejire::{Engine, Value};

use crate::snapshot::repository;

/// Days as numbers that grow: twelve months of thirty-one days are enough to compare by.
type Days = (i64, i64);

/// A year, a month or a day; a text that is none bounds nothing.
fn days(text: &str) -> Days {
    let parts: Vec<i64> = text.split('-').map_while(|part| part.parse().ok()).collect();
    match parts[..] {
        [year] => (year * 372, year * 372 + 371),
        [year, month] => (year * 372 + (month - 1) * 31, year * 372 + month * 31 - 1),
        [year, month, day] => (year * 372 + (month - 1) * 31 + day - 1, year * 372 + (month - 1) * 31 + day - 1),
        _ => (i64::MIN, i64::MAX),
    }
}

fn table(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// Every body with those that come of it: a way may go on with an act that may be as late as each before it may be early.
fn descents(folder: &Path) -> BTreeSet<(String, String)> {
    let successions: BTreeSet<String> = table(&folder.join("relations.csv"))
        .into_iter()
        .filter(|relation| relation["lineage_role"] == "succession")
        .map(|relation| {
            assert_eq!(relation["lineage_side"], "object");
            relation["relation"].clone()
        })
        .collect();
    let mut acts: BTreeMap<String, Vec<(Days, String)>> = BTreeMap::new();
    for mention in table(&folder.join("mentions.csv")) {
        if successions.contains(&mention["relation"]) {
            let date = mention["qualifiers"].split(';').find_map(|pair| pair.trim().strip_prefix("date="));
            let when = date.map_or((i64::MIN, i64::MAX), days);
            acts.entry(mention["subject"].clone()).or_default().push((when, mention["object"].clone()));
        }
    }
    let mut found = BTreeSet::new();
    for start in acts.keys() {
        let mut bounds = BTreeMap::from([(start, i64::MIN)]);
        let mut open = BinaryHeap::from([Reverse((i64::MIN, start))]);
        while let Some(Reverse((bound, body))) = open.pop() {
            if bounds[body] < bound {
                continue;
            }
            for ((earliest, latest), to) in acts.get(body).into_iter().flatten().filter(|act| act.0.1 >= bound) {
                debug_assert!(earliest <= latest);
                found.insert((start.clone(), to.clone()));
                let reached = bound.max(*earliest);
                if bounds.get(to).is_none_or(|known| reached < *known) {
                    bounds.insert(to, reached);
                    open.push(Reverse((reached, to)));
                }
            }
        }
    }
    found
}

fn traced(folder: &Path) -> BTreeSet<(String, String)> {
    let engine = Engine::from_folder(folder).unwrap();
    let query = "MATCH (n:Entity) WITH n TRACE n FORWARD YIELD successors UNWIND successors AS s \
                 RETURN DISTINCT n.id, s.body.id";
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let text = |value: &Value| if let Value::Str(text) = value { text.to_string() } else { panic!("{value:?}") };
    rows.iter().map(|row| (text(&row.values()[0]), text(&row.values()[1]))).collect()
}

#[test]
fn who_descends_from_whom_is_what_a_search_in_order_of_time_finds() {
    let cases = repository("../shared/cases/lineage");
    let unpacked = tempfile::tempdir().unwrap();
    let archive = cases.join("communes-by-code.tar.gz");
    let tar = std::process::Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(unpacked.path()).status();
    let mut folders: Vec<PathBuf> = ["linux", "fr-regions"].map(|name| cases.join(name)).into();
    folders.extend(std::fs::read_dir(unpacked.path()).unwrap().map(|entry| entry.unwrap().path()));
    folders.push(repository("examples/communes-manche"));
    for folder in &folders {
        if !folder.join("mentions.csv").exists() {
            println!("skipped: {} is not there", folder.display());
            continue;
        }
        let (wanted, found) = (descents(folder), traced(folder));
        let only =
            |a: &BTreeSet<(String, String)>, b: &BTreeSet<_>| a.difference(b).take(5).cloned().collect::<Vec<_>>();
        assert_eq!((only(&wanted, &found), only(&found, &wanted)), (vec![], vec![]), "{}", folder.display());
        assert!(wanted.len() > 30, "{}: {}", folder.display(), wanted.len());
        // what the register of distributions holds without those that come of themselves
        if folder.ends_with("linux") {
            assert_eq!(wanted.iter().filter(|(a, b)| a != b).count(), 1_277);
        }
    }
    if !tar.is_ok_and(|status| status.success()) {
        println!("skipped: {} is not there", archive.display());
    }
}
