//! The tables compiled into the program, so that the first command works at once.

macro_rules! tables {
    ($($name:literal)*) => {
        /// The text of one table of the built-in dataset.
        pub(super) fn file(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/data/kazakhstan/", $name
                ))),)*
                _ => None,
            }
        }
    };
}

tables! {
    "dataset.toml" "sources.csv" "kinds.csv" "relations.csv"
    "qualifiers.csv" "entities.csv" "aliases.csv" "mentions.csv" "conflicts.csv"
}
