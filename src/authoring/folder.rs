//! A dataset folder with its documents, as whoever writes facts down needs it: names, words of relations, sentences.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::Names;
use super::words::{Phrase, Word};
use crate::dataset::{self, Dataset, Documents, Entity, Problem, Relation, SourceRecord};
use crate::error::{Error, Result, nearest};
use crate::provenance::Locator;
use crate::value::fold::fold;
use crate::value::hash::DataMap;

/// Where the documents of a folder lie when nobody says it.
const TEXTS: &str = "texts";

/// A folder and its documents.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) dir: PathBuf,
    pub(crate) dataset: Dataset,
    pub(crate) documents: Documents,
    pub(crate) names: Names,
    /// Entities by what they are called, folded.
    by_name: DataMap<String, Vec<Arc<str>>>,
    spoken: DataMap<Arc<str>, Spoken>,
}

/// The words by which documents say a relation.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// Subject, words, object.
    pub(super) forward: Vec<Phrase>,
    /// Object, words, subject.
    pub(super) backward: Vec<Phrase>,
    /// In any order.
    pub(super) either: Vec<Phrase>,
}

impl Spoken {
    fn of(relation: &Relation) -> Self {
        let mut spoken = Self::default();
        for (column, said) in &relation.wording {
            let to = if column.starts_with("backward") { &mut spoken.backward } else { &mut spoken.forward };
            to.extend(Phrase::read(said));
        }
        spoken.either.extend(relation.words.split([',', ';']).filter_map(Phrase::read));
        // what nobody has given words for is looked for by its name
        if relation.words.is_empty() {
            spoken.either.extend(relation.id.split('-').filter(|word| word.chars().count() > 4).filter_map(stem));
        }
        spoken
    }

    /// Words of a body's life, which no table declares.
    fn of_life() -> Self {
        let words = "exist*, establish*, found*, creat*, open*, began, begin*, born, start*, end, ended, ends, abolish*, dissolv*, \
                     close*, died, ceased, since, until, through, from, создан*, основан*, учрежд*, образован*, упраздн*, ликвидир*, \
                     құрыл*, таратыл*, жойыл*";
        Self { either: words.split(',').filter_map(|word| Phrase::read(word.trim())).collect(), ..Self::default() }
    }

    /// Whether any of the words stands in a sentence; where it begins and ends, in words.
    pub(super) fn find(&self, said: &[Word]) -> Option<std::ops::Range<usize>> {
        [&self.forward, &self.backward, &self.either].into_iter().flatten().find_map(|phrase| phrase.find(said))
    }
}

/// A word without what changes at its end.
fn stem(word: &str) -> Option<Phrase> {
    let stem = ["ing", "ed", "es", "s"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    if stem.chars().count() < 4 { Phrase::read(word) } else { Phrase::read(&format!("{stem}*")) }
}

impl Folder {
    /// Opens a folder; its documents are in `texts`, or in the folder of that name in it. What cannot be read of them is told.
    ///
    /// Errors: the folder is none, it has problems that must be mended first, or there are no documents.
    pub(crate) fn open(dir: &Path, texts: Option<&Path>) -> Result<(Self, Vec<Problem>)> {
        let dataset = dataset::open(dir)?;
        let own = dir.join(TEXTS);
        let texts = match texts {
            Some(texts) => texts.to_path_buf(),
            None if own.is_dir() => own,
            None => {
                let message = format!("where the documents of {} lie is not said", dir.display());
                return Err(Error::data(message)
                    .hint("name their folder with --sources DIR, or put them into the folder `texts` in it"));
            }
        };
        let mut problems = Vec::new();
        let documents = Documents::open(&dataset, &texts, &mut problems)?;
        Ok((Self::of(dir, dataset, documents), problems))
    }

    pub(crate) fn of(dir: &Path, dataset: Dataset, documents: Documents) -> Self {
        let mut by_name: DataMap<String, Vec<Arc<str>>> = DataMap::default();
        let all = dataset.entities.iter().map(|entity| (&entity.name, &entity.id));
        for (name, id) in all.chain(dataset.aliases.iter().map(|alias| (&alias.name, &alias.entity))) {
            let known = by_name.entry(fold(name)).or_default();
            if !known.contains(id) {
                known.push(id.clone());
            }
        }
        let mut spoken: DataMap<Arc<str>, Spoken> =
            dataset.relations.iter().map(|r| (r.id.clone(), Spoken::of(r))).collect();
        spoken.entry("exists".into()).or_insert_with(Spoken::of_life);
        let names = Names::of(&dataset);
        Self { dir: dir.to_path_buf(), dataset, documents, names, by_name, spoken }
    }

    pub(crate) fn entity(&self, id: &str) -> Option<&Entity> {
        self.dataset.entities.iter().find(|entity| *entity.id == *id)
    }

    pub(crate) fn relation(&self, id: &str) -> Option<&Relation> {
        self.dataset.relations.iter().find(|relation| *relation.id == *id)
    }

    pub(crate) fn source(&self, id: &str) -> Option<&SourceRecord> {
        self.dataset.sources.iter().find(|source| *source.id == *id)
    }

    pub(super) fn spoken(&self, relation: &str) -> Option<&Spoken> {
        self.spoken.get(relation)
    }

    /// Every relation with its words.
    pub(super) fn relations(&self) -> impl Iterator<Item = (&Relation, &Spoken)> {
        self.dataset.relations.iter().filter_map(|relation| Some((relation, self.spoken.get(&relation.id)?)))
    }

    /// The language of a document, else of the dataset.
    pub(super) fn language(&self, source: &str) -> &str {
        let own = self.source(source).map_or("", |source| &*source.language);
        if own.is_empty() { &self.dataset.meta.language } else { own }
    }

    /// The entities with this id or name; several share a name.
    pub(crate) fn who(&self, name: &str) -> &[Arc<str>] {
        if let Some(entity) = self.entity(name) {
            return std::slice::from_ref(&entity.id);
        }
        self.by_name.get(&fold(name)).map_or(&[], Vec::as_slice)
    }

    /// The name of an entity with its id, for people.
    pub(crate) fn shown(&self, id: &str) -> String {
        self.entity(id).map_or_else(|| id.to_owned(), |entity| format!("{} ({id})", entity.name))
    }

    /// What comes near a name that nobody has.
    pub(super) fn near(&self, name: &str) -> Option<&str> {
        let ids = self.dataset.entities.iter().flat_map(|entity| [&*entity.id, &*entity.name]);
        nearest(name, ids.chain(self.dataset.aliases.iter().map(|alias| &*alias.name)))
    }

    /// A place such as `report:3.2`, or `3.2` beside a source.
    /// Errors: it is none, its document is not known or not read, or it has no such sentence.
    pub(crate) fn place(&self, source: &str, text: &str) -> Result<(Arc<str>, Locator)> {
        let (named, place) = text.rsplit_once(':').unwrap_or((source, text));
        let wrong = |message: String, hint: String| Err(Error::data(message).hint(hint));
        if !source.is_empty() && named != source {
            return wrong(
                format!("the place is in `{named}`, the source is `{source}`"),
                "one of the two is wrong".to_owned(),
            );
        }
        let Some(at) = Locator::parse(place) else {
            return wrong(
                format!("`{text}` is no place"),
                "write document:paragraph.sentence, as in report:3.2".to_owned(),
            );
        };
        let Some(known) = self.source(named) else {
            let near = nearest(named, self.dataset.sources.iter().map(|source| &*source.id));
            let hint =
                near.map_or_else(|| "add it to sources.csv".to_owned(), |near| format!("did you mean `{near}`?"));
            return wrong(format!("there is no source `{named}`"), hint);
        };
        if !self.documents.has(named) {
            return wrong(
                format!("the document `{named}` was not read"),
                format!("it should be called {named}.txt (or .md, .html, .docx, .pdf), in the folder of documents"),
            );
        }
        if at.first == 0 {
            let count = self.documents.sentences(named, at.paragraph);
            return wrong(
                format!("`{named}:{at}` is a paragraph"),
                format!("name the sentence that says it: {named}:{}.1 to .{count}", at.paragraph),
            );
        }
        if self.documents.text(named, at).is_none() {
            let hint = match self.documents.sentences(named, at.paragraph) {
                0 => format!("the document has {} paragraphs", self.documents.paragraphs(named)),
                1 => "that paragraph has 1 sentence".to_owned(),
                count => format!("that paragraph has {count} sentences"),
            };
            return wrong(format!("`{named}:{at}` is not in the document"), hint);
        }
        Ok((known.id.clone(), at))
    }
}
