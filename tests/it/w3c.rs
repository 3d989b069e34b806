//! The W3C's test suites of RDF 1.1 and 1.2 and of JSON-LD, when `SHEJIRE_W3C` names a folder that holds them: `rdf/` of
//! w3c/rdf-tests, `tests/` of w3c/json-ld-api.
//!
//! What is read of a file is compared with what is read of the statements it stands for, as graphs without names for blank
//! nodes.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use oxrdf::{NamedOrBlankNode, Term};
use shejire::Engine;
use shejire::io::read::{IntoGraph, Known, Syntax};
use shejire::io::{ReadAs, Subgraph, read_by_name};
use shejire::value::Value;

use crate::snapshot::repository;

const MF: &str = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#";
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
/// What is not right, by why: directions that the expected statements leave out are kept here; the rest is of the library that
/// reads JSON-LD (bases with `.` in them, one invalid base, a context within a context).
const KNOWN: [&str; 10] =
    ["#tdi02", "#tdi04", "#tdi05", "#tdi06", "#t0122", "#t0123", "#te062", "#te091", "#tli12", "#tc013"];

/// The file read as a graph. Errors: what the reader says.
fn read(file: &Path, base: &str) -> shejire::Result<Subgraph> {
    let Some(read @ ReadAs::Rdf(syntax)) = read_by_name(file) else { panic!("{}: no RDF", file.display()) };
    let base = matches!(syntax, Syntax::Turtle | Syntax::TriG | Syntax::JsonLd).then_some(base);
    let engine = Engine::in_memory();
    engine.change(|to| {
        let mut sink = IntoGraph::new(to, Known::default());
        let input = Box::new(Cursor::new(std::fs::read(file).unwrap()));
        read.read(input, "x", base, &mut sink, &mut Err)
    })?;
    Subgraph::whole(&engine)
}

/// Short names depend on what stands first in a file: here every name is short.
fn short(name: &str) -> &str {
    name.rsplit(['#', '/', ':']).next().filter(|last| !last.is_empty()).unwrap_or(name)
}

/// Properties in order; several values of one key have none, and blank graphs no name.
fn properties(all: &[(std::sync::Arc<str>, Value)]) -> Vec<String> {
    let shown = |value: &Value| match value {
        Value::List(items) => {
            let mut items: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
            items.sort();
            format!("{items:?}")
        }
        Value::Str(text) if text.starts_with("_:") => "_:".to_owned(),
        value => format!("{value:?}"),
    };
    let mut all: Vec<String> = all.iter().map(|(key, value)| format!("{}={}", short(key), shown(value))).collect();
    all.sort();
    all
}

/// A relationship as one of its ends sees it: whether it starts there, its type, what it says, the colour of the other end.
type Related<'g> = (bool, &'g str, Vec<String>, u64);

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// What tells graphs apart whatever their blank nodes are called: each node by what it says and is related to.
fn canonical(graph: &Subgraph) -> Vec<u64> {
    let own = |node: &shejire::engine::NodeData| {
        let mut labels: Vec<&str> = node.labels.iter().map(|label| short(label)).collect();
        labels.sort_unstable();
        hash(&(labels, properties(&node.properties)))
    };
    let mut colours: HashMap<u64, u64> = graph.nodes.iter().map(|node| (node.id, own(node))).collect();
    for _ in 0..5 {
        let mut around: HashMap<u64, Vec<Related<'_>>> = HashMap::new();
        for rel in &graph.rels {
            let said = properties(&rel.properties);
            around.entry(rel.start).or_default().push((true, short(&rel.ty), said.clone(), colours[&rel.end]));
            around.entry(rel.end).or_default().push((false, short(&rel.ty), said, colours[&rel.start]));
        }
        colours = colours
            .iter()
            .map(|(node, colour)| {
                let mut around = around.remove(node).unwrap_or_default();
                around.sort();
                (*node, hash(&(colour, around)))
            })
            .collect();
    }
    let mut all: Vec<u64> = colours.into_values().collect();
    all.sort_unstable();
    all
}

/// Right and run, by suite, and what is wrong.
#[derive(Default)]
struct Counts {
    suites: BTreeMap<String, (usize, usize)>,
    wrong: Vec<String>,
}

impl Counts {
    fn run(&mut self, suite: &str, name: &str, file: &Path, base: &str, wanted: Option<Option<PathBuf>>) {
        let got = read(file, base);
        if matches!(&got, Err(error) if error.message().contains("nothing is fetched")) && wanted.is_some() {
            return; // its context lies elsewhere
        }
        let wrong = match (got, wanted) {
            (Err(_), None) | (Ok(_), Some(None)) => None,
            (Ok(_), None) => Some("is read, and should be refused".to_owned()),
            // what holds nothing that is understood is an error of an import
            (Err(error), Some(Some(wanted)))
                if error.message().contains("nothing of it can be understood")
                    && std::fs::read_to_string(&wanted).is_ok_and(|text| text.trim().is_empty()) =>
            {
                None
            }
            (Err(error), Some(_)) => Some(error.message().to_owned()),
            (Ok(got), Some(Some(wanted))) => {
                let wanted = read(&wanted, base).unwrap_or_else(|e| panic!("{}: {e}", wanted.display()));
                (canonical(&got) != canonical(&wanted)).then(|| "differs".to_owned())
            }
        };
        let count = self.suites.entry(suite.to_owned()).or_default();
        count.1 += 1;
        match wrong {
            None => count.0 += 1,
            Some(_) if KNOWN.contains(&name) => {}
            Some(why) => self.wrong.push(format!("{suite} {name}: {why}")),
        }
    }

    fn manifest(&mut self, suite: &str, folder: &Path) {
        let Ok(text) = std::fs::read(folder.join("manifest.ttl")) else { return };
        let mut tests: BTreeMap<String, HashMap<String, String>> = BTreeMap::new();
        let mut assumed = None;
        for triple in oxttl::TurtleParser::new().with_base_iri("file:///").unwrap().for_slice(&text) {
            let triple = triple.unwrap();
            let (NamedOrBlankNode::NamedNode(test), Term::NamedNode(object)) = (triple.subject, triple.object) else {
                continue;
            };
            if triple.predicate.as_str() == format!("{MF}assumedTestBase") {
                assumed = Some(object.into_string());
            } else {
                tests
                    .entry(test.into_string())
                    .or_default()
                    .insert(triple.predicate.into_string(), object.into_string());
            }
        }
        let base = assumed.unwrap_or_else(|| format!("https://w3c.github.io/rdf-tests/{suite}/"));
        let path = |iri: &String| folder.join(iri.trim_start_matches("file:///"));
        for test in tests.values() {
            let (Some(ty), Some(action)) = (test.get(TYPE), test.get(&format!("{MF}action"))) else { continue };
            if ty.contains("C14N") {
                continue;
            }
            let name = action.trim_start_matches("file:///");
            let result = test.get(&format!("{MF}result")).filter(|_| ty.contains("Eval")).map(path);
            let wanted = (!ty.contains("Negative")).then_some(result);
            self.run(suite, name, &path(action), &format!("{base}{name}"), wanted);
        }
    }

    fn json_ld(&mut self, folder: &Path) {
        let text = std::fs::read(folder.join("toRdf-manifest.jsonld")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for test in manifest["sequence"].as_array().unwrap() {
            let input = test["input"].as_str().unwrap();
            let option = |name: &str| test["option"].get(name).and_then(serde_json::Value::as_str);
            let old = [option("specVersion"), option("processingMode")].contains(&Some("json-ld-1.0"));
            // what `import` has no word for
            let other = ["expandContext", "produceGeneralizedRdf", "rdfDirection", "extractAllScripts"];
            if old || !input.ends_with(".jsonld") || other.iter().any(|name| test["option"].get(name).is_some()) {
                continue;
            }
            let base = option("base")
                .map_or_else(|| format!("{}{input}", manifest["baseIri"].as_str().unwrap()), str::to_owned);
            let positive = test["@type"].to_string().contains("Positive");
            let wanted = positive.then(|| test["expect"].as_str().map(|file| folder.join(file)));
            self.run("json-ld toRdf", test["@id"].as_str().unwrap(), &folder.join(input), &base, wanted);
        }
    }
}

#[test]
fn the_suites_of_the_w3c() {
    let Some(root) = std::env::var_os("SHEJIRE_W3C").map(repository) else { return };
    let mut counts = Counts::default();
    for version in ["rdf11", "rdf12"] {
        for format in ["n-triples", "n-quads", "turtle", "trig"] {
            for part in ["", "/syntax", "/eval"] {
                let suite = format!("rdf/{version}/rdf-{format}");
                counts.manifest(&suite, &root.join(format!("{suite}{part}")));
            }
        }
    }
    counts.json_ld(&root.join("tests"));
    let shown: Vec<String> =
        counts.suites.iter().map(|(suite, (right, run))| format!("{suite}: {right} of {run}")).collect();
    println!("{}", shown.join("\n"));
    assert!(counts.suites.values().map(|(_, run)| run).sum::<usize>() > 1000, "{shown:?}");
    assert!(counts.wrong.is_empty(), "{}", counts.wrong.join("\n"));
}
