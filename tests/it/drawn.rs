//! Pictures of lineages: things are known by what they are, never by what they are called, and however a question is
//! written its picture is the same.

use shejire::Engine;
use shejire::Value;
use shejire::engine::{LineageRequest, Rows, Whose};
use shejire::picture::{Asked, Target, Timeline, lineage};

use crate::lineage::{RELATIONS, by_chance, random};
use crate::snapshot::repository;

/// A dataset of bodies `a` to `z` with these mentions and conflicts, each called as `name` says.
fn engine(mentions: &[String], conflicts: &[String], name: impl Fn(char) -> String) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("dataset.toml", "id = \"t\"\ntitle = \"Test\"\nlanguage = \"en\"\nformat = 2\n");
    write("kinds.csv", "kind,definition\nbody,A body.\nact,An act.\nfunction,A function.\n");
    write("relations.csv", RELATIONS);
    write("sources.csv", "id,title,date\ns,First,2005\nt,Second,2010-06\nu,Third,\n");
    let bodies: Vec<String> = ('a'..='z').map(|body| format!("{body},body,{},,", name(body))).collect();
    write("entities.csv", &format!("id,kind,name,start,end\n{}\n", bodies.join("\n")));
    let rows: Vec<String> = mentions.iter().zip(1..).map(|(row, id)| format!("M{id},{row}")).collect();
    let header = "id,subject,relation,object,qualifiers,source,locator,confidence,event";
    write("mentions.csv", &format!("{header}\n{}\n", rows.join("\n")));
    let header = "id,type,topic,claim_a,sources_a,claim_b,sources_b,note";
    write("conflicts.csv", &format!("{header}\n{}\n", conflicts.join("\n")));
    Engine::from_dataset(&shejire::dataset::read(folder.path()).unwrap()).unwrap()
}

fn drawn(engine: &Engine, request: &LineageRequest) -> Timeline {
    lineage(&engine.lineage(request).unwrap(), &Asked::default())
}

/// The picture without what its things are called.
fn nameless(mut timeline: Timeline) -> Timeline {
    timeline.title.clear();
    for body in &mut timeline.bodies {
        body.name.clear();
        body.events.iter_mut().for_each(|event| event.detail.clear());
    }
    timeline.citations.iter_mut().flat_map(|cite| &mut cite.facts).for_each(|fact| fact.fact.clear());
    for conflict in &mut timeline.conflicts {
        conflict.topic.clear();
        conflict.sides.iter_mut().for_each(|side| side.claim.clear());
    }
    timeline
}

#[test]
fn what_bodies_are_called_decides_nothing() {
    let mut state = 20_261_130;
    let (mut disputed, mut drawn_bodies) = (0, 0);
    for round in 0..60 {
        let (rows, _) = by_chance(&mut state);
        let facts: Vec<String> =
            rows.iter().map(|row| row.split(',').take(3).collect::<Vec<_>>().join(" | ")).collect();
        let any = |state: &mut u64| facts[random(state, facts.len() as u64) as usize].clone();
        let declared = (1..=2).filter_map(|id| {
            let (one, other) = (any(&mut state), any(&mut state));
            (one != other).then(|| format!("K{id},contradiction,,{one},,{other},,"))
        });
        let declared: Vec<String> = declared.collect();
        let own = engine(&rows, &declared, |body| format!("Council {body}"));
        let same = engine(&rows, &declared, |_| "Town Council".into());
        for start in ["a", "b", "c"] {
            let request = LineageRequest::of(start).as_of("2020");
            let (own, same) = (drawn(&own, &request), drawn(&same, &request));
            disputed += own.conflicts.len();
            drawn_bodies += own.bodies.len();
            for conflict in &same.conflicts {
                assert_ne!(conflict.sides[0].claim, conflict.sides[1].claim, "{round}: two claims that read the same");
            }
            assert_eq!(nameless(own), nameless(same), "{round}: {start}\n{rows:#?}\n{declared:#?}");
        }
    }
    assert!(disputed > 40 && drawn_bodies > 300, "{disputed} {drawn_bodies}");
}

#[test]
fn of_two_bodies_of_one_name_the_one_is_disputed_that_is() {
    let from = &repository("examples/city-councils");
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        let text = text.replace("Old Town Council", "Town Council").replace("Upper Town Council", "Town Council");
        std::fs::write(folder.path().join(file.file_name()), text).unwrap();
    }
    let engine = Engine::from_folder(folder.path()).unwrap();
    let timeline = drawn(&engine, &LineageRequest::of("city-council"));
    let of = |id: &str| timeline.bodies.iter().position(|body| body.id == id).unwrap();
    let link = |from: &str| timeline.links.iter().position(|link| link.from == of(from)).unwrap();
    assert!(timeline.links[link("old-town-council")].disputed && !timeline.links[link("upper-town-council")].disputed);
    let at = Target::Link(link("old-town-council"));
    assert!(timeline.conflicts.iter().any(|conflict| conflict.sides.iter().all(|side| side.at == at)));
}

/// What a statement draws.
fn of(rows: &Rows) -> Option<Timeline> {
    rows.lineage().map(|found| lineage(&found, &Asked::default()))
}

#[test]
fn however_the_question_is_written_its_picture_is_the_same() {
    let folder = &repository("examples/city-councils");
    let engine = Engine::from_folder(folder).unwrap();
    let node = engine.entity("City Council").unwrap().node();
    let starts = [
        "'City Council'",
        "\"the Council\"",
        "'city-council'",
        "$name",
        "$id",
        "$node",
        "['City Council']",
        "[$node]",
        "$names",
        "'City ' + 'Council'",
        "head(['City Council', 'x'])",
        "CASE WHEN true THEN $name END",
        "coalesce(null, $name)",
    ];
    for (date, dates) in [
        (
            "2010-01-01",
            [
                "'2010-01-01'",
                "date('2010-01-01')",
                "date({year: 2010, month: 1, day: 1})",
                "$text",
                "$date",
                "date('2009-12-31') + duration('P1D')",
                "localdatetime('2010-01-01T12:00')",
                "'2010-' + '01-01'",
            ],
        ),
        (
            "2004",
            [
                "'2004'",
                "\"2004\"",
                "toString(2004)",
                "$year",
                "$years[0]",
                "'20' + '04'",
                "$map.year",
                "substring('2004-05', 0, 4)",
            ],
        ),
    ] {
        let wanted = drawn(&engine, &LineageRequest::of("City Council").as_of(date));
        assert_eq!(wanted.as_of.as_ref().unwrap().when.edtf(), date);
        for (number, as_of) in dates.iter().enumerate() {
            for start in starts.iter().skip(number % 3).step_by(3) {
                let years = Value::list(vec!["2004".into()]).unwrap();
                let names = Value::list(vec!["City Council".into()]).unwrap();
                let map = Value::map([("year".into(), "2004".into())]).unwrap();
                let day = engine.run("RETURN date('2010-01-01') AS day").unwrap();
                let text = format!("TRACE {start} AS OF {as_of}");
                let statement = engine.query(&text).param("name", "City Council").param("id", "city-council");
                let statement = statement.param("node", node).param("names", names).param("text", "2010-01-01");
                let statement = statement.param("date", day.get(0).unwrap().values()[0].clone());
                let statement = statement.param("year", "2004").param("years", years).param("map", map);
                assert_eq!(of(&statement.rows().unwrap()), Some(wanted.clone()), "{text}");
            }
        }
    }
}

#[test]
fn whose_word_is_taken_is_taken_in_the_whole_picture() {
    let folder = &repository("examples/city-councils");
    let engine = Engine::from_folder(folder).unwrap();
    let both = Value::list(vec!["a".into(), "b".into()]).unwrap();
    let whole = drawn(&engine, &LineageRequest::of("City Council").as_of("2020"));
    for (whose, spelt) in [
        (Whose::default().according_to(["a"]), &["ACCORDING TO 'a'", "ACCORDING TO ['a']", "ACCORDING TO $one"][..]),
        (Whose::default().according_to(["b"]), &["ACCORDING TO 'b'", "ACCORDING TO substring('abc', 1, 1)"]),
        (
            Whose::default().according_to(["a", "b"]),
            &["ACCORDING TO 'a', 'b'", "ACCORDING TO ['b', 'a']", "ACCORDING TO $both", "ACCORDING TO $one, ['b']"],
        ),
        (Whose::default().known_by("2012"), &["KNOWN BY '2012'", "KNOWN BY date('2012-12-31')", "KNOWN BY $day"]),
    ] {
        let request = LineageRequest::of("City Council").as_of("2020").told_by(whose.clone());
        let wanted = drawn(&engine, &request);
        let text = request.to_string();
        assert_eq!(of(&engine.run(&text).unwrap()), Some(wanted.clone()), "{text}");
        for clause in spelt {
            let text = format!("TRACE 'City Council' AS OF '2020' {clause}");
            let statement = engine.query(&text).param("one", "a").param("both", both.clone()).param("day", "2012");
            assert_eq!(of(&statement.rows().unwrap()), Some(wanted.clone()), "{text}");
        }
        let told: std::collections::BTreeSet<&str> = wanted.citations.iter().map(|cite| &*cite.source).collect();
        let seen = engine.snapshot().unwrap().as_told_by(&whose).unwrap();
        assert_eq!(seen.conflicts(None).len() < 2, told.len() < 2, "{text}");
        assert!(told.len() == 2 || wanted != whole, "{text}");
    }
}

#[test]
fn steps_that_a_condition_leaves_out_are_not_drawn_and_columns_change_nothing() {
    let folder = &repository("examples/city-councils");
    let engine = Engine::from_folder(folder).unwrap();
    let run = |text: &str| engine.run(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let whole = of(&run("TRACE 'City Council'")).unwrap();
    for text in [
        "TRACE 'City Council' YIELD *",
        "TRACE 'City Council' WHERE true",
        "TRACE 'City Council' YIELD from, to",
        "TRACE 'City Council' YIELD step AS n, kind, route",
        "CITE TRACE 'City Council'",
        "PROFILE TRACE 'City Council'",
    ] {
        assert_eq!(of(&run(text)).as_ref(), Some(&whole), "{text}");
    }
    for condition in ["kind = 'merged-into'", "step < 0", "certain", "disputed", "size(citations) > 1", "false"] {
        let text = format!("TRACE 'City Council' WHERE {condition}");
        let (all, rows) = (run("TRACE 'City Council'"), run(&text));
        let left = rows.lineage().unwrap();
        let kept = run(&format!("TRACE 'City Council' YIELD * WHERE {condition}"));
        assert_eq!((left.steps().len(), kept.len()), (rows.len(), rows.len()), "{text}");
        for (step, row) in left.steps().iter().zip(rows.iter()) {
            assert!(matches!(row.value("event"), Some(Value::Str(event)) if *event == step.event), "{text}");
        }
        let all = all.lineage().unwrap();
        assert!(left.steps().iter().all(|step| all.steps().contains(step)), "{text}");
    }
    for text in [
        "TRACE 'City Council' YIELD kind RETURN kind",
        "MATCH (n {id: 'city-council'}) TRACE n YIELD to RETURN to",
        "TRACE 'City Council' UNION TRACE 'City Assembly'",
        "CALL () { TRACE 'City Council' YIELD to RETURN to } RETURN to",
        "TRACE null",
        "TRACE 'City Council' AS OF null",
    ] {
        assert!(run(text).lineage().is_none(), "{text}");
    }
}

#[test]
fn a_lineage_is_of_the_version_it_was_found_in() {
    let engine = Engine::builtin().unwrap();
    let request = LineageRequest::of("National Kurultai");
    let (before, rows) = (engine.lineage(&request).unwrap(), engine.run(&request.to_string()).unwrap());
    let mut open = engine.begin().unwrap();
    open.run("MATCH (n {name: 'National Kurultai'}) SET n.name = 'Halk Kurultaiy'").unwrap();
    let inside = open.run("TRACE 'Halk Kurultaiy'").unwrap().lineage().unwrap();
    assert_eq!(inside.seen().name(inside.starts()[0]), "Halk Kurultaiy");
    assert_eq!(open.snapshot().lineage(&LineageRequest::of("Halk Kurultaiy")).unwrap().steps(), inside.steps());
    open.commit().unwrap();
    for found in [before, rows.lineage().unwrap()] {
        assert_eq!(found.seen().name(found.starts()[0]), "National Kurultai");
        assert!(!found.steps().is_empty());
    }
    let now = engine.lineage(&request).unwrap(); // still one of its names
    assert_eq!(now.seen().name(now.starts()[0]), "Halk Kurultaiy");
}

#[test]
fn no_more_events_away_than_asked_for() {
    let engine = Engine::builtin().unwrap();
    for (name, most) in [("Constitutional Court", 0), ("National Kurultai", 1), ("Constitutional Court", 9)] {
        let request = LineageRequest::of(name).depth(most);
        let found = engine.lineage(&request).unwrap();
        assert!(found.steps().iter().all(|step| step.number.unsigned_abs() <= u64::from(most)));
        assert_eq!(found.steps(), engine.run(&request.to_string()).unwrap().lineage().unwrap().steps());
    }
}
