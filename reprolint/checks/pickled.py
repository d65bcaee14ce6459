"""RPL401: random weights that are saved as if they were data."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import LIKELY, POSSIBLE
from reprolint.model import walk
from reprolint.model.code import Attr, Branch, Call, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event
    from reprolint.model.span import Place

_FILLS: Final = frozenset("load_state_dict from_pretrained load_weights copy_ from_numpy load_from_checkpoint load_model restore".split())
"""Names in a program that say that the weights come from elsewhere."""
_LEARNS: Final = frozenset("backward fit fit_one_cycle fine_tune train_step training_step minimize train_model".split())
_MISSING: Final = frozenset({"exists", "is_file", "isfile"})


@rule("RPL401", "pickled-random-module", "warning")
def pickled_random_module(program: Program) -> Iterator[Draft]:
    """A module with untrained random weights is built and saved, and later runs load weights that no seed of theirs controls."""
    told: set[Place] = set()
    for run in program.runs:
        if run.reduced:
            continue
        for event in _untrained(program, run):
            for made, path, what in islice(_random(run, event), 1):
                if made not in told:
                    told.add(made)
                    yield Draft(
                        "RPL401", made, f"{what} draws its weights here, and they are saved untrained: runs that load them start from numbers that their seed does not control",
                        "save the sizes, and build the module in the run that trains it", _level(program, run), stream="torch", run=run, path=path,
                    )  # fmt: skip


def _untrained(program: Program, run: RunResult) -> Iterator[Event]:
    """What is saved by a run that never trains, or before it trains because the file is missing."""
    stored = [event for event, _ in run.of_kind("stored")]
    saves = {event.place for event in stored}
    order = {event: number for number, event in enumerate(run.events)}
    trained = next((order[event] for event, _ in run.of_kind("trains") if event.place not in saves and event.detail[0] in _training(program)), None)
    for event in stored:
        if trained is None or (order[event] < trained and _once(program, event.place)):
            yield event


def _training(program: Program) -> frozenset[str]:
    """What the catalog says trains, without what only writes files."""
    return frozenset(name for name, rows in program.catalog.rows.items() if any(row.trains and not row.stores for row in rows))


def _once(program: Program, place: Place) -> bool:
    """Whether the statement runs only where a file does not exist yet."""
    for unit in walk.units(place.path, program.project.modules[place.path]):
        calls = {item.number: walk.last_name(item.callee) for item in walk.statements(unit.body) if isinstance(item, Call)}
        for item in walk.statements(unit.body):
            if isinstance(item, Branch) and any(getattr(inner, "site", None) == place.site for inner in walk.statements((*item.body, *item.orelse))):
                if any(isinstance(part, Result) and calls.get(part.number) in _MISSING for part in walk.parts(item.test)):
                    return True
    return False


def _random(run: RunResult, stored: Event) -> Iterator[tuple[Place, tuple[Place, ...], str]]:
    """The saved modules that drew their weights, where they were made, and what drew."""
    (places,) = stored.detail
    for made in places:
        for event, path in run.of_kind("random-module"):
            if event.place == made:
                yield made, path, event.detail[0]
                break
            if made in path:
                yield made, path[: path.index(made)], event.detail[0]
                break


def _level(program: Program, run: RunResult) -> int:
    """Weak where the program may fill or train the weights by ways that cannot be followed."""
    words = program.words.get(run.entry.path, frozenset())
    if words & _FILLS or (words & _LEARNS and not run.trains) or (run.entry.smoke and not run.trains):
        return POSSIBLE
    return POSSIBLE if _assigns_weights(program, run.entry.path) else LIKELY


def _assigns_weights(program: Program, path: str) -> bool:
    return any(
        isinstance(target, Attr) and target.name in {"weight", "data"}
        for item in walk.deep(program.project.modules[path].body)
        for target in [getattr(item, "target", None)]
    )
