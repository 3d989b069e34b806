//! `add`: one fact, written down with the sentence that says it.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};

use serde_json::json;

use super::args::{AddArgs, AddForm, WhatArgs};
use super::terminal::Desk;
use super::verify::line;
use super::{Done, Failure, Outcome};
use crate::authoring::{Adding, Before, Claim, Fallen, Folder, Gate, Judged, Proposal, Values, Verdict, judge};
use crate::dataset;
use crate::error::{Error, nearest};
use crate::io::safe::visible;

/// Runs the command.
pub(super) fn run(args: AddArgs, desk: &mut Desk) -> Outcome {
    if args.undo {
        let (what, files) = dataset::undo(&args.dir)?;
        writeln!(desk.out(), "{}", visible(&format!("taken back: {what} ({})", files.join(", "))))?;
        return Ok(Done::Well);
    }
    let (folder, problems) = Folder::open(&args.dir, args.sources.as_deref())?;
    problems.iter().for_each(|problem| desk.note(&format!("warning: {problem}")));
    let mut proposal = proposal(&args)?;
    let asks = !args.no_input && args.format == AddForm::Text && std::io::stdin().is_terminal() && desk.terminal;
    if asks {
        complete(&folder, &mut proposal, desk)?;
    } else {
        missing(&proposal)?;
    }
    let judged = judge(&folder, &proposal, false);
    let Some(claim) = &judged.claim else { return Err(refused(&judged, args.format, desk)?) };
    let mut adding = Adding::to(&folder);
    adding.claim(&folder, claim)?;
    let before = adding.before(&folder, &[claim])?;
    let waits = judged.verdict() == Verdict::Waits && !args.confirm;
    if args.format == AddForm::Text {
        show(&folder, &judged, claim, &adding, &before, desk)?;
    }
    if waits && !(asks && yes("it says so all the same: write it?", desk)?) {
        return Err(unconfirmed(&judged, &adding, args.format, desk)?);
    }
    if asks && !waits && !args.dry_run && !yes("write it?", desk)? {
        desk.note("nothing was written");
        return Ok(Done::Well);
    }
    let id = adding.ids.join(", ");
    let what = format!("add {id}: {} {} {}", proposal.subject, proposal.relation, proposal.object);
    let files = if args.dry_run { Vec::new() } else { adding.save(what.trim())? };
    if args.format == AddForm::Json {
        told(&judged, &adding, &before, &files, desk)?;
    } else if args.dry_run {
        desk.note("nothing was written (--dry-run)");
    } else {
        writeln!(desk.out(), "{}", visible(&format!("written: {id} ({})", files.join(", "))))?;
    }
    Ok(Done::Well)
}

/// What was typed as a proposal. Errors: a qualifier without a value.
fn proposal(args: &AddArgs) -> Result<Proposal, Failure> {
    let WhatArgs { date, start, end, during, through, with, .. } = &args.what;
    let mut qualifiers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in [("date", date), ("start", start), ("end", end), ("during", during), ("through", through)] {
        if let Some(value) = value {
            qualifiers.entry(key.to_owned()).or_default().push(value.clone());
        }
    }
    for pair in with {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Failure::Usage(format!("--with {pair}: a qualifier is KEY=VALUE")));
        };
        qualifiers.entry(key.trim().to_owned()).or_default().push(value.trim().to_owned());
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let what = &args.what;
    let mode = match (what.denies, what.hedges, &what.reports) {
        (true, ..) => "denies",
        (_, true, _) => "hedges",
        (.., Some(_)) => "reports",
        _ => "",
    };
    let object_type = match (what.quantity, what.on_date, what.text) {
        (true, ..) => "quantity",
        (_, true, _) => "date",
        (.., true) => "text",
        _ => "",
    };
    Ok(Proposal {
        id: text(&what.id),
        subject: text(&args.subject),
        relation: text(&args.relation),
        object: text(&args.object),
        object_type: object_type.to_owned(),
        qualifiers: qualifiers.into_iter().map(|(key, values)| (key, Values::several(values))).collect(),
        locator: text(&args.at),
        wording: text(&what.wording),
        confidence: what.confidence.clone(),
        mode: mode.to_owned(),
        by: text(&what.reports),
        as_named: text(&what.as_named),
        identified: text(&what.identified),
        event: text(&what.event),
        corrects: text(&what.corrects),
        note: text(&what.note),
        subject_kind: text(&what.subject_kind),
        object_kind: text(&what.object_kind),
        ..Proposal::default()
    })
}

/// Errors: something is missing that a script must say.
fn missing(proposal: &Proposal) -> Result<(), Failure> {
    let needed = [("SUBJECT", &proposal.subject), ("RELATION", &proposal.relation), ("--at PLACE", &proposal.locator)];
    let lacks: Vec<&str> = needed.iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| *name).collect();
    match lacks.is_empty() || lacks == ["SUBJECT"] && !proposal.event.is_empty() {
        true => Ok(()),
        false => Err(Failure::Usage(format!("missing: {} (see `shejire add --help`)", lacks.join(", ")))),
    }
}

/// Asks for what is missing.
fn complete(folder: &Folder, proposal: &mut Proposal, desk: &mut Desk) -> Result<(), Failure> {
    if proposal.locator.is_empty() {
        proposal.locator = ask("place (document:paragraph.sentence)", desk)?;
    }
    let (source, at) = folder.place(&proposal.source, &proposal.locator)?;
    let offer = crate::authoring::offer(folder, &source, at);
    if let Some(offer) = &offer {
        writeln!(desk.out(), "  {}", visible(&offer.sentence))?;
        let named: Vec<String> = offer.named.iter().flat_map(|one| &one.who).map(|id| folder.shown(id)).collect();
        let relations: Vec<&str> = offer.relations.iter().map(|(id, _)| &**id).collect();
        let dates: Vec<&str> = offer.dates.iter().map(|date| date.edtf.as_str()).collect();
        for (what, said) in
            [("names", named.join(", ")), ("relations", relations.join(", ")), ("dates", dates.join(", "))]
        {
            if !said.is_empty() {
                writeln!(desk.out(), "  {what}: {}", visible(&said))?;
            }
        }
    }
    if proposal.subject.is_empty() && proposal.event.is_empty() {
        proposal.subject = ask("subject (an id or a name)", desk)?;
    }
    new_one(folder, &proposal.subject, &mut proposal.subject_kind, desk)?;
    while proposal.relation.is_empty() {
        let said = ask("relation", desk)?;
        if folder.relation(&said).is_some() || said == "exists" {
            proposal.relation = said;
        } else if let Some(near) = nearest(&said, folder.dataset.relations.iter().map(|r| &*r.id)) {
            desk.note(&format!("there is no relation {said:?}; did you mean {near:?}?"));
        } else {
            let all: Vec<&str> = folder.dataset.relations.iter().map(|relation| &*relation.id).collect();
            desk.note(&format!("there is no relation {said:?}; there are {}", all.join(", ")));
        }
    }
    if proposal.object.is_empty() && proposal.relation != "exists" && proposal.event.is_empty() {
        proposal.object = ask("object (an id or a name)", desk)?;
    }
    if proposal.object_type.is_empty() {
        new_one(folder, &proposal.object, &mut proposal.object_kind, desk)?;
    }
    if proposal.qualifiers.is_empty() && offer.is_some_and(|offer| !offer.dates.is_empty()) {
        let key = if proposal.relation == "exists" { "start" } else { "date" };
        let date = ask(&format!("{key} (EDTF; Enter for none)"), desk)?;
        if !date.is_empty() {
            proposal.qualifiers.insert(key.to_owned(), Values::one(date));
        }
    }
    Ok(())
}

/// Asks for the kind of what nothing has the name of.
fn new_one(folder: &Folder, name: &str, kind: &mut String, desk: &mut Desk) -> Result<(), Failure> {
    if name.is_empty() || !kind.is_empty() || !folder.who(name).is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = folder.dataset.kinds.iter().map(|kind| &*kind.id).collect();
    *kind = ask(&format!("nothing is called {name:?}: its kind, to make it ({})", kinds.join(", ")), desk)?;
    Ok(())
}

/// The answer to a question. Errors: the input ends.
fn ask(question: &str, desk: &mut Desk) -> Result<String, Failure> {
    write!(desk.out(), "{}: ", visible(question))?;
    desk.flush()?;
    let mut answer = String::new();
    if std::io::stdin().lock().read_line(&mut answer)? == 0 {
        return Err(Failure::Usage("the input ended before everything was said; nothing was written".to_owned()));
    }
    Ok(answer.trim().to_owned())
}

fn yes(question: &str, desk: &mut Desk) -> Result<bool, Failure> {
    Ok(matches!(ask(&format!("{question} [y/N]"), desk)?.to_lowercase().as_str(), "y" | "yes"))
}

/// The row as it will be cited, and what there is to know before it is saved.
fn show(
    folder: &Folder,
    judged: &Judged,
    claim: &Claim,
    adding: &Adding,
    before: &Before,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let mention = &claim.mention;
    let name = |id: &str| match claim.new.iter().find(|entity| *entity.id == *id) {
        Some(new) => format!("{} (new, {})", new.name, new.kind),
        None => folder.entity(id).map_or_else(|| id.to_owned(), |entity| entity.name.to_string()),
    };
    let object = match &mention.object {
        dataset::Object::Entity(id) => name(id),
        literal => literal.text().to_owned(),
    };
    let fact = format!("{} {} {object}", name(&mention.subject), mention.relation);
    writeln!(desk.out(), "{}  [{}:{}]", visible(fact.trim()), mention.source, mention.at)?;
    writeln!(desk.out(), "  {:?}", visible(&judged.sentence))?;
    for line in adding.lines() {
        writeln!(desk.out(), "  {}", visible(&line))?;
    }
    for same in &before.same {
        writeln!(desk.out(), "  another place: {}", visible(same))?;
    }
    for conflict in &before.conflicts {
        writeln!(desk.out(), "  conflict: {}", visible(conflict))?;
    }
    for problem in &before.problems {
        writeln!(desk.out(), "  {}", line(problem))?;
    }
    desk.flush()?;
    judged.fallen.iter().for_each(|fallen| desk.note(&fell(fallen)));
    Ok(())
}

pub(super) fn fell(fallen: &Fallen) -> String {
    let hint = if fallen.hint.is_empty() { String::new() } else { format!(" ({})", fallen.hint) };
    let mark = if fallen.gate == Gate::Place { "error" } else { "not seen" };
    visible(&format!("{mark}: {}{hint}", fallen.what)).into_owned()
}

/// The failure of a proposal that gate (a) does not let through.
fn refused(judged: &Judged, form: AddForm, desk: &mut Desk) -> Result<Failure, Failure> {
    if form == AddForm::Json {
        writeln!(desk.out(), "{}", object(judged))?;
    } else {
        judged.fallen.iter().filter(|fallen| fallen.gate == Gate::Place).for_each(|fallen| desk.say(&fell(fallen)));
    }
    Ok(Failure::Problems)
}

/// The failure of one that waits for a person, and nobody has said that she has read it.
fn unconfirmed(judged: &Judged, adding: &Adding, form: AddForm, desk: &mut Desk) -> Result<Failure, Failure> {
    if form == AddForm::Json {
        told(judged, adding, &Before::default(), &[], desk)?;
        return Ok(Failure::Problems);
    }
    Ok(Error::data("nothing was written: the sentence is not seen to say it")
        .hint("read it; if it does say so, say it with --confirm, or let the tables know its words and names")
        .into())
}

/// What programs are told of a proposal.
pub(super) fn object(judged: &Judged) -> serde_json::Value {
    let fallen: Vec<_> = judged
        .fallen
        .iter()
        .map(|fallen| json!({ "gate": fallen.gate.name(), "what": fallen.what, "hint": fallen.hint }))
        .collect();
    json!({ "verdict": judged.verdict().name(), "fell": fallen, "sentence": judged.sentence })
}

fn told(judged: &Judged, adding: &Adding, before: &Before, files: &[String], desk: &mut Desk) -> Result<(), Failure> {
    let mut out = object(judged);
    out["id"] = adding.ids.join(", ").into();
    out["lines"] = adding.lines().into();
    out["written"] = files.into();
    out["conflicts"] = before.conflicts.clone().into();
    out["same"] = before.same.clone().into();
    out["problems"] = before.problems.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    writeln!(desk.out(), "{out}")?;
    Ok(())
}
