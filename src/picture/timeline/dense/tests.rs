//! The geometry of dense charts: over made-up lineages, the built-in data and examples, and those of `SHEJIRE_CASES`.

use std::cell::Cell;

use super::*;
use crate::engine::{Engine, LineageRequest};
use crate::picture::samples::{Dice, Draft, forest_of, random_of};
use crate::picture::scene::{Item, Rect, Role};
use crate::picture::timeline::faults;
use crate::picture::{Asked, lineage};

thread_local! {
    pub(super) static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// The chart as `scene` settles it: the width it had is found again from the picture.
fn chart<'a>(timeline: &'a Timeline, style: &'a Style) -> Dense<'a> {
    let wide = page_width(style, timeline.bodies.len()) - 2.0 * crate::picture::timeline::MARGIN;
    settled(timeline, style, wide)
}

/// What is wrong with a dense picture, in words.
fn wrong(timeline: &Timeline, style: &Style) -> Vec<String> {
    let timeline = &timeline.mended();
    let chart = chart(timeline, style);
    let scene = draw(&chart);
    let mut wrong = faults(&scene);
    let texts: Vec<(Rect, &str)> = scene
        .items
        .iter()
        .filter_map(|i| match i {
            Item::Text(t) => Some((t.room(), t.line.0[0].text.as_str())),
            _ => None,
        })
        .collect();
    let mut bars: Vec<Vec<Rect>> = vec![Vec::new(); timeline.bodies.len()];
    let mut bridges: Vec<Vec<Rect>> = vec![Vec::new(); timeline.bodies.len()];
    let mut crossings: Vec<(usize, Rect)> = Vec::new();
    let mut lines: Vec<(usize, Rect)> = Vec::new();
    for item in &scene.items {
        if let Item::Box { rect, role: Role::Bridge(body), .. } = item {
            // what is drawn before the bridge passes under the bar
            bridges[*body].push(*rect);
            continue;
        }
        let Item::Path { points, role, .. } = item else { continue };
        match role {
            Role::Body(body) => {
                let (x0, x1) = (points[0].0.min(points[1].0), points[0].0.max(points[1].0));
                bars[*body].push(Rect::new(x0, points[0].1, x1 - x0, points[2].1 - points[0].1));
            }
            Role::Link(first) => {
                for pair in points.windows(2) {
                    let line = Rect::new(
                        pair[0].0.min(pair[1].0) - 0.2,
                        pair[0].1.min(pair[1].1),
                        (pair[0].0 - pair[1].0).abs() + 0.4,
                        (pair[0].1 - pair[1].1).abs().max(0.1),
                    );
                    lines.push((*first, line));
                    for (_, words) in texts.iter().filter(|(room, _)| room.meets(&line)) {
                        wrong.push(format!("link {first} runs through `{words}` at {line:?}"));
                    }
                    if bridges.iter().any(|b| !b.is_empty()) {
                        wrong.push(format!("link {first} is drawn over the bars"));
                    }
                    crossings.push((*first, line));
                }
            }
            _ => {}
        }
    }
    for (body, bars) in bars.iter().enumerate() {
        let covered =
            |bar: &Rect| bridges[body].iter().any(|b| b.x <= bar.x && b.right() >= bar.right() && b.y < bar.y);
        for bar in bars.iter().filter(|bar| !covered(bar)) {
            for (link, _) in crossings.iter().filter(|(_, line)| line.meets(bar)) {
                wrong.push(format!("link {link} crosses the bar of {body} without a bridge"));
            }
        }
    }
    let zero = scene.items.iter().find_map(|item| match item {
        Item::Text(text) if text.role == Role::OfBody(0) => Some(text.x - chart.labels[0].x),
        _ => None,
    });
    let zero = zero.unwrap_or(0.0);
    // every line leaves and lands at its date, at the height of its bar
    for upright in &chart.uprights {
        for &at in &upright.links {
            let link = &timeline.links[at];
            let date = link.when.bounds().and_then(|(lo, hi)| chart.scale.map(|s| s.x((lo + hi) / 2.0)));
            let x = zero + date.unwrap_or(chart.bars[link.to].x0);
            for body in [link.from, link.to] {
                let Some(bar) = bars[body].first() else { continue };
                // what meets the bar at the date, give or take half a unit and the length of a head
                let there = Rect::new(x - 0.5, bar.y - 6.0, 1.0, bar.h + 12.0);
                if !lines.iter().any(|(first, line)| upright.links.first() == Some(first) && line.meets(&there)) {
                    wrong.push(format!("link {at} does not stand at its date {x} at body {body}, {bar:?}"));
                }
            }
        }
    }
    for (body, label) in timeline.bodies.iter().zip(&chart.labels) {
        let name = crate::picture::font::clean(&body.name);
        if !name.trim().is_empty() && label.line.width() < chart.width * 0.8 && !label.line.text().contains(&*name) {
            wrong.push(format!("the name `{name}` is cut: {}", label.line.text()));
        }
    }
    wrong
}

fn assert_sound(name: &str, timeline: &Timeline) {
    let wrong = wrong(timeline, &Style::default());
    assert!(
        wrong.is_empty(),
        "{name}: {} faults\n{}",
        wrong.len(),
        wrong[wrong.len() - wrong.len().min(12)..].join("\n")
    );
}

/// A check that never fails proves nothing: each fault it is there for is made, and must be seen.
#[test]
fn the_check_sees_every_fault() {
    let mut timeline = forest_of(3, 60);
    assert_sound("sound", &timeline);
    let style = Style::default();
    let mut chart = chart(&timeline, &style);
    chart.labels[7].x = chart.labels[8].x;
    chart.row_of[7] = chart.row_of[8];
    assert!(faults(&draw(&chart)).join("").contains("meets"));
    timeline.bodies[0].name = "x ".repeat(2_000);
    assert!(wrong(&timeline, &style).iter().all(|fault| !fault.contains("is cut")), "longer than the page");
}

#[test]
fn thirty_random_lineages_are_sound() {
    let many: u64 = std::env::var("LINEAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    for seed in 0..many {
        let most = if seed % 10 == 0 { 400 } else { 120 };
        assert_sound(&format!("seed {seed}"), &random_of(seed, most));
        assert_sound(&format!("forest {seed}"), &forest_of(seed, 40 + (seed as usize * 37) % 360));
    }
}

/// One lineage of a folder, drawn densely however small it is.
fn traced(engine: &Engine, name: &str) -> Timeline {
    let request = LineageRequest::of(name).as_of("2026-01-01");
    let asked = Asked { query: request.to_string(), ..Asked::default() };
    lineage(&engine.lineage(&request).expect("a lineage"), &asked)
}

#[test]
fn built_in_and_example_lineages_are_sound() {
    let built_in = Engine::builtin().expect("the built-in dataset");
    for name in ["National Kurultai", "Constitutional Court", "Ministry of Health", "Prosecutor General's Office"] {
        assert_sound(name, &traced(&built_in, name));
    }
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/communes-manche"));
    let manche = Engine::from_folder(folder).expect("the example");
    let rows = manche.run("MATCH (n:commune) RETURN n.id AS id").expect("communes");
    for row in rows.iter().step_by(9) {
        if let Some(crate::Value::Str(id)) = row.value("id") {
            assert_sound(id, &traced(&manche, id));
        }
    }
}

/// `SHEJIRE_CASES` names a folder of datasets that are not part of the program; without it this says so.
#[test]
fn lineages_of_other_folders_are_sound() {
    let Ok(folder) = std::env::var("SHEJIRE_CASES") else {
        eprintln!("skipped: SHEJIRE_CASES names no folder of datasets");
        return;
    };
    for (data, names) in [
        ("linux", &["Debian", "Slackware"][..]),
        ("dense", &["m0", "c0"]),
        ("fr-regions", &["region-44_2016-01-01", "region-01_1970-01-09"]),
        ("communes-manche", &["50410_2016-01-01", "50410_0"]),
        ("velmara", &["velmara"]),
    ] {
        let engine = Engine::from_folder(&std::path::Path::new(&folder).join(data)).expect("a dataset");
        for name in names {
            assert_sound(name, &traced(&engine, name));
        }
    }
}

/// Two mergers of one day into one commune once landed years apart.
#[test]
fn mergers_of_one_day_land_on_one_line() {
    let mut d = Draft::new("Mergers", "TRACE 'M'");
    let one = d.body("M", "commune", "1990", "..");
    for n in 0..14 {
        let part = d.body(&format!("Part {n}"), "commune", "1950", "2016-01-01");
        d.link(part, "merged-into", one, "2016-01-01");
        d.0.links[n].event = format!("e{}", n % 2);
    }
    assert_sound("mergers", &d.0);
    let style = Style::default();
    let chart = chart(&d.0, &style);
    assert_eq!(chart.uprights.len(), 1);
    assert_eq!((chart.uprights[0].leaves.len(), chart.uprights[0].aside), (14, chart.uprights[0].x));
}

#[test]
fn what_does_not_meet_in_time_shares_rows() {
    let mut d = Draft::new("Rows", "TRACE 'A'");
    for n in 0..20 {
        for (at, (from, to)) in [("1900", "1940"), ("1940", "1980"), ("1980", "2020")].into_iter().enumerate() {
            let (from, to) = (format!("{from}-01-01"), format!("{to}-01-01"));
            let body = d.body(&format!("Office {n}.{at}"), "office", &from, &to);
            if at > 0 {
                d.link(body - 1, "transformed-into", body, &from);
            }
        }
    }
    assert_sound("offices", &d.0);
    let style = Style::default();
    let chart = chart(&d.0, &style);
    assert_eq!(chart.rows, 40, "what follows the second stands beside the first");
}

/// A tree in which each body comes from one other needs no line across a bar.
#[test]
fn trees_are_drawn_without_crossings() {
    let style = Style::default();
    for seed in 0..12 {
        let timeline = forest_of(seed, 150);
        let chart = chart(&timeline, &style);
        // those that fall on each other run beside their dates
        let alone = chart.uprights.iter().filter(|upright| upright.aside == upright.x);
        let crossed: usize = alone.map(|upright| crossed(&chart, upright)).sum();
        assert!(crossed * 10 <= timeline.links.len(), "{seed}: {crossed} of {}", timeline.links.len());
    }
}

fn crossed(chart: &Dense<'_>, upright: &Upright) -> usize {
    let between = |body: &usize| chart.row_of[*body] > upright.top && chart.row_of[*body] < upright.bottom;
    let foreign = |body: &usize| !upright.leaves.contains(body) && !upright.arrives.contains(body);
    let covers = |body: &usize| chart.bars[*body].x0 < upright.aside && upright.aside < chart.bars[*body].x1;
    (0..chart.bars.len()).filter(|body| between(body) && foreign(body) && covers(body)).count()
}

/// The work is counted, not timed: twice the bodies are far from four times the steps.
#[test]
fn the_work_grows_with_the_bodies() {
    let style = Style::default();
    let steps = |timeline: &Timeline| {
        STEPS.with(|steps| steps.set(0));
        lay_out(timeline, &style, 2_000.0);
        STEPS.with(Cell::get) as f64
    };
    let star = |bodies: usize| {
        let mut d = Draft::new("A star", "TRACE 'hub'");
        let mut dice = Dice::new(5);
        let hub = d.body("hub", "office", "1900", "..");
        for n in 1..bodies {
            let date = format!("{}-{:02}-{:02}", 1900 + dice.roll(120), 1 + dice.roll(12), 1 + dice.roll(28));
            let body = d.body(&format!("branch {n}"), "office", &date, "..");
            d.link(hub, "split-into", body, &date);
        }
        d.0
    };
    for (name, make) in [
        ("star", &star as &dyn Fn(usize) -> Timeline),
        ("forest", &|bodies| forest_of(1, bodies)),
        ("random", &|bodies| random_of(11, bodies)),
    ] {
        let (one, two) = (make(1_000), make(2_000));
        let growth = two.bodies.len() as f64 / one.bodies.len() as f64;
        let (few, many) = (steps(&one), steps(&two));
        assert!(
            many / few < growth * 1.6,
            "{name}: {few} steps for {}, {many} for {}",
            one.bodies.len(),
            two.bodies.len()
        );
        assert!(many < 400.0 * two.bodies.len() as f64, "{name}: {many}");
    }
}

#[test]
fn the_same_lineage_gives_the_same_picture() {
    let timeline = random_of(4, 90);
    let style = Style::default();
    assert_eq!(format!("{:?}", scene(&timeline, &style).items), format!("{:?}", scene(&timeline, &style).items));
}
