//! Proposals, true and spoilt, before the gates; facts written down and taken back.

use std::fs;
use std::path::Path;

use super::*;
use crate::dataset::{self, Documents};

/// A folder of the template, and a document of an invented harbour.
fn folder(text: &str) -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in begin(Template::Institutions, "Harbour", "en", &[]).files {
        let file = dir.path().join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, bytes).expect("written");
    }
    let write = |name: &str, row: &str| {
        let file = dir.path().join(name);
        let text = fs::read_to_string(&file).expect("a table") + row;
        fs::write(file, text).expect("written");
    };
    fs::write(dir.path().join("texts/report.txt"), text).expect("written");
    write("sources.csv", "report,Report,,,,2011,,en,,,,,\n");
    for (id, kind, name) in BODIES {
        write("entities.csv", &format!("{id},{kind},{name},,,,\n"));
    }
    let folder = opened(dir.path());
    (dir, folder)
}

const BODIES: [(&str, &str, &str); 7] = [
    ("port-authority", "institution", "Port Authority"),
    ("customs-house", "institution", "Customs House"),
    ("lighthouse-board", "institution", "Lighthouse Board"),
    ("dredging-office", "institution", "Dredging Office"),
    ("old-town", "place", "Old Town"),
    ("ada-ness", "person", "Ada Ness"),
    ("beacon-duty", "function", "Beacon Duty"),
];

/// A sentence a line, each with the claim that stands in it: subject, relation, object, type, qualifiers, wording, mode.
type True = (&'static str, [&'static str; 4], &'static [(&'static str, &'static str)], &'static str, &'static str);

const TRUE: [True; 12] = [
    (
        "On 1 July 1998 the Customs House was merged into the Port Authority.",
        ["customs-house", "merged-into", "port-authority", ""],
        &[("date", "1998-07-01")],
        "was merged into",
        "",
    ),
    (
        "The Lighthouse Board was split into the Dredging Office and the Pilot Office in March 2001.",
        ["lighthouse-board", "split-into", "dredging-office", ""],
        &[("date", "2001-03")],
        "was split into",
        "",
    ),
    (
        "In 2010 the Harbour Office became the Port Authority.",
        ["harbour-office", "transformed-into", "port-authority", ""],
        &[("date", "2010")],
        "became the Port Authority",
        "",
    ),
    (
        "The Port Authority has 240 employees.",
        ["port-authority", "has-quantity", "240 employees", "quantity"],
        &[],
        "has 240 employees",
        "",
    ),
    (
        "Old Town established the Lighthouse Board on 3 May 1950.",
        ["old-town", "established", "lighthouse-board", ""],
        &[("date", "1950-05-03")],
        "established the Lighthouse Board",
        "",
    ),
    (
        "The Customs House was never merged into the Pilot Office.",
        ["customs-house", "merged-into", "pilot-office", ""],
        &[],
        "never merged into",
        "denies",
    ),
    (
        "Reportedly the Dredging Office was renamed to the Customs House in 2012.",
        ["dredging-office", "renamed-to", "customs-house", ""],
        &[("date", "2012")],
        "renamed to",
        "hedges",
    ),
    ("Ada Ness heads the Port Authority.", ["ada-ness", "heads", "port-authority", ""], &[], "heads", ""),
    (
        "The Beacon Duty was transferred to the Lighthouse Board in 1961.",
        ["beacon-duty", "transferred-to", "lighthouse-board", ""],
        &[("date", "1961")],
        "transferred to",
        "",
    ),
    (
        "The Dredging Office is part of the Port Authority.",
        ["dredging-office", "part-of", "port-authority", ""],
        &[],
        "is part of",
        "",
    ),
    (
        "The Pilot Office existed from 1961 until 30 June 1998.",
        ["pilot-office", "exists", "", ""],
        &[("start", "1961"), ("end", "1998-06-30")],
        "existed from 1961",
        "",
    ),
    (
        "The Harbour Office was replaced by the Port Authority in 2010.",
        ["harbour-office", "replaced-by", "port-authority", ""],
        &[("date", "2010")],
        "replaced by",
        "",
    ),
];

fn text() -> String {
    TRUE.iter().map(|(sentence, ..)| format!("{sentence}\n")).collect()
}

fn opened(dir: &Path) -> Folder {
    Folder::open(dir, None).expect("a folder").0
}

/// The claim of a sentence as a program would propose it.
fn proposal(folder: &Folder, at: usize) -> Proposal {
    let (_, [subject, relation, object, ty], qualifiers, wording, mode) = TRUE[at];
    let locator = format!("report:{}.1", at + 1);
    let (source, place) = folder.place("", &locator).expect("a place");
    let print = folder.documents.fingerprint(&source, place).expect("a sentence");
    Proposal {
        subject: subject.into(),
        relation: relation.into(),
        object: object.into(),
        object_type: ty.into(),
        qualifiers: qualifiers.iter().map(|(key, value)| ((*key).to_owned(), Values::one(*value))).collect(),
        locator,
        wording: wording.into(),
        mode: mode.into(),
        fingerprint: format!("{print:016x}"),
        made_by: "a test".into(),
        ..Proposal::default()
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
    }
}

#[test]
fn the_templates_pass_their_own_check() {
    for template in [Template::Institutions, Template::Laws, Template::Blank] {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, bytes) in begin(template, "A \"new\" one", "en", &[]).files {
            let file = dir.path().join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, bytes).expect("written");
        }
        let data = dataset::open(dir.path()).expect("it passes");
        let problems: Vec<String> = dataset::check(&data).iter().map(ToString::to_string).collect();
        assert_eq!(problems, Vec::<String>::new(), "{template:?}");
        let examples = usize::from(template != Template::Blank) * 2;
        assert_eq!(data.mentions.len(), examples, "{template:?}");
        if examples > 0 {
            let found = dataset::check_sources(&data, &dir.path().join("texts")).expect("read");
            assert_eq!((found.verified, found.problems.len()), (2, 0), "{:?}", found.problems);
        }
    }
}

#[test]
fn what_sentences_say_passes_both_gates() {
    let (_dir, folder) = folder(&text());
    for (at, claim) in TRUE.iter().enumerate() {
        let judged = judge(&folder, &proposal(&folder, at), true);
        assert_eq!(judged.verdict(), Verdict::Stands, "{}: {:?}", claim.0, judged.fallen);
    }
}

/// A wrong place, an altered wording or a foreign fingerprint, a thousand times: none is taken.
#[test]
fn of_a_thousand_spoilt_places_none_is_taken() {
    let (_dir, folder) = folder(&text());
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut by_kind = [0; 5];
    for _ in 0..1000 {
        let at = random.below(TRUE.len());
        let mut spoilt = proposal(&folder, at);
        let kind = random.below(5);
        match kind {
            0 => {
                let other = (at + 1 + random.below(TRUE.len() - 1)) % TRUE.len();
                spoilt.locator = format!("report:{}.1", other + 1);
            }
            1 => {
                let mut letters: Vec<char> = spoilt.wording.chars().collect();
                let place = random.below(letters.len());
                letters[place] = char::from(b'a' + u8::try_from(random.below(26)).expect("a letter"));
                let altered: String = letters.into_iter().collect();
                if dataset::says(TRUE[at].0, &altered) {
                    continue;
                }
                spoilt.wording = altered;
            }
            2 => {
                let mut letters: Vec<char> = spoilt.wording.chars().collect();
                letters.remove(random.below(letters.len()));
                let altered: String = letters.into_iter().collect();
                let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
                if words(&altered).iter().all(|word| word.is_empty() || words(TRUE[at].0).contains(word)) {
                    continue;
                }
                spoilt.wording = altered;
            }
            3 => {
                let print = u64::from_str_radix(&spoilt.fingerprint, 16).expect("a fingerprint");
                spoilt.fingerprint = format!("{:016x}", print ^ (1 << random.below(64)));
            }
            _ => spoilt.locator = format!("report:{}.{}", at + 1, 2 + random.below(9)),
        }
        by_kind[kind] += 1;
        let judged = judge(&folder, &spoilt, true);
        assert_eq!(judged.verdict(), Verdict::Refused, "{spoilt:?}");
        assert!(!judged.fallen.is_empty() && judged.claim.is_none());
    }
    assert!(by_kind.iter().all(|count| *count > 100), "{by_kind:?}");
}

/// A true sentence and a claim that it does not make: another body, another number or date, the ends changed over, a denial or a doubt
/// left out. None enters by itself.
#[test]
fn of_false_claims_from_true_sentences_none_enters_by_itself() {
    let (_dir, folder) = folder(&text());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut waits, mut refused) = (0, 0);
    let mut spoil = |false_claim: &Proposal| match judge(&folder, false_claim, true).verdict() {
        Verdict::Stands => panic!("{false_claim:?} was taken"),
        Verdict::Waits => waits += 1,
        Verdict::Refused => refused += 1,
    };
    for _ in 0..200 {
        let at = random.below(TRUE.len());
        let (sentence, [subject, _, object, ty], qualifiers, _, mode) = TRUE[at];
        let mut spoilt = proposal(&folder, at);
        match random.below(6) {
            // another body of the same kind, so that domain and range do not tell
            0 | 1 => {
                let kind = |id: &str| folder.entity(id).map(|entity| entity.kind.clone());
                let others: Vec<&str> =
                    BODIES.iter().map(|(id, ..)| *id).filter(|id| *id != subject && *id != object).collect();
                let others: Vec<&str> = others.into_iter().filter(|id| kind(id) == kind(subject)).collect();
                if others.is_empty() {
                    continue;
                }
                let other = others[random.below(others.len())];
                let named = folder.entity(other).expect("known").name.to_string();
                if sentence.contains(&named) {
                    continue;
                }
                spoilt.subject = other.into();
            }
            2 if ty == "quantity" => spoilt.object = format!("{} employees", 241 + random.below(1000)),
            2 | 3 if !qualifiers.is_empty() => {
                let (key, value) = qualifiers[random.below(qualifiers.len())];
                let year: u32 = value[..4].parse().expect("a year");
                let other = u32::try_from(1 + random.below(30)).expect("small");
                spoilt.qualifiers.insert(key.into(), Values::one(format!("{}{}", year + other, &value[4..])));
            }
            4 if !object.is_empty() && ty.is_empty() => std::mem::swap(&mut spoilt.subject, &mut spoilt.object),
            _ if !mode.is_empty() => spoilt.mode = String::new(),
            _ => spoilt.mode = ["denies", "hedges"][random.below(2)].into(),
        }
        spoil(&spoilt);
    }
    assert!(waits > 100, "{waits} wait, {refused} are refused");
}

#[test]
fn a_reference_is_taken_where_it_can_mean_one_body_only() {
    let text = "The Customs House was opened in 1961. On 1 July 1998 it was merged into the Port Authority.\n\
                The Customs House and the Lighthouse Board were neighbours. In 1999 it was merged into the Port Authority.\n";
    let (_dir, folder) = folder(text);
    let of = |locator: &str, date: &str, confidence: &str| {
        let (source, at) = folder.place("", locator).expect("a place");
        let mut proposal = proposal(&self::folder(&self::text()).1, 0);
        proposal.locator = locator.into();
        proposal.confidence = confidence.into();
        proposal.fingerprint = format!("{:016x}", folder.documents.fingerprint(&source, at).expect("a sentence"));
        proposal.qualifiers.insert("date".into(), Values::one(date));
        judge(&folder, &proposal, true)
    };
    assert_eq!(
        of("report:1.2", "1998-07-01", "E R").verdict(),
        Verdict::Stands,
        "{:?}",
        of("report:1.2", "1998-07-01", "E R").fallen
    );
    assert_eq!(of("report:1.2", "1998-07-01", "E").verdict(), Verdict::Waits, "not marked");
    let ambiguous = of("report:2.2", "1999", "E R");
    assert_eq!(ambiguous.verdict(), Verdict::Waits);
    assert!(ambiguous.fallen[0].what.contains("may mean"), "{:?}", ambiguous.fallen);
}

#[test]
fn a_fact_is_written_with_its_entity_its_fingerprint_and_small_lines() {
    let (dir, folder) = folder("The Mole Office was merged into the Port Authority in 2003.\n");
    let mut proposal = proposal(&self::folder(&text()).1, 0);
    (proposal.subject, proposal.subject_kind) = ("Mole Office".into(), "institution".into());
    proposal.qualifiers.insert("date".into(), Values::one("2003"));
    (proposal.fingerprint, proposal.made_by) = (String::new(), String::new());
    let judged = judge(&folder, &proposal, false);
    assert_eq!(judged.verdict(), Verdict::Stands, "{:?}", judged.fallen);
    let claim = judged.claim.expect("a claim");
    let mut adding = Adding::to(&folder);
    adding.claim(&folder, &claim).expect("added");
    let before = adding.before(&folder, &[&claim]).expect("sound");
    assert!(before.conflicts.is_empty() && before.same.is_empty(), "{before:?}");
    let lines = adding.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "entities.csv: + mole-office,institution,Mole Office,,,,");
    assert_eq!(lines[1], "aliases.csv: + mole-office,Mole Office,en,,preferred,report:1");
    assert!(lines[2].starts_with("mentions.csv: + M3,mole-office,merged-into,port-authority,"), "{}", lines[2]);
    let tables = |dir: &Path| {
        ["entities.csv", "aliases.csv", "mentions.csv"].map(|name| fs::read(dir.join(name)).expect("a table"))
    };
    let old = tables(dir.path());
    assert_eq!(adding.save("add M3").expect("saved").len(), 3);
    let data = dataset::open(dir.path()).expect("it passes");
    let documents = Documents::open(&data, &dir.path().join("texts"), &mut Vec::new()).expect("read");
    let last = data.mentions.last().expect("a mention");
    assert_eq!(documents.fingerprint(&last.source, last.at), Some(last.fingerprint));
    let again = judge(&opened(dir.path()), &proposal, false);
    assert_eq!(again.verdict(), Verdict::Refused, "the place says so already");
    dataset::undo(dir.path()).expect("taken back");
    assert_eq!(tables(dir.path()), old);
}

/// What contradicts is shown before it is saved.
#[test]
fn a_contradiction_is_shown_before_it_is_saved() {
    let (_dir, folder) = folder(
        "In 2010 the Harbour Office became the Port Authority.\nIn 2010 the Harbour Office became the Customs House.\n",
    );
    let mut adding = Adding::to(&folder);
    let mut claims = Vec::new();
    for (at, object) in [(1, "port-authority"), (2, "customs-house")] {
        let proposal = Proposal {
            subject: "Harbour Office".into(),
            relation: "transformed-into".into(),
            object: object.into(),
            locator: format!("report:{at}.1"),
            ..Proposal::default()
        };
        claims.push(judge(&folder, &proposal, false).claim.expect("a claim"));
        adding.claim(&folder, &claims[at - 1]).expect("added");
    }
    let before = adding.before(&folder, &claims.iter().collect::<Vec<_>>()).expect("sound");
    assert_eq!(before.conflicts.len(), 1, "{before:?}");
    assert!(before.conflicts[0].contains("Harbour Office transformed-into Port Authority"), "{before:?}");
}
