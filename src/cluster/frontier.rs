//! What no fixed number of joins can say: who is reached by any number of relationships, and shortest paths.
//!
//! ```text
//!   q1 … q4  the start of the walks          asked first: which nodes they start from
//!   level 1  SELECT … WHERE _src IN (…)      the relationships of the nodes reached last, until no node is new
//!   q5       VALUES (start, end, …), …       what was found stands in the query as a step like any other
//! ```
//!
//! The search is here, over the part of the graph that can be reached, which is asked for level by level; beyond
//! [`MOST_NODES`] the query is refused. Nothing is written on the server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::client::{Cell, Client};
use super::expression::all_of;
use super::lower::{Lowered, Step};
use crate::error::{Code, Error, Result};
use crate::io::layout::Layout;

/// Nodes whose relationships are asked for, at most.
const MOST_NODES: usize = 20_000;
/// Relationships that are held, at most.
const MOST_RELS: usize = 1_000_000;
/// Rows that are found, at most.
const MOST_ROWS: usize = 50_000;
/// Ids in one query.
const AT_ONCE: usize = 5_000;

/// A search that is made before the query runs: it stands in its steps under a name, and fills that step.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// The step that it fills.
    pub(super) step: String,
    /// The steps before it that it begins from, by number.
    pub(super) after: usize,
    /// Selects the starts (id and number of table), or the pairs of starts and ends.
    pub(super) starts: String,
    /// Tables of relationships, and whether they are followed from end to start.
    pub(super) ways: Vec<(usize, bool)>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) kind: Kind,
    /// The names of the columns it gives.
    pub(super) columns: Vec<String>,
}

/// What is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every node that is reached: start, end, table of the end.
    Ends,
    /// Of pairs, one shortest path or all: start, end, nodes, relationships.
    Shortest { all: bool },
}

/// The part of the graph that a search has seen.
#[derive(Default)]
struct Seen {
    /// Of each node the relationships that lead on: id, node, table of the node.
    onward: BTreeMap<i64, Vec<(i64, i64, i64)>>,
    rels: usize,
}

/// Makes the searches of a query, in order, and writes what they find into it.
pub(super) fn run(lowered: &mut Lowered, client: &Client, layout: &Layout, folder: &str) -> Result<()> {
    for search in std::mem::take(&mut lowered.searches) {
        let before: Vec<String> =
            lowered.steps[..search.after].iter().map(|step| format!("{} AS ({})", step.name, step.sql)).collect();
        let sql = format!("WITH {} {}", before.join(", "), search.starts);
        // arguments that the steps before it do not name are not known to the server
        let arguments: Vec<_> =
            lowered.arguments.iter().filter(|argument| names(&sql, &argument.name)).cloned().collect();
        let starts = client.rows(&sql, &arguments)?;
        let found = match search.kind {
            Kind::Ends => ends(&search, &starts, client, layout, folder)?,
            Kind::Shortest { .. } => shortest(&search, &starts, client, layout, folder)?,
        };
        if let Some(step) = lowered.steps.iter_mut().find(|step| step.name == search.step) {
            *step = Step { sql: values(&search, &found), ..step.clone() };
        }
    }
    Ok(())
}

/// Whether a text names the argument.
pub(super) fn names(sql: &str, argument: &str) -> bool {
    let named = format!(":{argument}");
    sql.match_indices(&named).any(|(at, _)| !sql[at + named.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

fn too_many(what: &str) -> Error {
    Error::limit(Code::Rows, format!("a walk of any length leads to {what}"))
        .hint("write a bound, such as *1..3, or begin from fewer nodes")
}

fn int(cell: Option<&Cell>) -> Option<i64> {
    if let Some(Cell::Int(n)) = cell { Some(*n) } else { None }
}

impl Seen {
    /// Asks for what leads on from these nodes; those that are new.
    fn go_on(
        &mut self,
        from: &BTreeSet<i64>,
        ways: &[(usize, bool)],
        client: &Client,
        layout: &Layout,
        folder: &str,
    ) -> Result<BTreeSet<i64>> {
        let from: Vec<i64> = from.iter().copied().collect();
        if self.onward.len() + from.len() > MOST_NODES {
            return Err(too_many(&format!("more than {MOST_NODES} nodes")));
        }
        from.iter().for_each(|node| {
            self.onward.insert(*node, Vec::new());
        });
        let mut new = BTreeSet::new();
        for some in from.chunks(AT_ONCE) {
            let ids = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let parts = ways.iter().map(|(number, back)| {
                let table = &layout.relationships[*number];
                let (near, far) = if *back { ("_dst", "_src") } else { ("_src", "_dst") };
                let end = if *back { table.start } else { table.end };
                // a loop that is followed both ways is followed once
                let once = if *back && ways.contains(&(*number, false)) { " AND _src <> _dst" } else { "" };
                let file = format!("parquet.`{folder}/{}`", table.folder);
                format!("SELECT _id, {near} AS a, {far} AS b, {end} AS t FROM {file} WHERE {near} IN ({ids}){once}")
            });
            let sql = all_of(&parts.collect::<Vec<_>>());
            if sql.is_empty() {
                return Ok(new);
            }
            for row in client.rows(&sql, &[])? {
                let [Cell::Int(id), Cell::Int(a), Cell::Int(b), Cell::Int(table)] = row.as_slice() else { continue };
                self.rels += 1;
                self.onward.entry(*a).or_default().push((*id, *b, *table));
                new.insert(*b);
            }
            if self.rels > MOST_RELS {
                return Err(too_many(&format!("more than {MOST_RELS} relationships")));
            }
        }
        self.onward.values_mut().for_each(|onward| onward.sort_unstable());
        new.retain(|node| !self.onward.contains_key(node));
        Ok(new)
    }

    fn from(&self, node: i64) -> &[(i64, i64, i64)] {
        self.onward.get(&node).map_or(&[], Vec::as_slice)
    }
}

/// Rows of what is reached: start, end, table of the end.
fn ends(search: &Search, starts: &[Vec<Cell>], client: &Client, layout: &Layout, folder: &str) -> Result<Vec<String>> {
    let starts: BTreeMap<i64, i64> =
        starts.iter().filter_map(|row| Some((int(row.first())?, int(row.get(1))?))).collect();
    let mut seen = Seen::default();
    let mut frontier: BTreeSet<i64> = starts.keys().copied().collect();
    let mut level = 0;
    while !frontier.is_empty() && search.max.is_none_or(|max| level < max) {
        frontier = seen.go_on(&frontier, &search.ways, client, layout, folder)?;
        level += 1;
    }
    let mut rows = Vec::new();
    for (start, table) in &starts {
        let mut reached: BTreeMap<i64, i64> = BTreeMap::new();
        if search.min == 0 {
            reached.insert(*start, *table);
        }
        let (mut open, mut level) = (vec![*start], 0);
        let mut passed: BTreeSet<i64> = [*start].into();
        while !open.is_empty() && search.max.is_none_or(|max| level < max) {
            let mut next = Vec::new();
            for node in open {
                for (_, end, table) in seen.from(node) {
                    reached.insert(*end, *table);
                    if passed.insert(*end) {
                        next.push(*end);
                    }
                }
            }
            open = next;
            level += 1;
        }
        rows.extend(reached.into_iter().map(|(end, table)| format!("({start}L, {end}L, {table})")));
        if rows.len() > MOST_ROWS {
            return Err(too_many(&format!("more than {MOST_ROWS} pairs of nodes")));
        }
    }
    Ok(rows)
}

/// Rows of shortest paths: start, end, nodes behind the first, relationships.
fn shortest(
    search: &Search,
    pairs: &[Vec<Cell>],
    client: &Client,
    layout: &Layout,
    folder: &str,
) -> Result<Vec<String>> {
    let Kind::Shortest { all } = search.kind else { return Ok(Vec::new()) };
    let pairs: BTreeSet<(i64, i64)> =
        pairs.iter().filter_map(|row| Some((int(row.first())?, int(row.get(1))?))).collect();
    let mut seen = Seen::default();
    let mut rows = Vec::new();
    for (start, end) in pairs {
        // breadth first, no further than the end is: of each node the ways into it from the level before
        let mut into: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
        let mut level_of: BTreeMap<i64, u64> = [(start, 0)].into();
        let (mut open, mut level) = (BTreeSet::from([start]), 0);
        // a walk back to where it began has at least one relationship
        let home = start == end && search.min > 0;
        let mut there = start == end && !home;
        while !there && !open.is_empty() && search.max.is_none_or(|max| level < max) {
            let unknown: BTreeSet<i64> = open.iter().filter(|node| !seen.onward.contains_key(node)).copied().collect();
            if !unknown.is_empty() {
                seen.go_on(&unknown, &search.ways, client, layout, folder)?;
            }
            level += 1;
            let mut next = BTreeSet::new();
            for node in open {
                for (rel, far, _) in seen.from(node) {
                    if home && *far == end {
                        into.entry(*far).or_default().push((node, *rel));
                        there = true;
                        continue;
                    }
                    match level_of.get(far) {
                        Some(own) if *own < level => continue,
                        _ => {
                            level_of.insert(*far, level);
                            into.entry(*far).or_default().push((node, *rel));
                            next.insert(*far);
                        }
                    }
                }
            }
            there |= !home && next.contains(&end);
            open = next;
        }
        if !there {
            continue;
        }
        // back from the end, a level a step
        let mut walks: VecDeque<(i64, Vec<i64>, Vec<i64>)> = VecDeque::from([(end, Vec::new(), Vec::new())]);
        let mut found = 0;
        while let Some((node, nodes, rels)) = walks.pop_front() {
            if rels.len() as u64 == level {
                found += 1;
                let (mut nodes, mut rels) = (nodes, rels);
                // they were gathered from the end
                nodes.reverse();
                rels.reverse();
                rows.push(format!("({start}L, {end}L, {}, {})", array(&nodes), array(&rels)));
                if rows.len() > MOST_ROWS {
                    return Err(too_many(&format!("more than {MOST_ROWS} shortest paths")));
                }
                if !all {
                    break;
                }
                continue;
            }
            for (before, rel) in into.get(&node).map_or(&[][..], Vec::as_slice) {
                let (mut nodes, mut rels) = (nodes.clone(), rels.clone());
                nodes.push(node);
                rels.push(*rel);
                walks.push_back((*before, nodes, rels));
                if !all {
                    break;
                }
            }
            if walks.len() > MOST_ROWS {
                return Err(too_many(&format!("more than {MOST_ROWS} shortest paths")));
            }
        }
        debug_assert!(found > 0, "the end was reached, so a way leads back");
    }
    Ok(rows)
}

fn array(ids: &[i64]) -> String {
    match ids {
        [] => "CAST(array() AS ARRAY<BIGINT>)".to_owned(),
        ids => format!("array({})", ids.iter().map(|id| format!("{id}L")).collect::<Vec<_>>().join(", ")),
    }
}

/// What was found as a step.
fn values(search: &Search, rows: &[String]) -> String {
    let columns = &search.columns;
    if rows.is_empty() {
        let null = |(at, column): (usize, &String)| match (search.kind, at) {
            (Kind::Shortest { .. }, 2 | 3) => format!("CAST(NULL AS ARRAY<BIGINT>) AS {column}"),
            (Kind::Ends, 2) => format!("CAST(NULL AS INT) AS {column}"),
            _ => format!("CAST(NULL AS BIGINT) AS {column}"),
        };
        let nulls: Vec<String> = columns.iter().enumerate().map(null).collect();
        return format!("SELECT {} WHERE false", nulls.join(", "));
    }
    format!("SELECT * FROM VALUES {} AS v({})", rows.join(", "), columns.join(", "))
}
