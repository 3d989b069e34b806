"""What the database tells of its graph, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple


@dataclass(frozen=True)
class Citation:
    """A place in a document.

    ``source`` is the document's id, ``locator`` the place as it is cited: ``003:11.8``.
    """

    source: str
    locator: str

    def __str__(self) -> str:
        return self.locator


@dataclass(frozen=True)
class Warning:  # noqa: A001 - the language's word
    """Something in a statement that is probably not meant."""

    message: str
    hint: Optional[str]
    line: int
    column: int

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} ({self.hint})"


@dataclass(frozen=True)
class Problem:
    """What is wrong, or doubtful, in the text of a statement.

    ``severity`` is ``error`` or ``warning``; ``line`` and ``column`` count from 1, in characters.
    """

    severity: str
    message: str
    hint: Optional[str]
    code: Optional[str]
    line: Optional[int]
    column: Optional[int]


@dataclass(frozen=True)
class Candidate:
    """An entity that a name may mean.

    ``met`` is the name that was met, ``by`` how: ``name``, ``alias``, ``spelling``, ``words``, ``look-alike`` and so on.
    ``certain`` says that it is the one that the name means, and no other.
    """

    name: str
    kind: str
    id: str
    met: str
    by: str
    certain: bool
    node: Any = field(repr=False)


@dataclass(frozen=True)
class Name:
    """A name of an entity, with the places that use it; ``language`` and ``script`` are empty when not stated."""

    name: str
    language: str
    script: str
    status: str
    citations: Tuple[Citation, ...]


@dataclass(frozen=True)
class Evidence:
    """One place that speaks of a fact or an entity.

    ``mode`` says how it speaks (``states``, ``denies``, ``reports``, ``hedges``), ``confidence`` how plainly, ``by`` whose word a
    place gives that reports, ``states`` what it states (values by key). They are ``None`` or empty where the place only
    uses a name.
    """

    citation: Citation
    title: str
    mode: Optional[str]
    confidence: Optional[str]
    by: Optional[str]
    as_named: Optional[str]
    event: Optional[str]
    states: Dict[str, List[str]]
    either: bool
    names: Tuple[str, ...]

    def __str__(self) -> str:
        return self.citation.locator


@dataclass(frozen=True)
class Fact:
    """A relationship with the places that speak of it.

    ``support`` counts the documents that assert it, ``witnesses`` the independent voices among these.
    """

    kind: str
    start: Any
    end: Any
    relationship: Any = field(repr=False)
    support: int = 0
    witnesses: int = 0
    evidence: Tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Interval:
    """A stretch of time in which an entity existed: dates as documents state them (EDTF), ``None`` where none does."""

    start: Optional[str]
    end: Optional[str]
    start_citations: Tuple[Citation, ...]
    end_citations: Tuple[Citation, ...]
    disputed: bool


@dataclass(frozen=True)
class Entity:
    """An entity with all that documents say of it."""

    name: str
    node: Any
    names: Tuple[Name, ...]
    life: Tuple[Interval, ...]
    facts: Tuple[Fact, ...]
    evidence: Tuple[Evidence, ...]
    support: int
    witnesses: int


@dataclass(frozen=True)
class Claim:
    """One side of a conflict: what is claimed, and where."""

    claim: str
    states: Dict[str, List[str]]
    citations: Tuple[Citation, ...]
    documents: Tuple[str, ...]
    witnesses: int


@dataclass(frozen=True)
class Conflict:
    """Two claims that do not go together.

    ``kind`` is ``contradiction``, ``value``, ``denial`` or ``absence``; of one that the makers of the dataset declare whatever they
    wrote. ``certain`` is ``None`` for those.
    """

    id: str
    kind: str
    topic: str
    note: str
    sides: Tuple[Claim, Claim]
    certain: Optional[bool]


@dataclass(frozen=True)
class Said:
    """A value that is stated of an event, and where."""

    text: str
    role: str
    citations: Tuple[Citation, ...]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Step:
    """One thing that happened in a lineage.

    ``number`` is negative before the start, positive after it. ``predecessors`` and ``successors`` are those of a succession,
    ``what`` the function that moved, ``body`` the one that it happened to where nobody else took part. ``date`` is when, as one
    value (EDTF); ``dates`` are the dates as stated.
    """

    number: int
    course: str
    kind: str
    event: str
    source: Any
    target: Any
    what: Any
    body: Any
    predecessors: Tuple[Any, ...]
    successors: Tuple[Any, ...]
    date: Optional[str]
    dates: Tuple[Said, ...]
    acts: Tuple[Said, ...]
    shares: Tuple[Said, ...]
    support: int
    witnesses: int
    citations: Tuple[Citation, ...]
    certain: bool
    disputed: bool


@dataclass(frozen=True)
class Difference:
    """What two graphs, or two versions of one, do not have in common."""

    nodes_added: Tuple[Any, ...]
    nodes_removed: Tuple[Any, ...]
    nodes_changed: Tuple[Tuple[Any, Any], ...]
    relationships_added: Tuple[Any, ...]
    relationships_removed: Tuple[Any, ...]
    relationships_changed: Tuple[Tuple[Any, Any], ...]

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)
