"""`reprolint probe --resume-with`: the experiment for a script that saves and resumes, and how it is told."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from reprolint.cli import _running, _terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprolint.probe.children import Target

    Command = TypeVar("Command", bound=Callable[..., Any])


def options(command: Command) -> Command:
    """`--resume-with` and `--checkpoint`."""
    given = click.option("--resume-with", metavar="ARGS", help="Interrupt, resume with these arguments, and compare; {} is the checkpoint.")
    path = click.option("--checkpoint", metavar="PATTERN", help="With --resume-with: the file or folder to resume from; default: what torch.save wrote.")
    return given(path(command))


def run(
    target: Target, resume_with: str, checkpoint: str | None, *, steps: int, timeout: float, html: str | None, output_format: str, output_file: str | None,
    refused: dict[str, bool],
) -> int:  # fmt: skip
    """Interrupt a script, resume it, and compare; the exit code. `refused`: options that belong to another experiment. Raises UsageError."""
    import shlex

    from reprolint.config import UsageError
    from reprolint.probe.children import CouldNotRun
    from reprolint.probe.resuming import ByScript, resumption
    from reprolint.probe.resuming_text import document, write
    from reprolint.probe.text import as_json
    from reprolint.report.text import paper

    for name, given in refused.items():
        if given:
            raise UsageError(f"{name} is no option of --resume-with: nothing but the interruption is varied")
    if target.calls:
        raise UsageError("--resume-with is for scripts; for steps that are calls there is reprolint.probe.assert_resumable")
    try:
        shlex.split(resume_with)
    except ValueError as error:
        raise UsageError(f"--resume-with {resume_with!r}: {error}") from None
    _running.writable(html, output_file)
    _running.stops()
    with _terminal.progress() as tell, _running.copies_of(target, wanted=True) as copies:
        assert copies is not None
        way = ByScript(target=target, copies=copies, resume_with=resume_with, checkpoint=checkpoint or "", steps=steps, timeout=timeout)
        try:
            outcome = resumption(target, way, steps=steps, tell=tell, copied=copies.copied)
        except CouldNotRun as error:
            if error.output:
                click.echo(error.output, err=True, nl=False)
            raise UsageError(str(error)) from error
    if outcome.failure:
        click.echo(outcome.failure, err=True, nl=False)

    def written(stream: IO[str]) -> None:
        write(outcome, paper(stream, plain=output_file is not None))

    _terminal.emit(as_json(document(outcome)) if output_format == "json" else written, output_file)
    if html is not None:
        from reprolint.confirm.resuming_html import page

        _terminal.emit(page(document(outcome)), html)
    return int(outcome.diverged)
