//! Indexes and constraints: the commands as a tree, how they are read, and how they are written.

use std::fmt::{self, Display, Formatter};

use super::ast::Name;
use super::expression::type_name;
use super::grammar::{Node, Rule};
use super::print::{Key, Label};
use super::tree::{Source, children, drift, holds, next};
use crate::error::{Code, Error, Result, Span};

/// Index and constraint commands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SchemaCommand {
    /// `CREATE [RANGE|TEXT] INDEX [name] [IF NOT EXISTS] FOR (n:L) ON (n.k)` and `CREATE INDEX ON :L(k)`.
    CreateIndex {
        /// What it is called.
        name: Option<Name>,
        /// Whether it may be there already.
        if_not_exists: bool,
        /// What it is on.
        on: Target,
    },
    /// `CREATE FULLTEXT INDEX [name] [IF NOT EXISTS] FOR (n:A|B) ON EACH [n.k, n.l]`.
    CreateFulltext {
        /// What it is called.
        name: Option<Name>,
        /// Whether it may be there already.
        if_not_exists: bool,
        /// Nodes or relationships.
        entity: EntityKind,
        /// Their labels or types, at least one.
        labels: Vec<Name>,
        /// The properties, at least one.
        properties: Vec<Name>,
    },
    /// `CREATE LOOKUP INDEX … FOR (n) ON EACH labels(n)`: labels and types are always looked up, so there is nothing to do.
    CreateLookup,
    /// `DROP INDEX name [IF EXISTS]`, `DROP INDEX ON :L(k)`.
    DropIndex {
        /// Which.
        target: SchemaTarget,
        /// Whether it need not be there.
        if_exists: bool,
    },
    /// `CREATE CONSTRAINT [name] [IF NOT EXISTS] FOR (n:L) REQUIRE n.k IS UNIQUE` (and the older ON … ASSERT).
    CreateConstraint {
        /// What it is called.
        name: Option<Name>,
        /// Whether it may be there already.
        if_not_exists: bool,
        /// What it is on.
        on: Target,
        /// What it demands.
        kind: ConstraintKind,
    },
    /// `DROP CONSTRAINT name [IF EXISTS]`.
    DropConstraint {
        /// Which.
        target: SchemaTarget,
        /// Whether it need not be there.
        if_exists: bool,
    },
}

/// The properties of nodes with a label, or of relationships of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Target {
    /// Nodes or relationships.
    pub entity: EntityKind,
    /// Their label or type.
    pub label: Name,
    /// The properties, at least one.
    pub properties: Vec<Name>,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConstraintKind {
    /// No two share the values.
    Unique,
    /// Each has the properties.
    NotNull,
    /// Both.
    Key,
    /// Values are of a type, named as `IS ::` names it.
    Type(String),
}

/// Nodes or relationships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum EntityKind {
    Node,
    Relationship,
}

/// An index or constraint, by name or by what it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SchemaTarget {
    /// By its name.
    Named(Name),
    /// By what it is on; a constraint also by what it demands.
    On(Target, Option<ConstraintKind>),
}

impl Target {
    /// From the label to the last property.
    pub(crate) fn span(&self) -> Span {
        self.properties.last().map_or(self.label.span, |last| self.label.span.to(last.span))
    }
}

/// What a schema command says, whichever way it was written.
#[derive(Default)]
struct Described {
    name: Option<Name>,
    conditional: bool,
    entity: Option<EntityKind>,
    variable: Option<Name>,
    labels: Vec<Name>,
    properties: Vec<Name>,
    constraint: Option<ConstraintKind>,
}

fn described(source: Source<'_>, node: Node<'_>) -> Result<Described> {
    let mut said = Described::default();
    for part in children(node) {
        match part.as_rule() {
            Rule::index_name => said.name = Some(source.name(&next(&mut children(part), "a name")?)?),
            Rule::name => said.name = Some(source.name(&part)?),
            Rule::if_not_exists | Rule::if_exists => said.conditional = true,
            Rule::on_label => {
                let mut names = children(part);
                said.labels.push(source.name(&next(&mut names, "a label")?)?);
                for name in names {
                    said.add(source.name(&name)?)?;
                }
            }
            Rule::entity_pattern => entity(source, part, &mut said)?,
            Rule::property_target | Rule::property_list => properties(source, part, &mut said)?,
            Rule::constraint_kind => said.constraint = Some(constraint(source, part, said.entity)?),
            Rule::index_options => {}
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(said)
}

fn entity(source: Source<'_>, node: Node<'_>, said: &mut Described) -> Result<()> {
    let node = next(&mut children(node), "a pattern")?;
    let relationship = node.as_rule() == Rule::rel_entity;
    said.entity = Some(if relationship { EntityKind::Relationship } else { EntityKind::Node });
    for part in children(node) {
        match part.as_rule() {
            Rule::variable => said.variable = Some(source.name(&part)?),
            Rule::label_name => said.labels.push(source.name(&part)?),
            Rule::bar | Rule::left_head | Rule::right_head | Rule::dash => {}
            _ => return Err(drift(source, &part)),
        }
    }
    Ok(())
}

/// `n.k` or `(n.k, n.l)`: each of the variable of the pattern before it, and named once.
fn properties(source: Source<'_>, node: Node<'_>, said: &mut Described) -> Result<()> {
    let mut names = children(node);
    while let Some(variable) = names.next() {
        same_variable(said.variable.as_ref(), &source.name(&variable)?)?;
        let property = source.name(&next(&mut names, "a property")?)?;
        said.add(property)?;
    }
    Ok(())
}

fn constraint(source: Source<'_>, node: Node<'_>, entity: Option<EntityKind>) -> Result<ConstraintKind> {
    let kind = next(&mut children(node), "what is demanded")?;
    let wrong = match entity {
        Some(EntityKind::Relationship) => holds(&kind, Rule::NODE).then_some("RELATIONSHIP"),
        _ => (holds(&kind, Rule::RELATIONSHIP) || holds(&kind, Rule::REL)).then_some("NODE"),
    };
    if let Some(instead) = wrong {
        let message = "this is not what the pattern before it is about";
        return Err(Error::syntax(Code::UnexpectedSyntax, message)
            .at(source.span(&kind))
            .hint(format!("write {instead}, or leave the word out")));
    }
    match kind.as_rule() {
        Rule::unique => Ok(ConstraintKind::Unique),
        Rule::key_demand => Ok(ConstraintKind::Key),
        Rule::not_null => Ok(ConstraintKind::NotNull),
        Rule::type_name => type_name(source, kind).map(ConstraintKind::Type),
        _ => Err(drift(source, &kind)),
    }
}

fn same_variable(declared: Option<&Name>, used: &Name) -> Result<()> {
    match declared {
        Some(declared) if declared.text != used.text => {
            Err(Error::syntax(Code::UndefinedVariable, format!("`{}` is not defined", used.text))
                .at(used.span)
                .hint(format!("the pattern before it calls it `{}`", declared.text)))
        }
        _ => Ok(()),
    }
}

/// `create_index`, `create_fulltext`, `create_lookup`, `create_constraint`, `drop_index`, `drop_constraint`.
pub(super) fn command(source: Source<'_>, node: Node<'_>) -> Result<SchemaCommand> {
    let rule = node.as_rule();
    if rule == Rule::create_lookup {
        let function = children(node).find(|part| part.as_rule() == Rule::name);
        return match function.map(|name| source.name(&name)).transpose()? {
            Some(name) if !name.text.eq_ignore_ascii_case("type") => {
                Err(Error::syntax(Code::UnexpectedSyntax, "a lookup index is on labels(n) or on type(r)").at(name.span))
            }
            _ => Ok(SchemaCommand::CreateLookup),
        };
    }
    let said = described(source, node)?;
    let (name, conditional) = (said.name.clone(), said.conditional);
    Ok(match rule {
        Rule::create_index => SchemaCommand::CreateIndex { name, if_not_exists: conditional, on: said.target()? },
        Rule::create_fulltext => SchemaCommand::CreateFulltext {
            name,
            if_not_exists: conditional,
            entity: said.entity.unwrap_or(EntityKind::Node),
            labels: said.labels,
            properties: said.properties,
        },
        Rule::create_constraint => SchemaCommand::CreateConstraint {
            name,
            if_not_exists: conditional,
            kind: said.constraint.clone().ok_or_else(incomplete)?,
            on: said.target()?,
        },
        Rule::drop_index => SchemaCommand::DropIndex { if_exists: conditional, target: said.dropped()? },
        _ => SchemaCommand::DropConstraint { if_exists: conditional, target: said.dropped()? },
    })
}

impl Described {
    /// One more property. Errors: it was named before.
    fn add(&mut self, property: Name) -> Result<()> {
        if self.properties.iter().any(|known| known.text == property.text) {
            let message = format!("`{}` is named twice", property.text);
            return Err(Error::syntax(Code::UnexpectedSyntax, message).at(property.span));
        }
        self.properties.push(property);
        Ok(())
    }

    fn target(self) -> Result<Target> {
        let entity = self.entity.unwrap_or(EntityKind::Node);
        let mut labels = self.labels.into_iter();
        let label = labels.next().filter(|_| !self.properties.is_empty()).ok_or_else(incomplete)?;
        match labels.next() {
            None => Ok(Target { entity, label, properties: self.properties }),
            Some(other) => {
                let message = "only a full-text index stands on several labels or types";
                Err(Error::syntax(Code::UnexpectedSyntax, message).at(other.span).hint("make one for each"))
            }
        }
    }

    fn dropped(mut self) -> Result<SchemaTarget> {
        match self.name.take() {
            Some(name) => Ok(SchemaTarget::Named(name)),
            None => {
                let kind = self.constraint.take();
                Ok(SchemaTarget::On(self.target()?, kind))
            }
        }
    }
}

fn incomplete() -> Error {
    Error::syntax(Code::UnexpectedSyntax, "this command does not say what it is about")
}

impl Display for SchemaCommand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateIndex { name, if_not_exists, on } => {
                created(f, "INDEX", name.as_ref(), *if_not_exists)?;
                write!(f, " FOR {} ON ", pattern(on))?;
                list(f, on, true)
            }
            Self::CreateFulltext { name, if_not_exists, entity, labels, properties } => {
                created(f, "FULLTEXT INDEX", name.as_ref(), *if_not_exists)?;
                let labels: Vec<String> = labels.iter().map(|label| Label(label).to_string()).collect();
                let labels = labels.join("|");
                let on = match entity {
                    EntityKind::Node => format!("(x:{labels})"),
                    EntityKind::Relationship => format!("()-[x:{labels}]-()"),
                };
                let properties: Vec<String> =
                    properties.iter().map(|property| format!("x.{}", Key(property))).collect();
                write!(f, " FOR {on} ON EACH [{}]", properties.join(", "))
            }
            Self::CreateLookup => f.write_str("CREATE LOOKUP INDEX FOR (x) ON EACH labels(x)"),
            Self::CreateConstraint { name, if_not_exists, on, kind } => {
                created(f, "CONSTRAINT", name.as_ref(), *if_not_exists)?;
                write!(f, " FOR {} REQUIRE ", pattern(on))?;
                list(f, on, on.properties.len() > 1)?;
                write!(f, " {kind}")
            }
            Self::DropIndex { target, if_exists } => {
                f.write_str("DROP INDEX ")?;
                match target {
                    SchemaTarget::Named(name) => name.fmt(f)?,
                    SchemaTarget::On(on, _) => {
                        write!(f, "ON :{}(", Label(&on.label))?;
                        for (number, property) in on.properties.iter().enumerate() {
                            write!(f, "{}{}", if number > 0 { ", " } else { "" }, Key(property))?;
                        }
                        f.write_str(")")?;
                    }
                }
                f.write_str(if *if_exists { " IF EXISTS" } else { "" })
            }
            Self::DropConstraint { target, if_exists } => {
                f.write_str("DROP CONSTRAINT ")?;
                match target {
                    SchemaTarget::Named(name) => name.fmt(f)?,
                    SchemaTarget::On(on, kind) => {
                        write!(f, "ON {} ASSERT ", pattern(on))?;
                        list(f, on, on.properties.len() > 1)?;
                        write!(f, " {}", kind.as_ref().unwrap_or(&ConstraintKind::Unique))?;
                    }
                }
                f.write_str(if *if_exists { " IF EXISTS" } else { "" })
            }
        }
    }
}

impl Display for ConstraintKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unique => f.write_str("IS UNIQUE"),
            Self::NotNull => f.write_str("IS NOT NULL"),
            Self::Key => f.write_str("IS KEY"),
            Self::Type(name) => write!(f, "IS :: {name}"),
        }
    }
}

fn pattern(on: &Target) -> String {
    match on.entity {
        EntityKind::Node => format!("(x:{})", Label(&on.label)),
        EntityKind::Relationship => format!("()-[x:{}]-()", Label(&on.label)),
    }
}

fn list(f: &mut Formatter<'_>, on: &Target, brackets: bool) -> fmt::Result {
    let properties: Vec<String> = on.properties.iter().map(|property| format!("x.{}", Key(property))).collect();
    let properties = properties.join(", ");
    if brackets { write!(f, "({properties})") } else { f.write_str(&properties) }
}

fn created(f: &mut Formatter<'_>, what: &str, name: Option<&Name>, if_not_exists: bool) -> fmt::Result {
    write!(f, "CREATE {what}")?;
    if let Some(name) = name {
        write!(f, " {name}")?;
    }
    f.write_str(if if_not_exists { " IF NOT EXISTS" } else { "" })
}
