"""`reprolint confirm train.py`: check and probe, and what the one says of the other."""

from __future__ import annotations

import sys
from typing import Final

import click

from reprolint.cli import _running, _terminal
from reprolint.cli.probe import target_of

SECTION: Final = "Runs"


@click.command(name="confirm")
@click.argument("target", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="NAME", help="Run a module, as `python -m` does, instead of a script.")
@click.option("--steps", type=click.IntRange(1), default=3, show_default=True, help="Steps to compare: of optimizers, or calls of a step function.")
@_running.length
@click.option("--vary", multiple=True, metavar="NAMES", help="Vary these too, by name or kind; `only:NAMES` varies nothing else.")
@click.option("--scratch", is_flag=True, help="Give each run its own copy of the current folder.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds that one run may take.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that runs it; default: the one that runs reprolint.")
@_running.html
@_terminal.configuration
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
    html: str | None,
    config: str | None,
    isolated: bool,  # noqa: FBT001  as above
    output_format: str,
    output_file: str | None,
) -> int:
    """Check a script, run it, and say which findings the runs show.

    TARGET is the script, or pkg.mod:function, whose steps are called; what follows `--` goes to it. It is checked with its project and run as `reprolint probe` does,
    and once more to see which lines run. Each finding about this run is then one of these:

    \b
    confirmed      what was varied, or the first operation that differs, shows it
    not confirmed  its line ran, and nothing differed that it would explain
    not exercised  its line did not run, or there was no GPU, no worker, no process
    open           these runs cannot tell, and why

    A finding about workers or epochs that draw alike needs more: then all DataLoaders run with 0, 1 and 2 workers too, over two epochs.

    --quick is two runs, and the one that notes lines: a finding that its page says other runs would show is not exercised. Where the two differ,
    nothing is confirmed, as what had to be varied is not looked for.

    Exit code 1 if the runs differ, or ranks or workers are at fault, whatever is found in the code.
    """  # noqa: D301  click keeps the lines below that sign as they are
    from reprolint.confirm.workers import wanted
    from reprolint.probe.variations import asked

    number = _running.runs(repeats, quick=quick)
    what = target_of(target, arguments, module, python)
    must, may = asked(vary)
    _running.writable(html, output_file)
    with _terminal.progress() as tell, _running.copies_of(what, wanted=scratch) as copies:
        static = _running.known(what, tell, config, isolated=isolated)
        workers = not quick and not isinstance(static, str) and not what.launcher and not what.calls and wanted(static)
        outcome = _running.outcome_of(what, must, may, steps=steps, repeats=number, timeout=timeout, tell=tell, quick=quick, copies=copies, workers=workers)
        joined = _running.joined(outcome, what, tell, static=static, copies=copies, exercised=(must, steps, timeout))
    _running.write(outcome, joined, what, html=html, output_format=output_format, output_file=output_file, judge=True)
    return int(outcome.diverged or outcome.faulty)
