"""`reprolint probe train.py`: run a script more than once and compare, bit by bit."""

from __future__ import annotations

import signal
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

from reprolint.cli import _terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.probe.children import Target
    from reprolint.probe.experiment import Outcome
    from reprolint.probe.variations import Variation

SECTION: Final = "Runs"
_RUNS: Final = 4
_QUICK: Final = 2


@click.command(name="probe", context_settings={"ignore_unknown_options": False})
@click.argument("target", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="NAME", help="Run a module, as `python -m` does, instead of a script.")
@click.option("--steps", type=click.IntRange(1), default=3, show_default=True, help="Steps to compare: of optimizers, or calls of a step function.")
@click.option("--repeats", type=click.IntRange(2), help="Runs to compare; default: 4.")
@click.option("--quick", is_flag=True, help="Two runs, all varied at once; no search for the cause.")
@click.option("--vary", multiple=True, metavar="NAMES", help="Vary these too, by name or kind; `only:NAMES` varies nothing else.")
@click.option("--scratch", is_flag=True, help="Give each run its own copy of the current folder.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds that one run may take.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that runs it; default: the one that runs reprolint.")
@_terminal.output
def command(
    target: str | None,
    arguments: tuple[str, ...],
    module: str | None,
    steps: int,
    repeats: int | None,
    quick: bool,  # noqa: FBT001  click passes options by name
    vary: tuple[str, ...],
    scratch: bool,  # noqa: FBT001  as above
    timeout: float,
    python: str,
    output_format: str,
    output_file: str | None,
) -> int:
    """Run a script more than once and compare it bit by bit.

    TARGET is the script; what follows `--` goes to it. It is run as it is, in fresh processes, from the current folder.

    Or pkg.mod:function, or file.py:function: the function is called in each process and returns what makes a step, a function without
    arguments or an iterator. --steps steps are taken; what each returns is compared too.

    \b
    What may be varied (--vary takes names and kinds, with commas between them):
      must     no result may depend on it; varied unless you say only:…
               hash-seed, listing-order, clock, memory, load
      request  nor on this, but many a script reads ./data or ~/.cache
               cwd, home, timezone, locale
      may      bits may change, which is told and is no failure
               threads, instruction-set, workers, start-method, compile, fused,
               foreach, deterministic, cudnn-benchmark, tf32, device

    --quick is for a first look or a hook: one run as it is, one with all of `must` varied at once. It says whether they
    differ, and not why.

    Exit code 0 if no difference was seen, 1 if the runs differ, 2 if the script could not be run.
    """  # noqa: D301  click's mark for lines that stay as they are
    from reprolint.config import UsageError
    from reprolint.probe.children import Target
    from reprolint.probe.factories import named
    from reprolint.probe.variations import asked

    if module is not None and target is not None:
        arguments = (target, *arguments)
    elif module is None and target is None:
        raise UsageError("name the script to run, or a module with -m")
    steps_of = named(str(target)) if module is None and not Path(str(target)).is_file() else None
    if module is None and steps_of is None and not Path(str(target)).is_file():
        raise UsageError(f"no such file: {target}")
    if quick and repeats not in {None, _QUICK}:
        raise UsageError("--quick is two runs: leave out --repeats")
    must, may = asked(vary)
    cwd = Path.cwd()
    if steps_of is not None:
        what = replace(steps_of, argv=arguments, python=python, name=" ".join((steps_of.name, *arguments)))
    else:
        what = Target(script=target or "" if module is None else "", module=module or "", argv=arguments, python=python, cwd=cwd)
    outcome = _experiment(what, must, may, steps=steps, repeats=_QUICK if quick else repeats or _RUNS, timeout=timeout, quick=quick, scratch=scratch)
    from reprolint.probe.text import as_json, write

    if output_format == "json":
        _terminal.emit(as_json(outcome), output_file)
    else:
        from reprolint.report.text import paper

        def written(stream: IO[str]) -> None:
            write(outcome, paper(stream, plain=output_file is not None), cwd)

        _terminal.emit(written, output_file)
    return int(outcome.diverged)


def _experiment(
    target: Target, must: Sequence[Variation], may: Sequence[Variation], *, steps: int, repeats: int, timeout: float, quick: bool, scratch: bool
) -> Outcome:
    """Run it, and say on stderr what a run that failed said there."""
    from reprolint.config import UsageError
    from reprolint.probe.children import CouldNotRun
    from reprolint.probe.experiment import experiment
    from reprolint.probe.scratch import TooMuch
    from reprolint.probe.scratch import scratch as copying

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # who stops this stops the runs
    with _terminal.progress() as tell:
        try:
            with copying(target) if scratch else nullcontext() as copies:
                outcome = experiment(target, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell, quick=quick, copies=copies)
        except TooMuch as error:
            raise UsageError(str(error)) from error
        except CouldNotRun as error:
            if error.output:
                click.echo(error.output, err=True, nl=False)
            raise UsageError(str(error)) from error
    if outcome.failure:
        click.echo(outcome.failure, err=True, nl=False)
    return outcome
