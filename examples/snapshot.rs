//! Reading one state of the graph for as long as it is needed, while others write.
//!
//! ```text
//! the snapshot has 3 laws before and 3 laws after
//! the graph has 103 laws
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use std::thread;

use shejire::{Engine, Result};

fn main() -> Result<()> {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(1, 3) AS n CREATE (:Law {number: n})")?;

    let then = engine.snapshot()?; // costs nothing, whatever the size of the graph
    let writer = engine.clone(); // another handle of the same graph
    let count = |rows: shejire::engine::Rows| rows.get(0).expect("one row").get::<i64>("laws");
    let question = "MATCH (l:Law) RETURN count(l) AS laws";

    let before = count(then.run(question)?)?;
    let written = thread::spawn(move || -> Result<()> {
        for n in 4..=103 {
            writer.query("CREATE (:Law {number: $n})").param("n", n).rows()?;
        }
        Ok(())
    });
    written.join().expect("the writer does not panic")?;
    let after = count(then.run(question)?)?;

    println!("the snapshot has {before} laws before and {after} laws after");
    println!("the graph has {} laws", count(engine.run(question)?)?);
    Ok(())
}
