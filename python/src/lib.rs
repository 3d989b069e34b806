//! The extension module `shejire._shejire`: what the Python package `shejire` is made of.
//!
//! ```text
//!   shejire/__init__.py ─► _shejire (this) ─► shejire::engine, ::io, ::picture, ::server, ::cli
//!      _frames _graphs _display dbapi          stop: without the interpreter's lock, until Ctrl-C
//! ```
//!
//! What Python libraries are handed is made in Python (`shejire/_frames.py` and its neighbours); what is counted, converted or waited
//! for is made here. Nothing here knows more of a graph than the engine's public types.

mod answer;
mod arrow_in;
mod arrow_out;
mod connection;
mod database;
mod entities;
mod errors;
mod picture;
mod questions;
mod reading;
mod stop;
mod temporal;
mod values;

use pyo3::prelude::*;

/// As in the program (`program/src/main.rs`): small blocks are quick, and what a statement takes is counted.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The allocator reads this name when it is first asked.
#[cfg(not(target_env = "msvc"))]
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static MALLOC_CONF: &[u8; 21] = ::shejire::memory::JEMALLOC_CONF;

#[pymodule]
mod _shejire {
    use super::*;

    #[pymodule_export]
    use super::answer::{Answer, Row};
    #[pymodule_export]
    use super::connection::{Connection, Transaction};
    #[pymodule_export]
    use super::database::{Database, builtin, dataset, memory, open};
    #[pymodule_export]
    use super::entities::{Node, Path, Relationship};
    #[pymodule_export]
    use super::picture::Picture;
    #[pymodule_export]
    use super::questions::Trace;
    #[pymodule_export]
    use super::temporal::{DateTime, Duration};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        #[cfg(not(target_env = "msvc"))]
        shejire::memory::count_by_jemalloc();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }

    /// Runs the command line; the exit code says how it went.
    #[pyfunction]
    fn main(py: Python<'_>, args: Vec<std::ffi::OsString>) -> u8 {
        py.detach(|| shejire::cli::run_on_its_stack(args, shejire::cli::is_output_closed()))
    }
}
