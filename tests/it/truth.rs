//! Nothing stands next to a citation that the cited place does not state: every value that is shown beside a citation
//! is looked up in the tables. The walk knows the tables and the answers, and nothing of how the program makes these.

use std::collections::BTreeMap;

use shejire::Engine;
use shejire::dataset::{self, Dataset, MentionRecord};
use shejire::engine::Row;
use shejire::value::{Value, text};

use crate::snapshot::repository;

/// Properties about how the tables were read; documents say nothing of them.
pub(crate) const BOOKKEEPING: [&str; 3] = ["fact", "confidence", "evaluative"];

/// The datasets that are walked: name and tables.
pub(crate) fn datasets() -> Vec<(String, Dataset)> {
    let mut all = vec![("built-in".to_owned(), dataset::builtin())];
    let folder = repository("examples");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.join("mentions.csv").exists() {
            all.push((path.display().to_string(), dataset::open(&path).unwrap()));
        }
    }
    let cases = repository("../shared/cases/lineage");
    for name in ["velmara", "fn", "bce", "dense", "russian"] {
        match cases.join(name).join("mentions.csv").exists() {
            true => all.push((name.to_owned(), dataset::open(&cases.join(name)).unwrap())),
            false => println!("skipped: no dataset {name} beside the project"),
        }
    }
    all
}

/// What the tables state, by fact.
pub(crate) struct Tables<'d> {
    by_group: BTreeMap<(&'d str, &'d str, &'d str), Vec<&'d MentionRecord>>,
}

impl<'d> Tables<'d> {
    pub(crate) fn of(data: &'d Dataset) -> Self {
        let mut by_group: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for mention in &data.mentions {
            let key = (&*mention.subject, &*mention.relation, mention.object.text());
            by_group.entry(key).or_default().push(mention);
        }
        Self { by_group }
    }

    /// The mentions of a fact that stand at a cited place.
    pub(crate) fn at(&self, fact: (&str, &str, &str), locator: &str) -> Vec<&'d MentionRecord> {
        let all = self.by_group.get(&fact).into_iter().flatten();
        all.filter(|m| format!("{}:{}", m.source, m.at) == locator).copied().collect()
    }
}

/// Whether a cell says nothing.
pub(crate) fn is_silent(value: &str) -> bool {
    ["", "not stated"].contains(&value)
}

pub(crate) fn same_key(a: &str, b: &str) -> bool {
    a.replace('-', "_") == b.replace('-', "_")
}

/// Whether a mention states `value` under `key`; a list is stated by who states one of its items, a set of dates by who
/// states one of them.
pub(crate) fn states(mention: &MentionRecord, key: &str, value: &Value) -> bool {
    let stated = mention.qualifiers.iter().filter(|(k, v)| same_key(k, key) && !is_silent(v));
    let parts: Vec<String> = match value {
        Value::List(items) => items.iter().filter_map(text::scalar).collect(),
        other => text::scalar(other).into_iter().collect(),
    };
    let mut stated = stated.map(|(_, v)| v.to_string());
    stated.any(|v| parts.iter().any(|p| *p == v || p.starts_with('[') && p.contains(v.trim_matches(['[', ']']))))
}

pub(crate) fn ask(engine: &Engine, query: &str) -> Vec<(Vec<Value>, Vec<String>)> {
    let rows = engine.query(query).rows().unwrap_or_else(|e| panic!("{query}: {e}"));
    let row = |row: Row<'_>| (row.values().to_vec(), row.citations().iter().map(|c| c.locator.to_string()).collect());
    rows.iter().map(row).collect()
}

pub(crate) fn word(value: &Value) -> String {
    text::scalar(value).unwrap_or_default()
}

/// Which fact of the tables a relationship is, by its user id.
pub(crate) fn facts(engine: &Engine, data: &Dataset) -> BTreeMap<String, (String, String, String)> {
    let by_id: BTreeMap<&str, &MentionRecord> = data.mentions.iter().map(|m| (&*m.id, m)).collect();
    let rows = ask(engine, "MATCH ()-[r]->() RETURN id(r), r.fact");
    let fact = |(values, _): (Vec<Value>, Vec<String>)| {
        let mention = by_id[&*word(&values[1])];
        let fact = (mention.subject.to_string(), mention.relation.to_string(), mention.object.text().to_owned());
        (word(&values[0]), fact)
    };
    rows.into_iter().map(fact).collect()
}

#[test]
fn a_property_is_cited_to_places_that_state_it() {
    let mut pairs = 0;
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let (tables, facts) = (Tables::of(&data), facts(&engine, &data));
        for (keys, _) in ask(&engine, "MATCH ()-[r]->() UNWIND keys(r) AS k RETURN DISTINCT k") {
            let key = word(&keys[0]);
            if BOOKKEEPING.contains(&&*key) {
                continue;
            }
            let query = format!(
                "CITE MATCH (a)-[r]->(b) WHERE r.`{key}` IS NOT NULL RETURN id(r), a.id, type(r), b.id, r.`{key}` AS v"
            );
            for (values, cited) in ask(&engine, &query) {
                let (s, r, o) = &facts[&word(&values[0])];
                assert!(!cited.is_empty(), "{name}: {s} {r} {o} .{key} is not cited");
                for place in cited {
                    pairs += 1;
                    let here = tables.at((s, r, o), &place);
                    let right = here.iter().any(|m| states(m, &key, &values[4]));
                    assert!(right, "{name}: {place} does not state {s} {r} {o} .{key} = {:?}", values[4]);
                }
            }
        }
    }
    assert!(pairs > 500, "{pairs} pairs were looked at");
}

#[test]
fn a_source_is_asked_for_what_it_says_and_nothing_else() {
    let mut pairs = 0;
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let (tables, facts) = (Tables::of(&data), facts(&engine, &data));
        for source in &data.sources {
            let id = source.id.replace('\'', "\\'");
            let query = format!(
                "CITE MATCH (a)-[r]->(b) ACCORDING TO '{id}' RETURN id(r), properties(r), sources(r), support(r), b.unit"
            );
            for (values, cited) in ask(&engine, &query) {
                let (s, r, o) = &facts[&word(&values[0])];
                let own: Vec<_> =
                    tables.by_group[&(&**s, &**r, &**o)].iter().filter(|m| m.source == source.id).collect();
                assert!(!own.is_empty(), "{name}: {id} says nothing of {s} {r} {o}");
                assert_eq!(word(&values[3]), "1", "{name}: {s} {r} {o}");
                for place in &cited {
                    assert!(place.starts_with(&format!("{}:", source.id)), "{name}: {place} cited, {id} was asked");
                }
                let Value::Map(properties) = &values[1] else { panic!("{name}: {:?}", values[1]) };
                for (key, value) in properties.entries() {
                    if BOOKKEEPING.contains(&&**key) {
                        continue;
                    }
                    pairs += 1;
                    let right = own.iter().any(|m| states(m, key, value));
                    assert!(right, "{name}: {id} does not state {s} {r} {o} .{key} = {value:?}");
                }
            }
        }
    }
    assert!(pairs > 500, "{pairs} pairs were looked at");
}

#[test]
fn the_view_of_a_source_goes_with_the_value() {
    let engine = Engine::from_dataset(&dataset::builtin()).unwrap();
    let shares = |query: &str| ask(&engine, query).into_iter().map(|(v, _)| v).collect::<Vec<_>>();
    let all_null = |rows: &[Vec<Value>]| rows.iter().flatten().all(Value::is_null) && !rows.is_empty();
    let head = "MATCH (:quota)-[r:benefits]->() ACCORDING TO '001'";
    for tail in [
        "RETURN r.share",
        "WITH r AS q RETURN q.share",
        "WITH collect(r) AS all UNWIND all AS q RETURN q.share",
        "WITH {q: r} AS m RETURN m.q.share",
        "WITH DISTINCT r RETURN r.share",
        "WITH r ORDER BY id(r) LIMIT 3 RETURN properties(r).share",
        "CALL (r) { RETURN r.share AS s } RETURN s",
        "RETURN [x IN [r] | x.share][0]",
        "RETURN CASE WHEN true THEN r END.share",
    ] {
        let rows = shares(&format!("{head} {tail}"));
        assert!(all_null(&rows), "{tail}: {rows:?}");
    }
    let path = shares("MATCH p = (:quota)-[:benefits]->() ACCORDING TO '001' RETURN relationships(p)[0].share");
    assert!(all_null(&path), "{path:?}");
    // where two views become one, both are seen
    let both = "MATCH (:quota)-[r:benefits]->() ACCORDING TO '001' RETURN r UNION \
                MATCH (:quota)-[r:benefits]->() ACCORDING TO '000' RETURN r";
    let joined = shares(&format!("CALL () {{ {both} }} RETURN r.share ORDER BY r.share"));
    assert!(joined.iter().flatten().any(|v| !v.is_null()), "{joined:?}");
    // conditions read the view, too
    let none = shares("MATCH (:quota)-[r:benefits]->() ACCORDING TO '001' WHERE r.share IS NOT NULL RETURN r");
    assert_eq!(none.len(), 0);
}

#[test]
fn what_the_dataset_says_itself_is_never_cited() {
    let engine = Engine::from_dataset(&dataset::builtin()).unwrap();
    for query in [
        "CITE MATCH (n {id: 'kazakhstan'}) RETURN n.name_ru, n.note",
        "CITE MATCH (n:Entity) RETURN n.note",
        "CITE MATCH (n:Entity) RETURN n.id, n.kind",
    ] {
        let cited: Vec<_> = ask(&engine, query).into_iter().flat_map(|(_, cited)| cited).collect();
        assert_eq!(cited, Vec::<String>::new(), "{query}");
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for (name, mut data) in datasets() {
        let shown = |data: &Dataset| {
            let engine = Engine::from_dataset(data).unwrap();
            let query = "CITE MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, b.name, properties(r), sources(r)";
            let mut rows: Vec<String> = ask(&engine, query).iter().map(|row| format!("{row:?}")).collect();
            rows.sort_unstable();
            rows
        };
        let before = shown(&data);
        data.mentions.reverse();
        assert!(before == shown(&data), "{name}: the order of mentions.csv changes answers");
        let half = data.mentions.len() / 2;
        data.mentions.rotate_left(half);
        assert!(before == shown(&data), "{name}: the order of mentions.csv changes answers");
    }
}

#[test]
fn what_was_known_by_a_day_is_what_sources_dated_by_then_say() {
    let mut data = dataset::open(&repository("examples/city-councils")).unwrap();
    for (source, date) in data.sources.iter_mut().zip(["2005", "2010-06-01", ""]) {
        source.date = date.into();
    }
    let engine = Engine::from_dataset(&data).unwrap();
    let sources = |known: &str| {
        let query = format!("MATCH ()-[r]->() KNOWN BY {known} UNWIND sources(r) AS s RETURN DISTINCT s ORDER BY s");
        ask(&engine, &query).iter().map(|(v, _)| word(&v[0])).collect::<Vec<_>>()
    };
    let all: Vec<&str> = data.sources.iter().map(|s| &*s.id).collect();
    let undated = all.get(2..).unwrap_or_default().concat();
    let with = |n: usize| {
        let mut some: Vec<String> = all[..n].iter().map(|s| (*s).to_owned()).collect();
        some.extend(Some(undated.clone()).filter(|s| !s.is_empty()));
        some.sort_unstable();
        some
    };
    assert_eq!(sources("date('2004-12-31')"), with(0));
    assert_eq!(sources("'2005'"), with(1));
    assert_eq!(sources("date('2010-06-01')"), with(2));
    assert_eq!(sources("CERTAIN date('2010-06-01')"), all[..2]);
    assert_eq!(sources("CERTAIN date('2005-06-01')"), Vec::<String>::new());
}

#[test]
fn what_documents_state_is_not_set() {
    let engine = Engine::from_dataset(&dataset::builtin()).unwrap();
    let error = engine.query("MATCH (:quota)-[r:benefits]->() WHERE r.share IS NOT NULL SET r.share = 'x'").rows();
    let message = error.expect_err("stated by documents").message().to_owned();
    assert!(message.starts_with("`share` of this relationship is what 00"), "{message}");
    engine.query("MATCH (:quota)-[r:benefits]->() SET r.mine = 1").rows().unwrap();
}
