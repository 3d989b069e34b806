//! Paths, repetitions, modes and selectors against a model that does nothing but try: every walk of a small random
//! graph is laid beside every reading of a random pattern. The model shares no code with the program; what it says is
//! compared with the plan of the optimizer and with the plain one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shejire::Engine;
use shejire::value::text;

/// Numbers below a bound, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

// ── the model's graph ────────────────────────────────────────────────────────

struct Node {
    a: bool,
    k: Option<i64>,
}

struct Rel {
    ty: &'static str,
    from: usize,
    to: usize,
    w: i64,
}

struct Graph {
    nodes: Vec<Node>,
    rels: Vec<Rel>,
}

impl Graph {
    fn random(dice: &mut Dice) -> Self {
        let size = 2 + dice.below(3);
        let mut nodes = Vec::new();
        for _ in 0..size {
            nodes.push(Node { a: dice.chance(60), k: *dice.pick(&[None, Some(0), Some(1), Some(2)]) });
        }
        let mut rels = Vec::new();
        for _ in 0..dice.below(7) {
            let (ty, from, to) = (*dice.pick(&["R", "R", "S"]), dice.below(size), dice.below(size));
            rels.push(Rel { ty, from, to, w: dice.below(3) as i64 });
        }
        Self { nodes, rels }
    }

    fn create(&self) -> String {
        let mut parts = Vec::new();
        for (i, node) in self.nodes.iter().enumerate() {
            let label = if node.a { ":A" } else { "" };
            let k = node.k.map_or(String::new(), |k| format!(", k: {k}"));
            parts.push(format!("(n{i}{label} {{i: {i}{k}}})"));
        }
        for (i, rel) in self.rels.iter().enumerate() {
            parts.push(format!("(n{})-[:{} {{i: {i}, w: {}}}]->(n{})", rel.from, rel.ty, rel.w, rel.to));
        }
        format!("CREATE {}", parts.join(", "))
    }
}

// ── the model's patterns ─────────────────────────────────────────────────────

#[derive(Clone)]
struct NodeTest {
    name: String,
    a: bool,
    k: Option<i64>,
}

#[derive(Clone)]
struct RelTest {
    name: String,
    ty: Option<&'static str>,
    /// `-1` against, `0` either way, `1` along.
    way: i8,
    w: Option<i64>,
    price: Price,
}

/// What a relationship costs, for a path chosen by that.
type Price = (&'static str, fn(i64) -> Option<i64>);

/// The second gives halves.
const PRICES: &[Price] = &[
    (" COST #.w", |w| Some(2 * w)),
    (" COST #.w", |w| Some(2 * w)),
    (" COST 1 + #.w / 2.0", |w| Some(2 + w)),
    (" COST CASE #.w WHEN 2 THEN null ELSE #.w + 1 END", |w| (w != 2).then_some(2 * w + 2)),
    ("", |_| Some(0)),
];

#[derive(Clone)]
struct Repeat {
    least: usize,
    most: Option<usize>,
    text: &'static str,
}

const REPEATS: &[(usize, Option<usize>, &str)] = &[
    (1, None, "+"),
    (0, None, "*"),
    (1, Some(2), "{1,2}"),
    (0, Some(2), "{0,2}"),
    (2, None, "{2,}"),
    (2, Some(3), "{2,3}"),
    (1, Some(1), "{1}"),
    (0, Some(1), "{,1}"),
];

#[derive(Clone)]
enum Part {
    One(RelTest),
    Repeated(RelTest, Repeat),
    /// `least_rises`: each repetition must satisfy `first.k <= last.k`.
    Group {
        first: NodeTest,
        hops: Vec<(RelTest, NodeTest)>,
        rises: bool,
        repeat: Repeat,
    },
}

struct Pattern {
    first: NodeTest,
    parts: Vec<(Part, NodeTest)>,
}

fn node_test(dice: &mut Dice, name: String) -> NodeTest {
    NodeTest { name, a: dice.chance(25), k: if dice.chance(15) { Some(dice.below(3) as i64) } else { None } }
}

fn rel_test(dice: &mut Dice, name: String) -> RelTest {
    let ty = *dice.pick(&[None, None, Some("R"), Some("S")]);
    let w = if dice.chance(15) { Some(dice.below(3) as i64) } else { None };
    RelTest { name, ty, way: *dice.pick(&[1, 1, -1, 0]), w, price: PRICES[PRICES.len() - 1] }
}

fn repeat(dice: &mut Dice, bounded: bool) -> Repeat {
    loop {
        let (least, most, text) = *dice.pick(REPEATS);
        if most.is_some() || !bounded {
            return Repeat { least, most, text };
        }
    }
}

impl Pattern {
    fn random(dice: &mut Dice, bounded: bool) -> Self {
        let length = *dice.pick(&[1, 1, 1, 2, 2, 3]);
        let first = node_test(dice, "a".to_owned());
        let mut parts = Vec::new();
        for i in 0..length {
            let part = match dice.below(3) {
                0 => Part::One(rel_test(dice, format!("r{i}"))),
                1 => Part::Repeated(rel_test(dice, format!("r{i}")), repeat(dice, bounded)),
                _ => {
                    // without names and tests of its nodes a group means the same as a repeated relationship
                    let bare = dice.chance(30);
                    let inner = |dice: &mut Dice, name: String| {
                        if bare { NodeTest { name: String::new(), a: false, k: None } } else { node_test(dice, name) }
                    };
                    let first = inner(dice, format!("x{i}"));
                    let hops = (0..if bare { 1 } else { 1 + dice.below(2) })
                        .map(|j| (rel_test(dice, format!("q{i}{j}")), inner(dice, format!("y{i}{j}"))))
                        .collect();
                    Part::Group { first, hops, rises: !bare && dice.chance(40), repeat: repeat(dice, bounded) }
                }
            };
            let name = if i + 1 == length { "b".to_owned() } else { format!("m{i}") };
            parts.push((part, node_test(dice, name)));
        }
        Self { first, parts }
    }

    /// Gives the relationships costs, one of them at least.
    fn price(&mut self, dice: &mut Dice) {
        let mut first = true;
        for (part, _) in &mut self.parts {
            let rels: Vec<&mut RelTest> = match part {
                Part::One(rel) | Part::Repeated(rel, _) => vec![rel],
                Part::Group { hops, .. } => hops.iter_mut().map(|(rel, _)| rel).collect(),
            };
            for rel in rels {
                let some = &PRICES[..PRICES.len() - usize::from(std::mem::take(&mut first))];
                rel.price = *dice.pick(some);
            }
        }
    }

    fn text(&self) -> String {
        let mut out = self.first.text();
        for (part, node) in &self.parts {
            out += &match part {
                Part::One(rel) => rel.text(""),
                Part::Repeated(rel, repeat) => rel.text(repeat.text),
                Part::Group { first, hops, rises, repeat } => {
                    let inner: String = hops.iter().map(|(rel, node)| rel.text("") + &node.text()).collect();
                    let last = &hops[hops.len() - 1].1.name;
                    let rises = if *rises { format!(" WHERE {}.k <= {last}.k", first.name) } else { String::new() };
                    format!(" ({}{inner}{rises}){} ", first.text(), repeat.text)
                }
            };
            out += &node.text();
        }
        out
    }

    /// What is returned beside nodes and relationships of the path: every variable, in the order the model binds them.
    fn columns(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (number, (part, node)) in self.parts.iter().enumerate() {
            match part {
                Part::One(rel) => out.push(format!("{}.i", rel.name)),
                Part::Repeated(rel, _) => out.push(format!("[x IN {} | x.i]", rel.name)),
                Part::Group { first, hops, .. } => {
                    let nodes = hops.iter().flat_map(|(rel, node)| [&rel.name, &node.name]);
                    let named = std::iter::once(&first.name).chain(nodes).filter(|name| !name.is_empty());
                    out.extend(named.map(|name| format!("[x IN {name} | x.i]")));
                }
            }
            if number + 1 < self.parts.len() {
                out.push(format!("{}.i", node.name));
            }
        }
        out
    }
}

impl NodeTest {
    fn text(&self) -> String {
        let label = if self.a { ":A" } else { "" };
        let k = self.k.map_or(String::new(), |k| format!(" {{k: {k}}}"));
        format!("({}{label}{k})", self.name)
    }

    fn fits(&self, graph: &Graph, node: usize) -> bool {
        (!self.a || graph.nodes[node].a) && self.k.is_none_or(|k| graph.nodes[node].k == Some(k))
    }
}

impl RelTest {
    fn text(&self, repeat: &str) -> String {
        let ty = self.ty.map_or(String::new(), |ty| format!(":{ty}"));
        let w = self.w.map_or(String::new(), |w| format!(" {{w: {w}}}"));
        let (left, right) = [("<-", "-"), ("-", "-"), ("-", "->")][(self.way + 1) as usize];
        let price = self.price.0.replace('#', &self.name);
        format!("{left}[{}{ty}{w}{price}]{right}{repeat}", self.name)
    }

    /// Where each fitting relationship at `node` leads.
    fn steps(&self, graph: &Graph, node: usize) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for (i, rel) in graph.rels.iter().enumerate() {
            if self.ty.is_some_and(|ty| ty != rel.ty) || self.w.is_some_and(|w| w != rel.w) {
                continue;
            }
            if self.way >= 0 && rel.from == node {
                out.push((i, rel.to));
            }
            if self.way <= 0 && rel.to == node && !(self.way == 0 && rel.from == rel.to) {
                out.push((i, rel.from));
            }
        }
        out
    }
}

// ── the model's answers ──────────────────────────────────────────────────────

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Trail,
    Walk,
    Acyclic,
    Simple,
}

/// One way to read the pattern: nodes, relationships, and the value of each column.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Match {
    nodes: Vec<usize>,
    rels: Vec<usize>,
    /// In halves.
    cost: i64,
    columns: Vec<String>,
}

struct Model<'g> {
    graph: &'g Graph,
    pattern: &'g Pattern,
    mode: Mode,
    longest: usize,
    found: Vec<Match>,
    /// Tried so far; beyond a bound the case is given up.
    tried: usize,
}

const TRIED: usize = 6_000;

impl Model<'_> {
    fn matches(mut self) -> Option<Vec<Match>> {
        for start in 0..self.graph.nodes.len() {
            if self.pattern.first.fits(self.graph, start) {
                self.part(0, Match { nodes: vec![start], rels: Vec::new(), cost: 0, columns: Vec::new() });
            }
        }
        (self.tried < TRIED).then_some(self.found)
    }

    /// Whether the mode lets a path be so, or become so on the way.
    fn allowed(&self, path: &Match) -> bool {
        let distinct = |list: &[usize]| list.iter().enumerate().all(|(i, x)| !list[..i].contains(x));
        match self.mode {
            Mode::Walk => true,
            Mode::Trail => distinct(&path.rels),
            Mode::Acyclic => distinct(&path.nodes),
            // the last may be the first
            Mode::Simple => {
                distinct(&path.rels) && distinct(&path.nodes[1..]) && {
                    let last = path.nodes.len() - 1;
                    distinct(&path.nodes[..last.max(1)])
                }
            }
        }
    }

    fn part(&mut self, number: usize, path: Match) {
        self.tried += 1;
        if self.tried >= TRIED {
            return;
        }
        let pattern = self.pattern;
        let Some((part, _)) = pattern.parts.get(number) else {
            self.found.push(path);
            return;
        };
        match part {
            Part::One(rel) => {
                for path in self.hop(&path, rel, None) {
                    let bound = last(&path.rels).to_string();
                    self.arrive(number, path, vec![bound]);
                }
            }
            Part::Repeated(rel, repeat) => self.repeated(number, (rel, repeat), path.clone(), path.rels.len(), 0),
            Part::Group { first, hops, .. } => {
                let named = first.named() + hops.iter().map(|(_, node)| 1 + node.named()).sum::<usize>();
                self.group(number, path, vec![Vec::new(); named], 0);
            }
        }
    }

    /// The paths one relationship longer.
    fn hop(&mut self, path: &Match, rel: &RelTest, to: Option<&NodeTest>) -> Vec<Match> {
        let mut out = Vec::new();
        if path.rels.len() >= self.longest {
            return out;
        }
        for (taken, node) in rel.steps(self.graph, last(&path.nodes)) {
            self.tried += 1;
            let Some(price) = (rel.price.1)(self.graph.rels[taken].w) else { continue };
            let mut longer = path.clone();
            longer.cost += price;
            longer.rels.push(taken);
            longer.nodes.push(node);
            if self.allowed(&longer) && to.is_none_or(|to| to.fits(self.graph, node)) {
                out.push(longer);
            }
        }
        out
    }

    /// At the node behind part `number`: its test, its column, and on.
    fn arrive(&mut self, number: usize, mut path: Match, bound: Vec<String>) {
        let here = last(&path.nodes);
        if !self.pattern.parts[number].1.fits(self.graph, here) {
            return;
        }
        path.columns.extend(bound);
        if number + 1 < self.pattern.parts.len() {
            path.columns.push(here.to_string());
        }
        self.part(number + 1, path);
    }

    fn repeated(&mut self, number: usize, (rel, repeat): (&RelTest, &Repeat), path: Match, from: usize, count: usize) {
        if self.tried >= TRIED {
            return;
        }
        if count >= repeat.least {
            let bound = list(&path.rels[from..]);
            self.arrive(number, path.clone(), vec![bound]);
        }
        if repeat.most.is_none_or(|most| count < most) {
            for longer in self.hop(&path, rel, None) {
                self.repeated(number, (rel, repeat), longer, from, count + 1);
            }
        }
    }

    fn group(&mut self, number: usize, path: Match, lists: Vec<Vec<usize>>, count: usize) {
        let pattern = self.pattern;
        let Part::Group { first, hops, rises, repeat } = &pattern.parts[number].0 else { return };
        if self.tried >= TRIED {
            return;
        }
        if count >= repeat.least {
            self.arrive(number, path.clone(), lists.iter().map(|l| list(l)).collect());
        }
        let here = last(&path.nodes);
        if repeat.most.is_some_and(|most| count >= most) || !first.fits(self.graph, here) {
            return;
        }
        let mut open = vec![path];
        for (rel, node) in hops {
            let next: Vec<Match> = open.iter().flat_map(|path| self.hop(path, rel, Some(node))).collect();
            open = next;
        }
        for path in open {
            let (nodes, rels) =
                (&path.nodes[path.nodes.len() - hops.len()..], &path.rels[path.rels.len() - hops.len()..]);
            let k = |node: usize| self.graph.nodes[node].k;
            let up = k(here).zip(k(last(nodes))).is_some_and(|(low, high)| low <= high);
            if *rises && !up {
                continue;
            }
            let mut lists = lists.clone();
            let mut at = 0;
            let mut put = |value: usize| {
                lists[at].push(value);
                at += 1;
            };
            if first.named() == 1 {
                put(here);
            }
            for ((_, test), (node, rel)) in hops.iter().zip(nodes.iter().zip(rels)) {
                put(*rel);
                if test.named() == 1 {
                    put(*node);
                }
            }
            self.group(number, path, lists, count + 1);
        }
    }
}

impl NodeTest {
    fn named(&self) -> usize {
        usize::from(!self.name.is_empty())
    }
}

fn last(list: &[usize]) -> usize {
    list[list.len() - 1]
}

fn list(values: &[usize]) -> String {
    format!("[{}]", values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    All,
    Shortest(usize),
    Groups(usize),
    Any(usize),
    Cheapest(usize),
    CheapestGroups(usize),
}

impl Choice {
    fn by_cost(self) -> bool {
        matches!(self, Self::Cheapest(_) | Self::CheapestGroups(_))
    }
}

const CHOICES: &[(&str, &str, Choice)] = &[
    ("", "", Choice::All),
    ("ANY SHORTEST", "", Choice::Shortest(1)),
    ("ALL SHORTEST", "", Choice::Groups(1)),
    ("SHORTEST 2", "", Choice::Shortest(2)),
    ("SHORTEST 2", "GROUPS", Choice::Groups(2)),
    ("ANY", "", Choice::Any(1)),
    ("ANY 3", "", Choice::Any(3)),
];

const CHEAP: &[(&str, &str, Choice)] = &[
    ("ANY CHEAPEST", "", Choice::Cheapest(1)),
    ("CHEAPEST", "", Choice::Cheapest(1)),
    ("ALL CHEAPEST", "", Choice::CheapestGroups(1)),
    ("CHEAPEST 3", "", Choice::Cheapest(3)),
    ("CHEAPEST 2", "GROUPS", Choice::CheapestGroups(2)),
];

/// What is wrong with an answer; nothing when it is one of the right ones.
fn wrong(all: &[Match], choice: Choice, got: &[Match], longest: Option<usize>) -> Option<String> {
    #[allow(clippy::type_complexity)] // one map of the model
    let mut pairs: BTreeMap<(usize, usize), (Vec<&Match>, Vec<&Match>)> = BTreeMap::new();
    let ends = |m: &Match| (m.nodes[0], last(&m.nodes));
    all.iter().for_each(|m| pairs.entry(ends(m)).or_default().0.push(m));
    got.iter().for_each(|m| pairs.entry(ends(m)).or_default().1.push(m));
    for (pair, (mut right, mut got)) in pairs {
        // a model that stops at some length says nothing of longer paths
        if longest.is_some_and(|longest| got.iter().any(|m| m.rels.len() >= longest)) {
            continue;
        }
        let measure = |m: &Match| if choice.by_cost() { m.cost } else { m.rels.len() as i64 };
        right.sort_by_key(|m| measure(m));
        got.sort();
        if got.windows(2).any(|two| two[0] == two[1]) && right.windows(2).all(|two| two[0] != two[1]) {
            return Some(format!("{pair:?}: a path twice"));
        }
        if let Some(m) = got.iter().find(|m| !right.contains(m)) {
            return Some(format!("{pair:?}: {m:?} is none"));
        }
        let mut lengths: Vec<i64> = right.iter().map(|m| measure(m)).collect();
        let mut had: Vec<i64> = got.iter().map(|m| measure(m)).collect();
        had.sort_unstable();
        match choice {
            Choice::All => {}
            Choice::Shortest(k) | Choice::Cheapest(k) => lengths.truncate(k),
            Choice::Groups(k) | Choice::CheapestGroups(k) => {
                let mut distinct = lengths.clone();
                distinct.dedup();
                lengths.retain(|l| distinct.iter().take(k).any(|d| d == l));
            }
            Choice::Any(k) => {
                if had.len() != lengths.len().min(k) {
                    return Some(format!("{pair:?}: {} paths of {}", had.len(), lengths.len()));
                }
                continue;
            }
        }
        if had != lengths {
            return Some(format!("{pair:?}: lengths {had:?}, should be {lengths:?}"));
        }
    }
    None
}

/// A condition on the whole path.
type Test = (&'static str, fn(&Graph, &Match) -> bool);

const TESTS: &[Test] = &[
    ("all(x IN relationships(p) WHERE x.w > 0)", |graph, m| m.rels.iter().all(|r| graph.rels[*r].w > 0)),
    ("none(x IN relationships(p) WHERE x.w = 1)", |graph, m| m.rels.iter().all(|r| graph.rels[*r].w != 1)),
    ("all(x IN nodes(p) WHERE x.k IS NOT NULL)", |graph, m| m.nodes.iter().all(|n| graph.nodes[*n].k.is_some())),
    ("any(x IN nodes(p) WHERE x.k = 1)", |graph, m| m.nodes.iter().any(|n| graph.nodes[*n].k == Some(1))),
    ("length(p) > 1", |_, m| m.rels.len() > 1),
    ("length(p) <> 2", |_, m| m.rels.len() != 2),
    ("reduce(s = 0, x IN relationships(p) | s + x.w) < 3", |graph, m| {
        m.rels.iter().map(|r| graph.rels[*r].w).sum::<i64>() < 3
    }),
];

/// `priced`: the third column is what the path costs, twice.
fn answer(engine: &Engine, query: &str, priced: bool, optimized: bool) -> Result<Vec<Match>, String> {
    let asked = engine.query(query);
    let asked = if optimized { asked } else { asked.unoptimized() };
    let rows = asked.rows().map_err(|e| e.render(query, None, false))?;
    let mut out = Vec::new();
    for row in 0..rows.len() {
        let values: Vec<String> =
            rows.get(row).unwrap().values().iter().map(|value| text::literal(value, None).unwrap()).collect();
        let numbers = |text: &str| -> Vec<usize> {
            let inside = text.trim_matches(['[', ']']);
            inside.split(", ").filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect()
        };
        let (nodes, rels) = (numbers(&values[0]), numbers(&values[1]));
        let cost = if priced { values[2].parse().unwrap() } else { 0 };
        out.push(Match { nodes, rels, cost, columns: values[2 + usize::from(priced)..].to_vec() });
    }
    Ok(out)
}

fn compare(engine: &Engine, query: &str, all: &[Match], choice: Choice, longest: Option<usize>) -> Option<String> {
    for optimized in [true, false] {
        let problem = match answer(engine, query, choice.by_cost(), optimized) {
            Err(error) => Some(error),
            Ok(got) => wrong(all, choice, &got, longest),
        };
        if let Some(problem) = problem {
            let plan = if optimized { "optimized" } else { "plain" };
            return Some(format!("{query}\n  {plan}: {problem}\n"));
        }
    }
    None
}

fn engine(graph: &Graph) -> Engine {
    let engine = Engine::in_memory();
    engine.run(&graph.create()).unwrap();
    engine
}

#[test]
fn selectors_modes_and_repetitions_are_those_of_the_model() {
    let asked = chosen(0..120, CHOICES);
    assert!(asked > 900, "only {asked} queries");
}

#[test]
fn the_cheapest_paths_are_those_of_the_model() {
    let asked = chosen(1_000..1_120, CHEAP);
    assert!(asked > 900, "only {asked} queries");
}

/// Compares random patterns behind `choices` with the model; how many.
fn chosen(seeds: std::ops::Range<u64>, choices: &[(&str, &str, Choice)]) -> usize {
    let mut problems = String::new();
    let mut asked = 0;
    for seed in seeds {
        let mut dice = Dice(seed * 2 + 1);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        for _ in 0..10 {
            let (mode, word) = *dice.pick(&[
                (Mode::Trail, ""),
                (Mode::Trail, "TRAIL"),
                (Mode::Walk, "WALK"),
                (Mode::Acyclic, "ACYCLIC"),
                (Mode::Simple, "SIMPLE"),
            ]);
            let (selector, groups, choice) = *dice.pick(choices);
            let endless = mode == Mode::Walk && matches!(choice, Choice::All);
            let mut pattern = Pattern::random(&mut dice, endless);
            if choice.by_cost() {
                pattern.price(&mut dice);
            }
            // walks go on for ever: those of some length are enough to know the shortest by
            let longest = if mode == Mode::Walk && !endless { 7 } else { 64 };
            let model = Model { graph: &graph, pattern: &pattern, mode, longest, found: Vec::new(), tried: 0 };
            let Some(all) = model.matches() else { continue };
            let known = (mode == Mode::Walk && !endless).then_some(longest);
            if known.is_some()
                && !matches!(choice, Choice::Shortest(1) | Choice::Groups(1) | Choice::Any(1) | Choice::Cheapest(1))
            {
                continue;
            }
            let columns: Vec<String> = ["[x IN nodes(p) | x.i]".to_owned(), "[x IN relationships(p) | x.i]".to_owned()]
                .into_iter()
                .chain(choice.by_cost().then(|| "toInteger(2 * cost(p))".to_owned()))
                .chain(pattern.columns())
                .enumerate()
                .map(|(i, column)| format!("{column} AS c{i}"))
                .collect();
            let returned = format!("RETURN {}", columns.join(", "));
            let head = format!("{selector} {word} {groups}");
            let text = pattern.text();
            let mut queries = vec![(format!("MATCH p = {head} {text} {returned}"), all.clone(), choice)];
            if known.is_none() {
                let (condition, test) = *dice.pick(TESTS);
                let passing: Vec<Match> = all.iter().filter(|m| test(&graph, m)).cloned().collect();
                // inside the parentheses of the path: before the selector
                queries.push((
                    format!("MATCH p = {head} ({text} WHERE {condition}) {returned}"),
                    passing.clone(),
                    choice,
                ));
                if matches!(choice, Choice::All) {
                    queries.push((format!("MATCH p = {head} {text} WHERE {condition} {returned}"), passing, choice));
                }
            }
            for (query, all, choice) in queries {
                asked += 1;
                if let Some(problem) = compare(&engine, &query, &all, choice, known) {
                    let _ = writeln!(problems, "seed {seed}: {}\n  {problem}", graph.create());
                }
            }
        }
        assert!(problems.len() < 6_000, "{problems}");
    }
    assert!(problems.is_empty(), "{problems}");
    asked
}

#[test]
fn a_where_behind_the_pattern_comes_after_the_selector() {
    let mut problems = String::new();
    for seed in 0..60 {
        let mut dice = Dice(seed * 2 + 7_001);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        for _ in 0..6 {
            let pattern = Pattern::random(&mut dice, false);
            let model =
                Model { graph: &graph, pattern: &pattern, mode: Mode::Trail, longest: 64, found: Vec::new(), tried: 0 };
            let Some(all) = model.matches() else { continue };
            // of all the shortest there is no choice to make, so what is filtered afterwards is known
            let mut kept: Vec<Match> = Vec::new();
            let (condition, test) = *dice.pick(TESTS);
            for m in &all {
                let pair = |other: &&Match| other.nodes[0] == m.nodes[0] && last(&other.nodes) == last(&m.nodes);
                let least = all.iter().filter(pair).map(|other| other.rels.len()).min();
                if least == Some(m.rels.len()) && test(&graph, m) {
                    kept.push(m.clone());
                }
            }
            let query = format!(
                "UNWIND [1, 2] AS row MATCH p = ALL SHORTEST {} WHERE {condition} WITH * WHERE row = 2 RETURN \
                 [x IN nodes(p) | x.i] AS ns, [x IN relationships(p) | x.i] AS rs",
                pattern.text()
            );
            let bare: Vec<Match> = kept.into_iter().map(|m| Match { columns: Vec::new(), ..m }).collect();
            if let Some(problem) = compare(&engine, &query, &bare, Choice::All, None) {
                let _ = writeln!(problems, "seed {seed}: {}\n  {problem}", graph.create());
            }
        }
        assert!(problems.len() < 6_000, "{problems}");
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn what_is_asked_of_a_shortest_path_is_part_of_the_search() {
    let mut problems = String::new();
    for seed in 0..80 {
        let mut dice = Dice(seed * 2 + 11_003);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        for _ in 0..6 {
            let rel = RelTest { name: String::new(), ..rel_test(&mut dice, String::new()) };
            let (least, most, steps) = *dice.pick(&[(1, None, "*"), (0, None, "*0.."), (1, Some(2), "*..2")]);
            let part = Part::Repeated(rel.clone(), Repeat { least, most, text: "" });
            let (a, b) = (node_test(&mut dice, "a".to_owned()), node_test(&mut dice, "b".to_owned()));
            let pattern = Pattern { first: a.clone(), parts: vec![(part, b.clone())] };
            let (condition, test) = *dice.pick(TESTS);
            let model =
                Model { graph: &graph, pattern: &pattern, mode: Mode::Trail, longest: 64, found: Vec::new(), tried: 0 };
            let Some(mut all) = model.matches() else { continue };
            all.iter_mut().for_each(|m| m.columns.clear());
            // the length of what has been found filters it; what its nodes and relationships are is searched for
            let measures = condition.starts_with("length");
            if measures {
                let copy = all.clone();
                all.retain(|m| {
                    let pair = |o: &&Match| o.nodes[0] == m.nodes[0] && last(&o.nodes) == last(&m.nodes);
                    copy.iter().filter(pair).map(|o| o.rels.len()).min() == Some(m.rels.len())
                });
            }
            all.retain(|m| test(&graph, m));
            let (name, choice) =
                *dice.pick(&[("shortestPath", Choice::Shortest(1)), ("allShortestPaths", Choice::Groups(1))]);
            let ty = rel.ty.map_or(String::new(), |ty| format!(":{ty}"));
            let w = rel.w.map_or(String::new(), |w| format!(" {{w: {w}}}"));
            let (left, right) = [("<-", "-"), ("-", "-"), ("-", "->")][(rel.way + 1) as usize];
            let query = format!(
                "MATCH p = {name}({}{left}[{ty}{steps}{w}]{right}{}) WHERE {condition} RETURN [x IN nodes(p) | x.i] \
                 AS ns, [x IN relationships(p) | x.i] AS rs",
                a.text(),
                b.text()
            );
            if let Some(problem) = compare(&engine, &query, &all, choice, None) {
                let _ = writeln!(problems, "seed {seed}: {}\n  {problem}", graph.create());
            }
        }
        assert!(problems.len() < 6_000, "{problems}");
    }
    assert!(problems.is_empty(), "{problems}");
}

impl Pattern {
    /// Lets a relationship or a repetition ask something of what stands elsewhere in the path: the text, and whether a match satisfies it.
    #[allow(clippy::type_complexity)] // a text and a test of the model
    fn asking(&self, dice: &mut Dice) -> Option<(String, Box<dyn Fn(&Graph, &Match) -> bool>)> {
        let name = |(part, _): &'_ (Part, NodeTest)| match part {
            Part::One(rel) | Part::Repeated(rel, _) => Some(rel.name.clone()),
            Part::Group { .. } => None,
        };
        let rels: Vec<String> = self.parts.iter().filter_map(name).collect();
        if rels.is_empty() {
            return None;
        }
        let (rel, other) = (dice.pick(&rels), dice.below(self.parts.len() + 1));
        let name = if other == 0 { &self.first.name } else { &self.parts[other - 1].1.name };
        let text = self.text();
        let begin = text.find(&format!("[{rel}"))?;
        let end = begin + text[begin..].find(']')?;
        let asked = format!("{} WHERE {rel}.w <= {name}.k{}", &text[..end], &text[end..]);
        let columns = self.columns();
        let of_rel = [format!("[x IN {rel} | x.i]"), format!("{rel}.i")];
        let list = columns.iter().position(|column| of_rel.contains(column))?;
        let node = columns.iter().position(|column| *column == format!("{name}.i"));
        let is_first = other == 0;
        let test = move |graph: &Graph, m: &Match| {
            let node = match node {
                Some(at) => m.columns[at].parse().unwrap(),
                None if is_first => m.nodes[0],
                None => last(&m.nodes),
            };
            let rels = m.columns[list].trim_matches(['[', ']']).split(", ").filter(|rel| !rel.is_empty());
            let mut least = rels.map(|rel| graph.rels[rel.parse::<usize>().unwrap()].w);
            least.all(|w| graph.nodes[node].k.is_some_and(|k| w <= k))
        };
        Some((asked, Box::new(test)))
    }
}

#[test]
fn what_a_path_shares_with_its_surroundings_is_known_while_it_is_found() {
    let mut problems = String::new();
    let mut asked = [0, 0];
    for seed in 0..150 {
        let mut dice = Dice(seed * 2 + 17_001);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        if dice.chance(30) {
            engine.run("CREATE INDEX FOR (n:A) ON (n.k)").unwrap();
        }
        for _ in 0..10 {
            let (mode, word) = *dice.pick(&[(Mode::Trail, ""), (Mode::Acyclic, "ACYCLIC"), (Mode::Simple, "SIMPLE")]);
            let (selector, groups, choice) = *dice.pick(CHOICES);
            let pattern = Pattern::random(&mut dice, false);
            let model = Model { graph: &graph, pattern: &pattern, mode, longest: 64, found: Vec::new(), tried: 0 };
            let Some(mut all) = model.matches() else { continue };
            let mut text = pattern.text();
            // a repetition reads a node of the path, before it or behind it
            if let Some((asking, test)) = pattern.asking(&mut dice) {
                text = asking;
                all.retain(|m| test(&graph, m));
                asked[0] += 1;
            }
            // an inner node is there before the path is
            let mut before = String::new();
            if pattern.parts.len() > 1 && dice.chance(70) {
                let there = dice.below(graph.nodes.len());
                let at = pattern.columns().iter().position(|column| column == "m0.i").unwrap();
                all.retain(|m| m.columns[at] == there.to_string());
                before = format!("MATCH (m0) WITH m0 ORDER BY m0.i SKIP {there} LIMIT 1 ");
                asked[1] += 1;
            }
            let columns: Vec<String> = ["[x IN nodes(p) | x.i]".to_owned(), "[x IN relationships(p) | x.i]".to_owned()]
                .into_iter()
                .chain(pattern.columns())
                .enumerate()
                .map(|(i, column)| format!("{column} AS c{i}"))
                .collect();
            let query = format!("{before}MATCH p = {selector} {word} {groups} {text} RETURN {}", columns.join(", "));
            if let Some(problem) = compare(&engine, &query, &all, choice, None) {
                let _ = writeln!(problems, "seed {seed}: {}\n  {problem}", graph.create());
            }
        }
        assert!(problems.len() < 6_000, "{problems}");
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(asked.iter().all(|asked| *asked > 200), "only {asked:?}");
}

/// Paths of which there is no choice to make among equals: one answer is right.
const CERTAIN: &[(&str, &str, Choice)] = &[
    ("", "", Choice::All),
    ("", "", Choice::All),
    ("ALL SHORTEST", "", Choice::Groups(1)),
    ("SHORTEST 2", "GROUPS", Choice::Groups(2)),
];

/// What a selector of [`CERTAIN`] leaves.
fn left(all: &[Match], choice: Choice) -> Vec<Match> {
    let Choice::Groups(k) = choice else { return all.to_vec() };
    let ends = |m: &Match| (m.nodes[0], last(&m.nodes));
    let is_short = |m: &&Match| {
        let same = all.iter().filter(|other| ends(other) == ends(m) && other.rels.len() < m.rels.len());
        let mut shorter: Vec<usize> = same.map(|other| other.rels.len()).collect();
        shorter.sort_unstable();
        shorter.dedup();
        shorter.len() < k
    };
    all.iter().filter(is_short).cloned().collect()
}

impl Pattern {
    /// The same with a letter before every name, to stand beside another.
    fn beside(mut self) -> Self {
        let longer = |name: &mut String| {
            if !name.is_empty() {
                name.insert(0, 'z');
            }
        };
        longer(&mut self.first.name);
        for (part, node) in &mut self.parts {
            longer(&mut node.name);
            match part {
                Part::One(rel) | Part::Repeated(rel, _) => longer(&mut rel.name),
                Part::Group { first, hops, .. } => {
                    longer(&mut first.name);
                    for (rel, node) in hops {
                        longer(&mut rel.name);
                        longer(&mut node.name);
                    }
                }
            }
        }
        self
    }

    /// What a path tells others of itself: an expression, and its value for a match.
    fn telling(&self, dice: &mut Dice) -> (String, Option<usize>) {
        let columns = self.columns();
        let at = dice.below(columns.len() + 1);
        match columns.get(at) {
            None => ("length(p)".to_owned(), None),
            Some(column) => match column.strip_prefix("[x IN ") {
                Some(list) => (format!("size({})", list.split(' ').next().unwrap()), Some(at)),
                None => (column.clone(), Some(at)),
            },
        }
    }

    /// A relationship of which something is asked while the path is found: its name and its column.
    fn asked_on_the_way(&self, dice: &mut Dice, chosen: bool) -> Option<(String, usize)> {
        let mut names = Vec::new();
        for (part, _) in &self.parts {
            match part {
                Part::One(rel) if chosen => names.push(rel.name.clone()),
                Part::One(_) => {}
                Part::Repeated(rel, _) => names.push(rel.name.clone()),
                Part::Group { hops, .. } => names.extend(hops.iter().map(|(rel, _)| rel.name.clone())),
            }
        }
        if names.is_empty() {
            return None;
        }
        let name = dice.pick(&names).clone();
        let columns = self.columns();
        let is_own = |column: &String| *column == format!("{name}.i") || column.starts_with(&format!("[x IN {name} "));
        let at = columns.iter().position(is_own)?;
        Some((name, at))
    }
}

impl Pattern {
    /// The relationships of a match that are found by the part with a relationship of that name.
    fn rels_beside(&self, name: &str) -> impl Fn(&Match) -> Vec<usize> {
        let of_part = |(part, _): &(Part, NodeTest)| match part {
            Part::One(rel) | Part::Repeated(rel, _) => vec![rel.name.clone()],
            Part::Group { hops, .. } => hops.iter().map(|(rel, _)| rel.name.clone()).collect(),
        };
        let names = self.parts.iter().map(of_part).find(|names| names.iter().any(|own| own == name)).unwrap();
        let wanted: Vec<String> =
            names.iter().flat_map(|name| [format!("{name}.i"), format!("[x IN {name} | x.i]")]).collect();
        let columns = self.columns();
        let at: Vec<usize> = (0..columns.len()).filter(|at| wanted.contains(&columns[*at])).collect();
        move |m| at.iter().flat_map(|at| numbers_in(&m.columns[*at])).collect()
    }
}

/// The number that a column holds, or of how many numbers it is a list.
fn told(m: &Match, column: Option<usize>) -> i64 {
    match column.map(|at| m.columns[at].as_str()) {
        None => m.rels.len() as i64,
        Some(text) if text.starts_with('[') => text.split(", ").filter(|one| *one != "[]").count() as i64,
        Some(text) => text.parse().unwrap(),
    }
}

fn numbers_in(column: &str) -> Vec<usize> {
    column.trim_matches(['[', ']']).split(", ").filter(|one| !one.is_empty()).map(|one| one.parse().unwrap()).collect()
}

#[test]
fn what_a_path_reads_of_another_is_found_before() {
    let mut problems = String::new();
    let (mut asked, mut rows) = ([0; 3], 0);
    for seed in 0..300 {
        let mut dice = Dice(seed * 2 + 23_001);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        for _ in 0..8 {
            let ((word, groups, choice), (other_word, other_groups, other_choice)) =
                (*dice.pick(CERTAIN), *dice.pick(CERTAIN));
            let (pattern, other) = (Pattern::random(&mut dice, false), Pattern::random(&mut dice, false));
            let mut other = other.beside();
            // the second begins where the first begins, ends or passes
            let joint = *dice.pick(&[None, None, Some("a"), Some("b"), Some("m0")]);
            let middle = pattern.columns().iter().position(|column| column == "m0.i");
            if joint == Some("m0") && middle.is_none() {
                continue;
            }
            if let Some(name) = joint {
                other.first.name = name.to_owned();
            }
            let model = |pattern: &Pattern| {
                let (mode, found) = (Mode::Trail, Vec::new());
                Model { graph: &graph, pattern, mode, longest: 64, found, tried: 0 }.matches()
            };
            let (Some(mut all), Some(others)) = (model(&pattern), model(&other)) else { continue };
            let mut first_text = pattern.text();
            if dice.chance(40)
                && let Some((asking, test)) = pattern.asking(&mut dice)
            {
                first_text = asking;
                all.retain(|m| test(&graph, m));
            }
            if all.len() * others.len() > 4_000 {
                continue;
            }
            let chosen = !matches!(other_choice, Choice::All);
            let Some((rel, at)) = other.asked_on_the_way(&mut dice, chosen) else { continue };
            let (value, column) = pattern.telling(&mut dice);
            // that is there before either
            if joint == Some("m0") && value == "m0.i" {
                continue;
            }
            let text = other.text();
            let begin = text.find(&format!("[{rel}")).unwrap();
            let end = begin + text[begin..].find(']').unwrap();
            let text = format!("{} WHERE {rel}.w < {value}{}", &text[..end], &text[end..]);
            let two_clauses = dice.chance(25);
            let apart = |m: &Match, rels: &[usize]| two_clauses || rels.iter().all(|rel| !m.rels.contains(rel));
            let fits = |m: &Match, other: &Match| {
                let begins = match joint {
                    None => true,
                    Some("a") => other.nodes[0] == m.nodes[0],
                    Some("m0") => other.nodes[0].to_string() == m.columns[middle.unwrap()],
                    Some(_) => other.nodes[0] == last(&m.nodes),
                };
                let on_the_way = numbers_in(&other.columns[at]);
                begins && apart(m, &other.rels) && on_the_way.iter().all(|rel| graph.rels[*rel].w < told(m, column))
            };
            let row = |m: &Match, other: &Match| {
                let own = [list(&m.nodes), list(&m.rels), list(&other.nodes), list(&other.rels)];
                let all: Vec<String> = own.into_iter().chain(m.columns.clone()).chain(other.columns.clone()).collect();
                all.join(" ")
            };
            let mut wanted: Vec<String> = Vec::new();
            if chosen {
                for m in left(&all, choice) {
                    let fitting: Vec<Match> = others.iter().filter(|other| fits(&m, other)).cloned().collect();
                    wanted.extend(left(&fitting, other_choice).iter().map(|other| row(&m, other)));
                }
            } else {
                // what does not wait is there before the choice, and is not chosen
                let waits = other.rels_beside(&rel);
                for found in &others {
                    let before: Vec<usize> =
                        found.rels.iter().copied().filter(|rel| !waits(found).contains(rel)).collect();
                    let free: Vec<Match> = all.iter().filter(|m| apart(m, &before)).cloned().collect();
                    wanted.extend(left(&free, choice).iter().filter(|m| fits(m, found)).map(|m| row(m, found)));
                }
            }
            wanted.sort();
            let first = format!("p = {word} {groups} {first_text}");
            let second = format!("q = {other_word} {other_groups} {text}");
            let matched = match (two_clauses, dice.chance(50)) {
                (true, _) => format!("MATCH {first} MATCH {second}"),
                (false, true) => format!("MATCH {first}, {second}"),
                (false, false) => format!("MATCH {second}, {first}"),
            };
            let parts = ["nodes(p)", "relationships(p)", "nodes(q)", "relationships(q)"];
            let columns: Vec<String> = parts
                .iter()
                .map(|part| format!("[x IN {part} | x.i]"))
                .chain(pattern.columns())
                .chain(other.columns())
                .enumerate()
                .map(|(i, column)| format!("{column} AS c{i}"))
                .collect();
            let query = format!("{matched} RETURN {}", columns.join(", "));
            asked[usize::from(chosen) + usize::from(!matches!(choice, Choice::All))] += 1;
            rows += wanted.len();
            for optimized in [true, false] {
                let statement = engine.query(&query);
                let statement = if optimized { statement } else { statement.unoptimized() };
                let got = match statement.rows() {
                    Err(error) => Err(error.render(&query, None, false)),
                    Ok(found) => {
                        let literal = |value| text::literal(value, None).unwrap();
                        let row = |at| {
                            let row = found.get(at).unwrap();
                            row.values().iter().map(literal).collect::<Vec<_>>().join(" ")
                        };
                        let mut got: Vec<String> = (0..found.len()).map(row).collect();
                        got.sort();
                        Ok(got)
                    }
                };
                if got.as_ref() != Ok(&wanted) {
                    let (of, got) = (wanted.len(), got.map(|got| got.len()));
                    let create = graph.create();
                    let _ = writeln!(
                        problems,
                        "seed {seed}, optimized {optimized}: {create}\n  {query}\n  {got:?}, not {of}"
                    );
                }
            }
        }
        assert!(problems.len() < 6_000, "{problems}");
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(asked.iter().all(|asked| *asked > 100) && rows > 2_000, "only {asked:?}, {rows} rows");
}

#[test]
fn counting_looks_at_what_a_walk_reads() {
    let engine = Engine::in_memory();
    engine
        .run("CREATE (a:S {k: 1})-[:R {w: 1}]->(:S {k: 2})-[:R {w: 2}]->(:S {k: 3}), (a)-[:L]->(:T {k: 1}), (a)-[:L]->(:T {k: 2})")
        .unwrap();
    for (query, wanted) in [
        // of two walks with w = 1, then w = 1 and 2: the first for both, the second for k = 2
        ("MATCH (a:S {k: 1})-[r:R WHERE r.w <= t.k]->+(b), (a)-[:L]->(t) RETURN count(*)", "3"),
        ("MATCH (a:S {k: 1}) ((x)-[r:R]->(y) WHERE r.w <= t.k)+ (b), (a)-[:L]->(t) RETURN count(*)", "3"),
        ("MATCH (a:S {k: 1})-[r:R*1.. WHERE r.w <= t.k]->(b), (a)-[:L]->(t) RETURN count(*)", "3"),
        ("MATCH (a:S {k: 1})-[:L]->(t) MATCH ANY SHORTEST (a)-[r:R WHERE r.w <= t.k]->+(b) RETURN count(*)", "3"),
        ("MATCH ANY SHORTEST (a:S {k: 1})-[r:R WHERE r.w <= t.k]->+(b), (a)-[:L]->(t) RETURN count(*)", "3"),
        ("MATCH ANY SHORTEST (a:S {k: 1})-[r:R WHERE r.w < b.k]->+(b) RETURN count(*)", "2"),
        ("MATCH (a:S {k: 1})-[q]->(m)-[r:R WHERE r.w > q.w]->*(b:S {k: 3}) RETURN count(*)", "1"),
        ("MATCH p = (a:S {k: 1})-[:L]->(t), (a)-[r:R WHERE r.w <= length(p)]->+(b) RETURN count(*)", "2"),
        ("MATCH p = (a:S {k: 1})-[:L]->(t), (a)((x)-[r:R]->(y) WHERE r.w <= length(p))+(b) RETURN count(*)", "2"),
        ("MATCH (a:S {k: 1})((x)-[q:R]->(y))+(m)-[r WHERE r.w >= size(q)]->*(b) RETURN count(*)", "3"),
        // of what a selector chose: one to each of three ends, the longest of 2
        (
            "MATCH p = ANY SHORTEST (a:S {k: 1})-[:R]->+(b:S {k: 3}) MATCH (a)-[r:R WHERE r.w < length(p)]->+(c) RETURN count(*)",
            "1",
        ),
        (
            "MATCH (a)-[r:R WHERE r.w <= size(q)]->+(c), ANY SHORTEST (a:S {k: 1})-[q:L]->+(t {k: 1}) RETURN count(*)",
            "1",
        ),
        ("MATCH (a:S {k: 1})-[r WHERE r.w <= size(q)]->*(m)((x)-[q:R]->(y))+(b) RETURN count(*)", "3"),
    ] {
        for optimized in [true, false] {
            let asked = engine.query(query);
            let rows = if optimized { asked.rows() } else { asked.unoptimized().rows() };
            let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
            assert_eq!(text::literal(&rows.get(0).unwrap().values()[0], None).unwrap(), wanted, "{query} {optimized}");
        }
    }
}

/// What is asked of a node by a subquery is asked where a condition of the same meaning is: while the path is found, of
/// inner nodes that others of the clause know as well.
#[test]
fn a_subquery_asks_of_an_inner_node_what_a_condition_asks() {
    let same = [
        "EXISTS { MATCH (x) WHERE x.k > 0 }",
        "NOT EXISTS { MATCH (x) WHERE x.k <= 0 } AND x.k IS NOT NULL",
        "COUNT { MATCH (y) WHERE y = x AND y.k > 0 } = 1",
        "EXISTS { MATCH (x) WHERE EXISTS { MATCH (x) WHERE x.k > 0 } }",
        "[(y WHERE y = x)-->() | y.k] IS NOT NULL AND EXISTS { (x) WHERE x.k > 0 }",
    ];
    let shapes = [
        "MATCH ALL SHORTEST (a)-[:R]->(x WHERE $)-[:R]->*(b), (x)-->(c)",
        "MATCH ALL SHORTEST (a)-->+(x WHERE $)-->(b), ALL SHORTEST (c)-->(x)-->+(d)",
        "MATCH ALL SHORTEST (a)-->+(x)-->(b), ALL SHORTEST (c)-->(x WHERE $)-->+(d)",
        "MATCH ALL SHORTEST (a)-->+(x)-->(b), (x WHERE $)",
        "MATCH ALL SHORTEST (a)-->+(x)-->(b), (x WHERE $)-->(c)",
        "MATCH ALL SHORTEST (a)-->+(x WHERE $)-->(x)-->*(b)",
        "MATCH (x) MATCH ALL SHORTEST (a)-->+(x WHERE $)-->+(b)",
        "MATCH SHORTEST 1 GROUPS (a)-->(x WHERE $)((u)-->(v WHERE v.k >= x.k))+(b), (x)-->(c)",
    ];
    let (mut problems, mut rows) = (String::new(), 0);
    for seed in 0..40 {
        let mut dice = Dice(seed * 2 + 23_001);
        let graph = Graph::random(&mut dice);
        let engine = engine(&graph);
        let found = |query: &str, optimized: bool| {
            let asked = engine.query(query);
            let found = if optimized { asked.rows() } else { asked.unoptimized().rows() };
            let found = found.unwrap_or_else(|error| panic!("{query}: {error}"));
            text::literal(&found.get(0).unwrap().values()[0], None).unwrap()
        };
        for shape in shapes {
            let returned = "WITH a.i + 10 * x.i + 100 * b.i AS row ORDER BY row RETURN collect(row)";
            let query = |condition: &str| format!("{} {returned}", shape.replace('$', condition));
            let wanted = found(&query("x.k > 0"), false);
            rows += usize::from(wanted != "[]");
            for condition in ["x.k > 0"].iter().chain(&same) {
                for optimized in [true, false] {
                    let got = found(&query(condition), optimized);
                    if got != wanted {
                        let create = graph.create();
                        let _ = writeln!(
                            problems,
                            "seed {seed}, {optimized}: {create}\n  {}\n  {got}, not {wanted}",
                            query(condition)
                        );
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(rows > 60, "only {rows} queries with rows");
}
