"""argv → one command → exit code. A command is a module here that holds `command` and `SECTION`."""

from __future__ import annotations

import os
import pkgutil
import sys
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from reprolint import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

SECTIONS: Final = ("Code", "Runs", "Rules", "Editors")
"""The headings of `--help`, in order; a command's module names the one it stands under."""

_COULD_NOT: Final = 2
_INTERRUPTED: Final = 130
_PIPE_CLOSED: Final = 141
_REPORT: Final = (
    "this is a bug in reprolint; please report it with the output of the same command under REPROLINT_DEBUG=1"
)


class Commands(click.Group):
    """Imports a command when it is used, and turns what it raises into one line and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word, names = args[0], self.list_commands(ctx)
        if word not in names and not word.startswith("-"):
            close = get_close_matches(word, names, n=1)
            hint = f"check {word}" if Path(word).exists() else close[0] if close else ""
            ctx.fail(f"no such command `{word}`" + (f"; did you mean `reprolint {hint}`?" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in SECTIONS:
            rows = list(self._section(ctx, section))
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows)

    def _section(self, ctx: click.Context, section: str) -> Iterator[tuple[str, str]]:
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command and section == import_module(f"{__name__}.{name}").SECTION:
                yield name, command.get_short_help_str(80)

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command; what it returns is the exit code."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            code: Any = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)
        except (BrokenPipeError, SystemExit):  # rich answers a closed pipe with SystemExit
            _forget_stdout()
            ctx.exit(_PIPE_CLOSED)
        except Exception as error:  # noqa: BLE001  the last line of defence, so that users see one line
            _explain(error)
            ctx.exit(_COULD_NOT)
        ctx.exit(code or 0)


def _forget_stdout() -> None:
    """Let the interpreter's last flush go nowhere."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: Exception) -> None:
    from reprolint.config import UsageError
    from reprolint.knowledge.apis import CatalogError

    if isinstance(error, UsageError | CatalogError):
        click.echo(f"reprolint: {error}", err=True)
    elif os.environ.get("REPROLINT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    else:
        said = " ".join(str(error).split())
        click.echo(f"reprolint: internal error: {type(error).__name__}: {said}; {_REPORT}", err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="reprolint", message="%(prog)s %(version)s")
def main() -> None:
    """Find what makes a training run impossible to repeat, before it runs."""
