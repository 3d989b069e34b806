"""Threads, asyncio, interrupts: nobody waits for the interpreter's lock, and what runs can be stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import shejire

#: Runs for minutes, wherever it runs.
LONG = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS n WHERE n % 7 = 8 RETURN count(*)"
#: Seconds in which what was stopped has ended; of the specification, with room for a slow machine.
SOON = 2.0


def test_other_threads_run_while_a_statement_does(con):
    ticks = []
    done = threading.Event()

    def tick():
        while not done.wait(0.01):
            ticks.append(time.monotonic())

    ticker = threading.Thread(target=tick)
    ticker.start()
    with pytest.raises(shejire.StatementTimeout):
        con.execute(LONG, timeout=0.5)
    done.set()
    ticker.join()
    assert len(ticks) >= 10


def test_interrupt_stops_what_runs(con):
    begun = time.monotonic()
    threading.Timer(0.2, con.interrupt).start()
    with pytest.raises(shejire.Cancelled):
        con.execute(LONG)
    assert time.monotonic() - begun < 0.2 + SOON
    assert con.execute("RETURN 1").scalar() == 1


def test_interrupt_stops_a_statement_of_a_thread(con):
    with ThreadPoolExecutor() as pool:
        running = pool.submit(con.execute, LONG)
        while not con.interrupt():
            time.sleep(0.01)
        with pytest.raises(shejire.Cancelled):
            running.result(SOON)


def test_interrupt_without_a_statement_is_nothing(con):
    assert con.interrupt() == 0
    assert con.execute("RETURN 1").scalar() == 1


def test_interrupt_stops_many_rows_and_leaves_nothing(con):
    stop = threading.Timer(0.2, con.interrupt)
    stop.start()
    with pytest.raises(shejire.Cancelled):
        con.execute_many("CREATE (:N {n: $n}) WITH 1 AS x " + LONG, [{"n": 1}] * 3)
    assert con.execute("MATCH (n) RETURN count(*)").scalar() == 0


def test_closing_stops_what_runs(db):
    con = db.connect()
    with ThreadPoolExecutor() as pool:
        running = pool.submit(con.execute, LONG)
        time.sleep(0.2)
        begun = time.monotonic()
        db.close()
        with pytest.raises(shejire.Error):
            running.result(SOON)
        assert time.monotonic() - begun < SOON


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_stops_a_statement(con):
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        con.execute(LONG)
    assert time.monotonic() - begun < 0.3 + SOON
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert con.execute("RETURN 1").scalar() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_after_a_statement_is_pythons_own(con):
    con.execute("RETURN 1")
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_handler_that_does_not_raise_leaves_the_statement_stopped(con):
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(shejire.Cancelled):
            con.execute(LONG)
        assert heard == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_ends_a_program_by_its_traceback():
    code = f"import shejire\ncon = shejire.connect()\nprint('ready', flush=True)\ncon.execute({LONG!r})\n"
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "ready\n"
    time.sleep(0.3)
    begun = time.monotonic()
    program.send_signal(signal.SIGINT)
    _, told = program.communicate(timeout=30)
    assert "KeyboardInterrupt" in told and time.monotonic() - begun < SOON


def test_threads_share_a_connection(con):
    con.execute("CREATE (:Counter {n: 0})")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(con.execute, "MATCH (c:Counter) SET c.n = c.n + 1") for _ in range(200)]:
            done.result()
    assert con.execute("MATCH (c:Counter) RETURN c.n").scalar() == 200


def test_threads_with_connections_of_their_own(db):
    db.execute("CREATE (:Counter {n: 0})")

    def add(_):
        with db.connect() as con:
            con.execute("MATCH (c:Counter) SET c.n = c.n + 1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    assert db.execute("MATCH (c:Counter) RETURN c.n").scalar() == 100


def test_readers_see_whole_commits(db):
    """Two nodes are changed together: whoever reads sees both or neither."""
    db.execute("CREATE (:Pair {n: 0}), (:Pair {n: 0})")
    stop = threading.Event()
    wrong = []

    def read():
        con = db.connect()
        while not stop.is_set():
            seen = con.execute("MATCH (p:Pair) RETURN p.n").column("p.n")
            if len(set(seen)) != 1:
                wrong.append(seen)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    con = db.connect()
    for n in range(1, 100):
        con.execute("MATCH (p:Pair) SET p.n = $n", n=n)
    stop.set()
    for reader in readers:
        reader.join()
    assert not wrong


def test_asyncio(db):
    async def work():
        answers = await asyncio.gather(*(asyncio.to_thread(db.execute, "RETURN $n AS n", n=n) for n in range(20)))
        return [answer.scalar() for answer in answers]

    assert asyncio.run(work()) == list(range(20))


def test_an_asyncio_task_that_is_cancelled_stops_its_statement(db):
    async def work():
        con = db.connect()
        task = asyncio.create_task(con.execute_async(LONG))
        await asyncio.sleep(0.3)
        task.cancel()
        begun = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await con.execute_async("RETURN $n AS n", n=1)).scalar() == 1
        return time.monotonic() - begun

    assert asyncio.run(work()) < SOON


def test_a_server_runs_beside_statements(db):
    import json
    import urllib.request

    db.execute("CREATE (:Law {name: 'a'})")
    with db.serve() as server:
        assert server.running and server == server.url and server.token is None and isinstance(server, str)
        body = json.dumps({"query": "MATCH (l:Law) RETURN l.name AS name"}).encode()
        request = urllib.request.Request(
            server.url + "api/v1/query", body, {"Content-Type": "application/json"}
        )
        answer = json.load(urllib.request.urlopen(request, timeout=20))
        assert answer["rows"] == [["a"]]
    assert not server.running


def test_closing_stops_servers():
    db = shejire.memory()
    server = db.serve(bolt=0)
    assert server.bolt.startswith("bolt://127.0.0.1:")
    db.close()
    assert not server.running


def test_who_may_write_shows_a_token(db):
    with db.serve(write=True) as server:
        assert len(server.token) >= 16


def test_a_server_goes_on_without_whoever_started_it(db):
    import urllib.request

    address = str(db.serve())
    assert urllib.request.urlopen(address + "healthz", timeout=20).status == 200
    db.close()
    with pytest.raises(OSError):
        urllib.request.urlopen(address + "healthz", timeout=20)
