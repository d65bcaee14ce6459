"""`reprolint check`: PATHS → a report, and whether it fails."""

from __future__ import annotations

import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from reprolint.cli import _terminal

if TYPE_CHECKING:
    from reprolint.config import FailOn, Settings
    from reprolint.model.finding import Report

SECTION: Final = "Code"

_SEVERITIES: Final = ("info", "warning", "error")


@click.command(name="check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--select", multiple=True, metavar="RULES", help="Only these: codes, names, RPL1, ALL; comma-separated.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these.")
@click.option("--extend-select", multiple=True, metavar="RULES", help="These too.")
@click.option("--audit/--no-audit", default=None, help="Also what is merely possible, and what was not resolved.")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info", "never"]), help="Exit 1 from here on up.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--statistics", is_flag=True, help="Count findings by rule.")
@click.option("--show-files", is_flag=True, help="List the files that are reported on, and stop.")
@click.option("--no-cache", is_flag=True, help="Read every file anew.")
@_terminal.configuration
@_terminal.output
def command(paths: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401  one type an option, as declared above
    """Read code and say where a run cannot be repeated.

    PATHS are what is reported on; what they import is always read. Exit status: 0 clean, 1 findings, 2 could not do it.
    """
    from reprolint import triage
    from reprolint.checks import load

    start = time.monotonic()
    cwd = Path.cwd()
    given = paths or (".",)
    settings = _settings(given, cwd, options)
    triage.choose(settings, load())
    if options["show_files"]:
        _show_files(given, settings, cwd, options["output_file"])
        return 0
    report = _report(given, settings, cwd)
    _write(report, given, settings, cwd, options)
    _terminal.say_elapsed(f"{len(report.files)} file{'s' * (len(report.files) != 1)}", start)
    return int(not options["exit_zero"] and fails(report, settings.fail_on))


def fails(report: Report, fail_on: FailOn) -> bool:
    """Whether a kept finding is as severe as `fail_on`, or more."""
    if fail_on == "never":
        return False
    enough = _SEVERITIES[_SEVERITIES.index(fail_on) :]
    return any(finding.severity in enough for finding in report.findings)


def _settings(paths: tuple[str, ...], cwd: Path, options: dict[str, Any]) -> Settings:
    from reprolint import config

    overrides = {
        "select": _listed(options["select"]),
        "ignore": _listed(options["ignore"]),
        "extend-select": _listed(options["extend_select"]),
        "audit": options["audit"],
        "fail-on": options["fail_on"],
    }
    file = Path(options["config"]) if options["config"] else None
    return config.load(_terminal.existing(paths), cwd, file, overrides, isolated=options["isolated"])


def _listed(values: tuple[str, ...]) -> list[str] | None:
    return [word.strip() for value in values for word in value.split(",") if word.strip()] or None


def _show_files(paths: tuple[str, ...], settings: Settings, cwd: Path, output_file: str | None) -> None:
    from reprolint.source.discover import discover

    found = discover([Path(path) for path in paths], settings.root, (*settings.exclude, *settings.extend_exclude))
    show = _terminal.seen_from(settings, cwd)
    _terminal.emit("".join(f"{show(path)}\n" for path in found.files), output_file)


def _report(paths: tuple[str, ...], settings: Settings, cwd: Path) -> Report:
    from reprolint.check import check

    with _terminal.progress() as tell:
        return check([Path(path) for path in paths], settings, cwd=cwd, progress=tell)


def _write(report: Report, paths: tuple[str, ...], settings: Settings, cwd: Path, options: dict[str, Any]) -> None:
    show = _terminal.seen_from(settings, cwd)
    for problem in report.problems:
        line = f":{problem.line}" if problem.line else ""
        click.echo(f"{show(problem.path)}{line}: {problem.message}", err=True)
    nothing = not report.files and not report.problems
    if nothing:
        click.echo(f"no Python files under {' '.join(paths)}", err=True)
    if options["output_format"] == "json":
        from reprolint.report import json

        _terminal.emit(json.render(report, statistics=options["statistics"]), options["output_file"])
    elif not nothing:
        from reprolint.report import text

        def written(stream: IO[str]) -> None:
            on = text.paper(stream, show, plain=options["output_file"] is not None)
            text.write(report, on, paths=paths, statistics=options["statistics"])

        _terminal.emit(written, options["output_file"])
