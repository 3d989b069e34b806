"""Statements, parameters, limits, scripts, many rows."""

from __future__ import annotations

import pytest

import shejire


def test_parameters_by_name_and_by_dict(con):
    assert con.execute("RETURN $a + $b", a=40, b=2).scalar() == 42
    assert con.execute("RETURN $a + $b", {"a": 40, "b": 2}).scalar() == 42
    assert con.execute("RETURN $a + $b", {"a": 1, "b": 2}, a=40).scalar() == 42


def test_a_parameter_may_be_called_like_an_option(con):
    assert con.execute("RETURN $timeout + $cite", {"timeout": 1, "cite": 2}).scalar() == 3
    assert con.execute("RETURN $query + $parameters", query=1, parameters=2).scalar() == 3


def test_parameters_that_are_no_mapping(con):
    with pytest.raises(shejire.CypherTypeError, match="expected a dict"):
        con.execute("RETURN 1", [1])


def test_a_missing_parameter(con):
    with pytest.raises(shejire.ParameterMissing, match="nam"):
        con.execute("RETURN $name")


def test_changes_are_counted(con):
    made = con.execute("CREATE (:Law {name: 'a'})-[:AMENDS]->(:Law)")
    assert made.changes == {"nodes_created": 2, "relationships_created": 1, "properties_set": 1, "labels_added": 2}
    assert con.execute("RETURN 1").changes == {}


def test_a_statement_may_be_kept_from_writing(con):
    with pytest.raises(shejire.ReadOnlyError):
        con.execute("CREATE (:Law)", read_only=True)
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_rows_are_limited(con):
    with pytest.raises(shejire.LimitError) as caught:
        con.execute("UNWIND range(1, 11) AS n RETURN n", max_rows=10)
    assert caught.value.code == "Rows"


def test_memory_is_limited(con):
    with pytest.raises(shejire.LimitError) as caught:
        con.execute("UNWIND range(1, 10000000) AS n RETURN collect(n)", memory=1 << 20)
    assert caught.value.code == "Memory"


def test_time_is_limited(con):
    with pytest.raises(shejire.StatementTimeout) as caught:
        con.execute("UNWIND range(1, 1000000000) AS n RETURN sum(n)", timeout=0.05)
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf")])
def test_a_timeout_is_a_time(con, timeout):
    with pytest.raises(ValueError, match="timeout"):
        con.execute("RETURN 1", timeout=timeout)


def test_a_script(con):
    answers = con.script("CREATE (:Law); CREATE (:Law); MATCH (l:Law) RETURN count(*) AS n")
    assert [len(answer) for answer in answers] == [0, 0, 1]
    assert answers[-1].scalar() == 2


def test_an_error_in_a_script_has_its_place_in_the_whole(con):
    with pytest.raises(shejire.CypherSyntaxError) as caught:
        con.script("RETURN 1;\nRETURN 2;\nRETURN nobody")
    assert caught.value.line == 3


def test_explain_does_not_run(con):
    plan = con.explain("CREATE (:Law {n: $n})", n=1)
    assert "Create" in plan
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_profile_is_a_plan_with_rows(con):
    result = con.execute("PROFILE UNWIND [1, 2, 3] AS n RETURN n")
    assert len(result) == 3 and "3" in result.plan
    assert con.execute("RETURN 1").plan is None


def test_warnings_say_what_is_probably_not_meant(con):
    con.execute("CREATE (:Law)")
    (warning,) = con.execute("MATCH (n:Lawe) RETURN n").warnings
    assert "Lawe" in warning.message and (warning.line, warning.column) == (1, 10)
    assert str(warning).startswith(warning.message)


def test_many_rows_as_dicts(con):
    done = con.execute_many("CREATE (:Law {name: $name, year: $year})", [{"name": "a", "year": 1993}, {"name": "b", "year": None}])
    assert done == {"nodes_created": 2, "labels_added": 2, "properties_set": 3}
    assert con.execute("MATCH (l:Law) RETURN l.name ORDER BY l.name").column("l.name") == ["a", "b"]


def test_many_rows_from_a_generator(con):
    con.execute_many("CREATE (:N {n: $n})", ({"n": n} for n in range(1000)))
    assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == 499_500


def test_many_rows_see_those_before_them(con):
    con.execute_many("MERGE (:Law {name: $name})", [{"name": "a"}, {"name": "a"}, {"name": "b"}])
    assert con.execute("MATCH (l:Law) RETURN count(*)").scalar() == 2


def test_many_rows_are_one_transaction(con):
    with pytest.raises(shejire.CypherArithmeticError, match="row 3") as caught:
        con.execute_many("CREATE (:N {n: 1 / $n})", [{"n": 1}, {"n": 2}, {"n": 0}])
    assert caught.value.column is not None
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0
    assert not con.in_transaction


def test_many_rows_within_a_transaction_are_part_of_it(con):
    with pytest.raises(RuntimeError):
        with con.transaction():
            con.execute_many("CREATE (:N {n: $n})", [{"n": 1}])
            raise RuntimeError
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_a_statement_may_take_all_rows_at_once(con):
    rows = [{"n": n} for n in range(25_000)]
    assert con.execute_many("UNWIND $rows AS row CREATE (:N {n: row.n})", rows)["nodes_created"] == 25_000
    assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == sum(range(25_000))
    with pytest.raises(shejire.CypherArithmeticError):
        con.execute_many("UNWIND $rows AS row CREATE (:M {n: 1 / row.n})", [{"n": 1}] * 20_000 + [{"n": 0}])
    assert con.execute("MATCH (m:M) RETURN count(*)").scalar() == 0
    assert con.execute_many("UNWIND $rows AS row CREATE (:M {n: row.n})", []) == {}


def test_a_column_may_be_called_rows(con):
    con.execute_many("CREATE (:N {n: $rows})", [{"rows": 1}, {"rows": 2}])
    con.execute_many("CREATE (:N {t: '$rows', n: $n}) // $rows", [{"n": 3}])
    assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == 6


def test_no_rows_are_nothing(con):
    assert con.execute_many("CREATE (:N {n: $n})", []) == {}


@pytest.mark.parametrize("rows", [[1], [("a", 1)], ["text"]])
def test_rows_without_names_are_refused(con, rows):
    with pytest.raises(shejire.CypherTypeError, match="row 1"):
        con.execute_many("CREATE (:N {n: $n})", rows)


def test_rows_of_an_answer_are_parameters(con):
    found = con.execute("UNWIND [1, 2] AS n RETURN n, n * n AS square")
    con.execute_many("CREATE (:N {n: $n, square: $square})", found)
    assert con.execute("MATCH (n:N) RETURN sum(n.square)").scalar() == 5


def test_a_database_runs_statements_of_its_own(db):
    db.execute("CREATE (:Law {name: $name})", name="a")
    assert db.execute("MATCH (l:Law) RETURN l.name").scalar() == "a"


def test_cited_rows_name_their_places(builtin):
    result = builtin.execute("MATCH (a {name: 'National Council of Public Trust'})-[:`transformed-into`]->(b) RETURN a, b", cite=True)
    assert result.cited
    assert [str(place) for place in result[0].citations] == ["000:11.1", "000:39.1", "001:22.1"]
    assert result[0].citations[0].source == "000"
    assert not builtin.execute("RETURN 1").cited
    assert builtin.execute("RETURN 1")[0].citations == ()


def test_the_words_of_the_language_cite_too(builtin):
    assert builtin.execute("CITE MATCH (a)-[:`transformed-into`]->(b) RETURN b")[0].citations


def test_a_statement_is_a_text(con):
    with pytest.raises(TypeError):
        con.execute(1)
