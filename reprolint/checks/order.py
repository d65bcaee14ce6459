"""RPL107, 109, 205: entropy and orders that no seed fixes, where they reach something that decides a result."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft, Hop, called
from reprolint.flow.state import LIKELY, POSSIBLE
from reprolint.model import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event
    from reprolint.model.span import Place

_SINKS: Final = {
    "data": "the data",
    "split": "a split",
    "label": "the labels",
    "index": "which number each name gets",
    "number": "which number each name gets",
    "seed": "a seed",
    "weights": "the weights",
    "draw": "a loop that draws",
    "training": "a loop that trains",
}


def _findings(program: Program, code: str, kind: str, message: str, remedy: str) -> Iterator[Draft]:
    """One finding for each source of a kind that reaches a sink; `message` names the source and the sink."""
    for run in (*program.runs, None):
        fixed = kind == "hash" and run is not None and _started_fixed(program, run)
        for event, path in _sources(program, run, kind).items():
            sink = _SINKS[event.detail[1]]
            yield Draft(
                code, event.place, message.format(source=event.detail[3], sink=sink), remedy, POSSIBLE if fixed else _level(event, run),
                stream="hash" if kind == "hash" else None, run=run, steps=_steps(event, path, sink),
            )  # fmt: skip


def _started_fixed(program: Program, run: RunResult) -> bool:
    """Whether another program of the project starts this one, by the name of its file, with hashes fixed."""
    launchers = {event.place.path for other in program.runs if other is not run for event, _ in other.of_kind("launch") if event.detail[0]}
    file = basename(run.entry.path)
    return any(text == file or text.endswith(f"/{file}") for path in launchers for text in _texts(program, path))


def _texts(program: Program, path: str) -> Iterator[str]:
    """The texts that a module writes out."""
    statements = walk.deep(program.project.modules[path].body) if path in program.project.modules else ()
    for expression in (part for item in statements for written in walk.written(item) for part in walk.parts(written)):
        found = walk.text(expression)
        if found is not None:
            yield found


def _sources(program: Program, run: RunResult | None, kind: str) -> dict[Event, tuple[Place, ...]]:
    """The best founded event of each source; of code that no entry reaches where there is no run.

    Numbers that only lead back to what was opened in the same order decide nothing.
    """
    events = program.loose if run is None else run.events
    if run is not None and kind == "hash" and run.of_kind("hash-fixed"):
        return {}
    paired = {event.place for event in events if event.kind == "paired"}
    best: dict[Place, Event] = {}
    for event in events:
        if event.kind == "taint" and event.detail[0] == kind and not (event.detail[1] == "number" and event.place in paired):
            known = best.get(event.place)
            if known is None or event.level > known.level:
                best[event.place] = event
    return {event: events[event] for event in best.values()}


def _level(event: Event, run: RunResult | None) -> int:
    if run is None:
        return min(event.level, LIKELY)
    return POSSIBLE if run.entry.smoke and not run.trains else event.level


def _steps(event: Event, path: tuple[Place, ...], sink: str) -> tuple[Hop, ...]:
    """The source, the calls from it to the sink, and the sink."""
    last: Place = event.detail[2]
    return (Hop(event.place, f"comes from here: {event.detail[3]}"), *called(path), Hop(last, f"decides {sink}"))


@rule("RPL107", "system-entropy", "warning")
def system_entropy(program: Program) -> Iterator[Draft]:
    """A value from the operating system's entropy flows into the data, a split, an order or the weights."""
    yield from _findings(
        program, "RPL107", "entropy", "{source} differs from run to run, and it decides {sink}",
        "draw from a seeded generator, or hash the content (`hashlib`, `uuid.uuid5`)",
    )  # fmt: skip


@rule("RPL109", "hash-order", "warning")
def hash_order(program: Program) -> Iterator[Draft]:
    """An order or a number that comes from string hashes decides an index, a label, a split, a feature or a seed."""
    yield from _findings(
        program, "RPL109", "hash", "{source} differs from process to process, and it decides {sink}",
        "sort what comes out of the set, or take a stable hash (`hashlib`, `zlib.crc32`)",
    )  # fmt: skip


@rule("RPL205", "unsorted-listing", "warning")
def unsorted_listing(program: Program) -> Iterator[Draft]:
    """Files are listed in an order that the system does not promise, and that order reaches the data, labels, a split or a loop that draws."""
    yield from _findings(
        program, "RPL205", "listing", "{source} lists files in no fixed order, and that order decides {sink}",
        "put `sorted(...)` around the listing",
    )  # fmt: skip
