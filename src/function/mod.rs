//! One table of functions: name, signature, documentation, pointer. Procedures beside it.

mod procedure;

pub use procedure::{Field, NativeProcedure, Procedure, ProcedureBody};

/// A function of the language (being laid).
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
}

/// What a function may ask of the statement it runs in (being laid).
#[derive(Debug)]
pub struct CallContext<'a>(std::marker::PhantomData<&'a ()>);
