//! The built-in dataset against the inventory it was made from, against the documents, and folders that
//! somebody broke.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use shejire::dataset::{self, Dataset, Object};

use crate::snapshot::repository;

/// A folder beside the repository, or where the environment says; says so when there is none.
pub(crate) fn outside(variable: &str, beside: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(|| repository("..").join(beside), repository);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("left out: {} is no folder (set {variable})", path.display());
    None
}

fn seeds() -> Option<PathBuf> {
    outside("SHEJIRE_SEEDS", "shared/seeds")
}

fn shared() -> Option<PathBuf> {
    outside("SHEJIRE_SHARED", "shared")
}

fn claim(mention: &shejire::dataset::MentionRecord) -> [&str; 4] {
    [&mention.subject, &mention.relation, mention.object.text(), mention.qualifier("measure").unwrap_or("")]
}

#[test]
fn the_built_in_dataset_is_complete_and_clean() {
    let data = dataset::builtin();
    assert_eq!(dataset::check(&data), []);
    let facts: BTreeSet<[&str; 4]> = data.mentions.iter().map(claim).collect();
    let counts = [
        data.sources.len(),
        data.kinds.len(),
        data.relations.len(),
        data.entities.len(),
        data.mentions.len(),
        facts.len(),
        data.conflicts.len(),
    ];
    assert_eq!(counts, [5, 28, 52, 304, 705, 591, 14]);
    let evaluative = data.mentions.iter().filter(|m| m.confidence.is_evaluative()).count();
    assert_eq!(evaluative, 52);
}

#[test]
fn the_folder_reads_as_what_is_built_in() {
    let folder = dataset::open(&repository("data/kazakhstan")).unwrap();
    let built_in = dataset::builtin();
    assert_eq!(folder.mentions, built_in.mentions);
    assert_eq!(folder.entities, built_in.entities);
    assert_eq!(folder.aliases, built_in.aliases);
    assert_eq!(folder.relations, built_in.relations);
    assert_eq!(folder.meta, built_in.meta);
}

/// Rows of a tab-separated table of the inventory, by column name.
fn inventory(dir: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(dir.join("facts").join(name)).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .filter(|line| !line.is_empty())
        .map(|line| header.iter().zip(line.split('\t')).map(|(k, v)| (k.to_string(), v.to_string())).collect())
        .collect()
}

fn tally<'a, K: Ord>(keys: impl Iterator<Item = K> + 'a) -> BTreeMap<K, usize> {
    let mut out = BTreeMap::new();
    for key in keys {
        *out.entry(key).or_default() += 1;
    }
    out
}

#[test]
fn the_tables_agree_with_the_inventory() {
    let Some(dir) = shared() else { return };
    let data = dataset::builtin();

    let entities = inventory(&dir, "entities.tsv");
    let listed: BTreeSet<(&str, &str)> = entities.iter().map(|r| (&*r["id"], &*r["kind"])).collect();
    assert_eq!(data.entities.iter().map(|e| (&*e.id, &*e.kind)).collect::<BTreeSet<_>>(), listed);

    let kinds: BTreeMap<String, usize> =
        inventory(&dir, "kinds.tsv").iter().map(|r| (r["kind"].clone(), r["entities"].parse().unwrap())).collect();
    assert_eq!(tally(data.entities.iter().map(|e| e.kind.to_string())), kinds);

    let relations: BTreeMap<String, usize> = inventory(&dir, "relations.tsv")
        .iter()
        .map(|r| (r["relation"].clone(), r["mentions"].parse().unwrap()))
        .collect();
    assert_eq!(tally(data.mentions.iter().map(|m| m.relation.to_string())), relations);

    let mentions = inventory(&dir, "facts.tsv");
    assert_eq!(mentions.len(), data.mentions.len());
    for (ours, theirs) in data.mentions.iter().zip(&mentions) {
        let place = format!("{}:{}.{}", theirs["doc"], theirs["para"], theirs["sentence"]);
        assert_eq!(*ours.id, theirs["id"]);
        assert_eq!(format!("{}:{}", ours.source, ours.at), place, "{}", ours.id);
        assert_eq!((&*ours.subject, &*ours.relation), (&*theirs["subject"], &*theirs["relation"]), "{}", ours.id);
        assert_eq!(ours.object.type_name(), theirs["object_type"], "{}", ours.id);
        if !matches!(ours.object, Object::Text(_)) {
            assert_eq!(ours.object.text(), theirs["object"], "{}", ours.id);
        }
        let codes: BTreeSet<char> = theirs["confidence"].chars().filter(char::is_ascii_alphabetic).collect();
        assert_eq!(ours.confidence.codes().collect::<BTreeSet<_>>(), codes, "{}", ours.id);
    }
    supports(&data, &inventory(&dir, "claims.tsv"), &mentions);
}

/// Facts, their mentions and their support: by fact, by relation, by document.
fn supports(data: &Dataset, claims: &[BTreeMap<String, String>], mentions: &[BTreeMap<String, String>]) {
    let by_id: BTreeMap<&str, [&str; 4]> = data.mentions.iter().map(|m| (&*m.id, claim(m))).collect();
    let mut facts: BTreeMap<[&str; 4], (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for mention in &data.mentions {
        let (ids, sources) = facts.entry(claim(mention)).or_default();
        ids.insert(&mention.id);
        sources.insert(&mention.source);
    }
    assert_eq!(facts.len(), claims.len());
    for row in claims {
        let ids: BTreeSet<&str> = row["fact_ids"].split_whitespace().collect();
        let (ours, sources) = &facts[&by_id[ids.first().unwrap()]];
        assert_eq!(*ours, ids);
        assert_eq!(sources.len().to_string(), row["n_docs"], "{ids:?}");
    }
    let support = tally(facts.values().map(|(_, sources)| sources.len()));
    assert_eq!(support, BTreeMap::from([(1, 513), (2, 56), (3, 16), (4, 4), (5, 2)]));
    assert_eq!(
        tally(data.mentions.iter().map(|m| m.source.to_string())),
        tally(mentions.iter().map(|m| m["doc"].clone()))
    );
    let of_relation = |relation: &str| claims.iter().filter(|r| r["relation"] == relation).count();
    for (relation, count) in tally(facts.keys().map(|[_, relation, ..]| *relation)) {
        assert_eq!(count, of_relation(relation), "{relation}");
    }
}

#[test]
fn every_declared_conflict_is_there() {
    let Some(dir) = shared() else { return };
    let data = dataset::builtin();
    let by_id: BTreeMap<&str, &shejire::dataset::MentionRecord> = data.mentions.iter().map(|m| (&*m.id, m)).collect();
    let theirs = inventory(&dir, "conflicts.tsv");
    assert_eq!(data.conflicts.len(), theirs.len());
    for (ours, row) in data.conflicts.iter().zip(&theirs) {
        assert_eq!((&*ours.id, &*ours.kind, &*ours.topic), (&*row["id"], &*row["type"], &*row["topic"]));
        for (side, facts) in ours.sides.iter().zip(["facts_a", "facts_b"]) {
            for id in row[facts].split_whitespace() {
                let [subject, relation, object, _] = claim(by_id[id]);
                assert_eq!(
                    [&*side.subject, &*side.relation, &*side.object],
                    [subject, relation, object],
                    "{}",
                    ours.id
                );
            }
        }
    }
}

#[test]
fn every_fingerprint_is_found_in_the_documents() {
    let Some(seeds) = seeds() else { return };
    let data = dataset::builtin();
    let verification = dataset::check_sources(&data, &seeds).unwrap();
    assert_eq!(verification.problems, []);
    assert_eq!((verification.verified, verification.total), (705, 705));
    let documents = dataset::Documents::open(&data, &seeds, &mut Vec::new()).unwrap();
    let at = |text: &str| shejire::provenance::Locator::parse(text).unwrap();
    assert!(documents.text("003", at("11.10")).unwrap().contains("reinstated"));
    assert!(documents.text("000", at("11")).unwrap().contains("Kurultai"));
    assert_eq!(documents.text("000", at("43")), None);
    assert_eq!(documents.text("003", at("11.99")), None);
}

#[test]
fn a_changed_document_is_noticed() {
    let Some(seeds) = seeds() else { return };
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(&seeds).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = match &name[..3] {
            // a paragraph more at the front, and one word changed
            "001" => format!("Preface.\n{text}"),
            "004" => text.replace("Istanbul", "Ankara"),
            "002" => continue,
            _ => text,
        };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let found = dataset::check_sources(&dataset::builtin(), folder.path()).unwrap();
    let said: Vec<String> = found.problems.iter().map(|p| format!("{p} ({})", p.hint)).collect();
    let has = |text: &str| said.iter().any(|line| line.contains(text));
    assert!(has("the document `002` is not in"), "{said:?}");
    assert!(has("the sentence at 001:22.1 is not the one this row was made from (that sentence is now at 001:23.1;"));
    assert!(has("column paragraphs: 001_98bce859225f7d13.txt has 40 paragraphs"));
    assert!(has("the document was changed"));
    assert!(has("004:19 does not use `Istanbul Protocol`"));
    assert!(found.verified < found.total);
}

/// Titles of documents, laws and bodies that are longer than eight words.
const TITLES: [&str; 21] = [
    "non paper strengthening human rights and democratic reforms in kazakhstan",
    "kazakhstan puts human rights at core of governance in bid to set regional example",
    "ministry of foreign affairs of the republic of kazakhstan",
    "office of the un high commissioner for human rights",
    "commissioner for the protection of the rights of socially vulnerable citizens",
    "law on the organization and holding of peaceful assemblies",
    "presidential decree on human rights and rule of law",
    "presidential decree on the action plan in the field of human rights and the rule of law",
    "plan of priority measures in the field of human rights",
    "plan of measures in the field of human rights and the rule of law",
    "action plan on human rights and the rule of law",
    "action plan on human rights and rule of law",
    "action plan in the field of human rights and the rule of law",
    "national action plan for the un security council resolution 1325",
    "un optional protocols on the rights of children and persons with disabilities",
    "second optional protocol to the international covenant on civil and political rights",
    "75th anniversary of the universal declaration of human rights",
    "48th session of the working group of the un human rights councils universal periodic review",
    "48th session of the un human rights councils universal periodic review",
    "144th session of the united nations human rights committee",
    "elections of akims of the district and city levels",
];

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace("\\'", "'") // as a literal writes it
        .replace(['\'', '’', '‘'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// No nine words in a row of any document stand in the repository, titles aside.
#[test]
fn no_sentence_of_the_documents_is_in_the_repository() {
    const RUN: usize = 9;
    let Some(seeds) = seeds() else { return };
    let mut runs: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(&seeds).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        runs.extend(words(&text).windows(RUN).map(|run| run.join(" ")));
    }
    let titles: Vec<String> = TITLES.iter().map(|title| format!(" {title} ")).collect();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["data", "docs", "examples", "tests", "README.md"].map(repository).to_vec();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            for (number, line) in (1..).zip(text.lines()) {
                let bare = words(line).join(" ");
                // a title may stand; the words around it may not run on into the sentence
                let bare = titles.iter().fold(format!(" {bare} "), |line, title| line.replace(title.as_str(), " ¶ "));
                let bare: Vec<&str> = bare.split_whitespace().collect();
                let hit = bare.windows(RUN).find(|run| runs.contains(&run.join(" ")));
                found.extend(hit.map(|run| format!("{}:{number}: {}", path.display(), run.join(" "))));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// A copy of a small folder with one file changed; what `check` says of it.
fn broken(file: &str, change: impl FnOnce(String) -> Vec<u8>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut change = Some(change);
    for entry in std::fs::read_dir(repository("examples/city-councils")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == file {
            let bytes = change.take().unwrap()(std::fs::read_to_string(&path).unwrap());
            if !bytes.is_empty() {
                std::fs::write(folder.path().join(&name), bytes).unwrap();
            }
        } else if path.is_file() {
            std::fs::copy(&path, folder.path().join(&name)).unwrap();
        }
    }
    assert!(change.is_none(), "{file} is not in the folder");
    let data = dataset::read(folder.path()).unwrap();
    dataset::check(&data).iter().map(|p| format!("{p} ({})", p.hint)).collect()
}

/// The folder with one text in place of another, which must be there.
fn edited(file: &str, from: &str, to: &str) -> String {
    broken(file, |text| {
        assert!(text.contains(from), "{file} has no {from:?}");
        text.replacen(from, to, 1).into_bytes()
    })
    .join("\n")
}

#[test]
fn the_example_folder_is_clean() {
    let data = dataset::open(&repository("examples/city-councils")).unwrap();
    assert_eq!(dataset::check(&data), []);
    assert!((5..=10).contains(&data.entities.len()));
}

#[test]
fn each_mistake_is_named_with_file_row_column_and_hint() {
    for (file, from, to, said) in [
        (
            "entities.csv",
            ",council,",
            ",counsil,",
            "entities.csv, row 2, column kind: there is no kind `counsil` (did you mean `council`?)",
        ),
        ("entities.csv", "1997-04-01", "1.4.1997", "column start: `1.4.1997` is not an EDTF date"),
        (
            "entities.csv",
            "1997-04-01",
            "2031",
            "column end: ends (2004-12) before it starts (2031) (one of the two dates is wrong)",
        ),
        ("entities.csv", "harbour-board,", "old-town-council,", "is already the id of row"),
        (
            "mentions.csv",
            "M01,old-town-council,merged-into",
            "M01,old-town-counsil,merged-into",
            "column subject: there is no entity `old-town-counsil` (did you mean `old-town-council`?)",
        ),
        (
            "mentions.csv",
            "merged-into",
            "merged-in-to",
            "column relation: there is no relation `merged-in-to` (did you mean `merged-into`?)",
        ),
        ("mentions.csv", "a:2.1", "a:99.1", "`a` has 6 paragraphs, so a:99.1 is not in it"),
        ("mentions.csv", "a:2.1", "z:2.1", "the locator is in `z`, the source is `a`"),
        (
            "mentions.csv",
            "a:2.1",
            "second paragraph",
            "`second paragraph` is no place in a document (write document, paragraph and sentence, as in 003:11.8)",
        ),
        ("mentions.csv", "date=2004-12-31", "dte=2004-12-31", "there is no qualifier `dte` (did you mean `date`?)"),
        ("mentions.csv", "date=2004-12-31", "date=31.12.2004", "column qualifiers: `31.12.2004` is not an EDTF date"),
        ("mentions.csv", "date=2004-12-31", "date=2004-12-31; date=2005", "`date` is both `2004-12-31` and `2005`"),
        ("mentions.csv", "date=2004-12-31", "2004-12-31", "`2004-12-31` is not of the form key=value"),
        ("mentions.csv", ",E,", ",Q,", "column confidence: `Q` is no code of confidence (E explicit;"),
        ("mentions.csv", ",E,", ",E I,", "is both explicit (E) and inferred (I)"),
        ("mentions.csv", "9 councillors,quantity", "nine councillors,quantity", "`nine councillors` is no quantity"),
        ("mentions.csv", "9 councillors,quantity", "9 councillors,number", "`number` is no type of object"),
        (
            "relations.csv",
            ",succession,",
            ",sucession,",
            "column lineage_role: there is no role `sucession` (did you mean `succession`?)",
        ),
        (
            "relations.csv",
            "council board",
            "council bord",
            "column domain: there is no kind `bord` (did you mean `board`?)",
        ),
        ("aliases.csv", "editorial", "editoriall", "`editoriall` is no status of a name (did you mean `editorial`?)"),
        ("sources.csv", "id,", "ident,", "sources.csv, row 1: has no column `id`"),
        ("conflicts.csv", "old-town-council |", "old-council |", "column claim_a: nobody asserts `old-council"),
        ("dataset.toml", "title", "titel", "has no `title`"),
    ] {
        let found = edited(file, from, to);
        assert!(found.contains(said), "{file}: {from:?} for {to:?} should say {said:?}, and says:\n{found}");
    }
}

#[test]
fn facts_outside_domain_and_range_repeated_places_and_orphans() {
    let said = edited(
        "mentions.csv",
        "M01,old-town-council,merged-into,city-council",
        "M01,new-bridge,merged-into,city-council",
    );
    assert!(said.contains("column subject: a place cannot stand here: `merged-into` takes council board"), "{said}");
    let twice = broken("mentions.csv", |text| {
        let row = text.lines().nth(1).unwrap().replacen("M01", "M99", 1);
        format!("{text}{row}\n").into_bytes()
    });
    assert!(twice.join("\n").contains("already asserts this fact in row 2"), "{twice:?}");
    let orphan = broken("entities.csv", |text| format!("{text}ghost,council,Ghost Council,,,,\n").into_bytes());
    assert!(
        orphan.join("\n").contains("nobody mentions `ghost` (add a row to mentions.csv, or remove it)"),
        "{orphan:?}"
    );
}

#[test]
fn what_spreadsheets_and_enemies_make_of_a_file() {
    let crlf = broken("mentions.csv", |text| format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes());
    assert_eq!(crlf, Vec::<String>::new());
    let missing = broken("mentions.csv", |_| Vec::new());
    assert!(missing.join("\n").contains("mentions.csv: is missing from the folder"), "{missing:?}");
    let latin1 = broken("entities.csv", |text| {
        text.replace("Old", "\u{1}").into_bytes().iter().map(|b| if *b == 1 { 0xE9 } else { *b }).collect()
    });
    assert!(latin1.join("\n").contains("entities.csv: is not UTF-8: a stray byte in line 2"), "{latin1:?}");
    let ragged = broken("relations.csv", |text| format!("{text}too,short\n").into_bytes());
    assert!(ragged.join("\n").contains("has 2 cells, the header has"), "{ragged:?}");
    let noise = broken("aliases.csv", |_| (0..=255).cycle().take(4096).collect());
    assert!(!noise.is_empty());
    let wrong_ids = broken("mentions.csv", |text| {
        let header = text.lines().next().unwrap().to_owned();
        let rows: String =
            (0..20_000).map(|n| format!("X{n},nobody{n},nothing{n},nowhere{n},entity,,a,a:1.1,E,,,\n")).collect();
        format!("{header}\n{rows}").into_bytes()
    });
    assert!(wrong_ids.len() > 20_000);
}

#[test]
fn folders_that_are_none_are_refused() {
    let error = |path: &Path| dataset::open(path).unwrap_err().to_string();
    assert!(error(Path::new("/nonexistent/nowhere")).contains("there is no folder"));
    assert!(error(&repository("Cargo.toml")).contains("is a file, not a folder"));
    assert!(error(&repository("src")).contains("holds no dataset"));
}
