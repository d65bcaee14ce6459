"""The traces of all ranks of one run → where ranks have to agree and do not, and where they have to differ and do not. Knows no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from reprolint.probe.said import Said, some, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reprolint.probe.trace import Init, Step, Trace

class Ranks(msgspec.Struct, frozen=True, kw_only=True):
    """The ranks of the first run with each other."""

    count: int
    found: tuple[Said, ...] = ()
    """Faults first, then notes."""
    unseen: tuple[str, ...] = ()
    """What was not compared, and why."""

    @property
    def faulty(self) -> bool:
        """Whether one of them has to be otherwise."""
        return any(one.weight == "fault" for one in self.found)


def judge(trace: Trace) -> Ranks | None:
    """None for a run that is no launch of several ranks."""
    ranks = trace.ranks
    if not ranks:
        return None
    if len(ranks) == 1:
        return Ranks(count=1, unseen=("ranks with each other: there is one",))
    found = [*_counts(ranks), *_splits(ranks), *_batches(ranks), *_initial(ranks), *_computed(ranks), *_streams(ranks)]
    return Ranks(count=len(ranks), found=worst_first(found), unseen=tuple(_unseen(ranks)))


def _each(ranks: Sequence[Trace]) -> str:
    return "both ranks" if len(ranks) == 2 else f"all {len(ranks)} ranks"  # noqa: PLR2004


def _together(ranks: Sequence[Trace]) -> list[tuple[Step, ...]]:
    """The steps that all ranks took, of the same optimizer each."""
    columns = []
    for column in zip(*(trace.steps for trace in ranks), strict=False):
        if len({step.optimizer for step in column}) > 1:
            break
        columns.append(column)
    return columns


def _differing(found: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Names that all of them have, with values that are not all the same."""
    return tuple(name for name in found[0] if all(name in one for one in found) and len({one[name] for one in found}) > 1)


def _counts(ranks: Sequence[Trace]) -> Iterator[Said]:
    taken = [len(trace.steps) for trace in ranks]
    if len(set(taken)) > 1:
        said = ", ".join(f"rank {rank} {number}" for rank, number in enumerate(taken))
        yield Said(about="steps", weight="note", says=f"the ranks took different numbers of steps: {said}", step=min(taken) + 1)


# -- what goes in --------------------------------------------------------------------------------------------------


def _splits(ranks: Sequence[Trace]) -> Iterator[Said]:
    for column in zip(*(trace.splits for trace in ranks), strict=False):
        first = column[0]
        if len({(split.name, split.where, split.of) for split in column}) > 1:
            continue  # they do not split the same
        if len({split.value for split in column}) > 1:
            yield Said(
                about="split", weight="fault", where=first.where,
                says=f"{first.name} splits the data in another way on each rank: what one rank holds out, another one trains on",
                help="split with a generator that is seeded alike on all ranks: `generator=torch.Generator().manual_seed(0)`"
                if first.name == "random_split" else "pass the same `random_state` on all ranks",
            )  # fmt: skip
        else:
            yield Said(about="split", weight="agrees", where=first.where, says=f"{first.name}: the same on {_each(ranks)}")


def _batches(ranks: Sequence[Trace]) -> Iterator[Said]:
    columns = [column for column in _together(ranks) if all(step.batch for step in column)]
    if not columns:
        return
    alike = [column for column in columns if len({tuple(step.batch) for step in column}) == 1]
    varied = len({tuple(step.batch) for column in columns for step in column[:1]}) > 1
    if not alike:
        yield Said(about="batches", weight="agrees", says=f"another one on each rank, in {_steps(len(columns))}")
    elif len(alike) < len(columns):
        yield Said(about="batches", weight="note", step=alike[0][0].number, says=f"the same on {_each(ranks)} in {len(alike)} of {_steps(len(columns))}")
    elif varied and _synced(ranks):
        yield Said(
            about="batches", weight="fault", step=alike[0][0].number,
            says=f"the same on {_each(ranks)} in {_steps(len(columns))}: each does the work of the others again",
            help="give the DataLoader `sampler=DistributedSampler(dataset)`, or each rank its own part of the files",
        )  # fmt: skip
    else:
        why = "they are in no `DistributedDataParallel`, so whether this is meant is not known" if varied else "all watched batches are alike, so this shows nothing"
        yield Said(about="batches", weight="note", step=alike[0][0].number, says=f"the same on {_each(ranks)}; {why}")


# -- what is computed ----------------------------------------------------------------------------------------------


def _synced(ranks: Sequence[Trace]) -> frozenset[str]:
    """Parameters that have to be alike on all ranks: those in `DistributedDataParallel`, and those of averaged gradients."""
    found = [frozenset(name for init in trace.inits for name in init.synced) for trace in ranks]
    return frozenset.intersection(*found) | _averaged(ranks)


def _averaged(ranks: Sequence[Trace]) -> frozenset[str]:
    """Parameters whose gradients are the same on all ranks though the losses are not: only what adds them up over ranks does that."""
    for column in _together(ranks):
        if all(step.loss for step in column) and len({tuple(step.loss) for step in column}) == len(column):
            shared = {name for name in column[0].gradients if all(name in step.gradients for step in column)}
            return frozenset(shared - set(_differing([step.gradients for step in column])))
    return frozenset()


def _initial(ranks: Sequence[Trace]) -> Iterator[Said]:
    synced = _synced(ranks)
    for column in zip(*(trace.inits for trace in ranks), strict=False):
        names = _differing([init.parameters for init in column])
        inside = tuple(name for name in names if name in synced)
        if inside:
            yield _apart(ranks, column, inside)
            return


def _apart(ranks: Sequence[Trace], column: Sequence[Init], names: tuple[str, ...]) -> Said:
    wrapped = any(name in init.synced for init in column for name in names)
    why = "`DistributedDataParallel` makes ranks alike when it wraps, and never again: something changed them on some ranks after that" if wrapped else (
        "their gradients are averaged, and they did not start alike"
    )
    return Said(
        about="parameters", weight="fault", names=names, says=f"not the same on {_each(ranks)} before the first step ({some(names)}): {why}",
        help="change them before the model is wrapped, or on all ranks alike" if wrapped else "seed all ranks alike before the model is made, or broadcast its state from rank 0",
    )  # fmt: skip


def _computed(ranks: Sequence[Trace]) -> Iterator[Said]:
    columns, synced = _together(ranks), _synced(ranks)
    if not columns:
        return
    begun = any(_differing([init.parameters for init in column]) for column in zip(*(trace.inits for trace in ranks), strict=False))
    yield from _parameters(ranks, columns, synced, begun=begun)
    for column in columns:
        names = _differing([step.buffers for step in column])
        if names:
            yield Said(
                about="buffers", weight="note", step=column[0].number, names=names,
                says=f"not the same from step {column[0].number} on ({some(names)}): running statistics, as of BatchNorm, are each rank's own; no fault",
            )  # fmt: skip
            return


def _parameters(ranks: Sequence[Trace], columns: Sequence[tuple[Step, ...]], synced: frozenset[str], *, begun: bool) -> Iterator[Said]:
    """`begun`: they differ before the first step already, which was told."""
    for column in columns:
        number = column[0].number
        for about, found in (("gradients", [step.gradients for step in column]), ("parameters", [step.parameters for step in column])):
            names = _differing(found)
            inside = tuple(name for name in names if name in synced)
            if inside and not begun:
                yield Said(
                    about=about, weight="fault", step=number, names=inside, where=column[0].where,
                    says=f"not the same on {_each(ranks)} from step {number} on ({some(inside)}), though they were before: {_WHY[about]}", help=_HELP[about],
                )  # fmt: skip
                return
            if names and not inside and about == "parameters":
                yield Said(
                    about=about, weight="note", step=number, names=names,
                    says=f"not the same on {_each(ranks)} ({some(names)}); they are in no `DistributedDataParallel`, so whether they have to be is not known",
                )  # fmt: skip
                return
    if not begun:
        yield Said(about="parameters", weight="agrees", says=f"the same on {_each(ranks)} after each of {_steps(len(columns))}")


_WHY: Final = {
    "gradients": "they are not averaged",
    "parameters": "the optimizer was given the same gradients and made something else of them",
}
_HELP: Final = {
    "gradients": "call the wrapped model, not `model.module`, and take the last backward pass before a step out of `no_sync`",
    "parameters": "look for a learning rate, a clipping or a change of parameters that depends on the rank",
}


def _streams(ranks: Sequence[Trace]) -> Iterator[Said]:
    """A stream that moves in each step, from the same state on all ranks."""
    columns = _together(ranks)
    if len(columns) < 2:  # noqa: PLR2004  one step shows no movement
        return
    for name in columns[0][0].streams:
        states = [[step.streams.get(name, "") for step in column] for column in columns]
        moves = len({column[0] for column in states}) == len(states)
        if moves and all(len(set(column)) == 1 for column in states):
            yield Said(
                about="streams", weight="note", names=(name,), step=1,
                says=f"`{name}` is drawn from in each step and is in the same state on {_each(ranks)}: what it decides there (dropout, noise) is the same on each",
                help=f"if each rank should have its own, seed `{name}` with the rank added, after the model is made and the data is split",
            )  # fmt: skip


def _unseen(ranks: Sequence[Trace]) -> Iterator[str]:
    columns = _together(ranks)
    if not columns:
        idle = [str(rank) for rank, trace in enumerate(ranks) if not trace.steps]
        yield f"batches, gradients and parameters of ranks: rank {', '.join(idle)} took no step" if idle else "steps of ranks: their optimizers step in another order"
    elif not any(step.batch for column in columns for step in column):
        yield "batches: they come from no DataLoader"
    if any(trace.end is not None and trace.end.reason == "waiting" for trace in ranks):
        yield "what a rank does after it has waited for others that had taken their steps"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"
