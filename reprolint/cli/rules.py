"""`reprolint rules`: the rules, as a table or as JSON."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

import click

from reprolint.cli import _terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprolint.checks import Rule
    from reprolint.report.text import Paper

SECTION: Final = "Rules"


@click.command(name="rules")
@_terminal.output
def command(output_format: str, output_file: str | None) -> None:
    """List every rule.

    Rules for the audit speak only with --audit, or when they are selected by their code or name.
    """
    from reprolint.checks import load
    from reprolint.triage import with_own

    rules = tuple(with_own(load()).values())
    if output_format == "json":
        from reprolint.report.json import render_rules

        _terminal.emit(render_rules(rules), output_file)
        return

    from reprolint.report.text import paper

    def written(stream: IO[str]) -> None:
        _table(rules, paper(stream, plain=output_file is not None))

    _terminal.emit(written, output_file)


def _table(rules: Sequence[Rule], on: Paper) -> None:
    from reprolint.report.text import STYLES

    wide = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        audience = "audit" if rule.audience == "audit" else ""
        on.say(
            (rule.code, "bold"),
            f"  {rule.name:<{wide}}  ",
            (f"{rule.severity:<7}", STYLES[rule.severity]),
            f"  {audience:<5}  {rule.summary}",
            indent=len(rule.code) + wide + 18,
        )
