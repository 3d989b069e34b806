# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""A property graph for LlamaIndex (``llama-index-core``): the database in this process, no server.

>>> import shejire
>>> from llama_index.core.graph_stores.types import EntityNode, Relation
>>> from shejire.llamaindex import ShejirePropertyGraphStore
>>> store = ShejirePropertyGraphStore(shejire.memory()) # for PropertyGraphIndex(…, property_graph_store=store)
>>> store.upsert_nodes([EntityNode(name="On Courts", label="law"), EntityNode(name="Parliament", label="body")])
>>> store.upsert_relations([Relation(label="adopted", source_id="Parliament", target_id="On Courts")])
>>> [(start.id, relation.label, end.id) for start, relation, end in store.get_triplets(entity_names=["Parliament"])]
[('Parliament', 'adopted', 'On Courts')]
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

import shejire
from llama_index.core.graph_stores.types import ChunkNode, EntityNode, LabelledNode, PropertyGraphStore, Relation, Triplet

from ._graphs import _name, _plain

#: The label of every node that is kept here, beside its own.
LABEL = "LlamaNode"
#: The property that tells them apart.
ID = "llama_id"


class ShejirePropertyGraphStore(PropertyGraphStore):
    """A database as an index of LlamaIndex takes a graph. Vectors are kept, and searched elsewhere."""

    supports_structured_queries = True
    supports_vector_queries = False

    def __init__(self, database: shejire.Database, *, read_only: bool = True, timeout: Optional[float] = 30.0) -> None:
        """``read_only``: queries that a model makes up are refused when they write. ``timeout``: seconds for each of them."""
        self.database = database
        self.read_only, self.timeout = read_only, timeout
        if not database.read_only:
            database.execute(f"CREATE INDEX IF NOT EXISTS FOR (n:{LABEL}) ON (n.{ID})")

    @property
    def client(self) -> shejire.Database:
        return self.database

    def get(self, properties: Optional[Dict[str, Any]] = None, ids: Optional[List[str]] = None) -> List[LabelledNode]:
        """Nodes by ids, by properties, or by both."""
        result = self.database.execute(
            f"MATCH (n:{LABEL}) WHERE ($ids IS NULL OR n.{ID} IN $ids) "
            "AND all(key IN keys($properties) WHERE n[key] = $properties[key]) RETURN n",
            ids=ids,
            properties=properties or {},
        )
        return [_node(node) for node in result.column("n")]

    def get_triplets(
        self,
        entity_names: Optional[List[str]] = None,
        relation_names: Optional[List[str]] = None,
        properties: Optional[Dict[str, Any]] = None,
        ids: Optional[List[str]] = None,
    ) -> List[Triplet]:
        """Relations with their ends, by what is known of these; none when nothing is asked for."""
        if not (entity_names or relation_names or properties or ids):
            return []
        result = self.database.execute(
            f"MATCH (a:{LABEL})-[r]->(b:{LABEL}) "
            "WHERE ($names IS NULL OR a.name IN $names OR b.name IN $names) AND ($types IS NULL OR type(r) IN $types) "
            f"AND ($ids IS NULL OR a.{ID} IN $ids OR b.{ID} IN $ids) "
            "AND all(key IN keys($properties) WHERE a[key] = $properties[key] OR b[key] = $properties[key]) RETURN a, r, b",
            names=entity_names,
            types=relation_names,
            ids=ids,
            properties=properties or {},
        )
        return [_triplet(*row) for row in result.tuples()]

    def get_rel_map(
        self,
        graph_nodes: List[LabelledNode],
        depth: int = 2,
        limit: int = 30,
        ignore_rels: Optional[List[str]] = None,
    ) -> List[Triplet]:
        """Relations that are at most ``depth`` steps from the nodes, the nearest first."""
        found: Dict[int, Triplet] = {}
        known = {node.id for node in graph_nodes}
        edge = list(known)
        for _ in range(depth):
            result = self.database.execute(
                f"MATCH (n:{LABEL})-[r]-(m:{LABEL}) WHERE n.{ID} IN $edge AND NOT type(r) IN $ignored "
                "RETURN DISTINCT r, startNode(r) AS a, endNode(r) AS b ORDER BY id(r)",
                edge=edge,
                ignored=ignore_rels or [],
            )
            edge = []
            for rel, start, end in result.tuples():
                if len(found) >= limit:
                    return list(found.values())
                found.setdefault(rel.id, _triplet(start, rel, end))
                for node in (start, end):
                    if node[ID] not in known:
                        known.add(node[ID])
                        edge.append(node[ID])
            if not edge:
                break
        return list(found.values())

    def upsert_nodes(self, nodes: Sequence[LabelledNode]) -> None:
        """Nodes by their ids; what is there of one is kept beside what comes."""
        kinds: Dict[str, List[Dict[str, Any]]] = {}
        for node in nodes:
            held = _plain(node.properties)
            if isinstance(node, ChunkNode):
                held["text"] = node.text
            elif isinstance(node, EntityNode):
                held["name"] = node.name
            if node.embedding is not None:
                held["embedding"] = [float(one) for one in node.embedding]
            kinds.setdefault(node.label, []).append({"id": node.id, "held": {**held, ID: node.id}})
        with self.database.connect() as con, con.transaction():
            for kind, rows in kinds.items():
                con.execute_many(
                    f"UNWIND $rows AS row MERGE (n:{LABEL} {{{ID}: row.id}}) SET n:{_name(kind)} SET n += row.held", rows
                )

    def upsert_relations(self, relations: List[Relation]) -> None:
        """Relations by type and ends. An end that is not there yet is made, and told more of later."""
        kinds: Dict[str, List[Dict[str, Any]]] = {}
        for relation in relations:
            row = {"start": relation.source_id, "end": relation.target_id, "held": _plain(relation.properties)}
            kinds.setdefault(relation.label, []).append(row)
        with self.database.connect() as con, con.transaction():
            for kind, rows in kinds.items():
                con.execute_many(
                    f"UNWIND $rows AS row MERGE (a:{LABEL} {{{ID}: row.start}}) MERGE (b:{LABEL} {{{ID}: row.end}}) "
                    f"MERGE (a)-[r:{_name(kind)}]->(b) SET r += row.held",
                    rows,
                )

    def delete(
        self,
        entity_names: Optional[List[str]] = None,
        relation_names: Optional[List[str]] = None,
        properties: Optional[Dict[str, Any]] = None,
        ids: Optional[List[str]] = None,
    ) -> None:
        """Removes what any of these names; nothing when nothing is named."""
        with self.database.connect() as con, con.transaction():
            if entity_names:
                con.execute(f"MATCH (n:{LABEL}) WHERE n.name IN $names DETACH DELETE n", names=entity_names)
            if ids:
                con.execute(f"MATCH (n:{LABEL}) WHERE n.{ID} IN $ids DETACH DELETE n", ids=ids)
            if relation_names:
                con.execute(f"MATCH (:{LABEL})-[r]->(:{LABEL}) WHERE type(r) IN $types DELETE r", types=relation_names)
            if properties:
                con.execute(
                    f"MATCH (n:{LABEL}) WHERE all(key IN keys($properties) WHERE n[key] = $properties[key]) DETACH DELETE n",
                    properties=properties,
                )

    def structured_query(self, query: str, param_map: Optional[Dict[str, Any]] = None) -> Any:
        """The rows of a statement as dicts."""
        return self.database.execute(query, param_map or {}, timeout=self.timeout, read_only=self.read_only).dicts()

    def vector_query(self, query: Any, **kwargs: Any) -> Tuple[List[LabelledNode], List[float]]:
        raise NotImplementedError("vectors are searched by a vector store beside this graph")

    def get_schema(self, refresh: bool = False) -> Dict[str, Any]:
        """Labels and types with their counts and properties."""
        return self.database.schema()


def _node(node: shejire.Node) -> LabelledNode:
    held = node.properties
    key, embedding = held.pop(ID), held.pop("embedding", None)
    label = next((label for label in node.labels if label != LABEL), "")
    if "text" in held and "name" not in held:
        return ChunkNode(text=held.pop("text"), id_=key, label=label or "text_chunk", properties=held, embedding=embedding)
    return EntityNode(name=held.pop("name", key), label=label or "entity", properties=held, embedding=embedding)


def _triplet(start: shejire.Node, rel: shejire.Relationship, end: shejire.Node) -> Triplet:
    relation = Relation(label=rel.type, source_id=start[ID], target_id=end[ID], properties=rel.properties)
    return (_node(start), relation, _node(end))
