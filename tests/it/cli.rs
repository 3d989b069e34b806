//! The command line as a whole: outputs, exit codes, hostile data, closed pipes, formats that others read.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::desk::{command, installed, shejire};

#[test]
fn every_form_of_an_answer() {
    let query = "UNWIND [[1, 'a,b'], [null, '']] AS x RETURN x[0] AS n, x[1] AS `text`";
    let form = |name: &str| shejire(&["query", query, "--format", name], b"").well();
    assert_eq!(form("csv"), "n,text\r\n1,\"a,b\"\r\n,\"\"\r\n");
    assert_eq!(form("jsonl"), "{\"n\":1,\"text\":\"a,b\"}\n{\"n\":null,\"text\":\"\"}\n");
    assert_eq!(form("json"), "[\n{\"n\":1,\"text\":\"a,b\"},\n{\"n\":null,\"text\":\"\"}\n]\n");
    assert_eq!(form("markdown"), "| n | text |\n| --- | --- |\n| 1 | a,b |\n|  |  |\n");
    assert!(form("table").contains("│ 1 ┆ a,b  │"), "{}", form("table"));
}

#[test]
fn a_query_comes_as_argument_file_or_standard_input() {
    assert_eq!(shejire(&["query", "--format", "csv"], b"RETURN 1 AS x").well(), "x\r\n1\r\n");
    assert_eq!(shejire(&["query", "-", "--format", "csv"], b"RETURN 2 AS x").well(), "x\r\n2\r\n");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "RETURN $a + $b AS x").unwrap();
    let path = file.path().to_str().unwrap();
    let args = ["query", "-f", path, "--param", "a=1", "-p", "b=2", "--format", "csv"];
    assert_eq!(shejire(&args, b"").well(), "x\r\n3\r\n");
    let typed = [
        "query",
        "RETURN $d.year AS y, $l[1] AS l",
        "-p",
        "d=date('2022-06-01')",
        "-p",
        "l=[1, 'x']",
        "--format",
        "csv",
    ];
    assert_eq!(shejire(&typed, b"").well(), "y,l\r\n2022,x\r\n");
}

#[test]
fn exit_codes_say_how_it_went() {
    for (args, code) in [
        (&["query", "RETURN 1 AS x"][..], 0),
        (&["query", "RETURN"], 1),
        (&["query", "RETURN $missing AS x"], 1),
        (&["query", "RETURN 1 AS x", "--format", "xml"], 2),
        (&["fly"], 2),
        (&["query", "RETURN 1 AS x", "--param", "nonsense"], 2),
        (&["query", "--strict", "MATCH (n:NoSuchLabel) RETURN n"], 3),
        (&["query", "MATCH (n:NoSuchLabel) RETURN n"], 0),
        (&["conflicts", "--strict"], 3),
        (&["find", "qqqqqqqqzzzzzzzz"], 1),
        (&["check", "no/such/folder"], 1),
        (&["query", "-f", "no/such/file"], 1),
        (&["--version"], 0),
    ] {
        let ran = shejire(args, b"");
        assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
    }
}

/// `--strict` once held for pictures only.
#[test]
fn a_lineage_that_nobody_states_is_red_and_a_finding_under_strict() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (db, svg) = (file("x.shejire"), file("x.svg"));
    let made = "CREATE (:body {name: 'Old Board'})-[:became]->(:body {name: 'New Board'})";
    shejire(&["query", made, "--db", &db], b"").well();
    let trace = |more: &[&str]| shejire(&[&["trace", "Old Board", "--via", "became", "--db", &db], more].concat(), b"");
    assert_eq!(trace(&[]).code, 0);
    let ran = trace(&["--strict"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("no document says: Old Board became New Board"), "{}", ran.err);
    assert_eq!(trace(&["--strict", "--svg", &svg]).code, 3);
    let drawn = std::fs::read_to_string(&svg).unwrap();
    assert!(drawn.contains("no evidence") && drawn.contains("#b3261e"));
    assert_eq!(shejire(&["trace", "National Kurultai", "--strict"], b"").code, 0);
}

#[test]
fn a_lineage_in_every_form() {
    let trace = |more: &[&str]| shejire(&[&["trace", "National Kurultai"], more].concat(), b"").well();
    assert!(trace(&["--text"]).contains("◆ National Kurultai"));
    assert!(trace(&["--csv", "-"]).contains("National Council of Public Trust,transformed-into,National Kurultai"));
    let model: serde_json::Value = serde_json::from_str(&trace(&["--json", "-"])).unwrap();
    assert_eq!(model["links"][0]["type"], "transformed-into");
    assert_eq!(model["citations"][0]["facts"][0]["support"], 1);
    assert!(trace(&["--dot", "-"]).starts_with("digraph lineage {"));
    assert!(trace(&["--mermaid", "-"]).contains("flowchart TB"));
    assert!(trace(&["--html", "-"]).starts_with("<!DOCTYPE html>"));
    let dark = trace(&["--svg", "-", "--dark"]);
    assert!(dark.contains("color-scheme:dark") && !dark.contains("#ffffff"));
}

#[test]
fn a_graph_is_drawn_by_query_and_by_export_alike() {
    let query = "MATCH (a:law)-[r:protects]->(b) RETURN a, r, b";
    let by_query = shejire(&["query", query, "--svg", "-"], b"").well();
    assert_eq!(by_query, shejire(&["export", "svg", query], b"").well());
    assert!(by_query.contains("<title id=\"pic-title\">Answer</title>"));
    let framed = shejire(&["export", "svg", query, "--clusters", "--layout", "force", "--title", "Laws"], b"").well();
    assert_ne!(framed, by_query);
    assert!(framed.contains(">Laws</title>"));
    let page = shejire(&["export", "html", query], b"").well();
    assert!(page.contains("<svg") && page.contains("<caption>Relationships</caption>"));
    let whole = shejire(&["export", "svg", "--layout", "force"], b"").well();
    assert!(whole.contains("The whole graph"));
    assert_eq!(shejire(&["export", "svg", "RETURN 1 AS x"], b"").code, 1);
    assert_eq!(shejire(&["export", "svg", query, "--render", "svg"], b"").code, 2);
}

#[test]
fn an_error_shows_line_caret_and_hint() {
    let ran = shejire(&["query", "MATCH (n:law)\nRETURN m.name"], b"");
    assert!(ran.err.contains("SyntaxError / UndefinedVariable"), "{}", ran.err);
    assert!(ran.err.contains("2 | RETURN m.name\n") && ran.err.contains("^"), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}'));
    let warned = shejire(&["query", "MATCH (n:instituton) RETURN n"], b"");
    assert!(warned.err.contains("instituton") && warned.err.contains("institution"), "{}", warned.err);
}

#[test]
fn input_that_is_not_utf8_is_named_by_its_byte() {
    let ran = shejire(&["query", "-"], b"RETURN \"\xff\xfe\" AS v");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("input is not UTF-8 at byte 8"), "{}", ran.err);
}

#[test]
fn data_and_queries_cannot_command_a_terminal() {
    let acts = |c: char| {
        c.is_control() && c != '\n' && c != '\r' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let hostile = "\\u001b]0;pwned\\u0007\\u001b[2J\\u009b31m\\r\\n\\u202eevil";
    for form in ["table", "markdown", "json", "jsonl"] {
        let ran = shejire(&["query", &format!("RETURN '{hostile}' AS `a\u{9b}b`"), "--format", form], b"");
        assert!(!ran.well().chars().any(acts), "{form}");
    }
    let raw = "RETURN '\u{1b}]0;pwned\u{7}\u{202e}\u{9b}' AS x, +";
    let ran = shejire(&["query", raw], b"");
    assert_eq!(ran.code, 1);
    assert!(!ran.err.chars().any(acts), "{:?}", ran.err);
    let ran = command(&["query", raw]).env("CLICOLOR_FORCE", "1").output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(err.contains("\u{1b}[") && !err.contains("\u{1b}]") && !err.contains(['\u{202e}', '\u{9b}', '\u{7}']));
    let ran = command(&["query", raw]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!ran.stderr.contains(&0x1b));
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_disk_does_not() {
    let mut child = command(&["query", "UNWIND range(1, 300000) AS x RETURN x", "--format", "csv"]).spawn().unwrap();
    let mut first = [0; 16];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let ran = command(&["query", "RETURN 1 AS x"]).stdout(full).output().unwrap();
        assert_eq!(ran.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&ran.stderr).contains("cannot write"));
    }
}

/// However it was opened: programs that start others open it both ways, which is what Rust's runtime leaves of an output that
/// was closed.
#[cfg(unix)]
#[test]
fn what_goes_to_the_null_device_or_to_nobody_is_no_error() {
    for redirect in [">/dev/null", "1<>/dev/null", ">&-", "2>&-", "1<>/dev/null 2>&1 </dev/null"] {
        let line = format!("\"$0\" query 'RETURN 1 AS x' {redirect}");
        let program = assert_cmd::cargo::cargo_bin("shejire");
        let ran = std::process::Command::new("sh").args(["-c", &line]).arg(program).output().unwrap();
        assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]), "{redirect}");
    }
}

#[test]
fn a_filter_that_only_another_name_meets_is_warned_about() {
    let warning = "nothing has the `name` 'Republic of Kazakhstan': it is another name of 'Kazakhstan'";
    for query in [
        "MATCH (n {name: 'Republic of Kazakhstan'}) RETURN n",
        "MATCH (n) WHERE 'Republic of Kazakhstan' = n.name RETURN count(n) AS c",
        "MATCH (m) WHERE EXISTS { MATCH (m)--(n) WHERE n.name = 'Republic of Kazakhstan' } RETURN m",
    ] {
        let ran = shejire(&["query", query], b"");
        assert!(ran.err.contains(warning) && ran.err.contains("{name: 'Kazakhstan'}"), "{query}: {}", ran.err);
        assert_eq!(ran.code, 0);
    }
    let given = ["query", "MATCH (n {name: $called}) RETURN n", "--param", "called=Republic of Kazakhstan"];
    assert!(shejire(&given, b"").err.contains(warning));
    for query in [
        "MATCH (n {name: 'Kazakhstan'}) RETURN n",
        "MATCH (n {name: 'Nobody at all'}) RETURN n",
        "MATCH (n) WHERE n.name <> 'Republic of Kazakhstan' RETURN count(n) AS c",
        "MATCH (n) WHERE n.title = 'Republic of Kazakhstan' RETURN count(n) AS c",
    ] {
        let ran = shejire(&["query", query], b"");
        assert!(!ran.err.contains("another name"), "{query}: {}", ran.err);
    }
}

#[test]
fn limits_stop_a_query() {
    let query = "UNWIND range(1, 10000) AS a UNWIND range(1, 1000000) AS b RETURN count(*) + sum(a % 7) AS n";
    let started = std::time::Instant::now();
    let ran = shejire(&["query", query, "--timeout", "300ms"], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("LimitExceeded / Time"), "{}", ran.err);
    assert!(started.elapsed() < std::time::Duration::from_secs(5));
    let ran = shejire(&["query", "UNWIND range(1, 10) AS x RETURN x", "--max-rows", "3"], b"");
    assert!(ran.err.contains("LimitExceeded / Rows"), "{}", ran.err);
    let ran =
        shejire(&["query", "UNWIND range(1, 3000000) AS x RETURN size(collect(x)) AS n", "--memory", "1MiB"], b"");
    assert!(ran.err.contains("LimitExceeded / Memory"), "{}", ran.err);
}

#[test]
fn the_lineage_of_the_kurultai_by_any_of_its_names() {
    let whole = shejire(&["trace", "National Kurultai", "--format", "csv"], b"").well();
    assert!(whole.contains("transformed-into,National Council of Public Trust,National Kurultai"), "{whole}");
    assert!(whole.contains("000:11.1, 000:39.1, 001:22.1"), "{whole}");
    for name in ["құрылтай", "Qurultay", "national kurultai", "national-kurultai"] {
        assert_eq!(shejire(&["trace", name, "--format", "csv"], b"").well(), whole, "{name}");
    }
    let court = shejire(&["trace", "Constitutional Court", "--format", "csv"], b"").well();
    assert!(court.contains("re-established") && court.contains("established"), "{court}");
    // homonyms are listed, never guessed
    let ran = shejire(&["evidence", "Commissioner"], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("NameAmbiguous") && ran.err.contains("commissioner-for-human-rights"), "{}", ran.err);
}

#[test]
fn conflicts_and_evidence_are_listed() {
    assert_eq!(shejire(&["conflicts", "--format", "jsonl"], b"").well().lines().count(), 15);
    let facts =
        shejire(&["evidence", "Constitutional Court", "--relation", "re-established", "--format", "csv"], b"").well();
    assert!(facts.contains("Kazakhstan,re-established,Constitutional Court,3,"), "{facts}");
    let found = shejire(&["find", "Republic", "--format", "csv"], b"").well();
    assert!(found.contains("Respublica") && found.contains("Republic of Kazakhstan"), "{found}");
}

#[test]
fn schema_explain_check_and_help_answer() {
    assert!(shejire(&["schema", "--format", "csv"], b"").well().contains("type,transformed-into,"));
    assert!(!shejire(&["explain", "MATCH (n:law) RETURN n.name"], b"").well().is_empty());
    assert!(shejire(&["check"], b"").well().contains("705 mentions"));
    assert!(shejire(&["query", "--help"], b"").well().contains("Examples:"));
    assert!(shejire(&["man"], b"").well().contains(".TH shejire 1"));
}

#[test]
fn a_format_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.graphml");
    shejire(&["export", "graphml", "-o", file.to_str().unwrap()], b"").well();
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</graphml>\n"));
    let ran = shejire(&["export", "graphml", "RETURN 1 AS x", "-o", file.to_str().unwrap()], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("no node and no relationship"), "{}", ran.err);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn graphviz_draws_every_neighbourhood_without_a_warning() {
    if !installed("dot", &["-V"]) {
        let ran = shejire(&["export", "dot", "MATCH (n:law) RETURN n", "--render", "svg"], b"");
        assert!(ran.code == 1 && ran.err.contains("Graphviz is not installed"), "{}", ran.err);
        return;
    }
    let ids = shejire(&["query", "MATCH (n:Entity) RETURN n.id AS id", "--format", "csv"], b"").well();
    let mut drawn = 0;
    for id in ids.lines().skip(1) {
        let query = "MATCH (n {id: $id}) OPTIONAL MATCH (n)-[r]-(m) RETURN n, r, m";
        let dot = shejire(&["export", "dot", query, "-p", &format!("id=\"{id}\"")], b"").well();
        let mut child = Command::new("dot")
            .arg("-Tsvg")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), dot.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{id}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        drawn += 1;
    }
    assert!(drawn >= 300, "{drawn}");
}

#[test]
fn an_import_is_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("p.csv"), "id:ID(P){id-type:long},name\n1,Ada\n2,\n").unwrap();
    std::fs::write(path("r.csv"), ":START_ID(P),:END_ID(P)\n1,2\n2,9\n").unwrap();
    let (store, nodes, rels) = (path("g.shejire"), format!("P={}", path("p.csv")), format!("F={}", path("r.csv")));
    let args = ["import", "--db", &store, "--nodes", &nodes, "--relationships", &rels];
    let ran = shejire(&args, b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("r.csv, line 3: there is no node 9 in P"), "{}", ran.err);
    assert!(!std::path::Path::new(&store).exists());
    shejire(&[&args[..], &["--on-error", "skip"]].concat(), b"").well();
    let count = "MATCH (n) OPTIONAL MATCH (n)-[r:F]->() RETURN count(DISTINCT n) AS n, count(r) AS r";
    assert_eq!(shejire(&["query", "--db", &store, count, "--format", "csv"], b"").well(), "n,r\r\n2,1\r\n");
    // into a store that is there: all in one transaction, and nothing of it when it fails
    assert_eq!(shejire(&args, b"").code, 1);
    assert_eq!(shejire(&["query", "--db", &store, count, "--format", "csv"], b"").well(), "n,r\r\n2,1\r\n");
}

#[test]
fn completions_load_in_the_shells_that_are_installed() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, args, ask) in [
        ("bash", &["--norc", "--noprofile", "-c"][..], "source FILE && complete -p shejire"),
        ("zsh", &["-f", "-c"], "autoload -U compinit && compinit -u -D && source FILE && print $_comps[shejire]"),
        ("fish", &["--no-config", "-c"], "source FILE; complete -C 'shejire evid'"),
        ("powershell", &[], ""),
        ("elvish", &[], ""),
        ("nushell", &[], ""),
    ] {
        let script = shejire(&["completions", shell], b"").well();
        assert!(script.contains("evidence") && script.contains("shell"), "{shell}");
        if ask.is_empty() || !installed(shell, &["--version"]) {
            continue;
        }
        let file = folder.path().join(shell);
        std::fs::write(&file, script).unwrap();
        let ask = ask.replace("FILE", file.to_str().unwrap());
        let said = Command::new(shell).args(args).arg(ask).env("HOME", folder.path()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(said.status.success() && err.is_empty(), "{shell}: {err}");
        assert!(out.contains("shejire") || out.contains("evidence"), "{shell}: {out}");
    }
}

#[test]
fn every_command_has_a_page_and_teaches_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    shejire(&["man", "-o", out], b"").well();
    let help = shejire(&["--help"], b"").well();
    let listed = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty() && *name != "help").collect();
    assert!(names.len() >= 14, "{names:?}");
    for name in names {
        assert!(folder.path().join(format!("shejire-{name}.1")).exists(), "{name}");
        assert!(shejire(&[name, "--help"], b"").well().contains("Examples:\n  "), "{name} --help has no example");
    }
}
