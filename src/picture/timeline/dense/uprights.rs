//! The lines of a dense chart: acts of one date that share a side are one upright, which stands at the date.

use std::collections::{BTreeMap, BTreeSet};

use super::count;

/// A link with the place of its date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated {
    pub(super) link: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) x: f64,
}

/// Acts that are one line: all that leave bring forth all that arrive.
#[derive(Clone, Debug)]
pub(super) struct Upright {
    /// The place of the date: where lines leave and land.
    pub(super) x: f64,
    /// Where the line runs: beside, where another runs at the date.
    pub(super) aside: f64,
    pub(super) links: Vec<usize>,
    pub(super) leaves: Vec<usize>,
    pub(super) arrives: Vec<usize>,
    pub(super) top: usize,
    pub(super) bottom: usize,
}

/// Two uprights that pass the same row keep so far apart.
const APART: f64 = 1.8;

/// The uprights of all links, from left to right.
pub(super) fn uprights(links: &[Dated], row_of: &[usize]) -> Vec<Upright> {
    let place = |x: f64| (x * 2.0).round() as i64;
    let mut into: BTreeMap<(i64, usize), Vec<Dated>> = BTreeMap::new();
    for link in links {
        into.entry((place(link.x), link.to)).or_default().push(*link);
    }
    // what leaves the same bodies at the same date is one act: no pair is drawn that nobody states
    let mut same: BTreeMap<(i64, Vec<usize>), Vec<Dated>> = BTreeMap::new();
    for ((x, _), mut links) in into {
        links.sort_by_key(|link| (link.from, link.link));
        let mut from: Vec<usize> = links.iter().map(|link| link.from).collect();
        from.dedup();
        same.entry((x, from)).or_default().extend(links);
    }
    let whole = |((_, leaves), links): ((i64, Vec<usize>), Vec<Dated>)| {
        let mut arrives: Vec<usize> = links.iter().map(|link| link.to).collect();
        arrives.sort_unstable();
        arrives.dedup();
        let rows = || leaves.iter().chain(&arrives).map(|body| row_of[*body]);
        let (top, bottom) = (rows().min().unwrap_or(0), rows().max().unwrap_or(0));
        let x = links.first().map_or(0.0, |link| link.x);
        let links = links.iter().map(|link| link.link).collect();
        Upright { x, aside: x, links, leaves, arrives, top, bottom }
    };
    let mut all: Vec<Upright> = same.into_iter().map(whole).collect();
    all.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.top.cmp(&b.top)).then(a.links.cmp(&b.links)));
    keep_apart(&mut all);
    all
}

/// Where two would run over each other, one runs beside its date; it leaves and lands at the date all the same.
fn keep_apart(uprights: &mut [Upright]) {
    let mut taken = Taken::default();
    for upright in uprights {
        let beside = |step: i32| upright.x + f64::from(if step % 2 == 0 { step / 2 } else { -(step + 1) / 2 }) * APART;
        let free = |x: &f64| taken.is_free(*x, upright.top, upright.bottom);
        // left, then right, a little farther each time
        let aside = (0..24).map(beside).find(free).unwrap_or(upright.x);
        upright.aside = aside;
        taken.take(aside, upright.top, upright.bottom);
    }
}

/// Uprights by their place: of each stretch of [`APART`] those in it, which no two rows share.
#[derive(Default)]
struct Taken(BTreeMap<(i64, usize), (usize, f64)>);

impl Taken {
    fn is_free(&self, x: f64, top: usize, bottom: usize) -> bool {
        let stretch = (x / APART).floor() as i64;
        (stretch - 1..=stretch + 1).all(|stretch| {
            count();
            // they follow each other downwards: what stands before one that ends above us does so too
            let before = self.0.range((stretch, 0)..(stretch, bottom)).rev().take_while(|(_, (end, _))| *end > top);
            before.into_iter().all(|(_, (_, place))| (place - x).abs() >= APART - 0.01)
        })
    }

    fn take(&mut self, x: f64, top: usize, bottom: usize) {
        self.0.insert(((x / APART).floor() as i64, top), (bottom, x));
    }
}

/// Where uprights pass the texts of the rows, row by row from the top. The text of a row stands over its bars: a line that
/// ends at a row from above passes its text, one that begins there does not.
pub(super) struct Passing {
    /// The places that begin to be passed at each row, and those that end.
    begin: Vec<Vec<Place>>,
    end: Vec<Vec<Place>>,
    active: BTreeSet<Place>,
    row: usize,
}

/// A place in hundredths, and of which upright.
type Place = (i64, usize);

impl Passing {
    pub(super) fn new(uprights: &[Upright], rows: usize) -> Self {
        let (mut begin, mut end) = (vec![Vec::new(); rows + 2], vec![Vec::new(); rows + 2]);
        for (at, upright) in uprights.iter().enumerate() {
            let wide = upright.aside - upright.x;
            // the way from its date to where it runs is passed, too
            let steps = (wide.abs() / APART).ceil() as usize;
            for step in 0..=steps {
                let x = upright.x + if steps > 0 { wide * step as f64 / steps as f64 } else { 0.0 };
                begin[upright.top + 1].push((hundredths(x), at));
                end[upright.bottom + 1].push((hundredths(x), at));
            }
        }
        Self { begin, end, active: BTreeSet::new(), row: 0 }
    }

    /// Goes on to a row.
    pub(super) fn go_to(&mut self, row: usize) {
        while self.row < row {
            self.row += 1;
            for place in std::mem::take(&mut self.end[self.row]) {
                count();
                self.active.remove(&place);
            }
            for place in std::mem::take(&mut self.begin[self.row]) {
                count();
                self.active.insert(place);
            }
        }
    }

    /// The last place between `a` and `b` where a line passes over the text of this row.
    pub(super) fn last_over(&self, a: f64, b: f64) -> Option<f64> {
        count();
        let mut found = self.active.range((hundredths(a), 0)..=(hundredths(b), usize::MAX));
        found.next_back().map(|(x, _)| *x as f64 / 100.0)
    }
}

fn hundredths(x: f64) -> i64 {
    (x * 100.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dated(link: usize, from: usize, to: usize, x: f64) -> Dated {
        Dated { link, from, to, x }
    }

    #[test]
    fn acts_of_one_date_and_successor_are_one_upright() {
        let links = [dated(0, 1, 0, 5.0), dated(1, 2, 0, 5.0), dated(2, 3, 0, 9.0)];
        let all = uprights(&links, &[3, 0, 1, 2]);
        assert_eq!(
            all.iter().map(|u| (u.links.clone(), u.top, u.bottom)).collect::<Vec<_>>(),
            [(vec![0, 1], 0, 3), (vec![2], 2, 3)]
        );
        // two by two: one act; what leaves others is another
        let links = [dated(0, 0, 2, 5.0), dated(1, 0, 3, 5.0), dated(2, 1, 2, 5.0), dated(3, 1, 3, 5.0)];
        assert_eq!(uprights(&links, &[0, 1, 2, 3]).len(), 1);
        assert_eq!(uprights(&links[..3], &[0, 1, 2, 3]).len(), 2);
    }

    #[test]
    fn uprights_that_pass_the_same_row_keep_apart() {
        let links = [dated(0, 0, 4, 5.0), dated(1, 1, 3, 5.0), dated(2, 2, 5, 6.0), dated(3, 6, 7, 5.0)];
        let all = uprights(&links, &[0, 1, 2, 3, 4, 5, 6, 7]);
        for (at, one) in all.iter().enumerate() {
            for other in &all[at + 1..] {
                let meet = one.top < other.bottom && other.top < one.bottom;
                assert!(!meet || (one.aside - other.aside).abs() >= APART - 0.01, "{one:?} {other:?}");
            }
        }
        assert_eq!(all.iter().filter(|u| u.aside != u.x).count(), 2);
        let mut passing = Passing::new(&all, 8);
        passing.go_to(6);
        assert_eq!(passing.last_over(0.0, 20.0), None);
        passing.go_to(7);
        assert_eq!(passing.last_over(0.0, 20.0), Some(5.0));
    }
}
