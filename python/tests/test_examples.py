"""The example programs run, and say what they are there to show."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"


def run(name, *args):
    """What an example prints, run as its first lines say."""
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, FOLDER / name, *args], capture_output=True, text=True, timeout=300, env=quiet)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_s_database_interface():
    assert run("dbapi_report.py") == "act         year\nOn Courts   2000\nOn Parties  2002\n"


def test_langchain():
    pytest.importorskip("langchain_community")
    told = run("langchain_chain.py")
    assert "'now': 'National Kurultai'" in told and "places: 000:11.1, 000:39.1, 001:22.1" in told and "refused: " in told


def test_llamaindex(tmp_path):
    pytest.importorskip("llama_index.core")
    told = run("llamaindex_index.py", tmp_path)
    assert told == "Customs House took in 2 offices: Salt Office, Toll Office\nSalt Office merged_into Customs House\n"
    assert (tmp_path / "index.shejire").exists()


def test_documents_become_mentions(tmp_path):
    told = run("mentions_from_documents.py", tmp_path)
    lines = told.splitlines()
    verdicts = [line.split()[0] for line in lines if line.split()[0] in ("accepted", "waits", "refused")]
    assert verdicts.count("accepted") == 4 and verdicts.count("waits") == 2, told
    # the one that denies, and the one that was made up, were not written
    assert "Beacon Trust" not in "".join(line for line in lines if line.endswith("']")), told
    assert "Salt Office merged-into Customs House 1952-07-01 ['gazette:2.1']" in lines, told
    assert any(line.startswith("in conflict: ") and "1994" in line and "1995" in line for line in lines), told
    assert "fingerprints: 4 of 4 verified" in told and "0 to mend" in told, told


def test_every_example_is_tested():
    here = pathlib.Path(__file__).read_text()
    for file in FOLDER.glob("*.py"):
        assert f'"{file.name}"' in here, file.name
