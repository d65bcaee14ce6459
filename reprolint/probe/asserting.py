"""A target that has to repeat, or to be resumed → nothing, or an error that holds the report."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reprolint.probe.experiment import experiment
from reprolint.probe.text import write
from reprolint.probe.variations import asked
from reprolint.report.text import paper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reprolint.probe.children import Target


def check(
    target: Target, *, repeats: int, steps: int, vary: Sequence[str], timeout: float, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Raises `AssertionError` with the report if runs differ, `CouldNotRun` if they could not be compared, `ValueError` for options that cannot be."""
    from reprolint.config import UsageError

    __tracebackhide__ = True
    _whole(("repeats", repeats, 2), ("steps", steps, 1))
    try:
        must, may = asked((vary,) if isinstance(vary, str) else tuple(vary))
    except UsageError as error:
        raise ValueError(str(error)) from None
    outcome = experiment(target, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell)
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


def _verdict_first(report: str, target: Target) -> str:
    """What an overview shows of an error is its first line."""
    lines = report.splitlines()
    verdict = next((number for number, line in enumerate(lines) if line.startswith(target.said)), 0)
    return "\n".join((*lines[verdict:], *lines[:verdict]))
