//! A file in another program's format, taken into a graph whole or not at all.
//!
//! ```text
//! 3 nodes and 2 relationships
//! Ada wrote Notes on the Engine in 1843
//! refused: notes.jsonl, line 3: there is no node "7"
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use std::io::{BufRead, Cursor};

use shejire::io::ReadAs;
use shejire::io::read::{IntoGraph, Known};
use shejire::{Engine, Result};

const FILE: &str = r#"{"type":"node","id":"1","labels":["Author"],"properties":{"name":"Ada"}}
{"type":"node","id":"2","labels":["Note"],"properties":{"title":"Notes on the Engine"}}
{"type":"node","id":"3","labels":["Machine"],"properties":{"name":"Analytical Engine"}}
{"type":"relationship","id":"1","label":"WROTE","properties":{"year":1843},"start":{"id":"1"},"end":{"id":"2"}}
{"type":"relationship","id":"2","label":"ABOUT","start":{"id":"2"},"end":{"id":"3"}}
"#;

/// What was read, when all of it could be.
fn import(engine: &Engine, file: impl BufRead + Send + 'static, name: &str) -> Result<Known> {
    engine.change(|knowledge| {
        let mut sink = IntoGraph::new(knowledge, Known::default());
        // what cannot be read ends the import; to go on without it, count it and give Ok(())
        ReadAs::JsonLines.read(Box::new(file), name, None, &mut sink, &mut Err)?;
        Ok(sink.finish())
    })
}

fn main() -> Result<()> {
    let engine = Engine::in_memory();
    let known = import(&engine, FILE.as_bytes(), "authors.jsonl")?;
    println!("{} nodes and {} relationships", known.nodes, known.relationships);
    let rows =
        engine.run("MATCH (a:Author)-[w:WROTE]->(n:Note) RETURN a.name AS who, n.title AS what, w.year AS year")?;
    for row in &rows {
        println!("{} wrote {} in {}", row.get::<&str>("who")?, row.get::<&str>("what")?, row.get::<i64>("year")?);
    }
    let broken =
        FILE.lines().take(2).chain([r#"{"type":"relationship","label":"WROTE","start":{"id":"1"},"end":{"id":"7"}}"#]);
    let broken = broken.collect::<Vec<_>>().join("\n");
    if let Err(error) = import(&engine, Cursor::new(broken), "notes.jsonl") {
        println!("refused: {}", error.message());
    }
    assert_eq!(engine.snapshot()?.counts()[0], 3, "nothing of it remains");
    Ok(())
}
