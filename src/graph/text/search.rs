//! Answering a search: which texts fit, and how well (Okapi BM25, as Lucene computes it).

use std::ops::ControlFlow;

use super::field::{Field, Term, words, words_at};
use super::query::{Clause, Occur, Part};
use crate::error::{Code, Error, Result, nearest};
use crate::graph::column::Column;
use crate::value::fold::loosen;

/// How much the second time a word stands in a text adds to the first.
const K1: f64 = 1.2;
/// How much it counts that a text is long.
const B: f64 = 0.75;

/// Slots that fit, ascending, and how well.
pub(super) type Hits = Vec<(u32, f64)>;

/// What a search asks of an index.
pub(super) struct Search<'a> {
    pub(super) fields: &'a [Field],
    /// The columns of the properties, in their order.
    pub(super) columns: Vec<&'a Column>,
    pub(super) names: Vec<&'a str>,
    /// Told of every piece of work; an error ends the search.
    pub(super) step: &'a mut dyn FnMut(usize) -> Result<()>,
}

impl Search<'_> {
    /// The texts that fit a part, in one property or in all.
    pub(super) fn part(&mut self, part: &Part, field: Option<usize>) -> Result<Hits> {
        match part {
            Part::Words(text) => self.phrase(&words(text), 0, field),
            Part::Phrase(text, slop) => self.phrase(&words(text), *slop, field),
            Part::Pattern(pattern) => self.pattern(pattern, field),
            Part::Near(text, off) => self.near(&words(text), *off, field),
            Part::All => self.all(field),
            Part::In(name, part) => {
                let Some(field) = self.names.iter().position(|own| own == name) else {
                    let message = format!("the index is not on a property `{name}`");
                    let error = Error::argument(Code::InvalidArgumentValue, message);
                    return Err(match nearest(name, self.names.iter().copied()) {
                        Some(near) => error.hint(format!("did you mean `{near}`?")),
                        None => error
                            .hint(format!("its properties: {}; write \\: for the sign itself", self.names.join(", "))),
                    });
                };
                self.part(part, Some(field))
            }
            Part::Boost(part, boost) => {
                let mut hits = self.part(part, field)?;
                hits.iter_mut().for_each(|hit| hit.1 *= boost);
                Ok(hits)
            }
            Part::Several(clauses) => self.several(clauses, field),
        }
    }

    /// All that must be there; or any of what should, where nothing must. What must not be there is left out.
    fn several(&mut self, clauses: &[Clause], field: Option<usize>) -> Result<Hits> {
        let (mut must, mut should, mut never): (Option<Hits>, Hits, Hits) = (None, Hits::new(), Hits::new());
        for clause in clauses {
            let hits = self.part(&clause.part, field)?;
            (self.step)(hits.len())?;
            match clause.occur {
                Occur::Should => should = either(should, hits),
                Occur::MustNot => never = either(never, hits),
                Occur::Must => {
                    must = Some(match must {
                        Some(must) => both(&must, &hits),
                        None => hits,
                    })
                }
            }
        }
        let mut hits = match must {
            None => should,
            Some(mut must) => {
                for hit in &mut must {
                    hit.1 += at(&should, hit.0).unwrap_or(0.0);
                }
                must
            }
        };
        hits.retain(|(slot, _)| at(&never, *slot).is_none());
        Ok(hits)
    }

    fn fields(&self, field: Option<usize>) -> Vec<usize> {
        field.map_or_else(|| (0..self.fields.len()).collect(), |field| vec![field])
    }

    fn all(&mut self, field: Option<usize>) -> Result<Hits> {
        let mut hits = Hits::new();
        for field in self.fields(field) {
            let mut own: Hits = Vec::new();
            for term in self.fields[field].terms() {
                own.extend(term.slots().into_iter().map(|(slot, _)| (slot, 1.0)));
            }
            (self.step)(own.len())?;
            own.sort_unstable_by_key(|hit| hit.0);
            own.dedup_by_key(|hit| hit.0);
            hits = either(hits, own);
        }
        hits.iter_mut().for_each(|hit| hit.1 = 1.0);
        Ok(hits)
    }

    /// The texts in which the words follow one another. A single word that no text has is met in another spelling.
    fn phrase(&mut self, words: &[String], slop: u32, field: Option<usize>) -> Result<Hits> {
        let mut hits = Hits::new();
        for number in self.fields(field) {
            let field = &self.fields[number];
            let own = match words {
                [] => Hits::new(),
                [word] => field.term(word).map(|term| scored(field, term)).unwrap_or_default(),
                words => self.sequence(number, words, slop)?,
            };
            (self.step)(own.len())?;
            hits = either(hits, own);
        }
        match words {
            [word] if hits.is_empty() => {
                let spelt = loosen(word);
                self.any_term(field, |term| (loosen(term) == spelt).then_some(1.0), true)
            }
            _ => Ok(hits),
        }
    }

    fn sequence(&mut self, number: usize, words: &[String], slop: u32) -> Result<Hits> {
        let (field, column) = (&self.fields[number], self.columns[number]);
        let mut terms: Vec<&Term> = Vec::with_capacity(words.len());
        for word in words {
            match field.term(word) {
                Some(term) => terms.push(term),
                None => return Ok(Hits::new()),
            }
        }
        let rarest = terms.iter().copied().min_by_key(|term| term.texts());
        let Some(rarest) = rarest else { return Ok(Hits::new()) };
        let weight: f64 = terms.iter().map(|term| rarity(field, term)).sum();
        let mut hits = Hits::new();
        for (slot, _) in rarest.slots() {
            (self.step)(1)?;
            let times = follows(&words_at(column, slot), words, slop as usize);
            if times > 0 {
                hits.push((slot, weight * share(f64::from(times), field.length(slot))));
            }
        }
        Ok(hits)
    }

    /// The texts with any word that fits: each counts as much as it fits, or by BM25 times that.
    fn any_term(&mut self, field: Option<usize>, fits: impl Fn(&str) -> Option<f64>, ranked: bool) -> Result<Hits> {
        let mut hits = Hits::new();
        for number in self.fields(field) {
            let field = &self.fields[number];
            let mut own = Hits::new();
            for term in field.terms() {
                (self.step)(1)?;
                let Some(fit) = fits(term.word()) else { continue };
                let found = if ranked {
                    scored(field, term)
                } else {
                    term.slots().into_iter().map(|(slot, _)| (slot, 1.0)).collect()
                };
                (self.step)(found.len())?;
                own.extend(found.into_iter().map(|(slot, score)| (slot, score * fit)));
            }
            // of several words of a text that fit, the best counts
            own.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            own.dedup_by_key(|hit| hit.0);
            hits = either(hits, own);
        }
        Ok(hits)
    }

    fn pattern(&mut self, pattern: &str, field: Option<usize>) -> Result<Hits> {
        let pattern = folded_pattern(pattern);
        if pattern.is_empty() {
            return Ok(Hits::new());
        }
        self.any_term(field, |term| matches(&pattern, term).then_some(1.0), false)
    }

    fn near(&mut self, words: &[String], off: u32, field: Option<usize>) -> Result<Hits> {
        let mut all: Option<Hits> = None;
        for word in words {
            let length = word.chars().count();
            let fits = |term: &str| {
                let distance = distance(word, term, off as usize)?;
                Some(1.0 - distance as f64 / length.max(1) as f64).filter(|fit| *fit > 0.0)
            };
            let hits = self.any_term(field, fits, true)?;
            all = Some(all.map_or_else(|| hits.clone(), |all| both(&all, &hits)));
        }
        Ok(all.unwrap_or_default())
    }
}

/// How much it says that a text has a word.
fn rarity(field: &Field, term: &Term) -> f64 {
    let (all, with) = (field.texts() as f64, term.texts() as f64);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
}

/// What a number of times counts in a text of a length.
fn share(times: f64, length: f64) -> f64 {
    times / (times + K1 * (1.0 - B + B * length))
}

fn scored(field: &Field, term: &Term) -> Hits {
    let rarity = rarity(field, term);
    let score = |(slot, times): (u32, u32)| (slot, rarity * share(f64::from(times), field.length(slot)));
    term.slots().into_iter().map(score).collect()
}

fn at(hits: &Hits, slot: u32) -> Option<f64> {
    hits.binary_search_by_key(&slot, |hit| hit.0).ok().map(|at| hits[at].1)
}

/// What is in one or the other; what is in both counts for both.
fn either(a: Hits, b: Hits) -> Hits {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b } else { a };
    }
    let mut hits = Hits::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (Some(one), Some(other)) if one.0 == other.0 => {
                hits.push((one.0, one.1 + other.1));
                a.next();
                b.next();
            }
            (Some(one), other) if other.is_none_or(|other| one.0 < other.0) => {
                hits.push(one);
                a.next();
            }
            (_, Some(other)) => {
                hits.push(other);
                b.next();
            }
            (_, None) => return hits,
        }
    }
}

fn both(a: &Hits, b: &Hits) -> Hits {
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    few.iter().filter_map(|(slot, score)| at(many, *slot).map(|other| (*slot, score + other))).collect()
}

/// How often the words stand in a text one after the other, with at most `slop` others between.
fn follows(text: &[String], words: &[String], slop: usize) -> u32 {
    let Some((first, rest)) = words.split_first() else { return 0 };
    let mut times = 0;
    for start in (0..text.len()).filter(|at| text[*at] == *first) {
        let mut left = slop;
        let walked = rest.iter().try_fold(start + 1, |at, word| {
            match text[at.min(text.len())..].iter().take(left + 1).position(|own| own == word) {
                Some(between) => {
                    left -= between;
                    ControlFlow::Continue(at + between + 1)
                }
                None => ControlFlow::Break(()),
            }
        });
        times += u32::from(walked.is_continue());
    }
    times
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Letter(char),
    One,
    Any,
}

/// A pattern whose letters are spelt as words are.
fn folded_pattern(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = String::new();
    for c in pattern.chars().chain(['\0']) {
        let sign = match c {
            '*' => Some(Piece::Any),
            '?' => Some(Piece::One),
            '\0' => None,
            c => {
                letters.push(c);
                continue;
            }
        };
        pieces.extend(words(&std::mem::take(&mut letters)).concat().chars().map(Piece::Letter));
        pieces.extend(sign);
    }
    pieces
}

fn matches(pattern: &[Piece], text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    // where the last * stands, and up to where it has reached
    let (mut at, mut piece, mut star) = (0, 0, None);
    while at < letters.len() {
        match pattern.get(piece) {
            Some(Piece::Any) => {
                star = Some((piece, at));
                piece += 1;
                continue;
            }
            Some(Piece::Letter(c)) if *c == letters[at] => {}
            Some(Piece::One) => {}
            _ => {
                let Some((stood, reached)) = star else { return false };
                star = Some((stood, reached + 1));
                (piece, at) = (stood + 1, reached + 1);
                continue;
            }
        }
        piece += 1;
        at += 1;
    }
    pattern[piece..].iter().all(|piece| *piece == Piece::Any)
}

/// Letters to change, add, drop or turn round to make one word of the other; nothing when they are more than `most`.
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    // every letter has at most four bytes
    if a.len().abs_diff(b.len()) > 4 * most {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            next[j] = changed.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        // two letters turned round reach back two rows
        if row.iter().chain(&next).all(|distance| *distance > most) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
    }
    Some(row[b.len()]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_distances() {
        for (pattern, text, wanted) in [
            ("consti*", "constitution", true),
            ("c*t", "court", true),
            ("c??rt", "court", true),
            ("c?rt", "court", false),
            ("*", "x", true),
            ("*ou*t*", "court", true),
            ("cour", "court", false),
        ] {
            let pieces = folded_pattern(pattern);
            assert_eq!(matches(&pieces, &words(text).concat()), wanted, "{pattern} {text}");
        }
        for (a, b, wanted) in [
            ("court", "cuort", Some(1)),
            ("court", "curt", Some(1)),
            ("court", "cabinet", None),
            ("a", "bcd", None),
            ("ab", "ab", Some(0)),
        ] {
            assert_eq!(distance(a, b, 2), wanted, "{a} {b}");
            assert_eq!(distance(b, a, 2), wanted, "{b} {a}");
        }
    }

    #[test]
    fn words_follow_one_another_with_others_between() {
        let text = words("the supreme court of the republic and the supreme people's court");
        let times = |phrase: &str, slop| follows(&text, &words(phrase), slop);
        assert_eq!((times("supreme court", 0), times("supreme court", 1), times("court supreme", 0)), (1, 2, 0));
        assert_eq!((times("court republic", 1), times("court republic", 2)), (0, 1));
    }
}
