//! Evidence in a file: what is added travels by itself, what is stored is loaded when it is asked for, and everybody has the
//! same.

use std::sync::Arc;

use super::tests::{Random, folder, open};
use super::*;
use crate::provenance::{
    Confidence, Evidence, Locator, Mention, MentionId, NameUse, Place, Side, Source, SourceId, reserved,
};
use crate::value::{NodeRef, RelRef};

fn mention(n: u64, random: &mut Random) -> Mention {
    let place = Place { source: SourceId(random.below(3) as u32), at: Locator::sentence(n as u32 % 60, 1) };
    let mut qualifiers: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    if random.below(4) == 0 {
        qualifiers.push((reserved::MODE.into(), "denies".into()));
    }
    if random.below(3) == 0 {
        qualifiers.push((reserved::EVENT.into(), format!("E{}", n % 5).into()));
    }
    if random.below(12) == 0 {
        qualifiers.push((reserved::CORRECTS.into(), format!("F{}", random.below(100)).into()));
    }
    qualifiers.push(("wording".into(), format!("the words of {n}").into()));
    let (id, confidence) = (format!("F{n}").into(), Confidence::from_bits(1 + n as u8 % 3));
    Mention { id, place, confidence, fingerprint: n % 4, qualifiers: qualifiers.into() }
}

/// Adds something to the evidence of what lives, and now and then deletes it.
fn add(knowledge: &mut KnowledgeGraph, n: u64, random: &mut Random) {
    let KnowledgeGraph { graph, evidence, .. } = knowledge;
    let evidence = Arc::make_mut(evidence);
    evidence.record_changes(true);
    for _ in 0..1 + random.below(6) {
        let rel = RelRef::new(random.below(graph.rel_bound() as usize) as u32);
        let node = NodeRef::new(random.below(graph.node_bound() as usize) as u32);
        if !graph.rel_exists(rel) || !graph.node_exists(node) {
            continue;
        }
        let said = mention(n, random);
        let other = RelRef::new(random.below(graph.rel_bound() as usize) as u32);
        let held = match random.below(9) {
            0..=2 => evidence.add_mention(rel, said).is_some(),
            3 if graph.rel_exists(other) => evidence.add_either(&[rel, other], said).is_some(),
            4 => evidence.add_exists(node, said).is_some(),
            5 => {
                let side = [Side::Start, Side::End][random.below(2)];
                evidence.add_part(&format!("E{}", n % 3).into(), &"R".into(), side, node, said).is_some()
            }
            6 => evidence.add_place(node, said.place).is_some(),
            7 => {
                let name = format!("name {n}").into();
                evidence.add_name(node, NameUse { name, places: [said.place].into(), ..NameUse::default() }).is_some()
            }
            _ => {
                let (id, title) = (format!("{}", 1 + random.below(5)).into(), format!("{n}").into());
                evidence.add_source(Source { id, node: Some(node), title, ..Source::default() }).is_some()
            }
        };
        assert!(held);
        // what the same transaction deletes takes its evidence along, also what was just added
        match random.below(40) {
            0 => assert!(graph.delete_rel(rel)),
            1 => assert!(graph.delete_node(node, true).0),
            _ => {}
        }
    }
}

/// All that can be asked, with ids in place of slots, and without the ids of mentions.
fn told(knowledge: &KnowledgeGraph) -> Vec<String> {
    let KnowledgeGraph { graph, evidence, .. } = knowledge;
    let said = |id: &MentionId| {
        let mention = evidence.mention(*id).expect("its id is known");
        format!("{mention:?} {}", evidence.is_seen(mention, None))
    };
    let all = |ids: &[MentionId]| ids.iter().map(said).collect::<Vec<_>>();
    let sorted = |ids: &[MentionId]| {
        let mut all = all(ids);
        all.sort_unstable();
        all
    };
    let rel_id = |rel: &RelRef| graph.rel_id(*rel).0;
    let mut told: Vec<String> = Vec::new();
    told.extend(
        evidence.sources().iter().map(|s| format!("{} {} {:?}", s.id, s.title, s.node.map(|n| graph.node_id(n)))),
    );
    for (rel, own) in evidence.rels() {
        let (either, denials) = (sorted(evidence.either_of(rel)), all(evidence.denials_of(rel)));
        if !own.is_empty() || !either.is_empty() || !denials.is_empty() {
            told.push(format!("{} {:?} {either:?} {denials:?}", rel_id(&rel), all(own)));
        }
    }
    for node in evidence.nodes() {
        let (places, names) = (evidence.places_of(node), evidence.names_of(node));
        let mut events: Vec<_> =
            evidence.events_of(node).iter().map(|at| &evidence.events()[*at as usize].id).collect();
        events.sort_unstable();
        let exists = all(evidence.exists_of(node));
        told.push(format!("{} {places:?} {names:?} {exists:?} {events:?}", graph.node_id(node).0));
    }
    let mut events: Vec<String> = Vec::new();
    for event in evidence.events().iter().filter(|event| !event.members.is_empty()) {
        let mut members: Vec<_> = event
            .members
            .iter()
            .map(|m| format!("{:?} {:?} {}", m.side, graph.node_id(m.node), said(&m.mention)))
            .collect();
        members.sort_unstable();
        events.push(format!("{} {} {members:?}", event.id, event.relation));
    }
    events.sort_unstable();
    told.extend(events);
    told.extend(
        (0..5)
            .map(|n| format!("{:?}", evidence.rels_of_event(&format!("E{n}")).iter().map(rel_id).collect::<Vec<_>>())),
    );
    let counted = evidence.rels().map(|(_, own)| own.len()).sum::<usize>();
    assert_eq!(evidence.mention_count(), counted);
    told.push(format!("{counted} {} {}", evidence.has_withdrawn(), evidence.is_empty()));
    told
}

fn made(path: &Path, rels: usize) -> Opened {
    let mut writer = open(path);
    let mut work = writer.begin().expect("free");
    let ty = work.graph.ensure_type("R").expect("room");
    let nodes: Vec<_> = (0..150).map(|_| work.graph.create_node(&[], []).expect("room")).collect();
    for at in 0..rels {
        work.graph.create_rel(nodes[at % 150], nodes[(at * 7 + 1) % 150], ty, []).expect("both live");
    }
    let evidence = Arc::make_mut(&mut work.evidence);
    for id in ["1", "2", "3"] {
        evidence.add_source(Source { id: id.into(), node: Some(nodes[5]), ..Source::default() });
    }
    writer.commit(work, Beside::Whole).expect("room");
    writer
}

/// Who wrote it, who follows, who opens the file: with images in between, written by either, that keep parts of the one
/// before or not; and a version that is held from before them.
#[test]
fn evidence_is_the_same_for_everybody() {
    let mut kept_some = 0;
    for seed in 0..6 {
        let folder = folder();
        let path = folder.path().join("s");
        let mut random = Random(seed + 1);
        let mut handles = [made(&path, 200), open(&path)];
        let mut reader = open(&path);
        let mut held = Vec::new();
        for n in 0..120 {
            let writer = &mut handles[random.below(2)];
            let mut work = writer.begin().expect("free");
            add(&mut work, n, &mut random);
            writer.commit(work, Beside::Added).expect("room");
            if random.below(8) == 0 {
                let before = writer.knowledge.evidence.stored_chunks();
                writer.checkpoint();
                kept_some += usize::from(before > 0 && writer.knowledge.evidence.stored_chunks() > before);
            }
            let wanted = told(&writer.knowledge);
            assert!(writer.knowledge.evidence.changes().is_none(), "a version that is published keeps none");
            if random.below(3) == 0 {
                reader.refresh();
                assert_eq!(told(&reader.knowledge), wanted, "{seed} {n}: another follows");
            }
            if random.below(9) == 0 {
                let again = open(&path);
                if random.below(2) == 0 {
                    assert_eq!(told(&again.knowledge), wanted, "{seed} {n}: opened again");
                    assert_eq!(again.check(), Vec::<String>::new());
                } else if held.len() < 3 {
                    held.push((again, wanted)); // nothing of it is loaded
                }
            }
        }
        for (held, wanted) in held {
            assert_eq!(told(&held.knowledge), wanted, "{seed}: held");
            assert!(held.knowledge.failure().is_none());
        }
        let whole = beside::write(&handles[0].knowledge).len() as i64;
        let sql = "SELECT max(length(data)) FROM log WHERE seq > 1 AND seq < 1000000";
        let longest: Option<i64> = handles[0].store.conn.query_row(sql, [], |row| row.get(0)).expect("readable");
        assert!(longest.unwrap_or(0) * 4 < whole, "{longest:?} of {whole}");
    }
    assert!(kept_some > 5, "{kept_some}");
}

/// An image of before has all of it in the part `beside`.
#[test]
fn an_image_with_its_evidence_in_one_piece_is_read_and_the_next_one_has_it_in_parts() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(9);
    let mut writer = made(&path, 200);
    for n in 0..40 {
        let mut work = writer.begin().expect("free");
        add(&mut work, n, &mut random);
        writer.commit(work, Beside::Added).expect("room");
    }
    writer.checkpoint();
    let wanted = told(&writer.knowledge);
    let whole = beside::write(&writer.knowledge);
    let head = Head::read(&writer.store.conn).expect("readable");
    let mut parts = PartWriter::new(&writer.store.conn, head).expect("whole");
    for name in parts::names(&writer.store.conn).expect("readable") {
        let of_evidence = ["evidence", "events", "mentions.", "said.", "known."].iter().any(|of| name.starts_with(of));
        match &*name {
            BESIDE => parts.put(BESIDE, &whole).expect("room"),
            _ if of_evidence => {}
            _ => parts.keep(&name).expect("there"),
        }
    }
    parts.finish().and_then(|head| head.write(&writer.store.conn)).expect("room");
    drop(writer);

    let mut old = open(&path);
    assert_eq!((told(&old.knowledge), old.knowledge.evidence.stored_chunks()), (wanted.clone(), 0));
    old.checkpoint();
    let new = open(&path);
    assert!(new.knowledge.evidence.stored_chunks() > 3);
    assert_eq!(told(&new.knowledge), wanted);
    assert_eq!(new.check(), Vec::<String>::new());
}

/// Guarded by counting: what is asked of one fact loads the pages of that fact.
#[test]
fn a_question_loads_what_it_asks_for() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(3);
    let mut writer = made(&path, 600);
    let mut work = writer.begin().expect("free");
    let evidence = Arc::make_mut(&mut work.evidence);
    for n in 0..1_800 {
        evidence.add_mention(RelRef::new(n as u32 % 600), mention(n, &mut random)).expect("room");
    }
    evidence.add_place(NodeRef::new(3), Place { source: SourceId(0), at: Locator::paragraph(1) }).expect("known");
    let counted = work.evidence.mention_count();
    writer.commit(work, Beside::Whole).expect("room");
    writer.checkpoint();
    let in_memory = |evidence: &Evidence| evidence.chunks_in_memory();

    let opened = open(&path);
    let evidence = &opened.knowledge.evidence;
    assert_eq!((evidence.mention_count(), evidence.is_empty(), in_memory(evidence)), (counted, false, 0));
    assert!(!evidence.knows_node(NodeRef::new(4)) && in_memory(evidence) == 1);
    let said = |rel: u32| evidence.mentions_of(RelRef::new(rel)).count() + evidence.denials_of(RelRef::new(rel)).len();
    assert!(said(70) > 0);
    assert!(in_memory(evidence) <= 3, "{}", in_memory(evidence));
    let copy = evidence.clone();
    assert!(said(71) > 0 && in_memory(&copy) == in_memory(evidence), "copies share what is loaded");
    assert!(copy.mentions_of(RelRef::new(500)).count() + copy.denials_of(RelRef::new(500)).len() > 0);
    assert_eq!(in_memory(&copy), in_memory(evidence), "in both directions");
    assert_eq!(evidence.rels().count(), 600);
    assert!(in_memory(evidence) > 10 && evidence.failure().is_none());
}

/// A part that does not hold what it should is an error, never silence.
#[test]
fn a_part_of_the_evidence_that_is_damaged_is_told() {
    let folder = folder();
    let path = folder.path().join("s");
    let mut random = Random(5);
    let mut writer = made(&path, 300);
    let mut work = writer.begin().expect("free");
    let evidence = Arc::make_mut(&mut work.evidence);
    for n in 0..900 {
        evidence.add_mention(RelRef::new(n as u32 % 300), mention(n, &mut random)).expect("room");
    }
    writer.commit(work, Beside::Whole).expect("room");
    writer.checkpoint();
    drop(writer);
    let names = parts::names(&open(&path).store.conn).expect("readable");
    let of_evidence: Vec<_> = names.into_iter().filter(|name| name.contains('.') && !name.starts_with("out")).collect();
    assert!(of_evidence.len() > 8, "{of_evidence:?}");
    for (at, name) in of_evidence.iter().enumerate() {
        let bad = folder.path().join(format!("bad{at}"));
        Store::create(&bad, &open(&path).knowledge).expect("room");
        let opened = open(&bad);
        let head = Head::read(&opened.store.conn).expect("readable");
        let mut parts = PartWriter::new(&opened.store.conn, head).expect("whole");
        for known in parts::names(&opened.store.conn).expect("readable") {
            if known != *name {
                parts.keep(&known).expect("there");
                continue;
            }
            let mut bytes = parts::read(&opened.store.conn, &head, name, 0).expect("readable").expect("there");
            // sound checksums, and in it what does not fit the rest
            match random.below(3) {
                0 => bytes.truncate(bytes.len() / 2),
                1 => bytes.push(0),
                _ => bytes[0] = 0xff,
            }
            parts.put(name, &bytes).expect("room");
        }
        parts.finish().and_then(|head| head.write(&opened.store.conn)).expect("room");
        drop(opened);
        let opened = open(&bad);
        assert!(opened.knowledge.failure().is_none(), "nothing was asked for yet");
        assert!(opened.check().iter().any(|line| line.contains(&**name)), "{name}: {:?}", opened.check());
        assert_eq!(opened.knowledge.failure().expect("told").code(), Code::StoreDamaged);
    }
}
