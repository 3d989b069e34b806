"""Databases that tests share. Whatever is written goes into a graph of the test's own."""

from __future__ import annotations

import pytest

import shejire


@pytest.fixture
def db():
    with shejire.memory() as database:
        yield database


@pytest.fixture
def con(db):
    with db.connect() as connection:
        yield connection


@pytest.fixture
def file(tmp_path):
    return tmp_path / "graph.shejire"


@pytest.fixture(scope="session")
def builtin():
    """The built-in dataset, which is only read."""
    with shejire.builtin() as database:
        yield database
