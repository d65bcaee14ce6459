"""A target that has to repeat, or to be resumed → nothing, or an error that holds the report."""

from __future__ import annotations

from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reprolint.probe.experiment import QUICK, USUAL, experiment
from reprolint.probe.scratch import TooMuch
from reprolint.probe.scratch import scratch as copies_of
from reprolint.probe.text import write
from reprolint.probe.variations import asked
from reprolint.report.text import paper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reprolint.probe.children import Target
    from reprolint.probe.scratch import Scratch


def check(
    target: Target, *, repeats: int | None, steps: int, vary: Sequence[str], timeout: float, quick: bool = False, scratch: bool = False,
    copied: Path | None = None, tell: Callable[[str], None] = lambda _: None,
) -> None:  # fmt: skip
    """The target is run as `reprolint probe` would; `copied`: with `scratch`, the folder of which each run has a copy, if that is not its working folder.

    Raises `AssertionError` with the report if runs differ, `CouldNotRun` if they could not be compared, `ValueError` for options that cannot be.
    """
    from reprolint.config import UsageError

    __tracebackhide__ = True
    _whole(*([("repeats", repeats, 2)] if repeats is not None else []), ("steps", steps, 1))
    _switches(("quick", quick), ("scratch", scratch))
    if quick and repeats not in {None, QUICK}:
        raise ValueError("quick=True is two runs: leave out repeats")
    try:
        must, may = asked((vary,) if isinstance(vary, str) else tuple(vary))
    except UsageError as error:
        raise ValueError(str(error)) from None
    number = QUICK if quick else repeats or USUAL
    with _copies(target, copied, wanted=scratch) as copies:
        outcome = experiment(target, must, may, steps=steps, repeats=number, timeout=timeout, tell=tell, quick=quick, copies=copies)
    if outcome.diverged:
        stream = StringIO()
        write(outcome, paper(stream, plain=True), target.cwd)
        raise AssertionError(_verdict_first(stream.getvalue(), target))


def check_resuming(
    target: Target, keepers: Mapping[str, Mapping[str, str]], *, steps: int, timeout: float, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Raises `AssertionError` with the report if it matters that a run was interrupted, `CouldNotRun` if that cannot be told, `ValueError` for options that cannot be."""
    from reprolint.probe.resuming import ByCalls, resumption
    from reprolint.probe.resuming_text import write as write_resumption

    __tracebackhide__ = True
    _whole(("steps", steps, 1))
    with TemporaryDirectory(prefix="reprolint-", ignore_cleanup_errors=True) as folder:
        way = ByCalls(target=target, keepers={name: dict(told) for name, told in keepers.items()}, folder=Path(folder), steps=steps, timeout=timeout)
        outcome = resumption(target, way, steps=steps, tell=tell)
    if outcome.diverged:
        stream = StringIO()
        write_resumption(outcome, paper(stream, plain=True))
        failure = f"\n{outcome.failure.rstrip()}" if outcome.failure else ""
        raise AssertionError(_verdict_first(stream.getvalue(), target) + failure)


def _whole(*given: tuple[str, object, int]) -> None:
    for name, value, least in given:
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{name}={value!r}: it has to be a whole number, {least} or more")


def _switches(*given: tuple[str, object]) -> None:
    for name, value in given:
        if not isinstance(value, bool):
            raise ValueError(f"{name}={value!r}: it has to be True or False")  # noqa: TRY004  as for any other option


@contextmanager
def _copies(target: Target, folder: Path | None, *, wanted: bool) -> Iterator[Scratch | None]:
    """A copy for each run, if that is asked for. Raises `ValueError` for a folder that is no project."""
    if not wanted:
        yield None
        return
    try:
        with copies_of(target, folder) as copies:
            yield copies
    except TooMuch as error:
        raise ValueError(str(error)) from None


def _verdict_first(report: str, target: Target) -> str:
    """What an overview shows of an error is its first line."""
    lines = report.splitlines()
    verdict = next((number for number, line in enumerate(lines) if line.startswith(target.said)), 0)
    return "\n".join((*lines[verdict:], *lines[:verdict]))
