"""Two traces → for each tensor and step, whether it is the same in both."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reprolint.probe.trace import Step, Trace

_MOST: Final = 200
SAME, OTHER, GONE = "=", "x", "."
"""A cell: the same, another, or in neither run at that step."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor: a cell a step."""

    kind: str
    name: str
    cells: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many tensors of a kind differ at each step, and how many there are."""

    kind: str
    differ: tuple[int, ...]
    total: tuple[int, ...]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """The first run against the first one that differs."""

    steps: tuple[int, ...]
    """The columns: 0 is before the first step, then steps counted over all optimizers."""
    rows: tuple[Row, ...]
    """In the order in which a step computes them; what differs first where there are too many."""
    shares: tuple[Share, ...]
    """Over all rows, also those that are left out."""
    left_out: int = 0
    """Rows beyond the most that are kept."""


def matrix(one: Trace, other: Trace) -> Matrix | None:
    """None for runs that never step an optimizer."""
    columns = [_initial(one, other), *(dict(_cells(left, right)) for left, right in zip_longest(one.steps, other.steps))]
    if len(columns) == 1 and not columns[0]:
        return None
    names = dict.fromkeys(name for column in columns for name in column)
    rows = [Row(kind=kind, name=name, cells="".join(column.get((kind, name), GONE) for column in columns)) for kind, name in names]
    rows.sort(key=lambda row: _KINDS.index(row.kind))
    kept = rows if len(rows) <= _MOST else sorted(sorted(rows, key=_first)[:_MOST], key=rows.index)
    return Matrix(steps=tuple(range(len(columns))), rows=tuple(kept), shares=tuple(_shares(rows)), left_out=len(rows) - len(kept))


_KINDS: Final = ("batch", "loss", "gradients", "parameters", "buffers", "optimizer state")


def _first(row: Row) -> int:
    """The step from which it differs; those that never do come last."""
    return row.cells.index(OTHER) if OTHER in row.cells else len(row.cells)


def _initial(one: Trace, other: Trace) -> dict[tuple[str, str], str]:
    left = {name: value for init in one.inits for name, value in init.parameters.items()}
    right = {name: value for init in other.inits for name, value in init.parameters.items()}
    return {("parameters", name): cell for name, cell in _compared(left, right)}


def _cells(left: Step | None, right: Step | None) -> Iterator[tuple[tuple[str, str], str]]:
    for kind in _KINDS:
        for name, cell in _compared(_named(left, kind), _named(right, kind)):
            yield (kind, name), cell


def _named(step: Step | None, kind: str) -> Mapping[str, str]:
    if step is None:
        return {}
    if kind in {"batch", "loss"}:
        return {f"{kind} {number}": value for number, value in enumerate(step.batch if kind == "batch" else step.loss, 1)}
    found: dict[str, str] = getattr(step, "state" if kind == "optimizer state" else kind)
    return found


def _compared(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((*left, *right)):
        yield name, SAME if left.get(name) == right.get(name) else OTHER


def _shares(rows: list[Row]) -> Iterator[Share]:
    for kind in _KINDS:
        columns = list(zip(*(row.cells for row in rows if row.kind == kind), strict=True))
        if columns:
            yield Share(
                kind=kind, differ=tuple(column.count(OTHER) for column in columns), total=tuple(len(column) - column.count(GONE) for column in columns),
            )  # fmt: skip
