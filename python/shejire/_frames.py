"""Answers as tables of other libraries. Each library is imported when it is asked for."""

from __future__ import annotations

from typing import Any


def _library(name: str, extra: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"{name} is not installed: pip install 'shejire[{extra}]'") from error


def to_arrow(result: Any) -> Any:
    """The answer as a ``pyarrow.Table``, without copies."""
    pyarrow = _library("pyarrow", "arrow")
    return pyarrow.RecordBatchReader.from_stream(result).read_all()


def to_polars(result: Any) -> Any:
    """The answer as a ``polars.DataFrame``."""
    polars = _library("polars", "polars")
    if not result.columns:
        return polars.DataFrame()
    return polars.DataFrame(result)


#: Columns of these types are the same in Arrow and in pandas; the others hold Python objects.
_PLAIN = {"BOOLEAN", "INTEGER", "FLOAT", "STRING", "LOCALDATETIME", "DATETIME"}


def to_pandas(result: Any) -> Any:
    """The answer as a ``pandas.DataFrame``.

    Integers and booleans stay what they are where some are missing (``Int64``, ``boolean``); nodes, relationships, lists, dates and
    whatever else pandas has no type for are the Python objects that ``result[0]`` gives.
    """
    pandas = _library("pandas", "pandas")
    if not result.columns:
        return pandas.DataFrame()
    try:
        pyarrow = _library("pyarrow", "arrow")
    except ImportError:
        return _without_arrow(pandas, result)
    table = pyarrow.RecordBatchReader.from_stream(result).read_all()
    made = {}
    for name, kind, column in zip(result.columns, result.types, table.columns):
        parts = set(kind.split(" | "))
        if not (parts <= _PLAIN and (len(parts) == 1 or parts == {"INTEGER", "FLOAT"})) or (
            pyarrow.types.is_string(column.type) and parts != {"STRING"}
        ):
            made[name] = _objects(pandas, result.column(name))
            continue
        mapper = None
        if column.null_count and pyarrow.types.is_integer(column.type):
            mapper = {column.type: pandas.Int64Dtype()}.get
        elif column.null_count and pyarrow.types.is_boolean(column.type):
            mapper = {column.type: pandas.BooleanDtype()}.get
        made[name] = column.to_pandas(types_mapper=mapper)
    return pandas.DataFrame(made, columns=result.columns, copy=False)


def _objects(pandas: Any, values: list[Any]) -> Any:
    # an array of objects takes lists for values, where a Series would look into them
    import numpy

    held = numpy.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        held[at] = value
    return pandas.Series(held, dtype=object)


def _without_arrow(pandas: Any, result: Any) -> Any:
    made = {}
    for name, kind in zip(result.columns, result.types):
        values = result.column(name)
        missing = any(value is None for value in values)
        if kind == "INTEGER":
            made[name] = pandas.Series(values, dtype=pandas.Int64Dtype() if missing else "int64")
        elif kind == "BOOLEAN":
            made[name] = pandas.Series(values, dtype=pandas.BooleanDtype() if missing else "bool")
        elif kind in _PLAIN:
            made[name] = pandas.Series(values)
        else:
            made[name] = _objects(pandas, values)
    return pandas.DataFrame(made, columns=result.columns)
