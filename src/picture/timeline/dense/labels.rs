//! Where names stand: on their own bar, between the lines that pass, and beside it where it is too short.

use super::uprights::Passing;
use super::{BETWEEN, INDENT, Pitch};
use crate::picture::font::Line;
use crate::picture::timeline::bars::Bar;
use crate::picture::timeline::words::Voice;

/// The side to which a name that is longer than its bar goes beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A name with its place.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) line: Line,
    /// A line could not be passed by: it is drawn with a gap where the name stands.
    pub(super) cuts: bool,
}

/// What stands at a bar, on one line; cut only where it is longer than the page.
pub(super) fn words(voice: Voice<'_>, body: usize, pitch: Pitch, width: f64) -> Line {
    Line(voice.label(body, pitch.text, pitch.dates, width * 0.8))
}

/// To which side a name goes beyond its bar: a body that only came before others ends at a line, so its name goes the
/// other way, and so do names that would leave the page.
pub(super) fn side(bar: &Bar, width: f64, came_before: bool, most: f64) -> Side {
    let long = width + INDENT > bar.x1 - bar.x0;
    let fits_left = bar.x1 - width - INDENT > -20.0;
    let leaves = bar.x0 + INDENT + width > most;
    if long && fits_left && (came_before || leaves) { Side::Left } else { Side::Right }
}

/// The stretch of a bar with its name.
pub(super) fn room(bar: &Bar, width: f64, side: Side) -> (f64, f64) {
    match side {
        Side::Right => (bar.x0, bar.x1.max(bar.x0 + INDENT + width)),
        Side::Left => (bar.x0.min(bar.x1 - INDENT - width), bar.x1),
    }
}

/// Places all names.
pub(super) fn place(
    bars: &[Bar],
    names: Vec<Line>,
    sides: &[Side],
    acts: &[(f64, f64)],
    row_of: &[usize],
    mut passing: Passing,
) -> Vec<Label> {
    let mut by_row: Vec<usize> = (0..bars.len()).collect();
    by_row.sort_by(|a, b| row_of[*a].cmp(&row_of[*b]).then(bars[*a].x0.total_cmp(&bars[*b].x0)).then(a.cmp(b)));
    let mut rooms: Vec<(f64, f64)> = bars
        .iter()
        .zip(&names)
        .zip(sides.iter().zip(acts))
        .map(|((bar, name), (side, act))| {
            let (a, b) = room(bar, name.width(), *side);
            (a.min(act.0), b.max(act.1))
        })
        .collect();
    let mut labels: Vec<Option<Label>> = vec![None; bars.len()];
    for (at, &body) in by_row.iter().enumerate() {
        let row = row_of[body];
        passing.go_to(row);
        let neighbour = |at: Option<usize>| at.and_then(|at| by_row.get(at)).filter(|b| row_of[**b] == row);
        let low = neighbour(at.checked_sub(1)).map_or(f64::NEG_INFINITY, |b| rooms[*b].1 + BETWEEN);
        let high = neighbour(Some(at + 1)).map_or(f64::INFINITY, |b| rooms[*b].0 - BETWEEN);
        let name = names[body].clone();
        let (x, cuts) = free(&bars[body], name.width(), sides[body], (low, high), |a, b| passing.last_over(a, b));
        rooms[body].1 = rooms[body].1.max(x + name.width());
        labels[body] = Some(Label { x, line: name, cuts });
    }
    labels.into_iter().flatten().collect()
}

/// Lines and names keep so far apart.
const CLEAR: f64 = 2.5;

/// The first place along a bar where no line passes; `over` gives the last one between two places.
fn free(
    bar: &Bar,
    width: f64,
    side: Side,
    (low, high): (f64, f64),
    over: impl Fn(f64, f64) -> Option<f64>,
) -> (f64, bool) {
    /// Names are not looked a place for behind more lines.
    const TRIES: usize = 64;
    let usual = match side {
        Side::Right => bar.x0 + INDENT,
        Side::Left => bar.x1 - INDENT - width,
    };
    let passes = |x: f64| over(x - CLEAR, x + width + CLEAR);
    // along the bar to the right, each time behind the last line that passes; then before its start
    let mut x = usual;
    for _ in 0..TRIES {
        let Some(last) = passes(x) else { return (x, false) };
        x = last + CLEAR + 0.6;
        if x > bar.x1 - INDENT || x + width > high {
            break;
        }
    }
    let beside = [bar.x1 + INDENT, bar.x1 - INDENT - width, bar.x0 - INDENT - width];
    let fits = |x: &f64| *x >= low && *x + width <= high && passes(*x).is_none() && *x > -20.0;
    match beside.into_iter().find(fits) {
        Some(x) => (x, false),
        None => (usual, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::signs::End;

    #[test]
    fn names_step_aside_for_lines() {
        let bar = Bar { x0: 100.0, x1: 300.0, start: End::Sharp, end: End::Sharp, by_order: false };
        let over = |lines: &'static [f64]| move |a: f64, b: f64| lines.iter().copied().rfind(|x| a <= *x && *x <= b);
        let place = |lines| free(&bar, 50.0, Side::Right, (0.0, 500.0), over(lines));
        assert_eq!(place(&[]), (104.0, false));
        assert_eq!(place(&[120.0, 150.0]), (153.1, false));
        assert_eq!(place(&[120.0, 160.0, 205.0, 250.0, 299.0]), (304.0, false));
        assert!(place(&[50.0, 80.0, 120.0, 160.0, 205.0, 250.0, 299.0, 320.0, 420.0]).1);
    }
}
