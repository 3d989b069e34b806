"""Python's database interface (PEP 249) over :mod:`shejire`, for tools that know no other.

>>> from shejire import dbapi
>>> con = dbapi.connect()
>>> cursor = con.cursor()
>>> _ = cursor.execute("UNWIND [1, 2] AS n RETURN n, n * $by AS product", {"by": 21})
>>> cursor.fetchall()
[(1, 21), (2, 42)]

Parameters are named, and marked with ``$`` as the language has it. As the interface demands, a transaction is begun by the first
statement after the last ``commit`` or ``rollback``.
"""

from __future__ import annotations

import datetime as _datetime
import time as _time
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

import shejire
from shejire import _errors

apilevel = "2.0"
#: Threads may share the module and connections.
threadsafety = 2
#: Named; the mark before the name is ``$``.
paramstyle = "named"

Warning = Warning  # noqa: A001,PLW0127 - the interface wants it here
Error = _errors.Error


class InterfaceError(Error):
    """This interface was used in a way it cannot be."""


class DatabaseError(Error):
    """Everything that the database refuses."""


class DataError(DatabaseError):
    """A value is wrong."""


class OperationalError(DatabaseError):
    """The file, a limit, another writer."""


class IntegrityError(DatabaseError):
    """A constraint forbids it."""


class InternalError(DatabaseError):
    """A mistake in the database."""


class ProgrammingError(DatabaseError):
    """The statement is wrong."""


class NotSupportedError(DatabaseError):
    """Not offered here."""


_KINDS = (
    (_errors.UnsupportedError, NotSupportedError),
    ((_errors.ArgumentError, _errors.CypherArithmeticError, _errors.CypherTypeError, _errors.DataError), DataError),
    ((_errors.QueryError, _errors.NotFoundError), ProgrammingError),
    (_errors.ConstraintError, IntegrityError),
    (_errors.InternalError, InternalError),
    (_errors.ClosedError, InterfaceError),
    (_errors.Error, OperationalError),
)


def _told(error: _errors.Error) -> Error:
    """The same error as the interface calls it, with everything that the first says."""
    kind = next(kind for known, kind in _KINDS if isinstance(error, known))
    told = kind(error.message)
    told.__dict__.update(error.__dict__)
    return told


class _Translating:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, _errors.Error) and not isinstance(error, (DatabaseError, InterfaceError)):
            raise _told(error) from error


class _Type:
    """What a column's type code is compared with."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)

    def __eq__(self, other: object) -> bool:
        return other in self.names if isinstance(other, str) else self is other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.names)


STRING = _Type("STRING")
BINARY = _Type()
NUMBER = _Type("INTEGER", "FLOAT", "BOOLEAN")
DATETIME = _Type("DATE", "TIME", "LOCALTIME", "DATETIME", "LOCALDATETIME", "DURATION")
ROWID = _Type("NODE", "RELATIONSHIP")

Date = _datetime.date
Time = _datetime.time
Timestamp = _datetime.datetime


def DateFromTicks(ticks: float) -> _datetime.date:  # noqa: N802
    return Date(*_time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> _datetime.time:  # noqa: N802
    return Time(*_time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> _datetime.datetime:  # noqa: N802
    return Timestamp(*_time.localtime(ticks)[:6])


def Binary(value: bytes) -> bytes:  # noqa: N802
    """Bytes are no value of the language: they are refused where they are used."""
    return bytes(value)


def connect(path: Any = None, *, read_only: bool = False, lock_timeout: float = 5.0) -> "Connection":
    """A connection to a file, or to a new graph in memory."""
    with _Translating():
        return Connection(shejire.connect(path, read_only=read_only, lock_timeout=lock_timeout))


class Connection:
    """One connection; what it does is a transaction until ``commit`` or ``rollback``."""

    Error, InterfaceError, DatabaseError = Error, InterfaceError, DatabaseError
    DataError, OperationalError, IntegrityError = DataError, OperationalError, IntegrityError
    InternalError, ProgrammingError, NotSupportedError = InternalError, ProgrammingError, NotSupportedError

    def __init__(self, connection: shejire.Connection) -> None:
        self.connection = connection

    def cursor(self) -> "Cursor":
        return Cursor(self)

    def commit(self) -> None:
        with _Translating():
            if self.connection.in_transaction:
                self.connection.commit()

    def rollback(self) -> None:
        with _Translating():
            if self.connection.in_transaction:
                self.connection.rollback()

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()


class Cursor:
    """Statements and their rows, one after another."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._result: Optional[shejire.Result] = None
        self._at = 0
        self._closed = False

    @property
    def description(self) -> Optional[Tuple[Tuple[Any, ...], ...]]:
        """Name and type of each column; ``None`` of a statement that answers no rows."""
        if self._result is None or not self._result.columns:
            return None
        return tuple((name, kind, None, None, None, None, None) for name, kind in zip(self._result.columns, self._result.types))

    @property
    def rowcount(self) -> int:
        return -1 if self._result is None or not self._result.columns else len(self._result)

    @property
    def rownumber(self) -> Optional[int]:
        return None if self._result is None else self._at

    def _open(self) -> shejire.Connection:
        if self._closed:
            raise InterfaceError("the cursor has been closed")
        return self.connection.connection

    def execute(self, operation: str, parameters: Optional[Mapping[str, Any]] = None) -> "Cursor":
        connection = self._open()
        with _Translating():
            if not connection.in_transaction:
                connection.begin()
            self._result, self._at = None, 0
            self._result = connection.execute(operation, parameters or {})
        return self

    def executemany(self, operation: str, rows: Iterable[Mapping[str, Any]]) -> "Cursor":
        connection = self._open()
        with _Translating():
            if not connection.in_transaction:
                connection.begin()
            self._result, self._at = None, 0
            connection.execute_many(operation, rows)
        return self

    def _rows(self) -> shejire.Result:
        self._open()
        if self._result is None or not self._result.columns:
            raise ProgrammingError("there are no rows: no statement that answers some has been run")
        return self._result

    def fetchone(self) -> Optional[Tuple[Any, ...]]:
        rows = self._rows()
        if self._at >= len(rows):
            return None
        self._at += 1
        return rows[self._at - 1].values()

    def fetchmany(self, size: Optional[int] = None) -> List[Tuple[Any, ...]]:
        rows = self._rows()
        start, self._at = self._at, min(len(rows), self._at + (self.arraysize if size is None else size))
        return [row.values() for row in rows[start : self._at]]

    def fetchall(self) -> List[Tuple[Any, ...]]:
        rows = self._rows()
        start, self._at = self._at, len(rows)
        return rows.tuples() if start == 0 else [row.values() for row in rows[start:]]

    def __iter__(self) -> Iterator[Tuple[Any, ...]]:
        while (row := self.fetchone()) is not None:
            yield row

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Nothing depends on it."""

    def setoutputsize(self, size: int, column: Optional[int] = None) -> None:
        """Nothing depends on it."""

    def close(self) -> None:
        self._closed, self._result = True, None

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.close()
