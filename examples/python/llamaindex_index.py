"""An index of LlamaIndex whose graph is kept in a file, without a server.

pip install llama-index-core
python examples/python/llamaindex_index.py

Facts are taken out of the texts by a rule here, so that the example runs anywhere; `SchemaLLMPathExtractor(llm=…)` asks a model.
"""

import re
import sys
import tempfile
from pathlib import Path

import shejire
from llama_index.core import Document, MockEmbedding, PropertyGraphIndex
from llama_index.core.graph_stores.types import KG_NODES_KEY, KG_RELATIONS_KEY, EntityNode, Relation
from llama_index.core.llms import MockLLM
from llama_index.core.schema import TransformComponent
from shejire.llamaindex import ShejirePropertyGraphStore


class Merged(TransformComponent):
    """`X was merged into Y` states a relation."""

    def __call__(self, nodes, **_):
        for node in nodes:
            found = re.findall(r"The ([A-Z]\w+(?: [A-Z]\w+)*) was merged into the ([A-Z]\w+(?: [A-Z]\w+)*)", node.get_content())
            ends = {name: EntityNode(name=name, label="body") for pair in found for name in pair}
            node.metadata[KG_NODES_KEY] = list(ends.values())
            node.metadata[KG_RELATIONS_KEY] = [
                Relation(label="merged_into", source_id=ends[start].id, target_id=ends[end].id) for start, end in found
            ]
        return nodes


def main(folder):
    with shejire.open(Path(folder) / "index.shejire") as db:
        store = ShejirePropertyGraphStore(db)
        texts = ["The Salt Office was merged into the Customs House.", "The Toll Office was merged into the Customs House in 1952."]
        PropertyGraphIndex.from_documents(
            [Document(text=text, id_=f"text-{n}") for n, text in enumerate(texts, 1)],
            property_graph_store=store,
            kg_extractors=[Merged()],
            llm=MockLLM(),
            embed_model=MockEmbedding(embed_dim=3),
            embed_kg_nodes=False,
            show_progress=False,
        )
        # what the index wrote is a graph like any other: the whole language is there for it
        rows = db.execute(
            "MATCH (office:body)-[:merged_into]->(house:body) RETURN house.name AS house, count(*) AS n, collect(office.name) AS offices"
        )
        for row in rows:
            print(row["house"], "took in", row["n"], "offices:", ", ".join(sorted(row["offices"])))
        for start, relation, end in store.get_triplets(entity_names=["Salt Office"]):
            print(start.id, relation.label, end.id)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(folder)
