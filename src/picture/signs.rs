//! The signs of the picture's language, drawn alike on the chart and in the legend: bars with their ends, lines with
//! their heads, patterns that tell kinds apart without colour.

use super::model::Link;
use super::scene::{Paint, Rect, Role, Scene, num, rounded};
use super::style::{Page, Style, words};

/// The look of a kind: its colour and, where several kinds are drawn, a pattern that survives black and white.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    pub(super) kind: String,
    pub(super) colour: String,
    pub(super) label: String,
    /// Which pattern; 0 is plain.
    shape: usize,
}

/// The looks of all kinds drawn, in alphabetical order.
pub(super) fn patterns<'a>(style: &Style, kinds: impl Iterator<Item = &'a str>) -> Vec<Pattern> {
    let colours = style.colours(kinds);
    let look = |(shape, (kind, colour)): (usize, (String, String))| {
        let label = style.of_kind(&kind, |_| None).label.unwrap_or_else(|| words(&kind));
        Pattern { kind, colour, label, shape: shape % 6 }
    };
    colours.into_iter().enumerate().map(look).collect()
}

impl Pattern {
    /// The look of no kind in particular.
    pub(super) fn neutral(page: &Page) -> Self {
        Self { kind: String::new(), colour: page.muted.clone(), label: String::new(), shape: 0 }
    }

    /// The SVG pattern that is laid over the fill, with id `kind-N`; empty for the plain one.
    pub(super) fn definition(&self, number: usize, ground: &str) -> String {
        let (size, shapes) = match self.shape {
            0 => return String::new(),
            1 => (6, "M-1 1L1 -1M0 6L6 0M5 7L7 5"),
            2 => (6, "M2 3a1 1 0 1 0 2 0a1 1 0 1 0 -2 0"),
            3 => (4, "M0 2L4 2"),
            4 => (6, "M-1 5L1 7M0 0L6 6M5 -1L7 1"),
            _ => (5, "M2.5 0L2.5 5"),
        };
        format!(
            "<pattern id=\"kind-{number}\" width=\"{size}\" height=\"{size}\" patternUnits=\"userSpaceOnUse\">\
             <path d=\"{shapes}\" fill=\"none\" stroke=\"{ground}\" stroke-opacity=\"0.62\" stroke-width=\"1.1\"/></pattern>"
        )
    }

    pub(super) fn overlay(&self, number: usize) -> Option<Paint> {
        (self.shape > 0).then(|| Paint::fill(format!("url(#kind-{number})")))
    }
}

/// One end of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Stated to the day (or to less than can be seen).
    Sharp,
    /// Stated to a stretch this wide.
    Soft(f64),
    /// Not stated.
    Torn,
    /// It still exists.
    Arrow,
}

/// A bar with all that its look says.
#[derive(Clone, Copy, Debug)]
pub(super) struct BarSign<'a> {
    pub(super) rect: Rect,
    pub(super) start: End,
    pub(super) end: End,
    /// The number of the kind (from 1) and its look.
    pub(super) pattern: (usize, &'a Pattern),
    pub(super) strong: bool,
    pub(super) disputed: bool,
    /// Without evidence.
    pub(super) bare: bool,
    /// Placed by order only.
    pub(super) hollow: bool,
}

impl BarSign<'_> {
    /// The gradient that lets uncertain ends fade, in the page's own coordinates; nothing when both ends are sharp.
    pub(super) fn gradient(&self, id: &str, page: &Page) -> Option<(String, String)> {
        let Rect { x, w, .. } = self.rect;
        let fade = |end: End| match end {
            End::Soft(wide) => Some((wide.min(w), 0.08)),
            End::Torn => Some(((w * 0.4).min(46.0), 0.3)),
            _ => None,
        };
        let (start, end) = (fade(self.start), fade(self.end));
        if start.is_none() && end.is_none() {
            return None;
        }
        let colour = self.fill(page);
        let stop = |at: f64, opacity: f64| {
            format!(
                "<stop offset=\"{}\" stop-color=\"{colour}\" stop-opacity=\"{}\"/>",
                num((at / w.max(1.0)).clamp(0.0, 1.0)),
                num(opacity)
            )
        };
        let mut stops = String::new();
        if let Some((wide, faint)) = start {
            stops.push_str(&stop(0.0, faint));
            stops.push_str(&stop(wide, 1.0));
        }
        if let Some((wide, faint)) = end {
            let from = (w - wide).max(start.map_or(0.0, |(wide, _)| wide));
            stops.push_str(&stop(from, 1.0));
            stops.push_str(&stop(w, faint));
        }
        let definition = format!(
            "<linearGradient id=\"{id}\" gradientUnits=\"userSpaceOnUse\" x1=\"{}\" y1=\"0\" x2=\"{}\" y2=\"0\">{stops}</linearGradient>",
            num(x),
            num(x + w.max(1.0))
        );
        Some((format!("url(#{id})"), definition))
    }

    pub(super) fn fill(&self, page: &Page) -> String {
        page.mix(&self.pattern.1.colour, if self.strong { 0.0 } else { 0.35 })
    }

    /// The outline: straight, torn or pointed ends.
    fn outline(&self) -> Vec<(f64, f64)> {
        let Rect { x, y, w, h } = self.rect;
        let teeth = |at: f64, out: f64, down: bool| {
            let steps = 6;
            let point = move |n: usize| {
                let n = if down { n } else { steps - n };
                (at + if n % 2 == 0 { 0.0 } else { out }, y + h * n as f64 / steps as f64)
            };
            (0..=steps).map(point).collect::<Vec<_>>()
        };
        let bite = 5.0_f64.min(w / 3.0);
        let mut points = Vec::new();
        match self.end {
            End::Torn => points.extend(teeth(x + w - bite, bite, true)),
            End::Arrow => points.extend([(x + w, y), (x + w + h * 0.62, y + h / 2.0), (x + w, y + h)]),
            _ => points.extend([(x + w, y), (x + w, y + h)]),
        }
        match self.start {
            End::Torn => points.extend(teeth(x + bite, -bite, false)),
            _ => points.extend([(x, y + h), (x, y)]),
        }
        points
    }

    /// Draws the bar; `gradient` is its fading fill and the definition of it.
    pub(super) fn draw(&self, scene: &mut Scene, page: &Page, gradient: Option<(String, String)>, role: Role) {
        let outline = self.outline();
        let plain = if self.bare { page.mix(&page.alarm, 0.75) } else { self.fill(page) };
        let fill = match gradient {
            Some((fill, definition)) if !self.hollow && !self.bare => {
                scene.defs.push_str(&definition);
                fill
            }
            _ => plain,
        };
        // an opaque ground first: lines of the grid do not shine through what fades
        scene.polygon(&outline, Paint::fill(page.ground.as_str()), Role::Furniture);
        if !self.hollow {
            scene.polygon(&outline, Paint::fill(fill), role);
            if let Some(paint) = self.pattern.1.overlay(self.pattern.0).filter(|_| !self.bare) {
                scene.polygon(&outline, paint, Role::Furniture);
            }
        }
        let colour = match (self.bare, self.strong) {
            (true, _) => page.alarm.clone(),
            (false, true) => page.ink.clone(),
            _ => self.pattern.1.colour.clone(),
        };
        let mut edge = Paint::line(colour, if self.strong { 1.8 } else { 1.2 });
        if self.disputed {
            edge = edge.dashed("5 3.5");
        }
        // an end that fades has no edge
        let soft = |end: End| matches!(end, End::Soft(_));
        let (a, b) = (soft(self.start), soft(self.end));
        if a || b {
            let Rect { x, y, w, h } = self.rect;
            let fade = |end: End| if let End::Soft(wide) = end { wide.min(w / 2.0) * 0.5 } else { 0.0 };
            let (left, right) = (x + fade(self.start), x + w - fade(self.end));
            let start: Vec<(f64, f64)> = outline.iter().copied().filter(|p| p.0 < x + w / 2.0).collect();
            let end: Vec<(f64, f64)> = outline.iter().copied().filter(|p| p.0 >= x + w / 2.0).collect();
            match (a, b) {
                (true, true) => {
                    scene.polyline(&[(left, y), (right, y)], 0.0, edge.clone(), Role::Furniture);
                    scene.polyline(&[(left, y + h), (right, y + h)], 0.0, edge, Role::Furniture);
                }
                (true, false) => {
                    let mut points = vec![(left, y)];
                    points.extend(end);
                    points.push((left, y + h));
                    scene.polyline(&points, 0.0, edge, Role::Furniture);
                }
                _ => {
                    let mut points = vec![(right, y + h)];
                    points.extend(start);
                    points.push((right, y));
                    scene.polyline(&points, 0.0, edge, Role::Furniture);
                }
            }
        } else {
            scene.polygon(&outline, edge, if self.hollow { role } else { Role::Furniture });
        }
    }
}

impl BarSign<'_> {
    /// Draws the bar as a line with a name over it: whole where it is known, dashed where an end is not stated, fading
    /// where only the year or month is, with gaps where it was not.
    pub(super) fn draw_thin(&self, scene: &mut Scene, page: &Page, id: &str, gaps: &[(f64, f64)], role: Role) {
        let Rect { x, y, w, h } = self.rect;
        let colour = match (self.bare, self.strong) {
            (true, _) => page.alarm.clone(),
            (false, true) => self.pattern.1.colour.clone(),
            _ => page.mix(&self.pattern.1.colour, 0.18),
        };
        let torn = |end: End| if end == End::Torn && !self.hollow { (w * 0.45).min(16.0) } else { 0.0 };
        let (left, right) = (x + torn(self.start), x + w - torn(self.end));
        let middle = y + h / 2.0;
        for (from, to) in [(x, left), (right, x + w)].into_iter().filter(|(from, to)| to - from > 0.5) {
            let dashes = Paint::line(colour.as_str(), h).dashed("1.6 2.2");
            scene.polyline(&[(from, middle), (to, middle)], 0.0, dashes, Role::Furniture);
        }
        let whole = Rect { x: left, w: (right - left).max(1.0), ..self.rect };
        let known = BarSign { rect: whole, ..*self };
        let fill = match known.gradient(id, page).filter(|_| !self.bare && known.fades()) {
            Some((fill, definition)) => {
                scene.defs.push_str(&definition);
                fill
            }
            None => colour.clone(),
        };
        let mut pieces = Vec::with_capacity(gaps.len() + 1);
        let mut from = whole.x;
        for &(start, end) in gaps {
            pieces.push((from, start.clamp(from, whole.right())));
            from = end.clamp(from, whole.right());
        }
        pieces.push((from, whole.right()));
        for (from, to) in pieces.into_iter().filter(|(from, to)| to > from) {
            // a bridge: lines pass under the bar, and are seen to
            let bridge = Rect::new(from, y - 1.1, to - from, h + 2.2);
            let bridging = if let Role::Body(body) = role { Role::Bridge(body) } else { Role::Furniture };
            scene.rect(bridge, 0.0, Paint::fill(page.ground.as_str()), bridging);
            let outline = [(from, y), (to, y), (to, y + h), (from, y + h)];
            let light = self.hollow || self.disputed;
            let paint = match light {
                true => {
                    let edge = Paint::fill(page.ground.as_str()).stroked(colour.as_str(), 1.0);
                    if self.disputed { edge.dashed("3 2") } else { edge }
                }
                false => Paint::fill(fill.as_str()),
            };
            scene.polygon(&outline, paint, role);
            if let Some(paint) = self.pattern.1.overlay(self.pattern.0).filter(|_| !self.bare && !light && h > 4.0) {
                scene.polygon(&outline, paint, Role::Furniture);
            }
        }
        if self.end == End::Arrow {
            let tip = [(x + w, y - h * 0.35), (x + w + h * 0.95, middle), (x + w, y + h * 1.35)];
            scene.polygon(&tip, Paint::fill(colour), Role::Furniture);
        }
    }

    fn fades(&self) -> bool {
        [self.start, self.end].into_iter().any(|end| matches!(end, End::Soft(_)))
    }
}

/// Lines that stand at the date of their acts.
pub(super) struct Upright<'a> {
    /// The link whose look they have, and whether all acts are uncertain.
    pub(super) link: &'a Link,
    pub(super) uncertain: bool,
    pub(super) bare: bool,
    /// The corners of each line.
    pub(super) lines: Vec<Vec<(f64, f64)>>,
    /// Where bodies leave.
    pub(super) dots: Vec<(f64, f64)>,
    /// Where bodies arrive, each with the way to it.
    pub(super) heads: Vec<((f64, f64), (f64, f64))>,
    /// How large its signs are; 1 is usual.
    pub(super) size: f64,
}

impl Upright<'_> {
    fn look(&self, style: &Style) -> (LinkSign, String, f64) {
        let sign = of_type(&self.link.kind, self.link.class(), self.link.moves_function(), style);
        let colour = match &sign.colour {
            _ if self.bare => style.page.alarm.clone(),
            Some(colour) => colour.clone(),
            None => style.page.mix(&style.page.ink, 0.18),
        };
        let width = (sign.width * self.size * 0.75).max(0.7);
        (sign, colour, width)
    }

    /// Draws its lines. Bars are drawn after them, so that they pass over what is not theirs and stay whole.
    pub(super) fn lines(&self, scene: &mut Scene, style: &Style, role: Role) {
        let (sign, colour, width) = self.look(style);
        let dash = if self.uncertain { "4 2.5" } else { sign.dash.as_str() };
        for line in &self.lines {
            scene.polyline(line, 0.0, Paint::line(colour.as_str(), width).dashed(dash), role);
        }
    }

    /// Draws where it leaves and lands, over the bars.
    pub(super) fn marks(&self, scene: &mut Scene, style: &Style) {
        let (sign, colour, width) = self.look(style);
        for &(x, y) in &self.dots {
            let r = num(2.2 * self.size);
            let back = num(-4.4 * self.size);
            let d = format!(
                "M{} {}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 {back} 0",
                num(x - 2.2 * self.size),
                num(y),
                num(4.4 * self.size)
            );
            scene.path(d, vec![(x, y)], Paint::fill(colour.as_str()), Role::Furniture);
        }
        for &(tip, way) in &self.heads {
            head(scene, sign.head, tip, way, (&colour, width.min(1.4)), &style.page.ground, self.size, Role::Furniture);
        }
    }
}

/// The head of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heads {
    /// Filled: the body itself goes on.
    Full,
    /// Hollow: another takes the place.
    Hollow,
    /// A function arrives.
    Diamond,
    /// Next in a series.
    Chevron,
}

/// How links of a type are drawn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinkSign {
    head: Heads,
    width: f64,
    dash: String,
    /// Drawn as two lines.
    double: bool,
    colour: Option<String>,
}

/// The look of a type of link, rules included.
pub(super) fn of_type(kind: &str, class: &str, moves: bool, style: &Style) -> LinkSign {
    let plain = |head, width| LinkSign { head, width, dash: String::new(), double: false, colour: None };
    let mut sign = match class {
        _ if moves => LinkSign { dash: "1.5 3.5".into(), ..plain(Heads::Diamond, 2.0) },
        "replaced-by" => plain(Heads::Hollow, 1.6),
        "followed-by" => plain(Heads::Chevron, 1.2),
        "re-established" | "re-established-as" => LinkSign { double: true, ..plain(Heads::Full, 4.2) },
        k if k.starts_with("merged") => plain(Heads::Full, 2.6),
        k if k.starts_with("split") => plain(Heads::Hollow, 2.6),
        _ => plain(Heads::Full, 1.6),
    };
    let look = style.of_type(kind, |_| None);
    sign.width = look.width.unwrap_or(sign.width);
    sign.dash = look.dash.unwrap_or(sign.dash);
    sign.colour = look.colour;
    sign
}

/// A rim of ground under a link: where the line passes over a bar or another line, it is seen to pass.
pub(super) fn rim(scene: &mut Scene, points: &[(f64, f64)], link: &Link, style: &Style) {
    let width = of_type(&link.kind, link.class(), link.moves_function(), style).width;
    let paint = Paint::line(style.page.ground.as_str(), width + 3.0);
    scene.path(rounded(points, 5.0), Vec::new(), paint, Role::Furniture);
}

/// Draws a link along its pieces, from its dot to its head.
pub(super) fn link(scene: &mut Scene, pieces: &[Vec<(f64, f64)>], link: &Link, style: &Style, role: Role) {
    let page = &style.page;
    let sign = of_type(&link.kind, link.class(), link.moves_function(), style);
    let colour = match &sign.colour {
        _ if link.citations.is_empty() => page.alarm.clone(),
        Some(colour) => colour.clone(),
        None => page.mix(&page.ink, 0.18),
    };
    let dash = if link.disputed || link.inferred { "6 4" } else { sign.dash.as_str() };
    let Some([.., before, tip]) = pieces.last().map(Vec::as_slice) else { return };
    let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
    let length = (dx * dx + dy * dy).sqrt().max(0.01);
    let way = (dx / length, dy / length);
    for (number, points) in pieces.iter().enumerate() {
        let mut line = points.clone();
        if let Some(last) = line.last_mut().filter(|_| number + 1 == pieces.len()) {
            let back = 6.0_f64.min(length);
            *last = (tip.0 - way.0 * back, tip.1 - way.1 * back);
        }
        let d = rounded(&line, 5.0);
        scene.path(d.clone(), points.clone(), Paint::line(colour.as_str(), sign.width).dashed(dash), role);
        if sign.double {
            scene.path(d, Vec::new(), Paint::line(page.ground.as_str(), (sign.width - 2.8).max(0.6)), Role::Furniture);
        }
    }
    if let Some((x, y)) = pieces.first().and_then(|points| points.first()) {
        dot(scene, (*x, *y), &colour, Role::Furniture);
    }
    head(scene, sign.head, *tip, way, (&colour, sign.width.min(2.0)), &page.ground, 1.0, Role::Furniture);
}

fn dot(scene: &mut Scene, (x, y): (f64, f64), colour: &str, role: Role) {
    let r = 2.7;
    let d = format!("M{} {}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 {} 0", num(x - r), num(y), num(2.0 * r), num(-2.0 * r));
    scene.path(d, Vec::new(), Paint::fill(colour), role);
}

/// A head whose tip is at `tip`, pointing along `way` (of length 1).
#[allow(clippy::too_many_arguments)] // a sign is exactly these
pub(super) fn head(
    scene: &mut Scene,
    kind: Heads,
    tip: (f64, f64),
    way: (f64, f64),
    (colour, width): (&str, f64),
    ground: &str,
    size: f64,
    role: Role,
) {
    let at = |along: f64, aside: f64| {
        let (along, aside) = (along * size, aside * size);
        (tip.0 - way.0 * along - way.1 * aside, tip.1 - way.1 * along + way.0 * aside)
    };
    match kind {
        Heads::Full => scene.polygon(&[at(0.0, 0.0), at(9.0, 4.4), at(9.0, -4.4)], Paint::fill(colour), role),
        Heads::Hollow => {
            let paint = Paint::fill(ground).stroked(colour, width);
            scene.polygon(&[at(0.8, 0.0), at(9.0, 4.4), at(9.0, -4.4)], paint, role);
        }
        Heads::Diamond => {
            let paint = Paint::fill(ground).stroked(colour, width.min(1.5));
            scene.polygon(&[at(0.5, 0.0), at(6.0, 4.2), at(11.5, 0.0), at(6.0, -4.2)], paint, role);
        }
        Heads::Chevron => {
            scene.polyline(&[at(7.0, 4.4), at(0.0, 0.0), at(7.0, -4.4)], 0.0, Paint::line(colour, width), role);
            scene.polyline(&[at(0.0, 0.0), at(7.0, 0.0)], 0.0, Paint::line(colour, width), role);
        }
    }
}
