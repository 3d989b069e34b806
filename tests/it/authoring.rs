//! Datasets out of documents, as a person and a program make them: numbers that agree with places, names that are found, tables
//! that are mended, documents in other formats, editions that are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use shejire::dataset;

use crate::dataset::outside;
use crate::desk::shejire;
use crate::snapshot::repository;

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every place of the built-in dataset is a number that `number` gives, with the same fingerprint.
#[test]
fn numbers_agree_with_every_place_of_the_built_in_documents() {
    let Some(seeds) = outside("SHEJIRE_SEEDS", "shared/seeds") else { return };
    let mut files: Vec<String> =
        std::fs::read_dir(&seeds).unwrap().map(|file| file.unwrap().path().display().to_string()).collect();
    files.retain(|file| file.ends_with(".txt"));
    files.sort();
    let folder = repository("data/kazakhstan");
    let folder = folder.to_str().unwrap();
    let mut args: Vec<&str> = vec!["number", "--data", folder, "--format", "jsonl"];
    args.extend(files.iter().map(String::as_str));
    let sentences: BTreeMap<String, (String, String)> = lines(&shejire(&args, b"").well())
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            (text("locator"), (text("text"), text("fingerprint")))
        })
        .collect();
    let mut agree = 0;
    for mention in &dataset::builtin().mentions {
        let at = mention.at;
        let parts: Vec<&(String, String)> =
            (at.first..=at.last).map(|n| &sentences[&format!("{}:{}.{n}", mention.source, at.paragraph)]).collect();
        let print = match &parts[..] {
            [(_, print)] => print.clone(),
            several => {
                let text = several.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
                let text = text.replace(['’', '‘'], "'").replace(['“', '”'], "\"");
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
            }
        };
        assert_eq!(print, format!("{:016x}", mention.fingerprint), "{} at {}:{at}", mention.id, mention.source);
        agree += 1;
    }
    assert_eq!(agree, 705);
}

/// Of the entities that a sentence's mentions name in it, how many are offered; and how many of those offered somebody has noted there.
#[test]
fn the_names_of_the_built_in_documents_are_found() {
    let Some(seeds) = outside("SHEJIRE_SEEDS", "shared/seeds") else { return };
    let folder = repository("data/kazakhstan");
    let folder = folder.to_str().unwrap();
    let answer = shejire(&["suggest", folder, "--sources", seeds.to_str().unwrap(), "--format", "jsonl"], b"").well();
    let offered: BTreeMap<String, BTreeSet<String>> = lines(&answer)
        .iter()
        .map(|one| {
            let names = one["who"].as_array().unwrap().iter().flat_map(|who| who.as_array().unwrap());
            (one["place"].as_str().unwrap().to_owned(), names.map(|id| id.as_str().unwrap().to_owned()).collect())
        })
        .collect();
    let data = dataset::builtin();
    let documents = dataset::Documents::open(&data, &seeds, &mut Vec::new()).unwrap();
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    data.entities.iter().for_each(|entity| named.entry(&entity.id).or_default().push(&entity.name));
    data.aliases.iter().for_each(|alias| named.entry(&alias.entity).or_default().push(&alias.name));
    let fold = |text: &str| text.replace(['’', '‘'], "'").to_lowercase();
    // what a paragraph is said to name, by aliases and references, and what its mentions speak of
    let mut noted: BTreeMap<(String, u32), BTreeSet<&str>> = BTreeMap::new();
    for alias in &data.aliases {
        alias.used_in.iter().for_each(|(source, at)| {
            noted.entry((source.to_string(), at.paragraph)).or_default().insert(&alias.entity);
        });
    }
    for entity in &data.entities {
        entity.by_reference.iter().for_each(|(source, at)| {
            noted.entry((source.to_string(), at.paragraph)).or_default().insert(&entity.id);
        });
    }
    let (mut found, mut wanted) = (0, 0);
    let mut missed: BTreeMap<&str, usize> = BTreeMap::new();
    for mention in data.mentions.iter().filter(|mention| mention.at.first == mention.at.last && mention.at.first > 0) {
        let place = format!("{}:{}", mention.source, mention.at);
        let sentence = fold(documents.text(&mention.source, mention.at).unwrap());
        let ends = [&*mention.subject, mention.object.text()];
        for id in ends.into_iter().filter(|id| named.contains_key(id)) {
            noted.entry((mention.source.to_string(), mention.at.paragraph)).or_default().insert(id);
            let words =
                |name: &str| format!(" {} ", fold(name).replace(|c: char| !c.is_alphanumeric() && c != '\'', " "));
            let said = words(&sentence);
            if named[id].iter().any(|name| said.contains(&words(name))) {
                wanted += 1;
                if offered.get(&place).is_some_and(|all| all.contains(id)) {
                    found += 1;
                } else {
                    *missed.entry(id).or_default() += 1;
                }
            }
        }
    }
    let (mut right, mut all) = (0, 0);
    let mut wrong: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, ids) in &offered {
        let (source, at) = place.split_once(':').unwrap();
        let paragraph: u32 = at.split('.').next().unwrap().parse().unwrap();
        let here = noted.get(&(source.to_owned(), paragraph));
        for id in ids {
            all += 1;
            let is = here.is_some_and(|here| here.contains(id.as_str()));
            right += usize::from(is);
            if !is {
                *wrong.entry(id).or_default() += 1;
            }
        }
    }
    let share = |a: i32, b: i32| f64::from(a) / f64::from(b.max(1));
    let (recall, precision) = (share(found, wanted), share(i32::try_from(right).unwrap(), all));
    println!(
        "recall {recall:.3} of {wanted}, precision {precision:.3} of {all}; missed {missed:?}; not noted {wrong:?}"
    );
    assert!(recall >= 0.95 && wanted > 500, "recall {recall:.3} of {wanted}: {missed:?}");
    assert!(precision >= 0.9 && all > 300, "precision {precision:.3} of {all}: {wrong:?}");
}

/// The text of the walk in `docs/authoring.md`, a paragraph a line.
const TEXT: &str = "The Republic of Varnia established the Salt Office on 3 May 1921. The Salt Office had 14 collectors.\n\
    On 1 July 1952 the Salt Office was merged into the Customs House. Mr. A. Tarsk signed No. 118 of 3 June.\n\
    In 1988 the Dredging Service became the Waterways Agency.\n";

fn sentences(file: &Path) -> Vec<(String, String)> {
    let answer = shejire(&["number", file.to_str().unwrap(), "--format", "jsonl"], b"").well();
    lines(&answer)
        .iter()
        .map(|one| (one["locator"].as_str().unwrap().to_owned(), one["fingerprint"].as_str().unwrap().to_owned()))
        .collect()
}

/// One text in every format has the same sentences at the same places.
#[test]
fn every_format_of_a_text_has_the_same_places() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let paragraphs: Vec<&str> = TEXT.lines().collect();
    let plain = sentences(&file("t.txt", TEXT.as_bytes()));
    assert_eq!(plain.len(), 5);
    let html: String =
        paragraphs.iter().map(|text| format!("<p>{}</p>\n", text.replace("the ", "<i>the</i> "))).collect();
    assert_eq!(sentences(&file("t.html", html.as_bytes())), plain);
    let markdown: String = paragraphs.iter().map(|text| format!("{}\n\n", text.replace(". ", ".\n"))).collect();
    assert_eq!(sentences(&file("t.md", markdown.as_bytes())), plain);
    let body: String = paragraphs.iter().map(|text| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")).collect();
    let mut zip = zip::write::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("word/document.xml", stored).unwrap();
    zip.write_all(format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>").as_bytes()).unwrap();
    assert_eq!(sentences(&file("t.docx", &zip.finish().unwrap().into_inner())), plain);
    let json = lines(
        &shejire(&["number", dir.path().join("t.html").to_str().unwrap(), "--format", "json"], b"")
            .well()
            .replace('\n', " "),
    );
    assert_eq!(json[0][0]["sentences"].as_array().unwrap().len(), 5);
    let page = shejire(&["number", dir.path().join("t.txt").to_str().unwrap(), "--format", "html"], b"").well();
    assert!(page.contains("<span id=\"t:2.2\"><sup>2.2</sup>Mr. A. Tarsk"), "{page}");
}

#[test]
fn documents_that_cannot_be_read_are_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes, said) in [
        ("a.txt", &b"caf\xe9"[..], "is not UTF-8 after byte 3"),
        ("b.pdf", b"%PDF-1.7\n", "is a damaged PDF"),
        ("c.docx", b"PK\x03\x04", "the archive cannot be read"),
        ("d.png", b"\x89PNG", "is an image"),
    ] {
        let file = dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let ran = shejire(&["number", file.to_str().unwrap()], b"");
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{name}");
        assert!(ran.err.contains(said) && ran.err.contains("help: "), "{name}: {}", ran.err);
    }
}

fn copied(from: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let from = repository(from);
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        std::fs::copy(&entry, dir.path().join(entry.file_name().unwrap())).unwrap();
    }
    dir
}

/// What a spreadsheet did to a folder is mended, and nothing else; and it can be taken back.
#[test]
fn what_has_one_right_answer_is_mended() {
    let dir = copied("data/kazakhstan");
    let path = dir.path().to_str().unwrap();
    let table = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    let before: Vec<String> = ["mentions.csv", "sources.csv", "aliases.csv"].map(table).into();
    let spoilt = before[0].replace(",003,003:", ",3,3:").replace("date=2022-06-05", "date=5.6.2022");
    assert_ne!(spoilt, before[0]);
    std::fs::write(dir.path().join("mentions.csv"), &spoilt).unwrap();
    assert_eq!(shejire(&["check", path], b"").code, 1);
    let ran = shejire(&["check", path, "--fix"], b"");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(["mentions.csv", "sources.csv", "aliases.csv"].map(table).to_vec(), before);
    assert!(ran.err.contains("mended: mentions.csv, row"), "{}", ran.err);
    shejire(&["add", path, "--undo"], b"").well();
    assert_eq!(table("mentions.csv"), spoilt);
}

#[test]
fn a_fact_is_added_by_a_script_and_refused_when_it_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let town = dir.path().join("town");
    let town = town.to_str().unwrap();
    let text = dir.path().join("news.txt");
    std::fs::write(
        &text,
        "In 2003 the Mole Office was merged into the Port Authority.\nThe Mole Office was never dissolved.\n",
    )
    .unwrap();
    shejire(&["new", town, "--from", text.to_str().unwrap()], b"").well();
    assert_eq!(shejire(&["new", town], b"").code, 1, "it is not empty");
    let tables = || std::fs::read(dir.path().join("town/mentions.csv")).unwrap();
    let empty = tables();
    let add =
        |more: &[&str]| shejire(&[&["add", town, "Mole Office", "merged-into", "Port Authority"], more].concat(), b"");
    let kinds = ["--subject-kind", "institution", "--object-kind", "institution"];
    for (more, code, said) in [
        (&["--at", "news:1.1"][..], 1, "nothing is called `Mole Office`"),
        (&["--at", "news:9.1"], 1, "is not in the document"),
        (&["--at", "news:1"], 1, "is a paragraph"),
        (&["--at", "new:1.1"], 1, "did you mean `news`?"),
        (&[], 2, "missing: --at PLACE"),
        (&["--at", "news:1.1", "--wording", "was closed"], 1, "does not say `was closed`"),
        (&["--at", "news:1.1", "--with", "date"], 2, "KEY=VALUE"),
    ] {
        let more = if said.starts_with("nothing") { more.to_vec() } else { [more, &kinds].concat() };
        let ran = add(&more);
        assert_eq!(ran.code, code, "{more:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(said), "{more:?}: {}", ran.err);
        assert_eq!(tables(), empty, "{more:?}");
    }
    let dry = add(&[&["--at", "news:1.1", "--date", "2003", "--dry-run"], &kinds[..]].concat()).well();
    assert!(dry.contains("mentions.csv: + M1,mole-office,merged-into,port-authority"), "{dry}");
    assert_eq!(tables(), empty);
    let wrong_year = add(&[&["--at", "news:1.1", "--date", "2004"], &kinds[..]].concat());
    assert_eq!(wrong_year.code, 1);
    assert!(
        wrong_year.err.contains("does not state the date 2004") && wrong_year.err.contains("--confirm"),
        "{}",
        wrong_year.err
    );
    let json = add(&[&["--at", "news:1.1", "--date", "2003", "--format", "json"], &kinds[..]].concat()).well();
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["verdict"], &json["id"]), (&json!("accepted"), &json!("M1")));
    let twice = add(&["--at", "news:1.1"]);
    assert!(twice.code == 1 && twice.err.contains("already says so in row 2"), "{}", twice.err);
    let checked = shejire(&["check", town, "--sources", &format!("{town}/texts")], b"");
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    assert!(checked.err.contains("fingerprints: 1 of 1 verified"), "{}", checked.err);
    shejire(&["add", town, "--undo"], b"").well();
    assert_eq!(tables(), empty);
}

#[test]
fn words_are_found_with_the_facts_that_rest_on_them() {
    let dir = tempfile::tempdir().unwrap();
    let town = dir.path().join("town");
    let town = town.to_str().unwrap();
    shejire(&["new", town], b"").well();
    let found =
        lines(&shejire(&["search", "\"pilot office\" merge*", "--data", town, "--format", "jsonl"], b"").well());
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["place"], found[0]["facts"].as_array().unwrap().len()), (&json!("example:3.1"), 1));
    assert_eq!(shejire(&["search", "lighthouse", "--data", town], b"").code, 1);
    let card = shejire(&["show", "Pilot Office", "--data", town], b"").well();
    for said in [
        "Pilot Office (institution, pilot-office)",
        "merged-into: Pilot Office → Harbour Office, 1998-07-01",
        "[example:3.1]",
    ] {
        assert!(card.contains(said), "{said}: {card}");
    }
    let sources = lines(&shejire(&["sources", "--data", town, "--format", "jsonl"], b"").well());
    assert_eq!((&sources[0]["source"], &sources[0]["mentions"]), (&json!("example"), &json!(2)));
}

/// 43,000 units with an event each are crossed in seconds, also by a program that is not optimised.
#[test]
fn a_crosswalk_of_a_whole_country_does_not_take_long() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("dataset.toml", "title = \"Communes\"\nformat = 2\nsentences = 2\n");
    write("sources.csv", "id,title\nreg,Register\n");
    write("kinds.csv", "kind,definition\ncommune,A commune\n");
    write(
        "relations.csv",
        "relation,definition,domain,range,lineage,lineage_role,lineage_side,gathers,predecessor,successor\n\
         merged-into,Goes into another,commune,commune,merged,succession,object,successor,ends,new\n",
    );
    let (mut entities, mut mentions) =
        ("id,kind,name\n".to_owned(), "id,subject,relation,object,qualifiers,source,locator\n".to_owned());
    for unit in 0..43_000 {
        entities += &format!("c{unit},commune,Commune {unit}\n");
        if unit % 3 > 0 {
            let into = format!("n{}", unit / 3);
            mentions += &format!("M{unit},c{unit},merged-into,{into},date=2001-01-01,reg,reg:{}.1\n", unit / 3 + 1);
        } else {
            entities += &format!("n{},commune,New {}\n", unit / 3, unit / 3);
        }
    }
    write("entities.csv", &entities);
    write("mentions.csv", &mentions);
    let engine = shejire::Engine::from_folder(dir.path()).unwrap();
    let store = dir.path().join("r.shejire");
    engine.save(&store).unwrap();
    let started = Instant::now();
    let answer =
        shejire(&["crosswalk", "2000", "2020", "--db", store.to_str().unwrap(), "--format", "csv"], b"").well();
    let took = started.elapsed();
    println!("43,000 units in {took:?}");
    assert!(answer.lines().count() > 43_000, "{}", answer.lines().count());
}
