//! Calling functions of the table.

use std::cell::OnceCell;
use std::sync::Arc;

use smallvec::SmallVec;

use super::{eval, said};
use crate::bind::bound::Expr;
use crate::error::{Class, Code, Error, Phase, Result, Span};
use crate::exec::batch::Row;
use crate::exec::context::{Context, Knowledge};
use crate::exec::meter::reading;
use crate::exec::view::{Seeing, in_view};
use crate::function::{CallContext, Clock, Function};
use crate::graph::Graph;
use crate::lineage::detail::event_map;
use crate::lineage::lives::{self, Life};
use crate::lineage::validity::{Days, FactTime, Holds};
use crate::value::entity::Entities;
use crate::value::hash::DataMap;
use crate::value::text::Content;
use crate::value::{Map, NodeRef, RelRef, Value};

pub(super) fn call(
    function: &Function,
    arguments: &[Expr],
    span: Span,
    row: Row<'_>,
    cx: &mut Context<'_>,
) -> Result<Value> {
    if function.name.eq_ignore_ascii_case("coalesce") {
        return first_present(arguments, row, cx);
    }
    let mut values: SmallVec<[Value; 4]> = SmallVec::with_capacity(arguments.len());
    for argument in arguments {
        values.push(eval(argument, row, cx)?);
    }
    cx.meter.step(values.iter().map(reading).sum())?;
    let result = with_context(cx, |context| function.call(context, &values)).map_err(|e| e.at(span))?;
    // what is handed through unchanged costs nothing new, but is small or was charged where it was made
    let bytes = match &result {
        Value::Str(text) => text.len() + 16,
        Value::List(list) => list.len() * size_of::<Value>() + 40,
        Value::Map(map) => map.entries().len() * 64 + 40,
        _ => 0,
    };
    if bytes > 0 {
        cx.allocated(bytes)?;
    }
    Ok(result)
}

/// `coalesce`: evaluates no further than the first value that is there.
fn first_present(arguments: &[Expr], row: Row<'_>, cx: &mut Context<'_>) -> Result<Value> {
    for argument in arguments {
        let value = eval(argument, row, cx)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

/// Runs `call` with what a function may ask of this statement.
pub(crate) fn with_context<T>(cx: &mut Context<'_>, call: impl FnOnce(&mut CallContext<'_>) -> T) -> T {
    let clock = *cx.clock.get_or_insert_with(Clock::now);
    let mut state = std::mem::take(&mut cx.calls);
    let views = cx.views.borrow();
    let (evidence, vocabulary) = (cx.knowledge.evidence, cx.knowledge.vocabulary);
    let seeing = Seeing { graph: cx.graph(), evidence, vocabulary, views: &views };
    // what was looked up stays true only where nothing is written meanwhile
    let fresh = OnceCell::new();
    let by_id = if cx.is_reading() { &cx.by_id } else { &fresh };
    let (graph, deleted) = (cx.graph(), cx.has_deleted());
    let (knowledge, is_reading) = (cx.knowledge, cx.is_reading());
    let entities = LiveEntities { graph, seeing, knowledge, deleted, is_reading, by_id };
    let result = call(&mut CallContext::new(&entities, &cx.meter, clock, &mut state));
    cx.calls = state;
    result
}

/// The graph as functions see it: what this statement has deleted is gone.
struct LiveEntities<'g> {
    graph: &'g Graph,
    knowledge: Knowledge<'g>,
    seeing: Seeing<'g>,
    deleted: bool,
    is_reading: bool,
    /// The nodes by their property `id`, when a function has asked for one.
    by_id: &'g OnceCell<DataMap<Arc<str>, NodeRef>>,
}

impl LiveEntities<'_> {
    /// Errors: this statement has deleted it.
    fn live(&self, entity: &Value) -> Result<()> {
        match entity {
            Value::Node(node) => self.node(*node).map(|_| ()),
            Value::Rel(rel) => self.rel(*rel).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn node(&self, node: NodeRef) -> Result<&Graph> {
        if self.deleted && self.graph.is_node_deleted(node) { Err(gone("node")) } else { Ok(self.graph) }
    }

    fn rel(&self, rel: RelRef) -> Result<&Graph> {
        if self.deleted && self.graph.is_rel_deleted(rel) { Err(gone("relationship")) } else { Ok(self.graph) }
    }
}

impl LiveEntities<'_> {
    /// The life of a node, as its view has it.
    fn life_of(&self, node: NodeRef) -> Result<Life> {
        let kinds = self.knowledge.kinds(self.node(node)?, self.is_reading);
        Ok(lives::of(&self.seeing.known(node.view()), &kinds, node))
    }

    /// When a relationship held, as its view has it.
    fn time_of(&self, rel: RelRef) -> Result<FactTime> {
        let lists = self.knowledge.lists(self.rel(rel)?);
        Ok(self.seeing.known(rel.view()).rel_time(rel, lists))
    }
}

fn gone(what: &str) -> Error {
    let message = format!("this {what} was deleted earlier in the statement");
    Error::new(Class::EntityNotFound, Phase::Runtime, Code::DeletedEntityAccess, message)
}

impl Content for LiveEntities<'_> {
    fn labels(&self, node: NodeRef) -> Result<Vec<Arc<str>>> {
        let graph = self.node(node)?;
        Ok(graph.labels_of(node).iter().map(|label| graph.names().label_text(*label)).collect())
    }

    fn rel_type(&self, rel: RelRef) -> Result<Arc<str>> {
        Ok(self.graph.names().type_text(self.graph.rel(rel).ty))
    }

    fn node_properties(&self, node: NodeRef) -> Result<Map> {
        let graph = self.node(node)?;
        if node.view() > 0 {
            return Map::new(self.seeing.node_properties(node)?);
        }
        let named = graph.node_properties(node).into_iter().map(|(key, value)| (graph.names().key_text(key), value));
        Map::new(named.collect())
    }

    fn rel_properties(&self, rel: RelRef) -> Result<Map> {
        let graph = self.rel(rel)?;
        if rel.view() > 0 {
            return Map::new(self.seeing.rel_properties(rel)?);
        }
        let named = graph.rel_properties(rel).into_iter().map(|(key, value)| (graph.names().key_text(key), value));
        Map::new(named.collect())
    }

    fn ends(&self, rel: RelRef) -> Result<(NodeRef, NodeRef)> {
        let ends = self.graph.rel(rel);
        Ok((ends.start, ends.end))
    }
}

impl Entities for LiveEntities<'_> {
    fn node_id(&self, node: NodeRef) -> Result<i64> {
        Ok(self.graph.node_id(node).0.cast_signed())
    }

    fn rel_id(&self, rel: RelRef) -> Result<i64> {
        Ok(self.graph.rel_id(rel).0.cast_signed())
    }

    fn times(&self, entity: &Value) -> Result<Vec<FactTime>> {
        Ok(match entity {
            Value::Node(node) => self.life_of(*node)?.times(),
            Value::Rel(rel) => vec![self.time_of(*rel)?],
            _ => Vec::new(),
        })
    }

    fn holds(&self, entity: &Value, days: Days) -> Result<Holds> {
        Ok(match entity {
            Value::Node(node) => self.life_of(*node)?.holds(days),
            Value::Rel(rel) => self.time_of(*rel)?.holds(days),
            _ => Holds::NotStated,
        })
    }

    fn life(&self, node: NodeRef) -> Result<Value> {
        in_view(self.life_of(node)?.value(&self.seeing.known(node.view()))?, node.view())
    }

    fn event(&self, rel: RelRef) -> Result<Value> {
        self.rel(rel)?;
        let event = event_map(self.seeing.known(rel.view()), rel)?.map_or(Value::Null, Value::Map);
        in_view(event, rel.view())
    }

    fn evidence(&self, entity: &Value) -> Result<Vec<Value>> {
        self.live(entity)?;
        said::evidence(self.seeing, entity)
    }

    fn sources(&self, entity: &Value) -> Result<Vec<Arc<str>>> {
        self.live(entity)?;
        let ids = said::documents(self.seeing, entity);
        let mut sources: Vec<Arc<str>> =
            ids.iter().filter_map(|id| self.seeing.evidence.source(*id)).map(|source| source.id.clone()).collect();
        sources.sort_unstable();
        Ok(sources)
    }

    fn witnesses(&self, entity: &Value) -> Result<usize> {
        self.live(entity)?;
        Ok(self.seeing.evidence.witnesses(&said::documents(self.seeing, entity)))
    }

    fn stated(&self, entity: &Value, key: &str) -> Result<Vec<Value>> {
        self.live(entity)?;
        said::stated(self.seeing, entity, key)
    }

    fn disputed(&self, entity: &Value) -> Result<Vec<Arc<str>>> {
        self.live(entity)?;
        said::disputed(self.seeing, entity)
    }

    fn behind(&self, entity: &Value, key: &str) -> Result<Vec<NodeRef>> {
        self.live(entity)?;
        let view = said::view_of(entity);
        let ids = said::ids(self.seeing, entity, key)?;
        let known = self.by_id.get_or_init(|| said::by_id(self.graph));
        Ok(ids.iter().filter_map(|id| known.get(id)).map(|node| node.in_view(view)).collect())
    }

    fn names(&self, node: NodeRef) -> Result<Vec<Value>> {
        self.node(node)?;
        said::names(self.seeing, node)
    }
}
