//! **shejire** keeps the descent of institutions: what became of what, by which act, when, for whom, and who says so.
//!
//! Modules stand in the order a query meets them; `ARCHITECTURE.md` draws the whole.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// the command line brings every part and has use for all of it: what nobody uses is told by that build
#![cfg_attr(not(feature = "cli"), allow(dead_code, unreachable_pub, unused_imports))]

// the floor: everything may use these, they use nothing above them
pub mod error;
pub mod memory;
pub mod value;

// the graph and why it is believed; its images are written and read by the store alone
mod graph;
mod lineage;
pub mod provenance;

// text to rows, one stage a folder
mod algorithm;
mod bind;
mod exec;
mod function;
mod optimize;
mod plan;
mod syntax;

// facts from folders, graphs on disk
pub mod dataset;
#[cfg(feature = "store")]
mod store;

// the only file that knows the whole line
pub mod engine;

// datasets out of documents
mod authoring;

// help for whoever types a query
pub mod assist;

// how text gets into what other programs read
#[cfg(any(feature = "io", feature = "picture"))]
mod notation;

// other people's formats, pictures, the desk
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "picture")]
pub mod picture;
#[cfg(feature = "server")]
pub mod server;

/// What the tests, benches and fuzz targets of this repository ask beneath the surface. No program may rely on it.
#[doc(hidden)]
pub mod inside {
    #[cfg(feature = "cli")]
    pub use crate::cli::pipe;
    #[cfg(feature = "io")]
    pub use crate::io::read::script;

    use crate::error::Result;
    use crate::syntax;

    /// Reads a script and drops what was read.
    pub fn parse(text: &str) -> Result<()> {
        syntax::parse(text).map(drop)
    }

    /// A script as the language prints what it has read.
    pub fn printed(text: &str) -> Result<String> {
        syntax::parse(text).map(|script| syntax::print(&script))
    }

    /// A function of the language, as its reference lists it.
    #[derive(Clone, Debug)]
    pub struct Function {
        /// The name with the signature: `abs(n :: INTEGER) :: INTEGER`.
        pub signature: String,
        /// What it gives, in a line.
        pub doc: &'static str,
        /// A query of one value, and its literal; empty where that is another each time.
        pub example: (&'static str, &'static str),
    }

    /// The functions of the language, by family.
    pub fn functions() -> impl Iterator<Item = (&'static str, Vec<Function>)> {
        let listed = |f: &crate::function::Function| Function {
            signature: format!("{}{}", f.name, f.signature),
            doc: f.doc,
            example: f.example,
        };
        crate::function::families().map(move |(family, all)| (family, all.iter().map(listed).collect()))
    }
}

/// The Rust programs in the recipes are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/recipes.md")]
struct Recipes;

pub use engine::Engine;
pub use error::{Error, Result};
pub use value::Value;
