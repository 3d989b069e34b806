//! A pattern as joins: every node a scan or an end of a relationship, every relationship a join, a repetition so many joins
//! one after the other.
//!
//! Labels cost nothing here: a node stands in one table, and a relationship's table says in which its ends stand, so that a
//! label chooses tables. Relationships of one clause are different from each other, as openCypher wants it.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Sql, all_of, holds};
use super::frontier::{Kind, Search};
use super::lower::{Lower, refused};
use super::scope::{Content, Property, Table, Var};
use super::types::Ty;
use crate::bind::bound::{
    Direction, Expr, LabelTest, PathMode, PathPart, Pattern, PatternRel, RelLength, Selector, Slot, TypeTest,
};
use crate::error::Result;
use crate::io::layout::{Column, ColumnType};
use crate::plan::walk::{Imports, any, slots_of};

/// The longest repetition that is written out.
const MOST_HOPS: u64 = 8;
/// Walks read at most so many tables: a plan over hundreds of them is more than servers of one machine can hold.
const MOST_TABLES: u64 = 128;

/// What a scan of relationships gives: a column for the near end, one for the far end, and those with their tables.
struct Scan {
    sql: String,
    var: Var,
    ends: [(String, String); 2],
}

/// A table of relationships, and whether it is followed from end to start.
type Way = (usize, bool);

/// What of a pattern is yet to be done.
struct Todo<'p> {
    pattern: &'p Pattern,
    /// In which tables each node may stand.
    tables: Vec<BTreeSet<usize>>,
    predicates: Vec<&'p Expr>,
    /// Relationships that are there.
    placed: Vec<usize>,
}

impl Lower<'_> {
    /// The rows of `table` with every way the pattern fits.
    pub(super) fn pattern(&mut self, table: Table, pattern: &Pattern, conditions: &[Expr]) -> Result<Table> {
        check(pattern)?;
        let table = self.known_nodes(table, pattern)?;
        let mut todo = Todo {
            pattern,
            tables: Vec::new(),
            predicates: pattern.predicates.iter().chain(conditions).collect(),
            placed: Vec::new(),
        };
        self.find_tables(&table, &mut todo);
        let mut table = self.filter_ready(table, &mut todo)?;
        loop {
            let there = |n: usize, table: &Table| table.vars.contains_key(&pattern.nodes[n].slot);
            let open = (0..pattern.rels.len()).filter(|r| !todo.placed.contains(r));
            let known = |r: &usize| {
                let rel = &pattern.rels[*r];
                usize::from(there(rel.from, &table)) + usize::from(there(rel.to, &table))
            };
            let single = |r: &usize| matches!(pattern.rels[*r].length, RelLength::One);
            // ends that are both there first, then one step, then repetitions
            // a shortest path is sought when both of its ends are there, a repetition walked when what it reads is
            let ready = |r: &usize| {
                known(r) > usize::from(shortest_of(pattern, *r).is_some())
                    && self.waits_for(&table, pattern, *r).is_empty()
            };
            let next = open.filter(ready).max_by_key(|r| (known(r), single(r), std::cmp::Reverse(*r)));
            table = if let Some(rel) = next {
                let placed = match (&pattern.rels[rel].length, shortest_of(pattern, rel)) {
                    (_, Some(all)) => self.shortest(table, rel, &todo, all)?,
                    (RelLength::One, None) => self.step(table, rel, &todo)?,
                    _ => self.repetition(table, rel, &todo)?,
                };
                todo.placed.push(rel);
                placed
            } else {
                let open: Vec<usize> = (0..pattern.nodes.len()).filter(|n| !there(*n, &table)).collect();
                let Some(start) = self.where_to_start(&open, &todo) else { break };
                let slot = pattern.nodes[start].slot;
                let first = (0..pattern.rels.len()).find(|r| {
                    let rel = &pattern.rels[*r];
                    single(r) && !todo.placed.contains(r) && (rel.from == start || rel.to == start)
                });
                match first {
                    // nothing is asked of it that its relationships do not say
                    Some(rel) if self.demand(slot).keys.is_empty() => {
                        let placed = self.step(table, rel, &todo)?;
                        todo.placed.push(rel);
                        placed
                    }
                    _ => {
                        let (sql, var) = self.node_scan(slot, &todo.tables[start]);
                        self.joined(table, sql, None, vec![(slot, var)], "nodes")
                    }
                }
            };
            table = self.filter_ready(table, &mut todo)?;
            table = self.paths_read(table, &todo)?;
        }
        if todo.placed.len() < pattern.rels.len() {
            return Err(refused("a repetition that reads what is found after it"));
        }
        table = self.all_different(table, pattern);
        for path in &pattern.paths {
            if let Some(slot) = path.slot.filter(|slot| !table.vars.contains_key(slot)) {
                table = self.path(table, slot, pattern, &path.elements)?;
            }
        }
        let rest = std::mem::take(&mut todo.predicates);
        self.filter(table, &rest)
    }

    /// What of the pattern a repetition reads of each of its relationships, and is not there yet.
    fn waits_for(&self, table: &Table, pattern: &Pattern, rel: usize) -> Vec<Slot> {
        let RelLength::Var { conditions, .. } = &pattern.rels[rel].length else { return Vec::new() };
        let mut reads = Vec::new();
        conditions.iter().for_each(|condition| slots_of(condition, &self.imports, &mut reads));
        let is_own = |slot: &Slot| {
            pattern.nodes.iter().any(|node| node.slot == *slot)
                || pattern.rels.iter().any(|rel| rel.slot == *slot)
                || pattern.paths.iter().any(|path| path.slot == Some(*slot))
        };
        reads.retain(|slot| is_own(slot) && !table.vars.contains_key(slot));
        reads
    }

    /// The same rows with the paths that repetitions wait for and whose parts are all there.
    fn paths_read(&mut self, mut table: Table, todo: &Todo<'_>) -> Result<Table> {
        let pattern = todo.pattern;
        let open = (0..pattern.rels.len()).filter(|rel| !todo.placed.contains(rel));
        let read: Vec<Slot> = open.flat_map(|rel| self.waits_for(&table, pattern, rel)).collect();
        for path in &pattern.paths {
            let is_there = |part: &PathPart| match part {
                PathPart::Node(node) => table.vars.contains_key(&pattern.nodes[*node].slot),
                PathPart::Rel(rel) => todo.placed.contains(rel),
            };
            if let Some(slot) = path.slot.filter(|slot| read.contains(slot))
                && path.elements.iter().all(is_there)
            {
                table = self.path(table, slot, pattern, &path.elements)?;
            }
        }
        Ok(table)
    }

    /// The same rows, in which what the pattern is given as nodes are nodes: a null is a node that there is none of.
    fn known_nodes(&mut self, mut table: Table, pattern: &Pattern) -> Result<Table> {
        for node in &pattern.nodes {
            let Some(var) = table.vars.get(&node.slot) else { continue };
            match var.ty {
                Ty::Node => {}
                Ty::Null => {
                    let (name, of) = (self.fresh("n"), Content::default());
                    let sql = format!(
                        "SELECT {}, CAST(NULL AS BIGINT) AS {name}, CAST(NULL AS INT) AS {name}_t FROM {}",
                        table.list(),
                        table.name
                    );
                    table.name = self.emit("null as a node", sql);
                    let of = Content { table: format!("{name}_t"), ..of };
                    let null = table.vars.insert(node.slot, Var { of: Some(of), ..Var::value(Ty::Node, name) });
                    // what is joined with these rows knows them by the column that there was
                    if let Some(null) = null {
                        table.vars.insert(Slot(u32::MAX / 2 - node.slot.0), null);
                    }
                    table.unit = false;
                }
                _ => return Err(refused(format!("a {} as a node of a pattern", var.ty.name()))),
            }
        }
        Ok(table)
    }

    /// The node to begin with: one that something is asked of.
    fn where_to_start(&self, open: &[usize], todo: &Todo<'_>) -> Option<usize> {
        let asked = |n: &&usize| {
            let slot = todo.pattern.nodes[**n].slot;
            todo.predicates.iter().any(|predicate| {
                let mut reads = Vec::new();
                slots_of(predicate, &self.imports, &mut reads);
                reads.contains(&slot) && reads.iter().all(|own| *own == slot)
            })
        };
        open.iter().find(asked).or_else(|| open.first()).copied()
    }

    /// In which tables each node may stand, by its labels and by the relationships at it; labels that are seen to by that go
    /// from the predicates.
    fn find_tables(&self, table: &Table, todo: &mut Todo<'_>) {
        let every: BTreeSet<usize> = (0..self.layout.nodes.len()).collect();
        let pattern = todo.pattern;
        for node in &pattern.nodes {
            let known = table.vars.get(&node.slot).and_then(|var| var.of.as_ref());
            let mut tables = known.map_or_else(|| every.clone(), |of| of.tables.iter().copied().collect());
            for predicate in &todo.predicates {
                if let Some(test) = label_of(predicate, node.slot) {
                    tables.retain(|number| holds(test, &self.layout.nodes[*number].labels));
                }
            }
            if !node.bound {
                todo.predicates.retain(|predicate| label_of(predicate, node.slot).is_none());
            }
            todo.tables.push(tables);
        }
        loop {
            let before: usize = todo.tables.iter().map(BTreeSet::len).sum();
            for rel in pattern.rels.iter().filter(|rel| matches!(rel.length, RelLength::One)) {
                let ways = self.ways(rel, &todo.tables[rel.from], &todo.tables[rel.to]);
                let (mut from, mut to) = (BTreeSet::new(), BTreeSet::new());
                for (number, back) in ways {
                    let own = &self.layout.relationships[number];
                    let (a, b) = if back { (own.end, own.start) } else { (own.start, own.end) };
                    from.insert(a);
                    to.insert(b);
                }
                todo.tables[rel.from].retain(|number| from.contains(number));
                todo.tables[rel.to].retain(|number| to.contains(number));
            }
            if todo.tables.iter().map(BTreeSet::len).sum::<usize>() == before {
                return;
            }
        }
    }

    /// The tables that a relationship may be in, between nodes of these tables, and which way they are followed.
    fn ways(&self, rel: &PatternRel, from: &BTreeSet<usize>, to: &BTreeSet<usize>) -> Vec<Way> {
        let mut ways = Vec::new();
        for (number, own) in self.layout.relationships.iter().enumerate() {
            let fits = match &rel.types {
                TypeTest::Any => true,
                TypeTest::OneOf(types) => types.iter().any(|ty| **ty == *own.ty),
                TypeTest::Expr(test) => holds(test, std::slice::from_ref(&own.ty)),
            };
            if !fits {
                continue;
            }
            if rel.direction != Direction::Left && from.contains(&own.start) && to.contains(&own.end) {
                ways.push((number, false));
            }
            if rel.direction != Direction::Right && from.contains(&own.end) && to.contains(&own.start) {
                ways.push((number, true));
            }
        }
        ways
    }

    /// What scanning nodes gives.
    fn node_scan(&mut self, slot: Slot, tables: &BTreeSet<usize>) -> (String, Var) {
        let name = self.fresh("n");
        let keys: Vec<_> = self.demand(slot).keys.iter().cloned().collect();
        let layout = self.layout;
        let columns = |number: usize| layout.nodes[number].columns.as_slice();
        let mut properties = BTreeMap::new();
        for (at, key) in keys.iter().enumerate() {
            let of = tables.iter().map(|number| (columns(*number), layout.nodes[*number].labels.join(":")));
            properties.insert(key.clone(), property(key, of.collect(), format!("{name}_p{at}")));
        }
        let mut parts = Vec::new();
        for number in tables {
            let mut select = format!("SELECT _id AS {name}, {number} AS {name}_t");
            for (key, property) in &properties {
                select.push_str(&selected(key, property, columns(*number)));
            }
            parts.push(format!("{select} FROM {}", self.file(&layout.nodes[*number].folder)));
        }
        if parts.is_empty() {
            let mut select = format!("SELECT CAST(NULL AS BIGINT) AS {name}, CAST(NULL AS INT) AS {name}_t");
            for (key, property) in &properties {
                select.push_str(&selected(key, property, &[]));
            }
            parts.push(format!("{select} WHERE false"));
        }
        let tables = tables.iter().copied().collect();
        let of = Content { table: format!("{name}_t"), tables, properties, ends: None };
        let var = Var { of: Some(of), nullable: false, ..Var::value(Ty::Node, name) };
        (all_of(&parts), var)
    }

    /// What scanning relationships gives.
    fn rel_scan(&mut self, slot: Slot, ways: &[Way]) -> Scan {
        let name = self.fresh("r");
        let demand = self.demand(slot).clone();
        let layout = self.layout;
        let columns = |number: usize| layout.relationships[number].columns.as_slice();
        let numbers: BTreeSet<usize> = ways.iter().map(|(number, _)| *number).collect();
        let mut properties = BTreeMap::new();
        for (at, key) in demand.keys.iter().enumerate() {
            let of = numbers.iter().map(|number| (columns(*number), layout.relationships[*number].ty.clone()));
            properties.insert(key.clone(), property(key, of.collect(), format!("{name}_p{at}")));
        }
        let mut parts = Vec::new();
        for (number, back) in ways {
            let own = &layout.relationships[*number];
            let (near, far) = if *back { ("_dst", "_src") } else { ("_src", "_dst") };
            let (near_table, far_table) = if *back { (own.end, own.start) } else { (own.start, own.end) };
            let mut select = format!(
                "SELECT _id AS {name}, {number} AS {name}_t, {near} AS {name}_a, {near_table} AS {name}_at, {far} AS {name}_b, {far_table} AS {name}_bt"
            );
            if demand.ends {
                select.push_str(&format!(", _src AS {name}_s, _dst AS {name}_d"));
            }
            for (key, property) in &properties {
                select.push_str(&selected(key, property, columns(*number)));
            }
            // a loop that is followed both ways is followed once
            let both = *back && ways.contains(&(*number, false));
            let once = if both { " WHERE _src <> _dst" } else { "" };
            parts.push(format!("{select} FROM {}{once}", self.file(&own.folder)));
        }
        if parts.is_empty() {
            let mut select = format!("SELECT CAST(NULL AS BIGINT) AS {name}, CAST(NULL AS INT) AS {name}_t");
            let ends = ["_a", "_b"].iter().chain(if demand.ends { ["_s", "_d"].iter() } else { [].iter() });
            for end in ends {
                select.push_str(&format!(", CAST(NULL AS BIGINT) AS {name}{end}"));
            }
            select.push_str(&format!(", CAST(NULL AS INT) AS {name}_at, CAST(NULL AS INT) AS {name}_bt"));
            for (key, property) in &properties {
                select.push_str(&selected(key, property, &[]));
            }
            parts.push(format!("{select} WHERE false"));
        }
        let ends = demand.ends.then(|| (format!("{name}_s"), format!("{name}_d")));
        let of = Content { table: format!("{name}_t"), tables: numbers.into_iter().collect(), properties, ends };
        let var = Var { of: Some(of), nullable: false, ..Var::value(Ty::Rel, name.clone()) };
        let end = |end: &str| (format!("{name}_{end}"), format!("{name}_{end}t"));
        Scan { sql: all_of(&parts), var, ends: [end("a"), end("b")] }
    }

    /// A node that is the end of a relationship: its id and table are there, its properties are looked up when asked for.
    fn end_node(&mut self, slot: Slot, (id, table): &(String, String), tables: &BTreeSet<usize>) -> (String, Var) {
        if self.demand(slot).keys.is_empty() {
            let of = Content { table: table.clone(), tables: tables.iter().copied().collect(), ..Content::default() };
            return (String::new(), Var { of: Some(of), nullable: false, ..Var::value(Ty::Node, id.clone()) });
        }
        let (sql, var) = self.node_scan(slot, tables);
        (format!(" JOIN ({sql}) ON {} = {id}", var.column), var)
    }

    /// One relationship: a join at the ends that are there; the others come with it.
    fn step(&mut self, table: Table, at: usize, todo: &Todo<'_>) -> Result<Table> {
        let rel = &todo.pattern.rels[at];
        let ends = [rel.from, rel.to].map(|n| todo.pattern.nodes[n].slot);
        let ways = self.ways(rel, &todo.tables[rel.from], &todo.tables[rel.to]);
        let scan = self.rel_scan(rel.slot, &ways);
        let mut on: Vec<String> = Vec::new();
        let mut new = Vec::new();
        let mut more = String::new();
        for ((slot, end), node) in ends.iter().zip(&scan.ends).zip([rel.from, rel.to]) {
            if let Some(var) = table.vars.get(slot) {
                on.push(format!("{} = {}", end.0, var.column));
            } else if let Some((_, first)) = new.iter().find(|(own, _): &&(Slot, Var)| own == slot) {
                // a loop: both ends are one node
                more.push_str(&format!(" WHERE {} = {}", end.0, first.column));
            } else {
                let (join, var) = self.end_node(*slot, end, &todo.tables[node]);
                more.push_str(&join);
                new.push((*slot, var));
            }
        }
        match table.vars.get(&rel.slot) {
            Some(var) => on.push(format!("{} = {}", scan.var.column, var.column)),
            None => new.push((rel.slot, scan.var.clone())),
        }
        if rel.mode == PathMode::Trail {
            for other in todo.placed.iter().map(|other| &todo.pattern.rels[*other]) {
                let distinct = matches!(other.length, RelLength::One) && other.mode == PathMode::Trail;
                let var = table.vars.get(&other.slot).filter(|_| distinct);
                if let Some(var) = var.filter(|var| may_coincide(var, &scan.var)) {
                    on.push(format!("{} <> {}", scan.var.column, var.column));
                }
            }
        }
        let on = (!on.is_empty()).then(|| on.join(" AND "));
        let what = format!("relationships {}", self.types_of(&scan.var));
        Ok(self.joined_more(table, scan.sql, on, more, new, &what))
    }

    /// A repetition: so many joins one after the other, and all of their rows together.
    fn repetition(&mut self, table: Table, at: usize, todo: &Todo<'_>) -> Result<Table> {
        let rel = &todo.pattern.rels[at];
        let RelLength::Var { min, max, step, conditions } = &rel.length else {
            return Err(refused("a repetition of more than one relationship"));
        };
        let [from, to] = [rel.from, rel.to].map(|n| todo.pattern.nodes[n].slot);
        let every: BTreeSet<usize> = (0..self.layout.nodes.len()).collect();
        let forward = table.vars.contains_key(&from);
        let (near, far, far_node) = if forward { (from, to, rel.to) } else { (to, from, rel.from) };
        let mut ways = self.ways(rel, &every, &every);
        // a walk without repetition is no longer than there are relationships
        let all: BTreeSet<usize> = ways.iter().map(|(number, _)| *number).collect();
        let there: u64 = all.iter().map(|number| self.layout.relationships[*number].count).sum();
        let trail = rel.mode == PathMode::Trail;
        let most = match (max, trail) {
            (Some(max), false) => *max,
            (None, false) => return Err(refused("walks without an end")),
            (max, true) => max.unwrap_or(there).min(there),
        };
        let by_search = most > MOST_HOPS && {
            let others = todo.pattern.rels.iter().enumerate().filter(|(other, _)| *other != at);
            let mut others = others;
            let apart = others.all(|(_, other)| {
                let others = self.ways(other, &every, &every);
                !trail || others.iter().all(|(number, _)| !all.contains(number))
            });
            // a walk back to its start over one relationship both ways is no trail
            let sound = *min == 0 || *min == 1 && rel.direction != Direction::Either;
            sound && apart && conditions.is_empty() && !rel.bound && self.ends_suffice(todo.pattern, rel.slot)
        };
        if most > MOST_HOPS && !by_search {
            return Err(refused(format!(
                "all walks of {min} to {} relationships",
                max.map_or_else(|| "any number of".to_owned(), |max| max.to_string())
            ))
            .hint(format!(
                "write a bound of at most {MOST_HOPS}, such as *1..{MOST_HOPS}, or RETURN DISTINCT of the nodes at the ends only"
            )));
        }
        let scanned = ways.len() as u64 * most;
        if !by_search && scanned > MOST_TABLES {
            return Err(refused(format!("walks that read {scanned} tables of relationships"))
                .hint("name the types of the relationships, or make the walks shorter"));
        }
        if !forward {
            ways.iter_mut().for_each(|(_, back)| *back = !*back);
        }
        let (end, ids, nodes) = (self.fresh("e"), self.fresh("l"), self.fresh("w"));
        let named = todo.pattern.paths.iter().any(|path| {
            path.slot.is_some() && path.elements.iter().any(|part| matches!(part, PathPart::Rel(r) if *r == at))
        });
        let Some(start) = table.vars.get(&near).cloned() else {
            return Err(refused("a repetition that begins nowhere"));
        };
        let own = start.of.as_ref().map(|of| of.table.clone());
        let own = match own {
            Some(own) => own,
            None => return Err(refused("a repetition from a node that was in a list")),
        };
        let kept = table.list();
        let none = "CAST(array() AS ARRAY<BIGINT>)";
        let walks = if by_search {
            let after = self.steps_so_far();
            let starts = format!(
                "SELECT DISTINCT {0} AS a, {own} AS t FROM {1} WHERE {0} IS NOT NULL",
                start.column, table.name
            );
            let columns: Vec<String> = ["k", "k", "k"].iter().map(|begin| self.fresh(begin)).collect();
            let step = self.emit("what is reached, found level by level", "(search)".to_owned());
            let (min, max) = (*min, *max);
            let kind = Kind::Ends;
            let search = Search { step: step.clone(), after, starts, ways, min, max, kind, columns: columns.clone() };
            self.searches.push(search);
            self.emit(
                "ends of walks",
                format!(
                    "SELECT {kept}, {} AS {end}, {} AS {end}_t, {none} AS {ids}, {none} AS {nodes} FROM {} JOIN {step} ON {} = {}",
                    columns[1], columns[2], table.name, start.column, columns[0]
                ),
            )
        } else {
            let mut hop = self.emit(
            "the start of the walks",
            format!(
                "SELECT {kept}, {} AS {end}, {own} AS {end}_t, {none} AS {ids}, {none} AS {nodes} FROM {} WHERE {} IS NOT NULL",
                start.column, table.name, start.column
            ),
        );
            let mut levels = vec![hop.clone()];
            for level in 1..=most {
                let scan = self.rel_scan(*step, &ways);
                let [(a, _), (b, b_table)] = &scan.ends;
                let id = &scan.var.column;
                let mut on = vec![format!("{a} = {end}")];
                if trail {
                    if level > 1 {
                        on.push(format!("NOT array_contains({ids}, {id})"));
                    }
                    for other in todo.placed.iter().map(|other| &todo.pattern.rels[*other]) {
                        let single = matches!(other.length, RelLength::One) && other.mode == PathMode::Trail;
                        if let Some(var) =
                            table.vars.get(&other.slot).filter(|var| single && may_coincide(var, &scan.var))
                        {
                            on.push(format!("{id} <> {}", var.column));
                        }
                    }
                }
                if !conditions.is_empty() {
                    let mut with_step = Table { name: hop.clone(), ..table.clone() };
                    with_step.vars.insert(*step, scan.var.clone());
                    for condition in conditions {
                        on.push(self.truth(condition, crate::error::Span::default(), &with_step)?);
                    }
                }
                // ids and nodes in the order written: the far end is before what was walked when it is walked backwards
                let (walked, passed) = match forward {
                    true => (format!("concat({ids}, array({id}))"), format!("concat({nodes}, array({b}))")),
                    false => (format!("concat(array({id}), {ids})"), format!("concat(array({end}), {nodes})")),
                };
                let passed = if named { passed } else { nodes.clone() };
                hop = self.emit(
                &format!("walks of {level} by {}", self.types_of(&scan.var)),
                format!(
                    "SELECT {kept}, {b} AS {end}, {b_table} AS {end}_t, {walked} AS {ids}, {passed} AS {nodes} FROM {hop} JOIN ({}) ON {}",
                    scan.sql,
                    on.join(" AND ")
                ),
            );
                levels.push(hop.clone());
            }
            let first = usize::try_from(*min).unwrap_or(usize::MAX).min(levels.len());
            let mut parts: Vec<String> = levels[first..].iter().map(|level| format!("SELECT * FROM {level}")).collect();
            if parts.is_empty() {
                parts.push(format!("SELECT * FROM {} WHERE false", levels[0]));
            }
            self.emit("all walks", parts.join(" UNION ALL "))
        };
        let mut new = vec![(
            rel.slot,
            Var {
                nullable: false,
                nodes: named.then(|| nodes.clone()),
                ..Var::value(Ty::List(Box::new(Ty::Rel)), ids.clone())
            },
        )];
        let tables = &todo.tables[far_node];
        let mut conditions = Vec::new();
        let mut join = String::new();
        if let Some(var) = table.vars.get(&far) {
            conditions.push(format!("{end} = {}", var.column));
        } else {
            let (more, var) = self.end_node(far, &(end.clone(), format!("{end}_t")), tables);
            join = more;
            new.push((far, var));
            if tables.len() < every.len() {
                let numbers: Vec<String> = tables.iter().map(ToString::to_string).collect();
                conditions.push(match numbers.is_empty() {
                    true => "false".to_owned(),
                    false => format!("{end}_t IN ({})", numbers.join(", ")),
                });
            }
        }
        if let Some(var) = table.vars.get(&rel.slot) {
            conditions.push(format!("{ids} = {}", var.column));
            new.remove(0);
        }
        let mut walked = Table { unit: false, ..table };
        let mut columns: Vec<String> = walked.columns().into_iter().map(str::to_owned).collect();
        columns.extend(new.iter().flat_map(|(_, var)| var.columns()).map(str::to_owned));
        let conditions =
            if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
        walked.vars.extend(new);
        walked.name =
            self.emit("where the walks end", format!("SELECT {} FROM {walks}{join}{conditions}", columns.join(", ")));
        Ok(walked)
    }

    /// A shortest path between two nodes that are both there, or all of them.
    fn shortest(&mut self, mut table: Table, at: usize, todo: &Todo<'_>, all: bool) -> Result<Table> {
        let rel = &todo.pattern.rels[at];
        let RelLength::Var { min, max, conditions, .. } = &rel.length else {
            return Err(refused("a shortest path over something else than a repetition"));
        };
        if todo.pattern.rels.len() > 1 || !conditions.is_empty() || rel.bound || *min > 1 {
            return Err(refused("a shortest path with conditions, or beside other relationships"));
        }
        let every: BTreeSet<usize> = (0..self.layout.nodes.len()).collect();
        let ways = self.ways(rel, &every, &every);
        let ends = [rel.from, rel.to].map(|n| todo.pattern.nodes[n].slot);
        if ends[0] == ends[1] {
            return Err(refused("a shortest path from a node to itself"));
        }
        let [start, end] = ends;
        let (start, end) = (var(&table, start)?.column.clone(), var(&table, end)?.column.clone());
        let after = self.steps_so_far();
        let starts = format!(
            "SELECT DISTINCT {start} AS a, {end} AS b FROM {} WHERE {start} IS NOT NULL AND {end} IS NOT NULL",
            table.name
        );
        let columns: Vec<String> = ["k", "k", "w", "l"].iter().map(|begin| self.fresh(begin)).collect();
        let step = self.emit("shortest paths, found level by level", "(search)".to_owned());
        let (min, max, kind) = (*min, *max, Kind::Shortest { all });
        self.searches.push(Search {
            step: step.clone(),
            after,
            starts,
            ways,
            min,
            max,
            kind,
            columns: columns.clone(),
        });
        let kept = table.list();
        let [a, b, nodes, ids] = columns.as_slice() else { return Err(refused("a shortest path")) };
        table.vars.insert(
            rel.slot,
            Var { nullable: false, nodes: Some(nodes.clone()), ..Var::value(Ty::List(Box::new(Ty::Rel)), ids.clone()) },
        );
        let sql =
            format!("SELECT {kept}, {ids}, {nodes} FROM {} JOIN {step} ON {start} = {a} AND {end} = {b}", table.name);
        Ok(Table { name: self.emit("shortest paths", sql), unit: false, ..table })
    }

    /// Repetitions share no relationship with any other of the clause.
    fn all_different(&mut self, table: Table, pattern: &Pattern) -> Table {
        let mut conditions = Vec::new();
        for (at, rel) in pattern.rels.iter().enumerate() {
            for other in &pattern.rels[..at] {
                let lists = [rel, other].map(|r| !matches!(r.length, RelLength::One));
                let trails = rel.mode == PathMode::Trail && other.mode == PathMode::Trail;
                let (Some(a), Some(b)) = (table.vars.get(&rel.slot), table.vars.get(&other.slot)) else { continue };
                if !trails {
                    continue;
                }
                match lists {
                    [true, true] => conditions.push(format!("size(array_intersect({}, {})) = 0", a.column, b.column)),
                    [true, false] => conditions.push(format!("NOT array_contains({}, {})", a.column, b.column)),
                    [false, true] => conditions.push(format!("NOT array_contains({}, {})", b.column, a.column)),
                    [false, false] => {}
                }
            }
        }
        if conditions.is_empty() {
            return table;
        }
        let sql = format!("SELECT {} FROM {} WHERE {}", table.list(), table.name, conditions.join(" AND "));
        Table { name: self.emit("different relationships", sql), ..table }
    }

    /// A named path: its nodes and its relationships, as two lists.
    fn path(&mut self, mut table: Table, slot: Slot, pattern: &Pattern, elements: &[PathPart]) -> Result<Table> {
        let (mut nodes, mut rels) = (Vec::new(), Vec::new());
        let mut walked = false;
        for part in elements {
            match part {
                PathPart::Node(n) => {
                    let column = &var(&table, pattern.nodes[*n].slot)?.column;
                    // the end of a repetition is in its list already
                    if !std::mem::take(&mut walked) {
                        nodes.push(format!("array({column})"));
                    }
                }
                PathPart::Rel(r) => {
                    let own = var(&table, pattern.rels[*r].slot)?;
                    match &own.ty {
                        Ty::Rel => rels.push(format!("array({})", own.column)),
                        _ => {
                            let Some(list) = &own.nodes else {
                                return Err(refused("a path over a known list of relationships"));
                            };
                            nodes.push(list.clone());
                            rels.push(own.column.clone());
                            walked = true;
                        }
                    }
                }
            }
        }
        let listed = |parts: &[String]| match parts {
            [] => "CAST(array() AS ARRAY<BIGINT>)".to_owned(),
            [one] => one.clone(),
            all => format!("concat({})", all.join(", ")),
        };
        let name = self.fresh("w");
        let sql = format!(
            "SELECT {}, named_struct('ns', {}, 'rs', {}) AS {name} FROM {}",
            table.list(),
            listed(&nodes),
            listed(&rels),
            table.name
        );
        table.vars.insert(slot, Var { nullable: false, ..Var::value(Ty::Path, name) });
        Ok(Table { name: self.emit("paths", sql), unit: false, ..table })
    }

    /// Filters by the predicates whose slots are all there; those with subqueries wait for the end.
    fn filter_ready(&mut self, table: Table, todo: &mut Todo<'_>) -> Result<Table> {
        if todo.placed.len() == todo.pattern.rels.len()
            && todo.pattern.nodes.iter().all(|n| table.vars.contains_key(&n.slot))
        {
            return Ok(table);
        }
        let ready = |expr: &Expr| {
            let mut reads = Vec::new();
            slots_of(expr, &Imports::default(), &mut reads);
            !any(expr, &|e| matches!(e, Expr::Subquery(_))) && reads.iter().all(|slot| table.vars.contains_key(slot))
        };
        let (now, later): (Vec<&Expr>, Vec<&Expr>) = todo.predicates.iter().copied().partition(|expr| ready(expr));
        todo.predicates = later;
        self.filter(table, &now)
    }

    /// `table` with the rows of a scan beside it, by `on`.
    fn joined(&mut self, table: Table, sql: String, on: Option<String>, new: Vec<(Slot, Var)>, what: &str) -> Table {
        self.joined_more(table, sql, on, String::new(), new, what)
    }

    fn joined_more(
        &mut self,
        mut table: Table,
        sql: String,
        on: Option<String>,
        more: String,
        new: Vec<(Slot, Var)>,
        what: &str,
    ) -> Table {
        let mut columns: Vec<String> = table.columns().into_iter().map(str::to_owned).collect();
        columns.extend(new.iter().flat_map(|(_, var)| var.columns()).map(str::to_owned));
        let columns = if columns.is_empty() { "1 AS one".to_owned() } else { columns.join(", ") };
        let from = match (table.unit, on) {
            (true, None) => format!("({sql})"),
            (_, None) => format!("{} CROSS JOIN ({sql})", table.name),
            (_, Some(on)) => format!("{} JOIN ({sql}) ON {on}", table.name),
        };
        table.vars.extend(new);
        Table { name: self.emit(what, format!("SELECT {columns} FROM {from}{more}")), unit: false, ..table }
    }

    fn types_of(&self, var: &Var) -> String {
        let tables = var.of.iter().flat_map(|of| &of.tables);
        let types: BTreeSet<&str> = tables.map(|number| self.layout.relationships[*number].ty.as_str()).collect();
        types.into_iter().collect::<Vec<_>>().join("|")
    }
}

/// Errors: something in it is not lowered.
fn check(pattern: &Pattern) -> Result<()> {
    for path in &pattern.paths {
        if path.selector != Selector::All && all_shortest(path.selector).is_none() {
            return Err(refused("several, cheapest or any paths"));
        }
        if path.selector != Selector::All
            && !matches!(path.elements.as_slice(), [PathPart::Node(_), PathPart::Rel(_), PathPart::Node(_)])
        {
            return Err(refused("a shortest path of several parts"));
        }
        if path.mode != PathMode::Trail || path.cost.is_some() || !path.tests.is_empty() {
            return Err(refused("paths of another mode than TRAIL"));
        }
    }
    for rel in &pattern.rels {
        if rel.cost.is_some() {
            return Err(refused("COST"));
        }
        if matches!(rel.mode, PathMode::Acyclic | PathMode::Simple) {
            return Err(refused("ACYCLIC and SIMPLE"));
        }
        if matches!(rel.length, RelLength::Group(_)) {
            return Err(refused("a repetition of more than one relationship"));
        }
    }
    Ok(())
}

/// Whether a selector wants one shortest path or all.
fn all_shortest(selector: Selector) -> Option<bool> {
    match selector {
        Selector::ShortestPath | Selector::Shortest(1) => Some(false),
        Selector::AllShortestPaths | Selector::AllShortest => Some(true),
        _ => None,
    }
}

/// Whether a relationship is that of a shortest path, and whether all of them are wanted.
fn shortest_of(pattern: &Pattern, rel: usize) -> Option<bool> {
    let own = |part: &PathPart| matches!(part, PathPart::Rel(own) if *own == rel);
    pattern.paths.iter().find(|path| path.elements.iter().any(own)).and_then(|path| all_shortest(path.selector))
}

/// The test of a predicate that is about the labels of a node and nothing else.
fn label_of(predicate: &Expr, slot: Slot) -> Option<&LabelTest> {
    match predicate {
        Expr::HasLabels { operand, test, .. } if matches!(&**operand, Expr::Slot(own) if *own == slot) => Some(test),
        _ => None,
    }
}

fn var(table: &Table, slot: Slot) -> Result<&Var> {
    table.vars.get(&slot).ok_or_else(|| refused("a part of a path that comes from elsewhere"))
}

/// Whether two relationships may be the same one.
fn may_coincide(a: &Var, b: &Var) -> bool {
    match (&a.of, &b.of) {
        (Some(a), Some(b)) => a.tables.iter().any(|number| b.tables.contains(number)),
        _ => true,
    }
}

/// A key over several tables: one column of one type, or why there is none.
fn property(key: &str, tables: Vec<(&[Column], String)>, name: String) -> Property {
    let mut found: Option<(&Column, &str)> = None;
    let mut property = Property { column: None, ty: Ty::Null, range: None, finite: true, mixed: None };
    for (columns, of) in &tables {
        for column in columns.iter().filter(|column| column.key == key) {
            let own = Ty::of_column(column.ty);
            if let Some((first, first_of)) = found.filter(|_| property.ty.with(&own).is_none()) {
                property.mixed = Some(format!(
                    "`{key}`, which is {} in the table of {first_of} and {} in that of {of}",
                    first.ty.name(),
                    column.ty.name()
                ));
                return property;
            }
            let range = column.least.zip(column.greatest).map(|(a, b)| (i128::from(a), i128::from(b)));
            property.range = match (found, property.range, range) {
                (None, _, own) => own,
                (Some(_), Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                _ => None,
            };
            property.finite &= !column.nan;
            property.ty = property.ty.with(&own).unwrap_or(own);
            // of lists that are all empty nothing is told
            if found.is_none_or(|(first, _)| first.ty == ColumnType::Nothing) {
                found = Some((column, of));
            }
        }
    }
    property.column = found.map(|_| name);
    property
}

/// `, column AS name` of a property in one table.
fn selected(key: &str, property: &Property, columns: &[Column]) -> String {
    let Some(name) = &property.column else { return String::new() };
    match columns.iter().find(|column| column.key == key) {
        Some(column) => {
            let own = Sql::new(format!("`{}`", column.column), Ty::of_column(column.ty));
            format!(", {} AS {name}", own.as_type(&property.ty))
        }
        None => format!(", {} AS {name}", Sql::null().as_type(&property.ty)),
    }
}
