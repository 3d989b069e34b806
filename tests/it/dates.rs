//! Time as documents state it: what holds on a day, what is not known, and how stated dates compare.

use shejire::Engine;
use shejire::dataset;
use shejire::value::Value;

/// A dataset in a folder of its own: relations with what is declared of them, entities, sources, mentions.
fn engine(tables: &[(&str, &str)]) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("dataset.toml", "id = \"dates\"\ntitle = \"Dates\"\nformat = 2\n");
    put("kinds.csv", "kind,definition\nbody,A body\n");
    put("relations.csv", RELATIONS);
    put("entities.csv", "id,kind,name\na,body,A\nb,body,B\nc,body,C\n");
    put("sources.csv", "id,title,date,paragraphs\ns,One,2020,9\nt,Other,2021,9\n");
    for (name, text) in tables {
        put(name, text);
    }
    // read, not opened: what the checks say of such tables is not the matter here
    let dataset = dataset::read(folder.path()).unwrap();
    Engine::from_dataset(&dataset).unwrap_or_else(|error| panic!("{error}"))
}

const RELATIONS: &str = "relation,definition,domain,range,lineage,lineage_role,lineage_side,repeats\n\
    became,One becomes the other.,body,body,transformed-into,succession,object,no\n\
    part-of,Part of.,body,body,,,,no\n\
    member-of,Member of.,body,body,,,,\n";

const MENTIONS: &str = "id,subject,relation,object,object_type,qualifiers,source,locator,confidence\n";

/// The first column of the answer, in words.
fn column(engine: &Engine, query: &str) -> Vec<String> {
    let rows = engine.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| shown(row.values().first().unwrap_or(&Value::Null))).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => shejire::value::text::literal(other, None).unwrap(),
    }
}

/// `No`, `NotStated` or `Yes` for the only relationship of a type, asked by AS OF and by AS OF CERTAIN.
fn holds(engine: &Engine, ty: &str, on: &str) -> &'static str {
    let found =
        |certain: &str| column(engine, &format!("MATCH ()-[r:`{ty}`]->() AS OF {certain} '{on}' RETURN 1")).len();
    let said = column(engine, &format!("MATCH ()-[r:`{ty}`]->() RETURN holds(r, '{on}')"));
    let answer = match (found(""), found("CERTAIN")) {
        (1, 1) => ("yes", "true"),
        (1, 0) => ("not known", "null"),
        (0, 0) => ("no", "false"),
        other => panic!("{other:?}"),
    };
    assert_eq!(said, [answer.1], "AS OF and holds() agree on {on}");
    answer.0
}

fn one(qualifiers: &[(&str, &str)], relation: &str) -> Engine {
    let rows: String = (1..)
        .zip(qualifiers)
        .map(|(n, (source, text))| format!("M{n},a,{relation},b,entity,\"{text}\",{source},{source}:{n},E\n"))
        .collect();
    engine(&[("mentions.csv", &format!("{MENTIONS}{rows}"))])
}

#[test]
fn an_act_of_two_stated_dates_is_no_undated_one() {
    let graph = one(&[("s", "date=2004"), ("t", "date=2005")], "became");
    assert_eq!(
        ["1998-01-01", "2004-12-31", "2020"].map(|day| holds(&graph, "became", day)),
        ["no", "not known", "yes"]
    );
    assert_eq!(column(&graph, "TRACE 'A' FORWARD AS OF '1998-01-01'"), Vec::<String>::new());
    assert_eq!(column(&graph, "TRACE 'A' FORWARD AS OF CERTAIN '2020'").len(), 1);
}

#[test]
fn one_of_two_years_is_certain_when_both_are_over() {
    let graph = one(&[("s", "date=[1991,1993]")], "became");
    let days = ["1990-12-31", "1991-06-01", "1992-06-01", "1993-12-30", "1993-12-31"];
    assert_eq!(days.map(|day| holds(&graph, "became", day)), ["no", "not known", "not known", "not known", "yes"]);
}

#[test]
fn memberships_of_two_sources_are_pooled() {
    let sources = "id,title,date,paragraphs,end\ns,One,2020,9,exclusive\nt,Other,2021,9,exclusive\n";
    let mentions = format!(
        "{MENTIONS}M1,a,member-of,b,entity,start=2010; end=2020,s,s:1,E\nM2,a,member-of,b,entity,start=2012; end=2025,t,t:1,E\n"
    );
    let graph = engine(&[("sources.csv", sources), ("mentions.csv", &mentions)]);
    let days = ["2009", "2011-06-01", "2015", "2022", "2026"];
    assert_eq!(days.map(|day| holds(&graph, "member-of", day)), ["no", "not known", "yes", "not known", "no"]);
    let days = column(&graph, "MATCH ()-[r:`member-of`]->() RETURN [toString(earliest(r)), toString(latest(r))]");
    assert_eq!(days, ["['2010-01-01', '2025-12-30']"]);
}

#[test]
fn what_is_adopted_takes_effect_later() {
    let text = "adopted=2023-12-20; effective=2024-03-01";
    let graph = one(&[("s", text)], "became");
    assert_eq!(["2024-01-15", "2024-03-01"].map(|day| holds(&graph, "became", day)), ["no", "yes"]);
    let published = one(&[("s", "published=2024-01-02")], "became");
    assert_eq!(holds(&published, "became", "2020"), "not known", "a publication dates no act");
}

#[test]
fn a_silent_source_dates_nothing() {
    let graph = one(&[("s", "date=2004"), ("t", ""), ("t", "date=not stated")], "became");
    assert_eq!(holds(&graph, "became", "1900"), "no");
    assert_eq!(holds(&graph, "became", "2005"), "yes");
}

#[test]
fn what_a_register_writes_for_not_known_is_read_as_not_stated() {
    let toml = "id = \"dates\"\ntitle = \"Dates\"\nformat = 2\nunknown = [\"1943-01-01\"]\n";
    let mentions = format!("{MENTIONS}M1,a,became,b,entity,date=1943-01-01,s,s:1,E\n");
    let graph = engine(&[("dataset.toml", toml), ("mentions.csv", &mentions)]);
    assert_eq!(holds(&graph, "became", "1900"), "not known");
}

#[test]
fn a_complete_list_says_no_by_silence() {
    let sources = "id,title,date,paragraphs,during,complete\n\
        s,List of 2010,2010,9,2010,part-of\nt,List of 2011,2011,9,2011,part-of\n";
    let mentions = format!(
        "{MENTIONS}M1,a,part-of,b,entity,,s,s:1,E\nM2,c,part-of,b,entity,,s,s:2,E\nM3,c,part-of,b,entity,,t,t:1,E\n"
    );
    let graph = engine(&[("sources.csv", sources), ("mentions.csv", &mentions)]);
    let parts = |on: &str, certain: &str| {
        column(&graph, &format!("MATCH (x)-[:`part-of`]->() AS OF {certain} '{on}' RETURN x.id ORDER BY x.id"))
    };
    assert_eq!(parts("2010-06-01", "CERTAIN"), ["a", "c"]);
    assert_eq!(parts("2011-06-01", ""), ["c"]);
    assert_eq!(parts("2012-06-01", ""), ["a", "c"], "a list says nothing of other days");
    assert_eq!(parts("2012-06-01", "CERTAIN"), Vec::<String>::new());
}

#[test]
fn who_says_that_it_held_stands_against_a_complete_list_that_lacks_it() {
    let sources = "id,title,date,paragraphs,during,complete\n\
        s,List of 2010,2010,9,2010,part-of\nt,List of 2011,2011,9,2011,part-of\nu,A chronicle,2015,9,,\n";
    // a: on a day of the second list, which lacks it; c: listed by both; d: its days and those of the lists may be apart;
    // e: a start alone is no yes; f: with reserve
    let mentions = format!(
        "{MENTIONS}M1,a,part-of,b,entity,,s,s:1,E\nM2,a,part-of,b,entity,start=2009; end=2013,u,u:1,E\n\
        M3,c,part-of,b,entity,,s,s:2,E\nM4,c,part-of,b,entity,,t,t:2,E\nM5,c,part-of,b,entity,start=2000; end=2020,u,u:2,E\n\
        M6,d,part-of,b,entity,start=2011; end=2011,u,u:3,E\nM7,e,part-of,b,entity,start=2009,u,u:4,E\n\
        M8,f,part-of,b,entity,start=2009?; end=2013,u,u:5,E\n"
    );
    let entities = ["a", "b", "c", "d", "e", "f"].map(|id| format!("{id},body,{id}\n")).concat();
    let entities = format!("id,kind,name\n{entities}");
    let tables = [("sources.csv", sources), ("mentions.csv", &*mentions), ("entities.csv", &*entities)];
    let graph = engine(&tables);
    let asked = |query: &str| {
        let rows = graph.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        super::disputes::shown(&rows)
    };
    let columns = "type, certain, leftPlaces, rightStates, rightSources, rightPlaces, leftFact = rightFact AS one";
    let yielded = "type, certain, leftPlaces, rightStates, rightSources, rightPlaces, leftFact, rightFact";
    let rows = asked(&format!("CONFLICTS YIELD {yielded} RETURN {columns}"));
    assert_eq!(
        rows,
        ["'absence' | true | ['s:1', 'u:1'] | {complete: ['2011']} | ['t'] | ['t'] | true"],
        "one fact, one list"
    );
    assert_eq!(asked("MATCH (x {id: 'a'})-[r:`part-of`]->() RETURN holds(r, '2011-06-01')"), ["null"]);
    assert_eq!(
        asked("CONFLICTS ACCORDING TO 'u' YIELD type RETURN type"),
        Vec::<String>::new(),
        "the list is not seen"
    );
    let cited = graph.run("CITE CONFLICTS YIELD left RETURN left").unwrap();
    let places: Vec<&str> = cited.get(0).unwrap().citations().iter().map(|c| &*c.locator).collect();
    assert_eq!(places, ["s:1", "u:1"]);
}

#[test]
fn lives_are_certain_when_their_latest_start_is_past() {
    let entities = "id,kind,name,start,end\n\
        a,body,A,1991,..\nb,body,B,1991~,..\nc,body,C,1991?,..\nd,body,D,\"[1991,1993]\",..\ne,body,E,199X,..\n";
    let graph = engine(&[("entities.csv", entities), ("mentions.csv", MENTIONS)]);
    let there = |on: &str, certain: &str| {
        column(&graph, &format!("MATCH (n:body) AS OF {certain} date('{on}') RETURN n.id ORDER BY n.id"))
    };
    assert_eq!(there("1990-12-01", ""), ["b", "e"]);
    assert_eq!(there("1991-06-01", "CERTAIN"), Vec::<String>::new());
    assert_eq!(there("1992-06-01", "CERTAIN"), ["a"]);
    assert_eq!(there("1992-06-01", ""), ["a", "b", "c", "d", "e"]);
}

#[test]
fn years_before_the_first_are_dates_as_others() {
    let entities = "id,kind,name,start,end\na,body,A,-0508,-0026\nb,body,B,-0026,0395\nc,body,C,Y-17000,-9999\n";
    let mentions =
        format!("{MENTIONS}M1,a,became,b,entity,date=-0026,s,s:1,E\nM2,c,became,a,entity,date=-0508,s,s:2,E\n");
    let graph = engine(&[("entities.csv", entities), ("mentions.csv", &mentions)]);
    for date in ["date('-0100-01-01')", "'-0100'", "date({year: -100, month: 1, day: 1})"] {
        assert_eq!(column(&graph, &format!("MATCH (n:body) AS OF {date} RETURN n.id ORDER BY n.id")), ["a"], "{date}");
    }
    assert_eq!(column(&graph, "TRACE 'C' FORWARD AS OF '-0028'").len(), 1);
    assert_eq!(column(&graph, "MATCH (n:body) RETURN n.id ORDER BY n.start"), ["c", "a", "b"]);
    assert_eq!(column(&graph, "MATCH (n:body) WHERE n.start < '-0100' RETURN n.id ORDER BY n.start DESC"), ["a", "c"]);
}

#[test]
fn declared_dates_are_texts_that_compare_by_days() {
    let mut mentions = MENTIONS.to_owned();
    for (n, date) in (1..).zip(["2004", "2004-05-03", "[2003,2006]", "2004/2005", "last year", "2004"]) {
        mentions.push_str(&format!("M{n},a,member-of,b,entity,\"date={date}; what=x{n}\",s,s:{n},E\n"));
    }
    let graph = engine(&[("mentions.csv", &mentions)]);
    let dates = |rest: &str| column(&graph, &format!("MATCH ()-[r:`member-of`]->() {rest}"));
    let sorted = ["[2003,2006]", "2004", "2004", "2004-05-03", "2004/2005"];
    assert_eq!(
        dates("WHERE r.date < '2007' RETURN r.date ORDER BY r.date"),
        ["[2003,2006]", "2004", "2004", "2004/2005", "2004-05-03"]
    );
    assert_eq!(dates("WHERE r.date < '2007' RETURN r.date").len(), sorted.len(), "what is no date is not known");
    assert_eq!(dates("WHERE r.date = date('2004-05-03') RETURN r.date"), ["2004-05-03"]);
    assert_eq!(dates("WHERE r.date = '2004' RETURN r.date"), ["2004", "2004"], "texts are compared as texts");
    assert_eq!(dates("WITH r.date AS d WHERE d >= '2004-06' RETURN d").len(), 0);
    assert_eq!(dates("WITH r.date AS d WHERE d > '2002' RETURN min(d)"), ["[2003,2006]"]);
    assert_eq!(dates("WHERE date('2002-12-31') < r.date <= '2006-12-31' RETURN count(*)"), ["5"]);
    assert_eq!(dates("RETURN count(DISTINCT r.date)"), ["5"]);
    let by_param = graph.query("MATCH ()-[r:`member-of` {date: $on}]->() RETURN count(*) AS n");
    let on = shejire::value::temporal::Date::new(2004, 5, 3).unwrap();
    let rows = by_param.param("on", Value::Date(on)).rows().unwrap();
    assert_eq!(rows.iter().map(|row| shown(row.values().first().unwrap())).collect::<Vec<_>>(), ["1"]);
}

#[test]
fn without_a_dataset_texts_are_texts() {
    let graph = Engine::in_memory();
    graph.run("CREATE (:a {start: '2004'}), (:a {start: 'last year'})").unwrap();
    assert_eq!(column(&graph, "MATCH (n:a) WHERE n.start < 'z' RETURN count(*)"), ["2"]);
    graph
        .run("CREATE (a {id: 'p'})-[:t {start: '2010', end: '2020'}]->(b), (a)-[:u {date: '2015-01-01'}]->(b)")
        .unwrap();
    assert_eq!(["2009", "2015", "2021"].map(|day| holds(&graph, "t", day)), ["no", "yes", "no"]);
    assert_eq!(["2014", "2016"].map(|day| holds(&graph, "u", day)), ["no", "yes"]);
}

#[test]
fn a_plan_is_made_anew_when_a_dataset_declares_its_dates() {
    let graph = Engine::in_memory();
    graph.run("CREATE (:a {start: '2004'}), (:a {start: '2004-05'})").unwrap();
    let query = "MATCH (n:a) WHERE n.start < '2004-06' RETURN count(*)";
    assert_eq!(column(&graph, query), ["2"], "texts");
    graph
        .change(|held| held.put_source(shejire::provenance::Source { id: "s".into(), ..Default::default() }).map(drop))
        .unwrap();
    assert_eq!(column(&graph, query), ["1"], "days: a year may reach beyond June");
}
