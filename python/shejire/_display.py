"""Answers as notebooks and terminals show them."""

from __future__ import annotations

from html import escape
from typing import Any

#: Rows that are shown.
ROWS = 20
#: Characters of a cell that are shown.
CELL = 200


def _short(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def _summary(result: Any) -> str:
    count = len(result)
    if not result.columns:
        changed = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in result.changes.items())
        return changed or "nothing changed"
    shown = "" if count <= ROWS else f", {ROWS} shown"
    return f"{count} {'row' if count == 1 else 'rows'}{shown}"


def result_html(result: Any) -> str:
    """A table of the first rows, with their citations. Nothing in a value is markup."""
    if not result.columns:
        return f"<p><small>{escape(_summary(result))}</small></p>"
    drawn = result._repr_svg_() or ""
    cells = result._cells(ROWS)
    cited = result.cited
    head = "".join(f"<th>{escape(name)}</th>" for name in [*result.columns, *(["cited"] if cited else [])])
    lines = []
    for at, row in enumerate(cells):
        line = "".join(f"<td>{escape(_short(cell))}</td>" for cell in row)
        if cited:
            places = ", ".join(str(place) for place in result[at].citations)
            line += f"<td><small>{escape(places)}</small></td>"
        lines.append(f"<tr>{line}</tr>")
    warnings = "".join(f"<p><small>warning: {escape(str(warning))}</small></p>" for warning in result.warnings)
    return (
        f"{drawn}<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        f"<p><small>{escape(_summary(result))}</small></p>{warnings}"
    )


def result_text(result: Any) -> str:
    """The same as plain text."""
    if not result.columns:
        return _summary(result)
    rows = [[_plain(cell) for cell in row] for row in result._cells(ROWS)]
    heads = [_plain(name) for name in result.columns]
    widths = [max([len(head), *(len(row[at]) for row in rows)]) for at, head in enumerate(heads)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in [heads, *rows]]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, _summary(result)])


def _plain(text: str) -> str:
    """One line, without what commands a terminal."""
    return "".join(letter if letter.isprintable() else "·" for letter in _short(text))
