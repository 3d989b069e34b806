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
mod fold;

use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

pub use candidate::{Candidate, Found, Name, Rank, Status};
pub(crate) use fold::compose;
use fold::{fold, loosen};

use crate::graph::{Graph, KeyId};
use crate::value::{NodeRef, Value};

/// Above so many names, near spellings are looked for only when nothing better is found.
const MANY_NAMES: usize = 50_000;
/// Longest query that is compared letter by letter.
const MAX_NEAR: usize = 200;

/// Names to nodes.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    names: Vec<Name>,
    /// Kind and place of the main name, by node.
    nodes: FxHashMap<NodeRef, (Arc<str>, u32)>,
    exact: FxHashMap<Arc<str>, SmallVec<[u32; 1]>>,
    /// Made when a query is not a name letter for letter.
    folded: OnceLock<Folded>,
}

/// The names in every way they are compared.
#[derive(Clone, Debug, Default)]
struct Folded {
    same: FxHashMap<Box<str>, SmallVec<[u32; 2]>>,
    loose: FxHashMap<Box<str>, SmallVec<[u32; 2]>>,
    words: FxHashMap<Box<str>, Vec<u32>>,
    initials: FxHashMap<Box<str>, SmallVec<[u32; 2]>>,
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
}

impl NameIndex {
    /// The names of a graph: of every node with a `name` its `name`, `id` and `aliases`; literals are not
    /// things one looks for. The kind is the property `kind`, else the first label.
    pub fn of_graph(graph: &Graph) -> Self {
        let mut index = Self::default();
        let Some(name) = graph.key("name") else { return index };
        let keys = ["id", "aliases", "kind"].map(|key| graph.key(key));
        let literal = graph.label("Literal");
        let mut slots = Vec::new();
        let mut cursor = Some(0);
        while let Some(at) = cursor {
            slots.clear();
            cursor = graph.scan_nodes(at, &mut slots, 4096);
            for node in slots.iter().map(|slot| NodeRef::new(*slot)) {
                if !literal.is_some_and(|literal| graph.has_label(node, literal)) {
                    index.add_from(graph, node, name, keys);
                }
            }
        }
        index
    }

    fn add_from(&mut self, graph: &Graph, node: NodeRef, name: KeyId, keys: [Option<KeyId>; 3]) {
        let Value::Str(name) = graph.node_property(node, name) else { return };
        let [id, aliases, kind] = keys.map(|key| key.map_or(Value::Null, |key| graph.node_property(node, key)));
        match kind {
            Value::Str(kind) => self.add_node(node, &kind, &name, ""),
            _ => {
                let label = graph.labels_of(node).first().copied();
                self.add_node(node, label.map_or("", |label| graph.label_name(label)), &name, "");
            }
        }
        if let Value::Str(id) = id {
            self.add_name(node, &id, Status::Id, "", "");
        }
        if let Value::List(aliases) = aliases {
            for alias in aliases.iter() {
                if let Value::Str(alias) = alias {
                    self.add_name(node, alias, Status::Alternate, "", script_of(alias));
                }
            }
        }
    }

    /// Lists a node under its main name. A node listed again keeps its first name.
    pub fn add_node(&mut self, node: NodeRef, kind: &str, name: &str, language: &str) {
        if !self.nodes.contains_key(&node) {
            let at = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.nodes.insert(node, (kind.into(), at));
            self.add_name(node, name, Status::Main, language, "");
        }
    }

    /// Gives a listed node a further name (or its id). A node that is not listed takes none.
    pub fn add_name(&mut self, node: NodeRef, text: &str, status: Status, language: &str, script: &str) {
        let Ok(at) = u32::try_from(self.names.len()) else { return };
        if !self.nodes.contains_key(&node) {
            return;
        }
        let text: Arc<str> = compose(text.trim()).into();
        self.exact.entry(text.clone()).or_default().push(at);
        self.folded.take();
        self.names.push(Name { node, text, status, language: language.into(), script: script.into() });
    }

    /// The node of that id.
    pub fn by_id(&self, id: &str) -> Option<NodeRef> {
        let named = self.exact.get(id)?.iter().map(|at| &self.names[*at as usize]);
        named.filter(|name| name.status == Status::Id).map(|name| name.node).min()
    }

    /// Number of nodes listed.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no node is listed.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The names of a node: the main one first, then in the order added.
    pub fn names_of(&self, node: NodeRef) -> impl Iterator<Item = &Name> {
        let first = self.nodes.get(&node).map_or(self.names.len(), |(_, at)| *at as usize);
        self.names[first.min(self.names.len())..].iter().filter(move |name| name.node == node)
    }

    /// The node that `query` names, all that share the name, or the nearest when nobody has it.
    pub fn resolve(&self, query: &str) -> Found {
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
    pub fn search(&self, query: &str, limit: usize) -> Vec<Candidate> {
        self.hits(query, true).candidates(limit)
    }

    /// What meets the query. Without `near`, a name met letter for letter ends the search, and near
    /// spellings, which cost the most, are left out.
    fn hits(&self, query: &str, near: bool) -> Hits<'_> {
        let text = compose(query.trim());
        let folded = fold(&text);
        let mut hits = Hits { index: self, seen: FxHashSet::default(), found: Vec::new() };
        hits.take(Rank::Exact, of(self.exact.get(&*text)), |name| matches!(name.status, Status::Main | Status::Id));
        if folded.is_empty() || !near && !hits.found.is_empty() {
            return hits;
        }
        let names = self.folded();
        let same = of(names.same.get(&*folded));
        hits.take(Rank::Folded, same, |name| name.status == Status::Main);
        hits.take(Rank::Alias, same, |_| true);
        let loose = loosen(&folded);
        hits.take(Rank::Spelling, of(names.loose.get(&*loose)), |_| true);
        let words: Vec<String> = content_words(&folded).map(loosen).collect();
        // where some names hold the very words, those that only sound alike are look-alikes:
        // "ministry" is a word of its own, and the Kazakh "ministri" another
        let (same, sounding): (Vec<u32>, Vec<u32>) = self
            .with_words(&words)
            .into_iter()
            .partition(|at| self.names.get(*at as usize).is_some_and(|name| holds_words(&name.text, &text)));
        let (words_of, rest) = if same.is_empty() { (sounding, same) } else { (same, sounding) };
        hits.take(Rank::Words, &words_of, |_| true);
        let letters: String = folded.split(' ').collect();
        hits.take(Rank::Initials, of(names.initials.get(&*letters)), |_| true);
        if near {
            hits.take(Rank::Near, &rest, |_| true);
        }
        if near && folded.len() <= MAX_NEAR && (hits.found.is_empty() || self.names.len() <= MANY_NAMES) {
            hits.take(Rank::Near, &self.near(&folded, &words), |_| true);
        }
        hits
    }

    fn folded(&self) -> &Folded {
        self.folded.get_or_init(|| Folded::of(&self.names))
    }

    /// Names that hold every one of `words`.
    fn with_words(&self, words: &[String]) -> Vec<u32> {
        let mut lists: Vec<&Vec<u32>> = Vec::with_capacity(words.len());
        for word in words {
            match self.folded().words.get(&**word) {
                Some(list) => lists.push(list),
                None => return Vec::new(),
            }
        }
        lists.sort_by_key(|list| list.len());
        let Some((shortest, others)) = lists.split_first() else { return Vec::new() };
        shortest.iter().copied().filter(|at| others.iter().all(|list| list.binary_search(at).is_ok())).collect()
    }

    /// Names a slip of the hand away, the nearest first.
    fn near(&self, folded: &str, words: &[String]) -> Vec<u32> {
        let allowed = folded.chars().count() / 4;
        let mut found: Vec<(usize, u32)> = Vec::new();
        for (key, names) in &self.folded().same {
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
            for (key, _) in self.folded().words.iter().filter(|(key, _)| key.len().abs_diff(word.len()) <= allowed) {
                let distance = crate::error::distance(word, key);
                if (1..=allowed).contains(&distance) {
                    let mut wanted = words.to_vec();
                    wanted[n] = key.to_string();
                    found.extend(self.with_words(&wanted).into_iter().map(|at| (distance + 1, at)));
                }
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at).collect()
    }
}

fn of<const N: usize>(list: Option<&SmallVec<[u32; N]>>) -> &[u32]
where
    [u32; N]: smallvec::Array<Item = u32>,
{
    list.map_or(&[], |list| list)
}

/// The candidates found so far; a node is taken at its best rank.
struct Hits<'a> {
    index: &'a NameIndex,
    seen: FxHashSet<NodeRef>,
    found: Vec<(Rank, u32)>,
}

impl<'a> Hits<'a> {
    fn take(&mut self, rank: Rank, names: &[u32], wanted: impl Fn(&Name) -> bool) {
        for at in names {
            let Some(name) = self.index.names.get(*at as usize) else { continue };
            if wanted(name) && self.seen.insert(name.node) {
                self.found.push((rank, *at));
            }
        }
    }

    /// Within a rank the shorter name stands nearer to the query; near spellings are in order already.
    fn candidates(self, limit: usize) -> Vec<Candidate> {
        let Self { index, mut found, .. } = self;
        found.sort_by_cached_key(|(rank, at)| {
            let name = &index.names[*at as usize];
            let by_length = if *rank == Rank::Near { 0 } else { name.text.chars().count() };
            (*rank, by_length, if *rank == Rank::Near { Arc::from("") } else { name.text.clone() })
        });
        let candidate = |(rank, at): (Rank, u32)| {
            let met = index.names[at as usize].clone();
            let (kind, main) = index.nodes.get(&met.node)?;
            let id = index.names_of(met.node).find(|name| name.status == Status::Id);
            Some(Candidate {
                node: met.node,
                kind: kind.clone(),
                name: index.names[*main as usize].text.clone(),
                id: id.map_or_else(|| "".into(), |name| name.text.clone()),
                met,
                rank,
            })
        };
        found.into_iter().take(limit).filter_map(candidate).collect()
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
mod tests {
    use super::*;

    fn index() -> NameIndex {
        let mut index = NameIndex::default();
        type Listed<'a> = (&'a str, &'a str, &'a [(&'a str, Status)]);
        let nodes: [Listed<'_>; 9] = [
            ("Kazakhstan", "state", &[("Republic of Kazakhstan", Status::Alternate), ("kazakhstan", Status::Id)]),
            ("Respublica", "party", &[("Republic", Status::Alternate)]),
            ("Baytaq", "party", &[("Baitak", Status::Alternate)]),
            (
                "National Kurultai",
                "institution",
                &[("Ұлттық құрылтай", Status::Editorial), ("Congress", Status::Alternate)],
            ),
            ("Commissioner for Human Rights", "office", &[("Ombudsman", Status::Alternate)]),
            ("Ombudsman for Child Rights", "office", &[]),
            ("Office of the UN High Commissioner for Human Rights", "intl-body", &[]),
            ("UN Human Rights Council", "intl-body", &[]),
            ("United Nations Human Rights Committee", "intl-body", &[("UNHRC", Status::Abbreviation)]),
        ];
        for (n, (name, kind, names)) in (0..).zip(nodes) {
            index.add_node(NodeRef::new(n), kind, name, "en");
            for (text, status) in names {
                index.add_name(NodeRef::new(n), text, *status, "", "");
            }
        }
        index
    }

    fn one(query: &str) -> String {
        match index().resolve(query) {
            Found::One(candidate) => candidate.name.to_string(),
            Found::Many(many) => format!("{} candidates", many.len()),
            Found::None(near) => format!("none, near {}", near.first().map_or("", |c| &*c.name)),
        }
    }

    #[test]
    fn spellings_and_scripts_lead_to_one_node() {
        for query in ["Baytaq", "baitak", "БАЙТАҚ", "“Baitak”", "Baıtaq"] {
            assert_eq!(one(query), "Baytaq", "{query}");
        }
        for query in ["National Kurultai", "құрылтай", "Qurultay", "national quryltai", "Congress", "kurultai"]
        {
            assert_eq!(one(query), "National Kurultai", "{query}");
        }
    }

    #[test]
    fn a_name_is_met_as_a_whole_before_its_words() {
        assert_eq!(one("Republic"), "Respublica");
        assert_eq!(one("republic of kazakhstan"), "Kazakhstan");
        assert_eq!(one("High Commissioner"), "Office of the UN High Commissioner for Human Rights");
        assert_eq!(one("Commissioner for Human Rights"), "Commissioner for Human Rights");
        assert_eq!(one("UNHRC"), "United Nations Human Rights Committee");
    }

    #[test]
    fn look_alikes_are_listed_and_never_chosen() {
        let listed =
            |query: &str| index().search(query, 9).iter().map(|c| (c.rank, c.name.to_string())).collect::<Vec<_>>();
        let ombudsman = listed("Ombudsman");
        assert_eq!(ombudsman[0], (Rank::Alias, "Commissioner for Human Rights".into()));
        assert_eq!(ombudsman[1], (Rank::Words, "Ombudsman for Child Rights".into()));
        assert!(listed("UNHRC").contains(&(Rank::Initials, "UN Human Rights Council".into())));
        assert!(listed("Republic").contains(&(Rank::Words, "Kazakhstan".into())));
        assert_eq!(one("human rights"), "4 candidates");
        assert_eq!(one("Ombudzmen"), "none, near Commissioner for Human Rights");
        assert_eq!(one("xyzzy"), "none, near ");
        assert_eq!(one(""), "none, near ");
    }

    #[test]
    fn homonyms_are_many_and_an_id_is_exact() {
        let mut index = index();
        index.add_node(NodeRef::new(20), "court", "CONGRESS", "en");
        index.add_name(NodeRef::new(20), "us-congress", Status::Id, "", "");
        assert!(matches!(index.resolve("congress"), Found::Many(many) if many.len() == 2));
        assert!(
            matches!(index.resolve("CONGRESS"), Found::One(c) if c.node == NodeRef::new(20) && &*c.id == "us-congress")
        );
        assert!(matches!(index.resolve("us-congress"), Found::One(c) if c.rank == Rank::Exact));
    }

    proptest::proptest! {
        /// Whatever a node is called, its name leads to it, and no query ends in a panic.
        #[test]
        fn any_name_finds_its_node(names in proptest::collection::vec(".{0,40}", 1..5), query in ".{0,40}") {
            let mut index = NameIndex::default();
            for (n, name) in (0..).zip(&names) {
                index.add_node(NodeRef::new(n), "thing", name, "");
            }
            for (n, name) in (0..).zip(&names) {
                let found = index.search(name, usize::MAX);
                proptest::prop_assert!(found.iter().any(|c| c.node == NodeRef::new(n)), "{name:?} in {found:?}");
            }
            index.resolve(&query);
        }
    }
}
