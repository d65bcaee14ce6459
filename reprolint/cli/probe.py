"""`reprolint probe train.py`: run a script more than once and compare, bit by bit."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reprolint.cli import _resuming, _running, _terminal

if TYPE_CHECKING:
    from reprolint.probe.children import Target

SECTION: Final = "Runs"


@click.command(name="probe", context_settings={"ignore_unknown_options": False})
@click.argument("target", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("-m", "module", metavar="NAME", help="Run a module, as `python -m` does, instead of a script.")
@click.option("--steps", type=click.IntRange(1), default=3, show_default=True, help="Steps to compare: of optimizers, or calls of a step function.")
@_running.length
@click.option("--vary", multiple=True, metavar="NAMES", help="Vary these too, by name or kind; `only:NAMES` varies nothing else.")
@click.option("--scratch", is_flag=True, help="Give each run its own copy of the current folder.")
@click.option("--draws", is_flag=True, help="One more run: who draws from which random stream, where and how often.")
@_resuming.options
@click.option("--workers", is_flag=True, help="Three more runs: every DataLoader with 0, 1 and 2 workers, over two epochs.")
@click.option("--timeout", type=click.FloatRange(1), default=600, show_default=True, help="Seconds that one run may take.")
@click.option("--python", default=sys.executable, metavar="PATH", help="The Python that runs it; default: the one that runs reprolint.")
@_running.html
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
    draws: bool,  # noqa: FBT001  as above
    resume_with: str | None,
    checkpoint: str | None,
    workers: bool,  # noqa: FBT001  as above
    timeout: float,
    python: str,
    html: str | None,
    output_format: str,
    output_file: str | None,
) -> int:
    """Run a script more than once and compare it bit by bit.

    TARGET is the script; what follows `--` goes to it. It is run as it is, in fresh processes, from the current folder.
    Where runs differ, the findings of `reprolint check` that predict it are named.

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

    --resume-with tests resuming instead: a run is interrupted at its first checkpoint after --steps steps, resumed in a fresh process and
    compared with a run that goes straight on; and once more, from the checkpoint of the resumed run. What the checkpoint lacks is named. ARGS
    are what the script is given besides, as '--resume {}' or 'ckpt={}'; without {} it finds its checkpoint itself, and '' is for a script that
    always does. Whatever else the script needs in order to save goes after `--`. Each run has its own copy of the folder.

    --draws notes the draws from the global streams of Python, numpy and torch while the model is made and in each step, and names
    validation that leaves them in another state. It changes no verdict and no exit code.

    --workers runs until a loader that trains has gone through two epochs, or through 2000 batches of one. It says whether the same items
    come in the same order whatever the number of workers; and whether workers give the same items, or draw the same random numbers, as
    each other or as in the epoch before. With as many workers as the script asks for that is a fault, and the exit code is 1.

    \b
    Ranks:  reprolint probe -- torchrun --nproc-per-node 2 train.py ARGUMENTS
    Each rank is compared with itself in other runs, then the ranks with each other: parameters that DistributedDataParallel keeps alike
    and splits have to be the same on all, batches may not. Options of reprolint stand before the `--`.

    Exit code 0 if no difference was seen, 1 if the runs differ or ranks or workers are at fault, 2 if the script could not be run.
    """  # noqa: D301  click's mark for lines that stay as they are
    from reprolint.config import UsageError
    from reprolint.probe.variations import asked

    number = _running.runs(repeats, quick=quick)
    what = target_of(target, arguments, module, python)
    if workers and (what.launcher or what.calls):
        raise UsageError("--workers watches a script in one process: run it without torchrun, or name the script")
    if resume_with is not None:
        refused = {"--repeats": repeats is not None, "--quick": quick, "--vary": bool(vary), "--draws": draws, "--workers": workers, "torchrun": bool(what.launcher)}
        return _resuming.run(
            what, resume_with, checkpoint, steps=steps, timeout=timeout, html=html, output_format=output_format, output_file=output_file, refused=refused
        )
    if checkpoint is not None:
        raise UsageError("--checkpoint belongs to --resume-with, which says how the script resumes")
    must, may = asked(vary)
    _running.writable(html, output_file)
    with _terminal.progress() as tell, _running.copies_of(what, wanted=scratch) as copies:
        outcome = _running.outcome_of(
            what, must, may, steps=steps, repeats=number, timeout=timeout, tell=tell, quick=quick, copies=copies, draws=draws,
            workers=workers,
        )  # fmt: skip
        joined = _running.joined(outcome, what, tell) if (outcome.diverged or outcome.faulty) and not quick else None
    _running.write(outcome, joined, what, html=html, output_format=output_format, output_file=output_file)
    return int(outcome.diverged or outcome.faulty)


def target_of(target: str | None, arguments: tuple[str, ...], module: str | None, python: str) -> Target:
    """What is to be run, from the current folder. Raises UsageError."""
    from reprolint.config import UsageError
    from reprolint.probe.children import Target
    from reprolint.probe.factories import named
    from reprolint.probe.launches import launch

    launched = launch(module, (*((target,) if target is not None else ()), *arguments), python)
    if launched is not None:
        return launched
    if module is not None:
        return Target(module=module, argv=(*((target,) if target is not None else ()), *arguments), python=python, cwd=Path.cwd())
    if target is None:
        raise UsageError("name the script to run, or a module with -m")
    if Path(target).is_file():
        return Target(script=target, argv=arguments, python=python, cwd=Path.cwd())
    steps = named(target)
    if steps is None:
        raise UsageError(f"no such file: {target}")
    return replace(steps, argv=arguments, python=python, name=" ".join((steps.name, *arguments)))
