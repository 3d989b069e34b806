//! One graph, many threads: readers never wait, writers take turns, and who has read what others changed begins again.
//!
//! ```text
//! 4 threads counted to 40
//! no reader saw a number go down
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use std::thread;

use shejire::error::Code;
use shejire::{Engine, Result};

const READ: &str = "MATCH (c:Counter) RETURN c.n AS n";

/// Adds one: reads by one statement and writes by another, and begins again when others came between.
fn count(engine: &Engine) -> Result<()> {
    loop {
        let mut transaction = engine.begin()?;
        let n: i64 = transaction.run(READ)?.get(0).expect("one counter").get("n")?;
        let written = transaction.query("MATCH (c:Counter) SET c.n = $n").param("n", n + 1).rows();
        match written {
            Ok(_) => return transaction.commit(),
            Err(error) if error.code() == Code::TransactionConflict => {}
            Err(error) => return Err(error),
        }
    }
}

fn main() -> Result<()> {
    let engine = Engine::in_memory();
    engine.run("CREATE (:Counter {n: 0})")?;
    thread::scope(|scope| -> Result<()> {
        let writers: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..10).try_for_each(|_| count(&engine)))).collect();
        let reader = scope.spawn(|| -> Result<bool> {
            let mut seen = 0;
            while seen < 40 {
                let n = engine.run(READ)?.get(0).expect("one counter").get("n")?;
                if n < seen {
                    return Ok(false);
                }
                seen = n;
            }
            Ok(true)
        });
        for writer in writers {
            writer.join().expect("no panic")?;
        }
        println!("4 threads counted to {}", engine.run(READ)?.get(0).expect("one counter").get::<i64>("n")?);
        let well = reader.join().expect("no panic")?;
        println!("{}", if well { "no reader saw a number go down" } else { "A READER SAW A NUMBER GO DOWN" });
        Ok(())
    })
}
