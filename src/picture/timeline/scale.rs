//! From days to places on the page, and the ticks that say so.

use crate::picture::font;
use crate::picture::model::Timeline;
use crate::picture::when::{day_of, month_start, year_start};
use crate::value::edtf::year_words;

/// The time axis: days to user units, true to scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    first: f64,
    last: f64,
    /// Width of the stretch between the first and the last day.
    pub(super) width: f64,
}

/// A mark on the axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) x: f64,
    pub(super) label: String,
}

/// Shorter spans are widened to this, so that a single date does not fill the page.
const SHORTEST: f64 = 120.0;

impl Scale {
    /// The scale that shows every date of the timeline in `width` user units; `None` when there is none.
    pub(super) fn of(timeline: &Timeline, width: f64) -> Option<Self> {
        if timeline.is_undated() {
            return None;
        }
        let bodies =
            timeline.bodies.iter().flat_map(|b| [&b.start, &b.end].into_iter().chain(b.events.iter().map(|e| &e.when)));
        let all = bodies.chain(timeline.links.iter().map(|l| &l.when)).filter_map(|w| w.bounds());
        let (mut first, mut last) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (lo, hi)| (a.min(lo), b.max(hi)));
        if let Some((_, hi)) = timeline.as_of.as_ref().and_then(|a| a.when.bounds()) {
            first = first.min(hi);
            last = last.max(hi);
        }
        let missing = (SHORTEST - (last - first)).max(0.0) / 2.0;
        Some(Self { first: first - missing, last: last + missing, width })
    }

    /// The place of a day.
    pub(super) fn x(&self, day: f64) -> f64 {
        (day - self.first) / (self.last - self.first).max(1.0) * self.width
    }

    /// The place of the last day.
    pub(super) fn end(&self) -> f64 {
        self.width
    }

    /// Ticks whose labels (at `size`) do not touch.
    pub(super) fn ticks(&self, size: f64) -> Vec<Tick> {
        let (from, to) = (day_of(self.first).year(), day_of(self.last).year());
        let room = |year: i64| font::width(&year_words(year), size, false) + 18.0;
        // the longest label is that of the year farthest from the year 1
        let year_room = room(from).max(room(to)).max(room(9999));
        let month_room = font::width("September 9999", size, false) + 18.0;
        let day = self.width / (self.last - self.first).max(1.0);
        for months in [1, 2, 3, 6] {
            if months as f64 * 28.0 * day >= month_room {
                return self.months(months);
            }
        }
        let tens = (0..10).map(|power| 10_i64.pow(power));
        let mut steps = tens.flat_map(|ten| [ten, 2 * ten, if ten > 1 { ten * 5 / 2 } else { 2 }, 5 * ten]);
        let step = steps.find(|step| *step as f64 * 365.0 * day >= year_room).unwrap_or(10_000_000_000);
        self.years(step)
    }

    fn years(&self, step: i64) -> Vec<Tick> {
        let (from, to) = (day_of(self.first).year(), day_of(self.last).year());
        let mut year = from.div_euclid(step) * step;
        let mut out = Vec::new();
        while year <= to.saturating_add(step) {
            // before the year 1 the round numbers are those of the names: 100 BC is the year -99
            let (named, label) = match year {
                1.. => (year, year.to_string()),
                _ => (year + 1, if year == 0 { "1".into() } else { format!("{} BC", -year) }),
            };
            self.tick(year_start(named), label, &mut out);
            year += step;
        }
        out
    }

    fn months(&self, step: i64) -> Vec<Tick> {
        const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (mut year, last) = (day_of(self.first).year(), day_of(self.last).year());
        let mut out = Vec::new();
        while year <= last {
            for (name, month) in NAMES.iter().zip(1..).filter(|(_, month)| (month - 1) % step == 0) {
                self.tick(month_start(year, month), format!("{name} {}", year_words(year)), &mut out);
            }
            year += 1;
        }
        out
    }

    fn tick(&self, day: f64, label: String, out: &mut Vec<Tick>) {
        if day >= self.first && day <= self.last {
            out.push(Tick { x: self.x(day), label });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::model::Body;
    use crate::picture::when::When;

    #[test]
    fn ticks_keep_apart_over_every_span() {
        for (from, to) in [
            ("2022-06-14", "2022-06-14"),
            ("2022", "2023"),
            ("1995", "2026"),
            ("0001", "9999"),
            ("-9999", "9999"),
            ("Y-17000", "2020"),
            ("Y-900000000", "Y900000000"),
        ] {
            let body = Body { start: When::parse(from), end: When::parse(to), ..Body::default() };
            let timeline = Timeline { bodies: vec![body], ..Timeline::default() };
            let scale = Scale::of(&timeline, 1000.0).expect("there are dates");
            let ticks = scale.ticks(11.0);
            assert!((2..40).contains(&ticks.len()), "{from} {to}: {}", ticks.len());
            for pair in ticks.windows(2) {
                assert!(pair[0].x + font::width(&pair[0].label, 11.0, false) < pair[1].x, "{from} {to}");
            }
        }
    }

    #[test]
    fn true_to_scale() {
        let body = Body { start: When::parse("2000"), end: When::parse("2019"), ..Body::default() };
        let scale = Scale::of(&Timeline { bodies: vec![body], ..Timeline::default() }, 1000.0).expect("dated");
        let decade = scale.x(year_start(2010)) - scale.x(year_start(2000));
        assert!((decade - 500.0).abs() < 0.5, "{decade}");
    }
}
