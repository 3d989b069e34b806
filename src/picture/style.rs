//! How pictures look: page, palette, and rules by kind, type or property, from a TOML file or the defaults.
//!
//! ```toml
//! languages = ["en", "kk"]
//!
//! [page]
//! width = 1200
//! ground = "#ffffff"
//!
//! [[rule]]
//! kind = "institution"
//! colour = "#2f6690"
//! icon = "◊"
//!
//! [[rule]]
//! type = "transferred-to"
//! dash = "2 4"
//! label = "function moved"
//! ```
//!
//! Later rules win over earlier ones, setting by setting. What no rule names takes its colour from the palette, in the
//! alphabetical order of the kinds drawn, so that the same data always looks the same.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Style {
    /// The page.
    pub page: Page,
    /// Languages of names, best first; the first is the caption, the others stand beside it.
    pub languages: Vec<String>,
    /// Numbered citations in node-link pictures (lineages always have them).
    pub citations: bool,
    /// How node-link pictures are laid out.
    pub layout: Layout,
    /// In node-link pictures: nodes of a kind together, in a frame.
    pub clusters: bool,
    /// Rules, later ones stronger.
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// A sheet of paper, lying on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Paper {
    A4,
    A3,
    Letter,
}

impl Paper {
    /// Width and height in points.
    pub(crate) fn points(self) -> (f32, f32) {
        match self {
            Self::A4 => (841.89, 595.28),
            Self::A3 => (1190.55, 841.89),
            Self::Letter => (792.0, 612.0),
        }
    }

    /// Width and height in user units: three quarters of a point each, so that the smallest text is set in 6 points.
    pub(crate) fn units(self) -> (f64, f64) {
        let (width, height) = self.points();
        (f64::from(width) / 0.75, f64::from(height) / 0.75)
    }
}

/// The page and its colours.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Page {
    /// Wished width in user units (pixels); content that needs more gets more.
    pub width: f64,
    /// The ground, drawn by the picture itself so that it looks the same on light and dark surroundings.
    pub ground: String,
    /// Text.
    pub ink: String,
    /// Secondary text.
    pub muted: String,
    /// Rules and grids.
    pub faint: String,
    /// Facts without evidence, conflicts.
    pub alarm: String,
    /// Carry the font in the file.
    pub embed_font: bool,
    /// In PDF: sheets of paper in place of one page as large as the picture.
    pub paper: Option<Paper>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            width: 1200.0,
            ground: "#ffffff".into(),
            ink: "#1b2430".into(),
            muted: "#566170".into(),
            faint: "#dde2e8".into(),
            alarm: "#b3261e".into(),
            embed_font: true,
            paper: None,
        }
    }
}

impl Page {
    /// Light text on a dark ground.
    ///
    /// ```
    /// use shejire::picture::{Page, Style};
    ///
    /// let night = Style { page: Page::dark(), ..Style::default() };
    /// assert_ne!(night.page.ground, Style::default().page.ground);
    /// ```
    pub fn dark() -> Self {
        Self {
            ground: "#161b21".into(),
            ink: "#e9edf2".into(),
            muted: "#a7b1bd".into(),
            faint: "#343d47".into(),
            alarm: "#ff8f85".into(),
            ..Self::default()
        }
    }

    /// Whether the ground is dark.
    pub(crate) fn is_dark(&self) -> bool {
        parts(&self.ground).is_some_and(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b < 110.0)
    }

    /// `colour` with a share of the ground in it: 0 is the colour, 1 the ground. Colour names are left as they are.
    pub(crate) fn mix(&self, colour: &str, share: f64) -> String {
        mix(colour, parts(&self.ground).unwrap_or(WHITE), share)
    }
}

/// The layout of node-link pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Layers while the graph is lean enough for them, forces otherwise.
    #[default]
    Auto,
    /// Layers from left to right.
    Layered,
    /// Layers from top to bottom.
    LayeredDown,
    /// Springs and repulsion.
    Force,
}

/// What the rule is for, and what it sets. All conditions given must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// A kind (label) of nodes or bodies.
    pub kind: Option<String>,
    /// A type of relationships or links.
    #[serde(rename = "type")]
    pub link_type: Option<String>,
    /// Properties and the values they must have.
    pub property: BTreeMap<String, String>,
    /// Fill of a body, colour of a line: `#rrggbb`, `#rgb` or a CSS colour name.
    pub colour: Option<String>,
    /// `box`, `round`, `ellipse`, `hexagon`, `diamond`, `note`.
    pub shape: Option<Shape>,
    /// A sign before the caption.
    pub icon: Option<String>,
    /// Width of the outline or line.
    pub width: Option<f64>,
    /// Words in place of the kind or type.
    pub label: Option<String>,
    /// Dashes of a line, as SVG writes them (`6 4`).
    pub dash: Option<String>,
}

/// The outline of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Shape {
    Box,
    Round,
    Ellipse,
    Hexagon,
    Diamond,
    Note,
}

/// What the rules say about one thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    pub(crate) colour: Option<String>,
    pub(crate) shape: Option<Shape>,
    pub(crate) icon: Option<String>,
    pub(crate) width: Option<f64>,
    pub(crate) label: Option<String>,
    pub(crate) dash: Option<String>,
}

/// Fills that stay apart in print and for most colour-blind eyes; text on a tint of them is always ink.
const PALETTE: [&str; 10] =
    ["#2f6690", "#b5651d", "#4f7d4f", "#7d5ba6", "#a23b52", "#3a8f8a", "#8a7a2b", "#5a6bbf", "#8c5a3c", "#5f6b76"];

/// Kinds that every dataset of institutions knows keep their colour in every picture, and with it their shape.
const KNOWN: [(&str, usize, Shape); 10] = [
    ("institution", 0, Shape::Box),
    ("law", 1, Shape::Note),
    ("function", 2, Shape::Round),
    ("office", 3, Shape::Hexagon),
    ("reform", 4, Shape::Ellipse),
    ("group", 5, Shape::Round),
    ("plan", 6, Shape::Note),
    ("concept", 7, Shape::Ellipse),
    ("state", 8, Shape::Box),
    ("Literal", 9, Shape::Round),
];

/// The shape of a kind that no rule gives one: always the same for the same kind, so that pictures can be compared. A
/// diamond wastes the room of its corners and is never taken without being asked for.
pub(crate) fn usual_shape(kind: &str) -> Shape {
    const SHAPES: [Shape; 5] = [Shape::Box, Shape::Round, Shape::Note, Shape::Hexagon, Shape::Ellipse];
    let by_name = || SHAPES[kind.bytes().map(usize::from).sum::<usize>() % SHAPES.len()];
    KNOWN.iter().find(|(k, _, _)| *k == kind).map_or_else(by_name, |(_, _, shape)| *shape)
}

impl Style {
    /// Reads a style file.
    ///
    /// ```
    /// # fn main() -> shejire::Result<()> {
    /// use shejire::picture::Style;
    ///
    /// let style = Style::read("languages = ['kk', 'en']\n[page]\nwidth = 900")?;
    /// assert_eq!((style.page.width, style.languages.len()), (900.0, 2));
    /// assert!(Style::read("[page]\nground = 'no colour'").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `DataError` for text that is not TOML, unknown settings, and colours, dashes or widths that cannot be drawn.
    pub fn read(toml: &str) -> Result<Self> {
        let style: Self = toml::from_str(toml).map_err(|e| {
            let place = e.span().map_or(String::new(), |s| {
                format!(" in line {}", toml[..s.start.min(toml.len())].matches('\n').count() + 1)
            });
            Error::data(format!("the style file cannot be read{place}: {}", e.message()))
        })?;
        style.check()?;
        Ok(style)
    }

    fn check(&self) -> Result<()> {
        let page = &self.page;
        let rules = self.rules.iter().filter_map(|r| r.colour.as_ref());
        for colour in [&page.ground, &page.ink, &page.muted, &page.faint, &page.alarm].into_iter().chain(rules) {
            if !is_colour(colour) {
                return Err(
                    Error::data(format!("`{colour}` is no colour")).hint("write #rrggbb, #rgb or a name like teal")
                );
            }
        }
        let dashes = self.rules.iter().filter_map(|r| r.dash.as_ref());
        for dash in dashes {
            let sound = dash.split([' ', ',']).filter(|d| !d.is_empty());
            if !sound.map(str::parse::<f64>).all(|d| d.is_ok_and(|d| (0.0..=100.0).contains(&d))) {
                return Err(Error::data(format!("`{dash}` is no row of dashes")).hint("write lengths, such as 6 4"));
            }
        }
        if !(400.0..=20_000.0).contains(&page.width) {
            return Err(Error::data("the page is to be 400 to 20000 wide"));
        }
        if self.rules.iter().filter_map(|r| r.width).any(|w| !(0.0..=20.0).contains(&w)) {
            return Err(Error::data("a line is to be 0 to 20 wide"));
        }
        Ok(())
    }

    /// What the rules say about a body or node; `property` answers with the value of a property as text.
    pub(crate) fn of_kind(&self, kind: &str, property: impl Fn(&str) -> Option<String>) -> Look {
        self.collect(
            |r| r.kind.as_deref().is_some_and(|k| k == kind) || (r.kind.is_none() && r.link_type.is_none()),
            property,
        )
    }

    /// What the rules say about a link or relationship.
    pub(crate) fn of_type(&self, link_type: &str, property: impl Fn(&str) -> Option<String>) -> Look {
        self.collect(|r| r.link_type.as_deref().is_some_and(|t| t == link_type), property)
    }

    fn collect(&self, fits: impl Fn(&Rule) -> bool, property: impl Fn(&str) -> Option<String>) -> Look {
        let mut look = Look::default();
        let holds = |r: &&Rule| r.property.iter().all(|(key, value)| property(key).as_deref() == Some(value));
        for rule in self.rules.iter().filter(|r| fits(r)).filter(holds) {
            fn set<T: Clone>(slot: &mut Option<T>, value: &Option<T>) {
                if value.is_some() {
                    slot.clone_from(value);
                }
            }
            set(&mut look.colour, &rule.colour);
            set(&mut look.shape, &rule.shape);
            set(&mut look.icon, &rule.icon);
            set(&mut look.width, &rule.width);
            set(&mut look.label, &rule.label);
            set(&mut look.dash, &rule.dash);
        }
        look
    }

    /// Kinds with their colours: rules first, then the known kinds, then the palette in alphabetical order.
    pub(crate) fn colours<'a>(&self, kinds: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, String> {
        let kinds: std::collections::BTreeSet<&str> = kinds.into_iter().collect();
        let mut used: Vec<usize> = KNOWN.iter().filter(|(k, ..)| kinds.contains(k)).map(|(_, at, _)| *at).collect();
        let mut out = BTreeMap::new();
        for kind in kinds {
            let known = KNOWN.iter().find(|(k, ..)| *k == kind).map(|(_, at, _)| *at);
            let place = known.unwrap_or_else(|| {
                let free = (0..PALETTE.len()).find(|at| !used.contains(at)).unwrap_or(used.len() % PALETTE.len());
                used.push(free);
                free
            });
            let ruled = self.of_kind(kind, |_| None).colour;
            let lighter = if self.page.is_dark() { 0.38 } else { 0.0 };
            out.insert(kind.to_string(), ruled.unwrap_or_else(|| mix(PALETTE[place % PALETTE.len()], WHITE, lighter)));
        }
        out
    }

    /// The caption of a thing with names by language, and its other wanted names.
    pub(crate) fn caption<'a>(&self, name: &'a str, names: &'a [(String, String)]) -> (&'a str, Vec<&'a str>) {
        let in_language = |tag: &String| names.iter().find(|(t, _)| t == tag).map(|(_, n)| n.as_str());
        let mut wanted: Vec<&str> = self.languages.iter().map(|tag| in_language(tag).unwrap_or(name)).collect();
        if wanted.is_empty() {
            wanted.push(name);
        }
        let mut seen = Vec::new();
        wanted.retain(|n| {
            !seen.contains(n) && {
                seen.push(*n);
                true
            }
        });
        let caption = wanted.remove(0);
        (caption, wanted)
    }
}

fn is_colour(text: &str) -> bool {
    match text.strip_prefix('#') {
        Some(hex) => matches!(hex.len(), 3 | 6) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => (3..=24).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic()),
    }
}

/// Red, green and blue of `#rrggbb` or `#rgb`; nothing for a colour by name.
fn parts(colour: &str) -> Option<[f64; 3]> {
    let hex = colour.strip_prefix('#')?;
    let wide: String = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_string() };
    let part = |at: usize| wide.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok()).map(f64::from);
    Some([part(0)?, part(2)?, part(4)?])
}

/// `colour` with a share of `other` in it: 0 is the colour, 1 the other. Colour names are left as they are.
fn mix(colour: &str, other: [f64; 3], share: f64) -> String {
    let Some(own) = parts(colour) else { return colour.to_string() };
    let [r, g, b] = [0, 1, 2].map(|at| (own[at] + (other[at] - own[at]) * share).round().clamp(0.0, 255.0) as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}

const WHITE: [f64; 3] = [255.0; 3];

/// A type as words: `transformed-into` → `transformed into`, but `re-established` keeps its hyphen.
pub(crate) fn words(kind: &str) -> String {
    match kind.strip_prefix("re-") {
        Some(rest) => format!("re-{}", words(rest)),
        None => kind.replace(['-', '_'], " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rules_and_names_what_is_wrong() {
        let style = Style::read(
            "[[rule]]\nkind = \"law\"\ncolour = \"#123456\"\n[[rule]]\nkind = \"law\"\nshape = \"note\"\n\
             [[rule]]\ntype = \"protects\"\ndash = \"2 3\"\n",
        )
        .expect("a sound style");
        let look = style.of_kind("law", |_| None);
        assert_eq!((look.colour.as_deref(), look.shape), (Some("#123456"), Some(Shape::Note)));
        assert_eq!(style.of_type("protects", |_| None).dash.as_deref(), Some("2 3"));
        for (text, says) in [
            ("[[rule]]\ncolour = \"url(x)\"", "no colour"),
            ("[[rule]]\ncolor = \"red\"", "line 2"),
            ("[page]\nwidth = 3", "400"),
            ("[[rule]]\ndash = \"a\"", "dashes"),
        ] {
            let message = Style::read(text).expect_err(text).message().to_string();
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn properties_narrow_a_rule() {
        let style = Style::read("[[rule]]\nkind = \"law\"\nproperty = { status = \"draft\" }\ncolour = \"teal\"")
            .expect("a sound style");
        assert!(style.of_kind("law", |_| None).colour.is_none());
        assert!(style.of_kind("law", |_| Some("draft".into())).colour.is_some());
    }

    #[test]
    fn colours_do_not_repeat_while_there_are_enough() {
        let kinds = ["institution", "law", "a", "b", "c", "d"];
        let colours = Style::default().colours(kinds);
        let distinct: std::collections::BTreeSet<_> = colours.values().collect();
        assert_eq!(distinct.len(), kinds.len());
        assert_eq!(Page::default().mix("#000000", 0.5), "#808080");
        assert_eq!(Page::dark().mix("#ffffff", 1.0), Page::dark().ground);
        assert!(Page::dark().is_dark() && !Page::default().is_dark());
        assert_eq!((words("re-established"), words("split-into")), ("re-established".into(), "split into".into()));
    }
}
