//! The geometry of every graph: nodes apart, texts apart, everything on the page; and pictures to look at.

use super::{Node, NodeLink, Relation, scene};
use crate::picture::model::{Cite, Stated};
use crate::picture::samples::Dice;
use crate::picture::scene::{Item, Paint, Rect, Role, Scene};
use crate::picture::style::{Layout, Style};
use crate::picture::{Fonts, node_link_svg, png};

fn graph(title: &str, nodes: &[(&str, &str)], links: &[(usize, &str, usize)]) -> NodeLink {
    let node = |(at, (caption, kind)): (usize, &(&str, &str))| Node {
        id: at.to_string(),
        caption: (*caption).into(),
        kind: (*kind).into(),
        citations: vec![at],
        ..Node::default()
    };
    let link = |(from, kind, to): &(usize, &str, usize)| Relation {
        from: *from,
        to: *to,
        link_type: (*kind).into(),
        label: (*kind).into(),
        citations: vec![*to],
        ..Relation::default()
    };
    NodeLink {
        title: title.into(),
        query: Some("MATCH (a)-[r]->(b) RETURN *".into()),
        nodes: nodes.iter().enumerate().map(node).collect(),
        links: links.iter().map(link).collect(),
        citations: (0..nodes.len())
            .map(|n| Cite {
                source: "000".into(),
                locator: format!("{n}.1"),
                facts: vec![Stated { support: 1, ..Stated::default() }],
                ..Cite::default()
            })
            .collect(),
        ..NodeLink::default()
    }
}

fn protection() -> NodeLink {
    let nodes = [
        ("Social Code", "code"),
        ("Law on combating domestic violence", "law"),
        ("Commissioner for Human Rights", "office"),
        ("National Preventive Mechanism", "mechanism"),
        ("women", "group"),
        ("children", "group"),
        ("persons with disabilities", "group"),
        ("socially vulnerable citizens and everybody whom the state has promised to protect", "group"),
        ("detained persons", "group"),
    ];
    let links = [
        (0, "protects", 4),
        (0, "protects", 5),
        (0, "protects", 6),
        (0, "protects", 7),
        (1, "protects", 4),
        (1, "protects", 5),
        (2, "protects", 7),
        (2, "part-of", 3),
        (3, "protects", 8),
        (2, "strengthened", 3),
    ];
    graph("Who protects whom", &nodes, &links)
}

fn around_the_state() -> NodeLink {
    let mut nodes = vec![("Kazakhstan".to_string(), "state".to_string())];
    let kinds = ["law", "institution", "office", "treaty", "plan"];
    for n in 0..40 {
        nodes.push((
            format!("{} number {n}", ["Law", "Committee", "Commissioner", "Protocol", "Plan"][n % 5]),
            kinds[n % 5].to_string(),
        ));
    }
    let links: Vec<(usize, &str, usize)> =
        (1..41).map(|n| (0, ["adopted", "established", "appoints", "ratified", "adopted"][(n - 1) % 5], n)).collect();
    let nodes: Vec<(&str, &str)> = nodes.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    graph("Everything the state did", &nodes, &links)
}

fn knots() -> NodeLink {
    let nodes = [("A", "x"), ("B", "x"), ("C", "y"), ("alone", "y"), ("D", "z"), ("E", "z")];
    let links = [
        (0, "likes", 1),
        (0, "knows", 1),
        (1, "likes", 0),
        (0, "self", 0),
        (1, "leads", 2),
        (2, "leads", 0),
        (4, "pair", 5),
        (5, "own", 5),
        (5, "own again", 5),
    ];
    graph("Circles, loops, parallels, islands", &nodes, &links)
}

fn random(seed: u64, most: usize, density: usize) -> NodeLink {
    let mut dice = Dice::new(seed);
    let n = 1 + dice.roll(most);
    let kinds = ["institution", "law", "office", "group", "plan"];
    let words = [
        "Ministry of Justice",
        "Ұлттық құрылтай",
        "Law",
        "国家人权委员会",
        "Commissioner for the rights of socially vulnerable citizens",
        "Plan",
    ];
    let nodes: Vec<(&str, &str)> = (0..n).map(|_| (words[dice.roll(6)], kinds[dice.roll(5)])).collect();
    let types = ["protects", "adopted", "part-of", "transferred-to", ""];
    let links: Vec<(usize, &str, usize)> =
        (0..dice.roll(n * density / 10 + 2)).map(|_| (dice.roll(n), types[dice.roll(5)], dice.roll(n))).collect();
    let mut graph = graph(&format!("Random {seed}"), &nodes, &links);
    graph.clusters = dice.chance(50);
    graph
}

fn faults(scene: &Scene) -> Vec<String> {
    let page = Rect::new(0.0, 0.0, scene.width, scene.height);
    let (mut texts, mut nodes, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for item in &scene.items {
        match item {
            Item::Text(text) => texts.push((text.room(), text.role, text.line.0[0].text.as_str())),
            Item::Box { rect, role: Role::Body(node), .. } => nodes.push((*rect, *node)),
            _ => {}
        }
    }
    for (at, (room, role, words)) in texts.iter().enumerate() {
        if room.x < 0.0 || room.y < 0.0 || room.right() > page.w || room.bottom() > page.h {
            faults.push(format!("`{words}` leaves the page {room:?} {page:?}"));
        }
        faults.extend(texts[at + 1..].iter().filter(|o| o.0.meets(room)).map(|o| format!("`{words}` meets `{}`", o.2)));
        for (rect, node) in &nodes {
            let own = *role == Role::OfBody(*node);
            let inside = room.x >= rect.x - 0.01
                && room.right() <= rect.right() + 0.01
                && room.y >= rect.y - 0.01
                && room.bottom() <= rect.bottom() + 0.01;
            if own && !inside {
                faults.push(format!("`{words}` leaves its box {room:?} {rect:?}"));
            } else if !own && rect.meets(room) {
                faults.push(format!("`{words}` lies on node {node}"));
            }
        }
    }
    for (at, (rect, node)) in nodes.iter().enumerate() {
        faults.extend(
            nodes[at + 1..].iter().filter(|o| o.0.meets(rect)).map(|o| format!("node {node} meets node {}", o.1)),
        );
    }
    faults
}

fn style(layout: Layout, citations: bool) -> Style {
    Style { layout, citations, ..Style::default() }
}

#[test]
fn graphs_are_sound_in_every_layout() {
    for layout in [Layout::Auto, Layout::Layered, Layout::LayeredDown, Layout::Force] {
        for graph in
            [protection(), around_the_state(), knots(), NodeLink::default(), graph("One", &[("one", "a")], &[])]
        {
            let faults = faults(&scene(&graph, &style(layout, true)));
            assert!(faults.is_empty(), "{} {layout:?}: {faults:#?}", graph.title);
        }
    }
}

#[test]
fn random_graphs_are_sound() {
    for seed in 0..120 {
        let layout = [Layout::Layered, Layout::Force, Layout::LayeredDown, Layout::Auto][seed as usize % 4];
        let faults = faults(&scene(&random(seed, 60, 5 + seed as usize % 12), &style(layout, seed % 5 == 0)));
        assert!(faults.is_empty(), "seed {seed} {layout:?}: {:#?}", &faults[..faults.len().min(6)]);
    }
}

/// A check that never fails proves nothing: every fault it is there for is made, and must be seen.
#[test]
fn the_check_sees_every_fault() {
    let sound = scene(&protection(), &Style::default());
    let of = |wanted: fn(&Role) -> bool| {
        let all = sound.items.iter().enumerate();
        all.filter(|(_, i)| matches!(i, Item::Text(t) if wanted(&t.role))).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let (nodes, labels) = (of(|r| matches!(r, Role::OfBody(_))), of(|r| matches!(r, Role::OfLink(_))));
    let spoilt = |at: usize, x: f64, y: f64| {
        let mut scene = sound.clone();
        if let Item::Text(text) = &mut scene.items[at] {
            (text.x, text.y) = (x, y);
        }
        faults(&scene).join("\n")
    };
    let place = |at: usize| if let Item::Text(t) = &sound.items[at] { (t.x, t.y) } else { (0.0, 0.0) };
    let (x, y) = place(nodes[0]);
    assert!(spoilt(labels[0], x, y).contains("lies on node"));
    assert!(spoilt(labels[0], place(labels[1]).0, place(labels[1]).1).contains("meets"));
    assert!(spoilt(nodes[0], x + 400.0, y).contains("leaves its box"));
    assert!(spoilt(labels[0], sound.width - 3.0, y).contains("leaves the page"));
    let mut scene = sound.clone();
    let one = rect_of(&scene, 0);
    scene.rect(Rect { w: one.w / 2.0, ..one }, 0.0, Paint::default(), Role::Body(99));
    assert!(faults(&scene).join("\n").contains("meets node 99"));
    assert!(faults(&sound).is_empty());
}

fn rect_of(scene: &Scene, node: usize) -> Rect {
    let found = scene.items.iter().find_map(|i| match i {
        Item::Box { rect, role: Role::Body(n), .. } if *n == node => Some(*rect),
        _ => None,
    });
    found.expect("every node has a box")
}

/// Frames were once drawn only where chance had kept the kinds apart.
#[test]
fn clusters_hold_their_kind_and_no_other() {
    for seed in 0..40 {
        let graph = random(seed, 60, 12);
        let boxes = super::Boxes::measure(&graph, &Style::default());
        let placed = super::force::place(&NodeLink { clusters: true, ..graph.clone() }, &boxes);
        let kinds: std::collections::BTreeSet<&str> = graph.nodes.iter().map(|n| n.kind.as_str()).collect();
        assert_eq!(placed.clusters.len(), kinds.len(), "seed {seed}");
        for (at, (kind, frame)) in placed.clusters.iter().enumerate() {
            assert!(!placed.clusters[at + 1..].iter().any(|(_, other)| other.meets(frame)), "seed {seed} {kind}");
            for (node, rect) in graph.nodes.iter().zip(&placed.nodes) {
                let inside = rect.x >= frame.x
                    && rect.right() <= frame.right()
                    && rect.y >= frame.y
                    && rect.bottom() <= frame.bottom();
                assert_eq!(inside, node.kind == *kind, "seed {seed}: {} and the frame of {kind}", node.caption);
                assert!(inside || !rect.meets(frame), "seed {seed}: {} is half in the frame of {kind}", node.caption);
            }
        }
    }
}

/// Straight lines once ran behind boxes they had nothing to do with, and seemed to end there.
#[test]
fn few_lines_run_behind_a_stranger() {
    let (mut all, mut behind) = (0, 0);
    for seed in 0..60 {
        let graph = random(seed, 60, 9);
        let boxes = super::Boxes::measure(&graph, &Style::default());
        let placed = super::force::place(&NodeLink { clusters: seed % 2 == 0, ..graph.clone() }, &boxes);
        for (link, route) in graph.links.iter().zip(&placed.routes).filter(|(l, _)| l.from != l.to) {
            let strangers = placed.nodes.iter().enumerate().filter(|(n, _)| *n != link.from && *n != link.to);
            let cut = |r: &Rect| route.points.windows(2).any(|p| super::force::cuts(r, p[0], p[1]));
            all += 1;
            behind += usize::from(strangers.into_iter().any(|(_, r)| cut(r)));
        }
    }
    assert!(all > 500 && behind * 100 < all * 5, "{behind} of {all}");
}

/// Seventeen nodes without relationships once stood under each other, a page long.
#[test]
fn what_is_connected_with_nothing_stands_in_rows() {
    let nodes: Vec<(&str, &str)> = vec![("Commissioner for Human Rights", "office"); 17];
    let scene = scene(&graph("Offices", &nodes, &[]), &Style::default());
    assert!(scene.height < 600.0 && scene.width < 1200.0, "{} x {}", scene.width, scene.height);
}

/// The shape of a kind once depended on what else was drawn.
#[test]
fn a_kind_has_the_same_shape_in_every_picture() {
    let shape = |others: &[(&str, &str)]| {
        let mut nodes = vec![("Court", "institution"), ("Ban", "ordinance")];
        nodes.extend(others);
        let boxes = super::Boxes::measure(&graph("", &nodes, &[]), &Style::default());
        (boxes.nodes[0].shape, boxes.nodes[1].shape)
    };
    assert_eq!(shape(&[]), shape(&[("a", "actor"), ("b", "bureau"), ("c", "law"), ("z", "zone")]));
}

/// What the example of the documentation sets can be seen in a picture.
#[test]
fn the_style_of_the_documentation_is_seen() {
    let style = Style::read(include_str!("../../../examples/pictures/style.toml")).expect("a sound style");
    let mut graph = protection();
    graph.nodes[1].properties = vec![("id".into(), "constitution".into())];
    graph.links.push(Relation {
        from: 0,
        to: 1,
        link_type: "adopted".into(),
        label: "adopted".into(),
        ..Relation::default()
    });
    graph.nodes.push(Node { caption: "Media Law".into(), kind: "law".into(), ..Node::default() });
    let svg = node_link_svg(&graph, &style);
    for seen in [
        "§ Media Law",
        "stroke=\"#8c2f39\" stroke-width=\"1.4\"",
        "stroke=\"#b5651d\" stroke-width=\"3\"",
        "law or code (2)",
        "protects the rights of",
        "stroke=\"#2f6690\" stroke-width=\"2.2\"",
        "stroke-dasharray=\"6 4\"",
        "cite-1",
        "@font-face",
    ] {
        assert!(svg.contains(seen), "{seen}");
    }
    assert_eq!((style.languages.len(), style.layout, style.page.width), (2, Layout::Layered, 1200.0));
}

#[test]
fn every_node_and_most_labels_are_there() {
    for graph in [protection(), knots(), around_the_state()] {
        let scene = scene(&graph, &Style::default());
        let count = |wanted: fn(&Role) -> bool| {
            let mut roles: Vec<Role> = scene
                .items
                .iter()
                .filter_map(|i| if let Item::Text(t) = i { Some(t.role) } else { None })
                .filter(&wanted)
                .collect();
            roles.dedup();
            roles.len()
        };
        assert_eq!(count(|r| matches!(r, Role::OfBody(_))), graph.nodes.len(), "{}", graph.title);
        assert_eq!(count(|r| matches!(r, Role::OfLink(_))), graph.links.len(), "{}", graph.title);
    }
}

#[test]
fn three_hundred_nodes_are_drawn_and_twice_the_same() {
    let graph = random(9, 600, 10);
    assert!(graph.nodes.len() > 250, "{}", graph.nodes.len());
    let svg = node_link_svg(&graph, &Style::default());
    assert_eq!(svg, node_link_svg(&graph, &Style::default()));
    let layered = style(Layout::Layered, false);
    assert_eq!(node_link_svg(&random(9, 60, 12), &layered), node_link_svg(&random(9, 60, 12), &layered));
}

#[test]
fn too_many_nodes_are_counted_not_drawn() {
    let nodes: Vec<(&str, &str)> = vec![("n", "k"); 60];
    let graph = graph("Many", &nodes, &[(3, "a", 4), (4, "a", 59)]).limited(10);
    assert_eq!((graph.nodes.len(), graph.links.len(), graph.notes.len()), (10, 2, 1));
    assert_eq!(graph.nodes[9].id, "59");
}

/// `PICTURES=DIR cargo test graphs_to_look_at -- --ignored` writes every sample there.
#[test]
#[ignore = "writes files to look at"]
fn graphs_to_look_at() {
    let Ok(folder) = std::env::var("PICTURES") else { return };
    let mut clustered = around_the_state();
    clustered.clusters = true;
    let ruled = Style::read(
        "[[rule]]\nkind = \"group\"\nshape = \"ellipse\"\ncolour = \"#7d5ba6\"\n[[rule]]\ntype = \"protects\"\ncolour = \"#2f6690\"\nwidth = 2\n\
         [[rule]]\ntype = \"part-of\"\ndash = \"4 3\"\nlabel = \"belongs to\"\n[[rule]]\nkind = \"office\"\nicon = \"§\"\nshape = \"diamond\"",
    )
    .expect("a sound style");
    let all = [
        ("nl-protection", protection(), style(Layout::Auto, true)),
        ("nl-ruled", protection(), ruled),
        ("nl-star", around_the_state(), style(Layout::Auto, false)),
        ("nl-star-force", clustered, style(Layout::Force, false)),
        ("nl-knots", knots(), style(Layout::Auto, false)),
        ("nl-knots-force", knots(), style(Layout::Force, false)),
        ("nl-random-60", random(9, 90, 14), style(Layout::Layered, false)),
        ("nl-random-dense", random(12, 60, 30), style(Layout::Auto, false)),
        ("nl-random-300", random(9, 600, 10), style(Layout::Auto, false)),
        ("nl-down", protection(), style(Layout::LayeredDown, false)),
    ];
    for (name, graph, style) in all {
        let start = std::time::Instant::now();
        let svg = node_link_svg(&graph, &style);
        let spent = start.elapsed();
        std::fs::write(format!("{folder}/{name}.svg"), &svg).expect("the folder can be written");
        std::fs::write(format!("{folder}/{name}.png"), png(&svg, 1.0, &Fonts::default()).expect("it can be drawn"))
            .expect("the folder can be written");
        std::fs::write(
            format!("{folder}/{name}.time"),
            format!("{spent:?} {} nodes {} links", graph.nodes.len(), graph.links.len()),
        )
        .expect("the folder can be written");
    }
}
