"""Every example in the documentation runs, and prints what stands there."""

from __future__ import annotations

import doctest
import pathlib
import re

import pytest

import shejire

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARSER = doctest.DocTestParser()
OPTIONS = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL


def blocks(text):
    """The blocks of one language, and whether the page has any block of Python beside them."""
    return re.findall(r"^```pycon\n(.*?)^```", text, re.MULTILINE | re.DOTALL), re.findall(r"^```python\n", text, re.MULTILINE)


def run(name, text):
    test = PARSER.get_doctest(text, {}, name, name, 0)
    assert test.examples, name
    told = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(test, out=told.append)
    assert not runner.failures, "".join(told)


def pages():
    return [page for page in [ROOT / "README.md", ROOT / "python" / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if "```pycon" in page.read_text()]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page(page, tmp_path, monkeypatch):
    for library in ("pandas", "polars", "pyarrow", "networkx"):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    examples, unchecked = blocks(page.read_text())
    assert examples and not unchecked
    run(page.name, "\n".join(examples))


def test_the_guide_is_among_them():
    assert "python.md" in [page.name for page in pages()]


@pytest.mark.parametrize("name, needs", [("__init__", "sys"), ("dbapi", "sys"), ("langchain", "langchain_community"), ("llamaindex", "llama_index.core")])
def test_the_docstring_of_a_module(name, needs, tmp_path, monkeypatch):
    pytest.importorskip(needs)
    monkeypatch.chdir(tmp_path)
    module = shejire if name == "__init__" else __import__(f"shejire.{name}", fromlist=["x"])
    run(name, module.__doc__)
