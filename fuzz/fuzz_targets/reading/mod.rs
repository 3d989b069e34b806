//! What every reader must do, whatever bytes come: it ends, with a graph or with an error that says something; and the graph
//! it makes is sound and comes back from our own lines as it is.
#![allow(dead_code)]

use std::io::Cursor;

use shejire::Engine;
use shejire::engine::Limits;
use shejire::inside::script;
use shejire::io::read::{IntoGraph, Known};
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
        to.bulk(bulk);
        let mut sink = IntoGraph::new(to, Known::default());
        sink.join_on((bytes.len() % 3 == 0).then_some("id"));
        // every other problem is skipped
        let mut problems = 0;
        let mut problem = |error: shejire::Error| {
            said(&error);
            problems += 1;
            if problems % 2 == 0 { Err(error) } else { Ok(()) }
        };
        let input = Box::new(Cursor::new(bytes.to_vec()));
        read.read(input, "x", Some("http://example.org/"), &mut sink, &mut problem)?;
        sink.finish();
        to.bulk(false);
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
            ReadAs::JsonLines.read(Box::new(Cursor::new(wanted.clone())), "x", None, &mut sink, &mut Err)
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
