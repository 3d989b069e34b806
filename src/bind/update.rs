//! What writes: `CREATE`, `MERGE`, `SET`, `REMOVE`, `DELETE`, and the rules for patterns that are created.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Binder;
use super::bound::{
    Clause, CreateStep, Expr, LabelTest, Merge, PathPart, Pattern, PatternNode, PatternPath, PatternRel, RelLength,
    RemoveItem, Selector, SetItem, Slot, SlotKind, TypeTest,
};
use super::pattern::{equals, label_span};
use super::same::mentions;
use super::scope::already_bound;
use super::types::{Type, mismatch};
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast::{self, AccessStep, Detach, Direction, ExprKind, LabelExpr, Length, PathElement, PathMode};
use crate::value::Value;

/// A path to be created: its ends and relationships taken apart.
struct NewPath {
    nodes: Vec<NewNode>,
    rels: Vec<NewRel>,
    variable: Option<Slot>,
}

struct NewNode {
    slot: Slot,
    /// Bound before; nothing is created.
    bound: bool,
    /// Stands earlier in the same pattern.
    seen: bool,
    labels: Vec<Arc<str>>,
    /// Expressions that name more labels.
    dynamic: Vec<Expr>,
    properties: Option<Expr>,
    span: Span,
}

struct NewRel {
    slot: Slot,
    ty: Arc<str>,
    /// Names the type instead.
    dynamic: Option<Expr>,
    direction: Direction,
    properties: Option<Expr>,
    span: Span,
}

impl<'a> Binder<'a> {
    /// `CREATE`.
    pub(super) fn create(&mut self, pattern: &'a ast::Pattern, out: &mut Vec<Clause>) -> Result<()> {
        self.writes = true;
        let mut steps = Vec::new();
        let mut created = BTreeSet::new();
        let mut named = Vec::new();
        for path in &pattern.paths {
            let new = self.new_path(path, Creating::Create, &mut created)?;
            create_steps(&new, &mut steps);
            for node in new.nodes.into_iter().filter(|node| !node.dynamic.is_empty()) {
                let (target, labels) = (Expr::Slot(node.slot), Vec::new());
                named.push(SetItem::Labels { target, labels, dynamic: node.dynamic, span: node.span });
            }
        }
        out.push(Clause::Create(steps));
        if !named.is_empty() {
            out.push(Clause::Set(named));
        }
        Ok(())
    }

    /// `MERGE path ON CREATE SET … ON MATCH SET …`.
    pub(super) fn merge(
        &mut self,
        path: &'a ast::PathPattern,
        on_create: &'a [ast::SetItem],
        on_match: &'a [ast::SetItem],
        span: Span,
        out: &mut Vec<Clause>,
    ) -> Result<()> {
        self.writes = true;
        let new = self.new_path(path, Creating::Merge, &mut BTreeSet::new())?;
        let labels: usize = new.nodes.iter().map(|node| node.labels.len()).sum();
        self.plan_more(path.elements.len() + labels, path.span)?;
        let mut create = Vec::new();
        create_steps(&new, &mut create);
        let pattern = merge_pattern(&new);
        let on_create = self.set_items(on_create)?;
        let on_match = self.set_items(on_match)?;
        out.push(Clause::Merge(Merge { pattern, create, on_create, on_match, span }));
        Ok(())
    }

    /// Checks and binds a path to be created. `created`: slots of this clause that exist only once it has run.
    fn new_path(
        &mut self,
        path: &'a ast::PathPattern,
        creating: Creating,
        created: &mut BTreeSet<Slot>,
    ) -> Result<NewPath> {
        if path.selector != Selector::All || path.mode != PathMode::Trail {
            return Err(not_creatable("a path search", path.span, creating));
        }
        if let Some(condition) = &path.condition {
            return Err(not_creatable("a WHERE", condition.span, creating));
        }
        let lone = path.elements.len() == 1;
        let mut new = NewPath { nodes: Vec::new(), rels: Vec::new(), variable: None };
        // Relationships are bound after the node to their right, so that their properties may speak of both ends.
        let mut waiting = None;
        for element in &path.elements {
            match element {
                PathElement::Node(node) => {
                    let node = self.new_node(node, lone, creating, created)?;
                    new.nodes.push(node);
                    if let Some(rel) = waiting.take() {
                        let rel = self.new_rel(rel, creating, created)?;
                        new.rels.push(rel);
                    }
                }
                PathElement::Relationship(rel) => waiting = Some(rel),
                PathElement::Group(group) => return Err(not_creatable("a repeated group", group.span, creating)),
            }
        }
        new.variable = match &path.variable {
            Some(name) => Some(self.declare_new(name, SlotKind::Path, Type::Path)?),
            None => None,
        };
        Ok(new)
    }

    fn new_node(
        &mut self,
        node: &'a ast::NodePattern,
        lone: bool,
        creating: Creating,
        created: &mut BTreeSet<Slot>,
    ) -> Result<NewNode> {
        if let Some(condition) = &node.condition {
            return Err(not_creatable("a WHERE", condition.span, creating));
        }
        let found = node.variable.as_ref().and_then(|name| Some((name, self.find(&name.text)?)));
        if let Some((name, found)) = found {
            let slot = self.known_node(name, &found)?;
            if lone || node.labels.is_some() || node.properties.is_some() {
                let says = format!("the node `{}` is already bound, so it cannot be created", name.text);
                return Err(Error::syntax(Code::VariableAlreadyBound, says).at(name.span).hint(format!(
                    "to use it, write ({0}) in a longer pattern; to change it, SET {0}:Label or SET {0}.key = …",
                    name.text
                )));
            }
            let seen = created.contains(&slot);
            let (labels, dynamic) = (Vec::new(), Vec::new());
            return Ok(NewNode { slot, bound: !seen, seen, labels, dynamic, properties: None, span: node.span });
        }
        let mut named = Vec::new();
        let labels = node.labels.as_ref().map(|l| created_labels(l, &mut named)).transpose()?.unwrap_or_default();
        if let (Creating::Merge, Some(names)) = (creating, named.first()) {
            return Err(not_creatable("a label given by an expression", names.span, creating));
        }
        let dynamic = self.names_of(&named)?;
        let properties = self.new_properties(node.properties.as_ref(), creating, created)?;
        let slot = match &node.variable {
            Some(name) => self.declare(&name.text, SlotKind::Node, Type::Node),
            None => self.new_slot("", SlotKind::Node),
        };
        created.insert(slot);
        Ok(NewNode { slot, bound: false, seen: false, labels, dynamic, properties, span: node.span })
    }

    fn new_rel(&mut self, rel: &'a ast::RelPattern, creating: Creating, created: &BTreeSet<Slot>) -> Result<NewRel> {
        if let Some(name) = &rel.variable
            && self.find(&name.text).is_some()
        {
            return Err(already_bound(name));
        }
        if rel.length != Length::One {
            return Err(Error::syntax(Code::CreatingVarLength, "a relationship of variable length cannot be created")
                .at(rel.span)
                .hint("write out each relationship: (a)-[:T]->()-[:T]->(b)"));
        }
        if let Some(condition) = &rel.condition {
            return Err(not_creatable("a WHERE", condition.span, creating));
        }
        let (ty, named) = match &rel.types {
            Some(LabelExpr::Name(ty)) => (ty.text.as_str(), None),
            Some(LabelExpr::Dynamic { names, any: false }) if creating == Creating::Create => ("", Some(&**names)),
            _ => {
                return Err(Error::syntax(
                    Code::NoSingleRelationshipType,
                    "a relationship to be created needs one type",
                )
                .at(rel.types.as_ref().and_then(label_span).unwrap_or(rel.span))
                .hint("write -[:TYPE]-> with a colon and exactly one type"));
            }
        };
        if rel.direction == Direction::Either && creating == Creating::Create {
            return Err(Error::syntax(
                Code::RequiresDirectedRelationship,
                "a relationship to be created needs a direction",
            )
            .at(rel.span)
            .hint(format!("write -[:{0}]-> or <-[:{0}]-", if ty.is_empty() { "TYPE" } else { ty })));
        }
        let properties = self.new_properties(rel.properties.as_ref(), creating, created)?;
        let dynamic = named.map(|names| self.label_names(names)).transpose()?;
        let slot = match &rel.variable {
            Some(name) => self.declare(&name.text, SlotKind::Rel, Type::Rel),
            None => self.new_slot("", SlotKind::Rel),
        };
        Ok(NewRel { slot, ty: ty.into(), dynamic, direction: rel.direction, properties, span: rel.span })
    }

    /// `created`: the nodes of the same clause, which are not there yet when `MERGE` looks for what is.
    fn new_properties(
        &mut self,
        map: Option<&'a ast::Expr>,
        creating: Creating,
        created: &BTreeSet<Slot>,
    ) -> Result<Option<Expr>> {
        let Some(map) = map else { return Ok(None) };
        if creating == Creating::Merge {
            let own = created.iter().map(|slot| self.slots[slot.0 as usize].name.clone());
            if let Some(name) = own.filter(|name| !name.is_empty()).find(|name| mentions(map, name)) {
                return Err(in_the_same_merge(&name, map.span));
            }
        }
        if creating == Creating::Merge && !matches!(map.kind, ExprKind::Map(_)) {
            return Err(super::pattern::no_map_literal(map.span));
        }
        let bound = self.expr(map)?;
        if !matches!(bound.ty, Type::Map | Type::Any | Type::Null | Type::Dated | Type::Node | Type::Rel) {
            return Err(mismatch("a map of properties", &bound.ty, map.span));
        }
        Ok(Some(bound.expr))
    }

    /// The items of `SET`.
    pub(super) fn set_items(&mut self, items: &'a [ast::SetItem]) -> Result<Vec<SetItem>> {
        items.iter().map(|item| self.set_item(item)).collect()
    }

    fn set_item(&mut self, item: &'a ast::SetItem) -> Result<SetItem> {
        Ok(match item {
            ast::SetItem::Property { target, value } => {
                let (bound, key) = self.property_target(target)?;
                let value = self.expr(value)?.expr;
                SetItem::Property { target: bound, key, value, span: target.span }
            }
            ast::SetItem::Replace { variable, value } => self.set_map(variable, value, false)?,
            ast::SetItem::Merge { variable, value } => self.set_map(variable, value, true)?,
            ast::SetItem::Labels { variable, labels, dynamic } => {
                let target = self.entity(variable, false)?;
                let dynamic = self.names(dynamic)?;
                SetItem::Labels { target, labels: names(labels), dynamic, span: variable.span }
            }
        })
    }

    fn set_map(&mut self, variable: &'a ast::Name, value: &'a ast::Expr, merge: bool) -> Result<SetItem> {
        let target = self.entity(variable, true)?;
        let bound = self.expr(value)?;
        if !matches!(bound.ty, Type::Map | Type::Any | Type::Null | Type::Dated | Type::Node | Type::Rel) {
            return Err(mismatch("a map of properties", &bound.ty, value.span));
        }
        Ok(SetItem::Map { target, value: bound.expr, merge, span: variable.span })
    }

    fn names_of(&mut self, names: &[&'a ast::Expr]) -> Result<Vec<Expr>> {
        names.iter().map(|names| self.label_names(names)).collect()
    }

    /// Expressions that name labels.
    fn names(&mut self, names: &'a [ast::Expr]) -> Result<Vec<Expr>> {
        names.iter().map(|names| self.label_names(names)).collect()
    }

    /// An expression that names labels or types: a text, or a list of texts.
    pub(super) fn label_names(&mut self, names: &'a ast::Expr) -> Result<Expr> {
        let bound = self.expr(names)?;
        if !bound.ty.fits(&Type::Str) && !matches!(bound.ty, Type::List(_)) {
            return Err(mismatch("a name, or a list of names", &bound.ty, names.span));
        }
        Ok(bound.expr)
    }

    /// `REMOVE`.
    pub(super) fn remove(&mut self, items: &'a [ast::RemoveItem], out: &mut Vec<Clause>) -> Result<()> {
        self.writes = true;
        let mut bound = Vec::with_capacity(items.len());
        for item in items {
            bound.push(match item {
                ast::RemoveItem::Property(target) => {
                    let (base, key) = self.property_target(target)?;
                    RemoveItem::Property { target: base, key, span: target.span }
                }
                ast::RemoveItem::Labels { variable, labels, dynamic } => {
                    let target = self.entity(variable, false)?;
                    let dynamic = self.names(dynamic)?;
                    RemoveItem::Labels { target, labels: names(labels), dynamic, span: variable.span }
                }
            });
        }
        out.push(Clause::Remove(bound));
        Ok(())
    }

    /// `DELETE`.
    pub(super) fn delete(&mut self, detach: Detach, targets: &'a [ast::Expr], out: &mut Vec<Clause>) -> Result<()> {
        self.writes = true;
        let mut bound = Vec::with_capacity(targets.len());
        for target in targets {
            if matches!(target.kind, ExprKind::HasLabels { .. }) {
                return Err(Error::syntax(Code::InvalidDelete, "a label or type cannot be deleted")
                    .at(target.span)
                    .hint("to take a label away, write REMOVE n:Label"));
            }
            let value = self.expr(target)?;
            if !matches!(value.ty, Type::Any | Type::Null | Type::Dated | Type::Node | Type::Rel | Type::Path) {
                return Err(mismatch("a node, relationship or path to delete", &value.ty, target.span)
                    .hint("to take a property away, write REMOVE n.key; of a list, FOREACH (x IN … | DELETE x)"));
            }
            bound.push((value.expr, target.span));
        }
        out.push(Clause::Delete { detach, targets: bound });
        Ok(())
    }

    /// The node or relationship a variable stands for; `rels`: a relationship will do.
    fn entity(&mut self, variable: &'a ast::Name, rels: bool) -> Result<Expr> {
        let found = self.resolve(&variable.text, variable.span)?;
        check_entity(&found.ty, rels, variable.span)?;
        Ok(found.expr)
    }

    /// `base.key` or `base[key]` on the left of `SET` or behind `REMOVE`.
    fn property_target(&mut self, target: &'a ast::Expr) -> Result<(Expr, Expr)> {
        let ExprKind::Access { base, steps } = &target.kind else { return Err(no_property(target.span)) };
        let Some((last, before)) = steps.split_last() else { return Err(no_property(target.span)) };
        let bound = self.access(base, before, base.span)?;
        check_entity(&bound.ty, true, base.span)?;
        let key = match last {
            AccessStep::Property(key) => Expr::Const(Value::from(key.text.as_str())),
            AccessStep::Index(key) => {
                let bound = self.expr(key)?;
                if !bound.ty.fits(&Type::Str) {
                    return Err(mismatch("the name of a property", &bound.ty, key.span));
                }
                bound.expr
            }
            AccessStep::Slice { .. } => return Err(no_property(target.span)),
        };
        Ok((bound.expr, key))
    }
}

/// Which clause creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Creating {
    Create,
    Merge,
}

/// What `MERGE` looks for cannot depend on what the same `MERGE` may have to create.
fn in_the_same_merge(name: &str, span: Span) -> Error {
    let message = format!("`{name}` belongs to the same MERGE, so its properties are not known yet");
    Error::syntax(Code::InvalidClauseComposition, message)
        .at(span)
        .hint(format!("merge `{name}` first and the rest behind it: MERGE ({name} …) MERGE ({name})-[…]->(…)"))
}

fn check_entity(ty: &Type, rels: bool, span: Span) -> Result<()> {
    let fits = ty.fits(&Type::Node) || (rels && ty.fits(&Type::Rel));
    let wanted = if rels { "a node or relationship" } else { "a node" };
    if fits { Ok(()) } else { Err(mismatch(wanted, ty, span)) }
}

fn no_property(span: Span) -> Error {
    Error::syntax(Code::UnexpectedSyntax, "only a property can be set or removed here").at(span).hint("write n.key")
}

fn names(names: &[ast::Name]) -> Vec<Arc<str>> {
    names.iter().map(|n| n.text.as_str().into()).collect()
}

fn not_creatable(what: &str, span: Span, creating: Creating) -> Error {
    let clause = if creating == Creating::Create { "CREATE" } else { "MERGE" };
    Error::syntax(Code::UnexpectedSyntax, format!("{what} cannot stand in {clause}"))
        .at(span)
        .hint("match first, then create what is missing")
}

fn created_labels<'a>(labels: &'a LabelExpr, named: &mut Vec<&'a ast::Expr>) -> Result<Vec<Arc<str>>> {
    let unclear = || {
        Error::syntax(Code::UnexpectedSyntax, "it must be clear which labels a created node gets")
            .at(label_span(labels).unwrap_or_default())
            .hint("write (:A:B); | and ! and % only have a meaning in MATCH")
    };
    match labels {
        LabelExpr::Name(name) => Ok(vec![name.text.as_str().into()]),
        LabelExpr::Dynamic { names, any: false } => {
            named.push(names);
            Ok(Vec::new())
        }
        LabelExpr::And(parts) => {
            let parts: Result<Vec<_>> = parts.iter().map(|part| created_labels(part, named)).collect();
            parts.map(|p| p.concat()).map_err(|_| unclear())
        }
        _ => Err(unclear()),
    }
}

fn create_steps(new: &NewPath, steps: &mut Vec<CreateStep>) {
    for node in new.nodes.iter().filter(|n| !n.bound && !n.seen) {
        let (labels, properties) = (node.labels.clone(), node.properties.clone());
        steps.push(CreateStep::Node { slot: node.slot, labels, properties });
    }
    for (number, rel) in new.rels.iter().enumerate() {
        let (left, right) = (new.nodes[number].slot, new.nodes[number + 1].slot);
        let (start, end) = if rel.direction == Direction::Left { (right, left) } else { (left, right) };
        let (ty, dynamic, properties) = (rel.ty.clone(), rel.dynamic.clone(), rel.properties.clone());
        steps.push(CreateStep::Rel { slot: rel.slot, ty, dynamic, start, end, properties, span: rel.span });
    }
    if let Some(slot) = new.variable {
        let mut elements = Vec::with_capacity(new.nodes.len() + new.rels.len());
        for (number, node) in new.nodes.iter().enumerate() {
            elements.push(node.slot);
            elements.extend(new.rels.get(number).map(|rel| rel.slot));
        }
        steps.push(CreateStep::Path { slot, elements });
    }
}

/// The pattern `MERGE` looks for before it creates.
fn merge_pattern(new: &NewPath) -> Pattern {
    let mut pattern = Pattern::default();
    let mut numbers = Vec::with_capacity(new.nodes.len());
    for node in &new.nodes {
        let known = pattern.nodes.iter().position(|n| n.slot == node.slot);
        let number = known.unwrap_or_else(|| {
            pattern.nodes.push(PatternNode { slot: node.slot, bound: node.bound });
            pattern.nodes.len() - 1
        });
        numbers.push(number);
        for label in &node.labels {
            let operand = Box::new(Expr::Slot(node.slot));
            pattern.predicates.push(Expr::HasLabels { operand, test: LabelTest::Name(label.clone()), span: node.span });
        }
        property_tests(node.slot, node.properties.as_ref(), node.span, &mut pattern.predicates);
    }
    for (number, rel) in new.rels.iter().enumerate() {
        pattern.rels.push(PatternRel {
            slot: rel.slot,
            bound: false,
            from: numbers[number],
            to: numbers[number + 1],
            direction: rel.direction,
            types: TypeTest::OneOf(vec![rel.ty.clone()]),
            length: RelLength::One,
            mode: PathMode::Trail,
            cost: None,
        });
        property_tests(rel.slot, rel.properties.as_ref(), rel.span, &mut pattern.predicates);
    }
    if let Some(slot) = new.variable {
        let mut elements = Vec::new();
        for (number, node) in numbers.iter().enumerate() {
            elements.push(PathPart::Node(*node));
            elements.extend((number < new.rels.len()).then_some(PathPart::Rel(number)));
        }
        let selector = Selector::All;
        pattern.paths.push(PatternPath {
            slot: Some(slot),
            selector,
            cost: None,
            mode: PathMode::Trail,
            tests: Vec::new(),
            elements,
        });
    }
    pattern
}

fn property_tests(slot: Slot, properties: Option<&Expr>, span: Span, out: &mut Vec<Expr>) {
    if let Some(Expr::Map(entries)) = properties {
        out.extend(entries.iter().map(|(key, value)| equals(slot, key.clone(), value.clone(), span)));
    }
}
