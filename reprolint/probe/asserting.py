"""A target that has to repeat → nothing, or an error that holds the report."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from reprolint.probe.experiment import experiment
from reprolint.probe.text import write
from reprolint.probe.variations import asked
from reprolint.report.text import paper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reprolint.probe.children import Target


def check(
    target: Target, *, repeats: int, steps: int, vary: Sequence[str], timeout: float, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Raises `AssertionError` with the report if runs differ, `CouldNotRun` if they could not be compared, `ValueError` for options that cannot be."""
    from reprolint.config import UsageError

    __tracebackhide__ = True
    given: tuple[tuple[str, object, int], ...] = (("repeats", repeats, 2), ("steps", steps, 1))
    for name, value, least in given:
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{name}={value!r}: it has to be a whole number, {least} or more")
    try:
        must, may = asked((vary,) if isinstance(vary, str) else tuple(vary))
    except UsageError as error:
        raise ValueError(str(error)) from None
    outcome = experiment(target, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell)
    if outcome.diverged:
        stream = StringIO()
        write(outcome, paper(stream, plain=True), target.cwd)
        lines = stream.getvalue().splitlines()
        verdict = next((number for number, line in enumerate(lines) if line.startswith(target.said)), 0)
        raise AssertionError("\n".join((*lines[verdict:], *lines[:verdict])))  # what an overview shows of it is its first line
