//! Sources, kinds, relations, entities and aliases.

use super::{Cell, Context};
use crate::dataset::problem::shown;
use crate::dataset::record::{Alias, AliasStatus, Relation};
use crate::provenance::Role;
use crate::value::edtf::About;
use crate::value::hash::DataSet;

/// What a range may name beside kinds.
pub(super) const LITERALS: [&str; 4] = ["any", "quantity", "date", "text"];

pub(super) fn check<'a>(context: &mut Context<'a>) {
    let data = context.data;
    if !data.meta.implicit_agent.is_empty() {
        context.entity(Cell { file: "dataset.toml", row: 0, column: "implicit_agent" }, &data.meta.implicit_agent);
    }
    for source in &data.sources {
        let at = |column| Cell { file: "sources.csv", row: source.row, column };
        if !source.entity.is_empty() {
            context.entity(at("entity"), &source.entity);
        }
        context.date(at("date"), &source.date);
        context.date(at("during"), &source.during);
        context.choice(at("end"), &source.end, &["inclusive", "exclusive"]);
        about(context, at("about"), &source.about);
        for other in &source.derives_from {
            if *other == source.id {
                context.report(at("derives_from"), "a source does not derive from itself", "name the other document");
            } else if !context.sources.contains_key(&**other) {
                let known = |context: &Context<'a>| context.sources.keys().copied().collect();
                context.unknown(at("derives_from"), "source", other, known, "add it to sources.csv, or correct the id");
            }
        }
        for relation in &source.complete {
            if !context.relations.contains_key(&**relation) {
                let known = |context: &Context<'a>| context.relations.keys().copied().collect();
                let otherwise = "relations of relations.csv with spaces between";
                context.unknown(at("complete"), "relation", relation, known, otherwise);
            }
        }
        if !source.complete.is_empty() && source.during.is_empty() {
            context.report(
                at("complete"),
                "says what is listed, and `during` not when",
                "give `during` the day of the list",
            );
        }
        if source.title.is_empty() {
            context.report(at("title"), "is empty", "the title of the document, or a few words that describe it");
        }
        if source.sha256.len() != 64 && !source.sha256.is_empty() {
            context.report(at("sha256"), "is not a SHA-256", "64 digits 0-9 a-f, as `sha256sum FILE` prints them");
        }
    }
    about(context, Cell { file: "dataset.toml", row: 0, column: "about" }, &data.meta.about);
    for relation in &data.relations {
        self::relation(context, relation);
    }
    qualifiers(context);
    for entity in &data.entities {
        let at = |column| Cell { file: "entities.csv", row: entity.row, column };
        if !context.kinds.contains_key(&*entity.kind) {
            let known = |context: &Context<'a>| context.kinds.keys().copied().collect();
            context.unknown(at("kind"), "kind", &entity.kind, known, "add it to kinds.csv, or correct it");
        }
        if entity.name.is_empty() {
            context.report(at("name"), "is empty", "the name by which people know it");
        }
        context.dates((at("start"), &entity.start), (at("end"), &entity.end));
        for (source, place) in &entity.by_reference {
            context.place(at("by_reference"), source, *place);
        }
        if let Some((source, place)) = &entity.stated_at {
            context.place(at("locator"), source, *place);
        }
    }
    let mut seen = DataSet::default();
    for alias in &data.aliases {
        self::alias(context, alias);
        if !seen.insert((&*alias.entity, &*alias.name, &*alias.language, &*alias.from, &*alias.to)) {
            let at = Cell { file: "aliases.csv", row: alias.row, column: "alias" };
            let message = format!("`{}` already stands for `{}`", shown(&alias.name), shown(&alias.entity));
            context.report(at, message, "put all places that use it into one row");
        }
    }
}

fn about(context: &mut Context<'_>, at: Cell, text: &str) {
    if !text.is_empty()
        && let Err(why) = About::parse(text)
    {
        context.report(at, why, "how far `~` reaches: 2y, 6m, 10d");
    }
}

/// What is declared of qualifiers: once for each key and relation.
fn qualifiers<'a>(context: &mut Context<'a>) {
    let data = context.data;
    let mut seen = DataSet::default();
    for qualifier in &data.qualifiers {
        let at = |column| Cell { file: "qualifiers.csv", row: qualifier.row, column };
        if qualifier.key.is_empty() || qualifier.key.starts_with('@') {
            context.report(at("key"), "is no key", "the key as it stands in the column `qualifiers`");
        }
        if !qualifier.relation.is_empty() && !context.relations.contains_key(&*qualifier.relation) {
            let known = |context: &Context<'a>| context.relations.keys().copied().collect();
            let otherwise = "a relation of relations.csv, or nothing for all";
            context.unknown(at("relation"), "relation", &qualifier.relation, known, otherwise);
        }
        if !seen.insert((qualifier.key.replace('_', "-"), &*qualifier.relation)) {
            context.report(at("key"), format!("`{}` is declared twice", shown(&qualifier.key)), "keep one of the rows");
        }
    }
}

fn relation<'a>(context: &mut Context<'a>, relation: &'a Relation) {
    let at = |column| Cell { file: "relations.csv", row: relation.row, column };
    let plain = relation.id.starts_with(|c: char| c.is_alphabetic()) && !relation.id.contains('.');
    if !plain && !relation.id.is_empty() {
        let message = format!("`{}` cannot be written in a query as it stands", shown(&relation.id));
        context.report(at("relation"), message, "begin with a letter; letters, digits, hyphens: transferred-to");
    }
    for (column, cell) in [("domain", &relation.domain), ("range", &relation.range)] {
        for kind in cell.split_whitespace() {
            if !context.kinds.contains_key(kind) && !LITERALS.contains(&kind) {
                let known = |context: &Context<'a>| context.kinds.keys().copied().chain(LITERALS).collect();
                let otherwise = "kinds of kinds.csv with spaces between; any, quantity, date, text";
                context.unknown(at(column), "kind", kind, known, otherwise);
            }
        }
        if cell.is_empty() {
            context.finding(at(column), "is empty", "write any, or the kinds it connects");
        }
    }
    for other in relation.contradicts.split_whitespace() {
        if !context.relations.contains_key(other) {
            let known = |context: &Context<'a>| context.relations.keys().copied().collect();
            context.unknown(at("contradicts"), "relation", other, known, "relations of this table with spaces between");
        }
    }
    let choices: [(&'static str, &'a str, &[&'static str]); 7] = [
        ("algebra", &relation.algebra, &["transitive", "symmetric"]),
        ("lineage_side", &relation.side, &["subject", "object"]),
        ("single_valued", &relation.single_valued, &["yes", "no"]),
        ("repeats", &relation.repeats, &["yes", "no"]),
        ("gathers", &relation.gathers, &["successor", "predecessor"]),
        ("predecessor", &relation.predecessor, &["ends", "continues"]),
        ("successor", &relation.successor, &["new", "existing"]),
    ];
    for (column, cell, allowed) in choices {
        context.choice(at(column), cell, allowed);
    }
    if !relation.role.is_empty() && Role::parse(&relation.role).is_none() {
        let known = |_: &Context<'a>| Role::ALL.iter().map(|(name, _)| *name).collect();
        let otherwise = "succession, creation, restoration, change, ending, function-transfer, function-withdrawal";
        context.unknown(at("lineage_role"), "role", &relation.role, known, otherwise);
    }
    let declared = [&relation.lineage, &relation.side, &relation.gathers, &relation.predecessor, &relation.successor];
    if relation.role.is_empty() && declared.iter().any(|cell| !cell.is_empty()) {
        context.report(
            at("lineage_role"),
            "is empty beside a lineage or a side",
            "say what role it plays in a lineage",
        );
    }
}

fn alias<'a>(context: &mut Context<'a>, alias: &'a Alias) {
    let at = |column| Cell { file: "aliases.csv", row: alias.row, column };
    context.entity(at("entity"), &alias.entity);
    if alias.name.is_empty() {
        context.report(at("alias"), "is empty", "the name, as it is written");
    }
    for (source, place) in &alias.used_in {
        context.place(at("used_in"), source, *place);
    }
    if let Some((source, place)) = &alias.stated_at {
        context.place(at("locator"), source, *place);
    }
    context.dates((at("from"), &alias.from), (at("to"), &alias.to));
    if alias.status == AliasStatus::Editorial && !alias.used_in.is_empty() {
        let hint = "a name that a document uses is preferred, alternate, abbreviation or description";
        context.report(at("status"), "is `editorial`, and the row names documents that use it", hint);
    }
    if alias.status != AliasStatus::Editorial && alias.used_in.is_empty() {
        let hint = "name the paragraphs, as in 000:16; or call it editorial";
        context.finding(at("used_in"), "is empty, so nobody uses this name", hint);
    }
    let code = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        text.is_empty() || lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
    };
    if !code(&alias.language, 2..=3) {
        context.report(at("language"), format!("`{}` is no language code", shown(&alias.language)), "en, kk, ru, …");
    }
    if !code(&alias.script, 4..=4) {
        context.report(at("script"), format!("`{}` is no script code", shown(&alias.script)), "Latn, Cyrl, Arab, …");
    }
    let cyrillic = |c: char| ('\u{400}'..='\u{52f}').contains(&c);
    let wrong = match &*alias.script {
        "Latn" => alias.name.chars().any(cyrillic),
        "Cyrl" => alias.name.chars().any(char::is_alphabetic) && !alias.name.chars().any(cyrillic),
        _ => false,
    };
    if wrong {
        let message = format!("says `{}`, and `{}` is not in that script", alias.script, shown(&alias.name));
        context.report(at("script"), message, "correct the script, or the letters that only look alike");
    }
}
