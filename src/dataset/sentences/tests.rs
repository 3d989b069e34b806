//! What the sentence rule says of hard texts.

use proptest::prelude::*;

use super::Rule;

fn split(rule: Rule, text: &str) -> Vec<String> {
    rule.sentences(text).into_iter().map(|range| text[range].to_owned()).collect()
}

#[test]
fn rule_one_is_that_of_the_first_folders() {
    let split = |text: &str| split(Rule::One, text);
    assert_eq!(split("One. Two! Three?"), ["One.", "Two!", "Three?"]);
    assert_eq!(split("He said 'Yes.' \"No.\" (So.) end"), ["He said 'Yes.'", "\"No.\"", "(So.) end"]);
    assert_eq!(split("Art. 5 of e.g. this"), ["Art.", "5 of e.g. this"]);
    assert_eq!(split("no stop. lower case"), ["no stop. lower case"]);
    assert_eq!(split("End.”  “Next"), ["End.”", "“Next"]);
    assert_eq!(split("Ends.'Quoted"), ["Ends.'Quoted"]);
    assert_eq!(split(""), [""]);
}

#[test]
fn rule_two_on_examples_in_many_languages() {
    for line in include_str!("examples.txt").lines().filter(|line| !line.starts_with('#')) {
        let wanted: Vec<&str> = line.split('|').map(str::trim).collect();
        let between = if line.contains('。') { "" } else { " " };
        assert_eq!(split(Rule::Two, &wanted.join(between)), wanted);
    }
}

#[test]
fn the_lists_are_in_order_and_in_small_letters() {
    use super::words::*;
    let lists = [ALWAYS, COUNTED, DETERMINERS, ENDING, FIRMS, LABELS, LEADING, MONTHS, NAMED, OPENERS, PARTNERS, YEARS];
    for list in lists {
        assert!(list.is_sorted(), "{list:?}");
        assert!(list.iter().all(|word| *word == word.to_lowercase()), "{list:?}");
    }
}

/// A sentence made so that it is one: words, and in them what looks like its end. No word that a letter could name
/// (`Ministry B.`) stands before another: there the rule ends a sentence.
fn sentence() -> impl Strategy<Value = String> {
    let first = prop::sample::select(vec![
        "The",
        "In",
        "Reformers",
        "«Совет»",
        "Парламент",
        "Указ",
        "Ұлттық",
        "Өкіл",
        "Élysée",
        "“Rule",
        "12",
        "№ 7",
        "(Others",
        "Nach",
    ]);
    let inside = prop::sample::select(vec![
        "law",
        "moved",
        "закон",
        "принят",
        "кеңес",
        "қабылдады",
        "wurde",
        "7.5 percent",
        "3,5 %",
        "Mr. Tarsk",
        "Dr. Ilna Morav",
        "A. B. Tarsk",
        "J.-P. Sartre",
        "J. R. R. Tolkien",
        "В. И. Ленин",
        "А.С. Пушкин",
        "Ә. Бөкейханов",
        "Decree No. 118",
        "Art. 5",
        "Arts. 5 and 6",
        "Sec. II",
        "vol. 3",
        "ст. 10",
        "п. 3 ч. 2",
        "в г. Алматы",
        "им. Абая",
        "т.е. Сенат",
        "т. е. Сенат",
        "e.g. Kazakhstan",
        "i.e. Parliament",
        "the U.S. Congress",
        "St. Petersburg",
        "am 3. Oktober 1990",
        "vom 5. 10. 1992",
        "der 2. Senat",
        "im 19. Jahrhundert",
        "Abs. 2",
        "z. B. Bonn",
        "d.h. Köln",
        "Mme. Durand",
        "pág. 5",
        "et al. and",
        "waited... and",
        "so… and",
        "at 5 p.m. the",
        "и т.д. и",
        "и др. лица",
        "5 мм. и",
        "www.example.org",
        "Smith v. Jones",
    ]);
    let word =
        prop::sample::select(vec!["there", "ended", "Парламенте", "законы", "болды", "gilt", "2004", "70%", "Members"]);
    let end = prop::sample::select(vec![".", "!", "?", "…", "...", "?!", ".”", ".»", ".)", "!'", ".[12]", ".²"]);
    (first, prop::collection::vec(inside, 0..5), word, end).prop_map(|(first, inside, word, end)| {
        let mut words = vec![first];
        words.extend(inside);
        format!("{} {word}{end}", words.join(" "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_put_together_comes_apart(
        sentences in prop::collection::vec(sentence(), 1..6),
        gap in prop::sample::select(vec![" ", "  ", "\u{a0}", "\t "]),
    ) {
        prop_assert_eq!(split(Rule::Two, &sentences.join(gap)), sentences);
    }

    #[test]
    fn nothing_is_lost_and_each_sentence_is_one(text in r#"([A-Za-zБбҚқßΩ0-9 .!?…'"«»()\[\]—„“”。؟-]|Mr\. |No\. |т\. ?д\. |\PC){0,40}"#) {
        let text = text.trim();
        for rule in [Rule::One, Rule::Two] {
            let ranges = rule.sentences(text);
            prop_assert_eq!(ranges.first().map(|r| r.start), Some(0));
            prop_assert_eq!(ranges.last().map(|r| r.end), Some(text.len()));
            for pair in ranges.windows(2) {
                prop_assert!(text[pair[0].end..pair[1].start].trim().is_empty());
            }
            for range in ranges {
                let sentence = &text[range];
                prop_assert_eq!(sentence.trim(), sentence);
                prop_assert_eq!(split(rule, sentence), [sentence]);
            }
        }
    }
}
