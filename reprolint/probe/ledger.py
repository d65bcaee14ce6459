"""Who draws from which stream, in one more run: what was noted, and what of it leaves training with other numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from reprolint.probe.children import CouldNotRun
from reprolint.probe.compare import compare, last_line
from reprolint.probe.trace import Draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.probe.trace import Trace

IDLE: Final = "(for no worker)"
"""Behind the name of a draw that decides nothing: see `draws.py`."""
STEP: Final = "step"
VALIDATION: Final = "validation"
_FEW: Final = 2
"""Steps that cannot show what each step does; of more, code without gradients that draws in each is part of the step."""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Draws beside training that leave a stream, from which training draws too, in another state than they found it in."""

    phase: str
    """`validation`, or `no gradients`."""
    steps: tuple[int, ...]
    """Before the end of which steps, from 1."""
    stream: str
    where: str
    """The line of the first of these draws."""
    loader: bool
    """A DataLoader draws there."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """Draws from the global streams of one run, and what was done to these streams besides."""

    rows: tuple[Draw, ...] = ()
    """In the order of the first call of each."""
    steps: int = 0
    """Steps that were watched; 0 where the script never calls an optimizer."""
    shifts: tuple[Shift, ...] = ()
    validated: bool = False
    """A module was put in eval mode once batches or steps were under way, or a trained one before."""
    workers: int = 0
    """Times that a loader started workers, whose streams are their own."""
    changed: bool = False
    """This run computed something else than the first one, which it agrees with otherwise: watching draws may have changed it."""
    failed: str = ""
    """Why there is none."""


def ledger(run: Callable[[], Trace], base: Trace | None) -> Ledger:
    """Run once more with draws noted; a run that fails is told, and loses nothing of what is known. `base`: the first run, if all others agree with it."""
    try:
        trace = run()
    except CouldNotRun as error:
        return Ledger(failed=str(error))
    if trace.end is not None and trace.end.reason == "error":
        return Ledger(failed=f"the run in which they are noted failed: {last_line(trace.errors)}")
    if trace.drawn is None:
        return Ledger(failed="the run ended before its draws were written down")
    return Ledger(
        rows=trace.draws, steps=_taken(trace), shifts=_shifts(trace), validated=trace.drawn.validated,
        workers=trace.drawn.workers, changed=base is not None and compare(base, trace) is not None,
    )  # fmt: skip


def _taken(trace: Trace) -> int:
    return (trace.end.calls if trace.end is not None else 0) or len(trace.steps)


def _shifts(trace: Trace) -> tuple[Shift, ...]:
    """By line, where steps draw from the same stream, and more are taken; else nothing is shifted that was seen."""
    training = {row.stream for row in trace.draws if row.phase == STEP and row.does in {"draws", "moves"} and not row.name.endswith(IDLE)}
    found: dict[tuple[str, str, str], list[int]] = {}
    goes_on = trace.end is not None and trace.end.reason == "steps"
    for phase, step, stream, where in trace.drawn.shifts if trace.drawn is not None else ():
        if stream in training and (goes_on or step <= _taken(trace)):
            found.setdefault((phase, stream, where), []).append(step)
    every = set(range(1, _taken(trace) + 1))
    drawn: dict[tuple[str, str, str], set[int]] = {}
    for row in trace.draws:
        drawn.setdefault((row.phase, row.stream, row.where), set()).add(row.step)
    found = {key: steps for key, steps in found.items() if key[0] == VALIDATION or len(every) < _FEW or not every <= drawn.get(key, set())}
    loaders = {(row.phase, row.stream, row.where) for row in trace.draws if row.owner == "DataLoader"}
    return tuple(
        Shift(phase=phase, steps=tuple(sorted(set(steps))), stream=stream, where=where, loader=(phase, stream, where) in loaders)
        for (phase, stream, where), steps in found.items()
    )
