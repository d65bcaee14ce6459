"""`reprolint probe train.py`: run a script more than once and compare, bit by bit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reprolint.cli import _running, _terminal

if TYPE_CHECKING:
    from reprolint.probe.children import Target
    from reprolint.probe.variations import Variation

SECTION: Final = "Runs"


@click.command(name="probe", context_settings={"ignore_unknown_options": False})
@click.argument("target", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="NAME", help="Run a module, as `python -m` does, instead of a script.")
@click.option("--steps", type=click.IntRange(1), default=3, show_default=True, help="Optimizer steps to compare.")
@click.option("--repeats", type=click.IntRange(2), default=4, show_default=True, help="Runs to compare.")
@click.option("--vary", multiple=True, metavar="NAME", help="Vary this too; `only:NAME` varies nothing else.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds that one run may take.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that runs it; default: the one that runs reprolint.")
@_running.html
@_terminal.output
def command(
    target: str | None,
    arguments: tuple[str, ...],
    module: str | None,
    steps: int,
    repeats: int,
    vary: tuple[str, ...],
    timeout: float,
    python: str,
    html: str | None,
    output_format: str,
    output_file: str | None,
) -> int:
    """Run a script more than once and compare it bit by bit.

    TARGET is the script; what follows `--` goes to it. It is run as it is, in fresh processes, from the current folder.
    What no result may depend on is varied: hash-seed, listing-order, clock, memory. With --vary also timezone, locale,
    threads, instruction-set; bits may change with the last two.

    Where runs differ, the findings of `reprolint check` that predict it are named. Exit code 1 if the runs differ.
    """
    what = target_of(target, arguments, module, python)
    must, may = varied(vary)
    _running.writable(html, output_file)
    with _terminal.progress() as tell:
        outcome = _running.outcome_of(what, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell)
        joined = _running.joined(outcome, what, tell) if outcome.diverged else None
    _running.write(outcome, joined, what, html=html, output_format=output_format, output_file=output_file)
    return int(outcome.diverged)


def target_of(target: str | None, arguments: tuple[str, ...], module: str | None, python: str) -> Target:
    """What is to be run, from the current folder. Raises UsageError."""
    from reprolint.config import UsageError
    from reprolint.probe.children import Target

    if module is not None and target is not None:
        arguments = (target, *arguments)
    elif module is None and target is None:
        raise UsageError("name the script to run, or a module with -m")
    elif module is None and not Path(str(target)).is_file():
        raise UsageError(f"no such file: {target}")
    return Target(script=target or "" if module is None else "", module=module or "", argv=arguments, python=python, cwd=Path.cwd())


def varied(names: tuple[str, ...]) -> tuple[tuple[Variation, ...], tuple[Variation, ...]]:
    """What must not change anything, and what may."""
    from difflib import get_close_matches

    from reprolint.config import UsageError
    from reprolint.probe.variations import MUST, NAMES, chosen

    asked = tuple(name.removeprefix("only:") for name in names)
    for name in asked:
        if name not in NAMES:
            close = get_close_matches(name, NAMES, n=1)
            raise UsageError(f"no such variation: {name}" + (f"; did you mean {close[0]}?" if close else f"; there are {', '.join(NAMES)}"))
    found = chosen(asked)
    must = tuple(variation for variation in found if variation.kind != "may")
    if not any(name.startswith("only:") for name in names):
        must = (*MUST, *(variation for variation in must if variation not in MUST))
    return must, tuple(variation for variation in found if variation.kind == "may")
