//! Speed guarded by counting: rows per operator, read off PROFILE, stay under a stated bound, so that a rewrite that
//! is lost fails here without a clock. Each test names the rewrite it guards.

use shejire::Engine;
use shejire::engine::Limits;

/// What PROFILE says of one operator.
#[derive(Debug)]
struct Operator {
    name: String,
    rows: u64,
}

/// The operators of a profiled query, and its only value as text.
fn profile(engine: &Engine, query: &str) -> (Vec<Operator>, String) {
    let rows = engine.run(&format!("PROFILE {query}")).unwrap_or_else(|e| panic!("{query}: {e}"));
    let text = rows.plan().unwrap_or_else(|| panic!("{query}: no plan")).to_string();
    let operators = text.lines().filter(|line| line.contains("rows=")).map(|line| {
        let line = line.trim_start_matches(|c: char| !c.is_alphabetic());
        let rows = line.split("rows=").nth(1).and_then(|r| r.split(' ').next()).and_then(|r| r.parse().ok());
        Operator { name: line.split(' ').next().unwrap_or("").to_owned(), rows: rows.unwrap_or(u64::MAX) }
    });
    let value = rows.get(0).map(|row| format!("{:?}", row.values()[0])).unwrap_or_default();
    (operators.collect(), value)
}

/// All rows that flowed in a query stay within `bound`, an operator of that name is in its plan, and the plain plan
/// gives the same value.
fn check(engine: &Engine, query: &str, operator: &str, bound: u64) {
    let (operators, value) = profile(engine, query);
    assert!(operators.iter().any(|o| o.name == operator), "{query}: no {operator} in {operators:#?}");
    let total: u64 = operators.iter().map(|o| o.rows).sum();
    assert!(total <= bound, "{query}: {total} rows flowed, more than {bound}: {operators:#?}");
    let plain = engine.query(query).unoptimized().rows().unwrap_or_else(|e| panic!("{query}: {e}"));
    let plain = plain.get(0).map(|row| format!("{:?}", row.values()[0])).unwrap_or_default();
    assert_eq!(value, plain, "{query}");
}

/// 300 persons, each following 8 others, no loops; each lives in one of 10 cities.
fn social() -> Engine {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (p:Person) ON (p.id)",
        "CREATE INDEX FOR (p:Person) ON (p.name)",
        "UNWIND range(0, 9) AS i CREATE (:City {id: i, name: 'City ' + i})",
        "UNWIND range(0, 299) AS i CREATE (:Person {id: i, name: 'P' + i, age: 20 + i % 50})",
        "MATCH (p:Person), (c:City) WHERE c.id = p.id % 10 CREATE (p)-[:LIVES_IN]->(c)",
        "MATCH (p:Person) UNWIND range(1, 8) AS k MATCH (q:Person {id: (p.id * 7 + k * 13 + 1) % 300}) WHERE q <> p CREATE (p)-[:FOLLOWS]->(q)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    engine
}

#[test]
fn an_indexed_key_is_sought_not_scanned() {
    let engine = social();
    check(&engine, "MATCH (p:Person {id: 17}) RETURN p.name", "SeekIndex", 6);
    check(&engine, "MATCH (p:Person) WHERE p.id IN [1, 2, 3] RETURN count(p)", "SeekIndex", 12);
    check(&engine, "UNWIND [5, 6] AS i MATCH (p:Person {id: i}) RETURN sum(p.age)", "SeekIndex", 12);
}

#[test]
fn a_pattern_starts_where_fewest_rows_are() {
    let engine = social();
    // from the one city to its 30 persons, not from 300 persons to their cities
    check(
        &engine,
        "MATCH (p:Person)-[:LIVES_IN]->(c:City) WHERE c.name = 'City 3' RETURN count(p.age + 1)",
        "Expand",
        130,
    );
    // the order of clauses does not bind the order of work
    let query = "MATCH (p:Person)-[:FOLLOWS]->(q:Person) WITH p, q MATCH (p {id: 5}) RETURN count(q.age + 1)";
    check(&engine, query, "SeekIndex", 40);
}

#[test]
fn labels_that_a_type_implies_are_not_tested_until_a_write_makes_it_untrue() {
    let engine = social();
    let query = "MATCH (p:Person {id: 17})-[:LIVES_IN]->(c:City) RETURN count(c.name)";
    let has_filter = |engine: &Engine| profile(engine, query).0.iter().any(|o| o.name == "Filter");
    let count =
        |engine: &Engine| format!("{:?}", engine.run(query).expect("a count").get(0).expect("a row").values()[0]);
    assert!(!has_filter(&engine));
    assert_eq!(count(&engine), "Int(1)");
    // a write that leaves it true leaves the plan
    engine.run("MATCH (p:Person {id: 18}), (c:City {id: 1}) CREATE (p)-[:LIVES_IN]->(c)").expect("a write");
    assert!(!has_filter(&engine));
    engine.run("MATCH (p:Person {id: 17}) CREATE (p)-[:LIVES_IN]->(:Village {name: 'V'})").expect("a write");
    assert_eq!(count(&engine), "Int(1)");
    assert!(has_filter(&engine));
    engine.run("MATCH (v:Village) SET v:City").expect("a write");
    assert_eq!(count(&engine), "Int(2)");
    engine.run("MATCH (v:Village) REMOVE v:City").expect("a write");
    assert_eq!(count(&engine), "Int(1)");
}

#[test]
fn counting_two_step_paths_multiplies_degrees() {
    let engine = social();
    check(
        &engine,
        "MATCH (a:Person)-[:FOLLOWS]->(b:Person)-[:FOLLOWS]->(c:Person) RETURN count(*)",
        "ExpandCount",
        1300,
    );
    check(
        &engine,
        "MATCH (f:Person)-[:FOLLOWS]->(p:Person) WITH p, count(f.id) AS n RETURN max(n)",
        "ExpandCount",
        1300,
    );
}

#[test]
fn counts_the_graph_keeps_are_read_not_counted() {
    let engine = social();
    check(&engine, "MATCH (p:Person) RETURN count(*)", "CountFromStats", 2);
    check(&engine, "MATCH (:Person)-[r:FOLLOWS]->(:Person) RETURN count(r)", "CountFromStats", 2);
    check(&engine, "MATCH (:Person)-[r]->(:City) RETURN type(r) AS t, count(*) AS n ORDER BY t", "CountByType", 8);
}

#[test]
fn distinct_ends_are_reached_once_however_many_paths_there_are() {
    // a ladder of 24 rungs: 2^24 paths from its foot to its head
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (n:N) ON (n.id)",
        "UNWIND range(0, 24) AS i CREATE (:N {id: i})",
        "UNWIND range(0, 23) AS i MATCH (a:N {id: i}), (b:N {id: i + 1}) CREATE (a)-[:T]->(b), (a)-[:T]->(b)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    let query = "MATCH (a:N {id: 0})-[:T*1..60]->(d:N) RETURN count(DISTINCT d.id) AS n";
    let (operators, value) = profile(&engine, query);
    assert_eq!(value, "Int(24)");
    assert!(operators.iter().any(|o| o.name == "Reach"), "{operators:#?}");
    assert!(operators.iter().map(|o| o.rows).sum::<u64>() <= 120, "{operators:#?}");
}

#[test]
fn the_first_rows_in_the_order_of_an_index_stop_early() {
    let engine = social();
    let query = "MATCH (p:Person) WHERE p.name STARTS WITH 'P' RETURN p.name AS name ORDER BY name, p.id LIMIT 3";
    check(&engine, query, "SeekIndex", 45);
    let query = "MATCH (p:Person) WHERE p.id >= 10 RETURN p.id AS id ORDER BY id DESC, p.name LIMIT 3";
    check(&engine, query, "SeekIndex", 45);
}

/// 2,000 persons, each following up to 9 others, no loops: enough for rewrites that first take a look at the whole graph.
fn crowd() -> Engine {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (p:Person) ON (p.id)",
        "UNWIND range(0, 1999) AS i CREATE (:Person {id: i, name: 'P' + i % 40, age: 20 + i % 50})",
        "MATCH (p:Person) UNWIND range(1, 9) AS k MATCH (q:Person {id: (p.id * 7 + k * k * 13 + 1) % 2000}) WHERE q <> p CREATE (p)-[:FOLLOWS]->(q)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    engine
}

#[test]
fn ends_that_are_only_counted_are_counted_where_they_are_found() {
    let engine = crowd();
    // every node is a row once or twice, no relationship is
    let query = "MATCH (a:Person)-[:FOLLOWS]->(b:Person)-[:FOLLOWS]->(c:Person) WHERE b.age < 50 AND c.age > 25 RETURN count(*)";
    check(&engine, query, "ExpandCount", 6500);
}

#[test]
fn cycles_are_closed_by_intersection_and_counted_without_rows() {
    let engine = crowd();
    let triangles = "MATCH (a:Person)-[:FOLLOWS]->(b:Person)-[:FOLLOWS]->(c:Person)-[:FOLLOWS]->(a) RETURN count(*)";
    // the 18,000 relationships are rows, the 160,000 two-step walks are none
    check(&engine, triangles, "Intersect", 40_000);
    let (operators, _) = profile(&engine, triangles);
    assert!(operators.iter().all(|o| o.name != "Filter"), "labels that FOLLOWS implies are tested: {operators:#?}");
}

#[test]
fn partners_in_common_are_found_by_intersection_whichever_way_the_relationships_lead() {
    let engine = crowd();
    // 40 pairs, each with 16 to 20 relationships at either end: none of these is a row
    let query = "MATCH (a:Person), (b:Person) WHERE a.id < 8 AND b.id > 10 AND b.id < 16 \
                 WITH DISTINCT a, b MATCH (a)-[:FOLLOWS]-(m:Person)-[:FOLLOWS]-(b) RETURN sum(m.age)";
    let (operators, _) = profile(&engine, query);
    assert!(operators.iter().any(|o| o.name == "Intersect"), "{operators:#?}");
    assert!(operators.iter().map(|o| o.rows).sum::<u64>() < 400, "{operators:#?}");
}

#[test]
fn groups_of_one_row_are_no_groups_and_only_the_first_rows_are_projected() {
    let engine = crowd();
    let query = "MATCH (f:Person)-[:FOLLOWS]->(p:Person) RETURN p.id AS id, p.name AS name, count(f) AS n ORDER BY n DESC, id LIMIT 3";
    check(&engine, query, "TopK", 4100);
    let (operators, _) = profile(&engine, query);
    assert!(operators.iter().all(|o| o.name != "Aggregate"), "{operators:#?}");
    assert!(operators.iter().any(|o| o.name == "Project" && o.rows == 3), "{operators:#?}");
    // names are shared, so these are groups
    let (operators, _) =
        profile(&engine, "MATCH (f:Person)-[:FOLLOWS]->(p:Person) RETURN p.name AS name, count(f) AS n");
    assert!(operators.iter().any(|o| o.name == "Aggregate"), "{operators:#?}");
}

/// 300 persons in 10 cities of 2 countries, each following 8 others.
fn countries() -> Engine {
    let engine = social();
    for statement in [
        "UNWIND [0, 1] AS i CREATE (:Country {id: i})",
        "MATCH (c:City), (k:Country) WHERE k.id = c.id % 2 CREATE (c)-[:IN]->(k)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    engine
}

#[test]
fn the_way_that_is_cheapest_as_a_whole_is_taken_not_the_cheapest_next_step() {
    let engine = countries();
    // from a country to its five cities is less than from a person to eight others, but leads to all who live there
    let query = "MATCH (a:Person)-[:LIVES_IN]->(:City)-[:IN]->(k:Country)<-[:IN]-(:City)<-[:LIVES_IN]-(b:Person), \
                 (a)-[:FOLLOWS]->(b) RETURN count(a.age + b.age)";
    check(&engine, query, "ExpandInto", 13_000);
    // a relationship that is known to be there leaves all rows
    let again = "MATCH (a:Person {id: 7})-[:FOLLOWS]->(b:Person) MATCH (b)-[:LIVES_IN]->(c:City) MATCH (a)-[:FOLLOWS]->(b) \
                 RETURN count(a.age + c.id)";
    check(&engine, again, "Intersect", 40);
}

#[test]
fn how_long_a_collected_list_is_decides_what_looks_for_its_items() {
    let engine = countries();
    // ten cities hold all persons: the one person is the start, not the items of the list
    let query = "MATCH (p:Person) WHERE p.age > 10 WITH collect(p.id) AS ids \
                 MATCH (a:Person {id: 7})-[:FOLLOWS]->(b:Person) WHERE b.id IN ids RETURN count(b.age)";
    let (operators, _) = profile(&engine, query);
    assert!(operators.iter().filter(|o| o.name == "Expand").all(|o| o.rows <= 8), "{operators:#?}");
}

#[test]
fn what_is_counted_beyond_a_counted_node_is_counted_once_a_node() {
    let engine = countries();
    // 300 persons are rows, each once; the 2,400 relationships between them are not
    let query = "MATCH (a:Person)-[:FOLLOWS]->(b:Person)-[:LIVES_IN]->(:City)-[:IN]->(:Country) RETURN count(*)";
    check(&engine, query, "ExpandCount", 630);
    let query = "MATCH (k:Country)<-[:IN]-(:City)<-[:LIVES_IN]-(b:Person)-[:FOLLOWS]->(c:Person) WITH k, count(*) AS n RETURN max(n)";
    check(&engine, query, "ExpandCount", 630);
    // the relationships of a clause differ, and so do the nodes: what is ruled out is taken off again
    let query = "MATCH (a:Person)-[:FOLLOWS]-(b:Person)-[:FOLLOWS]-(c:Person)-[:LIVES_IN]->(d:City) WHERE a <> c RETURN count(*)";
    let (operators, _) = profile(&engine, query);
    assert!(operators.iter().map(|o| o.rows).sum::<u64>() < 20_000, "{operators:#?}");
}

#[test]
fn merge_without_an_index_does_not_read_the_label_for_every_row() {
    let engine = Engine::in_memory();
    let merge = "UNWIND range(1, 4000) AS i MERGE (m:M {i: i % 1000}) ON MATCH SET m.again = true RETURN count(m.i)";
    check(&engine, merge, "SeekIndex", 6 * 4000 + 100);
    let counts = engine.run("MATCH (m:M) RETURN count(m), count(m.again), count(DISTINCT m.i)").unwrap();
    assert_eq!(format!("{:?}", counts.get(0).unwrap().values()), "[Int(1000), Int(1000), Int(1000)]");
    // the index was lent to the statement only
    assert_eq!(engine.run("SHOW INDEXES").unwrap().len(), 0);
    let failed = engine.run("UNWIND [1, 1, 2, 0] AS i MERGE (:N {i: i}) WITH i WHERE 1 / i > 5 RETURN i");
    assert!(failed.is_err(), "a division by zero");
    assert_eq!(
        format!("{:?}", engine.run("MATCH (n:N) RETURN count(n)").unwrap().get(0).unwrap().values()),
        "[Int(0)]"
    );
    assert_eq!(engine.check().unwrap(), Vec::<String>::new());
}

/// 20 persons who know each other, 40 forums, 400 posts in them, 2,000 comments on them: labels with little in common
/// in one graph, and relationship types that several of them share.
pub(crate) fn forums() -> Engine {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE INDEX FOR (p:Person) ON (p.id)",
        "CREATE INDEX FOR (m:Message) ON (m.id)",
        "CREATE INDEX FOR (m:Message) ON (m.at)",
        "UNWIND range(0, 19) AS i CREATE (:Person {id: i, name: 'P' + i})",
        "UNWIND range(0, 39) AS i CREATE (:Forum {id: i})",
        "UNWIND range(0, 399) AS i CREATE (:Message:Post {id: i, at: i, text: 'post ' + i})",
        "UNWIND range(400, 2399) AS i CREATE (:Message:Comment {id: i, at: i})",
        "MATCH (m:Post), (f:Forum) WHERE f.id = m.id % 40 CREATE (f)-[:HOLDS]->(m)",
        "MATCH (m:Message), (p:Person) WHERE p.id = m.id % 20 CREATE (m)-[:BY]->(p)",
        "MATCH (m:Comment) MATCH (to:Message {id: (m.id - 400) % 400}) CREATE (m)-[:REPLY]->(to)",
        "MATCH (a:Person), (b:Person) WHERE a.id < b.id AND (a.id + b.id) % 3 = 0 CREATE (a)-[:KNOWS]->(b)",
    ] {
        engine.run(statement).unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    engine
}

/// The rows that flowed through all operators, and the text of the plan.
fn flowed(engine: &Engine, query: &str) -> (u64, String) {
    let (operators, _) = profile(engine, query);
    let plan = engine.run(&format!("EXPLAIN {query}")).unwrap().plan().unwrap().to_string();
    (operators.iter().map(|o| o.rows).sum(), plan)
}

#[test]
fn what_an_earlier_clause_has_bound_keeps_its_labels() {
    let engine = forums();
    // from the person to the comments on the posts, not from every comment: the label stands in the first clause only
    for query in [
        "MATCH (p:Person {id: 7}) OPTIONAL MATCH (p)<-[:BY]-(m:Post)<-[:REPLY]-(c:Comment)-[:BY]->(q:Person {id: 3}) RETURN count(c.id + q.id)",
        "MATCH (p:Person {id: 7}) CALL { WITH p MATCH (p)<-[:BY]-(m:Post)<-[:REPLY]-(c) RETURN c } RETURN count(c.id + 1)",
        "MATCH (p:Person {id: 7}) RETURN COUNT { (p)<-[:BY]-(m:Post)<-[:REPLY]-(c) WHERE c.id > 5 } AS n",
        "MATCH (p:Person {id: 7}) WITH collect(p) AS ps UNWIND ps AS q MATCH (q)<-[:BY]-(m)<-[:REPLY]-(c) RETURN count(c.id + 1)",
    ] {
        let (rows, plan) = flowed(&engine, query);
        assert!(rows <= 1200, "{query}: {rows} rows flowed\n{plan}");
    }
}

#[test]
fn estimates_follow_the_labels_along_the_relationships() {
    let engine = forums();
    let query = "MATCH (f:Forum {id: 3})-[:HOLDS]->(m)<-[:REPLY]-(c)-[:BY]->(p) RETURN count(c.id + p.id)";
    let rows = engine.run(&format!("PROFILE {query}")).unwrap();
    // no label but the first is written; how many relationships a post, a comment or a person has is known all the same
    for line in rows.plan().unwrap().to_string().lines().filter(|line| line.starts_with("Expand")) {
        let number = |mark: &str| -> f64 {
            let text = line.split(mark).nth(1).unwrap_or_else(|| panic!("{line}"));
            text.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{line}"))
        };
        let (estimated, actual) = (number("~"), number("rows="));
        assert!(estimated <= 4.0 * actual && actual <= 4.0 * estimated, "{line}");
    }
}

#[test]
fn a_range_that_takes_in_most_of_a_label_is_no_reason_to_go_through_its_index() {
    let engine = forums();
    let query = |from: i64| format!("MATCH (m:Message) WHERE m.at >= {from} RETURN count(m.text)");
    // both are one plan: how wide the range is shows when its bounds are known
    check(&engine, &query(2350), "SeekIndex", 110);
    check(&engine, &query(100), "SeekIndex", 2400 + 2300 + 2);
    let (operators, value) = profile(&engine, &query(100));
    assert_eq!(value, "Int(300)");
    assert!(operators.iter().any(|o| o.name == "SeekIndex" && o.rows == 2400), "{operators:#?}");
}

#[test]
fn an_or_of_pairs_seeks_each_of_them() {
    let engine = forums();
    let query =
        "MATCH (a:Person), (b:Person) WHERE (a.id = 1 AND b.id = 2) OR (a.id = 2 AND b.id = 1) RETURN a.id + b.id";
    check(&engine, query, "SeekIndex", 16);
}

#[test]
fn what_is_the_same_for_every_row_is_computed_once_and_only_when_asked() {
    let engine = forums();
    let query = "MATCH (m:Message) WHERE m.id < toInteger('1' + '0') * $factor RETURN count(m)";
    let run = |factor: i64, query: &str| engine.query(query).param("factor", factor).rows();
    let plan = run(2, &format!("EXPLAIN {query}")).unwrap().plan().unwrap().to_string();
    assert!(plan.contains("once("), "{plan}");
    assert_eq!(format!("{:?}", run(2, query).unwrap().get(0).unwrap().values()), "[Int(20)]");
    // what fails does so where a row asks for it, and nowhere else
    let fails = "MATCH (m:Nothing) WHERE m.id < 1 / ($factor - 2) RETURN count(m)";
    assert_eq!(format!("{:?}", run(2, fails).unwrap().get(0).unwrap().values()), "[Int(0)]");
    assert!(run(2, &fails.replace("Nothing", "Message")).is_err());
}

#[test]
fn what_is_only_shown_is_computed_for_the_first_rows_even_behind_coalesce() {
    let engine = forums();
    let query = "MATCH (m:Message) RETURN m.id AS id, coalesce(m.text, 'none') AS text, m.at / 1 AS at ORDER BY at DESC, id LIMIT 3";
    let (operators, _) = profile(&engine, query);
    assert!(operators.iter().any(|o| o.name == "Project" && o.rows == 3), "{operators:#?}");
}

#[test]
fn conditions_that_ask_whether_there_is_a_partner_are_joins() {
    let engine = forums();
    // no subquery is run per row: the rows of the inner plan are counted once, batch by batch; those of the join once more where
    // they are handed out among threads and handed on
    let query = "MATCH (m:Message) WHERE NOT EXISTS { (m)<-[:REPLY]-() } RETURN count(m.id)";
    check(&engine, query, "AntiJoin", 13_500);
    let (operators, value) = profile(&engine, query);
    assert_eq!(value, "Int(2000)");
    assert!(operators.iter().all(|o| o.name != "EXISTS"), "{operators:#?}");
    check(&engine, "MATCH (p:Person) WHERE (p)-[:KNOWS]-(:Person {id: 2}) RETURN count(p.id)", "SemiJoin", 400);
}

#[test]
fn subqueries_that_are_values_are_made_for_many_rows_at_a_time() {
    let engine = forums();
    for query in [
        "MATCH (p:Person) RETURN sum(COUNT { (p)<-[:BY]-(m:Post) WHERE m.id > 5 }) AS n",
        "MATCH (p:Person) WHERE p.id >= 0 AND COUNT { (p)<-[:BY]-() } > 3 RETURN count(p.id) AS n",
        "MATCH (p:Person) RETURN sum(size([(p)<-[:BY]-(m:Post) | m.id])) AS n",
    ] {
        // its rows are counted in the plan, and no plan of its own stands behind it
        check(&engine, query, "GroupJoin", 8000);
        let plan = engine.run(&format!("EXPLAIN {query}")).unwrap().plan().unwrap().to_string();
        assert!(!plan.contains("subquery"), "{plan}");
    }
    // what a CASE may pass over is not asked for every row
    let query = "MATCH (p:Person) RETURN sum(CASE p.id WHEN 1 THEN COUNT { (p)<-[:BY]-() } ELSE 0 END) AS n";
    let plan = engine.run(&format!("EXPLAIN {query}")).unwrap().plan().unwrap().to_string();
    assert!(!plan.contains("GroupJoin"), "{plan}");
}

#[test]
fn ends_that_must_differ_from_another_or_not_be_related_to_it_are_counted_too() {
    let engine = forums();
    let paths = "MATCH (a:Person)-[:KNOWS]-(b:Person)-[:KNOWS]-(c:Person)<-[:BY]-(m:Message)";
    // 672 two-step walks, and none of the 2,400 messages is a row
    check(&engine, &format!("{paths} WHERE a <> c RETURN count(*)"), "ExpandCount", 2500);
    check(&engine, &format!("{paths} WHERE NOT (a)-[:KNOWS]-(c) AND a <> c RETURN count(*)"), "ExpandCount", 3600);
}

#[test]
fn ends_of_undirected_walks_are_reached_once() {
    let engine = forums();
    for (bounds, wanted) in [("*1..", 7), ("*1..2", 6), ("*1..1", 6), ("*0..1", 7)] {
        let query = format!("MATCH (p:Person {{id: 0}})-[:KNOWS{bounds}]-(q) RETURN count(DISTINCT q) AS n");
        let (operators, value) = profile(&engine, &query);
        assert!(operators.iter().any(|o| o.name == "Reach"), "{query}: {operators:#?}");
        assert!(operators.iter().map(|o| o.rows).sum::<u64>() <= 60, "{query}: {operators:#?}");
        assert_eq!(value, format!("Int({wanted})"), "{query}");
    }
}

#[test]
fn shortest_paths_to_every_node_are_one_search() {
    let engine = social();
    // not a search for each of the 300 persons, and no row for a pair before it is searched
    let query = "MATCH p = ANY SHORTEST (a:Person {id: 0})-[:FOLLOWS]->+(b:Person) RETURN sum(size(nodes(p))) AS n";
    check(&engine, query, "ShortestPath", 1300);
    // where nothing but the length is asked, neither lists nor paths are made
    let query = "MATCH p = ANY SHORTEST (b:Person)-[:FOLLOWS]->+(a:Person {id: 0}) RETURN sum(length(p)) AS n";
    check(&engine, query, "Reach", 700);
    let query = "MATCH p = (a:Person {id: 0})-[:FOLLOWS*1..4]-(b) WITH b, min(length(p)) AS l RETURN sum(l) AS n";
    check(&engine, query, "Reach", 1000);
}

#[test]
fn one_end_that_is_known_is_searched_from_both_however_little_is_expected_behind_the_other() {
    let engine = Engine::in_memory();
    engine.run("CREATE INDEX FOR (b:Body) ON (b.id)").unwrap();
    engine.run("UNWIND range(0, 1999) AS i CREATE (:Body {id: i})").unwrap();
    // a quarter of the bodies have a successor, and that of the first has 400 descendants
    engine
        .run("UNWIND range(0, 399) AS i MATCH (a:Body {id: i}), (b:Body {id: i + 1}) CREATE (a)-[:BECAME]->(b)")
        .unwrap();
    engine
        .run("UNWIND range(0, 9) AS i MATCH (a:Body {id: 1990 + i}), (b:Body {id: i}) CREATE (b)-[:BECAME]->(a)")
        .unwrap();
    let query =
        "MATCH (a:Body {id: 0}), (b:Body {id: 5}), p = shortestPath((a)-[:BECAME*..60]->(b)) RETURN length(p) AS n";
    check(&engine, query, "ReachInto", 6);
}

#[test]
fn cheapest_paths_to_every_node_are_one_search() {
    let engine = social();
    let query = "MATCH p = ANY CHEAPEST (a:Person {id: 0})-[r:FOLLOWS COST 1]->+(b:Person) RETURN sum(cost(p)) AS n";
    check(&engine, query, "CheapestPath", 1300);
    let query = "MATCH p = ANY CHEAPEST (b:Person)-[r:FOLLOWS COST 1.5]->+(a:Person {id: 0}) RETURN sum(cost(p)) AS n";
    check(&engine, query, "CheapestPath", 1300);
}

#[test]
fn what_meets_few_nodes_takes_no_memory_for_all() {
    let engine = Engine::in_memory();
    engine.run("CREATE INDEX FOR (b:Body) ON (b.id)").unwrap();
    engine.run("UNWIND range(0, 149999) AS i CREATE (:Body {id: i, even: i % 2 = 0})").unwrap();
    engine
        .run("UNWIND range(0, 99) AS i MATCH (a:Body {id: i}), (b:Body {id: i + 1}) CREATE (a)-[:BECAME {w: 1}]->(b)")
        .unwrap();
    let limits = || Limits { memory: Some(1 << 20), ..Limits::default() };
    for (query, wanted) in [
        ("MATCH (a:Body) WHERE a.id IN [0, 50] MATCH (a)-[:BECAME*0..60]->(b) RETURN count(DISTINCT b.id) AS n", 101),
        (
            "MATCH (a:Body) WHERE a.id IN [0, 50] MATCH p = ANY SHORTEST (a)-[:BECAME]->+(b) RETURN sum(length(p)) AS n",
            6325,
        ),
        ("MATCH p = ANY CHEAPEST (a:Body {id: 0})-[r:BECAME COST r.w]->+(b) RETURN count(p) AS n", 100),
        ("MATCH (a:Body {id: 0})-[:BECAME]->(b)-[:BECAME]->(c) WHERE c.even RETURN count(*) AS n", 1),
    ] {
        let rows = engine.query(query).limits(limits()).rows().unwrap_or_else(|error| panic!("{query}: {error}"));
        assert_eq!(rows.get(0).expect("one row").get::<i64>("n").expect("a number"), wanted, "{query}");
    }
}
