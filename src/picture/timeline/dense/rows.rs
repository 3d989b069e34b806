//! Rows that several bodies share when they do not meet: each is taken over one stretch, and grows at its ends.

use super::count;
use super::forest::Hung;

/// Half of the room that a line takes.
const LINE: f64 = 3.0;

/// The stretches that rows are taken over, as a tree: of each part the greatest left end and the smallest right end, so
/// that the next row with room is found in the depth of the tree. What was taken of all rows of a part stands there.
pub(super) struct Rows {
    size: usize,
    ends: Vec<(f64, f64)>,
    whole: Vec<(f64, f64)>,
}

const FREE: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

fn with(one: (f64, f64), other: (f64, f64)) -> (f64, f64) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// A part of the tree: its number and its rows.
type Part = (usize, usize, usize);

fn halves((node, low, high): Part) -> (Part, Part) {
    let middle = (low + high) / 2;
    ((node * 2, low, middle), (node * 2 + 1, middle, high))
}

impl Rows {
    /// So many free rows.
    pub(super) fn new(rows: usize) -> Self {
        let size = rows.next_power_of_two();
        Self { size, ends: vec![FREE; size * 2], whole: vec![FREE; size * 2] }
    }

    /// The stretch that a row is taken over by itself.
    fn stretch(&self, row: usize) -> (f64, f64) {
        self.ends.get(self.size + row).copied().unwrap_or(FREE)
    }

    /// Takes more of a row.
    pub(super) fn take(&mut self, row: usize, stretch: (f64, f64)) {
        self.take_all((1, 0, self.size), (row, row + 1), stretch);
    }

    /// Takes more of each row from one to before another.
    pub(super) fn take_rows(&mut self, rows: (usize, usize), stretch: (f64, f64)) {
        if rows.0 < rows.1 {
            self.take_all((1, 0, self.size), rows, stretch);
        }
    }

    fn take_all(&mut self, part: Part, rows: (usize, usize), stretch: (f64, f64)) {
        count();
        let (node, low, high) = part;
        if rows.0 >= high || rows.1 <= low {
            return;
        }
        if rows.0 <= low && high <= rows.1 {
            self.ends[node] = with(self.ends[node], stretch);
            self.whole[node] = with(self.whole[node], stretch);
            return;
        }
        let (one, other) = halves(part);
        self.take_all(one, rows, stretch);
        self.take_all(other, rows, stretch);
        let (one, other) = (self.ends[one.0], self.ends[other.0]);
        self.ends[node] = with((one.0.max(other.0), one.1.min(other.1)), self.whole[node]);
    }

    /// The first row from `from` on with room for a stretch; with `up` the last one until there.
    pub(super) fn fit(&self, from: usize, up: bool, wanted: (f64, f64)) -> Option<usize> {
        self.search((1, 0, self.size), from, up, wanted, FREE)
    }

    fn search(&self, part: Part, from: usize, up: bool, wanted: (f64, f64), above: (f64, f64)) -> Option<usize> {
        count();
        let (node, low, high) = part;
        let beyond = if up { low > from } else { high <= from };
        let (left, right) = with(self.ends[node], above);
        if beyond || !(wanted.1 <= left || wanted.0 >= right) {
            return None;
        }
        if high - low == 1 {
            return Some(low);
        }
        let (one, other) = halves(part);
        let (near, far) = if up { (other, one) } else { (one, other) };
        let above = with(above, self.whole[node]);
        self.search(near, from, up, wanted, above).or_else(|| self.search(far, from, up, wanted, above))
    }
}

/// The rows of a tree, from 0, and how many they are: each body in the first row outwards from what it hangs on that has
/// room for it. `room` is the stretch that a body takes with its name.
pub(super) fn of_tree(tree: &[Hung], room: impl Fn(usize) -> (f64, f64), row_of: &mut [usize]) -> usize {
    let middle = tree.len();
    let mut rows = Rows::new(2 * middle + 1);
    let (mut top, mut bottom) = (middle, middle);
    for hung in tree {
        let from = match hung.on {
            None => middle,
            Some(on) if hung.above => row_of[on].saturating_sub(1),
            Some(on) => row_of[on] + 1,
        };
        let wanted = room(hung.body);
        // as many rows as bodies on each side: one is always free
        let outwards = rows.fit(from, hung.above, wanted).unwrap_or(from);
        let row = match hung.on.filter(|_| hung.leaf) {
            // what nothing hangs on may as well stand on the other side, in a row that is in use already
            Some(on) => {
                let next = if hung.above { row_of[on] + 1 } else { row_of[on].saturating_sub(1) };
                let used = (top..=bottom).contains(&next) && rows.fit(next, hung.above, wanted) == Some(next);
                if used { next } else { outwards }
            }
            None => outwards,
        };
        // nothing is set where the line to this one passes
        if let Some(on) = hung.on {
            let (near, far) = (row_of[on].min(row), row_of[on].max(row));
            rows.take_rows((near + 1, far), (hung.x - LINE, hung.x + LINE));
        }
        rows.take(row, wanted);
        row_of[hung.body] = row;
        (top, bottom) = (top.min(row), bottom.max(row));
    }
    tree.iter().for_each(|hung| row_of[hung.body] -= top);
    bottom - top + 1
}

/// Sets trees under each other; a small one beside others where it does not meet them. Gives the number of rows.
pub(super) fn of_lane(trees: &[Vec<Hung>], room: impl Fn(usize) -> (f64, f64), row_of: &mut [usize]) -> usize {
    /// Trees of more rows are not looked a place for: they would leave holes.
    const SMALL: usize = 6;
    const TRIES: usize = 24;
    let bodies: usize = trees.iter().map(Vec::len).sum();
    let mut rows = Rows::new(bodies + 1);
    let mut used = 0;
    for tree in trees {
        let height = of_tree(tree, &room, row_of);
        let all = tree.iter().map(|hung| room(hung.body));
        let whole = all.fold(FREE, |(a, b), (x0, x1)| (a.min(x0), b.max(x1)));
        let mut top = used;
        let mut from = 0;
        for _ in 0..if height <= SMALL { TRIES } else { 0 } {
            let Some(row) = rows.fit(from, false, whole).filter(|row| row + height <= used) else { break };
            let blocked = (row..row + height).find(|r| {
                let (left, right) = rows.stretch(*r);
                whole.1 > left && whole.0 < right
            });
            match blocked {
                None => {
                    top = row;
                    break;
                }
                Some(row) => from = row + 1,
            }
        }
        (top..top + height).for_each(|row| rows.take(row, whole));
        tree.iter().for_each(|hung| row_of[hung.body] += top);
        used = used.max(top + height);
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_shared_by_what_does_not_meet() {
        let mut rows = Rows::new(5);
        rows.take(0, (0.0, 10.0));
        rows.take(1, (20.0, 30.0));
        assert_eq!(rows.fit(0, false, (5.0, 8.0)), Some(1));
        assert_eq!(rows.fit(0, false, (10.0, 12.0)), Some(0));
        assert_eq!(rows.fit(0, false, (8.0, 22.0)), Some(2));
        assert_eq!(rows.fit(1, true, (12.0, 22.0)), Some(0));
        assert_eq!(rows.fit(1, true, (5.0, 22.0)), None);
        // a line passes three rows: what lies across it stands below them
        let mut rows = Rows::new(6);
        rows.take_rows((1, 4), (49.0, 51.0));
        assert_eq!(rows.fit(1, false, (40.0, 60.0)), Some(4));
        assert_eq!((rows.fit(1, false, (60.0, 80.0)), rows.fit(3, true, (40.0, 60.0))), (Some(1), Some(0)));
        rows.take(2, (60.0, 70.0));
        assert_eq!(rows.fit(2, false, (55.0, 65.0)), Some(3));
    }
}
