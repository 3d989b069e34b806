//! Pictures of answers and lineages: drawn in memory, shown by notebooks, written to files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use shejire::engine::Lineage;
use shejire::io::Subgraph;
use shejire::picture::{self, Asked, Fonts, NodeLink, Page, Style, Timeline};

use crate::answer::Answer;
use crate::errors::raised;

/// A lineage along time, or a graph of nodes and arrows.
#[pyclass(frozen, module = "shejire")]
pub struct Picture {
    drawn: Arc<Drawn>,
    style: Style,
}

enum Drawn {
    Lineage(Timeline),
    Graph(NodeLink),
}

impl Picture {
    pub fn of_answer(py: Python<'_>, answer: &Answer, title: Option<&str>) -> PyResult<Self> {
        let (rows, text) = (&answer.rows, &answer.text);
        if let Some(found) = py.detach(|| rows.lineage()) {
            return Self::of_lineage(py, &found, text, None);
        }
        let engine = answer.db.engine(py)?;
        let style = Style::default();
        let drawn = py.detach(|| {
            let snapshot = engine.snapshot()?;
            let found = Subgraph::of_answer(&snapshot, rows)?;
            if found.is_empty() {
                let error = shejire::Error::data("the answer holds no node and no relationship to draw");
                return Err(error.hint("return nodes, relationships or paths, such as RETURN a, r, b"));
            }
            let title = title.unwrap_or("Answer");
            snapshot.read(|_| Ok(picture::graph(&snapshot, &found.nodes, &found.rels, title, text.trim(), &style)))
        });
        let drawn = drawn.map_err(|error| raised(py, &error, None))?;
        Ok(Self { drawn: Arc::new(Drawn::Graph(drawn)), style })
    }

    pub fn of_lineage(py: Python<'_>, lineage: &Lineage, query: &str, lanes_by: Option<String>) -> PyResult<Self> {
        let asked = Asked { query: query.trim().to_owned(), lanes_by, ..Asked::default() };
        let drawn = py.detach(|| lineage.seen().snapshot().read(|_| Ok(picture::lineage(lineage, &asked))));
        let drawn = drawn.map_err(|error| raised(py, &error, None))?;
        Ok(Self { drawn: Arc::new(Drawn::Lineage(drawn)), style: Style::default() })
    }

    fn drawn_svg(&self) -> String {
        match &*self.drawn {
            Drawn::Lineage(timeline) => picture::timeline_svg(timeline, &self.style),
            Drawn::Graph(graph) => picture::node_link_svg(graph, &self.style),
        }
    }

    /// The bytes of a form: the end of a file's name.
    fn bytes(&self, form: &str, scale: f64) -> Result<Option<Vec<u8>>, shejire::Error> {
        let fonts = || Fonts::read(Vec::new());
        Ok(Some(match (form, &*self.drawn) {
            ("svg", _) => self.drawn_svg().into(),
            ("png", _) => picture::png(&self.drawn_svg(), scale, &fonts()?)?,
            ("pdf", _) => picture::pdf(&self.drawn_svg(), &fonts()?)?,
            ("html", Drawn::Lineage(timeline)) => picture::timeline_html(timeline, &self.style).into(),
            ("html", Drawn::Graph(graph)) => picture::node_link_html(graph, &self.style).into(),
            ("dot" | "gv", Drawn::Lineage(timeline)) => picture::timeline_dot(timeline, &self.style).into(),
            ("dot" | "gv", Drawn::Graph(graph)) => picture::node_link_dot(graph, &self.style).into(),
            ("mmd" | "mermaid", Drawn::Lineage(timeline)) => picture::timeline_mermaid(timeline, &self.style).into(),
            ("mmd" | "mermaid", Drawn::Graph(graph)) => picture::node_link_mermaid(graph).into(),
            ("csv", Drawn::Lineage(timeline)) => picture::timeline_csv(timeline).into(),
            ("json", Drawn::Lineage(timeline)) => format!("{:#}\n", picture::timeline_json(timeline)).into(),
            ("json", Drawn::Graph(graph)) => format!("{:#}\n", picture::node_link_json(graph)).into(),
            _ => return Ok(None),
        }))
    }

    fn made(&self, py: Python<'_>, form: &str, scale: f64) -> PyResult<Vec<u8>> {
        let made = py.detach(|| self.bytes(form, scale)).map_err(|error| raised(py, &error, None))?;
        made.ok_or_else(|| {
            PyValueError::new_err(format!(
                "{form:?} is no form of this picture; these are: svg, png, pdf, html, dot, mermaid, json, and csv of a lineage"
            ))
        })
    }

    fn text(&self, py: Python<'_>, form: &str) -> PyResult<String> {
        let bytes = self.made(py, form, 1.0)?;
        String::from_utf8(bytes).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// Writes a file whole or not at all: what was there stays until what comes is written.
pub fn write(py: Python<'_>, file: &Path, bytes: &[u8]) -> PyResult<()> {
    let written = || -> std::io::Result<()> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = std::ffi::OsString::from(".");
        name.push(file.file_name().ok_or_else(|| std::io::Error::other("the name of a file is wanted"))?);
        name.push(format!(".{}", std::process::id()));
        let beside = folder.join(name);
        let done = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, file));
        if done.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        done
    };
    py.detach(written).map_err(|error| PyOSError::new_err(format!("{}: {error}", file.display())))
}

#[pymethods]
impl Picture {
    /// The picture as SVG; also written to `file` when one is given.
    #[pyo3(signature = (file=None))]
    pub fn svg(&self, py: Python<'_>, file: Option<PathBuf>) -> PyResult<String> {
        let made = self.text(py, "svg")?;
        if let Some(file) = file {
            write(py, &file, made.as_bytes())?;
        }
        Ok(made)
    }

    #[pyo3(signature = (file=None, *, scale=2.0))]
    fn png<'py>(&self, py: Python<'py>, file: Option<PathBuf>, scale: f64) -> PyResult<Bound<'py, PyBytes>> {
        let made = self.made(py, "png", scale)?;
        if let Some(file) = file {
            write(py, &file, &made)?;
        }
        Ok(PyBytes::new(py, &made))
    }

    #[pyo3(signature = (file=None))]
    fn pdf<'py>(&self, py: Python<'py>, file: Option<PathBuf>) -> PyResult<Bound<'py, PyBytes>> {
        let made = self.made(py, "pdf", 1.0)?;
        if let Some(file) = file {
            write(py, &file, &made)?;
        }
        Ok(PyBytes::new(py, &made))
    }

    fn html(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "html")
    }

    fn dot(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "dot")
    }

    fn mermaid(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "mermaid")
    }

    fn json(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "json")
    }

    /// Writes the form that the end of the file's name says.
    #[pyo3(signature = (file, *, scale=2.0))]
    fn save(&self, py: Python<'_>, file: PathBuf, scale: f64) -> PyResult<()> {
        let form = file.extension().map(|end| end.to_string_lossy().to_lowercase()).unwrap_or_default();
        let made = self.made(py, &form, scale)?;
        write(py, &file, &made)
    }

    /// The same picture with another look.
    #[pyo3(signature = (*, dark=None, citations=None, languages=None, style=None))]
    fn styled(
        &self,
        py: Python<'_>,
        dark: Option<bool>,
        citations: Option<bool>,
        languages: Option<Vec<String>>,
        style: Option<&str>,
    ) -> PyResult<Self> {
        let mut made = match style {
            None => self.style.clone(),
            Some(text) => Style::read(text).map_err(|error| raised(py, &error, None))?,
        };
        if let Some(languages) = languages {
            made.languages = languages;
        }
        if let Some(citations) = citations {
            made.citations = citations;
        }
        if let Some(dark) = dark {
            let page = if dark { Page::dark() } else { Page::default() };
            made.page = Page { width: made.page.width, embed_font: made.page.embed_font, ..page };
        }
        Ok(Self { drawn: Arc::clone(&self.drawn), style: made })
    }

    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<String> {
        self.text(py, "svg")
    }

    #[pyo3(signature = (include=None, exclude=None))]
    fn _repr_mimebundle_<'py>(
        &self,
        py: Python<'py>,
        include: Option<Bound<'py, PyAny>>,
        exclude: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let _ = (include, exclude); // what is shown is asked for of what is offered
        let offered = PyDict::new(py);
        offered.set_item("image/svg+xml", self.text(py, "svg")?)?;
        offered.set_item("text/plain", self.__repr__())?;
        Ok(offered)
    }

    fn __repr__(&self) -> String {
        match &*self.drawn {
            Drawn::Lineage(timeline) => {
                format!("<shejire.Picture of {:?}: {} bodies>", timeline.title, timeline.bodies.len())
            }
            Drawn::Graph(graph) => format!("<shejire.Picture of {:?}: {} nodes>", graph.title, graph.nodes.len()),
        }
    }
}
