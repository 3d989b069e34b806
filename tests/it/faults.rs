//! Faults planted in clean folders: each gives exactly its problem, a clean folder none.

use std::fmt::Write as _;

use shejire::dataset::{self, Problem};

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A table: its head and its rows.
#[derive(Clone)]
struct Table {
    file: &'static str,
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(file: &'static str, head: &[&'static str]) -> Self {
        Self { file, head: head.to_vec(), rows: Vec::new() }
    }

    fn push(&mut self, cells: &[&str]) {
        assert_eq!(cells.len(), self.head.len(), "{}", self.file);
        self.rows.push(cells.iter().map(|cell| cell.to_string()).collect());
    }

    fn column(&self, name: &str) -> usize {
        self.head.iter().position(|column| *column == name).unwrap()
    }

    fn cell(&mut self, row: usize, name: &str) -> &mut String {
        let column = self.column(name);
        &mut self.rows[row][column]
    }

    /// The rows with this word in this column.
    fn with(&self, name: &str, word: &str) -> Vec<usize> {
        let column = self.column(name);
        (0..self.rows.len()).filter(|row| self.rows[*row][column] == word).collect()
    }

    fn text(&self) -> String {
        let mut out = self.head.join(",");
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            write!(out, "\n{}", cells.join(",")).unwrap();
        }
        out + "\n"
    }
}

/// The tables of a folder.
#[derive(Clone)]
struct Folder {
    sources: Table,
    kinds: Table,
    relations: Table,
    entities: Table,
    aliases: Table,
    mentions: Table,
    conflicts: Table,
}

impl Folder {
    /// Offices that follow one another, with what was done to them: all of it in order.
    fn clean(random: &mut Random) -> Self {
        let mut folder = Self {
            sources: Table::new("sources.csv", &["id", "title", "date", "group", "paragraphs", "sha256"]),
            kinds: Table::new("kinds.csv", &["kind", "definition"]),
            relations: Table::new(
                "relations.csv",
                &["relation", "definition", "domain", "range", "lineage", "lineage_role", "lineage_side"],
            ),
            entities: Table::new("entities.csv", &["id", "kind", "name", "start", "end", "by_reference"]),
            aliases: Table::new("aliases.csv", &["entity", "alias", "status", "used_in"]),
            mentions: Table::new(
                "mentions.csv",
                &[
                    "id",
                    "subject",
                    "relation",
                    "object",
                    "object_type",
                    "qualifiers",
                    "source",
                    "locator",
                    "confidence",
                    "fingerprint",
                ],
            ),
            conflicts: Table::new("conflicts.csv", &["id", "type", "topic", "claim_a", "claim_b"]),
        };
        for (id, title, group) in [("gaz", "Gazette", "state"), ("news", "News", "press"), ("book", "Book", "")] {
            folder.sources.push(&[id, title, "2022", group, "900", ""]);
        }
        // a SHA-256 has 64 digits
        for (row, digit) in ["a", "b", "c"].iter().enumerate() {
            *folder.sources.cell(row, "sha256") = digit.repeat(64);
        }
        for (kind, definition) in [("office", "An office"), ("state", "A state"), ("task", "A task")] {
            folder.kinds.push(&[kind, definition]);
        }
        for (relation, domain, range, lineage, role) in [
            ("set-up", "state", "office", "", "creation"),
            ("dissolved", "state", "office", "", "ending"),
            ("closed", "state", "office", "", "ending"),
            ("reopened", "state", "office", "", "restoration"),
            ("merged-into", "office", "office", "merged", "succession"),
            ("oversees", "office", "office", "", ""),
            ("moved-to", "task", "office", "", "function-transfer"),
            ("has-number", "office", "quantity", "", ""),
        ] {
            folder.relations.push(&[
                relation,
                relation,
                domain,
                range,
                lineage,
                role,
                if role.is_empty() { "" } else { "object" },
            ]);
        }
        folder.entities.push(&["realm", "state", "Realm", "1800", "..", ""]);
        let mut year = 1850;
        let offices = 6 + random.below(5);
        for number in 0..offices {
            let id = format!(
                "office-{}",
                ["amber", "birch", "cedar", "dahlia", "elm", "fern", "gorse", "hazel", "iris", "juniper", "kelp"]
                    [number]
            );
            let (start, end) = (year, year + 6 + i32::try_from(random.below(9)).unwrap());
            let [begin, over] = [date(random, start), date(random, end)];
            let over = if number + 1 == offices { "..".to_owned() } else { over };
            folder.entities.push(&[&id, "office", &format!("Office {number}"), &begin, &over, ""]);
            folder.say(random, &["realm", "set-up", &id], &format!("date={begin}"));
            if number + 1 < offices {
                folder.say(random, &["realm", "dissolved", &id], &format!("date={over}"));
            }
            let moved = date(random, start + 2);
            folder.say(random, &[&format!("task-{number}"), "moved-to", &id], &format!("date={moved}"));
            folder.entities.push(&[&format!("task-{number}"), "task", &format!("Task of {number}"), "", "", ""]);
            year = end;
        }
        for number in 1..offices {
            let [before, after] = [folder.office(number - 1), folder.office(number)];
            let row = folder.entities.with("id", &before)[0];
            let when = folder.entities.cell(row, "end").clone();
            folder.say(random, &[&before, "merged-into", &after], &format!("date={when}"));
        }
        folder
    }

    fn office(&self, number: usize) -> String {
        let rows = self.entities.with("kind", "office");
        self.entities.rows[rows[number]][0].clone()
    }

    /// A further mention, at a place of its own.
    fn say(&mut self, random: &mut Random, fact: &[&str; 3], qualifiers: &str) {
        let number = self.mentions.rows.len() + 1;
        let source = *random.pick(&["gaz", "news", "book"]);
        self.say_in(source, fact, qualifiers, number);
    }

    fn say_in(&mut self, source: &str, fact: &[&str; 3], qualifiers: &str, number: usize) {
        let id = format!("M{number:03}");
        let print = format!("{:016x}", 0x1234_5678_9abc_def0_u64.wrapping_mul(number as u64 * 2 + 1));
        let place = format!("{source}:{number}.1");
        self.mentions.push(&[&id, fact[0], fact[1], fact[2], "", qualifiers, source, &place, "E", &print]);
    }

    fn problems(&self) -> Vec<Problem> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("dataset.toml"), "title = \"Offices\"\n").unwrap();
        for table in [
            &self.sources,
            &self.kinds,
            &self.relations,
            &self.entities,
            &self.aliases,
            &self.mentions,
            &self.conflicts,
        ] {
            std::fs::write(folder.path().join(table.file), table.text()).unwrap();
        }
        dataset::grouped(dataset::check(&dataset::read(folder.path()).unwrap()))
    }
}

/// A date in a year: the day, the month or the year.
fn date(random: &mut Random, year: i32) -> String {
    match random.below(3) {
        0 => format!("{year}"),
        1 => format!("{year}-07"),
        _ => format!("{year}-07-{:02}", 14),
    }
}

type Plant = fn(&mut Folder, &mut Random);

/// What is done to a folder, and what must be said of it, and nothing else.
const FAULTS: &[(&str, Plant)] = &[
    ("an act or a state outside the life of a body|this is of ", |folder, random| {
        let row = *random.pick(&folder.mentions.with("relation", "moved-to"));
        *folder.mentions.cell(row, "qualifiers") =
            random.pick(&["date=1700", "date=1822-01-01", "start=2030; end=.."]).to_string();
        if folder.office_of(row).end == ".." {
            *folder.mentions.cell(row, "qualifiers") = "date=1701-02".to_owned();
        }
    }),
    ("becomes itself", |folder, random| {
        let row = *random.pick(&folder.mentions.with("relation", "merged-into"));
        let subject = folder.mentions.cell(row, "subject").clone();
        *folder.mentions.cell(row, "object") = subject;
    }),
    ("before its predecessor `", |folder, random| {
        let number = random.below(2);
        let [early, late] = [folder.office(number), folder.office(number + 3)];
        let row = folder.entities.with("id", &late)[0];
        let when = folder.entities.cell(row, "start").clone();
        folder.say(random, &[&late, "merged-into", &early], &format!("date={when}"));
    }),
    ("and nothing says that it began again", |folder, random| {
        let number = random.below(3);
        let office = folder.office(number);
        let row = folder.entities.with("id", &office)[0];
        let year: i32 = folder.entities.cell(row, "start")[..4].parse().unwrap();
        folder.say(random, &["realm", "closed", &office], &format!("date={}", year + 3));
    }),
    ("dates this act to ", |folder, random| {
        let office = folder.office(1);
        let row = folder.entities.with("id", &office)[0];
        let year: i32 = folder.entities.cell(row, "start")[..4].parse().unwrap();
        for (number, later) in [(801, 1), (802, 3)] {
            folder.say_in("gaz", &["task-0", "moved-to", &office], &format!("date={}", year + later), number);
        }
        let _ = random;
    }),
    ("has the kind and the name of", |folder, random| {
        let rows = folder.entities.with("kind", "office");
        let number = random.below(rows.len() - 1);
        let name = folder.entities.cell(rows[number], "name").to_uppercase();
        *folder.entities.cell(rows[number + 1], "name") = name;
    }),
    ("is not an EDTF date", |folder, random| {
        let row = random.below(folder.mentions.rows.len());
        *folder.mentions.cell(row, "qualifiers") =
            random.pick(&["date=1871-02-30", "date=12.5.1871", "start=1870-13"]).to_string();
    }),
    ("ends (", |folder, random| {
        let row = *random.pick(&folder.entities.with("kind", "office"));
        *folder.entities.cell(row, "end") = "1849".to_owned();
    }),
    ("there is no qualifier `dat`", |folder, random| {
        let row = random.below(folder.mentions.rows.len());
        *folder.mentions.cell(row, "qualifiers") = "dat=1871".to_owned();
    }),
    ("there is no relation `merged-in`", |folder, random| {
        let row = *random.pick(&folder.mentions.with("relation", "merged-into"));
        *folder.mentions.cell(row, "relation") = "merged-in".to_owned();
    }),
    ("there is no relation `merged-into`", |folder, _| {
        let row = folder.relations.with("relation", "merged-into")[0];
        *folder.relations.cell(row, "relation") = "mergd-into".to_owned();
    }),
    ("there is no kind `office`", |folder, _| *folder.kinds.cell(0, "kind") = "ofice".to_owned()),
    ("there is no kind `ofice`", |folder, random| {
        let row = *random.pick(&folder.entities.with("kind", "office"));
        *folder.entities.cell(row, "kind") = "ofice".to_owned();
    }),
    ("there is no kind `ofice`", |folder, _| *folder.relations.cell(4, "range") = "ofice".to_owned()),
    ("outside the domain or range|cannot stand here", |folder, random| {
        let row = *random.pick(&folder.entities.with("kind", "office"));
        *folder.entities.cell(row, "kind") = "task".to_owned();
    }),
    ("there is no entity `office-", |folder, random| {
        let row = *random.pick(&folder.entities.with("kind", "office"));
        folder.entities.cell(row, "id").push('e');
    }),
    ("there is no entity `task-0e`", |folder, _| {
        let row = folder.mentions.with("subject", "task-0")[0];
        folder.mentions.cell(row, "subject").push('e');
    }),
    ("there is no source `gaz`", |folder, _| *folder.sources.cell(0, "id") = "gazz".to_owned()),
    ("is the same as row", |folder, random| {
        let row = random.pick(&folder.mentions.rows).clone();
        folder.mentions.rows.push(row);
    }),
    ("is already the id of row", |folder, random| {
        let row = random.pick(&folder.entities.rows).clone();
        folder.entities.rows.push(row);
    }),
    ("already asserts this fact", |folder, random| {
        let mut row = random.pick(&folder.mentions.rows).clone();
        row[0] = "M999".to_owned();
        folder.mentions.rows.push(row);
    }),
    ("for not stated", |folder, random| {
        let row = *random.pick(&folder.entities.with("kind", "office"));
        *folder.entities.cell(row, "end") = random.pick(&["9999-12-31", "9999"]).to_string();
    }),
    ("for not stated", |folder, random| {
        let row = *random.pick(&folder.mentions.with("relation", "set-up"));
        *folder.mentions.cell(row, "qualifiers") = "date=0001-01-01".to_owned();
    }),
    ("counted as two voices", |folder, _| *folder.sources.cell(2, "sha256") = "a".repeat(64)),
    ("counted as two voices", |folder, _| {
        // the news repeat the gazette
        let office = folder.office(0);
        for number in 850..854 {
            let what = format!("{number} desks");
            for (source, id) in [("gaz", number), ("news", number + 20)] {
                folder.say_in(source, &[&office, "has-number", &what], &format!("measure=desks of {number}"), id);
                let row = folder.mentions.rows.len() - 1;
                *folder.mentions.cell(row, "object_type") = "quantity".to_owned();
                *folder.mentions.cell(row, "fingerprint") = format!("{number:016}");
            }
        }
        let news = folder.mentions.with("source", "news");
        folder.mentions.rows = std::mem::take(&mut folder.mentions.rows)
            .into_iter()
            .enumerate()
            .filter(|(row, cells)| !news.contains(row) || cells[2] == "has-number")
            .map(|(_, cells)| cells)
            .collect();
        // who is no longer spoken of
        let spoken: Vec<String> =
            folder.mentions.rows.iter().flat_map(|row| [row[1].clone(), row[3].clone()]).collect();
        folder.entities.rows.retain(|row| spoken.contains(&row[0]));
    }),
    ("so gaz:9000.1 is not in it", |folder, _| {
        let row = folder.mentions.with("source", "gaz");
        let row = row.first().copied().unwrap_or(0);
        *folder.mentions.cell(row, "source") = "gaz".to_owned();
        *folder.mentions.cell(row, "locator") = "gaz:9000.1".to_owned();
    }),
    ("no place in a document", |folder, random| {
        // the row is left out, and what only it speaks of is not asked for
        let row = *random.pick(&folder.mentions.with("relation", "merged-into"));
        *folder.mentions.cell(row, "locator") = "third paragraph".to_owned();
    }),
    ("is no quantity", |folder, random| {
        let office = folder.office(random.below(4));
        folder.say(random, &[&office, "has-number", "many desks"], "measure=desks");
        let row = folder.mentions.rows.len() - 1;
        *folder.mentions.cell(row, "object_type") = "quantity".to_owned();
    }),
    ("nobody asserts", |folder, _| {
        let [a, b] = [folder.office(0), folder.office(1)];
        let claim = format!("{a} | merged-into | {b}");
        folder.conflicts.push(&[
            "K1",
            "contradiction",
            "what became of it",
            &claim,
            &claim.replace("merged-into", "oversees"),
        ]);
    }),
    ("nobody mentions `ghost`", |folder, _| folder.entities.push(&["ghost", "office", "Ghost", "", "", ""])),
];

struct Bounds {
    end: String,
}

impl Folder {
    fn office_of(&mut self, mention: usize) -> Bounds {
        let id = self.mentions.cell(mention, "object").clone();
        let row = self.entities.with("id", &id)[0];
        Bounds { end: self.entities.cell(row, "end").clone() }
    }
}

#[test]
fn each_planted_fault_gives_exactly_its_problem() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..12 {
        let clean = Folder::clean(&mut random);
        assert_eq!(clean.problems(), [], "round {round}");
        for (number, (said, plant)) in FAULTS.iter().enumerate() {
            let mut folder = clean.clone();
            plant(&mut folder, &mut random);
            let told: Vec<String> =
                folder.problems().iter().map(|p| format!("{p} ({}) {:?}", p.hint, p.examples)).collect();
            let found = said.split('|').any(|said| told.first().is_some_and(|line| line.contains(said)));
            assert!(told.len() == 1 && found, "round {round}, fault {number}: {said:?} gave {told:#?}");
        }
    }
}
