"""The program that the package brings: whole, and the extension's own."""

from __future__ import annotations

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request

import pytest

PROGRAM = shutil.which("shejire", path=sysconfig.get_path("scripts")) or "shejire"
SHEJIRE = [sys.executable, "-m", "shejire"]


def run(*args, command=SHEJIRE, **more):
    return subprocess.run([*command, *args], capture_output=True, text=True, timeout=120, **more)


def test_the_console_script_is_on_the_path():
    told = run("--version", command=[PROGRAM])
    assert told.returncode == 0 and told.stdout.startswith("shejire ")
    assert run("--version").stdout == told.stdout


def test_a_query():
    told = run("query", "--builtin", "--format", "jsonl", "RETURN 6 * 7 AS answer")
    assert json.loads(told.stdout) == {"answer": 42}


def test_exit_codes():
    assert run("query", "--builtin", "RETURN nobody").returncode == 1
    assert run("no-such-command").returncode == 2
    assert run("query", "--builtin", "RETURN 1").returncode == 0


def test_errors_go_to_standard_error():
    told = run("query", "--builtin", "RETURN nobody")
    assert told.stdout == "" and "nobody" in told.stderr and "Traceback" not in told.stderr


def test_pictures(tmp_path):
    told = run("trace", "--builtin", "National Kurultai", "--svg", str(tmp_path / "k.svg"))
    assert told.returncode == 0 and (tmp_path / "k.svg").read_text().startswith("<svg")


def test_what_python_wrote_the_program_reads(tmp_path):
    import shejire

    file = tmp_path / "g.shejire"
    with shejire.open(file) as db:
        db.execute("CREATE (:Law {name: 'On Courts'})")
    told = run("query", "--db", str(file), "--format", "jsonl", "MATCH (l:Law) RETURN l.name AS name")
    assert json.loads(told.stdout) == {"name": "On Courts"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_serve_ends_in_order(tmp_path):
    command = [*SHEJIRE, "serve", "--builtin", "--http", "0", "--bolt", "off"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = json.loads(server.stdout.readline())["http"]
        assert urllib.request.urlopen(address + "healthz", timeout=60).status == 200
        time.sleep(1)  # the address is told before signals are waited for
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.communicate()


def test_a_closed_pipe_ends_it_quietly():
    program = subprocess.Popen(
        [*SHEJIRE, "query", "--builtin", "--format", "csv", "UNWIND range(1, 200000) AS n RETURN n"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    program.stdout.readline()
    program.stdout.close()
    assert program.stderr.read() == ""
    assert program.wait(60) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize("redirect", [">/dev/null", "1<>/dev/null", ">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_what_goes_to_the_null_device_or_to_nobody_is_no_error(redirect, tmp_path):
    file = tmp_path / "g.shejire"
    run("query", "--db", str(file), "CREATE (:Law)")
    line = f'"$0" -m shejire query --db "$1" "MATCH (n) RETURN n" {redirect}'
    told = subprocess.run(["sh", "-c", line, sys.executable, file], capture_output=True, text=True, timeout=120)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert json.loads(run("query", "--db", str(file), "--format", "jsonl", "MATCH (n) RETURN count(n) AS n").stdout) == {"n": 1}


def test_there_is_one_copy_of_the_code():
    import shejire

    folder = pathlib.Path(shejire.__file__).parent
    libraries = [file for file in folder.rglob("*") if file.suffix in (".so", ".pyd", ".dylib")]
    assert len(libraries) == 1
