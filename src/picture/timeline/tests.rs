//! The geometry of every lineage: texts on the page, none upon another, none upon a bar that is not its own.

use super::scene;
use crate::picture::model::Timeline;
use crate::picture::samples::{lineages, random};
use crate::picture::scene::{Item, Rect, Role, Scene};
use crate::picture::style::Style;
use crate::picture::{png, timeline_svg};

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
fn few_names_have_a_line_behind_them() {
    let ours = lineages().into_iter().filter(|(name, _)| !name.starts_with("random"));
    let (mut crossed, mut all) = (0, 0);
    for (_, timeline) in ours {
        let (c, n) = crossings(&draw(&timeline));
        crossed += c;
        all += n;
    }
    assert!(crossed * 100 < all * 12, "{crossed} of {all} texts have a line behind them");
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
        assert!(crate::picture::raster::tree(&svg).is_ok(), "{name}");
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
    for words in ["Dates not stated.", "transformed into", "National Kurultai", "001:22", "TRACE &#39;National Council"]
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

/// `PICTURES=DIR cargo test pictures_to_look_at -- --ignored` writes every sample there.
#[test]
#[ignore = "writes files to look at"]
fn pictures_to_look_at() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    for (name, timeline) in lineages() {
        let svg = timeline_svg(&timeline, &Style::default());
        std::fs::write(format!("{folder}/{name}.svg"), &svg).expect("the folder can be written");
        std::fs::write(format!("{folder}/{name}.png"), png(&svg, 1.0).expect("it can be drawn"))
            .expect("the folder can be written");
    }
}
