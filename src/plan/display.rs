//! Operators in the words of EXPLAIN and PROFILE.

use std::fmt::Write as _;

use super::node::{CountOf, Hop, JoinKey, Op, Seek, Towards, VarHop, Weight};
use super::onward::Onward;
use super::search::{LegFills, LegHop, PathSearch};
use super::slot_name;
use crate::bind::bound::{
    AggregateCall, AsOf, CreateStep, Detach, Expr, LabelTest, RemoveItem, SetItem, Slot, SlotInfo, SortKey,
    SubqueryKind, Through, TypeTest,
};
use crate::value::Value;

/// Slots and parameters by name.
pub(super) struct Text<'p> {
    pub(super) slots: &'p [SlotInfo],
    pub(super) params: &'p [std::sync::Arc<str>],
}

impl Text<'_> {
    fn counted(&self, count: Weight) -> String {
        format!("{} {} degree", self.slot(count.slot), if count.fresh { "=" } else { "*=" })
    }

    pub(super) fn operator(&self, op: &Op) -> (&'static str, String) {
        match op {
            Op::Unit => ("Unit", String::new()),
            Op::Argument => ("Argument", String::new()),
            Op::ScanNodes { node, .. } => ("ScanNodes", self.slot(*node)),
            Op::ScanLabel { node, label, .. } => ("ScanLabel", format!("{}:{label}", self.slot(*node))),
            Op::ScanRels { hop, .. } => ("ScanRelationships", self.hop(hop, "")),
            Op::SeekIndex { node, label, key, seek, order, made, .. } => {
                let order =
                    order.map_or("", |descending| if descending { " in descending order" } else { " in order" });
                let made = if *made { ", made for this statement" } else { "" };
                ("SeekIndex", format!("{}:{label} {}{order}{made}", self.slot(*node), self.seek(*node, key, seek)))
            }
            Op::SeekComposite { node, label, keys, .. } => {
                ("SeekIndex", format!("{}:{label} {}", self.slot(*node), self.keys(*node, keys)))
            }
            Op::SeekRels { hop, keys, .. } => {
                let asked = hop.rel.map_or(String::new(), |rel| format!(" {}", self.keys(rel, keys)));
                ("SeekRelationships", format!("{}{asked}", self.hop(hop, "")))
            }
            Op::SeekId { node, id, .. } => ("SeekId", format!("id({}) = {}", self.slot(*node), self.expr(id))),
            Op::Pattern { pattern, conditions, .. } => {
                let nodes: Vec<_> = pattern.nodes.iter().map(|n| self.slot(n.slot)).collect();
                (
                    "Pattern",
                    format!(
                        "({}) {} relationships, {} conditions",
                        nodes.join(", "),
                        pattern.rels.len(),
                        conditions.len() + pattern.predicates.len()
                    ),
                )
            }
            Op::Expand { hop, .. } => ("Expand", self.hop(hop, "")),
            Op::ExpandInto { hop, .. } => ("ExpandInto", self.hop(hop, "")),
            Op::ExpandCount { hop, conditions, except, onward, count, optional, .. } => {
                let mut conditions: Vec<_> = conditions.iter().map(|c| self.expr(c)).collect();
                let end = self.slot(hop.to);
                conditions.extend(except.nodes.iter().map(|node| format!("{end} <> {}", self.slot(*node))));
                conditions.extend(except.related.iter().map(|related| format!("NOT {}", self.hop(related, ""))));
                let only = if conditions.is_empty() { "" } else { " where " };
                let how = format!("{}{}", self.counted(*count), if *optional { " or 1" } else { "" });
                let onward = self.onward(onward);
                ("ExpandCount", format!("{}{only}{}{onward}, {how}", self.hop(hop, ""), conditions.join(" AND ")))
            }
            Op::Intersect { expand, into, count, .. } => {
                let how = count.map_or(String::new(), |count| format!(", {}", self.counted(count)));
                ("Intersect", format!("{} with {}{how}", self.hop(expand, ""), self.hop(into, "")))
            }
            Op::ExpandVar { hop, var, into, .. } => {
                (if *into { "ExpandVarInto" } else { "ExpandVar" }, self.hop(hop, &bounds(var)))
            }
            Op::Reach { hop, var, into, .. } => {
                (if *into { "ReachInto" } else { "Reach" }, self.hop(hop, &bounds(var)))
            }
            Op::ShortestPath { hop, var, selector, .. } => {
                let cost = var.cost.as_ref().map_or(String::new(), |cost| format!(" cost {}", self.expr(cost)));
                let name = if var.cost.is_some() { "CheapestPath" } else { "ShortestPath" };
                (name, format!("{selector:?} {}{cost}", self.hop(hop, &bounds(var))))
            }
            Op::SearchPaths { search, .. } => ("SearchPaths", self.search(search)),
            Op::ExpandGroup { group, .. } => {
                let max = group.max.map_or(String::new(), |m| m.to_string());
                (
                    "ExpandGroup",
                    format!("({})-{{{},{max}}}->({})", self.slot(group.from), group.min, self.slot(group.to)),
                )
            }
            Op::BindPath { path, parts, .. } => ("BindPath", format!("{} = ({})", self.slot(*path), self.slots(parts))),
            Op::SelectPaths { selector, ends, costs, .. } => {
                let costs: Vec<_> = costs.steps().map(|(_, cost)| self.expr(cost)).collect();
                let costs = if costs.is_empty() { String::new() } else { format!(" cost {}", costs.join(", ")) };
                ("SelectPaths", format!("{selector:?} {} to {}{costs}", self.slot(ends.0), self.slot(ends.1)))
            }
            Op::ThroughView { through, .. } => ("ThroughView", self.limits(None, through).join(", ")),
            Op::Valid { as_of, .. } => ("Valid", self.limits(as_of.as_ref(), &Through::default()).join(", ")),
            Op::Filter { predicates, .. } => {
                ("Filter", predicates.iter().map(|p| self.expr(p)).collect::<Vec<_>>().join(" AND "))
            }
            Op::Project { items, .. } => ("Project", self.items(items)),
            Op::Aggregate { keys, aggregates, weight, .. } => {
                let calls: Vec<_> = aggregates
                    .iter()
                    .map(|a| format!("{} AS {}", self.aggregate(&a.call), self.slot(a.slot)))
                    .collect();
                let by = if keys.is_empty() { String::new() } else { format!(" by {}", self.items(keys)) };
                let weighted = weight.map_or(String::new(), |w| format!(" weighted {}", self.slot(w)));
                ("Aggregate", format!("{}{by}{weighted}", calls.join(", ")))
            }
            Op::Distinct { slots, .. } => ("Distinct", self.slots(slots)),
            Op::Sort { keys, .. } => ("Sort", self.sort_keys(keys)),
            Op::TopK { keys, limit, skip, sorted, .. } => {
                let skip = skip.as_ref().map_or(String::new(), |s| format!(" skip {}", self.expr(s)));
                let sorted = if *sorted { ", first key already in order" } else { "" };
                ("TopK", format!("{} first {}{skip}{sorted}", self.sort_keys(keys), self.expr(limit)))
            }
            Op::Skip { count, .. } => ("Skip", self.expr(count)),
            Op::Limit { count, .. } => ("Limit", self.expr(count)),
            Op::Unwind { list, slot, .. } => ("Unwind", format!("{} AS {}", self.expr(list), self.slot(*slot))),
            Op::Eager { .. } => ("Eager", String::new()),
            Op::Distribute { grouped, .. } => {
                ("Distribute", if *grouped { "grouped".to_owned() } else { String::new() })
            }
            Op::Parallel { grouped, .. } => ("Parallel", if *grouped { "grouped".to_owned() } else { String::new() }),
            Op::Memoize { on, equal, .. } => {
                let on: Vec<_> = on.iter().map(|slot| self.slot(*slot)).collect();
                let equal = equal.map(|(own, outer)| format!(", {} = {}", self.slot(own), self.slot(outer)));
                ("Memoize", format!("{}{}", on.join(", "), equal.unwrap_or_default()))
            }
            Op::Apply { optional, .. } => (if *optional { "Optional" } else { "Apply" }, String::new()),
            Op::GroupJoin { kind, output, slot, .. } => {
                let what = match kind {
                    SubqueryKind::Exists => "EXISTS".to_owned(),
                    SubqueryKind::Count => "COUNT".to_owned(),
                    SubqueryKind::Collect => {
                        format!("COLLECT {}", output.map_or(String::new(), |slot| self.slot(slot)))
                    }
                };
                ("GroupJoin", format!("{} = {what}", self.slot(*slot)))
            }
            Op::SemiJoin { negated, .. } => (if *negated { "AntiJoin" } else { "SemiJoin" }, String::new()),
            Op::ApplyUnit { .. } => ("ApplyUnit", String::new()),
            Op::Batches { batches, .. } => {
                let rows = batches.rows.as_ref().map_or("1000".to_owned(), |rows| self.expr(rows));
                ("Batches", format!("of {rows} rows, on error {:?}", batches.on_error).to_lowercase())
            }
            Op::Foreach { list, slot, .. } => ("Foreach", format!("{} IN {}", self.slot(*slot), self.expr(list))),
            Op::Cross { .. } => ("Cross", String::new()),
            Op::HashJoin { keys, .. } => ("HashJoin", self.join_keys(keys)),
            Op::Union { slots, .. } => ("Union", self.slots(slots)),
            Op::Create { steps, .. } => ("Create", steps.iter().map(|s| self.step(s)).collect::<Vec<_>>().join(", ")),
            Op::Merge { merge, .. } => {
                ("Merge", merge.create.iter().map(|s| self.step(s)).collect::<Vec<_>>().join(", "))
            }
            Op::Set { items, .. } => ("Set", items.iter().map(|i| self.set_item(i)).collect::<Vec<_>>().join(", ")),
            Op::Remove { items, .. } => {
                ("Remove", items.iter().map(|i| self.remove_item(i)).collect::<Vec<_>>().join(", "))
            }
            Op::Delete { detach, targets, .. } => {
                let targets: Vec<_> = targets.iter().map(|(e, _)| self.expr(e)).collect();
                (if *detach == Detach::Yes { "DetachDelete" } else { "Delete" }, targets.join(", "))
            }
            Op::CallProcedure { procedure, arguments, .. } => {
                ("Call", format!("{}({})", procedure.name, self.list(arguments)))
            }
            Op::LoadCsv { url, slot, .. } => ("LoadCsv", format!("{} AS {}", self.expr(url), self.slot(*slot))),
            Op::Trace { start, to, direction, via, as_of, through, .. } => {
                let to = to.as_ref().map_or(String::new(), |to| format!(" to {}", self.expr(to)));
                let direction = direction.map_or(String::new(), |d| format!(" {d:?}").to_lowercase());
                let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join("|")) };
                let limits = self.limits(as_of.as_ref(), through);
                let words = std::iter::once(format!("{}{to}{direction}{via}", self.expr(start))).chain(limits);
                ("Trace", words.collect::<Vec<_>>().join(", "))
            }
            Op::Conflicts { of, through, .. } => {
                let of = of.iter().map(|e| format!("of {}", self.expr(e)));
                ("Conflicts", of.chain(self.limits(None, through)).collect::<Vec<_>>().join(", "))
            }
            Op::CountByType { ty, count, types: wanted, start, end } => {
                let what = CountOf::Rels { types: wanted.clone(), start: start.clone(), end: end.clone() };
                ("CountByType", format!("{} by type AS {}, {}", count_of(&what), self.slot(*ty), self.slot(*count)))
            }
            Op::CountFromStats { slot, what } => {
                ("CountFromStats", format!("{} AS {}", count_of(what), self.slot(*slot)))
            }
        }
    }

    fn slot(&self, slot: Slot) -> String {
        slot_name(self.slots, slot).to_string()
    }

    fn slots(&self, slots: &[Slot]) -> String {
        slots.iter().map(|s| self.slot(*s)).collect::<Vec<_>>().join(", ")
    }

    /// The ways on, those further on in their own brackets.
    fn onward(&self, onward: &[Onward]) -> String {
        let way = |way: &Onward| {
            let conditions: Vec<_> = way.conditions.iter().map(|c| self.expr(c)).collect();
            let only = if conditions.is_empty() { "" } else { " where " };
            format!("{}{only}{}{}", self.hop(&way.hop, ""), conditions.join(" AND "), self.onward(&way.onward))
        };
        let ways: Vec<_> = onward.iter().map(way).collect();
        if ways.is_empty() { String::new() } else { format!(" times ({})", ways.join(", ")) }
    }

    fn hop(&self, hop: &Hop, bounds: &str) -> String {
        let (left, right) = match hop.towards {
            Towards::Out => ("-", "->"),
            Towards::In => ("<-", "-"),
            Towards::Both => ("-", "-"),
        };
        let rel = hop.rel.map_or(String::new(), |r| self.slot(r));
        let mut text = format!(
            "({}){left}[{rel}{}{bounds}]{right}({})",
            self.slot(hop.from),
            types(&hop.types),
            self.slot(hop.to)
        );
        if !hop.differs.is_empty() {
            let _ = write!(text, " other than {}", self.slots(&hop.differs));
        }
        text
    }

    fn search(&self, search: &PathSearch) -> String {
        let mut text = format!("{:?} {:?} ({})", search.selector, search.mode, self.slot(search.from));
        for leg in &search.legs {
            let hop = |hop: &LegHop| {
                let cost = hop.cost.as_ref().map_or(String::new(), |cost| format!(" cost {}", self.expr(cost)));
                arrow(hop.towards, &format!("{}{cost}", types(&hop.types)))
            };
            let hops: String = leg.hops.iter().map(hop).collect();
            let most = leg.max.map_or(String::new(), |m| m.to_string());
            let _ = match leg.fills {
                LegFills::One(_) => write!(text, "{hops}({})", self.slot(leg.end)),
                _ => write!(text, "({hops}){{{},{most}}}({})", leg.min, self.slot(leg.end)),
            };
        }
        if !search.tests.is_empty() {
            let tests: Vec<_> = search.tests.iter().map(|test| self.expr(test)).collect();
            let _ = write!(text, " where {}", tests.join(" AND "));
        }
        if !search.differs.is_empty() {
            let _ = write!(text, " other than {}", self.slots(&search.differs));
        }
        text
    }

    fn seek(&self, node: Slot, key: &str, seek: &Seek) -> String {
        let property = format!("{}.{key}", self.slot(node));
        match seek {
            Seek::All => property,
            Seek::Equal(e) => format!("{property} = {}", self.expr(e)),
            Seek::In(e) => format!("{property} IN {}", self.expr(e)),
            Seek::Prefix(e) => format!("{property} STARTS WITH {}", self.expr(e)),
            Seek::Range { lower, upper } => {
                let lower = lower
                    .as_ref()
                    .map(|(e, with)| format!("{property} {} {}", if *with { ">=" } else { ">" }, self.expr(e)));
                let upper = upper
                    .as_ref()
                    .map(|(e, with)| format!("{property} {} {}", if *with { "<=" } else { "<" }, self.expr(e)));
                lower.into_iter().chain(upper).collect::<Vec<_>>().join(" AND ")
            }
        }
    }

    fn keys(&self, of: Slot, keys: &[(std::sync::Arc<str>, Seek)]) -> String {
        keys.iter().map(|(key, seek)| self.seek(of, key, seek)).collect::<Vec<_>>().join(" AND ")
    }

    fn items(&self, items: &[(Slot, Expr)]) -> String {
        let text = |(slot, expr): &(Slot, Expr)| {
            let (name, value) = (self.slot(*slot), self.expr(expr));
            if name == value { value } else { format!("{value} AS {name}") }
        };
        items.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    fn sort_keys(&self, keys: &[SortKey]) -> String {
        let text = |k: &SortKey| format!("{}{}", self.expr(&k.expr), if k.descending { " DESC" } else { "" });
        keys.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    fn join_keys(&self, keys: &[JoinKey]) -> String {
        keys.iter().map(|(l, r)| format!("{} = {}", self.expr(l), self.expr(r))).collect::<Vec<_>>().join(", ")
    }

    fn aggregate(&self, call: &AggregateCall) -> String {
        match call {
            AggregateCall::CountRows => "count(*)".to_owned(),
            AggregateCall::Function { function, distinct, arguments, .. } => {
                format!("{}({}{})", function.name, if *distinct { "DISTINCT " } else { "" }, self.list(arguments))
            }
        }
    }

    fn step(&self, step: &CreateStep) -> String {
        match step {
            CreateStep::Node { slot, labels, properties } => {
                let labels: String = labels.iter().map(|l| format!(":{l}")).collect();
                format!(
                    "({}{labels}{})",
                    self.slot(*slot),
                    properties.as_ref().map_or(String::new(), |p| format!(" {}", self.expr(p)))
                )
            }
            CreateStep::Rel { slot, ty, start, end, .. } => {
                format!("({})-[{}:{ty}]->({})", self.slot(*start), self.slot(*slot), self.slot(*end))
            }
            CreateStep::Path { slot, elements } => format!("{} = ({})", self.slot(*slot), self.slots(elements)),
        }
    }

    fn set_item(&self, item: &SetItem) -> String {
        match item {
            SetItem::Property { target, key, value, .. } => {
                format!("{}{} = {}", self.expr(target), self.key(key), self.expr(value))
            }
            SetItem::Map { target, value, merge, .. } => {
                format!("{} {} {}", self.expr(target), if *merge { "+=" } else { "=" }, self.expr(value))
            }
            SetItem::Labels { target, labels, .. } => format!("{}:{}", self.expr(target), labels.join(":")),
        }
    }

    /// The key of a property that is written.
    fn key(&self, key: &Expr) -> String {
        match key {
            Expr::Const(Value::Str(key)) => format!(".{key}"),
            other => format!("[{}]", self.expr(other)),
        }
    }

    fn remove_item(&self, item: &RemoveItem) -> String {
        match item {
            RemoveItem::Property { target, key, .. } => format!("{}{}", self.expr(target), self.key(key)),
            RemoveItem::Labels { target, labels, .. } => format!("{}:{}", self.expr(target), labels.join(":")),
        }
    }

    /// What bounds what is seen: a day, some sources.
    fn limits(&self, as_of: Option<&AsOf>, through: &Through) -> Vec<String> {
        let at = |word: &str, asked: &AsOf| {
            format!("{word} {}{}", if asked.certain { "certain " } else { "" }, self.expr(&asked.date))
        };
        let mut words: Vec<String> = as_of.iter().map(|asked| at("as of", asked)).collect();
        if !through.according_to.is_empty() {
            words.push(format!("according to {}", self.list(&through.according_to)));
        }
        words.extend(through.known_by.iter().map(|asked| at("known by", asked)));
        words
    }

    fn list(&self, exprs: &[Expr]) -> String {
        exprs.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(", ")
    }

    /// What is compared: in parentheses where it would be read as two comparisons.
    fn term(&self, expr: &Expr) -> String {
        match expr {
            Expr::Compare { .. }
            | Expr::Not(..)
            | Expr::Binary { .. }
            | Expr::IsNull { .. }
            | Expr::IsType { .. }
            | Expr::HasLabels { .. } => format!("({})", self.expr(expr)),
            _ => self.expr(expr),
        }
    }

    /// What is calculated with or looked into: in parentheses where only a part of it would be.
    fn operand(&self, expr: &Expr) -> String {
        match expr {
            Expr::Arithmetic { .. } | Expr::Negate(..) => format!("({})", self.expr(expr)),
            _ => self.term(expr),
        }
    }

    fn expr(&self, expr: &Expr) -> String {
        let many = |items: &[Expr], word: &str| {
            format!("({})", items.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(word))
        };
        match expr {
            Expr::Const(value) => crate::value::text::literal(value, None).unwrap_or_default(),
            Expr::Param(n) => format!("${}", self.params.get(*n as usize).map_or("?", |p| p)),
            Expr::Slot(slot) => self.slot(*slot),
            Expr::Local(n) => format!("local{n}"),
            Expr::List(items) => format!("[{}]", self.list(items)),
            Expr::Map(entries) => self.map("", entries),
            Expr::Property { base, key, .. } => format!("{}.{key}", self.operand(base)),
            Expr::Index { base, index, .. } => format!("{}[{}]", self.operand(base), self.expr(index)),
            Expr::Slice { base, from, to, .. } => {
                let end = |e: &Option<Box<Expr>>| e.as_ref().map_or(String::new(), |e| self.expr(e));
                format!("{}[{}..{}]", self.operand(base), end(from), end(to))
            }
            Expr::Arithmetic { first, rest, .. } => {
                let mut text = self.operand(first);
                rest.iter().for_each(|(op, e)| text.push_str(&format!(" {} {}", op.sign(), self.operand(e))));
                text
            }
            Expr::Compare { first, rest } => {
                let mut text = self.term(first);
                rest.iter().for_each(|(op, e)| text.push_str(&format!(" {} {}", op.sign(), self.term(e))));
                text
            }
            Expr::And(items, _) => many(items, " AND "),
            Expr::Or(items, _) => many(items, " OR "),
            Expr::Xor(items, _) => many(items, " XOR "),
            Expr::Not(e, _) => format!("NOT {}", self.expr(e)),
            Expr::Negate(e, _) => format!("-{}", self.operand(e)),
            Expr::Binary { op, left, right, .. } => format!("{} {} {}", self.term(left), op.words(), self.term(right)),
            Expr::IsNull { operand, negated } => {
                format!("{} IS {}NULL", self.term(operand), if *negated { "NOT " } else { "" })
            }
            Expr::IsType { operand, negated, type_name, .. } => {
                format!("{} IS {}:: {type_name}", self.term(operand), if *negated { "NOT " } else { "" })
            }
            Expr::HasLabels { operand, test, .. } => format!("{}:{}", self.operand(operand), labels(test)),
            Expr::Call { function, arguments, .. } => format!("{}({})", function.name, self.list(arguments)),
            Expr::Case { operand, branches, otherwise } => {
                let mut text = "CASE".to_owned();
                operand.iter().for_each(|e| text.push_str(&format!(" {}", self.expr(e))));
                for (when, then) in branches {
                    text.push_str(&format!(" WHEN {} THEN {}", self.list(when), self.expr(then)));
                }
                otherwise.iter().for_each(|e| text.push_str(&format!(" ELSE {}", self.expr(e))));
                text + " END"
            }
            Expr::ListComprehension { local, list, condition, map, .. } => {
                let condition = condition.as_ref().map_or(String::new(), |e| format!(" WHERE {}", self.expr(e)));
                let map = map.as_ref().map_or(String::new(), |e| format!(" | {}", self.expr(e)));
                format!("[local{local} IN {}{condition}{map}]", self.expr(list))
            }
            Expr::Quantifier { kind, local, list, condition, .. } => {
                let condition = condition.as_ref().map_or(String::new(), |e| format!(" WHERE {}", self.expr(e)));
                format!("{}(local{local} IN {}{condition})", format!("{kind:?}").to_lowercase(), self.expr(list))
            }
            Expr::Reduce { accumulator, init, local, list, body, .. } => {
                format!(
                    "reduce(local{accumulator} = {}, local{local} IN {} | {})",
                    self.expr(init),
                    self.expr(list),
                    self.expr(body)
                )
            }
            Expr::MapProjection { base, all, entries, .. } => {
                format!("{} {}", self.expr(base), self.map(if *all { ".*" } else { "" }, entries))
            }
            Expr::Once { expr, .. } => format!("once({})", self.expr(expr)),
            Expr::Through { base, through, asks } => {
                let limits = self.limits(None, through).join(", ");
                let (base, word) = (self.expr(base), if *asks { "is seen" } else { "seen" });
                format!("({base} {word}{}{limits})", if limits.is_empty() { "" } else { " " })
            }
            Expr::Subquery(n) => format!("subquery {n}"),
        }
    }

    fn map(&self, lead: &str, entries: &[(std::sync::Arc<str>, Expr)]) -> String {
        let lead = (!lead.is_empty()).then(|| lead.to_owned());
        let entries = entries.iter().map(|(k, e)| format!("{k}: {}", self.expr(e)));
        format!("{{{}}}", lead.into_iter().chain(entries).collect::<Vec<_>>().join(", "))
    }
}

fn bounds(var: &VarHop) -> String {
    let max = var.max.map_or(String::new(), |m| m.to_string());
    format!("{}*{}..{max}", if var.counted { " = length of " } else { "" }, var.min)
}

fn arrow(towards: Towards, inside: &str) -> String {
    let (left, right) = match towards {
        Towards::Out => ("-", "->"),
        Towards::In => ("<-", "-"),
        Towards::Both => ("-", "-"),
    };
    format!("{left}[{inside}]{right}")
}

fn types(test: &TypeTest) -> String {
    match test {
        TypeTest::Any => String::new(),
        TypeTest::OneOf(names) => format!(":{}", names.join("|")),
        TypeTest::Expr(test) => format!(":{}", labels(test)),
    }
}

fn labels(test: &LabelTest) -> String {
    let many = |tests: &[LabelTest], sign: &str| tests.iter().map(labels).collect::<Vec<_>>().join(sign);
    match test {
        LabelTest::Name(name) => name.to_string(),
        LabelTest::Any => "%".to_owned(),
        LabelTest::Not(test) => format!("!{}", labels(test)),
        LabelTest::And(tests) => many(tests, "&"),
        LabelTest::Or(tests) => format!("({})", many(tests, "|")),
    }
}

fn count_of(what: &CountOf) -> String {
    let label = |l: &Option<std::sync::Arc<str>>| l.as_ref().map_or(String::new(), |l| format!(":{l}"));
    match what {
        CountOf::Nodes { label: l } => format!("nodes ({})", label(l)),
        CountOf::Rels { types: t, start, end } => {
            format!("relationships ({})-[{}]->({})", label(start), types(t), label(end))
        }
    }
}
