"""A knowledge graph that keeps the descent of institutions: openCypher, with evidence, time and lineage in the language.

>>> import shejire
>>> db = shejire.builtin()
>>> row = db.execute("MATCH (a)-[:`transformed-into`]->(b) RETURN a.name AS was, b.name AS now", cite=True)[0]
>>> row["now"], str(row.citations[0])
('National Kurultai', '000:11.1')

The guide is docs/python.md.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what typing imports is not worth its time to a program
if TYPE_CHECKING:
    from typing import Any

from ._errors import (
    AmbiguousNameError,
    ArgumentError,
    Cancelled,
    ClosedError,
    ConstraintError,
    CypherArithmeticError,
    CypherSyntaxError,
    CypherTypeError,
    DataError,
    Error,
    InternalError,
    LimitError,
    NotFoundError,
    ParameterMissing,
    ProcedureError,
    QueryError,
    ReadOnlyError,
    SemanticError,
    StatementTimeout,
    StoreBusy,
    StoreDamaged,
    StoreError,
    TransactionConflict,
    TransactionError,
    UnsupportedError,
)
from ._server import Server
from ._shejire import (
    Connection,
    Database,
    DateTime,
    Duration,
    Node,
    Path,
    Picture,
    Relationship,
    Result,
    Row,
    Trace,
    Transaction,
    __version__,
    builtin,
    dataset,
    memory,
    open,
)


def connect(path: Any = None, *, read_only: bool = False, lock_timeout: float = 5.0) -> Connection:
    """A connection to a file, or to a new graph in memory when none is named.

    The same as ``shejire.open(path).connect()``.
    """
    database = memory() if path is None else open(path, read_only=read_only, lock_timeout=lock_timeout)
    return database.connect()


__all__ = [
    "AmbiguousNameError",
    "ArgumentError",
    "Cancelled",
    "ClosedError",
    "Connection",
    "ConstraintError",
    "CypherArithmeticError",
    "CypherSyntaxError",
    "CypherTypeError",
    "DataError",
    "Database",
    "DateTime",
    "Duration",
    "Error",
    "InternalError",
    "LimitError",
    "Node",
    "NotFoundError",
    "ParameterMissing",
    "Path",
    "Picture",
    "ProcedureError",
    "QueryError",
    "ReadOnlyError",
    "Relationship",
    "Result",
    "Row",
    "SemanticError",
    "Server",
    "Trace",
    "StatementTimeout",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "Transaction",
    "TransactionConflict",
    "TransactionError",
    "UnsupportedError",
    "__version__",
    "builtin",
    "connect",
    "dataset",
    "memory",
    "open",
]
