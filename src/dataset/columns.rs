//! The columns of the tables of a dataset: one line a column says what it is called, whether a table must have it, and how it
//! is written. [`super::parse`] reads them by the constants this makes, [`super::write`] writes them in the order of the lines.

use std::sync::Arc;

use super::record::{
    Alias, ConflictRecord, Entity, Kind, MentionRecord, QualifierRecord, Relation, Side, SourceRecord,
};
use crate::provenance::{Locator, reserved};

/// The columns a table may have.
pub(super) struct Layout {
    pub(super) file: &'static str,
    pub(super) columns: &'static [Column],
    /// Columns whose names begin so are read by name: `forward_ru`.
    pub(super) families: &'static [&'static str],
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) need: Need,
}

/// When a column stands in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Always: a table without it is refused.
    Must,
    /// In every table that is written; one that is read may do without.
    Kept,
    /// Where something is said in it.
    May,
    /// In what is read only: another column says the same, or it is for people alone.
    Read,
}

impl Layout {
    /// The names of all columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.columns.iter().map(|column| column.name)
    }

    /// The names of the columns that a table must have.
    pub(super) fn required(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.columns.iter().filter(|column| column.need == Need::Must).map(|column| column.name)
    }

    /// The required columns, as the first row of a file.
    pub(super) fn heading(&self) -> String {
        self.required().collect::<Vec<_>>().join(",")
    }
}

/// A module for a table: its layout, the place of each column in it, and the cells of a record in the same order.
macro_rules! table {
    ($module:ident: $record:ty, $file:literal [$($family:literal),*] { $($column:ident $need:ident $name:expr, $write:expr;)* }) => {
        pub(super) mod $module {
            use super::*;

            #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
            enum Place { $($column),* }

            $(pub(in crate::dataset) const $column: usize = Place::$column as usize;)*

            pub(in crate::dataset) const LAYOUT: Layout = Layout {
                file: $file,
                columns: &[$(Column { name: $name, need: Need::$need }),*],
                families: &[$($family),*],
            };

            pub(in crate::dataset) fn cells(record: &$record) -> Vec<String> {
                const WRITE: &[fn(&$record) -> String] = &[$($write),*];
                WRITE.iter().map(|write| write(record)).collect()
            }
        }
    };
}

table!(sources: SourceRecord, "sources.csv" [] {
    ID Must "id", |s| text(&s.id);
    TITLE Must "title", |s| text(&s.title);
    ENTITY May "entity", |s| text(&s.entity);
    GENRE May "genre", |s| text(&s.genre);
    AUTHOR May "author", |s| text(&s.author);
    PUBLISHER May "publisher", |s| text(&s.publisher);
    DATE May "date", |s| text(&s.date);
    GROUP May "group", |s| text(&s.group);
    LANGUAGE May "language", |s| text(&s.language);
    URL May "url", |s| text(&s.url);
    PARAGRAPHS May "paragraphs", |s| if s.paragraphs > 0 { s.paragraphs.to_string() } else { String::new() };
    SHA256 May "sha256", |s| text(&s.sha256);
    DERIVES_FROM May "derives_from", |s| words(&s.derives_from);
    DURING May "during", |s| text(&s.during);
    COMPLETE May "complete", |s| words(&s.complete);
    END May "end", |s| text(&s.end);
    ABOUT May "about", |s| text(&s.about);
    UNKNOWN May "unknown", |s| words(&s.unknown);
    NOTE May "note", |s| text(&s.note);
});

table!(kinds: Kind, "kinds.csv" [] {
    KIND Must "kind", |k| text(&k.id);
    DEFINITION Must "definition", |k| text(&k.definition);
    CLASSES May "classes", |k| text(&k.classes);
    NOTE May "note", |k| text(&k.note);
});

table!(relations: Relation, "relations.csv" ["forward", "backward"] {
    RELATION Must "relation", |r| text(&r.id);
    DEFINITION Must "definition", |r| text(&r.definition);
    DOMAIN Must "domain", |r| text(&r.domain);
    RANGE Must "range", |r| text(&r.range);
    GROUP May "group", |r| text(&r.group);
    TIER May "tier", |r| text(&r.tier);
    INVERSE May "inverse", |r| text(&r.inverse);
    ALGEBRA May "algebra", |r| text(&r.algebra);
    LINEAGE_ROLE May "lineage_role", |r| text(&r.role);
    LINEAGE_SIDE May "lineage_side", |r| text(&r.side);
    LINEAGE May "lineage", |r| text(&r.lineage);
    GATHERS May "gathers", |r| text(&r.gathers);
    PREDECESSOR May "predecessor", |r| text(&r.predecessor);
    SUCCESSOR May "successor", |r| text(&r.successor);
    REPEATS May "repeats", |r| text(&r.repeats);
    WORDS May "words", |r| text(&r.words);
    CONTRADICTS May "contradicts", |r| text(&r.contradicts);
    SINGLE_VALUED May "single_valued", |r| text(&r.single_valued);
    // the terms of every vocabulary, from here to `other_terms`: all are written in the last
    ORG Read "org", nothing;
    PROV Read "prov", nothing;
    ELI Read "eli", nothing;
    SCHEMA Read "schema", nothing;
    WIKIDATA Read "wikidata", nothing;
    RICO Read "rico", nothing;
    OTHER_TERMS May "other_terms", |r| text(&r.terms);
    NOTE May "note", |r| text(&r.note);
});

table!(qualifiers: QualifierRecord, "qualifiers.csv" [] {
    KEY Must "key", |q| text(&q.key);
    RELATION May "relation", |q| text(&q.relation);
    TYPE Kept "type", |q| q.reading.ty.name().to_owned();
    MANY Kept "many", |q| yes_no(q.reading.many);
    CONFLICTS Kept "conflicts", |q| yes_no(q.reading.conflicts);
    DEFINITION May "definition", |q| text(&q.definition);
});

table!(entities: Entity, "entities.csv" [] {
    ID Must "id", |e| text(&e.id);
    KIND Must "kind", |e| text(&e.kind);
    NAME Must "name", |e| text(&e.name);
    START May "start", |e| text(&e.start);
    END May "end", |e| text(&e.end);
    // the source stands in the locator, too
    SOURCE Read "source", nothing;
    LOCATOR May "locator", |e| place(e.stated_at.as_ref());
    BY_REFERENCE May "by_reference", |e| places(&e.by_reference);
    NOTE May "note", |e| text(&e.note);
});

table!(aliases: Alias, "aliases.csv" [] {
    ENTITY Must "entity", |a| text(&a.entity);
    ALIAS Must "alias", |a| text(&a.name);
    LANGUAGE May "language", |a| text(&a.language);
    SCRIPT May "script", |a| text(&a.script);
    STATUS May "status", |a| text(&a.status_word);
    USED_IN May "used_in", |a| places(&a.used_in);
    FROM May "from", |a| text(&a.from);
    TO May "to", |a| text(&a.to);
    LOCATOR May "locator", |a| place(a.stated_at.as_ref());
    NOTE Read "note", nothing;
});

table!(mentions: MentionRecord, "mentions.csv" [] {
    ID Must "id", |m| text(&m.id);
    SUBJECT Must "subject", |m| text(&m.subject);
    RELATION Must "relation", |m| text(&m.relation);
    OBJECT Must "object", |m| m.object.text().to_owned();
    OBJECT_TYPE May "object_type", |m| match m.object.type_name() {
        "entity" => String::new(),
        other => other.to_owned(),
    };
    QUALIFIERS May "qualifiers", |m| qualifiers_of(&m.qualifiers);
    SOURCE Must "source", |m| text(&m.source);
    LOCATOR Must "locator", |m| format!("{}:{}", m.source, m.at);
    CONFIDENCE May "confidence", |m| m.confidence.to_string();
    // the confidence says it, too
    EVALUATIVE Read "evaluative", nothing;
    FINGERPRINT May "fingerprint", |m| match m.fingerprint {
        0 => String::new(),
        print => format!("{print:016x}"),
    };
    NOTE May "note", |m| text(&m.note);
    MODE May "mode", |m| own(m, reserved::MODE);
    BY May "by", |m| own(m, reserved::BY);
    AS_NAMED May "as_named", |m| own(m, reserved::AS_NAMED);
    IDENTIFIED May "identified", |m| own(m, reserved::IDENTIFIED);
    EVENT May "event", |m| own(m, reserved::EVENT);
    CORRECTS May "corrects", |m| own(m, reserved::CORRECTS);
    MADE_BY May "made_by", |m| own(m, reserved::MADE_BY);
});

table!(conflicts: ConflictRecord, "conflicts.csv" [] {
    ID Must "id", |c| text(&c.id);
    TYPE Must "type", |c| text(&c.kind);
    TOPIC Must "topic", |c| text(&c.topic);
    CLAIM_A Must "claim_a", |c| claim(&c.sides[0]);
    CLAIM_B Must "claim_b", |c| claim(&c.sides[1]);
    SOURCES_A May "sources_a", |c| words(&c.sides[0].sources);
    SOURCES_B May "sources_b", |c| words(&c.sides[1].sources);
    NOTE May "note", |c| text(&c.note);
});

/// The cell of a column that is read only.
fn nothing<T>(_: &T) -> String {
    String::new()
}

fn text(cell: &Arc<str>) -> String {
    cell.to_string()
}

fn words(list: &[Arc<str>]) -> String {
    list.join(" ")
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn place(place: Option<&(Arc<str>, Locator)>) -> String {
    place.map_or_else(String::new, |(source, at)| format!("{source}:{at}"))
}

/// `000:16; 001:15,16`: what lies in one document together, in the order given.
fn places(places: &[(Arc<str>, Locator)]) -> String {
    let mut out = String::new();
    let mut last: Option<&Arc<str>> = None;
    for (source, at) in places {
        out.push_str(&match last {
            Some(known) if known == source => format!(",{at}"),
            Some(_) => format!("; {source}:{at}"),
            None => format!("{source}:{at}"),
        });
        last = Some(source);
    }
    out
}

fn claim(side: &Side) -> String {
    format!("{} | {} | {}", side.subject, side.relation, side.object)
}

/// The cells of a mention by their columns; those that stay empty are left out.
pub(crate) fn cells_of_mention(mention: &MentionRecord) -> Vec<(&'static str, String)> {
    mentions::LAYOUT.names().zip(mentions::cells(mention)).filter(|(_, cell)| !cell.is_empty()).collect()
}

/// What a mention says of itself.
fn own(mention: &MentionRecord, key: &str) -> String {
    mention.qualifier(key).unwrap_or_default().to_owned()
}

/// Whether a qualifier stands in a column of its own.
pub(super) fn has_column(key: &str) -> bool {
    reserved::COLUMNS.iter().any(|(_, known)| *known == key)
}

/// `key=value; key="value; with a semicolon"`, without the keys that have columns of their own.
pub(super) fn qualifiers_of(qualifiers: &[(Arc<str>, Arc<str>)]) -> String {
    let pair = |(key, value): &(Arc<str>, Arc<str>)| match value.contains(';') {
        true => format!("{key}=\"{value}\""),
        false => format!("{key}={value}"),
    };
    let pairs: Vec<String> = qualifiers.iter().filter(|(key, _)| !has_column(key)).map(pair).collect();
    pairs.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_has_a_column_twice_and_every_reserved_key_has_one() {
        for layout in [
            sources::LAYOUT,
            kinds::LAYOUT,
            relations::LAYOUT,
            qualifiers::LAYOUT,
            entities::LAYOUT,
            aliases::LAYOUT,
            mentions::LAYOUT,
            conflicts::LAYOUT,
        ] {
            let names: Vec<&str> = layout.names().collect();
            let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
            assert!(twice.is_none(), "{}: {twice:?}", layout.file);
            assert!(layout.required().count() > 0, "{}", layout.file);
        }
        for (column, key) in reserved::COLUMNS {
            assert!(mentions::LAYOUT.names().any(|name| name == column), "{key} has no column");
        }
    }
}
