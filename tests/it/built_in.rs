//! What people ask of the built-in dataset: what became of what, and who is meant by a name.

use shejire::engine::{Found, LineageRequest, Rank, Snapshot};
use shejire::value::{NodeRef, text};
use shejire::{Engine, dataset};

fn snapshot() -> Snapshot {
    Engine::builtin().unwrap().snapshot().unwrap()
}

/// The steps of a lineage: number, ids of the two ends, type.
fn steps(snapshot: &Snapshot, request: &LineageRequest) -> Vec<String> {
    let id = |node: Option<NodeRef>| {
        let data = snapshot.node(node?).unwrap();
        text::scalar(data.get("id").unwrap())
    };
    let lineage = snapshot.lineage(request).unwrap();
    let shown = |(number, from, kind, to): (i64, Option<String>, &str, Option<String>)| {
        format!("{number} {} {kind} {}", from.unwrap_or_default(), to.unwrap_or_default())
    };
    lineage.steps().iter().map(|s| shown((s.number, id(s.from), &s.kind, id(s.to)))).collect()
}

#[test]
fn lineages_follow_successions_and_not_functions() {
    let snapshot = snapshot();
    let trace = |id: &str| steps(&snapshot, &LineageRequest::of(id));
    assert_eq!(
        trace("national-kurultai"),
        [
            "-1 kazakhstan established national-council-of-public-trust",
            "-1 national-council-of-public-trust transformed-into national-kurultai",
        ]
    );
    let court = trace("constitutional-court");
    assert!(court.contains(&"0 kazakhstan established constitutional-court".to_owned()), "{court:?}");
    assert!(court.contains(&"0 kazakhstan re-established constitutional-court".to_owned()), "{court:?}");
    let health = trace("ministry-of-health");
    assert_eq!(health, ["0 ministry-of-internal-affairs transferred-to ministry-of-health"]);
    assert_eq!(steps(&snapshot, &LineageRequest::of("super-presidential-system").forward()).len(), 2);
}

#[test]
fn people_find_bodies_by_any_of_their_names() {
    let snapshot = snapshot();
    let one = |query: &str| match snapshot.find(query) {
        Found::One(candidate) => candidate.id.to_string(),
        Found::Many(many) => many.iter().map(|c| &*c.id).collect::<Vec<_>>().join(" or "),
        Found::None(near) => format!("none, near {}", near.first().map_or("", |c| &*c.id)),
    };
    for (query, id) in [
        ("Baitak", "baytaq"),
        ("БАЙТАҚ", "baytaq"),
        ("құрылтай", "national-kurultai"),
        ("Kurultai", "national-kurultai"),
        ("Qurultay", "national-kurultai"),
        ("ulttyq quryltai", "national-kurultai"),
        ("Национальный курултай", "national-kurultai"),
        ("National Council of Public Trust", "national-council-of-public-trust"),
        ("Конституциялық Сот", "constitutional-court"),
        ("constitutional court", "constitutional-court"),
        ("Мәжіліс", "mazhilis"),
        ("Majilis", "mazhilis"),
        ("Republic", "respublica"),
        ("Respublica", "respublica"),
        ("Republic of Kazakhstan", "kazakhstan"),
        ("UNHRC", "un-human-rights-committee"),
        ("UN Human Rights Council", "un-human-rights-council"),
        ("High Commissioner", "ohchr"),
        ("Commissioner for Human Rights", "commissioner-for-human-rights"),
        ("Токаев", "kassym-jomart-tokayev"),
        ("Ministry of Defence", "ministry-of-defense"),
        ("national-kurultai", "national-kurultai"),
        ("Ombudsmen for Human and Child Rights", "commissioner-for-human-rights or ombudsman-for-child-rights"),
        ("Parliamant", "none, near parliament"),
    ] {
        assert_eq!(one(query), id, "{query}");
    }
    assert_eq!(one("Ministry").split(" or ").filter(|id| id.starts_with("ministry-of-")).count(), 6);
    assert_eq!(one("Ministry").split(" or ").count(), 6, "the Kazakh for minister only sounds like it");
    let listed =
        |query: &str| snapshot.search(query, 30).iter().map(|c| (c.id.to_string(), c.rank)).collect::<Vec<_>>();
    let ombudsman = listed("Ombudsman");
    assert_eq!(ombudsman[0], ("commissioner-for-human-rights".to_owned(), Rank::Alias));
    for look_alike in ["ombudsman-for-child-rights", "ombudsman-for-special-needs"] {
        assert!(ombudsman.iter().any(|(id, _)| id == look_alike), "{ombudsman:?}");
    }
    assert!(listed("Republic").iter().any(|(id, rank)| id == "kazakhstan" && *rank == Rank::Words));
    assert!(listed("Commissioner for Human Rights").iter().any(|(id, rank)| id == "ohchr" && *rank == Rank::Words));
    assert!(listed("UNHRC").iter().any(|(id, rank)| id == "un-human-rights-council" && *rank == Rank::Initials));
}

#[test]
fn every_entity_is_found_by_its_own_name_and_id() {
    let snapshot = snapshot();
    let data = dataset::builtin();
    assert_eq!(data.entities.len(), 304);
    for entity in &data.entities {
        for query in [&entity.id, &entity.name] {
            match snapshot.find(query) {
                Found::One(found) => assert_eq!(*found.id, *entity.id, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
