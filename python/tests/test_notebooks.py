"""The notebooks run from the first cell to the last, in a kernel of their own."""

from __future__ import annotations

import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "notebooks"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.ipynb")), ids=lambda file: file.stem)
def test_a_notebook(file, tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    for library in ("ipykernel", "pandas", "polars", "networkx"):
        pytest.importorskip(library)
    book = nbformat.read(file, as_version=4)
    nbformat.validate(book)
    assert all(not cell.get("outputs") for cell in book.cells), "outputs are not kept"
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [kind for cell in book.cells for output in cell.get("outputs", []) for kind in output.get("data", {})]
    assert "text/html" in shown or "image/svg+xml" in shown


def test_there_are_three():
    assert len(list(FOLDER.glob("*.ipynb"))) >= 3
