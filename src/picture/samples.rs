//! Made-up lineages for the tests and for looking at: every case the picture's language has a sign for.

use super::model::*;
use super::when::When;

/// A small random stream (xorshift), so that a seed always makes the same lineage.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn roll(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

/// Writes a lineage in few words.
pub(crate) struct Draft(pub(crate) Timeline);

impl Draft {
    pub(crate) fn new(title: &str, query: &str) -> Self {
        let as_of = AsOf { when: When::parse("2026-11-21"), word: "today".into() };
        Self(Timeline { title: title.into(), query: Some(query.into()), as_of: Some(as_of), ..Timeline::default() })
    }

    pub(crate) fn cite(&mut self, place: &str, support: usize) -> usize {
        let (source, locator) = place.split_once(':').unwrap_or((place, ""));
        let titles = [
            "Non-paper on reforms",
            "Summary of the press service",
            "Article of the Minister of Justice",
            "Euractiv page",
            "Article on rights",
        ];
        let title = source.parse::<usize>().ok().and_then(|n| titles.get(n)).copied().unwrap_or("Collected acts");
        self.0.citations.push(Cite {
            source: source.into(),
            locator: locator.into(),
            title: title.into(),
            facts: vec![Stated { kind: "stated".into(), fact: place.into(), support, reading: "explicit".into() }],
            sentence: None,
        });
        self.0.citations.len() - 1
    }

    pub(crate) fn body(&mut self, name: &str, kind: &str, start: &str, end: &str) -> usize {
        let cite = self
            .cite(&format!("00{}:{}", self.0.bodies.len() % 5, self.0.bodies.len() + 7), 1 + self.0.bodies.len() % 3);
        self.0.bodies.push(Body {
            id: format!("b{}", self.0.bodies.len()),
            name: name.into(),
            kind: kind.into(),
            lane: kind.into(),
            start: When::parse(start),
            end: When::parse(end),
            citations: vec![cite],
            evidence: true,
            ..Body::default()
        });
        self.0.bodies.len() - 1
    }

    pub(crate) fn link(&mut self, from: usize, kind: &str, to: usize, when: &str) -> usize {
        let cite = self.cite(&format!("00{}:{}.{}", (from + to) % 5, from + 11, to + 1), 2);
        self.0.links.push(Link {
            from,
            to,
            kind: kind.into(),
            when: When::parse(when),
            citations: vec![cite],
            ..Link::default()
        });
        self.0.links.len() - 1
    }

    pub(crate) fn event(&mut self, body: usize, kind: &str, detail: &str, when: &str) -> usize {
        let cite = self.cite(&format!("001:{}", body + 20), 1);
        let event = Event {
            kind: kind.into(),
            detail: detail.into(),
            when: When::parse(when),
            citations: vec![cite],
            ..Event::default()
        };
        self.0.bodies[body].events.push(event);
        self.0.bodies[body].events.len() - 1
    }
}

fn kurultai() -> Timeline {
    let mut d = Draft::new("National Council of Public Trust", "TRACE 'National Council of Public Trust'");
    let a = d.body("National Council of Public Trust", "institution", "", "");
    let b = d.body("National Kurultai", "institution", "", "..");
    d.0.bodies[b].names = vec![("kk".into(), "Ұлттық құрылтай".into()), ("ru".into(), "Национальный курултай".into())];
    let l = d.link(a, "transformed-into", b, "");
    let more = d.cite("001:22", 2);
    d.0.links[l].citations.push(more);
    d.0.focus = Some(a);
    d.0
}

fn court() -> Timeline {
    let mut d = Draft::new("Constitutional Court", "TRACE 'Constitutional Court'");
    let a = d.body("Constitutional Court", "institution", "", "..");
    d.event(a, "established", "by Kazakhstan", "");
    d.event(a, "re-established", "by Kazakhstan · wording: recreated, reinstated", "");
    d.0.bodies[a].events.iter_mut().for_each(|e| e.disputed = true);
    let side = |at, claim: &str, support, cites: &[usize]| Side {
        claim: claim.into(),
        at: Target::Event(a, at),
        support,
        citations: cites.to_vec(),
    };
    d.0.conflicts.push(Conflict {
        topic: "Constitutional Court: created or restored?".into(),
        sides: vec![
            side(0, "Kazakhstan established the Constitutional Court", 2, &[0, 1]),
            side(1, "Kazakhstan re-established the Constitutional Court", 3, &[2]),
        ],
    });
    d.0.focus = Some(a);
    d.0
}

fn health_of_prisoners() -> Timeline {
    let mut d = Draft::new("Health care of prisoners", "TRACE 'prisoner medical care'");
    let a = d.body("Ministry of Internal Affairs", "institution", "", "..");
    let b = d.body("Ministry of Health", "institution", "", "..");
    let l = d.link(a, "transferred-to", b, "");
    d.0.links[l].function = Some("medical care of prisoners".into());
    d.0
}

fn ministries() -> Timeline {
    let mut d = Draft::new(
        "Ministry of Digital Development, Innovations and Aerospace Industry",
        "TRACE 'Ministry of Digital Development' BACKWARD AS OF date('2026-11-21')",
    );
    let a = d.body("Ministry of Transport and Communications", "institution", "1994-06", "2014-08-06");
    let b = d.body("Agency for Informatization and Communications", "institution", "2003-06-13", "2010-03-12");
    let c = d.body("Ministry of Communications and Information", "institution", "2010-03-12", "2012-01-20");
    let e = d.body("Ministry of Investments and Development", "institution", "2014-08-06", "2018-12-26");
    let f = d.body("Ministry of Information and Communications", "institution", "2016-05-06", "2019-02-25");
    let g = d.body("Ministry of Defence and Aerospace Industry", "institution", "2016-10-06", "2019-06-17");
    let h = d.body(
        "Ministry of Digital Development, Innovations and Aerospace Industry",
        "institution",
        "2019-06-17",
        "..",
    );
    let i = d.body("Ministry of Information and Social Development", "institution", "2019-02-25", "2023-09-02");
    let j = d.body("Ministry of Culture and Information", "institution", "2023-09-02", "..");
    d.link(a, "split-into", b, "2003-06-13");
    d.link(b, "transformed-into", c, "2010-03-12");
    d.link(c, "merged-into", a, "2012-01-20");
    d.link(a, "merged-into", e, "2014-08-06");
    d.link(e, "split-into", f, "2016-05-06");
    d.link(f, "replaced-by", i, "2019-02-25");
    d.link(g, "transformed-into", h, "2019-06-17");
    let m = d.link(f, "transferred-to", h, "2019");
    d.0.links[m].function = Some("informatization and electronic government".into());
    d.link(i, "merged-into", j, "2023-09-02");
    d.0.focus = Some(h);
    d.0
}

fn merge_and_split() -> Timeline {
    let mut d =
        Draft::new("One agency from six, four from one", "TRACE 'Agency for Reform' VIA merged-into|split-into");
    let center = d.body("Agency for Strategic Planning and Reforms", "institution", "2010-01-01", "2018");
    for (n, name) in [
        "Statistics Committee",
        "Bureau of Prices",
        "Office of Plans",
        "Council on Competition",
        "Fund Supervision",
        "Reform Secretariat",
    ]
    .iter()
    .enumerate()
    {
        let from = d.body(name, "institution", &format!("{}", 1992 + n * 2), "2010-01-01");
        d.link(from, "merged-into", center, "2010-01-01");
    }
    for name in
        ["Bureau of National Statistics", "Agency for Competition", "Agency for Civil Service", "Centre for Reforms"]
    {
        let to = d.body(name, "institution", "2018", "..");
        d.link(center, "split-into", to, "2018");
    }
    d.0.focus = Some(center);
    d.0
}

fn long_names() -> Timeline {
    let mut d = Draft::new(
        "Қазақстан Республикасының мемлекеттік органдары: құрылуы, қайта құрылуы және таратылуы",
        "TRACE 'Мемлекеттік қызмет істері агенттігі' BACKWARD",
    );
    let names = [
        "Қазақстан Республикасының Мемлекеттік қызмет істері және сыбайлас жемқорлыққа қарсы іс-қимыл агенттігі (Сыбайлас жемқорлыққа қарсы)",
        "Қазақстан Республикасының Мемлекеттік қызмет істері министрлігі",
        "Қазақстан Республикасының Мемлекеттік қызмет істері және сыбайлас жемқорлыққа қарсы күрес агенттігі",
        "Ұлттық қоғамдық сенім кеңесінің жанындағы адам құқықтары жөніндегі өңіраралық үйлестіру және әдістемелік қамтамасыз ету орталығы",
    ];
    let a = d.body(names[0], "institution", "2014-08-29", "2015-12-11");
    let b = d.body(names[1], "institution", "2015-12-11", "2016-09-13");
    let c = d.body(names[2], "institution", "2016-09-13", "2019-06-17");
    let e = d.body(names[3], "institution", "2019", "..");
    d.link(a, "transformed-into", b, "2015-12-11");
    let l = d.link(b, "transformed-into", c, "2016-09-13");
    d.0.links[l].detail =
        "Қазақстан Республикасы Президентінің Жарлығымен, мемлекеттік басқару жүйесін одан әрі жетілдіру мақсатында"
            .into();
    d.link(c, "replaced-by", e, "2019-06");
    d.0.focus = Some(b);
    d.0
}

fn forms_of_government() -> Timeline {
    let mut d = Draft::new("What replaced the super-presidential system", "CONFLICTS OF 'super-presidential system'");
    d.0.lanes_by = "kind".into();
    let a = d.body("super-presidential system", "concept", "", "");
    let b = d.body("presidential republic with a strong parliament", "concept", "", "");
    let c = d.body("presidential-parliamentary republic", "concept", "", "");
    let r = d.body("constitutional reform of 2022", "reform", "", "");
    let x = d.link(a, "replaced-by", b, "");
    let y = d.link(a, "replaced-by", c, "");
    d.link(r, "led-to", b, "");
    for l in [x, y] {
        d.0.links[l].disputed = true;
    }
    let side = |at, claim: &str| Side { claim: claim.into(), at: Target::Link(at), support: 1, citations: vec![at] };
    d.0.conflicts.push(Conflict {
        topic: "Form of government after 2022".into(),
        sides: vec![
            side(x, "replaced by a presidential republic with a strong parliament"),
            side(y, "replaced by a presidential-parliamentary republic"),
        ],
    });
    d.0.focus = Some(a);
    d.0
}

fn mixed() -> Timeline {
    let mut d = Draft::new("Human rights bodies, as the documents date them", "TRACE 'Commissioner for Human Rights'");
    d.0.lanes_by = "kind".into();
    let a = d.body("Commission on Human Rights under the President", "institution", "1994~", "");
    let b = d.body("Commissioner for Human Rights", "office", "2002-09-19", "..");
    let c = d.body("Children's Rights Commissioner", "office", "2016", "..");
    let e = d.body("Law on the Commissioner for Human Rights", "law", "2021-12-29", "..");
    let f = d.body("Regional representatives of the Commissioner", "office", "", "..");
    let g = d.body("Coordinating council of the preventive mechanism", "institution", "2013/2014", "");
    let h = d.body("Expert council", "institution", "", "");
    d.link(a, "followed-by", b, "2002");
    let l = d.link(b, "split-into", c, "2016-02");
    d.0.links[l].inferred = true;
    d.link(e, "established", f, "2022");
    let m = d.link(a, "transferred-to", g, "2014-01");
    d.0.links[m].function = Some("visits to places of detention".into());
    d.link(g, "followed-by", h, "");
    d.event(b, "strengthened", "constitutional status", "2017-03-10");
    d.event(b, "strengthened", "own law", "2021-12-29");
    d.0.bodies[h].evidence = false;
    d.0.bodies[h].citations.clear();
    d.0.bodies[g].disputed = true;
    d.0.links[0].citations.clear();
    d.0.focus = Some(b);
    d.0
}

fn transfers() -> Timeline {
    let mut d = Draft::new("Functions on the move", "TRACE 'Ministry of Justice' VIA transferred-to");
    let a = d.body("Ministry of Internal Affairs", "institution", "1991-12", "..");
    let b = d.body("Ministry of Justice", "institution", "1991-12", "..");
    let c = d.body("Ministry of Health", "institution", "1992", "..");
    let e = d.body("Prosecutor General's Office", "institution", "1991-12-06", "..");
    for (from, to, when, what) in [
        (a, b, "2002-01-01", "penitentiary system"),
        (b, a, "2011-07-26", "penitentiary system"),
        (a, c, "2022-07", "medical care of prisoners"),
        (a, e, "2023-01-01", "investigation of torture"),
        (b, c, "2005", "forensic medicine"),
    ] {
        let l = d.link(from, "transferred-to", to, when);
        d.0.links[l].function = Some(what.into());
    }
    d.0
}

fn chain() -> Timeline {
    let mut d = Draft::new("A chain of twenty-five", "TRACE 'Office 24' BACKWARD");
    for n in 0..25 {
        let to = d.body(&format!("Office number {n} for the affairs of the state"), "institution", "", "");
        if n > 0 {
            d.link(to - 1, if n % 3 == 0 { "replaced-by" } else { "transformed-into" }, to, "");
        }
    }
    d.0.focus = Some(12);
    d.0
}

fn single() -> Timeline {
    let mut d = Draft::new("One body", "TRACE 'National Fund'");
    d.body("National Fund", "fund", "2000-08-23", "..");
    d.0
}

fn short_span() -> Timeline {
    let mut d = Draft::new("A week in January", "TRACE 'Commission'");
    let a = d.body("Extraordinary commission", "institution", "2022-01-05", "2022-01-19");
    let b = d.body("Government commission on the consequences", "institution", "2022-01-19", "2022-03");
    d.link(a, "transformed-into", b, "2022-01-19");
    d.0.as_of = Some(AsOf { when: When::parse("2022-03-01"), word: "as of".into() });
    d.0
}

fn strange() -> Timeline {
    let mut d = Draft::new(
        "<b>\"Strange\" & names</b> \u{202e}",
        "MATCH (n) WHERE n.name = '<script>alert(1)</script>' RETURN n\u{0}",
    );
    let a = d.body("国家人权委员会与国家公共信任理事会", "<kind>", "2001", "2010");
    let b = d.body("]]> <!-- & \" ' \u{1}\u{2} \u{202e}reversed", "k&k", "2010", "..");
    let c = d.body("Ministèreñ_ofÜmlautsWithoutAnySpaceInItsNameWhichGoesOnAndOnAndOnUntilItIsLongerThanAnyLineCouldEverBe1234567890", "x", "2010-05", "..");
    let e = d.body("", "", "last year", "XXXX-01-23");
    d.link(a, "transformed-into", b, "2010");
    d.link(b, "transformed-into", a, "2011");
    d.link(b, "<x>", c, "");
    d.link(c, "split-into", c, "2012");
    d.link(c, "", e, "once");
    d.link(7, "y", 9, "");
    d.0
}

fn empty() -> Timeline {
    Draft::new("Nothing", "TRACE 'Nobody'").0
}

/// A random lineage of up to `most` bodies.
pub(crate) fn random(seed: u64, most: usize) -> Timeline {
    let mut dice = Dice::new(seed);
    let bodies = 1 + dice.roll(most);
    tangle(dice, bodies)
}

/// A random lineage of so many bodies.
pub(crate) fn random_of(seed: u64, bodies: usize) -> Timeline {
    tangle(Dice::new(seed), bodies)
}

/// Trees of so many bodies, in which each but the roots comes from one that is there before it, as releases do.
pub(crate) fn forest_of(seed: u64, bodies: usize) -> Timeline {
    let mut dice = Dice::new(seed);
    let mut d = Draft::new("A forest", "TRACE 'root'");
    let mut lives: Vec<(usize, usize)> = Vec::new();
    for n in 0..bodies {
        let root = n == 0 || dice.chance(2);
        let from = dice.roll(n.max(1));
        let (start, parent) = match lives.get(from) {
            Some((start, end)) if !root => (start + dice.roll((end - start).max(1)), Some(from)),
            _ => (dice.roll(9_000), None),
        };
        let end = start + 30 + dice.roll(14_000);
        lives.push((start, end.min(19_000)));
        let day = |day: usize| format!("{}-{:02}-{:02}", 1970 + day / 360, 1 + day % 360 / 30, 1 + (day % 30).min(27));
        let end = if end > 19_000 { "..".to_owned() } else { day(end) };
        let mut name = name(&mut dice);
        name.truncate(name.char_indices().nth(6 + dice.roll(18)).map_or(name.len(), |(at, _)| at));
        let body = d.body(&name, "distribution", &day(start), &end);
        if let Some(parent) = parent {
            d.link(parent, "split-off", body, &day(start));
        }
    }
    d.0.focus = Some(0);
    d.0
}

fn tangle(mut dice: Dice, bodies: usize) -> Timeline {
    let undated = dice.chance(25);
    let mut d = Draft::new(&name(&mut dice), "TRACE 'random'");
    d.0.lanes_by = if dice.chance(50) { "kind".into() } else { String::new() };
    let kinds = ["institution", "office", "law", "function", "plan", "комитет"];
    for _ in 0..bodies {
        let some = 1 + dice.roll(6);
        let (name, kind) = (name(&mut dice), kinds[dice.roll(some)]);
        let year = 1900 + dice.roll(125);
        let (start, end) = if undated {
            (String::new(), String::new())
        } else {
            let later = year + dice.roll(40);
            (date(&mut dice, year), date(&mut dice, later))
        };
        let end = if dice.chance(30) { "..".to_string() } else { end };
        let at = d.body(&name, kind, &start, &end);
        d.0.bodies[at].disputed = dice.chance(8);
        if dice.chance(6) {
            d.0.bodies[at].citations.clear();
            d.0.bodies[at].evidence = false;
        }
        if dice.chance(20) {
            d.event(at, "strengthened", &name.chars().take(dice.roll(60)).collect::<String>(), &start);
        }
    }
    let kinds = [
        "transformed-into",
        "replaced-by",
        "merged-into",
        "split-into",
        "transferred-to",
        "re-established",
        "followed-by",
    ];
    for _ in 0..dice.roll(bodies + bodies / 2 + 1) {
        let (a, b) = (dice.roll(bodies), dice.roll(bodies));
        let (from, to) = if dice.chance(90) { (a.min(b), a.max(b)) } else { (a, b) };
        let year = 1900 + dice.roll(125);
        let when = if undated || dice.chance(25) { String::new() } else { date(&mut dice, year) };
        let l = d.link(from, kinds[dice.roll(7)], to, &when);
        if dice.chance(30) {
            d.0.links[l].function = Some(name(&mut dice));
        }
        d.0.links[l].disputed = dice.chance(10);
        d.0.links[l].inferred = dice.chance(10);
    }
    for n in 0..dice.roll(4) {
        let sides = (0..2 + dice.roll(3)).map(|s| Side {
            claim: name(&mut dice),
            at: Target::Body(s % bodies),
            support: s + 1,
            citations: vec![0],
        });
        let sides = sides.collect();
        d.0.conflicts.push(Conflict { topic: format!("{n} {}", d.0.bodies[0].name), sides });
    }
    d.0.focus = dice.chance(70).then(|| dice.roll(bodies));
    d.0
}

fn date(dice: &mut Dice, year: usize) -> String {
    match dice.roll(6) {
        0 => String::new(),
        1 => format!("{year}"),
        2 => format!("{year}-{:02}", 1 + dice.roll(12)),
        3 => format!("{year}~"),
        4 => format!("{year}/{}", year + dice.roll(5)),
        _ => format!("{year}-{:02}-{:02}", 1 + dice.roll(12), 1 + dice.roll(28)),
    }
}

fn name(dice: &mut Dice) -> String {
    const WORDS: [&str; 22] = [
        "Ministry",
        "of",
        "Committee",
        "National",
        "Council",
        "for",
        "Public",
        "Trust",
        "Ұлттық",
        "құрылтай",
        "агенттігі",
        "Министерство",
        "внутренних",
        "дел",
        "国家人权委员会",
        "理事会",
        "Justice",
        "Өңіраралық",
        "Әділет",
        "and",
        "Reform",
        "Үйлестіру",
    ];
    let length = 3 + dice.roll(117);
    let mut out = String::new();
    while out.chars().count() < length {
        out.push_str(WORDS[dice.roll(WORDS.len())]);
        if !dice.chance(8) {
            out.push(' ');
        }
    }
    out.chars().take(120).collect()
}

/// All made-up lineages with their names.
pub(crate) fn lineages() -> Vec<(&'static str, Timeline)> {
    vec![
        ("kurultai", kurultai()),
        ("court", court()),
        ("prisoners", health_of_prisoners()),
        ("ministries", ministries()),
        ("merge-split", merge_and_split()),
        ("long-names", long_names()),
        ("forms", forms_of_government()),
        ("mixed", mixed()),
        ("transfers", transfers()),
        ("chain", chain()),
        ("single", single()),
        ("short", short_span()),
        ("strange", strange()),
        ("empty", empty()),
        ("random-20", random(7, 20)),
        ("random-80", random(3, 80)),
    ]
}
