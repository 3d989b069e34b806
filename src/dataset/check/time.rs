//! What cannot be in time: acts outside lives, successors before their predecessors, bodies that end twice, one
//! source with two dates for one act.
//!
//! ```text
//!  entities.csv  start ──────── end            ▼ the act lies outside
//!  mentions.csv         created ──── abolished     renamed
//! ```
//!
//! Only what is so for every reading of the dates is reported, with a day's grace: what an act of a day ends has
//! its last day then or the day before, what it begins its first then or the day after. Each wrong date is told
//! once: an act that is outside a life is asked nothing more, and where a successor ended before its predecessor
//! began, the acts that this explains are not told again.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::mentions::event;
use super::{Cell, Context};
use crate::dataset::problem::shown;
use crate::dataset::record::{EXISTS, GroupKey, MentionRecord, Object, Relation};
use crate::provenance::{Mode, Role, reserved};
use crate::value::edtf::{About, Edtf};
use crate::value::hash::{DataMap, DataSet};

/// The dates of an act, the one that counts first.
const ACT: [&str; 3] = ["effective", "date", "adopted"];

pub(super) fn check(context: &mut Context<'_>) {
    let meta = &context.data.meta;
    let about = About::parse(&meta.about).unwrap_or_default();
    let mut times = Times { known: DataMap::default(), about, unknown: &meta.unknown };
    let lives = lives(context, &mut times);
    let dated: Vec<Dated<'_>> =
        context.data.mentions.iter().filter_map(|m| Dated::of(m, context, &mut times)).collect();
    let explained = successors(context, &lives);
    let mut wrong: DataSet<u32> = DataSet::default();
    for act in &dated {
        if outside_frame(context, act, &lives, &explained) {
            wrong.insert(act.mention.row);
        }
    }
    let mut boundaries: DataMap<&str, Boundaries<'_>> = DataMap::default();
    let mut bodies = Vec::new();
    for act in dated.iter().filter(|act| !wrong.contains(&act.mention.row)) {
        for (body, kind, (text, reach)) in act.marks() {
            let life = boundaries.entry(body).or_insert_with(|| {
                bodies.push(body);
                Boundaries::default()
            });
            life.all.push(Boundary { kind, reach, text, mention: act.mention });
        }
    }
    for body in bodies {
        let Some(life) = boundaries.get_mut(body) else { continue };
        life.sort();
        life.disputed = ends_twice(context, body, life);
    }
    for act in &dated {
        if act.marks().is_empty() && !wrong.contains(&act.mention.row) && outside_acts(context, act, &boundaries) {
            wrong.insert(act.mention.row);
        }
    }
    two_dates(context, &dated, &wrong);
}

/// The first and the last day that a date can concern, as numbers of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reach {
    first: i64,
    last: i64,
}

impl Reach {
    /// Whether it lies before `other` for every reading, and not on the day before.
    fn well_before(self, other: Self) -> bool {
        self.last.saturating_add(1) < other.first
    }
}

/// Dates read so far: most stand in many rows.
struct Times<'a> {
    known: DataMap<&'a str, Option<Reach>>,
    /// How far `~` reaches.
    about: About,
    /// What stands for "not known" everywhere.
    unknown: &'a [Arc<str>],
}

impl<'a> Times<'a> {
    fn read(&mut self, text: &'a str) -> Option<Reach> {
        // a register's word for "not stated" is reported as that, and is no time
        if text.is_empty() || super::voices::is_sentinel(text) || self.unknown.iter().any(|word| **word == *text) {
            return None;
        }
        let about = self.about;
        *self.known.entry(text).or_insert_with(|| {
            let date = Edtf::parse_about(text, about).ok()?;
            let reach = Reach {
                first: date.earliest().map_or(i64::MIN, |day| day.days),
                last: date.latest().map_or(i64::MAX, |day| day.days),
            };
            (reach.first > i64::MIN || reach.last < i64::MAX).then_some(reach)
        })
    }
}

/// The life that a row of entities.csv states.
struct Life<'a> {
    start: Option<Reach>,
    end: Option<Reach>,
    texts: [&'a str; 2],
}

fn lives<'a>(context: &Context<'a>, times: &mut Times<'a>) -> DataMap<&'a str, Life<'a>> {
    let mut out = DataMap::default();
    for entity in &context.data.entities {
        let (start, end) = (times.read(&entity.start), times.read(&entity.end));
        // an end before the start is reported already, and says nothing about other rows
        let wrong = start.zip(end).is_some_and(|(start, end)| end.last < start.first);
        if !wrong && (start.is_some() || end.is_some()) {
            out.insert(&*entity.id, Life { start, end, texts: [&entity.start, &entity.end] });
        }
    }
    out
}

/// A mention with a time.
struct Dated<'a> {
    mention: &'a MentionRecord,
    /// Of an act its date, of a state its start and its end.
    when: SmallVec<[(&'a str, Reach); 2]>,
    /// Under which key the date of an act stands.
    key: Option<&'static str>,
    /// What is declared; nothing for `exists`.
    relation: Option<&'a Relation>,
}

impl<'a> Dated<'a> {
    fn of(mention: &'a MentionRecord, context: &Context<'a>, times: &mut Times<'a>) -> Option<Self> {
        let exists = &*mention.relation == EXISTS;
        let relation = context.relations.get(&*mention.relation).copied();
        if relation.is_none() && !exists
            || mention.qualifier(reserved::MODE).and_then(Mode::parse) == Some(Mode::Denies)
        {
            return None;
        }
        let unknown: &[Arc<str>] = context.sources.get(&*mention.source).map_or(&[], |source| &source.unknown);
        let mut stated = |key: &str| {
            let text = mention.qualifier(key).filter(|text| !unknown.iter().any(|word| **word == **text))?;
            Some((text, times.read(text)?))
        };
        let act = ACT.iter().find_map(|key| Some((*key, stated(key)?)));
        let (key, when) = match act {
            Some((key, date)) => (Some(key), smallvec![date]),
            None => (None, ["start", "end", "during"].iter().filter_map(|key| stated(key)).collect()),
        };
        (!when.is_empty()).then_some(Self { mention, when, key, relation })
    }

    fn role(&self) -> Option<Role> {
        Role::parse(&self.relation?.role)
    }

    /// The bodies that must have been there. That of `exists` is what the dates are of.
    fn bodies(&self) -> impl Iterator<Item = &'a str> {
        let object = match &self.mention.object {
            Object::Entity(id) if *id != self.mention.subject => Some(&**id),
            _ => None,
        };
        let bodies = [Some(&*self.mention.subject), object].into_iter().flatten();
        bodies.filter(|id| !id.is_empty() && self.relation.is_some())
    }

    /// The boundaries of lives that it makes, each with its time.
    fn marks(&self) -> Vec<(&'a str, Mark, (&'a str, Reach))> {
        let mention = self.mention;
        let Some(relation) = self.relation else {
            let stated = |key| {
                let text = mention.qualifier(key)?;
                self.when.iter().find(|(when, _)| *when == text).copied()
            };
            let start = stated("start").map(|when| (&*mention.subject, Mark::Creation, when));
            return start.into_iter().chain(stated("end").map(|when| (&*mention.subject, Mark::End, when))).collect();
        };
        let (Some(when), Some(_)) = (self.when.first().copied(), self.key) else { return Vec::new() };
        let object = if let Object::Entity(id) = &mention.object { Some(&**id) } else { None };
        let subject = Some(&*mention.subject).filter(|id| !id.is_empty());
        let (befallen, other) = if &*relation.side == "subject" { (subject, object) } else { (object, subject) };
        let declared = |key: &str, cell: &'a Arc<str>| mention.qualifier(key).unwrap_or(cell);
        let ends = || declared("predecessor", &relation.predecessor) == "ends";
        let begins = || declared("successor", &relation.successor) == "new";
        let marks = match Role::parse(&relation.role) {
            Some(Role::Creation) => vec![(befallen, Mark::Creation)],
            Some(Role::Restoration) => vec![(befallen, Mark::Restoration)],
            Some(Role::Ending) => vec![(befallen, Mark::End)],
            Some(Role::Succession) => [(befallen, Mark::Creation, begins()), (other, Mark::End, ends())]
                .into_iter()
                .filter_map(|(body, mark, is)| is.then_some((body, mark)))
                .collect(),
            _ => Vec::new(),
        };
        marks.into_iter().filter_map(|(body, mark)| Some((body?, mark, when))).collect()
    }

    /// The dates as written.
    fn text(&self) -> String {
        self.when.iter().map(|(text, _)| shown(text)).collect::<Vec<_>>().join(" to ")
    }
}

/// Successions whose successor ended before the predecessor began, and bodies that become themselves. Gives the
/// bounds of lives that are in question for it: (body, whether its end).
fn successors<'a>(context: &mut Context<'a>, lives: &DataMap<&'a str, Life<'a>>) -> DataSet<(&'a str, bool)> {
    let mut questioned = DataSet::default();
    let mut told: DataSet<(&str, &str)> = DataSet::default();
    for mention in &context.data.mentions {
        let Some(relation) = context.relations.get(&*mention.relation) else { continue };
        let Object::Entity(object) = &mention.object else { continue };
        if Role::parse(&relation.role) != Some(Role::Succession) {
            continue;
        }
        let at = |column| Cell { file: "mentions.csv", row: mention.row, column };
        if mention.subject == *object {
            let message = format!("`{}` becomes itself", shown(object));
            let hint = "name the body that follows; for a change of the same body use a relation of the role `change`";
            context.note(at("object"), "a body becomes itself", message, hint);
            continue;
        }
        let pair: (&str, &str) =
            if &*relation.side == "subject" { (object, &mention.subject) } else { (&mention.subject, object) };
        let (Some(before), Some(after)) = (lives.get(pair.0), lives.get(pair.1)) else { continue };
        let (Some(began), Some(ended)) = (before.start, after.end) else { continue };
        if ended.well_before(began) {
            questioned.extend([(pair.0, false), (pair.1, true)]);
            if told.insert(pair) {
                let message = format!(
                    "the successor `{}` ended in {}, before its predecessor `{}` began in {}",
                    shown(pair.1),
                    shown(after.texts[1]),
                    shown(pair.0),
                    shown(before.texts[0])
                );
                let hint = "subject and object may be turned round, or one of the dates in entities.csv is wrong";
                context.note(at("object"), "a successor ended before its predecessor began", message, hint);
            }
        }
    }
    questioned
}

const OUTSIDE: &str = "an act or a state outside the life of a body";

/// Whether a mention lies outside a life of entities.csv; reported when it does.
fn outside_frame<'a>(
    context: &mut Context<'a>,
    act: &Dated<'a>,
    lives: &DataMap<&'a str, Life<'a>>,
    explained: &DataSet<(&'a str, bool)>,
) -> bool {
    let mut bounds: Vec<(&str, bool)> = Vec::new();
    let mut fits_one = false;
    for body in act.bodies() {
        let Some(life) = lives.get(body) else { continue };
        let early = life.start.is_some_and(|start| act.when.iter().any(|(_, when)| when.well_before(start)));
        let late = life.end.is_some_and(|end| act.when.iter().any(|(_, when)| end.well_before(*when)));
        fits_one |= !early && !late;
        bounds.extend(early.then_some((body, false)));
        bounds.extend(late.then_some((body, true)));
    }
    if bounds.is_empty() {
        return false;
    }
    let succession = act.role() == Some(Role::Succession);
    if bounds.iter().all(|bound| explained.contains(bound)) && (fits_one || !succession) {
        return true;
    }
    bounds.dedup_by_key(|(body, _)| *body);
    let of = |(body, _): &(&'a str, bool)| {
        let or = |text: &str| if text.is_empty() { "not stated".to_owned() } else { shown(text) };
        lives.get(body).map(|life| format!("`{}` has {} to {}", shown(body), or(life.texts[0]), or(life.texts[1])))
    };
    let lives: Vec<String> = bounds.iter().filter_map(of).collect();
    outside(context, act, &lives.join(", and "));
    true
}

fn outside(context: &mut Context<'_>, act: &Dated<'_>, lives: &str) {
    let at = Cell { file: "mentions.csv", row: act.mention.row, column: "qualifiers" };
    let message = format!("this is of {}, and {lives}", act.text());
    context.note(at, OUTSIDE, message, "one of the dates is wrong, or another body is meant");
}

/// What an act does to a life; in the order of acts of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Creation,
    End,
    Restoration,
}

/// One end of a life, and who states it.
#[derive(Clone, Copy)]
struct Boundary<'a> {
    kind: Mark,
    reach: Reach,
    text: &'a str,
    mention: &'a MentionRecord,
}

/// The boundaries of one life.
#[derive(Default)]
struct Boundaries<'a> {
    all: Vec<Boundary<'a>>,
    /// The ends by their last day.
    ends: Vec<Boundary<'a>>,
    /// The begins by their first day, each with the latest day of it and those before it.
    begins: Vec<(i64, i64)>,
    /// Whether it ends twice: then it is not known which acts lie outside.
    disputed: bool,
}

impl<'a> Boundaries<'a> {
    fn sort(&mut self) {
        let id = |b: &Boundary<'a>| &*b.mention.id;
        self.all.sort_by(|a, b| (a.reach, a.kind, id(a)).cmp(&(b.reach, b.kind, id(b))));
        self.ends = self.all.iter().filter(|b| b.kind == Mark::End).copied().collect();
        self.ends.sort_by(|a, b| (a.reach.last, a.reach.first, id(a)).cmp(&(b.reach.last, b.reach.first, id(b))));
        let mut latest = i64::MIN;
        for begin in self.all.iter().filter(|b| b.kind != Mark::End) {
            latest = latest.max(begin.reach.last);
            self.begins.push((begin.reach.first, latest));
        }
    }

    /// Whether a begin can lie between two times.
    fn begin_between(&self, after: Reach, before: Reach) -> bool {
        let until = self.begins.partition_point(|(first, _)| *first <= before.last.saturating_add(1));
        until.checked_sub(1).and_then(|at| self.begins.get(at)).is_some_and(|(_, latest)| *latest >= after.first)
    }

    /// The last end that lies before a time for every reading.
    fn end_before(&self, time: Reach) -> Option<Boundary<'a>> {
        let until = self.ends.partition_point(|end| end.reach.well_before(time));
        until.checked_sub(1).and_then(|at| self.ends.get(at)).copied()
    }
}

/// Reports a body that ends twice by different facts without beginning again between; whether it does.
fn ends_twice(context: &mut Context<'_>, body: &str, boundaries: &Boundaries<'_>) -> bool {
    let mut found = false;
    for end in &boundaries.ends {
        let Some(first) = boundaries.end_before(end.reach) else { continue };
        let repeats = context.relations.get(&*end.mention.relation).is_some_and(|relation| &*relation.repeats == "yes");
        let one_fact = first.mention.key() == end.mention.key() && event(first.mention) == event(end.mention);
        if one_fact && !repeats || boundaries.begin_between(first.reach, end.reach) {
            continue;
        }
        let at = Cell { file: "mentions.csv", row: end.mention.row, column: "qualifiers" };
        let message = format!(
            "`{}` ends in {} (row {}) and in {}, and nothing says that it began again",
            shown(body),
            shown(first.text),
            first.mention.row,
            shown(end.text)
        );
        let hint = "one of the dates is wrong, or the act by which it began again is missing";
        context.note(at, "a body ends twice without beginning again", message, hint);
        found = true;
    }
    found
}

/// Whether an act lies outside the lives that other acts make; reported when it does.
fn outside_acts(context: &mut Context<'_>, act: &Dated<'_>, boundaries: &DataMap<&str, Boundaries<'_>>) -> bool {
    for body in act.bodies() {
        let Some(life) = boundaries.get(body).filter(|life| !life.disputed) else { continue };
        for (_, when) in &act.when {
            let ended = life.end_before(*when).filter(|end| !life.begin_between(end.reach, *when));
            // nothing may say that it was there before: neither an end nor a restoration
            let first = life.all.iter().find(|b| b.kind != Mark::Creation || !when.well_before(b.reach));
            let created = life.all.first().filter(|_| first.is_none());
            if let Some(other) = ended.or(created.copied()) {
                let what = if other.kind == Mark::End { "ended" } else { "was created" };
                let (body, text, row) = (shown(body), shown(other.text), other.mention.row);
                outside(context, act, &format!("`{body}` {what} in {text} (row {row})"));
                return true;
            }
        }
    }
    false
}

/// Reports an act to which one source gives dates that exclude each other, unless they are told apart by `event`.
fn two_dates(context: &mut Context<'_>, dated: &[Dated<'_>], wrong: &DataSet<u32>) {
    type Act<'a> = (GroupKey<'a>, &'a str, &'a str, &'a str);
    let mut acts: DataMap<Act<'_>, [&Dated<'_>; 2]> = DataMap::default();
    let mut order = Vec::new();
    for act in dated.iter().filter(|act| !wrong.contains(&act.mention.row)) {
        let Some((key, relation)) = act.key.zip(act.relation) else { continue };
        if !relation.repeats.is_empty() {
            continue;
        }
        let name = (act.mention.key(), &*act.mention.source, key, event(act.mention));
        // of all dates the one that is over first and the one that begins last: if any two exclude each other, these do
        let ends = acts.entry(name).or_insert_with(|| {
            order.push(name);
            [act; 2]
        });
        if reach(act).last < reach(ends[0]).last {
            ends[0] = act;
        }
        if reach(act).first > reach(ends[1]).first {
            ends[1] = act;
        }
    }
    for name in order {
        let [first, second] = acts[&name];
        if reach(first).last >= reach(second).first {
            continue;
        }
        let (early, late) = if first.mention.row < second.mention.row { (first, second) } else { (second, first) };
        let at = Cell { file: "mentions.csv", row: late.mention.row, column: "qualifiers" };
        let (source, earlier, row) = (shown(name.1), early.text(), early.mention.row);
        let message = format!("`{source}` dates this act to {}, and to {earlier} in row {row}", late.text());
        let hint = "one is wrong; or it happened twice: name the occurrences in `event`, or declare `repeats`";
        context.note(at, "one source with two dates for one act", message, hint);
    }
}

fn reach(act: &Dated<'_>) -> Reach {
    act.when.first().map_or(Reach { first: i64::MIN, last: i64::MAX }, |(_, reach)| *reach)
}
