//! The geometry of every graph: nodes apart, texts apart, everything on the page; and pictures to look at.

use super::{Node, NodeLink, Relation, scene};
use crate::picture::model::Cite;
use crate::picture::samples::Dice;
use crate::picture::scene::{Item, Rect, Role, Scene};
use crate::picture::style::{Layout, Style};
use crate::picture::{node_link_svg, png};

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
            .map(|n| Cite { source: "000".into(), locator: format!("{n}.1"), support: 1, ..Cite::default() })
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
    for seed in 0..60 {
        let layout = [Layout::Layered, Layout::Force, Layout::LayeredDown][seed as usize % 3];
        let faults = faults(&scene(&random(seed, 40, 5 + seed as usize % 12), &style(layout, false)));
        assert!(faults.is_empty(), "seed {seed} {layout:?}: {:#?}", &faults[..faults.len().min(6)]);
    }
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
        std::fs::write(format!("{folder}/{name}.png"), png(&svg, 1.0).expect("it can be drawn"))
            .expect("the folder can be written");
        std::fs::write(
            format!("{folder}/{name}.time"),
            format!("{spent:?} {} nodes {} links", graph.nodes.len(), graph.links.len()),
        )
        .expect("the folder can be written");
    }
}
