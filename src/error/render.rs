//! An error as a person wants to see it: the line, a caret, what went wrong, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Error;

impl Error {
    /// The error with its line of `text`, a caret and the hint, ready for a terminal.
    ///
    /// `origin` names where the text came from (a file name; nothing for an argument).
    ///
    /// ```
    /// let text = "MATCH (s:Ship)\nRETURN shp.name";
    /// let error = shejire::Engine::in_memory().run(text).unwrap_err();
    /// let shown = error.render(text, Some("ships.cypher"), false);
    /// assert!(shown.contains("ships.cypher:2:8") && shown.contains("^^^"), "{shown}");
    /// ```
    pub fn render(&self, text: &str, origin: Option<&str>, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let id = format!("{} / {}", self.class().name(), self.code().name());
        let title = Level::ERROR.primary_title(self.message()).id(&*id);
        let mut group = match self.span().filter(|s| s.start as usize <= text.len()) {
            Some(span) => {
                let end = (span.end as usize).clamp(span.start as usize, text.len());
                let mut snippet = Snippet::source(text).fold(true);
                if let Some(origin) = origin {
                    snippet = snippet.path(origin);
                }
                title.element(snippet.annotation(AnnotationKind::Primary.span(span.start as usize..end)))
            }
            None => Group::with_title(title),
        };
        if let Some(hint) = self.hint_text() {
            group = group.element(Level::HELP.message(hint));
        }
        renderer.render(&[group])
    }
}
