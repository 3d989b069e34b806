# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""A graph for LangChain (``langchain-community``): the database in this process, no server.

>>> import shejire
>>> from shejire.langchain import ShejireGraph
>>> graph = ShejireGraph(shejire.builtin())             # for GraphCypherQAChain.from_llm(llm, graph=graph, …)
>>> graph.query("MATCH (a)-[:`transformed-into`]->(b) RETURN a.name AS was, b AS now")[0]["was"]
'National Council of Public Trust'
>>> "(:institution)-[:transformed-into]->(:institution)" in graph.get_schema
True
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional, Tuple

import shejire
from langchain_community.graphs.graph_document import GraphDocument
from langchain_community.graphs.graph_store import GraphStore

from ._graphs import _name, _plain


class ShejireGraph(GraphStore):
    """A database as chains and agents take a graph.

    ``read_only``: queries that write are refused, whatever a model makes up; documents can still be added. ``timeout`` (seconds) and
    ``max_rows`` limit each query.
    """

    def __init__(
        self,
        database: shejire.Database,
        *,
        read_only: bool = True,
        timeout: Optional[float] = 30.0,
        max_rows: Optional[int] = 10_000,
    ) -> None:
        self.database = database
        self.read_only, self.timeout, self.max_rows = read_only, timeout, max_rows
        self.schema = ""
        self.structured_schema: Dict[str, Any] = {}
        self.refresh_schema()

    @property
    def get_schema(self) -> str:
        """The schema in words, for prompts."""
        return self.schema

    @property
    def get_structured_schema(self) -> Dict[str, Any]:
        """``node_props``, ``rel_props``, ``relationships``, ``metadata``."""
        return self.structured_schema

    def query(self, query: str, params: Optional[Dict[str, Any]] = None) -> List[Dict[str, Any]]:
        """The rows of a statement; nodes and relationships are their properties."""
        result = self.database.execute(
            query, params or {}, timeout=self.timeout, max_rows=self.max_rows, read_only=self.read_only
        )
        return [{key: _bare(value) for key, value in row.items()} for row in result.dicts()]

    def refresh_schema(self) -> None:
        """Reads the schema anew."""
        self.structured_schema = _structured(self.database)
        self.schema = _in_words(self.structured_schema)

    def add_graph_documents(self, graph_documents: List[GraphDocument], include_source: bool = False) -> None:
        """Merges nodes by type and id, and relationships between them, in one transaction.

        ``include_source``: the text becomes a ``Document`` that ``MENTIONS`` the nodes.
        """
        with self.database.connect() as con, con.transaction():
            for document in graph_documents:
                nodes = {(node.type, node.id): node.properties for node in document.nodes}
                for rel in document.relationships:
                    for end in (rel.source, rel.target):
                        nodes.setdefault((end.type, end.id), end.properties)
                _merge_nodes(con, ((kind, key, held) for (kind, key), held in nodes.items()))
                _merge_relationships(
                    con,
                    (
                        ((rel.source.type, rel.source.id), rel.type, (rel.target.type, rel.target.id), rel.properties)
                        for rel in document.relationships
                    ),
                )
                if include_source:
                    source = document.source
                    key = source.metadata.get("id") or source.id or _digest(source.page_content)
                    _merge_nodes(con, [("Document", key, {**source.metadata, "text": source.page_content})])
                    _merge_relationships(con, ((("Document", key), "MENTIONS", node, {}) for node in nodes))
        self.refresh_schema()


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _bare(value: Any) -> Any:
    """What a model can read: no objects of ours."""
    if isinstance(value, (shejire.Node, shejire.Relationship)):
        return value.properties
    if isinstance(value, shejire.Path):
        return [_bare(part) for part in (*value.nodes, *value.relationships)]
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return value


def _merge_nodes(con: shejire.Connection, nodes: Iterable[Tuple[str, Any, Dict[str, Any]]]) -> None:
    kinds: Dict[str, List[Dict[str, Any]]] = {}
    for kind, key, held in nodes:
        kinds.setdefault(kind, []).append({"id": key, "held": {**_plain(held or {}), "id": key}})
    for kind, rows in kinds.items():
        con.execute_many(f"UNWIND $rows AS row MERGE (n:{_name(kind)} {{id: row.id}}) SET n += row.held", rows)


_End = Tuple[str, Any]


def _merge_relationships(
    con: shejire.Connection, relationships: Iterable[Tuple[_End, str, _End, Dict[str, Any]]]
) -> None:
    kinds: Dict[Tuple[str, str, str], List[Dict[str, Any]]] = {}
    for (start, one), kind, (end, other), held in relationships:
        kinds.setdefault((start, kind, end), []).append({"start": one, "end": other, "held": _plain(held or {})})
    for (start, kind, end), rows in kinds.items():
        con.execute_many(
            f"UNWIND $rows AS row MATCH (a:{_name(start)} {{id: row.start}}) MATCH (b:{_name(end)} {{id: row.end}}) "
            f"MERGE (a)-[r:{_name(kind)}]->(b) SET r += row.held",
            rows,
        )


def _structured(database: shejire.Database) -> Dict[str, Any]:
    made: Dict[str, Any] = {"node_props": {}, "rel_props": {}, "relationships": [], "metadata": {}}
    rows = database.execute("CALL apoc.meta.data() YIELD label, other, elementType, type, property RETURN *")
    for row in rows.dicts():
        if row["type"] == "RELATIONSHIP":
            for end in row["other"]:
                made["relationships"].append({"start": row["label"], "type": row["property"], "end": end})
        else:
            of = made["node_props" if row["elementType"] == "node" else "rel_props"]
            of.setdefault(row["label"], []).append({"property": row["property"], "type": row["type"]})
    return made


def _in_words(schema: Dict[str, Any]) -> str:
    def held(of: Dict[str, List[Dict[str, str]]]) -> List[str]:
        lines = []
        for name, properties in of.items():
            listed = ", ".join(f"{one['property']}: {one['type']}" for one in properties)
            lines.append(f"{name} {{{listed}}}")
        return lines

    lines = ["Node properties:", *held(schema["node_props"]), "Relationship properties:", *held(schema["rel_props"])]
    ways = [f"(:{way['start']})-[:{way['type']}]->(:{way['end']})" for way in schema["relationships"]]
    return "\n".join([*lines, "The relationships:", *ways])
