//! Crosswalks: the bodies of one day as those of another.

use std::sync::Arc;

use super::rows::Citation;
use super::source_view::SourceView;
use crate::error::{Error, Result};
use crate::lineage::crosswalk::{self as walk, Crossing};
use crate::lineage::validity::days_of;
use crate::provenance::Role;
use crate::value::hash::DataSet;
use crate::value::temporal::{Date, Instant};
use crate::value::{NodeRef, RelRef, Value};

/// A row of a crosswalk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Crossed {
    pub(crate) from: NodeRef,
    /// Nothing where the body ended and no document says what became of it.
    pub(crate) to: Option<NodeRef>,
    /// `same`, `goes on as`, `renamed`, `merged`, `part of`; `ended` without an other end.
    pub(crate) way: &'static str,
    pub(crate) share: Option<f64>,
    pub(crate) events: usize,
    pub(crate) certain: bool,
    pub(crate) citations: Vec<Citation>,
}

impl SourceView {
    /// What the bodies of `from` (a day, a month, a year) are on `to` (today), by name; of all kinds that take part in successions, or of one.
    /// Beside it the bodies from which more ways lead than are walked.
    ///
    /// Errors: `InvalidTemporal`; there is no such kind, or `to` is before `from`.
    pub(crate) fn crosswalk(
        &self,
        from: &Value,
        to: Option<&Value>,
        kind: Option<&str>,
    ) -> Result<(Vec<Crossed>, Vec<NodeRef>)> {
        let (first, last) = (
            days_of(from)?,
            days_of(to.unwrap_or(&Value::Date(Date::from_days(Instant::now().seconds.div_euclid(86_400))?)))?,
        );
        if first.first.days > last.last.days {
            return Err(Error::data("the second day is before the first")
                .hint("the first is the day whose bodies are looked up: crosswalk 1990 2020"));
        }
        let version = &self.snapshot().version;
        let knowledge = &version.knowledge;
        let kinds = version.overview().kinds(&knowledge.graph, &knowledge.vocabulary);
        let known = self.known();
        let graph = &knowledge.graph;
        let kind_of = |node: NodeRef| -> Option<Arc<str>> {
            match graph.key("kind").map(|key| graph.node_property(node, key)) {
                Some(Value::Str(kind)) => Some(kind),
                _ => graph.labels_of(node).first().map(|label| graph.label_name(*label).into()),
            }
        };
        let mut takes_part: DataSet<NodeRef> = DataSet::default();
        for rel in (0..graph.rel_bound()).map(RelRef::new).filter(|rel| graph.rel_exists(*rel)) {
            if kinds.of_fact(graph, rel).is_some_and(|kind| kind.role == Role::Succession) && known.sees(rel) {
                let ends = graph.rel(rel);
                takes_part.extend([ends.start, ends.end]);
            }
        }
        let of_kinds: DataSet<Arc<str>> = match kind {
            Some(kind) => [Arc::from(kind)].into_iter().collect(),
            None => takes_part.iter().filter_map(|node| kind_of(*node)).collect(),
        };
        let mut units: Vec<NodeRef> = (0..graph.node_bound())
            .map(NodeRef::new)
            .filter(|node| graph.node_exists(*node) && kind_of(*node).is_some_and(|kind| of_kinds.contains(&kind)))
            .collect();
        if let (Some(kind), true) = (kind, units.is_empty()) {
            let near = crate::error::nearest(
                kind,
                takes_part.iter().filter_map(|node| kind_of(*node)).collect::<DataSet<_>>().iter().map(|kind| &**kind),
            )
            .map(str::to_owned);
            let hint = near.map_or_else(
                || "`shejire schema` lists the kinds".to_owned(),
                |near| format!("did you mean {near:?}?"),
            );
            return Err(Error::data(format!("there is nothing of the kind {kind:?}")).hint(hint));
        }
        units.sort_by_cached_key(|node| (self.name(*node), graph.node_id(*node).0));
        let found = walk::crosswalk(&known, kinds, &units, first, last);
        let crossed = |row: Crossing| Crossed {
            from: row.from,
            to: row.to,
            way: if row.to.is_some() { row.sort.name() } else { "ended" },
            share: row.share,
            events: row.events,
            certain: row.certain,
            citations: self.citations(row.places),
        };
        Ok((found.rows.into_iter().map(crossed).collect(), found.cut))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dataset::{Dataset, Entity, Kind, MentionRecord, Meta, Object, Relation, SourceRecord};
    use crate::engine::Engine;
    use crate::provenance::{Confidence, Locator};

    /// The year, the kind, who went before, and who came after with its share.
    type Happened = (u32, &'static str, Vec<usize>, Vec<(usize, Option<u32>)>);

    /// A register: its bodies, what happened, each event on a day of its own, and the bodies that are called as an earlier one.
    #[derive(Default)]
    struct Register {
        bodies: usize,
        events: Vec<Happened>,
        namesakes: BTreeMap<usize, usize>,
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
        }
    }

    impl Register {
        /// Of so many bodies at first, and one event a year.
        fn random(random: &mut Random, first: usize, years: u32) -> Self {
            let mut register = Self { bodies: first, ..Self::default() };
            let mut alive: Vec<usize> = (0..first).collect();
            for year in 0..years {
                let is_whole = random.below(3) > 0;
                let mut take = |alive: &mut Vec<usize>| alive.swap_remove(random.below(alive.len()));
                let kind = ["merged-into", "absorbed-into", "split-into", "split-off", "renamed-to"]
                    [(year as usize * 7 + alive.len() * 3) % 5];
                let (before, after): (Vec<usize>, Vec<(usize, Option<u32>)>) = match kind {
                    // of one in three the register knows one predecessor only
                    "merged-into" if alive.len() > 1 => {
                        let mut known = vec![take(&mut alive)];
                        if is_whole {
                            known.push(take(&mut alive));
                        }
                        alive.push(register.bodies);
                        register.bodies += 1;
                        (known, vec![(register.bodies - 1, None)])
                    }
                    "absorbed-into" if alive.len() > 1 => {
                        let one = take(&mut alive);
                        let into = alive[random.below(alive.len())];
                        (vec![one], vec![(into, None)])
                    }
                    // and of one in three one part
                    "split-into" => {
                        let one = take(&mut alive);
                        let share =
                            (random.below(3) > 0).then(|| u32::try_from(10 * (1 + random.below(9))).unwrap_or(50));
                        let mut parts = vec![(register.bodies, share)];
                        if is_whole {
                            parts.push((register.bodies + 1, share.map(|share| 100 - share)));
                        }
                        alive.extend(parts.iter().map(|(part, _)| *part));
                        register.bodies += parts.len();
                        (vec![one], parts)
                    }
                    "split-off" => {
                        let one = alive[random.below(alive.len())];
                        alive.push(register.bodies);
                        register.bodies += 1;
                        (vec![one], vec![(register.bodies - 1, Some(20))])
                    }
                    "renamed-to" => {
                        let one = take(&mut alive);
                        alive.push(register.bodies);
                        register.bodies += 1;
                        // it keeps its name, is called as some body was before, or has a new name
                        let before = [Some(one), Some(random.below(register.bodies - 1)), None][random.below(3)];
                        register.namesakes.extend(before.map(|before| (register.bodies - 1, before)));
                        (vec![one], vec![(register.bodies - 1, None)])
                    }
                    _ => continue,
                };
                register.events.push((year, kind, before, after));
            }
            register
        }

        /// The number in a body's name.
        fn named(&self, body: usize) -> usize {
            self.namesakes.get(&body).map_or(body, |before| self.named(*before))
        }

        fn dataset(&self) -> Dataset {
            let relation = |id: &str, lineage: &str, gathers: &str, predecessor: &str, successor: &str| Relation {
                id: id.into(),
                definition: "It happened.".into(),
                domain: "unit".into(),
                range: "unit".into(),
                role: "succession".into(),
                side: "object".into(),
                lineage: lineage.into(),
                gathers: gathers.into(),
                predecessor: predecessor.into(),
                successor: successor.into(),
                ..Relation::default()
            };
            let mut mentions = Vec::new();
            for (year, kind, before, after) in &self.events {
                for (from, (to, share)) in before.iter().flat_map(|from| after.iter().map(move |to| (from, to))) {
                    let mut qualifiers: Vec<(Arc<str>, Arc<str>)> =
                        vec![("date".into(), format!("{}-06-15", 2000 + year).into())];
                    qualifiers.extend(share.map(|share| ("share".into(), format!("{share} percent").into())));
                    mentions.push(MentionRecord {
                        row: 0,
                        id: format!("M{}", mentions.len() + 1).into(),
                        subject: format!("u{from}").into(),
                        relation: (*kind).into(),
                        object: Object::Entity(format!("u{to}").into()),
                        qualifiers,
                        source: "reg".into(),
                        at: Locator::sentence(*year + 1, 1),
                        confidence: Confidence::default(),
                        fingerprint: 0,
                        note: Arc::default(),
                    });
                }
            }
            let entity = |at: usize| Entity {
                id: format!("u{at}").into(),
                kind: "unit".into(),
                name: format!("Unit {}", self.named(at)).into(),
                ..Entity::default()
            };
            Dataset {
                meta: Meta { title: "Register".into(), format: 2, sentences: 2, ..Meta::default() },
                sources: vec![SourceRecord { id: "reg".into(), title: "Register".into(), ..SourceRecord::default() }],
                kinds: vec![Kind { id: "unit".into(), definition: "A unit".into(), ..Kind::default() }],
                relations: vec![
                    relation("merged-into", "merged", "successor", "ends", "new"),
                    relation("absorbed-into", "merged", "successor", "ends", "existing"),
                    relation("split-into", "split", "predecessor", "ends", "new"),
                    relation("split-off", "split", "predecessor", "continues", "new"),
                    relation("renamed-to", "renamed-to", "", "ends", "new"),
                ],
                entities: (0..self.bodies).map(entity).collect(),
                mentions,
                ..Dataset::default()
            }
        }

        /// The same by playing the years through, body by body: who holds how much of whom.
        fn played(&self, from: u32, to: u32) -> BTreeMap<(usize, usize), (&'static str, Option<f64>)> {
            const SORTS: [&str; 4] = ["same", "goes on as", "merged", "part of"];
            let mut born: BTreeMap<usize, u32> = BTreeMap::new();
            let mut died: BTreeMap<usize, u32> = BTreeMap::new();
            for (year, kind, before, after) in &self.events {
                if *kind != "absorbed-into" {
                    born.extend(after.iter().map(|(body, _)| (*body, *year)));
                }
                if *kind != "split-off" {
                    died.extend(before.iter().map(|body| (*body, *year)));
                }
            }
            // what happened in the year of a day is over on its last day
            let alive = |body: usize, year: u32| {
                born.get(&body).is_none_or(|born| *born <= year) && died.get(&body).is_none_or(|died| *died > year)
            };
            let mut out = BTreeMap::new();
            for start in (0..self.bodies).filter(|body| alive(*body, from)) {
                let mut held: BTreeMap<usize, (usize, Option<f64>)> = [(start, (0, Some(1.0)))].into();
                for (_, kind, before, after) in self.events.iter().filter(|(year, ..)| *year > from && *year <= to) {
                    for body in before {
                        let Some((sort, share)) = held.get(body).copied() else { continue };
                        if *kind == "split-off" {
                            held.insert(*body, (3, None));
                        } else {
                            held.remove(body);
                        }
                        for (next, part) in after {
                            let (own, whole) = match *kind {
                                "renamed-to" => (1, Some(1.0)),
                                "merged-into" | "absorbed-into" => (2, Some(1.0)),
                                _ => (3, part.map(|part| f64::from(part) / 100.0)),
                            };
                            let gets = (sort.max(own), share.zip(whole).map(|(a, b)| a * b));
                            let sum = held
                                .get(next)
                                .map_or(gets, |(known, has)| (gets.0.max(*known), has.zip(gets.1).map(|(a, b)| a + b)));
                            held.insert(*next, sum);
                        }
                    }
                }
                out.extend(held.into_iter().map(|(end, (sort, share))| {
                    let renamed = sort == 1 && self.named(start) != self.named(end);
                    ((start, end), (if renamed { "renamed" } else { SORTS[sort] }, share))
                }));
            }
            out
        }
    }

    #[test]
    fn a_crosswalk_is_what_playing_the_years_through_gives() {
        let mut random = Random(0x2545_F491_4F6C_DD1D);
        let (mut rows, mut shares, mut sorts) = (0, 0, BTreeMap::new());
        for round in 0..150 {
            let first = 2 + random.below(5);
            let years = 1 + u32::try_from(random.below(12)).expect("small");
            let register = Register::random(&mut random, first, years);
            let seen = Engine::from_dataset(&register.dataset()).expect("a graph").snapshot().expect("it").seen();
            let from = u32::try_from(random.below(years as usize)).expect("small");
            let to = from + u32::try_from(random.below(years as usize - from as usize + 1)).expect("small");
            let day = |year: u32| Value::from(format!("{}-12-31", 2000 + year));
            let (found, cut) = seen.crosswalk(&day(from), Some(&day(to)), Some("unit")).expect("days");
            assert!(cut.is_empty());
            let number = |node: NodeRef| {
                let data = seen.node(node).expect("a node");
                let id = data.properties.iter().find(|(key, _)| &**key == "id").map(|(_, id)| id);
                let Some(Value::Str(id)) = id else { panic!("no id") };
                id.trim_start_matches('u').parse::<usize>().expect("a number")
            };
            let found: BTreeMap<(usize, usize), (&str, Option<f64>)> = found
                .iter()
                .filter_map(|row| Some(((number(row.from), number(row.to?)), (row.way, row.share))))
                .collect();
            let wanted = register.played(from, to);
            let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-9,
                (a, b) => a.is_none() && b.is_none(),
            };
            let keys = |map: &BTreeMap<(usize, usize), (&str, Option<f64>)>| map.keys().copied().collect::<Vec<_>>();
            assert_eq!(keys(&found), keys(&wanted), "round {round}, {from} to {to}: {:?}", register.events);
            for (pair, (way, share)) in &wanted {
                let own = found[pair];
                assert!(
                    own.0 == *way && close(own.1, *share),
                    "round {round}, {from} to {to}, {pair:?}: {own:?}, not {way} {share:?}: {:?}",
                    register.events
                );
                rows += 1;
                shares += usize::from(share.is_some_and(|share| share < 1.0));
                *sorts.entry(*way).or_insert(0) += 1;
            }
        }
        assert!(rows > 500 && shares > 50 && sorts.len() == 5, "{rows} rows, {shares} shares, {sorts:?}");
    }

    #[test]
    fn a_body_that_gives_a_part_away_and_goes_on_as_another_goes_on_in_part() {
        let gave = (0, "split-into", vec![0], vec![(1, None)]);
        let went_on = (0, "renamed-to", vec![0], vec![(2, None)]);
        let register = Register { bodies: 3, events: vec![gave, went_on], ..Register::default() };
        let seen = Engine::from_dataset(&register.dataset()).expect("a graph").snapshot().expect("it").seen();
        let (found, _) = seen.crosswalk(&"1999-12-31".into(), Some(&"2000-12-31".into()), None).expect("days");
        let ways = |from: &str| -> Vec<(&str, Option<f64>)> {
            found.iter().filter(|row| seen.name(row.from) == *from).map(|row| (row.way, row.share)).collect()
        };
        assert_eq!(ways("Unit 0"), [("part of", None), ("part of", None)]);
    }

    #[test]
    fn days_and_kinds_that_are_none_are_errors() {
        let seen =
            Engine::from_dataset(&Register::default().dataset()).expect("a graph").snapshot().expect("it").seen();
        assert!(seen.crosswalk(&"yesterday".into(), Some(&"2020".into()), None).is_err());
        let error = seen.crosswalk(&"2020".into(), Some(&"2019".into()), None).expect_err("turned round");
        assert!(error.message().contains("before the first"));
        assert!(seen.crosswalk(&"2019".into(), Some(&"2020".into()), Some("unit")).is_err(), "nothing of that kind");
    }
}
