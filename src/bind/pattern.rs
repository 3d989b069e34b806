//! Patterns to be matched become query graphs: every node once, every relationship, the paths over them,
//! and everything a pattern demands (labels, property maps, inline `WHERE`s) as predicates.
//!
//! Two passes: names first, so that `MATCH (a {x: b.y}), (b)` has a meaning; then the expressions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::bound::{
    Expr, Group, LabelTest, MentionKind, PathMode, PathPart, Pattern, PatternNode, PatternPath, PatternRel, RelLength,
    Selector, Slot, SlotKind, TypeTest,
};
use super::scope::{Found, Variable, already_bound};
use super::types::Type;
use super::waits::Places;
use super::{Binder, Typed, chosen, dates};
use crate::error::{Code, Error, Result, Span};
use crate::function::{self, Function};
use crate::syntax::ast::{self, ComparisonOp, ExprKind, LabelExpr, Length, PathElement};

/// Whether a pattern may bring new names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// `MATCH`, `EXISTS { … }`, pattern comprehensions.
    New,
    /// Pattern predicates: every name must be known.
    Known,
    /// Inside a quantified group: every name is new.
    Group,
}

/// A query graph in the making.
#[derive(Default)]
pub(super) struct Draft<'a> {
    pub(super) pattern: Pattern,
    /// Slot → number of the node.
    nodes: BTreeMap<Slot, usize>,
    /// Expressions to be bound once all names are known.
    pending: Vec<Pending<'a>>,
    /// The number of the first slot that the pattern may bring: lower ones are known before it.
    begins: usize,
    /// Which of the pending stand in which path behind a selector, by its number.
    within: Vec<(Range<usize>, usize)>,
}

enum Pending<'a> {
    Node(Slot, &'a ast::NodePattern),
    Rel(usize, &'a ast::RelPattern),
    /// `WHERE` of a whole path: the number of the path the selector chooses among, none where all are kept.
    Path(Option<usize>, &'a ast::Expr),
    Group(usize, &'a ast::GroupPattern, Box<Draft<'a>>, Vec<(Arc<str>, Variable)>),
}

impl Pending<'_> {
    /// Where its condition stands, or the element where it has none.
    fn span(&self) -> Span {
        let (condition, element) = match self {
            Self::Node(_, node) => (node.condition.as_deref(), node.span),
            Self::Rel(_, rel) => (rel.condition.as_deref(), rel.span),
            Self::Path(_, condition) => (None, condition.span),
            Self::Group(_, group, ..) => (group.condition.as_deref(), group.span),
        };
        condition.map_or(element, |condition| condition.span)
    }
}

/// The function that a path of several parts must satisfy in this mode.
fn whole_path_test(mode: PathMode) -> Option<&'static Function> {
    match mode {
        PathMode::Acyclic => function::lookup("isAcyclic"),
        PathMode::Simple => function::lookup("isSimple"),
        PathMode::Trail | PathMode::Walk => None,
    }
}

impl<'a> Binder<'a> {
    /// Binds the paths of a pattern that is matched.
    pub(super) fn pattern(&mut self, paths: &'a [ast::PathPattern], names: Names) -> Result<Pattern> {
        let mut draft = Draft { begins: self.slots.len(), ..Draft::default() };
        for path in paths {
            self.path(path, (names, path.mode), &mut draft)?;
        }
        self.pattern_expressions(draft)
    }

    /// The names of one path; `mode` is that of the path around it inside a group.
    fn path(
        &mut self,
        path: &'a ast::PathPattern,
        (names, mode): (Names, PathMode),
        draft: &mut Draft<'a>,
    ) -> Result<()> {
        chosen::check(path, names == Names::Group)?;
        self.plan_more(path.elements.len(), path.span)?;
        // Only a repetition that is the whole path sees to its mode by itself.
        let by_itself = |element: &PathElement| match element {
            PathElement::Node(_) => true,
            PathElement::Relationship(rel) => rel.length != Length::One,
            PathElement::Group(_) => true,
        };
        let steps = path.elements.iter().filter(|e| !matches!(e, PathElement::Node(_))).count();
        let seen_to = names == Names::Group || steps <= 1 && path.elements.iter().all(by_itself);
        let whole = if seen_to { None } else { whole_path_test(mode) };
        let mut walk = Walk::default();
        let before = draft.pending.len();
        for element in &path.elements {
            match element {
                PathElement::Node(node) => {
                    let number = self.node(node, names, draft)?;
                    walk.node(number, draft);
                }
                PathElement::Relationship(rel) => {
                    let from = self.left_end(&mut walk, draft);
                    let number = self.rel(rel, mode, names, from, draft)?;
                    walk.rel(number);
                }
                PathElement::Group(group) => {
                    let from = self.left_end(&mut walk, draft);
                    let number = self.group(group, mode, from, draft)?;
                    walk.rel(number);
                }
            }
        }
        if walk.open.is_some() {
            let number = self.anonymous_node(draft);
            walk.node(number, draft);
        }
        let mut slot = path.variable.as_ref().map(|name| self.path_variable(name, names)).transpose()?;
        let chosen = path.selector != Selector::All;
        // a selector chooses among paths of the mode only: its search sees to that
        if let Some(function) = whole.filter(|_| !chosen) {
            let path_slot = *slot.get_or_insert_with(|| self.new_slot("", SlotKind::Path));
            let arguments = vec![Expr::Slot(path_slot)];
            draft.pattern.predicates.push(Expr::Call { function, arguments, span: path.span });
        }
        if chosen {
            draft.within.push((before..draft.pending.len(), draft.pattern.paths.len()));
        }
        if let Some(condition) = &path.condition {
            draft.pending.push(Pending::Path(chosen.then_some(draft.pattern.paths.len()), condition));
        }
        if slot.is_some() || chosen || path.mode != PathMode::Trail {
            let (selector, tests) = (path.selector, Vec::new());
            let cost = (selector.is_by_cost() && slot.is_some()).then(|| self.new_slot("", SlotKind::Value));
            draft.pattern.paths.push(PatternPath { slot, selector, cost, mode, tests, elements: walk.parts });
        }
        Ok(())
    }

    fn path_variable(&mut self, name: &'a ast::Name, names: Names) -> Result<Slot> {
        if names == Names::Known && self.find(&name.text).is_none() {
            return Err(self.unknown_in_pattern(name, names));
        }
        self.declare_new(name, SlotKind::Path, Type::Path)
    }

    /// Whether a pattern may not bring `name` as a new one.
    fn must_be_known(&self, name: &ast::Name, names: Names) -> bool {
        let mut outside = self.rules.ungrouped.iter().chain(&self.rules.left_behind);
        names == Names::Known || outside.any(|n| **n == *name.text)
    }

    fn unknown_in_pattern(&self, name: &ast::Name, names: Names) -> Error {
        let error = self.undefined(&name.text, name.span);
        match names {
            Names::Known if error.code() == Code::UndefinedVariable => error
                .hint("a pattern as a condition brings no new names: leave the name away, or write EXISTS { pattern }"),
            _ => error,
        }
    }

    /// The node a relationship starts from: the last one, or one that is not written.
    fn left_end(&mut self, walk: &mut Walk, draft: &mut Draft<'a>) -> usize {
        match walk.last {
            Some(number) if walk.open.is_none() => number,
            _ => {
                let number = self.anonymous_node(draft);
                walk.node(number, draft);
                number
            }
        }
    }

    fn anonymous_node(&mut self, draft: &mut Draft<'a>) -> usize {
        let slot = self.new_slot("", SlotKind::Node);
        draft.add_node(slot, false)
    }

    fn node(&mut self, node: &'a ast::NodePattern, names: Names, draft: &mut Draft<'a>) -> Result<usize> {
        let number = match &node.variable {
            None => self.anonymous_node(draft),
            Some(name) => match self.find(&name.text) {
                None if self.must_be_known(name, names) => return Err(self.unknown_in_pattern(name, names)),
                None => {
                    let slot = self.declare(&name.text, SlotKind::Node, Type::Node);
                    draft.add_node(slot, false)
                }
                Some(found) => {
                    let slot = self.known_node(name, &found)?;
                    match draft.nodes.get(&slot) {
                        Some(number) => *number,
                        None if names == Names::Group => return Err(bound_outside(name)),
                        None => draft.add_node(slot, true),
                    }
                }
            },
        };
        if node.labels.is_some() || node.properties.is_some() || node.condition.is_some() {
            draft.pending.push(Pending::Node(draft.pattern.nodes[number].slot, node));
        }
        Ok(number)
    }

    /// The slot of a node variable that is bound. Errors: `VariableTypeConflict`.
    pub(super) fn known_node(&self, name: &ast::Name, found: &Found) -> Result<Slot> {
        match found.slot() {
            Some(slot) if found.ty.fits(&Type::Node) => Ok(slot),
            _ => Err(conflict(name, &found.ty, "a node")),
        }
    }

    fn rel(
        &mut self,
        rel: &'a ast::RelPattern,
        mode: PathMode,
        names: Names,
        from: usize,
        draft: &mut Draft<'a>,
    ) -> Result<usize> {
        let (kind, ty) = match rel.length {
            Length::One => (SlotKind::Rel, Type::Rel),
            Length::Var { .. } => (SlotKind::RelList, Type::list(Type::Rel)),
        };
        let (slot, bound) = match &rel.variable {
            None => (self.new_slot("", kind), false),
            Some(name) => match self.find(&name.text) {
                None if self.must_be_known(name, names) => return Err(self.unknown_in_pattern(name, names)),
                None => (self.declare(&name.text, kind, ty), false),
                Some(found) => (known_rel(name, &found, &ty, names, draft)?, true),
            },
        };
        // what an expression names is asked for once all names are known
        let static_types = rel.types.as_ref().filter(|types| !is_dynamic(types));
        let types = self.type_test(static_types);
        // alone, a relationship is told apart from the others whatever the path may repeat, unless it is a walk
        let mode = if rel.length == Length::One && mode != PathMode::Walk { PathMode::Trail } else { mode };
        let length = match rel.length {
            Length::One => RelLength::One,
            Length::Var { min, max } => {
                let step = self.new_slot("", SlotKind::Rel);
                RelLength::Var { min: min.unwrap_or(1), max, step, conditions: Vec::new() }
            }
        };
        let number = draft.pattern.rels.len();
        let direction = rel.direction;
        draft.pattern.rels.push(PatternRel { slot, bound, from, to: from, direction, types, length, mode, cost: None });
        let asks = rel.properties.is_some() || rel.condition.is_some() || rel.cost.is_some();
        if asks || rel.types.as_ref().is_some_and(is_dynamic) {
            draft.pending.push(Pending::Rel(number, rel));
        }
        Ok(number)
    }

    fn group(
        &mut self,
        group: &'a ast::GroupPattern,
        mode: PathMode,
        from: usize,
        draft: &mut Draft<'a>,
    ) -> Result<usize> {
        let mark = self.frame().mark();
        let mut inner = Draft { begins: draft.begins, ..Draft::default() };
        self.path(&group.path, (Names::Group, mode), &mut inner)?;
        let names = self.frame().since(mark);
        self.frame().forget_since(mark);
        let mut lists = Vec::with_capacity(names.len());
        for (name, variable) in &names {
            let kind = if variable.kind == SlotKind::Rel { SlotKind::RelList } else { SlotKind::Value };
            lists.push((variable.slot, self.declare(name, kind, Type::list(variable.ty.clone()))));
        }
        let ends = inner.pattern.rels.first().map(|r| r.from).zip(inner.pattern.rels.last().map(|r| r.to));
        let Some((first, last)) = ends else {
            return Err(Error::syntax(Code::InvalidRelationshipPattern, "a repeated group needs a relationship")
                .at(group.span)
                .hint("for example ((a)-[:T]->(b)){1,3}"));
        };
        let slot = self.new_slot("", SlotKind::Value);
        let number = draft.pattern.rels.len();
        draft.pattern.rels.push(PatternRel {
            slot,
            bound: false,
            from,
            to: from,
            direction: ast::Direction::Right,
            types: TypeTest::Any,
            length: RelLength::Group(Box::new(Group {
                pattern: Pattern::default(),
                first,
                last,
                conditions: Vec::new(),
                min: group.min,
                max: group.max,
                lists,
            })),
            mode,
            cost: None,
        });
        draft.pending.push(Pending::Group(number, group, Box::new(inner), names));
        Ok(number)
    }

    /// The second pass: what the elements demand.
    pub(super) fn pattern_expressions(&mut self, mut draft: Draft<'a>) -> Result<Pattern> {
        let mut places = Places::default();
        for (at, pending) in std::mem::take(&mut draft.pending).into_iter().enumerate() {
            let asked = draft.pattern.predicates.len();
            let span = pending.span();
            match pending {
                Pending::Node(slot, node) => {
                    let predicates = &mut draft.pattern.predicates;
                    let before = predicates.len();
                    if let Some(labels) = &node.labels {
                        self.label_predicates(slot, labels, MentionKind::Label, predicates)?;
                    }
                    self.plan_more(predicates.len() - before, node.span)?;
                    self.property_predicates(slot, node.properties.as_ref(), predicates)?;
                    if let Some(condition) = &node.condition {
                        self.conditions(condition, predicates)?;
                    }
                }
                Pending::Path(None, condition) => self.conditions(condition, &mut draft.pattern.predicates)?,
                Pending::Path(Some(number), condition) => {
                    places.paths.push((number, span));
                    self.conditions(condition, &mut draft.pattern.paths[number].tests)?;
                }
                Pending::Rel(number, rel) => {
                    if let Some(cost) = &rel.cost {
                        let (slot, length) = (draft.pattern.rels[number].slot, &draft.pattern.rels[number].length);
                        let step = if let RelLength::Var { step, .. } = length { *step } else { slot };
                        draft.pattern.rels[number].cost = Some(self.rel_cost((rel, cost), step, draft.begins)?);
                    }
                    places.rels.push((number, span));
                    self.rel_predicates(number, rel, &mut draft.pattern)?;
                }
                Pending::Group(number, group, inner, names) => {
                    places.rels.push((number, span));
                    self.group_expressions(&mut draft.pattern.rels[number], group, *inner, names)?;
                }
            }
            if let Some((_, path)) = draft.within.iter().find(|(pending, _)| pending.contains(&at))
                && self.ask_within(&mut draft.pattern, *path, asked, draft.begins)
            {
                places.paths.push((*path, span));
            }
        }
        self.check_waits(&draft.pattern, &places)?;
        Ok(draft.pattern)
    }

    fn rel_predicates(&mut self, number: usize, rel: &'a ast::RelPattern, pattern: &mut Pattern) -> Result<()> {
        let Pattern { rels, predicates, .. } = pattern;
        let target = &mut rels[number];
        let dynamic = rel.types.as_ref().filter(|types| is_dynamic(types));
        let RelLength::Var { step, conditions, .. } = &mut target.length else {
            if let Some(types) = dynamic {
                predicates.push(self.named_labels(&Expr::Slot(target.slot), types, MentionKind::Type)?);
            }
            self.property_predicates(target.slot, rel.properties.as_ref(), predicates)?;
            if let Some(condition) = &rel.condition {
                self.conditions(condition, predicates)?;
            }
            return Ok(());
        };
        if let Some(types) = dynamic {
            conditions.push(self.named_labels(&Expr::Slot(*step), types, MentionKind::Type)?);
        }
        self.property_predicates(*step, rel.properties.as_ref(), conditions)?;
        let Some(condition) = &rel.condition else { return Ok(()) };
        self.of_each(rel, *step, |this| this.conditions(condition, conditions))
    }

    /// Binds what is asked of each relationship: there the variable of `-[r* WHERE r.x > 1]->` is one, not the list.
    pub(super) fn of_each<T>(
        &mut self,
        rel: &ast::RelPattern,
        step: Slot,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let single = Variable { slot: step, kind: SlotKind::Rel, ty: Type::Rel, hidden: false };
        let name: Option<Arc<str>> = rel.variable.as_ref().map(|n| n.text.as_str().into());
        let outer = name.as_ref().map(|n| self.frame().replace(n, Some(single)));
        let bound = bind(self)?;
        if let (Some(name), Some(outer)) = (name, outer) {
            self.frame().replace(&name, outer);
        }
        Ok(bound)
    }

    fn group_expressions(
        &mut self,
        rel: &mut PatternRel,
        group: &'a ast::GroupPattern,
        inner: Draft<'a>,
        names: Vec<(Arc<str>, Variable)>,
    ) -> Result<()> {
        let RelLength::Group(bound) = &mut rel.length else { return Ok(()) };
        let mut outer = Vec::with_capacity(names.len());
        for (name, variable) in names {
            let before = self.frame().replace(&name, Some(variable));
            outer.push((name, before));
        }
        bound.pattern = self.pattern_expressions(inner)?;
        if let Some(condition) = &group.condition {
            self.conditions(condition, &mut bound.conditions)?;
        }
        for (name, before) in outer {
            self.frame().replace(&name, before);
        }
        Ok(())
    }

    /// `n.k = v` for every entry of a property map.
    fn property_predicates(&mut self, slot: Slot, map: Option<&'a ast::Expr>, out: &mut Vec<Expr>) -> Result<()> {
        let Some(map) = map else { return Ok(()) };
        let ExprKind::Map(entries) = &map.kind else { return Err(no_map_literal(map.span)) };
        for (key, value) in entries {
            self.mention(MentionKind::Key, key);
            let value = self.expr_to_compare(value)?;
            let name: Arc<str> = key.text.as_str().into();
            if !self.catalog.is_date(&name) {
                out.push(equals(slot, name, value.expr, key.span));
                continue;
            }
            let property = Expr::Property { base: Box::new(Expr::Slot(slot)), key: name, span: key.span };
            let property = Typed::new(property, Type::Dated);
            out.push(dates::compare(property, vec![(ComparisonOp::Equal, value)], key.span));
        }
        Ok(())
    }

    /// Labels as conjuncts: `A&B` gives two.
    pub(super) fn label_predicates(
        &mut self,
        slot: Slot,
        labels: &'a LabelExpr,
        what: MentionKind,
        out: &mut Vec<Expr>,
    ) -> Result<()> {
        match labels {
            LabelExpr::And(parts) => {
                for part in parts {
                    self.label_predicates(slot, part, what, out)?;
                }
            }
            labels if is_dynamic(labels) => out.push(self.named_labels(&Expr::Slot(slot), labels, what)?),
            _ => {
                let span = label_span(labels).unwrap_or_default();
                let test = self.label_test(labels, what);
                out.push(Expr::HasLabels { operand: Box::new(Expr::Slot(slot)), test, span });
            }
        }
        Ok(())
    }

    /// A label or type expression in which expressions name some: a condition on `operand`.
    pub(super) fn named_labels(&mut self, operand: &Expr, labels: &'a LabelExpr, what: MentionKind) -> Result<Expr> {
        let span = label_span(labels).unwrap_or_default();
        let mut all = |parts: &'a [LabelExpr]| -> Result<Vec<Expr>> {
            parts.iter().map(|part| self.named_labels(operand, part, what)).collect()
        };
        Ok(match labels {
            LabelExpr::And(parts) => Expr::And(all(parts)?, span),
            LabelExpr::Or(parts) => Expr::Or(all(parts)?, span),
            LabelExpr::Not(part) => Expr::Not(Box::new(self.named_labels(operand, part, what)?), span),
            LabelExpr::Dynamic { names, any } => {
                let name = if *any { "hasAnyLabel" } else { "hasLabels" };
                let span = names.span;
                let function =
                    function::lookup(name).ok_or_else(|| Error::syntax(Code::UnknownFunction, name).at(span))?;
                Expr::Call { function, arguments: vec![operand.clone(), self.label_names(names)?], span }
            }
            LabelExpr::Any | LabelExpr::Name(_) => {
                Expr::HasLabels { operand: Box::new(operand.clone()), test: self.label_test(labels, what), span }
            }
        })
    }

    /// A label or type expression.
    pub(super) fn label_test(&mut self, labels: &LabelExpr, what: MentionKind) -> LabelTest {
        let mut all = |parts: &[LabelExpr]| parts.iter().map(|part| self.label_test(part, what)).collect();
        match labels {
            LabelExpr::And(parts) => LabelTest::And(all(parts)),
            LabelExpr::Or(parts) => LabelTest::Or(all(parts)),
            LabelExpr::Not(part) => LabelTest::Not(Box::new(self.label_test(part, what))),
            // asked for by `named_labels`
            LabelExpr::Any | LabelExpr::Dynamic { .. } => LabelTest::Any,
            LabelExpr::Name(name) => {
                self.mention(what, name);
                LabelTest::Name(name.text.as_str().into())
            }
        }
    }

    /// Which types a relationship pattern asks for.
    pub(super) fn type_test(&mut self, types: Option<&LabelExpr>) -> TypeTest {
        let Some(types) = types else { return TypeTest::Any };
        match self.label_test(types, MentionKind::Type) {
            LabelTest::Any => TypeTest::Any,
            LabelTest::Name(name) => TypeTest::OneOf(vec![name]),
            LabelTest::Or(parts) if parts.iter().all(|p| matches!(p, LabelTest::Name(_))) => {
                let name = |part| if let LabelTest::Name(name) = part { Some(name) } else { None };
                TypeTest::OneOf(parts.into_iter().filter_map(name).collect())
            }
            test => TypeTest::Expr(test),
        }
    }
}

impl Draft<'_> {
    fn add_node(&mut self, slot: Slot, bound: bool) -> usize {
        let number = self.pattern.nodes.len();
        self.pattern.nodes.push(PatternNode { slot, bound });
        self.nodes.insert(slot, number);
        number
    }
}

/// Where one stands while going along a path.
#[derive(Default)]
struct Walk {
    last: Option<usize>,
    /// A relationship whose right end is not known yet.
    open: Option<usize>,
    parts: Vec<PathPart>,
}

impl Walk {
    fn node(&mut self, number: usize, draft: &mut Draft<'_>) {
        if let Some(rel) = self.open.take() {
            draft.pattern.rels[rel].to = number;
        }
        self.last = Some(number);
        self.parts.push(PathPart::Node(number));
    }

    fn rel(&mut self, number: usize) {
        self.open = Some(number);
        self.parts.push(PathPart::Rel(number));
    }
}

/// Whether an expression names any of the labels.
pub(super) fn is_dynamic(labels: &LabelExpr) -> bool {
    match labels {
        LabelExpr::Dynamic { .. } => true,
        LabelExpr::Name(_) | LabelExpr::Any => false,
        LabelExpr::Not(part) => is_dynamic(part),
        LabelExpr::And(parts) | LabelExpr::Or(parts) => parts.iter().any(is_dynamic),
    }
}

/// `slot.key = value`.
pub(super) fn equals(slot: Slot, key: Arc<str>, value: Expr, span: Span) -> Expr {
    let property = Expr::Property { base: Box::new(Expr::Slot(slot)), key, span };
    Expr::Compare { first: Box::new(property), rest: vec![(ComparisonOp::Equal, value)] }
}

/// The place of the first name of a label expression.
pub(super) fn label_span(labels: &LabelExpr) -> Option<Span> {
    match labels {
        LabelExpr::Name(name) => Some(name.span),
        LabelExpr::Any => None,
        LabelExpr::Dynamic { names, .. } => Some(names.span),
        LabelExpr::Not(part) => label_span(part),
        LabelExpr::And(parts) | LabelExpr::Or(parts) => parts.iter().find_map(label_span),
    }
}

fn known_rel(name: &ast::Name, found: &Found, ty: &Type, names: Names, draft: &Draft<'_>) -> Result<Slot> {
    let wanted = if *ty == Type::Rel { "a relationship" } else { "a list of relationships" };
    let slot = match found.slot() {
        Some(slot) if found.ty.fits(ty) => slot,
        _ => return Err(conflict(name, &found.ty, wanted)),
    };
    if draft.pattern.rels.iter().any(|r| r.slot == slot) {
        let message = format!("the relationship `{}` stands twice in this pattern", name.text);
        return Err(Error::syntax(Code::RelationshipUniquenessViolation, message)
            .at(name.span)
            .hint("a pattern walks over a relationship once; give the second one a name of its own"));
    }
    if names == Names::Group {
        return Err(bound_outside(name));
    }
    Ok(slot)
}

fn bound_outside(name: &ast::Name) -> Error {
    already_bound(name)
        .hint("a repeated group cannot use a variable from outside in its pattern; compare them in WHERE")
}

fn conflict(name: &ast::Name, found: &Type, wanted: &str) -> Error {
    let message = format!("`{}` is already {}, so it cannot be {wanted} here", name.text, found.with_article());
    Error::syntax(Code::VariableTypeConflict, message).at(name.span).hint("use another name")
}

/// `InvalidParameterUse`: a pattern takes its properties as a map that is written out.
pub(super) fn no_map_literal(span: Span) -> Error {
    Error::syntax(Code::InvalidParameterUse, "a pattern cannot take its properties from a parameter")
        .at(span)
        .hint("name the properties: {name: $name}; or compare in WHERE")
}
