//! A statement on its way: text, parameters, limits, and what is asked of it.

use serde::Serialize;

use super::run::{self, Ask, How};
use super::session::Answered;
use super::stream::Stream;
use super::{Engine, Limits, PlanTree, Rows, Session, Snapshot, Transaction};
use crate::error::{Code, Error, Result};
use crate::exec::Allowance;
use crate::syntax::ast::Mode;
use crate::value::{Value, serial};

/// A statement with its parameters and limits, ready to run: made by `query` of [`Engine`], [`Session`], [`Transaction`] and
/// [`Snapshot`].
///
/// ```
/// use shejire::Engine;
///
/// # fn main() -> shejire::Result<()> {
/// let engine = Engine::builtin()?;
/// let rows = engine
///     .query("MATCH (l:law) WHERE l.name STARTS WITH $start RETURN l.name AS law ORDER BY law")
///     .param("start", "Law on")
///     .cite()
///     .read_only()
///     .rows()?;
/// for row in &rows {
///     println!("{}: {:?}", row.get::<&str>("law")?, row.citations());
/// }
/// # assert!(rows.len() > 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a statement runs when its rows are asked for"]
pub struct Statement<'e> {
    on: On<'e>,
    text: &'e str,
    params: Vec<(String, Value)>,
    limits: Limits,
    /// Where it has begun already.
    begun: Option<Allowance>,
    how: How,
    /// What was wrong with the parameters.
    wrong: Option<Error>,
}

/// Where a statement runs.
#[derive(Debug)]
pub(super) enum On<'e> {
    Engine(&'e Engine),
    Session(&'e mut Session),
    Transaction(&'e mut Transaction),
    Snapshot(&'e Snapshot),
}

/// What a statement answered and what each operator of its plan did; see [`Statement::profile`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// The answer.
    pub rows: Rows,
    /// The plan with what each operator did.
    pub plan: PlanTree,
}

impl<'e> Statement<'e> {
    pub(super) fn new(on: On<'e>, text: &'e str) -> Self {
        Self { on, text, params: Vec::new(), limits: Limits::default(), begun: None, how: How::default(), wrong: None }
    }

    /// Gives a parameter its value. Of several by one name the last counts.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let rows = engine.query("RETURN $a + $b AS sum").param("a", 40).param("b", 2.5).rows()?;
    /// assert_eq!(rows.get(0).unwrap().get::<f64>("sum")?, 42.5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Gives every field of a struct, or every entry of a map, as a parameter by its name. Errors, when it runs:
    /// `ArgumentError` for what has no named fields, and for what no value can be.
    ///
    /// ```
    /// use serde::Serialize;
    ///
    /// #[derive(Serialize)]
    /// struct Law<'a> {
    ///     name: &'a str,
    ///     articles: Option<u32>,
    /// }
    ///
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// let law = Law { name: "On Courts", articles: None };
    /// engine.query("CREATE (:Law {name: $name, articles: $articles})").params(&law).rows()?;
    /// assert_eq!(engine.run("MATCH (l:Law) RETURN l.name")?.get(0).unwrap().get::<&str>("l.name")?, "On Courts");
    /// assert!(engine.query("RETURN $x").params(&[1, 2]).rows().is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn params(mut self, params: impl Serialize) -> Self {
        match serial::to_value(&params) {
            Ok(Value::Map(map)) => {
                self.params.extend(map.into_entries().into_iter().map(|(name, value)| (name.to_string(), value)));
            }
            Ok(Value::Null) => {}
            Ok(other) => {
                let message = format!("parameters have names, and a {} has none", other.type_name());
                let error = Error::argument(Code::InvalidArgumentType, message);
                self.wrong = Some(error.hint("give a struct or a map, or each by itself with param()"));
            }
            Err(error) => self.wrong = Some(error),
        }
        self
    }

    /// Sets the limits.
    ///
    /// ```
    /// use shejire::{Engine, engine::Limits, error::Code};
    ///
    /// let mut limits = Limits::default();
    /// limits.rows = Some(10);
    /// let error = Engine::in_memory().query("UNWIND range(1, 11) AS n RETURN n").limits(limits).rows().unwrap_err();
    /// assert_eq!(error.code(), Code::Rows);
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Gives every row its citations, as `CITE` before the query does; the text, and the places of errors in it, stay the
    /// user's own.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let rows = engine.query("MATCH (:Entity)-[:`transformed-into`]->(b) RETURN b.name AS name").cite().rows()?;
    /// assert_eq!(&*rows.get(0).unwrap().citations()[0].locator, "000:11.1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn cite(mut self) -> Self {
        self.how.cite = true;
        self
    }

    /// Refuses the statement when it writes, where the graph may be written otherwise.
    ///
    /// ```
    /// use shejire::{Engine, error::Code};
    ///
    /// let error = Engine::in_memory().query("CREATE (:Law)").read_only().rows().unwrap_err();
    /// assert_eq!(error.code(), Code::ReadOnlyGraph);
    /// ```
    pub fn read_only(mut self) -> Self {
        self.how.read_only = true;
        self
    }

    /// Runs the plan as the planner made it, without the optimizer's rewrites; answers must not differ.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let text = "MATCH (l:law) RETURN count(*) AS laws";
    /// let (plain, quick) = (engine.query(text).unoptimized().rows()?, engine.run(text)?);
    /// assert_eq!(plain.get(0).unwrap().values(), quick.get(0).unwrap().values());
    /// # Ok(())
    /// # }
    /// ```
    pub fn unoptimized(mut self) -> Self {
        self.how.optimize = false;
        self
    }

    /// Runs it. Errors: those of the text, of the values met, of the limits; `InternalError` when this program makes a
    /// mistake. What it wrote is taken back then.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let rows = shejire::Engine::in_memory().query("UNWIND [1, 2] AS n RETURN n").rows()?;
    /// assert_eq!(rows.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows(self) -> Result<Rows> {
        match self.answered()?.0 {
            Answered::Rows(rows) => Ok(*rows),
            Answered::Stream(_) => unreachable!("the rows were asked for as a whole"),
        }
    }

    /// Runs it, and gives the rows while they are made: see [`Stream`]. Errors found before the first row are given here.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::in_memory();
    /// // rows before the mistake, then the mistake
    /// let mut stream = engine.query("UNWIND range(5000, 0, -1) AS n RETURN 10 / n AS tenth").stream()?;
    /// assert_eq!(stream.by_ref().take_while(|record| record.is_ok()).count(), 4096);
    /// assert!(stream.next().is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(mut self) -> Result<Stream> {
        self.how.streamed = true;
        match self.answered()? {
            (Answered::Rows(rows), ..) => Ok(Stream::of(*rows)),
            (Answered::Stream(job), text, allowance) => Stream::start(*job, text, allowance),
        }
    }

    /// The plan that would run, without running it. Errors: `Unsupported` for what has no plan, such as `CREATE INDEX`.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let plan = engine.query("MATCH (a)-[:`transferred-to`]->(b) RETURN a, b").explain()?;
    /// assert_eq!(plan.root().operator(), "ScanRelationships");
    /// println!("{plan}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(mut self) -> Result<PlanTree> {
        self.how.mode = Some(Mode::Explain);
        self.rows()?.plan.ok_or_else(run::no_plan)
    }

    /// Runs it and says what each operator of its plan did. Errors: as [`Self::rows`] and [`Self::explain`].
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let engine = shejire::Engine::builtin()?;
    /// let profile = engine.query("MATCH (l:law) RETURN l.name").profile()?;
    /// assert_eq!(profile.plan.root().rows(), Some(profile.rows.len() as u64));
    /// # Ok(())
    /// # }
    /// ```
    pub fn profile(mut self) -> Result<Profile> {
        self.how.mode = Some(Mode::Profile);
        let mut rows = self.rows()?;
        let plan = rows.plan.take().ok_or_else(run::no_plan)?;
        Ok(Profile { rows, plan })
    }

    /// What was done for it before it was a statement, such as reading its parameters, counts for its limits, too.
    #[cfg(feature = "cli")]
    pub(crate) fn within(mut self, allowance: Allowance) -> Self {
        self.begun = Some(allowance);
        self
    }

    /// Gives it all its parameters at once.
    #[cfg(any(feature = "cli", feature = "server"))]
    pub(crate) fn given(mut self, params: Vec<(String, Value)>) -> Self {
        self.params = params;
        self
    }

    /// What it answers, with what is left of its limits.
    fn answered(self) -> Result<(Answered, &'e str, Allowance)> {
        let Self { on, text, params, limits, begun, how, wrong } = self;
        // goes last, when all that the statement took has been given back
        let allowance = begun.unwrap_or_else(|| Allowance::of(&limits));
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        let ask = Ask { text, params: &params, allowance: &allowance, how };
        // what a panic leaves is dropped as what an error leaves: a version of its own, a transaction that has failed
        let answered = run::contained(|| {
            run::on_its_stack(text, move || match on {
                On::Engine(engine) => engine.answer(ask),
                On::Session(session) => session.answer(ask),
                On::Transaction(transaction) => transaction.answer(ask),
                On::Snapshot(snapshot) => snapshot.answer(ask),
            })
        })?;
        Ok((answered, text, allowance))
    }
}
