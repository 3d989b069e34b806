//! A graph that a dataset made is written as a dataset folder that loads to the same graph.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use shejire::Engine;
use shejire::dataset::{self, Dataset};
use shejire::io::{How, Subgraph, format};

use crate::desk::shejire;
use crate::formats::{lines, rich};
use crate::snapshot::repository;

/// Writes the graph as a folder and reads it; what was left out is said with it.
fn through(graph: &Subgraph) -> shejire::Result<(Dataset, Vec<String>)> {
    let Some(How::Dataset(write)) = format("dataset").unwrap().write else { panic!("a folder of tables") };
    let folder = tempfile::tempdir().unwrap();
    let left = write(graph, folder.path()).map_err(|error| error.into_error())?;
    Ok((dataset::read(folder.path())?, left))
}

/// The lines of a graph in order: the order in which parts of events were read is not kept.
fn sorted(graph: &Subgraph) -> Vec<String> {
    let mut all: Vec<String> = lines(graph).lines().map(str::to_owned).collect();
    all.sort();
    all
}

fn comes_back(engine: &Engine, name: &str) {
    let graph = Subgraph::whole(engine).unwrap();
    let (again, left) = through(&graph).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(left, Vec::<String>::new(), "{name}");
    let blocking: Vec<_> = dataset::check(&again).into_iter().filter(|problem| problem.blocking).collect();
    assert_eq!(blocking, [], "{name}");
    let again = Subgraph::whole(&Engine::from_dataset(&again).unwrap()).unwrap();
    let (got, wanted) = (sorted(&again), sorted(&graph));
    for (got, wanted) in got.iter().zip(&wanted) {
        assert_eq!(got, wanted, "{name}");
    }
    assert_eq!(got.len(), wanted.len(), "{name}");
}

#[test]
fn the_datasets_at_hand_come_back_as_folders() {
    comes_back(&Engine::builtin().unwrap(), "built-in");
    comes_back(&rich(), "rich");
    for example in ["city-councils", "communes-manche"] {
        let folder = repository("examples").join(example);
        comes_back(&Engine::from_dataset(&dataset::open(&folder).unwrap()).unwrap(), example);
    }
}

/// One mention, by numbers that choose among few things each.
type Drawn = (usize, usize, usize, usize, usize, usize);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec((0..4_usize, 0..5_usize, 0..9_usize, 0..7_usize, 0..3_usize, 0..12_usize), 1..14)
}

/// A folder with these mentions: acts and states that repeat, quantities with and without units, denials, sides of events.
fn written(drawn: &[Drawn]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("dataset.toml", "title = \"Drawn\"\nlanguage = \"en\"\nformat = 2\n");
    put("sources.csv", "id,title,group,derives_from\ns,S,state,\nt,T,,s\nu,U,,\n");
    put("kinds.csv", "kind,definition\nbody,A body\n");
    put(
        "relations.csv",
        "relation,definition,domain,range,lineage_role,lineage,lineage_side,repeats,single_valued\n\
         merged,Merges.,body,body,succession,merged,,,\nmember,Belongs.,body,any,,,,yes,\n\
         ended,Ends.,any,body,ending,,,,\nseats,Has.,body,any quantity text date,,,,no,yes\n",
    );
    put("qualifiers.csv", "key,relation,type,many,conflicts,definition\nrole,,text,yes,no,\nthrough,,entity,no,yes,\n");
    put(
        "entities.csv",
        "id,kind,name,start,end,by_reference,locator\na,body,A,1990,,s:7,\nb,body,B,1991,2010,,t:3.1\nc,body,C,,,,\nd,body,B,,..,u:1; s:2.2,\n",
    );
    put(
        "aliases.csv",
        "entity,alias,language,script,status,used_in,from,to,locator\n\
         a,Ah,en,Latn,preferred,\"s:1,2; u:4\",,,\na,А,ru,Cyrl,editorial,,,,\na,Al,kk,Latn,alternate,t:1,1990,,t:1\n",
    );
    let mut rows =
        "id,subject,relation,object,object_type,qualifiers,source,locator,confidence,mode,event,as_named\n".to_owned();
    let bodies = ["a", "b", "c", "d"];
    let objects = ["a", "b", "c", "d", "5", "5 seats", "1,500 seats", "3-7%", "many words"];
    let qualifiers = [
        "",
        "date=1999",
        "date=2003-04; role=\"one; two\"; role=three",
        "start=1990; end=1995",
        "start=2000; end=2001-05",
        "unit=seats; bound=at-least",
        "through=c; note=a = b",
    ];
    for (at, (subject, relation, object, qualifier, source, special)) in drawn.iter().enumerate() {
        let (subject, source) = (bodies[*subject], ["s", "t", "u"][*source]);
        let qualifier = qualifiers[*qualifier].replace('"', "\"\"");
        let (mode, event) = match special {
            0 => ("denies", ""),
            1 => ("hedges", ""),
            2 | 3 => ("", "fusion"),
            4 => ("", "split"),
            _ => ("", ""),
        };
        let (relation, object, ty) = match (relation, *object) {
            (4, _) => ("exists", "", ""),
            (3, object) => match object {
                4..8 => ("seats", objects[object], "quantity"),
                8 => ("seats", objects[object], "text"),
                0 => ("seats", "1999~", "date"),
                _ => ("seats", "5", "text"),
            },
            (relation, object) => (["merged", "member", "ended"][*relation], bodies[object % 4], ""),
        };
        let object = if *special == 2 && ty.is_empty() { "" } else { object };
        let subject = if *special == 3 && ty.is_empty() && relation != "exists" { "" } else { subject };
        let _ = writeln!(
            rows,
            "M{at},{subject},{relation},\"{object}\",{ty},\"{qualifier}\",{source},{source}:{}.1,E,{mode},{event},",
            1 + at % 5
        );
    }
    put("mentions.csv", &rows);
    folder
}

fn folder(drawn: &[Drawn]) -> Dataset {
    dataset::read(written(drawn).path()).unwrap()
}

/// The lines of a store into which a folder was read so often.
fn read_into_a_store(folder: &Path, times: usize) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("x.shejire");
    let [store, folder] = [&store, folder].map(|path| path.to_str().unwrap());
    for _ in 0..times {
        shejire(&["import", "--quiet", "--db", store, folder], b"").well();
    }
    let exported = shejire(&["export", "jsonl", "--quiet", "--db", store], b"");
    let mut lines: Vec<String> = exported.well().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn the_datasets_at_hand_read_twice_are_there_once() {
    let place = tempfile::tempdir().unwrap();
    let built_in = place.path().join("built-in");
    shejire(&["export", "dataset", built_in.to_str().unwrap()], b"").well();
    let example = |name| repository("examples").join(name);
    for folder in [built_in, example("city-councils"), example("communes-manche")] {
        assert_eq!(read_into_a_store(&folder, 1), read_into_a_store(&folder, 2), "{}", folder.display());
    }
}

#[test]
fn a_quantity_and_words_of_one_text_stay_two_literals() {
    let (denied, hedged) = ((0, 3, 5, 5, 0, 0), (0, 3, 5, 0, 0, 1));
    let pairs = [
        [(0, 3, 5, 5, 0, 1), (0, 3, 1, 0, 0, 1)],
        [(2, 3, 1, 0, 0, 1), (2, 3, 4, 5, 0, 0)],
        [hedged, denied],
        [(1, 3, 5, 5, 0, 1), (1, 3, 4, 0, 0, 1)],
        [(1, 3, 4, 0, 0, 1), (1, 3, 5, 5, 0, 1)],
    ];
    for drawn in pairs {
        comes_back(&Engine::from_dataset(&folder(&drawn)).unwrap(), "5 seats and 5");
    }
}

#[test]
fn what_is_denied_is_denied_once_when_it_is_read_twice() {
    let drawn = [[(0, 2, 6, 0, 0, 0), (0, 2, 2, 0, 0, 1)], [(0, 1, 2, 1, 0, 9), (0, 1, 2, 2, 1, 0)]];
    for drawn in drawn {
        let folder = written(&drawn);
        assert_eq!(read_into_a_store(folder.path(), 1), read_into_a_store(folder.path(), 2));
    }
}

proptest! {
    #![proptest_config(crate::desk::drawn(200))]

    #[test]
    fn whatever_a_folder_says_comes_back_as_a_folder(drawn in drawn()) {
        let dataset = folder(&drawn);
        prop_assume!(!dataset::check(&dataset).iter().any(|problem| problem.blocking));
        comes_back(&Engine::from_dataset(&dataset).unwrap(), "drawn");
    }
}

proptest! {
    #![proptest_config(crate::desk::drawn(16))]

    #[test]
    fn whatever_a_folder_says_is_said_once_when_it_is_read_twice(drawn in drawn()) {
        let folder = written(&drawn);
        prop_assume!(!dataset::check(&dataset::read(folder.path()).unwrap()).iter().any(|problem| problem.blocking));
        prop_assert_eq!(read_into_a_store(folder.path(), 1), read_into_a_store(folder.path(), 2));
    }
}
