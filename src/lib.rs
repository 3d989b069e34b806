//! **shejire** keeps the descent of institutions: what became of what, by which act, when, for whom, and who says so.
//!
//! Modules stand in the order a query meets them; `ARCHITECTURE.md` draws the whole.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

// the floor: everything may use these, they use nothing above them
pub mod error;
pub mod memory;
pub mod value;

// the graph and why it is believed; its images are written and read by the store alone
#[cfg_attr(not(feature = "store"), allow(dead_code, unused_imports))]
#[doc(hidden)] // here and below: for our own program and tests, nothing that others may rely on
pub mod graph;
#[doc(hidden)]
pub mod lineage;
#[cfg_attr(not(feature = "store"), allow(dead_code, unused_imports))]
pub mod provenance;

// text to rows, one stage a folder

mod algorithm;
mod bind;

mod exec;
#[doc(hidden)]
pub mod function;

mod optimize;

mod plan;
#[doc(hidden)]
pub mod syntax;

// facts from folders, graphs on disk
#[cfg_attr(not(feature = "io"), allow(dead_code, unused_imports))] // its columns are asked for by the exports, too
pub mod dataset;
#[cfg(feature = "store")]
#[doc(hidden)]
pub mod store;

// the only file that knows the whole line
pub mod engine;

// help for whoever types a query
pub mod assist;

// how text gets into what other programs read
#[cfg(any(feature = "io", feature = "picture"))]
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))] // each part of the library has use for some of it
mod notation;

// other people's formats, pictures, the desk
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "io")]
#[cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))] // the command line writes by more of it
pub mod io;
#[cfg(feature = "picture")]
pub mod picture;
#[cfg(feature = "server")]
pub mod server;

/// The Rust programs in the recipes are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/recipes.md")]
struct Recipes;

pub use engine::Engine;
pub use error::{Error, Result};
pub use value::Value;
