//! What the explorer asks of the server: pages, documents and their places, entities as of a day, what is drawn. The pages
//! themselves are tried in a browser by `.ci/web`.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value as Json, json};
use shejire::Engine;
use shejire::dataset::{check_sources, write_fingerprints};
use shejire::server::{Config, Running, serve};

use super::desk::shejire;
use super::server::{asked, posted};

use crate::snapshot::repository;

fn started(engine: Engine, config: Config) -> (Running, SocketAddr) {
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let running = serve(engine, Config { http: any, bolt: None, ..config }).unwrap();
    let to = running.http().unwrap();
    (running, to)
}

fn got(to: SocketAddr, path: &str) -> Json {
    let (status, body) = asked(to, "GET", path, &[], "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// Head and body of an answer, as bytes.
fn raw(to: SocketAddr, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(to).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
}

fn list<'j>(of: &'j Json, key: &str) -> std::slice::Iter<'j, Json> {
    of[key].as_array().unwrap_or_else(|| panic!("{key} is no list: {of:#}")).iter()
}

#[test]
fn every_page_is_one_page_that_loads_only_what_is_here() {
    let (_running, to) = started(Engine::builtin().unwrap(), Config::default());
    let (_, page) = raw(to, "/", "Accept: text/html\r\n");
    let page = String::from_utf8(page).unwrap();
    for path in ["/e/national-kurultai", "/s/003", "/find?q=court", "/query", "/lineage/x", "/conflicts", "/schema"] {
        let (head, body) = raw(to, path, "Accept: text/html\r\n");
        assert!(
            head.starts_with("http/1.1 200") && head.contains("no-cache") && body == page.as_bytes(),
            "{path}: {head}"
        );
        assert!(head.contains("content-security-policy: default-src 'none'; script-src 'self';"), "{head}");
    }
    // drivers look for addresses at the root
    assert!(got(to, "/")["query"].as_str().is_some_and(|address| address.contains("/db/")));
    let loaded: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(loaded.len() >= 2, "{page}");
    for path in loaded {
        let (head, plain) = raw(to, path, "");
        assert!(head.contains("immutable") && !head.contains("content-encoding"), "{path}: {head}");
        let (head, packed) = raw(to, path, "Accept-Encoding: br, gzip\r\n");
        assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{path}: {head}");
        assert!(packed.len() < plain.len(), "{path}");
    }
    for path in ["/assets/nothing.js", "/assets/..%2Flist.rs", "/nowhere", "/api/v1/nothing"] {
        assert_eq!(asked(to, "GET", path, &[], "").0, 404, "{path}");
    }
}

#[test]
fn a_token_is_exchanged_for_a_session_and_pages_hold_nothing() {
    let config = Config { write: true, token: Some("a token".into()), ..Config::default() };
    let (running, to) = started(Engine::builtin().unwrap(), config);
    let status = |headers: &[(&str, &str)]| asked(to, "GET", "/api/v1/info", headers, "").0;
    assert!(raw(to, "/e/kazakhstan", "Accept: text/html\r\n").0.starts_with("http/1.1 200"), "the page is open");
    assert_eq!(status(&[]), 401);
    let begin = |token: &str| {
        let mut stream = TcpStream::connect(to).unwrap();
        write!(
            stream,
            "POST /api/v1/session HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(begin("no token").starts_with("HTTP/1.1 401"));
    let answer = begin("a token");
    let line = answer.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")).unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict") && !line.contains("a token"), "{line}");
    let cookie = line.split_once(": ").unwrap().1.split(';').next().unwrap();
    assert_eq!(status(&[("Cookie", &format!("other=1; {cookie}"))]), 200);
    assert_eq!(status(&[("Cookie", &format!("{cookie}0"))]), 401);
    // the word that a browser is started with is good once
    let invited = running.invitation().unwrap().unwrap();
    let word = invited.split_once("#token=").unwrap().1;
    let bearer = format!("Bearer {word}");
    assert_eq!(asked(to, "GET", "/api/v1/info", &[("Authorization", &bearer)], "").0, 401, "it is no token");
    assert!(begin(word).starts_with("HTTP/1.1 204") && begin(word).starts_with("HTTP/1.1 401"));
    // a page of another origin has nothing of it
    assert_eq!(status(&[("Cookie", cookie), ("Origin", "http://evil.example")]), 403);
}

/// Nothing stands next to a place that it does not state: whatever is told of a place stands there, place by place what the
/// whole document tells, and all documents together every fact that has evidence.
#[test]
fn what_is_told_of_a_place_is_what_stands_there() {
    let engine = Engine::builtin().unwrap();
    let (_running, to) = started(engine.clone(), Config::default());
    let mut facts: BTreeSet<String> = BTreeSet::new();
    for source in list(&got(to, "/api/v1/sources"), "items") {
        let id = source["id"].as_str().unwrap();
        let (mut own, mut next, mut places): (BTreeSet<String>, _, _) = (BTreeSet::new(), Some(0), 0);
        while let Some(from) = next {
            let page = got(to, &format!("/api/v1/source/{id}?from={from}&limit=7"));
            for place in list(&page, "places") {
                places += 1;
                let at = place["at"].as_str().unwrap();
                let alone = got(to, &format!("/api/v1/source/{id}/{at}"));
                assert_eq!(alone["facts"], place["facts"], "{id}:{at}");
                for fact in list(place, "facts") {
                    assert!(list(fact, "evidence").count() > 0, "{id}:{at} states nothing of {fact:#}");
                    assert!(list(fact, "evidence").all(|said| said["citation"] == place["citation"]), "{fact:#}");
                    own.insert(fact["element_id"].as_str().unwrap().to_owned());
                }
            }
            next = page["next"].as_u64();
        }
        assert_eq!(
            (source["facts"].as_u64(), source["places"].as_u64()),
            (Some(own.len() as u64), Some(places)),
            "{id}"
        );
        facts.extend(own);
    }
    let sourced = engine.run("MATCH ()-[r]->() WHERE support(r) > 0 RETURN count(r) AS n").unwrap();
    assert_eq!(sourced.get(0).unwrap().get::<i64>("n").unwrap(), facts.len() as i64);
}

/// The typed answer and the language say the same of every fact, on every day that is tried.
#[test]
fn a_fact_holds_on_a_day_as_the_language_says() {
    let folder = repository("examples/communes-manche");
    for engine in [Engine::builtin().unwrap(), Engine::from_folder(&folder).unwrap()] {
        let snapshot = engine.snapshot().unwrap();
        let seen = snapshot.seen();
        let mut said = BTreeSet::new();
        for day in ["1943-01-01", "1973-01-01", "2000-02-28", "2019", "2022-06-14", "2023-01"] {
            let rows =
                engine.query("MATCH (a)-[r]->() RETURN r, holds(r, $day) AS held").param("day", day).rows().unwrap();
            for row in &rows {
                let held = row.get::<Option<bool>>("held").unwrap();
                let shejire::Value::Rel(rel) = row.values()[0] else { panic!("a relationship") };
                assert_eq!(seen.holds(rel, day).unwrap(), held, "{day}");
                said.insert(held);
            }
            let rows =
                engine.query("MATCH (n:Entity) RETURN n, holds(n, $day) AS held").param("day", day).rows().unwrap();
            for row in &rows {
                let shejire::Value::Node(node) = row.values()[0] else { panic!("a node") };
                assert_eq!(seen.holds(node, day).unwrap(), row.get::<Option<bool>>("held").unwrap(), "{day}");
            }
        }
        assert!(said.len() > 1, "every answer was the same");
        let somebody = snapshot.node_with_id(0).unwrap();
        assert!(seen.holds(somebody, "soon").is_err());
    }
}

/// Whichever rule the locators of a graph count by, its documents are read by it: told by the fingerprints alone.
#[test]
fn sentences_are_counted_by_the_rule_that_the_fingerprints_agree_with() {
    let text =
        "Mr. Tarsk opened the session.\n\nThe Council met on 3 June. It had seats for No. 118 of them. It closed.\n";
    for (rule, locator, sentence) in
        [(1, "007:2.3", "118 of them."), (2, "007:2.2", "It had seats for No. 118 of them.")]
    {
        let home = tempfile::tempdir().unwrap();
        let (tables, texts) = (home.path().join("tables"), home.path().join("texts"));
        std::fs::create_dir(&tables).unwrap();
        std::fs::create_dir(&texts).unwrap();
        for (file, content) in [
            ("dataset.toml", format!("id = \"t\"\ntitle = \"T\"\nversion = \"1\"\nformat = 2\nsentences = {rule}\n")),
            ("sources.csv", "id,title\n007,A report\n008,Lost\n".into()),
            ("kinds.csv", "kind,definition\nbody,A body\n".into()),
            ("relations.csv", "relation,definition,domain,range\nhas,It has it.,body,body\n".into()),
            ("entities.csv", "id,kind,name\na,body,A\nb,body,B\n".into()),
            ("mentions.csv", format!("id,subject,relation,object,source,locator\nM1,a,has,b,007,{locator}\n")),
        ] {
            std::fs::write(tables.join(file), content).unwrap();
        }
        std::fs::write(texts.join("007.txt"), text).unwrap();
        // the fingerprints are those that the folder's own rule gives
        let dataset = shejire::dataset::read(&tables).unwrap();
        let found = check_sources(&dataset, &texts).unwrap();
        assert_eq!(write_fingerprints(&tables, &found).unwrap(), 1);
        let engine = Engine::from_folder(&tables).unwrap();
        let sources = Some(texts.clone());
        let (running, to) = started(engine, Config { sources, ..Config::default() });
        assert!(running.problems().is_empty(), "{:?}", running.problems());
        let path = format!("/api/v1/source/007/{}?around=1", &locator[4..]);
        let place = got(to, &path);
        assert_eq!(
            (&place["text"], &place["standing"]),
            (&json!(sentence), &json!("verified")),
            "rule {rule}: {place:#}"
        );
        assert_eq!((list(&place, "above").count(), list(&place, "below").count()), (1, 1), "{place:#}");
        // what was changed since is told, what is not there has no text
        std::fs::write(texts.join("007.txt"), text.replace("seats", "chairs")).unwrap();
        drop(running);
        let (_running, to) =
            started(Engine::from_folder(&tables).unwrap(), Config { sources: Some(texts), ..Config::default() });
        let standing = got(to, &path)["standing"].clone();
        assert_eq!(standing, if rule == 1 { json!("verified") } else { json!("changed") }, "rule {rule}");
        let nowhere = got(to, "/api/v1/source/007/99.1");
        assert_eq!((&nowhere["text"], list(&nowhere, "facts").count()), (&Json::Null, 0));
        assert_eq!(got(to, "/api/v1/source/008")["text"], json!(false));
        assert_eq!(asked(to, "GET", "/api/v1/source/009", &[], "").0, 400);
        assert_eq!(asked(to, "GET", "/api/v1/source/007/second", &[], "").0, 400);
    }
}

/// Views are files of a folder: kept by who may write, read by everybody who may read, and nothing else is reached by them.
#[test]
fn a_view_is_kept_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let views = Some(folder.path().to_owned());
    let config = Config { views: views.clone(), write: true, token: Some("a token".into()), ..Config::default() };
    let (_running, to) = started(Engine::in_memory(), config);
    let bearer = [("Authorization", "Bearer a token"), ("Content-Type", "application/json")];
    let view = json!({"title": "Towns", "path": "/query", "parameters": {"q": "MATCH (n) RETURN n", "asof": "2010"}});
    let put =
        |name: &str, body: &Json| asked(to, "PUT", &format!("/api/v1/views/{name}"), &bearer, &body.to_string()).0;
    assert_eq!(put("towns", &view), 204);
    let read = |path: &str| -> Json { serde_json::from_str(&asked(to, "GET", path, &bearer, "").1).unwrap() };
    let kept = read("/api/v1/views/towns");
    assert_eq!((&kept["path"], &kept["parameters"]), (&view["path"], &view["parameters"]));
    for (name, body) in
        [("..%2Fx", &view), ("Towns", &view), ("x", &json!({"path": "//evil.example"})), ("x", &json!({}))]
    {
        assert_eq!(put(name, body), 400, "{name} {body}");
    }
    std::fs::write(folder.path().join("broken.view.toml"), "path = ").unwrap();
    let all = read("/api/v1/views");
    let told: Vec<(&str, bool)> =
        list(&all, "items").map(|one| (one["name"].as_str().unwrap(), one["error"].is_string())).collect();
    assert_eq!(told, [("broken", true), ("towns", false)]);

    let (_reader, only) = started(Engine::in_memory(), Config { views, ..Config::default() });
    assert_eq!(got(only, "/api/v1/views/towns")["title"], json!("Towns"));
    let json = [("Content-Type", "application/json")];
    assert_eq!(asked(only, "PUT", "/api/v1/views/other", &json, &view.to_string()).0, 403);
    assert_eq!(asked(only, "DELETE", "/api/v1/views/towns", &[], "").0, 403);
    assert_eq!(asked(to, "DELETE", "/api/v1/views/towns", &bearer, "").0, 204);
    assert_eq!(asked(only, "GET", "/api/v1/views/towns", &[], "").0, 400);
}

/// A sentence has the place and the fingerprint by which a dataset would cite it.
#[test]
fn a_text_is_split_as_it_will_be_cited() {
    let (_running, to) = started(Engine::in_memory(), Config::default());
    let text = "\u{feff}Notices.\n\n• Mr. Tarsk spoke on 3 June. Құрылтай ашылды.\n";
    let (status, split) = posted(to, "/api/v1/split", &[], &json!({"text": text}));
    assert_eq!(status, 200, "{split:#}");
    let sentences: Vec<(&str, &str)> = list(&split, "paragraphs")
        .flat_map(|paragraph| list(paragraph, "sentences"))
        .map(|one| (one["at"].as_str().unwrap(), one["text"].as_str().unwrap()))
        .collect();
    assert_eq!(sentences, [("1.1", "Notices."), ("2.1", "Mr. Tarsk spoke on 3 June."), ("2.2", "Құрылтай ашылды.")]);
    for (body, status) in [(json!({"text": 5}), 400), (json!({}), 400)] {
        assert_eq!(posted(to, "/api/v1/split", &[], &body).0, status, "{body}");
    }
}

#[test]
fn an_entity_is_told_with_its_conflicts_and_through_the_word_that_is_asked() {
    let (_running, to) = started(Engine::builtin().unwrap(), Config::default());
    let court = got(to, "/api/v1/entity/constitutional-court?as_of=2022-06-01");
    assert!(list(&court["conflicts"], "items").count() > 0 && court.get("holds").is_some(), "{court:#}");
    let kinds: BTreeSet<&str> = list(&court["facts"], "items").filter_map(|fact| fact["kind"].as_str()).collect();
    assert!(kinds.iter().all(|kind| court["relations"].get(kind).is_some()), "{kinds:?}");
    let told = got(to, "/api/v1/entity/constitutional-court?according_to=003");
    let sources: BTreeSet<&str> = list(&told["facts"], "items")
        .flat_map(|fact| list(fact, "evidence"))
        .filter_map(|place| place["source"].as_str())
        .collect();
    assert_eq!(sources, BTreeSet::from(["003"]));
    let by_number = got(to, &format!("/api/v1/entity/@{}", court["element_id"].as_str().unwrap()));
    assert_eq!(by_number["id"], court["id"]);
    for (path, status) in
        [("@99999999", 400), ("nobody-at-all", 400), ("kazakhstan?as_of=soon", 400), ("kazakhstan?according_to=9", 400)]
    {
        assert_eq!(asked(to, "GET", &format!("/api/v1/entity/{path}"), &[], "").0, status, "{path}");
    }
    let found = got(to, "/api/v1/find?q=%D2%9B%D2%B1%D1%80%D1%8B%D0%BB&prefix=1");
    let first = &found["items"][0];
    assert_eq!((&first["id"], &first["documents"]), (&json!("national-kurultai"), &json!(2)), "{found:#}");
}

#[test]
fn what_is_drawn_has_its_place_and_every_date_its_days() {
    let folder = repository("examples/communes-manche");
    let (_running, to) = started(Engine::from_folder(&folder).unwrap(), Config::default());
    let rows =
        posted(to, "/api/v1/query", &[], &json!({"query": "MATCH (a)-[:`merged-into`]->() RETURN a.id LIMIT 3"})).1;
    for id in list(&rows, "rows").filter_map(|row| row[0].as_str()) {
        let drawn = got(to, &format!("/api/v1/trace/{id}.timeline"));
        let bodies = list(&drawn, "bodies").count();
        let mut order: Vec<u64> = list(&drawn, "order").filter_map(Json::as_u64).collect();
        order.sort_unstable();
        assert_eq!(order, (0..bodies as u64).collect::<Vec<_>>(), "each body once: {drawn:#}");
        let dated = list(&drawn, "links").filter(|link| link["when"]["edtf"] != "");
        assert!(
            dated.clone().count() > 0 && dated.clone().all(|link| link["when"]["drawn"][0].is_number()),
            "{drawn:#}"
        );
    }
    let body = json!({"query": "MATCH (a)-[r:`merged-into`]->(b) RETURN a, r, b LIMIT 12"});
    let (status, drawn) = posted(to, "/api/v1/view", &[], &body);
    assert_eq!(status, 200, "{drawn:#}");
    let boxes: Vec<Vec<f64>> =
        list(&drawn, "nodes").map(|node| list(node, "box").filter_map(Json::as_f64).collect()).collect();
    for (at, one) in boxes.iter().enumerate() {
        for other in &boxes[at + 1..] {
            let apart = one[0] + one[2] <= other[0] || other[0] + other[2] <= one[0];
            assert!(apart || one[1] + one[3] <= other[1] || other[1] + other[3] <= one[1], "{one:?} on {other:?}");
        }
    }
    assert!(list(&drawn, "links").all(|link| list(link, "points").count() > 1), "{drawn:#}");
    assert!(list(&drawn, "links").all(|link| list(link, "citations").count() > 0), "each has its places: {drawn:#}");
    let (_, some) = posted(to, "/api/v1/view", &[], &json!({"nodes": [rows["rows"][0][0]]}));
    assert_eq!((list(&some, "nodes").count(), &some["truncated"]), (1, &json!(false)));
    for (body, status) in
        [(json!({"query": "CREATE (:x)"}), 400), (json!({"nodes": ["nobody"]}), 400), (json!({"other": 1}), 400)]
    {
        assert_eq!(posted(to, "/api/v1/view", &[], &body).0, status, "{body}");
    }
}

/// What a page saves, and what the command draws of the view that keeps the page, are the same bytes.
#[test]
fn a_view_is_drawn_by_the_command_as_the_page_saves_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, to) = started(Engine::builtin().unwrap(), Config::default());
    let query = "MATCH (a:institution {id: $who})-[r]->(b) RETURN a, r, b LIMIT 6";
    let style = "[[rule]]\nkind = \"institution\"\ncolour = \"#aa2211\"\n";
    for (name, path, parameters, body) in [
        (
            "answer",
            "/query",
            json!({"q": query, "p.who": "constitutional-court", "style": style}),
            json!({"query": query, "params": {"who": "constitutional-court"}, "style": style}),
        ),
        ("near", "/graph", json!({"ids": "constitutional-court"}), json!({"around": "constitutional-court"})),
        (
            "these",
            "/graph",
            json!({"ids": "constitutional-court,kazakhstan", "all": "1"}),
            json!({"nodes": ["constitutional-court", "kazakhstan"]}),
        ),
        (
            "way",
            "/graph",
            json!({"ids": "national-kurultai", "to": "constitutional-court"}),
            json!({"between": ["national-kurultai", "constitutional-court"]}),
        ),
        ("lineage", "/lineage/National%20Kurultai", json!({"direction": "backward"}), Json::Null),
    ] {
        let saved = match body {
            Json::Null => asked(to, "GET", "/api/v1/trace/National%20Kurultai.svg?direction=backward", &[], "").1,
            body => {
                let json = [("Content-Type", "application/json")];
                let (status, svg) = asked(to, "POST", "/api/v1/view/svg", &json, &body.to_string());
                assert_eq!(status, 200, "{name}: {svg}");
                svg
            }
        };
        assert!(saved.starts_with("<svg"), "{name}: {saved}");
        let parameters: Vec<String> =
            parameters.as_object().unwrap().iter().map(|(key, value)| format!("{key:?} = {value}\n")).collect();
        let view = format!("title = \"T\"\npath = {path:?}\n[parameters]\n{}", parameters.concat());
        std::fs::write(folder.path().join(format!("{name}.view.toml")), view).unwrap();
        let views = folder.path().to_str().unwrap();
        let drawn = shejire(&["view", name, "--views", views, "--builtin", "--svg", "-"], b"").well();
        assert!(drawn == saved, "{name} is drawn otherwise");
    }
    std::fs::write(folder.path().join("read.view.toml"), "path = \"/conflicts\"\n").unwrap();
    let views = folder.path().to_str().unwrap();
    let failed = shejire(&["view", "read", "--views", views, "--builtin", "--svg", "-"], b"");
    assert!(failed.code == 1 && failed.err.contains("has no picture"), "{}", failed.err);
    assert_eq!(shejire(&["view", "near", "--views", views, "--builtin"], b"").code, 2, "no form is named");
    let listed = shejire(&["view", "--views", views, "--format", "csv"], b"").well();
    assert_eq!(listed.lines().nth(1), Some("answer,T,/query,"), "{listed}");
    for (form, body) in [("gif", json!({"around": "kazakhstan"})), ("svg", json!({"around": "nobody-at-all"}))] {
        let json = [("Content-Type", "application/json")];
        assert_eq!(asked(to, "POST", &format!("/api/v1/view/{form}"), &json, &body.to_string()).0, 400, "{form}");
    }
    let (status, told) =
        posted(to, "/api/v1/view", &[], &json!({"around": "kazakhstan", "style": "[[rule]]\ncolor = 1"}));
    assert!(status == 400 && told.to_string().contains("line 2"), "{told}");
}

/// What differs in the whole graph, between days of the world and between what could be read on two days.
#[test]
fn changes_are_told_between_days_and_between_editions() {
    let folder = repository("examples/communes-manche");
    let (_running, to) = started(Engine::from_folder(&folder).unwrap(), Config::default());
    let world = got(to, "/api/v1/changes?from=2015-12-31&to=2016-01-02");
    let sorts: BTreeSet<(&str, &str)> =
        list(&world, "items").map(|one| (one["change"].as_str().unwrap(), one["what"].as_str().unwrap())).collect();
    assert!(sorts.contains(&("began", "body")) && sorts.contains(&("ended", "body")), "{sorts:?}");
    assert!(list(&world, "items").any(|one| list(one, "places").count() > 0));

    // what the list of 2024 alone says was not said before, and nothing that the one of 2017 says is new
    let editions = got(to, "/api/v1/changes?known_from=2017-01-01&limit=20000");
    let added: Vec<&Json> = list(&editions, "items").filter(|one| one["change"] == "added").collect();
    assert!(added.len() > 400, "{}", added.len());
    for one in added {
        let places: Vec<&str> = list(one, "places").map(|place| place.as_str().unwrap()).collect();
        assert!(!places.iter().any(|place| place.starts_with("hist:")), "{one:#}");
    }
    assert!(list(&editions, "items").all(|one| one["change"] != "gone"), "who reads more knows no less");
    assert_eq!(got(to, "/api/v1/changes?known_from=2024-01-01")["total"], json!(0));

    let crosswalk = got(to, "/api/v1/crosswalk?from=2010&to=2024");
    let ways: BTreeSet<&str> = list(&crosswalk, "items").map(|one| one["way"].as_str().unwrap()).collect();
    assert!(ways.contains("merged") && ways.contains("same"), "{ways:?}");
    assert!(
        list(&crosswalk, "items").filter(|one| one["way"] == "merged").all(|one| list(one, "citations").count() > 0)
    );
    for wrong in
        ["changes", "changes?from=2010", "changes?from=2010&to=2000", "changes?known_to=2017", "crosswalk?from=soon"]
    {
        assert_eq!(asked(to, "GET", &format!("/api/v1/{wrong}"), &[], "").0, 400, "{wrong}");
    }
}
