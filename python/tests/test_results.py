"""Results, rows, nodes, relationships, paths."""

from __future__ import annotations

import pytest

import shejire


@pytest.fixture
def pair(con):
    return con.execute("CREATE (a:Law:Draft {name: 'a', year: 1993})-[r:AMENDS {on: date('1998-10-07')}]->(b:Law) RETURN a, r, b")


@pytest.fixture
def numbers(con):
    return con.execute("UNWIND range(0, 9) AS n RETURN n, 'x' + n AS text")


def test_columns_types_length(numbers):
    assert numbers.columns == ["n", "text"]
    assert numbers.types == ["INTEGER", "STRING"]
    assert len(numbers) == 10
    assert numbers.query == "UNWIND range(0, 9) AS n RETURN n, 'x' + n AS text"


def test_types_name_all_that_stand_in_a_column(con):
    result = con.execute("UNWIND [1, 2.5, null] AS n RETURN n, null AS nothing")
    assert result.types == ["INTEGER | FLOAT", "NULL"]


def test_an_answer_without_rows_is_an_answer(con):
    result = con.execute("MATCH (n:Nobody) RETURN n")
    assert bool(result) and len(result) == 0 and list(result) == []


def test_rows_by_number(numbers):
    assert numbers[0]["n"] == 0
    assert numbers[-1]["n"] == 9
    assert [row["n"] for row in numbers[2:8:3]] == [2, 5]
    assert [row["n"] for row in numbers[::-1]][:2] == [9, 8]
    with pytest.raises(IndexError, match="10 rows"):
        numbers[10]
    with pytest.raises(TypeError, match="column"):
        numbers["n"]


def test_results_are_iterated_as_often_as_one_likes(numbers):
    assert [row[0] for row in numbers] == [row[0] for row in numbers] == list(range(10))


def test_a_row_is_a_tuple(numbers):
    row = numbers[3]
    number, text = row
    assert (number, text) == (3, "x3")
    assert row == (3, "x3") and tuple(row) == (3, "x3") and len(row) == 2
    assert row[-1] == "x3" and row[0:1] == (3,) and 3 in row
    assert hash(row) == hash((3, "x3"))


def test_a_row_is_a_dict(numbers):
    row = numbers[3]
    assert dict(row) == {"n": 3, "text": "x3"} == row.dict() and row == {"n": 3, "text": "x3"}
    assert row.keys() == ["n", "text"] and row.values() == (3, "x3") and row.items() == [("n", 3), ("text", "x3")]
    assert row.get("n") == 3 and row.get("m") is None and row.get("m", 7) == 7
    assert repr(row) == "<Row n=3 text='x3'>"


def test_a_column_that_is_not_there_is_named(numbers):
    with pytest.raises(KeyError, match="did you mean"):
        numbers[0]["texts"]
    with pytest.raises(KeyError, match="it has: n, text"):
        numbers.column("elsewhere")


def test_whole_answers(numbers):
    assert numbers.column("n") == list(range(10))
    assert numbers.dicts()[1] == {"n": 1, "text": "x1"}
    assert numbers.tuples()[1] == (1, "x1")


def test_one_row_and_one_value(con, numbers):
    assert con.execute("RETURN 1 AS n").one()["n"] == 1
    assert con.execute("RETURN 1 AS n").scalar() == 1
    with pytest.raises(ValueError, match="the answer has 10"):
        numbers.one()
    with pytest.raises(ValueError, match="one column"):
        con.execute("RETURN 1, 2").scalar()


def test_a_node(pair):
    node = pair[0]["a"]
    assert set(node.labels) == {"Law", "Draft"}
    assert node.properties == {"name": "a", "year": 1993}
    assert node["name"] == "a" and node.get("nothing") is None and node.get("nothing", 0) == 0
    assert "name" in node and "nothing" not in node and len(node) == 2
    assert sorted(node) == sorted(node.keys()) == ["name", "year"]
    assert dict(node.items()) == node.properties and dict(node) == node.properties
    assert node.element_id == str(node.id)
    with pytest.raises(KeyError):
        node["nothing"]


def test_a_relationship(pair):
    import datetime

    row = pair[0]
    rel = row["r"]
    assert rel.type == "AMENDS" and rel["on"] == datetime.date(1998, 10, 7)
    assert (rel.start_id, rel.end_id) == (row["a"].id, row["b"].id)


def test_nodes_are_equal_when_they_are_the_same(con, pair):
    again = con.execute("MATCH (a:Draft) RETURN a").scalar()
    assert again == pair[0]["a"] and again != pair[0]["b"]
    assert len({again, pair[0]["a"], pair[0]["b"]}) == 2


def test_nodes_of_two_graphs_are_never_the_same():
    one, other = (shejire.memory().execute("CREATE (n) RETURN n").scalar() for _ in range(2))
    assert one.id == other.id and one != other


def test_a_node_is_not_its_relationship(pair):
    assert pair[0]["a"] != pair[0]["r"] and pair[0]["a"] != 1


def test_a_node_without_properties_is_true(con):
    assert con.execute("CREATE (n) RETURN n").scalar()


def test_a_path(con):
    con.execute("CREATE (:A {n: 1})-[:R]->(:B {n: 2})<-[:S]-(:C {n: 3})")
    path = con.execute("MATCH p = (:A)-->()<--(:C) RETURN p").scalar()
    assert [node["n"] for node in path.nodes] == [1, 2, 3]
    assert [rel.type for rel in path.relationships] == ["R", "S"] == [rel.type for rel in path]
    assert (path.start["n"], path.end["n"], len(path)) == (1, 3, 2)
    assert "-[:R]->" in repr(path) and "<-[:S]-" in repr(path)
    assert path == con.execute("MATCH p = (:A)-->()<--(:C) RETURN p").scalar()


def test_what_is_shown(pair, numbers, con):
    assert repr(pair[0]["a"]).startswith("<Node 0 :")
    assert "-[:AMENDS]->" in repr(pair[0]["r"])
    assert repr(numbers) == "<shejire.Result 10 rows of n, text>"
    assert str(numbers).splitlines()[0].split() == ["n", "text"]
    assert "10 rows" in str(numbers)
    assert str(con.execute("CREATE (:Law)")) == "1 nodes created, 1 labels added"


def test_a_notebook_shows_a_table_of_texts(con):
    html = con.execute("RETURN '<script>alert(1)</script>' AS `<b>`")._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and "&lt;b&gt;" in html


def test_a_notebook_shows_twenty_rows_and_says_so(con):
    html = con.execute("UNWIND range(1, 50) AS n RETURN n")._repr_html_()
    assert html.count("<tr>") == 21 and "50 rows, 20 shown" in html


def test_a_notebook_shows_citations(builtin):
    html = builtin.execute("MATCH (a)-[:`transformed-into`]->(b) RETURN b.name", cite=True)._repr_html_()
    assert "000:11.1" in html


def test_a_notebook_shows_a_graph_drawn(pair, con):
    assert pair._repr_svg_().startswith("<svg") and "<svg" in pair._repr_html_()
    assert con.execute("RETURN 1 AS n")._repr_svg_() is None
    assert con.execute("MATCH (l:Law) RETURN l")._repr_svg_() is None
    assert con.execute("MATCH (a)-[r]->() RETURN a.name, r")._repr_svg_() is None


def test_a_terminal_is_not_commanded(con):
    assert "\x1b" not in str(con.execute("RETURN '\x1b[2J' AS x"))
