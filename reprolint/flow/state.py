"""What is known at one point of a run: stores, the words of every stream, and who was first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from reprolint.flow.effect import NOTHING, compose, finals, marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.flow.values import Atom, Value
    from reprolint.model.code import Call, Expr, Function
    from reprolint.model.span import Place

POSSIBLE, LIKELY, CERTAIN = 0, 1, 2

Location: TypeAlias = "tuple[str | int, str]"
"""A variable (activation, name), a field (object, name), or a fact about the process."""

_LATEST: Final = "latest"
"""The mark of the last early draw."""
_LEFT: Final = ("none", "fixed", "entropy")


class Witness(Struct, frozen=True, gc=False, cache_hash=True):
    """A seed or a draw with the calls that lead to it, outermost first."""

    place: Place
    what: str
    level: int
    calls: tuple[Place, ...] = ()
    rule: str = ""
    via: tuple[str, ...] = ()
    source: Place | None = None
    """Where the entropy of an entropy seed comes from, or where the object was made that draws."""

    def under(self, call: Place, level: int) -> Witness:
        """The same, seen from the caller."""
        calls = (call, *self.calls)[:64]
        return Witness(self.place, self.what, min(level, self.level), calls, self.rule, self.via, self.source)


class State:
    """Mutable along a straight path, copied at a branch."""

    __slots__ = ("firsts", "overwritten", "told", "words", "writes")

    def __init__(self) -> None:
        self.writes: dict[Location, Any] = {}
        self.words: dict[str, int] = {}
        self.firsts: dict[tuple[str, str], Witness] = {}
        self.overwritten: frozenset[Place] = frozenset()
        """Where things were made whose numbers were replaced since."""
        self.told: frozenset[Place] = frozenset()
        """Where things were drawn of which no more than something printed is left."""

    def copy(self) -> State:
        other = State()
        other.writes = self.writes.copy()
        other.words = self.words.copy()
        other.firsts = self.firsts.copy()
        other.overwritten = self.overwritten
        other.told = self.told
        return other

    def become(self, other: State) -> None:
        """Take over what another state knows."""
        self.writes, self.words, self.firsts = other.writes, other.words, other.firsts
        self.overwritten, self.told = other.overwritten, other.told

    def apply(self, stream: str, effect: int, witnesses: dict[str, Witness]) -> None:
        """Compose an effect; `witnesses` by mark: early, clean, entropic, fixed, entropy."""
        before = self.words.get(stream, NOTHING)
        left = finals(before)
        for mark, witness in witnesses.items():
            if mark == "early":
                for number, name in enumerate(("early", "clean", "entropic")):
                    if left >> number & 1:
                        self.note(stream, name, witness)
            else:
                self.note(stream, mark, witness)
        self.words[stream] = compose(before, effect)

    def note(self, stream: str, mark: str, witness: Witness) -> None:
        """Keep the first witness, unless a later one is better founded."""
        known = self.firsts.get((stream, mark))
        if known is None or witness.level > known.level or (mark == _LATEST and witness.level == known.level):
            self.firsts[stream, mark] = witness
        if mark == "early":
            self.note(stream, _LATEST, witness)
        elif mark == "clean" and self.told:
            self._outdo(stream, self.told)

    def overwrite(self, places: frozenset[Place]) -> None:
        """The draws by which what was made at these places came to its numbers decide nothing by themselves, here and in the callers.

        The latest draw speaks instead, if it made something else.
        """
        self.overwritten |= places
        for stream in {stream for stream, _ in self.firsts}:
            self._outdo(stream, places)

    def tell(self, places: frozenset[Place]) -> None:
        """What was drawn at these places is only printed: it decides nothing once the stream is seeded and drawn from again.

        Until then what is printed may be all that the run is for.
        """
        self.told |= places

    def _outdo(self, stream: str, places: frozenset[Place]) -> None:
        for mark in ("early", "entropic"):
            known = self.firsts.get((stream, mark))
            if known is not None and known.level > POSSIBLE and _made_at(known, places):
                latest = self.firsts.get((stream, _LATEST)) if mark == "early" else None
                kept = latest is not None and latest.level > POSSIBLE and not _made_at(latest, self.overwritten | places)
                self.firsts[stream, mark] = latest if latest is not None and kept else replace(known, level=POSSIBLE)

    def demote(self, stream: str, place: Place) -> None:
        """The draw at a place decides nothing by itself: any other draw is a better witness."""
        for mark in ("early", "entropic"):
            known = self.firsts.get((stream, mark))
            if known is not None and known.place == place:
                self.firsts[stream, mark] = replace(known, level=POSSIBLE)


def _made_at(witness: Witness, places: frozenset[Place]) -> bool:
    return not places.isdisjoint((witness.place, *witness.calls))


@dataclass(slots=True)
class Activation:
    """One evaluation of a function whose result may be remembered: what it looked at in its callers."""

    parent: Activation | None
    caller: State | None
    parameters: dict[str, Value] = field(default_factory=dict)
    reads: dict[Location, Any] = field(default_factory=dict)
    peeked: dict[Location, Any] = field(default_factory=dict)
    """What was compared and may not count as looked at."""
    events: Events = field(default_factory=dict)
    pending: set[tuple[Any, ...]] = field(default_factory=set)
    """Functions, still being evaluated, that it or what it called met again."""


class Event(Struct, frozen=True, gc=False, cache_hash=True):
    """Something a check may want to know of a run."""

    kind: str
    place: Place
    detail: tuple[Any, ...] = ()
    level: int = CERTAIN


@dataclass(slots=True)
class Scope:
    """Where a block runs."""

    path: str
    key: str | int
    """Where its variables live in the store."""
    activation: Activation
    function: Function | None = None
    scopes: tuple[str, ...] = ()
    cell: str = ""
    captured: frozenset[str] = frozenset()
    parameters: dict[str, Value] = field(default_factory=dict)
    owner: str = ""
    receiver: Atom | None = None
    results: dict[int, Value] = field(default_factory=dict)
    called: dict[int, Call] = field(default_factory=dict)
    """The call that each result is of."""
    hook: Callable[[Value, State], State | None] | None = None
    yielded: list[Value] = field(default_factory=list)
    depth: int = 0
    loops: int = 0
    """Loops around this point, callers' included."""
    worker: bool = False
    body_class: bool = False
    assumed: dict[str, bool] = field(default_factory=dict)
    site: int = -1
    """Of the statement that is being executed."""
    part: str = ""
    """Which part of a display is being evaluated."""

    @property
    def at(self) -> Place:
        from reprolint.model.span import Place as Located

        return Located(self.path, self.site)


@dataclass(slots=True)
class Exits:
    """Every way out of a block with the state it leaves."""

    fall: State | None = None
    returned: State | None = None
    value: Value | None = None
    broke: State | None = None
    continued: State | None = None
    raised: State | None = None
    ended: State | None = None


class Summary(Struct, frozen=True, eq=False):
    """What calling a function did: remembered with what it looked at."""

    reads: tuple[tuple[Location, Any], ...]
    words: dict[str, int]
    firsts: dict[tuple[str, str], Witness]
    writes: dict[Location, Any]
    value: Value
    events: Events
    completes: bool
    ended: bool
    ends: dict[str, int]
    overwritten: frozenset[Place] = frozenset()
    """Where things were made whose numbers were replaced on every path."""
    told: frozenset[Place] = frozenset()


Events: TypeAlias = "dict[Event | Summary, tuple[Place, ...]]"
"""What happened, in order: events, and the summaries of what was called, each with the calls that lead there."""


def flattened(events: Events) -> dict[Event, tuple[Place, ...]]:
    """The events alone, each with the calls that first lead to it, outermost first."""
    found: dict[Event, tuple[Place, ...]] = {}
    _flatten(events, (), found, set())
    return found


def _flatten(events: Events, calls: tuple[Place, ...], found: dict[Event, tuple[Place, ...]], seen: set[Summary]) -> None:
    for item, path in events.items():
        if isinstance(item, Event):
            if item not in found:
                found[item] = calls + path
        elif item not in seen:
            seen.add(item)
            _flatten(item.events, calls + path, found, seen)


MISSING: Final = object()


def drew(words: int) -> bool:
    """Whether some path draws."""
    return bool(marks(words))


_DUMPED: dict[int, tuple[Expr, str]] = {}


def dump(expression: Expr) -> str:
    """A canonical text of an expression, to tell the same test twice."""
    known = _DUMPED.get(id(expression))
    if known is None or known[0] is not expression:
        known = _DUMPED[id(expression)] = (expression, repr(expression))
    return known[1]
