//! One table of functions: name, signature, documentation, example, pointer. Procedures beside it.
//!
//! The binder looks names up here and checks counts and types; the executor calls; `--help`, the
//! language reference and the tests read the same entries. A function sees the statement it runs in
//! only through [`CallContext`].

mod context;
mod procedure;
pub mod regex;
pub mod signature;

pub use context::{Budget, CallContext, CallState, Clock, Unlimited};
pub use procedure::{Field, NativeProcedure, Procedure, ProcedureBody};
pub use signature::{Parameter, Signature, Type};

use crate::error::{Code, Error, Result, nearest};
use crate::value::Value;

/// A function of the language.
#[derive(Debug)]
pub struct Function {
    /// Its name as documented; looked up without regard to case.
    pub name: &'static str,
    /// What it takes and gives.
    pub signature: Signature,
    /// One line for people.
    pub doc: &'static str,
    /// A query and the literal form of its only value.
    pub example: (&'static str, &'static str),
    /// What is behind it.
    pub body: Body,
    /// Whether the same arguments give the same value within a statement; only then may a call be folded or moved.
    pub deterministic: bool,
    /// Whether it asks the graph about its arguments.
    pub needs_graph: bool,
}

/// Code of a function: arguments as many as the signature allows, null among them.
pub type Call = fn(&mut CallContext<'_>, &[Value]) -> Result<Value>;

/// What is behind a function.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// One value from the arguments of one row.
    Scalar(Call),
    /// One value from the rows of a group.
    Aggregate,
}

impl Function {
    /// Whether it gathers the rows of a group.
    pub fn is_aggregate(&self) -> bool {
        matches!(self.body, Body::Aggregate)
    }

    /// Calls a scalar function. Errors: what the function says; `InvalidAggregation` for an aggregate.
    pub fn call(&self, context: &mut CallContext<'_>, arguments: &[Value]) -> Result<Value> {
        match self.body {
            Body::Scalar(call) => call(context, arguments),
            Body::Aggregate => {
                Err(Error::syntax(Code::InvalidAggregation, format!("`{}` needs the rows of a group", self.name)))
            }
        }
    }
}

/// Every function, in the order of the language reference.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The function of that name, without regard to case; `duration.between` is one name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The function of that name. Errors: `SyntaxError / UnknownFunction` at compile time, with the nearest name.
pub fn resolve(name: &str) -> Result<&'static Function> {
    lookup(name).ok_or_else(|| {
        let error = Error::syntax(Code::UnknownFunction, format!("there is no function named `{name}`"));
        match nearest(name, all().map(|function| function.name)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error,
        }
    })
}

const FAMILIES: &[&[Function]] = &[];

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::{Class, Phase};
    use crate::value::entity::Entities;
    use crate::value::{Map, NodeRef, RelRef};

    /// A graph of one line: node n is `:L {n: n}`, relationship n runs from node n to node n + 1 as `:T {n: n}`;
    /// from 100 on everything is deleted.
    pub(crate) struct Line;

    fn live(n: u32) -> Result<i64> {
        if n < 100 {
            return Ok(n.into());
        }
        Err(Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, "deleted"))
    }

    impl Entities for Line {
        fn node_id(&self, node: NodeRef) -> Result<i64> {
            live(node.0)
        }
        fn rel_id(&self, rel: RelRef) -> Result<i64> {
            live(rel.0)
        }
        fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>> {
            live(node.0).map(|_| vec!["L".into()])
        }
        fn rel_type(&self, _: RelRef) -> Result<Arc<str>> {
            Ok("T".into())
        }
        fn node_properties(&self, node: NodeRef) -> Result<Map> {
            Map::new([("n".into(), live(node.0)?.into())].into())
        }
        fn rel_properties(&self, rel: RelRef) -> Result<Map> {
            Map::new([("n".into(), live(rel.0)?.into())].into())
        }
        fn ends(&self, rel: RelRef) -> Result<(NodeRef, NodeRef)> {
            live(rel.0).map(|_| (NodeRef(rel.0), NodeRef(rel.0 + 1)))
        }
    }

    /// A budget of one megabyte at a time.
    pub(crate) struct Megabyte;

    impl Budget for Megabyte {
        fn ask(&self, bytes: usize) -> Result<()> {
            if bytes <= 1 << 20 { Ok(()) } else { Err(Error::limit(Code::Memory, "more than a megabyte")) }
        }
    }

    pub(crate) fn with_context<T>(run: impl FnOnce(&mut CallContext<'_>) -> T) -> T {
        run(&mut CallContext::new(&Line, &Megabyte, Clock::now(), &mut CallState::default()))
    }
}
