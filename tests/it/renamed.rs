//! No answer depends on what a relation is called: every relation of a dataset gets another name, and all that is
//! answered and drawn is the same but for the names.

use std::sync::Arc;

use shejire::Engine;
use shejire::dataset::{self, Dataset};
use shejire::engine::{LineageRequest, Row, Rows};
use shejire::io::text;
use shejire::picture::{self, Asked, Style};

use crate::snapshot::repository;

/// What the format itself names: rows of a life, and the relation of which `from` and `to` are dates by default.
const OF_THE_FORMAT: [&str; 2] = ["exists", "changed-to"];

/// A word that stands in no dataset; before a name it changes no order.
const NEW: &str = "zzq";

fn datasets() -> Vec<(String, Dataset)> {
    let mut all = vec![("built-in".to_owned(), dataset::builtin())];
    let root = repository("");
    for folder in ["examples/city-councils", "../shared/cases/lineage/velmara", "../shared/cases/lineage/dense"] {
        match root.join(folder).join("mentions.csv").exists() {
            true => all.push((folder.to_owned(), dataset::open(&root.join(folder)).unwrap())),
            false => println!("skipped: no {folder} beside the project"),
        }
    }
    all
}

fn renamed(data: &Dataset) -> Dataset {
    let new = |name: &Arc<str>| -> Arc<str> {
        match name.is_empty() || OF_THE_FORMAT.contains(&&**name) {
            true => name.clone(),
            false => format!("{NEW}{name}").into(),
        }
    };
    let words = |names: &Arc<str>| -> Arc<str> {
        names.split_whitespace().map(|name| new(&name.into()).to_string()).collect::<Vec<_>>().join(" ").into()
    };
    let mut data = data.clone();
    for relation in &mut data.relations {
        relation.id = new(&relation.id);
        relation.inverse = words(&relation.inverse);
        relation.contradicts = words(&relation.contradicts);
    }
    data.qualifiers.iter_mut().for_each(|qualifier| qualifier.relation = new(&qualifier.relation));
    data.mentions.iter_mut().for_each(|mention| mention.relation = new(&mention.relation));
    for side in data.conflicts.iter_mut().flat_map(|conflict| &mut conflict.sides) {
        side.relation = new(&side.relation);
    }
    for source in &mut data.sources {
        source.complete = source.complete.iter().map(new).collect();
    }
    data
}

/// The names as they were: as types, and as the words that are made of them.
fn named_back(text: &str) -> String {
    spelt(&text.replace(NEW, ""))
}

/// Words are parted where a name has a hyphen, but for the one behind `re`, which is spelling.
fn spelt(text: &str) -> String {
    text.replace("re established", "re-established")
}

/// All rows of an answer, a line each.
fn lines(engine: &Engine, query: &str) -> String {
    lines_of(&engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}")))
}

fn lines_of(rows: &Rows) -> String {
    let line = |row: Row<'_>| {
        let cells: Vec<String> = row.values().iter().map(|value| text::inline(value, rows.entities())).collect();
        let cited: Vec<&str> = row.citations().iter().map(|citation| &*citation.locator).collect();
        format!("{} [{}]", cells.join(" | "), cited.join(" "))
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_relation_by_another_name() {
    let mut compared = 0;
    for (name, data) in datasets() {
        let (was, is) =
            (Engine::from_dataset(&data).unwrap(), Engine::from_dataset(&renamed(&data)).expect("the same tables"));
        for query in [
            "CITE MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, properties(r), support(r), witnesses(r), disputed(r)",
            "CITE MATCH (n) RETURN n.id, n.start, n.end, life(n)",
            "MATCH (a)-[r]->(b) AS OF '2014' RETURN a.id, type(r), b.id",
            "MATCH (a)-[r]->(b) AS OF CERTAIN '2014' RETURN count(*)",
            "MATCH ()-[r]->() RETURN event(r)",
            "CONFLICTS",
        ] {
            let (expected, found) = (lines(&was, query), named_back(&lines(&is, query)));
            assert!(expected == found, "{name}: {query}");
            compared += expected.len();
        }
        for entity in data.entities.iter().step_by(if data.entities.len() > 200 { 5 } else { 1 }) {
            let query = format!("TRACE '{}'", entity.id);
            let (Ok(rows), Ok(other)) = (was.run(&query), is.run(&query)) else { continue };
            let cited = format!("CITE {query}");
            assert_eq!(lines(&was, &cited), named_back(&lines(&is, &cited)), "{name}: {query}");
            assert_eq!(lines_of(&rows.lineage().unwrap().rows().unwrap()), lines_of(&rows), "{query}");
            assert_eq!(rows.len(), other.len(), "{query}");
            let asked = Asked { query: query.clone(), ..Asked::default() };
            let request = LineageRequest::of(&*entity.id).as_of("2020");
            let drawn = |engine: &Engine| picture::lineage(&engine.lineage(&request).unwrap(), &asked);
            let (before, after) = (drawn(&was), drawn(&is));
            let style = Style::default();
            for (form, before, after) in [
                ("json", picture::timeline_json(&before).to_string(), picture::timeline_json(&after).to_string()),
                ("dot", picture::timeline_dot(&before, &style), picture::timeline_dot(&after, &style)),
                ("mermaid", picture::timeline_mermaid(&before, &style), picture::timeline_mermaid(&after, &style)),
                ("csv", picture::timeline_csv(&before), picture::timeline_csv(&after)),
            ] {
                assert_eq!(before, named_back(&after), "{name}: {query} as {form}");
                compared += before.len();
            }
        }
    }
    assert!(compared > 100_000, "{compared}");
}
