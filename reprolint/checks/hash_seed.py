"""RPL108: PYTHONHASHSEED set too late for the interpreter that sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprolint.checks import rule
from reprolint.checks.findings import Draft
from reprolint.flow.state import CERTAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprolint.flow.program import Program, RunResult

_NAME: Final = "PYTHONHASHSEED"


@rule("RPL108", "late-hash-seed", "warning")
def late_hash_seed(program: Program) -> Iterator[Draft]:
    """The program sets PYTHONHASHSEED inside the process, where it no longer changes this interpreter."""
    for run in program.runs:
        if _launches(run):
            continue
        hashed = _hashed(run)
        for event, path in run.of_kind("environ"):
            if event.detail[0] != _NAME:
                continue
            why = f"{hashed} in this run does depend on hashes" if hashed else "this interpreter has read it already"
            yield Draft(
                "RPL108", event.place, f"{_NAME} is set inside the process, where it has no effect: {why}",
                f"set it before Python starts (`{_NAME}=0 python …`), or sort what comes out of sets", CERTAIN,
                stream="hash", run=run, path=path, severity="warning" if hashed else "info", audit=not hashed,
            )  # fmt: skip


def _launches(run: RunResult) -> bool:
    """Whether the run starts or becomes another process, which the variable does reach."""
    return bool(run.of_kind("launch"))


def _hashed(run: RunResult) -> str:
    """A hash-ordered step of the run that decides something."""
    return next((event.detail[3] for event, _ in run.of_kind("taint") if event.detail[0] == "hash"), "")
