//! A million rows, of which a few thousand are in memory at once.
//!
//! ```text
//! 1000000 rows, the last one is n999999
//! the stream took less than 40 MB
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use shejire::{Engine, Result};

fn main() -> Result<()> {
    let engine = Engine::in_memory();
    engine.run("UNWIND range(0, 999999) AS i CREATE (:N {i: i, name: 'n' + toString(i)})")?;

    let before = memory();
    let (mut most, mut rows, mut last) = (before, 0, String::new());
    for record in engine.query("MATCH (n:N) RETURN n, n.name AS name").stream()? {
        let record = record?;
        last = record.get("name")?;
        rows += 1;
        if rows % 50_000 == 0 {
            most = most.max(memory());
        }
    }
    println!("{rows} rows, the last one is {last}");
    let took = (most - before) >> 20;
    println!("the stream took {} 40 MB", if took < 40 { "less than" } else { "MORE THAN" });
    Ok(())
}

/// What the process holds, in bytes; where the system does not say, nothing.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) << 10
}
