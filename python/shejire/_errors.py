"""What can go wrong, as a tree of classes under :class:`Error`."""

from __future__ import annotations

TYPE_CHECKING = False  # what typing imports is not worth its time to a program
if TYPE_CHECKING:
    from typing import Any, Optional


class Error(Exception):
    """Everything that this package raises.

    ``str()`` shows the statement with a caret under the place, and the hint. ``message`` is the sentence alone.

    Attributes:
        message: what went wrong, one sentence.
        kind: openCypher's class of the error, such as ``SyntaxError``.
        code: what exactly, such as ``UndefinedVariable``; docs/language.md lists them.
        phase: ``compile time`` or ``runtime``.
        line, column: where in the statement, from 1, in characters; ``None`` when it has no place.
        hint: what to do about it, or ``None``.
        query: the statement, when the error has a place in it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        kind: Optional[str] = None,
        code: Optional[str] = None,
        phase: Optional[str] = None,
        hint: Optional[str] = None,
        line: Optional[int] = None,
        column: Optional[int] = None,
        query: Optional[str] = None,
        shown: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.code = code
        self.phase = phase
        self.hint = hint
        self.line = line
        self.column = column
        self.query = query
        self._shown = shown

    def __str__(self) -> str:
        return self._shown or self.message

    def __reduce__(self) -> Any:
        return (_again, (type(self), dict(self.__dict__)))


def _again(cls: type[Error], state: dict[str, Any]) -> Error:
    """Makes an error again that was pickled."""
    error = cls(state["message"])
    error.__dict__.update(state)
    return error


class QueryError(Error):
    """The statement, or a value in it, is wrong."""


class CypherSyntaxError(QueryError):
    """The text of the statement has no meaning."""


class UnsupportedError(QueryError, NotImplementedError):
    """Understood, and not offered here."""


class SemanticError(QueryError):
    """A value that the statement uses means nothing there."""


class ParameterMissing(QueryError):
    """The statement names a parameter that was not given."""


class CypherTypeError(QueryError, TypeError):
    """A value of the wrong type, in the statement or as a parameter."""


class ArgumentError(QueryError, ValueError):
    """A value that a function or a clause does not take."""


class CypherArithmeticError(QueryError, ArithmeticError):
    """Division by zero, or a number that does not fit."""


class ProcedureError(QueryError):
    """A procedure that is not there, or failed."""


class ConstraintError(Error):
    """A constraint, or a relationship that hangs on a node, forbids the write."""


class NotFoundError(Error, LookupError):
    """Nothing is called so."""


class AmbiguousNameError(NotFoundError):
    """Several entities are called so; the message lists them."""


class LimitError(Error):
    """A limit of the statement is reached: rows, memory, depth, size."""


class StatementTimeout(LimitError, TimeoutError):
    """The statement ran longer than its ``timeout``."""


class Cancelled(Error):
    """The statement was stopped by :meth:`Connection.interrupt`."""


class ReadOnlyError(Error):
    """The graph, or the statement, may only read."""


class TransactionError(Error):
    """There is a transaction, or none, where the other is needed; or one that has failed."""


class TransactionConflict(TransactionError):
    """Others have committed since the transaction read: run it again."""


class StoreError(Error):
    """The file on disk cannot be read or written."""


class StoreBusy(StoreError):
    """Somebody else is writing, and went on longer than ``lock_timeout``."""


class StoreDamaged(StoreError):
    """The file does not hold what its checksums promise."""


class DataError(Error):
    """A file or folder that came in holds something that cannot be loaded."""


class ClosedError(Error):
    """The database or the connection has been closed."""


class InternalError(Error):
    """A mistake in this program; what the statement did was taken back."""
