//! What a picture is made of before it is SVG: shapes and texts with their places, so that geometry can be tested.
//!
//! Layouts fill a [`Scene`]; `svg` writes it. Nothing here knows lineages or graphs.

use super::font::Line;

/// An axis-parallel box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

impl Rect {
    pub(crate) fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.w
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// True when the two share an area (touching is not sharing).
    pub(crate) fn meets(&self, other: &Self) -> bool {
        const TOUCH: f64 = 0.01;
        self.x + TOUCH < other.right()
            && other.x + TOUCH < self.right()
            && self.y + TOUCH < other.bottom()
            && other.y + TOUCH < self.bottom()
    }
}

/// How a shape is filled and outlined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Paint {
    /// Colour or `url(#id)`; empty for none.
    pub(crate) fill: String,
    /// Colour; empty for none.
    pub(crate) stroke: String,
    /// Width of the outline.
    pub(crate) width: f64,
    /// Dashes as SVG writes them; empty for a whole line.
    pub(crate) dash: String,
    /// 1 is solid.
    pub(crate) opacity: f64,
}

impl Paint {
    pub(crate) fn fill(colour: impl Into<String>) -> Self {
        Self { fill: colour.into(), opacity: 1.0, ..Self::default() }
    }

    pub(crate) fn line(colour: impl Into<String>, width: f64) -> Self {
        Self { stroke: colour.into(), width, opacity: 1.0, ..Self::default() }
    }

    pub(crate) fn stroked(mut self, colour: impl Into<String>, width: f64) -> Self {
        self.stroke = colour.into();
        self.width = width;
        self
    }

    pub(crate) fn dashed(mut self, dash: &str) -> Self {
        self.dash = dash.to_string();
        self
    }
}

/// What a shape or text is there for; the geometric tests ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The bar of a body, or a node.
    Body(usize),
    /// The line of a link.
    Link(usize),
    /// Text that belongs to a body.
    OfBody(usize),
    /// Text that belongs to a link.
    OfLink(usize),
    /// Ground under the bar of a body where it passes over lines.
    Bridge(usize),
    /// Grids, grounds, legends.
    Furniture,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    /// Left end.
    pub(crate) x: f64,
    /// Baseline.
    pub(crate) y: f64,
    pub(crate) line: Line,
    /// A ground-coloured rim, so that lines behind do not disturb.
    pub(crate) halo: bool,
    pub(crate) role: Role,
}

#[cfg(test)]
impl Text {
    /// The room the line takes.
    pub(crate) fn room(&self) -> Rect {
        let size = self.line.size();
        Rect::new(self.x, self.y - size * 0.94, self.line.width(), size * 1.2)
    }
}

/// A piece of a picture, in painting order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// Opens a group with an id, a class and a title (shown by browsers under the pointer, read by screen readers).
    Open { id: String, class: &'static str, title: String },
    /// Closes the innermost group.
    Close,
    /// Opens a group that shows what stands between two heights, moved down by `dy`.
    Part { top: f64, bottom: f64, dy: f64 },
    /// A box; `round` is the radius of its corners.
    Box { rect: Rect, round: f64, paint: Paint, role: Role },
    /// A path in SVG's own notation; `points` are its corners, for the tests.
    Path { d: String, points: Vec<(f64, f64)>, paint: Paint, role: Role },
    /// A line of text.
    Text(Text),
}

/// A picture: its size, what it is called, its definitions and its items.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) title: String,
    pub(crate) about: String,
    /// The heights between which the axis, the chart and the legend stand, where there are any.
    pub(crate) axis: Option<(f64, f64)>,
    pub(crate) chart: Option<(f64, f64)>,
    pub(crate) legend: Option<(f64, f64)>,
    /// Gradients and patterns, as SVG.
    pub(crate) defs: String,
    pub(crate) items: Vec<Item>,
}

impl Scene {
    /// Opens a group.
    pub(crate) fn open(&mut self, id: impl Into<String>, class: &'static str, title: impl Into<String>) {
        self.items.push(Item::Open { id: id.into(), class, title: title.into() });
    }

    /// Closes the innermost group.
    pub(crate) fn close(&mut self) {
        self.items.push(Item::Close);
    }

    /// A box.
    pub(crate) fn rect(&mut self, rect: Rect, round: f64, paint: Paint, role: Role) {
        self.items.push(Item::Box { rect, round, paint, role });
    }

    /// A line through `points`, with corners rounded by `round`.
    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], round: f64, paint: Paint, role: Role) {
        self.items.push(Item::Path { d: rounded(points, round), points: points.to_vec(), paint, role });
    }

    /// A closed shape.
    pub(crate) fn polygon(&mut self, points: &[(f64, f64)], paint: Paint, role: Role) {
        let mut d = rounded(points, 0.0);
        d.push('Z');
        self.items.push(Item::Path { d, points: points.to_vec(), paint, role });
    }

    /// A path with curves, given as SVG writes it.
    pub(crate) fn path(&mut self, d: String, points: Vec<(f64, f64)>, paint: Paint, role: Role) {
        self.items.push(Item::Path { d, points, paint, role });
    }

    /// A line of text with its left end at `x` and its baseline at `y`.
    pub(crate) fn text(&mut self, x: f64, y: f64, line: Line, halo: bool, role: Role) {
        if !line.0.is_empty() {
            self.items.push(Item::Text(Text { x, y, line, halo, role }));
        }
    }

    /// Lines of text from `top` downwards, `step` apart; gives the y under the last.
    pub(crate) fn lines(&mut self, x: f64, top: f64, step: f64, lines: Vec<Line>, role: Role) -> f64 {
        let mut y = top;
        for line in lines {
            self.text(x, y + step * 0.76, line, false, role);
            y += step;
        }
        y
    }
}

/// A number as it stands in SVG: two decimals at most, no trailing zeros, never `NaN`.
pub(crate) fn num(value: f64) -> String {
    let rounded = if value.is_finite() { (value * 100.0).round() / 100.0 } else { 0.0 };
    let text = format!("{:.2}", if rounded == 0.0 { 0.0 } else { rounded });
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A path through `points` whose corners are rounded by at most `round`.
pub(crate) fn rounded(points: &[(f64, f64)], round: f64) -> String {
    let mut d = String::new();
    for (at, &(x, y)) in points.iter().enumerate() {
        let inner = at > 0 && at + 1 < points.len() && round > 0.0;
        if !inner {
            d.push_str(&format!("{}{} {}", if at == 0 { "M" } else { "L" }, num(x), num(y)));
            continue;
        }
        let toward = |(px, py): (f64, f64)| {
            let (dx, dy) = (px - x, py - y);
            let length = (dx * dx + dy * dy).sqrt();
            let cut = round.min(length / 2.0);
            if length < 0.01 { (x, y) } else { (x + dx / length * cut, y + dy / length * cut) }
        };
        let (ax, ay) = toward(points[at - 1]);
        let (bx, by) = toward(points[at + 1]);
        d.push_str(&format!("L{} {}Q{} {} {} {}", num(ax), num(ay), num(x), num(y), num(bx), num(by)));
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_sane() {
        assert_eq!(num(1.0), "1");
        assert_eq!(num(-0.001), "0");
        assert_eq!(num(2.345), "2.35");
        assert_eq!(num(f64::NAN), "0");
    }

    #[test]
    fn touching_is_not_meeting() {
        let a = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert!(!a.meets(&Rect::new(10.0, 0.0, 5.0, 5.0)));
        assert!(a.meets(&Rect::new(9.0, 9.0, 5.0, 5.0)));
    }
}
