"""The notebooks run from the first cell to the last, in a kernel of their own."""

from __future__ import annotations

import pathlib

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted((EXAMPLES / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook(file, tmp_path):
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    for library in ("ipykernel", "pandas", "polars", "pyarrow", "networkx", "scipy"):
        pytest.importorskip(library)
    book = nbformat.read(file, as_version=4)
    nbformat.validate(book)
    assert all(not cell.get("outputs") for cell in book.cells), "outputs are not kept"
    # run where it stands among the examples, but what it writes is the test's
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "communes-manche").symlink_to(EXAMPLES / "communes-manche")
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path / "notebooks")}}).execute()
    shown = [kind for cell in book.cells for output in cell.get("outputs", []) for kind in output.get("data", {})]
    assert "text/html" in shown or "image/svg+xml" in shown


def test_the_gallery_is_whole():
    assert {file.stem for file in NOTEBOOKS} == {
        "first-graph",
        "lineage-and-pictures",
        "evidence-for-a-paper",
        "register-crosswalk",
        "a-million-rows-to-arrow",
        "networkx-beside-ours",
    }
