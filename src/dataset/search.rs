//! Words that are looked for in sentences: in any spelling, all of them, in any order; with a star any ending; in quotation marks in a row.

use crate::value::fold::{fold, loosen};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(Vec<Vec<(String, bool)>>);

impl Words {
    /// Reads what was typed.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.replace(['“', '”', '„', '«', '»'], "\"");
        let mut all = Vec::new();
        for (at, part) in text.split('"').enumerate() {
            let words: Vec<(String, bool)> = part.split_whitespace().flat_map(pieces).collect();
            match at % 2 {
                1 if !words.is_empty() => all.push(words),
                _ => all.extend(words.into_iter().map(|word| vec![word])),
            }
        }
        Self(all)
    }

    /// Whether all of it stands in a sentence.
    pub(crate) fn stand(&self, sentence: &str) -> bool {
        let folded = loosen(&fold(sentence));
        let said: Vec<&str> = folded.split(' ').collect();
        let here = |row: &[(String, bool)], at: usize| {
            row.iter()
                .zip(&said[at..])
                .all(|((word, open), said)| if *open { said.starts_with(word.as_str()) } else { said == word })
        };
        let stands =
            |row: &Vec<(String, bool)>| (0..(said.len() + 1).saturating_sub(row.len())).any(|at| here(row, at));
        !self.0.is_empty() && self.0.iter().all(stands)
    }
}

/// A word as sentences are compared; one with a hyphen is several in a row.
fn pieces(word: &str) -> Vec<(String, bool)> {
    let open = word.ends_with('*');
    let folded = loosen(&fold(word.trim_end_matches('*')));
    let parts: Vec<&str> = folded.split(' ').filter(|part| !part.is_empty()).collect();
    parts.iter().enumerate().map(|(at, part)| ((*part).to_owned(), open && at + 1 == parts.len())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_any_order_and_spelling() {
        let sentence = "Құрылтай «Ұлттық» was re-established by the Harbour Office in 1998.";
        for words in [
            "kurultai",
            "office harbour",
            "\"harbour office\"",
            "establish*",
            "ULTTYQ 1998",
            "re-established",
            "\"re-established by\"",
        ] {
            assert!(Words::read(words).stand(sentence), "{words}");
        }
        for words in ["\"office harbour\"", "establish", "harbour board", "", "\"\""] {
            assert!(!Words::read(words).stand(sentence), "{words}");
        }
    }
}
