//! What became of an institution, as a list and as a picture with its sources.
//!
//! ```text
//! -1 established: 000:11.1
//! -1 transformed-into: 000:11.1, 000:39.1, 001:22.1
//! an SVG that names the National Kurultai and cites 000:11.1
//! ```
#![allow(clippy::print_stdout)] // that is what an example is for

use shejire::engine::LineageRequest;
use shejire::picture::{self, Asked, Style};
use shejire::{Engine, Result};

fn main() -> Result<()> {
    let engine = Engine::builtin()?;
    let lineage = engine.lineage(&LineageRequest::of("National Kurultai"))?;
    for row in &lineage.rows()? {
        let places: Vec<String> = row.get("citations")?;
        println!("{} {}: {}", row.get::<i64>("step")?, row.get::<&str>("kind")?, places.join(", "));
    }

    let timeline = picture::lineage(&lineage, &Asked::default());
    let svg = picture::timeline_svg(&timeline, &Style::default());
    // std::fs::write("kurultai.svg", &svg)
    let says = |text: &str| if svg.contains(text) { text.to_owned() } else { format!("NOT {text}") };
    println!("an SVG that names the {} and cites {}", says("National Kurultai"), says("000:11.1"));
    Ok(())
}
