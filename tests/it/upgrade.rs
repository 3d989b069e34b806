//! `upgrade`: folders of the first format moved on, with small diffs, whole or not at all.

use std::path::Path;

use shejire::dataset;

use crate::snapshot::repository;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    folder
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

const TABLES: [(&str, &str); 6] = [
    ("dataset.toml", "# ours\r\nid = \"t\"\r\ntitle = \"T\"\r\nlanguage = \"en\"\r\n"),
    ("sources.csv", "id,title\nd,Document\n"),
    ("kinds.csv", "kind,definition\noffice,An office\n"),
    (
        "relations.csv",
        "relation,definition,domain,range,lineage_role\nbecame,One follows,office,office,succession\nholds,It holds,office,office,\n",
    ),
    ("entities.csv", "id,kind,name,start\na,office,A,1990\nb,office,B,\n"),
    (
        "mentions.csv",
        "id,subject,relation,object,qualifiers,source,locator,confidence\n\
         M1,a,became,b,date=1990; rank=first; x-mine=7; status=open,d,d:1,E\n\
         M2,a,holds,b,rank=2; factor=3; scope=a; scope=b; with-consent-of=b,d,d:2,E\n",
    ),
];

#[test]
fn keys_that_are_used_otherwise_than_by_default_are_declared() {
    let folder = folder(&TABLES);
    let upgrade = dataset::upgrade(folder.path()).unwrap();
    assert_eq!(upgrade.files(), ["qualifiers.csv", "dataset.toml"]);
    assert_eq!(read(folder.path(), "dataset.toml"), TABLES[0].1, "nothing is written before it is asked for");
    upgrade.write().unwrap();
    assert_eq!(
        read(folder.path(), "dataset.toml"),
        "# ours\r\nid = \"t\"\r\ntitle = \"T\"\r\nformat = 2\r\nlanguage = \"en\"\r\n"
    );
    assert_eq!(
        read(folder.path(), "qualifiers.csv"),
        "key,relation,type,many,conflicts,definition\n\
         factor,,number,no,no,\n\
         rank,,text,no,yes,\n\
         with-consent-of,,entity,no,no,\n"
    );
    for (file, text) in &TABLES[1..] {
        assert_eq!(read(folder.path(), file), *text, "{file}");
    }
    let left: Vec<String> = upgrade.left.iter().map(ToString::to_string).collect();
    assert_eq!(
        left,
        [
            "relations.csv, row 2, column predecessor: what `became` does to both sides is not said",
            "entities.csv, row 2, column start: no place states when `a` began and ended",
        ]
    );
    assert!(dataset::upgrade(folder.path()).unwrap().files().is_empty(), "a second time there is nothing to do");
}

#[test]
fn an_upgrade_that_was_interrupted_is_finished() {
    let folder = folder(&TABLES);
    dataset::upgrade(folder.path()).unwrap().write().unwrap();
    let declared = read(folder.path(), "qualifiers.csv");
    // as if it had stopped before the last file
    std::fs::write(folder.path().join("dataset.toml"), TABLES[0].1).unwrap();
    let again = dataset::upgrade(folder.path()).unwrap();
    assert_eq!(again.files(), ["dataset.toml"]);
    again.write().unwrap();
    assert_eq!(read(folder.path(), "qualifiers.csv"), declared);
    assert_eq!(dataset::read(folder.path()).unwrap().meta.format, 2);
}

#[test]
fn a_folder_with_problems_or_changed_meanwhile_is_left_as_it_is() {
    let broken = folder(&TABLES);
    std::fs::write(broken.path().join("mentions.csv"), TABLES[5].1.replace("date=1990", "date=next year")).unwrap();
    let refused = dataset::upgrade(broken.path()).unwrap_err();
    assert!(refused.to_string().contains("`next year` is not an EDTF date"), "{refused}");
    assert_eq!(read(broken.path(), "dataset.toml"), TABLES[0].1);

    let folder = folder(&TABLES);
    let upgrade = dataset::upgrade(folder.path()).unwrap();
    std::fs::write(folder.path().join("dataset.toml"), "title = \"Other\"\n").unwrap();
    assert!(upgrade.write().unwrap_err().to_string().contains("changed it meanwhile"));
    assert_eq!(read(folder.path(), "dataset.toml"), "title = \"Other\"\n");
}

/// The example of two editions of a register: whole, clean but for communes that keep their name, of format 2.
#[test]
fn the_communes_of_the_manche_are_whole() {
    let data = dataset::open(&repository("examples/communes-manche")).unwrap();
    let counts = [data.sources.len(), data.relations.len(), data.entities.len(), data.mentions.len()];
    assert_eq!(counts, [3, 6, 799, 1033]);
    let found = dataset::grouped(dataset::check(&data));
    let said: Vec<(&str, usize)> = found.iter().map(|p| (p.sort, p.count)).collect();
    assert_eq!(said, [("two bodies with one name and kind", 70)]);
    let mergers = |source: &str| -> std::collections::BTreeSet<(String, String)> {
        let of = data.mentions.iter().filter(|m| &*m.relation == "merged-into" && &*m.source == source);
        of.map(|m| (m.subject.to_string(), m.object.text().to_owned())).collect()
    };
    assert_eq!(mergers("cog").intersection(&mergers("hist")).count(), 182, "mergers that both editions state");
}
