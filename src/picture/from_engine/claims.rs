//! Who says so: where documents name each body and state each act, how plainly, and which claims contradict each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::citations::{Fact, get, maps};
use super::lineage::Draft;
use super::plain;
use crate::engine::{Row, Rows};
use crate::error::Result;
use crate::picture::model::{Conflict, Side, Target};
use crate::picture::when::When;
use crate::value::{Map, NodeRef, Value};

/// When a thing was not, between two intervals of its life.
fn gaps(life: Option<&Value>) -> Vec<(When, When)> {
    let intervals = maps(life.unwrap_or(&Value::Null));
    let dated: Vec<&Map> = intervals.into_iter().filter(|interval| interval.get("undated").is_none()).collect();
    let when = |interval: &Map, key| get(interval, key).map_or(When::NotStated, When::parse);
    dated.windows(2).map(|pair| (when(pair[0], "end"), when(pair[1], "start"))).collect()
}

impl Draft<'_> {
    /// Where documents name each body, and how plainly they say each act.
    pub(super) fn evidence(&mut self) -> Result<()> {
        let number = |node: &NodeRef| {
            let id = self.number(*node).or_else(|| i64::try_from(self.engine.node(*node)?.id).ok());
            Some((id?, self.place[node]))
        };
        let body_of: HashMap<i64, usize> = self.place.keys().filter_map(number).collect();
        let mut ids: Vec<i64> = body_of.keys().copied().collect();
        ids.sort_unstable();
        let ids = Value::list(ids.into_iter().map(Value::Int).collect())?;
        let nodes = "MATCH (n){through} WHERE id(n) IN $ids__ \
                     RETURN id(n) AS id, evidence(n) AS e, life(n) AS l ORDER BY id";
        for row in self.likewise(nodes, Some(("ids__", ids.clone())))?.iter() {
            let (Some(Value::Int(id)), Some(evidence)) = (row.get("id"), row.get("e")) else { continue };
            if let Some(at) = body_of.get(id) {
                let fact = Fact::name(&self.timeline.bodies[*at].name);
                let citations = self.shelf.evidence(evidence, &fact, false);
                self.timeline.bodies[*at].evidence |= !citations.is_empty();
                self.timeline.bodies[*at].citations = citations;
                self.timeline.bodies[*at].gaps = gaps(row.get("l"));
            }
        }
        let mut read = HashSet::new();
        for end in ["a", "b"] {
            let acts = format!(
                "MATCH (a)-[r]->(b){{through}} WHERE id({end}) IN $ids__ \
                 RETURN id(a) AS a, id(b) AS b, type(r) AS t, evidence(r) AS e ORDER BY a, b, t"
            );
            for row in self.likewise(&acts, Some(("ids__", ids.clone())))?.iter() {
                self.mentions(row, &mut read);
            }
        }
        let cited: Vec<usize> =
            self.timeline.links.iter().filter(|l| !l.citations.is_empty()).flat_map(|l| [l.from, l.to]).collect();
        for at in cited {
            self.timeline.bodies[at].evidence = true;
        }
        for body in &mut self.timeline.bodies {
            body.evidence |= body.events.iter().any(|e| !e.citations.is_empty());
        }
        Ok(())
    }

    /// The mentions of one relationship that is drawn here.
    fn mentions(&mut self, row: Row<'_>, read: &mut HashSet<(i64, i64, String)>) {
        let (Some(Value::Int(a)), Some(Value::Int(b)), Some(Value::Str(ty)), Some(mentions)) =
            (row.get("a"), row.get("b"), row.get("t"), row.get("e"))
        else {
            return;
        };
        let act = (*a, *b, ty.to_string());
        let Some(target) = self.acts.get(&act).copied() else { return };
        if !read.insert(act) {
            return;
        }
        let mentions = maps(mentions);
        for mention in &mentions {
            if let (Some(place), Some(confidence)) = (get(mention, "locator"), get(mention, "confidence")) {
                self.shelf.read(place, ty, confidence);
            }
        }
        let guessed = |m: &&Map| get(m, "confidence").is_some_and(|c| c.contains('I'));
        if let Target::Link(at) = target {
            self.timeline.links[at].inferred = !mentions.is_empty() && mentions.iter().all(guessed);
        }
        self.said.push((target, mentions.into_iter().cloned().collect()));
    }

    /// The conflicts whose claims are drawn here.
    pub(super) fn conflicts(&mut self) -> Result<()> {
        let rows = self.likewise("CONFLICTS{through}", None)?;
        for row in rows.iter() {
            let word = |column: &str| {
                if let Some(Value::Str(text)) = row.get(column) { text.to_string() } else { String::new() }
            };
            let mut sides = [self.side(&rows, row, "left"), self.side(&rows, row, "right")];
            if sides.iter().all(|s| s.at == Target::None) {
                continue;
            }
            for side in &sides {
                match side.at {
                    Target::Link(at) => self.timeline.links[at].disputed = true,
                    Target::Event(body, at) => self.timeline.bodies[body].events[at].disputed = true,
                    Target::Body(body) => self.timeline.bodies[body].disputed = true,
                    _ => {}
                }
            }
            let topic = match (word("topic"), word("type")) {
                (topic, _) if topic.is_empty() => sides[0].claim.clone(),
                (topic, kind) if kind.is_empty() => topic,
                (topic, kind) => format!("{topic} ({kind})"),
            };
            if sides[0].claim == sides[1].claim {
                self.tell_apart(&mut sides);
            }
            self.timeline.conflicts.push(Conflict { topic, sides: sides.into() });
        }
        Ok(())
    }

    /// The same claim twice: what its sources say differently is put behind it (`date 2004-12`).
    fn tell_apart(&self, sides: &mut [Side; 2]) {
        let qualifiers = |side: &Side| {
            let here =
                |m: &&Map| side.citations.iter().any(|c| get(m, "locator") == Some(&*self.shelf.cites[*c].place()));
            let mentions = self.said.iter().filter(|(at, _)| *at == side.at).flat_map(|(_, m)| m).filter(here);
            let told =
                |key: &str| !["confidence", "locator", "mention", "source", "fingerprint", "note"].contains(&key);
            let mut all = BTreeMap::new();
            for (key, value) in mentions.flat_map(|m| m.entries()).filter(|(key, _)| told(key)) {
                all.entry(key.to_string()).or_insert_with(|| plain(value).unwrap_or_default());
            }
            all
        };
        let both = [qualifiers(&sides[0]), qualifiers(&sides[1])];
        for (at, side) in sides.iter_mut().enumerate() {
            let differs = |key: &&String| both[1 - at].get(*key) != both[at].get(*key);
            let mut telling: Vec<&String> = both[at].keys().filter(differs).collect();
            // the wording differs nearly always; it tells the sides apart only when nothing else does
            if telling.iter().any(|k| *k != "wording") {
                telling.retain(|k| *k != "wording");
            }
            for key in telling {
                side.claim.push_str(&format!(" · {key}: {}", both[at][key]));
            }
        }
    }

    /// One side: what it claims with what it states otherwise than the other. It is of the fact whose handle stands in
    /// the row: two bodies may have one name, and then their claims read the same.
    fn side(&self, rows: &Rows, row: Row<'_>, which: &str) -> Side {
        let get = |column: &str| row.get(&format!("{which}{column}"));
        let mut claim = if let Some(Value::Str(text)) = get("") { text.to_string() } else { String::new() };
        if let Some(Value::Map(states)) = get("States") {
            for (key, values) in states.entries() {
                claim.push_str(&format!(" · {key}: {}", plain(values).unwrap_or_default()));
            }
        }
        let support = if let Some(Value::Int(n)) = get("Support") { usize::try_from(*n).unwrap_or(0) } else { 0 };
        let at = match get("Fact") {
            Some(Value::Rel(rel)) => rows.entities().rel(*rel).and_then(|data| {
                let number = |id: u64| i64::try_from(id).ok();
                self.acts.get(&(number(data.start)?, number(data.end)?, data.ty.to_string())).copied()
            }),
            Some(Value::Node(node)) => self.place.get(node).map(|body| Target::Body(*body)),
            _ => None,
        };
        let at = at.unwrap_or(Target::None);
        let places: Vec<&str> = match get("Places") {
            Some(Value::List(items)) => {
                items.iter().filter_map(|i| if let Value::Str(s) = i { Some(s.as_ref()) } else { None }).collect()
            }
            _ => Vec::new(),
        };
        // what a life begins and ends by is cited where it is drawn
        let all: Vec<usize> = (0..self.shelf.cites.len()).collect();
        let cited: &[usize] = match at {
            Target::Body(_) => &all,
            Target::Link(at) => &self.timeline.links[at].citations,
            Target::Event(body, at) => &self.timeline.bodies[body].events[at].citations,
            _ => &[],
        };
        let said = |c: &usize| places.contains(&&*self.shelf.cites[*c].place());
        Side { claim, at, support, citations: cited.iter().copied().filter(said).collect() }
    }
}
