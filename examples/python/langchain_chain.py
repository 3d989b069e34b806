"""A question in words, answered by a chain of LangChain over the graph in this process: no server, no account.

pip install langchain-community
python examples/python/langchain_chain.py

The model here is a list of replies, so that the example runs anywhere; put yours in its place (`ChatOllama(model=…)`, `ChatOpenAI(…)`).
"""

import shejire
from langchain_community.chains.graph_qa.cypher import GraphCypherQAChain
from langchain_core.language_models import FakeListLLM
from shejire.langchain import ShejireGraph


def main():
    graph = ShejireGraph(shejire.builtin(), timeout=10, max_rows=100)
    model = FakeListLLM(
        responses=[
            "MATCH (a)-[:`transformed-into`]->(b) RETURN a.name AS was, b.name AS now",
            "The National Council of Public Trust became the National Kurultai.",
        ]
    )
    # `allow_dangerous_requests` is LangChain's word; what the model makes up runs read-only here, with limits on time and rows
    chain = GraphCypherQAChain.from_llm(model, graph=graph, return_intermediate_steps=True, allow_dangerous_requests=True)
    answer = chain.invoke({"query": "What became of the National Council of Public Trust?"})
    query, context = answer["intermediate_steps"]
    print("asked:", query["query"])
    print("found:", context["context"])
    print("told: ", answer["result"])

    # where it is written the graph knows itself: the same statement, with its places
    for row in graph.database.execute(query["query"], cite=True, read_only=True):
        print("places:", ", ".join(map(str, row.citations)))

    try:
        graph.query("MATCH (n) DETACH DELETE n")
    except shejire.ReadOnlyError as refused:
        print("refused:", refused.code)


if __name__ == "__main__":
    main()
