//! The server as its clients meet it: raw sockets on ports of this machine that were free.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value as Json, json};
use shejire::Engine;
use shejire::server::{Config, Running, Tls, serve};

const TOKEN: &str = "a token of tests";

fn started(write: bool) -> Running {
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let token = write.then(|| TOKEN.to_owned());
    serve(Engine::builtin().unwrap(), Config { http: any, bolt: any, write, token, ..Config::default() }).unwrap()
}

// ── Bolt ──

/// A client that speaks as little as it must.
struct Bolt(TcpStream);

fn text(out: &mut Vec<u8>, text: &str) {
    match text.len() {
        len @ 0..=15 => out.push(0x80 + len as u8),
        len => out.extend([0xD1, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(text.as_bytes());
}

fn map(out: &mut Vec<u8>, entries: &[(&str, &str)]) {
    out.push(0xA0 + entries.len() as u8);
    for (key, value) in entries {
        text(out, key);
        text(out, value);
    }
}

impl Bolt {
    fn connect(to: SocketAddr, minor: u8, major: u8) -> (Self, [u8; 4]) {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut hello = vec![0x60, 0x60, 0xB0, 0x17, 0, 0, minor, major];
        hello.extend([0; 12]);
        stream.write_all(&hello).unwrap();
        let mut chosen = [0; 4];
        stream.read_exact(&mut chosen).unwrap();
        (Self(stream), chosen)
    }

    /// Connected, and known to the server.
    fn ready(to: SocketAddr, minor: u8, major: u8, token: &str) -> Self {
        let (mut bolt, chosen) = Self::connect(to, minor, major);
        assert_eq!(chosen, [0, 0, minor, major]);
        let auth = [("scheme", "basic"), ("principal", "x"), ("credentials", token)];
        let logs_on = (major, minor) >= (5, 1);
        bolt.send(0x01, |out| if logs_on { map(out, &[("user_agent", "test")]) } else { map(out, &auth) });
        assert_eq!(bolt.answer().0, 0x70);
        if logs_on {
            bolt.send(0x6A, |out| map(out, &auth));
            assert_eq!(bolt.answer().0, 0x70);
        }
        bolt
    }

    /// A message of one field.
    fn send(&mut self, tag: u8, field: impl FnOnce(&mut Vec<u8>)) {
        let mut message = vec![0xB1, tag];
        field(&mut message);
        self.raw(&message);
    }

    fn raw(&mut self, message: &[u8]) {
        let mut out = (message.len() as u16).to_be_bytes().to_vec();
        out.extend_from_slice(message);
        out.extend([0, 0]);
        self.0.write_all(&out).unwrap();
    }

    fn run(&mut self, query: &str, extra: &[(&str, &str)]) {
        let mut message = vec![0xB3, 0x10];
        text(&mut message, query);
        map(&mut message, &[]);
        map(&mut message, extra);
        self.raw(&message);
        self.send(0x3F, |out| {
            out.push(0xA1);
            text(out, "n");
            out.push(0xFF); // -1: all rows
        });
    }

    /// The tag of the next message, and its bytes.
    fn answer(&mut self) -> (u8, Vec<u8>) {
        let mut message = Vec::new();
        loop {
            let mut len = [0; 2];
            self.0.read_exact(&mut len).unwrap();
            let len = usize::from(u16::from_be_bytes(len));
            if len == 0 && !message.is_empty() {
                return (message[1], message);
            }
            let at = message.len();
            message.resize(at + len, 0);
            self.0.read_exact(&mut message[at..]).unwrap();
        }
    }

    /// The tags of the answers to RUN and PULL, up to the last one, with what it says.
    fn answers(&mut self) -> (Vec<u8>, Vec<u8>) {
        let mut tags = Vec::new();
        loop {
            let (tag, message) = self.answer();
            tags.push(tag);
            let ended = tags.iter().filter(|tag| **tag != 0x71).count();
            if ended == 2 {
                return (tags, message);
            }
        }
    }

    fn is_closed(&mut self) -> bool {
        let mut sink = [0; 256];
        loop {
            match self.0.read(&mut sink) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        }
    }
}

fn says(message: &[u8], text: &str) -> bool {
    message.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn every_version_of_bolt_answers() {
    let server = started(false);
    for (major, minor) in [(5, 4), (5, 3), (5, 2), (5, 1), (5, 0), (4, 4), (4, 3), (4, 2), (4, 1)] {
        let mut bolt = Bolt::ready(server.bolt().unwrap(), minor, major, "");
        bolt.run("MATCH p = (:law)-[]->() RETURN p, datetime('2020-01-01T10:00:00+05:00') LIMIT 3", &[]);
        let (tags, last) = bolt.answers();
        assert_eq!(tags, [0x70, 0x71, 0x71, 0x71, 0x70], "Bolt {major}.{minor}");
        assert!(says(&last, "has_more") && says(&last, "sj:"), "Bolt {major}.{minor}");
    }
    let (mut bolt, chosen) = Bolt::connect(server.bolt().unwrap(), 0, 3);
    assert!(chosen == [0; 4] && bolt.is_closed(), "a version that is not spoken");
}

#[test]
fn nobody_does_anything_before_logging_on() {
    let server = started(true);
    let run = |bolt: &mut Bolt| bolt.run("RETURN 1", &[]);
    let reset = |bolt: &mut Bolt| bolt.raw(&[0xB0, 0x0F]);
    let wrong = |bolt: &mut Bolt| bolt.send(0x6A, |out| map(out, &[("scheme", "basic"), ("credentials", "no")]));
    let each: [&dyn Fn(&mut Bolt); 3] = [&run, &reset, &wrong];
    for does in each {
        let (mut bolt, _) = Bolt::connect(server.bolt().unwrap(), 4, 5);
        bolt.send(0x01, |out| map(out, &[("user_agent", "test")]));
        assert_eq!(bolt.answer().0, 0x70);
        does(&mut bolt);
        assert_eq!(bolt.answer().0, 0x7F);
        assert!(bolt.is_closed());
    }
}

#[test]
fn what_writes_is_refused_unless_it_is_allowed() {
    let closed = started(false);
    let mut bolt = Bolt::ready(closed.bolt().unwrap(), 4, 5, "");
    bolt.run("CREATE (:X)", &[]);
    let (tag, message) = bolt.answer();
    assert!(tag == 0x7F && says(&message, "Neo.ClientError.Statement.AccessMode"));
    assert_eq!(bolt.answer().0, 0x7E, "the PULL after it is passed over");
    bolt.raw(&[0xB0, 0x0F]);
    assert_eq!(bolt.answer().0, 0x70, "RESET makes it ready again");

    let open = started(true);
    let mut bolt = Bolt::ready(open.bolt().unwrap(), 4, 5, TOKEN);
    bolt.run("CREATE (:X)", &[("mode", "r")]);
    assert_eq!(bolt.answer().0, 0x7F);
    assert_eq!(bolt.answer().0, 0x7E);
    bolt.raw(&[0xB0, 0x0F]);
    assert_eq!(bolt.answer().0, 0x70);
    bolt.run("CREATE (:X)", &[]);
    let (tags, last) = bolt.answers();
    assert!(tags == [0x70, 0x70] && says(&last, "nodes-created"));
}

#[test]
fn a_reset_stops_the_statement_that_runs() {
    let server = started(false);
    let mut bolt = Bolt::ready(server.bolt().unwrap(), 4, 5, "");
    bolt.run(
        "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a * b % 7919 = 5 RETURN count(*)",
        &[],
    );
    std::thread::sleep(Duration::from_millis(300));
    bolt.raw(&[0xB0, 0x0F]);
    // the time limit is 30 s, and a read waits for 20: an answer is one to the RESET
    let tags: Vec<u8> = (0..3).map(|_| bolt.answer().0).collect();
    assert_eq!(tags, [0x7E, 0x7E, 0x70]);
    bolt.run("RETURN 1", &[]);
    assert_eq!(bolt.answers().0, [0x70, 0x71, 0x70]);
}

#[test]
fn a_transaction_is_kept_or_rolled_back() {
    let server = started(true);
    let count = |bolt: &mut Bolt| {
        bolt.run("MATCH (x:Kept) RETURN x", &[]);
        bolt.answers().0.iter().filter(|tag| **tag == 0x71).count()
    };
    let mut bolt = Bolt::ready(server.bolt().unwrap(), 4, 5, TOKEN);
    for (end, kept) in [(0x13, 0), (0x12, 1)] {
        bolt.send(0x11, |out| map(out, &[]));
        assert_eq!(bolt.answer().0, 0x70);
        bolt.run("CREATE (:Kept)", &[]);
        assert_eq!(bolt.answers().0, [0x70, 0x70]);
        assert_eq!(count(&mut bolt), 1, "its own writes");
        bolt.raw(&[0xB0, end]);
        assert_eq!(bolt.answer().0, 0x70);
        assert_eq!(count(&mut bolt), kept);
    }
    bolt.send(0x11, |out| map(out, &[]));
    bolt.run("CREATE (:Kept)", &[]);
    drop(bolt); // a client that goes away has not committed
    let mut other = Bolt::ready(server.bolt().unwrap(), 4, 5, TOKEN);
    assert_eq!(count(&mut other), 1);
}

#[test]
fn messages_that_are_none_are_failures_and_not_the_end() {
    let server = started(false);
    let deep: Vec<u8> = std::iter::repeat_n(0x91, 10_000).chain([1]).collect();
    let mut nested = vec![0xB3, 0x10, 0x88];
    nested.extend(b"RETURN 1");
    nested.extend([0xA1, 0x81, b'a']);
    nested.extend(deep);
    nested.push(0xA0);
    let cases: [&[u8]; 5] = [
        &nested,
        b"\xB3\x10\x83\xFF\xFE\xFD\xA0\xA0",
        b"\xB3\x10\xD2\x7F\xFF\xFF\xFF",
        b"\xB3\x10\x88RETURN 1\xDA\xFF\xFF\xFF\xFF",
        b"\xB0\x55",
    ];
    let mut bolt = Bolt::ready(server.bolt().unwrap(), 4, 5, "");
    for case in cases {
        bolt.raw(case);
        assert_eq!(bolt.answer().0, 0x7F);
        bolt.raw(&[0xB0, 0x0F]);
        assert_eq!(bolt.answer().0, 0x70);
    }
    bolt.run("RETURN 1", &[]);
    assert_eq!(bolt.answers().0, [0x70, 0x71, 0x70]);
}

#[test]
fn connections_that_do_nothing_shut_nobody_out() {
    let server = started(false);
    let idle: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(server.bolt().unwrap()).unwrap()).collect();
    let mut bolt = Bolt::ready(server.bolt().unwrap(), 4, 5, "");
    bolt.run("RETURN 1", &[]);
    assert_eq!(bolt.answers().0, [0x70, 0x71, 0x70]);
    drop(idle);
}

// ── HTTP ──

/// Status and body of the answer to a request.
pub(crate) fn asked(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let host = to.to_string();
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head.push_str(&format!("Host: {host}\r\n"));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

pub(crate) fn posted(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &Json) -> (u16, Json) {
    let all: Vec<(&str, &str)> = headers.iter().copied().chain([JSON]).collect();
    let (status, body) = asked(to, "POST", path, &all, &body.to_string());
    (status, serde_json::from_str(&body).unwrap_or(Json::Null))
}

#[test]
fn only_who_is_meant_gets_in() {
    let server = started(false);
    let to = server.http().unwrap();
    let own = format!("http://{to}");
    let matrix: [(&[(&str, &str)], u16); 9] = [
        (&[], 202),
        (&[("Host", "localhost")], 202),
        (&[("Host", "evil.example")], 421),
        (&[("Host", "127.0.0.1.evil.example")], 421),
        (&[("Origin", &own)], 202),
        (&[("Origin", "http://evil.example")], 403),
        (&[("Origin", "null")], 403),
        (&[("Content-Encoding", "gzip")], 415),
        (&[("Expect", "")], 202),
    ];
    for (headers, status) in matrix {
        let (got, _) = posted(to, "/db/neo4j/query/v2", headers, &json!({"statement": "RETURN 1"}));
        assert_eq!(got, status, "{headers:?}");
    }
    let plain = [("Content-Type", "text/plain")];
    assert_eq!(asked(to, "POST", "/db/neo4j/query/v2", &plain, "{\"statement\":\"RETURN 1\"}").0, 415);
    assert_eq!(asked(to, "GET", "/../../etc/passwd", &[], "").0, 404);
    assert_eq!(asked(to, "GET", "/db/neo4j/query/v2", &[], "").0, 405);

    let guarded = started(true);
    let to = guarded.http().unwrap();
    let bearer = format!("Bearer {TOKEN}");
    for (shown, status) in
        [(None, 401), (Some("Bearer no"), 401), (Some("Basic eDp4"), 401), (Some(bearer.as_str()), 202)]
    {
        let headers: Vec<(&str, &str)> = shown.map(|shown| ("Authorization", shown)).into_iter().collect();
        let (got, _) = posted(to, "/db/neo4j/query/v2", &headers, &json!({"statement": "RETURN 1"}));
        assert_eq!(got, status, "{shown:?}");
    }
}

#[test]
fn the_query_api_answers_commits_and_rolls_back() {
    let server = started(true);
    let to = server.http().unwrap();
    let bearer = format!("Bearer {TOKEN}");
    let auth = [("Authorization", bearer.as_str())];
    let path = "/db/neo4j/query/v2";
    let (status, answer) =
        posted(to, path, &auth, &json!({"statement": "RETURN $a AS a, 1.5 AS b", "parameters": {"a": [1, "x"]}}));
    assert_eq!((status, &answer["data"]), (202, &json!({"fields": ["a", "b"], "values": [[[1, "x"], 1.5]]})));
    let typed = [("Authorization", bearer.as_str()), ("Accept", "application/vnd.neo4j.query")];
    let (_, answer) = posted(to, path, &typed, &json!({"statement": "RETURN date('2020-02-29') AS d"}));
    assert_eq!(answer["data"]["values"][0][0], json!({"$type": "Date", "_value": "2020-02-29"}));
    let (status, answer) = posted(to, path, &auth, &json!({"statement": "CREATE (:X)", "accessMode": "Read"}));
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &json!("Neo.ClientError.Statement.AccessMode")));

    let create = json!({"statement": "CREATE (:X)", "includeCounters": true});
    let count = json!({"statement": "MATCH (x:X) RETURN count(x) AS n"});
    for (last, kept) in [(false, 0), (true, 1)] {
        let (status, begun) = posted(to, &format!("{path}/tx"), &auth, &create);
        assert_eq!((status, &begun["counters"]["nodesCreated"]), (202, &json!(1)));
        let own = format!("{path}/tx/{}", begun["transaction"]["id"].as_str().unwrap());
        assert_eq!(posted(to, &own, &auth, &count).1["data"]["values"], json!([[1]]));
        match last {
            true => assert_eq!(posted(to, &format!("{own}/commit"), &auth, &json!({})).0, 202),
            false => assert_eq!(asked(to, "DELETE", &own, &auth, "").0, 200),
        }
        assert_eq!(posted(to, path, &auth, &count).1["data"]["values"], json!([[kept]]));
        assert_eq!(posted(to, &own, &auth, &count).0, 404, "it has ended");
    }
    assert_eq!(posted(to, "/db/other/query/v2", &auth, &count).0, 404);
}

#[test]
fn our_own_interface_cites() {
    let server = started(false);
    let to = server.http().unwrap();
    let query = "MATCH (a)-[:`transformed-into`]->(b {name: 'National Kurultai'}) RETURN a.name AS name";
    let (status, answer) = posted(to, "/api/v1/query", &[], &json!({"query": query, "cite": true}));
    assert_eq!(status, 200);
    assert_eq!(answer["rows"], json!([["National Council of Public Trust"]]));
    assert!(answer["citations"][0].as_array().is_some_and(|places| !places.is_empty()));
    let get = |path: &str| {
        let (status, body) = asked(to, "GET", path, &[], "");
        assert_eq!(status, 200, "{path}: {body}");
        body
    };
    let read = |path: &str| serde_json::from_str::<Json>(&get(path)).unwrap();
    let lineage = read("/api/v1/trace/National%20Kurultai?direction=backward");
    assert!(lineage["steps"].as_array().unwrap().iter().all(|step| !step["citations"].as_array().unwrap().is_empty()));
    assert!(get("/api/v1/trace/National%20Kurultai.svg").starts_with("<svg"));
    assert!(read("/api/v1/entity/National%20Kurultai")["facts"]["total"].as_u64() > Some(0));
    assert_eq!(read("/api/v1/find?q=kurul&prefix=1")["items"][0]["name"], "National Kurultai");
    // one of a kind is found however many of other kinds stand before it
    let many = read("/api/v1/find?q=law&limit=200");
    let last = many["items"].as_array().expect("items").last().expect("there are laws");
    let kind = last["kind"].as_str().expect("a kind");
    let first = read(&format!("/api/v1/find?q=law&limit=1&kind={kind}"));
    assert_eq!(first["items"][0]["kind"], kind);
    assert_eq!(read("/api/v1/sources")["total"], 5);
    assert!(read("/api/v1/conflicts")["total"].as_u64() > Some(0));
    assert!(get("/metrics").ends_with("# EOF\n") && get("/healthz") == "ok\n");
    let (_, problems) = posted(to, "/api/v1/check", &[], &json!({"query": "MATCH (n) RETURN m"}));
    assert_eq!((&problems["items"][0]["severity"], &problems["items"][0]["column"]), (&json!("error"), &json!(18)));
    let (_, offers) = posted(to, "/api/v1/complete", &[], &json!({"query": "MATCH (n:institu"}));
    assert!(offers["items"].to_string().contains("institution"));
    assert_eq!(asked(to, "GET", "/api/v1/trace/nobody", &[], "").0, 400);
}

/// A place that denies is told as one, and dates that differ stand each with its place.
#[test]
fn what_documents_say_otherwise_is_said() {
    let engine = Engine::in_memory();
    for text in [
        "CREATE (:court {id: 'a', name: 'A'})-[:`replaced-by`]->(:court {id: 'b', name: 'B'})",
        "UNWIND ['m', 'n', 'o'] AS id CALL source.put({id: id})",
        "MATCH ()-[r]->() CALL evidence.add(r, {locator: 'm:1', date: '2011'})",
        "MATCH ()-[r]->() CALL evidence.add(r, {locator: 'n:1', date: '2012'})",
        "MATCH ()-[r]->() CALL evidence.add(r, {locator: 'o:1', mode: 'denies'})",
    ] {
        engine.run(text).unwrap();
    }
    let http = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let server = serve(engine, Config { http, bolt: None, ..Config::default() }).unwrap();
    let to = server.http().unwrap();
    let asked = json!({"query": "MATCH ()-[r]->() RETURN r.date AS date", "cite": true});
    let (_, answer) = posted(to, "/api/v1/query", &[], &asked);
    let date = |date: &str, place: &str| json!({"$map": {"date": date, "citations": [place]}});
    assert_eq!(answer["rows"], json!([[[date("2011", "m:1"), date("2012", "n:1")]]]));
    let (_, body) = self::asked(to, "GET", "/api/v1/entity/A", &[], "");
    let entity: Json = serde_json::from_str(&body).unwrap();
    let fact = &entity["facts"]["items"][0];
    let modes: Vec<&Json> = fact["evidence"].as_array().unwrap().iter().map(|place| &place["mode"]).collect();
    assert_eq!((&fact["support"], modes), (&json!(2), vec![&Json::Null, &Json::Null, &json!("denies")]), "{entity:#}");
}

#[test]
fn a_language_model_is_given_places() {
    let server = started(false);
    let to = server.http().unwrap();
    let headers = [("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2025-06-18")];
    let call = |method: &str, params: Json| {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let all: Vec<(&str, &str)> = headers.into_iter().chain([JSON]).collect();
        asked(to, "POST", "/mcp", &all, &body.to_string())
    };
    let client =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
    let (status, answer) = call("initialize", client);
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("\"shejire\"") && answer.contains("tools"), "{answer}");
    assert_eq!(asked(to, "POST", "/mcp", &[("Host", "evil.example"), JSON], "{}").0, 421);
}

#[test]
fn what_would_not_be_safe_does_not_start() {
    let engine = || Engine::in_memory();
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let config = Config { http: any, bolt: None, ..Config::default() };
    let write = serve(engine(), Config { write: true, ..config.clone() });
    assert!(write.unwrap_err().to_string().contains("token"));
    let beyond = Some(SocketAddr::from(([0, 0, 0, 0], 0)));
    assert!(serve(engine(), Config { http: beyond, ..config.clone() }).unwrap_err().to_string().contains("token"));
    let first = serve(engine(), config.clone()).unwrap();
    let taken = serve(engine(), Config { http: first.http(), ..config });
    assert!(taken.unwrap_err().to_string().contains("--http"));
}

// ── TLS, and who is asked for what ──

/// A certificate for this machine that vouches for itself, and its key, as files.
fn certificate(dir: &std::path::Path) -> (Tls, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: dir.join("cert.pem"), key: dir.join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    only_own(&tls.key);
    (tls, made.cert.der().to_vec())
}

fn only_own(_file: &std::path::Path) {
    #[cfg(unix)]
    std::fs::set_permissions(_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// A connection by TLS to a server of whom only this certificate is believed.
fn by_tls(to: SocketAddr, believed: &[u8]) -> impl Read + Write {
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};
    let mut roots = RootCertStore::empty();
    roots.add(believed.to_vec().into()).unwrap();
    let config = ClientConfig::builder_with_provider(std::sync::Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    StreamOwned::new(ClientConnection::new(std::sync::Arc::new(config), name).unwrap(), stream)
}

/// The status of the answer to a GET, and its text.
fn got_over(mut stream: impl Read + Write, path: &str, more: &str) -> (u16, String) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n").unwrap();
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text); // a server that closes without saying so has said enough
    let text = String::from_utf8_lossy(&text).into_owned();
    (text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0), text)
}

#[test]
fn tls_is_spoken_by_http_and_bolt_and_by_nothing_else_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let (tls, believed) = certificate(dir.path());
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let config = Config { http: any, bolt: any, tls: Some(tls), ..Config::default() };
    let running = serve(Engine::builtin().unwrap(), config).unwrap();
    let (http, bolt) = (running.http().unwrap(), running.bolt().unwrap());
    let (status, answer) = got_over(by_tls(http, &believed), "/", "");
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("\"query\":\"https://") && answer.contains("bolt+s://"), "{answer}");
    assert!(running.invitation().unwrap().unwrap().starts_with("https://"));
    let mut stream = by_tls(bolt, &believed);
    let mut hello = vec![0x60, 0x60, 0xB0, 0x17, 0, 0, 4, 5];
    hello.extend([0; 12]);
    stream.write_all(&hello).unwrap();
    let mut chosen = [0; 4];
    stream.read_exact(&mut chosen).unwrap();
    assert_eq!(chosen, [0, 0, 4, 5]);
    // a browser's WebSocket on the port of Bolt
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut socket = by_tls(bolt, &believed);
    write!(socket, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n{upgrade}\r\n").unwrap();
    let mut first = [0; 12];
    socket.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 101");
    // in the clear nothing is answered
    for to in [http, bolt] {
        let plain = TcpStream::connect(to).unwrap();
        plain.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(got_over(plain, "/", "").0, 0);
    }
}

#[test]
fn certificates_that_cannot_be_used_are_told_by_their_files() {
    let dir = tempfile::tempdir().unwrap();
    let (tls, _) = certificate(dir.path());
    let other = dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let (foreign, _) = certificate(&other);
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    only_own(&empty);
    let missing = dir.path().join("missing.pem");
    for (certificate, key, file, why) in [
        (&tls.certificate, &foreign.key, &foreign.key, "is not the key of"),
        (&empty, &tls.key, &empty, "holds no certificate"),
        (&tls.certificate, &empty, &empty, "holds no private key"),
        (&missing, &tls.key, &missing, "No such file"),
        (&tls.certificate, &missing, &missing, "No such file"),
    ] {
        let tls = Some(Tls { certificate: certificate.clone(), key: key.clone() });
        let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let refused = serve(Engine::in_memory(), Config { http: any, bolt: None, tls, ..Config::default() });
        let said = refused.expect_err("it cannot speak").to_string();
        assert!(said.contains(file.to_str().unwrap()) && said.contains(why), "{said}");
    }
    #[cfg(unix)]
    {
        std::fs::set_permissions(&tls.key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let config = Config { http: any, bolt: None, tls: Some(tls), ..Config::default() };
        let said = serve(Engine::in_memory(), config).expect_err("anybody may read the key").to_string();
        assert!(said.contains("chmod 600"), "{said}");
    }
}

/// Every combination of address, right to write, token and TLS, on the command line.
#[test]
#[cfg(unix)]
fn who_may_do_what_where() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let dir = tempfile::tempdir().unwrap();
    let (tls, believed) = certificate(dir.path());
    let token = dir.path().join("token");
    std::fs::write(&token, TOKEN).unwrap();
    only_own(&token);
    for case in 0..16 {
        let [beyond, write, with_token, with_tls] = [1, 2, 4, 8].map(|bit| case & bit != 0);
        let mut command = Command::new(env!("CARGO_BIN_EXE_shejire"));
        command.args(["serve", "--bolt", "off", "--http", if beyond { "0.0.0.0:0" } else { "127.0.0.1:0" }]);
        command.env_remove("SHEJIRE_TOKEN").current_dir(dir.path()).stdin(Stdio::null());
        command.args(["--builtin"].iter().filter(|_| !write));
        let store = format!("case-{case}.shejire");
        command.args(["--db", &store, "--write"].iter().filter(|_| write));
        if with_token {
            command.arg("--token-file").arg(&token);
        }
        if with_tls {
            command.arg("--tls-cert").arg(&tls.certificate).arg("--tls-key").arg(&tls.key);
        }
        let name = format!("beyond {beyond} write {write} token {with_token} TLS {with_tls}");
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if beyond && !with_tls {
            assert_eq!(server.wait().unwrap().code(), Some(2), "{name}: {line}");
            let mut said = String::new();
            server.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            assert!(said.contains("--tls-cert") && said.contains("--insecure"), "{name}: {said}");
            continue;
        }
        let said: Json = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
        assert_eq!(said["read_only"], !write, "{name}");
        let address = said["http"].as_str().unwrap();
        assert!(address.starts_with(if with_tls { "https://" } else { "http://" }), "{name}: {address}");
        let port = address.trim_end_matches('/').rsplit_once(':').unwrap().1;
        let to = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        let get = |more: &str| match with_tls {
            true => got_over(by_tls(to, &believed), "/api/v1/info", more),
            false => got_over(TcpStream::connect(to).unwrap(), "/api/v1/info", more),
        };
        let guarded = beyond || write || with_token;
        let (status, answer) = get("");
        assert_eq!(status, if guarded { 401 } else { 200 }, "{name}: {answer}");
        assert_eq!(get("Authorization: Bearer wrong\r\n").0, if guarded { 401 } else { 200 }, "{name}");
        let mut shown = TOKEN.to_owned();
        if guarded && !with_token {
            let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map_while(Result::ok);
            let made =
                lines.find_map(|line| line.split_once("the token of this run: ").map(|(_, token)| token.to_owned()));
            shown = made.unwrap_or_else(|| panic!("{name}: no token is told"));
        }
        let (status, answer) = get(&format!("Authorization: Bearer {shown}\r\n"));
        assert_eq!(status, 200, "{name}: {answer}");
        // told where it is, it can be told to stop
        let pid = said["pid"].as_u64().unwrap().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(server.wait().unwrap().success(), "{name}");
    }
}
