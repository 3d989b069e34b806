//! The value of one expression, as `--param` and scripts write them.

use super::rows::Rows;
use super::session::Transaction;
use super::{Engine, Snapshot};
use crate::error::{Code, Error, Result};
use crate::value::Value;

/// What stands before an expression to make a statement of it.
const BEFORE: &str = "RETURN ";

/// Errors: those of the expression, with their places in it; more than one expression.
fn value_of(expression: &str, run: impl FnOnce(&str) -> Result<Rows>) -> Result<Value> {
    let before = u32::try_from(BEFORE.len()).unwrap_or(0);
    let rows = run(&format!("{BEFORE}{expression}\nAS value")).map_err(|error| error.shifted_back(before))?;
    match (rows.get(0).map(|row| row.values()), rows.len()) {
        (Some([value]), 1) => Ok(value.clone()),
        _ => Err(Error::syntax(Code::UnexpectedSyntax, "this is not one expression")),
    }
}

impl Engine {
    /// The value of an expression of the language.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// assert!(matches!(engine.value_of("1 + 2")?, shejire::Value::Int(3)));
    /// let error = engine.value_of("1 + x").unwrap_err();
    /// assert_eq!(error.span().unwrap().of("1 + x"), "x");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the expression, with their places in it; more than one expression.
    pub fn value_of(&self, expression: &str) -> Result<Value> {
        value_of(expression, |text| self.run(text))
    }
}

impl Snapshot {
    /// The value of an expression; see [`Engine::value_of`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// engine.run("CREATE (:Toll {pence: 6}), (:Toll {pence: 4})")?;
    /// let sum = engine.snapshot()?.value_of("reduce(sum = 0, n IN [x IN COLLECT { MATCH (t:Toll) RETURN t.pence } | x] | sum + n)")?;
    /// assert_eq!(sum, 10.into());
    /// # Ok(())
    /// # }
    /// ```
    pub fn value_of(&self, expression: &str) -> Result<Value> {
        value_of(expression, |text| self.run(text))
    }
}

impl Transaction {
    /// The value of an expression; see [`Engine::value_of`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let mut transaction = shejire::Engine::in_memory().begin()?;
    /// transaction.run("CREATE (:Toll)")?;
    /// assert_eq!(transaction.value_of("COUNT { (:Toll) }")?, 1.into());
    /// # Ok(())
    /// # }
    /// ```
    pub fn value_of(&mut self, expression: &str) -> Result<Value> {
        value_of(expression, |text| self.run(text))
    }
}
