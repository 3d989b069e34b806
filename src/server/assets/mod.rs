//! The explorer as it is built from `web/`: one page and what it loads, in the program itself.
//!
//! `list.rs` and `dist/` are written by `npm run build` in `web/` and compared by `.ci/web`; nothing here is written by hand
//! but this file. Cargo needs no other tool for it, and no crate: what would find the files at compile time knows no more than
//! the build that made them.

mod list;

/// A file of the explorer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asset {
    /// Below `/assets/`; its name holds the hash of its content.
    name: &'static str,
    /// The media type.
    pub(crate) ty: &'static str,
    /// Its bytes.
    pub(crate) plain: &'static [u8],
    /// The same, compressed.
    pub(crate) gzip: &'static [u8],
}

/// The page that every address of the explorer shows.
pub(crate) fn page() -> Asset {
    list::PAGE
}

/// The file with this name, exactly.
pub(crate) fn named(name: &str) -> Option<Asset> {
    list::FILES.iter().find(|file| file.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_what_is_here_and_nothing_else() {
        let page = std::str::from_utf8(page().plain).expect("text");
        let loaded: Vec<&str> = page.split(['"', '\'']).filter_map(|text| text.strip_prefix("/assets/")).collect();
        assert!(loaded.len() >= 2, "a script and a style: {page}");
        assert!(loaded.iter().all(|name| named(name).is_some()), "{loaded:?}");
        assert!(!page.contains("://") && !page.contains("<style") && !page.contains(" style="), "{page}");
        assert!(named("../list.rs").is_none() && named("").is_none());
    }
}
