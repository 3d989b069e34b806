//! What a thing is called, with the places that use each name.

use std::sync::Arc;

use crate::lineage::stated::Known;
use crate::provenance::view::sees;
use crate::provenance::{NameUse, Place};
use crate::value::{NodeRef, Value};

/// A name of a node.
#[derive(Clone, Debug)]
pub(crate) struct UsedName<'a> {
    /// The name.
    pub name: Arc<str>,
    /// What the dataset says of it; nothing for the dataset's own word, which it lists nowhere.
    pub listed: Option<&'a NameUse>,
    /// Whether the place that states since and until when it is used is seen, or nobody is asked in particular.
    pub dated: bool,
    /// The place that states since and until when it is used, when it is seen.
    pub stated_at: Option<Place>,
    /// The places that use it and are seen, in order.
    pub places: Vec<Place>,
}

/// The names of a node as far as they are seen: its own first, then what the dataset lists.
pub(crate) fn used<'a>(known: &Known<'a>, node: NodeRef) -> Vec<UsedName<'a>> {
    let Known { graph, evidence, view, .. } = *known;
    let own = graph.key("name").map_or(Value::Null, |key| graph.node_property(node, key));
    let mut all = Vec::new();
    if let Value::Str(name) = own
        && !evidence.names_of(node).iter().any(|listed| listed.name == name)
    {
        all.push(UsedName { name, listed: None, dated: false, stated_at: None, places: Vec::new() });
    }
    all.extend(evidence.names_seen(node, view).map(|(listed, mut places)| {
        places.sort_unstable();
        let stated_at = listed.stated_at.filter(|place| sees(view, place.source));
        let dated = view.is_none() || stated_at.is_some();
        UsedName { name: listed.name.clone(), listed: Some(listed), dated, stated_at, places }
    }));
    all
}
