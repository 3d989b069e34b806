"""Answers as tables of pandas, Polars, pyarrow, DuckDB, and their tables as parameters."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zoneinfo

import pytest

import shejire

pa = pytest.importorskip("pyarrow")


def arrow(con, text, **params):
    return con.execute(text, params).arrow()


@pytest.mark.parametrize(
    "values, kind",
    [
        ("[true, false, null]", pa.bool_()),
        ("[1, -9223372036854775807, null]", pa.int64()),
        ("[1.5, null]", pa.float64()),
        ("[1, 2.5]", pa.float64()),
        ("['a', 'Құрылтай', null]", pa.string()),
        ("[null, null]", pa.null()),
        ("[date('2022-06-05'), null]", pa.date32()),
        ("[localtime('12:30:15.5')]", pa.time64("us")),
        ("[localtime('12:30:15.000000001')]", pa.time64("ns")),
        ("[localdatetime('2022-06-05T12:30')]", pa.timestamp("us")),
        ("[localdatetime('2022-06-05T12:30:00.000000001')]", pa.timestamp("ns")),
        ("[datetime('2022-06-05T12:30Z')]", pa.timestamp("us", "UTC")),
        ("[datetime('2022-06-05T12:30+05:00')]", pa.timestamp("us", "+05:00")),
        ("[datetime('2022-06-05T12:30[Asia/Almaty]')]", pa.timestamp("us", "Asia/Almaty")),
        ("[datetime('2022-06-05T12:30Z'), datetime('2022-06-05T12:30+05:00')]", pa.timestamp("us", "UTC")),
        ("[[1, 2], [], null]", pa.list_(pa.int64())),
        ("[[1], [2.5]]", pa.list_(pa.float64())),
        ("[[['a']]]", pa.list_(pa.list_(pa.string()))),
        ("[{a: 1}, {b: 'x'}]", pa.struct([("a", pa.int64()), ("b", pa.string())])),
    ],
)
def test_the_type_of_a_column(con, values, kind):
    table = arrow(con, f"UNWIND {values} AS v RETURN v")
    assert table.schema.field("v").type.equals(kind), table.schema
    table.validate(full=True)


@pytest.mark.parametrize(
    "values, plain",
    [
        ("[true, null]", [True, None]),
        ("[1, null, 3]", [1, None, 3]),
        ("[1, 2.5]", [1.0, 2.5]),
        ("['a', '', null]", ["a", "", None]),
        ("[date('0001-01-01'), date('9999-12-31')]", [dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
        ("[localdatetime('1600-01-01T00:00')]", [dt.datetime(1600, 1, 1)]),
        ("[[1, null], null, []]", [[1, None], None, []]),
        ("[{a: 1}, null, {b: 2}]", [{"a": 1, "b": None}, None, {"a": None, "b": 2}]),
        ("[{a: {b: [1]}}]", [{"a": {"b": [1]}}]),
    ],
)
def test_the_values_of_a_column(con, values, plain):
    assert arrow(con, f"UNWIND {values} AS v RETURN v").column("v").to_pylist() == plain


@pytest.mark.parametrize(
    "values, texts",
    [
        ("[1, 'a', true]", ["1", "a", "true"]),
        ("[9007199254740993, 0.5]", ["9007199254740993", "0.5"]),
        ("[duration('P1M2D')]", ["P1M2D"]),
        ("[time('12:30+05:00')]", ["12:30+05:00"]),
        ("[localdatetime('2022-06-05T12:30:00.000000001'), localdatetime('1000-01-01T00:00')]", ["2022-06-05T12:30:00.000000001", "1000-01-01T00:00"]),
        ("[{}]", ["{}"]),
    ],
)
def test_what_has_no_type_in_common_is_written_and_nothing_is_lost(con, values, texts):
    assert arrow(con, f"UNWIND {values} AS v RETURN v").column("v").to_pylist() == texts


def test_nodes_relationships_and_paths_are_structs(con):
    con.execute("CREATE (:Law {name: 'a', year: 1993})-[:AMENDS {n: 1}]->(:Law {name: 'b'})")
    table = arrow(con, "MATCH p = (a)-[r]->(b) RETURN a, r, p, [a, b] AS both")
    table.validate(full=True)
    row = table.to_pylist()[0]
    assert row["a"] == {"id": 0, "labels": ["Law"], "properties": {"name": "a", "year": 1993}}
    assert row["r"] == {"id": 0, "type": "AMENDS", "start": 0, "end": 1, "properties": {"n": 1}}
    assert [node["id"] for node in row["p"]["nodes"]] == [0, 1]
    assert row["p"]["relationships"][0]["type"] == "AMENDS"
    assert row["both"][1]["properties"] == {"name": "b", "year": None}


def test_no_rows_and_no_columns(con):
    assert arrow(con, "MATCH (n:Nobody) RETURN n.name AS name").num_rows == 0
    assert arrow(con, "CREATE (:Law)").num_columns == 0


def test_many_batches(con):
    table = arrow(con, "UNWIND range(0, 199999) AS n RETURN n, 'x' + n AS text")
    assert table.num_rows == 200_000 and table.column("n").num_chunks > 1
    assert table.column("n").to_pylist() == list(range(200_000))
    assert table.column("text")[150_000].as_py() == "x150000"


def test_an_answer_is_streamed_as_often_as_one_likes(con):
    result = con.execute("UNWIND range(0, 99) AS n RETURN n")
    assert result.arrow().equals(result.arrow())
    assert pa.table(result).equals(result.arrow())


def test_batches_outlive_the_answer(con):
    table = con.execute("UNWIND range(0, 99) AS n RETURN 'text ' + n AS t").arrow()
    con.close()
    assert table.column("t").to_pylist()[-1] == "text 99"


def test_a_stream_that_nobody_reads_is_let_go(con):
    result = con.execute("RETURN 1 AS n")
    for _ in range(100):
        result.__arrow_c_stream__()
    assert result.arrow().num_rows == 1


# pandas


@pytest.fixture
def pd():
    return pytest.importorskip("pandas")


def test_a_frame_of_pandas(con, pd):
    frame = con.execute("UNWIND range(1, 3) AS n RETURN n, n / 2.0 AS half, 'x' + n AS text, n > 1 AS more").df()
    assert frame.columns.tolist() == ["n", "half", "text", "more"]
    assert [str(kind) for kind in frame.dtypes][:2] == ["int64", "float64"] and str(frame.dtypes["more"]) == "bool"
    assert frame["text"].tolist() == ["x1", "x2", "x3"]


def test_what_is_missing_stays_exact(con, pd):
    frame = con.execute("UNWIND [9007199254740993, null] AS n RETURN n, n > 0 AS more").df()
    assert str(frame["n"].dtype) == "Int64" and frame["n"][0] == 9007199254740993 and frame["n"][1] is pd.NA
    assert str(frame["more"].dtype) == "boolean"


def test_what_pandas_has_no_type_for_stays_as_it_is(con, pd):
    frame = con.execute("CREATE (n:Law) RETURN n, [1, 2] AS list, duration('P1M') AS d, date('2022-06-05') AS day, {a: 1} AS map").df()
    row = frame.iloc[0]
    assert isinstance(row["n"], shejire.Node) and row["list"] == [1, 2] and row["d"] == shejire.Duration(months=1)
    assert row["day"] == dt.date(2022, 6, 5) and row["map"] == {"a": 1}


def test_moments_in_pandas(con, pd):
    frame = con.execute("RETURN localdatetime('2022-06-05T12:30') AS l, datetime('2022-06-05T12:30[Asia/Almaty]') AS z").df()
    assert frame["l"][0] == pd.Timestamp("2022-06-05 12:30") and frame["z"][0] == pd.Timestamp("2022-06-05 12:30", tz="Asia/Almaty")


def test_frames_without_rows_and_without_columns(con, pd):
    assert con.execute("MATCH (n:Nobody) RETURN n.name AS name").df().shape == (0, 1)
    assert con.execute("CREATE (:Law)").df().shape == (0, 0)


def test_pandas_without_pyarrow(pd):
    code = """
import sys
sys.modules["pyarrow"] = None
import shejire
con = shejire.connect()
frame = con.execute("UNWIND [1, null] AS n RETURN n, n > 0 AS more, 'x' AS text, [n] AS list").df()
assert [str(kind) for kind in frame.dtypes][:2] == ["Int64", "boolean"], frame.dtypes
assert frame["list"].tolist() == [[1], [None]]
import pandas
con.execute_many("CREATE (:N {n: $n})", pandas.DataFrame({"n": [1, 2]}))
assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == 3
try:
    con.execute("RETURN 1").arrow()
except ImportError as error:
    assert "shejire[arrow]" in str(error)
else:
    raise AssertionError("pyarrow is not there")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_rows_from_pandas(con, pd):
    frame = pd.DataFrame({"name": ["a", None], "year": [1993, 1995], "on": pd.to_datetime(["2022-06-05", "2022-06-06"])})
    con.execute_many("CREATE (:Law {name: $name, year: $year, on: date($on)})", frame)
    found = con.execute("MATCH (l:Law) RETURN l.name, l.year, l.on ORDER BY l.year").tuples()
    assert found == [("a", 1993, dt.date(2022, 6, 5)), (None, 1995, dt.date(2022, 6, 6))]


def test_a_frame_is_a_parameter(con, pd):
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", "b"]})
    assert con.execute("UNWIND $rows AS row RETURN row.n * 2 AS n, row.t AS t", rows=frame).tuples() == [(2, "a"), (4, "b")]


def test_pandas_there_and_back(con, pd):
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, float("nan")], "t": ["a", "b"], "b": [True, False]})
    back = con.execute("UNWIND $rows AS row RETURN row.n AS n, row.x AS x, row.t AS t, row.b AS b", rows=frame).df()
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)


# Polars


@pytest.fixture
def pl():
    return pytest.importorskip("polars")


def test_a_frame_of_polars(con, pl):
    frame = con.execute("UNWIND range(1, 3) AS n RETURN n, 'x' + n AS text, date('2022-06-05') AS day, [n] AS list").pl()
    assert frame.schema == {"n": pl.Int64, "text": pl.String, "day": pl.Date, "list": pl.List(pl.Int64)}
    assert frame["list"].to_list() == [[1], [2], [3]]


def test_nodes_in_polars(con, pl):
    con.execute("CREATE (:Law {name: 'a'})")
    frame = con.execute("MATCH (l:Law) RETURN l").pl()
    assert frame["l"].struct.field("properties").struct.field("name").to_list() == ["a"]


def test_polars_there_and_back(con, pl):
    frame = pl.DataFrame(
        {
            "n": [1, None],
            "u": pl.Series([1, 2], dtype=pl.UInt8),
            "t": ["a", "b"],
            "c": pl.Series(["x", "x"], dtype=pl.Categorical),
            "d": [dt.date(2022, 6, 5), None],
            "m": [dt.datetime(2022, 6, 5, 12), dt.datetime(1, 1, 1)],
            "z": [dt.datetime(2022, 6, 5, 12, tzinfo=zoneinfo.ZoneInfo("Asia/Almaty"))] * 2,
            "l": [[1, 2], []],
            "s": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}],
        }
    )
    names = ", ".join(f"row.{name} AS {name}" for name in frame.columns)
    back = con.execute(f"UNWIND $rows AS row RETURN {names}", rows=frame).pl()
    assert back.to_dicts() == frame.to_dicts()


def test_rows_from_polars(con, pl):
    con.execute_many("CREATE (:N {n: $n})", pl.DataFrame({"n": list(range(1000))}))
    assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == 499_500


# others


def test_rows_from_pyarrow(con):
    table = pa.table({"n": pa.array([1, 2, 3], pa.int16()), "t": pa.array(["a", None, "c"], pa.large_string())})
    con.execute_many("CREATE (:N {n: $n, t: $t})", table)
    assert con.execute("MATCH (n:N) RETURN n.t ORDER BY n.n").column("n.t") == ["a", None, "c"]
    con.execute_many("CREATE (:M {n: $n})", table.slice(1, 2))
    assert con.execute("MATCH (m:M) RETURN sum(m.n)").scalar() == 5


@pytest.mark.parametrize(
    "array, values",
    [
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([dt.time(12, 30)], pa.time32("s")), [dt.time(12, 30)]),
        (pa.array([dt.timedelta(seconds=90)], pa.duration("ms")), [shejire.Duration(seconds=90)]),
        (pa.array([dt.date(2022, 6, 5)], pa.date64()), [dt.date(2022, 6, 5)]),
        (pa.array([[1, 2]], pa.list_(pa.int64(), 2)), [[1, 2]]),
        (pa.array([1.5], pa.float32()), [1.5]),
        (pa.array(["a"], pa.string_view()), ["a"]),
        (pa.nulls(2), [None, None]),
    ],
    ids=lambda x: str(getattr(x, "type", "")),
)
def test_arrays_of_every_type(con, array, values):
    found = con.execute("UNWIND $rows AS row RETURN row.v AS v", rows=pa.table({"v": array}))
    assert found.column("v") == values


@pytest.mark.parametrize("array", [pa.array([b"x"]), pa.array([1], pa.decimal128(5, 2)), pa.array([2**64 - 1], pa.uint64())], ids=lambda a: str(a.type))
def test_arrays_of_what_is_no_value_are_refused_by_column(con, array):
    with pytest.raises(shejire.QueryError, match="column `v`"):
        con.execute_many("CREATE (:N {v: $v})", pa.table({"v": array}))


def test_duckdb_reads_an_answer(con):
    duckdb = pytest.importorskip("duckdb")
    result = con.execute("UNWIND range(1, 100) AS n RETURN n, 'x' + n AS text")  # noqa: F841 - found by its name
    assert duckdb.sql("SELECT sum(n), max(text) FROM result").fetchall() == [(5050, "x99")]


def test_duckdb_gives_rows(con):
    duckdb = pytest.importorskip("duckdb")
    con.execute_many("CREATE (:N {n: $n})", duckdb.sql("SELECT range AS n FROM range(10)"))
    assert con.execute("MATCH (n:N) RETURN sum(n.n)").scalar() == 45


@pytest.mark.parametrize("order", ["shejire pyarrow polars pandas", "pandas polars pyarrow shejire", "polars shejire pyarrow", "duckdb shejire", "shejire duckdb", "kuzu shejire", "shejire kuzu"])
def test_it_is_imported_beside_others_in_any_order(order):
    names = order.split()
    for name in names:
        pytest.importorskip(name)
    code = f"import {', '.join(names)}\nassert shejire.memory().execute('RETURN 1 AS n').scalar() == 1"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
