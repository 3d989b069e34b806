//! What every reader must do, whatever bytes come: it ends, with a graph or with an error that says something; and the graph
//! it makes is sound and comes back from our own lines as it is.
#![allow(dead_code)]

use std::io::Cursor;

use shejire::Engine;
use shejire::engine::Limits;
use shejire::io::read::into_graph::{IntoGraph, Known};
use shejire::io::read::neo4j_csv::{self, Begins, Dialect, File, Group};
use shejire::io::read::{NO_TYPE, document, gexf, gml, graphml, jsonl, rdf, script};
use shejire::io::{How, ReadAs, Subgraph, format};

/// Reads bytes in the format of this name.
pub fn check(name: &str, bytes: &[u8]) {
    if let Some(graph) = read(name, bytes) {
        comes_back(&graph);
    }
}

fn read(name: &str, bytes: &[u8]) -> Option<Subgraph> {
    let engine = Engine::in_memory();
    let read = format(name).and_then(|format| format.read).expect("a format that is read");
    // half of them as into a new store, half beside what is there
    let bulk = bytes.len() % 2 == 0;
    let done = engine.change(|to| {
        to.graph.bulk(bulk);
        let mut sink = IntoGraph::new(to, Known::default());
        sink.join_on((bytes.len() % 3 == 0).then_some("id"));
        // every other problem is skipped
        let mut problems = 0;
        let mut problem = |error: shejire::Error| {
            said(&error);
            problems += 1;
            if problems % 2 == 0 { Err(error) } else { Ok(()) }
        };
        match read {
            ReadAs::JsonLines => jsonl::read(&mut &bytes[..], "x", &mut sink, &mut problem),
            ReadAs::Json => document::read(&mut &bytes[..], "x", &mut sink, &mut problem),
            ReadAs::GraphMl => graphml::read(&mut &bytes[..], "x", &mut sink, &mut problem),
            ReadAs::Gexf => gexf::read(&mut &bytes[..], "x", &mut sink, &mut problem),
            ReadAs::Gml => gml::read(&mut &bytes[..], "x", &mut sink, &mut problem),
            ReadAs::Rdf(syntax) => {
                let input = Box::new(Cursor::new(bytes.to_vec()));
                rdf::read(input, "x", syntax, Some("http://example.org/"), &mut sink, &mut problem)
            }
            ReadAs::Tables => tables(bytes, &mut sink, &mut problem),
            _ => unreachable!("read by targets of their own"),
        }?;
        sink.finish();
        to.graph.bulk(false);
        Ok(())
    });
    match done {
        Ok(()) => Some(Subgraph::whole(&engine).expect("a graph in memory")),
        Err(error) => {
            said(&error);
            None
        }
    }
}

fn tables(
    bytes: &[u8],
    sink: &mut IntoGraph<'_>,
    problem: &mut dyn FnMut(shejire::Error) -> shejire::Result<()>,
) -> shejire::Result<()> {
    let mut dialect = Dialect { ignore_extra_columns: bytes.len() % 5 == 0, ..Dialect::default() };
    dialect.delimiter = neo4j_csv::guess_delimiter(&mut &bytes[..])?;
    let mut records = dialect.records(Cursor::new(bytes.to_vec()))?;
    let header = neo4j_csv::read_any_header(&mut records, "x", &mut dialect)?;
    let group = Group { labels: vec!["L".into()], ty: Some(NO_TYPE.into()) };
    let file = File { name: "x", header: &header, begins: Begins::BehindHeader };
    neo4j_csv::read(Box::new(records), file, &group, &dialect, sink, problem)
}

/// An error says something, and can be shown.
pub fn said(error: &shejire::Error) {
    assert!(!error.message().is_empty());
    let _ = error.render("", None, false);
}

/// The graph is sound, and comes back from our own lines.
pub fn comes_back(graph: &Subgraph) {
    let wanted = lines(graph);
    let engine = Engine::in_memory();
    engine
        .change(|to| {
            let mut sink = IntoGraph::new(to, Known::default());
            jsonl::read(&mut wanted.as_bytes(), "x", &mut sink, &mut |e| Err(e))
        })
        .unwrap_or_else(|error| panic!("{error}\n{wanted}"));
    assert_eq!(engine.check().expect("a graph in memory"), Vec::<String>::new());
    assert_eq!(lines(&Subgraph::whole(&engine).expect("a graph in memory")), wanted);
}

fn lines(graph: &Subgraph) -> String {
    let Some(How::Stream(write)) = format("jsonl").and_then(|format| format.write) else { unreachable!("a stream") };
    let mut out = Vec::new();
    write(graph, &mut out).expect("memory");
    String::from_utf8(out).expect("text")
}

/// Runs the statements of a script, each within limits.
pub struct Run(pub Engine);

impl script::Runs for Run {
    fn run(&mut self, text: &str) -> shejire::Result<()> {
        let limits = Limits {
            time: Some(std::time::Duration::from_millis(200)),
            memory: Some(32 << 20),
            rows: Some(10_000),
            ..Limits::default()
        };
        self.0.query(text).limits(limits).rows().map(drop)
    }

    fn param(&mut self, name: &str, expression: &str) -> shejire::Result<()> {
        assert!(!name.is_empty());
        self.run(&format!("RETURN {expression} AS value"))
    }

    fn passed_over(&mut self, what: &str) {
        assert!(!what.is_empty());
    }
}
