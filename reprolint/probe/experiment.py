"""The run matrix: all variations at once first, one by one only if the runs disagree, then every operation of the step that differs."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any, Final

import msgspec

from reprolint.probe import children
from reprolint.probe.compare import Difference, OpDifference, compare, compare_ops, last_line
from reprolint.probe.hardware import devices, gpus
from reprolint.probe.ledger import Ledger, ledger
from reprolint.probe.loading import Loading, load
from reprolint.probe.matrix import Matrix
from reprolint.probe.output import WIDEST
from reprolint.probe.ranks import Ranks, judge
from reprolint.probe.reading import of_processes
from reprolint.probe.scratch import Copied
from reprolint.probe.seen import Seen
from reprolint.probe.sensitivity import gist, idle
from reprolint.probe.sizing import Sizes, measure, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reprolint.probe.children import Target
    from reprolint.probe.scratch import Scratch
    from reprolint.probe.trace import Trace
    from reprolint.probe.variations import Variation


USUAL: Final = 4
"""Runs that are compared where nobody says how many."""
QUICK: Final = 2
"""Runs of a first look."""
_TRIES: Final = 3
"""Runs before a variation is blamed, or cleared."""
_SLOW: Final = 10
"""Times the timeout for runs in which every operation is written down."""
_EARLY: Final = 2
"""Steps from the first one of which all operations before are watched too."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Runs against the first one: what was varied, how many, how many of them differed, and the first difference."""

    gist: str = ""
    """Of a variation that may change bits: what it changed, in one sentence."""
    failed: str = ""
    """Why the script could not run that way, where it may not."""

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
    gpus: str = ""
    """Those that the first run used, with versions of what drives them; empty if none."""
    trials: tuple[Trial, ...]
    """In the order of the experiment."""
    sensitivity: tuple[Trial, ...] = ()
    causes: tuple[str, ...] = ()
    """Variations that change the result on their own; `process` where nothing needs to be varied at all."""
    first: Difference | None = None
    op: OpDifference | None = None
    sizes: Sizes = Sizes()
    """How much the first difference and the first operation's values differ."""
    matrix: Matrix | None = None
    """Which tensors differ at which step, in the first run that differs."""
    carried: tuple[str, ...] = ()
    """Files that one run wrote and a later one read."""
    aside: tuple[str, ...] = ()
    """Printed lines that differ in dates, times or durations alone."""
    unwatched: tuple[str, ...] = ()
    quick: bool = False
    """Two runs, and no search for what had to be varied."""
    notes: tuple[str, ...] = ()
    """What is to be known before the verdict."""
    left: tuple[str, ...] = ()
    """Files that the first run made, and that stood there when the others started."""
    scratch: Copied | None = None
    """What each run had a copy of; None if all ran in the working folder."""
    draws: Ledger | None = None
    """Who draws from which stream; None where nobody asked."""
    ranks: Ranks | None = None
    """Where one command starts several: what they are next to each other."""
    loading: Loading | None = None
    """What loaders do with other numbers of workers, and in two epochs; None where nobody asked."""
    failure: str = ""
    """What the first run that differs said on stderr, if it failed."""

    @property
    def diverged(self) -> bool:
        """Whether a variation that no result may depend on changed one."""
        return self.first is not None

    @property
    def faulty(self) -> bool:
        """Whether ranks or workers do what no run should do, though each run does the same."""
        return (self.ranks is not None and self.ranks.faulty) or (self.loading is not None and self.loading.faulty)

    @property
    def agreed(self) -> int:
        """Runs that agreed with the first one."""
        return sum(trial.runs - trial.differed for trial in self.trials)


def experiment(
    target: Target, must: Sequence[Variation], may: Sequence[Variation] = (), *, steps: int, repeats: int, timeout: float, tell: Callable[[str], None],
    quick: bool = False, copies: Scratch | None = None, draws: bool = False, workers: bool = False,
) -> Outcome:  # fmt: skip
    """Run the matrix, `repeats` runs of it before anything is said. Raises `children.CouldNotRun`.

    `quick`: nothing is looked for once the runs differ; `copies`: where each run finds a folder of its own; `draws`: one more
    run says who draws from which stream; `workers`: three more say what loaders do with 0, 1 and 2 workers.
    """
    anywhere = any(one.name == "device" for one in may)

    def run(
        varied: Sequence[Variation], number: int = 1, ops: tuple[int, ...] = (), *, slow: bool = False, may_fail: bool = True, keep: dict[str, Any] | None = None, noting: bool = False,
        loading: dict[str, Any] | None = None,
    ) -> Trace:  # fmt: skip
        others = [variation for variation in must if variation not in varied]
        place = copies.fresh() if copies else target
        time = timeout * (_SLOW if slow else 1)
        try:
            return children.run(place, varied, others, steps=steps, timeout=time, number=number, ops=ops, may_fail=may_fail, keep=keep, draws=noting, loading=loading, anywhere=anywhere)
        except children.CouldNotRun as error:
            if not varied:
                raise
            raise children.CouldNotRun(f"with {_said(varied)} varied: {error}", error.output) from error

    def against(varied: Sequence[Variation], runs: int = 1) -> Trial:
        found: list[Difference] = []
        for number in range(1, runs + 1):
            tell(f"run {number} of {runs} with {_said(varied)} varied")
            trace = run(varied, number)
            difference = seen.compare(trace)
            if difference is not None:
                found.append(difference)
                if len(found) == 1 and any(one.settled for one in varied) and len(varied) == 1:
                    came_back[varied[0].name] = compare(trace, run(varied, number)) is None
        return Trial(variations=tuple(one.label for one in varied), runs=runs, differed=len(found), first=next(iter(found), None))

    tell("first run")
    base = run((), may_fail=False)
    _suits(target, base)
    seen = Seen(base)
    came_back: dict[str, bool] = {}
    trials = [against(must, repeats - 1)]
    causes: tuple[str, ...] = ()
    op, sizes = None, Sizes()
    first = trials[0].first
    if first is not None and not quick:
        culprits = _search(must, trials, against, came_back)
        op = _operation(base, first, culprits, run, tell)
        tell("how much it differs")
        sizes = measure(run, first, op, culprits, _watched(first))
        op = settled(op, sizes)
        causes = tuple(one.name for one in culprits) or ("process",)
    sensitivity = tuple(sensitive(one, base, run, seen, tell) for one in may)
    if draws:
        tell("who draws from which stream")
    drawn = ledger(lambda: run((), slow=True, noting=True), base if first is None else None) if draws else None
    loaded = load(run, timeout=timeout, tell=tell) if workers else None
    return Outcome(
        target=target.said, steps=_taken(base), whole=base.end is not None and base.end.reason == "exit", device=devices(base), gpus=gpus(base), trials=tuple(trials),
        sensitivity=sensitivity, causes=causes, first=first, op=op, sizes=sizes, matrix=seen.matrix,
        carried=seen.carried(shared=copies.copied.shared if copies else None), aside=seen.aside, unwatched=_unwatched(base), quick=quick, ranks=judge(base), loading=loaded,
        notes=_notes(must), left=() if copies else seen.left(), scratch=copies.copied if copies else None, draws=drawn, failure=seen.failure,
    )  # fmt: skip


def _suits(target: Target, base: Trace) -> None:
    """Raises `CouldNotRun` if the first run is none that others can be compared with."""
    if base.end is not None and base.end.code:
        raise children.CouldNotRun(f"`{target.said}` failed, exit code {base.end.code}", base.errors)
    if target.calls and not (base.steps or base.values):
        raise children.CouldNotRun(f"`{target.said}` leaves nothing to compare: no step returns anything, calls `backward` or steps an optimizer")


def _search(must: Sequence[Variation], trials: list[Trial], against: Callable[..., Trial], came_back: Mapping[str, bool]) -> tuple[Variation, ...]:
    """The variations that change the result, after more trials; none if nothing has to be varied at all.

    What differs at times, whatever is varied, is a race: no variation is to blame. One whose values are counted may have values
    that give the same by chance, but what it changes comes back when the same run is done again.
    """
    trials.append(against((), _TRIES))
    if trials[1].first is not None:
        return ()
    singles = [against((one,), _TRIES) for one in must] if len(must) > 1 else trials[:1]
    trials += singles if len(must) > 1 else []
    found = []
    for one, single in zip(must, singles, strict=True):
        always = single.differed == single.runs
        if always or (single.differed and one.counted and came_back.get(one.name, True)):
            found.append(one)
    together = not any(single.differed for single in singles) and trials[0].differed == trials[0].runs
    return tuple(must) if together else tuple(found)


def _said(varied: Sequence[Variation]) -> str:
    return ", ".join(variation.label for variation in varied) or "nothing"


def _notes(must: Sequence[Variation]) -> tuple[str, ...]:
    """What of the user's own world bears on the runs."""
    found = []
    names = {one.name for one in must}
    exported = os.environ.get("PYTHONHASHSEED")
    if exported is not None and exported != "random":
        than = "; here it was varied all the same" if "hash-seed" in names else ""
        found.append(f"PYTHONHASHSEED={exported} is set in this shell: runs started from it all order their sets alike{than}")
    if "memory" in names and platform.libc_ver()[0] != "glibc":
        found.append("what stands in fresh memory could not be varied: that needs the GNU C library")
    return tuple(found)


def sensitive(one: Variation, base: Trace, run: Callable[..., Trace], seen: Seen, tell: Callable[[str], None]) -> Trial:
    """One run with what may change bits: whatever comes of it is told, and no failure."""
    reason = idle(one, base)
    if reason:
        return Trial(variations=(one.label,), runs=0, differed=0, gist=reason)
    tell(f"run with {one.label} varied")
    try:
        trace = run((one,))
    except children.CouldNotRun as error:
        return Trial(variations=(one.label,), runs=0, differed=0, failed=str(error))
    seen.append(trace)
    difference = compare(base, trace)
    if trace.end is not None and trace.end.reason == "error":
        return Trial(variations=(one.label,), runs=1, differed=1, first=difference, failed=last_line(trace.errors))
    return Trial(variations=(one.label,), runs=1, differed=int(difference is not None), first=difference, gist=gist(one, base, trace, difference))


def _operation(
    base: Trace, first: Difference, culprits: Sequence[Variation], run: Callable[..., Trace], tell: Callable[[str], None]
) -> OpDifference | None:
    """Run again with every operation of the step that differs, until one does."""
    if first.kind == "exit" or base.torch is None or not (base.steps or base.inits or (base.end is not None and base.end.calls)):
        return None
    step, watched = max(0, first.number - 1), _watched(first)
    for number in range(1, _TRIES + 1):
        tell(f"every operation of step {step + 1}")
        try:
            found = compare_ops(run((), ops=watched, slow=True), run(culprits, number, ops=watched, slow=True))
        except children.CouldNotRun:
            return None  # the runs differ all the same
        if found is not None:
            return found
    return None


def _watched(first: Difference) -> tuple[int, ...]:
    """The steps whose operations are written down to find the first one that differs, from 0."""
    step = max(0, first.number - 1)
    return tuple(range(step + 1)) if step < _EARLY else (step,)


def _taken(trace: Trace) -> int:
    """Steps that were taken: calls, where a step is one."""
    return (trace.end.calls if trace.end is not None else 0) or len(trace.steps)


def _unwatched(trace: Trace) -> tuple[str, ...]:
    found = []
    if trace.cut:
        found.append(f"what it prints beyond its first {len(trace.lines)} lines, and beyond the first {WIDEST} characters of each")
    if trace.end is not None:
        if trace.end.threads:
            found.append(f"{_count(len(trace.end.threads), 'thread')} of its own ({', '.join(sorted(trace.end.threads)[:3])})")
        found += of_processes(trace.end)
        found += [f"{number} values of type {kind}" for kind, number in sorted(trace.end.unhashed.items())]
        found += sorted(trace.end.notes)
        found += [name for name, asked in trace.end.varied.items() if asked == [""]]
    return tuple(found)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}{'es' if what.endswith('s') else 's'}"
