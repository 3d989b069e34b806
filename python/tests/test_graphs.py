"""Graphs of networkx, igraph and rdflib, both ways."""

from __future__ import annotations

import datetime as dt

import pytest

import shejire


@pytest.fixture
def laws(con):
    con.execute("CREATE (:Law {name: 'a', on: date('1993-01-28')})-[:AMENDS {n: 1}]->(:Law {name: 'b'}), (:Law {name: 'c'})")
    return con


def test_to_networkx(laws):
    pytest.importorskip("networkx")
    graph = laws.execute("MATCH (l:Law) OPTIONAL MATCH (l)-[r]->(m) RETURN l, r, m").networkx()
    assert (graph.number_of_nodes(), graph.number_of_edges(), graph.is_directed()) == (3, 1, True)
    (start, end, held), = graph.edges(data=True)
    assert held == {"type": "AMENDS", "n": 1}
    assert graph.nodes[start] == {"labels": ("Law",), "name": "a", "on": dt.date(1993, 1, 28)}


def test_a_path_brings_its_nodes(laws):
    pytest.importorskip("networkx")
    assert laws.execute("MATCH p = (:Law)-[:AMENDS]->() RETURN p").networkx().number_of_nodes() == 2


def test_ends_that_are_not_in_the_answer_come_along(laws):
    pytest.importorskip("networkx")
    assert laws.execute("MATCH ()-[r]->() RETURN r").networkx().number_of_nodes() == 2


def test_networkx_there_and_back(laws, db):
    pytest.importorskip("networkx")
    graph = laws.execute("MATCH (l) OPTIONAL MATCH (l)-[r]->() RETURN l, r").networkx()
    other = shejire.memory()
    done = other.connect().load(graph)
    assert done["nodes_created"] == 3 and done["relationships_created"] == 1
    assert not db.diff(db, other, key="name")


def test_a_plain_graph_of_networkx(con):
    networkx = pytest.importorskip("networkx")
    graph = networkx.karate_club_graph()
    con.load(graph, label="Member", type="KNOWS")
    assert con.execute("MATCH (:Member)-[r:KNOWS]->(:Member) RETURN count(r)").scalar() == graph.number_of_edges()
    assert con.execute("MATCH (m:Member {club: 'Mr. Hi'}) RETURN count(*)").scalar() == 17


def test_names_of_nodes_become_ids(con):
    networkx = pytest.importorskip("networkx")
    con.load(networkx.DiGraph([("a", "b"), ("b", "c")]))
    assert con.execute("MATCH p = (:Node {id: 'a'})-[:RELATED*2]->(:Node {id: 'c'}) RETURN count(p)").scalar() == 1


def test_odd_attributes(con):
    networkx = pytest.importorskip("networkx")
    graph = networkx.MultiDiGraph()
    graph.add_node(1, labels=["A", "odd `name`"], **{"key": {"nested": 1}, "none": None, "list": [1, 2]})
    graph.add_edge(1, 1, type="odd `type`", weight=0.5)
    con.load(graph)
    row = con.execute("MATCH (a:A)-[r]->(a) RETURN a, r").one()
    assert set(row["a"].labels) == {"A", "odd `name`"} and row["a"].properties == {"key": '{"nested": 1}', "list": [1, 2]}
    assert row["r"].type == "odd `type`" and row["r"]["weight"] == 0.5


def test_a_load_that_fails_leaves_nothing(con):
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_node(1, good=1)
    graph.add_node(2, labels="Other", bad=b"bytes")
    with pytest.raises(shejire.CypherTypeError):
        con.load(graph)
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_a_load_within_a_transaction_is_part_of_it(con):
    networkx = pytest.importorskip("networkx")
    with con.transaction():
        con.load(networkx.path_graph(3))
        con.rollback()
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_what_is_no_graph_is_refused(con):
    with pytest.raises(TypeError, match="networkx"):
        con.load([1, 2])


def test_igraph_there_and_back(laws, db):
    pytest.importorskip("igraph")
    graph = laws.execute("MATCH (l) OPTIONAL MATCH (l)-[r]->() RETURN l, r").igraph()
    assert (graph.vcount(), graph.ecount(), graph.is_directed()) == (3, 1, True)
    assert graph.es["type"] == ["AMENDS"] and sorted(graph.vs["name"]) == ["a", "b", "c"]
    other = shejire.memory()
    other.connect().load(graph)
    assert not db.diff(db, other, key="name")


def test_rdflib_there_and_back(builtin):
    rdflib = pytest.importorskip("rdflib")
    graph = builtin.execute("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b").rdflib()
    assert any(isinstance(graph, kind) for kind in (rdflib.Dataset, rdflib.ConjunctiveGraph))
    assert "National Kurultai" in {str(value) for _, _, value, _ in graph.quads()}
    other = shejire.memory()
    other.read(graph)
    assert "National Kurultai" in other.execute("MATCH (a)-[:`transformed-into`]->(b) RETURN b.name AS name").column("name")


@pytest.mark.parametrize("format", ["jsonl", "json", "turtle", "graphml", "gexf"])
def test_formats_come_back(laws, db, format):
    other = shejire.memory()
    told = other.read(db.export(format), format=format)
    assert (told["nodes"], told["relationships"]) == (3, 1)
    assert other.execute("MATCH (a)-[:AMENDS]->(b) RETURN a.name, b.name").tuples() == [("a", "b")]


def test_files_are_read_by_their_names(laws, db, tmp_path):
    file = tmp_path / "laws.jsonl"
    file.write_bytes(db.export("jsonl"))
    other = shejire.memory()
    assert other.read(file)["nodes"] == 3
    with pytest.raises(shejire.DataError, match="laws.jsonl"):
        file.write_text('{"type": "node", "id": 1}\n{oops\n')
        other.read(file)
    assert other.counts()["nodes"] == 3
    with pytest.raises(ValueError, match="format"):
        other.read(tmp_path / "laws.xyz")
    with pytest.raises(shejire.DataError):
        other.read(tmp_path / "none.jsonl")


def test_what_is_no_format_names_those_that_are(db):
    with pytest.raises(ValueError, match="jsonl"):
        db.export("nonsense")
    with pytest.raises(ValueError, match="jsonl"):
        db.read(b"", format="nonsense")
