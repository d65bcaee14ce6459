"""RPL301, 302, 306: kernels that timing chooses, requests for determinism with a hole, recurrent layers on CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import CERTAIN, LIKELY, POSSIBLE
from reprolint.flow.values import NOWHERE, Const
from reprolint.model import walk
from reprolint.model.span import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult
    from reprolint.flow.state import Event
    from reprolint.flow.values import Value

_WORKSPACE: Final = "CUBLAS_WORKSPACE_CONFIG"


# -- RPL301 --------------------------------------------------------------------------------------------------------


@rule("RPL301", "cudnn-benchmark", "warning")
def cudnn_benchmark(program: Program) -> Iterator[Draft]:
    """The run claims to be repeatable, and lets cuDNN pick its kernels by timing them."""
    told: set[Place] = {found.place for run in program.runs for found in _contradictions(program, run)}
    for run in sorted(program.runs, key=lambda run: not run.claims):
        for name, place in _left_on(program, run, "timed"):
            if place in told:
                continue
            told.add(place)
            yield Draft(
                "RPL301", place, f"`{name}` stays on: timings choose the kernels, and other kernels give other bits",
                "remove the line, or switch it off where the run must repeat", _level(program, run, place), run=run, path=_path(run, place),
                severity="warning" if run.claims else "info", audit=not run.claims,
            )  # fmt: skip


def _left_on(program: Program, run: RunResult, says: str) -> Iterator[tuple[str, Place]]:
    """The flags of a kind that are surely True at the end of a run, whatever the options say."""
    for name, (value, place) in run.flags.items():
        flag = program.catalog.flags.get(name)
        if flag is not None and flag.says == says and _is(value, wanted=True):
            yield name, place


def _is(value: Value, *, wanted: bool) -> bool:
    """Whether a flag holds that, whatever a user may type or export; what the program itself keeps as a default counts as said."""
    return bool(value.atoms) and all(isinstance(atom, Const) and atom.value is wanted and not any(map(_typed, atom.via)) for atom in value.atoms)


def _typed(name: str) -> bool:
    """Whether a name is that of an option, a variable of the environment, or a key of a file."""
    return name.startswith(("-", "$")) or ": " in name


def _path(run: RunResult, place: Place) -> tuple[Place, ...]:
    return next((path for event, path in run.of_kind("flag") if event.place == place), ())


def _level(program: Program, run: RunResult, place: Place) -> int:
    """Possible where a test that nobody can decide, and that asks for the user's choice, stands before it."""
    for site in (*_path(run, place), place):
        module = program.project.modules.get(site.path)
        if module is not None and any(walk.asks(test) for test, _ in walk.around(module.body, site.site)):
            return POSSIBLE
    return CERTAIN


# -- RPL302 --------------------------------------------------------------------------------------------------------


@rule("RPL302", "partial-determinism", "warning")
def partial_determinism(program: Program) -> Iterator[Draft]:
    """The run asks for deterministic kernels and leaves a hole in that request."""
    told: set[Place] = set()
    for run in program.runs:
        for draft in (*_contradictions(program, run), *_taken_back(program, run), *_too_late(program, run), *_lenient(run)):
            if draft.place not in told:
                told.add(draft.place)
                yield draft


def _contradictions(program: Program, run: RunResult) -> Iterator[Draft]:
    """Deterministic kernels asked for, and timing left to choose among them."""
    asked = list(_left_on(program, run, "deterministic"))
    for name, place in _left_on(program, run, "timed"):
        beside = [(other, where) for other, where in asked if not _exclusive(program, run, place, where)]
        if beside:
            yield Draft(
                "RPL302", place, f"`{name}` is on although the run asks for `{beside[0][0]}`: timing still chooses the kernels",
                f"set `{name}` to False", min(_level(program, run, place), _level(program, run, beside[0][1])), run=run, path=_path(run, place),
            )  # fmt: skip


def _exclusive(program: Program, run: RunResult, one: Place, other: Place) -> bool:
    """Whether the ways to two places part at a test, so that no run takes both."""
    for left, right in zip((*_path(run, one), one), (*_path(run, other), other), strict=False):
        if left == right:
            continue
        module = program.project.modules.get(left.path)
        if left.path != right.path or module is None:
            return False
        arms = {id(branch): arm for branch, arm in walk.around(module.body, left.site)}
        return any(arms.get(id(branch), arm) != arm for branch, arm in walk.around(module.body, right.site))
    return False


def _flag_events(program: Program, run: RunResult, *, wanted: bool) -> list[tuple[int, Event, tuple[Place, ...]]]:
    """Where a run as it is by default asks for determinism, or takes it back, with the position in the order of the run."""
    found = []
    for number, (event, path) in enumerate(run.events.items()):
        if number >= run.usual:
            break
        flag = program.catalog.flags.get(event.detail[0]) if event.kind == "flag" else None
        if flag is not None and flag.says == "deterministic" and event.detail[1]:
            if all(isinstance(atom, Const) and atom.value is wanted and not atom.via for atom in event.detail[1]):
                found.append((number, event, path))
    return found


def _taken_back(program: Program, run: RunResult) -> Iterator[Draft]:
    asked = _flag_events(program, run, wanted=True)
    for number, event, path in _flag_events(program, run, wanted=False):
        name = event.detail[0]
        value, last = run.flags.get(name, (None, None))
        before = [known for position, known, _ in asked if known.detail[0] == name and position < number]
        if value is None or last != event.place or not _is(value, wanted=False) or not before:
            continue
        if not _exclusive(program, run, event.place, before[0].place):
            yield Draft(
                "RPL302", event.place, "deterministic kernels are asked for earlier, and this takes the request back for all that follows",
                "leave it on", _level(program, run, event.place), run=run, path=path,
            )  # fmt: skip


def _too_late(program: Program, run: RunResult) -> Iterator[Draft]:
    """Asked for first when the model has trained already."""
    asked = _flag_events(program, run, wanted=True)
    first = next((number for number, event in enumerate(run.events) if event.kind == "trains" and not _saves(run, event)), None)
    if first is None or first >= run.usual or any(number < first for number, _, _ in asked):
        return
    for _, event, path in asked[:1]:
        if _is(run.flags.get(event.detail[0], (NOWHERE, None))[0], wanted=True):
            yield Draft(
                "RPL302", event.place, "deterministic kernels are asked for after the model was trained",
                "ask before the first step", min(LIKELY, _level(program, run, event.place)), run=run, path=path,
            )  # fmt: skip


def _saves(run: RunResult, event: Event) -> bool:
    return any(stored.place == event.place for stored, _ in run.of_kind("stored"))


def _lenient(run: RunResult) -> Iterator[Draft]:
    for event, path in run.of_kind("hazard"):
        if event.detail[0] == "RPL302":
            yield Draft("RPL302", event.place, event.detail[1], event.detail[2] or "leave `warn_only` out", event.level, run=run, path=path, severity="info", audit=True)

# -- RPL306 --------------------------------------------------------------------------------------------------------


@rule("RPL306", "rnn-dropout", "warning")
def rnn_dropout(program: Program) -> Iterator[Draft]:
    """A recurrent layer with dropout between its layers reaches CUDA, where some versions of cuDNN do not repeat it."""
    told: set[Place] = set()
    for run in sorted(program.runs, key=lambda run: not run.claims):
        if any(event.detail[0] == _WORKSPACE for event, _ in run.of_kind("environ")):
            continue
        fresh = [(event, path) for event, path in run.of_kind("hazard") if event.detail[0] == "RPL306" and event.place not in told]
        level = LIKELY if fresh and _reaches_cuda(program, run) else POSSIBLE
        for event, path in fresh:
            if event.place not in told:
                told.add(event.place)
                yield Draft(
                    "RPL306", event.place, event.detail[1], event.detail[2], min(level, event.level), run=run, path=path,
                    severity="warning" if run.claims else "info", audit=not run.claims,
                )  # fmt: skip


def _reaches_cuda(program: Program, run: RunResult) -> bool:
    """Whether some code of the run speaks of CUDA, by name or as the text of a device."""
    return any("cuda" in program.words.get(path, ()) or _names_device(program, path) for path in run.closure)


def _names_device(program: Program, path: str) -> bool:
    module = program.project.modules[path]
    return any(
        (walk.text(part) or "").startswith("cuda")
        for item in walk.deep(module.body)
        for expression in walk.written(item)
        for part in walk.parts(expression)
    )
