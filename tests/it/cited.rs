//! What a citation means, on made-up facts: take away a fact that a row does not cite, and the row stays; keep nothing
//! but what it cites, and it stays; take away one that it cites, and the row goes or loses that support.

use std::collections::{BTreeMap, BTreeSet};

use shejire::Engine;
use shejire::dataset::{self, Dataset, MentionRecord, Object};
use shejire::provenance::Locator;
use shejire::value::text;

const QUERIES: &[&str] = &[
    "CITE MATCH (a)-[:established]->(b) RETURN a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b)-[:amended]->(c) RETURN a.id AS a, c.id AS c",
    "CITE MATCH (a)-[:established]->(b), (a)-[:amended]->(c) RETURN DISTINCT a.id AS a",
    "CITE MATCH (a)-[:established|amended*1..2]->(b) RETURN DISTINCT a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b) OPTIONAL MATCH (b)-[:amended]->(c) RETURN a.id AS a, b.id AS b, c.id AS c",
    "CITE MATCH (a)-[:established]->(b) RETURN a.id AS a, count(*) AS n, collect(b.id) AS all",
    "CITE MATCH (a)-[r]->() WITH a, count(r) AS n WHERE n > 1 MATCH (a)-[:amended]->(c) RETURN a.id AS a, c.id AS c",
    "CITE MATCH (a)-[:established]->(b) RETURN a.id AS x UNION MATCH (a)-[:amended]->(b) RETURN b.id AS x",
    "CITE MATCH (a)-[:established]->(b) RETURN a.id AS x UNION ALL MATCH (a)-[:amended]->(b) RETURN b.id AS x",
    "CITE MATCH (a)-[:established]->(b) WHERE EXISTS { (b)-[:amended]->() } RETURN a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b) WHERE NOT EXISTS { (b)-[:amended]->() } RETURN a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b) RETURN a.id AS a, COUNT { (b)-[:amended]->() } AS n",
    "CITE MATCH (a)-[:established]->(b) RETURN b.id AS b, [(b)-[:amended]->(c) | c.id] AS all",
    "CITE MATCH (a)-[:established]->(b) CALL (b) { MATCH (b)-[:amended]->(c) RETURN count(c) AS n } RETURN a.id AS a, n",
    "CITE MATCH (a)-[:established]->(b) ACCORDING TO '000', '001' RETURN a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b) AS OF '2020' RETURN a.id AS a, b.id AS b",
    "CITE MATCH (a)-[:established]->(b) AS OF CERTAIN '2020' RETURN a.id AS a, count(b) AS n",
    "CITE UNWIND ['established', 'amended'] AS t MATCH (a)-[r]->(b) WHERE type(r) = t RETURN t, min(a.id) AS least",
];

/// Asked of facts that make a lineage. A step rests on the successions that lead to it, too.
const LINEAGES: &[&str] = &[
    "CITE TRACE 'kazakhstan' YIELD step, kind, `from`, `to` RETURN step, kind, from.id AS a, to.id AS b",
    "CITE TRACE 'kazakhstan' FORWARD YIELD step, `to` WHERE step > 0 RETURN DISTINCT to.id AS b",
    "CITE TRACE 'kazakhstan' AS OF '2020' YIELD kind, `from`, `to` RETURN kind, from.id AS a, to.id AS b",
    "CITE MATCH (n:Entity) CALL (n) { TRACE n BACKWARD YIELD kind, `from` RETURN kind, from.id AS a } RETURN n.id AS n, kind, a",
];

/// Asked of facts that contradict each other: each conflict rests on its two sides.
const CONFLICTS: &[&str] = &[
    "CITE CONFLICTS YIELD left, right RETURN left, right",
    "CITE CONFLICTS OF 'kazakhstan' YIELD left, right RETURN left, right",
    "CITE CONFLICTS YIELD left WHERE left CONTAINS 'a' RETURN DISTINCT left",
];

#[test]
fn a_conflict_rests_on_what_it_cites_and_on_nothing_else() {
    rests_on_what_it_cites(CONFLICTS, ["amended", "adopted"]);
    rests_on_what_it_cites(CONFLICTS, ["replaced-by", "established"]);
    let engine = engine(&made_up(1, ["amended", "adopted"]), |_| true);
    assert!(!answer(&engine, CONFLICTS[0]).is_empty());
}

#[test]
fn a_row_rests_on_what_it_cites_and_on_nothing_else() {
    rests_on_what_it_cites(QUERIES, ["established", "amended"]);
}

#[test]
fn a_step_of_a_lineage_rests_on_what_it_cites_and_on_nothing_else() {
    rests_on_what_it_cites(LINEAGES, ["transformed-into", "established"]);
}

fn rests_on_what_it_cites(queries: &[&str], relations: [&str; 2]) {
    let mut wrong = Vec::new();
    for seed in 1..=4 {
        let data = made_up(seed, relations);
        let facts: BTreeSet<Fact> = data.mentions.iter().map(fact).collect();
        let without: Vec<(&Fact, Engine)> =
            facts.iter().map(|gone| (gone, engine(&data, |mention| fact(mention) != *gone))).collect();
        let whole = engine(&data, |_| true);
        for query in queries {
            let rows = answer(&whole, query);
            for (gone, rest) in &without {
                let left = answer(rest, query);
                for (row, cited) in &rows {
                    let places: BTreeSet<String> = places(&data, gone);
                    let touched = cited.iter().any(|place| places.contains(place));
                    match left.get(row) {
                        None if !touched => wrong.push(format!("{seed}: {query}\n{row} went with {gone:?}, uncited")),
                        Some(still) if still.iter().any(|place| places.contains(place)) => {
                            wrong.push(format!("{seed}: {query}\n{row} still cites {gone:?}, which is gone"));
                        }
                        _ => {}
                    }
                }
            }
            for (row, cited) in rows.iter().take(6) {
                let rest = engine(&data, |mention| !places(&data, &fact(mention)).is_disjoint(cited));
                if !answer(&rest, query).contains_key(row) {
                    wrong.push(format!("{seed}: {query}\n{row} needs more than it cites: {cited:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(8)].join("\n"));
}

/// Subject, relation, object.
type Fact = (String, String, String);

fn fact(mention: &MentionRecord) -> Fact {
    (mention.subject.to_string(), mention.relation.to_string(), mention.object.text().to_owned())
}

/// Where a fact is stated.
fn places(data: &Dataset, of: &Fact) -> BTreeSet<String> {
    data.mentions.iter().filter(|m| fact(m) == *of).map(|m| format!("{}:{}", m.source, m.at)).collect()
}

fn engine(data: &Dataset, keep: impl Fn(&MentionRecord) -> bool) -> Engine {
    let mut data = data.clone();
    data.mentions.retain(keep);
    Engine::from_dataset(&data).unwrap()
}

/// Each row with the places it cites; equal rows together.
fn answer(engine: &Engine, query: &str) -> BTreeMap<String, BTreeSet<String>> {
    let rows = engine.run(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    let mut answer: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows.iter() {
        let values: Vec<_> = row.values().iter().map(|value| text::literal(value, None).unwrap()).collect();
        let cited = row.citations().iter().map(|c| c.locator.to_string());
        answer.entry(values.join(" ")).or_default().extend(cited);
    }
    answer
}

/// Sixteen mentions of facts between six of the built-in bodies; some dated, some stated twice.
fn made_up(seed: u64, relations: [&str; 2]) -> Dataset {
    let mut data = dataset::builtin();
    let template = data.mentions[0].clone();
    data.conflicts.clear();
    data.aliases.clear();
    data.entities.truncate(6);
    let mut state = seed;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let date = |from: &str| vec![("from".into(), from.into())];
    data.mentions = (1..=16)
        .map(|number| MentionRecord {
            id: format!("M{number}").into(),
            subject: data.entities[next(6)].id.clone(),
            relation: relations[next(2)].into(),
            object: Object::Entity(data.entities[next(6)].id.clone()),
            qualifiers: [vec![], vec![], date("2019"), date("2021")][next(4)].clone(),
            source: data.sources[next(data.sources.len())].id.clone(),
            at: Locator { paragraph: number, first: 1, last: 1 },
            fingerprint: 0,
            ..template.clone()
        })
        .collect();
    data
}
