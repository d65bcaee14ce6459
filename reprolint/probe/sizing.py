"""How much the first difference is: two more runs that keep the values themselves, where traces hold fingerprints."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import msgspec

from reprolint.probe import sizes
from reprolint.probe.children import CouldNotRun
from reprolint.probe.compare import OpDifference, compare_ops
from reprolint.probe.sizes import Size
from reprolint.probe.trace import of_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reprolint.probe.compare import Difference
    from reprolint.probe.trace import Kept, Trace
    from reprolint.probe.variations import Variation

LIMIT: Final = 1 << 27
"""Bytes that one run keeps."""
_TRIES: Final = 2
"""Pairs of runs, as a race may not show in the first."""
_KEPT: Final = 64
"""Tensors of the first difference that are kept."""
_VALUES: Final = frozenset({"initial parameters", "batch", "loss", "gradients", "parameters", "buffers", "optimizer state", "result"})
"""Kinds of difference that have a size."""

_NUMBERED: Final = frozenset({"batch", "loss"})
"""Kinds whose values have numbers for names."""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Of the first difference, of what went into the first operation that differs, and of what came out of it."""

    state: tuple[Size, ...] = ()
    inputs: tuple[Size, ...] = ()
    outputs: tuple[Size, ...] = ()
    note: str = ""
    """Why a size is missing."""
    again: OpDifference | None = None
    """That operation in the runs whose values were kept, where all that went into it was read afresh."""


def measure(
    run: Callable[..., Trace], first: Difference, op: OpDifference | None, culprits: Sequence[Variation], watched: tuple[int, ...],
) -> Sizes:  # fmt: skip
    """Run a pair again that differs in the same way. `watched`: the steps whose operations `op` was counted in.

    `run` as in `experiment`: what is varied, the number of the run, `ops`, `keep`, `slow`.
    """
    number = op.number if op is not None and op.kind not in {"sequence", "scalar"} else None
    if first.kind not in _VALUES and number is None:
        return Sizes()
    found = Sizes()
    for attempt in range(1, _TRIES + 1):
        with TemporaryDirectory(prefix="reprolint-") as folder:
            order = {"kind": first.kind, "at": first.at, "names": first.names[:_KEPT], "limit": LIMIT, "op": number}
            rank = op.rank if op is not None and number is not None else first.rank
            order |= {} if rank is None else {"rank": rank}
            try:
                one, other = (_kept(run, varied, folder, name, attempt, order, watched if number is not None else ()) for varied, name in (((), "one"), (culprits, "other")))
            except CouldNotRun as error:
                return Sizes(note=f"two more runs were to say how much it differs, but {error}")
            again = compare_ops(one, other) if number is not None else None
            same = again is not None and op is not None and (again.number, again.op) == (op.number, op.op)
            found = Sizes(
                state=_sizes(one, other, Path(folder), "state", f"{first.kind} " if first.kind in _NUMBERED else "") or found.state,
                inputs=_sizes(one, other, Path(folder), "input") if same else found.inputs,
                outputs=_sizes(one, other, Path(folder), "output") if same else found.outputs,
                again=again if same else found.again,
            )  # fmt: skip
        if (found.state or first.kind not in _VALUES) and (number is None or found.inputs or found.outputs):
            return found
    return msgspec.structs.replace(found, note="it did not differ in the same place again when its values were kept" if not (found.inputs or found.outputs or found.state) else "")


def settled(op: OpDifference | None, found: Sizes) -> OpDifference | None:
    """What the operation means once what goes into it was read afresh: a value that was written past torch's operations came from outside."""
    if op is None or found.again is None or op.kind not in {"kernel", "stream"} or found.again.kind != "outside":
        return op
    return msgspec.structs.replace(op, kind="outside", tensor=found.again.tensor)


def _kept(
    run: Callable[..., Trace], varied: Sequence[Variation], folder: str, name: str, number: int, order: dict[str, Any], watched: tuple[int, ...]
) -> Trace:
    """One run that keeps values in a folder of its own."""
    own = Path(folder) / name
    own.mkdir()
    return of_rank(run(varied, number, watched, slow=bool(watched), keep={**order, "folder": str(own)}), order.get("rank"))


def _sizes(one: Trace, other: Trace, folder: Path, place: str, before: str = "") -> tuple[Size, ...]:
    """What was kept of both, where it differs."""
    theirs = {kept.name: kept for kept in other.kept if kept.place == place}
    found = (_size(kept, theirs[kept.name], folder) for kept in one.kept if kept.place == place and kept.name in theirs)
    return tuple(msgspec.structs.replace(size, name=f"{before}{size.name}") for size in found if size is not None)


def _size(left: Kept, right: Kept, folder: Path) -> Size | None:
    if (left.dtype, left.shape) != (right.dtype, right.shape):
        return Size(name=left.name, note=f"{left.dtype}{left.shape} and {right.dtype}{right.shape}")
    if left.note or right.note:
        return Size(name=left.name, dtype=left.dtype, shape=tuple(left.shape), note=left.note or right.note)
    values = [(folder / name / kept.file).read_bytes() for name, kept in (("one", left), ("other", right))]
    return sizes.compare(left.name, left.dtype, left.shape, values[0], values[1])
