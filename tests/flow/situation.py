"""A small program with marks on its lines → what reprolint says of it, and what Python really does with it."""

from __future__ import annotations

import os
import re
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reprolint.check import check
from reprolint.config import Settings

if TYPE_CHECKING:
    from reprolint.model.finding import Finding, Report

JUDGED = {"RPL101", "RPL102", "RPL103", "RPL104", "RPL110", "RPL111", "RPL114", "RPL201"}
"""The rules that follow from the states of the streams."""
STREAMS = ("torch", "numpy", "python", "tensorflow")
MAX_TRIALS = 40
"""How often a program that need not differ each time may be run until it does."""
_MARK = re.compile(r"#\s*((?:RPL\d{3}(?: (?:certain|likely|possible))?(?:, )?)+)\s*$")
_FILE = re.compile(r"^### (\S+)$", re.MULTILINE)
_SHOWN = {"certain", "likely"}


@dataclass(frozen=True)
class Situation:
    """`text` is main.py, followed by further files under `### path` lines; what stands before that is main.py.

    A line marked `# RPL101` has that finding and shows it; `# RPL101 likely` says how sure. Streams that `states`
    leaves out are `unused`; `any` promises nothing.
    """

    name: str
    states: str
    text: str
    says: str = ""
    """Part of the message of some finding."""
    repeats: bool | None = True
    """None: running it shows nothing (a library is missing, or chance decides whether it shows)."""
    entry: str = "main.py"

    @property
    def files(self) -> dict[str, str]:
        first, *rest = _FILE.split(self.text)
        return {self.entry: first, **dict(zip(rest[::2], rest[1::2], strict=True))}

    @property
    def wanted(self) -> dict[str, str]:
        given = dict(part.split() for part in self.states.split(",") if part.strip())
        return {stream: given.get(stream, "unused") for stream in STREAMS}

    @property
    def shows(self) -> bool:
        """Whether some line has a finding that is more than possible."""
        return any("possible" not in mark for mark in re.findall(r"# (RPL\d{3}.*)$", self.text, re.MULTILINE))

    def write(self, folder: Path) -> None:
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.lstrip("\n"), encoding="utf-8")


def cases(situations: list[Situation]) -> pytest.MarkDecorator:
    """Parametrises a test by situations."""
    return pytest.mark.parametrize("one", [pytest.param(one, id=one.name.replace(" ", "-")) for one in situations])


def judge(one: Situation, folder: Path) -> None:
    """Check a situation's program, and compare states, findings, confidence and message with what it promises."""
    one.write(folder)
    report = check([Path()], Settings(root=folder, audit=True), cwd=folder)
    assert not report.problems
    found = [finding for finding in report.findings if finding.rule in JUDGED]
    assert (_states(report, one), _said(found, one)) == (one.wanted, _marks(one)), _explained(found)
    if one.says:
        assert any(one.says in finding.message for finding in found), _explained(found)


def _states(report: Report, one: Situation) -> dict[str, str]:
    runs = [run for run in report.runs if run.entry == one.entry]
    assert len(runs) == 1, f"runs: {[run.entry for run in report.runs]}"
    states = {state.stream: state.state for state in runs[0].streams}
    return {stream: "any" if one.wanted[stream] == "any" else states[stream] for stream in STREAMS}


def _marks(one: Situation) -> dict[tuple[str, int], dict[str, str]]:
    marks: dict[tuple[str, int], dict[str, str]] = {}
    for path, text in one.files.items():
        for number, line in enumerate(text.lstrip("\n").splitlines(), start=1):
            mark = _MARK.search(line)
            if mark:
                marks[path, number] = {part[:6]: part[7:] or "shown" for part in mark[1].split(", ")}
    return marks


def _said(found: list[Finding], one: Situation) -> dict[tuple[str, int], dict[str, str]]:
    """The findings, as precise as the marks are."""
    marks = _marks(one)
    said: dict[tuple[str, int], dict[str, str]] = {}
    for finding in found:
        place = finding.span.path, finding.span.line
        exact = marks.get(place, {}).get(finding.rule) != "shown"
        loose = finding.confidence in _SHOWN and not exact
        said.setdefault(place, {})[finding.rule] = "shown" if loose else finding.confidence
    return said


def _explained(found: list[Finding]) -> str:
    return "\n".join(f"{f.span.path}:{f.span.line} {f.rule} {f.confidence}: {f.message}" for f in found) or "no finding"


# -- running it


def outputs(one: Situation, folder: Path) -> list[tuple[int, bytes]]:
    """What the program prints in two processes whose streams start differently; of one that does not repeat, in two that show it."""
    one.write(folder)
    first = second = _output(folder, one.entry)
    for _ in range(1 if one.repeats else MAX_TRIALS):
        second = _output(folder, one.entry)
        if second != first:
            break
    return [first, second]


def _output(folder: Path, entry: str) -> tuple[int, bytes]:
    out = folder / ".out"
    pid = os.fork()
    if pid == 0:
        _become(folder, entry, out)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), out.read_bytes()


def _become(folder: Path, entry: str, out: Path) -> None:
    """Run the program in this forked child, with streams as fresh as those of a new process."""
    import random

    import numpy as np
    import torch

    code = 1
    try:
        random.seed()
        np.random.seed()
        torch.seed()
        os.chdir(folder)
        sys.dont_write_bytecode = True
        sys.argv = [entry]
        sys.path.insert(0, str((folder / entry).parent))
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        runpy.run_path(str(folder / entry), run_name="__main__")
        code = 0
    except BaseException as error:  # noqa: BLE001  the child must not return into the test session
        code = 0 if isinstance(error, SystemExit) and not error.code else 1
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
