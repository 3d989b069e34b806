//! The acts of a dense chart in words, by date, each with its places: on the chart there is no room for them.

use super::Dense;
use crate::picture::font::Run;
use crate::picture::timeline::words::{cites, type_words};
use crate::picture::when::When;

const SIZE: f64 = 11.0;

/// The acts in order of their dates: what joined bodies, and what happened to one.
pub(super) fn entries(chart: &Dense<'_>) -> Vec<Vec<Run>> {
    let timeline = chart.voice.timeline;
    let mut all: Vec<(f64, Vec<Run>)> = Vec::new();
    for upright in &chart.uprights {
        // one line of the list for each kind of act
        let mut kinds: Vec<(&str, Vec<usize>)> = Vec::new();
        for &link in &upright.links {
            let kind = timeline.links[link].kind.as_str();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, links)) => links.push(link),
                None => kinds.push((kind, vec![link])),
            }
        }
        for (_, links) in kinds {
            all.push((
                day(&links.iter().map(|l| &timeline.links[*l].when).collect::<Vec<_>>()),
                of_links(chart, &links),
            ));
        }
    }
    let own = timeline.links.iter().enumerate().filter(|(_, link)| link.from == link.to);
    all.extend(own.map(|(at, link)| (day(&[&link.when]), of_links(chart, &[at]))));
    for (body, events) in timeline.bodies.iter().map(|b| &b.events).enumerate() {
        all.extend(events.iter().enumerate().map(|(at, event)| (day(&[&event.when]), of_event(chart, body, at))));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.into_iter().map(|(_, runs)| runs).collect()
}

/// The first day of some dates; what has none stands last.
fn day(dates: &[&When]) -> f64 {
    dates.iter().filter_map(|when| when.bounds()).map(|(lo, _)| lo).fold(f64::INFINITY, f64::min)
}

fn name(chart: &Dense<'_>, body: usize) -> Run {
    let voice = chart.voice;
    let body = &voice.timeline.bodies[body];
    let (name, _) = voice.style.caption(&body.name, &body.names);
    Run::new(if name.trim().is_empty() { "(no name)" } else { name }, SIZE, &voice.style.page.ink)
}

fn plain(chart: &Dense<'_>, text: &str) -> Run {
    Run { text: text.into(), ..Run::new("", SIZE, &chart.voice.style.page.muted) }
}

/// `1 January 2016 · A [1], B [2] → C · merged into`: each place beside the body of which it states the act.
fn of_links(chart: &Dense<'_>, links: &[usize]) -> Vec<Run> {
    let (voice, style) = (chart.voice, chart.voice.style);
    let link = |at: usize| &voice.timeline.links[at];
    let Some(&first) = links.first() else { return Vec::new() };
    let one_date = links.iter().all(|l| link(*l).when == link(first).when && link(*l).dates.is_empty());
    let mut runs = Vec::new();
    if one_date && link(first).when.bounds().is_some() {
        let date = Run::new(format!("{} ·", link(first).when.words()), SIZE, &style.page.ink).bold();
        runs.extend([date, plain(chart, " ")]);
    }
    let mut from: Vec<usize> = links.iter().map(|l| link(*l).from).collect();
    let mut to: Vec<usize> = links.iter().map(|l| link(*l).to).collect();
    for bodies in [&mut from, &mut to] {
        bodies.sort_unstable();
        bodies.dedup();
    }
    let places = |runs: &mut Vec<Run>, at: usize| runs.extend(voice.stated(at, !one_date, SIZE - 1.0));
    let list = |runs: &mut Vec<Run>, bodies: &[usize], of: &dyn Fn(usize) -> Option<usize>| {
        for (number, &body) in bodies.iter().enumerate() {
            if number > 0 {
                runs.push(plain(chart, ", "));
            }
            runs.push(name(chart, body));
            if let Some(at) = of(body) {
                places(runs, at);
            }
        }
    };
    let single = to.len() == 1;
    let of_from = |body: usize| links.iter().copied().find(|l| single && link(*l).from == body);
    let of_to = |body: usize| links.iter().copied().find(|l| !single && from.len() == 1 && link(*l).to == body);
    list(&mut runs, &from, &of_from);
    runs.push(plain(chart, " → "));
    list(&mut runs, &to, &of_to);
    let look = style.of_type(&link(first).kind, |_| None);
    let mut words = type_words(look.label.as_ref().unwrap_or(&link(first).kind));
    for function in links.iter().filter_map(|l| link(*l).function.as_ref()) {
        words.push_str(&format!(": {function}"));
    }
    for detail in links.iter().map(|l| &link(*l).detail).filter(|d| !d.is_empty()) {
        words.push_str(&format!(", {detail}"));
    }
    if links.iter().any(|l| link(*l).inferred) {
        words.push_str(" (pairs inferred)");
    }
    runs.push(plain(chart, " · "));
    runs.push(Run::new(words, SIZE, &style.page.muted));
    if !single && from.len() > 1 {
        let mut all: Vec<usize> = links.iter().flat_map(|l| link(*l).citations.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        runs.extend(cites(&all, SIZE - 1.0, &style.page.muted));
    }
    runs
}

/// `1994 · A · established by B [1]`.
fn of_event(chart: &Dense<'_>, body: usize, at: usize) -> Vec<Run> {
    let mut runs = vec![name(chart, body), plain(chart, " · ")];
    runs.extend(chart.voice.event(body, at));
    runs.iter_mut().for_each(|run| run.size = run.size.min(SIZE));
    runs
}
