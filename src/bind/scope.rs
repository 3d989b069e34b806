//! Which names are visible where, and the slot each stands for.
//!
//! ```text
//! scope of the statement     frame { a, b }             <- clauses add names, WITH replaces the frame
//!   locals of an expression  [x]                        <- [x IN … | …], reduce, all(…)
//!   └ scope of EXISTS { … }  frame { c }  sees everything outside; what it uses is imported
//! scope of CALL { … }        frame { … }  sees only what it imports
//! ```
//!
//! Invariants: a name is looked up in the locals, then the frame, then outside; what a subquery takes
//! from outside is written into its imports at the moment it is looked up. Knows no clauses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Binder;
use super::bound::{Expr, Slot, SlotKind};
use super::types::Type;
use crate::error::{Code, Error, Result, Span};
use crate::syntax::ast;

/// A name's meaning at clause level.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) slot: Slot,
    pub(super) kind: SlotKind,
    pub(super) ty: Type,
    /// Visible to `ORDER BY` and `WHERE` of a projection, but not projected by it.
    pub(super) hidden: bool,
}

/// The names visible to a clause. Names added later can be dropped again (see [`Frame::mark`]).
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    names: BTreeMap<Arc<str>, Variable>,
    added: Vec<Arc<str>>,
}

impl Frame {
    /// What `name` stands for.
    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.names.get(name)
    }

    /// Lets `name` stand for `variable` from here on; what it stood for before comes back.
    pub(super) fn insert(&mut self, name: Arc<str>, variable: Variable) -> Option<Variable> {
        self.added.push(name.clone());
        self.names.insert(name, variable)
    }

    /// Names in alphabetical order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Variable)> {
        self.names.iter()
    }

    /// Puts `variable` (or nothing) under a name for a while; what was there comes back.
    pub(super) fn replace(&mut self, name: &Arc<str>, variable: Option<Variable>) -> Option<Variable> {
        match variable {
            Some(variable) => self.names.insert(name.clone(), variable),
            None => self.names.remove(name),
        }
    }

    /// The names added since `mark`, in order.
    pub(super) fn since(&self, mark: usize) -> Vec<(Arc<str>, Variable)> {
        let added = self.added[mark..].iter();
        added.filter_map(|name| self.names.get(name).map(|v| (name.clone(), v.clone()))).collect()
    }

    /// Where the frame stands now, for [`Frame::forget_since`].
    pub(super) fn mark(&self) -> usize {
        self.added.len()
    }

    /// Drops the names added since `mark`. They must have been new then.
    pub(super) fn forget_since(&mut self, mark: usize) {
        for name in self.added.split_off(mark) {
            self.names.remove(&name);
        }
    }
}

/// What lies around a scope.
#[derive(Debug)]
pub(super) enum Outside {
    /// Nothing: a statement, or `CALL { … }`.
    Nothing,
    /// Everything of the scope below on the stack: a subquery in an expression.
    Everything,
    /// These: `CALL (a, b) { … }`. They cannot be dropped by a `WITH` inside.
    Constants(Frame),
}

/// A variable that lives inside one expression.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) name: Arc<str>,
    pub(super) ty: Type,
}

/// The names of one query: the statement, or one subquery.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) frame: Frame,
    pub(super) outside: Outside,
    pub(super) locals: Vec<Local>,
    /// Inner slot ← outer expression, in order of first use.
    pub(super) imports: Vec<(Slot, Expr)>,
    /// Locals of the scope outside that were imported: its number, the slot inside.
    captured: Vec<(u32, Slot)>,
    /// Names that a `WITH` of the part did not pass on.
    pub(super) dropped: BTreeSet<Arc<str>>,
    /// `CALL { WITH a … }`: the first clause brings in what is used from outside.
    pub(super) imports_by_with: bool,
    /// How many groupings the part has behind it, and the number of the last one after which something from
    /// outside was used (0: none).
    pub(super) groupings: u32,
    pub(super) outside_used_after: u32,
    /// Slots of hidden variables that were looked up.
    pub(super) hidden_used: Vec<Slot>,
}

impl Scope {
    pub(super) fn new(outside: Outside) -> Self {
        Self {
            frame: Frame::default(),
            outside,
            locals: Vec::new(),
            imports: Vec::new(),
            captured: Vec::new(),
            dropped: BTreeSet::new(),
            imports_by_with: false,
            groupings: 0,
            outside_used_after: 0,
            hidden_used: Vec::new(),
        }
    }
}

/// What a name was found to be.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) expr: Expr,
    pub(super) kind: SlotKind,
    pub(super) ty: Type,
}

impl Found {
    /// The slot; a local has none.
    pub(super) fn slot(&self) -> Option<Slot> {
        match self.expr {
            Expr::Slot(slot) => Some(slot),
            _ => None,
        }
    }
}

impl Binder<'_> {
    /// The scope of the query being bound.
    pub(super) fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("a statement always has a scope")
    }

    /// The names visible to the clause being bound.
    pub(super) fn frame(&mut self) -> &mut Frame {
        &mut self.scope().frame
    }

    /// A new slot.
    pub(super) fn new_slot(&mut self, name: impl Into<Arc<str>>, kind: SlotKind) -> Slot {
        Slot::fresh(&mut self.slots, name, kind)
    }

    /// A new name for a new slot in the current frame. The caller has made sure that it is new.
    pub(super) fn declare(&mut self, name: &str, kind: SlotKind, ty: Type) -> Slot {
        let name: Arc<str> = name.into();
        let slot = self.new_slot(name.clone(), kind);
        self.frame().insert(name, Variable { slot, kind, ty, hidden: false });
        slot
    }

    /// The same, refusing a name that is taken.
    pub(super) fn declare_new(&mut self, name: &ast::Name, kind: SlotKind, ty: Type) -> Result<Slot> {
        if self.find(&name.text).is_some() {
            return Err(already_bound(name));
        }
        Ok(self.declare(&name.text, kind, ty))
    }

    /// What `name` stands for here, if anything.
    pub(super) fn find(&mut self, name: &str) -> Option<Found> {
        self.find_in(self.scopes.len() - 1, name)
    }

    /// What `name` stands for here. Errors: `UndefinedVariable`.
    pub(super) fn resolve(&mut self, name: &str, span: Span) -> Result<Found> {
        match self.find(name) {
            Some(found) => Ok(found),
            None => Err(self.undefined(name, span)),
        }
    }

    fn find_in(&mut self, at: usize, name: &str) -> Option<Found> {
        let scope = &mut self.scopes[at];
        if let Some(number) = scope.locals.iter().rposition(|l| &*l.name == name) {
            let local = u32::try_from(number).expect("nesting is bounded");
            return Some(Found {
                expr: Expr::Local(local),
                kind: SlotKind::Value,
                ty: scope.locals[number].ty.clone(),
            });
        }
        if let Some(variable) = scope.frame.get(name) {
            let found = Found { expr: Expr::Slot(variable.slot), kind: variable.kind, ty: variable.ty.clone() };
            if variable.hidden {
                let slot = variable.slot;
                scope.hidden_used.push(slot);
            }
            return Some(found);
        }
        let found = match &scope.outside {
            Outside::Nothing => None,
            Outside::Constants(frame) => {
                let constant = |v: &Variable| Found { expr: Expr::Slot(v.slot), kind: v.kind, ty: v.ty.clone() };
                frame.get(name).map(constant)
            }
            Outside::Everything => {
                let found = self.find_in(at.checked_sub(1)?, name)?;
                Some(self.import(at, name, found))
            }
        }?;
        let scope = &mut self.scopes[at];
        scope.outside_used_after = scope.outside_used_after.max(scope.groupings);
        Some(found)
    }

    /// Lets the subquery at `at` see something of the scope below it.
    fn import(&mut self, at: usize, name: &str, found: Found) -> Found {
        match found.expr {
            Expr::Local(number) => {
                let known = self.scopes[at].captured.iter().find(|(n, _)| *n == number).map(|(_, slot)| *slot);
                let slot = known.unwrap_or_else(|| {
                    let slot = self.new_slot(name, SlotKind::Value);
                    self.scopes[at].captured.push((number, slot));
                    self.scopes[at].imports.push((slot, Expr::Local(number)));
                    slot
                });
                Found { expr: Expr::Slot(slot), kind: SlotKind::Value, ty: found.ty }
            }
            Expr::Slot(slot) => {
                let imports = &mut self.scopes[at].imports;
                if !imports.iter().any(|(inner, _)| *inner == slot) {
                    imports.push((slot, Expr::Slot(slot)));
                }
                found
            }
            _ => found,
        }
    }

    /// Every visible name, alphabetically.
    pub(super) fn visible_names(&self) -> Vec<Arc<str>> {
        let mut names = BTreeSet::new();
        for scope in self.scopes.iter().rev() {
            names.extend(scope.locals.iter().map(|l| l.name.clone()));
            names.extend(scope.frame.iter().map(|(n, _)| n.clone()));
            match &scope.outside {
                Outside::Everything => {}
                Outside::Nothing => break,
                Outside::Constants(frame) => {
                    names.extend(frame.iter().map(|(n, _)| n.clone()));
                    break;
                }
            }
        }
        names.into_iter().collect()
    }

    /// Everything `*` stands for: names in alphabetical order.
    pub(super) fn star(&self) -> Vec<(Arc<str>, Variable)> {
        let Some(scope) = self.scopes.last() else { return Vec::new() };
        scope.frame.iter().map(|(name, variable)| (name.clone(), variable.clone())).collect()
    }
}

/// `VariableAlreadyBound`.
pub(super) fn already_bound(name: &ast::Name) -> Error {
    let text = &name.text;
    Error::syntax(Code::VariableAlreadyBound, format!("the variable `{text}` is already bound"))
        .at(name.span)
        .hint(format!("choose another name, such as `{text}2`"))
}
