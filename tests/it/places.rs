//! `check --sources`: every place, wording, name and fingerprint against the documents, and `--write`.

use std::path::Path;

use shejire::dataset::{self, Verification};
use tempfile::TempDir;

/// A folder with one source, and its text beside it.
struct Case {
    folder: TempDir,
    texts: TempDir,
}

impl Case {
    fn new(meta: &str, text: &str, tables: &[(&str, &str)]) -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap(), texts: tempfile::tempdir().unwrap() };
        std::fs::write(case.texts.path().join("d.txt"), text).unwrap();
        case.write("dataset.toml", &format!("title = \"T\"\n{meta}"));
        case.write("sources.csv", "id,title\nd,Document\n");
        case.write("kinds.csv", "kind,definition\noffice,An office\n");
        case.write("relations.csv", "relation,definition,domain,range\nfollows,One follows,office,office\n");
        case.write("entities.csv", "id,kind,name,by_reference\na,office,A,\nb,office,B,\n");
        for (file, rows) in tables {
            case.write(file, rows);
        }
        case
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn verify(&self) -> Verification {
        let data = dataset::read(self.path()).unwrap();
        assert_eq!(dataset::check(&data), []);
        dataset::check_sources(&data, self.texts.path()).unwrap()
    }

    fn problems(&self) -> Vec<String> {
        self.verify().problems.iter().map(|p| format!("{p} ({})", p.hint)).collect()
    }
}

const HEAD: &str = "id,subject,relation,object,qualifiers,source,locator,confidence,fingerprint\n";

/// Built 2026-11 a mention at a sentence that its paragraph does not have passed unseen, whatever it quoted.
#[test]
fn a_place_that_does_not_exist_is_found_without_a_fingerprint() {
    let text = "The Tide Office opened. It measured tides. The Harbour Office followed it.\nSecond paragraph.\n";
    let one = |locator: &str, wording: &str| {
        let row = format!("{HEAD}M1,a,follows,b,wording={wording},d,{locator},E,\n");
        Case::new("", text, &[("mentions.csv", &row)]).problems()
    };
    assert_eq!(one("d:1.3", "followed"), Vec::<String>::new());
    assert_eq!(
        one("d:1.9", "the sea swallowed it"),
        [
            "mentions.csv, row 2, column locator: d:1.9 is not in d.txt (that paragraph has 3 sentences)",
            "mentions.csv, row 2, column qualifiers: d nowhere says `the sea swallowed it` \
             (give the words of the document, with ... for what is left out)",
        ]
    );
    assert_eq!(
        one("d:7", "measured tides"),
        [
            "mentions.csv, row 2, column locator: d:7 is not in d.txt (the document has 2 paragraphs; its wording stands at d:1.2)"
        ]
    );
    assert_eq!(
        one("d:1.1", "measured ... tides"),
        ["mentions.csv, row 2, column qualifiers: d:1.1 does not say `measured ... tides` (that stands at d:1.2)"]
    );
}

/// Built 2026-11 a sentence ended at `Mr.` and `No.`, and a Russian paragraph was one sentence.
#[test]
fn the_folder_says_by_which_rule_its_sentences_are_counted() {
    let text = "Mr. C. D. Tarn led it. It was Order No. 7 of May.\nОтдел А закрыт. В 1990 году Отдел Б стал Отделом В. Это всё.\n";
    let rows = |second: &str, third: &str| {
        format!(
            "{HEAD}M1,a,follows,b,wording=No. 7 of May,d,{second},E,\nM2,b,follows,a,wording=это всё,d,{third},E,\n"
        )
    };
    let two = Case::new("sentences = 2\n", text, &[("mentions.csv", &rows("d:1.2", "d:2.3"))]);
    assert_eq!(two.problems(), Vec::<String>::new());
    let one = Case::new("", text, &[("mentions.csv", &rows("d:1.7", "d:2.1"))]);
    assert!(one.problems()[0].contains("that paragraph has 6 sentences"), "{:?}", one.problems());
    let one = Case::new("sentences = 1\n", text, &[("mentions.csv", &rows("d:1.5-6", "d:2.1"))]);
    assert_eq!(one.problems(), Vec::<String>::new());
    let wrong = Case::new("sentences = 3\n", text, &[("mentions.csv", &rows("d:1.2", "d:2.3"))]);
    let said = dataset::check(&dataset::read(wrong.path()).unwrap());
    assert_eq!(said[0].to_string(), "dataset.toml: `sentences` is not a number from 1 to 2");
}

#[test]
fn names_and_references_are_looked_up_too() {
    let text = "The Tide Office, or Maré, opened.\nIt closed.\n";
    let case = Case::new(
        "",
        text,
        &[
            ("entities.csv", "id,kind,name,by_reference\na,office,A,d:2\nb,office,B,\"d:2.1,5\"\n"),
            (
                "aliases.csv",
                "entity,alias,status,used_in\na,the tide  OFFICE,preferred,d:1\na,Maré,alternate,d:1.2\nb,MARÉ,alternate,d:2\nb,the closed one,description,d:2\n",
            ),
            ("mentions.csv", &format!("{HEAD}M1,a,follows,b,,d,d:1,E,\n")),
        ],
    );
    assert_eq!(
        case.problems(),
        [
            "aliases.csv, row 3, column used_in: d:1.2 is not in d.txt (that paragraph has 1 sentence)",
            "aliases.csv, row 4, column used_in: d:2 does not use `MARÉ` (d:1.1 does; correct the place)",
            "entities.csv, row 3, column by_reference: d:5 is not in d.txt (the document has 2 paragraphs)",
        ]
    );
    let found = case.verify();
    assert_eq!((found.standing, found.places), (6, 8));
}

#[test]
fn missing_fingerprints_are_written_and_nothing_else_is_touched() {
    let text = "One opened. Two followed.\nThree closed.\n";
    let rows = "ID;subject;relation;object;qualifiers;source;locator;confidence;x-mine;fingerprint\r\n\
                M1;a;follows;b;\"wording=followed; x-n=\"\"q;r\"\"\";d;d:1.2;E; kept ;\r\n\
                \r\n\
                M2;b;follows;a;wording=nobody said so;d;d:2.1;E;;\r\n\
                M3;b;follows;b;;d;d:2;E;\"a\nb\";\r\n";
    let case = Case::new("", text, &[("mentions.csv", rows)]);
    let found = case.verify();
    assert_eq!(found.problems.len(), 1, "what is wrong gets no fingerprint");
    assert_eq!(dataset::write_fingerprints(case.path(), &found).unwrap(), 2);
    let written = case.read("mentions.csv");
    let prints: Vec<String> = [2, 5]
        .iter()
        .map(|row| {
            let (_, print) = found.missing.iter().find(|(of, _)| of == row).unwrap();
            format!("{print:016x}")
        })
        .collect();
    let wanted = rows
        .replace(" kept ;", &format!(" kept ;{}", prints[0]))
        .replace("\"a\nb\";", &format!("\"a\nb\";{}", prints[1]));
    assert_eq!(written, wanted);
    let again = case.verify();
    assert_eq!((again.verified, again.total, again.missing.len()), (2, 2, 0));
    assert_eq!(dataset::write_fingerprints(case.path(), &again).unwrap(), 0);
    assert_eq!(case.read("mentions.csv"), wanted);
    assert_eq!(std::fs::read_dir(case.path()).unwrap().count(), 6, "nothing is left beside the tables");
}

#[test]
fn a_table_without_the_column_gets_it_and_a_changed_one_is_left() {
    let rows = "id,subject,relation,object,source,locator,confidence\nM1,a,follows,b,d,d:1,E\n";
    let case = Case::new("", "One opened.\n", &[("mentions.csv", rows)]);
    let found = case.verify();
    case.write("mentions.csv", &rows.replace("M1", "M0").replace("d:1,", "d:2,"));
    let later = rows.to_owned() + "M2,b,follows,a,d,d:1,E\n";
    case.write("mentions.csv", &later.replacen("M1", "\nM1", 1));
    let refused = dataset::write_fingerprints(case.path(), &found).unwrap_err();
    assert!(refused.to_string().contains("was changed while its documents were read"), "{refused}");
    case.write("mentions.csv", rows);
    assert_eq!(dataset::write_fingerprints(case.path(), &found).unwrap(), 1);
    let lines: Vec<String> = case.read("mentions.csv").lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "id,subject,relation,object,source,locator,confidence,fingerprint");
    assert!(lines[1].starts_with("M1,a,follows,b,d,d:1,E,") && lines[1].len() == 22 + 17, "{lines:?}");
}

/// Sentences of a document, mentions that quote them, and one cell of one mention made wrong: one problem.
#[test]
fn one_wrong_cell_gives_one_problem() {
    let words = [
        "tide", "harbour", "office", "opened", "closed", "moved", "into", "under", "council", "law", "keeper", "bridge",
    ];
    let mut seed = 7_usize;
    let mut next = move |limit: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % limit
    };
    for _ in 0..40 {
        let paragraphs: Vec<Vec<String>> = (0..4)
            .map(|p| {
                (0..3)
                    .map(|s| {
                        let inner: Vec<&str> = (0..5).map(|_| words[next(words.len())]).collect();
                        format!("Sentence {p}{s} {} ends.", inner.join(" "))
                    })
                    .collect()
            })
            .collect();
        let text: String = paragraphs.iter().map(|p| p.join(" ") + "\n").collect();
        let mut rows: Vec<[String; 3]> = Vec::new();
        for (p, sentences) in paragraphs.iter().enumerate() {
            for (s, sentence) in sentences.iter().enumerate() {
                let (from, to) = (sentence.find(' ').unwrap() + 1, sentence.len() - 1);
                rows.push([
                    format!("wording={}", &sentence[from..to]),
                    format!("d:{}.{}", p + 1, s + 1),
                    String::new(),
                ]);
            }
        }
        let table = |rows: &[[String; 3]]| {
            let mut out = HEAD.to_owned();
            for (number, [wording, place, print]) in rows.iter().enumerate() {
                out += &format!("M{number},a,follows,b,{wording},d,{place},E,{print}\n");
            }
            out
        };
        let case = Case::new("sentences = 2\n", &text, &[("mentions.csv", &table(&rows))]);
        let found = case.verify();
        assert_eq!(found.problems, []);
        for (row, print) in &found.missing {
            rows[*row as usize - 2][2] = format!("{print:016x}");
        }
        for fault in 0..4 {
            let mut wrong = rows.clone();
            let at = next(rows.len());
            let column = match fault {
                0 => {
                    wrong[at][0] = "wording=the moon fell".to_owned();
                    "qualifiers"
                }
                1 => {
                    wrong[at][2] = "0123456789abcdef".to_owned();
                    "fingerprint"
                }
                2 => {
                    wrong[at][1] = format!("d:{}", [60, 70][next(2)]);
                    "locator"
                }
                _ => {
                    wrong[at][1] = rows[(at + 1) % rows.len()][1].clone();
                    "fingerprint"
                }
            };
            case.write("mentions.csv", &table(&wrong));
            // two rows may now give one place different fingerprints, which the tables alone show as well
            let data = dataset::read(case.path()).unwrap();
            let said = dataset::check_sources(&data, case.texts.path()).unwrap().problems;
            assert_eq!(said.len(), 1, "{fault}: {said:?}");
            assert_eq!((said[0].column, said[0].row as usize), (column, at + 2));
        }
    }
}

/// `evidence --sources` showed whatever stood there, as if it were what the facts were taken from.
#[test]
fn a_sentence_is_shown_with_its_verdict() {
    let text = "The Tide Office opened. It measured tides. The Harbour Office followed it.\nSecond paragraph.\n";
    let row = format!("{HEAD}M1,a,follows,b,wording=followed,d,d:1.3,E,\nM2,b,follows,a,wording=measured,d,d:1.2,E,\n");
    let case = Case::new("", text, &[("mentions.csv", &row)]);
    let paths = [case.path().to_str().unwrap(), case.texts.path().to_str().unwrap()];
    let shown = |more: &[&str]| {
        let args =
            ["evidence", "A", "--relation", "follows", "--data", paths[0], "--sources", paths[1], "--format", "jsonl"];
        let ran = crate::desk::shejire(&args.iter().chain(more).copied().collect::<Vec<_>>(), b"");
        let lines = ran.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let rows: std::collections::BTreeMap<String, (String, String)> = lines
            .map(|line| {
                let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
                (text("places"), (text("sentence"), text("verdict")))
            })
            .collect();
        (ran.code, rows, ran.err)
    };
    let of = |rows: &std::collections::BTreeMap<String, (String, String)>, place: &str| rows[place].clone();
    let pair = |sentence: &str, verdict: &str| (sentence.to_owned(), verdict.to_owned());
    let (code, rows, _) = shown(&["--strict"]);
    assert_eq!((code, of(&rows, "d:1.3")), (0, pair("The Harbour Office followed it.", "no fingerprint")));
    let written = crate::desk::shejire(&["check", paths[0], "--sources", paths[1], "--write"], b"");
    assert_eq!(written.code, 0, "{}", written.err);
    let (code, rows, _) = shown(&["--strict"]);
    assert_eq!((code, of(&rows, "d:1.3")), (0, pair("The Harbour Office followed it.", "verified")));
    // forged: one sentence says something else, one is gone
    for (forged, verdict) in [
        (
            "The Tide Office opened. It measured tides. The Harbour Office never followed it.\n",
            pair("The Harbour Office never followed it.", "changed"),
        ),
        ("The Tide Office opened. It measured tides.\n", pair("-", "missing")),
    ] {
        std::fs::write(case.texts.path().join("d.txt"), forged).unwrap();
        let (code, rows, err) = shown(&["--strict"]);
        assert_eq!((code, of(&rows, "d:1.3")), (3, verdict), "{err}");
        assert_eq!(of(&rows, "d:1.2"), pair("It measured tides.", "verified"));
        assert!(err.contains("warning: of 2 places"), "{err}");
        assert_eq!(shown(&[]).0, 0);
    }
    // the whole document is known by its own fingerprint
    let whole = "0ea5bd0d6f"; // not that of the text
    case.write("sources.csv", &format!("id,title,sha256\nd,Document,{}\n", whole.repeat(7)[..64].to_owned()));
    assert_eq!(shown(&["--strict"]).0, 3);
}
