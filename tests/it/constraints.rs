//! Constraints against a model that looks at everything after every statement: random histories of statements, alone and
//! in transactions, with constraints that come and go, in memory and in a store that is closed and opened again.

use std::collections::BTreeMap;

use shejire::engine::Session;
use shejire::error::Code;
use shejire::value::text;
use shejire::{Engine, Value};

/// Numbers below a bound, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// A value as written; 1 and 1.0 are equal.
const VALUES: [&str; 6] = ["null", "0", "1", "1.0", "'x'", "'y'"];

#[derive(Clone, PartialEq, Debug, Default)]
struct Thing {
    labels: Vec<&'static str>,
    /// By the keys `a` and `b`.
    values: [&'static str; 2],
}

/// Nodes `:N {id}` and relationships `:R {id}` or `:S {id}` (whose type is their label), by id.
#[derive(Clone, Default)]
struct State {
    nodes: BTreeMap<usize, Thing>,
    rels: BTreeMap<usize, (usize, usize, Thing)>,
    rules: Vec<usize>,
}

struct Rule {
    text: &'static str,
    node: bool,
    label: &'static str,
    keys: &'static [usize],
    unique: bool,
    exists: bool,
    ty: Option<fn(&str) -> bool>,
}

fn is_integer(value: &str) -> bool {
    matches!(value, "0" | "1")
}

const RULES: &[Rule] = &[
    Rule {
        text: "FOR (n:A) REQUIRE (n.a, n.b) IS UNIQUE",
        node: true,
        label: "A",
        keys: &[0, 1],
        unique: true,
        exists: false,
        ty: None,
    },
    Rule {
        text: "FOR (n:A) REQUIRE n.b IS NODE KEY",
        node: true,
        label: "A",
        keys: &[1],
        unique: true,
        exists: true,
        ty: None,
    },
    Rule {
        text: "FOR (n:B) REQUIRE (n.b, n.a) IS KEY",
        node: true,
        label: "B",
        keys: &[1, 0],
        unique: true,
        exists: true,
        ty: None,
    },
    Rule {
        text: "FOR (n:B) REQUIRE n.a IS UNIQUE",
        node: true,
        label: "B",
        keys: &[0],
        unique: true,
        exists: false,
        ty: None,
    },
    Rule {
        text: "FOR (n:A) REQUIRE (n.a, n.b) IS NOT NULL",
        node: true,
        label: "A",
        keys: &[0, 1],
        unique: false,
        exists: true,
        ty: None,
    },
    Rule {
        text: "FOR (n:A) REQUIRE n.a IS :: INTEGER",
        node: true,
        label: "A",
        keys: &[0],
        unique: false,
        exists: false,
        ty: Some(is_integer),
    },
    Rule {
        text: "FOR ()-[r:R]-() REQUIRE r.a IS UNIQUE",
        node: false,
        label: "R",
        keys: &[0],
        unique: true,
        exists: false,
        ty: None,
    },
    Rule {
        text: "FOR ()-[r:R]-() REQUIRE r.b IS NOT NULL",
        node: false,
        label: "R",
        keys: &[1],
        unique: false,
        exists: true,
        ty: None,
    },
    Rule {
        text: "FOR ()-[r:S]-() REQUIRE (r.a, r.b) IS REL KEY",
        node: false,
        label: "S",
        keys: &[0, 1],
        unique: true,
        exists: true,
        ty: None,
    },
    Rule {
        text: "FOR ()-[r:S]->() REQUIRE r.a IS TYPED STRING | INTEGER",
        node: false,
        label: "S",
        keys: &[0],
        unique: false,
        exists: false,
        ty: Some(|value| is_integer(value) || value.starts_with('\'')),
    },
];

impl State {
    fn keeps(&self, rule: &Rule) -> bool {
        let things: Vec<&Thing> = match rule.node {
            true => self.nodes.values().filter(|thing| thing.labels.contains(&rule.label)).collect(),
            false => self.rels.values().map(|rel| &rel.2).filter(|thing| thing.labels.contains(&rule.label)).collect(),
        };
        let mut seen: Vec<Vec<&str>> = Vec::new();
        for thing in things {
            // 1.0 is 1
            let values: Vec<&str> =
                rule.keys.iter().map(|key| thing.values[*key]).map(|v| if v == "1.0" { "1" } else { v }).collect();
            let whole = !values.contains(&"null");
            if rule.exists && !whole || rule.unique && whole && seen.contains(&values) {
                return false;
            }
            let typed =
                |key: &usize| rule.ty.is_none_or(|fits| thing.values[*key] == "null" || fits(thing.values[*key]));
            if !rule.keys.iter().all(typed) {
                return false;
            }
            if whole {
                seen.push(values);
            }
        }
        true
    }

    fn is_sound(&self) -> bool {
        self.rules.iter().all(|rule| self.keeps(&RULES[*rule]))
    }

    /// One write, as text; it finds exactly one row.
    fn write(&mut self, dice: &mut Dice, next: &mut usize) -> String {
        let nodes: Vec<usize> = self.nodes.keys().copied().collect();
        let rels: Vec<usize> = self.rels.keys().copied().collect();
        let values = [dice.pick(&VALUES), dice.pick(&VALUES)];
        *next += 1;
        let id = *next;
        match dice.below(12) {
            0..=2 => {
                let labels = dice.pick(&[vec!["A"], vec!["B"], vec!["A", "B"], vec![]]);
                let said: String = labels.iter().map(|label| format!(":{label}")).collect();
                self.nodes.insert(id, Thing { labels, values });
                format!("CREATE (:N{said} {{id: {id}, a: {}, b: {}}})", values[0], values[1])
            }
            3..=4 if !nodes.is_empty() => {
                let (from, to, ty) = (dice.pick(&nodes), dice.pick(&nodes), dice.pick(&["R", "S"]));
                self.rels.insert(id, (from, to, Thing { labels: vec![ty], values }));
                format!(
                    "MATCH (x:N {{id: {from}}}), (y:N {{id: {to}}}) CREATE (x)-[:{ty} {{id: {id}, a: {}, b: {}}}]->(y)",
                    values[0], values[1]
                )
            }
            5..=6 if !nodes.is_empty() => {
                let (node, key) = (dice.pick(&nodes), dice.below(2));
                if let Some(thing) = self.nodes.get_mut(&node) {
                    thing.values[key] = values[0];
                }
                format!("MATCH (x:N {{id: {node}}}) SET x.{} = {}", ["a", "b"][key], values[0])
            }
            7..=8 if !rels.is_empty() => {
                let (rel, key) = (dice.pick(&rels), dice.below(2));
                if let Some((.., thing)) = self.rels.get_mut(&rel) {
                    thing.values[key] = values[0];
                }
                format!("MATCH ()-[x {{id: {rel}}}]->() SET x.{} = {}", ["a", "b"][key], values[0])
            }
            9 if !nodes.is_empty() => {
                let (node, label, add) = (dice.pick(&nodes), dice.pick(&["A", "B"]), dice.below(2) == 0);
                if let Some(thing) = self.nodes.get_mut(&node) {
                    thing.labels.retain(|own| *own != label);
                    if add {
                        thing.labels.push(label);
                    }
                }
                format!("MATCH (x:N {{id: {node}}}) {} x:{label}", if add { "SET" } else { "REMOVE" })
            }
            10 if !nodes.is_empty() => {
                let node = dice.pick(&nodes);
                self.nodes.remove(&node);
                self.rels.retain(|_, (from, to, _)| *from != node && *to != node);
                format!("MATCH (x:N {{id: {node}}}) DETACH DELETE x")
            }
            11 if !rels.is_empty() => {
                let rel = dice.pick(&rels);
                self.rels.remove(&rel);
                format!("MATCH ()-[x {{id: {rel}}}]->() DELETE x")
            }
            _ => "CREATE (:Other)".into(),
        }
    }

    /// What queries must say of it.
    fn shown(&self) -> (Vec<String>, Vec<String>) {
        let show = |id: &usize, thing: &Thing| {
            let mut labels: Vec<&str> = thing.labels.clone();
            labels.sort_unstable();
            format!("{id} {} {} {}", labels.concat(), thing.values[0], thing.values[1])
        };
        let nodes = self.nodes.iter().map(|(id, thing)| show(id, thing));
        (nodes.collect(), self.rels.iter().map(|(id, rel)| show(id, &rel.2)).collect())
    }
}

fn rows(session: &mut Session, query: &str) -> Vec<String> {
    let rows = session.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let cell = |value: &Value| match value {
        Value::Str(own) if !own.starts_with(['x', 'y']) => own.to_string(),
        other => text::literal(other, None).unwrap(),
    };
    rows.iter().map(|row| row.values().iter().map(cell).collect::<Vec<_>>().join(" ")).collect()
}

fn compare(session: &mut Session, state: &State, said: &str) {
    let labels = "reduce(s = '', l IN [x IN ['A', 'B'] WHERE n['id'] IS NOT NULL AND x IN labels(n)] | s + l)";
    let nodes = rows(session, &format!("MATCH (n:N) RETURN n.id, {labels}, n.a, n.b ORDER BY n.id"));
    let rels = rows(session, "MATCH ()-[r]->() RETURN r.id, type(r), r.a, r.b ORDER BY r.id");
    assert_eq!((nodes, rels), state.shown(), "{said}");
    let names: Vec<String> = state.rules.iter().map(|rule| format!("c{rule}")).collect();
    let mut there = rows(session, "SHOW CONSTRAINTS YIELD name RETURN name");
    let mut wanted = names.clone();
    there.sort();
    wanted.sort();
    assert_eq!(there, wanted, "{said}");
}

fn history(seed: u64, steps: usize, file: Option<&std::path::Path>) -> (usize, usize) {
    let open = || file.map_or_else(Engine::in_memory, |file| Engine::open(file).unwrap());
    let mut session = open().session();
    let mut dice = Dice(seed);
    let (mut state, mut before, mut next) = (State::default(), None::<State>, 0);
    let (mut held, mut refused) = (0, 0);
    let mut log: Vec<String> = Vec::new();
    for _ in 0..steps {
        let mut after = state.clone();
        let query = match dice.below(20) {
            0 | 1 => {
                let rule = dice.below(RULES.len());
                match after.rules.iter().position(|own| *own == rule) {
                    Some(at) => {
                        after.rules.remove(at);
                        format!("DROP CONSTRAINT c{rule}")
                    }
                    None => {
                        after.rules.push(rule);
                        format!("CREATE CONSTRAINT c{rule} {}", RULES[rule].text)
                    }
                }
            }
            2 if before.is_none() => {
                before = Some(state.clone());
                "BEGIN".into()
            }
            3 | 4 if before.is_some() => {
                if dice.below(2) == 0 {
                    before = None;
                    "COMMIT".into()
                } else {
                    after = before.take().unwrap();
                    "ROLLBACK".into()
                }
            }
            5 if before.is_none() && file.is_some() => {
                drop(session);
                session = open().session();
                continue;
            }
            _ => {
                let writes: Vec<String> = (0..1 + dice.below(3)).map(|_| after.write(&mut dice, &mut next)).collect();
                writes.join(" WITH 1 AS one ")
            }
        };
        log.push(query.clone());
        let said = format!("seed {seed}: {}", log.join(";\n"));
        match session.run(&query) {
            Ok(_) => {
                assert!(after.is_sound(), "a constraint is broken and nobody says so: {}", said);
                state = after;
                held += 1;
            }
            Err(error) => {
                assert!(!after.is_sound(), "{error}: {}", said);
                assert_eq!(error.code().name(), "ConstraintViolation", "{error}: {}", said);
                refused += 1;
                if let Some(before) = before.take() {
                    session.run("ROLLBACK").unwrap();
                    log.push("ROLLBACK".into());
                    state = before;
                }
            }
        }
        compare(&mut session, &state, &said);
        if file.is_none() && before.is_none() {
            // what constraints remember of values is what the graph has
            assert_eq!(session.engine().check().unwrap(), Vec::<String>::new(), "{said}");
        }
    }
    (held, refused)
}

#[test]
fn constraints_hold_in_every_history() {
    let (mut held, mut refused) = (0, 0);
    for seed in 0..20 {
        let counts = history(seed, 100, None);
        held += counts.0;
        refused += counts.1;
    }
    assert!(held > 900 && refused > 100, "{held} held, {refused} were refused");
}

#[test]
fn constraints_hold_in_a_store_that_is_opened_again() {
    for seed in 1_000..1_004 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("g.shejire");
        history(seed, 60, Some(&file));
        // what a log says an image says too
        let before = rows(&mut Engine::open(&file).unwrap().session(), "SHOW CONSTRAINTS");
        assert_cmd::Command::cargo_bin("shejire").unwrap().arg("compact").arg(&file).assert().success();
        assert_eq!(rows(&mut Engine::open(&file).unwrap().session(), "SHOW CONSTRAINTS"), before);
        assert_cmd::Command::cargo_bin("shejire").unwrap().arg("check").arg(&file).assert().success();
        let copy = folder.path().join("copy.shejire");
        let repair = ["repair".as_ref(), file.as_os_str(), "--to".as_ref(), copy.as_os_str()];
        assert_cmd::Command::cargo_bin("shejire").unwrap().args(repair).assert().success();
        assert_eq!(rows(&mut Engine::open(&copy).unwrap().session(), "SHOW CONSTRAINTS"), before);
    }
}

#[test]
fn a_constraint_judges_each_session_by_what_that_one_sees() {
    let engine = Engine::in_memory();
    engine.run("CREATE CONSTRAINT FOR (p:P) REQUIRE (p.a, p.b) IS UNIQUE").unwrap();
    engine.run("CREATE (:P {a: 1, b: 1})").unwrap();
    let then = engine.snapshot().unwrap();
    let mut one = engine.session();
    one.run("BEGIN").unwrap();
    one.run("MATCH (p:P) SET p.b = 2").unwrap();
    one.run("CREATE (:P {a: 1, b: 1})").unwrap();
    one.run("ROLLBACK").unwrap();
    // what was rolled back stands in nobody's way, and what it changed is there again
    engine.run("CREATE (:P {a: 1, b: 2})").unwrap();
    assert_eq!(engine.run("CREATE (:P {a: 1, b: 1})").unwrap_err().code().name(), "ConstraintViolation");
    // a statement that failed in a transaction that goes on leaves nothing among the values
    let mut lenient = engine.begin().unwrap().lenient();
    lenient.run("CREATE (:P {a: 3, b: 3})").unwrap();
    assert!(lenient.run("CREATE (:P {a: 4, b: 4}), (:P {a: 3, b: 3})").is_err());
    lenient.run("CREATE (:P {a: 4, b: 4})").unwrap();
    lenient.commit().unwrap();
    assert_eq!(engine.check().unwrap(), Vec::<String>::new());
    assert_eq!(
        rows(&mut engine.session(), "MATCH (p:P) RETURN p.a, p.b ORDER BY p.a, p.b"),
        ["1 1", "1 2", "3 3", "4 4"]
    );
    assert_eq!(then.run("MATCH (p:P) RETURN p").unwrap().len(), 1);
}

#[test]
fn a_constraint_knows_what_other_engines_have_committed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("g.shejire");
    let (one, other) = (Engine::open(&file).unwrap(), Engine::open(&file).unwrap());
    one.run("CREATE CONSTRAINT FOR ()-[r:R]-() REQUIRE (r.a, r.b) IS KEY").unwrap();
    one.run("CREATE ()-[:R {a: 1, b: 1}]->()").unwrap();
    for n in 2..6 {
        let (writer, asker) = if n % 2 == 0 { (&other, &one) } else { (&one, &other) };
        writer.run(&format!("CREATE ()-[:R {{a: {n}, b: 1}}]->()")).unwrap();
        let again = asker.run(&format!("CREATE ()-[:R {{a: {n}.0, b: 1}}]->()")).unwrap_err();
        assert_eq!(again.code().name(), "ConstraintViolation");
        writer.run(&format!("MATCH ()-[r:R {{a: {n}}}]->() SET r.a = -{n}")).unwrap();
        asker.run(&format!("CREATE ()-[:R {{a: {n}, b: 1}}]->()")).unwrap();
        assert_eq!(asker.check().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn messages_name_what_breaks_what() {
    let engine = Engine::in_memory();
    for statement in [
        "CREATE CONSTRAINT law_key FOR (l:Law) REQUIRE (l.no, l.year) IS NODE KEY",
        "CREATE CONSTRAINT FOR (l:Law) REQUIRE l.year IS :: integer",
        "CREATE CONSTRAINT FOR ()-[r:AMENDS]-() REQUIRE r.by IS NOT NULL",
        "CREATE (:Law {no: 1, year: 1999})",
    ] {
        engine.run(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    for (statement, wanted) in [
        (
            "CREATE (:Law {no: 1, year: 1999})",
            "node 0 and node 1 both have no = 1, year = 1999: constraint law_key FOR (n:Law) REQUIRE (n.no, n.year) IS KEY",
        ),
        (
            "MATCH (l:Law) REMOVE l.no",
            "node 0 must have the property no, and has not: constraint law_key FOR (n:Law) REQUIRE (n.no, n.year) IS KEY",
        ),
        (
            "MATCH (l:Law) SET l.year = '1999'",
            "year of node 0 must be INTEGER, and is String '1999': constraint type_Law_year FOR (n:Law) REQUIRE n.year IS :: INTEGER",
        ),
        (
            "MATCH (l:Law) CREATE (l)-[:AMENDS]->(l)",
            "relationship 0 must have the property by, and has not: constraint exists_AMENDS_by FOR ()-[n:AMENDS]-() REQUIRE n.by IS NOT NULL",
        ),
    ] {
        let error = engine.run(statement).expect_err(statement);
        assert_eq!(error.message(), wanted, "{statement}");
    }
    for (statement, code, hint) in [
        ("CREATE CONSTRAINT law_key FOR (n:X) REQUIRE n.a IS KEY", "ConstraintAlreadyExists", "IF NOT EXISTS"),
        ("CREATE CONSTRAINT FOR (n:Law) REQUIRE (n.no, n.year) IS KEY", "ConstraintAlreadyExists", "IF NOT EXISTS"),
        ("CREATE INDEX law_key FOR (n:X) ON (n.a)", "ConstraintAlreadyExists", "another name"),
        ("DROP CONSTRAINT law_kee", "ConstraintNotFound", "did you mean `law_key`?"),
        ("CREATE CONSTRAINT FOR (n:Law) REQUIRE n.a IS :: WORD", "InvalidArgumentType", "types are"),
        ("CREATE CONSTRAINT FOR (n:Law) REQUIRE n.a IS RELATIONSHIP KEY", "UnexpectedSyntax", "write NODE"),
        ("CREATE CONSTRAINT FOR ()-[r:R]-() REQUIRE r.a IS NODE KEY", "UnexpectedSyntax", "write RELATIONSHIP"),
        ("CREATE CONSTRAINT FOR (n:Law) REQUIRE (n.a, n.a) IS KEY", "UnexpectedSyntax", ""),
    ] {
        let error = engine.run(statement).expect_err(statement);
        assert_eq!(error.code().name(), code, "{statement}: {error}");
        assert!(error.hint_text().unwrap_or("").contains(hint), "{statement}: {:?}", error.hint_text());
    }
    for again in [
        "CREATE CONSTRAINT law_key IF NOT EXISTS FOR (n:X) REQUIRE n.a IS KEY",
        "CREATE CONSTRAINT IF NOT EXISTS FOR (n:Law) REQUIRE (n.no, n.year) IS NODE KEY",
        "CREATE CONSTRAINT IF NOT EXISTS FOR ()-[r:AMENDS]-() REQUIRE r.by IS NOT NULL OPTIONS {indexProvider: 'range-1.0'}",
        "CREATE LOOKUP INDEX FOR (n) ON EACH labels(n)",
        "CREATE LOOKUP INDEX types IF NOT EXISTS FOR ()-[r]-() ON EACH type(r)",
    ] {
        let rows = engine.run(again).unwrap_or_else(|error| panic!("{again}: {error}"));
        assert_eq!(rows.changes(), shejire::engine::Changes::default(), "{again}");
    }
    engine.run("DROP CONSTRAINT ON (l:Law) ASSERT (l.no, l.year) IS NODE KEY").unwrap();
    engine.run("CREATE (:Law {no: 1, year: 1999})").unwrap();
}

#[test]
fn a_batch_that_breaks_a_constraint_is_undone_alone() {
    let engine = Engine::in_memory();
    engine.run("CREATE CONSTRAINT FOR (p:P) REQUIRE (p.a, p.b) IS UNIQUE").unwrap();
    let rows = engine
        .run(
            "UNWIND [1, 2, 2, 2, 3, 4] AS x CALL (x) { CREATE (:P {a: x, b: 0}) } IN TRANSACTIONS OF 2 ROWS \
             ON ERROR CONTINUE REPORT STATUS AS s RETURN s.committed",
        )
        .unwrap();
    let committed: Vec<bool> = rows.iter().map(|row| matches!(row.values()[0], Value::Bool(true))).collect();
    assert_eq!(committed, [true, true, false, false, true, true]);
    let left = engine.run("MATCH (p:P) RETURN sum(p.a)").unwrap();
    assert!(matches!(left.get(0).unwrap().values()[0], Value::Int(10)));
}

#[test]
fn a_batch_is_asked_whatever_a_statement_is_asked_at_its_end() {
    let kept = |setup: &[&str], statement: &str| -> (Vec<bool>, i64) {
        let engine = Engine::in_memory();
        setup.iter().for_each(|text| drop(engine.run(text).unwrap()));
        let rows = engine.run(&format!("{statement} RETURN s.committed")).unwrap();
        let committed = rows.iter().map(|row| matches!(row.values()[0], Value::Bool(true))).collect();
        let left = engine.run("MATCH (n) RETURN count(n)").unwrap();
        let Value::Int(left) = left.get(0).unwrap().values()[0] else { panic!("a count") };
        (committed, left)
    };
    let batches = "IN TRANSACTIONS OF 1 ROW ON ERROR CONTINUE REPORT STATUS AS s";
    for constraint in ["n.k IS NOT NULL", "(n.k, n.l) IS NOT NULL", "n.k IS KEY"] {
        let setup = [format!("CREATE CONSTRAINT FOR (n:U) REQUIRE {constraint}")];
        let statement = format!("UNWIND [1, null, 3] AS k CALL (k) {{ CREATE (:U {{k: k, l: k}}) }} {batches}");
        assert_eq!(kept(&[&setup[0]], &statement), (vec![true, false, true], 2), "{constraint}");
    }
    // a node that would keep its relationships, and one that is deleted where something else fails
    let chain = "CREATE (:A {k: 1})-[:R]->(:A {k: 2}), (:A {k: 3})";
    let deleted = format!("MATCH (n:A) WITH n ORDER BY n.k CALL (n) {{ DELETE n }} {batches}");
    assert_eq!(kept(&[chain], &deleted), (vec![false, false, true], 2));
    let failing = format!("MATCH (n:A {{k: 1}}) CALL (n) {{ DELETE n WITH 0 AS z RETURN 1 / z AS x }} {batches}");
    assert_eq!(kept(&[chain], &failing), (vec![false], 3));
    // without ON ERROR it is the statement that fails
    let engine = Engine::in_memory();
    engine.run(chain).unwrap();
    let error = engine.run("MATCH (n:A) CALL (n) { DELETE n } IN TRANSACTIONS OF 1 ROW").unwrap_err();
    assert_eq!(error.code(), Code::DeleteConnectedNode);
    assert!(matches!(engine.run("MATCH (n) RETURN count(n)").unwrap().get(0).unwrap().values()[0], Value::Int(3)));
}

#[test]
fn what_is_said_of_batches_stands_in_any_order() {
    let engine = Engine::in_memory();
    for said in [
        "OF 1 ROW ON ERROR CONTINUE REPORT STATUS AS s",
        "REPORT STATUS AS s ON ERROR CONTINUE OF 1 ROW",
        "ON ERROR RETRY FOR 2 SECONDS THEN CONTINUE REPORT STATUS AS s OF 1 ROWS",
    ] {
        let text = format!(
            "UNWIND [1, 0] AS x CALL (x) {{ CREATE (:Q {{k: 1 / x}}) }} IN TRANSACTIONS {said} RETURN s.committed"
        );
        let rows = engine.run(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let committed: Vec<bool> = rows.iter().map(|row| matches!(row.values()[0], Value::Bool(true))).collect();
        assert_eq!(committed, [true, false], "{said}");
    }
    let error = engine.run("UNWIND [1] AS x CALL (x) { CREATE (:Q) } IN TRANSACTIONS OF 1 ROW OF 2 ROWS").unwrap_err();
    assert!(error.to_string().contains("may stand once each"), "{error}");
    // nothing to try again, and nothing else was said: the error ends the statement
    let retried = "UNWIND [0] AS x CALL (x) { CREATE (:Q {k: 1 / x}) } IN TRANSACTIONS ON ERROR RETRY";
    assert_eq!(engine.run(retried).unwrap_err().code(), Code::DivisionByZero);
}

#[test]
fn constraints_of_one_kind_are_listed() {
    let engine = Engine::in_memory();
    for (name, what) in [
        ("unique", "FOR (n:P) REQUIRE n.a IS UNIQUE"),
        ("pair", "FOR (n:P) REQUIRE (n.a, n.b) IS NODE UNIQUE"),
        ("rels", "FOR ()-[r:R]-() REQUIRE r.a IS REL UNIQUE"),
        ("key", "FOR (n:P) REQUIRE (n.c, n.d) IS NODE KEY"),
        ("there", "FOR (n:P) REQUIRE n.e IS NOT NULL"),
        ("on_rels", "FOR ()-[r:R]-() REQUIRE r.e IS NOT NULL"),
        ("whole", "FOR (n:P) REQUIRE n.f IS :: INTEGER"),
    ] {
        engine.run(&format!("CREATE CONSTRAINT {name} {what}")).unwrap();
    }
    let names = |text: &str| -> Vec<String> {
        let rows = engine.run(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let at = rows.columns().iter().position(|column| &**column == "name").unwrap_or_default();
        let mut names: Vec<String> =
            rows.iter().map(|row| text::literal(&row.values()[at], None).unwrap().replace('\'', "")).collect();
        names.sort();
        names
    };
    for (kind, wanted) in [
        ("UNIQUE", &["pair", "rels", "unique"][..]),
        ("UNIQUENESS", &["pair", "rels", "unique"]),
        ("NODE PROPERTY UNIQUENESS", &["pair", "unique"]),
        ("REL UNIQUE", &["rels"]),
        ("KEY", &["key"]),
        ("NODE KEY", &["key"]),
        ("RELATIONSHIP KEY", &[]),
        ("EXIST", &["on_rels", "there"]),
        ("PROPERTY EXISTENCE", &["on_rels", "there"]),
        ("NODE EXISTS", &["there"]),
        ("PROPERTY TYPE", &["whole"]),
        ("RELATIONSHIP PROPERTY TYPE", &[]),
    ] {
        assert_eq!(names(&format!("SHOW {kind} CONSTRAINTS")), wanted, "{kind}");
        assert_eq!(names(&format!("SHOW {kind} CONSTRAINT YIELD name")), wanted, "{kind}");
        let two = format!("SHOW {kind} CONSTRAINTS YIELD name AS n, type WHERE n <> 'pair' RETURN n AS name");
        let rest: Vec<&str> = wanted.iter().copied().filter(|name| *name != "pair").collect();
        assert_eq!(names(&two), rest, "{two}");
    }
    assert_eq!(names("SHOW KEY CONSTRAINTS WHERE entityType = 'NODE'"), ["key"]);
    assert_eq!(names("SHOW UNIQUE CONSTRAINTS YIELD * ORDER BY name DESC LIMIT 1 RETURN name"), ["unique"]);
    assert_eq!(names("SHOW DATABASE Neo4j YIELD name"), ["neo4j"]);
    assert!(names("SHOW DATABASE other").is_empty() && names("SHOW SETTINGS 'a', 'b'").is_empty());
    assert!(names("SHOW TRANSACTIONS 'x' YIELD transactionId AS name").is_empty());
    assert!(names("SHOW USER DEFINED FUNCTIONS EXECUTABLE").is_empty());
    assert_eq!(names("SHOW BUILT IN FUNCTIONS YIELD name"), names("SHOW FUNCTIONS EXECUTABLE BY CURRENT USER"));
    assert_eq!(names("SHOW PROCEDURES EXECUTABLE"), names("SHOW PROCEDURES"));
}
