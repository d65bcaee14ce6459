"""How the rows of commands.toml are called, as far as their libraries are here."""

from __future__ import annotations

SETUP = """
import click

option = click.option('--n')
def said(n):
    return n
"""

EXAMPLES: dict[str, str | tuple[str, str]] = {
    "click.command": ("click.command()(click.argument('n')(said))", "it.main(['x'], standalone_mode=False)"),
    "click.group": (
        "click.group(invoke_without_command=True)(option(said))",
        "it.main(['--n', 'x'], standalone_mode=False)",
    ),
    "click.Group.command": (
        "click.Group()",
        "(it.command('c')(click.argument('n')(said)), it.main(['c', 'x'], standalone_mode=False))[1]",
    ),
    "click.Group.group": (
        "click.Group()",
        "(it.group('g', invoke_without_command=True)(option(said)), it.main(['g', '--n', 'x'], standalone_mode=False))[1]",
    ),
    "click.Context.invoke": "click.Context(click.Command('c')).invoke(said, 'x')",
}

QUIET = ["click.Command('c')"]
