//! One error type for the whole line: class, phase and code in openCypher's words, a place in the
//! text, and a hint that says what to type instead.
//!
//! The library never prints; [`Error::render`] draws the line and the caret for whoever does.

mod code;
mod render;
mod span;

use std::sync::Arc;

pub use code::{Class, Code, Phase};
pub use span::Span;

/// What every fallible function of the crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something went wrong: what, when, where in the text, and what to do about it.
///
/// Two are equal when they say the same, whatever was behind them.
///
/// ```
/// use std::error::Error as _;
/// use shejire::Engine;
/// use shejire::error::{Class, Code};
///
/// let text = "MATCH (n:law) RETURN m.name";
/// let error = Engine::in_memory().run(text).unwrap_err();
/// assert_eq!((error.class(), error.code()), (Class::SyntaxError, Code::UndefinedVariable));
/// assert_eq!(error.span().unwrap().of(text), "m");
/// assert!(error.source().is_none());
/// println!("{}", error.render(text, None, false)); // the line, the caret and what to do
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    class: Class,
    phase: Phase,
    code: Code,
    message: String,
    span: Option<Span>,
    hint: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        let said = |parts: &Self| (parts.class, parts.phase, parts.code, parts.span);
        said(self) == said(other) && self.message == other.message && self.hint == other.hint
    }
}

impl Error {
    /// An error without place or hint.
    ///
    /// ```
    /// use shejire::error::{Class, Code, Error, Phase};
    ///
    /// let gone = Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, "the ship was sunk");
    /// assert_eq!(gone.to_string(), "EntityNotFound / DeletedEntityAccess (runtime): the ship was sunk");
    /// ```
    pub fn new(class: Class, phase: Phase, code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { class, phase, code, message: message.into(), span: None, hint: None, source: None }))
    }

    /// A `SyntaxError` at compile time.
    ///
    /// ```
    /// use shejire::error::{Class, Code, Error, Phase};
    ///
    /// let error = Error::syntax(Code::UndefinedVariable, "`x` is not defined");
    /// assert_eq!((error.class(), error.phase()), (Class::SyntaxError, Phase::Compile));
    /// ```
    pub fn syntax(code: Code, message: impl Into<String>) -> Self {
        Self::new(Class::SyntaxError, Phase::Compile, code, message)
    }

    /// A `TypeError` at runtime.
    ///
    /// ```
    /// use shejire::error::{Class, Code, Error};
    ///
    /// let error = Error::type_error(Code::InvalidArgumentType, "a date was expected, not 7");
    /// assert_eq!(error.class(), Class::TypeError);
    /// ```
    pub fn type_error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Class::TypeError, Phase::Runtime, code, message)
    }

    /// An `ArgumentError` at runtime.
    ///
    /// ```
    /// use shejire::error::{Class, Code, Error};
    ///
    /// let error = Error::argument(Code::InvalidArgumentValue, "a month is 1 to 12, not 13");
    /// assert_eq!(error.class(), Class::ArgumentError);
    /// ```
    pub fn argument(code: Code, message: impl Into<String>) -> Self {
        Self::new(Class::ArgumentError, Phase::Runtime, code, message)
    }

    /// An `ArithmeticError` at runtime.
    ///
    /// ```
    /// use shejire::error::{Class, Code};
    ///
    /// let error = shejire::Engine::in_memory().run("RETURN 1 / 0").unwrap_err();
    /// assert_eq!(error.class(), Class::ArithmeticError);
    /// let own = shejire::Error::arithmetic(Code::IntegerOverflow, "more than 64 bits");
    /// assert_eq!(own.class(), error.class());
    /// ```
    pub fn arithmetic(code: Code, message: impl Into<String>) -> Self {
        Self::new(Class::ArithmeticError, Phase::Runtime, code, message)
    }

    /// A `LimitExceeded` at runtime; `code` is `Time`, `Memory`, `Rows`, `Depth` or `Size`.
    ///
    /// ```
    /// use shejire::engine::Limits;
    /// use shejire::error::{Class, Code};
    ///
    /// let engine = shejire::Engine::in_memory();
    /// let few = Limits { rows: Some(2), ..Limits::default() };
    /// let error = engine.query("UNWIND range(1, 9) AS n RETURN n").limits(few).rows().unwrap_err();
    /// assert_eq!((error.class(), error.code()), (Class::LimitExceeded, Code::Rows));
    /// assert_eq!(shejire::Error::limit(Code::Rows, "too many").class(), error.class());
    /// ```
    pub fn limit(code: Code, message: impl Into<String>) -> Self {
        Self::new(Class::LimitExceeded, Phase::Runtime, code, message)
    }

    /// A `DataError`: a file or table that cannot be loaded. The message names file, row and column.
    ///
    /// ```
    /// use shejire::error::{Code, Error};
    ///
    /// let error = Error::data("tolls.csv, row 3, column pence: \"six\" is not a number");
    /// assert_eq!(error.code(), Code::InvalidData);
    /// ```
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Class::DataError, Phase::Runtime, Code::InvalidData, message)
    }

    /// The same error, at a place in the text. A place already known is kept: the innermost wins.
    ///
    /// ```
    /// use shejire::error::{Code, Error, Span};
    ///
    /// let error = Error::syntax(Code::UndefinedVariable, "`y` is not defined").at(Span::new(7, 8)).at(Span::new(0, 9));
    /// assert_eq!(error.span().unwrap().of("RETURN y "), "y", "the innermost place wins");
    /// ```
    pub fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// The same error with advice.
    ///
    /// ```
    /// let error = shejire::Error::data("mills.csv is empty").hint("write a header first");
    /// assert_eq!(error.hint_text(), Some("write a header first"));
    /// ```
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error, with what it comes from behind it: of a file, of the store.
    #[cfg(any(feature = "store", feature = "io"))]
    pub(crate) fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same error in the rest of the text it was found in, behind the first `by` bytes.
    pub(crate) fn shifted_back(mut self, by: u32) -> Self {
        if let Some(span) = &mut self.0.span {
            *span = Span { start: span.start.saturating_sub(by), end: span.end.saturating_sub(by) };
        }
        self
    }

    /// The same error in a longer text, of which the one it was found in starts at byte `by`.
    pub(crate) fn shifted(mut self, by: u32) -> Self {
        if let Some(span) = &mut self.0.span {
            *span = Span { start: span.start.saturating_add(by), end: span.end.saturating_add(by) };
        }
        self
    }

    /// The same error with something before its message, such as the place in a file; without its span.
    ///
    /// ```
    /// let error = shejire::Error::data("\"six\" is not a number").prefixed("tolls.csv, row 3: ");
    /// assert_eq!(error.message(), "tolls.csv, row 3: \"six\" is not a number");
    /// ```
    pub fn prefixed(&self, before: &str) -> Self {
        let mut error = Self::new(self.class(), self.phase(), self.code(), format!("{before}{}", self.message()));
        error.0.source.clone_from(&self.0.source);
        match self.hint_text() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// openCypher's error type.
    ///
    /// ```
    /// use shejire::error::Class;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// assert_eq!(engine.run("RETURN $pence").unwrap_err().class(), Class::ParameterMissing);
    /// ```
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Compile time or runtime.
    ///
    /// ```
    /// use shejire::error::Phase;
    ///
    /// let engine = shejire::Engine::in_memory();
    /// assert_eq!(engine.run("RETURN nobody").unwrap_err().phase(), Phase::Compile);
    /// assert_eq!(engine.run("RETURN 1 % 0").unwrap_err().phase(), Phase::Runtime);
    /// ```
    pub fn phase(&self) -> Phase {
        self.0.phase
    }

    /// openCypher's error detail.
    ///
    /// ```
    /// use shejire::error::Code;
    ///
    /// // openCypher's word for what is wrong; match on it, never on the message
    /// let error = shejire::Engine::in_memory().run("RETURN ship").unwrap_err();
    /// assert_eq!(error.code(), Code::UndefinedVariable);
    /// ```
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// One sentence for a person.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// let error = shejire::Engine::builtin()?.entity("Atlantis").unwrap_err();
    /// assert!(error.message().contains("Atlantis"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place in the query text, when it is known.
    ///
    /// ```
    /// let text = "MATCH (s:Ship) RETURN shp.name";
    /// let error = shejire::Engine::in_memory().run(text).unwrap_err();
    /// assert_eq!(error.span().unwrap().of(text), "shp");
    /// ```
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// What to do instead, when we know.
    ///
    /// ```
    /// let error = shejire::Engine::in_memory().run("RETURN sizee('canal')").unwrap_err();
    /// assert!(error.hint_text().unwrap().contains("size"));
    /// ```
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {} ({}): {}", self.class().name(), self.code().name(), self.phase().name(), self.message())?;
        if let Some(hint) = self.hint_text() {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    /// What the system or a library said, where the error comes from there.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The candidate nearest to `wanted` (case ignored), when one is near enough to be a slip of the hand.
///
/// ```
/// use shejire::error::nearest;
///
/// assert_eq!(nearest("harbor", ["harbour", "barber"]), Some("harbour"));
/// assert_eq!(nearest("lighthouse", ["harbour", "barber"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64; // a longer text is no slip of the hand, and comparing it would take its time
    if wanted.len() > LONGEST {
        return None;
    }
    let lower = wanted.to_lowercase();
    let allowed = (lower.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|c| (strsim::osa_distance(&lower, &c.to_lowercase()), c))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, c)| (*distance, c.len()))
        .map(|(_, c)| c)
}

/// How many slips of the hand (a letter too many, missing, wrong, or two exchanged) lie between two texts.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(a, b)
}
