//! Rows as structs of your own, by serde.
//!
//! ```text
//! ["Prosecutor's Office"] has taken over Torture investigations
//! ["Ministry of Health"] has taken over State policy on medical care for prisoners
//! ["Local authorities"] has taken over Local government (as a function)
//! 304 entities of which 15 are laws
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use serde::{Deserialize, Serialize};
use shejire::{Engine, Result};

/// What the columns of the query are called; `now_with` may be missing.
#[derive(Deserialize)]
struct Moved {
    what: String,
    now_with: Vec<String>,
}

/// What the parameters of the query are called.
#[derive(Serialize)]
struct Wanted<'a> {
    kind: &'a str,
    at_least: u32,
}

fn main() -> Result<()> {
    let engine = Engine::builtin()?;
    let rows = engine.run(
        "MATCH (what)-[:`transferred-to`]->(body)
         RETURN what.name AS what, collect(body.name) AS now_with ORDER BY what DESC",
    )?;
    for moved in rows.deserialize::<Moved>()? {
        println!("{:?} has taken over {}", moved.now_with, moved.what);
    }

    // a row is a tuple, too, and single values need no struct
    let wanted = Wanted { kind: "law", at_least: 1 };
    let rows = engine
        .query("MATCH (n:Entity) RETURN count(n) AS all, count(CASE WHEN n.kind = $kind AND support(n) >= $at_least THEN n END) AS laws")
        .params(&wanted)
        .rows()?;
    for row in &rows {
        let (all, laws): (u32, u32) = row.to()?;
        println!("{all} entities of which {laws} are laws");
    }
    Ok(())
}
