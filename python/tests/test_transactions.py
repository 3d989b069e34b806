"""Transactions, files, several connections, several processes."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest

import shejire


def count(con):
    return con.execute("MATCH (n) RETURN count(*)").scalar()


def test_a_block_commits(con):
    with con.transaction() as inside:
        assert inside is con and con.in_transaction
        con.execute("CREATE (:Law)")
    assert not con.in_transaction and count(con) == 1


def test_a_block_that_raises_rolls_back(con):
    with pytest.raises(ZeroDivisionError):
        with con.transaction():
            con.execute("CREATE (:Law)")
            _ = 1 / 0
    assert not con.in_transaction and count(con) == 0


def test_a_block_whose_statement_fails_rolls_back(con):
    with pytest.raises(shejire.CypherArithmeticError):
        with con.transaction():
            con.execute("CREATE (:Law)")
            con.execute("RETURN 1 / 0")
    assert not con.in_transaction and count(con) == 0


def test_a_failed_statement_that_was_caught_fails_the_commit(con):
    with pytest.raises(shejire.TransactionError):
        with con.transaction():
            con.execute("CREATE (:Law)")
            with pytest.raises(shejire.CypherArithmeticError):
                con.execute("RETURN 1 / 0")
    con.rollback()
    assert count(con) == 0


def test_a_block_may_end_its_transaction(con):
    with con.transaction():
        con.execute("CREATE (:Law)")
        con.rollback()
    assert count(con) == 0


def test_by_hand(con):
    con.begin()
    con.execute("CREATE (:Law)")
    con.commit()
    con.begin()
    con.execute("CREATE (:Law)")
    con.rollback()
    assert count(con) == 1


def test_by_the_words_of_the_language(con):
    con.execute("BEGIN")
    con.execute("CREATE (:Law)")
    con.execute("ROLLBACK")
    assert count(con) == 0


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_nothing_to_end(con, end):
    with pytest.raises(shejire.TransactionError):
        getattr(con, end)()


def test_two_at_once(con):
    con.begin()
    with pytest.raises(shejire.TransactionError):
        con.begin()


def test_nobody_sees_what_is_not_committed(db):
    one, other = db.connect(), db.connect()
    with one.transaction():
        one.execute("CREATE (:Law)")
        assert (count(one), count(other)) == (1, 0)
    assert count(other) == 1


def test_a_transaction_keeps_what_its_begin_saw(db):
    one, other = db.connect(), db.connect()
    with one.transaction():
        assert count(one) == 0
        other.execute("CREATE (:Law)")
        assert count(one) == 0
    assert count(one) == 1


def test_a_conflict_says_run_it_again(db):
    one, other = db.connect(), db.connect()
    one.begin()
    count(one)
    other.execute("CREATE (:Law)")
    with pytest.raises(shejire.TransactionConflict) as caught:
        one.execute("CREATE (:Law)")
    assert "again" in caught.value.hint


def test_a_connection_that_goes_rolls_back(db):
    one = db.connect()
    one.begin()
    one.execute("CREATE (:Law)")
    one.close()
    assert count(db.connect()) == 0
    db.execute("CREATE (:Law)")  # the right to write is free again


def test_a_connection_that_is_dropped_rolls_back(db):
    one = db.connect()
    one.begin()
    one.execute("CREATE (:Law)")
    del one
    db.execute("CREATE (:Law)")
    assert db.counts()["nodes"] == 1


def test_a_snapshot_stays_as_it_is(db):
    db.execute("CREATE (:Law)")
    then = db.snapshot()
    db.execute("CREATE (:Law)")
    assert (count(then), count(db.connect())) == (1, 2)
    with pytest.raises(shejire.Error):
        then.execute("CREATE (:Law)")
    with pytest.raises(shejire.TransactionError, match="snapshot"):
        then.begin()


def test_a_file_keeps_what_was_committed(file):
    with shejire.open(file) as db:
        db.execute("CREATE (:Law {name: 'a'})")
    with shejire.open(file) as db:
        assert db.execute("MATCH (l:Law) RETURN l.name").scalar() == "a"
        assert db.path == file and not db.read_only and not db.verify()


def test_a_path_may_be_a_text(file):
    with shejire.open(str(file)) as db:
        db.execute("CREATE (:Law)")
    assert file.exists()


def test_reading_only(file):
    shejire.open(file).close()
    with shejire.open(file, read_only=True) as db:
        assert db.read_only
        with pytest.raises(shejire.ReadOnlyError):
            db.execute("CREATE (:Law)")


def test_what_is_closed_says_so(file):
    db = shejire.open(file)
    con = db.connect()
    con.begin()
    con.execute("CREATE (:Law)")
    db.close()
    db.close()
    assert db.closed and "closed" in repr(db)
    for ask in (lambda: con.execute("RETURN 1"), db.connect, lambda: db.execute("RETURN 1"), lambda: db.find("a"), db.counts):
        with pytest.raises(shejire.ClosedError, match="closed"):
            ask()
    with shejire.open(file) as again:
        assert again.counts()["nodes"] == 0


def test_closing_lets_go_of_the_file(file):
    db = shejire.open(file)
    con = db.connect()
    result = con.execute("CREATE (n:Law) RETURN n")
    db.close()
    held = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}")]
    assert not [name for name in held if "graph.shejire" in name]
    assert result[0]["n"].labels == ("Law",)


def test_a_closed_connection(db):
    con = db.connect()
    con.close()
    with pytest.raises(shejire.ClosedError, match="connection"):
        con.execute("RETURN 1")
    assert db.execute("RETURN 1").scalar() == 1


def test_save_and_backup(db, file, tmp_path):
    db.execute("CREATE (:Law)")
    db.save(file)
    with pytest.raises(shejire.Error):
        db.save(file)
    with pytest.raises(shejire.DataError, match="memory"):
        db.backup(tmp_path / "copy.shejire")
    with shejire.open(file) as stored:
        stored.backup(tmp_path / "copy.shejire")
        stored.compact()
    with shejire.open(tmp_path / "copy.shejire") as copy:
        assert copy.counts() == {"nodes": 1, "relationships": 0, "indexes_and_constraints": 0}


def test_a_waiting_writer_gives_up(file):
    with shejire.open(file, lock_timeout=0.05) as db:
        one, other = db.connect(), db.connect()
        one.begin()
        one.execute("CREATE (:Law)")
        with pytest.raises(shejire.StoreBusy):
            other.execute("CREATE (:Law)")


def test_connect_is_short_for_both(file):
    con = shejire.connect(file)
    con.execute("CREATE (:Law)")
    con.close()
    assert count(shejire.connect(file)) == 1
    assert count(shejire.connect()) == 0


ADD = "import shejire, sys\nwith shejire.open(sys.argv[1]) as db:\n    for n in range(20): db.execute('CREATE (:N {n: $n})', n=n)\n"


def test_processes_write_one_file(file):
    shejire.open(file).close()
    writers = [subprocess.Popen([sys.executable, "-c", ADD, str(file)]) for _ in range(2)]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    with shejire.open(file) as db:
        assert db.execute("MATCH (n:N) RETURN count(*)").scalar() == 40


def test_another_process_is_seen(file):
    with shejire.open(file) as db:
        con = db.connect()
        assert count(con) == 0
        subprocess.run([sys.executable, "-c", ADD, str(file)], check=True, timeout=120)
        assert count(con) == 20


def _in_fork(con, say):
    try:
        con.execute("RETURN 1")
        say.put("ran")
    except shejire.StoreError as error:
        say.put(error.message)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_file_does_not_come_along_into_a_fork(file):
    with shejire.open(file) as db:
        con = db.connect()
        context = multiprocessing.get_context("fork")
        say = context.SimpleQueue()
        child = context.Process(target=_in_fork, args=(con, say))
        child.start()
        assert "forked" in say.get()
        child.join(20)
        assert child.exitcode == 0
