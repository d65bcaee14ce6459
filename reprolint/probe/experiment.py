"""The run matrix: all variations at once first, one by one only if the runs disagree, then every operation of the step that differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from reprolint.probe import children
from reprolint.probe.compare import Difference, OpDifference, clock_lines, compare, compare_ops
from reprolint.probe.matrix import Matrix, matrix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reprolint.probe.children import Target
    from reprolint.probe.trace import Trace
    from reprolint.probe.variations import Variation


_TRIES: Final = 3
"""Runs before a variation is blamed, or cleared."""
_SLOW: Final = 10
"""Times the timeout for runs in which every operation is written down."""
_EARLY: Final = 2
"""Steps from the first one of which all operations before are watched too."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Runs against the first one: what was varied, how many, how many of them differed, and the first difference."""

    variations: tuple[str, ...]
    """Empty: a fresh process, nothing else."""
    runs: int
    differed: int
    first: Difference | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the experiment says."""

    target: str
    steps: int
    """Steps that were compared; 0 where the script never calls an optimizer."""
    whole: bool
    """The script ran to its end."""
    device: str
    """Where the parameters of its optimizers live; empty without an optimizer."""
    trials: tuple[Trial, ...]
    """In the order of the experiment."""
    sensitivity: tuple[Trial, ...] = ()
    causes: tuple[str, ...] = ()
    """Variations that change the result on their own; `process` where nothing needs to be varied at all."""
    first: Difference | None = None
    op: OpDifference | None = None
    matrix: Matrix | None = None
    """Which tensors differ at which step, in the first run that differs."""
    carried: tuple[str, ...] = ()
    """Files that one run wrote and a later one read."""
    aside: tuple[str, ...] = ()
    """Printed lines that differ in dates, times or durations alone."""
    unwatched: tuple[str, ...] = ()

    @property
    def diverged(self) -> bool:
        """Whether a variation that no result may depend on changed one."""
        return self.first is not None

    @property
    def agreed(self) -> int:
        """Runs that agreed with the first one."""
        return sum(trial.runs - trial.differed for trial in self.trials)


def bound(runs: int) -> float:
    """The rate of a race that `runs` agreeing runs leave possible, at 95% confidence: 0.05 ** (1 / runs) from above."""
    return 1 - 0.05 ** (1 / runs) if runs else 1.0


def experiment(
    target: Target, must: Sequence[Variation], may: Sequence[Variation] = (), *, steps: int, repeats: int, timeout: float, tell: Callable[[str], None]
) -> Outcome:
    """Run the matrix, `repeats` runs of it before anything is said. Raises `children.CouldNotRun`."""

    def run(varied: Sequence[Variation], number: int = 1, ops: tuple[int, ...] = (), *, slow: bool = False) -> Trace:
        others = [variation for variation in (*must, *may) if variation not in varied]
        return children.run(target, varied, others, steps=steps, timeout=timeout * (_SLOW if slow else 1), number=number, ops=ops)

    def against(varied: Sequence[Variation], runs: int = 1) -> Trial:
        tell(f"run with {', '.join(variation.name for variation in varied) or 'nothing'} varied")
        found = [run(varied, number) for number in range(1, runs + 1)]
        seen.extend(found)
        pairs = [(trace, difference) for trace in found if (difference := compare(base, trace)) is not None]
        differences = [difference for _, difference in pairs]
        differing.extend(trace for trace, _ in pairs)
        return Trial(variations=tuple(one.name for one in varied), runs=runs, differed=len(differences), first=next(iter(differences), None))

    tell("first run")
    base = run(())
    if base.end is not None and base.end.code:
        raise children.CouldNotRun(f"`{target.said}` failed, exit code {base.end.code}", base.errors)
    seen = [base]
    differing: list[Trace] = []
    trials = [against(must, repeats - 1)]
    culprits: tuple[Variation, ...] | None = None
    if trials[0].first is not None:
        trials.append(against((), _TRIES))
        if trials[1].first is None:
            singles = [against((one,), _TRIES) for one in must] if len(must) > 1 else trials[:1]
            trials += singles if len(must) > 1 else []
            always = tuple(one for one, single in zip(must, singles, strict=True) if single.differed and (one.counted or single.differed == single.runs))
            # what differs at times, whatever is varied, is a race: no variation is to blame
            culprits = always or (tuple(must) if not any(single.differed for single in singles) and trials[0].differed == trials[0].runs else None)
    op = _operation(base, trials[0].first, culprits or (), run, tell) if trials[0].first is not None else None
    causes = () if trials[0].first is None else ("process",) if culprits is None else tuple(one.name for one in culprits)
    sensitivity = tuple(against((one,)) for one in may)
    return Outcome(
        target=target.said, steps=len(base.steps), whole=base.end is not None and base.end.reason == "exit", device=_device(base), trials=tuple(trials),
        sensitivity=sensitivity, causes=causes, first=next((one.first for one in trials if one.first is not None), None), op=op,
        matrix=matrix(base, differing[0]) if trials[0].first is not None and differing else None, carried=_carried(seen), aside=tuple(line for _, line in clock_lines(base, seen[1])), unwatched=_unwatched(base),
    )  # fmt: skip


def _operation(
    base: Trace, first: Difference, culprits: Sequence[Variation], run: Callable[..., Trace], tell: Callable[[str], None]
) -> OpDifference | None:
    """Run again with every operation of the step that differs, until one does."""
    if not base.steps and not base.inits:
        return None
    step = max(0, first.number - 1)
    watched = tuple(range(step + 1)) if step < _EARLY else (step,)
    for number in range(1, _TRIES + 1):
        tell(f"every operation of step {step + 1}")
        try:
            found = compare_ops(run((), ops=watched, slow=True), run(culprits, number, ops=watched, slow=True))
        except children.CouldNotRun:
            return None  # the runs differ all the same
        if found is not None:
            return found
    return None


def _device(trace: Trace) -> str:
    """Where the compared tensors lived: `cpu`, `cuda`, several of them, or nothing where no tensor was compared."""
    return ", ".join(sorted({device for init in trace.inits for device in init.devices}))


def _carried(seen: Sequence[Trace]) -> tuple[str, ...]:
    """What a later run may have started from."""
    written: set[str] = set()
    found: dict[str, None] = {}
    for trace in seen:
        if trace.end is not None:
            found.update(dict.fromkeys(sorted(written.intersection(trace.end.opened))))
            written.update(trace.end.files)
    return tuple(found)


def _unwatched(trace: Trace) -> tuple[str, ...]:
    found = []
    if trace.end is not None:
        if trace.end.threads:
            found.append(f"{len(trace.end.threads)} threads of its own ({', '.join(sorted(trace.end.threads)[:3])})")
        if trace.end.processes:
            found.append(f"{trace.end.processes} processes that it starts")
        found += [f"{number} values of type {kind}" for kind, number in sorted(trace.end.unhashed.items())]
        found += sorted(trace.end.notes)
    return tuple(found)
