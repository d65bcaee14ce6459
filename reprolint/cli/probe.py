"""`reprolint probe train.py`: run a script more than once and compare, bit by bit."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

import click

from reprolint.cli import _terminal

SECTION: Final = "Runs"


@click.command(name="probe", context_settings={"ignore_unknown_options": False})
@click.argument("target", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="NAME", help="Run a module, as `python -m` does, instead of a script.")
@click.option("--steps", type=click.IntRange(1), default=3, show_default=True, help="Steps to compare: of optimizers, or calls of a step function.")
@click.option("--repeats", type=click.IntRange(2), default=4, show_default=True, help="Runs to compare.")
@click.option("--vary", multiple=True, metavar="NAME", help="Vary this too; `only:NAME` varies nothing else.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds that one run may take.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that runs it; default: the one that runs reprolint.")
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
    output_format: str,
    output_file: str | None,
) -> int:
    """Run a script more than once and compare it bit by bit.

    TARGET is the script; what follows `--` goes to it. It is run as it is, in fresh processes, from the current folder.

    Or pkg.mod:function, or file.py:function: the function is called in each process and returns what makes a step, a function without
    arguments or an iterator. --steps steps are taken; what each returns is compared too.

    What no result may depend on is varied: hash-seed, listing-order, clock, memory. With --vary also timezone, locale,
    threads, instruction-set; bits may change with the last two.

    Exit code 1 if the runs differ.
    """
    from reprolint.config import UsageError
    from reprolint.probe.children import CouldNotRun, Target
    from reprolint.probe.experiment import experiment
    from reprolint.probe.factories import named
    from reprolint.probe.variations import asked

    if module is not None and target is not None:
        arguments = (target, *arguments)
    elif module is None and target is None:
        raise UsageError("name the script to run, or a module with -m")
    steps_of = named(str(target)) if module is None and not Path(str(target)).is_file() else None
    if module is None and steps_of is None and not Path(str(target)).is_file():
        raise UsageError(f"no such file: {target}")
    must, may = asked(vary)
    cwd = Path.cwd()
    if steps_of is not None:
        what = replace(steps_of, argv=arguments, python=python, name=" ".join((steps_of.name, *arguments)))
    else:
        what = Target(script=target or "" if module is None else "", module=module or "", argv=arguments, python=python, cwd=cwd)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who stops this stops the runs
    with _terminal.progress() as tell:
        try:
            outcome = experiment(what, must, may, steps=steps, repeats=repeats, timeout=timeout, tell=tell)
        except CouldNotRun as error:
            if error.output:
                click.echo(error.output, err=True, nl=False)
            raise UsageError(str(error)) from error
    from reprolint.probe.text import as_json, write

    if output_format == "json":
        _terminal.emit(as_json(outcome), output_file)
    else:
        from reprolint.report.text import paper

        def written(stream: IO[str]) -> None:
            write(outcome, paper(stream, plain=output_file is not None), cwd)

        _terminal.emit(written, output_file)
    return int(outcome.diverged)
