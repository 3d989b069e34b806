"""The extension module: what is documented here is exported by :mod:`shejire`."""

import datetime
import os
from types import TracebackType
from typing import (
    Any,
    Awaitable,
    Dict,
    Iterable,
    Iterator,
    List,
    Literal,
    Mapping,
    Optional,
    Protocol,
    Sequence,
    Tuple,
    Type,
    Union,
    final,
    overload,
)

from ._server import Server
from ._types import Candidate, Citation, Conflict, Difference, Entity, Evidence, Problem, Step, Warning

__version__: str
__all__ = [
    "Connection",
    "Database",
    "DateTime",
    "Duration",
    "Node",
    "Path",
    "Picture",
    "Relationship",
    "Result",
    "Row",
    "Trace",
    "Transaction",
    "__version__",
    "builtin",
    "dataset",
    "main",
    "memory",
    "open",
]

_Path = Union[str, os.PathLike[str]]
_Day = Union[str, datetime.date, "DateTime"]
_Who = Union[str, "Node"]
_Sources = Union[str, Sequence[str]]

class _Streams(Protocol):
    """Whatever hands over Arrow's record batches: frames of pandas and Polars, tables of pyarrow, relations of DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

def open(path: _Path, *, read_only: bool = False, lock_timeout: float = 5.0) -> Database:  # noqa: A001
    """A graph in a file, which is made when there is none.

    ``lock_timeout``: seconds that a write waits for another one, of this process or another, before it raises :class:`StoreBusy`.

    Raises :class:`StoreError` (no such folder, no store, damaged, of another version).
    """

def memory() -> Database:
    """An empty graph in memory."""

def builtin() -> Database:
    """The built-in dataset, Kazakhstan's human-rights and democratic reforms, in memory."""

def dataset(folder: _Path) -> Database:
    """A dataset folder (docs/dataset.md), checked and loaded into memory. Raises :class:`DataError` with file, row and column."""

def main(args: Sequence[str]) -> int:
    """Runs the command line, as the program ``shejire`` does; ``args[0]`` is its name. The exit code."""

@final
class Database:
    """A graph in memory or in a file. Threads may share it. Closed by :meth:`close`, or as a context manager."""

    @property
    def path(self) -> Optional[os.PathLike[str]]:
        """The file; ``None`` for a graph in memory."""
    @property
    def read_only(self) -> bool:
        """Whether every statement that writes is refused."""
    @property
    def closed(self) -> bool:
        """Whether :meth:`close` has been called."""
    def connect(self) -> Connection:
        """A connection of its own: statements, with one transaction at a time. Costs little."""
    def snapshot(self) -> Connection:
        """The last commit, to be read for as long as it is held; nothing on it can write or begin a transaction."""
    def execute(
        self,
        query: str,
        parameters: Optional[Mapping[str, Any]] = None,
        /,
        *,
        timeout: Optional[float] = None,
        memory: Optional[int] = None,
        max_rows: Optional[int] = None,
        cite: bool = False,
        read_only: bool = False,
        **params: Any,
    ) -> Result:
        """Runs one statement, which commits by itself; see :meth:`Connection.execute`."""
    def find(self, name: str, *, limit: int = 10, prefix: bool = False) -> List[Candidate]:
        """Entities by any of their names in any script, the best met first; homonyms stand side by side.

        ``prefix``: ``name`` is the beginning of a word, as for search as you type.
        """
    def entity(
        self, who: _Who, *, according_to: Optional[_Sources] = None, known_by: Optional[_Day] = None
    ) -> Entity:
        """An entity with its names, its life, its facts and the places that speak of it.

        Raises :class:`NotFoundError`; :class:`AmbiguousNameError` when several are called so.
        """
    def evidence(
        self,
        of: Union[str, Node, Relationship],
        *,
        according_to: Optional[_Sources] = None,
        known_by: Optional[_Day] = None,
    ) -> Tuple[Evidence, ...]:
        """Every place that speaks of a relationship, or of an entity. Raises as :meth:`entity`."""
    def conflicts(
        self,
        of: Optional[_Who] = None,
        *,
        according_to: Optional[_Sources] = None,
        known_by: Optional[_Day] = None,
    ) -> List[Conflict]:
        """What documents say against each other, in all or about one entity. Raises as :meth:`entity`."""
    def trace(
        self,
        who: Union[_Who, Sequence[_Who]],
        *,
        to: Optional[Union[_Who, Sequence[_Who]]] = None,
        direction: Literal["both", "backward", "forward"] = "both",
        via: Optional[_Sources] = None,
        depth: Optional[int] = None,
        as_of: Optional[_Day] = None,
        certain: bool = False,
        according_to: Optional[_Sources] = None,
        known_by: Optional[_Day] = None,
    ) -> Trace:
        """What became of somebody, and what they came from: whatever ``TRACE`` takes.

        ``via``: relationship types; ``depth``: events away; ``as_of``: a day or an EDTF text; ``certain``: of what held then only what
        certainly did; ``according_to``: ids of sources. Raises as :meth:`entity`, and :class:`ArgumentError` for what is no date.
        """
    def timeline(self, who: Union[_Who, Sequence[_Who]], **asked: Any) -> Picture:
        """The picture of a lineage along time; takes what :meth:`trace` takes."""
    def diff(self, before: Any, after: Any = None, *, key: Optional[str] = None) -> Difference:
        """What two graphs do not have in common.

        ``before`` and ``after`` are databases or snapshots (``after``: this one when not given), or two days: then the facts that hold on
        each are compared. ``key``: the property that tells nodes of two databases apart; without it their ids do.
        """
    def check(self, query: str) -> List[Problem]:
        """What is wrong or doubtful in the text of a statement, or of several, which are not run."""
    def schema(self) -> Dict[str, Any]:
        """What the graph holds: ``nodes``, ``relationships`` (counts), ``labels`` and ``types``.

        Each label and type has its ``count`` and ``properties`` (counts by key); types also ``between`` (kinds of start and end, with
        counts) and ``definition``, what the dataset says it means. Reads the whole graph.
        """
    def counts(self) -> Dict[str, int]:
        """``nodes``, ``relationships``, ``indexes_and_constraints``."""
    def save(self, path: _Path) -> None:
        """Writes the whole graph, with its evidence, into a file that does not exist yet. Raises :class:`StoreError`."""
    def backup(self, path: _Path) -> None:
        """Copies the file, as of the last commit, to a path where none is; others may write meanwhile."""
    def compact(self) -> None:
        """Writes a new image of the file and gives unused pages back; no other process may be using it."""
    def verify(self) -> List[str]:
        """What is damaged, a sentence each; an empty list when nothing is."""
    def export(self, format: str) -> bytes:  # noqa: A002
        """The whole graph as ``shejire export`` writes it: ``jsonl``, ``turtle``, ``graphml``, ``csv`` and so on (docs/formats.md)."""
    def read(
        self, source: Any, *, format: Optional[str] = None, join_on: Optional[str] = None  # noqa: A002
    ) -> Dict[str, Any]:
        """Reads a graph in another format into this one, as one change; evidence comes along where the format carries it.

        ``source``: a path (packed by gzip, zstd or zip, too), bytes, or a graph of rdflib. ``format``: its name in docs/formats.md, where
        the file's name does not say it; tables and scripts are read by ``shejire import``. ``join_on``: the property that
        tells nodes apart, those that are there already included. Numbers of ``nodes``, ``relationships`` and what is ``told``
        of them, and what was ``passed_over``. Raises :class:`DataError` with file, line and column.
        """
    def serve(
        self, *, port: int = 0, bolt: Optional[int] = None, write: bool = False, token: Optional[str] = None
    ) -> Server:
        """Serves the graph to this machine, from this process, until it is stopped; the address, a text. Port 0 is any that is free.

        Clients of a server that may write show a token: one is made when none is given.
        """
    def close(self) -> None:
        """Stops what runs and is served, rolls back what is open, and lets go of the file. Again is nothing."""
    def __enter__(self) -> Database: ...
    def __exit__(self, *_args: object) -> bool: ...

@final
class Connection:
    """Statements, with one transaction at a time. Threads may share it: their statements take turns."""

    def execute(
        self,
        query: str,
        parameters: Optional[Mapping[str, Any]] = None,
        /,
        *,
        timeout: Optional[float] = None,
        memory: Optional[int] = None,
        max_rows: Optional[int] = None,
        cite: bool = False,
        read_only: bool = False,
        **params: Any,
    ) -> Result:
        """Runs one statement without the interpreter's lock; Ctrl-C stops it.

        ``parameters`` and ``params``: values of ``$name`` in the statement; those that are called like an option go into the former.
        A frame or a table is a list of maps. ``timeout``: seconds; ``memory``: bytes; ``max_rows``: rows of the answer;
        ``cite``: every row names the places that it rests on; ``read_only``: refuses the statement when it writes.

        Raises :class:`QueryError` and what stands under it, :class:`ConstraintError`, :class:`LimitError`, :class:`ReadOnlyError`,
        :class:`TransactionError`, :class:`StoreError`, :class:`Cancelled`. What the statement did is taken back then.
        """
    def execute_async(
        self,
        query: str,
        parameters: Optional[Mapping[str, Any]] = None,
        /,
        *,
        timeout: Optional[float] = None,
        memory: Optional[int] = None,
        max_rows: Optional[int] = None,
        cite: bool = False,
        read_only: bool = False,
        **params: Any,
    ) -> Awaitable[Result]:
        """:meth:`execute` on another thread, for asyncio; a task that is cancelled stops what runs on this connection."""
    def execute_many(
        self,
        query: str,
        rows: Union[Iterable[Mapping[str, Any]], _Streams],
        /,
        *,
        timeout: Optional[float] = None,
        memory: Optional[int] = None,
    ) -> Dict[str, int]:
        """Runs a statement once for each row, whose columns are its parameters, in one transaction.

        ``rows``: dicts, a frame of pandas or Polars, or whatever streams Arrow's record batches. A statement that has the parameter
        ``$rows`` takes them as that, as lists of some thousand maps: ``UNWIND $rows AS row …``. The counts of all changes.
        ``timeout`` is for all rows, ``memory`` for each. An error names the row, and nothing of the others remains.
        """
    def explain(self, query: str, parameters: Optional[Mapping[str, Any]] = None, /, **params: Any) -> str:
        """The plan that would run."""
    def script(self, text: str) -> List[Result]:
        """Runs statements separated by semicolons; stops at the first error, whose place is in the whole text."""
    def load(self, graph: Any, /, *, label: Optional[str] = None, type: Optional[str] = None) -> Dict[str, int]:  # noqa: A002
        """Writes a graph of networkx or igraph in one transaction; the counts of what changed.

        Attributes become properties; ``labels`` of nodes and ``type`` of edges what they say. ``label`` and ``type``: for those that say
        nothing (``Node``, ``RELATED``). A node that is not a number, and has no ``id``, gets its name as one.
        """
    def begin(self) -> None:
        """Begins a transaction. Raises :class:`TransactionError` when one is open."""
    def commit(self) -> None:
        """Ends it; what it did is durable when this returns. Raises :class:`TransactionError`, :class:`StoreError`."""
    def rollback(self) -> None:
        """Ends it; nothing it did remains. Raises :class:`TransactionError` when there is none."""
    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
    def transaction(self) -> Transaction:
        """A block that commits at its end, and rolls back when it raises."""
    def interrupt(self) -> int:
        """Stops what runs on this connection, from another thread: it raises :class:`Cancelled`. How many statements that were."""
    def close(self) -> None:
        """Stops what runs, rolls back what is open, and lets go of the graph."""
    def __enter__(self) -> Connection: ...
    def __exit__(self, *_args: object) -> bool: ...

@final
class Transaction:
    """The block of :meth:`Connection.transaction`."""

    def __enter__(self) -> Connection: ...
    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        _value: Optional[BaseException],
        _traceback: Optional[TracebackType],
    ) -> bool: ...

@final
class Result:
    """The answer to a statement: rows by number, or whole as a table, a graph or a picture. It stays as it is."""

    @property
    def columns(self) -> List[str]:
        """The names of the columns."""
    @property
    def types(self) -> List[str]:
        """What the language calls the types that stand in each column, with `` | `` between; ``NULL`` for nothing."""
    @property
    def query(self) -> str:
        """The statement."""
    @property
    def changes(self) -> Dict[str, int]:
        """What the statement changed: counts that are not zero, such as ``nodes_created``."""
    @property
    def warnings(self) -> List[Warning]:
        """What in the statement is probably not meant."""
    @property
    def plan(self) -> Optional[str]:
        """The plan, of ``EXPLAIN`` and ``PROFILE``."""
    @property
    def cited(self) -> bool:
        """Whether rows name the places they rest on."""
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[Row]: ...
    @overload
    def __getitem__(self, at: int, /) -> Row: ...
    @overload
    def __getitem__(self, at: slice, /) -> List[Row]: ...
    def column(self, name: str) -> List[Any]:
        """The values of one column. Raises ``KeyError``."""
    def one(self) -> Row:
        """The only row. Raises ``ValueError`` when there is none, or more."""
    def scalar(self) -> Any:
        """The only value of the only row. Raises ``ValueError``."""
    def dicts(self) -> List[Dict[str, Any]]:
        """Every row as a dict."""
    def tuples(self) -> List[Tuple[Any, ...]]:
        """Every row as a tuple."""
    def df(self) -> Any:
        """A ``pandas.DataFrame``."""
    def pl(self) -> Any:
        """A ``polars.DataFrame``."""
    def arrow(self) -> Any:
        """A ``pyarrow.Table``."""
    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """Arrow's record batches for whatever reads them (the Arrow PyCapsule interface), without copies."""
    def networkx(self) -> Any:
        """The nodes and relationships in the answer as a ``networkx.MultiDiGraph``."""
    def igraph(self) -> Any:
        """The same as a directed ``igraph.Graph``."""
    def rdflib(self) -> Any:
        """The same as an ``rdflib.Dataset``, with its evidence."""
    def picture(self, title: Optional[str] = None) -> Picture:
        """A picture: of a lineage when the statement is a ``TRACE``, else of the graph in the answer.

        Ends of relationships that are not in the answer are drawn as the graph has them now. Raises :class:`DataError` when there is
        nothing to draw.
        """
    def svg(self, file: Optional[_Path] = None, *, title: Optional[str] = None) -> str:
        """:meth:`picture` as SVG; also written to ``file``."""

@final
class Row:
    """A row: a tuple of its values, and a dict by column."""

    @property
    def citations(self) -> Tuple[Citation, ...]:
        """The places that the row rests on; none unless the statement cites."""
    @overload
    def __getitem__(self, key: Union[int, str], /) -> Any: ...
    @overload
    def __getitem__(self, key: slice, /) -> Tuple[Any, ...]: ...
    def get(self, key: str, default: Any = None) -> Any:
        """The value of a column, or ``default`` where there is none of that name."""
    def keys(self) -> List[str]: ...
    def values(self) -> Tuple[Any, ...]: ...
    def items(self) -> List[Tuple[str, Any]]: ...
    def dict(self) -> Dict[str, Any]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __contains__(self, value: object, /) -> bool: ...

@final
class Node:
    """A node as a statement answered it. Two are equal when they are the same node of the same database."""

    @property
    def id(self) -> int:
        """A number of its own, that no other node of the graph ever gets: ``id(n)`` in the language."""
    @property
    def element_id(self) -> str:
        """The same as a text: ``elementId(n)``."""
    @property
    def labels(self) -> Tuple[str, ...]: ...
    @property
    def properties(self) -> Dict[str, Any]: ...
    def __getitem__(self, key: str, /) -> Any: ...
    def get(self, key: str, default: Any = None) -> Any:
        """A property, or ``default`` where there is none."""
    def keys(self) -> List[str]: ...
    def values(self) -> List[Any]: ...
    def items(self) -> List[Tuple[str, Any]]: ...
    def __contains__(self, key: str, /) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __hash__(self) -> int: ...

@final
class Relationship:
    """A relationship as a statement answered it. Two are equal when they are the same one of the same database."""

    @property
    def id(self) -> int: ...
    @property
    def element_id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def start_id(self) -> int:
        """The id of the node it starts at."""
    @property
    def end_id(self) -> int:
        """The id of the node it ends at."""
    @property
    def properties(self) -> Dict[str, Any]: ...
    def __getitem__(self, key: str, /) -> Any: ...
    def get(self, key: str, default: Any = None) -> Any:
        """A property, or ``default`` where there is none."""
    def keys(self) -> List[str]: ...
    def values(self) -> List[Any]: ...
    def items(self) -> List[Tuple[str, Any]]: ...
    def __contains__(self, key: str, /) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def __hash__(self) -> int: ...

@final
class Path:
    """A walk through the graph: one node more than relationships, each as walked."""

    @property
    def nodes(self) -> Tuple[Node, ...]: ...
    @property
    def relationships(self) -> Tuple[Relationship, ...]: ...
    @property
    def start(self) -> Optional[Node]: ...
    @property
    def end(self) -> Optional[Node]: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[Relationship]: ...
    def __hash__(self) -> int: ...

@final
class Trace:
    """A lineage: its steps from the farthest predecessor to the farthest successor. Notebooks show it drawn."""

    @property
    def query(self) -> str:
        """The statement that asks the same."""
    @property
    def steps(self) -> List[Step]: ...
    @property
    def starts(self) -> Tuple[Node, ...]:
        """Of whom it is."""
    @property
    def as_of(self) -> Optional[str]:
        """The day it holds for, as EDTF."""
    @property
    def silence(self) -> Optional[str]:
        """Why nothing happened, as far as documents say; ``None`` where something did."""
    def result(self) -> Result:
        """The rows of ``TRACE``."""
    def conflicts(self) -> List[Conflict]:
        """What contradicts what, as the sources that were asked have it."""
    def picture(self, *, lanes_by: Optional[str] = None) -> Picture:
        """The lineage along time; ``lanes_by``: ``kind``, or any property of the bodies."""
    def svg(self, file: Optional[_Path] = None) -> str:
        """The same as SVG; also written to ``file``."""
    def df(self) -> Any:
        """:meth:`result` as a ``pandas.DataFrame``."""
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[Step]: ...
    @overload
    def __getitem__(self, at: int, /) -> Step: ...
    @overload
    def __getitem__(self, at: slice, /) -> List[Step]: ...

@final
class Picture:
    """A picture of a lineage or of a graph. Notebooks show it; files are written whole or not at all."""

    def svg(self, file: Optional[_Path] = None) -> str: ...
    def png(self, file: Optional[_Path] = None, *, scale: float = 2.0) -> bytes: ...
    def pdf(self, file: Optional[_Path] = None) -> bytes: ...
    def html(self) -> str:
        """A page of its own, with the same as tables."""
    def dot(self) -> str:
        """For Graphviz."""
    def mermaid(self) -> str: ...
    def json(self) -> str: ...
    def save(self, file: _Path, *, scale: float = 2.0) -> None:
        """Writes the form that the end of the name says: svg, png, pdf, html, dot, mmd, json; csv of a lineage. Raises ``ValueError``."""
    def styled(
        self,
        *,
        dark: Optional[bool] = None,
        citations: Optional[bool] = None,
        languages: Optional[Sequence[str]] = None,
        style: Optional[str] = None,
    ) -> Picture:
        """The same with another look; ``style`` is the text of a style file (docs/pictures.md)."""

@final
class Duration:
    """Months, days, seconds and nanoseconds, each kept apart. No order: a month has no length of its own."""

    def __new__(cls, months: int = 0, days: int = 0, seconds: int = 0, nanoseconds: int = 0) -> Duration: ...
    @property
    def months(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def seconds(self) -> int:
        """Rounded down."""
    @property
    def nanoseconds(self) -> int:
        """Above ``seconds``, from 0 to 999,999,999."""
    def timedelta(self) -> datetime.timedelta:
        """Of one without months and with whole microseconds. Raises ``ValueError``."""
    def __hash__(self) -> int: ...

@final
class DateTime:
    """A date or a time that ``datetime`` cannot hold: nanoseconds, years before 1 or after 9999, a zone it does not know.

    Comes out of the database, and goes in again as it is.
    """

    @property
    def kind(self) -> str:
        """What the language calls its type."""
    @property
    def year(self) -> Optional[int]: ...
    @property
    def month(self) -> Optional[int]: ...
    @property
    def day(self) -> Optional[int]: ...
    @property
    def hour(self) -> Optional[int]: ...
    @property
    def minute(self) -> Optional[int]: ...
    @property
    def second(self) -> Optional[int]: ...
    @property
    def nanosecond(self) -> Optional[int]: ...
    @property
    def offset(self) -> Optional[int]:
        """Seconds east of UTC."""
    @property
    def zone(self) -> Optional[str]: ...
    def isoformat(self) -> str: ...
    def __lt__(self, other: DateTime, /) -> bool: ...
    def __le__(self, other: DateTime, /) -> bool: ...
    def __gt__(self, other: DateTime, /) -> bool: ...
    def __ge__(self, other: DateTime, /) -> bool: ...
    def __hash__(self) -> int: ...
