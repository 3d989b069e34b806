//! Nodes, relationships and paths of an answer, with their content.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use shejire::Value;
use shejire::engine::{Entities, NodeData, RelData};

use crate::values::to_python;

type Properties = [(Arc<str>, Value)];

/// What nodes and relationships have in common with a dictionary: their properties.
fn item<'py>(py: Python<'py>, properties: &Properties, key: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let found = properties.iter().find(|(own, _)| **own == *key);
    found.map(|(_, value)| to_python(py, value, &Entities::default(), 0).map(|made| made.into_bound(py))).transpose()
}

pub fn properties<'py>(py: Python<'py>, properties: &Properties) -> PyResult<Bound<'py, PyDict>> {
    let made = PyDict::new(py);
    for (key, value) in properties {
        made.set_item(&**key, to_python(py, value, &Entities::default(), 0)?)?;
    }
    Ok(made)
}

fn shown(py: Python<'_>, all: &Properties) -> PyResult<String> {
    Ok(properties(py, all)?.repr()?.to_string())
}

/// Of one graph, whatever it holds: what two handles of the same thing agree in.
fn hash_of(of: &(u64, u64)) -> u64 {
    let mut state = DefaultHasher::new();
    of.hash(&mut state);
    state.finish()
}

/// A node as a statement answered it.
#[pyclass(frozen, module = "shejire")]
pub struct Node {
    pub data: NodeData,
    /// The number of the database it is of.
    pub origin: u64,
}

/// A relationship as a statement answered it.
#[pyclass(frozen, module = "shejire")]
pub struct Relationship {
    pub data: RelData,
    pub origin: u64,
}

/// A walk through the graph.
#[pyclass(frozen, module = "shejire")]
pub struct Path {
    pub nodes: Vec<Py<Node>>,
    pub rels: Vec<Py<Relationship>>,
}

macro_rules! mapping {
    ($class:ident, $unique:literal, $($own:tt)*) => {
        #[pymethods]
        impl $class {
            /// A number of its own in the graph, that no other ever gets.
            #[getter]
            fn id(&self) -> u64 {
                self.data.id
            }

            #[getter]
            fn element_id(&self) -> String {
                self.data.element_id()
            }

            #[getter]
            fn properties<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                properties(py, &self.data.properties)
            }

            fn __getitem__<'py>(&self, py: Python<'py>, key: &str) -> PyResult<Bound<'py, PyAny>> {
                item(py, &self.data.properties, key)?.ok_or_else(|| PyKeyError::new_err(key.to_owned()))
            }

            #[pyo3(signature = (key, default=None))]
            fn get<'py>(
                &self,
                py: Python<'py>,
                key: &str,
                default: Option<Bound<'py, PyAny>>,
            ) -> PyResult<Option<Bound<'py, PyAny>>> {
                Ok(item(py, &self.data.properties, key)?.or(default))
            }

            fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
                PyList::new(py, self.data.properties.iter().map(|(key, _)| &**key))
            }

            fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
                Ok(properties(py, &self.data.properties)?.values())
            }

            fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
                Ok(properties(py, &self.data.properties)?.items())
            }

            fn __contains__(&self, key: &str) -> bool {
                self.data.properties.iter().any(|(own, _)| **own == *key)
            }

            fn __len__(&self) -> usize {
                self.data.properties.len()
            }

            // one without properties is there all the same
            fn __bool__(&self) -> bool {
                true
            }

            fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                Ok(self.keys(py)?.try_iter()?.into_any())
            }

            fn __eq__(&self, other: &Self) -> bool {
                (self.data.id, self.origin) == (other.data.id, other.origin)
            }

            fn __hash__(&self) -> u64 {
                hash_of(&(self.data.id, self.origin.wrapping_mul(2) + $unique))
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                self.shown(py)
            }

            $($own)*
        }
    };
}

mapping! { Node, 0,
    #[getter]
    fn labels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.data.labels.iter().map(|label| &**label))
    }
}

mapping! { Relationship, 1,
    #[getter]
    fn r#type(&self) -> &str {
        &self.data.ty
    }

    /// The id of the node it starts at.
    #[getter]
    fn start_id(&self) -> u64 {
        self.data.start
    }

    /// The id of the node it ends at.
    #[getter]
    fn end_id(&self) -> u64 {
        self.data.end
    }
}

impl Node {
    fn shown(&self, py: Python<'_>) -> PyResult<String> {
        let labels: String = self.data.labels.iter().map(|label| format!(":{label}")).collect();
        let labels = if labels.is_empty() { labels } else { format!(" {labels}") };
        Ok(format!("<Node {}{labels} {}>", self.data.id, shown(py, &self.data.properties)?))
    }
}

impl Relationship {
    fn shown(&self, py: Python<'_>) -> PyResult<String> {
        let RelData { id, ty, start, end, .. } = &self.data;
        Ok(format!("<Relationship {id} ({start})-[:{ty}]->({end}) {}>", shown(py, &self.data.properties)?))
    }
}

#[pymethods]
impl Path {
    #[getter]
    fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.nodes)
    }

    #[getter]
    fn relationships<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.rels)
    }

    #[getter]
    fn start(&self, py: Python<'_>) -> Option<Py<Node>> {
        self.nodes.first().map(|node| node.clone_ref(py))
    }

    #[getter]
    fn end(&self, py: Python<'_>) -> Option<Py<Node>> {
        self.nodes.last().map(|node| node.clone_ref(py))
    }

    /// Number of relationships.
    fn __len__(&self) -> usize {
        self.rels.len()
    }

    // a path of one node is a path
    fn __bool__(&self) -> bool {
        true
    }

    /// The relationships, as walked.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.relationships(py)?.try_iter()?.into_any())
    }

    fn __eq__(&self, other: &Self) -> bool {
        let nodes =
            |path: &Self| path.nodes.iter().map(|node| (node.get().data.id, node.get().origin)).collect::<Vec<_>>();
        let rels = |path: &Self| path.rels.iter().map(|rel| rel.get().data.id).collect::<Vec<_>>();
        nodes(self) == nodes(other) && rels(self) == rels(other)
    }

    fn __hash__(&self) -> u64 {
        let mut state = DefaultHasher::new();
        self.nodes.iter().for_each(|node| node.get().data.id.hash(&mut state));
        self.rels.iter().for_each(|rel| rel.get().data.id.hash(&mut state));
        state.finish()
    }

    fn __repr__(&self) -> String {
        let mut out = String::from("<Path ");
        for (at, node) in self.nodes.iter().enumerate() {
            let node = &node.get().data;
            if let Some(rel) = at.checked_sub(1).and_then(|at| self.rels.get(at)) {
                let rel = &rel.get().data;
                let forward = rel.end == node.id && (rel.start != node.id);
                let ty = &rel.ty;
                out.push_str(&if forward { format!("-[:{ty}]->") } else { format!("<-[:{ty}]-") });
            }
            out.push_str(&format!("({})", node.id));
        }
        out.push('>');
        out
    }
}
