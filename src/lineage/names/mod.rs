//! Finding a node by what people call it: across letter case, punctuation, diacritics and scripts,
//! through aliases, without ever choosing between two that share a name.
//!
//! ```text
//!  "baitak" ─► exact? ─► folded? ─► alias? ─► another transliteration? ─► all words? ─► near spelling
//!                └── the first rank that holds anything answers; two nodes in it are two candidates
//! ```
//!
//! A name is met as a whole before its words are looked at, so that the party called Republic is not
//! taken for the Republic of Kazakhstan, nor the High Commissioner for the Commissioner. Initials
//! (`UNHRC`) that no document uses for a node make it a look-alike, never an answer.

mod candidate;
mod used;

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use smallvec::SmallVec;

pub use candidate::{Candidate, Found, Name, Rank, Status};
pub(crate) use used::{UsedName, used};

use crate::graph::{Graph, KeyId};
use crate::memory;
pub(crate) use crate::value::fold::compose;
use crate::value::fold::{fold, loosen};
use crate::value::hash::DataMap;
use crate::value::{NodeRef, Value};

/// Above so many names, near spellings are looked for only when nothing better is found.
const MANY_NAMES: usize = 50_000;
/// Longest query that is compared letter by letter.
const MAX_NEAR: usize = 200;
/// Of so many names that begin as typed the best are listed.
const MAX_STARTS: usize = 4096;

/// Names to nodes.
///
/// What has changed since an index was made stands in a part of its own, which answers for the nodes it knows in place
/// of the parts before it; so the next index shares all but what has changed ([`Self::changed`]).
#[derive(Clone, Debug, Default)]
pub(crate) struct NameIndex {
    /// The later one answers for a node that several know. All but the first are at most half as long as the one before.
    parts: Vec<Arc<Part>>,
}

/// Names of some nodes.
#[derive(Clone, Debug, Default)]
struct Part {
    /// Those of one node follow one another, the main one first.
    names: Vec<Name>,
    /// Kind and place of the main name, by node; nothing for one that has no name any more.
    nodes: FxHashMap<NodeRef, Option<(Arc<str>, u32)>>,
    exact: DataMap<Arc<str>, SmallVec<[u32; 1]>>,
    /// Made when a query is not a name letter for letter.
    folded: OnceLock<Folded>,
    /// Made when a name is asked for by its beginning.
    starts: OnceLock<Starts>,
}

/// A name: its part, its place there.
type At = (u32, u32);

/// The names in every way they are compared.
#[derive(Clone, Debug, Default)]
struct Folded {
    same: DataMap<Box<str>, SmallVec<[u32; 2]>>,
    loose: DataMap<Box<str>, SmallVec<[u32; 2]>>,
    words: DataMap<Box<str>, Vec<u32>>,
    initials: DataMap<Box<str>, SmallVec<[u32; 2]>>,
}

/// The names from each of their words on, in order.
#[derive(Clone, Debug, Default)]
struct Starts {
    /// As they are compared across scripts, by place.
    texts: Vec<Box<str>>,
    /// Place of the name and byte at which a word begins.
    order: Vec<(u32, u32)>,
}

impl Starts {
    fn of(names: &[Name]) -> Self {
        let texts: Vec<Box<str>> = names.iter().map(|name| loosen(&fold(&name.text)).into()).collect();
        let mut order = Vec::new();
        for ((at, name), text) in (0_u32..).zip(names).zip(&texts) {
            if name.status != Status::Id && !text.is_empty() {
                order.push((at, 0));
                order.extend(text.match_indices(' ').map(|(space, _)| (at, space as u32 + 1)));
            }
        }
        let mut starts = Self { texts, order: Vec::new() };
        order.sort_by(|a, b| starts.from(*a).cmp(starts.from(*b)));
        starts.order = order;
        starts
    }

    fn from(&self, (at, byte): (u32, u32)) -> &str {
        &self.texts[at as usize][byte as usize..]
    }

    /// Names with a word that begins so, with whether it is the first.
    fn find<'a>(&'a self, typed: &'a str) -> impl Iterator<Item = (u32, bool)> {
        let first = self.order.partition_point(|start| self.from(*start) < typed);
        let found = self.order[first..].iter().take_while(move |start| self.from(**start).starts_with(typed));
        found.map(|start| (start.0, start.1 == 0))
    }
}

impl Folded {
    fn of(names: &[Name]) -> Self {
        let mut all = Self::default();
        for (at, name) in (0_u32..).zip(names).filter(|(_, name)| name.status != Status::Id) {
            let folded = fold(&name.text);
            for word in content_words(&folded) {
                let list = all.words.entry(loosen(word).into()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
            if let Some(initials) = initials(&name.text) {
                all.initials.entry(initials.into()).or_default().push(at);
            }
            all.loose.entry(loosen(&folded).into()).or_default().push(at);
            all.same.entry(folded.into()).or_default().push(at);
        }
        all
    }

    /// Names that hold every one of `words`.
    fn with_words(&self, words: &[String]) -> Vec<u32> {
        let mut lists: Vec<&Vec<u32>> = Vec::with_capacity(words.len());
        for word in words {
            match self.words.get(&**word) {
                Some(list) => lists.push(list),
                None => return Vec::new(),
            }
        }
        lists.sort_by_key(|list| list.len());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        shortest.iter().copied().filter(|at| others.iter().all(|list| list.binary_search(at).is_ok())).collect()
    }

    /// Names a slip of the hand away, with the distance.
    fn near(&self, folded: &str, words: &[String]) -> Vec<(usize, u32)> {
        let allowed = folded.chars().count() / 4;
        let mut found: Vec<(usize, u32)> = Vec::new();
        for (key, names) in &self.same {
            if allowed > 0 && key.len().abs_diff(folded.len()) <= allowed {
                let distance = crate::error::distance(folded, key);
                if distance <= allowed {
                    found.extend(names.iter().map(|at| (distance, *at)));
                }
            }
        }
        // one word a slip away, the others as they are
        for (n, word) in words.iter().enumerate().filter(|(_, word)| word.chars().count() >= 4) {
            let allowed = word.chars().count() / 4;
            for (key, _) in self.words.iter().filter(|(key, _)| key.len().abs_diff(word.len()) <= allowed) {
                let distance = crate::error::distance(word, key);
                if (1..=allowed).contains(&distance) {
                    let mut wanted = words.to_vec();
                    wanted[n] = key.to_string();
                    found.extend(self.with_words(&wanted).into_iter().map(|at| (distance + 1, at)));
                }
            }
        }
        found
    }
}

impl Part {
    fn folded(&self) -> &Folded {
        memory::kept(&self.folded, || Folded::of(&self.names))
    }

    fn starts(&self) -> &Starts {
        memory::kept(&self.starts, || Starts::of(&self.names))
    }

    /// Lists a node under its main name.
    fn add_node(&mut self, node: NodeRef, kind: &str, name: &str, language: &str) {
        let at = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.nodes.insert(node, Some((kind.into(), at)));
        self.push(node, name, Status::Main, language, "");
    }

    fn push(&mut self, node: NodeRef, text: &str, status: Status, language: &str, script: &str) {
        let text: Arc<str> = compose(text.trim()).into();
        self.put(Name { node, text, status, language: language.into(), script: script.into() });
    }

    fn put(&mut self, name: Name) {
        let Ok(at) = u32::try_from(self.names.len()) else { return };
        self.exact.entry(name.text.clone()).or_default().push(at);
        (self.folded, self.starts) = (OnceLock::new(), OnceLock::new());
        self.names.push(name);
    }

    /// The names of a node: the main one first, then in the order added.
    fn names_of(&self, node: NodeRef) -> &[Name] {
        let Some(Some((_, main))) = self.nodes.get(&node) else { return &[] };
        let rest = &self.names[*main as usize..];
        &rest[..rest.iter().take_while(|name| name.node == node).count()]
    }

    /// Reads what a node of a graph is called.
    fn read(&mut self, graph: &Graph, node: NodeRef, name: KeyId, keys: [Option<KeyId>; 3]) -> bool {
        let Value::Str(name) = graph.node_property(node, name) else { return false };
        let [id, aliases, kind] = keys.map(|key| key.map_or(Value::Null, |key| graph.node_property(node, key)));
        match kind {
            Value::Str(kind) => self.add_node(node, &kind, &name, ""),
            _ => {
                let label = graph.labels_of(node).first().copied();
                self.add_node(node, label.map_or("", |label| graph.label_name(label)), &name, "");
            }
        }
        if let Value::Str(id) = id {
            self.push(node, &id, Status::Id, "", "");
        }
        if let Value::List(aliases) = aliases {
            for alias in aliases.iter() {
                if let Value::Str(alias) = alias {
                    self.push(node, alias, Status::Alternate, "", script_of(alias));
                }
            }
        }
        true
    }
}

impl NameIndex {
    /// The names of a graph: of every node with a `name` its `name`, `id` and `aliases`; literals are not
    /// things one looks for. The kind is the property `kind`, else the first label.
    pub(crate) fn of_graph(graph: &Graph) -> Self {
        let mut part = Part::default();
        let Some(name) = graph.key("name") else { return Self::default() };
        let keys = ["id", "aliases", "kind"].map(|key| graph.key(key));
        let literal = graph.label("Literal");
        let mut slots = Vec::new();
        let mut cursor = Some(0);
        while let Some(at) = cursor {
            slots.clear();
            cursor = graph.scan_nodes(at, &mut slots, 4096);
            for node in slots.iter().map(|slot| NodeRef::new(*slot)) {
                if !literal.is_some_and(|literal| graph.has_label(node, literal)) {
                    part.read(graph, node, name, keys);
                }
            }
        }
        Self { parts: vec![Arc::new(part)] }
    }

    /// The names of the graph, of which only these nodes differ from the one this index was made of. It costs what they
    /// cost, and now and then what as many before them do.
    pub(crate) fn changed(&self, graph: &Graph, nodes: impl IntoIterator<Item = NodeRef>) -> Self {
        let Some(name) = graph.key("name") else { return Self::default() };
        let keys = ["id", "aliases", "kind"].map(|key| graph.key(key));
        let literal = graph.label("Literal");
        let mut part = Part::default();
        for node in nodes {
            let listed = graph.node_exists(node)
                && !literal.is_some_and(|literal| graph.has_label(node, literal))
                && part.read(graph, node, name, keys);
            if !listed && self.parts.iter().any(|part| part.nodes.contains_key(&node)) {
                part.nodes.insert(node, None);
            }
        }
        let mut parts = self.parts.clone();
        while let Some(before) = parts.pop_if(|before| before.nodes.len() < 2 * part.nodes.len()) {
            part = Self::joined(&before, part, parts.is_empty());
        }
        if !part.nodes.is_empty() {
            parts.push(Arc::new(part));
        }
        Self { parts }
    }

    /// Two parts as one. The first part of an index need not know who has no name.
    fn joined(before: &Part, after: Part, first: bool) -> Part {
        let mut joined = after;
        for (node, known) in &before.nodes {
            if joined.nodes.contains_key(node) {
                continue;
            }
            let place = u32::try_from(joined.names.len()).unwrap_or(u32::MAX);
            joined.nodes.insert(*node, known.as_ref().map(|(kind, _)| (kind.clone(), place)));
            before.names_of(*node).iter().for_each(|name| joined.put(name.clone()));
        }
        if first {
            joined.nodes.retain(|_, known| known.is_some());
        }
        joined
    }

    /// The part that answers for a node which has a name.
    fn part_of(&self, node: NodeRef) -> Option<&Part> {
        let part = self.parts.iter().rev().find(|part| part.nodes.contains_key(&node))?;
        part.nodes.get(&node)?.is_some().then_some(&**part)
    }

    fn name(&self, (part, at): At) -> &Name {
        &self.parts[part as usize].names[at as usize]
    }

    /// Whether the part with the name still answers for its node.
    fn holds(&self, (part, at): At) -> bool {
        let Some(later) = self.parts.get(part as usize + 1..) else { return false };
        later.is_empty() || {
            let node = self.name((part, at)).node;
            !later.iter().any(|part| part.nodes.contains_key(&node))
        }
    }

    /// The places that `of` gives of each part, of names that still hold.
    fn places<'a, I>(&'a self, of: impl Fn(&'a Part) -> I) -> Vec<At>
    where
        I: IntoIterator<Item = u32>,
    {
        let all = (0_u32..).zip(&self.parts);
        let places = all.flat_map(|(part, own)| of(own).into_iter().map(move |at| (part, at)));
        places.filter(|at| self.holds(*at)).collect()
    }

    /// The node of that id.
    pub(crate) fn by_id(&self, id: &str) -> Option<NodeRef> {
        let named = self.places(|part| listed(part.exact.get(id)));
        named.into_iter().map(|at| self.name(at)).filter(|name| name.status == Status::Id).map(|name| name.node).min()
    }

    /// The names of a node: the main one first, then in the order added.
    pub(crate) fn names_of(&self, node: NodeRef) -> impl Iterator<Item = &Name> {
        self.part_of(node).map_or(&[][..], |part| part.names_of(node)).iter()
    }

    /// Nodes of which a name has a word that begins as typed, in any script: names that begin so first, the shorter
    /// first, each node once, at most `limit`. For search as one types.
    pub(crate) fn starting_with(&self, typed: &str, limit: usize) -> Vec<Candidate> {
        let typed = loosen(&fold(&compose(typed.trim_start())));
        if typed.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(bool, usize, At)> = Vec::new();
        for (part, own) in (0_u32..).zip(&self.parts) {
            let places = own.starts().find(&typed).map(|(at, first)| ((part, at), first));
            let holding = places.filter(|(at, _)| self.holds(*at));
            found.extend(holding.take(MAX_STARTS).map(|(at, first)| (!first, self.name(at).text.chars().count(), at)));
        }
        found.sort_unstable_by(|a, b| {
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| (&self.name(a.2).text, a.2).cmp(&(&self.name(b.2).text, b.2)))
        });
        let mut seen = FxHashSet::default();
        let once = found.into_iter().filter(|(.., at)| seen.insert(self.name(*at).node)).take(limit);
        once.filter_map(|(.., at)| self.candidate(Rank::Start, at)).collect()
    }

    /// The node that `query` names, all that share the name, or the nearest when nobody has it.
    pub(crate) fn resolve(&self, query: &str) -> Found {
        let mut candidates = self.hits(query, false).candidates(usize::MAX);
        if candidates.first().is_none_or(|best| best.rank >= Rank::Initials) {
            candidates = self.search(query, usize::MAX);
        }
        let Some(best) = candidates.first().map(|c| c.rank) else { return Found::None(candidates) };
        // a name and an alias of the same letters are homonyms, unless one is meant letter for letter
        let level = if best == Rank::Folded { Rank::Alias } else { best };
        let good = candidates.iter().take_while(|c| c.rank <= level).count();
        match (best, good) {
            (Rank::Initials | Rank::Near, _) => {
                candidates.truncate(8);
                Found::None(candidates)
            }
            (_, 1) => Found::One(candidates.swap_remove(0)),
            _ => {
                candidates.truncate(good);
                Found::Many(candidates)
            }
        }
    }

    /// Everything `query` may mean, homonyms and look-alikes included: the best rank first, each node once,
    /// at most `limit`.
    pub(crate) fn search(&self, query: &str, limit: usize) -> Vec<Candidate> {
        self.hits(query, true).candidates(limit)
    }

    /// What meets the query. Without `near`, a name met letter for letter ends the search, and near
    /// spellings, which cost the most, are left out.
    fn hits(&self, query: &str, near: bool) -> Hits<'_> {
        let text = compose(query.trim());
        let folded = fold(&text);
        let mut hits = Hits { index: self, seen: FxHashSet::default(), found: Vec::new() };
        let exact = self.places(|part| listed(part.exact.get(&*text)));
        hits.take(Rank::Exact, &exact, |name| matches!(name.status, Status::Main | Status::Id));
        if folded.is_empty() || !near && !hits.found.is_empty() {
            return hits;
        }
        let same = self.places(|part| listed(part.folded().same.get(&*folded)));
        hits.take(Rank::Folded, &same, |name| name.status == Status::Main);
        hits.take(Rank::Alias, &same, |_| true);
        let loose = loosen(&folded);
        hits.take(Rank::Spelling, &self.places(|part| listed(part.folded().loose.get(&*loose))), |_| true);
        let words: Vec<String> = content_words(&folded).map(loosen).collect();
        // where some names hold the very words, those that only sound alike are look-alikes:
        // "ministry" is a word of its own, and the Kazakh "ministri" another
        let with_words = self.places(|part| part.folded().with_words(&words));
        let (same, sounding): (Vec<At>, Vec<At>) =
            with_words.into_iter().partition(|at| holds_words(&self.name(*at).text, &text));
        let (words_of, rest) = if same.is_empty() { (sounding, same) } else { (same, sounding) };
        hits.take(Rank::Words, &words_of, |_| true);
        let letters: String = folded.split(' ').collect();
        hits.take(Rank::Initials, &self.places(|part| listed(part.folded().initials.get(&*letters))), |_| true);
        if near {
            hits.take(Rank::Near, &rest, |_| true);
        }
        let names: usize = self.parts.iter().map(|part| part.names.len()).sum();
        if near && folded.len() <= MAX_NEAR && (hits.found.is_empty() || names <= MANY_NAMES) {
            let all = (0_u32..).zip(&self.parts);
            let mut near: Vec<(usize, At)> = all
                .flat_map(|(part, own)| {
                    own.folded().near(&folded, &words).into_iter().map(move |(d, at)| (d, (part, at)))
                })
                .filter(|(_, at)| self.holds(*at))
                .collect();
            near.sort_unstable();
            hits.take(Rank::Near, &near.into_iter().map(|(_, at)| at).collect::<Vec<_>>(), |_| true);
        }
        hits
    }

    fn candidate(&self, rank: Rank, at: At) -> Option<Candidate> {
        let met = self.name(at).clone();
        let part = self.part_of(met.node)?;
        let (kind, main) = part.nodes.get(&met.node)?.as_ref()?;
        let id = part.names_of(met.node).iter().find(|name| name.status == Status::Id);
        Some(Candidate {
            node: met.node,
            kind: kind.clone(),
            name: part.names.get(*main as usize)?.text.clone(),
            id: id.map_or_else(|| "".into(), |name| name.text.clone()),
            met,
            rank,
        })
    }
}

fn listed<const N: usize>(list: Option<&SmallVec<[u32; N]>>) -> Vec<u32>
where
    [u32; N]: smallvec::Array<Item = u32>,
{
    list.map_or_else(Vec::new, |list| list.to_vec())
}

/// The candidates found so far; a node is taken at its best rank.
struct Hits<'a> {
    index: &'a NameIndex,
    seen: FxHashSet<NodeRef>,
    found: Vec<(Rank, At)>,
}

impl<'a> Hits<'a> {
    fn take(&mut self, rank: Rank, names: &[At], wanted: impl Fn(&Name) -> bool) {
        for at in names {
            let name = self.index.name(*at);
            if wanted(name) && self.seen.insert(name.node) {
                self.found.push((rank, *at));
            }
        }
    }

    /// Within a rank the shorter name stands nearer to the query; near spellings are in order already.
    fn candidates(self, limit: usize) -> Vec<Candidate> {
        let Self { index, mut found, .. } = self;
        found.sort_by_cached_key(|(rank, at)| {
            let name = index.name(*at);
            let by_length = if *rank == Rank::Near { 0 } else { name.text.chars().count() };
            (*rank, by_length, if *rank == Rank::Near { Arc::from("") } else { name.text.clone() })
        });
        found.into_iter().take(limit).filter_map(|(rank, at)| index.candidate(rank, at)).collect()
    }
}

/// The script of a name, as far as its letters tell.
fn script_of(name: &str) -> &'static str {
    let cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c);
    match (name.chars().any(cyrillic), name.chars().any(|c| c.is_ascii_alphabetic())) {
        (true, _) => "Cyrl",
        (false, true) => "Latn",
        (false, false) => "",
    }
}

/// The words that carry meaning; all of them when none does.
fn content_words(folded: &str) -> impl Iterator<Item = &str> {
    const SMALL: [&str; 14] =
        ["the", "of", "for", "and", "in", "on", "to", "a", "an", "with", "bi", "at", "from", "or"];
    let any = folded.split(' ').any(|word| !SMALL.contains(&word));
    folded.split(' ').filter(move |word| !word.is_empty() && (!any || !SMALL.contains(word)))
}

/// Whether every word of `query` that carries meaning stands in `name`, but for letter case.
fn holds_words(name: &str, query: &str) -> bool {
    let lower = |text: &str| text.to_lowercase().replace(['\'', '’', '.'], "");
    let split = |c: char| !c.is_alphanumeric();
    let (name, query) = (lower(name), lower(query));
    content_words(&query)
        .all(|part| part.split(split).filter(|w| !w.is_empty()).all(|w| name.split(split).any(|n| n == w)))
}

/// The initials of a name of several words; a word in capitals counts whole: UN Human Rights Council, unhrc.
fn initials(name: &str) -> Option<String> {
    let mut letters = String::new();
    let mut words = 0;
    for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !word.starts_with(char::is_uppercase) {
            continue;
        }
        words += 1;
        let whole = word.chars().count() <= 4 && word.chars().all(char::is_uppercase);
        letters.extend(word.chars().take(if whole { usize::MAX } else { 1 }));
    }
    (words > 1 && letters.len() > 2).then(|| fold(&letters))
}

#[cfg(test)]
mod tests;
