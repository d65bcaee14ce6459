"""Project → Program: every entry evaluated under its worlds; the one argument that a check gets."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from posixpath import dirname
from typing import TYPE_CHECKING, Final

from reprolint.flow import calls, modules
from reprolint.flow.effect import NOTHING, drawing, marks
from reprolint.flow.leads import ALL_STREAMS, Leads
from reprolint.flow.loose import loose_events
from reprolint.flow.machine import BudgetExceeded, Machine, World
from reprolint.flow.state import CERTAIN, POSSIBLE, Activation, Event, Scope, State, Witness, flattened
from reprolint.flow.values import Code, Partial, Value, const, of
from reprolint.flow.verdict import BAD, Evidence, Verdict, judge, worse
from reprolint.model.span import Place
from reprolint.model.stream import STREAMS, WORKER_STREAMS
from reprolint.project.entries import Entry, closure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reprolint.config import Settings
    from reprolint.knowledge.apis import Catalog
    from reprolint.model.span import Span
    from reprolint.project.modules import Project

MAX_SPLITS: Final = 2
REDUCED_FRAMES: Final = 6


@dataclass(slots=True)
class Left:
    """What one world's evaluation of an entry left."""

    words: dict[str, int]
    firsts: dict[tuple[str, str], Witness]
    events: dict[Event, tuple[Place, ...]]
    flags: dict[str, tuple[Value, Place]]
    machine: Machine
    completes: bool = True
    """Whether the run comes to its end on some path."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """One entry: the verdict on every stream, and everything the checks may want."""

    entry: Entry
    verdicts: dict[str, Verdict]
    """By stream, the workers' streams among them."""
    reported: dict[str, Verdict]
    """By stream of a report: workers folded in."""
    events: dict[Event, tuple[Place, ...]]
    """With the calls that lead to each, outermost first; those of every world that was evaluated."""
    flags: dict[str, tuple[Value, Place]]
    """What library attributes such as `torch.backends.cudnn.benchmark` hold at the end, and where they were set."""
    firsts: dict[tuple[str, str], Witness]
    closure: tuple[str, ...]
    guards: dict[Place, tuple[str, ...]]
    reduced: str = ""
    usual: int = 0
    """How many of the events, the first ones and in the order of the run, are those of a run as it is by default."""

    def of_kind(self, kind: str) -> list[tuple[Event, tuple[Place, ...]]]:
        """The events of a kind, in order."""
        return [(event, path) for event, path in self.events.items() if event.kind == kind]

    @property
    def trains(self) -> bool:
        return any(event.kind == "trains" for event in self.events)

    @property
    def learns(self) -> bool:
        """Whether it does more than evaluate and write what it has."""
        return any(event.kind == "trains" and not _keeps(event.detail[0].rpartition(".")[2]) for event in self.events)

    @property
    def claims(self) -> bool:
        """Whether the run seeds a stream that it draws from: it means to be repeatable."""
        return any(
            verdict.state in {"seeded", "late", "optional"} and verdict.drawn is not None and (verdict.seeded is None or verdict.seeded.level > POSSIBLE)
            for verdict in self.reported.values()
        )


def _keeps(method: str) -> bool:
    return method.startswith(("save", "to_", "dump")) or method in {"evaluate", "test", "validate", "scale_batch_size"}


@dataclass(frozen=True)
class Program:
    """What the checks look at."""

    project: Project
    catalog: Catalog
    settings: Settings
    runs: tuple[RunResult, ...]
    loose: dict[Event, tuple[Place, ...]]
    """Events of code that no entry reaches."""
    span: Callable[[Place], Span]
    text: Callable[[Place], str]
    enclosing: Callable[[Place], str]
    tests: frozenset[str] = frozenset()
    """Paths of test files: they report nothing but what the tool says of itself."""
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    """Identifiers by module."""


class Evaluator:
    """Evaluates entries, keeping what it learned of functions from one to the next."""

    def __init__(self, project: Project, catalog: Catalog, *, audit: bool = False) -> None:
        self.project = project
        self.catalog = catalog
        self.audit = audit
        self.leads = Leads(project, catalog)
        self._machines: dict[str, Machine] = {}

    def machine(self, entry: Entry, world: World) -> Machine:
        """The machine of an entry's folder.

        Results of functions are shared between entries, worlds and folders that do not change what an import means.
        """
        folder = dirname(entry.path)
        home = folder if self._matters(folder, entry) else ""
        if home not in self._machines:
            self._machines[home] = Machine(self.project, self.catalog, home, self.leads)
        machine = self._machines[home]
        machine.begin(world)
        return machine

    def _matters(self, folder: str, entry: Entry) -> bool:
        """Whether being started from a folder decides what some import of the entry's closure means."""
        if not folder:
            return False
        inside = {path.removeprefix(f"{folder}/").partition("/")[0].removesuffix(".py") for path in self.project.modules if path.startswith(f"{folder}/")}
        imported = {item.module.partition(".")[0] for path in closure(self.project, entry.path) for item in self.project.modules[path].imports if not item.level}
        return not inside.isdisjoint(imported)

    def reached(self) -> frozenset[tuple[str, int]]:
        """The functions that some entry called, by path and site."""
        return frozenset((key[0], key[1]) for machine in self._machines.values() for key in machine.memo)

    def run(self, entry: Entry) -> RunResult:
        """Evaluate an entry under the worlds it needs, and judge every stream."""
        try:
            return self._run(entry)
        except (BudgetExceeded, RecursionError):
            return self._reduced(entry)

    def _run(self, entry: Entry) -> RunResult:
        default = self._split(entry, World())
        streams = (*STREAMS, *WORKER_STREAMS)
        bad = frozenset(stream for stream in streams if marks(default.words.get(stream, NOTHING)) & BAD)
        willing = self.world(entry, World("willing", bad)) if bad else None
        drawn = frozenset(stream.rpartition(":")[2] for stream in streams if drawing(default.words.get(stream, NOTHING)))
        refused = not default.completes and not drawn
        options = (self.audit or refused) and any(event.kind == "option" for event in default.events)
        widest = self._split(entry, World("any", ALL_STREAMS)) if options else None
        idle = (stream for stream in streams if stream.rpartition(":")[2] not in drawn or drawing(default.words.get(stream, NOTHING)))
        asked = {stream: _evidence(widest, stream) for stream in idle} if widest is not None else {}
        if refused and widest is not None:  # without some option the program does nothing
            default, asked = widest, {}
        verdicts = {stream: judge(_evidence(default, stream), _evidence(willing, stream) if willing is not None else None, asked.get(stream)) for stream in streams}
        if verdicts["torch"].state == "unused" and ("torch", "fixed") in default.firsts and any(event.kind == "trains" for event in default.events):
            verdicts["torch"] = Verdict("seeded", seeded=default.firsts["torch", "fixed"])  # training draws, even where no draw is in sight
        events = dict(default.events)
        for event, path in (willing.events if willing is not None else {}).items():
            events.setdefault(event, path)
        guards = {event.place: event.detail for event in willing.events if event.kind == "guard"} if willing is not None else {}
        return RunResult(entry, verdicts, _folded(verdicts), events, default.flags, default.firsts, closure(self.project, entry.path), dict(guards), usual=len(default.events))

    def _split(self, entry: Entry, world: World) -> Left:
        """A world, once for each way that its few correlated open tests may go."""
        first = self.world(entry, world)
        undecided: dict[str, dict[Place, bool]] = {}
        for event in first.events:
            if event.kind == "undecided":
                places = undecided.setdefault(event.detail[0], {})
                places[event.place] = places.get(event.place, False) or event.detail[1]
        keys = [key for key, places in undecided.items() if len(places) > 1 and any(places.values())][:MAX_SPLITS]
        if not keys:
            return first
        parts = [self.world(entry, World(world.kind, world.wanted, tuple(zip(keys, choice, strict=True)))) for choice in product((True, False), repeat=len(keys))]
        return _united(parts, first)

    def world(self, entry: Entry, world: World) -> Left:
        """Evaluate an entry in one world."""
        machine = self.machine(entry, world)
        return evaluate_entry(machine, entry)

    def _reduced(self, entry: Entry) -> RunResult:
        reason = "too large to follow whole: calls were followed six deep"
        try:
            machine = Machine(self.project, self.catalog, dirname(entry.path), self.leads, World(), frames=REDUCED_FRAMES)
            result = evaluate_entry(machine, entry)
            verdicts = {stream: judge(_evidence(result, stream), None, None) for stream in (*STREAMS, *WORKER_STREAMS)}
            verdicts = {stream: _doubted(verdict) for stream, verdict in verdicts.items()}
            return RunResult(entry, verdicts, _folded(verdicts), result.events, result.flags, result.firsts, closure(self.project, entry.path), {}, reason, len(result.events))
        except (BudgetExceeded, RecursionError):
            unknown = {stream: Verdict("unknown", level=POSSIBLE) for stream in (*STREAMS, *WORKER_STREAMS)}
            return RunResult(entry, unknown, _folded(unknown), {}, {}, {}, closure(self.project, entry.path), {}, "too large to follow")


def evaluate_entry(machine: Machine, entry: Entry) -> Left:
    """Run an entry's module as the main one, and its function if it names one."""
    activation = Activation(None, None)
    state = State()
    state.writes["process", "main"] = entry.path
    if entry.function is None:
        state.writes["main", entry.path] = True
    scope = Scope(path=entry.path, key=entry.path, activation=activation)
    place = Place(entry.path, -1)
    state.writes["import", entry.path] = True
    key = (entry.path, -1, "module")
    summary = machine.remembered(key, {}, state, activation) if machine.ledger is None else None
    if summary is None:
        summary = modules.module_summary(machine, entry.path, scope, state, key, place)
    machine.replay(summary, place, scope, state, CERTAIN)
    for stream, words in summary.ends.items():
        if summary.completes:
            state.words[stream] = state.words.get(stream, NOTHING) | words
    if entry.function is not None:
        value = machine.member(entry.path, entry.function, state, activation)[0]
        commands = tuple(atom if isinstance(atom, Partial) else Partial(of(atom), (), (("#command", const("")),)) for atom in value.atoms if isinstance(atom, Code | Partial))
        if commands:
            calls.call_targets(machine, commands, calls.Arguments(), place, scope, state, CERTAIN)
    flags = {
        str(location[1]): (value, state.writes[("library-place", location[1])])
        for location, value in state.writes.items()
        if location[0] == "library"
    }
    firsts = {key: _stripped(witness) for key, witness in state.firsts.items()}
    events = {event: path[1:] if path and path[0] == place else path for event, path in flattened(activation.events).items()}
    return Left(dict(state.words), firsts, events, flags, machine, summary.completes and ("process", "refused") not in state.writes)


def _stripped(witness: Witness) -> Witness:
    """Without the step that starts the module itself."""
    from msgspec.structs import replace

    return replace(witness, calls=tuple(place for place in witness.calls if place.site >= 0))


def _evidence(world: Left, stream: str) -> Evidence:
    firsts = {mark: witness for (name, mark), witness in world.firsts.items() if name == stream}
    turned = {name: None for event in world.events if event.kind == "draw-guard" and stream in event.detail[0] for name in event.detail[1:]}
    open_ = any(event.kind == "undecided" for event in world.events)
    return Evidence(world.words.get(stream, NOTHING), firsts, tuple(str(name) for name in turned), open_)


def _united(parts: list[Left], first: Left) -> Left:
    words: dict[str, int] = {}
    for stream in {stream for part in parts for stream in part.words}:
        words[stream] = 0
        for part in parts:
            words[stream] |= part.words.get(stream, NOTHING)
    firsts: dict[tuple[str, str], Witness] = {}
    events: dict[Event, tuple[Place, ...]] = {}
    for part in parts:
        for key, witness in part.firsts.items():
            firsts.setdefault(key, witness)
        for event, path in part.events.items():
            events.setdefault(event, path)
    return Left(words, firsts, events, first.flags, first.machine, first.completes)


def _doubted(verdict: Verdict) -> Verdict:
    return Verdict(verdict.state, verdict.rule, verdict.seeded, verdict.drawn, POSSIBLE, verdict.guards)


def _folded(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    return {stream: worse(verdicts[stream], verdicts.get(f"worker:{stream}", verdicts[stream])) for stream in STREAMS}


def run_all(
    project: Project,
    catalog: Catalog,
    entries: Iterable[Entry],
    tell: Callable[[str], None] | None = None,
    *,
    audit: bool = False,
) -> tuple[tuple[RunResult, ...], dict[Event, tuple[Place, ...]]]:
    """Every entry, in order; then the orders that decide something in code that none of them reaches."""
    evaluator = Evaluator(project, catalog, audit=audit)
    results = []
    for entry in entries:
        if tell is not None:
            tell(f"following {entry.path}")
        results.append(evaluator.run(entry))
    if tell is not None:
        tell("following the code that no entry reaches")
    return tuple(results), loose_events(project, catalog, evaluator.reached(), evaluator.leads)


def trace(project: Project, catalog: Catalog, entry: Entry) -> tuple[list[tuple[str, str, Witness]], RunResult]:
    """The ledger of one run: every seed and draw in the order of evaluation."""
    machine = Machine(project, catalog, dirname(entry.path), Leads(project, catalog), World())
    machine.ledger = []
    with suppress(BudgetExceeded):
        evaluate_entry(machine, entry)
    return machine.ledger, Evaluator(project, catalog).run(entry)
