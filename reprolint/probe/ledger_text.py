"""The ledger of draws as people read it: a heading for each part of the run, then stream, who draws, where, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from reprolint.probe.ledger import STEP, VALIDATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reprolint.probe.ledger import Ledger, Shift
    from reprolint.probe.trace import Draw

_MOST: Final = 60
"""Rows that are shown; JSON has all of them."""
_NAMED: Final = 4
"""Steps that are listed by number."""
_PAIR: Final = 2
_GONE: Final = "gone"
UNSEEN: Final = "not seen (a thread, compiled code, …)"
_VERBS: Final = {"seeds": " (seeds)", "restores": " (sets its state)"}
_HELP: Final = {
    "python": "draw from a `random.Random(0)` of its own there",
    "numpy": "draw from a `np.random.default_rng(0)` of its own there",
    "torch": "put that code under `with torch.random.fork_rng():`, or draw from a `torch.Generator` of its own",
    "cuda": "put that code under `with torch.random.fork_rng():`, or draw from a `torch.Generator` of its own",
}


def lines(ledger: Ledger) -> Iterator[Text]:
    """The whole table, with what it means before it and what is not in it after it."""
    if ledger.failed:
        yield Text(f"draws: not known: {ledger.failed}")
        return
    for shift, said, remedy in zip(ledger.shifts, says(ledger), remedies(ledger), strict=True):
        yield Text.assemble(("warning", "bold yellow") if shift.phase == VALIDATION else ("note", "cyan"), f": {said}")
        yield Text(f"help: {remedy}")
    yield Text("draws from the global streams, in one more run with nothing varied:" if ledger.rows else "no global stream was drawn from or seeded")
    yield from _table(ledger)
    yield Text(f"not in it: {'; '.join(missing(ledger))}")
    if ledger.changed:
        yield Text("this run computed something else than the first one: take its draws with care")


def says(ledger: Ledger) -> tuple[str, ...]:
    """What shifts a stream that training draws from, each in one sentence."""
    return tuple(_said(shift, ledger.steps) for shift in ledger.shifts)


def remedies(ledger: Ledger) -> tuple[str, ...]:
    """What to do about each of these."""
    return tuple("give that DataLoader a generator of its own: `generator=torch.Generator()`" if shift.loader else _HELP[shift.stream] for shift in ledger.shifts)


def _said(shift: Shift, steps: int) -> str:
    when = _when(shift.steps, steps, "before ")
    drawn = f"from which training draws too ({shift.where + ', ' if shift.where else ''}{when})"
    if shift.phase == VALIDATION:
        return f"validation moves the stream `{shift.stream}`, {drawn}: validating more or less often changes what is trained"
    return (
        f"code without gradients moves the stream `{shift.stream}`, {drawn}: "
        "if it only measures, measuring more or less often changes what is trained"
    )


def _when(found: Sequence[int], steps: int, before: str = "") -> str:
    """Steps in words. What comes before the step that would follow the last one comes after the last one."""
    inside = [step for step in found if step <= steps]
    said = []
    if inside:
        many = len(inside) > 1
        if len(inside) > _PAIR and inside == list(range(inside[0], inside[-1] + 1)):
            numbers = f"{inside[0]} to {inside[-1]}"
        elif len(inside) > _NAMED:
            numbers = f"{', '.join(map(str, inside[: _NAMED - 1]))}, … ({len(inside)} of them)"
        else:
            numbers = " and ".join(", ".join(map(str, part)) for part in (inside[:-1], inside[-1:]) if part)
        said.append(f"{before}step{'s' if many else ''} {numbers}")
    if len(inside) < len(found):
        said.append(f"after step {steps}")
    return " and ".join(said)


class _Row:
    """Draws that read alike: one line of the table."""

    def __init__(self, first: Draw) -> None:
        self.first = first
        self.parts: dict[str, None] = {}
        self.times: dict[int, int] = {}
        self.elements: dict[int, int] = {}

    def add(self, row: Draw) -> None:
        self.parts[row.part] = None
        self.times[row.step] = self.times.get(row.step, 0) + row.times
        self.elements[row.step] = self.elements.get(row.step, 0) + row.elements

    def who(self) -> str:
        if self.first.does == "moves":
            return UNSEEN
        said = self.first.name + _VERBS.get(self.first.does, "")
        owner = self.first.owner
        if not owner or owner in said:
            return said
        named = [part for part in self.parts if part not in {"", _GONE}]
        if _GONE in self.parts:
            return f"{said} in {owner} (thrown away)"
        if len(named) == 1:
            return f"{said} in {owner} {named[0]}"
        return f"{said} in {f'{len(named)} {owner}s' if named else owner}"

    def place(self) -> str:
        """What was not seen is known only by where it was found."""
        return f"before {self.first.where}" if self.first.does == "moves" and self.first.where else self.first.where

    def often(self) -> str:
        counts = {(times, self.elements[step]) for step, times in self.times.items()}
        alike = len(counts) == 1
        times, elements = next(iter(counts)) if alike else (sum(self.times.values()), sum(self.elements[step] for step in self.times))
        each = "" if len(self.times) == 1 else " each" if alike else " in all"
        often = f"{times} time{'s' if times > 1 else ''}{each}"
        return f"{often}, {elements:,} elements" if elements > times else often

    def within(self, taken: int) -> None:
        """Leave out the beginning of a step that was never taken, where steps that were taken show the same."""
        if self.first.phase == STEP and any(0 < step <= taken for step in self.times):
            self.times = {step: times for step, times in self.times.items() if step <= taken}


def groups(ledger: Ledger) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """The whole table, by part of the run: for each row the stream, who draws, where, and how often."""
    return [(heading, [_cells(one) for one in rows]) for heading, rows in _groups(ledger, _rows(ledger))]


def _cells(one: _Row) -> tuple[str, str, str, str]:
    return one.first.stream, one.who(), one.place(), one.often()


def _rows(ledger: Ledger) -> list[_Row]:
    """Draws that read alike, in the order of the first of each."""
    found: dict[tuple[object, ...], _Row] = {}
    for row in ledger.rows:
        key = (row.phase, row.stream, row.does, row.name, row.owner, row.part == _GONE, row.where)
        found.setdefault(key, _Row(row)).add(row)
    for one in found.values():
        one.within(ledger.steps)
    return list(found.values())


def _groups(ledger: Ledger, rows: Sequence[_Row]) -> Iterator[tuple[str, list[_Row]]]:
    """Rows of the same part of the run under its heading, in the order of time."""
    found: dict[tuple[str, tuple[int, ...]], list[_Row]] = {}
    for one in rows:
        found.setdefault((one.first.phase, tuple(sorted(one.times))), []).append(one)
    for (phase, steps), held in sorted(found.items(), key=lambda item: (item[0][1][0], -len(item[0][1]), item[0][0] == STEP)):
        yield _heading(phase, steps, ledger.steps), held


def _table(ledger: Ledger) -> Iterator[Text]:
    rows = _rows(ledger)
    for heading, held in _groups(ledger, rows[:_MOST]):
        yield Text(f"  {heading}", style="bold")
        yield from _aligned([_cells(one) for one in held])
    if len(rows) > _MOST:
        yield Text(f"  … {len(rows) - _MOST} more lines: --output-format json has all of them")


def _heading(phase: str, steps: Sequence[int], taken: int) -> str:
    if not steps[0]:
        return "construction" if taken else "the run"
    if phase == STEP:
        return _when(steps, taken) if taken else "after the first batch or call of a layer"
    said = "validation" if phase == VALIDATION else "code without gradients"
    return f"{said}, {_when(steps, taken, 'before the end of ')}" if taken else said


def _aligned(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[Text]:
    streams, width, places = (max(len(row[column]) for row in rows) for column in range(3))
    for stream, who, place, often in rows:
        yield Text(f"    {stream:{streams}}  {who:{min(40, width)}}  {place:{places}}  {often}")


def missing(ledger: Ledger) -> list[str]:
    """What draws without standing in the table."""
    found = ["generators of their own (`torch.Generator`, `default_rng()`), threads, other processes"]
    if ledger.workers:
        found.append("what the workers of loaders draw: each has streams of its own")
    if ledger.steps and not ledger.validated:
        taken = "the only step" if ledger.steps == 1 else f"the first {ledger.steps} steps"
        found.append(f"validation: none was known by its eval mode in {taken} (see --steps)")
    return found
