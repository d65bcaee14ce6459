"""RPL404: checkpoints to resume from that hold no state of the random streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import LIKELY
from reprolint.model import walk
from reprolint.model.code import Attr, Bind, Call, Display, Item, Name, Result
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.model.code import Branch, Expr

_STATES: Final = ("rng", "random_state", "random_states", "getstate", "get_state", "bit_generator", "generator")
_EXISTS: Final = ("exists(", "is_file(", "isfile(")


@rule("RPL404", "checkpoint-without-rng", "info")
def checkpoint_without_rng(program: Program) -> Iterator[Draft]:
    """The checkpoint that the run resumes from stores no state of the random streams, while the resumed loop draws."""
    if not _resumes(program):
        return
    for path, module in program.project.modules.items():
        if path in program.tests or not any("optim" in word or word == "opt" for word in module.words):
            continue
        runs = [run for run in program.runs if path in run.closure and _draws(run)]
        for place in _checkpoints(program, path) if runs else ():
            default = next((run for run in runs if _by_default(program, run)), None)
            yield Draft(
                "RPL404", place, "the checkpoint holds the model and the optimizer but no state of a random stream: a resumed run draws the numbers of its first epochs again",
                "save and restore the states of the streams too, and the position in the epoch", LIKELY, run=default or runs[0],
                severity="warning" if default else "info", audit=default is None,
            )  # fmt: skip


def _draws(run: RunResult) -> bool:
    return any(verdict.drawn is not None for verdict in run.reported.values())


def _resumes(program: Program) -> bool:
    """Whether some code of the project reads a file back and hands an optimizer its state."""
    return any(
        isinstance(item.callee, Attr) and item.callee.name == "load_state_dict" and _optimizing(item.callee.of)
        for path, module in program.project.modules.items()
        if path not in program.tests and "load_state_dict" in module.words
        for item in walk.deep(module.body)
        if isinstance(item, Call)
    )


def _optimizing(expression: Expr) -> bool:
    name = walk.last_name(expression.of if isinstance(expression, Item) else expression).lower()
    return "optim" in name or name == "opt"


def _checkpoints(program: Program, path: str) -> Iterator[Place]:
    """Calls that store a record with the states of a model and an optimizer, and of nothing random."""
    module = program.project.modules[path]
    names = walk.library_names(module)
    for unit in walk.units(path, module):
        calls = {item.number: item for item in walk.statements(unit.body) if isinstance(item, Call)}
        for item in calls.values():
            rows = program.catalog.find(walk.dotted(item.callee, names))
            if any(row.stores for row in rows) and item.arguments and _is_incomplete(unit, item.arguments[0].value, calls):
                yield Place(path, item.site)


def _is_incomplete(unit: walk.Unit, value: Expr, calls: dict[int, Call]) -> bool:
    entries = _entries(unit, value, calls)
    states = [call for _, one in entries for call in [calls.get(one.number) if isinstance(one, Result) else None] if call is not None and walk.last_name(call.callee) == "state_dict"]
    owners = [call.callee.of for call in states if isinstance(call.callee, Attr)]
    if not any(_optimizing(owner) for owner in owners) or all(_optimizing(owner) for owner in owners):
        return False
    told = " ".join([*(key or "**" for key, _ in entries), *(name for _, one in entries for name in _names(one, calls))]).lower()
    return "**" not in told and not any(state in told for state in _STATES)


def _entries(unit: walk.Unit, value: Expr, calls: dict[int, Call]) -> list[tuple[str | None, Expr]]:
    """The keys and values of a record: a display, `dict(…)`, or a variable that holds one and is filled further."""
    if isinstance(value, Display) and value.kind == "dict":
        return [(walk.text(key) if key is not None else None, one) for key, one in zip(value.keys, value.items, strict=True)]
    if isinstance(value, Result) and value.number in calls and walk.last_name(calls[value.number].callee) == "dict":
        return [(argument.name, argument.value) for argument in calls[value.number].arguments]
    if not isinstance(value, Name):
        return []
    found: list[tuple[str | None, Expr]] = []
    for item in walk.statements(unit.body):
        if isinstance(item, Bind) and item.value is not None:
            if item.target == value and not isinstance(item.value, Name):
                found += _entries(unit, item.value, calls)
            elif isinstance(item.target, Item) and item.target.of == value:
                found.append((walk.text(item.target.key), item.value))
        elif isinstance(item, Call) and isinstance(item.callee, Attr) and item.callee.of == value and item.callee.name == "update":
            found.append((None, value))
    return found


def _names(value: Expr, calls: dict[int, Call]) -> Iterator[str]:
    for part in walk.parts(value):
        if isinstance(part, Attr):
            yield part.name
        elif isinstance(part, Name):
            yield part.id
        elif isinstance(part, Result) and part.number in calls:
            yield walk.last_name(calls[part.number].callee)


def _by_default(program: Program, run: RunResult) -> bool:
    """Whether the run reads a checkpoint back wherever there is one, with no option asked."""
    for number, (event, path) in enumerate(run.events.items()):
        if number >= run.usual:
            break
        if event.kind == "loaded":
            tests = [(place.path, test) for place in (*path, event.place) for test, _ in _around(program, place)]
            said = [program.text(Place(where, test.site)) for where, test in tests]
            if any(part in text for text in said for part in _EXISTS) and not any(walk.asks(test) for _, test in tests):
                return True
    return False


def _around(program: Program, place: Place) -> list[tuple[Branch, bool]]:
    module = program.project.modules.get(place.path)
    return walk.around(module.body, place.site) if module is not None else []
