//! A sentence as words, and the few words of each language that the gates must know: of denying, of hedging, of referring, of nearness,
//! of numbers.
//!
//! The lists are short on purpose. A word that is missing makes a claim wait for a person; a word too many does the same.

use std::ops::Range;

use crate::value::fold::fold;

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) at: Range<usize>,
    /// As names are compared: small letters, without marks, in Latin.
    pub(super) folded: String,
    /// It begins with a capital.
    pub(super) upper: bool,
    /// It is several capitals.
    pub(super) all_upper: bool,
    /// It is written in a script whose endings change with the case of the word.
    pub(super) inflected: bool,
    /// It stands at the front of the text, where every word has a capital.
    pub(super) first: bool,
}

/// The words of a text in order. An apostrophe is within a word, a hyphen between two.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut start = None;
    let mut take = |at: Range<usize>| {
        let own = text[at.clone()].trim_end_matches(['\'', '’', 'ʼ']);
        let at = at.start..at.start + own.len();
        let folded = fold(own).replace(' ', "");
        if !folded.is_empty() {
            let upper = own.chars().next().is_some_and(char::is_uppercase);
            let all_upper =
                own.chars().filter(|c| c.is_alphabetic()).count() > 1 && !own.chars().any(char::is_lowercase);
            let inflected = own.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
            out.push(Word { at, folded, upper, all_upper, inflected, first: out.is_empty() });
        }
    };
    for (at, c) in text.char_indices() {
        let inside = c.is_alphanumeric()
            || is_mark(c)
            || start.is_some()
                && matches!(c, '\'' | '’' | 'ʼ')
                && text[at + c.len_utf8()..].starts_with(char::is_alphanumeric);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                take(from..at);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        take(from..text.len());
    }
    out
}

/// Marks that stand on the letter before.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a word of a sentence is a word of a name: the same, its plural or possessive, or in a script of inflected languages
/// another case of it.
pub(super) fn same(name: &Word, said: &Word) -> bool {
    let (own, other) = (name.folded.as_str(), said.folded.as_str());
    if own == other {
        return true;
    }
    if name.inflected && said.inflected {
        let common = own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let longest = own.len().max(other.len());
        return common >= 4 && longest - common <= 4 && own.len() - common <= 3;
    }
    other.strip_prefix(own).is_some_and(|rest| rest == "s" || rest == "es") && own.len() > 2
}

/// A pattern such as `merge*` or `set up`: words in a row, of which the last may have any ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phrase(Vec<(String, bool)>);

impl Phrase {
    /// The pattern in a text; nothing when there is no word in it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let parts: Vec<(String, bool)> = text
            .split(|c: char| c.is_whitespace() || matches!(c, '-' | '_'))
            .map(|part| (fold(part.trim_end_matches('*')).replace(' ', ""), part.ends_with('*')))
            .filter(|(word, _)| !word.is_empty())
            .collect();
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// Where it stands first: the words it takes.
    pub(super) fn find(&self, words: &[Word]) -> Option<Range<usize>> {
        let long = self.0.len();
        (0..words.len().checked_sub(long)? + 1).find(|at| self.stands(&words[*at..])).map(|at| at..at + long)
    }

    fn stands(&self, words: &[Word]) -> bool {
        self.0.iter().zip(words).all(|((own, open), word)| match open {
            true => word.folded.starts_with(own.as_str()),
            false => word.folded == *own,
        })
    }
}

/// The words of a language that the gates must know, folded by [`phrases`] when they are used.
pub(super) struct Lexicon {
    /// The claim is denied.
    pub(super) denies: &'static [&'static str],
    /// The claim is not said for sure.
    pub(super) hedges: &'static [&'static str],
    /// Somebody else's word.
    pub(super) reports: &'static [&'static str],
    /// What stands for something that is named elsewhere.
    pub(super) refers: &'static [&'static str],
    /// Near a date or a number.
    pub(super) near: &'static [&'static str],
}

/// The words of a language; nothing for one of which none are known.
pub(super) fn lexicon(language: &str) -> Option<&'static Lexicon> {
    LEXICONS.iter().find(|(code, _)| *code == language).map(|(_, lexicon)| lexicon)
}

/// The first of these that stands in a sentence, as it is written there.
pub(super) fn first_of<'t>(list: &[&str], text: &'t str, words: &[Word]) -> Option<&'t str> {
    let found = list.iter().filter_map(|one| Phrase::read(one)?.find(words)).min_by_key(|at| at.start)?;
    text.get(words[found.start].at.start..words[found.end - 1].at.end)
}

#[rustfmt::skip]
const LEXICONS: [(&str, Lexicon); 5] = [
    ("en", Lexicon {
        denies: &["not", "no", "never", "neither", "nor", "none", "nobody", "nothing", "without", "cannot", "isn't", "wasn't", "aren't",
            "weren't", "didn't", "doesn't", "don't", "hasn't", "haven't", "hadn't", "won't", "wouldn't", "couldn't", "shouldn't", "can't",
            "denied", "denies", "deny", "refused", "refuses", "rejected", "failed to", "fails to", "instead of", "rather than", "unless",
            "nowhere", "hardly", "barely", "false", "untrue"],
        hedges: &["may", "might", "could", "would", "perhaps", "possibly", "probably", "reportedly", "allegedly", "apparently", "presumably",
            "supposedly", "seems", "seemed", "appears to", "appeared to", "likely", "unlikely", "planned", "plans to", "planned to", "intends",
            "intended", "proposed", "proposes", "expected", "hopes", "should", "if", "rumoured", "rumored", "believed", "is said to",
            "are said to", "was said to", "thought to", "considering", "was to", "were to", "is to", "are to"],
        reports: &["according to", "said that", "says that", "reported that", "reports that", "claims", "claimed", "stated that", "states that",
            "wrote that", "announced that", "in the words of"],
        refers: &["it", "its", "he", "she", "they", "their", "his", "her", "this", "that", "these", "those", "the former", "the latter",
            "which", "who", "the same", "the body", "the new", "itself", "themselves", "there"],
        near: &["about", "around", "circa", "c", "ca", "approximately", "nearly", "almost", "roughly", "some"],
    }),
    ("ru", Lexicon {
        denies: &["не", "ни", "нет", "никогда", "никто", "ничего", "без", "нельзя", "отказал*", "отрица*", "отверг*", "вместо", "никак*"],
        hedges: &["может", "могут", "мог", "могла", "могли", "возможно", "вероятно", "якобы", "по-видимому", "видимо", "предположительно",
            "кажется", "если", "бы", "планиру*", "предлага*", "предполага*", "намерен*", "ожида*", "должен", "должна", "должны", "вроде"],
        reports: &["по словам", "сообщил*", "сообща*", "заявил*", "утвержда*", "по данным", "как пишет", "согласно"],
        refers: &["он", "она", "оно", "они", "его", "её", "ее", "их", "это", "этот", "эта", "эти", "тот", "который", "которая", "которое",
            "которые", "последн*", "данн*", "указанн*"],
        near: &["около", "примерно", "приблизительно", "почти", "порядка"],
    }),
    ("kk", Lexicon {
        denies: &["емес", "жоқ", "ешқашан", "ешкім", "ештеңе", "болған жоқ", "бас тарт*", "жоққа"],
        hedges: &["мүмкін", "бәлкім", "болар", "шамасы", "сияқты", "егер", "керек", "тиіс", "жоспарла*", "ұсын*"],
        reports: &["айтуынша", "мәліметінше", "хабарла*", "мәлімде*", "сәйкес", "деді", "дейді"],
        refers: &["ол", "оның", "олар", "олардың", "бұл", "осы", "сол", "аталған"],
        near: &["шамамен", "жуық", "таман"],
    }),
    ("de", Lexicon {
        denies: &["nicht", "kein*", "nie", "niemals", "niemand", "nichts", "ohne", "weder", "noch", "lehnt*", "statt", "anstatt"],
        hedges: &["kann", "könnte*", "dürfte*", "soll", "sollte*", "vielleicht", "möglicherweise", "vermutlich", "wahrscheinlich", "angeblich",
            "wohl", "wenn", "falls", "geplant", "plant", "würde*", "offenbar", "scheint", "mag"],
        reports: &["laut", "zufolge", "berichtet*", "teilte mit", "behauptet*", "nach angaben"],
        refers: &["er", "sie", "es", "sein*", "ihr*", "dies*", "jene*", "der", "die", "das", "welche*", "letztere*"],
        near: &["etwa", "ungefähr", "rund", "circa", "ca", "fast", "knapp", "um"],
    }),
    ("fr", Lexicon {
        denies: &["ne", "n'*", "pas", "jamais", "aucun*", "personne", "rien", "sans", "ni", "refus*", "rejet*", "au lieu"],
        hedges: &["peut", "peuvent", "pourrait*", "peut-être", "probablement", "sans doute", "semble*", "serait", "seraient", "aurait", "auraient",
            "si", "prévu*", "prévoit", "propos*", "devrait*", "selon toute apparence", "vraisemblablement"],
        reports: &["selon", "d'après", "a déclaré", "affirme*", "annonc*"],
        refers: &["il", "elle", "ils", "elles", "ce", "cet", "cette", "ces", "son", "sa", "ses", "leur*", "qui", "celui-ci", "celle-ci"],
        near: &["environ", "vers", "près", "presque", "quelque"],
    }),
];

/// Numbers in words that documents write out, by the number.
#[rustfmt::skip]
const NUMBERS: [(&str, u32); 76] = [
    ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("seven", 7), ("eight", 8), ("nine", 9), ("ten", 10),
    ("eleven", 11), ("twelve", 12), ("thirteen", 13), ("fourteen", 14), ("fifteen", 15), ("sixteen", 16), ("seventeen", 17),
    ("eighteen", 18), ("nineteen", 19), ("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50), ("sixty", 60), ("seventy", 70),
    ("eighty", 80), ("ninety", 90), ("hundred", 100), ("thousand", 1000), ("half", 50), ("first", 1), ("second", 2), ("third", 3),
    ("один", 1), ("одна", 1), ("два", 2), ("две", 2), ("три", 3), ("четыре", 4), ("пять", 5), ("шесть", 6), ("семь", 7), ("восемь", 8),
    ("девять", 9), ("десять", 10), ("двенадцать", 12), ("двадцать", 20), ("тридцать", 30), ("сорок", 40), ("пятьдесят", 50), ("сто", 100),
    ("бір", 1), ("екі", 2), ("үш", 3), ("төрт", 4), ("бес", 5), ("алты", 6), ("жеті", 7), ("сегіз", 8), ("тоғыз", 9), ("он", 10),
    ("жиырма", 20), ("отыз", 30), ("қырық", 40), ("елу", 50), ("жүз", 100),
    ("zwei", 2), ("drei", 3), ("vier", 4), ("fünf", 5), ("zehn", 10), ("deux", 2), ("trois", 3), ("quatre", 4), ("cinq", 5), ("dix", 10),
];

/// The number that a word is, in figures or written out.
pub(super) fn number_of(word: &str) -> Option<f64> {
    // letter for letter: what is a number in one script is a preposition in another
    let small = word.to_lowercase();
    let known = NUMBERS.iter().find(|(name, _)| *name == small).map(|(_, number)| f64::from(*number));
    known.or_else(|| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places_and_apostrophes_belong_to_them() {
        let text = "The Councils' seat isn't Re-Opened in «Алматы».";
        let found: Vec<(&str, bool)> = words(text).iter().map(|w| (&text[w.at.clone()], w.upper)).collect();
        let wanted = [
            ("The", true),
            ("Councils", true),
            ("seat", false),
            ("isn't", false),
            ("Re", true),
            ("Opened", true),
            ("in", false),
        ];
        assert_eq!(found[..7], wanted);
        assert_eq!(found[7], ("Алматы", true));
    }

    #[test]
    fn endings_that_make_no_other_word() {
        let one = |text: &str| words(text).remove(0);
        assert!(same(&one("Council"), &one("Councils")) && same(&one("Совет"), &one("Советом")));
        assert!(
            !same(&one("Council"), &one("Counsel"))
                && !same(&one("Court"), &one("Courtyard"))
                && !same(&one("Суд"), &one("Судья"))
        );
    }

    #[test]
    fn phrases_stand_with_their_endings() {
        let sentence = words("It was re-established and set up anew.");
        let stands = |phrase: &str| Phrase::read(phrase).expect("a phrase").find(&sentence).is_some();
        assert!(stands("re-establish*") && stands("set up") && !stands("merge*") && stands("set"));
    }
}
