//! How long each bar is, and what its two ends look like.
//!
//! An end that is stated is drawn where it is stated: sharp for a day, fading over the stretch it may lie in otherwise.
//! An end that is not stated is torn: the bar goes a fixed bit beyond what is known and says nothing more. A succession
//! that is dated ends the predecessor and begins the successor when their own dates are not stated.

use super::order::Order;
use super::scale::Scale;
use crate::picture::model::{Link, Timeline};
use crate::picture::signs::End;
use crate::picture::when::When;

/// The stretch of a body on the page, left end at `x0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) x0: f64,
    pub(super) x1: f64,
    pub(super) start: End,
    pub(super) end: End,
    /// Nothing is known of its dates: it stands where the succession puts it.
    pub(super) by_order: bool,
}

/// How far a torn bar goes beyond what is known, where there is room.
pub(super) const TORN: f64 = 46.0;
/// Bars are never shorter, so that they can be seen.
const SHORTEST: f64 = 8.0;
/// The length of a bar that stands by order in a dated picture.
const BY_ORDER: f64 = 96.0;

/// Kinds of succession after which the predecessor is no more.
fn ends_the_predecessor(link: &Link) -> bool {
    !link.moves_function() && !link.continues && !["followed-by", "part-of", "split-off"].contains(&link.class())
}

/// The bars of all bodies; `torn` is how far a torn one goes beyond what is known.
pub(super) fn bars(timeline: &Timeline, order: &Order, scale: Option<Scale>, width: f64, torn: f64) -> Vec<Bar> {
    match scale {
        Some(scale) => by_time(timeline, order, scale, torn),
        None => by_steps(timeline, order, width),
    }
}

/// Without any date: equal bars in columns, one a step of the succession.
fn by_steps(timeline: &Timeline, order: &Order, width: f64) -> Vec<Bar> {
    let columns = order.depth.iter().max().map_or(1, |d| d + 1) as f64;
    let column = (width / columns).clamp(40.0, 300.0);
    let gap = (column * 0.16).clamp(14.0, 30.0);
    let bar = |body: usize| {
        let x0 = order.depth[body] as f64 * column;
        let end = if timeline.bodies[body].end == When::Open { End::Arrow } else { End::Torn };
        Bar { x0, x1: x0 + column - gap, start: End::Torn, end, by_order: false }
    };
    (0..timeline.bodies.len()).map(bar).collect()
}

fn by_time(timeline: &Timeline, order: &Order, scale: Scale, torn: f64) -> Vec<Bar> {
    let now = timeline.as_of.as_ref().and_then(|a| a.when.bounds()).map_or(scale.end(), |(_, hi)| scale.x(hi));
    let known = moments(timeline);
    let mut bars: Vec<Option<Bar>> =
        (0..timeline.bodies.len()).map(|b| dated(timeline, b, &known[b], scale, (now, torn))).collect();
    place_by_order(order, &mut bars, now);
    bars.into_iter()
        .map(|b| b.unwrap_or(Bar { x0: 0.0, x1: BY_ORDER, start: End::Torn, end: End::Torn, by_order: true }))
        .collect()
}

/// What is known of each body's time from the acts it takes part in.
#[derive(Clone, Default)]
struct Moments {
    start: Option<(f64, f64)>,
    end: Option<(f64, f64)>,
    first: Option<f64>,
    last: Option<f64>,
}

impl Moments {
    fn see(&mut self, (lo, hi): (f64, f64)) {
        self.first = Some(self.first.map_or(lo, |f| f.min(lo)));
        self.last = Some(self.last.map_or(hi, |l| l.max(hi)));
    }
}

fn moments(timeline: &Timeline) -> Vec<Moments> {
    let mut all = vec![Moments::default(); timeline.bodies.len()];
    for (body, known) in timeline.bodies.iter().zip(&mut all) {
        let events = body.events.iter().map(|e| &e.when);
        [&body.start, &body.end].into_iter().chain(events).filter_map(|w| w.bounds()).for_each(|m| known.see(m));
    }
    for link in &timeline.links {
        let Some(act) = link.when.bounds() else { continue };
        all[link.from].see(act);
        all[link.to].see(act);
        if ends_the_predecessor(link) {
            let end = &mut all[link.from].end;
            *end = Some(end.filter(|e| e.1 >= act.1).unwrap_or(act));
        }
        if !link.moves_function() && !link.existing {
            let start = &mut all[link.to].start;
            *start = Some(start.filter(|s| s.0 <= act.0).unwrap_or(act));
        }
    }
    all
}

fn dated(timeline: &Timeline, body: usize, known: &Moments, scale: Scale, (now, torn): (f64, f64)) -> Option<Bar> {
    let stated = &timeline.bodies[body];
    let open = stated.end == When::Open;
    // a day is as sharp as it gets, however wide the scale makes it
    let soft = |lo: f64, hi: f64| match scale.x(hi) - scale.x(lo) {
        wide if hi - lo > 1.5 && wide > 4.0 => End::Soft(wide),
        _ => End::Sharp,
    };
    let both = |(lo, hi): (f64, f64)| (Some(lo), Some(hi));
    let start = stated.start.limits().or(known.start.map(both));
    let end = stated.end.limits().or(known.end.filter(|_| !open).map(both));
    let (first, last) = (known.first?, known.last?);
    let (x0, left) = match start {
        Some((Some(lo), Some(hi))) => (scale.x(lo), soft(lo, hi)),
        // it began then or later: nobody says how much
        Some((Some(lo), None)) => (scale.x(lo), End::Soft(torn)),
        Some((None, Some(hi))) => (scale.x(hi) - torn, End::Torn),
        Some((None, None)) | None => (scale.x(first) - torn, End::Torn),
    };
    let (x1, right) = match end {
        Some((Some(lo), Some(hi))) => (scale.x(hi), soft(lo, hi)),
        Some((None, Some(hi))) => (scale.x(hi), End::Soft(torn)),
        Some((Some(lo), None)) => (scale.x(lo) + torn, End::Torn),
        None if open => (now.max(scale.x(last)), End::Arrow),
        Some((None, None)) | None => (scale.x(last) + torn, End::Torn),
    };
    Some(Bar { x0, x1: x1.max(x0 + SHORTEST), start: left, end: right, by_order: false })
}

/// Bodies of which no date is known at all stand after their predecessors and before their successors.
fn place_by_order(order: &Order, bars: &mut [Option<Bar>], now: f64) {
    if bars.iter().all(Option::is_some) {
        return;
    }
    let set = |x0: f64| Some(Bar { x0, x1: x0 + BY_ORDER, start: End::Torn, end: End::Torn, by_order: true });
    let (mut before, mut after) = (vec![Vec::new(); bars.len()], vec![Vec::new(); bars.len()]);
    for &(from, to) in &order.successions {
        before[to].push(from);
        after[from].push(to);
    }
    let rows: Vec<usize> = order.rows().collect();
    // twice: a body may learn its place from a successor that stands further down
    for _ in 0..2 {
        for &body in rows.iter().rev() {
            if bars[body].is_some() {
                continue;
            }
            let next = after[body].iter().filter_map(|t: &usize| bars[*t]);
            if let Some(next) = next.map(|b| b.x0).min_by(f64::total_cmp) {
                bars[body] = set(next - BY_ORDER - 14.0);
            }
        }
        for &body in &rows {
            if bars[body].is_some() {
                continue;
            }
            let previous = before[body].iter().filter_map(|f: &usize| bars[*f]);
            if let Some(previous) = previous.max_by(|a, b| a.x1.total_cmp(&b.x1)) {
                let x0 = if previous.x1 >= now { (previous.x0 + 40.0).max(now - BY_ORDER) } else { previous.x1 + 14.0 };
                bars[body] = set(x0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::model::Body;
    use crate::picture::timeline::order::order;

    fn draw(bodies: Vec<Body>, links: Vec<Link>) -> Vec<Bar> {
        let timeline = Timeline { bodies, links, ..Timeline::default() };
        bars(&timeline, &order(&timeline), Scale::of(&timeline, 1000.0), 1000.0, TORN)
    }

    fn body(start: &str, end: &str) -> Body {
        Body { start: When::parse(start), end: When::parse(end), ..Body::default() }
    }

    #[test]
    fn ends_say_what_is_known() {
        let bars = draw(vec![body("2001-03-01", "2010"), body("", ".."), body("2010", "")], vec![]);
        assert_eq!(bars[0].start, End::Sharp);
        assert!(matches!(bars[0].end, End::Soft(_)));
        assert_eq!((bars[2].end, bars[1].by_order), (End::Torn, true));
    }

    #[test]
    fn a_side_without_limit_is_drawn_as_such() {
        let bars = draw(
            vec![body("[..1943]", "1950-01-01"), body("1900-01-01", "[1984..]"), body("[1901,1905]", "..")],
            vec![],
        );
        assert_eq!((bars[0].start, bars[1].end), (End::Torn, End::Torn));
        assert!(matches!(bars[2].start, End::Soft(_)));
        assert!(bars[2].x0 < bars[0].x1 && bars[0].x1 < bars[1].x1);
    }

    #[test]
    fn a_dated_act_ends_and_begins() {
        let link = Link {
            from: 0,
            to: 1,
            kind: "transformed-into".into(),
            when: When::parse("2022-06-14"),
            ..Link::default()
        };
        let bars = draw(vec![body("2019", ""), body("", "..")], vec![link]);
        assert_eq!((bars[0].end, bars[1].start), (End::Sharp, End::Sharp));
        assert!((bars[0].x1 - bars[1].x0).abs() < 1.0);
    }

    #[test]
    fn a_function_that_moves_ends_nobody() {
        let link = Link { from: 0, to: 1, kind: "transferred-to".into(), when: When::parse("2022"), ..Link::default() };
        let bars = draw(vec![body("2001", ""), body("2003", "")], vec![link]);
        assert_eq!((bars[0].end, bars[1].end), (End::Torn, End::Torn));
        assert!(bars[0].x1 > bars[1].x0);
    }

    #[test]
    fn without_dates_steps_become_columns() {
        let links = vec![Link { from: 0, to: 1, ..Link::default() }];
        let bars = draw(vec![body("", ""), body("last year", "")], links);
        assert!(bars[0].x1 < bars[1].x0);
    }
}
