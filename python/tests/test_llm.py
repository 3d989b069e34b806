"""The graphs of LangChain and LlamaIndex."""

from __future__ import annotations

import pytest

import shejire


@pytest.fixture
def chain(db):
    pytest.importorskip("langchain_community")
    from langchain_community.graphs.graph_document import GraphDocument, Node, Relationship
    from langchain_core.documents import Document

    from shejire.langchain import ShejireGraph

    courts, parliament = Node(id="courts", type="Law", properties={"year": 2000}), Node(id="Mäjilis", type="Body")
    adopted = Relationship(source=parliament, target=courts, type="ADOPTED", properties={"on": "2000-12-25"})
    source = Document(page_content="The Mäjilis adopted the law on courts.", metadata={"id": "doc-1"})
    graph = ShejireGraph(db)
    for _ in range(2):
        graph.add_graph_documents([GraphDocument(nodes=[courts], relationships=[adopted], source=source)], include_source=True)
    return graph


def test_documents_of_langchain(chain, db):
    assert db.counts()["nodes"] == 3 and db.counts()["relationships"] == 3
    assert chain.query("MATCH (b:Body)-[r:ADOPTED]->(l:Law) RETURN b.id AS body, r, l") == [
        {"body": "Mäjilis", "r": {"on": "2000-12-25"}, "l": {"id": "courts", "year": 2000}}
    ]
    assert chain.query("MATCH (d:Document)-[:MENTIONS]->(n) RETURN count(n) AS n", {}) == [{"n": 2}]


def test_the_schema_of_langchain(chain):
    assert "Law {id: STRING, year: INTEGER}" in chain.get_schema
    assert "(:Body)-[:ADOPTED]->(:Law)" in chain.get_schema
    assert chain.get_structured_schema["rel_props"] == {"ADOPTED": [{"property": "on", "type": "STRING"}]}


def test_what_a_model_makes_up_does_not_write(chain):
    with pytest.raises(shejire.ReadOnlyError):
        chain.query("MATCH (n) DETACH DELETE n")
    with pytest.raises(shejire.LimitError):
        chain.query("UNWIND range(1, 20000) AS n RETURN n")


@pytest.fixture
def store(db):
    pytest.importorskip("llama_index.core")
    from llama_index.core.graph_stores.types import ChunkNode, EntityNode, Relation

    from shejire.llamaindex import ShejirePropertyGraphStore

    made = ShejirePropertyGraphStore(db)
    made.upsert_nodes([
        EntityNode(name="courts", label="law", properties={"year": 2000}),
        EntityNode(name="parliament", label="body"),
        ChunkNode(text="Parliament adopted the law.", id_="chunk-1", properties={"ref_doc_id": "d1"}, embedding=[0.5, 1]),
    ])
    made.upsert_relations([
        Relation(label="adopted", source_id="parliament", target_id="courts", properties={"on": "2000"}),
        Relation(label="MENTIONS", source_id="chunk-1", target_id="courts"),
    ])
    return made


def test_nodes_of_llamaindex(store):
    (law,) = store.get(ids=["courts"])
    assert (law.name, law.label, law.properties) == ("courts", "law", {"year": 2000})
    (chunk,) = store.get(properties={"ref_doc_id": "d1"})
    assert (chunk.text, chunk.id, chunk.embedding) == ("Parliament adopted the law.", "chunk-1", [0.5, 1.0])
    assert len(store.get()) == 3


def test_triplets_of_llamaindex(store):
    (triplet,) = store.get_triplets(relation_names=["adopted"])
    assert [str(part) for part in (triplet[0].id, triplet[1].label, triplet[2].id)] == ["parliament", "adopted", "courts"]
    assert triplet[1].properties == {"on": "2000"}
    assert len(store.get_triplets(entity_names=["courts"])) == 2 and store.get_triplets() == []
    assert len(store.get_triplets(ids=["chunk-1"])) == 1


def test_what_lies_around_a_node(store):
    start = store.get(ids=["chunk-1"])
    assert [triplet[1].label for triplet in store.get_rel_map(start, depth=1)] == ["MENTIONS"]
    assert {triplet[1].label for triplet in store.get_rel_map(start, depth=2)} == {"MENTIONS", "adopted"}
    assert store.get_rel_map(start, ignore_rels=["MENTIONS"]) == []
    assert len(store.get_rel_map(start, limit=1)) == 1


def test_telling_more_and_deleting(store, db):
    from llama_index.core.graph_stores.types import EntityNode

    store.upsert_nodes([EntityNode(name="courts", label="law", properties={"changed": True})])
    assert store.get(ids=["courts"])[0].properties == {"year": 2000, "changed": True}
    store.delete(relation_names=["adopted"])
    assert store.get_triplets(relation_names=["adopted"]) == []
    store.delete(entity_names=["courts"])
    store.delete(ids=["chunk-1"])
    store.delete()
    assert db.counts()["nodes"] == 1


def test_queries_of_llamaindex(store):
    assert store.structured_query("MATCH (n:law) RETURN n.name AS name") == [{"name": "courts"}]
    with pytest.raises(shejire.ReadOnlyError):
        store.structured_query("CREATE (:law)")
    assert "law" in store.get_schema_str()
    assert store.client.counts()["nodes"] == 3
    with pytest.raises(NotImplementedError):
        store.vector_query(None)
