//! The Python package builds on the library from a lock of its own: both name the same versions, and the package builds from it as
//! it stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::snapshot::repository;

/// How to mend it.
const MEND: &str = "cargo update --workspace --manifest-path python/Cargo.toml --offline, \
                    or: cp Cargo.lock python/ && cargo metadata --manifest-path python/Cargo.toml > /dev/null";

/// Versions by name, and what `shejire` depends on.
fn lock(file: &str) -> (BTreeMap<String, BTreeSet<String>>, BTreeSet<String>) {
    let text = std::fs::read_to_string(repository(file)).unwrap();
    let read: toml::Table = toml::from_str(&text).unwrap();
    let (mut versions, mut own) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeSet::new());
    for package in read["package"].as_array().unwrap() {
        let of = |key: &str| package[key].as_str().unwrap().to_owned();
        versions.entry(of("name")).or_default().insert(of("version"));
        if of("name") == "shejire" {
            let all = package["dependencies"].as_array().unwrap().iter();
            own = all.map(|one| one.as_str().unwrap().split(' ').next().unwrap().to_owned()).collect();
        }
    }
    (versions, own)
}

fn manifest(file: &str) -> toml::Table {
    toml::from_str(&std::fs::read_to_string(repository(file)).unwrap()).unwrap()
}

#[test]
fn both_locks_name_the_same_versions() {
    let ((ours, _), (python, own)) = (lock("Cargo.lock"), lock("python/Cargo.lock"));
    let mut wrong = Vec::new();
    // the client of clusters, which the package leaves out, says which arrow it hands out
    for (name, versions) in python.iter().filter(|(name, _)| !name.starts_with("arrow-")) {
        if let Some(known) = ours.get(name).filter(|known| !versions.is_subset(known)) {
            wrong.push(format!("{name}: {versions:?} there, {known:?} here"));
        }
    }
    let root = manifest("Cargo.toml");
    let mut wanted: BTreeSet<String> = root["dependencies"].as_table().unwrap().keys().cloned().collect();
    for target in root["target"].as_table().unwrap().values() {
        wanted.extend(target["dependencies"].as_table().unwrap().keys().cloned());
    }
    // an optional crate that no feature of the package turns on has no place in the lock
    let missing: Vec<&String> = wanted.difference(&own).filter(|name| ours.contains_key(*name)).collect();
    let left_out = ["apache-spark-connect", "arrow", "calamine", "parquet", "rust_xlsxwriter"];
    wrong.extend(
        missing.into_iter().filter(|name| !left_out.contains(&name.as_str())).map(|name| format!("{name}: not there")),
    );
    wrong.extend(own.iter().filter(|name| !wanted.contains(*name)).map(|name| format!("{name}: only there")));
    assert!(wrong.is_empty(), "python/Cargo.lock and Cargo.lock differ:\n{}\nmend it by {MEND}", wrong.join("\n"));
}

#[test]
fn the_package_has_the_version_of_the_library() {
    let (python, library) = (manifest("python/Cargo.toml"), manifest("Cargo.toml"));
    assert_eq!(python["package"]["version"], library["workspace"]["package"]["version"]);
}

/// Dependencies are built once for both only where both build them alike. The library is one of them there; a release for others
/// makes small what it seldom runs.
#[test]
fn both_build_with_the_same_profiles() {
    for profile in ["dev", "release", "quick"] {
        let of = |file: &str| {
            let mut read = manifest(file)["profile"][profile].as_table().unwrap().clone();
            if let Some(packages) = read.get_mut("package").and_then(toml::Value::as_table_mut) {
                packages.remove("shejire");
                packages.retain(|_, own| profile != "release" || own.get("opt-level") != Some(&"s".into()));
            }
            if read.get("package").and_then(toml::Value::as_table).is_some_and(toml::Table::is_empty) {
                read.remove("package");
            }
            read
        };
        assert_eq!(of("python/Cargo.toml"), of("Cargo.toml"), "profile {profile}");
    }
}
