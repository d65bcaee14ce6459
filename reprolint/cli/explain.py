"""`reprolint explain RPL101`: a rule's page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from reprolint.checks import Rule

SECTION: Final = "Rules"

_THEME: Final = {
    "markdown.code": "bold cyan",
    "markdown.code_block": "default",
    "markdown.h2": "bold underline",
    "markdown.item.bullet": "blue",
    "markdown.link": "cyan",
    "markdown.link_url": "underline cyan",
}
"""Colours that can be read on light and on dark."""
_WIDEST: Final = 100


@click.command(name="explain")
@click.argument("rule", metavar="RULE")
def command(rule: str) -> None:
    """Say what a rule means, why, and what to do.

    RULE is a code (RPL101) or a name (unseeded-stream). Away from a terminal the page comes as Markdown.
    """
    from reprolint.checks import load
    from reprolint.triage import find

    page = _page(find(rule, load()))
    if sys.stdout.isatty():
        _show(page)
    else:
        click.echo(page, nl=False)


def _page(rule: Rule) -> str:
    """The rule's page, or what the rule says of itself where none is written."""
    from reprolint.knowledge.pages import rules_folder

    for path in sorted(rules_folder().glob(f"{rule.code}-*.md")):
        return path.read_text(encoding="utf-8")
    return f"# {rule.code} {rule.name}\n\n{rule.summary}\n\nSeverity: {rule.severity}.\n"


def _show(page: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    console = Console(theme=Theme(_THEME), highlight=False, emoji=False)
    title, _, rest = page.partition("\n")
    console.print(title.removeprefix("# "), style="bold", markup=False)
    console.print(Markdown(rest, code_theme=_code_theme()), width=min(console.width, _WIDEST))


def _code_theme() -> str:
    """A theme out of the terminal's own colours in which nothing is faint."""
    from rich.style import Style
    from rich.syntax import RICH_SYNTAX_THEMES

    RICH_SYNTAX_THEMES["reprolint"] = {
        ("Comment",): Style(color="green"),
        ("Keyword",): Style(color="magenta"),
        ("Literal", "String"): Style(color="cyan"),
    }
    return "reprolint"
