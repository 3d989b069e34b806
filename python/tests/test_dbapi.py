"""Python's database interface."""

from __future__ import annotations

import pytest

from shejire import dbapi


@pytest.fixture
def api():
    connection = dbapi.connect()
    yield connection
    connection.close()


def test_the_module_says_what_it_is():
    assert (dbapi.apilevel, dbapi.threadsafety, dbapi.paramstyle) == ("2.0", 2, "named")
    assert issubclass(dbapi.IntegrityError, dbapi.DatabaseError) and issubclass(dbapi.DatabaseError, dbapi.Error)


def test_rows_are_fetched(api):
    cursor = api.cursor()
    assert cursor.description is None and cursor.rowcount == -1
    cursor.execute("UNWIND range(1, 5) AS n RETURN n, 'x' AS x")
    assert [column[0] for column in cursor.description] == ["n", "x"]
    assert cursor.description[0][1] == dbapi.NUMBER and cursor.description[1][1] == dbapi.STRING
    assert cursor.description[0][1] != dbapi.STRING
    assert cursor.rowcount == 5
    assert cursor.fetchone() == (1, "x")
    assert cursor.fetchmany(2) == [(2, "x"), (3, "x")]
    assert cursor.fetchmany() == [(4, "x")]
    assert cursor.fetchall() == [(5, "x")]
    assert cursor.fetchone() is None and cursor.fetchall() == []


def test_rows_are_iterated(api):
    assert list(api.cursor().execute("UNWIND [1, 2] AS n RETURN n")) == [(1,), (2,)]


def test_nothing_lasts_without_commit(api):
    cursor = api.cursor()
    cursor.execute("CREATE (:Law)")
    api.rollback()
    assert cursor.execute("MATCH (n) RETURN count(*)").fetchone() == (0,)
    cursor.execute("CREATE (:Law)")
    api.commit()
    api.rollback()
    assert cursor.execute("MATCH (n) RETURN count(*)").fetchone() == (1,)


def test_many(api):
    cursor = api.cursor()
    cursor.executemany("CREATE (:N {n: $n})", [{"n": 1}, {"n": 2}])
    assert cursor.rowcount == -1
    assert cursor.execute("MATCH (n:N) RETURN sum(n.n)").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "statement, kind",
    [
        ("RETRN 1", dbapi.ProgrammingError),
        ("RETURN 1 / 0", dbapi.DataError),
        ("COMMIT; ", dbapi.Error),
        ("CREATE (:Law {id: 1})", dbapi.IntegrityError),
    ],
)
def test_errors_are_those_of_the_interface(api, statement, kind):
    api.connection.execute("CREATE CONSTRAINT FOR (l:Law) REQUIRE l.id IS UNIQUE")
    api.connection.execute("CREATE (:Law {id: 1})")
    with pytest.raises(kind):
        api.cursor().execute(statement)
        raise dbapi.ProgrammingError("a statement that ends the transaction is one")
    api.rollback()


def test_an_error_keeps_its_place(api):
    with pytest.raises(dbapi.ProgrammingError) as caught:
        api.cursor().execute("RETURN nobody")
    assert (caught.value.line, caught.value.column, caught.value.code) == (1, 8, "UndefinedVariable")
    assert "^" in str(caught.value)


def test_a_cursor_that_is_closed(api):
    cursor = api.cursor()
    with pytest.raises(dbapi.ProgrammingError):
        cursor.fetchone()
    with cursor:
        pass
    with pytest.raises(dbapi.InterfaceError):
        cursor.execute("RETURN 1")


def test_a_connection_that_is_closed():
    connection = dbapi.connect()
    connection.close()
    with pytest.raises(dbapi.InterfaceError):
        connection.cursor().execute("RETURN 1")


def test_a_block_commits(api, tmp_path):
    with api:
        api.cursor().execute("CREATE (:Law)")
    with pytest.raises(RuntimeError), api:
        api.cursor().execute("CREATE (:Law)")
        raise RuntimeError
    assert api.cursor().execute("MATCH (n) RETURN count(*)").fetchone() == (1,)


def test_pandas_reads_by_the_interface(api):
    pandas = pytest.importorskip("pandas")
    with pytest.warns(UserWarning):
        frame = pandas.read_sql("UNWIND [1, 2] AS n RETURN n", api)
    assert frame["n"].tolist() == [1, 2]
