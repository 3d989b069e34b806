//! Graph algorithms, as procedures: `CALL algo.pagerank({labels: ['Person'], types: ['KNOWS']}) YIELD node, score`.
//!
//! Each works on a [`Projection`], a compact copy of the part of the graph that its options name, never on the live
//! graph; a query writes results back itself (`… YIELD node, score SET node.rank = score`). What petgraph has runs on
//! petgraph, over the same projection. Every loop asks the statement's limits. Rows come in the order of the nodes'
//! ids unless the algorithm has an order of its own, so that the same graph gives the same answer.

mod betweenness;
mod components;
mod distance;
mod expand;
mod gds;
mod links;
mod named;
mod options;
mod paths;
mod projection;

use crate::error::Result;
use crate::function::{Around, Budget, Procedure, ProcedureBody};
use crate::graph::Graph;
use crate::value::Value;

use projection::Projection;

/// A call: what is asked, and of what.
pub(crate) struct Call<'a> {
    graph: &'a Graph,
    budget: &'a dyn Budget,
    arguments: &'a [Value],
}

/// A call that uses what is around it.
pub(crate) struct Called<'a> {
    graph: &'a Graph,
    budget: &'a dyn Budget,
    around: &'a dyn Around,
    arguments: &'a [Value],
}

type Rows = Vec<Vec<Value>>;

struct Algorithm {
    name: &'static str,
    inputs: &'static [(&'static str, &'static str)],
    outputs: &'static [(&'static str, &'static str)],
    doc: &'static str,
    body: ProcedureBody,
}

const OPTIONS: &[(&str, &str)] = &[("options", "MAP?")];

macro_rules! over {
    ($run:path) => {
        ProcedureBody::over_graph(|graph, budget, arguments| $run(&Call { graph, budget, arguments }))
    };
}

macro_rules! around {
    ($run:path) => {
        ProcedureBody::around(|graph, budget, around, arguments| $run(&Called { graph, budget, around, arguments }))
    };
}

const ALL: &[Algorithm] = &[
    Algorithm {
        name: "algo.degree",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("degree", "NUMBER")],
        doc: "How many relationships a node has, or the sum of their weights.",
        body: over!(links::degree),
    },
    Algorithm {
        name: "algo.pagerank",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("score", "FLOAT")],
        doc: "PageRank: how often a walker who follows relationships at random is at a node; all scores add up to 1.",
        body: over!(links::pagerank),
    },
    Algorithm {
        name: "algo.triangles",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("triangles", "INTEGER"), ("coefficient", "FLOAT")],
        doc: "How many triangles a node is a corner of, and which part of the pairs of its neighbours are neighbours.",
        body: over!(links::triangles),
    },
    Algorithm {
        name: "algo.wcc",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("component", "INTEGER")],
        doc: "Weakly connected components: nodes that relationships connect, whatever their direction.",
        body: over!(components::weak),
    },
    Algorithm {
        name: "algo.scc",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("component", "INTEGER")],
        doc: "Strongly connected components: nodes each of which reaches all others.",
        body: over!(components::strong),
    },
    Algorithm {
        name: "algo.topological",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("position", "INTEGER")],
        doc: "An order in which every relationship leads forward; an error where there is a cycle.",
        body: over!(components::topological),
    },
    Algorithm {
        name: "algo.betweenness",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("score", "FLOAT")],
        doc: "On how many shortest paths between other nodes a node lies.",
        body: over!(betweenness::betweenness),
    },
    Algorithm {
        name: "algo.closeness",
        inputs: OPTIONS,
        outputs: &[("node", "NODE"), ("score", "FLOAT")],
        doc: "How near a node is to those it reaches, times the part of all that it reaches.",
        body: over!(distance::closeness),
    },
    Algorithm {
        name: "algo.dijkstra",
        inputs: &[("source", "NODE"), ("target", "NODE?"), ("options", "MAP?")],
        outputs: &[("node", "NODE"), ("cost", "FLOAT"), ("path", "PATH")],
        doc: "The cheapest path to a node, or to every node that can be reached.",
        body: over!(paths::dijkstra),
    },
    Algorithm {
        name: "algo.k_shortest",
        inputs: &[("source", "NODE"), ("target", "NODE"), ("k", "INTEGER"), ("options", "MAP?")],
        outputs: &[("index", "INTEGER"), ("cost", "FLOAT"), ("path", "PATH")],
        doc: "The k cheapest paths between two nodes that visit no node twice, the cheapest first.",
        body: over!(paths::k_shortest),
    },
    Algorithm {
        name: "apoc.path.expand",
        inputs: &[
            ("startNode", "ANY?"),
            ("relationshipFilter", "STRING?"),
            ("labelFilter", "STRING?"),
            ("minLevel", "INTEGER?"),
            ("maxLevel", "INTEGER?"),
        ],
        outputs: &[("path", "PATH")],
        doc: "Paths from a node by filters of types and labels, as APOC reads them.",
        body: over!(expand::expand),
    },
    Algorithm {
        name: "apoc.path.expandConfig",
        inputs: EXPAND,
        outputs: &[("path", "PATH")],
        doc: "The same with a map that says more: uniqueness, limit, ends.",
        body: over!(expand::expand_config),
    },
    Algorithm {
        name: "apoc.path.spanningTree",
        inputs: EXPAND,
        outputs: &[("path", "PATH")],
        doc: "To every node that is reached one path.",
        body: over!(expand::spanning_tree),
    },
    Algorithm {
        name: "apoc.path.subgraphNodes",
        inputs: EXPAND,
        outputs: &[("node", "NODE")],
        doc: "The nodes that are reached.",
        body: over!(expand::subgraph_nodes),
    },
    Algorithm {
        name: "apoc.path.subgraphAll",
        inputs: EXPAND,
        outputs: &[("nodes", "LIST"), ("relationships", "LIST")],
        doc: "The nodes that are reached, and every relationship between two of them.",
        body: over!(expand::subgraph_all),
    },
    Algorithm {
        name: "gds.graph.project",
        inputs: &[
            ("graphName", "STRING"),
            ("nodeProjection", "ANY"),
            ("relationshipProjection", "ANY"),
            ("configuration", "MAP?"),
        ],
        outputs: &[
            ("nodeProjection", "ANY"),
            ("relationshipProjection", "ANY"),
            ("graphName", "STRING"),
            ("nodeCount", "INTEGER"),
            ("relationshipCount", "INTEGER"),
        ],
        doc: "Keeps a copy of nodes of labels and relationships of types under a name.",
        body: around!(named::project),
    },
    Algorithm {
        name: "gds.graph.project.cypher",
        inputs: &[
            ("graphName", "STRING"),
            ("nodeQuery", "STRING"),
            ("relationshipQuery", "STRING"),
            ("configuration", "MAP?"),
        ],
        outputs: &[
            ("nodeQuery", "STRING"),
            ("relationshipQuery", "STRING"),
            ("graphName", "STRING"),
            ("nodeCount", "INTEGER"),
            ("relationshipCount", "INTEGER"),
        ],
        doc: "Keeps what two queries give as nodes and relationships under a name.",
        body: around!(named::project_cypher),
    },
    Algorithm {
        name: "gds.graph.exists",
        inputs: &[("graphName", "STRING")],
        outputs: &[("graphName", "STRING"), ("exists", "BOOLEAN")],
        doc: "Whether there is a projection of that name.",
        body: around!(named::exists),
    },
    Algorithm {
        name: "gds.graph.list",
        inputs: &[("graphName", "STRING?")],
        outputs: &[("graphName", "STRING"), ("nodeCount", "INTEGER"), ("relationshipCount", "INTEGER")],
        doc: "The projections that are kept.",
        body: around!(named::list),
    },
    Algorithm {
        name: "gds.graph.drop",
        inputs: &[("graphName", "STRING"), ("failIfMissing", "BOOLEAN?")],
        outputs: &[("graphName", "STRING"), ("nodeCount", "INTEGER"), ("relationshipCount", "INTEGER")],
        doc: "Drops a projection.",
        body: around!(named::drop_named),
    },
    Algorithm {
        name: "gds.shortestPath.dijkstra.stream",
        inputs: &[("graphName", "ANY"), ("configuration", "MAP?")],
        outputs: &[
            ("index", "INTEGER"),
            ("sourceNode", "INTEGER"),
            ("targetNode", "INTEGER"),
            ("totalCost", "FLOAT"),
            ("nodeIds", "LIST"),
            ("costs", "LIST"),
            ("path", "PATH"),
        ],
        doc: "The cheapest path between two nodes of a projection.",
        body: around!(gds::dijkstra),
    },
];

const EXPAND: &[(&str, &str)] = &[("startNode", "ANY?"), ("config", "MAP?")];

/// The algorithms as procedures.
pub(crate) fn procedures() -> impl Iterator<Item = Procedure> {
    ALL.iter().map(|algorithm| {
        let field = |(name, ty): &(&str, &str)| crate::function::Field { name: (*name).into(), ty: (*ty).into() };
        Procedure {
            name: algorithm.name.into(),
            inputs: algorithm.inputs.iter().map(field).collect(),
            outputs: algorithm.outputs.iter().map(field).collect(),
            doc: algorithm.doc,
            body: algorithm.body.clone(),
        }
    })
}

impl Called<'_> {
    /// The argument at this place; null when it was left out.
    fn argument(&self, place: usize) -> &Value {
        self.arguments.get(place).unwrap_or(&Value::Null)
    }
}

impl<'a> Call<'a> {
    /// The argument at this place; null when it was left out.
    fn argument(&self, place: usize) -> &'a Value {
        self.arguments.get(place).unwrap_or(&Value::Null)
    }

    /// One row for each node of a projection, in the order of their ids.
    fn each_node<const N: usize>(
        &self,
        projection: &Projection<'_>,
        mut row: impl FnMut(usize) -> [Value; N],
    ) -> Result<Rows> {
        self.budget.ask(projection.len() * (N + 2) * size_of::<Value>())?;
        let node = |place: usize| Value::Node(projection.node(place));
        Ok((0..projection.len()).map(|place| std::iter::once(node(place)).chain(row(place)).collect()).collect())
    }
}
