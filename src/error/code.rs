//! The vocabulary of errors: openCypher's own classes, phases and details, and ours.

/// Declares [`Code`] together with its name and one line of documentation, so that the table in the
/// docs, the names in answers and the code cannot drift apart.
macro_rules! codes {
    ($($name:ident $text:literal)*) => {
        /// The detail of an error, in openCypher's words where it has one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // the second column below documents each
        #[non_exhaustive]
        pub enum Code { $($name),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The name as it stands in answers.
            ///
            /// ```
            /// use shejire::error::Code;
            ///
            /// assert_eq!(Code::NameAmbiguous.name(), "NameAmbiguous");
            /// ```
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => stringify!($name)),* }
            }

            /// What the code means, in one line.
            ///
            /// ```
            /// use shejire::error::Code;
            ///
            /// assert_eq!(Code::NameNotFound.meaning(), "no entity has this name");
            /// ```
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }
        }
    };
}

codes! {
    // what the text says wrongly
    UnexpectedSyntax "the text does not follow the grammar here"
    InvalidUnicodeCharacter "a character that cannot stand in a query"
    InvalidUnicodeLiteral "a \\u escape that is no character"
    InvalidNumberLiteral "a number that is written wrongly"
    IntegerOverflow "an integer outside 64 bits"
    FloatingPointOverflow "a float literal too large to represent"
    InvalidParameterUse "a parameter stands where only literal text may"
    InvalidClauseComposition "clauses in an order that has no meaning"
    DifferentColumnsInUnion "the parts of a UNION return different columns"
    NoExpressionAlias "an expression in WITH needs a name (AS)"
    NoVariablesInScope "RETURN * or WITH * with nothing to return"
    ColumnNameConflict "two columns with the same name"
    NestedAggregation "an aggregate inside an aggregate"
    InvalidAggregation "an aggregate where none may stand"
    AmbiguousAggregationExpression "an expression mixes aggregates with values that are not grouping keys"
    NonConstantExpression "SKIP or LIMIT depends on a row"
    NegativeIntegerArgument "a negative number where only zero or more makes sense"
    UndefinedVariable "a name that nothing in scope defines"
    VariableTypeConflict "a variable is used as two different kinds of thing"
    VariableAlreadyBound "a variable is declared twice"
    RelationshipUniquenessViolation "one relationship variable stands twice in a pattern"
    CreatingVarLength "variable length relationships cannot be created"
    RequiresDirectedRelationship "a relationship to be created needs a direction"
    NoSingleRelationshipType "a relationship to be created needs exactly one type"
    InvalidDelete "only nodes, relationships and paths can be deleted"
    InvalidRelationshipPattern "a relationship pattern that has no meaning here"
    InvalidArgumentType "an argument of the wrong type"
    InvalidNumberOfArguments "too few or too many arguments"
    InvalidArgumentPassingMode "arguments are missing where they must be given"
    UnknownFunction "no function of that name"
    UnexpectedSubquery "a subquery or pattern where only a plain expression may stand"
    Unsupported "understood, but not offered here"
    // procedures
    ProcedureNotFound "no procedure of that name"
    ProcedureError "a procedure failed"
    MissingParameter "the query names a parameter that was not given"
    // what happens while running
    InvalidArgumentValue "a value outside what the function takes"
    NumberOutOfRange "a number outside the range it must lie in"
    DivisionByZero "an integer divided by zero"
    InvalidPropertyType "a value that no property can hold"
    MapElementAccessByNonString "a map is accessed by something that is not a string"
    ListElementAccessByNonInteger "a list is accessed by something that is not an integer"
    InvalidElementAccess "this kind of value has no elements"
    DeletedEntityAccess "a node or relationship that this query has deleted"
    DeleteConnectedNode "a node that still has relationships"
    MergeReadOwnWrites "MERGE on null"
    InvalidRegularExpression "a regular expression that is written wrongly"
    InvalidTemporal "a date, time or duration that does not exist"
    // schema
    ConstraintViolation "a uniqueness constraint forbids this"
    IndexNotFound "no index of that name"
    IndexAlreadyExists "an index for this already exists"
    ConstraintNotFound "no constraint of that name"
    ConstraintAlreadyExists "a constraint for this already exists"
    // limits
    Time "the time limit is reached"
    Memory "the memory limit is reached"
    Rows "the row limit is reached"
    Depth "nesting deeper than the limit"
    Size "a text or plan larger than the limit"
    Cancelled "the caller stopped the query"
    // transactions, store, files
    TransactionState "there is a transaction open, or none, where the command needs the other"
    TransactionConflict "others have committed since the transaction read: run it again"
    ReadOnlyGraph "this graph may not be written"
    StoreIo "the disk did not do what it was asked"
    StoreDamaged "the file does not hold what its checksums promise"
    StoreVersion "the file was written by another version"
    StoreReplaced "another file stands where the store was, or another's log beside it"
    StoreBusy "another transaction, of this process or of another, is writing"
    // data that comes in
    InvalidData "a file holds something that cannot be loaded"
    FileAccess "a file or folder that cannot be read or written"
    // lineage and names
    NameNotFound "no entity has this name"
    NameAmbiguous "several entities have this name"
    // clusters
    NotLowered "understood, and answered where the graph is, but not offered on a cluster"
    ClusterFailed "the cluster did not do what it was asked"
    // what must not happen
    Internal "a mistake in this program: the statement was taken back"
}

/// The class of an error ("type" in the TCK and in JSON answers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // openCypher's names; `name` gives each as text
#[non_exhaustive]
pub enum Class {
    SyntaxError,
    SemanticError,
    ParameterMissing,
    ConstraintVerificationFailed,
    ConstraintValidationFailed,
    EntityNotFound,
    PropertyNotFound,
    LabelNotFound,
    TypeError,
    ArgumentError,
    ArithmeticError,
    ProcedureError,
    LimitExceeded,
    Cancelled,
    StoreError,
    TransactionError,
    ReadOnly,
    DataError,
    InternalError,
}

impl Class {
    /// The name as it stands in answers.
    ///
    /// ```
    /// use shejire::error::Class;
    ///
    /// assert_eq!(Class::StoreError.name(), "StoreError");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::SyntaxError => "SyntaxError",
            Self::SemanticError => "SemanticError",
            Self::ParameterMissing => "ParameterMissing",
            Self::ConstraintVerificationFailed => "ConstraintVerificationFailed",
            Self::ConstraintValidationFailed => "ConstraintValidationFailed",
            Self::EntityNotFound => "EntityNotFound",
            Self::PropertyNotFound => "PropertyNotFound",
            Self::LabelNotFound => "LabelNotFound",
            Self::TypeError => "TypeError",
            Self::ArgumentError => "ArgumentError",
            Self::ArithmeticError => "ArithmeticError",
            Self::ProcedureError => "ProcedureError",
            Self::LimitExceeded => "LimitExceeded",
            Self::Cancelled => "Cancelled",
            Self::StoreError => "StoreError",
            Self::TransactionError => "TransactionError",
            Self::ReadOnly => "ReadOnly",
            Self::DataError => "DataError",
            Self::InternalError => "InternalError",
        }
    }
}

/// When an error was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Before any row flowed.
    Compile,
    /// While rows flowed.
    Runtime,
}

impl Phase {
    /// `compile time` or `runtime`.
    ///
    /// ```
    /// use shejire::error::Phase;
    ///
    /// assert_eq!([Phase::Compile, Phase::Runtime].map(Phase::name), ["compile time", "runtime"]);
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Compile => "compile time",
            Self::Runtime => "runtime",
        }
    }
}
