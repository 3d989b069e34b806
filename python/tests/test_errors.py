"""Errors are a tree of classes, with place, code and hint."""

from __future__ import annotations

import pickle

import pytest

import shejire

CASES = [
    ("RETURN nobody", shejire.CypherSyntaxError, "UndefinedVariable"),
    ("RETRN 1", shejire.CypherSyntaxError, "UnexpectedSyntax"),
    ("RETURN 1 / 0", shejire.CypherArithmeticError, "DivisionByZero"),
    ("RETURN nosuch(1)", shejire.CypherSyntaxError, "UnknownFunction"),
    ("CALL nosuch.procedure()", shejire.ProcedureError, "ProcedureNotFound"),
    ("TRACE 'Nobody at all of that name'", shejire.NotFoundError, "NameNotFound"),
    ("COMMIT", shejire.TransactionError, "TransactionState"),
    ("RETURN date('2022-13-01')", shejire.ArgumentError, "InvalidTemporal"),
]


@pytest.mark.parametrize("query, kind, code", CASES)
def test_each_error_has_its_class_and_code(con, query, kind, code):
    with pytest.raises(shejire.Error) as caught:
        con.execute(query)
    assert isinstance(caught.value, kind), repr(caught.value)
    assert caught.value.code == code


def test_the_place_of_an_error(con):
    with pytest.raises(shejire.CypherSyntaxError) as caught:
        con.execute("MATCH (law:Law)\nRETURN lw")
    error = caught.value
    assert (error.line, error.column) == (2, 8)
    assert error.query == "MATCH (law:Law)\nRETURN lw"
    assert "law" in error.hint
    assert error.phase == "compile time" and error.kind == "SyntaxError"


def test_an_error_shows_a_caret(con):
    with pytest.raises(shejire.Error) as caught:
        con.execute("RETURN 1 / 0")
    shown = str(caught.value)
    assert "RETURN 1 / 0" in shown and "^" in shown
    assert "^" not in caught.value.message


def test_columns_count_characters(con):
    with pytest.raises(shejire.Error) as caught:
        con.execute("RETURN 'Құрылтай' + nobody")
    assert caught.value.column == 21


def test_constraints(con):
    con.execute("CREATE CONSTRAINT FOR (l:Law) REQUIRE l.id IS UNIQUE")
    con.execute("CREATE (:Law {id: 1})")
    with pytest.raises(shejire.ConstraintError):
        con.execute("CREATE (:Law {id: 1})")


def test_deleting_what_others_hang_on(con):
    con.execute("CREATE (:A)-[:R]->(:B)")
    with pytest.raises(shejire.ConstraintError) as caught:
        con.execute("MATCH (a:A) DELETE a")
    assert caught.value.code == "DeleteConnectedNode"


@pytest.mark.parametrize(
    "kind, also",
    [
        (shejire.CypherTypeError, TypeError),
        (shejire.ArgumentError, ValueError),
        (shejire.CypherArithmeticError, ArithmeticError),
        (shejire.NotFoundError, LookupError),
        (shejire.StatementTimeout, TimeoutError),
        (shejire.UnsupportedError, NotImplementedError),
        (shejire.StoreBusy, shejire.StoreError),
        (shejire.TransactionConflict, shejire.TransactionError),
        (shejire.AmbiguousNameError, shejire.NotFoundError),
        (shejire.CypherSyntaxError, shejire.QueryError),
    ],
)
def test_errors_are_also_what_python_calls_them(kind, also):
    assert issubclass(kind, also) and issubclass(kind, shejire.Error)


def test_errors_can_be_pickled(con):
    with pytest.raises(shejire.CypherSyntaxError) as caught:
        con.execute("RETURN nobody")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is shejire.CypherSyntaxError
    assert str(again) == str(caught.value)
    assert (again.line, again.column, again.code, again.args) == (1, 8, "UndefinedVariable", caught.value.args)


def test_names_that_several_have(builtin):
    with pytest.raises(shejire.AmbiguousNameError) as caught:
        builtin.trace("court")
    assert "Constitutional Court" in str(caught.value)


def test_a_file_that_is_no_store(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a graph, and long enough to be looked into: " * 40)
    with pytest.raises(shejire.StoreError, match="notes.txt"):
        shejire.open(file)
    assert file.read_text().startswith("not a graph")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(shejire.Error, match="nowhere"):
        shejire.open(tmp_path / "nowhere" / "graph.shejire")
    with pytest.raises(shejire.Error):
        shejire.dataset(tmp_path / "nowhere")


def test_read_only_files_are_not_made(tmp_path):
    with pytest.raises(shejire.Error):
        shejire.open(tmp_path / "none.shejire", read_only=True)
    assert not (tmp_path / "none.shejire").exists()
