"""What commands that run a script share: options, the experiment, the static half beside it, and how it is told."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from reprolint.cli import _terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reprolint.confirm.join import Joined
    from reprolint.confirm.static import Static
    from reprolint.probe.children import Target
    from reprolint.probe.experiment import Outcome
    from reprolint.probe.scratch import Scratch
    from reprolint.probe.variations import Variation

    Command = TypeVar("Command", bound=Callable[..., Any])


def length(command: Command) -> Command:
    """`--repeats` and `--quick`."""
    repeats = click.option("--repeats", type=click.IntRange(2), help="Runs to compare; default: 4.")
    quick = click.option("--quick", is_flag=True, help="Two runs, all varied at once; no search for the cause.")
    return repeats(quick(command))


def runs(repeats: int | None, *, quick: bool) -> int:
    """How many runs to compare. Raises UsageError."""
    from reprolint.config import UsageError
    from reprolint.probe.experiment import QUICK, USUAL

    if quick and repeats not in {None, QUICK}:
        raise UsageError("--quick is two runs: leave out --repeats")
    return QUICK if quick else repeats or USUAL


def html(command: Command) -> Command:
    """`--html`."""
    return click.option("--html", metavar="FILE", help="Write the report there too, as one page that needs nothing else.")(command)


def writable(*files: str | None) -> None:
    """Say before anything runs, not after it, that a report cannot be written. Raises UsageError."""
    from reprolint.config import UsageError

    for file in files:
        if file is None:
            continue
        folder = Path(file).absolute().parent
        if not folder.is_dir():
            raise UsageError(f"cannot write {file}: no such folder")
        if Path(file).is_dir() or not os.access(file if Path(file).exists() else folder, os.W_OK):
            raise UsageError(f"cannot write {file}: " + ("it is a folder" if Path(file).is_dir() else "not allowed"))


@contextmanager
def copies_of(target: Target, *, wanted: bool) -> Iterator[Scratch | None]:
    """`--scratch`: a copy of the folder for each run, as long as this lasts. Raises UsageError."""
    if not wanted:
        yield None
        return
    from reprolint.config import UsageError
    from reprolint.probe.scratch import TooMuch, scratch

    try:
        with scratch(target) as copies:
            yield copies
    except TooMuch as error:
        raise UsageError(str(error)) from error


def stops() -> None:
    """Who stops this stops the runs."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def outcome_of(
    target: Target, must: Sequence[Variation], may: Sequence[Variation], *, steps: int, repeats: int, timeout: float, tell: Callable[[str], None],
    quick: bool = False, copies: Scratch | None = None, draws: bool = False, workers: bool = False,
) -> Outcome:  # fmt: skip
    """Run the experiment, and say what a run that failed said. Raises UsageError for what cannot run, after its last words."""
    from reprolint.config import UsageError
    from reprolint.probe.children import CouldNotRun
    from reprolint.probe.experiment import experiment

    stops()
    try:
        outcome = experiment(
            target, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell, quick=quick, copies=copies, draws=draws, workers=workers
        )
    except CouldNotRun as error:
        if error.output:
            click.echo(error.output, err=True, nl=False)
        raise UsageError(str(error)) from error
    if outcome.failure:
        click.echo(outcome.failure, err=True, nl=False)
    return outcome


def known(target: Target, tell: Callable[[str], None], config: str | None = None, *, isolated: bool = False) -> Static | str:
    """The findings about a run, or why there are none."""
    from reprolint.config import UsageError
    from reprolint.confirm.static import read
    from reprolint.knowledge.apis import CatalogError

    try:
        return read(target, Path(config) if config else None, isolated=isolated, tell=tell)
    except (UsageError, CatalogError) as error:
        return str(error)


def joined(
    outcome: Outcome, target: Target, tell: Callable[[str], None], *, static: Static | str | None = None, copies: Scratch | None = None, exercised: tuple[Sequence[Variation], int, float] | None = None,
) -> Joined:  # fmt: skip
    """The outcome beside the findings about the same run; whatever goes wrong here loses nothing of the outcome.

    `static`: the findings, or why there are none, if they were read before; `exercised`: run once more to see which lines run, with these variations, steps and timeout.
    """
    from reprolint.confirm.exercise import exercise
    from reprolint.confirm.join import join, unjoined

    try:
        found = known(target, tell) if static is None else static
        if isinstance(found, str):
            return unjoined(found)
        ran = None
        if exercised is not None and found.candidates:
            tell("which lines run")
            must, steps, timeout = exercised
            ran = exercise(target, must, found, steps=steps, timeout=timeout, copies=copies)
        return join(outcome, found, ran, watched=exercised is not None)
    except KeyboardInterrupt:
        return unjoined("interrupted")


def write(outcome: Outcome, joined: Joined | None, target: Target, *, html: str | None, output_format: str, output_file: str | None, judge: bool = False) -> None:
    """Tell the outcome, with the findings as predictions, or each with its verdict."""
    from reprolint.confirm import text as findings
    from reprolint.probe.text import as_json, document
    from reprolint.probe.text import write as write_outcome
    from reprolint.report.text import paper

    told: dict[str, Any] = document(outcome) | ({"static": findings.document(joined)} if joined is not None else {})

    def written(stream: IO[str]) -> None:
        on = paper(stream, plain=output_file is not None)

        def beside() -> None:
            if joined is not None:
                (findings.write_verdicts if judge else findings.write_predicted)(joined, on)

        write_outcome(outcome, on, target.cwd, findings=beside)

    if output_format == "json":
        _terminal.emit(as_json(told), output_file)
    else:
        _terminal.emit(written, output_file)
    if html is not None:
        from reprolint.confirm.html import page

        _terminal.emit(page(told, target.cwd, joined.static if joined is not None else None), html)
