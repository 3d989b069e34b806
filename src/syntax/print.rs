//! Tree to text, in one canonical spelling: keywords in capitals, one blank where one is needed, parentheses only
//! where the tree would otherwise be another. What is printed is read back as an equal tree, places aside.

use std::fmt::{self, Display, Formatter};

use super::ast::{
    AsOf, CallProcedure, CallSubquery, Clause, ClauseKind, Detach, Expr, Imports, Match, Mode, Name, OnError,
    Projection, ProjectionItem, Query, RemoveItem, Script, SetItem, Show, SingleQuery, SortItem, Statement,
    StatementBody, Through, Trace, TraceDirection, TransactionCommand, Yield, YieldItem,
};
use super::print_pattern::labels_of;
use super::quote::{quote_dotted, quote_key, quote_label, quote_name, quote_string};

/// The canonical text of a script; statements end with semicolons when there are several.
pub(crate) fn print(script: &Script) -> String {
    let statements: Vec<_> = script.statements.iter().map(Statement::to_string).collect();
    statements.join(";\n")
}

/// Items with a separator between them.
pub(super) struct Joined<'a, T>(pub &'a [T], pub &'a str);

impl<T: Display> Display for Joined<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(self.1)?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

pub(super) fn comma<T>(items: &[T]) -> Joined<'_, T> {
    Joined(items, ", ")
}

/// ` WORD item`, or nothing.
pub(super) fn optional<T: Display>(f: &mut Formatter<'_>, word: &str, item: Option<&T>) -> fmt::Result {
    item.map_or(Ok(()), |item| write!(f, " {word} {item}"))
}

impl Display for Name {
    /// As a variable or column.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&quote_name(&self.text))
    }
}

/// A label or a type.
pub(super) struct Label<'a>(pub &'a Name);

impl Display for Label<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&quote_label(&self.0.text))
    }
}

/// A property key, or the last part of a name: any word will do.
pub(super) struct Key<'a>(pub &'a Name);

impl Display for Key<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&quote_key(&self.0.text))
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            Mode::Run => "",
            Mode::Explain => "EXPLAIN ",
            Mode::Profile => "PROFILE ",
        })?;
        if let Some(graph) = &self.graph {
            write!(f, "USE {graph} ")?;
        }
        match &self.body {
            StatementBody::Query(query) => query.fmt(f),
            StatementBody::Schema(command) => command.fmt(f),
            StatementBody::Show(show) => write!(f, "SHOW {}", shown(*show)),
            StatementBody::Transaction(command) => f.write_str(match command {
                TransactionCommand::Begin => "BEGIN",
                TransactionCommand::Commit => "COMMIT",
                TransactionCommand::Rollback => "ROLLBACK",
            }),
            StatementBody::Terminate(ids) => {
                let ids: Vec<String> = ids.iter().map(|id| quote_string(id)).collect();
                write!(f, "TERMINATE TRANSACTIONS {}", ids.join(", "))
            }
        }
    }
}

fn shown(show: Show) -> &'static str {
    match show {
        Show::Indexes => "INDEXES",
        Show::Constraints => "CONSTRAINTS",
        Show::Functions => "FUNCTIONS",
        Show::Procedures => "PROCEDURES",
        Show::Labels => "LABELS",
        Show::RelationshipTypes => "RELATIONSHIP TYPES",
        Show::PropertyKeys => "PROPERTY KEYS",
        Show::Sources => "SOURCES",
        Show::Databases => "DATABASES",
        Show::CurrentUser => "CURRENT USER",
        Show::Transactions => "TRANSACTIONS",
        Show::Settings => "SETTINGS",
        Show::RangeIndexes => "RANGE INDEXES",
        Show::FulltextIndexes => "FULLTEXT INDEXES",
        Show::OtherIndexes => "TEXT INDEXES",
    }
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.cite { "CITE " } else { "" }, self.first)?;
        for union in &self.unions {
            write!(f, " UNION {}{}", if union.all { "ALL " } else { "" }, union.part)?;
        }
        Ok(())
    }
}

impl Display for SingleQuery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Joined(&self.clauses, " ").fmt(f)
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ClauseKind::Match(clause) => clause.fmt(f),
            ClauseKind::Unwind { list, variable } => write!(f, "UNWIND {list} AS {variable}"),
            ClauseKind::With(said) => write!(f, "WITH {said}"),
            ClauseKind::Return(said) => write!(f, "RETURN {said}"),
            ClauseKind::Create(pattern) => write!(f, "CREATE {pattern}"),
            ClauseKind::Merge { path, on_create, on_match } => {
                write!(f, "MERGE {path}")?;
                if !on_create.is_empty() {
                    write!(f, " ON CREATE SET {}", comma(on_create))?;
                }
                if !on_match.is_empty() {
                    write!(f, " ON MATCH SET {}", comma(on_match))?;
                }
                Ok(())
            }
            ClauseKind::Set(items) => write!(f, "SET {}", comma(items)),
            ClauseKind::Remove(items) => write!(f, "REMOVE {}", comma(items)),
            ClauseKind::Delete { detach, targets } => {
                let detach = match detach {
                    Detach::Yes => "DETACH ",
                    Detach::Unsaid => "",
                    Detach::No => "NODETACH ",
                };
                write!(f, "{detach}DELETE {}", comma(targets))
            }
            ClauseKind::Foreach { variable, list, updates } => {
                write!(f, "FOREACH ({variable} IN {list} | {})", Joined(updates, " "))
            }
            ClauseKind::CallProcedure(call) => call.fmt(f),
            ClauseKind::CallSubquery(call) => call.fmt(f),
            ClauseKind::LoadCsv { with_headers, url, variable, terminator } => {
                let headers = if *with_headers { "WITH HEADERS " } else { "" };
                write!(f, "LOAD CSV {headers}FROM {url} AS {variable}")?;
                optional(f, "FIELDTERMINATOR", terminator.as_ref())
            }
            ClauseKind::Trace(trace) => trace.fmt(f),
            ClauseKind::Finish => f.write_str("FINISH"),
            ClauseKind::Conflicts { of, through, yields, condition } => {
                f.write_str("CONFLICTS")?;
                optional(f, "OF", of.as_ref())?;
                through.fmt(f)?;
                optional(f, "YIELD", yields.as_deref().map(comma).as_ref())?;
                optional(f, "WHERE", condition.as_ref())
            }
        }
    }
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}MATCH {}", if self.optional { "OPTIONAL " } else { "" }, self.pattern)?;
        as_of(f, self.as_of.as_ref())?;
        self.through.fmt(f)?;
        optional(f, "WHERE", self.condition.as_ref())
    }
}

/// With a blank before it, as it stands behind something.
impl Display for Through {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.according_to.is_empty() {
            write!(f, " ACCORDING TO {}", comma(&self.according_to))?;
        }
        match &self.known_by {
            Some(known) => write!(f, " KNOWN BY {}{}", if known.certain { "CERTAIN " } else { "" }, known.date),
            None => Ok(()),
        }
    }
}

fn as_of(f: &mut Formatter<'_>, said: Option<&AsOf>) -> fmt::Result {
    let Some(said) = said else { return Ok(()) };
    write!(f, " AS OF {}{}", if said.certain { "CERTAIN " } else { "" }, said.date)
}

impl Display for Projection {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.distinct { "DISTINCT " } else { "" })?;
        if self.star {
            f.write_str(if self.items.is_empty() { "*" } else { "*, " })?;
        }
        comma(&self.items).fmt(f)?;
        if !self.order_by.is_empty() {
            write!(f, " ORDER BY {}", comma(&self.order_by))?;
        }
        optional(f, "SKIP", self.skip.as_ref())?;
        optional(f, "LIMIT", self.limit.as_ref())?;
        optional(f, "WHERE", self.condition.as_ref())
    }
}

impl Display for ProjectionItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)?;
        optional(f, "AS", self.alias.as_ref())
    }
}

impl Display for SortItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.expr, if self.descending { " DESC" } else { "" })
    }
}

impl Display for SetItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property { target, value } => write!(f, "{target} = {value}"),
            Self::Replace { variable, value } => write!(f, "{variable} = {value}"),
            Self::Merge { variable, value } => write!(f, "{variable} += {value}"),
            Self::Labels { variable, labels, dynamic } => write!(f, "{variable}{}", labels_of(labels, dynamic)),
        }
    }
}

impl Display for RemoveItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Property(target) => target.fmt(f),
            Self::Labels { variable, labels, dynamic } => write!(f, "{variable}{}", labels_of(labels, dynamic)),
        }
    }
}

impl Display for CallProcedure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.optional { "OPTIONAL " } else { "" })?;
        write!(f, "CALL {}", quote_dotted(&self.name.text))?;
        if let Some(arguments) = &self.arguments {
            write!(f, "({})", comma(arguments))?;
        }
        match &self.yields {
            Yield::None => {}
            Yield::Star => f.write_str(" YIELD *")?,
            Yield::Items(items) => write!(f, " YIELD {}", comma(items))?,
        }
        optional(f, "WHERE", self.condition.as_ref())
    }
}

impl Display for YieldItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.column.fmt(f)?;
        optional(f, "AS", self.alias.as_ref())
    }
}

impl Display for CallSubquery {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(if self.optional { "OPTIONAL CALL " } else { "CALL " })?;
        match &self.imports {
            Imports::Leading => {}
            Imports::All => f.write_str("(*) ")?,
            Imports::Names(names) => write!(f, "({}) ", comma(names))?,
        }
        write!(f, "{{ {} }}", self.query)?;
        let Some(batches) = &self.batches else { return Ok(()) };
        f.write_str(" IN TRANSACTIONS")?;
        if let Some(rows) = &batches.rows {
            write!(f, " OF {rows} ROWS")?;
        }
        f.write_str(match batches.on_error {
            OnError::Fail => "",
            OnError::Continue => " ON ERROR CONTINUE",
            OnError::Break => " ON ERROR BREAK",
        })?;
        optional(f, "REPORT STATUS AS", batches.status.as_ref())
    }
}

impl Display for Trace {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "TRACE {}", self.start)?;
        optional(f, "TO", self.to.as_ref())?;
        f.write_str(match self.direction {
            None => "",
            Some(TraceDirection::Backward) => " BACKWARD",
            Some(TraceDirection::Forward) => " FORWARD",
        })?;
        if !self.via.is_empty() {
            let types: Vec<_> = self.via.iter().map(Label).collect();
            write!(f, " VIA {}", Joined(&types, "|"))?;
        }
        as_of(f, self.as_of.as_ref())?;
        self.through.fmt(f)?;
        optional(f, "YIELD", self.yields.as_deref().map(comma).as_ref())?;
        optional(f, "WHERE", self.condition.as_ref())
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        super::print_expression::expression(f, self)
    }
}
