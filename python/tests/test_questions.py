"""Who is meant, what became of whom, who says so: against the built-in dataset."""

from __future__ import annotations

import datetime as dt

import pytest

import shejire


def test_find_by_any_name(builtin):
    first = builtin.find("құрылтай")[0]
    assert first.name == "National Kurultai" and first.certain
    assert first.node["name"] == first.name and first.id == first.node["id"]
    assert {"name", "kind", "id", "met", "by", "certain"} <= set(vars(first))


def test_find_as_it_is_typed(builtin):
    assert any(found.name == "National Kurultai" for found in builtin.find("Kurul", prefix=True))
    assert len(builtin.find("council", limit=3)) == 3


def test_find_nobody(builtin):
    assert [found for found in builtin.find("zzzzzzzzzzzz") if found.certain] == []


def test_trace(builtin):
    trace = builtin.trace("National Kurultai")
    assert len(trace) == len(trace.steps) > 0
    step = trace[0]
    assert step.kind and step.citations and step.support >= 1
    assert [start["name"] for start in trace.starts] == ["National Kurultai"]
    assert trace.query == "TRACE 'National Kurultai'"
    assert trace.silence is None


def test_trace_by_node_and_by_id(builtin):
    node = builtin.find("National Kurultai")[0].node
    by_name = [step.event for step in builtin.trace("National Kurultai")]
    assert [step.event for step in builtin.trace(node)] == by_name
    assert [step.event for step in builtin.trace(node["id"])] == by_name


def test_trace_in_one_direction(builtin):
    back = builtin.trace("National Kurultai", direction="backward")
    assert all(step.number <= 0 for step in back)
    with pytest.raises(ValueError, match="direction"):
        builtin.trace("National Kurultai", direction="sideways")


def test_trace_as_of_a_day(builtin):
    by_date = builtin.trace("National Kurultai", as_of=dt.date(2022, 6, 1))
    by_text = builtin.trace("National Kurultai", as_of="2022-06-01")
    assert by_date.as_of == by_text.as_of == "2022-06-01"
    assert [step.event for step in by_date] == [step.event for step in by_text]


def test_trace_as_some_sources_have_it(builtin):
    source = builtin.trace("National Kurultai")[0].citations[0].source
    seen = builtin.trace("National Kurultai", according_to=source)
    assert all(place.source == source for step in seen for place in step.citations)
    with pytest.raises(shejire.Error):
        builtin.trace("National Kurultai", according_to=["no such source"])


def test_trace_as_a_table(builtin):
    trace = builtin.trace("National Kurultai")
    table = trace.result()
    assert len(table) == len(trace) and "step" in table.columns


def test_a_lineage_in_which_nothing_happened_says_why(builtin):
    law = builtin.execute("MATCH (l:law) WHERE NOT (l)--() OR true RETURN l").column("l")
    quiet = [trace for trace in (builtin.trace(one) for one in law[:20]) if not len(trace)]
    assert quiet and all(trace.silence for trace in quiet) and all(quiet)


def test_pictures_of_a_lineage(builtin, tmp_path):
    trace = builtin.trace("National Kurultai")
    svg = trace.svg(tmp_path / "kurultai.svg")
    assert svg.startswith("<svg") and "National Kurultai" in svg
    assert (tmp_path / "kurultai.svg").read_text() == svg == trace._repr_svg_()
    assert trace._repr_mimebundle_(include=None, exclude=None)["image/svg+xml"] == svg
    picture = builtin.timeline("National Kurultai", direction="backward")
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    assert picture.png()[:8] == b"\x89PNG\r\n\x1a\n" and picture.pdf()[:5] == b"%PDF-"
    assert "graph" in picture.dot() and picture.mermaid() and "<html" in picture.html()
    picture.save(tmp_path / "k.csv")
    picture.save(tmp_path / "k.json")
    assert (tmp_path / "k.csv").read_text() and (tmp_path / "k.json").read_text().startswith("{")
    with pytest.raises(ValueError, match="no form"):
        picture.save(tmp_path / "k.doc")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["k.csv", "k.json", "kurultai.svg"]
    assert picture.styled(dark=True).svg() != picture.svg()


def test_pictures_of_answers(builtin):
    graph = builtin.execute("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r, b")
    assert graph.svg(title="Courts").startswith("<svg") and "Courts" in graph.svg(title="Courts")
    assert builtin.execute("TRACE 'National Kurultai'").picture()._repr_svg_().startswith("<svg")
    with pytest.raises(shejire.DataError, match="no node"):
        builtin.execute("RETURN 1").svg()
    with pytest.raises(ValueError):
        graph.picture().save("graph.csv")


def test_an_entity(builtin):
    entity = builtin.entity("National Kurultai")
    assert entity.name == entity.names[0].name == "National Kurultai"
    assert entity.support == len({place.citation.source for place in entity.evidence}) > 0
    fact = entity.facts[0]
    assert entity.node in (fact.start, fact.end) and fact.evidence[0].citation.locator
    assert fact.support >= entity.facts[-1].support


def test_evidence_of_a_fact(builtin):
    row = builtin.execute("MATCH (a)-[r:`transformed-into`]->(b) RETURN a, r", cite=True)[0]
    evidence = builtin.evidence(row["r"])
    assert sorted(str(one) for one in evidence) == sorted(str(place) for place in row.citations)
    assert evidence[0].mode == "states" and evidence[0].title
    assert builtin.evidence(row["a"]) and builtin.evidence(row["a"]["id"]) == builtin.evidence(row["a"])


def test_evidence_of_another_graph_is_refused(builtin, con):
    stranger = con.execute("CREATE (a)-[r:R]->(b) RETURN a, r").one()
    for thing in stranger:
        with pytest.raises(shejire.CypherTypeError, match="not in this graph"):
            builtin.evidence(thing)
    with pytest.raises(shejire.CypherTypeError, match="names nobody"):
        builtin.evidence(7)


def test_conflicts(builtin):
    everything = builtin.conflicts()
    assert everything and all(len(conflict.sides) == 2 for conflict in everything)
    assert all(side.citations for conflict in everything[:3] for side in conflict.sides)
    about = builtin.conflicts("Constitutional Court")
    assert 0 < len(about) < len(everything)


def test_check(builtin):
    assert builtin.check("MATCH (n:law) RETURN n") == []
    (problem,) = builtin.check("MATCH (n:law)\nRETURN m")
    assert (problem.severity, problem.line, problem.column, problem.code) == ("error", 2, 8, "UndefinedVariable")
    (problem,) = builtin.check("MATCH (n:lawe) RETURN n")
    assert problem.severity == "warning" and "lawe" in problem.message


def test_schema(db, builtin):
    db.execute("CREATE (:Law {name: 'a', year: 1})-[:AMENDS {on: 2}]->(:Law {name: 'b'})")
    assert db.schema() == {
        "nodes": 2,
        "relationships": 1,
        "labels": {"Law": {"count": 2, "properties": {"name": 2, "year": 1}}},
        "types": {"AMENDS": {"count": 1, "properties": {"on": 1}, "between": [("Law", "Law", 1)], "definition": None}},
    }
    assert builtin.schema()["types"]["transformed-into"]["definition"]


def test_diff_of_snapshots(db):
    db.execute("CREATE (:A {n: 1})-[:R]->(:B {n: 2})")
    before = db.snapshot()
    db.execute("MATCH (a:A) SET a.n = 3")
    db.execute("MATCH (b:B) CREATE (b)-[:S]->(:C)")
    difference = db.diff(before)
    assert [node.labels for node in difference.nodes_added] == [("C",)]
    assert [rel.type for rel in difference.relationships_added] == ["S"]
    ((old, new),) = difference.nodes_changed
    assert (old["n"], new["n"]) == (1, 3)
    assert not difference.nodes_removed and not difference.relationships_removed
    assert difference and not db.diff(db.snapshot())


def test_diff_of_graphs_by_a_key(db):
    other = shejire.memory()
    db.execute("CREATE (:A {id: 'a'})-[:R {n: 1}]->(:A {id: 'b'})")
    other.execute("CREATE (:X), (:A {id: 'b'}), (:A {id: 'a', name: 'A'})-[:R {n: 1}]->(:A {id: 'c'})")
    difference = db.diff(db, other, key="id")
    assert [node["id"] for node in difference.nodes_added if "id" in node] == ["c"]
    assert [(old["id"], new["name"]) for old, new in difference.nodes_changed] == [("a", "A")]
    assert len(difference.relationships_added) == len(difference.relationships_removed) == 1


def test_diff_of_days(builtin):
    difference = builtin.diff("2018-01-01", "2024-01-01")
    assert difference.relationships_added or difference.relationships_removed
