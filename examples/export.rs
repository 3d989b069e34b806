//! What a query touched, in the format of another program.
//!
//! ```text
//! digraph of 2 nodes
//! graphml of 2 nodes
//! jsonl of 2 nodes, with 2 sources and 3 mentions
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use shejire::io::{How, Subgraph, format};
use shejire::{Engine, Result};

/// The graph as text in the format of this name.
fn written(graph: &Subgraph, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    let Some(How::Stream(write)) = format(name).and_then(|format| format.write) else { return Ok(String::new()) };
    write(graph, &mut bytes).map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn main() -> Result<()> {
    let engine = Engine::builtin()?;
    let rows = engine.run("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b")?;
    let graph = Subgraph::of_answer(&engine.snapshot()?, &rows)?;
    let nodes = graph.nodes.len();

    let dot = written(&graph, "dot")?;
    println!("{} of {nodes} nodes", dot.split_whitespace().next().unwrap_or_default());
    let graphml = written(&graph, "graphml")?;
    println!("graphml of {} nodes", graphml.matches("<node ").count());
    // JSON lines carry the evidence, too: read again it is the same graph
    let jsonl = written(&graph, "jsonl")?;
    let lines = |start: &str| jsonl.lines().filter(|line| line.starts_with(start)).count();
    println!(
        "jsonl of {} nodes, with {} sources and {} mentions",
        lines("{\"$node\""),
        lines("{\"$source\""),
        jsonl.matches("\"fingerprint\"").count()
    );
    Ok(())
}
