"""Nothing is kept that nobody holds: memory stays flat, whatever is opened and let go."""

from __future__ import annotations

import gc
import sys

import pytest

import shejire

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")

#: Bytes that may be held more, of blocks that allocators keep.
ROOM = 24 << 20


def held():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def grows(work, times, warm):
    """Bytes by which memory grows in so many rounds, each time: what an allocator keeps back grows once, a leak always."""
    for _ in range(warm):
        work()
    least = sys.maxsize
    for _ in range(3):
        before = held()
        for _ in range(times):
            work()
        least = min(least, held() - before)
        if least < ROOM // 4:
            break
    return least


def test_connections(db):
    db.execute("CREATE (:Law {name: 'a'})")

    def work():
        for _ in range(500):
            db.connect().execute("MATCH (l:Law) RETURN l")

    assert grows(work, 20, 2) < ROOM


def test_databases():
    def work():
        for _ in range(50):
            with shejire.memory() as db:
                db.execute("UNWIND range(1, 100) AS n CREATE (:N {n: n})")

    assert grows(work, 10, 2) < ROOM


def test_rows(con):
    def work():
        result = con.execute("UNWIND range(1, 100000) AS n RETURN n, 'text ' + n AS text")
        assert sum(1 for row in result if row["text"]) == 100_000
        result.dicts()

    assert grows(work, 10, 2) < ROOM


def test_arrow(con):
    pytest.importorskip("pyarrow")

    def work():
        result = con.execute("UNWIND range(1, 100000) AS n RETURN n, 'text ' + n AS text, [n] AS list")
        assert result.arrow().num_rows == 100_000
        con.execute("UNWIND $rows AS row RETURN count(*)", rows=result.arrow())
        result.__arrow_c_stream__()

    assert grows(work, 10, 3) < ROOM


def test_errors(con):
    def work():
        for _ in range(1000):
            with pytest.raises(shejire.Error):
                con.execute("RETURN nobody")

    assert grows(work, 5, 1) < ROOM


def test_transactions_that_are_dropped(db):
    def work():
        for _ in range(200):
            con = db.connect()
            con.begin()
            con.execute("UNWIND range(1, 100) AS n CREATE (:N {n: n})")
            del con

    assert grows(work, 5, 1) < ROOM
    assert db.counts()["nodes"] == 0
