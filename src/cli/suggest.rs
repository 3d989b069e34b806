//! `suggest`: what sentences offer to be written down, and proposals of programs before the two gates.

use std::io::Read;

use super::args::SuggestArgs;
use super::terminal::Desk;
use super::{Done, Failure, Outcome, files, open, query};
use crate::authoring::{Adding, Claim, Folder, Judged, Offer, Proposal, Verdict, judge, offer, unlinked};
use crate::engine::Rows;
use crate::error::{Error, Result};
use crate::io::answer::{self, Form};
use crate::io::safe::visible;
use crate::provenance::Locator;
use crate::value::Value;

/// Most bytes of proposals.
const LARGEST: u64 = 256 << 20;

/// Runs the command.
pub(super) fn run(args: SuggestArgs, desk: &mut Desk) -> Outcome {
    let (folder, problems) = Folder::open(&args.dir, args.sources.as_deref())?;
    problems.iter().for_each(|problem| desk.note(&format!("warning: {problem}")));
    if args.jsonl.is_some() {
        return proposals(&folder, &args, desk);
    }
    let places = places(&folder, &args.places)?;
    if args.unlinked {
        let mut documents: Vec<&str> = places.iter().map(|(source, _)| source.as_str()).collect();
        documents.dedup();
        let rows =
            documents.iter().flat_map(|source| unlinked(&folder, source).into_iter().map(move |one| (*source, one)));
        let rows = rows.map(|(source, one)| {
            let count = Value::Int(i64::try_from(one.count).unwrap_or(i64::MAX));
            vec![source.into(), one.name.into(), count, one.places.join(", ").into()]
        });
        query::print(&answer::made(&["source", "name", "sentences", "places"], rows.collect()), &args.output, desk)?;
        return Ok(Done::Well);
    }
    let offers: Vec<Offer> = places.iter().filter_map(|(source, at)| offer(&folder, source, *at)).collect();
    match args.output.form() {
        Form::Table => offers.iter().try_for_each(|offer| told(&folder, offer, desk))?,
        _ => query::print(&table(&folder, &offers, args.output.for_programs())?, &args.output, desk)?,
    }
    Ok(Done::Well)
}

/// The sentences that are meant. Errors: a document or a place is not there.
fn places(folder: &Folder, named: &[String]) -> Result<Vec<(String, Locator)>> {
    let of_document = |source: &str| -> Vec<(String, Locator)> {
        let document = folder.documents.get(source);
        document.into_iter().flat_map(|document| document.numbered().map(|(at, ..)| (source.to_owned(), at))).collect()
    };
    if named.is_empty() {
        return Ok(folder.dataset.sources.iter().flat_map(|source| of_document(&source.id)).collect());
    }
    let mut out = Vec::new();
    for name in named {
        let (source, place) =
            name.split_once(':').map_or((name.as_str(), None), |(source, place)| (source, Locator::parse(place)));
        match place {
            Some(at) if at.first == 0 => {
                let all: Vec<_> =
                    of_document(source).into_iter().filter(|(_, own)| own.paragraph == at.paragraph).collect();
                if all.is_empty() {
                    folder.place(source, &format!("{}.1", at.paragraph))?;
                }
                out.extend(all);
            }
            Some(_) => {
                let (source, at) = folder.place("", name)?;
                out.push((source.to_string(), at));
            }
            None if !name.contains(':') => {
                // a document that is not there is named by its first sentence
                folder.place(source, "1.1")?;
                out.extend(of_document(source));
            }
            None => return Err(Error::data(format!("`{name}` is no place")).hint("as in report, report:3, report:3.2")),
        }
    }
    Ok(out)
}

/// A sentence with what it offers, for a person. Sentences that offer nothing are passed over where several are listed.
fn told(folder: &Folder, offer: &Offer, desk: &mut Desk) -> std::io::Result<()> {
    writeln!(desk.out(), "{}:{}  {}", offer.source, offer.at, visible(&offer.sentence))?;
    for (what, said) in lists(folder, offer) {
        if !said.is_empty() {
            writeln!(desk.out(), "    {what}: {}", visible(&said.join("; ")))?;
        }
    }
    Ok(())
}

fn lists(folder: &Folder, offer: &Offer) -> [(&'static str, Vec<String>); 5] {
    let named = offer.named.iter().map(|one| {
        let who: Vec<String> = one.who.iter().map(|id| folder.shown(id)).collect();
        let text = &offer.sentence[one.at.clone()];
        let who = who.join(" or ");
        if who.starts_with(&format!("{text} (")) { who } else { format!("{text} = {who}") }
    });
    let mut named: Vec<String> = named.collect();
    named.dedup();
    [
        ("names", named),
        ("relations", offer.relations.iter().map(|(id, words)| format!("{id} ({words})")).collect()),
        ("dates", offer.dates.iter().map(|date| date.edtf.clone()).collect()),
        ("numbers", offer.numbers.iter().map(|one| offer.sentence[one.at.clone()].to_owned()).collect()),
        ("not known", offer.unlinked.clone()),
    ]
}

fn table(folder: &Folder, offers: &[Offer], for_programs: bool) -> Result<Rows> {
    let mut rows = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut row = vec![format!("{}:{}", offer.source, offer.at).into(), offer.sentence.as_str().into()];
        if for_programs {
            row.push(format!("{:016x}", offer.fingerprint).into());
            let text = |text: &str| Value::str(text);
            row.push(Value::list(offer.named.iter().map(|one| text(&offer.sentence[one.at.clone()])).collect())?);
            let who = offer.named.iter().map(|one| Value::list(one.who.iter().map(|id| text(id)).collect()));
            row.push(Value::list(who.collect::<Result<_>>()?)?);
            row.push(Value::list(offer.relations.iter().map(|(id, _)| text(id)).collect())?);
            row.push(Value::list(offer.dates.iter().map(|date| text(&date.edtf)).collect())?);
            row.push(Value::list(offer.numbers.iter().map(|one| Value::Float(one.number)).collect())?);
            row.push(Value::list(offer.unlinked.iter().map(|name| text(name)).collect())?);
        } else {
            row.extend(lists(folder, offer).into_iter().map(|(_, said)| Value::from(said.join("; "))));
        }
        rows.push(row);
    }
    let columns: &[&str] = match for_programs {
        true => &["place", "sentence", "fingerprint", "names", "who", "relations", "dates", "numbers", "unlinked"],
        false => &["place", "sentence", "names", "relations", "dates", "numbers", "unlinked"],
    };
    Ok(answer::made(columns, rows))
}

/// A proposal as it came, and what was found.
struct Line<'t> {
    number: usize,
    text: &'t str,
    proposal: Proposal,
    judged: Judged,
}

/// Puts proposals before the gates, and writes those that may enter when that is asked for.
fn proposals(folder: &Folder, args: &SuggestArgs, desk: &mut Desk) -> Outcome {
    let text = match args.jsonl.as_deref() {
        Some(file) if file.as_os_str() != "-" => open::small(file, LARGEST)?,
        _ => {
            let mut text = String::new();
            std::io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)?;
            if text.len() as u64 > LARGEST {
                let error = Error::data(format!("there are more than {LARGEST} bytes of proposals"));
                return Err(error.hint("give them in several calls").into());
            }
            text
        }
    };
    let mut judged: Vec<Line<'_>> = Vec::new();
    let mut accepted: Vec<Claim> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let read: std::result::Result<Proposal, _> = serde_json::from_str(line);
        let mut proposal = read.map_err(|why| {
            Error::data(format!("line {number}, column {}: {why}", why.column()))
                .hint("`shejire suggest --help` shows a proposal")
        })?;
        if let Some(by) = &args.by {
            proposal.made_by.clone_from(by);
        }
        if args.write && proposal.made_by.trim().is_empty() {
            return Err(Failure::Usage(
                "--write needs --by NAME: a program's rows say which program made them".to_owned(),
            ));
        }
        let mut one = judge(folder, &proposal, true);
        let claim = one.claim.take();
        if let (Verdict::Stands, Some(claim)) = (one.verdict(), claim) {
            match accepted.iter().any(|known| twice(known, &claim)) {
                true => one.refuse("another line of these proposals says so from the same place"),
                false => accepted.push(claim),
            }
        }
        judged.push(Line { number, text: line, proposal, judged: one });
    }
    let of = |verdict: Verdict| judged.iter().filter(|line| line.judged.verdict() == verdict).count();
    let counts = [Verdict::Stands, Verdict::Waits, Verdict::Refused].map(of);
    query::print(&answers(&judged), &args.output, desk)?;
    desk.flush()?;
    if args.write && !accepted.is_empty() {
        let mut adding = Adding::to(folder);
        accepted.iter().try_for_each(|claim| adding.claim(folder, claim))?;
        let all: Vec<&Claim> = accepted.iter().collect();
        let before = adding.before(folder, &all)?;
        before.conflicts.iter().for_each(|conflict| desk.note(&visible(&format!("conflict: {conflict}"))));
        let by = args.by.as_deref().unwrap_or("programs");
        let files = adding.save(&format!("suggest: {} of {by}", query::counted(accepted.len(), "mention")))?;
        desk.note(&format!("written: {} ({})", query::counted(accepted.len(), "mention"), files.join(", ")));
    }
    if let Some(file) = &args.waiting {
        let waiting = judged.iter().filter(|line| line.judged.verdict() == Verdict::Waits);
        files::stream(file, |to| Ok(waiting.map(|line| line.text).try_for_each(|text| writeln!(to, "{text}"))?))?;
    }
    desk.note(&format!("{} accepted, {} wait for a person, {} refused", counts[0], counts[1], counts[2]));
    Ok(Done::Well)
}

fn twice(known: &Claim, claim: &Claim) -> bool {
    let (a, b) = (&known.mention, &claim.mention);
    a.source == b.source && a.at == b.at && a.is_of_group(b)
}

/// What became of each proposal, a row each.
fn answers(all: &[Line<'_>]) -> Rows {
    let rows = all.iter().map(|Line { number, proposal, judged, .. }| {
        let claim = format!("{} {} {}", proposal.subject, proposal.relation, proposal.object);
        let fell: Vec<String> =
            judged.fallen.iter().map(|fallen| format!("({}) {}", fallen.gate.name(), fallen.what)).collect();
        vec![
            Value::Int(i64::try_from(*number).unwrap_or(i64::MAX)),
            judged.verdict().name().into(),
            claim.trim().to_owned().into(),
            proposal.locator.as_str().into(),
            Value::from(fell.join("; ")),
        ]
    });
    answer::made(&["line", "verdict", "claim", "place", "fell"], rows.collect())
}
