//! Every row with the places in the documents that it rests on.
//!
//! ```text
//! National Council of Public Trust became National Kurultai: 000:11.1, 000:39.1, 001:22.1
//!   000 Non-Paper: Strengthening Human Rights and Democratic Reforms in Kazakhstan
//!   001 Press-service summary of reforms
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use std::collections::BTreeSet;

use shejire::{Engine, Result};

fn main() -> Result<()> {
    let engine = Engine::builtin()?;
    let rows =
        engine.query("MATCH (a)-[:`transformed-into`]->(b) RETURN a.name AS before, b.name AS after").cite().rows()?;
    for row in &rows {
        let places: Vec<&str> = row.citations().iter().map(|place| &*place.locator).collect();
        println!("{} became {}: {}", row.get::<&str>("before")?, row.get::<&str>("after")?, places.join(", "));
        let documents: BTreeSet<&str> = row.citations().iter().map(|place| &*place.source).collect();
        for source in engine.sources().iter().filter(|source| documents.contains(&*source.id)) {
            println!("  {} {}", source.id, source.title);
        }
    }
    Ok(())
}
