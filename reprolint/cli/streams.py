"""`reprolint streams script.py`: every seed and draw of one run, in the order in which they happen."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final

import click

from reprolint.cli import _terminal

SECTION: Final = "Code"


@click.command(name="streams")
@click.argument("script")
@_terminal.configuration
@_terminal.output
def command(
    script: str,
    config: str | None,
    isolated: bool,  # noqa: FBT001  click passes it by name
    output_format: str,
    output_file: str | None,
) -> None:
    """Show every seed and draw of a run, in order.

    SCRIPT is the file that starts it. Nothing is run: this is what reprolint reads out of the code.
    """
    from reprolint.check import ledger
    from reprolint.config import UsageError, load

    cwd = Path.cwd()
    [path] = _terminal.existing([script])
    if path.is_dir():
        raise UsageError(f"{script} is a directory; name the script that starts training")
    settings = load([path], cwd, Path(config) if config else None, isolated=isolated)
    lines, run = ledger(path, settings, cwd)
    if output_format == "json":
        from reprolint.report.json import render_ledger

        _terminal.emit(render_ledger(lines, run), output_file)
        return

    from reprolint.report.text import paper, write_ledger

    show = _terminal.seen_from(settings, cwd)

    def written(stream: IO[str]) -> None:
        write_ledger(lines, run, paper(stream, show, plain=output_file is not None))

    _terminal.emit(written, output_file)
