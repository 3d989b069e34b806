"""Answers as graphs of other libraries, their graphs as data, and what two graphs do not have in common."""

from __future__ import annotations

import datetime
import json
from typing import Any, Dict, Iterable, List, Optional, Tuple

from ._frames import _library

#: Rows that are written together.
BATCH = 10_000


def to_networkx(result: Any) -> Any:
    """A ``networkx.MultiDiGraph``: nodes by id with ``labels`` and properties, edges by id with ``type`` and properties."""
    networkx = _library("networkx", "networkx")
    graph = networkx.MultiDiGraph()
    nodes, relationships = result._graph()
    for node in nodes:
        graph.add_node(node.id, labels=node.labels, **_without(node.properties, ("labels",)))
    for rel in relationships:
        graph.add_edge(rel.start_id, rel.end_id, key=rel.id, type=rel.type, **_without(rel.properties, ("type",)))
    return graph


def to_igraph(result: Any) -> Any:
    """A directed ``igraph.Graph``: vertices with ``id``, ``labels`` and properties, edges with ``id``, ``type`` and properties."""
    igraph = _library("igraph", "igraph")
    nodes, relationships = result._graph()
    places = {node.id: place for place, node in enumerate(nodes)}
    graph = igraph.Graph(directed=True)
    graph.add_vertices(len(nodes))
    graph.add_edges([(places[rel.start_id], places[rel.end_id]) for rel in relationships])
    graph.vs["shejire_id"] = [node.id for node in nodes]
    graph.vs["labels"] = [node.labels for node in nodes]
    for key in _keys(nodes):
        graph.vs[key] = [node.get(key) for node in nodes]
    graph.es["shejire_id"] = [rel.id for rel in relationships]
    graph.es["type"] = [rel.type for rel in relationships]
    for key in _keys(relationships):
        if key != "type":
            graph.es[key] = [rel.get(key) for rel in relationships]
    return graph


def to_rdflib(result: Any) -> Any:
    """An ``rdflib.Dataset`` of what ``shejire export trig`` writes, evidence included."""
    rdflib = _library("rdflib", "rdflib")
    dataset = rdflib.Dataset()
    dataset.parse(data=result._export("nquads"), format="nquads")
    return dataset


def _without(properties: Dict[str, Any], names: Tuple[str, ...]) -> Dict[str, Any]:
    return {key: value for key, value in properties.items() if key not in names}


def _keys(things: Iterable[Any]) -> List[str]:
    return sorted({key for thing in things for key in thing.keys()})


def load(connection: Any, graph: Any, label: Optional[str] = None, type: Optional[str] = None) -> Dict[str, int]:  # noqa: A002
    """Writes a graph of networkx or igraph in one transaction; see :meth:`Connection.load`."""
    family = __import__("builtins").type(graph).__module__.split(".")[0]
    if family == "networkx" or hasattr(graph, "is_multigraph"):
        nodes, edges = _of_networkx(graph)
    elif family == "igraph":
        nodes, edges = _of_igraph(graph)
    else:
        raise TypeError(f"expected a graph of networkx or igraph, found {graph.__class__.__name__}")
    own = not connection.in_transaction
    if not own:
        return _write(connection, nodes, edges, label, type)
    with connection.transaction():
        return _write(connection, nodes, edges, label, type)


def _of_networkx(graph: Any) -> Tuple[List[Any], List[Any]]:
    nodes = []
    for name, held in graph.nodes(data=True):
        held = dict(held)
        labels = held.pop("labels", None)
        if labels is None and not isinstance(name, int) and "id" not in held:
            held["id"] = name
        nodes.append((name, labels, held))
    edges = [(start, end, dict(held)) for start, end, held in graph.edges(data=True)]
    return nodes, edges


def _of_igraph(graph: Any) -> Tuple[List[Any], List[Any]]:
    nodes = []
    for vertex in graph.vs:
        held = vertex.attributes()
        held.pop("shejire_id", None)
        nodes.append((vertex.index, held.pop("labels", None), held))
    edges = []
    for edge in graph.es:
        held = edge.attributes()
        held.pop("shejire_id", None)
        edges.append((edge.source, edge.target, held))
    return nodes, edges


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _plain(held: Dict[Any, Any]) -> Dict[str, Any]:
    """Properties: keys are texts, nothing is not there, what no property can hold is JSON."""
    plain = {}
    for key, value in held.items():
        if value is None:
            continue
        if isinstance(value, dict) or (isinstance(value, (list, tuple)) and any(isinstance(i, (dict, list, tuple)) for i in value)):
            value = json.dumps(value, ensure_ascii=False, default=str)
        plain[str(key)] = value
    return plain


def _write(connection: Any, nodes: Any, edges: Any, label: Optional[str], kind: Optional[str]) -> Dict[str, int]:
    done: Dict[str, int] = {}

    def run(statement: str, rows: List[Any]) -> List[Any]:
        found: List[Any] = []
        for at in range(0, len(rows), BATCH):
            result = connection.execute(statement, rows=rows[at : at + BATCH])
            for name, number in result.changes.items():
                done[name] = done.get(name, 0) + number
            found.extend(result.tuples())
        return found

    groups: Dict[Tuple[str, ...], List[Any]] = {}
    for name, labels, held in nodes:
        labels = (labels,) if isinstance(labels, str) else tuple(labels or ([label] if label else ["Node"]))
        groups.setdefault(labels, []).append((name, held))
    ids: Dict[Any, int] = {}
    for labels, members in groups.items():
        rows = [{"at": at, "held": _plain(held)} for at, (_, held) in enumerate(members)]
        statement = f"UNWIND $rows AS row CREATE (n{''.join(':' + _name(one) for one in labels)}) SET n = row.held RETURN row.at, id(n)"
        for at, number in run(statement, rows):
            ids[members[at][0]] = number
    kinds: Dict[str, List[Any]] = {}
    for start, end, held in edges:
        own = held.pop("type", None)
        kinds.setdefault(str(own or kind or "RELATED"), []).append({"start": ids[start], "end": ids[end], "held": _plain(held)})
    for name, rows in kinds.items():
        run(
            "UNWIND $rows AS row MATCH (a) WHERE id(a) = row.start MATCH (b) WHERE id(b) = row.end "
            f"CREATE (a)-[r:{_name(name)}]->(b) SET r = row.held",
            rows,
        )
    return done


NODES = "MATCH (n) RETURN n"
RELATIONSHIPS = "MATCH (a)-[r]->(b) RETURN a, r, b"


def diff(database: Any, before: Any, after: Any, key: Optional[str]) -> Any:
    """What two graphs, two snapshots, or the facts of two days do not have in common."""
    from ._types import Difference

    if isinstance(before, (str, datetime.date)):
        if not isinstance(after, (str, datetime.date)):
            raise TypeError("two days are compared with each other: diff('2018-01-01', '2024-01-01')")
        with database.snapshot() as snapshot:
            one, other = (_of_day(snapshot, day) for day in (before, after))
        return _difference(Difference, one, other)
    after = database if after is None else after
    return _difference(Difference, _of_graph(before, key), _of_graph(after, key))


def _of_day(snapshot: Any, day: Any) -> Any:
    rows = snapshot.execute("MATCH (a)-[r]->(b) AS OF $day RETURN r", day=day)
    return {}, {rel.id: rel for rel in rows.column("r")}


def _of_graph(graph: Any, key: Optional[str]) -> Any:
    """Nodes and relationships by what tells them apart: their ids, or a property that nodes have."""

    def known(node: Any) -> Any:
        return ("id", node.id) if key is None or key not in node else ("key", _frozen(node[key]))

    nodes = {known(node): node for node in graph.execute(NODES).column("n")}
    relationships: Dict[Any, Any] = {}
    for start, rel, end in graph.execute(RELATIONSHIPS).tuples():
        if key is None:
            relationships[rel.id] = rel
            continue
        same = (known(start), rel.type, known(end), _frozen(rel.properties))
        number = 0
        while (same, number) in relationships:
            number += 1
        relationships[(same, number)] = rel
    return nodes, relationships


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted((key, _frozen(held)) for key, held in value.items()))
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _difference(make: Any, before: Any, after: Any) -> Any:
    parts: Dict[str, Any] = {}
    for name, old, new in zip(("nodes", "relationships"), before, after):
        parts[f"{name}_added"] = tuple(new[known] for known in new.keys() - old.keys())
        parts[f"{name}_removed"] = tuple(old[known] for known in old.keys() - new.keys())
        parts[f"{name}_changed"] = tuple(
            (old[known], new[known]) for known in old if known in new and _content(old[known]) != _content(new[known])
        )
    for name, things in parts.items():
        parts[name] = tuple(sorted(things, key=lambda thing: (thing[0] if isinstance(thing, tuple) else thing).id))
    return make(**parts)


def _content(thing: Any) -> Any:
    return (getattr(thing, "labels", None) or getattr(thing, "type", None), thing.properties)
