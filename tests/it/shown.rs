//! The walk of `truth` over what is drawn and derived: pictures as data, pages and text, `AS OF` with CITE, paths and
//! aggregates. Each value beside a citation is looked up in the tables.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::Value as Json;
use shejire::Engine;
use shejire::dataset::{Dataset, MentionRecord};
use shejire::engine::LineageRequest;
use shejire::picture::{self, Asked, Style, Timeline, When};
use shejire::value::Value;

use crate::truth::{BOOKKEEPING, Tables, ask, datasets, facts, is_silent, states, word};

/// So many lineages of a dataset are drawn.
const DRAWN: usize = 40;

/// What the tables state, by place.
struct Places<'d> {
    by_place: BTreeMap<String, Vec<&'d MentionRecord>>,
    names: BTreeMap<&'d str, &'d str>,
}

impl<'d> Places<'d> {
    fn of(data: &'d Dataset) -> Self {
        let mut by_place: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for mention in &data.mentions {
            by_place.entry(format!("{}:{}", mention.source, mention.at)).or_default().push(mention);
        }
        Self { by_place, names: data.entities.iter().map(|entity| (&*entity.id, &*entity.name)).collect() }
    }

    fn at(&self, place: &str) -> &[&'d MentionRecord] {
        self.by_place.get(place).map_or(&[], |all| all)
    }

    /// Whether a mention is about an entity: it is an end of it, or named by a qualifier.
    fn is_about(&self, mention: &MentionRecord, name: &str) -> bool {
        let is = |id: &str| id == name || self.names.get(id).is_some_and(|own| *own == name);
        is(&mention.subject) || is(mention.object.text()) || mention.qualifiers.iter().any(|(_, value)| is(value))
    }

    /// Whether a place states `text` of an act of this relation between these.
    fn states(&self, place: &str, relation: Option<&str>, about: &[&str], text: &dyn Fn(&str) -> bool) -> bool {
        self.at(place).iter().any(|mention| {
            relation.is_none_or(|relation| *mention.relation == *relation)
                && about.iter().any(|name| name.is_empty() || self.is_about(mention, name))
                && mention.qualifiers.iter().any(|(_, value)| text(value))
        })
    }
}

/// Lineages of a dataset, drawn.
fn drawn(engine: &Engine, data: &Dataset) -> Vec<(String, Timeline)> {
    let of_lineage: BTreeSet<&str> =
        data.relations.iter().filter(|relation| !relation.role.is_empty()).map(|relation| &*relation.id).collect();
    let traced = data.mentions.iter().filter(|mention| of_lineage.contains(&*mention.relation));
    let ids: BTreeSet<&str> = traced.flat_map(|mention| [&*mention.subject, mention.object.text()]).collect();
    let known: BTreeSet<&str> = data.entities.iter().map(|entity| &*entity.id).collect();
    let ids: Vec<&&str> = ids.intersection(&known).collect();
    let step = (ids.len() / DRAWN).max(1);
    let mut all = Vec::new();
    for id in ids.into_iter().step_by(step) {
        let request = LineageRequest::of(*id);
        let Ok(found) = engine.lineage(&request) else { continue };
        let asked = Asked { query: request.to_string(), ..Asked::default() };
        all.push(((*id).to_owned(), picture::lineage(&found, &asked)));
    }
    all
}

/// The parts of a date that is a set.
fn members(text: &str) -> Vec<&str> {
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(rest) => rest.split(',').collect(),
        None => vec![text],
    }
}

#[test]
fn each_date_of_a_picture_stands_with_places_that_state_it() {
    let (mut acts, mut lives) = (0, 0);
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let places = Places::of(&data);
        for (id, timeline) in drawn(&engine, &data) {
            let drawn = picture::timeline_json(&timeline);
            let cited = |list: &Json| -> Vec<String> {
                let numbers = list.as_array().into_iter().flatten().map(|n| n.as_u64().unwrap() as usize);
                let place = |n: usize| &drawn["citations"][n];
                numbers
                    .map(|n| {
                        format!("{}:{}", place(n)["source"].as_str().unwrap(), place(n)["locator"].as_str().unwrap())
                    })
                    .collect()
            };
            let body = |at: &Json| drawn["bodies"][at.as_u64().unwrap() as usize]["id"].as_str().unwrap().to_owned();
            let mut check = |act: &Json, about: &[&str]| {
                let kind = act["type"].as_str().unwrap();
                for place in cited(&act["citations"]) {
                    assert!(!places.at(&place).is_empty(), "{name}, {id}: nothing stands at {place}");
                }
                let each: Vec<(String, Vec<String>)> = match &act["date"] {
                    Json::String(date) if date.is_empty() => Vec::new(),
                    Json::String(date) => vec![(date.clone(), cited(&act["citations"]))],
                    several => {
                        let all = several.as_array().unwrap().iter();
                        all.map(|one| (one["date"].as_str().unwrap().to_owned(), cited(&one["citations"]))).collect()
                    }
                };
                for (date, stated) in each {
                    for place in stated {
                        acts += 1;
                        // the date of a move may stand where it is stated as a withdrawal
                        let right = places.states(&place, Some(kind), about, &|value| value == date)
                            || act["function"].is_string()
                                && places.states(&place, None, about, &|value| value == date);
                        assert!(right, "{name}, {id}: {place} does not date {kind} of {about:?} to {date}");
                    }
                }
            };
            for link in drawn["links"].as_array().unwrap() {
                let (from, to) = (body(&link["from"]), body(&link["to"]));
                check(link, &[&from, &to]);
            }
            for one in drawn["bodies"].as_array().unwrap() {
                let own = one["id"].as_str().unwrap();
                one["events"].as_array().unwrap().iter().for_each(|event| check(event, &[own]));
            }
            for one in drawn["bodies"].as_array().unwrap() {
                let own = one["id"].as_str().unwrap();
                for (date, by) in [("start", "start_citations"), ("end", "end_citations")] {
                    let stated = cited(&one[by]);
                    let text = one[date].as_str().unwrap();
                    if stated.is_empty() || text == ".." {
                        continue;
                    }
                    for date in members(text) {
                        lives += 1;
                        let right = |place: &String| places.states(place, None, &[own, ""], &|value| value == date);
                        assert!(stated.iter().any(right), "{name}, {id}: none of {stated:?} states {date} of {own}");
                    }
                }
            }
        }
    }
    assert!(acts > 300 && lives > 100, "{acts} dates of acts and {lives} of lives were looked at");
}

/// Words that are a date, with the numbers of places behind them, as they stand in the text of a picture.
#[test]
fn each_date_of_the_text_and_of_the_page_stands_with_places_that_state_it() {
    let numbered = Regex::new(r"(?:, |· |– )([^,·–\[\]]+?) \[([0-9,–]+)\]").unwrap();
    let cell = Regex::new(r"<td>([^<]*)</td>").unwrap();
    let placed = Regex::new(r"([^;\[\]]+?) \[([^\]]+)\]").unwrap();
    let (mut in_text, mut in_pages) = (0, 0);
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let places = Places::of(&data);
        let stated = data.mentions.iter().flat_map(|mention| &mention.qualifiers);
        let dates: BTreeSet<String> =
            stated.filter(|(_, value)| !is_silent(value)).map(|(_, value)| When::parse(value).words()).collect();
        let says =
            |place: &str, date: &str| places.states(place, None, &[""], &|value| When::parse(value).words() == date);
        for (id, timeline) in drawn(&engine, &data) {
            let style = Style::default();
            let locators: Vec<String> = timeline.citations.iter().map(|cite| cite.place()).collect();
            let text = picture::timeline_text(&timeline, &style, 100_000, false);
            for line in text.lines() {
                for found in numbered.captures_iter(line) {
                    let date =
                        found[1].trim_start_matches("since ").trim_start_matches("until ").trim_start_matches("from ");
                    if !dates.contains(date) {
                        continue;
                    }
                    let numbers: Vec<usize> = found[2]
                        .split(',')
                        .flat_map(|part| {
                            let ends: Vec<usize> = part.split('–').map(|n| n.parse().unwrap()).collect();
                            ends[0]..=*ends.last().unwrap()
                        })
                        .collect();
                    in_text += 1;
                    // a life follows from several places: one of them states it as shown
                    let mut right = numbers.iter().map(|n| says(&locators[n - 1], date));
                    let holds =
                        if line.contains('●') || line.contains('◆') { right.any(|r| r) } else { right.all(|r| r) };
                    assert!(holds, "{name}, {id}: {date} does not stand where it says: {line}");
                }
            }
            let page = picture::timeline_html(&timeline, &style);
            let acts = page.split("<caption>Acts</caption>").nth(1).unwrap_or_default();
            for row in acts.split("</table>").next().unwrap_or_default().split("<tr>").skip(2) {
                let cells: Vec<String> = cell.captures_iter(row).map(|found| found[1].replace("&amp;", "&")).collect();
                let [_, _, _, date, stated] = cells.as_slice() else { panic!("{name}, {id}: {row}") };
                let each: Vec<(String, String)> = match placed.is_match(date) {
                    true => placed.captures_iter(date).map(|f| (f[1].trim().to_owned(), f[2].to_owned())).collect(),
                    false => vec![(date.clone(), stated.clone())],
                };
                for (date, stated) in each.iter().filter(|(date, _)| dates.contains(date)) {
                    in_pages += 1;
                    let right = stated.split(", ").all(|place| says(place, date));
                    assert!(right, "{name}, {id}: {date} does not stand at {stated}");
                }
            }
        }
    }
    assert!(in_text > 200 && in_pages > 40, "{in_text} dates in text and {in_pages} in pages were looked at");
}

#[test]
fn what_holds_on_a_day_is_cited_to_places_that_state_it() {
    let mut pairs = 0;
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let (tables, facts) = (Tables::of(&data), facts(&engine, &data));
        for (day, certain) in [("1996-01-01", ""), ("2012-06-01", "CERTAIN "), ("2012-06-01", ""), ("2024-01-01", "")] {
            for key in ["date", "start", "end", "status", "share"] {
                let query = format!(
                    "CITE MATCH (a)-[r]->(b) AS OF {certain}date('{day}') WHERE r.`{key}` IS NOT NULL \
                     RETURN id(r), a.id, b.id, r.`{key}` AS v"
                );
                for (values, cited) in ask(&engine, &query) {
                    let (s, r, o) = &facts[&word(&values[0])];
                    for place in cited {
                        pairs += 1;
                        let right = tables.at((s, r, o), &place).iter().any(|m| states(m, key, &values[3]));
                        assert!(right, "{name}: {place} does not state {s} {r} {o} .{key} = {:?}", values[3]);
                    }
                }
            }
        }
    }
    assert!(pairs > 50, "{pairs} pairs were looked at");
}

#[test]
fn a_path_rests_on_every_one_of_its_facts_and_an_aggregate_on_what_went_into_it() {
    let (mut paths, mut groups) = (0, 0);
    for (name, data) in datasets() {
        let engine = Engine::from_dataset(&data).unwrap();
        let (tables, facts) = (Tables::of(&data), facts(&engine, &data));
        let of = |id: &Value| facts[&word(id)].clone();
        for query in [
            "CITE MATCH p = (a)-[r]->(b)-[q]->(c) WHERE a <> c RETURN [x IN relationships(p) | id(x)] AS ids, p ORDER BY ids LIMIT 150",
            "CITE MATCH p = (a)-[*2..3]->(c) RETURN [x IN relationships(p) | id(x)] AS ids, p ORDER BY ids LIMIT 150",
            "CITE MATCH p = ANY SHORTEST (a)-->+(c) WHERE a <> c RETURN [x IN relationships(p) | id(x)] AS ids, p \
             ORDER BY ids LIMIT 150",
        ] {
            for (values, cited) in ask(&engine, query) {
                let Value::List(ids) = &values[0] else { panic!("{name}: {values:?}") };
                let steps: Vec<_> = ids.iter().map(of).collect();
                paths += 1;
                let states =
                    |(s, r, o): &(String, String, String), place: &str| !tables.at((s, r, o), place).is_empty();
                for place in &cited {
                    assert!(
                        steps.iter().any(|step| states(step, place)),
                        "{name}: {place} states nothing of {steps:?}"
                    );
                }
                for step in &steps {
                    assert!(cited.iter().any(|place| states(step, place)), "{name}: nothing is cited for {step:?}");
                }
            }
        }
        for key in BTreeSet::from(["date", "start", "status"]) {
            assert!(!BOOKKEEPING.contains(&key));
            let query = format!(
                "CITE MATCH ()-[r]->() WHERE r.{key} IS NOT NULL RETURN type(r), collect(r.{key}), collect(id(r)), count(*)"
            );
            for (values, cited) in ask(&engine, &query) {
                let (Value::List(shown), Value::List(ids)) = (&values[1], &values[2]) else {
                    panic!("{name}: {values:?}")
                };
                let each: Vec<_> = ids.iter().map(of).zip(shown.iter()).collect();
                groups += 1;
                for place in &cited {
                    let right =
                        each.iter().any(|((s, r, o), v)| tables.at((s, r, o), place).iter().any(|m| states(m, key, v)));
                    assert!(right, "{name}: {place} states none of the {key}s of {:?}", values[0]);
                }
                for ((s, r, o), v) in &each {
                    let right = cited.iter().any(|place| tables.at((s, r, o), place).iter().any(|m| states(m, key, v)));
                    assert!(right, "{name}: nothing is cited for {s} {r} {o} .{key} = {v:?}");
                }
            }
        }
    }
    assert!(paths > 500 && groups > 15, "{paths} paths and {groups} groups were looked at");
}
