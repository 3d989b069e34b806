//! A graph that is in memory already, read into another: how dataset folders are imported.

use std::sync::Arc;

use super::{Beside, Key, NodeKey, Sink};
use crate::engine::{Told, ToldConflict};
use crate::error::Result;
use crate::io::Subgraph;

/// Hands everything over: nodes, relationships, and what stands beside them. `space` keeps its keys apart from others.
pub(crate) fn read(graph: &Subgraph, space: &str, sink: &mut dyn Sink) -> Result<()> {
    for node in &graph.nodes {
        sink.node(Some(key(space, node.id)), &node.labels, node.properties.clone())?;
    }
    for rel in &graph.rels {
        sink.rel(Some(number(rel.id)), &rel.ty, key(space, rel.start), key(space, rel.end), rel.properties.clone())?;
    }
    let told = &graph.told;
    for ty in &told.types {
        sink.beside(Beside::Type(ty.clone()))?;
    }
    for (_, source, node) in told.used_sources() {
        sink.beside(Beside::Source(source.clone()))?;
        if let Some(node) = node {
            sink.beside(Beside::StandsFor { source: &source.id, node: key(space, node) })?;
        }
    }
    for (node, places) in &told.nodes {
        for place in places {
            sink.beside(Beside::Place { node: key(space, *node), source: told.source(place.source), at: place.at })?;
        }
    }
    for (rel, mentions) in &told.rels {
        for mention in mentions {
            let source = told.source(mention.place.source);
            sink.beside(Beside::Mention { rel: number(*rel), source, mention: mention.clone() })?;
        }
    }
    for further in &told.further {
        let sources: Vec<Arc<str>> = further.sources().iter().map(|s| told.source(*s).into()).collect();
        let nodes = further.nodes().iter().map(|id| key(space, *id)).collect();
        let rels = further.rels().iter().map(|id| number(*id)).collect();
        sink.beside(Beside::Further { what: further.clone(), sources: &sources, nodes, rels })?;
    }
    for conflict in &told.conflicts {
        sink.beside(Beside::Conflict { conflict, sides: sides(conflict, told) })?;
    }
    Ok(())
}

fn sides<'a>(conflict: &ToldConflict, told: &Told) -> [(Key<'a>, Vec<Arc<str>>); 2] {
    [&conflict.sides[0], &conflict.sides[1]].map(|(rel, sources)| {
        let names = sources.iter().map(|s| told.source(*s).into()).collect();
        (number(*rel), names)
    })
}

fn key(space: &str, id: u64) -> NodeKey<'_> {
    NodeKey { space, key: number(id) }
}

fn number(id: u64) -> Key<'static> {
    Key::Int(i64::try_from(id).unwrap_or(i64::MAX)) // ids stay below i64::MAX
}
