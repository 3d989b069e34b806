//! The geometry of every lineage: texts on the page, none upon another, none upon a bar that is not its own.

use std::collections::{BTreeMap, BTreeSet};

use super::scene;
use crate::picture::model::Timeline;
use crate::picture::samples::{lineages, random};
use crate::picture::scene::{Item, Paint, Rect, Role, Scene};
use crate::picture::style::Style;
use crate::picture::{Fonts, png, timeline_svg};

/// Everything that is wrong with the places in a picture, in words.
pub(crate) fn faults(scene: &Scene) -> Vec<String> {
    let mut faults = Vec::new();
    let page = Rect::new(0.0, 0.0, scene.width, scene.height);
    let mut texts = Vec::new();
    let mut bodies = Vec::new();
    for item in &scene.items {
        match item {
            Item::Text(text) => texts.push((text.room(), text.role, text.halo, text.line.0[0].text.as_str())),
            Item::Path { points, role: Role::Body(body), .. } => {
                let xs = points.iter().map(|p| p.0);
                let ys = points.iter().map(|p| p.1);
                let (x, y) = (xs.clone().fold(f64::INFINITY, f64::min), ys.clone().fold(f64::INFINITY, f64::min));
                bodies.push((Rect::new(x, y, xs.fold(x, f64::max) - x, ys.fold(y, f64::max) - y), *body));
            }
            Item::Path { points, .. } => {
                for (x, y) in points {
                    if *x < 0.0 || *y < 0.0 || *x > page.w || *y > page.h {
                        faults.push(format!("a line leaves the page at {x} {y}"));
                    }
                }
            }
            _ => {}
        }
    }
    texts.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    for (at, (room, role, _, words)) in texts.iter().enumerate() {
        if room.x < 0.0 || room.y < 0.0 || room.right() > page.w || room.bottom() > page.h {
            faults.push(format!("`{words}` leaves the page: {room:?}"));
        }
        for (other, _, _, others) in texts[at + 1..].iter().take_while(|t| t.0.y < room.bottom()) {
            if room.meets(other) {
                faults.push(format!("`{words}` meets `{others}`: {room:?} {other:?}"));
            }
        }
        for (bar, body) in &bodies {
            if bar.meets(room) && *role != Role::OfBody(*body) {
                faults.push(format!("`{words}` lies on the bar of {body}"));
            }
        }
    }
    for (bar, body) in &bodies {
        if bar.x < 0.0 || bar.right() > page.w || bar.bottom() > page.h {
            faults.push(format!("the bar of {body} leaves the page: {bar:?}"));
        }
    }
    // a line may pass behind a text only if the text has a rim that keeps it legible
    for item in &scene.items {
        let Item::Path { points, role: Role::Link(link), .. } = item else { continue };
        for pair in points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let line = Rect::new(ax.min(bx), ay.min(by), (ax - bx).abs().max(0.1), (ay - by).abs().max(0.1));
            for (room, _, _, words) in texts.iter().filter(|t| !t.2 && t.0.meets(&line)) {
                faults.push(format!("link {link} runs through `{words}` at {room:?}"));
            }
        }
    }
    faults
}

fn crossings(scene: &Scene) -> (usize, usize) {
    let texts: Vec<Rect> = scene
        .items
        .iter()
        .filter_map(|i| if let Item::Text(t) = i { t.halo.then(|| t.room()) } else { None })
        .collect();
    let mut crossed = 0;
    for room in &texts {
        let through = |points: &[(f64, f64)]| {
            points.windows(2).any(|p| {
                let line = Rect::new(
                    p[0].0.min(p[1].0),
                    p[0].1.min(p[1].1),
                    (p[0].0 - p[1].0).abs().max(0.1),
                    (p[0].1 - p[1].1).abs().max(0.1),
                );
                line.meets(room)
            })
        };
        crossed += usize::from(
            scene.items.iter().any(|i| matches!(i, Item::Path { points, role: Role::Link(_), .. } if through(points))),
        );
    }
    (crossed, texts.len())
}

/// A check that never fails proves nothing: every fault it is there for is made, and must be seen.
#[test]
fn the_check_sees_every_fault() {
    let (_, ministries) = lineages().into_iter().find(|(n, _)| *n == "ministries").expect("a sample");
    let sound = draw(&ministries);
    let spoilt = |spoil: &dyn Fn(&mut Scene)| {
        let mut scene = sound.clone();
        spoil(&mut scene);
        faults(&scene).join("\n")
    };
    let texts = |scene: &Scene, wanted: fn(&Role) -> bool| {
        let all = scene.items.iter().enumerate();
        let found = all.filter(|(_, i)| matches!(i, Item::Text(t) if wanted(&t.role))).map(|(at, _)| at);
        found.collect::<Vec<_>>()
    };
    let own = texts(&sound, |r| matches!(r, Role::OfBody(_)));
    let shift = |scene: &mut Scene, at: usize, to: (f64, f64)| {
        if let Item::Text(text) = &mut scene.items[at] {
            (text.x, text.y) = to;
        }
    };
    let place = |at: usize| if let Item::Text(t) = &sound.items[at] { (t.x, t.y) } else { (0.0, 0.0) };
    let bar = sound.items.iter().find_map(|i| match i {
        Item::Path { points, role: Role::Body(_), .. } => points.first().copied(),
        _ => None,
    });
    let bar = bar.expect("a bar");
    assert!(spoilt(&|s| shift(s, own[1], place(own[0]))).contains("meets"));
    assert!(spoilt(&|s| shift(s, own[0], (s.width - 5.0, 200.0))).contains("leaves the page"));
    assert!(
        spoilt(&|s| shift(s, *own.last().expect("texts"), (bar.0 - 20.0, bar.1 + 6.0))).contains("lies on the bar")
    );
    assert!(spoilt(&|s| s.width = 300.0).contains("the bar of"));
    let no_rims = |s: &mut Scene| {
        s.items.iter_mut().for_each(|i| {
            if let Item::Text(t) = i {
                t.halo = false
            }
        });
        s.polyline(
            &[(0.0, place(own[0]).1 - 4.0), (s.width, place(own[0]).1 - 4.0)],
            0.0,
            Paint::default(),
            Role::Link(0),
        );
    };
    assert!(spoilt(&no_rims).contains("runs through"));
    assert_eq!(spoilt(&|_| {}), "");
}

/// The first corners of every line, by link.
fn leave(scene: &Scene) -> BTreeMap<usize, (f64, f64)> {
    let path = |i: &Item| match i {
        Item::Path { points, role: Role::Link(link), .. } => Some((*link, *points.first()?)),
        _ => None,
    };
    // a line with gaps is several paths: the first is the one that leaves
    let mut first = BTreeMap::new();
    scene.items.iter().filter_map(path).for_each(|(link, point)| {
        first.entry(link).or_insert(point);
    });
    first
}

/// Lines once left their bars as far from the date as they had to stand aside for others: two years early.
#[test]
fn lines_leave_their_bars_at_the_date_of_the_act() {
    let timeline = lineages().into_iter().find(|(n, _)| *n == "merge-split").expect("a sample").1;
    let scene = draw(&timeline);
    let leave = leave(&scene);
    let right = |body: usize| {
        let bar = scene.items.iter().find_map(|i| match i {
            Item::Path { points, role: Role::Body(b), .. } if *b == body => Some(points.clone()),
            _ => None,
        });
        bar.expect("a bar").iter().map(|p| p.0).fold(0.0, f64::max)
    };
    for (at, link) in timeline.links.iter().enumerate().filter(|(_, l)| l.kind == "merged-into") {
        assert!((leave[&at].0 - right(link.from)).abs() < 3.0, "{at}: {:?} {}", leave[&at], right(link.from));
    }
    // what was split in 2018 leaves in the middle of that year: half of the stretch in which the bar fades
    let splits: Vec<f64> = (0..timeline.links.len())
        .filter(|l| timeline.links[*l].kind == "split-into")
        .map(|l| right(timeline.links[l].from) - leave[&l].0)
        .collect();
    assert!(splits.iter().all(|d| (8.0..24.0).contains(d)), "{splits:?}");
}

/// Six mergers of one date once came down as six lines beside each other.
#[test]
fn acts_of_one_kind_and_date_share_a_stem() {
    let timeline = lineages().into_iter().find(|(n, _)| *n == "merge-split").expect("a sample").1;
    let scene = draw(&timeline);
    let stems: BTreeSet<i64> = scene
        .items
        .iter()
        .filter_map(|i| if let Item::Path { points, role: Role::Link(_), .. } = i { Some(points) } else { None })
        .map(|points| {
            let longest = points.windows(2).max_by(|a, b| (a[0].1 - a[1].1).abs().total_cmp(&(b[0].1 - b[1].1).abs()));
            longest.map_or(0, |p| p[0].0.round() as i64)
        })
        .collect();
    assert_eq!(stems.len(), 2, "{stems:?}");
}

fn draw(timeline: &Timeline) -> Scene {
    scene(timeline, &Style::default())
}

#[test]
fn made_up_lineages_are_sound() {
    for (name, timeline) in lineages() {
        let faults = faults(&draw(&timeline));
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

#[test]
fn two_hundred_random_lineages_are_sound() {
    for seed in 0..200 {
        let scene = draw(&random(seed, 80));
        let faults = faults(&scene);
        assert!(faults.is_empty(), "seed {seed}: {:#?}", &faults[..faults.len().min(8)]);
    }
}

#[test]
fn no_line_runs_through_a_text() {
    for (name, timeline) in lineages() {
        assert_eq!(crossings(&draw(&timeline)).0, 0, "{name}");
    }
    for seed in 0..60 {
        assert_eq!(crossings(&draw(&random(seed, 36))).0, 0, "seed {seed}");
    }
}

/// Arrows into a body that was there already were once pushed aside until they found room.
#[test]
fn lines_land_at_the_date_of_their_act() {
    for seed in 0..60 {
        let timeline = &random(seed, 36).mended();
        let style = Style::default();
        let chart = super::lay_out(timeline, &style, 1000.0);
        let Some(scale) = chart.scale else { continue };
        for head in chart.bands.iter().flat_map(|b| &b.heads) {
            let super::bands::Via::Within(_) = head.via else { continue };
            let (lo, hi) = timeline.links[head.link].when.bounds().expect("what lands within a life is dated");
            let bar = &chart.bars[timeline.links[head.link].to];
            let elbow = chart.elbows.iter().find(|e| e.link == head.link).expect("it is drawn");
            let tip = elbow.points.last().expect("it has an end").0;
            let date = scale.x((lo + hi) / 2.0).clamp(bar.x0, bar.x1);
            assert!((tip - date).abs() <= 0.5, "seed {seed}, link {}: {tip} for {date}", head.link);
        }
    }
}

#[test]
fn narrow_and_wide_pages_are_sound() {
    for width in [400.0, 700.0, 3000.0] {
        let mut style = Style::default();
        style.page.width = width;
        style.languages = vec!["kk".into(), "en".into(), "ru".into()];
        for (name, timeline) in lineages() {
            let faults = faults(&scene(&timeline, &style));
            assert!(faults.is_empty(), "{name} at {width}: {faults:#?}");
        }
    }
}

#[test]
fn the_same_lineage_gives_the_same_bytes_and_sound_xml() {
    for (name, timeline) in lineages() {
        let svg = timeline_svg(&timeline, &Style::default());
        assert_eq!(svg, timeline_svg(&timeline, &Style::default()), "{name}");
        assert!(crate::picture::raster::tree(&svg, &Fonts::default()).is_ok(), "{name}");
        assert!(
            !svg.contains("NaN") && !svg.contains("<script") && !svg.contains("=\"http://")
                || svg.matches("http://").count() == 1,
            "{name}"
        );
    }
}

#[test]
fn what_is_not_stated_is_said() {
    let (_, kurultai) = &lineages()[0];
    let svg = timeline_svg(kurultai, &Style::default());
    for words in
        ["Dates not stated.", "transformed into", "National Kurultai", "001:22", "TRACE &apos;National Council"]
    {
        assert!(svg.contains(words), "{words}");
    }
    assert!(!svg.contains("no evidence"));
}

#[test]
fn acts_and_bodies_without_evidence_are_marked() {
    let mixed = lineages().into_iter().find(|(n, _)| *n == "mixed").expect("a sample").1;
    let svg = timeline_svg(&mixed, &Style::default());
    assert!(svg.matches("no evidence").count() >= 3);
    assert_eq!(mixed.without_evidence().len(), 2, "{:?}", mixed.without_evidence());
}

/// `PICTURES=DIR cargo test pictures_to_look_at -- --ignored` writes every sample there, with
/// `TRACES='FOLDER=NAME=DATE=LANGUAGES;…'` these lineages in place of the samples (the built-in data without a folder).
#[test]
#[ignore = "writes files to look at"]
fn pictures_to_look_at() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    let traces = std::env::var("TRACES").unwrap_or_default();
    let mut all: Vec<(String, Timeline, Style)> = Vec::new();
    for trace in traces.split(';').filter(|trace| !trace.is_empty()) {
        let mut parts = trace.split('=');
        let mut part = |usual: &'static str| parts.next().filter(|part| !part.is_empty()).unwrap_or(usual);
        let (data, name, date, languages) = (part(""), part(""), part("2026-01-01"), part(""));
        let engine = match data {
            "" => crate::Engine::builtin().expect("the built-in dataset"),
            data => crate::Engine::from_folder(std::path::Path::new(data)).expect("a dataset"),
        };
        let request = crate::engine::LineageRequest::of(name).as_of(date);
        let asked = crate::picture::Asked { query: request.to_string(), ..Default::default() };
        let found = engine.lineage(&request).expect("a lineage");
        let data = std::path::Path::new(data).file_name().map_or("builtin".into(), |d| d.to_string_lossy());
        let languages = languages.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        let style = Style { languages, ..Style::default() };
        all.push((format!("{data}-{}", name.replace(' ', "-")), crate::picture::lineage(&found, &asked), style));
    }
    if all.is_empty() {
        all.extend(lineages().into_iter().map(|(name, timeline)| (name.to_owned(), timeline, Style::default())));
    }
    for (name, timeline, style) in all {
        let began = std::time::Instant::now();
        let svg = timeline_svg(&timeline, &style);
        let drawn = began.elapsed();
        let png = png(&svg, 1.0, &Fonts::default()).expect("it can be drawn");
        println!("{name}: {} bodies, {drawn:?}, {} bytes, PNG {:?}", timeline.bodies.len(), svg.len(), began.elapsed());
        std::fs::write(format!("{folder}/{name}.svg"), &svg).expect("the folder can be written");
        std::fs::write(format!("{folder}/{name}.png"), png).expect("the folder can be written");
    }
}
